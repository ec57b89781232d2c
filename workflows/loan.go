// Package workflows holds the durable order of things: when to decide, when to wait, when to act. It holds no policy:
// every command follows from a recorded decision or a recorded event, so that strategies, rulebooks and the arithmetic
// of money may change while journeys run.
package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// State is what crosses continue-as-new. Fields are only ever added.
type State struct {
	Journey journey.Journey `json:"journey"`
}

// Loan accompanies one loan from its disbursement to its last payment.
func Loan(ctx workflow.Context, s State) error {
	l := &loan{State: s, signals: workflow.GetSignalChannel(ctx, EventSignal)}
	if err := l.listen(ctx); err != nil {
		return err
	}
	if workflow.GetInfo(ctx).ContinuedExecutionRunID == "" {
		// A journey begins, or begins again, with the event that started it.
		if err := workflow.Await(ctx, l.pending); err != nil {
			return err
		}
	}
	for streak := 1; ; streak++ {
		l.apply()
		d, err := l.decide(ctx)
		if err != nil {
			return err
		}
		if err := l.describe(ctx, d); err != nil {
			return err
		}
		switch due := l.alarm.due(ctx, d.Wake); {
		case l.pending():
			// Something came while the decision was made: it is part of the next one.
		case d.Close || workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			if end, err := l.leave(ctx, d); end || err != nil {
				return err
			}
		case due && d.Step.Activity != "" && streak < circling:
			l.perform(ctx, d)
		case due: // nothing to do at this very moment, or a policy that goes in circles: listen, and look again in a while
			streak, err = 0, l.alarm.wait(ctx, workflow.Now(ctx).Add(time.Minute), "look again", l.pending)
		default:
			streak, err = 0, l.alarm.wait(ctx, d.Wake, d.Step.Summary, l.pending)
		}
		if err != nil {
			return err
		}
	}
}

// circling is how many decisions in a row may lead to a step at once before the journey is slowed to one a minute.
const circling = 50

// longest is the longest sleep, so that a new version of the worker reaches every loan within a month.
const longest = 31 * 24 * time.Hour

type loan struct {
	State
	inbox   []event.Event
	signals workflow.ReceiveChannel
	applied int              // events applied in this run
	decided int              // events that the last decision covers
	busy    bool             // a server-side activity runs: nobody should wait for it
	last    journey.Decision // the last decision
	alarm   alarm
}

// pending reports whether events wait to be applied.
func (l *loan) pending() bool { return len(l.inbox) > 0 || l.signals.Len() > 0 }

// apply takes in all that waits, before the one decision that covers it.
func (l *loan) apply() {
	for e := (event.Event{}); l.signals.ReceiveAsync(&e); e = (event.Event{}) {
		l.inbox = append(l.inbox, l.Journey.Screened(e)) // a signal has no validator
	}
	l.Journey.Apply(l.inbox...)
	l.applied += len(l.inbox)
	l.inbox = nil
}

// decide asks Decide in this worker, and through the server when that fails for whatever reason.
func (l *loan) decide(ctx workflow.Context) (d journey.Decision, err error) {
	question := activities.Question{Journey: l.Journey.Clone(), Now: workflow.Now(ctx)}
	here := workflow.WithLocalActivityOptions(ctx, localDecide)
	if err = workflow.ExecuteLocalActivity(here, journey.DecideActivity, question).Get(ctx, &d); err != nil {
		there := workflow.WithActivityOptions(ctx, remoteDecide)
		if err = l.remote(ctx, workflow.ExecuteActivity(there, journey.DecideActivity, question), &d); err != nil {
			return d, err
		}
	}
	l.Journey.Decide(d)
	l.last, l.decided = d, l.applied
	return d, nil
}

// describe shows in the Temporal Web UI where the journey stands.
func (l *loan) describe(ctx workflow.Context, d journey.Decision) error {
	workflow.SetCurrentDetails(ctx, d.Details)
	if updates := attributes(d.Attributes); len(updates) > 0 {
		return workflow.UpsertTypedSearchAttributes(ctx, updates...)
	}
	return nil
}

// perform does the step. Its outcome, good or bad, is an event like any other. An event that comes while the step has
// not begun takes its place; one that has begun is seen to its end.
func (l *loan) perform(ctx workflow.Context, d journey.Decision) {
	stepCtx, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, stepOptions(d.Step, l.Journey.Clock.IsReal())))
	step := workflow.ExecuteActivity(stepCtx, d.Step.Activity, journey.Order{
		Loan: l.Journey.Loan, Borrower: l.Journey.Borrower,
		Seq: d.Seq, Hash: d.Hash, Number: d.Number, Ahead: d.Ahead, Step: d.Step,
	})
	l.busy = true
	_ = workflow.Await(ctx, func() bool { return step.IsReady() || l.pending() })
	if !step.IsReady() {
		cancel()
	}
	var outcome journey.Outcome
	err := step.Get(ctx, &outcome)
	l.busy = false
	at := l.Journey.Clock.Business(workflow.Now(ctx))
	l.inbox = append(l.inbox, journey.StepEvent(d, outcome, failure(err), at))
}

// leave waits until nobody waits for this run, and ends it: for good, or to go on in a new one. It does not leave when
// something came in the meantime.
func (l *loan) leave(ctx workflow.Context, d journey.Decision) (bool, error) {
	err := workflow.Await(ctx, func() bool { return l.pending() || workflow.AllHandlersFinished(ctx) })
	switch {
	case err != nil || l.pending():
		return false, err
	case d.Close:
		return true, nil
	}
	return true, workflow.NewContinueAsNewError(ctx, LoanWorkflow, l.State)
}

// remote waits for an activity of the server's.
func (l *loan) remote(ctx workflow.Context, f workflow.Future, result any) error {
	l.busy = true
	defer func() { l.busy = false }()
	return f.Get(ctx, result)
}

// failure returns the code of what an activity failed with, or nothing.
func failure(err error) string {
	switch {
	case err == nil:
		return ""
	case temporal.IsCanceledError(err):
		return journey.Cancelled
	case temporal.IsTimeoutError(err):
		return "timeout"
	}
	return code(err)
}
