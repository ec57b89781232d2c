package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/worker"
)

// longDay leaves a machine that takes its time some seconds for what has to be done within hours.
const longDay = time.Minute

const reminder = "reminder-ahead@2026-01-08"

// remind pays out a loan that is to be reminded on the day on which business time begins, or on the two after it, and
// about which nothing else is to be said then.
func (i *installation) remind(loan string) {
	i.t.Helper()
	i.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": "B-%s", "name": "Ada", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"}]},
		"currency": "USD", "principal": "200.00", "disbursed_on": "2025-12-20", "time_zone": "America/New_York", "watermarks": false,
		"schedule": [{"due": "2026-01-08", "principal": "100.00"}, {"due": "2026-02-08", "principal": "100.00"}]}`, loan))
}

func TestAReminderBehindTheRateLimitIsNotSentAfterThePayment(t *testing.T) {
	t.Parallel()
	i := install(t, longDay, "TENDER_RATES=sms=0.02")
	i.work()
	// The limit lets a few messages through before it holds: others take those, and wait in front.
	others := 0
	i.eventually("messages wait behind the limit", func() bool {
		others++
		loan := fmt.Sprintf("other-%d", others)
		i.disburse(loan, "B-"+loan)
		return others > 12 && i.waits(loan)
	})
	loan := i.remindedLater()

	answer := i.pays(loan, "100.00")

	require.True(t, answer.Pending || answer.Next != "", "the payer is answered although a message waits: %+v", answer)
	i.becomes(loan, reminder, journey.ResultCancelled, journey.ResultSuperseded) // the latter if its turn came that moment
	require.Empty(t, i.rows(loan), "nothing was reserved")
}

// remindedLater pays out a loan whose reminder waits behind the limit.
func (i *installation) remindedLater() string {
	i.t.Helper()
	for n := range 5 {
		loan := fmt.Sprintf("L-%d", n)
		i.remind(loan)
		sent, seen := false, 0
		i.eventually("its reminder waits", func() bool {
			if sent = len(i.rows(loan)) > 0; i.waits(loan) {
				seen++ // one that is seen once may be about to be taken up
			}
			return sent || seen >= 20
		})
		if !sent {
			return loan
		} // it slipped through a part of the queue that had one left
	}
	i.t.Fatal("the limit does not hold")
	return ""
}

// waits reports whether a message about a loan waits for its turn.
func (i *installation) waits(loan string) bool {
	i.t.Helper()
	d, err := i.temporal.DescribeWorkflowExecution(i.t.Context(), journey.WorkflowID(loan), "")
	require.NoError(i.t, err)
	for _, a := range d.PendingActivities {
		if a.ActivityType.Name == journey.SendMessage && a.State == enumspb.PENDING_ACTIVITY_STATE_SCHEDULED {
			return true
		}
	}
	return false
}

// becomes waits until the last thing that was done about a loan is a step with one of some results.
func (i *installation) becomes(loan, step string, results ...journey.Result) {
	i.t.Helper()
	var last atomic.Value
	done := assert.Eventually(i.t, func() bool {
		key, result, _ := strings.Cut(i.lastStep(loan), " ")
		last.Store(key + " " + result)
		return key == step && slices.Contains(results, journey.Result(result))
	}, busy, 20*time.Millisecond)
	require.True(i.t, done, "%s was to be %s; the last step is %s", step, results, last.Load())
}

// lastStep is the last thing that was done about a loan, with its result.
func (i *installation) lastStep(loan string) string {
	loans, err := i.store.ListLoans(i.t.Context(), sqlc.ListLoansParams{Now: i.now(), LoanID: loan, Most: 1})
	if err != nil || len(loans) == 0 {
		return "not to be read"
	}
	return loans[0].LastStep
}

// A message that a worker has in its hands cannot be called back: then it is the reservation that finds the payment.
func TestAReminderThatAWorkerHasInItsHandsIsNotSentAfterThePayment(t *testing.T) {
	t.Parallel()
	i := install(t, longDay)
	hand := &gate{begun: make(chan struct{}), open: make(chan struct{})}
	i.settings.Temporal.Interceptors = []interceptor.ClientInterceptor{&gatekeeper{gate: hand}}
	temporal, err := i.settings.DialTemporal(t.Context())
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	crew, err := worker.New(t.Context(), worker.Config{Settings: i.settings, Temporal: temporal, Store: i.store})
	require.NoError(t, err)
	require.NoError(t, crew.Start())
	t.Cleanup(crew.Stop)
	i.remind("L-1")
	i.eventually("a worker has the reminder in its hands", func() bool {
		select {
		case <-hand.begun:
			return true
		default:
			return false
		}
	})

	answer := i.pays("L-1", "100.00")
	close(hand.open)

	require.True(t, answer.Pending || answer.Next != "", "%+v", answer)
	i.becomes("L-1", reminder, journey.ResultSuperseded)
	require.Empty(t, i.rows("L-1"))
}

// gate is where messages wait until it is open.
type gate struct {
	once        sync.Once
	begun, open chan struct{}
}

// gatekeeper has messages wait at a gate when their activity has begun.
type gatekeeper struct {
	interceptor.ClientInterceptorBase
	interceptor.WorkerInterceptorBase
	gate *gate
}

func (k *gatekeeper) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	i := &gated{gate: k.gate}
	i.Next = next
	return i
}

type gated struct {
	interceptor.ActivityInboundInterceptorBase
	gate *gate
}

func (g *gated) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	if activity.GetInfo(ctx).ActivityType.Name == journey.SendMessage {
		g.gate.once.Do(func() { close(g.gate.begun) })
		<-g.gate.open
	}
	return g.Next.ExecuteActivity(ctx, in)
}
