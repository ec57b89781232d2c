package loan

import (
	"slices"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Stay is a time in a bucket.
type Stay struct {
	Bucket string
	// Entered is its first date; Left is the first date on which the loan was no longer in it, zero while it is.
	Entered, Left bizclock.Date
}

// BucketHistory returns when the loan was in which bucket of delinquent days, current ones left out, up to a date: as what
// is known now has it. What Tender did when it knew less is recorded with its decisions.
func (l *Ledger) BucketHistory(asOf bizclock.Date) []Stay {
	h := history{Ledger: l, pauses: merged(l.Pauses), buckets: l.buckets()}
	// A payment counts until the day on which it is reversed, and from that day on it never was. So what came before is
	// gone over once for each such day, and not for each date.
	var from bizclock.Date
	for _, reversed := range l.reversals(asOf) {
		h.follow(from, reversed.AddDays(-1))
		from = reversed
	}
	h.follow(from, asOf)
	return h.stays
}

// reversals returns the dates of reversals up to a date, in order.
func (l *Ledger) reversals(asOf bizclock.Date) (dates []bizclock.Date) {
	for n := range l.Transactions {
		if t := &l.Transactions[n]; t.Kind == Reversal && !t.ValueDate.After(asOf) {
			dates = append(dates, t.ValueDate)
		}
	}
	slices.SortFunc(dates, bizclock.Date.Compare)
	return slices.Compact(dates)
}

// history writes down through which buckets a loan goes.
type history struct {
	*Ledger
	pauses  []Pause
	buckets Buckets
	stays   []Stay
	// in is the place of the bucket that the loan is in.
	in int
}

// follow goes from a date, or from the beginning, up to the end of another, with what is known on that one.
func (h *history) follow(from, until bizclock.Date) {
	r := h.begin(until)
	defer r.done()
	for n, m := range r.moments {
		if n == 0 || m.on != r.moments[n-1].on {
			h.wait(r.oldest(), from, m.on.AddDays(-1))
			from = later(from, m.on)
		}
		r.pass(m)
	}
	h.wait(r.oldest(), from, until)
}

// wait lets time pass from a date up to the end of another, between which nothing happens: buckets are entered as what is
// unpaid since a date grows older.
func (h *history) wait(since, from, until bizclock.Date) {
	if until.Before(from) {
		return
	}
	place := 0
	if !since.IsZero() && since.Before(from) {
		_, delinquent := h.late(since, from, h.pauses)
		place = h.buckets.place(delinquent)
	}
	h.enter(place, from)
	for !since.IsZero() && place < len(h.buckets) {
		on, ever := h.reaches(since, h.buckets[place])
		if !ever || on.After(until) {
			return
		}
		place++
		h.enter(place, on)
	}
}

// reaches returns the date on which what is unpaid since a date has been delinquent for so many days, if that ever comes.
func (h *history) reaches(since bizclock.Date, days int) (on bizclock.Date, ever bool) {
	on = since.AddDays(h.GraceDays + days)
	for _, p := range h.pauses {
		switch paused := later(p.Start, since); {
		case !paused.Before(on):
			return on, true
		case p.End.IsZero():
			return on, false
		case paused.Before(p.End):
			on = on.AddDays(p.End.Sub(paused))
		}
	}
	return on, true
}

// enter writes down that the loan is in a bucket from a date on.
func (h *history) enter(place int, on bizclock.Date) {
	if place == h.in {
		return
	}
	if h.in > 0 {
		h.stays[len(h.stays)-1].Left = on
	}
	if h.in = place; place > 0 {
		h.stays = append(h.stays, Stay{Bucket: h.buckets.name(place), Entered: on})
	}
}

// oldest is the due date of the oldest line of which something may be paid.
func (r *replay) oldest() bizclock.Date {
	for _, l := range r.lines[r.first:] {
		if l.anyFree() {
			return l.due
		}
	}
	return bizclock.Date{}
}

func later(a, b bizclock.Date) bizclock.Date {
	if a.Before(b) {
		return b
	}
	return a
}
