package journey

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
)

// Plan is an offer that was made to the borrower, with all its terms, and what was said to it. Where it stands follows from
// that and from the postings; Decide works it out.
type Plan struct {
	// ID is the plan's own: its product and the date on which it was worked out.
	ID    string         `json:"id"`
	Offer hardship.Offer `json:"offer"`
	// Offered is when the borrower was told of it, or a person was given it to tell.
	Offered time.Time `json:"offered,omitzero"`
	// Accepted and Declined are when the borrower answered, By how an acceptance came, and Number the event that brought it.
	Accepted time.Time    `json:"accepted,omitzero"`
	Declined time.Time    `json:"declined,omitzero"`
	By       hardship.Way `json:"by,omitempty"`
	Number   int64        `json:"number,omitempty"`
	// Again is when a broken plan was taken up again.
	Again time.Time `json:"again,omitzero"`
}

// open reports whether nobody has answered the offer.
func (p Plan) open() bool { return p.Accepted.IsZero() && p.Declined.IsZero() }

// Wish is a plan that a person asked Tender to offer.
type Wish struct {
	Product string    `json:"product"`
	At      time.Time `json:"at"`
}

// PlanOffer is the treatment that offers a plan; the anchor of its step is the plan's id.
const PlanOffer = "plan-offer"

// drafts stores an offer that a decision worked out. Until its step is done it is a draft, which a later decision may
// replace.
func (j *Journey) drafts(d Decision) {
	if d.Offer != nil {
		j.Draft = &Plan{ID: d.Offer.ID, Offer: d.Offer.Offer}
	}
}

// offers makes a plan of the draft once the borrower was told of it, or a person has it to tell.
func (j *Journey) offers(o Outcome) {
	treatment, id, _ := strings.Cut(o.Key, "@")
	if treatment != PlanOffer || j.Draft == nil || j.Draft.ID != id || !o.Result.Made() && o.Result != ResultAssigned {
		return
	}
	made := *j.Draft
	made.Offered = o.At
	j.Plans, j.Draft = append(slices.Clone(j.Plans), made), nil
}

// answer stores what the borrower said to a plan.
func (j *Journey) answer(id string, change func(*Plan)) {
	n := slices.IndexFunc(j.Plans, func(p Plan) bool { return p.ID == id })
	if n < 0 {
		return
	}
	j.Plans = slices.Clone(j.Plans)
	change(&j.Plans[n])
}

func (j *Journey) accepts(e event.Event, id string, by hardship.Way) {
	j.answer(id, func(p *Plan) {
		switch {
		case p.open():
			p.Accepted, p.By, p.Number = e.At, by, e.Number
		case !p.Accepted.IsZero() && p.Again.IsZero():
			p.Again, p.Number = e.At, e.Number
		}
	})
}

func (j *Journey) declines(e event.Event, id string) {
	j.answer(id, func(p *Plan) {
		if p.open() {
			p.Declined = e.At
		}
	})
}

// rememberedQuestions is how many questions a journey carries.
const rememberedQuestions = 20

// replies remembers a stop and what was asked, and takes a yes or a no of the borrower's as the answer to the offer that is open, and has not expired. Where there is
// none, or more than one, it means nothing here, and a person reads it.
func (j *Journey) replies(e event.Event, p event.Reply) {
	if p.Intent == event.IntentStop && e.At.After(j.Stopped.At) {
		j.Stopped = Stop{At: e.At, Channel: p.Channel, Point: p.Point}
	}
	if p.Has(event.Asks) && p.Topic != "" && p.Topic != event.AboutOther {
		if j.Questions = append(slices.Clone(j.Questions), Question{Topic: p.Topic, At: e.At, Channel: p.Channel}); len(j.Questions) > rememberedQuestions {
			j.Questions = j.Questions[1:]
		}
	}
	if e.At.After(j.Heard) {
		j.Heard = e.At
	}
	var open []Plan
	for _, plan := range j.Plans {
		if plan.open() && j.notExpired(e, plan) == nil {
			open = append(open, plan)
		}
	}
	if len(open) != 1 {
		return
	}
	switch p.Answer {
	case event.Yes:
		j.accepts(e, open[0].ID, hardship.ByReply)
	case event.No:
		j.declines(e, open[0].ID)
	}
}

// notExpired refuses an answer that comes after the offer's last day. A day is allowed for: zones differ.
func (j Journey) notExpired(e event.Event, p Plan) error {
	if bizclock.DateOf(e.At.UTC()).AddDays(-1).After(p.Offer.Expires) {
		return wrong("data.plan", "loan %s: the offer of plan %s expired on %s; make a new one", j.Loan, p.ID, p.Offer.Expires)
	}
	return nil
}

// acceptsAnswer refuses an answer to a plan that was never offered, or can no longer be answered.
func (j Journey) acceptsAnswer(e event.Event, p event.PlanAnswer) error {
	n := slices.IndexFunc(j.Plans, func(plan Plan) bool { return plan.ID == p.Plan })
	if n < 0 {
		var known []string
		for _, plan := range j.Plans {
			known = append(known, plan.ID)
		}
		if len(known) == 0 {
			return wrong("data.plan", "loan %s: no plan was offered; offer one first", j.Loan)
		}
		return wrong("data.plan", "loan %s: no plan %s was offered; offered were %s", j.Loan, p.Plan, strings.Join(known, ", "))
	}
	plan := j.Plans[n]
	switch {
	case !plan.Declined.IsZero():
		return wrong("data.plan", "loan %s: plan %s was declined; make a new offer", j.Loan, p.Plan)
	case plan.Accepted.IsZero():
		return j.notExpired(e, plan)
	case e.Type == event.PlanDeclined:
		return wrong("data.plan", "loan %s: plan %s was accepted; it ends when it is completed or broken", j.Loan, p.Plan)
	case plan.Offer.Reinstatement != hardship.Once || !plan.Again.IsZero():
		return wrong("data.plan", "loan %s: plan %s was accepted already; make a new offer if it is broken", j.Loan, p.Plan)
	}
	return nil
}
