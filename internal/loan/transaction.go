package loan

import (
	"cmp"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
)

// Kind is what a transaction does to a loan.
type Kind string

// The kinds of transaction.
const (
	// Payment is money from the borrower.
	Payment Kind = "payment"
	// Reversal undoes a payment or a recovery, as a chargeback does: from its value date on it is as if that had not been.
	Reversal Kind = "reversal"
	// Refund is money given back to the borrower: what was paid last is taken back first.
	Refund Kind = "refund"
	// Fee is charged by the lending system.
	Fee Kind = "fee"
	// Waiver gives up a part of what is owed.
	Waiver Kind = "waiver"
	// WriteOff is the lender's loss in its books. The borrower owes what was owed before.
	WriteOff Kind = "write_off"
	// Recovery is money that comes after a write-off.
	Recovery Kind = "recovery"
)

// Kinds are all kinds of transaction, in the order in which those of one value date count.
var Kinds = []Kind{Fee, Waiver, Refund, Payment, Reversal, Recovery, WriteOff}

// UnmarshalText refuses a word that is no kind of transaction.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = closed.Parse("type of transaction", Kinds, string(text))
	return err
}

// rank is the place of a kind among the transactions of one value date.
func (k Kind) rank() int {
	for n, kind := range Kinds {
		if k == kind {
			return n
		}
	}
	return len(Kinds)
}

// pays reports whether a transaction brings money that is allocated.
func (k Kind) pays() bool { return k == Payment || k == Recovery }

// Transaction is one posting of the lending system.
type Transaction struct {
	// ID is the lending system's own id of the posting.
	ID   string `json:"id"`
	Kind Kind   `json:"type"`
	// ValueDate is the date from which it counts.
	ValueDate bizclock.Date   `json:"value_date"`
	Amount    decimal.Decimal `json:"amount"`
	// Reverses is the id of the payment that a reversal undoes.
	Reverses string `json:"reverses,omitempty"`
	// Of is the component that a waiver gives up first; by the age of installments when left out.
	Of Component `json:"of,omitempty"`
	// Pays is where the borrower said that a payment shall go.
	Pays Direction `json:"pays,omitzero"`
}

// Direction is the borrower's word on what a payment pays. It goes before any order; what it leaves is allocated as usual.
type Direction struct {
	// Installment is the due date of the installment to be paid; any when left out.
	Installment bizclock.Date `json:"installment,omitzero"`
	// Component is the component to be paid; all when left out.
	Component Component `json:"component,omitempty"`
}

// IsZero reports whether the borrower said nothing.
func (d Direction) IsZero() bool { return d == Direction{} }

// Same reports whether two transactions say the same.
func (t Transaction) Same(other Transaction) bool {
	return t.ID == other.ID && t.Kind == other.Kind && t.ValueDate == other.ValueDate && t.Amount.Cmp(other.Amount) == 0 &&
		t.Reverses == other.Reverses && t.Of == other.Of && t.Pays == other.Pays
}

// compare orders transactions as they count: by value date, by kind within a date, then by id. The order in which they
// arrived has no part in it.
func (t *Transaction) compare(other *Transaction) int {
	if c := t.ValueDate.Compare(other.ValueDate); c != 0 {
		return c
	}
	if c := cmp.Compare(t.Kind.rank(), other.Kind.rank()); c != 0 {
		return c
	}
	return cmp.Compare(t.ID, other.ID)
}
