package strategy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

func gentle() *strategy.Strategy { return shipped()[0] }

func TestALoanBelongsToTheFirstSegmentThatFits(t *testing.T) {
	t.Parallel()
	dues := []string{"2026-01-20", "2026-02-04", "2026-02-19", "2026-06-01"}
	for _, c := range []struct {
		name    string
		live    func(*life)
		until   string
		segment string
	}{
		{"a second loan", func(*life) {}, "2026-01-15", "standard"},
		{"a first loan", func(l *life) { l.facts.EarlierLoans = 0 }, "2026-01-15", "new_to_credit"},
		{"a borrower who paid three", func(l *life) { l.facts.SettledLoans = 3 }, "2026-01-15", "high_value"},
		{"a loan that was late once", func(*life) {}, "2026-01-30", "standard"},
		{"one that was late twice", func(*life) {}, "2026-02-06", "high_risk"},
		{"one that was late twice, and is paid", func(l *life) { l.pays("2026-02-10", "2026-02-10 13:00") }, "2026-02-12", "standard"},
		{"the lender's own word", func(l *life) { l.says("2026-01-10 12:00", event.LoanScored, `{"band":"high","points":400}`) }, "2026-01-12", "high_risk"},
		{"the lender's own word, that all is well", func(l *life) { l.says("2026-01-10 12:00", event.LoanScored, `{"band":"low"}`) }, "2026-02-12", "standard"},
		{"somebody who asked for care", func(l *life) { l.holds("2026-01-10 12:00", "H-1", contact.VulnerablePause) }, "2026-01-12", "vulnerable"},
		{"somebody who asked for care a while ago", func(l *life) { l.holds("2026-01-10 12:00", "H-1", contact.VulnerablePause, "2026-01-14") }, "2026-02-12", "vulnerable"},
		{"somebody in breathing space", func(l *life) { l.holds("2026-01-10 12:00", "H-1", contact.BreathingSpace) }, "2026-01-12", ""},
		{"care comes before risk", func(l *life) {
			l.says("2026-01-10 12:00", event.LoanScored, `{"band":"high"}`)
			l.holds("2026-01-10 12:00", "H-1", contact.VulnerablePause, "2026-01-14")
		}, "2026-01-16", "vulnerable"},
	} {
		l := born(t, terms{dues: dues, strategy: gentle()})
		c.live(l)
		l.until(c.until)
		if c.segment != "" {
			require.Equal(t, c.segment, l.why.Segment, "%s: %+v", c.name, l.why.Risk)
		}
		found := text(t, l.last)
		require.NotContains(t, found, `"segment"`, "what Temporal sees does not say it")
	}
}

func TestTheRiskSaysWhatItIsMadeOf(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: gentle(), dues: []string{"2026-01-20", "2026-02-04", "2026-02-19"}})
	l.until("2026-01-10")
	require.Equal(t, "low", string(l.why.Risk.Band))
	l.until("2026-02-06")
	require.Equal(t, "high", string(l.why.Risk.Band), "%+v", l.why.Risk)
	require.Equal(t, "early-warning@1", l.why.Risk.Card)
	require.Contains(t, l.why.Risk.Reasons, "A payment is 1 month late now.")
	require.Len(t, l.why.Risk.Reasons, 3)
	l.says("2026-02-06 12:00", event.LoanScored, `{"band":"medium","points":510,"model":"own-7"}`)
	l.until("2026-02-07")
	require.Equal(t, strategy.Risk{Band: "medium", Points: 510, Own: true}, *l.why.Risk)
}

func TestASegmentsOwnLadderIsFollowedWithCallsByPeople(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: gentle(), dues: []string{"2026-01-20", "2026-06-01"}})
	l.says("2026-01-10 12:00", event.LoanScored, `{"band":"high"}`)
	l.until("2026-03-30")
	require.Equal(t, []string{
		"reminder-early@2026-01-20 by sms", "reminder-ahead@2026-01-20 by sms", "reminder-due@2026-01-20 by sms",
		"notice-1@2026-01-20 by sms", "notice-2@2026-01-20 by sms", "notice-3@2026-01-20 by sms",
		"task call-1@2026-01-20: a payment is overdue, and a person calls",
		"notice-4@2026-01-20 by sms", "notice-5@2026-01-20 by sms", "tell the lending system: charge-off@2026-01-20",
	}, withoutDates(l.lines("reminder-", "notice-", "call-", "tell ")))
}

// withoutDates takes the dates off lines.
func withoutDates(lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, strings.TrimSpace(line[len("2026-01-20 09:00"):]))
	}
	return all
}

func TestWhoIsReachedByTheCallIsNotWrittenToBeforeTheQuietDays(t *testing.T) {
	t.Parallel()
	ladder := with(t, "{name: notice-3, day: 12, template: notice-3}", "{name: call-1, day: 8, do: call, patience: 3}\n    - {name: notice-3, day: 12, template: notice-3, quiet_days: 9}")
	l := born(t, terms{strategy: ladder, dues: []string{"2026-01-20", "2026-06-01"}})
	l.until("2026-02-10")
	require.Equal(t, []string{"01-21", "01-25", "01-28", "02-01"}, datesOf(l.lines("notice-", "call-1")), "nobody called, and the ladder goes on")

	l = born(t, terms{strategy: ladder, dues: []string{"2026-01-20", "2026-06-01"}})
	l.at("2026-01-29 12:00", func() {
		task, ok := l.facts.Journey.LastDone("call-1@2026-01-20", func(r journey.Result) bool { return r == journey.ResultAssigned })
		require.True(t, ok)
		l.happens(event.CallCompleted, fmt.Sprintf(`{"task":%q,"disposition":"right_party"}`, task.Contact))
	})
	l.until("2026-02-10")
	require.Equal(t, []string{"01-21", "01-25", "01-28", "02-07"}, datesOf(l.lines("notice-", "call-1")), "nine days after the conversation")
}

func datesOf(lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, line[len("2026-"):len("2026-01-20")])
	}
	return all
}

func TestALadderGoesOnWhereItWasWhenTheLoanComesToAnotherSegment(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: gentle(), dues: []string{"2026-01-20", "2026-02-04", "2026-02-19"}})
	l.facts.SettledLoans = 3 // a patient ladder, with an early call
	l.at("2026-02-01 12:00", func() {
		l.facts.SettledLoans = 0 // and then the usual one, which becomes a closer one when a second payment is missed
		l.happens(event.BorrowerUpdated, `{}`)
	})
	l.until("2026-04-20")
	require.Equal(t, []string{
		"notice-1@2026-01-20 by sms", "task call-1@2026-01-20: a payment is overdue, and a person calls", "notice-2@2026-01-20 by sms",
		"notice-3@2026-01-20 by sms", "notice-4@2026-01-20 by sms", "notice-5@2026-01-20 by sms",
	}, withoutDates(l.lines("notice-", "call-1")), "no step twice, and none left out")
}

func TestALoanThatIsMovedToAnotherStrategyGoesOnFromWhereItWas(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: plain(), dues: []string{"2026-01-20", "2026-06-01"}})
	l.at("2026-01-27 12:00", func() { // after the second notice
		l.facts.Strategy = shipped()[2]
		require.Equal(t, "wallet-microloan", l.facts.Strategy.Name)
		l.happens(event.StrategyAssigned, fmt.Sprintf(`{"strategy":"wallet-microloan","hash":%q}`, l.facts.Strategy.Hash))
	})
	l.until("2026-02-20")
	require.Equal(t, []string{"notice-1", "notice-2", "notice-3", "notice-4", "notice-5"}, treatmentsOf(l.lines("notice-")))
	require.Equal(t, l.facts.Strategy.Hash, l.facts.Journey.Strategy)
	require.Equal(t, "wallet-microloan", l.facts.Journey.StrategyName)
}

func treatmentsOf(lines []string) (all []string) {
	for _, line := range withoutDates(lines) {
		name, _, _ := strings.Cut(line, "@")
		all = append(all, name)
	}
	return all
}

func TestOneChannelTakesOverWhenTheMonthsMessagesOfAnotherAreUsedUp(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: with(t, "grace_days: 0", "grace_days: 0\ncaps: {sms: 3, email: 1}")})
	l.until("2026-02-03")
	require.Equal(t, []string{
		"2026-01-05 10:00 welcome@2026-01-05 by sms", "2026-01-10 10:34 first-week@2026-01-05 by sms", "2026-01-17 09:21 reminder-ahead@2026-01-20 by sms",
		"2026-01-20 08:36 reminder-due@2026-01-20 by email",
	}, l.lines(" by ")[:4])
	require.Equal(t, "2026-02-01", l.lines(" by ")[4][:10], "the first notice waits for the next month: %v", l.lines(" by "))
	held := l.lines("notice-1@2026-01-20 by sms")
	require.Len(t, held, 1)
}

func TestAChannelThatAStepAsksForIsUsedWhereItCanBe(t *testing.T) {
	t.Parallel()
	asked := with(t, "{name: notice-2, day: 5, template: notice-2}", "{name: notice-2, day: 5, template: notice-2, channel: email}")
	l := born(t, terms{strategy: asked})
	l.until("2026-01-30")
	require.NotEmpty(t, l.lines("notice-1@2026-01-20 by sms"))
	require.NotEmpty(t, l.lines("notice-2@2026-01-20 by email"))
	l = born(t, terms{strategy: asked})
	l.person.Points = []contact.Point{{ID: "mobile", Channel: contact.SMS}}
	l.until("2026-01-30")
	require.NotEmpty(t, l.lines("notice-2@2026-01-20 by sms"), "where there is none, any other will do")
}

func TestALoanIsReferredAfterAReviewAndTakenBackWhenItsArrearsEnd(t *testing.T) {
	t.Parallel()
	referring := with(t, "{name: notice-5, day: 45, template: notice-5}", "{name: notice-5, day: 45, template: notice-5}\n    - {name: refer-agency, day: 52, do: refer, to: agency, review: true}")
	dues := []string{"2026-01-20", "2026-09-01"}
	live := func(answer contact.ApprovalAnswer) *life {
		l := born(t, terms{strategy: referring, dues: dues})
		l.boss = func(a journey.Approval) (contact.ApprovalAnswer, time.Duration) {
			require.Equal(t, []string{strategy.ReviewRule}, a.Rules)
			return answer, 30 * time.Hour
		}
		return l
	}
	l := live(contact.Granted)
	l.pays("2026-04-10")
	l.until("2026-04-20")
	told := l.lines("refer-", "recall", "charge-off")
	require.Len(t, told, 4, "%v", told)
	require.Contains(t, told[0], "approve-refer-agency@2026-01-20")
	require.Equal(t, "2026-03-14", told[1][:10], "%v", told)
	require.Contains(t, told[1], "tell the lending system: refer-agency@2026-01-20")
	require.Contains(t, told[3], "tell the lending system: recall@refer-agency.2026-01-20")
	require.Equal(t, "2026-04-10", told[3][:10])

	for _, no := range []contact.ApprovalAnswer{contact.ApprovalRefused, ""} {
		l = live(no)
		l.until("2026-06-20")
		require.Empty(t, l.lines("tell the lending system: refer"), "silence is no")
	}
}

func TestFollowUpsAreCloserForAWhileAfterSomethingWentWrongAndEnd(t *testing.T) {
	t.Parallel()
	s := with(t, "then: {every: [14, 21, 35, 60], template: follow-up}", "then: {every: [14, 21, 35, 60], unsettled: [7, 10], settles: 30, most: 5, template: follow-up}")
	l := born(t, terms{strategy: s, dues: []string{"2026-01-20", "2026-12-01"}})
	l.pays("2026-01-22")
	l.until("2026-11-01")
	require.Equal(t, []string{"01-29", "02-08", "02-18", "02-28", "04-29"}, datesOf(l.lines("follow-up")), "seven days after all was well again, then ten, then as usual; and no more than five")
}

func TestALoanBeginsWithTheSameArmHoweverOftenItIsAsked(t *testing.T) {
	t.Parallel()
	s := with(t, "grace_days: 0", "grace_days: 0\nchallengers: [{strategy: softer, percent: 20}, {strategy: later, percent: 5}]")
	count := map[string]int{}
	const loans = 20_000
	for n := range loans {
		id := fmt.Sprintf("L-%d", n)
		count[s.Arm(id)]++
		require.Equal(t, s.Arm(id), s.Arm(id))
	}
	require.InDelta(t, 0.20, float64(count["softer"])/loans, 0.01)
	require.InDelta(t, 0.05, float64(count["later"])/loans, 0.006)
	require.Equal(t, loans, count["softer"]+count["later"]+count[s.Name])
	require.Equal(t, plain().Name, plain().Arm("L-1"))
	require.ErrorContains(t, strategy.CheckChallengers([]*strategy.Strategy{s}), "challengers[0]: there is no strategy softer")
}

func TestWhatASegmentMayNotSayIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	const anchor = "# Channels in the order"
	for _, c := range []struct{ segments, says string }{
		{"segments: [{name: standard, when: 'true'}]", `segments[0].name: "standard" must be an id of its own, and not standard`},
		{"segments: [{name: a, when: 'true'}, {name: a, when: 'true'}]", `segments[1].name: "a" must be an id of its own`},
		{"segments: [{name: a}]", "segments[0].when:"},
		{"segments: [{name: a, when: 'loan.principle > 5'}]", "segments[0].when: there is no fact or function 'loan.principle', near its character 5"},
		{"segments: [{name: a, when: 'risk.band == \"hgih\"'}]", `segments[0].when: unknown band "hgih"; use one of low, medium, high`},
		{"segments: [{name: a, when: 'loan.age_days'}]", "segments[0].when: gives a value of type int"},
		{"segments: [{name: a, when: 'true', ladder: {steps: []}}]", "segments[0].ladder.steps: is empty"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 60, template: notice-1}]}}]", "segments[0].ladder.steps[0].day: 60 must lie before the charge-off, day 60"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, do: call}]}}]", "segments[0].ladder.steps[0].do: the first step is a message"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1, tone: firm-kind}]}}]", "the template notice-1 speaks in the tone warm"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1, tone: cruel}]}}]", `unknown tone "cruel"`},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1, channel: letter}]}}]", "segments[0].ladder.steps[0].channel: letter is not among the channels"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1}, {name: notice-2, day: 3, do: call}]}}]", "segments[0].ladder.steps[1].do: notice-2 is message in another ladder"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1}, {name: y, day: 3, do: refer}]}}]", "segments[0].ladder.steps[1].to: is missing; say agency or legal"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1}, {name: y, day: 3, do: refer, to: legal}, {name: z, day: 4, template: notice-1}]}}]", "segments[0].ladder.steps[2].do: message comes after the loan was referred"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1}, {name: y, day: 3, do: call, template: notice-1}]}}]", "segments[0].ladder.steps[1].template: means nothing where do is call"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1, catch_up: lapse}]}}]", "segments[0].ladder.steps[0].catch_up: the first and the last step"},
		{"segments: [{name: a, when: 'true', ladder: {steps: [{name: x, day: 2, template: notice-1}, {name: y, day: 3, template: notice-5, catch_up: lapse}, {name: z, day: 9, template: notice-5}]}}]", "segments[0].ladder.steps[1].catch_up: a step that speaks more firmly"},
		{"segments: [{name: a, when: 'true', caps: {sms: 0}}]", "segments[0].caps.sms: 0 must be at least 1"},
		{"segments: [{name: a, when: 'true', caps: {call: 3}}]", "segments[0].caps.call: call is not written by machine"},
		{"segments: [{name: a, when: 'true', follow_ups: {first: {day: 9, template: first-week}}}]", "segments[0].follow_ups.first.day: 9 must lie within the first week"},
		{"segments: [{name: a, when: 'true', follow_ups: {first: {day: 2, template: first-week}, then: {every: [5], unsettled: [8], template: follow-up}}}]", "segments[0].follow_ups.then.unsettled[0]: 8 must not be longer than every, 5"},
		{"scorecard: early-warning@9", "scorecard: there is no scorecard early-warning@9; known is early-warning@1"},
		{"challengers: [{strategy: gentle-installment, percent: 5}]", "challengers[0].strategy:"},
		{"challengers: [{strategy: a, percent: 60}, {strategy: b, percent: 40}]", "challengers[1].percent: 40 must be at least 1, and all of them together at most 99"},
		{"priority: 1.5", "1.5 has a fraction"},
	} {
		_, err := strategy.Parse("s.yaml", []byte(strings.Replace(plain().Text, anchor, c.segments+"\n"+anchor, 1)))
		require.ErrorContains(t, err, c.says)
		require.Regexp(t, `^s\.yaml:\d+:\d+: `, err.Error())
	}
}

func TestADiffSaysWhatChangesForWhom(t *testing.T) {
	t.Parallel()
	require.Empty(t, strategy.Diff(gentle(), gentle()))
	was := plain()
	is := with(t, "{name: notice-2, day: 5, template: notice-2}", "{name: notice-2, day: 6, template: notice-2, offer_plan: true}",
		"# Channels in the order", "segments: [{name: loyal, when: 'borrower.settled_loans > 1', caps: {sms: 2}}]\n# Channels in the order")
	require.Equal(t, []strategy.Change{
		{"every", "notice-2", "day 5: write notice-2", "day 6: write notice-2; offers a plan the day after"},
		{"loyal", "the segment", "", "is new: when borrower.settled_loans > 1"},
		{"loyal", "most messages in a month", "", "sms 2"},
	}, strategy.Diff(was, is))
	require.Equal(t, strategy.Change{"loyal", "the segment", "when borrower.settled_loans > 1", ""}, strategy.Diff(is, was)[1])
}

func TestWarningsSayWhatIsProbablyNotMeant(t *testing.T) {
	t.Parallel()
	for _, s := range shipped() {
		require.Empty(t, s.Warnings(), s.Name)
	}
	odd := with(t, "# Channels in the order", "segments: [{name: a, when: 'true', ladder: {min_gap_days: 9, steps: [{name: x, day: 2, template: notice-5}, {name: y, day: 5, template: notice-1}]}}]\n# Channels in the order")
	said := strings.Join(odd.Warnings(), "\n")
	for _, part := range []string{"title is missing", "segment a: y is softer than what comes before it", "y is planned 3 days after x, but min_gap_days is 9", "segment a: no step offers a plan", "no segment is called vulnerable"} {
		require.Contains(t, said, part)
	}
}
