package event

import (
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// Halt is the payload of contacts.halted.
type Halt struct {
	Halt          string          `json:"halt" doc:"id of the halt"`
	Channel       contact.Channel `json:"channel,omitempty" doc:"channel that is halted; all when left out. call stands for the tasks that would have a person call, too"`
	Jurisdiction  string          `json:"jurisdiction,omitempty" doc:"where borrowers live; everywhere when left out. A code covers what lies in it: us covers us-tx"`
	Template      string          `json:"template,omitempty" doc:"template that is halted; all when left out"`
	ExceptNotices bool            `json:"except_notices,omitempty" doc:"true lets statutory notices through"`
	Until         time.Time       `json:"until,omitzero" doc:"first instant at which it stops nothing any more; until it is lifted when left out"`
	Reason        string          `json:"reason" personal:"true" doc:"why"`
}

// Validate implements [Payload].
func (p *Halt) Validate() error {
	switch {
	case p.Halt == "":
		return wrong("halt", "is missing; give the halt an id")
	case CheckID(p.Halt) != nil:
		return wrong("halt", "%v", CheckID(p.Halt))
	case p.Reason == "":
		return wrong("reason", "is missing; say why contacts are halted")
	}
	if err := optionalID("jurisdiction", p.Jurisdiction); err != nil {
		return err
	}
	return optionalID("template", p.Template)
}

// Resumption is the payload of contacts.resumed.
type Resumption struct {
	Halt string `json:"halt" doc:"id of the halt that is lifted"`
}

// Validate implements [Payload].
func (p *Resumption) Validate() error {
	if p.Halt == "" {
		return wrong("halt", "is missing; name the halt to be lifted")
	}
	if err := CheckID(p.Halt); err != nil {
		return wrong("halt", "%v", err)
	}
	return nil
}
