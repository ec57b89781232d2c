package journey_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// decision is one in which every field says something.
func decision() journey.Decision {
	return journey.Decision{
		Seq: 12, Number: 4, Ahead: []int64{6}, Hash: "0123456789abcdef", At: monday, Strategy: "c48d4cd0c584824a",
		Stage: journey.EarlyArrears, Bucket: "1-29", Arrears: day("2026-01-20"), Late: monday.Add(time.Minute), Calm: monday.Add(time.Hour), Paid: monday.Add(2 * time.Hour),
		Step: journey.Step{
			Kind: journey.Send, Key: "notice-1@2026-01-20", At: monday, Reason: "arrears", Rule: "house/one-message-a-day",
			Channel: contact.SMS, Point: "mobile", Purpose: contact.Collection, Template: "notice-1", Before: monday.Add(3 * time.Hour),
			Fill: map[string]string{"amount": "100.00", "due": "2026-02-20"}, Activity: journey.SendMessage, Queue: journey.OutreachQueue(contact.SMS),
			AttemptSeconds: 30, WithinSeconds: 86400, Summary: "notice-1@2026-01-20 by sms",
		},
		Wake: monday, Attributes: []journey.Attribute{{Name: "Stage", Type: journey.Keyword, Value: "early_arrears"}, {Name: "Holds", Type: journey.Keywords}},
		Details: "### early arrears", Forget: monday.AddDate(-1, 0, 0), Close: true,
	}
}

// full is a journey in which every field says something.
func full() journey.Journey {
	j := journey.Journey{Loan: "L-1", Clock: bizclock.Clock{Start: monday, Origin: monday.AddDate(0, 1, 0), Rate: 43200}}
	j.Apply(
		happened(1, event.LoanDisbursed, `{"borrower":{"id":"B-1"},"currency":"USD","principal":"200.00","disbursed_on":"2026-01-05",
			"time_zone":"America/New_York","strategy":"slow","watermarks":false,
			"schedule":[{"due":"2026-01-20","principal":"200.00","interest":"3.10","fee":"1.50"}]}`),
		happened(2, event.PaymentReversed, `{"transaction":"T-1","amount":"10.00","currency":"USD","value_date":"2026-01-19","reverses":"T-0"}`),
		happened(3, event.LoanCancelled, `{"on":"2026-01-06"}`), happened(4, event.LoanSettled, `{"on":"2026-01-07"}`),
		happened(5, event.LoanWrittenOff, `{"on":"2026-01-08"}`), happened(6, event.BorrowerDied, `{}`),
		happened(7, event.HoldPlaced, `{"hold":"H-1","kind":"wrong_number","point":"mobile","until":"2026-02-01T00:00:00Z"}`),
		happened(8, event.PromiseMade, `{"promise":"P-1","amount":"10.00","currency":"USD","by":"2026-02-10"}`),
		happened(9, event.HardshipReported, `{"cause":"illness"}`), happened(11, event.ContactRecorded, `{}`),
		step("notice-1@2026-01-20", journey.ResultSent, monday, "c1"),
	)
	d := decision()
	d.Number, d.Ahead = 9, []int64{11}
	j.Decide(d)
	return j
}

func indented(t *testing.T, v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(b) + "\n"
}

// Histories and stored journeys hold these shapes for as long as loans live, and a worker of any version must read what
// any other wrote. So a shape may only grow: a name or a type in these files never changes and never goes. A field that is
// added is one that asks for nothing when it is absent.
func TestTheShapesThatHistoriesHoldOnlyGrow(t *testing.T) {
	t.Parallel()
	golden(t, "journey.json", indented(t, full()))
	golden(t, "decision.json", indented(t, decision()))
	d := decision()
	golden(t, "order.json", indented(t, journey.Order{
		Loan: "L-1", Borrower: "B-1", Seq: d.Seq, Hash: d.Hash, Number: d.Number, Ahead: d.Ahead, Step: journey.Step{Kind: journey.Send},
	}))
	golden(t, "outcome.json", indented(t, journey.Outcome{
		Key: "notice-1@2026-01-20", At: monday, Result: journey.ResultFailed, Code: "timeout", Channel: contact.SMS, Contact: "c1",
	}))
	golden(t, "answer.json", indented(t, journey.Answer{
		Loan: "L-1", Pending: true, Stage: journey.Current, Next: "notice-1@2026-01-20", At: monday, Reason: "arrears",
	}))
}

func TestAJourneyAndADecisionReturnFromJSONAsTheyWere(t *testing.T) {
	t.Parallel()
	var j journey.Journey
	require.NoError(t, json.Unmarshal([]byte(text(t, full())), &j))
	require.Equal(t, full(), j)
	var d journey.Decision
	require.NoError(t, json.Unmarshal([]byte(text(t, decision())), &d))
	require.Equal(t, decision(), d)
}

func TestAJourneyThatAnOlderVersionWroteIsRead(t *testing.T) {
	t.Parallel()
	var j journey.Journey
	require.NoError(t, json.Unmarshal([]byte(`{"loan":"L-1","terms":{"currency":"USD","principal":"1","schedule":null},"through":3,
		"last":{"seq":9,"stage":"current"},"what_nobody_knows_any_more":{"a":[1]}}`), &j))
	require.Equal(t, "L-1", j.Loan)
	require.EqualValues(t, 3, j.Through)
	j.Apply(happened(4, event.LoanSettled, `{"on":"2026-02-01"}`), happened(5, event.HoldPlaced, `{"hold":"H-1","kind":"dispute_open"}`))
	j.Decide(decision())
	require.Equal(t, day("2026-02-01"), j.Settled)

	var d journey.Decision
	require.NoError(t, json.Unmarshal([]byte(`{"seq":9,"number":3,"hash":"x","at":"2026-01-05T15:00:00Z","stage":"","bucket":"current","step":{"kind":"wait"}}`), &d))
	require.True(t, d.Wake.IsZero())
	require.True(t, d.Paid.IsZero())
	require.False(t, d.Close)
}

func TestAJourneyStoresWhatADecisionSays(t *testing.T) {
	t.Parallel()
	j := begun()
	j.Decide(journey.Decision{Attributes: []journey.Attribute{{Name: "Stage", Value: "welcome"}, {Name: "Bucket", Value: "current"}}, Strategy: "pinned"})
	kept := j.Last.Attributes
	d := decision()
	d.Number, d.Ahead, d.Forget, d.Strategy = 1, nil, time.Time{}, ""
	j.Decide(d)
	require.Equal(t, journey.Standpoint{
		Seq: 12, Hash: "0123456789abcdef", Stage: journey.EarlyArrears, Arrears: day("2026-01-20"), Late: monday.Add(time.Minute), Calm: monday.Add(time.Hour), Paid: monday.Add(2 * time.Hour),
		Attributes: map[string]string{"Stage": "early_arrears", "Bucket": "current", "Holds": ""},
	}, j.Last)
	require.Equal(t, "pinned", j.Strategy, "a decision that names no strategy leaves the pinned one")
	require.Equal(t, map[string]string{"Stage": "welcome", "Bucket": "current"}, kept, "a copy may still be read")
}

func TestStepsBeforeWhatADecisionMayStillAskAboutAreForgotten(t *testing.T) {
	t.Parallel()
	j := after(
		step("welcome@2026-01-05", journey.ResultSent, monday, ""),
		step("first-week@2026-01-05", journey.ResultSent, monday.Add(time.Hour), ""),
	)
	copied := j.Clone()
	j.Decide(journey.Decision{Forget: monday.Add(time.Hour)})
	require.Len(t, j.Done, 1)
	require.Equal(t, "first-week@2026-01-05", j.Done[0].Key)
	require.Equal(t, "welcome@2026-01-05", copied.Done[0].Key)
}

func TestADecisionAnswersWithItsStep(t *testing.T) {
	t.Parallel()
	require.Equal(t, journey.Answer{Loan: "L-1", Stage: journey.EarlyArrears, Next: "notice-1@2026-01-20", At: monday, Reason: "arrears"},
		decision().Answer("L-1"))
	wait := journey.Decision{Stage: journey.Current, Step: journey.Step{Kind: journey.Wait, Reason: "nothing_due"}}
	require.Equal(t, journey.Answer{Loan: "L-1", Stage: journey.Current, Next: "wait", Reason: "nothing_due"}, wait.Answer("L-1"))
}

func TestStagesAreAClosedSet(t *testing.T) {
	t.Parallel()
	var s journey.Stage
	for _, want := range journey.Stages {
		require.NoError(t, s.UnmarshalText([]byte(want)))
		require.Equal(t, want, s)
	}
	require.NoError(t, s.UnmarshalText(nil), "a journey that was never decided upon has none yet")
	require.ErrorContains(t, s.UnmarshalText([]byte("on_hold")), `unknown stage "on_hold"`)
}

func TestWhatResultsMean(t *testing.T) {
	t.Parallel()
	for result, made := range map[journey.Result]bool{
		journey.ResultSent: true, journey.ResultUncertain: true, journey.ResultReached: true, journey.ResultUnreachable: true,
		journey.ResultBounced: false, journey.ResultSuperseded: false, journey.ResultHeld: false, journey.ResultAssigned: false,
		journey.ResultTold: false, journey.ResultKept: false, journey.ResultCancelled: false, journey.ResultFailed: false, "": false,
	} {
		require.Equal(t, made, result.Made(), result)
		require.Equal(t, made || result == journey.ResultTold || result == journey.ResultKept, result.Final(), result)
	}
	require.Equal(t, "notice-1", journey.Step{Key: "notice-1@2026-01-20"}.Treatment())
	require.Equal(t, "loan-L-1", journey.WorkflowID("L-1"))
}
