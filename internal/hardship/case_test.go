package hardship_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/hardship"
)

const aCase = `{
  "as_of": "2026-02-10",
  "loan": {"id": "L-1", "disbursed_on": "2025-12-31", "principal": "200.00", "rate": "0.07", "day_count": "30/360", "every": "1mo"},
  "ledger": {"currency": "USD", "installments": [{"due": "2026-01-31", "principal": "100.00"}, {"due": "2026-02-28", "principal": "100.00"}]},
  "income": {"amount": "900.00", "currency": "USD"},
  "essential_costs": {"amount": "850.00", "currency": "USD"},
  "cause": "illness",
  "expected_months": 2,
  "earlier_plans": [{"product": "pause", "kind": "deferral", "accepted_on": "2026-01-01", "ended_on": "2026-01-20", "outcome": "completed"}]
}`

func TestCasesThatCannotBeAreRefusedWithTheFieldAndTheRemedy(t *testing.T) {
	t.Parallel()
	_, err := hardship.DecodeCase([]byte(aCase))
	require.NoError(t, err)
	for _, c := range []struct{ old, new, says string }{
		{`"as_of": "2026-02-10",`, ``, "as_of: is missing; send the date on which offers are made"},
		{`"as_of": "2026-02-10"`, `"as_of": "10.2.2026"`, `as_of: "10.2.2026" is no date; write it as 2026-01-31`},
		{`"cause"`, `"reason"`, "reason: is an unknown field; known are as_of, loan, ledger, income"},
		{`"illness"`, `"flu"`, `cause: unknown cause "flu"; use one of job_loss`},
		{`"expected_months": 2`, `"expected_months": -1`, "expected_months: -1 must lie between 0 and 600"},
		{`"expected_months": 2`, `"expected_months": "two"`, `expected_months: "two" must be a whole number`},
		{`"expected_months": 2`, `"expected_months": 2, "pay_from": "2026-02-10"`, "pay_from: 2026-02-10 must lie after as_of, 2026-02-10"},
		{`"expected_months": 2`, `"expected_months": 2, "pay_from": "2027-02-20"`, "pay_from: 2027-02-20 must lie after as_of"},
		{`{"amount": "900.00", "currency": "USD"}`, `{"amount": "900.00", "currency": "EUR"}`, `income.currency: "EUR" is not the loan's, USD; convert the amount before`},
		{`{"amount": "850.00", "currency": "USD"}`, `{"amount": "850.001", "currency": "USD"}`, "essential_costs.amount: 850.001 has more than the 2 decimal places of USD"},
		{`{"amount": "850.00", "currency": "USD"}`, `{"amount": "-1.00", "currency": "USD"}`, "essential_costs.amount: -1.00 is not a positive amount"},
		{`"essential_costs": {"amount": "850.00", "currency": "USD"},`, ``, "income: and essential_costs belong together; send both, or none"},
		{`"currency": "USD", "installments"`, `"currency": "XXX", "installments"`, `ledger.currency: "XXX" is not an ISO 4217 currency`},
		{`{"due": "2026-02-28", "principal": "100.00"}`, `{"due": "2026-01-28", "principal": "100.00"}`, "ledger.installments[1].due: 2026-01-28 lies before"},
		{`{"due": "2026-02-28", "principal": "100.00"}`, `{"due": "2026-02-28", "principal": "1000000000000"}`, "ledger: its amounts add up to 1000000000100.00; plans are worked out for 1000000000000 at most"},
		{`"as_of": "2026-02-10"`, `"as_of": "1066-10-14"`, "as_of: 1066-10-14 must lie between 1900 and 2999"},
		{`{"due": "2026-02-28", "principal": "100.00"}`, `{"due": "9999-12-31", "principal": "100.00"}`, "ledger.installments[1].due: 9999-12-31 lies more than 100 years from as_of"},
		{`"every": "1mo"`, `"every": "13mo"`, "loan.every: 13mo is more than a year"},
		{`"disbursed_on": "2025-12-31"`, `"disbursed_on": "1825-12-31"`, "loan.disbursed_on: 1825-12-31 lies more than 100 years before as_of"},
		{`"rate": "0.07"`, `"rate": "-0.07"`, "loan.rate: -0.07 is no rate; write 7 % per year as 0.07"},
		{`"rate": "0.07"`, `"rate": "7000"`, "loan.rate: 7000 is no rate"},
		{`"principal": "200.00", "rate"`, `"principal": "-200.00", "rate"`, "loan.principal: -200.00 is not a positive amount"},
		{`"disbursed_on": "2025-12-31"`, `"disbursed_on": "2026-12-31"`, "loan.disbursed_on: 2026-12-31 lies after as_of, 2026-02-10"},
		{`"every": "1mo"`, `"every": "monthly"`, `loan.every: "monthly" is no length of a period`},
		{`"day_count": "30/360"`, `"day_count": "30/365"`, `loan.day_count: unknown day count "30/365"`},
		{`"product": "pause"`, `"product": "A Pause"`, `earlier_plans[0].product: "A Pause" is no name of a product`},
		{`"kind": "deferral", `, ``, `earlier_plans[0].kind: unknown kind of plan ""; use one of deferral`},
		{`"accepted_on": "2026-01-01", `, ``, "earlier_plans[0].accepted_on: is missing"},
		{`"accepted_on": "2026-01-01"`, `"accepted_on": "2026-03-01"`, "earlier_plans[0].accepted_on: 2026-03-01 lies after as_of"},
		{`"outcome": "completed"`, `"outcome": "offered"`, `earlier_plans[0].outcome: unknown outcome "offered"; use one of active, completed, broken, cancelled`},
		{`"outcome": "completed"`, `"outcome": "active"`, "earlier_plans[0].ended_on: a plan that is active has not ended; leave it out"},
		{`"ended_on": "2026-01-20"`, `"ended_on": "2025-01-20"`, "earlier_plans[0].ended_on: 2025-01-20 lies before accepted_on, 2026-01-01"},
	} {
		text := strings.Replace(aCase, c.old, c.new, 1)
		require.NotEqual(t, aCase, text, c.old)
		_, err := hardship.DecodeCase([]byte(text))
		require.ErrorContains(t, err, c.says, c.new)
	}
	_, err = hardship.DecodeCase([]byte(aCase + "{}"))
	require.ErrorContains(t, err, "invalid character '{' after top-level value")
	_, err = hardship.DecodeCase([]byte("["))
	require.ErrorContains(t, err, "line 1, column 1: unexpected end of JSON input")
	_, err = hardship.DecodeCase([]byte(strings.Replace(aCase, `"installments": [{`, `"installments": [{"paid": "1", `, 1)))
	require.ErrorContains(t, err, "ledger.installments[0].paid: is an unknown field; known are due, principal, interest, fee, total")
	_, err = hardship.Offers(hardship.Case{}, nil)
	require.ErrorContains(t, err, "as_of: is missing", "also one that was not read from JSON")
}

func TestTheManualTellsOfEveryWordAndFact(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "hardship.md"))
	require.NoError(t, err)
	var words []string
	for _, f := range hardship.Facts {
		words = append(words, "| `"+f.Name+"` | "+f.Type+" | "+f.Meaning+" |")
	}
	for _, k := range hardship.Kinds {
		words = append(words, "| `"+string(k)+"` |")
	}
	for _, c := range hardship.Causes {
		words = append(words, "`"+string(c)+"`")
	}
	for _, s := range hardship.States {
		words = append(words, "`"+string(s)+"`")
	}
	for _, w := range words {
		require.Contains(t, string(text), w)
	}
}
