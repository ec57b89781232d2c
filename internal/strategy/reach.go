package strategy

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
)

// way is how a borrower can be reached, and when.
type way struct {
	at       time.Time
	channel  contact.Channel
	point    string
	rule     string
	findings []compliance.Finding
	// halted is set when nothing but a halt of which no end is known stands in the way.
	halted bool
	// leave is what a person could approve of, so that the borrower is reached sooner.
	leave leave
}

// reach returns the first way in the borrower's order of channels, among those that are open on the earliest day.
// With no way at all it returns the rule that forbids the first, or the halt that stops one which is allowed otherwise.
func (t *thoughts) reach(w want, planned, from time.Time) way {
	points := t.points()
	if t.Rules.DespiteOptOut(w.purpose) { // then where the borrower asked for nothing comes last, however soon it would be
		wished := slices.DeleteFunc(slices.Clone(points), func(p contact.Point) bool {
			_, out := t.Standing.OptedOut(p.Channel, p.ID, w.purpose, t.Now)
			return out
		})
		if len(wished) < len(points) {
			if found := t.reachBy(w, planned, from, wished); !found.at.IsZero() {
				return found
			}
		}
	}
	return t.reachBy(w, planned, from, points)
}

// reachBy is reach by some of the borrower's contact points.
func (t *thoughts) reachBy(w want, planned, from time.Time, points []contact.Point) way {
	var ways []way
	for _, point := range points {
		if w.confirms != "" && point.Channel != w.confirms || w.by != "" && point.Channel != w.by {
			continue
		}
		next := t.when(w, planned, from, point)
		if closed := !slices.ContainsFunc(ways, func(w way) bool { return !w.at.IsZero() }); closed && next.at.Equal(from) {
			return next // allowed at once, and no channel that comes before it ever is
		}
		ways = append(ways, next)
	}
	if len(ways) == 0 {
		return way{rule: pointRule}
	}
	found := firstOf(ways, w.lapses, t.home)
	for _, w := range ways {
		found.leave = sooner(found.leave, w.leave)
	}
	return found
}

// firstOf returns the first of some ways among those that are open on the earliest day in a zone, and in time if any is; if none
// is open, the first that a halt stops, or else the first.
func firstOf(ways []way, lapses time.Time, home *time.Location) way {
	open := slices.DeleteFunc(slices.Clone(ways), func(w way) bool { return w.at.IsZero() })
	inTime := slices.DeleteFunc(slices.Clone(open), func(w way) bool { return !lapses.IsZero() && !w.at.Before(lapses) })
	if len(inTime) > 0 {
		open = inTime
	}
	if len(open) == 0 {
		if n := slices.IndexFunc(ways, func(w way) bool { return w.halted }); n >= 0 {
			return ways[n]
		}
		return ways[0]
	}
	earliest := slices.MinFunc(open, func(a, b way) int { return a.at.Compare(b.at) })
	day := bizclock.DateOf(earliest.at.In(home))
	for _, w := range open {
		if bizclock.DateOf(w.at.In(home)) == day {
			return w
		}
	}
	return earliest
}

// points returns the usable contact points in the order in which they are tried.
func (t *thoughts) points() (all []contact.Point) {
	for _, channel := range t.channels() {
		first := len(all)
		for _, p := range t.Standing.Points {
			if p.Channel == channel && !p.Failed {
				all = append(all, p)
			}
		}
		slices.SortStableFunc(all[first:], func(a, b contact.Point) int { return cmp.Compare(a.Rank, b.Rank) })
	}
	return all
}

// when returns the first moment at or after from at which a contact point may be used, and no halt stops it.
func (t *thoughts) when(w want, planned, from time.Time, point contact.Point) way {
	found := t.permitted(w, planned, from, point)
	for !found.at.IsZero() {
		if cap, next := t.capped(w, point.Channel, found.at); !next.IsZero() {
			findings := append([]compliance.Finding{cap}, found.findings...)
			found = t.permitted(w, planned, next, point)
			found.rule, found.findings = CapRule, append(findings, found.findings...)
			continue
		}
		halt, halted := HaltOf(t.Halts, point.Channel, w.template, w.purpose, found.at)
		if !halted {
			break
		}
		findings := append([]compliance.Finding{Halted(halt)}, found.findings...)
		asked := found.leave
		if found = (way{channel: point.Channel, point: point.ID, halted: halt.Until.IsZero()}); !found.halted {
			found = t.permitted(w, planned, halt.Until, point)
		}
		found.rule, found.findings, found.leave = HaltRule, append(findings, found.findings...), sooner(asked, found.leave)
	}
	return found
}

// permitted returns the first moment at or after from at which the rules allow a contact point to be used. A moment that a
// window sets is spread over the window's first third, so that not all loans wake at once. What answers somebody falls due for one loan
// alone, and goes out when the window opens.
func (t *thoughts) permitted(w want, planned, from time.Time, point contact.Point) way {
	p := compliance.Proposal{At: from, Channel: point.Channel, Point: point.ID, Purpose: w.purpose, Loans: []string{t.debt()}, Step: w.key, Confirmation: w.confirms != ""}
	ruling := t.Rules.Evaluate(t.Standing, p)
	found := way{at: ruling.NextAllowed, channel: point.Channel, point: point.ID}
	if ruling.Allowed() {
		found.at = from
	} else {
		found.rule = ruling.Deciding().Rule
		for _, finding := range ruling.Findings {
			if !finding.Verdict.Allows() {
				found.findings = append(found.findings, finding)
			}
		}
		found.leave = t.leaveFor(w, p, ruling)
	}
	if found.at.IsZero() || w.answers() {
		return found
	}
	p.At = found.at
	if p.At = t.turn(w, planned, p); p.At.After(found.at) && t.Rules.Evaluate(t.Standing, p).Allowed() {
		found.at = p.At
	}
	return found
}

// answers reports whether it says something to a borrower who began it: who complained, asked, or said what they will do.
func (w want) answers() bool {
	return w.purpose == contact.ComplaintReply || w.purpose == contact.Reply
}

// turn returns the moment in the window that a proposal lies in at which it is the turn of a step that was planned before
// that window opened, or that was held or halted until within it: the same however often it is asked, or an event in the window's first
// hour would let a message go at once, and the end of a hold on many loans all of theirs. What was planned in this window
// need not wait.
func (t *thoughts) turn(w want, planned time.Time, p compliance.Proposal) time.Time {
	now := p.At
	if _, halted := HaltOf(t.Halts, p.Channel, w.template, w.purpose, now); halted {
		return now // its end sets the moment
	}
	ready := t.resumed(w, planned, now, p.Channel)
	for p.At = later(ready, now.Add(-24*time.Hour)); !p.At.After(now); {
		opens, closes, ok := t.Rules.Window(t.Standing, p)
		held := ready.After(planned) && opens.Equal(ready)
		switch {
		case !ok || opens.After(now), closes.After(now) && opens.Equal(p.At) && !held:
			return now // it has been open all the while, or what is allowed now needs no window: who writes at night is answered at night
		case closes.After(now):
			return t.spread(w.key, opens, closes)
		}
		p.At = closes
	}
	return now
}

// resumed returns the last instant, at now at the latest, at which a hold on all of the borrower's contact points or a halt of a channel
// ended that stopped what was planned before; when it was planned, if none did. It need not have stood in the way at that time already.
func (t *thoughts) resumed(w want, planned, now time.Time, channel contact.Channel) time.Time {
	last := planned
	for _, h := range t.Standing.Holds {
		if h.Until.After(last) && !h.Until.After(now) && h.Covers(t.debt(), "", h.Until.Add(-1)) && !h.Kind.Allows(w.purpose) {
			last = h.Until
		}
	}
	for _, h := range t.Halts {
		if h.Until.After(last) && !h.Until.After(now) && h.Stops(channel, w.template, w.purpose, h.Until.Add(-1)) {
			last = h.Until
		}
	}
	return last
}

// channels returns the channels in the order in which they are tried.
func (t *thoughts) channels() []contact.Channel {
	order := append([]contact.Channel{t.Standing.Preferred}, t.Strategy.Channels...)
	var all []contact.Channel
	for _, c := range order {
		if c.Electronic() && slices.Contains(t.Served, c) && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// onDate returns the moment planned for a date of the contract: in the first third of the borrower's window, always the
// same for the same loan and step, and where it can be, on that date for the borrower too. A date without a window plans
// for its beginning, and leaves the rest to the rules.
func (t *thoughts) onDate(date bizclock.Date, key string) time.Time {
	p := compliance.Proposal{Purpose: contact.Collection, Channel: contact.SMS, Loans: []string{t.debt()}}
	if channels := t.channels(); len(channels) > 0 {
		p.Channel = channels[0]
	}
	begins, ends := date.In(t.zone), date.AddDays(1).In(t.zone)
	for _, common := range []struct{ from, until time.Time }{
		{later(begins, date.In(t.home)), earlier(ends, date.AddDays(1).In(t.home))},
		{begins, ends},
	} {
		p.At = common.from
		if opens, closes, ok := t.Rules.Window(t.Standing, p); ok && opens.Before(common.until) {
			if at := t.spread(key, opens, closes); at.Before(common.until) {
				return at
			}
			return t.spread(key, opens, common.until)
		}
	}
	return begins
}

// spread returns a moment in the first third of a window, by a stable hash, on a whole second.
func (t *thoughts) spread(key string, opens, closes time.Time) time.Time {
	hash := fnv.New64a()
	hash.Write([]byte(t.Journey.Loan + "/" + key))
	third := min(closes.Sub(opens), 24*time.Hour) / 3
	if third <= 0 {
		return opens
	}
	return opens.Add(time.Duration(hash.Sum64() % uint64(third))).Truncate(time.Second)
}
