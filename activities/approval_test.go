package activities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// seldom is a lender's rulebook that advises against any message about arrears without a consent in writing.
const seldom = `rulebook: seldom
version: 2026-01-01
title: Seldom
jurisdictions: [us]
rules:
  - id: in-writing
    title: Only with a consent in writing
    citation: the lender's policy
    confidence: C1
    strength: soft
    purposes: [collection]
    consent: {written: true}
`

// advised returns the activities of an installation whose lender has such a rulebook.
func (o *office) advised() *activities.Outreach {
	o.Helper()
	dir := o.TempDir()
	require.NoError(o, os.WriteFile(filepath.Join(dir, "seldom.yaml"), []byte(seldom), 0o600))
	worker := o.worker()
	var err error
	worker.Rules, err = compliance.Load(dir)
	require.NoError(o, err)
	return worker
}

// question is the step that asks for approval of another.
func (o *office) question(of journey.Order) journey.Order {
	q := of
	q.Step = journey.Step{
		Kind: journey.Task, Key: "approve-" + of.Step.Key, At: noon, Reason: "needs_approval", Activity: journey.AssignTask, Queue: journey.Queue,
		Approval: &journey.Approval{Step: of.Step.Key, Rules: []string{"seldom/in-writing"}, Channel: of.Step.Channel, Until: noon.Add(72 * time.Hour)},
	}
	return q
}

func TestAMessageThatNeedsApprovalLeavesOnceItIsApprovedOf(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	worker := o.advised()
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)

	held := o.do(worker, order)
	require.Equal(t, journey.ResultHeld, held.Result)
	require.Equal(t, "seldom/in-writing", held.Code)
	calls := o.calls()
	asked, err := calls.AssignTask(t.Context(), o.question(order))
	require.NoError(t, err)
	require.Equal(t, journey.ResultAssigned, asked.Result)
	again, err := calls.AssignTask(t.Context(), o.question(order))
	require.NoError(t, err)
	require.Equal(t, asked, mustBe(again, asked.At), "asked once, however often it is tried")
	requests := o.facts("L-1").Requests
	require.Len(t, requests, 1)
	require.True(t, requests[0].Open(noon.Add(time.Hour)))

	o.happens("approval.granted", "loan/L-1", fmt.Sprintf(`{"approval": %q}`, asked.Contact))
	other := o.order("B-1", "L-1", "notice-2@2026-01-12", contact.SMS)
	require.Equal(t, "seldom/in-writing", o.do(worker, other).Code, "the approval is for one step")
	order.Number = other.Number
	require.Equal(t, journey.ResultSent, o.do(worker, order).Result)
	require.Equal(t, contact.Granted, o.facts("L-1").Requests[0].Answer)
}

func TestAnApprovalThatHasEndedLetsNothingThrough(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	worker := o.advised()
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
	asked, err := o.calls().AssignTask(t.Context(), o.question(order))
	require.NoError(t, err)
	o.happens("approval.granted", "loan/L-1", fmt.Sprintf(`{"approval": %q}`, asked.Contact))
	_, err = o.sql.Exec(t.Context(), `update approvals set holds_until = $1`, noon)
	require.NoError(t, err)
	order = o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
	require.Equal(t, journey.ResultHeld, o.do(worker, order).Result)
}

func TestAnApprovalLiftsNoHoldAndNoOptOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ kind, data, code string }{
		"hold":    {"hold.placed", `{"hold": "H", "kind": "vulnerable_pause"}`, "tender/hold"},
		"opt-out": {"consent.revoked", `{}`, "tender/opt-out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			worker := o.advised()
			asked, err := o.calls().AssignTask(t.Context(), o.question(o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)))
			require.NoError(t, err)
			o.happens("approval.granted", "loan/L-1", fmt.Sprintf(`{"approval": %q}`, asked.Contact))
			o.happens(c.kind, "borrower/B-1", c.data)
			require.Equal(t, c.code, o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)).Code)
		})
	}
}

// Who offers a plan has asked for it to be put to the borrower.
func TestWhoOffersAPlanDoesNotApproveOfIt(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("plan.offered", "loan/L-1", `{"product": "payment-pause"}`)
	order := o.order("B-1", "L-1", "plan-offer@payment-pause.2026-01-14", contact.SMS)
	_, err := o.calls().AssignTask(t.Context(), o.question(order))
	require.NoError(t, err)
	var by string
	require.NoError(t, o.sql.QueryRow(t.Context(), `select asked_by from approvals`).Scan(&by))
	require.Equal(t, "test", by)
}

// mustBe returns an outcome as if it had come at an instant.
func mustBe(o journey.Outcome, at time.Time) journey.Outcome {
	o.At = at
	return o
}
