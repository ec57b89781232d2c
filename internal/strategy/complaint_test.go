package strategy_test

import (
	"fmt"
	"strings"
	"sync"
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

// house is the regime of places that have none.
var house = sync.OnceValue(func() *complaint.Regime {
	all := must(calendar.Shipped())
	library := must(complaint.Load("", func(code string) (complaint.Calendar, bool) { return all.For(code) }))
	return library.For("")
})

// complained begins the life of complaint C-1 about loan L-1, under the house's regime, on Monday, 5 January 2026 at 10:00 in New York.
func complained(t tester) *life {
	t.Helper()
	w := &world{t: t, zone: place("America/New_York")}
	w.now = w.clock("2026-01-05 10:00")
	w.person = contact.Standing{
		Borrower: "B-1", Zones: []string{"America/New_York"}, Preferred: contact.SMS,
		Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}, {ID: "mail", Channel: contact.Email}},
	}
	regime := house()
	c := complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: complaint.Service, At: w.now.UTC(), Home: w.zone}, regime)
	l := &life{world: w, made: map[string]time.Time{}, contacts: map[string]string{}, facts: strategy.Facts{
		Strategy: plain(), Rules: library().For("us"), Jurisdiction: "us", Served: contact.Channels, Complaint: &c, Regime: regime,
		Journey: journey.Journey{Loan: event.ComplaintLoan("C-1"), Clock: bizclock.Real},
	}}
	w.lives = append(w.lives, l)
	l.happens(event.ComplaintRaised, `{"complaint": "C-1", "borrower": "B-1"}`)
	return l
}

// becomes plans what somebody does with the complaint, of which its journey is told.
func (l *life) becomes(when string, kind event.Type, do func(*complaint.Case) error) {
	l.at(when, func() {
		next := *l.facts.Complaint
		require.NoError(l.t, do(&next))
		l.facts.Complaint = &next
		l.happens(kind, `{}`)
	})
}

func TestAnAcknowledgementThatNobodyBroughtIsGivenToSomebodyAgain(t *testing.T) {
	t.Parallel()
	l := complained(t)
	l.person.Points = nil
	for _, when := range []string{"2026-01-19", "2026-02-02", "2026-02-16", "2026-03-02", "2026-03-16"} {
		l.says(when+" 10:00", event.TaskExpired, `{"task": "t-acknowledge@C-1.1"}`)
	}
	l.until("2026-03-20")
	require.Equal(t, []string{"01-05", "01-19", "02-02", "02-16", "03-02", "03-16"}, dates(l.lines("task acknowledge@C-1.1")), "as often as it takes")
	for _, d := range l.facts.Complaint.Clocks {
		require.Len(t, l.lines(fmt.Sprintf("tell the lending system: warning-100@C-1.%s.%s", d.ID, d.Due)), 1, "the lender hears that nobody was told")
	}
	require.Empty(t, l.lines("escalate@"), "it does not climb unheard")
	require.Equal(t, journey.Stage(complaint.Registered), l.last.Stage)
	l.person.Points = []contact.Point{{ID: "mail", Channel: contact.Email}}
	l.says("2026-03-30 10:00", event.TaskExpired, `{"task": "t-acknowledge@C-1.1"}`)
	l.until("2026-03-31")
	require.Len(t, l.lines("acknowledge@C-1.1 by email"), 1, "once it can be written to, the borrower is")
}

func TestAnAcknowledgementThatBouncedIsSentAgain(t *testing.T) {
	t.Parallel()
	l := complained(t)
	l.provider = func(journey.Step) (journey.Result, string) { // as the activity does with what it sent
		next := *l.facts.Complaint
		require.NoError(l.t, next.Acknowledge(l.now.UTC(), "tender"))
		l.facts.Complaint = &next
		return journey.ResultSent, ""
	}
	l.at("2026-01-05 12:00", func() { // as the door does with what failed
		next := *l.facts.Complaint
		require.True(l.t, next.Unheard())
		l.facts.Complaint = &next
	})
	l.fails("2026-01-05 12:00", "acknowledge@C-1.1")
	l.until("2026-01-06")
	require.Equal(t, []string{"01-05", "01-05"}, dates(l.lines("acknowledge@C-1.1 by sms")))
	require.Equal(t, complaint.Acknowledged, l.facts.Complaint.State())
}

// What the door refuses is decided anew at once, and tried again ever later: something else has happened, of which the journey hears.
func TestAStepUpThatTheDoorRefusedIsNeitherLostNorTriedWithoutEnd(t *testing.T) {
	t.Parallel()
	l := complained(t)
	c := *l.facts.Complaint
	require.NoError(t, c.Acknowledge(l.now.UTC(), "anna"))
	f := l.facts
	f.Complaint, f.Standing, f.Journey = &c, l.person, f.Journey.Clone()
	due, _ := c.Due()
	f.Now = due.At
	var pauses []time.Duration
	for range 8 {
		d, _ := strategy.Decide(f)
		require.Equal(t, journey.RecordEvent, d.Step.Activity)
		require.Equal(t, "escalate@C-1.front_line.2026-01-10", d.Step.Key)
		require.False(t, d.Wake.After(f.Now))
		f.Journey.Decide(d)
		f.Journey.Apply(journey.StepEvent(d, journey.Outcome{Key: d.Step.Key, At: f.Now, Result: journey.ResultHeld, Code: "overtaken"}, "", f.Now))
		again, _ := strategy.Decide(f)
		require.Equal(t, d.Step.Key, again.Step.Key)
		pauses = append(pauses, again.Wake.Sub(f.Now))
		f.Now = again.Wake
	}
	require.Equal(t, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}, inMinutes(pauses))
	require.NoError(t, c.Resolve(complaint.Answer{At: f.Now, By: "bea", Outcome: complaint.Upheld}, f.Regime))
	d, _ := strategy.Decide(f)
	require.NotEqual(t, journey.RecordEvent, d.Step.Activity, "once it is known what happened, nothing is left of it")
}

func inMinutes(all []time.Duration) (minutes []time.Duration) {
	for _, one := range all {
		minutes = append(minutes, one/time.Minute)
	}
	return minutes
}

func TestProgressIsToldOfAsLongAsNobodyAnswers(t *testing.T) {
	t.Parallel()
	l := complained(t)
	l.becomes("2026-01-05 11:00", event.ComplaintAcknowledged, func(c *complaint.Case) error { return c.Acknowledge(l.now.UTC(), "anna") })
	l.person.Points = nil // and no message before
	l.at("2026-01-22 12:00", func() {
		l.person.Points = []contact.Point{{ID: "mail", Channel: contact.Email}}
		l.happens(event.BorrowerUpdated, `{}`)
	})
	failing := false
	l.provider = func(journey.Step) (journey.Result, string) {
		if failing {
			return journey.ResultFailed, "down"
		}
		return journey.ResultSent, ""
	}
	l.at("2026-01-30", func() { failing = true })
	l.at("2026-02-10", func() { failing = false })
	l.until("2026-02-28")
	var sent []string
	for _, line := range l.lines("progress@C-1.") {
		if strings.HasSuffix(line, " by email") {
			sent = append(sent, line)
		}
	}
	require.Equal(t, []string{"01-22", "02-19"}, dates(sent), "two weeks after the last one, and what a provider would not take for days ends nothing")
}

func TestWhoseComplaintIsClosedElsewhereUnheardIsToldAndAsked(t *testing.T) {
	t.Parallel()
	l := complained(t)
	l.becomes("2026-01-05 10:00", event.ComplaintClosed, func(c *complaint.Case) error {
		return c.Close(l.now.UTC(), "desk", complaint.Elsewhere, complaint.Upheld)
	})
	l.until("2026-02-15")
	require.Equal(t, []string{"01-05"}, dates(l.lines("closed@C-1.1 by sms")))
	require.Equal(t, []string{"01-12"}, dates(l.lines("survey-complaint@C-1.1 by sms")))
	require.Empty(t, l.lines("acknowledge@"), "what is closed is not acknowledged any more")
	require.True(t, l.over)
}

func TestWhetherTheBorrowerIsInTroubleIsJudgedWhenTheQuestionIsDue(t *testing.T) {
	t.Parallel()
	closes := func(l *life) {
		l.becomes("2026-01-06 10:00", event.ComplaintResolved, func(c *complaint.Case) error {
			return c.Resolve(complaint.Answer{At: l.now.UTC(), By: "anna", Outcome: complaint.Upheld}, l.facts.Regime)
		})
		l.becomes("2026-01-07 10:00", event.ComplaintClosed, func(c *complaint.Case) error { return c.Close(l.now.UTC(), "anna", complaint.Confirmed, "") })
	}
	for name, c := range map[string]struct {
		happens func(*life)
		asked   []string
	}{
		"no trouble": {func(*life) {}, []string{"01-14"}},
		"in arrears when it is closed": {func(l *life) {
			l.facts.InArrears = true
			l.at("2026-01-10", func() { l.facts.InArrears = false })
		}, []string{"01-14"}},
		"in arrears when it is due": {func(l *life) {
			l.at("2026-01-10", func() { l.facts.InArrears = true })
			l.at("2026-01-18 12:00", func() { l.facts.InArrears = false })
		}, []string{"01-19"}},
		"in arrears all the while": {func(l *life) { l.facts.InArrears = true }, nil},
		"under a hold when it is closed": {func(l *life) {
			l.holds("2026-01-06 12:00", "H-1", contact.DisputeOpen)
			l.releases("2026-01-10 12:00", "H-1")
		}, []string{"01-14"}},
		"under a hold when it is due": {func(l *life) {
			l.holds("2026-01-06 12:00", "H-1", contact.DisputeOpen)
			l.releases("2026-01-20 12:00", "H-1")
		}, []string{"01-20"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := complained(t)
			closes(l)
			c.happens(l)
			l.until("2026-02-15")
			var asked []string
			for _, line := range l.lines("survey-complaint@C-1.1 by") {
				asked = append(asked, dates([]string{line})...)
			}
			require.Equal(t, c.asked, asked, "%s", strings.Join(l.story, "\n"))
			require.True(t, l.over, "and then it is over")
		})
	}
}
