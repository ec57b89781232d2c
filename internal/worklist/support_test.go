package worklist_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/worklist"
)

// role says what this program is when a test of its own started it: an agent's process, which dies.
const role = "WORKLIST_TEST_ROLE"

func TestMain(m *testing.M) {
	play, ok := map[string]func() error{"takes": takes, "holds": holds}[os.Getenv(role)]
	if !ok {
		devstacktest.Main(m)
	}
	if err := play(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// noon is when business time begins: a Wednesday, 12:00 in New York. Before, everybody's wall stood at origin.
var (
	noon   = time.Date(2026, 1, 14, 17, 0, 0, 0, time.UTC)
	origin = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
)

// office is a Postgres, the door of events, and a desk at which agents get their tasks. Business time stands still until it is moved.
type office struct {
	testing.TB
	url   string
	store *store.Store
	door  *intake.Door
	desk  *worklist.Desk
	sql   *pgxpool.Pool
	count int

	mu  sync.Mutex
	now time.Time
}

func migrate(url string) error {
	return store.Migrate(context.Background(), url, bizclock.Clock{Start: noon, Origin: origin, Rate: 1})
}

func open(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t, url: devstacktest.PostgresFrom(t, migrate), now: noon}
	var err error
	o.store, err = store.Open(t.Context(), o.url, store.WithNow(func() time.Time {
		o.mu.Lock()
		defer o.mu.Unlock()
		return origin.Add(o.now.Sub(noon))
	}))
	require.NoError(t, err)
	t.Cleanup(o.store.Close)
	o.sql, err = pgxpool.New(t.Context(), o.url)
	require.NoError(t, err)
	t.Cleanup(o.sql.Close)
	o.door = intake.New(o.store, deaf{}, intake.Options{})
	o.desk = desk(t, o.store)
	return o
}

func desk(t testing.TB, s *store.Store) *worklist.Desk {
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	return &worklist.Desk{Store: s, Rules: rules, Lender: "Example Lender", Help: "call 555-0100"}
}

// deaf stands for the journeys: they hear of everything, and say nothing.
type deaf struct{}

func (deaf) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	return journey.Answer{Loan: e.Loan}, nil
}

func (deaf) Preapprove(_ context.Context, e event.Event) (preapproval.Answer, error) {
	return preapproval.Answer{Application: e.Application}, nil
}

// later moves business time.
func (o *office) later(by time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(by)
}

// exec changes the database behind everybody's back.
func (o *office) exec(sql string, args ...any) {
	o.Helper()
	_, err := o.sql.Exec(o.Context(), sql, args...)
	require.NoError(o, err)
}

// one returns the only value that a query returns.
func (o *office) one(sql string, args ...any) (value string) {
	o.Helper()
	rows, err := o.sql.Query(o.Context(), sql, args...)
	require.NoError(o, err)
	value, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string])
	require.NoError(o, err)
	return value
}

// take sends an event through the door.
func (o *office) take(kind, subject, data string) error {
	o.Helper()
	o.count++
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("e-%d", o.count))
	e.SetSource("lender")
	e.SetType(kind)
	e.SetSubject(subject)
	require.NoError(o, e.SetData("application/json", json.RawMessage(data)))
	_, err := o.door.Take(o.Context(), e, "test")
	return err
}

// happens sends an event that must be taken, and that every journey decides upon.
func (o *office) happens(kind, subject, data string) {
	o.Helper()
	require.NoError(o, o.take(kind, subject, data))
	o.decide()
}

// decide has every journey decide upon what it was told of, as far as the worklist can tell.
func (o *office) decide() {
	o.Helper()
	o.exec(`update loans set seq = seq + 1`)
	o.exec(`insert into decisions (loan_id, seq, hash, at, body) select id, seq, 'h', now(), jsonb_build_object('number', last_number) from loans`)
}

// borrow pays a loan out to a borrower with a telephone. Its first installment is overdue.
func (o *office) borrow(borrower, loan string) {
	o.Helper()
	o.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": %q, "name": "Ada Lovelace", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"}, {"id": "phone", "channel": "call", "address": "+12125550143"}]},
		"currency": "USD", "principal": "200.00", "disbursed_on": "2025-12-12", "time_zone": "America/New_York", "watermarks": false,
		"schedule": [{"due": "2026-01-12", "principal": "100.00"}, {"due": "2026-02-12", "principal": "100.00"}]}`, borrower))
	o.exec(`update loans set past_due = 100, outstanding = 200, past_due_since = '2026-01-12' where id = $1`, loan)
}

// assign has the journey of a loan give a person something to do, and returns the task's id. For a purpose, it is to call.
func (o *office) assign(borrower, loan, reason string, purpose contact.Purpose) string {
	o.Helper()
	o.count++
	order := journey.Order{Loan: loan, Borrower: borrower, Seq: int64(o.count), Hash: "0123456789abcdef", Step: journey.Step{
		Kind: journey.Task, Key: fmt.Sprintf("%s@%d", reason, o.count), Reason: reason, Purpose: purpose, Activity: journey.AssignTask, Queue: journey.Queue,
	}}
	require.NoError(o, o.sql.QueryRow(o.Context(), `select last_number from loans where id = $1`, loan).Scan(&order.Number))
	given, err := (&activities.Calls{Store: o.store, Rules: o.desk.Rules}).AssignTask(o.Context(), order)
	require.NoError(o, err)
	require.Equal(o, journey.ResultAssigned, given.Result, given.Code)
	return given.Contact
}

// toCall is a task to call a new borrower.
func (o *office) toCall(name string) string {
	o.Helper()
	o.later(time.Second) // the oldest comes first
	o.borrow("B-"+name, "L-"+name)
	return o.assign("B-"+name, "L-"+name, "no_channel", contact.Collection)
}

// next hands an agent the next task, of which nothing may have gone wrong.
func (o *office) next(agent string) worklist.Handed {
	o.Helper()
	handed, err := o.desk.Next(o.Context(), agent, worklist.Lease)
	require.NoError(o, err)
	return handed
}

// gets is [office.next] for when there is one.
func (o *office) gets(agent string) worklist.Task {
	o.Helper()
	handed := o.next(agent)
	require.NotNil(o, handed.Task, "%+v", handed.Skipped)
	return *handed.Task
}

// completes reports what came of a call.
func (o *office) completes(task worklist.Task, agent, rest string) {
	o.Helper()
	o.happens("call.completed", "loan/"+task.Loan, fmt.Sprintf(`{"task": %q, "agent": %q, %s}`, task.ID, agent, rest))
}

// attempts are the contacts of a borrower that rules count.
func (o *office) attempts(borrower string) []contact.Attempt {
	o.Helper()
	standing, err := o.store.Standing(o.Context(), borrower, noon.AddDate(-1, 0, 0))
	require.NoError(o, err)
	return standing.Attempts
}
