package intake_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
)

// complaint reads what is known of a complaint.
func (h *house) complaint(id string) (c complaint.Case) {
	h.t.Helper()
	row, err := h.store.ComplaintFor(h.t.Context(), id)
	require.NoError(h.t, err)
	require.NoError(h.t, json.Unmarshal(row.Facts, &c))
	return c
}

// holds are the holds on a borrower that bind, as "kind loan".
func (h *house) holds() []string {
	h.t.Helper()
	return h.query(`select kind || ' ' || coalesce(loan_id, '-') from borrower_holds where released_at is null order by 1`)
}

// complains raises a complaint about a loan.
func (h *house) complains(id, kind string) {
	h.t.Helper()
	h.must(happened("raised-"+id, "complaint.raised", "loan/L-1", fmt.Sprintf(`{"complaint": %q, "kind": %q, "text": "CANARY"}`, id, kind)))
}

func TestAComplaintHasAWorkflowOfItsOwnAndStopsCollectionAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "conduct")
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	require.Equal(t, []string{"1 complaint.raised"}, h.journeys.told("complaint.C-1"))
	require.Contains(t, h.journeys.told("L-1"), "2 complaint.raised")
	c := h.complaint("C-1")
	require.Equal(t, complaint.ComplaintsDesk, c.Level)
	require.Equal(t, complaint.Registered, c.State())
	require.Empty(t, h.waiting(), "nobody has a task: the complaint is worked on by itself")

	h.must(happened("a", "complaint.acknowledged", "complaint/C-1", `{}`))
	h.must(happened("t", "complaint.assigned", "complaint/C-1", `{"to": "bea", "kind": "technical"}`))
	require.Empty(t, h.holds(), "one about the app stops nothing: who sorted it so decided that")
	require.Contains(t, h.journeys.told("L-1"), "3 hold.released")
	h.must(happened("t2", "complaint.assigned", "complaint/C-1", `{"kind": "data_protection"}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	require.Equal(t, complaint.Compliance, h.complaint("C-1").Level, "that belongs there")
	h.must(happened("r", "complaint.resolved", "complaint/C-1", `{"outcome": "upheld", "reasons": "CANARY", "by": "dora", "redress": [{"kind": "channel_change", "channel": "email"}]}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "that collection goes on is a decision of its own")
	require.Equal(t, contact.Email, h.standing().Preferred)
	_, err := h.take(happened("r2", "complaint.resolved", "complaint/C-1", `{"outcome": "rejected", "reasons": "no", "by": "emil"}`))
	require.ErrorContains(t, err, "data.complaint: C-1 was answered by dora on ")
	h.must(happened("h", "hold.released", "loan/L-1", `{"hold": "complaint/C-1"}`))
	require.Empty(t, h.holds())
	h.must(happened("o", "complaint.reopened", "complaint/C-1", `{}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "while it is open again collection rests")
	h.must(happened("w", "complaint.withdrawn", "complaint/C-1", `{}`))
	require.Empty(t, h.holds())
	require.Equal(t, complaint.Closed, h.complaint("C-1").State())
}

func TestTwoWhoAnswerAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	var group sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		group.Go(func() {
			_, errs[n] = h.take(happened(fmt.Sprintf("r-%d", n), "complaint.resolved", "complaint/C-1", fmt.Sprintf(`{"outcome": "upheld", "reasons": "so it is", "by": "agent%d"}`, n)))
		})
	}
	group.Wait()
	won := h.complaint("C-1").Answer
	require.NotNil(t, won)
	for n, err := range errs {
		if who := fmt.Sprintf("agent%d", n); who == won.By {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "was answered by "+won.By+" on "+won.At.Format("2006-01-02T15:04"))
	}
}

func TestAComplaintIsAboutAMessageThatWentBeforeIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, template, at) values
		('c-1', 'B-1', '{L-1}', 'sms', 'outbound', 'collection', 'notice-1', '2026-02-04 15:00Z'), ('c-2', 'B-1', '{L-1}', 'sms', 'outbound', 'collection', 'notice-2', '2026-02-20 15:00Z')`)
	// What answered a complaint, or asked how it went, is not what anybody complains of.
	h.exec(`insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, template, at) values
		('c-3', 'B-1', '{complaint.X,L-1}', 'sms', 'outbound', 'complaint_reply', 'complaint-acknowledged', '2026-02-05 15:00Z'),
		('c-4', 'B-1', '{L-1}', 'sms', 'outbound', 'survey', 'survey', '2026-02-06 15:00Z')`)
	for id, at := range map[string]string{"C-early": "2026-02-03T15:00:00Z", "C-late": "2026-02-10T15:00:00Z", "C-never": "2026-03-20T15:00:00Z"} {
		h.must(happened(id, "complaint.raised", "loan/L-1", fmt.Sprintf(`{"complaint": %q, "kind": "service"}`, id), "time", at))
		h.must(happened(id+"-w", "complaint.withdrawn", "complaint/"+id, `{}`, "time", at))
	}
	require.Equal(t, []string{"C-early ", "C-late notice-1", "C-never "}, h.query(`select id || ' ' || template from complaints order by id`))
}

func TestWhatSomebodyReleasedStaysSoUntilTheComplaintIsAnotherOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "unsorted")
	h.must(happened("tech", "complaint.raised", "loan/L-1", `{"complaint": "C-2", "kind": "technical"}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "another complaint about the app lifts nothing")
	require.Equal(t, complaint.Unsorted, h.complaint("C-1").Kind)
	require.Equal(t, "C-2", h.complaint("C-2").ID)
	h.must(happened("rel", "hold.released", "loan/L-1", `{"hold": "complaint/C-1"}`))
	h.must(happened("again", "complaint.raised", "loan/L-1", `{"complaint": "C-3", "kind": "conduct"}`))
	require.Equal(t, "C-1", h.complaint("C-3").ID, "it is the one that nobody had sorted")
	h.must(happened("as", "complaint.assigned", "complaint/C-1", `{"to": "bea"}`))
	require.Empty(t, h.holds())
	h.must(happened("as2", "complaint.assigned", "complaint/C-2", `{"kind": "conduct"}`))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "one about the app turns out to be about conduct")
}

func TestARegulatorsReferralRaisesTheLevelOfWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	_, err := h.take(happened("e", "complaint.escalated", "complaint/C-1", `{}`))
	require.ErrorContains(t, err, "data.complaint: C-1 was not acknowledged yet; acknowledge it first")
	h.must(happened("reg", "complaint.raised", "loan/L-1", `{"complaint": "R-1", "kind": "service", "origin": "regulator", "due": "2999-01-31"}`))
	c := h.complaint("R-1")
	require.Equal(t, "C-1", c.ID)
	require.Equal(t, complaint.IndependentReviewer, c.Level)
	require.Empty(t, c.Steps, "nobody was told before that it was elsewhere: it is acknowledged first")
	for _, data := range []string{`{"complaint": "R-2", "kind": "service", "due": "2999-01-31"}`, `{"complaint": "R-2", "origin": "regulator", "due": "2020-01-31"}`} {
		_, err := h.take(happened("bad"+data[len(data)-9:len(data)-7], "complaint.raised", "loan/L-1", data))
		require.ErrorContains(t, err, "data.due")
	}
	_, err = h.take(happened("un", "complaint.closed", "complaint/C-1", `{"how": "unopposed"}`))
	require.ErrorContains(t, err, "data.how: must be confirmed or elsewhere")
}
