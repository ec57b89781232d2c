package loan

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Status is where a loan stands at the end of a date.
type Status struct {
	AsOf bizclock.Date
	// PastDueSince is the oldest unpaid due date before AsOf; zero when nothing is past due.
	PastDueSince bizclock.Date
	// DelinquentSince is PastDueSince plus the days of grace; it may lie ahead. Zero when nothing is past due.
	DelinquentSince bizclock.Date
	// PastDueDays is AsOf minus PastDueSince; DelinquentDays subtracts the days of grace, and the paused ones of that time.
	PastDueDays, DelinquentDays int
	// Bucket is the name of the bucket that DelinquentDays lies in.
	Bucket string
	// PastDue is what was due before AsOf and is unpaid: the delinquent amount. DueToday is what falls due on AsOf and is
	// unpaid. Neither counts what is disputed.
	PastDue, DueToday decimal.Decimal
	// Outstanding is all that is unpaid, due or not, principal, interest and fees; Disputed is the part that is disputed.
	Outstanding, Disputed decimal.Decimal
	// OutstandingPrincipal is the principal in Outstanding.
	OutstandingPrincipal decimal.Decimal
	// Credit is what was paid beyond all that can be paid.
	Credit decimal.Decimal
	// WrittenOff is what the lender lost in its books; it is still owed.
	WrittenOff decimal.Decimal
	// Next is the first date, AsOf or later, on which something unpaid is due; NextAmount is what.
	Next       bizclock.Date
	NextAmount decimal.Decimal
	// Installments are where each installment stands, in the order of due dates, with what was charged by itself.
	Installments []InstallmentStatus
	// LateFees are what [Ledger.LateFee] has charged, in the order of days; they are in Installments too.
	LateFees []ChargedLateFee
}

// ChargedLateFee is a late fee that was charged on a date for an installment.
type ChargedLateFee struct {
	// Installment is the due date of the installment that stayed unpaid, On the date on which the fee was charged and is due.
	Installment, On bizclock.Date
	Amount          decimal.Decimal
}

// InstallmentStatus is where one installment stands.
type InstallmentStatus struct {
	Due bizclock.Date
	// Charged is what is due in all, Unpaid what is left of it; Paid and Waived are the rest.
	Charged, Unpaid Installment
	Paid, Waived    decimal.Decimal
	// Disputed is the part of Unpaid that is disputed.
	Disputed decimal.Decimal
	// Cleared is the date on which nothing was left; zero while something is.
	Cleared bizclock.Date
	// PastDueDays, DelinquentDays and Bucket are those of this installment alone.
	PastDueDays, DelinquentDays int
	Bucket                      string
}

// Settled reports whether nothing is owed, or all of it lies with the lender as credit.
func (s Status) Settled() bool { return s.Outstanding.Cmp(s.Credit) <= 0 }

// Of returns what one component comes to, due or not, with what was charged by itself, and what of it is unpaid.
func (s Status) Of(c Component) (charged, unpaid decimal.Decimal) {
	for _, i := range s.Installments {
		charged, unpaid = plus(charged, i.Charged.part(c)), plus(unpaid, i.Unpaid.part(c))
	}
	return charged, unpaid
}

// part returns one component of an installment.
func (i Installment) part(c Component) decimal.Decimal {
	return split{i.Fee, i.Interest, i.Principal}[c.place()]
}

// Status returns where the loan stands at the end of a date, after the transactions whose value date has come.
func (l *Ledger) Status(asOf bizclock.Date) Status {
	r := l.over(asOf)
	defer r.done()
	s := Status{
		AsOf: asOf, Credit: r.credit, WrittenOff: r.writtenOff, Installments: make([]InstallmentStatus, len(r.lines)), LateFees: r.charged,
	}
	pauses, buckets := merged(l.Pauses), named{Buckets: l.buckets()}
	for n, line := range r.lines {
		one := &s.Installments[n]
		*one = InstallmentStatus{
			Due: line.due, Charged: line.charged.installment(line.due), Unpaid: line.left.installment(line.due),
			Paid: line.paid, Waived: line.waived, Cleared: line.cleared, Bucket: current,
		}
		if line.left.isZero() {
			continue
		}
		left, free := line.left.total(), line.allFree()
		s.Outstanding = plus(s.Outstanding, left)
		s.OutstandingPrincipal = plus(s.OutstandingPrincipal, line.left[OfPrincipal.place()])
		one.Disputed = minus(left, free)
		s.Disputed = plus(s.Disputed, one.Disputed)
		if free.IsZero() {
			continue
		}
		switch line.due.Compare(asOf) {
		case -1:
			one.PastDueDays, one.DelinquentDays = l.late(line.due, asOf, pauses)
			one.Bucket = buckets.Name(one.DelinquentDays)
			if s.PastDueSince.IsZero() {
				s.PastDueSince, s.DelinquentSince = line.due, line.due.AddDays(l.GraceDays)
				s.PastDueDays, s.DelinquentDays = one.PastDueDays, one.DelinquentDays
			}
			s.PastDue = plus(s.PastDue, free)
		case 0:
			s.DueToday = plus(s.DueToday, free)
		}
		if !line.due.Before(asOf) && (s.Next.IsZero() || s.Next == line.due) {
			s.Next, s.NextAmount = line.due, plus(s.NextAmount, free)
		}
	}
	s.Bucket = buckets.Name(s.DelinquentDays)
	return s
}

// installment writes a split as an installment.
func (s *split) installment(due bizclock.Date) Installment {
	return Installment{Due: due, Fee: s[OfFee.place()], Interest: s[OfInterest.place()], Principal: s[OfPrincipal.place()]}
}

// late returns the past-due days of what was due on a date, and the delinquent ones: without grace, and without paused
// days, which count only where they overlap the time since the due date.
func (l *Ledger) late(due, asOf bizclock.Date, pauses []Pause) (pastDue, delinquent int) {
	pastDue = asOf.Sub(due)
	delinquent = pastDue - l.GraceDays
	for _, p := range pauses {
		delinquent -= p.overlap(due, asOf)
	}
	return pastDue, max(0, delinquent)
}

// merged returns the pauses in order, those that overlap made one: holds stack.
func merged(pauses []Pause) (all []Pause) {
	if len(pauses) < 2 {
		return pauses
	}
	for _, p := range slices.SortedFunc(slices.Values(pauses), func(a, b Pause) int { return a.Start.Compare(b.Start) }) {
		last := len(all) - 1
		switch {
		case last < 0 || !all[last].End.IsZero() && all[last].End.Before(p.Start):
			all = append(all, p)
		case p.End.IsZero() || !all[last].End.IsZero() && all[last].End.Before(p.End):
			all[last].End = p.End
		}
	}
	return all
}
