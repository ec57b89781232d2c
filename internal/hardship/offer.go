package hardship

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// Offer is a plan that a borrower can have, with all its terms: whoever keeps it needs no product ever after. Amounts are
// in Currency, with its minor units.
type Offer struct {
	Product string `json:"product"`
	Version string `json:"version"`
	// Hash is that of the product's content.
	Hash  string `json:"hash"`
	Kind  Kind   `json:"kind"`
	Title string `json:"title"`
	// Currency is the loan's.
	Currency string `json:"currency"`
	// AsOf is the date on which the offer was worked out, Expires the last one on which it can be accepted.
	AsOf    bizclock.Date `json:"as_of"`
	Expires bizclock.Date `json:"expires"`
	// Schedule takes the place of all that was unpaid on AsOf.
	Schedule []loan.Installment `json:"schedule"`
	// FirstPayment is the first date of the schedule. Monthly is the most that falls due in any one calendar month. Months
	// is how many calendar months have a payment.
	FirstPayment bizclock.Date   `json:"first_payment"`
	Monthly      decimal.Decimal `json:"monthly_payment"`
	Months       int             `json:"months"`
	// Total is the sum of the schedule; CarryingOn is what is owed without the plan, and Difference is Total less that:
	// below zero when the plan costs less.
	Total      decimal.Decimal `json:"total_to_pay"`
	CarryingOn decimal.Decimal `json:"total_of_carrying_on"`
	Difference decimal.Decimal `json:"difference"`
	// MonthlyMore is how much more than the installments alone the plan takes in its most expensive month.
	MonthlyMore decimal.Decimal `json:"monthly_more,omitzero"`
	// InterestAdded is the interest that the new schedule costs at the contract's rate beyond that of the old one; below
	// zero when it is less. Waived is what of everything the plan gives up, so that
	// Total = CarryingOn + InterestAdded - Waived.
	InterestAdded decimal.Decimal `json:"interest_added"`
	Waived        Relief          `json:"waived"`
	// Affordable says whether income less essential costs covers what falls due in each calendar month; from when the trouble
	// is expected to be over, the usual payments count as affordable too. Nil when the means are not known.
	Affordable *bool `json:"affordable,omitempty"`
	// Beyond says which soft limits the plan goes beyond, each with its rule. Such a plan is offered when a person decides so.
	Beyond []string `json:"beyond,omitempty"`
	// Breaks says when the plan is broken, Restores whether what was waived is then owed again, and Reinstatement whether a
	// broken plan may be taken up again.
	Breaks        Breaks        `json:"breaks"`
	Restores      bool          `json:"restores_waived"`
	Reinstatement Reinstatement `json:"reinstate"`
	// Before is what the borrower had paid in all by AsOf, less refunds and reversals: what comes beyond it pays the plan.
	Before decimal.Decimal `json:"paid_before"`
}

// Relief is what a plan gives up.
type Relief struct {
	Interest  decimal.Decimal `json:"interest"`
	Fee       decimal.Decimal `json:"fee"`
	Principal decimal.Decimal `json:"principal"`
}

// Total adds up what is given up.
func (r Relief) Total() decimal.Decimal { return plus(r.Interest, plus(r.Fee, r.Principal)) }

// IsZero reports whether nothing is given up.
func (r Relief) IsZero() bool { return r.Interest.IsZero() && r.Fee.IsZero() && r.Principal.IsZero() }

// NotOffered is a product that a borrower cannot have, and why not.
type NotOffered struct {
	Product string   `json:"product"`
	Kind    Kind     `json:"kind"`
	Title   string   `json:"title"`
	Why     []string `json:"why"`
}

// CarryingOn is what lies ahead without a plan.
type CarryingOn struct {
	// Total is all that is unpaid. PastDue is what of it is to be paid at once; Monthly is the most that falls due in any
	// one calendar month beside it.
	Total   decimal.Decimal `json:"total_to_pay"`
	PastDue decimal.Decimal `json:"past_due"`
	Monthly decimal.Decimal `json:"monthly_payment"`
	// LastDue is the last due date.
	LastDue bizclock.Date `json:"last_due"`
}

// Answer is what can be offered in a case.
type Answer struct {
	AsOf     bizclock.Date `json:"as_of"`
	Loan     string        `json:"loan,omitempty"`
	Currency string        `json:"currency"`
	// Disposable is income less essential costs; left out when they are not known.
	Disposable *decimal.Decimal `json:"disposable,omitempty"`
	CarryingOn CarryingOn       `json:"carrying_on"`
	// Offers are the best for the borrower first.
	Offers     []Offer      `json:"offers"`
	NotOffered []NotOffered `json:"not_offered"`
}

// Offers works out what can be offered in a case: of each product either an offer, or why not. The best for the borrower
// comes first: what the borrower can afford before what not, then what costs least in all, then what costs least a month,
// then what takes fewest months, then by name. A case that Validate refuses is an error.
func Offers(c Case, products []*Product) (Answer, error) {
	if err := c.Validate(); err != nil {
		return Answer{}, err
	}
	w, err := newWork(&c)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{
		AsOf: c.AsOf, Loan: c.Loan.ID, Currency: c.Ledger.Currency, Offers: []Offer{}, NotOffered: []NotOffered{},
		CarryingOn: CarryingOn{
			Total: w.decimal(w.owed.total()), PastDue: w.decimal(w.arrears.total()), Monthly: w.decimal(monthly(w.ahead())), LastDue: w.end,
		},
	}
	if w.meansKnown() {
		left := w.decimal(w.disposable())
		a.Disposable = &left
	}
	facts := w.facts()
	for _, p := range products {
		why := w.refuse(p, facts)
		b := w.within(p)
		if why = append(why, b.why...); len(why) == 0 {
			made, cannot := w.make(b.Product)
			if cannot == "" {
				o := w.offer(p, made)
				o.Beyond = b.beyond
				a.Offers = append(a.Offers, o)
				continue
			}
			why = append([]string{cannot}, b.shorter...)
		}
		a.NotOffered = append(a.NotOffered, NotOffered{Product: p.Name, Kind: p.Kind, Title: p.Title, Why: why})
	}
	slices.SortStableFunc(a.Offers, Compare)
	slices.SortStableFunc(a.NotOffered, func(a, b NotOffered) int { return strings.Compare(a.Product, b.Product) })
	return a, nil
}

// Compare orders offers, the better for the borrower first, as [Offers] does.
func Compare(a, b Offer) int {
	rank := func(o Offer) int {
		if o.Affordable != nil && *o.Affordable {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)), a.Total.Cmp(b.Total), a.Monthly.Cmp(b.Monthly), cmp.Compare(a.Months, b.Months),
		strings.Compare(a.Product, b.Product),
	)
}

// refuse returns why a borrower does not qualify for a product: every reason, not only the first.
func (w *work) refuse(p *Product, facts map[string]any) (why []string) {
	c, l := w.c, p.Limits
	say := func(when bool, format string, args ...any) {
		if when {
			why = append(why, fmt.Sprintf(format, args...))
		}
	}
	if w.owed.total() == 0 {
		return []string{"Nothing is owed."}
	}
	say(c.activePlan(), "Another plan of the loan is active.")
	say(!w.status.Disputed.IsZero(), "A part of the debt is disputed; a plan can be made once that is resolved.")
	for n := range p.Eligible {
		if reason := p.Eligible[n].holds(facts); reason != "" {
			why = append(why, reason)
		}
	}
	if l.LoanAgeMonths > 0 {
		say(c.Loan.DisbursedOn.IsZero(), "It is for loans that are at least %s old, and nobody said when this one began.", months(l.LoanAgeMonths))
		say(!c.Loan.DisbursedOn.IsZero() && c.ageMonths() < l.LoanAgeMonths, "The loan is %s old; it must be at least %d.", months(c.ageMonths()), l.LoanAgeMonths)
	}
	counts := func(e EarlierPlan) bool {
		return l.Count == OfAnyKind || l.Count == OfKind && e.Kind == p.Kind || l.Count == OfProduct && e.Product == p.Name
	}
	for _, limit := range []struct {
		most, months int
		in           string
	}{{l.In12Months, 12, "12 months"}, {l.In5Years, 60, "5 years"}} {
		had := c.accepted(limit.months, counts)
		say(limit.most > 0 && had >= limit.most, "The loan had %d of %s in the last %s; at most %d.", had, l.Count.plans(p), limit.in, limit.most)
	}
	return why
}

// plans says which plans a limit counts.
func (s Scope) plans(p *Product) string {
	switch s {
	case OfAnyKind:
		return "all plans"
	case OfProduct:
		return "this plan"
	}
	return "the " + strings.ReplaceAll(string(p.Kind), "_", " ") + " plans"
}

func months(n int) string {
	if n == 1 {
		return "1 month"
	}
	return fmt.Sprintf("%d months", n)
}

// made is a schedule with what it gives up.
type made struct {
	schedule []due
	waived   parts
	// begins is the first date of what the plan changed: by then it must be accepted.
	begins bizclock.Date
}

func (w *work) offer(p *Product, m made) Offer {
	total, costs := sum(m.schedule).total(), monthly(m.schedule)
	o := Offer{
		Product: p.Name, Version: p.Version, Hash: p.Hash, Kind: p.Kind, Title: p.Title,
		Currency: w.c.Ledger.Currency, AsOf: w.c.AsOf, Expires: w.c.AsOf.AddDays(p.AnswerWithinDays),
		FirstPayment: m.schedule[0].on, Monthly: w.decimal(costs), Months: 1,
		Total: w.decimal(total), CarryingOn: w.decimal(w.owed.total()), Difference: w.decimal(total - w.owed.total()),
		Schedule:      installments(m.schedule, w.scale),
		MonthlyMore:   orNone(max(0, costs-monthly(w.ahead())), w.scale),
		InterestAdded: w.decimal(total + m.waived.total() - w.owed.total()),
		Waived:        Relief{Interest: w.decimal(m.waived.interest), Fee: w.decimal(m.waived.fee), Principal: w.decimal(m.waived.principal)},
		Breaks:        p.Breaks, Restores: p.Restores, Reinstatement: p.Reinstatement,
		Before: w.decimal(w.received(w.c.AsOf)),
	}
	if m.begins.Before(o.Expires) {
		o.Expires = m.begins
	}
	for n, d := range m.schedule {
		if n > 0 && !sameMonth(d.on, m.schedule[n-1].on) {
			o.Months++
		}
	}
	if w.meansKnown() {
		affordable := w.affordable(m.schedule)
		o.Affordable = &affordable
	}
	return o
}
