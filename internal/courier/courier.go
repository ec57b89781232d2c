// Package courier hands events to the workflows of loans: the client's side of what package workflows listens to.
package courier

import (
	"context"
	"errors"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/workflows"
)

// Courier hands events to the workflows of loans. It implements intake.Courier.
type Courier struct {
	Temporal client.Client
	// Clock is the installation's; every journey carries a copy.
	Clock bizclock.Clock
}

var _ intake.Courier = (*Courier)(nil)

// Deliver sends an event as an Update and waits for the answer. The disbursement starts the workflow; an event for a
// closed loan starts it again from resume.
func (c *Courier) Deliver(ctx context.Context, e event.Event, resume *journey.Journey) (journey.Answer, error) {
	update := client.UpdateWorkflowOptions{
		WorkflowID: journey.WorkflowID(e.Loan),
		// The number makes a repeat within a run cost nothing; across runs the journey knows it.
		UpdateID:     "event-" + strconv.FormatInt(e.Number, 10),
		UpdateName:   string(e.Type),
		Args:         []any{e},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		answer, err := c.once(ctx, e, resume, update)
		if !busy(err) {
			return answer, verdict(err)
		}
		select { // the run is just being continued as a new one, or takes many events at once
		case <-ctx.Done():
			return journey.Answer{}, intake.ErrUnavailable
		case <-time.After(pause):
		}
	}
}

func (c *Courier) once(ctx context.Context, e event.Event, resume *journey.Journey, update client.UpdateWorkflowOptions) (answer journey.Answer, err error) {
	handle, err := c.send(ctx, e, resume, update)
	if err != nil {
		return answer, err
	}
	err = handle.Get(ctx, &answer)
	return answer, err
}

// busy reports whether a workflow could not take an update at this very moment.
func busy(err error) bool {
	var notReady *serviceerror.WorkflowNotReady
	var exhausted *serviceerror.ResourceExhausted
	var aborted *serviceerror.Aborted
	return errors.As(err, &notReady) || errors.As(err, &exhausted) || errors.As(err, &aborted)
}

func (c *Courier) send(ctx context.Context, e event.Event, resume *journey.Journey, update client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	if !e.Begins() && resume == nil {
		return c.Temporal.UpdateWorkflow(ctx, update)
	}
	state := workflows.State{Journey: journey.Journey{Loan: e.Loan, Clock: c.Clock}}
	if resume != nil {
		state.Journey = *resume
	}
	if err := state.Journey.Accepts(e); err != nil {
		// A workflow started for an event that is then refused would run without ever being told of anything. Should one
		// run already, it knows better than what was stored.
		handle, gone := c.Temporal.UpdateWorkflow(ctx, update)
		if ended(gone) {
			return nil, refusal(err)
		}
		return handle, gone
	}
	workflow, summary := workflows.LoanWorkflow, "loan "+e.Loan
	if application, is := event.ApplicationOf(e.Loan); is {
		workflow, summary = workflows.PreapprovalWorkflow, "application "+application
	}
	if id, is := event.ComplaintOf(e.Loan); is {
		workflow, summary = workflows.ComplaintWorkflow, "complaint "+id
	}
	start := c.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       journey.WorkflowID(e.Loan),
		TaskQueue:                journey.Queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		StaticSummary:            summary,
	}, workflow, state)
	return c.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start, UpdateOptions: update,
	})
}

// verdict says what an error of Temporal means for an event.
func verdict(err error) error {
	var known *intake.Refusal
	var refused *temporal.ApplicationError
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.As(err, &refused) && refused.Type() == workflows.Refused:
		refusal := &intake.Refusal{Reason: refused.Message()}
		if refused.HasDetails() {
			_ = refused.Details(&refusal.Field) // without a field the reason still stands
		}
		return refusal
	case ended(err), errors.As(err, &refused) && refused.Type() == "AcceptedUpdateCompletedWorkflow":
		return intake.ErrEnded
	}
	return intake.ErrUnavailable
}

// ended reports whether there is no workflow that runs.
func ended(err error) bool {
	var none *serviceerror.NotFound
	return errors.As(err, &none)
}

// refusal is what a journey says no with, as the door says it.
func refusal(err error) error {
	refusal := &intake.Refusal{Reason: err.Error()}
	var wrong *event.Error
	if errors.As(err, &wrong) {
		refusal.Field, refusal.Reason = wrong.Field, wrong.Reason
	}
	return refusal
}
