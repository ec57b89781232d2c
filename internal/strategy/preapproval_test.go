package strategy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// applied are the facts of an application that was pre-approved at noon of a working day, with an approval of three days.
func applied(t *testing.T, now time.Time) strategy.Facts {
	t.Helper()
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	all, err := strategy.Load("")
	require.NoError(t, err)
	at := time.Date(2026, 1, 6, 17, 0, 0, 0, time.UTC)
	return strategy.Facts{
		Journey: journey.Journey{
			Loan: "application.A-1", Clock: bizclock.Real, TimeZone: "America/New_York",
			Application: &journey.Application{ID: "A-1", At: at, Until: at.AddDate(0, 0, 3)},
		},
		Standing: contact.Standing{
			Borrower: "B-1", Zones: []string{"America/New_York"}, Points: []contact.Point{{ID: "home", Channel: contact.Call}},
		},
		Rules: rules.For("us"), Strategy: all[0], Jurisdiction: "us", Now: now,
	}
}

func TestATaskToCallAnApplicantEndsWithTheApproval(t *testing.T) {
	t.Parallel()
	f := applied(t, time.Date(2026, 1, 6, 17, 0, 0, 0, time.UTC))
	d, _ := strategy.Decide(f)
	require.Equal(t, "verify@A-1", d.Step.Key)
	require.Equal(t, f.Journey.Application.Until, d.Step.Worklist.Until)
	f.Journey.Done = []journey.Done{{Key: "verify@A-1", Result: journey.ResultAssigned, Contact: "t-1"}}
	d, _ = strategy.Decide(f)
	require.Equal(t, strategy.ReasonTaskOpen, d.Step.Reason, "a person is to call")
}

func TestAHoldThatStopsTheCallOfAnApplicantIsSaid(t *testing.T) {
	t.Parallel()
	f := applied(t, time.Date(2026, 1, 6, 17, 0, 0, 0, time.UTC))
	f.Standing.Holds = []contact.Hold{{ID: "H-1", Kind: contact.Incapacity, From: f.Now}}
	d, why := strategy.Decide(f)
	require.Equal(t, strategy.ReasonHold, d.Step.Reason)
	require.Len(t, why.HeldBack(), 1)
	require.Equal(t, "tender/hold", why.HeldBack()[0].Rule)
}

func TestAStopOfAnApplicantIsConfirmed(t *testing.T) {
	t.Parallel()
	f := applied(t, time.Date(2026, 1, 6, 18, 0, 0, 0, time.UTC))
	f.Standing.Points = append(f.Standing.Points, contact.Point{ID: "mobile", Channel: contact.SMS})
	f.Journey.Done = []journey.Done{{Key: "verify@A-1", Result: journey.ResultAssigned, Contact: "t-1"}}
	f.Journey.Stopped = journey.Stop{At: f.Now, Channel: contact.SMS}
	f.Standing.Wishes = []contact.Wish{{At: f.Now}}
	f.Served = []contact.Channel{contact.SMS}
	d, _ := strategy.Decide(f)
	require.Equal(t, "stop-confirmed@2026-01-06T18:00:00Z", d.Step.Key)
	require.True(t, d.Step.Confirmation)
	f.Now = f.Now.AddDate(0, 0, 1)
	d, _ = strategy.Decide(f)
	require.Equal(t, strategy.ReasonTaskOpen, d.Step.Reason, "a day later it is worth nothing any more")
	f.Now, f.Journey.Stopped.Channel = f.Journey.Stopped.At, contact.Email
	d, _ = strategy.Decide(f)
	require.Equal(t, strategy.ReasonTaskOpen, d.Step.Reason, "nobody is written to where they did not write")
}

func TestAFraudIsToldOfWhateverWasToldBefore(t *testing.T) {
	t.Parallel()
	claimed := []contact.Hold{{ID: "reply-1-fraud", Kind: contact.IDTheftFraud, From: time.Date(2026, 1, 6, 18, 0, 0, 0, time.UTC)}}
	for name, test := range map[string]struct {
		outcome event.Verified
		told    string
		holds   []contact.Hold
		want    string
	}{
		"claimed while it is open":       {"", "", claimed, "outcome-suspected_fraud@A-1"},
		"claimed after it was verified":  {event.IsVerified, "outcome-verified@A-1", claimed, "outcome-suspected_fraud@A-1"},
		"found after it was verified":    {event.IsSuspected, "outcome-verified@A-1", nil, "outcome-suspected_fraud@A-1"},
		"verified, and told":             {event.IsVerified, "outcome-verified@A-1", nil, ""},
		"claimed, told, and released":    {event.IsSuspected, "outcome-suspected_fraud@A-1", nil, ""},
		"claimed when it was withdrawn":  {event.IsWithdrawn, "outcome-withdrawn@A-1", claimed, ""},
		"claimed when the loan was made": {event.IsOpen, "outcome-open@A-1", claimed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := applied(t, time.Date(2026, 1, 7, 17, 0, 0, 0, time.UTC))
			f.Standing.Holds, f.Journey.Application.Outcome = test.holds, test.outcome
			if test.told != "" {
				f.Journey.Done = []journey.Done{{Key: test.told, Result: journey.ResultTold}}
			}
			d, _ := strategy.Decide(f)
			if test.want == "" {
				require.True(t, d.Close)
				return
			}
			require.Equal(t, test.want, d.Step.Key)
			require.Equal(t, "suspected_fraud", d.Step.Fill["outcome"])
		})
	}
}
