package strategy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/strategy"
)

func gentleWith(t *testing.T, pairs ...string) (*strategy.Strategy, error) {
	t.Helper()
	text := ""
	for _, s := range shipped() {
		if s.Name == strategy.Default {
			text = s.Text
		}
	}
	for n := 0; n < len(pairs); n += 2 {
		require.Contains(t, text, pairs[n])
		text = strings.Replace(text, pairs[n], pairs[n+1], 1)
	}
	return strategy.Parse("altered.yaml", []byte(text))
}

// Whatever a file says otherwise for borrowers or people is a change.
func TestADiffSaysAllThatChanges(t *testing.T) {
	was, err := gentleWith(t)
	require.NoError(t, err)
	for name, pair := range map[string][2]string{
		"surveys":        {"every: {days: 120, question: satisfied}", "every: {days: 1, question: satisfied}"},
		"plans.missed":   {"missed: {template: plan-missed}", "missed: {template: notice-2}"},
		"presume_months": {"job_loss: 3", "job_loss: 12"},
		"missed":         {"missed: {template: promise-missed}", "missed: {template: notice-1}"},
		"worklist":       {"thanks: {template: thank-you}", "thanks: {template: thank-you}\nworklist: {hardship: {priority: 1}}"},
		"segments' order": {"  - name: high_risk", `  - name: first
    when: loan.on_plan
  - name: high_risk`},
	} {
		is, err := gentleWith(t, pair[0], pair[1])
		require.NoError(t, err, name)
		assert.NotEmpty(t, strategy.Diff(was, is), name)
	}
	// The same segments in another order.
	text := was.Text
	i, j, k := strings.Index(text, "  - name: vulnerable"), strings.Index(text, "  - name: high_risk"), strings.Index(text, "  - name: high_value")
	is, err := strategy.Parse("altered.yaml", []byte(text[:i]+text[j:k]+text[i:j]+text[k:]))
	require.NoError(t, err)
	assert.NotEmpty(t, strategy.Diff(was, is), "the order of segments")
	assert.NotEmpty(t, is.Warnings(), "somebody vulnerable of high risk is not treated as vulnerable")
	// A step that is called like a stage does not hide it.
	is, err = gentleWith(t, "late_arrears: 30", "late_arrears: 31", "{name: notice-1, day: 1, template: notice-1}", "{name: late_arrears, day: 1, template: notice-1}")
	require.NoError(t, err)
	assert.Contains(t, strategy.Diff(was, is), strategy.Change{"every", "late_arrears", "day 30: the stage late arrears begins", "day 31: the stage late arrears begins"})
	// What is not drawn is said to differ all the same.
	is, err = strategy.Parse("altered.yaml", []byte(was.Text+"# more\n"))
	require.NoError(t, err)
	assert.Equal(t, []strategy.Change{{"every", "the content", "", "differs in what is not shown here, such as comments or the order of lines"}}, strategy.Diff(was, is))
}

// A template that cannot be filled in its place, or says something else, is refused.
func TestATemplateHasToFitItsPlace(t *testing.T) {
	for _, pair := range [][2]string{
		{"welcome: {template: welcome}", "welcome: {template: plan-offer}"},
		{"thanks: {template: thank-you}", "thanks: {template: notice-5}"},
		{"{name: notice-1, day: 1, template: notice-1}", "{name: notice-1, day: 1, template: plan-confirmed}"},
		{"{name: notice-1, day: 1, template: notice-1}", "{name: notice-1, day: 1, template: thank-you}"},
		{"{name: notice-2, day: 5, template: notice-2}", "{name: notice-2, day: 5, template: stop-confirmed}"},
		{"{name: reminder-early, days_before: 7, template: reminder-ahead}", "{name: reminder-early, days_before: 7, template: survey}"},
		{"{name: reminder-early, days_before: 7, template: reminder-ahead}", "{name: reminder-early, days_before: 7, template: reminder-due}"},
		{"confirmed: {template: plan-confirmed}", "confirmed: {template: plan-offer}"},
		{"offer: {template: plan-offer}", "offer: {template: answer-balance}"},
	} {
		_, err := gentleWith(t, pair[0], pair[1])
		assert.Error(t, err, pair[1])
	}
}

// A word that is none is named with its place.
func TestAnUnknownWordIsNamedWithItsPlace(t *testing.T) {
	for _, pair := range [][2]string{
		{"channels: [push, sms", "channels: [push, fax"},
		{"paused_by: [breathing_space", "paused_by: [breething_space"},
		{"do: call, catch_up: lapse", "do: phone, catch_up: lapse"},
		{"do: call, catch_up: lapse", "do: call, catch_up: lapsed"},
		{"caps: {push: 10", "caps: {fax: 10"},
	} {
		_, err := gentleWith(t, pair[0], pair[1])
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "altered.yaml:1:1:", pair[1])
	}
}

// A reminder that is called like a step of another segment's ladder would be taken for that step.
func TestAReminderIsNotCalledLikeAStepOfAnotherLadder(t *testing.T) {
	_, err := gentleWith(t, "{name: reminder-early, days_before: 7, template: reminder-ahead}", "{name: notice-5, days_before: 7, template: reminder-ahead}")
	assert.Error(t, err)
}

// When something went wrong, follow-ups are never rarer than when all is well.
func TestUnsettledFollowUpsAreNeverRarer(t *testing.T) {
	_, err := gentleWith(t, "every: [14, 21, 35, 60], unsettled: [10, 14, 30]", "every: [14, 14, 14, 14], unsettled: [14, 140, 300]")
	assert.Error(t, err)
}

// A survey counts for the month's cap, and answers do not.
func TestTheCapCountsWhatItSays(t *testing.T) {
	s, err := gentleWith(t, "caps: {push: 10, sms: 10, email: 10, chat: 10}", "caps: {sms: 1, email: 1}")
	require.NoError(t, err)
	l := born(t, terms{strategy: s})
	l.until("2026-01-31")
	month := map[string]int{}
	for _, a := range l.person.Attempts {
		month[string(a.Channel)]++
	}
	assert.LessOrEqual(t, month["sms"], 1, strings.Join(l.story, "\n"))

	// Who asks uses nothing up.
	s, err = gentleWith(t, "caps: {push: 10, sms: 10, email: 10, chat: 10}", "caps: {sms: 5, email: 1}")
	require.NoError(t, err)
	l = born(t, terms{strategy: s})
	l.writes("2026-01-11 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"interest"}`)
	l.writes("2026-01-12 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"fees"}`)
	l.until("2026-01-31")
	assert.Len(t, l.lines("answer-"), 2)
	assert.Contains(t, strings.Join(l.lines("reminder-"), "\n"), "by sms", strings.Join(l.story, "\n"))
}

// A file is not mended one mistake at a time.
func TestAllMistakesOfAFileAreSaid(t *testing.T) {
	_, err := gentleWith(t, "thanks: {template: thank-you}", "thanks: {template: notice-5}", "welcome: {template: welcome}", "welcome: {template: plan-offer}",
		"rest_days: {promise: 2,", "rest_days: {promise: -2,", "{name: notice-2, day: 5, template: notice-2}", "{name: notice-2, day: 5, template: follow-up}")
	require.Error(t, err)
	for _, path := range []string{"thanks.template", "welcome.template", "rest_days.promise", "ladder.steps[1].template"} {
		assert.Contains(t, err.Error(), path+": ")
	}
	assert.Len(t, strings.Split(err.Error(), "\n"), 4)
}

// A zero where leaving out means another number, and a number that no loan lives to see, are slips of the hand.
func TestANumberMeansWhatIsWritten(t *testing.T) {
	for _, c := range []struct{ was, is, says string }{
		{"thanks: {template: thank-you}", "thanks: {template: thank-you}\nworklist: {hardship: {priority: 0}}", "worklist.hardship.priority: 0 must be at least 1; leave it out for the default, 40"},
		{"do: call, catch_up: lapse", "do: call, patience: 0, catch_up: lapse", "patience: 0 must be at least 1; leave it out for the default, 5"},
		{"charge_off: {day: 60}", "charge_off: {day: 9000000000000000000}", "9000000000000000000 is more than 3650"},
		{"grace_days: 0", "grace_days: 100000000", "100000000 is more than 3650"},
		{"charge_off: {day: 60}", "charge_off: {day: 0100}", "0100 is read as 64; write it with digits alone"},
		{"charge_off: {day: 60}", `charge_off: {day: "60"}`, `"60" is text; write a whole number without quotes`},
	} {
		_, err := gentleWith(t, c.was, c.is)
		require.ErrorContains(t, err, c.says, c.is)
		assert.Regexp(t, `^altered\.yaml:\d+:\d+: `, err.Error())
	}
	for was, is := range map[string]string{"promises: {rest_days: 21,": "rest_days: 0", "promises: {rest_days: 21, most: 2,": "most: 0"} {
		_, err := gentleWith(t, was, "promises: {"+is+",")
		require.ErrorContains(t, err, "promises."+is+" must be at least 1")
	}
}

// The first follow-up is not moved out of the first week, where it would lapse, when a reminder takes its day.
func TestAReminderOnTheLastDayOfTheWeekLeavesRoomForTheFirstFollowUp(t *testing.T) {
	s := with(t, "first: {day: 5", "first: {day: 7")
	l := born(t, terms{strategy: s, dues: []string{"2026-01-15", "2026-02-15"}})
	l.until("2026-01-14")
	assert.Len(t, l.lines("first-week"), 1, strings.Join(l.story, "\n"))
}

// What a version names that is gone does not end its journeys.
func TestAStoredStrategyIsReadThoughWhatItNamesIsGone(t *testing.T) {
	was, err := gentleWith(t)
	require.NoError(t, err)
	text := strings.NewReplacer("scorecard: early-warning@1", "scorecard: early-warning@0", "template: first-week", "template: first-days",
		"charge_off: {day: 60}", "charge_off: {day: 060}\nof_before: 3").Replace(was.Text)
	_, err = strategy.Parse("older.yaml", []byte(text))
	require.Error(t, err)
	s, err := strategy.Stored("older", []byte(text))
	require.NoError(t, err)
	assert.Equal(t, []string{"scorecard early-warning@0", "template first-days"}, s.Missing())
	assert.Empty(t, was.Missing())
	l := born(t, terms{strategy: s})
	l.until("2026-01-08")
	assert.Contains(t, l.lines("welcome@"), "2026-01-05 10:00 welcome@2026-01-05 by sms")
	same, err := strategy.Stored("gentle", []byte(was.Text))
	require.NoError(t, err)
	assert.Equal(t, was.Hash, same.Hash)
	assert.Empty(t, strategy.Diff(was, same))
}

func TestWhoNeedsSpecialCareComesFirst(t *testing.T) {
	for when, says := range map[string]string{
		"when: borrower.vulnerable":  "",
		`when: "false"`:              "segment vulnerable: its condition is not borrower.vulnerable",
		"when: loan.on_plan || true": "segment vulnerable: its condition is not borrower.vulnerable",
	} {
		s, err := gentleWith(t, "when: borrower.vulnerable", when)
		require.NoError(t, err)
		said := strings.Join(s.Warnings(), "\n")
		if says == "" {
			assert.Empty(t, said)
		}
		assert.Contains(t, said, says)
	}
}
