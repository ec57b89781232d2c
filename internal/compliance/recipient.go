package compliance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
)

// Disclosure is what is said to somebody who is not the borrower.
type Disclosure string

// The disclosures, each more than the one before.
const (
	// DiscloseNothing: neither who calls for what, nor that there is a debt.
	DiscloseNothing Disclosure = "none"
	// DiscloseIdentity: who calls, and for whom.
	DiscloseIdentity Disclosure = "identity"
	// DiscloseDebt: that there is a debt, and what is owed.
	DiscloseDebt Disclosure = "debt"
)

// Disclosures are all disclosures, from the least to the most.
var Disclosures = []Disclosure{DiscloseNothing, DiscloseIdentity, DiscloseDebt}

// UnmarshalText refuses a word that is no disclosure; none at all stands for nothing.
func (d *Disclosure) UnmarshalText(text []byte) (err error) {
	if *d = ""; len(text) == 0 {
		return nil
	}
	*d, err = closed.Parse("disclosure", Disclosures, string(text))
	return err
}

func (d Disclosure) more(than Disclosure) bool {
	return slices.Index(Disclosures, d) > max(0, slices.Index(Disclosures, than))
}

// RecipientRule says who may be contacted, and what may be said to whom.
type RecipientRule struct {
	// Allow are those who may be contacted.
	Allow []contact.Recipient
	// Disclose is what may be said to those who are not the borrower; to who is not named, nothing.
	Disclose map[contact.Recipient]Disclosure
}

func (r *RecipientRule) check(e *evaluation, _ time.Time) state {
	to := e.recipient
	switch {
	case !slices.Contains(r.Allow, to):
		return state{blocked: true, zone: string(to)}
	case to != contact.ToBorrower && e.proposal.Discloses.more(r.Disclose[to]):
		return state{blocked: true, zone: string(to), loan: string(e.proposal.Discloses)}
	}
	return state{}
}

func (r *RecipientRule) why(s state) string {
	switch {
	case !s.blocked:
		return "this recipient may be contacted"
	case s.loan != "":
		return fmt.Sprintf("to %s, %s must not be disclosed", article(s.zone), s.loan)
	}
	return article(s.zone) + " must not be contacted"
}

func (*RecipientRule) days() int { return 0 }

// article writes a recipient as words: a third party, an attorney.
func article(word string) string {
	word = strings.ReplaceAll(word, "_", " ")
	if word != "" && strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

// recipientTest denies anybody but the borrower where not every rulebook says that they may be contacted.
type recipientTest struct{}

func (recipientTest) check(e *evaluation, _ time.Time) state {
	if e.recipient == contact.ToBorrower || slices.Contains(e.mayContact, e.recipient) {
		return state{}
	}
	return state{blocked: true, zone: string(e.recipient)}
}

func (recipientTest) why(s state) string {
	if s.blocked {
		return "the rulebooks do not let " + article(s.zone) + " be contacted"
	}
	return "the rulebooks let the recipient be contacted"
}

func (recipientTest) days() int { return 0 }

// ThirdPartyRule is the gate to those who do not stand in for the borrower.
type ThirdPartyRule struct {
	// Failures is how many contacts with the borrower must have failed in a row in the last WithinDays; 0 asks for none.
	Failures, WithinDays int
	// Channels are those of these contacts; none means all.
	Channels []contact.Channel
	// Max is how many contacts one third party may have, ever; 0 means none at all.
	Max int
	// Purposes are those that a third party may be contacted for; none means all.
	Purposes []contact.Purpose
	// RefusalEnds forbids any further contact once a third party refused.
	RefusalEnds bool
}

func (g *ThirdPartyRule) check(e *evaluation, t time.Time) state {
	if e.recipient == contact.ToBorrower {
		return state{}
	}
	if len(g.Purposes) > 0 && !slices.Contains(g.Purposes, e.proposal.Purpose) {
		return state{blocked: true, zone: "purpose"}
	}
	var reached time.Time // when the borrower was reached last, or may have been, whoever began
	contacts := 0
	for n := range e.standing.Attempts {
		switch a := &e.standing.Attempts[n]; {
		case toBorrower(a):
			if g.recent(a, t) && (a.Direction == contact.Inbound || mayHaveReached(a)) {
				reached = latest(reached, a.At)
			}
		case a.Recipient != e.recipient || e.point != "" && a.Point != "" && a.Point != e.point:
		case g.RefusalEnds && a.Disposition == contact.Refused:
			return state{blocked: true, zone: "refusal"}
		case a.Direction == contact.Outbound && !notReached(a.Disposition):
			contacts++
		}
	}
	failures := 0
	for n := range e.standing.Attempts {
		if a := &e.standing.Attempts[n]; a.Direction == contact.Outbound && g.tries(a, t) && failed(a.Disposition) && a.At.After(reached) {
			failures++
		}
	}
	switch {
	case contacts >= g.Max:
		return state{blocked: true, zone: "max", count: contacts, max: g.Max}
	case failures < g.Failures:
		return state{blocked: true, zone: "failures", count: failures, max: g.Failures}
	}
	return state{count: contacts, max: g.Max}
}

func toBorrower(a *contact.Attempt) bool {
	return a.Recipient == "" || a.Recipient == contact.ToBorrower
}

// spoken reports whether a contact on a channel may be a conversation while nobody has said what came of it.
func spoken(c contact.Channel) bool { return c == contact.Call || c == contact.Visit }

// tries reports whether a contact was one of those with the borrower that the gate asks about at an instant.
func (g *ThirdPartyRule) tries(a *contact.Attempt, t time.Time) bool {
	return toBorrower(a) && (len(g.Channels) == 0 || slices.Contains(g.Channels, a.Channel)) && g.recent(a, t)
}

func (g *ThirdPartyRule) recent(a *contact.Attempt, t time.Time) bool {
	return g.WithinDays == 0 || !a.At.Before(t.AddDate(0, 0, -g.WithinDays))
}

// mayHaveReached reports whether a contact with the borrower reached them, or may have.
func mayHaveReached(a *contact.Attempt) bool {
	return a.Disposition.Conversation() || a.Disposition == contact.Dropped || a.Disposition == "" && spoken(a.Channel)
}

// failed reports whether a contact is known not to have reached the person whom it was for.
func failed(d contact.Disposition) bool {
	switch d {
	case contact.Voicemail, contact.LimitedContent, contact.RinglessVoicemail, contact.WrongNumber, contact.ThirdParty:
		return true
	}
	return notReached(d)
}

// notReached reports whether a contact is known to have reached nobody.
func notReached(d contact.Disposition) bool {
	return d == contact.Busy || d == contact.NotInService || d == contact.NoAnswer || d == contact.Bounced
}

func (g *ThirdPartyRule) why(s state) string {
	switch s.zone {
	case "purpose":
		return "nobody but the borrower may be contacted for this purpose"
	case "refusal":
		return "this third party refused; it is never contacted again"
	case "max":
		return fmt.Sprintf("%d of %d contacts with this third party used", s.count, s.max)
	case "failures":
		return fmt.Sprintf("%d of %d failed contacts with the borrower in a row; before, nobody else may be contacted", s.count, s.max)
	}
	return "the gate to third parties is open"
}

// days is for the contacts with the borrower: those with others are known for ever.
func (g *ThirdPartyRule) days() int { return g.WithinDays + 1 }

// VisitPlan is how a visit would be made.
type VisitPlan struct {
	People int `json:"people"`
	// NoticedAt is when the borrower was told that it would come; zero when nobody told.
	NoticedAt time.Time `json:"noticed_at,omitzero"`
	// Identified is set when whoever visits shows who they are.
	Identified bool `json:"identified,omitempty"`
}

// VisitRule says how visits are made.
type VisitRule struct {
	// Forbidden forbids visits altogether.
	Forbidden bool
	// NoticeDays is how many days before the visit the borrower must have been told of it: whole days of 24 hours, or business
	// days of a calendar, of which neither that of the notice nor that of the visit is one.
	NoticeDays int
	Days       bizclock.DayKind
	// Calendar is the name of the calendar of the business days.
	Calendar string
	// PeopleMin and PeopleMax are how many may come; 0 is no limit.
	PeopleMin, PeopleMax int
	// Identification asks that whoever comes shows who they are.
	Identification bool

	calendar Calendar
}

func (v *VisitRule) check(e *evaluation, t time.Time) state {
	plan := e.proposal.Visit
	switch {
	case e.proposal.Channel != contact.Visit:
		return state{}
	case v.Forbidden:
		return state{blocked: true, zone: "forbidden"}
	case plan == nil:
		return state{blocked: true, zone: "unknown"}
	case v.PeopleMin > 0 && plan.People < v.PeopleMin, v.PeopleMax > 0 && plan.People > v.PeopleMax:
		return state{blocked: true, zone: "people", count: plan.People}
	case v.Identification && !plan.Identified:
		return state{blocked: true, zone: "identification"}
	case v.NoticeDays > 0 && plan.NoticedAt.IsZero():
		return state{blocked: true, zone: "notice"}
	case v.NoticeDays > 0:
		if from, known := v.noticed(e, plan.NoticedAt, t); !known || t.Before(from) {
			return state{blocked: true, zone: "notice", free: from.UTC()}
		}
	}
	return state{}
}

// noticed returns from when a visit is told of long enough before, in every zone in which the borrower may be. Not known: the
// calendar does not cover a day on the way.
func (v *VisitRule) noticed(e *evaluation, at, t time.Time) (from time.Time, known bool) {
	if v.Days != bizclock.BusinessDays {
		return at.Add(time.Duration(v.NoticeDays) * 24 * time.Hour), true
	}
	for n := range e.zones {
		z := &e.zones[n]
		last, known := v.calendar.AddBusinessDays(dateOf(z.date(at.Unix())), v.NoticeDays)
		if !known {
			return time.Time{}, false
		}
		from = latest(from, instant(z.reach(min(at.Unix(), t.Unix()), dayNumber(last)+1)))
	}
	return from, true
}

func (v *VisitRule) why(s state) string {
	switch s.zone {
	case "forbidden":
		return "nobody is visited"
	case "unknown":
		return "nothing is known of how the visit would be made"
	case "people":
		return fmt.Sprintf("%d would come; allowed are %s", s.count, v.people())
	case "identification":
		return "whoever comes must show who they are"
	case "notice":
		if v.Days == bizclock.BusinessDays {
			return fmt.Sprintf("the borrower must have been told %d business days before", v.NoticeDays)
		}
		return fmt.Sprintf("the borrower must have been told %d days before", v.NoticeDays)
	}
	return "a visit may be made so"
}

func (*VisitRule) days() int { return 0 }
