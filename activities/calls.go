package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/failpoint"
	"github.com/tender-engine/tender/internal/intake"
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
	failpoint.Hit("assigning")
	err = c.Store.InTx(ctx, func(tx store.Tx) (err error) {
		done, err = c.assign(ctx, tx, order)
		return err
	})
	failpoint.Hit("assigned")
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
	last, err := tx.LastTask(ctx, sqlc.LastTaskParams{LoanID: order.Loan, StepKey: order.Step.Key})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return journey.Outcome{}, err
	case last.DoneAt == nil: // as when an answer was lost
		return outcome(order, now, journey.ResultAssigned, "", last.Key), nil
	case last.Seq > 0 && last.Seq == order.Seq:
		return ended(order, now, last), nil
	}
	ruled := judged{}
	if order.Step.Purpose != "" {
		if ruled, err = c.judge(ctx, tx, order, now); err != nil || ruled.result != "" {
			return outcome(order, now, ruled.result, ruled.rule, ""), err
		}
	}
	attempt := last.Attempt + 1
	if attempt > 1 {
		key += "-" + strconv.FormatInt(int64(attempt), 10)
	}
	waits := order.Step.Worklist
	if waits == nil {
		byReason := strategy.Assign(order.Step.Reason, now)
		waits = &byReason
	}
	task := sqlc.InsertTaskParams{
		Key: key, LoanID: order.Loan, BorrowerID: order.Borrower, StepKey: order.Step.Key, Reason: order.Step.Reason, At: now, Rule: ruled.rule,
		Attempt: attempt, Seq: order.Seq, Purpose: string(cmp.Or(order.Step.Purpose, strategy.CallPurpose(order.Step.Reason))), Calls: order.Step.Purpose != "",
		Priority: int32(waits.Priority), MostTries: int32(waits.Tries),
	}
	if !waits.Until.IsZero() {
		task.UntilAt = &waits.Until
	}
	return outcome(order, now, journey.ResultAssigned, "", key), tx.InsertTask(ctx, task)
}

// ended is the outcome of a step whose task has ended before its assignment was answered.
func ended(order journey.Order, now time.Time, task sqlc.Task) journey.Outcome {
	result := journey.ResultSeenTo
	switch d := contact.Disposition(task.Disposition); {
	case d.Conversation():
		result = journey.ResultReached
	case d.OfACall():
		result = journey.ResultUnreachable
	case task.Disposition == intake.AgedOut:
		result = journey.ResultExpired
	}
	return outcome(order, now, result, task.Disposition, task.Key)
}

// judged is what stands in the way of a task that would have a person contact the borrower: a result when it is not given, or
// else the rule that forbids a call, if one does.
type judged struct {
	result journey.Result
	rule   string
}

// judge asks whether a person may contact the borrower now.
func (c *Calls) judge(ctx context.Context, tx store.Tx, order journey.Order, now time.Time) (judged, error) {
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
		At: now, Channel: contact.Call, Purpose: order.Step.Purpose, Loans: []string{order.Debt()}, Step: order.Step.Key,
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
