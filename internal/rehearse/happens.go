package rehearse

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/strategy"
)

// taking is an event on its way into the ledger.
type taking struct {
	kind    event.Type
	about   event.Subject
	subject string
	payload event.Payload
	// source is who sent it.
	source string
	// told is set when the journey is told of it.
	told bool
	// follows are events that follow from it, and person is the reason of the task in which a person has to read it; empty when nobody has.
	follows []reply.Following
	person  string
	// today is the date of a reply where the borrower is, asked the step that asked what it may answer, and said what it answers.
	today bizclock.Date
	asked string
	said  event.Answer
}

// happen lets one thing happen.
func (l *life) happen(h happening) error {
	payload, err := l.payloadOf(h)
	if err != nil {
		return l.scenario.file.Errorf(h.path, "%s: %v", h.at.Format("2006-01-02 15:04"), err)
	}
	about, subject := event.LoanSubject, l.loan
	switch {
	case h.kind == event.LedgerWatermark:
		about, subject = event.NoSubject, ""
	case h.About == event.BorrowerSubject:
		about, subject = event.BorrowerSubject, l.borrower
	}
	l.tell(Line{Kind: Happened, Event: h.kind, Note: h.note()})
	if err := l.take(&taking{kind: h.kind, about: about, subject: subject, payload: payload}, "lender"); err != nil {
		return l.scenario.file.Errorf(h.path, "%s: %v", h.at.Format("2006-01-02 15:04"), err)
	}
	return nil
}

// note says of a happening what a reader wants to know of it.
func (h happening) note() string {
	switch {
	case h.Pays != "":
		return "paid " + h.Pays
	case h.Writes != "":
		return fmt.Sprintf("by %s: %q", h.By, h.Writes)
	case h.Called != "":
		return fmt.Sprintf("%s: %v", h.Called, h.Data["disposition"])
	case h.Approved != "":
		return h.Approved
	case h.Refused != "":
		return h.Refused
	}
	return h.Undelivered
}

// payloadOf reads the payload of what happens, which may depend on what was done before.
func (l *life) payloadOf(h happening) (event.Payload, error) {
	data := h.data
	var fields map[string]any
	switch {
	case h.Called != "":
		t := l.lastTask(h.Called)
		if t == nil {
			return nil, fmt.Errorf("called: nobody was given a task of the step %s by then", h.Called)
		}
		if t.aged {
			return nil, fmt.Errorf("called: the task of the step %s has aged out by then", h.Called)
		}
		fields = h.with("task", t.id)
	case h.Approved != "", h.Refused != "":
		step := h.Approved + h.Refused
		for _, r := range l.requests {
			if r.Step == step && r.Open(l.now) {
				fields = map[string]any{"approval": r.id}
			}
		}
		if fields == nil {
			return nil, fmt.Errorf("nobody was asked to approve of the step %s, or it can be answered no more", step)
		}
	case h.Undelivered != "":
		for _, c := range l.contacts {
			if c.step == h.Undelivered && c.Disposition.Made() {
				fields = map[string]any{"contact": c.Key}
			}
		}
		if fields == nil {
			return nil, fmt.Errorf("undelivered: no message of the step %s left by then", h.Undelivered)
		}
	}
	if fields != nil {
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		data = text
	}
	return event.Decode(h.kind, data)
}

// take keeps an event, and what follows from it, and from that, in the order in which the door keeps them.
func (l *life) take(t *taking, source string) error {
	if err := l.keep(t, source); err != nil {
		return err
	}
	for waiting := t.follows; len(waiting) > 0; {
		f := waiting[0]
		l.tell(Line{Kind: Followed, Event: f.Type})
		next := &taking{kind: f.Type, about: f.About, subject: f.Subject, payload: f.Payload}
		if err := l.keep(next, "tender"); err != nil {
			return err
		}
		waiting = append(waiting[1:], next.follows...)
	}
	return nil
}

// keep keeps one event, applies what binds at once, and tells the journey.
func (l *life) keep(t *taking, source string) error {
	t.told = t.kind.ToldToJourneys() && (t.about == event.LoanSubject && t.kind != event.TaskExpired || !l.over)
	t.source = source
	l.taken++
	number := l.taken
	switch p := t.payload.(type) {
	case *event.Reply:
		l.understand(p, t)
	case *event.SurveyAnswer:
		if p.Remark != "" && len(p.Means) == 0 {
			p.Means = reply.Understand(p.Remark, bizclock.DateOf(l.now.UTC())).Intents
		}
	}
	if err := l.bind(t, number); err != nil {
		return err
	}
	if t.told {
		if err := l.deliver(t, source, number); err != nil {
			return err
		}
	}
	if t.person != "" {
		l.toPerson(t.person, number)
	}
	return nil
}

// deliver tells the journey of an event, or keeps it until somebody is there to hear it.
func (l *life) deliver(t *taking, source string, number int64) error {
	payload := t.payload
	if release, ok := payload.(*event.HoldRelease); ok {
		payload = release.Told()
	}
	public, err := event.Public(payload)
	if err != nil {
		return err
	}
	e := event.Event{
		Source: source, ID: fmt.Sprintf("e-%d", number), Type: t.kind, Loan: l.loan, Number: l.numbered + 1, At: l.now.UTC(),
		Data: event.Told(t.kind, public),
	}
	if !l.facts.Journey.Disbursed.IsZero() {
		var wrong *event.Error
		if err := l.facts.Journey.Accepts(e); errors.As(err, &wrong) {
			return fmt.Errorf("%s: %s", wrong.Field, wrong.Reason)
		}
	}
	l.numbered++
	l.unheard = append(l.unheard, e)
	return nil
}

// understand says what a reply means, on the date on which the borrower wrote it.
func (l *life) understand(p *event.Reply, t *taking) {
	today := bizclock.DateOf(l.now.In(l.home()))
	reply.Understand(p.Text, today).Tell(p)
	t.today = today
	if p.Answer != "" {
		t.asked = l.askedLast(l.now.Add(-reply.AskedFor))
		t.said = reply.Answered(p, t.asked)
	}
	score, remark := reply.Rating(p.Text)
	if p.Intent == event.IntentStop || score == 0 {
		return
	}
	if open, found := l.openSurvey(l.now.Add(-reply.SurveyOpen)); found {
		answer := reply.Rated(p, score, remark, reply.Understand(remark, today), open.step, open.Key)
		t.follows = append(t.follows, reply.Following{Type: event.SurveyAnswered, About: event.LoanSubject, Subject: l.loan, Payload: answer})
	}
}

// bind applies what the ledger owns.
func (l *life) bind(t *taking, number int64) error {
	switch p := t.payload.(type) {
	case *event.Disbursement:
		l.update(&p.Borrower)
	case *event.Borrower:
		l.update(p)
	case *event.Watermark:
		if p.Through.After(l.watermark) {
			l.watermark = p.Through
		}
	case *event.Reply:
		l.replied(p, t, number)
	case *event.Consent:
		if err := l.wants(contact.Wish{Allowed: true, Channel: p.Channel, Point: p.Point, Purpose: p.Purpose, Until: p.ExpiresAt}); err != nil {
			return err
		}
		l.consents = append(l.consents, contact.Consent{
			Channel: p.Channel, Point: p.Point, Purpose: p.Purpose, GivenAt: l.now, GivenTo: p.GivenTo, Written: p.Written, ExpiresAt: p.ExpiresAt,
		})
	case *event.Revocation:
		return l.wants(contact.Wish{Channel: p.Channel, Point: p.Point})
	case *event.Death:
		if p.On.After(bizclock.DateOf(l.now.In(lastZone))) {
			return fmt.Errorf("data.on: %s has not come yet", p.On)
		}
		return l.died()
	case *event.HoldPlacement:
		return l.placeHold(p, t)
	case *event.HoldRelease:
		return l.releaseHold("hold", p.Hold, t)
	case *event.DisputeResolution:
		return l.releaseHold("dispute", p.Dispute, t)
	case *event.Dispute:
		l.marks = append(l.marks, contact.Mark{Kind: contact.DisputeMark, Loan: loanOf(t), At: l.now})
		return l.place(contact.Hold{ID: event.DisputeHold(l.loan, p.Dispute), Kind: contact.DisputeOpen, Loan: l.loan, From: l.now}, false)
	case *event.Complaint:
		l.marks = append(l.marks, contact.Mark{Kind: contact.ComplaintMark, Loan: loanOf(t), At: l.now})
		return l.complained(p, t)
	case *event.ComplaintClosing:
		return l.closedComplaint(p, t)
	case *event.HardshipRefusal:
		l.marks = append(l.marks, contact.Mark{Kind: contact.HardshipRefusedMark, Loan: loanOf(t), At: l.now})
	case *event.Hardship:
		l.ledger.hardship = *p
	case *event.Approval:
		return l.answer(p.Approval, contact.Granted, p.Until)
	case *event.ApprovalRefusal:
		return l.answer(p.Approval, contact.ApprovalRefused, time.Time{})
	case *event.Contact:
		return l.recordContact(p, number)
	case *event.Call:
		for _, task := range l.tasks {
			if task.id == p.Task {
				if err := l.call(task, p); err != nil {
					return err
				}
				l.saidOfLoan(t, p, number)
				return nil
			}
		}
		return fmt.Errorf("data.task: there is none of that id; say called, with the step, instead")
	case *event.Expiry:
		for _, task := range l.tasks {
			if task.id == p.Task {
				task.done, task.aged = true, true
				l.giveAgain(l.tier(), task)
				break
			}
		}
	case *event.Receipt:
		return l.receipt(p, t)
	case *event.SurveyAnswer:
		l.surveyed(p, t, number)
	}
	return nil
}

// lastZone is where a date begins first.
var lastZone = time.FixedZone("UTC+14", 14*60*60)

// loanOf is the loan that an event names; none when it is about the borrower.
func loanOf(t *taking) string {
	if t.about == event.LoanSubject {
		return t.subject
	}
	return ""
}

func (l *life) wants(w contact.Wish) error {
	if w.Point != "" && !l.hasPoint(w.Point) {
		return fmt.Errorf("data.point: %s is no contact point of the borrower; leave it out to mean all", w.Point)
	}
	w.At = l.now
	l.wishes = append(l.wishes, w)
	return nil
}

// replied notes that the borrower began a contact, and works out what follows from what they wrote.
func (l *life) replied(p *event.Reply, t *taking, number int64) {
	if p.Intent == event.IntentStop {
		l.wishes = append(l.wishes, contact.Wish{At: l.now})
		t.told = true // the journey that has ended confirms it
	}
	l.contacts = append(l.contacts, made{Attempt: contact.Attempt{
		Key: fmt.Sprintf("in-%d", number), At: l.now, Channel: p.Channel, Point: p.Point, Direction: contact.Inbound, Purpose: contact.Reply,
		Disposition: contact.Delivered, Loans: []string{l.loan},
	}})
	about := reply.Concerns{
		Number: number, About: t.about, Subject: t.subject, Borrower: l.borrower, At: l.now, Currency: l.facts.Journey.Contract.Currency,
		Today: t.today, Asked: t.asked, Said: t.said,
	}
	if p.Has(event.WrongPerson) && p.Point == "" {
		for _, point := range l.points {
			if point.Channel == p.Channel {
				about.Points = append(about.Points, point.ID)
			}
		}
	}
	if t.told {
		about.Loans = []string{l.loan}
	}
	about.Unreachable = p.Has(event.Prefers) && p.Wants != "" &&
		!slices.ContainsFunc(l.points, func(there point) bool { return there.Channel == p.Wants })
	if owed, err := decimal.Parse(l.why.PastDue); err == nil {
		about.PastDue = owed
	}
	if owed, err := decimal.Parse(l.why.Outstanding); err == nil {
		about.Outstanding = owed
	}
	follows, person := reply.Follow(p, about)
	t.follows, t.person = append(t.follows, follows...), reply.TaskReason(p, person)
}

// askedLast is the step by which the borrower was last asked something that yes or no answers.
func (l *life) askedLast(since time.Time) (step string) {
	var last time.Time
	for _, c := range l.contacts {
		asks := treatment(c.step) == journey.PlanOffer || treatment(c.step) == event.PromiseNoted
		if asks && c.Direction == contact.Outbound && !c.At.Before(since) && c.At.After(last) {
			step, last = c.step, c.At
		}
	}
	return step
}

func (l *life) placeHold(p *event.HoldPlacement, t *taking) error {
	h := contact.Hold{ID: p.Hold, Kind: p.Kind, Loan: loanOf(t), Point: p.Point, From: p.From, Until: p.Until}
	if h.From.IsZero() {
		h.From = l.now
	}
	switch {
	case p.Point != "" && !l.hasPoint(p.Point):
		return fmt.Errorf("data.point: %s is no contact point of the borrower; leave it out to mean all", p.Point)
	case !h.Until.IsZero() && !h.Until.After(h.From):
		return fmt.Errorf("data.until: does not lie after the hold begins, so it would bind nothing; send a later one, or leave it out")
	case p.Kind == contact.WrongNumberHold && p.Point == "":
		return fmt.Errorf("data.point: is missing; a hold wrong_number is about one contact point")
	}
	return l.place(h, true)
}

func (l *life) releaseHold(what, id string, t *taking) error {
	about, found := l.release(what, id)
	if !found {
		return fmt.Errorf("data.%s: there is no %s of the id %s by then", what, what, id)
	}
	t.told = about != "" || !l.over || t.about == event.LoanSubject
	return nil
}

func (l *life) answer(id string, answer contact.ApprovalAnswer, until time.Time) error {
	for n := range l.requests {
		r := &l.requests[n]
		if r.id != id {
			continue
		}
		if !r.Open(l.now) {
			return fmt.Errorf("data.approval: it can be answered no more")
		}
		if r.Answer, r.holds = answer, until; until.IsZero() {
			r.holds = l.now.Add(contact.ApprovedFor)
		}
		return nil
	}
	return fmt.Errorf("data.approval: there is no request of that id; say approved or refused, with the step, instead")
}

// recordContact counts a contact that was made elsewhere.
func (l *life) recordContact(p *event.Contact, number int64) error {
	at := p.Point
	if !l.hasPoint(at) {
		at = ""
	}
	key := fmt.Sprintf("ext-%d", number)
	loans := p.Loans
	if len(loans) == 0 {
		loans = []string{l.loan}
	}
	l.contacts = append(l.contacts, made{Attempt: contact.Attempt{
		Key: key, At: l.now, Channel: p.Channel, Point: at, Direction: p.Direction, Purpose: p.Purpose, Loans: loans, Recipient: p.Recipient,
		Consented: p.Consented, Collector: p.Collector,
	}})
	return l.outcome(key, p.Disposition)
}

// receipt notes what a provider says became of a message.
func (l *life) receipt(p *event.Receipt, t *taking) error {
	for _, c := range l.contacts {
		if c.Key != p.Contact {
			continue
		}
		if t.kind == event.MessageDelivered {
			return l.outcome(c.Key, contact.Delivered)
		}
		t.told = !l.over // no journey that has ended sends it again
		if p.Permanent {
			l.failPoint(c.Point)
		}
		return l.outcome(c.Key, contact.Bounced)
	}
	return fmt.Errorf("data.contact: there is none of that key; say undelivered, with the step, instead")
}

// tier is the strategy as it is for the loan's segment.
func (l *life) tier() *strategy.Strategy {
	if tier, there := l.facts.Strategy.Tier(l.why.Segment); there {
		return tier
	}
	return l.facts.Strategy
}

// toDo says what a person has to do for whom no step asked.
var toDo = map[string]string{
	strategy.ReasonReply:  "a person reads what the borrower wrote",
	strategy.ReasonFraud:  "a person looks into what the borrower claims",
	strategy.ReasonSurvey: "a person asks what went wrong",
}

// toPerson gives a person something to do that no step asks for.
func (l *life) toPerson(reason string, number int64) {
	l.give(l.tier(), reason, number)
	l.tell(Line{Kind: Person, Reason: reason, Note: toDo[reason]})
}

// saidOfLoan applies what follows from what was said in a call.
func (l *life) saidOfLoan(t *taking, p *event.Call, number int64) {
	also := func(kind event.Type, payload event.Payload) {
		t.follows = append(t.follows, reply.Following{Type: kind, About: event.LoanSubject, Subject: l.loan, Payload: payload})
	}
	if p.Complaint != nil {
		raised := *p.Complaint
		raised.Origin, raised.Channel, raised.Due = complaint.FromCall, contact.Call, bizclock.Date{}
		also(event.ComplaintRaised, &raised)
	}
	if p.Fraud {
		also(event.HoldPlaced, reply.FraudHold(fmt.Sprintf("call-%d", number)))
		l.toPerson(strategy.ReasonFraud, number)
	}
}

// surveyed takes the answer to a survey.
func (l *life) surveyed(p *event.SurveyAnswer, t *taking, number int64) {
	l.answered[p.Contact] = true
	stop := slices.Contains(p.Means, event.Stop)
	if stop {
		l.wishes = append(l.wishes, contact.Wish{At: l.now})
	}
	switch {
	case slices.Contains(p.Means, event.Complains):
		if t.source != "tender" { // of a number that was written the reply's own complaint is raised
			t.follows = append(t.follows, reply.Following{
				Type: event.ComplaintRaised, About: event.LoanSubject, Subject: l.loan,
				Payload: &event.Complaint{Complaint: fmt.Sprintf("survey-%d", number), Kind: complaint.Unsorted, Origin: complaint.FromSurvey, Text: p.Remark},
			})
		}
	case stop, p.Score <= reply.LowScore:
		l.toPerson(strategy.ReasonSurvey, number)
	}
}
