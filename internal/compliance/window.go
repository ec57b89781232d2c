package compliance

import (
	"cmp"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
)

// Window allows contacts while the clock on the wall shows a time in one of the spans, in every candidate zone.
type Window struct {
	Open []Span
	// Holidays are the spans of a holiday; nil means that holidays are days like any others.
	Holidays *Holidays

	// spans are those of the week, in seconds since Sunday 00:00, sorted and apart from each other.
	spans []stretch
	// byDay are the spans that begin on each day of the week, onHolidays those of a holiday, in seconds since its midnight: one
	// that goes beyond it ends after more than a day.
	byDay      [7][]stretch
	onHolidays []stretch
}

// Holidays are the spans that hold on the holidays of a calendar in place of those of the day of the week. On no span at
// all nothing is allowed. A year that the calendar does not cover counts as one long holiday: nobody knows better.
type Holidays struct {
	// Calendar is the name of the calendar, such as th.
	Calendar string
	Open     []Span

	calendar Calendar
}

// Calendar knows the holidays of a place.
type Calendar interface {
	// Holiday reports whether a date is a public holiday. Not known means that the calendar does not cover its year.
	Holiday(date bizclock.Date) (holiday, known bool)
	// AddBusinessDays returns the date that lies so many business days after a date. Not known means that a year on the way
	// is not covered, and its holidays were taken for business days.
	AddBusinessDays(date bizclock.Date, days int) (due bizclock.Date, known bool)
}

// Span is open on each of the days from From ≤ time < Until, both in seconds since midnight on the clock. An Until
// that is not later than From lies on the next day.
type Span struct {
	Days        []time.Weekday
	From, Until int64
}

type stretch struct{ from, until int64 }

const week = 7 * day

// compile lays the spans out over the week. One that goes beyond its end begins the week again.
func (w *Window) compile() {
	var all []stretch
	for _, s := range w.Open {
		for _, d := range s.Days {
			from, until := int64(d)*day+s.From, int64(d)*day+s.Until
			if s.Until <= s.From {
				until += day
			}
			all = append(all, stretch{from, min(until, week)})
			if until > week {
				all = append(all, stretch{0, until - week})
			}
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	w.spans = nil
	for _, s := range all {
		if last := len(w.spans) - 1; last >= 0 && s.from <= w.spans[last].until {
			w.spans[last].until = max(w.spans[last].until, s.until)
			continue
		}
		w.spans = append(w.spans, s)
	}
	if w.Holidays == nil {
		return
	}
	length := func(s Span) stretch {
		if s.Until <= s.From {
			return stretch{s.From, s.Until + day}
		}
		return stretch{s.From, s.Until}
	}
	for _, s := range w.Open {
		for _, d := range s.Days {
			w.byDay[d] = append(w.byDay[d], length(s))
		}
	}
	for _, s := range w.Holidays.Open {
		w.onHolidays = append(w.onHolidays, length(s))
	}
}

// change returns whether the window is open at a time on the clock, in seconds since 1970, and after how many seconds that
// might change.
func (w *Window) change(wall int64) (open bool, after int64) {
	if w.Holidays != nil {
		return w.changeByDate(wall)
	}
	second := weekSecond(wall)
	for _, s := range w.spans {
		if second < s.from {
			return false, s.from - second
		}
		if second < s.until {
			return true, s.until - second
		}
	}
	return false, week - second
}

// changeByDate is change where holidays differ from other days: it looks at the spans of the date, and at those of the date
// before that go beyond midnight.
func (w *Window) changeByDate(wall int64) (open bool, after int64) {
	date := floorDiv(wall, day)
	second := wall - date*day
	after = day - second
	look := func(spans []stretch, shift int64) {
		for _, s := range spans {
			from, until := s.from-shift, s.until-shift
			switch {
			case second < from:
				after = min(after, from-second)
			case second < until:
				open = true
				after = min(after, until-second)
			}
		}
	}
	if !w.holiday(int32(date)) { // on a holiday its own spans hold, and none that began before
		look(w.of(int32(date-1)), day)
	}
	look(w.of(int32(date)), 0)
	return open, after
}

// holiday reports whether a date is a holiday, or may be one.
func (w *Window) holiday(date int32) bool {
	holiday, known := w.Holidays.calendar.Holiday(dateOf(date))
	return holiday || !known
}

// of returns the spans that begin on a date.
func (w *Window) of(date int32) []stretch {
	if w.holiday(date) {
		return w.onHolidays
	}
	return w.byDay[weekSecond(int64(date)*day)/day]
}

// next returns the first instant at or after sec, and not after limit, at which the window in a zone is open, or shut.
func (w *Window) next(z *zone, sec int64, open bool, limit int64) (int64, bool) {
	for sec <= limit {
		now, after := w.change(z.wall(sec))
		if now == open {
			return sec, true
		}
		sec = min(sec+after, z.end)
	}
	return 0, false
}

func (w *Window) check(e *evaluation, t time.Time) state {
	sec := t.Unix()
	var worst state
	for n := range e.zones {
		z := &e.zones[n]
		wall := z.wall(sec)
		if open, _ := w.change(wall); open {
			continue
		}
		s := state{blocked: true, zone: z.name, wall: wall}
		if at, ok := w.next(z, sec, true, e.limit.Unix()); ok {
			s.free = instant(at)
		}
		worst = stricter(worst, s)
	}
	return worst
}

func (w *Window) why(s state) string {
	if !s.blocked {
		return "within the hours"
	}
	return "outside the hours: it is " + time.Unix(s.wall, 0).UTC().Format("Mon 15:04:05") + " in " + s.zone
}

func (w *Window) days() int { return 0 }
