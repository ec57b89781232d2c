package reply

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// Tell fills in what a reply means, unless its sender said so. Text that says stop means stop, whatever the sender read into it.
func (m Meaning) Tell(p *event.Reply) {
	if len(p.Means) == 0 {
		p.Means, p.Cause, p.Topic, p.Amount, p.By, p.Wants, p.From, p.To = m.Intents, m.Cause, m.Topic, m.Amount, m.By, m.Channel, m.From, m.To
		if p.Text == "" {
			p.Means = []Intent{Unclear} // the sender said no more than that
		}
	}
	if p.Intent == event.IntentStop || m.Has(Stop) || p.Has(Stop) {
		p.Intent, p.Answer = event.IntentStop, ""
		if !p.Has(Stop) {
			p.Means = append([]Intent{Stop}, without(p.Means, Unclear)...)
		}
		return
	}
	p.Intent, p.Answer = string(Unclear), m.AnswerOf(p.Answer)
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

// Rating returns the number from 1 to 5 that a text begins with, and the remark that is added to it; 0 when there is none.
func Rating(text string) (score int, remark string) {
	found := rating.FindStringSubmatch(Said(text))
	if found == nil {
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
	// PastDue is what was overdue, in Currency, when the one loan that it is about was last decided upon.
	PastDue  decimal.Decimal
	Currency string
	// Asked is set when the borrower was asked something that yes or no answers, as by the offer of a plan.
	Asked bool
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
	// unsorted is the kind of a complaint that nobody has sorted yet.
	unsorted = "unsorted"
	// owner has the holds that follow from a reply, and replied is why they were placed.
	owner, replied = "tender", "the borrower wrote it"
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
		also(event.ComplaintRaised, c.About, c.Subject, &event.Complaint{Complaint: c.id(""), Kind: unsorted})
		person = true
	}
	if p.Has(Fraud) {
		also(event.HoldPlaced, c.About, c.Subject, &event.HoldPlacement{Hold: c.id("fraud"), Kind: contact.IDTheftFraud, Owner: owner, Note: replied})
		person = true
	}
	if p.Has(WrongPerson) {
		if p.Point != "" {
			also(event.HoldPlaced, event.BorrowerSubject, c.Borrower, &event.HoldPlacement{Hold: c.id("number"), Kind: contact.WrongNumberHold, Point: p.Point, Owner: owner, Note: replied})
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
		} else {
			person = true
		}
	}
	unclear := p.Has(Unclear) && (p.Answer == "" || !c.Asked)
	if !p.Has(Stop) && (unclear || p.Has(Call) || p.Has(Question) && (p.Topic == "" || p.Topic == OtherTopic)) {
		person = true
	}
	return all, person
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
	if len(c.Loans) != 1 || p.By.IsZero() {
		return nil
	}
	amount := p.Amount
	if amount.IsZero() {
		amount = c.PastDue
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
