package workflows_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/worklist"
	"github.com/tender-engine/tender/workflows"
)

// did is [life.told] for the steps of a pre-approval.
func (l *life) did(do func(context.Context, preapproval.Order) (preapproval.Outcome, error)) any {
	return func(ctx context.Context, order preapproval.Order) (preapproval.Outcome, error) {
		o, err := do(ctx, order)
		l.tell("%s %s: %s %s", order.Step.Kind, order.Step.Verdict, o.Result, o.Code)
		return o, err
	}
}

// applied is the life of an application that is pre-approved on Monday morning, and whose offer lapses a week later.
func applied(t *testing.T) *life {
	t.Helper()
	l := begin(t, "application/A-1")
	l.at("2026-01-05 09:00", "application.preapproved", `{"borrower": {"id": "B-1", "name": "Ada", "language": "en", "time_zones": ["America/New_York"],
		"jurisdiction": "us", "points": [{"id": "mobile", "channel": "call", "address": "+12125550142"}, {"id": "work", "channel": "call", "address": "+12125550143", "rank": 1}]},
		"product": "installment_12", "currency": "USD", "amount": "600.00", "offer": {"installments": 12, "total_cost": "37.50", "first_due": "2026-02-10"},
		"until": "2026-01-12T22:00:00Z", "time_zone": "America/New_York"}`)
	for hour := range 14 * 24 {
		l.env.RegisterDelayedCallback(func() {
			aged, err := l.door.AgeOnce(context.Background())
			if l.NoError(err); aged > 0 {
				l.tell("← task.expired")
			}
		}, time.Duration(hour)*time.Hour+30*time.Minute)
	}
	return l
}

// speaks plans that an agent takes the call at a time in New York, dials, and says what came of it.
func (l *life) speaks(when, rest string) { l.called(when, rest) }

// twoWeeks lives, and compares the story with the golden one.
func (l *life) twoWeeks() {
	l.Helper()
	l.env.RegisterDelayedCallback(l.env.CancelWorkflow, 14*24*time.Hour)
	l.env.ExecuteWorkflow(workflows.PreapprovalWorkflow, workflows.PreapprovalState{Case: preapproval.Case{Application: "A-1", Clock: bizclock.Real}})
	require.True(l, l.env.IsWorkflowCompleted())
	if err := l.env.GetWorkflowError(); err == nil {
		l.tell("the pre-approval ends")
	} else {
		require.ErrorContains(l, err, "canceled")
	}
	row, err := l.store.ApplicationFor(context.Background(), "A-1")
	require.NoError(l, err)
	l.story = append(l.story, strings.TrimSpace(fmt.Sprintf("at last: %s %s %s, %d calls, %d questions", row.State, row.Verdict, row.VerdictReason, row.Attempts, row.Questions)))
	notices, err := l.store.ApplicationNotices(context.Background(), "A-1")
	require.NoError(l, err)
	l.story = append(l.story, fmt.Sprintf("the lending system is told %d times", len(notices)))
	rules, err := compliance.Shipped()
	require.NoError(l, err)
	open, err := (&worklist.Desk{Store: l.store, Rules: rules}).List(context.Background(), worklist.Filter{Application: "A-1", Most: 10})
	require.NoError(l, err)
	require.True(l, row.ClosedAt == nil || len(open) == 0, "a pre-approval that ended leaves nobody anything to do")
	l.golden(strings.Join(l.story, "\n") + "\n")
}

func TestAnApplicantWhoIsVerifiedAtOnce(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.speaks("2026-01-05 11:00", `"disposition": "right_party", "finding": "verified", "questions": ["May I pay early?"]`)
	l.twoWeeks()
}

func TestAnApplicantWhoAsksToBeCalledBack(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.speaks("2026-01-05 11:00", `"disposition": "callback", "callback_at": "2026-01-09T20:00:00Z"`)
	l.speaks("2026-01-09 15:30", `"disposition": "right_party", "finding": "declined"`)
	l.twoWeeks()
}

func TestAnApplicantWhomNobodyReaches(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.speaks("2026-01-05 11:00", `"disposition": "no_answer"`)
	l.speaks("2026-01-06 12:00", `"disposition": "voicemail"`)
	l.speaks("2026-01-07 13:00", `"disposition": "no_answer"`)
	l.twoWeeks()
}

func TestAnApplicantWhomNobodyCalls(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.twoWeeks()
}

func TestAnApplicantWhoseNumbersAreWrong(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.speaks("2026-01-05 11:00", `"disposition": "wrong_number"`)
	l.speaks("2026-01-05 12:00", `"disposition": "not_in_service"`)
	l.twoWeeks()
}

func TestAnApplicantWhoSeemsToBeSomebodyElse(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.speaks("2026-01-05 11:00", `"disposition": "third_party", "finding": "suspected_fraud"`)
	l.twoWeeks()
}

func TestAnApplicantWhoWantsNoCalls(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.at("2026-01-06 10:00", "consent.revoked", `{"channel": "call"}`)
	l.twoWeeks()
}

func TestAnApplicantWhoIsHeldForAWhile(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.at("2026-01-06 10:00", "hold.placed", `{"hold": "H-1", "kind": "disaster_or_bereavement"}`)
	l.at("2026-01-08 10:00", "hold.released", `{"hold": "H-1"}`)
	l.speaks("2026-01-08 11:00", `"disposition": "right_party", "finding": "verified"`)
	l.twoWeeks()
}

func TestAnApplicationThatIsWithdrawn(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.at("2026-01-06 10:00", "application.withdrawn", `{"reason": "applicant"}`)
	l.twoWeeks()
}

func TestAnApplicationThatIsDisbursedBeforeTheCall(t *testing.T) {
	t.Parallel()
	l := applied(t)
	l.at("2026-01-06 10:00", "loan.disbursed", `{"borrower": {"id": "B-1"}, "application": "A-1", "currency": "USD", "principal": "600.00",
		"disbursed_on": "2026-01-06", "time_zone": "America/New_York", "schedule": [{"due": "2026-02-10", "principal": "600.00"}]}`)
	l.twoWeeks()
}
