// Package loan is the money of a loan: what was lent, when which part is due, what was paid, and what follows from it:
// how much is owed, since when, and how late. It is arithmetic over facts, without a clock.
package loan

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Status is where a loan stands on a date.
type Status struct {
	AsOf bizclock.Date
	// PastDueSince is the oldest unpaid due date before AsOf; zero when nothing is past due.
	PastDueSince bizclock.Date
	// PastDueDays is AsOf minus PastDueSince; DelinquentDays subtracts the days of grace.
	PastDueDays, DelinquentDays int
	// PastDue is what was due before AsOf and is unpaid; DueToday is what falls due on AsOf and is unpaid.
	PastDue, DueToday decimal.Decimal
	// Outstanding is all that is unpaid of the schedule, due or not.
	Outstanding decimal.Decimal
	// Next is the first unpaid installment that is due on AsOf or later; NextAmount is what is unpaid of it.
	Next       bizclock.Date
	NextAmount decimal.Decimal
	// Unpaid is what is left of each installment, in the order of the schedule, and then of what was charged after the last.
	Unpaid []decimal.Decimal
}

// Settled reports whether nothing is owed.
func (s Status) Settled() bool { return s.Outstanding.IsZero() }

// AsOf returns where a loan stands on a date, after the transactions whose value date has come. Payments pay the oldest
// installment first, whole; a fee adds to the first installment not yet due, and after the last one it is due by itself; a
// waiver lowers the oldest unpaid one. Grace is in days.
func AsOf(contract Contract, transactions []Transaction, grace int, date bizclock.Date) Status {
	s := Status{AsOf: date}
	due := withFees(contract.Schedule, transactions, date)
	credit := credit(transactions, date)
	for _, i := range due {
		left := i.Total()
		part := left.Min(credit)
		left, credit = minus(left, part), minus(credit, part)
		s.Unpaid = append(s.Unpaid, left)
		if left.IsZero() {
			continue
		}
		s.Outstanding = sum(s.Outstanding, left)
		switch i.Due.Compare(date) {
		case -1:
			if s.PastDueSince.IsZero() {
				s.PastDueSince = i.Due
			}
			s.PastDue = sum(s.PastDue, left)
		case 0:
			s.DueToday = left
		}
		if s.Next.IsZero() && !i.Due.Before(date) {
			s.Next, s.NextAmount = i.Due, left
		}
	}
	if !s.PastDueSince.IsZero() {
		s.PastDueDays = date.Sub(s.PastDueSince)
		s.DelinquentDays = max(0, s.PastDueDays-grace)
	}
	return s
}

// withFees returns the schedule with the fees charged until a date. A fee cannot have been due before it was charged: one
// that no installment is left for is due on its value date, or whoever pays all but late would be charged off over a fee of
// yesterday.
func withFees(schedule []Installment, transactions []Transaction, date bizclock.Date) []Installment {
	due := slices.Clone(schedule)
	for _, t := range transactions {
		if t.Kind != Fee || t.ValueDate.After(date) {
			continue
		}
		n := slices.IndexFunc(due, func(i Installment) bool { return !i.Due.Before(t.ValueDate) })
		if n < 0 {
			n = len(due)
		}
		if n < len(schedule) || n < len(due) && due[n].Due == t.ValueDate {
			due[n].Fee = sum(due[n].Fee, t.Amount)
		} else {
			due = slices.Insert(due, n, Installment{Due: t.ValueDate, Fee: t.Amount})
		}
	}
	return due
}

// credit returns what payments, waivers and recoveries up to a date have brought, less what was undone. Reversals undo the
// payment that they name once it counts, and together no more than it; one that names none takes back all that it says.
func credit(transactions []Transaction, date bizclock.Date) decimal.Decimal {
	total, undone := decimal.Zero, map[string]decimal.Decimal{}
	for _, t := range transactions {
		if t.Kind == Reversal && t.Reverses != "" && !t.ValueDate.After(date) {
			undone[t.Reverses] = sum(undone[t.Reverses], t.Amount)
		}
	}
	for _, t := range transactions {
		if t.ValueDate.After(date) {
			continue
		}
		switch {
		case t.Kind == Payment:
			total = sum(total, minus(t.Amount, undone[t.ID].Min(t.Amount)))
		case t.Kind == Waiver, t.Kind == Recovery:
			total = sum(total, t.Amount)
		case t.Kind == Refund, t.Kind == Reversal && t.Reverses == "":
			total = minus(total, t.Amount)
		}
	}
	return total.Max(decimal.Zero)
}
