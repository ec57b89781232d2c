package hardship

import (
	"cmp"
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// due is what falls due on a date.
type due struct {
	on bizclock.Date
	parts
}

// work is a case with all that offers are made from.
type work struct {
	c     *Case
	scale int
	// every is the loan's rhythm, in which new payments fall due too, but not more often than every week.
	every  cadence
	status loan.Status
	flows  []flow
	// unpaid is what is left of each installment, in the order of due dates.
	unpaid []due
	// owed is the sum of unpaid, arrears what of it was due before the day.
	owed, arrears parts
	// later is the interest of installments that fall due after the day: it has not been earned yet.
	later minor
	// since is the date from which the interest has not been billed: the last due date, or else the disbursement.
	since bizclock.Date
	// first is the date on which new payments begin.
	first bizclock.Date
	// end is the last date of the contract.
	end bizclock.Date
}

// atOnce is how many days a borrower has at least until the first payment of a new schedule.
const atOnce = 7

func newWork(c *Case) (*work, error) {
	scale, err := loan.MinorUnits(c.Ledger.Currency)
	if err != nil {
		return nil, err
	}
	every := cadence{Every: cmp.Or(c.Loan.Every, loan.Every{Count: 1, Unit: loan.Months})}
	if every.Unit == loan.Days && every.Count < 7 {
		every.Every = loan.Every{Count: 1, Unit: loan.Weeks}
	}
	w := &work{c: c, scale: scale, every: every, status: c.Ledger.Status(c.AsOf), flows: flows(c.Ledger.Transactions), since: c.Loan.DisbursedOn}
	for _, i := range c.Ledger.Installments {
		_, _, day := i.Due.Civil()
		w.every.day = max(w.every.day, day)
		if w.end = i.Due; !i.Due.After(c.AsOf) {
			w.since = i.Due
		}
	}
	if w.since.IsZero() {
		w.since = c.AsOf
	}
	for _, i := range w.status.Installments {
		left := parts{w.minor(i.Unpaid.Principal), w.minor(i.Unpaid.Interest), w.minor(i.Unpaid.Fee)}
		if left.total() == 0 {
			continue
		}
		w.unpaid = append(w.unpaid, due{i.Due, left})
		w.owed = w.owed.plus(left)
		if i.Due.Before(c.AsOf) {
			w.arrears = w.arrears.plus(left)
		} else if i.Due.After(c.AsOf) {
			w.later += left.interest
		}
	}
	w.first = w.begin()
	return w, nil
}

// begin returns the first date on which the borrower can be asked to pay anew: the one that the case names, or the loan's
// own rhythm, a week ahead at least.
func (w *work) begin() bizclock.Date {
	if !w.c.PayFrom.IsZero() {
		return w.c.PayFrom
	}
	soonest := w.c.AsOf.AddDays(atOnce)
	for _, i := range w.c.Ledger.Installments {
		if !i.Due.Before(soonest) {
			return i.Due
		}
	}
	for k := 1; ; k++ {
		if on := w.every.after(w.end, k); !on.Before(soonest) {
			return on
		}
	}
}

// minor returns an amount in minor units; the case was checked to have no finer one.
func (w *work) minor(d decimal.Decimal) minor {
	m, _ := inMinor(d, w.scale)
	return m
}

func (w *work) money(m *loan.Money) minor {
	if m == nil {
		return 0
	}
	return w.minor(m.Amount)
}

func (w *work) decimal(m minor) decimal.Decimal { return decimal.MustNew(int64(m), w.scale) }

func (w *work) meansKnown() bool { return w.c.Income != nil && w.c.EssentialCosts != nil }

// disposable is what a borrower has left of a month's income; below zero when that does not cover essential costs.
func (w *work) disposable() minor { return w.money(w.c.Income) - w.money(w.c.EssentialCosts) }

// affordable reports whether the borrower is known to have the money for a schedule: in each calendar month no more falls
// due than is left of the income now. Once the trouble is expected to be over, the usual payments, with whatever fees come
// with them, can be afforded again.
func (w *work) affordable(schedule []due) bool {
	if !w.meansKnown() {
		return false
	}
	over := w.c.AsOf.AddMonths(w.c.ExpectedMonths)
	var month parts
	recovered := false
	for n, d := range schedule {
		if n == 0 || !sameMonth(d.on, schedule[n-1].on) {
			month, recovered = parts{}, w.c.ExpectedMonths > 0 && !d.on.Before(over)
		}
		month = month.plus(d.parts)
		if month.total() > w.disposable() && !(recovered && month.principal+month.interest <= w.mostEver()) {
			return false
		}
	}
	return true
}

// mostEver is the most that the borrower can afford in a month, now or after the trouble.
func (w *work) mostEver() minor { return max(w.disposable(), w.usual()*w.every.aMonth()) }

// monthly is the most that falls due in any one calendar month.
func monthly(schedule []due) (most minor) {
	var sum minor
	for n, d := range schedule {
		if n == 0 || !sameMonth(d.on, schedule[n-1].on) {
			sum = 0
		}
		sum += d.total()
		most = max(most, sum)
	}
	return most
}

func sameMonth(a, b bizclock.Date) bool {
	yearA, monthA, _ := a.Civil()
	yearB, monthB, _ := b.Civil()
	return yearA == yearB && monthA == monthB
}

// ahead is what is left of the installments that are due on the day or later.
func (w *work) ahead() []due {
	n := slices.IndexFunc(w.unpaid, func(d due) bool { return !d.on.Before(w.c.AsOf) })
	if n < 0 {
		return nil
	}
	return w.unpaid[n:]
}

// over returns the dates of payment from a date on, for so many months.
func (w *work) over(from bizclock.Date, months int) (dates []bizclock.Date) {
	until := addMonths(from, months, w.every.day)
	for k := 0; ; k++ {
		on := w.every.after(from, k)
		if !on.Before(until) {
			return dates
		}
		dates = append(dates, on)
	}
}

// remaining returns the dates of payment that the contract has left, and those of some months more, one at least.
func (w *work) remaining(more int) (dates []bizclock.Date) {
	end := w.end
	if before := w.every.after(w.first, -1); end.Before(before) {
		end = before
	}
	end = addMonths(end, more, w.every.day)
	for k := 0; ; k++ {
		on := w.every.after(w.first, k)
		if on.After(end) && (k > 0 || more == 0) {
			return dates
		}
		dates = append(dates, on)
	}
}

// merged puts schedules together: what is due on one date is one payment.
func merged(schedules ...[]due) []due {
	all := slices.Concat(schedules...)
	slices.SortStableFunc(all, func(a, b due) int { return a.on.Compare(b.on) })
	var out []due
	for _, d := range all {
		switch last := len(out) - 1; {
		case d.total() == 0:
		case last >= 0 && out[last].on == d.on:
			out[last].parts = out[last].plus(d.parts)
		default:
			out = append(out, d)
		}
	}
	return out
}

// sum adds up a schedule.
func sum(schedule []due) (total parts) {
	for _, d := range schedule {
		total = total.plus(d.parts)
	}
	return total
}
