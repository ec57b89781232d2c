package bizclock

import (
	"fmt"
	"time"
)

// Date is a civil date, without zone or time of day. Due dates, value dates and day counts are dates of the loan's
// contractual time zone. The zero Date means "no date".
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns the date of a year, month and day, normalised as [time.Date] does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the date that it is at t in t's own location.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
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

// In returns the first instant of the date in a location.
func (d Date) In(loc *time.Location) time.Time { return d.At(0, loc) }

// At returns the instant on the date, in a location, at a time of day given as the time since midnight on the wall clock.
func (d Date) At(clock time.Duration, loc *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, int(clock), loc)
}

// AddDays returns the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return NewDate(d.year, d.month, d.day+n) }

// Sub returns the number of days from other to d; negative when d is the earlier.
func (d Date) Sub(other Date) int {
	return int(d.In(time.UTC).Sub(other.In(time.UTC)) / (24 * time.Hour))
}

// Compare returns -1, 0 or 1 as d is before, at or after other.
func (d Date) Compare(other Date) int { return d.In(time.UTC).Compare(other.In(time.UTC)) }

// Before reports whether d lies before other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After reports whether d lies after other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.In(time.UTC).Weekday() }

// String writes the date as 2026-01-31, or as nothing when there is none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
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
