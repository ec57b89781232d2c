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
}

// InstallmentStatus is where one installment stands.
type InstallmentStatus struct {
	Due bizclock.Date
	// Charged is what is due in all, Unpaid what is left of it; Paid and Waived are the rest.
	Charged, Unpaid Installment
	Paid, Waived    decimal.Decimal
	// Cleared is the date on which nothing was left; zero while something is.
	Cleared bizclock.Date
	// PastDueDays, DelinquentDays and Bucket are those of this installment alone.
	PastDueDays, DelinquentDays int
	Bucket                      string
}

// Settled reports whether nothing is owed, or all of it lies with the lender as credit.
func (s Status) Settled() bool { return s.Outstanding.Cmp(s.Credit) <= 0 }

// Status returns where the loan stands at the end of a date, after the transactions whose value date has come.
func (l *Ledger) Status(asOf bizclock.Date) Status {
	r := l.over(asOf)
	s := Status{AsOf: asOf, Credit: r.credit, WrittenOff: r.writtenOff, Installments: make([]InstallmentStatus, len(r.lines))}
	pauses := merged(l.Pauses)
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
		s.Disputed = plus(s.Disputed, minus(left, free))
		if free.IsZero() {
			continue
		}
		switch line.due.Compare(asOf) {
		case -1:
			one.PastDueDays, one.DelinquentDays = l.late(line.due, asOf, pauses)
			one.Bucket = l.bucket(one.DelinquentDays)
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
	s.Bucket = l.bucket(s.DelinquentDays)
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

func (l *Ledger) bucket(delinquentDays int) string {
	if delinquentDays == 0 {
		return current
	}
	if len(l.Buckets) == 0 {
		return DefaultBuckets.Name(delinquentDays)
	}
	return l.Buckets.Name(delinquentDays)
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

// Stay is a time in a bucket.
type Stay struct {
	Bucket string
	// Entered is its first date; Left is the first date on which the loan was no longer in it, zero while it is.
	Entered, Left bizclock.Date
}

// BucketHistory returns when the loan was in which bucket of delinquent days, current ones left out, up to a date: as what
// is known now has it. What Tender did when it knew less is recorded with its decisions.
func (l *Ledger) BucketHistory(asOf bizclock.Date) (stays []Stay) {
	dates := l.changes(asOf)
	pauses := merged(l.Pauses)
	bucket := current
	enter := func(next string, on bizclock.Date) {
		if next == bucket {
			return
		}
		if bucket != current {
			stays[len(stays)-1].Left = on
		}
		if bucket = next; next != current {
			stays = append(stays, Stay{Bucket: next, Entered: on})
		}
	}
	for n, date := range dates {
		// Between two dates on which something happens, only time passes.
		r := l.over(date)
		until := asOf
		if n+1 < len(dates) {
			until = dates[n+1].AddDays(-1)
		}
		since := r.oldest()
		for on := date; !on.After(until); on = on.AddDays(1) {
			if since.IsZero() || !since.Before(on) {
				enter(current, on)
				continue
			}
			_, delinquent := l.late(since, on, pauses)
			enter(l.bucket(delinquent), on)
		}
	}
	return stays
}

// oldest is the due date of the oldest line of which something may be paid.
func (r *replay) oldest() bizclock.Date {
	for _, l := range r.lines {
		if l.allFree().IsPos() {
			return l.due
		}
	}
	return bizclock.Date{}
}

// changes returns the dates up to a date on which something happens to the ledger, in order.
func (l *Ledger) changes(asOf bizclock.Date) (dates []bizclock.Date) {
	for _, m := range l.moments(asOf) {
		dates = append(dates, m.on)
	}
	for _, i := range l.Installments {
		if !i.Due.After(asOf) {
			dates = append(dates, i.Due)
		}
	}
	slices.SortFunc(dates, bizclock.Date.Compare)
	return slices.Compact(dates)
}
