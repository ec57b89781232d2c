package intake

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/reply"
)

// understand says what a reply means, on the date on which the borrower wrote it. Text that says stop means stop, whatever the
// sender read into it. What it was understood as is kept with the event; rules that change later change nothing.
func (k *keeping) understand(ctx context.Context) error {
	p, ok := k.payload.(*event.Reply)
	if !ok {
		return nil
	}
	home, err := k.home(ctx)
	if err != nil {
		return err
	}
	today := bizclock.DateOf(k.at.In(home))
	m := k.meaning(p, reply.Understand(p.Text, today))
	if len(p.Means) == 0 {
		p.Means, p.Cause, p.Topic, p.Amount, p.By, p.Wants, p.From, p.To = m.Intents, m.Cause, m.Topic, m.Amount, m.By, m.Channel, m.From, m.To
		if p.Text == "" {
			p.Means = []event.Intent{event.Unclear} // the sender said no more than that
		}
	}
	if p.Intent == event.IntentStop || m.Has(reply.Stop) || p.Has(event.Stop) {
		p.Intent, p.Answer = event.IntentStop, ""
		if !p.Has(event.Stop) {
			p.Means = append([]event.Intent{event.Stop}, without(p.Means, event.Unclear)...)
		}
		return nil
	}
	p.Intent, p.Answer = string(event.Unclear), m.AnswerOf(p.Answer)
	return k.surveyed(ctx, p, today)
}

// meaning is what a reply means by the rules, or by the classifier where it could be asked. Who understood it is kept with the reply.
func (k *keeping) meaning(p *event.Reply, rules reply.Meaning) reply.Meaning {
	switch c := k.classified; {
	case c == nil:
		return rules
	case c.failed != "":
		p.UnderstoodBy, p.Failed = event.ByRules, c.failed
		return rules
	default:
		p.UnderstoodBy = event.ByClassifier
		return c.means.Heard(rules)
	}
}

func without(all []event.Intent, one event.Intent) (others []event.Intent) {
	for _, i := range all {
		if i != one {
			others = append(others, i)
		}
	}
	return others
}

// home is the first time zone in which the borrower may be; UTC when none is known.
func (k *keeping) home(ctx context.Context) (*time.Location, error) {
	zones, err := k.BorrowerZones(ctx, k.borrower)
	if err != nil {
		return nil, err
	}
	return homeOf(zones), nil
}

// follow notes the events that follow from a reply, each as if it had been sent, and reports whether a person has to read it. What
// stops contacts binds in the same transaction.
func (k *keeping) follow(ctx context.Context, p *event.Reply) (person bool, err error) {
	if k.answer != nil {
		k.also(event.SurveyAnswered, event.LoanSubject, k.answered, k.answer)
	}
	if p.Has(event.InTrouble) || p.Has(event.WantsPlan) {
		cause := p.Cause
		if cause == "" {
			cause = hardship.UnspecifiedTrouble
		}
		k.also(event.HardshipReported, k.about, k.subject, &event.Hardship{Cause: cause})
	}
	if p.Has(event.Complains) {
		k.also(event.ComplaintRaised, k.about, k.subject, &event.Complaint{Complaint: k.derived(""), Kind: unsorted})
		person = true
	}
	if p.Has(event.SuspectsFraud) {
		k.also(event.HoldPlaced, k.about, k.subject, &event.HoldPlacement{Hold: k.derived("fraud"), Kind: contact.IDTheftFraud, Owner: tender, Note: replied})
		person = true
	}
	if p.Has(event.WrongPerson) {
		if p.Point != "" {
			k.also(event.HoldPlaced, event.BorrowerSubject, k.borrower, &event.HoldPlacement{Hold: k.derived("number"), Kind: contact.WrongNumberHold, Point: p.Point, Owner: tender, Note: replied})
		}
		person = true
	}
	if p.Has(event.Disputes) {
		for _, loan := range k.loans {
			k.also(event.DisputeRaised, event.LoanSubject, loan, &event.Dispute{Dispute: k.derived("")})
		}
		person = true
	}
	if p.Has(event.Paid) {
		k.also(event.HoldPlaced, k.about, k.subject, &event.HoldPlacement{Hold: k.derived("paid"), Kind: contact.Paid, Until: k.known().Add(paidFor), Owner: tender, Note: replied})
		person = true
	}
	if p.Has(event.WillPay) && !p.Has(event.Stop) {
		noted, err := k.promise(ctx, p)
		if err != nil {
			return false, err
		}
		person = person || !noted
	}
	if p.Has(event.Prefers) {
		person = !k.prefer(p) || person
	}
	switch {
	case p.Has(event.Stop):
		return person, nil
	case p.Has(event.Unclear), p.Has(event.WantsCall), p.Has(event.Asks) && (p.Topic == "" || p.Topic == event.AboutOther):
		person = true
	}
	return person, nil
}

const (
	// unsorted is the kind of a complaint that nobody has sorted yet.
	unsorted = "unsorted"
	// replied is why a hold was placed that follows from a reply.
	replied = "the borrower wrote it"
	// paidFor is for how long collection rests when a borrower says that it was paid.
	paidFor = 5 * 24 * time.Hour
)

// derived is the id of what follows from the event.
func (k *keeping) derived(what string) string {
	if what == "" {
		return fmt.Sprintf("reply-%d", k.pk)
	}
	return fmt.Sprintf("reply-%d-%s", k.pk, what)
}

// also notes an event that follows from this one. No sender can take its id.
func (k *keeping) also(kind event.Type, about event.Subject, subject string, payload event.Payload) {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // every payload has a form in JSON
	}
	id := fmt.Sprintf("reply:%d:%d", k.pk, len(k.follows)+1)
	sum := sha256.Sum256(append([]byte(id), data...))
	k.follows = append(k.follows, incoming{
		source: tender, id: id, kind: kind, about: about, subject: subject, at: k.at, data: data, payload: payload, digest: sum[:],
	})
}

// promise takes what a borrower will pay by a date as a promise, where that means one thing: one loan, and a date. Without an
// amount it is what was overdue when the loan was last decided upon.
func (k *keeping) promise(ctx context.Context, p *event.Reply) (bool, error) {
	if len(k.loans) != 1 || p.By.IsZero() {
		return false, nil
	}
	owed, err := k.OwedOn(ctx, k.loans[0])
	if err != nil {
		return false, err
	}
	amount := p.Amount
	if amount.IsZero() {
		amount = owed.PastDue
	}
	made := &event.Promise{Promise: k.derived(""), Amount: amount, Currency: owed.Currency, By: p.By}
	if made.Validate() != nil {
		return false, nil
	}
	k.also(event.PromiseMade, event.LoanSubject, k.loans[0], made)
	return true, nil
}

// prefer has a borrower reached as they wish from now on, and reports whether it is understood how.
func (k *keeping) prefer(p *event.Reply) bool {
	update := &event.Borrower{Preferred: p.Wants}
	if p.From != nil && p.To != nil && *p.From != *p.To {
		update.Not = &[]event.NotThen{{From: *p.To, To: *p.From}} // all day but for those hours
	}
	if update.Preferred == "" && update.Not == nil {
		return false
	}
	k.also(event.BorrowerUpdated, event.BorrowerSubject, k.borrower, update)
	return true
}
