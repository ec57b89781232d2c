package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// reply notes that the borrower began a contact, and binds a stop on every channel: who writes STOP does not ask on which (Tender
// is gentler than the law, which would let the other channels stand). It concerns all the borrower's loans, whichever the
// reply was to; where none is open any more, the journey of the one that closed last confirms it.
func (k *keeping) reply(ctx context.Context, p *event.Reply) error {
	if p.Intent == event.IntentStop {
		if err := k.InsertWish(ctx, sqlc.InsertWishParams{BorrowerID: k.borrower, At: k.known()}); err != nil {
			return err
		}
		if err := k.tellOpen(ctx); err != nil {
			return err
		}
	}
	about, err := k.openOrLast(ctx)
	if err != nil {
		return err
	}
	if err := k.came(ctx, p, about); err != nil {
		return err
	}
	if p.Intent == event.IntentStop {
		k.tellAlso(about...)
	}
	person, err := k.follow(ctx, p)
	if err != nil || !person {
		return err
	}
	return k.readByPerson(ctx, about)
}

// came records a contact that the borrower began.
func (k *keeping) came(ctx context.Context, p *event.Reply, about []string) error {
	key := fmt.Sprintf("in-%d", k.pk)
	_, err := k.RecordContact(ctx, sqlc.RecordContactParams{
		Key: key, BorrowerID: k.borrower, LoanIds: about, Channel: string(p.Channel), Point: p.Point,
		Direction: string(contact.Inbound), Purpose: string(contact.Reply), Adapter: "inbound", At: k.known(),
	})
	if err != nil {
		return err
	}
	return k.InsertOutcome(ctx, sqlc.InsertOutcomeParams{ContactKey: key, Disposition: string(contact.Delivered), At: k.known()})
}

// openOrLast returns what a reply may be about: the loans whose journeys are told, or, when there is none, the borrower's loan that
// closed last. Who applied for a loan and never had one writes about that.
func (k *keeping) openOrLast(ctx context.Context) ([]string, error) {
	if loans := loansAmong(k.loans); len(loans) > 0 {
		return loans, nil
	}
	last, err := k.LastLoan(ctx, k.borrower)
	if errors.Is(err, pgx.ErrNoRows) {
		return append([]string{}, k.loans...), nil
	}
	return []string{last}, err
}

// loansAmong leaves applications out: nothing can be promised, disputed or paid of what is not lent.
func loansAmong(all []string) (loans []string) {
	for _, id := range all {
		if _, is := event.ApplicationOf(id); !is {
			loans = append(loans, id)
		}
	}
	return loans
}

// replyReason is the reason of a task to read what a borrower wrote.
const replyReason = "reply"

// readByPerson has a person read a reply that Tender does not understand: one task, on the first loan that it may be about, or on the
// application.
func (k *keeping) readByPerson(ctx context.Context, about []string) error {
	if len(about) == 0 {
		return nil // a task is about a loan
	}
	at := k.known()
	waits := strategy.Assign(replyReason, at)
	return k.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: fmt.Sprintf("%s-%d", replyReason, k.pk), LoanID: about[0], BorrowerID: k.borrower,
		StepKey: replyReason + "@" + at.Format(time.DateOnly), Reason: replyReason, At: at, Attempt: 1,
		Purpose: string(contact.Reply), Priority: int32(waits.Priority), UntilAt: &waits.Until, MostTries: int32(waits.Tries),
	})
}
