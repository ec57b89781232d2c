package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// give gives a person something to do about a loan that no step of its journey asks for: to read what the borrower wrote, to answer a
// complaint, to look into a claim of fraud, to ask what went wrong. It is said by an event, of which it keeps the number; about is what
// sets its step apart, and the date where that is nothing.
func (k *keeping) give(ctx context.Context, loan, reason, about string) error {
	at := k.known()
	if about == "" {
		about = at.Format(time.DateOnly)
	}
	return k.insertGiven(ctx, sqlc.Task{
		Key: fmt.Sprintf("%s-%d", reason, k.pk), LoanID: loan, BorrowerID: k.borrower, StepKey: reason + "@" + about, Reason: reason, Attempt: 1,
	}, at)
}

// insertGiven puts such a task on the worklist, to wait there as the strategy of its loan says.
func (k *keeping) insertGiven(ctx context.Context, t sqlc.Task, at time.Time) error {
	waits, err := k.waits(ctx, t.LoanID, t.Reason, at)
	if err != nil {
		return err
	}
	return k.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: t.Key, LoanID: t.LoanID, BorrowerID: t.BorrowerID, StepKey: t.StepKey, Reason: t.Reason, At: at, Attempt: t.Attempt,
		Purpose: string(strategy.CallPurpose(t.Reason)), Priority: int32(waits.Priority), UntilAt: &waits.Until, MostTries: int32(waits.Tries),
	})
}

// given reports whether no step of a journey asked for a task.
func given(t sqlc.Task) bool { return strings.HasPrefix(t.Key, t.Reason+"-") }

// giveAgain has a task that no step asked for, and that nobody did in time, done by somebody else.
func (k *keeping) giveAgain(ctx context.Context, t sqlc.Task) error {
	if !strategy.GivenAgain(t.Reason, int(t.Attempt)) {
		return nil
	}
	first := t.Key
	if t.Attempt > 1 {
		first = strings.TrimSuffix(first, fmt.Sprintf("-%d", t.Attempt))
	}
	t.Attempt++
	t.Key = fmt.Sprintf("%s-%d", first, t.Attempt)
	return k.insertGiven(ctx, t, k.now)
}

// waits says how a task about a loan waits for a person: as the loan's strategy says, or where none is known yet, by default.
func (k *keeping) waits(ctx context.Context, loan, reason string, at time.Time) (journey.Assignment, error) {
	row, err := k.StrategyOf(ctx, loan)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return strategy.Assign(reason, at), nil
	case err != nil:
		return journey.Assignment{}, err
	}
	how, err := k.strategies.parsed(row.Hash, row.Name, row.Yaml)
	if err != nil {
		return strategy.Assign(reason, at), nil // of a version that this program cannot read: nobody waits for that
	}
	if tier, there := how.Tier(row.Segment); there {
		how = tier
	}
	return how.Assign(reason, at), nil
}

// strategies are the versions that were read already, by hash.
type strategies struct{ byHash sync.Map }

func (s *strategies) parsed(hash, name, yaml string) (*strategy.Strategy, error) {
	if known, is := s.byHash.Load(hash); is {
		return known.(*strategy.Strategy), nil
	}
	read, err := strategy.Parse(name, []byte(yaml))
	if err == nil {
		s.byHash.Store(hash, read)
	}
	return read, err
}

// heeded closes the task about a complaint that was closed, as versions of Tender gave them that accompanied no complaints. A call of
// which nobody said yet what came of it goes first.
func (k *keeping) heeded(ctx context.Context, p *event.ComplaintClosing) error {
	at := k.known()
	return k.EndTasks(ctx, sqlc.EndTasksParams{
		BorrowerID: k.borrower, Reason: strategy.ReasonComplaint, StepKey: complaintStep(p.Complaint), At: &at, Disposition: SeenTo, DoneBy: k.actor,
	})
}

func complaintStep(complaint string) string { return strategy.ReasonComplaint + "@" + complaint }

// claimed stops collection of a loan of which the borrower says that it is not theirs, and opens a case.
func (k *keeping) claimed(ctx context.Context, loan string) error {
	k.also(event.HoldPlaced, event.LoanSubject, loan, reply.FraudHold(fmt.Sprintf("call-%d", k.pk)))
	return k.give(ctx, loan, strategy.ReasonFraud, "")
}
