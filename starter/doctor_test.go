package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/workflows"
)

// examine runs the doctor and returns what it found.
func examine(t *testing.T, x *terminal, args ...string) (diagnosis, int) {
	t.Helper()
	got := x.typed("", append([]string{"doctor", "-o", "json"}, args...)...)
	require.Empty(t, got.err)
	var d diagnosis
	require.NoError(t, json.Unmarshal([]byte(got.out), &d))
	return d, got.code
}

// about returns what was found about one part.
func (d diagnosis) about(t *testing.T, part string) finding {
	t.Helper()
	n := slices.IndexFunc(d.Findings, func(f finding) bool { return f.Part == part })
	require.GreaterOrEqual(t, n, 0, "nothing was found about %s in %v", part, d.Findings)
	return d.Findings[n]
}

// change runs a statement on the terminal's database.
func (x *terminal) change(statement string) {
	x.t.Helper()
	conn, err := pgx.Connect(x.t.Context(), x.world.env.Get("DATABASE_URL"))
	require.NoError(x.t, err)
	defer conn.Close(context.WithoutCancel(x.t.Context()))
	_, err = conn.Exec(x.t.Context(), statement)
	require.NoError(x.t, err)
}

func TestWithoutServersTheDoctorSaysWhatToStart(t *testing.T) {
	t.Parallel()
	port, err := devstack.FreePort()
	require.NoError(t, err)
	x := onDatabase(t, "postgres://kim@127.0.0.1:"+itoa(port)+"/loans")
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", "127.0.0.1:"+itoa(port)).With("TENDER_LISTEN", "127.0.0.1:"+itoa(port))
	d, code := examine(t, x)
	require.Equal(t, exitFailed, code)
	require.False(t, d.Healthy)
	require.Contains(t, d.about(t, "Postgres").Says, "Postgres cannot be reached at 127.0.0.1:"+itoa(port))
	require.Contains(t, d.about(t, "Temporal").Says, "Temporal cannot be reached at 127.0.0.1:"+itoa(port))
	require.Equal(t, well, d.about(t, "rulebooks").Health, "what needs no server is looked at all the same")
	require.Equal(t, warning, d.about(t, "gateway").Health, "there need not be one on each machine")
	for _, part := range []string{"ledgers", "events", "contacts", "tasks", "notices", "workers", "journeys"} {
		require.Equal(t, skipped, d.about(t, part).Health, part)
	}
}

func TestTheDoctorSeesAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, devstacktest.Postgres(t))
	d, code := examine(t, x, "--only", "postgres")
	require.Equal(t, exitFailed, code)
	require.Equal(t, "run tender migrate", d.about(t, "schema").Do)
}

func TestTheDoctorSeesWhatPostgresKnows(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.change(`alter table events disable trigger append_only;
		update events set recorded_at = now() - interval '1 hour';
		update loans set next_reason = 'stale_ledger', next_at = '2026-02-10 11:00Z' where id = 'L-1001'`)
	d, code := examine(t, x, "--only", "postgres,ledgers,events,contacts,tasks,journeys")
	require.Equal(t, exitFailed, code)

	ledgers := d.about(t, "ledgers")
	require.Equal(t, failed, ledgers.Health)
	require.Equal(t, []string{"/lending/core is complete through 2026-02-06; 2 open loans, 1 waiting for it"}, ledgers.Cases,
		"a loan without watermarks does not wait for them")
	events := d.about(t, "events")
	require.Equal(t, failed, events.Health)
	require.Equal(t, []string{"loan.disbursed ev-9 of /lending/core for loan L-1004, 0 attempts"}, events.Cases)
	require.Contains(t, d.about(t, "tasks").Says, "1 task for a person, the oldest since Sat 2026-02-07 15:00 UTC")
	journeys := d.about(t, "journeys")
	require.Equal(t, warning, journeys.Health)
	require.Equal(t, []string{"L-1001: notice-2@2026-02-01 was due on 2026-02-10T11:00:00Z"}, journeys.Cases)
}

func TestTheDoctorSeesUncertainContacts(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.change(`alter table contacts disable trigger append_only; update contacts set recorded_at = now() - interval '1 hour'`)
	d, code := examine(t, x, "--only", "contacts")
	require.Equal(t, exitDone, code, "a warning is no failure")
	contacts := d.about(t, "contacts")
	require.Equal(t, warning, contacts.Health)
	require.Equal(t, []string{"c-3 about L-1001 by email (smtp) on Wed 2026-02-04 15:12 UTC smtp_timeout"}, contacts.Cases)
}

func TestTheDoctorSeesNoticesThatTheLendingSystemWasNotTold(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	d, code := examine(t, x, "--only", "notices")
	require.Equal(t, exitDone, code, "a lending system may fetch them")
	notices := d.about(t, "notices")
	require.Equal(t, warning, notices.Health)
	require.Equal(t, "the lending system was not told of 1 notice, the oldest of Mon 2026-02-09 15:00 UTC", notices.Says)
	require.Contains(t, notices.Do, "set TENDER_LENDER_URL")
	require.Equal(t, []string{"tender.charge_off about loan L-1001, of Mon 2026-02-09 15:00 UTC, id n-2"}, notices.Cases)

	x.world.env = x.world.env.With("TENDER_LENDER_URL", "http://127.0.0.1:9/notices")
	d, _ = examine(t, x, "--only", "notices")
	require.Equal(t, well, d.about(t, "notices").Health, "a worker may just be about to tell it")
	x.change(`update notices set recorded_at = now() - interval '1 hour'`)
	d, code = examine(t, x, "--only", "notices")
	require.Equal(t, exitFailed, code)
	require.Contains(t, d.about(t, "notices").Do, "does not take them")

	x.change(`update notices set told_at = now()`)
	d, _ = examine(t, x, "--only", "notices")
	require.Equal(t, well, d.about(t, "notices").Health)
}

func TestTheDoctorReadsPolicyAndChannelsAsAWorkerWould(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	d, _ := examine(t, x, "--only", "policy,channels")
	require.Equal(t, well, d.about(t, "strategies").Health)
	require.Equal(t, warning, d.about(t, "channels").Health, "the outbox sends nothing")

	x.world.env = x.world.env.With("TENDER_STRATEGY", "harsh").With("TENDER_CHANNELS", "email=smtp")
	d, code := examine(t, x, "--only", "policy,channels")
	require.Equal(t, exitFailed, code)
	require.Contains(t, d.about(t, "strategies").Says, "the default harsh is not among gentle-installment@")
	require.Contains(t, d.about(t, "channels").Says, "TENDER_SMTP_ADDRESS")
}

func TestTheDoctorSeesJourneysThatAreStuckOrGone(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	stack := devstacktest.Temporal(t, journey.SearchAttributes)
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", stack.TemporalAddress)
	d, code := examine(t, x, "--only", "temporal,workers")
	require.Equal(t, exitFailed, code)
	require.Equal(t, well, d.about(t, "search attributes").Health)
	require.Equal(t, "start one: tender worker", d.about(t, "workers").Do)

	temporal, err := client.DialContext(t.Context(), client.Options{
		HostPort: stack.TemporalAddress, Namespace: devstack.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	defer temporal.Close()
	broken := worker.New(temporal, journey.Queue, worker.Options{})
	broken.RegisterWorkflowWithOptions(func(workflow.Context) error { panic("no such step") }, workflow.RegisterOptions{Name: workflows.LoanWorkflow})
	require.NoError(t, broken.Start())
	defer broken.Stop()
	_, err = temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: journey.WorkflowID("L-1001"), TaskQueue: journey.Queue}, workflows.LoanWorkflow)
	require.NoError(t, err)
	// One that is gone is found although another runs that is one too many.
	_, err = temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: journey.WorkflowID("L-7777"), TaskQueue: journey.Queue}, workflows.LoanWorkflow)
	require.NoError(t, err)
	x.change(`update loans set seq = greatest(seq, 1), next_at = '2027-02-10 11:00Z' where closed_at is null and id in ('L-1001', 'L-1002')`)

	var stuck finding
	require.Eventually(t, func() bool {
		d, _ = examine(t, x, "--only", "journeys")
		stuck = d.about(t, "stuck journeys")
		return stuck.Health == failed && len(stuck.Cases) == 2
	}, time.Minute, 200*time.Millisecond, "%v", d)
	slices.Sort(stuck.Cases)
	require.Regexp(t, `^loan-L-1001: attempt \d+: no such step`, stuck.Cases[0])
	require.Regexp(t, `^loan-L-7777: attempt \d+: no such step`, stuck.Cases[1])
	gone := d.Findings[len(d.Findings)-1]
	require.Equal(t, []string{"loan-L-1002 does not run although its loan is open"}, gone.Cases)
	for _, loan := range []string{"L-1001", "L-7777"} {
		require.NoError(t, temporal.TerminateWorkflow(t.Context(), journey.WorkflowID(loan), "", "the test is over"))
	}
}

func TestTheDoctorsTextSaysWhatToDo(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.typed("", "doctor", "--only", "channels")
	require.Equal(t, exitDone, got.code)
	require.Equal(t, "warning  channels           every message stays in the outbox: nobody receives one\n"+
		"                            → name real adapters in TENDER_CHANNELS before borrowers are to hear from you\n", got.out)
}

func TestAnInterruptedCommandSaysSo(t *testing.T) {
	t.Parallel()
	require.Equal(t, "interrupted", message(errors.Join(context.Canceled)))
}
