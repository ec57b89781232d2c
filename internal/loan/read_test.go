package loan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

// everything is a ledger in which each field stands.
const everything = `{
	"currency": "USD", "grace_days": 3, "buckets": [1, 30],
	"allocation": {
		"way": "by_component", "components": ["interest", "fee", "principal"], "ahead": "last",
		"later": [{"from_past_due_days": 90, "way": "by_installment", "components": ["principal", "interest", "fee"]}]
	},
	"late_fee": {"rate": "0.05", "of": "principal", "after_days": 10, "cap": "25.00", "cap_in_all": "100"},
	"installments": [
		{"due": "2026-01-31", "principal": "90.00", "interest": "8.00", "fee": "2.00", "total": "100.00"},
		{"due": "2026-02-28", "principal": 90.5}
	],
	"transactions": [
		{"id": "T-1", "type": "payment", "value_date": "2026-01-31", "amount": "100.00", "pays": {"installment": "2026-01-31", "component": "fee"}},
		{"id": "T-2", "type": "reversal", "value_date": "2026-02-02", "amount": 100, "reverses": "T-1"},
		{"id": "T-3", "type": "waiver", "value_date": "2026-02-03", "amount": "2", "of": "fee"}
	],
	"pauses": [{"start": "2026-02-01", "end": "2026-02-05"}, {"start": "2026-03-01", "end": null}],
	"disputes": [{"id": "D-1", "from": "2026-02-10", "until": "2026-02-20", "installment": "2026-01-31", "component": "interest", "amount": "8.00"}]
}`

func TestALedgerIsReadWithAllItsFields(t *testing.T) {
	t.Parallel()
	var l loan.Ledger
	require.NoError(t, json.Unmarshal([]byte(everything), &l))
	require.NoError(t, l.Validate())
	require.Equal(t, loan.Ledger{
		Currency: "USD", GraceDays: 3, Buckets: loan.Buckets{1, 30},
		Allocation: loan.Allocation{
			Order: loan.Order{Way: loan.ByComponent, Components: []loan.Component{loan.OfInterest, loan.OfFee, loan.OfPrincipal}}, Ahead: loan.LastFirst,
			Later: []loan.LaterOrder{{FromDays: 90, Order: loan.Order{
				Way: loan.ByInstallment, Components: []loan.Component{loan.OfPrincipal, loan.OfInterest, loan.OfFee},
			}}},
		},
		LateFee: loan.LateFee{Rate: money("0.05"), Of: loan.OfPrincipal, AfterDays: 10, Cap: money("25.00"), CapInAll: money("100")},
		Installments: []loan.Installment{
			{Due: day("2026-01-31"), Principal: money("90.00"), Interest: money("8.00"), Fee: money("2.00")},
			{Due: day("2026-02-28"), Principal: money("90.5")},
		},
		Transactions: []loan.Transaction{
			{ID: "T-1", Kind: loan.Payment, ValueDate: day("2026-01-31"), Amount: money("100.00"), Pays: loan.Direction{Installment: day("2026-01-31"), Component: loan.OfFee}},
			{ID: "T-2", Kind: loan.Reversal, ValueDate: day("2026-02-02"), Amount: money("100"), Reverses: "T-1"},
			{ID: "T-3", Kind: loan.Waiver, ValueDate: day("2026-02-03"), Amount: money("2"), Of: loan.OfFee},
		},
		Pauses: []loan.Pause{{Start: day("2026-02-01"), End: day("2026-02-05")}, {Start: day("2026-03-01")}},
		Disputes: []loan.Dispute{{
			ID: "D-1", From: day("2026-02-10"), Until: day("2026-02-20"), Installment: day("2026-01-31"), Component: loan.OfInterest, Amount: money("8.00"),
		}},
	}, l)

	written, err := json.Marshal(l)
	require.NoError(t, err)
	var again loan.Ledger
	require.NoError(t, json.Unmarshal(written, &again))
	require.Equal(t, l, again, "a ledger returns from JSON as it was")
}

func TestLedgersAreReadStrictly(t *testing.T) {
	t.Parallel()
	for change, says := range map[string]string{
		`"currency" > "curency"`:                               "curency: is an unknown field; known are currency, grace_days, buckets, allocation, late_fee, installments, transactions, pauses, holds, disputes",
		`"value_date": "2026-02-02" > "date": 1`:               "transactions[1].date: is an unknown field; known are id, type, value_date, amount, reverses, of, pays",
		`"principal": 90.5 > "principal": "much"`:              `installments[1].principal: "much" must be a number such as "1000.00"`,
		`"fee": "2.00", > "fee": "2.00", "due": 1,`:            "installments[0].due: stands there twice; give it once",
		`"amount": "100.00" > "amount": true`:                  "transactions[0].amount: true must be a number",
		`"amount": "100.00" > "amount": "1e2,5"`:               `transactions[0].amount: "1e2,5" must be a number`,
		`"amount": 100 > "amount": 99.99999999999999999999999`: "transactions[1].amount: 99.99999999999999999999999 has more digits than the 19 that are counted",
		`"type": "waiver" > "type": "gift"`:                    `transactions[2].type: unknown type of transaction "gift"; use one of fee, waiver, refund, payment, reversal, recovery, write_off`,
		`"2026-02-03" > "2026-02-30"`:                          `transactions[2].value_date: "2026-02-30" is no date; write it as 2026-01-31`,
		`"end": "2026-02-05" > "end": 20260205`:                "pauses[0].end: 20260205 must be text in quotes",
		`"id": "T-1" > "id": 1`:                                "transactions[0].id: 1 must be text in quotes",
		`"grace_days": 3 > "grace_days": "3"`:                  `grace_days: "3" must be a whole number`,
		`"by_component" > "by_age"`:                            `allocation.way: unknown way "by_age"; use one of by_installment, by_component`,
		`"ahead": "last" > "ahead": "first"`:                   `allocation.ahead: unknown word for what is paid ahead "first"; use one of next, last`,
		`90, "way" > "90", "way"`:                              `allocation.later[0].from_past_due_days: "90" must be a whole number`,
		`"until": "2026-02-20" > "until": "soon"`:              `disputes[0].until: "soon" is no date`,
		`"buckets": [1, 30] > "buckets": ["x"]`:                `buckets: "x" is no bucket such as 30-59 or 60+`,
		`"total": "100.00" > "total": "99.99"`:                 "installments[0].total: 99.99 is not the sum of its parts, 100.00; correct the part that is wrong",
		`"principal": 90.5 > "total": 90.5`:                    "installments[1].total: 90.5 is not the sum of its parts, 0; correct the part that is wrong",
	} {
		from, to, _ := strings.Cut(change, " > ")
		require.Contains(t, everything, from)
		kept := loan.Ledger{Currency: "EUR"}
		err := json.Unmarshal([]byte(strings.Replace(everything, from, to, 1)), &kept)
		require.ErrorContains(t, err, says, change)
		require.True(t, strings.HasPrefix(err.Error(), says))
		require.Equal(t, loan.Ledger{Currency: "EUR"}, kept, "what is refused changes nothing")
	}
}

func TestComputedInstallmentsAreThoseOfALedger(t *testing.T) {
	t.Parallel()
	c, err := terms(t, `"principal": "1000", "rate": "0.07", "periods": 3, "fee": "5"`).Schedule()
	require.NoError(t, err)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	var printed map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &printed))
	var l loan.Ledger
	require.NoError(t, json.Unmarshal([]byte(`{"currency": "USD", "installments": `+string(printed["installments"])+`}`), &l))
	require.NoError(t, l.Validate())
	require.Equal(t, c.Installments, l.Installments)
}
