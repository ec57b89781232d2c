package activities

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/failpoint"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Outreach sends messages.
type Outreach struct {
	Store    *store.Store
	Rules    *compliance.Library
	Channels channel.Set
	// Lender is the name that borrowers know the lender by; Help is how they reach a person.
	Lender, Help string
	// Messages are the words; nil means those that come with Tender.
	Messages *message.Library
}

// codes of steps that a reservation holds back, and of reservations that are given back.
const (
	codeLapsed    = "lapsed"
	codeNoAdapter = "no_adapter"
	codeNotFound  = "not_found"
	// codeJoined: the message of another loan, which speaks of this one too, is on its way.
	codeJoined = "joined"
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
		finder, ok := o.finder(r.adapter)
		if !ok {
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

// finder returns the adapter with a name, if it is still in use and can look messages up. The message in doubt may have
// gone another way than the one that is ordered now.
func (o *Outreach) finder(name string) (channel.Finder, bool) {
	for _, served := range o.Channels.Channels() {
		if finder, ok := o.Channels[served].(channel.Finder); ok && finder.Name() == name {
			return finder, true
		}
	}
	return nil, false
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
			if err := o.Store.FailPointOf(ctx, sqlc.FailPointOfParams{Key: r.key, At: &r.at}); err != nil {
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
	// channel is the one of an earlier attempt, when that is what the reservation is about.
	channel contact.Channel
	at      time.Time
	message channel.Message
	// attempt is the number of an attempt that is yet to be inserted; zero when there is none.
	attempt int32
	// joined are the steps of other loans that the message makes as well.
	joined []joined
	// doubtful is set when an earlier attempt holds the reservation and its fate is unknown.
	doubtful bool
	// done is set when there is nothing to send.
	done *journey.Outcome
}

// stop returns the reservation with nothing to send.
func (r reserved) stop(order journey.Order, result journey.Result, code string) reserved {
	held := r.outcome(order, result, code)
	r.done = &held
	return r
}

// outcome names the channel on which the contact was made, which a later decision may have changed.
func (r reserved) outcome(order journey.Order, result journey.Result, code string) journey.Outcome {
	made := outcome(order, r.at, result, code, r.key)
	if r.channel != "" {
		made.Channel = r.channel
	}
	return made
}

// reserve takes the borrower's lock, looks at everything as it is now, and inserts the contact. With again, a
// reservation that is known not to have led to a message is used once more.
func (o *Outreach) reserve(ctx context.Context, order journey.Order, adapter channel.Adapter, again bool) (r reserved, err error) {
	err = o.Store.InTx(ctx, func(tx store.Tx) error {
		if r, err = o.look(ctx, tx, order, adapter, again); err != nil || r.attempt == 0 {
			return err
		}
		return o.insert(ctx, tx, order, adapter, r)
	})
	return r, err
}

// look finds out, under the lock, whether the contact may be made.
func (o *Outreach) look(ctx context.Context, tx store.Tx, order journey.Order, adapter channel.Adapter, again bool) (reserved, error) {
	step := order.Step
	now, err := tx.LockForContact(ctx, order.Borrower)
	if err != nil {
		return reserved{}, err
	}
	row, err := tx.Reservation(ctx, sqlc.ReservationParams{
		LoanID: order.Loan, BorrowerID: order.Borrower, Point: step.Point, Intent: intent(order), Number: order.Number, Ahead: order.Ahead,
		Seq: order.Seq, Hash: order.Hash, Since: now.Add(-o.Rules.Horizon()),
	})
	if err != nil {
		return reserved{}, err
	}
	last := contact.Disposition(row.LastDisposition)
	open := row.LastKey != "" && last == "" && row.LastCode == ""
	r := reserved{key: row.LastKey, adapter: row.LastAdapter, channel: contact.Channel(row.LastChannel), at: now}
	switch {
	case last.Made(): // also when that became known only while it was looked for
		if id, is := event.ComplaintOf(order.Loan); is && complaint.Acknowledges(step.Key) {
			if err := tx.AcknowledgeComplaint(ctx, sqlc.AcknowledgeComplaintParams{ID: id, At: row.LastAt, By: "tender"}); err != nil {
				return r, err
			}
		}
		return r.stop(order, resultOf(last), row.LastCode), nil
	case open && row.LastJoined:
		return r.stop(order, journey.ResultHeld, codeJoined), nil
	case open && !again:
		r.doubtful = true
		return r, nil
	case !open: // there was none, or it did not leave
		r = reserved{at: now}
	}
	result, code, ask, err := o.obstacle(ctx, tx, order, row, now, r.key)
	if err != nil {
		return r, err
	}
	same := r.channel == step.Channel && row.LastPoint == step.Point && r.adapter == adapter.Name() &&
		sameDate(row.TimeZones, row.LastAt, now)
	switch {
	case open && result == "" && same:
		return o.repeat(ctx, tx, order, r)
	case open: // it is known that nothing left: the reservation is given back
		if err := tx.InsertOutcome(ctx, sqlc.InsertOutcomeParams{ContactKey: r.key, At: now, Code: cmp.Or(code, codeNotFound)}); err != nil {
			return r, err
		}
	}
	if result != "" {
		return r.stop(order, result, code), nil
	}
	others, err := o.join(ctx, tx, order, row, &ask)
	if err != nil {
		return r, err
	}
	fill := o.fill(order, row.Name)
	if err := reasons(ctx, tx, order, fill.Values); err != nil {
		return r, err
	}
	for _, other := range others {
		fill.Also = append(fill.Also, other.also())
	}
	text, err := o.Messages.Render(step.Template, row.Language, step.Channel, fill, ask.must...)
	if err != nil {
		return r.stop(order, journey.ResultFailed, "template"), nil
	}
	if rule, err := ask.lacking(ctx, tx, order, now, text.Carries); err != nil || rule != "" {
		return r.stop(order, journey.ResultHeld, rule), err
	}
	attempt := row.LastAttempt + 1
	key := fmt.Sprintf("%s-%d", intent(order), attempt)
	return reserved{key: key, at: now, attempt: attempt, joined: others, message: channel.Message{
		Key: key, Channel: step.Channel, To: row.Address, Subject: text.Subject, Body: text.Body,
		Loan: order.Loan, Template: step.Template,
	}}, nil
}

// sameDate reports whether two instants are on one date wherever the borrower may be. Rules count by date, so that a
// reservation of another day would not count on the day on which its message leaves.
func sameDate(zones []string, a, b time.Time) bool {
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil || bizclock.DateOf(a.In(zone)) != bizclock.DateOf(b.In(zone)) {
			return false
		}
	}
	return true
}

// obstacle returns what stands in the way of a contact; nothing when it may be made. The contact with the key own is
// not counted against itself.
func (o *Outreach) obstacle(
	ctx context.Context, tx store.Tx, order journey.Order, row sqlc.ReservationRow, now time.Time, own string,
) (journey.Result, string, asked, error) {
	step := order.Step
	halt, err := halted(row.Halts, step, step.Channel, now)
	if err != nil {
		return "", "", asked{}, err
	}
	var standing contact.Standing
	if err := json.Unmarshal(row.Standing, &standing); err != nil {
		return "", "", asked{}, err
	}
	a := asked{rules: o.Rules.For(row.Jurisdiction), standing: without(standing, own), proposal: compliance.Proposal{
		At: now, Channel: step.Channel, Point: step.Point, Purpose: step.Purpose, Loans: []string{order.Debt()}, Step: step.Key,
		Confirmation: step.Confirmation,
	}}
	ruling := a.rules.Evaluate(a.standing, a.proposal)
	a.must, a.mustNot = ruling.MustCarry, ruling.MustNotCarry
	switch deciding := ruling.Deciding(); {
	case row.Superseded:
		return journey.ResultSuperseded, strconv.FormatInt(order.Number, 10), a, nil
	case !step.Before.IsZero() && !now.Before(step.Before):
		return journey.ResultHeld, codeLapsed, a, nil
	case halt != nil:
		return journey.ResultHeld, halt.Rule, a, tx.InsertHeldBack(ctx, heldBack(order, now, halt))
	case !ruling.Allowed() && deciding != nil:
		return journey.ResultHeld, deciding.Rule, a, tx.InsertHeldBack(ctx, heldBack(order, now, deciding))
	case row.Address == "":
		return journey.ResultHeld, "tender/contact-point", a, nil
	}
	return "", "", a, nil
}

// asked is what the rules were asked about a contact, and what they ask of its content.
type asked struct {
	rules         compliance.Rules
	standing      contact.Standing
	proposal      compliance.Proposal
	must, mustNot []compliance.Part
}

// lacking returns the rule that a message breaks by what it carries; nothing when it breaks none.
func (a asked) lacking(ctx context.Context, tx store.Tx, order journey.Order, now time.Time, carries []compliance.Part) (string, error) {
	if len(a.must)+len(a.mustNot) == 0 {
		return "", nil
	}
	a.proposal.Carries = carries
	ruling := a.rules.Evaluate(a.standing, a.proposal)
	if ruling.Allowed() {
		return "", nil
	}
	return ruling.Deciding().Rule, tx.InsertHeldBack(ctx, heldBack(order, now, ruling.Deciding()))
}

// halted returns what an operator's halt says of a contact, if one stops it.
func halted(text json.RawMessage, step journey.Step, channel contact.Channel, now time.Time) (*compliance.Finding, error) {
	var halts []contact.Halt
	if err := json.Unmarshal(text, &halts); err != nil {
		return nil, err
	}
	halt, found := strategy.HaltOf(halts, channel, step.Template, step.Purpose, now)
	if !found {
		return nil, nil
	}
	finding := strategy.Halted(halt)
	return &finding, nil
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
	loans := []string{order.Loan}
	if debt := order.Debt(); debt != order.Loan {
		loans = append(loans, debt)
	}
	for _, other := range r.joined {
		loans = append(loans, other.loan)
	}
	if err := tx.InsertContact(ctx, sqlc.InsertContactParams{
		Key: r.key, BorrowerID: order.Borrower, LoanIds: loans, StepKey: step.Key, Channel: string(step.Channel),
		Point: step.Point, Direction: string(contact.Outbound), Purpose: string(step.Purpose), Template: step.Template,
		Adapter: adapter.Name(), At: r.at, Intent: intent(order), Attempt: r.attempt,
	}); err != nil {
		return err
	}
	for _, other := range r.joined {
		if err := tx.JoinStep(ctx, sqlc.JoinStepParams{Intent: other.intent, ContactKey: r.key, LoanID: other.loan, StepKey: other.step.Key}); err != nil {
			return err
		}
	}
	return tx.InsertMessage(ctx, sqlc.InsertMessageParams{ContactKey: r.key, Address: r.message.To, Subject: r.message.Subject, Body: r.message.Body})
}

// finish records what became of a contact, even when the workflow has lost interest: the contact was made.
func (o *Outreach) finish(ctx context.Context, order journey.Order, r reserved, d contact.Disposition, result journey.Result, receipt channel.Receipt, code string) (journey.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	became := sqlc.InsertOutcomeParams{ContactKey: r.key, Disposition: string(d), At: r.at, Ref: receipt.Ref, Code: code, Detail: receipt.Detail}
	if id, is := event.ComplaintOf(order.Loan); is && d.Made() && complaint.Acknowledges(order.Step.Key) {
		arrived, err := o.acknowledged(ctx, order.Borrower, id, became)
		if err == nil && !arrived {
			result = journey.ResultBounced
		}
		return r.outcome(order, result, code), fault(err)
	}
	return r.outcome(order, result, code), fault(o.Store.InsertOutcome(ctx, became))
}

// acknowledged records that a message was sent that told the borrower of the receipt of their complaint. The provider may have said
// before that it did not arrive.
func (o *Outreach) acknowledged(ctx context.Context, borrower, id string, became sqlc.InsertOutcomeParams) (arrived bool, err error) {
	err = o.Store.InTx(ctx, func(tx store.Tx) error {
		if _, err := tx.Lock(ctx, borrower); err != nil { // nobody else changes the complaint
			return err
		}
		if err := tx.InsertOutcome(ctx, became); err != nil {
			return err
		}
		sent, err := tx.ContactOf(ctx, became.ContactKey)
		if arrived = contact.Disposition(sent.Disposition).Made(); err != nil || !arrived {
			return err
		}
		return tx.AcknowledgeComplaint(ctx, sqlc.AcknowledgeComplaintParams{ID: id, At: became.At, By: "tender"})
	})
	return arrived, err
}

// reasons adds what somebody wrote to the borrower as the answer to their complaint: it is in Postgres alone until it leaves.
func reasons(ctx context.Context, tx store.Tx, order journey.Order, values map[string]string) error {
	id, is := event.ComplaintOf(order.Loan)
	if !is || !complaint.Answers(order.Step.Key) {
		return nil
	}
	row, err := tx.ComplaintFor(ctx, id)
	if err != nil {
		return err
	}
	var c complaint.Case
	if err := json.Unmarshal(row.Facts, &c); err != nil {
		return err
	}
	if c.Answer == nil || c.Answer.Event == 0 {
		return nil
	}
	values["complaint_reasons"], err = tx.AnswerText(ctx, c.Answer.Event)
	return err
}

func (o *Outreach) fill(order journey.Order, name string) message.Fill {
	values := map[string]string{"help": o.Help}
	for key, value := range order.Step.Fill {
		values[key] = value
	}
	return message.Fill{Name: name, Lender: o.Lender, Loan: order.Loan, Values: values}
}

// intent names what an order wants to achieve: this step. However often and for whichever channel it is decided and
// tried, it is one message.
func intent(order journey.Order) string {
	whose := order.Loan
	if order.Step.Confirmation {
		whose = order.Borrower // every loan's journey wants it, and one message does
	}
	sum := sha256.Sum256([]byte(whose + "\n" + order.Step.Key))
	return "c" + hex.EncodeToString(sum[:10])
}

// without leaves a contact out of what is counted.
func without(s contact.Standing, key string) contact.Standing {
	if key == "" {
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
		LoanID: order.Loan, StepKey: order.Step.Key, Rule: f.Rule, Version: f.Version, Verdict: string(f.Verdict), Why: f.Why,
		Used: int32(f.Count), Most: int32(f.Max), At: now,
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
