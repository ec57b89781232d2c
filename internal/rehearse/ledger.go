package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// ledger is what Postgres knows in an installation: one borrower, and the contacts, holds, wishes, tasks and requests about them.
type ledger struct {
	borrower, loan string
	now            time.Time
	name, language string
	jurisdiction   string
	zones          []string
	preferred      contact.Channel
	points         []point
	wishes         []contact.Wish
	blackouts      []contact.Blackout
	consents       []contact.Consent
	holds          []hold
	contacts       []made
	requests       []request
	marks          []contact.Mark
	tasks          []*task
	hardship       event.Hardship
	watermark      bizclock.Date
	answered       map[string]bool
	// complaints are by id; merged says of what else they were raised as which one it is.
	complaints map[string]*complaint.Case
	merged     map[string]string
}

// point is a contact point, with its address.
type point struct {
	contact.Point
	address string
}

// hold is a hold, with when it was released.
type hold struct {
	contact.Hold
	released time.Time
}

// made is a contact, with its step and its code when it never left.
type made struct {
	contact.Attempt
	step, code string
}

// request is one for approval.
type request struct {
	id    string
	rules []string
	holds time.Time
	contact.ApprovalRequest
}

// task waits for a person.
type task struct {
	id, step, reason, rule, contact string
	purpose                         contact.Purpose
	calls, done, aged, given        bool // given: no step asked for it
	tries, most, attempt            int
	until                           time.Time
}

// home is the first time zone in which the borrower may be; UTC when none is known.
func (l *ledger) home() *time.Location {
	for _, name := range l.zones {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

// standing is what rules and strategy may know of reaching the borrower.
func (l *ledger) standing() contact.Standing {
	s := contact.Standing{
		Borrower: l.borrower, Language: l.language, Zones: l.zones, Preferred: l.preferred, Wishes: slices.Clone(l.wishes),
		Blackouts: slices.Clone(l.blackouts), Marks: slices.Clone(l.marks),
	}
	for _, p := range l.points {
		s.Points = append(s.Points, p.Point)
	}
	slices.SortFunc(s.Points, func(a, b contact.Point) int {
		return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
	})
	for _, h := range l.holds {
		if h.released.IsZero() {
			s.Holds = append(s.Holds, h.Hold)
		}
	}
	for _, c := range l.contacts {
		if c.Disposition != "" || c.code == "" {
			s.Attempts = append(s.Attempts, c.Attempt)
		}
	}
	slices.SortStableFunc(s.Attempts, func(a, b contact.Attempt) int { return a.At.Compare(b.At) })
	for _, c := range l.consents {
		for _, w := range l.wishes { // a later opt-out takes it back
			if !w.Allowed && !w.At.Before(c.GivenAt) && fits(w.Channel, c.Channel) && fits(w.Point, c.Point) && (c.RevokedAt.IsZero() || w.At.Before(c.RevokedAt)) {
				c.RevokedAt = w.At
			}
		}
		s.Consents = append(s.Consents, c)
	}
	for _, r := range l.requests {
		for _, rule := range r.rules {
			if r.Answer == contact.Granted {
				s.Approvals = append(s.Approvals, contact.Approval{Loan: l.loan, Step: r.Step, Rule: rule, Until: r.holds})
			}
		}
	}
	return s
}

func fits[T ~string](a, b T) bool { return a == "" || b == "" || a == b }

// pauses are the holds that there ever were, released ones with their end.
func (l *ledger) pauses() (all []contact.Hold) {
	for _, h := range l.holds {
		if h.Point != "" || h.Loan != "" && h.Loan != l.loan {
			continue
		}
		pause := contact.Hold{ID: h.ID, Kind: h.Kind, From: h.From, Until: h.Until}
		if !h.released.IsZero() && (pause.Until.IsZero() || h.released.Before(pause.Until)) {
			pause.Until = h.released
		}
		all = append(all, pause)
	}
	slices.SortStableFunc(all, func(a, b contact.Hold) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID)) })
	return all
}

func (l *ledger) asked() (all []contact.ApprovalRequest) {
	for _, r := range l.requests {
		all = append(all, r.ApprovalRequest)
	}
	return all
}

func (l *ledger) hasPoint(id string) bool {
	return slices.ContainsFunc(l.points, func(p point) bool { return p.ID == id })
}

// update replaces the particulars that are given.
func (l *ledger) update(p *event.Borrower) {
	l.name, l.language = cmp.Or(p.Name, l.name), cmp.Or(p.Language, l.language, "en")
	l.jurisdiction, l.preferred = cmp.Or(p.Jurisdiction, l.jurisdiction), cmp.Or(p.Preferred, l.preferred)
	if p.TimeZones != nil {
		l.zones = p.TimeZones
	}
	for _, given := range p.Points {
		one := point{contact.Point{ID: given.ID, Channel: given.Channel, Rank: given.Rank, Place: given.Place}, given.Address}
		n := slices.IndexFunc(l.points, func(p point) bool { return p.ID == given.ID })
		if n < 0 {
			l.points = append(l.points, one)
			continue
		}
		one.Failed = l.points[n].Failed && l.points[n].address == given.Address
		l.points[n] = one
	}
	if p.Not != nil {
		l.blackouts = nil
		for _, t := range *p.Not {
			l.blackouts = append(l.blackouts, contact.Blackout{Channel: t.Channel, Point: t.Point, Days: t.Days, From: t.From, To: t.To, At: l.now})
		}
	}
}

// place places a hold, or changes one that is the same but for its dates.
func (l *ledger) place(h contact.Hold, again bool) error {
	n := slices.IndexFunc(l.holds, func(there hold) bool { return there.ID == h.ID })
	switch {
	case n < 0:
		l.holds = append(l.holds, hold{Hold: h})
	case l.holds[n].Kind != h.Kind || l.holds[n].Loan != h.Loan || l.holds[n].Point != h.Point:
		return fmt.Errorf("hold: %s is the id of another hold of this borrower; give the new one an id of its own", h.ID)
	case again || !l.holds[n].released.IsZero():
		l.holds[n] = hold{Hold: h}
	}
	return nil
}

// release ends a hold; for a dispute the one that it placed. It reports whether there is one, and which loan it is about.
func (l *ledger) release(what, id string) (about string, found bool) {
	ids := []string{id, event.DisputeHold(l.loan, id)}
	if what == "dispute" {
		slices.Reverse(ids)
	}
	for _, id := range ids {
		for n, h := range l.holds {
			if h.ID == id && (what != "dispute" || h.Kind == contact.DisputeOpen) {
				if h.released.IsZero() {
					l.holds[n].released = l.now
				}
				return h.Loan, true
			}
		}
	}
	return "", false
}

func (l *ledger) died() error {
	return l.place(contact.Hold{ID: event.DeathHold(l.borrower), Kind: contact.DeceasedHold, From: l.now}, false)
}

// failPoint has a contact point never used again.
func (l *ledger) failPoint(id string) {
	for n := range l.points {
		l.points[n].Failed = l.points[n].Failed || l.points[n].ID == id
	}
}

// outcome notes what came of a contact, with what follows from it at once.
func (l *ledger) outcome(key string, d contact.Disposition) error {
	for n := range l.contacts {
		c := &l.contacts[n]
		if c.Key != key {
			continue
		}
		c.Disposition = d
		switch d {
		case contact.WrongNumber, contact.NotInService:
			l.failPoint(c.Point)
		case contact.Deceased:
			return l.died()
		}
	}
	return nil
}

// openSurvey is the last survey that the borrower was asked and has not answered.
func (l *ledger) openSurvey(since time.Time) (made, bool) {
	for _, c := range slices.Backward(l.contacts) {
		if c.Purpose == contact.Survey && c.Direction == contact.Outbound && !c.At.Before(since) && !l.answered[c.Key] {
			return c, true
		}
	}
	return made{}, false
}

// lastTask is the last task that a step became.
func (l *ledger) lastTask(step string) *task {
	for _, t := range slices.Backward(l.tasks) {
		if t.step == step {
			return t
		}
	}
	return nil
}

// expires is the task whose time is over first, of those that nobody did. When the journey is over only those count that no step of it
// asked for.
func (l *ledger) expires(over bool) (first *task) {
	for _, t := range l.tasks {
		if !t.done && !t.until.IsZero() && (t.given || !over) && (first == nil || t.until.Before(first.until)) {
			first = t
		}
	}
	return first
}

// assign puts a step on the worklist.
func (l *ledger) assign(step journey.Step, rule string) *task {
	waits := step.Worklist
	if waits == nil {
		byReason := strategy.Assign(step.Reason, l.now)
		waits = &byReason
	}
	t := &task{
		id: "t" + strconv.Itoa(len(l.tasks)+1), step: step.Key, reason: step.Reason, rule: rule, calls: step.Purpose != "",
		purpose: cmp.Or(step.Purpose, strategy.CallPurpose(step.Reason)), most: waits.Tries, until: waits.Until, attempt: 1,
	}
	if last := l.lastTask(step.Key); last != nil {
		t.attempt = last.attempt + 1
	}
	l.tasks = append(l.tasks, t)
	return t
}

// give gives a person something to do that no step asks for: what an event says that was the how manieth. The date sets its step apart.
func (l *ledger) give(how *strategy.Strategy, reason string, number int64) {
	waits := how.Assign(reason, l.now)
	l.tasks = append(l.tasks, &task{
		id: fmt.Sprintf("%s-%d", reason, number), step: reason + "@" + l.now.UTC().Format(time.DateOnly), reason: reason, given: true,
		purpose: strategy.CallPurpose(reason), most: waits.Tries, until: waits.Until, attempt: 1,
	})
}

// giveAgain has a task that no step asked for, and that nobody did in time, done by somebody else.
func (l *ledger) giveAgain(how *strategy.Strategy, t *task) {
	if !t.given || !strategy.GivenAgain(t.reason, t.attempt) {
		return
	}
	again, first := *t, t.id
	if t.attempt > 1 {
		first = strings.TrimSuffix(first, fmt.Sprintf("-%d", t.attempt))
	}
	again.attempt++
	again.id, again.until = fmt.Sprintf("%s-%d", first, again.attempt), how.Assign(t.reason, l.now).Until
	again.done, again.aged, again.tries, again.contact = false, false, 0, ""
	l.tasks = append(l.tasks, &again)
}

// call takes what a person did with a task.
func (l *ledger) call(t *task, p *event.Call) error {
	telephone := p.Point
	worked := strategy.Worked{Done: t.done, Tries: t.tries, Most: t.most, Again: slices.ContainsFunc(l.points, func(other point) bool {
		return other.Channel == contact.Call && other.ID != telephone && !other.Failed
	})}
	switch {
	case p.Disposition == contact.Callback && t.done:
		return fmt.Errorf("data.disposition: the task has ended by then, and nobody is called back about it")
	case p.CallbackAt.After(l.now.Add(strategy.CalledBackAhead)):
		return fmt.Errorf("data.callback_at: lies more than %d days ahead", strategy.CalledBackAhead/(24*time.Hour))
	case !p.CallbackAt.IsZero() && !p.CallbackAt.After(l.now):
		return fmt.Errorf("data.callback_at: has passed by then")
	}
	if p.Disposition == "" && t.calls && t.rule == "" && !t.done {
		return fmt.Errorf("data.disposition: is missing; say what came of the call")
	}
	p.Then = worked.Then(p.Disposition)
	if p.Disposition != "" {
		if err := l.outcome(l.countCall(t, p), p.Disposition); err != nil {
			return err
		}
	}
	switch p.Then {
	case event.TaskDone, event.TaskUnreachable:
		t.done = true
	case event.TaskAgain:
		l.retry(t, p)
	}
	return l.said(p)
}

// countCall counts a call as a contact, and says which one it is. Of a task that has ended another conclusion corrects that of the
// same call.
func (l *ledger) countCall(t *task, p *event.Call) (key string) {
	if t.done && p.Then != event.TaskNoted && t.contact != "" {
		return t.contact
	}
	key = fmt.Sprintf("%s-%d", t.id, len(l.contacts)+1)
	l.contacts = append(l.contacts, made{step: t.step, Attempt: contact.Attempt{
		Key: key, At: l.now, Channel: contact.Call, Point: p.Point, Direction: contact.Outbound,
		Purpose: cmp.Or(t.purpose, contact.Collection), Loans: []string{l.loan},
	}})
	if p.Then != event.TaskNoted {
		t.contact = key
	}
	return key
}

// retry puts a task back on the list.
func (l *ledger) retry(t *task, p *event.Call) {
	switch p.Disposition {
	case contact.Callback:
		from := p.CallbackAt
		if from.IsZero() {
			from = l.now.Add(strategy.AfterCall(p.Disposition))
		}
		if until := from.Add(strategy.CallableFor); !t.until.IsZero() && until.After(t.until) {
			t.until = until
		}
		at := ""
		if l.hasPoint(p.Point) {
			at = p.Point
		}
		l.consents = append(l.consents, contact.Consent{
			Channel: contact.Call, Point: at, Purpose: t.purpose, GivenAt: l.now, GivenTo: contact.ToCollector, ExpiresAt: from.Add(strategy.CalledBackWithin),
		})
	case contact.WrongNumber, contact.NotInService:
	default:
		t.tries++
	}
}

// said applies what the borrower said in a call.
func (l *ledger) said(p *event.Call) error {
	if p.Complaint != nil {
		l.marks = append(l.marks, contact.Mark{Kind: contact.ComplaintMark, Loan: l.loan, At: l.now})
	}
	if p.Hardship != nil {
		l.hardship = *p.Hardship
	}
	if p.Refusal == event.RefusesCalls {
		l.wishes = append(l.wishes, contact.Wish{Channel: contact.Call, At: l.now})
	}
	if p.Dispute != nil {
		l.marks = append(l.marks, contact.Mark{Kind: contact.DisputeMark, Loan: l.loan, At: l.now})
		return l.place(contact.Hold{ID: event.DisputeHold(l.loan, p.Dispute.Dispute), Kind: contact.DisputeOpen, Loan: l.loan, From: l.now}, false)
	}
	return nil
}

// treatment is the name of a step's treatment.
func treatment(step string) string {
	name, _, _ := strings.Cut(step, "@")
	return name
}
