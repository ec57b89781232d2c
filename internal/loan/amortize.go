package loan

import (
	"math/big"

	"github.com/govalues/decimal"
)

// plan is how a debt is repaid: the debt in minor units, and the rate of each period. It counts in whole numbers and
// fractions, which round nowhere but where it is said, and have no largest value.
type plan struct {
	terms Terms
	debt  *big.Int
	// rates are those of the periods, in parts of one.
	rates []*big.Int
	one   *big.Int
	// from is the first period, counted from 0, whose installment repays principal.
	from int
	// step is what installments are multiples of.
	step *big.Int
}

// newPlan makes a plan of terms that Validate lets pass, with their defaults.
func newPlan(t Terms) plan {
	p := plan{terms: t, debt: minor(t.Principal, t.Currency), from: t.GracePrincipal, step: big.NewInt(1)}
	p.debt.Sub(p.debt, minor(t.DownPayment, t.Currency))
	if t.Method == Bullet {
		p.from = t.Periods - 1
	}
	if t.Multiple.IsPos() {
		p.step = minor(t.Multiple, t.Currency)
	}
	rate, unit := fraction(t.Rate)
	basis := t.DayCount.basis()
	if t.Accrual == PerPeriod {
		basis = perYear[t.Every.Unit]
	}
	p.one = unit.Mul(unit, big.NewInt(basis))
	for n := range t.Periods {
		parts := int64(t.Every.Count)
		switch {
		case n < t.InterestFree:
			parts = 0
		case t.Accrual == PerDay:
			parts = t.DayCount.parts(t.due(n), t.due(n+1))
		}
		p.rates = append(p.rates, new(big.Int).Mul(rate, big.NewInt(parts)))
	}
	return p
}

// rows returns the installments, one for each period.
func (p plan) rows() []row {
	rows, fits := p.walk(true)
	if !fits {
		rows, _ = p.walk(false)
	}
	for n := range p.terms.GraceInterest {
		later := rows[p.terms.GraceInterest].interest
		later.Add(later, rows[n].interest)
		rows[n].interest = new(big.Int)
	}
	return rows
}

// walk goes through the periods and rounds once in each. With level, installments are computed once; without, anew in each
// period from what is owed then. It reports whether the last one is no more than a rest.
func (p plan) walk(level bool) (rows []row, fits bool) {
	last := len(p.rates) - 1
	left, unpaid := new(big.Int).Set(p.debt), new(big.Int)
	pays, accrues := p.payer(level), p.accruer()
	for n := range p.rates {
		owed := new(big.Int).Add(unpaid, accrues(n, left, unpaid))
		r := row{due: p.terms.due(n + 1), principal: new(big.Int), interest: owed, fee: new(big.Int)}
		switch {
		case n == last:
			fits = p.isRest(left, owed, rows)
			r.principal.Set(left)
		case n >= p.from:
			payment := pays(n, left, unpaid, owed)
			if p.terms.Method == Annuity && payment.Cmp(owed) < 0 {
				r.interest = payment
			}
			r.principal.Sub(payment, r.interest)
			r.principal = between(r.principal, left)
		}
		left.Sub(left, r.principal)
		unpaid = new(big.Int).Sub(owed, r.interest)
		rows = append(rows, r)
	}
	return rows, fits
}

// isRest reports whether what the last installment has to take is a rest: more than nothing, and no more than two.
func (p plan) isRest(left, owed *big.Int, before []row) bool {
	count := len(p.rates) - p.from
	if count == 1 {
		return true
	}
	if p.terms.Method != Annuity { // a part of the principal is the debt divided by count
		return left.Sign() > 0 && new(big.Int).Mul(left, big.NewInt(int64(count))).Cmp(new(big.Int).Lsh(p.debt, 1)) <= 0
	}
	rest := new(big.Int).Add(left, owed)
	return rest.Sign() > 0 && rest.Cmp(new(big.Int).Lsh(before[p.from].total(), 1)) <= 0
}

// payer returns what says how much is to be paid, in principal and interest, at the end of a period.
func (p plan) payer(level bool) func(n int, left, unpaid, owed *big.Int) *big.Int {
	if p.terms.Method == Annuity {
		return p.annuityPayer(level)
	}
	debt := p.debt
	return func(n int, left, _, owed *big.Int) *big.Int {
		count := len(p.rates) - p.from
		if !level {
			debt, count = left, len(p.rates)-n
		}
		parts := big.NewInt(int64(count))
		return p.multiple(new(big.Int).Add(debt, new(big.Int).Mul(owed, parts)), parts)
	}
}

func (p plan) annuityPayer(level bool) func(n int, left, unpaid, owed *big.Int) *big.Int {
	a := newAnnuity(p.rates[p.from:], p.one)
	once := p.multiple(a.installment(p.debt))
	return func(n int, left, unpaid, _ *big.Int) *big.Int {
		if level {
			return new(big.Int).Set(once)
		}
		payment := p.multiple(a.installment(new(big.Int).Add(left, unpaid)))
		a.pass(p.rates[n])
		return payment
	}
}

// multiple rounds a fraction of minor units to what installments are multiples of.
func (p plan) multiple(num, den *big.Int) *big.Int {
	steps := round(num, new(big.Int).Mul(den, p.step), p.terms.Rounding)
	return steps.Mul(steps, p.step)
}

// accruer returns what says how much interest accrues in a period, rounded half-even.
func (p plan) accruer() func(n int, left, unpaid *big.Int) *big.Int {
	if p.terms.Method == FlatInterest {
		shares := spread(round(p.flat(), p.one, HalfEven), len(p.rates)-p.terms.InterestFree)
		return func(n int, _, _ *big.Int) *big.Int {
			if n < p.terms.InterestFree {
				return new(big.Int)
			}
			return shares[n-p.terms.InterestFree]
		}
	}
	return func(n int, left, unpaid *big.Int) *big.Int {
		bears := new(big.Int).Add(left, unpaid)
		return round(bears.Mul(bears, p.rates[n]), p.one, HalfEven)
	}
}

// flat returns the interest that the whole debt bears over all periods, in parts of a minor unit.
func (p plan) flat() *big.Int {
	total := new(big.Int)
	for _, rate := range p.rates {
		total.Add(total, rate)
	}
	return total.Mul(total, p.debt)
}

// interest returns the interest in minor units, without rounding.
func (p plan) interest() *big.Rat {
	switch p.terms.Method {
	case Annuity:
		count := big.NewInt(int64(len(p.rates) - p.from))
		num, den := newAnnuity(p.rates[p.from:], p.one).installment(p.debt)
		paid := new(big.Rat).SetFrac(num.Mul(num, count), den)
		paid.Sub(paid, new(big.Rat).SetInt(p.debt))
		before := plan{debt: p.debt, rates: p.rates[:p.from]}.flat()
		return paid.Add(paid, new(big.Rat).SetFrac(before, p.one))
	case EqualPrincipal:
		count := int64(len(p.rates) - p.from)
		total := new(big.Int)
		for n, rate := range p.rates {
			left := min(count, int64(len(p.rates)-n)) // of the count parts that the debt has
			total.Add(total, new(big.Int).Mul(rate, big.NewInt(left)))
		}
		return new(big.Rat).SetFrac(total.Mul(total, p.debt), new(big.Int).Mul(p.one, big.NewInt(count)))
	default:
		return new(big.Rat).SetFrac(p.flat(), p.one)
	}
}

// annuity is what the equal installments of a debt follow from, P·Π(1+r_i) / Σ_k Π_{i>k}(1+r_i), in whole numbers: with n
// periods left, growth is the product times one^n, and sum is the sum times one^(n-1).
type annuity struct{ growth, sum, one *big.Int }

func newAnnuity(rates []*big.Int, one *big.Int) annuity {
	a := annuity{growth: big.NewInt(1), sum: new(big.Int), one: one}
	for n := len(rates) - 1; n >= 0; n-- {
		a.sum.Mul(a.sum, one).Add(a.sum, a.growth)
		a.growth.Mul(a.growth, new(big.Int).Add(one, rates[n]))
	}
	return a
}

// installment returns what a debt is repaid by in equal installments, as a fraction.
func (a annuity) installment(debt *big.Int) (num, den *big.Int) {
	return new(big.Int).Mul(debt, a.growth), new(big.Int).Mul(a.one, a.sum)
}

// pass leaves the first period behind; its rate was the one given.
func (a annuity) pass(rate *big.Int) {
	a.growth.Quo(a.growth, new(big.Int).Add(a.one, rate))
	a.sum.Sub(a.sum, a.growth).Quo(a.sum, a.one)
}

// LevelPayment returns the equal payment that repays a debt over periods, each of which bears its share of the debt as interest:
// what the formula of the annuity gives exactly, rounded half-even to whole minor units, as the debt is. There is at least
// one period, and no share is negative.
func LevelPayment(debt int64, shares []*big.Rat) int64 {
	one := big.NewInt(1)
	for _, share := range shares {
		// The least common multiple of the denominators so far.
		common := new(big.Int).GCD(nil, nil, one, share.Denom())
		one = new(big.Int).Mul(one, new(big.Int).Quo(share.Denom(), common))
	}
	rates := make([]*big.Int, len(shares))
	for n, share := range shares {
		rates[n] = new(big.Int).Mul(share.Num(), new(big.Int).Quo(one, share.Denom()))
	}
	num, den := newAnnuity(rates, one).installment(big.NewInt(debt))
	return round(num, den, HalfEven).Int64()
}

// spread divides an amount evenly; the last part takes the rest. Where the parts round to so much or so little that it would
// be less than nothing, or more than two parts, each is computed from what is left.
func spread(amount *big.Int, count int) []*big.Int {
	parts := make([]*big.Int, count)
	if count == 0 {
		return parts
	}
	even := round(amount, big.NewInt(int64(count)), HalfEven)
	rest := new(big.Int).Sub(amount, new(big.Int).Mul(even, big.NewInt(int64(count-1))))
	level := rest.Sign() >= 0 && rest.Cmp(new(big.Int).Lsh(even, 1)) <= 0
	left := new(big.Int).Set(amount)
	for n := range parts {
		part := even
		if !level || n == count-1 {
			part = round(left, big.NewInt(int64(count-n)), HalfEven)
		}
		parts[n] = new(big.Int).Set(part)
		left.Sub(left, part)
	}
	return parts
}

// between returns an amount that is no less than nothing and no more than most.
func between(amount, most *big.Int) *big.Int {
	switch {
	case amount.Sign() < 0:
		return new(big.Int)
	case amount.Cmp(most) > 0:
		return new(big.Int).Set(most)
	}
	return amount
}

// round returns num/den, which is not negative, as a whole number.
func round(num, den *big.Int, how Rounding) *big.Int {
	whole, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	if how == RoundDown {
		return whole
	}
	if half := rest.Lsh(rest, 1).Cmp(den); half > 0 || half == 0 && whole.Bit(0) == 1 {
		whole.Add(whole, big.NewInt(1))
	}
	return whole
}

// fraction returns a decimal that is not negative as a fraction of whole numbers.
func fraction(d decimal.Decimal) (num, den *big.Int) {
	d = d.Trim(0)
	return new(big.Int).SetUint64(d.Coef()), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale())), nil)
}
