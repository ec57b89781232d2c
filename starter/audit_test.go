package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
)

func TestTheChainsAreVerifiedAgainstHeadsOfBefore(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("audit verify -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var found report.Audit
	require.NoError(t, json.Unmarshal([]byte(got.out), &found))
	require.True(t, found.Whole)
	require.NotEmpty(t, found.Heads)

	heads := filepath.Join(t.TempDir(), "heads.json")
	require.NoError(t, os.WriteFile(heads, []byte(got.out), 0o600))
	require.Equal(t, exitDone, x.run("audit verify --against "+heads).code)
	require.Contains(t, x.run("audit verify --borrower B-1").out, "in 1 chain\n")

	found.Heads[0].Hash = "00"
	text, err := json.Marshal(found)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(heads, text, 0o600))
	got = x.run("audit verify --against " + heads)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "the chain was written anew")
	require.Contains(t, got.err, "the chains are broken")

	require.NoError(t, os.WriteFile(heads, []byte("{}"), 0o600))
	got = x.run("audit verify --against " + heads)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "holds no heads; write it with tender audit verify -o json")
	require.Equal(t, exitNotFound, x.run("audit verify --borrower B-404").code)
}

func TestABorrowersFileIsWritten(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("audit export --borrower B-1")
	require.Equal(t, exitDone, got.code, got.err)
	var file report.File
	require.NoError(t, json.Unmarshal([]byte(got.out), &file))
	require.Equal(t, "B-1", file.Borrower)
	page := filepath.Join(t.TempDir(), "B-1.html")
	got = x.run("audit export --borrower B-1 --html " + page)
	require.Equal(t, exitDone, got.code, got.err)
	info, err := os.Stat(page)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it is nobody else's to read")
	require.Equal(t, exitNotFound, x.run("audit export --borrower B-404").code)
	require.Contains(t, x.run("audit export").err, "--borrower is missing")
}

func TestWhatWasPreventedIsNarrowedAndCounted(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	var all []report.Prevented
	require.NoError(t, json.Unmarshal([]byte(x.run("audit query --since 2026-01-01 -o json").out), &all))
	require.Len(t, all, 2)
	for line, count := range map[string]int{
		"--rule us-federal": 1, "--rule us-federal/hours": 1, "--rule us-federal/validation-notice": 0, "--rule tender": 1, "--verdict deny": 1, "--loan L-1002": 0, "--borrower B-1": 2,
		"--until 2026-02-01": 1, "--limit 1": 1,
	} {
		require.NoError(t, json.Unmarshal([]byte(x.run("audit query --since 2026-01-01 -o json "+line).out), &all))
		require.Len(t, all, count, line)
	}
	require.Contains(t, x.run("audit query --since yesterday").err, `--since "yesterday" is no date and no instant; write such as 2026-01-31`)
	require.Contains(t, x.run("audit query --limit 0").err, "--limit 0; write 1 or more")
	require.Equal(t, "Nothing was prevented.\n", x.run("audit query --loan L-1002 --since 2026-01-01").out)
	for line, says := range map[string]string{
		"--loan L-404": "loan L-404 is not known", "--borrower B-404": "borrower B-404 is not known", "--rule us": "rule us is not known",
		"--rule us-federal/hous": "rule us-federal/hous is not known", "--verdict denied": "write defer, deny or needs_approval",
		"--since 2026-02-01 --until 2026-01-01": "does not lie before",
	} {
		got := x.run("audit query " + line)
		require.NotEqual(t, exitDone, got.code, line)
		require.Contains(t, got.err, says, line)
	}
}

func TestRulebooksAreListedShownAndChecked(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	var books []report.Book
	require.NoError(t, json.Unmarshal([]byte(x.run("rulebook list -o json").out), &books))
	require.Greater(t, len(books), 15)
	require.Contains(t, x.run("rulebook list").out, "us-ny-nyc")
	shown := x.run("rulebook show us-federal")
	require.Equal(t, exitDone, shown.code)
	require.Contains(t, shown.out, "call-frequency  At most seven calls")
	require.Contains(t, shown.out, "presumption, C1, 12 CFR 1006.14(b)(2)(i)(A)")
	require.Equal(t, exitNotFound, x.run("rulebook show atlantis").code)
	require.Contains(t, x.run("rulebook list --rulebooks ../examples/rulebooks").out, "mx-sample")
	require.Contains(t, x.run("rulebook lint ../examples/rulebooks/mx-sample.yaml").out, "rulebook mx-sample@2026-11-22 is in order, with 2 rules")
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("rulebook: bad\nversion: 2026-01-01\ntitle: Bad\njurisdictions: [us]\nrules:\n  - {id: a, title: A, confidence: own, strength: hard, mood: grim, window: {open: []}}\n"), 0o600))
	got := x.run("rulebook lint " + bad)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, bad+":6:")
	got = x.run("rulebook list --rulebooks " + filepath.Dir(bad))
	require.Equal(t, exitRefused, got.code)

	dir := t.TempDir()
	own := filepath.Join(dir, "own.yaml")
	require.NoError(t, os.WriteFile(own, []byte("rulebook: own\nversion: 2026-01-01\ntitle: Own\njurisdictions: [zz]\nrules:\n"+
		"  - {id: a, title: A, citation: The board, confidence: own, strength: hard, duty: {what: answer, after: dispute, within: 5, days: business, calendar: zz}}\n"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "calendars"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "calendars", "zz.yaml"), []byte(
		"calendar: zz\nversion: 2026-01-01\ntitle: Z\nsource: us\nlicence: own\nyears: [2026]\nholidays: [{date: 2026-07-08, name: Day}]\n"), 0o600))
	require.Contains(t, x.run("rulebook lint "+own).err, "own.yaml:6:")
	require.Contains(t, x.run("rulebook lint "+own+" --rulebooks "+dir).out, "own@2026-01-01 is in order, with 1 rule", "it may name calendars of its own folder")
}
