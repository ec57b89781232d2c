package workflows_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
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

	// Both lives begin on the same morning.
	for _, i := range both {
		i.begin()
	}
	calm.first = max(calm.first, shaken.first)
	shaken.first = calm.first
	// of is the key of a step that belongs to a day of these lives.
	of := func(treatment string, days int) string { return treatment + "@" + calm.date(days).String() }
	// pay posts the same payment in both lives, at one in the morning: long before the date changes.
	pay := func(days int, amount string) {
		payment := calm.payment(amount)
		for _, i := range both {
			i.day(days, -8)
			i.happens("payment.posted", "loan/L-1", payment)
		}
	}
	for _, i := range both {
		i.day(0, 0)
		i.disburseOn("L-1", "B-1", i.date(0))
	}
	shaken.made("L-1", of("welcome", 0))
	arm("reserved")
	dies(of("first-week", 0))
	shaken.day(12, 0) // the first installment is due on day 10 and stays unpaid
	arm("sent")
	dies(of("notice-2", 10))
	shaken.day(18, 0)
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

// Two applicants are called back, and the same happens to both. The worker dies while one of them is served: before and after a task
// is assigned, while it waits, and while the lending system is told, before and after it heard.
func TestKillsChangeNothingInACallback(t *testing.T) {
	t.Parallel()
	program := workerProgram(t)
	heard := &notices{}
	lender := httptest.NewServer(heard)
	t.Cleanup(lender.Close)
	// A business hour takes 25 seconds: no evening comes while servers start, and a step that a slow machine gave up is soon tried again.
	i := install(t, 10*time.Minute, "TENDER_LENDER_URL="+lender.URL)
	worker := i.start(program, "TENDER_FAILPOINT=assigning")
	kills := 0
	// dies waits for the death at a fail point; kill kills the worker while the callback waits. Another takes over, to die in its turn.
	dies := func(place string) {
		i.dies(worker)
		worker = i.start(program, "TENDER_FAILPOINT="+place)
		kills++
	}
	kill := func(place string) {
		i.parked("application.A-1")
		require.NoError(t, worker.Kill())
		worker = i.start(program, "TENDER_FAILPOINT="+place)
		kills++
	}
	// attempt waits for the open task of an attempt, and completed reports of a call about it.
	attempt := func(application string, n int) (task string) {
		i.eventually(fmt.Sprintf("attempt %d at %s", n, application), func() bool {
			task = i.ask(`select key from tasks where loan_id = $1 and attempt = $2 and done_at is null`, event.ApplicationLoan(application), n)
			return task != ""
		})
		return task
	}
	completed := func(application, task, data string) {
		i.happens("call.completed", "application/"+application, fmt.Sprintf(`{"task": %q, %s}`, task, data))
	}
	// agesOut has nobody do a task in time.
	agesOut := func(task string) {
		i.exec(`update tasks set until_at = at where key = '` + task + `'`)
		_, err := i.door.AgeOnce(t.Context()) // unless a worker comes first
		require.NoError(t, err)
	}
	const vain, verified = `"disposition": "no_answer"`, `"disposition": "right_party", "application": {"outcome": "verified", "questions": ["when?"]}`

	i.applies("A-1", "B-1", "")
	i.dies(worker)
	require.Equal(t, "0", i.ask(`select count(*)::text from tasks`), "it died before")
	dies("assigned")
	task := attempt("A-1", 1)
	dies("")
	completed("A-1", task, vain)
	kill("assigned")
	agesOut(task)
	task = attempt("A-1", 2)
	dies("kept")
	completed("A-1", task, verified)
	i.dies(worker)
	require.Empty(t, heard.of("A-1"), "it died before")
	dies("told")
	dies("")
	require.Equal(t, "tender.preapproval verified, calls 2, questions 1", i.told("A-1"))

	i.applies("A-2", "B-2", "")
	task = attempt("A-2", 1)
	completed("A-2", task, vain)
	agesOut(task)
	completed("A-2", attempt("A-2", 2), verified)
	require.Equal(t, "tender.preapproval verified, calls 2, questions 1", i.told("A-2"))

	require.Equal(t, 6, kills)
	require.Len(t, heard.of("A-1"), 1, "once, by its identity, and word for word")
	for _, what := range []string{
		`select string_agg(concat_ws(' ', attempt, tries, disposition, done_at is not null), ', ' order by attempt) from tasks where loan_id = $1`,
		`select string_agg(concat_ws(' ', c.direction, c.channel, o.disposition), ', ' order by c.at, o.disposition) from contacts c join outcomes o on o.contact_key = c.key where c.loan_ids = array[$1]`,
		`select string_agg(concat_ws(' ', kind, data - 'application', told_at is not null), ', ') from notices where loan_id = $1`,
	} {
		require.Equal(t, i.ask(what, "application.A-2"), i.ask(what, "application.A-1"))
	}
	require.Equal(t, "1 1 aged_out t, 2 0 right_party t", i.ask(`select string_agg(concat_ws(' ', attempt, tries, disposition, done_at is not null), ', ' order by attempt) from tasks where loan_id = 'application.A-1'`),
		"one task for each attempt")
	i.neverStuck("application.A-1")
}

// notices are what a lending system was told, each once, however often it was told.
type notices struct {
	mu   sync.Mutex
	told map[string]bool
}

func (n *notices) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.told == nil {
		n.told = map[string]bool{}
	}
	n.told[string(body)] = true
}

// of returns what was told of an application, with the notice's identity.
func (n *notices) of(application string) (all []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for notice := range n.told {
		if strings.Contains(notice, `"application/`+application+`"`) {
			all = append(all, notice)
		}
	}
	return all
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
