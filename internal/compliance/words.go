// Package compliance says whether a contact with a borrower is allowed at an instant, which rule says so, and when the
// same contact would be allowed next.
//
// The rules are data: rulebooks, one per jurisdiction, each rule with its citation. They layer, and the strictest wins.
// Evaluation is a pure function of the rules, what is known about reaching the borrower ([contact.Standing]), and the
// contact proposed: the strategy plans with it, and a reservation asks again under the borrower's lock.
// Facts that are missing (a time zone, an outcome) count against the contact.
package compliance

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
)

// Verdict is what a rule, or all of them together, say about a contact.
type Verdict string

// The verdicts, from the mildest to the most severe.
const (
	// Allow: nothing is in the way.
	Allow Verdict = "allow"
	// Warn: allowed, though a soft rule advises against it.
	Warn Verdict = "warn"
	// NeedsApproval: only when a person approves of it.
	NeedsApproval Verdict = "needs_approval"
	// Defer: not now, but later without anybody's doing.
	Defer Verdict = "defer"
	// Deny: not until something changes.
	Deny Verdict = "deny"
)

// Verdicts are all verdicts in the order of their severity.
var Verdicts = []Verdict{Allow, Warn, NeedsApproval, Defer, Deny}

// UnmarshalText refuses a word that is no verdict.
func (v *Verdict) UnmarshalText(text []byte) (err error) {
	*v, err = closed.Parse("verdict", Verdicts, string(text))
	return err
}

// Allows reports whether the contact may be made without asking anybody: allow or warn.
func (v Verdict) Allows() bool { return v == Allow || v == Warn }

// severity orders verdicts; what is no verdict is the most severe.
func (v Verdict) severity() int {
	if at := slices.Index(Verdicts, v); at >= 0 {
		return at
	}
	return len(Verdicts)
}

// Strength is how firmly a rule binds.
type Strength string

// The strengths.
const (
	// Hard is a prohibition.
	Hard Strength = "hard"
	// Presumption is a limit beyond which a breach is presumed, though the presumption can be rebutted; it binds like a prohibition.
	Presumption Strength = "presumption"
	// Soft is guidance: going beyond it warns, or asks for a person's approval, and forbids nothing.
	Soft Strength = "soft"
)

// Strengths are all strengths.
var Strengths = []Strength{Hard, Presumption, Soft}

// UnmarshalText refuses a word that is no strength.
func (s *Strength) UnmarshalText(text []byte) (err error) {
	*s, err = closed.Parse("strength", Strengths, string(text))
	return err
}

// Party is whose loans an installation collects, because some rules bind only some collectors.
type Party string

// The parties.
const (
	// FirstParty collects its own loans in its own name.
	FirstParty Party = "first_party"
	// ThirdParty collects for another.
	ThirdParty Party = "third_party"
	// DebtBuyer collects loans that it bought.
	DebtBuyer Party = "debt_buyer"
)

// Parties are all parties.
var Parties = []Party{FirstParty, ThirdParty, DebtBuyer}

// UnmarshalText refuses a word that is no party.
func (p *Party) UnmarshalText(text []byte) (err error) {
	*p, err = closed.Parse("party", Parties, string(text))
	return err
}
