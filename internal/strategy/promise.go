package strategy

import (
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// heard reports whether a promise is one of those that let the ladder rest: there were not too many shortly before it.
func (t *thoughts) heard(n int) bool {
	s, before := t.Strategy.Promises, 0
	for _, earlier := range t.promises[:n] {
		if t.promises[n].Promise.Made.Sub(earlier.Promise.Made) <= s.InDays {
			before++
		}
	}
	return before < s.Most
}

// resting is the date until which the ladder rests for a promise, for hardship that was told of, for an offer that is open, or
// because a plan has just ended.
func (t *thoughts) resting() (until bizclock.Date) {
	s := t.Strategy
	for n, p := range t.promises {
		if p.State == loan.PromiseOpen && t.heard(n) {
			last := p.Next.By.AddDays(s.RestDays.Promise + 1)
			if most := p.Promise.Made.AddDays(s.Promises.RestDays + 1); last.After(most) {
				last = most
			}
			until = latest(until, last)
		}
		if p.State == loan.PromiseBroken || p.State == loan.PromisePartlyKept {
			until = latest(until, p.Ended.AddDays(s.Ladder.MinGapDays)) // the question comes before any notice
		}
		if asked, ok := t.Journey.LastDone(keyOf("promise-missed", p.Promise.ID), journey.Result.Made); ok {
			until = latest(until, t.on(asked.At).AddDays(s.Ladder.MinGapDays))
		}
	}
	for _, h := range t.Journey.Hardships {
		until = latest(until, t.on(h.At).AddDays(s.RestDays.Hardship))
	}
	for _, p := range t.Journey.Plans {
		if p.Accepted.IsZero() && p.Declined.IsZero() {
			last := t.on(p.Offered).AddDays(s.RestDays.Hardship)
			if p.Offer.Expires.Before(last) {
				last = p.Offer.Expires.AddDays(1)
			}
			until = latest(until, last)
		}
	}
	if t.plan != nil && t.progress.State == hardship.Broken {
		until = latest(until, t.progress.BrokenOn.AddDays(s.RestDays.Hardship))
	}
	return until
}

// askedDays is for how long a broken promise is worth a question.
const askedDays = 7

// missedPromises asks, kindly, what came between a promise and its payment.
func (t *thoughts) missedPromises() (all []want) {
	if t.unlessOpen() != "" || t.status.PastDueSince.IsZero() || t.onPlan() {
		return nil
	}
	if _, elsewhere := t.referred(); elsewhere {
		return nil // somebody else speaks to the borrower
	}
	for _, p := range t.promises {
		if p.State != loan.PromiseBroken && p.State != loan.PromisePartlyKept || t.today.Sub(p.Ended) > askedDays {
			continue
		}
		fill, due := t.fill(), p.Promise.Parts[0]
		for _, part := range p.Promise.Parts {
			if due = part; part.By.AddDays(t.Strategy.RestDays.Promise+1) == p.Ended {
				break
			}
		}
		fill["promised"], fill["promised_by"] = loan.Write(due.Amount, t.Journey.Contract.Currency), due.By.String()
		if p.Received.IsPos() {
			fill["received"] = loan.Write(p.Received, t.Journey.Contract.Currency)
		}
		all = append(all, want{
			key: keyOf("promise-missed", p.Promise.ID), kind: journey.Send, date: p.Ended, reason: "promise_missed", purpose: contact.Collection,
			template: t.Strategy.Promises.Missed.Template, fill: fill, lapses: p.Ended.AddDays(askedDays).In(t.zone), stale: t.staleLedger(),
		})
	}
	return all
}
