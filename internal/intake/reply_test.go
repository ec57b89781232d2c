package intake_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
)

func TestWhatABorrowerSendsIsAContactThatTheBorrowerBegan(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	h.must(happened("hello", "borrower.replied", "borrower/B-1", `{"channel": "sms", "point": "mobile", "text": "how much is it?"}`, "time", at.Format(time.RFC3339)))
	standing, err := h.store.Standing(t.Context(), "B-1", time.Now().AddDate(0, -1, 0))
	require.NoError(t, err)
	require.Len(t, standing.Attempts, 1)
	came := standing.Attempts[0]
	came.At = came.At.UTC()
	require.Equal(t, contact.Attempt{
		Key: came.Key, At: at, Channel: contact.SMS, Point: "mobile", Direction: contact.Inbound, Purpose: contact.Reply,
		Disposition: contact.Delivered, Loans: []string{"L-1", "L-2"},
	}, came)
}

func TestAReplyOfWhoHasNoOpenLoanIsReadAndAStopConfirmed(t *testing.T) {
	h := newHouse(t)
	for _, loan := range []string{"L-1", "L-2", "L-3"} {
		h.must(disbursed(loan, "B-1"))
	}
	h.exec(`update loans set closed_at = now() - interval '1 day' * case id when 'L-2' then 1 else 2 end, journey = jsonb_build_object('loan', id)`)
	result := h.must(happened("hello", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "are we even?"}`))
	require.Empty(t, result.Loans, "no journey begins again for that")
	require.Equal(t, []string{"L-2 reply"}, h.query(`select loan_id || ' ' || reason from tasks`))
	result = h.must(happened("stop", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`))
	require.Len(t, result.Loans, 1)
	require.Equal(t, "L-2", result.Loans[0].Loan, "the loan that closed last confirms it")

	_, err := h.take(happened("unknown", "borrower.replied", "borrower/B-9", `{"channel": "sms", "text": "STOP"}`))
	var unknown *intake.Unknown
	require.ErrorAs(t, err, &unknown)
}
