package rates

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestThePoissonIntervalIsThePublishedOne(t *testing.T) {
	t.Parallel()
	// Garwood, Fiducial Limits for the Poisson Distribution, Biometrika 28 (1936), as in the tables of epidemiology; 95 %, two-sided.
	for n, want := range map[int64][2]float64{
		0: {0, 3.689}, 1: {0.0253, 5.572}, 2: {0.2422, 7.225}, 3: {0.6187, 8.767}, 5: {1.623, 11.668}, 10: {4.795, 18.390}, 20: {12.217, 30.888}, 100: {81.364, 121.627},
	} {
		low, high := counted(n)
		require.InDelta(t, want[0], low, 0.001, n)
		require.InDelta(t, want[1], high, 0.001, n)
	}
}

func TestTheIntervalOfAShareIsThePublishedOne(t *testing.T) {
	t.Parallel()
	// Mendel's peas, as the manual of R has it: binom.test(682, 682 + 243).
	low, high := shared(682, 925)
	require.InDelta(t, 0.7076683, low, 1e-6)
	require.InDelta(t, 0.7654066, high, 1e-6)
	// None of twenty: 1 - (0.05/2)^(1/20).
	low, high = shared(0, 20)
	require.Zero(t, low)
	require.InDelta(t, 0.1684, high, 1e-4)
	low, high = shared(20, 20)
	require.InDelta(t, 1-0.1684, low, 1e-4)
	require.InDelta(t, 1, high, 0)
}

func TestTheRatioOfTwoRatesIsThePublishedOne(t *testing.T) {
	t.Parallel()
	// The manual of R: poisson.test(c(11, 6+8+7), c(800, 1083+1050+878)) says 1.971488 times, 0.8584264 to 4.2772659.
	out := compare(Group{"a", 11, 800}, Group{"rest", 21, 3011})
	require.Equal(t, "1.97", out.Times.String())
	require.Equal(t, "0.86 to 4.28", out.TimesBetween.String())
	require.Equal(t, "13.75", out.Rate.String())
	require.Equal(t, "6.97", out.Rest.String())
}

func TestTheTestOfTwoRatesIsTheBinomialOne(t *testing.T) {
	t.Parallel()
	// 10 of 10 in half of the contacts: twice 1/1024.
	require.InDelta(t, 2.0/1024, differ(Group{"a", 10, 500}, Group{"b", 0, 500}), 1e-12)
	// 8 of 10: twice (45 + 10 + 1)/1024, as in every table of the sign test.
	require.InDelta(t, 2*56.0/1024, differ(Group{"a", 8, 500}, Group{"b", 2, 500}), 1e-12)
	require.InDelta(t, 2*56.0/1024, differ(Group{"b", 2, 500}, Group{"a", 8, 500}), 1e-12)
	require.InDelta(t, 1, differ(Group{"a", 0, 500}, Group{"b", 0, 500}), 0)
	require.InDelta(t, 1, differ(Group{"a", 5, 500}, Group{"b", 5, 500}), 0)
}

func TestTheFamilyIsAdjustedAsPublished(t *testing.T) {
	t.Parallel()
	// The example of Holm's method in common use: p.adjust(c(0.01, 0.02, 0.03, 0.005), "holm").
	require.InDeltaSlice(t, []float64{0.02, 0.03, 0.04, 0.04}, holm([]float64{0.005, 0.01, 0.02, 0.03}), 1e-12)
	require.Empty(t, holm(nil))
	require.InDeltaSlice(t, []float64{1, 1}, holm([]float64{0.6, 0.9}), 0)
}

func TestOnlyWhatChanceHardlyExplainsIsNamed(t *testing.T) {
	t.Parallel()
	templates := []Group{{"notice-1", 3, 2000}, {"notice-2", 20, 1000}, {"reminder", 2, 3000}, {"rare", 3, 99}}
	found, compared := Outliers(100, templates)
	require.Equal(t, 3, compared, "one of few contacts is not compared")
	require.Len(t, found[0], 1, "the others have fewer than the rest, for it is part of that")
	require.Equal(t, "notice-2", found[0][0].Name)
	require.Equal(t, "12.22 to 30.89", found[0][0].Between.String())

	// The same two agents, beside two others or a hundred and two: what one report of few shows, one of many does not.
	agents := []Group{{"ann", 9, 500}, {"bob", 1, 500}}
	found, _ = Outliers(100, agents)
	require.Len(t, found[0], 1)
	for n := range 100 {
		agents = append(agents, Group{fmt.Sprint("agent ", n), 2, 500})
	}
	found, compared = Outliers(100, agents)
	require.Equal(t, 102, compared)
	require.Empty(t, found[0])
}

func TestTablesAreOneFamily(t *testing.T) {
	t.Parallel()
	one := []Group{{"a", 9, 500}, {"b", 1, 500}}
	var other []Group
	for n := range 30 {
		other = append(other, Group{fmt.Sprint(n), 1, 500})
	}
	found, compared := Outliers(100, one, other)
	require.Equal(t, 32, compared)
	require.Empty(t, found[0])
	require.Empty(t, found[1])
}

func TestNothingToCompareWith(t *testing.T) {
	t.Parallel()
	for _, table := range [][]Group{nil, {{"only", 50, 500}}, {{"a", 0, 500}, {"b", 0, 500}}, {{"a", 5, 0}, {"b", 1, 500}}, {{"a", 0, 0}}} {
		found, _ := Outliers(100, table)
		require.Empty(t, found[0], table)
	}
}

func TestWhatHasNoBoundIsWrittenSo(t *testing.T) {
	t.Parallel()
	found, _ := Outliers(100, []Group{{"a", 12, 500}, {"b", 0, 500}})
	text, err := json.Marshal(found[0])
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"name": "a", "complaints": 12, "contacts": 500, "rate": 24.00, "rate_between": {"low": 12.40, "high": 41.92}, "rest": 0.00,
		 "times": null, "times_between": {"low": 2.78, "high": null}, "chance": 0.001}]`, string(text))
	require.Equal(t, "2.78 or more", found[0][0].TimesBetween.String())
	require.Nil(t, PerThousand(3, 0))
	require.Equal(t, "-0.07", Hundredths(-7).String())
}

// Whatever is counted, intervals hold what they are about, and a group is named only where the interval of its ratio leaves 1 out.
func TestAnOutlierLeavesOneOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var table []Group
		for n := range rapid.IntRange(1, 8).Draw(t, "groups") {
			table = append(table, Group{fmt.Sprint(n), rapid.Int64Range(0, 2000).Draw(t, "complaints"), rapid.Int64Range(0, 100_000).Draw(t, "contacts")})
		}
		found, _ := Outliers(100, table)
		for _, out := range found[0] {
			if out.Rate < out.Between.Low || out.Between.High != nil && out.Rate > *out.Between.High {
				t.Fatalf("%+v lies outside of its interval", out)
			}
			if out.TimesBetween.Low < 100 {
				t.Fatalf("%+v may be like the rest", out)
			}
		}
	})
}
