package compliance

import (
	"slices"
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/contact"
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
	if y.key.perLoan() {
		slots = e.slots
	}
	for n := range e.zones {
		z := &e.zones[n]
		first := y.first(z.date(sec))
		for slot := range slots {
			loan := anyLoan
			if y.key.perLoan() {
				loan = 1 << slot
			}
			count, on := y.count(e.facts[n], loan, first)
			if count < y.used {
				worst.count = max(worst.count, count)
				continue
			}
			s := state{blocked: true, count: count, max: y.used, on: on, zone: z.name}
			s.free = instant(z.reach(sec, y.free(on)))
			if y.key.perLoan() && slot < len(e.proposal.Loans) {
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

// keyed makes a mask leave out contacts at other points where the rule counts per point, and so on.
func keyed(m mask, key Key) mask {
	switch key {
	case PerPoint:
		m &^= otherPoint
	case PerChannel:
		m &^= otherChannel
	case PerRecipient, PerLoanRecipient:
		m &^= otherRecipient
	case PerCollector:
		m &^= otherCollector
	}
	return m
}

// rolling counts the given number of consecutive dates, today being the last.
func rolling(days int) (first, free func(int32) int32) {
	return func(today int32) int32 { return today - int32(days) + 1 }, func(on int32) int32 { return on + int32(days) }
}

// inPeriod counts the dates of today's week or month.
func inPeriod(p Period) (first, free func(int32) int32) {
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

// Counter allows at most Max contacts in the local dates up to and including today, or in the hours up to now.
type Counter struct {
	Max int
	Of  Unit
	// RollingDays is a number of consecutive dates, RollingHours one of hours; or else Calendar names a period.
	RollingDays, RollingHours int
	Calendar                  Period
	Key                       Key
	Counts                    Counts

	tally
	// usedOf says how many contacts are used, for each number that leaves one to make: it is said at every evaluation.
	usedOf []string
}

func (c *Counter) compile() {
	for count := range c.Max {
		c.usedOf = append(c.usedOf, usedOf(count, c.Max))
	}
	c.tally = tally{mask: keyed(c.Counts.mask(c.Of), c.Key), key: c.Key, used: c.Max}
	if c.RollingDays > 0 {
		c.first, c.free = rolling(c.RollingDays)
	} else {
		c.first, c.free = inPeriod(c.Calendar)
	}
}

func (c *Counter) check(e *evaluation, t time.Time) state {
	if c.RollingHours == 0 {
		return c.tally.check(e, t)
	}
	worst := state{max: c.Max}
	slots := 1
	if c.Key.perLoan() {
		slots = e.slots
	}
	for slot := range slots {
		s := state{max: c.Max}
		loan := anyLoan
		if c.Key.perLoan() {
			loan = 1 << slot
		}
		if c.inHours(e, t, loan, &s); s.blocked && c.Key.perLoan() && slot < len(e.proposal.Loans) {
			s.loan = e.proposal.Loans[slot]
		}
		worst = stricter(worst, s)
	}
	return worst
}

// inHours counts the contacts of the last hours, and finds when a further one is allowed: as in a tally, one later than
// the instant asked about counts as well.
func (c *Counter) inHours(e *evaluation, t time.Time, loan uint64, s *state) {
	window := time.Duration(c.RollingHours) * time.Hour
	since := t.Add(-window)
	earliest := int32(floorDiv(since.Unix(), day)) - 1
	var times []time.Time
	for n := range e.facts[0] {
		f := &e.facts[0][n]
		if f.date < earliest {
			break
		}
		if at := e.standing.Attempts[f.index].At; f.bits&^c.mask == 0 && f.loans&loan != 0 && at.After(since) {
			times = append(times, at)
		}
	}
	if s.count = len(times); s.count < c.Max {
		return
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	s.blocked, s.free = true, times[c.Max-1].Add(window).UTC()
}

func (c *Counter) days() int {
	switch {
	case c.RollingHours > 0:
		return c.RollingHours/24 + 2
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
	if !s.blocked && s.max == c.Max && s.count < len(c.usedOf) {
		return c.usedOf[s.count]
	}
	var room [128]byte
	text := append(room[:0], usedOf(s.count, s.max)...)
	if s.blocked && s.loan != "" {
		text = append(append(text, " for loan "...), s.loan...)
	}
	switch {
	case !s.blocked:
	case c.RollingHours > 0:
		text = append(strconv.AppendInt(append(text, " in "...), int64(c.RollingHours), 10), " hours"...)
	default:
		text = append(dateOf(s.on).Append(append(text, "; free once "...)), " no longer counts"...)
	}
	return string(text)
}

func usedOf(count, most int) string {
	return strconv.Itoa(count) + " of " + strconv.Itoa(most) + " used"
}

// CoolOff allows no contact for Days local dates after one that counts, of which its own date is the first; with NextDay the
// date after it is.
type CoolOff struct {
	After   Unit
	Days    int
	NextDay bool
	Key     Key
	Counts  Counts

	tally
	open string // what is said where it allows a contact
}

func (c *CoolOff) compile() {
	c.open = "none within " + strconv.Itoa(c.Days) + " days"
	counts := c.Counts
	if c.After == Refusal {
		counts.Dispositions = []contact.Disposition{contact.Refused}
	}
	c.tally = tally{mask: keyed(counts.mask(c.After), c.Key), key: c.Key, used: 1}
	c.first, c.free = rolling(c.span())
}

// span is the number of consecutive dates on which no contact is allowed, that of the event included.
func (c *CoolOff) span() int {
	if c.NextDay {
		return c.Days + 1
	}
	return c.Days
}

func (c *CoolOff) check(e *evaluation, t time.Time) state {
	if mark := c.After.mark(); mark != "" {
		return c.afterMark(e, t, mark)
	}
	s := c.tally.check(e, t)
	s.count, s.max = 0, 0
	return s
}

// afterMark is check for what is no contact, such as a complaint.
func (c *CoolOff) afterMark(e *evaluation, t time.Time, kind contact.MarkKind) (worst state) {
	for _, m := range e.standing.Marks {
		if m.Kind != kind || m.At.After(t) || c.Key.perLoan() && m.Loan != "" && len(e.proposal.Loans) > 0 && !slices.Contains(e.proposal.Loans, m.Loan) {
			continue
		}
		for n := range e.zones {
			z := &e.zones[n]
			on := z.date(m.At.Unix())
			if free := z.reach(t.Unix(), c.free(on)); free > t.Unix() {
				worst = stricter(worst, state{blocked: true, on: on, zone: z.name, free: instant(free), loan: m.Loan})
			}
		}
	}
	return worst
}

func (c *CoolOff) days() int { return c.span() }

func (c *CoolOff) why(s state) string {
	if !s.blocked {
		return c.open
	}
	var room [128]byte
	text := dateOf(s.on).Append(append(append(room[:0], c.After...), " on "...))
	if s.loan != "" {
		text = append(append(text, " about loan "...), s.loan...)
	}
	return string(dateOf(c.free(s.on)).Append(append(text, "; again from "...)))
}

// MinGap allows a contact only when Gap has passed since each one that counts.
type MinGap struct {
	Of     Unit
	Gap    time.Duration
	Key    Key
	Counts Counts

	mask mask
	open string // what is said where it allows a contact
}

func (g *MinGap) compile() {
	g.mask, g.open = keyed(g.Counts.mask(g.Of), g.Key), "none within "+g.Gap.String()
}

func (g *MinGap) check(e *evaluation, t time.Time) state {
	var s state
	earliest := int32(floorDiv(t.Add(-g.Gap).Unix(), day)) - 1
	for n := range e.facts[0] {
		f := &e.facts[0][n]
		if f.date < earliest {
			break
		}
		if f.bits&^g.mask == 0 && (!g.Key.perLoan() || f.loans != anyLoan) {
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
		return g.open
	}
	return "the last one was less than " + g.Gap.String() + " ago"
}

// OptOut denies a channel and contact point that the borrower opted out of.
type OptOut struct{}

func (*OptOut) check(e *evaluation, t time.Time) state {
	since, out := e.standing.OptedOut(e.proposal.Channel, e.point, e.proposal.Purpose, t)
	if !out {
		return state{}
	}
	s := state{blocked: true, wall: since.Unix()}
	for _, w := range e.standing.Wishes {
		if _, still := e.standing.OptedOut(e.proposal.Channel, e.point, e.proposal.Purpose, w.At); w.At.After(t) && !still && (s.free.IsZero() || w.At.Before(s.free)) {
			s.free = w.At.UTC()
		}
	}
	return s
}

func (*OptOut) why(s state) string {
	if !s.blocked {
		return "no opt-out"
	}
	return "the borrower opted out" + sinceWhen(s.wall)
}

func (*OptOut) days() int { return 0 }

func instant(sec int64) time.Time { return time.Unix(sec, 0).UTC() }
