package complaint

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/loan"
)

// Redress is one thing that the lender does to put a complaint right.
type Redress struct {
	Kind RedressKind `json:"kind" doc:"what is done"`
	// Amount is set for what is money, in Currency.
	Amount   decimal.Decimal `json:"amount,omitzero" doc:"how much, for fee_refund, interest_refund and goodwill"`
	Currency string          `json:"currency,omitempty" doc:"ISO 4217 code of the amount"`
	// Channel is the one that is used from then on, with channel_change.
	Channel contact.Channel `json:"channel,omitempty" doc:"the borrower's channel from now on, with channel_change"`
}

// Validate refuses redress that says too little, or too much.
func (r Redress) Validate() error {
	switch {
	case r.Kind == "":
		return refuse("kind", "is missing; say what is done")
	case r.Kind.Money() && !r.Amount.IsPos():
		return refuse("amount", "is missing; say how much %s is paid back", r.Kind)
	case !r.Kind.Money() && (!r.Amount.IsZero() || r.Currency != ""):
		return refuse("amount", "goes with fee_refund, interest_refund and goodwill, and not with %s", r.Kind)
	case r.Kind == ChannelChanged && r.Channel == "":
		return refuse("channel", "is missing; say which one is used from now on")
	case r.Kind != ChannelChanged && r.Channel != "":
		return refuse("channel", "goes with channel_change, and not with %s", r.Kind)
	}
	if !r.Kind.Money() {
		return nil
	}
	units, err := loan.MinorUnits(r.Currency)
	if err != nil {
		return refuse("currency", "is not an ISO 4217 currency such as USD")
	}
	if r.Amount.MinScale() > units {
		return refuse("amount", "has more than the %d decimal places of %s", units, r.Currency)
	}
	return nil
}
