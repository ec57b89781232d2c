package hardship

import (
	"cmp"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// fixedPrice reports whether the interest of the loan is a price that was agreed for the whole time, or not known to
// follow from a rate. Plans leave such interest as it is: they neither add to it nor work it out anew.
func (l Loan) fixedPrice() bool { return !l.Rate.IsPos() || l.Method == loan.FlatInterest }

// accrual is the interest on 1 from one date to another at a rate per year.
func (l Loan) accrual(rate decimal.Decimal, from, to bizclock.Date) decimal.Decimal {
	if !from.Before(to) {
		return decimal.Zero
	}
	years := cmp.Or(l.DayCount, loan.Thirty360).Years(from, to)
	return over(times(rate, whole(years.Num().Int64())), whole(years.Denom().Int64()))
}
