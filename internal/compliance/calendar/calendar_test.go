package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance/calendar"
)

func shipped(t testing.TB) *calendar.Calendars {
	t.Helper()
	all, err := calendar.Shipped()
	require.NoError(t, err)
	return all
}

func of(t testing.TB, code string) *calendar.Calendar {
	t.Helper()
	c, found := shipped(t).For(code)
	require.True(t, found, code)
	return c
}

// known are days off of two years or more in each place, and days that look like days off and are none (after a !), as
// the places' own authorities announced them. They were written down apart from what the calendars are made of.
var known = map[string]string{
	// OPM's federal holidays, with the days on which they are observed.
	"us": `2025-01-01 2025-01-20 2025-02-17 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-10-13 2025-11-11 2025-11-27 2025-12-25
		2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25
		2027-06-18 2027-07-05 2027-12-24 2027-12-31 !2025-11-28 !2026-07-06 !2025-04-18`,
	// gov.uk/bank-holidays, England and Wales.
	"gb": `2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
		2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
		2027-12-27 2027-12-28 !2025-08-04 !2025-12-24 !2026-01-02 !2026-12-29`,
	"ie": `2025-01-01 2025-02-03 2025-03-17 2025-04-21 2025-05-05 2025-06-02 2025-08-04 2025-10-27 2025-12-25 2025-12-26
		2026-01-01 2026-02-02 2026-03-17 2026-04-06 2026-05-04 2026-06-01 2026-08-03 2026-10-26 2026-12-25 2026-12-26 !2025-04-18 !2026-04-03`,
	"au": `2025-01-01 2025-01-27 2025-04-18 2025-04-21 2025-04-25 2025-12-25 2025-12-26
		2026-01-01 2026-01-26 2026-04-03 2026-04-06 2026-04-25 2026-12-25 2026-12-28 !2025-06-09 !2025-10-06 !2026-04-27 !2026-06-08`,
	"au-nsw": `2025-06-09 2025-10-06 2026-06-08 2026-10-05 2026-04-25 2026-04-27 2027-04-26 2025-04-19 2025-04-20 2026-04-04 !2025-11-04 !2025-03-10`,
	"au-vic": `2025-03-10 2025-06-09 2025-09-26 2025-11-04 2026-03-09 2026-06-08 2026-09-25 2026-11-03 2025-04-20 2026-04-05 !2026-04-27 !2025-10-06`,
	"au-wa":  `2025-03-03 2025-06-02 2025-09-29 2026-03-02 2026-06-01 2026-09-28 2026-04-27 2025-04-20 2026-04-05 2025-12-26 !2025-06-09 !2026-10-05`,
	"de": `2025-01-01 2025-04-18 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-10-03 2025-12-25 2025-12-26
		2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-10-03 2026-12-25 2026-12-26 !2025-01-06 !2026-10-31`,
	"de-by": `2025-01-06 2025-06-19 2025-11-01 2026-01-06 2026-06-04 2026-11-01 2025-10-03 2026-05-14 2025-12-26 2026-12-26 !2025-10-31 !2026-11-18`,
	"de-be": `2025-03-08 2025-05-08 2026-03-08 2025-10-03 2026-10-03 2025-05-29 2026-05-14 2025-04-18 2026-04-03 2026-12-25 !2026-05-08 !2025-10-31`,
	"fr": `2025-01-01 2025-04-21 2025-05-01 2025-05-08 2025-05-29 2025-06-09 2025-07-14 2025-08-15 2025-11-01 2025-11-11 2025-12-25
		2026-04-06 2026-05-01 2026-05-08 2026-05-14 2026-05-25 2026-07-14 2026-08-15 2026-11-11 !2025-04-18 !2025-12-26`,
	"es": `2025-01-01 2025-01-06 2025-04-18 2025-05-01 2025-08-15 2025-10-12 2025-11-01 2025-12-06 2025-12-08 2025-12-25
		2026-01-06 2026-04-03 2026-05-01 2026-08-15 2026-10-12 2026-12-08 2026-12-25 !2025-04-21 !2025-12-26`,
	"it": `2025-01-01 2025-01-06 2025-04-21 2025-04-25 2025-05-01 2025-06-02 2025-08-15 2025-11-01 2025-12-08 2025-12-25 2025-12-26
		2026-01-06 2026-04-06 2026-04-25 2026-06-02 2026-10-04 2026-12-08 !2025-04-18 !2025-10-04`,
	"nl": `2025-01-01 2025-04-21 2025-04-26 2025-05-29 2025-06-09 2025-12-25 2025-12-26
		2026-01-01 2026-04-06 2026-04-27 2026-05-14 2026-05-25 2026-12-25 2026-12-26 !2025-04-28 !2026-07-14`,
	"be": `2025-01-01 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-07-21 2025-08-15 2025-11-01 2025-11-11 2025-12-25
		2026-04-06 2026-05-14 2026-05-25 2026-07-21 2026-11-11 2026-12-25 !2025-04-18 !2025-12-26`,
	"at": `2025-01-06 2025-04-21 2025-05-01 2025-05-29 2025-06-09 2025-06-19 2025-08-15 2025-10-26 2025-12-08 2025-12-26
		2026-01-06 2026-04-06 2026-05-14 2026-05-25 2026-06-04 2026-10-26 2026-12-08 !2025-04-18 !2026-04-03`,
	"pl": `2025-01-06 2025-04-21 2025-05-01 2025-05-03 2025-06-19 2025-08-15 2025-11-11 2025-12-24 2025-12-25 2025-12-26
		2026-01-06 2026-04-06 2026-06-04 2026-11-11 2026-12-24 !2024-12-24 !2025-04-18`,
	// Notices of the State Council.
	"cn": `2024-01-01 2024-02-10 2024-02-17 2024-04-04 2024-05-05 2024-06-10 2024-09-17 2024-10-07 !2024-02-09 !2024-10-08
		2025-01-01 2025-01-28 2025-01-29 2025-01-31 2025-02-03 2025-02-04 2025-04-04 2025-05-01 2025-05-05 2025-06-02 2025-10-01 2025-10-06 2025-10-08
		2026-01-02 2026-02-16 2026-02-23 2026-04-06 2026-05-05 2026-06-19 2026-09-25 2026-10-07 !2025-01-27 !2025-02-05 !2025-03-08 !2026-02-24`,
	"kr": `2024-02-09 2024-02-12 2024-04-10 2024-09-16 2024-09-18 2024-10-01
		2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-03-03 2025-05-05 2025-05-06 2025-06-03 2025-10-03 2025-10-06 2025-10-08 2025-10-09
		2026-02-16 2026-02-17 2026-02-18 2026-03-02 2026-05-25 2026-06-03 2026-08-17 2026-09-24 2026-09-25 2026-10-05 !2025-01-31 !2025-10-10 !2026-02-19`,
	"th": `2024-04-12 2024-04-13 2024-04-16 2024-07-22 2025-01-01 2025-02-12 2025-04-07 2025-04-13 2025-04-14 2025-04-15 2025-05-12 2025-06-02 2025-07-10 2025-08-11 2025-10-23 2025-12-05
		2026-01-02 2026-03-03 2026-04-13 2026-04-14 2026-04-15 2026-06-01 2026-07-29 2026-08-12 2026-12-07 !2025-02-13 !2025-04-17 !2026-04-16`,
	"vn": `2024-02-08 2024-02-09 2024-02-14 2024-04-18 2024-09-03 2025-01-27 2025-01-28 2025-01-29 2025-01-31 2025-04-07 2025-04-30 2025-05-01 2025-09-01 2025-09-02
		2026-02-16 2026-02-17 2026-02-20 2026-04-27 2026-04-30 2026-05-01 2026-09-01 2026-09-02 !2025-02-03 !2026-02-23 !2025-09-03`,
	"in": `2024-01-26 2024-08-15 2024-10-02 2024-10-31 2025-01-26 2025-03-31 2025-04-18 2025-05-12 2025-08-15 2025-10-02 2025-10-20 2025-11-05 2025-12-25
		2026-01-26 2026-04-03 2026-05-01 2026-08-15 2026-10-02 2026-10-20 2026-11-08 2026-12-25 !2025-01-01 !2026-01-01`,
	"id": `2024-02-14 2024-03-11 2024-04-10 2024-04-11 2024-06-17 2024-09-16 2024-11-27 2025-01-27 2025-01-29 2025-03-29 2025-03-31 2025-04-01 2025-05-12 2025-06-06 2025-06-27 2025-09-05
		2026-01-16 2026-02-17 2026-03-19 2026-03-21 2026-03-22 2026-05-27 2026-06-16 2026-08-17 2026-08-25 !2025-03-30 !2026-03-18 !2025-12-26`,
	"ph": `2024-04-10 2024-06-17 2024-08-23 2025-01-01 2025-01-29 2025-04-01 2025-04-09 2025-04-17 2025-04-18 2025-05-12 2025-06-06 2025-06-12 2025-08-25 2025-10-31 2025-12-08 2025-12-30
		2026-02-17 2026-04-02 2026-04-03 2026-04-09 2026-06-12 2026-08-21 2026-08-31 2026-11-02 2026-11-30 2026-12-08 2026-12-24 !2024-08-21 !2025-02-25 !2026-02-25`,
	"mx": `2024-10-01 2025-01-01 2025-02-03 2025-03-17 2025-04-17 2025-04-18 2025-05-01 2025-09-16 2025-11-17 2025-12-12 2025-12-25
		2026-01-01 2026-02-02 2026-03-16 2026-04-02 2026-04-03 2026-05-01 2026-09-16 2026-11-02 2026-11-16 2026-12-25 !2024-12-01 !2025-02-05 !2026-05-05`,
}

func TestHolidaysAreThoseThatWereAnnounced(t *testing.T) {
	t.Parallel()
	for code, days := range known {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			c := of(t, code)
			require.Equal(t, code, c.Code)
			for _, text := range strings.Fields(days) {
				text, none := strings.CutPrefix(text, "!")
				date := bizclock.MustDate(text)
				holiday, known := c.Holiday(date)
				require.True(t, known, text)
				require.Equal(t, !none, holiday, "%s %s", text, c.Name(date))
				require.Equal(t, none, c.Name(date) == "", text)
				if !none {
					workday, known := c.Workday(date)
					require.True(t, known, text)
					require.False(t, workday, text)
				}
			}
		})
	}
}

func TestDaysWorkedInExchangeAreWorkdaysOnTheWeekend(t *testing.T) {
	t.Parallel()
	for code, days := range map[string]string{
		"cn": `2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
			2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10`,
		"vn": "2024-05-04 2025-04-26 2026-01-10 2026-08-22",
	} {
		c, all := of(t, code), strings.Fields(days)
		require.Len(t, c.Workdays, len(all), code)
		for _, text := range all {
			date := bizclock.MustDate(text)
			require.Contains(t, []time.Weekday{time.Saturday, time.Sunday}, date.Weekday(), text)
			workday, known := c.Workday(date)
			require.True(t, workday && known, text)
			holiday, known := c.Holiday(date)
			require.True(t, !holiday && known, text)
			require.Contains(t, c.Name(date), "Worked for", text)
		}
		for _, d := range c.Workdays {
			require.NotEmpty(t, d.Source, d.Date)
		}
	}
}

func TestAWeekdayIsWorkedAndAWeekendIsNot(t *testing.T) {
	t.Parallel()
	for _, c := range shipped(t).All() {
		for _, d := range []struct {
			date    string
			workday bool
		}{{"2026-07-08", true}, {"2026-07-11", false}, {"2026-07-12", false}} {
			workday, known := c.Workday(bizclock.MustDate(d.date))
			require.True(t, known)
			require.Equal(t, d.workday, workday, "%s %s", c.Code, d.date)
		}
	}
}

func TestADayOfAYearThatIsNotCoveredIsUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range append(shipped(t).All(), &calendar.Calendar{}, nil) {
		for _, year := range []int{1, 1969, 2023, 2031, 2050, 9990} {
			require.False(t, c.Covers(year))
			saturday := bizclock.NewDate(year, time.June, 1)
			for saturday.Weekday() != time.Saturday {
				saturday = saturday.AddDays(1)
			}
			for n, worked := range []bool{false, false, true, true, true, true, true} {
				date := saturday.AddDays(n)
				holiday, known := c.Holiday(date)
				require.False(t, known, date)
				require.True(t, holiday, "it may be one, and a window must stay closed: %s", date)
				workday, known := c.Workday(date)
				require.False(t, known, date)
				require.Equal(t, worked, workday, date)
			}
			_, known := c.AddBusinessDays(saturday, 5)
			require.False(t, known)
		}
		require.Empty(t, c.Name(bizclock.NewDate(2023, time.December, 25)))
	}
	cn := of(t, "cn")
	require.True(t, cn.Covers(2026))
	require.False(t, cn.Covers(2027), "its notice is not out")
}

func TestADateThatIsNoneIsNothing(t *testing.T) {
	t.Parallel()
	c := of(t, "us")
	holiday, known := c.Holiday(bizclock.Date{})
	require.True(t, holiday)
	require.False(t, known)
	workday, known := c.Workday(bizclock.Date{})
	require.False(t, workday || known)
	on, known := c.AddBusinessDays(bizclock.Date{}, 3)
	require.True(t, on.IsZero())
	require.False(t, known)
}

func TestBusinessDaysAreCountedFromTheNextDay(t *testing.T) {
	t.Parallel()
	for _, d := range []struct {
		code, from string
		days       int
		on         string
		known      bool
	}{
		{"us", "2026-07-01", 1, "2026-07-02", true},
		{"us", "2026-07-02", 1, "2026-07-06", true},  // over Independence Day, observed on the Friday
		{"us", "2026-11-25", 5, "2026-12-03", true},  // over Thanksgiving
		{"us", "2025-12-24", 5, "2026-01-02", true},  // over Christmas and New Year
		{"gb", "2026-12-24", 1, "2026-12-29", true},  // over Christmas and Boxing Day, kept on the Monday
		{"gb", "2026-04-02", 8, "2026-04-16", true},  // over Easter
		{"cn", "2025-01-24", 1, "2025-01-26", true},  // a Sunday, worked for the Spring Festival
		{"cn", "2025-01-27", 1, "2025-02-05", true},  // over the Spring Festival
		{"cn", "2025-01-27", 4, "2025-02-08", true},  // onto a Saturday that is worked
		{"cn", "2026-12-30", 3, "2027-01-04", false}, // 2027 is not known: weekdays alone
		{"cn", "2026-12-30", 1, "2026-12-31", true},
		{"us", "2026-07-03", 0, "2026-07-06", true},
		{"us", "2026-07-02", 0, "2026-07-02", true},
		{"us", "2026-07-04", 1, "2026-07-06", true},
		{"us", "2026-07-06", -1, "2026-07-02", true},
		{"us", "2026-07-05", -1, "2026-07-02", true},
		{"cn", "2024-01-02", -1, "2023-12-29", false},
	} {
		on, known := of(t, d.code).AddBusinessDays(bizclock.MustDate(d.from), d.days)
		require.Equal(t, d.on, on.String(), "%+v", d)
		require.Equal(t, d.known, known, "%+v", d)
	}
}

func TestBusinessDaysEndWhereDatesDo(t *testing.T) {
	t.Parallel()
	c := of(t, "us")
	for days, end := range map[int]string{1 << 62: "9990-12-31", -1 << 63: "0001-01-01"} {
		on, known := c.AddBusinessDays(bizclock.MustDate("2026-07-01"), days)
		require.Equal(t, end, on.String())
		require.False(t, known)
	}
}

func drawDate(t *rapid.T, label string) bizclock.Date {
	return bizclock.NewDate(2022, time.January, 1).AddDays(rapid.IntRange(0, 11*366).Draw(t, label))
}

func drawCalendar(t *rapid.T, all []*calendar.Calendar) *calendar.Calendar {
	return rapid.SampledFrom(append(all, &calendar.Calendar{})).Draw(t, "calendar")
}

func TestAddBusinessDaysLandsOnAWorkdayAfterAsManyWorkdays(t *testing.T) {
	t.Parallel()
	all := shipped(t).All()
	rapid.Check(t, func(t *rapid.T) {
		c, from, n := drawCalendar(t, all), drawDate(t, "from"), rapid.IntRange(-80, 80).Draw(t, "days")
		on, known := c.AddBusinessDays(from, n)
		workday, sure := c.Workday(on)
		require.True(t, workday)
		require.True(t, sure || !known)

		// Walk there a day at a time.
		step, passed, covered := 1, 0, true
		if n < 0 {
			step = -1
		}
		first := from.AddDays(step)
		if n == 0 {
			first = from
		}
		for date := first; ; date = date.AddDays(step) {
			workday, sure := c.Workday(date)
			covered = covered && sure
			if workday {
				passed++
			}
			if date == on {
				break
			}
			require.Less(t, passed, 81)
		}
		require.Equal(t, max(n, -n, 1), passed)
		require.Equal(t, covered, known)
	})
}

func TestAddBusinessDaysIsMonotone(t *testing.T) {
	t.Parallel()
	all := shipped(t).All()
	rapid.Check(t, func(t *rapid.T) {
		c, n := drawCalendar(t, all), rapid.IntRange(-40, 40).Draw(t, "days")
		from := drawDate(t, "from")
		later, more := from.AddDays(rapid.IntRange(0, 30).Draw(t, "later")), n+rapid.IntRange(0, 5).Draw(t, "more")
		on, _ := c.AddBusinessDays(from, n)
		afterLater, _ := c.AddBusinessDays(later, n)
		afterMore, _ := c.AddBusinessDays(from, more)
		require.False(t, afterLater.Before(on), "%s is after %s", later, from)
		require.False(t, afterMore.Before(on), "%d is more than %d", more, n)
	})
}

func TestAHolidayIsNeverAWorkday(t *testing.T) {
	t.Parallel()
	for _, c := range shipped(t).All() {
		holidays := 0
		for date := bizclock.NewDate(2020, time.January, 1); date.Before(bizclock.NewDate(2035, time.January, 1)); date = date.AddDays(1) {
			holiday, known := c.Holiday(date)
			workday, sure := c.Workday(date)
			year, _, _ := date.Civil()
			require.Equal(t, c.Covers(year), known)
			require.Equal(t, known, sure)
			if known && holiday {
				holidays++
				require.False(t, workday, "%s %s", c.Code, date)
				require.NotEmpty(t, c.Name(date), date)
			}
		}
		require.Len(t, c.Holidays, holidays, c.Code)
	}
}

func BenchmarkLookup(b *testing.B) {
	cn := of(b, "cn")
	covered, other := bizclock.MustDate("2026-02-17"), bizclock.MustDate("2028-02-17")
	b.Run("Holiday", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			cn.Holiday(covered)
		}
	})
	b.Run("Workday", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			cn.Workday(covered)
		}
	})
	b.Run("Workday of a year that is not covered", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			cn.Workday(other)
		}
	})
	for _, n := range []int{1, 10, 60} {
		b.Run(fmt.Sprintf("AddBusinessDays %d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cn.AddBusinessDays(covered, n)
			}
		})
	}
	all := shipped(b)
	b.Run("For", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			all.For("au-nsw-sydney")
		}
	})
	b.Run("Name", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			cn.Name(covered)
		}
	})
}

func BenchmarkShipped(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		shipped(b)
	}
}

func TestLookupsAllocateNothing(t *testing.T) {
	cn, date := of(t, "cn"), bizclock.MustDate("2026-02-17")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		cn.Holiday(date)
		cn.Workday(date)
		cn.AddBusinessDays(date, 30)
		cn.Covers(2026)
		_ = cn.Name(date)
	}))
}
