package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// Payload is the data of an event. Fields tagged `personal` are split off before anything leaves Postgres; the tag
// `doc` is the field's documentation.
type Payload interface {
	// Validate refuses a payload that cannot be true, naming the field.
	Validate() error
}

// of returns a new payload of a type.
func of[P any, _ interface {
	*P
	Payload
}]() Payload {
	return any(new(P)).(Payload)
}

// Disbursement is the payload of loan.disbursed.
type Disbursement struct {
	Borrower    Borrower           `json:"borrower" doc:"the borrower; particulars may be left out when an earlier event gave them"`
	Currency    string             `json:"currency" doc:"ISO 4217 code, such as USD"`
	Principal   decimal.Decimal    `json:"principal" doc:"amount paid out"`
	Schedule    []loan.Installment `json:"schedule,omitempty" doc:"installments in the order of their due dates; computed from terms when left out"`
	Terms       *Terms             `json:"terms,omitempty" doc:"what was agreed on; needed where no schedule is sent, and for plans in hardship where interest is to be worked out anew"`
	Allocation  loan.Allocation    `json:"allocation,omitzero" doc:"order in which payments pay what is owed; by installment, oldest first, when left out"`
	LateFee     loan.LateFee       `json:"late_fee,omitzero" doc:"late fee that the contract charges and that Tender is to work out; leave it out where fee.charged tells of late fees"`
	DisbursedOn bizclock.Date      `json:"disbursed_on" doc:"date of disbursement, in time_zone"`
	TimeZone    string             `json:"time_zone" doc:"IANA time zone of the contract, for due dates and day counts"`
	Strategy    string             `json:"strategy,omitempty" doc:"name of the strategy; the installation's default when left out"`
	Watermarks  *bool              `json:"watermarks,omitempty" doc:"false when this lending system sends no ledger.watermark; true when left out"`
	Application string             `json:"application,omitempty" doc:"id of the application that the loan came of; its pre-approval ends, if it is open. One that Tender was never told of is no error"`
	// Preapproval is worked out at the door. Journeys are told it, and ask nobody.
	Preapproval *Preapproval `json:"preapproval,omitempty" doc:"what the call before the disbursement came to; worked out by Tender, whatever was sent"`
}

// Terms are what was agreed on, beyond currency, principal and date of disbursement.
type Terms struct {
	Rate           decimal.Decimal `json:"rate,omitzero" doc:"interest of a year as a fraction: 0.07 is 7 %"`
	Method         loan.Method     `json:"method,omitempty" doc:"how principal and interest are laid out; annuity when left out"`
	DayCount       loan.DayCount   `json:"day_count,omitempty" doc:"which part of a year a period is; 30/360 when left out"`
	Accrual        loan.Accrual    `json:"accrual,omitempty" doc:"whether interest accrues by the day or by the period; per_day when left out"`
	Periods        int             `json:"periods,omitempty" doc:"how many installments there are; needed where no schedule is sent"`
	Every          loan.Every      `json:"every,omitzero" doc:"how long a period is, such as 1mo, 2w or 10d; 1mo when left out"`
	FirstDue       bizclock.Date   `json:"first_due,omitzero" doc:"first due date; one period after the disbursement when left out"`
	GracePrincipal int             `json:"grace_principal,omitempty" doc:"for how many periods interest alone is due"`
	GraceInterest  int             `json:"grace_interest,omitempty" doc:"for how many periods interest accrues without being due"`
	InterestFree   int             `json:"interest_free,omitempty" doc:"in how many periods no interest accrues"`
	DownPayment    decimal.Decimal `json:"down_payment,omitzero" doc:"part of the principal that is due at the disbursement"`
	Fee            decimal.Decimal `json:"fee,omitzero" doc:"one fee for the whole loan"`
	FeeRate        decimal.Decimal `json:"fee_rate,omitzero" doc:"the same as a fraction of the principal"`
	FeeDue         loan.FeeDue     `json:"fee_due,omitempty" doc:"when the fee is due; first when left out"`
	Multiple       decimal.Decimal `json:"multiple,omitzero" doc:"installments are multiples of it"`
	Rounding       loan.Rounding   `json:"rounding,omitempty" doc:"to which multiple; half_even when left out"`
}

// of returns the terms of a loan.
func (t *Terms) of(p *Disbursement) loan.Terms {
	return loan.Terms{
		Currency: p.Currency, Principal: p.Principal, Start: p.DisbursedOn,
		Rate: t.Rate, Method: t.Method, DayCount: t.DayCount, Accrual: t.Accrual, Periods: t.Periods, Every: t.Every, FirstDue: t.FirstDue,
		GracePrincipal: t.GracePrincipal, GraceInterest: t.GraceInterest, InterestFree: t.InterestFree, DownPayment: t.DownPayment,
		Fee: t.Fee, FeeRate: t.FeeRate, FeeDue: t.FeeDue, Multiple: t.Multiple, Rounding: t.Rounding,
	}
}

// Contract returns the facts of the loan.
func (p *Disbursement) Contract() loan.Contract {
	c := loan.Contract{Currency: p.Currency, Principal: p.Principal, Schedule: p.Schedule, Allocation: p.Allocation, LateFee: p.LateFee}
	if t := p.Terms; t != nil {
		c.Rate, c.Method, c.DayCount, c.Every = t.Rate, t.Method, t.DayCount, t.Every
	}
	return c
}

// complete computes the schedule that was not sent. What journeys are told has one, so that the arithmetic may change while
// they run.
func (p *Disbursement) complete() error {
	if len(p.Schedule) > 0 || p.Terms == nil || p.DisbursedOn.IsZero() {
		return nil
	}
	computed, err := p.Terms.of(p).Schedule()
	if err != nil {
		return termsError(err)
	}
	p.Schedule = computed.Installments
	return nil
}

// termsError says where in the payload stands what the terms refuse.
func termsError(err error) error {
	field, reason, _ := strings.Cut(err.Error(), ": ")
	switch field {
	case "currency", "principal":
		return wrong(field, "%s", reason)
	case "start":
		return wrong("disbursed_on", "%s", reason)
	}
	return wrong("terms."+field, "%s", reason)
}

// Validate implements [Payload].
func (p *Disbursement) Validate() error {
	if p.Borrower.ID == "" {
		return wrong("borrower.id", "is missing; say who borrowed")
	}
	if err := p.Borrower.Validate(); err != nil {
		return under("borrower", err)
	}
	if p.DisbursedOn.IsZero() {
		return wrong("disbursed_on", "is missing; send the date of disbursement")
	}
	if len(p.Schedule) == 0 && p.Terms == nil {
		return wrong("schedule", "is missing; send the installments, or terms from which they are computed")
	}
	if err := p.complete(); err != nil {
		return err
	}
	if err := p.Contract().Validate(); err != nil {
		field, reason, _ := strings.Cut(err.Error(), ": ")
		return wrong(field, "%s", reason)
	}
	if p.Schedule[0].Due.Before(p.DisbursedOn) || p.Schedule[0].Due == p.DisbursedOn && (p.Terms == nil || p.Terms.DownPayment.IsZero()) {
		return wrong("schedule[0].due", "%s does not lie after the disbursement on %s", p.Schedule[0].Due, p.DisbursedOn)
	}
	if err := checkZone(p.TimeZone); err != nil {
		return wrong("time_zone", "%v", err)
	}
	if err := optionalID("application", p.Application); err != nil {
		return err
	}
	return optionalID("strategy", p.Strategy)
}

// Borrower is the payload of borrower.updated, and part of loan.disbursed. What is left out stays as it was.
type Borrower struct {
	ID           string          `json:"id,omitempty" doc:"id of the borrower; says nothing about the person"`
	Name         string          `json:"name,omitempty" personal:"true" doc:"how messages address the borrower"`
	Language     string          `json:"language,omitempty" doc:"BCP 47 tag: en or zh-CN"`
	TimeZones    []string        `json:"time_zones,omitempty" doc:"candidate IANA time zones; a contact must be allowed in each, none known means no contact"`
	Jurisdiction string          `json:"jurisdiction,omitempty" doc:"where the borrower lives: us, cn, or another ISO 3166 code, for the rulebooks"`
	Preferred    contact.Channel `json:"preferred,omitempty" doc:"channel that the borrower asked for"`
	Points       []Point         `json:"points,omitempty" doc:"contact points; given ones replace those with the same id"`
	Not          *[]NotThen      `json:"not,omitempty" doc:"times of the week at which the borrower does not want to be contacted; they replace those of before, and an empty list ends them"`
}

// NotThen is a time of the week at which a borrower does not want to be contacted.
type NotThen struct {
	Channel contact.Channel   `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point   string            `json:"point,omitempty" doc:"contact point it is about; all when left out"`
	Days    []contact.Weekday `json:"days,omitempty" doc:"days on which it begins; every day when left out"`
	From    contact.TimeOfDay `json:"from" doc:"its first moment by the clock on the borrower's wall, such as 15:00"`
	To      contact.TimeOfDay `json:"to" doc:"the first moment after it; one that is not later than from lies on the next day"`
}

// Point is one address of a borrower.
type Point struct {
	ID      string          `json:"id" doc:"id of the contact point, unique for the borrower, such as mobile"`
	Channel contact.Channel `json:"channel" doc:"channel of the address"`
	Address string          `json:"address,omitempty" personal:"true" doc:"phone number in E.164, e-mail address, device or chat id"`
	Rank    int             `json:"rank,omitempty" doc:"order among the points of a channel; the lowest is tried first"`
	Place   contact.Place   `json:"place,omitempty" doc:"what it is bound to; rules of some places distinguish them"`
}

// Validate implements [Payload].
func (p *Borrower) Validate() error {
	if p.ID != "" {
		if err := CheckID(p.ID); err != nil {
			return wrong("id", "%v", err)
		}
	}
	if p.Language != "" && p.Language != "en" && p.Language != "zh-CN" {
		return wrong("language", "%q is not spoken here; use en or zh-CN", p.Language)
	}
	for n, zone := range p.TimeZones {
		if err := checkZone(zone); err != nil {
			return wrong(fmt.Sprintf("time_zones[%d]", n), "%v", err)
		}
	}
	if err := optionalID("jurisdiction", p.Jurisdiction); err != nil {
		return err
	}
	if p.Not != nil {
		for n, t := range *p.Not {
			if err := optionalID(fmt.Sprintf("not[%d].point", n), t.Point); err != nil {
				return err
			}
			if t.From == t.To {
				return wrong(fmt.Sprintf("not[%d].to", n), "is the same as from, %s; write 00:00 to 24:00 for a whole day", t.From)
			}
		}
	}
	seen := map[string]bool{}
	for n, point := range p.Points {
		at := func(field string) string { return fmt.Sprintf("points[%d].%s", n, field) }
		switch {
		case point.ID == "":
			return wrong(at("id"), "is missing; name the contact point, such as mobile")
		case CheckID(point.ID) != nil:
			return wrong(at("id"), "%v", CheckID(point.ID))
		case seen[point.ID]:
			return wrong(at("id"), "stands twice; each contact point has an id of its own")
		case point.Channel == "":
			return wrong(at("channel"), "is missing; use one of call, sms, email, push, chat, letter, visit")
		case point.Address == "":
			return wrong(at("address"), "is missing; send the phone number, e-mail address or device id")
		case strings.ContainsAny(point.Address, "\r\n\x00"):
			return wrong(at("address"), "holds a line break; send one address")
		case point.Rank < 0 || point.Rank > 1000:
			return wrong(at("rank"), "must lie between 0 and 1000")
		}
		seen[point.ID] = true
	}
	return nil
}

// Rescheduling is the payload of loan.rescheduled.
type Rescheduling struct {
	Schedule []loan.Installment `json:"schedule" doc:"the whole new schedule, in the order of due dates"`
	Reason   string             `json:"reason,omitempty" doc:"a code, such as re_age"`
}

// Validate implements [Payload].
func (p *Rescheduling) Validate() error {
	if err := loan.CheckDates(p.Schedule); err != nil { // the journey knows the currency, and checks the amounts
		field, reason, _ := strings.Cut(err.Error(), ": ")
		return wrong(field, "%s", reason)
	}
	return optionalID("reason", p.Reason)
}

// Ending is the payload of loan.settled, loan.cancelled and loan.written_off.
type Ending struct {
	On     bizclock.Date `json:"on" doc:"date from which it counts"`
	Reason string        `json:"reason,omitempty" doc:"a code, such as early_settlement"`
}

// Validate implements [Payload].
func (p *Ending) Validate() error {
	if p.On.IsZero() {
		return wrong("on", "is missing; send the date from which it counts")
	}
	return optionalID("reason", p.Reason)
}

// Posting is the payload of payment.refunded and fee.charged, and part of that of every event that moves money.
type Posting struct {
	Transaction string          `json:"transaction" doc:"the lending system's id of the posting"`
	Amount      decimal.Decimal `json:"amount" doc:"positive amount, as a string such as \"125.00\""`
	Currency    string          `json:"currency" doc:"ISO 4217 code; must be the loan's"`
	ValueDate   bizclock.Date   `json:"value_date" doc:"date from which it counts, in the loan's time zone"`
}

// Validate implements [Payload].
func (p *Posting) Validate() error {
	if p.Transaction == "" {
		return wrong("transaction", "is missing; send the lending system's id of the posting")
	}
	if err := CheckID(p.Transaction); err != nil {
		return wrong("transaction", "%v", err)
	}
	if _, err := loan.MinorUnits(p.Currency); err != nil {
		return wrong("currency", "%v", err)
	}
	if err := loan.CheckAmount(p.Amount, p.Currency); err != nil {
		return wrong("amount", "%v", err)
	}
	if p.ValueDate.IsZero() {
		return wrong("value_date", "is missing; send the date from which it counts")
	}
	return nil
}

// Payment is the payload of payment.posted and recovery.posted.
type Payment struct {
	Posting
	Pays loan.Direction `json:"pays,omitzero" doc:"where the borrower said that it shall go"`
}

// Reversal is the payload of payment.reversed.
type Reversal struct {
	Posting
	Reverses string `json:"reverses" doc:"id of the payment that is undone"`
}

// Validate implements [Payload].
func (p *Reversal) Validate() error {
	if err := p.Posting.Validate(); err != nil {
		return err
	}
	if p.Reverses == "" {
		return wrong("reverses", "is missing; name the payment that is undone")
	}
	return optionalID("reverses", p.Reverses)
}

// Waiver is the payload of fee.waived.
type Waiver struct {
	Posting
	Of loan.Component `json:"of,omitempty" doc:"what is given up first; fee when left out"`
}

// Watermark is the payload of ledger.watermark.
type Watermark struct {
	Through bizclock.Date `json:"through" doc:"last date whose postings have all been sent"`
}

// Validate implements [Payload].
func (p *Watermark) Validate() error {
	if p.Through.IsZero() {
		return wrong("through", "is missing; send the last date whose postings have all been sent")
	}
	return nil
}

// Death is the payload of borrower.died.
type Death struct {
	On bizclock.Date `json:"on,omitzero" doc:"date of death, if known"`
}

// Validate implements [Payload].
func (p *Death) Validate() error { return nil }

// Consent is the payload of consent.granted.
type Consent struct {
	Channel   contact.Channel `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point     string          `json:"point,omitempty" doc:"contact point it is about; all when left out"`
	Purpose   contact.Purpose `json:"purpose,omitempty" doc:"the only purpose that it is for; all when left out"`
	GivenTo   contact.Grantee `json:"given_to,omitempty" doc:"whoever collects with this installation, or the creditor before; not known when left out"`
	Written   bool            `json:"written,omitempty" doc:"whether it was given in writing"`
	ExpiresAt time.Time       `json:"expires_at,omitzero" doc:"first instant at which it no longer holds"`
	Grantor   string          `json:"grantor,omitempty" personal:"true" doc:"who gave it, if not the borrower"`
}

// Validate implements [Payload].
func (p *Consent) Validate() error { return optionalID("point", p.Point) }

// Revocation is the payload of consent.revoked.
type Revocation struct {
	Channel contact.Channel `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point   string          `json:"point,omitempty" doc:"contact point it is about; all when left out"`
}

// Validate implements [Payload].
func (p *Revocation) Validate() error { return optionalID("point", p.Point) }

// HoldPlacement is the payload of hold.placed.
type HoldPlacement struct {
	Hold  string           `json:"hold" doc:"id of the hold; Temporal shows it, so let it say nothing of the reason"`
	Kind  contact.HoldKind `json:"kind" doc:"reason, one of the known kinds"`
	From  time.Time        `json:"from,omitzero" doc:"first instant at which it binds, may lie in the past; when the event happened if left out"`
	Until time.Time        `json:"until,omitzero" doc:"first instant at which it no longer binds; until released when left out"`
	Point string           `json:"point,omitempty" doc:"contact point it is about; all when left out, and always for a region"`
	Owner string           `json:"owner,omitempty" personal:"true" doc:"who answers for it"`
	Note  string           `json:"note,omitempty" personal:"true" doc:"evidence and remarks"`
}

// Validate implements [Payload].
func (p *HoldPlacement) Validate() error {
	switch {
	case p.Hold == "":
		return wrong("hold", "is missing; give the hold an id")
	case CheckID(p.Hold) != nil:
		return wrong("hold", "%v", CheckID(p.Hold))
	case p.Kind == "":
		return wrong("kind", "is missing; say why the hold is placed")
	case !p.Until.IsZero() && !p.From.IsZero() && !p.Until.After(p.From):
		return wrong("until", "does not lie after from")
	}
	return optionalID("point", p.Point)
}

// HoldRelease is the payload of hold.released.
type HoldRelease struct {
	Hold string `json:"hold" doc:"id of the hold, as tender loan show writes it: those that Tender placed itself are death/<borrower> and dispute/<loan>/<dispute>"`
}

// Validate implements [Payload].
func (p *HoldRelease) Validate() error {
	if p.Hold == "" {
		return wrong("hold", "is missing")
	}
	if err := checkHoldID(p.Hold); err != nil {
		return wrong("hold", "%v", err)
	}
	return nil
}

// Halt is the payload of contacts.halted.
type Halt struct {
	Halt          string          `json:"halt" doc:"id of the halt"`
	Channel       contact.Channel `json:"channel,omitempty" doc:"channel that is halted; all when left out. call stands for the tasks that would have a person call, too"`
	Jurisdiction  string          `json:"jurisdiction,omitempty" doc:"where borrowers live; everywhere when left out. A code covers what lies in it: us covers us-tx"`
	Template      string          `json:"template,omitempty" doc:"template that is halted; all when left out"`
	ExceptNotices bool            `json:"except_notices,omitempty" doc:"true lets statutory notices through"`
	Until         time.Time       `json:"until,omitzero" doc:"first instant at which it stops nothing any more; until it is lifted when left out"`
	Reason        string          `json:"reason" personal:"true" doc:"why"`
}

// Validate implements [Payload].
func (p *Halt) Validate() error {
	switch {
	case p.Halt == "":
		return wrong("halt", "is missing; give the halt an id")
	case CheckID(p.Halt) != nil:
		return wrong("halt", "%v", CheckID(p.Halt))
	case p.Reason == "":
		return wrong("reason", "is missing; say why contacts are halted")
	}
	if err := optionalID("jurisdiction", p.Jurisdiction); err != nil {
		return err
	}
	return optionalID("template", p.Template)
}

// Resumption is the payload of contacts.resumed.
type Resumption struct {
	Halt string `json:"halt" doc:"id of the halt that is lifted"`
}

// Validate implements [Payload].
func (p *Resumption) Validate() error {
	if p.Halt == "" {
		return wrong("halt", "is missing; name the halt to be lifted")
	}
	if err := CheckID(p.Halt); err != nil {
		return wrong("halt", "%v", err)
	}
	return nil
}

// Dispute is the payload of dispute.raised. It places a hold dispute_open, of which see [DisputeHold].
type Dispute struct {
	Dispute string          `json:"dispute" doc:"id of the dispute, unique for the loan"`
	Amount  decimal.Decimal `json:"amount,omitzero" doc:"disputed amount; all when left out"`
	// Installment and Component name the part that is disputed.
	Installment bizclock.Date  `json:"installment,omitzero" doc:"due date of the disputed installment, if it is about one"`
	Component   loan.Component `json:"component,omitempty" doc:"disputed component, if it is about one"`
	Text        string         `json:"text,omitempty" personal:"true" doc:"what the borrower says"`
}

// Validate implements [Payload].
func (p *Dispute) Validate() error {
	if p.Amount.IsNeg() {
		return wrong("amount", "%s is negative", p.Amount)
	}
	return requiredID("dispute", p.Dispute)
}

// DisputeResolution is the payload of dispute.resolved. It releases the dispute's hold.
type DisputeResolution struct {
	Dispute string `json:"dispute" doc:"id of the dispute"`
	Outcome string `json:"outcome" doc:"upheld, or rejected with verification sent"`
}

// Validate implements [Payload].
func (p *DisputeResolution) Validate() error {
	if p.Outcome != "upheld" && p.Outcome != "rejected" {
		return wrong("outcome", "must be upheld or rejected")
	}
	return requiredID("dispute", p.Dispute)
}

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

// Contact is the payload of contact.recorded.
type Contact struct {
	Contact     string              `json:"contact" doc:"id of the contact where it was made"`
	Channel     contact.Channel     `json:"channel" doc:"channel of the contact"`
	Direction   contact.Direction   `json:"direction" doc:"outbound or inbound"`
	Purpose     contact.Purpose     `json:"purpose" doc:"why it was made"`
	Disposition contact.Disposition `json:"disposition" doc:"what came of it"`
	Point       string              `json:"point,omitempty" doc:"contact point used; one that Tender does not know is kept as none, and then counts for every one"`
	Loans       []string            `json:"loans,omitempty" doc:"loans that it was about; that of the subject, or else all the borrower's open ones, when left out"`
	Consented   bool                `json:"consented,omitempty" doc:"whether the borrower had asked for this very contact, or allowed it"`
	Collector   string              `json:"collector,omitempty" doc:"id of the agency or branch that made it; the lender when left out"`
	Recipient   contact.Recipient   `json:"recipient,omitempty" doc:"who was contacted; the borrower when left out"`
	Note        string              `json:"note,omitempty" personal:"true" doc:"remarks"`
}

// Validate implements [Payload].
func (p *Contact) Validate() error {
	if err := optionalID("collector", p.Collector); err != nil {
		return err
	}
	for n, loan := range p.Loans {
		if err := requiredID(fmt.Sprintf("loans[%d]", n), loan); err != nil {
			return err
		}
	}
	switch {
	case p.Channel == "":
		return wrong("channel", "is missing")
	case p.Direction == "":
		return wrong("direction", "is missing; use outbound or inbound")
	case p.Purpose == "":
		return wrong("purpose", "is missing; say why it was made")
	case p.Disposition == "":
		return wrong("disposition", "is missing; say what came of it")
	}
	if err := optionalID("point", p.Point); err != nil {
		return err
	}
	return requiredID("contact", p.Contact)
}

// Receipt is the payload of message.delivered and message.failed.
type Receipt struct {
	Contact   string `json:"contact" doc:"key of the contact, as Tender gave it to the provider"`
	Code      string `json:"code,omitempty" doc:"the provider's code"`
	Permanent bool   `json:"permanent,omitempty" doc:"with message.failed: the address can never be reached; its contact point is not used again"`
	Detail    string `json:"detail,omitempty" personal:"true" doc:"the provider's own words"`
}

// Validate implements [Payload].
func (p *Receipt) Validate() error {
	if err := optionalID("code", p.Code); err != nil {
		return err
	}
	return requiredID("contact", p.Contact)
}

// Complaint is the payload of complaint.raised.
type Complaint struct {
	Complaint string `json:"complaint" doc:"id of the complaint"`
	Kind      string `json:"kind" doc:"a code, such as conduct, service or charges"`
	Text      string `json:"text,omitempty" personal:"true" doc:"what the borrower says"`
}

// Validate implements [Payload].
func (p *Complaint) Validate() error {
	if err := requiredID("complaint", p.Complaint); err != nil {
		return err
	}
	return requiredID("kind", p.Kind)
}

// Decode reads and validates the payload of a type of event. Its errors are of type [*Error], name the field below
// data, and repeat no value that may be personal.
func Decode(t Type, data []byte) (Payload, error) {
	k, ok := find(t)
	if !ok {
		_, err := ParseType(string(t))
		return nil, wrong("type", "%v", err)
	}
	if !json.Valid(data) {
		return nil, wrong("data", "is not JSON")
	}
	payload := k.payload()
	if err := describe("", reflect.TypeOf(payload).Elem()).check("data", data); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, payload); err != nil {
		return nil, wrong("data", "cannot be read as %s", t) // what check does not know
	}
	if err := payload.Validate(); err != nil {
		return nil, under("data", err)
	}
	return payload, nil
}

// Public returns the payload as JSON without its personal fields.
func Public(p Payload) (json.RawMessage, error) {
	original := reflect.ValueOf(p).Elem()
	redacted := reflect.New(original.Type())
	redacted.Elem().Set(original)
	redact(redacted.Elem())
	return json.Marshal(redacted.Interface())
}

// redact empties the personal fields of a struct; what pointers and slices on the way lead to is copied, so that the original keeps
// its own.
func redact(v reflect.Value) {
	for n := range v.NumField() {
		field, kind := v.Field(n), v.Type().Field(n)
		switch {
		case kind.Tag.Get("personal") == "true":
			field.SetZero()
		case field.Kind() == reflect.Struct && kind.Type.PkgPath() == v.Type().PkgPath():
			redact(field)
		case field.Kind() == reflect.Pointer && !field.IsNil() && field.Type().Elem().Kind() == reflect.Struct && field.Type().Elem().PkgPath() == v.Type().PkgPath():
			copied := reflect.New(field.Type().Elem())
			copied.Elem().Set(field.Elem())
			redact(copied.Elem())
			field.Set(copied)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct && field.Type().Elem().PkgPath() == v.Type().PkgPath():
			copied := reflect.MakeSlice(field.Type(), field.Len(), field.Len())
			reflect.Copy(copied, field)
			for i := range copied.Len() {
				redact(copied.Index(i))
			}
			field.Set(copied)
		}
	}
}

func under(prefix string, err error) error {
	var wrong *Error
	if errors.As(err, &wrong) {
		return &Error{Field: prefix + "." + wrong.Field, Reason: wrong.Reason}
	}
	return err
}

func requiredID(field, id string) error {
	if id == "" {
		return wrong(field, "is missing")
	}
	return optionalID(field, id)
}

func optionalID(field, id string) error {
	if id == "" {
		return nil
	}
	if err := CheckID(id); err != nil {
		return wrong(field, "%v", err)
	}
	return nil
}

func checkZone(name string) error {
	if name == "" {
		return errors.New("is missing; send an IANA time zone such as America/New_York")
	}
	if name == "Local" {
		return errors.New("is no place; send an IANA time zone such as America/New_York")
	}
	if _, err := time.LoadLocation(name); err != nil {
		return fmt.Errorf("%q is no IANA time zone such as America/New_York", name)
	}
	return nil
}
