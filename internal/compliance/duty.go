package compliance

import (
	"errors"
	"fmt"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/hardship"
)

// Trigger is what a duty begins with.
type Trigger string

// The triggers.
const (
	FirstContact        Trigger = "first_contact"
	DisputeRaised       Trigger = "dispute"
	HardshipRequested   Trigger = "hardship_requested"
	HardshipInformation Trigger = "hardship_information"
	HardshipDecided     Trigger = "hardship_decided"
	Revocation          Trigger = "revocation"
	ArrearsBegun        Trigger = "arrears"
	PlanSigned          Trigger = "plan_signed"
	SettledInFull       Trigger = "settled"
	DisbursedTrigger    Trigger = "disbursed"
	DeathKnown          Trigger = "death"
	DebtAdvice          Trigger = "debt_advice"
	NoticeReceived      Trigger = "notice"
)

// Triggers are all triggers.
var Triggers = []Trigger{
	FirstContact, DisputeRaised, HardshipRequested, HardshipInformation, HardshipDecided, Revocation, ArrearsBegun,
	PlanSigned, SettledInFull, DisbursedTrigger, DeathKnown, DebtAdvice, NoticeReceived,
}

// UnmarshalText refuses a word that is no trigger. A complaint is none, because its regime has its deadlines.
func (t *Trigger) UnmarshalText(text []byte) (err error) {
	if string(text) == "complaint" {
		return errors.New("by when a complaint is answered stands in its regime; leave the duty out, and see tender complaint regime list")
	}
	*t, err = closed.Parse("trigger", Triggers, string(text))
	return err
}

// Duty is something that must be done by a deadline. It stands in no contact's way.
type Duty struct {
	// What is a code, such as validation_notice.
	What  string
	After Trigger
	// Within is how many days after the trigger's date the last day lies.
	Within int
	Days   bizclock.DayKind
	// Calendar is the name of the calendar of the business days.
	Calendar string

	calendar Calendar
}

// Deadline is by when a duty must be done.
type Deadline struct {
	Rule     string `json:"rule"`
	Title    string `json:"title"`
	Version  string `json:"version"`
	Citation string `json:"citation"`
	What     string `json:"what"`
	// Due is the last date on which it is done in time.
	Due bizclock.Date `json:"due"`
	// Uncovered is set when the calendar does not cover all days on the way: holidays may move the date.
	Uncovered bool `json:"uncovered,omitempty"`
}

// Duties returns by when what must be done that a trigger on a date calls for, in the order of the rules' names.
func (r Rules) Duties(after Trigger, on bizclock.Date) (all []Deadline) {
	for _, rule := range r.duties {
		d := rule.Duty
		if d.After != after || !rule.covers(dayNumber(on)) {
			continue
		}
		one := Deadline{Rule: rule.ref, Title: rule.Title, Version: rule.version, Citation: rule.Citation, What: d.What, Due: on.AddDays(d.Within)}
		if d.Days == bizclock.BusinessDays {
			due, known := d.calendar.AddBusinessDays(on, d.Within)
			one.Due, one.Uncovered = due, !known
		}
		all = append(all, one)
	}
	return all
}

// Retention is for how long records must be kept.
type Retention struct {
	Years int
	// After is what the years are counted from, Records what is kept; both are codes.
	After   RetainedAfter
	Records []Record
}

// RetainedAfter is what the years of retention are counted from.
type RetainedAfter string

// From when the years count.
const (
	LastActivity   RetainedAfter = "last_activity"
	EachCall       RetainedAfter = "call"
	Settlement     RetainedAfter = "settlement"
	ComplaintEnded RetainedAfter = "complaint"
	EachRequest    RetainedAfter = "request"
)

// RetainedAfters are all of them.
var RetainedAfters = []RetainedAfter{LastActivity, EachCall, Settlement, ComplaintEnded, EachRequest}

// UnmarshalText refuses a word from which no retention counts.
func (r *RetainedAfter) UnmarshalText(text []byte) (err error) {
	*r, err = closed.Parse("beginning of retention", RetainedAfters, string(text))
	return err
}

// Record is a kind of record.
type Record string

// The kinds of record.
const (
	ContactRecords   Record = "contacts"
	RecordingRecords Record = "recordings"
	ComplaintRecords Record = "complaints"
	ConsentRecords   Record = "consents"
	PlanRecords      Record = "plans"
)

// RecordKinds are all kinds of record.
var RecordKinds = []Record{ContactRecords, RecordingRecords, ComplaintRecords, ConsentRecords, PlanRecords}

// UnmarshalText refuses a word that is no kind of record.
func (r *Record) UnmarshalText(text []byte) (err error) {
	*r, err = closed.Parse("record", RecordKinds, string(text))
	return err
}

// ChargeLimit bounds what a loan may cost.
type ChargeLimit struct {
	// APRMax is the most that a year may cost, all in all, as a fraction; TotalMax the most in all, as a share of the
	// principal. Zero sets no limit.
	APRMax, TotalMax decimal.Decimal
	// AgreementOnly forbids what neither the agreement nor the law provides for.
	AgreementOnly bool
}

// limits are kinds of rule that no contact is held against.
type limits struct{}

func (limits) check(*evaluation, time.Time) state { return state{} }
func (limits) why(state) string                   { return "it is about no contact" }
func (limits) days() int                          { return 0 }

// Limit is a rule about records, plans or charges. Exactly one of the three is set.
type Limit struct {
	Rule      string
	Retention *Retention
	Plan      *hardship.Limit
	Charge    *ChargeLimit
}

// Limits returns the rules about records, plans and charges that are in force on a date, in the order of their names.
func (r Rules) Limits(on bizclock.Date) (all []Limit) {
	for _, rule := range r.limits {
		if rule.covers(dayNumber(on)) {
			l := Limit{Rule: rule.ref, Retention: rule.Retention, Charge: rule.Charge}
			if rule.Plan != nil {
				named := *rule.Plan
				named.Rule, named.Soft = rule.ref, rule.Strength == Soft
				l.Plan = &named
			}
			all = append(all, l)
		}
	}
	return all
}

// PlanLimits returns what the rules in force on a date bound of plans in hardship.
func (r Rules) PlanLimits(on bizclock.Date) (all []hardship.Limit) {
	for _, l := range r.Limits(on) {
		if l.Plan != nil {
			all = append(all, *l.Plan)
		}
	}
	return all
}

// String says what the duty is.
func (d *Duty) String() string {
	return fmt.Sprintf("%s within %d %s days after %s", d.What, d.Within, d.Days, d.After)
}
