// Package bizclock is business time: the time that law, borrowers and money run on.
//
// Everywhere but on stacks that are thrown away after use, business time is the time on the wall. A demonstration runs
// faster: a business day may take two seconds. Nothing but a [Clock] may convert between the two.
package bizclock

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Clock maps wall time to business time: business = Start + (wall − Origin) × Rate.
// There is one per installation, in one row of Postgres; every journey carries a copy. The zero Clock is the real one.
type Clock struct {
	// Start is the business instant at which the clock begins.
	Start time.Time `json:"start,omitzero"`
	// Origin is the wall instant at which it was Start.
	Origin time.Time `json:"origin,omitzero"`
	// Rate is how many business seconds pass in a wall second: 1 in production, 43200 where a day takes two seconds.
	Rate int64 `json:"rate,omitempty"`
}

// Real is the clock of every installation that is meant to last: business time is wall time.
var Real = Clock{Rate: 1}

// Day returns the clock whose business day takes day on the wall, and at which it is start at the wall instant origin.
func Day(start, origin time.Time, day time.Duration) (Clock, error) {
	if day <= 0 || (24*time.Hour)%day != 0 {
		return Clock{}, fmt.Errorf("a business day of %s: it must be positive and divide 24h evenly, such as 2s, 4s or 24h", day)
	}
	// Postgres keeps microseconds.
	return Clock{
		Start: start.UTC().Truncate(time.Microsecond), Origin: origin.UTC().Truncate(time.Microsecond), Rate: int64(24 * time.Hour / day),
	}, nil
}

// IsReal reports whether business time is wall time.
func (c Clock) IsReal() bool { return c.Rate <= 1 && c.Start.Equal(c.Origin) }

// Validate refuses a clock that would run backwards, or a fast one without a beginning.
func (c Clock) Validate() error {
	switch {
	case c.Rate < 0:
		return fmt.Errorf("clock: rate %d: time does not run backwards", c.Rate)
	case c.Start.IsZero() != c.Origin.IsZero():
		return errors.New("clock: start and origin belong together")
	case c.Rate > 1 && c.Start.IsZero():
		return errors.New("clock: a rate other than 1 needs a start and an origin")
	}
	return nil
}

// Equal reports whether both clocks show the same business time at every wall time.
func (c Clock) Equal(other Clock) bool {
	return c.IsReal() && other.IsReal() ||
		max(c.Rate, 1) == max(other.Rate, 1) && c.Start.Equal(other.Start) && c.Origin.Equal(other.Origin)
}

// Business returns the business instant at a wall instant, in UTC. At its rate a fast clock comes to the end of what a
// [time.Duration] holds, 292 business years, after days on the wall; there it stands still.
func (c Clock) Business(wall time.Time) time.Time {
	if c.Rate <= 1 {
		return wall.Add(c.Start.Sub(c.Origin)).UTC()
	}
	longest := time.Duration(math.MaxInt64 / c.Rate)
	passed := min(max(wall.Sub(c.Origin), -longest), longest)
	return c.Start.Add(passed * time.Duration(c.Rate)).UTC()
}

// Wall returns the first wall instant at which business time has reached business; the zero time stays zero.
func (c Clock) Wall(business time.Time) time.Time {
	if business.IsZero() {
		return business
	}
	if c.Rate <= 1 {
		return business.Add(c.Origin.Sub(c.Start)).UTC()
	}
	passed, rate := business.Sub(c.Start), time.Duration(c.Rate)
	wall := passed / rate // towards zero, which before the start is up
	if passed > 0 && passed%rate != 0 {
		wall++
	}
	return c.Origin.Add(wall).UTC()
}
