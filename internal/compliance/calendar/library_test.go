package calendar_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance/calendar"
)

func TestAJurisdictionHasTheCalendarOfWhatItIsAPartOf(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	for jurisdiction, code := range map[string]string{
		"us": "us", "us-ny": "us", "US-NY-NYC": "us", "gb": "gb", "gb-sct": "gb", "au": "au", "au-nsw": "au-nsw", "au-nsw-sydney": "au-nsw",
		"de-by": "de-by", "cn-mainland": "cn",
	} {
		c, found := all.For(jurisdiction)
		require.True(t, found, jurisdiction)
		require.Equal(t, code, c.Code, jurisdiction)
	}
	for _, nowhere := range []string{"", "-", "zz", "zz-us", "everywhere", "elsewhere"} {
		c, found := all.For(nowhere)
		require.False(t, found, nowhere)
		holiday, known := c.Holiday(bizclock.MustDate("2026-07-08"))
		require.True(t, holiday && !known, nowhere)
	}
}

// folder returns a folder of rulebooks with calendars in it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "calendars"), 0o755))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "calendars", name), []byte(text), 0o600))
	}
	return dir
}

func TestAnOperatorsCalendarIsAddedOrTakesTheShippedOnesPlace(t *testing.T) {
	t.Parallel()
	us := "calendar: us\nversion: 2026-01-01\ntitle: Bank\nsource: the bank\nlicence: own\nyears: [2026]\nholidays: [{date: 2026-07-08, name: Founder's day}]\n"
	all, err := calendar.Load(folder(t, map[string]string{"ae.yaml": good, "us.yml": us, "notes.txt": "no calendar"}))
	require.NoError(t, err)
	require.Len(t, all.All(), len(shipped(t).All())+1)
	_, found := all.For("ae-du")
	require.True(t, found)
	own, _ := all.For("us-ny")
	require.Equal(t, "Bank", own.Title)
	require.False(t, own.Covers(2025), "it takes the whole place")
	holiday, known := own.Holiday(bizclock.MustDate("2026-12-25"))
	require.True(t, !holiday && known)
}

func TestAFolderWithoutCalendarsHasTheShippedOnes(t *testing.T) {
	t.Parallel()
	all, err := calendar.Load(t.TempDir())
	require.NoError(t, err)
	require.Equal(t, shipped(t).All(), all.All())
}

func TestAFolderWithABadCalendarIsRefused(t *testing.T) {
	t.Parallel()
	_, err := calendar.Load(folder(t, map[string]string{"qa.yaml": good}))
	require.ErrorContains(t, err, `qa.yaml:1:11: calendar: "ae" stands in a file named "qa"`)
	_, err = calendar.Load(folder(t, map[string]string{"ae.yaml": good, "ae.yml": good}))
	require.ErrorContains(t, err, "ae.yml: calendar ae stands in ")

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "calendars"), nil, 0o600))
	_, err = calendar.Load(dir)
	require.ErrorContains(t, err, "calendars: ")
}

func TestTheSourceOfComputedCalendarsIsTheVersionThatIsBuiltIn(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`github.com/rickar/cal/v2 (\S+)\n`).FindSubmatch(mod)
	require.NotNil(t, version)
	require.Equal(t, "rickar/cal "+string(version[1]), of(t, "us").Source)
}
