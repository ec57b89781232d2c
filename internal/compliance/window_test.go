package compliance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

func TestWindowAcrossZonesMidnightAndChangesOfClocks(t *testing.T) {
	t.Parallel()
	const (
		business = `window: {open: [{days: [mon, tue, wed, thu, fri], from: "09:00", until: "17:00"}]}`
		night    = `window: {open: [{days: [sat], from: "22:00", until: "02:00"}]}`
		small    = `window: {open: [{from: "02:15", until: "02:45"}]}`
		early    = `window: {open: [{from: "00:00", until: "01:30"}]}`
		always   = `window: {open: [{from: "00:00", until: "24:00"}]}`
	)
	tests := []struct {
		name        string
		kind        string
		zones       []string
		at          string // UTC
		from, until string // UTC; none: never
	}{
		{"inside, it begins at once", business, []string{"UTC"}, "2026-06-10 10:00:00", "2026-06-10 10:00:00", "2026-06-10 17:00:00"},
		{"its first second is open", business, []string{"UTC"}, "2026-06-10 09:00:00", "2026-06-10 09:00:00", "2026-06-10 17:00:00"},
		{"its end is not", business, []string{"UTC"}, "2026-06-10 17:00:00", "2026-06-11 09:00:00", "2026-06-11 17:00:00"},
		{"from Friday evening it is Monday", business, []string{"UTC"}, "2026-06-12 17:00:00", "2026-06-15 09:00:00", "2026-06-15 17:00:00"},
		{
			"zones meet where all are open", business,
			[]string{"America/New_York", "Europe/London"},
			"2026-06-10 00:00:00", "2026-06-10 13:00:00", "2026-06-10 16:00:00",
		},
		{"zones that are never open together", business, []string{"America/Los_Angeles", "Asia/Shanghai"}, "2026-06-10 00:00:00", "", ""},
		{"midnight belongs to the day before", night, []string{"UTC"}, "2026-06-14 00:30:00", "2026-06-14 00:30:00", "2026-06-14 02:00:00"},
		{"across midnight it is one window", night, []string{"UTC"}, "2026-06-10 00:00:00", "2026-06-13 22:00:00", "2026-06-14 02:00:00"},
		{"a window of the next day does not begin the day before", night, []string{"UTC"}, "2026-06-13 01:00:00", "2026-06-13 22:00:00", "2026-06-14 02:00:00"},
		{"a window that clocks skip is not open that day", small, []string{"America/New_York"}, "2026-03-08 06:00:00", "2026-03-09 06:15:00", "2026-03-09 06:45:00"},
		{"a window that clocks show twice is open twice", early, []string{"America/New_York"}, "2026-11-01 05:00:00", "2026-11-01 05:00:00", "2026-11-01 05:30:00"},
		{"and the second time begins on the hour", early, []string{"America/New_York"}, "2026-11-01 05:30:00", "2026-11-01 06:00:00", "2026-11-01 06:30:00"},
		{"in spring the night is short", night, []string{"Europe/Berlin"}, "2026-03-28 20:00:00", "2026-03-28 21:00:00", "2026-03-29 01:00:00"},
		{"half an hour's change is one too", business, []string{"Australia/Lord_Howe"}, "2026-10-04 00:00:00", "2026-10-04 22:00:00", "2026-10-05 06:00:00"},
		{"where midnight is skipped the day begins at one", early, []string{"Africa/Cairo"}, "2026-04-23 12:00:00", "2026-04-23 22:00:00", "2026-04-23 22:30:00"},
		{"what is always open is cut at a day", always, []string{"UTC"}, "2026-06-10 10:00:00", "2026-06-10 10:00:00", "2026-06-11 10:00:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := book(t, test.kind)
			p := propose(local(t, "UTC", test.at), contact.SMS)

			from, until, ok := rules.Window(standing(test.zones...), p)
			ruling := rules.Evaluate(standing(test.zones...), p)

			require.Equal(t, test.from != "", ok)
			if !ok {
				require.Equal(t, Deny, ruling.Verdict)
				require.Zero(t, ruling.NextAllowed)
				return
			}
			require.Equal(t, test.from, from.Format(time.DateTime))
			require.Equal(t, test.until, until.Format(time.DateTime))
			require.Equal(t, from, ruling.NextAllowed)
			if !ruling.Allowed() {
				require.Equal(t, Defer, ruling.Verdict)
				p.At = from.Add(-time.Nanosecond)
				require.False(t, rules.Evaluate(standing(test.zones...), p).Allowed())
			}
			p.At = until.Add(-time.Nanosecond)
			require.True(t, rules.Evaluate(standing(test.zones...), p).Allowed())
		})
	}
}

func TestChinaIsSilentFromTenInTheEveningUntilEight(t *testing.T) {
	t.Parallel()
	const shanghai = "Asia/Shanghai"
	for at, allowed := range map[string]bool{
		"2026-06-10 07:59:59": false, "2026-06-10 08:00:00": true, "2026-06-10 21:59:59": true,
		"2026-06-10 22:00:00": false, "2026-06-11 00:00:00": false,
	} {
		for _, purpose := range contact.Purposes {
			p := propose(local(t, shanghai, at), contact.SMS)
			p.Purpose = purpose
			require.Equal(t, allowed, only(t, "cn-mainland").Evaluate(standing(shanghai), p).Allowed(), "%s %s", at, purpose)
		}
	}
}

func TestRulesBindFromTheFirstDateInForceUntilTheLast(t *testing.T) {
	t.Parallel()
	rules := book(t, `window: {open: [{from: "09:00", until: "10:00"}]}`, "in_force: {from: 2026-06-10, until: 2026-06-12}")
	zones := []string{"Europe/London", "America/New_York"} // +1 and -4: in force from 23:00 UTC on the 9th until 04:00 on the 12th
	evaluate := func(at string) Ruling {
		return rules.Evaluate(standing(zones...), propose(local(t, "UTC", at), contact.SMS))
	}

	require.True(t, evaluate("2026-06-09 22:59:59").Allowed())
	require.Empty(t, evaluate("2026-06-09 22:59:59").Findings[len(own):], "a rule that is not in force is not consulted")
	require.False(t, evaluate("2026-06-09 23:00:00").Allowed())
	require.Equal(t, local(t, "UTC", "2026-06-12 04:00:00").UTC(), evaluate("2026-06-09 23:00:00").NextAllowed)
	require.False(t, evaluate("2026-06-12 03:59:59").Allowed())
	require.True(t, evaluate("2026-06-12 04:00:00").Allowed())
}

func TestWindowEndsWhereAnotherRuleComesIntoForce(t *testing.T) {
	t.Parallel()
	rules := book(t, `window: {open: [{from: "09:00", until: "10:00"}]}`, "in_force: {from: 2026-06-10}")

	from, until, ok := rules.Window(standing("UTC"), propose(local(t, "UTC", "2026-06-09 20:00:00"), contact.SMS))

	require.True(t, ok)
	require.Equal(t, "2026-06-09 20:00:00", from.Format(time.DateTime))
	require.Equal(t, "2026-06-10 00:00:00", until.Format(time.DateTime))
}

func TestUnknownTimeZoneIsDenied(t *testing.T) {
	t.Parallel()
	at := local(t, "UTC", "2026-06-10 12:00:00")
	for _, zones := range [][]string{nil, {""}, {"Local"}, {"Mars/Olympus"}, {"Europe/Berlin", "Mars/Olympus"}, {"../../etc/passwd"}} {
		ruling := only(t, "us-federal").Evaluate(standing(zones...), propose(at, contact.SMS))
		require.Equal(t, Deny, ruling.Verdict, "%q", zones)
		require.Equal(t, "tender/time-zone", ruling.Deciding().Rule)
		require.Zero(t, ruling.NextAllowed)
		_, _, ok := only(t, "us-federal").Window(standing(zones...), propose(at, contact.SMS))
		require.False(t, ok)
	}
}

// Where package time has nothing but a rule for the changes of clocks, its year has 365 days: on the last day of a leap year a stretch
// ends before it began.
func TestTheLastDayOfALeapYearFarAheadEnds(t *testing.T) {
	t.Parallel()
	rules := only(t, "us-federal")
	for _, zone := range []string{"America/New_York", "America/Santiago", "Europe/Berlin", "Pacific/Auckland"} {
		at := time.Date(2292, 12, 30, 22, 0, 0, 0, time.UTC)
		for range 5 * 24 {
			ruling := rules.Evaluate(standing(zone), propose(at, contact.Call))
			require.False(t, ruling.NextAllowed.IsZero(), at)
			require.Less(t, ruling.NextAllowed.Sub(at), 12*time.Hour)
			at = at.Add(time.Hour)
		}
	}
}
