package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
)

// books is a gateway that notes what is posted. answer says with which status it answers an event's nth try; 0 is 202.
type books struct {
	mu     sync.Mutex
	tries  map[string]int
	taken  []cloudevents.Event
	answer func(e cloudevents.Event, try int) int
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var e cloudevents.Event
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.URL.Path != "/v1/events" {
		http.Error(w, "no event", http.StatusTeapot)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries[e.ID()]++
	if b.answer != nil {
		if status := b.answer(e, b.tries[e.ID()]); status >= 300 {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"title":"No","detail":"because"}`))
			return
		}
	}
	b.taken = append(b.taken, e)
	w.WriteHeader(http.StatusAccepted)
}

// posts is how often an event was posted.
func (b *books) posts(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries[id]
}

// find returns the place of the first event with an id among those taken, or -1.
func (b *books) find(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.IndexFunc(b.taken, func(e cloudevents.Event) bool { return e.ID() == id })
}

func (b *books) event(id string) cloudevents.Event {
	n := b.find(id)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.taken[n]
}

// bench is a lender that runs at a hundred milliseconds a day against books of its own.
type bench struct {
	*lender
	books *books
	mu    sync.Mutex
	said  []posted
}

func setup(t *testing.T, yaml string, answer func(e cloudevents.Event, try int) int) *bench {
	t.Helper()
	s, err := Parse("lives.yaml", []byte(yaml))
	require.NoError(t, err)
	clock, err := bizclock.Day(s.Start.At, time.Now(), 100*time.Millisecond)
	require.NoError(t, err)
	b := &bench{lender: newLender(s, clock), books: &books{tries: map[string]int{}, answer: answer}}
	b.say = func(p posted) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, p)
	}
	b.received = func(context.Context, string, string) (time.Time, error) { return time.Time{}, nil }
	gateway := httptest.NewServer(b.books)
	b.gateway = gateway.URL
	t.Cleanup(gateway.Close)
	return b
}

// lives lets the lender run until the test ends.
func (b *bench) lives(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.run(ctx) }()
	t.Cleanup(func() { cancel(); require.ErrorIs(t, <-ended, context.Canceled) })
}

func (b *bench) waitFor(t *testing.T, id string) cloudevents.Event {
	t.Helper()
	require.Eventually(t, func() bool { return b.books.find(id) >= 0 }, 20*time.Second, 5*time.Millisecond, id)
	return b.books.event(id)
}

func (b *bench) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for _, p := range b.said {
		lines = append(lines, p.line())
	}
	return strings.Join(lines, "\n")
}

func TestTheLendingSystemPostsUnderOneIdUntilItIsTaken(t *testing.T) {
	for status, name := range map[int]string{503: "away", 404: "unknown loan", 500: "broken", 429: "too fast"} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, small, func(e cloudevents.Event, try int) int {
				if e.ID() == "L-1-disbursed" && try < 3 {
					return status
				}
				return 0
			})
			b.lives(t)
			e := b.waitFor(t, "L-1-disbursed")
			require.Equal(t, 3, b.books.posts("L-1-disbursed"))
			require.Equal(t, string(event.LoanDisbursed), e.Type())
			require.Equal(t, "loan/L-1", e.Subject())
			require.Equal(t, "2026-01-05T09:30:00-08:00", e.Time().In(b.scenario.Lives[0].zone).Format(time.RFC3339))
		})
	}
}

func TestWhatTheGatewayRefusesForGoodIsSaidAndNotRepeated(t *testing.T) {
	b := setup(t, small, func(e cloudevents.Event, _ int) int {
		if e.Type() == string(event.LoanDisbursed) {
			return 400
		}
		return 0
	})
	b.lives(t)
	b.waitFor(t, "books-2026-01-06")
	require.Equal(t, 1, b.books.posts("L-1-disbursed"))
	require.Equal(t, "L-1 lending system: loan.disbursed 200.00 USD: REFUSED, No: because", b.text())
}

func TestSomethingHappensHoursAfterAMessageWasReceived(t *testing.T) {
	b := setup(t, small, nil)
	b.received = func(_ context.Context, loan, step string) (time.Time, error) {
		if loan == "L-1" && step == "notice-1@2026-01-10" && b.books.find("books-2026-01-07") >= 0 {
			return b.scenario.Start.At.AddDate(0, 0, 6), nil
		}
		return time.Time{}, nil
	}
	b.lives(t)
	e := b.waitFor(t, "L-1-1-payment.posted")
	require.Equal(t, b.scenario.Start.At.AddDate(0, 0, 6).Add(3*time.Hour).UTC(), e.Time())
	require.JSONEq(t, `{"transaction":"L-1-T1","amount":"102.00","currency":"USD","value_date":"2026-01-11"}`, string(e.Data()))
	require.JSONEq(t, `{"transaction":"L-1-T2","amount":"50.00","currency":"USD","value_date":"2026-01-25"}`,
		string(b.waitFor(t, "L-1-2-payment.posted").Data()))
}

func TestBooksAreClosedOnlyWhenAllPostingsOfTheDayWereTaken(t *testing.T) {
	yaml := strings.Replace(small, "after: notice-1, hours: 3", `day: 3, at: "23:50"`, 1)
	b := setup(t, yaml, func(e cloudevents.Event, try int) int {
		if e.ID() == "L-1-1-payment.posted" && try < 3 {
			return 503
		}
		return 0
	})
	b.lives(t)
	b.waitFor(t, "books-2026-01-09")
	require.Less(t, b.books.find("L-1-1-payment.posted"), b.books.find("books-2026-01-08"))
	require.Less(t, b.books.find("books-2026-01-07"), b.books.find("L-1-1-payment.posted"))
	require.Equal(t, "/lending-system/America/Los_Angeles", b.books.event("books-2026-01-08").Source())
	require.JSONEq(t, `{"through":"2026-01-08"}`, string(b.books.event("books-2026-01-08").Data()))
}

func TestNothingIsPostedIntoBooksThatAreClosed(t *testing.T) {
	b := setup(t, small, nil)
	life := &b.scenario.Lives[0]
	b.through[life.zone.String()] = bizclock.MustDate("2026-01-08")
	late := bizclock.MustDate("2026-01-08").At(23*time.Hour, life.zone)

	at, err := b.reopen(life, late)
	require.NoError(t, err)
	require.False(t, at.Equal(late), "the day's books are closed: it counts from now")

	next := bizclock.MustDate("2026-01-09").At(time.Hour, life.zone)
	at, err = b.reopen(life, next)
	require.NoError(t, err)
	require.Equal(t, next, at)
}

func TestALoanThatIsDueToBeChargedOffIsWrittenOffOnce(t *testing.T) {
	b := setup(t, small, nil)
	address, stop, err := b.listen(t.Context())
	require.NoError(t, err)
	t.Cleanup(stop)
	b.lives(t)
	b.waitFor(t, "L-1-disbursed")
	tell := func(loan string) int {
		body := `{"specversion":"1.0","id":"n-1","source":"tender","type":"tender.charge_off","subject":"loan/` + loan + `"}`
		response, err := http.Post(address, cloudevents.ApplicationCloudEventsJSON, strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	require.Equal(t, http.StatusNoContent, tell("L-1"))
	require.Equal(t, http.StatusNoContent, tell("L-1"), "Tender repeats what it got no answer to")
	require.Equal(t, http.StatusNotFound, tell("L-2"))
	e := b.waitFor(t, "L-1-written-off")
	require.Equal(t, string(event.LoanWrittenOff), e.Type())
	require.Equal(t, 1, strings.Count(b.text(), "was told tender.charge_off"))
	require.Equal(t, 1, b.books.posts("L-1-written-off"))
}

func TestWhoWorksOnAComplaintNamesItOnceItIsThere(t *testing.T) {
	b := setup(t, strings.Replace(small, "event: payment.posted, installment: 2, data: {amount: \"50.00\"}",
		"event: complaint.resolved, data: {outcome: rejected, reasons: No., by: edda}", 1), nil)
	b.received = func(context.Context, string, string) (time.Time, error) { return b.scenario.Start.At, nil }
	looked := 0
	b.complaint = func(_ context.Context, loan string) (string, error) {
		if looked++; looked < 3 {
			return "", nil
		}
		return "reply-7", nil
	}
	address, stop, err := b.listen(t.Context())
	require.NoError(t, err)
	t.Cleanup(stop)
	b.lives(t)
	require.Equal(t, "complaint/reply-7", b.waitFor(t, "L-1-2-complaint.resolved").Subject())
	require.Equal(t, 3, looked)

	for range 2 {
		response, err := http.Post(address, cloudevents.ApplicationCloudEventsJSON,
			strings.NewReader(`{"specversion":"1.0","id":"n-1","source":"tender","type":"tender.complaint_due","subject":"complaint/reply-7"}`))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusNoContent, response.StatusCode)
	}
	require.Equal(t, 1, strings.Count(b.text(), "lending system: was told tender.complaint_due of complaint reply-7"))
}
