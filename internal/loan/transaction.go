package loan

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Kind is what a transaction does to a loan.
type Kind string

// The kinds of transaction.
const (
	Payment  Kind = "payment"
	Reversal Kind = "reversal"
	Refund   Kind = "refund"
	Fee      Kind = "fee"
	Waiver   Kind = "waiver"
	Recovery Kind = "recovery"
)

// Transaction is one posting of the lending system.
type Transaction struct {
	// ID is the lending system's own id of the posting.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// ValueDate is the date from which it counts.
	ValueDate bizclock.Date   `json:"value_date"`
	Amount    decimal.Decimal `json:"amount"`
	// Reverses is the id of the payment that a reversal undoes.
	Reverses string `json:"reverses,omitempty"`
}

// Same reports whether two transactions say the same.
func (t Transaction) Same(other Transaction) bool {
	return t.ID == other.ID && t.Kind == other.Kind && t.ValueDate == other.ValueDate && t.Amount.Cmp(other.Amount) == 0 && t.Reverses == other.Reverses
}
