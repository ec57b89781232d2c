package workflows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/worklist"
)

// called plans that an agent takes the next task at a time in New York, dials, and says what came of it.
func (l *life) called(when, rest string) {
	l.Helper()
	rules, err := compliance.Load(l.rulebooks)
	require.NoError(l, err)
	desk := &worklist.Desk{Store: l.store, Rules: rules, Lender: "Example Lender", Help: "call 555-0100"}
	l.when(when, "call.completed", func() string {
		ctx := context.Background()
		handed, err := desk.Next(ctx, "amy", worklist.Lease)
		if l.NoError(err); err != nil || handed.Task == nil {
			l.Errorf("there is no task: %+v", handed.Skipped)
			return `{}`
		}
		l.tell("amy has %s, and calls", handed.Task.Step)
		_, err = desk.Dial(ctx, handed.Task.ID, "amy")
		l.NoError(err)
		return fmt.Sprintf(`{"task": %q, "agent": "amy", %s}`, handed.Task.ID, rest)
	})
}

// ages closes the tasks whose time is over, every evening, as workers do all the while.
func (l *life) ages() {
	for day := range 90 {
		l.env.RegisterDelayedCallback(func() {
			aged, err := l.door.AgeOnce(context.Background())
			if l.NoError(err); aged > 0 {
				l.tell("← task.expired")
			}
		}, time.Duration(day)*24*time.Hour+12*time.Hour)
	}
}

func TestABorrowerWhoPromisesInACall(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.ages()
	l.at("2026-01-10 18:00", "borrower.replied", `{"channel": "sms", "point": "mobile", "text": "STOP"}`)
	l.at("2026-01-11 12:00", "consent.granted", `{"channel": "call"}`)
	l.called("2026-01-21 15:00", `"disposition": "voicemail"`)
	l.called("2026-01-22 16:00", `"disposition": "promise", "promise": {"promise": "P-1", "currency": "USD", "amount": "100.00", "by": "2026-02-02"}`)
	l.pays("2026-02-02", "100.00")
	l.pays("2026-02-04", "200.00")
	l.ninetyDays()
}

func TestABorrowerWhomNobodyCalls(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.ages()
	l.at("2026-01-10 18:00", "borrower.replied", `{"channel": "sms", "point": "mobile", "text": "STOP"}`)
	l.at("2026-01-11 12:00", "consent.granted", `{"channel": "call"}`)
	l.ninetyDays()
}

func TestABorrowerWhoTellsOfHardshipInACall(t *testing.T) {
	t.Parallel()
	l := live(t)
	l.at("2026-01-10 18:00", "consent.revoked", `{"channel": "sms"}`)
	l.at("2026-01-10 18:01", "consent.revoked", `{"channel": "email"}`)
	l.called("2026-01-21 15:00", `"disposition": "hardship", "hardship": {"cause": "illness", "expected_months": 3,
		"income": {"amount": "900.00", "currency": "USD"}, "essential_costs": {"amount": "820.00", "currency": "USD"}}`)
	l.ninetyDays()
}

// TestRecordCalls is [TestRecordHistories] for a borrower who promises in a call, and one whom nobody calls.
func TestRecordCalls(t *testing.T) {
	if *record == "" {
		return
	}
	i := install(t, 2*time.Second)
	i.work()
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	desk := &worklist.Desk{Store: i.store, Rules: rules, Lender: "Example Lender"}
	for _, loan := range []string{"promised", "forgotten"} {
		i.disburse(loan, "B-"+loan)
		i.happens("consent.revoked", "borrower/B-"+loan, `{}`)
		i.happens("consent.granted", "borrower/B-"+loan, `{"channel": "call"}`)
	}
	var task worklist.Task
	i.eventually("a task to call", func() bool {
		all, err := desk.List(context.Background(), worklist.Filter{Loan: "promised", Most: 1})
		if err != nil || len(all) == 0 {
			return false
		}
		task = all[0]
		return true
	})
	i.happens("call.completed", "loan/promised", fmt.Sprintf(`{"task": %q, "disposition": "voicemail"}`, task.ID))
	i.happens("call.completed", "loan/promised", fmt.Sprintf(`{"task": %q, "disposition": "promise",
		"promise": {"promise": "P-1", "currency": "USD", "amount": "40.00", "by": %q}}`, task.ID, task.Assigned.AddDate(0, 0, 5).Format(time.DateOnly)))
	i.eventually("tasks age out twice, and the promise is broken", func() bool {
		_, err := i.door.AgeOnce(context.Background())
		require.NoError(t, err)
		all, err := desk.List(context.Background(), worklist.Filter{Loan: "forgotten", Every: true, Most: 10})
		return err == nil && len(all) > 2
	})
	for _, loan := range []string{"promised", "forgotten"} {
		keep(t, i, loan)
	}
}
