package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

func TestAnExampleIsDatedFromTodayOn(t *testing.T) {
	t.Parallel()
	evening := time.Date(2027, 3, 1, 4, 30, 0, 0, time.UTC) // still 28 February in Chicago
	text, err := example(event.LoanDisbursed, "L-7", evening)
	require.NoError(t, err)
	require.Contains(t, text, `"disbursed_on": "2027-02-28"`)
	require.Contains(t, text, `"due": "2027-03-31"`, "31 days later, as in the file")
	require.Contains(t, text, `"subject": "loan/L-7"`)
	require.Contains(t, text, `"id": "example-loan-disbursed-L-7-2027-02-28"`)
	require.Contains(t, text, `"id": "B-1001"`, "no other id is touched")
	require.NotContains(t, text, `"time"`)

	text, err = example(event.LedgerWatermark, "", evening)
	require.NoError(t, err)
	require.Contains(t, text, `"through": "2027-02-27"`)
	text, err = example(event.HoldPlaced, "", evening)
	require.NoError(t, err)
	require.Contains(t, text, `"until": "2027-03-30T05:00:00Z"`, "midnight in Chicago, 30 days later")
}

func TestEveryTypeHasAnExampleThatIsAnEvent(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for _, kind := range event.Types() {
		got := x.run("event example " + string(kind))
		require.Equal(t, exitDone, got.code, got.err)
		e, err := intake.Parse([]byte(got.out))
		require.NoError(t, err, got.out)
		require.Equal(t, string(kind), e.Type())
	}
	require.Equal(t, x.run("event example loan.disbursed").out, x.run("event example").out)
	for line, says := range map[string]string{
		"event example loan.lost":                   `unknown type "loan.lost"; use one of `,
		"event example loan.settled L-1":            `"L-1" is one argument too many`,
		"event example ledger.watermark --loan L-1": "--loan: ledger.watermark is not about a loan",
	} {
		got := x.run(line)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.err, says)
	}
}

func TestAnExampleIsTakenToday(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, devstacktest.Postgres(t))
	require.Equal(t, exitDone, x.run("migrate").code)
	send := func(line string) result { return x.typed(x.run(line).out, "event", "send", "-f", "-") }
	first := send("event example loan.disbursed --loan L-1")
	require.Equal(t, exitDone, first.code, first.err)
	require.Contains(t, send("event example loan.disbursed --loan L-1").out, "came before", "one effect")
	for _, line := range []string{
		"loan.disbursed --loan L-2", "payment.posted --loan L-1", "promise.made --loan L-1", "ledger.watermark",
		"hold.placed --loan L-1", "loan.rescheduled --loan L-1", "borrower.replied",
	} {
		got := send("event example " + line)
		require.Equal(t, exitDone, got.code, "%s: %s", line, got.err)
	}
}
