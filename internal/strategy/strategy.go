// Package strategy decides what Tender does next. A strategy is versioned data: which message when, how patiently.
// [Decide] weighs what the strategy wants against what rulebooks, holds and wishes allow, and returns one step.
package strategy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Default is the name of the strategy for loans that ask for none.
const Default = "gentle-installment"

// Strategy is one version of a strategy. Days are calendar days in the loan's time zone.
type Strategy struct {
	Name    string `yaml:"name"`
	Version string `yaml:"version"`
	// Title is what it is called in front of people, in a sentence.
	Title string `yaml:"title"`
	// Scorecard is the name and version of the scorecard that tells how likely a loan is to go wrong; none is asked when it
	// is left out.
	Scorecard string `yaml:"scorecard"`
	// Segments are accompanied in their own way.
	Segments []Segment `yaml:"segments"`
	// Challengers are strategies that are tried on a share of the loans that would begin with this one.
	Challengers []Challenger `yaml:"challengers"`
	// Priority orders the tasks of people: greater comes first.
	Priority int `yaml:"priority"`
	// Caps are the most messages of a loan in a calendar month, by channel.
	Caps Caps `yaml:"caps"`
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
	Surveys   Surveys      `yaml:"surveys"`
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

	card *score.Card
}

// Caps are the most messages of a loan that go out by a channel in a calendar month of the contract. Answers and what law
// asks for are not counted.
type Caps map[contact.Channel]int

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
		Every []int `yaml:"every"`
		// Unsettled takes its place for as long as something went wrong within the last Settles days: arrears, a promise that
		// was broken, hardship. Then follow-ups are closer.
		Unsettled []int `yaml:"unsettled"`
		Settles   int   `yaml:"settles"`
		// Most is how many there are at most in all; 0: no end.
		Most     int    `yaml:"most"`
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
	Name string `yaml:"name"`
	Day  int    `yaml:"day"`
	// Do is what is done. Default: message.
	Do Deed `yaml:"do"`
	// Channel is the one on which the message goes out; preferred, the default, is the first that the borrower and the rules
	// allow. Where a named one is not served or not allowed, it goes out as if none were named.
	Channel  string `yaml:"channel"`
	Template string `yaml:"template"`
	// Tone is that of the template; a file that says it is refused when the template speaks in another.
	Tone message.Tone `yaml:"tone"`
	// QuietDays is how many days must have passed since the borrower was last heard of, or paid: "if there is no answer within".
	QuietDays int `yaml:"quiet_days"`
	// CatchUp says what becomes of a step that could not be made until the day of the next one. Default: resume.
	CatchUp CatchUp `yaml:"catch_up"`
	// Patience is how many days a call may stay undone before the ladder goes on. Default: 5.
	Patience int `yaml:"patience"`
	// To is who takes over the loan that is referred.
	To Agent `yaml:"to"`
	// Review asks a supervisor before the loan is referred.
	Review bool `yaml:"review"`
	// OfferPlan has a plan offered once this step was made and has had a day to be answered.
	OfferPlan bool `yaml:"offer_plan"`
}

// Deed is what a step of the ladder does.
type Deed string

// The deeds.
const (
	// Message writes to the borrower.
	Message Deed = "message"
	// CallThem has a person call the borrower.
	CallThem Deed = "call"
	// Refer tells the lending system that the loan is to be given to somebody else.
	Refer Deed = "refer"
)

// Deeds are all deeds.
var Deeds = []Deed{Message, CallThem, Refer}

// UnmarshalText refuses a word that is no deed.
func (d *Deed) UnmarshalText(text []byte) (err error) {
	*d, err = closed.Parse("deed", Deeds, string(text))
	return err
}

// CatchUp says what becomes of a step of the ladder that is late.
type CatchUp string

// What becomes of it.
const (
	// Resume makes it late, and the next one as much later.
	Resume CatchUp = "resume"
	// Lapse passes over it once the next one is due.
	Lapse CatchUp = "lapse"
)

// CatchUps are all of them.
var CatchUps = []CatchUp{Resume, Lapse}

// UnmarshalText refuses a word that is none of them.
func (c *CatchUp) UnmarshalText(text []byte) (err error) {
	*c, err = closed.Parse("catch_up", CatchUps, string(text))
	return err
}

// Agent is who takes over a loan that is referred.
type Agent string

// The agents.
const (
	Agency Agent = "agency"
	Legal  Agent = "legal"
)

// Agents are all agents.
var Agents = []Agent{Agency, Legal}

// UnmarshalText refuses a word that is no agent.
func (a *Agent) UnmarshalText(text []byte) (err error) {
	*a, err = closed.Parse("agent", Agents, string(text))
	return err
}

// Preferred is the channel that the borrower asked for, or else the first that is allowed.
const Preferred = "preferred"

// Promises says how long and how often a promise lets the ladder rest. A strategy that says nothing has the defaults.
type Promises struct {
	// RestDays is the most days from when a promise is given for which the ladder rests. Default: 21.
	RestDays int `yaml:"rest_days"`
	// Most of so many days let it rest: those given beyond are heard, and change nothing. Default: 2 in 60.
	Most   int `yaml:"most"`
	InDays int `yaml:"in_days"`
	// Missed asks what happened when a promise was not kept. Default: promise-missed.
	Missed Touch `yaml:"missed"`
	// Noted tells the borrower what was understood of a promise that they wrote. Default: promise-noted.
	Noted Touch `yaml:"noted"`
}

// Surveys ask one question at a time, of the question bank in the catalogue of messages. Nobody is asked while something is past
// due, or under a hold. A strategy that says nothing asks nothing.
type Surveys struct {
	// First is asked so many days after the first follow-up was made.
	First SurveyAt `yaml:"first"`
	// Every is asked when so many days have passed since the last survey.
	Every SurveyAt `yaml:"every"`
	// AfterComplaint is asked so many days after a complaint was closed, in place of what else would be asked then.
	AfterComplaint SurveyAt `yaml:"after_complaint"`
	// Incentive is what answering brings, a word of the catalogue; nothing when left out.
	Incentive string `yaml:"incentive"`
}

// SurveyAt is a question with its time.
type SurveyAt struct {
	Days     int    `yaml:"days"`
	Question string `yaml:"question"`
}

// Plans are the messages about plans in hardship. A strategy that says nothing has the defaults.
type Plans struct {
	// Products are the names of the products that Tender offers by itself. Default: all.
	Products []string `yaml:"products"`
	// PresumeMonths is for how long a trouble of each cause is taken to last when nobody said, so that a plan can be offered at once.
	// What is left out is offered no plan that needs to know.
	PresumeMonths map[hardship.Cause]int `yaml:"presume_months"`
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
	if err := at.Whole(); err != nil {
		return nil, err
	}
	if len(s.Buckets) == 0 {
		s.Buckets = loan.DefaultBuckets
	}
	s.defaults()
	hash := sha256.Sum256(text)
	s.Hash = hex.EncodeToString(hash[:8])
	if err := s.check(at); err != nil {
		return nil, err
	}
	return s, nil
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
		{&p.Noted, "promise-noted"},
		{&s.Plans.Offer, "plan-offer"},
		{&s.Plans.Confirmed, "plan-confirmed"},
		{&s.Plans.Missed, "plan-missed"},
		{&s.Plans.Broken, "plan-broken"},
	} {
		touch.of.Template = cmp.Or(touch.of.Template, touch.template)
	}
	s.FollowUps.defaults()
	s.Ladder.defaults()
	for n := range s.Segments {
		if g := &s.Segments[n]; g.FollowUps != nil {
			g.FollowUps.defaults()
		}
		if g := &s.Segments[n]; g.Ladder != nil {
			g.Ladder.defaults()
		}
	}
}

func (f *FollowUps) defaults() { f.Then.Settles = cmp.Or(f.Then.Settles, 60) }

func (l *Ladder) defaults() {
	for n := range l.Steps {
		step := &l.Steps[n]
		step.Do, step.Channel, step.CatchUp = cmp.Or(step.Do, Message), cmp.Or(step.Channel, Preferred), cmp.Or(step.CatchUp, Resume)
		step.Patience = cmp.Or(step.Patience, 5)
	}
}
