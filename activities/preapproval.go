package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// PreapprovalQuestion is what DecidePreapproval is asked.
type PreapprovalQuestion struct {
	Case preapproval.Case `json:"case"`
	// Now is the workflow's time on the wall.
	Now time.Time `json:"now"`
}

// DecidePreapproval says what to do next about an application, and records it with the rule that puts a call off, if one does.
func (d *Decider) DecidePreapproval(ctx context.Context, q PreapprovalQuestion) (preapproval.Decision, error) {
	c := q.Case.Clone()
	if !c.Clock.Equal(d.Store.Clock()) {
		return preapproval.Decision{}, temporal.NewApplicationError("clock_mismatch", "clock_mismatch")
	}
	facts := preapproval.Facts{Case: c, Now: c.Clock.Business(q.Now)}
	known, err := d.Store.KnownOfApplication(ctx, sqlc.KnownOfApplicationParams{
		ApplicationID: c.Application, Number: c.Through, Ahead: c.Ahead, StrategyName: d.Default, Since: facts.Now.Add(-d.Rules.Horizon()),
	})
	if err != nil {
		return preapproval.Decision{}, fault(err)
	}
	facts.Rules, facts.Jurisdiction, facts.Refused = d.Rules.For(known.Jurisdiction), known.Jurisdiction, known.Refused
	if err := errors.Join(json.Unmarshal(known.Standing, &facts.Standing), json.Unmarshal(known.Halts, &facts.Halts)); err != nil {
		return preapproval.Decision{}, fault(err)
	}
	facts.Worklist = strategy.Assign(preapproval.Reason, facts.Now)
	if known.Strategy != "" {
		s, err := d.strategy(ctx, known.Strategy)
		if err != nil {
			return preapproval.Decision{}, fault(err)
		}
		facts.Worklist = s.Assign(preapproval.Reason, facts.Now)
	}
	decision, ruling := preapproval.Decide(facts)
	return decision, fault(d.recordOnApplication(ctx, c, decision, ruling))
}

func (d *Decider) recordOnApplication(ctx context.Context, c preapproval.Case, decision preapproval.Decision, ruling preapproval.Ruling) error {
	body, err := json.Marshal(struct {
		Decision preapproval.Decision `json:"decision"`
		Ruling   preapproval.Ruling   `json:"ruling"`
	}{decision, ruling})
	if err != nil {
		return err
	}
	row := sqlc.RecordApplicationDecisionParams{
		ApplicationID: c.Application, Seq: decision.Seq, Number: decision.Number, At: &decision.At, Body: body, State: string(decision.State),
		Attempts: int32(c.Attempts), Questions: int32(c.Questions), NextStep: string(decision.Step.Kind), NextReason: decision.Step.Reason, Closed: decision.Close,
	}
	if !ruling.Allowed && !decision.Close {
		row.NextRule, row.NextWhy = ruling.Rule, ruling.Why
	}
	if !decision.Step.At.IsZero() {
		row.NextAt = &decision.Step.At
	}
	return d.Store.RecordApplicationDecision(ctx, row)
}

// of is the key of something that Tender does once for an application.
func of(prefix, application, what string) string {
	sum := sha256.Sum256([]byte("application\n" + application + "\n" + what))
	return prefix + hex.EncodeToString(sum[:10])
}

// AssignPreapprovalCall puts the call about an application on the worklist, once for each time that it is asked for. It is a contact:
// under the applicant's lock it is held back while a hold, a halt or a rule stops a call, and when something came in meanwhile.
func (c *Calls) AssignPreapprovalCall(ctx context.Context, order preapproval.Order) (done preapproval.Outcome, err error) {
	err = c.Store.InTx(ctx, func(tx store.Tx) (err error) {
		done, err = c.assignPreapproval(ctx, tx, order)
		return err
	})
	return done, fault(err)
}

func (c *Calls) assignPreapproval(ctx context.Context, tx store.Tx, order preapproval.Order) (preapproval.Outcome, error) {
	now, err := tx.LockForContact(ctx, order.Borrower)
	if err != nil {
		return preapproval.Outcome{}, err
	}
	done := preapproval.Outcome{Kind: order.Step.Kind, At: now, Result: journey.ResultAssigned}
	last, err := tx.LastApplicationTask(ctx, order.Application)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return done, err
	case last.DoneAt == nil || last.Seq == order.Seq: // as when an answer was lost
		done.Task = last.Key
		return done, nil
	}
	known, err := tx.KnownOfApplication(ctx, sqlc.KnownOfApplicationParams{
		ApplicationID: order.Application, Number: order.Number, Ahead: order.Ahead, Since: now.Add(-c.Rules.Horizon()),
	})
	if err != nil {
		return done, err
	}
	if known.Superseded || known.Verdict != "" {
		done.Result = journey.ResultSuperseded
		return done, nil
	}
	var standing contact.Standing
	var halts []contact.Halt
	if err := errors.Join(json.Unmarshal(known.Standing, &standing), json.Unmarshal(known.Halts, &halts)); err != nil {
		return done, err
	}
	if ruling := preapproval.Ask(standing, c.Rules.For(known.Jurisdiction), halts, order.Application, now); !ruling.Allowed {
		done.Result, done.Code = journey.ResultHeld, ruling.Rule
		return done, nil
	}
	attempt := last.Attempt + 1
	waits := order.Step.Worklist
	if waits == nil {
		byReason := strategy.Assign(preapproval.Reason, now)
		waits = &byReason
	}
	done.Task = of("p", order.Application, strconv.Itoa(int(attempt)))
	return done, tx.InsertApplicationTask(ctx, sqlc.InsertApplicationTaskParams{
		Key: done.Task, ApplicationID: order.Application, BorrowerID: order.Borrower, StepKey: preapproval.StepKey(order.Application), Reason: preapproval.Reason,
		At: now, Attempt: attempt, Seq: order.Seq, Purpose: string(preapproval.Purpose), Priority: int32(waits.Priority), UntilAt: &waits.Until, MostTries: int32(waits.Tries),
		NotBefore: last.NotBefore, // a call that reached nobody is not followed by another one any sooner
	})
}

// PreapprovalNotice is the type of the event that tells the lending system what a pre-approval came to.
const PreapprovalNotice = "tender.preapproval"

// ConcludePreapproval withdraws what waits for a person, notes what a pre-approval came to, and tells the lending system unless that
// said it itself: one event, whose id is the notice's key, repeated word for word until it was taken. When something came in
// meanwhile, nothing is concluded.
func (l *Lending) ConcludePreapproval(ctx context.Context, order preapproval.Order) (preapproval.Outcome, error) {
	step := order.Step
	done := preapproval.Outcome{Kind: step.Kind, Result: journey.ResultSeenTo, Verdict: step.Verdict, Reason: step.Because}
	var notice sqlc.Notice
	err := l.Store.InTx(ctx, func(tx store.Tx) (err error) {
		if done.At, err = tx.LockForContact(ctx, order.Borrower); err != nil {
			return err
		}
		notice, err = l.conclude(ctx, tx, order, &done)
		return err
	})
	switch {
	case err != nil:
		return done, fault(err)
	case done.Result == journey.ResultSuperseded || !step.Verdict.Told():
		return done, nil
	case notice.ToldAt != nil: // and the answer was lost
		done.Result = journey.ResultTold
	case l.URL == "":
		done.Result = journey.ResultKept
	default:
		done.Result = journey.ResultTold
		if err := l.tell(ctx, notice); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (l *Lending) conclude(ctx context.Context, tx store.Tx, order preapproval.Order, done *preapproval.Outcome) (notice sqlc.Notice, err error) {
	step := order.Step
	known, err := tx.KnownOfApplication(ctx, sqlc.KnownOfApplicationParams{ApplicationID: order.Application, Number: order.Number, Ahead: order.Ahead, Since: done.At})
	if err != nil {
		return notice, err
	}
	if known.ConcludedAt == nil && (known.Superseded || known.Verdict != "" && known.Verdict != string(step.Verdict)) {
		done.Result = journey.ResultSuperseded
		return notice, nil
	}
	if _, err := tx.ConcludeApplication(ctx, sqlc.ConcludeApplicationParams{ID: order.Application, Verdict: string(step.Verdict), At: &step.VerdictAt, Reason: step.Because}); err != nil {
		return notice, err
	}
	if _, err := tx.WithdrawApplicationTasks(ctx, sqlc.WithdrawApplicationTasksParams{ApplicationID: order.Application, At: &done.At, Disposition: intake.TakenBack}); err != nil {
		return notice, err
	}
	if err := tx.SetConcluded(ctx, sqlc.SetConcludedParams{ID: order.Application, At: &done.At}); err != nil || !step.Verdict.Told() {
		return notice, err
	}
	data, err := json.Marshal(verdictOf{
		Application: order.Application, Borrower: order.Borrower, Verdict: step.Verdict, Because: step.Because, At: step.VerdictAt.UTC(), Attempts: step.Attempts, Questions: step.Questions,
	})
	if err != nil {
		return notice, temporal.NewApplicationError("lender_encode", "lender_encode")
	}
	return tx.KeepApplicationNotice(ctx, sqlc.KeepApplicationNoticeParams{
		Key: of("n", order.Application, "verdict"), ApplicationID: order.Application, Kind: PreapprovalNotice, At: done.At, Data: data, LeaseSeconds: noticeLease.Seconds(),
	})
}

// verdictOf is what the lending system is told: ids, codes, instants and counts.
type verdictOf struct {
	Application string        `json:"application"`
	Borrower    string        `json:"borrower"`
	Verdict     event.Verdict `json:"verdict"`
	// Because says how it came to unreachable: called, lapsed, opted_out or deceased.
	Because   string    `json:"because,omitempty"`
	At        time.Time `json:"at"`
	Attempts  int       `json:"attempts"`
	Questions int       `json:"questions"`
}
