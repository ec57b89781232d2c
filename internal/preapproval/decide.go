package preapproval

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// Purpose is what a call about an application is for: it collects nothing.
const Purpose = contact.Informational

// Reason is the reason of its tasks.
const Reason = strategy.ReasonPreapproval

// Kind is what a step does.
type Kind string

// The kinds of step.
const (
	// Wait does nothing but wait for an event, or for the time to think again.
	Wait Kind = "wait"
	// Assign gives the call to a person.
	Assign Kind = "assign"
	// Conclude withdraws what waits for a person, and tells the lending system what the pre-approval came to.
	Conclude Kind = "conclude"
)

// Step is one thing to do. It carries no personal data.
type Step struct {
	Kind Kind `json:"kind"`
	// At is when it is due, or when what is waited for comes, in business time; zero: nobody knows.
	At time.Time `json:"at,omitzero"`
	// Reason is the code of why this step, or why nothing yet; Rule is the rule that put it off.
	Reason string `json:"reason,omitempty"`
	Rule   string `json:"rule,omitempty"`
	// Worklist is how the task waits for a person.
	Worklist *journey.Assignment `json:"worklist,omitempty"`
	// Verdict is what is concluded, Because the code of how it came to it.
	Verdict   event.Verdict `json:"verdict,omitempty"`
	Because   string        `json:"because,omitempty"`
	VerdictAt time.Time     `json:"verdict_at,omitzero"`
	// Attempts and Questions are what the lending system is told beside it.
	Attempts  int `json:"attempts,omitempty"`
	Questions int `json:"questions,omitempty"`
	// Activity and the time-outs, on the wall, say how the loop performs it. No activity: nothing is performed.
	Activity       string `json:"activity,omitempty"`
	AttemptSeconds int64  `json:"attempt_seconds,omitempty"`
	WithinSeconds  int64  `json:"within_seconds,omitempty"`
	// Summary is what the Temporal Web UI writes beside it.
	Summary string `json:"summary,omitempty"`
}

// Decision is what Tender will do next about an application, when and why. It is recorded in the history of its workflow, and
// everything that the workflow does follows from it. Fields are only ever added, and ask for nothing when absent.
type Decision struct {
	// Seq is the number of the decision, from 1.
	Seq int64 `json:"seq"`
	// Number is the number of the last event that it was made on; Ahead are known events beyond a gap.
	Number int64   `json:"number"`
	Ahead  []int64 `json:"ahead,omitempty"`
	// At is when it was made, in business time.
	At    time.Time `json:"at"`
	State State     `json:"state"`
	Step  Step      `json:"step"`
	// Wake is the wall instant at which Decide wants to be asked again, or Step is due; zero: not before the next event.
	Wake time.Time `json:"wake,omitzero"`
	// Attributes are the search attributes that change, Details what the Temporal Web UI shows, in Markdown.
	Attributes []journey.Attribute `json:"attributes,omitempty"`
	Details    string              `json:"details,omitempty"`
	// Close ends the workflow.
	Close bool `json:"close,omitempty"`
}

// Answer is what the sender of an event is told.
type Answer struct {
	Application string `json:"application"`
	// Pending is set when the event is recorded, but not yet decided upon.
	Pending bool  `json:"pending,omitempty"`
	State   State `json:"state,omitempty"`
	// Verdict is what it came to, or is about to.
	Verdict event.Verdict `json:"verdict,omitempty"`
	Next    Kind          `json:"next,omitempty"`
	At      time.Time     `json:"at,omitzero"`
	Reason  string        `json:"reason,omitempty"`
}

// Answer returns what the decision tells the sender of an event that it covers.
func (d Decision) Answer(application string) Answer {
	return Answer{Application: application, State: d.State, Verdict: d.Step.Verdict, Next: d.Step.Kind, At: d.Step.At, Reason: d.Step.Reason}
}

// Order is what an activity is told: the step, and the decision that asked for it.
type Order struct {
	Application string  `json:"application"`
	Borrower    string  `json:"borrower"`
	Seq         int64   `json:"seq"`
	Number      int64   `json:"number"`
	Ahead       []int64 `json:"ahead,omitempty"`
	Step        Step    `json:"step"`
}

// Names that histories hold; they never change once released.
const (
	DecideActivity     = "DecidePreapproval"
	AssignActivity     = "AssignPreapprovalCall"
	ConcludeActivity   = "ConcludePreapproval"
	attributeOfVerdict = "Stage"
)

// WorkflowID is the id of the workflow of an application's pre-approval.
func WorkflowID(application string) string { return "preapproval-" + application }

// StepKey is the key of the step that a task about an application carries out.
func StepKey(application string) string { return Reason + "@" + application }

// Facts are all that a decision is made on.
type Facts struct {
	Case Case
	// Now is the business time.
	Now      time.Time
	Standing contact.Standing
	Rules    compliance.Rules
	Halts    []contact.Halt
	// Jurisdiction is where the applicant lives.
	Jurisdiction string
	// Worklist is how a call that is assigned now waits for a person.
	Worklist journey.Assignment
	// Refused are the numbers of events that the pre-approval refused.
	Refused []int64
}

// Ruling is whether the applicant may be called.
type Ruling struct {
	Allowed bool `json:"allowed"`
	// Rule forbids it, and says Why; From is the first instant at which it may be done, zero when nobody knows one.
	Rule string    `json:"rule,omitempty"`
	Why  string    `json:"why,omitempty"`
	From time.Time `json:"from,omitzero"`
	// OptedOut is set when the applicant does not want to be called, and no day changes that by itself.
	OptedOut bool `json:"opted_out,omitempty"`
}

// Ask asks halts and rules whether a person may call an applicant at an instant.
func Ask(standing contact.Standing, rules compliance.Rules, halts []contact.Halt, application string, now time.Time) Ruling {
	if halt, halted := strategy.HaltOf(halts, contact.Call, "", Purpose, now); halted {
		finding := strategy.Halted(halt)
		return Ruling{Rule: finding.Rule, Why: finding.Why, From: finding.Until}
	}
	found := rules.Evaluate(standing.ByPerson(), compliance.Proposal{At: now, Channel: contact.Call, Purpose: Purpose, Step: StepKey(application)})
	if found.Allowed() {
		return Ruling{Allowed: true}
	}
	deciding := found.Deciding()
	if n := slices.IndexFunc(found.Findings, func(f compliance.Finding) bool { return f.Rule == strategy.HoldRule && !f.Verdict.Allows() }); n >= 0 {
		deciding = &found.Findings[n] // a hold can be released
		return Ruling{Rule: deciding.Rule, Why: deciding.Why, From: found.NextAllowed}
	}
	_, out := standing.OptedOut(contact.Call, "", Purpose, now)
	return Ruling{Rule: deciding.Rule, Why: deciding.Why, From: found.NextAllowed, OptedOut: out && found.NextAllowed.IsZero()}
}

// The codes of why.
const (
	ReasonCall     = "call"          // the call is to be made
	ReasonAssigned = "assigned"      // a person has it
	ReasonHeld     = "held"          // a rule, hold or halt puts it off
	ReasonAgain    = "tried_again"   // a step was not done, and is tried again later
	ReasonTell     = "verdict"       // the lending system is to be told
	ReasonDone     = "told"          // all is done
	ReasonUnknown  = "not_known_yet" // the event that begins it is on its way
	// How it came to unreachable without a call that ended it.
	BecauseLapsed   = "lapsed"
	BecauseOptedOut = "opted_out"
	BecauseDeceased = "deceased"
)

// lookAgain is how often a pre-approval looks again that waits for nobody knows what, such as the end of a hold.
const lookAgain = 24 * time.Hour

// How long a step that was not done rests, on the wall: longer each time.
const (
	shortestRest = 2 * time.Second
	longestRest  = 10 * time.Minute
)

// Decide says what to do next about an application, with why a call may not be made if it may not.
func Decide(f Facts) (Decision, Ruling) {
	c := f.Case
	d := Decision{Seq: c.Seq + 1, At: f.Now}
	d.Number, d.Ahead = c.covered(f.Refused)
	ruling := Ask(f.Standing, f.Rules, f.Halts, c.Application, f.Now)
	verdict, because, at := c.Verdict, c.Reason, c.VerdictAt
	if verdict == "" && !c.Preapproved.IsZero() {
		if because = f.hopeless(ruling); because != "" {
			verdict, at = event.Unreachable, f.Now
		}
	}
	switch {
	case c.Preapproved.IsZero():
		d.State, d.Step = Open, Step{Kind: Wait, Reason: ReasonUnknown}
	case verdict != "" && !c.Told.IsZero():
		d.State, d.Close, d.Step = Closed, true, Step{Kind: Wait, Reason: ReasonDone, Verdict: verdict, Because: because}
	case verdict != "":
		d.State = Concluded
		d.Step = Step{
			Kind: Conclude, At: f.Now, Reason: ReasonTell, Verdict: verdict, Because: because, VerdictAt: at, Attempts: c.Attempts, Questions: c.Questions,
			Activity: ConcludeActivity, AttemptSeconds: 30, WithinSeconds: 600, Summary: "conclude: " + string(verdict),
		}
	case c.Task != "":
		d.State, d.Step = Assigned, Step{Kind: Wait, At: c.Until, Reason: ReasonAssigned, Rule: ruling.Rule, Summary: "the offer lapses"}
	case !ruling.Allowed:
		next := f.Now.Add(lookAgain)
		if !ruling.From.IsZero() {
			next = ruling.From
		}
		d.State, d.Step = Open, Step{Kind: Wait, At: earlier(next, c.Until), Reason: ReasonHeld, Rule: ruling.Rule, Summary: "look again: " + ruling.Rule}
	default:
		waits := f.Worklist
		waits.Until = earlier(waits.Until, c.Until)
		waits.Tries = max(1, waits.Tries-c.Tries)
		d.State = Open
		d.Step = Step{
			Kind: Assign, At: f.Now, Reason: ReasonCall, Worklist: &waits, Activity: AssignActivity, AttemptSeconds: 10, WithinSeconds: 600,
			Summary: "give the call to a person",
		}
	}
	d.rest(c, f.Now)
	d.Wake = c.Clock.Wall(d.Step.At)
	d.Attributes, d.Details = f.attributes(d), f.details(d, ruling)
	return d, ruling
}

// hopeless says why nobody will reach the applicant, if that is so.
func (f Facts) hopeless(r Ruling) string {
	switch {
	case !f.Case.Died.IsZero():
		return BecauseDeceased
	case !f.Now.Before(f.Case.Until):
		return BecauseLapsed
	case r.OptedOut:
		return BecauseOptedOut
	}
	return ""
}

// rest puts off a step that was not done the last time.
func (d *Decision) rest(c Case, now time.Time) {
	if d.Step.Activity == "" || c.Failed == 0 {
		return
	}
	rest := min(shortestRest<<min(c.Failed-1, 10), longestRest)
	again := c.Clock.Business(c.Clock.Wall(c.FailedAt).Add(rest))
	if !again.After(now) {
		return
	}
	d.Step.At, d.Step.Activity, d.Step.Reason, d.Step.Summary = again, "", ReasonAgain, "try again: "+d.Step.Summary
	if d.Step.Kind == Assign && again.After(c.Until) {
		d.Step.At = c.Until
	}
}

// covered returns the number up to which every event is either known or among the refused ones, and the known numbers beyond it.
func (c Case) covered(refused []int64) (through int64, ahead []int64) {
	through, ahead = c.Through, c.Ahead
	for {
		switch next := through + 1; {
		case len(ahead) > 0 && ahead[0] <= next:
			through, ahead = max(through, ahead[0]), ahead[1:]
		case slices.Contains(refused, next):
			through = next
		default:
			return through, slices.Clone(ahead)
		}
	}
}

// earlier returns the earlier of two instants; one that is zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// attributes returns the search attributes that differ from those recorded last. They are those of journeys, so that one namespace
// needs no others: codes, and instants.
func (f Facts) attributes(d Decision) []journey.Attribute {
	next := ""
	if !d.Step.At.IsZero() {
		next = d.Step.At.UTC().Format(time.RFC3339)
	}
	stage := string(d.State)
	if d.Step.Verdict != "" {
		stage = string(d.Step.Verdict)
	}
	all := []journey.Attribute{
		{Name: "Jurisdiction", Type: journey.Keyword, Value: f.Jurisdiction},
		{Name: "NextStepAt", Type: journey.Time, Value: next},
		{Name: attributeOfVerdict, Type: journey.Keyword, Value: stage},
	}
	return slices.DeleteFunc(all, func(a journey.Attribute) bool { return f.Case.Attributes[a.Name] == a.Value })
}

// details is what the Temporal Web UI shows of a decision, in Markdown.
func (f Facts) details(d Decision, r Ruling) string {
	var b strings.Builder
	c := f.Case
	fmt.Fprintf(&b, "**Application %s**: %s\n\n**Next:** %s", c.Application, d.State, d.Step.Kind)
	if !d.Step.At.IsZero() {
		fmt.Fprintf(&b, " at %s", d.Step.At.UTC().Format("Mon 2006-01-02 15:04 MST"))
	}
	fmt.Fprintf(&b, " (%s)", d.Step.Reason)
	if d.Step.Rule != "" && !r.Allowed {
		fmt.Fprintf(&b, "\n\n**May not be called:** %s", d.Step.Rule)
	}
	if d.Step.Verdict != "" {
		fmt.Fprintf(&b, "\n\n**Verdict:** %s (%s)", d.Step.Verdict, cmp.Or(d.Step.Because, "called"))
	}
	fmt.Fprintf(&b, "\n\n%d calls, %d in vain, %d questions; %d tasks", c.Attempts, c.Tries, c.Questions, c.Tasks)
	if !c.Until.IsZero() {
		fmt.Fprintf(&b, "; the offer lapses %s", c.Until.UTC().Format("Mon 2006-01-02 15:04 MST"))
	}
	return b.String()
}
