// Package loan is the money of a loan: what was lent, when which part is due, what was paid, and what follows from it:
// how much is owed, since when, and how late. It is arithmetic over facts, without a clock.
package loan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/govalues/decimal"
	"golang.org/x/text/currency"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Terms are the facts of a loan as the lending system gave them. Amounts are in Currency, with at most its minor units.
type Terms struct {
	// Currency is an ISO 4217 code, such as USD.
	Currency string `json:"currency"`
	// Principal is the amount disbursed.
	Principal decimal.Decimal `json:"principal"`
	// Schedule lists the installments in the order of their due dates.
	Schedule []Installment `json:"schedule"`
}

// Installment is one part of a loan, due on one date.
type Installment struct {
	// Due is the contractual due date.
	Due bizclock.Date `json:"due"`
	// Principal, Interest and Fee add up to what is due; none is negative.
	Principal decimal.Decimal `json:"principal"`
	Interest  decimal.Decimal `json:"interest,omitzero"`
	Fee       decimal.Decimal `json:"fee,omitzero"`
}

// Total returns what is due in all.
func (i Installment) Total() decimal.Decimal { return sum(i.Principal, i.Interest, i.Fee) }

// Kind is what a transaction does to a loan.
type Kind string

// The kinds of transaction.
const (
	Payment  Kind = "payment"
	Reversal Kind = "reversal"
	Refund   Kind = "refund"
	Fee      Kind = "fee"
	Waiver   Kind = "waiver"
	Recovery Kind = "recovery"
)

// Transaction is one posting of the lending system.
type Transaction struct {
	// ID is the lending system's own id of the posting.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// ValueDate is the date from which it counts.
	ValueDate bizclock.Date   `json:"value_date"`
	Amount    decimal.Decimal `json:"amount"`
	// Reverses is the id of the payment that a reversal undoes.
	Reverses string `json:"reverses,omitempty"`
}

// limit bounds every amount, so that no sum over a loan's life leaves the 19 digits that arithmetic is exact in.
var limit = decimal.MustParse("1000000000000")

// decimals are the decimal places of ISO 4217 where they are not two. The tables that golang.org/x/text has are those of
// CLDR, which follow the shops: 0 for IDR or PKR, whose lending systems book hundredths.
var decimals = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0,
	"VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4,
}

// MinorUnits returns how many decimal places amounts of an ISO 4217 currency have: JPY 0, USD 2, KWD 3.
func MinorUnits(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code || unit == currency.XXX || unit == currency.XTS {
		return 0, fmt.Errorf("%q is not an ISO 4217 currency such as USD", code)
	}
	if places, ok := decimals[code]; ok {
		return places, nil
	}
	return 2, nil
}

// CheckAmount refuses an amount that is not positive, finer than the currency's minor units, or beyond any loan.
func CheckAmount(amount decimal.Decimal, code string) error {
	units, err := MinorUnits(code)
	switch {
	case err != nil:
		return err
	case amount.Sign() <= 0:
		return fmt.Errorf("%s is not a positive amount", amount)
	case amount.MinScale() > units:
		return fmt.Errorf("%s has more than the %d decimal places of %s", amount, units, code)
	case amount.Cmp(limit) > 0:
		return fmt.Errorf("%s is beyond %s, the largest amount that Tender takes", amount, limit)
	}
	return nil
}

// Write writes an amount with the minor units of its currency, such as 1000.00.
func Write(amount decimal.Decimal, code string) string {
	units, err := MinorUnits(code)
	if err != nil {
		return amount.String()
	}
	return amount.Rescale(units).String()
}

// Validate refuses terms that no loan can have: no schedule, due dates out of order, parts below zero, a principal
// that the schedule does not repay.
func (t Terms) Validate() error {
	if _, err := MinorUnits(t.Currency); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if err := CheckAmount(t.Principal, t.Currency); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	if err := CheckSchedule(t.Schedule, t.Currency); err != nil {
		return err
	}
	repaid := decimal.Zero
	for _, i := range t.Schedule {
		repaid = sum(repaid, i.Principal)
	}
	if repaid.Cmp(t.Principal) != 0 {
		return fmt.Errorf("schedule: its principal adds up to %s, but %s was disbursed", repaid, t.Principal)
	}
	return nil
}

// longest is how many installments a schedule may have: daily ones for thirty years.
const longest = 11_000

// CheckSchedule refuses a schedule that no loan in a currency can have: empty or endless, due dates out of order, parts
// that are no amounts, dates on which nothing is due. Its errors start with the field, such as schedule[1].due.
func CheckSchedule(schedule []Installment, code string) error {
	switch {
	case len(schedule) == 0:
		return errors.New("schedule: has no installment; send at least one")
	case len(schedule) > longest:
		return fmt.Errorf("schedule: has %d installments; Tender takes at most %d", len(schedule), longest)
	}
	for n, i := range schedule {
		for _, part := range []struct {
			name   string
			amount decimal.Decimal
		}{{"principal", i.Principal}, {"interest", i.Interest}, {"fee", i.Fee}} {
			if part.amount.IsZero() {
				continue
			}
			if err := CheckAmount(part.amount, code); err != nil {
				return fmt.Errorf("schedule[%d].%s: %w", n, part.name, err)
			}
		}
		switch {
		case i.Due.IsZero():
			return fmt.Errorf("schedule[%d].due: is missing", n)
		case n > 0 && !i.Due.After(schedule[n-1].Due):
			return fmt.Errorf("schedule[%d].due: %s does not lie after the installment before it, %s", n, i.Due, schedule[n-1].Due)
		case !i.Total().IsPos():
			return fmt.Errorf("schedule[%d]: nothing is due on %s", n, i.Due)
		}
	}
	return nil
}

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
func AsOf(terms Terms, transactions []Transaction, grace int, date bizclock.Date) Status {
	s := Status{AsOf: date}
	due := withFees(terms.Schedule, transactions, date)
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

// Same reports whether two transactions say the same.
func (t Transaction) Same(other Transaction) bool {
	return t.ID == other.ID && t.Kind == other.Kind && t.ValueDate == other.ValueDate && t.Amount.Cmp(other.Amount) == 0 && t.Reverses == other.Reverses
}

// sum adds amounts. An overflow, beyond 19 digits, can only come from terms that Validate refuses to be real money.
func sum(amounts ...decimal.Decimal) decimal.Decimal {
	total := decimal.Zero
	for _, a := range amounts {
		next, err := total.Add(a)
		if err != nil {
			return total
		}
		total = next
	}
	return total
}

func minus(a, b decimal.Decimal) decimal.Decimal { return sum(a, b.Neg()) }
