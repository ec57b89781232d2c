package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/strategy"
)

func TestStrategiesAreLookedAtWithoutAnyServer(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for line, says := range map[string]string{
		"strategy show wallet-microloan":                                       "A small loan in a wallet, paid back in one payment.",
		"strategy show ../examples/strategies/patient.yaml":                    "day 24  call-1",
		"strategy lint ../examples/strategies/patient.yaml":                    "patient@1 is a strategy",
		"strategy diff revolving-card revolving-card":                          "Nothing changes for anybody.",
		"strategy diff gentle-installment ../examples/strategies/patient.yaml": "For every loan",
		"strategy facts":  "behaviour.late_payments",
		"strategy schema": `"$schema"`,
	} {
		got := x.run(line)
		require.Equal(t, exitDone, got.code, "%s: %s", line, got.err)
		require.Contains(t, got.out, says, line)
	}
	var drawn report.Drawn
	require.NoError(t, json.Unmarshal([]byte(x.run("strategy show gentle-installment -o json").out), &drawn))
	require.Len(t, drawn.Segments, 5)
	require.Equal(t, "welcome", drawn.Segments[0].Timeline[0].Name)
	for line, c := range map[string]struct {
		code int
		says string
	}{
		"strategy show harsh":                             {exitNotFound, "strategy harsh is not known; known without Postgres are gentle-installment, revolving-card, wallet-microloan"},
		"strategy show gentle-installment --segment old":  {exitNotFound, "strategy gentle-installment has no segment old; it has vulnerable, high_risk, high_value, new_to_credit, standard"},
		"strategy show nowhere.yaml":                      {exitNotFound, "there is no file nowhere.yaml"},
		"strategy lint":                                   {exitUsage, "FILE is missing"},
		"strategy migrate --to a --where stagee==1":       {exitUsage, "--where: there is no fact or function 'stagee'"},
		`strategy migrate --to a --where stage="arrears"`: {exitUsage, `--where: unknown stage "arrears"; use one of welcome`},
		"strategy migrate --to a --rate 0":                {exitUsage, "--rate 0: give a number from 1 to 1000"},
		"strategy migrate":                                {exitUsage, `required flag(s) "to" not set`},
	} {
		got := x.run(line)
		require.Equal(t, c.code, got.code, "%s: %s", line, got.err)
		require.Contains(t, got.err, c.says, line)
	}
	bad := x.typed("name: x\nversion: \"1\"\nchannels: [sms]\nladders: 3\n", "strategy", "lint", "-")
	require.Equal(t, exitRefused, bad.code)
	require.Contains(t, bad.err, "-:4:1: ")
}

func TestASingleEqualsSignMeansTheSame(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		`stage = "early_arrears"`: `stage == "early_arrears"`, `stage == "a=b"`: `stage == "a=b"`, `past_due_days >= 3`: `past_due_days >= 3`,
		`past_due_days <= 3 && stage != 'x'`: `past_due_days <= 3 && stage != 'x'`, `stage='a'`: `stage=='a'`, `=`: `==`, ``: ``,
	} {
		require.Equal(t, want, equals(where))
	}
}

// own writes a strategy of one's own: the shipped one with another name, version and first follow-up.
func own(t *testing.T, name, version string, day int) (file, hash string) {
	t.Helper()
	all, err := strategy.Load("")
	require.NoError(t, err)
	text := strings.NewReplacer("name: gentle-installment", "name: "+name, `version: "2"`, fmt.Sprintf("version: %q", version),
		"first: {day: 4", fmt.Sprintf("first: {day: %d", day), "first: {day: 5", fmt.Sprintf("first: {day: %d", day)).Replace(all[0].Text)
	s, err := strategy.Parse("own.yaml", []byte(text))
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), name+version+".yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file, s.Hash
}

func TestAPublishedStrategyIsTheOneWithWhichLoansBegin(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	first, firstHash := own(t, "ours", "1", 3)
	second, _ := own(t, "ours", "2", 4)
	for _, file := range []string{first, second, first} {
		got := x.run("strategy publish " + file + " --as kim")
		require.Equal(t, exitDone, got.code, got.err)
	}
	var all []report.Version
	require.NoError(t, json.Unmarshal([]byte(x.run("strategy list -o json").out), &all))
	require.Equal(t, "1 true kim, 2 false kim", fmt.Sprintf("%s %t %s, %s %t %s", all[0].Version, all[0].Latest, all[0].PublishedBy, all[1].Version, all[1].Latest, all[1].PublishedBy))
	require.Equal(t, firstHash, all[0].Hash)
	require.Contains(t, x.run("strategy list").out, "LOANS BEGIN WITH IT")
	require.Contains(t, x.run("strategy show ours@2").out, "ours@2")
	require.Contains(t, x.run("strategy show "+firstHash).out, "ours@1")
	require.Contains(t, x.run("strategy diff ours@1 ours@2").out, "first-week: day 3: write first-week")

	other, _ := own(t, "ours", "1", 5)
	got := x.run("strategy publish " + other)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "ours@1 was published with other content ("+firstHash+"); give the file another version")
	got = x.run("strategy publish ../examples/strategies/patient.yaml")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "the challenger gentle-installment is not published; publish it first")
	reported := x.run("strategy report")
	require.Contains(t, reported.out, "gentle-installment@1", reported.err)
	got = x.run("strategy migrate --to theirs")
	require.Equal(t, exitNotFound, got.code)
	require.Contains(t, got.err, "strategy theirs is not published")
}

func TestMovingSaysWhichLoansWereRefusedAndEndsWithFour(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for version, day := range map[string]int{"1": 3, "2": 4} {
		file, _ := own(t, "ours", version, day)
		require.Equal(t, exitDone, x.run("strategy publish "+file).code)
	}
	done := x.run("strategy migrate --to ours@1 --id batch --where past_due_days>0")
	require.Equal(t, exitDone, done.code, done.err)
	require.Contains(t, done.out, "1 loan moved, 0 refused; batch batch\n")
	x.teller.told = nil
	refused := x.run("strategy migrate --to ours@2 --id batch") // which has moved L-1001 elsewhere
	require.Equal(t, exitRefused, refused.code)
	require.Contains(t, refused.err, "tender: loan/L-1001: ")
	require.Contains(t, refused.err, "tender: 1 of 2 loans were refused\n")
	require.Contains(t, refused.out, "1 loan moved, 1 refused; batch batch\n", "the other is moved")
	require.Len(t, x.teller.told, 1)
	var all moved
	require.NoError(t, json.Unmarshal([]byte(x.run("strategy migrate --to ours@2 --id batch -o json").out), &all))
	require.Equal(t, 1, all.Refused)
}

func TestLintSaysWhatIsWrongWithChallengers(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	lint := func(name, challengers string) (result, string) {
		file, _ := own(t, name, "1", 3)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, append(text, ("challengers: ["+challengers+"]\n")...), 0o600))
		return x.run("strategy lint " + file), file
	}
	const starts = "; a worker with this file starts only once that is mended, or the challenger is published\n"
	got, file := lint("ours", "{strategy: harsh, percent: 10}")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, file+": warning: strategy ours: challengers[0]: there is no strategy harsh"+starts)
	got, _ = lint("ours", "{strategy: wallet-microloan, percent: 10}")
	require.Equal(t, exitDone, got.code, got.err)
	require.NotContains(t, got.out, "warning: strategy ours")
	for challengers, says := range map[string]string{
		"{strategy: wallet-microloan, percent: 0}":                                           ":140:53: challengers[0].percent: 0 must be at least 1, and all of them together at most 99: the champion keeps a share",
		"{strategy: wallet-microloan, percent: 100}":                                         "challengers[0].percent: 100 must be at least 1, and all of them together at most 99: the champion keeps a share",
		"{strategy: wallet-microloan, percent: 60}, {strategy: revolving-card, percent: 40}": "challengers[1].percent: 40 must be",
		"{strategy: ours, percent: 10}":                                                      `challengers[0].strategy: "ours" must be the name of another strategy, once`,
	} {
		got, file = lint("ours", challengers)
		require.Equal(t, exitRefused, got.code, challengers)
		require.Contains(t, got.err, file+":")
		require.Contains(t, got.err, says)
	}
	_, file = lint("ours", "{strategy: wallet-microloan, percent: 10}")
	x.world.env = x.world.env.With("TENDER_STRATEGIES", filepath.Dir(file))
	got, file = lint("theirs", "{strategy: ours, percent: 10}")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, file+": warning: strategy theirs: challengers[0]: ours has challengers of its own"+starts)
}

func TestAFolderOfStrategiesHoldsNoFileThatWouldNotBeRead(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	file, _ := own(t, "ours", "1", 3)
	x.world.env = x.world.env.With("TENDER_STRATEGIES", filepath.Dir(file))
	require.Equal(t, exitDone, x.run("strategy show ours").code)
	other := strings.TrimSuffix(file, ".yaml") + ".yml"
	require.NoError(t, os.Rename(file, other))
	got := x.run("strategy show ours")
	require.Equal(t, exitRefused, got.code)
	require.Equal(t, "tender: "+other+": strategies lie in files whose names end with .yaml; rename it\n", got.err)
}

func TestShowingAFileSaysThatLoansBeginWithAnotherContent(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	file, fileHash := own(t, "ours", "1", 3)
	published, hash := own(t, "ours", "1", 5)
	x.world.env = x.world.env.With("TENDER_STRATEGIES", filepath.Dir(file))
	require.Empty(t, x.run("strategy show ours").err, "nothing was published")
	require.Equal(t, exitDone, x.run("strategy publish "+published).code)
	for _, called := range []string{"ours", "ours@1"} {
		got := x.run("strategy show " + called)
		require.Equal(t, exitDone, got.code, got.err)
		require.Equal(t, fmt.Sprintf("tender: this is the file of ours@1 (%s); loans begin with ours@1 (%s): say %[2]s to see that\n", fileHash, hash), got.err)
		require.Regexp(t, `day 3 +first-week `, got.out)
	}
	got := x.run("strategy show " + hash)
	require.Empty(t, got.err)
	require.Regexp(t, `day 5 +first-week `, got.out)
	require.Empty(t, x.run("strategy show "+fileHash).err, "who names a content sees that")
}

// A journey stays with the version that it began with, though its file is nowhere and another was published, until it is moved;
// moving says before what changes for how many, and once is enough.
func TestJourneysThatRunStayWithTheirStrategyUntilTheyAreMoved(t *testing.T) {
	t.Parallel()
	x, work := onServers(t)
	first, firstHash := own(t, "ours", "1", 3)
	require.Equal(t, exitDone, x.run("strategy publish "+first).code)
	work() // a worker that never saw the file
	disburse := func(loan string) {
		t.Helper()
		data := strings.NewReplacer(`"currency"`, `"strategy": "ours", "currency"`, `"2025-06-01"`, `"2026-02-10"`, `"due": "2026-02-01"`, `"due": "2026-02-25"`).Replace(borrowed)
		require.Eventually(t, func() bool {
			return x.typed(data, "loan", "disburse", "-f", "-", "--loan", loan, "--id", "d-"+loan).code == exitDone
		}, time.Minute, 200*time.Millisecond)
	}
	next := func(loan string) string {
		t.Helper()
		got := x.run("loan explain " + loan + " -o json")
		require.Equal(t, exitDone, got.code, got.err)
		return got.out
	}
	disburse("L-1")
	second, secondHash := own(t, "ours", "2", 6)
	require.Equal(t, exitDone, x.run("strategy publish "+second).code)
	disburse("L-2")
	require.Eventually(t, func() bool {
		return strings.Contains(next("L-1"), "first-week@") && strings.Contains(next("L-2"), "first-week@")
	}, time.Minute, 100*time.Millisecond)
	require.Contains(t, next("L-1"), "ours@1")
	require.Contains(t, next("L-2"), "ours@2")

	var would moved
	dry := x.typed("", "strategy", "migrate", "--to", "ours@2", "--where", `stage = "welcome"`, "--dry-run", "-o", "json")
	require.Equal(t, exitDone, dry.code, dry.err)
	require.NoError(t, json.Unmarshal([]byte(dry.out), &would))
	require.Len(t, would.Differences, 1)
	require.Equal(t, difference{From: "ours@1", Hash: firstHash, Segment: "new_to_credit", To: "new_to_credit", Loans: 1, Changes: []strategy.Change{
		{Segment: "new_to_credit", What: "first-week", Was: "day 3: write first-week", Is: "day 6: write first-week"},
	}}, would.Differences[0])
	would.Differences = nil
	require.Equal(t, moved{
		To: "ours@2", Hash: secondHash, DryRun: true, Loans: 2, AlreadyThere: 1, Asked: 1,
		Changes: []effect{{What: "first-week by sms in 3 days -> first-week by sms in 6 days", Loans: 1, Some: []string{"L-1"}}},
	}, would)
	require.Contains(t, next("L-1"), "ours@1", "a dry run moves nothing")
	require.Contains(t, x.typed("", "strategy", "migrate", "--to", "ours@2", "--dry-run").out, "nothing was moved: this was a dry run")

	for range 2 {
		done := x.run("strategy migrate --to ours@2 --id move-1 --as kim")
		require.Equal(t, exitDone, done.code, done.err)
	}
	require.Eventually(t, func() bool { return strings.Contains(next("L-1"), "ours@2") }, time.Minute, 100*time.Millisecond)
	require.Contains(t, x.run("loan show L-1").out, "strategy.assigned")
	require.NotContains(t, next("L-1"), firstHash)
	none := x.run("strategy migrate --to ours@2")
	require.Contains(t, none.out, "2 open loans fit; 2 of them are accompanied by ours@2 already")
	require.Regexp(t, `(?m)^ours +ours@2 +new_to_credit +1 +1 `, x.run("strategy report").out)
}
