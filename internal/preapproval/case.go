// Package preapproval is the call before a loan is disbursed: the facts about one application as one value without personal data,
// the decisions made on them, and how both change. A person calls the applicant, verifies who they are and what they said, and
// explains what is offered; what came of it is told to the lending system.
package preapproval

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// State is where a pre-approval stands.
type State string

// The states.
const (
	// Open: somebody is to be given the call.
	Open State = "open"
	// Assigned: a person has the call.
	Assigned State = "assigned"
	// Concluded: it has come to something, and the lending system is to be told.
	Concluded State = "concluded"
	// Closed: the lending system was told, or knew before.
	Closed State = "closed"
)

// States are all states.
var States = []State{Open, Assigned, Concluded, Closed}

// Case is what is known about one application. It crosses continue-as-new whole, so fields are only ever added.
type Case struct {
	// Application and Borrower are ids.
	Application string `json:"application"`
	Borrower    string `json:"borrower,omitempty"`
	// Clock is the installation's clock; Decide refuses another one.
	Clock bizclock.Clock `json:"clock,omitzero"`
	// Preapproved is when the application was, Until from when on the offer has lapsed, both in business time.
	Preapproved time.Time `json:"preapproved,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	// Task is the task that waits for a person; none when there is none. Tasks is how many there were, Ended are those of them
	// that have ended, the latest last.
	Task  string   `json:"task,omitempty"`
	Tasks int      `json:"tasks,omitempty"`
	Ended []string `json:"ended,omitempty"`
	// Attempts counts the calls, Tries those of them that reached nobody, Questions what the applicant asked.
	Attempts  int `json:"attempts,omitempty"`
	Tries     int `json:"tries,omitempty"`
	Questions int `json:"questions,omitempty"`
	// Verdict is what it came to; none while it is open. Reason is a code that says how.
	Verdict   event.Verdict `json:"verdict,omitempty"`
	VerdictAt time.Time     `json:"verdict_at,omitzero"`
	Reason    string        `json:"reason,omitempty"`
	// Died is when the applicant's death became known.
	Died time.Time `json:"died,omitzero"`
	// Told is when the conclusion was done with: the lending system was told, or need not be.
	Told time.Time `json:"told,omitzero"`
	// Failed counts how often in a row a step was not done; FailedAt is when it last was not.
	Failed   int       `json:"failed,omitempty"`
	FailedAt time.Time `json:"failed_at,omitzero"`
	// Through is the number up to which every event is known; Ahead are the numbers beyond it that are known too.
	Through int64   `json:"through,omitempty"`
	Ahead   []int64 `json:"ahead,omitempty"`
	// Seq is the number of the last recorded decision, Attributes are the search attributes that it left.
	Seq        int64             `json:"seq,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Clone returns a copy that shares nothing that anyone writes to.
func (c Case) Clone() Case {
	c.Ended, c.Ahead = slices.Clone(c.Ended), slices.Clone(c.Ahead)
	return c // Attributes are replaced whole
}

// Knows reports whether the event with a number was applied.
func (c Case) Knows(number int64) bool {
	return number <= c.Through || slices.Contains(c.Ahead, number)
}

// Accepts refuses an event that cannot be about this application. Its errors are of type [*event.Error]. An event that was applied
// before is accepted; it changes nothing.
func (c Case) Accepts(e event.Event) error {
	switch {
	case e.Application != c.Application:
		return &event.Error{Field: "subject", Reason: "application " + c.Application + ": the event is about another application; send it there"}
	case e.Number <= 0:
		return &event.Error{Field: "number", Reason: "application " + c.Application + ": the event has no number; send it through the gateway or the command"}
	case c.Knows(e.Number):
		return nil
	}
	return nil
}

// Screened returns an event that came without a validator's look: as it is when it is about this application, and otherwise as one
// that only counts.
func (c Case) Screened(e event.Event) event.Event {
	if e.Application == c.Application && e.Number > 0 {
		return e
	}
	return event.Event{Source: e.Source, ID: e.ID, Application: e.Application, At: e.At}
}

// Apply stores what events say. It computes nothing and cannot fail: an event that it cannot read, or has seen, changes nothing but
// the count. What follows from the facts is for Decide.
func (c *Case) Apply(events ...event.Event) {
	for _, e := range events {
		if e.Number > 0 && !c.count(e.Number) {
			continue
		}
		if change, ok := changes[e.Type]; ok {
			change(c, e)
		}
	}
}

// count takes note of an event's number and reports whether it is new.
func (c *Case) count(number int64) bool {
	if c.Knows(number) {
		return false
	}
	c.Ahead = append(slices.Clone(c.Ahead), number)
	slices.Sort(c.Ahead)
	c.advance(c.Through)
	return true
}

// advance moves Through to at least through, and on over what is known beyond it.
func (c *Case) advance(through int64) {
	c.Through = max(c.Through, through)
	for len(c.Ahead) > 0 && c.Ahead[0] <= c.Through+1 {
		c.Through = max(c.Through, c.Ahead[0])
		c.Ahead = c.Ahead[1:]
	}
}

// changes says of each type of event which facts it adds. Those of an applicant that only change whether they may be called add
// none: whatever wakes a pre-approval has it decide anew.
var changes = map[event.Type]func(*Case, event.Event){
	event.ApplicationPreapproved: reading(func(c *Case, e event.Event, p event.Application) {
		if c.Preapproved.IsZero() { // the door lets through only what says the same
			c.Borrower, c.Preapproved, c.Until = p.Borrower.ID, e.At, p.Until
		}
	}),
	event.ApplicationWithdrawn: func(c *Case, e event.Event) { c.conclude(event.Withdrawn, e.At, "withdrawn") },
	event.LoanDisbursed:        func(c *Case, e event.Event) { c.conclude(event.Disbursed, e.At, "disbursed") },
	event.BorrowerDied: func(c *Case, e event.Event) {
		if c.Died.IsZero() {
			c.Died = e.At
		}
	},
	event.CallCompleted: reading((*Case).called),
	event.TaskExpired:   reading(func(c *Case, _ event.Event, p event.Expiry) { c.end(p.Task) }),
	event.StepPerformed: reading((*Case).performed),
	event.StepFailed:    reading((*Case).performed),
}

// reading returns a change that decodes the event's data, and does nothing when it does not decode.
func reading[P any](change func(*Case, event.Event, P)) func(*Case, event.Event) {
	return func(c *Case, e event.Event) {
		var p *P                                           // JSON's null leaves it nil
		if json.Unmarshal(e.Data, &p) == nil && p != nil { //workflowcheck:ignore: the same text always reads the same
			change(c, e, *p)
		}
	}
}

// conclude notes what the pre-approval came to; the first word is the last.
func (c *Case) conclude(v event.Verdict, at time.Time, reason string) {
	if c.Verdict == "" {
		c.Verdict, c.VerdictAt, c.Reason = v, at, reason
	}
}

// remembered is how many ended tasks a case carries: one may end before its assignment is reported.
const remembered = 20

// end notes that a task has ended.
func (c *Case) end(task string) {
	if task == "" || slices.Contains(c.Ended, task) {
		return
	}
	if c.Ended = append(slices.Clone(c.Ended), task); len(c.Ended) > remembered {
		c.Ended = c.Ended[len(c.Ended)-remembered:]
	}
	if c.Task == task {
		c.Task = ""
	}
}

// called stores what a person reports of a call.
func (c *Case) called(e event.Event, p event.Call) {
	if p.Then == event.TaskNoted && p.Concludes == "" {
		return
	}
	if p.Disposition != "" {
		c.Attempts++
	}
	if p.Then == event.TaskAgain && p.Disposition != "callback" {
		c.Tries++
	}
	c.Questions += p.Asked
	if p.Disposition == "deceased" && c.Died.IsZero() {
		c.Died = e.At
	}
	if p.Then == event.TaskDone || p.Then == event.TaskUnreachable {
		c.end(p.Task)
	}
	if p.Concludes != "" {
		c.conclude(p.Concludes, e.At, "called")
	}
}

// Outcome is the data of the event with which a step reports.
type Outcome struct {
	Kind   Kind           `json:"kind"`
	At     time.Time      `json:"at"`
	Result journey.Result `json:"result"`
	// Code says more, such as the rule that refused it or the way in which it failed.
	Code string `json:"code,omitempty"`
	// Task is the task that a person was given.
	Task string `json:"task,omitempty"`
	// Verdict and Reason are what was concluded.
	Verdict event.Verdict `json:"verdict,omitempty"`
	Reason  string        `json:"reason,omitempty"`
}

// performed stores what came of a step.
func (c *Case) performed(_ event.Event, o Outcome) {
	done := o.Result == journey.ResultAssigned || o.Result.Final()
	switch {
	case o.Result == journey.ResultCancelled: // an event came first; it decides anew
		return
	case !done:
		c.Failed, c.FailedAt = c.Failed+1, o.At
		return
	}
	c.Failed, c.FailedAt = 0, time.Time{}
	switch o.Kind {
	case Assign:
		c.Tasks++
		if !slices.Contains(c.Ended, o.Task) {
			c.Task = o.Task
		}
	case Conclude:
		c.conclude(o.Verdict, o.At, o.Reason)
		c.Told = o.At
		c.end(c.Task)
	}
}

// StepEvent returns the event with which a step that a decision asked for reports. code is empty when it was done; otherwise it
// says in which way it was not.
func StepEvent(d Decision, o Outcome, code string, at time.Time) event.Event {
	e := event.Event{Source: "tender", ID: "step-" + strconv.FormatInt(d.Seq, 10), Type: event.StepPerformed, At: at}
	switch code {
	case "":
	case journey.Cancelled:
		o = Outcome{Kind: d.Step.Kind, At: at, Result: journey.ResultCancelled}
	default:
		e.Type = event.StepFailed
		o = Outcome{Kind: d.Step.Kind, At: at, Result: journey.ResultFailed, Code: code}
	}
	data, err := json.Marshal(o) //workflowcheck:ignore: a struct of words and times; its JSON is always the same
	if err == nil {
		e.Data = data
	}
	return e
}

// Decide stores what a recorded decision says.
func (c *Case) Decide(d Decision) {
	c.Seq = d.Seq
	c.advance(d.Number)
	if len(d.Attributes) == 0 {
		return
	}
	attributes := maps.Clone(c.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	for _, a := range d.Attributes {
		attributes[a.Name] = a.Value
	}
	c.Attributes = attributes
}
