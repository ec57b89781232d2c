package compliance

import (
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// Proposal is a contact that somebody would like to make.
type Proposal struct {
	At      time.Time       `json:"at"`
	Channel contact.Channel `json:"channel"`
	// Point is the contact point; none means the first usable one of the channel.
	Point   string          `json:"point,omitempty"`
	Purpose contact.Purpose `json:"purpose"`
	// Loans are the loans that the contact is about; none means all that the borrower has.
	Loans []string `json:"loans,omitempty"`
}

// Finding is what one rule says about a proposal.
type Finding struct {
	// Rule is the rule's id after its rulebook's name, such as us-federal/call-frequency.
	Rule     string   `json:"rule"`
	Title    string   `json:"title"`
	Version  string   `json:"version"`
	Citation string   `json:"citation"`
	Strength Strength `json:"strength"`
	Verdict  Verdict  `json:"verdict"`
	// Why is a sentence for a person.
	Why string `json:"why"`
	// Until is the first instant, in UTC, at which this rule would allow the same contact; zero when it allows it now, or would not by itself.
	Until time.Time `json:"until,omitzero"`
	// Count of Max contacts are used up, for rules that count.
	Count int `json:"count,omitempty"`
	Max   int `json:"max,omitempty"`
}

// Ruling is the answer to a proposal.
type Ruling struct {
	Verdict Verdict `json:"verdict"`
	// NextAllowed is the first instant at or after the proposal's own, in UTC, at which the same proposal is allowed; zero when there is none.
	NextAllowed time.Time `json:"next_allowed,omitzero"`
	// Findings are those of every rule that binds the proposal, the deciding one first.
	Findings []Finding `json:"findings"`
}

// Allowed reports whether the contact may be made.
func (r Ruling) Allowed() bool { return r.Verdict.Allows() }

// Deciding returns the worst finding; nil when no rule was consulted.
func (r Ruling) Deciding() *Finding {
	if len(r.Findings) == 0 {
		return nil
	}
	return &r.Findings[0]
}

// Evaluate says whether a proposal is allowed at its instant.
func (r Rules) Evaluate(s contact.Standing, p Proposal) Ruling {
	return Ruling{Verdict: Allow, NextAllowed: p.At}
}

// Window returns the first interval [from, until) at or after the proposal's instant in which all windows of all
// candidate time zones are open.
func (r Rules) Window(s contact.Standing, p Proposal) (from, until time.Time, ok bool) {
	return p.At, p.At.Add(24 * time.Hour), true
}
