package journey

import (
	"fmt"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
)

// Accepts refuses an event that cannot be about this loan: one for another loan, money in another currency, a date
// before disbursement, a second disbursement. Its errors are of type [*event.Error]. An event that was applied before is accepted; it changes nothing.
func (j Journey) Accepts(e event.Event) error {
	switch {
	case e.Loan != j.Loan:
		return wrong("subject", "loan %s: the event is about loan %s; send it there", j.Loan, e.Loan)
	case e.Number <= 0:
		return wrong("number", "loan %s: the event has no number; send it through the gateway or the command", j.Loan)
	case j.Knows(e.Number):
		return nil
	case e.Type == event.LoanDisbursed && !j.Disbursed.IsZero():
		return wrong("subject", "loan %s: is disbursed already; a new loan needs an id of its own", j.Loan)
	case e.Type == event.LoanDisbursed || j.Disbursed.IsZero():
		return nil
	}
	switch e.Type {
	case event.PaymentPosted, event.PaymentReversed, event.PaymentRefunded, event.FeeCharged, event.FeeWaived, event.RecoveryPosted:
		var p event.Posting
		if !decode(e, &p) {
			return wrong("data", "loan %s: the posting cannot be read; see docs/events.md", j.Loan)
		}
		if p.Currency != j.Terms.Currency {
			return wrong("data.currency", "loan %s: posting in %s, but the loan is in %s; send it to the right loan", j.Loan, p.Currency, j.Terms.Currency)
		}
		return j.after(p.ValueDate, "value_date")
	case event.LoanSettled, event.LoanCancelled, event.LoanWrittenOff:
		var p event.Ending
		if decode(e, &p) {
			return j.after(p.On, "on")
		}
	case event.LoanRescheduled:
		var p event.Rescheduling
		if decode(e, &p) && len(p.Schedule) > 0 {
			return j.after(p.Schedule[0].Due, "schedule[0].due")
		}
	case event.PromiseMade:
		var p event.Promise
		switch {
		case !decode(e, &p):
		case p.Currency != j.Terms.Currency:
			return wrong("data.currency", "loan %s: promise in %s, but the loan is in %s; name the amount in that", j.Loan, p.Currency, j.Terms.Currency)
		default:
			return j.after(p.By, "by")
		}
	}
	return nil
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
