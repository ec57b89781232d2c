package workflows

import (
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// Names that histories and clients hold; they never change once released. Updates are named as their events.
const (
	LoanWorkflow        = "Loan"
	PreapprovalWorkflow = "Preapproval"
	ComplaintWorkflow   = "Complaint"
	// EventSignal takes the same events as the updates, without an answer, for bulk.
	EventSignal = "event"
)

// Running is the visibility query that finds every journey that runs: those of loans, of applications and of complaints.
const Running = "WorkflowType IN ('" + LoanWorkflow + "', '" + PreapprovalWorkflow + "', '" + ComplaintWorkflow + "') AND ExecutionStatus = 'Running'"

// JourneyQuery asks a running journey for its facts; the answer is a [journey.Journey]. A query leaves no trace in a history.
const JourneyQuery = "journey"

// Refused is the type of the error of an event that a validator refused.
const Refused = "refused"

// listen sets a handler for every type of event, and one for who wants to know the facts.
func (l *life) listen(ctx workflow.Context) error {
	for _, t := range event.Types() {
		if !t.ToldToJourneys() {
			continue
		}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, string(t), l.accept, workflow.UpdateHandlerOptions{
			Validator: l.validate, Description: t.Summary(),
		}); err != nil {
			return err
		}
	}
	return workflow.SetQueryHandler(ctx, JourneyQuery, func() (journey.Journey, error) { return l.Journey, nil })
}

// validate refuses what cannot be about this loan, before it reaches the history.
func (l *life) validate(_ workflow.Context, e event.Event) error {
	err := l.Journey.Accepts(e)
	var wrong *event.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return temporal.NewNonRetryableApplicationError(wrong.Reason, Refused, nil, wrong.Field)
	}
	return temporal.NewNonRetryableApplicationError(err.Error(), Refused, nil)
}

// accept records an event and answers with the decision that covers it, or pending when that has to wait for a
// server-side activity. It changes nothing but the inbox.
func (l *life) accept(ctx workflow.Context, e event.Event) (journey.Answer, error) {
	l.inbox = append(l.inbox, e)
	mine := l.applied + len(l.inbox)
	err := workflow.Await(ctx, func() bool { return l.decided >= mine || l.busy })
	if err != nil || l.decided < mine {
		return journey.Answer{Loan: e.Loan, Pending: true}, err
	}
	return l.last.Answer(e.Loan), nil
}

// localDecide gives Decide one short try in this worker: a caller waits for it.
var localDecide = workflow.LocalActivityOptions{
	ScheduleToCloseTimeout: time.Second,
	RetryPolicy:            &temporal.RetryPolicy{MaximumAttempts: 1},
	Summary:                "decide",
}

// remoteDecide leaves the waiting for Postgres to the server, so that an outage adds no events.
var remoteDecide = workflow.ActivityOptions{
	TaskQueue:           journey.Queue,
	StartToCloseTimeout: 10 * time.Second,
	RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, MaximumInterval: 5 * time.Second},
	Summary:             "decide (Postgres was away)",
}

// stepOptions are how a step is performed, as its decision says. real is false where business time runs fast, and
// nobody can wait a minute.
func stepOptions(s journey.Step, real bool) workflow.ActivityOptions {
	retry := &temporal.RetryPolicy{InitialInterval: time.Second, MaximumInterval: time.Minute}
	if !real {
		retry = &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, MaximumInterval: time.Second}
	}
	return workflow.ActivityOptions{
		TaskQueue:              s.Queue,
		StartToCloseTimeout:    time.Duration(s.AttemptSeconds) * time.Second,
		ScheduleToCloseTimeout: time.Duration(s.WithinSeconds) * time.Second,
		WaitForCancellation:    true,
		RetryPolicy:            retry,
		Summary:                s.Summary,
	}
}

// attributes turns a decision's attributes into Temporal's.
func attributes(all []journey.Attribute) (updates []temporal.SearchAttributeUpdate) {
	for _, a := range all {
		switch a.Type {
		case journey.Keyword:
			key := temporal.NewSearchAttributeKeyKeyword(a.Name)
			if a.Value == "" {
				updates = append(updates, key.ValueUnset())
			} else {
				updates = append(updates, key.ValueSet(a.Value))
			}
		case journey.Keywords:
			key := temporal.NewSearchAttributeKeyKeywordList(a.Name)
			if a.Value == "" {
				updates = append(updates, key.ValueUnset())
			} else {
				updates = append(updates, key.ValueSet(strings.Split(a.Value, ",")))
			}
		case journey.Time:
			key := temporal.NewSearchAttributeKeyTime(a.Name)
			if at, err := time.Parse(time.RFC3339, a.Value); err != nil {
				updates = append(updates, key.ValueUnset())
			} else {
				updates = append(updates, key.ValueSet(at))
			}
		}
	}
	return updates
}

// code returns the code that an activity's error carries.
func code(err error) string {
	var coded *temporal.ApplicationError
	if errors.As(err, &coded) && coded.Type() != "" {
		return coded.Type()
	}
	return "internal"
}
