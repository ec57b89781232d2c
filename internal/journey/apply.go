package journey

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// remembered bounds how many done steps a journey carries, whatever a strategy asks for.
const remembered = 200

// Apply stores what events say. It computes nothing and cannot fail: an event that it cannot read, or has seen, changes
// nothing but the count. What follows from the facts is for Decide.
func (j *Journey) Apply(events ...event.Event) {
	for _, e := range events {
		if e.Number > 0 && !j.count(e.Number) {
			continue
		}
		if change, ok := changes[e.Type]; ok {
			change(j, e)
		}
	}
}

// Screened returns an event that came without a validator's look: as it is when it is about this loan and in its
// currency, and otherwise as one that only counts. It asks for no more than that, for what it lets through may never
// change: a history would tell another story.
func (j Journey) Screened(e event.Event) event.Event {
	var money struct {
		Currency string `json:"currency"`
	}
	foreign := decode(e, &money) && money.Currency != "" && j.Contract.Currency != "" && money.Currency != j.Contract.Currency
	if e.Loan == j.Loan && e.Number > 0 && !foreign {
		return e
	}
	return event.Event{Source: e.Source, ID: e.ID, Loan: e.Loan, Number: e.Number, At: e.At}
}

// count takes note of an event's number and reports whether it is new.
func (j *Journey) count(number int64) bool {
	if j.Knows(number) {
		return false
	}
	j.Ahead = append(slices.Clone(j.Ahead), number)
	slices.Sort(j.Ahead)
	j.advance(j.Through)
	return true
}

// advance moves Through to at least through, and on over what is known beyond it.
func (j *Journey) advance(through int64) {
	j.Through = max(j.Through, through)
	for len(j.Ahead) > 0 && j.Ahead[0] <= j.Through+1 {
		j.Through = max(j.Through, j.Ahead[0])
		j.Ahead = j.Ahead[1:]
	}
}

// changes says of each type of event which facts it adds.
var changes = map[event.Type]func(*Journey, event.Event){
	event.ApplicationPreapproved: reading(func(j *Journey, e event.Event, p event.Application) {
		id, _ := event.ApplicationOf(e.Loan)
		j.Borrower, j.TimeZone = p.Borrower.ID, p.TimeZone
		j.Application = &Application{ID: id, Product: p.Product, At: e.At, Until: p.Until, Loan: p.Lent}
		if p.Lent != "" {
			j.verified(e, event.IsOpen)
		}
	}),
	event.ApplicationWithdrawn: func(j *Journey, e event.Event) { j.verified(e, event.IsWithdrawn) },
	event.LoanDisbursed: reading(func(j *Journey, e event.Event, p event.Disbursement) {
		if _, is := event.ApplicationOf(j.Loan); is {
			j.lent(e, p)
			return
		}
		j.Verified, j.Applied = p.Verified, p.Application
		j.Borrower, j.Disbursed, j.DisbursedOn, j.TimeZone = p.Borrower.ID, e.At, p.DisbursedOn, p.TimeZone
		j.StrategyName, j.Contract = p.Strategy, p.Contract()
		j.NoWatermarks = p.Watermarks != nil && !*p.Watermarks
	}),
	event.LoanRescheduled: reading(func(j *Journey, e event.Event, p event.Rescheduling) {
		if j.speaks(e, "schedule") {
			j.Contract.Schedule = p.Schedule
		}
	}),
	event.LoanCancelled: reading(func(j *Journey, e event.Event, p event.Ending) {
		if j.speaks(e, "cancelled") {
			j.Cancelled = p.On
		}
	}),
	event.LoanSettled: reading(func(j *Journey, e event.Event, p event.Ending) {
		if j.speaks(e, "settled") {
			j.Settled = p.On
		}
	}),
	event.LoanWrittenOff: reading(func(j *Journey, e event.Event, p event.Ending) {
		if j.speaks(e, "written_off") {
			j.WrittenOff = p.On
		}
	}),
	event.LoanScored: reading(func(j *Journey, e event.Event, p event.Score) {
		if j.speaks(e, "risk") {
			j.Risk = Risk{Band: p.Band, Points: p.Points, At: e.At}
		}
	}),
	event.StrategyAssigned: reading(func(j *Journey, e event.Event, p event.Assignment) {
		if j.speaks(e, "strategy") {
			j.StrategyName, j.Strategy = p.Strategy, p.Hash
		}
	}),
	event.PaymentPosted: posting,
	event.PaymentReversed: reading(func(j *Journey, e event.Event, p Posting) {
		j.post(e, p)
		if j.speaks(e, "settled") {
			j.Settled = bizclock.Date{} // what was settled with money that went back is not settled
		}
	}),
	event.PaymentRefunded: posting,
	event.FeeCharged:      posting,
	event.FeeWaived:       posting,
	event.RecoveryPosted:  posting,
	event.BorrowerDied:    (*Journey).died,
	event.HoldPlaced: reading(func(j *Journey, e event.Event, p event.HoldPlacement) {
		from := p.From
		if from.IsZero() {
			from = e.At
		}
		j.hold(e, contact.Hold{ID: p.Hold, Kind: p.Kind, Point: p.Point, From: from, Until: p.Until})
	}),
	event.HoldReleased:  reading(func(j *Journey, e event.Event, p event.HoldRelease) { j.release(e, p.Hold) }),
	event.DisputeRaised: reading((*Journey).raise),
	event.DisputeResolved: reading(func(j *Journey, e event.Event, p event.DisputeResolution) {
		j.release(e, p.Dispute)
		j.dispute(p.Dispute, func(d *Dispute) { d.Until = e.At })
	}),
	event.PromiseMade:      reading((*Journey).promise),
	event.PromiseWithdrawn: reading((*Journey).takesBack),
	event.ComplaintRaised:  reading((*Journey).complained),
	event.ComplaintClosed: reading(func(j *Journey, e event.Event, p event.ComplaintClosing) {
		if e.At.After(j.Heeded) {
			j.Heeded, j.HeededAsks = e.At, p.Asks
		}
	}),
	event.HardshipReported: reading((*Journey).hardship),
	event.PlanOffered: reading(func(j *Journey, e event.Event, p event.PlanOffer) {
		j.Wishes = append(slices.Clone(j.Wishes), Wish{Product: p.Product, At: e.At})
	}),
	event.PlanAccepted: reading(func(j *Journey, e event.Event, p event.PlanAnswer) {
		j.accepts(e, p.Plan, cmp.Or(p.By, hardship.ThroughAgent))
	}),
	event.PlanDeclined:    reading(func(j *Journey, e event.Event, p event.PlanAnswer) { j.declines(e, p.Plan) }),
	event.BorrowerReplied: reading((*Journey).replies),
	event.SurveyAnswered:  reading((*Journey).answered),
	event.CallCompleted:   reading((*Journey).called),
	event.TaskExpired:     reading((*Journey).expired),
	event.MessageFailed: reading(func(j *Journey, e event.Event, p event.Receipt) {
		// What seemed sent did not arrive: the step is not done.
		n := slices.IndexFunc(j.Done, func(d Done) bool { return d.Contact == p.Contact && d.Contact != "" && d.Result.Made() })
		if n < 0 {
			return
		}
		d := j.Done[n]
		j.Done = slices.Delete(slices.Clone(j.Done), n, n+1)
		done(j, e, Outcome{Key: d.Key, At: e.At, Result: ResultBounced, Code: p.Code, Channel: d.Channel, Contact: d.Contact})
	}),
	event.StepPerformed: reading(done),
	event.StepFailed:    reading(done),
}

// reading returns a change that decodes the event's data, and does nothing when it does not decode.
func reading[P any](change func(*Journey, event.Event, P)) func(*Journey, event.Event) {
	return func(j *Journey, e event.Event) {
		var p *P // JSON's null leaves it nil
		if decode(e, &p) && p != nil {
			change(j, e, *p)
		}
	}
}

// decode reads an event's data into a payload, and reports whether it could be read.
func decode(e event.Event, payload any) bool {
	return json.Unmarshal(e.Data, payload) == nil //workflowcheck:ignore: the same text always reads the same
}

// kinds are what the types of event that move money post.
var kinds = map[event.Type]loan.Kind{
	event.PaymentPosted: loan.Payment, event.PaymentReversed: loan.Reversal, event.PaymentRefunded: loan.Refund,
	event.FeeCharged: loan.Fee, event.FeeWaived: loan.Waiver, event.RecoveryPosted: loan.Recovery,
}

// Posting reads the data of every event that moves money.
type Posting struct {
	event.Posting
	Reverses string         `json:"reverses"`
	Of       loan.Component `json:"of"`
	Pays     loan.Direction `json:"pays"`
}

func transaction(t event.Type, p Posting) loan.Transaction {
	if t == event.FeeWaived && p.Of == "" {
		p.Of = loan.OfFee
	}
	return loan.Transaction{
		ID: p.Transaction, Kind: kinds[t], ValueDate: p.ValueDate, Amount: p.Amount, Reverses: p.Reverses, Of: p.Of, Pays: p.Pays,
	}
}

var posting = reading(func(j *Journey, e event.Event, p Posting) { j.post(e, p) })

// post stores a posting, once for its id.
func (j *Journey) post(e event.Event, p Posting) {
	if !slices.ContainsFunc(j.Transactions, func(t loan.Transaction) bool { return t.ID == p.Transaction }) {
		j.Transactions = append(slices.Clone(j.Transactions), transaction(e.Type, p))
	}
}

// speaks reports whether an event has the last word on a fact, and remembers that it had: an event that was overtaken
// must not undo what a later one said.
func (j *Journey) speaks(e event.Event, fact string) bool {
	if e.Number < j.Spoken[fact] {
		return false
	}
	spoken := maps.Clone(j.Spoken)
	if spoken == nil {
		spoken = map[string]int64{}
	}
	spoken[fact] = e.Number
	j.Spoken = spoken
	return true
}

func done(j *Journey, e event.Event, o Outcome) {
	entry := Done{Key: o.Key, At: o.At, Result: o.Result, Code: o.Code, Channel: o.Channel, Contact: o.Contact, Times: 1}
	all := slices.Clone(j.Done)
	if n := slices.IndexFunc(all, func(d Done) bool { return d.Key == o.Key && d.Result == o.Result }); n >= 0 {
		entry.Times += all[n].Times
		all = slices.Delete(all, n, n+1)
	}
	if all = append(all, entry); len(all) > remembered {
		all = all[len(all)-remembered:]
	}
	j.Done = all
	j.offers(o)
	j.toldOutcome(e, o)
}

// dispute changes what is known of a dispute; the two ends of it may become known in any order.
func (j *Journey) dispute(id string, change func(*Dispute)) {
	j.Disputes = slices.Clone(j.Disputes)
	n := slices.IndexFunc(j.Disputes, func(d Dispute) bool { return d.ID == id })
	if n < 0 {
		n, j.Disputes = len(j.Disputes), append(j.Disputes, Dispute{ID: id})
	}
	change(&j.Disputes[n])
}

func (j *Journey) hold(e event.Event, h contact.Hold) {
	if j.release(e, h.ID) {
		j.Holds = append(j.Holds, h)
	}
}

// release ends a hold unless a later event spoke of it.
func (j *Journey) release(e event.Event, id string) bool {
	if !j.speaks(e, "hold/"+id) {
		return false
	}
	j.Holds = slices.DeleteFunc(slices.Clone(j.Holds), func(h contact.Hold) bool { return h.ID == id })
	return true
}

// Decide stores what a recorded decision says.
func (j *Journey) Decide(d Decision) {
	if d.Strategy != "" {
		j.Strategy = d.Strategy
	}
	j.advance(d.Number)
	j.drafts(d)
	j.brings(d)
	attributes := maps.Clone(j.Last.Attributes)
	if attributes == nil && len(d.Attributes) > 0 {
		attributes = map[string]string{}
	}
	for _, a := range d.Attributes {
		attributes[a.Name] = a.Value
	}
	j.Last = Standpoint{Seq: d.Seq, Hash: d.Hash, Stage: d.Stage, Attributes: attributes, Arrears: d.Arrears, Late: d.Late, Calm: d.Calm, Paid: d.Paid}
	if !d.Forget.IsZero() {
		j.Done = slices.DeleteFunc(slices.Clone(j.Done), func(done Done) bool { return done.At.Before(d.Forget) })
	}
}

// Cancelled is the code of a step that had not begun when an event came.
const Cancelled = "cancelled"

// StepEvent returns the event with which a step that a decision asked for reports. code is empty when it was done;
// otherwise it says in which way it was not.
func StepEvent(d Decision, o Outcome, code string, at time.Time) event.Event {
	e := event.Event{Source: "tender", ID: "step-" + strconv.FormatInt(d.Seq, 10), Type: event.StepPerformed, At: at}
	switch code {
	case "":
	case Cancelled:
		o = Outcome{Key: d.Step.Key, At: at, Result: ResultCancelled}
	default:
		e.Type = event.StepFailed
		o = Outcome{Key: d.Step.Key, At: at, Result: ResultFailed, Code: code}
	}
	data, err := json.Marshal(o) //workflowcheck:ignore: a struct of words and times; its JSON is always the same
	if err == nil {              // it has no field that could fail
		e.Data = data
	}
	return e
}
