// Package calendar knows on which days a country rests: its public holidays, and the weekend days that are worked in
// exchange for them. Nothing here reads a clock, and nothing is guessed: a calendar says which years it covers, and of a
// day in any other year that it does not know.
package calendar

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Calendar says which days of a country, or of a part of one, are holidays and which are worked. It is read-only, and
// safe for concurrent use. The zero Calendar and nil cover no year.
type Calendar struct {
	// Code is that of ISO 3166 in small letters, with states or provinces after a hyphen: cn, au-nsw.
	Code string
	// Version is the date on which the days were last compared with their source.
	Version bizclock.Date
	Title   string
	// Source says where the days come from, Licence on which terms.
	Source, Licence string
	// Weekend are the days of the week on which nobody works.
	Weekend []time.Weekday
	// Years are those that are covered, the earliest first.
	Years []int
	// Holidays and Workdays are sorted by date. Workdays are the weekend days that are worked.
	Holidays, Workdays []Day

	// Bit n of a set stands for the day that lies n days after first, which is counted from 1970-01-01.
	first                int
	known, holiday, work bits
	// rest has a bit for each day of the week on which nobody works; none stands for Saturday and Sunday.
	rest uint8
}

// Day is a holiday, or a weekend day that is worked.
type Day struct {
	Date bizclock.Date
	// Name is in English where the source has an English one.
	Name string
	// Source says where the day comes from, if not from the calendar's source.
	Source string
}

// Covers reports whether the days of a year are known.
func (c *Calendar) Covers(year int) bool {
	return c != nil && c.known.has(dayNumber(bizclock.NewDate(year, time.January, 1))-c.first)
}

// Holiday reports whether a date is a holiday, and whether that is known. What is not known may be one: then it answers
// true and false, so that a window that asks nothing further stays closed.
func (c *Calendar) Holiday(date bizclock.Date) (holiday, known bool) {
	if c == nil || date.IsZero() {
		return true, false
	}
	n := dayNumber(date) - c.first
	if !c.known.has(n) {
		return true, false
	}
	return c.holiday.has(n), true
}

// Workday reports whether a date is worked: a day that is neither a holiday nor on the weekend, or a day of the weekend
// that is worked in exchange for another. In a year that is not covered only the weekend counts, and known is false.
func (c *Calendar) Workday(date bizclock.Date) (workday, known bool) {
	if date.IsZero() {
		return false, false
	}
	return c.workday(dayNumber(date))
}

func (c *Calendar) workday(day int) (workday, known bool) {
	rest := satSun
	if c != nil {
		if n := day - c.first; c.known.has(n) {
			return c.work.has(n), true
		}
		if c.rest != 0 {
			rest = c.rest
		}
	}
	return rest&(1<<weekday(day)) == 0, false
}

// AddBusinessDays returns the nth workday after a date; for a negative n, the nth before it. The date itself is not
// counted, whether it is worked or not: one business day after a Friday is the Monday, and so it is after the Saturday.
// For zero it is the date itself if it is worked, and otherwise the next workday. So the answer is always a workday, and
// never earlier for a later date or a larger n.
//
// Where a day that was passed lies in a year that is not covered, only its weekends were left out, so that the answer may be
// some days too early (after, for a negative n), and known is false. Answers stay within the years 1 to 9990, and are not
// known where they are cut. No date stays none.
func (c *Calendar) AddBusinessDays(date bizclock.Date, n int) (on bizclock.Date, known bool) {
	if date.IsZero() {
		return date, false
	}
	step, left, day := 1, min(max(n, -lastDay), lastDay), dayNumber(date)
	switch {
	case left < 0:
		step, left = -1, -left
	case left == 0:
		left, day = 1, day-1
	}
	for known = true; left > 0; {
		day += step
		if day < firstDay || day > lastDay {
			return epoch.AddDays(day - step), false
		}
		workday, sure := c.workday(day)
		known = known && sure
		if workday {
			left--
		}
	}
	return epoch.AddDays(day), known
}

// Name returns what a holiday, or a weekend day that is worked, is called; nothing for any other day.
func (c *Calendar) Name(date bizclock.Date) string {
	if c == nil {
		return ""
	}
	for _, days := range [][]Day{c.Holidays, c.Workdays} {
		if n, found := find(days, date); found {
			return days[n].Name
		}
	}
	return ""
}

func find(days []Day, date bizclock.Date) (n int, found bool) {
	return slices.BinarySearchFunc(days, date, func(d Day, date bizclock.Date) int { return d.Date.Compare(date) })
}

// compile sorts the days and sets the bits. The years and days must have been checked.
func (c *Calendar) compile() *Calendar {
	if len(c.Weekend) == 0 {
		c.Weekend = []time.Weekday{time.Saturday, time.Sunday}
	}
	for _, d := range c.Weekend {
		c.rest |= 1 << d
	}
	slices.Sort(c.Years)
	byDate := func(a, b Day) int { return a.Date.Compare(b.Date) }
	slices.SortFunc(c.Holidays, byDate)
	slices.SortFunc(c.Workdays, byDate)

	c.first = dayNumber(bizclock.NewDate(c.Years[0], time.January, 1))
	size := dayNumber(bizclock.NewDate(c.Years[len(c.Years)-1]+1, time.January, 1)) - c.first
	c.known, c.holiday, c.work = newBits(size), newBits(size), newBits(size)
	for _, year := range c.Years {
		end := dayNumber(bizclock.NewDate(year+1, time.January, 1))
		for day := dayNumber(bizclock.NewDate(year, time.January, 1)); day < end; day++ {
			c.known.set(day-c.first, true)
			c.work.set(day-c.first, c.rest&(1<<weekday(day)) == 0)
		}
	}
	for _, d := range c.Holidays {
		c.holiday.set(dayNumber(d.Date)-c.first, true)
		c.work.set(dayNumber(d.Date)-c.first, false)
	}
	for _, d := range c.Workdays {
		c.work.set(dayNumber(d.Date)-c.first, true)
	}
	return c
}

const satSun = uint8(1<<time.Saturday | 1<<time.Sunday)

var (
	epoch    = bizclock.NewDate(1970, time.January, 1)
	firstDay = dayNumber(bizclock.NewDate(1, time.January, 1))
	lastDay  = dayNumber(bizclock.NewDate(9990, time.December, 31))
)

// dayNumber counts days from 1970-01-01.
func dayNumber(date bizclock.Date) int { return date.Sub(epoch) }

// weekday is the day of the week of a day number; the first of them was a Thursday.
func weekday(day int) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// bits is a set of small numbers.
type bits []uint64

func newBits(size int) bits { return make(bits, (size+63)/64) }

// has reports whether a number, of any size, is in the set.
func (b bits) has(n int) bool {
	return n >= 0 && n>>6 < len(b) && b[n>>6]&(1<<(n&63)) != 0
}

func (b bits) set(n int, in bool) {
	if in {
		b[n>>6] |= 1 << (n & 63)
	} else {
		b[n>>6] &^= 1 << (n & 63)
	}
}
