package hardship

import (
	"errors"
	"fmt"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// Plan is an offer that was made to a borrower, and what became of it. It is a value: what changes it returns another.
// Where it stands on a date follows from it and from the loan's transactions; [Track] says.
type Plan struct {
	// ID is the plan's own; one loan has no two plans with the same.
	ID string `json:"id"`
	Offer
	// AcceptedOn is when the borrower accepted, and By how.
	AcceptedOn bizclock.Date `json:"accepted_on,omitzero"`
	By         Way           `json:"accepted_by,omitempty"`
	// DeclinedOn is when the borrower declined.
	DeclinedOn bizclock.Date `json:"declined_on,omitzero"`
	// CancelledOn is when the plan, or the offer, was given up without anybody's fault.
	CancelledOn bizclock.Date `json:"cancelled_on,omitzero"`
	// ReinstatedOn is when a broken plan was taken up again.
	ReinstatedOn bizclock.Date `json:"reinstated_on,omitzero"`
}

// open refuses an offer that can no longer be answered.
func (p Plan) open(on bizclock.Date) error {
	switch {
	case !p.AcceptedOn.IsZero():
		return fmt.Errorf("plan %s: was accepted on %s", p.ID, p.AcceptedOn)
	case !p.DeclinedOn.IsZero():
		return fmt.Errorf("plan %s: was declined on %s; make a new offer", p.ID, p.DeclinedOn)
	case !p.CancelledOn.IsZero():
		return fmt.Errorf("plan %s: was cancelled on %s; make a new offer", p.ID, p.CancelledOn)
	case on.Before(p.AsOf):
		return fmt.Errorf("plan %s: is offered from %s on, and not on %s", p.ID, p.AsOf, on)
	case on.After(p.Expires):
		return fmt.Errorf("plan %s: the offer expired on %s; make a new one", p.ID, p.Expires)
	}
	return nil
}

// Accept returns the plan as accepted on a date. An offer that is no longer open is an error.
func (p Plan) Accept(on bizclock.Date, by Way) (Plan, error) {
	if err := p.open(on); err != nil {
		return p, err
	}
	if err := known("way of accepting", Ways, by); err != nil {
		return p, fmt.Errorf("plan %s: %w", p.ID, err)
	}
	p.AcceptedOn, p.By = on, by
	return p, nil
}

// Decline returns the plan as declined on a date. An offer that is no longer open is an error.
func (p Plan) Decline(on bizclock.Date) (Plan, error) {
	if err := p.open(on); err != nil {
		return p, err
	}
	p.DeclinedOn = on
	return p, nil
}

// Cancel returns the plan as given up on a date, which ends it without a break. One that has ended is an error.
func (p Plan) Cancel(transactions []loan.Transaction, on bizclock.Date) (Plan, error) {
	if state := Track(p, transactions, on).State; state != Offered && state != Active {
		return p, fmt.Errorf("plan %s: is %s, and cannot be cancelled", p.ID, state)
	}
	p.CancelledOn = on
	return p, nil
}

// Reinstate returns a broken plan as taken up again on a date. What is unpaid of its schedule moves on, by the fewest whole
// months with which nothing of it is due before the day after: the borrower pays no more a month than was agreed, but
// longer. A plan that is not broken, or may not be taken up again, is an error.
func (p Plan) Reinstate(transactions []loan.Transaction, on bizclock.Date) (Plan, error) {
	if on.Sub(p.AsOf) > aCentury {
		return p, fmt.Errorf("plan %s: %s lies more than 100 years after the offer, %s", p.ID, on, p.AsOf)
	}
	if !Track(p, transactions, on).MayReinstate {
		return p, fmt.Errorf("plan %s: only a broken plan can be taken up again, and only once where its terms say so", p.ID)
	}
	paid := received(flows(transactions), on)
	owed, day, shift, moves := p.Before, 0, 0, false
	for _, i := range p.Schedule {
		_, _, d := i.Due.Civil()
		day = max(day, d)
	}
	schedule := make([]due, 0, len(p.Schedule))
	scale := p.scale()
	for _, i := range p.Schedule {
		owed = plus(owed, i.Total())
		d := due{on: i.Due, parts: partsOf(i, scale)}
		if !moves && paid.Cmp(owed) < 0 {
			for moves = true; !addMonths(i.Due, shift, day).After(on); {
				shift++
			}
		}
		if moves {
			d.on = addMonths(i.Due, shift, day)
		}
		schedule = append(schedule, d)
	}
	p.Schedule, p.ReinstatedOn = installments(merged(schedule), scale), on
	return p, nil
}

// Obligations are what the borrower owes under the plan, in place of the contract's schedule: what had been paid by the day
// of the offer, due that day, and then the plan's schedule. The loan's payments, recoveries, refunds and reversals, all of
// them, pay these; its fees and waivers up to the acceptance are in the schedule already. When the plan has broken,
// and its terms say so, what was waived is owed again from that day on.
func (p Plan) Obligations(progress Progress) []loan.Installment {
	scale := p.scale()
	all := make([]due, 0, len(p.Schedule)+2)
	if before, ok := inMinor(p.Before, scale); ok && before > 0 {
		all = append(all, due{p.AsOf, parts{principal: before}})
	}
	for _, i := range p.Schedule {
		all = append(all, due{i.Due, partsOf(i, scale)})
	}
	if back := progress.Restored; !progress.BrokenOn.IsZero() && !back.IsZero() {
		all = append(all, due{progress.BrokenOn, partsOf(loan.Installment{Principal: back.Principal, Interest: back.Interest, Fee: back.Fee}, scale)})
	}
	return installments(merged(all), scale)
}

// scale is how many decimal places the plan's amounts have.
func (p Plan) scale() int { return p.Total.Scale() }

func partsOf(i loan.Installment, scale int) parts {
	of := func(d decimal.Decimal) minor {
		m, _ := inMinor(d, scale)
		return m
	}
	return parts{of(i.Principal), of(i.Interest), of(i.Fee)}
}

func installments(schedule []due, scale int) []loan.Installment {
	all := make([]loan.Installment, len(schedule))
	for n, d := range schedule {
		all[n] = loan.Installment{
			Due: d.on, Principal: decimal.MustNew(int64(d.principal), scale), Interest: orNone(d.interest, scale), Fee: orNone(d.fee, scale),
		}
	}
	return all
}

// orNone is an amount that JSON leaves out when it is nothing; so it comes back as it was.
func orNone(m minor, scale int) decimal.Decimal {
	if m == 0 {
		return decimal.Decimal{}
	}
	return decimal.MustNew(int64(m), scale)
}

// Validate refuses a plan that [Offers] cannot have made, so that nothing else than one is stored. Its errors start with
// the field.
func (p Plan) Validate() error {
	if p.ID == "" {
		return errors.New("id: is missing; give the plan an id of its own")
	}
	if err := known("kind of plan", Kinds, p.Kind); err != nil {
		return fmt.Errorf("kind: %w", err)
	}
	if err := known("reinstatement", Reinstatements, p.Reinstatement); err != nil {
		return fmt.Errorf("reinstate: %w", err)
	}
	units, err := loan.MinorUnits(p.Currency)
	switch {
	case err != nil:
		return fmt.Errorf("currency: %w", err)
	case p.AsOf.IsZero():
		return errors.New("as_of: is missing; send the date of the offer")
	case p.Expires.Before(p.AsOf):
		return fmt.Errorf("expires: %s lies before as_of, %s", p.Expires, p.AsOf)
	case p.Total.Scale() != units:
		return fmt.Errorf("total_to_pay: %s must have the %d decimal places of %s", p.Total, units, p.Currency)
	case p.Breaks.Missed < 1 || p.Breaks.DaysLate <= p.Breaks.GraceDays || p.Breaks.GraceDays < 0:
		return errors.New("breaks: says not when the plan is broken")
	}
	if err := loan.CheckSchedule(p.Schedule, p.Currency); err != nil {
		return err
	}
	total := decimal.Zero
	for _, i := range p.Schedule {
		total = plus(total, i.Total())
	}
	if total.Cmp(p.Total) != 0 {
		return fmt.Errorf("schedule: adds up to %s, and total_to_pay is %s", total, p.Total)
	}
	return nil
}
