package loan_test

import (
	"encoding/json"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

func money(text string) decimal.Decimal { return decimal.MustParse(text) }

// three installments of 100 each: 90 of principal, 8 of interest, 2 of fees.
func three() loan.Contract {
	terms := loan.Contract{Currency: "USD", Principal: money("270.00")}
	for _, due := range []string{"2026-01-31", "2026-02-28", "2026-03-31"} {
		terms.Schedule = append(terms.Schedule, loan.Installment{
			Due: day(due), Principal: money("90.00"), Interest: money("8.00"), Fee: money("2.00"),
		})
	}
	return terms
}

func TestContractsThatNoLoanCanHaveAreRefused(t *testing.T) {
	t.Parallel()
	require.NoError(t, three().Validate())
	for name, c := range map[string]struct {
		change func(*loan.Contract)
		says   string
	}{
		"no currency":          {func(l *loan.Contract) { l.Currency = "" }, `currency: "" is not an ISO 4217 currency`},
		"small letters":        {func(l *loan.Contract) { l.Currency = "usd" }, `currency: "usd" is not an ISO 4217 currency`},
		"no principal":         {func(l *loan.Contract) { l.Principal = decimal.Zero }, "principal: 0 is not a positive amount"},
		"a negative principal": {func(l *loan.Contract) { l.Principal = money("-270") }, "principal: -270 is not a positive amount"},
		"too fine a principal": {func(l *loan.Contract) { l.Principal = money("270.001") }, "principal: 270.001 has more than the 2 decimal places of USD"},
		"more than any loan":   {func(l *loan.Contract) { l.Principal = money("1000000000001") }, "beyond 1000000000000, the largest amount"},
		"an endless schedule": {
			func(l *loan.Contract) { l.Schedule = make([]loan.Installment, 11_001) }, "schedule: has 11001 installments; Tender takes at most 11000",
		},
		"no schedule":                  {func(l *loan.Contract) { l.Schedule = nil }, "schedule: has no installment; send at least one"},
		"no due date":                  {func(l *loan.Contract) { l.Schedule[1].Due = bizclock.Date{} }, "schedule[1].due: is missing"},
		"no first due date":            {func(l *loan.Contract) { l.Schedule[0].Due = bizclock.Date{} }, "schedule[0].due: is missing"},
		"due dates out of order":       {func(l *loan.Contract) { l.Schedule[2].Due = day("2026-02-27") }, "schedule[2].due: 2026-02-27 lies before the installment before it, 2026-02-28"},
		"nothing due":                  {func(l *loan.Contract) { l.Schedule[1] = loan.Installment{Due: day("2026-02-28")} }, "schedule[1]: nothing is due on 2026-02-28"},
		"negative interest":            {func(l *loan.Contract) { l.Schedule[0].Interest = money("-8.00") }, "schedule[0].interest: -8.00 is not a positive amount"},
		"a negative part of principal": {func(l *loan.Contract) { l.Schedule[0].Principal = money("-90.00") }, "schedule[0].principal: -90.00 is not a positive amount"},
		"too fine a fee":               {func(l *loan.Contract) { l.Schedule[0].Fee = money("2.005") }, "schedule[0].fee: 2.005 has more than the 2 decimal places"},
		"yen with hundredths":          {func(l *loan.Contract) { l.Currency = "JPY"; l.Schedule[0].Fee = money("2.50") }, "schedule[0].fee: 2.50 has more than the 0 decimal places of JPY"},
		"a principal it does not repay": {
			func(l *loan.Contract) { l.Schedule[2].Principal = money("89.99") }, "schedule: its principal adds up to 269.99, but 270.00 was disbursed",
		},
	} {
		terms := three()
		c.change(&terms)
		require.ErrorContains(t, terms.Validate(), c.says, name)
	}
	interestOnly := three()
	interestOnly.Schedule[0].Principal, interestOnly.Schedule[1].Principal, interestOnly.Schedule[2].Principal = decimal.Zero, decimal.Zero, money("270")
	require.NoError(t, interestOnly.Validate(), "a balloon is a schedule too")
	one := loan.Contract{Currency: "JPY", Principal: money("30000.00"), Schedule: []loan.Installment{{Due: day("2026-01-31"), Principal: money("30000.00")}}}
	twice := three()
	twice.Schedule[2].Due = twice.Schedule[1].Due
	require.NoError(t, twice.Validate(), "two installments may be due on one day")
	require.NoError(t, one.Validate(), "zeros after the point are not finer than the currency")
}

func TestContractsReturnFromJSONAsTheyWere(t *testing.T) {
	t.Parallel()
	terms := three()
	terms.Schedule[0].Fee = decimal.Zero
	written, err := json.Marshal(terms)
	require.NoError(t, err)
	require.Contains(t, string(written), `{"due":"2026-01-31","principal":"90.00","interest":"8.00"}`)
	var read loan.Contract
	require.NoError(t, json.Unmarshal(written, &read))
	require.Equal(t, terms, read)
}
