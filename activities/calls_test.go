package activities_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// task orders a task that would have a person contact the borrower, made on all events that there are.
func (o *office) task(loan string) journey.Order {
	o.Helper()
	order := o.order("B-1", loan, "notice-1@2026-01-12", contact.SMS)
	order.Step = journey.Step{
		Kind: journey.Task, Key: order.Step.Key, At: noon, Reason: "no_channel", Purpose: contact.Collection, Activity: journey.AssignTask, Queue: journey.Queue,
	}
	return order
}

func TestATaskToCallIsHeldBackWhileARuleForbidsTheCall(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	before := o.task("L-1")
	o.happens("contact.recorded", "loan/L-1", `{"contact": "K", "channel": "call", "direction": "inbound", "purpose": "reply", "disposition": "right_party"}`)

	superseded, err := o.calls().AssignTask(t.Context(), before)
	require.NoError(t, err)
	require.Equal(t, journey.ResultSuperseded, superseded.Result, "the decision did not know of the conversation")
	held, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultHeld, held.Result)
	require.Equal(t, "us-federal/call-after-conversation", held.Code)
	var tasks, kept int
	require.NoError(t, o.sql.QueryRow(t.Context(), `select (select count(*) from tasks), (select count(*) from held_back)`).Scan(&tasks, &kept))
	require.Zero(t, tasks)
	require.Equal(t, 1, kept, "it is to be explained")
}

func TestATaskNamesTheRuleThatForbidsACallForGood(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP. Do not call me either."}`)
	given, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultAssigned, given.Result, "somebody has to see to it, by another way")
	var rule string
	require.NoError(t, o.sql.QueryRow(t.Context(), `select rule from tasks`).Scan(&rule))
	require.Equal(t, "tender/opt-out", rule)
	again, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	require.Equal(t, given.Contact, again.Contact, "given once")
}

func TestATaskIsGivenWhenACallIsAllowed(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	given, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultAssigned, given.Result)
	var rule string
	require.NoError(t, o.sql.QueryRow(t.Context(), `select rule from tasks`).Scan(&rule))
	require.Empty(t, rule)
}

// exec changes the database behind everybody's back.
func (o *office) exec(sql string, args ...any) {
	o.Helper()
	_, err := o.sql.Exec(o.Context(), sql, args...)
	require.NoError(o, err)
}

func TestATaskThatAgedOutIsGivenAnewAsAnotherOne(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	first, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	o.exec(`update tasks set done_at = now(), disposition = 'aged_out'`)
	late, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultExpired, late.Result, "the same decision is answered: its task is over")
	anew := o.task("L-1")
	anew.Seq++
	second, err := o.calls().AssignTask(t.Context(), anew)
	require.NoError(t, err)
	require.Equal(t, journey.ResultAssigned, second.Result)
	require.Equal(t, first.Contact+"-2", second.Contact)
	again, err := o.calls().AssignTask(t.Context(), anew)
	require.NoError(t, err)
	require.Equal(t, second.Contact, again.Contact, "given once")
}

func TestATaskThatWasDoneBeforeItsAssignmentWasAnsweredIsNotLeftOpen(t *testing.T) {
	t.Parallel()
	for disposition, result := range map[string]journey.Result{
		"right_party": journey.ResultReached, "no_answer": journey.ResultUnreachable, "deceased": journey.ResultUnreachable, "seen_to": journey.ResultSeenTo,
	} {
		o := openWithLoan(t)
		given, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
		require.NoError(t, err)
		o.exec(`update tasks set done_at = now(), disposition = $1`, disposition)
		answered, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
		require.NoError(t, err)
		require.Equal(t, result, answered.Result, disposition)
		require.Equal(t, given.Contact, answered.Contact)
	}
}

func TestATaskWaitsAsItsOrderSays(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	order := o.task("L-1")
	order.Step.Worklist = &journey.Assignment{Priority: 77, Until: noon.AddDate(0, 0, 3), Tries: 5}
	_, err := o.calls().AssignTask(t.Context(), order)
	require.NoError(t, err)
	o.borrow("B-2", "L-2")
	before := o.task("L-2") // an order of before says nothing
	before.Borrower = "B-2"
	_, err = o.calls().AssignTask(t.Context(), before)
	require.NoError(t, err)
	rows, err := o.store.ListTasks(t.Context(), sqlc.ListTasksParams{Most: 10})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	first, second := rows[0].Task, rows[1].Task
	require.Equal(t, []any{int32(77), int32(5), "collection", true}, []any{first.Priority, first.MostTries, first.Purpose, first.Calls})
	require.True(t, first.UntilAt.Equal(noon.AddDate(0, 0, 3)))
	require.Equal(t, []any{int32(20), int32(3)}, []any{second.Priority, second.MostTries})
	require.True(t, second.UntilAt.After(noon.AddDate(0, 0, 13)))
}

func TestHardshipThatWasToldInACallIsWhatADecisionKnows(t *testing.T) {
	t.Parallel()
	for name, about := range map[string]func(*office) (journey.Order, string){
		"about the loan": func(o *office) (journey.Order, string) { return o.task("L-1"), "loan/L-1" },
		"about a complaint of it": func(o *office) (journey.Order, string) {
			o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`)
			order := o.task(event.ComplaintLoan("C-1"))
			order.Step.Key, order.Step.Purpose = "acknowledge@C-1.1", contact.ComplaintReply
			return order, "complaint/C-1"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			order, subject := about(o)
			given, err := o.calls().AssignTask(t.Context(), order)
			require.NoError(t, err)
			o.happens("call.completed", subject, fmt.Sprintf(`{"task": %q, "disposition": "hardship", "hardship": {"cause": "illness", "expected_months": 3,
				"income": {"amount": "900.00", "currency": "USD"}, "essential_costs": {"amount": "820.00", "currency": "USD"}}}`, given.Contact))
			facts := o.facts("L-1")
			require.Equal(t, hardship.Illness, facts.Hardship.Cause)
			require.Equal(t, 3, facts.Hardship.Months)
			require.Equal(t, "900.00", facts.Hardship.Income.Amount.String())
		})
	}
}

// What a decision says of a task stands on the worklist until another one says otherwise.
func TestADecisionTakesNeedlessTasksOffTheWorklist(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	given, err := o.calls().AssignTask(t.Context(), o.task("L-1"))
	require.NoError(t, err)
	note := func(found ...strategy.TaskFound) (needless bool, rests *time.Time) {
		text, err := json.Marshal(found)
		require.NoError(t, err)
		require.NoError(t, o.store.NoteTasks(t.Context(), sqlc.NoteTasksParams{LoanID: "L-1", Found: text}))
		row, err := o.store.TaskFor(t.Context(), given.Contact)
		require.NoError(t, err)
		return row.Task.Needless, row.Task.RestsUntil
	}
	needless, _ := note(strategy.TaskFound{Task: given.Contact, Needless: true})
	require.True(t, needless)
	needless, rests := note(strategy.TaskFound{Task: given.Contact, RestsUntil: noon})
	require.False(t, needless)
	require.True(t, rests.Equal(noon))
	_, rests = note(strategy.TaskFound{Task: given.Contact}, strategy.TaskFound{Task: "of-another-loan", Needless: true})
	require.Nil(t, rests)
}
