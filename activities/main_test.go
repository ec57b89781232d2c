package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// role says what this program is when it was started by a test of its own: one of several workers, or one that dies.
const role = "ACTIVITIES_TEST_ROLE"

func TestMain(m *testing.M) {
	play, ok := map[string]func() error{"racer": race, "sender": send}[os.Getenv(role)]
	if !ok {
		devstacktest.Main(m)
	}
	if err := play(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// noon is when business time begins in these tests: a Wednesday, 12:00 in New York, so that no window shuts while they run.
var noon = time.Date(2026, 1, 14, 17, 0, 0, 0, time.UTC)

// office is a Postgres with borrowers and loans, and the door through which it hears of events.
type office struct {
	testing.TB
	url   string
	store *store.Store
	door  *intake.Door
	sql   *pgx.Conn
	count int
}

func open(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t, url: devstacktest.PostgresFrom(t, func(url string) error {
		return store.Migrate(context.Background(), url, bizclock.Clock{Start: noon, Origin: time.Now().UTC().Truncate(time.Microsecond), Rate: 1})
	})}
	var err error
	o.store, err = store.Open(t.Context(), o.url)
	require.NoError(t, err)
	t.Cleanup(o.store.Close)
	o.sql, err = pgx.Connect(t.Context(), o.url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.sql.Close(context.Background()) })
	o.door = intake.New(o.store, deaf{}, intake.Options{})
	return o
}

// deaf stands for the journeys, which are Temporal's: here they hear of everything and say nothing.
type deaf struct{}

func (deaf) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	return journey.Answer{Loan: e.Loan}, nil
}

// outreach returns the activities as a worker with such an environment has them.
func outreach(env settings.Environ, db *store.Store) (*activities.Outreach, error) {
	rules, err := compliance.Shipped()
	if err != nil {
		return nil, err
	}
	channels, err := channel.Configure(env.Get, channel.NewOutbox(activities.OutboxRows{Store: db}, nil, env.Get))
	return &activities.Outreach{Store: db, Rules: rules, Channels: channels, Lender: "Example Lender", Help: "call 555-0100"}, err
}

// worker returns the activities in this process, with more of an environment.
func (o *office) worker(env ...string) *activities.Outreach {
	o.Helper()
	all, err := outreach(env, o.store)
	require.NoError(o, err)
	return all
}

// calls returns the activity that gives work to people, as a worker has it.
func (o *office) calls() *activities.Calls {
	o.Helper()
	rules, err := compliance.Shipped()
	require.NoError(o, err)
	return &activities.Calls{Store: o.store, Rules: rules}
}

// happens sends an event through the door. A time other than now is set by at.
func (o *office) happens(kind, subject, data string, at ...time.Time) {
	o.Helper()
	o.count++
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("e-%d", o.count))
	e.SetSource("lender")
	e.SetType(kind)
	e.SetSubject(subject)
	for _, then := range at {
		e.SetTime(then)
	}
	require.NoError(o, e.SetData("application/json", json.RawMessage(data)))
	_, err := o.door.Take(o.Context(), e, "test")
	require.NoError(o, err)
}

// borrow pays loans out to a borrower. The first installment is overdue since Monday.
func (o *office) borrow(borrower string, loans ...string) {
	o.Helper()
	for _, loan := range loans {
		o.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
			"borrower": {"id": %q, "name": "Ada", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
				"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"},
					{"id": "mail", "channel": "email", "address": "ada@example.org"}, {"id": "app", "channel": "push", "address": "device-1"}]},
			"currency": "USD", "principal": "200.00", "disbursed_on": "2025-12-12", "time_zone": "America/New_York", "watermarks": false,
			"schedule": [{"due": "2026-01-12", "principal": "100.00"}, {"due": "2026-02-12", "principal": "100.00"}]}`, borrower))
	}
}

// order asks for a notice on a channel. It is made on all events that there are.
func (o *office) order(borrower, loan, key string, on contact.Channel) journey.Order {
	o.Helper()
	point := map[contact.Channel]string{contact.SMS: "mobile", contact.Email: "mail", contact.Push: "app"}[on]
	ordered := journey.Order{Loan: loan, Borrower: borrower, Seq: 7, Hash: "0123456789abcdef", Step: journey.Step{
		Kind: journey.Send, Key: key, At: noon, Reason: "arrears", Channel: on, Point: point, Purpose: contact.Collection, Template: "notice-1",
		Fill:     map[string]string{"currency": "USD", "amount": "100.00", "outstanding": "200.00", "past_due": "100.00", "past_due_since": "2026-01-12"},
		Activity: journey.SendMessage, Queue: journey.OutreachQueue(on),
	}}
	require.NoError(o, o.sql.QueryRow(o.Context(), `select last_number from loans where id = $1`, loan).Scan(&ordered.Number))
	return ordered
}

// ledger returns the contacts about a loan, oldest first, as "step by channel: disposition code".
func (o *office) ledger(loan string) (all []string) {
	o.Helper()
	rows, err := o.store.LoanContacts(o.Context(), loan)
	require.NoError(o, err)
	for _, row := range rows {
		line := fmt.Sprintf("%s by %s: %s", row.StepKey, row.Channel, row.Disposition)
		if row.Code != "" {
			line += " " + row.Code
		}
		all = append(all, line)
	}
	return all
}

// counted returns how many contacts of a borrower the rules count.
func (o *office) counted(borrower string) int {
	o.Helper()
	standing, err := o.store.Standing(o.Context(), borrower, noon.AddDate(-1, 0, 0))
	require.NoError(o, err)
	return len(standing.Attempts)
}

// facts are those on which a decision about a loan would be made now.
func (o *office) facts(loan string) strategy.Facts {
	o.Helper()
	rules, err := compliance.Shipped()
	require.NoError(o, err)
	all, err := strategy.Load("")
	require.NoError(o, err)
	for _, s := range all {
		_, err := o.store.KeepStrategy(o.Context(), sqlc.KeepStrategyParams{Hash: s.Hash, Name: s.Name, Version: s.Version, Yaml: s.Text})
		require.NoError(o, err)
	}
	now, err := o.store.Now(o.Context())
	require.NoError(o, err)
	facts, err := (&activities.Decider{Store: o.store, Rules: rules, Default: strategy.Default}).Facts(o.Context(), journey.Journey{Loan: loan}, now)
	require.NoError(o, err)
	return facts
}

// do performs an order, which must not fail.
func (o *office) do(worker *activities.Outreach, order journey.Order) journey.Outcome {
	o.Helper()
	outcome, err := worker.SendMessage(o.Context(), order)
	require.NoError(o, err)
	return outcome
}
