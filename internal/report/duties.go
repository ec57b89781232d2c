package report

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Duty is something that a rule asks to be done for a loan by a deadline, because of something that happened to it.
type Duty struct {
	compliance.Deadline
	Loan string `json:"loan"`
	// Since is the date of what it follows from, which is After, in the time zone of the contract.
	Since bizclock.Date      `json:"since"`
	After compliance.Trigger `json:"after"`
	// Passed is set once its last day has passed.
	Passed bool `json:"passed,omitempty"`
}

// triggers are the events from which duties follow.
var triggers = map[event.Type]compliance.Trigger{
	event.LoanDisbursed:    compliance.DisbursedTrigger,
	event.DisputeRaised:    compliance.DisputeRaised,
	event.HardshipReported: compliance.HardshipRequested,
	event.HardshipRefused:  compliance.HardshipDecided,
	event.ConsentRevoked:   compliance.Revocation,
	event.PlanAccepted:     compliance.PlanSigned,
	event.LoanSettled:      compliance.SettledInFull,
	event.BorrowerDied:     compliance.DeathKnown,
}

// Duties lists what rules ask to be done for a loan, the first deadline first. The error is [store.ErrNotFound] when the loan is
// not known.
func Duties(ctx context.Context, s *store.Store, library *compliance.Library, id string) ([]Duty, error) {
	found, err := Find(ctx, s, id)
	if err != nil {
		return nil, err
	}
	borrower, err := s.BorrowerFor(ctx, found.Borrower)
	if err != nil {
		return nil, err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	rules, today, all := library.For(borrower.Jurisdiction), bizclock.DateOf(now.In(found.Contract())), []Duty{}
	follow := func(after compliance.Trigger, since bizclock.Date) {
		for _, deadline := range rules.Duties(after, since) {
			all = append(all, Duty{Deadline: deadline, Loan: id, Since: since, After: after, Passed: today.After(deadline.Due)})
		}
	}
	dated := func(at time.Time) bizclock.Date { return bizclock.DateOf(at.In(found.Contract())) }
	events, err := s.LoanEvents(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		after, ok := triggers[event.Type(e.Type)]
		if event.Type(e.Type) == event.BorrowerReplied && stops(e.Data) {
			after, ok = compliance.Revocation, true
		}
		if event.Type(e.Type) == event.HoldPlaced && respite(e.Data) {
			after, ok = compliance.DebtAdvice, true
		}
		if e.State == "refused" {
			continue
		}
		if ok {
			follow(after, dated(e.At))
		}
		if event.Type(e.Type) == event.CallCompleted {
			for _, after := range saidInACall(e.Data) {
				follow(after, dated(e.At))
			}
		}
	}
	contacts, err := s.LoanContacts(ctx, id)
	if err != nil {
		return nil, err
	}
	if n := slices.IndexFunc(contacts, communicates); n >= 0 {
		follow(compliance.FirstContact, dated(contacts[n].At))
	}
	if !found.PastDueSince.IsZero() {
		follow(compliance.ArrearsBegun, found.PastDueSince.AddDays(1))
	}
	slices.SortStableFunc(all, func(a, b Duty) int { return a.Due.Compare(b.Due) })
	return all, nil
}

// respite reports whether a hold is one that comes with debt advice, which a creditor may ask to have reviewed.
func respite(data json.RawMessage) bool {
	var hold event.HoldPlacement
	return json.Unmarshal(data, &hold) == nil && (hold.Kind == contact.BreathingSpace || hold.Kind == contact.MHCrisis)
}

// saidInACall returns what duties follow from of what a borrower said in a call, or somebody said of them.
func saidInACall(data json.RawMessage) (all []compliance.Trigger) {
	var call event.Call
	if json.Unmarshal(data, &call) != nil || call.Then == "" {
		return nil
	}
	for _, said := range []struct {
		there bool
		after compliance.Trigger
	}{
		{call.Dispute != nil, compliance.DisputeRaised},
		{call.Hardship != nil, compliance.HardshipRequested},
		{call.Refusal == event.RefusesCalls, compliance.Revocation},
		{call.Disposition == contact.Deceased, compliance.DeathKnown},
	} {
		if said.there {
			all = append(all, said.after)
		}
	}
	return all
}

// stops reports whether a reply asked for contacts to stop.
func stops(data json.RawMessage) bool {
	var reply event.Reply
	return json.Unmarshal(data, &reply) == nil && reply.Intent == event.IntentStop
}

// communicates reports whether a contact told the borrower something in connection with collection.
func communicates(c sqlc.LoanContactsRow) bool {
	d := contact.Disposition(c.Disposition)
	return contact.Direction(c.Direction) == contact.Outbound && contact.Purpose(c.Purpose) == contact.Collection && (d.Made() || d.Conversation())
}

// WriteDuties writes duties as text.
func WriteDuties(w io.Writer, style Style, duties []Duty) error {
	p := page{w: w, style: style}
	if len(duties) == 0 {
		p.printf("No rule asks for anything by a deadline.\n")
		return p.err
	}
	rows := [][]string{{"BY", "DUTY", "BECAUSE", "RULE"}}
	for _, d := range duties {
		by := d.Due.String()
		if d.Uncovered {
			by += " (holidays not known)"
		}
		if d.Passed {
			by += " (past)"
		}
		because := strings.ReplaceAll(string(d.After), "_", " ") + " on " + d.Since.String()
		rows = append(rows, []string{by, strings.ReplaceAll(d.What, "_", " "), because, d.Rule})
	}
	p.table("", rows)
	return p.err
}
