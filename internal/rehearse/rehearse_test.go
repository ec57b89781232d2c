package rehearse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/rehearse/rehearsetest"
)

// The same scenario gives the same life, whenever it is lived.
func TestALifeIsLivedTheSameTwice(t *testing.T) {
	t.Parallel()
	with := rehearsetest.Installation(t)
	for seed := range uint64(12) {
		s, text := rehearsetest.Random(t, seed)
		first, err := s.Rehearse(with)
		require.NoError(t, err, text)
		again, err := s.Rehearse(with)
		require.NoError(t, err, text)
		require.Equal(t, first, again, text)
	}
}

// life is a scenario that is in order.
const life = `scenario: try
title: A life to be broken
loan:
  id: L-1
  borrower:
    id: B-1
    jurisdiction: us
    time_zones: [America/New_York]
    preferred: sms
    points: [{id: mobile, channel: sms, address: "+1-555-0101"}]
  currency: USD
  principal: "200.00"
  schedule: [{due: 2026-01-20, principal: "100.00"}, {due: 2026-02-20, principal: "100.00"}]
  disbursed_on: 2026-01-05
  time_zone: America/New_York
  watermarks: false
`

func TestAScenarioThatIsWrongIsRefusedWhereItIsWrong(t *testing.T) {
	t.Parallel()
	_, err := rehearse.Parse("try.yaml", []byte(life))
	require.NoError(t, err)
	for name, test := range map[string]struct{ from, to, want string }{
		"unknown field":        {"title: A life", "colour: red\ntitle: A life", `try.yaml:2:1: unknown field "colour"`},
		"no name":              {"scenario: try\n", "", "try.yaml:1:1: scenario: is missing"},
		"a name with blanks":   {"scenario: try", "scenario: try this", "try.yaml:1:11: scenario: must be 1 to 64 letters"},
		"no title":             {"title: A life to be broken\n", "", "try.yaml:1:1: title: is missing"},
		"too long":             {"loan:\n", "days: 4000\nloan:\n", "try.yaml:3:7: days: must lie between 1 and 3660"},
		"a fraction of a day":  {"loan:\n", "days: 1.5\nloan:\n", "try.yaml:3:7: 1.5 has a fraction"},
		"party":                {"loan:\n", "party: bank\nloan:\n", "try.yaml:3:8: party: unknown party"},
		"settled loans":        {"loan:\n", "settled_loans: 1\nloan:\n", "try.yaml:3:16: settled_loans: must lie between 0 and earlier_loans"},
		"no loan":              {life[strings.Index(life, "loan:"):], "", "try.yaml:1:1: loan: is missing"},
		"no id":                {"  id: L-1\n", "", "loan: id is missing"},
		"a telephone as id":    {"  id: L-1\n", "  id: \"+15550101234\"\n", "try.yaml:4:7: loan.id: must be 1 to 64 letters"},
		"time of day":          {"  id: L-1\n", "  id: L-1\n  at: noon\n", "try.yaml:5:7: loan.at: must be a time of day"},
		"an amount unquoted":   {`principal: "200.00"`, "principal: 200.00", "try.yaml:12:14: 200.00 has a fraction"},
		"sum of the schedule":  {`principal: "200.00"`, `principal: "300.00"`, "try.yaml:"},
		"time zone":            {"time_zone: America/New_York", "time_zone: America/Atlantis", "try.yaml:15:14: loan.time_zone"},
		"no moment":            {"loan:\n", "happens: [{pays: \"1.00\"}]\nloan:\n", `happens[0].at: "" must be a date with a time of day`},
		"before the loan":      {"loan:\n", "happens: [{at: 2026-01-04, pays: \"1.00\"}]\nloan:\n", "happens[0].at: lies before the disbursement"},
		"two things at once":   {"loan:\n", "happens: [{at: 2026-01-06, pays: \"1.00\", writes: hello}]\nloan:\n", "happens[0]: says 2 things"},
		"nothing":              {"loan:\n", "happens: [{at: 2026-01-06}]\nloan:\n", "happens[0]: says 0 things"},
		"unknown event":        {"loan:\n", "happens: [{at: 2026-01-06, event: loan.eaten}]\nloan:\n", "happens[0].event: unknown event type"},
		"unknown payload":      {"loan:\n", "happens: [{at: 2026-01-06, event: borrower.died, data: {when: now}}]\nloan:\n", "happens[0].data.when: is an unknown field"},
		"a second loan":        {"loan:\n", "happens: [{at: 2026-01-06, event: loan.disbursed}]\nloan:\n", "is the life itself"},
		"a halt":               {"loan:\n", "happens: [{at: 2026-01-06, event: contacts.halted, data: {halt: h}}]\nloan:\n", "is not about one loan or one borrower"},
		"data without event":   {"loan:\n", "happens: [{at: 2026-01-06, pays: \"1.00\", data: {a: b}}]\nloan:\n", "happens[0].data: goes with event and called alone"},
		"a fate unknown":       {"loan:\n", "messages: [{step: welcome, result: eaten}]\nloan:\n", "messages[0].result: must be one of bounced, uncertain, failed"},
		"a fate of nothing":    {"loan:\n", "messages: [{result: bounced}]\nloan:\n", "messages[0].step: is missing"},
		"no channel":           {"loan:\n", "happens: [{at: 2026-01-06, writes: hi, by: fax}]\nloan:\n", "happens[0].by: unknown"},
		"an application's id":  {"  id: L-1\n", "  id: application.A-1\n", "try.yaml:4:7: loan.id: begins with application."},
		"what Tender finds":    {"  id: L-1\n", "  id: L-1\n  lent: L-1\n", "loan.lent: is worked out by Tender"},
		"no days":              {"loan:\n", "days: 0\nloan:\n", "try.yaml:3:7: days: must lie between 1 and 3660"},
		"after the end":        {"loan:\n", "days: 10\nhappens: [{at: 2026-01-15, pays: \"1.00\"}]\nloan:\n", "happens[0].at: lies after the 10 days that are watched"},
		"another strategy":     {"loan:\n", "happens: [{at: 2026-01-06, event: strategy.assigned, data: {strategy: x, hash: y}}]\nloan:\n", "rehearse it twice, with --strategy"},
		"about an application": {"loan:\n", "happens: [{at: 2026-01-06, event: call.completed, about: application}]\nloan:\n", "happens[0].about: must be loan, borrower for call.completed"},
		"away backwards":       {"loan:\n", "away: [{from: 2026-01-10, to: 2026-01-09}]\nloan:\n", "away[0].to: must lie after from"},
		"away before it all":   {"loan:\n", "away: [{from: 2026-01-01, to: 2026-01-09}]\nloan:\n", "away[0].from: must lie after the disbursement"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(life, test.from, test.to, 1)
			require.NotEqual(t, life, text)
			_, err := rehearse.Parse("try.yaml", []byte(text))
			require.ErrorContains(t, err, test.want)
			require.Regexp(t, `^try\.yaml:\d+:\d+: `, err.Error())
		})
	}
}

func TestWhatCannotHappenIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	with := rehearsetest.Installation(t)
	for name, test := range map[string]struct{ happens, want string }{
		"a strategy that there is not": {"", "try.yaml:17:13: loan.strategy: lost is not known"},
		"nobody has a task":            {"{at: 2026-01-06, called: call-1@2026-01-20, data: {disposition: no_answer}}", "called: nobody was given a task of the step call-1@2026-01-20 by then"},
		"nobody was asked":             {"{at: 2026-01-06, approved: notice-1@2026-01-20}", "nobody was asked to approve of the step"},
		"nothing left":                 {"{at: 2026-01-06, undelivered: notice-1@2026-01-20}", "no message of the step notice-1@2026-01-20 left by then"},
		"no such hold":                 {"{at: 2026-01-06, event: hold.released, data: {hold: h-1}}", "data.hold: there is no hold of the id h-1 by then"},
		"a death to come":              {"{at: 2026-01-06, event: borrower.died, data: {on: 2027-01-01}}", "data.on: 2027-01-01 has not come yet"},
		"a complaint that has an answer": {
			"{at: 2026-01-06, event: complaint.raised, data: {complaint: C-1}}, {at: 2026-01-07, event: complaint.closed, data: {complaint: C-1}}, {at: 2026-01-08, event: complaint.raised, data: {complaint: C-1}}",
			"data.complaint: C-1 is closed by then; give a new complaint an id of its own",
		},
		"a complaint closed twice": {
			"{at: 2026-01-06, event: complaint.raised, data: {complaint: C-1}}, {at: 2026-01-07, event: complaint.closed, data: {complaint: C-1}}, {at: 2026-01-08, event: complaint.closed, data: {complaint: C-1}}",
			"data.complaint: C-1 was closed on 2026-01-07T17:00:00Z (elsewhere) already",
		},
		"a complaint nobody answered": {"{at: 2026-01-06, event: complaint.raised, data: {complaint: C-1}}, {at: 2026-01-07, event: complaint.closed, data: {complaint: C-1, how: confirmed}}", "data.complaint: C-1 was not answered yet"},
		"a date that has passed":      {"{at: 2026-01-06, event: complaint.raised, data: {complaint: C-1, origin: regulator, due: 2026-01-05}}", "data.due: 2026-01-05 has passed by then"},
		"a complaint about another loan": {
			"{at: 2026-01-06, event: complaint.raised, data: {complaint: C-1, kind: service}}, {at: 2026-01-07, event: complaint.raised, about: borrower, data: {complaint: C-1, kind: fraud}}",
			"data.complaint: C-1 is about loan ",
		},
		"which complaint":    {"{at: 2026-01-06, event: complaint.closed}", "data.complaint: is missing; say which one was closed"},
		"a foreign currency": {"{at: 2026-01-06, event: payment.posted, data: {transaction: t-1, amount: \"1.00\", currency: EUR, value_date: 2026-01-06}}", "data.currency"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := life + "happens: [" + test.happens + "]\n"
			if test.happens == "" {
				text = life + "  strategy: lost\n"
			}
			s, err := rehearse.Parse("try.yaml", []byte(text))
			require.NoError(t, err)
			_, err = s.Rehearse(with)
			require.ErrorContains(t, err, test.want)
			require.Regexp(t, `^try\.yaml:1[67]:\d+: `, err.Error())
		})
	}
}

func TestAComplaintStopsCollectionWhereItsKindDoes(t *testing.T) {
	t.Parallel()
	const raised, end = "{at: 2026-01-10, event: complaint.raised, data: {complaint: C-1, kind: %s}}", "{at: 2026-01-19, event: complaint.closed, data: {complaint: %s}}"
	for name, test := range map[string]struct {
		happens      string
		holds, again bool
	}{
		"conduct":                {fmt.Sprintf(raised, "conduct"), true, false},
		"nobody sorted it":       {fmt.Sprintf(raised, "unsorted"), true, false},
		"service":                {fmt.Sprintf(raised, "service"), false, true},
		"handled elsewhere":      {fmt.Sprintf(raised+", "+end, "conduct", "C-1"), true, true},
		"another one was closed": {fmt.Sprintf(raised+", "+end, "conduct", "C-9"), true, false},
		"another one stops nothing": {
			fmt.Sprintf(raised, "unsorted") + ", {at: 2026-01-12, event: complaint.raised, data: {complaint: C-2, kind: charges}}", true, false,
		},
		"raised again as one that does": {
			fmt.Sprintf(raised, "service") + ", {at: 2026-01-12, event: complaint.raised, data: {complaint: C-1, kind: conduct}}", true, false,
		},
		"raised again as one that does not": {
			fmt.Sprintf(raised, "conduct") + ", {at: 2026-01-12, event: complaint.raised, data: {complaint: C-1, kind: service}}", true, false,
		},
		"sorted after it was released": {
			fmt.Sprintf(raised, "unsorted") + ", {at: 2026-01-11, event: hold.released, data: {hold: complaint/C-1}}, {at: 2026-01-12, event: complaint.raised, data: {complaint: C-1, kind: conduct}}", true, false,
		},
		"released by who knew it": {
			fmt.Sprintf(raised, "conduct") + ", {at: 2026-01-11, event: hold.released, data: {hold: complaint/C-1}}, {at: 2026-01-12, event: complaint.raised, data: {complaint: C-1, kind: fraud}}", true, true,
		},
		"closed by its other id": {
			fmt.Sprintf(raised+", "+end, "conduct", "C-2") + ", {at: 2026-01-12, event: complaint.raised, data: {complaint: C-2, kind: conduct}}", true, true,
		},
		"about the borrower it is another one": {
			fmt.Sprintf(raised+", "+end, "conduct", "C-2") + ", {at: 2026-01-12, event: complaint.raised, about: borrower, data: {complaint: C-2, kind: conduct}}", true, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := rehearse.Parse("try.yaml", []byte(life+"happens: ["+test.happens+"]\ndays: 16\n"))
			require.NoError(t, err)
			lived, err := s.Rehearse(rehearsetest.Installation(t))
			require.NoError(t, err)
			held, again := false, false
			for _, line := range lived.Lines {
				held = held || line.Kind == rehearse.Held && strings.Contains(line.Why, "hold complaint_open")
				again = again || line.Kind == rehearse.Stepped && line.Step == "reminder-due@2026-01-20"
				require.NotEqual(t, rehearse.Person, line.Kind, "nobody has a task")
			}
			require.Equal(t, []bool{test.holds, test.again}, []bool{held, again})
		})
	}
}

func TestAMessageThatDidNotArriveCanBeRehearsed(t *testing.T) {
	t.Parallel()
	s, err := rehearse.Parse("try.yaml", []byte(life+"happens: [{at: 2026-01-20 18:30, undelivered: reminder-due@2026-01-20}]\n"))
	require.NoError(t, err)
	lived, err := s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
	sent := 0
	for _, line := range lived.Lines {
		if line.Step == "reminder-due@2026-01-20" && line.Kind == rehearse.Stepped {
			sent++
		}
	}
	require.Equal(t, 2, sent, "it is sent again")
}

func TestAFateOfNoMessageIsToldOf(t *testing.T) {
	t.Parallel()
	s, err := rehearse.Parse("try.yaml", []byte(life+"messages: [{step: welcome, result: bounced}, {step: wellcome, result: bounced}]\n"))
	require.NoError(t, err)
	lived, err := s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
	last := lived.Lines[len(lived.Lines)-1]
	require.Equal(t, []string{"never", "wellcome"}, []string{string(last.Kind), last.Step})
}

// Everything is away for eight days, across two steps of the ladder: one gentle message, and then the ladder as it was planned.
func TestAfterEightDaysAwayThereIsNoBurst(t *testing.T) {
	t.Parallel()
	text := life + "away: [{from: 2026-01-20 12:00, to: 2026-01-28 12:00}]\ndays: 45\n"
	s, err := rehearse.Parse("try.yaml", []byte(text))
	require.NoError(t, err)
	lived, err := s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
	var notices []string
	var last time.Time
	for _, line := range lived.Lines {
		if line.Kind == rehearse.Stepped && strings.HasPrefix(line.Step, "notice") {
			notices = append(notices, line.Step)
			require.True(t, last.IsZero() || line.At.Sub(last) > 3*24*time.Hour, "%s comes %s after the one before", line.Step, line.At.Sub(last))
			last = line.At
		}
	}
	require.Equal(t, []string{"notice-1@2026-01-20", "notice-2@2026-01-20", "notice-3@2026-01-20"}, notices)
}
