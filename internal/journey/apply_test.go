package journey_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

func TestADisbursementBeginsTheJourney(t *testing.T) {
	t.Parallel()
	j := begun()
	require.Equal(t, "B-1", j.Borrower)
	require.Equal(t, monday, j.Disbursed)
	require.Equal(t, day("2026-01-05"), j.DisbursedOn)
	require.Equal(t, "America/New_York", j.TimeZone)
	require.False(t, j.NoWatermarks, "a lending system that says nothing sends watermarks")
	require.Len(t, j.Contract.Schedule, 2)
	require.EqualValues(t, 1, j.Through)

	j = journey.Journey{Loan: "L-1"}
	j.Apply(happened(1, event.LoanDisbursed, `{"borrower":{"id":"B-1"},"strategy":"slow","watermarks":false}`))
	require.True(t, j.NoWatermarks)
	require.Equal(t, "slow", j.StrategyName)
}

func TestEveryPostingIsKept(t *testing.T) {
	t.Parallel()
	const data = `{"transaction":"T-1","amount":"12.50","currency":"USD","value_date":"2026-01-19","reverses":"T-0"}`
	for kind, want := range map[event.Type]loan.Kind{
		event.PaymentPosted: loan.Payment, event.PaymentReversed: loan.Reversal, event.PaymentRefunded: loan.Refund,
		event.FeeCharged: loan.Fee, event.FeeWaived: loan.Waiver, event.RecoveryPosted: loan.Recovery,
	} {
		j := after(happened(2, kind, data))
		of := loan.Component("")
		if kind == event.FeeWaived {
			of = loan.OfFee
		}
		require.Equal(t, []loan.Transaction{{
			ID: "T-1", Kind: want, ValueDate: day("2026-01-19"), Amount: decimal.MustParse("12.50"), Reverses: "T-0", Of: of,
		}}, j.Transactions, kind)
	}
}

func TestTheLendingSystemSaysWhenALoanEnds(t *testing.T) {
	t.Parallel()
	require.Equal(t, day("2026-02-01"), after(happened(2, event.LoanSettled, `{"on":"2026-02-01"}`)).Settled)
	require.Equal(t, day("2026-02-01"), after(happened(2, event.LoanCancelled, `{"on":"2026-02-01"}`)).Cancelled)
	require.Equal(t, day("2026-02-01"), after(happened(2, event.LoanWrittenOff, `{"on":"2026-02-01"}`)).WrittenOff)
	rescheduled := after(happened(2, event.LoanRescheduled, `{"schedule":[{"due":"2026-06-01","principal":"200.00"}]}`))
	require.Len(t, rescheduled.Contract.Schedule, 1)
}

func TestWhatWasSettledWithMoneyThatWentBackIsNotSettled(t *testing.T) {
	t.Parallel()
	const back = `{"transaction":"T-2","amount":"200.00","currency":"USD","value_date":"2026-02-03","reverses":"T-1"}`
	j := after(happened(2, event.LoanSettled, `{"on":"2026-02-01"}`), happened(3, event.PaymentReversed, back))
	require.True(t, j.Settled.IsZero())
	j.Apply(happened(4, event.LoanSettled, `{"on":"2026-02-09"}`))
	require.Equal(t, day("2026-02-09"), j.Settled, "and can be settled again")
}

func TestAnEventThatWasOvertakenDoesNotUndoALaterOne(t *testing.T) {
	t.Parallel()
	const back = `{"transaction":"T-2","amount":"200.00","currency":"USD","value_date":"2026-02-03"}`
	for name, events := range map[string][]event.Event{
		"a settlement and its reversal": {happened(2, event.LoanSettled, `{"on":"2026-02-01"}`), happened(3, event.PaymentReversed, back)},
		"a reversal and a settlement":   {happened(2, event.PaymentReversed, back), happened(3, event.LoanSettled, `{"on":"2026-02-01"}`)},
		"two schedules": {
			happened(2, event.LoanRescheduled, `{"schedule":[{"due":"2026-06-01","principal":"200.00"}]}`),
			happened(3, event.LoanRescheduled, `{"schedule":[{"due":"2026-07-01","principal":"200.00"}]}`),
		},
		"a hold and its release": {
			happened(2, event.HoldPlaced, `{"hold":"H-1","kind":"vulnerable_pause"}`), happened(3, event.HoldReleased, `{"hold":"H-1"}`),
		},
		"a hold that comes again": {
			happened(2, event.HoldReleased, `{"hold":"H-1"}`), happened(3, event.HoldPlaced, `{"hold":"H-1","kind":"vulnerable_pause"}`),
		},
		"a dispute and its answer": {
			happened(2, event.DisputeRaised, `{"dispute":"D-1"}`), happened(3, event.DisputeResolved, `{"dispute":"D-1","outcome":"upheld"}`),
		},
		"a promise and a better one": {
			happened(2, event.PromiseMade, `{"promise":"P-1","amount":"10","currency":"USD","by":"2026-02-10"}`),
			happened(3, event.PromiseMade, `{"promise":"P-1","amount":"20","currency":"USD","by":"2026-02-12"}`),
		},
		"two reports of a death": {happened(2, event.BorrowerDied, `{}`), happened(3, event.BorrowerDied, `{}`)},
	} {
		backwards := slices.Clone(events)
		slices.Reverse(backwards)
		require.Equal(t, text(t, after(events...)), text(t, after(backwards...)), name)
	}
}

func TestHoldsArePlacedReplacedAndReleased(t *testing.T) {
	t.Parallel()
	j := after(
		happened(2, event.HoldPlaced, `{"hold":"H-1","kind":"vulnerable_pause","until":"2026-02-01T00:00:00Z"}`),
		happened(3, event.HoldPlaced, `{"hold":"H-2","kind":"wrong_number","point":"mobile","from":"2026-01-01T00:00:00Z"}`),
		happened(4, event.DisputeRaised, `{"dispute":"D-1"}`),
		happened(5, event.HoldPlaced, `{"hold":"H-1","kind":"vulnerable_pause","until":"2026-03-01T00:00:00Z"}`),
	)
	require.Equal(t, []contact.Hold{
		{ID: "H-2", Kind: contact.WrongNumberHold, Point: "mobile", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		{ID: "D-1", Kind: contact.DisputeOpen, From: monday.Add(3 * time.Hour)},
		{ID: "H-1", Kind: contact.VulnerablePause, From: monday.Add(4 * time.Hour), Until: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
	}, j.Holds)
	j.Apply(happened(6, event.DisputeResolved, `{"dispute":"D-1","outcome":"rejected"}`), happened(7, event.HoldReleased, `{"hold":"H-2"}`),
		happened(8, event.HoldReleased, `{"hold":"no-such-hold"}`))
	require.Len(t, j.Holds, 1)
	require.Equal(t, "H-1", j.Holds[0].ID)
}

func TestAPromiseThatIsMadeAnewReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	j := after(
		happened(2, event.PromiseMade, `{"promise":"P-1","amount":"10","currency":"USD","by":"2026-02-10"}`),
		happened(3, event.PromiseMade, `{"promise":"P-2","amount":"30","currency":"USD","by":"2026-03-10"}`),
		happened(4, event.PromiseMade, `{"promise":"P-1","amount":"20.00","currency":"USD","by":"2026-02-12"}`),
	)
	require.Equal(t, []journey.Promise{
		{ID: "P-2", Parts: []loan.PromisedPart{{Amount: decimal.MustParse("30"), By: day("2026-03-10")}}, Made: monday.Add(2 * time.Hour)},
		{ID: "P-1", Parts: []loan.PromisedPart{{Amount: decimal.MustParse("20.00"), By: day("2026-02-12")}}, Made: monday.Add(3 * time.Hour)},
	}, j.Promises)
}

// step is the event with which a step reports.
func step(key string, result journey.Result, at time.Time, contactKey string) event.Event {
	d := journey.Decision{Seq: 7, Step: journey.Step{Key: key}}
	return journey.StepEvent(d, journey.Outcome{Key: key, At: at, Result: result, Contact: contactKey}, "", at)
}

func TestAStepIsRememberedOnceForEachResultTheLatestLast(t *testing.T) {
	t.Parallel()
	j := after(
		step("notice-1@2026-01-20", journey.ResultFailed, monday, ""),
		step("notice-1@2026-01-20", journey.ResultSuperseded, monday.Add(time.Hour), ""),
		step("notice-1@2026-01-20", journey.ResultFailed, monday.Add(2*time.Hour), ""),
	)
	require.Equal(t, []journey.Done{
		{Key: "notice-1@2026-01-20", At: monday.Add(time.Hour), Result: journey.ResultSuperseded, Times: 1},
		{Key: "notice-1@2026-01-20", At: monday.Add(2 * time.Hour), Result: journey.ResultFailed, Times: 2},
	}, j.Done)
	last, ok := j.LastDone("notice-1@2026-01-20", func(r journey.Result) bool { return r == journey.ResultFailed })
	require.True(t, ok)
	require.Equal(t, 2, last.Times)
	_, ok = j.LastDone("notice-2@2026-01-20", func(journey.Result) bool { return true })
	require.False(t, ok)
}

func TestOnlySoManyStepsAreRemembered(t *testing.T) {
	t.Parallel()
	j := begun()
	for n := range 300 {
		j.Apply(step("follow-up@"+day("2026-01-05").AddDays(n).String(), journey.ResultSent, monday, ""))
	}
	require.Len(t, j.Done, 200)
	require.Equal(t, "follow-up@2026-10-31", j.Done[199].Key)
}

func TestWhatAStepReports(t *testing.T) {
	t.Parallel()
	d := journey.Decision{Seq: 7, Step: journey.Step{Key: "notice-1@2026-01-20"}}
	sent := journey.Outcome{Key: "notice-1@2026-01-20", At: monday, Result: journey.ResultSent, Channel: contact.SMS, Contact: "c1"}
	for name, c := range map[string]struct {
		code   string
		kind   event.Type
		result journey.Result
	}{
		"done":                      {"", event.StepPerformed, journey.ResultSent},
		"cancelled before it began": {journey.Cancelled, event.StepPerformed, journey.ResultCancelled},
		"not done":                  {"timeout", event.StepFailed, journey.ResultFailed},
	} {
		e := journey.StepEvent(d, sent, c.code, monday)
		require.Equal(t, c.kind, e.Type, name)
		require.Equal(t, "step-7", e.ID, name)
		require.Zero(t, e.Number, "%s: it is not one of the numbered events", name)
		var o journey.Outcome
		require.NoError(t, json.Unmarshal(e.Data, &o))
		require.Equal(t, c.result, o.Result, name)
		require.Equal(t, "notice-1@2026-01-20", o.Key, name)
	}
}

func TestWhatACallSaysAboutTheStepThatAskedForIt(t *testing.T) {
	t.Parallel()
	for disposition, result := range map[contact.Disposition]journey.Result{
		contact.RightParty: journey.ResultReached, contact.Promise: journey.ResultReached, contact.Refused: journey.ResultReached,
		contact.Hardship: journey.ResultReached, contact.Dispute: journey.ResultReached, contact.Callback: journey.ResultReached,
		contact.NotInService: journey.ResultUnreachable, contact.WrongNumber: journey.ResultUnreachable, contact.Deceased: journey.ResultUnreachable,
		contact.NoAnswer: "", contact.Busy: "", contact.Voicemail: "", contact.Dropped: "", contact.ThirdParty: "",
	} {
		j := after(
			step("notice-1@2026-01-20", journey.ResultAssigned, monday, "task-1"),
			happened(2, event.CallCompleted, `{"task":"task-2","disposition":"right_party"}`),
		)
		require.Len(t, j.Done, 1, "a call for another task")
		j.Apply(happened(3, event.CallCompleted, `{"task":"task-1","disposition":"`+string(disposition)+`"}`))
		if result == "" {
			require.Len(t, j.Done, 1, "after %s it has to be tried again", disposition)
			continue
		}
		require.Equal(t, journey.Done{
			Key: "notice-1@2026-01-20", At: monday.Add(2 * time.Hour), Result: result, Code: string(disposition),
			Channel: contact.Call, Contact: "task-1", Times: 1,
		}, j.Done[1])
	}
}

func TestAMessageThatDidNotArriveWasNotSent(t *testing.T) {
	t.Parallel()
	j := after(
		step("notice-1@2026-01-20", journey.ResultSent, monday, "c1"),
		step("notice-2@2026-01-20", journey.ResultUncertain, monday, "c2"),
		happened(2, event.MessageFailed, `{"contact":"c9","code":"unknown"}`),
		happened(3, event.MessageFailed, `{"contact":"c1","code":"30003"}`),
	)
	require.Equal(t, []journey.Done{
		{Key: "notice-2@2026-01-20", At: monday, Result: journey.ResultUncertain, Contact: "c2", Times: 1},
		{Key: "notice-1@2026-01-20", At: monday.Add(2 * time.Hour), Result: journey.ResultBounced, Code: "30003", Contact: "c1", Times: 1},
	}, j.Done)
	before := text(t, j.Done)
	j.Apply(happened(4, event.MessageFailed, `{"contact":"c1","code":"30003"}`))
	require.Equal(t, before, text(t, j.Done), "said twice, it failed once")
	j.Apply(happened(5, event.MessageFailed, `{"contact":""}`))
	require.Equal(t, before, text(t, j.Done))
}

func TestAnEventCountsOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	pay := happened(2, event.PaymentPosted, `{"transaction":"T-1","amount":"10","currency":"USD","value_date":"2026-01-19"}`)
	require.Len(t, after(pay, pay, pay).Transactions, 1)
}

func TestTheNumbersOfEventsCloseUp(t *testing.T) {
	t.Parallel()
	j := begun()
	tick := func(n int64) { j.Apply(happened(n, event.ContactRecorded, `{}`)) }
	tick(3)
	tick(5)
	tick(4)
	require.EqualValues(t, 1, j.Through)
	require.Equal(t, []int64{3, 4, 5}, j.Ahead)
	require.True(t, j.Knows(4))
	require.False(t, j.Knows(2))
	tick(2)
	require.EqualValues(t, 5, j.Through)
	require.Empty(t, j.Ahead)
}

func TestARefusedNumberLeavesNoGap(t *testing.T) {
	t.Parallel()
	j := begun()
	for _, n := range []int64{4, 5, 8} {
		j.Apply(happened(n, event.ContactRecorded, `{}`))
	}
	for _, c := range []struct {
		refused []int64
		through int64
		ahead   []int64
	}{
		{nil, 1, []int64{4, 5, 8}},
		{[]int64{2}, 2, []int64{4, 5, 8}},
		{[]int64{3}, 1, []int64{4, 5, 8}},
		{[]int64{2, 3}, 5, []int64{8}},
		{[]int64{3, 2, 7}, 5, []int64{8}},
		{[]int64{2, 3, 6, 7}, 8, []int64{}},
		{[]int64{2, 3, 6, 7, 9}, 9, []int64{}},
	} {
		through, ahead := j.Covered(c.refused)
		require.Equal(t, c.through, through, c)
		require.ElementsMatch(t, c.ahead, ahead, c)
	}
	j.Decide(journey.Decision{Seq: 1, Number: 5, Ahead: []int64{8}})
	require.EqualValues(t, 5, j.Through)
	require.Equal(t, []int64{8}, j.Ahead)
	require.True(t, j.Knows(3), "what was refused will not come")
}

func TestInWhicheverOrderEventsComeTheNumbersAreTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfN(rapid.Int64Range(1, 12), 0, 30).Draw(t, "numbers")
		refused := rapid.SliceOfNDistinct(rapid.Int64Range(1, 12), 0, 6, rapid.ID).Draw(t, "refused")
		var j, sorted journey.Journey
		for _, n := range numbers {
			j.Apply(happened(n, event.ContactRecorded, `{}`))
			for _, ahead := range j.Ahead {
				require.Greater(t, ahead, j.Through+1, "it is not ahead, but next")
			}
		}
		slices.Sort(numbers)
		for _, n := range numbers {
			sorted.Apply(happened(n, event.ContactRecorded, `{}`))
		}
		require.Equal(t, text(t, sorted), text(t, j))
		through, ahead := j.Covered(refused)
		for n := int64(1); n <= 13; n++ {
			known := slices.Contains(numbers, n)
			require.Equal(t, known, j.Knows(n))
			switch {
			case n <= through:
				require.True(t, known || slices.Contains(refused, n), n)
			case n == through+1:
				require.False(t, known || slices.Contains(refused, n), n)
			default:
				require.Equal(t, known, slices.Contains(ahead, n), n)
			}
		}
	})
}

// anyEvent draws an event of which nothing needs to make sense.
func anyEvent() *rapid.Generator[event.Event] {
	kinds := append(event.Types(), event.StepPerformed, event.StepFailed, "no.such.type", "")
	likely := []string{
		"", "null", "{}", "[]", `""`, "0", `{"`, disbursement, `{"borrower":null,"schedule":null}`, `{"schedule":[null,{}]}`, `{"on":"2026-02-01"}`, `{"on":""}`,
		`{"transaction":"T","amount":"1e300","currency":"USD","value_date":"2026-01-19"}`, `{"transaction":"T","amount":-1,"value_date":"0000-01-01"}`,
		`{"transaction":"T","amount":"9999999999999999999","currency":"USD","value_date":"9999-12-31"}`, `{"amount":"NaN"}`,
		`{"hold":"H","kind":"dispute_open","until":"9999-12-31T23:59:59Z"}`, `{"hold":"","kind":"nothing"}`, `{"dispute":"H"}`,
		`{"promise":"","by":"9999-12-31"}`, `{"cause":"x"}`, `{"task":"t","disposition":"right_party"}`, `{"task":""}`, `{"contact":"t"}`,
		`{"key":"a@b","at":"2026-01-01T00:00:00Z","result":"assigned","contact":"t"}`, `{"key":"","result":"sent","contact":"t"}`, `{"result":7}`,
	}
	data := rapid.OneOf(
		rapid.Map(rapid.SampledFrom(likely), func(s string) json.RawMessage { return json.RawMessage(s) }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) json.RawMessage { return b }),
	)
	return rapid.Custom(func(t *rapid.T) event.Event {
		return event.Event{
			Source: "s", ID: "i", Type: rapid.SampledFrom(kinds).Draw(t, "type"), Loan: "L-1", Data: data.Draw(t, "data"),
			Number: rapid.OneOf(rapid.Int64Range(-1, 20), rapid.Int64()).Draw(t, "number"),
			At:     time.Unix(rapid.Int64Range(0, 1<<35).Draw(t, "at"), 0).UTC(),
		}
	})
}

func TestNoEventWhateverItHoldsCanStopAJourney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 0, 30).Draw(t, "events")
		var j journey.Journey
		for _, e := range events {
			before := j.Clone()
			said := text(t, before)
			j.Apply(e)
			require.Equal(t, said, text(t, before), "a copy that Decide may still read was written to")
			_ = j.Accepts(e)
			written := text(t, j)
			var read journey.Journey
			require.NoError(t, json.Unmarshal([]byte(written), &read))
			require.Equal(t, written, text(t, read), "it crosses continue-as-new whole")
		}
		again := journey.Journey{}
		again.Apply(events...)
		require.Equal(t, text(t, j), text(t, again), "all at once, or one by one")
	})
}

func FuzzApply(f *testing.F) {
	for n, kind := range event.Types() {
		f.Add(string(kind), int64(n), []byte(disbursement))
	}
	f.Add(string(event.StepPerformed), int64(0), []byte(`{"key":"welcome@2026-01-05","result":"sent"}`))
	f.Fuzz(func(t *testing.T, kind string, number int64, data []byte) {
		j := begun()
		e := happened(number, event.Type(kind), "")
		e.At, e.Data = monday, data
		j.Apply(e)
		_ = j.Accepts(e)
		text(t, j)
	})
}
