package intake_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
)

// waiting are the tasks that nobody has done.
func (h *house) waiting() []string {
	h.t.Helper()
	return h.query(`select loan_id || ' ' || reason || ' ' || purpose || ' ' || priority || ' ' || attempt from tasks where done_at is null order by at, key`)
}

// ages has the time of every task be over, and lets them age out.
func (h *house) ages() {
	h.t.Helper()
	h.exec(`update tasks set until_at = now() - interval '1 second' where done_at is null`)
	_, err := h.door.AgeOnce(h.t.Context())
	require.NoError(h.t, err)
}

func TestWhatABorrowerWroteIsGivenToSomebodyUntilItIsRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(replied("B-1", "R-1", "the blue one is fine"))
	h.must(happened("S-1", "survey.answered", "loan/L-1", `{"question": "satisfied", "score": 1, "contact": "c-1"}`))
	require.Equal(t, []string{"L-1 reply reply 30 1", "L-1 survey survey 25 1"}, h.waiting())
	for n := range 2 {
		h.ages()
		require.Equal(t, []string{fmt.Sprintf("L-1 reply reply 30 %d", n+2), fmt.Sprintf("L-1 survey survey 25 %d", n+2)}, h.waiting())
	}
	h.ages()
	require.Equal(t, []string{"L-1 reply reply 30 4"}, h.waiting(), "nobody is asked about a score that is long past")
	require.Equal(t, []string{"true"}, h.query(`select bool_and(key ~ '^reply-[0-9]+(-[234])?$')::text from tasks where reason = 'reply'`), "its key says what is to be read")

	h.exec(`update loans set closed_at = now(), journey = jsonb_build_object('loan', id)`)
	told := len(h.query(`select event_pk::text from deliveries`))
	h.ages()
	require.Equal(t, []string{"L-1 reply reply 30 5"}, h.waiting(), "somebody reads it although the loan has closed")
	require.Len(t, h.query(`select event_pk::text from deliveries`), told, "no journey is woken for it")
}

func TestAComplaintIsRegisteredOnceAndIsNobodysTask(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.exec(`update tasks set done_at = now(), done_by = 'amy', agent = 'amy'`)
	for _, id := range []string{"C-1", "C-1-again"} {
		h.must(happened(id, "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`))
	}
	require.Equal(t, 1, h.complaint("C-1").Again)
	require.Equal(t, []string{"1 complaint.raised", "2 complaint.raised"}, h.journeys.told("complaint.C-1"))
	require.Empty(t, h.holds(), "one about service stops nothing")
	h.must(happened("closed", "complaint.closed", "loan/L-1", `{"complaint": "C-1"}`))
	require.Equal(t, complaint.Closed, h.complaint("C-1").State())

	h.must(replied("B-1", "R-1", "I want to complain about your agent"))
	written := h.query(`select data->>'complaint' from events where type = 'complaint.raised' order by pk desc limit 1`)[0]
	require.Equal(t, complaint.FromReply, h.complaint(written).Origin)
	require.Equal(t, []string{"1 complaint.raised"}, h.journeys.told("complaint."+written))
	require.Equal(t, []string{"complaint_open -"}, h.holds(), "nobody has sorted it yet")
	require.Empty(t, h.waiting(), "who has the complaint reads it, and nobody else")
	h.must(happened("closed-2", "complaint.closed", "loan/L-1", `{"complaint": "`+written+`"}`))
	require.Empty(t, h.holds(), "whoever handled it elsewhere decided that collection goes on")

	require.NoError(t, h.call("t-1", `"agent": "amy", "disposition": "right_party", "complaint": {"complaint": "C-2", "kind": "conduct", "text": "rude"}`))
	require.Equal(t, complaint.FromCall, h.complaint("C-2").Origin)
	require.Equal(t, []string{"1 complaint.raised"}, h.journeys.told("complaint.C-2"))
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	h.must(happened("closed-3", "complaint.closed", "loan/L-1", `{"complaint": "C-2"}`))

	h.must(happened("S-1", "survey.answered", "loan/L-1", `{"question": "satisfied", "score": 1, "contact": "c-1", "remark": "I want to complain about your agent"}`))
	remarked := h.query(`select data->>'complaint' from events where type = 'complaint.raised' order by pk desc limit 1`)[0]
	require.Equal(t, complaint.FromSurvey, h.complaint(remarked).Origin)
	require.Equal(t, []string{"complaint_open L-1"}, h.holds())
	require.Empty(t, h.waiting(), "nobody else asks what went wrong")
	require.Len(t, h.query(`select id from events where type = 'complaint.raised' and source = 'tender'`), 3)
}

// Versions that accompanied no complaints gave a task for each. It ages as ever, and ends when the complaint is closed.
func TestATaskAboutAComplaintOfBeforeEndsWithIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, purpose, priority, attempt, at)
		values ('complaint-7', 'L-1', 'B-1', 'complaint@C-7', 'complaint', 'complaint_reply', 40, 1, now())`)
	h.ages()
	require.Equal(t, []string{"L-1 complaint complaint_reply 40 2"}, h.waiting())
	h.must(happened("closed", "complaint.closed", "loan/L-1", `{"complaint": "C-7", "asks": true}`))
	require.Empty(t, h.waiting())
	require.Equal(t, []string{"false"}, h.query(`select (data ? 'asks')::text from events where id = 'closed'`), "no workflow asks about it")
}

func TestAClaimOfFraudStopsCollectionAndOpensACase(t *testing.T) {
	t.Parallel()
	for name, claim := range map[string]func(*house) error{
		"by a reply": func(h *house) error {
			_, err := h.take(replied("B-1", "R-1", "I never took out any loan with you people"))
			return err
		},
		"in a call": func(h *house) error { return h.call("t-1", `"disposition": "right_party", "fraud": true`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := called(t)
			require.NoError(t, claim(h))
			require.Equal(t, []string{"L-1 reply 50"}, h.query(`select loan_id || ' ' || purpose || ' ' || priority from tasks where reason = 'fraud'`))
			require.Empty(t, h.query(`select key from tasks where reason = 'reply'`), "nobody else reads the same")
			require.Len(t, h.standing().Holds, 1)
			require.Equal(t, contact.IDTheftFraud, h.standing().Holds[0].Kind)
			require.Len(t, h.knows().Holds, 1, "the journey is told")
		})
	}
	require.ErrorContains(t, called(t).call("t-1", `"disposition": "no_answer", "fraud": true`), "data.fraud: does not go with the disposition no_answer")
}

func TestATaskThatNoStepAskedForWaitsAsTheStrategySays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	text, err := os.ReadFile("../../examples/strategies/patient.yaml")
	require.NoError(t, err)
	text = append(text, "\nworklist:\n  reply: {priority: 55, within_days: 3, tries: 2}\n"...)
	h.exec(`insert into strategies (hash, name, version, yaml) values ('0123', 'patient', '1', $1)`, string(text))
	h.exec(`update loans set strategy = 'patient@1', segment = 'standard'`)
	h.must(replied("B-1", "R-1", "the blue one is fine"))
	require.Equal(t, []string{"55 2 3"}, h.query(`select priority || ' ' || most_tries || ' ' || extract(day from until_at - at) from tasks`))
	h.exec(`update loans set segment = 'large'`)
	h.must(happened("S-1", "survey.answered", "loan/L-1", `{"question": "satisfied", "score": 1, "contact": "c-1"}`))
	require.Equal(t, []string{"35"}, h.query(`select priority::text from tasks where reason = 'survey'`), "that of the segment is added to that of the reason")
}
