package compliance

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/contact"
)

// Proposal is a contact that somebody would like to make.
type Proposal struct {
	At      time.Time       `json:"at"`
	Channel contact.Channel `json:"channel"`
	// Point is the contact point; none means the first usable one of the channel.
	Point   string          `json:"point,omitempty"`
	Purpose contact.Purpose `json:"purpose"`
	// Loans are the loans that the contact is about; none means all that the borrower has.
	Loans []string `json:"loans,omitempty"`
	// Recipient is who would be contacted; empty stands for the borrower. Discloses is what would be said to anybody else.
	Recipient contact.Recipient `json:"recipient,omitempty"`
	Discloses Disclosure        `json:"discloses,omitempty"`
	// Collector is the id of the agency or branch that would make it; empty stands for the lender.
	Collector string `json:"collector,omitempty"`
	// Step is the step of the journey that it carries out, for which a person may have given leave.
	Step string `json:"step,omitempty"`
	// Confirmation is set for the message that confirms an opt-out and says nothing else: one may follow each.
	Confirmation bool `json:"confirmation,omitempty"`
	// Carries is what the message is known to carry; nil when it is not written yet.
	Carries []Part `json:"carries,omitempty"`
	// Visit is how a visit would be made; rules about visits deny one of which nothing is known.
	Visit *VisitPlan `json:"visit,omitempty"`
}

// Finding is what one rule says about a proposal.
type Finding struct {
	// Rule is the rule's id after its rulebook's name, such as us-federal/call-frequency.
	Rule     string   `json:"rule"`
	Title    string   `json:"title"`
	Version  string   `json:"version"`
	Citation string   `json:"citation"`
	Strength Strength `json:"strength"`
	Verdict  Verdict  `json:"verdict"`
	// Why is a sentence for a person.
	Why string `json:"why"`
	// Until is the first instant, in UTC, at which this rule would allow the same contact; zero when it allows it now, or
	// would not by itself.
	Until time.Time `json:"until,omitzero"`
	// Count of Max contacts are used up, for rules that count.
	Count int `json:"count,omitempty"`
	Max   int `json:"max,omitempty"`
}

// Ruling is the answer to a proposal.
type Ruling struct {
	// Verdict is that of the deciding finding.
	Verdict Verdict `json:"verdict"`
	// NextAllowed is the first instant at or after the proposal's own, in UTC, at which the same proposal is allowed or only
	// warned about, if nothing happens until then; zero when there is none within [Foresight].
	NextAllowed time.Time `json:"next_allowed,omitzero"`
	// Findings are those of every rule that binds the proposal, the deciding one first.
	Findings []Finding `json:"findings"`
	// MustCarry and MustNotCarry are what rules about content say of the message.
	MustCarry    []Part `json:"must_carry,omitempty"`
	MustNotCarry []Part `json:"must_not_carry,omitempty"`
}

// Foresight is how far ahead the next allowed instant is looked for.
const Foresight = 400 * 24 * time.Hour

// Allowed reports whether the contact may be made.
func (r Ruling) Allowed() bool { return r.Verdict.Allows() }

// Deciding returns the worst finding, and of several as bad the one that lasts longest; nil when no rule was consulted.
func (r Ruling) Deciding() *Finding {
	if len(r.Findings) == 0 {
		return nil
	}
	return &r.Findings[0]
}

// Evaluate says whether a proposal is allowed at its instant, and when it will be.
func (r Rules) Evaluate(s contact.Standing, p Proposal) Ruling {
	e := r.gather(&s, p)
	defer e.done()
	ruling := Ruling{NextAllowed: e.proposal.At}
	var room [48]judged // few places have more rules, and none of this outlives the answer
	all := room[:0]
	never := false
	for _, rule := range e.rules {
		if !rule.inForce(e, e.proposal.At) {
			continue
		}
		j := rule.judge(e)
		if !j.verdict.Allows() {
			never = never || j.until.IsZero()
			ruling.NextAllowed = latest(ruling.NextAllowed, j.until)
		}
		if rule.Content != nil {
			ruling.carry(rule.Content)
		}
		all = append(all, j)
	}
	ruling.Findings = findings(all)
	ruling.Verdict = ruling.Findings[0].Verdict
	if !ruling.Allowed() {
		// None is out of the way earlier; but by then another one may be in it.
		next, found := e.firstFree(ruling.NextAllowed, e.binding()...)
		if ruling.NextAllowed = next; never || !found {
			ruling.NextAllowed = time.Time{}
		}
	}
	return ruling
}

// judged is what a rule says, before it is put into words.
type judged struct {
	rule    *Rule
	state   state
	verdict Verdict
	until   time.Time
	// approved is set where a person gave leave to do what the rule advises against.
	approved bool
}

// findings puts what rules say into words: first what stands in the way, the deciding one before all; what allows keeps its order.
func findings(all []judged) []Finding {
	var room [48]int16
	order := room[:0]
	for n := range all {
		if all[n].verdict != Allow {
			order = append(order, int16(n))
		}
	}
	slices.SortFunc(order, func(a, b int16) int { return worseFirst(&all[a], &all[b]) })
	for n := range all {
		if all[n].verdict == Allow {
			order = append(order, int16(n))
		}
	}
	found := make([]Finding, len(all))
	for n := range found {
		j, f := &all[order[n]], &found[n]
		rule := j.rule
		f.Rule, f.Title, f.Version, f.Citation, f.Strength = rule.ref, rule.Title, rule.version, rule.Citation, rule.Strength
		f.Verdict, f.Until, f.Count, f.Max = j.verdict, j.until, j.state.count, j.state.max
		if f.Why = rule.test.why(j.state); j.approved {
			f.Why += "; a person approved of it"
		}
	}
	return found
}

// worseFirst orders what stands in the way: the worst first, and of several as bad the one that lasts longest.
func worseFirst(a, b *judged) int {
	switch bySeverity := cmp.Compare(b.verdict.severity(), a.verdict.severity()); {
	case bySeverity != 0:
		return bySeverity
	case later(a.until, b.until):
		return -1
	case later(b.until, a.until):
		return 1
	case a.rule.ours() != b.rule.ours():
		return cmp.Compare(a.rule.ours(), b.rule.ours()) // the law speaks before our own decency says the same
	}
	return strings.Compare(a.rule.ref, b.rule.ref)
}

// ours is 1 for a rule of Tender's own rulebook, 0 for any other.
func (rule *Rule) ours() int {
	if strings.HasPrefix(rule.ref, "house/") {
		return 1
	}
	return 0
}

// judge says what a rule that is in force finds at the proposal's instant.
func (rule *Rule) judge(e *evaluation) judged {
	j := judged{rule: rule, state: rule.at(e, e.proposal.At), verdict: Allow}
	if !j.state.blocked {
		if e.approved(rule, e.proposal.At) {
			if s := rule.test.check(e, e.proposal.At); s.blocked {
				j.verdict, j.state, j.approved = Warn, s, true
			}
		}
		return j
	}
	if !j.state.free.IsZero() {
		j.until, _ = e.firstFree(j.state.free, rule)
	}
	switch {
	case rule.Strength == Soft:
		j.verdict = rule.Breach
	case j.until.IsZero():
		j.verdict = Deny
	default:
		j.verdict = Defer
	}
	return j
}

// at returns what a rule finds at an instant, its expiry taken into account.
func (rule *Rule) at(e *evaluation, t time.Time) state {
	s := rule.test.check(e, t)
	if s.blocked && (rule.answers(e, t) || e.approved(rule, t)) {
		return state{}
	}
	if s.blocked && rule.UnlessConsent != nil {
		lifted, from := rule.UnlessConsent.lifts(e, t)
		if lifted {
			return state{}
		}
		if !from.IsZero() && later(s.free, from) {
			s.free = from
		}
	}
	if !s.blocked || rule.Until.IsZero() {
		return s
	}
	for n := range e.zones {
		if z := &e.zones[n]; rule.covers(z.date(t.Unix())) {
			if expiry := instant(z.reach(t.Unix(), rule.untilDay)); later(s.free, expiry) {
				s.free = expiry
			}
		}
	}
	return s
}

// inForce reports whether a rule is in force at an instant. While the date differs between candidate zones, it is in
// force if it is in any of them.
func (rule *Rule) inForce(e *evaluation, t time.Time) bool {
	if rule.From.IsZero() && rule.Until.IsZero() {
		return true
	}
	for n := range e.zones {
		if date := e.zones[n].date(t.Unix()); rule.covers(date) {
			return true
		}
	}
	return false
}

// NextChange returns the first instant after another at which a rule comes into force, or ceases to be, in one of some candidate
// zones; zero when none does, or a zone is not known.
func (r Rules) NextChange(zones []string, t time.Time) (next time.Time) {
	for _, name := range zones {
		z, err := newZone(name)
		if err != nil {
			return time.Time{}
		}
		today := z.date(t.Unix())
		for _, rule := range r.rules {
			for _, date := range []struct {
				set bool
				day int32
			}{{!rule.From.IsZero(), rule.fromDay}, {!rule.Until.IsZero(), rule.untilDay}} {
				if !date.set || date.day <= today {
					continue
				}
				if at := instant(z.reach(t.Unix(), date.day)); next.IsZero() || at.Before(next) {
					next = at
				}
			}
		}
	}
	return next
}

func (rule *Rule) covers(date int32) bool {
	return (rule.From.IsZero() || date >= rule.fromDay) && (rule.Until.IsZero() || date < rule.untilDay)
}

// evaluation is a proposal with the facts that rules count, gathered once for all of them.
type evaluation struct {
	standing *contact.Standing
	// proposal is the one asked about, its instant in UTC and without a monotonic reading.
	proposal Proposal
	// limit is where searches end.
	limit time.Time
	// point is the contact point that would be used; empty when there is none.
	point string
	// recipient is who would be contacted; mayContact are those besides the borrower who may be.
	recipient  contact.Recipient
	mayContact []contact.Recipient
	// rules are those that bind the proposal's channel and purpose: Tender's own, and, if the zones are known, those of the rulebooks.
	rules []*Rule
	zones []zone
	// unknownZone says why zones are not known.
	unknownZone string
	// facts are the contacts that may count, for each zone, the latest date first.
	facts [][]fact
	// room is where they lie, borrowed for as long as the evaluation lasts.
	room *[]fact
	// places are the bits of the places of the borrower's contact points, in their order.
	places []mask
	// slots is the number of loans that are counted one by one.
	slots int
	// owed are the contacts that the borrower began on the proposal's channel and that were not replied to there, if the
	// proposal is a reply.
	owed []time.Time
}

// fact is one contact as rules count it.
type fact struct {
	bits mask
	// loans has a bit for each loan of the proposal that the contact was about, and anyLoan.
	loans uint64
	// date is the local one, as days since 1970-01-01; index is the contact's in the standing.
	date, index int32
}

const (
	// maxSlots is the number of loans that have a bit of their own; any further ones share the last, and are counted together.
	maxSlots = 63
	// anyLoan is the bit of every contact, for rules that do not count by loan.
	anyLoan = uint64(1) << maxSlots
)

// gather finds the rules that bind a proposal, and what they count.
func (r Rules) gather(s *contact.Standing, p Proposal) *evaluation {
	p.At = p.At.Round(0).UTC()
	e := &evaluation{standing: s, proposal: p, limit: horizonOf(s, p.At), point: usable(s, p), slots: min(max(len(p.Loans), 1), maxSlots)}
	e.recipient, e.mayContact = cmp.Or(p.Recipient, contact.ToBorrower), r.mayContact
	e.placeZones()
	e.placePoints()
	e.owed = e.unanswered()
	e.rules = make([]*Rule, 0, len(own)+len(r.rules))
	for _, rule := range own {
		if rule.OptOut == nil || !r.DespiteOptOut(p.Purpose) {
			e.rules = append(e.rules, rule)
		}
	}
	if e.unknownZone != "" {
		return e
	}
	bits := channelBit.of(p.Channel) | purposeBit.of(p.Purpose) | recipientBit.of(e.recipient) | e.placeOf(e.point)
	for _, rule := range r.rules {
		if bits&^rule.binds == 0 {
			e.rules = append(e.rules, rule)
		}
	}
	e.placeFacts(p.At.Add(-horizon(r.days)))
	return e
}

// horizonOf returns where searches end: at [Foresight], or some time after the last hold of which the end is known.
func horizonOf(s *contact.Standing, t time.Time) time.Time {
	limit := t.Add(Foresight)
	for _, h := range s.Holds {
		limit = latest(limit, h.Until.UTC().Add(Foresight/4))
	}
	return limit
}

// usable returns the contact point that a proposal would use.
func usable(s *contact.Standing, p Proposal) string {
	if p.Point == "" {
		point, _ := s.Usable(p.Channel)
		return point.ID
	}
	for _, point := range s.Points {
		if point.ID == p.Point && point.Channel == p.Channel && !point.Failed {
			return point.ID
		}
	}
	return ""
}

func (e *evaluation) placeZones() {
	if len(e.standing.Zones) == 0 {
		e.unknownZone = "no time zone of the borrower is known"
		return
	}
	e.zones = make([]zone, 0, len(e.standing.Zones))
	for _, name := range e.standing.Zones {
		z, err := newZone(name)
		if err != nil {
			e.zones, e.unknownZone = nil, err.Error()
			return
		}
		e.zones = append(e.zones, z)
	}
}

// placeFacts takes the contacts that may count, dated in every zone.
func (e *evaluation) placeFacts(since time.Time) {
	e.room = rooms.Get().(*[]fact)
	all := slices.Grow((*e.room)[:0], len(e.standing.Attempts)*len(e.zones))
	first := &e.zones[0]
	// Histories come in the order of time, and the latest shall stand first.
	for n := len(e.standing.Attempts) - 1; n >= 0; n-- {
		if a := &e.standing.Attempts[n]; !a.At.Before(since) {
			all = append(all, fact{bits: e.bitsOfContact(a), loans: e.loansOf(a), date: first.date(a.At.Unix()), index: int32(n)})
		}
	}
	count := len(all)
	for range e.zones[1:] {
		all = append(all, all[:count]...)
	}
	*e.room, e.facts = all, make([][]fact, len(e.zones))
	for n := range e.zones {
		facts := all[n*count : (n+1)*count : (n+1)*count]
		for i := range facts {
			if n > 0 {
				facts[i].date = e.zones[n].date(e.standing.Attempts[facts[i].index].At.Unix())
			}
		}
		latestFirst := func(a, b fact) int { return cmp.Compare(b.date, a.date) }
		if !slices.IsSortedFunc(facts, latestFirst) {
			slices.SortStableFunc(facts, latestFirst)
		}
		e.facts[n] = facts
	}
}

// rooms keep the space that facts take, for the next evaluation.
var rooms = sync.Pool{New: func() any { return new([]fact) }}

// done gives back what an evaluation borrowed; nothing may be asked of it any more.
func (e *evaluation) done() {
	if e.room != nil {
		rooms.Put(e.room)
		e.room, e.facts = nil, nil
	}
}

// loansOf returns the bits of the loans that a contact was about. One that names none, like a proposal that names none, is
// about all.
func (e *evaluation) loansOf(a *contact.Attempt) uint64 {
	if len(a.Loans) == 0 || len(e.proposal.Loans) == 0 {
		return ^uint64(0)
	}
	bits := anyLoan
	for n, loan := range e.proposal.Loans {
		if slices.Contains(a.Loans, loan) {
			bits |= 1 << min(n, maxSlots-1)
		}
	}
	return bits
}

// firstFree returns the first instant at or after t at which none of some rules stands in the way. Each rule names an
// instant before which it certainly still does, so the search leaps to the latest of them and asks again: it skips
// nothing and never steps. Beyond the limit it ends, not found, with an instant before which they still do; zero: for good.
func (e *evaluation) firstFree(t time.Time, rules ...*Rule) (free time.Time, found bool) {
	for !t.After(e.limit) {
		blocked, next := false, t
		for _, rule := range rules {
			if !rule.inForce(e, t) {
				continue
			}
			if s := rule.at(e, t); s.blocked {
				if !s.free.After(t) {
					return time.Time{}, false // also if a rule broke its word, since the borrower's lock is held meanwhile
				}
				blocked, next = true, latest(next, s.free)
			}
		}
		if !blocked {
			return t, true
		}
		t = next
	}
	return t, false
}

// binding returns the rules whose breach is more than a warning.
func (e *evaluation) binding() []*Rule {
	binding := make([]*Rule, 0, len(e.rules))
	for _, rule := range e.rules {
		if rule.Breach != Warn {
			binding = append(binding, rule)
		}
	}
	return binding
}

// approved reports whether a person gave leave, which holds at an instant, to do the proposal's step although a rule advises
// against it.
func (e *evaluation) approved(rule *Rule, t time.Time) bool {
	p := &e.proposal
	return rule.Breach == NeedsApproval && p.Step != "" && slices.ContainsFunc(e.standing.Approvals, func(a contact.Approval) bool {
		return a.Rule == rule.ref && a.Step == p.Step && slices.Contains(p.Loans, a.Loan) && t.Before(a.Until)
	})
}

// forever lies after everything that is recorded.
var forever = time.Unix(1<<40, 0)

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Window returns the first interval [from, until) at or after the proposal's instant in which the windows of all
// rules are open in all candidate zones, a day long at most; not ok when a zone is unknown or the windows never meet. Sends
// that are due at once are spread over it. Counters, holds and wishes play no part.
func (r Rules) Window(s contact.Standing, p Proposal) (from, until time.Time, ok bool) {
	e := r.gather(&contact.Standing{Zones: s.Zones, Points: s.Points}, p)
	defer e.done()
	if e.unknownZone != "" {
		return time.Time{}, time.Time{}, false
	}
	windows := slices.DeleteFunc(e.rules, func(rule *Rule) bool { return rule.Window == nil || rule.Breach == Warn })
	if from, ok = e.firstFree(e.proposal.At, windows...); !ok {
		return time.Time{}, time.Time{}, false
	}
	end := from.Add(24 * time.Hour)
	for until = from; until.Before(end); {
		if open, _ := e.firstFree(until, windows...); !open.Equal(until) {
			break
		}
		until = e.mayShut(until, end, windows)
	}
	return from, until, true
}

// mayShut returns an instant before which none of some windows that are open at t shuts, end at the latest.
func (e *evaluation) mayShut(t, end time.Time, windows []*Rule) time.Time {
	for _, rule := range windows {
		for n := range e.zones {
			z := &e.zones[n]
			sec := end.Unix()
			if rule.inForce(e, t) {
				sec, _ = rule.Window.next(z, t.Unix(), false, end.Unix())
			} else if date := z.date(t.Unix()); !rule.From.IsZero() && date < rule.fromDay {
				sec = z.reach(t.Unix(), rule.fromDay)
			}
			if at := instant(sec); at.After(t) && at.Before(end) {
				end = at
			}
		}
	}
	return end
}
