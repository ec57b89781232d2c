package loan

import (
	"cmp"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Promise is a borrower's promise to pay one or several amounts, each by a date.
type Promise struct {
	ID string `json:"id"`
	// Made is the date on which it was given; what was paid before it does not keep it.
	Made bizclock.Date `json:"made"`
	// Parts are in the order of their dates.
	Parts []PromisedPart `json:"parts"`
	// Before are the ids of payments of that very date, or later ones, that were known when it was given.
	Before []string `json:"before,omitempty"`
}

// PromisedPart is one amount of a promise.
type PromisedPart struct {
	Amount decimal.Decimal `json:"amount"`
	// By is the last date on which it is paid in time.
	By bizclock.Date `json:"by"`
}

// Total is what was promised in all.
func (p Promise) Total() decimal.Decimal {
	total := decimal.Zero
	for _, part := range p.Parts {
		total = plus(total, part.Amount)
	}
	return total
}

// PromiseState says what became of a promise.
type PromiseState string

// The states of a promise.
const (
	// PromiseOpen: there is time left.
	PromiseOpen PromiseState = "open"
	// PromiseKept: all that was promised came in time.
	PromiseKept PromiseState = "kept"
	// PromisePartlyKept: a part came, and the time is over.
	PromisePartlyKept PromiseState = "partly_kept"
	// PromiseBroken: nothing came in time.
	PromiseBroken PromiseState = "broken"
)

// PromiseStanding is what became of a promise up to a date.
type PromiseStanding struct {
	Promise Promise
	State   PromiseState
	// Received is what came for it in time.
	Received decimal.Decimal
	// Next is the part that is to be paid next, with what is left of it; none once the promise is no longer open.
	Next PromisedPart
	// Ended is the date on which it was kept, or the first one on which it could not be kept any more; zero while open.
	Ended bizclock.Date
}

// Promises returns what became of promises at the end of a date. A payment goes to the oldest promise that is open on its
// value date, and what is more than that to the next. A part whose date has passed by more than grace days ends the
// promise. What was reversed did not come.
func Promises(promises []Promise, transactions []Transaction, graceDays int, asOf bizclock.Date) []PromiseStanding {
	all := make([]PromiseStanding, len(promises))
	for n, p := range promises {
		all[n] = PromiseStanding{Promise: p, State: PromiseOpen}
	}
	slices.SortStableFunc(all, func(a, b PromiseStanding) int {
		return cmp.Or(a.Promise.Made.Compare(b.Promise.Made), cmp.Compare(a.Promise.ID, b.Promise.ID))
	})
	l := Ledger{Transactions: transactions}
	r := l.begin(asOf)
	defer r.done()
	for _, m := range r.moments {
		t := &transactions[m.n]
		if !t.Kind.pays() {
			continue
		}
		amount := r.kept(t)
		for n := range all {
			all[n].pass(t.ValueDate, graceDays)
			amount = all[n].receive(t, amount)
		}
	}
	for n := range all {
		all[n].pass(asOf, graceDays)
	}
	return all
}

// receive takes of a payment what a promise is still waiting for, and returns the rest.
func (s *PromiseStanding) receive(t *Transaction, amount decimal.Decimal) decimal.Decimal {
	p := s.Promise
	if amount.IsZero() || s.State != PromiseOpen || t.ValueDate.Before(p.Made) || slices.Contains(p.Before, t.ID) {
		return amount
	}
	part := minus(p.Total(), s.Received).Min(amount)
	s.Received = plus(s.Received, part)
	if s.Received.Cmp(p.Total()) == 0 {
		s.State, s.Ended = PromiseKept, t.ValueDate
	}
	return minus(amount, part)
}

// pass comes to a date: it ends a promise of which a part should have come before it.
func (s *PromiseStanding) pass(date bizclock.Date, graceDays int) {
	s.Next = PromisedPart{}
	if s.State != PromiseOpen {
		return
	}
	due := decimal.Zero
	for _, part := range s.Promise.Parts {
		due = plus(due, part.Amount)
		if s.Received.Cmp(due) >= 0 {
			continue
		}
		if last := part.By.AddDays(graceDays); date.After(last) {
			s.State, s.Ended = PromiseBroken, last.AddDays(1)
			if s.Received.IsPos() {
				s.State = PromisePartlyKept
			}
			return
		}
		s.Next = PromisedPart{Amount: minus(due, s.Received), By: part.By}
		return
	}
}
