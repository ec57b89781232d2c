package intake_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

// offered is the data of an application of a borrower.
func offered(borrower string) string {
	return `{"borrower": {"id": "` + borrower + `", "name": "Ada Canary", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
		"points": [{"id": "mobile", "channel": "call", "address": "+15550100"}]}, "product": "installment_12", "currency": "USD", "amount": "600.00",
		"offer": {"installments": 12, "total_cost": "37.50", "first_due": "2026-03-10"}, "until": "2999-01-01T00:00:00Z", "time_zone": "America/New_York"}`
}

func preapproved(application, borrower string) string {
	return happened("preapproved-"+application, "application.preapproved", "application/"+application, offered(borrower))
}

// cameOf is the disbursement of a loan to a borrower that came of an application.
func cameOf(loan, borrower, application string) string {
	return strings.Replace(disbursed(loan, borrower), `"currency":"USD"`, `"currency":"USD","application":"`+application+`"`, 1)
}

// calls gives a person a call about an application.
func (h *house) calls(task, application, borrower string) {
	h.exec(`insert into tasks (key, loan_id, application_id, borrower_id, step_key, reason, at, purpose, calls, point, until_at)
		values ('` + task + `', '', '` + application + `', '` + borrower + `', 'preapproval@` + application + `', 'preapproval', now(), 'informational', true, 'mobile', now() + interval '2 days')`)
}

// said is what a person says of a call about an application.
func said(id, application, task, rest string) string {
	return happened(id, "call.completed", "application/"+application, `{"task": "`+task+`", `+rest+`}`)
}

func TestAnApplicationIsToldOnce(t *testing.T) {
	h := newHouse(t)
	first := h.must(preapproved("A-1", "B-1"))
	require.Len(t, first.Applications, 1)
	require.Empty(t, first.Loans)
	assert.Equal(t, first, h.must(preapproved("A-1", "B-1")), "the same event gets the same answer")
	again := h.must(happened("other", "application.preapproved", "application/A-1", offered("B-1")))
	assert.Equal(t, "A-1", again.Applications[0].Application, "so does the same application under another event")
	assert.Equal(t, []string{"1"}, h.query(`select count(*)::text from applications`))
	assert.Equal(t, []string{"A-1 B-1 USD 600 12 37.5 2026-03-10"}, h.query(`select id || ' ' || borrower_id || ' ' || currency || ' ' || trim_scale(amount) || ' ' || installments
		|| ' ' || trim_scale(total_cost) || ' ' || first_due from applications`))

	before := h.everything()
	for name, text := range map[string]string{
		"another amount":    happened("x", "application.preapproved", "application/A-1", strings.Replace(offered("B-1"), "600.00", "700.00", 1)),
		"another applicant": happened("x", "application.preapproved", "application/A-1", offered("B-2")),
		"another name":      happened("x", "application.preapproved", "application/A-1", strings.Replace(offered("B-1"), "Ada", "Eve", 1)),
	} {
		_, err := h.take(text)
		require.ErrorIs(t, err, intake.ErrApplicationExists, name)
		assert.Contains(t, err.Error(), "application id of its own", name)
	}
	_, err := h.take(happened("preapproved-A-1", "application.preapproved", "application/A-1", strings.Replace(offered("B-1"), "600.00", "700.00", 1)))
	require.ErrorIs(t, err, intake.ErrConflict)
	assert.Equal(t, before, h.everything(), "nothing is kept of what was refused")
	for _, e := range h.journeys.effects {
		assert.NotContains(t, strings.ToLower(string(e.Data)), "canary", "nothing personal leaves Postgres")
		assert.NotContains(t, string(e.Data), "15550100")
	}
}

func TestAnApplicationThatCannotBeIsRefused(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(preapproved("A-1", "B-1"))
	h.must(preapproved("A-2", "B-2"))
	h.calls("p-1", "A-1", "B-1")
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, calls) values ('t-1', 'L-1', 'B-1', 's', 'no_channel', now(), true)`)
	before := h.everything()
	changed := func(from, to string) string {
		text := strings.Replace(offered("B-9"), from, to, 1)
		require.NotEqual(t, offered("B-9"), text, from)
		return happened("x", "application.preapproved", "application/A-9", text)
	}
	for _, c := range []struct{ text, field, says string }{
		{changed(`"id": "B-9", `, ``), "data.borrower.id", "is missing"},
		{changed(`"USD"`, `"XXX"`), "data.currency", "ISO 4217"},
		{changed(`"600.00"`, `"0"`), "data.amount", ""},
		{changed(`"600.00"`, `"600.001"`), "data.amount", ""},
		{changed(`"37.50"`, `"-1.00"`), "data.offer.total_cost", ""},
		{changed(`"installments": 12`, `"installments": 0`), "data.offer.installments", "between 1 and 1200"},
		{changed(`, "first_due": "2026-03-10"`, ``), "data.offer.first_due", "is missing"},
		{changed(`"until": "2999-01-01T00:00:00Z", `, ``), "data.until", "is missing"},
		{changed(`2999-01-01T00:00:00Z`, `2026-01-01T00:00:00Z`), "data.until", "does not lie after the pre-approval"},
		{changed(`, "time_zone": "America/New_York"`, `, "time_zone": "Mars"`), "data.time_zone", "no IANA time zone"},
		{changed(`"product": "installment_12"`, `"product": "12 months"`), "data.product", "is no id"},
		{changed(`"product": "installment_12"`, `"colour": "red"`), "data.colour", "unknown field"},
		{happened("x", "application.preapproved", "loan/L-1", offered("B-9")), "subject", "application/<id>"},
		{happened("x", "application.withdrawn", "application/A-1", `{"reason": "changed his mind"}`), "data.reason", "is no id"},
		{said("x", "A-1", "p-1", `"disposition": "right_party"`), "data.finding", "verified, declined or suspected_fraud"},
		{said("x", "A-1", "p-1", `"disposition": "third_party", "finding": "verified"`), "data.finding", "somebody else cannot be verified"},
		{said("x", "A-1", "p-1", `"disposition": "no_answer", "finding": "suspected_fraud"`), "data.finding", "somebody was spoken to"},
		{said("x", "A-1", "p-1", `"disposition": "right_party", "finding": "withdrawn"`), "data.finding", "must be one of"},
		{said("x", "A-1", "p-1", `"disposition": "no_answer", "questions": ["why?"]`), "data.questions", "asked by nobody"},
		{said("x", "A-1", "p-1", `"disposition": "right_party", "finding": "verified", "questions": [""]`), "data.questions", "empty"},
		{said("x", "A-1", "p-1", `"disposition": "hardship"`), "data.disposition", "speaks of a loan"},
		{said("x", "A-1", "p-1", `"disposition": "right_party", "finding": "verified", "hardship": {"cause": "illness"}`), "data.hardship", "no loan yet"},
		{said("x", "A-1", "p-1", `"agent": "amy"`), "data.disposition", "is missing"},
		{said("x", "A-1", "t-1", `"disposition": "no_answer"`), "data.task", "another application"},
		{said("x", "A-2", "p-1", `"disposition": "no_answer"`), "data.task", ""},
		{happened("x", "call.completed", "loan/L-1", `{"task": "p-1", "disposition": "no_answer"}`), "data.task", "another loan"},
		{happened("x", "call.completed", "loan/L-1", `{"task": "t-1", "disposition": "right_party", "finding": "verified"}`), "data.finding", "about a loan"},
		{happened("x", "call.completed", "loan/L-1", `{"task": "t-1", "disposition": "right_party", "questions": ["why?"]}`), "data.questions", "about a loan"},
		{happened("x", "task.expired", "application/A-1", `{"task": "p-1"}`), "data.task", "can be done until"},
		{cameOf("L-2", "B-1", "A-2"), "data.application", "borrower B-2's"},
	} {
		_, err := h.take(c.text)
		require.Error(t, err, c.says)
		field := asField(t, err)
		assert.Equal(t, c.field, field.Field, c.text)
		assert.Contains(t, field.Reason, c.says, c.text)
		assert.NotContains(t, strings.ToLower(err.Error()), "canary")
	}
	for _, text := range []string{
		happened("x", "application.withdrawn", "application/A-9", `{}`),
		said("x", "A-9", "p-1", `"disposition": "no_answer"`),
		said("x", "A-1", "p-9", `"disposition": "no_answer"`),
	} {
		_, err := h.take(text)
		require.ErrorIs(t, err, intake.ErrUnknownLoan, text)
	}
	assert.Equal(t, before, h.everything())
}

func TestWhatACallAboutAnApplicationConcludes(t *testing.T) {
	for _, c := range []struct{ rest, verdict, stands string }{
		{`"disposition": "no_answer"`, "", "again"},
		{`"disposition": "voicemail"`, "", "again"},
		{`"disposition": "callback", "callback_at": "2998-01-01T00:00:00Z"`, "", "again"},
		{`"disposition": "right_party", "finding": "verified", "questions": ["Is it Canary?", "And then?"]`, "verified", "done"},
		{`"disposition": "right_party", "finding": "declined"`, "declined", "done"},
		{`"disposition": "refused"`, "declined", "done"},
		{`"disposition": "refused", "refusal": "calls"`, "declined", "done"},
		{`"disposition": "right_party", "finding": "suspected_fraud"`, "suspected_fraud", "done"},
		{`"disposition": "third_party", "finding": "suspected_fraud"`, "suspected_fraud", "done"},
		{`"disposition": "wrong_number"`, "unreachable", "done"},
		{`"disposition": "not_in_service"`, "unreachable", "done"},
		{`"disposition": "deceased"`, "unreachable", "done"},
	} {
		t.Run(c.rest, func(t *testing.T) {
			h := newHouse(t)
			h.must(preapproved("A-1", "B-1"))
			h.calls("p-1", "A-1", "B-1")
			result := h.must(said("c", "A-1", "p-1", c.rest))
			require.Equal(t, "A-1", result.Applications[0].Application)
			assert.Equal(t, []string{c.verdict}, h.query(`select verdict from applications`))
			assert.Equal(t, []string{map[string]string{"again": "true", "done": "false"}[c.stands]}, h.query(`select (done_at is null)::text from tasks`))
			assert.Equal(t, []string{"{} call informational"}, h.query(`select loan_ids::text || ' ' || channel || ' ' || purpose from contacts`), "it counts as a contact that collects nothing")
			told := h.journeys.cases["A-1"]
			assert.Equal(t, event.Verdict(c.verdict), told.Verdict)
			if strings.Contains(c.rest, "questions") {
				assert.Equal(t, 2, told.Questions)
				assert.Equal(t, []string{"2 false"}, h.query(`select (data->>'asked') || ' ' || (data ? 'questions') from events where type = 'call.completed'`))
				assert.Equal(t, []string{"Is it Canary?"}, h.query(`select data->'questions'->>0 from event_particulars where data ? 'questions'`))
			}
		})
	}
}

func TestTheThirdCallInVainMakesAnApplicantUnreachable(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.calls("p-1", "A-1", "B-1")
	for n := range 3 {
		assert.Equal(t, []string{""}, h.query(`select verdict from applications`))
		h.must(said(fmt.Sprint("c-", n), "A-1", "p-1", `"disposition": "no_answer"`))
	}
	assert.Equal(t, []string{"unreachable called"}, h.query(`select verdict || ' ' || verdict_reason from applications`))
	assert.Equal(t, 3, h.journeys.cases["A-1"].Attempts)
}

func TestTheFirstWordAboutAnApplicationIsTheLast(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.calls("p-1", "A-1", "B-1")
	h.must(said("c-1", "A-1", "p-1", `"disposition": "right_party", "finding": "verified"`))
	h.must(said("c-2", "A-1", "p-1", `"disposition": "right_party", "finding": "declined"`))
	h.must(happened("w", "application.withdrawn", "application/A-1", `{"reason": "applicant"}`))
	assert.Equal(t, []string{"verified"}, h.query(`select verdict from applications`))
	assert.Equal(t, event.Verified, h.journeys.cases["A-1"].Verdict)
}

// Whoever seems to have applied in somebody else's name is not called again, by anybody, about anything that is not owed to them.
func TestSuspectedFraudHoldsEveryContact(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(preapproved("A-1", "B-1"))
	h.must(preapproved("A-2", "B-1"))
	h.calls("p-1", "A-1", "B-1")
	result := h.must(said("c", "A-1", "p-1", `"disposition": "right_party", "finding": "suspected_fraud"`))
	assert.Equal(t, []string{"id_theft_fraud tender"}, h.query(`select kind || ' ' || owner from borrower_holds where released_at is null`))
	assert.Contains(t, strings.Join(h.journeys.told("L-1"), ","), "hold.placed", "the borrower's loans are told")
	told := []string{}
	for _, a := range result.Applications {
		told = append(told, a.Application)
	}
	assert.ElementsMatch(t, []string{"A-1", "A-2"}, told, "and so are their other applications")
}

func TestADisbursementTellsThePreapprovalAndTheJourney(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.must(preapproved("A-2", "B-1"))
	h.calls("p-1", "A-1", "B-1")
	h.must(said("c", "A-1", "p-1", `"disposition": "right_party", "finding": "verified"`))
	for loan, application := range map[string]string{"L-1": "A-1", "L-2": "A-2", "L-3": "A-9", "L-4": ""} {
		text := disbursed(loan, "B-1")
		if application != "" {
			text = cameOf(loan, "B-1", application)
		}
		h.must(text)
	}
	verdict := func(loan string) string {
		came := h.journeys.all[loan].Application
		return came.ID + " " + string(came.Verdict)
	}
	assert.Equal(t, "A-1 verified", verdict("L-1"))
	assert.Equal(t, "A-2 disbursed", verdict("L-2"), "nobody had called")
	assert.Equal(t, "A-9 ", verdict("L-3"), "an application that nobody told of is no error")
	assert.Equal(t, " ", verdict("L-4"))
	assert.False(t, h.journeys.all["L-1"].Application.At.IsZero())
	assert.Equal(t, event.Disbursed, h.journeys.cases["A-2"].Verdict)
	assert.Equal(t, event.Verified, h.journeys.cases["A-1"].Verdict)
	assert.Equal(t, []string{"A-1 L-1 verified", "A-2 L-2 disbursed"}, h.query(`select id || ' ' || loan_id || ' ' || verdict from applications order by id`))
	spoofed := strings.Replace(disbursed("L-5", "B-1"), `"currency":"USD"`, `"currency":"USD","preapproval":{"verdict":"verified","at":"2026-01-01T00:00:00Z"}`, 1)
	h.must(spoofed)
	assert.Equal(t, " ", verdict("L-5"), "only Tender says that somebody was verified")
}

func TestWhatChangesWhetherAnApplicantMayBeCalledIsTold(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.must(preapproved("A-2", "B-1"))
	h.exec(`update applications set closed_at = now() where id = 'A-2'`)
	for n, e := range []struct{ kind, data string }{
		{"consent.revoked", `{"channel": "call"}`},
		{"consent.granted", `{"channel": "call"}`},
		{"hold.placed", `{"hold": "H-1", "kind": "vulnerable_pause"}`},
		{"hold.released", `{"hold": "H-1"}`},
		{"borrower.updated", `{"time_zones": ["UTC"]}`},
		{"borrower.died", `{"on": "2026-01-01"}`},
	} {
		result := h.must(happened(fmt.Sprint("e-", n), e.kind, "borrower/B-1", e.data))
		require.Len(t, result.Applications, 1, e.kind)
		assert.Equal(t, "A-1", result.Applications[0].Application, e.kind)
	}
	assert.Equal(t, int64(7), h.journeys.cases["A-1"].Through)
	for _, e := range h.journeys.effects {
		assert.NotContains(t, string(e.Data), "vulnerable_pause", "why a hold was placed stays in Postgres")
	}
}

func TestAClosedPreapprovalAnswersWithWhatItCameTo(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.exec(`update applications set closed_at = now(), verdict = 'declined', verdict_at = now()`)
	effects := len(h.journeys.effects)
	result := h.must(happened("w", "application.withdrawn", "application/A-1", `{}`))
	text, err := json.Marshal(result.Applications)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"application": "A-1", "state": "closed", "verdict": "declined"}]`, string(text))
	assert.Len(t, h.journeys.effects, effects, "its workflow has ended, and is not started again")
}

func TestAnApplicationIsHandedOverOnceTemporalIsBack(t *testing.T) {
	h := newHouse(t)
	h.journeys.set(func(j *journeys) { j.away = true })
	for _, text := range []string{preapproved("A-1", "B-1"), happened("w", "application.withdrawn", "application/A-1", `{}`)} {
		_, err := h.take(text)
		var away *intake.Unavailable
		require.ErrorAs(t, err, &away)
		require.True(t, away.Kept)
	}
	h.exec(`update application_deliveries set next_try = now()`)
	_, failed, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	require.Positive(t, failed)
	h.journeys.set(func(j *journeys) { j.away = false })
	h.exec(`update application_deliveries set next_try = now()`)
	found, failed, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	assert.Equal(t, [2]int{2, 0}, [2]int{found, failed})
	assert.Equal(t, event.Withdrawn, h.journeys.cases["A-1"].Verdict)
	assert.Equal(t, []string{"accepted", "accepted"}, h.query(`select state from application_deliveries order by number`))
	again := h.must(preapproved("A-1", "B-1"))
	assert.Equal(t, "A-1", again.Applications[0].Application)
	assert.Len(t, h.journeys.effects, 2, "once")
}

func TestATaskAboutAnApplicationAgesOut(t *testing.T) {
	h := newHouse(t)
	h.must(preapproved("A-1", "B-1"))
	h.calls("p-1", "A-1", "B-1")
	h.exec(`update tasks set until_at = now() - interval '1 hour'`)
	aged, err := h.door.AgeOnce(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, aged)
	assert.Equal(t, []string{"p-1"}, h.journeys.cases["A-1"].Ended)
	assert.Equal(t, []string{"aged_out"}, h.query(`select disposition from tasks`))
}
