package compliance

import (
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// ConsentRule allows a contact only with the borrower's consent to the channel, contact point and purpose.
type ConsentRule struct {
	// GivenTo is to whom it must have been given; empty means to anybody.
	GivenTo contact.Grantee
	// FreshDays is how many days old it may be at most; 0 means however old.
	FreshDays int
	// Written asks for a consent in writing.
	Written bool
}

func (c *ConsentRule) check(e *evaluation, t time.Time) state {
	p, s := &e.proposal, state{blocked: true}
	for _, given := range e.standing.Consents {
		if c.GivenTo != "" && given.GivenTo != c.GivenTo || c.Written && !given.Written {
			continue
		}
		fresh := c.FreshDays == 0 || t.Before(given.GivenAt.Add(time.Duration(c.FreshDays)*24*time.Hour))
		if fresh && given.Holds(p.Channel, e.point, p.Purpose, t) {
			return state{}
		}
		// One that is recorded for later frees from then on, if nothing ends it before.
		if given.GivenAt.After(t) && given.Holds(p.Channel, e.point, p.Purpose, given.GivenAt) && (s.free.IsZero() || given.GivenAt.Before(s.free)) {
			s.free = given.GivenAt.UTC()
		}
	}
	return s
}

func (c *ConsentRule) why(s state) string {
	if !s.blocked {
		return "the borrower consented"
	}
	text := "no consent"
	if c.Written {
		text += " in writing"
	}
	switch c.GivenTo {
	case contact.ToCollector:
		text += " given to the collector"
	case contact.ToCreditor:
		text += " given to the lender"
	}
	if c.FreshDays > 0 {
		text += " that is recent enough"
	}
	return text + " is known"
}

func (*ConsentRule) days() int { return 0 }

// ConsentLift is a consent that lifts a rule: what the borrower asked for is not forbidden.
type ConsentLift struct {
	// GivenTo is to whom it must have been given; empty means to anybody.
	GivenTo contact.Grantee
	// Days is for how many local dates it lifts the rule, of which its own is the first; 0 means for as long as it holds.
	Days int
	// UntilConversation ends it with the first conversation after it was given.
	UntilConversation bool
}

// lifts reports whether a consent lifts a rule at an instant, and otherwise the first later instant at which one begins; zero
// when none does.
func (l *ConsentLift) lifts(e *evaluation, t time.Time) (lifted bool, from time.Time) {
	p := &e.proposal
	for n := range e.standing.Consents {
		c := &e.standing.Consents[n]
		if l.GivenTo != "" && c.GivenTo != l.GivenTo || l.UntilConversation && e.spokenSince(c.GivenAt) {
			continue
		}
		if c.Holds(p.Channel, e.point, p.Purpose, t) && l.young(e, c.GivenAt, t) {
			return true, time.Time{}
		}
		if c.GivenAt.After(t) && c.Holds(p.Channel, e.point, p.Purpose, c.GivenAt) && (from.IsZero() || c.GivenAt.Before(from)) {
			from = c.GivenAt.UTC()
		}
	}
	return false, from
}

// young reports whether a consent still lifts by its age, wherever the borrower may be.
func (l *ConsentLift) young(e *evaluation, given, t time.Time) bool {
	if l.Days == 0 {
		return true
	}
	for n := range e.zones {
		if z := &e.zones[n]; z.date(t.Unix())-z.date(given.Unix()) >= int32(l.Days) {
			return false
		}
	}
	return true
}

// spokenSince reports whether there was a conversation, or a call that may have been one, about one of the proposal's loans
// after an instant.
func (e *evaluation) spokenSince(since time.Time) bool {
	return slices.ContainsFunc(e.standing.Attempts, func(a contact.Attempt) bool {
		conversed := a.Disposition.Conversation() || a.Disposition == "" && spoken(a.Channel)
		return conversed && a.At.After(since) && (toBorrower(&a) || a.Recipient == e.recipient) && (len(a.Loans) == 0 || len(e.proposal.Loans) == 0 ||
			slices.ContainsFunc(a.Loans, func(loan string) bool { return slices.Contains(e.proposal.Loans, loan) }))
	})
}

// blackoutTest keeps to the times of the week at which the borrower does not want to be contacted.
type blackoutTest struct{}

func (blackoutTest) check(e *evaluation, t time.Time) (worst state) {
	sec := t.Unix()
	for n := range e.standing.Blackouts {
		b := &e.standing.Blackouts[n]
		if b.At.After(t) || b.Channel != "" && b.Channel != e.proposal.Channel || b.Point != "" && b.Point != e.point {
			continue
		}
		for n := range e.zones {
			z := &e.zones[n]
			wall := z.wall(sec)
			if left := blackLeft(b, wall); left > 0 {
				// Until the clocks change nothing else can end it.
				worst = stricter(worst, state{blocked: true, zone: z.name, wall: wall, free: instant(min(sec+left, z.end))})
			}
		}
	}
	return worst
}

// blackLeft returns for how many more seconds a blackout lasts at a time on the clock; 0 when it does not last.
func blackLeft(b *contact.Blackout, wall int64) int64 {
	date := floorDiv(wall, day)
	second := wall - date*day
	from, to := int64(b.From), int64(b.To)
	if to <= from {
		to += day
	}
	begins := func(date int64) bool {
		return len(b.Days) == 0 || slices.Contains(b.Days, contact.Weekdays[weekSecond(date*day)/day])
	}
	switch {
	case begins(date) && second >= from && second < to:
		return to - second
	case begins(date-1) && second+day < to:
		return to - second - day
	}
	return 0
}

func (blackoutTest) why(s state) string {
	if !s.blocked {
		return "the borrower named no such time"
	}
	return "the borrower does not want to be contacted then: it is " + time.Unix(s.wall, 0).UTC().Format("Mon 15:04:05") + " in " + s.zone
}

func (blackoutTest) days() int { return 0 }
