package intake

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// apply makes an application and its applicant known.
func (k *keeping) apply(ctx context.Context, p *event.Application) error {
	if !p.Until.IsZero() && !p.Until.After(k.known()) {
		return wrong("data.until", "%s has passed already, so nobody would be called; send a later one, or leave it out", p.Until.Format(time.RFC3339))
	}
	if err := k.upsertBorrower(ctx, p.Borrower.ID, &p.Borrower); err != nil {
		return err
	}
	if p.TimeZone == "" {
		home, err := k.BorrowerHome(ctx, k.borrower)
		if err != nil {
			return err
		}
		p.TimeZone = zoneOf(home.TimeZones).String()
	}
	id := event.ApplicationLoan(k.subject)
	k.loans = []string{id}
	written, err := k.InsertApplication(ctx, sqlc.InsertApplicationParams{
		ID: id, BorrowerID: k.borrower, Currency: p.Currency, TimeZone: p.TimeZone, At: k.known(), Source: k.source,
	})
	if err == nil && written == 0 {
		err = &event.Error{Field: "subject", Reason: "application " + k.subject + " is known already; a new one needs an id of its own"}
	}
	return err
}

// findApplication looks up an application, and locks its applicant.
func (k *keeping) findApplication(ctx context.Context) error {
	id := event.ApplicationLoan(k.subject)
	row, err := k.ApplicationFor(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Unknown{What: "application", ID: k.subject, Hint: "send its application.preapproved first, then this event again"}
	}
	if err != nil {
		return err
	}
	k.borrower, k.loans = row.BorrowerID, []string{id}
	_, err = k.Lock(ctx, k.borrower)
	return err
}

// cameOf notes what had come of the callback to the application that a loan came of, and has its journey told that there is nobody to
// call back any more. A lender need not tell of applications.
func (k *keeping) cameOf(ctx context.Context, p *event.Disbursement) error {
	p.Lent, p.Verified = "", ""
	if p.Application == "" {
		return nil
	}
	id := event.ApplicationLoan(p.Application)
	row, err := k.ApplicationFor(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case row.BorrowerID != k.borrower:
		return wrong("data.application", "%s is the application of another borrower", p.Application)
	}
	p.Lent, p.Verified = k.subject, event.Verified(row.Outcome)
	if row.ClosedAt == nil {
		p.Verified = event.IsOpen
		k.loans = append(k.loans, id)
	} else if p.Verified == "" {
		p.Verified = event.Verified(row.NextReason)
	}
	return nil
}

// calledBack checks what a person reports of a call about an application, and counts the questions: they are personal.
func (k *keeping) calledBack(p *event.Call) error {
	_, application := event.ApplicationOf(k.task.Task.LoanID)
	switch {
	case !application && p.Application != nil:
		return wrong("data.application", "goes with a task about an application; task %s is about a loan", p.Task)
	case !application:
		return nil
	case p.Promise != nil || p.Hardship != nil || p.Dispute != nil:
		return wrong("data", "no promise, hardship or dispute goes with a task about an application; nothing is owed yet")
	case p.Application == nil && p.Disposition == contact.Refused:
		p.Application = &event.Callback{Outcome: event.IsDeclined}
	case p.Application == nil && p.Disposition.Conversation() && p.Disposition != contact.Callback:
		return wrong("data.application", "is missing; say what came of the call: verified, declined or suspected_fraud")
	}
	if p.Application != nil {
		p.Application.Asked = len(p.Application.Questions)
	}
	return nil
}
