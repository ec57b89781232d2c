package intake_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

// Whom a complaint is about neither brings it forward nor ends it, whether they say so themselves or somebody writes it down for them.
// The house's actor is tester.
func TestWhomAComplaintIsAboutHasNothingToDoWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("raised", "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "conduct", "about": ["tester", "bob"]}`))
	for n, c := range []struct{ kind, data string }{
		{"complaint.acknowledged", `{"by": "amy"}`},
		{"complaint.assigned", `{"to": "amy", "by": "bob"}`},
		{"complaint.noted", `{"text": "nothing in it"}`},
		{"complaint.escalated", `{}`},
		{"complaint.extended", `{"because": "complex", "by": "amy"}`},
		{"complaint.resolved", `{"outcome": "rejected", "reasons": "no", "by": "amy"}`},
		{"complaint.withdrawn", `{"by": "bob"}`},
		{"complaint.closed", `{"how": "elsewhere"}`},
	} {
		_, err := h.take(happened(fmt.Sprintf("x-%d", n), c.kind, "complaint/C-1", c.data))
		require.ErrorContains(t, err, "data.by: ", c.kind)
		require.ErrorContains(t, err, " is whom complaint C-1 is about; somebody else has to look into it", c.kind)
	}
	for n, c := range []struct{ kind, data, field string }{
		{"complaint.closed", `{"complaint": "C-1", "how": "elsewhere"}`, "data.by"},
		{"hold.released", `{"hold": "complaint/C-1"}`, "data.hold"},
	} {
		_, err := h.take(happened(fmt.Sprintf("y-%d", n), c.kind, "loan/L-1", c.data))
		require.ErrorContains(t, err, c.field+": tester is whom complaint C-1 is about", c.kind)
	}
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	require.Equal(t, complaint.Registered, h.complaint("C-1").State())
	h.must(happened("again", "complaint.raised", "loan/L-1", `{"complaint": "C-2", "kind": "conduct"}`)) // that somebody complained they may take down

	h.must(happened("other", "complaint.raised", "loan/L-1", `{"complaint": "C-3", "kind": "technical"}`))
	h.must(happened("w", "complaint.withdrawn", "complaint/C-3", `{}`))
	h.exec(`update complaints set facts = facts || '{"about": ["tester"]}' where id = 'C-3'`)
	_, err := h.take(happened("o", "complaint.reopened", "complaint/C-3", `{}`))
	require.ErrorContains(t, err, "data.by: tester is whom complaint C-3 is about")
}
