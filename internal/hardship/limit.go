package hardship

import (
	"errors"
	"fmt"
	"slices"
)

// Limit is what a rule of law, or of the lender, bounds of plans, whatever their products say. A zero sets no limit.
type Limit struct {
	// Rule is the rule's name, such as cn-mainland/instalment-plan.
	Rule string `json:"rule"`
	// Kinds are the kinds of plan that it bounds, and that it counts; none means all.
	Kinds []Kind `json:"kinds,omitempty"`
	// MaxMonths is how many months a plan may take.
	MaxMonths int `json:"max_months,omitempty"`
	// MaxIn12Months and MaxIn5Years are how many plans may be accepted in so long, the new one included.
	MaxIn12Months int `json:"max_in_12_months,omitempty"`
	MaxIn5Years   int `json:"max_in_5_years,omitempty"`
	// MinAccountAgeMonths is how many whole months old the loan must be, MinConsecutivePayments how many usual payments in a
	// row, or their equivalent at once, must have come before.
	MinAccountAgeMonths    int `json:"min_account_age_months,omitempty"`
	MinConsecutivePayments int `json:"min_consecutive_payments,omitempty"`
	// Soft says that a person may decide to go beyond it. Tender by itself does not.
	Soft bool `json:"soft,omitempty"`
}

// mostOfALimit is more than any rule bounds.
const mostOfALimit = 1200

// Validate refuses a limit that no rule has, or that bounds nothing. Its errors start with the field.
func (l Limit) Validate() error {
	if l.Rule == "" {
		return errors.New("rule: is missing; name the rule that says so, such as cn-mainland/instalment-plan")
	}
	for n, kind := range l.Kinds {
		if err := known("kind of plan", Kinds, kind); err != nil {
			return fmt.Errorf("kinds[%d]: %w", n, err)
		}
	}
	for _, one := range []struct {
		field string
		value int
	}{
		{"max_months", l.MaxMonths},
		{"max_in_12_months", l.MaxIn12Months},
		{"max_in_5_years", l.MaxIn5Years},
		{"min_account_age_months", l.MinAccountAgeMonths},
		{"min_consecutive_payments", l.MinConsecutivePayments},
	} {
		if one.value < 0 || one.value > mostOfALimit {
			return fmt.Errorf("%s: %d must lie between 0 and %d; 0 sets no limit", one.field, one.value, mostOfALimit)
		}
	}
	if !l.IsSet() {
		return errors.New("max_months: a limit bounds something; send it, or max_in_12_months, max_in_5_years, min_account_age_months or min_consecutive_payments")
	}
	return nil
}

// IsSet reports whether the limit bounds anything.
func (l Limit) IsSet() bool {
	return l.MaxMonths != 0 || l.MaxIn12Months != 0 || l.MaxIn5Years != 0 || l.MinAccountAgeMonths != 0 || l.MinConsecutivePayments != 0
}

// bounds reports whether the limit is about plans of a kind.
func (l Limit) bounds(kind Kind) bool { return len(l.Kinds) == 0 || slices.Contains(l.Kinds, kind) }

// bounded is a product within the limits.
type bounded struct {
	*Product
	// shorter says which limits make its plans shorter than the product has them.
	shorter []string
	// why says which hard limits leave no plan of it, beyond which soft ones each plan of it goes beyond.
	why, beyond []string
}

func (w *work) within(p *Product) bounded {
	b := bounded{Product: p}
	for _, l := range w.c.Limits {
		if !l.bounds(p.Kind) {
			continue
		}
		says := w.breaches(p, l)
		if l.MaxMonths > 0 && l.MaxMonths < b.Limits.Months.Max && l.MaxMonths >= p.Limits.Months.Min {
			shorter := *b.Product
			shorter.Limits.Months.Max = l.MaxMonths
			b.Product = &shorter
			b.shorter = append(b.shorter, fmt.Sprintf("A plan may take at most %s. (%s)", months(l.MaxMonths), l.Rule))
		}
		if l.Soft {
			b.beyond = append(b.beyond, says...)
		} else {
			b.why = append(b.why, says...)
		}
	}
	return b
}

// breaches says what of a limit every plan of a product would break.
func (w *work) breaches(p *Product, l Limit) (all []string) {
	c := w.c
	say := func(when bool, format string, args ...any) {
		if when {
			all = append(all, fmt.Sprintf(format, args...)+" ("+l.Rule+")")
		}
	}
	say(l.MaxMonths > 0 && p.Limits.Months.Min > l.MaxMonths, "It takes at least %s; a plan may take at most %d.", months(p.Limits.Months.Min), l.MaxMonths)
	say(l.MinAccountAgeMonths > 0 && c.Loan.DisbursedOn.IsZero(), "The loan must be at least %s old, and nobody said when it began.", months(l.MinAccountAgeMonths))
	say(!c.Loan.DisbursedOn.IsZero() && c.ageMonths() < l.MinAccountAgeMonths, "The loan is %s old; it must be at least %d.", months(c.ageMonths()), l.MinAccountAgeMonths)
	say(w.paidInARow() < l.MinConsecutivePayments, "The loan had %d usual payments in a row; there must be at least %d.", w.paidInARow(), l.MinConsecutivePayments)
	for _, limit := range []struct {
		most, months int
		in           string
	}{{l.MaxIn12Months, 12, "12 months"}, {l.MaxIn5Years, 60, "5 years"}} {
		had := c.accepted(limit.months, func(e EarlierPlan) bool { return l.bounds(e.Kind) })
		say(limit.most > 0 && had >= limit.most, "The loan had %s in the last %s; at most %d may be.", plans(had), limit.in, limit.most)
	}
	return all
}

func plans(n int) string {
	if n == 1 {
		return "1 such plan"
	}
	return fmt.Sprintf("%d such plans", n)
}
