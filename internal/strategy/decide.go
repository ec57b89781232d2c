package strategy

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/message"
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
	// Complaint is the complaint that is accompanied, if it is no loan, and Regime what sets its clocks. InArrears is set when something is
	// overdue on a loan of who complains.
	Complaint *complaint.Case
	Regime    *complaint.Regime
	InArrears bool
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
	if f.Complaint != nil {
		if zone, ok := place(f.Complaint.Zone); ok {
			t.zone = zone
		}
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
	case t.Journey.Complaint != nil:
		return t.complaintStage()
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

// choose weighs what every thread of the journey wants next, and returns the earliest of what is allowed.
func (t *thoughts) choose() ([]Considered, journey.Step) {
	j := t.Journey
	switch {
	case j.Application != nil, j.Complaint != nil:
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
	case j.Complaint != nil && t.complaintOver():
		return considered, journey.Step{Kind: journey.CloseStep, Key: keyOf("over", j.Complaint.ID), At: t.Now, Reason: string(t.Complaint.How)}
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
	if app := t.Journey.Application; app != nil && t.assigned(keyOf(callback, app.ID)) {
		step.Reason = ReasonTaskOpen
	}
	if t.settled {
		return step // until a posting counts that is known already
	}
	if t.Journey.Complaint != nil {
		step.Reason = string(t.stage)
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
		s.Fill = said(w)
		s.Summary += " by " + string(c.Channel)
	case journey.Task:
		s.Activity, s.Queue, s.Rule = journey.AssignTask, journey.Queue, c.Rule
		s.Fill, s.Template = nil, ""
		if w.reason != ReasonNeedsApproval {
			waits := t.Strategy.Assign(w.reason, c.At)
			if t.Journey.Application != nil {
				waits.Until = earlier(waits.Until, w.lapses.UTC())
			}
			s.Worklist = &waits
		}
	case journey.Tell:
		s.Activity, s.Queue = journey.TellLender, journey.Queue
	case journey.Record:
		s.Activity, s.Queue, s.Event = journey.RecordEvent, journey.Queue, w.event
	}
	if t.Journey.Complaint != nil {
		s.About = t.Complaint.Loan
	}
	return s
}

// said is what a message says: what its template can name, and what the message of another loan would say of this one. A decision
// stands in every history, so nothing else is in it.
func said(w want) map[string]string {
	if w.fill == nil {
		return nil
	}
	fill := map[string]string{}
	for name, value := range w.fill {
		joins := w.purpose == contact.Collection && (name == "past_due" || name == "past_due_since")
		if name == "currency" || joins || message.Names(w.template, name) {
			fill[name] = value
		}
	}
	return fill
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
		if h.Covers(t.debt(), h.Point, t.Now) && !slices.Contains(classes, string(h.Kind.Class())) {
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
	all = append(all, t.complaintAttributes(d)...)
	changed := slices.DeleteFunc(all, func(a journey.Attribute) bool { return t.Journey.Last.Attributes[a.Name] == a.Value })
	slices.SortFunc(changed, func(a, b journey.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return changed
}
