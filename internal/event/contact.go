package event

import (
	"fmt"

	"github.com/tender-engine/tender/internal/contact"
)

// Contact is the payload of contact.recorded.
type Contact struct {
	Contact     string              `json:"contact" doc:"id of the contact where it was made"`
	Channel     contact.Channel     `json:"channel" doc:"channel of the contact"`
	Direction   contact.Direction   `json:"direction" doc:"outbound or inbound"`
	Purpose     contact.Purpose     `json:"purpose" doc:"why it was made"`
	Disposition contact.Disposition `json:"disposition" doc:"what came of it"`
	Point       string              `json:"point,omitempty" doc:"contact point used; one that Tender does not know is kept as none, and then counts for every one"`
	Loans       []string            `json:"loans,omitempty" doc:"loans that it was about; that of the subject, or else all the borrower's open ones, when left out"`
	Consented   bool                `json:"consented,omitempty" doc:"whether the borrower had asked for this very contact, or allowed it"`
	Collector   string              `json:"collector,omitempty" doc:"id of the agency or branch that made it; the lender when left out"`
	Recipient   contact.Recipient   `json:"recipient,omitempty" doc:"who was contacted; the borrower when left out"`
	Note        string              `json:"note,omitempty" personal:"true" doc:"remarks"`
}

// Validate implements [Payload].
func (p *Contact) Validate() error {
	if err := optionalID("collector", p.Collector); err != nil {
		return err
	}
	for n, loan := range p.Loans {
		if err := requiredID(fmt.Sprintf("loans[%d]", n), loan); err != nil {
			return err
		}
	}
	switch {
	case p.Channel == "":
		return wrong("channel", "is missing")
	case p.Direction == "":
		return wrong("direction", "is missing; use outbound or inbound")
	case p.Purpose == "":
		return wrong("purpose", "is missing; say why it was made")
	case p.Disposition == "":
		return wrong("disposition", "is missing; say what came of it")
	}
	if err := optionalID("point", p.Point); err != nil {
		return err
	}
	return requiredID("contact", p.Contact)
}

// Receipt is the payload of message.delivered and message.failed.
type Receipt struct {
	Contact   string `json:"contact" doc:"key of the contact, as Tender gave it to the provider"`
	Code      string `json:"code,omitempty" doc:"the provider's code"`
	Permanent bool   `json:"permanent,omitempty" doc:"with message.failed: the address can never be reached; its contact point is not used again"`
	Detail    string `json:"detail,omitempty" personal:"true" doc:"the provider's own words"`
}

// Validate implements [Payload].
func (p *Receipt) Validate() error {
	if err := optionalID("code", p.Code); err != nil {
		return err
	}
	return requiredID("contact", p.Contact)
}
