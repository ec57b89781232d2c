package activities

import (
	"context"
	"encoding/json"
	"errors"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/failpoint"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
)

// Recorder has Tender record events of its own, by the one door through which everybody's come.
type Recorder struct {
	Store *store.Store
	Door  *intake.Door
}

// codeOvertaken: something else happened to the complaint first, so that the event makes no sense any more.
const codeOvertaken = "overtaken"

// RecordEvent records the event that a step asks for: a complaint is opened, moves up, or is closed. Its id follows from the step, so that it is
// recorded once. Where the door refuses it, as when somebody answered at this very moment, nothing is recorded.
func (r *Recorder) RecordEvent(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	now, err := r.Store.Now(ctx)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	data, err := json.Marshal(order.Step.Fill)
	if err != nil {
		return journey.Outcome{}, temporal.NewApplicationError("encode", "encode")
	}
	e := cloudevents.New()
	e.SetSource("tender")
	e.SetID("e" + intent(order)[1:])
	e.SetType(string(order.Step.Event))
	e.SetSubject(event.SubjectOf(order.Loan))
	if err := e.SetData("application/json", json.RawMessage(data)); err != nil {
		return journey.Outcome{}, temporal.NewApplicationError("encode", "encode")
	}
	failpoint.Hit("recording")
	_, err = r.Door.Take(ctx, e, "tender")
	failpoint.Hit("recorded")
	var wrong *event.Error
	var away *intake.Unavailable
	switch {
	case err == nil, errors.As(err, &away) && away.Kept, errors.Is(err, intake.ErrUnavailable) && !errors.As(err, &away):
		return outcome(order, now, journey.ResultRecorded, "", e.ID()), nil
	case errors.As(err, &wrong) && order.Step.Event == event.ComplaintRaised: // it is known, and was answered
		return outcome(order, now, journey.ResultRecorded, codeOvertaken, e.ID()), nil
	case errors.As(err, &wrong):
		return outcome(order, now, journey.ResultHeld, codeOvertaken, ""), nil
	}
	return journey.Outcome{}, fault(err)
}
