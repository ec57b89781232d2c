package hardship

import (
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// cadence is how often a loan is paid. A loan that is due at the end of the month stays so: day is the greatest day of the
// month that its schedule has.
type cadence struct {
	loan.Every
	day int
}

// after returns the date k periods after a date; before it, when k is negative.
func (c cadence) after(date bizclock.Date, k int) bizclock.Date {
	if c.Unit == loan.Months {
		return addMonths(date, k*c.Count, c.day)
	}
	return c.After(date, k)
}

// aMonth returns how many payments fall into one calendar month at most.
func (c cadence) aMonth() minor {
	days := c.Count
	switch c.Unit {
	case loan.Months:
		return 1
	case loan.Weeks:
		days *= 7
	}
	return minor(31+days-1) / minor(days)
}

// addMonths moves a date by months. The last day of a month becomes day, if that is greater and the month has it: so a
// loan that is due on the 31st passes through February without being due on the 28th ever after.
func addMonths(date bizclock.Date, months, day int) bizclock.Date {
	moved := date.AddMonths(months)
	_, month, on := date.Civil()
	if _, next, _ := date.AddDays(1).Civil(); next == month {
		return moved
	}
	for wanted := max(day, on); ; moved = moved.AddDays(1) {
		_, month, at := moved.Civil()
		if _, next, _ := moved.AddDays(1).Civil(); at >= wanted || next != month {
			return moved
		}
	}
}

// monthsBetween returns how many whole months lie between two dates.
func monthsBetween(from, to bizclock.Date) int {
	startYear, startMonth, _ := from.Civil()
	endYear, endMonth, _ := to.Civil()
	n := (endYear-startYear)*12 + int(endMonth) - int(startMonth)
	if from.AddMonths(n).After(to) {
		n--
	}
	return max(0, n)
}
