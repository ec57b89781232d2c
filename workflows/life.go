package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// begin takes a journey up, in a new run or from the beginning.
func begin(ctx workflow.Context, s State) (*life, error) {
	l := &life{State: s, signals: workflow.GetSignalChannel(ctx, EventSignal), unset: func() {}}
	if err := l.listen(ctx); err != nil {
		return l, err
	}
	if workflow.GetInfo(ctx).ContinuedExecutionRunID == "" {
		// A journey begins, or begins again, with the event that started it.
		return l, workflow.Await(ctx, l.pending)
	}
	return l, nil
}

// round takes in what came, decides what is next, shows it, and does it or waits for it. It reports whether the run is over.
func (l *life) round(ctx workflow.Context) (over bool, err error) {
	l.streak++
	l.apply()
	d, err := l.decide(ctx)
	if err != nil {
		return true, err
	}
	if err := l.describe(ctx, d); err != nil {
		return true, err
	}
	switch due := l.due(ctx, d.Wake); {
	case l.pending():
		// Something came while the decision was made: it is part of the next one.
	case d.Close || workflow.GetInfo(ctx).GetContinueAsNewSuggested():
		over, err = l.leave(ctx, d)
	case due && d.Step.Activity != "" && l.streak < circling:
		l.perform(ctx, d)
	case due: // nothing to do at this very moment, or a policy that goes in circles: listen, and look again in a while
		l.streak, err = 0, l.wait(ctx, workflow.Now(ctx).Add(time.Minute), "look again")
	default:
		l.streak, err = 0, l.wait(ctx, d.Wake, d.Step.Summary)
	}
	return over || err != nil, err
}

// circling is how many decisions in a row may lead to a step at once before the journey is slowed to one a minute.
const circling = 50

// longest is the longest sleep, so that a new version of the worker reaches every loan within a month.
const longest = 31 * 24 * time.Hour

// life is what a workflow accompanies: the facts, and what this run knows besides.
type life struct {
	State
	inbox   []event.Event
	signals workflow.ReceiveChannel
	applied int              // events applied in this run
	decided int              // events that the last decision covers
	streak  int              // rounds since the last wait
	busy    bool             // a server-side activity runs: nobody should wait for it
	last    journey.Decision // the last decision
	timer   workflow.Future  // set for timerAt, unless that is zero
	timerAt time.Time
	unset   workflow.CancelFunc
}

// pending reports whether events wait to be applied.
func (l *life) pending() bool { return len(l.inbox) > 0 || l.signals.Len() > 0 }

// apply takes in all that waits, before the one decision that covers it.
func (l *life) apply() {
	for e := (event.Event{}); l.signals.ReceiveAsync(&e); e = (event.Event{}) {
		l.inbox = append(l.inbox, l.Journey.Screened(e)) // a signal has no validator
	}
	l.Journey.Apply(l.inbox...)
	l.applied += len(l.inbox)
	l.inbox = nil
}

// decide asks Decide in this worker, and through the server when that fails for whatever reason.
func (l *life) decide(ctx workflow.Context) (d journey.Decision, err error) {
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
func (l *life) describe(ctx workflow.Context, d journey.Decision) error {
	workflow.SetCurrentDetails(ctx, d.Details)
	if updates := attributes(d.Attributes); len(updates) > 0 {
		return workflow.UpsertTypedSearchAttributes(ctx, updates...)
	}
	return nil
}

// perform does the step. Its outcome, good or bad, is an event like any other. An event that comes while the step has
// not begun takes its place; one that has begun is seen to its end.
func (l *life) perform(ctx workflow.Context, d journey.Decision) {
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
func (l *life) leave(ctx workflow.Context, d journey.Decision) (bool, error) {
	err := workflow.Await(ctx, func() bool { return l.pending() || workflow.AllHandlersFinished(ctx) })
	switch {
	case err != nil || l.pending():
		return false, err
	case d.Close:
		return true, nil
	}
	return true, workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name, l.State)
}

// remote waits for an activity of the server's.
func (l *life) remote(ctx workflow.Context, f workflow.Future, result any) error {
	l.busy = true
	defer func() { l.busy = false }()
	return f.Get(ctx, result)
}

// due reports whether the time has come: the timer that was set for it fired, or it is past.
func (l *life) due(ctx workflow.Context, at time.Time) bool {
	fired := l.timer != nil && l.timerAt.Equal(at) && l.timer.IsReady() && !workflow.Now(ctx).Add(time.Millisecond).Before(at)
	return !at.IsZero() && (fired || !at.After(workflow.Now(ctx)))
}

// wait parks the loan until an event arrives or the time has come, events first. A timer already set for that time is
// kept. AwaitWithTimeout would leave the losing timer running.
func (l *life) wait(ctx workflow.Context, at time.Time, summary string) error {
	if !at.Equal(l.timerAt) || l.timer != nil && l.timer.IsReady() {
		l.unset()
		l.timer, l.timerAt, l.unset = nil, at, func() {}
		if !at.IsZero() {
			var timerCtx workflow.Context
			timerCtx, l.unset = workflow.WithCancel(ctx)
			sleep := min(at.Sub(workflow.Now(ctx)), longest)
			l.timer = workflow.NewTimerWithOptions(timerCtx, sleep, workflow.TimerOptions{Summary: summary})
		}
	}
	return workflow.Await(ctx, func() bool { return l.pending() || l.timer != nil && l.timer.IsReady() })
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
