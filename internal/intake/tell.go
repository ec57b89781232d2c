package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// The states of a delivery.
const (
	received = "received"
	accepted = "accepted"
	refused  = "refused"
)

// tell hands an event to one journey or pre-approval unless that was done before, and notes its answer. The sender may go
// away meanwhile.
func (d *Door) tell(ctx context.Context, t *telling) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.options.Patience)
	defer cancel()
	if t.application != "" {
		t.of, err = d.deliverTo(ctx, t.event, t.application)
	} else {
		t.told, err = d.deliver(ctx, t.event, t.loan)
	}
	if err == nil {
		return nil
	}
	d.postpone(ctx, t, 1)
	var away *Unavailable
	var gone *Gone
	switch {
	case errors.As(err, &away):
		return away
	case errors.As(err, &gone):
		d.options.Log.ErrorContext(ctx, "an event waits for a journey that is gone: its workflow was terminated or deleted; see docs/operating.md", "loan", gone.Loan, "application", gone.Application, "tries", t.tries+1)
		return gone
	}
	return &Unavailable{Who: "Temporal", Kept: true, cause: err}
}

// ended is how often a journey may end between reading it and telling it before the sweeper has to try.
const ended = 3

func (d *Door) deliver(ctx context.Context, pk int64, loan string) (Told, error) {
	for n := range ended {
		row, err := d.store.Delivery(ctx, sqlc.DeliveryParams{EventPk: pk, LoanID: loan})
		if err != nil {
			return Told{}, postgres(err, true)
		}
		if row.State != received {
			return d.answered(ctx, pk, row)
		}
		if row.Before != 0 { // the journey does not exist until it hears of its disbursement
			if _, err := d.deliver(ctx, row.Before, loan); err != nil {
				return Told{}, err
			}
			continue
		}
		if !row.Begun && row.Type != string(event.LoanDisbursed) {
			return d.settle(ctx, pk, Told{Refused: &Refusal{Reason: fmt.Sprintf("loan %s never began, for its disbursement was refused; correct that first, then send this event under a new id", loan)}}, loan)
		}
		told, err := d.ask(ctx, row)
		switch {
		case errors.Is(err, ErrEnded):
			if n+1 == ended && len(row.Journey) == 0 {
				// A journey is stored before its workflow ends by itself, and was read again since.
				return Told{}, &Gone{Loan: loan}
			}
			continue
		case err != nil:
			d.options.Log.WarnContext(ctx, "an event could not be handed over; the sweeper tries again", "loan", loan, "number", row.Number, "error", err.Error())
			return Told{}, err
		}
		return d.settle(ctx, pk, told, loan)
	}
	return Told{}, ErrEnded
}

// answered returns the answer that was stored. Where that was only that one is to come, and one has come since, it is
// what the decision said.
func (d *Door) answered(ctx context.Context, pk int64, row sqlc.DeliveryRow) (told Told, err error) {
	if err := json.Unmarshal(row.Answer, &told); err != nil || !told.Pending || !row.Decided {
		return told, err
	}
	told.Answer = journey.Answer{Loan: row.LoanID, Stage: journey.Stage(row.Stage), Next: row.NextStep, At: value(row.NextAt).UTC(), Reason: row.NextReason}
	return d.settle(ctx, pk, told, row.LoanID)
}

// ask tells the journey.
func (d *Door) ask(ctx context.Context, row sqlc.DeliveryRow) (Told, error) {
	var resume *journey.Journey
	if len(row.Journey) > 0 {
		resume = &journey.Journey{}
		if err := json.Unmarshal(row.Journey, resume); err != nil {
			return Told{}, fmt.Errorf("loan %s: its stored journey cannot be read", row.LoanID)
		}
	}
	answer, err := d.courier.Deliver(ctx, event.Event{
		Source: row.Source, ID: row.ID, Type: event.Type(row.Type), Loan: row.LoanID, Number: row.Number, At: row.At.UTC(),
		Data: event.Told(event.Type(row.Type), row.Data),
	}, resume)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return Told{Answer: journey.Answer{Loan: row.LoanID}, Refused: refusal}, nil
	}
	return Told{Answer: answer}, err
}

// settle stores a journey's answer. When that fails the event is handed over again, which has no second effect.
func (d *Door) settle(ctx context.Context, pk int64, told Told, loan string) (Told, error) {
	state := accepted
	if told.Loan = loan; told.Refused != nil {
		state = refused
	}
	text, err := json.Marshal(told)
	if err != nil {
		return told, err
	}
	err = d.store.SettleDelivery(ctx, sqlc.SettleDeliveryParams{EventPk: pk, LoanID: loan, State: state, Answer: text})
	if err != nil {
		d.options.Log.WarnContext(ctx, "an answer could not be stored; the event is handed over again", "loan", loan, "code", store.Code(err))
	}
	return told, nil
}

// longest is the longest time between two tries to hand an event over, once others can be.
const longest = 30 * time.Second

// postpone gives the event back to the sweeper. Should that fail, the lease runs out.
func (d *Door) postpone(ctx context.Context, t *telling, tried int32) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	wait := time.Second << min(t.tries, 10)
	if t.application != "" {
		_ = d.store.PostponeApplicationDelivery(ctx, sqlc.PostponeApplicationDeliveryParams{
			EventPk: t.event, ApplicationID: t.application, Seconds: min(wait, longest).Seconds(), Tried: tried,
		})
		return
	}
	_ = d.store.PostponeDelivery(ctx, sqlc.PostponeDeliveryParams{
		EventPk: t.event, LoanID: t.loan, Seconds: min(wait, longest).Seconds(), Tried: tried,
	})
}

// health tells a journey that does not answer from a Temporal that does not.
type health struct{ failed, told atomic.Int64 }

func (h *health) note(err error) {
	var gone *Gone
	if err != nil && !errors.As(err, &gone) { // that one journey is gone Temporal itself said
		h.failed.Add(1)
	} else {
		h.told.Add(1)
	}
}

// away reports whether as many journeys as are told at a time have failed, and none has answered.
func (h *health) away() bool { return h.told.Load() == 0 && h.failed.Load() >= workers }

// failures is how many failed for want of an answer.
func (h *health) failures() int { return int(h.failed.Load()) }
