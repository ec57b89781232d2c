package compliance

import (
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// own are the rules that Tender keeps to wherever it is, whatever the rulebooks say.
var own = []*Rule{
	ownRule("contact-point", "A contact needs a usable contact point", pointTest{}),
	ownRule("hold", "A hold stops contacts", holdTest{}),
	replyOnce(ownRule("opt-out", "An opt-out binds at once", &OptOut{})),
	ownRule("recipient", "Nobody but the borrower is contacted unless every rulebook says that they may be", recipientTest{}),
	replyOnce(ownRule("borrower-times", "Nobody is contacted at a time at which they asked not to be", blackoutTest{})),
	ownRule("time-zone", "Nobody is contacted without knowing what time it is there", zoneTest{}),
}

// replyOnce lets a rule pass one reply to each contact that the borrower began.
func replyOnce(r *Rule) *Rule {
	r.ReplyOnce = true
	return r
}

// ownCitation is the citation of what no law asks for.
const ownCitation = "Tender's own default"

func ownRule(id, title string, t test) *Rule {
	rule := &Rule{
		ID: id, Title: title, Citation: ownCitation, Confidence: Own, Strength: Hard,
		ref: "tender/" + id, version: "1", test: t,
	}
	rule.OptOut, _ = t.(*OptOut)
	_, rule.blackout = t.(blackoutTest)
	return rule
}

// pointTest blocks where there is nothing to reach the borrower at.
type pointTest struct{}

func (pointTest) check(e *evaluation, _ time.Time) state { return state{blocked: e.point == ""} }
func (pointTest) days() int                              { return 0 }

func (pointTest) why(s state) string {
	if s.blocked {
		return "no usable contact point on this channel"
	}
	return "a usable contact point"
}

// zoneTest blocks where the rulebooks could not be asked.
type zoneTest struct{}

func (zoneTest) check(e *evaluation, _ time.Time) state {
	return state{blocked: e.unknownZone != "", zone: e.unknownZone}
}
func (zoneTest) days() int { return 0 }

func (zoneTest) why(s state) string {
	if s.blocked {
		return s.zone
	}
	return "every candidate time zone is known"
}

// holdTest blocks while a hold covers the contact and does not leave its purpose allowed.
type holdTest struct{}

func (holdTest) check(e *evaluation, t time.Time) (worst state) {
	for _, h := range e.standing.Holds {
		if !e.leaves(h.Kind, t) && e.covered(h, t) {
			s := state{blocked: true, free: h.Until.UTC(), zone: string(h.Kind), loan: h.Loan, wall: h.From.Unix()}
			worst = stricter(worst, s)
		}
	}
	return worst
}

// leaves reports whether holds of a kind leave the proposal allowed. Replies to the borrower are so only where there is
// something to reply to.
func (e *evaluation) leaves(kind contact.HoldKind, t time.Time) bool {
	p := &e.proposal
	return kind.AllowsTo(p.Purpose, e.recipient) &&
		(p.Purpose != contact.Reply || e.recipient != contact.ToBorrower || kind.Allows(contact.Collection) || e.owesReply(t) || e.confirms(t))
}

// covered reports whether a hold binds the proposal at an instant. A proposal that names no loan is about all of them.
func (e *evaluation) covered(h contact.Hold, t time.Time) bool {
	if len(e.proposal.Loans) == 0 {
		return h.Covers(h.Loan, e.point, t)
	}
	for _, loan := range e.proposal.Loans {
		if h.Covers(loan, e.point, t) {
			return true
		}
	}
	return false
}

func (holdTest) days() int { return 0 }

func (holdTest) why(s state) string {
	if !s.blocked {
		return "no hold"
	}
	text := "hold " + s.zone
	if s.loan != "" {
		text += " on loan " + s.loan
	}
	return text + " since " + instant(s.wall).Format(time.DateOnly)
}
