package strategy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
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
	// away moves a date on which the message would not be welcome; it is asked again wherever the rules put the message.
	away func(bizclock.Date) bizclock.Date
	fill map[string]string
	// plan is what the lending system is told of a plan.
	plan *hardship.Plan
	// confirms is set for the message that confirms a stop, on the channel on which that came.
	confirms contact.Channel
	// by is the channel that the strategy asks for; where it cannot be had, any other will do.
	by contact.Channel
	// event is the type of the event that Tender records, with fill as its data.
	event event.Type
	// review is set when a supervisor has to approve of it first.
	review bool
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

// The pauses after which a step is tried again double with every try.
const (
	// supersededPause is how long, on the wall, a step waits at first for the event that superseded it.
	supersededPause, longestSuperseded = 2 * time.Second, 10 * time.Minute
	// heldPause keeps a step from coming back at once that a reservation held back although it seems to be allowed.
	heldPause, longestHeld = time.Minute, time.Hour
	// failedPause is how long a step rests at first after it failed.
	failedPause, longestFailed = time.Hour, 24 * time.Hour
)

// doubled returns a pause after so many tries.
func doubled(first, longest time.Duration, tries int) time.Duration {
	return min(first<<min(max(tries-1, 0), 16), longest)
}

// number is the number of the last event that this decision is made on, as a superseded step reports it.
func (t *thoughts) number() string {
	through, _ := t.Journey.Covered(t.Refused)
	return strconv.FormatInt(through, 10)
}

// wants returns what every thread of the journey would like to do next.
func (t *thoughts) wants() []want {
	var all []want
	for _, thread := range t.threads() {
		for _, w := range thread() {
			if t.pending(&w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// threads are what asks for steps.
func (t *thoughts) threads() []func() []want {
	if t.Journey.Application != nil {
		return []func() []want{t.preapproval, t.stopConfirmation}
	}
	if t.Journey.Complaint != nil {
		return []func() []want{t.complaint, t.stopConfirmation}
	}
	if !t.Journey.Cancelled.IsZero() {
		return []func() []want{t.stopConfirmation, t.incentives} // all that a borrower is still owed
	}
	return []func() []want{
		t.plans, t.duties, t.lateFees, t.stopConfirmation, t.questions, t.notedPromises, t.welcome, t.thanks, t.backOnTrack,
		t.missedPromises, t.ladder, t.recalls, t.reminders, t.followUps, t.surveys, t.incentives,
	}
}

// pending reports whether a want is not yet done, and moves it behind its failures.
func (t *thoughts) pending(w *want) bool {
	_, made := t.Journey.LastDone(w.key, journey.Result.Final)
	if w.kind == journey.Task {
		made = t.assigned(w.key)
	}
	if made {
		return false
	}
	again := time.Time{}
	if s, ok := t.Journey.LastDone(w.key, is(journey.ResultSuperseded)); ok && s.Code == t.number() {
		// An event came first that has not arrived here: it is on its way.
		pause := doubled(supersededPause, longestSuperseded, s.Times) * time.Duration(max(1, t.Journey.Clock.Rate))
		again = s.At.Add(pause)
	}
	if h, ok := t.Journey.LastDone(w.key, is(journey.ResultHeld)); ok {
		again = later(again, h.At.Add(doubled(heldPause, longestHeld, h.Times)))
	}
	failures, last := t.failures(w.key)
	if w.kind == journey.Send && failures >= tries {
		if !w.must {
			w.drop = ReasonGivenUp
			return true
		}
		switch {
		case t.assigned(w.key):
			w.drop = ReasonTaskOpen
			return true
		case t.neglected(*w):
			w.drop = ReasonGivenUp
			return true
		}
		w.kind, w.reason, failures = journey.Task, ReasonGivenUp, failures-tries // now, and by a person
	}
	if failures > 0 {
		again = later(again, last.Add(doubled(failedPause, longestFailed, failures)))
	}
	if !again.IsZero() {
		w.date, w.at = bizclock.Date{}, later(w.planned(t), again)
	}
	return true
}

// failures returns how often a step failed or bounced, and when it did last.
func (t *thoughts) failures(key string) (count int, last time.Time) {
	for _, result := range []journey.Result{journey.ResultFailed, journey.ResultBounced} {
		if failed, ok := t.Journey.LastDone(key, is(result)); ok {
			count, last = count+failed.Times, later(last, failed.At)
		}
	}
	return count, last
}

func key(treatment string, anchor bizclock.Date) string { return keyOf(treatment, anchor.String()) }

func keyOf(treatment, anchor string) string { return treatment + "@" + anchor }

// duties are what must be done whatever may be said to the borrower.
func (t *thoughts) duties() (all []want) {
	j := t.Journey
	if !j.Died.IsZero() && !t.settled {
		all = append(all, want{key: key("estate", bizclock.DateOf(j.Died.In(t.zone))), kind: journey.Task, at: j.Died, reason: "estate"})
	}
	for _, h := range j.Hardships {
		if h.At.Before(t.Now.AddDate(-1, 0, 0)) {
			continue // whether it was seen to may be forgotten by now
		}
		if t.helped(h.At) {
			continue // a plan is on its way
		}
		on := bizclock.DateOf(h.At.In(t.zone))
		all = append(all, want{key: key("hardship", on), kind: journey.Task, at: h.At, reason: "hardship"})
		if late, expired := t.Journey.LastDone(key("hardship", on), is(journey.ResultExpired)); expired && late.Times >= agedOut {
			all = append(all, t.unheard(on, late.At))
		}
	}
	since := t.status.PastDueSince
	if since.IsZero() || t.settled || t.stage == journey.ChargedOff {
		return all
	}
	w := want{
		key: key("charge-off", t.anchor()), kind: journey.Tell, date: t.slept(since.AddDays(t.Strategy.ChargeOff.Day)), reason: "charge_off",
		stale: t.staleLedger(),
		fill:  map[string]string{"past_due": loan.Write(t.status.PastDue, j.Contract.Currency), "currency": j.Contract.Currency, "past_due_since": since.String()},
	}
	return append(all, w)
}

func (t *thoughts) welcome() []want {
	if t.status.Next.IsZero() {
		return nil // it names the first payment
	}
	fill, c := t.fill(), t.Journey.Contract
	total := decimal.Decimal{}
	for _, i := range c.Schedule {
		total = sumOf(total, i.Total())
	}
	fill["borrowed"], fill["installments"] = loan.Write(c.Principal, c.Currency), strconv.Itoa(len(c.Schedule))
	fill["last_due"] = c.Schedule[len(c.Schedule)-1].Due.String()
	if cost, err := total.Sub(c.Principal); err == nil && cost.IsPos() {
		fill["cost"] = loan.Write(cost, c.Currency)
	}
	return []want{{
		key: key("welcome", t.Journey.DisbursedOn), kind: journey.Send, at: t.Journey.Disbursed, reason: "welcome",
		purpose: contact.Informational, template: t.Strategy.Welcome.Template, fill: fill,
		lapses: t.Journey.DisbursedOn.AddDays(3).In(t.zone), drop: t.unlessOpen(),
	}}
}

// stopConfirmed is the treatment, and the template, that confirms a stop.
const stopConfirmed = "stop-confirmed"

// confirmableFor is how long after a stop its confirmation is worth sending.
const confirmableFor = 24 * time.Hour

// stopConfirmation confirms a stop, once for all loans and applications of the borrower: where it came from, and with nothing else in it. Who
// wrote by a channel that Tender does not serve is not written to by another.
func (t *thoughts) stopConfirmation() []want {
	stop := t.Journey.Stopped
	if stop.At.IsZero() || !t.Now.Before(stop.At.Add(confirmableFor)) {
		return nil
	}
	return []want{{
		key: keyOf(stopConfirmed, stamp(stop.At)), kind: journey.Send, at: stop.At, reason: "stop_confirmed",
		purpose: contact.Reply, template: stopConfirmed, lapses: stop.At.Add(confirmableFor), confirms: stop.Channel,
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
	on := bizclock.DateOf(t.paid.In(t.zone))
	return []want{{
		key: key("thank-you", on), kind: journey.Send, at: t.paid, reason: ReasonSettled, purpose: contact.Informational,
		template: t.Strategy.Thanks.Template, fill: t.fill(), lapses: on.AddDays(7).In(t.zone),
	}}
}

// backOnTrack thanks for a payment that ended arrears about which the borrower had been written to.
func (t *thoughts) backOnTrack() []want {
	if t.calm.IsZero() || t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() || t.onPlan() {
		return nil
	}
	about := ""
	for _, d := range t.Journey.Done {
		switch treatment, anchor, _ := strings.Cut(d.Key, "@"); {
		case treatment == "back-on-track" && d.Result.Made():
			about = ""
		case t.noticed(d):
			about = anchor
		}
	}
	anchor, err := bizclock.ParseDate(about)
	if err != nil || !t.paidFor(anchor) {
		return nil
	}
	on := bizclock.DateOf(t.calm.In(t.zone))
	return []want{{
		key: key("back-on-track", on), kind: journey.Send, at: t.calm, reason: "back_on_track", purpose: contact.Informational,
		template: t.Strategy.BackOnTrack.Template, fill: t.fill(), lapses: on.AddDays(3).In(t.zone),
	}}
}

// paidFor reports whether arrears ended because money came, and not by a waiver or a new schedule: nobody is thanked for a
// payment that was not made.
func (t *thoughts) paidFor(anchor bizclock.Date) bool {
	since := func(kinds ...loan.Kind) bool {
		return slices.ContainsFunc(t.Journey.Transactions, func(tx loan.Transaction) bool {
			return slices.Contains(kinds, tx.Kind) && !tx.ValueDate.Before(anchor)
		})
	}
	due := slices.ContainsFunc(t.Journey.Contract.Schedule, func(i loan.Installment) bool { return i.Due == anchor })
	return since(loan.Payment, loan.Recovery) || due && !since(loan.Waiver)
}

// staleRecheck is how long a step waits for the lending system's postings before it looks again.
const staleRecheck = 4 * time.Hour

// slept moves a date by a night when the present arrears came to light late: after a chargeback, an outage, a posting with
// an old date. What corrects them may be on its way.
func (t *thoughts) slept(on bizclock.Date) bizclock.Date {
	if late := bizclock.DateOf(t.late.In(t.zone)); late.After(t.status.PastDueSince.AddDays(1)) {
		return latest(on, late.AddDays(1))
	}
	return on
}

// awaitedDays is how long the ladder waits for the value date of a payment that is known already.
const awaitedDays = 7

// staleLedger reports whether the lending system's postings are not known to be complete through the oldest unpaid due
// date, and through the day of the last notice: books that have not moved since then cannot know what it brought.
func (t *thoughts) staleLedger() bool {
	through := t.status.PastDueSince
	for _, d := range t.Journey.Done {
		if t.noticed(d) {
			through = latest(through, bizclock.DateOf(d.At.In(t.zone)))
		}
	}
	return !t.Journey.NoWatermarks && t.Watermark.Before(through)
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

// firstWeek is how many days after the disbursement the first follow-up has no meaning any more.
const firstWeek = 8

func (t *thoughts) followUps() []want {
	s := t.Strategy.FollowUps
	if t.unlessOpen() != "" || !t.status.PastDueSince.IsZero() {
		return nil
	}
	begins := t.firstFollowUpOn()
	first := want{
		key: key("first-week", t.Journey.DisbursedOn), kind: journey.Send, date: begins,
		reason: "follow_up", purpose: contact.Informational, template: s.First.Template, fill: t.fill(),
		lapses: t.Journey.DisbursedOn.AddDays(firstWeek).In(t.zone),
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
	intervals := s.Then.Every
	if t.unsettled() {
		intervals = s.Then.Unsettled
	}
	if s.Then.Most > 0 && t.followedUp() >= s.Then.Most {
		return nil
	}
	every := intervals[min(count, len(intervals)-1)]
	planned := bizclock.DateOf(last.In(t.zone)).AddDays(every)
	for failures := tries; failures >= tries; {
		if failures, _ = t.failures(key("follow-up", planned)); failures >= tries {
			planned = planned.AddDays(every) // one that was given up is not the last one
		}
	}
	return []want{{
		key: key("follow-up", planned), kind: journey.Send, date: t.awayFromDue(planned), reason: "follow_up", purpose: contact.Informational,
		template: s.Then.Template, fill: t.fill(), away: t.awayFromDue,
	}}
}

// firstFollowUpOn is the date of the first follow-up: a day has room for one message, and a reminder cannot wait, so the next free day is
// taken, or where the week ends before that the last free one.
func (t *thoughts) firstFollowUpOn() bizclock.Date {
	day := t.Strategy.FollowUps.First.Day
	on := func(n int) bizclock.Date { return t.Journey.DisbursedOn.AddDays(n) }
	taken := func(n int) bool {
		return slices.ContainsFunc(t.Strategy.Reminders, func(r Reminder) bool { return on(n) == t.status.Next.AddDays(-r.DaysBefore) })
	}
	for n := day; n < firstWeek; n++ {
		if !taken(n) {
			return on(n)
		}
	}
	for n := day - 1; n > 0; n-- {
		if !taken(n) {
			return on(n)
		}
	}
	return on(day)
}

// unsettled reports whether something went wrong lately, so that follow-ups are closer.
func (t *thoughts) unsettled() bool {
	s := t.Strategy.FollowUps.Then
	if len(s.Unsettled) == 0 {
		return false
	}
	last := t.on(t.calm)
	for _, h := range t.Journey.Hardships {
		last = latest(last, t.on(h.At))
	}
	for _, p := range t.promises {
		if p.State == loan.PromiseBroken || p.State == loan.PromisePartlyKept {
			last = latest(last, p.Ended)
		}
	}
	return !last.IsZero() && t.assessedOn().Sub(last) <= s.Settles
}

// followedUp is how many follow-ups after the first there were.
func (t *thoughts) followedUp() (count int) {
	for _, d := range t.Journey.Done {
		if treatment, _, _ := strings.Cut(d.Key, "@"); treatment == "follow-up" && d.Result.Made() {
			count++
		}
	}
	return count
}

// awayFromDue moves a date on until no due date is near.
func (t *thoughts) awayFromDue(on bizclock.Date) bizclock.Date {
	for _, i := range t.Journey.Contract.Schedule {
		if !i.Due.AddDays(-t.Strategy.FollowUps.KeepFromDueDays).After(on) && !i.Due.AddDays(1).Before(on) {
			on = i.Due.AddDays(2)
		}
	}
	return on
}

// fill are the amounts and dates that messages name.
func (t *thoughts) fill() map[string]string {
	currency, amount := t.Journey.Contract.Currency, t.status.NextAmount
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
