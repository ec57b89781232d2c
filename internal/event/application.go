package event

import (
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/loan"
)

// Application is the payload of application.preapproved.
type Application struct {
	Borrower Borrower        `json:"borrower" doc:"the applicant; particulars may be left out when an earlier event gave them"`
	Product  string          `json:"product,omitempty" doc:"code of the product, such as installment_12"`
	Currency string          `json:"currency" doc:"ISO 4217 code, such as USD"`
	Amount   decimal.Decimal `json:"amount" doc:"amount that would be paid out"`
	Offer    Offered         `json:"offer" doc:"what is offered, in short, for the applicant to be told"`
	Until    time.Time       `json:"until" doc:"first instant at which the offer has lapsed; nobody calls about it from then on"`
	TimeZone string          `json:"time_zone" doc:"IANA time zone of the contract, for its dates"`
}

// Offered are the terms of an offer in short.
type Offered struct {
	Installments int             `json:"installments" doc:"how many installments there would be"`
	TotalCost    decimal.Decimal `json:"total_cost" doc:"all that the loan would cost: interest and fees up to the last installment"`
	FirstDue     bizclock.Date   `json:"first_due" doc:"first due date, in time_zone"`
}

// mostInstallments bounds how many installments an offer may have.
const mostInstallments = 1200

// Validate implements [Payload].
func (p *Application) Validate() error {
	if p.Borrower.ID == "" {
		return wrong("borrower.id", "is missing; say who applied")
	}
	if err := p.Borrower.Validate(); err != nil {
		return under("borrower", err)
	}
	if err := loan.CheckAmount(p.Amount, p.Currency); err != nil {
		if _, unknown := loan.MinorUnits(p.Currency); unknown != nil {
			return wrong("currency", "%v", unknown)
		}
		return wrong("amount", "%v", err)
	}
	if !p.Offer.TotalCost.IsZero() {
		if err := loan.CheckAmount(p.Offer.TotalCost, p.Currency); err != nil {
			return wrong("offer.total_cost", "%v", err)
		}
	}
	switch {
	case p.Offer.Installments < 1 || p.Offer.Installments > mostInstallments:
		return wrong("offer.installments", "must lie between 1 and %d", mostInstallments)
	case p.Offer.FirstDue.IsZero():
		return wrong("offer.first_due", "is missing; send the first due date")
	case p.Until.IsZero():
		return wrong("until", "is missing; send the time at which the offer lapses")
	}
	if err := checkZone(p.TimeZone); err != nil {
		return wrong("time_zone", "%v", err)
	}
	return optionalID("product", p.Product)
}

// Withdrawal is the payload of application.withdrawn.
type Withdrawal struct {
	Reason string `json:"reason,omitempty" doc:"a code, such as applicant or duplicate"`
}

// Validate implements [Payload].
func (p *Withdrawal) Validate() error { return optionalID("reason", p.Reason) }

// Verdict is what a pre-approval comes to.
type Verdict string

// The verdicts. The first four are told to the lending system; the last two it said itself.
const (
	// Verified: the applicant was spoken to, and identity and data are right.
	Verified Verdict = "verified"
	// Unreachable: nobody reached the applicant before the offer lapsed, or nobody may.
	Unreachable Verdict = "unreachable"
	// Declined: the applicant does not want the loan.
	Declined Verdict = "declined"
	// SuspectedFraud: whoever was spoken to seems not to be the applicant, or to be made to apply.
	SuspectedFraud Verdict = "suspected_fraud"
	// Withdrawn: the application was withdrawn before.
	Withdrawn Verdict = "withdrawn"
	// Disbursed: the loan was disbursed before.
	Disbursed Verdict = "disbursed"
)

// Verdicts are all verdicts, Findings those that a person may come to in a call.
var (
	Verdicts = []Verdict{Verified, Unreachable, Declined, SuspectedFraud, Withdrawn, Disbursed}
	Findings = []Finding{Finding(Verified), Finding(Declined), Finding(SuspectedFraud)}
)

// UnmarshalText refuses a word that is no verdict; none at all stands for one that there is not yet.
func (v *Verdict) UnmarshalText(text []byte) (err error) {
	if *v = ""; len(text) == 0 {
		return nil
	}
	*v, err = closed.Parse("verdict", Verdicts, string(text))
	return err
}

// Told reports whether the lending system is told of a verdict.
func (v Verdict) Told() bool { return v != "" && v != Withdrawn && v != Disbursed }

// Finding is a verdict that a person may come to in a call about an application.
type Finding string

// UnmarshalText refuses a word that is no finding.
func (f *Finding) UnmarshalText(text []byte) (err error) {
	if *f = ""; len(text) == 0 {
		return nil
	}
	*f, err = closed.Parse("finding", Findings, string(text))
	return err
}

// Preapproval is what a pre-approval had come to when a loan was disbursed.
type Preapproval struct {
	Verdict Verdict   `json:"verdict" doc:"what it came to; disbursed when it had come to nothing before"`
	At      time.Time `json:"at" doc:"when"`
}

// mostQuestions and longestQuestion bound what can be noted of what an applicant asked in one call.
const (
	mostQuestions   = 20
	longestQuestion = 2000
)

// aboutApplication checks what is said of an application.
func (p *Call) aboutApplication() error {
	d := p.Disposition
	switch {
	case p.Finding == Finding(Verified) && d != "right_party":
		return wrong("finding", "verified goes with the disposition right_party: somebody else cannot be verified")
	case p.Finding == Finding(Declined) && d != "right_party" && d != "refused":
		return wrong("finding", "declined goes with the disposition right_party or refused")
	case p.Finding == Finding(SuspectedFraud) && !d.Connected():
		return wrong("finding", "suspected_fraud goes with a disposition that says that somebody was spoken to, such as right_party or third_party")
	case len(p.Questions) > 0 && !d.Conversation():
		return wrong("questions", "are asked by nobody: send them with right_party or another disposition that says that the applicant was spoken to")
	case len(p.Questions) > mostQuestions:
		return wrong("questions", "are %d; send at most %d, and the rest as a note", len(p.Questions), mostQuestions)
	}
	for _, q := range p.Questions {
		if q == "" || len(q) > longestQuestion {
			return wrong("questions", "hold one that is empty or longer than %d bytes; shorten it, or leave it out", longestQuestion)
		}
	}
	return nil
}
