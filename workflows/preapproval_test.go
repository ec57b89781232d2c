package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/worklist"
)

// listener is a lending system that keeps what it is told.
type listener struct {
	mu   sync.Mutex
	told []map[string]any
	// deaf is how many of the first notices it does not take.
	deaf int
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf > 0 {
		l.deaf--
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	}
	var notice map[string]any
	if json.NewDecoder(r.Body).Decode(&notice) == nil {
		l.told = append(l.told, notice)
	}
}

// heard returns the notices about an application.
func (l *listener) heard(application string) (all []map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, notice := range l.told {
		if notice["subject"] == "application/"+application {
			all = append(all, notice)
		}
	}
	return all
}

// calling is an installation with people who call applicants.
type calling struct {
	*installation
	listener *listener
	desk     *worklist.Desk
	// sent are the data of applications, by their ids.
	sent map[string]string
}

func answering(t *testing.T, day time.Duration, deaf int) *calling {
	t.Helper()
	l := &listener{deaf: deaf}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	i := install(t, day, "TENDER_LENDER_URL="+server.URL)
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	return &calling{i, l, &worklist.Desk{Store: i.store, Rules: rules, Lender: "Example Lender"}, map[string]string{}}
}

// application is the data of an application.preapproved whose offer lapses after some days.
func (c *calling) application(borrower string, days int) string {
	until := c.now().AddDate(0, 0, days).UTC().Truncate(time.Second)
	return fmt.Sprintf(`{"borrower": {"id": %q, "name": "CANARY-name", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
		"points": [{"id": "mobile", "channel": "call", "address": "+12125550142"}]}, "product": "installment_12", "currency": "USD", "amount": "600.00",
		"offer": {"installments": 12, "total_cost": "37.50", "first_due": "2026-03-10"}, "until": %q, "time_zone": "America/New_York"}`,
		borrower, until.Format(time.RFC3339))
}

// preapprove has an application pre-approved.
func (c *calling) preapprove(application, borrower string, days int) preapproval.Answer {
	c.t.Helper()
	c.sent[application] = c.application(borrower, days)
	result, err := c.door.Take(c.t.Context(), c.cloudEvent("application.preapproved", "application/"+application, c.sent[application]), "test")
	require.NoError(c.t, err)
	require.Len(c.t, result.Applications, 1)
	return result.Applications[0].Answer
}

// task waits for the open task of an application.
func (c *calling) task(application string) (task worklist.Task) {
	c.t.Helper()
	c.eventually("a task about "+application, func() bool {
		all, err := c.desk.List(context.Background(), worklist.Filter{Application: application, Most: 1})
		if err != nil || len(all) == 0 {
			return false
		}
		task = all[0]
		return true
	})
	return task
}

// says sends what a person says of a call.
func (c *calling) says(task worklist.Task, rest string) {
	c.t.Helper()
	_, err := c.door.Take(c.t.Context(), c.cloudEvent("call.completed", "application/"+task.Application, fmt.Sprintf(`{"task": %q, %s}`, task.ID, rest)), "test")
	require.NoError(c.t, err)
}

// row is an application as Postgres has it.
func (c *calling) row(application string) sqlc.Application {
	c.t.Helper()
	row, err := c.store.ApplicationFor(context.WithoutCancel(c.t.Context()), application)
	require.NoError(c.t, err)
	return row
}

// ends waits for the end of a pre-approval's workflow, and returns what it came to.
func (c *calling) ends(application string) event.Verdict {
	c.t.Helper()
	c.eventually("the pre-approval of "+application+" ends", func() bool {
		d, err := c.temporal.DescribeWorkflowExecution(context.Background(), preapproval.WorkflowID(application), "")
		return err == nil && d.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	})
	open, err := c.desk.List(context.Background(), worklist.Filter{Application: application, Most: 10})
	require.NoError(c.t, err)
	require.Empty(c.t, open, "nobody has anything to do about %s any more", application)
	return event.Verdict(c.row(application).Verdict)
}

// told is what the lending system was told of an application, which is one thing.
func (c *calling) told(application string) map[string]any {
	c.t.Helper()
	c.eventually("the lending system is told", func() bool { return len(c.listener.heard(application)) > 0 })
	heard := c.listener.heard(application)
	require.Len(c.t, heard, 1)
	require.Equal(c.t, "tender.preapproval", heard[0]["type"])
	data, ok := heard[0]["data"].(map[string]any)
	require.True(c.t, ok)
	require.Equal(c.t, application, data["application"])
	return data
}

func TestAnApplicantIsVerifiedAndTheLendingSystemIsTold(t *testing.T) {
	t.Parallel()
	c := answering(t, 4*time.Second, 2)
	c.work()
	answer := c.preapprove("A-1", "B-1", 30)
	require.Equal(t, "A-1", answer.Application)
	task := c.task("A-1")
	require.Equal(t, "preapproval@A-1", task.Step)
	require.Equal(t, "preapproval", task.Reason)
	require.Equal(t, preapproval.Purpose, task.Purpose)
	require.Empty(t, task.Loan)
	require.Equal(t, 30, task.Priority)
	shown, err := c.desk.Show(t.Context(), task.ID)
	require.NoError(t, err)
	require.Equal(t, "preapproval", shown.Script.Script)
	require.Contains(t, strings.Join(shown.Script.Say, " "), "$37.50 in all")

	c.says(task, `"disposition": "no_answer"`)
	c.eventually("it is noted", func() bool { return c.row("A-1").Attempts == 1 })
	c.says(task, `"disposition": "right_party", "finding": "verified", "questions": ["CANARY: may I pay early?", "CANARY: what if I am ill?"]`)

	require.Equal(t, event.Verified, c.ends("A-1"))
	told := c.told("A-1")
	require.Equal(t, "verified", told["verdict"])
	require.EqualValues(t, 2, told["attempts"])
	require.EqualValues(t, 2, told["questions"])
	require.NotContains(t, fmt.Sprint(told), "CANARY")
	require.NotContains(t, historyOf(t, c.temporal, preapproval.WorkflowID("A-1")).String(), "CANARY", "what the applicant asked stays in Postgres")
	result, err := c.door.Take(t.Context(), c.cloudEvent("application.preapproved", "application/A-1", c.sent["A-1"]), "test")
	require.NoError(t, err)
	require.Equal(t, preapproval.Answer{Application: "A-1", State: preapproval.Closed, Verdict: event.Verified}, result.Applications[0].Answer, "the same again changes nothing")
	require.Len(t, c.listener.heard("A-1"), 1)
}
