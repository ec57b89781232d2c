package loan

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Every is how long a period is: a number of months, weeks or days. Its text is such as 1mo, 2w or 30d.
type Every struct {
	// Count is how many units there are, from 1 to 9999; zero in the zero value, which is no length.
	Count int
	Unit  Unit
}

// Unit is what periods are counted in.
type Unit string

// The units.
const (
	Months Unit = "mo"
	Weeks  Unit = "w"
	Days   Unit = "d"
)

// perYear is how many of a unit make a year where each period bears the same, whatever the calendar says.
var perYear = map[Unit]int64{Months: 12, Weeks: 52, Days: 365}

var everyText = regexp.MustCompile(`^([1-9][0-9]{0,3})(mo|w|d)$`)

// ParseEvery reads a length such as 1mo, 2w or 30d.
func ParseEvery(text string) (Every, error) {
	found := everyText.FindStringSubmatch(text)
	if found == nil {
		return Every{}, fmt.Errorf("%q is no length of a period; write months as 1mo, weeks as 2w, days as 30d", text)
	}
	count, err := strconv.Atoi(found[1])
	return Every{Count: count, Unit: Unit(found[2])}, err
}

// IsZero reports whether no length was given.
func (e Every) IsZero() bool { return e == Every{} }

// String writes the length as [ParseEvery] reads it.
func (e Every) String() string {
	if e.IsZero() {
		return ""
	}
	return strconv.Itoa(e.Count) + string(e.Unit)
}

// After returns the date n periods after a date. Months are counted from that date itself, so that the end of a month
// stays one: after 31 January come 29 February and 31 March.
func (e Every) After(start bizclock.Date, n int) bizclock.Date {
	switch e.Unit {
	case Months:
		return start.AddMonths(n * e.Count)
	case Weeks:
		return start.AddDays(n * e.Count * 7)
	default:
		return start.AddDays(n * e.Count)
	}
}

// MarshalText writes the length as [Every.String] does.
func (e Every) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what [ParseEvery] reads.
func (e *Every) UnmarshalText(text []byte) (err error) {
	*e, err = ParseEvery(string(text))
	return err
}
