package hardship

import (
	"errors"
	"fmt"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/strictjson"
)

// Case is what is known of a loan and of its borrower's trouble on one date. It bears no personal data: the borrower's
// means are amounts, the cause is a word.
type Case struct {
	// AsOf is the date on which offers are made.
	AsOf bizclock.Date `json:"as_of"`
	// Loan is the contract, as far as it is known.
	Loan Loan `json:"loan,omitzero"`
	// Ledger is the loan's money.
	Ledger loan.Ledger `json:"ledger"`
	// Income and EssentialCosts are those of a month. Without both nobody can say what the borrower can afford.
	Income         *loan.Money `json:"income,omitempty"`
	EssentialCosts *loan.Money `json:"essential_costs,omitempty"`
	// Cause is why the borrower cannot pay, ExpectedMonths for how long, at most 600; both are empty when nobody asked.
	Cause          Cause `json:"cause,omitempty"`
	ExpectedMonths int   `json:"expected_months,omitempty"`
	// PayFrom is the first day on which the borrower can pay again. Default: the loan's first due date that is at least a
	// week ahead.
	PayFrom bizclock.Date `json:"pay_from,omitzero"`
	// Borrower is what else products ask about.
	Borrower Borrower `json:"borrower,omitzero"`
	// EarlierPlans are the plans that this loan had before.
	EarlierPlans []EarlierPlan `json:"earlier_plans,omitempty"`
	// Limits are those that rules set to plans, beside the products' own.
	Limits []Limit `json:"limits,omitempty"`
}

// Loan is what a contract says beyond its schedule.
type Loan struct {
	ID string `json:"id,omitempty"`
	// DisbursedOn is when the loan began: its age counts from there.
	DisbursedOn bizclock.Date `json:"disbursed_on,omitzero"`
	// Principal is the amount disbursed.
	Principal decimal.Decimal `json:"principal,omitzero"`
	// Rate is the interest per year, as a fraction: 0.07 is 7 %. Without one no interest is added, and what the schedule
	// has of it stays as it is.
	Rate decimal.Decimal `json:"rate,omitzero"`
	// DayCount says which part of a year lies between two dates. Interest of a plan always accrues by the day: for a loan
	// whose months all bear the same, 30/360 does that. Default: 30/360.
	DayCount loan.DayCount `json:"day_count,omitempty"`
	// Method is how interest was worked out. Flat interest is a price for the whole time: no plan works it out anew.
	// Default: annuity.
	Method loan.Method `json:"method,omitempty"`
	// Every is how often the loan is paid, such as 1mo, 2w or 10d. Default: 1mo.
	Every loan.Every `json:"every,omitzero"`
	// WrittenOff says that the lender wrote the loan off; so does a write-off in the ledger.
	WrittenOff bool `json:"written_off,omitempty"`
}

// Borrower is what products may ask about a person.
type Borrower struct {
	Vulnerable   bool   `json:"vulnerable,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
}

// EarlierPlan is a plan that a loan had before. Offers that were never accepted are none.
type EarlierPlan struct {
	Product    string        `json:"product"`
	Kind       Kind          `json:"kind"`
	AcceptedOn bizclock.Date `json:"accepted_on"`
	EndedOn    bizclock.Date `json:"ended_on,omitzero"`
	// Outcome is active, completed, broken or cancelled.
	Outcome State `json:"outcome"`
}

// outcomes are the states that an earlier plan can be in.
var outcomes = []State{Active, Completed, Broken, Cancelled}

// DecodeCase reads a case from JSON. What it does not know it refuses; errors start with the field.
func DecodeCase(text []byte) (Case, error) {
	var c Case
	if err := strictjson.Decode(text, &c); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, err
	}
	if err := c.Ledger.CheckWhole(); err != nil {
		return c, fmt.Errorf("ledger.%w", err)
	}
	return c, nil
}

// Validate refuses a case that no loan or borrower can have. Its errors start with the field.
func (c Case) Validate() error {
	switch {
	case c.AsOf.IsZero():
		return errors.New("as_of: is missing; send the date on which offers are made")
	case c.AsOf.Before(bizclock.NewDate(1900, 1, 1)) || c.AsOf.After(bizclock.NewDate(2999, 12, 31)):
		return fmt.Errorf("as_of: %s must lie between 1900 and 2999", c.AsOf)
	case c.ExpectedMonths < 0 || c.ExpectedMonths > 600:
		return fmt.Errorf("expected_months: %d must lie between 0 and 600; 0 means that nobody knows", c.ExpectedMonths)
	case c.Cause != "" && !slices.Contains(Causes, c.Cause):
		return fmt.Errorf("cause: %w", known("cause", Causes, c.Cause))
	case !c.PayFrom.IsZero() && (!c.PayFrom.After(c.AsOf) || c.PayFrom.After(c.AsOf.AddDays(366))):
		return fmt.Errorf("pay_from: %s must lie after as_of, %s, and within a year of it", c.PayFrom, c.AsOf)
	}
	if err := c.Ledger.Validate(); err != nil {
		return fmt.Errorf("ledger.%w", err)
	}
	if err := c.checkSize(); err != nil {
		return err
	}
	if err := c.Loan.validate(c.Ledger.Currency, c.AsOf); err != nil {
		return fmt.Errorf("loan.%w", err)
	}
	for _, means := range []struct {
		name  string
		money *loan.Money
	}{{"income", c.Income}, {"essential_costs", c.EssentialCosts}} {
		switch {
		case means.money == nil:
		case means.money.Currency != c.Ledger.Currency:
			return fmt.Errorf("%s.currency: %q is not the loan's, %s; convert the amount before", means.name, means.money.Currency, c.Ledger.Currency)
		default:
			if err := means.money.Validate(); err != nil {
				return fmt.Errorf("%s.%w", means.name, err)
			}
		}
	}
	if (c.Income == nil) != (c.EssentialCosts == nil) {
		return errors.New("income: and essential_costs belong together; send both, or none")
	}
	for n, l := range c.Limits {
		if err := l.Validate(); err != nil {
			return fmt.Errorf("limits[%d].%w", n, err)
		}
	}
	return c.checkEarlierPlans()
}

// aCentury is more than any loan takes, in days.
const aCentury = 36_525

// checkSize bounds the whole loan, in money and in time, so that no sum over it leaves the numbers that hold it, also not
// with the interest of a century.
func (c Case) checkSize() error {
	units, err := loan.MinorUnits(c.Ledger.Currency)
	if err != nil {
		return fmt.Errorf("ledger.currency: %w", err)
	}
	most := decimal.MustNew(1_000_000_000_000_000, max(units, 3))
	total := decimal.Zero
	for _, i := range c.Ledger.Installments {
		total = plus(total, i.Total())
	}
	for _, t := range c.Ledger.Transactions {
		total = plus(total, t.Amount)
	}
	if total.Cmp(most) > 0 {
		return fmt.Errorf("ledger: its amounts add up to %s; plans are worked out for %s at most", total, most.Trim(0))
	}
	for n, i := range c.Ledger.Installments {
		if days := i.Due.Sub(c.AsOf); days > aCentury || days < -aCentury {
			return fmt.Errorf("ledger.installments[%d].due: %s lies more than 100 years from as_of, %s", n, i.Due, c.AsOf)
		}
	}
	return nil
}

func (l Loan) validate(currency string, asOf bizclock.Date) error {
	switch {
	case !l.Principal.IsZero() && loan.CheckAmount(l.Principal, currency) != nil:
		return fmt.Errorf("principal: %w", loan.CheckAmount(l.Principal, currency))
	case l.Rate.IsNeg() || l.Rate.Cmp(whole(10)) > 0 || l.Rate.MinScale() > 10:
		return fmt.Errorf("rate: %s is no rate; write 7 %% per year as 0.07, at most 10, with at most 10 decimal places", l.Rate)
	case !l.DisbursedOn.IsZero() && asOf.Sub(l.DisbursedOn) > aCentury:
		return fmt.Errorf("disbursed_on: %s lies more than 100 years before as_of, %s", l.DisbursedOn, asOf)
	case l.DisbursedOn.After(asOf):
		return fmt.Errorf("disbursed_on: %s lies after as_of, %s", l.DisbursedOn, asOf)
	}
	if l.Every.IsZero() {
		return nil
	}
	if _, err := loan.ParseEvery(l.Every.String()); err != nil {
		return fmt.Errorf("every: %w", err)
	}
	if l.Every.After(asOf, 1).Sub(asOf) > 366 {
		return fmt.Errorf("every: %s is more than a year; leave it out where a loan is paid at once", l.Every)
	}
	return nil
}

func (c Case) checkEarlierPlans() error {
	for n, p := range c.EarlierPlans {
		field := func(name string) string { return fmt.Sprintf("earlier_plans[%d].%s", n, name) }
		switch {
		case !name.MatchString(p.Product):
			return fmt.Errorf("%s: %q is no name of a product", field("product"), p.Product)
		case !slices.Contains(Kinds, p.Kind):
			return fmt.Errorf("%s: %w", field("kind"), known("kind of plan", Kinds, p.Kind))
		case p.AcceptedOn.IsZero():
			return fmt.Errorf("%s: is missing; send the date on which the borrower accepted", field("accepted_on"))
		case p.AcceptedOn.After(c.AsOf):
			return fmt.Errorf("%s: %s lies after as_of, %s", field("accepted_on"), p.AcceptedOn, c.AsOf)
		case !slices.Contains(outcomes, p.Outcome):
			return fmt.Errorf("%s: %w", field("outcome"), known("outcome", outcomes, p.Outcome))
		case p.Outcome == Active && !p.EndedOn.IsZero():
			return fmt.Errorf("%s: a plan that is active has not ended; leave it out", field("ended_on"))
		case !p.EndedOn.IsZero() && p.EndedOn.Before(p.AcceptedOn):
			return fmt.Errorf("%s: %s lies before accepted_on, %s", field("ended_on"), p.EndedOn, p.AcceptedOn)
		}
	}
	return nil
}

func (c Case) ageMonths() int {
	if c.Loan.DisbursedOn.IsZero() {
		return 0
	}
	return monthsBetween(c.Loan.DisbursedOn, c.AsOf)
}

// accepted counts the earlier plans, or those that count, that were accepted within the last months.
func (c Case) accepted(months int, counts func(EarlierPlan) bool) (n int) {
	for _, p := range c.EarlierPlans {
		if (counts == nil || counts(p)) && p.AcceptedOn.AddMonths(months).After(c.AsOf) {
			n++
		}
	}
	return n
}

// outcomes counts the plans of the last 5 years with an outcome.
func (c Case) outcomes(outcome State) int {
	return c.accepted(60, func(p EarlierPlan) bool { return p.Outcome == outcome })
}

// activePlan reports whether a plan is active, however long ago it was accepted.
func (c Case) activePlan() bool {
	return slices.ContainsFunc(c.EarlierPlans, func(p EarlierPlan) bool { return p.Outcome == Active })
}
