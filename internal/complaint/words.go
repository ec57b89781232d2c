// Package complaint is the life of a complaint as a value: its kind, the ladder of levels that it climbs, the clocks that run, what
// people do with it, and what follows from that. Which clocks run where is data, a [Regime]. Nothing here knows a text that a borrower
// wrote, a database or the time of day.
package complaint

import (
	"slices"

	"github.com/tender-engine/tender/internal/closed"
)

// Kind is what a complaint is about. The door refuses words that are none; histories of before may hold others, so that reading one
// refuses nothing.
type Kind string

// The kinds of complaint.
const (
	// Unsorted: nobody has sorted it yet. Until somebody does, it is treated as one that stops collection.
	Unsorted Kind = "unsorted"
	// Conduct is how the borrower was treated, harassment included.
	Conduct         Kind = "conduct"
	Service         Kind = "service"
	ProductTerms    Kind = "product_terms"
	Charges         Kind = "charges"
	Amount          Kind = "amount"
	WrongPerson     Kind = "wrong_person"
	ThirdParty      Kind = "third_party"
	HardshipIgnored Kind = "hardship_ignored"
	DataProtection  Kind = "data_protection"
	Technical       Kind = "technical"
	Fraud           Kind = "fraud"
)

// kinds says of each kind where a complaint enters the ladder, and whether collection of the debt stops at once.
var kinds = []struct {
	kind   Kind
	enters Level
	holds  bool
	title  string
}{
	{Unsorted, FrontLine, true, "not sorted yet"},
	{Conduct, ComplaintsDesk, true, "how the borrower was treated, harassment included"},
	{Service, FrontLine, false, "waiting, answers, opening hours"},
	{ProductTerms, FrontLine, false, "the terms of the product, or how it was sold"},
	{Charges, FrontLine, false, "interest, fees and other charges"},
	{Amount, ComplaintsDesk, true, "the amount, or the debt itself, is disputed"},
	{WrongPerson, ComplaintsDesk, true, "somebody who does not owe the debt is asked for it"},
	{ThirdParty, ComplaintsDesk, true, "others were told of the debt, or contacted about it"},
	{HardshipIgnored, ComplaintsDesk, true, "trouble with paying was told of, and not heard"},
	{DataProtection, Compliance, true, "personal data"},
	{Technical, FrontLine, false, "the app, the wallet, the website"},
	{Fraud, Compliance, true, "a fraud, or a loan that the borrower never took"},
}

// Kinds are all kinds.
var Kinds = func() (all []Kind) {
	for _, k := range kinds {
		all = append(all, k.kind)
	}
	return all
}()

// Enters is the level at which complaints of the kind enter the ladder.
func (k Kind) Enters() Level {
	for _, one := range kinds {
		if one.kind == k {
			return one.enters
		}
	}
	return FrontLine
}

// Holds reports whether collection of the debt stops at once, until somebody decides that it may go on.
func (k Kind) Holds() bool {
	for _, one := range kinds {
		if one.kind == k {
			return one.holds
		}
	}
	return true
}

// Tightens reports whether a complaint of the kind is treated more carefully than one of another: it stops collection, or enters higher.
// That nobody has sorted it says nothing.
func (k Kind) Tightens(other Kind) bool {
	return k != Unsorted && k.Holds() && (other == Unsorted || !other.Holds() || k.Enters().Above(other.Enters()))
}

// Stops reports whether collection stops as a complaint of another kind turns out to be one of the kind. What somebody released of a known
// kind stays released; one that nobody had sorted is another one.
func (k Kind) Stops(before Kind) bool {
	return k.Holds() && k != before && (before == Unsorted || !before.Holds())
}

// Title says in words what the kind is about.
func (k Kind) Title() string {
	for _, one := range kinds {
		if one.kind == k {
			return one.title
		}
	}
	return string(k)
}

// Level is a rung of the ladder, and the role that has a complaint there.
type Level string

// The levels, from the lowest.
const (
	FrontLine           Level = "front_line"
	ComplaintsDesk      Level = "complaints_desk"
	IndependentReviewer Level = "independent_reviewer"
	// Compliance gives the lender's last word.
	Compliance Level = "compliance"
	// External is an ombudsman, a regulator or a court. Whoever deals with them for the lender is of the role compliance.
	External Level = "external"
)

// Levels are all levels, from the lowest.
var Levels = []Level{FrontLine, ComplaintsDesk, IndependentReviewer, Compliance, External}

// UnmarshalText refuses a word that is no level; none at all stands for none.
func (l *Level) UnmarshalText(text []byte) (err error) {
	if *l = ""; len(text) == 0 {
		return nil
	}
	*l, err = closed.Parse("level", Levels, string(text))
	return err
}

// Rank is the level's place on the ladder, from 0; -1 for none.
func (l Level) Rank() int { return slices.Index(Levels, l) }

// Above reports whether the level is higher than another.
func (l Level) Above(other Level) bool { return l.Rank() > other.Rank() }

// Next is the next level up; External has none above it.
func (l Level) Next() Level { return Levels[min(l.Rank()+1, len(Levels)-1)] }

// Role is the role that owns complaints of the level.
func (l Level) Role() Level {
	if l == External {
		return Compliance
	}
	return l
}

// State is how far a complaint has come.
type State string

// The states, in the order in which a complaint passes them; it can pass some of them again, on each level of the ladder.
const (
	Registered    State = "registered"
	Acknowledged  State = "acknowledged"
	Triaged       State = "triaged"
	Investigating State = "investigating"
	// Escalated: it was moved up, and nobody of the new level has it in hand yet.
	Escalated State = "escalated"
	Answered  State = "answered"
	Closed    State = "closed"
)

// States are all states.
var States = []State{Registered, Acknowledged, Triaged, Investigating, Escalated, Answered, Closed}

// UnmarshalText refuses a word that is no state.
func (s *State) UnmarshalText(text []byte) (err error) {
	*s, err = closed.Parse("state of a complaint", States, string(text))
	return err
}

// Open reports whether somebody still has to answer.
func (s State) Open() bool { return s != Answered && s != Closed }

// Outcome is what the lender finds.
type Outcome string

// The outcomes.
const (
	Upheld       Outcome = "upheld"
	PartlyUpheld Outcome = "partly_upheld"
	Rejected     Outcome = "rejected"
	// Withdrawn: the borrower took it back.
	Withdrawn Outcome = "withdrawn"
)

// Outcomes are those with which a complaint can be answered.
var Outcomes = []Outcome{Upheld, PartlyUpheld, Rejected}

// UnmarshalText refuses a word with which no complaint is answered.
func (o *Outcome) UnmarshalText(text []byte) (err error) {
	if *o = ""; len(text) == 0 {
		return nil
	}
	*o, err = closed.Parse("outcome of a complaint", append(slices.Clone(Outcomes), Withdrawn), string(text))
	return err
}

// RedressKind is a way to put things right.
type RedressKind string

// The kinds of redress.
const (
	Apology        RedressKind = "apology"
	FeeRefund      RedressKind = "fee_refund"
	InterestRefund RedressKind = "interest_refund"
	DataCorrected  RedressKind = "data_correction"
	PlanOffered    RedressKind = "plan"
	ChannelChanged RedressKind = "channel_change"
	AgentChanged   RedressKind = "agent_change"
	// Goodwill is money beyond what was taken.
	Goodwill RedressKind = "goodwill"
)

// RedressKinds are all kinds of redress.
var RedressKinds = []RedressKind{Apology, FeeRefund, InterestRefund, DataCorrected, PlanOffered, ChannelChanged, AgentChanged, Goodwill}

// UnmarshalText refuses a word that is no kind of redress.
func (r *RedressKind) UnmarshalText(text []byte) (err error) {
	*r, err = closed.Parse("kind of redress", RedressKinds, string(text))
	return err
}

// Money reports whether redress of the kind is an amount that the lending system has to pay back or credit.
func (r RedressKind) Money() bool { return r == FeeRefund || r == InterestRefund || r == Goodwill }

// Origin is where a complaint came from.
type Origin string

// The origins.
const (
	FromReply     Origin = "reply"
	FromCall      Origin = "call"
	FromSurvey    Origin = "survey"
	FromCommand   Origin = "command"
	FromLender    Origin = "lender"
	FromRegulator Origin = "regulator"
	// FromJourney: the journey of the loan opened it in the borrower's stead.
	FromJourney Origin = "journey"
)

// Origins are all origins.
var Origins = []Origin{FromReply, FromCall, FromSurvey, FromCommand, FromLender, FromRegulator, FromJourney}

// UnmarshalText refuses a word that is no origin; none at all stands for one that is not known.
func (o *Origin) UnmarshalText(text []byte) (err error) {
	if *o = ""; len(text) == 0 {
		return nil
	}
	*o, err = closed.Parse("origin of a complaint", Origins, string(text))
	return err
}
