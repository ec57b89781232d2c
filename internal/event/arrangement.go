package event

import (
	"fmt"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// Promise is the payload of promise.made: one amount by a date, or several in parts.
type Promise struct {
	Promise  string              `json:"promise" doc:"id of the promise"`
	Currency string              `json:"currency" doc:"ISO 4217 code; must be the loan's"`
	Amount   decimal.Decimal     `json:"amount,omitzero" doc:"amount promised, unless there are parts"`
	By       bizclock.Date       `json:"by,omitzero" doc:"last date on which it is paid in time"`
	Parts    []loan.PromisedPart `json:"parts,omitempty" doc:"several amounts with their dates, in their order, in place of amount and by"`
}

// Promised returns the amounts with their dates.
func (p *Promise) Promised() []loan.PromisedPart {
	if len(p.Parts) > 0 {
		return p.Parts
	}
	return []loan.PromisedPart{{Amount: p.Amount, By: p.By}}
}

// mostParts is how many amounts one promise may have.
const mostParts = 12

// Validate implements [Payload].
func (p *Promise) Validate() error {
	if err := requiredID("promise", p.Promise); err != nil {
		return err
	}
	if _, err := loan.MinorUnits(p.Currency); err != nil {
		return wrong("currency", "%v", err)
	}
	if len(p.Parts) > 0 && !(p.Amount.IsZero() && p.By.IsZero()) {
		return wrong("parts", "stand beside an amount; send either one amount by a date, or parts")
	}
	if len(p.Parts) > mostParts {
		return wrong("parts", "are %d; a promise has at most %d, for more make a plan", len(p.Parts), mostParts)
	}
	for n, part := range p.Promised() {
		at := func(field string) string {
			if len(p.Parts) == 0 {
				return field
			}
			return fmt.Sprintf("parts[%d].%s", n, field)
		}
		switch err := loan.CheckAmount(part.Amount, p.Currency); {
		case err != nil:
			return wrong(at("amount"), "%v", err)
		case part.By.IsZero():
			return wrong(at("by"), "is missing; send the date by which it will be paid")
		case n > 0 && !part.By.After(p.Parts[n-1].By):
			return wrong(at("by"), "%s does not lie after the part before it, %s", part.By, p.Parts[n-1].By)
		}
	}
	return nil
}

// PromiseWithdrawal is the payload of promise.withdrawn.
type PromiseWithdrawal struct {
	Promise string `json:"promise" doc:"id of the promise"`
}

// Validate implements [Payload].
func (p *PromiseWithdrawal) Validate() error { return requiredID("promise", p.Promise) }

// Hardship is the payload of hardship.reported.
type Hardship struct {
	Cause  hardship.Cause `json:"cause" doc:"why the borrower cannot pay"`
	Months int            `json:"expected_months,omitempty" doc:"for how many months the trouble is expected to last; nobody knows when left out"`
	// Income and EssentialCosts belong together.
	Income         *loan.Money `json:"income,omitempty" personal:"true" doc:"income of a month, in the loan's currency"`
	EssentialCosts *loan.Money `json:"essential_costs,omitempty" personal:"true" doc:"what a month's living costs at least; given together with the income"`
	Text           string      `json:"text,omitempty" personal:"true" doc:"what the borrower says"`
}

// Validate implements [Payload].
func (p *Hardship) Validate() error {
	switch {
	case p.Cause == "":
		return wrong("cause", "is missing; use one of %s", closed.Join(hardship.Causes))
	case p.Months < 0 || p.Months > 600:
		return wrong("expected_months", "must lie between 0 and 600; leave it out when nobody knows")
	case (p.Income == nil) != (p.EssentialCosts == nil):
		return wrong("income", "belongs together with essential_costs; send both, or none")
	}
	for _, means := range p.Means() {
		if means.Money == nil {
			continue
		}
		if _, err := loan.MinorUnits(means.Currency); err != nil {
			return wrong(means.Field+".currency", "is not an ISO 4217 currency such as USD")
		}
		if means.Validate() != nil {
			return wrong(means.Field+".amount", "must be an amount with the currency's decimal places, such as \"1800.00\"") // it repeats no amount: they are personal
		}
	}
	return nil
}

// Means is an amount that a month brings or takes, with the name of its field; nil when not known.
type Means struct {
	Field string
	*loan.Money
}

// Means returns what is known of the borrower's means.
func (p *Hardship) Means() []Means {
	return []Means{{"income", p.Income}, {"essential_costs", p.EssentialCosts}}
}

// HardshipRefusal is the payload of hardship.refused.
type HardshipRefusal struct {
	Text string `json:"text,omitempty" personal:"true" doc:"what the borrower was told"`
}

// Validate implements [Payload].
func (p *HardshipRefusal) Validate() error { return nil }

// PlanOffer is the payload of plan.offered: a person offers a plan, of which Tender works out the terms.
type PlanOffer struct {
	Product string `json:"product" doc:"name of the plan's product; tender hardship offers lists what the borrower can have"`
}

// Validate implements [Payload].
func (p *PlanOffer) Validate() error { return requiredID("product", p.Product) }

// PlanAnswer is the payload of plan.accepted and plan.declined.
type PlanAnswer struct {
	Plan string       `json:"plan" doc:"id of the plan, as tender loan show writes it; accepting a broken plan takes it up again, where its terms allow that"`
	By   hardship.Way `json:"by,omitempty" doc:"how the borrower answered; agent, a person, when left out"`
}

// Validate implements [Payload].
func (p *PlanAnswer) Validate() error { return requiredID("plan", p.Plan) }
