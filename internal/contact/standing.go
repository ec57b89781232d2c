package contact

import (
	"slices"
	"time"
)

// Point is one address of a borrower on one channel. The address itself stays in Postgres.
type Point struct {
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
	// Rank orders the points of a channel; the lowest is tried first.
	Rank int `json:"rank,omitempty"`
	// Failed is set once a message bounced or the number proved wrong; the point is not used again.
	Failed bool `json:"failed,omitempty"`
	// Place is what it is bound to; empty when that is not known.
	Place Place `json:"place,omitempty"`
}

// Wish is what a borrower asked for or allowed. The latest one that fits decides.
type Wish struct {
	// Allowed is true for a consent, false for an opt-out.
	Allowed bool `json:"allowed,omitempty"`
	// Channel, Point and Purpose narrow the wish; empty means all.
	Channel Channel `json:"channel,omitempty"`
	Point   string  `json:"point,omitempty"`
	Purpose Purpose `json:"purpose,omitempty"`
	// At is when it was received; it binds from then on.
	At time.Time `json:"at"`
	// Until is the first instant at which it no longer counts, as if it had never been; zero means that it always does.
	Until time.Time `json:"until,omitzero"`
}

// Fits reports whether the wish speaks of a channel, point and purpose.
func (w Wish) Fits(channel Channel, point string, purpose Purpose) bool {
	return (w.Channel == "" || w.Channel == channel) && (w.Point == "" || w.Point == point) && (w.Purpose == "" || w.Purpose == purpose)
}

// Where returns what the point is bound to: a telephone that takes texts, an app or a chat is the borrower's own unless somebody
// says otherwise. Empty when that is not known.
func (p Point) Where() Place {
	if p.Place == "" && (p.Channel == SMS || p.Channel == Push || p.Channel == Chat) {
		return Personal
	}
	return p.Place
}

// Blackout is a time of the week at which the borrower does not want to be contacted, by the clock on the borrower's wall.
type Blackout struct {
	// Channel and Point narrow it; empty means all.
	Channel Channel `json:"channel,omitempty"`
	Point   string  `json:"point,omitempty"`
	// Days are those on which it begins; none means every day.
	Days []Weekday `json:"days,omitempty"`
	// From is its first moment, To the first after it. A To that is not later than From lies on the next day.
	From TimeOfDay `json:"from"`
	To   TimeOfDay `json:"to"`
	// At is when it was received; it binds from then on.
	At time.Time `json:"at"`
}

// Consent is a borrower's leave to be contacted in a way that some laws forbid without it.
type Consent struct {
	// Channel, Point and Purpose narrow it; empty means all.
	Channel Channel `json:"channel,omitempty"`
	Point   string  `json:"contact_point,omitempty"`
	Purpose Purpose `json:"purpose,omitempty"`
	// GivenAt is when it was given, GivenTo to whom.
	GivenAt time.Time `json:"given_at"`
	GivenTo Grantee   `json:"given_to,omitempty"`
	// Written is set when it was given in writing.
	Written bool `json:"written,omitempty"`
	// ExpiresAt and RevokedAt are the first instants at which it no longer holds; zero when there is none.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// Holds reports whether the consent is given for a channel, point and purpose at an instant.
func (c Consent) Holds(channel Channel, point string, purpose Purpose, at time.Time) bool {
	return (c.Channel == "" || c.Channel == channel) && (c.Point == "" || c.Point == point) && (c.Purpose == "" || c.Purpose == purpose) &&
		!at.Before(c.GivenAt) && (c.ExpiresAt.IsZero() || at.Before(c.ExpiresAt)) && (c.RevokedAt.IsZero() || at.Before(c.RevokedAt))
}

// Mark is something that happened to a loan after which rules ask for rest.
type Mark struct {
	Kind MarkKind  `json:"kind"`
	Loan string    `json:"loan,omitempty"`
	At   time.Time `json:"at"`
}

// Attempt is one contact as the rulebooks count it.
type Attempt struct {
	Key         string      `json:"key"`
	At          time.Time   `json:"at"`
	Channel     Channel     `json:"channel"`
	Point       string      `json:"point,omitempty"`
	Direction   Direction   `json:"direction"`
	Purpose     Purpose     `json:"purpose"`
	Disposition Disposition `json:"disposition,omitempty"`
	// Loans are the loans that the contact was about.
	Loans []string `json:"loans"`
	// Recipient is who was contacted; empty stands for the borrower.
	Recipient Recipient `json:"recipient,omitempty"`
	// Consented is set when the borrower had asked for, or allowed, this very contact.
	Consented bool `json:"consented,omitempty"`
	// Collector is the id of the agency or branch that made it; empty when the lender did.
	Collector string `json:"collector,omitempty"`
}

// Standing is all that the rulebooks and the strategy may know about reaching one borrower.
type Standing struct {
	Borrower string `json:"borrower"`
	// Language is a BCP 47 tag such as en or zh-CN.
	Language string `json:"language,omitempty"`
	// Zones are the candidate IANA time zones of the borrower; a contact must be allowed in each. None known: no contact.
	Zones []string `json:"zones"`
	// Preferred is the channel that the borrower asked for, if any.
	Preferred Channel    `json:"preferred,omitempty"`
	Points    []Point    `json:"points"`
	Wishes    []Wish     `json:"wishes,omitempty"`
	Holds     []Hold     `json:"holds,omitempty"`
	Attempts  []Attempt  `json:"attempts,omitempty"`
	Blackouts []Blackout `json:"blackouts,omitempty"`
	Consents  []Consent  `json:"consents,omitempty"`
	Approvals []Approval `json:"approvals,omitempty"`
	Marks     []Mark     `json:"marks,omitempty"`
}

// OptedOut reports whether the latest of the borrower's wishes that count at an instant, and fit, forbids a channel, point and
// purpose, and since when.
func (s Standing) OptedOut(channel Channel, point string, purpose Purpose, at time.Time) (since time.Time, out bool) {
	for _, w := range s.Wishes {
		if w.Fits(channel, point, purpose) && !w.At.After(at) && !w.At.Before(since) && (w.Until.IsZero() || at.Before(w.Until)) {
			since, out = w.At, !w.Allowed
		}
	}
	return since, out
}

// ByPerson returns the standing as it is for a person who may call: they may know a telephone that Tender does not.
func (s Standing) ByPerson() Standing {
	if _, known := s.Usable(Call); !known {
		s.Points = append(slices.Clone(s.Points), Point{ID: "telephone", Channel: Call})
	}
	return s
}

// Usable returns the first usable point on a channel.
func (s Standing) Usable(channel Channel) (Point, bool) {
	best, found := Point{}, false
	for _, p := range s.Points {
		if p.Channel == channel && !p.Failed && (!found || p.Rank < best.Rank) {
			best, found = p, true
		}
	}
	return best, found
}
