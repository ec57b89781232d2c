package loan_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// terms reads terms from the inside of a JSON object. They are in USD and begin on 2024-01-01 unless they say otherwise.
func terms(t require.TestingT, text string) loan.Terms {
	made := loan.Terms{Currency: "USD", Start: day("2024-01-01")}
	require.NoError(t, json.Unmarshal([]byte("{"+text+"}"), &made), text)
	return made
}

// sayRows writes installments as prose, such as "2024-02-01: 331.40 + 5.83 = 337.23"; a fee is a third part.
func sayRows(c loan.Computed) (rows []string) {
	for _, i := range c.Installments {
		parts := loan.Write(i.Principal, c.Currency) + " + " + loan.Write(i.Interest, c.Currency)
		if !i.Fee.IsZero() {
			parts += " + " + loan.Write(i.Fee, c.Currency)
		}
		rows = append(rows, i.Due.String()+": "+parts+" = "+loan.Write(i.Total(), c.Currency))
	}
	return rows
}

// The first five are figures that other systems agree on.
func TestInterestIsRightToTheCent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, terms, rows string }{
		{"30/360 in six", `"principal": "100", "rate": "0.094822", "day_count": "30/360", "periods": 6`, `
			2024-02-01: 16.34 + 0.79 = 17.13
			2024-03-01: 16.47 + 0.66 = 17.13
			2024-04-01: 16.60 + 0.53 = 17.13
			2024-05-01: 16.73 + 0.40 = 17.13
			2024-06-01: 16.86 + 0.27 = 17.13
			2024-07-01: 17.00 + 0.13 = 17.13`},
		{"act/365 in six", `"principal": "100", "rate": "0.15678", "day_count": "act/365", "periods": 6`, `
			2024-02-01: 16.10 + 1.33 = 17.43
			2024-03-01: 16.38 + 1.05 = 17.43
			2024-04-01: 16.53 + 0.90 = 17.43
			2024-05-01: 16.77 + 0.66 = 17.43
			2024-06-01: 16.97 + 0.46 = 17.43
			2024-07-01: 17.25 + 0.22 = 17.47`},
		{"30/360 in three", `"principal": "1000", "rate": "0.07", "day_count": "30/360", "periods": 3`, `
			2024-02-01: 331.40 + 5.83 = 337.23
			2024-03-01: 333.33 + 3.90 = 337.23
			2024-04-01: 335.27 + 1.96 = 337.23`},
		{"re-age", `"principal": "750", "periods": 6, "start": "2024-02-20", "first_due": "2024-03-01"`, `
			2024-03-01: 125.00 + 0.00 = 125.00
			2024-04-01: 125.00 + 0.00 = 125.00
			2024-05-01: 125.00 + 0.00 = 125.00
			2024-06-01: 125.00 + 0.00 = 125.00
			2024-07-01: 125.00 + 0.00 = 125.00
			2024-08-01: 125.00 + 0.00 = 125.00`},
		{"re-amortise in multiples, rounded down", `"principal": "375", "periods": 2, "multiple": "1", "rounding": "down"`, `
			2024-02-01: 187.00 + 0.00 = 187.00
			2024-03-01: 188.00 + 0.00 = 188.00`},
		{"in multiples, half-even", `"principal": "375", "periods": 2, "multiple": "1"`, `
			2024-02-01: 188.00 + 0.00 = 188.00
			2024-03-01: 187.00 + 0.00 = 187.00`},
		{"equal principal", `"principal": "1000", "rate": "0.12", "method": "equal_principal", "periods": 3`, `
			2024-02-01: 333.33 + 10.00 = 343.33
			2024-03-01: 333.33 + 6.67 = 340.00
			2024-04-01: 333.34 + 3.33 = 336.67`},
		{"equal principal in multiples", `"principal": "1000", "rate": "0.12", "method": "equal_principal", "periods": 3, "multiple": "5"`, `
			2024-02-01: 335.00 + 10.00 = 345.00
			2024-03-01: 333.35 + 6.65 = 340.00
			2024-04-01: 331.65 + 3.32 = 334.97`},
		{"flat", `"principal": "1000", "rate": "0.10", "method": "flat", "periods": 3`, `
			2024-02-01: 333.33 + 8.33 = 341.66
			2024-03-01: 333.33 + 8.33 = 341.66
			2024-04-01: 333.34 + 8.34 = 341.68`},
		{"bullet", `"principal": "1000", "rate": "0.10", "method": "bullet", "day_count": "act/360", "periods": 3`, `
			2024-02-01: 0.00 + 8.61 = 8.61
			2024-03-01: 0.00 + 8.06 = 8.06
			2024-04-01: 1000.00 + 8.61 = 1008.61`},
		{"all at the end", `"principal": "1000", "rate": "0.10", "method": "bullet", "day_count": "act/360", "periods": 3, "grace_interest": 2`, `
			2024-04-01: 1000.00 + 25.28 = 1025.28`},
		{"grace on principal", `"principal": "1000", "rate": "0.07", "periods": 5, "grace_principal": 2`, `
			2024-02-01: 0.00 + 5.83 = 5.83
			2024-03-01: 0.00 + 5.83 = 5.83
			2024-04-01: 331.40 + 5.83 = 337.23
			2024-05-01: 333.33 + 3.90 = 337.23
			2024-06-01: 335.27 + 1.96 = 337.23`},
		{"grace on interest", `"principal": "1000", "rate": "0.07", "periods": 3, "grace_interest": 1`, `
			2024-02-01: 331.40 + 0.00 = 331.40
			2024-03-01: 333.33 + 9.73 = 343.06
			2024-04-01: 335.27 + 1.96 = 337.23`},
		{"grace on both, so that nothing is due at first", `"principal": "1000", "rate": "0.07", "periods": 5, "grace_principal": 2, "grace_interest": 2`, `
			2024-04-01: 331.40 + 17.49 = 348.89
			2024-05-01: 333.33 + 3.90 = 337.23
			2024-06-01: 335.27 + 1.96 = 337.23`},
		{"free of interest at first", `"principal": "1000", "rate": "0.07", "periods": 3, "interest_free": 2`, `
			2024-02-01: 333.98 + 0.00 = 333.98
			2024-03-01: 333.98 + 0.00 = 333.98
			2024-04-01: 332.04 + 1.94 = 333.98`},
		{"flat and free of interest at first", `"principal": "900", "rate": "0.10", "method": "flat", "periods": 3, "interest_free": 1`, `
			2024-02-01: 300.00 + 0.00 = 300.00
			2024-03-01: 300.00 + 7.50 = 307.50
			2024-04-01: 300.00 + 7.50 = 307.50`},
		{"down payment", `"principal": "1250", "down_payment": "250", "rate": "0.07", "periods": 3`, `
			2024-01-01: 250.00 + 0.00 = 250.00
			2024-02-01: 331.40 + 5.83 = 337.23
			2024-03-01: 333.33 + 3.90 = 337.23
			2024-04-01: 335.27 + 1.96 = 337.23`},
		{"a wallet micro-loan", `"currency": "UGX", "principal": "10000", "fee_rate": "0.3", "periods": 1, "every": "30d"`, `
			2024-01-31: 10000 + 0 + 3000 = 13000`},
		{"a fee that is spread", `"principal": "200", "fee": "10", "fee_due": "spread", "periods": 3, "every": "2w", "down_payment": "50"`, `
			2024-01-01: 50.00 + 0.00 = 50.00
			2024-01-15: 50.00 + 0.00 + 3.33 = 53.33
			2024-01-29: 50.00 + 0.00 + 3.33 = 53.33
			2024-02-12: 50.00 + 0.00 + 3.34 = 53.34`},
		{"a fee waits for the first installment", `"principal": "200", "fee": "10", "periods": 3, "grace_principal": 1, "down_payment": "50"`, `
			2024-01-01: 50.00 + 0.00 = 50.00
			2024-03-01: 75.00 + 0.00 + 10.00 = 85.00
			2024-04-01: 75.00 + 0.00 = 75.00`},
		{"a fee that is withheld", `"principal": "200", "fee": "10", "fee_due": "withheld", "periods": 1`, `
			2024-02-01: 200.00 + 0.00 = 200.00`},
		{"each period bears the same", `"principal": "1000", "rate": "0.07", "day_count": "act/act", "accrual": "per_period", "periods": 3, "first_due": "2024-03-31"`, `
			2024-03-31: 331.40 + 5.83 = 337.23
			2024-04-30: 333.33 + 3.90 = 337.23
			2024-05-31: 335.27 + 1.96 = 337.23`},
		{"the end of the month is kept", `"currency": "JPY", "principal": "3000", "periods": 3, "start": "2024-01-31", "first_due": "2024-02-29"`, `
			2024-02-29: 1000 + 0 = 1000
			2024-03-31: 1000 + 0 = 1000
			2024-04-30: 1000 + 0 = 1000`},
		{"three decimal places", `"currency": "KWD", "principal": "1000", "rate": "0.07", "periods": 3`, `
			2024-02-01: 331.397 + 5.833 = 337.230
			2024-03-01: 333.330 + 3.900 = 337.230
			2024-04-01: 335.273 + 1.956 = 337.229`},
		{"none", `"currency": "JPY", "principal": "100000", "rate": "0.18", "periods": 3`, `
			2024-02-01: 32838 + 1500 = 34338
			2024-03-01: 33331 + 1007 = 34338
			2024-04-01: 33831 + 507 = 34338`},
		{"one period", `"principal": "1000", "rate": "0.07", "periods": 1`, `
			2024-02-01: 1000.00 + 5.83 = 1005.83`},
		{"a first period that bears more than an installment", `"principal": "1000", "rate": "0.24", "day_count": "act/365F", "periods": 4, "first_due": "2026-01-01"`, `
			2026-01-01: 0.00 + 381.08 = 381.08
			2026-02-01: 259.09 + 121.99 = 381.08
			2026-03-01: 367.44 + 13.64 = 381.08
			2026-04-01: 373.47 + 7.61 = 381.08`},
		{"a cent", `"principal": "0.01", "rate": "0.24", "periods": 12`, `
			2024-12-01: 0.01 + 0.00 = 0.01`},
		{"fewer cents than periods", `"principal": "0.05", "rate": "0.24", "periods": 12`, `
			2024-03-01: 0.01 + 0.00 = 0.01
			2024-06-01: 0.01 + 0.00 = 0.01
			2024-08-01: 0.01 + 0.00 = 0.01
			2024-10-01: 0.01 + 0.00 = 0.01
			2024-12-01: 0.01 + 0.00 = 0.01`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := terms(t, c.terms).Schedule()
			require.NoError(t, err)
			require.Equal(t, strings.Fields(c.rows), strings.Fields(strings.Join(sayRows(got), "\n")), strings.Join(sayRows(got), "\n"))
		})
	}
}

func TestAScheduleSaysWhatTheLoanComesTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ terms, want string }{
		{`"principal": "1000", "rate": "0.07", "periods": 3`, "each 337.23: 1000.00 + 11.69 + 0.00 = 1011.69; 1000.00 paid out, 0.00 withheld"},
		{`"principal": "100", "rate": "0.15678", "day_count": "act/365", "periods": 6, "fee": "1"`, "each 17.43: 100.00 + 4.62 + 1.00 = 105.62; 100.00 paid out, 0.00 withheld"},
		{`"principal": "1000", "periods": 4, "fee_rate": "0.025", "fee_due": "withheld"`, "each 250.00: 1000.00 + 0.00 + 0.00 = 1000.00; 975.00 paid out, 25.00 withheld"},
		{`"principal": "1000", "rate": "0.12", "method": "equal_principal", "periods": 3`, "each 0.00: 1000.00 + 20.00 + 0.00 = 1020.00; 1000.00 paid out, 0.00 withheld"},
		{`"principal": "1250", "down_payment": "250", "rate": "0.07", "periods": 5, "grace_principal": 2`, "each 337.23: 1250.00 + 23.35 + 0.00 = 1273.35; 1250.00 paid out, 0.00 withheld"},
		{`"principal": "1000", "rate": "0.07", "periods": 1`, "each 1005.83: 1000.00 + 5.83 + 0.00 = 1005.83; 1000.00 paid out, 0.00 withheld"},
	} {
		got, err := terms(t, c.terms).Schedule()
		require.NoError(t, err)
		require.Equal(t, c.want, fmt.Sprintf("each %s: %s + %s + %s = %s; %s paid out, %s withheld",
			got.Level, got.Principal, got.Interest, got.Fee, got.Total, got.PaidOut, got.Withheld), c.terms)
	}
}

func TestASchedulesJSONHasAmountsAsText(t *testing.T) {
	t.Parallel()
	c, err := terms(t, `"principal": "1000", "rate": "0.07", "periods": 1, "fee": "2.5"`).Schedule()
	require.NoError(t, err)
	written, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, `{"currency":"USD","installments":[{"due":"2024-02-01","principal":"1000.00","interest":"5.83","fee":"2.50","total":"1008.33"}],`+
		`"installment":"1005.83","principal":"1000.00","interest":"5.83","fee":"2.50","total":"1008.33","withheld":"0.00","paid_out":"1000.00"}`, string(written))
}

// With 360 periods and twelve digits nothing overflows, and what would is an error.
func TestLongAndLargeLoansAreExactOrRefused(t *testing.T) {
	t.Parallel()
	c, err := terms(t, `"principal": "100000000000", "rate": "0.0725", "periods": 360, "accrual": "per_period"`).Schedule()
	require.NoError(t, err)
	// 10^11 · r / (1 − (1+r)^−360) with r = 0.0725/12, to sixty places: 682176280.0562.
	require.Equal(t, "682176280.06", c.Level.String())
	require.Equal(t, "100000000000.00", c.Principal.String())
	require.Len(t, c.Installments, 360)

	_, err = terms(t, `"principal": "1000000000000", "rate": "0.0725", "periods": 360`).Schedule()
	require.ErrorContains(t, err, "principal: with it the whole interest goes beyond 1000000000000, the largest amount that Tender takes")
	_, err = terms(t, `"principal": "100000000000", "rate": "100", "method": "bullet", "every": "100mo", "periods": 50`).Schedule()
	require.ErrorContains(t, err, "goes beyond 1000000000000")
	_, err = terms(t, `"currency": "CLF", "principal": "1000000000000", "periods": 3`).Schedule()
	require.NoError(t, err, "the largest amount with the most decimal places")
}

// Rounding an installment to the cent is nothing in twelve months, but in thirty dear years interest makes a multiple of the
// loan of it.
func TestTheLastInstallmentTakesNoMoreThanARest(t *testing.T) {
	t.Parallel()
	for _, principal := range []string{"100", "101"} {
		c, err := terms(t, `"principal": "`+principal+`", "rate": "0.3", "periods": 360`).Schedule()
		require.NoError(t, err)
		require.Len(t, c.Installments, 360)
		require.True(t, c.Level.IsZero(), "they differ by a cent")
		first, last := c.Installments[0].Total(), c.Installments[359].Total()
		difference, err := first.SubAbs(last)
		require.NoError(t, err)
		require.LessOrEqual(t, difference.Cmp(money("0.02")), 0, "%s at first, %s at last", first, last)
	}
}

// oracle counts time as the standard library does, and money in fractions that are never rounded.
type oracle struct {
	rates []*big.Rat
	debt  *big.Rat
}

func newOracle(t loan.Terms) oracle {
	o := oracle{debt: rat(t.Principal)}
	o.debt.Sub(o.debt, rat(t.DownPayment))
	if t.Every.IsZero() {
		t.Every = loan.Every{Count: 1, Unit: loan.Months}
	}
	utc := func(d bizclock.Date) time.Time { return d.In(time.UTC) }
	from := t.Start
	for n := range t.Periods {
		to := t.Every.After(t.Start, n+1)
		if !t.FirstDue.IsZero() && t.FirstDue != t.Every.After(t.Start, 1) {
			to = t.Every.After(t.FirstDue, n)
		}
		years := new(big.Rat)
		switch {
		case n < t.InterestFree:
		case t.Accrual == loan.PerPeriod:
			years.SetFrac64(int64(t.Every.Count), map[loan.Unit]int64{loan.Months: 12, loan.Weeks: 52, loan.Days: 365}[t.Every.Unit])
		case t.DayCount == loan.Act365F:
			years.SetFrac64(int64(utc(to).Sub(utc(from)).Hours())/24, 365)
		case t.DayCount == loan.Act360:
			years.SetFrac64(int64(utc(to).Sub(utc(from)).Hours())/24, 360)
		case t.DayCount == loan.ActAct:
			for date := utc(from); date.Before(utc(to)); date = date.AddDate(0, 0, 1) {
				length := time.Date(date.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
				years.Add(years, big.NewRat(1, int64(length)))
			}
		default: // whether 30/360 counts right is daycount_test's matter
			years = t.DayCount.Years(from, to)
		}
		o.rates = append(o.rates, years.Mul(years, rat(t.Rate)))
		from = to
	}
	return o
}

func rat(d decimal.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic(d.String())
	}
	return r
}

// left returns what is owed at the end when equal installments are paid after the periods of grace.
func (o oracle) left(installment *big.Rat, grace int) *big.Rat {
	owed := new(big.Rat).Set(o.debt)
	for n, rate := range o.rates {
		interest := new(big.Rat).Mul(owed, rate)
		if n >= grace {
			owed.Add(owed, interest).Sub(owed, installment)
		}
	}
	return owed
}

// TestLevelInstallmentsAndInterestAgreeWithACountInFractions uses no formula: half a cent less would leave something owed at
// the end, half a cent more would pay too much; and each part of interest is what its period bears.
func TestLevelInstallmentsAndInterestAgreeWithACountInFractions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"principal": "100", "rate": "0.15678", "day_count": "act/365F", "periods": 6`,
		`"principal": "25000", "rate": "0.0899", "day_count": "act/act", "periods": 60, "start": "2023-10-31"`,
		`"principal": "25000", "rate": "0.0899", "day_count": "act/360", "periods": 26, "every": "2w", "first_due": "2024-02-20"`,
		`"principal": "310", "rate": "3.65", "day_count": "act/365F", "periods": 13, "every": "1w"`,
		`"principal": "5000", "rate": "0.199", "day_count": "30E/360", "periods": 24, "start": "2024-01-31", "grace_principal": 3`,
		`"principal": "5000", "rate": "0.199", "day_count": "30/360", "periods": 24, "start": "2024-01-31", "interest_free": 3`,
		`"currency": "KWD", "principal": "5000", "rate": "0.0612345", "accrual": "per_period", "periods": 36`,
	} {
		made := terms(t, text)
		c, err := made.Schedule()
		require.NoError(t, err)
		require.True(t, c.Level.IsPos(), text)
		o, places := newOracle(made), 2
		if made.Currency == "KWD" {
			places = 3
		}
		half := rat(decimal.MustNew(5, places+1))
		require.GreaterOrEqual(t, o.left(new(big.Rat).Sub(rat(c.Level), half), made.GracePrincipal).Sign(), 0, text)
		require.LessOrEqual(t, o.left(new(big.Rat).Add(rat(c.Level), half), made.GracePrincipal).Sign(), 0, text)
		owed := o.debt
		for n, i := range c.Installments {
			off := new(big.Rat).Mul(owed, o.rates[n])
			off.Sub(off, rat(i.Interest)).Abs(off)
			require.LessOrEqual(t, off.Cmp(half), 0, "%s: interest of period %d", text, n)
			if n < len(c.Installments)-1 && n >= made.GracePrincipal {
				require.Zero(t, i.Total().Cmp(c.Level), "%s: installment %d", text, n)
			}
			owed = new(big.Rat).Sub(owed, rat(i.Principal))
		}
		require.Zero(t, owed.Sign())
	}
}

// drawTerms draws terms that Validate lets pass, the odd ones as likely as the usual.
func drawTerms(t *rapid.T) loan.Terms {
	made := loan.Terms{
		Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD", "CLF"}).Draw(t, "currency"),
		Rate:     drawRate(t, "rate"),
		Method:   rapid.SampledFrom(loan.Methods).Draw(t, "method"),
		DayCount: rapid.SampledFrom(loan.DayCounts).Draw(t, "day count"),
		Accrual:  rapid.SampledFrom(loan.Accruals).Draw(t, "accrual"),
		Periods:  rapid.IntRange(1, 40).Draw(t, "periods"),
		Start:    bizclock.NewDate(2023, 1, 1).AddDays(rapid.IntRange(0, 1500).Draw(t, "start")),
		FeeDue:   rapid.SampledFrom(loan.FeeDues).Draw(t, "fee due"),
		Rounding: rapid.SampledFrom(loan.Roundings).Draw(t, "rounding"),
	}
	every, err := loan.ParseEvery(rapid.SampledFrom([]string{"1mo", "1w", "2w", "1d", "30d", "3mo"}).Draw(t, "every"))
	require.NoError(t, err)
	made.Every = every
	places, err := loan.MinorUnits(made.Currency)
	require.NoError(t, err)
	units := rapid.Int64Range(1, 9).Draw(t, "first digit")
	for range rapid.IntRange(0, 11+places).Draw(t, "more digits") {
		units = units*10 + rapid.Int64Range(0, 9).Draw(t, "digit")
	}
	made.Principal = decimal.MustNew(units, places)
	part := func(name string, most int64) decimal.Decimal {
		return decimal.MustNew(rapid.Int64Range(0, most).Draw(t, name), places)
	}
	if rapid.Bool().Draw(t, "with down payment") {
		made.DownPayment = part("down payment", units-1)
	}
	if rapid.Bool().Draw(t, "with fee") {
		made.Fee = part("fee", units-1)
	}
	if rapid.Bool().Draw(t, "in multiples") {
		made.Multiple = part("multiple", min(units, 100_000))
	}
	if rapid.Bool().Draw(t, "with another first period") {
		made.FirstDue = made.Start.AddDays(rapid.IntRange(1, 800).Draw(t, "first period"))
	}
	if rapid.Bool().Draw(t, "with grace") {
		made.GracePrincipal = rapid.IntRange(0, made.Periods-1).Draw(t, "grace on principal")
		made.GraceInterest = rapid.IntRange(0, made.Periods-1).Draw(t, "grace on interest")
		made.InterestFree = rapid.IntRange(0, made.Periods).Draw(t, "free of interest")
	}
	return made
}

func drawRate(t *rapid.T, name string) decimal.Decimal {
	most := rapid.SampledFrom([]int64{0, 100_000, 2_000_000, 100_000_000}).Draw(t, "up to")
	return decimal.MustNew(rapid.Int64Range(0, most).Draw(t, name), 6)
}

// compute computes a schedule; without one when it leads beyond the amounts that there are.
func compute(t *rapid.T, made loan.Terms) (loan.Computed, bool) {
	c, err := made.Schedule()
	if err != nil && strings.Contains(err.Error(), "goes beyond") {
		return c, false
	}
	require.NoError(t, err)
	return c, true
}

func TestASchedulesPartsAddUpAndNoneIsNegative(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made := drawTerms(t)
		c, ok := compute(t, made)
		if !ok {
			return
		}
		require.NoError(t, loan.Contract{Currency: c.Currency, Principal: made.Principal, Schedule: c.Installments}.Validate())
		interest, fee, total := new(big.Rat), rat(c.Withheld), new(big.Rat)
		for _, i := range c.Installments {
			interest.Add(interest, rat(i.Interest))
			fee.Add(fee, rat(i.Fee))
			total.Add(total, rat(i.Total()))
		}
		require.Zero(t, interest.Cmp(rat(c.Interest)))
		require.Zero(t, fee.Cmp(rat(made.Fee)), "the fee is charged once")
		require.Zero(t, total.Cmp(rat(c.Total)))
		require.Zero(t, new(big.Rat).Add(rat(c.PaidOut), rat(c.Withheld)).Cmp(rat(made.Principal)))
		last := c.Installments[len(c.Installments)-1].Due
		require.False(t, last.After(dueLast(made)))
	})
}

func dueLast(t loan.Terms) bizclock.Date {
	if t.FirstDue.IsZero() || t.FirstDue == t.Every.After(t.Start, 1) {
		return t.Every.After(t.Start, t.Periods)
	}
	return t.Every.After(t.FirstDue, t.Periods-1)
}

func TestInterestNeverFallsWhenTheRateRises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := drawTerms(t)
		high := low
		high.Rate = drawRate(t, "higher rate")
		if high.Rate.Less(low.Rate) {
			low.Rate, high.Rate = high.Rate, low.Rate
		}
		less, err := low.ExactInterest()
		require.NoError(t, err)
		more, err := high.ExactInterest()
		require.NoError(t, err)
		require.GreaterOrEqual(t, more.Cmp(less), 0, "%s at %s, but %s at %s", less.FloatString(6), low.Rate, more.FloatString(6), high.Rate)
	})
}

// How far interest may lie from what it is without rounding: half a minor unit a period; and what an installment was rounded
// by, or interest before it, stays owed and bears interest until the last installment takes it.
func TestRoundingMovesInterestNoFurtherThanItMay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made := drawTerms(t)
		c, ok := compute(t, made)
		if !ok {
			return
		}
		exact, err := made.ExactInterest()
		require.NoError(t, err)
		places, err := loan.MinorUnits(made.Currency)
		require.NoError(t, err)
		half := rat(decimal.MustNew(5, places+1))
		step := new(big.Rat).Add(half, half)
		if made.Multiple.IsPos() {
			step = rat(made.Multiple)
		}
		if made.Rounding == loan.HalfEven {
			step = new(big.Rat).Quo(step, big.NewRat(2, 1))
		}
		apart, most := new(big.Rat), new(big.Rat)
		for _, rate := range newOracle(made).rates {
			moved := new(big.Rat).Mul(apart, rate)
			most.Add(most, moved).Add(most, half)
			if made.Method == loan.Annuity {
				apart.Add(apart, moved).Add(apart, half)
			}
			if made.Method == loan.Annuity || made.Method == loan.EqualPrincipal {
				apart.Add(apart, step)
			}
		}
		off := new(big.Rat).Sub(rat(c.Interest), exact)
		require.LessOrEqual(t, off.Abs(off).Cmp(most), 0, "%s, but %s without rounding", c.Interest, exact.FloatString(6))
	})
}

// BenchmarkAScheduleOfThirtyYears computes 360 installments.
func BenchmarkAScheduleOfThirtyYears(b *testing.B) {
	made := terms(b, `"principal": "250000", "rate": "0.0725", "day_count": "act/365F", "periods": 360`)
	for b.Loop() {
		if _, err := made.Schedule(); err != nil {
			b.Fatal(err)
		}
	}
}

func TestALevelPaymentIsExactAlsoWhereItLiesHalfwayBetweenTwoCents(t *testing.T) {
	t.Parallel()
	half := big.NewRat(1, 24) // a month at 50 %
	require.Equal(t, int64(2861562), loan.LevelPayment(5384316, []*big.Rat{half, half}), "28615.625 is rounded to the even cent")
	require.Equal(t, int64(34), loan.LevelPayment(100, []*big.Rat{new(big.Rat), new(big.Rat), new(big.Rat)})+1, "without interest it is a part")
	require.Equal(t, int64(33723), loan.LevelPayment(100000, []*big.Rat{big.NewRat(7, 1200), big.NewRat(7, 1200), big.NewRat(7, 1200)}))
}

func TestATieIsRoundedToTheEvenMultipleEitherWay(t *testing.T) {
	t.Parallel()
	for principal, first := range map[string]string{"373": "186", "375": "188"} { // 186.5 and 187.5
		terms := loan.Terms{Currency: "USD", Principal: money(principal), Periods: 2, Start: day("2026-01-31"), Multiple: money("1"), Method: loan.EqualPrincipal}
		computed, err := terms.Schedule()
		require.NoError(t, err)
		require.Equal(t, first, computed.Installments[0].Principal.Trim(0).String())
	}
}
