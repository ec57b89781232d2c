package workflows_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/worklist"
	"github.com/tender-engine/tender/workflows"
)

// applies has an application pre-approved.
func (i *installation) applies(id, borrower, more string) {
	i.t.Helper()
	i.happens("application.preapproved", "application/"+id, fmt.Sprintf(`{
		"borrower": {"id": %q, "name": "CANARY-name", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"points": [{"id": "home", "channel": "call", "address": "+12125550143"}]},
		"product": "installment_12", "currency": "USD", "amount": "1000.00", "total": "1090.00", "installments": 12%s}`, borrower, more))
}

// ask asks Postgres for one text.
func (i *installation) ask(query string, args ...any) (answer string) {
	i.t.Helper()
	db, err := pgx.Connect(context.WithoutCancel(i.t.Context()), i.settings.DatabaseURL)
	require.NoError(i.t, err)
	defer func() { _ = db.Close(context.WithoutCancel(i.t.Context())) }()
	require.NoError(i.t, db.QueryRow(context.WithoutCancel(i.t.Context()), "select coalesce(("+query+"), '')::text", args...).Scan(&answer))
	return answer
}

// toCall waits for the task to call an applicant, and returns its id.
func (i *installation) toCall(application string) (task string) {
	i.t.Helper()
	i.eventually("a person is to call "+application, func() bool {
		task = i.ask(`select key from tasks where loan_id = $1 and done_at is null and reason = 'preapproval'`, event.ApplicationLoan(application))
		return task != ""
	})
	return task
}

// told waits for what the lending system is told of an application, and for the end of its workflow.
func (i *installation) told(application string) (notice string) {
	i.t.Helper()
	i.eventually("the lending system is told of "+application, func() bool {
		notice = i.ask(`select kind || ' ' || (data ->> 'outcome') || ', calls ' || (data ->> 'calls') || ', questions ' || (data ->> 'questions') from notices where loan_id = $1`,
			event.ApplicationLoan(application))
		return notice != ""
	})
	i.eventually("the workflow of "+application+" ends", func() bool {
		d, err := i.temporal.DescribeWorkflowExecution(i.t.Context(), "preapproval-"+application, "")
		return err == nil && d.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED &&
			d.WorkflowExecutionInfo.Type.Name == workflows.PreapprovalWorkflow
	})
	return notice
}

// knows asks the journey of a loan what it knows of its application.
func (i *installation) knows(loan string) (j journey.Journey) {
	i.t.Helper()
	answer, err := i.temporal.QueryWorkflow(i.t.Context(), journey.WorkflowID(loan), "", workflows.JourneyQuery)
	require.NoError(i.t, err)
	require.NoError(i.t, answer.Get(&j))
	return j
}

func (i *installation) disburseAfter(loan, borrower, application string) {
	i.t.Helper()
	now, err := i.store.Now(i.t.Context())
	require.NoError(i.t, err)
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(i.t, err)
	on := now.In(zone).Format(time.DateOnly)
	due := now.In(zone).AddDate(0, 1, 0).Format(time.DateOnly)
	i.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{"borrower": {"id": %q}, "currency": "USD", "principal": "100.00", "disbursed_on": %q,
		"time_zone": "America/New_York", "watermarks": false, "application": %q, "schedule": [{"due": %q, "principal": "100.00"}]}`, borrower, on, application, due))
}

func TestAnApplicantIsCalledBackAndTheLoanKnows(t *testing.T) {
	t.Parallel()
	i := install(t, 4*time.Second)
	i.work()
	i.applies("A-1", "B-1", "")
	i.applies("A-2", "B-2", "")

	task := i.toCall("A-1")
	i.happens("call.completed", "application/A-1", fmt.Sprintf(`{"task": %q, "disposition": "no_answer"}`, task))
	i.happens("call.completed", "application/A-1", fmt.Sprintf(`{"task": %q, "disposition": "right_party",
		"application": {"outcome": "verified", "questions": ["CANARY when?", "CANARY how much?"]}}`, task))
	require.Equal(t, "tender.preapproval verified, calls 2, questions 2", i.told("A-1"))
	i.disburseAfter("L-1", "B-1", "A-1")
	require.Equal(t, event.IsVerified, i.knows("L-1").Verified)
	require.Equal(t, "A-1", i.knows("L-1").Applied)

	// An agent takes the task from the worklist, within the hours, and is told what to say: whom they speak to first.
	i.toCall("A-2")
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	desk := &worklist.Desk{Store: i.store, Rules: rules, Lender: "Example Lender"}
	var handed worklist.Handed
	i.eventually("an agent is handed the call, and dials", func() bool {
		var err error
		if handed, err = desk.Next(t.Context(), "amy", worklist.Lease); err != nil || handed.Task == nil {
			return false
		}
		_, err = desk.Dial(t.Context(), handed.Task.ID, "amy") // refused where the hours have ended since: the task is back on the list
		return err == nil
	})
	require.Equal(t, "application.A-2", handed.Task.Loan, "it comes first")
	script := handed.Task.Details.Script
	require.Equal(t, "preapproval", script.Script)
	require.NotContains(t, strings.Join(script.Identity, " ")+script.Voicemail+script.ThirdParty, "$")
	require.Contains(t, strings.Join(script.Say, " "), "You would get $1,000.00 and pay back $1,090.00 in all")
	i.happens("call.completed", "application/A-2", fmt.Sprintf(`{"task": %q, "agent": "amy", "disposition": "right_party", "application": {"outcome": "suspected_fraud"}}`, handed.Task.ID))
	require.Equal(t, "tender.preapproval suspected_fraud, calls 1, questions 0", i.told("A-2"))

	// That it may be a fraud is told whenever it is found, and in whatever way.
	i.happens("call.completed", "application/A-1", fmt.Sprintf(`{"task": %q, "disposition": "right_party", "application": {"outcome": "suspected_fraud"}}`, task))
	i.eventually("the lending system is told again", func() bool {
		return i.ask(`select string_agg(data ->> 'outcome', ', ' order by at) from notices where loan_id = 'application.A-1'`) == "verified, suspected_fraud"
	})
	i.applies("A-5", "B-5", "")
	i.toCall("A-5")
	i.happens("borrower.replied", "borrower/B-5", `{"channel": "sms", "text": "I never applied for this loan"}`)
	require.Equal(t, "tender.preapproval suspected_fraud, calls 0, questions 0", i.told("A-5"), "the applicant says so")
	require.Equal(t, "fraud", i.ask(`select reason from tasks where loan_id = 'application.A-5' and reason <> 'preapproval'`), "and a person looks into it")
	i.disburseAfter("L-5", "B-5", "A-5")
	require.Equal(t, event.IsSuspected, i.knows("L-5").Verified)

	// A hold that ends frees the call.
	i.applies("A-6", "B-6", "")
	i.toCall("A-6")
	i.happens("hold.placed", "borrower/B-6", `{"hold": "H-6", "kind": "incapacity"}`)
	i.applies("A-7", "B-6", "")
	i.eventually("the hold is found to stop the call", func() bool {
		return i.ask(`select next_reason from loans where id = 'application.A-7'`) == "hold" &&
			i.ask(`select step_key from held_back where loan_id = 'application.A-7' and rule = 'tender/hold'`) == "verify@A-7"
	})
	i.happens("hold.released", "borrower/B-6", `{"hold": "H-6"}`)
	i.toCall("A-7")
	i.happens("borrower.died", "borrower/B-6", `{"on": "2026-01-01"}`)
	require.Equal(t, "tender.preapproval unreachable, calls 0, questions 0", i.told("A-6"))

	i.applies("A-3", "B-3", "")
	i.toCall("A-3")
	i.eventually("what sweeps the journeys of a region reaches applications too", func() bool {
		found, err := i.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowId = 'preapproval-A-3' AND " + courier.Query("us")})
		return err == nil && found.Count == 1
	})
	i.disburseAfter("L-3", "B-3", "A-3")
	require.Equal(t, "tender.preapproval open, calls 0, questions 0", i.told("A-3"), "there is nobody to call back any more")
	require.Equal(t, event.IsOpen, i.knows("L-3").Verified)

	i.disburseAfter("L-4", "B-1", "A-none")
	require.Empty(t, i.knows("L-4").Verified, "a lender need not tell of applications")
	require.Equal(t, "4", i.ask(`select count(*)::text from loans where kind = 'loan'`))
}

func TestAnApplicantWhoCannotBeReachedIsSoTold(t *testing.T) {
	t.Parallel()
	i := install(t, 2*time.Second)
	i.work()
	now, err := i.store.Now(t.Context())
	require.NoError(t, err)
	i.applies("A-1", "B-1", fmt.Sprintf(`, "until": %q`, now.AddDate(0, 0, 12).Format(time.RFC3339)))
	i.applies("A-2", "B-2", "")
	i.applies("A-3", "B-3", "")
	task := i.toCall("A-2")
	for range 3 {
		i.happens("call.completed", "application/A-2", fmt.Sprintf(`{"task": %q, "disposition": "no_answer"}`, task))
	}
	require.Equal(t, "tender.preapproval unreachable, calls 3, questions 0", i.told("A-2"))
	i.toCall("A-3")
	i.happens("application.withdrawn", "application/A-3", `{"reason": "changed_mind"}`)
	require.Equal(t, "tender.preapproval withdrawn, calls 0, questions 0", i.told("A-3"))
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	desk := &worklist.Desk{Store: i.store, Rules: rules, Lender: "Example Lender"}
	open, err := desk.List(t.Context(), worklist.Filter{Loan: "application.A-3", Most: 10})
	require.NoError(t, err)
	require.Empty(t, open, "nobody is to call who withdrew")
	all, err := desk.List(t.Context(), worklist.Filter{Loan: "application.A-3", Every: true, Most: 10})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.True(t, all[0].Needless, "and so it is not handed out")
	require.Equal(t, "tender.preapproval unreachable, calls 0, questions 0", i.told("A-1"), "the approval holds no longer")
}

// TestRecordCallbacks keeps the histories of five callbacks on real servers. It does nothing without the flag -record.
func TestRecordCallbacks(t *testing.T) {
	if *record == "" {
		return
	}
	i := install(t, 4*time.Second)
	i.work()
	for n, id := range []string{"verified", "suspected", "unreachable", "withdrawn", "disbursed"} {
		i.applies(id, fmt.Sprintf("B-%d", n), "")
	}
	called := func(application, data string) {
		task := i.toCall(application)
		i.happens("call.completed", "application/"+application, fmt.Sprintf(`{"task": %q, %s}`, task, data))
	}
	called("suspected", `"disposition": "third_party", "application": {"outcome": "suspected_fraud"}`)
	called("verified", `"disposition": "no_answer"`)
	called("unreachable", `"disposition": "voicemail"`)
	called("verified", fmt.Sprintf(`"disposition": "callback", "callback_at": %q`, i.now().Add(20*time.Hour).Format(time.RFC3339)))
	i.happens("application.withdrawn", "application/withdrawn", `{"reason": "changed_mind"}`)
	i.disburseAfter("L-1", "B-4", "disbursed")
	called("unreachable", `"disposition": "no_answer"`)
	called("unreachable", `"disposition": "no_answer"`)
	i.day(4, 0)
	called("verified", `"disposition": "right_party", "application": {"outcome": "verified", "questions": ["CANARY when?"]}`)
	for _, id := range []string{"verified", "suspected", "unreachable", "withdrawn", "disbursed"} {
		i.told(id)
		keep(t, i, event.ApplicationLoan(id))
	}
}
