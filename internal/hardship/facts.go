package hardship

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Fact is something that a product's conditions can ask about.
type Fact struct {
	// Name is how conditions call it, such as loan.past_due_days.
	Name string
	// Type is int, string or bool.
	Type string
	// Meaning says what it is, and in which unit. Amounts are ints, in minor units of the loan's currency.
	Meaning string
}

// Facts are all facts.
var Facts = []Fact{
	{"loan.currency", "string", "ISO 4217 code of the loan's currency"},
	{"loan.principal", "int", "amount disbursed, in minor units; 0 when the case does not say"},
	{"loan.rate_bps", "int", "contract rate in basis points per year, rounded down: 7 % is 700; 0 when the case does not say"},
	{"loan.age_months", "int", "whole months since disbursement; 0 when the case does not say"},
	{"loan.outstanding", "int", "all that is unpaid of the schedule, in minor units"},
	{"loan.past_due", "int", "what was due before the day and is unpaid, in minor units"},
	{"loan.past_due_days", "int", "days since the oldest unpaid due date"},
	{"loan.delinquent_days", "int", "past-due days less grace and pauses"},
	{"loan.bucket", "string", "name of the bucket, such as 30-59"},
	{"loan.fees", "int", "unpaid fees, in minor units"},
	{"loan.installments_left", "int", "installments of which something is unpaid"},
	{"loan.installments_past_due", "int", "installments of which something is past due"},
	{"loan.installments_paid", "int", "installments of which nothing is unpaid"},
	{"loan.paid_in_a_row", "int", "usual payments made in a row up to the day, or their equivalent at once"},
	{"loan.written_off", "bool", "whether the lender wrote the loan off"},
	{"borrower.means_known", "bool", "whether income and essential costs are known"},
	{"borrower.income", "int", "income of a month, in minor units; 0 when not known"},
	{"borrower.essential_costs", "int", "essential costs of a month, in minor units; 0 when not known"},
	{"borrower.disposable", "int", "income less essential costs, in minor units; below zero when the costs are higher"},
	{"borrower.vulnerable", "bool", "whether the borrower is to be treated with special care"},
	{"borrower.jurisdiction", "string", "name of the borrower's jurisdiction, such as us; empty when not known"},
	{"hardship.cause", "string", "why the borrower cannot pay, one of the causes; empty when nobody asked"},
	{"hardship.expected_months", "int", "for how many months the trouble is expected to last; 0 when not known"},
	{"hardship.temporary", "bool", "whether it is expected to last for 1 to 12 months"},
	{"plans.last_12_months", "int", "plans of any kind that were accepted in the last 12 months"},
	{"plans.last_5_years", "int", "plans of any kind that were accepted in the last 5 years"},
	{"plans.active", "int", "plans that are active"},
	{"plans.broken", "int", "plans that were broken in the last 5 years"},
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
