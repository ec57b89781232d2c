package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

const exampleTerms = "-f ../examples/terms.json"

func TestASchedulesLooksAreThoseExpected(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for _, test := range []struct{ file, flags string }{
		{"schedule.json", "--principal 1000 --rate 0.07 --day-count 30/360 --periods 3 --every 1mo --start 2024-01-01 -o json"},
		{"schedule.txt", "--principal 100 --rate 0.15678 --day-count act/365 --periods 6 --start 2024-01-01"},
		{"schedule-terms.txt", exampleTerms},
		{"schedule-withheld.txt", "--currency JPY --principal 50000 --fee-rate 0.04 --fee-due withheld --periods 1 --every 30d --start 2024-01-31"},
	} {
		got := x.run("loan schedule " + test.flags)
		require.Equal(t, exitDone, got.code, got.err)
		require.Empty(t, got.err)
		golden(t, test.file, got.out)
	}
}

func TestOnATerminalTheSumOfAScheduleStandsOut(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	plain := x.run("loan schedule " + exampleTerms).out
	x.world.terminal = true
	bold := x.run("loan schedule " + exampleTerms).out
	require.Contains(t, bold, "\x1b[1m      in all ")
	require.Equal(t, plain, strip(bold))
}

func TestEveryTermHasAFlag(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	all := `{"currency": "KWD", "principal": "500", "rate": "0.2", "method": "equal_principal", "day_count": "30E/360", "accrual": "per_period",
		"periods": 6, "every": "2w", "start": "2024-01-31", "first_due": "2024-02-20", "grace_principal": 2, "grace_interest": 1,
		"interest_free": 1, "down_payment": "50", "fee_rate": "0.01", "fee_due": "spread", "multiple": "0.5", "rounding": "down"}`
	want := x.typed(all, "loan", "schedule", "-f", "-")
	require.Equal(t, exitDone, want.code, want.err)
	flags := "--currency KWD --principal 500 --rate 0.2 --method equal_principal --day-count 30E/360 --accrual per_period " +
		"--periods 6 --every 2w --start 2024-01-31 --first-due 2024-02-20 --grace-principal 2 --grace-interest 1 " +
		"--interest-free 1 --down-payment 50 --fee-rate 0.01 --fee-due spread --multiple 0.5 --rounding down"
	require.Equal(t, want.out, x.run("loan schedule "+flags).out)
	require.NotEqual(t, want.out, x.run("loan schedule "+flags+" --fee-rate 0 --fee 1").out)
}

func TestFlagsChangeWhatTheFileOfTermsSays(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	text, err := os.ReadFile("../examples/terms.json")
	require.NoError(t, err)
	var terms loan.Terms
	require.NoError(t, json.Unmarshal(text, &terms))
	terms.Periods, terms.GracePrincipal = 12, 0
	schedule, err := terms.Schedule()
	require.NoError(t, err)
	want, err := json.Marshal(schedule)
	require.NoError(t, err)
	got := x.run("loan schedule " + exampleTerms + " --periods 12 --grace-principal 0 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	require.JSONEq(t, string(want), got.out)
}

func TestWrongTermsSayWhichAndWhatToDo(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for flags, says := range map[string]string{
		"":                             "--principal: is missing; give the amount that is lent, such as 1000.00\nSee tender loan schedule --help.",
		"--principal -5":               "--principal: -5 is not a positive amount",
		"--principal 1e3":              `invalid argument "1e3" for "--principal" flag: write plain digits: an amount as 1000.00, a rate of 7 % as 0.07`,
		"--principal 1.001":            "--principal: 1.001 has more than the 2 decimal places of USD",
		"--rate 7%":                    `invalid argument "7%" for "--rate" flag: write plain digits: an amount as 1000.00, a rate of 7 % as 0.07`,
		"--day-count 30/365":           `invalid argument "30/365" for "--day-count" flag: unknown day count "30/365"; use one of 30/360, 30E/360, act/365F, act/360, act/act`,
		"--every 1m":                   `invalid argument "1m" for "--every" flag: "1m" is no length of a period; write months as 1mo, weeks as 2w, days as 30d`,
		"--method balloon":             `unknown method "balloon"; use one of annuity, equal_principal, flat, bullet`,
		"--start 31.1.2024":            `"31.1.2024" is no date; write it as 2026-01-31`,
		"--principal 1 --currency USX": `--currency: "USX" is not an ISO 4217 currency in force, such as USD`,
		"--principal 1 --periods 3":    "--start: is missing; give the date of disbursement, such as 2026-01-31",
		"--principal 1 --periods 3 --start 2024-01-01 --grace-principal 3":   "--grace-principal: is 3; of 3 periods it may be 0 to 2",
		exampleTerms + " --first-due 2024-01-31":                             "--first-due: 2024-01-31 does not lie after the start, 2024-01-31; give a later date",
		"--principal 1000000000000 --rate 1 --periods 30 --start 2024-01-01": "--principal: with it the whole interest goes beyond 1000000000000, the largest amount that Tender takes",
	} {
		got := x.run("loan schedule " + flags)
		require.Equal(t, exitUsage, got.code, flags)
		require.Contains(t, got.err, says)
		require.Empty(t, got.out)
	}
	for text, says := range map[string]string{
		`{"principle": "1"}`: "tender: standard input: principle: is an unknown field; known are currency, principal, rate, ",
		`{"principal": "1"}`: `tender: standard input: currency: "" is not an ISO 4217 currency in force, such as USD`,
		`{principal`:         "tender: standard input: line 1, column 2: invalid character 'p'",
	} {
		got := x.typed(text, "loan", "schedule", "-f", "-")
		require.Equal(t, exitRefused, got.code, text)
		require.Contains(t, got.err, says)
	}
	require.Equal(t, exitNotFound, x.run("loan schedule -f nothing.json").code)
}

func TestARateThatIsMeantInPercentIsPointedOut(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	got := x.run("loan schedule --principal 1000 --rate 7 --periods 3 --start 2024-01-01 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "note: a rate of 7 is 700 % a year; 7 % is 0.07\n", got.err)
	require.Empty(t, x.run("loan schedule --principal 1000 --rate 0.9 --periods 3 --start 2024-01-01").err)
}
