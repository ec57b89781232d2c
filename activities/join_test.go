package activities_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	messages "github.com/tender-engine/tender/internal/message"
)

// waits records a decision that a loan's journey waits for: a notice at an instant.
func (o *office) waits(borrower, loan, key string, at time.Time, change ...func(*journey.Step)) journey.Order {
	o.Helper()
	order := o.order(borrower, loan, key, contact.SMS)
	order.Step.At = at
	for _, f := range change {
		f(&order.Step)
	}
	body, err := json.Marshal(map[string]any{"number": order.Number, "step": order.Step})
	require.NoError(o, err)
	_, err = o.sql.Exec(o.Context(), `insert into decisions (loan_id, seq, hash, at, body) values ($1, $2, $3, $4, $5)`, loan, order.Seq, order.Hash, noon, body)
	require.NoError(o, err)
	_, err = o.sql.Exec(o.Context(), `update loans set seq = $2, next_at = $3, next_step = $4 where id = $1`, loan, order.Seq, at, key)
	require.NoError(o, err)
	return order
}

func (o *office) said() (texts []string) {
	o.Helper()
	rows, err := o.sql.Query(o.Context(), `select body from outbox order by recorded_at`)
	require.NoError(o, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		require.NoError(o, rows.Scan(&text))
		texts = append(texts, text)
	}
	return texts
}

func TestOnePersonGetsOneMessageAboutAllLoansThatAreDueWithinADay(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2", "L-3", "L-4", "L-5")
	o.borrow("B-2", "M-1")
	second := o.waits("B-1", "L-2", "notice-2@2026-01-12", noon.Add(20*time.Hour))
	o.waits("B-1", "L-3", "notice-1@2026-01-12", noon.Add(25*time.Hour))                                                            // too far off
	o.waits("B-1", "L-4", "follow-up@2026-01-12", noon.Add(time.Hour), func(s *journey.Step) { s.Purpose = contact.Informational }) // no collection
	o.waits("B-1", "L-5", "notice-1@2026-01-12", noon.Add(time.Hour))
	o.happens("payment.posted", "loan/L-5", `{"transaction": "T-1", "amount": "100.00", "currency": "USD", "value_date": "2026-01-13"}`) // and now there is nothing to write about
	o.waits("B-2", "M-1", "notice-1@2026-01-12", noon.Add(time.Hour))                                                                    // another person
	w := o.worker()

	first := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
	done, err := w.SendMessage(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, journey.ResultSent, done.Result, done.Code)
	texts := o.said()
	require.Len(t, texts, 1)
	require.Contains(t, texts[0], "Also open: $100.00 on your loan L-2 since 12 January 2026.")
	for _, other := range []string{"L-3", "L-4", "L-5", "M-1"} {
		require.NotContains(t, texts[0], other)
	}
	require.Equal(t, []string{"notice-1@2026-01-12 by sms: sent"}, o.ledger("L-1"))
	require.Equal(t, []string{"notice-1@2026-01-12 by sms: sent"}, o.ledger("L-2"), "it counts for each loan")
	require.Empty(t, o.ledger("L-3"))
	require.Equal(t, 1, o.counted("B-1"), "and is one contact")

	// The other loan's journey finds that its step was made, however often it asks.
	for range 2 {
		theirs, err := w.SendMessage(t.Context(), second)
		require.NoError(t, err)
		require.Equal(t, journey.ResultSent, theirs.Result)
		require.Equal(t, done.Contact, theirs.Contact)
		require.Equal(t, second.Step.Key, theirs.Key)
	}
	require.Len(t, o.said(), 1)
}

func TestAnSMSSpeaksOfNoMoreLoansThanItHasRoomFor(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2", "L-3", "L-4")
	for n, loan := range []string{"L-2", "L-3", "L-4"} {
		o.waits("B-1", loan, "notice-1@2026-01-12", noon.Add(time.Duration(n+1)*time.Hour))
	}
	done := o.do(o.worker(), o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS))
	require.Equal(t, journey.ResultSent, done.Result, done.Code)
	text := o.said()[0]
	segments, _ := messages.Segments(text)
	require.Equal(t, 3, segments, text)
	require.Contains(t, text, "L-2")
	require.NotContains(t, text, "L-4")
	require.Equal(t, []string{"notice-1@2026-01-12 by sms: sent"}, o.ledger("L-2"))
	require.Empty(t, o.ledger("L-4"), "it will be written of by itself")
}

func TestALoanThatRulesForbidToSpeakOfDoesNotJoin(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2", "L-3")
	o.happens("dispute.raised", "loan/L-2", `{"dispute": "D-1"}`)
	o.waits("B-1", "L-2", "notice-1@2026-01-12", noon.Add(time.Hour))
	o.waits("B-1", "L-3", "notice-1@2026-01-12", noon.Add(time.Hour))
	o.happens("contacts.halted", "", `{"halt": "HALT-1", "template": "notice-1", "reason": "a wrong word in it"}`)
	first := o.order("B-1", "L-1", "notice-2@2026-01-12", contact.SMS)
	first.Step.Template = "notice-2"
	done, err := o.worker().SendMessage(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, journey.ResultSent, done.Result, done.Code)
	require.NotContains(t, o.said()[0], "Also open")
}

func TestAMessageThatFailedJoinedNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2")
	second := o.waits("B-1", "L-2", "notice-1@2026-01-12", noon.Add(time.Hour))
	p, d := twilioWith(o)
	d.says(http.StatusTooManyRequests, twilioError(20429))
	w := o.worker(p.env...)
	done := o.do(w, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS))
	require.Equal(t, journey.ResultFailed, done.Result)
	theirs := o.do(w, second)
	require.Equal(t, journey.ResultSent, theirs.Result, theirs.Code)
	require.NotEqual(t, done.Contact, theirs.Contact)
	require.Equal(t, []string{"notice-1@2026-01-12 by sms:  twilio_20429", "notice-1@2026-01-12 by sms: sent"}, o.ledger("L-2"))
}
