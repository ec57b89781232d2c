package hardship

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// flow is money that came on a date; below zero, that went back.
type flow struct {
	on     bizclock.Date
	amount decimal.Decimal
}

// flows are what payments and recoveries brought, less refunds and reversals, in the order of value dates: whatever
// arrived late is in its place. A reversal takes back no more than is left of what it undoes, and not before that counts.
// A transaction that is listed twice counts once.
func flows(transactions []loan.Transaction) (all []flow) {
	seen := map[string]bool{}
	left := map[string]flow{}
	var undone []loan.Transaction
	for _, t := range transactions {
		if seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		switch t.Kind {
		case loan.Payment, loan.Recovery:
			left[t.ID] = flow{t.ValueDate, t.Amount}
			all = append(all, left[t.ID])
		case loan.Refund:
			all = append(all, flow{t.ValueDate, t.Amount.Neg()})
		case loan.Reversal:
			undone = append(undone, t)
		}
	}
	slices.SortFunc(undone, func(a, b loan.Transaction) int { return a.ValueDate.Compare(b.ValueDate) })
	for _, t := range undone {
		paid, on := left[t.Reverses], t.ValueDate
		if on.Before(paid.on) {
			on = paid.on
		}
		back := t.Amount.Min(paid.amount)
		left[t.Reverses] = flow{paid.on, minus(paid.amount, back)}
		all = append(all, flow{on, back.Neg()})
	}
	slices.SortFunc(all, func(a, b flow) int { return a.on.Compare(b.on) })
	return all
}

// received adds up what came until a date. It may lie below zero, when more went back than ever came.
func received(all []flow, until bizclock.Date) decimal.Decimal {
	total := decimal.Zero
	for _, f := range all {
		if !f.on.After(until) {
			total = plus(total, f.amount)
		}
	}
	return total
}
