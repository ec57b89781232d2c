package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// happenings are what the journeys of a borrower were told of, without the disbursements.
func (h *house) happenings() []string {
	h.t.Helper()
	return h.query(`select e.type || ' ' || e.subject || ' ' || (e.data - 'channel' - 'point' - 'intent' - 'owner')::text from events e
		where e.type not in ('loan.disbursed', 'borrower.replied') order by e.pk`)
}

func TestWhatFollowsFromAReplyIsKeptWithIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		// follows are the events, tasks is how many a person has.
		follows []string
		tasks   int
	}{
		{"trouble", "I lost my job last week", []string{`hardship.reported loan/L-1 {"cause": "job_loss"}`}, 0},
		{"a plan", "Can I pay in smaller instalments please?", []string{`hardship.reported loan/L-1 {"cause": "other"}`}, 0},
		{"a promise", "I will pay 50 on 28 February 2026", []string{`promise.made loan/L-1 {"by": "2026-02-28", "amount": "50", "promise": "reply-%", "currency": "USD"}`}, 0},
		{"a promise without a date", "I will pay 50 soon", nil, 1},
		{"fraud", "I never took this loan", []string{`hold.placed loan/L-1 {"hold": "reply-%-fraud", "kind": "id_theft_fraud"}`}, 1},
		{"another person", "You have the wrong number, I am not Ada", []string{`hold.placed borrower/B-1 {"hold": "reply-%-number", "kind": "wrong_number"}`}, 1},
		{"a dispute", "This amount is wrong, I don't owe that much", []string{`dispute.raised loan/L-1 {"dispute": "reply-%"}`}, 1},
		{"a complaint", "I want to make a complaint about your agent", []string{`complaint.raised loan/L-1 {"kind": "unsorted", "origin": "reply", "borrower": "B-1", "complaint": "reply-%"}`}, 0},
		{"it was paid", "I already paid this yesterday", []string{`hold.placed loan/L-1 {"hold": "reply-%-paid", "kind": "paid", "until": "%"}`}, 1},
		{"a preference", "Please write to me by email", []string{`borrower.updated borrower/B-1 {"preferred": "email"}`}, 0},
		{"a question", "What is the interest rate?", nil, 0},
		{"thanks", "Thank you very much", nil, 0},
		{"a call", "Please call me", nil, 1},
		{"nobody knows", "the moon is a balloon", nil, 1},
		{"Chinese", "我失业了", []string{`hardship.reported loan/L-1 {"cause": "job_loss"}`}, 0},
		{"stop, and fraud", "STOP. I never took this loan", []string{`hold.placed loan/L-1 {"hold": "reply-%-fraud", "kind": "id_theft_fraud"}`}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			reply := happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "sms", "point": "mobile", "text": "`+c.text+`"}`, "time", "2026-02-20T17:00:00Z")
			result := h.must(reply)
			journeys := 1
			if c.name == "a complaint" {
				journeys = 2 // it has one of its own
			}
			require.Len(t, result.Loans, journeys)
			found := h.happenings()
			require.Len(t, found, len(c.follows), "%v", found)
			for n, want := range c.follows {
				require.Regexp(t, "^"+strings.ReplaceAll(strings.NewReplacer("{", `\{`, "}", `\}`, ".", `\.`).Replace(want), "%", "[^\"]+")+"$", found[n])
			}
			require.Len(t, h.query(`select key from tasks`), c.tasks)
			told := h.journeys.told("L-1")
			require.Equal(t, "2 borrower.replied", told[1])
			require.Len(t, told, 2+len(c.follows))

			before := h.everything()
			again := h.must(reply)
			require.Equal(t, before, h.everything(), "a repeat has no effect")
			require.Equal(t, result.ID, again.ID)
		})
	}
}

func TestAReplyAboutNoLoanInParticularIsAboutEachOpenOneWhereThatMakesSense(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	h.must(replied("B-1", "R-1", "I lost my job"))
	h.must(replied("B-1", "R-2", "I don't owe this, the amount is wrong"))
	h.must(replied("B-1", "R-3", "I will pay 50 on 1 March 2027"))
	found := strings.Join(h.happenings(), "\n")
	require.Contains(t, found, `hardship.reported borrower/B-1`)
	require.Contains(t, found, `dispute.raised loan/L-1`)
	require.Contains(t, found, `dispute.raised loan/L-2`)
	require.NotContains(t, found, `promise.made`, "which loan it is about a person asks")
	require.Len(t, h.query(`select key from tasks`), 2)
}

func TestASenderThatUnderstandsRepliesSaysWhatTheyMean(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "chat", "means": ["hardship"], "cause": "illness", "text": "我最近很忙"}`))
	require.Equal(t, []string{`hardship.reported loan/L-1 {"cause": "illness"}`}, h.happenings())
	h.must(happened("R-2", "borrower.replied", "loan/L-1", `{"channel": "chat", "means": ["thanks"], "text": "STOP"}`))
	require.Equal(t, []string{`["stop", "thanks"]`}, h.query(`select data ->> 'means' from events where id = 'R-2'`), "stop is heard whatever the sender thinks")
	require.Len(t, h.query(`select borrower_id from wishes`), 1)
	for data, says := range map[string]string{
		`{"channel": "sms", "means": ["unclear", "thanks"]}`:           "data.means: unclear stands alone",
		`{"channel": "sms", "means": ["angry"]}`:                       `data.means`,
		`{"channel": "sms", "means": ["thanks"], "cause": "illness"}`:  "data.cause: belongs to the meaning hardship",
		`{"channel": "sms", "means": ["thanks"], "topic": "fees"}`:     "data.topic: belongs to the meaning question",
		`{"channel": "sms", "means": ["thanks"], "by": "2026-03-01"}`:  "data.amount: and by belong to the meaning will_pay",
		`{"channel": "sms", "means": ["will_pay"], "amount": "-3"}`:    "data.amount: must be positive",
		`{"channel": "sms", "means": ["preference"], "from": "10:00"}`: "data.from: belongs together with to",
		`{"channel": "sms", "means": ["thanks"], "wants": "email"}`:    "data.wants: from and to belong to the meaning preference",
	} {
		_, err := h.take(happened("bad", "borrower.replied", "loan/L-1", data))
		require.ErrorContains(t, err, says)
	}
}

func TestTheDateOfAPromiseIsThatOnTheBorrowersWall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	// Half past eleven in the evening of Thursday in New York, and Friday in Greenwich.
	h.must(happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "I will pay 40 tomorrow"}`, "time", "2026-02-20T04:30:00Z"))
	require.Equal(t, []string{"2026-02-20"}, h.query(`select data ->> 'by' from events where type = 'promise.made'`))
}

func TestNoToWhatWasUnderstoodAsAPromiseWithdrawsItAndNoPlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	ask := func(key, step, ago string) {
		h.exec(`insert into contacts (key, borrower_id, loan_ids, step_key, channel, direction, purpose, template, at) values
			('` + key + `', 'B-1', '{L-1}', '` + step + `', 'sms', 'outbound', 'reply', 'x', now() - interval '` + ago + `')`)
	}
	ask("ask-1", "plan-offer@plan-1", "2 days")
	ask("ask-2", "promise-noted@reply-7", "1 hour")
	h.must(replied("B-1", "R-1", "No"))
	require.Equal(t, []string{""}, h.query(`select coalesce(data ->> 'answer', '') from events where id = 'R-1'`))
	require.Equal(t, []string{`promise.withdrawn loan/L-1 {"promise": "reply-7"}`}, h.happenings())
	require.Len(t, h.query(`select key from tasks`), 1)

	ask("ask-3", "plan-offer@plan-2", "1 minute")
	h.must(replied("B-1", "R-2", "No"))
	require.Equal(t, []string{"no"}, h.query(`select data ->> 'answer' from events where id = 'R-2'`), "the newest question is the plan's")
}

func TestAStrangerWhoseNumberIsNotSaidBindsAllOfTheChannel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("R-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "Wrong number. How much does she owe?"}`))
	require.Equal(t, []string{"wrong_number"}, h.query(`select kind from holds`))
	require.Equal(t, []string{`["wrong_person"]`}, h.query(`select (data -> 'means')::text from events where id = 'R-1'`), "nobody answers a stranger")
}

func TestNoSenderCanTakeAnIdThatFollowsFromAReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values ('t-1', 'L-1', 'B-1', 'notice-1@2026-01-01', 'no_channel', now(), 'collection', true)`)
	for field, data := range map[string][2]string{
		"data.hold":                {"hold.placed", `{"hold": "reply-3-paid", "kind": "breathing_space"}`},
		"data.dispute":             {"dispute.raised", `{"dispute": "reply-3"}`},
		"data.promise":             {"promise.made", `{"promise": "reply-3", "amount": "1.00", "currency": "USD", "by": "2099-01-01"}`},
		"data.complaint":           {"complaint.raised", `{"complaint": "survey-3", "kind": "unsorted"}`},
		"data.dispute.dispute":     {"call.completed", `{"task": "t-1", "disposition": "dispute", "dispute": {"dispute": "reply-3"}}`},
		"data.promise.promise":     {"call.completed", `{"task": "t-1", "disposition": "promise", "promise": {"promise": "reply-3", "amount": "1.00", "currency": "USD", "by": "2099-01-01"}}`},
		"data.complaint.complaint": {"call.completed", `{"task": "t-1", "disposition": "right_party", "complaint": {"complaint": "call-3", "kind": "unsorted"}}`},
	} {
		for _, source := range []string{"/core", "tender"} {
			before := h.everything()
			_, err := h.take(happened("x", data[0], "loan/L-1", data[1], "source", source))
			require.ErrorContains(t, err, field+": ")
			require.ErrorContains(t, err, "is an id as Tender gives it to what follows from a reply, a call or a survey; give this one an id of its own")
			require.Equal(t, before, h.everything(), "nothing of it is kept")
		}
	}

	h.must(happened("R", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "I already paid this yesterday"}`))
	id := h.query(`select id from holds`)[0]
	h.must(happened("L", "hold.placed", "loan/L-1", `{"hold": "`+id+`", "kind": "paid", "until": "2099-01-01T00:00:00Z"}`))
	require.Equal(t, []string{id + " 2099"}, h.query(`select id || ' ' || extract(year from until_at) from holds`), "who looks into it may have it last longer")
	h.must(happened("E", "hold.released", "loan/L-1", `{"hold": "`+id+`"}`))
}
