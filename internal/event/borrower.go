package event

import (
	"fmt"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

// Borrower is the payload of borrower.updated, and part of loan.disbursed. What is left out stays as it was.
type Borrower struct {
	ID           string          `json:"id,omitempty" doc:"id of the borrower; says nothing about the person"`
	Name         string          `json:"name,omitempty" personal:"true" doc:"how messages address the borrower"`
	Language     string          `json:"language,omitempty" doc:"BCP 47 tag: en or zh-CN"`
	TimeZones    []string        `json:"time_zones,omitempty" doc:"candidate IANA time zones; a contact must be allowed in each, none known means no contact"`
	Jurisdiction string          `json:"jurisdiction,omitempty" doc:"where the borrower lives: us, cn, or another ISO 3166 code, for the rulebooks"`
	Preferred    contact.Channel `json:"preferred,omitempty" doc:"channel that the borrower asked for"`
	Points       []Point         `json:"points,omitempty" doc:"contact points; given ones replace those with the same id"`
	Not          *[]NotThen      `json:"not,omitempty" doc:"times of the week at which the borrower does not want to be contacted; they replace those of before, and an empty list ends them"`
}

// NotThen is a time of the week at which a borrower does not want to be contacted.
type NotThen struct {
	Channel contact.Channel   `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point   string            `json:"point,omitempty" doc:"contact point it is about; all when left out"`
	Days    []contact.Weekday `json:"days,omitempty" doc:"days on which it begins; every day when left out"`
	From    contact.TimeOfDay `json:"from" doc:"its first moment by the clock on the borrower's wall, such as 15:00"`
	To      contact.TimeOfDay `json:"to" doc:"the first moment after it; one that is not later than from lies on the next day"`
}

// Point is one address of a borrower.
type Point struct {
	ID      string          `json:"id" doc:"id of the contact point, unique for the borrower, such as mobile"`
	Channel contact.Channel `json:"channel" doc:"channel of the address"`
	Address string          `json:"address,omitempty" personal:"true" doc:"phone number in E.164, e-mail address, device or chat id"`
	Rank    int             `json:"rank,omitempty" doc:"order among the points of a channel; the lowest is tried first"`
	Place   contact.Place   `json:"place,omitempty" doc:"what it is bound to; rules of some places distinguish them"`
}

// Validate implements [Payload].
func (p *Borrower) Validate() error {
	if p.ID != "" {
		if err := CheckID(p.ID); err != nil {
			return wrong("id", "%v", err)
		}
	}
	if p.Language != "" && p.Language != "en" && p.Language != "zh-CN" {
		return wrong("language", "%q is not spoken here; use en or zh-CN", p.Language)
	}
	for n, zone := range p.TimeZones {
		if err := checkZone(zone); err != nil {
			return wrong(fmt.Sprintf("time_zones[%d]", n), "%v", err)
		}
	}
	if err := optionalID("jurisdiction", p.Jurisdiction); err != nil {
		return err
	}
	if p.Not != nil {
		for n, t := range *p.Not {
			if err := optionalID(fmt.Sprintf("not[%d].point", n), t.Point); err != nil {
				return err
			}
			if t.From == t.To {
				return wrong(fmt.Sprintf("not[%d].to", n), "is the same as from, %s; write 00:00 to 24:00 for a whole day", t.From)
			}
		}
	}
	seen := map[string]bool{}
	for n, point := range p.Points {
		at := func(field string) string { return fmt.Sprintf("points[%d].%s", n, field) }
		switch {
		case point.ID == "":
			return wrong(at("id"), "is missing; name the contact point, such as mobile")
		case CheckID(point.ID) != nil:
			return wrong(at("id"), "%v", CheckID(point.ID))
		case seen[point.ID]:
			return wrong(at("id"), "stands twice; each contact point has an id of its own")
		case point.Channel == "":
			return wrong(at("channel"), "is missing; use one of call, sms, email, push, chat, letter, visit")
		case point.Address == "":
			return wrong(at("address"), "is missing; send the phone number, e-mail address or device id")
		case strings.ContainsAny(point.Address, "\r\n\x00"):
			return wrong(at("address"), "holds a line break; send one address")
		case point.Rank < 0 || point.Rank > 1000:
			return wrong(at("rank"), "must lie between 0 and 1000")
		}
		seen[point.ID] = true
	}
	return nil
}

// Death is the payload of borrower.died.
type Death struct {
	On bizclock.Date `json:"on,omitzero" doc:"date of death, if known"`
}

// Validate implements [Payload].
func (p *Death) Validate() error { return nil }

// Consent is the payload of consent.granted.
type Consent struct {
	Channel   contact.Channel `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point     string          `json:"point,omitempty" doc:"contact point it is about; all when left out"`
	Purpose   contact.Purpose `json:"purpose,omitempty" doc:"the only purpose that it is for; all when left out"`
	GivenTo   contact.Grantee `json:"given_to,omitempty" doc:"whoever collects with this installation, or the creditor before; not known when left out"`
	Written   bool            `json:"written,omitempty" doc:"whether it was given in writing"`
	ExpiresAt time.Time       `json:"expires_at,omitzero" doc:"first instant at which it no longer holds"`
	Grantor   string          `json:"grantor,omitempty" personal:"true" doc:"who gave it, if not the borrower"`
}

// Validate implements [Payload].
func (p *Consent) Validate() error { return optionalID("point", p.Point) }

// Revocation is the payload of consent.revoked.
type Revocation struct {
	Channel contact.Channel `json:"channel,omitempty" doc:"channel it is about; all when left out"`
	Point   string          `json:"point,omitempty" doc:"contact point it is about; all when left out"`
}

// Validate implements [Payload].
func (p *Revocation) Validate() error { return optionalID("point", p.Point) }
