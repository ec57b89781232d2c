package event

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

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
