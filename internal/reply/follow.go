package reply

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// Tell fills in what a reply means, unless its sender said so. Text that says stop means stop, whatever the sender read into it.
func (m Meaning) Tell(p *event.Reply) {
	if len(p.Means) == 0 {
		p.Means, p.Cause, p.Topic, p.Further = m.Intents, m.Cause, m.Topic, m.Further
		p.Amount, p.By, p.Vague = m.Amount, m.By, m.Vague
		p.Wants, p.From, p.To = m.Channel, m.From, m.To
		if midnight := contact.TimeOfDay(0); p.From == nil != (p.To == nil) {
			p.From, p.To = cmp.Or(p.From, &midnight), cmp.Or(p.To, &midnight) // the day ends, or begins, there
		}
		if p.Text == "" {
			p.Means = []Intent{Unclear} // the sender said no more than that
		}
	}
	if p.Intent == event.IntentStop || m.Has(Stop) || p.Has(Stop) {
		p.Intent, p.Answer = event.IntentStop, ""
		if !p.Has(Stop) {
			p.Means = append([]Intent{Stop}, without(p.Means, Unclear)...)
		}
	} else {
		p.Intent, p.Answer = string(Unclear), m.AnswerOf(p.Answer)
	}
	if p.Has(WrongPerson) {
		ofNobody(p)
	}
}

// binding are the intents that somebody can have who is not the borrower: they stop or hold, and have nothing sent or told.
var binding = []Intent{Stop, Complaint, Fraud, WrongPerson, Dispute, Paid}

// ofNobody leaves of what somebody wrote who is not the borrower only what binds: their questions are not answered, for that would
// tell them of the loan, and nothing that they promise, ask for or prefer is the borrower's.
func ofNobody(p *event.Reply) {
	p.Means = slices.DeleteFunc(slices.Clone(p.Means), func(i Intent) bool { return !slices.Contains(binding, i) })
	p.Answer, p.Cause, p.Topic, p.Amount, p.By, p.Vague = "", "", "", decimal.Zero, bizclock.Date{}, false
	p.Further, p.Wants, p.From, p.To = false, "", nil, nil
}

func without(all []Intent, one Intent) []Intent {
	return slices.DeleteFunc(slices.Clone(all), func(i Intent) bool { return i == one })
}

// SurveyOpen is for how long a number that a borrower writes is the answer to a survey.
const SurveyOpen = 14 * 24 * time.Hour

// LowScore is the highest score of a survey after which a person asks what went wrong.
const LowScore = 2

// rating finds a number from 1 to 5 with which a text begins, and what is added to it: a word of its own, and no other number.
var rating = regexp.MustCompile(`^\s*([1-5])(?:\s*/\s*5)?(?:\s*[.,;:!?)，。；：！？、-]+\s*|\s+|$)([^\d\s][\s\S]*)?$`)

// counted finds a number that counts something, and rates nothing.
var counted = regexp.MustCompile(`(?i)^\s*[1-5]\s*(?:-\s*)?(?:(?:more|of|or|and|to|am|pm|x|k|kids?|children|child|people|times?|hours?|hrs?|mins?|minutes?|days?|weeks?|months?|years?|payments?|instal?lments?|things?|questions?|jobs?|loans?|calls?|messages?|texts?|dollars?|bucks|pesos?|rupees?|percent|st|nd|rd|th)\b|%|天|周|个|月|年|次|号|日|点|块|元|万|千|百|期|岁|人|小时|分钟)`)

// Rating returns the number from 1 to 5 that a text begins with, and the remark that is added to it; 0 when there is none.
func Rating(text string) (score int, remark string) {
	said := Said(text)
	found := rating.FindStringSubmatch(said)
	if found == nil || counted.MatchString(said) {
		return 0, ""
	}
	score, err := strconv.Atoi(found[1])
	if err != nil {
		return 0, ""
	}
	return score, strings.TrimSpace(found[2])
}

// Rated takes a reply as the answer to a survey, which is the step with a key, made by a contact. What the borrower added to the
// number, and what that means, is understood like any reply.
func Rated(p *event.Reply, score int, remark string, m Meaning, step, contact string) *event.SurveyAnswer {
	question, _, _ := strings.Cut(strings.TrimPrefix(step, "survey-"), "@")
	answer := &event.SurveyAnswer{Question: question, Score: score, Contact: contact, Remark: remark}
	if remark == "" {
		p.Means = []Intent{}
		return answer
	}
	answer.Means, p.Means = m.Intents, without(m.Intents, Unclear)
	return answer
}

// Concerns says what a reply is about, as far as must be known to say what follows from it.
type Concerns struct {
	// Number is the reply's own: the ids of what follows are made of it.
	Number int64
	// About and Subject are those of the reply, Loans those whose journeys are told of it.
	About             event.Subject
	Subject, Borrower string
	Loans             []string
	// At is when it was received.
	At time.Time
	// Today is the date on which it was written, where the borrower is.
	Today bizclock.Date
	// Points are the contact points from which it may have come, where it does not say from which it did.
	Points []string
	// Unreachable is set when the borrower has no contact point of the channel that they want.
	Unreachable bool
	// PastDue is what was overdue, and Outstanding all that was owed, in Currency, when the one loan that it is about was last
	// decided upon.
	PastDue, Outstanding decimal.Decimal
	Currency             string
	// Asked is the key of the step by which the borrower was asked last what yes or no answers: the offer of a plan, or what was
	// understood as a promise; empty when they were asked nothing. Said is the answer.
	Asked string
	Said  event.Answer
	// Answers are the complaints to whose answers the borrower can still object, the one that was answered last first.
	Answers []ToObject
}

// Answered takes yes or no as the answer to what was asked last, by the step with a key, and returns it. Journeys take every answer as
// that to the offer of a plan, so that one to something else is kept from them.
func Answered(p *event.Reply, asked string) (said event.Answer) {
	said = p.Answer
	if _, promise := promiseNoted(asked); promise {
		p.Answer = ""
	}
	return said
}

// promiseNoted is the promise of which the step with a key tells what was understood.
func promiseNoted(step string) (promise string, is bool) {
	return strings.CutPrefix(step, event.PromiseNoted+"@")
}

// AskedFor is for how long a yes or no is the answer to what the borrower was asked.
const AskedFor = 31 * 24 * time.Hour

// Following is an event that follows from a reply, as if it had been sent.
type Following struct {
	Type    event.Type
	About   event.Subject
	Subject string
	Payload event.Payload
}

const (
	// owner has the holds that follow from a reply, and replied is why they were placed.
	owner, replied = "tender", "the borrower wrote it"
	// mostDaysAhead is how far ahead a promised date may lie.
	mostDaysAhead = 366
	// paidFor is for how long collection rests when a borrower says that it was paid.
	paidFor = 5 * 24 * time.Hour
)

// Follow returns the events that follow from a reply, and whether a person has to read it.
func Follow(p *event.Reply, c Concerns) (all []Following, person bool) {
	also := func(kind event.Type, about event.Subject, subject string, payload event.Payload) {
		all = append(all, Following{kind, about, subject, payload})
	}
	if p.Has(Hardship) || p.Has(Plan) {
		cause := p.Cause
		if cause == "" {
			cause = hardship.UnspecifiedTrouble
		}
		also(event.HardshipReported, c.About, c.Subject, &event.Hardship{Cause: cause})
	}
	if p.Has(Complaint) {
		if id := c.objects(p); id != "" {
			also(event.ComplaintReopened, event.ComplaintSubject, id, Objection(p.Text))
		} else {
			also(event.ComplaintRaised, c.About, c.Subject, &event.Complaint{Complaint: c.id(""), Kind: aboutWhat(p), Origin: complaint.FromReply, Channel: p.Channel, Text: p.Text})
		}
		person = true
	}
	if p.Has(Fraud) {
		also(event.HoldPlaced, c.About, c.Subject, FraudHold(c.id("fraud")))
		person = true
	}
	if p.Has(WrongPerson) {
		points := c.Points
		if p.Point != "" {
			points = []string{p.Point}
		}
		for n, point := range points {
			id := c.id("number")
			if n > 0 {
				id = c.id(fmt.Sprintf("number-%d", n+1))
			}
			also(event.HoldPlaced, event.BorrowerSubject, c.Borrower, &event.HoldPlacement{Hold: id, Kind: contact.WrongNumberHold, Point: point, Owner: owner, Note: replied})
		}
		person = true
	}
	if p.Has(Dispute) {
		for _, loan := range c.Loans {
			also(event.DisputeRaised, event.LoanSubject, loan, &event.Dispute{Dispute: c.id("")})
		}
		person = true
	}
	if p.Has(Paid) {
		also(event.HoldPlaced, c.About, c.Subject, &event.HoldPlacement{Hold: c.id("paid"), Kind: contact.Paid, Until: c.At.Add(paidFor), Owner: owner, Note: replied})
		person = true
	}
	if p.Has(WillPay) && !p.Has(Stop) {
		if made := c.promise(p); made != nil {
			also(event.PromiseMade, event.LoanSubject, c.Loans[0], made)
		} else {
			person = true
		}
	}
	if p.Has(Preference) {
		if update := prefers(p); update != nil {
			also(event.BorrowerUpdated, event.BorrowerSubject, c.Borrower, update)
			person = person || c.Unreachable
		} else {
			person = true
		}
	}
	if promise, noted := promiseNoted(c.Asked); noted && c.Said == event.No {
		for _, loan := range c.Loans {
			also(event.PromiseWithdrawn, event.LoanSubject, loan, &event.PromiseWithdrawal{Promise: promise})
		}
		person = true // what they meant is not known
	}
	unclear := p.Has(Unclear) && (c.Said == "" || c.Asked == "")
	if !p.Has(Stop) && (unclear || p.Has(Call) || p.Has(Question) && (p.Topic == "" || p.Topic == OtherTopic || p.Further)) {
		person = true
	}
	return all, person
}

// aboutWhat is what a complaint is about, as far as the rest of the reply says so. Otherwise a person sorts it.
func aboutWhat(p *event.Reply) complaint.Kind {
	switch {
	case p.Has(Fraud):
		return complaint.Fraud
	case p.Has(WrongPerson):
		return complaint.WrongPerson
	case p.Has(Dispute):
		return complaint.Amount
	}
	return complaint.Unsorted
}

// FraudHold is the hold that a claim of fraud places: collection rests until somebody has looked into it.
func FraudHold(id string) *event.HoldPlacement {
	return &event.HoldPlacement{Hold: id, Kind: contact.IDTheftFraud, Owner: owner, Note: replied}
}

// TaskReason is the reason of the task in which a person reads a reply, where one has to; nothing when nobody has to, or when the
// complaint that it is has a task of its own.
func TaskReason(p *event.Reply, person bool) string {
	switch {
	case p.Has(Fraud):
		return "fraud"
	case p.Has(Complaint), !person:
		return ""
	}
	return "reply"
}

// id is the id of what follows from the reply.
func (c Concerns) id(what string) string {
	if what == "" {
		return fmt.Sprintf("reply-%d", c.Number)
	}
	return fmt.Sprintf("reply-%d-%s", c.Number, what)
}

// promise takes what a borrower will pay by a date as a promise, where that means one thing: one loan, and a date. Without an
// amount it is what was overdue.
func (c Concerns) promise(p *event.Reply) *event.Promise {
	if len(c.Loans) != 1 || p.By.IsZero() || p.By.Before(c.Today) || p.By.Sub(c.Today) > mostDaysAhead {
		return nil
	}
	amount := p.Amount
	switch {
	case amount.IsZero() && p.Vague:
		return nil
	case amount.IsZero():
		amount = c.PastDue
	case c.Outstanding.IsPos() && amount.Cmp(c.Outstanding) > 0:
		return nil // nobody promises more than they owe: the number means something else
	}
	made := &event.Promise{Promise: c.id(""), Amount: amount, Currency: c.Currency, By: p.By}
	if made.Validate() != nil {
		return nil
	}
	return made
}

// prefers has a borrower reached as they wish from now on; nil when it is not understood how.
func prefers(p *event.Reply) *event.Borrower {
	update := &event.Borrower{Preferred: p.Wants}
	if p.From != nil && p.To != nil && *p.From != *p.To {
		update.Not = &[]event.NotThen{{From: *p.To, To: *p.From}} // all day but for those hours
	}
	if update.Preferred == "" && update.Not == nil {
		return nil
	}
	return update
}
