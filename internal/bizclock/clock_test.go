package bizclock_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
)

var (
	start  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	origin = time.Date(2026, 11, 22, 7, 30, 0, 123_000_000, time.UTC)
)

// rates are those of clocks whose business day takes 24h, 1s, 2s, 4s, and a second and a third of one.
var rates = []int64{1, 86400, 43200, 21600, 3}

func drawClock(t *rapid.T) bizclock.Clock {
	return bizclock.Clock{Start: start, Origin: origin, Rate: rapid.SampledFrom(rates).Draw(t, "rate")}
}

// drawOffset draws a distance of at most a day on the wall, to either side, to the nanosecond.
func drawOffset(t *rapid.T, label string) time.Duration {
	return time.Duration(rapid.Int64Range(-int64(24*time.Hour), int64(24*time.Hour)).Draw(t, label))
}

func TestWallReturnsTheInstantThatBusinessTimeWasTakenAt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock, wall := drawClock(t), origin.Add(drawOffset(t, "wall"))
		require.Equal(t, wall, clock.Wall(clock.Business(wall)))
	})
}

func TestWallIsTheFirstInstantAtWhichBusinessTimeHasCome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock := drawClock(t)
		business := start.Add(drawOffset(t, "wall") * 30).Add(drawOffset(t, "nanoseconds"))
		wall := clock.Wall(business)
		require.False(t, clock.Business(wall).Before(business), "it has not come yet")
		require.True(t, clock.Business(wall.Add(-1)).Before(business), "it had come before")
	})
}

func TestBusinessTimeNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clock := drawClock(t)
		one, other := rapid.Int64().Draw(t, "one"), rapid.Int64().Draw(t, "other")
		before := origin.Add(time.Duration(min(one, other)))
		after := origin.Add(time.Duration(max(one, other)))
		require.False(t, clock.Business(after).Before(clock.Business(before)))
	})
}

func TestARealClockShowsTheTimeOnTheWall(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 8, 2, 30, 0, 1, time.UTC)
	for name, clock := range map[string]bizclock.Clock{
		"the real one": bizclock.Real, "the zero one": {}, "one that began together": {Start: start, Origin: start, Rate: 1},
	} {
		require.True(t, clock.IsReal(), name)
		require.NoError(t, clock.Validate(), name)
		require.Equal(t, now, clock.Business(now), name)
		require.Equal(t, now, clock.Wall(now), name)
		require.True(t, clock.Equal(bizclock.Real), name)
	}
}

func TestADayOfAFastClockTakesAsLongAsItWasTold(t *testing.T) {
	t.Parallel()
	clock, err := bizclock.Day(start, origin, 2*time.Second)
	require.NoError(t, err)
	require.NoError(t, clock.Validate())
	require.False(t, clock.IsReal())
	require.Equal(t, start, clock.Business(origin))
	require.Equal(t, start.AddDate(0, 0, 45), clock.Business(origin.Add(90*time.Second)))
	require.Equal(t, origin.Add(90*time.Second), clock.Wall(start.AddDate(0, 0, 45)))
}

func TestAFastClockThatCameToTheEndOfItsYearsStandsStill(t *testing.T) {
	t.Parallel()
	clock, err := bizclock.Day(start, origin, 2*time.Second)
	require.NoError(t, err)
	after := func(wall time.Duration) time.Time { return clock.Business(origin.Add(wall)) }
	require.Equal(t, 2318, after(59*time.Hour+30*time.Minute).Year())
	require.Equal(t, after(100*time.Hour), after(1000*time.Hour), "it does not leap back by centuries")
}

func TestNoInstantIsNoInstantOnAnyClock(t *testing.T) {
	t.Parallel()
	clock, err := bizclock.Day(start, origin, 2*time.Second)
	require.NoError(t, err)
	require.True(t, clock.Wall(time.Time{}).IsZero(), "a decision that waits for nothing but an event sets no timer")
}

func TestClocksThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		clock bizclock.Clock
		says  string
	}{
		"backwards":            {bizclock.Clock{Start: start, Origin: origin, Rate: -1}, "rate -1: time does not run backwards"},
		"a start alone":        {bizclock.Clock{Start: start}, "start and origin belong together"},
		"an origin alone":      {bizclock.Clock{Origin: origin, Rate: 1}, "start and origin belong together"},
		"fast without a start": {bizclock.Clock{Rate: 43200}, "a rate other than 1 needs a start and an origin"},
	} {
		require.ErrorContains(t, c.clock.Validate(), c.says, name)
	}
	for _, day := range []time.Duration{0, -time.Second, 7 * time.Second, 48 * time.Hour, math.MaxInt64} {
		_, err := bizclock.Day(start, origin, day)
		require.ErrorContains(t, err, "must be positive and divide 24h evenly", day)
	}
}

func TestClocksAreEqualWhenTheyShowTheSameTime(t *testing.T) {
	t.Parallel()
	fast := bizclock.Clock{Start: start, Origin: origin, Rate: 43200}
	elsewhere := fast
	elsewhere.Start = start.In(time.FixedZone("UTC-5", -5*60*60))
	require.True(t, fast.Equal(elsewhere))
	for name, other := range map[string]bizclock.Clock{
		"the real one":  bizclock.Real,
		"a slower one":  {Start: start, Origin: origin, Rate: 21600},
		"a later start": {Start: start.Add(time.Hour), Origin: origin, Rate: 43200},
	} {
		require.False(t, fast.Equal(other), name)
		require.False(t, other.Equal(fast), name)
	}
	ahead := bizclock.Clock{Start: start, Origin: origin}
	require.True(t, ahead.Equal(bizclock.Clock{Start: start, Origin: origin, Rate: 1}), "no rate is a rate of 1")
}

func TestAClockReturnsFromJSONAsItWas(t *testing.T) {
	t.Parallel()
	fast := bizclock.Clock{Start: start, Origin: origin, Rate: 43200}
	for text, clock := range map[string]bizclock.Clock{
		`{"start":"2026-01-05T09:00:00Z","origin":"2026-11-22T07:30:00.123Z","rate":43200}`: fast,
		`{"rate":1}`: bizclock.Real,
		`{}`:         {},
	} {
		written, err := json.Marshal(clock)
		require.NoError(t, err)
		require.Equal(t, text, string(written))
		var read bizclock.Clock
		require.NoError(t, json.Unmarshal(written, &read))
		require.Equal(t, clock, read)
	}
}
