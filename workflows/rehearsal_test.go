package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/rehearse/rehearsetest"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
	"github.com/tender-engine/tender/workflows"
)

// What a rehearsal says of a life is what the real workflow does, with the real activities on a real Postgres: the same steps, at
// the same times, with the same results. Besides the examples it lives what the two told differently once.
func TestARehearsalSaysWhatTheWorkflowDoes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../examples/scenarios/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 15)
	differed, err := filepath.Glob("testdata/rehearsals/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, differed)
	for _, file := range slices.Concat(files, differed) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := rehearse.Parse(file, text)
			require.NoError(t, err)
			livesAsRehearsed(t, s)
		})
	}
}

func TestARandomRehearsalSaysWhatTheWorkflowDoes(t *testing.T) {
	t.Parallel()
	for n := range randomRehearsals {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s, text := rehearsetest.Random(t, seed)
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("seed %d\n%s", seed, text)
				}
			})
			livesAsRehearsed(t, s)
		})
	}
}

// livesAsRehearsed compares both lives.
func livesAsRehearsed(t *testing.T, s *rehearse.Scenario) {
	t.Helper()
	life, err := s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
	var want []string
	for _, line := range life.Lines {
		if line.Kind == rehearse.Stepped {
			result := line.Result
			if result == journey.ResultTold {
				result = journey.ResultKept // nothing says where the lending system takes it
			}
			want = append(want, stepped(line.At, line.Step, line.Channel, result, line.Code))
		}
		if line.Kind == rehearse.Ended {
			want = append(want, line.At.Format(time.RFC3339)+" the journey ends")
			break
		}
	}
	require.Equal(t, strings.Join(want, "\n"), strings.Join(realLife(t, s), "\n"))
}

func stepped[C ~string](at time.Time, step string, by C, result journey.Result, code string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", at.UTC().Format(time.RFC3339), step, by, result, code))
}

// lived is a scenario in the real workflow.
type lived struct {
	*testing.T
	scenario *rehearse.Scenario
	env      *testsuite.TestWorkflowEnvironment
	db       *pgx.Conn
	store    *store.Store
	door     *intake.Door
	story    []string
	// kept is what waits for the end of a time in which nothing runs.
	kept  []func()
	fates []rehearse.Fate
}

// realLife lives a scenario in Temporal's test environment.
func realLife(t *testing.T, s *rehearse.Scenario) []string {
	t.Helper()
	l := &lived{T: t, scenario: s, env: environment(), fates: append([]rehearse.Fate(nil), s.Messages...)}
	l.env.SetStartTime(s.Begins())
	l.env.SetWorkerOptions(sdkworker.Options{
		Interceptors: []interceptor.WorkerInterceptor{&away{spans: s.Spans()}}, DeadlockDetectionTimeout: busy,
	})
	var err error
	url := devstacktest.PostgresFrom(t, migrated)
	l.db, err = pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.db.Close(context.Background()) })
	opened, err := store.Open(t.Context(), url, store.WithNow(func() time.Time { return l.env.Now() }))
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	l.store = opened
	l.door = intake.New(opened, l, intake.Options{})
	with := rehearsetest.Installation(t)
	taken, err := worker.Publish(t.Context(), opened, with.Strategies)
	require.NoError(t, err)
	require.Empty(t, taken)
	l.borrowedBefore()
	l.enter(with)
	all, err := s.Occurrences()
	require.NoError(t, err)
	for n, o := range all {
		l.env.RegisterDelayedCallback(func() { l.happens(n, o) }, o.At.Sub(s.Begins()))
	}
	l.env.RegisterDelayedCallback(l.env.CancelWorkflow, s.Ends().Sub(s.Begins()))
	l.env.ExecuteWorkflow(workflows.LoanWorkflow, workflows.State{Journey: journey.Journey{Loan: s.LoanID(), Clock: bizclock.Real}})
	require.True(t, l.env.IsWorkflowCompleted())
	if err := l.env.GetWorkflowError(); err == nil {
		l.story = append(l.story, l.env.Now().UTC().Format(time.RFC3339)+" the journey ends")
	} else {
		require.ErrorContains(t, err, "canceled")
	}
	return l.story
}

// borrowedBefore writes the borrower's earlier loans down: closed, and as many of them paid as were.
func (l *lived) borrowedBefore() {
	l.Helper()
	s := l.scenario
	if s.EarlierLoans == 0 {
		return
	}
	_, err := l.db.Exec(l.Context(), `insert into borrowers (id, name, language, time_zones, jurisdiction, preferred) values ($1, '', 'en', '{}', '', '')`, s.Borrower())
	require.NoError(l, err)
	for n := range s.EarlierLoans {
		reason := "cancelled"
		if n < s.SettledLoans {
			reason = "settled"
		}
		at := s.Begins().AddDate(-1, 0, n)
		_, err := l.db.Exec(l.Context(), `insert into loans (id, borrower_id, currency, time_zone, disbursed_at, source, closed_at, next_reason)
			values ($1, $2, 'USD', 'UTC', $3, 'lender', $4, $5)`, fmt.Sprintf("before-%d", n), s.Borrower(), at, at.AddDate(0, 1, 0), reason)
		require.NoError(l, err)
	}
}

func (l *lived) enter(with rehearse.Installation) {
	l.Helper()
	rules := *with.Rules
	rules.Party = l.scenario.Party
	set := channel.Set{}
	for _, c := range channel.Written {
		set[c] = l
	}
	outreach := &activities.Outreach{Store: l.store, Rules: &rules, Channels: set, Lender: "Example Lender", Help: "call 555-0100"}
	decider := &activities.Decider{Store: l.store, Rules: &rules, Products: with.Products, Default: strategy.Default, Served: channel.Written}
	register(l.env, map[string]any{
		journey.DecideActivity: decider.Decide, journey.SendMessage: l.told(outreach.SendMessage),
		journey.AssignTask:  l.told((&activities.Calls{Store: l.store, Rules: &rules}).AssignTask),
		journey.TellLender:  l.told((&activities.Lending{Store: l.store}).TellLender),
		journey.RecordEvent: l.told((&activities.Recorder{Store: l.store, Door: l.door}).RecordEvent),
	})
}

func (l *lived) told(do func(context.Context, journey.Order) (journey.Outcome, error)) any {
	return func(ctx context.Context, order journey.Order) (journey.Outcome, error) {
		o, err := do(ctx, order)
		if err != nil {
			return o, err // it is tried again
		}
		line := stepped(l.env.Now(), order.Step.Key, order.Step.Channel, o.Result, o.Code)
		if order.Step.Kind == journey.Record && slices.Contains(l.story, line) {
			return o, err // the environment cancels a step that its own event overtakes; a server sees to its end what has begun
		}
		l.story = append(l.story, line)
		if order.Step.Kind == journey.Task {
			l.ages()
		}
		return o, err
	}
}

// NoError fails the test without ending the goroutine, which is the environment's.
func (l *lived) NoError(err error) {
	if err != nil {
		l.Error(err)
	}
}

// happens sends an event through the door.
func (l *lived) happens(n int, o rehearse.Occurrence) {
	data := map[string]any{}
	l.NoError(json.Unmarshal(o.Data, &data))
	if o.Field != "" {
		data[o.Field] = l.found(o)
	}
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("e-%d", n))
	e.SetSource("lender")
	e.SetType(string(o.Type))
	e.SetSubject(o.Subject)
	l.NoError(e.SetData("application/json", data))
	if _, err := l.door.Take(context.Background(), e, "test"); err != nil {
		l.Errorf("%s on %s: %v", o.Type, o.At, err)
	}
	l.ages() // a reply, too, may be a task
}

// found is the id of the task, the request or the contact that a step led to.
func (l *lived) found(o rehearse.Occurrence) (id string) {
	query := map[string]string{
		"task":     `select key from tasks where loan_id = $1 and step_key = $2 order by attempt desc limit 1`,
		"approval": `select id from approvals where loan_id = $1 and step_key = $2 order by recorded_at desc limit 1`,
		"contact":  `select key from contacts where $1 = any (loan_ids) and step_key = $2 order by recorded_at desc limit 1`,
	}[o.Field]
	l.NoError(l.db.QueryRow(context.Background(), query, l.scenario.LoanID(), o.Step).Scan(&id))
	return id
}

// ages looks for tasks that nobody did once the time of the next one is over.
func (l *lived) ages() {
	var next *time.Time
	l.NoError(l.db.QueryRow(context.Background(), `select min(until_at) from tasks where done_at is null`).Scan(&next))
	if next == nil {
		return
	}
	l.env.RegisterDelayedCallback(func() {
		l.whenThere(func() {
			_, err := l.door.AgeOnce(context.Background())
			l.NoError(err)
			l.ages()
		})
	}, max(0, next.Sub(l.env.Now())))
}

// Deliver hands an event to the workflow under test. It cannot wait: it runs where the workflow would.
func (l *lived) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	if e.Loan != l.scenario.LoanID() {
		return journey.Answer{Loan: e.Loan}, nil
	}
	l.whenThere(func() {
		l.env.UpdateWorkflow(string(e.Type), fmt.Sprint(e.Number), &testsuite.TestUpdateCallback{
			OnAccept:   func() {},
			OnReject:   func(err error) { l.Errorf("%s was refused: %v", e.Type, err) },
			OnComplete: func(_ any, err error) { l.NoError(err) },
		}, e)
	})
	return journey.Answer{Loan: e.Loan, Pending: true}, nil
}

// whenThere does something now, or at the end of the time in which nothing runs: all of it at once, in its order.
func (l *lived) whenThere(do func()) {
	for _, span := range l.scenario.Spans() {
		now := l.env.Now()
		if now.Before(span[0]) || !now.Before(span[1]) {
			continue
		}
		l.kept = append(l.kept, do)
		if len(l.kept) == 1 {
			l.env.RegisterDelayedCallback(func() {
				all := l.kept
				l.kept = nil
				for _, do := range all {
					do()
				}
			}, span[1].Sub(now))
		}
		return
	}
	do()
}

// Name implements [channel.Adapter].
func (l *lived) Name() string { return "outbox" }

// Send implements [channel.Adapter]: what becomes of a message is as the scenario says.
func (l *lived) Send(_ context.Context, m channel.Message) (channel.Receipt, error) {
	var step string
	l.NoError(l.db.QueryRow(context.Background(), `select step_key from contacts where key = $1`, m.Key).Scan(&step))
	name, _, _ := strings.Cut(step, "@")
	for n := range l.fates {
		f := &l.fates[n]
		if f.Step != step && f.Step != name || f.Times < 0 {
			continue
		}
		if f.Times--; f.Times <= 0 {
			f.Times = -1
		}
		return channel.Receipt{}, map[rehearse.Result]*channel.Failure{
			rehearse.Bounced:   {Fate: channel.Refused, Code: "bounced", Permanent: true, Unusable: true},
			rehearse.Uncertain: {Fate: channel.Unknown, Code: "unknown"},
			rehearse.Failed:    {Fate: channel.Unreached, Code: "failed"},
		}[f.Result]
	}
	return channel.Receipt{Ref: m.Key}, nil
}

// away has timers that would fire while nothing runs fire at its end, as they do when no worker is there to hear them; behind what
// was told meanwhile, for an event comes before a time that is due with it.
type away struct {
	interceptor.WorkerInterceptorBase
	spans [][2]time.Time
}

// InterceptWorkflow implements [interceptor.WorkerInterceptor].
func (a *away) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &awayInbound{interceptor.WorkflowInboundInterceptorBase{Next: next}, a.spans}
}

type awayInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	spans [][2]time.Time
}

// Init implements [interceptor.WorkflowInboundInterceptor].
func (a *awayInbound) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	return a.Next.Init(&awayOutbound{interceptor.WorkflowOutboundInterceptorBase{Next: outbound}, a.spans})
}

type awayOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	spans [][2]time.Time
}

// NewTimerWithOptions implements [interceptor.WorkflowOutboundInterceptor].
func (a *awayOutbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, options workflow.TimerOptions) workflow.Future {
	now := workflow.Now(ctx)
	for _, span := range a.spans {
		if fires := now.Add(d); !fires.Before(span[0]) && fires.Before(span[1]) {
			d = span[1].Sub(now) + time.Nanosecond
		}
	}
	return a.Next.NewTimerWithOptions(ctx, d, options)
}
