package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/gateway"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// migrate makes a database in which the version of a strategy is published that the example of strategy.assigned names.
func migrate(url string) error {
	ctx := context.Background()
	if err := store.Migrate(ctx, url, bizclock.Real); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `insert into strategies (hash, name, version, yaml) values ('0123456789abcdef', 'gentle-installment', '2', '')`)
	return err
}

// site is a gateway on a real Postgres, with a courier that only remembers.
type site struct {
	t       testing.TB
	url     string
	store   *store.Store
	courier *courier
	server  *httptest.Server
	log     *bytes.Buffer
	header  http.Header
}

func newSite(t testing.TB, change ...func(*gateway.Config)) *site {
	t.Helper()
	s := &site{t: t, url: devstacktest.PostgresFrom(t, migrate), courier: &courier{}, log: &bytes.Buffer{}, header: http.Header{}}
	var err error
	s.store, err = store.Open(t.Context(), s.url)
	require.NoError(t, err)
	t.Cleanup(s.store.Close)
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := gateway.Config{Store: s.store, Door: intake.New(s.store, s.courier, intake.Options{Log: log}), Log: log}
	for _, f := range change {
		f(&c)
	}
	s.server = httptest.NewServer(gateway.New(c))
	t.Cleanup(s.server.Close)
	return s
}

// courier answers for the journeys.
type courier struct {
	mu        sync.Mutex
	away      bool
	gone      bool
	refuse    *intake.Refusal
	delivered []event.Event
}

func (c *courier) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away {
		return journey.Answer{}, intake.ErrUnavailable
	}
	if c.gone {
		return journey.Answer{}, intake.ErrEnded
	}
	if c.refuse != nil {
		return journey.Answer{}, c.refuse
	}
	c.delivered = append(c.delivered, e)
	return journey.Answer{Loan: e.Loan, Stage: journey.Welcome, Next: "welcome@2026-01-16", Reason: "follow_up"}, nil
}

func (c *courier) set(change func(*courier)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(method, path, media, body string) answer {
	s.t.Helper()
	q, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	q.Header = s.header.Clone()
	if media != "" {
		q.Header.Set("Content-Type", media)
	}
	r, err := http.DefaultClient.Do(q)
	require.NoError(s.t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	require.NoError(s.t, err)
	return answer{r.StatusCode, r.Header, string(text)}
}

func (s *site) get(path string) answer { s.t.Helper(); return s.do(http.MethodGet, path, "", "") }

func (s *site) post(body string) answer {
	s.t.Helper()
	return s.do(http.MethodPost, "/v1/events", "application/cloudevents+json", body)
}

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	require.NoError(s.t, err)
	defer conn.Close(s.t.Context())
	_, err = conn.Exec(s.t.Context(), sql, args...)
	require.NoError(s.t, err)
}

func (s *site) query(sql string) (text string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	require.NoError(s.t, err)
	defer conn.Close(s.t.Context())
	require.NoError(s.t, conn.QueryRow(s.t.Context(), sql).Scan(&text))
	return text
}

// problem is the body of an answer that says no.
type problem struct {
	Type, Title, Detail, Field string
	Status                     int
}

func (s *site) refused(a answer, status int, name, field string) problem {
	s.t.Helper()
	var p problem
	require.NoError(s.t, json.Unmarshal([]byte(a.body), &p), a.body)
	assert.Equal(s.t, status, a.status, a.body)
	assert.Equal(s.t, status, p.Status)
	assert.Equal(s.t, "urn:tender:problem:"+name, p.Type)
	assert.Equal(s.t, field, p.Field)
	assert.NotEmpty(s.t, p.Title)
	assert.NotEmpty(s.t, p.Detail)
	assert.Equal(s.t, "application/problem+json", a.header.Get("Content-Type"))
	return p
}

// example returns an example event; pairs of old and new change its text.
func example(t testing.TB, kind event.Type, pairs ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "events", string(kind)+".json"))
	require.NoError(t, err)
	return strings.NewReplacer(pairs...).Replace(string(text))
}

func TestExampleOfEveryTypeIsTaken(t *testing.T) {
	s := newSite(t)
	for _, kind := range event.Types() {
		switch kind { // what these speak of, Tender would have made
		case event.CallCompleted:
			s.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, agent, leased_until)
				values ('task-L-1001-7', 'L-1001', 'B-1001', 's', 'r', now(), 'amy', now() + interval '1 hour')`)
		case event.TaskExpired:
			s.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, until_at) values ('task-L-1001-8', 'L-1001', 'B-1001', 's', 'r', now(), '2026-01-01')`)
		case event.ApprovalGranted, event.ApprovalRefused: // a second answer would be refused
			s.exec(`insert into approvals (id, borrower_id, loan_id, step_key, rules, channel, at, asked_by, until_at)
				values ('a5b1c0de42f09d77e1a3', 'B-1001', 'L-1001', 's', '{r}', 'sms', now(), 'tender', '2999-01-01')
				on conflict (id) do update set answer = ''`)
		case event.MessageDelivered, event.MessageFailed:
			s.exec(`insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, at)
				values ('L-1001-3-1', 'B-1001', '{L-1001}', 'sms', 'outbound', 'collection', now()), ('L-1001-5-1', 'B-1001', '{L-1001}', 'sms', 'outbound', 'collection', now())
				on conflict do nothing`)
		}
		a := s.post(example(t, kind))
		require.Equal(t, http.StatusAccepted, a.status, "%s: %s", kind, a.body)
		var r struct{ Loans []json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(a.body), &r))
		told := 0
		if kind.ToldToJourneys() {
			told = 1
		}
		switch kind {
		case event.ComplaintRaised, event.ComplaintResolved, event.ComplaintReopened, event.ComplaintClosed:
			told = 2 // the complaint's own, and that of the loan whose collection rests or goes on
		}
		assert.Len(t, r.Loans, told, "%s: %s", kind, a.body)
	}
	assert.Equal(t, fmt.Sprint(len(event.Types())), s.query(`select count(*)::text from events where source <> 'tender' or type <> 'hold.released'`))
	assert.Equal(t, "2", s.query(`select count(*)::text from events where source = 'tender' and type = 'hold.released'`), "an answer that says so, and the end of the complaint")
}

func TestAnEventIsAnsweredWithTheNextStep(t *testing.T) {
	s := newSite(t)
	first := s.post(example(t, event.LoanDisbursed))
	assert.Equal(t, http.StatusAccepted, first.status)
	assert.JSONEq(t, `{"source": "/lending/core", "id": "loan-disbursed-1", "type": "loan.disbursed",
		"loans": [{"loan": "L-1001", "stage": "welcome", "next": "welcome@2026-01-16", "reason": "follow_up"}]}`, first.body)
	again := s.post(example(t, event.LoanDisbursed))
	assert.Equal(t, first.status, again.status)
	assert.Equal(t, first.body, again.body)
	assert.Len(t, s.courier.delivered, 1)
	assert.Equal(t, "gateway", s.query(`select actor from events`))
}

func TestTheActorIsRecorded(t *testing.T) {
	s := newSite(t)
	s.header.Set(gateway.Actor, "sam")
	s.post(example(t, event.LoanDisbursed))
	assert.Equal(t, "sam", s.query(`select actor from events`))
	s.header.Set(gateway.Actor, strings.Repeat("x", 65))
	s.refused(s.post(example(t, event.PaymentPosted)), 400, "invalid-header", gateway.Actor)
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	s := newSite(t)
	s.refused(s.post(example(t, event.PaymentPosted)), 404, "unknown-loan", "")
	assert.Equal(t, "0", s.query(`select count(*)::text from events`), "nothing is kept")
	s.refused(s.post(example(t, event.BorrowerReplied)), 404, "unknown-borrower", "")
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	require.Equal(t, 202, s.post(example(t, event.PaymentPosted)).status)

	s.refused(s.post(example(t, event.PaymentPosted, "106.25", "106.26")), 409, "identity-conflict", "id")
	s.refused(s.post(example(t, event.LoanDisbursed, "loan-disbursed-1", "another")), 409, "loan-exists", "subject")
	s.refused(s.post(example(t, event.LoanDisbursed, "loan-disbursed-1", "another", "L-1001", "L-9", `"time_zone"`, `"strategy": "none", "time_zone"`)), 404, "unknown-strategy", "")
	p := s.refused(s.post(example(t, event.PaymentPosted, "payment-posted-1", "p2", "USD", "EUR")), 400, "invalid-event", "data.currency")
	assert.Equal(t, "data.currency: is EUR, but loan L-1001 is in USD; name the amount in that, or send the event to the right loan", p.Detail)
	s.refused(s.post(example(t, event.PaymentPosted, "payment.posted", "payment.lost")), 400, "invalid-event", "type")
	s.refused(s.post(`{"specversion": "1.0",`), 400, "invalid-event", "event")
	s.refused(s.post(``), 400, "invalid-event", "event")
	s.courier.refuse = &intake.Refusal{Field: "data.value_date", Reason: "lies before the disbursement"}
	s.refused(s.post(example(t, event.PaymentPosted, "payment-posted-1", "p3")), 400, "refused", "data.value_date")

	s.refused(s.do("POST", "/v1/events", "text/plain", "x"), 415, "unsupported-media-type", "")
	s.refused(s.do("POST", "/v1/events", "application/json", example(t, event.PaymentPosted)), 415, "unsupported-media-type", "")
	s.refused(s.do("DELETE", "/v1/events", "", ""), 405, "method-not-allowed", "")
	s.refused(s.get("/v2/events"), 404, "not-found", "")
}

func TestABodyTooLargeIsRefused(t *testing.T) {
	s := newSite(t)
	large := strings.Repeat(" ", 1<<20) + example(t, event.LoanDisbursed)
	s.refused(s.post(large), 413, "too-large", "")
	s.refused(s.do("POST", "/v1/events", "application/cloudevents-batch+json", large), 413, "too-large", "")
	s.refused(s.do("POST", "/v1/events", "application/cloudevents-batch+json", "["+strings.Repeat("1,", 500)+"1]"), 413, "too-large", "")
	assert.Equal(t, "0", s.query(`select count(*)::text from events`))
}

func TestABatchIsAnsweredItemByItem(t *testing.T) {
	s := newSite(t)
	batch := []string{
		example(t, event.PaymentPosted), example(t, event.LoanDisbursed), `7`, example(t, event.PaymentPosted), example(t, event.LedgerWatermark),
		example(t, event.PaymentPosted, "106.25", "1.00"), example(t, event.PaymentPosted),
	}
	a := s.do("POST", "/v1/events", "application/cloudevents-batch+json; charset=utf-8", "["+strings.Join(batch, ",")+"]")
	require.Equal(t, http.StatusMultiStatus, a.status, a.body)
	var items []struct {
		Status  int
		Result  *intake.Result
		Problem *problem
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &items))
	statuses := []int{}
	for _, item := range items {
		statuses = append(statuses, item.Status)
		assert.Equal(t, item.Status == 202, item.Result != nil)
		assert.Equal(t, item.Status == 202, item.Problem == nil)
	}
	assert.Equal(t, []int{404, 202, 400, 202, 202, 409, 202}, statuses)
	assert.Equal(t, items[3], items[6])
	assert.Equal(t, "[]\n", s.do("POST", "/v1/events", "application/cloudevents-batch+json", "[]").body)
}

func TestABatchOf500(t *testing.T) {
	s := newSite(t)
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	batch := make([]string, 500)
	for n := range batch {
		batch[n] = example(t, event.PaymentPosted, "payment-posted-1", fmt.Sprintf("p-%d", n), "T-5001", fmt.Sprintf("T-%d", n))
	}
	a := s.do("POST", "/v1/events", "application/cloudevents-batch+json", "["+strings.Join(batch, ",")+"]")
	require.Equal(t, http.StatusMultiStatus, a.status)
	assert.Equal(t, 500, strings.Count(a.body, `"status":202`))
	assert.Equal(t, "501 501", s.query(`select count(*) || ' ' || max(number) from deliveries`))
}

func TestBinaryModeIsTakenToo(t *testing.T) {
	s := newSite(t)
	var e map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(example(t, event.LoanDisbursed)), &e))
	for name, raw := range e {
		var text string
		if json.Unmarshal(raw, &text) == nil && name != "datacontenttype" {
			s.header.Set("Ce-"+name, text)
		}
	}
	a := s.do("POST", "/v1/events", "application/json", string(e["data"]))
	assert.Equal(t, http.StatusAccepted, a.status, a.body)
	s.header = http.Header{}
	assert.Equal(t, a.body, s.post(example(t, event.LoanDisbursed)).body, "the same event, written otherwise")
	s.header.Set("Ce-Specversion", "0.9")
	s.refused(s.do("POST", "/v1/events", "application/json", `{"canary": 1}`), 400, "invalid-event", "event")
}

func TestTemporalAwayIs503AndAStopBinds(t *testing.T) {
	s := newSite(t)
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	s.courier.set(func(c *courier) { c.away = true })
	stop := example(t, event.BorrowerReplied)
	a := s.post(stop)
	p := s.refused(a, 503, "unavailable", "")
	assert.NotEmpty(t, a.header.Get("Retry-After"))
	assert.Contains(t, p.Detail, "binds already")
	assert.Equal(t, "1", s.query(`select count(*)::text from wishes where not allowed`))

	s.courier.set(func(c *courier) { c.away = false })
	assert.Equal(t, 202, s.post(stop).status)
	assert.Equal(t, "1", s.query(`select count(*)::text from wishes`))
}

func TestAJourneyThatIsGoneIsAProblemOfItsOwn(t *testing.T) {
	s := newSite(t)
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	s.courier.set(func(c *courier) { c.gone = true })
	a := s.post(example(t, event.PaymentPosted))
	p := s.refused(a, 503, "journey-gone", "")
	assert.NotEmpty(t, a.header.Get("Retry-After"))
	assert.Contains(t, p.Detail, "L-1001")
	assert.Contains(t, p.Detail, "docs/operating.md")
	s.courier.set(func(c *courier) { c.gone = false })
	assert.Equal(t, 202, s.post(example(t, event.PaymentPosted)).status)
}

func TestPostgresAwayIs503(t *testing.T) {
	s := newSite(t)
	s.store.Close()
	for _, a := range []answer{s.post(example(t, event.LoanDisbursed)), s.get("/v1/loans"), s.get("/v1/loans/L-1001")} {
		s.refused(a, 503, "unavailable", "")
		assert.NotEmpty(t, a.header.Get("Retry-After"))
	}
	assert.Equal(t, 503, s.get("/readyz").status)
	assert.Equal(t, 200, s.get("/healthz").status)
	assert.Equal(t, 200, s.get("/metrics").status, "metrics are most wanted when something is wrong")
}

func TestReadiness(t *testing.T) {
	down := errors.New("down")
	s := newSite(t, func(c *gateway.Config) { c.Temporal = func(context.Context) error { return down } })
	a := s.get("/readyz")
	assert.Equal(t, 503, a.status)
	assert.JSONEq(t, `{"postgres": "ok", "temporal": "away"}`, a.body)
	down = nil
	assert.Equal(t, 200, s.get("/readyz").status)
}

func TestLoansAreListedAndShown(t *testing.T) {
	s := newSite(t)
	for _, id := range []string{"L-1001", "L-1002", "L-1003"} {
		require.Equal(t, 202, s.post(example(t, event.LoanDisbursed, "L-1001", id, "loan-disbursed-1", id)).status)
	}
	require.Equal(t, 202, s.post(example(t, event.HoldPlaced)).status)
	require.Equal(t, 202, s.post(example(t, event.BorrowerReplied)).status)

	var page struct {
		Loans []struct{ ID string }
		Next  string
	}
	read := func(path string) {
		t.Helper()
		page.Loans, page.Next = nil, ""
		a := s.get(path)
		require.Equal(t, 200, a.status, a.body)
		require.NoError(t, json.Unmarshal([]byte(a.body), &page))
	}
	read("/v1/loans?limit=2")
	assert.Len(t, page.Loans, 2)
	assert.Equal(t, "L-1002", page.Next)
	read("/v1/loans?limit=2&after=L-1002")
	assert.Len(t, page.Loans, 1)
	assert.Empty(t, page.Next)
	read("/v1/loans?stage=welcome")
	assert.Len(t, page.Loans, 3)
	read("/v1/loans?past_due=1")
	assert.Empty(t, page.Loans)
	s.refused(s.get("/v1/loans?stage=happy"), 400, "invalid-query", "stage")
	s.refused(s.get("/v1/loans?hold=happy"), 400, "invalid-query", "hold")
	s.refused(s.get("/v1/loans?limit=1001"), 400, "invalid-query", "limit")
	s.refused(s.get("/v1/loans?colour=red"), 400, "invalid-query", "colour")

	a := s.get("/v1/loans/L-1001")
	require.Equal(t, 200, a.status)
	assert.Contains(t, a.body, `"what":"borrower.replied"`)
	for _, secret := range []string{"Grace", "Sam Ortiz", "hours were cut", "grace.miller", "3125550142"} {
		assert.NotContains(t, a.body, secret)
	}
	s.refused(s.get("/v1/loans/L-9"), 404, "unknown-loan", "")
	s.refused(s.get("/v1/loans/%00"), 404, "unknown-loan", "")
}

func TestAnApplicationIsShown(t *testing.T) {
	s := newSite(t)
	require.Equal(t, 202, s.post(example(t, event.ApplicationPreapproved)).status)
	a := s.get("/v1/applications/A-2001")
	require.Equal(t, 200, a.status, a.body)
	var shown struct {
		ID, State, Outcome, Next string
		Calls                    int
		Terms                    struct{ Amount string }
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &shown))
	assert.Equal(t, "A-2001", shown.ID)
	assert.Equal(t, "open", shown.State)
	assert.Equal(t, "12000.00", shown.Terms.Amount)
	assert.Empty(t, shown.Outcome)
	for _, secret := range []string{"Wang Wei", "13800000000"} {
		assert.NotContains(t, a.body, secret)
	}

	s.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls)
		select 't-1', id, borrower_id, 'verify@A-2001', 'preapproval', now(), 'informational', true from loans where id = 'application.A-2001'`)
	call := func(id, data string) {
		require.Equal(t, 202, s.post(`{"specversion": "1.0", "source": "/desk", "id": "`+id+`", "type": "call.completed", "subject": "application/A-2001", "data": {"task": "t-1", `+data+`}}`).status)
	}
	read := func() {
		require.NoError(t, json.Unmarshal([]byte(s.get("/v1/applications/A-2001").body), &shown))
	}
	call("c-1", `"disposition": "no_answer"`)
	read()
	assert.Equal(t, 1, shown.Calls, "while it is open")
	call("c-2", `"disposition": "right_party", "application": {"outcome": "verified"}`)
	s.exec(`insert into notices (key, loan_id, kind, at, data) values ('n-1', 'application.A-2001', 'tender.preapproval', now(), '{"outcome": "verified"}')`)
	read()
	assert.Equal(t, []any{"closed", "verified", 2}, []any{shown.State, shown.Outcome, shown.Calls})

	s.refused(s.get("/v1/applications/A-9"), 404, "unknown-application", "")
	bad := s.get("/v1/applications/+12125550142")
	s.refused(bad, 404, "unknown-application", "")
	assert.Contains(t, bad.body, "use 1 to 64 letters, digits")
	assert.NotContains(t, bad.body, "5550142")
	s.refused(s.get("/v1/applications/%00"), 404, "unknown-application", "")
	s.refused(s.get("/v1/loans/application.A-2001"), 404, "unknown-loan", "")
}

func TestComplaintsAreListedAndShown(t *testing.T) {
	s := newSite(t)
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	raised := s.post(example(t, event.ComplaintRaised))
	require.Equal(t, 202, raised.status, raised.body)
	require.Equal(t, 202, s.post(`{"specversion": "1.0", "source": "/desk", "id": "again", "type": "complaint.raised", "subject": "loan/L-1001",
		"data": {"complaint": "CP-5", "text": "canary"}}`).status)
	type shown struct {
		ID, State, Role string
		Rests           bool
		Due             struct{ ID, Title, Date string }
		Merged          []string
		Hold            struct{ ID string }
		Entries         []struct{ What, Text string }
	}
	list := func(query string) (page struct{ Complaints []shown }) {
		a := s.get("/v1/complaints" + query)
		require.Equal(t, 200, a.status, a.body)
		require.NoError(t, json.Unmarshal([]byte(a.body), &page))
		return page
	}
	open := list("?due=true").Complaints
	require.Len(t, open, 1)
	assert.Equal(t, []any{"CP-4", "registered", "complaints_desk", true}, []any{open[0].ID, open[0].State, open[0].Role, open[0].Rests})
	assert.Equal(t, "complaints_desk", open[0].Due.ID)
	assert.Empty(t, list("?level=compliance").Complaints)
	assert.Len(t, list("?kind=conduct&loan=L-1001&borrower=B-1001&limit=1").Complaints, 1)
	for name, query := range map[string]string{"due": "?due=soon", "kind": "?kind=weather", "level": "?level=top", "limit": "?limit=0", "colour": "?colour=red", "loan": "?loan=%2B12125550142"} {
		s.refused(s.get("/v1/complaints"+query), 400, "invalid-query", name)
	}

	a := s.get("/v1/complaints/CP-5")
	require.Equal(t, 200, a.status, a.body)
	var one shown
	require.NoError(t, json.Unmarshal([]byte(a.body), &one))
	assert.Equal(t, "CP-4", one.ID, "it was merged into that one")
	assert.Equal(t, []string{"CP-5"}, one.Merged)
	assert.Equal(t, "Answered by the complaints desk", one.Due.Title)
	assert.Equal(t, "complaint/CP-4", one.Hold.ID)
	assert.Equal(t, "complaint.raised", one.Entries[0].What)
	for _, secret := range []string{"three times in one day", "canary", "3125550142"} {
		assert.NotContains(t, a.body, secret)
	}
	require.Equal(t, 202, s.post(example(t, event.ComplaintResolved)).status)
	assert.Empty(t, list("").Complaints, "nobody waits any more")
	assert.Equal(t, "answered", list("?all=true").Complaints[0].State)

	s.refused(s.get("/v1/complaints/CP-9"), 404, "unknown-complaint", "")
	s.refused(s.get("/v1/complaints/%00"), 404, "unknown-complaint", "")
	s.refused(s.get("/v1/loans/complaint.CP-4"), 404, "unknown-loan", "")
}

func TestAnAPIKeyGuardsAllButProbes(t *testing.T) {
	s := newSite(t, func(c *gateway.Config) { c.APIKey = "open sesame" })
	for _, path := range []string{"/v1/loans", "/v1/loans/L-1", "/metrics"} {
		a := s.get(path)
		s.refused(a, 401, "unauthorized", "")
		assert.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
	}
	for _, path := range []string{"/healthz", "/readyz", "/openapi.json"} {
		assert.Equal(t, 200, s.get(path).status, path)
	}
	for _, shown := range []string{"Bearer open", "Basic open sesame", "open sesame", "Bearer "} {
		s.header.Set("Authorization", shown)
		s.refused(s.post(example(t, event.LoanDisbursed)), 401, "unauthorized", "")
	}
	s.header.Set("Authorization", "Bearer open sesame")
	assert.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
}

func TestWithoutAnAPIKeyOnlyThisMachineIsServed(t *testing.T) {
	s := newSite(t)
	at, err := url.Parse(s.server.URL)
	require.NoError(t, err)
	for host, status := range map[string]int{at.Host: 200, "localhost:" + at.Port(): 200, "[::1]:80": 200, "rebound.example:" + at.Port(): 403} {
		q, err := http.NewRequestWithContext(t.Context(), "GET", s.server.URL+"/v1/loans", nil)
		require.NoError(t, err)
		q.Host = host
		r, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		assert.Equal(t, status, r.StatusCode, host)
	}
}

func TestServeKeepsToThisMachineAndStopsGently(t *testing.T) {
	s := newSite(t)
	c := gateway.Config{Store: s.store, Door: intake.New(s.store, s.courier, intake.Options{})}
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		c.Listen = listen
		require.ErrorContains(t, gateway.Serve(t.Context(), c), "needs an API key")
	}
	c.Listen = "8080"
	require.ErrorContains(t, gateway.Serve(t.Context(), c), "is no host and port")
	c.Listen = strings.TrimPrefix(s.server.URL, "http://")
	require.ErrorContains(t, gateway.Serve(t.Context(), c), "is taken by another process")

	addresses, done := make(chan net.Addr, 1), make(chan error, 1)
	c.Listen, c.APIKey, c.Listening = "0.0.0.0:0", "k", func(at net.Addr) { addresses <- at }
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- gateway.Serve(ctx, c) }()
	port := (<-addresses).(*net.TCPAddr).Port
	r, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", port))
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	assert.Equal(t, 200, r.StatusCode)
	cancel()
	require.NoError(t, <-done)
}

func TestMetricsCountByTypeAndStatusAndShowNoIDs(t *testing.T) {
	s := newSite(t)
	s.post(example(t, event.LoanDisbursed))
	s.post(example(t, event.PaymentPosted, "USD", "EUR"))
	s.post(example(t, event.PaymentPosted, "payment.posted", "canary.type"))
	s.get("/v1/loans/L-1001")
	s.do("CANARY", "/v1/loans/L-1001", "", "")
	text := s.get("/metrics").body
	for _, line := range []string{
		`tender_events_total{status="202",type="loan.disbursed"} 1`, `tender_events_total{status="400",type="payment.posted"} 1`,
		`tender_events_total{status="400",type="invalid"} 1`, `tender_events_total{status="202",type="borrower.died"} 0`,
		`tender_http_request_seconds_count{method="GET",route="/v1/loans/{id}",status="200"} 1`, `tender_events_waiting 0`, "go_goroutines",
	} {
		assert.Contains(t, text, line)
	}
	for _, secret := range []string{"L-1001", "B-1001", "canary", "CANARY"} {
		assert.NotContains(t, text, secret)
	}
}

func TestNothingPersonalIsLoggedOrAnswered(t *testing.T) {
	s := newSite(t)
	s.post(example(t, event.LoanDisbursed, "Grace Miller", "canary"))
	s.courier.set(func(c *courier) { c.away = true })
	answers := []string{
		s.post(example(t, event.BorrowerReplied, "STOP", "canary")).body,
		s.post(example(t, event.DisputeRaised, "late fee", "canary")).body,
		s.post(example(t, event.BorrowerUpdated, `"+12125550187"`, "12125550187")).body,
	}
	s.exec(`alter table event_particulars add constraint fault check (data::text not like '%canary%') not valid`)
	s.courier.set(func(c *courier) { c.away = false })
	fault := s.post(example(t, event.HardshipReported, "job last", "canary"))
	s.refused(fault, 500, "internal", "")
	all := strings.Join(answers, "") + fault.body + s.log.String()
	assert.NotContains(t, all, "canary")
	assert.NotContains(t, all, "12125550187")
	assert.Contains(t, s.log.String(), "postgres_23514")
}
