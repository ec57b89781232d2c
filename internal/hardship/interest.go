package hardship

import (
	"cmp"
	"math/big"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// fixedPrice reports whether the interest of the loan is a price that was agreed for the whole time, or not known to
// follow from a rate. Plans leave such interest as it is: they neither add to it nor work it out anew.
func (l Loan) fixedPrice() bool { return !l.Rate.IsPos() || l.Method == loan.FlatInterest }

// accrual is the interest on 1 from one date to another at a rate per year, exactly.
func (l Loan) accrual(rate decimal.Decimal, from, to bizclock.Date) *big.Rat {
	if !rate.IsPos() || !from.Before(to) {
		return new(big.Rat)
	}
	rate = rate.Trim(0)
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(rate.Scale())), nil)
	years := cmp.Or(l.DayCount, loan.Thirty360).Years(from, to)
	return years.Mul(years, new(big.Rat).SetFrac(new(big.Int).SetUint64(rate.Coef()), unit))
}

// share returns how much of an amount a fraction is, rounded half-even to minor units. Without a rounding before, a half is
// one.
func (m minor) share(fraction *big.Rat) minor {
	num := new(big.Int).Mul(big.NewInt(int64(m)), fraction.Num())
	part, rest := num.QuoRem(num, fraction.Denom(), new(big.Int))
	if half := rest.Lsh(rest, 1).Cmp(fraction.Denom()); half > 0 || half == 0 && part.Bit(0) == 1 {
		part.Add(part, big.NewInt(1))
	}
	return minor(part.Int64())
}
