package strategy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strategy"
)

func TestShippedStrategiesAreGentle(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, s := range shipped() {
		names = append(names, s.Name)
		require.NotEmpty(t, s.Title)
		require.Len(t, s.Hash, 16)
		require.NoError(t, s.CheckProducts(products()))
		softest, _ := s.Tier("vulnerable")
		for _, segment := range s.Names() {
			tier, _ := s.Tier(segment)
			at := s.Name + "/" + segment
			require.LessOrEqual(t, tier.FollowUps.First.Day, 7, at)
			require.GreaterOrEqual(t, tier.Ladder.MinGapDays, 2, at)
			require.GreaterOrEqual(t, softest.Ladder.MinGapDays, tier.Ladder.MinGapDays, at)
			require.LessOrEqual(t, len(softest.Ladder.Steps), len(tier.Ladder.Steps), at)
			last, gap, asked := 0, 0, false
			for n, level := range tier.Ladder.Steps {
				if n < len(softest.Ladder.Steps) {
					require.GreaterOrEqual(t, softest.Ladder.Steps[n].Day, level.Day, "%s: vulnerable people are always written to latest", at)
				}
				if level.Do == strategy.Message {
					require.GreaterOrEqual(t, level.Day-last, min(gap, 15), "%s: %s: the messages grow rarer, not denser", at, level.Name)
					gap, last = level.Day-last, level.Day
				}
				if asked = asked || level.OfferPlan; level.Do == strategy.Refer {
					require.True(t, asked && level.Review, "%s: nobody is referred who was not offered a plan, and unreviewed", at)
				}
			}
			require.True(t, asked, "%s: a plan is offered before the end", at)
			require.Greater(t, tier.ChargeOff.Day, last+3, "after the last notice there is time to answer")
		}
		for _, step := range softest.Ladder.Steps {
			require.True(t, step.OfferPlan && step.Do == strategy.Message && !message.ToneOf(step.Template).Firmer(message.Neutral), "%s: %s", s.Name, step.Name)
		}
	}
	require.Equal(t, []string{strategy.Default, "revolving-card", "wallet-microloan"}, names)
	require.NoError(t, strategy.CheckChallengers(shipped()))
}

func TestAStrategyOffersOnlyPlansThatThereAre(t *testing.T) {
	t.Parallel()
	s := *plain()
	require.NoError(t, s.CheckProducts(products()))
	s.Plans.Products = []string{products()[0].Name, "holiday"}
	require.ErrorContains(t, s.CheckProducts(products()), "strategy gentle-installment: plans.products[1]: there is no product holiday; known are ")
}

func TestWhatAStrategyMayNotSayIsRefusedWhereItStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, says string }{
		"a field that nobody knows":      {"welcome: {template: welcome}", "welcome: {template: welcome, tone: harsh}", "[11:30] unknown field"},
		"a name that is no id":           {"name: gentle-installment", "name: gentle installment", "s.yaml:2:7: name: is no id"},
		"a version that is a number":     {`version: "1"`, "version: +15551234567", "s.yaml:3:10: version: looks like a phone number"},
		"no channel":                     {"[push, sms, email, chat]", "[]", "channels: is empty; list at least one channel"},
		"a channel for people":           {"[push, sms, email, chat]", "[push, call]", "s.yaml:6:18: channels[1]: call is not written by machine"},
		"a channel that is none":         {"[push, sms, email, chat]", "[pigeon]", `unknown channel "pigeon"`},
		"a template that is not there":   {"template: follow-up", "template: threat", `follow_ups.then.template: there is no template "threat"; use one of follow-up`},
		"a step without a template":      {"template: notice-3", "template: ''", "ladder.steps[2].template: is missing; name the template of the message that goes out when a payment is late: one of notice-1"},
		"negative grace":                 {"grace_days: 0", "grace_days: -1", "grace_days: -1 must not be negative"},
		"a negative gap":                 {"min_gap_days: 3", "min_gap_days: -3", "ladder.min_gap_days: -3 must not be negative"},
		"a negative rest":                {"promise: 2, hardship", "promise: -2, hardship", "rest_days.promise: -2 must not be negative"},
		"negative distance":              {"keep_from_due_days: 4", "keep_from_due_days: -4", "keep_from_due_days: -4 must not be negative"},
		"a late first week":              {"first: {day: 5", "first: {day: 8", "follow_ups.first.day: 8 must lie within the first week, 1 to 7"},
		"follow-ups that grow denser":    {"[14, 21, 35, 60]", "[14, 21, 20]", "follow_ups.then.every[2]: 20 must be positive and not shorter than the one before"},
		"follow-ups without end":         {"[14, 21, 35, 60]", "[0]", "follow_ups.then.every[0]: 0 must be positive"},
		"a reminder of another's name":   {"name: reminder-due", "name: reminder-ahead", `reminders[1].name: "reminder-ahead" must be an id of its own`},
		"a step named like a thread":     {"name: notice-2", "name: follow-up", `ladder.steps[1].name: "follow-up" must be an id of its own, and none of welcome`},
		"reminders in another order":     {"days_before: 3", "days_before: 0", "reminders[1].days_before: 0 must not be negative, and less than the one before"},
		"a cause that there is not":      {"plans:", "plans:\n  presume_months: {boredom: 3}", `plans.presume_months.boredom: there is no cause "boredom"; use one of job_loss`},
		"a trouble of years":             {"plans:", "plans:\n  presume_months: {illness: 30}", "plans.presume_months.illness: 30 must lie between 1 and 12"},
		"a reminder after the due date":  {"days_before: 0", "days_before: -1", "reminders[1].days_before: -1 must not be negative"},
		"a step on the due date":         {"day: 1, template", "day: 0, template", "ladder.steps[0].day: 0 must be at least 1"},
		"steps in another order":         {"day: 12,", "day: 5,", "ladder.steps[2].day: 5 must be at least 1 and greater than the one before"},
		"a charge-off before the notice": {"charge_off: {day: 60}", "charge_off: {day: 45}", "charge_off.day: 45 must lie after the last step of the ladder, day 45"},
		"stages in another order":        {"pre_charge_off: 46", "pre_charge_off: 30", "stages: late_arrears, pre_charge_off and the day of the charge-off must follow one another"},
		"buckets in another order":       {"grace_days: 0", "grace_days: 0\nbuckets: [1, 30, 30]", "buckets[2]: 30 must be positive and greater than the one before"},
		"two documents":                  {"thanks: {template: thank-you}", "thanks: {template: thank-you}\n---\na: 1", "must hold one YAML document"},
	} {
		require.Contains(t, plain().Text, c.old, name)
		_, err := strategy.Parse("s.yaml", []byte(strings.Replace(plain().Text, c.old, c.new, 1)))
		require.ErrorContains(t, err, "s.yaml", name)
		require.ErrorContains(t, err, strings.TrimPrefix(c.says, "[11:30] "), name)
	}
	ladder := plain().Text[strings.Index(plain().Text, "  steps:\n"):strings.Index(plain().Text, "# After the date of a promise")]
	_, err := strategy.Parse("s.yaml", []byte(strings.Replace(plain().Text, ladder, "  steps: []\n", 1)))
	require.ErrorContains(t, err, "ladder.steps: is empty; nobody may be charged off unasked")
}

func TestAStrategyOfOnesOwnTakesThePlaceOfAShippedOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("mine.yaml", strings.Replace(plain().Text, `version: "1"`, `version: "2"`, 1))
	write("slow.yaml", strings.Replace(plain().Text, "name: gentle-installment", "name: slow", 1))
	write("notes.txt", "no strategy")
	all, err := strategy.Load(dir)
	require.NoError(t, err)
	require.Len(t, all, len(shipped())+1)
	mine := all[slices.IndexFunc(all, func(s *strategy.Strategy) bool { return s.Name == strategy.Default })]
	require.Equal(t, "2", mine.Version)
	require.Equal(t, "slow", all[len(all)-1].Name)
	require.NotEqual(t, plain().Hash, mine.Hash, "a version is its content")

	write("bad.yaml", "name: x\n")
	_, err = strategy.Load(dir)
	require.ErrorContains(t, err, filepath.Join(dir, "bad.yaml"))
	none, err := strategy.Load(filepath.Join(dir, "nowhere"))
	require.NoError(t, err, "an empty folder adds nothing")
	require.Len(t, none, len(shipped()))
}

func TestBucketsCanBeAnothers(t *testing.T) {
	t.Parallel()
	l := born(t, terms{strategy: with(t, "grace_days: 0", "grace_days: 0\nbuckets: [1, 8, 15]")})
	l.until("2026-01-30")
	require.Equal(t, "8-14", l.last.Bucket)
	l.until("2026-02-10")
	require.Equal(t, "15+", l.last.Bucket)
}

func TestAStrategyCanDoWithoutFollowUpsAndReminders(t *testing.T) {
	t.Parallel()
	text := plain().Text
	reminders := text[strings.Index(text, "reminders:\n"):strings.Index(text, "# After a missed payment")]
	text = strings.Replace(strings.Replace(text, reminders, "", 1), "then: {every: [14, 21, 35, 60], template: follow-up}", "then: {}", 1)
	s, err := strategy.Parse("bare.yaml", []byte(text))
	require.NoError(t, err)
	l := born(t, terms{strategy: s})
	l.pays("2026-01-22", "2026-02-04", "2026-02-18")
	l.until("2026-03-01")
	require.Equal(t, []string{
		"2026-01-05 10:00 welcome@2026-01-05 by sms", "2026-01-10 10:34 first-week@2026-01-05 by sms", "2026-01-21 09:33 notice-1@2026-01-20 by sms",
		"2026-01-22 12:00 back-on-track@2026-01-22 by sms", "2026-02-18 12:00 thank-you@2026-02-18 by sms",
	}, l.lines("by sms"))
	require.NotEmpty(t, l.lines("2026-02-04 00:00:00    (due soon"), "on a due date one is due")
}

func TestOnlyChannelsThatAreServedAreUsed(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.facts.Served = []contact.Channel{contact.Email}
	l.until("2026-01-22")
	require.Empty(t, l.lines("by sms"))
	require.NotEmpty(t, l.lines("notice-1@2026-01-20 by email"))
	l = born(t)
	l.facts.Served = nil
	l.until("2026-01-22")
	require.Equal(t, []string{"2026-01-21 09:33 task notice-1@2026-01-20: no channel is permitted"}, l.lines("by ", "task"))
}
