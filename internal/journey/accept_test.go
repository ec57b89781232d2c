package journey_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

func TestWhatCannotBeAboutThisLoanIsRefused(t *testing.T) {
	t.Parallel()
	posting := func(currency, date string) string {
		return `{"transaction":"T-1","amount":"10.00","currency":"` + currency + `","value_date":"` + date + `"}`
	}
	promise := func(currency, by string) string {
		return `{"promise":"P-1","amount":"10.00","currency":"` + currency + `","by":"` + by + `"}`
	}
	long := func(kind event.Type, data string) event.Event { // ago
		e := happened(2, kind, data)
		e.At = e.At.AddDate(0, 0, -2)
		return e
	}
	stranger := happened(2, event.PaymentPosted, posting("USD", "2026-01-20"))
	stranger.Loan = "L-2"
	for name, c := range map[string]struct {
		event event.Event
		field string // empty: it is accepted
		says  string
	}{
		"another loan's event":             {stranger, "subject", "loan L-1: the event is about loan L-2; send it there"},
		"no number":                        {happened(0, event.PaymentPosted, posting("USD", "2026-01-20")), "number", "has no number"},
		"a number below nothing":           {happened(-3, event.PaymentPosted, posting("USD", "2026-01-20")), "number", "has no number"},
		"a second disbursement":            {happened(2, event.LoanDisbursed, disbursement), "subject", "is disbursed already"},
		"the same disbursement again":      {happened(1, event.LoanDisbursed, disbursement), "", ""},
		"an event that came before":        {happened(1, event.PaymentPosted, posting("EUR", "2026-01-20")), "", ""},
		"a payment":                        {happened(2, event.PaymentPosted, posting("USD", "2026-01-20")), "", ""},
		"a payment on the first day":       {happened(2, event.PaymentPosted, posting("USD", "2026-01-05")), "", ""},
		"a payment before the loan":        {happened(2, event.PaymentPosted, posting("USD", "2026-01-04")), "data.value_date", "2026-01-04 lies before the disbursement on 2026-01-05"},
		"news from before the loan":        {long(event.PaymentPosted, posting("USD", "2026-01-20")), "time", "the event happened before the disbursement on 2026-01-05; correct its time"},
		"an end from before the loan":      {long(event.LoanSettled, `{"on":"2026-01-05"}`), "time", "before the disbursement"},
		"a promise from before the loan":   {long(event.PromiseMade, promise("USD", "2026-01-25")), "time", "before the disbursement"},
		"a wish from before the loan":      {long(event.ConsentRevoked, `{}`), "", ""},
		"a hold from before the loan":      {long(event.HoldPlaced, `{"hold":"H-1","kind":"paid"}`), "", ""},
		"other money":                      {happened(2, event.PaymentPosted, posting("EUR", "2026-01-20")), "data.currency", "posting in EUR, but the loan is in USD"},
		"a reversal in other money":        {happened(2, event.PaymentReversed, posting("EUR", "2026-01-20")), "data.currency", "EUR"},
		"a refund in other money":          {happened(2, event.PaymentRefunded, posting("EUR", "2026-01-20")), "data.currency", "EUR"},
		"a fee in other money":             {happened(2, event.FeeCharged, posting("EUR", "2026-01-20")), "data.currency", "EUR"},
		"a waiver in other money":          {happened(2, event.FeeWaived, posting("EUR", "2026-01-20")), "data.currency", "EUR"},
		"a recovery in other money":        {happened(2, event.RecoveryPosted, posting("EUR", "2026-01-20")), "data.currency", "EUR"},
		"a posting that cannot be read":    {happened(2, event.PaymentPosted, `{"amount":"much"}`), "data", "cannot be read"},
		"a settlement":                     {happened(2, event.LoanSettled, `{"on":"2026-01-05"}`), "", ""},
		"a settlement before the loan":     {happened(2, event.LoanSettled, `{"on":"2025-12-31"}`), "data.on", "2025-12-31 lies before"},
		"a cancellation before the loan":   {happened(2, event.LoanCancelled, `{"on":"2025-12-31"}`), "data.on", "lies before"},
		"a write-off before the loan":      {happened(2, event.LoanWrittenOff, `{"on":"2025-12-31"}`), "data.on", "lies before"},
		"a new schedule":                   {happened(2, event.LoanRescheduled, `{"schedule":[{"due":"2026-06-01","principal":"200"}]}`), "", ""},
		"a schedule from before the loan":  {happened(2, event.LoanRescheduled, `{"schedule":[{"due":"2025-06-01","principal":"200"}]}`), "data.schedule[0].due", "lies before"},
		"a promise":                        {happened(2, event.PromiseMade, promise("USD", "2026-01-25")), "", ""},
		"a promise of other money":         {happened(2, event.PromiseMade, promise("CNY", "2026-01-25")), "data.currency", "promise in CNY, but the loan is in USD"},
		"a promise for before the loan":    {happened(2, event.PromiseMade, promise("USD", "2025-01-25")), "data.by", "lies before"},
		"a hold":                           {happened(2, event.HoldPlaced, `{"hold":"H-1","kind":"dispute_open"}`), "", ""},
		"a type that nobody knows":         {happened(2, "no.such.type", `{}`), "", ""},
		"a number that leaves a gap":       {happened(9, event.PaymentPosted, posting("USD", "2026-01-20")), "", ""},
		"a death, whatever its data":       {happened(2, event.BorrowerDied, `nonsense`), "", ""},
		"a promise that cannot be read":    {happened(2, event.PromiseMade, `nonsense`), "", ""},
		"a settlement that cannot be read": {happened(2, event.LoanSettled, `nonsense`), "", ""},
	} {
		err := begun().Accepts(c.event)
		if c.field == "" {
			require.NoError(t, err, name)
			continue
		}
		var refusal *event.Error
		require.True(t, errors.As(err, &refusal), name)
		require.Equal(t, c.field, refusal.Field, name)
		require.Contains(t, refusal.Reason, c.says, name)
	}
}

func TestBeforeItsDisbursementAJourneyAcceptsWhatIsToCome(t *testing.T) {
	t.Parallel()
	j := journey.Journey{Loan: "L-1"}
	require.NoError(t, j.Accepts(happened(1, event.LoanDisbursed, disbursement)))
	require.NoError(t, j.Accepts(happened(2, event.PaymentPosted, `{"currency":"EUR","value_date":"1999-01-01"}`)))
}

func TestAPostingCountsOnceForItsID(t *testing.T) {
	t.Parallel()
	j := journey.Journey{
		Loan: "L-1", Disbursed: time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC), DisbursedOn: bizclock.MustDate("2026-01-05"),
		Contract: loan.Contract{Currency: "USD"},
	}
	number := int64(0)
	say := func(kind event.Type, transaction, amount, reverses string) (event.Event, error) {
		number++
		e := event.Event{Type: kind, Loan: "L-1", Number: number, At: time.Date(2026, 2, 1, 15, 0, 0, 0, time.UTC), Data: fmt.Appendf(nil,
			`{"transaction":%q,"amount":%q,"currency":"USD","value_date":"2026-02-01","reverses":%q}`, transaction, amount, reverses)}
		return e, j.Accepts(e)
	}
	paid, err := say(event.PaymentPosted, "T-1", "10.00", "")
	require.NoError(t, err)
	j.Apply(paid)

	again, err := say(event.PaymentPosted, "T-1", "10.0", "")
	require.NoError(t, err, "the same posting under another event's id is no mistake")
	j.Apply(again)
	require.Len(t, j.Transactions, 1)

	for name, wrong := range map[string]struct {
		kind                          event.Type
		transaction, amount, reverses string
		field                         string
	}{
		"another amount under the same id": {event.PaymentPosted, "T-1", "11.00", "", "data.transaction"},
		"a reversal of nothing":            {event.PaymentReversed, "R-1", "10.00", "", "data.reverses"},
		"a reversal of what never came":    {event.PaymentReversed, "R-1", "10.00", "T-9", "data.reverses"},
		"a reversal of more than was paid": {event.PaymentReversed, "R-1", "10.01", "T-1", "data.amount"},
	} {
		_, err := say(wrong.kind, wrong.transaction, wrong.amount, wrong.reverses)
		number-- // what is refused is not told
		var at *event.Error
		require.ErrorAs(t, err, &at, name)
		require.Equal(t, wrong.field, at.Field, name)
	}
	late, err := say(event.PaymentReversed, "R-2", "5.00", "T-9")
	require.Error(t, err)
	late.Number++ // there is an event in between that may be the payment
	require.NoError(t, j.Accepts(late))
	require.Empty(t, j.Screened(event.Event{Loan: "L-2", Type: event.PaymentPosted, Number: 9}).Type, "a signal for another loan only counts")
}

func TestAnEndThatLiesAheadIsRefused(t *testing.T) {
	t.Parallel()
	j := journey.Journey{Loan: "L-1", Disbursed: time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC), DisbursedOn: bizclock.MustDate("2026-01-05")}
	e := event.Event{Type: event.LoanSettled, Loan: "L-1", Number: 2, At: time.Date(2026, 2, 1, 15, 0, 0, 0, time.UTC)}
	for on, fine := range map[string]bool{"2026-01-20": true, "2026-02-02": true, "2026-02-03": false, "2035-01-01": false} {
		e.Data = fmt.Appendf(nil, `{"on":%q}`, on)
		require.Equal(t, fine, j.Accepts(e) == nil, on)
	}
	first := event.Event{Type: event.LoanDisbursed, Loan: "L-1", Number: 1, At: e.At, Data: []byte(`{"disbursed_on":"2030-11-01"}`)}
	require.Error(t, journey.Journey{Loan: "L-1"}.Accepts(first))
}
