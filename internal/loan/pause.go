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
		switch {
		case p.Start.IsZero():
			return fmt.Errorf("pauses[%d].start: is missing; send the first day of the pause", n)
		case !p.End.IsZero() && p.End.Before(p.Start):
			return fmt.Errorf("pauses[%d].end: %s lies before the start, %s; a pause ends on the first day that counts again", n, p.End, p.Start)
		}
		for other, q := range pauses[:n] {
			if p.overlaps(q) {
				return fmt.Errorf("pauses[%d]: overlaps pauses[%d], which runs from %s to %s; make one of the two", n, other, q.Start, openEnd(q.End))
			}
		}
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
