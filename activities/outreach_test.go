package activities_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
)

func TestAMessageThatDidNotLeaveCountsForNothingAndIsTriedAgainUnderANewKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// fails has the next message fail.
		fails func(p *provider, d *desk)
		code  string
	}{
		"refused for now": {func(_ *provider, d *desk) { d.says(http.StatusTooManyRequests, twilioError(20429)) }, "twilio_20429"},
		"never reached":   {func(p *provider, _ *desk) { p.env = append(p.env, "TENDER_TWILIO_BASE_URL="+nobody(t)) }, "twilio_unreached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			p, d := twilioWith(o)
			order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
			reached := p.env
			test.fails(p, d)

			first := o.do(o.worker(p.env...), order)

			require.Equal(t, journey.ResultFailed, first.Result)
			require.Equal(t, test.code, first.Code)
			require.Zero(t, o.counted("B-1"))
			second := o.do(o.worker(reached...), decidedAgain(order))
			require.Equal(t, journey.ResultSent, second.Result)
			require.NotEqual(t, first.Contact, second.Contact)
			require.Equal(t, 1, p.taken())
			require.Equal(t, 1, o.counted("B-1"))
			require.Equal(t, []string{
				"notice-1@2026-01-12 by sms:  " + test.code, "notice-1@2026-01-12 by sms: sent",
			}, o.ledger("L-1"))
		})
	}
}

func TestAMessageThatIsRefusedForGoodBouncesAndItsContactPointIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := twilioWith(o)
	worker := o.worker(p.env...)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	d.says(http.StatusBadRequest, twilioError(21211)) // no such number

	outcome := o.do(worker, order)

	require.Equal(t, journey.ResultBounced, outcome.Result)
	require.Equal(t, []string{"notice-1@2026-01-12 by sms: bounced twilio_21211"}, o.ledger("L-1"))
	again := o.do(worker, decidedAgain(order))
	require.Equal(t, journey.ResultHeld, again.Result)
	require.Equal(t, "tender/contact-point", again.Code)
	require.Zero(t, p.taken())
	elsewhere := o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email))
	require.Equal(t, journey.ResultSent, elsewhere.Result, "another channel is open at once")
}

func TestAMessageWhoseTextIsRefusedBouncesAndLeavesTheContactPointAlone(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := webhookWith(o)
	worker := o.worker(p.env...)
	d.says(http.StatusUnprocessableEntity, "")
	require.Equal(t, journey.ResultBounced, o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)).Result)
	require.Equal(t, journey.ResultSent, o.do(worker, o.order("B-1", "L-1", "notice-2@2026-01-12", p.channel)).Result)
}

// An address that was replaced while a message to the old one was refused is as good as new.
func TestABounceDoesNotFailAnAddressThatWasReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	worker := o.worker()
	worker.Channels[contact.SMS] = adapter{send: func(context.Context, channel.Message) (channel.Receipt, error) {
		o.happens("borrower.updated", "borrower/B-1", `{"points": [{"id": "mobile", "channel": "sms", "address": "+12125550143"}]}`)
		return channel.Receipt{}, &channel.Failure{Fate: channel.Refused, Code: "no_such_number", Permanent: true, Unusable: true}
	}}
	require.Equal(t, journey.ResultBounced, o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)).Result)

	outcome := o.do(o.worker(), o.order("B-1", "L-1", "notice-2@2026-01-12", contact.SMS))

	require.Equal(t, journey.ResultSent, outcome.Result)
}

func TestAProviderThatFallsSilentIsAskedBeforeAnythingIsSentAgain(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := webhookWith(o)
	worker := o.worker(p.env...)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	d.mute(true)

	_, err := worker.SendMessage(t.Context(), order)

	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure, "Temporal tries again")
	require.Equal(t, "webhook_no_answer", failure.Type())
	require.Equal(t, 1, p.taken())
	d.mute(false)
	require.Equal(t, journey.ResultSent, o.do(worker, order).Result)
	require.Equal(t, 1, p.taken())
	require.Equal(t, []string{"notice-1@2026-01-12 by push: sent"}, o.ledger("L-1"))
}

func TestAProviderThatFallsSilentAndCannotBeAskedLeavesTheMessageUncertain(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := twilioWith(o)
	worker := o.worker(p.env...)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	d.mute(true)
	require.Equal(t, journey.ResultUncertain, o.do(worker, order).Result)
	d.mute(false)
	require.Equal(t, journey.ResultUncertain, o.do(worker, decidedAgain(order)).Result)
	require.Equal(t, 1, p.taken())
	require.Equal(t, 1, o.counted("B-1"))
}

// What a crash left in doubt must not go out a second time because the next decision prefers another channel.
func TestAStepInDoubtOnOneChannelIsNotSentOnAnother(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		open   func(*office) (*provider, *desk)
		result journey.Result
	}{
		"which can be asked":    {webhookWith, journey.ResultSent},
		"which cannot be asked": {twilioWith, journey.ResultUncertain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			p, _ := test.open(o)
			worker := o.worker(p.env...)
			o.dieAfterSend(p, o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel))

			outcome := o.do(worker, decidedAgain(o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)))

			require.Equal(t, test.result, outcome.Result)
			require.Equal(t, p.channel, outcome.Channel, "that is how the borrower was reached")
			require.Zero(t, o.outbox("B-1"))
			require.Equal(t, 1, p.taken())
		})
	}
}

func TestAStepThatIsKnownNotToHaveLeftMayGoOutOnAnotherChannel(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := webhookWith(o)
	worker := o.worker(p.env...)
	d.says(http.StatusServiceUnavailable, "") // not taken, but who knows
	_, err := worker.SendMessage(t.Context(), o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel))
	require.Error(t, err)

	outcome := o.do(worker, decidedAgain(o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)))

	require.Equal(t, journey.ResultSent, outcome.Result)
	require.Equal(t, []string{"notice-1@2026-01-12 by push:  not_found", "notice-1@2026-01-12 by email: sent"}, o.ledger("L-1"))
	require.Equal(t, 1, o.counted("B-1"))
	require.Zero(t, p.taken())
}

// A limit counts what leaves on the day on which it leaves.
func TestAReservationOfYesterdayIsMadeAnewToday(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := webhookWith(o)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	d.says(http.StatusServiceUnavailable, "")
	_, err := o.worker(p.env...).SendMessage(t.Context(), order)
	require.Error(t, err)
	tomorrow, err := store.Open(t.Context(), o.url, store.WithNow(func() time.Time { return time.Now().Add(24 * time.Hour) }))
	require.NoError(t, err)
	t.Cleanup(tomorrow.Close)
	worker, err := outreach(p.env, tomorrow)
	require.NoError(t, err)

	outcome := o.do(worker, order)
	other := o.do(worker, o.order("B-1", "L-1", "notice-2@2026-01-12", p.channel))

	require.Equal(t, journey.ResultSent, outcome.Result)
	require.Equal(t, journey.ResultHeld, other.Result)
	require.Equal(t, "house/one-message-a-day", other.Code)
	require.Equal(t, 1, p.taken())
	require.Equal(t, []string{"notice-1@2026-01-12 by push:  not_found", "notice-1@2026-01-12 by push: sent"}, o.ledger("L-1"))
}

func TestAReservationThatLedToNothingIsGivenBackWhenAnEventCameFirst(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	p, d := webhookWith(o)
	worker := o.worker(p.env...)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	d.says(http.StatusServiceUnavailable, "")
	_, err := worker.SendMessage(t.Context(), order)
	require.Error(t, err)
	o.pay("L-1")

	outcome := o.do(worker, order)

	require.Equal(t, journey.ResultSuperseded, outcome.Result)
	require.Zero(t, o.counted("B-1"))
	require.Zero(t, p.taken())
}

// Two attempts may meet: the first was given up by Temporal, and still goes through while the second looks for it.
func TestAMessageThatLeavesWhileItIsLookedForStaysInTheLedger(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	sending, looked, sent := make(chan struct{}), make(chan struct{}), make(chan journey.Outcome)
	worker := o.worker()
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
	worker.Channels[contact.SMS] = adapter{
		send: func(context.Context, channel.Message) (channel.Receipt, error) {
			close(sending)
			<-looked
			return channel.Receipt{}, nil
		},
		find: func(context.Context, string) (channel.Receipt, bool, error) {
			close(looked)
			<-sent // it is not there yet when it is looked for, and recorded a moment later
			o.pay("L-1")
			return channel.Receipt{}, false, nil
		},
	}
	first := make(chan error, 1)
	go func() {
		_, err := worker.SendMessage(context.Background(), order)
		first <- err
		close(sent)
	}()
	<-sending

	outcome := o.do(worker, order)

	require.NoError(t, <-first)
	require.Equal(t, journey.ResultSent, outcome.Result)
	require.Equal(t, []string{"notice-1@2026-01-12 by sms: sent"}, o.ledger("L-1"))
	require.Equal(t, 1, o.counted("B-1"))
}

func TestNothingLeavesAfterThePaymentThatMadeItNeedless(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.borrow("B-1", "L-2")
	order, other := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS), o.order("B-1", "L-2", "notice-1@2026-01-12", contact.SMS)
	o.pay("L-1")

	require.Equal(t, journey.ResultSuperseded, o.do(o.worker(), order).Result)
	require.Empty(t, o.ledger("L-1"))
	require.Equal(t, journey.ResultSent, o.do(o.worker(), other).Result, "the payment was not for the other loan")
}

func TestWhatIsSentTooLateToHelpIsHeld(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	order := o.order("B-1", "L-1", "reminder-due@2026-01-12", contact.SMS)
	order.Step.Before = noon.Add(-time.Hour)
	outcome := o.do(o.worker(), order)
	require.Equal(t, journey.ResultHeld, outcome.Result)
	require.Equal(t, "lapsed", outcome.Code)
	require.Empty(t, o.ledger("L-1"))
}

func TestAMessageThatCannotBeWordedReservesNothing(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
	order.Step.Fill = nil
	outcome := o.do(o.worker(), order)
	require.Equal(t, journey.ResultFailed, outcome.Result)
	require.Equal(t, "template", outcome.Code)
	require.Empty(t, o.ledger("L-1"))
}

func TestAChannelThatNobodyServesIsNoReasonToRepeat(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	outcome := o.do(o.worker("TENDER_CHANNELS=email=outbox"), o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS))
	require.Equal(t, journey.ResultFailed, outcome.Result)
	require.Equal(t, "no_adapter", outcome.Code)
}

// pay posts the first installment of a loan.
func (o *office) pay(loan string) {
	o.Helper()
	o.happens("payment.posted", "loan/"+loan, `{"transaction": "T-1", "amount": "100.00", "currency": "USD", "value_date": "2026-01-14"}`)
}

// dieAfterSend leaves behind what a worker does that sends a message and dies.
func (o *office) dieAfterSend(p *provider, order journey.Order) {
	o.Helper()
	worker := o.worker(p.env...)
	real := worker.Channels[p.channel]
	worker.Channels[p.channel] = adapter{name: real.Name(), send: func(ctx context.Context, m channel.Message) (channel.Receipt, error) {
		_, err := real.Send(ctx, m)
		require.NoError(o, err)
		panic("dead")
	}}
	require.Panics(o, func() { _, _ = worker.SendMessage(o.Context(), order) })
}

// adapter stands for a provider where a moment must be hit that no real one would wait for.
type adapter struct {
	name string
	send func(context.Context, channel.Message) (channel.Receipt, error)
	find func(context.Context, string) (channel.Receipt, bool, error)
}

func (a adapter) Name() string { return a.name }

func (a adapter) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	return a.send(ctx, m)
}

func (a adapter) Find(ctx context.Context, key string) (channel.Receipt, bool, error) {
	return a.find(ctx, key)
}

// nobody returns an address at which nobody listens.
func nobody(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return "http://" + listener.Addr().String()
}
