package demo

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/examples"
)

// shipped is the scenario that `tender demo` runs.
func shipped(t *testing.T) *Scenario {
	t.Helper()
	s, err := Parse(examples.DemoFile, examples.Demo)
	require.NoError(t, err)
	return s
}

func TestTheShippedScenarioHoldsItsLives(t *testing.T) {
	s := shipped(t)
	var loans []string
	for _, life := range s.Lives {
		loans = append(loans, life.Loan)
	}
	require.Equal(t, "2026-01-05T08:00:00-05:00", s.Start.At.Format(time.RFC3339))
	require.Equal(t, 90, s.Days)
	require.Equal(t, "L-1001 L-1002 L-1003 L-1004 L-1005 L-1006 L-1007 L-1008 L-1009 L-1010 L-1011 L-1012 L-1013 L-1014 L-1015 L-1016 L-1017", strings.Join(loans, " "))
	require.Equal(t, s.Lives[0].Borrower, s.Lives[11].Borrower, "the last loan is the first borrower's second")
}

func TestNobodyInTheShippedScenarioCanBeReached(t *testing.T) {
	for _, b := range shipped(t).Borrowers {
		for _, point := range b["points"].([]any) {
			p := point.(map[string]any)
			address := p["address"].(string)
			switch p["channel"] {
			case "sms":
				require.Regexp(t, `^\+1-555-01\d\d$`, address)
			case "email":
				require.Regexp(t, `@example\.com$`, address)
			}
		}
	}
}

// small is a scenario with everything in it that can be wrong.
const small = `start: {date: 2026-01-05, time: "08:00", time_zone: America/New_York}
days: 30
borrowers:
  - id: B-1
    name: Ada
    language: en
    time_zones: [America/Los_Angeles]
    points:
      - {id: mobile, channel: sms, address: "+1-555-0101"}
lives:
  - loan: L-1
    title: pays late
    borrower: B-1
    terms: {currency: USD, installments: 2, first_due: 5, every: 10, principal: "100.00", interest: "2.00", at: "09:30"}
    happens:
      - {after: notice-1, hours: 3, event: payment.posted}
      - {day: 20, event: payment.posted, installment: 2, data: {amount: "50.00"}}
    must:
      stage: closed
      made: {notice-1: 1}
      never: [notice-2]
      silent_after: borrower.replied
`

func TestAScenarioSaysWhereItIsWrong(t *testing.T) {
	_, err := Parse("lives.yaml", []byte(small))
	require.NoError(t, err)
	for _, test := range []struct{ name, old, new, want string }{
		{"a field that is not known", "title: pays late", "titel: pays late", `lives.yaml:12:5: unknown field "titel"`},
		{"a time that is none", `"08:00"`, `"8 am"`, `lives.yaml:1:33: start.time: "8 am" is no time of day such as 09:30`},
		{"a place that is none", "time_zone: America/New_York", "time_zone: Atlantis", `lives.yaml:1:53: start.time_zone: "Atlantis" is no IANA time zone such as America/New_York`},
		{"too many days", "days: 30", "days: 4000", `lives.yaml:2:7: days: 4000 must lie between 1 and 400`},
		{"an unknown borrower", "borrower: B-1", "borrower: B-2", `lives.yaml:13:15: lives[0].borrower: "B-2" is none of the borrowers above`},
		{"an unknown language", "language: en", "language: fr", `lives.yaml:6:15: borrowers[0].language: "fr" is not spoken here; use en or zh-CN`},
		{"an unknown channel", "channel: sms", "channel: fax", `lives.yaml:9:31: borrowers[0].points[0].channel: must be one of call, sms, email, push, chat, letter, visit`},
		{"no such currency", "currency: USD", "currency: DOLLAR", `lives.yaml:14:23: lives[0].terms.currency: "DOLLAR" is not an ISO 4217 currency in force, such as USD`},
		{"no amount", `principal: "100.00"`, `principal: "lots"`, `lives.yaml:14:81: lives[0].terms.principal: "lots" is no amount; write such as "100.00"`},
		{"due before it is disbursed", "first_due: 5", "first_due: 0", `lives.yaml:14:56: lives[0].terms.first_due: 0 must lie after the day of disbursement, 0`},
		{"no such event", "event: payment.posted}", "event: payment.made}", `lives.yaml:16:44: lives[0].happens[0].event: unknown event type "payment.made"`},
		{"no such step", "after: notice-1", "after: notice-9", `lives.yaml:16:17: lives[0].happens[0].after: no step is called "notice-9"`},
		{"neither day nor after", "after: notice-1, hours: 3, ", "", `lives.yaml:16:10: lives[0].happens[0]: needs either a day, from 1, or after`},
		{"a day beyond the end", "day: 20", "day: 31", `lives.yaml:17:15: lives[0].happens[1].day: 31 does not lie within the 30 days`},
		{"an installment too many", "installment: 2", "installment: 3", `lives.yaml:17:55: lives[0].happens[1].installment: 3 is none of the 2 installments`},
		{"data that the event cannot have", `data: {amount: "50.00"}`, `data: {amout: "50.00"}`, `lives.yaml:17:72: lives[0].happens[1].data.amout: is an unknown field`},
		{"an amount finer than the currency", `data: {amount: "50.00"}`, `data: {amount: "50.001"}`, `lives.yaml:17:73: lives[0].happens[1].data.amount: 50.001 has more than the 2 decimal places of USD`},
		{"no such stage", "stage: closed", "stage: done", `lives.yaml:19:14: lives[0].must.stage: unknown stage "done"`},
		{"a step that is never made", "never: [notice-2]", "never: [notice-7]", `lives.yaml:21:15: lives[0].must.never[0]: "notice-7" fits no step`},
		{"silence after nothing", "silent_after: borrower.replied", "silent_after: silence", `lives.yaml:22:21: lives[0].must.silent_after: unknown event type "silence"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Contains(t, small, test.old)
			_, err := Parse("lives.yaml", []byte(strings.Replace(small, test.old, test.new, 1)))
			require.Error(t, err)
			require.Contains(t, err.Error(), test.want)
		})
	}
}

func TestALaterStartKeepsWeekdaysAndDistances(t *testing.T) {
	s, err := Parse("lives.yaml", []byte(small))
	require.NoError(t, err)
	before := *s
	dueBefore := s.Lives[0].schedule[1].date

	require.NoError(t, s.later(2))

	require.Equal(t, before.Start.At.AddDate(0, 0, 14), s.Start.At)
	require.Equal(t, dueBefore.AddDays(14), s.Lives[0].schedule[1].date)
	require.Equal(t, before.End().AddDate(0, 0, 14), s.End())
	require.Contains(t, string(s.Lives[0].disbursed), `"disbursed_on":"2026-01-19"`)
}

func TestTheScenarioInTheDocumentationIsRight(t *testing.T) {
	text, err := os.ReadFile("../../docs/demo.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "```yaml\n")
	require.True(t, found)
	yaml, _, _ := strings.Cut(rest, "```")
	_, err = Parse("docs/demo.md", []byte(yaml))
	require.NoError(t, err)
}

func TestDaysAreCountedWhereTheDemonstrationStarts(t *testing.T) {
	s := shipped(t)
	require.Equal(t, 0, s.Day(s.Start.At))
	require.Equal(t, 0, s.Day(time.Date(2026, 1, 6, 4, 59, 0, 0, time.UTC)), "midnight in New York has not come")
	require.Equal(t, 1, s.Day(time.Date(2026, 1, 6, 5, 0, 0, 0, time.UTC)))
	require.Equal(t, 90, s.Day(s.End()))
}
