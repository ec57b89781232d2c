package hardship

import (
	"slices"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// Progress is where a plan stands at the end of a date.
type Progress struct {
	AsOf  bizclock.Date `json:"as_of"`
	State State         `json:"state"`
	// Paid is what came since the offer, Due what was to come by now, and Left what of the whole is still to come. Behind is
	// what of Due is missing.
	Paid   decimal.Decimal `json:"paid"`
	Due    decimal.Decimal `json:"due"`
	Left   decimal.Decimal `json:"left"`
	Behind decimal.Decimal `json:"behind"`
	// PastDueSince is the oldest unpaid due date of the schedule before AsOf; Missed is how many payments are unpaid after
	// their days of grace.
	PastDueSince bizclock.Date `json:"past_due_since,omitzero"`
	Missed       int           `json:"missed"`
	// NextDue is the first unpaid due date that is AsOf or later; NextAmount is what is unpaid of it.
	NextDue    bizclock.Date   `json:"next_due,omitzero"`
	NextAmount decimal.Decimal `json:"next_amount"`
	// BrokenOn is the first day on which the plan was broken, CompletedOn the one on which the last of it was paid.
	BrokenOn    bizclock.Date `json:"broken_on,omitzero"`
	CompletedOn bizclock.Date `json:"completed_on,omitzero"`
	// MayReinstate says whether the broken plan may be taken up again.
	MayReinstate bool `json:"may_reinstate,omitempty"`
	// Restored is what of the waived is owed again since BrokenOn. Of waived interest it is the part of the time that has
	// passed, from the offer to the last due date, rounded down.
	Restored Relief `json:"restored,omitzero"`
}

// Track says where a plan stands at the end of a date, after the loan's transactions. Give it all that the loan ever had:
// only what they bring beyond what had come by the day of the offer pays the plan, wherever it arrived late or was undone
// since. The order in which they are listed has no part in it.
//
// Payments pay the schedule in the order of due dates. The plan is broken on the first day on which so many payments are
// missed, or one is so late, as its terms say; what comes later does not mend it. It is completed on the day on which all
// is paid, and no longer is when that is undone.
func Track(p Plan, transactions []loan.Transaction, asOf bizclock.Date) Progress {
	zero := decimal.Zero.Rescale(p.scale())
	g := Progress{AsOf: asOf, State: Offered, Paid: zero, Due: zero, Left: p.Total, Behind: zero, NextAmount: zero}
	by := func(date bizclock.Date) bool { return !date.IsZero() && !date.After(asOf) }
	switch {
	case by(p.DeclinedOn):
		g.State = Declined
	case !by(p.AcceptedOn) && by(p.CancelledOn):
		g.State = Cancelled
	case !by(p.AcceptedOn) && asOf.After(p.Expires):
		g.State = Expired
	case by(p.AcceptedOn):
		w := walk{p: p, flows: flows(transactions)}
		until := asOf
		if by(p.CancelledOn) {
			until = p.CancelledOn
		}
		w.measure(&g, asOf)
		g.State, g.BrokenOn, g.CompletedOn = w.fate(until)
		if g.State == Active && by(p.CancelledOn) {
			g.State = Cancelled
		}
		g.MayReinstate = g.State == Broken && p.Reinstatement == Once && p.ReinstatedOn.IsZero()
		g.Restored = p.restored(g.BrokenOn)
	}
	return g
}

// walk goes through the days of a plan on which anything can change.
type walk struct {
	p     Plan
	flows []flow
}

// measure says what is paid and due on a date.
func (w walk) measure(g *Progress, on bizclock.Date) {
	got := received(w.flows, on)
	g.Paid = minus(got, w.p.Before)
	g.Left = minus(w.p.Total, g.Paid).Max(g.Behind)
	upTo := w.p.Before
	for _, i := range w.p.Schedule {
		upTo = plus(upTo, i.Total())
		if !i.Due.After(on) {
			g.Due = plus(g.Due, i.Total())
		}
		unpaid := minus(upTo, got)
		if !unpaid.IsPos() {
			continue
		}
		if i.Due.Before(on) {
			if g.PastDueSince.IsZero() {
				g.PastDueSince = i.Due
			}
		} else if g.NextDue.IsZero() {
			g.NextDue, g.NextAmount = i.Due, unpaid.Min(i.Total())
		}
		if on.Sub(i.Due) > w.p.Breaks.GraceDays {
			g.Missed++
		}
	}
	g.Behind = minus(g.Due, g.Paid).Max(g.Behind)
}

// fate returns whether the plan has been broken or completed by a date, and when.
func (w walk) fate(until bizclock.Date) (state State, broken, completed bizclock.Date) {
	for _, on := range w.days(until) {
		got := received(w.flows, on)
		switch all := plus(w.p.Before, w.p.Total); {
		case got.Cmp(all) < 0:
			completed = bizclock.Date{}
		case completed.IsZero():
			completed = on
		}
		if completed.IsZero() && w.breaks(got, on) {
			return Broken, on, bizclock.Date{}
		}
	}
	if !completed.IsZero() {
		return Completed, bizclock.Date{}, completed
	}
	return Active, bizclock.Date{}, bizclock.Date{}
}

// breaks reports whether the plan is broken on a date by which so much has come.
func (w walk) breaks(got decimal.Decimal, on bizclock.Date) bool {
	missed, upTo := 0, w.p.Before
	for _, i := range w.p.Schedule {
		if upTo = plus(upTo, i.Total()); got.Cmp(upTo) >= 0 {
			continue
		}
		late := on.Sub(i.Due)
		if late > w.p.Breaks.GraceDays {
			missed++
		}
		if missed >= w.p.Breaks.Missed || late > w.p.Breaks.DaysLate {
			return true
		}
	}
	return false
}

// days are the dates, from when the plan began to count up to a date, on which it can break or be completed.
func (w walk) days(until bizclock.Date) []bizclock.Date {
	from := w.p.AcceptedOn
	if from.Before(w.p.ReinstatedOn) && !w.p.ReinstatedOn.After(until) {
		from = w.p.ReinstatedOn
	}
	days := []bizclock.Date{from}
	for _, i := range w.p.Schedule {
		days = append(days, i.Due.AddDays(w.p.Breaks.GraceDays+1), i.Due.AddDays(w.p.Breaks.DaysLate+1))
	}
	for _, f := range w.flows {
		days = append(days, f.on)
	}
	days = slices.DeleteFunc(days, func(d bizclock.Date) bool { return d.Before(from) || d.After(until) })
	slices.SortFunc(days, bizclock.Date.Compare)
	return slices.Compact(days)
}

// restored is what of the waived is owed again after a break.
func (p Plan) restored(brokenOn bizclock.Date) Relief {
	if !p.Restores || brokenOn.IsZero() {
		return Relief{}
	}
	passed, all := brokenOn.Sub(p.AsOf), p.Schedule[len(p.Schedule)-1].Due.Sub(p.AsOf)
	back := p.Waived
	if passed < all {
		back.Interest = over(times(back.Interest, whole(int64(passed))), whole(int64(all))).Floor(p.scale()).Rescale(p.scale())
	}
	return back
}
