package intake

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/store/sqlc"
)

// How often the sweeper looks, wall time: when all is well, and at most when nothing can be handed over.
const (
	sweepEvery   = time.Second
	sweepAtLeast = 5 * time.Second
)

// Sweep hands over what stayed received because Temporal was away or a process died, until the context ends. Any number
// of processes may sweep one Postgres: none takes what another is at.
func (d *Door) Sweep(ctx context.Context) error {
	wait := sweepEvery
	for {
		found, failed, err := d.SweepOnce(ctx)
		switch {
		case err != nil || failed > 0:
			wait = min(2*wait, sweepAtLeast)
		case found == sweepAtOnce:
			wait = 0
		default:
			wait = sweepEvery
		}
		if err != nil && ctx.Err() == nil {
			d.options.Log.WarnContext(ctx, "the sweeper cannot look for events", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// sweepAtOnce bounds what one round takes, so that its lease does not run out.
const sweepAtOnce = 64

// SweepOnce does one round: it hands over what is due now, at most a few dozen events, each loan's in order. It returns
// how many it found, and how many of those could not be handed over.
func (d *Door) SweepOnce(ctx context.Context) (found, failed int, err error) {
	rows, err := d.store.ClaimDeliveries(ctx, sqlc.ClaimDeliveriesParams{Most: sweepAtOnce, LeaseSeconds: d.options.Lease.Seconds()})
	if err != nil {
		return 0, 0, postgres(err, true)
	}
	slices.SortFunc(rows, func(a, b sqlc.ClaimDeliveriesRow) int { return cmp.Compare(a.Number, b.Number) })
	others, err := d.store.ClaimApplicationDeliveries(ctx, sqlc.ClaimApplicationDeliveriesParams{Most: sweepAtOnce, LeaseSeconds: d.options.Lease.Seconds()})
	if err != nil {
		return 0, 0, postgres(err, true)
	}
	slices.SortFunc(others, func(a, b sqlc.ClaimApplicationDeliveriesRow) int { return cmp.Compare(a.Number, b.Number) })
	loans := map[string][]*telling{}
	for _, row := range rows {
		loans[row.LoanID] = append(loans[row.LoanID], &telling{event: row.EventPk, loan: row.LoanID, tries: row.Tries})
	}
	for _, row := range others {
		t := &telling{event: row.EventPk, application: row.ApplicationID, tries: row.Tries}
		loans[t.whose()] = append(loans[t.whose()], t)
	}
	return max(len(rows), len(others)), d.tellAll(ctx, loans), nil
}
