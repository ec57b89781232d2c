package hardship_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

const good = `name: own
version: "1"
kind: deferral
title: A pause
eligible:
  - when: loan.past_due >= amount('10.00')
    why: Too little is past due.
limits:
  months: {min: 1, max: 3}
  in_12_months: 1
  in_5_years: 2
terms: {interest: waived}
breaks: {missed: 2, days_late: 30, grace_days: 5}
answer_within_days: 14
`

func TestTenderShipsAProductOfEveryKind(t *testing.T) {
	t.Parallel()
	all, err := hardship.Load("")
	require.NoError(t, err)
	kinds := map[hardship.Kind]bool{}
	for _, p := range all {
		kinds[p.Kind] = true
		require.NotEmpty(t, p.Hash)
	}
	require.Len(t, kinds, len(hardship.Kinds))
	require.Len(t, all, 9)
}

func TestTheReAgeKeepsToTheUsualSupervisoryLimits(t *testing.T) {
	t.Parallel()
	all, err := hardship.Load("")
	require.NoError(t, err)
	for _, p := range all {
		if p.Kind == hardship.ReAge {
			require.Equal(t, hardship.Limits{Months: hardship.Months{Min: 3, Max: 12}, Count: hardship.OfKind, In12Months: 1, In5Years: 2, LoanAgeMonths: 9}, p.Limits)
			require.Equal(t, "loan.paid_in_a_row >= 3", p.Eligible[1].When)
		}
	}
}

func TestAProductOfOnesOwnReplacesTheShippedOneOfItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(file, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600))
	}
	write("pause.yaml", strings.Replace(good, "name: own", "name: payment-pause", 1))
	write("own.yml", good)
	write("notes.txt", "not a product")
	all, err := hardship.Load(dir)
	require.NoError(t, err)
	require.Len(t, all, 10)
	for _, p := range all {
		if p.Name == "payment-pause" {
			require.Equal(t, "A pause", p.Title)
		}
	}
	write("twice.yaml", good)
	_, err = hardship.Load(dir)
	require.ErrorContains(t, err, "twice.yaml: product own stands in ")
	_, err = hardship.Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestProductsThatSayNothingSensibleAreRefusedWhereTheySayIt(t *testing.T) {
	t.Parallel()
	_, err := hardship.Parse("own.yaml", []byte(good))
	require.NoError(t, err)
	for _, c := range []struct{ old, new, says string }{
		{"name: own", "name: Own Pause", `own.yaml:1:7: name: "Own Pause" must be 1 to 40 small letters`},
		{`version: "1"`, `version: ""`, "own.yaml:2:10: version:"},
		{"kind: deferral", "kind: gift", `own.yaml:3:7: kind: unknown kind of plan "gift"; use one of deferral, reduced_payments`},
		{"kind: deferral\n", "", `own.yaml:1:1: kind: unknown kind of plan ""; use one of`},
		{"title: A pause", `title: " "`, "own.yaml:4:8: title: is missing"},
		{"title: A pause", "titel: A pause", `own.yaml:4:1: unknown field "titel"`},
		{"    why: Too little is past due.\n", "", "eligible[0].why: is missing; say to the borrower why not"},
		{"loan.past_due >= amount('10.00')", "loan.past_deu > 3", "own.yaml:6:11: eligible[0].when: there is no fact or function 'loan.past_deu', near its character 5"},
		{"loan.past_due >= amount('10.00')", "borrowers.income > 3", "there is no fact or function 'borrowers.income'"},
		{"loan.past_due >= amount('10.00')", "loan.past_due", "eligible[0].when: gives a value of type int; a condition gives true or false"},
		{"loan.past_due >= amount('10.00')", "loan.past_due >", "own.yaml:6:11: eligible[0].when: Syntax error"},
		{"loan.past_due >= amount('10.00')", "loan.past_due >= '10.00'", "eligible[0].when: found no matching overload for '_>=_' applied to '(int, string)'"},
		{"loan.past_due >= amount('10.00')", "double(loan.past_due) > 10.5", "eligible[0].when: has a number with a fraction; write amounts as amount('100.00')"},
		{"loan.past_due >= amount('10.00')", "loan.past_due >= amount(10)", "eligible[0].when: amount takes an amount in quotes, such as amount('100.00')"},
		{"loan.past_due >= amount('10.00')", "loan.past_due >= amount('ten')", `amount("ten") is no amount; write it as amount('100.00')`},
		{"loan.past_due >= amount('10.00')", "hardship.cause == 'joblos'", `eligible[0].when: unknown cause "joblos"; use one of job_loss`},
		{"loan.past_due >= amount('10.00')", "hardship.cause in ['illness', 'ilness']", `unknown cause "ilness"`},
		{"loan.past_due >= amount('10.00')", "('ilness' != hardship.cause)", `unknown cause "ilness"`},
		{"{min: 1, max: 3}", "{min: 0, max: 3}", "own.yaml:9:12: limits.months: min 0 and max 3 must rise from 1 to 60 at most"},
		{"{min: 1, max: 3}", "{min: 4, max: 3}", "limits.months: min 4 and max 3"},
		{"{min: 1, max: 3}", "{min: 1, max: 61}", "limits.months: min 1 and max 61"},
		{"in_12_months: 1", "in_12_months: -1", "limits.in_12_months: -1 must not be negative"},
		{"in_12_months: 1", "in_12_months: 3", "limits.in_5_years: 2 must not be less than in_12_months, 3"},
		{"in_12_months: 1", "loan_age_months: -2", "limits.loan_age_months: -2 must not be negative"},
		{"in_12_months: 1", "count: each", `own.yaml:10:10: limits.count: unknown scope "each"`},
		{"{interest: waived}", "{interest: waived, rate_bps: 300}", "terms.rate_bps: 300 must be the positive rate of interest that is reduced"},
		{"{interest: waived}", "{interest: reduced}", "terms.rate_bps: 0 must be"},
		{"{interest: waived}", "{settle_percent: 50}", "own.yaml:12:25: terms.settle_percent: a deferral has none; only settlement has"},
		{"{interest: waived}", "{extend_months: 5}", "terms.extend_months: a deferral has none; only reduced_payments, rate_reduction has"},
		{"{interest: waived}", `{multiple: "-1"}`, "terms.multiple: -1 must be positive"},
		{"missed: 2", "missed: 0", "breaks.missed: 0 must lie between 1 and 60"},
		{"grace_days: 5", "grace_days: 31", "breaks.grace_days: 31 must lie between 0 and 30"},
		{"days_late: 30", "days_late: 5", "breaks.days_late: 5 must be more than grace_days, 5"},
		{"answer_within_days: 14", "answer_within_days: 0", "answer_within_days: 0 must lie between 1 and 90"},
		{"kind: deferral", "kind: settlement", "terms.settle_percent: 0 must lie between 1 and 99"},
		{"kind: deferral", "kind: reduced_payments", "terms.pay_percent: min 0 and max 0 must rise from 1 to 99"},
		{"kind: deferral", "kind: fee_waiver", "terms.fees: a fee_waiver has its fees waived"},
	} {
		_, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.says, c.new)
	}
	_, err = hardship.Parse("own.yaml", []byte(strings.NewReplacer("kind: deferral", "kind: rate_reduction", "{interest: waived}", "{}").Replace(good)))
	require.ErrorContains(t, err, "terms.interest: a rate_reduction has its interest reduced or waived")
}

func TestConditionsAskAboutEveryFact(t *testing.T) {
	t.Parallel()
	c := rated(t)
	c.Borrower = hardship.Borrower{Vulnerable: true, Jurisdiction: "us-ny"}
	c.Loan.WrittenOff = true
	c.EarlierPlans = []hardship.EarlierPlan{
		{Product: "a", Kind: hardship.Deferral, AcceptedOn: day("2021-04-10"), Outcome: hardship.Broken}, // five years ago today
		{Product: "b", Kind: hardship.Deferral, AcceptedOn: day("2021-04-11"), Outcome: hardship.Broken},
		{Product: "c", Kind: hardship.ReAge, AcceptedOn: day("2025-04-11"), Outcome: hardship.Completed},
	}
	c.Ledger.Transactions = c.Ledger.Transactions[:2] // the third was missed
	c.Ledger.Transactions = append(c.Ledger.Transactions, loan.Transaction{ID: "F", Kind: loan.Fee, ValueDate: day("2026-04-05"), Amount: money("12.00")})
	asked := map[string]string{
		"loan.currency": "'USD'", "loan.principal": "amount('1200')", "loan.rate_bps": "1200", "loan.age_months": "3",
		"loan.outstanding": "amount('1078.44')", "loan.past_due": "amount('106.64')", "loan.past_due_days": "10",
		"loan.delinquent_days": "10", "loan.bucket": "'1-29'", "loan.fees": "amount('12.00')", "loan.installments_left": "10",
		"loan.installments_past_due": "1", "loan.installments_paid": "2", "loan.paid_in_a_row": "0", "loan.written_off": "true",
		"borrower.means_known": "true", "borrower.income": "amount('2000.00')", "borrower.essential_costs": "amount('1900.00')",
		"borrower.disposable": "amount('100.00')", "borrower.vulnerable": "true", "borrower.jurisdiction": "'us-ny'",
		"hardship.cause": "'job_loss'", "hardship.expected_months": "3", "hardship.temporary": "true",
		"plans.last_12_months": "1", "plans.last_5_years": "2", "plans.active": "0", "plans.broken": "1",
	}
	for _, f := range hardship.Facts {
		want, ok := asked[f.Name]
		require.True(t, ok, f.Name)
		p, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, "loan.past_due >= amount('10.00')", f.Name+" == "+want, 1)))
		require.NoError(t, err, f.Name)
		a, err := hardship.Offers(c, []*hardship.Product{p})
		require.NoError(t, err)
		for _, not := range a.NotOffered {
			require.NotContains(t, not.Why, "Too little is past due.", "%s is not %s", f.Name, want)
		}
	}
	require.Len(t, asked, len(hardship.Facts))
}

func TestPaymentsInARowOrTheirEquivalentCount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		posted []loan.Transaction
		want   string
	}{
		"none":                       {nil, "0"},
		"three":                      {[]loan.Transaction{paid("1", "2026-05-15", "100"), paid("2", "2026-06-15", "100"), paid("3", "2026-07-15", "100")}, "3"},
		"three at once":              {[]loan.Transaction{paid("1", "2026-07-15", "300")}, "3"},
		"one too little":             {[]loan.Transaction{paid("1", "2026-05-15", "100"), paid("2", "2026-06-15", "99.99"), paid("3", "2026-07-15", "100")}, "1"},
		"long ago":                   {[]loan.Transaction{paid("1", "2026-03-15", "100"), paid("2", "2026-04-15", "100"), paid("3", "2026-05-15", "100")}, "0"},
		"one of them undone":         {[]loan.Transaction{paid("1", "2026-05-15", "100"), paid("2", "2026-06-15", "100"), paid("3", "2026-07-15", "100"), reversed("4", "2026-07-16", "100", "3")}, "0"},
		"undone after the day":       {[]loan.Transaction{paid("1", "2026-07-15", "100"), reversed("4", "2026-08-16", "100", "1")}, "1"},
		"a refund takes it away":     {[]loan.Transaction{paid("1", "2026-07-15", "100"), {ID: "2", Kind: loan.Refund, ValueDate: day("2026-07-20"), Amount: money("1")}}, "0"},
		"waivers are no payments":    {[]loan.Transaction{{ID: "2", Kind: loan.Waiver, ValueDate: day("2026-07-20"), Amount: money("300")}}, "0"},
		"recoveries are as payments": {[]loan.Transaction{{ID: "2", Kind: loan.Recovery, ValueDate: day("2026-07-20"), Amount: money("100")}}, "1"},
	} {
		k := plain()
		k.AsOf, k.Ledger.Transactions = day("2026-08-10"), c.posted
		p, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, "loan.past_due >= amount('10.00')", "loan.paid_in_a_row == "+c.want, 1)))
		require.NoError(t, err)
		a, err := hardship.Offers(k, []*hardship.Product{p})
		require.NoError(t, err)
		require.Len(t, a.Offers, 1, name)
	}
}

func TestAConditionWithoutAnAnswerIsAReason(t *testing.T) {
	t.Parallel()
	c := plain()
	for when, says := range map[string]string{
		"100 / plans.active > 1":                      `The condition "100 / plans.active > 1" has no answer for this case: division by zero.`,
		"loan.past_due > amount('0.001')":             `amount('0.001') has more than the 2 decimal places of USD`,
		"loan.past_due > amount('99999999999999999')": "or is too great",
		"'x' != '' && [1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, [1,2,3,4,5,6,7,8,9].all(e, a + b + c + d + e > 0)))))": "actual cost limit exceeded",
	} {
		p, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, "loan.past_due >= amount('10.00')", ">-\n      "+when, 1)))
		require.NoError(t, err)
		why := whyNot(t, c, p)
		require.Len(t, why, 1)
		require.Contains(t, why[0], says)
	}
}

func TestLimitsCountTheEarlierPlansThatTheProductSays(t *testing.T) {
	t.Parallel()
	earlier := func(product string, kind hardship.Kind, on string) hardship.EarlierPlan {
		return hardship.EarlierPlan{Product: product, Kind: kind, AcceptedOn: day(on), Outcome: hardship.Completed}
	}
	for name, c := range map[string]struct {
		count string
		had   []hardship.EarlierPlan
		why   []string
	}{
		"none":                                   {"kind", nil, nil},
		"one of the kind within the year":        {"kind", []hardship.EarlierPlan{earlier("x", hardship.Deferral, "2025-02-11")}, []string{"The loan had 1 of the deferral plans in the last 12 months; at most 1."}},
		"one that is a year old today":           {"kind", []hardship.EarlierPlan{earlier("x", hardship.Deferral, "2025-02-10")}, nil},
		"one of another kind":                    {"kind", []hardship.EarlierPlan{earlier("x", hardship.ReAge, "2025-02-11")}, nil},
		"of any kind":                            {"any", []hardship.EarlierPlan{earlier("x", hardship.ReAge, "2025-02-11")}, []string{"The loan had 1 of all plans in the last 12 months; at most 1."}},
		"one of the kind, and not this product":  {"product", []hardship.EarlierPlan{earlier("x", hardship.Deferral, "2025-02-11")}, nil},
		"two of the product within five years":   {"product", []hardship.EarlierPlan{earlier("own", hardship.Deferral, "2021-02-11"), earlier("own", hardship.Deferral, "2023-02-11")}, []string{"The loan had 2 of this plan in the last 5 years; at most 2."}},
		"one of the two is five years old today": {"product", []hardship.EarlierPlan{earlier("own", hardship.Deferral, "2021-02-10"), earlier("own", hardship.Deferral, "2023-02-11")}, nil},
	} {
		p, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, "in_12_months: 1", "in_12_months: 1\n  count: "+c.count, 1)))
		require.NoError(t, err)
		k := plain()
		k.EarlierPlans = c.had
		if c.why == nil {
			offer(t, k, p)
			continue
		}
		require.Equal(t, c.why, whyNot(t, k, p), name)
	}
	old, err := hardship.Parse("own.yaml", []byte(strings.Replace(good, "in_12_months: 1", "loan_age_months: 2", 1)))
	require.NoError(t, err)
	k := plain()
	require.Equal(t, []string{"The loan is 1 month old; it must be at least 2."}, whyNot(t, k, old))
	k.Loan.DisbursedOn = day("2025-12-10")
	offer(t, k, old)
	k.Loan = hardship.Loan{}
	require.Equal(t, []string{"It is for loans that are at least 2 months old, and nobody said when this one began."}, whyNot(t, k, old))
}
