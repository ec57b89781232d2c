package strategy

import (
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// weigh finds the first moment and the best channel at which a want is allowed.
func (t *thoughts) weigh(w want) Considered {
	c := Considered{Key: w.key, Reason: w.reason, Planned: w.planned(t), Outcome: Later, stale: w.stale}
	if w.drop != "" {
		c.Outcome, c.Reason = Dropped, w.drop
		return c
	}
	if !w.lapses.IsZero() && !t.Now.Before(w.lapses) {
		c.Outcome, c.Reason = Dropped, ReasonLapsed // whatever else would have stood in its way
		return c
	}
	from, free := t.released(w, later(c.Planned, t.Now))
	switch {
	case !free && w.kind != journey.Send:
		c.Outcome, c.Reason, c.Rule = Dropped, ReasonHold, HoldRule
		t.forbids(w, &c)
	case w.review && t.reviews(w, &c):
	case w.kind != journey.Send && t.callsHalted(w, from, &c):
	case free && w.stale && !from.After(t.Now) && t.hopeless(w, c):
		t.weighMessage(w, &c) // books that come to be complete would not help
	case free && w.stale && !from.After(t.Now):
		// Nobody is dunned on books that may be incomplete: look again in a while.
		looked := t.Now.Sub(c.Planned) / staleRecheck
		c.At, c.Reason = c.Planned.Add((looked+1)*staleRecheck), ReasonStaleLedger
		if !w.lapses.IsZero() && w.lapses.Before(c.At) {
			c.At = w.lapses // what comes after it waits for nothing
		}
		c.step = journey.Step{Kind: journey.Wait, Key: w.key, At: c.At, Reason: c.Reason, Summary: "look again: " + w.key + " waits, " + c.Reason}
	case w.kind != journey.Send:
		c.At = t.callable(w, t.assignable(w, from), &c)
		c.step = t.step(w, c)
	default:
		t.weighMessage(w, &c)
	}
	return c
}

// forbids finds what forbids a person's call, for who asks why nobody called.
func (t *thoughts) forbids(w want, c *Considered) {
	if w.kind != journey.Task || w.purpose == "" {
		return
	}
	ruling := t.Rules.Evaluate(t.Standing.ByPerson(), compliance.Proposal{
		At: later(c.Planned, t.Now), Channel: contact.Call, Purpose: w.purpose, Loans: []string{t.debt()}, Step: w.key,
	})
	for _, f := range ruling.Findings {
		if f.Rule == HoldRule && !f.Verdict.Allows() {
			c.Findings = append(c.Findings, f)
		}
	}
}

// weighMessage finds the first moment and the best way at which a message is allowed.
func (t *thoughts) weighMessage(w want, c *Considered) {
	from := later(c.Planned, t.Now)
	t.clears(w, c, &from)
	if w.by != "" && t.reach(w, c.Planned, from).at.IsZero() {
		w.by = "" // it cannot be had by the channel that the strategy asks for
	}
	best := t.reach(w, c.Planned, from)
	for at := best.at; !at.IsZero() && t.clears(w, c, &at); at = best.at {
		from = at
		best = t.reach(w, c.Planned, from)
	}
	c.At, c.Channel, c.Rule, c.Findings = best.at, best.channel, best.rule, best.findings
	released, free := t.released(w, from)
	if best.at.IsZero() && free && released.After(from) {
		// The hold ends beyond what the rules foresee.
		then := t.reach(w, c.Planned, released)
		best.at, best.channel, best.point, best.halted = then.at, then.channel, then.point, best.halted || then.halted
		c.At, c.Channel = best.at, best.channel
	}
	switch {
	case best.at.IsZero() && !free:
		c.Outcome, c.Reason, c.Rule = Dropped, ReasonHold, HoldRule
	case t.asks(w, best, c):
	case best.at.IsZero() && best.halted:
		c.Outcome, c.Reason = Dropped, ReasonHalted
	case best.at.IsZero() && w.must:
		// Where no channel is permitted, a person has to see to it.
		switch {
		case t.assigned(w.key):
			c.Outcome, c.Reason = Dropped, ReasonTaskOpen
			return
		case t.neglected(w):
			c.Outcome, c.Reason = Dropped, ReasonGivenUp
			return
		}
		if w.kind = journey.Task; t.callsHalted(w, released, c) {
			return
		}
		w.reason, c.Reason = ReasonNoChannel, ReasonNoChannel
		c.At = t.callable(w, t.assignable(w, released), c)
		c.step = t.step(w, *c)
	case best.at.IsZero():
		c.Outcome, c.Reason = Dropped, ReasonNoChannel
	case !w.lapses.IsZero() && !best.at.Before(w.lapses):
		c.Outcome, c.Reason, c.At = Dropped, ReasonLapsed, time.Time{}
	default:
		c.step = t.step(w, *c)
		c.step.Channel, c.step.Point, c.step.Rule = best.channel, best.point, best.rule
	}
}

// clears moves a moment to the first day that is clear of what a want keeps away from, and on such a day to the want's own
// moment, so that it is the same however often it is asked. It reports whether it moved it.
func (t *thoughts) clears(w want, c *Considered, from *time.Time) bool {
	if w.away == nil {
		return false
	}
	on := bizclock.DateOf(from.In(t.zone))
	to := w.away(on)
	if to == on && (w.away(on.AddDays(-1)) != on || !from.Before(t.onDate(on, w.key))) {
		return false
	}
	c.Planned = t.onDate(to, w.key)
	*from = later(c.Planned, *from)
	return true
}

// released returns the first instant from which no hold on all of the borrower's contact points stops what is wanted, and
// whether there is one. It binds people as it binds machines: they are given no task that would make them call.
func (t *thoughts) released(w want, from time.Time) (time.Time, bool) {
	if w.purpose == "" {
		return from, true // it is no contact
	}
	for again := true; again; {
		again = false
		for _, h := range t.Standing.Holds {
			if !h.Covers(t.debt(), "", from) || h.Kind.Allows(w.purpose) {
				continue
			}
			if h.Until.IsZero() {
				return time.Time{}, false
			}
			from, again = h.Until, true
		}
	}
	return from, true
}
