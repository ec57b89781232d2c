package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
)

func TestAMachineThatStartsSlowlySeesTheSameWeekdaysLater(t *testing.T) {
	for _, test := range []struct {
		name  string
		late  time.Duration // of business time
		weeks int
	}{
		{"in time", -time.Hour, 0},
		{"an hour late", time.Hour, 1},
		{"nine days late", 9 * 24 * time.Hour, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse("lives.yaml", []byte(small))
			require.NoError(t, err)
			start, disbursed := s.Start.At, s.Lives[0].at
			// A clock at the pace of the wall stands still for as long as the test takes.
			clock := bizclock.Clock{Start: start.Add(test.late).UTC(), Origin: time.Now(), Rate: 1}
			r := &run{Options: Options{Scenario: s}, clock: clock, lender: newLender(s, clock)}

			require.NoError(t, r.catchUp())

			require.Equal(t, start.AddDate(0, 0, 7*test.weeks), s.Start.At)
			require.Equal(t, disbursed.AddDate(0, 0, 7*test.weeks), r.lender.next["L-1"])
			require.True(t, r.lender.now().Before(s.Start.At))
		})
	}
}

func TestADayTakesAsLongAsTheMachineNeeds(t *testing.T) {
	for took, day := range map[time.Duration]time.Duration{
		0: 2 * time.Second, 3 * time.Second: 2 * time.Second, 5900 * time.Millisecond: 2 * time.Second,
		6 * time.Second: 3 * time.Second, 8 * time.Second: 4 * time.Second, time.Minute: 4 * time.Second,
	} {
		require.Equal(t, day, pace(took), "%s", took)
		_, err := bizclock.Day(time.Now(), time.Now(), pace(took))
		require.NoError(t, err)
	}
}
