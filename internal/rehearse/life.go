package rehearse

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strategy"
)

// Installation is what a life is lived with.
type Installation struct {
	Rules *compliance.Library
	// Regimes say of a complaint who asks afterwards how it was handled.
	Regimes    *complaint.Library
	Strategies []*strategy.Strategy
	// Messages are the words; nil means those that come with Tender.
	Messages *message.Library
	// With is the strategy to live with, whatever the scenario asks for. Default: the one that it asks for.
	With *strategy.Strategy
	// Products are the plans that may be offered.
	Products []*hardship.Product
	// Served are the channels on which messages can be sent. Default: all.
	Served []contact.Channel
}

// life is a scenario being lived.
type life struct {
	ledger
	scenario *Scenario
	with     Installation
	facts    strategy.Facts
	last     journey.Decision
	why      strategy.Explanation
	fates    []Fate
	events   []happening
	// unheard are events that the journey has not been told of; numbered how many it was or will be told, taken how many there were.
	unheard         []event.Event
	numbered, taken int64
	over            bool
	lookAgain       time.Time
	lines           []Line
	held            map[string]bool
	// awaited are steps that were told of as held back, and not yet done.
	awaited map[string]bool
	said    struct {
		stage   journey.Stage
		bucket  string
		segment string
		waits   string
	}
}

// ErrCircles is returned when a strategy goes in circles: steps without end, and no time passes.
var ErrCircles = errors.New("the life goes in circles: fifty steps were done and no time passed")

// circling is how many steps may be done before time must pass.
const circling = 50

// Rehearse lives a scenario to its end. An error names the line of the scenario that cannot happen as it is written.
func (s *Scenario) Rehearse(with Installation) (*Life, error) {
	if len(with.Served) == 0 {
		with.Served = []contact.Channel{contact.SMS, contact.Email, contact.Push, contact.Chat, contact.Letter}
	}
	l := &life{scenario: s, with: with, events: s.events, fates: slices.Clone(s.Messages), held: map[string]bool{}, awaited: map[string]bool{}}
	l.ledger = ledger{borrower: s.disburse.Borrower.ID, loan: s.loan, now: s.begins, answered: map[string]bool{}, complaints: map[string]*complaint.Case{}, merged: map[string]string{}}
	how, err := l.strategy()
	if err != nil {
		return nil, err
	}
	rules := *with.Rules
	rules.Party = s.Party
	l.facts = strategy.Facts{
		Strategy: how, Served: with.Served, Products: with.Products, EarlierLoans: s.EarlierLoans, SettledLoans: s.SettledLoans,
		Journey: journey.Journey{Loan: s.loan, Clock: bizclock.Real},
	}
	l.with.Rules = &rules
	l.tell(Line{Kind: Happened, Event: event.LoanDisbursed, Note: fmt.Sprintf("%s %s", s.disburse.Principal, s.disburse.Currency)})
	if err := l.take(&taking{kind: event.LoanDisbursed, about: event.LoanSubject, subject: s.loan, payload: s.disburse}, "lender"); err != nil {
		return nil, s.file.Errorf("$.loan", "%v", err)
	}
	if err := l.live(s.Ends()); err != nil {
		return nil, err
	}
	for n, f := range s.Messages {
		if l.fates[n] == f { // as it was
			l.tell(Line{Kind: Never, Step: f.Step})
		}
	}
	return l.told(), nil
}

// strategy is the one that the disbursement asks for, or the default, or a challenger of it.
func (l *life) strategy() (*strategy.Strategy, error) {
	if l.with.With != nil {
		return l.with.With, nil
	}
	find := func(name string) *strategy.Strategy {
		for _, s := range l.with.Strategies {
			if s.Name == name {
				return s
			}
		}
		return nil
	}
	name := cmp.Or(l.scenario.disburse.Strategy, strategy.Default)
	champion := find(name)
	if champion == nil {
		var names []string
		for _, s := range l.with.Strategies {
			names = append(names, s.Name)
		}
		slices.Sort(names)
		return nil, l.scenario.file.Errorf("$.loan.strategy", "%s is not known; there are %s", name, strings.Join(names, ", "))
	}
	if arm := find(champion.Arm(l.loan)); arm != nil {
		return arm, nil
	}
	return champion, nil
}

// live lives until a moment, or until the journey has ended and nothing more happens.
func (l *life) live(end time.Time) error {
	settling := 0
	for {
		for len(l.events) > 0 && !l.events[0].at.After(l.now) {
			h := l.events[0]
			l.events = l.events[1:]
			if err := l.happen(h); err != nil {
				return err
			}
		}
		ends, away := l.away()
		for t := l.expires(l.over); !away && t != nil && !t.until.After(l.now); t = l.expires(l.over) {
			if !t.given || t.attempt == 1 { // that it goes on waiting is told once
				l.tell(Line{Kind: Followed, Event: event.TaskExpired, Step: t.step})
			}
			if err := l.take(&taking{kind: event.TaskExpired, about: event.LoanSubject, subject: l.loan, payload: &event.Expiry{Task: t.id}}, "tender"); err != nil {
				return err
			}
		}
		if !away {
			acted, err := l.act()
			if err != nil {
				return err
			}
			if acted {
				if settling++; settling > circling {
					return ErrCircles
				}
				continue
			}
		}
		next := l.next(end, ends, away)
		if !next.Before(end) || l.over && len(l.events) == 0 {
			return nil
		}
		l.now, settling = next, 0
	}
}

// away reports whether nothing runs now, and when that ends.
func (l *life) away() (ends time.Time, away bool) {
	for _, span := range l.scenario.away {
		if !l.now.Before(span[0]) && l.now.Before(span[1]) {
			return span[1], true
		}
	}
	return time.Time{}, false
}

// next is the next moment at which something happens or is to be done; while nothing runs, at which that ends.
func (l *life) next(end, ends time.Time, away bool) time.Time {
	next := end
	sooner := func(at time.Time) {
		if !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	if len(l.events) > 0 {
		sooner(l.events[0].at)
	}
	if away {
		sooner(ends)
		return next
	}
	if t := l.expires(l.over); t != nil {
		sooner(t.until)
	}
	if !l.over {
		wake := l.last.Wake
		if l.lookAgain.After(wake) {
			wake = l.lookAgain
		}
		sooner(wake)
	}
	return next
}

// act decides where that is needed, and does what is due. It reports whether anything was done.
func (l *life) act() (bool, error) {
	due := func() bool { return !l.last.Wake.IsZero() && !l.last.Wake.After(l.now) }
	woken := !l.over && due() && !l.lookAgain.After(l.now)
	if len(l.unheard) == 0 && !woken {
		return false, nil
	}
	l.facts.Journey.Apply(l.unheard...)
	l.unheard, l.over, l.lookAgain = nil, false, time.Time{}
	l.decide()
	switch {
	case l.over || !due():
		return false, nil
	case l.last.Step.Activity == "":
		l.lookAgain = l.now.Add(time.Minute) // nothing to do at this very moment
		return false, nil
	}
	return true, l.perform(l.last.Step)
}

// decide asks for the next step.
func (l *life) decide() {
	l.facts.Now, l.facts.Standing = l.now.UTC(), l.standing()
	l.facts.Jurisdiction, l.facts.Rules = l.jurisdiction, l.with.Rules.For(l.jurisdiction)
	l.facts.Watermark, l.facts.Pauses, l.facts.Requests = l.watermark, l.pauses(), l.asked()
	told := l.ledger.hardship
	l.facts.Hardship = strategy.Hardship{Cause: told.Cause, Months: told.Months, Income: told.Income, EssentialCosts: told.EssentialCosts}
	l.last, l.why = strategy.Decide(l.facts)
	l.facts.Journey.Decide(l.last)
	l.over = l.last.Close
	l.tellDecision()
}

// perform does a step, as the activities would.
func (l *life) perform(s journey.Step) error {
	o := journey.Outcome{Key: s.Key, At: l.now.UTC(), Channel: s.Channel}
	switch s.Kind {
	case journey.Send:
		o.Result, o.Code, o.Contact = l.send(s)
	case journey.Task:
		o.Result, o.Code, o.Contact = l.hand(s)
	case journey.Tell:
		o.Result = journey.ResultTold
	case journey.Record:
		if err := l.record(s); err != nil {
			return err
		}
		o.Result = journey.ResultRecorded
	default:
		return fmt.Errorf("a step of the kind %s cannot be rehearsed", s.Kind)
	}
	l.tell(Line{
		Kind: Stepped, Step: s.Key, By: s.Kind, Channel: s.Channel, Template: s.Template, Reason: s.Reason, Result: o.Result, Code: o.Code, Rule: s.Rule,
	})
	if o.Result.Final() || o.Result == journey.ResultAssigned {
		delete(l.awaited, s.Key)
	}
	l.unheard = append(l.unheard, journey.StepEvent(l.last, o, "", l.now.UTC()))
	return nil
}

// record has the event happen that a step asks for.
func (l *life) record(s journey.Step) error {
	data, err := json.Marshal(s.Fill)
	if err != nil {
		return err
	}
	payload, err := event.Decode(s.Event, data)
	if err != nil {
		return err
	}
	l.tell(Line{Kind: Followed, Event: s.Event})
	return l.take(&taking{kind: s.Event, about: event.LoanSubject, subject: l.loan, payload: payload}, "tender")
}

// send reserves and sends a message.
func (l *life) send(s journey.Step) (journey.Result, string, string) {
	for _, c := range l.contacts {
		if c.step != s.Key || c.Direction != contact.Outbound || c.Channel == contact.Call {
			continue
		}
		if c.Disposition.Made() {
			if c.Disposition == contact.Uncertain {
				return journey.ResultUncertain, c.code, c.Key
			}
			return journey.ResultSent, c.code, c.Key
		}
	}
	standing, rules := l.standing(), l.with.Rules.For(l.jurisdiction)
	proposal := compliance.Proposal{
		At: l.now, Channel: s.Channel, Point: s.Point, Purpose: s.Purpose, Loans: []string{l.loan}, Step: s.Key, Confirmation: s.Confirmation,
	}
	ruling := rules.Evaluate(standing, proposal)
	switch {
	case !s.Before.IsZero() && !l.now.Before(s.Before):
		return journey.ResultHeld, "lapsed", ""
	case !ruling.Allowed():
		return journey.ResultHeld, ruling.Deciding().Rule, ""
	case !l.hasPoint(s.Point):
		return journey.ResultHeld, "tender/contact-point", ""
	}
	values := map[string]string{"help": "call 555-0100"}
	for name, value := range s.Fill {
		values[name] = value
	}
	text, err := l.with.Messages.Render(s.Template, l.language, s.Channel, message.Fill{Name: l.name, Lender: "Example Lender", Loan: l.loan, Values: values}, ruling.MustCarry...)
	if err != nil {
		return journey.ResultFailed, "template", ""
	}
	if len(ruling.MustCarry)+len(ruling.MustNotCarry) > 0 {
		proposal.Carries = text.Carries
		if ruling := rules.Evaluate(standing, proposal); !ruling.Allowed() {
			return journey.ResultHeld, ruling.Deciding().Rule, ""
		}
	}
	c := made{step: s.Key, Attempt: contact.Attempt{
		Key: fmt.Sprintf("c-%d", len(l.contacts)+1), At: l.now.UTC(), Channel: s.Channel, Point: s.Point, Direction: contact.Outbound, Purpose: s.Purpose,
		Loans: []string{l.loan}, Disposition: contact.Sent,
	}}
	result, code := journey.ResultSent, ""
	switch l.fate(s.Key) {
	case Bounced:
		result, code, c.Disposition = journey.ResultBounced, "bounced", contact.Bounced
		l.failPoint(s.Point)
	case Uncertain:
		result, code, c.Disposition = journey.ResultUncertain, "unknown", contact.Uncertain
	case Failed:
		result, code, c.Disposition, c.code = journey.ResultFailed, "failed", "", "failed"
	}
	l.contacts = append(l.contacts, c)
	return result, code, c.Key
}

// fate is what becomes of the next message of a step, if it does not simply leave.
func (l *life) fate(step string) Result {
	for n := range l.fates {
		f := &l.fates[n]
		if (f.Step == step || f.Step == treatment(step)) && f.Times >= 0 {
			if f.Times--; f.Times <= 0 {
				f.Times = -1
			}
			return f.Result
		}
	}
	return ""
}

// hand gives a step to a person: as a task, or as a question whether it may be done.
func (l *life) hand(s journey.Step) (journey.Result, string, string) {
	if s.Approval != nil {
		id := fmt.Sprintf("a%d", len(l.requests)+1)
		l.requests = append(l.requests, request{
			id: id, rules: s.Approval.Rules, ApprovalRequest: contact.ApprovalRequest{Step: s.Approval.Step, Until: s.Approval.Until},
		})
		return journey.ResultAssigned, "", id
	}
	if last := l.lastTask(s.Key); last != nil && !last.done {
		return journey.ResultAssigned, "", last.id
	}
	rule := ""
	if s.Purpose != "" {
		ruling := l.with.Rules.For(l.jurisdiction).Evaluate(l.standing().ByPerson(), compliance.Proposal{
			At: l.now, Channel: contact.Call, Purpose: s.Purpose, Loans: []string{l.loan}, Step: s.Key,
		})
		if !ruling.Allowed() {
			deciding := ruling.Deciding()
			for n, f := range ruling.Findings {
				if f.Rule == strategy.HoldRule && !f.Verdict.Allows() {
					deciding = &ruling.Findings[n]
				}
			}
			if deciding.Rule == strategy.HoldRule || !ruling.NextAllowed.IsZero() {
				return journey.ResultHeld, deciding.Rule, ""
			}
			rule = deciding.Rule
		}
	}
	return journey.ResultAssigned, "", l.assign(s, rule).id
}
