package event

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/loan"
)

// Application is the payload of application.preapproved. What it says of the loan is what the applicant is to be told in the call.
type Application struct {
	Borrower     Borrower        `json:"borrower" doc:"the applicant"`
	Product      string          `json:"product,omitempty" doc:"name of the product"`
	Currency     string          `json:"currency,omitempty" doc:"ISO 4217 code of the amounts, such as USD"`
	Amount       decimal.Decimal `json:"amount,omitzero" doc:"amount that would be paid out"`
	Total        decimal.Decimal `json:"total,omitzero" doc:"what would have to be paid back in all"`
	Installments int             `json:"installments,omitempty" doc:"in how many installments"`
	FirstDue     bizclock.Date   `json:"first_due,omitzero" doc:"when the first would fall due"`
	TimeZone     string          `json:"time_zone,omitempty" doc:"IANA time zone of the contract; the first of the applicant's when left out"`
	Until        time.Time       `json:"until,omitzero" doc:"first instant at which the approval no longer holds, so that nobody needs to call; two weeks later when left out"`
	Lent         string          `json:"lent,omitempty" doc:"id of the loan, where its disbursement came before; worked out by Tender, whatever was sent"`
}

// Validate implements [Payload].
func (p *Application) Validate() error {
	if p.Borrower.ID == "" {
		return wrong("borrower.id", "is missing; say who applied")
	}
	if err := p.Borrower.Validate(); err != nil {
		return under("borrower", err)
	}
	if p.Currency == "" && (!p.Amount.IsZero() || !p.Total.IsZero()) {
		return wrong("currency", "is missing; amounts are in one, such as USD")
	}
	if p.Currency != "" {
		units, err := loan.MinorUnits(p.Currency)
		if err != nil {
			return wrong("currency", "is not an ISO 4217 currency such as USD")
		}
		for _, part := range []struct {
			field  string
			amount decimal.Decimal
		}{{"amount", p.Amount}, {"total", p.Total}} {
			if part.amount.IsNeg() || part.amount.MinScale() > units {
				return wrong(part.field, "must be positive, with no more than the %d decimal places of %s", units, p.Currency)
			}
		}
	}
	if !p.Total.IsZero() && p.Total.Cmp(p.Amount) < 0 {
		return wrong("total", "is less than the amount that would be paid out")
	}
	if p.Installments < 0 || p.Installments > 1200 {
		return wrong("installments", "must lie between 1 and 1200; leave it out when it is not known")
	}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" {
			return wrong("time_zone", "is not an IANA time zone such as America/New_York")
		}
	}
	return optionalID("product", p.Product)
}

// Withdrawal is the payload of application.withdrawn.
type Withdrawal struct {
	Reason string `json:"reason,omitempty" doc:"why, as a code"`
}

// Validate implements [Payload].
func (p *Withdrawal) Validate() error { return optionalID("reason", p.Reason) }

// Verified is what came of the callback to an application.
type Verified string

// What can come of it.
const (
	// IsVerified: the applicant was spoken to, and who they are and what they said is right.
	IsVerified Verified = "verified"
	// IsUnreachable: nobody was reached while the approval held.
	IsUnreachable Verified = "unreachable"
	// IsDeclined: the applicant does not want the loan.
	IsDeclined Verified = "declined"
	// IsSuspected: it may be a fraud.
	IsSuspected Verified = "suspected_fraud"
	// IsWithdrawn: the application was withdrawn before.
	IsWithdrawn Verified = "withdrawn"
	// IsOpen: the loan was disbursed before anything came of it.
	IsOpen Verified = "open"
)

// Verifieds are all that can come of it.
var Verifieds = []Verified{IsVerified, IsUnreachable, IsDeclined, IsSuspected, IsWithdrawn, IsOpen}

// UnmarshalText refuses a word that is none of them; none at all stands for a loan that came of no application.
func (v *Verified) UnmarshalText(text []byte) (err error) {
	if *v = ""; len(text) == 0 {
		return nil
	}
	*v, err = closed.Parse("outcome of an application", Verifieds, string(text))
	return err
}

// Callback is what came of a call about an application.
type Callback struct {
	Outcome   Verified `json:"outcome,omitempty" words:"verified,declined,suspected_fraud" doc:"verified, declined or suspected_fraud; none with callback"`
	Questions []string `json:"questions,omitempty" personal:"true" doc:"what the applicant asked"`
	// Asked is the number of questions.
	Asked int `json:"asked,omitempty" doc:"how many questions there were; worked out by Tender"`
}

// Validate implements [Payload].
func (p *Callback) Validate() error {
	if p.Outcome != "" && p.Outcome != IsVerified && p.Outcome != IsDeclined && p.Outcome != IsSuspected {
		return wrong("outcome", "must be %s, %s or %s", IsVerified, IsDeclined, IsSuspected)
	}
	if len(p.Questions) > 50 {
		return wrong("questions", "are more than 50; write down those that matter")
	}
	if p.Outcome == "" && len(p.Questions) == 0 {
		return wrong("outcome", "is missing; say verified, declined or suspected_fraud")
	}
	if n := slices.IndexFunc(p.Questions, func(q string) bool { return strings.TrimSpace(q) == "" }); n >= 0 {
		return wrong(fmt.Sprintf("questions[%d]", n), "is empty; write down what was asked, or leave it out")
	}
	return nil
}

// comesOf reports whether a call that ended so can have such an outcome. Another person who answers may make one suspect a fraud. Who
// wants to be called back has not been asked yet, and may only have asked; who refuses to talk was not verified. Without a call
// somebody saw to it in another way.
func (p *Callback) comesOf(d contact.Disposition) bool {
	switch d {
	case "":
		return p.Outcome != ""
	case contact.Callback:
		return p.Outcome == ""
	case contact.Refused:
		return p.Outcome == IsDeclined || p.Outcome == IsSuspected
	}
	return p.Outcome != "" && d.Connected() && (d.Conversation() || p.Outcome == IsSuspected)
}

// An application is accompanied by a journey of its own, like a loan, under an id that no loan can have.
const applicationLoan = "application."

// ApplicationLoan is the id under which an application is accompanied.
func ApplicationLoan(application string) string { return applicationLoan + application }

// ApplicationOf is the application that is accompanied under an id; none when that is a loan's.
func ApplicationOf(loan string) (application string, is bool) {
	return strings.CutPrefix(loan, applicationLoan)
}

// SubjectOf is the subject of an event about what is accompanied under an id: a loan or an application.
func SubjectOf(loan string) string {
	if application, is := ApplicationOf(loan); is {
		return string(ApplicationSubject) + "/" + application
	}
	if id, is := ComplaintOf(loan); is {
		return string(ComplaintSubject) + "/" + id
	}
	return string(LoanSubject) + "/" + loan
}

// Named is how people name what is accompanied under an id: a loan by that, an application as a subject.
func Named(loan string) string {
	if !Lent(loan) {
		return SubjectOf(loan)
	}
	return loan
}

// Names is how several are named to a person.
func Names(loans []string) string {
	named := make([]string, len(loans))
	for n, loan := range loans {
		named[n] = Named(loan)
	}
	return strings.Join(named, ", ")
}

// CheckLoanID is [CheckID] for loans.
func CheckLoanID(id string) error {
	if !Lent(id) {
		word, _, _ := strings.Cut(id, ".")
		return fmt.Errorf("begins with %s., as the ids of %ss do; give the loan another one", word, word)
	}
	return CheckID(id)
}
