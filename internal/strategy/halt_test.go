package strategy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

func TestAHaltThatNobodyKnowsTheEndOfIsWaitedForWithoutGoingInCircles(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.halts("2026-01-20 12:00", contact.Halt{ID: "HALT-1"})
	l.until("2026-01-21")
	decided := l.decided
	l.until("2026-01-14")
	require.LessOrEqual(t, l.decided-decided, 9, "once a day at most, as the buckets ask:\n%s", strings.Join(l.story, "\n"))
	l.waitsHalted("notice-1@2026-01-20")
	held := l.why.HeldBack()
	require.NotEmpty(t, held)
	require.Equal(t, "tender/halt", held[0].Rule)
	require.Equal(t, "contacts are halted: HALT-1", held[0].Why)
	require.Nil(t, held[0].Until)
}

// waitsHalted asks that a step waits for the end of a halt, and that the explanation says so.
func (l *life) waitsHalted(key string) {
	l.t.Helper()
	require.NotEqual(l.t, key, l.last.Step.Key)
	for _, c := range l.why.Considered {
		if c.Key == key {
			require.Equal(l.t, strategy.Dropped, c.Outcome)
			require.Equal(l.t, strategy.ReasonHalted, c.Reason)
			require.Equal(l.t, "tender/halt", c.Rule)
			return
		}
	}
	require.Fail(l.t, "it was not considered", "%+v", l.why.Considered)
}

func TestAHaltOfOneChannelLeavesTheOthers(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.halts("2026-01-16 08:00", contact.Halt{ID: "HALT-1", Channel: contact.SMS})
	l.until("2026-01-25")
	require.NotEmpty(t, l.lines("notice-1@2026-01-20 by email"), strings.Join(l.story, "\n"))
	require.Len(t, l.lines("by sms"), 2, "what left before")
}

func TestWhereNoMachineMayWriteAndCallsAreHaltedNobodyIsGivenTheCall(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.wishes("2026-01-10 18:00", event.BorrowerReplied, contact.Wish{})
	l.halts("2026-01-12 08:00", contact.Halt{ID: "HALT-1", Channel: contact.Call})
	l.until("2026-01-26")
	require.Empty(t, l.lines("task notice-1"))
	l.waitsHalted("notice-1@2026-01-20")
	l.resumes("2026-01-26 09:00", "HALT-1")
	l.until("2026-01-27")
	require.Len(t, l.lines("task notice-1"), 1, strings.Join(l.story, "\n"))
}

// A halt that ends lets every loan go on at the same instant: they are spread as those that a hold let go.
func TestWhatAHaltLetsGoIsSpread(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.halts("2026-01-20 12:00", contact.Halt{ID: "HALT-1"}, "2026-01-24 12:00")
	l.until("2026-01-24")
	at := l.last.Step.At
	require.Equal(t, journey.Send, l.last.Step.Kind, "its end is known: %+v", l.last.Step)
	require.Equal(t, "tender/halt", l.last.Step.Rule)
	require.False(t, at.Before(l.clock("2026-01-24 12:00")))
	require.NotEqual(t, l.clock("2026-01-24 12:00").UTC(), at, "not at the very instant")
	require.True(t, at.Before(l.clock("2026-01-24 12:00").Add(4*time.Hour)))
}

// What a hold or a halt lets go is spread, also where it began after the step was planned, and always to the same moment.
func TestWhatWasPlannedBeforeAHoldOrAHaltBeganIsSpreadWhenItEnds(t *testing.T) {
	t.Parallel()
	for name, stops := range map[string]func(*life){
		"hold": func(l *life) { l.holds("2026-01-25 12:00", "H-1", contact.DisasterOrBereavement, "2026-01-26 12:00") },
		"halt": func(l *life) { l.halts("2026-01-25 12:00", contact.Halt{ID: "HALT-1"}, "2026-01-26 12:00") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := born(t, terms{dues: []string{"2026-03-20"}})
			l.down[0], l.down[1] = l.clock("2026-01-20"), l.clock("2026-01-25 13:00") // it was planned before, and nobody was there to send it
			stops(l)
			l.until("2026-01-26")
			at := l.last.Step.At
			require.Equal(t, journey.Send, l.last.Step.Kind, "%+v", l.last.Step)
			require.Equal(t, "follow-up@2026-01-24", l.last.Step.Key)
			require.True(t, at.After(l.clock("2026-01-26 12:00")) && at.Before(l.clock("2026-01-26 17:00")), "%s", at)
		})
	}
}

func TestStatutoryNoticesPassAHaltThatExceptsThem(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	halts := []contact.Halt{{ID: "short", From: at, Until: at.Add(time.Hour), ExceptNotices: true}, {ID: "long", From: at, ExceptNotices: true}}
	halt, halted := strategy.HaltOf(halts, contact.Email, "notice-1", contact.Collection, at)
	require.True(t, halted)
	require.Equal(t, "long", halt.ID, "the one that lasts longest is named")
	_, halted = strategy.HaltOf(halts, contact.Email, "notice-1", contact.StatutoryNotice, at)
	require.False(t, halted)
}

// In New York City mail and texts need a consent in writing from September 2026 on: what was halted until then is nobody's any more
// but a person's.
func TestWhatIsHaltedIsLeftToAPersonWhenARuleComesIntoForce(t *testing.T) {
	t.Parallel()
	l := born(t, terms{where: "us-ny-nyc", dues: []string{"2026-01-20"}})
	l.halts("2026-02-05", contact.Halt{ID: "SMS", Channel: contact.SMS})
	l.halts("2026-02-05", contact.Halt{ID: "MAIL", Channel: contact.Email})
	l.until("2026-09-10")
	given := l.lines("task notice-")
	require.Len(t, given, 1)
	require.Equal(t, "2026-09-01", given[0][:10], "%v", given)
}
