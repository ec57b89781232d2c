package strategy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// treatments are the names of those that every strategy has; no reminder and no step of a ladder can be called so.
var treatments = []string{
	"welcome", "first-week", "follow-up", "back-on-track", "charge-off", "estate", "hardship", "thank-you", "close", "recall",
	"promise-missed", "promise-noted", "plan-offer", "plan-confirmed", "plan-missed", "plan-broken", "plan-accepted", "plan-completed", "plan-ended",
}

// checked is a strategy that is being checked.
type checked struct {
	*Strategy
	at *strictyaml.File
	// path is that of the strategy or of the segment: what stands in the file below it.
	path string
	// wrong are the mistakes that were found.
	wrong *[]error
}

// errorf adds a mistake to those that were found.
func (c checked) errorf(path, format string, args ...any) {
	*c.wrong = append(*c.wrong, c.at.Errorf(c.path+path, format, args...))
}

// check says all that is wrong, so that a file is not mended one mistake at a time. What segments make of a strategy that is wrong in
// itself is not looked at.
func (s *Strategy) check(at *strictyaml.File, wrong []error) error {
	c := checked{s, at, "$", &wrong}
	wrong = append(wrong, at.AtMost(mostDays)...)
	for _, check := range []func(){
		c.checkNames, c.checkTouches, c.checkDays, c.checkChannels, c.checkFollowUps, c.checkSteps, c.checkSurveys, c.checkWorklist, c.checkChallengers,
	} {
		check()
	}
	if len(wrong) == 0 {
		c.checkSegments()
	}
	return errors.Join(wrong...)
}

// mostDays bounds all numbers: days that no loan lives to see are a slip of the hand.
const mostDays = 3650

// checkWorklist checks how tasks wait.
func (c checked) checkWorklist() {
	if err := c.Worklist.check(c.at); err != nil {
		*c.wrong = append(*c.wrong, err)
	}
}

func (c checked) checkNames() {
	if err := event.CheckID(c.Name); err != nil {
		c.errorf(".name", "%v", err)
	}
	if err := event.CheckID(c.Version); err != nil {
		c.errorf(".version", "%v", err)
	}
	if c.Scorecard == "" {
		return
	}
	card, err := score.Named(c.Scorecard)
	if err != nil {
		c.errorf(".scorecard", "%v", err)
	}
	c.card = card
}

// checkTouches checks what all segments share.
func (c checked) checkTouches() {
	for _, touch := range []struct {
		path, template string
		at             spot
	}{
		{".welcome", c.Welcome.Template, atWelcome},
		{".back_on_track", c.BackOnTrack.Template, atBackOnTrack},
		{".thanks", c.Thanks.Template, atThanks},
		{".promises.missed", c.Promises.Missed.Template, atMissed},
		{".promises.noted", c.Promises.Noted.Template, atNoted},
		{".plans.offer", c.Plans.Offer.Template, atOffer},
		{".plans.confirmed", c.Plans.Confirmed.Template, atConfirmed},
		{".plans.missed", c.Plans.Missed.Template, atPlanMissed},
		{".plans.broken", c.Plans.Broken.Template, atPlanBroken},
	} {
		c.checkTemplate(touch.path+".template", touch.template, touch.at)
	}
}

func (c checked) checkDays() {
	for n, b := range c.Buckets {
		if b < 1 || n > 0 && b <= c.Buckets[n-1] {
			c.errorf(fmt.Sprintf(".buckets[%d]", n), "%d must be positive and greater than the one before", b)
		}
	}
	for _, days := range []struct {
		path string
		days int
	}{
		{".grace_days", c.GraceDays},
		{".rest_days.promise", c.RestDays.Promise},
		{".rest_days.hardship", c.RestDays.Hardship},
		{".promises.rest_days", c.Promises.RestDays},
		{".promises.most", c.Promises.Most},
		{".promises.in_days", c.Promises.InDays},
	} {
		if days.days < 0 {
			c.errorf(days.path, "%d must not be negative", days.days)
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(c.Plans.PresumeMonths)) {
		path, months := ".plans.presume_months."+string(cause), c.Plans.PresumeMonths[cause]
		if !slices.Contains(hardship.Causes, cause) {
			c.errorf(path, "there is no cause %q; use one of %s", cause, closed.Join(hardship.Causes))
		}
		if months < 1 || months > mostPresumed {
			c.errorf(path, "%d must lie between 1 and %d; leave the cause out to presume nothing", months, mostPresumed)
		}
	}
}

// mostPresumed is the longest trouble, in months, that may be presumed: products take up to a year for a temporary one.
const mostPresumed = 12

func (c checked) checkChannels() {
	if len(c.Channels) == 0 {
		c.errorf(".channels", "is empty; list at least one channel")
	}
	for n, channel := range c.Channels {
		if !channel.Electronic() {
			c.errorf(fmt.Sprintf(".channels[%d]", n), "%s is not written by machine; use push, sms, email or chat", channel)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(c.Caps)) {
		switch path := ".caps." + string(channel); {
		case !slices.Contains(contact.Channels, channel) || !channel.Electronic():
			c.errorf(path, "%s is not written by machine; use push, sms, email or chat", channel)
		case c.Caps[channel] < 1:
			c.errorf(path, "%d must be at least 1; a channel that is not to be used is left out of channels", c.Caps[channel])
		}
	}
}

func (c checked) checkFollowUps() {
	f := c.FollowUps
	c.checkTemplate(".follow_ups.first.template", f.First.Template, atFirstWeek)
	if d := f.First.Day; d < 1 || d > 7 {
		c.errorf(".follow_ups.first.day", "%d must lie within the first week, 1 to 7", d)
	}
	for _, list := range []struct {
		name  string
		every []int
	}{{"every", f.Then.Every}, {"unsettled", f.Then.Unsettled}} {
		for n, days := range list.every {
			if days < 1 || n > 0 && days < list.every[n-1] {
				c.errorf(fmt.Sprintf(".follow_ups.then.%s[%d]", list.name, n), "%d must be positive and not shorter than the one before: follow-ups grow rarer", days)
			}
		}
	}
	if every, unsettled := f.Then.Every, f.Then.Unsettled; len(every) > 0 && len(unsettled) > 0 {
		for n := range max(len(every), len(unsettled)) { // the last of each repeats
			at, days := min(n, len(unsettled)-1), every[min(n, len(every)-1)]
			if unsettled[at] > days {
				c.errorf(fmt.Sprintf(".follow_ups.then.unsettled[%d]", at), "%d must not be longer than every, %d: when something went wrong we ask sooner", unsettled[at], days)
				break
			}
		}
	}
	switch {
	case len(f.Then.Unsettled) > 0 && len(f.Then.Every) == 0:
		c.errorf(".follow_ups.then.unsettled", "needs every, which says how it is when all is well")
	case f.Then.Most < 0:
		c.errorf(".follow_ups.then.most", "%d must not be negative", f.Then.Most)
	case f.Then.Settles < 0:
		c.errorf(".follow_ups.then.settles", "%d must not be negative", f.Then.Settles)
	case f.KeepFromDueDays < 0:
		c.errorf(".follow_ups.keep_from_due_days", "%d must not be negative", f.KeepFromDueDays)
	case len(f.Then.Every) > 0:
		c.checkTemplate(".follow_ups.then.template", f.Then.Template, atFollowUp)
	}
}

// checkSteps checks reminders and ladder, whose names share a space.
func (c checked) checkSteps() {
	names := map[string]bool{}
	for _, name := range slices.Concat(treatments, slices.Collect(maps.Values(answers))) {
		names[name] = true
	}
	for _, question := range message.Words("question") {
		names[surveyed+question] = true
	}
	name := func(path, name string) {
		if event.CheckID(name) != nil || names[name] {
			c.errorf(path, "%q must be an id of its own, and none of %s", name, strings.Join(treatments, ", "))
		}
		names[name] = true
	}
	for n, r := range c.Reminders {
		path := fmt.Sprintf(".reminders[%d]", n)
		name(path+".name", r.Name)
		c.checkTemplate(path+".template", r.Template, atReminder)
		if r.Template == "reminder-due" && r.DaysBefore > 0 {
			c.errorf(path+".template", "reminder-due says that a payment is due today, and this is %d days before; use reminder-ahead", r.DaysBefore)
		}
		if r.DaysBefore < 0 || n > 0 && r.DaysBefore >= c.Reminders[n-1].DaysBefore {
			c.errorf(path+".days_before", "%d must not be negative, and less than the one before", r.DaysBefore)
		}
	}
	for n, l := range c.Ladder.Steps {
		name(fmt.Sprintf(".ladder.steps[%d].name", n), l.Name)
		c.checkStep(n, l)
	}
	switch last := len(c.Ladder.Steps); {
	case c.Ladder.MinGapDays < 0:
		c.errorf(".ladder.min_gap_days", "%d must not be negative", c.Ladder.MinGapDays)
	case last == 0:
		c.errorf(".ladder.steps", "is empty; nobody may be charged off unasked")
	case c.ChargeOff.Day <= c.Ladder.Steps[last-1].Day && c.path == "$":
		c.errorf(".charge_off.day", "%d must lie after the last step of the ladder, day %d", c.ChargeOff.Day, c.Ladder.Steps[last-1].Day)
	case c.ChargeOff.Day <= c.Ladder.Steps[last-1].Day:
		c.errorf(fmt.Sprintf(".ladder.steps[%d].day", last-1), "%d must lie before the charge-off, day %d", c.Ladder.Steps[last-1].Day, c.ChargeOff.Day)
	case c.path == "$" && (c.Stages.LateArrears < 2 || c.Stages.PreChargeOff <= c.Stages.LateArrears || c.ChargeOff.Day <= c.Stages.PreChargeOff):
		c.errorf(".stages", "late_arrears, pre_charge_off and the day of the charge-off must follow one another")
	}
}

// checkStep checks the step of the ladder at a place.
func (c checked) checkStep(n int, l Level) {
	path, steps := fmt.Sprintf(".ladder.steps[%d]", n), c.Ladder.Steps
	if l.Day < 1 || n > 0 && l.Day <= steps[n-1].Day {
		c.errorf(path+".day", "%d must be at least 1 and greater than the one before", l.Day)
	}
	if n > 0 && steps[n-1].Do == Refer && l.Do != Refer {
		c.errorf(path+".do", "%s comes after the loan was referred: somebody else speaks to the borrower then", l.Do)
	}
	for _, stray := range []struct {
		name  string
		given bool
	}{
		{"template", l.Template != "" && l.Do != Message},
		{"tone", l.Tone != "" && l.Do != Message},
		{"channel", l.Channel != Preferred && l.Do != Message},
		{"offer_plan", l.OfferPlan && l.Do == Refer},
		{"to", l.To != "" && l.Do != Refer},
		{"review", l.Review && l.Do != Refer},
	} {
		if stray.given {
			c.errorf(path+"."+stray.name, "means nothing where do is %s", l.Do)
		}
	}
	switch {
	case n == 0 && l.Do != Message:
		c.errorf(path+".do", "the first step is a message: nobody is called or referred unasked")
	case l.Do == Refer && l.To == "":
		c.errorf(path+".to", "is missing; say agency or legal")
	case l.QuietDays < 0 || l.Patience < 0:
		c.errorf(path, "quiet_days and patience must not be negative")
	case l.CatchUp == Lapse && (n == 0 || n == len(steps)-1 || l.Do == Refer):
		c.errorf(path+".catch_up", "the first and the last step, and one that refers, cannot lapse")
	case l.Do != Message:
		return
	case l.Channel != Preferred && !slices.Contains(c.Channels, contact.Channel(l.Channel)):
		c.errorf(path+".channel", "%s is not among the channels; use preferred, or one of %s", l.Channel, closed.Join(c.Channels))
	}
	if !c.checkTemplate(path+".template", l.Template, atLadder) {
		return
	}
	tone := message.ToneOf(l.Template)
	if l.Tone != "" && l.Tone != tone {
		c.errorf(path+".tone", "the template %s speaks in the tone %s; name a template in the tone %s, or that tone", l.Template, tone, l.Tone)
	}
	if l.CatchUp == Lapse && tone.Firmer(c.toneBefore(n)) {
		c.errorf(path+".catch_up", "a step that speaks more firmly than the one before it cannot lapse: the next one would come without it")
	}
}

// toneBefore is the firmest tone of the messages before a step of the ladder.
func (c checked) toneBefore(n int) (tone message.Tone) {
	for _, l := range c.Ladder.Steps[:n] {
		if l.Do == Message && (tone == "" || message.ToneOf(l.Template).Firmer(tone)) {
			tone = message.ToneOf(l.Template)
		}
	}
	return tone
}

// checkSegments checks the segments, and makes their tiers.
func (c checked) checkSegments() {
	names := map[string]bool{Standard: true}
	for n := range c.Segments {
		g, path := &c.Segments[n], fmt.Sprintf(".segments[%d]", n)
		if event.CheckID(g.Name) != nil || names[g.Name] {
			c.errorf(path+".name", "%q must be an id of its own, and not %s, which is what every other loan is", g.Name, Standard)
		}
		names[g.Name] = true
		compiled, err := segments.Compile(g.When)
		if err != nil {
			c.errorf(path+".when", "%v", err)
		}
		g.fits = compiled
		g.tier = c.tierOf(*g)
		tier := checked{g.tier, c.at, c.path + path, c.wrong}
		tier.checkChannels()
		tier.checkSteps()
		if g.FollowUps != nil {
			tier.checkFollowUps()
		}
		c.checkAlike(path, g.tier.Ladder)
	}
	c.checkSpace()
}

// checkSpace refuses a reminder that is called like a step of any ladder: what was done is told apart by its name alone, whichever
// segment the loan belonged to then.
func (c checked) checkSpace() {
	check := func(path string, reminders []Reminder) {
		for n, r := range reminders {
			for _, ladder := range c.ladders() {
				if slices.ContainsFunc(ladder.Steps, func(l Level) bool { return l.Name == r.Name }) {
					c.errorf(fmt.Sprintf("%s.reminders[%d].name", path, n), "%s is a step of a ladder; give the reminder a name of its own", r.Name)
					break
				}
			}
		}
	}
	check("", c.Reminders)
	for n, g := range c.Segments {
		check(fmt.Sprintf(".segments[%d]", n), g.Reminders)
	}
}

// checkAlike refuses a step that does something else than a step of the same name in another ladder: a loan that comes to the
// segment takes with it what was done.
func (c checked) checkAlike(path string, ladder Ladder) {
	for n, step := range ladder.Steps {
		for _, other := range c.ladders() {
			for _, l := range other.Steps {
				if l.Name == step.Name && l.Do != step.Do {
					c.errorf(fmt.Sprintf("%s.ladder.steps[%d].do", path, n), "%s is %s in another ladder; give the step a name of its own", step.Name, l.Do)
				}
			}
		}
	}
}
