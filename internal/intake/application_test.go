package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const applied = `{"borrower": {"id": "B-1", "time_zones": ["America/New_York"]}, "product": "installment", "currency": "USD", "amount": "1000.00"}`

func TestAnApplicationThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.must(happened("B", "application.preapproved", "application/A-2", `{"borrower": {"id": "B-2"}}`))
	h.must(disbursed("L-1", "B-1"))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values
		('t-app', 'application.A-1', 'B-1', 'verify@A-1', 'preapproval', now(), 'informational', true),
		('t-loan', 'L-1', 'B-1', 'notice-1@2026-01-01', 'no_channel', now(), 'collection', true)`)
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
		"an outcome of a loan":     {"call.completed", "loan/L-1", `{"task": "t-loan", "disposition": "right_party", "application": {"outcome": "verified"}}`, "data.application: goes with a task about an application"},
		"no outcome":               {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "right_party"}`, "data.application: is missing"},
		"an outcome that is none":  {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "right_party", "application": {"outcome": "open"}}`, "data.application.outcome: must be verified, declined or suspected_fraud"},
		"an outcome of nobody":     {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "voicemail", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition voicemail"},
		"verified by another":      {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "third_party", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition third_party"},
		"asked, and to be asked":   {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "callback", "application": {"outcome": "verified"}}`, "data.application: does not go with the disposition callback"},
		"a promise before a loan":  {"call.completed", "application/A-1", `{"task": "t-app", "disposition": "promise", "promise": {"promise": "P", "amount": "1.00", "currency": "USD", "by": "2027-01-01"}, "application": {"outcome": "verified"}}`, "no promise, hardship or dispute goes with a task about an application"},
		"the task of another loan": {"call.completed", "application/A-2", `{"task": "t-app", "disposition": "no_answer"}`, "data.task"},
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
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values ('t-app', 'application.A-1', 'B-1', 'verify@A-1', 'preapproval', now(), 'informational', true)`)
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-app", "disposition": "right_party", "application": {"outcome": "verified", "questions": ["why?", "when?"]}}`))
	require.Equal(t, []string{`{"asked": 2, "outcome": "verified"}`}, h.query(`select (data -> 'application')::text from events where type = 'call.completed'`))
	require.Equal(t, []string{`["why?", "when?"]`}, h.query(`select (p.data #> '{application,questions}')::text from event_particulars p join events e on e.pk = p.event_pk where e.type = 'call.completed'`))
	require.Equal(t, []string{"1 application.preapproved", "2 call.completed"}, h.journeys.told("application.A-1"))
	h.must(happened("R", "call.completed", "application/A-1", `{"task": "t-app", "disposition": "refused"}`))
	require.Equal(t, []string{"declined"}, h.query(`select data #>> '{application,outcome}' from events where id = 'R'`), "who refuses to talk declines")
}

func TestAnotherPersonWhoAnswersMayMakeOneSuspectAFraud(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values ('t-app', 'application.A-1', 'B-1', 'verify@A-1', 'preapproval', now(), 'informational', true)`)
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-app", "disposition": "third_party", "application": {"outcome": "suspected_fraud"}}`))
	require.Equal(t, []string{"done suspected_fraud"}, h.query(`select (data ->> 'then') || ' ' || (data #>> '{application,outcome}') from events where id = 'C'`))
	require.Equal(t, []string{"true"}, h.query(`select (done_at is not null)::text from tasks where key = 't-app'`), "nobody is to call again")
}
