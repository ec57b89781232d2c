package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// What stops contacts with many borrowers at once locks none of them: it shuts the gate through which every reservation
// goes, so that from its commit on none is made that has not seen it. Their journeys are not told one by one. They are swept.

// holdRegion places a hold on a region, or changes one that is the same but for its dates and remarks.
func (k *keeping) holdRegion(ctx context.Context, p *event.HoldPlacement) error {
	if p.Point != "" {
		return wrong("data.point", "cannot be named for a region; leave it out, or hold a borrower")
	}
	if p.Kind != contact.DisasterOrBereavement {
		return wrong("data.kind", "%s is about one borrower and not about a region; a region can have disaster_or_bereavement, and for other reasons tender halt stops contacts there", p.Kind)
	}
	from, err := k.spans(p)
	if err != nil {
		return err
	}
	there, err := k.RegionHoldFor(ctx, p.Hold)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		if err := k.checkRegion(ctx, k.subject); err != nil {
			return err
		}
	case err != nil:
		return err
	case there.Kind != string(p.Kind) || there.Region != k.subject:
		return wrong("data.hold", "%s is the id of another hold on a region; give the new one an id of its own", p.Hold)
	}
	if err := k.Shut(ctx); err != nil {
		return err
	}
	err = k.PlaceRegionHold(ctx, sqlc.PlaceRegionHoldParams{
		ID: p.Hold, Region: k.subject, Kind: string(p.Kind), FromAt: from.Truncate(time.Microsecond), UntilAt: optional(p.Until),
		Owner: p.Owner, Note: p.Note, PlacedBy: k.actor,
	})
	if err != nil {
		return err
	}
	return k.sweep(ctx, k.subject)
}

func (k *keeping) releaseRegion(ctx context.Context, id string) error {
	there, err := k.RegionHoldFor(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && there.Region != k.subject:
		return &Unknown{What: "hold", ID: id, Hint: "region " + k.subject + " has none of that id; tender hold list --region " + k.subject + " shows those that it has"}
	case err != nil:
		return err
	}
	ended, err := k.ReleaseRegionHold(ctx, sqlc.ReleaseRegionHoldParams{ID: id, At: &k.now})
	if err != nil || ended == 0 {
		return err // it was released before
	}
	return k.sweep(ctx, k.subject)
}

// checkRegion refuses a region in which nobody lives: more likely a slip than meant, and who made it would believe that
// contacts are stopped.
func (k *keeping) checkRegion(ctx context.Context, region string) error {
	there, err := k.BorrowersIn(ctx, region)
	switch {
	case err != nil || there.Inside > 0:
		return err
	case there.Jurisdictions == "":
		return &Unknown{What: "region", ID: region, Hint: "the jurisdiction of no borrower is known; send it with borrower.updated first"}
	}
	return &Unknown{What: "region", ID: region, Hint: "no borrower lives there; borrowers live in " + shortened(there.Jurisdictions)}
}

// shortened cuts a list that nobody would read to its end.
func shortened(list string) string {
	all := strings.Split(list, ", ")
	if len(all) <= 20 {
		return list
	}
	return strings.Join(all[:20], ", ") + ", …"
}

// halt stops contacts.
func (k *keeping) halt(ctx context.Context, p *event.Halt) error {
	p.Jurisdiction = strings.ToLower(p.Jurisdiction)
	if p.Template != "" && !slices.Contains(message.Templates(), p.Template) {
		return wrong("data.template", "%s is no template; there are %s", p.Template, strings.Join(message.Templates(), ", "))
	}
	if !p.Until.IsZero() && !p.Until.After(k.known()) {
		return wrong("data.until", "%s has passed already when contacts are halted, so it would halt nothing; send a later one, or leave it out", p.Until.Format(time.RFC3339))
	}
	if p.Jurisdiction != "" {
		if err := k.checkRegion(ctx, p.Jurisdiction); err != nil {
			return err
		}
	}
	switch _, err := k.HaltFor(ctx, p.Halt); {
	case err == nil:
		return wrong("data.halt", "%s is the id of another halt; give the new one an id of its own", p.Halt)
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	if err := k.Shut(ctx); err != nil {
		return err
	}
	err := k.PlaceHalt(ctx, sqlc.PlaceHaltParams{
		ID: p.Halt, Channel: string(p.Channel), Jurisdiction: p.Jurisdiction, Template: p.Template, ExceptNotices: p.ExceptNotices,
		Reason: p.Reason, FromAt: k.known().Truncate(time.Microsecond), UntilAt: optional(p.Until), PlacedBy: k.actor,
	})
	if err != nil {
		return err
	}
	return k.sweep(ctx, p.Jurisdiction)
}

// resume lifts a halt.
func (k *keeping) resume(ctx context.Context, p *event.Resumption) error {
	there, err := k.HaltFor(ctx, p.Halt)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return &Unknown{What: "halt", ID: p.Halt, Hint: "tender halt list shows those in force"}
	case err != nil:
		return err
	}
	ended, err := k.LiftHalt(ctx, sqlc.LiftHaltParams{ID: p.Halt, At: &k.now, Actor: k.actor})
	if err != nil || ended == 0 {
		return err // it was lifted before
	}
	return k.sweep(ctx, there.Jurisdiction)
}

// sweep has every journey in a jurisdiction, or everywhere, plan anew. Who sent the event sees to it; if nobody does, a
// worker will.
func (k *keeping) sweep(ctx context.Context, jurisdiction string) error {
	sum := sha256.Sum256([]byte(k.source + "\x00" + k.id))
	return k.InsertSweep(ctx, sqlc.InsertSweepParams{
		EventPk: k.pk, Job: "sweep-" + hex.EncodeToString(sum[:10]), Jurisdiction: jurisdiction, LeaseSeconds: k.lease.Seconds(),
	})
}
