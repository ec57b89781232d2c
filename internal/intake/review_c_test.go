package intake_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Findings of the review of the callback to applications: each of these fails.

const (
	appTask = `insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values ('t-app', 'application.A-1', 'B-1', 'verify@A-1', 'preapproval', now(), 'informational', true)`
	lentFor = `{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "1.00", "disbursed_on": "2026-01-05", "time_zone": "UTC", "application": %APP%, "schedule": [{"due": "2026-02-05", "principal": "1.00"}]}`
)

func lent(application string) string {
	return replaceOnce(lentFor, "%APP%", `"`+application+`"`)
}

func replaceOnce(text, from, to string) string {
	for n := 0; n+len(from) <= len(text); n++ {
		if text[n:n+len(from)] == from {
			return text[:n] + to + text[n+len(from):]
		}
	}
	return text
}

// A lender that pays out as soon as it is told does so before the application's workflow has closed.
func TestALoanKnowsAnOutcomeThatIsDecidedAndNotYetClosed(t *testing.T) {
	t.Parallel()
	for _, outcome := range []string{"verified", "suspected_fraud"} {
		t.Run(outcome, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(happened("A", "application.preapproved", "application/A-1", applied))
			h.exec(`update loans set journey = jsonb_build_object('application', jsonb_build_object('outcome', $1::text)) where id = 'application.A-1'`, outcome)
			h.must(happened("L", "loan.disbursed", "loan/L-1", lent("A-1")))
			require.Equal(t, []string{outcome}, h.query(`select data ->> 'verified' from events where id = 'L'`))
		})
	}
}

func TestAnApplicationHearsWhatItsApplicantIsToldOf(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.must(happened("H", "hold.placed", "borrower/B-1", `{"hold": "H-1", "kind": "incapacity"}`))
	h.must(happened("R", "hold.released", "borrower/B-1", `{"hold": "H-1"}`))
	h.must(happened("D", "borrower.died", "borrower/B-1", `{"on": "2020-01-01"}`))
	told := h.journeys.told("application.A-1")
	require.Contains(t, told, "2 hold.placed")
	require.Contains(t, told, "3 hold.released", "else it waits for the hold until the approval lapses")
	require.Contains(t, told, "4 borrower.died")
}

func TestAnApplicationHearsThatItsApplicantHasDied(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.exec(appTask)
	h.must(happened("C", "call.completed", "application/A-1", `{"task": "t-app", "disposition": "deceased"}`))
	require.Equal(t, []string{"1 application.preapproved", "2 call.completed"}, h.journeys.told("application.A-1"))
}

func TestTheApplicationOfALoanIsAnID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.take(happened("L", "loan.disbursed", "loan/L-1", lent("CANARY Ann Lee +1 212 555 0143, 12 Elm Street")))
	require.ErrorContains(t, err, "data.application")
}

func TestACallIsAboutTheApplicationOfItsTask(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.must(happened("A", "application.preapproved", "application/A-1", applied))
	h.must(happened("B", "application.preapproved", "application/A-2", applied))
	h.exec(appTask)
	_, err := h.take(happened("C", "call.completed", "application/A-2", `{"task": "t-app", "disposition": "no_answer"}`))
	require.ErrorContains(t, err, "data.task")
}

func TestACallThatIsRefusedOrPutOffVerifiesNothing(t *testing.T) {
	t.Parallel()
	for _, disposition := range []string{"refused", "callback"} {
		t.Run(disposition, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.must(happened("A", "application.preapproved", "application/A-1", applied))
			h.exec(appTask)
			_, err := h.take(happened("C", "call.completed", "application/A-1", `{"task": "t-app", "disposition": "`+disposition+`", "application": {"outcome": "verified"}}`))
			require.ErrorContains(t, err, "data.application")
		})
	}
}
