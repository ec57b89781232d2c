package score

import (
	"fmt"
	"slices"

	"github.com/tender-engine/tender/internal/strictjson"
)

// Facts are what is known of a loan and of the contact about it. What is nil is not known. [Known] says what each means.
type Facts struct {
	LateShare        *int `json:"late_share,omitempty"`
	WorstMonthsLate  *int `json:"worst_months_late,omitempty"`
	MonthsSinceLate  *int `json:"months_since_late,omitempty"`
	LateTrend        *int `json:"late_trend,omitempty"`
	MonthsLateNow    *int `json:"months_late_now,omitempty"`
	PaidShare        *int `json:"paid_share,omitempty"`
	OutstandingShare *int `json:"outstanding_share,omitempty"`

	HardshipsTold      *int `json:"hardships_told,omitempty"`
	PromisesBroken     *int `json:"promises_broken,omitempty"`
	UnansweredContacts *int `json:"unanswered_contacts,omitempty"`

	FailedContactShare *int `json:"failed_contact_share,omitempty"`
}

// Fact is something that a card can give points for.
type Fact struct {
	// Name is how cards and facts in JSON call it.
	Name string
	// Unit is percent, months or times. All are whole numbers.
	Unit string
	// Meaning says what it is, and when it is not known.
	Meaning string
	// Least and Most bound it.
	Least, Most int
	of          func(Facts) *int
}

// Of returns the fact's value; nil when it is not known.
func (f Fact) Of(all Facts) *int { return f.of(all) }

// Known are all facts: how a loan was paid, what came back, who was reached. Nothing says who the borrower is.
var Known = []Fact{
	{
		"late_share", "percent", "how many of the payments that fell due in the last six months were late or are missing, rounded down; not known when none fell due",
		0, 100, func(f Facts) *int { return f.LateShare },
	},
	{
		"worst_months_late", "months", "the most by which one of these payments was late, or is; a month that has begun counts whole; not known when none fell due",
		0, 600, func(f Facts) *int { return f.WorstMonthsLate },
	},
	{
		"months_late_now", "months", "by how much the oldest payment that is missing is late; a month that has begun counts whole; 0 when none is",
		0, 600, func(f Facts) *int { return f.MonthsLateNow },
	},
	{
		"months_since_late", "months", "how long ago such a payment was last late: 0 when the last one was, or is, 6 when none was; not known when none fell due",
		0, 6, func(f Facts) *int { return f.MonthsSinceLate },
	},
	{
		"late_trend", "months", "the most that a payment was late in the last three months, less the most in the three before: above 0 when it gets worse; not known when none fell due in either",
		-600, 600, func(f Facts) *int { return f.LateTrend },
	},
	{
		"paid_share", "percent", "how much of what was billed, or fell due, in these six months was paid, rounded down, at most 100; not known when nothing was billed",
		0, 100, func(f Facts) *int { return f.PaidShare },
	},
	{
		"outstanding_share", "percent", "how much of what was lent, or of the limit, is still owed, rounded down; above 100 when interest and fees have come on top",
		0, 1000, func(f Facts) *int { return f.OutstandingShare },
	},
	{
		"hardships_told", "times", "how often the borrower told of trouble with paying, in the last six months",
		0, 1000, func(f Facts) *int { return f.HardshipsTold },
	},
	{
		"promises_broken", "times", "how many promises to pay were broken in the last six months; not known when none was made",
		0, 1000, func(f Facts) *int { return f.PromisesBroken },
	},
	{
		"unanswered_contacts", "times", "how many contacts arrived since the borrower last replied or paid; not known when none did",
		0, 1000, func(f Facts) *int { return f.UnansweredContacts },
	},
	{
		"failed_contact_share", "percent", "how many of the contacts of the last six months reached nobody, rounded down; not known when none was tried",
		0, 100, func(f Facts) *int { return f.FailedContactShare },
	},
}

// factNames are the names of [Known], in its order.
var factNames = func() []string {
	names := make([]string, len(Known))
	for n, f := range Known {
		names[n] = f.Name
	}
	return names
}()

// fact returns the fact of a name, which is one of factNames.
func fact(name string) Fact { return Known[slices.Index(factNames, name)] }

// DecodeFacts reads facts from JSON, strictly. What is left out is not known.
func DecodeFacts(text []byte) (Facts, error) {
	var f Facts
	if err := strictjson.Decode(text, &f); err != nil {
		return Facts{}, err
	}
	return f, f.check()
}

func (f Facts) check() error {
	for _, known := range Known {
		if v := known.Of(f); v != nil && (*v < known.Least || *v > known.Most) {
			return &strictjson.Error{Path: known.Name, Reason: fmt.Sprintf("%d must lie between %d and %d (%s); leave it out when it is not known", *v, known.Least, known.Most, known.Unit)}
		}
	}
	return nil
}
