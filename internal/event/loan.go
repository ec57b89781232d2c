package event

import (
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

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
	Application string             `json:"application,omitempty" doc:"id of the application that the loan came of, where it was pre-approved"`
	Lent        string             `json:"lent,omitempty" doc:"id of the loan; worked out by Tender, whatever was sent"`
	Verified    Verified           `json:"verified,omitempty" doc:"what came of the callback to that application; worked out by Tender, whatever was sent"`
	Watermarks  *bool              `json:"watermarks,omitempty" doc:"false when this lending system sends no ledger.watermark; true when left out"`
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
	return optionalID("strategy", p.Strategy)
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
