package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Application is where the call about one application stands, as its last decision found it. Instants are in UTC.
type Application struct {
	ID       string `json:"id"`
	Borrower string `json:"borrower"`
	// Source is the system that pre-approved it.
	Source string            `json:"source"`
	State  preapproval.State `json:"state"`
	// Verdict is what it came to, VerdictAt when, and Because the code of how; none while it is open.
	Verdict   event.Verdict `json:"verdict,omitempty"`
	VerdictAt time.Time     `json:"verdict_at,omitzero"`
	Because   string        `json:"because,omitempty"`
	// Loan is the loan that came of it.
	Loan string `json:"loan,omitempty"`
	// What is offered. Amounts are in Currency, written with its minor units.
	Product      string        `json:"product,omitempty"`
	Currency     string        `json:"currency"`
	Amount       string        `json:"amount"`
	Installments int           `json:"installments"`
	TotalCost    string        `json:"total_cost"`
	FirstDue     bizclock.Date `json:"first_due"`
	Preapproved  time.Time     `json:"preapproved"`
	Until        time.Time     `json:"until"`
	// Attempts is how many calls there were, Questions how many the applicant asked.
	Attempts  int `json:"attempts"`
	Questions int `json:"questions"`
	// Next is what comes next, why, and the rule that puts it off with its own words.
	Next Next   `json:"next,omitzero"`
	Why  string `json:"why,omitempty"`
	// Decided is when the last decision was made; zero when none was. Closed is when its pre-approval ended.
	Decided time.Time `json:"decided,omitzero"`
	Closed  time.Time `json:"closed,omitzero"`
}

func applicationOf(row sqlc.Application) Application {
	a := Application{
		ID: row.ID, Borrower: row.BorrowerID, Source: row.Source, State: preapproval.State(row.State), Verdict: event.Verdict(row.Verdict),
		VerdictAt: in(row.VerdictAt, time.UTC), Because: row.VerdictReason, Loan: row.LoanID, Product: row.Product, Currency: row.Currency,
		Amount: loan.Write(row.Amount, row.Currency), Installments: int(row.Installments), TotalCost: loan.Write(row.TotalCost, row.Currency), FirstDue: date(&row.FirstDue),
		Preapproved: row.PreapprovedAt.UTC(), Until: row.UntilAt.UTC(), Attempts: int(row.Attempts), Questions: int(row.Questions),
		Decided: in(row.DecidedAt, time.UTC), Closed: in(row.ClosedAt, time.UTC),
	}
	if a.Closed.IsZero() && !a.Decided.IsZero() {
		a.Next, a.Why = Next{Step: row.NextStep, At: in(row.NextAt, time.UTC), Reason: row.NextReason, Rule: row.NextRule}, row.NextWhy
	}
	return a
}

// ApplicationFilter says which applications to list. The zero value of a field asks for all.
type ApplicationFilter struct {
	State    preapproval.State
	Verdict  event.Verdict
	Borrower string
	Most     int
}

// Applications lists applications, the latest first.
func Applications(ctx context.Context, s *store.Store, f ApplicationFilter) ([]Application, error) {
	rows, err := s.ListApplications(ctx, sqlc.ListApplicationsParams{State: string(f.State), Verdict: string(f.Verdict), BorrowerID: f.Borrower, Most: int32(f.Most)})
	all := make([]Application, len(rows))
	for n, row := range rows {
		all[n] = applicationOf(row)
	}
	return all, err
}

// WriteApplications writes a table of applications.
func WriteApplications(w io.Writer, style Style, all []Application) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("No application fits.\n")
		return p.err
	}
	rows := [][]string{{"APPLICATION", "STATE", "VERDICT", "CALLS", "QUESTIONS", "OFFER UNTIL", "LOAN", "NEXT"}}
	for _, a := range all {
		rows = append(rows, []string{
			a.ID, string(a.State), cmp.Or(string(a.Verdict), "-"), fmt.Sprint(a.Attempts), fmt.Sprint(a.Questions), Moment(a.Until), cmp.Or(a.Loan, "-"), a.next(),
		})
	}
	p.table("", rows)
	return p.err
}

// next says in words what comes next.
func (a Application) next() string {
	switch {
	case !a.Closed.IsZero():
		return ""
	case a.Decided.IsZero():
		return "not decided upon yet"
	case a.Next.Reason == preapproval.ReasonAssigned:
		return "a person has the call"
	case a.Next.Reason == preapproval.ReasonHeld:
		return words("put off to "+moment(a.Next.At), a.Next.Rule)
	case a.Next.Step == string(preapproval.Conclude):
		return "the lending system is told"
	}
	return "a person is given the call"
}

// ApplicationLife is all that happened about one application.
type ApplicationLife struct {
	Application Application `json:"application"`
	// Events are what it was told of, Tasks what a person was to do, and Notices what the lending system was told.
	Events  []ApplicationEvent  `json:"events"`
	Tasks   []ApplicationTask   `json:"tasks"`
	Notices []ApplicationNotice `json:"notices"`
	// Questions are what the applicant asked. They are personal, and there only when asked for.
	Questions []string `json:"asked,omitempty"`
}

// ApplicationEvent is an event that a pre-approval was told of.
type ApplicationEvent struct {
	At     time.Time       `json:"at"`
	Type   event.Type      `json:"type"`
	Source string          `json:"source"`
	ID     string          `json:"id"`
	Number int64           `json:"number"`
	Actor  string          `json:"actor"`
	State  string          `json:"state"`
	Data   json.RawMessage `json:"data"`
}

// ApplicationTask is a call that a person was given.
type ApplicationTask struct {
	ID          string    `json:"id"`
	Assigned    time.Time `json:"assigned"`
	Until       time.Time `json:"until,omitzero"`
	Tries       int       `json:"tries"`
	Done        time.Time `json:"done,omitzero"`
	Disposition string    `json:"disposition,omitempty"`
	DoneBy      string    `json:"done_by,omitempty"`
}

// ApplicationNotice is what the lending system was told.
type ApplicationNotice struct {
	ID   string    `json:"id"`
	Type string    `json:"type"`
	At   time.Time `json:"at"`
	Told time.Time `json:"told,omitzero"`
}

// LiveApplication returns the life of an application, with the applicant's questions if they are asked for. The error is
// [store.ErrNotFound] when it is not known.
func LiveApplication(ctx context.Context, s *store.Store, id string, questions bool) (ApplicationLife, error) {
	row, err := s.ApplicationFor(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return ApplicationLife{}, err
	}
	life := ApplicationLife{Application: applicationOf(row), Events: []ApplicationEvent{}, Tasks: []ApplicationTask{}, Notices: []ApplicationNotice{}}
	events, err := s.ApplicationEvents(ctx, id)
	if err != nil {
		return life, err
	}
	for _, e := range events {
		life.Events = append(life.Events, ApplicationEvent{e.At.UTC(), event.Type(e.Type), e.Source, e.ID, e.Number, e.Actor, e.State, e.Data})
		var asked []string
		if questions && json.Unmarshal(e.Questions, &asked) == nil {
			life.Questions = append(life.Questions, asked...)
		}
	}
	tasks, err := s.ApplicationTasks(ctx, id)
	if err != nil {
		return life, err
	}
	for _, t := range tasks {
		life.Tasks = append(life.Tasks, ApplicationTask{t.Key, t.At.UTC(), in(t.UntilAt, time.UTC), int(t.Tries), in(t.DoneAt, time.UTC), t.Disposition, t.DoneBy})
	}
	notices, err := s.ApplicationNotices(ctx, id)
	for _, n := range notices {
		life.Notices = append(life.Notices, ApplicationNotice{n.Key, n.Kind, n.At.UTC(), in(n.ToldAt, time.UTC)})
	}
	return life, err
}

// Write writes the life of an application as text.
func (l ApplicationLife) Write(w io.Writer, style Style) error {
	p := page{w: w, style: style}
	a := l.Application
	p.printf("%s\n", style.bold("Application "+a.ID+": "+cmp.Or(string(a.Verdict), string(a.State))))
	rows := [][]string{
		{"borrower", a.Borrower},
		{"offer", words(a.Amount+" "+a.Currency, a.Product, Count(int64(a.Installments), "installment")+" from "+a.FirstDue.String(), "costs "+a.TotalCost+" "+a.Currency)},
		{"since", Moment(a.Preapproved) + " by " + a.Source},
		{"until", Moment(a.Until)},
		{"calls", words(Count(int64(a.Attempts), "call"), Count(int64(a.Questions), "question"))},
	}
	if a.Verdict != "" {
		rows = append(rows, []string{"verdict", words(string(a.Verdict)+" on "+moment(a.VerdictAt), a.Because)})
	}
	if a.Loan != "" {
		rows = append(rows, []string{"loan", a.Loan})
	}
	if next := a.next(); next != "" {
		rows = append(rows, []string{"next", next})
	}
	if a.Why != "" {
		rows = append(rows, []string{"because", Printable(a.Why)})
	}
	p.table("  ", rows)
	p.printf("\n%s\n", style.bold("What came in"))
	rows = nil
	for _, e := range l.Events {
		rows = append(rows, []string{Moment(e.At), string(e.Type), e.words()})
	}
	p.table("  ", rows)
	if len(l.Tasks) > 0 {
		p.printf("\n%s\n", style.bold("What a person was given"))
		rows = nil
		for _, t := range l.Tasks {
			ended := "waits until " + moment(t.Until)
			if !t.Done.IsZero() {
				ended = words(t.Disposition+" on "+Moment(t.Done), prefixed("by ", Printable(t.DoneBy)))
			}
			rows = append(rows, []string{Moment(t.Assigned), t.ID, ended})
		}
		p.table("  ", rows)
	}
	if len(l.Notices) > 0 {
		p.printf("\n%s\n", style.bold("What the lending system was told"))
		rows = nil
		for _, n := range l.Notices {
			told := "not told yet"
			if !n.Told.IsZero() {
				told = "told on " + Moment(n.Told)
			}
			rows = append(rows, []string{Moment(n.At), n.Type, told})
		}
		p.table("  ", rows)
	}
	if len(l.Questions) > 0 {
		p.printf("\n%s\n", style.bold("What the applicant asked"))
		for _, q := range l.Questions {
			p.printf("  - %s\n", Printable(q))
		}
	}
	return p.err
}

// words says in a few words what an event brought.
func (e ApplicationEvent) words() string {
	if e.State == "received" {
		return "not handed over yet"
	}
	switch e.Type {
	case event.CallCompleted:
		return reading(e.Data, func(p event.Call) string {
			return words(string(p.Disposition), prefixed("found ", string(p.Finding)), prefixed("so ", string(p.Concludes)), prefixed("by ", p.Agent))
		})
	case event.TaskExpired:
		return reading(e.Data, func(p event.Expiry) string { return p.Task })
	case event.ApplicationWithdrawn:
		return reading(e.Data, func(p event.Withdrawal) string { return p.Reason })
	}
	return ""
}

// application is [cameOf], or nothing when there is none.
func application(a *journey.Application) string {
	if a == nil {
		return ""
	}
	return cameOf(*a)
}

// cameOf says of which application a loan came, and what the call before had come to.
func cameOf(a journey.Application) string {
	switch {
	case a.ID == "":
		return ""
	case a.Verdict == "":
		return "of application " + a.ID + ", of which nothing is known"
	case a.Verified():
		return "of application " + a.ID + ", verified on " + Moment(a.At)
	}
	return "of application " + a.ID + ", not verified (" + string(a.Verdict) + ")"
}
