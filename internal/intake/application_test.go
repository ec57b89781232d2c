package intake_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
)

const applied = `{"borrower": {"id": "B-1", "time_zones": ["America/New_York"]}, "product": "installment", "currency": "USD", "amount": "1000.00"}`

// toCallBack is the task to call the applicant of an application back: t- and its id.
const toCallBack = `insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls)
	select 't-' || $1::text, 'application.' || $1, borrower_id, 'verify@' || $1, 'preapproval', now(), 'informational', true from loans where id = 'application.' || $1`

// lentFor is the disbursement of a loan that came of an application.
func lentFor(application string) string {
	return fmt.Sprintf(`{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "1.00", "disbursed_on": "2026-01-05", "time_zone": "UTC",
		"application": %q, "schedule": [{"due": "2026-02-05", "principal": "1.00"}]}`, application)
}

func TestAnApplicationThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.must(happened("B", "application.preapproved", "application/A-2", `{"borrower": {"id": "B-2"}}`))
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("D", "application.preapproved", "application/A-4", applied))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls, rule) values
		('t-app', 'application.A-1', 'B-1', 'verify@A-1', 'preapproval', now(), 'informational', true, ''),
		('t-rule', 'application.A-4', 'B-1', 'verify@A-4', 'preapproval', now(), 'informational', true, 'us/opt-out'),
		('t-loan', 'L-1', 'B-1', 'notice-1@2026-01-01', 'no_channel', now(), 'collection', true, '')`)
	for name, test := range map[string]struct{ kind, subject, data, want string }{
		"again":                    {"application.preapproved", "application/A-1", applied, "subject: application A-1 is known already"},
		"no borrower":              {"application.preapproved", "application/A-3", `{"borrower": {}}`, "data.borrower.id: is missing"},
		"amounts of nothing":       {"application.preapproved", "application/A-3", `{"borrower": {"id": "B-1"}, "amount": "5.00"}`, "data.currency: is missing"},
		"a total that is less":     {"application.preapproved", "application/A-3", `{"borrower": {"id": "B-1"}, "currency": "USD", "amount": "5.00", "total": "4.00"}`, "data.total: is less"},
		"no currency":              {"application.preapproved", "application/A-3", `{"borrower": {"id": "B-1"}, "currency": "Taler"}`, "data.currency: is not an ISO 4217"},
		"too late":                 {"application.preapproved", "application/A-3", `{"borrower": {"id": "B-1"}, "until": "2020-01-01T00:00:00Z"}`, "data.until: 2020-01-01T00:00:00Z has passed already"},
		"nobody's zone":            {"application.preapproved", "application/A-3", `{"borrower": {"id": "B-1"}, "time_zone": "Atlantis"}`, "data.time_zone: is not an IANA time zone"},
		"unknown":                  {"application.withdrawn", "application/A-9", `{}`, "unknown application A-9: send its application.preapproved first"},
		"a loan of that name":      {"loan.disbursed", "loan/application.A-1", `{}`, "subject: begins with application."},
		"somebody else's":          {"loan.disbursed", "loan/L-2", `{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "1.00", "disbursed_on": "2026-01-05", "time_zone": "UTC", "application": "A-2", "schedule": [{"due": "2026-02-05", "principal": "1.00"}]}`, "data.application: A-2 is the application of another borrower"},
		"an outcome of a loan":     {"call.completed", "loan/L-1", `{"task": "t-loan", "disposition": "right_party", "application": {"outcome": "verified"}}`, "data.application: goes with a task to call an applicant back"},
		"no outcome":               {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "right_party"}`, "data.application: is missing"},
		"an outcome that is none":  {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "right_party", "application": {"outcome": "open"}}`, "data.application.outcome: must be one of verified, declined, suspected_fraud"},
		"an outcome of nobody":     {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "voicemail", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition voicemail"},
		"verified by another":      {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "third_party", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition third_party"},
		"asked, and to be asked":   {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "callback", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition callback"},
		"a promise before a loan":  {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "promise", "promise": {"promise": "P", "amount": "1.00", "currency": "USD", "by": "2027-01-01"}, "application": {"outcome": "verified"}}`, "no promise, hardship or dispute goes with a task about an application"},
		"the task of another loan": {"call.completed", "application/A-2", `{"task": "t-app", "disposition": "no_answer"}`, "data.task"},
		"another of theirs":        {"call.completed", "application/A-4", `{"task": "t-app", "disposition": "no_answer"}`, "data.task: t-app is a task about something else than application A-4"},
		"verified by a refusal":    {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "refused", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition refused"},
		"after the approval":       {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "callback", "callback_at": "2099-01-01T00:00:00Z"}`, "data.callback_at: lies after the approval"},
		"a question of no words":   {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "callback", "application": {"questions": [" "]}}`, "data.application.questions[0]: is empty"},
		"no word of anything":      {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "callback", "application": {}}`, "data.application.outcome: is missing"},
		"an application in words":  {"loan.disbursed", "loan/L-2", lentFor("CANARY Ann Lee +1 212 555 0143"), "data.application: is no id"},
		"no rule forbids the call": {"call.completed", "application/A-1", `{"task": "t-app", "application": {"outcome": "verified"}}`, "data.disposition: is missing"},
		"nobody was called":        {"call.completed", "application/A-4", `{"task": "t-rule"}`, "data.application: is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.everything()
			_, err := h.take(happened("x-"+test.subject[len(test.subject)-1:]+name[:1], test.kind, test.subject, test.data))
			require.ErrorContains(t, err, test.want)
			require.Equal(t, before, h.everything(), "nothing of it is kept")
		})
	}
}

func TestQuestionsOfAnApplicantAreCountedAndKeptInPostgres(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(toCallBack, "A-1")
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-A-1", "disposition": "right_party", "application": {"outcome": "verified", "questions": ["why?", "when?"]}}`))
	require.Equal(t, []string{`{"asked": 2, "outcome": "verified"}`}, h.query(`select (data -> 'application')::text from events where type = 'call.completed'`))
	require.Equal(t, []string{`["why?", "when?"]`}, h.query(`select (p.data #> '{application,questions}')::text from event_particulars p join events e on e.pk = p.event_pk where e.type = 'call.completed'`))
	require.Equal(t, []string{"1 application.preapproved", "2 call.completed"}, h.journeys.told("application.A-1"))
	h.must(happened("B", "application.preapproved", "application/A-2", applied))
	h.exec(toCallBack, "A-2")
	h.must(happened("Q", "call.completed", "application/A-2", `{"task": "t-A-2", "disposition": "callback", "application": {"questions": ["CANARY how much?"]}}`))
	require.Equal(t, []string{`again {"asked": 1}`}, h.query(`select (data ->> 'then') || ' ' || (data -> 'application')::text from events where id = 'Q'`), "what was asked before a callback is kept")
	h.must(happened("R", "call.completed", "application/A-2", `{"task": "t-A-2", "disposition": "refused"}`))
	require.Equal(t, []string{"declined"}, h.query(`select data #>> '{application,outcome}' from events where id = 'R'`), "who refuses to talk declines")
}

func TestAnotherPersonWhoAnswersMayMakeOneSuspectAFraud(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(toCallBack, "A-1")
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-A-1", "disposition": "third_party", "application": {"outcome": "suspected_fraud"}}`))
	require.Equal(t, []string{"done suspected_fraud"}, h.query(`select (data ->> 'then') || ' ' || (data #>> '{application,outcome}') from events where id = 'C'`))
	require.Equal(t, []string{"true"}, h.query(`select (done_at is not null)::text from tasks where key = 't-A-1'`), "nobody is to call again")
}

// A lending system that pays out as soon as it is told does so before the workflow of the application has ended.
func TestALoanKnowsAnOutcomeOfWhichTheLendingSystemIsJustTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for n, test := range []struct{ name, said, told, want string }{
		{"said, and not decided upon", "verified", "", "verified"},
		{"said, and told", "declined", "declined", "declined"},
		{"followed from time", "", "unreachable", "unreachable"},
		{"found to be a fraud after it was told", "suspected_fraud", "verified", "suspected_fraud"},
		{"nothing", "", "", "open"},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := fmt.Sprintf("A-%d", n)
			h.must(happened(id, "application.preapproved", "application/"+id, applied))
			h.exec(toCallBack, id)
			if test.told != "" {
				h.exec(`insert into notices (key, loan_id, kind, at, data) values ($1, 'application.' || $1::text, 'tender.preapproval', now(), jsonb_build_object('outcome', $2::text))`, id, test.told)
			}
			if test.said != "" {
				h.must(happened("C"+id, "call.completed", "application/"+id, fmt.Sprintf(`{"task": "t-%s", "disposition": "right_party", "application": {"outcome": %q}}`, id, test.said)))
			}
			h.must(happened("L"+id, "loan.disbursed", "loan/L-"+id, lentFor(id)))
			require.Equal(t, []string{test.want}, h.query(`select data ->> 'verified' from events where id = $1`, "L"+id))
			require.Contains(t, h.journeys.told("application." + id)[len(h.journeys.told("application."+id))-1], "loan.disbursed", "nobody is to be called any more")
			require.Equal(t, event.Verified(test.want), h.journeys.all["application."+id].Application.Outcome)
		})
	}
}

func TestAnApplicationHearsWhatItsApplicantSaysAndIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.must(happened("H", "hold.placed", "borrower/B-1", `{"hold": "H-1", "kind": "incapacity"}`))
	h.must(happened("R", "hold.released", "borrower/B-1", `{"hold": "H-1"}`))
	h.must(happened("W", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "hmm"}`))
	require.Equal(t, []string{"application.A-1 reply"}, h.query(`select loan_id || ' ' || reason from tasks`), "a person reads it")
	h.must(happened("D", "borrower.died", "borrower/B-1", `{"on": "2020-01-01"}`))
	require.Equal(t, []string{"1 application.preapproved", "2 hold.placed", "3 hold.released", "4 borrower.replied", "5 borrower.died"}, h.journeys.told("application.A-1"))
}

func TestWhatIsSaidOfALoanIsNotSaidOfAnApplication(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(`update loans set past_due = 40, outstanding = 300 where id = 'L-1'`)
	h.must(replied("B-1", "P", "I will pay 40 on Friday"))
	h.must(replied("B-1", "D", "this amount is wrong, I dispute it"))
	h.must(replied("B-1", "Q", "hmm"))
	require.Equal(t, []string{"dispute.raised loan/L-1", "promise.made loan/L-1"}, h.query(`select type || ' ' || subject from events where type in ('promise.made', 'dispute.raised') order by 1`))
	require.Equal(t, []string{"L-1"}, h.query(`select distinct loan_id from tasks`))
	require.Equal(t, []string{"{L-1}"}, h.query(`select distinct loan_ids::text from contacts`))
	require.NotContains(t, h.journeys.told("application.A-1"), "promise.made")
}

func TestACallThatTellsOfADeathIsToldToTheApplicationToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(toCallBack, "A-1")
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-A-1", "disposition": "deceased"}`))
	require.Equal(t, []string{"1 application.preapproved", "2 call.completed"}, h.journeys.told("application.A-1"))
	require.Equal(t, []string{"1 loan.disbursed", "2 call.completed"}, h.journeys.told("L-1"))
	require.Equal(t, 1, h.journeys.all["application.A-1"].Application.Calls)
}

func TestAnOutcomeIsNotContradicted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(toCallBack, "A-1")
	say := func(id, outcome, questions string) error {
		_, err := h.take(happened(id, "call.completed", "application/A-1", fmt.Sprintf(`{"task": "t-A-1", "disposition": "right_party", "application": {"outcome": %q, "questions": [%s]}}`, outcome, questions)))
		return err
	}
	require.NoError(t, say("1", "verified", `"why?"`))
	require.ErrorContains(t, say("2", "declined", ""), "application A-1 is verified already")
	require.NoError(t, say("3", "verified", `"why?", "when?"`), "the same call again")
	require.NoError(t, say("4", "suspected_fraud", ""), "that must reach the lending system")
	require.ErrorContains(t, say("5", "verified", ""), "application A-1 is suspected_fraud already")
	app := h.journeys.all["application.A-1"].Application
	require.Equal(t, event.IsSuspected, app.Outcome)
}

func TestAnApplicantWhoMayNotBeCalledIsVerifiedInAnotherWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(toCallBack, "A-1")
	h.exec(`update tasks set rule = 'us/opt-out'`)
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-A-1", "application": {"outcome": "verified"}}`))
	app := h.journeys.all["application.A-1"].Application
	require.Equal(t, event.IsVerified, app.Outcome)
	require.Zero(t, app.Calls, "nobody called")
}

func TestALoanThatIsThereBeforeItsApplicationIsNotCalledAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("L", "loan.disbursed", "loan/L-1", lentFor("A-1")))
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	app := h.journeys.all["application.A-1"].Application
	require.Equal(t, []string{"open", "L-1"}, []string{string(app.Outcome), app.Loan})
	_, err := h.take(happened("M", "loan.disbursed", "loan/L-2", lentFor("A-1")))
	require.ErrorContains(t, err, "data.application: loan L-1 came of A-1")
}

func TestAFraudThatIsClaimedAfterTheCallIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []string{"A-1", "A-2"} {
		h.must(happened(id, "application.preapproved", "application/"+id, applied))
	}
	h.exec(`update loans set closed_at = now(), journey = '{"loan": "application.A-1", "application": {"id": "A-1", "outcome": "verified"}}' where id = 'application.A-1'`)
	h.must(happened("W", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "I never applied for this loan"}`))
	require.Len(t, h.journeys.resumed, 1, "the one that was closed is taken up again")
	require.Contains(t, h.journeys.told("application.A-2"), "3 hold.placed")
}
