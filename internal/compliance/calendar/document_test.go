package calendar_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance/calendar"
)

var update = flag.Bool("update", false, "write docs/calendars.md anew")

func TestDocumentIsUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "..", "docs", "calendars.md")
	text := document(shipped(t))
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	there, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(there), "run: go test ./internal/compliance/calendar -update")
}

// document writes what an operator must know of calendars.
func document(all *calendar.Calendars) string {
	var b strings.Builder
	b.WriteString(before)
	for _, c := range all.All() {
		sources := []string{c.Source}
		if own := ownSources(c); own > 0 {
			sources = append(sources, fmt.Sprintf("%d days by hand", own))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %d to %d | %d | %d | %s | %s |\n", c.Code, c.Title, c.Years[0], c.Years[len(c.Years)-1],
			len(c.Holidays), len(c.Workdays), strings.Join(sources, "; "), c.Licence)
	}
	b.WriteString(after)
	return b.String()
}

// ownSources counts the days that come from elsewhere than the rest of their calendar.
func ownSources(c *calendar.Calendar) (n int) {
	for _, days := range [][]calendar.Day{c.Holidays, c.Workdays} {
		for _, d := range days {
			if d.Source != "" {
				n++
			}
		}
	}
	return n
}

// The table gives the first and the last year, so that none between them may be missing.
func TestShippedCalendarsHaveNoGap(t *testing.T) {
	t.Parallel()
	for _, c := range shipped(t).All() {
		for n, year := range c.Years {
			require.Equal(t, c.Years[0]+n, year, c.Code)
		}
	}
}

const before = `# Holiday calendars

Made by ` + "`go test ./internal/compliance/calendar -update`" + `.

A calendar says on which days a place rests, and which days of its weekend are worked in exchange (China's 调休). Windows
that heed holidays and deadlines in business days ask it.

A calendar **covers** certain years. Of any other year it knows nothing, and says so:

- a window that heeds holidays is closed on every day of such a year, because any of them may be a holiday;
- a deadline in business days is computed with weekends alone, and is marked as such.

Business days are counted from the day after: one business day after a Friday is the Monday, and so it is after the Saturday.

A jurisdiction has the calendar of its code or of the nearest place that it is a part of: ` + "`au-nsw`" + ` has one of its own, ` + "`us-ny`" + `
has that of ` + "`us`" + `. Holidays of a state or province that has no calendar here are not known: Scotland, for example, has those of
England and Wales. A lender who needs them writes a calendar of its own.

## What is shipped

| code | days | covered | holidays | worked weekend days | source | licence |
|---|---|---|---|---|---|---|
`

const after = `
A holiday that falls on a weekend stands there twice where it is kept on another day: on its own date, which to many laws is
the holiday, and on the day on which offices are closed.

[rickar/cal](https://github.com/rickar/cal) computes holidays that follow from rules. A day that a government sets once is not
among them until somebody adds it to ` + "`internal/compliance/calendar/computed.go`" + `.

The other calendars were drafted with [date-holidays](https://github.com/commenthol/date-holidays) 3.37.0 (code: ISC; data: CC BY-SA 3.0,
most of it from Wikipedia) and corrected by hand. China but for October 2025, and 2026 of Indonesia and of the Philippines but for the two
Eids, were compared with the text of the announcement; the rest with what is commonly known of it, which a lender had better
check against the announcement itself before relying on a day. They stand in
` + "`internal/compliance/calendar/calendars`" + ` and stay under CC BY-SA 3.0; whoever passes them on, changed or not, names the source. A day with
a ` + "`source`" + ` of its own was added or moved by hand. In all of these countries but Mexico the government sets the days of a year
shortly before it, and Islamic holidays wait for the moon. So a year is covered only once its days are announced.

## A calendar of one's own

A file in the folder ` + "`calendars`" + ` beneath the folder of rulebooks adds a calendar, or takes the whole place of the shipped one
whose code it bears. What is wrong with it is refused with file, line and column.

    calendar: cn                # the file is cn.yaml
    version: 2026-11-26         # when the days were last compared with their source
    title: China, days off
    source: notices of the State Council
    licence: CC-BY-SA-3.0
    weekend: [sat, sun]         # may be left out
    years: [2026]               # those whose days are all here
    holidays:
      - {date: 2026-01-01, name: New Year's Day}
    workdays:
      - {date: 2026-01-04, name: Worked for New Year's Day, source: 国办发明电〔2025〕7号}

| field | | meaning |
|---|---|---|
| ` + "`calendar`" + ` | required | the code, which is also the name of the file |
| ` + "`version`" + ` | required | a date |
| ` + "`title`, `source`, `licence`" + ` | required | what the days are, where they come from, and on which terms |
| ` + "`weekend`" + ` | sat, sun | the days of the week on which nobody works |
| ` + "`years`" + ` | required | the years that are covered; each has a holiday |
| ` + "`holidays`" + ` | required | date and name; a source, if it is not that of the calendar. A date stands once, with all its names |
| ` + "`workdays`" + ` | | date, name and source; days of the weekend that are worked |

## Adding a year

1. Wait for the announcement: for China the notice of the State Council, in most years in November.
2. For a draft of the fixed days, run ` + "`tools/calendars/generate.mjs`" + ` as its first lines say.
3. Take out what the announcement does not have, and add what it has: substitute days, days between, elections, days worked in
   exchange. Give each such day its source.
4. Add the year to ` + "`years`" + `, set ` + "`version`" + `, and write ten of its days into the table of
   ` + "`internal/compliance/calendar/calendar_test.go`" + `, from the announcement and not from the file.
5. Run ` + "`go test ./internal/compliance/calendar -update`" + `, which writes this page.

An operator need not wait for a release: a copy of the shipped file with the new year in it, in the folder of rulebooks, does.
`
