package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/workflows"
)

// inLondon pays a loan out to somebody in London.
func (i *installation) inLondon(loan, borrower string) {
	i.t.Helper()
	now, err := i.store.Now(i.t.Context())
	require.NoError(i.t, err)
	i.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": %q, "name": "CANARY-name", "language": "en", "time_zones": ["Europe/London"], "jurisdiction": "gb",
			"preferred": "email", "points": [{"id": "mail", "channel": "email", "address": "canary@example.com"}]},
		"currency": "GBP", "principal": "300.00", "disbursed_on": %q, "time_zone": "Europe/London", "watermarks": false,
		"schedule": [{"due": %q, "principal": "300.00"}]}`, borrower, now.Format(time.DateOnly), now.AddDate(0, 6, 0).Format(time.DateOnly)))
}

// complaint reads what is known of a complaint.
func (i *installation) complaint(id string) (c complaint.Case) {
	i.t.Helper()
	row, err := i.store.ComplaintFor(context.WithoutCancel(i.t.Context()), id)
	require.NoError(i.t, err)
	require.NoError(i.t, json.Unmarshal(row.Facts, &c))
	return c
}

// reaches waits until a complaint is as it should be.
func (i *installation) reaches(id, what string, so func(complaint.Case) bool) {
	i.t.Helper()
	i.eventually("complaint "+id+" "+what, func() bool { return so(i.complaint(id)) })
}

// letters are the messages about a complaint that were sent, by treatment, in order.
func (i *installation) letters(id string) (all []string) {
	i.t.Helper()
	for _, row := range i.rows(event.ComplaintLoan(id)) {
		if contact.Disposition(row.Disposition).Made() {
			treatment, _, _ := strings.Cut(row.StepKey, "@")
			all = append(all, treatment)
		}
	}
	return all
}

// warned are the warnings about a complaint that the lender was given, as "deadline share".
func (i *installation) warned(id string) string {
	i.t.Helper()
	return i.ask(`select string_agg((data->>'deadline') || ' ' || (data->>'share'), ', ' order by at, key) from notices where kind = 'tender.complaint_due' and loan_id = $1`, event.ComplaintLoan(id))
}

// ends waits for the end of a complaint's workflow.
func (i *installation) ends(id string) {
	i.t.Helper()
	i.eventually("the workflow of complaint "+id+" ends", func() bool {
		d, err := i.temporal.DescribeWorkflowExecution(i.t.Context(), "complaint-"+id, "")
		return err == nil && d.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	})
}

func TestAComplaintIsHeardAnsweredAndFollowedUp(t *testing.T) {
	t.Parallel()
	i := install(t, 4*time.Second)
	i.work()
	i.inLondon("L-1", "B-1")
	i.happens("borrower.replied", "loan/L-1", `{"channel": "email", "point": "mail", "text": "I want to make a complaint about the way your agent spoke to me"}`)
	id := i.ask(`select id from complaints`)
	require.True(t, strings.HasPrefix(id, "reply-"), id)
	i.reaches(id, "is acknowledged", func(c complaint.Case) bool { return c.State() == complaint.Acknowledged })
	require.Equal(t, []string{"acknowledge"}, i.letters(id))
	require.Equal(t, "complaint_open", i.ask(`select string_agg(kind, ', ' order by kind) from borrower_holds where released_at is null`))

	about := "complaint/" + id
	i.happens("complaint.assigned", about, `{"to": "CANARY-bea", "kind": "conduct", "about": ["CANARY-carl"]}`)
	require.Equal(t, complaint.ComplaintsDesk, i.complaint(id).Level, "that is where such a complaint belongs")
	i.eventually("the borrower hears who has it", func() bool { return slices.Equal(i.letters(id), []string{"acknowledge", "step-up"}) })
	i.happens("complaint.noted", about, `{"text": "CANARY note", "by": "CANARY-bea"}`)
	i.eventually("Temporal shows where it stands", func() bool {
		found, err := i.temporal.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowId = 'complaint-%s' AND WorkflowType = '%s' AND Stage = 'investigating' AND ComplaintLevel = 'complaints_desk' AND OwnerRole = 'complaints_desk' AND DeadlineAt > '2026-01-01T00:00:00Z' AND %s",
				id, workflows.ComplaintWorkflow, courier.Query("gb")),
		})
		return err == nil && found.Count == 1
	})
	i.happens("complaint.resolved", about, `{"outcome": "upheld", "reasons": "CANARY reasons", "by": "CANARY-bea", "releases": true, "redress": [{"kind": "apology"}, {"kind": "fee_refund", "amount": "12.00", "currency": "GBP"}]}`)
	i.eventually("the answer goes out", func() bool { return slices.Equal(i.letters(id), []string{"acknowledge", "step-up", "answer"}) })
	require.Contains(t, i.ask(`select body from messages m join contacts c on c.key = m.contact_key where c.step_key like 'answer@%'`), "CANARY reasons")
	require.Equal(t, "", i.ask(`select string_agg(kind, ', ' order by kind) from borrower_holds where released_at is null`), "collection goes on, as bea decided")
	i.eventually("the lending system is told of the redress", func() bool {
		return i.ask(`select string_agg((data->>'redress') || coalesce(' ' || (data->>'amount') || ' ' || (data->>'currency'), ''), ', ' order by key) from notices where kind = 'tender.redress'`) != "" &&
			i.count(`select count(*) from notices where kind = 'tender.redress'`) == 2
	})

	i.reaches(id, "is closed, for nobody objected", func(c complaint.Case) bool { return c.How == complaint.Unopposed })
	i.eventually("the borrower is asked how it was handled", func() bool { return slices.Contains(i.letters(id), complaint.Surveyed) })
	i.happens("borrower.replied", "borrower/B-1", `{"channel": "email", "point": "mail", "text": "1 it was rude again"}`)
	i.reaches(id, "is opened again, one level up", func(c complaint.Case) bool {
		return c.Reopened == 1 && c.Level == complaint.IndependentReviewer && c.State() == complaint.Escalated && c.Satisfied == 0
	})
	require.Equal(t, "complaint_open", i.ask(`select string_agg(kind, ', ' order by kind) from borrower_holds where released_at is null`))
	_, err := i.door.Take(t.Context(), i.cloudEvent("complaint.assigned", about, `{"to": "CANARY-bea"}`), "test")
	require.ErrorContains(t, err, "data.to: CANARY-bea had complaint "+id)
	i.happens("complaint.withdrawn", about, `{"text": "CANARY enough"}`)
	i.ends(id)
	require.Equal(t, "withdrawn", i.letters(id)[len(i.letters(id))-1])

	// Its workflow has ended; whoever brings it up again takes it up where it was.
	i.happens("complaint.reopened", about, `{"why": "not_settled", "text": "CANARY"}`)
	i.happens("complaint.resolved", about, `{"outcome": "rejected", "reasons": "CANARY no", "by": "CANARY-dora", "releases": true}`)
	i.happens("complaint.closed", about, `{"how": "confirmed"}`)
	i.reaches(id, "is closed", func(c complaint.Case) bool {
		return c.How == complaint.Confirmed && c.Answer.Outcome == complaint.Rejected
	})
	i.eventually("the journey of the loan knows", func() bool { return i.knows("L-1").HeededAsks })
	i.ends(id)
	require.Equal(t, "1", i.ask(`select count(*)::text from loans where kind = 'loan'`))
	requireNothingPersonal(t, i, "complaint-"+id)
}

// requireNothingPersonal reads the history of a workflow.
func requireNothingPersonal(t *testing.T, i *installation, workflow string) {
	t.Helper()
	runs := 0
	iterator := i.temporal.GetWorkflowHistory(t.Context(), workflow, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iterator.HasNext() {
		e, err := iterator.Next()
		require.NoError(t, err)
		text := e.String()
		require.NotContains(t, text, "CANARY")
		require.NotContains(t, text, "canary@")
		runs++
	}
	require.NotZero(t, runs)
}

// A complaint is looked into for eight weeks, on one level after the other, and nobody comes to an answer. All the while the worker is
// killed at the moments that matter, and Temporal too.
func TestKillsLoseNoNoticeAndNoDeadlineOfAComplaint(t *testing.T) {
	t.Parallel()
	program := workerProgram(t)
	stack, err := devstack.Start(t.Context(), devstack.Options{Ephemeral: true, WithoutPostgres: true, Fast: true, Log: io.Discard})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	i := installAt(t, stack.TemporalAddress, devstacktest.Postgres(t), 3*time.Second)
	worker := i.start(program)
	kills := 0
	i.begin()
	i.inLondon("L-1", "B-1")
	// dies has the worker that is at work die, and the next one at a place, after which another takes over.
	dies := func(place string) {
		require.NoError(t, worker.Kill())
		worker = i.start(program, "TENDER_FAILPOINT="+place)
		i.dies(worker)
		worker = i.start(program)
		kills += 2
	}
	// restarts kills Temporal, and the worker with it, and starts both again.
	restarts := func() {
		require.NoError(t, stack.Temporal.Kill())
		require.NoError(t, worker.Kill())
		require.NoError(t, stack.Temporal.Start(t.Context()))
		worker = i.start(program)
		i.polled()
		kills += 2
	}
	// climbs waits until the complaint is on a level, and the borrower has heard.
	climbs := func(to complaint.Level, letters int) {
		i.reaches("C-1", "climbs to "+string(to), func(c complaint.Case) bool { return c.Level == to })
		i.eventually("the borrower hears of it", func() bool { return len(i.letters("C-1")) >= letters })
	}

	// looksInto has somebody take the complaint up, and write something down.
	looksInto := func(who string) {
		i.happens("complaint.assigned", "complaint/C-1", fmt.Sprintf(`{"to": %q}`, who))
		i.happens("complaint.noted", "complaint/C-1", fmt.Sprintf(`{"text": "still looking", "by": %q}`, who))
		require.Equal(t, complaint.Investigating, i.complaint("C-1").State())
	}

	i.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`)
	climbs(complaint.FrontLine, 1)
	looksInto("anna")
	dies("recorded") // at the end of the third business day
	climbs(complaint.ComplaintsDesk, 2)
	looksInto("bea")
	restarts()
	dies("kept") // while the lender is warned
	dies("recording")
	climbs(complaint.IndependentReviewer, 3)
	looksInto("rex")
	restarts()
	dies("sent") // while the borrower is told that it has climbed
	climbs(complaint.Compliance, 4)
	looksInto("dora")
	restarts()
	i.eventually("the borrower hears that it is late", func() bool { return slices.Contains(i.letters("C-1"), "overdue") })
	require.Equal(t, complaint.Investigating, i.complaint("C-1").State(), "it is late, and not closed")
	i.happens("complaint.resolved", "complaint/C-1", `{"outcome": "partly_upheld", "reasons": "so it is", "by": "dora"}`)
	i.eventually("the answer goes out", func() bool { return slices.Contains(i.letters("C-1"), "answer") })

	c := i.complaint("C-1")
	require.True(t, c.Answer.Late)
	require.Equal(t, []string{"acknowledge", "step-up", "step-up", "step-up", "overdue", "answer"}, i.letters("C-1"), "each notice once, %d kills", kills)
	require.Equal(t, len(i.letters("C-1")), i.count(`select count(*) from outbox where key in (select key from contacts where 'complaint.C-1' = any (loan_ids))`), "and none left twice")
	require.Len(t, c.Steps, 3)
	for n, step := range c.Steps {
		due := c.Clocks[slices.IndexFunc(c.Clocks, func(d complaint.Deadline) bool { return d.ID == step.Why })]
		require.Equal(t, complaint.Levels[n+1], step.To)
		require.False(t, step.At.Before(due.At), "%s was not over yet", step.Why)
		require.Less(t, step.At.Sub(due.At), 5*24*time.Hour, "%s: a deadline is kept, but for the time in which nothing ran", step.Why)
	}
	warned := strings.Split(i.warned("C-1"), ", ")
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(warned))), len(warned), "no warning comes twice: %v", warned)
	for _, one := range []string{"final_response 50", "final_response 80", "final_response 100"} {
		require.Contains(t, warned, one)
	}
	require.Equal(t, 1, i.count(`select count(*) from events where type = 'complaint.raised'`))
	require.Equal(t, 3, i.count(`select count(*) from events where type = 'complaint.escalated'`))
	require.GreaterOrEqual(t, kills, 14)
}

// TestRecordComplaints keeps the histories of four complaints on real servers. It does nothing without the flag -record.
func TestRecordComplaints(t *testing.T) {
	if *record == "" {
		return
	}
	i := install(t, 2*time.Second)
	i.work()
	all := []string{"settled", "climbs", "withdrawn", "again"}
	for _, id := range all {
		i.inLondon("L-"+id, "B-"+id)
		i.happens("complaint.raised", "loan/L-"+id, fmt.Sprintf(`{"complaint": %q, "kind": "service", "text": "CANARY"}`, id))
		i.reaches(id, "is acknowledged", func(c complaint.Case) bool { return !c.Acknowledged.IsZero() })
	}
	i.happens("complaint.assigned", "complaint/settled", `{"to": "anna", "kind": "conduct"}`)
	i.happens("complaint.noted", "complaint/settled", `{"text": "CANARY"}`)
	i.happens("complaint.resolved", "complaint/settled", `{"outcome": "upheld", "reasons": "CANARY", "releases": true, "redress": [{"kind": "fee_refund", "amount": "5.00", "currency": "GBP"}]}`)
	i.happens("complaint.withdrawn", "complaint/withdrawn", `{}`)
	i.happens("complaint.resolved", "complaint/again", `{"outcome": "rejected", "reasons": "CANARY"}`)
	i.eventually("the answer goes out", func() bool { return slices.Contains(i.letters("again"), "answer") })
	i.happens("complaint.reopened", "complaint/again", `{"text": "CANARY"}`)
	i.happens("complaint.resolved", "complaint/again", `{"outcome": "upheld", "reasons": "CANARY", "by": "dora"}`)
	i.happens("complaint.closed", "complaint/again", `{"how": "confirmed"}`)
	i.eventually("it has climbed to the top", func() bool { return slices.Contains(i.letters("climbs"), "overdue") })
	i.happens("complaint.resolved", "complaint/climbs", `{"outcome": "partly_upheld", "reasons": "CANARY", "by": "dora"}`)
	for _, id := range all {
		i.ends(id)
		keep(t, i, event.ComplaintLoan(id))
	}
}
