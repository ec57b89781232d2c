package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
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
	lent, err := k.LentOn(ctx, sqlc.LentOnParams{BorrowerID: k.borrower, Application: k.subject})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	p.Lent = lent // its disbursement came first: nobody is to be called any more
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
// call back any more. A lender need not tell of applications. What was decided counts although the lending system may just be told of
// it, and not have answered: it may pay out while it is told.
func (k *keeping) cameOf(ctx context.Context, p *event.Disbursement) error {
	p.Lent, p.Verified = "", ""
	if p.Application == "" {
		return nil
	}
	switch lent, err := k.LentOn(ctx, sqlc.LentOnParams{BorrowerID: k.borrower, Application: p.Application}); {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case lent != k.subject:
		return wrong("data.application", "loan %s came of %s; leave it out, or name the application of this loan", lent, p.Application)
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
	if row.ClosedAt == nil || p.Verified == "" {
		k.tellAlso(id)
	}
	if p.Verified == "" {
		p.Verified = event.IsOpen
	}
	return nil
}

// calledBack checks what a person reports of a call about an application, and counts the questions: they are personal.
func (k *keeping) calledBack(ctx context.Context, p *event.Call) error {
	application, is := event.ApplicationOf(k.task.Task.LoanID)
	asked := is && k.task.Task.Reason == strategy.ReasonPreapproval
	switch {
	case !asked && p.Application != nil:
		return wrong("data.application", "goes with a task to call an applicant back; task %s is none", p.Task)
	case is && (p.Promise != nil || p.Hardship != nil || p.Dispute != nil):
		return wrong("data", "no promise, hardship or dispute goes with a task about an application; nothing is owed yet")
	case !asked:
		return nil
	case p.Application == nil && p.Disposition == contact.Refused:
		p.Application = &event.Callback{Outcome: event.IsDeclined}
	case p.Application != nil && p.Application.Outcome != "":
	case k.task.Task.DoneAt == nil && p.Disposition == "", p.Disposition.Conversation() && p.Disposition != contact.Callback:
		return wrong("data.application", "is missing; say what came of it: verified, declined or suspected_fraud")
	}
	if p.Application == nil {
		return k.inTime(ctx, p)
	}
	p.Application.Asked = len(p.Application.Questions)
	if err := k.inTime(ctx, p); err != nil || p.Application.Outcome == "" {
		return err
	}
	row, err := k.ApplicationFor(ctx, k.task.Task.LoanID)
	known := event.Verified(row.Outcome)
	if err == nil && known != "" && known != p.Application.Outcome && p.Application.Outcome != event.IsSuspected {
		err = wrong("data.application.outcome", "is %s, but application %s is %s already, and so the lending system is told; tell it by hand, or send suspected_fraud, which is told in any case",
			p.Application.Outcome, application, known)
	}
	return err
}

// inTime refuses a callback that would come after the approval.
func (k *keeping) inTime(ctx context.Context, p *event.Call) error {
	if p.CallbackAt.IsZero() {
		return nil
	}
	ends, err := k.approvalEnds(ctx)
	if err == nil && !p.CallbackAt.Before(ends) {
		err = wrong("data.callback_at", "lies after the approval, which holds until %s; agree on an earlier time", ends.UTC().Format(time.RFC3339))
	}
	return err
}

// approvalEnds is the first instant at which the approval that the task is about no longer holds.
func (k *keeping) approvalEnds(ctx context.Context) (ends time.Time, err error) {
	application, _ := event.ApplicationOf(k.task.Task.LoanID)
	row, err := k.ApplicationFor(ctx, k.task.Task.LoanID)
	if err != nil {
		return ends, err
	}
	data, err := k.ApplicationTerms(ctx, application)
	if err != nil {
		return ends, err
	}
	var terms event.Application
	if err := json.Unmarshal(data, &terms); err != nil {
		return ends, fmt.Errorf("application %s: its stored terms cannot be read", application)
	}
	return strategy.ApprovalEnds(row.At, terms.Until), nil
}
