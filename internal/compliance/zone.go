package compliance

import (
	"fmt"
	"math"
	"sync"
	"time"
	_ "time/tzdata" // without zone files on the machine every zone would be unknown, and every contact denied

	"github.com/tender-engine/tender/internal/bizclock"
)

// day is the length of a day without a change of clocks, in seconds.
const day = 24 * 60 * 60

// zone converts between instants, in seconds since 1970 UTC, and what the clock on the wall shows in one place, in
// seconds since 1970 on that clock. Between two changes of clocks that is one addition, so it remembers the stretch it
// was last asked about. Every search below goes stretch by stretch, which makes it exact in nights in which clocks change.
type zone struct {
	name string
	loc  *time.Location
	// In [start, end) the clock shows offset seconds more than UTC.
	start, end, offset int64
}

// locations holds each time zone once read: reading one parses a file.
var locations sync.Map

// newZone returns the zone of an IANA name. The machine's own zone ("Local") is nobody's.
func newZone(name string) (zone, error) {
	if loc, ok := locations.Load(name); ok {
		return zone{name: name, loc: loc.(*time.Location)}, nil
	}
	if name == "" || name == "Local" {
		return zone{}, fmt.Errorf("%q is no IANA time zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return zone{}, fmt.Errorf("%q is no IANA time zone", name)
	}
	locations.Store(name, loc)
	return zone{name: name, loc: loc}, nil
}

// wall returns what the clock shows at an instant, and makes [start, end) the stretch around it.
func (z *zone) wall(sec int64) int64 {
	if sec < z.start || sec >= z.end {
		t := time.Unix(sec, 0).In(z.loc)
		_, offset := t.Zone()
		start, end := bizclock.Stretch(t)
		z.start, z.end, z.offset = math.MinInt64, math.MaxInt64, int64(offset)
		if !start.IsZero() {
			z.start = start.Unix()
		}
		if !end.IsZero() {
			z.end = end.Unix()
		}
	}
	return sec + z.offset
}

// date returns the local date at an instant, as days since 1970-01-01.
func (z *zone) date(sec int64) int32 { return int32(floorDiv(z.wall(sec), day)) }

// reach returns the first instant at or after sec at which it is a date or a later one. Where midnight is skipped, that
// is the moment of the skip.
func (z *zone) reach(sec int64, date int32) int64 {
	target := int64(date) * day
	for {
		if z.wall(sec) >= target {
			return sec
		}
		if at := target - z.offset; at < z.end {
			return at
		}
		sec = z.end
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// weekSecond returns the seconds since Sunday 00:00 on the clock. 1970-01-01 was a Thursday.
func weekSecond(wall int64) int64 {
	const thursday = int64(time.Thursday) * day
	return wall + thursday - floorDiv(wall+thursday, 7*day)*7*day
}

// dayNumber returns a date as days since 1970-01-01.
func dayNumber(d bizclock.Date) int32 { return int32(d.Sub(epoch)) }

// dateOf is the inverse of dayNumber.
func dateOf(n int32) bizclock.Date { return epoch.AddDays(int(n)) }

var epoch = bizclock.NewDate(1970, time.January, 1)
