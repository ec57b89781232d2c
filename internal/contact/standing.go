package contact

import "time"

// Point is one address of a borrower on one channel. The address itself stays in Postgres.
type Point struct {
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
	// Rank orders the points of a channel; the lowest is tried first.
	Rank int `json:"rank,omitempty"`
	// Failed is set once a message bounced or the number proved wrong; the point is not used again.
	Failed bool `json:"failed,omitempty"`
}

// Wish is what a borrower asked for or allowed. The latest one that fits decides.
type Wish struct {
	// Allowed is true for a consent, false for an opt-out.
	Allowed bool `json:"allowed,omitempty"`
	// Channel and Point narrow the wish; empty means all.
	Channel Channel `json:"channel,omitempty"`
	Point   string  `json:"point,omitempty"`
	// At is when it was received; it binds from then on.
	At time.Time `json:"at"`
}

// Fits reports whether the wish speaks of a channel and point.
func (w Wish) Fits(channel Channel, point string) bool {
	return (w.Channel == "" || w.Channel == channel) && (w.Point == "" || w.Point == point)
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
}

// Standing is all that the rulebooks and the strategy may know about reaching one borrower.
type Standing struct {
	Borrower string `json:"borrower"`
	// Language is a BCP 47 tag such as en or zh-CN.
	Language string `json:"language,omitempty"`
	// Zones are the candidate IANA time zones of the borrower; a contact must be allowed in each. None known: no contact.
	Zones []string `json:"zones"`
	// Preferred is the channel that the borrower asked for, if any.
	Preferred Channel   `json:"preferred,omitempty"`
	Points    []Point   `json:"points"`
	Wishes    []Wish    `json:"wishes,omitempty"`
	Holds     []Hold    `json:"holds,omitempty"`
	Attempts  []Attempt `json:"attempts,omitempty"`
}

// OptedOut reports whether the borrower's latest fitting wish before or at an instant forbids a channel and point, and
// since when.
func (s Standing) OptedOut(channel Channel, point string, at time.Time) (since time.Time, out bool) {
	for _, w := range s.Wishes {
		if w.Fits(channel, point) && !w.At.After(at) && !w.At.Before(since) {
			since, out = w.At, !w.Allowed
		}
	}
	return since, out
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
