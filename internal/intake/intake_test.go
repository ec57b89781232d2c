package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
)

func TestDisbursementBeginsAJourney(t *testing.T) {
	h := newHouse(t)
	result := h.must(disbursed("L-1", "B-1"))
	assert.Equal(t, intake.Result{Source: "/core", ID: "disbursed-L-1", Type: event.LoanDisbursed, Loans: []intake.Told{
		{Answer: journey.Answer{Loan: "L-1", Stage: journey.Current, Next: "after-1", Reason: "calm"}},
	}}, result)
	assert.Equal(t, []string{"1 loan.disbursed"}, h.journeys.told("L-1"))
	assert.Equal(t, []string{"B-1"}, h.query(`select borrower_id from loans where id = 'L-1'`))
	assert.Equal(t, []string{"accepted"}, h.query(`select state from deliveries`))
	assert.Equal(t, []string{"tester"}, h.query(`select actor from events`))
}

func TestRepeatGetsTheSameAnswerAndHasOneEffect(t *testing.T) {
	h := newHouse(t)
	first := h.must(disbursed("L-1", "B-1"))
	h.must(paid("L-1", "P-1"))
	before := h.everything()

	assert.Equal(t, first, h.must(disbursed("L-1", "B-1")))

	assert.Equal(t, before, h.everything())
	assert.Len(t, h.journeys.calls, 2, "a settled event is not handed over again")
}

func TestRepeatIsKnownByItsContentNotByHowItIsWritten(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	first := h.must(happened("P-1", "payment.posted", "loan/L-1",
		`{"transaction": "P-1", "amount": "105.00", "currency": "USD", "value_date": "2026-02-10"}`, "time", "2026-02-10T09:00:00Z"))
	again := h.must(happened("P-1", "payment.posted", "loan/L-1",
		`{"value_date":"2026-02-10","currency":"USD","amount":"105.00","transaction":"P-1"}`, "time", "2026-02-10T17:00:00+08:00", "traceparent", "00-1"))
	assert.Equal(t, first, again)
	for _, amount := range []string{`"105.0"`, `"105"`, `105.00`, `105`} {
		assert.Equal(t, first, h.must(happened("P-1", "payment.posted", "loan/L-1",
			`{"transaction": "P-1", "amount": `+amount+`, "currency": "USD", "value_date": "2026-02-10", "pays": null}`, "time", "2026-02-10T09:00:00Z")), amount)
	}
	held := h.must(happened("H-1", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "paid", "until": "2999-01-01T00:00:00Z"}`))
	assert.Equal(t, held, h.must(happened("H-1", "hold.placed", "loan/L-1", `{"kind": "paid", "hold": "H-1", "until": "2999-01-01T01:00:00+01:00"}`)))
	_, err := h.take(happened("H-1", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "paid", "until": "2999-01-01T00:00:01Z"}`))
	require.ErrorIs(t, err, intake.ErrConflict)
}

func TestOtherContentUnderTheSameIdentityIsRefused(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(paid("L-1", "P-1"))
	before := h.everything()
	for name, text := range map[string]string{
		"other amount": happened("P-1", "payment.posted", "loan/L-1", `{"transaction": "P-1", "amount": "106.00", "currency": "USD", "value_date": "2026-02-10"}`),
		"other type":   happened("P-1", "fee.charged", "loan/L-1", `{"transaction": "P-1", "amount": "105.00", "currency": "USD", "value_date": "2026-02-10"}`),
		"other loan":   paid("L-2", "P-1"),
		"other time":   happened("P-1", "payment.posted", "loan/L-1", `{"transaction": "P-1", "amount": "105.00", "currency": "USD", "value_date": "2026-02-10"}`, "time", "2026-02-10T09:00:00Z"),
	} {
		_, err := h.take(text)
		assert.ErrorIs(t, err, intake.ErrConflict, name)
	}
	assert.Equal(t, before, h.everything())
	h.must(happened("P-1", "payment.posted", "loan/L-1", `{"transaction": "P-9", "amount": "1.00", "currency": "USD", "value_date": "2026-02-10"}`, "source", "/other"))
}

func TestUnknownLoanKeepsNothingAndMayBeSentAgain(t *testing.T) {
	h := newHouse(t)
	before := h.everything()
	_, err := h.take(paid("L-1", "P-1"))
	require.ErrorIs(t, err, intake.ErrUnknownLoan)
	assert.EqualError(t, err, "unknown loan L-1: send its loan.disbursed first, then this event again")
	_, err = h.take(replied("B-1", "R-1", "hello"))
	require.ErrorIs(t, err, intake.ErrUnknownLoan)
	assert.Equal(t, before, h.everything())

	h.must(disbursed("L-1", "B-1"))
	h.must(paid("L-1", "P-1"))
	h.must(replied("B-1", "R-1", "hello"))
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted", "3 borrower.replied"}, h.journeys.told("L-1"))
}

func TestSecondDisbursementIsRefused(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	before := h.everything()
	e, err := intake.Parse([]byte(disbursed("L-1", "B-1")))
	require.NoError(t, err)
	e.SetID("another")
	_, err = h.door.Take(t.Context(), e, "tester")
	require.ErrorIs(t, err, intake.ErrLoanExists)
	assert.Equal(t, before, h.everything())
}

func TestADisbursementThatItsJourneyRefusedCanBeCorrected(t *testing.T) {
	h := newHouse(t)
	h.journeys.refuse = func(e event.Event) *intake.Refusal {
		if e.ID == "disbursed-L-1" {
			return &intake.Refusal{Field: "data.strategy", Reason: "is not to be had"}
		}
		return nil
	}
	_, err := h.take(disbursed("L-1", "B-1"))
	var refusal *intake.Refusal
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, "data.strategy", refusal.Field)
	_, err = h.take(paid("L-1", "P-1"))
	require.ErrorIs(t, err, intake.ErrUnknownLoan)

	e, err := intake.Parse([]byte(disbursed("L-1", "B-2")))
	require.NoError(t, err)
	e.SetID("corrected")
	_, err = h.door.Take(t.Context(), e, "tester")
	require.NoError(t, err)
	h.must(paid("L-1", "P-1"))
	assert.Equal(t, []string{"2 loan.disbursed", "3 payment.posted"}, h.journeys.told("L-1"))
	assert.Equal(t, []string{"B-2"}, h.query(`select borrower_id from loans`))
}

func TestARefusalIsFinalAndTheSameForARepeat(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	early := happened("P-1", "payment.posted", "loan/L-1", `{"transaction": "P-1", "amount": "1.00", "currency": "USD", "value_date": "2026-01-01"}`)
	_, first := h.take(early)
	var refusal *intake.Refusal
	require.ErrorAs(t, first, &refusal)
	assert.Equal(t, "data.value_date", refusal.Field)
	_, again := h.take(early)
	assert.Equal(t, first, again)
	assert.Len(t, h.journeys.calls, 2)
	assert.Equal(t, []string{"refused"}, h.query(`select state from deliveries where number = 2`))
}

func takenBack(id, payment string) string {
	return happened(id, "payment.reversed", "loan/L-1", `{"transaction": "`+id+`", "reverses": "`+payment+`", "amount": "1.00", "currency": "USD", "value_date": "2026-02-11"}`)
}

func TestAPaymentThatWasRefusedCannotBeTakenBack(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	h.must(paid("L-2", "P-2"))
	_, err := h.take(happened("P-1", "payment.posted", "loan/L-1", `{"transaction": "P-1", "amount": "1.00", "currency": "USD", "value_date": "2026-01-01"}`))
	require.ErrorAs(t, err, new(*intake.Refusal))
	var unknown *intake.Unknown
	for _, payment := range []string{"P-1", "P-2", "P-3", "R-1"} {
		_, err = h.take(takenBack("R-1", payment))
		require.ErrorAs(t, err, &unknown, payment)
		assert.Equal(t, "payment", unknown.What)
	}
	h.must(paid("L-1", "P-3"))
	h.must(takenBack("R-1", "P-3")) // under the same id: nothing of it was kept
}

func TestWhatPostgresCanTellToBeWrongIsNotStored(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-2"))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at) values ('task-1', 'L-1', 'B-1', 's', 'r', now())`)
	h.must(happened("c-1", "contact.recorded", "loan/L-1", `{"contact": "call-1", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "no_answer"}`))
	before := h.everything()
	for _, c := range []struct{ name, text, field string }{
		{"currency", happened("x", "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "1", "currency": "EUR", "value_date": "2026-02-10"}`), "data.currency"},
		{"promise in another currency", happened("x", "promise.made", "loan/L-1", `{"promise": "x", "amount": "1", "currency": "EUR", "by": "2026-02-10"}`), "data.currency"},
		{"finer than cents", happened("x", "loan.rescheduled", "loan/L-1", `{"schedule": [{"due": "2026-05-01", "principal": "1.001"}]}`), "data.schedule[0]"},
		{"watermark ahead of time", happened("x", "ledger.watermark", "", `{"through": "2999-01-01"}`), "data.through"},
		{"from the future", happened("x", "hardship.reported", "loan/L-1", `{"cause": "job_loss"}`, "time", "2999-01-01T00:00:00Z"), "time"},
		{"consent for a point that is not there", happened("x", "consent.revoked", "borrower/B-1", `{"point": "fax"}`), "data.point"},
		{"hold on a point that is not there", happened("x", "hold.placed", "borrower/B-1", `{"hold": "h", "kind": "wrong_number", "point": "fax"}`), "data.point"},
		{"hold that has passed", happened("x", "hold.placed", "loan/L-1", `{"hold": "h", "kind": "paid", "until": "2026-01-20T00:00:00Z"}`), "data.until"},
		{"hold that had passed then", happened("x", "hold.placed", "loan/L-1", `{"hold": "h", "kind": "paid", "until": "2026-01-20T00:00:00Z"}`, "time", "2026-01-20T00:00:00Z"), "data.until"},
		{"death that has not come", happened("x", "borrower.died", "borrower/B-1", `{"on": "2999-01-01"}`), "data.on"},
		{"another's task", happened("x", "call.completed", "loan/L-2", `{"task": "task-1", "disposition": "no_answer"}`), "data.task"},
		{"another's contact", happened("x", "contact.recorded", "loan/L-2", `{"contact": "call-1", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "busy"}`), "data.contact"},
		{"another borrower's particulars", happened("x", "borrower.updated", "borrower/B-1", `{"id": "B-2"}`), "data.id"},
	} {
		_, err := h.take(c.text)
		assert.Equal(t, c.field, asField(t, err).Field, c.name)
	}
	for name, text := range map[string]string{
		"task":     happened("x", "call.completed", "loan/L-1", `{"task": "task-2", "disposition": "no_answer"}`),
		"contact":  happened("x", "message.failed", "loan/L-1", `{"contact": "none"}`),
		"hold":     happened("x", "hold.released", "loan/L-1", `{"hold": "none"}`),
		"dispute":  happened("x", "dispute.resolved", "loan/L-1", `{"dispute": "none", "outcome": "upheld"}`),
		"payment":  takenBack("x", "none"),
		"strategy": happened("x", "loan.disbursed", "loan/L-3", `{"borrower": {"id": "B-1"}, "currency": "USD", "principal": "1", "disbursed_on": "2026-01-15", "time_zone": "UTC", "strategy": "none", "schedule": [{"due": "2026-02-15", "principal": "1"}]}`),
	} {
		_, err := h.take(text)
		assert.ErrorIs(t, err, intake.ErrUnknownLoan, name)
	}
	assert.Equal(t, before, h.everything())
}

func TestStopBindsWhileTemporalIsAwayAndIsHandedOverOnceLater(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.journeys.set(func(j *journeys) { j.away = true })

	_, err := h.take(replied("B-1", "R-1", "STOP"))

	var away *intake.Unavailable
	require.ErrorAs(t, err, &away)
	assert.True(t, away.Kept)
	assert.Equal(t, []string{"L-1 2 received"}, h.query(`select loan_id || ' ' || number || ' ' || state from deliveries where number = 2`))
	standing, err := h.store.Standing(t.Context(), "B-1", time.Time{})
	require.NoError(t, err)
	for _, channel := range []contact.Channel{contact.SMS, contact.Email, contact.Call} {
		_, out := standing.OptedOut(channel, "", contact.Collection, time.Now())
		assert.True(t, out, channel)
	}

	h.exec(`update deliveries set next_try = now() where state = 'received'`)
	found, failed, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	assert.Equal(t, [2]int{1, 1}, [2]int{found, failed})

	h.journeys.set(func(j *journeys) { j.away = false })
	h.exec(`update deliveries set next_try = now() where state = 'received'`)
	other := intake.New(h.store, h.journeys, intake.Options{})
	var sweepers sync.WaitGroup
	for _, door := range []*intake.Door{h.door, other, h.door, other} {
		sweepers.Go(func() {
			_, _, err := door.SweepOnce(t.Context())
			assert.NoError(t, err)
		})
	}
	sweepers.Wait()
	assert.Len(t, h.journeys.calls, 2, "disbursement and reply, each once")
	assert.Equal(t, []string{"1 loan.disbursed", "2 borrower.replied"}, h.journeys.told("L-1"))

	result := h.must(replied("B-1", "R-1", "STOP"))
	assert.Equal(t, "after-2", result.Loans[0].Next)
	assert.Len(t, h.journeys.calls, 2, "the repeat gets the sweeper's answer")
}

func TestARepeatHandsOverWhatStayedReceived(t *testing.T) {
	h := newHouse(t)
	h.journeys.away = true
	_, err := h.take(disbursed("L-1", "B-1"))
	require.ErrorIs(t, err, intake.ErrUnavailable)
	_, err = h.take(paid("L-1", "P-1"))
	require.ErrorIs(t, err, intake.ErrUnavailable)

	h.journeys.set(func(j *journeys) { j.away = false })
	result := h.must(paid("L-1", "P-1"))

	assert.Equal(t, "after-2", result.Loans[0].Next)
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted"}, h.journeys.told("L-1"), "the disbursement goes first")
	found, _, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	assert.Zero(t, found)
}

func TestTheSweeperKeepsEachLoansOrderAndGoesOnAfterABadOne(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-2"))
	h.journeys.set(func(j *journeys) { j.away = true })
	for _, id := range []string{"P-1", "P-2", "P-3"} {
		for _, loan := range []string{"L-1", "L-2"} {
			_, err := h.take(paid(loan, loan+"-"+id))
			require.ErrorIs(t, err, intake.ErrUnavailable)
		}
	}
	h.journeys.set(func(j *journeys) {
		j.away = false
		j.fail = func(e event.Event) error {
			if e.Loan == "L-1" {
				return context.DeadlineExceeded // its workflow is stuck
			}
			return nil
		}
	})
	h.exec(`update deliveries set next_try = now() where state = 'received'`)
	found, failed, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	assert.Equal(t, [2]int{6, 1}, [2]int{found, failed})
	assert.Equal(t, []string{"1 loan.disbursed"}, h.journeys.told("L-1"))
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted", "3 payment.posted", "4 payment.posted"}, h.journeys.told("L-2"))
	assert.Equal(t, []string{"2", "1", "1"}, h.query(`select tries::text from deliveries where state = 'received' order by number`))
}

func TestSweepRunsUntilItIsToldToStop(t *testing.T) {
	h := newHouse(t)
	h.journeys.away = true
	_, err := h.take(disbursed("L-1", "B-1"))
	require.ErrorIs(t, err, intake.ErrUnavailable)
	h.journeys.set(func(j *journeys) { j.away = false })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- h.door.Sweep(ctx) }()
	require.Eventually(t, func() bool { return len(h.journeys.told("L-1")) == 1 }, 20*time.Second, 20*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

func TestAnswerThatWasToComeIsTheDecisionThatCoversTheEvent(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.journeys.pending = func(event.Event) bool { return true }
	h.must(paid("L-1", "P-1"))
	assert.True(t, h.must(paid("L-1", "P-1")).Loans[0].Pending)
	assert.Equal(t, []string{"accepted"}, h.query(`select state from deliveries where number = 2`))

	decide := func(number string) {
		h.exec(`insert into decisions (loan_id, seq, hash, at, body) values ('L-1', $1::int, 'h', now(), jsonb_build_object('number', $1::int))`, number)
		h.exec(`update loans set seq = $1::int, stage = 'current', next_step = 'reminder@2026-02-15', next_at = '2026-02-12T14:00:00Z', next_reason = 'reminder'`, number)
	}
	decide("1")
	assert.True(t, h.must(paid("L-1", "P-1")).Loans[0].Pending, "that decision does not know of the payment")
	decide("2")
	answer := journey.Answer{Loan: "L-1", Stage: journey.Current, Next: "reminder@2026-02-15", At: time.Date(2026, 2, 12, 14, 0, 0, 0, time.UTC), Reason: "reminder"}
	assert.Equal(t, answer, h.must(paid("L-1", "P-1")).Loans[0].Answer)
	h.exec(`update loans set next_step = 'later'`)
	assert.Equal(t, answer, h.must(paid("L-1", "P-1")).Loans[0].Answer, "from then on it is the answer")
	assert.Len(t, h.journeys.calls, 2)
}

func TestClosedLoanAnswersRepeatsAndIsRestartedByNews(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	payment := h.must(paid("L-1", "P-1"))
	h.journeys.set(func(j *journeys) { j.pending = func(event.Event) bool { return true } })
	h.must(paid("L-1", "P-2"))
	h.journeys.set(func(j *journeys) { j.pending = nil })
	closed, err := json.Marshal(h.journeys.all["L-1"])
	require.NoError(t, err)
	delete(h.journeys.all, "L-1") // the workflow is over, and Temporal has forgotten it
	h.exec(`update loans set closed_at = now(), journey = $1, stage = 'closed', next_step = 'close', next_reason = 'settled'`, closed)

	assert.Equal(t, payment, h.must(paid("L-1", "P-1")))
	late := h.must(paid("L-1", "P-2"))
	assert.Equal(t, journey.Answer{Loan: "L-1", Stage: journey.Closed, Next: "close", Reason: "settled"}, late.Loans[0].Answer)
	assert.Empty(t, h.must(replied("B-1", "R-1", "thank you")).Loans, "a closed loan is not told what concerns the borrower")
	assert.Len(t, h.journeys.calls, 3)

	h.must(happened("rev-1", "payment.reversed", "loan/L-1", `{"transaction": "rev-1", "amount": "105.00", "currency": "USD", "value_date": "2026-02-12", "reverses": "P-1"}`))
	require.Len(t, h.journeys.resumed, 1)
	assert.Len(t, h.journeys.resumed[0].Transactions, 3, "two payments and the reversal, on the stored journey")
}

func TestAJourneyThatEndsMeanwhileIsReadAgain(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	closed, err := json.Marshal(h.journeys.all["L-1"])
	require.NoError(t, err)
	h.journeys.fail = func(e event.Event) error {
		if len(h.query(`select id from loans where closed_at is null`)) == 0 {
			return nil
		}
		h.exec(`update loans set closed_at = now(), journey = $1, stage = 'closed'`, closed)
		return intake.ErrEnded
	}
	h.must(paid("L-1", "P-1"))
	assert.Len(t, h.journeys.resumed, 1)
}

func TestAJourneyThatIsGoneSaysSoAndKeepsNobodyElseWaiting(t *testing.T) {
	var log bytes.Buffer
	h := newHouse(t, intake.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	var texts []string
	for n := range 20 {
		loan := fmt.Sprintf("L-%d", n)
		h.must(disbursed(loan, "B-1"))
		texts = append(texts, paid(loan, "P-"+loan))
	}
	h.journeys.set(func(j *journeys) {
		j.fail = func(e event.Event) error {
			if e.Loan != "L-19" {
				return intake.ErrEnded
			}
			return nil
		}
	})
	for n, taken := range h.takeAll(texts...) {
		if n == 19 {
			require.NoError(t, taken.Err)
			continue
		}
		var gone *intake.Gone
		require.ErrorAs(t, taken.Err, &gone)
		require.ErrorIs(t, taken.Err, intake.ErrUnavailable)
		assert.Equal(t, fmt.Sprintf("L-%d", n), gone.Loan)
	}
	assert.Equal(t, []string{"19"}, h.query(`select count(*)::text from deliveries where state = 'received' and tries = 1`))
	assert.Contains(t, log.String(), `"loan":"L-3"`)
	h.journeys.set(func(j *journeys) { j.fail = nil })
	h.must(paid("L-3", "P-L-3"))
}

func TestPostgresAwayKeepsNothingAndSaysSo(t *testing.T) {
	url := devstacktest.PostgresFrom(t, migrate)
	line := newLine(t, url)
	h := houseAt(t, line.url)
	h.must(disbursed("L-1", "B-1"))

	line.cut()
	_, err := h.take(paid("L-1", "P-1"))
	var away *intake.Unavailable
	require.ErrorAs(t, err, &away)
	assert.False(t, away.Kept)
	assert.Equal(t, "Postgres", away.Who)
	_, _, err = h.door.SweepOnce(t.Context())
	require.ErrorIs(t, err, intake.ErrUnavailable)

	line.mend()
	h.must(paid("L-1", "P-1"))
}

func TestPostgresLostOnTheWayToTheJourneyIsMadeUpFor(t *testing.T) {
	url := devstacktest.PostgresFrom(t, migrate)
	line := newLine(t, url)
	h := houseAt(t, line.url)
	h.must(disbursed("L-1", "B-1"))
	h.journeys.fail = func(event.Event) error { line.cut(); return nil }
	result := h.must(paid("L-1", "P-1"))
	assert.Equal(t, "after-2", result.Loans[0].Next, "the journey has it; that the answer could not be stored is no harm")

	line.mend()
	h.journeys.set(func(j *journeys) { j.fail = nil })
	assert.Equal(t, []string{"received"}, h.query(`select state from deliveries where number = 2`))
	assert.Equal(t, result, h.must(paid("L-1", "P-1")))
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted"}, h.journeys.told("L-1"))
}

func TestBatchIsTakenInOrder(t *testing.T) {
	h := newHouse(t)
	var batch []string
	batch = append(batch, paid("L-1", "early"), disbursed("L-1", "B-1"), paid("L-1", "P-1"), replied("B-1", "R-1", "hello"), paid("L-1", "P-1"))
	taken := h.takeAll(batch...)
	require.ErrorIs(t, taken[0].Err, intake.ErrUnknownLoan)
	for _, one := range taken[1:] {
		require.NoError(t, one.Err)
	}
	assert.Equal(t, taken[2].Result, taken[4].Result, "a repeat within a batch is a repeat")
	assert.Equal(t, []bool{false, true}, []bool{taken[2].Before, taken[4].Before})
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted", "3 borrower.replied"}, h.journeys.told("L-1"))
}

func TestABatchStopsAskingWhenTemporalIsAway(t *testing.T) {
	h := newHouse(t)
	var all, payments []string
	for n := range 40 {
		loan := "L-" + string(rune('a'+n%26)) + string(rune('a'+n/26))
		all, payments = append(all, disbursed(loan, "B-1")), append(payments, paid(loan, "P-"+loan))
	}
	for _, one := range h.takeAll(all...) {
		require.NoError(t, one.Err)
	}
	asked := 0
	h.journeys.set(func(j *journeys) {
		j.fail = func(event.Event) error { asked++; return intake.ErrUnavailable }
	})
	for _, one := range h.takeAll(payments...) {
		require.ErrorIs(t, one.Err, intake.ErrUnavailable)
	}
	assert.Less(t, asked, 20)
	assert.Equal(t, []string{"40"}, h.query(`select count(*)::text from deliveries where state = 'received'`))
}

func TestTheSameEventFromManyHasOneEffect(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	var senders sync.WaitGroup
	results := make([]intake.Result, 20)
	for n := range results {
		senders.Go(func() { results[n] = h.must(paid("L-1", "P-1")) })
	}
	senders.Wait()
	for _, result := range results {
		assert.Equal(t, results[0], result)
	}
	assert.Equal(t, []string{"1 loan.disbursed", "2 payment.posted"}, h.journeys.told("L-1"))
	assert.Equal(t, []string{"2"}, h.query(`select count(*)::text from events`))
}

func TestNumbersHaveNoGapsWhoeverSends(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	var senders sync.WaitGroup
	for n := range 10 {
		id := string(rune('a' + n))
		senders.Go(func() { h.must(paid("L-1", "P-1"+id)) })
		senders.Go(func() { h.must(paid("L-2", "P-2"+id)) })
		senders.Go(func() { h.must(replied("B-1", "R-"+id, "hello")) })
		senders.Go(func() {
			_, err := h.take(happened("x"+id, "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "1", "currency": "EUR", "value_date": "2026-02-10"}`))
			assert.Error(t, err)
		})
	}
	senders.Wait()
	for _, loan := range []string{"L-1", "L-2"} {
		assert.Equal(t, []string{"21 21 21"}, h.query(`select count(*) || ' ' || max(number) || ' ' || (select last_number from loans where id = $1)
			from deliveries where loan_id = $1`, loan))
		assert.Len(t, h.journeys.told(loan), 21)
	}
}

func TestTwoDisbursementsOfOneLoanRace(t *testing.T) {
	h := newHouse(t)
	var senders sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		senders.Go(func() {
			e, err := intake.Parse([]byte(disbursed("L-1", "B-"+string(rune('a'+n)))))
			assert.NoError(t, err)
			e.SetID("disbursed-" + string(rune('a'+n)))
			_, errs[n] = h.door.Take(t.Context(), e, "tester")
		})
	}
	senders.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			assert.ErrorIs(t, err, intake.ErrLoanExists)
		}
	}
	assert.Equal(t, 1, won)
	assert.Equal(t, []string{"1"}, h.query(`select count(*)::text from borrowers`), "the losers leave nothing behind")
}

func TestABusinessDayAheadIsFineOnAFastClock(t *testing.T) {
	start := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	clock, err := bizclock.Day(start, time.Now().Add(-10*time.Second), 2*time.Second)
	require.NoError(t, err)
	url := devstacktest.Postgres(t)
	require.NoError(t, store.Migrate(t.Context(), url, clock))
	h := houseAt(t, url)
	h.must(disbursed("L-1", "B-1"))
	now, err := h.store.Now(t.Context())
	require.NoError(t, err)
	assert.NotEmpty(t, h.must(happened("ok", "hardship.reported", "loan/L-1", `{"cause": "illness"}`, "time", now.Add(23*time.Hour).Format(time.RFC3339))).Loans)
	_, err = h.take(happened("ahead", "hardship.reported", "loan/L-1", `{"cause": "illness"}`, "time", now.Add(60*24*time.Hour).Format(time.RFC3339)))
	assert.Equal(t, "time", asField(t, err).Field)
	assert.Equal(t, []string{"2026"}, h.query(`select extract(year from at)::text from events where id = 'disbursed-L-1'`), "business time when the sender does not say")
}

func (h *house) takeAll(texts ...string) []intake.Taken {
	h.t.Helper()
	batch := make([]cloudevent, len(texts))
	for n, text := range texts {
		e, err := intake.Parse([]byte(text))
		require.NoError(h.t, err)
		batch[n] = e
	}
	return h.door.TakeAll(context.Background(), batch, "tester")
}
