// Package loan is the money of a loan: what was lent, when which part is due, what was paid, and what follows from it:
// how much is owed, since when, and how late. It is arithmetic over facts, without a clock.
package loan

import (
	"errors"
	"fmt"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Contract are the facts of a loan as the lending system gave them. Amounts are in Currency, with at most its minor units.
type Contract struct {
	// Currency is an ISO 4217 code, such as USD.
	Currency string `json:"currency"`
	// Principal is the amount disbursed.
	Principal decimal.Decimal `json:"principal"`
	// Schedule lists the installments in the order of their due dates.
	Schedule []Installment `json:"schedule"`
	// Allocation and LateFee are those of the [Ledger].
	Allocation Allocation `json:"allocation,omitzero"`
	LateFee    LateFee    `json:"late_fee,omitzero"`
	// Rate, DayCount, Method and Every are those of the [Terms], as far as they are known: a plan in hardship works interest
	// out anew by them.
	Rate     decimal.Decimal `json:"rate,omitzero"`
	DayCount DayCount        `json:"day_count,omitempty"`
	Method   Method          `json:"method,omitempty"`
	Every    Every           `json:"every,omitzero"`
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

// Validate refuses a contract that no loan can have: no schedule, due dates out of order, parts below zero, a principal
// that the schedule does not repay.
func (c Contract) Validate() error {
	if _, err := MinorUnits(c.Currency); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if err := CheckAmount(c.Principal, c.Currency); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	if err := CheckSchedule(c.Schedule, c.Currency); err != nil {
		return err
	}
	if err := c.Allocation.validate(); err != nil {
		return err
	}
	if err := c.LateFee.validate(c.Currency); err != nil {
		return err
	}
	repaid := decimal.Zero
	for _, i := range c.Schedule {
		repaid = sum(repaid, i.Principal)
	}
	if repaid.Cmp(c.Principal) != 0 {
		return fmt.Errorf("schedule: its principal adds up to %s, but %s was disbursed", repaid, c.Principal)
	}
	return nil
}

// longest is how many installments a schedule may have: daily ones for thirty years.
const longest = 11_000

// CheckSchedule refuses a schedule that no loan in a currency can have: what [CheckDates] refuses, parts that are no
// amounts, dates on which nothing is due. Its errors start with the field, such as schedule[1].due.
func CheckSchedule(schedule []Installment, code string) error {
	if err := CheckDates(schedule); err != nil {
		return err
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
		if !i.Total().IsPos() {
			return fmt.Errorf("schedule[%d]: nothing is due on %s; leave the installment out", n, i.Due)
		}
	}
	return nil
}

// CheckDates refuses a schedule that is empty or endless, or of which the due dates are out of order.
func CheckDates(schedule []Installment) error {
	switch {
	case len(schedule) == 0:
		return errors.New("schedule: has no installment; send at least one")
	case len(schedule) > longest:
		return fmt.Errorf("schedule: has %d installments; Tender takes at most %d", len(schedule), longest)
	}
	for n, i := range schedule {
		switch {
		case i.Due.IsZero():
			return fmt.Errorf("schedule[%d].due: is missing; send the date on which it is due", n)
		case n > 0 && i.Due.Before(schedule[n-1].Due):
			return fmt.Errorf("schedule[%d].due: %s lies before the installment before it, %s; list them in the order of their due dates", n, i.Due, schedule[n-1].Due)
		}
	}
	return nil
}
