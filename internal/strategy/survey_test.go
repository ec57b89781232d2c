package strategy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

const surveying = "surveys:\n  first: {days: 4, question: understood}\n  every: {days: 60, question: satisfied}\n\n# When arrears that we wrote"

func TestAQuestionIsAskedAfterTheFirstFollowUpAndThenFromTimeToTime(t *testing.T) {
	t.Parallel()
	asking := with(t, "# When arrears that we wrote", surveying)
	l := born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	l.until("2026-05-20")
	require.Equal(t, []string{"survey-understood 01-14", "survey-satisfied 03-15", "survey-satisfied 05-14"}, surveys(l))
}

func surveys(l *life) (all []string) {
	for _, line := range l.lines("survey-") {
		name, _, _ := strings.Cut(line[len("2026-01-14 10:00 "):], "@")
		all = append(all, strings.TrimSpace(name)+" "+line[len("2026-"):len("2026-01-14")])
	}
	return all
}

func TestNobodyIsAskedWhileSomethingIsPastDueOrUnderAHold(t *testing.T) {
	t.Parallel()
	asking := with(t, "# When arrears that we wrote", surveying)
	l := born(t, terms{strategy: asking, dues: []string{"2026-01-12", "2026-09-01"}})
	l.pays("2026-03-20") // past due from the 13th of January on
	l.until("2026-06-01")
	require.Equal(t, []string{"survey-satisfied 05-05"}, surveys(l))

	l = born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.holds("2026-01-13 10:00", "H-1", contact.TimeBarred, "2026-01-20")
	l.pays("2026-01-29")
	l.until("2026-02-20")
	require.Equal(t, []string{"survey-understood 01-20"}, surveys(l), "whatever the hold allows")
}

func TestAfterAComplaintTheBorrowerIsAskedWhetherWeHelped(t *testing.T) {
	t.Parallel()
	asking := with(t, "# When arrears that we wrote", strings.Replace(surveying, "\n\n#", "\n  after_complaint: {days: 5, question: helped}\n\n#", 1))
	l := born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	l.says("2026-01-12 11:00", event.ComplaintRaised, `{"complaint": "C-1", "kind": "conduct"}`)
	l.says("2026-02-20 16:00", event.ComplaintClosed, `{"complaint": "C-1"}`)
	l.until("2026-05-20")
	require.Equal(t, []string{"survey-helped 02-25", "survey-satisfied 04-26"}, surveys(l), "nobody is asked while a complaint is open")

	l = born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	l.says("2026-01-12 11:00", event.ComplaintRaised, `{"complaint": "C-1", "kind": "conduct"}`)
	l.until("2026-05-20")
	require.Equal(t, []string{"survey-satisfied 03-13", "survey-satisfied 05-12"}, surveys(l), "that nobody says it was closed does not keep it open for ever")
}

// What is so on the day on which a complaint is closed may have passed by the day of the question.
func TestArrearsAndHoldsThatPassedBeforeAQuestionIsDueDoNotDropIt(t *testing.T) {
	t.Parallel()
	asking := with(t, "# When arrears that we wrote", strings.Replace(surveying, "\n\n#", "\n  after_complaint: {days: 5, question: helped}\n\n#", 1))
	for name, c := range map[string]struct {
		happens func(*life)
		asked   string
	}{
		"arrears that end": {func(l *life) { l.pays("2026-02-22") }, "survey-helped 03-09"},
		"a hold that is released": {func(l *life) {
			l.pays("2026-01-29")
			l.holds("2026-02-19 10:00", "H-1", contact.DisputeOpen)
			l.releases("2026-02-23 10:00", "H-1")
		}, "survey-helped 02-25"},
		"a hold that ends by itself": {func(l *life) {
			l.pays("2026-01-29")
			l.holds("2026-02-19 10:00", "H-1", contact.TimeBarred, "2026-02-23")
		}, "survey-helped 02-25"},
		"a hold that is released late": {func(l *life) {
			l.pays("2026-01-29")
			l.holds("2026-02-19 10:00", "H-1", contact.DisputeOpen)
			l.releases("2026-03-02 10:00", "H-1")
		}, "survey-helped 03-02"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := born(t, terms{strategy: asking, dues: []string{"2026-02-15", "2026-09-01"}})
			c.happens(l)
			l.says("2026-01-12 11:00", event.ComplaintRaised, `{"complaint": "C-1", "kind": "service"}`)
			l.says("2026-02-20 16:00", event.ComplaintClosed, `{"complaint": "C-1"}`)
			l.until("2026-03-15")
			require.Equal(t, []string{c.asked}, surveys(l))
		})
	}
}

func TestAfterAComplaintThatIsAccompaniedItsOwnWorkflowAsks(t *testing.T) {
	t.Parallel()
	asking := with(t, "# When arrears that we wrote", strings.Replace(surveying, "\n\n#", "\n  after_complaint: {days: 5, question: helped}\n\n#", 1))
	l := born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	l.says("2026-01-12 11:00", event.ComplaintRaised, `{"complaint": "C-1", "kind": "service"}`)
	l.says("2026-03-02 16:00", event.ComplaintClosed, `{"complaint": "C-1", "asks": true}`)
	l.until("2026-04-20")
	require.Equal(t, []string{"survey-satisfied 03-16"}, surveys(l), "nobody is asked two things at once")

	l = born(t, terms{strategy: asking, dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	l.says("2026-01-12 11:00", event.ComplaintRaised, `{"complaint": "C-1", "kind": "service"}`)
	l.says("2026-01-15 16:00", event.ComplaintClosed, `{"complaint": "C-1", "asks": true}`)
	l.says("2026-02-20 16:00", event.ComplaintClosed, `{"complaint": "OTHER-1"}`)
	l.until("2026-03-20")
	require.Equal(t, []string{"survey-helped 02-25"}, surveys(l), "one that was handled elsewhere is asked about here")
}

func TestTheLendingSystemIsToldWhatAnAnswerBrings(t *testing.T) {
	t.Parallel()
	rewarding := strings.Replace(surveying, "\n\n#", "\n  incentive: wallet_points\n\n#", 1)
	answers := func(l *life, when, question string) {
		l.at(when, func() {
			for _, d := range l.facts.Journey.Done {
				if strings.HasPrefix(d.Key, "survey-"+question) {
					l.happens(event.SurveyAnswered, fmt.Sprintf(`{"question": %q, "score": 4, "contact": %q}`, question, d.Contact))
				}
			}
		})
	}
	l := born(t, terms{strategy: with(t, "# When arrears that we wrote", rewarding), dues: []string{"2026-01-30", "2026-09-01"}})
	l.pays("2026-01-29")
	answers(l, "2026-01-15 10:00", "understood")
	answers(l, "2026-01-15 11:00", "understood") // the sender tells of it twice
	l.says("2026-01-15 12:00", event.SurveyAnswered, `{"question": "helped", "score": 5}`)
	l.at("2026-03-16 09:00", func() { l.facts.Strategy = with(t, "# When arrears that we wrote", surveying) })
	answers(l, "2026-03-16 10:00", "satisfied")
	answers(l, "2026-05-15 10:00", "satisfied")
	l.until("2026-05-20")
	told := l.lines("incentive-")
	require.Len(t, told, 2, "%v", told)
	require.Contains(t, told[0], "2026-01-15 10:00")
	require.Contains(t, told[0], "incentive-understood@2026-01-14")
	require.Contains(t, told[1], "2026-03-16 10:00")
	require.Contains(t, told[1], "incentive-satisfied@2026-03-15", "the message had said so, though the strategy no longer does")

	l.facts.Journey.Done = slices.DeleteFunc(slices.Clone(l.facts.Journey.Done), func(d journey.Done) bool { return strings.HasPrefix(d.Key, "incentive-") })
	d, _ := strategy.Decide(l.facts)
	require.Equal(t, journey.TellLender, d.Step.Activity)
	require.Equal(t, "survey_incentive", d.Step.Reason)
	require.Equal(t, map[string]string{"incentive": "wallet_points", "question": "understood", "answered_at": "2026-01-15T15:00:00Z"}, d.Step.Fill)
}

func TestASurveyThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for old, says := range map[string]string{
		"question: understood": `surveys.first.question: there is no question "x"; use one of understood, helped, satisfied, complaint`,
		"days: 60":             "surveys.every.days: 0 must be at least 1",
	} {
		text := strings.Replace(plain().Text, "# When arrears that we wrote", strings.Replace(surveying, old, map[bool]string{true: "question: x", false: "days: 0"}[strings.HasPrefix(old, "question")], 1), 1)
		_, err := strategy.Parse("s.yaml", []byte(text))
		require.ErrorContains(t, err, says)
	}
}
