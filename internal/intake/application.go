package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// TakenBack stands in the place of a disposition on a task that nobody is to do any more.
const TakenBack = "withdrawn"

// ToldApplication is the answer of one pre-approval.
type ToldApplication struct {
	preapproval.Answer
	// Refused is set when it refused an event that others accepted.
	Refused *Refusal `json:"refused,omitempty"`
}

// preapprove makes an application and its applicant known. The very same application may be told of again, under whatever event; one
// that says something else is refused, for the applicant may have been told of the first.
func (k *keeping) preapprove(ctx context.Context, p *event.Application) error {
	content, err := event.Canonical(k.kind, k.data)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(content)
	k.applications = []string{k.subject}
	row, err := k.ApplicationFor(ctx, k.subject)
	switch {
	case err == nil && !bytes.Equal(row.Digest, digest[:]):
		return ErrApplicationExists
	case err == nil:
		k.application, k.borrower = row, row.BorrowerID
		_, err = k.Lock(ctx, k.borrower)
		return err
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	if !p.Until.After(k.at) { // one that has lapsed since is told as such
		return wrong("data.until", "%s does not lie after the pre-approval; send when the offer lapses", p.Until.Format(time.RFC3339))
	}
	if err := k.upsertBorrower(ctx, p.Borrower.ID, &p.Borrower); err != nil {
		return err
	}
	written, err := k.InsertApplication(ctx, sqlc.InsertApplicationParams{
		ID: k.subject, BorrowerID: k.borrower, Source: k.source, Digest: digest[:], Product: p.Product, Currency: p.Currency, Amount: p.Amount,
		Installments: int32(p.Offer.Installments), TotalCost: p.Offer.TotalCost, FirstDue: p.Offer.FirstDue.In(time.UTC), PreapprovedAt: k.at, UntilAt: p.Until, TimeZone: p.TimeZone,
	})
	if err == nil && written == 0 {
		err = errTaken // somebody else tells of it at this very moment
	}
	return err
}

// findApplication finds the application of the subject, and locks its applicant.
func (k *keeping) findApplication(ctx context.Context) error {
	row, err := k.ApplicationFor(ctx, k.subject)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Unknown{What: "application", ID: k.subject, Hint: "send its application.preapproved first, then this event again"}
	}
	if err != nil {
		return err
	}
	if _, err := k.Lock(ctx, row.BorrowerID); err != nil {
		return err
	}
	k.borrower, k.applications = row.BorrowerID, []string{k.subject}
	k.application, err = k.ApplicationFor(ctx, k.subject) // as it is under the lock
	return err
}

// cameOf finds the application that a loan came of, tells its pre-approval, and notes for the journey what that had come to. One
// that nobody told of is no error: the lender may do without pre-approvals.
func (k *keeping) cameOf(ctx context.Context, p *event.Disbursement) error {
	p.Preapproval = nil // whatever was sent
	if p.Application == "" {
		return nil
	}
	row, err := k.ApplicationFor(ctx, p.Application)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	case row.BorrowerID != k.borrower:
		return wrong("data.application", "application %s is borrower %s's, and the loan another's; name the application that it came of, or leave it out", p.Application, row.BorrowerID)
	}
	k.applications = []string{p.Application}
	if err := k.conclude(ctx, p.Application, event.Disbursed, "disbursed"); err != nil {
		return err
	}
	if err := k.DisburseApplication(ctx, sqlc.DisburseApplicationParams{ID: p.Application, LoanID: k.subject}); err != nil {
		return err
	}
	if row, err = k.ApplicationFor(ctx, p.Application); err != nil {
		return err
	}
	p.Preapproval = &event.Preapproval{Verdict: event.Verdict(row.Verdict), At: value(row.VerdictAt).UTC()}
	return nil
}

// conclude notes what an application came to, unless it came to something before.
func (k *keeping) conclude(ctx context.Context, application string, v event.Verdict, reason string) error {
	_, err := k.ConcludeApplication(ctx, sqlc.ConcludeApplicationParams{ID: application, Verdict: string(v), At: &k.at, Reason: reason})
	return err
}

// concludes is what a call about an application comes to, if it comes to anything: the first word is the last. It refuses what has
// no meaning before there is a loan.
func (k *keeping) concludes(ctx context.Context, p *event.Call) (event.Verdict, error) {
	t, d := k.task.Task, p.Disposition
	application := value(t.ApplicationID)
	if application == "" {
		switch {
		case p.Finding != "":
			return "", wrong("data.finding", "task %s is about a loan; a finding is that of a call about an application", t.Key)
		case len(p.Questions) > 0:
			return "", wrong("data.questions", "task %s is about a loan; note questions as a note, or answer them", t.Key)
		}
		return "", nil
	}
	for _, part := range []struct {
		field string
		there bool
	}{{"promise", p.Promise != nil}, {"hardship", p.Hardship != nil}, {"dispute", p.Dispute != nil}, {"complaint", p.Complaint != nil}} {
		if part.there {
			return "", wrong("data."+part.field, "task %s is about application %s, and there is no loan yet; write it as a note, or send it as an event of the borrower", t.Key, application)
		}
	}
	switch {
	case d == contact.Promise, d == contact.Hardship, d == contact.Dispute:
		return "", wrong("data.disposition", "%s speaks of a loan, and task %s is about application %s; use right_party with a finding, refused, or callback", d, t.Key, application)
	case d == contact.RightParty && p.Finding == "":
		return "", wrong("data.finding", "is missing; say what the call came to: verified, declined or suspected_fraud. Where it needs another call, send the disposition callback")
	}
	row, err := k.ApplicationFor(ctx, application)
	if err != nil || row.Verdict != "" {
		return "", err
	}
	switch {
	case p.Finding != "":
		return event.Verdict(p.Finding), nil
	case d == contact.Refused:
		return event.Declined, nil
	case p.Then == event.TaskUnreachable:
		return event.Unreachable, nil
	}
	return "", nil
}

// suspect keeps everybody from contacting one in whose name somebody seems to have applied.
func (k *keeping) suspect(application string) {
	k.also(event.HoldPlaced, event.BorrowerSubject, k.borrower, &event.HoldPlacement{
		Hold: fmt.Sprintf("fraud-%d", k.pk), Kind: contact.IDTheftFraud, Owner: tender, Note: "suspected in a call about application " + application,
	})
}

// numberApplications gives the event its number in each pre-approval that is told of it.
func (k *keeping) numberApplications(ctx context.Context) error {
	if !k.kind.ToldToPreapprovals() {
		k.applications = nil
		return nil
	}
	if k.about == event.BorrowerSubject && k.kind != event.CallCompleted {
		open, err := k.OpenApplications(ctx, k.borrower)
		if err != nil {
			return err
		}
		k.applications = open
	}
	slices.Sort(k.applications)
	for _, application := range k.applications {
		err := k.InsertApplicationDelivery(ctx, sqlc.InsertApplicationDeliveryParams{EventPk: k.pk, ApplicationID: application, LeaseSeconds: k.lease.Seconds()})
		if err != nil {
			return err
		}
	}
	return nil
}

// deliverTo hands an event to a pre-approval unless that was done before, and returns its answer. One that is closed needs to hear
// of nothing any more.
func (d *Door) deliverTo(ctx context.Context, pk int64, application string) (ToldApplication, error) {
	told := ToldApplication{Answer: preapproval.Answer{Application: application}}
	for n := range ended {
		row, err := d.store.ApplicationDelivery(ctx, sqlc.ApplicationDeliveryParams{EventPk: pk, ApplicationID: application})
		if err != nil {
			return told, postgres(err, true)
		}
		switch {
		case row.State != received:
			return told, json.Unmarshal(row.Answer, &told)
		case row.Before != 0: // it does not exist until it hears of its beginning
			if _, err := d.deliverTo(ctx, row.Before, application); err != nil {
				return told, err
			}
			continue
		case row.Refused && row.Type != string(event.ApplicationPreapproved):
			told.Refused = &Refusal{Reason: fmt.Sprintf("application %s never began, for its pre-approval was refused", application)}
			return told, d.settleWith(ctx, pk, told)
		case row.ClosedAt != nil:
			told.Answer = preapproval.Answer{Application: application, State: preapproval.Closed, Verdict: event.Verdict(row.Verdict)}
			return told, d.settleWith(ctx, pk, told)
		}
		answer, err := d.courier.Preapprove(ctx, event.Event{
			Source: row.Source, ID: row.ID, Type: event.Type(row.Type), Application: application, Number: row.Number, At: row.At.UTC(),
			Data: event.Told(event.Type(row.Type), row.Data),
		})
		var refusal *Refusal
		switch {
		case errors.Is(err, ErrEnded):
			if n+1 == ended { // that it is closed is stored before its workflow ends by itself, and was read again since
				return told, &Gone{Application: application}
			}
			continue
		case errors.As(err, &refusal):
			told.Refused = refusal
		case err != nil:
			d.options.Log.WarnContext(ctx, "an event could not be handed over; the sweeper tries again", "application", application, "number", row.Number, "error", err.Error())
			return told, err
		default:
			told.Answer = answer
		}
		return told, d.settleWith(ctx, pk, told)
	}
	return told, ErrEnded
}

// settleWith stores the answer of a pre-approval. When that fails the event is handed over again, which has no second effect.
func (d *Door) settleWith(ctx context.Context, pk int64, told ToldApplication) error {
	state := accepted
	if told.Refused != nil {
		state = refused
	}
	text, err := json.Marshal(told)
	if err != nil {
		return err
	}
	err = d.store.SettleApplicationDelivery(ctx, sqlc.SettleApplicationDeliveryParams{EventPk: pk, ApplicationID: told.Application, State: state, Answer: text})
	if err != nil {
		d.options.Log.WarnContext(ctx, "an answer could not be stored; the event is handed over again", "application", told.Application, "code", store.Code(err))
	}
	return nil
}
