package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
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
