package bizclock

import "github.com/tender-engine/tender/internal/closed"

// DayKind is how the days of a deadline are counted.
type DayKind string

// The kinds of days.
const (
	CalendarDays DayKind = "calendar"
	BusinessDays DayKind = "business"
)

// DayKinds are both kinds of days.
var DayKinds = []DayKind{CalendarDays, BusinessDays}

// UnmarshalText refuses a word that is no kind of days.
func (d *DayKind) UnmarshalText(text []byte) (err error) {
	*d, err = closed.Parse("kind of days", DayKinds, string(text))
	return err
}
