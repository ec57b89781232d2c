package loan

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictjson"
)

// Terms are what a lender and a borrower agreed on, from which [Terms.Schedule] computes what is due when. A lending
// system that sends a schedule needs none.
//
// Words left out have the defaults that their comments name. [Terms.UnmarshalJSON] refuses what it does not know.
type Terms struct {
	// Currency is an ISO 4217 code, such as USD; all amounts are in it, with at most its minor units.
	Currency string `json:"currency"`
	// Principal is the amount that is lent.
	Principal decimal.Decimal `json:"principal"`
	// Rate is the interest of a year as a fraction, from 0 to 100: 0.07 is 7 %.
	Rate decimal.Decimal `json:"rate,omitzero"`
	// Method says how principal and interest are laid out. Default: annuity.
	Method Method `json:"method,omitempty"`
	// DayCount says which part of a year a period is, where interest accrues by the day. Default: 30/360.
	DayCount DayCount `json:"day_count,omitempty"`
	// Accrual says whether interest accrues by the day or by the period. Default: per_day.
	Accrual Accrual `json:"accrual,omitempty"`

	// Periods is how many there are, each with an installment at its end: 1 to 11,000.
	Periods int `json:"periods"`
	// Every is how long a period is. Default: 1mo.
	Every Every `json:"every,omitzero"`
	// Start is the date of disbursement, from which interest accrues.
	Start bizclock.Date `json:"start"`
	// FirstDue makes the first period longer or shorter than the others, which follow on it. Default: one period after Start.
	FirstDue bizclock.Date `json:"first_due,omitzero"`

	// GracePrincipal is for how many periods, the first ones, interest alone is due. They count among Periods.
	GracePrincipal int `json:"grace_principal,omitempty"`
	// GraceInterest is for how many periods, the first ones, interest accrues without being due: it is due with the first
	// installment after them, and bears no interest until then.
	GraceInterest int `json:"grace_interest,omitempty"`
	// InterestFree is in how many periods, the first ones, no interest accrues.
	InterestFree int `json:"interest_free,omitempty"`

	// DownPayment is a part of the principal that is due on Start, as an installment of its own.
	DownPayment decimal.Decimal `json:"down_payment,omitzero"`
	// Fee is one fee for the whole loan, as wallet micro-loans have it; FeeRate gives it as a fraction of the principal,
	// from 0 to 100, instead.
	Fee     decimal.Decimal `json:"fee,omitzero"`
	FeeRate decimal.Decimal `json:"fee_rate,omitzero"`
	// FeeDue says when the fee is due. Default: first.
	FeeDue FeeDue `json:"fee_due,omitempty"`

	// Multiple makes installments multiples of it, such as 10 or 0.05, but for those of which interest alone is due and for
	// the last one, which takes the rest; fees come on top. Default: one minor unit.
	Multiple decimal.Decimal `json:"multiple,omitzero"`
	// Rounding says to which multiple. Interest is always rounded half-even. Default: half_even.
	Rounding Rounding `json:"rounding,omitempty"`
}

// Method says how principal and interest are laid out over the installments.
type Method string

// The methods.
const (
	// Annuity has equal installments: interest on what is owed, and the rest is principal.
	Annuity Method = "annuity"
	// EqualPrincipal has equal parts of principal, and interest on what is owed.
	EqualPrincipal Method = "equal_principal"
	// FlatInterest has equal parts of principal and equal parts of interest, which is that of the whole principal for the
	// whole time: P·R·T.
	FlatInterest Method = "flat"
	// Bullet has interest alone until the last installment, which repays the principal. With interest in grace until then
	// all is due at the end.
	Bullet Method = "bullet"
)

// Methods are all methods.
var Methods = []Method{Annuity, EqualPrincipal, FlatInterest, Bullet}

// UnmarshalText refuses what is no method.
func (m *Method) UnmarshalText(text []byte) (err error) {
	*m, err = closed.Parse("method", Methods, string(text))
	return err
}

// Accrual says how much interest a period bears.
type Accrual string

// The accruals.
const (
	// PerDay lets a period bear the part of the yearly rate that the day count gives for its dates.
	PerDay Accrual = "per_day"
	// PerPeriod lets each period bear the same, whatever its dates: 1/12 of the yearly rate for a month, 1/52 for a week,
	// 1/365 for a day.
	PerPeriod Accrual = "per_period"
)

// Accruals are both accruals.
var Accruals = []Accrual{PerDay, PerPeriod}

// UnmarshalText refuses what is no accrual.
func (a *Accrual) UnmarshalText(text []byte) (err error) {
	*a, err = closed.Parse("accrual", Accruals, string(text))
	return err
}

// FeeDue says when a loan's one fee is due.
type FeeDue string

// When a fee is due.
const (
	// FeeFirst adds it to the first installment after the disbursement on which anything is due.
	FeeFirst FeeDue = "first"
	// FeeSpread divides it evenly among the installments, but for a down payment; the last takes the rest.
	FeeSpread FeeDue = "spread"
	// FeeWithheld takes it from what is paid out, so that it stands in no installment.
	FeeWithheld FeeDue = "withheld"
)

// FeeDues are all the times at which a fee may be due.
var FeeDues = []FeeDue{FeeFirst, FeeSpread, FeeWithheld}

// UnmarshalText refuses a word that is none of them.
func (f *FeeDue) UnmarshalText(text []byte) (err error) {
	*f, err = closed.Parse("time for a fee", FeeDues, string(text))
	return err
}

// Rounding says how an amount becomes a multiple.
type Rounding string

// The roundings.
const (
	// HalfEven takes the nearest multiple, and of two that are equally near the even one.
	HalfEven Rounding = "half_even"
	// RoundDown takes the multiple below.
	RoundDown Rounding = "down"
)

// Roundings are both roundings.
var Roundings = []Rounding{HalfEven, RoundDown}

// UnmarshalText refuses what is no rounding.
func (r *Rounding) UnmarshalText(text []byte) (err error) {
	*r, err = closed.Parse("rounding", Roundings, string(text))
	return err
}

// withDefaults returns the terms with no word left out.
func (t Terms) withDefaults() Terms {
	t.Method, t.DayCount, t.Accrual = cmp.Or(t.Method, Annuity), cmp.Or(t.DayCount, Thirty360), cmp.Or(t.Accrual, PerDay)
	t.FeeDue, t.Rounding = cmp.Or(t.FeeDue, FeeFirst), cmp.Or(t.Rounding, HalfEven)
	t.Every = cmp.Or(t.Every, Every{1, Months})
	return t
}

// mostRate is the highest rate, of interest for a year or of a fee: 10,000 %.
var mostRate = decimal.MustParse("100")

// Validate refuses terms that no loan can have. Its errors start with the field, such as first_due.
func (t Terms) Validate() error {
	t = t.withDefaults()
	for _, check := range []func() error{t.checkWords, t.checkMoney, t.checkTime, t.checkFee} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (t Terms) checkWords() error {
	_, every := ParseEvery(t.Every.String())
	for _, word := range []struct {
		field string
		err   error
	}{
		{"method", known("method", Methods, t.Method)},
		{"day_count", known("day count", DayCounts, t.DayCount)},
		{"accrual", known("accrual", Accruals, t.Accrual)},
		{"every", every},
		{"fee_due", known("time for a fee", FeeDues, t.FeeDue)},
		{"rounding", known("rounding", Roundings, t.Rounding)},
	} {
		if word.err != nil {
			return fmt.Errorf("%s: %w", word.field, word.err)
		}
	}
	return nil
}

func known[T ~string](set string, all []T, word T) error {
	_, err := closed.Parse(set, all, string(word))
	return err
}

func (t Terms) checkMoney() error {
	if _, err := MinorUnits(t.Currency); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if t.Principal.IsZero() {
		return errors.New("principal: is missing; give the amount that is lent, such as 1000.00")
	}
	for _, amount := range []struct {
		field  string
		amount decimal.Decimal
	}{{"principal", t.Principal}, {"down_payment", t.DownPayment}, {"fee", t.Fee}, {"multiple", t.Multiple}} {
		if amount.amount.IsZero() {
			continue
		}
		if err := CheckAmount(amount.amount, t.Currency); err != nil {
			return fmt.Errorf("%s: %w", amount.field, err)
		}
	}
	if t.DownPayment.Cmp(t.Principal) >= 0 {
		return fmt.Errorf("down_payment: %s leaves nothing of the principal, %s, to be repaid later; give less", t.DownPayment, t.Principal)
	}
	return checkRate("rate", t.Rate)
}

// checkRate refuses what is no rate as a fraction. Whoever writes 700 means 7.00 percent.
func checkRate(field string, rate decimal.Decimal) error {
	switch {
	case rate.IsNeg():
		return fmt.Errorf("%s: %s is below zero; give 0 or more", field, rate)
	case rate.Cmp(mostRate) > 0:
		return fmt.Errorf("%s: %s is beyond %s, which is 10,000 %%; write 7 %% as 0.07", field, rate, mostRate)
	}
	return nil
}

func (t Terms) checkTime() error {
	switch {
	case t.Periods < 1 || t.Periods > longest:
		return fmt.Errorf("periods: is %d; give how many installments there are, from 1 to %d", t.Periods, longest)
	case t.Start.IsZero():
		return errors.New("start: is missing; give the date of disbursement, such as 2026-01-31")
	case !t.FirstDue.IsZero() && !t.FirstDue.After(t.Start):
		return fmt.Errorf("first_due: %s does not lie after the start, %s; give a later date", t.FirstDue, t.Start)
	case !t.due(t.Periods).Before(bizclock.NewDate(9990, 1, 1)):
		return fmt.Errorf("periods: %d of %s each end after the year 9989; give fewer or shorter ones", t.Periods, t.Every)
	}
	for _, grace := range []struct {
		field         string
		periods, most int
	}{
		{"grace_principal", t.GracePrincipal, t.Periods - 1},
		{"grace_interest", t.GraceInterest, t.Periods - 1},
		{"interest_free", t.InterestFree, t.Periods},
	} {
		if grace.periods < 0 || grace.periods > grace.most {
			return fmt.Errorf("%s: is %d; of %d periods it may be 0 to %d", grace.field, grace.periods, t.Periods, grace.most)
		}
	}
	return nil
}

func (t Terms) checkFee() error {
	if err := checkRate("fee_rate", t.FeeRate); err != nil {
		return err
	}
	if !t.Fee.IsZero() && !t.FeeRate.IsZero() {
		return errors.New("fee_rate: there is a fee as well; give one of the two")
	}
	if t.FeeDue == FeeWithheld && t.fee().Cmp(minor(t.Principal, t.Currency)) >= 0 {
		return errors.New("fee_due: withheld leaves nothing of the principal to be paid out; give a smaller fee, or have it due first")
	}
	return nil
}

// due returns the end of the n-th period, which is the due date of its installment; of period 0 it is the start.
func (t Terms) due(n int) bizclock.Date {
	switch {
	case n == 0:
		return t.Start
	case t.FirstDue.IsZero() || t.FirstDue == t.Every.After(t.Start, 1):
		return t.Every.After(t.Start, n)
	default:
		return t.Every.After(t.FirstDue, n-1)
	}
}

// UnmarshalJSON reads terms, and refuses fields that they do not have and values that are of the wrong kind. Its errors
// start with the field. It does not call Validate.
func (t *Terms) UnmarshalJSON(text []byte) error {
	type plain Terms
	return strictjson.Decode(text, (*plain)(t))
}
