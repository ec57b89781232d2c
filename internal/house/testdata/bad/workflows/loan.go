package workflows

import (
	"crypto/rand" // want: crypto/rand is banned here: the same input must give the same output
	dice "math/rand/v2" // want: math/rand/v2 is banned here: the same input must give the same output
	"os" // want: os is banned here: it depends on the machine
	"time"

	"github.com/google/uuid" // want: github.com/google/uuid: an id made in a workflow changes when it is replayed
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/internal/gateway" // want: workflows must not use internal/gateway, which stands above it
	"github.com/tender-engine/tender/internal/journey"
)

func Loan(ctx workflow.Context) {
	_, _, _, _, _, _ = rand.Text, dice.Int, os.Getenv, uuid.New, gateway.Serve, journey.Apply
	zone, _ := time.LoadLocation("Asia/Shanghai") // want: time.LoadLocation is banned here: zones differ between machines; take it from a decision
	_ = zone
	_, _ = workflow.AwaitWithTimeout(ctx, time.Hour, nil) // want: workflow.AwaitWithTimeout is banned here: it leaves the losing timer behind; wait with a cancellable timer
}
