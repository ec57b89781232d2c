package strategy

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// Facts are all that a decision is made on.
type Facts struct {
	Journey  journey.Journey
	Standing contact.Standing
	Rules    compliance.Rules
	Strategy *Strategy
	// Jurisdiction is where the borrower lives.
	Jurisdiction string
	// Served are the channels on which this installation can send.
	Served []contact.Channel
	// Now is the business time.
	Now time.Time
	// Watermark is the date through which the lending system's postings are complete; zero when it never said.
	Watermark bizclock.Date
	// Refused are numbers of events that will never reach the journey.
	Refused []int64
	// Pauses are the holds on the loan or all the borrower's loans that there ever were, released ones with their end.
	Pauses []contact.Hold
	// Halts are those that concern whoever lives in the borrower's jurisdiction, and are not lifted.
	Halts []contact.Halt
	// Requests are those for approval that were made about the loan's steps, the latest about a step last.
	Requests []contact.ApprovalRequest
	// EarlierLoans are those of the borrower that were disbursed before this one, SettledLoans those that were paid to the end.
	EarlierLoans, SettledLoans int
	// Hardship is what the borrower told of last, and Products are the plans that may be offered.
	Hardship Hardship
	Products []*hardship.Product
}

// Hardship is what a borrower told of trouble with paying. It stays in Postgres: it can be health data.
type Hardship struct {
	Cause  hardship.Cause
	Months int
	// Income and EssentialCosts are those of a month; nil when not known.
	Income, EssentialCosts *loan.Money
}

// Decide returns what to do next, when and why, and how that was found. It reads its arguments only, never writes into
// them, and returns the same for the same facts.
func Decide(f Facts) (journey.Decision, Explanation) {
	t := look(f)
	decision := journey.Decision{
		Seq: f.Journey.Last.Seq + 1, At: f.Now, Strategy: f.Strategy.Hash, Stage: t.stage,
		Bucket: f.Strategy.Buckets.Name(t.status.DelinquentDays), Arrears: t.status.PastDueSince, Late: t.late, Calm: t.calm, Paid: t.paid,
	}
	decision.Number, decision.Ahead = f.Journey.Covered(f.Refused)
	considered, step := t.choose()
	decision.Step = step
	if t.offer != nil && step.Key == keyOf(journey.PlanOffer, t.offer.ID) {
		decision.Offer = t.offer
	}
	switch wake := t.nextChange(considered); {
	case step.Kind == journey.CloseStep:
		decision.Close, decision.Stage = true, journey.Closed
	case step.At.IsZero() || !wake.IsZero() && wake.Before(step.At):
		// Where the loan stands changes before the step is due: look again then.
		decision.Wake = f.Journey.Clock.Wall(wake)
		decision.Step.Activity, decision.Step.Queue, decision.Step.Summary = "", "", "look again"
		if step.Key != "" {
			decision.Step.Summary += "; next: " + step.Summary
		}
	default:
		decision.Wake = f.Journey.Clock.Wall(step.At)
	}
	if len(f.Journey.Done) > 120 {
		decision.Forget = t.forgettable()
	}
	explanation := t.explain(decision, considered)
	decision.Hash = explanation.hash()
	decision.Attributes = t.attributes(decision)
	decision.Details = t.details(decision)
	return decision, explanation
}

// thoughts are what a decision derives from its facts.
type thoughts struct {
	Facts
	// whole is the strategy, of which Strategy is what holds for the loan's segment.
	whole *Strategy
	// group is the name of the segment, risk how likely the loan is to go wrong, pastSix how the last six months went.
	group   string
	risk    Risk
	pastSix *past
	// zone is the loan's, home the borrower's first known one.
	zone, home *time.Location
	today      bizclock.Date
	status     loan.Status
	// ledger is what status was worked out from; plan is the one that governs it, if any, with how it goes.
	ledger   loan.Ledger
	plan     *hardship.Plan
	progress hardship.Progress
	promises []loan.PromiseStanding
	// charged are the late fees that Tender worked out.
	charged []loan.ChargedLateFee
	// offer is a plan that was worked out to be offered in this decision.
	offer *journey.Offer
	stage journey.Stage
	// begun is set once the loan is known, settled when nothing is owed.
	begun, settled bool
	// late is since when the present arrears are known, calm when arrears last ended, paid since when nothing is owed.
	late, calm, paid time.Time
}

// places holds each time zone once read: reading one opens a file.
var places sync.Map

// place returns the location of an IANA name, and whether there is one.
func place(name string) (*time.Location, bool) {
	if zone, ok := places.Load(name); ok {
		return zone.(*time.Location), true
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" { // which would be the machine's
		return nil, false
	}
	places.Store(name, zone)
	return zone, true
}

func look(f Facts) *thoughts {
	t := &thoughts{Facts: f, whole: f.Strategy, group: Standard, zone: time.UTC, calm: f.Journey.Last.Calm}
	if zone, ok := place(f.Journey.TimeZone); ok {
		t.zone = zone
	}
	t.home = t.zone
	for _, name := range f.Standing.Zones {
		if zone, ok := place(name); ok {
			t.home = zone
			break
		}
	}
	j := f.Journey
	t.today = bizclock.DateOf(f.Now.In(t.zone))
	t.begun = !j.Disbursed.IsZero() && !j.DisbursedOn.IsZero() && len(j.Contract.Schedule) > 0
	t.reckon()
	t.settled = t.begun && (t.status.Settled() || !j.Settled.IsZero())
	if !t.begun || t.settled || !j.Cancelled.IsZero() {
		// When the lending system says that it is over, nothing is owed, whatever the postings add up to.
		t.status = loan.Status{AsOf: t.today}
	}
	switch {
	case t.status.PastDueSince.IsZero() && !j.Last.Arrears.IsZero():
		t.calm = f.Now
	case !t.status.PastDueSince.IsZero():
		if t.late = j.Last.Late; t.late.IsZero() {
			t.late = f.Now
		}
	}
	if t.settled {
		if t.paid = j.Last.Paid; t.paid.IsZero() {
			t.paid = f.Now
		}
	}
	if t.begun {
		t.risk = t.assess()
		t.group, t.Strategy = t.segment()
	}
	t.stage = t.findStage()
	return t
}

// anchor is the date that names the steps of the present arrears: the oldest unpaid due date. Arrears that come again after
// all was well, as by a chargeback, are named after the day on which they had ended: who believed that all was paid is
// written to from the beginning.
func (t *thoughts) anchor() bizclock.Date {
	since := t.status.PastDueSince
	if since.IsZero() || t.calm.IsZero() {
		return since
	}
	return latest(since, bizclock.DateOf(t.calm.In(t.zone)))
}

// forgettable is the instant before which done steps will not be asked for again. Those of the present arrears will be,
// however old these are.
func (t *thoughts) forgettable() time.Time {
	forget := t.Now.AddDate(-1, -3, 0)
	if since := t.status.PastDueSince; !since.IsZero() && since.In(t.zone).Before(forget) {
		return since.In(t.zone)
	}
	return forget
}

func (t *thoughts) findStage() journey.Stage {
	s, days := t.Strategy, t.status.DelinquentDays
	switch {
	case t.Journey.Application != nil:
		return journey.Preapproved
	case !t.Journey.WrittenOff.IsZero() && !t.settled:
		return journey.ChargedOff
	case t.settled || !t.Journey.Cancelled.IsZero():
		return journey.Current
	case t.onPlan():
		return journey.OnPlan
	case days >= s.Stages.PreChargeOff:
		return journey.PreChargeOff
	case days >= s.Stages.LateArrears:
		return journey.LateArrears
	case days >= 1:
		return journey.EarlyArrears
	case !t.status.Next.IsZero() && t.today.AddDays(s.remindedDays()).Compare(t.status.Next) >= 0:
		return journey.DueSoon
	case t.today.Sub(t.Journey.DisbursedOn) < 7:
		return journey.Welcome
	}
	return journey.Current
}

// remindedDays is how many days before a due date the first reminder is planned.
func (s *Strategy) remindedDays() int {
	if len(s.Reminders) == 0 {
		return 0
	}
	return s.Reminders[0].DaysBefore
}

// nextChange returns the next instant at which stage, bucket or what may be done change although nothing happens; zero
// when they do not.
func (t *thoughts) nextChange(considered []Considered) (next time.Time) {
	at := func(instant time.Time) {
		if instant.After(t.Now) && (next.IsZero() || instant.Before(next)) {
			next = instant
		}
	}
	on := func(date bizclock.Date) {
		if date.After(t.today) {
			at(date.In(t.zone))
		}
	}
	if t.Journey.Application != nil {
		at(t.lapsesAt())
	}
	for _, h := range t.Standing.Holds {
		if h.Loan == "" || h.Loan == t.Journey.Loan {
			at(h.From)
			at(h.Until)
		}
	}
	for _, h := range t.Halts {
		at(h.From)
		at(h.Until)
	}
	for _, r := range t.Requests {
		if r.Answer == "" {
			at(r.Until)
		}
	}
	for _, a := range t.Standing.Approvals {
		if a.Loan == t.Journey.Loan {
			at(a.Until)
		}
	}
	if slices.ContainsFunc(considered, func(c Considered) bool { return c.Outcome == Dropped && c.Reason == ReasonHalted }) {
		// What is halted now may be forbidden by then, and left to a person.
		at(t.Rules.NextChange(t.Standing.Zones, t.Now))
	}
	for _, c := range considered {
		if c.stale && (c.Outcome == Dropped || c.At.After(c.Planned)) {
			at(c.Planned) // until then it seems to lapse, or to be put off, and then it waits for the books
		}
	}
	if t.begun && t.Journey.Settled.IsZero() && t.Journey.Cancelled.IsZero() {
		for _, tx := range t.Journey.Transactions {
			on(tx.ValueDate) // a posting counts from then: also one that ends what seemed to be settled
		}
	}
	if t.settled || !t.begun {
		return next
	}
	s := t.Strategy
	if !t.status.PastDueSince.IsZero() {
		for _, date := range t.agesOn() {
			on(date)
		}
	}
	if len(t.whole.Segments) > 0 {
		for _, i := range t.ledger.Installments {
			on(i.Due.AddDays(1)) // how much fell due counts for the segment, whether or not it was paid ahead
		}
	}
	if due := t.status.Next; !due.IsZero() {
		on(due.AddDays(-s.remindedDays()))
		on(due.AddDays(1))
	}
	on(t.Journey.DisbursedOn.AddDays(7))
	on(t.Journey.DisbursedOn.AddDays(firstWeek))
	if date, ok := t.unaskedOn(); ok {
		on(date)
	}
	for _, date := range t.turningPoints() {
		on(date)
	}
	for _, date := range t.lapsesOn() {
		on(date)
	}
	for _, date := range t.lateFeeDates() {
		on(date)
	}
	return next
}

// agesOn are the dates on which the present arrears reach another stage or bucket.
func (t *thoughts) agesOn() (dates []bizclock.Date) {
	since, s := t.status.PastDueSince, t.Strategy
	if since.IsZero() {
		return nil
	}
	for _, days := range slices.Concat([]int{1, s.Stages.LateArrears, s.Stages.PreChargeOff}, s.Buckets) {
		if date, ok := t.ledger.DelinquentFrom(since, days); ok {
			dates = append(dates, date)
		}
	}
	return dates
}

// choose weighs what every thread of the journey wants next, and returns the earliest of what is allowed.
func (t *thoughts) choose() ([]Considered, journey.Step) {
	j := t.Journey
	switch {
	case j.Application != nil:
	case j.Disbursed.IsZero():
		return nil, journey.Step{Kind: journey.Wait, Reason: "not_disbursed"}
	case !t.begun && j.Cancelled.IsZero():
		return nil, journey.Step{Kind: journey.Wait, Reason: "not_disbursed"}
	}
	wishes := t.wants()
	considered := make([]Considered, len(wishes))
	best := -1
	for n, w := range wishes {
		considered[n] = t.weigh(w)
		if considered[n].step.Kind != "" && (best < 0 || considered[n].At.Before(considered[best].At)) {
			best = n
		}
	}
	switch {
	case best >= 0:
		considered[best].Outcome = Chosen
		return considered, considered[best].step
	case j.Application != nil && t.outcome() != "":
		return considered, journey.Step{Kind: journey.CloseStep, Key: "close@" + t.today.String(), At: t.Now, Reason: string(t.outcome())}
	case !j.Cancelled.IsZero():
		return considered, journey.Step{Kind: journey.CloseStep, Key: "close@" + j.Cancelled.String(), At: t.Now, Reason: "cancelled"}
	case t.settled && !t.unsettles():
		return considered, journey.Step{Kind: journey.CloseStep, Key: "close@" + t.today.String(), At: t.Now, Reason: "settled"}
	}
	return considered, t.rest(considered)
}

// unsettledWithin is how many days ahead a posting may lie for which a journey that seems to be settled waits.
const unsettledWithin = 60

// unsettles reports whether a posting that is known already, and counts from a date to come, takes money back: a loan that is paid
// until then is not settled.
func (t *thoughts) unsettles() bool {
	return t.Journey.Settled.IsZero() && slices.ContainsFunc(t.Journey.Transactions, func(tx loan.Transaction) bool {
		ahead := tx.ValueDate.Sub(t.today)
		return ahead > 0 && ahead <= unsettledWithin && (tx.Kind == loan.Refund || tx.Kind == loan.Reversal || tx.Kind == loan.Fee)
	})
}

// rest is the step for when nothing can be done: it says why, and until when.
func (t *thoughts) rest(considered []Considered) journey.Step {
	step := journey.Step{Kind: journey.Wait, Reason: "nothing_due"}
	if t.settled {
		return step // until a posting counts that is known already
	}
	if t.stage == journey.ChargedOff {
		step.Reason = string(journey.ChargedOff)
		return step
	}
	if done, ok := t.Journey.LastDone(key("charge-off", t.anchor()), journey.Result.Final); ok {
		step.Reason = ReasonWriteOff
		if done.Result == journey.ResultKept {
			step.Reason = ReasonNoticeKept
		}
		return step
	}
	for _, c := range considered {
		if strings.HasPrefix(c.Key, stopConfirmed+"@") {
			continue // it lapses at an hour of its own, and is not what the journey waits for
		}
		if c.Outcome == Dropped && (c.Reason == ReasonHold || c.Reason == ReasonHalted || c.Reason == ReasonTaskOpen || c.Reason == ReasonNoChannel || c.Reason == ReasonNeedsApproval) {
			step.Reason, step.Rule = c.Reason, c.Rule
			break
		}
	}
	return step
}

// weigh finds the first moment and the best channel at which a want is allowed.
func (t *thoughts) weigh(w want) Considered {
	c := Considered{Key: w.key, Reason: w.reason, Planned: w.planned(t), Outcome: Later, stale: w.stale}
	if w.drop != "" {
		c.Outcome, c.Reason = Dropped, w.drop
		return c
	}
	if !w.lapses.IsZero() && !t.Now.Before(w.lapses) {
		c.Outcome, c.Reason = Dropped, ReasonLapsed // whatever else would have stood in its way
		return c
	}
	from, free := t.released(w, later(c.Planned, t.Now))
	switch {
	case !free && w.kind != journey.Send:
		c.Outcome, c.Reason, c.Rule = Dropped, ReasonHold, HoldRule
	case w.review && t.reviews(w, &c):
	case w.kind != journey.Send && t.callsHalted(w, from, &c):
	case free && w.stale && !from.After(t.Now) && t.hopeless(w, c):
		t.weighMessage(w, &c) // books that come to be complete would not help
	case free && w.stale && !from.After(t.Now):
		// Nobody is dunned on books that may be incomplete: look again in a while.
		looked := t.Now.Sub(c.Planned) / staleRecheck
		c.At, c.Reason = c.Planned.Add((looked+1)*staleRecheck), ReasonStaleLedger
		if !w.lapses.IsZero() && w.lapses.Before(c.At) {
			c.At = w.lapses // what comes after it waits for nothing
		}
		c.step = journey.Step{Kind: journey.Wait, Key: w.key, At: c.At, Reason: c.Reason, Summary: "look again: " + w.key + " waits, " + c.Reason}
	case w.kind != journey.Send:
		c.At = t.callable(w, t.assignable(w, from), &c)
		c.step = t.step(w, c)
	default:
		t.weighMessage(w, &c)
	}
	return c
}

// weighMessage finds the first moment and the best way at which a message is allowed.
func (t *thoughts) weighMessage(w want, c *Considered) {
	from := later(c.Planned, t.Now)
	t.clears(w, c, &from)
	if w.by != "" && t.reach(w, c.Planned, from).at.IsZero() {
		w.by = "" // it cannot be had by the channel that the strategy asks for
	}
	best := t.reach(w, c.Planned, from)
	for at := best.at; !at.IsZero() && t.clears(w, c, &at); at = best.at {
		from = at
		best = t.reach(w, c.Planned, from)
	}
	c.At, c.Channel, c.Rule, c.Findings = best.at, best.channel, best.rule, best.findings
	released, free := t.released(w, from)
	if best.at.IsZero() && free && released.After(from) {
		// The hold ends beyond what the rules foresee.
		then := t.reach(w, c.Planned, released)
		best.at, best.channel, best.point, best.halted = then.at, then.channel, then.point, best.halted || then.halted
		c.At, c.Channel = best.at, best.channel
	}
	switch {
	case best.at.IsZero() && !free:
		c.Outcome, c.Reason, c.Rule = Dropped, ReasonHold, HoldRule
	case t.asks(w, best, c):
	case best.at.IsZero() && best.halted:
		c.Outcome, c.Reason = Dropped, ReasonHalted
	case best.at.IsZero() && w.must:
		// Where no channel is permitted, a person has to see to it.
		switch {
		case t.assigned(w.key):
			c.Outcome, c.Reason = Dropped, ReasonTaskOpen
			return
		case t.neglected(w):
			c.Outcome, c.Reason = Dropped, ReasonGivenUp
			return
		}
		if w.kind = journey.Task; t.callsHalted(w, released, c) {
			return
		}
		w.reason, c.Reason = ReasonNoChannel, ReasonNoChannel
		c.At = t.callable(w, t.assignable(w, released), c)
		c.step = t.step(w, *c)
	case best.at.IsZero():
		c.Outcome, c.Reason = Dropped, ReasonNoChannel
	case !w.lapses.IsZero() && !best.at.Before(w.lapses):
		c.Outcome, c.Reason, c.At = Dropped, ReasonLapsed, time.Time{}
	default:
		c.step = t.step(w, *c)
		c.step.Channel, c.step.Point, c.step.Rule = best.channel, best.point, best.rule
	}
}

// clears moves a moment to the first day that is clear of what a want keeps away from, and on such a day to the want's own
// moment, so that it is the same however often it is asked. It reports whether it moved it.
func (t *thoughts) clears(w want, c *Considered, from *time.Time) bool {
	if w.away == nil {
		return false
	}
	on := bizclock.DateOf(from.In(t.zone))
	to := w.away(on)
	if to == on && (w.away(on.AddDays(-1)) != on || !from.Before(t.onDate(on, w.key))) {
		return false
	}
	c.Planned = t.onDate(to, w.key)
	*from = later(c.Planned, *from)
	return true
}

// released returns the first instant from which no hold on all of the borrower's contact points stops what is wanted, and
// whether there is one. It binds people as it binds machines: they are given no task that would make them call.
func (t *thoughts) released(w want, from time.Time) (time.Time, bool) {
	if w.purpose == "" {
		return from, true // it is no contact
	}
	for again := true; again; {
		again = false
		for _, h := range t.Standing.Holds {
			if !h.Covers(t.Journey.Loan, "", from) || h.Kind.Allows(w.purpose) {
				continue
			}
			if h.Until.IsZero() {
				return time.Time{}, false
			}
			from, again = h.Until, true
		}
	}
	return from, true
}

// way is how a borrower can be reached, and when.
type way struct {
	at       time.Time
	channel  contact.Channel
	point    string
	rule     string
	findings []compliance.Finding
	// halted is set when nothing but a halt of which no end is known stands in the way.
	halted bool
	// leave is what a person could approve of, so that the borrower is reached sooner.
	leave leave
}

// reach returns the first way in the borrower's order of channels, among those that are open on the earliest day.
// With no way at all it returns the rule that forbids the first, or the halt that stops one which is allowed otherwise.
func (t *thoughts) reach(w want, planned, from time.Time) way {
	var ways []way
	for _, point := range t.points() {
		if w.confirms != "" && point.Channel != w.confirms || w.by != "" && point.Channel != w.by {
			continue
		}
		next := t.when(w, planned, from, point)
		if closed := !slices.ContainsFunc(ways, func(w way) bool { return !w.at.IsZero() }); closed && next.at.Equal(from) {
			return next // allowed at once, and no channel that comes before it ever is
		}
		ways = append(ways, next)
	}
	if len(ways) == 0 {
		return way{rule: pointRule}
	}
	found := firstOf(ways, w.lapses, t.home)
	for _, w := range ways {
		found.leave = sooner(found.leave, w.leave)
	}
	return found
}

// firstOf returns the first of some ways among those that are open on the earliest day in a zone, and in time if any is; if none
// is open, the first that a halt stops, or else the first.
func firstOf(ways []way, lapses time.Time, home *time.Location) way {
	open := slices.DeleteFunc(slices.Clone(ways), func(w way) bool { return w.at.IsZero() })
	inTime := slices.DeleteFunc(slices.Clone(open), func(w way) bool { return !lapses.IsZero() && !w.at.Before(lapses) })
	if len(inTime) > 0 {
		open = inTime
	}
	if len(open) == 0 {
		if n := slices.IndexFunc(ways, func(w way) bool { return w.halted }); n >= 0 {
			return ways[n]
		}
		return ways[0]
	}
	earliest := slices.MinFunc(open, func(a, b way) int { return a.at.Compare(b.at) })
	day := bizclock.DateOf(earliest.at.In(home))
	for _, w := range open {
		if bizclock.DateOf(w.at.In(home)) == day {
			return w
		}
	}
	return earliest
}

// points returns the usable contact points in the order in which they are tried.
func (t *thoughts) points() (all []contact.Point) {
	for _, channel := range t.channels() {
		first := len(all)
		for _, p := range t.Standing.Points {
			if p.Channel == channel && !p.Failed {
				all = append(all, p)
			}
		}
		slices.SortStableFunc(all[first:], func(a, b contact.Point) int { return cmp.Compare(a.Rank, b.Rank) })
	}
	return all
}

// when returns the first moment at or after from at which a contact point may be used, and no halt stops it.
func (t *thoughts) when(w want, planned, from time.Time, point contact.Point) way {
	found := t.permitted(w, planned, from, point)
	for !found.at.IsZero() {
		if cap, next := t.capped(w, point.Channel, found.at); !next.IsZero() {
			findings := append([]compliance.Finding{cap}, found.findings...)
			found = t.permitted(w, planned, next, point)
			found.rule, found.findings = CapRule, append(findings, found.findings...)
			continue
		}
		halt, halted := HaltOf(t.Halts, point.Channel, w.template, w.purpose, found.at)
		if !halted {
			break
		}
		findings := append([]compliance.Finding{Halted(halt)}, found.findings...)
		asked := found.leave
		if found = (way{channel: point.Channel, point: point.ID, halted: halt.Until.IsZero()}); !found.halted {
			found = t.permitted(w, planned, halt.Until, point)
		}
		found.rule, found.findings, found.leave = HaltRule, append(findings, found.findings...), sooner(asked, found.leave)
	}
	return found
}

// permitted returns the first moment at or after from at which the rules allow a contact point to be used. A moment that a
// window sets is spread over the window's first third, so that not all loans wake at once.
func (t *thoughts) permitted(w want, planned, from time.Time, point contact.Point) way {
	p := compliance.Proposal{At: from, Channel: point.Channel, Point: point.ID, Purpose: w.purpose, Loans: []string{t.Journey.Loan}, Step: w.key, Confirmation: w.confirms != ""}
	ruling := t.Rules.Evaluate(t.Standing, p)
	found := way{at: ruling.NextAllowed, channel: point.Channel, point: point.ID}
	if ruling.Allowed() {
		found.at = from
	} else {
		found.rule = ruling.Deciding().Rule
		for _, finding := range ruling.Findings {
			if !finding.Verdict.Allows() {
				found.findings = append(found.findings, finding)
			}
		}
		found.leave = t.leaveFor(w, p, ruling)
	}
	if found.at.IsZero() {
		return found
	}
	p.At = found.at
	if p.At = t.turn(w, planned, p); p.At.After(found.at) && t.Rules.Evaluate(t.Standing, p).Allowed() {
		found.at = p.At
	}
	return found
}

// turn returns the moment in the window that a proposal lies in at which it is the turn of a step that was planned before
// that window opened, or that was held or halted until within it: the same however often it is asked, or an event in the window's first
// hour would let a message go at once, and the end of a hold on many loans all of theirs. What was planned in this window
// need not wait.
func (t *thoughts) turn(w want, planned time.Time, p compliance.Proposal) time.Time {
	now := p.At
	ready, free := t.ready(w, planned, p.Channel)
	if !free {
		return now
	}
	for p.At = later(ready, now.Add(-24*time.Hour)); !p.At.After(now); {
		opens, closes, ok := t.Rules.Window(t.Standing, p)
		held := ready.After(planned) && opens.Equal(ready)
		switch {
		case !ok || opens.After(now), closes.After(now) && opens.Equal(p.At) && !held:
			return now // it has been open all the while, or what is allowed now needs no window: who writes at night is answered at night
		case closes.After(now):
			return t.spread(w.key, opens, closes)
		}
		p.At = closes
	}
	return now
}

// channels returns the channels in the order in which they are tried.
func (t *thoughts) channels() []contact.Channel {
	order := append([]contact.Channel{t.Standing.Preferred}, t.Strategy.Channels...)
	var all []contact.Channel
	for _, c := range order {
		if c.Electronic() && slices.Contains(t.Served, c) && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}

// onDate returns the moment planned for a date of the contract: in the first third of the borrower's window, always the
// same for the same loan and step, and where it can be, on that date for the borrower too. A date without a window plans
// for its beginning, and leaves the rest to the rules.
func (t *thoughts) onDate(date bizclock.Date, key string) time.Time {
	p := compliance.Proposal{Purpose: contact.Collection, Channel: contact.SMS, Loans: []string{t.Journey.Loan}}
	if channels := t.channels(); len(channels) > 0 {
		p.Channel = channels[0]
	}
	begins, ends := date.In(t.zone), date.AddDays(1).In(t.zone)
	for _, common := range []struct{ from, until time.Time }{
		{later(begins, date.In(t.home)), earlier(ends, date.AddDays(1).In(t.home))},
		{begins, ends},
	} {
		p.At = common.from
		if opens, closes, ok := t.Rules.Window(t.Standing, p); ok && opens.Before(common.until) {
			if at := t.spread(key, opens, closes); at.Before(common.until) {
				return at
			}
			return t.spread(key, opens, common.until)
		}
	}
	return begins
}

// spread returns a moment in the first third of a window, by a stable hash, on a whole second.
func (t *thoughts) spread(key string, opens, closes time.Time) time.Time {
	hash := fnv.New64a()
	hash.Write([]byte(t.Journey.Loan + "/" + key))
	third := min(closes.Sub(opens), 24*time.Hour) / 3
	if third <= 0 {
		return opens
	}
	return opens.Add(time.Duration(hash.Sum64() % uint64(third))).Truncate(time.Second)
}

// step returns the step that carries out a want.
func (t *thoughts) step(w want, c Considered) journey.Step {
	s := journey.Step{
		Kind: w.kind, Key: w.key, At: c.At, Reason: w.reason, Purpose: w.purpose, Template: w.template, Before: w.lapses,
		Fill: w.fill, Plan: w.plan, Summary: w.key, Confirmation: w.confirms != "",
	}
	attempt, within := 30*time.Second, 24*time.Hour
	if !t.Journey.Clock.IsReal() {
		attempt, within = 2*time.Second, 20*time.Second
	}
	s.AttemptSeconds, s.WithinSeconds = int64(attempt/time.Second), int64(within/time.Second)
	switch w.kind {
	case journey.Send:
		s.Activity, s.Queue = journey.SendMessage, journey.OutreachQueue(c.Channel)
		s.Summary += " by " + string(c.Channel)
	case journey.Task:
		s.Activity, s.Queue, s.Rule = journey.AssignTask, journey.Queue, c.Rule
		s.Fill, s.Template = nil, ""
		if w.reason != ReasonNeedsApproval {
			waits := t.Strategy.Worklist.assign(w.reason, c.At)
			waits.Priority = min(waits.Priority+t.Strategy.Priority, mostPriority)
			s.Worklist = &waits
		}
	case journey.Tell:
		s.Activity, s.Queue = journey.TellLender, journey.Queue
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func is(want journey.Result) func(journey.Result) bool {
	return func(r journey.Result) bool { return r == want }
}

// attributes returns the search attributes that differ from those recorded last.
func (t *thoughts) attributes(d journey.Decision) []journey.Attribute {
	instant := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	since := time.Time{}
	if !t.status.PastDueSince.IsZero() {
		since = t.status.PastDueSince.In(t.zone)
	}
	var classes []string
	for _, h := range t.Standing.Holds {
		if h.Covers(t.Journey.Loan, h.Point, t.Now) && !slices.Contains(classes, string(h.Kind.Class())) {
			classes = append(classes, string(h.Kind.Class()))
		}
	}
	slices.Sort(classes)
	next := d.Step.At
	if d.Close {
		next = time.Time{}
	}
	all := []journey.Attribute{
		{Name: "Stage", Type: journey.Keyword, Value: string(d.Stage)},
		{Name: "Bucket", Type: journey.Keyword, Value: d.Bucket},
		{Name: "Jurisdiction", Type: journey.Keyword, Value: strings.ToLower(t.Jurisdiction)},
		{Name: "Strategy", Type: journey.Keyword, Value: t.Strategy.Name + "@" + t.Strategy.Version},
		{Name: "Holds", Type: journey.Keywords, Value: strings.Join(classes, ",")},
		{Name: "PastDueSince", Type: journey.Time, Value: instant(since)},
		{Name: "NextStepAt", Type: journey.Time, Value: instant(next)},
	}
	changed := slices.DeleteFunc(all, func(a journey.Attribute) bool { return t.Journey.Last.Attributes[a.Name] == a.Value })
	slices.SortFunc(changed, func(a, b journey.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return changed
}
