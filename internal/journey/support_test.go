package journey_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// monday is when the loan of these tests is disbursed.
var monday = time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC)

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

// happened returns the n-th event of loan L-1, an hour after the one before.
func happened(n int64, kind event.Type, data string) event.Event {
	return event.Event{
		Source: "lender", ID: string(kind), Type: kind, Loan: "L-1", Number: n, At: monday.Add(time.Duration(n-1) * time.Hour),
		Data: json.RawMessage(data),
	}
}

const disbursement = `{"borrower":{"id":"B-1"},"currency":"USD","principal":"200.00","disbursed_on":"2026-01-05",
	"time_zone":"America/New_York","schedule":[{"due":"2026-01-20","principal":"100.00"},{"due":"2026-02-20","principal":"100.00","fee":"1.50"}]}`

// begun returns a journey that heard of its disbursement, as its first event.
func begun() journey.Journey {
	j := journey.Journey{Loan: "L-1", Clock: bizclock.Real}
	j.Apply(happened(1, event.LoanDisbursed, disbursement))
	return j
}

// after returns a journey to which more happened, each event numbered by its place.
func after(events ...event.Event) journey.Journey {
	j := begun()
	j.Apply(events...)
	return j
}

// text is a value's JSON, which is how histories keep it.
func text(t require.TestingT, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run the test with -update and look at what changed")
}
