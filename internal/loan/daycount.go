package loan

import (
	"math/big"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
)

// DayCount says which part of a year lies between two dates.
type DayCount string

// The day counts. The names are those of the market; the formulas are those of ISDA's definitions of 2006, section 4.16.
const (
	// Thirty360 gives each month 30 days (30/360 US): a first date on the 31st counts as the 30th, and so does a second
	// one if the first is the 30th or 31st.
	Thirty360 DayCount = "30/360"
	// ThirtyE360 is the European one (30E/360): the 31st counts as the 30th, on either side.
	ThirtyE360 DayCount = "30E/360"
	// Act365F counts days, of 365 to a year also in a leap year. It may be written act/365.
	Act365F DayCount = "act/365F"
	// Act360 counts days, of 360 to a year.
	Act360 DayCount = "act/360"
	// ActAct counts days, of 366 to a year where they lie in a leap year and of 365 where they do not.
	ActAct DayCount = "act/act"
)

// DayCounts are all day counts.
var DayCounts = []DayCount{Thirty360, ThirtyE360, Act365F, Act360, ActAct}

// UnmarshalText refuses what is no day count.
func (d *DayCount) UnmarshalText(text []byte) (err error) {
	if string(text) == "act/365" {
		*d = Act365F
		return nil
	}
	*d, err = closed.Parse("day count", DayCounts, string(text))
	return err
}

// leapAndOther is the basis in which days of leap years and of other years are both whole numbers.
const leapAndOther = 365 * 366

// basis is how many parts a year has.
func (d DayCount) basis() int64 {
	switch d {
	case Act365F:
		return 365
	case ActAct:
		return leapAndOther
	default:
		return 360
	}
}

// parts returns how many parts of a year, of which it has basis, lie in [from, to).
func (d DayCount) parts(from, to bizclock.Date) int64 {
	switch d {
	case Thirty360, ThirtyE360:
		return d.thirties(from, to)
	case ActAct:
		return leapParts(from, to)
	default:
		return int64(to.Sub(from))
	}
}

// thirties counts days as if each month had 30.
func (d DayCount) thirties(from, to bizclock.Date) int64 {
	y1, m1, d1 := from.Civil()
	y2, m2, d2 := to.Civil()
	d1 = min(d1, 30)
	if d == ThirtyE360 || d1 == 30 {
		d2 = min(d2, 30)
	}
	return int64(360*(y2-y1) + 30*int(m2-m1) + d2 - d1)
}

// leapParts counts each day as one of 366 or of 365, as its year has them.
func leapParts(from, to bizclock.Date) (parts int64) {
	for from.Before(to) {
		year, _, _ := from.Civil()
		next := bizclock.NewDate(year+1, time.January, 1)
		days := next.Sub(bizclock.NewDate(year, time.January, 1))
		if to.Before(next) {
			next = to
		}
		parts += int64(next.Sub(from)) * (leapAndOther / int64(days))
		from = next
	}
	return parts
}

// Years returns the part of a year that lies in [from, to), exactly; from must not lie after to.
func (d DayCount) Years(from, to bizclock.Date) *big.Rat {
	return big.NewRat(d.parts(from, to), d.basis())
}
