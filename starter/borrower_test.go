package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
)

func (x *terminal) reach(line string) (r report.Reach) {
	x.t.Helper()
	got := x.run("borrower show " + line + " -o json")
	require.Equal(x.t, exitDone, got.code, got.err)
	require.NoError(x.t, json.Unmarshal([]byte(got.out), &r))
	return r
}

func TestWhatABorrowerSaysByTelephoneBindsAtOnce(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, line := range []string{
		"borrower revoke B-1 --channel sms --point mobile --id no",
		"borrower consent B-1 --channel email --point mail --purpose collection --to creditor --written --until 2027-01-01 --grantor Canary --id yes",
	} {
		got := x.run(line)
		require.Equal(t, exitDone, got.code, got.err)
	}
	got := x.typed("", "borrower", "prefer", "B-1", "--channel", "email", "--not", "call:mon,tue 22:00-10:00", "--not", "18:00-20:00")
	require.Equal(t, exitDone, got.code, got.err)

	require.Equal(t, "tender/opt-out", x.reach("B-1 --purpose survey").Points[0].Rule, "the consent is for one purpose")
	r := x.reach("B-1")
	require.Equal(t, contact.Email, r.Preferred)
	require.NotEqual(t, "tender/opt-out", r.Points[0].Rule, "the consent ended the opt-out")
	require.Equal(t, "tender/opt-out", r.Points[1].Rule)
	require.Len(t, r.Not, 2, "they replace the one of before")
	require.Equal(t, contact.Call, r.Not[0].Channel)
	require.Equal(t, []contact.Weekday{"mon", "tue"}, r.Not[0].Days)
	require.False(t, r.Consents[0].RevokedAt.IsZero(), "the opt-out ended it")
	require.Equal(t, contact.ToCreditor, r.Consents[1].GivenTo)
	for _, told := range x.teller.told {
		require.NotContains(t, string(told.Data), "Canary")
	}
	require.Equal(t, exitDone, x.run("borrower prefer B-1 --whenever").code)
	require.Empty(t, x.reach("B-1").Not)
	require.Equal(t, exitDone, x.run("borrower revoke B-1").code)
	for _, point := range x.reach("B-1").Points {
		require.Equal(t, "tender/opt-out", point.Rule)
	}
}

func TestAContactMadeElsewhereIsRecordedByCommand(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("loan contact L-1001 --channel call --disposition right_party --collector agency-7 --at 2026-02-09T15:20:00Z --note Canary --id call-1")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, event.ContactRecorded, x.teller.told[0].Type)
	require.NotContains(t, string(x.teller.told[0].Data), "Canary")
	export := x.run("audit export --borrower B-1 -o json")
	require.Equal(t, exitDone, export.code, export.err)
	require.Contains(t, export.out, "agency-7")
}

func TestWhatCannotBeRecordedOfABorrowerIsSaid(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, c := range []struct {
		line []string
		code int
		says string
	}{
		{[]string{"borrower", "show", "B-9"}, exitNotFound, "borrower B-9 is not known"},
		{[]string{"borrower", "revoke", "B-9"}, exitNotFound, "unknown borrower B-9"},
		{[]string{"borrower", "revoke", "B-1", "--point", "fax"}, exitRefused, "data.point: fax is no contact point of borrower B-1"},
		{[]string{"borrower", "consent", "B-1", "--until", "2026-01-01"}, exitRefused, "data.expires_at"},
		{[]string{"borrower", "prefer", "B-1"}, exitUsage, "nothing is said; use --channel, --not or --whenever"},
		{[]string{"borrower", "prefer", "B-1", "--not", "friday 15:00-17:00"}, exitUsage, "friday"},
		{[]string{"borrower", "prefer", "B-1", "--not", "15-17"}, exitUsage, `"15-17" is no time of the week`},
		{[]string{"borrower", "prefer", "B-1", "--not", "fri 15:00-15:00"}, exitRefused, "is the same as from"},
		{[]string{"borrower", "prefer", "B-1", "--not", "18:00-20:00", "--whenever"}, exitUsage, "exclude each other"},
		{[]string{"loan", "contact", "L-1001", "--channel", "call"}, exitUsage, "--disposition is missing"},
		{[]string{"loan", "contact", "L-1001", "--disposition", "sent"}, exitUsage, "--channel is missing"},
		{[]string{"loan", "contact", "L-1001", "--channel", "call", "--disposition", "busy", "--at", "2026-02-01"}, exitUsage, "give a time such as 2026-02-01T15:20:00Z"},
		{[]string{"loan", "contact", "L-9", "--channel", "call", "--disposition", "busy"}, exitNotFound, "unknown loan L-9"},
		{[]string{"loan", "duties", "L-9"}, exitNotFound, "loan L-9 is not known"},
	} {
		got := x.typed("", c.line...)
		require.Equal(t, c.code, got.code, "%v: %s", c.line, got.err)
		require.Contains(t, got.err, c.says, c.line)
	}
}

func TestDutiesFollowFromWhatHappened(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, exitDone, x.run("borrower revoke B-1 --channel email").code)
	x.world.env = x.world.env.With("TENDER_PARTY", "third_party")
	got := x.run("loan duties L-1001 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var duties []report.Duty
	require.NoError(t, json.Unmarshal([]byte(got.out), &duties))
	require.Len(t, duties, 2)
	require.Equal(t, "us-federal/validation-notice 2026-02-09", duties[0].Rule+" "+duties[0].Due.String(), "five days after the first message that arrived")
	require.True(t, duties[0].Passed)
	require.Equal(t, "honour_revocation 2026-02-25", duties[1].What+" "+duties[1].Due.String(), "ten business days, of which Presidents' Day is none")
}
