package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/worklist"
)

// WriteTasks writes a list of tasks as text. Leases are wall time, all else is business time.
func WriteTasks(w io.Writer, style Style, all []worklist.Task) error {
	p := &page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nothing waits for a person.\n")
		return p.err
	}
	rows := [][]string{{"TASK", "ABOUT", "STEP", "REASON", "PRIORITY", "ASSIGNED", "UNTIL", "STANDS"}}
	for _, t := range all {
		rows = append(rows, []string{t.ID, event.Named(t.Loan), t.Step, t.Reason, fmt.Sprint(t.Priority), Moment(t.Assigned), moment(t.Until), stands(t)})
	}
	p.table("", rows)
	return p.err
}

// stands says in words how far a task is.
func stands(t worklist.Task) string {
	switch {
	case !t.Done.IsZero():
		return words(t.Disposition+" on "+Moment(t.Done), prefixed("by ", Printable(t.DoneBy)))
	case t.Agent != "" && !t.Dialled.IsZero():
		return "with " + t.Agent + ", who has dialled"
	case t.Agent != "":
		return "with " + t.Agent
	case t.Needless:
		return "nothing asks for it any more"
	}
	waits := "waits"
	if from := latest(t.NotBefore, t.RestsUntil); !from.IsZero() {
		waits = "not before " + Moment(from)
	}
	if t.Tries > 0 {
		waits += fmt.Sprintf(", %d of %s in vain", t.Tries, Count(int64(t.MostTries), "call"))
	}
	return waits
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// WriteTask writes a task as its agent needs it.
func WriteTask(w io.Writer, style Style, t worklist.Task) error {
	p := &page{w: w, style: style}
	p.task(t)
	return p.err
}

func (p *page) task(t worklist.Task) {
	p.printf("%s\n", p.style.bold("Task "+t.ID+": "+t.Step))
	kind, id, _ := strings.Cut(event.SubjectOf(t.Loan), "/")
	rows := [][]string{
		{kind, id + " of borrower " + t.Borrower},
		{"because", words(t.Why, prefixed("purpose ", string(t.Purpose)))},
		{"stands", words(stands(t), lease(t))},
		{"assigned", Moment(t.Assigned)},
	}
	if !t.Until.IsZero() && t.Done.IsZero() {
		rows = append(rows, []string{"until", Moment(t.Until)})
	}
	if t.Details == nil {
		p.table("  ", rows)
		return
	}
	if t.Done.IsZero() {
		rows = append(rows, []string{"call", p.call(t)})
	}
	p.table("  ", rows)
	if t.Wrote != "" {
		p.printf("\n%s\n", p.style.bold("What the borrower wrote"))
		for line := range strings.Lines(t.Wrote) {
			p.printf("  | %s\n", Printable(strings.TrimRight(line, "\r\n")))
		}
	}
	if t.Done.IsZero() {
		p.script(t)
	}
}

// lease says until when its agent has a task.
func lease(t worklist.Task) string {
	if t.Agent == "" {
		return ""
	}
	return "until " + t.LeasedUntil.UTC().Format("15:04 MST") + " on the wall"
}

// call says whether, where and until when the borrower may be called.
func (p *page) call(t worklist.Task) string {
	if !t.May.Allowed {
		return p.style.paint(yellow, "not now") + ": " + t.May.Says()
	}
	where := t.Telephone
	if where == "" {
		where = "no telephone is known here"
	}
	text := p.style.paint(green, "allowed") + ", " + Printable(where)
	if !t.May.Until.IsZero() {
		text += ", until " + t.May.Clock(t.May.Until)
	}
	return text
}

// script writes what to say, in its order.
func (p *page) script(t worklist.Task) {
	part := func(head string, lines ...string) {
		p.printf("\n%s\n", p.style.bold(head))
		for _, line := range lines {
			p.printf("  %s\n", Printable(line))
		}
	}
	part("First: who answers? Nothing is said of money before that is certain", t.Script.Identity...)
	part("Then", t.Script.Say...)
	p.printf("\n%s\n", p.style.bold("At last a smaller next step"))
	rows := [][]string{}
	for _, offer := range t.Script.Offers {
		rows = append(rows, []string{string(offer.Offer), Printable(offer.Say)})
	}
	p.table("  ", rows)
	part("The last words", t.Script.Closing)
	part("To a machine", t.Script.Voicemail)
	part("To anybody else", t.Script.ThirdParty)
}

// WriteHanded writes what an agent was given, and what was passed over.
func WriteHanded(w io.Writer, style Style, h worklist.Handed) error {
	p := &page{w: w, style: style}
	switch {
	case h.Task == nil:
		p.printf("There is no task that can be done now.\n")
	case h.Again:
		p.printf("You have this one already.\n\n")
		p.task(*h.Task)
	default:
		p.task(*h.Task)
	}
	if len(h.Skipped) > 0 {
		p.printf("\n%s\n", style.bold("Passed over"))
		rows := [][]string{}
		for _, s := range h.Skipped {
			rows = append(rows, []string{s.Task, s.Loan, Printable(s.Says())})
		}
		p.table("  ", rows)
	}
	if h.More {
		p.printf("\nThere may be more; ask again later.\n")
	}
	return p.err
}

// WriteDialled writes that a call may be made.
func WriteDialled(w io.Writer, style Style, d worklist.Dialled) error {
	p := &page{w: w, style: style}
	where := d.Task.Telephone
	if where == "" {
		where = "the telephone that you know"
	}
	p.printf("%s: call %s now; it counts as contact %s\n", d.Task.ID, Printable(where), d.Contact)
	p.printf("  then say what came of it: tender task complete %s --disposition ...\n", d.Task.ID)
	return p.err
}
