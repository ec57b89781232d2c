// Package reply understands what borrowers write: what a text means, as words of a closed set, with the amounts, dates, hours and
// causes that it names. The rules are data, per language; [Understand] is pure, and reads nothing but its arguments.
//
// Whoever writes stop is heard in many languages; everything else in those that have rules. A text that no rule understands is
// unclear, and a person reads it.
package reply

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// Intent is something that a reply means.
type Intent string

// The intents.
const (
	// Stop asks for no more contacts.
	Stop Intent = "stop"
	// WrongPerson says that who reads it is not the borrower.
	WrongPerson Intent = "wrong_person"
	// Paid says that it was paid already.
	Paid Intent = "paid"
	// WillPay says that it will be paid.
	WillPay Intent = "will_pay"
	// Hardship tells of trouble with paying.
	Hardship Intent = "hardship"
	// Plan asks for more time, smaller payments or a pause.
	Plan Intent = "plan"
	// Question asks about interest, fees, terms and the like.
	Question Intent = "question"
	// Dispute says that something is wrong with what is owed.
	Dispute Intent = "dispute"
	// Fraud says that the loan was never taken, or that our message may be a fraudster's.
	Fraud Intent = "fraud"
	// Complaint is about how the borrower is treated.
	Complaint Intent = "complaint"
	// Call asks to be called, or for a person to talk to.
	Call Intent = "call"
	// Preference asks for another channel, hour or language.
	Preference Intent = "preference"
	// Thanks is politeness.
	Thanks Intent = "thanks"
	// Unclear is what no rule understands. It stands alone.
	Unclear Intent = "unclear"
)

// Intents are all intents, in the order in which a reply's are given: what must not be overlooked comes first.
var Intents = []Intent{
	Stop, Complaint, Fraud, WrongPerson, Dispute, Hardship, Plan, Paid, WillPay, Question, Call, Preference, Thanks, Unclear,
}

// UnmarshalText refuses a word that is no intent.
func (i *Intent) UnmarshalText(text []byte) (err error) {
	*i, err = closed.Parse("intent", Intents, string(text))
	return err
}

// Topic is what a question is about.
type Topic string

// The topics.
const (
	Interest   Topic = "interest"
	Fees       Topic = "fees"
	Terms      Topic = "terms"
	Balance    Topic = "balance"
	HowToPay   Topic = "how_to_pay"
	WhatNext   Topic = "what_next"
	OtherTopic Topic = "other"
)

// Topics are all topics.
var Topics = []Topic{Interest, Fees, Terms, Balance, HowToPay, WhatNext, OtherTopic}

// UnmarshalText refuses a word that is no topic.
func (t *Topic) UnmarshalText(text []byte) (err error) {
	*t, err = closed.Parse("topic", Topics, string(text))
	return err
}

// Meaning is what a reply was understood as.
type Meaning struct {
	// Intents are in the order of [Intents]; Unclear alone when nothing was understood.
	Intents []Intent `json:"intents"`
	// Answer is what the reply as a whole says to what was asked: yes, no, or neither.
	Answer event.Answer `json:"answer,omitempty"`
	// Cause is why the borrower cannot pay; empty when that was not said.
	Cause hardship.Cause `json:"cause,omitempty"`
	// Topic is what a question is about.
	Topic Topic `json:"topic,omitempty"`
	// Amount and By are what the borrower will pay, in the loan's currency, and by when: each only where it was said, and
	// said so that it means one thing.
	Amount decimal.Decimal `json:"amount,omitzero"`
	By     bizclock.Date   `json:"by,omitzero"`
	// Channel and From and To are how, and between which hours, the borrower wants to be reached, where that was said.
	Channel contact.Channel    `json:"channel,omitempty"`
	From    *contact.TimeOfDay `json:"from,omitempty"`
	To      *contact.TimeOfDay `json:"to,omitempty"`
}

// Has reports whether a reply means something, perhaps among other things.
func (m Meaning) Has(i Intent) bool { return slices.Contains(m.Intents, i) }
