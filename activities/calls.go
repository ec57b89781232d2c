package activities

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Calls gives work to people.
type Calls struct {
	Store *store.Store
	Rules *compliance.Library
}

// AssignTask puts a task on the worklist, once for each step, or a question on the list of requests for approval. A task that
// would have a person contact the borrower is a contact too: under the borrower's lock it is held back while a hold, a halt or a
// rule stops a call. Where no day will bring a call by itself, the person is given the task with the rule that forbids one.
func (c *Calls) AssignTask(ctx context.Context, order journey.Order) (done journey.Outcome, err error) {
	err = c.Store.InTx(ctx, func(tx store.Tx) (err error) {
		done, err = c.assign(ctx, tx, order)
		return err
	})
	return done, fault(err)
}

func (c *Calls) assign(ctx context.Context, tx store.Tx, order journey.Order) (journey.Outcome, error) {
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
	ruled := judged{}
	if order.Step.Purpose != "" {
		if ruled, err = c.judge(ctx, tx, order, key, now); err != nil || ruled.result != "" {
			return outcome(order, now, ruled.result, ruled.rule, ""), err
		}
	}
	err = tx.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: key, LoanID: order.Loan, BorrowerID: order.Borrower, StepKey: order.Step.Key, Reason: order.Step.Reason, At: now, Rule: ruled.rule,
	})
	return outcome(order, now, journey.ResultAssigned, "", key), err
}

// judged is what stands in the way of a task that would have a person contact the borrower: a result when it is not given, or
// else the rule that forbids a call, if one does.
type judged struct {
	result journey.Result
	rule   string
}

// judge asks whether a person may contact the borrower now. A task that was given already, as when an answer was lost, stays given.
func (c *Calls) judge(ctx context.Context, tx store.Tx, order journey.Order, key string, now time.Time) (judged, error) {
	if _, err := tx.TaskFor(ctx, key); !errors.Is(err, pgx.ErrNoRows) {
		return judged{}, err
	}
	row, err := tx.Reservation(ctx, sqlc.ReservationParams{
		LoanID: order.Loan, BorrowerID: order.Borrower, Number: order.Number, Ahead: order.Ahead, Seq: order.Seq, Hash: order.Hash,
		Since: now.Add(-c.Rules.Horizon()),
	})
	if err != nil {
		return judged{}, err
	}
	if row.Superseded {
		return judged{journey.ResultSuperseded, strconv.FormatInt(order.Number, 10)}, nil
	}
	halt, err := halted(row.Halts, order.Step, contact.Call, now)
	if err != nil {
		return judged{}, err
	}
	if halt != nil {
		return judged{journey.ResultHeld, halt.Rule}, tx.InsertHeldBack(ctx, heldBack(order, now, halt))
	}
	var standing contact.Standing
	if err := json.Unmarshal(row.Standing, &standing); err != nil {
		return judged{}, err
	}
	ruling := c.Rules.For(row.Jurisdiction).Evaluate(standing.ByPerson(), compliance.Proposal{
		At: now, Channel: contact.Call, Purpose: order.Step.Purpose, Loans: []string{order.Loan}, Step: order.Step.Key,
	})
	if ruling.Allowed() {
		return judged{}, nil
	}
	deciding := ruling.Deciding()
	if n := slices.IndexFunc(ruling.Findings, func(f compliance.Finding) bool { return f.Rule == strategy.HoldRule && !f.Verdict.Allows() }); n >= 0 {
		deciding = &ruling.Findings[n] // nobody is given what a hold forbids
	} else if ruling.NextAllowed.IsZero() {
		return judged{rule: deciding.Rule}, nil
	}
	return judged{journey.ResultHeld, deciding.Rule}, tx.InsertHeldBack(ctx, heldBack(order, now, deciding))
}
