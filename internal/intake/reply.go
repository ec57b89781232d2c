package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
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
	if err != nil {
		return err
	}
	reason := reply.TaskReason(p, person)
	if id := reply.Regards(p, reason, k.answers); id != "" {
		return k.give(ctx, event.ComplaintLoan(id), reason, "")
	}
	if reason == "" || len(about) == 0 { // a task is about a loan
		return nil
	}
	return k.give(ctx, about[0], reason, "")
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

// loansAmong leaves applications and complaints out: nothing can be promised, disputed or paid of what is not lent.
func loansAmong(all []string) (loans []string) {
	for _, id := range all {
		if event.Lent(id) {
			loans = append(loans, id)
		}
	}
	return loans
}
