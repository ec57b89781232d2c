package strategy

import (
	"fmt"
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
			notes = append(notes, fmt.Sprintf("after %s days for %d days after something went wrong", numbers(f.Then.Unsettled), f.Then.Settles))
		}
		if f.Then.Most > 0 {
			notes = append(notes, fmt.Sprintf("%d at most", f.Then.Most))
		}
		notes = append(notes, fmt.Sprintf("not within %d days of a due date", f.KeepFromDueDays))
		all = append(all, write(AfterDisbursement, fmt.Sprintf("then after %s days", numbers(f.Then.Every)), f.Then.Every[0], "follow-up", f.Then.Template, notes...))
	}
	for _, r := range s.Reminders {
		when := fmt.Sprintf("%d days before", r.DaysBefore)
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
		m.Notes = append(m.Notes, fmt.Sprintf("goes on after %d days", l.Patience))
	default:
		m.Do = "write"
		if l.Channel != Preferred {
			m.Do = "write by " + l.Channel
		}
	}
	if l.QuietDays > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("if nothing was heard for %d days", l.QuietDays))
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
	p := s.Promises
	all := []Setting{
		{"channels", closed.Join(s.Channels)},
		{"most messages in a month", strings.Join(caps, ", ")},
		{"days between notices", fmt.Sprintf("%d or more", s.Ladder.MinGapDays)},
		{"days of grace", strconv.Itoa(s.GraceDays)},
		{"buckets from day", buckets},
		{"a promise", fmt.Sprintf("%d days of rest at most, and %d after its date; %d in %d days count", p.RestDays, s.RestDays.Promise, p.Most, p.InDays)},
		{"hardship", fmt.Sprintf("%d days of rest", s.RestDays.Hardship)},
		{"plans on offer", products},
		{"holds whose days do not count", closed.Join(s.PausedBy)},
		{"scorecard", s.Scorecard},
		{"challengers", strings.Join(challengers, ", ")},
		{"priority of tasks", strconv.Itoa(s.Priority)},
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
// segment "every".
func Diff(was, is *Strategy) (all []Change) {
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
		perSegment[name] = append(perSegment[name], compare(name, before, after)...)
	}
	for _, change := range perSegment[Standard] {
		everywhere := change
		everywhere.Segment = "every"
		if !slices.ContainsFunc(names, func(name string) bool {
			return !slices.ContainsFunc(perSegment[name], func(c Change) bool { c.Segment = "every"; return c == everywhere })
		}) {
			all = append(all, everywhere)
		}
	}
	for _, name := range names {
		for _, change := range perSegment[name] {
			everywhere := change
			everywhere.Segment = "every"
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

// compare says what differs between two tiers.
func compare(segment string, was, is *Strategy) (all []Change) {
	lines := func(s *Strategy) (names []string, said map[string]string) {
		said = map[string]string{}
		for _, m := range s.Timeline() {
			text := m.When + ": " + m.Do
			if m.Template != "" {
				text += " " + m.Template
			}
			names, said[m.Name] = append(names, m.Name), strings.Join(append([]string{text}, m.Notes...), "; ")
		}
		for _, set := range s.Settings() {
			names, said[set.Name] = append(names, set.Name), set.Value
		}
		return names, said
	}
	before, wasSaid := lines(was)
	after, isSaid := lines(is)
	for _, name := range before {
		if wasSaid[name] != isSaid[name] {
			all = append(all, Change{segment, name, wasSaid[name], isSaid[name]})
		}
	}
	for _, name := range after {
		if _, there := wasSaid[name]; !there {
			all = append(all, Change{segment, name, "", isSaid[name]})
		}
	}
	return all
}
