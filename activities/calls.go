package activities

import (
	"context"

	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Calls gives work to people.
type Calls struct{ Store *store.Store }

// AssignTask puts a task on the worklist, once for each step.
func (c *Calls) AssignTask(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	now, err := c.Store.Now(ctx)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	key := "t" + intent(order)[1:]
	err = c.Store.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: key, LoanID: order.Loan, BorrowerID: order.Borrower, StepKey: order.Step.Key, Reason: order.Step.Reason, At: now,
	})
	return outcome(order, now, journey.ResultAssigned, "", key), fault(err)
}
