package journey

import (
	"cmp"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// Stage is where a journey stands.
type Stage string

// The stages. A hold is no stage.
const (
	Welcome      Stage = "welcome"
	Current      Stage = "current"
	DueSoon      Stage = "due_soon"
	EarlyArrears Stage = "early_arrears"
	LateArrears  Stage = "late_arrears"
	PreChargeOff Stage = "pre_charge_off"
	OnPlan       Stage = "plan"
	ChargedOff   Stage = "charged_off"
	Closed       Stage = "closed"
	// Preapproved is that of an application, of which nothing has come yet.
	Preapproved Stage = "preapproved"
)

// Stages are all stages: those of loans, that of an application, and the states of complaints.
var Stages = func() []Stage {
	all := []Stage{Welcome, Current, DueSoon, EarlyArrears, LateArrears, PreChargeOff, OnPlan, ChargedOff, Closed, Preapproved}
	for _, state := range complaint.States {
		if state != complaint.Closed {
			all = append(all, Stage(state))
		}
	}
	return all
}()

// UnmarshalText refuses a word that is no stage.
func (s *Stage) UnmarshalText(text []byte) (err error) {
	if *s = ""; len(text) == 0 {
		return nil
	}
	*s, err = closed.Parse("stage", Stages, string(text))
	return err
}

// Decision is what Tender will do next, when and why. It is recorded in the history of the loan's workflow, small, and
// everything that the workflow does follows from it. Fields are only ever added, and ask for nothing when absent.
type Decision struct {
	// Seq is the number of the decision in its journey, from 1.
	Seq int64 `json:"seq"`
	// Number is the number of the last event that it was made on; Ahead are known events beyond a gap.
	Number int64   `json:"number"`
	Ahead  []int64 `json:"ahead,omitempty"`
	// Hash is the hash of the explanation that Postgres holds; it tells the recorded decision from other candidates.
	Hash string `json:"hash"`
	// At is when it was made, in business time.
	At       time.Time `json:"at"`
	Strategy string    `json:"strategy,omitempty"`
	Stage    Stage     `json:"stage"`
	Bucket   string    `json:"bucket"`
	// Arrears is the oldest unpaid due date, Late since when that is known; zero when nothing is past due. Calm is when
	// arrears last ended.
	Arrears bizclock.Date `json:"arrears,omitzero"`
	Late    time.Time     `json:"late,omitzero"`
	Calm    time.Time     `json:"calm,omitzero"`
	// Paid is since when nothing is owed; zero while something is.
	Paid time.Time `json:"paid,omitzero"`
	Step Step      `json:"step"`
	// Wake is the wall instant at which Step is due, or at which Decide wants to be asked again; zero: not before the
	// next event.
	Wake time.Time `json:"wake,omitzero"`
	// Attributes are the search attributes that change.
	Attributes []Attribute `json:"attributes,omitempty"`
	// Details is what the Temporal Web UI shows, in Markdown.
	Details string `json:"details,omitempty"`
	// Offer is a plan that Step offers, when it was worked out anew: a decision with one is larger than others.
	Offer *Offer `json:"offer,omitempty"`
	// Forget is the instant before which done steps will not be asked for again.
	Forget time.Time `json:"forget,omitzero"`
	// Close ends the workflow.
	Close bool `json:"close,omitempty"`
}

// Offer is a plan that is to be offered, with the id that it will have.
type Offer struct {
	ID string `json:"id"`
	hardship.Offer
}

// Attribute is a search attribute with its new value.
type Attribute struct {
	Name string `json:"name"`
	// Type is keyword, keywords (a list, comma-separated) or time (RFC 3339). An empty value unsets the attribute.
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
}

// The types of search attribute.
const (
	Keyword  = "keyword"
	Keywords = "keywords"
	Time     = "time"
)

// Kind is what a step does.
type Kind string

// The kinds of step.
const (
	// Wait does nothing but wait for an event, or for the time to think again.
	Wait Kind = "wait"
	// Send sends a message.
	Send Kind = "send"
	// Task gives a person something to do.
	Task Kind = "task"
	// Tell tells the lending system something.
	Tell Kind = "tell"
	// Record has Tender record an event of its own: a complaint moves up, or is closed.
	Record Kind = "record"
	// CloseStep ends the journey.
	CloseStep Kind = "close"
)

// Step is one thing to do. It carries no personal data.
type Step struct {
	Kind Kind `json:"kind"`
	// Key identifies the step in the journey: its treatment and anchor, such as reminder-3d@2026-02-01.
	Key string `json:"key,omitempty"`
	// At is when it is due, in business time.
	At time.Time `json:"at,omitzero"`
	// Reason is the code of why this step, or why nothing yet, such as reminder, hold or contact_window.
	Reason string `json:"reason,omitempty"`
	// Rule is the rule that moved it, if one did.
	Rule string `json:"rule,omitempty"`
	// Channel, Point, Purpose and Template say how a message goes out, or why a person shall act.
	Channel  contact.Channel `json:"channel,omitempty"`
	Point    string          `json:"point,omitempty"`
	Purpose  contact.Purpose `json:"purpose,omitempty"`
	Template string          `json:"template,omitempty"`
	// Confirmation is set for the one message that confirms a stop: the same step of every journey of the borrower.
	Confirmation bool `json:"confirmation,omitempty"`
	// Before is the business instant from which it is no longer worth doing; zero: it always is.
	Before time.Time `json:"before,omitzero"`
	// Approval is what a person is asked to approve of.
	Approval *Approval `json:"approval,omitempty"`
	// Worklist is how a task waits for a person.
	Worklist *Assignment `json:"worklist,omitempty"`
	// About is the loan that it speaks of, where the journey is not that loan's own.
	About string `json:"about,omitempty"`
	// Event is the type of the event that is recorded; Fill is its data.
	Event event.Type `json:"event,omitempty"`
	// Plan is what the lending system is told of a plan, whole, so that it can be applied to other books.
	Plan *hardship.Plan `json:"plan,omitempty"`
	// Fill are the amounts and dates that the message names.
	Fill map[string]string `json:"fill,omitempty"`
	// Activity, Queue and the time-outs say how the loop performs it. No activity: nothing is performed.
	Activity string `json:"activity,omitempty"`
	Queue    string `json:"queue,omitempty"`
	// AttemptSeconds bounds one attempt, WithinSeconds all of them, both on the wall.
	AttemptSeconds int64 `json:"attempt_seconds,omitempty"`
	WithinSeconds  int64 `json:"within_seconds,omitempty"`
	// Summary is what the Temporal Web UI writes beside it.
	Summary string `json:"summary,omitempty"`
}

// Approval is a question to a person: whether a step may be done by a channel although soft rules advise against it.
type Approval struct {
	Step  string   `json:"step"`
	Rules []string `json:"rules"`
	// Channel is the one by which the step would be done; none where a supervisor reviews what is no contact.
	Channel contact.Channel `json:"channel,omitempty"`
	// Until is the first business instant at which it can no longer be answered; silence is no.
	Until time.Time `json:"until"`
}

// Assignment is how a task waits for a person. Decisions of before have none; then the worklist's own defaults hold.
type Assignment struct {
	// Priority orders the worklist: the highest is handed out first.
	Priority int `json:"priority,omitempty"`
	// Until is the first business instant at which it is too late for it; zero: it never is.
	Until time.Time `json:"until,omitzero"`
	// Tries is how many calls may reach nobody before the borrower counts as unreachable.
	Tries int `json:"tries,omitempty"`
}

// Treatment returns the name of the treatment that the step carries out: its key without the anchor.
func (s Step) Treatment() string {
	treatment, _, _ := strings.Cut(s.Key, "@")
	return treatment
}

// Order is what an activity is told: the step, and the decision that asked for it.
type Order struct {
	Loan     string  `json:"loan"`
	Borrower string  `json:"borrower"`
	Seq      int64   `json:"seq"`
	Hash     string  `json:"hash"`
	Number   int64   `json:"number"`
	Ahead    []int64 `json:"ahead,omitempty"`
	Step     Step    `json:"step"`
}

// Debt is the loan that the step is about.
func (o Order) Debt() string { return cmp.Or(o.Step.About, o.Loan) }

// Result is what came of a step.
type Result string

// The results.
const (
	// ResultSent: a message left, as far as anyone can tell.
	ResultSent Result = "sent"
	// ResultUncertain: a message may have left; it is never sent again.
	ResultUncertain Result = "uncertain"
	// ResultBounced: the message was refused for good.
	ResultBounced Result = "bounced"
	// ResultSuperseded: an event came first.
	ResultSuperseded Result = "superseded"
	// ResultHeld: a rule, hold or limit forbade it at that very moment.
	ResultHeld Result = "held"
	// ResultAssigned: a person has it.
	ResultAssigned Result = "assigned"
	// ResultTold: the lending system knows.
	ResultTold Result = "told"
	// ResultKept: nothing says where the lending system takes what it is told; it is kept until it is told or fetched.
	ResultKept Result = "kept"
	// ResultRecorded: the event was recorded.
	ResultRecorded Result = "recorded"
	// ResultCancelled: it had not begun when an event came.
	ResultCancelled Result = "cancelled"
	// ResultFailed: it could not be done.
	ResultFailed Result = "failed"
	// ResultReached: a person spoke to the borrower.
	ResultReached Result = "reached"
	// ResultUnreachable: a person recorded that the borrower cannot be reached.
	ResultUnreachable Result = "unreachable"
	// ResultSeenTo: a person did what there was to do without a call.
	ResultSeenTo Result = "seen_to"
	// ResultExpired: nobody did the task in time.
	ResultExpired Result = "expired"
)

// Made reports whether a notice with this result counts as made.
func (r Result) Made() bool {
	return r == ResultSent || r == ResultUncertain || r == ResultReached || r == ResultUnreachable || r == ResultSeenTo
}

// Final reports whether a step with this result is not to be done again.
func (r Result) Final() bool {
	return r.Made() || r == ResultTold || r == ResultKept || r == ResultRecorded
}

// Outcome is the data of the event with which a step reports.
type Outcome struct {
	Key     string          `json:"key"`
	At      time.Time       `json:"at"`
	Result  Result          `json:"result"`
	Code    string          `json:"code,omitempty"`
	Channel contact.Channel `json:"channel,omitempty"`
	Contact string          `json:"contact,omitempty"`
}

// Answer is what the sender of an event is told.
type Answer struct {
	Loan string `json:"loan"`
	// Pending is set when the event is recorded, but not yet decided upon.
	Pending bool      `json:"pending,omitempty"`
	Stage   Stage     `json:"stage,omitempty"`
	Next    string    `json:"next,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Reason  string    `json:"reason,omitempty"`
}

// Answer returns what the decision tells the sender of an event that it covers.
func (d Decision) Answer(loan string) Answer {
	next := string(d.Step.Kind)
	if d.Step.Key != "" {
		next = d.Step.Key
	}
	return Answer{Loan: loan, Stage: d.Stage, Next: next, At: d.Step.At, Reason: d.Step.Reason}
}

// Names that histories hold; they never change once released.
const (
	// DecideActivity, SendMessage, AssignTask, TellLender and RecordEvent are activities.
	DecideActivity = "Decide"
	SendMessage    = "SendMessage"
	AssignTask     = "AssignTask"
	TellLender     = "TellLender"
	RecordEvent    = "RecordEvent"
	// Queue is the task queue of the journeys; outreach has one for each channel.
	Queue = "journeys"
)

// OutreachQueue is the task queue of the messages of a channel, with a rate limit of its own.
func OutreachQueue(c contact.Channel) string { return "outreach-" + string(c) }

// SearchAttributes are the names and types (as Temporal calls them) of the search attributes of a journey.
var SearchAttributes = map[string]string{
	"Stage": "Keyword", "Bucket": "Keyword", "Jurisdiction": "Keyword", "Strategy": "Keyword", "Holds": "KeywordList",
	"PastDueSince": "Datetime", "NextStepAt": "Datetime",
	"ComplaintLevel": "Keyword", "OwnerRole": "Keyword", "DeadlineAt": "Datetime",
}

// WorkflowID is the id of the workflow of a loan, of an application or of a complaint.
func WorkflowID(loan string) string {
	if application, is := event.ApplicationOf(loan); is {
		return "preapproval-" + application
	}
	if id, is := event.ComplaintOf(loan); is {
		return "complaint-" + id
	}
	return "loan-" + loan
}
