package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	batchpb "go.temporal.io/api/batch/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/workflows"
)

// Sweeper has journeys look again: all that Temporal runs in a jurisdiction, or all, some a second. Nothing waits for it: what
// a hold or a halt stops is stopped by the reservations, which read Postgres. It only keeps journeys from waiting for what they
// need not wait for any more, and from ordering what is refused.
//
// The work itself is a batch operation of Temporal's. Its id is the sweep's job, so that it runs once however often it is
// started, and goes on when everybody who watched has gone.
type Sweeper struct {
	Temporal  client.Client
	Namespace string
	Store     *store.Store
	// Log is told what goes wrong; nil: nobody is.
	Log *slog.Logger
}

// SweepState is how far a sweep is.
type SweepState string

// The states of a sweep.
const (
	// SweepWaiting: Temporal runs another batch operation in this namespace, and takes one at a time.
	SweepWaiting SweepState = "waiting"
	SweepRunning SweepState = "running"
	SweepDone    SweepState = "done"
	// SweepFailed: the batch operation was ended before its time, as by an operator.
	SweepFailed SweepState = "failed"
)

// Sweep is how far one has come.
type Sweep struct {
	Job string `json:"job"`
	// Jurisdiction is where the journeys are; empty: everywhere.
	Jurisdiction string `json:"jurisdiction,omitempty"`
	// Rate is how many a second are to look again, at most. Temporal's own limit, 50 unless worker.batcherRPS says otherwise,
	// may be lower; servers up to 1.29 take that one, whatever is asked for.
	Rate  int32      `json:"rate"`
	State SweepState `json:"state"`
	// Total is how many journeys there are, Done how many have been told, and Failed how many could not be.
	Total  int64 `json:"total"`
	Done   int64 `json:"done"`
	Failed int64 `json:"failed"`
}

// Query is the visibility query that finds the journeys of a sweep.
func Query(jurisdiction string) string {
	query := workflows.Running
	if jurisdiction != "" {
		query += fmt.Sprintf(" AND (Jurisdiction = '%[1]s' OR Jurisdiction STARTS_WITH '%[1]s-')", jurisdiction)
	}
	return query
}

const (
	// lookEvery is how often a batch operation is asked how far it is.
	lookEvery = 500 * time.Millisecond
	// sweepLease is how long others leave a sweep to who follows it.
	sweepLease = 30 * time.Second
)

// Start starts a sweep unless it was started before, and says how far it is.
func (s *Sweeper) Start(ctx context.Context, row sqlc.Sweep) (Sweep, error) {
	looked := Sweep{Job: row.Job, Jurisdiction: row.Jurisdiction, Rate: row.Rate, State: SweepWaiting, Total: row.Total, Done: row.Done, Failed: row.Failed}
	if row.FinishedAt != nil {
		looked.State = SweepDone
		return looked, nil
	}
	input, err := converter.GetDefaultDataConverter().ToPayloads(event.Event{Source: "tender", ID: row.Job, Type: event.LookAgain})
	if err != nil {
		return looked, err
	}
	_, err = s.Temporal.WorkflowService().StartBatchOperation(ctx, &workflowservice.StartBatchOperationRequest{
		Namespace: s.Namespace, JobId: row.Job, VisibilityQuery: Query(row.Jurisdiction), Reason: "plan anew: " + row.Job,
		MaxOperationsPerSecond: float32(row.Rate),
		Operation: &workflowservice.StartBatchOperationRequest_SignalOperation{SignalOperation: &batchpb.BatchOperationSignal{
			Signal: workflows.EventSignal, Input: input, Identity: "tender",
		}},
	})
	var before *serviceerror.WorkflowExecutionAlreadyStarted
	var exhausted *serviceerror.ResourceExhausted
	switch {
	case errors.As(err, &exhausted):
		// It may be this very one that runs.
		if found, err := s.look(ctx, row, looked); err == nil {
			return found, nil
		}
		return looked, nil
	case err != nil && !errors.As(err, &before):
		return looked, err
	}
	return s.look(ctx, row, looked)
}

// look asks Temporal how far a batch operation is, and notes it.
func (s *Sweeper) look(ctx context.Context, row sqlc.Sweep, looked Sweep) (Sweep, error) {
	found, err := s.Temporal.WorkflowService().DescribeBatchOperation(ctx, &workflowservice.DescribeBatchOperationRequest{
		Namespace: s.Namespace, JobId: row.Job,
	})
	if err != nil {
		return looked, err
	}
	looked.Total, looked.Done, looked.Failed = found.TotalOperationCount, found.CompleteOperationCount, found.FailureOperationCount
	switch found.State {
	case enumspb.BATCH_OPERATION_STATE_COMPLETED:
		looked.State = SweepDone
	case enumspb.BATCH_OPERATION_STATE_FAILED:
		looked.State = SweepFailed
	default:
		looked.State = SweepRunning
	}
	return looked, s.Store.NoteSweep(ctx, sqlc.NoteSweepParams{
		EventPk: row.EventPk, Total: looked.Total, Done: looked.Done, Failed: looked.Failed,
		Finished: looked.State != SweepRunning, LeaseSeconds: sweepLease.Seconds(),
	})
}

// Follow starts a sweep unless it was started before, and waits for its end. Each time when it has come further, report is told.
func (s *Sweeper) Follow(ctx context.Context, row sqlc.Sweep, report func(Sweep)) (Sweep, error) {
	last := Sweep{}
	for {
		now, err := s.Start(ctx, row)
		if err != nil {
			return now, err
		}
		if now != last {
			report(now)
			last = now
		}
		if now.State == SweepDone || now.State == SweepFailed {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// sweepPause is how long a worker waits before it looks for sweeps again.
const sweepPause = 2 * time.Second

// Run sees to the sweeps that nobody follows, until the context ends. Any number of processes may.
func (s *Sweeper) Run(ctx context.Context) {
	for {
		if err := s.next(ctx); err != nil && ctx.Err() == nil && s.Log != nil {
			s.Log.WarnContext(ctx, "journeys could not be told to look again; it is tried again", "code", code(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepPause):
		}
	}
}

func (s *Sweeper) next(ctx context.Context) error {
	row, err := s.Store.ClaimSweep(ctx, sweepLease.Seconds())
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	end, err := s.Follow(ctx, row, func(Sweep) {})
	if end.State == SweepFailed && s.Log != nil {
		s.Log.WarnContext(ctx, "a batch operation was ended before all journeys looked again; those left do so when they wake", "job", end.Job, "done", end.Done, "of", end.Total)
	}
	return err
}

// code is what may be logged of an error.
func code(err error) string {
	if store.Unavailable(err) {
		return "postgres_away"
	}
	return fmt.Sprintf("%T", err)
}
