package intake

import (
	"context"
	"errors"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Tender's own name, as the source and the sender of events that it sends itself.
const tender = "tender"

// ageEvery is how often tasks are looked at whose time is over, wall time; where business time runs fast, more often.
const (
	ageEvery     = 30 * time.Second
	ageEveryFast = time.Second
)

// Age closes the tasks that nobody did in time and tells their journeys, until the context ends. Any number of processes may: a task
// ages out once.
func (d *Door) Age(ctx context.Context) error {
	wait := ageEvery
	if !d.store.Clock().IsReal() {
		wait = ageEveryFast
	}
	for {
		if _, err := d.AgeOnce(ctx); err != nil && ctx.Err() == nil {
			d.options.Log.WarnContext(ctx, "tasks whose time is over cannot be closed; it is tried again", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// AgeOnce does one round, of at most a few dozen tasks, and returns how many aged out.
func (d *Door) AgeOnce(ctx context.Context) (aged int, err error) {
	now, err := d.store.Now(ctx)
	if err != nil {
		return 0, postgres(err, false)
	}
	rows, err := d.store.AgedTasks(ctx, sqlc.AgedTasksParams{Now: &now, Most: sweepAtOnce})
	if err != nil {
		return 0, postgres(err, false)
	}
	for _, row := range rows {
		e := cloudevents.New()
		e.SetSource(tender)
		e.SetID("expired-" + row.Key)
		e.SetType(string(event.TaskExpired))
		e.SetSubject(string(event.LoanSubject) + "/" + row.LoanID)
		if row.ApplicationID != "" {
			e.SetSubject(string(event.ApplicationSubject) + "/" + row.ApplicationID)
		}
		if err := e.SetData("application/json", event.Expiry{Task: row.Key}); err != nil {
			return aged, err
		}
		_, err := d.Take(ctx, e, tender)
		var wrong *event.Error
		switch {
		case errors.As(err, &wrong): // somebody took it, or did it, or was faster
		case err != nil && !errors.Is(err, ErrUnavailable): // kept: the sweeper hands it over
			return aged, err
		default:
			aged++
		}
	}
	return aged, nil
}
