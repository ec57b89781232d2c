package strategy

import (
	"maps"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/message"
)

// spot is somewhere in a strategy where a template is named.
type spot struct {
	// about says for people when its message goes out.
	about string
	// fills are the variables that its message is always given, besides those of always.
	fills []string
	// overdue is set where something is overdue whenever its message goes out.
	overdue bool
}

// always are the variables that every message about a loan is given.
var always = []string{"amount", "outstanding", "past_due"}

// planTerms are the variables that messages about a plan's terms are given.
var planTerms = []string{"plan", "plan_payment", "plan_months", "plan_first", "plan_total", "plan_carrying_on", "plan_late", "plan_expires"}

// The spots. What they fill in is what the threads that send from there give.
var (
	atWelcome     = spot{about: "when the loan was paid out", fills: []string{"due", "borrowed", "installments", "last_due"}}
	atFirstWeek   = spot{about: "in the first week"}
	atFollowUp    = spot{about: "now and then while all is well"}
	atReminder    = spot{about: "before a due date", fills: []string{"due"}}
	atLadder      = spot{about: "when a payment is late", fills: []string{"past_due_since"}, overdue: true}
	atBackOnTrack = spot{about: "when what was late has been paid"}
	atThanks      = spot{about: "when the loan is settled"}
	atMissed      = spot{about: "when a promise has passed", fills: []string{"past_due_since", "promised", "promised_by"}, overdue: true}
	atNoted       = spot{about: "when the borrower has promised to pay", fills: []string{"promised", "promised_by"}}
	atOffer       = spot{about: "when a plan is offered", fills: planTerms}
	atConfirmed   = spot{about: "when a plan was accepted", fills: planTerms}
	atPlanMissed  = spot{about: "when a payment of a plan is late", fills: []string{"past_due_since", "plan_due", "plan_behind"}, overdue: true}
	atPlanBroken  = spot{about: "when a plan has ended unfinished", fills: []string{"past_due_since"}, overdue: true}
)

// homes are the places of templates that say what has just happened: anywhere else that would not be true. Those with no place
// are sent by Tender itself.
var homes = map[string][]spot{
	"welcome": {atWelcome}, "first-week": {atFirstWeek}, "follow-up": {atFirstWeek, atFollowUp}, "back-on-track": {atBackOnTrack}, "thank-you": {atThanks},
	"promise-missed": {atMissed}, "promise-noted": {atNoted}, "plan-offer": {atOffer}, "plan-confirmed": {atConfirmed}, "plan-missed": {atPlanMissed},
	"plan-broken": {atPlanBroken}, "reminder-ahead": {atReminder}, "reminder-due": {atReminder}, "survey": {}, stopConfirmed: {},
}

// checkTemplate refuses a template that there is none of, and one that does not fit its place: that would say what is not so, or needs
// words that are not given there. It reports whether the template may stand.
func (c checked) checkTemplate(path, template string, where spot) bool {
	all := message.Catalogue()
	n := slices.IndexFunc(all, func(t message.Template) bool { return t.Name == template })
	switch {
	case template == "":
		c.errorf(path, "is missing; name the template of the message that goes out %s: one of %s", where.about, strings.Join(fitting(where), ", "))
		return false
	case n < 0:
		c.errorf(path, "there is no template %q; use one of %s", template, strings.Join(fitting(where), ", "))
		return false
	}
	why := unfit(all[n], where)
	if why != "" {
		c.errorf(path, "the template %s %s; this message goes out %s, so use one of %s", template, why, where.about, strings.Join(fitting(where), ", "))
	}
	return why == ""
}

// fitting are the templates that fit a place.
func fitting(where spot) (names []string) {
	for _, t := range message.Catalogue() {
		if unfit(t, where) == "" {
			names = append(names, t.Name)
		}
	}
	return names
}

// unfit says why a template does not fit a place; nothing when it does.
func unfit(t message.Template, where spot) string {
	home, bound := homes[t.Name]
	switch sent := slices.Contains(slices.Collect(maps.Values(answers)), t.Name); {
	case sent, bound && len(home) == 0:
		return "is sent by Tender itself"
	case bound && !slices.ContainsFunc(home, func(other spot) bool { return other.about == where.about }):
		return "is for what is written " + home[0].about
	case where.overdue && !t.Arrears:
		return "does not speak of what is overdue"
	case !where.overdue && t.Arrears:
		return "speaks of what is overdue, and nothing is"
	}
	for _, name := range t.Needs {
		if !slices.Contains(always, name) && !slices.Contains(where.fills, name) {
			return "needs " + name + ", which is not known there"
		}
	}
	return ""
}
