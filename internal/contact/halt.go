package contact

import "time"

// Halt is an operator's stop of contacts, whoever they are with: of all, or of those that every filter fits.
type Halt struct {
	ID string `json:"id"`
	// Channel, Jurisdiction and Template narrow it; empty means all. A jurisdiction covers what lies in it.
	Channel      Channel `json:"channel,omitempty"`
	Jurisdiction string  `json:"jurisdiction,omitempty"`
	Template     string  `json:"template,omitempty"`
	// ExceptNotices lets statutory notices through.
	ExceptNotices bool      `json:"except_notices,omitempty"`
	From          time.Time `json:"from"`
	// Until is the first instant at which it no longer stops anything; zero means until it is lifted.
	Until time.Time `json:"until,omitzero"`
}

// Stops reports whether the halt stops a contact in its jurisdiction at an instant. A person's call has no template.
func (h Halt) Stops(channel Channel, template string, purpose Purpose, at time.Time) bool {
	return !at.Before(h.From) && (h.Until.IsZero() || at.Before(h.Until)) &&
		(h.Channel == "" || h.Channel == channel) && (h.Template == "" || h.Template == template) &&
		!(h.ExceptNotices && purpose == StatutoryNotice)
}
