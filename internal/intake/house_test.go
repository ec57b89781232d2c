package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

func migrate(url string) error { return store.Migrate(context.Background(), url, bizclock.Real) }

// house is a door on a real Postgres, with journeys that live in memory instead of in Temporal.
type house struct {
	t        testing.TB
	url      string
	store    *store.Store
	pool     *pgxpool.Pool
	door     *intake.Door
	journeys *journeys
}

func newHouse(t testing.TB, options ...intake.Options) *house {
	t.Helper()
	return houseAt(t, devstacktest.PostgresFrom(t, migrate), options...)
}

func houseAt(t testing.TB, url string, options ...intake.Options) *house {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	h := &house{t: t, url: url, store: s, pool: pool, journeys: &journeys{all: map[string]*journey.Journey{}, cases: map[string]*preapproval.Case{}}}
	h.door = intake.New(s, h.journeys, append(options, intake.Options{})[0])
	return h
}

// take sends one event, written as happened writes it.
func (h *house) take(text string) (intake.Result, error) {
	h.t.Helper()
	e, err := intake.Parse([]byte(text))
	if err != nil {
		return intake.Result{}, err
	}
	return h.door.Take(context.Background(), e, "tester")
}

// must is [house.take] for events that are accepted.
func (h *house) must(text string) intake.Result {
	h.t.Helper()
	result, err := h.take(text)
	require.NoError(h.t, err)
	return result
}

// query returns what a query of one column returns, as text.
func (h *house) query(sql string, args ...any) []string {
	h.t.Helper()
	rows, err := h.pool.Query(context.Background(), sql, args...)
	require.NoError(h.t, err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	require.NoError(h.t, err)
	texts := []string{}
	for _, v := range values {
		if v == nil {
			texts = append(texts, "-")
		} else {
			texts = append(texts, *v)
		}
	}
	return texts
}

// exec changes the database behind the door's back.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.pool.Exec(context.Background(), sql, args...)
	require.NoError(h.t, err)
}

// everything is the content of all tables, to tell whether anything was kept. Sequences may have gaps.
func (h *house) everything() string {
	h.t.Helper()
	var all strings.Builder
	for _, table := range h.query(`select table_name::text from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like 'goose%' order by 1`) {
		fmt.Fprintln(&all, table, h.query(`select t::text from `+pgx.Identifier{table}.Sanitize()+` t order by 1`))
	}
	return all.String()
}

// happened writes a CloudEvent. Its source is /core unless an attribute says otherwise; attributes are pairs of name and value.
func happened(id, kind, subject, data string, attributes ...string) string {
	e := map[string]any{"specversion": "1.0", "source": "/core", "id": id, "type": kind}
	if subject != "" {
		e["subject"] = subject
	}
	if data != "" {
		e["data"] = json.RawMessage(data)
	}
	for n := 0; n < len(attributes); n += 2 {
		e[attributes[n]] = attributes[n+1]
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// disbursed is the disbursement of a loan to a borrower.
func disbursed(loan, borrower string) string {
	return happened("disbursed-"+loan, "loan.disbursed", "loan/"+loan, `{
		"borrower": {"id": "`+borrower+`", "name": "Ada Canary", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "mobile", "channel": "sms", "address": "+15550100"}, {"id": "home", "channel": "email", "address": "ada@canary.example"}]},
		"currency": "USD", "principal": "300.00", "disbursed_on": "2026-01-15", "time_zone": "America/New_York",
		"schedule": [{"due": "2026-02-15", "principal": "100.00", "interest": "5.00"},
			{"due": "2026-03-15", "principal": "100.00", "interest": "5.00"}, {"due": "2026-04-15", "principal": "100.00", "interest": "5.00"}]}`)
}

// paid is a payment on a loan.
func paid(loan, id string) string {
	return happened(id, "payment.posted", "loan/"+loan, `{"transaction": "`+id+`", "amount": "105.00", "currency": "USD", "value_date": "2026-02-10"}`)
}

// replied is a text that a borrower sent.
func replied(borrower, id, text string) string {
	return happened(id, "borrower.replied", "borrower/"+borrower, `{"channel": "sms", "point": "mobile", "text": "`+text+`"}`)
}

// journeys is the courier of these tests. It keeps real journeys, and answers with what they know.
type journeys struct {
	mu    sync.Mutex
	all   map[string]*journey.Journey
	cases map[string]*preapproval.Case
	away  bool
	// refuse, pending and fail say of an event whether it is refused, answered pending, or fails.
	refuse  func(event.Event) *intake.Refusal
	pending func(event.Event) bool
	fail    func(event.Event) error
	// calls are the deliveries in the order in which they came, effects those that changed a journey.
	calls, effects []event.Event
	resumed        []*journey.Journey
}

func (j *journeys) Deliver(_ context.Context, e event.Event, resume *journey.Journey) (journey.Answer, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.away {
		return journey.Answer{}, fmt.Errorf("dial: %w", intake.ErrUnavailable)
	}
	j.calls = append(j.calls, e)
	if j.fail != nil {
		if err := j.fail(e); err != nil {
			return journey.Answer{}, err
		}
	}
	if j.refuse != nil {
		if refusal := j.refuse(e); refusal != nil {
			return journey.Answer{}, fmt.Errorf("update: %w", refusal)
		}
	}
	there, ok := j.all[e.Loan]
	switch {
	case resume != nil:
		j.resumed = append(j.resumed, resume)
		there = resume
	case !ok && e.Type == event.LoanDisbursed:
		there = &journey.Journey{Loan: e.Loan}
	case !ok:
		return journey.Answer{}, errors.New("there is no workflow of that id")
	}
	var wrong *event.Error
	if errors.As(there.Accepts(e), &wrong) {
		return journey.Answer{}, &intake.Refusal{Field: wrong.Field, Reason: wrong.Reason}
	}
	if !there.Knows(e.Number) {
		there.Apply(e)
		j.effects = append(j.effects, e)
	}
	j.all[e.Loan] = there
	if j.pending != nil && j.pending(e) {
		return journey.Answer{Loan: e.Loan, Pending: true}, nil
	}
	return journey.Answer{Loan: e.Loan, Stage: journey.Current, Next: fmt.Sprintf("after-%d", e.Number), Reason: "calm"}, nil
}

// Preapprove keeps real cases, and answers with what they know.
func (j *journeys) Preapprove(_ context.Context, e event.Event) (preapproval.Answer, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.away {
		return preapproval.Answer{}, fmt.Errorf("dial: %w", intake.ErrUnavailable)
	}
	there, ok := j.cases[e.Application]
	if !ok {
		if e.Type != event.ApplicationPreapproved {
			return preapproval.Answer{}, intake.ErrEnded
		}
		there = &preapproval.Case{Application: e.Application}
		j.cases[e.Application] = there
	}
	var wrong *event.Error
	if errors.As(there.Accepts(e), &wrong) {
		return preapproval.Answer{}, &intake.Refusal{Field: wrong.Field, Reason: wrong.Reason}
	}
	if !there.Knows(e.Number) {
		there.Apply(e)
		j.effects = append(j.effects, e)
	}
	return preapproval.Answer{Application: e.Application, State: preapproval.Open, Verdict: there.Verdict}, nil
}

// set changes how the journeys behave.
func (j *journeys) set(change func(*journeys)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(j)
}

// told returns type and number of the events that had an effect on a loan's journey.
func (j *journeys) told(loan string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	told := []string{}
	for _, e := range j.effects {
		if e.Loan == loan {
			told = append(told, fmt.Sprintf("%d %s", e.Number, e.Type))
		}
	}
	slices.Sort(told)
	return told
}

func asField(t testing.TB, err error) *event.Error {
	t.Helper()
	var wrong *event.Error
	require.ErrorAs(t, err, &wrong)
	return wrong
}

type cloudevent = cloudevents.Event
