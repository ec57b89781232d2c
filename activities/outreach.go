package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/failpoint"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Outreach sends messages.
type Outreach struct {
	Store    *store.Store
	Rules    *compliance.Library
	Channels channel.Set
	// Lender is the name that borrowers know the lender by; Help is how they reach a person.
	Lender, Help string
}

// codes of steps that a reservation holds back.
const (
	codeLapsed    = "lapsed"
	codeNoAdapter = "no_adapter"
)

// SendMessage reserves a contact under the borrower's lock, where rules, holds, wishes and events are seen as they are
// at that very moment, and only then sends the message, with no lock held. A message whose fate is unknown is looked up
// where the provider can, and otherwise never sent again.
func (o *Outreach) SendMessage(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	adapter, ok := o.Channels[order.Step.Channel]
	if !ok {
		return outcome(order, order.Step.At, journey.ResultFailed, codeNoAdapter, ""), nil
	}
	r, err := o.reserve(ctx, order, adapter, false)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	if r.doubtful {
		// An earlier attempt got as far as its reservation, and nobody knows how much further.
		finder, ok := adapter.(channel.Finder)
		if !ok || finder.Name() != r.adapter {
			return o.finish(ctx, order, r, contact.Uncertain, journey.ResultUncertain, channel.Receipt{}, "unknown")
		}
		receipt, found, err := finder.Find(ctx, r.key)
		if err != nil {
			return journey.Outcome{}, fault(err)
		}
		if found {
			return o.finish(ctx, order, r, contact.Sent, journey.ResultSent, receipt, "")
		}
		// It never arrived, and its key keeps it from arriving twice: send it, if that is still allowed.
		if r, err = o.reserve(ctx, order, adapter, true); err != nil {
			return journey.Outcome{}, fault(err)
		}
	}
	if r.done != nil {
		return *r.done, nil
	}
	failpoint.Hit("reserved")
	receipt, err := adapter.Send(ctx, r.message)
	failpoint.Hit("sent")
	return o.settle(ctx, order, r, adapter, receipt, err)
}

// settle records what became of a message.
func (o *Outreach) settle(ctx context.Context, order journey.Order, r reserved, adapter channel.Adapter, receipt channel.Receipt, err error) (journey.Outcome, error) {
	if err == nil {
		return o.finish(ctx, order, r, contact.Sent, journey.ResultSent, receipt, "")
	}
	code, failure := "unknown", (*channel.Failure)(nil)
	if errors.As(err, &failure) {
		code, receipt.Detail = failure.Code, failure.Detail
	}
	switch fate := channel.FateOf(err); {
	case fate == channel.Refused && failure.Permanent:
		if failure.Unusable {
			if err := o.Store.FailPoint(ctx, sqlc.FailPointParams{BorrowerID: order.Borrower, ID: order.Step.Point, At: &r.at}); err != nil {
				return journey.Outcome{}, fault(err)
			}
		}
		return o.finish(ctx, order, r, contact.Bounced, journey.ResultBounced, receipt, code)
	case fate == channel.Refused, fate == channel.Unreached:
		return o.finish(ctx, order, r, "", journey.ResultFailed, receipt, code)
	}
	if _, ok := adapter.(channel.Finder); ok {
		return journey.Outcome{}, fault(err) // tried again, and then looked up
	}
	return o.finish(ctx, order, r, contact.Uncertain, journey.ResultUncertain, receipt, code)
}

// reserved is a contact that may be made, or the reason why none may.
type reserved struct {
	key, adapter string
	at           time.Time
	message      channel.Message
	// doubtful is set when an earlier attempt holds the reservation and its fate is unknown.
	doubtful bool
	// done is set when there is nothing to send.
	done *journey.Outcome
}

// reserve takes the borrower's lock, looks at everything as it is now, and inserts the contact. With again, a
// reservation that is known not to have led to a message is used once more.
func (o *Outreach) reserve(ctx context.Context, order journey.Order, adapter channel.Adapter, again bool) (r reserved, err error) {
	err = o.Store.InTx(ctx, func(tx store.Tx) error {
		r, err = o.look(ctx, tx, order, again)
		if err != nil || r.done != nil || r.doubtful || again {
			return err
		}
		return o.insert(ctx, tx, order, adapter, r)
	})
	return r, err
}

// look finds out, under the lock, whether the contact may be made.
func (o *Outreach) look(ctx context.Context, tx store.Tx, order journey.Order, again bool) (reserved, error) {
	step := order.Step
	now, err := tx.Lock(ctx, order.Borrower)
	if err != nil {
		return reserved{}, err
	}
	row, err := tx.Reservation(ctx, sqlc.ReservationParams{
		LoanID: order.Loan, BorrowerID: order.Borrower, Point: step.Point, Intent: intent(order), Number: order.Number, Ahead: order.Ahead,
	})
	if err != nil {
		return reserved{}, err
	}
	if err := tx.FinishDecision(ctx, sqlc.FinishDecisionParams{LoanID: order.Loan, Seq: order.Seq, Hash: order.Hash}); err != nil {
		return reserved{}, err
	}
	r := reserved{key: row.LastKey, adapter: row.LastAdapter, at: now}
	stop := func(result journey.Result, code string) (reserved, error) {
		held := outcome(order, now, result, code, r.key)
		r.done = &held
		if !again {
			return r, nil
		}
		// The reservation is given back: it is known that nothing left.
		return r, tx.InsertOutcome(ctx, sqlc.InsertOutcomeParams{ContactKey: r.key, At: now, Code: code})
	}
	if row.LastKey != "" && !again {
		switch d := contact.Disposition(row.LastDisposition); {
		case d.Made():
			return stop(resultOf(d), row.LastCode)
		case d == "" && row.LastCode == "":
			r.doubtful = true
			return r, nil
		}
	}
	standing, err := tx.Standing(ctx, order.Borrower, now.Add(-o.Rules.Horizon()))
	if err != nil {
		return r, err
	}
	ruling := o.Rules.For(row.Jurisdiction).Evaluate(without(standing, row.LastKey, again), compliance.Proposal{
		At: now, Channel: step.Channel, Point: step.Point, Purpose: step.Purpose, Loans: []string{order.Loan},
	})
	switch deciding := ruling.Deciding(); {
	case row.Superseded:
		return stop(journey.ResultSuperseded, strconv.FormatInt(order.Number, 10))
	case !step.Before.IsZero() && !now.Before(step.Before):
		return stop(journey.ResultHeld, codeLapsed)
	case !ruling.Allowed() && deciding != nil:
		if err := tx.InsertHeldBack(ctx, heldBack(order, now, deciding)); err != nil {
			return r, err
		}
		return stop(journey.ResultHeld, deciding.Rule)
	case row.Address == "":
		return stop(journey.ResultHeld, "tender/contact-point")
	}
	if again {
		return o.repeat(ctx, tx, order, r)
	}
	text, err := message.Render(step.Template, row.Language, step.Channel, o.fill(order, row.Name))
	if err != nil {
		return stop(journey.ResultFailed, "template")
	}
	r.key = fmt.Sprintf("%s-%d", intent(order), row.LastAttempt+1)
	r.message = channel.Message{
		Key: r.key, Channel: step.Channel, To: row.Address, Subject: text.Subject, Body: text.Body,
		Loan: order.Loan, Template: step.Template,
	}
	return r, nil
}

// repeat returns the message of a reservation as it was rendered then.
func (o *Outreach) repeat(ctx context.Context, tx store.Tx, order journey.Order, r reserved) (reserved, error) {
	m, err := tx.MessageOf(ctx, r.key)
	r.message = channel.Message{
		Key: r.key, Channel: order.Step.Channel, To: m.Address, Subject: m.Subject, Body: m.Body,
		Loan: order.Loan, Template: order.Step.Template,
	}
	return r, err
}

// insert makes the reservation.
func (o *Outreach) insert(ctx context.Context, tx store.Tx, order journey.Order, adapter channel.Adapter, r reserved) error {
	step := order.Step
	attempt, err := strconv.Atoi(r.key[len(intent(order))+1:])
	if err != nil {
		return err
	}
	if err := tx.InsertContact(ctx, sqlc.InsertContactParams{
		Key: r.key, BorrowerID: order.Borrower, LoanIds: []string{order.Loan}, StepKey: step.Key, Channel: string(step.Channel),
		Point: step.Point, Direction: string(contact.Outbound), Purpose: string(step.Purpose), Template: step.Template,
		Adapter: adapter.Name(), At: r.at, Intent: intent(order), Attempt: int32(attempt),
	}); err != nil {
		return err
	}
	return tx.InsertMessage(ctx, sqlc.InsertMessageParams{ContactKey: r.key, Address: r.message.To, Subject: r.message.Subject, Body: r.message.Body})
}

// finish records what became of a contact, even when the workflow has lost interest: the contact was made.
func (o *Outreach) finish(ctx context.Context, order journey.Order, r reserved, d contact.Disposition, result journey.Result, receipt channel.Receipt, code string) (journey.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := o.Store.InsertOutcome(ctx, sqlc.InsertOutcomeParams{
		ContactKey: r.key, Disposition: string(d), At: r.at, Ref: receipt.Ref, Code: code, Detail: receipt.Detail,
	})
	return outcome(order, r.at, result, code, r.key), fault(err)
}

func (o *Outreach) fill(order journey.Order, name string) message.Fill {
	values := map[string]string{"help": o.Help}
	for key, value := range order.Step.Fill {
		values[key] = value
	}
	return message.Fill{Name: name, Lender: o.Lender, Loan: order.Loan, Values: values}
}

// intent names what an order wants to achieve: this step, through this contact point. However often it is decided and
// tried, it is one message.
func intent(order journey.Order) string {
	sum := sha256.Sum256([]byte(order.Loan + "\n" + order.Step.Key + "\n" + string(order.Step.Channel) + "\n" + order.Step.Point))
	return "c" + hex.EncodeToString(sum[:10])
}

// without leaves a reservation's own contact out of what is counted against it.
func without(s contact.Standing, key string, leave bool) contact.Standing {
	if !leave {
		return s
	}
	others := make([]contact.Attempt, 0, len(s.Attempts))
	for _, a := range s.Attempts {
		if a.Key != key {
			others = append(others, a)
		}
	}
	s.Attempts = others
	return s
}

func resultOf(d contact.Disposition) journey.Result {
	if d == contact.Uncertain {
		return journey.ResultUncertain
	}
	return journey.ResultSent
}

func outcome(order journey.Order, at time.Time, result journey.Result, code, key string) journey.Outcome {
	return journey.Outcome{Key: order.Step.Key, At: at, Result: result, Code: code, Channel: order.Step.Channel, Contact: key}
}

func heldBack(order journey.Order, now time.Time, f *compliance.Finding) sqlc.InsertHeldBackParams {
	held := sqlc.InsertHeldBackParams{
		LoanID: order.Loan, StepKey: order.Step.Key, Rule: f.Rule, Verdict: string(f.Verdict), Why: f.Why, At: now,
	}
	if !f.Until.IsZero() {
		held.Until = &f.Until
	}
	return held
}

// OutboxRows keeps the outbox's messages in Postgres; it implements channel.OutboxStore.
type OutboxRows struct{ Store *store.Store }

// Put implements channel.OutboxStore.
func (o OutboxRows) Put(ctx context.Context, m channel.Message) (string, error) {
	return o.Store.PutOutbox(ctx, sqlc.PutOutboxParams{Key: m.Key, Channel: string(m.Channel), Address: m.To, Subject: m.Subject, Body: m.Body})
}

// Lookup implements channel.OutboxStore.
func (o OutboxRows) Lookup(ctx context.Context, key string) (string, bool, error) {
	ref, err := o.Store.LookupOutbox(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", false, nil
	}
	return ref, err == nil, err
}
