package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/settings"
)

// serverless returns a terminal from which no server can be reached.
func serverless(t *testing.T) *terminal {
	t.Helper()
	return &terminal{t: t, world: world{
		env: settings.Environ{"DATABASE_URL=postgres://127.0.0.1:1/none", "TEMPORAL_ADDRESS=127.0.0.1:1", "TENDER_DIR=" + t.TempDir()}, user: "kim",
	}}
}

func TestEachExampleOfHardshipIsWorkedOutWithoutAServer(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../examples/hardship/*.json")
	require.NoError(t, err)
	require.Len(t, files, 4)
	x := serverless(t)
	for _, file := range files {
		got := x.run("hardship offers -f " + file)
		require.Equal(t, exitDone, got.code, got.err)
		require.Empty(t, got.err)
		golden(t, "hardship-"+strings.TrimSuffix(filepath.Base(file), ".json")+".txt", got.out)
	}
}

func TestOneProductIsShownWithItsWholeSchedule(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	for file, line := range map[string]string{
		"hardship-one.txt":      "hardship offers -f ../examples/hardship/job-loss.json --product lighter-payments",
		"hardship-one-not.txt":  "hardship offers -f ../examples/hardship/job-loss.json --product settlement",
		"hardship-one.json":     "hardship offers -f ../examples/hardship/re-age.json --product fresh-start -o json",
		"hardship-one-not.json": "hardship offers -f ../examples/hardship/wallet-loan.json --product personal-plan -o json",
	} {
		got := x.run(line)
		require.Equal(t, exitDone, got.code, got.err)
		golden(t, file, got.out)
	}
}

func TestOffersInJSONAreThoseInText(t *testing.T) {
	t.Parallel()
	got := serverless(t).run("hardship offers -f ../examples/hardship/over-indebted.json -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var a hardship.Answer
	require.NoError(t, json.Unmarshal([]byte(got.out), &a))
	require.Equal(t, "personal-plan", a.Offers[0].Product)
	require.Len(t, a.NotOffered, 9-len(a.Offers))
}

func TestHardshipOffersRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	got := x.run("hardship offers")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "name a loan, or a file with --file")
	got = x.run("hardship offers -f ../examples/hardship/job-loss.json --product gift")
	require.Equal(t, exitNotFound, got.code)
	require.Contains(t, got.err, "product gift is not known; there are fees-waived, fresh-start,")
	got = x.typed(`{"as_of": "2026-01-01"}`, "hardship", "offers", "-f", "-")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, `tender: ledger.currency: "" is not an ISO 4217 currency in force, such as USD`)

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "own.yaml"), []byte("name: own\nkind: gift\nversion: \"1\"\ntitle: A gift\nanswer_within_days: 5\n"), 0o600))
	got = x.run("hardship offers -f ../examples/hardship/job-loss.json --products " + dir)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, `own.yaml:2:7: kind: unknown kind of plan "gift"`)
}
