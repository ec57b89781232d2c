package event

import (
	"time"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
)

// Call is the payload of call.completed: what a person did with a task, and all that the borrower said in the call. Each of its
// parts has the effect that the event has whose payload it is.
type Call struct {
	Task        string              `json:"task" doc:"id of the task that was done"`
	Disposition contact.Disposition `json:"disposition,omitempty" doc:"what came of the call; left out where nobody was called: a task that asks for no call, or about which a rule forbids one, was seen to in another way"`
	Agent       string              `json:"agent,omitempty" doc:"id of whoever did it; refused while the task is in somebody else's hands. Not asked when left out, as by a dialer"`
	Point       string              `json:"point,omitempty" doc:"contact point that was called; the one that the task was handed out with when left out"`
	Promise     *Promise            `json:"promise,omitempty" doc:"what the borrower promised, as in promise.made; with right_party or promise"`
	Hardship    *Hardship           `json:"hardship,omitempty" doc:"trouble with paying that the borrower told of, as in hardship.reported; when the borrower was spoken to"`
	Complaint   *Complaint          `json:"complaint,omitempty" doc:"what was complained of, as in complaint.raised; when somebody was spoken to"`
	Fraud       bool                `json:"fraud,omitempty" doc:"set when the borrower says that they never took the loan: collection stops, as by a hold id_theft_fraud, and a person looks into it; when the borrower was spoken to"`
	Dispute     *Dispute            `json:"dispute,omitempty" doc:"what the borrower disputes, as in dispute.raised; with dispute"`
	CallbackAt  time.Time           `json:"callback_at,omitzero" doc:"when the borrower asked to be called again; with callback, and a day later when left out. It is the borrower's leave for that call"`
	Refusal     Refusal             `json:"refusal,omitempty" doc:"what the borrower refuses; calls, which ends all calls, when the borrower was spoken to, and the others with refused"`
	Application *Callback           `json:"application,omitempty" doc:"with a task to call an applicant back, when the applicant was spoken to, or was verified in another way where a rule forbids the call: what came of it"`
	Note        string              `json:"note,omitempty" personal:"true" doc:"remarks"`
	// Then follows from the rest and from the task. Journeys are told it, and conclude nothing by themselves.
	Then Then `json:"then,omitempty" doc:"what becomes of the task; worked out by Tender, whatever was sent"`
}

// Refusal is what a borrower who was spoken to refuses.
type Refusal string

// The refusals.
const (
	// RefusesToPay: will not pay, whatever is offered.
	RefusesToPay Refusal = "to_pay"
	// RefusesToTalk: does not want to talk about it.
	RefusesToTalk Refusal = "to_talk"
	// RefusesCalls: does not want to be called any more. It is an opt-out from calls.
	RefusesCalls Refusal = "calls"
)

// Refusals are all refusals.
var Refusals = []Refusal{RefusesToPay, RefusesToTalk, RefusesCalls}

// UnmarshalText refuses a word that is no refusal; none at all stands for one that is not known.
func (r *Refusal) UnmarshalText(text []byte) (err error) {
	if *r = ""; len(text) == 0 {
		return nil
	}
	*r, err = closed.Parse("refusal", Refusals, string(text))
	return err
}

// Then is what becomes of a task after a call.
type Then string

// What can become of a task.
const (
	// TaskDone: the borrower was spoken to, or the task was seen to without a call.
	TaskDone Then = "done"
	// TaskUnreachable: the borrower cannot be reached; it was tried often enough, or no telephone is left.
	TaskUnreachable Then = "unreachable"
	// TaskAgain: it is to be tried again later.
	TaskAgain Then = "again"
	// TaskNoted: it was done before, and this call changes nothing of that.
	TaskNoted Then = "noted"
)

// Thens are all that can become of a task.
var Thens = []Then{TaskDone, TaskUnreachable, TaskAgain, TaskNoted}

// UnmarshalText refuses a word that is none of them; none at all stands for events of before, of which that was not told.
func (t *Then) UnmarshalText(text []byte) (err error) {
	if *t = ""; len(text) == 0 {
		return nil
	}
	*t, err = closed.Parse("outcome of a task", Thens, string(text))
	return err
}

// Validate implements [Payload].
func (p *Call) Validate() error {
	d := p.Disposition
	for _, id := range []struct{ field, id string }{{"agent", p.Agent}, {"point", p.Point}} {
		if err := optionalID(id.field, id.id); err != nil {
			return err
		}
	}
	spoken, party := d.Conversation(), d == contact.RightParty
	for _, part := range []struct {
		field string
		wrong bool
		use   string
	}{
		{"promise", p.Promise != nil && !party && d != contact.Promise, "right_party or promise"},
		{"hardship", p.Hardship != nil && !spoken, "right_party, hardship or another that says that the borrower was spoken to"},
		{"complaint", p.Complaint != nil && !d.Connected(), "right_party or another that says that somebody was spoken to"},
		{"fraud", p.Fraud && !spoken, "right_party, dispute or another that says that the borrower was spoken to"},
		{"dispute", p.Dispute != nil && d != contact.Dispute, "dispute"},
		{"application", p.Application != nil && !p.Application.comesOf(d), "right_party or another that says that the applicant was spoken to, suspected_fraud with one that says that anybody was, and refused with no verified"},
		{"callback_at", !p.CallbackAt.IsZero() && d != contact.Callback, "callback"},
		{"refusal", p.Refusal == RefusesCalls && !spoken, "refused, right_party or another that says that the borrower was spoken to"},
		{"refusal", p.Refusal != "" && p.Refusal != RefusesCalls && d != contact.Refused, "refused"},
	} {
		switch {
		case part.wrong && d == "":
			return wrong(part.field, "is said by nobody: no disposition says that there was a call; send one with it, such as %s", part.use)
		case part.wrong:
			return wrong(part.field, "does not go with the disposition %s; send it with %s", d, part.use)
		}
	}
	if d != "" && !d.OfACall() {
		return wrong("disposition", "%s does not come of a call; use one of %s", d, closed.Join(contact.CallDispositions))
	}
	if err := p.said(); err != nil {
		return err
	}
	return requiredID("task", p.Task)
}

// said checks the parts, each as the event does whose payload it is.
func (p *Call) said() error {
	for _, part := range []struct {
		field   string
		there   bool
		payload Payload
	}{
		{"promise", p.Promise != nil, p.Promise},
		{"hardship", p.Hardship != nil, p.Hardship},
		{"complaint", p.Complaint != nil, p.Complaint},
		{"dispute", p.Dispute != nil, p.Dispute},
		{"application", p.Application != nil, p.Application},
	} {
		if !part.there {
			continue
		}
		if err := part.payload.Validate(); err != nil {
			return under(part.field, err)
		}
	}
	return nil
}

// Expiry is the payload of task.expired.
type Expiry struct {
	Task string `json:"task" doc:"id of the task whose time is over"`
}

// Validate implements [Payload].
func (p *Expiry) Validate() error { return requiredID("task", p.Task) }
