package loan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

func TestBucketsBeginOnTheirFirstDay(t *testing.T) {
	t.Parallel()
	for days, name := range map[int]string{
		-5: "current", 0: "current", 1: "1-29", 29: "1-29", 30: "30-59", 59: "30-59", 60: "60-89", 89: "60-89", 90: "90-119",
		119: "90-119", 120: "120-149", 149: "120-149", 150: "150-179", 179: "150-179", 180: "180+", 5000: "180+",
	} {
		require.Equal(t, name, loan.DefaultBuckets.Name(days), days)
	}
	require.Equal(t, "current", loan.Buckets{5}.Name(4))
	require.Equal(t, "5+", loan.Buckets{5}.Name(5))
	require.Equal(t, "current", loan.Buckets{}.Name(99))
	require.Equal(t, []string{"current", "1-29", "30-59", "60-89", "90-119", "120-149", "150-179", "180+"}, loan.DefaultBuckets.Names())
}

func TestBucketsAreReadByTheirFirstDaysOrTheirNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]loan.Buckets{
		`[1, 4, 8]`: {1, 4, 8},
		`["current", "1-29", "30-59", "60-89", "90-119", "120-149", "150-179", "180+"]`: loan.DefaultBuckets,
		`["current", "1-3", "4-7", "8+"]`:                                               {1, 4, 8},
		`["1-3", "4-7", "8+"]`:                                                          {1, 4, 8},
	} {
		var b loan.Buckets
		require.NoError(t, json.Unmarshal([]byte(text), &b), text)
		require.Equal(t, want, b)
	}
	for text, says := range map[string]string{
		`"30"`:                     "must list the first days of the buckets",
		`["current", "x"]`:         `"x" is no bucket such as 30-59 or 60+`,
		`["current", "1-3", "5+"]`: "leave gaps or overlap: they would have to be current, 1-4, 5+",
	} {
		var b loan.Buckets
		require.ErrorContains(t, json.Unmarshal([]byte(text), &b), says)
	}
}
