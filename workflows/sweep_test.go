package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/workflows"
)

// sweeper sweeps this installation's journeys.
func (i *installation) sweeper() *courier.Sweeper {
	return &courier.Sweeper{Temporal: i.temporal, Namespace: i.settings.Temporal.Namespace, Store: i.store, Log: i.settings.Log}
}

// sweepOf is the sweep that an event asked for.
func (i *installation) sweepOf(id string) sqlc.Sweep {
	i.t.Helper()
	row, err := i.store.SweepOf(i.t.Context(), sqlc.SweepOfParams{Source: "lender", ID: id})
	require.NoError(i.t, err)
	return row
}

// seq is the number of the last decision about a loan.
func (i *installation) seq(loan string) int64 {
	i.t.Helper()
	rows, err := i.store.ListLoans(i.t.Context(), sqlc.ListLoansParams{Now: i.now(), LoanID: loan, Most: 1})
	require.NoError(i.t, err)
	require.Len(i.t, rows, 1)
	return rows[0].Seq
}

// reason is why the next step of a loan is what it is.
func (i *installation) reason(loan string) string {
	rows, err := i.store.ListLoans(i.t.Context(), sqlc.ListLoansParams{Now: i.now(), LoanID: loan, Most: 1})
	if err != nil || len(rows) == 0 {
		return "not to be read"
	}
	return rows[0].NextReason
}

// stops sends an event about a whole region or installation, and returns its id.
func (i *installation) stops(kind, subject, data string) string {
	i.t.Helper()
	e := i.cloudEvent(kind, subject, data)
	_, err := i.door.Take(i.t.Context(), e, "test")
	require.NoError(i.t, err)
	return e.ID()
}

func TestAHoldOnARegionHasEveryJourneyThereAndNoOtherPlanAnew(t *testing.T) {
	t.Parallel()
	i := install(t, 24*time.Hour)
	i.work()
	const each = 20
	loans := map[string][]string{}
	for _, place := range []string{"us-tx", "US-TX-Harris", "us-txx"} {
		for n := range each {
			loan := fmt.Sprintf("%s-%d", place, n)
			i.disburse(loan, "B-"+loan)
			i.happens("borrower.updated", "borrower/B-"+loan, fmt.Sprintf(`{"jurisdiction": %q}`, place))
			loans[place] = append(loans[place], loan)
		}
	}
	before := map[string]int64{}
	for _, loan := range slices.Concat(loans["us-tx"], loans["US-TX-Harris"], loans["us-txx"]) {
		i.made(loan, "welcome@2026-01-05")
		i.parked(loan)
		before[loan] = i.seq(loan)
	}
	i.eventually("visibility knows where everybody lives", func() bool {
		found, err := i.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: courier.Query("us-tx")})
		return err == nil && found.Count == 2*each
	})

	id := i.stops("hold.placed", "region/us-tx", `{"hold": "flood", "kind": "disaster_or_bereavement"}`)
	var seen []courier.Sweep
	began := time.Now()
	row := i.sweepOf(id)
	row.Rate = 20
	end, err := i.sweeper().Follow(t.Context(), row, func(s courier.Sweep) { seen = append(seen, s) })
	require.NoError(t, err)
	took := time.Since(began)

	require.Equal(t, courier.SweepDone, end.State)
	require.Equal(t, int64(2*each), end.Total)
	require.Equal(t, int64(2*each), end.Done)
	require.Zero(t, end.Failed)
	t.Logf("%d journeys at 20 a second took %s; reported %d times", end.Total, took, len(seen))
	for _, loan := range slices.Concat(loans["us-tx"], loans["US-TX-Harris"]) {
		i.eventually(loan+" plans anew", func() bool { return i.seq(loan) > before[loan] && i.reason(loan) == "hold" })
	}
	for _, loan := range loans["us-txx"] {
		require.Equal(t, before[loan], i.seq(loan), "%s lives elsewhere", loan)
	}

	// The same again costs nothing: the job is known.
	again, err := i.sweeper().Start(t.Context(), i.sweepOf(id))
	require.NoError(t, err)
	require.Equal(t, end.Job, again.Job)
	require.Equal(t, courier.SweepDone, again.State)
	row = i.sweepOf(id)
	row.FinishedAt = nil // as for who read the row before it was finished
	again, err = i.sweeper().Start(t.Context(), row)
	require.NoError(t, err)
	require.Equal(t, courier.SweepDone, again.State)
	after := i.seq("us-tx-0")

	// Nobody follows its release, so a worker does.
	released := i.stops("hold.released", "region/us-tx", `{"hold": "flood"}`)
	i.exec(`update sweeps set next_try = now() where finished_at is null`)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { i.sweeper().Run(ctx); close(ended) }()
	i.eventually("a worker sweeps", func() bool { return i.sweepOf(released).FinishedAt != nil })
	stop()
	<-ended
	i.eventually("it plans anew", func() bool { return i.seq("us-tx-0") > after && i.reason("us-tx-0") != "hold" })
}

// A message waits in its queue when contacts are halted. The sweep takes it from there; if it did not, the reservation would
// refuse it.
func TestAHaltReachesAMessageThatIsQueued(t *testing.T) {
	t.Parallel()
	i := install(t, longDay, "TENDER_RATES=sms=0.02")
	i.work()
	others := 0
	i.eventually("messages wait behind the limit", func() bool {
		others++
		loan := fmt.Sprintf("other-%d", others)
		i.disburse(loan, "B-"+loan)
		return others > 12 && i.waits(loan)
	})
	loan := i.remindedLater()

	id := i.stops("contacts.halted", "", `{"halt": "HALT-1", "reason": "a drill"}`)
	_, err := i.sweeper().Follow(t.Context(), i.sweepOf(id), func(courier.Sweep) {})
	require.NoError(t, err)

	i.becomes(loan, reminder, journey.ResultCancelled, journey.ResultHeld)
	i.eventually("it waits", func() bool { return i.reason(loan) == "halted" || !i.waits(loan) })
	require.Empty(t, i.rows(loan), "nothing was reserved")
}

// exec changes the database behind everybody's back.
func (i *installation) exec(statement string) {
	i.t.Helper()
	i.count(`with done as (` + statement + ` returning 1) select count(*) from done`)
}

// look is what a sweep sends.
func look(n int) event.Event {
	return event.Event{Source: "tender", ID: fmt.Sprintf("sweep-%d", n), Type: event.LookAgain}
}

// What a sweep sends wakes a journey and changes nothing of it, also when it comes while the server decides and the run is
// about to be continued as a new one.
func TestALookWakesAJourneyAndIsNotLostAcrossContinueAsNew(t *testing.T) {
	t.Parallel()
	env := environment()
	env.RegisterWorkflowWithOptions(workflows.Loan, workflow.RegisterOptions{Name: workflows.LoanWorkflow})
	var asked []activities.Question
	env.RegisterActivityWithOptions(func(_ context.Context, q activities.Question) (journey.Decision, error) {
		asked = append(asked, q)
		if len(asked) == 3 { // the third is the answer to the look below; another comes meanwhile
			env.SetContinueAsNewSuggested(true)
			env.SignalWorkflow(workflows.EventSignal, look(2))
		}
		return journey.Decision{Seq: int64(len(asked)), Number: q.Journey.Through, Wake: q.Now.AddDate(1, 0, 0)}, nil
	}, activity.RegisterOptions{Name: journey.DecideActivity})
	env.RegisterDelayedCallback(func() {
		env.SignalWorkflow(workflows.EventSignal, event.Event{
			Source: "bulk", ID: "1", Type: event.PromiseMade, Loan: "L-1", Number: 1, At: env.Now(),
			Data: json.RawMessage(`{"promise": "P-1", "amount": "1.00", "currency": "USD", "by": "2026-01-15"}`),
		})
	}, time.Second)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.EventSignal, look(0)) }, time.Hour)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.EventSignal, look(1)) }, 2*time.Hour)
	env.ExecuteWorkflow(workflows.LoanWorkflow, workflows.State{Journey: journey.Journey{Loan: "L-1", Clock: bizclock.Real}})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &next)
	require.Len(t, asked, 4, "each look is decided upon, the last one before the run ends")
	require.Equal(t, time.Hour-time.Second, asked[1].Now.Sub(asked[0].Now), "at once, and not when the timer fires")
	var state workflows.State
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &state))
	require.Equal(t, int64(1), state.Journey.Through)
	require.Len(t, state.Journey.Promises, 1)
	asked[3].Journey.Last, asked[0].Journey.Last = journey.Standpoint{}, journey.Standpoint{}
	require.Equal(t, asked[0].Journey, asked[3].Journey, "it says nothing of the loan")
}

// The histories of earlier releases know what a sweep sends: their loop decides on every signal. A real one is replayed whole
// and at every prefix.
func TestAHistoryWithLooksReplays(t *testing.T) {
	t.Parallel()
	i := install(t, 24*time.Hour)
	watched := i.workWatched()
	i.disburse("L-1", "B-1")
	for n := range 3 {
		asked := len(watched.asked())
		require.NoError(t, i.temporal.SignalWorkflow(t.Context(), journey.WorkflowID("L-1"), "", workflows.EventSignal, look(n)))
		i.eventually("it is decided anew", func() bool { return len(watched.asked()) > asked })
	}
	i.eventually("it rests", func() bool {
		d, err := i.temporal.DescribeWorkflowExecution(t.Context(), journey.WorkflowID("L-1"), "")
		return err == nil && d.PendingWorkflowTask == nil
	})
	h := history(t, i.temporal, "L-1")
	signals := 0
	for _, e := range h.Events {
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED {
			signals++
		}
	}
	require.Equal(t, 3, signals)
	for _, prefix := range append(prefixes(h), h) {
		_, err := replay(t, prefix)
		require.NoError(t, err, "up to event %d", len(prefix.Events))
	}
}

// Nothing depends on the sweep: here nobody sweeps. Messages that fall due in the region afterwards are refused as they are
// reserved, and their journeys then wait.
func TestNothingLeavesForARegionThatIsHeldAlthoughNobodySweeps(t *testing.T) {
	t.Parallel()
	i := install(t, 2*time.Second)
	i.work()
	const loans = 24
	for n := range loans {
		i.disburse(fmt.Sprintf("L-%d", n), fmt.Sprintf("B-%d", n))
	}
	const made = `select count(*) from contacts`
	i.eventually("a message leaves", func() bool { return i.count(made) > 0 })

	i.stops("hold.placed", "region/us", `{"hold": "flood", "kind": "disaster_or_bereavement"}`)
	before := i.count(made)
	i.day(16, 0) // with a welcome, a follow-up, two reminders and a notice in between

	require.Equal(t, before, i.count(made), "of %d loans", loans)
	for n := range loans {
		loan := fmt.Sprintf("L-%d", n)
		i.eventually(loan+" waits", func() bool { return i.reason(loan) == "hold" || i.reason(loan) == "charge_off" })
		require.LessOrEqual(t, i.seq(loan), int64(40), "%s does not go in circles", loan)
	}
	require.Positive(t, i.count(`select count(*) from held_back where rule = 'tender/hold'`))
}
