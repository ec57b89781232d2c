package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

func TestANumberAnswersTheSurveyThatIsOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		// answer is the answer's public part, means what the reply means, tasks how many a person has.
		answer, means string
		tasks         int
	}{
		{"4", `{"score": 4, "contact": "ask-1", "question": "satisfied"}`, `[]`, 0},
		{" 5/5 ", `{"score": 5, "contact": "ask-1", "question": "satisfied"}`, `[]`, 0},
		{"2, I lost my job", `{"means": ["hardship"], "score": 2, "contact": "ask-1", "question": "satisfied"}`, `["hardship"]`, 1},
		{"1", `{"score": 1, "contact": "ask-1", "question": "satisfied"}`, `[]`, 1},
		{"5，谢谢", `{"means": ["thanks"], "score": 5, "contact": "ask-1", "question": "satisfied"}`, `["thanks"]`, 0},
		{"4 500", "", `["unclear"]`, 1},
		{"3rd of March", "", `["unclear"]`, 1},
		{"6", "", `["unclear"]`, 1},
		{"4. STOP", "", `["stop"]`, 0},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			h.exec(`insert into contacts (key, borrower_id, loan_ids, step_key, channel, direction, purpose, template, at) values
				('ask-1', 'B-1', '{L-1}', 'survey-satisfied@2026-02-01', 'sms', 'outbound', 'survey', 'survey', now())`)
			h.must(replied("B-1", "R-1", c.text))
			answers := h.query(`select (data)::text from events where type = 'survey.answered'`)
			if c.answer == "" {
				require.Empty(t, answers)
			} else {
				require.Equal(t, []string{c.answer}, answers)
			}
			require.Equal(t, []string{c.means}, h.query(`select coalesce(data -> 'means', '[]')::text from events where id = 'R-1'`))
			require.Len(t, h.query(`select key from tasks`), c.tasks)
			// A second number answers nothing.
			h.must(replied("B-1", "R-2", "3"))
			require.LessOrEqual(t, len(h.query(`select id from events where type = 'survey.answered'`)), 1+map[bool]int{true: 1}[c.answer == ""])
		})
	}
}

func TestANumberThatNobodyAskedForIsUnclear(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(replied("B-1", "R-1", "4"))
	require.Empty(t, h.query(`select id from events where type = 'survey.answered'`))
}

func TestARemarkThatALenderSendsBindsLikeAReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("S-1", "survey.answered", "loan/L-1", `{"question": "satisfied", "score": 5, "remark": "STOP contacting me"}`))
	require.Equal(t, []string{"1"}, h.query(`select count(*)::text from wishes`))
	require.Equal(t, []string{`["stop"]`}, h.query(`select (data -> 'means')::text from events where id = 'S-1'`))
	require.Len(t, h.query(`select key from tasks where reason = 'survey'`), 1)

	before := h.everything()
	_, err := h.take(happened("S-2", "survey.answered", "loan/L-1", `{"question": "nonsense", "score": 5}`))
	require.ErrorContains(t, err, "data.question: nonsense is no question of the bank; use one of")
	require.Equal(t, before, h.everything())
}

// Whoever was asked how a complaint was handled has answered that, and nothing else.
func TestAnAnswerAboutAComplaintOpensItAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	h.must(happened("closed", "complaint.closed", "complaint/C-1", `{}`))
	require.Equal(t, []string{"true"}, h.query(`select data->>'asks' from events where id = 'closed'`))
	h.must(happened("S-1", "survey.answered", "complaint/C-1", `{"question": "helped", "score": 1, "remark": "STOP writing to me"}`))
	require.Equal(t, 1, h.complaint("C-1").Reopened)
	require.Equal(t, complaint.ComplaintsDesk, h.complaint("C-1").Level)
	require.Empty(t, h.waiting(), "who has it now asks what went wrong")
	require.Equal(t, []string{"1"}, h.query(`select count(*)::text from wishes`), "stop means stop there, too")
}
