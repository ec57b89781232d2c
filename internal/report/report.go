// Package report is what a person is shown of journeys: lists of loans, the life of one, and why its next step is what it
// is. It reads Postgres alone, so it works while a worker or Temporal is down, and long after Temporal has forgotten.
//
// Each report is a value that encodes as JSON for machines, with instants in the borrower's time zone, and writes itself as
// text for people.
package report

import (
	"context"
	"encoding/json"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Loan is where one loan stands, as the last decision found it.
type Loan struct {
	ID       string `json:"id"`
	Borrower string `json:"borrower"`
	// Source is the lending system that disbursed it.
	Source string `json:"source"`
	// Disbursed is the date of disbursement, in the time zone of the contract.
	Disbursed bizclock.Date `json:"disbursed,omitzero"`
	// Application is the one that it came of, and Verified what had come of the callback to it; none where Tender did not know it.
	Application string         `json:"application,omitempty"`
	Verified    event.Verified `json:"verified,omitempty"`
	// Refused is set when the journey refused the disbursement: there is no loan, and no list shows it.
	Refused bool          `json:"refused,omitempty"`
	Stage   journey.Stage `json:"stage"`
	Bucket  string        `json:"bucket,omitempty"`
	// PastDueSince is the oldest unpaid due date; PastDueDays counts from it to the day on which the report is made.
	PastDueSince bizclock.Date `json:"past_due_since,omitzero"`
	PastDueDays  int           `json:"past_due_days"`
	// PastDue and Outstanding are amounts in Currency, written with its minor units.
	Currency    string             `json:"currency"`
	PastDue     string             `json:"past_due"`
	Outstanding string             `json:"outstanding"`
	Holds       []contact.HoldKind `json:"holds"`
	// LastStep is the last step that was taken with what came of it, Next the one that will be; none once it is closed.
	LastStep string `json:"last_step,omitempty"`
	Next     Next   `json:"next,omitzero"`
	// Strategy is the name of the strategy that the journey follows, with its version.
	Strategy string `json:"strategy,omitempty"`
	// TimeZone is that of every instant here: the borrower's if one is known, else the contract's.
	TimeZone string `json:"time_zone"`
	// Decisions is how many decisions were made, Events how many events came.
	Decisions int64 `json:"decisions"`
	Events    int64 `json:"events"`
	// Decided is when the last decision was made; zero when none was.
	Decided time.Time `json:"decided,omitzero"`
	Closed  time.Time `json:"closed,omitzero"`

	contract *time.Location
}

// Next is the next step.
type Next struct {
	// Step is the step's key, such as reminder-3d@2026-02-01; empty when nothing but an event is waited for.
	Step string `json:"step,omitempty"`
	// At is when it is due; zero when it waits for an event.
	At time.Time `json:"at,omitzero"`
	// Reason is a code, and Rule the rule that moved the step, if one did.
	Reason string `json:"reason,omitempty"`
	Rule   string `json:"rule,omitempty"`
}

// Filter says which loans to list. The zero value of a field asks for all.
type Filter struct {
	Stage  journey.Stage
	Bucket string
	// PastDue is the least number of days past due.
	PastDue int
	Hold    contact.HoldKind
	// After is the id behind which the list begins, Most how long it may get; zero: 100.
	After string
	Most  int
}

// List returns loans in the order of their ids.
func List(ctx context.Context, s *store.Store, f Filter) ([]Loan, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	if f.Most <= 0 {
		f.Most = 100
	}
	ask := sqlc.ListLoansParams{Now: now, Stage: string(f.Stage), Bucket: f.Bucket, Hold: string(f.Hold), After: f.After, Most: int32(min(f.Most, 10000))}
	if f.PastDue > 0 {
		// The day may have come already in the loan's zone, so one more is asked for, and counted below.
		by := now.UTC().AddDate(0, 0, 1-f.PastDue)
		ask.PastDueBy = &by
	}
	loans := []Loan{}
	for {
		rows, err := s.ListLoans(ctx, ask)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if l := read(row, now); l.PastDueDays >= f.PastDue {
				loans = append(loans, l)
			}
			ask.After = row.ID
		}
		if len(loans) >= f.Most {
			return loans[:f.Most], nil
		}
		if len(rows) < int(ask.Most) {
			return loans, nil
		}
	}
}

// Find returns one loan; the error is [store.ErrNotFound] when it is not known.
func Find(ctx context.Context, s *store.Store, id string) (Loan, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return Loan{}, err
	}
	rows, err := s.ListLoans(ctx, sqlc.ListLoansParams{Now: now, LoanID: id, Most: 1})
	switch {
	case err != nil:
		return Loan{}, err
	case len(rows) == 0:
		return Loan{}, store.ErrNotFound
	}
	return read(rows[0], now), nil
}

// Contract returns the time zone of the contract, in which due dates and value dates count.
func (l Loan) Contract() *time.Location { return l.contract }

// Zone returns the time zone in which the loan's instants are shown.
func (l Loan) Zone() *time.Location { return zone(l.TimeZone) }

func read(row sqlc.ListLoansRow, now time.Time) Loan {
	contract := zone(row.ContractZone)
	home := contract
	if row.HomeZone != "" {
		home = zone(row.HomeZone)
	}
	l := Loan{
		ID: row.ID, Borrower: row.BorrowerID, Source: row.Source, Refused: row.Refused,
		Stage: journey.Stage(row.Stage), Bucket: row.Bucket, PastDueSince: date(row.PastDueSince),
		Currency: row.Currency, PastDue: loan.Write(row.PastDue, row.Currency), Outstanding: loan.Write(row.Outstanding, row.Currency),
		Holds: []contact.HoldKind{}, LastStep: row.LastStep, Strategy: row.Strategy, TimeZone: home.String(),
		Next:     Next{Step: row.NextStep, At: in(row.NextAt, home), Reason: row.NextReason, Rule: row.NextRule},
		contract: contract, Decisions: row.Seq, Events: row.LastNumber, Decided: in(row.DecidedAt, home), Closed: in(row.ClosedAt, home),
	}
	l.Disbursed, _ = bizclock.ParseDate(row.DisbursedOn) // none when no disbursement was told
	var came []string
	if json.Unmarshal(row.CameOf, &came) == nil && len(came) == 2 {
		l.Application, l.Verified = came[0], event.Verified(came[1])
	}
	if l.Refused {
		l.Stage = ""
	}
	if !l.Closed.IsZero() {
		l.Next = Next{}
	}
	for _, kind := range row.Holds {
		l.Holds = append(l.Holds, contact.HoldKind(kind))
	}
	if !l.PastDueSince.IsZero() && l.Closed.IsZero() {
		l.PastDueDays = max(0, bizclock.DateOf(now.In(contract)).Sub(l.PastDueSince))
	}
	return l
}

// zone returns a time zone by name, or UTC.
func zone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

func in(t *time.Time, loc *time.Location) time.Time {
	if t == nil || t.IsZero() {
		return time.Time{}
	}
	return t.In(loc)
}

// date reads a date of Postgres, which the driver returns as midnight in UTC.
func date(t *time.Time) bizclock.Date {
	if t == nil {
		return bizclock.Date{}
	}
	return bizclock.DateOf(t.UTC())
}

// money writes an amount with its currency; nothing for nothing.
func money(amount decimal.Decimal, currency string) string {
	if amount.IsZero() {
		return ""
	}
	return loan.Write(amount, currency) + " " + currency
}
