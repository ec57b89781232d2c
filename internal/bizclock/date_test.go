package bizclock_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"
	_ "time/tzdata" // the zones below have to be known wherever the tests run

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
)

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

func place(t require.TestingT, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

func TestADateBeginsAtItsFirstInstant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ zone, date, begins string }{
		"an ordinary date":                        {"America/New_York", "2026-01-20", "2026-01-20T00:00:00-05:00"},
		"a night in which clocks go forward":      {"America/New_York", "2026-03-08", "2026-03-08T00:00:00-05:00"},
		"the date after it":                       {"America/New_York", "2026-03-09", "2026-03-09T00:00:00-04:00"},
		"a night in which clocks go back":         {"America/New_York", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		"a midnight that is left out":             {"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		"a midnight that is left out in Beirut":   {"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00"},
		"a midnight that is left out in Santiago": {"America/Santiago", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		"a midnight that comes twice":             {"America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		"a date that ends twice":                  {"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00"},
		"a date that never was":                   {"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
		"half hours":                              {"Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00"},
		"the end of February":                     {"Asia/Shanghai", "2028-02-29", "2028-02-29T00:00:00+08:00"},
	} {
		require.Equal(t, c.begins, day(c.date).In(place(t, c.zone)).Format(time.RFC3339), name)
	}
}

func TestAnInstantBeforeADateItIsAnotherDate(t *testing.T) {
	t.Parallel()
	zones := []string{
		"UTC", "America/New_York", "Asia/Beirut", "Africa/Cairo", "America/Havana", "America/Santiago", "America/Asuncion",
		"Pacific/Apia", "Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Manila", "America/Sitka",
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := place(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		date := bizclock.NewDate(1840, time.January, rapid.IntRange(1, 270*366).Draw(t, "day"))
		begins := date.In(zone)
		require.False(t, bizclock.DateOf(begins).Before(date))
		require.True(t, bizclock.DateOf(begins.Add(-1).In(zone)).Before(date))
	})
}

func TestATimeOfDayIsThatOnTheWall(t *testing.T) {
	t.Parallel()
	newYork := place(t, "America/New_York")
	for date, at := range map[string]string{
		"2026-03-07": "2026-03-07T09:30:00-05:00",
		"2026-03-08": "2026-03-08T09:30:00-04:00",
		"2026-11-01": "2026-11-01T09:30:00-05:00",
	} {
		require.Equal(t, at, day(date).At(9*time.Hour+30*time.Minute, newYork).Format(time.RFC3339))
	}
}

func TestDaysAreCountedOverEndsOfMonthsAndChangesOfClocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		days int
		to   string
	}{
		{"2026-01-31", 1, "2026-02-01"},
		{"2026-01-31", 29, "2026-03-01"},
		{"2028-01-31", 29, "2028-02-29"},
		{"2026-03-07", 2, "2026-03-09"},
		{"2026-10-31", 2, "2026-11-02"},
		{"2026-12-31", 1, "2027-01-01"},
		{"2026-03-01", -1, "2026-02-28"},
		{"2026-05-05", 0, "2026-05-05"},
	} {
		require.Equal(t, day(c.to), day(c.from).AddDays(c.days), c)
		require.Equal(t, c.days, day(c.to).Sub(day(c.from)), c)
	}
}

func TestAddingDaysAndCountingThemAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		date := bizclock.NewDate(2026, time.January, rapid.IntRange(-100_000, 100_000).Draw(t, "day"))
		n := rapid.IntRange(-200_000, 200_000).Draw(t, "days")
		later := date.AddDays(n)
		require.Equal(t, n, later.Sub(date))
		require.Equal(t, -n, date.Sub(later))
		require.Equal(t, n < 0, later.Before(date))
		require.Equal(t, n > 0, later.After(date))
		require.Equal(t, int(later.Weekday()), ((int(date.Weekday())+n)%7+7)%7)
	})
}

func TestDaysAreThoseOfTheGregorianCalendar(t *testing.T) {
	t.Parallel()
	for year := -401; year < 10_000; year++ {
		for _, md := range [][2]int{{1, 1}, {2, 28}, {2, 29}, {3, 1}, {6, 15}, {12, 31}} {
			at := time.Date(year, time.Month(md[0]), md[1], 0, 0, 0, 0, time.UTC)
			require.Equal(t, at.Unix()/86400, int64(bizclock.DateOf(at).Sub(day("1970-01-01"))), at)
		}
	}
}

func TestEveryDateThatArithmeticReturnsCanBeWrittenWithAllItsInstants(t *testing.T) {
	t.Parallel()
	far := []int{math.MinInt, -4_000_000, -1, 0, 1, 3, 4_000_000, math.MaxInt}
	rapid.Check(t, func(t *rapid.T) {
		date := day(rapid.SampledFrom([]string{"0001-01-01", "2026-01-20", "9999-12-31"}).Draw(t, "date"))
		date = date.AddDays(rapid.SampledFrom(far).Draw(t, "days"))
		written, err := json.Marshal(date)
		require.NoError(t, err)
		var read bizclock.Date
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, date, read)
		for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Niue"} {
			_, err := json.Marshal(date.In(place(t, zone)).Add(24 * time.Hour).UTC())
			require.NoError(t, err)
		}
	})
}

func TestNoDateHasNoInstantAndLiesBeforeEveryDate(t *testing.T) {
	t.Parallel()
	var none bizclock.Date
	require.True(t, none.IsZero())
	require.True(t, none.In(time.UTC).IsZero())
	require.True(t, none.At(9*time.Hour, time.UTC).IsZero())
	require.True(t, none.AddDays(5).IsZero())
	require.True(t, none.Before(day("0001-01-01")))
	require.False(t, none.Before(none))
	require.Empty(t, none.String())
}

func TestTheDateIsThatOfThePlace(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 20, 2, 0, 0, 0, time.UTC)
	require.Equal(t, day("2026-01-20"), bizclock.DateOf(at))
	require.Equal(t, day("2026-01-19"), bizclock.DateOf(at.In(place(t, "America/New_York"))))
	require.Equal(t, day("2026-01-20"), bizclock.DateOf(at.In(place(t, "Asia/Shanghai"))))
}

func TestADateReturnsFromJSONAsItWas(t *testing.T) {
	t.Parallel()
	type dates struct {
		Due  bizclock.Date `json:"due"`
		None bizclock.Date `json:"none,omitzero"`
	}
	written, err := json.Marshal(dates{Due: day("2026-01-31")})
	require.NoError(t, err)
	require.JSONEq(t, `{"due":"2026-01-31"}`, string(written))
	var read dates
	require.NoError(t, json.Unmarshal([]byte(`{"due":"2026-01-31","none":""}`), &read))
	require.Equal(t, dates{Due: day("2026-01-31")}, read)
}

func TestWhatIsNoDateIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-02-30", "2026-1-5", "20.01.2026", "2026-01-20T00:00:00Z", "tomorrow", "10000-01-01", "-001-01-01"} {
		var d bizclock.Date
		require.ErrorContains(t, d.UnmarshalText([]byte(text)), "is no date; write it as 2026-01-31", text)
	}
	require.Panics(t, func() { bizclock.MustDate("2026-02-30") })
}

func TestMonthsLaterIsTheSameDayOrTheLastOfTheMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2024-01-31", 0, "2024-01-31"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2024-01-31", 2, "2024-03-31"},
		{"2024-01-31", 3, "2024-04-30"},
		{"2024-01-31", 13, "2025-02-28"},
		{"2024-01-31", -2, "2023-11-30"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2024-12-15", 1, "2025-01-15"},
		{"2024-01-31", math.MaxInt, "9990-12-31"},
		{"2024-01-31", math.MinInt, "0001-01-01"},
	} {
		require.Equal(t, c.want, day(c.from).AddMonths(c.months).String(), "%s and %d months", c.from, c.months)
	}
	require.True(t, bizclock.Date{}.AddMonths(1).IsZero())
	year, month, date := day("2024-02-29").Civil()
	require.Equal(t, [3]int{2024, 2, 29}, [3]int{year, int(month), date})
}

func TestTheLastDayOfALeapYearFarAheadHasAnEnd(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "America/Santiago", "Europe/Berlin", "Australia/Lord_Howe"} {
		loc, err := time.LoadLocation(zone)
		require.NoError(t, err)
		for at := time.Date(2292, 12, 29, 0, 0, 0, 0, time.UTC); at.Before(time.Date(2293, 1, 3, 0, 0, 0, 0, time.UTC)); at = at.Add(7 * time.Minute) {
			_, end := bizclock.Stretch(at.In(loc))
			require.True(t, end.After(at), "%s in %s", at, zone)
		}
		for n := range 5 {
			date := bizclock.NewDate(2292, 12, 29).AddDays(n)
			require.Equal(t, date, bizclock.DateOf(date.In(loc)))
		}
	}
}
