package courier

import (
	"context"
	"errors"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/workflows"
)

// Preapprove sends an event as an Update to the pre-approval of its application and waits for the answer. The event with which the
// application was pre-approved starts the workflow, once and for all.
func (c *Courier) Preapprove(ctx context.Context, e event.Event) (preapproval.Answer, error) {
	update := client.UpdateWorkflowOptions{
		WorkflowID: preapproval.WorkflowID(e.Application), UpdateID: "event-" + strconv.FormatInt(e.Number, 10), UpdateName: string(e.Type),
		Args: []any{e}, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		var answer preapproval.Answer
		handle, err := c.toPreapproval(ctx, e, update)
		if err == nil {
			err = handle.Get(ctx, &answer)
		}
		if !busy(err) {
			return answer, verdict(err)
		}
		select {
		case <-ctx.Done():
			return answer, intake.ErrUnavailable
		case <-time.After(pause):
		}
	}
}

func (c *Courier) toPreapproval(ctx context.Context, e event.Event, update client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	if e.Type != event.ApplicationPreapproved {
		return c.Temporal.UpdateWorkflow(ctx, update)
	}
	state := workflows.PreapprovalState{Case: preapproval.Case{Application: e.Application, Clock: c.Clock}}
	start := c.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       preapproval.WorkflowID(e.Application),
		TaskQueue:                journey.Queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            "application " + e.Application,
	}, workflows.PreapprovalWorkflow, state)
	handle, err := c.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start, UpdateOptions: update})
	var before *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &before) {
		return nil, intake.ErrEnded
	}
	return handle, err
}
