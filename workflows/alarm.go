package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// alarm is the one timer of a workflow.
type alarm struct {
	timer workflow.Future // set for at, unless that is zero
	at    time.Time
	unset workflow.CancelFunc
}

// due reports whether the time has come: the timer that was set for it fired, or it is past.
func (a *alarm) due(ctx workflow.Context, at time.Time) bool {
	fired := a.timer != nil && a.at.Equal(at) && a.timer.IsReady() && !workflow.Now(ctx).Add(time.Millisecond).Before(at)
	return !at.IsZero() && (fired || !at.After(workflow.Now(ctx)))
}

// wait parks the workflow until an event arrives or the time has come, events first. A timer already set for that time is
// kept. AwaitWithTimeout would leave the losing timer running.
func (a *alarm) wait(ctx workflow.Context, at time.Time, summary string, pending func() bool) error {
	if !at.Equal(a.at) || a.timer != nil && a.timer.IsReady() {
		if a.unset != nil {
			a.unset()
		}
		a.timer, a.at, a.unset = nil, at, nil
		if !at.IsZero() {
			var timerCtx workflow.Context
			timerCtx, a.unset = workflow.WithCancel(ctx)
			sleep := min(at.Sub(workflow.Now(ctx)), longest)
			a.timer = workflow.NewTimerWithOptions(timerCtx, sleep, workflow.TimerOptions{Summary: summary})
		}
	}
	return workflow.Await(ctx, func() bool { return pending() || a.timer != nil && a.timer.IsReady() })
}
