package intake_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

// answers has a complaint answered, and its borrower told by a message of a disposition; not yet when that is empty.
func (h *house) answers(id, disposition string) {
	h.t.Helper()
	h.must(happened("r-"+id, "complaint.resolved", "complaint/"+id, `{"outcome": "rejected", "reasons": "so it is", "by": "amy"}`))
	if disposition == "" {
		return
	}
	h.exec(`insert into contacts (key, borrower_id, loan_ids, step_key, channel, direction, purpose, template, at)
		select 'told-' || id, borrower_id, array['complaint.' || id], 'answer@' || id || '.' || (facts ->> 'round'), 'sms', 'outbound', 'complaint_reply', 'complaint-answered', now()
		from complaints where id = $1`, id)
	h.exec(`insert into outcomes (contact_key, disposition, at) values ('told-' || $1, $2, now())`, id, disposition)
}

func (h *house) writes(id, text string) {
	h.t.Helper()
	h.must(happened(id, "borrower.replied", "borrower/B-1", fmt.Sprintf(`{"channel": "sms", "text": %q}`, text)))
}

func (h *house) states() []string {
	h.t.Helper()
	return h.query(`select id || ' ' || state from complaints order by raised_at, id`)
}

// The answer says: not settled? Tell us. Whoever tells us so has the complaint opened again, one level up, and no other one.
func TestAnObjectionByReplyOpensTheComplaintAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	h.must(happened("ack", "complaint.acknowledged", "complaint/C-1", `{}`))
	h.answers("C-1", "sent")
	h.writes("w1", "I am not satisfied with your answer, CANARY it is not settled")
	require.Equal(t, []string{"C-1 escalated"}, h.states())
	c := h.complaint("C-1")
	require.Equal(t, 1, c.Reopened)
	require.Equal(t, "dissatisfied", c.Steps[0].Why)
	require.Equal(t, complaint.ComplaintsDesk, c.Level)
	require.Empty(t, h.waiting())
	require.Equal(t, []string{"I am not satisfied with your answer, CANARY it is not settled"},
		h.query(`select p.data ->> 'text' from events e join event_particulars p on p.event_pk = e.pk where e.type = 'complaint.reopened'`), "what they wrote is kept")

	h.answersByCall("C-1")
	h.writes("w2", "hm")
	require.Equal(t, []string{"complaint.C-1 reply reply 30 1"}, h.waiting(), "who reads it sees which complaint it may be about")
}

// answersByCall has a complaint answered once more, of which a person told the borrower.
func (h *house) answersByCall(id string) {
	h.t.Helper()
	h.must(happened("r2-"+id, "complaint.resolved", "complaint/"+id, `{"outcome": "rejected", "reasons": "so it is", "by": "bea"}`))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, done_at, disposition)
		select 'told2', 'complaint.' || id, borrower_id, 'answer@' || id || '.' || (facts ->> 'round'), 'no_channel', now(), 'complaint_reply', now(), 'right_party'
		from complaints where id = $1`, id)
}

func TestOfSeveralAnswersTheOneThatIsNamedOrTheLastIsObjectedTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	for _, c := range [][3]string{{"C-1", "service", "sent"}, {"C-2", "charges", "delivered"}, {"C-3", "technical", ""}, {"C-4", "product_terms", "bounced"}} {
		h.complains(c[0], c[1])
		h.answers(c[0], c[2])
	}
	h.writes("w1", "c-1 is not settled")
	require.Equal(t, []string{"C-1 registered", "C-2 answered", "C-3 answered", "C-4 answered"}, h.states())
	h.writes("w2", "not settled")
	require.Equal(t, []string{"C-1 registered", "C-2 registered", "C-3 answered", "C-4 answered"}, h.states())
	h.writes("w3", "not settled")
	require.Len(t, h.states(), 5, "nobody objects to what they do not know: it is another one")
}

// What is complained of in a call is an objection too, unless whoever took it down sorted it as another matter.
func TestAnObjectionInACallOpensTheComplaintAgain(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.complains("C-1", "service")
	h.answers("C-1", "sent")
	require.NoError(t, h.call("c1", `"disposition": "right_party", "agent": "", "complaint": {"complaint": "K-1", "kind": "conduct", "about": ["bob"], "text": "he shouted"}`))
	require.Equal(t, []string{"C-1 answered", "K-1 registered"}, h.states())
	require.NoError(t, h.call("c2", `"disposition": "right_party", "complaint": {"complaint": "K-2", "text": "it is not settled"}`))
	require.Equal(t, []string{"C-1 registered", "K-1 registered"}, h.states())
}

// What is added to the answer to a survey, too.
func TestAnObjectionInASurveyOpensTheComplaintAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	h.answers("C-1", "sent")
	h.must(happened("s1", "survey.answered", "loan/L-1", `{"question": "helped", "score": 1, "remark": "I am not satisfied with your answer"}`))
	require.Equal(t, []string{"C-1 registered"}, h.states())
}
