package strategy

import (
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// stepOf returns the step of a ladder with a name: the loan's own ladder's, or else that of another segment, to which the
// loan belonged when the step was made.
func (t *thoughts) stepOf(treatment string) (Level, bool) {
	for _, l := range t.Strategy.Ladder.Steps {
		if l.Name == treatment {
			return l, true
		}
	}
	for _, s := range t.whole.ladders() {
		for _, l := range s.Steps {
			if l.Name == treatment {
				return l, true
			}
		}
	}
	return Level{}, false
}

// ladders are those of all segments.
func (s *Strategy) ladders() []Ladder {
	all := []Ladder{s.Ladder}
	for _, g := range s.Segments {
		if g.Ladder != nil {
			all = append(all, *g.Ladder)
		}
	}
	return all
}

// rung returns the step of the ladder that an entry of what was done is about, and whether it is about one.
func (t *thoughts) rung(d journey.Done) (step Level, anchor string, ok bool) {
	treatment, anchor, _ := strings.Cut(d.Key, "@")
	step, ok = t.stepOf(treatment)
	return step, anchor, ok
}

// noticed reports whether an entry is about a step of the ladder by which the borrower was written to or called.
func (t *thoughts) noticed(d journey.Done) bool {
	step, _, ok := t.rung(d)
	return ok && step.Do != Refer && d.Result.Made()
}

// passes reports whether the ladder goes on after an entry, and from when: a message was made, the lending system was told,
// a person has called, or has had the time to.
func (t *thoughts) passes(step Level, d journey.Done) (from bizclock.Date, ok bool) {
	switch {
	case step.Do == Refer && d.Result.Final(), step.Do != Refer && d.Result.Made():
		return t.on(d.At), true
	case step.Do == CallThem && d.Result == journey.ResultAssigned:
		return t.on(d.At).AddDays(step.Patience), true
	}
	return bizclock.Date{}, false
}

// lapsesOn are the dates on which steps of the ladder lapse that were not made.
func (t *thoughts) lapsesOn() (dates []bizclock.Date) {
	since, steps := t.status.PastDueSince, t.Strategy.Ladder.Steps
	for n, step := range steps {
		if step.CatchUp == Lapse && !since.IsZero() {
			dates = append(dates, since.AddDays(steps[n+1].Day))
		}
	}
	return dates
}

// climbed is how far up the ladder the present arrears are.
type climbed struct {
	// next is the step that comes next, as its place in the ladder.
	next int
	// from is the date before which it does not.
	from bizclock.Date
}

// climb finds how far up the ladder the present arrears are. What turned out to have failed once the next message had left is
// not made up for. A loan that came from another segment goes on from where it was: it has no step twice, and what it had there
// stands for as many steps of here that come no later.
func (t *thoughts) climb() (c climbed) {
	steps, anchor := t.Strategy.Ladder.Steps, t.anchor().String()
	made, lastDay, strangers := map[string]bool{}, 0, 0
	for _, d := range t.Journey.Done {
		step, at, ok := t.rung(d)
		if !ok || at != anchor || made[step.Name] {
			continue
		}
		if _, passed := t.passes(step, d); !passed {
			continue
		}
		made[step.Name], lastDay = true, max(lastDay, step.Day)
		if d.Result.Made() && !slices.ContainsFunc(steps, func(l Level) bool { return l.Name == step.Name }) {
			strangers++
		}
	}
	for ; c.next < len(steps); c.next++ {
		step := steps[c.next]
		switch {
		case made[step.Name]:
		case c.next+1 < len(steps) && steps[c.next+1].Do == Message && made[steps[c.next+1].Name]:
		case strangers > 0 && step.Day <= lastDay:
			strangers--
		case step.CatchUp == Lapse && !t.today.Before(t.status.PastDueSince.AddDays(steps[c.next+1].Day)):
		default:
			c.from = t.notBefore(step)
			return c
		}
	}
	return c
}

// notBefore is the date before which a step of the ladder does not come: no sooner after those before it than planned, so
// that what was missed while nobody could write is not made up for in a burst.
func (t *thoughts) notBefore(next Level) bizclock.Date {
	on := t.slept(t.status.PastDueSince.AddDays(next.Day))
	for _, d := range t.Journey.Done {
		step, anchor, ok := t.rung(d)
		if !ok {
			continue
		}
		here := anchor == t.anchor().String()
		if d.Result.Made() || step.Do == Refer && d.Result.Final() {
			gap := t.Strategy.Ladder.MinGapDays
			if here {
				gap = max(gap, next.Day-step.Day)
			}
			on = latest(on, t.on(d.At).AddDays(gap))
		}
		if from, passes := t.passes(step, d); passes && here && !t.called(d.Key) {
			on = latest(on, from)
		}
	}
	if next.QuietDays > 0 {
		on = latest(on, t.heardOn().AddDays(next.QuietDays))
	}
	on = latest(on, t.resting())
	since := t.status.PastDueSince
	for _, tx := range t.Journey.Transactions {
		if came := !tx.ValueDate.After(t.today); tx.Kind == loan.Payment && tx.ValueDate.After(since) && (came || tx.ValueDate.Sub(on) <= awaitedDays) {
			on = latest(on, tx.ValueDate.AddDays(t.Strategy.Ladder.MinGapDays)) // who pays a part is not written to at once
		}
	}
	return on
}

// called reports whether a step that was given to a person was done by one.
func (t *thoughts) called(key string) bool {
	_, made := t.Journey.LastDone(key, journey.Result.Made)
	return made
}

// heardOn is the date on which the borrower was last heard of, or paid; the zero date when never.
func (t *thoughts) heardOn() (on bizclock.Date) {
	on = t.on(t.Journey.Heard)
	for _, tx := range t.Journey.Transactions {
		if tx.Kind == loan.Payment && !tx.ValueDate.After(t.today) {
			on = latest(on, tx.ValueDate)
		}
	}
	for _, p := range t.Journey.Promises {
		on = latest(on, t.on(p.Made))
	}
	for _, h := range t.Journey.Hardships {
		on = latest(on, t.on(h.At))
	}
	for _, d := range t.Journey.Done {
		if d.Result == journey.ResultReached {
			on = latest(on, t.on(d.At))
		}
	}
	return on
}

// ladder returns the next step of the ladder for the oldest unpaid installment: never one whose predecessor was not
// made, unless that one may lapse.
func (t *thoughts) ladder() []want {
	if t.status.PastDueSince.IsZero() || t.unlessOpen() != "" || t.onPlan() {
		return nil
	}
	at := t.climb()
	if at.next == len(t.Strategy.Ladder.Steps) {
		return nil
	}
	step := t.Strategy.Ladder.Steps[at.next]
	w := want{key: key(step.Name, t.anchor()), date: at.from, stale: t.staleLedger()}
	switch step.Do {
	case Refer:
		w.kind, w.reason, w.review = journey.Tell, ReasonReferral, step.Review
		w.fill = map[string]string{
			"to": string(step.To), "currency": t.Journey.Contract.Currency, "past_due": loan.Write(t.status.PastDue, t.Journey.Contract.Currency),
			"outstanding": loan.Write(t.status.Outstanding, t.Journey.Contract.Currency), "past_due_since": t.status.PastDueSince.String(),
		}
	case CallThem:
		w.kind, w.reason, w.purpose = journey.Task, ReasonCall, contact.Collection
	default:
		w.kind, w.reason, w.purpose, w.template, w.must, w.fill = journey.Send, "arrears", contact.Collection, step.Template, true, t.fill()
		if step.Channel != Preferred {
			w.by = contact.Channel(step.Channel)
		}
	}
	return []want{w}
}

// referred returns the step by which the present arrears were given to somebody else, and whether they were.
func (t *thoughts) referred() (journey.Done, bool) {
	if t.status.PastDueSince.IsZero() {
		return journey.Done{}, false
	}
	for _, d := range slices.Backward(t.Journey.Done) {
		if step, anchor, ok := t.rung(d); ok && step.Do == Refer && d.Result.Final() && anchor == t.anchor().String() {
			return d, true
		}
	}
	return journey.Done{}, false
}

// recalls tells the lending system to take back what was referred, once its reason is gone: what was overdue has been paid,
// or a plan is being kept.
func (t *thoughts) recalls() (all []want) {
	for _, d := range t.Journey.Done {
		step, anchor, ok := t.rung(d)
		if !ok || step.Do != Refer || !d.Result.Final() || d.At.Before(t.Now.AddDate(-1, 0, 0)) {
			continue
		}
		if _, still := t.referred(); still && anchor == t.anchor().String() && !t.onPlan() {
			continue
		}
		all = append(all, want{
			key: keyOf("recall", d.Key[:strings.Index(d.Key, "@")]+"."+anchor), kind: journey.Tell, at: t.recalledAt(d.At), reason: ReasonRecall,
			fill: map[string]string{"to": string(step.To), "currency": t.Journey.Contract.Currency, "past_due_since": anchor},
		})
	}
	return all
}

// recalledAt is when what was referred at an instant is to be taken back.
func (t *thoughts) recalledAt(referred time.Time) time.Time {
	for _, at := range []time.Time{t.calm, t.paid} {
		if at.After(referred) {
			return at
		}
	}
	return referred
}
