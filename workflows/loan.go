// Package workflows holds the durable order of things: when to decide, when to wait, when to act. It holds no policy:
// every command follows from a recorded decision or a recorded event, so that strategies, rulebooks and the arithmetic
// of money may change while journeys run.
package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/internal/journey"
)

// State is what crosses continue-as-new. Fields are only ever added.
type State struct {
	Journey journey.Journey `json:"journey"`
}

// Loan accompanies one loan from its disbursement to its last payment, one round after the other: what came is taken in, the next step is
// decided and shown, and then it is done, or waited for. See [life.round].
func Loan(ctx workflow.Context, s State) error {
	l, err := begin(ctx, s)
	for over := false; !over && err == nil; {
		over, err = l.round(ctx)
	}
	return err
}

// Preapproval accompanies an application that was pre-approved until something came of its callback. It waits, decides and acts as a
// loan's journey does: what it does follows from the decisions alone.
func Preapproval(ctx workflow.Context, s State) error { return Loan(ctx, s) }
