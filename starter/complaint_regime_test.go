package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
)

func TestRegimesOfComplaintsAreListedShownAndChecked(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	var regimes []report.Regime
	require.NoError(t, json.Unmarshal([]byte(x.run("complaint regime list -o json").out), &regimes))
	require.Len(t, regimes, 5)
	require.Contains(t, x.run("complaint regime list").out, "56 calendar days, payments 15 business days")

	for _, name := range []string{"gb", "cn", "house"} {
		shown := x.run("complaint regime show " + name)
		require.Equal(t, exitDone, shown.code, shown.err)
		golden(t, "regime-"+name+".txt", shown.out)
	}
	var gb report.Regime
	require.NoError(t, json.Unmarshal([]byte(x.run("complaint regime show gb -o json").out), &gb))
	require.Equal(t, regimes[1], gb)
	require.Equal(t, "FCA DISP 1.6", gb.Deadlines[6].Citation)
	require.Equal(t, 6, gb.External.WithinMonths)

	unknown := x.run("complaint regime show atlantis")
	require.Equal(t, exitNotFound, unknown.code)
	require.Contains(t, unknown.err, "regime atlantis is not known; there are cn, gb, house, in, us")
}

func TestRegimesOfOnesOwnLieBeneathTheRulebooks(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	const text = `regime: lender
version: 2026-11-22
title: Ours
jurisdictions: [zz]
calendar: zz
deadlines:
  - {id: answer, title: Answered, level: compliance, within: 10, days: business, final: true, citation: The board, confidence: own}
confirm_within: 14
referral: {level: compliance, within: 5, days: calendar}
`
	file := write("complaints/lender.yaml", text)
	got := x.run("complaint regime lint " + file)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, file+`:5:11: calendar: there is no calendar "zz"`)

	write("calendars/zz.yaml", "calendar: zz\nversion: 2026-01-01\ntitle: Z\nsource: us\nlicence: own\nyears: [2026]\nholidays: [{date: 2026-07-08, name: Day}]\n")
	require.Equal(t, file+": regime lender@2026-11-22 is in order, with 1 deadline\n", x.run("complaint regime lint "+file+" --rulebooks "+dir).out)
	require.Contains(t, x.run("complaint regime list --rulebooks "+dir).out, "lender  2026-11-22  1 deadline")
	require.Contains(t, x.run("complaint regime show lender --rulebooks "+dir).out, "business days of the calendar zz")
	require.Contains(t, x.run("rulebook list --rulebooks "+dir).out, "us-ny-nyc", "rulebooks are not disturbed by the folder")
	x.world.env = x.world.env.With("TENDER_RULEBOOKS", dir)
	require.Contains(t, x.run("complaint regime list").out, "lender", "the installation's own")

	write("complaints/bad.yaml", text+"mood: grim\n")
	for _, line := range []string{"complaint regime list", "complaint regime show gb"} {
		got = x.run(line)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.err, `bad.yaml:10:1: unknown field "mood"`)
	}
	write("calendars/zz.yaml", "calendar: zz\n")
	for _, line := range []string{"complaint regime list", "complaint regime lint " + file} {
		got = x.run(line)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.err, "zz.yaml:1:1: version: is missing")
	}
}
