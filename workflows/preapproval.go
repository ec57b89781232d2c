package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/preapproval"
)

// PreapprovalState is what crosses continue-as-new. Fields are only ever added.
type PreapprovalState struct {
	Case preapproval.Case `json:"case"`
}

// Preapproval accompanies one application from its pre-approval to the word that the lending system is told, by the same rules as
// [Loan]: all that waits is applied, then one decision is made and recorded, and every command follows from it.
func Preapproval(ctx workflow.Context, s PreapprovalState) error {
	p := &preapproved{PreapprovalState: s, signals: workflow.GetSignalChannel(ctx, EventSignal)}
	if err := p.listen(ctx); err != nil {
		return err
	}
	if workflow.GetInfo(ctx).ContinuedExecutionRunID == "" {
		if err := workflow.Await(ctx, p.pending); err != nil {
			return err
		}
	}
	for streak := 1; ; streak++ {
		p.apply()
		d, err := p.decide(ctx)
		if err != nil {
			return err
		}
		workflow.SetCurrentDetails(ctx, d.Details)
		if updates := attributes(d.Attributes); len(updates) > 0 {
			if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
				return err
			}
		}
		switch due := p.alarm.due(ctx, d.Wake); {
		case p.pending():
			// Something came while the decision was made: it is part of the next one.
		case d.Close || workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			if end, err := p.leave(ctx, d); end || err != nil {
				return err
			}
		case due && d.Step.Activity != "" && streak < circling:
			p.perform(ctx, d)
		case due:
			streak, err = 0, p.alarm.wait(ctx, workflow.Now(ctx).Add(time.Minute), "look again", p.pending)
		default:
			streak, err = 0, p.alarm.wait(ctx, d.Wake, d.Step.Summary, p.pending)
		}
		if err != nil {
			return err
		}
	}
}

type preapproved struct {
	PreapprovalState
	inbox   []event.Event
	signals workflow.ReceiveChannel
	applied int                  // events applied in this run
	decided int                  // events that the last decision covers
	busy    bool                 // a server-side activity runs: nobody should wait for it
	last    preapproval.Decision // the last decision
	alarm   alarm
}

// listen sets a handler for every type of event that pre-approvals are told of, and one for who wants to know the facts.
func (p *preapproved) listen(ctx workflow.Context) error {
	for _, t := range event.Types() {
		if !t.ToldToPreapprovals() {
			continue
		}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, string(t), p.accept, workflow.UpdateHandlerOptions{
			Validator:   func(_ workflow.Context, e event.Event) error { return refusal(p.Case.Accepts(e)) },
			Description: t.Summary(),
		}); err != nil {
			return err
		}
	}
	return workflow.SetQueryHandler(ctx, CaseQuery, func() (preapproval.Case, error) { return p.Case, nil })
}

// accept records an event and answers with the decision that covers it, or pending when that has to wait for a server-side activity.
// It changes nothing but the inbox.
func (p *preapproved) accept(ctx workflow.Context, e event.Event) (preapproval.Answer, error) {
	p.inbox = append(p.inbox, e)
	mine := p.applied + len(p.inbox)
	err := workflow.Await(ctx, func() bool { return p.decided >= mine || p.busy })
	if err != nil || p.decided < mine {
		return preapproval.Answer{Application: e.Application, Pending: true}, err
	}
	return p.last.Answer(e.Application), nil
}

// pending reports whether events wait to be applied.
func (p *preapproved) pending() bool { return len(p.inbox) > 0 || p.signals.Len() > 0 }

// apply takes in all that waits, before the one decision that covers it.
func (p *preapproved) apply() {
	for e := (event.Event{}); p.signals.ReceiveAsync(&e); e = (event.Event{}) {
		p.inbox = append(p.inbox, p.Case.Screened(e)) // a signal has no validator
	}
	p.Case.Apply(p.inbox...)
	p.applied += len(p.inbox)
	p.inbox = nil
}

// decide asks in this worker, and through the server when that fails for whatever reason.
func (p *preapproved) decide(ctx workflow.Context) (d preapproval.Decision, err error) {
	question := activities.PreapprovalQuestion{Case: p.Case.Clone(), Now: workflow.Now(ctx)}
	here := workflow.WithLocalActivityOptions(ctx, localDecide)
	if err = workflow.ExecuteLocalActivity(here, preapproval.DecideActivity, question).Get(ctx, &d); err != nil {
		there := workflow.WithActivityOptions(ctx, remoteDecide)
		p.busy = true
		err = workflow.ExecuteActivity(there, preapproval.DecideActivity, question).Get(ctx, &d)
		p.busy = false
		if err != nil {
			return d, err
		}
	}
	p.Case.Decide(d)
	p.last, p.decided = d, p.applied
	return d, nil
}

// perform does the step. Its outcome, good or bad, is an event like any other. An event that comes while the step has not begun takes
// its place; one that has begun is seen to its end.
func (p *preapproved) perform(ctx workflow.Context, d preapproval.Decision) {
	retry := &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: time.Minute}
	if !p.Case.Clock.IsReal() { // nobody can wait a minute
		retry = &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumInterval: time.Second}
	}
	stepCtx, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              journey.Queue,
		StartToCloseTimeout:    time.Duration(d.Step.AttemptSeconds) * time.Second,
		ScheduleToCloseTimeout: time.Duration(d.Step.WithinSeconds) * time.Second,
		WaitForCancellation:    true,
		RetryPolicy:            retry,
		Summary:                d.Step.Summary,
	}))
	step := workflow.ExecuteActivity(stepCtx, d.Step.Activity, preapproval.Order{
		Application: p.Case.Application, Borrower: p.Case.Borrower, Seq: d.Seq, Number: d.Number, Ahead: d.Ahead, Step: d.Step,
	})
	p.busy = true
	_ = workflow.Await(ctx, func() bool { return step.IsReady() || p.pending() })
	if !step.IsReady() {
		cancel()
	}
	var outcome preapproval.Outcome
	err := step.Get(ctx, &outcome)
	p.busy = false
	at := p.Case.Clock.Business(workflow.Now(ctx))
	p.inbox = append(p.inbox, preapproval.StepEvent(d, outcome, failure(err), at))
}

// leave waits until nobody waits for this run, and ends it: for good, or to go on in a new one. It does not leave when something
// came in the meantime.
func (p *preapproved) leave(ctx workflow.Context, d preapproval.Decision) (bool, error) {
	err := workflow.Await(ctx, func() bool { return p.pending() || workflow.AllHandlersFinished(ctx) })
	switch {
	case err != nil || p.pending():
		return false, err
	case d.Close:
		return true, nil
	}
	return true, workflow.NewContinueAsNewError(ctx, PreapprovalWorkflow, p.PreapprovalState)
}
