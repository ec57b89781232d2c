package compliance

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// naive answers whether a contact is allowed at an instant, rule by rule, from the words of the rulebook and the calendar of
// package time alone: no masks, no day numbers, no searching. It is what the real evaluation is held against.
type naive struct {
	rules    Rules
	standing contact.Standing
	proposal Proposal
}

func (v naive) allows(at time.Time) bool {
	point, ok := v.point()
	if !ok || len(v.standing.Zones) == 0 {
		return false
	}
	for _, h := range v.standing.Holds {
		for _, loan := range v.proposal.Loans {
			if h.Covers(loan, point, at) && !h.Kind.Allows(v.proposal.Purpose) {
				return false
			}
		}
	}
	if _, out := v.standing.OptedOut(v.proposal.Channel, point, at); out && !slices.Contains(v.rules.despite, v.proposal.Purpose) {
		return false
	}
	for _, rule := range v.rules.rules {
		if rule.Breach != Warn && !v.permits(rule, point, at) {
			return false
		}
	}
	return true
}

// permits answers for one rule of a rulebook.
func (v naive) permits(rule *Rule, point string, at time.Time) bool {
	if !among(v.proposal.Channel, rule.Channels) || !among(v.proposal.Purpose, rule.Purposes) || slices.Contains(rule.Exempt, v.proposal.Purpose) {
		return true
	}
	inForce := false
	for _, zone := range v.standing.Zones {
		date := at.In(location(zone)).Format(time.DateOnly)
		if (rule.From.IsZero() || date >= rule.From.String()) && (rule.Until.IsZero() || date < rule.Until.String()) {
			inForce = true
		}
	}
	if !inForce {
		return true
	}
	switch {
	case rule.OptOut != nil:
		_, out := v.standing.OptedOut(v.proposal.Channel, point, at)
		return !out
	case rule.MinGap != nil:
		g := rule.MinGap
		return !slices.ContainsFunc(v.standing.Attempts, func(a contact.Attempt) bool {
			return counted(a, g.Of, g.Counts) && v.same(a, g.Key, point) && at.Before(a.At.Add(g.Gap))
		})
	}
	for _, zone := range v.standing.Zones {
		now := at.In(location(zone))
		switch {
		case rule.Window != nil:
			if !open(rule.Window, now) {
				return false
			}
		case rule.CoolOff != nil:
			c := rule.CoolOff
			for _, a := range v.standing.Attempts {
				if counted(a, c.After, c.Counts) && v.same(a, c.Key, point) && midnight(now).Before(midnight(a.At.In(location(zone))).AddDate(0, 0, c.Days)) {
					return false
				}
			}
		case rule.Counter != nil:
			if v.used(rule.Counter, point, now) {
				return false
			}
		}
	}
	return true
}

// used reports whether a counter is used up on the date of now, for any loan if it counts by loan.
func (v naive) used(c *Counter, point string, now time.Time) bool {
	first := midnight(now).AddDate(0, 0, 1-c.RollingDays)
	switch c.Calendar {
	case Day:
		first = midnight(now)
	case Week:
		for first = midnight(now); first.Weekday() != time.Monday; {
			first = first.AddDate(0, 0, -1)
		}
	case Month:
		first = midnight(now).AddDate(0, 0, 1-now.Day())
	}
	for _, loan := range v.proposal.Loans {
		alone := v
		alone.proposal.Loans = []string{loan}
		count := 0
		for _, a := range v.standing.Attempts {
			if counted(a, c.Of, c.Counts) && alone.same(a, c.Key, point) && !midnight(a.At.In(now.Location())).Before(first) {
				count++
			}
		}
		if count >= c.Max {
			return true
		}
	}
	return false
}

// same reports whether a contact falls under the same key as the proposal.
func (v naive) same(a contact.Attempt, key Key, point string) bool {
	switch key {
	case PerPoint:
		return a.Point == "" || a.Point == point
	case PerLoan:
		return len(a.Loans) == 0 || slices.ContainsFunc(a.Loans, func(loan string) bool { return slices.Contains(v.proposal.Loans, loan) })
	}
	return true
}

func (v naive) point() (string, bool) {
	if v.proposal.Point == "" {
		point, ok := v.standing.Usable(v.proposal.Channel)
		return point.ID, ok
	}
	for _, p := range v.standing.Points {
		if p.ID == v.proposal.Point {
			return p.ID, p.Channel == v.proposal.Channel && !p.Failed
		}
	}
	return "", false
}

func counted(a contact.Attempt, of Unit, c Counts) bool {
	if !among(a.Channel, c.Channels) || !among(a.Direction, c.Directions) || !among(a.Purpose, c.Purposes) {
		return false
	}
	spoken := a.Channel == contact.Call || a.Channel == contact.Visit
	switch {
	case of == Message && spoken:
		return false
	case a.Disposition == "":
		return of == Attempt || of == Message || spoken || a.Channel == ""
	case !among(a.Disposition, c.Dispositions) || slices.Contains(c.Except, a.Disposition):
		return false
	}
	return of == Attempt || of == Message || of == Connected && a.Disposition.Connected() || of == Conversation && a.Disposition.Conversation()
}

// among reports whether a word is one of some; a word that is missing may be any.
func among[T ~string](word T, words []T) bool {
	return len(words) == 0 || word == "" || slices.Contains(words, word)
}

func open(w *Window, now time.Time) bool {
	clock := int64(now.Hour()*3600 + now.Minute()*60 + now.Second())
	yesterday := (now.Weekday() + 6) % 7
	for _, s := range w.Open {
		if s.Until > s.From {
			if slices.Contains(s.Days, now.Weekday()) && s.From <= clock && clock < s.Until {
				return true
			}
			continue
		}
		if slices.Contains(s.Days, now.Weekday()) && s.From <= clock || slices.Contains(s.Days, yesterday) && clock < s.Until {
			return true
		}
	}
	return false
}

// midnight returns the date of an instant, without its zone.
func midnight(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

func location(zone string) *time.Location {
	z, err := newZone(zone)
	if err != nil {
		panic(err)
	}
	return z.loc
}
