package loan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/strictjson"
)

// Ledger is all that is known about the money of one loan. Where it stands on a date follows from it, and from nothing
// else: the order in which the transactions are listed, or arrived, has no part in it. [Ledger.UnmarshalJSON] refuses what
// it does not know.
type Ledger struct {
	// Currency is an ISO 4217 code; every amount is in it, with at most its minor units.
	Currency string `json:"currency"`
	// GraceDays are subtracted from past-due days to give delinquent days.
	GraceDays int `json:"grace_days,omitempty"`
	// Buckets are the ranges of delinquent days; [DefaultBuckets] unless given.
	Buckets Buckets `json:"buckets,omitempty"`
	// Allocation is the order in which payments pay what is owed.
	Allocation Allocation `json:"allocation,omitzero"`
	// LateFee is what the contract charges for an installment that stays unpaid; nothing unless given.
	LateFee LateFee `json:"late_fee,omitzero"`
	// Installments are the schedule, in the order of due dates.
	Installments []Installment `json:"installments"`
	// Transactions are the postings, in any order.
	Transactions []Transaction `json:"transactions,omitempty"`
	// Pauses are the times that do not count as delinquent, and in which no late fee is charged.
	Pauses []Pause `json:"pauses,omitempty"`
	// Holds are the times in which no late fee is charged, although they count as delinquent. They may overlap.
	Holds []Pause `json:"holds,omitempty"`
	// Disputes are the parts that the borrower disputes: no payment goes there, and they are not asked for.
	Disputes []Dispute `json:"disputes,omitempty"`
}

// UnmarshalJSON reads a ledger, and refuses fields that it does not have and values that are of the wrong kind. Installments
// may have a total, as schedules are printed with it; one that is not the sum of its parts is refused. Its errors start with
// the field, such as transactions[2].amount. It does not call Validate.
func (l *Ledger) UnmarshalJSON(text []byte) error {
	type plain Ledger
	file := struct {
		plain
		Installments []totalled `json:"installments"`
	}{plain: plain(*l)}
	if err := strictjson.Decode(text, &file); err != nil {
		return err
	}
	file.plain.Installments = make([]Installment, len(file.Installments))
	for n, i := range file.Installments {
		if total := i.Installment.Total(); i.Total != nil && i.Total.Cmp(total) != 0 {
			return &strictjson.Error{
				Path:   fmt.Sprintf("installments[%d].total", n),
				Reason: fmt.Sprintf("%s is not the sum of its parts, %s; correct the part that is wrong", i.Total, total),
			}
		}
		file.plain.Installments[n] = i.Installment
	}
	*l = Ledger(file.plain)
	return nil
}

// totalled is an installment as [Computed.MarshalJSON] writes it.
type totalled struct {
	Installment
	Total *decimal.Decimal `json:"total"`
}

// Dispute is a part of what is owed that the borrower disputes, from From on, up to but not including Until.
type Dispute struct {
	ID    string        `json:"id"`
	From  bizclock.Date `json:"from"`
	Until bizclock.Date `json:"until,omitzero"`
	// Installment is the due date of the disputed installment; the oldest unpaid ones when left out.
	Installment bizclock.Date `json:"installment,omitzero"`
	// Component is the disputed component; all when left out.
	Component Component `json:"component,omitempty"`
	// Amount is how much of it is disputed; all when left out.
	Amount decimal.Decimal `json:"amount,omitzero"`
}

// partial reports whether the dispute is about a part of the loan. One about the whole leaves payments nowhere else to
// go: it stops collection, by a hold, and moves no money.
func (d Dispute) partial() bool {
	return !d.Amount.IsZero() || !d.Installment.IsZero() || d.Component != ""
}

// Validate refuses what no ledger can hold: amounts that are none, a schedule out of order, two transactions with one id
// and different content, a reversal of nothing, pauses that overlap. Its errors start with the field, such as
// transactions[2].amount.
func (l Ledger) Validate() error {
	if _, err := MinorUnits(l.Currency); err != nil {
		return fmt.Errorf("currency: %w", err)
	}
	if l.GraceDays < 0 || l.GraceDays > 366 {
		return fmt.Errorf("grace_days: %d must lie between 0 and 366", l.GraceDays)
	}
	if err := l.Buckets.validate(); err != nil {
		return err
	}
	if err := l.Allocation.validate(); err != nil {
		return err
	}
	if err := l.LateFee.validate(l.Currency); err != nil {
		return err
	}
	if err := CheckSchedule(l.Installments, l.Currency); err != nil {
		return fmt.Errorf("installments%w", trimmed{err, len("schedule")})
	}
	if err := l.checkTransactions(); err != nil {
		return err
	}
	if err := l.checkSum(); err != nil {
		return err
	}
	for n, h := range l.Holds {
		if err := h.check(fmt.Sprintf("holds[%d]", n)); err != nil {
			return err
		}
	}
	if err := checkPauses(l.Pauses); err != nil {
		return err
	}
	return l.checkDisputes()
}

// trimmed is an error without the first letters of what it says: the name of a field that is called otherwise elsewhere.
type trimmed struct {
	error
	letters int
}

func (t trimmed) Error() string { return t.error.Error()[t.letters:] }

// checkSum refuses amounts that are too much together.
func (l Ledger) checkSum() error {
	most, total := decimal.MustNew(1_000_000_000_000_000, 0), decimal.Zero
	for _, i := range l.Installments {
		total = plus(total, i.Total())
	}
	for _, t := range l.Transactions {
		total = plus(total, t.Amount)
	}
	if total.Cmp(most) > 0 {
		return fmt.Errorf("installments: with the transactions they add up to %s; together they may be %s at most", total, most)
	}
	return nil
}

// CheckWhole refuses, beyond [Ledger.Validate], what the books of one loan in one file cannot say, although parts of them that
// come one by one can: what names an installment that is not there, disputes of one id, and reversals that come before their
// payment or are more than it together. Its errors start with the field.
func (l Ledger) CheckWhole() error {
	if err := l.Validate(); err != nil {
		return err
	}
	due := func(on bizclock.Date) bool {
		return on.IsZero() || slices.ContainsFunc(l.Installments, func(i Installment) bool { return i.Due == on })
	}
	const which = "%s: no installment is due on %s; name the due date of one, or leave it out"
	first, undone := map[string]Transaction{}, map[string]decimal.Decimal{}
	for _, t := range l.Transactions {
		first[t.ID] = t
	}
	counted := map[string]bool{}
	for n, t := range l.Transactions {
		field := fmt.Sprintf("transactions[%d]", n)
		if !due(t.Pays.Installment) {
			return fmt.Errorf(which, field+".pays.installment", t.Pays.Installment)
		}
		if t.Kind != Reversal || counted[t.ID] {
			continue
		}
		counted[t.ID] = true
		of := first[t.Reverses]
		if t.ValueDate.Before(of.ValueDate) {
			return fmt.Errorf("%s.value_date: %s lies before that of %s, which it undoes, %s; send the date of the reversal", field, t.ValueDate, of.ID, of.ValueDate)
		}
		if undone[of.ID] = plus(undone[of.ID], t.Amount); undone[of.ID].Cmp(of.Amount) > 0 {
			return fmt.Errorf("%s.amount: with it, %s of %s is undone, which was %s; leave out the reversal that is one too many", field, undone[of.ID], of.ID, of.Amount)
		}
	}
	ids := map[string]int{}
	for n, d := range l.Disputes {
		field := fmt.Sprintf("disputes[%d]", n)
		if !due(d.Installment) {
			return fmt.Errorf(which, field+".installment", d.Installment)
		}
		if other, twice := ids[d.ID]; twice {
			return fmt.Errorf("%s.id: %s stands at disputes[%d] too; give each dispute an id of its own", field, d.ID, other)
		}
		ids[d.ID] = n
	}
	return nil
}

func (l Ledger) checkTransactions() error {
	known := make(map[string]int, len(l.Transactions))
	for n, t := range l.Transactions {
		field := func(name string) string { return fmt.Sprintf("transactions[%d].%s", n, name) }
		switch err := CheckAmount(t.Amount, l.Currency); {
		case t.ID == "":
			return fmt.Errorf("%s: is missing; give each transaction an id of its own", field("id"))
		case t.Kind.rank() == len(Kinds):
			return fmt.Errorf("%s: is missing; say what the transaction does, such as payment", field("type"))
		case t.ValueDate.IsZero():
			return fmt.Errorf("%s: is missing; send the date from which it counts", field("value_date"))
		case err != nil:
			return fmt.Errorf("%s: %w", field("amount"), err)
		}
		if other, twice := known[t.ID]; twice && !t.Same(l.Transactions[other]) {
			return fmt.Errorf("%s: %s stands at transactions[%d] too, with other content; give each transaction an id of its own", field("id"), t.ID, other)
		}
		known[t.ID] = n
	}
	for n, t := range l.Transactions {
		field := func(name string) string { return fmt.Sprintf("transactions[%d].%s", n, name) }
		switch {
		case t.Kind != Reversal && t.Reverses != "":
			return fmt.Errorf("%s: only a reversal undoes another transaction; leave it out", field("reverses"))
		case t.Kind != Waiver && t.Of != "":
			return fmt.Errorf("%s: only a waiver gives up a component; leave it out", field("of"))
		case !t.Kind.pays() && !t.Pays.IsZero():
			return fmt.Errorf("%s: only a payment goes where the borrower says; leave it out", field("pays"))
		case t.Kind != Reversal:
			continue
		case t.Reverses == "":
			return fmt.Errorf("%s: is missing; name the payment that is undone", field("reverses"))
		}
		switch of, ok := known[t.Reverses]; {
		case !ok:
			return fmt.Errorf("%s: there is no transaction %s; list the payment that is undone", field("reverses"), t.Reverses)
		case !l.Transactions[of].Kind.pays():
			return fmt.Errorf("%s: %s is a %s; only a payment or a recovery can be undone", field("reverses"), t.Reverses, l.Transactions[of].Kind)
		case t.Amount.Cmp(l.Transactions[of].Amount) > 0:
			return fmt.Errorf("%s: %s is more than %s, which was %s", field("amount"), t.Amount, t.Reverses, l.Transactions[of].Amount)
		}
	}
	return nil
}

func (l Ledger) checkDisputes() error {
	for n, d := range l.Disputes {
		field := func(name string) string { return fmt.Sprintf("disputes[%d].%s", n, name) }
		switch {
		case d.ID == "":
			return fmt.Errorf("%s: is missing; give each dispute an id of its own", field("id"))
		case d.From.IsZero():
			return fmt.Errorf("%s: is missing; send the date on which it was raised", field("from"))
		case !d.Until.IsZero() && d.Until.Before(d.From):
			return fmt.Errorf("%s: %s lies before from, %s", field("until"), d.Until, d.From)
		}
		if d.Amount.IsZero() {
			continue
		}
		if err := CheckAmount(d.Amount, l.Currency); err != nil {
			return fmt.Errorf("%s: %w", field("amount"), err)
		}
	}
	return nil
}

// LateFee is what a contract charges once for each installment of which something is still unpaid some days after it was
// due: an amount, or a share of what is overdue. Fees are no part of what the share is of, and who would be late only by
// the late fees before is charged none. None is charged on a day that lies in a pause or a dispute.
type LateFee struct {
	// Amount is charged as it is; exclusive with Rate.
	Amount decimal.Decimal `json:"amount,omitzero"`
	// Rate is the share of what is overdue, as a fraction: 0.05 is 5 %. The fee is rounded half-even to minor units.
	Rate decimal.Decimal `json:"rate,omitzero"`
	// Of is what Rate is a share of: principal, or, when left out, principal and interest.
	Of Component `json:"of,omitempty"`
	// AfterDays is how many days after the due date it is charged, at least 1.
	AfterDays int `json:"after_days,omitempty"`
	// Cap is the most that one installment is charged, CapInAll the most that the whole loan is; no limit when left out.
	Cap      decimal.Decimal `json:"cap,omitzero"`
	CapInAll decimal.Decimal `json:"cap_in_all,omitzero"`
}

// IsZero reports whether no late fee is charged.
func (f LateFee) IsZero() bool { return f.Amount.IsZero() && f.Rate.IsZero() }

// LateFeeOn is the day at whose end the late fee of an installment is charged, if something of it is then unpaid: never
// within the days of grace.
func (l *Ledger) LateFeeOn(due bizclock.Date) bizclock.Date {
	return due.AddDays(max(l.LateFee.AfterDays, l.GraceDays+1))
}

func (f LateFee) validate(currency string) error {
	if f == (LateFee{}) {
		return nil
	}
	switch {
	case f.Amount.IsZero() == f.Rate.IsZero():
		return errors.New("late_fee: must have either an amount or a rate")
	case f.Rate.IsNeg() || f.Rate.Cmp(decimal.One) > 0:
		return fmt.Errorf("late_fee.rate: %s is no share; 5 %% is 0.05", f.Rate)
	case f.Of == OfFee || f.Of == OfInterest || f.Of != "" && f.Rate.IsZero():
		return errors.New("late_fee.of: a rate may be of principal; leave it out for principal and interest")
	case f.AfterDays < 1 || f.AfterDays > 366:
		return fmt.Errorf("late_fee.after_days: %d must lie between 1 and 366", f.AfterDays)
	}
	for _, part := range []struct {
		name   string
		amount decimal.Decimal
	}{{"amount", f.Amount}, {"cap", f.Cap}, {"cap_in_all", f.CapInAll}} {
		if part.amount.IsZero() {
			continue
		}
		if err := CheckAmount(part.amount, currency); err != nil {
			return fmt.Errorf("late_fee.%s: %w", part.name, err)
		}
	}
	return nil
}
