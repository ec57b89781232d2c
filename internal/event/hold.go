package event

import (
	"fmt"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/loan"
)

// Tender names the holds that it places itself, after what they are about. Their ids hold slashes, which the ids that
// senders give cannot: so no hold of a sender stands in the way of a death or a dispute, nor one dispute in another's.
const (
	deathHold   = "death/"
	disputeHold = "dispute/"
)

// DeathHold is the id of the hold that a borrower's death places.
func DeathHold(borrower string) string { return deathHold + borrower }

// DisputeHold is the id of the hold that a dispute about a loan places.
func DisputeHold(loan, dispute string) string { return disputeHold + loan + "/" + dispute }

// checkHoldID refuses what can be the id neither of a sender's hold nor of one of Tender's own.
func checkHoldID(id string) error {
	rest, parts := id, 1
	if about, found := strings.CutPrefix(id, deathHold); found {
		rest = about
	} else if about, found := strings.CutPrefix(id, complaintHold); found {
		rest = about
	} else if about, found := strings.CutPrefix(id, disputeHold); found {
		rest, parts = about, 2
	}
	ids := strings.Split(rest, "/")
	if len(ids) != parts {
		return fmt.Errorf("is the id of no hold: send it as tender loan show writes it")
	}
	for _, part := range ids {
		if err := CheckID(part); err != nil {
			return err
		}
	}
	return nil
}

// Told is the release as journeys are told of it: they know a dispute's hold by the id of the dispute alone.
func (p HoldRelease) Told() *HoldRelease {
	if about, found := strings.CutPrefix(p.Hold, disputeHold); found {
		_, p.Hold, _ = strings.Cut(about, "/")
	}
	return &p
}

// HoldPlacement is the payload of hold.placed.
type HoldPlacement struct {
	Hold  string           `json:"hold" doc:"id of the hold; Temporal shows it, so let it say nothing of the reason"`
	Kind  contact.HoldKind `json:"kind" doc:"reason, one of the known kinds"`
	From  time.Time        `json:"from,omitzero" doc:"first instant at which it binds, may lie in the past; when the event happened if left out"`
	Until time.Time        `json:"until,omitzero" doc:"first instant at which it no longer binds; until released when left out"`
	Point string           `json:"point,omitempty" doc:"contact point it is about; all when left out, and always for a region"`
	Owner string           `json:"owner,omitempty" personal:"true" doc:"who answers for it"`
	Note  string           `json:"note,omitempty" personal:"true" doc:"evidence and remarks"`
}

// Validate implements [Payload].
func (p *HoldPlacement) Validate() error {
	switch {
	case p.Hold == "":
		return wrong("hold", "is missing; give the hold an id")
	case CheckID(p.Hold) != nil:
		return wrong("hold", "%v", CheckID(p.Hold))
	case p.Kind == "":
		return wrong("kind", "is missing; say why the hold is placed")
	case !p.Until.IsZero() && !p.From.IsZero() && !p.Until.After(p.From):
		return wrong("until", "does not lie after from")
	}
	return optionalID("point", p.Point)
}

// HoldRelease is the payload of hold.released.
type HoldRelease struct {
	Hold string `json:"hold" doc:"id of the hold, as tender loan show writes it: those that Tender placed itself are death/<borrower> and dispute/<loan>/<dispute>"`
}

// Validate implements [Payload].
func (p *HoldRelease) Validate() error {
	if p.Hold == "" {
		return wrong("hold", "is missing")
	}
	if err := checkHoldID(p.Hold); err != nil {
		return wrong("hold", "%v", err)
	}
	return nil
}

// Dispute is the payload of dispute.raised. It places a hold dispute_open, of which see [DisputeHold].
type Dispute struct {
	Dispute string          `json:"dispute" doc:"id of the dispute, unique for the loan"`
	Amount  decimal.Decimal `json:"amount,omitzero" doc:"disputed amount; all when left out"`
	// Installment and Component name the part that is disputed.
	Installment bizclock.Date  `json:"installment,omitzero" doc:"due date of the disputed installment, if it is about one"`
	Component   loan.Component `json:"component,omitempty" doc:"disputed component, if it is about one"`
	Text        string         `json:"text,omitempty" personal:"true" doc:"what the borrower says"`
}

// Validate implements [Payload].
func (p *Dispute) Validate() error {
	if p.Amount.IsNeg() {
		return wrong("amount", "%s is negative", p.Amount)
	}
	return requiredID("dispute", p.Dispute)
}

// DisputeResolution is the payload of dispute.resolved. It releases the dispute's hold.
type DisputeResolution struct {
	Dispute string `json:"dispute" doc:"id of the dispute"`
	Outcome string `json:"outcome" doc:"upheld, or rejected with verification sent"`
}

// Validate implements [Payload].
func (p *DisputeResolution) Validate() error {
	if p.Outcome != "upheld" && p.Outcome != "rejected" {
		return wrong("outcome", "must be upheld or rejected")
	}
	return requiredID("dispute", p.Dispute)
}
