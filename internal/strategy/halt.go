package strategy

import (
	"time"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// HaltOf returns the halt that stops a contact at an instant, if one does: of several the one that lasts longest.
func HaltOf(halts []contact.Halt, channel contact.Channel, template string, purpose contact.Purpose, at time.Time) (longest contact.Halt, found bool) {
	for _, h := range halts {
		if h.Stops(channel, template, purpose, at) && (!found || !longest.Until.IsZero() && (h.Until.IsZero() || h.Until.After(longest.Until))) {
			longest, found = h, true
		}
	}
	return longest, found
}

// Halted is what is said of a contact that a halt stops.
func Halted(h contact.Halt) compliance.Finding {
	what := "contacts"
	if h.Channel != "" {
		what += " by " + string(h.Channel)
	}
	if h.Template != "" {
		what += " with " + h.Template
	}
	if h.Jurisdiction != "" {
		what += " in " + h.Jurisdiction
	}
	f := compliance.Finding{
		Rule: HaltRule, Title: "An operator's halt stops contacts", Version: "1", Citation: "Tender's own default", Strength: compliance.Hard,
		Verdict: compliance.Deny, Why: what + " are halted: " + h.ID,
	}
	if !h.Until.IsZero() {
		f.Verdict, f.Until = compliance.Defer, h.Until.UTC()
	}
	return f
}

// hopeless reports whether a message will not be made whatever the books say once they are complete: it is halted until nobody
// knows when, or there is no way to make it. That it lapses before it is allowed is nothing that can be foreseen: a window closes.
func (t *thoughts) hopeless(w want, c Considered) bool {
	if w.kind != journey.Send {
		return false
	}
	t.weighMessage(w, &c)
	return c.Outcome == Dropped && c.Reason != ReasonLapsed
}

// callsHalted reports whether what is wanted would have a person contact the borrower while calls are halted until nobody
// knows when, and notes it.
func (t *thoughts) callsHalted(w want, from time.Time, c *Considered) bool {
	if w.kind != journey.Task || w.purpose == "" {
		return false
	}
	for {
		halt, halted := HaltOf(t.Halts, contact.Call, "", w.purpose, from)
		switch {
		case !halted:
			return false
		case halt.Until.IsZero():
			c.Outcome, c.Reason, c.Rule, c.At = Dropped, ReasonHalted, HaltRule, time.Time{}
			c.Findings = append([]compliance.Finding{Halted(halt)}, c.Findings...)
			return true
		}
		from = halt.Until
	}
}

// assignable returns the first instant at or after from at which no halt keeps a task from being given to a person.
func (t *thoughts) assignable(w want, from time.Time) time.Time {
	if w.kind != journey.Task || w.purpose == "" {
		return from
	}
	at, _ := t.ready(w, from, contact.Call)
	return at
}

// callable returns the first instant at or after from at which the rules allow a person to call, so that they are not given at
// night, or in a month in which there were too many contacts, what would make them. Where no day brings one by itself, the
// person is told which rule forbids it, and finds another way.
func (t *thoughts) callable(w want, from time.Time, c *Considered) time.Time {
	if w.kind != journey.Task || w.purpose == "" {
		return from
	}
	at := from
	for {
		ruling := t.Rules.Evaluate(t.Standing.ByPerson(), compliance.Proposal{
			At: at, Channel: contact.Call, Purpose: w.purpose, Loans: []string{t.Journey.Loan}, Step: w.key,
		})
		if ruling.Allowed() {
			return at
		}
		if c.Rule = ruling.Deciding().Rule; ruling.NextAllowed.IsZero() {
			return from
		}
		for _, f := range ruling.Findings {
			if !f.Verdict.Allows() {
				c.Findings = append(c.Findings, f)
			}
		}
		next := t.assignable(w, ruling.NextAllowed)
		if next.Equal(ruling.NextAllowed) {
			return next
		}
		at = next
	}
}

// ready returns the first instant at or after from at which neither a hold on all of the borrower's contact points nor a
// halt of a channel stops what is wanted, and whether there is one.
func (t *thoughts) ready(w want, from time.Time, channel contact.Channel) (time.Time, bool) {
	template := w.template
	if w.kind == journey.Task {
		template = "" // what a person says has none
	}
	for {
		at, free := t.released(w, from)
		if !free {
			return at, false
		}
		halt, halted := HaltOf(t.Halts, channel, template, w.purpose, at)
		switch {
		case !halted:
			return at, true
		case halt.Until.IsZero():
			return time.Time{}, false
		}
		from = halt.Until
	}
}
