package strategy

import (
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

const (
	// answeredFor is for how long an answer to what a borrower wrote is worth sending.
	answeredFor = 3 * 24 * time.Hour
	// askedAgain is within which time the same question again is for a person: the answer was not enough.
	askedAgain = 30 * 24 * time.Hour
)

// answers are the templates that answer questions, by what they are about.
var answers = map[event.Topic]string{
	event.AboutInterest: "answer-interest", event.AboutFees: "answer-fees", event.AboutTerms: "answer-terms", event.AboutBalance: "answer-balance",
	event.AboutHowToPay: "answer-how-to-pay", event.AboutWhatNext: "answer-what-next",
}

// questions answers what the borrower asked, where it was asked if that can be. Who asks the same again is answered by a person.
func (t *thoughts) questions() (all []want) {
	if t.stage == journey.ChargedOff || !t.begun {
		return nil
	}
	for n, q := range t.Journey.Questions {
		if !t.Now.Before(q.At.Add(answeredFor)) {
			continue
		}
		w := want{
			key: keyOf(answers[q.Topic], stamp(q.At)), kind: journey.Send, at: q.At, reason: "answer", purpose: contact.Reply, template: answers[q.Topic],
			lapses: q.At.Add(answeredFor), by: q.Channel, must: true, fill: t.answer(q.Topic),
		}
		for _, earlier := range t.Journey.Questions[:n] {
			if earlier.Topic == q.Topic && q.At.Sub(earlier.At) < askedAgain {
				w.kind, w.reason, w.template, w.fill, w.by = journey.Task, "question", "", nil, ""
			}
		}
		all = append(all, w)
	}
	return all
}

// answer are the amounts and dates that the answer to a question names.
func (t *thoughts) answer(about event.Topic) map[string]string {
	fill := t.fill()
	switch about {
	case event.AboutInterest:
		t.reckonUp(fill, "interest", loan.OfInterest)
	case event.AboutFees:
		t.reckonUp(fill, "fees", loan.OfFee)
	}
	return fill
}

// reckonUp adds what interest or fees come to, and what of them is unpaid. A plan knows what is unpaid only: what had been paid
// before it stands in it as one sum.
func (t *thoughts) reckonUp(fill map[string]string, name string, of loan.Component) {
	whole, unpaid := t.status.Of(of)
	if t.plan == nil {
		fill[name] = loan.Write(whole, t.Journey.Contract.Currency)
	}
	fill[name+"_left"] = loan.Write(unpaid, t.Journey.Contract.Currency)
}

// stamp writes an instant as part of a key.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.999999Z") }

// byReply is how the ids of promises begin that follow from a reply.
const byReply = "reply-"

// notedPromises tells the borrower what was understood of a promise that they wrote, so that they can say if it is not so.
func (t *thoughts) notedPromises() (all []want) {
	if t.unlessOpen() != "" {
		return nil
	}
	for _, p := range t.Journey.Promises {
		if !strings.HasPrefix(p.ID, byReply) || !t.Now.Before(p.Made.Add(answeredFor)) {
			continue
		}
		fill, part := t.fill(), p.Parts[0]
		fill["promised"], fill["promised_by"] = loan.Write(part.Amount, t.Journey.Contract.Currency), part.By.String()
		all = append(all, want{
			key: keyOf(event.PromiseNoted, p.ID), kind: journey.Send, at: p.Made, reason: "promise_noted", purpose: contact.Reply,
			template: t.Strategy.Promises.Noted.Template, fill: fill, lapses: p.Made.Add(answeredFor),
		})
	}
	return all
}
