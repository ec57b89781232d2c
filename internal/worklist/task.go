package worklist

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/script"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Task is something that a person is to do.
type Task struct {
	ID       string `json:"id"`
	Loan     string `json:"loan"`
	Borrower string `json:"borrower"`
	// Step is the step of the journey that it carries out; Reason and Why say what for.
	Step    string          `json:"step"`
	Reason  string          `json:"reason"`
	Why     string          `json:"why"`
	Purpose contact.Purpose `json:"purpose,omitempty"`
	// Calls is set where the task is to call: it is handed out only when that is allowed.
	Calls    bool `json:"calls"`
	Priority int  `json:"priority"`
	// Assigned is when it was, and Until from when on it is too late, both in business time.
	Assigned time.Time `json:"assigned"`
	Until    time.Time `json:"until,omitzero"`
	// NotBefore is from when it can be done (again); RestsUntil until when its step rests; Needless is set while nothing asks for it.
	NotBefore  time.Time `json:"not_before,omitzero"`
	RestsUntil time.Time `json:"rests_until,omitzero"`
	Needless   bool      `json:"needless,omitempty"`
	// Tries of MostTries calls reached nobody.
	Tries     int `json:"tries"`
	MostTries int `json:"most_tries"`
	// Agent has it until LeasedUntil, on the wall.
	Agent       string    `json:"agent,omitempty"`
	LeasedUntil time.Time `json:"leased_until,omitzero"`
	// Rule forbade calls for good when it was assigned.
	Rule string `json:"rule,omitempty"`
	// Dialled is when the call was reserved of which nobody has said yet what came of it.
	Dialled time.Time `json:"dialled,omitzero"`
	// Done is when it ended, and Disposition how; aged_out and seen_to stand there too.
	Done        time.Time `json:"done,omitzero"`
	Disposition string    `json:"disposition,omitempty"`
	DoneBy      string    `json:"done_by,omitempty"`
	// Details are what its agent needs; they are personal. Lists have none.
	*Details
}

// Details are what an agent needs to call.
type Details struct {
	// Name and Telephone are the borrower's; no telephone where none is known.
	Name      string `json:"name,omitempty"`
	Telephone string `json:"telephone,omitempty"`
	// May says whether they may be called now.
	May May `json:"may"`
	// Wrote is what the borrower wrote, if the task is about that.
	Wrote  string      `json:"wrote,omitempty"`
	Script script.Text `json:"script"`
}

func taskOf(t sqlc.Task, leased bool) Task {
	task := Task{
		ID: t.Key, Loan: t.LoanID, Borrower: t.BorrowerID, Step: t.StepKey, Reason: t.Reason, Why: strategy.Sentence(t.Reason),
		Purpose: contact.Purpose(t.Purpose), Calls: t.Calls, Priority: int(t.Priority), Assigned: t.At.UTC(), Until: utc(t.UntilAt),
		NotBefore: utc(t.NotBefore), RestsUntil: utc(t.RestsUntil), Needless: t.Needless, Tries: int(t.Tries), MostTries: int(t.MostTries), Rule: t.Rule,
		Dialled: utc(t.DialledAt), Done: utc(t.DoneAt), Disposition: t.Disposition, DoneBy: t.DoneBy,
	}
	if leased {
		task.Agent, task.LeasedUntil = t.Agent, utc(t.LeasedUntil)
	}
	return task
}

func utc(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// Filter says which tasks are meant; what is empty narrows nothing.
type Filter struct {
	Loan, Agent, Reason string
	// Every lists those that have ended, too.
	Every bool
	Most  int
}

// List returns tasks in the order in which they would be handed out, were all of them allowed.
func (d *Desk) List(ctx context.Context, f Filter) ([]Task, error) {
	rows, err := d.Store.ListTasks(ctx, sqlc.ListTasksParams{Every: f.Every, LoanID: f.Loan, Agent: f.Agent, Reason: f.Reason, Most: int32(f.Most)})
	all := make([]Task, len(rows))
	for n, row := range rows {
		all[n] = taskOf(row.Task, row.Leased)
	}
	return all, err
}

// Show returns a task with all that its agent needs, as things are now. The error is [store.ErrNotFound] when there is none.
func (d *Desk) Show(ctx context.Context, key string) (Task, error) {
	row, err := d.Store.TaskFor(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return Task{}, err
	}
	t, task := row.Task, taskOf(row.Task, row.Leased)
	now, err := d.Store.Now(ctx)
	if err != nil {
		return task, err
	}
	known, err := d.Store.CallStanding(ctx, sqlc.CallStandingParams{LoanID: t.LoanID, BorrowerID: t.BorrowerID, Since: now.Add(-d.Rules.Horizon())})
	if err != nil {
		return task, err
	}
	details := Details{Name: known.Name}
	if details.May, err = d.judge(known, t, now); err != nil {
		return task, err
	}
	if details.Telephone, err = d.telephone(ctx, t, details.May); err != nil {
		return task, err
	}
	if details.Wrote, err = d.wrote(ctx, t); err != nil {
		return task, err
	}
	fill := script.Fill{
		Name: known.Name, Lender: d.Lender, Help: d.Help, Loan: known.Debt, Currency: known.Currency,
		PastDue: loan.Write(known.PastDue, known.Currency), Outstanding: loan.Write(known.Outstanding, known.Currency),
	}
	if known.PastDueSince != nil {
		fill.PastDueSince = bizclock.DateOf(*known.PastDueSince)
	}
	if application, is := event.ApplicationOf(t.LoanID); is {
		if err := d.applied(ctx, application, &fill); err != nil {
			return task, err
		}
	}
	details.Script, err = script.For(script.About{Step: t.StepKey, Reason: t.Reason, Purpose: cmp.Or(task.Purpose, strategy.CallPurpose(t.Reason))}, known.Language, fill)
	task.Details = &details
	return task, err
}

// applied fills in what an application is about.
func (d *Desk) applied(ctx context.Context, application string, fill *script.Fill) error {
	data, err := d.Store.ApplicationTerms(ctx, application)
	if err != nil {
		return err
	}
	var terms event.Application
	if err := json.Unmarshal(data, &terms); err != nil {
		return err
	}
	fill.Application, fill.Currency, fill.FirstDue = application, terms.Currency, terms.FirstDue
	if !terms.Amount.IsZero() {
		fill.Amount = loan.Write(terms.Amount, terms.Currency)
	}
	if !terms.Total.IsZero() {
		fill.Total = loan.Write(terms.Total, terms.Currency)
	}
	if cost, err := terms.Total.Sub(terms.Amount); err == nil && cost.IsPos() && !terms.Amount.IsZero() {
		fill.Cost = loan.Write(cost, terms.Currency)
	}
	fill.Product = strings.ReplaceAll(terms.Product, "_", " ")
	if terms.Installments > 0 {
		fill.Installments = strconv.Itoa(terms.Installments)
	}
	return nil
}

// telephone is the number to be called; none when Tender knows none.
func (d *Desk) telephone(ctx context.Context, t sqlc.Task, may May) (string, error) {
	point := may.Point
	if point == "" {
		point = t.Point
	}
	if point == "" {
		return "", nil
	}
	address, err := d.Store.PointAddress(ctx, sqlc.PointAddressParams{BorrowerID: t.BorrowerID, ID: point})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return address, err
}

// wrote is what the borrower wrote, said of a complaint or added to a score, of a task about that.
func (d *Desk) wrote(ctx context.Context, t sqlc.Task) (text string, err error) {
	if number, given := strings.CutPrefix(t.Key, t.Reason+"-"); given {
		number, _, _ = strings.Cut(number, "-") // what follows is which attempt it is
		if pk, wrong := strconv.ParseInt(number, 10, 64); wrong == nil {
			text, err = d.Store.WroteText(ctx, sqlc.WroteTextParams{EventPk: pk, BorrowerID: &t.BorrowerID})
		}
	} else if _, asked, found := strings.Cut(t.StepKey, "@"); found && t.Reason == "question" {
		if at, wrong := time.Parse(time.RFC3339Nano, asked); wrong == nil {
			text, err = d.Store.AskedText(ctx, sqlc.AskedTextParams{BorrowerID: &t.BorrowerID, At: at})
		}
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil // erased
	}
	return text, err
}
