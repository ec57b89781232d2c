package compliance

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

func TestCountersEndToTheSecond(t *testing.T) {
	t.Parallel()
	const berlin = "Europe/Berlin"
	one := []string{"2026-03-28 12:00:00"} // the Saturday before the clocks change
	tests := []struct {
		name    string
		kind    string
		history []string
		next    string
	}{
		{"a calendar day", "counter: {max: 1, of: message, calendar: day, key: borrower}", one, "2026-03-29 00:00:00"},
		{"a calendar week ends on Sunday", "counter: {max: 1, of: message, calendar: week, key: borrower}", one, "2026-03-30 00:00:00"},
		{"a calendar month", "counter: {max: 1, of: message, calendar: month, key: borrower}", one, "2026-04-01 00:00:00"},
		{"seven rolling days", "counter: {max: 1, of: message, rolling_days: 7, key: borrower}", one, "2026-04-04 00:00:00"},
		{"a year of rolling days", "counter: {max: 1, of: message, rolling_days: 365, key: borrower}", one, "2027-03-28 00:00:00"},
		{
			"the oldest that still counts decides", "counter: {max: 2, of: message, rolling_days: 7, key: borrower}",
			[]string{"2026-03-20 12:00:00", "2026-03-26 12:00:00", "2026-03-28 12:00:00"},
			"2026-04-02 00:00:00",
		},
		{"history in any order", "counter: {max: 2, of: message, rolling_days: 7, key: borrower}", []string{"2026-03-28 12:00:00", "2026-03-20 12:00:00", "2026-03-26 12:00:00"}, "2026-04-02 00:00:00"},
		{"more than allowed waits for as many", "counter: {max: 1, of: message, rolling_days: 7, key: borrower}", []string{"2026-03-26 12:00:00", "2026-03-28 12:00:00"}, "2026-04-04 00:00:00"},
		{"a gap", "min_gap: {of: message, gap: 36h, key: borrower}", one, "2026-03-30 01:00:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules, s := book(t, test.kind), standing(berlin)
			for _, at := range test.history {
				s.Attempts = append(s.Attempts, message(local(t, berlin, at), contact.SMS))
			}
			next := local(t, berlin, test.next).UTC()
			last := local(t, berlin, "2026-03-28 12:00:00")

			for _, at := range []time.Time{last, last.Add(time.Second), next.Add(-time.Second)} {
				ruling := rules.Evaluate(s, propose(at, contact.Email))
				require.Equal(t, Defer, ruling.Verdict, at)
				require.Equal(t, next, ruling.NextAllowed, at)
				require.Equal(t, next, ruling.Deciding().Until, at)
			}
			for _, at := range []time.Time{next, next.Add(time.Second)} {
				require.True(t, rules.Evaluate(s, propose(at, contact.Email)).Allowed(), at)
			}
		})
	}
}

func TestCountersCountByTheirKey(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00")
	elsewhere := message(at, contact.SMS)
	elsewhere.Point = "other"
	unplaced := message(at, contact.SMS)
	unplaced.Point = ""
	unnamed := message(at, contact.SMS)
	unnamed.Loans = nil
	tests := []struct {
		key     Key
		name    string
		history contact.Attempt
		loans   []string
		counts  bool
	}{
		{PerBorrower, "another loan and channel", message(at, contact.Email, "B"), []string{"A"}, true},
		{PerLoan, "another loan", message(at, contact.SMS, "B"), []string{"A"}, false},
		{PerLoan, "one loan of two", message(at, contact.SMS, "B", "C"), []string{"A", "B"}, true},
		{PerLoan, "a contact that names no loan", unnamed, []string{"A"}, true},
		{PerLoan, "a proposal that names no loan", message(at, contact.SMS, "B"), []string{}, true},
		{PerPoint, "the same number", message(at, contact.SMS), []string{"A"}, true},
		{PerPoint, "another number", elsewhere, []string{"A"}, false},
		{PerPoint, "a contact that names no number", unplaced, []string{"A"}, true},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s: %s", test.key, test.name), func(t *testing.T) {
			t.Parallel()
			rules := book(t, "counter: {max: 1, of: attempt, calendar: day, key: "+string(test.key)+"}")
			s := standing("UTC")
			s.Attempts = []contact.Attempt{test.history}
			require.Equal(t, !test.counts, rules.Evaluate(s, propose(at, contact.SMS, test.loans...)).Allowed())
		})
	}
}

func TestEachLoanOfAProposalHasItsOwnCount(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00")
	rules := book(t, "counter: {max: 2, of: attempt, rolling_days: 7, key: loan}")
	s := standing("UTC")
	s.Attempts = []contact.Attempt{message(at, contact.SMS, "A"), message(at, contact.SMS, "B")}

	require.True(t, rules.Evaluate(s, propose(at, contact.SMS, "A", "B")).Allowed(), "one each")

	s.Attempts = append(s.Attempts, message(at, contact.SMS, "B"))
	finding := rules.Evaluate(s, propose(at, contact.SMS, "A", "B")).Deciding()
	require.Equal(t, "2 of 2 used for loan B; free once 2026-06-10 no longer counts", finding.Why)

	var many []string
	for n := range 70 {
		many = append(many, fmt.Sprintf("L-%d", n))
	}
	s.Attempts = []contact.Attempt{message(at, contact.SMS, "L-69"), message(at, contact.SMS, "L-69")}
	require.False(t, rules.Evaluate(s, propose(at, contact.SMS, many...)).Allowed(), "also beyond the loans that have a bit of their own")
}

func TestWhatCountsDependsOnOutcomeDirectionAndPurpose(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00")
	unknownSMS := message(at, contact.SMS)
	unknownSMS.Disposition = ""
	notice := message(at, contact.SMS)
	notice.Purpose = contact.StatutoryNotice
	odd := call(at, "no such word")
	odd.Purpose, odd.Direction = "", ""
	tests := []struct {
		name    string
		kind    string
		history contact.Attempt
		counts  bool
	}{
		{"an answered call is connected", "of: connected", call(at, contact.WrongNumber), true},
		{"an unanswered one is not", "of: connected", call(at, contact.NoAnswer), false},
		{"one of unknown outcome may be", "of: connected", call(at, ""), true},
		{"a message of unknown outcome is not", "of: connected", unknownSMS, false},
		{"a wrong number is no conversation", "of: conversation", call(at, contact.WrongNumber), false},
		{"a call is no message", "of: message", call(at, contact.RightParty), false},
		{"a message of unknown outcome is one", "of: message", unknownSMS, true},
		{"what is excepted does not count", "of: attempt, counts: {except: [busy]}", call(at, contact.Busy), false},
		{"what is not named does not count", "of: attempt, counts: {dispositions: [busy]}", call(at, contact.NoAnswer), false},
		{"an unknown outcome may be the one named", "of: attempt, counts: {dispositions: [busy]}", call(at, ""), true},
		{"another direction", "of: attempt, counts: {directions: [outbound]}", inbound(call(at, contact.RightParty)), false},
		{"another purpose", "of: attempt, counts: {purposes: [collection]}", notice, false},
		{"another channel", "of: attempt, counts: {channels: [call]}", notice, false},
		{"words that nobody knows", "of: attempt, counts: {purposes: [survey], directions: [inbound], dispositions: [busy]}", odd, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := book(t, "counter: {max: 1, calendar: day, key: borrower, "+test.kind+"}")
			s := standing("UTC")
			s.Attempts = []contact.Attempt{test.history}
			require.Equal(t, !test.counts, rules.Evaluate(s, propose(at, contact.Call)).Allowed())
		})
	}
}

func TestContactRecordedByAClockThatRunsAheadCounts(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 23:59:59")
	s := standing("UTC")
	s.Attempts = []contact.Attempt{message(at.Add(3*time.Second), contact.SMS)}

	ruling := book(t, "counter: {max: 1, of: attempt, calendar: day, key: borrower}").Evaluate(s, propose(at, contact.SMS))

	require.Equal(t, local(t, "UTC", "2026-06-12 00:00:00").UTC(), ruling.NextAllowed)
}

func TestChinaCountsConnectedCallsAndUnansweredDials(t *testing.T) {
	t.Parallel()
	const shanghai = "Asia/Shanghai"
	at := local(t, shanghai, "2026-06-10 18:00:00")
	history := func(n int, d contact.Disposition, point string) (all []contact.Attempt) {
		for i := range n {
			a := call(at.Add(-time.Duration(i+1)*time.Hour), d, fmt.Sprintf("L-%d", i))
			a.Point = point
			all = append(all, a)
		}
		return all
	}
	evaluate := func(attempts []contact.Attempt) Ruling {
		s := standing(shanghai)
		s.Attempts = attempts
		return only(t, "cn-mainland").Evaluate(s, propose(at, contact.Call))
	}

	require.True(t, evaluate(history(2, contact.RightParty, "call")).Allowed())
	three := evaluate(history(3, contact.RightParty, "work"))
	require.Equal(t, Defer, three.Verdict, "three connected calls to the debtor, whatever the loan and number")
	require.Equal(t, local(t, shanghai, "2026-06-11 08:00:00").UTC(), three.NextAllowed)

	require.True(t, evaluate(history(5, contact.NoAnswer, "call")).Allowed())
	require.True(t, evaluate(history(6, contact.NoAnswer, "work")).Allowed(), "dials count by number")
	six := evaluate(history(6, contact.NoAnswer, "call"))
	require.Equal(t, NeedsApproval, six.Verdict, "guidance can be departed from, by a person")
	require.False(t, six.Allowed())
	require.Equal(t, local(t, shanghai, "2026-06-11 08:00:00").UTC(), six.NextAllowed)
}

func TestConservativeLimitsHoldAcrossLoansAndChannels(t *testing.T) {
	t.Parallel()
	const lagos = "Africa/Lagos"
	at := func(text string) time.Time { return local(t, lagos, text) }
	s := standing(lagos)
	s.Attempts = []contact.Attempt{
		message(at("2026-06-08 10:00:00"), contact.SMS, "A"), // a Monday
		call(at("2026-06-09 10:00:00"), contact.NoAnswer, "B"),
		message(at("2026-06-10 10:00:00"), contact.Email, "A"),
	}

	ruling := only(t, "conservative").Evaluate(s, propose(at("2026-06-11 10:00:00"), contact.Push, "B"))

	require.Equal(t, "conservative/three-attempts-a-week", ruling.Deciding().Rule)
	require.Equal(t, 3, ruling.Deciding().Count)
	require.Equal(t, 3, ruling.Deciding().Max)
	require.Equal(t, at("2026-06-15 09:00:00").UTC(), ruling.NextAllowed)

	s.Attempts = []contact.Attempt{call(at("2026-06-08 10:00:00"), contact.Promise)}
	ruling = only(t, "conservative").Evaluate(s, propose(at("2026-06-08 12:00:00"), contact.SMS))
	require.Equal(t, "conservative/cool-off", ruling.Deciding().Rule)
	require.Equal(t, at("2026-06-15 09:00:00").UTC(), ruling.NextAllowed)
	reply := Proposal{At: at("2026-06-08 12:00:00"), Channel: contact.SMS, Purpose: contact.Reply, Loans: []string{"A"}}
	require.False(t, only(t, "conservative").Evaluate(s, reply).Allowed(), "nobody asked")
	inbound := message(at("2026-06-08 11:00:00"), contact.SMS)
	inbound.Direction = contact.Inbound
	s.Attempts = append(s.Attempts, inbound)
	require.True(t, only(t, "conservative").Evaluate(s, reply).Allowed(), "who asks is answered")
}

func TestHouseSendsOneMessageADayToAPerson(t *testing.T) {
	t.Parallel()
	const eastern = "America/New_York"
	at := func(text string) time.Time { return local(t, eastern, text) }
	evaluate := func(p Proposal, attempts ...contact.Attempt) Ruling {
		s := standing(eastern)
		s.Attempts = attempts
		return only(t, "house").Evaluate(s, p)
	}
	bounced := message(at("2026-06-10 09:00:00"), contact.SMS)
	bounced.Disposition = contact.Bounced
	notice := propose(at("2026-06-10 15:00:00"), contact.Letter, "B")
	notice.Purpose = contact.StatutoryNotice
	informational := propose(at("2026-06-10 15:00:00"), contact.Email, "B")
	informational.Purpose = contact.Informational

	second := evaluate(informational, message(at("2026-06-10 09:00:00"), contact.SMS))
	require.Equal(t, "house/one-message-a-day", second.Deciding().Rule)
	require.Equal(t, at("2026-06-11 08:00:00").UTC(), second.NextAllowed, "the next day, in the morning")
	require.True(t, evaluate(informational, bounced).Allowed(), "one that did not arrive leaves room for another")
	require.True(t, evaluate(notice, message(at("2026-06-10 09:00:00"), contact.SMS)).Allowed(), "what the law asks for is not held up")

	week := []contact.Attempt{
		message(at("2026-06-05 09:00:00"), contact.SMS), message(at("2026-06-07 09:00:00"), contact.Email), message(at("2026-06-09 09:00:00"), contact.SMS, "B"),
	}
	fourth := evaluate(propose(at("2026-06-10 15:00:00"), contact.Email), week...)
	require.Equal(t, "house/three-collection-messages-a-week", fourth.Deciding().Rule)
	require.Equal(t, at("2026-06-12 08:00:00").UTC(), fourth.NextAllowed)
	require.True(t, evaluate(informational, week...).Allowed(), "the week counts what asks for money")
}
