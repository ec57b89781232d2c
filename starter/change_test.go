package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

func itoa(n int) string { return strconv.Itoa(n) }

func fill(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// last returns the event that journeys were told of last, decoded.
func last[P any](t *testing.T, x *terminal) (e event.Event, data P) {
	t.Helper()
	require.NotEmpty(t, x.teller.told)
	e = x.teller.told[len(x.teller.told)-1]
	require.NoError(t, json.Unmarshal(e.Data, &data))
	return e, data
}

func TestAPaymentTakesCurrencyAndDayFromTheLoan(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("loan pay L-1001 125.5 --id pay-1")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "L-1001: payment.posted pay-1 accepted\n"+
		"  now current; next: reminder-3d@2026-03-01 on Thu 2026-02-26 07:00 EST, a payment falls due\n", got.out)
	e, p := last[event.Posting](t, x)
	require.Equal(t, "tender-cli", e.Source)
	require.Equal(t, "pay-1", p.Transaction)
	require.Equal(t, "USD", p.Currency)
	require.Equal(t, "125.5", p.Amount.String())
	require.Equal(t, "2026-02-10", p.ValueDate.String())
	require.Contains(t, x.run("loan show L-1001").out, "payment.posted: 125.50 USD, value date 2026-02-10\n")
	require.Contains(t, x.run("loan show L-1001").out, "event pay-1 of tender-cli, sent by kim")
}

func TestTheSameCommandLineWithAnIDHasOneEffect(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, line := range []string{
		"loan pay L-1001 20 --id p-1",
		"loan hold L-1001 --reason recall --until 2026-04-01 --id h-1",
		"loan release L-1001 h-1 --id r-1",
	} {
		first, again := x.run(line), x.run(line)
		require.Equal(t, exitDone, first.code, first.err)
		require.Equal(t, exitDone, again.code, again.err)
		require.Equal(t, strings.Replace(first.out, "accepted\n  now ", "came before; answered then\n  ", 1), again.out, "what was so then may not be so now")
		require.NotEqual(t, first.out, again.out)
		require.Equal(t, x.run(line+" -o json"), x.run(line+" -o json"))
	}
	require.Len(t, x.teller.told, 3)
}

func TestARepeatOnAnotherDayIsTheSamePayment(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	// What was posted on another day with the value date of that day.
	require.Equal(t, exitDone, x.run("loan pay L-1001 20 --id p-1 --value-date 2026-02-03").code)
	again := x.run("loan pay L-1001 20 --id p-1")
	require.Equal(t, exitDone, again.code, again.err)
	require.Len(t, x.teller.told, 1)
}

func TestAnIDThatReturnsWithOtherContentIsRefused(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, exitDone, x.run("loan pay L-1001 20 --id p-1").code)
	got := x.run("loan pay L-1001 30 --id p-1")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "--id p-1 was used before for something else")
}

func TestAPaymentThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, says := range map[string]string{
		"loan pay L-1001 1.234":                "data.amount: 1.234 has more than the 2 decimal places of USD",
		"loan pay L-1001 1 --currency DOLLAR":  "data.currency: \"DOLLAR\" is not an ISO 4217 currency",
		"loan pay L-1001 1 --currency eur":     "data.currency: is EUR, but loan L-1001 is in USD",
		"loan pay L-1001 1 --id 555-0100-2222": "id: looks like a phone number",
	} {
		got := x.run(line)
		require.Equal(t, exitRefused, got.code, got.err)
		require.Contains(t, got.err, says)
	}
	x.teller.err = &intake.Refusal{Field: "data.value_date", Reason: "lies before the disbursement"}
	got := x.run("loan pay L-1001 1 --value-date 2020-01-01")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "data.value_date: lies before the disbursement")
}

func TestAHoldBindsEvenWhileTemporalIsAway(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.teller.err = intake.ErrUnavailable
	got := x.typed("", "loan", "hold", "L-1001", "--reason", "breathing_space", "--until", "2026-04-01", "--note", "letter, page 2", "--as", "lee")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "what it forbids binds already")
	id := regexp.MustCompile(`--id (cli-[a-z0-9]{16})`).FindStringSubmatch(got.err)
	require.NotNil(t, id, "who cannot name the event cannot send it again: %s", got.err)
	require.Contains(t, x.run("loan list --hold breathing_space").out, "L-1001")
	shown := x.run("loan show L-1001").out
	require.Contains(t, shown, id[1]+"  breathing_space  the loan  from")
	require.Contains(t, shown, "until Wed 2026-04-01 01:00 EDT", "midnight where the contract is")
	require.Contains(t, shown, "owner lee, placed by lee, letter, page 2")

	x.teller.err = nil
	repeat := x.typed("", "loan", "hold", "L-1001", "--reason", "breathing_space", "--until", "2026-04-01", "--note", "letter, page 2", "--as", "lee", "--id", id[1])
	require.Equal(t, exitDone, repeat.code, repeat.err)
}

func TestABorrowersHoldIsReleasedThroughTheBorrower(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, exitDone, x.run("loan hold L-1001 --reason recall --borrower --id everywhere").code)
	require.Contains(t, x.run("loan list --hold recall").out, "L-1004", "it is a loan of the same borrower")
	got := x.run("loan release L-1004 everywhere")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "No loan fits.\n", x.run("loan list --hold recall").out)
}

func TestAHoldThatWouldNeverBindIsRefused(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("loan hold L-1001 --reason recall --until 2026-02-01")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "--until 2026-02-01 has come already")
}

const disbursementData = `{"borrower": {"id": "B-9", "name": "Eve Canary", "language": "en", "time_zones": ["Europe/London"], "jurisdiction": "us",
	"points": [{"id": "mail", "channel": "email", "address": "eve@canary.example"}]},
	"currency": "GBP", "principal": "100.00", "disbursed_on": "2026-02-09", "time_zone": "Europe/London",
	"schedule": [{"due": "2026-03-09", "principal": "100.00"}]}`

func TestALoanIsDisbursedFromAnEventOrFromItsData(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	whole := `{"specversion": "1.0", "source": "/lending/core", "id": "d-1", "type": "loan.disbursed", "subject": "loan/L-2001", "data": ` + disbursementData + `}`
	file := filepath.Join(t.TempDir(), "loan.json")
	require.NoError(t, os.WriteFile(file, []byte(whole), 0o600))
	got := x.typed("", "loan", "disburse", "-f", file)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "L-2001: loan.disbursed d-1 accepted")

	got = x.typed(disbursementData, "loan", "disburse", "-f", "-", "--loan", "L-2002", "--source", "/lending/other", "-o", "json")
	require.Equal(t, exitDone, got.code, got.err)
	var told intake.Result
	require.NoError(t, json.Unmarshal([]byte(got.out), &told))
	require.Equal(t, "/lending/other", told.Source)
	require.Equal(t, "L-2002", told.Loans[0].Loan)

	got = x.typed(disbursementData, "loan", "disburse", "-f", "-", "--loan", "L-2002", "--source", "/lending/other")
	require.Equal(t, exitRefused, got.code, "it is disbursed already")
	for in, says := range map[string]string{
		disbursementData: "name the loan with --loan",
		`{"specversion": "1.0", "source": "s", "id": "i", "type": "payment.posted", "subject": "loan/L-1"}`: "tender event send",
	} {
		got := x.typed(in, "loan", "disburse", "-f", "-")
		require.Equal(t, exitUsage, got.code)
		require.Contains(t, got.err, says)
	}
	for in, says := range map[string]string{
		"": "event: is missing; send a CloudEvent as JSON", "{": "event: is not JSON at byte 1", "[]": "event: must be a JSON object",
	} {
		for _, line := range []string{"loan disburse -f -", "loan disburse -f - --loan L-2003"} {
			got := x.typed(in, strings.Fields(line)...)
			require.Equal(t, exitRefused, got.code, line)
			require.Contains(t, got.err, says, line)
		}
	}
}

const payment = `{"specversion": "1.0", "source": "/lending/core", "id": "%s", "type": "payment.posted", "subject": "loan/%s",
	"data": {"transaction": "%s", "amount": "%s", "currency": "USD", "value_date": "2026-02-09"}}`

func TestAnEventIsSent(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.typed(fill(payment, "e-1", "L-1001", "T-9", "5"), "event", "send", "-f", "-")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "L-1001: payment.posted e-1 accepted")

	watermark := `{"specversion": "1.0", "source": "/lending/core", "id": "w-1", "type": "ledger.watermark", "data": {"through": "2026-02-09"}}`
	got = x.typed(watermark, "event", "send", "-f", "-")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "ledger.watermark w-1 is kept; no journey had to be told\n", got.out)

	for in, code := range map[string]int{
		"":                                    exitRefused,
		"{":                                   exitRefused,
		"[]":                                  exitRefused,
		`{"specversion": "1.0"}`:              exitRefused,
		fill(payment, "e-2", "L-9", "T", "5"): exitNotFound,
	} {
		got := x.typed(in, "event", "send", "-f", "-")
		require.Equal(t, code, got.code, got.err)
		require.Empty(t, got.out)
	}
}

func TestOfAListWhatIsRightIsTakenAndWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	list := "[" + fill(payment, "e-1", "L-1001", "T-1", "5") + "," + fill(payment, "e-2", "L-9", "T-2", "5") + "," +
		fill(payment, "e-3", "L-1001", "T-3", "5") + `,{"specversion": "1.0"}]`
	got := x.typed(list, "event", "send", "-f", "-")
	require.Equal(t, exitNotFound, got.code)
	require.Contains(t, got.out, "payment.posted e-1 accepted")
	require.Contains(t, got.out, "payment.posted e-3 accepted")
	require.Contains(t, got.err, "event 2 (e-2): unknown loan L-9")
	require.Contains(t, got.err, "event 4 (without an id): source: is missing")
	require.Contains(t, got.err, "2 of 4 events were accepted")

	got = x.typed(list, "event", "send", "-f", "-", "-o", "json")
	var all []sent
	require.NoError(t, json.Unmarshal([]byte(got.out), &all))
	require.Len(t, all, 4)
	require.NotNil(t, all[0].Result)
	require.Equal(t, exitNotFound, all[1].Code)
	require.Equal(t, exitRefused, all[3].Code)
	require.Len(t, x.teller.told, 2, "the list may be sent again")
}
