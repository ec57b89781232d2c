package workflows_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/worker"
)

func TestMain(m *testing.M) {
	// Most tests here wait for business time to pass, and not for a processor: as many as the flag -parallel says otherwise.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	devstacktest.Main(m)
}

// installation is a whole Tender on real servers, with a namespace and a database of its own.
type installation struct {
	t        *testing.T
	env      settings.Environ
	settings settings.Settings
	temporal client.Client
	store    *store.Store
	door     *intake.Door
	events   atomic.Int64
	logs     *logs
	// first is the day from which days count: zero unless the test said that it begins.
	first int
}

// logs keep what an installation logs.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// monday is when business time begins in tests: 9:00 in New York.
var monday = time.Date(2026, 1, 5, 14, 0, 0, 0, time.UTC)

// install starts an installation on which a business day takes day, without workers.
func install(t *testing.T, day time.Duration, env ...string) *installation {
	t.Helper()
	return installOn(t, devstacktest.Postgres(t), day, env...)
}

// installOn is install on an empty database.
func installOn(t *testing.T, url string, day time.Duration, env ...string) *installation {
	t.Helper()
	stack := devstacktest.Temporal(t, nil, "limit.historyCount.suggestContinueAsNew=1000")
	return installAt(t, stack.TemporalAddress, url, day, env...)
}

// installAt is installOn with a Temporal of the test's own.
func installAt(t *testing.T, temporal, url string, day time.Duration, env ...string) *installation {
	t.Helper()
	ctx := t.Context()
	namespace := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(t.Name(), "/", "-"), "_", "-")) + fmt.Sprint(time.Now().UnixNano())
	clock, err := bizclock.Day(monday, time.Now(), day)
	require.NoError(t, err)
	require.NoError(t, store.Migrate(ctx, url, clock))
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: temporal})
	require.NoError(t, err)
	t.Cleanup(namespaces.Close)
	require.NoError(t, namespaces.Register(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	i := &installation{t: t, logs: &logs{}, env: append([]string{
		"TEMPORAL_ADDRESS=" + temporal, "TEMPORAL_NAMESPACE=" + namespace, "DATABASE_URL=" + url,
		"TENDER_LENDER_NAME=Example Lender", "TENDER_HELP=call 555-0100", "TENDER_LOG=error",
	}, env...)}
	s, err := settings.Load(i.env)
	require.NoError(t, err)
	s.Log = slog.New(slog.NewTextHandler(i.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Temporal.Logger = log.NewStructuredLogger(s.Log)
	i.settings = s
	i.temporal, err = s.DialTemporal(ctx)
	require.NoError(t, err)
	t.Cleanup(i.temporal.Close)
	i.store, err = s.OpenStore(ctx)
	require.NoError(t, err)
	t.Cleanup(i.store.Close)
	i.eventually("the namespace can be used", func() bool {
		return worker.RegisterSearchAttributes(ctx, i.temporal, namespace) == nil
	})
	i.door = intake.New(i.store, &courier.Courier{Temporal: i.temporal, Clock: clock}, intake.Options{Log: s.Log, Patience: busy})
	return i
}

// work starts a crew in this process; it stops at the end of the test.
func (i *installation) work() *worker.Crew {
	i.t.Helper()
	crew, err := worker.New(i.t.Context(), worker.Config{Settings: i.settings, Temporal: i.temporal, Store: i.store})
	require.NoError(i.t, err)
	require.NoError(i.t, crew.Start())
	i.t.Cleanup(crew.Stop)
	return crew
}

// cloudEvent returns an event that happens now.
func (i *installation) cloudEvent(kind, subject, data string) cloudevents.Event {
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("e-%d", i.events.Add(1)))
	e.SetSource("lender")
	e.SetType(kind)
	e.SetSubject(subject)
	require.NoError(i.t, e.SetData("application/json", json.RawMessage(data)))
	return e
}

// happens sends an event through the door and returns the answer of its journey.
func (i *installation) happens(kind, subject, data string) journey.Answer {
	i.t.Helper()
	result, err := i.door.Take(i.t.Context(), i.cloudEvent(kind, subject, data), "test")
	require.NoError(i.t, err)
	if len(result.Loans) == 0 {
		return journey.Answer{}
	}
	return result.Loans[0].Answer
}

// disburse pays out a loan of three times 100, due after 10, 25 and 40 days.
func (i *installation) disburse(loan, borrower string) journey.Answer {
	i.t.Helper()
	now, err := i.store.Now(i.t.Context())
	require.NoError(i.t, err)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(i.t, err)
	return i.disburseOn(loan, borrower, bizclock.DateOf(now.In(zone)))
}

// disburseOn is disburse with a date of its own, for tests that name dates: business time goes on while they prepare.
func (i *installation) disburseOn(loan, borrower string, on bizclock.Date) journey.Answer {
	i.t.Helper()
	return i.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": %q, "name": "CANARY-name", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"preferred": "sms", "points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"},
			{"id": "mail", "channel": "email", "address": "canary@example.com"}]},
		"currency": "USD", "principal": "300.00", "disbursed_on": %q, "time_zone": "America/New_York", "watermarks": false,
		"schedule": [{"due": %q, "principal": "100.00"}, {"due": %q, "principal": "100.00"}, {"due": %q, "principal": "100.00"}]}`,
		borrower, on, on.AddDays(10), on.AddDays(25), on.AddDays(40)))
}

// eventually waits for a condition.
func (i *installation) eventually(what string, condition func() bool) {
	i.t.Helper()
	require.Eventually(i.t, condition, busy, 20*time.Millisecond, what)
}

// contacts returns the steps that led to a contact, in order, as "key by channel: disposition".
func (i *installation) contacts(loan string) (all []string) {
	i.t.Helper()
	rows, err := i.store.LoanContacts(context.WithoutCancel(i.t.Context()), loan)
	require.NoError(i.t, err)
	for _, row := range rows {
		all = append(all, fmt.Sprintf("%s by %s: %s", row.StepKey, row.Channel, row.Disposition))
	}
	return all
}
