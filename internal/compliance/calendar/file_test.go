package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance/calendar"
)

// good is a calendar with every field; each test below spoils one line of it.
const good = `calendar: ae
version: 2026-03-01
title: Emirates, public holidays
source: the cabinet's list
licence: own
weekend: [fri, sat]
years: [2026, 2025]
holidays:
  - {date: 2026-12-02, name: National Day}
  - date: 2025-12-02
    name: National Day
    source: Resolution 27 of 2024
workdays:
  - {date: 2026-12-05, name: Worked for National Day, source: Notice 9}
`

func TestACalendarIsReadWhole(t *testing.T) {
	t.Parallel()
	c, err := calendar.Parse("folder/calendars/ae.yaml", []byte(good))
	require.NoError(t, err)
	require.Equal(t, "ae", c.Code)
	require.Equal(t, "2026-03-01", c.Version.String())
	require.Equal(t, "Emirates, public holidays", c.Title)
	require.Equal(t, "the cabinet's list", c.Source)
	require.Equal(t, "own", c.Licence)
	require.Equal(t, []time.Weekday{time.Friday, time.Saturday}, c.Weekend)
	require.Equal(t, []int{2025, 2026}, c.Years)
	require.Equal(t, []calendar.Day{
		{Date: bizclock.MustDate("2025-12-02"), Name: "National Day", Source: "Resolution 27 of 2024"},
		{Date: bizclock.MustDate("2026-12-02"), Name: "National Day"},
	}, c.Holidays)
	require.Equal(t, []calendar.Day{{Date: bizclock.MustDate("2026-12-05"), Name: "Worked for National Day", Source: "Notice 9"}}, c.Workdays)

	on, known := c.AddBusinessDays(bizclock.MustDate("2026-12-01"), 3)
	require.Equal(t, "2026-12-06", on.String(), "the Wednesday and the Friday are free, the Saturday is worked")
	require.True(t, known)
	on, known = c.AddBusinessDays(bizclock.MustDate("2030-03-07"), 1)
	require.Equal(t, "2030-03-10", on.String(), "its own weekend counts in years that are not covered, too")
	require.False(t, known)
}

func TestAWeekendThatIsLeftOutIsSaturdayAndSunday(t *testing.T) {
	t.Parallel()
	text := strings.Replace(strings.Replace(good, "weekend: [fri, sat]\n", "", 1), "years: [2026, 2025]", "years: [2025, 2026]", 1)
	c, err := calendar.Parse("ae.yaml", []byte(text))
	require.NoError(t, err)
	require.Equal(t, []time.Weekday{time.Saturday, time.Sunday}, c.Weekend)
}

func TestWhatIsWrongWithACalendarIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, old, new, want string }{
		{"an unknown field", "title: Emirates", "titel: Emirates", `ae.yaml:3:1: unknown field "titel"`},
		{"an unknown field of a day", "{date: 2026-12-02,", "{day: 2026-12-02,", `ae.yaml:9:6: unknown field "day"`},
		{"a field that stands twice", "licence: own", "licence: own\nlicence: own", `ae.yaml:6:1: mapping key "licence" already defined`},
		{"no year", "[2026, 2025]", "[2026, soon]", "ae.yaml:7:15: "},
		{"another file's code", "calendar: ae", "calendar: qa", `ae.yaml:1:11: calendar: "qa" stands in a file named "ae"`},
		{"no code", "calendar: ae\n", "", "ae.yaml:1:1: calendar: is missing"},
		{"no version", "version: 2026-03-01\n", "", "ae.yaml:1:1: version: is missing"},
		{"no title", "title: Emirates, public holidays\n", "", "ae.yaml:1:1: title: is missing"},
		{"no source", "source: the cabinet's list\n", "", "ae.yaml:1:1: source: is missing"},
		{"no licence", "licence: own", "licence: ' '", "ae.yaml:5:10: licence: is missing"},
		{"a version that is no date", "version: 2026-03-01", "version: 2026-02-30", `ae.yaml:2:10: version: "2026-02-30" is no date`},
		{"an unknown day of the week", "[fri, sat]", "[fri, saturday]", `ae.yaml:6:16: weekend[1]: unknown day "saturday"`},
		{"a day of the week twice", "[fri, sat]", "[sat, sat]", "ae.yaml:6:16: weekend[1]: sat stands twice"},
		{"a weekend of no days", "[fri, sat]", "[]", "ae.yaml:6:10: weekend: write at least one day"},
		{"a weekend of all days", "[fri, sat]", "[mon, tue, wed, thu, fri, sat, sun]", "ae.yaml:6:10: weekend: write at least one day"},
		{"no years", "years: [2026, 2025]\n", "", "ae.yaml:1:1: years: are missing"},
		{"a year twice", "[2026, 2025]", "[2026, 2025, 2026]", "ae.yaml:7:21: years[2]: 2026 stands twice"},
		{"a mistyped year", "[2026, 2025]", "[2026, 2025, 20265]", "ae.yaml:7:21: years[2]: 20265; write years from 1970 to 2199"},
		{"a year without days", "[2026, 2025]", "[2026, 2025, 2027]", "ae.yaml:7:21: years[2]: 2027 has no holiday here"},
		{"a holiday outside of the years", "date: 2025-12-02", "date: 2024-12-02", "ae.yaml:10:11: holidays[1].date: 2024-12-02 lies in a year that is not covered; add 2024 to years"},
		{"a workday outside of the years", "{date: 2026-12-05,", "{date: 2027-12-04,", "ae.yaml:14:12: workdays[0].date: 2027-12-04 lies in a year that is not covered"},
		{"a holiday twice", "date: 2025-12-02", "date: 2026-12-02", "ae.yaml:10:11: holidays[1].date: 2026-12-02 stands twice"},
		{"a workday twice", "source: Notice 9}", "source: Notice 9}\n  - {date: 2026-12-05, name: Again, source: Notice 9}", "ae.yaml:15:12: workdays[1].date: 2026-12-05 stands twice"},
		{"a day that is both", "date: 2025-12-02", "date: 2026-12-05", "ae.yaml:14:12: workdays[0].date: 2026-12-05 is a holiday too"},
		{"a workday that is one anyway", "{date: 2026-12-05,", "{date: 2026-12-07,", "ae.yaml:14:12: workdays[0].date: 2026-12-07 is a Monday, which is worked anyway"},
		{"a workday on nobody's word", ", source: Notice 9", "", "ae.yaml:14:6: workdays[0].source: is missing"},
		{"a holiday without a name", "    name: National Day\n", "", "ae.yaml:10:5: holidays[1].name: is missing"},
		{"a holiday without a date", "{date: 2026-12-02, name", "{name", "ae.yaml:9:6: holidays[0].date: is missing"},
		{"a holiday on no date", "date: 2025-12-02", "date: 2025-13-02", `ae.yaml:10:11: holidays[1].date: "2025-13-02" is no date; write it as 2026-01-31`},
		{"a day of the wrong shape", "{date: 2026-12-02, name: National Day}", "2026-12-02", "ae.yaml:9:5: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, good, test.old)
			_, err := calendar.Parse("folder/calendars/ae.yaml", []byte(strings.Replace(good, test.old, test.new, 1)))
			require.ErrorContains(t, err, "folder/calendars/"+test.want)
		})
	}
	for name, text := range map[string]string{"nothing": "", "two documents": good + "---\n" + good, "no mapping": "- 1"} {
		_, err := calendar.Parse("ae.yaml", []byte(text))
		require.ErrorContains(t, err, "ae.yaml:1:1: ", name)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("version: 2026-03-01", "version: soon", "date: 2025-12-02", "date: 2024-12-02", "fri", "friday").Replace(good)
	_, err := calendar.Parse("ae.yaml", []byte(text))
	require.Error(t, err)
	require.Len(t, strings.Split(err.Error(), "\n"), 4, "version, weekend, the year without a day and the day without a year:\n%s", err)
}
