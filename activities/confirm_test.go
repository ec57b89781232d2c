package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// confirmation orders the confirmation of a stop for a loan, as each of the borrower's journeys does.
func (o *office) confirmation(loan string) journey.Order {
	order := o.order("B-1", loan, "stop-confirmed@2026-01-14T17:00:00Z", contact.SMS)
	order.Step.Purpose, order.Step.Template, order.Step.Confirmation, order.Step.Fill = contact.Reply, "stop-confirmed", true, nil
	return order
}

func TestAStopIsConfirmedOnceForAllLoans(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2")
	o.happens("borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	worker := o.worker()

	first := o.do(worker, o.confirmation("L-1"))
	require.Equal(t, journey.ResultSent, first.Result)
	require.Equal(t, 2, o.counted("B-1"), "what the borrower sent, and the confirmation")
	again := o.do(worker, o.confirmation("L-2"))
	require.Equal(t, journey.ResultSent, again.Result, "the borrower has it")
	require.Equal(t, first.Contact, again.Contact)
	require.Equal(t, 2, o.counted("B-1"), "one message")

	held := o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS))
	require.Equal(t, journey.ResultHeld, held.Result)
	require.Equal(t, "tender/opt-out", held.Code, "nothing else is let through")
}

func TestAStopIsConfirmedOnceWhereAnApplicationIsOpenToo(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("application.preapproved", "application/A-1", `{"borrower": {"id": "B-1"}}`)
	o.happens("borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	worker := o.worker()
	first := o.do(worker, o.confirmation("application.A-1"))
	require.Equal(t, journey.ResultSent, first.Result)
	again := o.do(worker, o.confirmation("L-1"))
	require.Equal(t, first.Contact, again.Contact)
	require.Equal(t, 1, o.outbox("B-1"), "one message")
}

func TestWhatNobodyAskedToStopIsNotConfirmed(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`)
	order := o.confirmation("L-1")
	order.Step.Purpose = contact.Collection
	held := o.do(o.worker(), order)
	require.Equal(t, journey.ResultHeld, held.Result, "a confirmation is a reply, and nothing else")
}
