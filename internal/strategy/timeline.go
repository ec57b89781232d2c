package strategy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// Phase is a part of a timeline.
type Phase string

// The phases, in their order.
const (
	AfterDisbursement Phase = "after_disbursement"
	BeforeDue         Phase = "before_due"
	AfterMissed       Phase = "after_missed"
	AtTheEnd          Phase = "at_the_end"
)

// Phases are all phases.
var Phases = []Phase{AfterDisbursement, BeforeDue, AfterMissed, AtTheEnd}

// Moment is something that a strategy plans.
type Moment struct {
	Phase Phase `json:"phase"`
	// When says when, in words; Day is the day from the anchor of its phase, below zero before a due date.
	When string `json:"when"`
	Day  int    `json:"day"`
	Name string `json:"name"`
	// Do says what is done, in words.
	Do       string       `json:"do"`
	Template string       `json:"template,omitempty"`
	Tone     message.Tone `json:"tone,omitempty"`
	// Notes say what else is so.
	Notes []string `json:"notes,omitempty"`
}

// Timeline returns what a strategy plans for the loans of its tier, in the order of time.
func (s *Strategy) Timeline() []Moment {
	write := func(phase Phase, when string, day int, name, template string, notes ...string) Moment {
		return Moment{Phase: phase, When: when, Day: day, Name: name, Do: "write", Template: template, Tone: message.ToneOf(template), Notes: notes}
	}
	f := s.FollowUps
	all := []Moment{
		write(AfterDisbursement, "at once", 0, "welcome", s.Welcome.Template),
		write(AfterDisbursement, fmt.Sprintf("day %d", f.First.Day), f.First.Day, "first-week", f.First.Template),
	}
	if len(f.Then.Every) > 0 {
		notes := []string{}
		if len(f.Then.Unsettled) > 0 {
			notes = append(notes, fmt.Sprintf("after %s days for %s after something went wrong", numbers(f.Then.Unsettled), days(f.Then.Settles)))
		}
		if f.Then.Most > 0 {
			notes = append(notes, fmt.Sprintf("%d at most", f.Then.Most))
		}
		notes = append(notes, fmt.Sprintf("not within %s of a due date", days(f.KeepFromDueDays)))
		all = append(all, write(AfterDisbursement, fmt.Sprintf("then after %s days", numbers(f.Then.Every)), f.Then.Every[0], "follow-up", f.Then.Template, notes...))
	}
	all = append(all, s.Surveys.moments()...)
	for _, r := range s.Reminders {
		when := days(r.DaysBefore) + " before"
		switch r.DaysBefore {
		case 0:
			when = "on the day"
		case 1:
			when = "the day before"
		}
		all = append(all, write(BeforeDue, when, -r.DaysBefore, r.Name, r.Template))
	}
	ladder := []Moment{}
	for _, l := range s.Ladder.Steps {
		ladder = append(ladder, l.moment())
	}
	for _, stage := range []struct {
		day      int
		name, do string
	}{
		{s.Stages.LateArrears, "late_arrears", "the stage late arrears begins"},
		{s.Stages.PreChargeOff, "pre_charge_off", "the stage pre charge off begins"},
		{s.ChargeOff.Day, "charge-off", "tell the lending system that a charge-off is due"},
	} {
		ladder = append(ladder, Moment{Phase: AfterMissed, When: fmt.Sprintf("day %d", stage.day), Day: stage.day, Name: stage.name, Do: stage.do})
	}
	slices.SortStableFunc(ladder, func(a, b Moment) int { return a.Day - b.Day })
	all = append(all, ladder...)
	return append(all,
		write(AtTheEnd, "arrears are paid", 0, "back-on-track", s.BackOnTrack.Template, "if they had been written about"),
		write(AtTheEnd, "all is paid", 0, "thank-you", s.Thanks.Template))
}

func (l Level) moment() Moment {
	m := Moment{Phase: AfterMissed, When: fmt.Sprintf("day %d", l.Day), Day: l.Day, Name: l.Name, Template: l.Template, Tone: message.ToneOf(l.Template)}
	switch l.Do {
	case Refer:
		m.Do = "tell the lending system to refer the loan to " + map[Agent]string{Agency: "an agency", Legal: "legal"}[l.To]
	case CallThem:
		m.Do = "a person calls"
		m.Notes = append(m.Notes, "goes on after "+days(l.Patience))
	default:
		m.Do = "write"
		if l.Channel != Preferred {
			m.Do = "write by " + l.Channel
		}
	}
	if l.QuietDays > 0 {
		m.Notes = append(m.Notes, "if nothing was heard for "+days(l.QuietDays))
	}
	if l.CatchUp == Lapse {
		m.Notes = append(m.Notes, "lapses when the next is due")
	}
	if l.OfferPlan {
		m.Notes = append(m.Notes, "offers a plan the day after")
	}
	if l.Review {
		m.Notes = append(m.Notes, "after a supervisor approves")
	}
	return m
}

// days counts days in words.
func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// moments are when questions are asked.
func (s Surveys) moments() (all []Moment) {
	for _, at := range []struct {
		name, after string
		SurveyAt
	}{
		{"survey-first", "after the first follow-up", s.First},
		{"survey-every", "after the last survey", s.Every},
		{"survey-after-complaint", "after a complaint was closed", s.AfterComplaint},
	} {
		if at.Days == 0 {
			continue
		}
		m := Moment{
			Phase: AfterDisbursement, When: days(at.Days) + " " + at.after, Day: at.Days, Name: at.name,
			Do: "write", Template: "survey", Tone: message.ToneOf("survey"), Notes: []string{"the question " + at.Question},
		}
		if s.Incentive != "" {
			m.Notes = append(m.Notes, "answering brings "+s.Incentive)
		}
		all = append(all, m)
	}
	return all
}

// lines writes how tasks wait, one after another.
func (w Worklist) lines() string {
	said := []string{}
	for _, reason := range slices.Sorted(maps.Keys(w)) {
		parts := []string{}
		for _, part := range []struct {
			name string
			n    int
		}{{"priority", w[reason].Priority}, {"within days", w[reason].WithinDays}, {"tries", w[reason].Tries}} {
			if part.n > 0 {
				parts = append(parts, fmt.Sprintf("%s %d", part.name, part.n))
			}
		}
		said = append(said, reason+" "+strings.Join(parts, ", "))
	}
	return strings.Join(said, "; ")
}

func numbers(all []int) string {
	words := make([]string, len(all))
	for n, i := range all {
		words[n] = strconv.Itoa(i)
	}
	return strings.Join(words, ", ")
}

// Setting is something that a strategy says besides its timeline.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Settings returns what a strategy says besides its timeline.
func (s *Strategy) Settings() []Setting {
	caps := []string{}
	for _, channel := range contact.Channels {
		if most := s.Caps[channel]; most > 0 {
			caps = append(caps, fmt.Sprintf("%s %d", channel, most))
		}
	}
	buckets := numbers(s.Buckets)
	products := "all"
	if len(s.Plans.Products) > 0 {
		products = strings.Join(s.Plans.Products, ", ")
	}
	challengers := []string{}
	for _, c := range s.Challengers {
		challengers = append(challengers, fmt.Sprintf("%s %d %%", c.Strategy, c.Percent))
	}
	presumed := []string{}
	for _, cause := range slices.Sorted(maps.Keys(s.Plans.PresumeMonths)) {
		presumed = append(presumed, fmt.Sprintf("%s %d", cause, s.Plans.PresumeMonths[cause]))
	}
	p, plans := s.Promises, s.Plans
	all := []Setting{
		{"channels", closed.Join(s.Channels)},
		{"most messages in a month", strings.Join(caps, ", ")},
		{"days between notices", fmt.Sprintf("%d or more", s.Ladder.MinGapDays)},
		{"days of grace", strconv.Itoa(s.GraceDays)},
		{"buckets from day", buckets},
		{"a promise", fmt.Sprintf("%s of rest at most, and %d after its date; %d in %s count", days(p.RestDays), s.RestDays.Promise, p.Most, days(p.InDays))},
		{"hardship", days(s.RestDays.Hardship) + " of rest"},
		{"plans on offer", products},
		{"months of trouble presumed", strings.Join(presumed, ", ")},
		{"templates of promises", strings.Join([]string{p.Missed.Template, p.Noted.Template}, ", ")},
		{"templates of plans", strings.Join([]string{plans.Offer.Template, plans.Confirmed.Template, plans.Missed.Template, plans.Broken.Template}, ", ")},
		{"holds whose days do not count", closed.Join(s.PausedBy)},
		{"scorecard", s.Scorecard},
		{"challengers", strings.Join(challengers, ", ")},
		{"priority of tasks", strconv.Itoa(s.Priority)},
		{"how tasks wait", s.Worklist.lines()},
	}
	return slices.DeleteFunc(all, func(s Setting) bool { return s.Value == "" })
}

// Change is what differs between two strategies for the loans of a segment.
type Change struct {
	Segment string `json:"segment"`
	What    string `json:"what"`
	// Was is how it is in the first, Is how it is in the second; empty where there is no such thing.
	Was string `json:"was"`
	Is  string `json:"is"`
}

// Diff says what differs between two strategies, and for which segments. What is the same for all of them is said once, of the
// segment "every". Files whose content differs, and in nothing that it knows of, differ in one change that says so.
func Diff(was, is *Strategy) (all []Change) {
	if was.Title != is.Title {
		all = append(all, Change{everySegment, "title", was.Title, is.Title})
	}
	if before, after := closed.Join(was.Names()), closed.Join(is.Names()); len(was.Segments) > 0 && len(is.Segments) > 0 && before != after {
		all = append(all, Change{everySegment, "segments, as they are tried", before, after})
	}
	if all = append(all, diffs(was, is)...); len(all) == 0 && was.Hash != is.Hash {
		all = append(all, Change{everySegment, "the content", "", unshown})
	}
	return all
}

// Between says what changes for a loan of a segment that is moved to another strategy, where it belongs to the segment that is named
// last.
func Between(was *Strategy, segment string, is *Strategy, there string) (all []Change) {
	before, known := was.Tier(segment)
	if !known {
		before = was
	}
	after, known := is.Tier(there)
	if !known {
		after = is
	}
	if segment != there {
		all = append(all, Change{there, "the segment", segment, there})
	}
	if all = append(all, compare(there, before, after)...); len(all) == 0 && was.Hash != is.Hash {
		all = append(all, Change{there, "the content", "", unshown})
	}
	return all
}

// unshown is how files differ that differ in nothing that is looked at.
const unshown = "differs in what is not shown here, such as comments or the order of lines"

// everySegment stands for all segments in a change.
const everySegment = "every"

// diffs says what differs in the tiers of two strategies.
func diffs(was, is *Strategy) (all []Change) {
	names := was.Names()
	for _, name := range is.Names() {
		if !slices.Contains(names, name) {
			names = slices.Insert(names, len(names)-1, name)
		}
	}
	perSegment := map[string][]Change{}
	for _, name := range names {
		before, wasThere := was.Tier(name)
		after, isThere := is.Tier(name)
		switch {
		case !wasThere:
			perSegment[name] = []Change{{name, "the segment", "", "is new: when " + is.when(name)}}
			before = was
		case !isThere:
			perSegment[name] = []Change{{name, "the segment", "when " + was.when(name), ""}}
			after = is
		case was.when(name) != is.when(name):
			perSegment[name] = []Change{{name, "the segment", "when " + was.when(name), "when " + is.when(name)}}
		}
		if wasThere && isThere && was.about(name) != is.about(name) {
			perSegment[name] = append(perSegment[name], Change{name, "who they are", was.about(name), is.about(name)})
		}
		perSegment[name] = append(perSegment[name], compare(name, before, after)...)
	}
	for _, change := range perSegment[Standard] {
		everywhere := change
		everywhere.Segment = everySegment
		if !slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(perSegment[name], func(c Change) bool { c.Segment = everySegment; return c == everywhere })
		}) {
			all = append(all, everywhere)
		}
	}
	for _, name := range names {
		for _, change := range perSegment[name] {
			everywhere := change
			everywhere.Segment = everySegment
			if !slices.Contains(all, everywhere) {
				all = append(all, change)
			}
		}
	}
	return all
}

// when is the condition of a segment, on one line.
func (s *Strategy) when(segment string) string {
	for _, g := range s.Segments {
		if g.Name == segment {
			return strings.Join(strings.Fields(g.When), " ")
		}
	}
	return ""
}

// about says who the loans of a segment are.
func (s *Strategy) about(segment string) string {
	for _, g := range s.Segments {
		if g.Name == segment {
			return g.About
		}
	}
	return ""
}

// compare says what differs between two tiers.
func compare(segment string, was, is *Strategy) (all []Change) {
	type line struct{ of, name string } // a step may be called like a stage, or a setting
	lines := func(s *Strategy) (names []line, said map[line]string) {
		said = map[line]string{}
		say := func(of, name, text string) {
			at := line{of, name}
			names, said[at] = append(names, at), text
		}
		for _, m := range s.Timeline() {
			of, text := string(m.Phase), m.When+": "+m.Do
			if m.Template != "" {
				text += " " + m.Template
			}
			say(of, m.Name, strings.Join(append([]string{text}, m.Notes...), "; "))
		}
		for _, set := range s.Settings() {
			say("", set.Name, set.Value)
		}
		return names, said
	}
	before, wasSaid := lines(was)
	after, isSaid := lines(is)
	for _, at := range before {
		if wasSaid[at] != isSaid[at] {
			all = append(all, Change{segment, at.name, wasSaid[at], isSaid[at]})
		}
	}
	for _, at := range after {
		if _, there := wasSaid[at]; !there {
			all = append(all, Change{segment, at.name, "", isSaid[at]})
		}
	}
	return all
}
