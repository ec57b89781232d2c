package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/failpoint/failpointtest"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
)

// places are where a crash matters: after the reservation, and after the send.
var places = []struct {
	failpoint string
	// taken is how many messages the provider has when the worker is dead.
	taken int
}{{"reserved", 0}, {"sent", 1}}

func TestAfterACrashAMessageThatCanBeLookedUpIsSentOnce(t *testing.T) {
	t.Parallel()
	program := failpointtest.Tests(t)
	for name, open := range map[string]func(*office) *provider{"outbox": theOutbox, "webhook": webhook} {
		for _, place := range places {
			t.Run(name+" "+place.failpoint, func(t *testing.T) {
				t.Parallel()
				o := openWithLoan(t)
				p := open(o)
				order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)

				o.crash(program, place.failpoint, order, p)

				require.Equal(t, place.taken, p.taken())
				require.Equal(t, []string{"notice-1@2026-01-12 by " + string(p.channel) + ": "}, o.ledger("L-1"))
				worker := o.worker(p.env...)
				outcome := o.do(worker, order)
				require.Equal(t, journey.ResultSent, outcome.Result)
				again := o.do(worker, decidedAgain(order))
				require.Equal(t, journey.ResultSent, again.Result)
				require.Equal(t, outcome.Contact, again.Contact)
				require.Equal(t, 1, p.taken())
				require.Equal(t, []string{"notice-1@2026-01-12 by " + string(p.channel) + ": sent"}, o.ledger("L-1"))
				require.Equal(t, 1, o.counted("B-1"))
			})
		}
	}
}

func TestAfterACrashAMessageThatCannotBeLookedUpIsUncertainAndNeverSentAgain(t *testing.T) {
	t.Parallel()
	program := failpointtest.Tests(t)
	for name, open := range map[string]func(*office) *provider{"smtp": mailServer, "twilio": twilio} {
		for _, place := range places {
			t.Run(name+" "+place.failpoint, func(t *testing.T) {
				t.Parallel()
				o := openWithLoan(t)
				p := open(o)
				order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)

				o.crash(program, place.failpoint, order, p)

				require.Equal(t, place.taken, p.taken())
				worker := o.worker(p.env...)
				outcome := o.do(worker, order)
				require.Equal(t, journey.ResultUncertain, outcome.Result)
				again := o.do(worker, decidedAgain(order))
				require.Equal(t, journey.ResultUncertain, again.Result)
				require.Equal(t, outcome.Contact, again.Contact)
				require.Equal(t, place.taken, p.taken(), "what may have left is never sent again")
				require.Equal(t, []string{"notice-1@2026-01-12 by " + string(p.channel) + ": uncertain unknown"}, o.ledger("L-1"))

				// It counts: nobody may be written to twice on a day because once is not certain.
				other := o.do(worker, o.order("B-1", "L-1", "follow-up@2026-01-14", p.channel))
				require.Equal(t, journey.ResultHeld, other.Result)
				require.Equal(t, "house/one-message-a-day", other.Code)

				// And a receipt that comes late settles it.
				o.happens("message.delivered", "borrower/B-1", fmt.Sprintf(`{"contact": %q}`, outcome.Contact))
				require.Equal(t, []string{"notice-1@2026-01-12 by " + string(p.channel) + ": delivered"}, o.ledger("L-1"))
				require.Equal(t, journey.ResultSent, o.do(worker, decidedAgain(order)).Result)
				require.Equal(t, place.taken, p.taken())
			})
		}
	}
}

// A worker may come back with another provider than the one that has the answer.
func TestAfterACrashAnotherAdapterCannotTellSoTheMessageIsUncertain(t *testing.T) {
	t.Parallel()
	program := failpointtest.Tests(t)
	o := openWithLoan(t)
	p := webhook(o)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", p.channel)
	o.crash(program, "reserved", order, p)

	outcome := o.do(o.worker(), order) // on the outbox, where nothing is found

	require.Equal(t, journey.ResultUncertain, outcome.Result)
	require.Zero(t, o.outbox("B-1"))
	require.Equal(t, []string{"notice-1@2026-01-12 by push: uncertain unknown"}, o.ledger("L-1"))
}

// decidedAgain is the same step after a new decision, as when the loop gave the first one up after a time-out.
func decidedAgain(order journey.Order) journey.Order {
	order.Seq++
	order.Hash = "fedcba9876543210"
	return order
}

func openWithLoan(t *testing.T) *office {
	o := open(t)
	o.borrow("B-1", "L-1")
	return o
}

// crash has a worker of its own perform an order and die on the way.
func (o *office) crash(program, place string, order journey.Order, p *provider) {
	o.Helper()
	text, err := json.Marshal(order)
	require.NoError(o, err)
	cmd := exec.CommandContext(o.Context(), program)
	cmd.Env = append(append(os.Environ(), p.env...), role+"=sender", "DATABASE_URL="+o.url, "ORDER="+string(text), "TENDER_FAILPOINT="+place)
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	require.ErrorAs(o, err, &ended, "the worker lives: %s", out)
	status, ok := ended.Sys().(syscall.WaitStatus)
	require.True(o, ok && status.Signal() == syscall.SIGKILL, "%v: %s", err, out)
}

// send is what a worker does that is to die of it.
func send() error {
	db, err := store.Open(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer db.Close()
	worker, err := outreach(settings.Environ(os.Environ()), db)
	if err != nil {
		return err
	}
	var order journey.Order
	if err := json.Unmarshal([]byte(os.Getenv("ORDER")), &order); err != nil {
		return err
	}
	outcome, err := worker.SendMessage(context.Background(), order)
	return errors.Join(err, fmt.Errorf("nothing killed it: %s %s", outcome.Result, outcome.Code))
}

// theOutbox is no provider at all: the message is as good as sent once it lies there.
func theOutbox(o *office) *provider {
	return &provider{channel: contact.SMS, taken: func() int { return o.outbox("B-1") }}
}
