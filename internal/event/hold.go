package event

import (
	"fmt"
	"strings"
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
