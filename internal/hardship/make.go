package hardship

import (
	"fmt"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// make works out the schedule of a product. Where there is none it says why.
func (w *work) make(p *Product) (made, string) {
	owed, waived := w.owed, parts{}
	if p.Terms.Fees == FeesWaived {
		waived.fee, owed.fee = owed.fee, 0
	}
	if owed.total() == 0 {
		return made{}, nothingLeft
	}
	if p.Terms.Interest == Reduced && w.c.Loan.fixedPrice() {
		return made{}, "The loan has no known rate that could be lowered."
	}
	var m made
	var cannot string
	switch p.Kind {
	case Deferral:
		m = w.deferral(p)
	case ReducedPayments:
		m, cannot = w.reducedPayments(p, owed)
	case TermExtension:
		m = w.termExtension(p, owed)
	case RateReduction:
		m, cannot = w.rateReduction(p, owed)
	case FeeWaiver, ReAge:
		m, cannot = w.catchUp(p)
	case Settlement:
		m = w.settlement(p)
	case InstalmentPlan:
		m, cannot = w.instalmentPlan(p, owed)
	}
	switch {
	case cannot == "" && len(m.schedule) == 0:
		return made{}, nothingLeft
	case p.Kind != Settlement: // it says by itself what of everything it waives
		m.waived = m.waived.plus(waived)
	}
	return m, cannot
}

const nothingLeft = "Nothing would be left to pay; the lender can waive what is owed without a plan."

// multiple returns what payments are rounded down to multiples of, in minor units.
func (w *work) multiple(p *Product) minor {
	m, ok := inMinor(p.Terms.Multiple, w.scale)
	if !ok {
		return 1 // a multiple finer than the currency's minor units
	}
	return max(1, m)
}

// chosen returns for how many months a plan lasts whose length follows from the trouble.
func (w *work) chosen(p *Product) int {
	return min(max(w.c.ExpectedMonths, p.Limits.Months.Min), p.Limits.Months.Max)
}

// shortest returns what the fewest months give that the borrower can afford, and what the most months give if none is;
// where nobody knows what the borrower can afford, the months that the trouble is expected to last. At least so much has to
// be paid in these months, which spares trying those that cannot do.
func (w *work) shortest(p *Product, least minor, make func(months int) []due) (schedule []due, months int) {
	if !w.meansKnown() {
		months = w.chosen(p)
		return make(months), months
	}
	months = p.Limits.Months.Max
	if most := w.mostEver(); most > 0 {
		// So many months, counted from any day, lie in one calendar month more.
		months = min(months, max(p.Limits.Months.Min, int(min(least/most, longestPlan))-1))
	}
	for ; ; months++ {
		schedule = make(months)
		if months == p.Limits.Months.Max || w.affordable(schedule) {
			return schedule, months
		}
	}
}

// rates returns the rate of a product's terms, until a date; the contract's from then on.
func (w *work) rates(t Terms, until bizclock.Date) rates {
	contract := w.c.Loan.Rate
	rate := contract
	switch t.Interest {
	case Waived:
		rate = decimal.Zero
	case Reduced:
		rate = decimal.MustNew(int64(t.RateBPS), 4).Min(contract)
	}
	return func(on bizclock.Date) decimal.Decimal {
		if !until.IsZero() && on.After(until) {
			return contract
		}
		return rate
	}
}

// respread repays all that is owed over dates. Of a fixed price it takes what the schedule has, less what falls into the
// waived time; else it works interest out anew. It returns the interest that is given up.
func (w *work) respread(p *Product, owed parts, dates []bizclock.Date, until bizclock.Date) (schedule []due, waived minor) {
	if w.c.Loan.fixedPrice() {
		if p.Terms.Interest == Waived {
			waived = min(w.interestUntil(until), owed.interest)
			owed.interest -= waived
		}
		return merged(spread(owed, dates, w.multiple(p))), waived
	}
	owed.interest -= w.later
	schedule = w.amortise(owed, w.since, dates, w.rates(p.Terms, until), w.multiple(p))
	if p.Terms.Interest != Accrues {
		full := w.amortise(owed, w.since, dates, w.rates(Terms{Interest: Accrues}, until), w.multiple(p))
		waived = max(0, sum(full).interest-sum(schedule).interest)
	}
	return schedule, waived
}

// interestUntil is the unpaid interest of installments that are due after the day, up to a date; no date: all of it.
func (w *work) interestUntil(until bizclock.Date) (interest minor) {
	for _, d := range w.unpaid {
		if d.on.After(w.c.AsOf) && (until.IsZero() || !d.on.After(until)) {
			interest += d.interest
		}
	}
	return interest
}

// deferral moves every unpaid installment by the same number of months, the fewest with which nothing is due before the
// next due date has moved by the months of rest. Interest runs on for the rest, on the principal, and is spread over the
// moved installments.
func (w *work) deferral(p *Product) made {
	rest := w.chosen(p)
	next := w.c.AsOf
	if ahead := w.ahead(); len(ahead) > 0 {
		next = ahead[0].on
	}
	resumes := addMonths(next, rest, w.every.day)
	if resumes.Before(w.c.PayFrom) {
		resumes = w.c.PayFrom
	}
	shift := rest
	for addMonths(w.unpaid[0].on, shift, w.every.day).Before(resumes) {
		shift++
	}
	schedule := make([]due, 0, len(w.unpaid))
	dates := make([]bizclock.Date, 0, len(w.unpaid))
	for _, d := range w.unpaid {
		if d.on = addMonths(d.on, shift, w.every.day); p.Terms.Fees == FeesWaived {
			d.fee = 0
		}
		schedule, dates = append(schedule, d), append(dates, d.on)
	}
	m := made{begins: dates[0]}
	if !w.c.Loan.fixedPrice() {
		accrues := func(t Terms) minor {
			return w.owed.principal.share(w.c.Loan.accrual(w.rates(t, bizclock.Date{})(next), next, resumes))
		}
		interest := accrues(p.Terms)
		m.waived.interest = accrues(Terms{Interest: Accrues}) - interest
		schedule = append(schedule, spread(parts{interest: interest}, dates, 1)...)
	}
	m.schedule = merged(schedule)
	return m
}

// reducedPayments takes what the borrower can afford, within the product's share of the usual payment, for some months;
// interest first, then principal. What is then left is spread over the rest of the contract's time, lengthened as far as
// the product allows if the payments would rise above the usual one.
func (w *work) reducedPayments(p *Product, owed parts) (made, string) {
	if len(w.ahead()) == 0 {
		return made{}, "No installment lies ahead that could be reduced."
	}
	dates := w.over(w.first, w.chosen(p))
	pay := w.reduced(p)
	schedule, left, waived := w.payDown(p, owed, dates, pay)
	if left.total() == 0 {
		return made{schedule: merged(schedule), waived: parts{interest: waived}, begins: w.first}, ""
	}
	last := dates[len(dates)-1]
	var after []due
	for more := 0; more <= p.Terms.ExtendMonths; more++ {
		rest := w.remaining(more)
		if len(rest) <= len(dates) {
			continue
		}
		rest = rest[len(dates):]
		if w.c.Loan.fixedPrice() {
			after = spread(left, rest, w.multiple(p))
		} else {
			after = w.amortise(left, last, rest, w.rates(Terms{Interest: Accrues}, last), w.multiple(p))
		}
		if monthly(after) <= w.usual()*w.every.aMonth() {
			break
		}
	}
	if after == nil {
		return made{}, "The loan ends before the reduced months do, so nothing is left to make good for them."
	}
	return made{schedule: merged(schedule, after), waived: parts{interest: waived}, begins: w.first}, ""
}

// reduced returns the reduced payment.
func (w *work) reduced(p *Product) minor {
	usual := w.usual()
	least, most := max(1, usual*minor(p.Terms.PayPercent.Min)/100), max(1, usual*minor(p.Terms.PayPercent.Max)/100)
	pay := most
	if w.meansKnown() {
		pay = min(max(w.disposable()/w.every.aMonth(), least), most)
	}
	return down(pay, w.multiple(p))
}

// payDown pays the same amount on each date, interest first, then principal, then fees, until nothing is left.
func (w *work) payDown(p *Product, owed parts, dates []bizclock.Date, pay minor) (schedule []due, left parts, waived minor) {
	left = owed
	fixed := w.c.Loan.fixedPrice()
	if fixed && p.Terms.Interest == Waived {
		waived = min(w.interestUntil(dates[len(dates)-1]), left.interest)
		left.interest -= waived
	} else if !fixed {
		left.interest -= w.later
	}
	from := w.since
	for _, on := range dates {
		if !fixed {
			interest := left.principal.share(w.c.Loan.accrual(w.rates(p.Terms, bizclock.Date{})(on), from, on))
			waived += max(0, left.principal.share(w.c.Loan.accrual(w.c.Loan.Rate, from, on))-interest)
			left.interest, from = left.interest+interest, on
		}
		now := parts{interest: min(pay, left.interest)}
		now.principal = min(pay-now.total(), left.principal)
		now.fee = min(pay-now.total(), left.fee)
		left = left.minus(now)
		schedule = append(schedule, due{on, now})
	}
	return schedule, left, waived
}

// termExtension spreads what is owed over the contract's remaining time and some months more.
func (w *work) termExtension(p *Product, owed parts) made {
	m := made{begins: w.first}
	at := func(months int) []due {
		schedule, waived := w.respread(p, owed, w.remaining(months), bizclock.Date{})
		m.waived.interest = waived
		return schedule
	}
	m.schedule, _ = w.shortest(p, 0, at)
	return m
}

// rateReduction lowers the interest of the months to come, and spreads what is owed over the contract's remaining time; over
// more only where the product lets it and that makes it affordable.
func (w *work) rateReduction(p *Product, owed parts) (made, string) {
	if w.c.Loan.fixedPrice() && w.later == 0 {
		return made{}, "No interest lies ahead that could be waived."
	}
	until := w.c.AsOf.AddMonths(w.chosen(p))
	m := made{begins: w.first}
	for more := 0; more <= p.Terms.ExtendMonths; more++ {
		dates := w.remaining(more)
		if len(dates) == 0 {
			continue
		}
		schedule, waived := w.respread(p, owed, dates, until)
		affordable := w.affordable(schedule)
		if len(m.schedule) == 0 || affordable {
			m.schedule, m.waived.interest = schedule, waived
		}
		if !w.meansKnown() || affordable {
			break
		}
	}
	if len(m.schedule) == 0 {
		return made{}, "The loan has come to its end, so there are no months in which interest could be lower."
	}
	if m.waived.interest == 0 {
		return made{}, "The loan's interest is as low already."
	}
	return m, ""
}

// catchUp spreads what is past due, and leaves the other installments as they are.
func (w *work) catchUp(p *Product) (made, string) {
	arrears, ahead := w.arrears, []due{}
	for _, d := range w.ahead() {
		if p.Terms.Fees == FeesWaived {
			d.fee = 0
		}
		if !d.on.After(w.c.AsOf) {
			arrears = arrears.plus(d.parts) // due today: a plan cannot begin before it is accepted
			continue
		}
		ahead = append(ahead, d)
	}
	switch {
	case p.Kind == FeeWaiver && w.owed.fee == 0:
		return made{}, "No fee is unpaid."
	case p.Kind == ReAge && w.arrears.total() == 0:
		return made{}, "Nothing is past due."
	}
	if p.Terms.Fees == FeesWaived {
		arrears.fee = 0
	}
	m := made{begins: w.first}
	m.schedule, _ = w.shortest(p, arrears.total(), func(months int) []due {
		if arrears.total() == 0 {
			return merged(ahead)
		}
		dates := w.over(w.first, months)
		if w.c.Loan.fixedPrice() {
			return merged(ahead, spread(arrears, dates, w.multiple(p)))
		}
		added, waived := w.onArrears(p, arrears.principal, dates)
		m.waived.interest = waived
		return merged(ahead, spread(arrears, dates, w.multiple(p)), added)
	})
	return m, ""
}

// onArrears is the interest on overdue principal while it is being caught up with, from the day on.
func (w *work) onArrears(p *Product, principal minor, dates []bizclock.Date) (added []due, waived minor) {
	from := w.c.AsOf
	for n, d := range spread(parts{principal: principal}, dates, 1) {
		interest := principal.share(w.c.Loan.accrual(w.rates(p.Terms, bizclock.Date{})(d.on), from, d.on))
		waived += max(0, principal.share(w.c.Loan.accrual(w.c.Loan.Rate, from, d.on))-interest)
		added = append(added, due{dates[n], parts{interest: interest}})
		principal, from = principal-d.principal, d.on
	}
	return added, waived
}

// settlement takes a part of the balance for the whole. The balance is what would have to be paid to end the loan on the
// day: without interest that is not yet earned. What is paid pays principal first, so that fees are waived before
// interest, and interest before principal.
func (w *work) settlement(p *Product) made {
	balance := w.owed
	if !w.c.Loan.fixedPrice() {
		balance.interest += balance.principal.share(w.c.Loan.accrual(w.c.Loan.Rate, w.since, w.c.AsOf)) - w.later
	}
	pay := balance.total().percent(p.Terms.SettlePercent)
	kept := parts{principal: min(pay, balance.principal)}
	kept.interest = min(pay-kept.total(), balance.interest)
	kept.fee = pay - kept.total()
	m := made{waived: balance.minus(kept), begins: w.first}
	m.schedule, _ = w.shortest(p, kept.total(), func(months int) []due {
		return merged(spread(kept, w.over(w.first, months), w.multiple(p)))
	})
	return m
}

// instalmentPlan spreads all that is owed over the fewest months in which the borrower can pay it.
func (w *work) instalmentPlan(p *Product, owed parts) (made, string) {
	if !w.meansKnown() {
		return made{}, "It follows from what the borrower can pay; income and essential costs are needed."
	}
	m := made{begins: w.first}
	months := 0
	m.schedule, months = w.shortest(p, owed.principal, func(months int) []due {
		schedule, waived := w.respread(p, owed, w.over(w.first, months), bizclock.Date{})
		m.waived.interest = waived
		return schedule
	})
	if !w.affordable(m.schedule) {
		return made{}, fmt.Sprintf("Even over %d months it would take %s a month, and the borrower has %s left.",
			months, w.decimal(monthly(m.schedule)), w.decimal(w.disposable()))
	}
	return m, ""
}
