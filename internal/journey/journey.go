// Package journey holds the facts that Tender has about one loan, as one value without personal data, the decisions
// made on them, and how both change: by events and by recorded decisions, and by nothing else.
package journey

import (
	"slices"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/score"
)

// Journey is what is known about one loan. It crosses continue-as-new whole, so fields are only ever added.
type Journey struct {
	// Loan and Borrower are ids.
	Loan     string `json:"loan"`
	Borrower string `json:"borrower,omitempty"`
	// Clock is the installation's clock; Decide refuses another one.
	Clock bizclock.Clock `json:"clock,omitzero"`
	// Disbursed is when the loan was disbursed, in business time; zero until that event was applied.
	Disbursed time.Time `json:"disbursed,omitzero"`
	// DisbursedOn is its date in TimeZone, the IANA zone of the contract.
	DisbursedOn bizclock.Date `json:"disbursed_on,omitzero"`
	TimeZone    string        `json:"time_zone,omitempty"`
	// StrategyName is what the lending system asked for; Strategy is the content hash that a decision pinned.
	StrategyName string `json:"strategy_name,omitempty"`
	Strategy     string `json:"strategy,omitempty"`
	// Risk is the lender's own word on how likely the loan is to go wrong.
	Risk Risk `json:"risk,omitzero"`
	// NoWatermarks is set when the lending system sends none, so that nobody waits for them.
	NoWatermarks bool `json:"no_watermarks,omitempty"`
	// Terms and Transactions are the lending system's facts; what is owed follows from them in Decide only.
	Contract     loan.Contract      `json:"terms,omitzero"`
	Transactions []loan.Transaction `json:"transactions,omitempty"`
	// Application is set where an application is accompanied, and no loan yet.
	Application *Application `json:"application,omitempty"`
	// Complaint is set where a complaint is accompanied, and no loan. What is known of it is in Postgres, where the door changes it.
	Complaint *Complaint `json:"complaint,omitempty"`
	// Verified is what had come of the callback to the loan's application when it was disbursed, and Applied the application's id.
	Verified event.Verified `json:"verified,omitempty"`
	Applied  string         `json:"applied,omitempty"`
	// Cancelled, Settled and WrittenOff are the dates on which the lending system said so.
	Cancelled  bizclock.Date `json:"cancelled,omitzero"`
	Settled    bizclock.Date `json:"settled,omitzero"`
	WrittenOff bizclock.Date `json:"written_off,omitzero"`
	// Stopped is the borrower's last message that asked for contacts to stop.
	Stopped Stop `json:"stopped,omitzero"`
	// Questions are what the borrower asked that Tender can answer, Heard is when they last wrote.
	Questions []Question `json:"questions,omitempty"`
	Heard     time.Time  `json:"heard,omitzero"`
	// Incentives are what the surveys that were sent said that answering brings, and Answers are to which messages answers came.
	Incentives []Incentive `json:"incentives,omitempty"`
	Answers    []Answered  `json:"answers,omitempty"`
	// Complained is when the borrower complained last, and Heeded when a complaint was closed last.
	Complained time.Time `json:"complained,omitzero"`
	Heeded     time.Time `json:"heeded,omitzero"`
	// HeededAsks is set when the workflow of that complaint asks the borrower how it was handled.
	HeededAsks bool `json:"heeded_asks,omitempty"`
	// Died is when the borrower's death became known.
	Died time.Time `json:"died,omitzero"`
	// Holds are the holds that events of this loan and its borrower placed and did not release.
	Holds    []contact.Hold `json:"holds,omitempty"`
	Disputes []Dispute      `json:"disputes,omitempty"`
	Promises []Promise      `json:"promises,omitempty"`
	// Hardships are when trouble with paying was told of.
	Hardships []Note `json:"hardships,omitempty"`
	// Wishes are the plans that a person asked Tender to offer, Draft is an offer that is not made yet, and Plans are those
	// that were made.
	Wishes []Wish `json:"plan_wishes,omitempty"`
	Draft  *Plan  `json:"plan_draft,omitempty"`
	Plans  []Plan `json:"plans,omitempty"`
	// Done are the steps that were done or tried, one entry for each key and result, the latest last, as far back as a
	// decision may still ask.
	Done []Done `json:"done,omitempty"`
	// Through is the number up to which every event is known; Ahead are the numbers beyond it that are known too.
	Through int64   `json:"through,omitempty"`
	Ahead   []int64 `json:"ahead,omitempty"`
	// Spoken is the number of the event that had the last word on a fact that later events replace, such as the schedule:
	// events can overtake one another.
	Spoken map[string]int64 `json:"spoken,omitempty"`
	// Last is what the last recorded decision said that the next one builds on.
	Last Standpoint `json:"last,omitzero"`
}

// Application is an application that was pre-approved: until when that holds, and what came of the callback.
type Application struct {
	ID      string    `json:"id"`
	Product string    `json:"product,omitempty"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until,omitzero"`
	// Outcome is what came of it, at Closed; none while it is open.
	Outcome event.Verified `json:"outcome,omitempty"`
	Closed  time.Time      `json:"closed,omitzero"`
	// Calls is how many calls were reported, and Asked how many questions the applicant had.
	Calls int `json:"calls,omitempty"`
	Asked int `json:"asked,omitempty"`
	// Loan is the loan that was disbursed.
	Loan string `json:"loan,omitempty"`
}

// Complaint is a complaint that is accompanied.
type Complaint struct {
	ID string `json:"id"`
	// At is when it was raised.
	At time.Time `json:"at"`
}

// Stop is a message that asked for contacts to stop: when it came, and on which channel and contact point.
type Stop struct {
	At      time.Time       `json:"at"`
	Channel contact.Channel `json:"channel"`
	Point   string          `json:"point,omitempty"`
}

// Question is something that the borrower asked: about what, when, and on which channel.
type Question struct {
	Topic   event.Topic     `json:"topic"`
	At      time.Time       `json:"at"`
	Channel contact.Channel `json:"channel,omitempty"`
}

// Risk is the lender's own word on how likely a loan is to go wrong, and when it was said.
type Risk struct {
	Band   score.Band `json:"band"`
	Points int        `json:"points,omitempty"`
	At     time.Time  `json:"at"`
}

// Promise is a borrower's promise to pay, in one or several parts.
type Promise struct {
	ID    string              `json:"id"`
	Parts []loan.PromisedPart `json:"parts"`
	Made  time.Time           `json:"made"`
	// Before are the postings that were known when it was given: they do not keep it.
	Before []string `json:"before,omitempty"`
}

// Dispute is a dispute of the debt, or of the part that it names.
type Dispute struct {
	ID string `json:"id"`
	// From is when it was raised, Until when it was resolved; each is zero until known.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Installment, Component and Amount are those of [loan.Dispute].
	Installment bizclock.Date   `json:"installment,omitzero"`
	Component   loan.Component  `json:"component,omitempty"`
	Amount      decimal.Decimal `json:"amount,omitzero"`
}

// Note is something that was heard, with the time at which it was; its code is left out where it would say too much.
type Note struct {
	Code string    `json:"code,omitempty"`
	At   time.Time `json:"at"`
}

// Done is a step that was done or tried.
type Done struct {
	// Key is the step's key: its treatment and anchor.
	Key string `json:"key"`
	// At is when, in business time.
	At time.Time `json:"at"`
	// Result is what came of it.
	Result Result `json:"result"`
	// Code says more, such as the rule that refused it or the way in which it failed.
	Code string `json:"code,omitempty"`
	// Channel is how the borrower was reached, if at all.
	Channel contact.Channel `json:"channel,omitempty"`
	// Contact is the key of the contact, if one was reserved.
	Contact string `json:"contact,omitempty"`
	// Times is how often the step had this result.
	Times int `json:"times,omitempty"`
}

// Standpoint is the part of a decision that the next decision and the loop build on.
type Standpoint struct {
	Seq        int64             `json:"seq,omitempty"`
	Hash       string            `json:"hash,omitempty"`
	Stage      Stage             `json:"stage,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Arrears is the oldest due date that was unpaid when arrears were last decided upon; zero when there are none.
	Arrears bizclock.Date `json:"arrears,omitzero"`
	// Late is since when the present arrears are known, Calm when arrears last ended.
	Late time.Time `json:"late,omitzero"`
	Calm time.Time `json:"calm,omitzero"`
	// Paid is since when nothing is owed; zero while something is.
	Paid time.Time `json:"paid,omitzero"`
}

// Clone returns a copy that shares nothing that anyone writes to.
func (j Journey) Clone() Journey {
	j.Contract.Schedule = slices.Clone(j.Contract.Schedule)
	j.Transactions = slices.Clone(j.Transactions)
	j.Holds = slices.Clone(j.Holds)
	j.Disputes = slices.Clone(j.Disputes)
	j.Promises = slices.Clone(j.Promises)
	j.Hardships = slices.Clone(j.Hardships)
	j.Questions = slices.Clone(j.Questions)
	j.Incentives = slices.Clone(j.Incentives)
	j.Answers = slices.Clone(j.Answers)
	j.Wishes = slices.Clone(j.Wishes)
	j.Plans = slices.Clone(j.Plans)
	j.Done = slices.Clone(j.Done)
	j.Ahead = slices.Clone(j.Ahead)
	return j // Spoken and Last.Attributes are replaced whole, never written to
}

// Knows reports whether the event with a number was applied.
func (j Journey) Knows(number int64) bool {
	return number <= j.Through || slices.Contains(j.Ahead, number)
}

// Covered returns the number up to which every event is either known or among the refused ones, and the known numbers
// beyond it. Refused numbers belong to events that no journey was told of.
func (j Journey) Covered(refused []int64) (through int64, ahead []int64) {
	through, ahead = j.Through, j.Ahead
	for {
		switch next := through + 1; {
		case len(ahead) > 0 && ahead[0] <= next:
			through, ahead = max(through, ahead[0]), ahead[1:]
		case slices.Contains(refused, next):
			through = next
		default:
			return through, ahead
		}
	}
}

// LastDone returns the latest entry about a step, and whether there is one with a result that fits.
func (j Journey) LastDone(key string, fits func(Result) bool) (Done, bool) {
	for _, d := range slices.Backward(j.Done) {
		if d.Key == key && fits(d.Result) {
			return d, true
		}
	}
	return Done{}, false
}

// Ended reports whether a person has ended a task, by doing it or by finding that the borrower cannot be reached.
func (j Journey) Ended(task string) bool {
	return slices.ContainsFunc(j.Done, func(d Done) bool {
		return d.Contact == task && (d.Result == ResultReached || d.Result == ResultUnreachable || d.Result == ResultSeenTo)
	})
}
