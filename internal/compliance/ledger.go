package compliance

import (
	"context"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// Ledger is where the facts about reaching a borrower come from. The store implements it over Postgres, a rehearsal in
// memory; one contract test holds both.
type Ledger interface {
	// Standing returns what is known about reaching a borrower: every wish and every hold that is not released, and the
	// contacts made at or after an instant, on whichever loan and by whomever. Callers go back by [Library.Horizon] from the
	// instant that they ask about; contacts left out are contacts that no rule counts.
	Standing(ctx context.Context, borrower string, since time.Time) (contact.Standing, error)
}
