package strategy

import (
	"fmt"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/condition"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/score"
)

// Standard is the segment of loans that belong to no other.
const Standard = "standard"

// Segment is a kind of loan that is accompanied in its own way. What it leaves out is as in the strategy. Its name can be
// seen by whoever sees the journey in Temporal, so it says nothing of anybody's health.
type Segment struct {
	Name string `yaml:"name"`
	// About says who they are.
	About string `yaml:"about"`
	// When is a CEL expression over [SegmentFacts] that gives true or false. The first segment that fits is the loan's.
	When      string            `yaml:"when"`
	Channels  []contact.Channel `yaml:"channels"`
	FollowUps *FollowUps        `yaml:"follow_ups"`
	Reminders []Reminder        `yaml:"reminders"`
	Ladder    *Ladder           `yaml:"ladder"`
	Caps      Caps              `yaml:"caps"`
	// Priority orders the tasks of people: greater comes first.
	Priority *int `yaml:"priority"`

	fits *condition.Condition
	tier *Strategy
}

// SegmentFacts are what the condition of a segment can ask about. They are as of the day on which something last happened to
// the loan, or fell due: a segment does not change merely because time passes.
var SegmentFacts = []condition.Fact{
	{Name: "loan.currency", Type: "string", Meaning: "ISO 4217 code of the loan's currency", Check: isCurrency},
	{Name: "loan.principal", Type: "int", Meaning: "amount disbursed, in minor units; compare it with amount('5000.00')"},
	{Name: "loan.rate_bps", Type: "int", Meaning: "contract rate in basis points per year, rounded down; 0 when the lending system does not say"},
	{Name: "loan.verified", Type: "string", Meaning: "what came of the callback to the loan's application; empty when it came of none that Tender knows", Words: verifieds()},
	{Name: "loan.age_days", Type: "int", Meaning: "days since disbursement"},
	{Name: "loan.installments", Type: "int", Meaning: "installments of the schedule"},
	{Name: "loan.installments_paid", Type: "int", Meaning: "installments of which nothing is unpaid"},
	{Name: "loan.outstanding", Type: "int", Meaning: "all that is unpaid of the schedule, in minor units"},
	{Name: "loan.past_due", Type: "int", Meaning: "what was due and is unpaid, in minor units"},
	{Name: "loan.past_due_days", Type: "int", Meaning: "days since the oldest unpaid due date"},
	{Name: "loan.on_plan", Type: "bool", Meaning: "whether a plan in hardship is being kept"},
	{Name: "borrower.jurisdiction", Type: "string", Meaning: "name of the borrower's jurisdiction, such as us; empty when not known", Check: isJurisdiction},
	{Name: "borrower.vulnerable", Type: "bool", Meaning: "whether a hold of the class welfare is in force, or ended within the last six months"},
	{Name: "borrower.earlier_loans", Type: "int", Meaning: "loans of the borrower that were disbursed before this one"},
	{Name: "borrower.settled_loans", Type: "int", Meaning: "loans of the borrower that were paid to the end"},
	{Name: "behaviour.late_payments", Type: "int", Meaning: "installments that fell due in the last six months and were paid late, or are missing"},
	{Name: "behaviour.worst_months_late", Type: "int", Meaning: "the most by which one of these was late, or is; a month that has begun counts whole"},
	{Name: "behaviour.promises_kept", Type: "int", Meaning: "promises of the last six months that were kept"},
	{Name: "behaviour.promises_broken", Type: "int", Meaning: "promises of the last six months that were broken"},
	{Name: "behaviour.hardships_told", Type: "int", Meaning: "how often the borrower told of trouble with paying in the last six months"},
	{Name: "behaviour.unanswered_contacts", Type: "int", Meaning: "contacts since the borrower was last heard of, or paid"},
	{
		Name: "risk.band", Type: "string", Meaning: "how likely the loan is to go wrong: the lender's own word, or else that of the scorecard; empty when neither says",
		Words: bands(),
	},
	{Name: "risk.points", Type: "int", Meaning: "the score: more is less risk; 0 when there is none"},
	{Name: "risk.own", Type: "bool", Meaning: "whether band and points are the lender's own"},
}

// isCurrency refuses what is no currency.
func isCurrency(text string) error {
	if _, err := loan.MinorUnits(text); err != nil {
		return fmt.Errorf("there is no currency %q; write its ISO 4217 code, such as USD", text)
	}
	return nil
}

// isJurisdiction refuses what is no name of a jurisdiction: a lender's own rulebooks may name any.
func isJurisdiction(text string) error {
	if text != strings.ToLower(text) {
		return fmt.Errorf("jurisdictions are written in small letters, such as us, and never %q", text)
	}
	return nil
}

func verifieds() (words []string) {
	for _, word := range event.Verifieds {
		words = append(words, string(word))
	}
	return words
}

func bands() (words []string) {
	for _, band := range score.Bands {
		words = append(words, string(band))
	}
	return words
}

// segments is the language of their conditions.
var segments = condition.NewLanguage(SegmentFacts)

// Tier returns the strategy as it is for the loans of a segment, and whether there is such a segment.
func (s *Strategy) Tier(segment string) (*Strategy, bool) {
	if segment == Standard {
		return s, true
	}
	for _, g := range s.Segments {
		if g.Name == segment {
			return g.tier, true
		}
	}
	return nil, false
}

// Names are the names of all segments, in the order in which they are tried.
func (s *Strategy) Names() (all []string) {
	for _, g := range s.Segments {
		all = append(all, g.Name)
	}
	return append(all, Standard)
}

// tierOf makes the strategy of a segment.
func (s *Strategy) tierOf(g Segment) *Strategy {
	tier := *s
	if g.Channels != nil {
		tier.Channels = g.Channels
	}
	if g.FollowUps != nil {
		tier.FollowUps = *g.FollowUps
	}
	if g.Reminders != nil {
		tier.Reminders = g.Reminders
	}
	if g.Ladder != nil {
		tier.Ladder = *g.Ladder
	}
	if g.Caps != nil {
		tier.Caps = g.Caps
	}
	if g.Priority != nil {
		tier.Priority = *g.Priority
	}
	return &tier
}

// choose a tier: the first segment whose condition holds. A condition that has no answer for a loan does not hold.
func (t *thoughts) segment() (string, *Strategy) {
	if len(t.Strategy.Segments) == 0 {
		return Standard, t.Strategy
	}
	facts := t.segmentFacts()
	for _, g := range t.Strategy.Segments {
		if fits, err := g.fits.Holds(facts); err == nil && fits {
			return g.Name, g.tier
		}
	}
	return Standard, t.Strategy
}

// segmentFacts are the values of [SegmentFacts].
func (t *thoughts) segmentFacts() map[string]any {
	j, on, p := t.Journey, t.assessedOn(), t.past()
	scale, _ := loan.MinorUnits(j.Contract.Currency)
	minor := func(amount decimal.Decimal) int64 {
		units, _ := condition.InMinor(amount, scale)
		return units
	}
	rate, _, _ := j.Contract.Rate.Int64(4)
	bps := rate * 10_000
	if _, frac, ok := j.Contract.Rate.Int64(4); ok {
		bps += frac
	}
	paid, pastDueDays := 0, 0
	for _, i := range t.status.Installments {
		if !i.Cleared.IsZero() {
			paid++
		}
	}
	if since := t.status.PastDueSince; !since.IsZero() {
		pastDueDays = max(0, on.Sub(since))
	}
	known := func(value *int) int64 {
		if value == nil {
			return 0
		}
		return int64(*value)
	}
	found := t.risk
	return map[string]any{
		"loan.currency":                 j.Contract.Currency,
		"loan.verified":                 string(j.Verified),
		"loan.principal":                minor(j.Contract.Principal),
		"loan.rate_bps":                 bps,
		"loan.age_days":                 int64(on.Sub(j.DisbursedOn)),
		"loan.installments":             int64(len(t.status.Installments)),
		"loan.installments_paid":        int64(paid),
		"loan.outstanding":              minor(t.status.Outstanding),
		"loan.past_due":                 minor(t.status.PastDue),
		"loan.past_due_days":            int64(pastDueDays),
		"loan.on_plan":                  t.onPlan(),
		"borrower.jurisdiction":         t.Jurisdiction,
		"borrower.vulnerable":           t.inCare(on),
		"borrower.earlier_loans":        int64(t.EarlierLoans),
		"borrower.settled_loans":        int64(t.SettledLoans),
		"behaviour.late_payments":       int64(p.late),
		"behaviour.worst_months_late":   known(p.facts.WorstMonthsLate),
		"behaviour.promises_kept":       int64(p.kept),
		"behaviour.promises_broken":     known(p.facts.PromisesBroken),
		"behaviour.hardships_told":      known(p.facts.HardshipsTold),
		"behaviour.unanswered_contacts": known(p.facts.UnansweredContacts),
		"risk.band":                     string(found.Band),
		"risk.points":                   int64(found.Points),
		"risk.own":                      found.Own,
	}
}

// inCare reports whether a hold of the class welfare is in force on a date, or ended within the six months before.
func (t *thoughts) inCare(on bizclock.Date) bool {
	for _, h := range t.Pauses {
		if h.Kind.Class() == contact.Welfare && !t.on(h.From).After(on) && (h.Until.IsZero() || t.on(h.Until).After(on.AddMonths(-6))) {
			return true
		}
	}
	return false
}

// assessedOn is the date as of which segment and risk are found: the latest on which something happened, or fell due, or on
// which arrears grew older by a bucket. All of these wake a journey.
func (t *thoughts) assessedOn() bizclock.Date {
	last := t.Journey.DisbursedOn
	on := func(date bizclock.Date) {
		if date.After(last) && !date.After(t.today) {
			last = date
		}
	}
	for _, i := range t.ledger.Installments {
		on(i.Due.AddDays(1))
	}
	for _, tx := range t.Journey.Transactions {
		on(tx.ValueDate)
	}
	for _, d := range t.Journey.Done {
		on(t.on(d.At))
	}
	for _, p := range t.promises {
		on(p.Promise.Made)
		on(p.Ended)
	}
	for _, h := range t.Journey.Hardships {
		on(t.on(h.At))
	}
	for _, p := range t.Journey.Plans {
		on(t.on(p.Offered))
		on(t.on(p.Accepted))
		on(t.on(p.Declined))
	}
	for _, h := range t.Pauses {
		on(t.on(h.From))
		on(t.on(h.Until))
	}
	on(t.on(t.Journey.Risk.At))
	on(t.on(t.Journey.Heard))
	for _, date := range t.agesOn() {
		on(date)
	}
	return last
}
