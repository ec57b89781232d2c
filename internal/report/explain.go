package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Explanation is why the next step of a loan is what it is.
type Explanation struct {
	Loan Loan `json:"loan"`
	// Decision is how the last decision was found; nil when none was made yet.
	Decision *strategy.Explanation `json:"decision"`
	// Final is set once the journey has acted upon the decision, or ended with it; before that it is the best known
	// candidate.
	Final bool `json:"final"`
	// Since is how many events came that the decision does not know, leaving out those that the journey refused.
	Since int64 `json:"since"`
}

// Explain returns why the next step of a loan is what it is. The error is [store.ErrNotFound] when the loan is not known.
func Explain(ctx context.Context, s *store.Store, id string) (Explanation, error) {
	found, err := Find(ctx, s, id)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Loan: found}
	row, err := s.LastDecision(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return e, nil
	case err != nil:
		return e, err
	}
	if err := json.Unmarshal(row.Body, &e.Decision); err != nil {
		return e, fmt.Errorf("loan %s: decision %d cannot be read: %w; a newer Tender may have written it", id, row.Seq, err)
	}
	e.Final = row.Final || !found.Closed.IsZero()
	e.Since, err = s.CountSince(ctx, sqlc.CountSinceParams{LoanID: id, Number: e.Decision.Number})
	return e, err
}
