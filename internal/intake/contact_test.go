package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAContactNamesTheLoansThatItWasAbout(t *testing.T) {
	h := newHouse(t)
	for _, loan := range []string{"L-1", "L-2", "L-3"} {
		h.must(disbursed(loan, "B-1"))
	}
	h.must(disbursed("L-9", "B-9"))
	const call = `"channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "right_party"`
	result := h.must(happened("k-1", "contact.recorded", "borrower/B-1", `{"contact": "K-1", "loans": ["L-3", "L-1"], `+call+`}`))
	require.Len(t, result.Loans, 2)
	require.Equal(t, []string{"{L-1,L-3}"}, h.query(`select loan_ids::text from contacts`))
	h.must(happened("k-2", "contact.recorded", "borrower/B-1", `{"contact": "K-1", "loans": ["L-1", "L-3"], `+call+`}`))
	require.Len(t, h.query(`select key from contacts`), 1, "it is the same one")
	for name, c := range map[string]struct{ subject, data, says string }{
		"another channel":       {"borrower/B-1", `{"contact": "K-1", "loans": ["L-1", "L-3"], "channel": "sms", "direction": "outbound", "purpose": "collection", "disposition": "sent"}`, "K-1 is the id of another contact: outbound, by call, about L-1, L-3"},
		"other-loans":           {"loan/L-2", `{"contact": "K-1", ` + call + `}`, "K-1 is the id of another contact"},
		"another-borrower":      {"loan/L-9", `{"contact": "K-1", ` + call + `}`, "K-1 is a contact with another borrower"},
		"another-borrower-loan": {"borrower/B-1", `{"contact": "K-2", "loans": ["L-9"], ` + call + `}`, "unknown loan L-9: borrower B-1 has none of that id"},
		"not-the-subject":       {"loan/L-1", `{"contact": "K-2", "loans": ["L-2"], ` + call + `}`, "data.loans: leave out loan L-1"},
	} {
		_, err := h.take(happened(strings.ReplaceAll(name, " ", "-"), "contact.recorded", c.subject, c.data))
		require.ErrorContains(t, err, c.says, name)
	}
}

func TestAContactThroughAnUnknownPointCountsForEveryOne(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("k", "contact.recorded", "loan/L-1", `{"contact": "K", "point": "Mobile", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "no_answer"}`))
	require.Equal(t, []string{""}, h.query(`select point from contacts`))
}

func TestAContactWithWhoHasNoOpenLoanIsAboutTheOneThatClosedLast(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.exec(`update loans set closed_at = now(), journey = jsonb_build_object('loan', id)`)
	result := h.must(happened("k", "contact.recorded", "borrower/B-1", `{"contact": "K", "channel": "call", "direction": "outbound", "purpose": "survey", "disposition": "no_answer"}`))
	require.Empty(t, result.Loans)
	require.Equal(t, []string{"{L-1}"}, h.query(`select loan_ids::text from contacts`))
	h.must(happened("a", "application.preapproved", "application/A-1", `{"borrower": {"id": "B-2", "time_zones": ["UTC"]}, "product": "installment",
		"currency": "USD", "amount": "600.00", "offer": {"installments": 12, "total_cost": "37.50", "first_due": "2026-03-10"}, "until": "2999-01-01T00:00:00Z", "time_zone": "America/New_York"}`))
	h.must(happened("k2", "contact.recorded", "borrower/B-2", `{"contact": "K2", "channel": "call", "direction": "outbound", "purpose": "survey", "disposition": "no_answer"}`))
}
