package main

import (
	"fmt"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
)

// moment is a flag that takes a date or an instant. What a date means is known only where the time zone is.
type moment struct {
	on bizclock.Date
	at time.Time
}

// String, Set and Type implement [pflag.Value].
func (m *moment) String() string {
	switch {
	case m == nil || m.on.IsZero() && m.at.IsZero():
		return ""
	case m.on.IsZero():
		return m.at.Format(time.RFC3339)
	}
	return m.on.String()
}

// Set refuses what is neither a date nor an instant.
func (m *moment) Set(text string) (err error) {
	if m.at, err = time.Parse(time.RFC3339, text); err == nil {
		m.on = bizclock.Date{}
		return nil
	}
	if m.on, err = bizclock.ParseDate(text); err != nil {
		return fmt.Errorf("%q is neither a date such as 2026-01-31 nor a time such as 2026-01-31T09:00:00Z", text)
	}
	return nil
}

// Type names the value in help texts.
func (m *moment) Type() string { return "date or time" }

// in returns the instant at which the date begins in a zone, or the one that was given; zero for none.
func (m *moment) in(zone *time.Location) time.Time {
	if m.on.IsZero() {
		return m.at
	}
	return m.on.In(zone)
}

// Where a date begins first on earth, and where it begins last: for who has no time zone to go by.
var (
	firstZone = time.FixedZone("UTC+14", 14*60*60)
	lastZone  = time.FixedZone("UTC-12", -12*60*60)
)
