package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// A complaint is changed here and nowhere else, under its borrower's lock: who does something with it is told at once whether that can
// be. Its workflow is told what happened, and decides what follows.

// complaintState is the complaint that an event is about, as it is before and after.
type complaintState struct {
	complaint.Case
	regime *complaint.Regime
	// found is set when it was known before, changed when the event changes it, and merged when another one was raised that it is.
	found, changed, merged bool
	// before is what it was about before the event, as far as was known.
	before complaint.Kind
	// as is the id under which it was raised.
	as string
	// template and strategy are what it came after.
	template, strategy string
}

// findComplaint looks up a complaint by its id, or by another one under which it was raised, and locks its borrower.
func (k *keeping) findComplaint(ctx context.Context, id string) error {
	row, err := k.ComplaintFor(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Unknown{What: "complaint", ID: id, Hint: "tender complaint list --all shows those that are known; one is raised by complaint.raised"}
	}
	if err != nil {
		return err
	}
	if k.borrower == "" {
		k.borrower = row.BorrowerID
		if _, err := k.Lock(ctx, k.borrower); err != nil {
			return err
		}
		if row, err = k.ComplaintFor(ctx, id); err != nil { // as it is now that nobody else changes it
			return err
		}
	}
	home, err := k.HomeOf(ctx, row.BorrowerID)
	if err != nil {
		return err
	}
	k.complaint = &complaintState{found: true}
	if err := json.Unmarshal(row.Facts, &k.complaint.Case); err != nil {
		return fmt.Errorf("complaint %s: what is known of it cannot be read", row.ID)
	}
	k.complaint.regime, k.complaint.before = k.regimes.Of(k.complaint.Case, home.Jurisdiction), k.complaint.Kind
	return nil
}

// foreseeComplaint works out what becomes of a complaint, and refuses what cannot be.
func (k *keeping) foreseeComplaint(ctx context.Context) error {
	switch p := k.payload.(type) {
	case *event.Complaint:
		return k.foreseeRaised(ctx, p)
	case *event.ComplaintClosing:
		return k.foreseeClosed(ctx, p)
	}
	named, acts := actor(k.payload)
	if !acts {
		return nil
	}
	by, err := k.acts("data.by", named)
	if err != nil {
		return err
	}
	switch p := k.payload.(type) {
	case *event.Acknowledgement:
		err = k.complaint.Acknowledge(k.known(), by)
	case *event.ComplaintAssignment:
		err = k.complaint.Assign(k.known(), by, complaint.Assigning{To: p.To, Kind: p.Kind, Cause: p.Cause, About: p.About, Payment: p.Payment}, k.complaint.regime)
	case *event.ComplaintNote:
		p.Restarts, err = k.complaint.Note(k.at, p.NewFacts, k.complaint.regime)
	case *event.Resolution:
		if err = k.complaint.Resolve(complaint.Answer{At: k.known(), By: by, Outcome: p.Outcome, Redress: p.Redress}, k.complaint.regime); err == nil {
			k.complaint.Answer.Late = k.complaint.Late(k.now) // the answer goes out now, whenever it was written
		}
	case *event.Escalation:
		err = k.complaint.Escalate(k.known(), by, p.To, cmp.Or(p.Why, "decided"), p.Agent, k.complaint.regime)
	case *event.ComplaintExtension:
		_, err = k.complaint.Extend(k.known(), by, p.Because, p.ApprovedBy, k.complaint.regime)
	case *event.ComplaintWithdrawal:
		err = k.complaint.Withdraw(k.known(), by)
	case *event.Reopening:
		err = k.complaint.Reopen(k.known(), by, cmp.Or(p.Why, "dissatisfied"), k.complaint.regime)
	}
	if err != nil {
		return event.Because("data", err)
	}
	k.complaint.changed = true
	return nil
}

// actor is whom an event names who does something with a complaint, and whether it is such an event.
func actor(payload event.Payload) (named string, acts bool) {
	switch p := payload.(type) {
	case *event.Acknowledgement:
		return p.By, true
	case *event.ComplaintAssignment:
		return p.By, true
	case *event.ComplaintNote:
		return p.By, true
	case *event.Resolution:
		return p.By, true
	case *event.Escalation:
		return p.By, true
	case *event.ComplaintExtension:
		return p.By, true
	case *event.ComplaintWithdrawal:
		return p.By, true
	case *event.Reopening:
		return p.By, true
	}
	return "", false
}

// acts is who does something with a complaint: whom the event names in a field, or else who sends it. They stand in what is known of the
// complaint, where nothing personal may, so a name that is no id is refused.
func (k *keeping) acts(field, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	if err := event.CheckID(k.actor); err != nil {
		return "", wrong(field, "is missing, and the name of who sends the event cannot stand in its place, for it %v; name an id here, in the header Tender-Actor or with --as", err)
	}
	return k.actor, nil
}

// complainedAfter is for how long a message before a complaint is taken for what it is about.
const complainedAfter = 14 * 24 * time.Hour

// foreseeRaised finds the complaint that is raised, if it is open already, or makes it.
func (k *keeping) foreseeRaised(ctx context.Context, p *event.Complaint) error {
	p.Into, p.Borrower = "", k.borrower
	p.Kind, p.Origin = cmp.Or(p.Kind, complaint.Unsorted), cmp.Or(p.Origin, complaint.FromLender)
	home, err := k.HomeOf(ctx, k.borrower)
	if err != nil {
		return err
	}
	raised := complaint.Raising{
		ID: p.Complaint, Borrower: k.borrower, Kind: p.Kind, Payment: p.Payment, Origin: p.Origin, At: k.known(), About: p.About, Due: p.Due, Home: zoneOf(home.TimeZones),
	}
	if k.about == event.LoanSubject {
		raised.Loan = k.subject
	}
	open, err := k.OpenLoans(ctx, k.borrower)
	if err != nil {
		return err
	}
	raised.Loans = slices.DeleteFunc(open, func(id string) bool { return !event.Lent(id) })
	if on := bizclock.DateOf(k.known().In(raised.Home)); !p.Due.IsZero() && p.Due.Before(on) {
		return wrong("data.due", "%s has passed already; send the date by which the external body wants to hear", p.Due)
	}
	switch known, err := k.ComplaintFor(ctx, p.Complaint); {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case known.BorrowerID != k.borrower:
		return wrong("data.complaint", "%s is a complaint of another borrower; give this one an id of its own", p.Complaint)
	default:
		if err := k.findComplaint(ctx, p.Complaint); err != nil {
			return err
		}
		if !k.complaint.State().Open() {
			return wrong("data.complaint", "%s was answered already; send complaint.reopened if that does not settle it, or give a new complaint an id of its own", p.Complaint)
		}
		if err := k.complaint.Takes(raised); err != nil {
			return event.Because("data", err)
		}
	}
	if k.complaint == nil {
		all, err := k.ComplaintsOf(ctx, k.borrower)
		if err != nil {
			return err
		}
		for _, facts := range all {
			var c complaint.Case
			if err := json.Unmarshal(facts, &c); err != nil {
				return err
			}
			if c.Same(raised) {
				if err := k.findComplaint(ctx, c.ID); err != nil {
					return err
				}
				break
			}
		}
	}
	if k.complaint != nil {
		k.complaint.as, k.complaint.merged, k.complaint.changed = p.Complaint, true, true
		if k.complaint.ID != p.Complaint {
			p.Into = k.complaint.ID
		}
		k.complaint.Merge(raised, p.NewFacts, k.complaint.regime)
		return nil
	}
	regime := k.regimes.For(home.Jurisdiction)
	k.complaint = &complaintState{Case: complaint.Raise(raised, regime), regime: regime, changed: true, template: p.Template}
	after, err := k.ComplainedAfter(ctx, sqlc.ComplainedAfterParams{BorrowerID: k.borrower, Since: k.known().Add(-complainedAfter), Until: k.known(), LoanID: raised.Loan})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	k.complaint.template, k.complaint.strategy = cmp.Or(p.Template, after.Template), after.Strategy
	p.Template = k.complaint.template
	return nil
}

// foreseeClosed closes the complaint, if it is one that Tender accompanies: a lender may have others.
func (k *keeping) foreseeClosed(ctx context.Context, p *event.ComplaintClosing) error {
	p.Asks = false
	if k.about == event.ComplaintSubject {
		p.Complaint = k.complaint.ID
	} else {
		if p.Complaint == "" {
			return wrong("data.complaint", "is missing; say which one was closed")
		}
		var unknown *Unknown
		switch err := k.findComplaint(ctx, p.Complaint); {
		case errors.As(err, &unknown):
			return nil
		case err != nil:
			return err
		case k.complaint.Borrower != k.borrower:
			return wrong("data.complaint", "%s is a complaint of another borrower", p.Complaint)
		}
	}
	if err := k.handles(); err != nil {
		return err
	}
	p.How = cmp.Or(p.How, complaint.Elsewhere)
	if p.How == complaint.Unopposed && k.source != tender {
		return wrong("data.how", "must be confirmed or elsewhere; that nobody objected in time Tender finds by itself")
	}
	if err := event.CheckID(k.actor); err != nil {
		return wrong("actor", "%v; who closes a complaint is on record, so name them so in the header Tender-Actor or with --as", err)
	}
	outcome := outcomeOf(p.Outcome)
	if err := k.complaint.Close(k.known(), k.actor, p.How, outcome); err != nil {
		return event.Because("data", err)
	}
	p.Asks = k.complaint.regime.SurveyAfter > 0
	switch answer := k.complaint.Answer; {
	case p.Outcome == "" || outcome != "":
		p.Outcome = string(answer.Outcome)
	case answer.Elsewhere:
		answer.Code = p.Outcome // a word of theirs
	}
	k.complaint.changed = true
	return nil
}

// closedComplaint keeps that a complaint was closed, and has every open journey of the borrower told.
func (k *keeping) closedComplaint(ctx context.Context) error {
	if k.about == event.ComplaintSubject {
		if err := k.tellHeld(ctx); err != nil {
			return err
		}
	}
	return k.bindComplaint(ctx)
}

// outcomeOf takes a lender's code for an outcome, where it is one.
func outcomeOf(code string) complaint.Outcome {
	if o := complaint.Outcome(code); slices.Contains(complaint.Outcomes, o) {
		return o
	}
	return ""
}

// bindComplaint keeps what became of a complaint, and what follows from it at once: whether collection rests, who is told.
func (k *keeping) bindComplaint(ctx context.Context) error {
	c := k.complaint
	if c == nil || !c.changed {
		return nil
	}
	if p, is := k.payload.(*event.Resolution); is {
		c.Answer.Event = k.pk
		k.redress(p)
	}
	facts, err := json.Marshal(c.Case)
	if err != nil {
		return err
	}
	due := (*time.Time)(nil)
	if first, open := c.Due(); open {
		due = &first.At
	}
	answered := time.Time{}
	if c.Answer != nil {
		answered = c.Answer.At
	}
	if c.found {
		err = k.SaveComplaint(ctx, sqlc.SaveComplaintParams{
			ID: c.ID, Facts: facts, Kind: string(c.Kind), State: string(c.State()), Level: string(c.Level), Owner: c.Owner, DueAt: due,
			AcknowledgedAt: optional(c.Acknowledged), AnsweredAt: optional(answered), ClosedAt: optional(c.Closed),
		})
	} else {
		err = k.insertComplaint(ctx, facts, due)
	}
	if err != nil {
		return err
	}
	if c.merged && c.as != c.ID {
		if err := k.MergeComplaint(ctx, sqlc.MergeComplaintParams{ID: c.as, ComplaintID: c.ID}); err != nil {
			return err
		}
	}
	k.tellComplaint()
	return k.rests(ctx)
}

func (k *keeping) insertComplaint(ctx context.Context, facts json.RawMessage, due *time.Time) error {
	c, p := k.complaint, k.payload.(*event.Complaint)
	err := k.InsertComplaintRow(ctx, sqlc.InsertComplaintRowParams{
		ID: event.ComplaintLoan(c.ID), BorrowerID: c.Borrower, Currency: k.loan.Currency, TimeZone: cmp.Or(c.Zone, "UTC"), At: k.known(), Source: k.source,
	})
	if err != nil {
		return err
	}
	return k.InsertComplaint(ctx, sqlc.InsertComplaintParams{
		ID: c.ID, BorrowerID: c.Borrower, LoanID: optional(c.Loan), Facts: facts, Kind: string(c.Kind), State: string(c.State()), Level: string(c.Level),
		Owner: c.Owner, Regime: c.Regime, Origin: string(c.Origin), Channel: string(p.Channel), Template: c.template, Strategy: c.strategy,
		RaisedAt: c.Raised, DueAt: due,
	})
}

// tellComplaint has the complaint's own workflow told, and that of no other one.
func (k *keeping) tellComplaint() {
	k.loans = slices.DeleteFunc(k.loans, func(id string) bool { _, is := event.ComplaintOf(id); return is })
	k.tellAlso(event.ComplaintLoan(k.complaint.ID))
}

// rests has collection rest, or go on. It rests while a complaint of a kind that stops it is open, and goes on when somebody decides so:
// by answering that it may, by sorting the complaint as one of another kind, or because the borrower takes it back.
func (k *keeping) rests(ctx context.Context) error {
	c, id := k.complaint, event.ComplaintHold(k.complaint.ID)
	there, err := k.HoldFor(ctx, sqlc.HoldForParams{BorrowerID: c.Borrower, ID: id})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	held := err == nil && there.ReleasedAt == nil
	begins := false
	switch k.payload.(type) {
	case *event.Reopening:
		begins = c.Kind.Holds() && !held
	case *event.Complaint, *event.ComplaintAssignment: // what somebody released stays so, unless the complaint turns out to be another one
		begins = !held && (c.Kind.Stops(c.before) || !c.found && c.Kind.Holds())
	}
	if begins {
		if k.about == event.ComplaintSubject {
			if err := k.tellHeld(ctx); err != nil {
				return err
			}
		}
		return k.hold(ctx, hold{id: id, kind: contact.ComplaintOpen, loan: c.Loan, from: k.known()})
	}
	ends := false
	switch p := k.payload.(type) {
	case *event.ComplaintAssignment:
		ends = p.Kind != "" && !c.Kind.Holds()
	case *event.Resolution:
		ends = p.Releases
	case *event.ComplaintWithdrawal:
		ends = true
	case *event.ComplaintClosing:
		ends = p.How == complaint.Elsewhere
	}
	if held && ends {
		about, subject := event.BorrowerSubject, c.Borrower
		if c.Loan != "" {
			about, subject = event.LoanSubject, c.Loan
		}
		k.also(event.HoldReleased, about, subject, &event.HoldRelease{Hold: id})
	}
	return nil
}

// tellHeld has the journeys told whose collection rests from now on.
func (k *keeping) tellHeld(ctx context.Context) error {
	open, err := k.OpenLoans(ctx, k.complaint.Borrower)
	for _, id := range open {
		if event.Lent(id) && (k.complaint.Loan == "" || id == k.complaint.Loan) {
			k.tellAlso(id)
		}
	}
	return err
}

// redress does at once what Tender itself can do to put a complaint right; the lending system is told of the rest by the workflow.
func (k *keeping) redress(p *event.Resolution) {
	for _, r := range p.Redress {
		if r.Channel != "" {
			k.also(event.BorrowerUpdated, event.BorrowerSubject, k.borrower, &event.Borrower{Preferred: r.Channel})
		}
	}
}

// arrived notes that the borrower was told of the receipt of their complaint, where nothing but the receipt of the message says so: whoever
// sent it may have died before it was kept.
func (k *keeping) arrived(ctx context.Context, c sqlc.ContactOfRow) error {
	for _, id := range c.LoanIds {
		if complained, is := event.ComplaintOf(id); is && complaint.Acknowledges(c.StepKey) {
			return k.AcknowledgeComplaint(ctx, sqlc.AcknowledgeComplaintParams{ID: complained, At: c.At, By: tender})
		}
	}
	return nil
}

// notArrived takes the acknowledgement of a complaint back that did not arrive: it is sent again. That a message failed which nobody
// took for sent, or which is known to have failed, takes nothing back: another one was sent since.
func (k *keeping) notArrived(ctx context.Context, c sqlc.ContactOfRow) error {
	for _, id := range c.LoanIds {
		complained, is := event.ComplaintOf(id)
		if !is || !contact.Disposition(c.Disposition).Made() || !complaint.Acknowledges(c.StepKey) || complaint.Answers(c.StepKey) {
			continue
		}
		if err := k.findComplaint(ctx, complained); err != nil {
			return err
		}
		k.complaint.changed = k.complaint.Unheard()
		loans := k.loans
		err := k.bindComplaint(ctx)
		k.tellAlso(loans...)
		return err
	}
	return nil
}

// dissatisfied opens a complaint again whose handling the borrower is not content with.
func (k *keeping) dissatisfied(ctx context.Context, p *event.SurveyAnswer) error {
	k.complaint.Satisfied, k.complaint.changed = p.Score, true
	content := p.Score > reply.LowScore && !slices.Contains(p.Means, event.Complains)
	if content || k.complaint.State() != complaint.Closed {
		return k.bindComplaint(ctx)
	}
	id := k.complaint.ID
	if err := k.bindComplaint(ctx); err != nil {
		return err
	}
	k.also(event.ComplaintReopened, event.ComplaintSubject, id, &event.Reopening{Why: "dissatisfied", Text: p.Remark})
	return nil
}

// told notes that a person told the borrower of the receipt of their complaint, or found that they cannot be reached, where no message may
// go out.
func (k *keeping) told(ctx context.Context, p *event.Call) error {
	t := k.task.Task
	id, is := event.ComplaintOf(t.LoanID)
	if !is || !complaint.Acknowledges(t.StepKey) || p.Then != event.TaskDone && p.Then != event.TaskUnreachable {
		return nil
	}
	if k.complaint == nil {
		if err := k.findComplaint(ctx, id); err != nil {
			return err
		}
	}
	by, err := k.acts("data.agent", p.Agent)
	if err != nil {
		return err
	}
	switch err := k.complaint.Acknowledge(k.known(), by); {
	case err == nil:
		k.complaint.changed = true
	case k.complaint.State() == complaint.Registered: // nor was it before
		return event.Because("", err)
	}
	return k.bindComplaint(ctx)
}
