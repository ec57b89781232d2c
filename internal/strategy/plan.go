package strategy

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// plans returns what is to be done about plans: one to be offered, and those that were accepted.
func (t *thoughts) plans() (all []want) {
	if !t.begun || !t.Journey.Died.IsZero() {
		return nil
	}
	all = append(all, t.offerPlan()...)
	for _, p := range t.Journey.Plans {
		if !p.Accepted.IsZero() && p.Accepted.After(t.Now.AddDate(-1, 0, 0)) { // what was done longer ago may be forgotten
			all = append(all, t.acceptedPlan(p)...)
		}
	}
	return append(all, t.planInTrouble()...)
}

// acceptedPlan confirms a plan in writing, and tells the lending system of its acceptance and of its end.
func (t *thoughts) acceptedPlan(p journey.Plan) []want {
	plan, anchor, since := t.agreed(p), p.ID, p.Accepted
	if !p.Again.IsZero() {
		anchor, since = p.ID+".again", p.Again
	}
	progress := hardship.Track(plan, t.Journey.Transactions, t.today)
	all := []want{{
		key: keyOf("plan-accepted", anchor), kind: journey.Tell, at: since, reason: "plan_accepted", plan: &plan,
	}, {
		key: keyOf("plan-confirmed", anchor), kind: journey.Send, at: since, reason: "plan_confirmed", purpose: contact.Informational,
		template: t.Strategy.Plans.Confirmed.Template, must: true, fill: t.planFill(p.Offer), drop: t.unlessOpen(),
	}}
	if !t.follows(p, plan) {
		return all // another schedule took its place: what becomes of it is for the lending system's books to say
	}
	money := func(amount decimal.Decimal) string { return loan.Write(amount, p.Offer.Currency) }
	fill := map[string]string{"plan": p.ID, "product": p.Offer.Product, "currency": p.Offer.Currency, "paid": money(progress.Paid)}
	switch progress.State {
	case hardship.Completed:
		fill["completed_on"] = progress.CompletedOn.String()
		all = append(all, want{key: keyOf("plan-completed", anchor), kind: journey.Tell, date: progress.CompletedOn, reason: "plan_completed", fill: fill})
	case hardship.Broken:
		fill["broken_on"] = progress.BrokenOn.String()
		fill["restored_interest"], fill["restored_fee"], fill["restored_principal"] = money(progress.Restored.Interest), money(progress.Restored.Fee), money(progress.Restored.Principal)
		all = append(all, want{key: keyOf("plan-ended", anchor), kind: journey.Tell, date: progress.BrokenOn, reason: "plan_broken", fill: fill})
	}
	return all
}

// planInTrouble writes to a borrower whose plan has missed a payment, or has ended unfinished.
func (t *thoughts) planInTrouble() []want {
	if t.plan == nil || t.unlessOpen() != "" || t.status.PastDueSince.IsZero() {
		return nil
	}
	fill := t.fill()
	money := func(amount decimal.Decimal) string { return loan.Write(amount, t.plan.Currency) }
	switch due := t.progress.PastDueSince; {
	case t.progress.State == hardship.Active && !due.IsZero():
		fill["plan_due"], fill["plan_behind"] = due.String(), money(t.status.PastDue)
		return []want{{
			key: key("plan-missed", due), kind: journey.Send, date: due.AddDays(t.plan.Breaks.GraceDays + 1), reason: "plan_missed",
			purpose: contact.Informational, template: t.Strategy.Plans.Missed.Template, fill: fill, stale: t.staleLedger(),
			lapses: due.AddDays(t.plan.Breaks.DaysLate + 1).In(t.zone),
		}}
	case t.progress.State == hardship.Broken:
		if back := t.progress.Restored.Total(); !back.IsZero() {
			fill["plan_restored"] = money(back)
		}
		return []want{{
			key: key("plan-broken", t.progress.BrokenOn), kind: journey.Send, date: t.progress.BrokenOn, reason: "plan_broken",
			purpose: contact.Informational, template: t.Strategy.Plans.Broken.Template, must: true, fill: fill, stale: t.staleLedger(),
			lapses: t.progress.BrokenOn.AddDays(t.Strategy.RestDays.Hardship).In(t.zone),
		}}
	}
	return nil
}

// planFill are the amounts and dates of an offer that messages name.
func (t *thoughts) planFill(o hardship.Offer) map[string]string {
	money := func(amount decimal.Decimal) string { return loan.Write(amount, o.Currency) }
	fill := map[string]string{
		"currency": o.Currency, "plan": string(o.Kind), "plan_payment": money(o.Monthly), "plan_months": strconv.Itoa(o.Months),
		"plan_first": o.FirstPayment.String(), "plan_total": money(o.Total), "plan_carrying_on": money(o.CarryingOn),
		"plan_waived": money(o.Waived.Total()), "plan_expires": o.Expires.String(), "plan_late": strconv.Itoa(o.Breaks.GraceDays),
	}
	if o.Breaks.Missed > 1 {
		fill["plan_late"], fill["plan_missed"] = strconv.Itoa(o.Breaks.DaysLate), strconv.Itoa(o.Breaks.Missed)
	}
	if o.Restores {
		fill["plan_restorable"] = fill["plan_waived"]
	}
	return fill
}

// asking is what calls for a plan to be offered.
type asking struct {
	at time.Time
	// product is the one that a person named; the best is looked for when there is none.
	product string
	// from is the date from which it is offered; at once when there is none.
	from bizclock.Date
}

// asked returns what calls for a plan that was not offered yet: a person's wish, hardship that was told of, or a step of the
// ladder that was made. Of several the latest counts.
func (t *thoughts) asked() (last asking, ok bool) {
	call := func(a asking) {
		if a.at.After(last.at) || !ok {
			last, ok = a, true
		}
	}
	for _, w := range t.Journey.Wishes {
		call(asking{at: w.At, product: w.Product})
	}
	for _, h := range t.Journey.Hardships {
		call(asking{at: h.At})
	}
	anchor := t.anchor()
	for _, step := range t.Strategy.Ladder.Steps {
		if made, done := t.Journey.LastDone(key(step.Name, anchor), journey.Result.Made); done && step.OfferPlan && !anchor.IsZero() {
			call(asking{at: made.At, from: t.on(made.At).AddDays(1)})
		}
	}
	if !ok || last.at.Before(t.Now.AddDate(0, -3, 0)) {
		return last, false
	}
	for _, p := range t.Journey.Plans {
		if !p.Offered.Before(last.at) || last.product == "" && p.Accepted.IsZero() && p.Declined.IsZero() && !t.today.After(p.Offer.Expires) {
			return last, false // it was, or an earlier offer is still open
		}
	}
	return last, true
}

// helped reports whether hardship that was told of at an instant is met by an offer, made or about to be.
func (t *thoughts) helped(at time.Time) bool {
	if t.offer != nil || t.Journey.Draft != nil {
		return true
	}
	return slices.ContainsFunc(t.Journey.Plans, func(p journey.Plan) bool { return !p.Offered.Before(at) })
}

// draftDays is for how long an offer that could not be made yet is kept as it was worked out.
const draftDays = 5

// offerPlan offers a plan when something calls for one.
func (t *thoughts) offerPlan() []want {
	if t.unlessOpen() != "" || t.onPlan() {
		return nil
	}
	ask, ok := t.asked()
	if !ok {
		return nil
	}
	offer, why := t.draft(ask)
	w := want{
		kind: journey.Send, at: ask.at, date: ask.from, reason: "plan_offer", purpose: contact.Informational,
		template: t.Strategy.Plans.Offer.Template, must: true,
	}
	if offer == nil {
		if ask.product == "" {
			return nil
		}
		w.key, w.drop = keyOf(journey.PlanOffer, ask.product), why
		return []want{w}
	}
	w.key, w.fill, w.lapses = keyOf(journey.PlanOffer, offer.ID), t.planFill(offer.Offer), offer.Expires.In(t.zone)
	return []want{w}
}

// ReasonNoPlan is why a plan that a person named is not offered.
const ReasonNoPlan = "plan_not_possible"

// draft returns the offer to be made: the one that was worked out before, while that is young, or else a new one.
func (t *thoughts) draft(ask asking) (*journey.Offer, string) {
	if d := t.Journey.Draft; d != nil && (ask.product == "" || ask.product == d.Offer.Product) &&
		!d.Offer.AsOf.Before(t.on(ask.at)) && t.today.Sub(d.Offer.AsOf) <= draftDays {
		return &journey.Offer{ID: d.ID, Offer: d.Offer}, ""
	}
	answer, err := hardship.Offers(t.hardship(), t.Products)
	if err != nil {
		return nil, ReasonNoPlan
	}
	for _, o := range answer.Offers {
		switch {
		case ask.product != "" && o.Product != ask.product:
		case ask.product == "" && o.Affordable != nil && !*o.Affordable: // nobody is offered what cannot be kept
		case ask.product == "" && len(o.Beyond) > 0: // that is for a person to decide
		case ask.product == "" && len(t.Strategy.Plans.Products) > 0 && !slices.Contains(t.Strategy.Plans.Products, o.Product):
		default:
			t.offer = &journey.Offer{ID: t.planID(o), Offer: o}
			return t.offer, ""
		}
	}
	return nil, ReasonNoPlan
}

// planID is the id of a plan: its product and the date on which it was worked out, which makes sense to people.
func (t *thoughts) planID(o hardship.Offer) string {
	id := o.Product + "." + o.AsOf.String()
	for n := 2; slices.ContainsFunc(t.Journey.Plans, func(p journey.Plan) bool { return p.ID == id }); n++ {
		id = fmt.Sprintf("%s.%s.%d", o.Product, o.AsOf, n)
	}
	return id
}

// Case is the loan as a case of hardship, as the facts have it now.
func Case(f Facts) hardship.Case { return look(f).hardship() }

// hardship is the loan as a case of hardship, as it stands today.
func (t *thoughts) hardship() hardship.Case {
	j, ledger := t.Journey, t.ledger
	ledger.Pauses, ledger.Holds = nil, nil // holds stack, and pauses of a ledger must not
	c := hardship.Case{
		AsOf: t.today, Ledger: ledger,
		Loan: hardship.Loan{
			ID: j.Loan, DisbursedOn: j.DisbursedOn, Principal: j.Contract.Principal, Rate: j.Contract.Rate,
			DayCount: j.Contract.DayCount, Method: j.Contract.Method, Every: j.Contract.Every, WrittenOff: !j.WrittenOff.IsZero(),
		},
		Cause: t.Hardship.Cause, ExpectedMonths: t.Hardship.Months,
		Borrower: hardship.Borrower{Jurisdiction: t.Jurisdiction, Vulnerable: t.vulnerable()},
		Limits:   t.Rules.PlanLimits(t.today),
	}
	if c.ExpectedMonths == 0 {
		c.ExpectedMonths = t.Strategy.Plans.PresumeMonths[c.Cause]
	}
	if in, out := t.Hardship.Income, t.Hardship.EssentialCosts; in != nil && out != nil &&
		in.Currency == ledger.Currency && out.Currency == ledger.Currency {
		c.Income, c.EssentialCosts = in, out
	}
	for _, p := range j.Plans {
		if p.Accepted.IsZero() {
			continue
		}
		progress := hardship.Track(t.agreed(p), j.Transactions, t.today)
		c.EarlierPlans = append(c.EarlierPlans, hardship.EarlierPlan{
			Product: p.Offer.Product, Kind: p.Offer.Kind, AcceptedOn: t.on(p.Accepted), Outcome: progress.State,
			EndedOn: latest(progress.BrokenOn, progress.CompletedOn),
		})
	}
	return c
}

// vulnerable reports whether a hold says that the borrower is to be treated with special care.
func (t *thoughts) vulnerable() bool {
	return slices.ContainsFunc(t.Standing.Holds, func(h contact.Hold) bool { return h.Kind == contact.VulnerablePause })
}

// turningPoints are dates ahead on which a promise or a plan changes its state although nothing happens.
func (t *thoughts) turningPoints() (dates []bizclock.Date) {
	for _, p := range t.promises {
		if p.State == loan.PromiseOpen {
			dates = append(dates, p.Next.By.AddDays(t.Strategy.RestDays.Promise+1))
		}
	}
	if t.onPlan() {
		for _, i := range t.plan.Schedule {
			dates = append(dates, i.Due.AddDays(1), i.Due.AddDays(t.plan.Breaks.GraceDays+1), i.Due.AddDays(t.plan.Breaks.DaysLate+1))
		}
	}
	for _, p := range t.Journey.Plans {
		if p.Accepted.IsZero() && p.Declined.IsZero() {
			dates = append(dates, p.Offer.Expires.AddDays(1))
		}
	}
	return dates
}
