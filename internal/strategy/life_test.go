package strategy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// life runs one loan through business time with the same Decide as the workflow, and a ledger in memory.
type life struct {
	t        *testing.T
	facts    strategy.Facts
	now      time.Time
	number   int64
	told     []string // every step with its time, as a line of prose
	down     [2]time.Time
	last     journey.Decision
	lastWhy  strategy.Explanation
	finished bool
}

var newYork = must(time.LoadLocation("America/New_York"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// born returns the life of a loan of 300 in three installments, disbursed on Monday, 5 January 2026 at 10:00.
func born(t *testing.T) *life {
	all, err := strategy.Load("")
	require.NoError(t, err)
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, newYork)
	l := &life{t: t, now: start, facts: strategy.Facts{
		Strategy: all[0], Rules: rules.For("us"), Jurisdiction: "us", Served: contact.Channels,
		Journey: journey.Journey{Loan: "L-1", Clock: bizclock.Real},
		Standing: contact.Standing{
			Borrower: "B-1", Zones: []string{"America/New_York"}, Preferred: contact.SMS,
			Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}, {ID: "mail", Channel: contact.Email}},
		},
	}}
	l.happens(event.LoanDisbursed, `{"borrower":{"id":"B-1"},"currency":"USD","principal":"300","disbursed_on":"2026-01-05",
		"time_zone":"America/New_York","watermarks":false,"schedule":[
		{"due":"2026-01-20","principal":"100"},{"due":"2026-02-04","principal":"100"},{"due":"2026-02-19","principal":"100"}]}`)
	return l
}

// happens applies an event now.
func (l *life) happens(kind event.Type, data string) {
	l.number++
	l.facts.Journey.Apply(event.Event{Type: kind, Loan: "L-1", Number: l.number, At: l.now, Data: json.RawMessage(data)})
}

func (l *life) pays(amount, date string) {
	l.happens(event.PaymentPosted, fmt.Sprintf(`{"transaction":"T-%d","amount":%q,"currency":"USD","value_date":%q}`, l.number, amount, date))
}

// until lives on to the start of a date, doing what Decide says.
func (l *life) until(date string) {
	end := bizclock.MustDate(date).In(newYork)
	for range 10_000 {
		l.facts.Now = l.now
		l.last, l.lastWhy = strategy.Decide(l.facts)
		l.facts.Journey.Decide(l.last)
		if l.last.Close {
			l.finished = true
			l.tell("close %s", l.last.Step.Reason)
			return
		}
		if wake := l.last.Wake; wake.IsZero() || !wake.Before(end) {
			l.now = end
			return
		} else if wake.After(l.now) {
			if l.now = wake; l.now.After(l.down[0]) && l.now.Before(l.down[1]) {
				l.now = l.down[1]
			}
			continue // an event could have come: decide again
		}
		require.NotEmpty(l.t, l.last.Step.Activity, "a step that is due, and nothing to do: %+v", l.last)
		l.does(l.last.Step)
	}
	l.t.Fatal("the life goes in circles:\n" + strings.Join(l.told, "\n"))
}

func (l *life) does(s journey.Step) {
	outcome := journey.Outcome{Key: s.Key, At: l.now, Channel: s.Channel}
	switch s.Kind {
	case journey.Send:
		outcome.Result = journey.ResultSent
		l.facts.Standing.Attempts = append(l.facts.Standing.Attempts, contact.Attempt{
			Key: s.Key, At: l.now, Channel: s.Channel, Point: s.Point, Direction: contact.Outbound, Purpose: s.Purpose,
			Disposition: contact.Sent, Loans: []string{"L-1"},
		})
		l.tell("%s by %s", s.Key, s.Channel)
	case journey.Task:
		outcome.Result, outcome.Contact = journey.ResultAssigned, "t-"+s.Key
		l.tell("task %s: %s", s.Key, s.Reason)
	case journey.Tell:
		outcome.Result = journey.ResultTold
		l.tell("tell the lending system %s", s.Key)
	}
	l.facts.Journey.Apply(journey.StepEvent(l.last, outcome, "", l.now))
}

func (l *life) tell(format string, args ...any) {
	l.told = append(l.told, l.now.In(newYork).Format("Mon 01-02 15:04 ")+fmt.Sprintf(format, args...))
}

// steps returns what was done, without the times of day.
func (l *life) steps() string {
	lines := make([]string, len(l.told))
	for n, line := range l.told {
		lines[n] = line[:9] + line[15:]
	}
	return strings.Join(lines, "\n")
}

func TestPrint(t *testing.T) {
	l := born(t)
	l.until("2026-04-10")
	fmt.Println(strings.Join(l.told, "\n"))
	fmt.Println(l.last.Details)
	text, _ := json.Marshal(l.last)
	fmt.Println(len(text), string(text))
}
