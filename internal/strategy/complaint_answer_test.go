package strategy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// grumbles begins the life of a complaint of somebody in New York, at a local time, who has some contact points and prefers texts.
func grumbles(t tester, when string, points ...contact.Point) *life {
	t.Helper()
	w := &world{t: t, zone: place("America/New_York")}
	w.now = w.clock(when)
	w.person = contact.Standing{Borrower: "B-1", Zones: []string{"America/New_York"}, Preferred: contact.SMS, Points: points}
	calendars := must(calendar.Shipped())
	regime := must(complaint.Load("", func(code string) (complaint.Calendar, bool) { return calendars.For(code) })).For("us")
	c := complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: complaint.Service, At: w.now.UTC(), Home: w.zone}, regime)
	l := &life{world: w, made: map[string]time.Time{}, contacts: map[string]string{}, facts: strategy.Facts{
		Strategy: plain(), Rules: library().For("us"), Jurisdiction: "us", Served: contact.Channels, Complaint: &c, Regime: regime,
		Journey: journey.Journey{Loan: event.ComplaintLoan("C-1"), Clock: bizclock.Real},
	}}
	w.lives = append(w.lives, l)
	l.happens(event.ComplaintRaised, `{"complaint": "C-1", "borrower": "B-1"}`)
	return l
}

var (
	mobile = contact.Point{ID: "mobile", Channel: contact.SMS}
	mail   = contact.Point{ID: "mail", Channel: contact.Email}
)

// Who complains at night is answered when the window opens, and not in its first hours: it falls due for one loan alone.
func TestWhatAnswersAComplaintGoesOutWhenTheWindowOpens(t *testing.T) {
	t.Parallel()
	l := grumbles(t, "2026-01-10 06:03", mobile)
	l.decide()
	require.Equal(t, "acknowledge@C-1.1", l.last.Step.Key)
	require.Equal(t, l.clock("2026-01-10 08:00").UTC(), l.last.Step.At)
}

// The answer goes where there is room for its reasons, whatever the borrower prefers otherwise; where there is no such place, as it can.
func TestTheAnswerToAComplaintGoesWhereItsReasonsCan(t *testing.T) {
	t.Parallel()
	unusable := mail
	unusable.Failed = true
	for _, c := range []struct {
		points []contact.Point
		by     contact.Channel
	}{{[]contact.Point{mobile, mail}, contact.Email}, {[]contact.Point{mobile}, contact.SMS}, {[]contact.Point{mobile, unusable}, contact.SMS}} {
		l := grumbles(t, "2026-01-05 10:00", c.points...)
		l.until("2026-01-06")
		require.Len(t, l.lines("acknowledge@C-1.1 by sms"), 1, "what has no reasons goes as they prefer")
		next := *l.facts.Complaint
		next.Acknowledged = l.now.UTC()
		require.NoError(t, next.Resolve(complaint.Answer{At: l.now.UTC(), By: "amy", Outcome: complaint.Rejected, Event: 7}, l.facts.Regime))
		l.facts.Complaint = &next
		l.happens(event.ComplaintResolved, `{}`)
		l.until("2026-01-07")
		require.Len(t, l.lines("answer@C-1.1 by "+string(c.by)), 1, "%v", l.story)
		owed := 0
		if c.by != contact.Email {
			owed = 1
		}
		require.Len(t, l.lines("task in-writing@C-1.1"), owed, "a final response is in writing, with its reasons: %v", l.story)
	}
}

// Whoever said stop and complains is answered where the law has the lender answer, and where they did not say it if there is such a place;
// elsewhere a person finds a way.
func TestWhoSaidStopIsAnsweredWhereTheLawHasTheLenderAnswer(t *testing.T) {
	t.Parallel()
	everywhere, texts := contact.Wish{}, contact.Wish{Channel: contact.SMS}
	for _, c := range []struct {
		name, where string
		stop        contact.Wish
		points      []contact.Point
		made        string
	}{
		{"by mail, since texts are not wanted", "gb", texts, []contact.Point{mobile, mail}, "acknowledge@C-1.1 by email"},
		{"by text, since there is nothing else", "gb", texts, []contact.Point{mobile}, "acknowledge@C-1.1 by sms"},
		{"as they prefer, since nothing is wanted", "gb", everywhere, []contact.Point{mobile, mail}, "acknowledge@C-1.1 by sms"},
		{"by mail, which is allowed", "us", texts, []contact.Point{mobile, mail}, "acknowledge@C-1.1 by email"},
		{"by a person, for nothing is allowed", "us", everywhere, []contact.Point{mobile, mail}, "task acknowledge@C-1.1"},
	} {
		t.Run(c.where+" "+c.name, func(t *testing.T) {
			t.Parallel()
			l := grumbles(t, "2026-01-05 10:00", c.points...)
			c.stop.At = l.now.UTC().AddDate(0, 0, -7)
			l.person.Wishes = []contact.Wish{c.stop}
			l.facts.Rules, l.facts.Jurisdiction = library().For(c.where), c.where
			l.until("2026-01-06")
			require.Len(t, l.lines(c.made), 1, "%v", l.story)
		})
	}
}
