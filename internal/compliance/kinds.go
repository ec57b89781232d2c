package compliance

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// test is what differs between the kinds of rule.
type test interface {
	// check says whether the rule stands in the way at an instant, of an evaluation whose facts are gathered.
	check(e *evaluation, t time.Time) state
	// why puts a state into words.
	why(s state) string
	// days is how many local dates back the rule looks, today included.
	days() int
}

// state is what a rule finds at an instant.
type state struct {
	blocked bool
	// free is an instant before which the rule certainly still stands in the way; it need not be out of it then. Zero: for good.
	free time.Time
	// count of max contacts are used; on is the last date that counts.
	count, max int
	on         int32
	// zone and loan are those that stand most in the way, if the rule knows such.
	zone, loan string
	wall       int64
}

// stricter returns the state that stands in the way for longer, or uses up more.
func stricter(a, b state) state {
	switch {
	case a.blocked != b.blocked:
		if a.blocked {
			return a
		}
		return b
	case a.blocked && later(b.free, a.free), !a.blocked && b.count > a.count:
		return b
	}
	return a
}

// later reports whether a lies after b, where zero means never.
func later(a, b time.Time) bool { return !b.IsZero() && (a.IsZero() || a.After(b)) }

// Window allows contacts while the clock on the wall shows a time in one of the spans, in every candidate zone.
type Window struct {
	Open []Span

	// spans are those of the week, in seconds since Sunday 00:00, sorted and apart from each other.
	spans []stretch
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
}

// change returns whether the window is open at a second of the week, and after how many seconds that might change.
func (w *Window) change(second int64) (open bool, after int64) {
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

// next returns the first instant at or after sec, and not after limit, at which the window in a zone is open, or shut.
func (w *Window) next(z *zone, sec int64, open bool, limit int64) (int64, bool) {
	for sec <= limit {
		now, after := w.change(weekSecond(z.wall(sec)))
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
		if open, _ := w.change(weekSecond(wall)); open {
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

// tally counts contacts in the days up to today: what counters and cool-offs have in common, a cool-off being a counter
// that allows none.
//
// Contacts later than the instant asked about count as well: what is recorded has happened, even if the clock of who
// recorded it runs ahead.
type tally struct {
	mask mask
	key  Key
	// used is the number of contacts at which no further one is allowed.
	used int
	// first returns the first date that counts on a date; free the first date on which a contact no longer counts.
	first, free func(date int32) int32
}

func (y *tally) check(e *evaluation, t time.Time) state {
	worst := state{max: y.used}
	sec := t.Unix()
	slots := 1
	if y.key == PerLoan {
		slots = e.slots
	}
	for n := range e.zones {
		z := &e.zones[n]
		first := y.first(z.date(sec))
		for slot := range slots {
			loan := anyLoan
			if y.key == PerLoan {
				loan = 1 << slot
			}
			count, on := y.count(e.facts[n], loan, first)
			if count < y.used {
				worst.count = max(worst.count, count)
				continue
			}
			s := state{blocked: true, count: count, max: y.used, on: on, zone: z.name}
			s.free = instant(z.reach(sec, y.free(on)))
			if y.key == PerLoan && slot < len(e.proposal.Loans) {
				s.loan = e.proposal.Loans[slot]
			}
			worst = stricter(worst, s)
		}
	}
	return worst
}

// count returns how many contacts count from a date on, and, if no further one is allowed, the date of the one that must
// fall out of the count before another is.
func (y *tally) count(facts []fact, loan uint64, first int32) (count int, on int32) {
	for n := range facts {
		f := &facts[n]
		if f.date < first {
			break // they are sorted, the latest first
		}
		if f.bits&^y.mask == 0 && f.loans&loan != 0 {
			if count++; count == y.used {
				on = f.date
			}
		}
	}
	return count, on
}

// keyed makes a mask leave out contacts at other points where the rule counts per point.
func keyed(m mask, key Key) mask {
	if key == PerPoint {
		m &^= otherPoint
	}
	return m
}

// rolling counts the given number of consecutive dates, today being the last.
func rolling(days int) (first, free func(int32) int32) {
	return func(today int32) int32 { return today - int32(days) + 1 }, func(on int32) int32 { return on + int32(days) }
}

// calendar counts the dates of today's week or month.
func calendar(p Period) (first, free func(int32) int32) {
	switch p {
	case Week:
		monday := func(d int32) int32 { return d - int32(weekSecond(int64(d-1)*day)/day) }
		return monday, func(on int32) int32 { return monday(on) + 7 }
	case Month:
		return func(today int32) int32 { return today - int32(dateOf(today).In(time.UTC).Day()) + 1 }, func(on int32) int32 {
			year, month, _ := dateOf(on).In(time.UTC).Date()
			return int32(floorDiv(time.Date(year, month+1, 1, 0, 0, 0, 0, time.UTC).Unix(), day))
		}
	}
	return rolling(1)
}

// Counter allows at most Max contacts in the local dates up to and including today.
type Counter struct {
	Max int
	Of  Unit
	// RollingDays is a number of consecutive dates; or else Calendar names a period.
	RollingDays int
	Calendar    Period
	Key         Key
	Counts      Counts

	tally
}

func (c *Counter) compile() {
	c.tally = tally{mask: keyed(c.Counts.mask(c.Of), c.Key), key: c.Key, used: c.Max}
	if c.RollingDays > 0 {
		c.first, c.free = rolling(c.RollingDays)
	} else {
		c.first, c.free = calendar(c.Calendar)
	}
}

func (c *Counter) days() int {
	switch {
	case c.RollingDays > 0:
		return c.RollingDays
	case c.Calendar == Week:
		return 7
	case c.Calendar == Month:
		return 31
	}
	return 1
}

func (c *Counter) why(s state) string {
	text := strconv.Itoa(s.count) + " of " + strconv.Itoa(s.max) + " used"
	if !s.blocked {
		return text
	}
	if s.loan != "" {
		text += " for loan " + s.loan
	}
	return text + "; free once " + dateOf(s.on).String() + " no longer counts"
}

// CoolOff allows no contact for Days local dates after one that counts, of which its own date is the first.
type CoolOff struct {
	After  Unit
	Days   int
	Key    Key
	Counts Counts

	tally
}

func (c *CoolOff) compile() {
	c.tally = tally{mask: keyed(c.Counts.mask(c.After), c.Key), key: c.Key, used: 1}
	c.first, c.free = rolling(c.Days)
}

func (c *CoolOff) check(e *evaluation, t time.Time) state {
	s := c.tally.check(e, t)
	s.count, s.max = 0, 0
	return s
}

func (c *CoolOff) days() int { return c.Days }

func (c *CoolOff) why(s state) string {
	if !s.blocked {
		return "none within " + strconv.Itoa(c.Days) + " days"
	}
	text := string(c.After) + " on " + dateOf(s.on).String()
	if s.loan != "" {
		text += " about loan " + s.loan
	}
	return text + "; again from " + dateOf(c.free(s.on)).String()
}

// MinGap allows a contact only when Gap has passed since each one that counts.
type MinGap struct {
	Of     Unit
	Gap    time.Duration
	Key    Key
	Counts Counts

	mask mask
}

func (g *MinGap) compile() { g.mask = keyed(g.Counts.mask(g.Of), g.Key) }

func (g *MinGap) check(e *evaluation, t time.Time) state {
	var s state
	earliest := int32(floorDiv(t.Add(-g.Gap).Unix(), day)) - 1
	for n := range e.facts[0] {
		f := &e.facts[0][n]
		if f.date < earliest {
			break
		}
		if f.bits&^g.mask == 0 && (g.Key != PerLoan || f.loans != anyLoan) {
			if free := e.standing.Attempts[f.index].At.Add(g.Gap); free.After(t) && free.After(s.free) {
				s = state{blocked: true, free: free.UTC()}
			}
		}
	}
	return s
}

func (g *MinGap) days() int { return int((g.Gap+24*time.Hour-1)/(24*time.Hour)) + 1 }

func (g *MinGap) why(s state) string {
	if !s.blocked {
		return "none within " + g.Gap.String()
	}
	return "the last one was less than " + g.Gap.String() + " ago"
}

// OptOut denies a channel and contact point that the borrower opted out of.
type OptOut struct{}

func (*OptOut) check(e *evaluation, t time.Time) state {
	since, out := e.standing.OptedOut(e.proposal.Channel, e.point, t)
	if !out {
		return state{}
	}
	s := state{blocked: true, wall: since.Unix()}
	for _, w := range e.standing.Wishes {
		if _, still := e.standing.OptedOut(e.proposal.Channel, e.point, w.At); w.At.After(t) && !still && (s.free.IsZero() || w.At.Before(s.free)) {
			s.free = w.At.UTC()
		}
	}
	return s
}

func (*OptOut) why(s state) string {
	if !s.blocked {
		return "no opt-out"
	}
	return "the borrower opted out at " + instant(s.wall).Format("2006-01-02 15:04 MST")
}

func (*OptOut) days() int { return 0 }

func instant(sec int64) time.Time { return time.Unix(sec, 0).UTC() }
