package compliance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

func TestAHoldThatAllowsSomebodyInTheBorrowersSteadStopsContactsWithTheBorrower(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00").UTC()
	for _, test := range []struct {
		kind    contact.HoldKind
		purpose contact.Purpose
		to      contact.Recipient
		held    bool
	}{
		{contact.AttorneyRepresented, contact.StatutoryNotice, contact.Attorney, false},
		{contact.AttorneyRepresented, contact.StatutoryNotice, contact.ToBorrower, true},
		{contact.AttorneyRepresented, contact.StatutoryNotice, "", true},
		{contact.DeceasedHold, contact.StatutoryNotice, contact.Executor, false},
		{contact.DeceasedHold, contact.Collection, contact.Executor, true},
		{contact.DeceasedHold, contact.StatutoryNotice, contact.Spouse, true},
	} {
		s := standing("UTC")
		s.Holds = []contact.Hold{{Kind: test.kind, From: at}}
		p := propose(at, contact.SMS)
		p.Purpose, p.Recipient = test.purpose, test.to
		held := false
		for _, f := range (Rules{}).Evaluate(s, p).Findings {
			held = held || f.Rule == "tender/hold" && !f.Verdict.Allows()
		}
		require.Equal(t, test.held, held, "%s of %s to %q", test.kind, test.purpose, test.to)
	}
}

func TestHoldsStopWhatTheyCoverUntilTheyEnd(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00").UTC()
	hour := time.Hour
	tests := []struct {
		name    string
		holds   []contact.Hold
		purpose contact.Purpose
		loans   []string
		verdict Verdict
		next    time.Time
	}{
		{"of the loan", []contact.Hold{{Kind: contact.DisputeOpen, Loan: "A", From: at}}, contact.Collection, []string{"A"}, Deny, time.Time{}},
		{"of another loan", []contact.Hold{{Kind: contact.DisputeOpen, Loan: "B", From: at}}, contact.Collection, []string{"A"}, Allow, at},
		{"of one loan of two", []contact.Hold{{Kind: contact.DisputeOpen, Loan: "B", From: at}}, contact.Collection, []string{"A", "B"}, Deny, time.Time{}},
		{"of a loan, when no loan is named", []contact.Hold{{Kind: contact.DisputeOpen, Loan: "B", From: at}}, contact.Collection, nil, Deny, time.Time{}},
		{"of the borrower", []contact.Hold{{Kind: contact.BankruptcyStay, From: at.Add(-hour)}}, contact.StatutoryNotice, []string{"A"}, Deny, time.Time{}},
		{"that leaves the purpose allowed", []contact.Hold{{Kind: contact.DisputeOpen, From: at}}, contact.StatutoryNotice, []string{"A"}, Allow, at},
		{"of the contact point", []contact.Hold{{Kind: contact.WrongNumberHold, Point: "sms", From: at}}, contact.Collection, []string{"A"}, Deny, time.Time{}},
		{"of another contact point", []contact.Hold{{Kind: contact.WrongNumberHold, Point: "email", From: at}}, contact.Collection, []string{"A"}, Allow, at},
		{"with an end", []contact.Hold{{Kind: contact.VulnerablePause, From: at.Add(-hour), Until: at.Add(hour)}}, contact.Collection, []string{"A"}, Defer, at.Add(hour)},
		{"that has ended", []contact.Hold{{Kind: contact.VulnerablePause, From: at.Add(-hour), Until: at}}, contact.Collection, []string{"A"}, Allow, at},
		{"that has not begun", []contact.Hold{{Kind: contact.VulnerablePause, From: at.Add(1)}}, contact.Collection, []string{"A"}, Allow, at},
		{"one after the other", []contact.Hold{
			{Kind: contact.DisputeOpen, From: at.Add(hour), Until: at.Add(3 * hour)},
			{Kind: contact.VulnerablePause, From: at.Add(-hour), Until: at.Add(hour)},
		}, contact.Collection, []string{"A"}, Defer, at.Add(3 * hour)},
		{"beyond foresight", []contact.Hold{{Kind: contact.DisputeOpen, From: at, Until: at.Add(2 * Foresight)}}, contact.Collection, []string{"A"}, Defer, at.Add(2 * Foresight)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := standing("UTC")
			s.Holds = test.holds
			p := propose(at, contact.SMS)
			p.Purpose, p.Loans = test.purpose, test.loans

			ruling := Rules{}.Evaluate(s, p)

			require.Equal(t, test.verdict, ruling.Verdict)
			require.Equal(t, test.next, ruling.NextAllowed)
			if test.verdict != Allow {
				require.Equal(t, "tender/hold", ruling.Deciding().Rule)
			}
			if test.verdict == Defer && test.next.IsZero() {
				require.Equal(t, test.holds[0].Until, ruling.Deciding().Until)
			}
		})
	}
}

func TestStopBindsAtOnce(t *testing.T) {
	t.Parallel()
	stop := local(t, "America/New_York", "2026-06-10 12:00:00")
	s := standing("America/New_York")
	s.Wishes = []contact.Wish{{Channel: contact.SMS, At: stop}}
	l, err := Shipped()
	require.NoError(t, err)
	rules := l.For("us")

	require.True(t, rules.Evaluate(s, propose(stop.Add(-time.Nanosecond), contact.SMS)).Allowed())
	ruling := rules.Evaluate(s, propose(stop, contact.SMS))
	require.Equal(t, Deny, ruling.Verdict)
	require.Equal(t, "tender/opt-out", ruling.Findings[0].Rule)
	require.Equal(t, "us-federal/medium-preference", ruling.Findings[1].Rule)
	require.Equal(t, "12 CFR 1006.14(h)(1), (h)(2)", ruling.Findings[1].Citation)
	require.True(t, rules.Evaluate(s, propose(stop, contact.Email)).Allowed(), "another channel is free")

	s.Wishes = append(s.Wishes, contact.Wish{Channel: contact.SMS, Allowed: true, At: stop.Add(time.Hour)})
	require.Equal(t, stop.Add(time.Hour).UTC(), rules.Evaluate(s, propose(stop, contact.SMS)).NextAllowed)
	require.True(t, rules.Evaluate(s, propose(stop.Add(time.Hour), contact.SMS)).Allowed(), "START after STOP")
}

func TestNoticeThatTheLawAsksForGoesDespiteOptOutOnlyWhereTheRulebookSaysSo(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 13:00:00") // day in New York, London and Lagos, evening in China and India
	s := standing("America/New_York")
	s.Wishes = []contact.Wish{{At: at.Add(-time.Hour)}}
	l, err := Shipped()
	require.NoError(t, err)
	for jurisdiction, place := range map[string]struct {
		zone    string
		despite []contact.Purpose
	}{
		"us": {"America/New_York", []contact.Purpose{contact.StatutoryNotice}},
		"gb": {"Europe/London", []contact.Purpose{contact.StatutoryNotice, contact.ComplaintReply}},
		"cn": {"Asia/Urumqi", []contact.Purpose{contact.ComplaintReply}},
		"in": {"Asia/Kolkata", []contact.Purpose{contact.ComplaintReply}},
		"ng": {"Africa/Lagos", nil},
	} {
		s.Zones = []string{place.zone}
		for _, purpose := range contact.Purposes {
			p := propose(at, contact.Letter)
			p.Purpose = purpose
			ruling := l.For(jurisdiction).Evaluate(s, p)
			allowed := ruling.Allowed()
			if d := ruling.Deciding(); strings.HasSuffix(d.Rule, "opt-out") {
				require.Equal(t, "the borrower opted out at 2026-06-10 12:00 UTC", d.Why, "it names its zone, for it stands among times of others")
			}
			require.Equal(t, slices.Contains(place.despite, purpose), allowed, "%s %s", jurisdiction, purpose)
		}
	}
}

func TestContactNeedsAUsablePoint(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00")
	s := standing("UTC")
	s.Points = []contact.Point{{ID: "old", Channel: contact.SMS, Failed: true}, {ID: "new", Channel: contact.SMS, Rank: 2}}
	for point, allowed := range map[string]bool{"": true, "new": true, "old": false, "none": false} {
		p := propose(at, contact.SMS)
		p.Point = point
		ruling := Rules{}.Evaluate(s, p)
		require.Equal(t, allowed, ruling.Allowed(), point)
		if !allowed {
			require.Equal(t, "tender/contact-point", ruling.Deciding().Rule)
		}
	}
	p := propose(at, contact.Email)
	require.Equal(t, Deny, Rules{}.Evaluate(s, p).Verdict)
	p.Point = "new"
	require.Equal(t, Deny, Rules{}.Evaluate(s, p).Verdict, "a point of another channel")
	p.Channel = "pigeon"
	require.Equal(t, Deny, Rules{}.Evaluate(s, p).Verdict)
}

// stuckTest blocks until an instant that never comes nearer.
type stuckTest struct{ zoneTest }

func (stuckTest) check(_ *evaluation, t time.Time) state { return state{blocked: true, free: t} }

func TestSearchEndsWhenARuleMakesNoHeadway(t *testing.T) {
	t.Parallel()
	stuck := ownRule("stuck", "Stuck", stuckTest{})
	stuck.binds = ^mask(0)

	ruling := Rules{rules: []*Rule{stuck}}.Evaluate(standing("UTC"), propose(local(t, "UTC", "2026-06-10 12:00:00"), contact.SMS))

	require.Equal(t, Deny, ruling.Verdict)
	require.Zero(t, ruling.NextAllowed)
}
