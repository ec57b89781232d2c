package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Life is all that happened to one loan: what came in, what was done, and what was held back, each with its reason.
type Life struct {
	Loan Loan `json:"loan"`
	// Holds are those that bind or will, of the loan and of its borrower.
	Holds []Hold `json:"holds"`
	// Promises and Plans are those that the last decision knew, as it found them.
	Promises []strategy.PromiseFound `json:"promises"`
	Plans    []strategy.PlanFound    `json:"plans"`
	// Entries are in the order of their instants.
	Entries []Entry `json:"entries"`
}

// Hold is a hold with what Postgres knows of it besides.
type Hold struct {
	contact.Hold
	// Owner answers for it; PlacedBy placed it. Note is what they wrote down.
	Owner    string `json:"owner,omitempty"`
	PlacedBy string `json:"placed_by,omitempty"`
	Note     string `json:"note,omitempty"`
}

// Sort is what kind of thing an entry tells of.
type Sort string

// The sorts of entry.
const (
	// CameIn is an event.
	CameIn Sort = "came_in"
	// Sent is a message that Tender sent, or tried to.
	Sent Sort = "sent"
	// HeldBack is a step that a rule, a hold or a wish kept from happening, or from happening at its planned time.
	HeldBack Sort = "held_back"
	// Task is something that a person was asked to do.
	Task Sort = "task"
	// Asked is a question to a person, whether a step may be done although rules advise against it.
	Asked Sort = "asked"
	// Told is something that the lending system was told.
	Told Sort = "told"
)

// Entry is one thing that happened, or that was kept from happening.
type Entry struct {
	At   time.Time `json:"at"`
	Sort Sort      `json:"sort"`
	// What is the type of an event, or the key of a step.
	What string `json:"what"`
	// Text says more, without anything personal.
	Text string `json:"text,omitempty"`
	// Reason is the code of why it was done; Why says it in words, and why something was held back.
	Reason string `json:"reason,omitempty"`
	Why    string `json:"why,omitempty"`
	// Rule held it back, with Verdict, until Until; zero: until something changes.
	Rule    string    `json:"rule,omitempty"`
	Verdict string    `json:"verdict,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	// Channel and Contact say how a message went; Result is what came of a message or task, with the provider's Code.
	Channel contact.Channel `json:"channel,omitempty"`
	Contact string          `json:"contact,omitempty"`
	Result  string          `json:"result,omitempty"`
	Code    string          `json:"code,omitempty"`
	// Done is when a task was done, or the lending system was told; zero: not yet.
	Done time.Time `json:"done,omitzero"`
	// Source, ID, Number and Actor say which event it is and who sent it; State is received, accepted or refused.
	Source string          `json:"source,omitempty"`
	ID     string          `json:"id,omitempty"`
	Number int64           `json:"number,omitempty"`
	Actor  string          `json:"actor,omitempty"`
	State  string          `json:"state,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
	// Subject and Body are what a message said, or Body what somebody said in an event of a complaint; only when asked for, for they
	// are personal.
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"`
}

// Live returns the life of a loan, with what its messages said if texts is set. The error is [store.ErrNotFound] when
// the loan is not known.
func Live(ctx context.Context, s *store.Store, id string, texts bool) (Life, error) {
	found, err := Find(ctx, s, id)
	if err != nil {
		return Life{}, err
	}
	b := biographer{ctx: ctx, s: s, life: Life{Loan: found, Holds: []Hold{}, Promises: []strategy.PromiseFound{}, Plans: []strategy.PlanFound{}, Entries: []Entry{}}, home: found.Zone(), reasons: map[string]string{}}
	parts := []func() error{b.readReasons, b.readHolds, b.readAgreements, b.readEvents, b.readContacts, b.readHeldBack, b.readTasks, b.readApprovals, b.readNotices}
	if texts {
		parts = append(parts, b.readTexts)
	}
	for _, part := range parts {
		if err := part(); err != nil {
			return Life{}, err
		}
	}
	slices.SortStableFunc(b.life.Entries, func(x, y Entry) int { return x.At.Compare(y.At) })
	return b.life, nil
}

// biographer gathers a life, one statement after the other.
type biographer struct {
	ctx     context.Context
	s       *store.Store
	life    Life
	home    *time.Location
	reasons map[string]string // by the key of the step
	raised  map[string]bool   // complaints that an event of their own raised
}

func (b *biographer) add(e Entry) {
	e.At = e.At.In(b.home)
	b.life.Entries = append(b.life.Entries, e)
}

func (b *biographer) readReasons() error {
	rows, err := b.s.LoanReasons(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		b.reasons[row.StepKey] = row.Reason
	}
	return err
}

// because gives an entry the reason for which its step was decided upon.
func (b *biographer) because(e Entry) Entry {
	if e.Reason = b.reasons[e.What]; e.Reason != "" {
		e.Why = strategy.Sentence(e.Reason)
	}
	return e
}

func (b *biographer) readHolds() error {
	now, err := b.s.Now(b.ctx)
	if err != nil {
		return err
	}
	rows, err := b.s.LoanHolds(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		h := Hold{Owner: row.Owner, PlacedBy: row.PlacedBy, Note: row.Note, Hold: contact.Hold{
			ID: row.ID, Kind: contact.HoldKind(row.Kind), Loan: value(row.LoanID), Point: value(row.Point), Region: value(row.Region),
			From: row.FromAt.In(b.home), Until: in(row.UntilAt, b.home),
		}}
		if row.ReleasedAt == nil && (h.Until.IsZero() || h.Until.After(now)) {
			b.life.Holds = append(b.life.Holds, h)
		}
	}
	return err
}

// readAgreements reads promises and plans from the last decision; there are none where none was made.
func (b *biographer) readAgreements() error {
	row, err := b.s.LastDecision(b.ctx, b.life.Loan.ID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	var found struct {
		Promises []strategy.PromiseFound
		Plans    []strategy.PlanFound
	}
	if json.Unmarshal(row.Body, &found) != nil {
		return nil // what another Tender wrote hides no life
	}
	b.life.Promises, b.life.Plans = append(b.life.Promises, found.Promises...), append(b.life.Plans, found.Plans...)
	return nil
}

func (b *biographer) readEvents() error {
	rows, err := b.s.LoanEvents(b.ctx, b.life.Loan.ID)
	b.raised = complaintsRaised(rows)
	for _, row := range rows {
		e := Entry{
			At: row.At, Sort: CameIn, What: row.Type, Text: b.summary(event.Type(row.Type), row.Data),
			Source: row.Source, ID: row.ID, Number: row.Number, Actor: row.Actor, State: row.State, Data: row.Data,
		}
		switch row.State {
		case "received":
			e.Why = "not handed to the journey yet"
		case "refused":
			e.Why = "refused by the journey" + refusal(row.Answer)
		}
		b.add(e)
	}
	return err
}

// complaintsRaised are the ids under which complaints about a loan were raised by events of their own: what a call's agent took down is, too.
func complaintsRaised(events []sqlc.LoanEventsRow) map[string]bool {
	all := map[string]bool{}
	for _, e := range events {
		var p event.Complaint
		if event.Type(e.Type) == event.ComplaintRaised && e.State != "refused" && json.Unmarshal(e.Data, &p) == nil {
			all[p.Complaint] = true
		}
	}
	return all
}

// refusal finds why a journey refused an event in the answer that was stored with it.
func refusal(answer json.RawMessage) string {
	var told intake.Told
	if json.Unmarshal(answer, &told) != nil || told.Refused == nil {
		return ""
	}
	return ": " + told.Refused.Error()
}

func (b *biographer) readContacts() error {
	rows, err := b.s.LoanContacts(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		// What was made elsewhere, and what the borrower sent, is told by its event.
		if row.StepKey == "" || contact.Direction(row.Direction) == contact.Inbound {
			continue
		}
		e := b.because(Entry{
			At: row.At, Sort: Sent, What: row.StepKey, Channel: contact.Channel(row.Channel), Contact: row.Key,
			Result: row.Disposition, Code: row.Code,
		})
		others := slices.DeleteFunc(slices.Clone(row.LoanIds), func(id string) bool { return id == b.life.Loan.ID })
		if len(others) > 0 {
			e.Text = "also about " + event.Names(others)
		}
		b.add(e)
	}
	return err
}

func (b *biographer) readHeldBack() error {
	rows, err := b.s.LoanHeldBack(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		b.add(Entry{At: row.At, Sort: HeldBack, What: row.StepKey, Rule: row.Rule, Verdict: row.Verdict, Why: row.Why, Until: in(row.Until, b.home)})
	}
	return err
}

func (b *biographer) readTasks() error {
	rows, err := b.s.LoanTasks(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		b.add(Entry{
			At: row.At, Sort: Task, What: row.StepKey, ID: row.Key, Reason: row.Reason, Why: strategy.Sentence(row.Reason), Rule: row.Rule,
			Result: row.Disposition, Done: in(row.DoneAt, b.home),
		})
	}
	return err
}

func (b *biographer) readApprovals() error {
	all, err := Approvals(b.ctx, b.s, ApprovalFilter{Loan: b.life.Loan.ID, Every: true, Most: 10000})
	for _, a := range all {
		e := Entry{
			At: a.At, Sort: Asked, What: a.Step, ID: a.ID, Channel: a.Channel, Rule: strings.Join(a.Rules, ", "), Result: string(a.Answer),
			Until: in(&a.Until, b.home), Actor: a.AnsweredBy, Done: a.Answered,
		}
		if e.Result == "" && !a.now.Before(a.Until) {
			e.Result = "unanswered"
		}
		if !e.Done.IsZero() {
			e.Done = e.Done.In(b.home)
		}
		b.add(e)
	}
	return err
}

func (b *biographer) readNotices() error {
	rows, err := b.s.LoanNotices(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		b.add(Entry{At: row.At, Sort: Told, What: row.Kind, ID: row.Key, Done: in(row.ToldAt, b.home)})
	}
	return err
}

func (b *biographer) readTexts() error {
	rows, err := b.s.LoanMessages(b.ctx, b.life.Loan.ID)
	for _, row := range rows {
		for n := range b.life.Entries {
			if e := &b.life.Entries[n]; e.Sort == Sent && e.Contact == row.ContactKey {
				e.Subject, e.Body = row.Subject, row.Body
			}
		}
	}
	return err
}

// meaning says what a reply was understood as, besides stop and nothing.
func meaning(p event.Reply) string {
	var all []string
	for _, i := range p.Means {
		if i != event.Stop && i != event.Unclear {
			all = append(all, strings.ReplaceAll(string(i), "_", " "))
		}
	}
	return strings.Join(all, ", ")
}

// understoodBy says who understood a reply, where a classifier was asked.
func understoodBy(p event.Reply) string {
	switch {
	case p.Unheard != "":
		return "understood by the " + p.Understood + ", for the classifier was not heard (" + p.Unheard + ")"
	case p.Understood != "":
		return "understood by the " + p.Understood
	}
	return ""
}

// summary says in a few words what an event brought. It reads what is not personal, and says nothing of what it cannot read.
func (b *biographer) summary(t event.Type, data json.RawMessage) string {
	currency := b.life.Loan.Currency
	switch t {
	case event.LoanDisbursed:
		return reading(data, func(p event.Disbursement) string {
			return fmt.Sprintf("%s %s on %s, %s", loan.Write(p.Principal, p.Currency), p.Currency, p.DisbursedOn, installments(p.Schedule))
		})
	case event.LoanRescheduled:
		return reading(data, func(p event.Rescheduling) string { return words(installments(p.Schedule), p.Reason) })
	case event.LoanCancelled, event.LoanSettled, event.LoanWrittenOff:
		return reading(data, func(p event.Ending) string { return words("on "+p.On.String(), p.Reason) })
	case event.SurveyAnswered:
		return reading(data, func(p event.SurveyAnswer) string { return fmt.Sprintf("%s: %d of 5", p.Question, p.Score) })
	case event.LoanScored:
		return reading(data, func(p event.Score) string { return words(string(p.Band)+" risk", p.Model) })
	case event.StrategyAssigned:
		return reading(data, func(p event.Assignment) string { return words(p.Strategy, p.Hash) })
	case event.PaymentPosted, event.PaymentReversed, event.PaymentRefunded, event.FeeCharged, event.FeeWaived, event.RecoveryPosted:
		return reading(data, func(p struct {
			event.Posting
			Reverses string         `json:"reverses"`
			Of       loan.Component `json:"of"`
			Pays     loan.Direction `json:"pays"`
		},
		) string {
			text := fmt.Sprintf("%s %s, value date %s", loan.Write(p.Amount, p.Currency), p.Currency, p.ValueDate)
			for _, more := range []struct{ what, said string }{
				{", undoes ", p.Reverses},
				{", of ", string(p.Of)},
				{", for ", string(p.Pays.Component)},
				{", for the installment of ", p.Pays.Installment.String()},
			} {
				if more.said != "" {
					text += more.what + more.said
				}
			}
			return text
		})
	case event.BorrowerReplied:
		return reading(data, func(p event.Reply) string {
			said := p.Intent
			if said == string(event.Unclear) && meaning(p) != "" {
				said = ""
			}
			return words("by "+string(p.Channel), said, string(p.Answer), meaning(p), understoodBy(p))
		})
	case event.ConsentGranted, event.ConsentRevoked:
		return reading(data, func(p event.Consent) string {
			if p.Channel == "" && p.Point == "" {
				return "every channel"
			}
			return words(string(p.Channel), p.Point)
		})
	case event.HoldPlaced:
		return reading(data, func(p event.HoldPlacement) string {
			until := "until released"
			if !p.Until.IsZero() {
				until = "until " + Moment(p.Until.In(b.home))
			}
			return words(string(p.Kind), p.Hold, until)
		})
	case event.ApprovalGranted, event.ApprovalRefused:
		return reading(data, func(p event.ApprovalRefusal) string { return p.Approval })
	case event.HoldReleased:
		return reading(data, func(p event.HoldRelease) string { return p.Hold })
	case event.DisputeRaised:
		return reading(data, func(p event.Dispute) string { return words(p.Dispute, money(p.Amount, currency)) })
	case event.DisputeResolved:
		return reading(data, func(p event.DisputeResolution) string { return words(p.Dispute, p.Outcome) })
	case event.PromiseMade:
		return reading(data, promised)
	case event.PromiseWithdrawn:
		return reading(data, func(p event.PromiseWithdrawal) string { return p.Promise })
	case event.HardshipReported:
		return reading(data, func(p event.Hardship) string { return string(p.Cause) })
	case event.PlanOffered:
		return reading(data, func(p event.PlanOffer) string { return p.Product })
	case event.PlanAccepted, event.PlanDeclined:
		return reading(data, func(p event.PlanAnswer) string { return words(p.Plan, string(p.By)) })
	case event.ContactRecorded:
		return reading(data, func(p event.Contact) string {
			return words(string(p.Channel), string(p.Direction), string(p.Disposition))
		})
	case event.CallCompleted:
		return reading(data, func(p event.Call) string {
			if p.Complaint != nil && b.raised[p.Complaint.Complaint] {
				p.Complaint = nil // its own line tells of it
			}
			return calledWords(p, currency)
		})
	case event.TaskExpired:
		return reading(data, func(p event.Expiry) string { return p.Task })
	case event.MessageDelivered, event.MessageFailed:
		return reading(data, func(p event.Receipt) string { return words(p.Contact, p.Code) })
	case event.ComplaintClosed:
		return reading(data, func(p event.ComplaintClosing) string { return words(p.Complaint, p.Outcome) })
	case event.ComplaintRaised:
		return reading(data, func(p event.Complaint) string {
			return words(p.Complaint, string(p.Kind), prefixed("the same as ", p.Into))
		})
	}
	return ""
}

func promised(p event.Promise) string {
	var parts []string
	for _, part := range p.Promised() {
		parts = append(parts, money(part.Amount, p.Currency)+" by "+part.By.String())
	}
	return strings.Join(parts, ", ")
}

// calledWords says what came of a call, and what was said in it.
func calledWords(p event.Call, currency string) string {
	said := []string{string(p.Disposition), p.Task}
	if p.Promise != nil {
		said = append(said, "promised "+promised(*p.Promise))
	}
	if p.Hardship != nil {
		said = append(said, "hardship "+string(p.Hardship.Cause))
	}
	if p.Complaint != nil {
		said = append(said, "complaint "+p.Complaint.Complaint)
	}
	if p.Dispute != nil {
		said = append(said, words("dispute "+p.Dispute.Dispute, money(p.Dispute.Amount, currency)))
	}
	if !p.CallbackAt.IsZero() {
		said = append(said, "call again on "+Moment(p.CallbackAt.UTC()))
	}
	return words(append(said, prefixed("refuses ", string(p.Refusal)), prefixed("by ", p.Agent))...)
}

func reading[P any](data json.RawMessage, say func(P) string) string {
	var p P
	if json.Unmarshal(data, &p) != nil {
		return ""
	}
	return say(p)
}

// words joins what there is with commas.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

func installments(schedule []loan.Installment) string {
	var first bizclock.Date
	if len(schedule) > 0 {
		first = schedule[0].Due
	}
	return fmt.Sprintf("%s, the first due on %s", Count(int64(len(schedule)), "installment"), first)
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
