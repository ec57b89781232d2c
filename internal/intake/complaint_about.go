package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Whom a complaint is about has nothing to do with it: they neither bring it forward nor end it, and collection does not go on because
// they say so. That somebody complained about them they may take down.

// handles refuses what somebody does with a complaint that is about them, whether they send it or are named as who does it.
func (k *keeping) handles() error {
	by, acts := actor(k.payload)
	_, closes := k.payload.(*event.ComplaintClosing)
	if !acts && !closes || k.complaint == nil {
		return nil
	}
	return event.Because("data", cmp.Or(k.complaint.Bars("by", by), k.complaint.Bars("by", k.actor)))
}

// lifts refuses that somebody ends the hold of a complaint that is about them.
func (k *keeping) lifts(ctx context.Context, hold string) error {
	id, is := event.ComplaintHeld(hold)
	if !is {
		return nil
	}
	row, err := k.ComplaintFor(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.BorrowerID != k.borrower {
		return nil
	}
	if err != nil {
		return err
	}
	var c complaint.Case
	if err := json.Unmarshal(row.Facts, &c); err != nil {
		return fmt.Errorf("complaint %s: what is known of it cannot be read", row.ID)
	}
	return event.Because("data", c.Bars("hold", k.actor))
}

// checkAbout refuses that somebody completes a task of a complaint that is about them.
func (k *keeping) checkAbout(ctx context.Context, p *event.Call) error {
	t := k.task.Task
	id, is := event.ComplaintOf(t.LoanID)
	if !is {
		return nil
	}
	for _, who := range []string{p.Agent, k.actor} {
		from, err := k.KeptFrom(ctx, sqlc.KeptFromParams{Agent: who, BorrowerID: t.BorrowerID, LoanID: t.LoanID})
		if err != nil {
			return err
		}
		if from == id {
			return wrong("data.agent", "%s is whom complaint %s is about; have somebody else take task %s up, with tender task next", who, id, t.Key)
		}
	}
	return nil
}
