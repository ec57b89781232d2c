package bizclock

import (
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// Date is a civil date, without zone or time of day. Due dates, value dates and day counts are dates of the loan's
// contractual time zone. The zero Date means "no date".
type Date struct {
	// They are as small as they may be: ledgers hold thousands of dates.
	year       int32
	month, day uint8
}

// NewDate returns the date of a year, month and day, normalised as [time.Date] does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the date that it is at t in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{int32(year), uint8(month), uint8(day)}
}

// ParseDate reads a date such as 2026-01-31.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is no date; write it as 2026-01-31", text)
	}
	return DateOf(t), nil
}

// MustDate is [ParseDate] for literals in tests; it panics on a bad one.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero reports whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// daySeconds is the length of a day without a change of clocks.
const daySeconds = 24 * 60 * 60

// ahead is more than any place's clock was ever ahead of UTC, in seconds.
const ahead = 26 * 60 * 60

// In returns the first instant of the date in a location; for no date, no instant. Where the clocks go forward at
// midnight that is one o'clock, where they go back over it the earlier midnight, and where a whole date was left out the
// beginning of the one after it. [time.Date] promises none of these, and can return an instant of the day before.
func (d Date) In(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	midnight := d.utc()
	for at := time.Unix(midnight-ahead, 0).In(loc); ; {
		_, offset := at.Zone()
		_, change := Stretch(at)
		switch start := midnight - int64(offset); {
		case start < at.Unix():
			return at // the clocks leapt over midnight
		case change.IsZero() || start < change.Unix():
			return time.Unix(start, 0).In(loc)
		}
		at = change
	}
}

// Stretch returns an interval [start, end) around an instant in which the clocks of its location are not changed; zero where there
// is no bound. It is [time.Time.ZoneBounds] but on the last day of a leap year for which package time has nothing but a rule: it
// takes every such year for one of 365 days, and its stretch ends before the instant.
func Stretch(t time.Time) (start, end time.Time) {
	const quarter = 15 * time.Minute // no rule changes clocks at another minute
	if start, end = t.ZoneBounds(); !end.IsZero() && !end.After(t) {
		end = t.Truncate(quarter).Add(quarter)
	}
	return start, end
}

// At returns the instant on the date, in a location, at a time of day given as the time since midnight on the wall clock;
// for no date, no instant. A time that the clocks leap over is that of one of the two sides, as [time.Date] has it.
func (d Date) At(clock time.Duration, loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	year, month, day := d.Civil()
	return time.Date(year, month, day, 0, 0, 0, int(clock), loc)
}

// The dates that arithmetic returns stay within these, so that each of them, and each instant within years of it, has a form
// in text. Lending systems write 9999-12-31 for "never".
var first, last = NewDate(1, time.January, 1), NewDate(9990, time.December, 31)

// AddDays returns the date n days later, or earlier when n is negative: within the years 1 to 9990. No date stays none.
func (d Date) AddDays(n int) Date {
	const never = 10_000 * 366
	if d.IsZero() {
		return d
	}
	year, month, day := d.Civil()
	switch sum := NewDate(year, month, day+min(max(n, -never), never)); {
	case sum.Before(first):
		return first
	case sum.After(last):
		return last
	default:
		return sum
	}
}

// AddMonths returns the same day of the month n months later, or earlier when n is negative; where the month has no such
// day, its last. It stays within the years 1 to 9990. No date stays none.
func (d Date) AddMonths(n int) Date {
	const never = 10_000 * 12
	if d.IsZero() {
		return d
	}
	year, month, day := d.Civil()
	month += time.Month(min(max(n, -never), never))
	end := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch sum := NewDate(year, month, min(day, end)); {
	case sum.Before(first):
		return first
	case sum.After(last):
		return last
	default:
		return sum
	}
}

// Civil returns the year, the month and the day of the month, as [time.Time.Date] does.
func (d Date) Civil() (year int, month time.Month, day int) {
	return int(d.year), time.Month(d.month), int(d.day)
}

// Sub returns the number of days from other to d; negative when d is the earlier.
func (d Date) Sub(other Date) int { return d.days() - other.days() }

// days returns the days from 1970-01-01 to the date. It counts years from March on, so that the day that may be missing is
// the last of its year, in eras of 400 years, which all have 146,097 days: Howard Hinnant's days_from_civil. [time.Date]
// takes four times as long, and a ledger asks often.
func (d Date) days() int {
	const era = 146_097
	year, month := int(d.year), int(d.month)-3
	if month < 0 {
		year, month = year-1, month+12
	}
	eras := year / 400
	if year < 0 {
		eras = (year - 399) / 400
	}
	year -= 400 * eras
	days := year*365 + year/4 - year/100 + (153*month+2)/5 + int(d.day) - 1
	return eras*era + days - 719_468 // from the first of March of the year 0 to 1970
}

// utc returns the date's midnight in UTC, in seconds since 1970.
func (d Date) utc() int64 { return int64(d.days()) * daySeconds }

// order is a number that grows with the date.
func (d Date) order() int64 { return int64(d.year)<<16 | int64(d.month)<<8 | int64(d.day) }

// Compare returns -1, 0 or 1 as d is before, at or after other. No date lies before every date.
func (d Date) Compare(other Date) int { return cmp.Compare(d.order(), other.order()) }

// Before reports whether d lies before other.
func (d Date) Before(other Date) bool { return d.order() < other.order() }

// After reports whether d lies after other.
func (d Date) After(other Date) bool { return d.order() > other.order() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Unix(d.utc(), 0).UTC().Weekday() }

// String writes the date as 2026-01-31, or as nothing when there is none.
func (d Date) String() string {
	var text [16]byte // dates stand in every decision and every finding: this is several times as quick as fmt
	return string(d.Append(text[:0]))
}

// Append adds the date to a text as [Date.String] writes it, a year of four digits at least.
func (d Date) Append(to []byte) []byte {
	if d.IsZero() {
		return to
	}
	year := d.year
	if year < 0 {
		to, year = append(to, '-'), -year
	}
	for least := 1000; least > 1 && int(year) < least; least /= 10 {
		to = append(to, '0')
	}
	to = strconv.AppendInt(to, int64(year), 10)
	return append(to, '-', '0'+byte(d.month)/10, '0'+byte(d.month)%10, '-', '0'+byte(d.day)/10, '0'+byte(d.day)%10)
}

// MarshalText writes the date as [Date.String] does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [Date.MarshalText] wrote.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}
