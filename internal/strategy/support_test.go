package strategy_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strategy"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	// plain is a strategy without segments, calls and referrals; shipped are those that come with Tender.
	plain = sync.OnceValue(func() *strategy.Strategy {
		const file = "testdata/plain.yaml"
		return must(strategy.Parse(file, must(os.ReadFile(file))))
	})
	shipped = sync.OnceValue(func() []*strategy.Strategy { return must(strategy.Load("")) })
	library = sync.OnceValue(func() *compliance.Library { return must(compliance.Shipped()) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

func place(name string) *time.Location { return must(time.LoadLocation(name)) }

// testing is what tests and rapid's checks have in common.
type tester interface {
	require.TestingT
	Helper()
}

// world is one borrower with one or more loans, lived through with the same Decide as the workflow, and with a ledger in
// memory. Everything that must hold of every decision and every step is asked on the way, in whichever test.
type world struct {
	t      tester
	now    time.Time
	person contact.Standing
	lives  []*life
	plans  []plan
	// down is when nothing runs: what falls into it happens at its end.
	down [2]time.Time
	// provider says what becomes of a message; nil: it is sent.
	provider func(journey.Step) (journey.Result, string)
	story    []string
	zone     *time.Location
	// boss is asked to approve of steps, and says what and after how long; nil, or no answer at all: silence.
	boss func(journey.Approval) (contact.ApprovalAnswer, time.Duration)
	// probe is asked for a moment between two instants, at which a decision made again must not be another one. nil: its middle.
	probe func(from, until time.Time) time.Time
	// settling counts the steps that were done without time passing.
	settling int
}

// plan is something that will happen.
type plan struct {
	at time.Time
	do func()
}

// life is that of one loan.
type life struct {
	*world
	facts  strategy.Facts
	number int64
	last   journey.Decision
	why    strategy.Explanation
	over   bool
	// stale is set when something happened that was not decided upon yet.
	stale bool
	// decided counts the decisions, postings what was posted.
	decided, postings int
	// paid is the id of the last payment.
	paid string
	// made is when each message left that is not known to have failed; contacts are their keys by that of the contact.
	made     map[string]time.Time
	contacts map[string]string
}

// terms say how a loan of these tests differs from the usual one: 300 dollars in three installments of 100, due on 20
// January, 4 and 19 February 2026, disbursed in New York on Monday, 5 January at 10:00, to someone who lives there, prefers
// SMS and can be reached by e-mail too. Its lending system sends no watermarks.
type terms struct {
	zone       string
	zones      []string
	at         string
	dues       []string
	watermarks bool
	strategy   *strategy.Strategy
	clock      bizclock.Clock
	where      string
	lateFee    string // the JSON of the contract's late fee
}

// born begins the life of loan L-1.
func born(t tester, some ...terms) *life {
	t.Helper()
	c := terms{}
	if len(some) > 0 {
		c = some[0]
	}
	if c.zone == "" {
		c.zone = "America/New_York"
	}
	if c.zones == nil {
		c.zones = []string{"America/New_York"}
	}
	if c.at == "" {
		c.at = "2026-01-05 10:00"
	}
	w := &world{t: t, zone: place(c.zone)}
	w.now = w.clock(c.at)
	w.person = contact.Standing{
		Borrower: "B-1", Zones: c.zones, Preferred: contact.SMS,
		Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}, {ID: "mail", Channel: contact.Email}},
	}
	return w.loan("L-1", c)
}

// loan disburses a loan now.
func (w *world) loan(id string, c terms) *life {
	w.t.Helper()
	if c.dues == nil {
		c.dues = []string{"2026-01-20", "2026-02-04", "2026-02-19"}
	}
	if c.strategy == nil {
		c.strategy = plain()
	}
	if c.where == "" {
		c.where = "us"
	}
	if c.clock == (bizclock.Clock{}) {
		c.clock = bizclock.Real
	}
	l := &life{world: w, made: map[string]time.Time{}, contacts: map[string]string{}, facts: strategy.Facts{
		Strategy: c.strategy, Rules: library().For(c.where), Jurisdiction: c.where, Served: contact.Channels,
		Journey: journey.Journey{Loan: id, Clock: c.clock}, EarlierLoans: 1,
	}}
	w.lives = append(w.lives, l)
	var schedule []string
	for _, due := range c.dues {
		schedule = append(schedule, fmt.Sprintf(`{"due":%q,"principal":"100.00"}`, due))
	}
	zone, lateFee := w.zone.String(), ""
	if c.lateFee != "" {
		lateFee = `,"late_fee":` + c.lateFee
	}
	l.happens(event.LoanDisbursed, fmt.Sprintf(`{"borrower":{"id":"B-1"},"currency":"USD","principal":"%d.00","disbursed_on":%q,
		"time_zone":%q,"watermarks":%t,"schedule":[%s]%s}`,
		100*len(c.dues), bizclock.DateOf(w.now.In(w.zone)), zone, c.watermarks, strings.Join(schedule, ","), lateFee))
	return l
}

// clock reads a time of day in the zone of the loan, such as "2026-01-25 12:00", or the beginning of a date.
func (w *world) clock(text string) time.Time {
	if len(text) == len(time.DateOnly) {
		return day(text).In(w.zone)
	}
	return must(time.ParseInLocation("2006-01-02 15:04", text, w.zone))
}

// at plans something.
func (w *world) at(when string, do func()) {
	at := w.clock(when)
	n, _ := slices.BinarySearchFunc(w.plans, at, func(p plan, at time.Time) int {
		if p.at.After(at) {
			return 1
		}
		return -1 // after what is planned for the same instant
	})
	w.plans = slices.Insert(w.plans, n, plan{at, do})
}

// tell adds a line to the story.
func (w *world) tell(l *life, format string, args ...any) {
	line := w.now.In(w.zone).Format("Mon 2006-01-02 15:04:05  ")
	if len(w.lives) > 1 {
		line += l.facts.Journey.Loan + " "
	}
	w.story = append(w.story, line+fmt.Sprintf(format, args...))
}

// happens applies an event now.
func (l *life) happens(kind event.Type, data string) {
	l.number++
	l.hears(l.number, kind, data)
	l.tell(l, "← %s", kind)
}

// hears applies an event. A journey that had ended begins again with it.
func (l *life) hears(number int64, kind event.Type, data string) {
	l.stale, l.over = true, false
	l.facts.Journey.Apply(event.Event{
		Source: "lender", ID: fmt.Sprint(number), Type: kind, Loan: l.facts.Journey.Loan, Number: number, At: l.now.UTC(), Data: json.RawMessage(data),
	})
}

// says plans an event.
func (l *life) says(when string, kind event.Type, data string) {
	l.at(when, func() { l.happens(kind, data) })
}

// posts plans a posting, valued on the day it is posted unless a date is given. A reversal undoes the last payment.
func (l *life) posts(when string, kind event.Type, amount string, valued ...string) {
	date := when[:len(time.DateOnly)]
	if len(valued) > 0 {
		date = valued[0]
	}
	l.postings++ // each has an id of its own
	reverses := ""
	switch kind {
	case event.PaymentPosted:
		l.paid = fmt.Sprintf("T-%d", l.postings)
	case event.PaymentReversed:
		reverses = fmt.Sprintf(`,"reverses":%q`, l.paid)
	}
	l.says(when, kind, fmt.Sprintf(`{"transaction":"T-%d","amount":%q,"currency":"USD","value_date":%q%s}`, l.postings, amount, date, reverses))
}

// products are the plans that may be offered.
var products = sync.OnceValue(func() []*hardship.Product { return must(hardship.Load("")) })

// inHardship plans that the borrower tells of having lost work, with what a month brings and takes.
func (l *life) inHardship(when string) {
	l.facts.Products = products()
	l.at(when, func() {
		amount := func(text string) *loan.Money { return &loan.Money{Amount: decimal.MustParse(text), Currency: "USD"} }
		l.facts.Hardship = strategy.Hardship{Cause: hardship.JobLoss, Months: 3, Income: amount("900.00"), EssentialCosts: amount("820.00")}
		l.happens(event.HardshipReported, `{}`)
	})
}

// followsThePlan pays each payment of the plan that was accepted on its day.
func (l *life) followsThePlan() {
	l.at("2026-01-26 12:00", func() {
		for _, i := range l.facts.Journey.Plans[0].Offer.Schedule {
			l.posts(i.Due.String()+" 12:00", event.PaymentPosted, i.Total().String())
		}
	})
}

// pays plans payments of 100.00, each at noon unless it says when.
func (l *life) pays(whens ...string) {
	for _, when := range whens {
		l.paysPart(when, "100.00")
	}
}

func (l *life) paysPart(when, amount string) {
	if len(when) == len(time.DateOnly) {
		when += " 12:00"
	}
	l.posts(when, event.PaymentPosted, amount)
}

// wishes plans what the borrower asks for.
func (l *life) wishes(when string, kind event.Type, wish contact.Wish) {
	l.at(when, func() {
		wish.At = l.now
		l.person.Wishes = append(slices.Clone(l.person.Wishes), wish)
		l.happens(kind, `{"channel":"sms","intent":"stop"}`)
	})
}

// holds plans a hold on the borrower.
func (l *life) holds(when, id string, kind contact.HoldKind, until ...string) {
	l.at(when, func() {
		h, data := contact.Hold{ID: id, Kind: kind, From: l.now}, ""
		if len(until) > 0 {
			h.Until = l.clock(until[0])
			data = fmt.Sprintf(`,"until":%q`, h.Until.Format(time.RFC3339))
		}
		l.person.Holds = append(slices.Clone(l.person.Holds), h)
		l.facts.Pauses = append(slices.Clone(l.facts.Pauses), h)
		l.happens(event.HoldPlaced, fmt.Sprintf(`{"hold":%q,"kind":%q%s}`, id, kind, data))
	})
}

// releases plans the end of a hold.
func (l *life) releases(when, id string) {
	l.at(when, func() {
		l.person.Holds = slices.DeleteFunc(slices.Clone(l.person.Holds), func(h contact.Hold) bool { return h.ID == id })
		l.facts.Pauses = slices.Clone(l.facts.Pauses)
		for n := range l.facts.Pauses {
			if l.facts.Pauses[n].ID == id {
				l.facts.Pauses[n].Until = l.now
			}
		}
		l.happens(event.HoldReleased, fmt.Sprintf(`{"hold":%q}`, id))
	})
}

// halts plans that an operator halts contacts. Every journey looks again.
func (l *life) halts(when string, h contact.Halt, until ...string) {
	l.at(when, func() {
		h.From = l.now
		if len(until) > 0 {
			h.Until = l.clock(until[0])
		}
		l.halted(func(all []contact.Halt) []contact.Halt { return append(all, h) })
		l.tell(l, "· halted: %s", h.ID)
	})
}

// resumes plans the end of a halt.
func (l *life) resumes(when, id string) {
	l.at(when, func() {
		l.halted(func(all []contact.Halt) []contact.Halt {
			return slices.DeleteFunc(all, func(h contact.Halt) bool { return h.ID == id })
		})
		l.tell(l, "· resumed: %s", id)
	})
}

func (w *world) halted(change func([]contact.Halt) []contact.Halt) {
	for _, l := range w.lives {
		l.facts.Halts, l.stale = change(slices.Clone(l.facts.Halts)), true
	}
}

// closesBooks plans a watermark. Journeys are not told of it.
func (l *life) closesBooks(when, through string) {
	l.at(when, func() {
		l.facts.Watermark = day(through)
		l.tell(l, "· books closed through %s", through)
	})
}

// until lives on to the beginning of a date.
func (w *world) until(date string) {
	w.t.Helper()
	end := w.clock(date)
	for range 20_000 {
		for len(w.plans) > 0 && !w.plans[0].at.After(w.now) {
			do := w.plans[0].do
			w.plans = w.plans[1:]
			do()
		}
		if w.act() {
			continue
		}
		next := end
		if len(w.plans) > 0 && w.plans[0].at.Before(next) {
			next = w.plans[0].at
		}
		for _, l := range w.lives {
			if wake := l.wake(); !l.over && !wake.IsZero() && wake.Before(next) {
				next = wake
			}
		}
		if next.After(w.down[0]) && next.Before(w.down[1]) {
			next = w.down[1]
		}
		if w.now, w.settling = next, 0; !next.Before(end) {
			w.now = end
			return
		}
	}
	require.FailNow(w.t, "it never comes to rest:\n"+strings.Join(w.story, "\n"))
}

// wake is the business instant at which the loan wants to be asked again.
func (l *life) wake() time.Time {
	if l.last.Wake.IsZero() {
		return time.Time{}
	}
	return l.facts.Journey.Clock.Business(l.last.Wake)
}

// act decides where that is needed, and does the first step that is due. It reports whether anything was done.
func (w *world) act() bool {
	w.t.Helper()
	for _, l := range w.lives {
		if !l.over && (l.stale || !l.wake().IsZero() && !l.wake().After(w.now)) {
			l.decide()
		}
	}
	for _, l := range w.lives {
		if !l.over && !l.wake().IsZero() && !l.wake().After(w.now) {
			require.NotEmpty(w.t, l.last.Step.Activity, "it is time, and there is nothing to do: %+v", l.last)
			w.settling++
			require.LessOrEqual(w.t, w.settling, 50, "steps without time passing:\n%s", strings.Join(w.story, "\n"))
			l.does(l.last.Step)
			return true
		}
	}
	return false
}

// decide asks for the next step, and asks what must hold of every answer.
func (l *life) decide() {
	l.t.Helper()
	l.facts.Now, l.facts.Standing, l.stale = l.now.UTC(), l.person, false
	before := ""
	if l.decided++; l.decided%8 == 1 {
		before = text(l.t, l.facts)
	}
	d, why := strategy.Decide(l.facts)
	if before != "" { // now and then, for it takes long
		require.Equal(l.t, before, text(l.t, l.facts), "Decide wrote into its arguments")
		again, _ := strategy.Decide(l.facts)
		require.Equal(l.t, text(l.t, d), text(l.t, again), "Decide is not deterministic")
	}
	most := 1536
	if d.Offer != nil || d.Step.Plan != nil {
		most = 6 << 10 // a plan travels whole, once or twice in its life
	}
	if l.facts.Complaint != nil {
		most = 2 << 10 // its details name each clock
	}
	require.Less(l.t, len(text(l.t, d)), most, "a decision stands in every history:\n%s", text(l.t, d))
	require.NoError(l.t, json.Unmarshal([]byte(text(l.t, d)), new(journey.Decision)), "a workflow cannot read the decision")
	require.NoError(l.t, json.Unmarshal([]byte(text(l.t, l.facts.Journey)), new(journey.Journey)), "a workflow cannot go on as a new one")
	require.Len(l.t, d.Hash, 16, "the explanation cannot be written: %+v", why)
	require.Contains(l.t, journey.Stages, d.Stage)
	if d.Stage != l.last.Stage || d.Bucket != l.last.Bucket {
		l.tell(l, "  (%s, %s)", strings.ReplaceAll(string(d.Stage), "_", " "), d.Bucket)
	}
	if d.Step.Reason != l.last.Step.Reason && d.Step.Kind == journey.Wait {
		l.tell(l, "  waiting: %s", strategy.Sentence(d.Step.Reason))
	}
	if d.Close {
		l.over = true
		l.tell(l, "close: %s", d.Step.Reason)
	}
	l.nothingChangesBefore(d)
	l.facts.Journey.Decide(d)
	l.last, l.why = d, why
}

// nothingChangesBefore asks again at a moment before a decision's wake. Had anything changed by then, the wake would be too
// late; and a step must keep its time, so that the workflow keeps its timer.
func (l *life) nothingChangesBefore(d journey.Decision) {
	l.t.Helper()
	until := l.now.AddDate(1, 0, 0)
	if !d.Wake.IsZero() {
		until = l.facts.Journey.Clock.Business(d.Wake)
	}
	if d.Close || !until.After(l.now.Add(time.Second)) {
		return
	}
	f := l.facts
	f.Journey = f.Journey.Clone()
	f.Journey.Decide(d)
	f.Now = l.now.Add(until.Sub(l.now) / 2).UTC()
	if l.probe != nil {
		f.Now = l.probe(l.now, until).UTC()
	}
	again, why := strategy.Decide(f)
	stale := d.Step.Reason != again.Step.Reason && again.Step.Reason == strategy.ReasonStaleLedger // as books are when the time has come
	say := func(d journey.Decision) string {
		line := fmt.Sprintf("%s, %s, past due since %q, next %s", d.Stage, d.Bucket, d.Arrears, d.Step.Key)
		if !stale {
			line += fmt.Sprintf(" (%s, %s), at %s, wake %s", d.Step.Kind, d.Step.Reason, d.Step.At.UTC(), d.Wake.UTC())
		}
		return line + fmt.Sprintf(" close %t", d.Close)
	}
	if !stale {
		require.Empty(l.t, again.Attributes, "an attribute changed before it wanted to be asked again: decided at %s: %s\nagain at %s: %s\n%s",
			l.now.UTC(), text(l.t, d), f.Now, text(l.t, again), text(l.t, why.Considered))
	}
	if first, second := say(d), say(again); first != second {
		require.FailNow(l.t, "something changed before it wanted to be asked again", "decided at %s: %s\n  %s\nagain at %s: %s\n  %s\n%s",
			l.now.UTC(), first, text(l.t, d), f.Now, second, text(l.t, again), text(l.t, why.Considered))
	}
}

// does carries out a step, as the activities would.
func (l *life) does(s journey.Step) {
	l.t.Helper()
	outcome := journey.Outcome{Key: s.Key, At: l.now.UTC(), Channel: s.Channel}
	switch s.Kind {
	case journey.Send:
		outcome.Result, outcome.Code = l.sends(s)
		outcome.Contact = contactKey(l.person, s)
	case journey.Task:
		require.Equal(l.t, journey.AssignTask, s.Activity)
		if s.Purpose != "" {
			halt, halted := strategy.HaltOf(l.facts.Halts, contact.Call, "", s.Purpose, l.now)
			require.False(l.t, halted, "%s is given to a person to call: %+v", s.Key, halt)
			ruling := l.facts.Rules.Evaluate(l.person.ByPerson(), compliance.Proposal{
				At: l.now, Channel: contact.Call, Purpose: s.Purpose, Loans: []string{l.facts.Journey.Loan}, Step: s.Key,
			})
			if !ruling.Allowed() && !ruling.NextAllowed.IsZero() {
				require.Greater(l.t, len(l.lives), 1, "%s is given to a person who may not call now: %+v", s.Key, ruling.Deciding())
				outcome.Result, outcome.Code = journey.ResultHeld, ruling.Deciding().Rule
				l.tell(l, "held %s: %s", s.Key, outcome.Code)
				break
			}
		}
		outcome.Result, outcome.Contact = journey.ResultAssigned, "t-"+s.Key
		l.asks(s)
		l.tell(l, "task %s: %s", s.Key, strategy.Sentence(s.Reason))
	case journey.Tell:
		require.Equal(l.t, journey.TellLender, s.Activity)
		outcome.Result = journey.ResultTold
		l.tell(l, "tell the lending system: %s", s.Key)
	case journey.Record:
		require.Equal(l.t, journey.RecordEvent, s.Activity)
		outcome.Result = journey.ResultRecorded
		l.tell(l, "record %s: %s", s.Event, s.Key)
	default:
		require.FailNow(l.t, "nobody can do that", "%+v", s)
	}
	l.stale = true
	l.facts.Journey.Apply(journey.StepEvent(l.last, outcome, "", l.now.UTC()))
}

// asks puts a question to who may approve of a step.
func (l *life) asks(s journey.Step) {
	l.t.Helper()
	asked := s.Approval
	if asked == nil {
		return
	}
	require.NotEmpty(l.t, asked.Rules)
	require.True(l.t, asked.Until.After(l.now), "it can be answered no more")
	for _, before := range l.facts.Requests {
		require.NotEqual(l.t, asked.Step, before.Step, "asked twice")
	}
	l.tell(l, "  may we, although %s advises against it? until %s", strings.Join(asked.Rules, " and "), asked.Until.In(l.zone).Format("2006-01-02 15:04"))
	n := len(l.facts.Requests)
	l.facts.Requests = append(slices.Clone(l.facts.Requests), contact.ApprovalRequest{Step: asked.Step, Until: asked.Until})
	if l.boss == nil {
		return
	}
	answer, after := l.boss(*asked)
	at := l.now.Add(after)
	if answer == "" || !at.Before(asked.Until) {
		return
	}
	l.at(at.In(l.zone).Format("2006-01-02 15:04"), func() {
		l.facts.Requests = slices.Clone(l.facts.Requests)
		l.facts.Requests[n].Answer = answer
		kind := event.ApprovalRefused
		if answer == contact.Granted {
			kind = event.ApprovalGranted
			l.person.Approvals = slices.Clone(l.person.Approvals)
			for _, rule := range asked.Rules {
				l.person.Approvals = append(l.person.Approvals, contact.Approval{Loan: l.facts.Journey.Loan, Step: asked.Step, Rule: rule, Until: l.now.Add(72 * time.Hour)})
			}
		}
		l.happens(kind, `{"approval":"a-1"}`)
	})
}

// contactKey is the key of the contact that was made last, for a step.
func contactKey(s contact.Standing, step journey.Step) string {
	return fmt.Sprintf("c-%s-%s-%d", step.Key, step.Point, len(s.Attempts))
}

// fails plans the news that the message of a step did not arrive after all.
func (l *life) fails(when, key string) {
	l.at(when, func() {
		for contact, of := range l.contacts {
			if of == key && !l.made[key].IsZero() {
				delete(l.made, key)
				delete(l.contacts, contact)
				l.happens(event.MessageFailed, fmt.Sprintf(`{"contact":%q,"code":"30003"}`, contact))
				return
			}
		}
	})
}

// sends reserves and sends a message, and asks what must hold of every message.
func (l *life) sends(s journey.Step) (journey.Result, string) {
	l.t.Helper()
	require.Equal(l.t, journey.SendMessage, s.Activity)
	require.Equal(l.t, journey.OutreachQueue(s.Channel), s.Queue)
	require.True(l.t, s.Before.IsZero() || l.now.Before(s.Before), "%s is too late", s.Key)
	loan := l.facts.Journey.Loan
	ruling := l.facts.Rules.Evaluate(l.person, compliance.Proposal{
		At: l.now, Channel: s.Channel, Point: s.Point, Purpose: s.Purpose, Loans: []string{loan}, Step: s.Key, Confirmation: s.Confirmation,
	})
	halt, halted := strategy.HaltOf(l.facts.Halts, s.Channel, s.Template, s.Purpose, l.now)
	require.False(l.t, halted, "%s by %s is halted: %+v", s.Key, s.Channel, halt)
	if !ruling.Allowed() {
		require.Greater(l.t, len(l.lives), 1, "%s by %s is not allowed now: %+v", s.Key, s.Channel, ruling.Deciding())
		l.tell(l, "held %s: %s", s.Key, ruling.Deciding().Rule)
		return journey.ResultHeld, ruling.Deciding().Rule
	}
	for _, language := range []string{"en", "zh-CN"} {
		values := map[string]string{"help": "call 555-0100"}
		for name, value := range s.Fill {
			values[name] = value
		}
		_, err := message.Render(s.Template, language, s.Channel, message.Fill{Name: "Ada", Lender: "Example Lender", Loan: loan, Values: values})
		require.NoError(l.t, err, s.Key)
	}
	result, code := journey.ResultSent, ""
	if l.provider != nil {
		result, code = l.provider(s)
	}
	attempt := contact.Attempt{
		Key: s.Key, At: l.now.UTC(), Channel: s.Channel, Point: s.Point, Direction: contact.Outbound, Purpose: s.Purpose, Loans: []string{loan},
	}
	switch result {
	case journey.ResultSent, journey.ResultUncertain:
		l.mayBeMade(s.Key)
		attempt.Disposition = contact.Disposition(result)
		l.person.Attempts = append(slices.Clone(l.person.Attempts), attempt)
		l.made[s.Key] = l.now
		l.contacts[contactKey(l.person, s)] = s.Key
		l.tell(l, "%s by %s", s.Key, s.Channel)
	case journey.ResultBounced:
		attempt.Disposition = contact.Bounced
		l.person.Attempts = append(slices.Clone(l.person.Attempts), attempt)
		l.person.Points = slices.Clone(l.person.Points)
		for n := range l.person.Points {
			l.person.Points[n].Failed = l.person.Points[n].Failed || l.person.Points[n].ID == s.Point
		}
		l.tell(l, "%s by %s bounced", s.Key, s.Channel)
	default:
		l.tell(l, "%s by %s %s", s.Key, s.Channel, result)
	}
	return result, code
}

// mayBeMade asks of a message that is about to leave that it is the first of its kind, and of a notice that it comes after
// the one before it, and not too soon after any.
func (l *life) mayBeMade(key string) {
	l.t.Helper()
	require.NotContains(l.t, l.made, key, "sent twice")
	treatment, anchor, _ := strings.Cut(key, "@")
	steps := l.tier().Ladder.Steps
	level := slices.IndexFunc(steps, func(s strategy.Level) bool { return s.Name == treatment })
	if level < 0 {
		return
	}
	needed, passed := 0, 0
	for _, step := range steps[:level] {
		if step.CatchUp != strategy.Lapse {
			needed++
		}
	}
	for n := range level - 1 { // what turns out to have failed once the next has left
		_, made := l.facts.Journey.LastDone(steps[n].Name+"@"+anchor, journey.Result.Made)
		if _, overtaken := l.facts.Journey.LastDone(steps[n+1].Name+"@"+anchor, journey.Result.Made); overtaken && !made && steps[n+1].Do == strategy.Message {
			needed--
		}
	}
	for _, step := range l.rungs() {
		done := func(r journey.Result) bool {
			return r.Made() || step.Do == strategy.CallThem && r == journey.ResultAssigned
		}
		if _, ok := l.facts.Journey.LastDone(step.Name+"@"+anchor, done); ok {
			passed++
		}
	}
	require.GreaterOrEqual(l.t, passed, needed, "%s comes too early:\n%s", key, strings.Join(l.story, "\n"))
	today := bizclock.DateOf(l.now.In(l.zone))
	for other, at := range l.made {
		name, _, _ := strings.Cut(other, "@")
		if slices.ContainsFunc(l.rungs(), func(s strategy.Level) bool { return s.Name == name }) {
			require.GreaterOrEqual(l.t, today.Sub(bizclock.DateOf(at.In(l.zone))), l.tier().Ladder.MinGapDays, "%s so soon after %s", key, other)
		}
	}
}

// tier is the strategy as it is for the segment of the last decision.
func (l *life) tier() *strategy.Strategy {
	segment := l.why.Segment
	if segment == "" {
		segment = strategy.Standard
	}
	tier, ok := l.facts.Strategy.Tier(segment)
	require.True(l.t, ok, segment)
	return tier
}

// rungs are the steps of the ladders of all segments, each name once.
func (l *life) rungs() (all []strategy.Level) {
	for _, segment := range l.facts.Strategy.Names() {
		tier, _ := l.facts.Strategy.Tier(segment)
		for _, step := range tier.Ladder.Steps {
			if !slices.ContainsFunc(all, func(s strategy.Level) bool { return s.Name == step.Name }) {
				all = append(all, step)
			}
		}
	}
	return all
}

// lines returns the story without its dates, from the line after which something is of interest.
func (w *world) lines(parts ...string) (found []string) {
	for _, line := range w.story {
		for _, part := range parts {
			if strings.Contains(line, part) {
				found = append(found, line[4:20]+" "+line[25:])
				break
			}
		}
	}
	return found
}

// golden compares the story with the one in testdata.
func (w *world) golden(t *testing.T, name string) {
	t.Helper()
	path := filepath.Join("testdata", "lives", name+".golden")
	got := strings.Join(w.story, "\n") + "\n"
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run the test with -update and look at what changed")
}

// text is a value's JSON.
func text(t require.TestingT, v any) string {
	if f, ok := v.(strategy.Facts); ok { // of which the rules and the strategy are shared by everyone
		v = []any{f.Journey, f.Standing, f.Jurisdiction, f.Served, f.Now, f.Watermark, f.Refused, f.Halts, f.Rules.Names(), f.Strategy.Hash}
	}
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
