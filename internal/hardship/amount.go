package hardship

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/condition"
)

// minor is an amount in minor units of the loan's currency. A schedule is made in whole minor units, so that no part of
// one is lost; interest is a decimal until it is rounded, once, for its period.
type minor int64

// parts is an amount by what it is for.
type parts struct{ principal, interest, fee minor }

func (p parts) total() minor { return p.principal + p.interest + p.fee }

func (p parts) plus(q parts) parts {
	return parts{p.principal + q.principal, p.interest + q.interest, p.fee + q.fee}
}

func (p parts) minus(q parts) parts {
	return parts{p.principal - q.principal, p.interest - q.interest, p.fee - q.fee}
}

// take takes up to an amount out of p: of each part its share first, so that all shrink alike, then principal, interest and
// fee. Share is the fraction share.of / share.in of what p holds.
func (p *parts) take(amount minor, of, in int) (taken parts) {
	amount = min(amount, p.total())
	taken.fee = min(p.fee*minor(of)/minor(in), amount)
	taken.interest = min(p.interest*minor(of)/minor(in), amount-taken.fee)
	taken.principal = min(p.principal, amount-taken.fee-taken.interest)
	if more := min(p.interest-taken.interest, amount-taken.total()); more > 0 {
		taken.interest += more
	}
	if more := min(p.fee-taken.fee, amount-taken.total()); more > 0 {
		taken.fee += more
	}
	*p = p.minus(taken)
	return taken
}

// inMinor returns an amount in minor units; false when it is finer than they are, or too great.
func inMinor(d decimal.Decimal, scale int) (minor, bool) {
	m, ok := condition.InMinor(d, scale)
	return minor(m), ok
}

// must is for arithmetic within bounds that were checked.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// plus, minus, times and over are the arithmetic of decimals within the bounds of amounts and rates, in which they
// neither overflow nor divide by zero.
func plus(a, b decimal.Decimal) decimal.Decimal  { return must(a.Add(b)) }
func minus(a, b decimal.Decimal) decimal.Decimal { return must(a.Sub(b)) }
func times(a, b decimal.Decimal) decimal.Decimal { return must(a.Mul(b)) }
func over(a, b decimal.Decimal) decimal.Decimal  { return must(a.Quo(b)) }

func whole(n int64) decimal.Decimal { return decimal.MustNew(n, 0) }

// percent returns so many percent of an amount, rounded up to minor units.
func (m minor) percent(n int) minor { return (m*minor(n) + 99) / 100 }
