package strategy

import (
	"strconv"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// want is something that a thread of the journey would like to do.
type want struct {
	key    string
	kind   journey.Kind
	reason string
	// date or at is when it is planned.
	date     bizclock.Date
	at       time.Time
	purpose  contact.Purpose
	template string
	// lapses is when it stops being worth doing; zero: never.
	lapses time.Time
	// must is set for what a person has to do when no machine may.
	must bool
	// stale is set when it needs postings that may not have come yet.
	stale bool
	// drop is set when the thread itself knows why not, for the explanation.
	drop string
	fill map[string]string
}

func (w want) planned(t *thoughts) time.Time {
	switch {
	case w.date.IsZero():
		return w.at
	case w.kind == journey.Send:
		return t.onDate(w.date, w.key)
	}
	return w.date.In(t.zone)
}

// tries is how often a step that failed is tried again before it is given up, or given to a person.
const tries = 4

// supersededPause is how long, on the wall, a step waits for the event that superseded it.
const supersededPause = 2 * time.Second

// number is the number of the last event that this decision is made on, as a superseded step reports it.
func (t *thoughts) number() string {
	through, _ := t.Journey.Covered(t.Refused)
	return strconv.FormatInt(through, 10)
}

// wants returns what every thread of the journey would like to do next.
func (t *thoughts) wants() []want {
	var all []want
	for _, thread := range []func() []want{
		t.duties, t.welcome, t.thanks, t.backOnTrack, t.ladder, t.reminders, t.followUps,
	} {
		for _, w := range thread() {
			if t.pending(&w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// pending reports whether a want is not yet done, and moves it behind its failures.
func (t *thoughts) pending(w *want) bool {
	final := journey.Result.Final
	if w.kind == journey.Task {
		final = is(journey.ResultAssigned)
	}
	if _, made := t.Journey.LastDone(w.key, final); made {
		return false
	}
	if s, ok := t.Journey.LastDone(w.key, is(journey.ResultSuperseded)); ok && s.Code == t.number() {
		// An event came first that has not arrived here: it is on its way.
		pause := supersededPause * time.Duration(max(1, t.Journey.Clock.Rate))
		w.date, w.at = bizclock.Date{}, later(w.planned(t), s.At.Add(pause))
	}
	failures, last := 0, time.Time{}
	for _, result := range []journey.Result{journey.ResultFailed, journey.ResultBounced} {
		if failed, ok := t.Journey.LastDone(w.key, is(result)); ok {
			failures, last = failures+failed.Times, later(last, failed.At)
		}
	}
	switch {
	case failures == 0:
		return true
	case failures < tries || w.kind != journey.Send:
	case !w.must:
		w.drop = ReasonGivenUp
		return true
	default:
		if _, assigned := t.Journey.LastDone(w.key, is(journey.ResultAssigned)); assigned {
			w.drop = ReasonTaskOpen
			return true
		}
		w.kind, w.reason = journey.Task, ReasonNoChannel
	}
	// wait an hour, two, four, … up to a day
	pause := min(time.Hour<<min(failures-1, 5), 24*time.Hour)
	at := later(w.planned(t), last.Add(pause))
	w.date, w.at = bizclock.Date{}, at
	return true
}

func key(treatment string, anchor bizclock.Date) string { return treatment + "@" + anchor.String() }

// duties are what must be done whatever may be said to the borrower.
func (t *thoughts) duties() (all []want) {
	j := t.Journey
	if !j.Died.IsZero() && !t.settled {
		all = append(all, want{key: key("estate", bizclock.DateOf(j.Died.In(t.zone))), kind: journey.Task, at: j.Died, reason: "estate"})
	}
	for _, h := range j.Hardships {
		all = append(all, want{key: key("hardship-"+h.Code, bizclock.DateOf(h.At.In(t.zone))), kind: journey.Task, at: h.At, reason: "hardship"})
	}
	since := t.status.PastDueSince
	if since.IsZero() || t.settled || t.stage == journey.ChargedOff {
		return all
	}
	w := want{
		key: key("charge-off", since), kind: journey.Tell, date: since.AddDays(t.Strategy.ChargeOff.Day), reason: "charge_off",
		stale: t.staleLedger(),
		fill:  map[string]string{"past_due": loan.Write(t.status.PastDue, j.Terms.Currency), "currency": j.Terms.Currency, "past_due_since": since.String()},
	}
	return append(all, w)
}

func (t *thoughts) welcome() []want {
	return []want{{
		key: key("welcome", t.Journey.DisbursedOn), kind: journey.Send, at: t.Journey.Disbursed, reason: "welcome",
		purpose: contact.Informational, template: t.Strategy.Welcome.Template, fill: t.fill(),
		lapses: t.Journey.DisbursedOn.AddDays(3).In(t.zone), drop: t.unlessOpen(),
	}}
}

// unlessOpen drops what is only for loans on which something is still owed.
func (t *thoughts) unlessOpen() string {
	switch {
	case t.settled:
		return ReasonSettled
	case t.stage == journey.ChargedOff:
		return string(journey.ChargedOff)
	}
	return ""
}

func (t *thoughts) thanks() []want {
	if !t.settled {
		return nil
	}
	on := t.Journey.Settled
	for _, tx := range t.Journey.Transactions {
		if on.Before(tx.ValueDate) {
			on = tx.ValueDate
		}
	}
	return []want{{
		key: key("thank-you", on), kind: journey.Send, date: on, reason: ReasonSettled, purpose: contact.Informational,
		template: t.Strategy.Thanks.Template, fill: t.fill(), lapses: later(on.AddDays(7).In(t.zone), on.In(t.zone)),
	}}
}

// backOnTrack thanks for a payment that ended arrears about which the borrower had been written to.
func (t *thoughts) backOnTrack() []want {
	if t.calm.IsZero() || t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() {
		return nil
	}
	wrote := false
	for _, d := range t.Journey.Done {
		switch {
		case strings.HasPrefix(d.Key, "back-on-track@") && d.Result.Made():
			wrote = false
		case t.level(d.Key) >= 0 && d.Result.Made() && d.At.Before(t.calm):
			wrote = true
		}
	}
	if !wrote {
		return nil
	}
	on := bizclock.DateOf(t.calm.In(t.zone))
	return []want{{
		key: key("back-on-track", on), kind: journey.Send, at: t.calm, reason: "back_on_track", purpose: contact.Informational,
		template: t.Strategy.BackOnTrack.Template, fill: t.fill(), lapses: on.AddDays(3).In(t.zone),
	}}
}

// level returns the place on the ladder of a step's key, or -1.
func (t *thoughts) level(key string) int {
	treatment, _, _ := strings.Cut(key, "@")
	for n, l := range t.Strategy.Ladder.Steps {
		if l.Name == treatment {
			return n
		}
	}
	return -1
}

// ladder returns the next step of the ladder for the oldest unpaid installment: never one whose predecessor was not
// made, and never sooner after that one than planned, so that what was missed while nobody could write is not made up
// for in a burst.
func (t *thoughts) ladder() []want {
	since := t.status.PastDueSince
	if since.IsZero() || t.unlessOpen() != "" {
		return nil
	}
	steps, n := t.Strategy.Ladder.Steps, 0
	for n < len(steps) {
		if _, made := t.Journey.LastDone(key(steps[n].Name, since), journey.Result.Made); !made {
			break
		}
		n++
	}
	if n == len(steps) {
		return nil
	}
	on := since.AddDays(steps[n].Day)
	for _, d := range t.Journey.Done {
		if level := t.level(d.Key); level >= 0 && d.Result.Made() {
			gap := t.Strategy.Ladder.MinGapDays
			if n > 0 && d.Key == key(steps[n-1].Name, since) {
				gap = max(gap, steps[n].Day-steps[n-1].Day)
			}
			on = latest(on, bizclock.DateOf(d.At.In(t.zone)).AddDays(gap))
		}
	}
	for _, p := range t.Journey.Promises {
		if rest := p.By.AddDays(t.Strategy.RestDays.Promise + 1); !bizclock.DateOf(p.Made.In(t.zone)).Before(since) {
			on = latest(on, rest)
		}
	}
	for _, h := range t.Journey.Hardships {
		on = latest(on, bizclock.DateOf(h.At.In(t.zone)).AddDays(t.Strategy.RestDays.Hardship))
	}
	w := want{
		key: key(steps[n].Name, since), kind: journey.Send, date: on, reason: "arrears", purpose: contact.Collection,
		template: steps[n].Template, must: true, fill: t.fill(), stale: t.staleLedger(),
	}
	return []want{w}
}

// staleRecheck is how long a step waits for the lending system's postings before it looks again.
const staleRecheck = 4 * time.Hour

// staleLedger reports whether the lending system's postings are not known to be complete through the oldest unpaid due
// date.
func (t *thoughts) staleLedger() bool {
	return !t.Journey.NoWatermarks && t.Watermark.Before(t.status.PastDueSince)
}

func (t *thoughts) reminders() (all []want) {
	due := t.status.Next
	if due.IsZero() || t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() {
		return nil // the ladder speaks for what is overdue; two voices at once would be one too many
	}
	for n, r := range t.Strategy.Reminders {
		on := due.AddDays(-r.DaysBefore)
		if on.Before(t.Journey.DisbursedOn) {
			continue
		}
		lapses := due.AddDays(1)
		if n+1 < len(t.Strategy.Reminders) {
			lapses = due.AddDays(-t.Strategy.Reminders[n+1].DaysBefore)
		}
		all = append(all, want{
			key: key(r.Name, due), kind: journey.Send, date: on, reason: "reminder", purpose: contact.Informational,
			template: r.Template, fill: t.fill(), lapses: lapses.In(t.zone),
		})
	}
	return all
}

func (t *thoughts) followUps() []want {
	s := t.Strategy.FollowUps
	if t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() {
		return nil
	}
	first := want{
		key: key("first-week", t.Journey.DisbursedOn), kind: journey.Send, date: t.Journey.DisbursedOn.AddDays(s.First.Day),
		reason: "follow_up", purpose: contact.Informational, template: s.First.Template, fill: t.fill(),
		lapses: t.Journey.DisbursedOn.AddDays(8).In(t.zone),
	}
	if t.Now.Before(first.lapses) {
		if _, made := t.Journey.LastDone(first.key, journey.Result.Final); !made {
			return []want{first}
		}
	}
	if len(s.Then.Every) == 0 {
		return nil
	}
	last, count := later(t.calm, first.date.In(t.zone)), 0
	for _, d := range t.Journey.Done {
		if treatment, _, _ := strings.Cut(d.Key, "@"); (treatment == "follow-up" || treatment == "first-week") && d.Result.Final() {
			if treatment == "follow-up" && !d.At.Before(t.calm) {
				count++
			}
			last = later(last, d.At)
		}
	}
	on := bizclock.DateOf(last.In(t.zone)).AddDays(s.Then.Every[min(count, len(s.Then.Every)-1)])
	planned := on
	for _, i := range t.Journey.Terms.Schedule {
		if !i.Due.AddDays(-s.KeepFromDueDays).After(on) && !i.Due.AddDays(1).Before(on) {
			on = i.Due.AddDays(2)
		}
	}
	return []want{{
		key: key("follow-up", planned), kind: journey.Send, date: on, reason: "follow_up", purpose: contact.Informational,
		template: s.Then.Template, fill: t.fill(),
	}}
}

// fill are the amounts and dates that messages name.
func (t *thoughts) fill() map[string]string {
	currency, amount := t.Journey.Terms.Currency, t.status.NextAmount
	fill := map[string]string{
		"currency": currency, "amount": loan.Write(amount, currency),
		"outstanding": loan.Write(t.status.Outstanding, currency), "past_due": loan.Write(t.status.PastDue, currency),
	}
	if !t.status.Next.IsZero() {
		fill["due"] = t.status.Next.String()
	}
	if !t.status.PastDueSince.IsZero() {
		fill["past_due_since"] = t.status.PastDueSince.String()
	}
	return fill
}

func latest(a, b bizclock.Date) bizclock.Date {
	if a.After(b) {
		return a
	}
	return b
}
