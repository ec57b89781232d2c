package event

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
)

// Complaint is the payload of complaint.raised.
type Complaint struct {
	Complaint string           `json:"complaint" doc:"id of the complaint; its workflow is called by it"`
	Kind      complaint.Kind   `json:"kind,omitempty" doc:"what it is about; unsorted when left out. Until somebody has sorted it, it stops collection as one about conduct does"`
	Payment   bool             `json:"payment,omitempty" doc:"set for a complaint about a payment service, for which some regimes have clocks of their own; also when that is found out as the same complaint is raised again"`
	Origin    complaint.Origin `json:"origin,omitempty" doc:"where it came from; lender when left out. With regulator it enters the ladder at a level of its own"`
	Due       bizclock.Date    `json:"due,omitzero" doc:"with origin regulator: the date that the external body set; the regime's when left out"`
	About     []string         `json:"about,omitempty" doc:"ids of the agents whom it is about: none of them ever has it"`
	Channel   contact.Channel  `json:"channel,omitempty" doc:"the channel on which it came"`
	Template  string           `json:"template,omitempty" doc:"the message that it is about; the last one that was sent to the borrower in the two weeks before when left out"`
	NewFacts  bool             `json:"new_facts,omitempty" doc:"set when the same complaint is raised again with facts that were not known: in some regimes its clocks begin anew"`
	Text      string           `json:"text,omitempty" personal:"true" doc:"what the borrower says"`
	Borrower  string           `json:"borrower,omitempty" doc:"id of the borrower; worked out by Tender, whatever was sent"`
	// Into is set when the same complaint was open already.
	Into string `json:"into,omitempty" doc:"id of the complaint that it was merged into, for it was open already; worked out by Tender, whatever was sent"`
}

// Validate implements [Payload].
func (p *Complaint) Validate() error {
	if err := requiredID("complaint", p.Complaint); err != nil {
		return err
	}
	if err := agents("about", p.About); err != nil {
		return err
	}
	if !p.Due.IsZero() && p.Origin != complaint.FromRegulator {
		return wrong("due", "goes with origin regulator; the other dates follow from the regime")
	}
	return optionalID("template", p.Template)
}

// agents checks the ids of people who work on complaints.
func agents(field string, ids []string) error {
	if len(ids) > 20 {
		return wrong(field, "are more than 20")
	}
	for n, id := range ids {
		if err := requiredID(fmt.Sprintf("%s[%d]", field, n), id); err != nil {
			return err
		}
	}
	return nil
}

// Acknowledgement is the payload of complaint.acknowledged: a person told the borrower, for example in a call. Tender's own message is
// recorded without it.
type Acknowledgement struct {
	By string `json:"by,omitempty" doc:"id of whoever told the borrower; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *Acknowledgement) Validate() error { return optionalID("by", p.By) }

// ComplaintAssignment is the payload of complaint.assigned.
type ComplaintAssignment struct {
	To    string         `json:"to,omitempty" doc:"id of whoever has it from now on; it stays where it is when left out"`
	Kind  complaint.Kind `json:"kind,omitempty" doc:"what it is about, once somebody has read it. A kind that does not stop collection releases the hold of the complaint"`
	Cause string         `json:"cause,omitempty" doc:"what led to it, as a code of the lender's own, such as late_posting"`
	About []string       `json:"about,omitempty" doc:"ids of the agents whom it is about, too"`
	// Payment cannot be taken back: the clocks that it brings are the shorter ones.
	Payment bool   `json:"payment,omitempty" doc:"set when it turns out to be about a payment service, for which some regimes have clocks of their own: they count from the receipt, and none ends later than before"`
	By      string `json:"by,omitempty" doc:"id of whoever decides this; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *ComplaintAssignment) Validate() error {
	if p.To == "" && p.Kind == "" && p.Cause == "" && len(p.About) == 0 && !p.Payment {
		return wrong("to", "is missing; say who has it, or what it is about")
	}
	if err := agents("about", p.About); err != nil {
		return err
	}
	return errors.Join(optionalID("to", p.To), optionalID("cause", p.Cause), optionalID("by", p.By))
}

// ComplaintNote is the payload of complaint.noted.
type ComplaintNote struct {
	Text     string `json:"text" personal:"true" doc:"what was found, said or done"`
	NewFacts bool   `json:"new_facts,omitempty" doc:"set when the borrower told of facts that were not known: in some regimes the clocks begin anew"`
	By       string `json:"by,omitempty" doc:"id of whoever writes it; who sends the event when left out"`
	// Restarts is set when the clocks began anew.
	Restarts bool `json:"restarts,omitempty" doc:"whether the clocks began anew; worked out by Tender, whatever was sent"`
}

// Validate implements [Payload].
func (p *ComplaintNote) Validate() error {
	if strings.TrimSpace(p.Text) == "" {
		return wrong("text", "is missing; write down what was found, said or done")
	}
	return optionalID("by", p.By)
}

// Resolution is the payload of complaint.resolved.
type Resolution struct {
	Outcome  complaint.Outcome   `json:"outcome" doc:"what the lender finds: upheld, partly_upheld or rejected"`
	Reasons  string              `json:"reasons" personal:"true" doc:"the answer to the borrower, in their language, with its reasons: it goes out as it stands"`
	Redress  []complaint.Redress `json:"redress,omitempty" doc:"what is done to put it right"`
	Releases bool                `json:"releases,omitempty" doc:"whether collection goes on, where the complaint stops it; otherwise the hold stays until somebody releases it"`
	By       string              `json:"by,omitempty" doc:"id of whoever answers; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *Resolution) Validate() error {
	switch {
	case p.Outcome == "" || p.Outcome == complaint.Withdrawn:
		return wrong("outcome", "must be one of %s", closed.Join(complaint.Outcomes))
	case strings.TrimSpace(p.Reasons) == "":
		return wrong("reasons", "is missing; a borrower is not answered without reasons")
	case len(p.Reasons) > 20_000:
		return wrong("reasons", "are longer than 20000 bytes; send what else there is by letter")
	case len(p.Redress) > 20:
		return wrong("redress", "has more than 20 parts")
	}
	currency := ""
	for n, r := range p.Redress {
		if err := r.Validate(); err != nil {
			return Because(fmt.Sprintf("redress[%d]", n), err)
		}
		if r.Currency != "" && currency != "" && r.Currency != currency {
			return wrong(fmt.Sprintf("redress[%d].currency", n), "is %s, and another amount is in %s; pay back in one currency", r.Currency, currency)
		}
		if r.Currency != "" {
			currency = r.Currency
		}
	}
	return optionalID("by", p.By)
}

// Because returns a refusal of package complaint as one of an event, its field below another one if that is named. The time is the
// envelope's.
func Because(below string, err error) error {
	var refused *complaint.Error
	if !errors.As(err, &refused) {
		return err
	}
	field := refused.Field
	if below != "" && field != "time" {
		field = below + "." + field
	}
	return &Error{Field: field, Reason: refused.Reason}
}

// Escalation is the payload of complaint.escalated.
type Escalation struct {
	To    complaint.Level `json:"to,omitempty" doc:"the level that has it from now on, above the one that had it; the next one when left out. external: the borrower took it to an ombudsman, a regulator or a court"`
	Why   string          `json:"why,omitempty" doc:"why, as a code, such as borrower_asked"`
	Agent string          `json:"agent,omitempty" doc:"id of whoever has it there; nobody yet but the role when left out"`
	By    string          `json:"by,omitempty" doc:"id of whoever decides this; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *Escalation) Validate() error {
	return errors.Join(optionalID("why", p.Why), optionalID("agent", p.Agent), optionalID("by", p.By))
}

// ComplaintExtension is the payload of complaint.extended.
type ComplaintExtension struct {
	Because    string `json:"because" doc:"why, as the regime calls it, such as complex"`
	ApprovedBy string `json:"approved_by,omitempty" doc:"id of whoever approves of it, where the regime asks for that: neither who asks for it, nor who has the complaint or had it below the approving role"`
	Text       string `json:"text,omitempty" personal:"true" doc:"remarks"`
	By         string `json:"by,omitempty" doc:"id of whoever asks for it; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *ComplaintExtension) Validate() error {
	if err := requiredID("because", p.Because); err != nil {
		return err
	}
	return errors.Join(optionalID("approved_by", p.ApprovedBy), optionalID("by", p.By))
}

// ComplaintWithdrawal is the payload of complaint.withdrawn.
type ComplaintWithdrawal struct {
	Text string `json:"text,omitempty" personal:"true" doc:"what the borrower said"`
	By   string `json:"by,omitempty" doc:"id of whoever records it; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *ComplaintWithdrawal) Validate() error { return optionalID("by", p.By) }

// Reopening is the payload of complaint.reopened.
type Reopening struct {
	Why  string `json:"why,omitempty" doc:"why, as a code; dissatisfied when left out"`
	Text string `json:"text,omitempty" personal:"true" doc:"what the borrower said"`
	By   string `json:"by,omitempty" doc:"id of whoever records it; who sends the event when left out"`
}

// Validate implements [Payload].
func (p *Reopening) Validate() error {
	return errors.Join(optionalID("why", p.Why), optionalID("by", p.By))
}

// ComplaintClosing is the payload of complaint.closed.
type ComplaintClosing struct {
	Complaint string            `json:"complaint,omitempty" doc:"id of the complaint, unless the subject is it"`
	Outcome   string            `json:"outcome,omitempty" doc:"what was found: upheld, partly_upheld or rejected, which the borrower is told; or a code of the lender's own, which stays on record"`
	How       complaint.Closing `json:"how,omitempty" doc:"confirmed when the borrower says that it is settled; elsewhere, also when left out, when it was handled outside of Tender. unopposed is Tender's own: nobody objected in time"`
	// Asks is set when the complaint's own workflow asks the borrower how it was handled.
	Asks bool `json:"asks,omitempty" doc:"whether the borrower is asked by the complaint's workflow how it was handled; worked out by Tender, whatever was sent"`
}

// Validate implements [Payload].
func (p *ComplaintClosing) Validate() error {
	if p.How == complaint.TakenBack {
		return wrong("how", "must be confirmed, unopposed or elsewhere; send complaint.withdrawn when the borrower takes it back")
	}
	return errors.Join(optionalID("complaint", p.Complaint), optionalID("outcome", p.Outcome))
}

// A complaint is accompanied by a workflow of its own, under an id that no loan can have.
const complaintLoan = "complaint."

// ComplaintLoan is the id under which a complaint is accompanied.
func ComplaintLoan(id string) string { return complaintLoan + id }

// ComplaintOf is the complaint that is accompanied under an id; none when that is a loan's or an application's.
func ComplaintOf(loan string) (id string, is bool) { return strings.CutPrefix(loan, complaintLoan) }

// Lent reports whether what is accompanied under an id is a loan.
func Lent(id string) bool {
	_, application := ApplicationOf(id)
	_, complaint := ComplaintOf(id)
	return !application && !complaint
}

// complaintHold begins the ids of the holds that complaints place.
const complaintHold = "complaint/"

// ComplaintHold is the id of the hold that a complaint places.
func ComplaintHold(id string) string { return complaintHold + id }

// ComplaintHeld is the complaint that placed a hold with an id, if one did.
func ComplaintHeld(hold string) (id string, is bool) { return strings.CutPrefix(hold, complaintHold) }
