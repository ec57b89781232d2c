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
	"github.com/tender-engine/tender/internal/contact"
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

// Confidence is how well the source of a rule is known.
type Confidence string

// The confidences.
const (
	// Primary: the text of the law or of the regulator was read.
	Primary Confidence = "C1"
	// Secondary: confirmed in a page about it, such as a law firm's, the press's or one derived from the regulator's.
	Secondary Confidence = "C2"
	// Weak: one weak secondary source, or sources that conflict. No shipped rulebook cites it.
	Weak Confidence = "C2?"
	// Unconfirmed: from memory. No shipped rulebook cites it.
	Unconfirmed Confidence = "MEM"
	// Own: no law, but what Tender or a lender has set itself.
	Own Confidence = "own"
)

// Confidences are all confidences.
var Confidences = []Confidence{Primary, Secondary, Weak, Unconfirmed, Own}

// UnmarshalText refuses a word that is no confidence.
func (c *Confidence) UnmarshalText(text []byte) (err error) {
	*c, err = closed.Parse("confidence", Confidences, string(text))
	return err
}

// Unit is what a rule counts.
type Unit string

// The units.
const (
	// Attempt is every contact, whatever came of it.
	Attempt Unit = "attempt"
	// Connected is a contact that a person answered. A call or visit of unknown outcome counts as one.
	Connected Unit = "connected"
	// Conversation is a contact in which the borrower was spoken to. A call or visit of unknown outcome counts as one.
	Conversation Unit = "conversation"
	// Message is a contact in writing: on any channel but call and visit.
	Message Unit = "message"
	// Refusal is a contact in which the borrower refused to pay, or to speak.
	Refusal Unit = "refusal"
	// Complaint, Disputed and HardshipRefused are no contacts: a complaint was made, a debt disputed, a request in hardship refused.
	Complaint       Unit = "complaint"
	Disputed        Unit = "dispute"
	HardshipRefused Unit = "hardship_refused"
)

// Units are all units. Those from Refusal on are for cool-offs only.
var Units = []Unit{Attempt, Connected, Conversation, Message, Refusal, Complaint, Disputed, HardshipRefused}

// countable reports whether a counter or a gap may count the unit.
func (u Unit) countable() bool {
	return u == Attempt || u == Connected || u == Conversation || u == Message
}

// mark returns what the unit is when it is no contact.
func (u Unit) mark() contact.MarkKind {
	switch u {
	case Complaint:
		return contact.ComplaintMark
	case Disputed:
		return contact.DisputeMark
	case HardshipRefused:
		return contact.HardshipRefusedMark
	}
	return ""
}

// UnmarshalText refuses a word that is no unit.
func (u *Unit) UnmarshalText(text []byte) (err error) {
	*u, err = closed.Parse("unit", Units, string(text))
	return err
}

// Key is what a rule counts separately.
type Key string

// The keys.
const (
	// PerLoan counts for each loan that the contact is about; a contact about several counts for each of them.
	PerLoan Key = "loan"
	// PerBorrower counts across all loans and channels of the borrower.
	PerBorrower Key = "borrower"
	// PerPoint counts for the contact point that the proposal would use.
	PerPoint Key = "contact_point"
	// PerChannel counts for the proposal's channel, PerRecipient for whom it would contact.
	PerChannel   Key = "channel"
	PerRecipient Key = "recipient"
	// PerLoanRecipient counts for each loan with whom it would contact.
	PerLoanRecipient Key = "loan_recipient"
	// PerCollector counts what the same agency or branch did; all other keys count what anybody did.
	PerCollector Key = "collector"
)

// Keys are all keys.
var Keys = []Key{PerLoan, PerBorrower, PerPoint, PerChannel, PerRecipient, PerLoanRecipient, PerCollector}

// UnmarshalText refuses a word that is no key.
func (k *Key) UnmarshalText(text []byte) (err error) {
	*k, err = closed.Parse("key", Keys, string(text))
	return err
}

// Period is a stretch of the calendar, in the borrower's local dates.
type Period string

// The periods.
const (
	Day Period = "day"
	// Week begins on Monday.
	Week  Period = "week"
	Month Period = "month"
)

// Periods are all periods.
var Periods = []Period{Day, Week, Month}

// UnmarshalText refuses a word that is no period.
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = closed.Parse("period", Periods, string(text))
	return err
}

// perLoan reports whether contacts are counted for each loan by itself.
func (k Key) perLoan() bool { return k == PerLoan || k == PerLoanRecipient }
