package loan

import (
	"fmt"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Pause is a time that does not count as delinquent: from Start, up to but not including End. One that ends when it
// starts is empty, and legal. No End means: until further notice.
type Pause struct {
	Start bizclock.Date `json:"start"`
	End   bizclock.Date `json:"end,omitzero"`
}

// covers reports whether a date lies within the pause.
func (p Pause) covers(date bizclock.Date) bool {
	return !date.Before(p.Start) && (p.End.IsZero() || date.Before(p.End))
}

// overlap returns how many days of [from, to) lie within the pause.
func (p Pause) overlap(from, to bizclock.Date) int {
	if from.Before(p.Start) {
		from = p.Start
	}
	if !p.End.IsZero() && p.End.Before(to) {
		to = p.End
	}
	if !from.Before(to) {
		return 0
	}
	return to.Sub(from)
}

// checkPauses refuses pauses without a start, with an end before it, and those of which two claim the same day.
func checkPauses(pauses []Pause) error {
	for n, p := range pauses {
		if err := p.check(fmt.Sprintf("pauses[%d]", n)); err != nil {
			return err
		}
		for other, q := range pauses[:n] {
			if p.overlaps(q) {
				return fmt.Errorf("pauses[%d]: overlaps pauses[%d], which runs from %s to %s; make one of the two", n, other, q.Start, openEnd(q.End))
			}
		}
	}
	return nil
}

// check refuses a time without a start, or with an end before it. Errors start with the field.
func (p Pause) check(field string) error {
	switch {
	case p.Start.IsZero():
		return fmt.Errorf("%s.start: is missing; send its first day", field)
	case !p.End.IsZero() && p.End.Before(p.Start):
		return fmt.Errorf("%s.end: %s lies before the start, %s; it ends on the first day that counts again", field, p.End, p.Start)
	}
	return nil
}

// overlaps reports whether two pauses have a day in common.
func (p Pause) overlaps(q Pause) bool {
	startsIn := func(a, b Pause) bool { return b.covers(a.Start) && a.Start != a.End }
	return startsIn(p, q) || startsIn(q, p)
}

func openEnd(end bizclock.Date) string {
	if end.IsZero() {
		return "further notice"
	}
	return end.String()
}

// DelinquentFrom returns the first date on which what is unpaid since a due date has so many delinquent days, as the pauses are
// known now; not ok when a pause without an end keeps it from ever having them.
func (l *Ledger) DelinquentFrom(due bizclock.Date, days int) (on bizclock.Date, ok bool) {
	pauses := merged(l.Pauses)
	plain := due.AddDays(l.GraceDays + days)
	for on = plain; ; {
		paused := 0
		for _, p := range pauses {
			if p.End.IsZero() && p.Start.Before(on) {
				return on, false
			}
			paused += p.overlap(due, on)
		}
		later := plain.AddDays(paused)
		if later == on {
			return on, true
		}
		on = later
	}
}
