package workflows_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Two installations live the same month. The worker of one is killed again and again, at the moments that matter:
// while the journey is parked, after a reservation, and after a send that is not yet recorded.
func TestKillsChangeNothingInALifeButTheHour(t *testing.T) {
	t.Parallel()
	program := workerProgram(t)
	patient := patientStrategies(t)
	calm, shaken := install(t, 6*time.Second, patient), install(t, 6*time.Second, patient)
	both := []*installation{calm, shaken}
	calm.work()
	worker := shaken.start(program)
	kills := 0
	// arm has the next worker die at a place; the one at work is killed while the journey is parked.
	arm := func(place string) {
		shaken.parked("L-1")
		require.NoError(t, worker.Kill())
		worker = shaken.start(program, "TENDER_FAILPOINT="+place)
		kills++
	}
	// dies waits for that death, and has another worker take over.
	dies := func(step string) {
		shaken.dies(worker)
		worker = shaken.start(program)
		shaken.made("L-1", step)
		kills++
	}

	// Both lives begin on the same morning, once everything is there: business time goes on while a test prepares.
	for _, i := range both {
		i.polled()
	}
	first := 1 + int(max(calm.now().Sub(monday), shaken.now().Sub(monday))/(24*time.Hour))
	begun := bizclock.DateOf(monday).AddDays(first)
	// of is the key of a step that belongs to a day of these lives.
	of := func(treatment string, days int) string { return treatment + "@" + begun.AddDays(days).String() }
	// pay posts the same payment in both lives, at one in the morning: long before the date changes.
	pay := func(days int, amount string) {
		payment := calm.payment(amount)
		for _, i := range both {
			i.day(first+days, -8)
			i.happens("payment.posted", "loan/L-1", payment)
		}
	}
	for _, i := range both {
		i.day(first, 0)
		i.disburseOn("L-1", "B-1", begun)
	}
	shaken.made("L-1", of("welcome", 0))
	arm("reserved")
	dies(of("first-week", 0))
	shaken.day(first+12, 0) // the first installment is due on day 10 and stays unpaid
	arm("sent")
	dies(of("notice-2", 10))
	shaken.day(first+18, 0)
	arm("reserved")
	dies(of("notice-3", 10))
	pay(28, "100.00") // by then the second is overdue too, and the ladder begins anew for it
	shaken.made("L-1", of("notice-1", 25))
	arm("sent")
	dies(of("notice-2", 25))
	arm("")
	pay(32, "200.00")
	for _, i := range both {
		i.eventually("the journey ends", func() bool {
			d, err := i.temporal.DescribeWorkflowExecution(t.Context(), journey.WorkflowID("L-1"), "")
			return err == nil && d.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		})
	}

	require.Equal(t, 9, kills)
	want := made(calm.rows("L-1"))
	require.Equal(t, want, made(shaken.rows("L-1")))
	require.Equal(t, "welcome first-week reminder-ahead reminder-due notice-1 notice-2 notice-3 notice-1 notice-2 thank-you", treatments(calm.rows("L-1")))
	for _, i := range both {
		i.keptToTheRules("L-1")
		i.neverStuck("L-1")
		require.Equal(t, len(want), i.count(`select count(*) from outbox`), "no message left twice")
	}
}

// patientStrategies is the strategy of Tender but for the second reminder, which goes out a day earlier: on the due date
// itself it would lapse after a second or two, and a busy machine alone could be late by that.
func patientStrategies(t *testing.T) string {
	t.Helper()
	shipped, err := strategy.Load("")
	require.NoError(t, err)
	n := slices.IndexFunc(shipped, func(s *strategy.Strategy) bool { return s.Name == strategy.Default })
	text := strings.ReplaceAll(shipped[n].Text, "{name: reminder-due, days_before: 0, template: reminder-due}",
		"{name: reminder-due, days_before: 1, template: reminder-ahead}")
	require.NotEqual(t, shipped[n].Text, text)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "patient.yaml"), []byte(text), 0o600))
	return "TENDER_STRATEGIES=" + dir
}

// made returns the contacts that were made: step, template, channel and outcome. What is known never to have left is none.
func made(rows []sqlc.LoanContactsRow) (all []string) {
	for _, c := range rows {
		if c.Disposition != "" || c.Code == "" {
			all = append(all, fmt.Sprintf("%s: %s by %s: %s", named(c.StepKey), c.Template, c.Channel, c.Disposition))
		}
	}
	return all
}

// named is the key of a step, without the day in those that are named after the day on which a payment was seen: a worker
// that was away sees it later.
func named(key string) string {
	if treatment, _, _ := strings.Cut(key, "@"); treatment == "back-on-track" || treatment == "thank-you" {
		return treatment
	}
	return key
}

// treatments returns what was made, in a line.
func treatments(rows []sqlc.LoanContactsRow) string {
	var all []string
	for _, line := range made(rows) {
		step, _, _ := strings.Cut(line, ":")
		treatment, _, _ := strings.Cut(step, "@")
		all = append(all, treatment)
	}
	return strings.Join(all, " ")
}

// keptToTheRules checks each contact about a loan anew: the rules allow it at its moment after those before it, it lies
// within the hours, and not before the plan of the decision that asked for it.
func (i *installation) keptToTheRules(loan string) {
	i.t.Helper()
	rules, err := compliance.Shipped()
	require.NoError(i.t, err)
	decisions, err := i.store.LoanDecisions(i.t.Context(), loan)
	require.NoError(i.t, err)
	standing := contact.Standing{
		Borrower: "B-1", Zones: []string{"America/New_York"}, Preferred: contact.SMS,
		Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}, {ID: "mail", Channel: contact.Email}},
	}
	for _, c := range i.rows(loan) {
		what := fmt.Sprintf("%s at %s", c.StepKey, c.At.In(newYork).Format("Mon 2 Jan 15:04"))
		ruling := rules.For("us").Evaluate(standing, compliance.Proposal{
			At: c.At, Channel: contact.Channel(c.Channel), Point: c.Point, Purpose: contact.Purpose(c.Purpose), Loans: c.LoanIds,
		})
		require.True(i.t, ruling.Allowed(), "%s: %+v", what, ruling.Deciding())
		hour := c.At.In(newYork).Hour()
		require.True(i.t, 8 <= hour && hour < 21, what)
		plan := planned(i.t, decisions, c)
		require.False(i.t, plan.IsZero(), "%s: no decision asked for it", what)
		require.False(i.t, c.At.Before(plan), "%s: planned for %s", what, plan)
		if c.Disposition != "" || c.Code == "" {
			standing.Attempts = append(standing.Attempts, contact.Attempt{
				Key: c.Key, At: c.At, Channel: contact.Channel(c.Channel), Point: c.Point, Direction: contact.Outbound,
				Purpose: contact.Purpose(c.Purpose), Disposition: contact.Disposition(c.Disposition), Loans: c.LoanIds,
			})
		}
	}
}

// planned returns when the last decision before a contact had planned it.
func planned(t *testing.T, decisions []sqlc.LoanDecisionsRow, c sqlc.LoanContactsRow) (at time.Time) {
	t.Helper()
	for _, d := range decisions {
		var why strategy.Explanation
		require.NoError(t, json.Unmarshal(d.Body, &why))
		n := slices.IndexFunc(why.Considered, func(other strategy.Considered) bool {
			return other.Key == c.StepKey && other.Outcome == strategy.Chosen
		})
		if n >= 0 && !d.At.After(c.At) {
			at = why.Considered[n].Planned
		}
	}
	return at
}

// neverStuck checks that no workflow task of a loan failed: a worker that came back found its way every time.
func (i *installation) neverStuck(loan string) {
	i.t.Helper()
	history := i.temporal.GetWorkflowHistory(i.t.Context(), journey.WorkflowID(loan), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		e, err := history.Next()
		require.NoError(i.t, err)
		require.NotEqual(i.t, enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED, e.EventType, "%v", e)
	}
}
