package loan

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/govalues/decimal"
)

// limit bounds every amount, and [Ledger.Validate] bounds their sum a thousand times higher, so that no sum over a loan's life
// leaves the 19 digits that arithmetic is exact in.
var limit = decimal.MustParse("1000000000000")

// currencies are the codes of ISO 4217 that are in force, by their decimal places: those of the countries' currencies and of units
// of account in which loans are made. Not among them are metals, drawing rights, codes for tests, and what was withdrawn. Source:
// ISO 4217, list one, with its amendments to 2026-01-01. Libraries have the tables of CLDR, which follow the shops (0 for IDR or
// PKR, whose lending systems book hundredths), and lag behind the list.
var currencies = func() map[string]int {
	all := map[string]int{}
	for places, codes := range map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP COU CRC CUP CVE CZK " +
			"DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK " +
			"LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR " +
			"RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES " +
			"WST XCD XCG YER ZAR ZMW ZWG",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	} {
		for _, code := range strings.Fields(codes) {
			all[code] = places
		}
	}
	return all
}()

// MinorUnits returns how many decimal places amounts of an ISO 4217 currency have: JPY 0, USD 2, KWD 3.
func MinorUnits(code string) (int, error) {
	places, ok := currencies[code]
	if !ok {
		return 0, fmt.Errorf("%q is not an ISO 4217 currency in force, such as USD", code)
	}
	return places, nil
}

// CheckAmount refuses an amount that is not positive, finer than the currency's minor units, or beyond any loan.
func CheckAmount(amount decimal.Decimal, code string) error {
	units, err := MinorUnits(code)
	switch {
	case err != nil:
		return err
	case amount.Sign() <= 0:
		return fmt.Errorf("%s is not a positive amount; send one above zero", amount)
	case amount.MinScale() > units:
		return fmt.Errorf("%s has more than the %d decimal places of %s; round it before", amount, units, code)
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
