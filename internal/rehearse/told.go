package rehearse

import (
	"maps"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// Kind is what a line of a life tells of.
type Kind string

// The kinds of line.
const (
	// Happened is an event that was told, Followed one that follows from another or from time.
	Happened Kind = "event"
	Followed Kind = "follows"
	// Stepped is a step that was done, or tried.
	Stepped Kind = "step"
	// Held is a step that a rule held back.
	Held Kind = "held_back"
	// Lapsed is a step that was held back until it was not wanted any more.
	Lapsed Kind = "lapsed"
	// Never is a step of which the scenario says what becomes of its message, and that had none.
	Never Kind = "never"
	// Stood is where the loan stands since then.
	Stood Kind = "stands"
	// Waits is that the journey waits, and for what.
	Waits Kind = "waits"
	// Person is that a person has something to read or to ask.
	Person Kind = "person"
	// Ended is the end of the journey.
	Ended Kind = "ended"
)

// Line is one thing in a life. What a kind does not have is left out.
type Line struct {
	At   time.Time `json:"at"`
	Kind Kind      `json:"kind"`
	// Event is the type of what happened.
	Event event.Type `json:"event,omitempty"`
	// Step is its key, By what it does (send, task, tell), Result and Code what came of it.
	Step     string          `json:"step,omitempty"`
	By       journey.Kind    `json:"by,omitempty"`
	Channel  contact.Channel `json:"channel,omitempty"`
	Template string          `json:"template,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Result   journey.Result  `json:"result,omitempty"`
	Code     string          `json:"code,omitempty"`
	// Rule held the step back or put it off, until Until when that is known; Why says it in words.
	Rule  string    `json:"rule,omitempty"`
	Until time.Time `json:"until,omitzero"`
	Why   string    `json:"why,omitempty"`
	// Stage, Bucket, PastDue and Segment are where the loan stands.
	Stage   journey.Stage `json:"stage,omitempty"`
	Bucket  string        `json:"bucket,omitempty"`
	PastDue string        `json:"past_due,omitempty"`
	Segment string        `json:"segment,omitempty"`
	Note    string        `json:"note,omitempty"`
}

// Life is how a scenario was lived.
type Life struct {
	Scenario string `json:"scenario"`
	Title    string `json:"title"`
	Loan     string `json:"loan"`
	// Strategy and Rulebooks are with which versions it was lived.
	Strategy  string   `json:"strategy"`
	Rulebooks []string `json:"rulebooks"`
	TimeZone  string   `json:"time_zone"`
	Currency  string   `json:"currency"`
	Lines     []Line   `json:"lines"`
	// Stage, Outstanding and Next are how it stands at last.
	Stage       journey.Stage `json:"stage"`
	Outstanding string        `json:"outstanding"`
	Next        string        `json:"next"`
	NextReason  string        `json:"next_reason"`
	NextAt      time.Time     `json:"next_at,omitzero"`
	// Messages, Tasks and HeldBack count.
	Messages int `json:"messages"`
	Tasks    int `json:"tasks"`
	HeldBack int `json:"held_back"`
}

// tell adds a line.
func (l *life) tell(line Line) {
	line.At = l.now.UTC()
	l.lines = append(l.lines, line)
}

// tellDecision tells what is new in a decision: where the loan stands, what was held back, what it waits for, its end.
func (l *life) tellDecision() {
	d := l.last
	now := l.said
	if now.stage != d.Stage || now.bucket != d.Bucket || now.segment != l.why.Segment {
		l.said.stage, l.said.bucket, l.said.segment = d.Stage, d.Bucket, l.why.Segment
		l.tell(Line{Kind: Stood, Stage: d.Stage, Bucket: d.Bucket, PastDue: l.why.PastDue, Segment: l.why.Segment})
	}
	for _, h := range l.why.HeldBack() {
		until := time.Time{}
		if h.Until != nil {
			until = h.Until.UTC()
		}
		what := h.StepKey + " " + h.Rule
		if h.Rule == strategy.HoldRule {
			what += " " + h.Why // one hold and then another
		}
		if l.held[what] {
			continue // it was told of when it began
		}
		l.held[what], l.awaited[h.StepKey] = true, true
		l.tell(Line{Kind: Held, Step: h.StepKey, Rule: h.Rule, Until: until, Why: h.Why})
	}
	l.tellLapsed()
	switch {
	case d.Close:
		l.tell(Line{Kind: Ended, Reason: d.Step.Reason})
		l.said.waits = ""
	case d.Step.Kind == journey.Wait && d.Step.Reason != l.said.waits:
		l.said.waits = d.Step.Reason
		l.tell(Line{Kind: Waits, Reason: d.Step.Reason})
	case d.Step.Kind != journey.Wait:
		l.said.waits = ""
	}
}

// tellLapsed tells of steps that were held back, and that nothing asks for any more: nobody need wait for them.
func (l *life) tellLapsed() {
	for _, step := range slices.Sorted(maps.Keys(l.awaited)) {
		wanted := slices.ContainsFunc(l.why.Considered, func(c strategy.Considered) bool {
			return c.Key == step && (c.Outcome != strategy.Dropped || c.Reason != strategy.ReasonLapsed)
		})
		if !wanted {
			delete(l.awaited, step)
			l.tell(Line{Kind: Lapsed, Step: step})
		}
	}
}

// told is the whole life.
func (l *life) told() *Life {
	found := &Life{
		Scenario: l.scenario.Name, Title: l.scenario.Title, Loan: l.loan, Strategy: l.why.Strategy, Rulebooks: l.why.Rulebooks,
		TimeZone: l.scenario.zone.String(), Currency: l.why.Currency, Lines: l.lines, Stage: l.last.Stage, Outstanding: l.why.Outstanding,
		Next: string(l.last.Step.Kind), NextReason: l.last.Step.Reason, NextAt: l.last.Step.At,
	}
	if l.last.Step.Key != "" {
		found.Next = l.last.Step.Key
	}
	for _, line := range l.lines {
		switch {
		case line.Kind == Held:
			found.HeldBack++
		case line.Result == journey.ResultSent, line.Result == journey.ResultUncertain:
			found.Messages++
		case line.Kind == Person, line.Result == journey.ResultAssigned:
			found.Tasks++
		}
	}
	return found
}
