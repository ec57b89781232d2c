package workflows_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
	"github.com/tender-engine/tender/workflows"
)

var update = flag.Bool("update", false, "write the golden files anew")

// life runs one loan, or one application, through Temporal's test environment, where time is skipped, with the real activities on a real
// Postgres that is told the environment's time.
type life struct {
	*testing.T
	env   *testsuite.TestWorkflowEnvironment
	store *store.Store
	door  *intake.Door
	zone  *time.Location
	story []string
	count int
	// about is the subject of its events, id what is accompanied, and workflow what accompanies it.
	about, id, workflow string
	// rulebooks is a folder of a lender's own.
	rulebooks string
}

// envCourier hands events to the workflow under test. It cannot wait: it runs where the workflow would.
type envCourier struct{ *life }

func (c envCourier) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	c.env.UpdateWorkflow(string(e.Type), fmt.Sprint(e.Number), &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { c.Errorf("%s was refused: %v", e.Type, err) },
		OnComplete: func(_ any, err error) { c.NoError(err) },
	}, e)
	return journey.Answer{Loan: e.Loan, Pending: true}, nil
}

func (l *life) NoError(err error) {
	if err != nil {
		l.Error(err)
	}
}

func migrated(url string) error { return store.Migrate(context.Background(), url, bizclock.Real) }

// live is the life of a loan of three times 100.
func live(t *testing.T, rulebooks ...string) *life {
	t.Helper()
	l := begin(t, "loan/L-1", "L-1", workflows.LoanWorkflow, rulebooks...)
	l.at("2026-01-05 09:00", "loan.disbursed", `{
		"borrower": {"id": "B-1", "name": "Ada", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"preferred": "sms", "points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"},
			{"id": "mail", "channel": "email", "address": "ada@example.com"}]},
		"currency": "USD", "principal": "300.00", "disbursed_on": "2026-01-05", "time_zone": "America/New_York", "watermarks": false,
		"schedule": [{"due": "2026-01-20", "principal": "100.00"}, {"due": "2026-02-04", "principal": "100.00"},
			{"due": "2026-02-19", "principal": "100.00"}]}`)
	return l
}

// applied is the life of an application that was pre-approved.
func applied(t *testing.T) *life {
	t.Helper()
	l := begin(t, "application/A-1", event.ApplicationLoan("A-1"), workflows.PreapprovalWorkflow)
	l.at("2026-01-05 09:00", "application.preapproved", `{
		"borrower": {"id": "B-1", "name": "Ada", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"}, {"id": "home", "channel": "call", "address": "+12125550143"}]},
		"product": "installment_12", "currency": "USD", "amount": "1000.00", "total": "1090.00", "installments": 12}`)
	return l
}

// begin prepares a life without its first event.
func begin(t *testing.T, about, id, workflow string, rulebooks ...string) *life {
	t.Helper()
	l := &life{T: t, rulebooks: strings.Join(rulebooks, ""), env: environment(), about: about, id: id, workflow: workflow}
	l.env.SetStartTime(monday)
	opened, err := store.Open(t.Context(), devstacktest.PostgresFrom(t, migrated), store.WithNow(func() time.Time { return l.env.Now() }))
	require.NoError(t, err)
	t.Cleanup(opened.Close)
	l.store, l.door = opened, intake.New(opened, envCourier{l}, intake.Options{})
	l.zone, err = time.LoadLocation("America/New_York")
	require.NoError(t, err)
	strategies, err := strategy.Load("")
	require.NoError(t, err)
	taken, err := worker.Publish(t.Context(), opened, strategies)
	require.NoError(t, err)
	require.Empty(t, taken)
	l.enter(l.env)
	return l
}

// busy is how long a machine may be too busy to let a workflow go on.
const busy = 3 * time.Minute

// environment is one that does not write of everything it does: what a test says of its failure is to be found.
func environment() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(busy)
	env.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: busy})
	return env
}

// enter makes an environment the one in which the life goes on.
func (l *life) enter(env *testsuite.TestWorkflowEnvironment) {
	l.Helper()
	l.env = env
	rules, err := compliance.Load(l.rulebooks)
	require.NoError(l, err)
	outbox := channel.NewOutbox(activities.OutboxRows{Store: l.store}, nil, func(string) string { return "" })
	set := channel.Set{}
	for _, c := range channel.Written {
		set[c] = outbox
	}
	outreach := &activities.Outreach{Store: l.store, Rules: rules, Channels: set, Lender: "Example Lender", Help: "call 555-0100"}
	products, err := hardship.Load("")
	require.NoError(l, err)
	decider := &activities.Decider{Store: l.store, Rules: rules, Products: products, Default: strategy.Default, Served: channel.Written}
	register(env, map[string]any{
		journey.DecideActivity: decider.Decide, journey.SendMessage: l.told(outreach.SendMessage),
		journey.AssignTask: l.told((&activities.Calls{Store: l.store, Rules: rules}).AssignTask),
		journey.TellLender: l.told((&activities.Lending{Store: l.store}).TellLender),
	})
}

// register makes the workflow and activities known to an environment.
func register(env *testsuite.TestWorkflowEnvironment, all map[string]any) {
	worker.RegisterWorkflows(env)
	for name, do := range all {
		env.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: name})
	}
}

// told wraps an activity so that the story tells what it did, and when.
func (l *life) told(do func(context.Context, journey.Order) (journey.Outcome, error)) any {
	return func(ctx context.Context, order journey.Order) (journey.Outcome, error) {
		o, err := do(ctx, order)
		how := string(o.Channel)
		if how == "" {
			how = string(order.Step.Kind)
		}
		l.tell("%s by %s: %s %s", order.Step.Key, how, o.Result, o.Code)
		return o, err
	}
}

func (l *life) tell(format string, args ...any) {
	l.story = append(l.story, strings.TrimSpace(l.env.Now().In(l.zone).Format("Mon 2006-01-02 15:04:05  ")+fmt.Sprintf(format, args...)))
}

// at sends an event at a time in New York.
func (l *life) at(when, kind, data string) {
	l.when(when, kind, func() string { return data })
}

// when is [life.at] with data that are known only then.
func (l *life) when(when, kind string, data func() string) {
	at, err := time.ParseInLocation("2006-01-02 15:04", when, l.zone)
	require.NoError(l, err)
	l.count++
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("e-%d", l.count))
	e.SetSource("lender")
	e.SetType(kind)
	e.SetSubject(l.about)
	if strings.HasPrefix(kind, "borrower.") || strings.HasPrefix(kind, "consent.") {
		e.SetSubject("borrower/B-1")
	}
	l.env.RegisterDelayedCallback(func() {
		l.tell("← %s", kind)
		l.NoError(e.SetData("application/json", json.RawMessage(data())))
		if _, err := l.door.Take(context.Background(), e, "test"); err != nil {
			l.Errorf("%s: %v", kind, err)
		}
	}, at.Sub(monday))
}

// answers answers the request for approval that is open.
func (l *life) answers(when, kind string) {
	l.when(when, kind, func() string {
		open, err := l.store.ListApprovals(context.Background(), sqlc.ListApprovalsParams{Now: l.env.Now(), Most: 10})
		if l.NoError(err); len(open) != 1 {
			l.Errorf("%d requests are open, not one", len(open))
			return `{}`
		}
		return fmt.Sprintf(`{"approval": %q}`, open[0].ID)
	})
}

func (l *life) pays(when, amount string) {
	l.at(when+" 12:00", "payment.posted", fmt.Sprintf(`{"transaction": "T-%s", "amount": %q, "currency": "USD", "value_date": %q}`, when, amount, when))
}

// ninetyDays lives, and compares the story with the golden one.
func (l *life) ninetyDays() {
	l.Helper()
	l.env.RegisterDelayedCallback(l.env.CancelWorkflow, 90*24*time.Hour)
	l.env.ExecuteWorkflow(l.workflow, workflows.State{Journey: journey.Journey{Loan: l.id, Clock: bizclock.Real}})
	require.True(l, l.env.IsWorkflowCompleted())
	if err := l.env.GetWorkflowError(); err == nil {
		l.tell("the journey ends")
	} else {
		require.ErrorContains(l, err, "canceled")
	}
	row, err := l.store.LastDecision(context.Background(), l.id)
	require.NoError(l, err)
	var last strategy.Explanation
	require.NoError(l, json.Unmarshal(row.Body, &last))
	owed := fmt.Sprintf(", %s %s owed", last.Outstanding, last.Currency)
	if l.workflow == workflows.PreapprovalWorkflow {
		owed = "" // nothing is, yet
	}
	l.story = append(l.story, fmt.Sprintf("at last: %s%s, next: %s (%s)", last.Stage, owed, last.Step.Kind, last.Step.Reason))
	got := strings.Join(l.story, "\n") + "\n"
	golden := filepath.Join("testdata", "lives", strings.TrimPrefix(l.Name(), "Test")+".txt")
	if *update {
		require.NoError(l, os.MkdirAll(filepath.Dir(golden), 0o755))
		require.NoError(l, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(l, err)
	require.Equal(l, string(want), got)
}

func TestALoanThatIsPaidEarlyEachTime(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-15", "100.00")
	l.pays("2026-01-30", "100.00")
	l.pays("2026-02-14", "100.00")
	l.ninetyDays()
}

func TestALoanThatIsPaidOnTheDay(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-20", "100.00")
	l.pays("2026-02-04", "100.00")
	l.pays("2026-02-19", "100.00")
	l.ninetyDays()
}

func TestALoanWhosePaymentIsForgottenOnce(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-23", "100.00")
	l.pays("2026-02-04", "100.00")
	l.pays("2026-02-19", "100.00")
	l.ninetyDays()
}

func TestALoanThatIsPaidAfterTheSecondNotice(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-27", "100.00")
	l.pays("2026-02-03", "200.00")
	l.ninetyDays()
}

func TestALoanThatIsPaidInParts(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-19", "60.00")
	l.pays("2026-01-22", "40.00")
	l.pays("2026-02-04", "50.00")
	l.pays("2026-02-12", "150.00")
	l.ninetyDays()
}

func TestALoanThatIsSettledEarly(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.pays("2026-01-20", "100.00")
	l.at("2026-01-28 11:00", "loan.settled", `{"on": "2026-01-28", "reason": "early_settlement"}`)
	l.ninetyDays()
}

func TestABorrowerWhoAnswersStop(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-10 18:00", "borrower.replied", `{"channel": "sms", "point": "mobile", "text": "STOP"}`)
	l.ninetyDays()
}

func TestADisputeThatIsRaisedAndResolved(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-22 15:00", "dispute.raised", `{"dispute": "D-1", "text": "I paid this"}`)
	l.at("2026-02-10 15:00", "dispute.resolved", `{"dispute": "D-1", "outcome": "rejected"}`)
	l.pays("2026-02-20", "300.00")
	l.ninetyDays()
}

func TestABorrowerWhoDies(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-21 14:00", "borrower.died", `{"on": "2026-01-19"}`)
	l.ninetyDays()
}

func TestALoanThatIsNeverPaid(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-03-23 10:00", "loan.written_off", `{"on": "2026-03-23"}`)
	l.ninetyDays()
}

func TestAPromiseThatIsForgottenAndThenKept(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-22 15:00", "promise.made", `{"promise": "P-1", "currency": "USD", "parts": [
		{"amount": "40.00", "by": "2026-01-25"}, {"amount": "60.00", "by": "2026-02-01"}]}`)
	l.pays("2026-01-24", "40.00")
	l.pays("2026-02-06", "260.00")
	l.ninetyDays()
}

func TestABorrowerInHardshipWhoKeepsToAPlan(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-22 12:00", "hardship.reported", `{"cause": "job_loss", "expected_months": 3, "text": "I lost my job.",
		"income": {"amount": "900.00", "currency": "USD"}, "essential_costs": {"amount": "820.00", "currency": "USD"}}`)
	l.at("2026-01-24 12:00", "borrower.replied", `{"channel": "sms", "point": "mobile", "text": "Yes please"}`)
	l.pays("2026-02-04", "75.00")
	l.pays("2026-03-04", "75.00")
	l.ninetyDays()
}

func TestANewScheduleAndAPaymentThatComesBack(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-21 12:00", "loan.rescheduled", `{"schedule": [{"due": "2026-02-10", "principal": "150.00"}, {"due": "2026-03-10", "principal": "150.00"}], "reason": "re_age"}`)
	l.pays("2026-02-09", "150.00")
	l.at("2026-02-20 12:00", "payment.reversed", `{"transaction": "R-1", "reverses": "T-2026-02-09", "amount": "150.00", "currency": "USD", "value_date": "2026-02-20"}`)
	l.ninetyDays()
}

// A lender's rulebook advises against a second message about arrears within thirty days. Of the second a person approves, of the
// third not, and nobody answers about the fourth.
func TestALoanWhoseNoticesNeedApproval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "seldom.yaml"), []byte(`rulebook: seldom
version: 2026-01-01
title: Seldom
jurisdictions: [us]
rules:
  - id: one-a-month
    title: One message about arrears in thirty days
    citation: the lender's policy
    confidence: C1
    strength: soft
    purposes: [collection]
    counter: {max: 1, of: message, rolling_days: 30, key: borrower, counts: {purposes: [collection]}}
`), 0o600))
	l := live(t, dir)
	l.answers("2026-01-25 18:00", "approval.granted")
	l.answers("2026-02-02 18:00", "approval.refused")
	l.ninetyDays()
}

func TestAnApplicantWhoIsVerifiedOnTheSecondCall(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.ages()
	l.called("2026-01-05 11:00", `"disposition": "no_answer"`)
	l.called("2026-01-06 11:00", `"disposition": "right_party", "application": {"outcome": "verified", "questions": ["when is the first payment?"]}`)
	l.ninetyDays()
}

func TestAnApplicantWhoIsNeverReached(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.ages()
	l.called("2026-01-05 11:00", `"disposition": "no_answer"`)
	l.called("2026-01-06 15:00", `"disposition": "voicemail"`)
	l.called("2026-01-07 18:00", `"disposition": "no_answer"`)
	l.ninetyDays()
}

// Nobody but a person may call any more, and none does.
func TestAnApplicantWhoAnswersStop(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.ages()
	l.at("2026-01-05 10:00", "borrower.replied", `{"channel": "sms", "point": "mobile", "text": "STOP"}`)
	l.ninetyDays()
}
