package activities

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Calls gives work to people.
type Calls struct{ Store *store.Store }

// AssignTask puts a task on the worklist, once for each step, or a question on the list of requests for approval. One that would have a person contact the borrower is a contact
// too: under the borrower's lock it is held back where a hold stops it, or calls are halted.
func (c *Calls) AssignTask(ctx context.Context, order journey.Order) (done journey.Outcome, err error) {
	err = c.Store.InTx(ctx, func(tx store.Tx) (err error) {
		done, err = assign(ctx, tx, order)
		return err
	})
	return done, fault(err)
}

func assign(ctx context.Context, tx store.Tx, order journey.Order) (journey.Outcome, error) {
	now, err := tx.LockForContact(ctx, order.Borrower)
	if err != nil {
		return journey.Outcome{}, err
	}
	key := "t" + intent(order)[1:]
	if asked := order.Step.Approval; asked != nil {
		err := tx.AskApproval(ctx, sqlc.AskApprovalParams{
			ID: "a" + key[1:], BorrowerID: order.Borrower, LoanID: order.Loan, StepKey: asked.Step, Rules: asked.Rules, Channel: string(asked.Channel),
			At: now, UntilAt: asked.Until,
		})
		return outcome(order, now, journey.ResultAssigned, "", "a"+key[1:]), err
	}
	if order.Step.Purpose != "" {
		rule, err := stopped(ctx, tx, order, key, now)
		if err != nil || rule != "" {
			return outcome(order, now, journey.ResultHeld, rule, ""), err
		}
	}
	err = tx.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: key, LoanID: order.Loan, BorrowerID: order.Borrower, StepKey: order.Step.Key, Reason: order.Step.Reason, At: now,
	})
	return outcome(order, now, journey.ResultAssigned, "", key), err
}

// stopped returns the rule that keeps a person from contacting the borrower, if one does. A task that was given already,
// as when an answer was lost, stays given.
func stopped(ctx context.Context, tx store.Tx, order journey.Order, key string, now time.Time) (rule string, err error) {
	if _, err := tx.TaskFor(ctx, key); !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	row, err := tx.Reservation(ctx, sqlc.ReservationParams{
		LoanID: order.Loan, BorrowerID: order.Borrower, Number: order.Number, Ahead: order.Ahead, Seq: order.Seq, Hash: order.Hash, Since: now,
	})
	if err != nil {
		return "", err
	}
	halt, err := halted(row.Halts, order.Step, contact.Call, now)
	if err != nil {
		return "", err
	}
	if halt != nil {
		return halt.Rule, tx.InsertHeldBack(ctx, heldBack(order, now, halt))
	}
	var standing contact.Standing
	if err := json.Unmarshal(row.Standing, &standing); err != nil {
		return "", err
	}
	for _, h := range standing.Holds {
		if h.Covers(order.Loan, "", now) && !h.Kind.Allows(order.Step.Purpose) {
			return strategy.HoldRule, nil
		}
	}
	return "", nil
}
