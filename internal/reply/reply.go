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
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// The words of a meaning are those of the event that tells journeys of a reply.
type (
	// Intent is something that a reply means.
	Intent = event.Intent
	// Topic is what a question is about.
	Topic = event.Topic
)

// The intents and topics, see there.
const (
	Stop        = event.Stop
	WrongPerson = event.WrongPerson
	Paid        = event.Paid
	WillPay     = event.WillPay
	Hardship    = event.InTrouble
	Plan        = event.WantsPlan
	Question    = event.Asks
	Dispute     = event.Disputes
	Fraud       = event.SuspectsFraud
	Complaint   = event.Complains
	Call        = event.WantsCall
	Preference  = event.Prefers
	Thanks      = event.Thanks
	Unclear     = event.Unclear

	Interest   = event.AboutInterest
	Fees       = event.AboutFees
	Terms      = event.AboutTerms
	Balance    = event.AboutBalance
	HowToPay   = event.AboutHowToPay
	WhatNext   = event.AboutWhatNext
	OtherTopic = event.AboutOther
)

// Intents are all intents, in the order in which a reply's are given; Topics are all topics.
var (
	Intents = event.Intents
	Topics  = event.Topics
)

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
	// Further is set when something else is asked too, which a person answers.
	Further bool `json:"further,omitempty"`
	// Amount and By are what the borrower will pay, in the loan's currency, and by when: each only where it was said, and
	// said so that it means one thing.
	Amount decimal.Decimal `json:"amount,omitzero"`
	By     bizclock.Date   `json:"by,omitzero"`
	// Vague is set when an amount was named, such as a half, that is not known.
	Vague bool `json:"vague,omitempty"`
	// Channel and From and To are how, and between which hours, the borrower wants to be reached, where that was said.
	Channel contact.Channel    `json:"channel,omitempty"`
	From    *contact.TimeOfDay `json:"from,omitempty"`
	To      *contact.TimeOfDay `json:"to,omitempty"`
}

// Has reports whether a reply means something, perhaps among other things.
func (m Meaning) Has(i Intent) bool { return slices.Contains(m.Intents, i) }
