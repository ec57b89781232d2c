package strategy

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
)

// nextChange returns the next instant at which stage, bucket or what may be done change although nothing happens; zero
// when they do not.
func (t *thoughts) nextChange(considered []Considered) (next time.Time) {
	at := func(instant time.Time) {
		if instant.After(t.Now) && (next.IsZero() || instant.Before(next)) {
			next = instant
		}
	}
	on := func(date bizclock.Date) {
		if date.After(t.today) {
			at(date.In(t.zone))
		}
	}
	if t.Journey.Application != nil {
		at(t.lapsesAt())
	}
	if t.Journey.Complaint != nil && t.Complaint != nil {
		at(t.Complaint.Over(t.Regime, t.situation()))
	}
	for _, h := range t.Standing.Holds {
		if h.Loan == "" || h.Loan == t.debt() {
			at(h.From)
			at(h.Until)
		}
	}
	for _, h := range t.Halts {
		at(h.From)
		at(h.Until)
	}
	for _, r := range t.Requests {
		if r.Answer == "" {
			at(r.Until)
		}
	}
	for _, a := range t.Standing.Approvals {
		if a.Loan == t.Journey.Loan {
			at(a.Until)
		}
	}
	if slices.ContainsFunc(considered, func(c Considered) bool { return c.Outcome == Dropped && c.Reason == ReasonHalted }) {
		// What is halted now may be forbidden by then, and left to a person.
		at(t.Rules.NextChange(t.Standing.Zones, t.Now))
	}
	for _, c := range considered {
		if c.stale && (c.Outcome == Dropped || c.At.After(c.Planned)) {
			at(c.Planned) // until then it seems to lapse, or to be put off, and then it waits for the books
		}
	}
	if t.begun && t.Journey.Settled.IsZero() && t.Journey.Cancelled.IsZero() {
		for _, tx := range t.Journey.Transactions {
			on(tx.ValueDate) // a posting counts from then: also one that ends what seemed to be settled
		}
	}
	if t.settled || !t.begun {
		return next
	}
	s := t.Strategy
	if !t.status.PastDueSince.IsZero() {
		for _, date := range t.agesOn() {
			on(date)
		}
	}
	if len(t.whole.Segments) > 0 {
		for _, i := range t.ledger.Installments {
			on(i.Due.AddDays(1)) // how much fell due counts for the segment, whether or not it was paid ahead
		}
	}
	if due := t.status.Next; !due.IsZero() {
		on(due.AddDays(-s.remindedDays()))
		on(due.AddDays(1))
	}
	on(t.Journey.DisbursedOn.AddDays(7))
	on(t.Journey.DisbursedOn.AddDays(firstWeek))
	if date, ok := t.unaskedOn(); ok {
		on(date)
	}
	for _, date := range t.turningPoints() {
		on(date)
	}
	for _, date := range t.lapsesOn() {
		on(date)
	}
	for _, date := range t.lateFeeDates() {
		on(date)
	}
	return next
}

// agesOn are the dates on which the present arrears reach another stage or bucket.
func (t *thoughts) agesOn() (dates []bizclock.Date) {
	since, s := t.status.PastDueSince, t.Strategy
	if since.IsZero() {
		return nil
	}
	for _, days := range slices.Concat([]int{1, s.Stages.LateArrears, s.Stages.PreChargeOff}, s.Buckets) {
		if date, ok := t.ledger.DelinquentFrom(since, days); ok {
			dates = append(dates, date)
		}
	}
	return dates
}
