package strategy

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// on returns the date of an instant in the loan's time zone; none for none.
func (t *thoughts) on(at time.Time) bizclock.Date {
	if at.IsZero() {
		return bizclock.Date{}
	}
	return bizclock.DateOf(at.In(t.zone))
}

// reckon finds where the loan's money stands: by the plan that governs it, or else by its contract.
func (t *thoughts) reckon() {
	l := t.contract()
	if plan, ok := t.governing(); ok {
		progress := hardship.Track(plan, t.Journey.Transactions, t.today)
		t.plan, t.progress = &plan, progress
		l = underPlan(l, plan, progress)
	}
	t.ledger, t.status = l, l.Status(t.today)
	t.charged = t.status.LateFees
	t.promises = loan.Promises(t.promised(), t.Journey.Transactions, t.Strategy.RestDays.Promise, t.today)
}

// contract is what is known about the loan's money by its contract, with the strategy's grace and buckets.
func (t *thoughts) contract() loan.Ledger {
	j := t.Journey
	l := loan.Ledger{
		Currency: j.Contract.Currency, GraceDays: t.Strategy.GraceDays, Buckets: t.Strategy.Buckets,
		Allocation: j.Contract.Allocation, LateFee: j.Contract.LateFee,
		Installments: j.Contract.Schedule, Transactions: j.Transactions,
	}
	if !j.WrittenOff.IsZero() {
		l.Transactions = append(slices.Clone(l.Transactions), loan.Transaction{
			ID: "written-off", Kind: loan.WriteOff, ValueDate: j.WrittenOff, Amount: j.Contract.Principal,
		})
	}
	for _, d := range j.Disputes {
		if !d.From.IsZero() {
			l.Disputes = append(l.Disputes, loan.Dispute{
				ID: d.ID, From: t.on(d.From), Until: t.on(d.Until), Installment: d.Installment, Component: d.Component, Amount: d.Amount,
			})
		}
	}
	for _, h := range t.Pauses {
		held := loan.Pause{Start: t.on(h.From), End: t.on(h.Until)}
		if l.Holds = append(l.Holds, held); slices.Contains(t.Strategy.PausedBy, h.Kind) {
			l.Pauses = append(l.Pauses, held)
		}
	}
	return l
}

// underPlan is the ledger of a loan on which a plan was accepted: its schedule takes the place of the contract's.
func underPlan(l loan.Ledger, plan hardship.Plan, progress hardship.Progress) loan.Ledger {
	l.Installments, l.LateFee, l.Disputes = plan.Obligations(progress), loan.LateFee{}, nil
	transactions := make([]loan.Transaction, 0, len(l.Transactions))
	for _, tx := range l.Transactions {
		// Fees and waivers of before stand in the plan's schedule already.
		if tx.Kind != loan.Fee && tx.Kind != loan.Waiver || tx.ValueDate.After(plan.AcceptedOn) {
			transactions = append(transactions, tx)
		}
	}
	l.Transactions = transactions
	return l
}

// governing returns the plan that was accepted last, unless the lending system has replaced the schedule by another one since:
// its books come first.
func (t *thoughts) governing() (hardship.Plan, bool) {
	for _, p := range slices.Backward(t.Journey.Plans) {
		if !p.Accepted.IsZero() {
			plan := t.agreed(p)
			return plan, t.follows(p, plan)
		}
	}
	return hardship.Plan{}, false
}

// follows reports whether the schedule of the lending system's books is that of before an accepted plan, or the plan's own:
// then the plan goes on, with its rest and its patience.
func (t *thoughts) follows(p journey.Plan, plan hardship.Plan) bool {
	return p.Number > t.Journey.Spoken["schedule"] || slices.Equal(dueOn(t.Journey.Contract.Schedule), dueOn(plan.Schedule))
}

// dueOn is what falls due on each date, whatever it is made of; empty installments are none.
func dueOn(schedule []loan.Installment) (all []loan.Installment) {
	for _, i := range schedule {
		total := loan.Installment{Due: i.Due, Principal: i.Total().Trim(0)}
		switch last := len(all) - 1; {
		case total.Principal.IsZero():
		case last >= 0 && all[last].Due == i.Due:
			all[last].Principal = sumOf(all[last].Principal, total.Principal).Trim(0)
		default:
			all = append(all, total)
		}
	}
	return all
}

// agreed is a journey's plan with dates in the place of instants.
func (t *thoughts) agreed(p journey.Plan) hardship.Plan {
	plan := hardship.Plan{ID: p.ID, Offer: p.Offer, AcceptedOn: t.on(p.Accepted), By: p.By, DeclinedOn: t.on(p.Declined)}
	if plan.AcceptedOn.After(plan.Expires) {
		plan.AcceptedOn = plan.Expires // the door allows for a day, as zones differ
	}
	if !p.Again.IsZero() {
		if again, err := plan.Reinstate(t.Journey.Transactions, t.on(p.Again)); err == nil {
			return again
		}
	}
	return plan
}

// onPlan reports whether a plan is being kept.
func (t *thoughts) onPlan() bool { return t.plan != nil && t.progress.State == hardship.Active }

// promised are the journey's promises, with dates.
func (t *thoughts) promised() (all []loan.Promise) {
	for _, p := range t.Journey.Promises {
		all = append(all, loan.Promise{ID: p.ID, Made: t.on(p.Made), Parts: p.Parts, Before: p.Before})
	}
	return all
}
