package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
)

// holds lists holds by a command line.
func (x *terminal) holds(line string) (all []report.PlacedHold) {
	x.t.Helper()
	got := x.run("hold list " + line + " -o json")
	require.Equal(x.t, exitDone, got.code, got.err)
	require.NoError(x.t, json.Unmarshal([]byte(got.out), &all))
	return all
}

// ids are the ids of holds.
func ids(holds []report.PlacedHold) (all []string) {
	for _, h := range holds {
		all = append(all, h.ID)
	}
	return all
}

func TestAHoldIsPlacedListedAndReleasedInEveryScope(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, line := range []string{
		"--region US --kind disaster_or_bereavement --id flood --from 2026-02-01 --until 2026-04-01 --owner desk",
		"--borrower B-1 --kind vulnerable_pause --id ill --from 2026-02-03",
		"--borrower B-1 --point mobile --kind third_party_refused --id brother",
		"--loan L-1001 --kind complaint_open --id unhappy --until 2026-03-01",
	} {
		first, again := x.run("hold place "+line), x.run("hold place "+line)
		require.Equal(t, exitDone, first.code, first.err)
		require.Equal(t, exitDone, again.code, again.err)
		require.Contains(t, again.out, "came before")
	}
	require.ElementsMatch(t, []string{"flood", "ill", "brother", "unhappy"}, ids(x.holds("--loan L-1001")))
	require.ElementsMatch(t, []string{"flood", "ill", "brother"}, ids(x.holds("--loan L-1004")), "another loan of the borrower")
	require.Equal(t, []string{"flood"}, ids(x.holds("--borrower B-3")))
	require.Equal(t, []string{"H-1"}, ids(x.holds("--borrower B-2")))
	require.Equal(t, []string{"flood"}, ids(x.holds("--region us-tx")), "a wider region covers it")
	require.Len(t, x.holds(""), 5)
	flood := x.holds("--region us")[0]
	require.Equal(t, contact.Welfare, flood.Class)
	require.Equal(t, "us", flood.Region)
	require.Equal(t, "kim", flood.PlacedBy)
	require.Equal(t, "desk", flood.Owner)
	require.Equal(t, "2026-01-31T10:00:00Z", flood.From.Format("2006-01-02T15:04:05Z"), "where the date begins first")
	require.Equal(t, "2026-04-01T12:00:00Z", flood.Until.Format("2006-01-02T15:04:05Z"), "where it begins last")
	ill := x.holds("--borrower B-1")[1]
	require.Equal(t, "2026-02-03T05:00:00Z", ill.From.Format("2006-01-02T15:04:05Z"), "in New York, where the borrower lives")

	// Whoever looks at a loan sees what covers it, and cannot release it for that loan alone.
	require.Contains(t, x.run("loan show L-1001").out, "everybody in us")
	refused := x.run("loan release L-1001 flood")
	require.Equal(t, exitRefused, refused.code)
	require.Contains(t, refused.err, "release it for all of them with tender hold release flood --region us")
	require.Contains(t, x.run("loan list --hold disaster_or_bereavement").out, "L-1001")

	for _, id := range []string{"brother", "flood", "ill", "unhappy"} {
		require.Equal(t, exitDone, x.run("hold release "+id).code)
	}
	require.Empty(t, x.holds("--loan L-1001"))
	twice := x.run("hold release flood")
	require.Equal(t, exitDone, twice.code)
	require.Contains(t, twice.out, "hold flood was released on")
	require.NotContains(t, twice.out, "journeys:", "nothing changed, so nobody has to look again")
	require.Equal(t, exitDone, x.run("hold release ill").code)
	require.ElementsMatch(t, []string{"flood", "ill", "brother", "unhappy"}, ids(x.holds("--loan L-1001 --all")))
}

func TestAHoldOnARegionSaysWhomItCoversAndHowTheSweepWent(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.change(`update borrowers set jurisdiction = 'US-TX' where id = 'B-1'`)
	got := x.run("hold place --region us-tx --kind disaster_or_bereavement --id flood")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "hold.placed flood is kept\n"+
		"hold flood binds from now on: allowed are only statutory_notice, reply, complaint_reply\n"+
		"1 borrower in us-tx\n"+
		"1 borrower in a wider region, of whom nobody knows whether they live in us-tx: they are not among those; borrower.updated says where they live\n"+
		"journeys: 3 of 3 plan anew\n", got.out)
	require.Empty(t, x.teller.told, "journeys are swept, and not told one by one")
	var done swept
	require.NoError(t, json.Unmarshal([]byte(x.run("hold place --region us-tx --kind disaster_or_bereavement --id flood -o json").out), &done))
	require.Equal(t, event.HoldPlaced, done.Event.Type)
	require.Equal(t, courier.SweepDone, done.Sweep.State)
	require.Equal(t, "us-tx", done.Sweep.Jurisdiction)
	require.Equal(t, int32(50), done.Sweep.Rate)

	for line, says := range map[string]string{
		"--region us-tx --kind complaint_open --id flood":                             "was used before for something else",
		"--region us-tx --kind disaster_or_bereavement --id flood --until 2026-03-01": "was used before for something else",
		"--region us-tx --kind disaster_or_bereavement --until 2026-02-01":            "does not lie after",
	} {
		got := x.run("hold place " + line)
		require.Equal(t, exitRefused, got.code, got.out)
		require.Contains(t, got.err, says)
	}
}

func TestWhereSeveralHaveAHoldOfAnIDWhoseIsMeantMustBeSaid(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, exitDone, x.run("hold place --region us --kind disaster_or_bereavement --id H").code)
	x.change(`insert into borrower_holds (borrower_id, id, kind, from_at) values ('B-1', 'H', 'vulnerable_pause', '2026-02-01')`)
	got := x.run("hold release H")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "several have a hold H: borrower B-1, region us; say --region, --borrower or --loan")
	require.Equal(t, exitDone, x.run("hold release H --region us").code)
	require.Equal(t, []string{"H"}, ids(x.holds("--borrower B-1")))
	require.Equal(t, "borrower B-1", x.holds("--borrower B-1")[0].Covers())
}

func TestContactsAreHaltedListedAndResumed(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, "No contacts are halted.\n", x.run("halt list").out)
	first := x.typed("", "halt", "--channel", "sms", "--jurisdiction", "US", "--until", "2026-03-01", "--reason", "sends twice", "--id", "HALT-1")
	require.Equal(t, exitDone, first.code, first.err)
	require.Equal(t, "contacts.halted HALT-1 is kept\n"+
		"halt HALT-1: contacts by sms in us are halted from now on; tender resume HALT-1 ends it\n2 borrowers in us\njourneys: 3 of 3 plan anew\n", first.out)
	again := x.typed("", "halt", "--channel", "sms", "--jurisdiction", "US", "--until", "2026-03-01", "--reason", "sends twice", "--id", "HALT-1")
	require.Equal(t, exitDone, again.code)
	require.Contains(t, again.out, "came before")
	require.Equal(t, exitDone, x.typed("", "halt", "--template", "notice-1", "--except-notices", "--reason", "wording", "--id", "HALT-2").code)
	require.Equal(t, exitRefused, x.typed("", "halt", "--template", "threat", "--reason", "wording").code)

	list := x.run("halt list").out
	require.Contains(t, list, "contacts by sms in us")
	require.Contains(t, list, "contacts with notice-1 but statutory notices")
	require.Contains(t, list, "Sun 2026-03-01 12:00 UTC")
	d, code := examine(t, x, "--only", "halts")
	require.Equal(t, exitDone, code, "a halt is meant")
	require.Equal(t, warning, d.about(t, "halts").Health)
	require.Len(t, d.about(t, "halts").Cases, 2)

	require.Contains(t, x.run("resume HALT-1").out, "halt HALT-1 is lifted\njourneys: 3 of 3 plan anew\n")
	require.Contains(t, x.run("resume HALT-1").out, "halt HALT-1 was lifted before\n")
	require.Contains(t, x.run("resume --all").out, "halt HALT-2 is lifted\n")
	require.Equal(t, "No contacts are halted.\n", x.run("resume --all").out)
	require.Equal(t, "No contacts are halted.\n", x.run("halt list").out)
	require.Contains(t, x.run("halt list --all").out, "by kim")
	d, _ = examine(t, x, "--only", "halts")
	require.Equal(t, well, d.about(t, "halts").Health)
}

func TestWhatIsStoppedIsStoppedAlthoughTemporalIsAway(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.world.sweep, x.world.courier = nil, nil
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", "127.0.0.1:1")
	got := x.run("hold place --region us --kind disaster_or_bereavement --id flood")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "hold flood binds from now on")
	require.Contains(t, got.err, "what was asked for binds all the same; a worker has the journeys plan anew as soon as Temporal answers")
	require.Equal(t, []string{"flood"}, ids(x.holds("--borrower B-1")))
	x.change(`update sweeps set recorded_at = now() - interval '1 hour'`)
	d, _ := examine(t, x, "--only", "halts")
	require.Equal(t, warning, d.about(t, "sweeps").Health)
}

func TestASweepIsSeenToItsEndOnARealServer(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	stack := devstacktest.Temporal(t, journey.SearchAttributes)
	x.world.sweep, x.world.courier = nil, nil
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", stack.TemporalAddress).With("TEMPORAL_NAMESPACE", "default")
	x.change(`update borrowers set jurisdiction = 'us-zz' where id = 'B-1'`)
	got := x.run("hold place --region us-zz --kind disaster_or_bereavement --id flood -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var done swept
	require.NoError(t, json.Unmarshal([]byte(got.out), &done))
	require.Equal(t, courier.SweepDone, done.Sweep.State)
	require.Zero(t, done.Sweep.Total, "no journey runs there")
	later := x.run("hold release flood --no-wait")
	require.Equal(t, exitDone, later.code, later.err)
	require.Contains(t, later.out, "journeys: ")
}

// The table of kinds in the manual is written from the code.
func TestTheManualSaysOfEveryKindOfHoldWhatItLeavesAllowed(t *testing.T) {
	t.Parallel()
	const manual, begin, end = "../docs/holds.md", "<!-- kinds -->\n", "<!-- end of kinds -->\n"
	text, err := os.ReadFile(manual)
	require.NoError(t, err)
	var table strings.Builder
	table.WriteString("| kind | class | what stays allowed |\n|---|---|---|\n")
	for _, kind := range contact.HoldKinds {
		table.WriteString("| `" + string(kind) + "` | " + string(kind.Class()) + " | " + strings.ReplaceAll(kind.Leaves(), "_", "\\_") + " |\n")
	}
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	now := before + begin + table.String() + end + after
	if *update {
		require.NoError(t, os.WriteFile(manual, []byte(now), 0o644))
		return
	}
	require.Equal(t, now, string(text), "run go test ./starter -update")
}
