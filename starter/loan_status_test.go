package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
)

const exampleLedger = "-f ../examples/ledger.json"

func TestAStatusLooksAsExpected(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for _, test := range []struct{ file, flags string }{
		{"status.json", exampleLedger + " --as-of 2023-11-15 -o json"},
		{"status.txt", exampleLedger + " --as-of 2023-11-15"},
		{"status-ahead.txt", exampleLedger + " --as-of 2023-09-30"},
		{"status-grace.txt", exampleLedger + " --as-of 2023-10-19"},
		{"status-disputed.txt", "-f testdata/disputed.json --as-of 2026-03-10"},
		{"status-disputed.json", "-f testdata/disputed.json --as-of 2026-03-10 -o json"},
		{"status-written-off.txt", "-f testdata/disputed.json --as-of 2026-06-05"},
		{"status-settled.txt", "-f testdata/disputed.json --as-of 2026-06-11"},
	} {
		got := x.run("loan status " + test.flags)
		require.Equal(t, exitDone, got.code, got.err)
		require.Empty(t, got.err)
		golden(t, test.file, got.out)
	}
}

func TestOnATerminalArrearsStandOut(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	plain := x.run("loan status " + exampleLedger + " --as-of 2023-11-15").out
	x.world.terminal = true
	coloured := x.run("loan status " + exampleLedger + " --as-of 2023-11-15").out
	require.Contains(t, coloured, "On 2023-11-15, \x1b[33m397.50 EUR is past due.")
	require.Equal(t, plain, strip(coloured))
}

// The vectors are those of internal/loan; this is what they look like from outside.
func TestTheDelinquencyVectorsHoldOnTheCommandLine(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../internal/loan/testdata/delinquency_vectors.json")
	require.NoError(t, err)
	type pairs [][2]json.RawMessage
	var file struct {
		Vectors []struct {
			AsOf         string `json:"as_of"`
			GraceDays    int    `json:"grace_days"`
			Installments pairs  `json:"installments"`
			Payments     pairs  `json:"payments"`
			Pauses       pairs  `json:"pauses"`
			Expect       struct {
				Amount         json.Number `json:"delinquent_amount"`
				Since          string      `json:"delinquent_since"`
				DelinquentDays int         `json:"delinquent_days"`
				PastDueDays    int         `json:"past_due_days"`
			} `json:"expect"`
		} `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.NotEmpty(t, file.Vectors)
	x := &terminal{t: t}
	for n, v := range file.Vectors {
		ledger := map[string]any{"currency": "EUR", "grace_days": v.GraceDays}
		list := func(name string, all pairs, one func(n int, pair [2]json.RawMessage) map[string]any) {
			entries := []map[string]any{}
			for n, pair := range all {
				entries = append(entries, one(n, pair))
			}
			ledger[name] = entries
		}
		list("installments", v.Installments, func(_ int, i [2]json.RawMessage) map[string]any {
			return map[string]any{"due": i[0], "principal": i[1], "interest": "0.00"}
		})
		list("transactions", v.Payments, func(n int, p [2]json.RawMessage) map[string]any {
			return map[string]any{"id": fmt.Sprint("T-", n), "type": "payment", "value_date": p[0], "amount": p[1]}
		})
		list("pauses", v.Pauses, func(_ int, p [2]json.RawMessage) map[string]any {
			return map[string]any{"start": p[0], "end": p[1]}
		})
		text, err := json.Marshal(ledger)
		require.NoError(t, err)
		got := x.typed(string(text), "loan", "status", "-f", "-", "--as-of", v.AsOf, "-o", "json")
		require.Equal(t, exitDone, got.code, got.err)
		var answer struct {
			AsOf           string  `json:"as_of"`
			PastDueDays    int     `json:"past_due_days"`
			DelinquentDays int     `json:"delinquent_days"`
			Since          *string `json:"delinquent_since"`
			Amount         string  `json:"delinquent_amount"`
		}
		require.NoError(t, json.Unmarshal([]byte(got.out), &answer))
		require.Equal(t, v.AsOf, answer.AsOf)
		require.Equal(t, v.Expect.PastDueDays, answer.PastDueDays, "vector %d", n)
		require.Equal(t, v.Expect.DelinquentDays, answer.DelinquentDays, "vector %d", n)
		amount, err := readNumber(v.Expect.Amount.String())
		require.NoError(t, err)
		require.Equal(t, amount.Rescale(2).String(), answer.Amount, "vector %d", n)
		since := ""
		if answer.Since != nil {
			since = *answer.Since
		}
		require.Equal(t, v.Expect.Since, since, "vector %d", n)
	}
}

func TestASchedulesInstallmentsAreALedger(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	var schedule struct {
		Currency     string          `json:"currency"`
		Installments json.RawMessage `json:"installments"`
	}
	require.NoError(t, json.Unmarshal([]byte(x.run("loan schedule "+exampleTerms+" -o json").out), &schedule))
	text, err := json.Marshal(map[string]any{"currency": schedule.Currency, "installments": schedule.Installments})
	require.NoError(t, err)
	got := x.typed(string(text), "loan", "status", "-f", "-", "--as-of", "2024-01-30")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "In all, 1259.83 USD is outstanding.")
}

func TestAStatusIsThatOfTodayUnlessADateIsGiven(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	before := bizclock.DateOf(time.Now().UTC())
	got := x.run("loan status " + exampleLedger)
	after := bizclock.DateOf(time.Now().UTC())
	require.Equal(t, exitDone, got.code, got.err)
	require.Regexp(t, "^On ("+before.String()+"|"+after.String()+"), ", got.out)
}

func TestAWrongLedgerSaysWhichFieldAndWhatToDo(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	example, err := os.ReadFile("../examples/ledger.json")
	require.NoError(t, err)
	for change, says := range map[string]string{
		`"amount": "100.00" > "amount": "-100.00"`: "transactions[4].amount: -100.00 is not a positive amount",
		`"amount": "100.00" > "amount": "100.005"`: "transactions[4].amount: 100.005 has more than the 2 decimal places of EUR",
		`"amount": "100.00" > "ammount": "100.00"`: "transactions[4].ammount: is an unknown field; known are id, type, value_date, amount, ",
		`"EUR" > "EURO"`:                                       `currency: "EURO" is not an ISO 4217 currency in force, such as USD`,
		`"2023-11-01"}] > "2023-10-24"}]`:                      "pauses[0].end: 2023-10-24 lies before the start, 2023-10-25; it ends on the first day that counts again",
		`"pauses": [ > "pauses": [{"start": "2023-10-31"}, `:   "pauses[1]: overlaps pauses[0], which runs from 2023-10-31 to further notice; make one of the two",
		`"T-5" > "T-1"`:                                        "transactions[4].id: T-1 stands at transactions[0] too, with other content; give each transaction an id of its own",
		`"reverses": "T-2" > "reverses": "T-9"`:                "transactions[2].reverses: there is no transaction T-9; list the payment that is undone",
		`"fee": "2.50"}, > "fee": "2.50", "total": "250.01"},`: "installments[0].total: 250.01 is not the sum of its parts, 250.00; correct the part that is wrong",
		`"due": "2023-10-16" > "due": "2023-09-16"`:            "installments[1].due: 2023-09-16 lies before the installment before it, 2023-10-01; list them in the order of their due dates",
		`"waiver" > "gift"`:                                    `transactions[3].type: unknown type of transaction "gift"; use one of fee, waiver, refund, payment, reversal, recovery, write_off`,
		`"grace_days": 3, > "grace_days": 3, "grace_days": 4,`: "grace_days: stands there twice; give it once",
		`"grace_days": 3, > "grace_days": 3;`:                  "line 3, column 18: invalid character ';' after object key:value pair",
	} {
		from, to, _ := strings.Cut(change, " > ")
		require.Contains(t, string(example), from)
		got := x.typed(strings.Replace(string(example), from, to, 1), "loan", "status", "-f", "-", "--as-of", "2023-11-15")
		require.Equal(t, exitRefused, got.code, change)
		require.Contains(t, got.err, "tender: standard input: "+says)
		require.Empty(t, got.out)
	}
	for flags, says := range map[string]string{
		"":                                "--file is missing; name a file, or - for standard input\nSee tender loan status --help.",
		exampleLedger + " --as-of 15.11.": `"15.11." is no date; write it as 2026-01-31`,
		exampleLedger + " --grace 3":      "unknown flag: --grace",
		exampleLedger + " now":            `"now" is one argument too many`,
	} {
		got := x.run("loan status " + flags)
		require.Equal(t, exitUsage, got.code, flags)
		require.Contains(t, got.err, says)
	}
	got := x.run("loan status -f nothing.json")
	require.Equal(t, exitNotFound, got.code)
	require.Contains(t, got.err, "there is no file nothing.json")
}
