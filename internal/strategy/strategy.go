// Package strategy decides what Tender does next. A strategy is versioned data: which message when, how patiently.
// [Decide] weighs what the strategy wants against what rulebooks, holds and wishes allow, and returns one step.
package strategy

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Default is the name of the strategy for loans that ask for none.
const Default = "gentle-installment"

// Strategy is one version of a strategy. Days are calendar days in the loan's time zone.
type Strategy struct {
	Name    string `yaml:"name"`
	Version string `yaml:"version"`
	// Channels are tried in this order, after the one that the borrower prefers.
	Channels []contact.Channel `yaml:"channels"`
	// GraceDays are subtracted from past-due days to give delinquent days.
	GraceDays int `yaml:"grace_days"`
	// Buckets are the first days of the delinquency buckets; [loan.DefaultBuckets] unless given.
	Buckets   loan.Buckets `yaml:"buckets"`
	Welcome   Touch        `yaml:"welcome"`
	FollowUps FollowUps    `yaml:"follow_ups"`
	Reminders []Reminder   `yaml:"reminders"`
	Ladder    Ladder       `yaml:"ladder"`
	RestDays  RestDays     `yaml:"rest_days"`
	Promises  Promises     `yaml:"promises"`
	Plans     Plans        `yaml:"plans"`
	Worklist  Worklist     `yaml:"worklist"`
	// PausedBy are the kinds of hold whose days do not count as delinquent.
	PausedBy []contact.HoldKind `yaml:"paused_by"`
	// BackOnTrack thanks for paying what was overdue, if it had been written about.
	BackOnTrack Touch     `yaml:"back_on_track"`
	Stages      StageDays `yaml:"stages"`
	ChargeOff   ChargeOff `yaml:"charge_off"`
	// Thanks closes the journey of a settled loan.
	Thanks Touch `yaml:"thanks"`
	// Hash is the hash of the file's content; Text is that content.
	Hash string `yaml:"-"`
	Text string `yaml:"-"`
}

// Touch is one message.
type Touch struct {
	Template string `yaml:"template"`
}

// FollowUps ask how things are going.
type FollowUps struct {
	First struct {
		// Day is the number of days after disbursement, at most 7.
		Day      int    `yaml:"day"`
		Template string `yaml:"template"`
	} `yaml:"first"`
	Then struct {
		// Every are the days between one follow-up and the next; the last repeats.
		Every    []int  `yaml:"every"`
		Template string `yaml:"template"`
	} `yaml:"then"`
	// KeepFromDueDays is how many days before a due date a follow-up gives way to the reminders.
	KeepFromDueDays int `yaml:"keep_from_due_days"`
}

// Reminder is a message before, or on, a due date.
type Reminder struct {
	Name       string `yaml:"name"`
	DaysBefore int    `yaml:"days_before"`
	Template   string `yaml:"template"`
}

// Ladder is what happens after a missed payment.
type Ladder struct {
	// MinGapDays is the least number of days between two notices of a loan.
	MinGapDays int     `yaml:"min_gap_days"`
	Steps      []Level `yaml:"steps"`
}

// Level is one step of the ladder, on a past-due day.
type Level struct {
	Name     string `yaml:"name"`
	Day      int    `yaml:"day"`
	Template string `yaml:"template"`
	// OfferPlan has a plan offered once this step was made and has had a day to be answered.
	OfferPlan bool `yaml:"offer_plan"`
}

// Promises says how long and how often a promise lets the ladder rest. A strategy that says nothing has the defaults.
type Promises struct {
	// RestDays is the most days from when a promise is given for which the ladder rests. Default: 21.
	RestDays int `yaml:"rest_days"`
	// Most of so many days let it rest: those given beyond are heard, and change nothing. Default: 2 in 60.
	Most   int `yaml:"most"`
	InDays int `yaml:"in_days"`
	// Missed asks what happened when a promise was not kept. Default: promise-missed.
	Missed Touch `yaml:"missed"`
}

// Plans are the messages about plans in hardship. A strategy that says nothing has the defaults.
type Plans struct {
	// Products are the names of the products that Tender offers by itself. Default: all.
	Products []string `yaml:"products"`
	// Offer, Confirmed, Missed and Broken default to plan-offer, plan-confirmed, plan-missed and plan-broken.
	Offer     Touch `yaml:"offer"`
	Confirmed Touch `yaml:"confirmed"`
	Missed    Touch `yaml:"missed"`
	Broken    Touch `yaml:"broken"`
}

// RestDays is for how long the ladder rests.
type RestDays struct {
	// Promise counts from the promised date, Hardship from when it was told.
	Promise  int `yaml:"promise"`
	Hardship int `yaml:"hardship"`
}

// StageDays are the past-due days on which the later stages of arrears begin.
type StageDays struct {
	LateArrears  int `yaml:"late_arrears"`
	PreChargeOff int `yaml:"pre_charge_off"`
}

// ChargeOff is the duty to tell the lending system.
type ChargeOff struct {
	Day int `yaml:"day"`
}

// Parse reads a strategy. Its errors name file, line and column.
func Parse(file string, text []byte) (*Strategy, error) {
	s := &Strategy{Text: string(text)}
	at, err := strictyaml.Decode(file, text, s)
	if err != nil {
		return nil, err
	}
	if len(s.Buckets) == 0 {
		s.Buckets = loan.DefaultBuckets
	}
	s.defaults()
	hash := sha256.Sum256(text)
	s.Hash = hex.EncodeToString(hash[:8])
	return s, s.check(at)
}

// defaults fills in what strategies of before did not say.
func (s *Strategy) defaults() {
	p := &s.Promises
	p.RestDays, p.Most, p.InDays = cmp.Or(p.RestDays, 21), cmp.Or(p.Most, 2), cmp.Or(p.InDays, 60)
	for _, touch := range []struct {
		of       *Touch
		template string
	}{
		{&p.Missed, "promise-missed"},
		{&s.Plans.Offer, "plan-offer"},
		{&s.Plans.Confirmed, "plan-confirmed"},
		{&s.Plans.Missed, "plan-missed"},
		{&s.Plans.Broken, "plan-broken"},
	} {
		touch.of.Template = cmp.Or(touch.of.Template, touch.template)
	}
}

// treatments are the names of those that every strategy has; no reminder and no step of a ladder can be called so.
var treatments = []string{
	"welcome", "first-week", "follow-up", "back-on-track", "charge-off", "estate", "hardship", "thank-you", "close",
	"promise-missed", "plan-offer", "plan-confirmed", "plan-missed", "plan-broken", "plan-accepted", "plan-completed", "plan-ended",
}

func (s *Strategy) check(at *strictyaml.File) error {
	if err := event.CheckID(s.Name); err != nil {
		return at.Errorf("$.name", "%v", err)
	}
	if err := event.CheckID(s.Version); err != nil {
		return at.Errorf("$.version", "%v", err)
	}
	if len(s.Channels) == 0 {
		return at.Errorf("$.channels", "is empty; list at least one channel")
	}
	for n, c := range s.Channels {
		if !c.Electronic() {
			return at.Errorf(fmt.Sprintf("$.channels[%d]", n), "%s is not written by machine; use push, sms, email or chat", c)
		}
	}
	templates := message.Templates()
	named := s.templates()
	for _, path := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(templates, named[path]) {
			return at.Errorf(path, "there is no template %q; use one of %s", named[path], strings.Join(templates, ", "))
		}
	}
	names := map[string]bool{}
	for _, name := range treatments {
		names[name] = true
	}
	name := func(path, name string) error {
		if event.CheckID(name) != nil || names[name] {
			return at.Errorf(path, "%q must be an id of its own, and none of %s", name, strings.Join(treatments, ", "))
		}
		names[name] = true
		return nil
	}
	if err := s.Worklist.check(at); err != nil {
		return err
	}
	for n, b := range s.Buckets {
		if b < 1 || n > 0 && b <= s.Buckets[n-1] {
			return at.Errorf(fmt.Sprintf("$.buckets[%d]", n), "%d must be positive and greater than the one before", b)
		}
	}
	for _, days := range []struct {
		path string
		days int
	}{
		{"$.grace_days", s.GraceDays},
		{"$.follow_ups.keep_from_due_days", s.FollowUps.KeepFromDueDays},
		{"$.ladder.min_gap_days", s.Ladder.MinGapDays},
		{"$.rest_days.promise", s.RestDays.Promise},
		{"$.rest_days.hardship", s.RestDays.Hardship},
		{"$.promises.rest_days", s.Promises.RestDays},
		{"$.promises.most", s.Promises.Most},
		{"$.promises.in_days", s.Promises.InDays},
	} {
		if days.days < 0 {
			return at.Errorf(days.path, "%d must not be negative", days.days)
		}
	}
	if d := s.FollowUps.First.Day; d < 1 || d > 7 {
		return at.Errorf("$.follow_ups.first.day", "%d must lie within the first week, 1 to 7", d)
	}
	for n, days := range s.FollowUps.Then.Every {
		if days < 1 || n > 0 && days < s.FollowUps.Then.Every[n-1] {
			return at.Errorf(fmt.Sprintf("$.follow_ups.then.every[%d]", n), "%d must be positive and not shorter than the one before: follow-ups grow rarer", days)
		}
	}
	for n, r := range s.Reminders {
		if err := name(fmt.Sprintf("$.reminders[%d].name", n), r.Name); err != nil {
			return err
		}
		if r.DaysBefore < 0 || n > 0 && r.DaysBefore >= s.Reminders[n-1].DaysBefore {
			return at.Errorf(fmt.Sprintf("$.reminders[%d].days_before", n), "%d must not be negative, and less than the one before", r.DaysBefore)
		}
	}
	for n, l := range s.Ladder.Steps {
		if err := name(fmt.Sprintf("$.ladder.steps[%d].name", n), l.Name); err != nil {
			return err
		}
		if l.Day < 1 || n > 0 && l.Day <= s.Ladder.Steps[n-1].Day {
			return at.Errorf(fmt.Sprintf("$.ladder.steps[%d].day", n), "%d must be at least 1 and greater than the one before", l.Day)
		}
	}
	switch last := len(s.Ladder.Steps); {
	case last == 0:
		return at.Errorf("$.ladder.steps", "is empty; nobody may be charged off unasked")
	case s.ChargeOff.Day <= s.Ladder.Steps[last-1].Day:
		return at.Errorf("$.charge_off.day", "%d must lie after the last step of the ladder, day %d", s.ChargeOff.Day, s.Ladder.Steps[last-1].Day)
	case s.Stages.LateArrears < 2 || s.Stages.PreChargeOff <= s.Stages.LateArrears || s.ChargeOff.Day <= s.Stages.PreChargeOff:
		return at.Errorf("$.stages", "late_arrears, pre_charge_off and the day of the charge-off must follow one another")
	}
	return nil
}

// templates returns every template that the strategy names, by where it stands.
func (s *Strategy) templates() map[string]string {
	all := map[string]string{
		"$.welcome.template":          s.Welcome.Template,
		"$.follow_ups.first.template": s.FollowUps.First.Template,
		"$.back_on_track.template":    s.BackOnTrack.Template,
		"$.thanks.template":           s.Thanks.Template,
		"$.promises.missed.template":  s.Promises.Missed.Template,
		"$.plans.offer.template":      s.Plans.Offer.Template,
		"$.plans.confirmed.template":  s.Plans.Confirmed.Template,
		"$.plans.missed.template":     s.Plans.Missed.Template,
		"$.plans.broken.template":     s.Plans.Broken.Template,
	}
	if len(s.FollowUps.Then.Every) > 0 {
		all["$.follow_ups.then.template"] = s.FollowUps.Then.Template
	}
	for n, r := range s.Reminders {
		all[fmt.Sprintf("$.reminders[%d].template", n)] = r.Template
	}
	for n, l := range s.Ladder.Steps {
		all[fmt.Sprintf("$.ladder.steps[%d].template", n)] = l.Template
	}
	return all
}

//go:embed strategies/*.yaml
var shipped embed.FS

// Load returns the strategies that Tender ships, and those in a folder; a file there replaces a shipped one of the same
// name. An empty folder name means only the shipped ones.
func Load(dir string) ([]*Strategy, error) {
	files, err := fs.Sub(shipped, "strategies")
	if err != nil {
		return nil, err
	}
	all, err := parseAll(files, "")
	if err != nil || dir == "" {
		return all, err
	}
	own, err := parseAll(os.DirFS(dir), dir)
	if err != nil {
		return nil, err
	}
	for _, s := range own {
		all = slices.DeleteFunc(all, func(other *Strategy) bool { return other.Name == s.Name })
		all = append(all, s)
	}
	return all, nil
}

// CheckProducts refuses a strategy that offers a product which is not among those that there are.
func (s *Strategy) CheckProducts(products []*hardship.Product) error {
	for n, name := range s.Plans.Products {
		if !slices.ContainsFunc(products, func(p *hardship.Product) bool { return p.Name == name }) {
			var known []string
			for _, p := range products {
				known = append(known, p.Name)
			}
			return fmt.Errorf("strategy %s: plans.products[%d]: there is no product %s; known are %s", s.Name, n, name, strings.Join(known, ", "))
		}
	}
	return nil
}

func parseAll(files fs.FS, dir string) (all []*Strategy, err error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s, err := Parse(filepath.Join(dir, name), text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
