package report

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Application is an application that was pre-approved.
type Application struct {
	ID       string    `json:"id"`
	Borrower string    `json:"borrower"`
	At       time.Time `json:"at"`
	// State is open until something came of the callback, and closed from then on.
	State string `json:"state"`
	// Outcome is what came of the callback, at Closed; none while it is open.
	Outcome event.Verified `json:"outcome,omitempty"`
	Closed  time.Time      `json:"closed,omitzero"`
	// Next is the next step, at NextAt, for NextReason; only while it is open.
	Next       string    `json:"next,omitempty"`
	NextAt     time.Time `json:"next_at,omitzero"`
	NextReason string    `json:"next_reason,omitempty"`
	// The rest is told of one application alone: what it is about, how many calls were made and questions asked.
	Terms *event.Application `json:"terms,omitempty"`
	Calls int                `json:"calls,omitempty"`
	Asked int                `json:"asked,omitempty"`
	// Loan is the loan that was disbursed while the application was open.
	Loan string `json:"loan,omitempty"`
}

// Applications returns applications, the latest first: those that are open, or all if every is set.
func Applications(ctx context.Context, db *store.Store, every bool, most int) ([]Application, error) {
	rows, err := db.Applications(ctx, sqlc.ApplicationsParams{Every: every, Most: int32(most)})
	all := make([]Application, len(rows))
	for n, row := range rows {
		all[n] = applicationOf(row)
	}
	return all, err
}

func applicationOf(row sqlc.ApplicationsRow) Application {
	id, _ := event.ApplicationOf(row.ID)
	a := Application{ID: id, Borrower: row.BorrowerID, At: row.At.UTC(), State: "open", Outcome: event.Verified(row.Outcome)}
	if a.Outcome != "" && row.CameAt != nil {
		a.State, a.Closed = "closed", row.CameAt.UTC()
		return a
	}
	a.Next, a.NextReason = row.NextStep, row.NextReason
	if row.NextAt != nil {
		a.NextAt = row.NextAt.UTC()
	}
	return a
}

// FindApplication returns one application with what it is about. The error is [store.ErrNotFound] when there is none.
func FindApplication(ctx context.Context, db *store.Store, id string) (a Application, err error) {
	rows, err := db.Applications(ctx, sqlc.ApplicationsParams{Every: true, ID: event.ApplicationLoan(id), Most: 1})
	if err != nil {
		return a, err
	}
	if len(rows) == 0 {
		return a, store.ErrNotFound
	}
	a = applicationOf(rows[0])
	data, err := db.ApplicationTerms(ctx, id)
	if err != nil {
		return a, err
	}
	a.Terms = &event.Application{}
	if err := json.Unmarshal(data, a.Terms); err != nil {
		return a, err
	}
	called, err := db.ApplicationCalls(ctx, event.ApplicationLoan(id))
	if err != nil {
		return a, err
	}
	a.Calls, a.Asked = int(called.Calls), int(called.Asked) // while it is open; its journey has counted them when it ends
	kept, err := db.KeptJourney(ctx, event.ApplicationLoan(id))
	if err != nil || len(kept) == 0 {
		return a, err
	}
	var j journey.Journey
	if err := json.Unmarshal(kept, &j); err != nil {
		return a, err
	}
	if j.Application != nil {
		a.Calls, a.Asked, a.Loan = j.Application.Calls, j.Application.Asked, j.Application.Loan
	}
	return a, nil
}

// WriteApplications writes a list of applications: those that are open, or all if every is set.
func WriteApplications(w io.Writer, style Style, all []Application, every bool) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("No application %s.\n", map[bool]string{false: "waits for its callback", true: "is known"}[every])
		return p.err
	}
	rows := [][]string{{"APPLICATION", "BORROWER", "PRE-APPROVED", "STANDS"}}
	for _, a := range all {
		rows = append(rows, []string{a.ID, a.Borrower, Moment(a.At), a.stands()})
	}
	p.table("", rows)
	return p.err
}

func (a Application) stands() string {
	switch {
	case a.Outcome != "":
		return words(strategy.Sentence(string(a.Outcome)), Moment(a.Closed))
	case a.Next != "":
		return words("next "+a.Next, moment(a.NextAt))
	}
	if a.NextReason == strategy.ReasonTaskOpen {
		return "a person is to call"
	}
	return strategy.Sentence(a.NextReason)
}

// WriteApplication writes one application.
func WriteApplication(w io.Writer, style Style, a Application) error {
	p := page{w: w, style: style}
	p.printf("Application %s of borrower %s, pre-approved %s\n", style.bold(a.ID), a.Borrower, Moment(a.At))
	rows := [][]string{{"  stands", a.stands()}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{"  " + name, value})
		}
	}
	if t := a.Terms; t != nil {
		add("product", t.Product)
		if !t.Amount.IsZero() {
			add("amount", loan.Write(t.Amount, t.Currency)+" "+t.Currency)
		}
		if !t.Total.IsZero() {
			add("to pay back", loan.Write(t.Total, t.Currency)+" "+t.Currency+" in all")
		}
		if t.Installments > 0 {
			add("installments", strconv.Itoa(t.Installments))
		}
		if !t.FirstDue.IsZero() {
			add("first due", t.FirstDue.String())
		}
		add("holds until", moment(t.Until))
	}
	if a.Calls > 0 {
		add("calls", fmt.Sprintf("%d, with %s", a.Calls, Count(int64(a.Asked), "question")))
	}
	add("loan", a.Loan)
	p.table("", rows)
	return p.err
}
