package hardship

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/condition"
)

// Facts are all facts.
var Facts = []condition.Fact{
	{Name: "loan.currency", Type: "string", Meaning: "ISO 4217 code of the loan's currency"},
	{Name: "loan.principal", Type: "int", Meaning: "amount disbursed, in minor units; 0 when the case does not say"},
	{Name: "loan.rate_bps", Type: "int", Meaning: "contract rate in basis points per year, rounded down: 7 % is 700; 0 when the case does not say"},
	{Name: "loan.age_months", Type: "int", Meaning: "whole months since disbursement; 0 when the case does not say"},
	{Name: "loan.outstanding", Type: "int", Meaning: "all that is unpaid of the schedule, in minor units"},
	{Name: "loan.past_due", Type: "int", Meaning: "what was due before the day and is unpaid, in minor units"},
	{Name: "loan.past_due_days", Type: "int", Meaning: "days since the oldest unpaid due date"},
	{Name: "loan.delinquent_days", Type: "int", Meaning: "past-due days less grace and pauses"},
	{Name: "loan.bucket", Type: "string", Meaning: "name of the bucket, such as 30-59"},
	{Name: "loan.fees", Type: "int", Meaning: "unpaid fees, in minor units"},
	{Name: "loan.installments_left", Type: "int", Meaning: "installments of which something is unpaid"},
	{Name: "loan.installments_past_due", Type: "int", Meaning: "installments of which something is past due"},
	{Name: "loan.installments_paid", Type: "int", Meaning: "installments of which nothing is unpaid"},
	{Name: "loan.paid_in_a_row", Type: "int", Meaning: "usual payments made in a row up to the day, or their equivalent at once"},
	{Name: "loan.written_off", Type: "bool", Meaning: "whether the lender wrote the loan off"},
	{Name: "borrower.means_known", Type: "bool", Meaning: "whether income and essential costs are known"},
	{Name: "borrower.income", Type: "int", Meaning: "income of a month, in minor units; 0 when not known"},
	{Name: "borrower.essential_costs", Type: "int", Meaning: "essential costs of a month, in minor units; 0 when not known"},
	{Name: "borrower.disposable", Type: "int", Meaning: "income less essential costs, in minor units; below zero when the costs are higher"},
	{Name: "borrower.vulnerable", Type: "bool", Meaning: "whether the borrower is to be treated with special care"},
	{Name: "borrower.jurisdiction", Type: "string", Meaning: "name of the borrower's jurisdiction, such as us; empty when not known"},
	{Name: "hardship.cause", Type: "string", Meaning: "why the borrower cannot pay, one of the causes; empty when nobody asked", Words: words(Causes)},
	{Name: "hardship.expected_months", Type: "int", Meaning: "for how many months the trouble is expected to last; 0 when not known"},
	{Name: "hardship.temporary", Type: "bool", Meaning: "whether it is expected to last for 1 to 12 months"},
	{Name: "plans.last_12_months", Type: "int", Meaning: "plans of any kind that were accepted in the last 12 months"},
	{Name: "plans.last_5_years", Type: "int", Meaning: "plans of any kind that were accepted in the last 5 years"},
	{Name: "plans.active", Type: "int", Meaning: "plans that are active"},
	{Name: "plans.broken", Type: "int", Meaning: "plans that were broken in the last 5 years"},
}

func words[T ~string](all []T) (words []string) {
	for _, word := range all {
		words = append(words, string(word))
	}
	return words
}

// facts works out what a product's conditions can ask about.
func (w *work) facts() map[string]any {
	c := w.c
	temporary := c.ExpectedMonths >= 1 && c.ExpectedMonths <= 12
	f := map[string]any{
		"loan.currency":            c.Ledger.Currency,
		"loan.principal":           int64(w.minor(c.Loan.Principal)),
		"loan.rate_bps":            basisPoints(c.Loan.Rate),
		"loan.age_months":          int64(c.ageMonths()),
		"loan.outstanding":         int64(w.owed.total()),
		"loan.past_due":            int64(w.arrears.total()),
		"loan.past_due_days":       int64(w.status.PastDueDays),
		"loan.delinquent_days":     int64(w.status.DelinquentDays),
		"loan.bucket":              w.status.Bucket,
		"loan.fees":                int64(w.owed.fee),
		"loan.installments_left":   int64(len(w.unpaid)),
		"loan.installments_paid":   int64(len(w.status.Installments) - len(w.unpaid)),
		"loan.paid_in_a_row":       int64(w.paidInARow()),
		"loan.written_off":         c.Loan.WrittenOff || w.status.WrittenOff.IsPos(),
		"borrower.means_known":     w.meansKnown(),
		"borrower.income":          int64(w.money(c.Income)),
		"borrower.essential_costs": int64(w.money(c.EssentialCosts)),
		"borrower.disposable":      int64(w.disposable()),
		"borrower.vulnerable":      c.Borrower.Vulnerable,
		"borrower.jurisdiction":    c.Borrower.Jurisdiction,
		"hardship.cause":           string(c.Cause),
		"hardship.expected_months": int64(c.ExpectedMonths),
		"hardship.temporary":       temporary,
		"plans.last_12_months":     int64(c.accepted(12, nil)),
		"plans.last_5_years":       int64(c.accepted(60, nil)),
		"plans.active":             int64(c.outcomes(Active)),
		"plans.broken":             int64(c.outcomes(Broken)),
	}
	pastDue := 0
	for _, u := range w.unpaid {
		if u.on.Before(c.AsOf) {
			pastDue++
		}
	}
	f["loan.installments_past_due"] = int64(pastDue)
	return f
}

func basisPoints(rate decimal.Decimal) int64 {
	whole, _, _ := times(rate, decimal.MustNew(10_000, 0)).Int64(0)
	return whole
}

// paidInARow is the greatest n such that the last n periods brought n usual payments. So three payments count three months
// in a row, and one of three installments at once counts as the same: "or the equivalent cumulative amount", as the usual
// supervisory practice has it. A refund or a reversal takes its payment away.
func (w *work) paidInARow() int {
	usual := w.usual()
	if usual == 0 {
		return 0
	}
	most, first := 0, w.c.Ledger.Installments[0].Due
	if !w.c.Loan.DisbursedOn.IsZero() {
		first = w.c.Loan.DisbursedOn
	}
	all := w.received(w.c.AsOf)
	end := w.c.AsOf
	for n := 1; n <= longestPlan && end.After(first); n++ {
		end = w.every.after(w.c.AsOf, -n)
		if got := all - w.received(end); got >= minor(n)*usual {
			most = n
		}
	}
	return most
}

// usual is the amount of the usual payment: that of the installment due last, or else of the first.
func (w *work) usual() minor {
	usual := w.c.Ledger.Installments[0]
	for _, i := range w.c.Ledger.Installments {
		if !i.Due.After(w.c.AsOf) {
			usual = i
		}
	}
	return w.minor(usual.Total())
}

func (w *work) received(until bizclock.Date) minor { return w.minor(received(w.flows, until)) }
