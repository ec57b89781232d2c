package loan_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// The periods are those on which ISDA and others show how the conventions differ.
func TestDayCountsFollowTheirConvention(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to                              string
		us, european, act365, act360, leapYrs [2]int64
	}{
		{"2003-11-01", "2004-05-01", [2]int64{180, 360}, [2]int64{180, 360}, [2]int64{182, 365}, [2]int64{182, 360}, [2]int64{61*366 + 121*365, 365 * 366}},
		{"2024-01-01", "2024-02-01", [2]int64{30, 360}, [2]int64{30, 360}, [2]int64{31, 365}, [2]int64{31, 360}, [2]int64{31, 366}},
		{"2023-01-01", "2026-01-01", [2]int64{3, 1}, [2]int64{3, 1}, [2]int64{1096, 365}, [2]int64{1096, 360}, [2]int64{3, 1}},
		{"2024-12-31", "2025-01-01", [2]int64{1, 360}, [2]int64{1, 360}, [2]int64{1, 365}, [2]int64{1, 360}, [2]int64{1, 366}},
		{"2007-01-29", "2007-03-31", [2]int64{62, 360}, [2]int64{61, 360}, [2]int64{61, 365}, [2]int64{61, 360}, [2]int64{61, 365}},
		{"2007-01-30", "2007-03-31", [2]int64{60, 360}, [2]int64{60, 360}, [2]int64{60, 365}, [2]int64{60, 360}, [2]int64{60, 365}},
		{"2007-01-31", "2007-03-31", [2]int64{60, 360}, [2]int64{60, 360}, [2]int64{59, 365}, [2]int64{59, 360}, [2]int64{59, 365}},
		{"2006-08-31", "2007-02-28", [2]int64{178, 360}, [2]int64{178, 360}, [2]int64{181, 365}, [2]int64{181, 360}, [2]int64{181, 365}},
		{"2008-02-29", "2008-03-31", [2]int64{32, 360}, [2]int64{31, 360}, [2]int64{31, 365}, [2]int64{31, 360}, [2]int64{31, 366}},
		{"2024-01-30", "2024-01-31", [2]int64{0, 360}, [2]int64{0, 360}, [2]int64{1, 365}, [2]int64{1, 360}, [2]int64{1, 366}},
		{"2024-01-30", "2024-01-30", [2]int64{0, 360}, [2]int64{0, 360}, [2]int64{0, 365}, [2]int64{0, 360}, [2]int64{0, 366}},
	} {
		for count, want := range map[loan.DayCount][2]int64{
			loan.Thirty360: c.us, loan.ThirtyE360: c.european, loan.Act365F: c.act365, loan.Act360: c.act360, loan.ActAct: c.leapYrs,
		} {
			require.Equal(t, big.NewRat(want[0], want[1]).String(), count.Years(day(c.from), day(c.to)).String(), "%s of [%s, %s)", count, c.from, c.to)
		}
	}
}

func TestNoPeriodIsNegativeAndCountedDaysAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := bizclock.NewDate(1999, 12, 1).AddDays(rapid.IntRange(0, 5000).Draw(t, "from"))
		middle := from.AddDays(rapid.IntRange(0, 800).Draw(t, "first days"))
		to := middle.AddDays(rapid.IntRange(0, 800).Draw(t, "then days"))
		for _, count := range loan.DayCounts {
			require.GreaterOrEqual(t, count.Years(from, to).Sign(), 0)
			if count == loan.Thirty360 || count == loan.ThirtyE360 {
				continue // months of 30 days do not
			}
			whole := new(big.Rat).Add(count.Years(from, middle), count.Years(middle, to))
			require.Zero(t, whole.Cmp(count.Years(from, to)), count)
		}
	})
}

func TestPeriodsKeepTheEndOfTheMonth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"1mo": {"2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"},
		"3mo": {"2024-01-31", "2024-04-30", "2024-07-31"},
		"2w":  {"2024-01-31", "2024-02-14", "2024-02-28", "2024-03-13"},
		"30d": {"2024-01-31", "2024-03-01", "2024-03-31"},
	} {
		every, err := loan.ParseEvery(text)
		require.NoError(t, err)
		require.Equal(t, text, every.String())
		for n, date := range want {
			require.Equal(t, date, every.After(day("2024-01-31"), n).String(), "%s, %d times", text, n)
		}
	}
	for _, text := range []string{"", "mo", "0mo", "-1mo", "1m", "1 mo", "1.5w", "10000d", "1y"} {
		_, err := loan.ParseEvery(text)
		require.ErrorContains(t, err, "write months as 1mo, weeks as 2w, days as 30d", text)
	}
}
