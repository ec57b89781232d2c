package compliance

import (
	"cmp"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// replyWithin is for how long the borrower's having begun a contact lets a reply through.
const replyWithin = 7 * 24 * time.Hour

// unanswered returns when the borrower began contacts on the proposal's channel that were not replied to there, the oldest
// first. Each lets one reply through; what was sent for a purpose that nobody knows may have been it. As with counters, what is
// recorded has happened. A call in which the borrower was spoken to is answered.
func (e *evaluation) unanswered() (all []time.Time) {
	p := &e.proposal
	if p.Purpose != contact.Reply && p.Purpose != contact.ComplaintReply || e.recipient != contact.ToBorrower {
		return nil
	}
	type came struct {
		at      time.Time
		inbound bool
	}
	var history []came
	for n := range e.standing.Attempts {
		a := &e.standing.Attempts[n]
		inbound := a.Direction == contact.Inbound
		switch {
		case a.Channel != p.Channel || a.Recipient != "" && a.Recipient != contact.ToBorrower:
		case inbound && !a.Disposition.Conversation(), !inbound && mayReply(a):
			history = append(history, came{a.At, inbound})
		}
	}
	slices.SortStableFunc(history, func(a, b came) int {
		order := func(c came) int { // who writes back at the same instant has read it
			if c.inbound {
				return 0
			}
			return 1
		}
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(order(a), order(b)))
	})
	for _, c := range history {
		if c.inbound {
			all = append(all, c.at)
			continue
		}
		if n := slices.IndexFunc(all, func(begun time.Time) bool { return c.at.Before(begun.Add(replyWithin)) }); n >= 0 {
			all = slices.Delete(all, n, n+1)
		}
	}
	if since, out := e.stopped(); out {
		// What ended the contacts is answered by ending them.
		all = slices.DeleteFunc(all, func(at time.Time) bool { return !at.After(since) })
	}
	return all
}

// mayReply reports whether a contact that we made was a reply, or may have been.
func mayReply(a *contact.Attempt) bool {
	return a.Purpose == contact.Reply || a.Purpose == contact.ComplaintReply || a.Purpose == ""
}

// owesReply reports whether the proposal may be the one reply to a contact that the borrower began not long before an instant.
func (e *evaluation) owesReply(t time.Time) bool {
	return slices.ContainsFunc(e.owed, func(begun time.Time) bool { return t.Before(begun.Add(replyWithin)) })
}

// answers reports whether a rule lets the proposal through at an instant because the borrower asked for it: one reply to each contact
// that they began, or the confirmation of their stop.
func (rule *Rule) answers(e *evaluation, t time.Time) bool {
	switch {
	case (rule.OptOut != nil || rule.Content != nil || rule.exemptsReply) && e.confirms(t):
		return true
	case rule.exemptsReply && e.proposal.Purpose == contact.Reply:
		return e.owesReply(t)
	case !rule.ReplyOnce:
		return false
	case rule.Window == nil && !rule.blackout:
		return e.owesReply(t)
	}
	// Who writes at a time that is closed is answered in that time (12 CFR 1006, comment 6(b)(1)-2), and not in the next such one.
	if stopped, _ := e.stopped(); e.confirms(t) && rule.shut(e, stopped, t) {
		return true
	}
	return slices.ContainsFunc(e.owed, func(begun time.Time) bool {
		return t.Before(begun.Add(replyWithin)) && rule.shut(e, begun, t)
	})
}

// shut reports whether a rule that stands in the way at an instant did so all the while since another.
func (rule *Rule) shut(e *evaluation, since, t time.Time) bool {
	for at := since.UTC(); at.Before(t); {
		if !rule.inForce(e, at) {
			return false
		}
		s := rule.test.check(e, at)
		if !s.blocked {
			return false
		}
		if !s.free.After(at) {
			return true // it does so for good
		}
		at = s.free
	}
	return true
}

// stopped returns since when the borrower's last word on the proposal is no, if it is.
func (e *evaluation) stopped() (since time.Time, out bool) {
	return e.standing.OptedOut(e.proposal.Channel, e.point, e.proposal.Purpose, forever)
}

// confirmWithin is for how long an opt-out may be confirmed.
const confirmWithin = 24 * time.Hour

// confirms reports whether the proposal is the one message that confirms the borrower's last opt-out.
func (e *evaluation) confirms(t time.Time) bool {
	p := &e.proposal
	if !p.Confirmation || p.Purpose != contact.Reply {
		return false
	}
	since, out := e.stopped()
	return out && t.Before(since.Add(confirmWithin)) && !slices.ContainsFunc(e.standing.Attempts, func(a contact.Attempt) bool {
		return a.Direction != contact.Inbound && (a.Purpose == contact.Reply || a.Purpose == "") && !a.At.Before(since)
	})
}
