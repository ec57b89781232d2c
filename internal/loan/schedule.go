package loan

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Computed is what terms make of a loan. All amounts are in Currency, with its minor units.
type Computed struct {
	Currency string
	// Installments are in the order of their due dates. Dates on which nothing is due are left out, so that there may be
	// fewer than periods.
	Installments []Installment
	// Level is what each installment of principal and interest is, but for the last and those that grace touches; zero
	// when they differ.
	Level decimal.Decimal
	// Principal, Interest and Fee are the sums of those parts of the installments, and Total is the sum of all.
	Principal, Interest, Fee, Total decimal.Decimal
	// Withheld is the fee that was taken from what is paid out, which is PaidOut.
	Withheld, PaidOut decimal.Decimal
}

// Schedule computes what is due when. Amounts are computed exactly and rounded once per period: interest half-even to the
// minor units, installments as Multiple and Rounding say; the last takes the rest. Where that rest would be nothing, or more
// than two installments, each is computed anew from what is owed, as with long and dear loans of few minor units.
//
// The installment of an annuity is P·Π(1+r_i) / Σ_k Π_{i>k}(1+r_i), which for equal periods is P·r(1+r)^n/((1+r)^n−1). Where
// a period bears more interest than the installment is, what is left of it is due with those that follow, and bears interest
// until then, as the formula has it.
//
// Terms that [Terms.Validate] refuses, and those that lead to amounts beyond any loan, are errors that start with a field.
func (t Terms) Schedule() (Computed, error) {
	if err := t.Validate(); err != nil {
		return Computed{}, err
	}
	t = t.withDefaults()
	rows := newPlan(t).rows()
	level := levelOf(rows, t)
	if t.DownPayment.IsPos() {
		down := row{due: t.Start, principal: minor(t.DownPayment, t.Currency), interest: new(big.Int), fee: new(big.Int)}
		rows = slices.Insert(rows, 0, down)
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return r.total().Sign() == 0 })
	t.chargeFee(rows)
	return t.computed(rows, level)
}

// ExactInterest returns the interest of the whole loan, in units of the currency, as it is without any rounding. It never
// falls when the rate rises.
func (t Terms) ExactInterest() (*big.Rat, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	t = t.withDefaults()
	return new(big.Rat).Quo(newPlan(t).interest(), new(big.Rat).SetInt(minor(decimal.One, t.Currency))), nil
}

// row is an installment in whole minor units.
type row struct {
	due                      bizclock.Date
	principal, interest, fee *big.Int
}

func (r row) total() *big.Int {
	return new(big.Int).Add(r.fee, new(big.Int).Add(r.principal, r.interest))
}

// levelOf returns what the installments are that neither grace nor rounding touches, or nothing if they differ.
func levelOf(rows []row, t Terms) *big.Int {
	from := t.GracePrincipal
	if t.GraceInterest > 0 {
		from = max(from, t.GraceInterest+1)
	}
	level := rows[min(from, len(rows)-1)].total()
	for _, r := range rows[min(from, len(rows)-1) : len(rows)-1] {
		if r.total().Cmp(level) != 0 {
			return new(big.Int)
		}
	}
	return level
}

// minor returns an amount that is no finer than the currency's minor units in those.
func minor(amount decimal.Decimal, code string) *big.Int {
	units, _ := MinorUnits(code) // Validate has refused what is no currency
	return new(big.Int).SetUint64(amount.Rescale(units).Coef())
}

// fee returns the one fee of the loan in minor units.
func (t Terms) fee() *big.Int {
	if t.FeeRate.IsZero() {
		return minor(t.Fee, t.Currency)
	}
	coef, unit := fraction(t.FeeRate)
	return round(coef.Mul(coef, minor(t.Principal, t.Currency)), unit, HalfEven)
}

// chargeFee adds the fee to installments that are due after the start.
func (t Terms) chargeFee(rows []row) {
	if t.DownPayment.IsPos() {
		rows = rows[1:]
	}
	switch t.FeeDue {
	case FeeFirst:
		rows[0].fee = t.fee()
	case FeeSpread:
		for n, part := range spread(t.fee(), len(rows)) {
			rows[n].fee = part
		}
	}
}

// computed writes rows as amounts of the currency, and adds them up.
func (t Terms) computed(rows []row, level *big.Int) (Computed, error) {
	w := newWriter(t.Currency)
	c := Computed{Currency: t.Currency, Level: w.amount("installment", level)}
	whole := row{principal: new(big.Int), interest: new(big.Int), fee: new(big.Int)}
	for _, r := range rows {
		whole.principal.Add(whole.principal, r.principal)
		whole.interest.Add(whole.interest, r.interest)
		whole.fee.Add(whole.fee, r.fee)
		w.amount("sum of an installment", r.total())
		c.Installments = append(c.Installments, Installment{
			Due: r.due, Principal: w.amount("principal", r.principal),
			Interest: w.amount("interest", r.interest), Fee: w.amount("fee", r.fee),
		})
	}
	c.Principal, c.Interest = w.amount("principal", whole.principal), w.amount("whole interest", whole.interest)
	c.Fee, c.Total = w.amount("fee", whole.fee), w.amount("whole sum", whole.total())
	withheld := new(big.Int)
	if t.FeeDue == FeeWithheld {
		withheld = t.fee()
	}
	c.Withheld = w.amount("fee", withheld)
	c.PaidOut = w.amount("payout", new(big.Int).Sub(minor(t.Principal, t.Currency), withheld))
	if w.err != nil {
		return Computed{}, w.err
	}
	return c, nil
}

// writer makes amounts of minor units, and remembers the first that is beyond any loan.
type writer struct {
	places int
	most   *big.Int
	err    error
}

func newWriter(code string) *writer {
	places, _ := MinorUnits(code) // Validate has refused what is no currency
	return &writer{places: places, most: minor(limit, code)}
}

func (w *writer) amount(what string, units *big.Int) decimal.Decimal {
	if units.Cmp(w.most) > 0 {
		if w.err == nil {
			w.err = fmt.Errorf("principal: with it the %s goes beyond %s, the largest amount that Tender takes; "+
				"give less, a lower rate or fewer periods", what, limit)
		}
		return decimal.Zero
	}
	return decimal.MustNew(units.Int64(), w.places)
}

// MarshalJSON writes {"currency", "installments": [{"due", "principal", "interest", "fee", "total"}], "installment",
// "principal", "interest", "fee", "total", "withheld", "paid_out"}, with all amounts as text in minor units.
func (c Computed) MarshalJSON() ([]byte, error) {
	write := func(amount decimal.Decimal) string { return Write(amount, c.Currency) }
	type installment struct {
		Due       bizclock.Date `json:"due"`
		Principal string        `json:"principal"`
		Interest  string        `json:"interest"`
		Fee       string        `json:"fee"`
		Total     string        `json:"total"`
	}
	all := make([]installment, len(c.Installments))
	for n, i := range c.Installments {
		all[n] = installment{i.Due, write(i.Principal), write(i.Interest), write(i.Fee), write(i.Total())}
	}
	return json.Marshal(struct {
		Currency     string        `json:"currency"`
		Installments []installment `json:"installments"`
		Level        string        `json:"installment"`
		Principal    string        `json:"principal"`
		Interest     string        `json:"interest"`
		Fee          string        `json:"fee"`
		Total        string        `json:"total"`
		Withheld     string        `json:"withheld"`
		PaidOut      string        `json:"paid_out"`
	}{
		c.Currency, all, write(c.Level), write(c.Principal), write(c.Interest), write(c.Fee), write(c.Total),
		write(c.Withheld), write(c.PaidOut),
	})
}
