package journey

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
)

// Accepts refuses an event that cannot be about this loan: one for another loan, money in another currency, a date
// before disbursement or in the future, a second disbursement, a posting that contradicts another. Its errors are of type [*event.Error]. An event that was applied before is accepted; it changes nothing.
func (j Journey) Accepts(e event.Event) error {
	switch {
	case e.Loan != j.Loan:
		return wrong("subject", "loan %s: the event is about loan %s; send it there", j.Loan, e.Loan)
	case e.Number <= 0:
		return wrong("number", "loan %s: the event has no number; send it through the gateway or the command", j.Loan)
	case j.Knows(e.Number):
		return nil
	case j.Application != nil && e.Type == event.ApplicationPreapproved:
		return wrong("subject", "application %s: is accompanied already; a new one needs an id of its own", j.Application.ID)
	case j.Application != nil || j.Complaint != nil || e.Begins() && !event.Lent(e.Loan):
		return nil
	case e.Type == event.LoanDisbursed && !j.Disbursed.IsZero():
		return wrong("subject", "loan %s: is disbursed already; a new loan needs an id of its own", j.Loan)
	case e.Type == event.LoanDisbursed:
		var p event.Disbursement
		if !decode(e, &p) {
			return wrong("data", "loan %s: the disbursement cannot be read; see docs/events.md", j.Loan)
		}
		return j.notAhead(e, p.DisbursedOn, "disbursed_on")
	case j.Disbursed.IsZero():
		return nil // its disbursement is on its way
	}
	if err := j.since(e); err != nil {
		return err
	}
	switch e.Type {
	case event.PaymentPosted, event.PaymentReversed, event.PaymentRefunded, event.FeeCharged, event.FeeWaived, event.RecoveryPosted:
		var p Posting
		if !decode(e, &p) {
			return wrong("data", "loan %s: the posting cannot be read; see docs/events.md", j.Loan)
		}
		if p.Currency != j.Contract.Currency {
			return wrong("data.currency", "loan %s: posting in %s, but the loan is in %s; send it to the right loan", j.Loan, p.Currency, j.Contract.Currency)
		}
		if err := j.after(p.ValueDate, "value_date"); err != nil {
			return err
		}
		return j.acceptsPosting(e, p)
	case event.LoanSettled, event.LoanCancelled, event.LoanWrittenOff:
		var p event.Ending
		if !decode(e, &p) {
			return nil
		}
		if err := j.notAhead(e, p.On, "on"); err != nil {
			return err
		}
		return j.after(p.On, "on")
	case event.LoanRescheduled:
		var p event.Rescheduling
		if !decode(e, &p) || len(p.Schedule) == 0 {
			return nil
		}
		if err := loan.CheckSchedule(p.Schedule, j.Contract.Currency); err != nil {
			field, reason, _ := strings.Cut(err.Error(), ": ")
			return wrong("data."+field, "loan %s: %s", j.Loan, reason)
		}
		return j.after(p.Schedule[0].Due, "schedule[0].due")
	case event.PlanAccepted, event.PlanDeclined:
		var p event.PlanAnswer
		if !decode(e, &p) {
			return nil
		}
		return j.acceptsAnswer(e, p)
	case event.PromiseMade:
		var p event.Promise
		if decode(e, &p) {
			return j.acceptsPromise(p, "")
		}
	case event.PromiseWithdrawn:
		var p event.PromiseWithdrawal
		if !decode(e, &p) || e.Number != j.Through+1 { // the promise may still be on its way
			return nil
		}
		if !slices.ContainsFunc(j.Promises, func(made Promise) bool { return made.ID == p.Promise }) {
			return wrong("data.promise", "loan %s: there is no promise %s; tender loan show names those there are", j.Loan, p.Promise)
		}
	case event.CallCompleted:
		var p event.Call
		if decode(e, &p) && p.Promise != nil {
			return j.acceptsPromise(*p.Promise, "promise.")
		}
	}
	return nil
}

// acceptsPosting refuses a posting that says something else than one before it under the same id, and a reversal of what
// was never posted. The very same posting under another event's id is accepted, and counts once.
func (j Journey) acceptsPosting(e event.Event, p Posting) error {
	known := func(id string) (loan.Transaction, bool) {
		n := slices.IndexFunc(j.Transactions, func(t loan.Transaction) bool { return t.ID == id })
		if n < 0 {
			return loan.Transaction{}, false
		}
		return j.Transactions[n], true
	}
	if t, ok := known(p.Transaction); ok && !t.Same(transaction(e.Type, p)) {
		return wrong("data.transaction", "loan %s: %s is posted already, with other content; give the posting an id of its own", j.Loan, p.Transaction)
	}
	if e.Type != event.PaymentReversed {
		return nil
	}
	paid, ok := known(p.Reverses)
	switch {
	case p.Reverses == "":
		return wrong("data.reverses", "loan %s: is missing; name the payment that is undone", j.Loan)
	case !ok && e.Number == j.Through+1: // else the payment may still be on its way
		return wrong("data.reverses", "loan %s: no payment %s is posted; send the payment first", j.Loan, p.Reverses)
	case ok && paid.Kind != loan.Payment && paid.Kind != loan.Recovery:
		return wrong("data.reverses", "loan %s: %s is no payment", j.Loan, p.Reverses)
	case ok && p.Amount.Cmp(paid.Amount) > 0:
		return wrong("data.amount", "loan %s: %s is more than the payment %s, which was %s", j.Loan, p.Amount, p.Reverses, paid.Amount)
	}
	return nil
}

// notAhead refuses a date that lies ahead of the event that tells of it. A day is allowed for: zones differ.
func (j Journey) notAhead(e event.Event, date bizclock.Date, field string) error {
	if date.After(bizclock.DateOf(e.At.UTC()).AddDays(1)) {
		return wrong("data."+field, "loan %s: %s lies in the future; send the event when it happens", j.Loan, date)
	}
	return nil
}

// since refuses an event of this loan alone that happened before the loan was: value dates lie in the past, but not the
// event that tells of them. What a borrower said or wished may be older than the loan. A day is allowed for: zones differ.
func (j Journey) since(e event.Event) error {
	if !slices.Equal(e.Type.Subjects(), []event.Subject{event.LoanSubject}) || !bizclock.DateOf(e.At.UTC()).AddDays(1).Before(j.DisbursedOn) {
		return nil
	}
	return wrong("time", "loan %s: the event happened before the disbursement on %s; correct its time", j.Loan, j.DisbursedOn)
}

func (j Journey) after(date bizclock.Date, field string) error {
	if date.Before(j.DisbursedOn) {
		return wrong("data."+field, "loan %s: %s lies before the disbursement on %s; correct the date", j.Loan, date, j.DisbursedOn)
	}
	return nil
}

func wrong(field, format string, args ...any) error {
	return &event.Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}
