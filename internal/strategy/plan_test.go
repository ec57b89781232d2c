package strategy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

func TestWhatIsDueForManyLoansIsSpreadOverTheFirstThirdOfTheWindow(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.until("2026-01-20")
	opens := l.clock("2026-01-20 08:00")
	var offsets []time.Duration
	for n := range 500 {
		f := l.facts
		f.Journey.Loan, f.Now = fmt.Sprintf("L-%d", n), l.now
		d, _ := strategy.Decide(f)
		require.Equal(t, "reminder-due@2026-01-20", d.Step.Key)
		require.Equal(t, d.Step.At, d.Step.At.Truncate(time.Second), "on a whole second")
		offsets = append(offsets, d.Step.At.Sub(opens))
	}
	third := 13 * time.Hour / 3 // from 8 to 21
	require.GreaterOrEqual(t, slices.Min(offsets), time.Duration(0))
	require.Less(t, slices.Max(offsets), third)
	slices.Sort(offsets)
	require.Greater(t, len(slices.Compact(slices.Clone(offsets))), 480, "hardly two at the same second")
	require.InDelta(t, float64(third/2), float64(offsets[250]), float64(third/10), "evenly")
}

func TestAPlannedMomentIsTheSameHoweverOftenItIsAsked(t *testing.T) {
	t.Parallel()
	quiet := born(t)
	quiet.until("2026-02-10")
	restless := born(t)
	for n := range 200 { // events that change nothing
		restless.says(day("2026-01-05").AddDays(n/6).String()+fmt.Sprintf(" %02d:17", 11+n%6), event.ContactRecorded, `{}`)
		restless.says(day("2026-01-06").AddDays(n/6).String()+fmt.Sprintf(" %02d:05", 5+n%6), event.ContactRecorded, `{}`)
	}
	restless.until("2026-02-10")
	require.Equal(t, quiet.made, restless.made)
}

func TestAnEventInTheMorningDoesNotHurryWhatWasPlannedAtNight(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]func(*life){
		"nothing": func(*life) {}, "an event at eight": func(l *life) { l.says("2026-01-06 08:00", event.BorrowerUpdated, `{}`) },
		"an event at five past eight": func(l *life) { l.says("2026-01-06 08:05", event.BorrowerUpdated, `{}`) },
	} {
		l := born(t, terms{at: "2026-01-05 23:00"})
		plan(l)
		l.until("2026-01-07")
		require.Equal(t, []string{"2026-01-06 08:18 welcome@2026-01-05 by sms"}, l.lines("welcome@"), name)
	}
	l := born(t, terms{at: "2026-01-05 09:00"})
	l.until("2026-01-06")
	require.Equal(t, []string{"2026-01-05 09:00 welcome@2026-01-05 by sms"}, l.lines("welcome@"), "what is new by day goes out by day")
}

// In these nights the clocks change; nobody is written to before eight in the morning by the clock on the wall, nor an hour late.
func TestNightsInWhichClocksChangeMoveNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, due string }{
		{"America/New_York", "2026-03-08"},
		{"America/New_York", "2026-11-01"},
		{"Europe/Berlin", "2026-03-29"},
		{"Europe/Berlin", "2026-10-25"},
		{"Asia/Beirut", "2026-03-29"},
		{"America/Santiago", "2026-09-06"},
		{"America/Havana", "2026-11-01"},
		{"Australia/Lord_Howe", "2026-04-05"},
	} {
		due := day(c.due)
		l := born(t, terms{zone: c.zone, zones: []string{c.zone}, at: due.AddDays(-20).String() + " 10:00", dues: []string{c.due}})
		l.until(due.AddDays(9).String())
		for key, date := range map[string]bizclock.Date{
			"reminder-ahead": due.AddDays(-3), "reminder-due": due, "notice-1": due.AddDays(1), "notice-2": due.AddDays(5),
		} {
			at := l.made[key+"@"+c.due].In(l.zone)
			require.Equal(t, date, bizclock.DateOf(at), "%s in %s", key, c.zone)
			clock := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
			require.GreaterOrEqual(t, clock, 8*time.Hour, "%s in %s", key, c.zone)
			require.LessOrEqual(t, clock, 12*time.Hour+20*time.Minute, "%s in %s", key, c.zone)
		}
		require.Len(t, l.lines("(early arrears, 1-29)"), 1)
	}
}

func TestDatesAreThoseOfTheContractAndHoursThoseOfTheBorrower(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contract string
		lives    []string
		from     int // hours of the borrower's day
		until    int
	}{
		"where the contract is":        {"America/New_York", []string{"America/New_York"}, 8, 13},
		"further west":                 {"America/New_York", []string{"America/Los_Angeles"}, 8, 13},
		"much further west":            {"Asia/Shanghai", []string{"Pacific/Honolulu"}, 8, 13},
		"further east":                 {"America/New_York", []string{"Europe/Berlin"}, 8, 13},
		"where it is the day before":   {"America/New_York", []string{"Pacific/Honolulu"}, 8, 13}, // there the day begins at 19:00
		"much further east":            {"America/New_York", []string{"Asia/Tokyo"}, 14, 17},      // there the day begins at 14:00
		"in one of two places":         {"America/New_York", []string{"America/New_York", "America/Los_Angeles"}, 11, 15},
		"in one of two places, or not": {"UTC", []string{"America/New_York", "Europe/Berlin"}, 8, 11}, // 8 to 15 in New York, 14 to 21 in Berlin
	} {
		l := born(t, terms{zone: c.contract, zones: c.lives})
		l.until("2026-01-27")
		for key, date := range map[string]string{
			"reminder-ahead": "2026-01-17", "reminder-due": "2026-01-20", "notice-1": "2026-01-21", "notice-2": "2026-01-25",
		} {
			at := l.made[key+"@2026-01-20"]
			require.Equal(t, date, bizclock.DateOf(at.In(l.zone)).String(), "%s: %s", name, key)
			hour := at.In(place(c.lives[0])).Hour()
			require.True(t, hour >= c.from && hour < c.until, "%s: %s at %s", name, key, at.In(place(c.lives[0])))
		}
	}
}

func TestAReminderLeavesOnTheDueDateOfTheContract(t *testing.T) {
	t.Parallel()
	// There the date ends at 11:00 of the borrower's day, before the first third of the window does.
	l := born(t, terms{zone: "Pacific/Kiritimati", zones: []string{"Europe/Berlin"}})
	l.until("2026-01-19")
	for n := range 100 {
		f := l.facts
		f.Journey.Loan, f.Now = fmt.Sprintf("L-%d", n), l.clock("2026-01-20")
		d, why := strategy.Decide(f)
		require.Equal(t, "reminder-due@2026-01-20", d.Step.Key, text(t, why.Considered))
		require.Equal(t, day("2026-01-20"), bizclock.DateOf(d.Step.At.In(l.zone)))
		require.GreaterOrEqual(t, d.Step.At.In(place("Europe/Berlin")).Hour(), 8)
	}
}

func TestOnAFastClockAWakeIsATimeOnTheWall(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 5, 10, 0, 0, 0, newYork)
	clock := must(bizclock.Day(start, time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), 2*time.Second))
	l := born(t, terms{clock: clock})
	l.paysPart("2026-01-30", "300.00")
	l.until("2026-01-20")
	require.Equal(t, clock.Wall(l.last.Step.At), l.last.Wake)
	require.EqualValues(t, 2, l.last.Step.AttemptSeconds, "nobody can wait for half a minute, which is two weeks")
	l.until("2026-03-01")
	require.True(t, l.over)
	usual := born(t)
	usual.paysPart("2026-01-30", "300.00")
	usual.until("2026-03-01")
	require.Equal(t, usual.story, l.story, "the life is the same")
}

// manifold is a journey that has seen everything.
func manifold(t *testing.T) *life {
	dues := []string{}
	for n := range 60 {
		dues = append(dues, day("2026-02-01").AddDays(30*n).String())
	}
	l := born(t, terms{dues: dues})
	j := &l.facts.Journey
	for n := range 200 {
		l.hears(int64(100+2*n), event.PaymentPosted, fmt.Sprintf(`{"transaction":"T-%d","amount":"1.00","currency":"USD","value_date":"2026-01-20"}`, n))
		j.Apply(journey.StepEvent(journey.Decision{}, journey.Outcome{
			Key: fmt.Sprintf("follow-up@%s", day("2026-02-01").AddDays(n)), At: l.now, Result: journey.ResultSent, Channel: contact.SMS, Contact: "c",
		}, "", l.now))
		l.person.Attempts = append(l.person.Attempts, contact.Attempt{Key: fmt.Sprint(n), At: l.now.AddDate(0, 0, -n), Channel: contact.Call, Loans: []string{"L-1"}})
	}
	for n, kind := range contact.HoldKinds {
		l.person.Holds = append(l.person.Holds, contact.Hold{ID: fmt.Sprint(n), Kind: kind, Point: "mail", From: l.now})
	}
	return l
}

func TestADecisionStaysSmallHoweverLongTheJourney(t *testing.T) {
	t.Parallel()
	l := manifold(t)
	for _, now := range []string{"2026-01-06", "2026-02-02", "2026-03-20", "2027-07-01"} {
		f := l.facts
		f.Standing, f.Now = l.person, l.clock(now)
		d, why := strategy.Decide(f)
		without := d
		without.Ahead = nil // it names every known event beyond a gap, and gaps close
		require.Less(t, len(text(t, without)), 1536, "on %s", now)
		require.NotEmpty(t, text(t, why))
	}
}

func TestStepsOfThePresentArrearsAreNotForgotten(t *testing.T) {
	t.Parallel()
	l := manifold(t)
	for n := range l.facts.Journey.Contract.Schedule { // most of it lies in the past
		l.facts.Journey.Contract.Schedule[n].Due = day("2026-02-01").AddDays(n)
	}
	l.facts.Now = l.clock("2028-07-01")
	d, _ := strategy.Decide(l.facts)
	require.False(t, d.Arrears.IsZero())
	require.Equal(t, d.Arrears.In(l.zone), d.Forget.In(l.zone))
	l.hears(1000, event.LoanSettled, `{"on":"2028-06-30"}`)
	d, _ = strategy.Decide(l.facts)
	require.Equal(t, l.facts.Now.AddDate(-1, -3, 0), d.Forget, "and otherwise those of a year and a quarter are kept")
}

func TestAttributesAreWrittenWhenTheyChange(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.decide()
	names := func() (all []string) {
		for _, a := range l.last.Attributes {
			all = append(all, a.Name)
			require.Contains(t, journey.SearchAttributes, a.Name)
		}
		return all
	}
	require.Equal(t, []string{"Bucket", "Jurisdiction", "NextStepAt", "Stage", "Strategy"}, names())
	l.decide()
	require.Empty(t, names())
	l.person.Holds = []contact.Hold{
		{ID: "1", Kind: contact.DisputeOpen, From: l.now},
		{ID: "2", Kind: contact.MHCrisis, From: l.now},
		{ID: "3", Kind: contact.DisputeOpen, From: l.now},
		{ID: "4", Kind: contact.Sold, From: l.now, Loan: "L-2"},
		{ID: "5", Kind: contact.Sold, From: l.now.Add(time.Hour)},
	}
	l.decide()
	require.Contains(t, l.last.Attributes, journey.Attribute{Name: "Holds", Type: journey.Keywords, Value: "dispute,welfare"},
		"classes, not kinds: a reason can be health data")
	l.until("2026-01-22")
	require.Equal(t, "2026-01-20T05:00:00Z", l.facts.Journey.Last.Attributes["PastDueSince"])
}

func TestAnExplanationSaysWhatWasWeighedAndWhatWasHeldBack(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.wishes("2026-01-10 18:00", event.ConsentRevoked, contact.Wish{Channel: contact.SMS})
	l.until("2026-01-17")
	golden := func(name string) {
		b, err := json.MarshalIndent(l.why, "", "  ")
		require.NoError(t, err)
		l.story = append(strings.Split(string(b), "\n"), "", l.last.Details)
		l.golden(t, name)
	}
	golden("../explanation")
	require.Equal(t, l.why.Step, l.last.Step)

	l = born(t)
	l.holds("2026-01-10 18:00", "H-1", contact.DisputeOpen)
	l.until("2026-01-22")
	held := l.why.HeldBack()
	require.Len(t, held, 1)
	require.Equal(t, "notice-1@2026-01-20", held[0].StepKey)
	require.Equal(t, "tender/hold", held[0].Rule)
	require.Nil(t, held[0].Until)
}

func TestWhoeverReadsAReasonReadsWords(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{
		"welcome", "follow_up", "reminder", "arrears", "charge_off", "back_on_track", "estate", "hardship", "nothing_due", "not_disbursed",
		"charged_off", "cancelled", strategy.ReasonHold, strategy.ReasonNoChannel, strategy.ReasonTaskOpen, strategy.ReasonLapsed,
		strategy.ReasonGivenUp, strategy.ReasonStaleLedger, strategy.ReasonSettled, strategy.ReasonWriteOff, strategy.ReasonNoticeKept,
	} {
		require.Greater(t, strings.Count(strategy.Sentence(reason), " "), 1, reason)
	}
	require.Equal(t, "something new", strategy.Sentence("something_new"))
}

// Who tells of trouble, and not for how long, is offered a plan all the same, and before any payment is missed.
func TestALostJobLeadsToAnOfferBeforeAPaymentIsMissed(t *testing.T) {
	t.Parallel()
	presuming := *plain()
	presuming.Plans.PresumeMonths = map[hardship.Cause]int{hardship.JobLoss: 3}
	for _, test := range []struct {
		with    *strategy.Strategy
		offered bool
	}{{&presuming, true}, {plain(), false}} {
		l := born(t, terms{strategy: test.with})
		l.facts.Products = products()
		l.at("2026-01-12 18:00", func() {
			l.facts.Hardship = strategy.Hardship{Cause: hardship.JobLoss}
			l.happens(event.HardshipReported, `{}`)
		})
		l.until("2026-01-16")
		require.Equal(t, test.offered, len(l.lines("plan-offer@")) == 1, l.story)
		require.Equal(t, !test.offered, len(l.lines("task hardship@")) == 1, "else a person helps: %s", l.story)
	}
}
