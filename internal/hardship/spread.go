package hardship

import (
	"math/big"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// spread divides an amount into equal payments, rounded down to a multiple; the last takes the rest. Where that would be
// more than two payments, the multiple is too coarse for the amount, and is not kept.
func spread(amount parts, dates []bizclock.Date, multiple minor) []due {
	exact := amount.total() / minor(len(dates))
	each := down(exact, multiple)
	if last := amount.total() - each*minor(len(dates)-1); last > 2*each {
		each = exact
	}
	schedule := make([]due, len(dates))
	left := amount
	for n, on := range dates {
		pay := each
		if n == len(dates)-1 {
			pay = left.total()
		}
		schedule[n] = due{on, left.take(pay, 1, len(dates)-n)}
	}
	return schedule
}

// down rounds down to a multiple, or not at all where nothing would be left.
func down(amount, multiple minor) minor {
	if rounded := amount - amount%multiple; rounded > 0 {
		return rounded
	}
	return amount
}

// rates gives the rate per year for what accrues until a date.
type rates func(until bizclock.Date) decimal.Decimal

// amortise repays principal, with interest from a date on, in level payments, as the annuity formula for periods of
// unequal length has it: P / sum over k of prod over i<=k of 1/(1+f_i), where f_i is the interest on 1 over the
// i-th period. Interest is rounded half-even once a period, and the last payment takes the rest. Other amounts, which
// bear no interest, are spread over the same dates.
func (w *work) amortise(owed parts, from bizclock.Date, dates []bizclock.Date, rate rates, multiple minor) []due {
	periods := make([]*big.Rat, len(dates))
	for n, on := range dates {
		start := from
		if n > 0 {
			start = dates[n-1]
		}
		periods[n] = w.c.Loan.accrual(rate(on), start, on)
	}
	pay := minor(loan.LevelPayment(int64(owed.principal), periods))
	schedule := repay(owed.principal, down(pay, multiple), dates, periods)
	if last := schedule[len(schedule)-1]; last.total() > 2*pay {
		schedule = repay(owed.principal, pay, dates, periods) // the multiple is too coarse
	}
	other := parts{interest: owed.interest, fee: owed.fee}
	if other.total() == 0 {
		return merged(schedule)
	}
	return merged(schedule, spread(other, dates, 1))
}

// repay pays the same amount on each date, interest before principal; the last payment takes the rest.
func repay(principal, pay minor, dates []bizclock.Date, periods []*big.Rat) []due {
	schedule := make([]due, len(dates))
	for n, on := range dates {
		interest := principal.share(periods[n])
		part := min(max(0, pay-interest), principal)
		if n == len(dates)-1 {
			part = principal
		}
		principal -= part
		schedule[n] = due{on, parts{principal: part, interest: interest}}
	}
	return schedule
}
