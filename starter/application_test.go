package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
)

func TestAnApplicationIsListedAndShown(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, "No application waits for its callback.\n", x.run("application list").out)
	require.Equal(t, "No application is known.\n", x.run("application list --all").out)
	sent := x.typed(`{"specversion": "1.0", "source": "/origination", "id": "a-1", "type": "application.preapproved", "subject": "application/A-77",
		"data": {"borrower": {"id": "B-77", "name": "CANARY", "time_zones": ["America/New_York"], "jurisdiction": "us"}, "product": "installment_12",
		"currency": "USD", "amount": "1000.00", "total": "1090.00", "installments": 12, "first_due": "2027-04-01"}}`, "event", "send", "-f", "-")
	require.Equal(t, exitDone, sent.code, sent.err)
	list := x.run("application list")
	require.Equal(t, exitDone, list.code, list.err)
	require.Contains(t, list.out, "A-77")
	require.NotContains(t, list.out, "CANARY")
	shown := x.run("application show A-77")
	require.Equal(t, exitDone, shown.code, shown.err)
	require.Regexp(t, `(?s)^Application A-77 of borrower B-77, pre-approved .*product +installment_12\n +amount +1000\.00 USD\n +to pay back +1090\.00 USD in all\n +installments +12\n +first due +2027-04-01\n`, shown.out)
	var found report.Application
	require.NoError(t, json.Unmarshal([]byte(x.run("application show A-77 -o json").out), &found))
	require.Equal(t, "1000.00", found.Terms.Amount.String())
	none := x.run("application show A-78")
	require.Equal(t, exitNotFound, none.code)
	require.Contains(t, none.err, "application A-78 is not known; tender application list --all shows those that are")
	require.NotContains(t, x.run("loan list").out, "A-77", "an application is no loan")
	require.Contains(t, x.run("loan show application.A-77").err, "application.A-77 is no loan; tender application show A-77 shows the application")
	require.Contains(t, sent.out, "application/A-77: application.preapproved a-1")
	lent := x.typed(`{"specversion": "1.0", "source": "/core", "id": "l-1", "type": "loan.disbursed", "subject": "loan/L-77",
		"data": {"borrower": {"id": "B-77"}, "currency": "USD", "principal": "1000.00", "disbursed_on": "2026-02-09", "time_zone": "America/New_York",
			"application": "A-77", "schedule": [{"due": "2026-05-05", "principal": "1000.00"}]}}`, "event", "send", "-f", "-")
	require.Equal(t, exitDone, lent.code, lent.err)
	require.Regexp(t, `application +A-77: the loan was disbursed before the applicant was called back\n`, x.run("loan show L-77").out)
}
