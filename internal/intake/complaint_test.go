package intake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store/sqlc"
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

func TestAComplaintIsAboutNoMessageThatAnsweredAnotherOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`update loans set strategy = 'firm@1' where id = 'L-1'`)
	h.must(happened("C-1", "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`, "time", "2026-02-09T15:00:00Z"))
	h.must(happened("C-1-w", "complaint.withdrawn", "complaint/C-1", `{}`, "time", "2026-02-09T16:00:00Z"))
	h.exec(`update loans set strategy = 'standard@1' where id = 'complaint.C-1'`)
	h.exec(`insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, template, at) values
		('c-1', 'B-1', '{L-9,L-1}', 'sms', 'outbound', 'collection', 'notice-1', '2026-02-04 15:00Z'),
		('c-2', 'B-1', '{complaint.C-1,L-1}', 'sms', 'outbound', 'complaint_reply', 'complaint-acknowledged', '2026-02-09 15:30Z')`)
	h.must(happened("C-2", "complaint.raised", "loan/L-1", `{"complaint": "C-2", "kind": "service"}`, "time", "2026-02-10T15:00:00Z"))
	require.Equal(t, []string{"notice-1 firm@1"}, h.query(`select template || ' ' || strategy from complaints where id = 'C-2'`))
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
	require.Equal(t, []string{"complaint_open L-1"}, h.holds(), "which turns out to be about conduct")
	h.must(happened("rel2", "hold.released", "loan/L-1", `{"hold": "complaint/C-1"}`))
	h.must(happened("as", "complaint.assigned", "complaint/C-1", `{"to": "bea", "kind": "amount"}`))
	h.must(happened("more", "complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "fraud"}`))
	require.Empty(t, h.holds(), "whoever released it knew that it stops collection")
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

// What is said in a call about a complaint is said of the loan that is complained about.
func TestWhatIsSaidInACallAboutAComplaintReachesItsLoan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said    string
		reaches func(*testing.T, *house)
	}{
		"a promise": {`"disposition": "promise", "promise": {"promise": "P-1", "currency": "USD", "parts": [{"amount": "60.00", "by": "2099-02-20"}]}`, func(t *testing.T, h *house) {
			require.Len(t, h.knows().Promises, 1)
		}},
		"hardship": {`"disposition": "hardship", "hardship": {"cause": "illness"}`, func(t *testing.T, h *house) {
			require.Len(t, h.knows().Hardships, 1)
		}},
		"a dispute": {`"disposition": "dispute", "dispute": {"dispute": "D-9"}`, func(t *testing.T, h *house) {
			require.Len(t, h.knows().Disputes, 1)
			require.Equal(t, []string{"dispute_open L-1"}, h.holds())
		}},
		"fraud": {`"disposition": "right_party", "fraud": true`, func(t *testing.T, h *house) {
			require.Len(t, h.knows().Holds, 1)
			require.Equal(t, []string{"id_theft_fraud L-1"}, h.holds())
			require.Equal(t, []string{"L-1"}, h.query(`select loan_id from tasks where reason = 'fraud'`))
		}},
		"another complaint": {`"disposition": "right_party", "complaint": {"complaint": "C-2", "kind": "conduct"}`, func(t *testing.T, h *house) {
			require.Equal(t, "L-1", h.complaint("C-2").Loan)
			require.Equal(t, []string{"complaint_open L-1"}, h.holds())
		}},
		"nothing": {`"disposition": "right_party"`, func(t *testing.T, h *house) {
			require.NotContains(t, h.journeys.told("L-1"), "3 call.completed")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := family(t)
			h.complains("C-1", "service")
			h.gives("C-1", "acknowledge@C-1.1")
			h.must(happened("call", "call.completed", "complaint/C-1", `{"task": "task-1", "agent": "amy", `+c.said+`}`))
			c.reaches(t, h)
			require.Contains(t, h.journeys.told("complaint.C-1"), "2 call.completed")
			require.Equal(t, "amy", h.complaint("C-1").AcknowledgedBy, "and who brought it is on record")
			require.Equal(t, []string{"{complaint.C-1,L-1}"}, h.query(`select loan_ids::text from contacts where channel = 'call'`))
		})
	}
	h := family(t)
	h.must(happened("of-none", "complaint.raised", "borrower/B-1", `{"complaint": "C-1", "kind": "service"}`))
	h.gives("C-1", "acknowledge@C-1.1")
	_, err := h.take(happened("call", "call.completed", "complaint/C-1", `{"task": "task-1", "agent": "amy", "disposition": "dispute", "dispute": {"dispute": "D-9"}}`))
	require.ErrorContains(t, err, "data: no promise, hardship, dispute or fraud goes with a task about a complaint that is about no loan")
}

// gives gives a person something to bring about a complaint.
func (h *house) gives(complaint, step string) {
	h.t.Helper()
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls, until_at, agent)
		values ('task-1', 'complaint.' || $1::text, 'B-1', $2, 'no_channel', now(), 'complaint_reply', true, now() + interval '14 days', 'amy')`, complaint, step)
}

// row is the row of complaint C-1, as lists read it.
func (h *house) row() string {
	h.t.Helper()
	return h.query(`select state || case when acknowledged_at is null then ' unheard' else '' end from complaints where id = 'C-1'`)[0]
}

// acknowledges has Tender's own message acknowledge C-1, as the sending activity does.
func (h *house) acknowledges(key string) {
	h.t.Helper()
	h.leaves(key, "acknowledge@C-1.1")
	h.exec(`insert into outcomes (contact_key, disposition, at) values ($1, 'sent', now())`, key)
	now, err := h.store.Now(h.t.Context())
	require.NoError(h.t, err)
	require.NoError(h.t, h.store.AcknowledgeComplaint(h.t.Context(), sqlc.AcknowledgeComplaintParams{ID: "C-1", At: now, By: "tender"}))
}

// leaves puts a message about C-1 into the ledger of which nobody kept what became of it.
func (h *house) leaves(key, step string) {
	h.t.Helper()
	h.exec(`insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, at)
		values ($1, 'B-1', '{complaint.C-1,L-1}', $2, 'sms', 'mobile', 'outbound', 'complaint_reply', '2026-02-03 15:00Z')`, key, step)
}

func TestAMessageOfTendersOwnAcknowledgesInEveryState(t *testing.T) {
	t.Parallel()
	does := func(kind, data string) func(*house) {
		return func(h *house) { h.must(happened(fmt.Sprintf("%s-%d", kind, len(data)), kind, "complaint/C-1", data)) }
	}
	assigned, noted := does("complaint.assigned", `{"to": "bea"}`), does("complaint.noted", `{"text": "CANARY"}`)
	for name, c := range map[string]struct {
		before []func(*house)
		state  complaint.State
	}{
		"registered":    {nil, complaint.Acknowledged},
		"noted only":    {[]func(*house){noted}, complaint.Acknowledged},
		"triaged":       {[]func(*house){assigned}, complaint.Triaged},
		"investigating": {[]func(*house){assigned, noted}, complaint.Investigating},
		"taken away":    {[]func(*house){assigned, noted, does("complaint.assigned", `{"about": ["bea"]}`)}, complaint.Acknowledged},
		"escalated": {[]func(*house){
			does("complaint.acknowledged", `{}`), does("complaint.escalated", `{}`),
			func(h *house) {
				h.exec(`update complaints set facts = facts - 'acknowledged' - 'acknowledged_by', state = 'registered', acknowledged_at = null`)
			},
		}, complaint.Escalated},
		"answered":  {[]func(*house){does("complaint.resolved", `{"outcome": "upheld", "reasons": "CANARY", "by": "anna"}`)}, complaint.Answered},
		"closed":    {[]func(*house){does("complaint.closed", `{}`)}, complaint.Closed},
		"withdrawn": {[]func(*house){does("complaint.withdrawn", `{}`)}, complaint.Closed},
		"reopened":  {[]func(*house){does("complaint.withdrawn", `{}`), does("complaint.reopened", `{}`)}, complaint.Acknowledged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			h.complains("C-1", "service")
			for _, do := range c.before {
				do(h)
			}
			require.Contains(t, h.row(), " unheard")
			h.acknowledges("m-1")
			one := h.complaint("C-1")
			require.Equal(t, c.state, one.State())
			require.Equal(t, string(c.state), h.row())
			require.Equal(t, "tender", one.AcknowledgedBy)
			require.Equal(t, []string{"true"}, h.query(`select ((facts->>'acknowledged')::timestamptz = acknowledged_at)::text from complaints`))

			first := one.Acknowledged
			h.acknowledges("m-2")
			require.True(t, first.Equal(h.complaint("C-1").Acknowledged), "the first one counts")
		})
	}
}

func TestAnAcknowledgementIsKnownByItsReceiptAlone(t *testing.T) {
	t.Parallel()
	for step, heard := range map[string]bool{"acknowledge@C-1.1": true, "answer@C-1.1": true, "progress@C-1.2026-03-03": false} {
		h := newHouse(t)
		h.must(disbursed("L-1", "B-1"))
		h.complains("C-1", "service")
		h.leaves("m-1", step) // and who sent it died
		h.must(happened("r-1", "message.delivered", "borrower/B-1", `{"contact": "m-1"}`))
		require.Equal(t, heard, h.row() == "acknowledged", step)
		if heard {
			c := h.complaint("C-1")
			require.Equal(t, "tender", c.AcknowledgedBy)
			require.Equal(t, "2026-02-03T15:00:00Z", c.Acknowledged.UTC().Format(time.RFC3339), "when it left")
			h.must(happened("e", "complaint.escalated", "complaint/C-1", `{}`))
		}
	}
}

func TestAnAcknowledgementThatDidNotArriveCountsNoMore(t *testing.T) {
	t.Parallel()
	fails := func(h *house, id, key string) {
		h.must(happened(id, "message.failed", "borrower/B-1", fmt.Sprintf(`{"contact": %q, "code": "30003"}`, key)))
	}
	for name, c := range map[string]struct {
		meanwhile func(*house)
		row       string
	}{
		"nothing meanwhile": {func(*house) {}, "registered unheard"},
		"taken up meanwhile": {func(h *house) {
			h.must(happened("a", "complaint.assigned", "complaint/C-1", `{"to": "bea"}`))
		}, "registered unheard"},
		"delivered first, says the provider": {func(h *house) {
			h.must(happened("d", "message.delivered", "borrower/B-1", `{"contact": "m-1"}`))
		}, "registered unheard"},
		"climbed meanwhile": {func(h *house) { h.must(happened("e", "complaint.escalated", "complaint/C-1", `{}`)) }, "escalated"},
		"answered meanwhile": {func(h *house) {
			h.must(happened("r", "complaint.resolved", "complaint/C-1", `{"outcome": "upheld", "reasons": "CANARY", "by": "anna"}`))
		}, "answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			h.complains("C-1", "service")
			h.acknowledges("m-1")
			c.meanwhile(h)
			fails(h, "f-1", "m-1")
			require.Equal(t, c.row, h.row())
			require.Equal(t, c.row == "registered unheard", h.complaint("C-1").Acknowledged.IsZero())
			told := h.journeys.told("complaint.C-1")
			require.Contains(t, told[len(told)-1], " message.failed", "its workflow sends it again")
			if c.row != "registered unheard" {
				return
			}
			_, err := h.take(happened("e", "complaint.escalated", "complaint/C-1", `{}`))
			require.ErrorContains(t, err, "was not acknowledged yet")
			h.acknowledges("m-2")
			heard := h.row()
			fails(h, "f-2", "m-1")
			require.Equal(t, heard, h.row(), "that the first one failed is known, and the second one did not")
		})
	}
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.complains("C-1", "service")
	h.must(happened("a", "complaint.acknowledged", "complaint/C-1", `{"by": "anna"}`))
	h.acknowledges("m-1")
	fails(h, "f-1", "m-1")
	require.Equal(t, "anna", h.complaint("C-1").AcknowledgedBy, "who told them in person did")
}

// Whoever does something with a complaint stands in what is known of it, where nothing personal may.
func TestWhoDoesSomethingWithAComplaintIsNamedByAnID(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ kind, subject, data, named, field string }{
		"acknowledged":      {"complaint.acknowledged", "complaint/C-1", `{}`, `{"by": "amy"}`, "data.by"},
		"assigned":          {"complaint.assigned", "complaint/C-1", `{"to": "bea"}`, `{"to": "bea", "by": "amy"}`, "data.by"},
		"noted":             {"complaint.noted", "complaint/C-1", `{"text": "CANARY"}`, `{"text": "CANARY", "by": "amy"}`, "data.by"},
		"resolved":          {"complaint.resolved", "complaint/C-1", `{"outcome": "upheld", "reasons": "CANARY"}`, `{"outcome": "upheld", "reasons": "CANARY", "by": "amy"}`, "data.by"},
		"escalated":         {"complaint.escalated", "complaint/C-2", `{}`, `{"by": "amy"}`, "data.by"},
		"extended":          {"complaint.extended", "complaint/C-1", `{"because": "in_progress"}`, `{"because": "in_progress", "by": "amy"}`, "data.by"},
		"withdrawn":         {"complaint.withdrawn", "complaint/C-1", `{}`, `{"by": "amy"}`, "data.by"},
		"reopened":          {"complaint.reopened", "complaint/C-3", `{}`, `{"by": "amy"}`, "data.by"},
		"closed":            {"complaint.closed", "complaint/C-1", `{}`, "", "actor"},
		"closed, of a loan": {"complaint.closed", "loan/L-1", `{"complaint": "C-1"}`, "", "actor"},
		"a task": {
			"call.completed", "complaint/C-1", `{"task": "task-1", "disposition": "right_party"}`,
			`{"task": "task-1", "disposition": "right_party", "agent": "amy"}`, "data.agent",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			for id, kind := range map[string]string{"C-1": "service", "C-2": "charges", "C-3": "technical"} {
				h.complains(id, kind)
			}
			h.must(happened("a", "complaint.acknowledged", "complaint/C-2", `{}`))
			h.must(happened("w", "complaint.withdrawn", "complaint/C-3", `{}`))
			h.gives("C-1", "acknowledge@C-1.1")
			as := func(who, id, data string) error {
				e, err := intake.Parse([]byte(happened(id, c.kind, c.subject, data)))
				require.NoError(t, err)
				_, err = h.door.Take(t.Context(), e, who)
				return err
			}
			before := h.everything()
			for _, who := range []string{"", "CANARY Smith", "canary@example.com", "+15550100", strings.Repeat("x", 65), "she was rude to CANARY"} {
				err := as(who, "e", c.data)
				require.Equal(t, c.field, asField(t, err).Field, "%q", who)
				require.ErrorContains(t, err, "Tender-Actor")
				require.NotContains(t, err.Error(), "CANARY")
			}
			require.Equal(t, before, h.everything(), "nothing was kept")
			if c.named != "" {
				require.NoError(t, as("CANARY Smith", "named", c.named), "whoever is named by an id stands for it")
			} else {
				require.NoError(t, as("desk.7", "named", c.data))
			}
			require.Empty(t, h.query(`select id from complaints where facts::text like '%CANARY%'`))
		})
	}
}

func TestWhatComesOfATaskToBringAnAcknowledgement(t *testing.T) {
	t.Parallel()
	reports := func(id, disposition string) func(*house) {
		return func(h *house) {
			h.must(happened(id, "call.completed", "complaint/C-1", fmt.Sprintf(`{"task": "task-1", "agent": "amy", "disposition": %q}`, disposition)))
		}
	}
	for name, c := range map[string]struct {
		comes []func(*house)
		row   string
		told  string
	}{
		"it is brought":               {[]func(*house){reports("t-1", "right_party")}, "acknowledged", "2 call.completed"},
		"nobody answers":              {[]func(*house){reports("t-1", "no_answer")}, "registered unheard", "2 call.completed"},
		"the borrower is not reached": {[]func(*house){reports("t-1", "not_in_service")}, "acknowledged", "2 call.completed"},
		"it ages out": {[]func(*house){func(h *house) {
			h.exec(`update tasks set until_at = now() - interval '1 minute'`)
			for range 2 {
				_, err := h.door.AgeOnce(h.t.Context())
				require.NoError(h.t, err)
			}
		}}, "registered unheard", "2 task.expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			h.complains("C-1", "service")
			h.gives("C-1", "acknowledge@C-1.1")
			for _, do := range c.comes {
				do(h)
			}
			require.Equal(t, c.row, h.row())
			require.Equal(t, []string{"1 complaint.raised", c.told}, h.journeys.told("complaint.C-1"))
			require.NotContains(t, h.journeys.told("L-1"), "3 task.expired")
		})
	}
}

// A regulator's referral, or a better kind, moves up what the borrower has heard of: its workflow is told, and tells them.
func TestWhatIsRaisedAgainMovesUpWhatWasHeardOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, again string
		level       complaint.Level
		why, state  string
	}{
		"a referral":    {"service", `{"complaint": "R-1", "kind": "service", "origin": "regulator", "due": "2999-01-31"}`, complaint.IndependentReviewer, "referral", "escalated"},
		"a better kind": {"unsorted", `{"complaint": "R-1", "kind": "data_protection"}`, complaint.Compliance, "kind", "escalated"},
		"the same":      {"service", `{"complaint": "R-1", "kind": "service"}`, complaint.FrontLine, "", "triaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(disbursed("L-1", "B-1"))
			h.complains("C-1", c.kind)
			h.acknowledges("m-1")
			h.must(happened("a", "complaint.assigned", "complaint/C-1", `{"to": "bea"}`))
			h.must(happened("again", "complaint.raised", "loan/L-1", c.again))
			one := h.complaint("R-1")
			require.Equal(t, "C-1", one.ID)
			require.Equal(t, c.level, one.Level)
			require.Equal(t, c.state, h.row())
			require.Equal(t, []string{string(c.level)}, h.query(`select level from complaints`))
			require.Contains(t, h.journeys.told("complaint.C-1"), "3 complaint.raised")
			require.Equal(t, c.why != "", len(one.Steps) == 1)
			for _, step := range one.Steps {
				require.Equal(t, complaint.StepUp{At: step.At, From: complaint.FrontLine, To: c.level, Why: c.why, By: "tender", Round: 1}, step)
				require.False(t, step.At.Before(one.Acknowledged))
			}
		})
	}
}
