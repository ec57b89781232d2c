package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
	"github.com/tender-engine/tender/workflows"
)

// workWatched starts workers that do what a crew does and whose questions to Decide are seen.
func (i *installation) workWatched() *watcher {
	i.t.Helper()
	w := &watcher{}
	rules, err := compliance.Shipped()
	require.NoError(i.t, err)
	strategies, err := strategy.Load("")
	require.NoError(i.t, err)
	taken, err := worker.Publish(i.t.Context(), i.store, strategies)
	require.NoError(i.t, err)
	require.Empty(i.t, taken)
	journeys := sdkworker.New(i.temporal, journey.Queue, sdkworker.Options{
		Interceptors: []interceptor.WorkerInterceptor{w}, StickyScheduleToStartTimeout: time.Second, DeadlockDetectionTimeout: busy,
	})
	worker.RegisterWorkflows(journeys)
	decider := &activities.Decider{Store: i.store, Rules: rules, Default: strategy.Default, Served: channel.Written}
	journeys.RegisterActivityWithOptions(decider.Decide, activity.RegisterOptions{Name: journey.DecideActivity})
	require.NoError(i.t, journeys.Start())
	i.t.Cleanup(journeys.Stop)
	return w
}

// The server of these tests suggests to continue as new after 1,000 events of a history, not after 4,096. Here so many
// events of a loan come at once, by update and by signal, that it must happen in their midst.
func TestNothingIsLostAcrossContinueAsNew(t *testing.T) {
	t.Parallel()
	i := install(t, 24*time.Hour)
	watched := i.workWatched()
	i.disburse("L-1", "B-1")
	first := i.run("L-1")
	next, last := atomic.Int64{}, atomic.Int64{}
	next.Store(1) // the disbursement
	last.Store(5000)
	var senders sync.WaitGroup
	failures := make(chan error, 8)
	for range 8 {
		senders.Go(func() {
			for number := next.Add(1); number <= last.Load(); number = next.Add(1) {
				if err := i.bulk(number); err != nil {
					failures <- fmt.Errorf("event %d: %w", number, err)
					return
				}
				if number%50 == 0 && last.Load() == 5000 && i.run("L-1") != first {
					last.Store(number + 200) // it did; a few more, then enough
				}
			}
		})
	}
	senders.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	sent := last.Load()
	require.NotEqual(t, first, i.run("L-1"), "the loan did not continue as new")
	i.eventually("every event is applied", func() bool { return watched.last().Through == sent })
	j := watched.last()
	require.Empty(t, j.Ahead)
	require.Len(t, j.Promises, int(sent-1), "each event has one effect")
	seen := map[string]bool{}
	for _, p := range j.Promises {
		require.False(t, seen[p.ID], "%s twice", p.ID)
		seen[p.ID] = true
	}

	// The same events again, now in another run, have no effect.
	for _, number := range []int64{2, 3, 101, sent} {
		require.NoError(t, i.bulk(number))
	}
	asked := len(watched.asked())
	require.NoError(t, i.bulk(5)) // an update: it was answered, so what came before it is applied
	i.eventually("it is decided upon", func() bool { return len(watched.asked()) > asked })
	require.Len(t, watched.last().Promises, int(sent-1))
}

// bulk sends an event past the door, with a number of our own: odd ones as updates, even ones as signals.
func (i *installation) bulk(number int64) error {
	e := event.Event{
		Source: "bulk", ID: fmt.Sprint(number), Type: event.PromiseMade, Loan: "L-1", Number: number, At: monday,
		Data: json.RawMessage(fmt.Sprintf(`{"promise": "P-%d", "amount": "1.00", "currency": "USD", "by": "2026-01-15"}`, number)),
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if number%2 == 0 {
		return i.temporal.SignalWorkflow(ctx, journey.WorkflowID("L-1"), "", workflows.EventSignal, e)
	}
	c := courier.Courier{Temporal: i.temporal, Clock: i.store.Clock()}
	for {
		// Where a busy server does not answer in time the event may be sent again: it has one effect.
		if _, err := c.Deliver(ctx, e, nil); !errors.Is(err, intake.ErrUnavailable) || ctx.Err() != nil {
			return err
		}
	}
}

// run is the id of the loan's current run.
func (i *installation) run(loan string) string {
	d, err := i.temporal.DescribeWorkflowExecution(context.Background(), journey.WorkflowID(loan), "")
	if err != nil {
		i.t.Error(err)
		return ""
	}
	return d.WorkflowExecutionInfo.Execution.RunId
}

// In the test environment the very state that crosses is seen, and fed to the next run.
func TestTheJourneyCrossesContinueAsNewWhole(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-16", "40.00")
	l.env.RegisterDelayedCallback(func() { l.env.SetContinueAsNewSuggested(true) }, 12*24*time.Hour)
	l.env.ExecuteWorkflow(workflows.LoanWorkflow, workflows.State{Journey: journey.Journey{Loan: "L-1", Clock: bizclock.Real}})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, l.env.GetWorkflowError(), &next)
	var state workflows.State
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &state))
	require.Len(t, state.Journey.Done, 3, "welcome, first-week and a survey were done before")
	require.Equal(t, int64(2), state.Journey.Through)
	require.NotEmpty(t, state.Journey.Last.Hash)

	again := l.env.Now()
	env := environment()
	env.SetStartTime(again)
	env.SetContinuedExecutionRunID("the run before")
	l.enter(env)
	env.RegisterDelayedCallback(env.CancelWorkflow, 10*24*time.Hour)
	env.ExecuteWorkflow(workflows.LoanWorkflow, state)
	require.ErrorContains(t, env.GetWorkflowError(), "canceled")
	require.Equal(t, "Sun 2026-01-25 10:52:41  notice-2@2026-01-20 by sms: sent", l.story[len(l.story)-1],
		"at the very time of the life that did not continue as new")
}

// The server refuses to end a run when a signal reached it meanwhile, and so hides a loop that leaves too early. The
// test environment does not. A signal that is there when the decision returns, and the server suggests to continue as
// new, must be part of the state that crosses.
func TestWhatComesWhileTheServerDecidesCrossesContinueAsNew(t *testing.T) {
	t.Parallel()
	env := environment()
	env.RegisterWorkflowWithOptions(workflows.Loan, workflow.RegisterOptions{Name: workflows.LoanWorkflow})
	promise := func(number int64) {
		env.SignalWorkflow(workflows.EventSignal, event.Event{
			Source: "bulk", ID: fmt.Sprint(number), Type: event.PromiseMade, Loan: "L-1", Number: number, At: env.Now(),
			Data: json.RawMessage(fmt.Sprintf(`{"promise": "P-%d", "amount": "1.00", "currency": "USD", "by": "2026-01-15"}`, number)),
		})
	}
	env.RegisterActivityWithOptions(func(ctx context.Context, q activities.Question) (journey.Decision, error) {
		if activity.GetInfo(ctx).IsLocalActivity {
			return journey.Decision{}, errors.New("this worker cannot decide")
		}
		return journey.Decision{Seq: q.Journey.Through, Number: q.Journey.Through, Wake: q.Now.AddDate(1, 0, 0)}, nil
	}, activity.RegisterOptions{Name: journey.DecideActivity})
	asked := 0
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.IsLocalActivity {
			return
		}
		if asked++; asked == 1 {
			env.SetContinueAsNewSuggested(true)
			promise(2)
		}
	})
	env.RegisterDelayedCallback(func() { promise(1) }, time.Second)
	env.ExecuteWorkflow(workflows.LoanWorkflow, workflows.State{Journey: journey.Journey{Loan: "L-1", Clock: bizclock.Real}})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &next)
	var state workflows.State
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &state))
	require.Equal(t, int64(2), state.Journey.Through, "both events are applied")
	require.Len(t, state.Journey.Promises, 2)
	require.Equal(t, 2, asked, "the second is decided upon before the run ends")
}
