package workflows_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
)

// In both outages everything is away from day 9 to day 17. The first installment is due on day 10, so that a reminder and
// two steps of the ladder are missed.
const (
	goes  = 9
	comes = 17
)

func TestAWorkerThatWasAwayForDaysSendsOneGentleMessageAndGoesOn(t *testing.T) {
	t.Parallel()
	program := workerProgram(t)
	i := install(t, 2*time.Second)
	worker := i.start(program)
	i.begin()
	for _, loan := range []string{"silent", "part", "paid"} {
		i.lend(loan)
	}
	i.day(goes, 0)
	require.NoError(t, worker.Stop())
	before := len(i.rows("silent"))
	i.day(12, 0)
	i.keptForLater("part", "40.00")
	i.keptForLater("paid", "100.00")

	i.day(comes, 0)
	i.start(program)

	i.made("silent", i.missed("notice-3"))
	i.goesOnGently("silent", before)
	i.made("part", i.missed("notice-1"))
	require.Regexp(t, paid40, i.text("part", i.missed("notice-1")), "the payment that came meanwhile is not lost")
	require.NotContains(t, i.contacts("paid"), i.missed("notice-1")+" by sms: sent", "what was paid meanwhile is not dunned for")
	i.eventually("every event was handed to its journey", func() bool { return i.undelivered() == 0 })
	for _, loan := range []string{"silent", "part", "paid"} {
		i.neverStuck(loan)
	}
}

func TestAPostgresThatWasAwayForDaysCausesOneGentleMessageAndNoLoss(t *testing.T) {
	t.Parallel()
	stack, err := devstack.Start(t.Context(), devstack.Options{Ephemeral: true, WithoutTemporal: true, DatabaseURL: devstack.PrivateDatabase})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	program := workerProgram(t)
	i := installOn(t, stack.DatabaseURL, 2*time.Second)
	i.start(program)
	i.begin()
	for _, loan := range []string{"silent", "part", "late"} {
		i.lend(loan)
	}
	i.day(goes, 0)
	before := len(i.rows("silent"))

	// Postgres goes while an event is on its way to the journey: it has its number, and nobody has heard of it.
	telling := &courier.Courier{Temporal: i.temporal, Clock: i.store.Clock()}
	leaving := courierFunc(func(ctx context.Context, e event.Event, resume *journey.Journey) (journey.Answer, error) {
		require.NoError(t, stack.Postgres.Stop())
		return telling.Deliver(ctx, e, resume)
	})
	door := intake.New(i.store, leaving, intake.Options{})
	result, err := door.Take(t.Context(), i.cloudEvent("payment.posted", "loan/part", i.payment("40.00")), "test")
	require.NoError(t, err)
	require.True(t, result.Loans[0].Pending, "it is recorded, and nobody can decide upon it yet")
	// What comes later cannot be kept, and the sender is told so.
	i.day(12, 0)
	late := i.cloudEvent("payment.posted", "loan/late", i.payment("40.00"))
	_, err = i.door.Take(t.Context(), late, "test")
	var away *intake.Unavailable
	require.ErrorAs(t, err, &away)
	require.False(t, away.Kept)

	i.day(comes, 0)
	require.NoError(t, stack.Postgres.Start(t.Context()))

	i.eventually("the late payment is taken", func() bool {
		_, err := i.door.Take(t.Context(), late, "test")
		return err == nil
	})
	i.made("silent", i.missed("notice-3"))
	i.goesOnGently("silent", before)
	for _, loan := range []string{"part", "late"} {
		i.made(loan, i.missed("notice-2"))
		require.Regexp(t, paid40, i.text(loan, i.missed("notice-2")), "each payment counts, and once")
	}
	i.eventually("every event was handed to its journey", func() bool { return i.undelivered() == 0 })
	for _, loan := range []string{"silent", "part", "late"} {
		i.neverStuck(loan)
	}
}

// paid40 finds what is left when 40 was paid of the first installment, and perhaps the second is due as well.
var paid40 = regexp.MustCompile(`\$1?60\.00`)

// lend pays a loan out to a borrower of its own.
func (i *installation) lend(loan string) {
	i.t.Helper()
	i.disburseOn(loan, "B-"+loan, i.date(0))
}

// keptForLater posts a payment that is kept, and that nobody answers yet.
func (i *installation) keptForLater(loan, amount string) {
	i.t.Helper()
	telling := &courier.Courier{Temporal: i.temporal, Clock: i.store.Clock()}
	impatient := intake.New(i.store, telling, intake.Options{Patience: 500 * time.Millisecond})
	_, err := impatient.Take(i.t.Context(), i.cloudEvent("payment.posted", "loan/"+loan, i.payment(amount)), "test")
	var away *intake.Unavailable
	require.ErrorAs(i.t, err, &away)
	require.True(i.t, away.Kept)
}

// missed is the key of a step of the ladder after the first due date.
func (i *installation) missed(treatment string) string { return treatment + "@" + i.date(10).String() }

// goesOnGently checks the contacts after an outage: they begin with the mildest notice, leave out no level, and keep the
// distance that the ladder has between its levels.
func (i *installation) goesOnGently(loan string, before int) {
	i.t.Helper()
	var story []string
	var last time.Time
	for _, c := range i.rows(loan)[before:] {
		if c.Disposition == "" && c.Code != "" {
			continue // it did not leave
		}
		require.Equal(i.t, "sent", c.Disposition, c.StepKey)
		require.True(i.t, c.At.After(monday.AddDate(0, 0, i.first+comes)), "%s was sent during the outage", c.StepKey)
		treatment, _, _ := strings.Cut(c.StepKey, "@")
		days := c.At.In(newYork).YearDay() - last.In(newYork).YearDay()
		require.True(i.t, last.IsZero() || days >= map[string]int{"notice-2": 4, "notice-3": 6}[treatment], "%s came %d days after the one before", c.StepKey, days)
		story, last = append(story, c.StepKey), c.At
	}
	require.Equal(i.t, []string{i.missed("notice-1"), i.missed("notice-2"), i.missed("notice-3")}, story, "after %d of %+v", before, i.rows(loan))
}

// text returns what the last message of a step said.
func (i *installation) text(loan, step string) (text string) {
	i.t.Helper()
	for _, c := range i.rows(loan) {
		if c.StepKey == step {
			m, err := i.store.MessageOf(i.t.Context(), c.Key)
			require.NoError(i.t, err)
			text = fmt.Sprint(m.Subject, "\n", m.Body)
		}
	}
	return text
}

// undelivered returns how many events no journey has heard of.
func (i *installation) undelivered() int64 {
	i.t.Helper()
	count, err := i.store.CountUndelivered(i.t.Context())
	require.NoError(i.t, err)
	return count
}

// courierFunc hands events to journeys as a test wants it.
type courierFunc func(context.Context, event.Event, *journey.Journey) (journey.Answer, error)

func (f courierFunc) Deliver(ctx context.Context, e event.Event, resume *journey.Journey) (journey.Answer, error) {
	return f(ctx, e, resume)
}
