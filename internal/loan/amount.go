package loan

import (
	"encoding/json"
	"fmt"

	"github.com/govalues/decimal"
	"golang.org/x/text/currency"
)

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

// sum adds amounts.
func sum(amounts ...decimal.Decimal) decimal.Decimal {
	total := decimal.Zero
	for _, a := range amounts {
		total = plus(total, a)
	}
	return total
}

// plus adds two amounts. An overflow, beyond 19 digits, can only come from what Validate refuses to be real money.
func plus(a, b decimal.Decimal) decimal.Decimal {
	total, err := a.Add(b)
	if err != nil {
		return a
	}
	return total
}

// minus takes b from a.
func minus(a, b decimal.Decimal) decimal.Decimal { return plus(a, b.Neg()) }

// rounded rounds half-even to the minor units of a currency.
func rounded(amount decimal.Decimal, code string) decimal.Decimal {
	units, err := MinorUnits(code)
	if err != nil {
		return amount
	}
	return amount.Round(units)
}

// times multiplies an amount by a share of at most one.
func times(amount, share decimal.Decimal) decimal.Decimal {
	product, err := amount.Mul(share)
	if err != nil {
		return amount
	}
	return product
}

// Money is an amount in a currency, for where currencies can meet: what a borrower earns, what is owed on several loans.
// Its JSON is {"amount": "1000.00", "currency": "USD"}.
type Money struct {
	Amount   decimal.Decimal `json:"amount"`
	Currency string          `json:"currency"`
}

// Validate refuses a currency that is none, and an amount below zero or finer than the currency's minor units.
func (m Money) Validate() error {
	if _, err := MinorUnits(m.Currency); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if m.Amount.IsZero() {
		return nil
	}
	if err := CheckAmount(m.Amount, m.Currency); err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	return nil
}

// Add adds two amounts of one currency. Amounts of two currencies have no sum: that is an error.
func (m Money) Add(other Money) (Money, error) {
	if m.Currency != other.Currency {
		return Money{}, fmt.Errorf("%s cannot be added to %s: they are two currencies", other, m)
	}
	return Money{Amount: sum(m.Amount, other.Amount), Currency: m.Currency}, nil
}

// Sub takes an amount of the same currency away; an amount of another currency is an error.
func (m Money) Sub(other Money) (Money, error) {
	if m.Currency != other.Currency {
		return Money{}, fmt.Errorf("%s cannot be taken from %s: they are two currencies", other, m)
	}
	return Money{Amount: minus(m.Amount, other.Amount), Currency: m.Currency}, nil
}

// String writes the amount with the minor units of its currency, such as 1000.00 USD.
func (m Money) String() string { return Write(m.Amount, m.Currency) + " " + m.Currency }

// MarshalJSON writes the amount with the minor units of its currency. A finer amount is an error: writing would round it.
func (m Money) MarshalJSON() ([]byte, error) {
	units, err := MinorUnits(m.Currency)
	if err != nil {
		return nil, fmt.Errorf("currency: %w", err)
	}
	if m.Amount.MinScale() > units {
		return nil, fmt.Errorf("amount: %s has more than the %d decimal places of %s", m.Amount, units, m.Currency)
	}
	return json.Marshal(struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	}{Write(m.Amount, m.Currency), m.Currency})
}
