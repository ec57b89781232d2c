package strategy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// A complaint is accompanied until nothing more is expected of it. What is to be done about it package complaint says; here it is moved to
// when and how the rules allow it, as every step is.

// Why something is done about a complaint.
const (
	reasonHeard     = "complaint_heard"
	reasonAsked     = "complaint_survey"
	ReasonDue       = "complaint_due"
	ReasonRedress   = "redress"
	reasonClimbs    = "complaint_escalates"
	reasonUnopposed = "complaint_unopposed"
	reasonUnheard   = "hardship_unheard"
	// ReasonInWriting is the reason of a task: an answer was told where its reasons had no room.
	ReasonInWriting = "answer_in_writing"
)

// unheard opens a complaint in the borrower's stead: they told of hardship, and nobody has offered help, however often it was somebody's
// task. From there it has a clock, and climbs.
func (t *thoughts) unheard(on bizclock.Date, at time.Time) want {
	step := key("hardship-unheard", on)
	sum := sha256.Sum256([]byte(t.Journey.Loan + "\n" + step))
	return want{
		key: step, kind: journey.Record, at: at, reason: reasonUnheard, event: event.ComplaintRaised,
		fill: map[string]string{"complaint": "unheard-" + hex.EncodeToString(sum[:8]), "kind": string(complaint.HardshipIgnored), "origin": string(complaint.FromJourney)},
	}
}

// debt is the loan that contacts are about: the journey's own, or the one that is complained about.
func (t *thoughts) debt() string {
	if t.Journey.Complaint != nil && t.Complaint != nil && t.Complaint.Loan != "" {
		return t.Complaint.Loan
	}
	return t.Journey.Loan
}

// situation is what must be known besides the complaint to say what is next.
func (t *thoughts) situation() complaint.Situation {
	s := complaint.Situation{Now: t.Now, Language: t.Standing.Language}
	for _, d := range t.Journey.Done {
		asked := strings.HasPrefix(d.Key, complaint.Surveyed)
		if d.Result.Made() && d.Key == t.Complaint.AnswerKey() {
			s.Answered = d.At
		}
		switch {
		case !d.Result.Made():
		case asked:
			s.Asked = later(s.Asked, d.At)
		case d.Contact != "" && d.Channel != "":
			s.Told = later(s.Told, d.At)
		}
	}
	for _, h := range t.Standing.Holds {
		if h.ID == event.ComplaintHold(t.Journey.Complaint.ID) && (h.Until.IsZero() || t.Now.Before(h.Until)) {
			s.Held = true
		}
	}
	return s
}

// complaint is what is to be done about a complaint.
func (t *thoughts) complaint() (all []want) {
	if t.Complaint == nil {
		return nil
	}
	for _, step := range t.Complaint.Next(t.Regime, t.situation()) {
		w := want{key: step.Key, at: step.At, lapses: step.Lapses, template: step.Template, fill: step.Fill}
		switch step.Do {
		case complaint.Write:
			w.kind, w.reason, w.purpose, w.must = journey.Send, reasonHeard, contact.ComplaintReply, step.Must
			if complaint.Answers(step.Key) {
				w.by = contact.Email // there is room for the reasons
			}
		case complaint.Ask:
			w.kind, w.reason, w.purpose = journey.Send, reasonAsked, contact.Survey
			t.unlessTrouble(&w)
		case complaint.Warn:
			w.kind, w.reason = journey.Tell, ReasonDue
		case complaint.Refund:
			w.kind, w.reason = journey.Tell, ReasonRedress
		case complaint.MoveUp:
			w.kind, w.reason, w.event = journey.Record, reasonClimbs, event.ComplaintEscalated
		case complaint.End:
			w.kind, w.reason, w.event = journey.Record, reasonUnopposed, event.ComplaintClosed
		}
		all = append(all, w)
	}
	return append(all, t.inWriting()...)
}

// inWriting has a person send the reasons of an answer in writing where the borrower heard it in a call, or in a message that had no room
// for them. Whoever saw to it in another way did so, and who says that it is settled needs no more.
func (t *thoughts) inWriting() []want {
	c := t.Complaint
	if c.Answer == nil || c.Answer.Event == 0 || c.How != "" && c.How != complaint.Unopposed {
		return nil
	}
	for _, d := range t.Journey.Done {
		if d.Key == c.AnswerKey() && d.Result.Made() && d.Channel != "" && d.Channel != contact.Email && d.Channel != contact.Letter {
			return []want{{key: fmt.Sprintf("in-writing@%s.%d", c.ID, c.Round), kind: journey.Task, at: d.At, reason: ReasonInWriting}}
		}
	}
	return nil
}

// unlessTrouble asks nobody who is in arrears, or under a hold, when the question is due. What is so before then may have passed by then.
// A complaint's journey is told of holds, but of no payment: it looks again a day later, while the question is worth asking.
func (t *thoughts) unlessTrouble(w *want) {
	const day = 24 * time.Hour
	switch {
	case t.Now.Before(w.at):
	case t.held(t.Now):
		w.drop = ReasonHold
	case t.InArrears:
		w.at = w.at.Add((t.Now.Sub(w.at)/day + 1) * day)
	}
}

func (t *thoughts) complaintStage() journey.Stage {
	if t.Complaint == nil {
		return journey.Stage(complaint.Registered)
	}
	return journey.Stage(t.Complaint.State())
}

// complaintOver reports whether nothing more is expected of the complaint.
func (t *thoughts) complaintOver() bool {
	if t.Complaint == nil {
		return false
	}
	over := t.Complaint.Over(t.Regime, t.situation())
	return !over.IsZero() && !t.Now.Before(over)
}

// complaintAttributes are the search attributes of complaints alone: loans have none of them.
func (t *thoughts) complaintAttributes(d journey.Decision) []journey.Attribute {
	level, role, due := "", "", ""
	if t.Journey.Complaint != nil && t.Complaint != nil && !d.Close {
		level, role = string(t.Complaint.Level), string(t.Complaint.Role())
		if first, open := t.Complaint.Due(); open {
			due = first.At.UTC().Format(time.RFC3339)
		}
	}
	return []journey.Attribute{
		{Name: "ComplaintLevel", Type: journey.Keyword, Value: level},
		{Name: "OwnerRole", Type: journey.Keyword, Value: role},
		{Name: "DeadlineAt", Type: journey.Time, Value: due},
	}
}

// complaintDetails is what the Temporal Web UI shows of a complaint beside what it shows of every journey.
func (t *thoughts) complaintDetails() string {
	c := t.Complaint
	if t.Journey.Complaint == nil || c == nil {
		return ""
	}
	words := func(s string) string { return strings.ReplaceAll(s, "_", " ") }
	var b strings.Builder
	b.WriteString("\nWith " + words(string(c.Role())))
	if c.Role() != c.Level { // an external body has it, and somebody of the lender answers for it
		b.WriteString(" (" + words(string(c.Level)) + ")")
	}
	if c.Owner == "" && c.State().Open() {
		b.WriteString(", not taken up by anybody yet")
	}
	b.WriteString("\n")
	for _, d := range c.Deadlines() {
		late := ""
		if !t.Now.Before(d.At) {
			late = ", **late**"
		}
		fmt.Fprintf(&b, "\n- %s by %s%s", t.Regime.TitleOf(d.ID), d.Due, late)
	}
	if c.Answer != nil {
		fmt.Fprintf(&b, "\nAnswered on %s: %s", c.Answer.At.In(t.home).Format("Mon 2 Jan 2006"), words(string(c.Answer.Outcome)))
	}
	b.WriteString("\n")
	return b.String()
}
