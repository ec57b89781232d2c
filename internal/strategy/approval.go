package strategy

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// What soft rules advise against a person may approve of. A person is asked only for what would otherwise wait for more than
// a day, or could not be done at all; while nobody has answered it waits, and silence is no.

const (
	// askedFor is how long a request for approval can be answered, if nothing ends it sooner.
	askedFor = 3 * 24 * time.Hour
	// worthAsking is how much sooner a message must be allowed by an approval than without one.
	worthAsking = 24 * time.Hour
)

// questions is what the keys of requests for approval begin with.
const questions = "approve-"

// leave is what a person would have to approve of for a message to be allowed sooner.
type leave struct {
	at       time.Time
	channel  contact.Channel
	rules    []string
	findings []compliance.Finding
}

// leaveFor returns what a person would have to approve of for a proposal to be allowed, and from when on it then would be;
// nothing when no approval helps, or when the proposal is allowed as soon without one.
func (t *thoughts) leaveFor(w want, p compliance.Proposal, ruling compliance.Ruling) (l leave) {
	without := ruling.NextAllowed
	standing := t.Standing
	standing.Approvals = slices.Clone(standing.Approvals)
	for !ruling.Allowed() {
		asked := len(l.rules)
		for _, f := range ruling.Findings {
			if f.Verdict == compliance.NeedsApproval {
				l.rules, l.findings = append(l.rules, f.Rule), append(l.findings, f)
				standing.Approvals = append(standing.Approvals, contact.Approval{Loan: t.Journey.Loan, Step: p.Step, Rule: f.Rule, Until: p.At.Add(compliance.Foresight)})
			}
		}
		if len(l.rules) == asked {
			break
		}
		ruling = t.Rules.Evaluate(standing, p)
	}
	if len(l.rules) == 0 || ruling.NextAllowed.IsZero() || !without.IsZero() && without.Sub(ruling.NextAllowed) <= worthAsking {
		return leave{}
	}
	l.at, l.channel = ruling.NextAllowed, p.Channel
	if _, halted := HaltOf(t.Halts, p.Channel, w.template, w.purpose, l.at); halted || !w.lapses.IsZero() && !l.at.Before(w.lapses) {
		return leave{}
	}
	return l
}

// sooner returns the one of two that is allowed sooner.
func sooner(a, b leave) leave {
	if a.at.IsZero() || !b.at.IsZero() && b.at.Before(a.at) {
		return b
	}
	return a
}

// asks weighs whether a person is to be asked to approve of a message that soft rules keep waiting, and reports whether that
// settles what becomes of it for now.
func (t *thoughts) asks(w want, best way, c *Considered) bool {
	l := best.leave
	if l.at.IsZero() || !best.at.IsZero() && best.at.Sub(l.at) <= worthAsking {
		return false
	}
	request, asked := t.request(w.key)
	switch {
	case !asked:
	case request.Open(t.Now) && best.at.IsZero():
		c.Outcome, c.Reason, c.Rule, c.Findings = Dropped, ReasonNeedsApproval, l.rules[0], l.findings
		return true
	default:
		return false // it waits for when it is allowed without an approval, if ever
	}
	question := want{key: questions + w.key, kind: journey.Task, reason: ReasonNeedsApproval}
	c.At, c.Reason, c.Rule, c.Findings = l.at, ReasonNeedsApproval, l.rules[0], l.findings
	if failures, last := t.failures(question.key); failures > 0 {
		c.At = later(c.At, last.Add(doubled(failedPause, longestFailed, failures)))
	}
	until := c.At.Add(askedFor)
	for _, end := range []time.Time{w.lapses, best.at} {
		if !end.IsZero() {
			until = earlier(until, end)
		}
	}
	if !c.At.Before(until) {
		return false
	}
	c.step = t.step(question, *c)
	c.step.Approval = &journey.Approval{Step: w.key, Rules: l.rules, Channel: l.channel, Until: until}
	c.step.Rule = l.rules[0]
	return true
}

// ReviewRule stands, among the rules of a request for approval, for a supervisor's review of a step.
const ReviewRule = "tender/review"

// reviewedFor is how long a supervisor may take over a review; silence is no.
const reviewedFor = 14 * 24 * time.Hour

// reviews weighs whether a supervisor is to be asked about a step first, or has answered no, and reports whether that settles
// what becomes of it for now.
func (t *thoughts) reviews(w want, c *Considered) bool {
	request, asked := t.request(w.key)
	c.Rule = ReviewRule
	switch {
	case asked && request.Answer == contact.Granted:
		c.Rule = ""
		return false
	case asked:
		c.Outcome, c.Reason = Dropped, ReasonNeedsApproval
		if !request.Open(t.Now) {
			c.Reason = ReasonRefused
		}
		return true
	}
	question := want{key: "approve-" + w.key, kind: journey.Task, reason: ReasonNeedsApproval}
	if _, open := t.Journey.LastDone(question.key, is(journey.ResultAssigned)); open {
		c.Outcome, c.Reason = Dropped, ReasonNeedsApproval // it is asked, and the answer is not known here yet
		return true
	}
	c.At, c.Reason = later(c.Planned, t.Now), ReasonNeedsApproval
	if failures, last := t.failures(question.key); failures > 0 {
		c.At = later(c.At, last.Add(doubled(failedPause, longestFailed, failures)))
	}
	c.step = t.step(question, *c)
	c.step.Approval = &journey.Approval{Step: w.key, Rules: []string{ReviewRule}, Until: c.At.Add(reviewedFor)}
	c.step.Rule = ReviewRule
	return true
}

// request returns what a person was last asked about a step.
func (t *thoughts) request(key string) (last contact.ApprovalRequest, asked bool) {
	for _, r := range t.Requests {
		if r.Step == key {
			last, asked = r, true
		}
	}
	return last, asked
}
