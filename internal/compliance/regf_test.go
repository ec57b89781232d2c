package compliance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

// TestOfficialExamplesOfRegulationF are those of the CFPB's commentary that need no more than calls, conversations,
// holds and time zones. Years are chosen so that 4/6 is the Monday that the example calls it.
func TestOfficialExamplesOfRegulationF(t *testing.T) {
	t.Parallel()
	const eastern = "America/New_York"
	at := func(date string) string { return "2026-" + date }
	type made struct {
		when        string
		disposition contact.Disposition
		inbound     bool
		loans       []string
	}
	week := []made{
		{when: "04-01 12:00:00", disposition: contact.NoAnswer},
		{when: "04-02 12:00:00", disposition: contact.NoAnswer},
		{when: "04-03 12:00:00", disposition: contact.Voicemail},
		{when: "04-04 12:00:00", disposition: contact.RinglessVoicemail},
		{when: "04-05 12:00:00", disposition: contact.Dropped},
		{when: "04-06 12:00:00", disposition: contact.NoAnswer},
		{when: "04-07 12:00:00", disposition: contact.LimitedContent},
	}
	tests := []struct {
		name    string
		history []made
		holds   []contact.Hold
		zones   []string
		when    string
		channel contact.Channel
		loan    string
		allowed bool
		rule    string
		next    string // on the clock of New York
	}{
		{name: "a seventh call within seven days is allowed", history: week[:6], when: "04-07 12:00:00", allowed: true},
		{name: "an eighth on the seventh day is not", history: week, when: "04-07 15:00:00", rule: "us-federal/call-frequency", next: "04-08 08:00:00"},
		{name: "a call on the eighth day is allowed again", history: week, when: "04-08 08:00:00", allowed: true},
		{name: "calls about another debt have a count of their own", history: week, when: "04-07 15:00:00", loan: "B", allowed: true},
		{name: "busy and not in service do not count", history: append([]made{
			{when: "04-01 13:00:00", disposition: contact.Busy}, {when: "04-02 13:00:00", disposition: contact.NotInService},
		}, week[:6]...), when: "04-07 12:00:00", allowed: true},
		{name: "text messages and e-mails are no calls", history: week, when: "04-07 15:00:00", channel: contact.SMS, allowed: true},
		{
			name: "calls of the consumer that were not answered do not count", history: append([]made{
				{when: "04-02 13:00:00", disposition: contact.NoAnswer, inbound: true},
			}, week[:6]...), when: "04-07 12:00:00", allowed: true,
		},
		{
			name: "after the consumer called in and talked on 8/13, 8/19 is blocked", history: []made{
				{when: "08-13 10:00:00", disposition: contact.RightParty, inbound: true},
			}, when: "08-19 20:59:59", rule: "us-federal/call-after-conversation", next: "08-20 08:00:00",
		},
		{
			name: "and 8/20 is allowed", history: []made{
				{when: "08-13 10:00:00", disposition: contact.RightParty, inbound: true},
			}, when: "08-20 08:00:00", allowed: true,
		},
		{
			name: "after talking on 4/6, 4/8 is blocked", history: []made{
				{when: "04-03 10:00:00", disposition: contact.Callback}, {when: "04-06 10:00:00", disposition: contact.RightParty},
			}, when: "04-08 10:00:00", rule: "us-federal/call-after-conversation", next: "04-13 08:00:00",
		},
		{
			name: "a conversation about A blocks calls about A", history: []made{
				{when: "04-03 10:00:00", disposition: contact.RightParty, loans: []string{"A"}},
			}, when: "04-04 10:00:00", rule: "us-federal/call-after-conversation", next: "04-10 08:00:00",
		},
		{
			name: "and none about B", history: []made{
				{when: "04-03 10:00:00", disposition: contact.RightParty, loans: []string{"A"}},
			}, when: "04-04 10:00:00", loan: "B", allowed: true,
		},
		{
			name: "a conversation that came to B blocks calls about B too", history: []made{
				{when: "04-03 10:00:00", disposition: contact.RightParty, loans: []string{"A", "B"}},
			}, when: "04-04 10:00:00", loan: "B", rule: "us-federal/call-after-conversation", next: "04-10 08:00:00",
		},
		{
			name:  "before a cease letter is received, an e-mail is allowed",
			holds: []contact.Hold{{Kind: contact.CeaseRequested, Loan: "A", From: local(t, eastern, "2026-08-06 09:30:00")}},
			when:  "08-04 12:00:00", channel: contact.Email, allowed: true,
		},
		{
			name:  "from its receipt on, none is",
			holds: []contact.Hold{{Kind: contact.CeaseRequested, Loan: "A", From: local(t, eastern, "2026-08-06 09:30:00")}},
			when:  "08-06 09:30:00", channel: contact.Email, rule: "tender/hold",
		},
		{name: "8 in the morning is convenient", when: "04-01 08:00:00", allowed: true},
		{name: "a second earlier is not", when: "04-01 07:59:59", rule: "us-federal/hours", next: "04-01 08:00:00"},
		{name: "the last second before 9 in the evening is convenient", when: "04-01 20:59:59", allowed: true},
		{name: "9 in the evening is not", when: "04-01 21:00:00", rule: "us-federal/hours", next: "04-02 08:00:00"},
		{
			name: "an Eastern number and a Pacific address open at 11 Eastern", zones: []string{eastern, "America/Los_Angeles"},
			when: "04-01 10:59:59", rule: "us-federal/hours", next: "04-01 11:00:00",
		},
		{
			name: "and close at 9 Eastern", zones: []string{"America/Los_Angeles", eastern},
			when: "04-01 21:00:00", rule: "us-federal/hours", next: "04-02 11:00:00",
		},
		{
			name: "Eastern and Mountain open at 10 Eastern", zones: []string{eastern, "America/Denver"},
			when: "04-01 08:00:00", rule: "us-federal/hours", next: "04-01 10:00:00",
		},
	}
	rules := only(t, "us-federal")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := standing(eastern)
			if test.zones != nil {
				s.Zones = test.zones
			}
			s.Holds = test.holds
			for _, m := range test.history {
				a := call(local(t, eastern, at(m.when)), m.disposition, m.loans...)
				if m.inbound {
					a = inbound(a)
				}
				s.Attempts = append(s.Attempts, a)
			}
			p := propose(local(t, eastern, at(test.when)), contact.Call)
			if test.channel != "" {
				p.Channel = test.channel
			}
			if test.loan != "" {
				p.Loans = []string{test.loan}
			}

			ruling := rules.Evaluate(s, p)

			require.Equal(t, test.allowed, ruling.Allowed(), "%+v", ruling.Deciding())
			switch {
			case test.allowed:
				require.True(t, ruling.NextAllowed.Equal(p.At))
				return
			case test.next == "":
				require.Zero(t, ruling.NextAllowed)
			default:
				require.Equal(t, local(t, eastern, at(test.next)).UTC(), ruling.NextAllowed)
			}
			require.Equal(t, test.rule, ruling.Deciding().Rule)
		})
	}
}

func TestSoftFactorsOfRegulationFWarnAndForbidNothing(t *testing.T) {
	t.Parallel()
	const eastern = "America/New_York"
	s := standing(eastern)
	for _, when := range []string{"10:00:00", "11:00:00", "12:00:00", "13:00:00", "14:00:00", "15:00:00"} {
		s.Attempts = append(s.Attempts, call(local(t, eastern, "2026-04-01 "+when), contact.NoAnswer))
	}

	ruling := only(t, "us-federal").Evaluate(s, propose(local(t, eastern, "2026-04-01 15:04:59"), contact.Call))

	require.Equal(t, Warn, ruling.Verdict)
	require.True(t, ruling.Allowed())
	require.Equal(t, local(t, eastern, "2026-04-01 15:04:59").UTC(), ruling.NextAllowed)
	require.Equal(t, "us-federal/call-concentration", ruling.Findings[0].Rule)
	require.Equal(t, 6, ruling.Findings[0].Count)
	require.Equal(t, "us-federal/call-succession", ruling.Findings[1].Rule)
	require.Equal(t, local(t, eastern, "2026-04-01 15:05:00").UTC(), ruling.Findings[1].Until)
}

func TestCallOfUnknownOutcomeCountsAsConversation(t *testing.T) {
	t.Parallel()
	const eastern = "America/New_York"
	s := standing(eastern)
	s.Attempts = []contact.Attempt{call(local(t, eastern, "2026-04-01 10:00:00"), "")}

	ruling := only(t, "us-federal").Evaluate(s, propose(local(t, eastern, "2026-04-02 10:00:00"), contact.Call))

	require.Equal(t, "us-federal/call-after-conversation", ruling.Deciding().Rule)
}
