package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/gateway"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/worker"
)

// whole is a stack with a worker and a gateway, whose servers a test may stop.
type whole struct {
	*testing.T
	stack *devstack.Stack
	store *store.Store
	url   string
	today bizclock.Date

	temporal client.Client
}

func start(t *testing.T) *whole {
	t.Helper()
	ctx := t.Context()
	stack, err := devstack.Start(ctx, devstack.Options{
		Ephemeral: true, DatabaseURL: devstack.PrivateDatabase, SearchAttributes: journey.SearchAttributes, Log: io.Discard,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	require.NoError(t, store.Migrate(ctx, stack.DatabaseURL, bizclock.Real))
	s, err := settings.Load(settings.Environ{
		"TEMPORAL_ADDRESS=" + stack.TemporalAddress, "DATABASE_URL=" + stack.DatabaseURL, "TENDER_LOG=error",
	})
	require.NoError(t, err)
	s.Log = slog.New(slog.DiscardHandler)
	temporal, err := s.DialTemporal(ctx)
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	opened, err := s.OpenStore(ctx)
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	crew, err := worker.New(ctx, worker.Config{Settings: s, Temporal: temporal, Store: opened})
	require.NoError(t, err)
	require.NoError(t, crew.Start())
	t.Cleanup(crew.Stop)
	server := httptest.NewServer(gateway.New(gateway.Config{
		Door: intake.New(opened, &courier.Courier{Temporal: temporal, Clock: opened.Clock()}, intake.Options{
			Patience: 3 * time.Second, // nobody wants to wait ten for a Temporal that was stopped
		}),
		Store: opened,
		Temporal: func(ctx context.Context) error {
			_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
	}))
	t.Cleanup(server.Close)
	now, err := opened.Now(ctx)
	require.NoError(t, err)
	newYork, err := time.LoadLocation("America/New_York") // where the loan's dates are: a payment of a date to come does not count yet
	require.NoError(t, err)
	return &whole{T: t, stack: stack, store: opened, url: server.URL, today: bizclock.DateOf(now.In(newYork)), temporal: temporal}
}

// post sends an event and returns status and body.
func (w *whole) post(id, kind, subject, data string) (int, string) {
	w.Helper()
	body := fmt.Sprintf(`{"specversion": "1.0", "source": "/lending/core", "id": %q, "type": %q, "subject": %q, "data": %s}`, id, kind, subject, data)
	response, err := http.Post(w.url+"/v1/events", "application/cloudevents+json", strings.NewReader(body))
	require.NoError(w, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(w, err)
	if response.StatusCode == http.StatusServiceUnavailable {
		require.NotEmpty(w, response.Header.Get("Retry-After"))
	}
	return response.StatusCode, string(text)
}

func (w *whole) disburse(loan string) (int, string) {
	return w.post("d-"+loan, "loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": "B-1", "name": "Ada", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"}]},
		"currency": "USD", "principal": "100.00", "disbursed_on": %q, "time_zone": "America/New_York", "watermarks": false,
		"schedule": [{"due": %q, "principal": "100.00"}]}`, w.today.AddDays(-1), w.today.AddDays(30)))
}

func (w *whole) pay(loan, id, amount string) (int, string) {
	return w.post(id, "payment.posted", "loan/"+loan, fmt.Sprintf(`{"transaction": %q, "amount": %q, "currency": "USD", "value_date": %q}`, id, amount, w.today))
}

// eventually waits until a post is answered as wanted.
func (w *whole) eventually(want int, post func() (int, string)) string {
	w.Helper()
	var body string
	require.Eventually(w, func() bool {
		status, text := post()
		body = text
		return status == want
	}, 60*time.Second, 200*time.Millisecond, "no answer %d, but %s", want, body)
	return body
}

// decided waits until a post is accepted and its journey has decided upon it: an answer that was pending says more later.
func (w *whole) decided(post func() (int, string)) string {
	w.Helper()
	body := ""
	require.Eventually(w, func() bool {
		status, text := post()
		body = text
		return status == http.StatusAccepted && !strings.Contains(text, `"pending"`)
	}, 60*time.Second, 200*time.Millisecond, "still pending: %s", body)
	return body
}

func TestNothingIsLostWhenTemporalOrPostgresIsAway(t *testing.T) {
	t.Parallel()
	w := start(t)
	status, body := w.disburse("L-1")
	require.Equal(t, http.StatusAccepted, status, body)

	// Temporal is away: a STOP binds all the same, and its journey hears of it later, once.
	require.NoError(t, w.stack.Temporal.Stop())
	stop := func() (int, string) {
		return w.post("r-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	}
	status, body = stop()
	require.Equal(t, http.StatusServiceUnavailable, status, body)
	standing, err := w.store.Standing(t.Context(), "B-1", time.Time{})
	require.NoError(t, err)
	_, out := standing.OptedOut(contact.SMS, "mobile", contact.Collection, time.Now().Add(time.Hour))
	require.True(t, out, "the STOP binds although it was answered 503")
	require.NoError(t, w.stack.Temporal.Start(t.Context()))
	first := w.decided(stop)
	status, body = stop()
	require.Equal(t, http.StatusAccepted, status)
	require.JSONEq(t, first, body, "the same answer again")
	standing, err = w.store.Standing(t.Context(), "B-1", time.Time{})
	require.NoError(t, err)
	require.Len(t, standing.Wishes, 1, "one effect")

	// Postgres is away: nothing is kept, and the payment counts once when it comes again.
	require.NoError(t, w.stack.Postgres.Stop())
	status, body = w.pay("L-1", "p-1", "40.00")
	require.Equal(t, http.StatusServiceUnavailable, status, body)
	require.NoError(t, w.stack.Postgres.Start(t.Context()))
	w.eventually(http.StatusAccepted, func() (int, string) { return w.pay("L-1", "p-1", "40.00") })
	status, _ = w.pay("L-1", "p-1", "40.00")
	require.Equal(t, http.StatusAccepted, status)
	w.owes("L-1", "60.00", journey.Welcome)
}

func TestAClosedLoanKeepsItsAnswersAndOpensAgainWhenItsPaymentIsReversed(t *testing.T) {
	t.Parallel()
	w := start(t)
	status, body := w.disburse("L-1")
	require.Equal(t, http.StatusAccepted, status, body)
	// STOP, so that no thank-you has to wait for the morning.
	w.post("r-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	first := w.decided(func() (int, string) { return w.pay("L-1", "p-1", "100.00") })
	w.owes("L-1", "0", journey.Closed)
	status, again := w.pay("L-1", "p-1", "100.00")
	require.Equal(t, http.StatusAccepted, status, again)
	require.JSONEq(t, first, again)
	status, body = w.pay("L-1", "p-1", "90.00")
	require.Equal(t, http.StatusConflict, status, body)
	status, body = w.disburse("L-2")
	require.Equal(t, http.StatusAccepted, status, body)

	status, body = w.post("v-1", "payment.reversed", "loan/L-1", fmt.Sprintf(
		`{"transaction": "v-1", "reverses": "p-1", "amount": "100.00", "currency": "USD", "value_date": %q}`, w.today))
	require.Equal(t, http.StatusAccepted, status, body)
	w.owes("L-1", "100.00", journey.Welcome)
	status, body = w.pay("L-1", "p-2", "100.00")
	require.Equal(t, http.StatusAccepted, status, body)
	w.owes("L-1", "0", journey.Closed)
}

func TestAnEventThatAClosedLoanRefusesStartsNoWorkflow(t *testing.T) {
	t.Parallel()
	w := start(t)
	status, body := w.disburse("L-1")
	require.Equal(t, http.StatusAccepted, status, body)
	w.post("r-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	status, body = w.pay("L-1", "p-1", "100.00")
	require.Equal(t, http.StatusAccepted, status, body)
	w.owes("L-1", "0", journey.Closed)
	w.runs("L-1", enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)

	early := fmt.Sprintf(`{"transaction": "p-2", "amount": "1.00", "currency": "USD", "value_date": %q}`, w.today.AddDays(-9))
	status, first := w.post("p-2", "payment.posted", "loan/L-1", early)
	require.Equal(t, http.StatusBadRequest, status, first)
	require.Contains(t, first, "data.value_date")
	w.runs("L-1", enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	status, body = w.post("p-2", "payment.posted", "loan/L-1", early)
	require.Equal(t, http.StatusBadRequest, status, body)
	require.JSONEq(t, first, body)
}

func TestAnEventForAWorkflowThatIsGoneSaysSoAndIsHandedOverAfterItsReset(t *testing.T) {
	t.Parallel()
	w := start(t)
	status, body := w.disburse("L-1")
	require.Equal(t, http.StatusAccepted, status, body)
	require.NoError(t, w.temporal.TerminateWorkflow(t.Context(), journey.WorkflowID("L-1"), "", "by mistake"))
	pay := func() (int, string) { return w.pay("L-1", "p-1", "40.00") }
	for range 2 {
		status, body = pay()
		require.Equal(t, http.StatusServiceUnavailable, status, body)
		require.Contains(t, body, "journey-gone")
		require.Contains(t, body, "L-1")
		require.Contains(t, body, "docs/operating.md")
	}
	waiting, err := w.store.Undelivered(t.Context(), sqlc.UndeliveredParams{Wall: time.Now().Add(-time.Hour), Most: 9})
	require.NoError(t, err)
	require.Len(t, waiting, 1, "what the doctor lists, at once")
	require.Equal(t, "L-1", waiting[0].LoanID)
	status, body = w.disburse("L-2")
	require.Equal(t, http.StatusAccepted, status, "others go on: %s", body)

	run, err := w.temporal.DescribeWorkflowExecution(t.Context(), journey.WorkflowID("L-1"), "")
	require.NoError(t, err)
	id := run.GetWorkflowExecutionInfo().GetExecution()
	finish := int64(0)
	events := w.temporal.GetWorkflowHistory(t.Context(), id.GetWorkflowId(), id.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
			finish = e.GetEventId()
		}
	}
	_, err = w.temporal.ResetWorkflowExecution(t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace: "default", WorkflowExecution: id, Reason: "terminated by mistake", WorkflowTaskFinishEventId: finish, RequestId: "reset-1",
	})
	require.NoError(t, err)
	w.eventually(http.StatusAccepted, pay)
	w.owes("L-1", "60.00", journey.Welcome)
}

// runs waits until the last run of a loan's workflow has a status.
func (w *whole) runs(loan string, status enumspb.WorkflowExecutionStatus) {
	w.Helper()
	require.Eventually(w, func() bool {
		run, err := w.temporal.DescribeWorkflowExecution(w.Context(), journey.WorkflowID(loan), "")
		return err == nil && run.GetWorkflowExecutionInfo().GetStatus() == status
	}, 30*time.Second, 50*time.Millisecond)
}

// owes waits until a loan stands as wanted.
func (w *whole) owes(loan, amount string, stage journey.Stage) {
	w.Helper()
	var e struct {
		Outstanding string        `json:"outstanding"`
		Stage       journey.Stage `json:"stage"`
	}
	require.Eventually(w, func() bool {
		row, err := w.store.LastDecision(w.Context(), loan)
		return err == nil && json.Unmarshal(row.Body, &e) == nil && e.Stage == stage &&
			strings.TrimSuffix(e.Outstanding, ".00") == strings.TrimSuffix(amount, ".00")
	}, 60*time.Second, 50*time.Millisecond, "it is %s and owes %s", e.Stage, e.Outstanding)
}
