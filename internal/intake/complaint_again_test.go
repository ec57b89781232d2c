package intake_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

func TestAComplaintUnderTheIDOfAnotherOneIsNotSwallowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	h.complains("C-1", "technical")
	for n, subject := range []string{"loan/L-2", "borrower/B-1"} {
		before := h.everything()
		_, err := h.take(happened(fmt.Sprintf("other-%d", n), "complaint.raised", subject, `{"complaint": "C-1", "kind": "fraud"}`))
		require.EqualError(t, err, "data.complaint: C-1 is about loan L-1; give this one an id of its own")
		require.Equal(t, before, h.everything())
	}
	h.must(happened("wide", "complaint.raised", "borrower/B-1", `{"complaint": "C-2", "kind": "service"}`))
	_, err := h.take(happened("narrow", "complaint.raised", "loan/L-1", `{"complaint": "C-2", "kind": "fraud"}`))
	require.EqualError(t, err, "data.complaint: C-2 is about the borrower, and no loan; give this one an id of its own")

	h.must(happened("app", "complaint.raised", "loan/L-1", `{"complaint": "C-1b", "kind": "technical"}`))
	require.Equal(t, "C-1", h.complaint("C-1b").ID)
	_, err = h.take(happened("b", "complaint.raised", "loan/L-2", `{"complaint": "C-1b", "kind": "technical"}`))
	require.ErrorContains(t, err, "data.complaint: C-1b is about loan L-1")
	require.Empty(t, h.holds())

	// Of the same loan it is a correction.
	h.must(happened("right", "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "conduct"}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "at once")
	c := h.complaint("C-1")
	require.Equal(t, complaint.Conduct, c.Kind)
	require.Equal(t, complaint.ComplaintsDesk, c.Level)
	require.Contains(t, h.journeys.told("L-1"), "3 complaint.raised")
	h.must(happened("loose", "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "technical"}`))
	require.Equal(t, complaint.Conduct, h.complaint("C-1").Kind)
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
}

func TestWhatWasReleasedUnsortedStopsCollectionOnceItIsSorted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "unsorted")
	h.must(happened("release", "hold.released", "loan/L-1", `{"hold": "complaint/C-1"}`))
	h.must(happened("to", "complaint.assigned", "complaint/C-1", `{"to": "amy"}`))
	require.Empty(t, h.holds(), "nobody has sorted it yet")
	h.must(happened("sorted", "complaint.assigned", "complaint/C-1", `{"kind": "conduct"}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	h.must(happened("release2", "hold.released", "loan/L-1", `{"hold": "complaint/C-1"}`))
	h.must(happened("again", "complaint.assigned", "complaint/C-1", `{"kind": "fraud"}`))
	require.Empty(t, h.holds(), "who released it knew that it stops collection")
}

func TestNothingIsTakenThatWasDoneBeforeTheComplaintWasReceived(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "conduct")
	const early = "2026-01-16T09:00:00Z"
	refused := func(kind, data, field string) {
		t.Helper()
		before := h.everything()
		_, err := h.take(happened("early-"+kind+data, kind, "complaint/C-1", data, "time", early, "id", "early"))
		require.ErrorContains(t, err, field+early+" lies before complaint C-1 was ")
		require.ErrorContains(t, err, "; say when it happened, or leave it out if that is now")
		require.Equal(t, before, h.everything())
	}
	refused("complaint.acknowledged", `{}`, "time: ")
	refused("complaint.assigned", `{"to": "amy"}`, "time: ")
	refused("complaint.extended", `{"because": "in_progress"}`, "time: ")
	refused("complaint.resolved", `{"outcome": "rejected", "reasons": "no", "by": "amy"}`, "time: ")
	refused("complaint.withdrawn", `{}`, "time: ")
	refused("complaint.closed", `{}`, "time: ")
	h.must(happened("a", "complaint.acknowledged", "complaint/C-1", `{}`))
	refused("complaint.escalated", `{}`, "time: ")
	h.must(happened("r", "complaint.resolved", "complaint/C-1", `{"outcome": "rejected", "reasons": "no", "by": "amy"}`))
	refused("complaint.closed", `{"how": "confirmed"}`, "time: ")
	refused("complaint.reopened", `{}`, "time: ")
	h.must(happened("o", "complaint.reopened", "complaint/C-1", `{}`))
	c := h.complaint("C-1")
	require.False(t, c.Received.Before(c.Raised))
	due, _ := c.Due()
	require.True(t, due.At.After(c.Raised))
}

// A clock that runs a little ahead, or behind, makes nothing impossible of what comes after.
func TestClocksOfSendersDifferALittle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	soon := func(by time.Duration) string { return time.Now().Add(by).UTC().Format(time.RFC3339) }
	h.complains("C-1", "service")
	h.must(happened("a", "complaint.acknowledged", "complaint/C-1", `{}`, "time", soon(-time.Minute)))
	h.must(happened("r", "complaint.resolved", "complaint/C-1", `{"outcome": "rejected", "reasons": "no", "by": "amy"}`, "time", soon(4*time.Minute)))
	c := h.complaint("C-1")
	require.Equal(t, c.Raised, c.Acknowledged)
	require.False(t, c.Answer.At.After(time.Now()))
	h.must(happened("o", "complaint.reopened", "complaint/C-1", `{}`))
}

func TestThatAComplaintIsAboutAPaymentMayBecomeKnownLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`update borrowers set jurisdiction = 'gb'`)
	ids := func(c complaint.Case) (all []string) {
		for _, d := range c.Deadlines() {
			all = append(all, d.ID)
		}
		return all
	}
	payment := []string{"summary_resolution", "complaints_desk_payment", "independent_reviewer_payment", "payment_response"}
	h.complains("C-1", "service")
	h.must(happened("pay", "complaint.raised", "loan/L-1", `{"complaint": "C-1b", "kind": "service", "payment": true}`))
	require.Equal(t, payment, ids(h.complaint("C-1")))
	h.complains("C-2", "charges")
	require.NotEqual(t, payment, ids(h.complaint("C-2")))
	h.must(happened("found", "complaint.assigned", "complaint/C-2", `{"payment": true}`))
	require.Equal(t, payment, ids(h.complaint("C-2")))
	require.True(t, h.complaint("C-2").Payment)
}

// What a borrower writes about their only loan is what the branch has taken down about it, and not a second complaint.
func TestAReplyIsMergedIntoTheComplaintAboutTheOnlyLoan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "unsorted")
	h.writes("w1", "I want to complain about your agent")
	require.Equal(t, []string{"C-1 registered"}, h.states())
	require.Equal(t, 1, h.complaint("C-1").Again)
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	h.must(disbursed("L-2", "B-1"))
	h.writes("w2", "I want to complain about your agent")
	require.Len(t, h.states(), 2, "of two loans it may mean the other one")
	require.Equal(t, []string{"complaint_open -", "complaint_open L-1"}, h.holds())
}

func TestWhatALenderCallsTheOutcomeStaysOnRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	h.complains("C-2", "charges")
	h.complains("C-3", "technical")
	h.answers("C-3", "")
	for id, code := range map[string]string{"C-1": "settled_by_branch", "C-2": "upheld", "C-3": "settled_by_branch"} {
		h.must(happened("closed-"+id, "complaint.closed", "loan/L-1", fmt.Sprintf(`{"complaint": %q, "outcome": %q}`, id, code)))
	}
	require.Equal(t, []string{"C-1 settled_by_branch", "C-2 upheld", "C-3 settled_by_branch"},
		h.query(`select data ->> 'complaint' || ' ' || (data ->> 'outcome') from events where type = 'complaint.closed' order by 1`))
	for id, answer := range map[string][2]string{"C-1": {"", "settled_by_branch"}, "C-2": {"upheld", ""}, "C-3": {"rejected", ""}} {
		c := h.complaint(id)
		require.Equal(t, answer, [2]string{string(c.Answer.Outcome), c.Answer.Code}, id)
	}
}
