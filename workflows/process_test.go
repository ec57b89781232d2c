package workflows_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/failpoint/failpointtest"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// workerProgram builds the worker as it is shipped, but for the fail points.
func workerProgram(t *testing.T) string {
	t.Helper()
	return failpointtest.Program(t, "github.com/tender-engine/tender/worker")
}

// start starts the worker as a process of its own, with more of an environment.
func (i *installation) start(program string, env ...string) *devstack.Process {
	i.t.Helper()
	own := settings.Environ(os.Environ()).Without("TENDER_").Without("TEMPORAL_")
	p, err := devstack.StartProcess(i.t.Context(), devstack.Spec{
		Name: "the worker", Path: program, Env: append(append(own, i.env...), env...), Log: i.logs,
	})
	require.NoError(i.t, err)
	i.t.Cleanup(func() { _ = p.Stop() })
	return p
}

// dies waits for the end of a worker at its fail point.
func (i *installation) dies(p *devstack.Process) {
	i.t.Helper()
	i.eventually("the worker dies", func() bool {
		select {
		case <-p.Done():
			return true
		default:
			return false
		}
	})
	require.ErrorContains(i.t, p.Err(), "signal: killed")
}

// polled waits until somebody works on journeys and on messages.
func (i *installation) polled() {
	i.t.Helper()
	for queue, kind := range map[string]enumspb.TaskQueueType{
		journey.Queue:                      enumspb.TASK_QUEUE_TYPE_WORKFLOW,
		journey.OutreachQueue(contact.SMS): enumspb.TASK_QUEUE_TYPE_ACTIVITY,
	} {
		i.eventually(queue+" is polled", func() bool {
			d, err := i.temporal.DescribeTaskQueue(i.t.Context(), queue, kind)
			return err == nil && len(d.Pollers) > 0
		})
	}
}

// now is the business time.
func (i *installation) now() time.Time { return i.store.Clock().Business(time.Now()) }

// day waits until so many days have passed since business time began, and hours.
func (i *installation) day(days, hours int) {
	i.t.Helper()
	at := monday.AddDate(0, 0, i.first+days).Add(time.Duration(hours) * time.Hour)
	i.eventually(fmt.Sprintf("day %d, hour %d", days, hours), func() bool { return i.now().After(at) })
}

// begin has days count from the next morning, once somebody works: business time goes on while a test prepares.
func (i *installation) begin() {
	i.t.Helper()
	i.polled()
	i.first = 1 + int(i.now().Sub(monday)/(24*time.Hour))
	i.day(0, 0)
}

// date is a day of the life as a date.
func (i *installation) date(days int) bizclock.Date {
	return bizclock.DateOf(monday).AddDays(i.first + days)
}

// made waits until a contact about a loan was made in a step.
func (i *installation) made(loan, step string) {
	i.t.Helper()
	i.eventually(step+" is made", func() bool {
		for _, c := range i.rows(loan) {
			if c.StepKey == step && c.Disposition != "" {
				return true
			}
		}
		return false
	})
}

// parked waits until a journey does nothing but wait for its time.
func (i *installation) parked(loan string) {
	i.t.Helper()
	i.eventually("the journey is parked", func() bool {
		d, err := i.temporal.DescribeWorkflowExecution(i.t.Context(), journey.WorkflowID(loan), "")
		return err == nil && len(d.PendingActivities) == 0 && d.PendingWorkflowTask == nil
	})
}

// rows returns the contacts about a loan.
func (i *installation) rows(loan string) []sqlc.LoanContactsRow {
	i.t.Helper()
	rows, err := i.store.LoanContacts(context.WithoutCancel(i.t.Context()), loan)
	require.NoError(i.t, err)
	return rows
}

// count returns what a query counts.
func (i *installation) count(query string) (count int) {
	i.t.Helper()
	conn, err := pgx.Connect(i.t.Context(), i.settings.DatabaseURL)
	require.NoError(i.t, err)
	defer conn.Close(i.t.Context())
	require.NoError(i.t, conn.QueryRow(i.t.Context(), query).Scan(&count))
	return count
}

// pays posts a payment that is made now.
func (i *installation) pays(loan, amount string) journey.Answer {
	i.t.Helper()
	return i.happens("payment.posted", "loan/"+loan, i.payment(amount))
}

// payment is the data of a payment that is made now.
func (i *installation) payment(amount string) string {
	return fmt.Sprintf(`{"transaction": "T-%d", "amount": %q, "currency": "USD", "value_date": %q}`,
		i.events.Add(1), amount, i.now().In(newYork).Format(time.DateOnly))
}

var newYork = func() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return zone
}()
