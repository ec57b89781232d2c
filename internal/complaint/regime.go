package complaint

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Regime says by when complaints are answered in a jurisdiction, who can have more time, and where a borrower can take them further.
// See docs/complaints.md for its fields, and for where each number comes from.
type Regime struct {
	Name    string        `yaml:"regime"`
	Version bizclock.Date `yaml:"version"`
	Title   string        `yaml:"title"`
	// Jurisdictions are where it is in force: codes in small letters, each with all that lies within; everywhere is where no other is.
	Jurisdictions []string `yaml:"jurisdictions"`
	// TimeZone is the IANA zone in which its days are counted. Default: the borrower's.
	TimeZone string `yaml:"time_zone"`
	// Calendar is the code of the calendar of its business days.
	Calendar string `yaml:"calendar"`
	// Deadlines are its clocks, in the order of the levels.
	Deadlines []Clock `yaml:"deadlines"`
	// Extensions are how a clock may be given more time, the shortest first.
	Extensions []Extension `yaml:"extensions"`
	// NewFacts says what facts that come later do to the clocks. Default: nothing.
	NewFacts NewFacts `yaml:"new_facts"`
	// Independent says that nobody may decide on a level above the front line who had the complaint before, or whom it is about.
	Independent bool `yaml:"independent"`
	// ProgressEvery is after how many calendar days without an answer, each time, the borrower hears how far it is. 0: only at each
	// step up.
	ProgressEvery int `yaml:"progress_every"`
	// ConfirmWithin is for how many days after the answer a borrower can say that it does not settle the matter, before the complaint
	// is closed. They can have it opened again afterwards too.
	ConfirmWithin int `yaml:"confirm_within"`
	// SurveyAfter is how many days after closing the borrower is asked whether it was handled well. 0: they are not asked.
	SurveyAfter int `yaml:"survey_after"`
	// Referral is by when a complaint is answered that a regulator or an ombudsman passed on, if they do not say.
	Referral Referral `yaml:"referral"`
	// External is where the borrower can take it further; none is told of where there is none.
	External *Body `yaml:"external"`

	// Hash is the hash of the file's content.
	Hash string `yaml:"-"`

	calendar Calendar
	zone     *time.Location
}

// Clock is a deadline that a regime sets.
type Clock struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"`
	// Level is the highest at which it must be met. When it passes, the complaint moves to the next one; from compliance, where there is
	// none, the borrower is told that it is late, and where to go.
	Level Level `yaml:"level"`
	// Within is how many days after the day of receipt, which is day 0, the last day lies.
	Within int              `yaml:"within"`
	Days   bizclock.DayKind `yaml:"days"`
	// Final is set for the clock by which the answer must be there; an answer after it is late.
	Final bool `yaml:"final"`
	// Only restricts it to complaints about payments, or to those that are not. Default: any.
	Only Only `yaml:"only"`
	// Citation is where it stands, Confidence as in rulebooks; Tender's own defaults say so.
	Citation   string `yaml:"citation"`
	Confidence string `yaml:"confidence"`
}

// Extension is more time for a clock.
type Extension struct {
	// Deadline is the clock that is extended, To by how many days after receipt it then ends.
	Deadline string `yaml:"deadline"`
	To       int    `yaml:"to"`
	// Because is why it may be, as a code, such as complex.
	Because string `yaml:"because"`
	Title   string `yaml:"title"`
	// Approval is the role that has to approve of it; none: whoever has the complaint decides.
	Approval Level `yaml:"approval"`
	// Notice says that the borrower is told, with the reason and the new date.
	Notice     bool   `yaml:"notice"`
	Citation   string `yaml:"citation"`
	Confidence string `yaml:"confidence"`
}

// Becauses are why a complaint can be given more time: the catalogue of messages has words for each, in every language.
var Becauses = []string{"complex", "special", "in_progress", "exceptional", "appraisal"}

// Referral is how a complaint is treated that an external body passed on.
type Referral struct {
	Level  Level            `yaml:"level"`
	Within int              `yaml:"within"`
	Days   bizclock.DayKind `yaml:"days"`
}

// Body is an external body that hears complaints.
type Body struct {
	// Name is what it is called, by language; en is always there.
	Name map[string]string `yaml:"name"`
	// WithinMonths, or WithinDays, is how long after the answer the borrower can go there. Neither: it is not said.
	WithinMonths int `yaml:"within_months"`
	WithinDays   int `yaml:"within_days"`
}

// Called is the body's name in a language, or in English.
func (b *Body) Called(language string) string {
	if name := b.Name[language]; name != "" {
		return name
	}
	return b.Name["en"]
}

// Only restricts a clock.
type Only string

// The restrictions.
const (
	OnlyPayment    Only = "payment"
	OnlyNotPayment Only = "not_payment"
)

// UnmarshalText refuses a word that restricts nothing.
func (o *Only) UnmarshalText(text []byte) (err error) {
	*o, err = closed.Parse("restriction of a deadline", []Only{OnlyPayment, OnlyNotPayment}, string(text))
	return err
}

// NewFacts is what facts that come later do to the clocks.
type NewFacts string

// What they can do.
const (
	// FactsRestart: the day on which they came is the new day 0.
	FactsRestart NewFacts = "restart"
	FactsNothing NewFacts = "nothing"
)

// UnmarshalText refuses a word that is neither.
func (n *NewFacts) UnmarshalText(text []byte) (err error) {
	*n, err = closed.Parse("effect of new facts", []NewFacts{FactsRestart, FactsNothing}, string(text))
	return err
}

// Calendar knows the business days of a country; package calendar has them.
type Calendar interface {
	// AddBusinessDays returns the date that lies so many business days after a date. Not known means that a year on the way is not
	// covered, and its holidays were taken for business days.
	AddBusinessDays(date bizclock.Date, days int) (due bizclock.Date, known bool)
}

// Deadline is a clock of a complaint, with its date.
type Deadline struct {
	ID string `json:"id"`
	// Due is the last date on which it is met, and At the first instant at which it no longer is.
	Due bizclock.Date `json:"due"`
	At  time.Time     `json:"at"`
	// From is the instant from which it runs.
	From  time.Time `json:"from"`
	Level Level     `json:"level"`
	Final bool      `json:"final,omitempty"`
	// Set is when it was set, where it did not count from the beginning.
	Set time.Time `json:"set,omitzero"`
	// Extended is the code of why it was given more time.
	Extended string `json:"extended,omitempty"`
	// Uncovered is set when the calendar does not cover all days on the way: holidays may move the date.
	Uncovered bool `json:"uncovered,omitempty"`
}

// Share is the instant at which so many percent of the time are over.
func (d Deadline) Share(percent int) time.Time {
	return d.From.Add(d.At.Sub(d.From) * time.Duration(percent) / 100).Truncate(time.Second)
}

// Zone is where the regime counts days: its own zone, or the borrower's.
func (r *Regime) Zone(borrower *time.Location) *time.Location {
	if r.zone != nil {
		return r.zone
	}
	return borrower
}

// Clocks returns the deadlines of a complaint that was received at an instant, in the order of the file. payment is set for one about
// a payment service.
func (r *Regime) Clocks(received time.Time, home *time.Location, payment bool) (all []Deadline) {
	for _, c := range r.Deadlines {
		if c.Only == OnlyPayment && !payment || c.Only == OnlyNotPayment && payment {
			continue
		}
		all = append(all, r.deadline(c.ID, c.Level, received, c.Within, c.Days, c.Final, home))
	}
	return all
}

// Extend returns a deadline with the time that an extension gives, counted from where the deadline is.
func (r *Regime) Extend(d Deadline, e Extension, home *time.Location) Deadline {
	n := slices.IndexFunc(r.Deadlines, func(c Clock) bool { return c.ID == e.Deadline })
	longer := r.deadline(d.ID, d.Level, d.From, e.To, r.Deadlines[n].Days, d.Final, home)
	longer.Extended = e.Because
	return longer
}

// own reports whether a deadline is the ladder's own, and not the law's.
func (r *Regime) own(deadline string) bool {
	n := slices.IndexFunc(r.Deadlines, func(c Clock) bool { return c.ID == deadline })
	return n >= 0 && r.Deadlines[n].Confidence == "own"
}

// ReferralDue returns the deadline of a complaint that an external body passed on at an instant, by the date that they set, if any.
func (r *Regime) ReferralDue(received time.Time, set bizclock.Date, home *time.Location) Deadline {
	d := r.deadline(ReferralDeadline, Compliance, received, r.Referral.Within, r.Referral.Days, true, home)
	if !set.IsZero() {
		d.Due, d.At, d.Uncovered = set, set.AddDays(1).In(r.Zone(home)).UTC(), false
	}
	return d
}

// ReferralDeadline is the id of the deadline that an external body set.
const ReferralDeadline = "referral"

func (r *Regime) deadline(id string, level Level, from time.Time, within int, days bizclock.DayKind, final bool, home *time.Location) Deadline {
	zone := r.Zone(home)
	day0 := bizclock.DateOf(from.In(zone))
	d := Deadline{ID: id, Due: day0.AddDays(within), From: from.UTC(), Level: level, Final: final}
	if days == bizclock.BusinessDays {
		due, known := r.calendar.AddBusinessDays(day0, within)
		d.Due, d.Uncovered = due, !known
	}
	d.At = d.Due.AddDays(1).In(zone).UTC()
	return d
}

// TitleOf is what a deadline is called; one that the regime no longer has is called by its id.
func (r *Regime) TitleOf(deadline string) string {
	if n := slices.IndexFunc(r.Deadlines, func(c Clock) bool { return c.ID == deadline }); n >= 0 {
		return r.Deadlines[n].Title
	}
	if deadline == ReferralDeadline {
		return "the date that the external body set"
	}
	return deadline
}

// Parse reads a regime. calendars finds a calendar by its code. The error names everything that is wrong with it, each with file,
// line and column.
func Parse(file string, text []byte, calendars func(code string) (Calendar, bool)) (*Regime, error) {
	r, _, err := parse(file, text, calendars)
	return r, err
}

// parse reads a regime, and remembers where everything stands in its file.
func parse(file string, text []byte, calendars func(code string) (Calendar, bool)) (*Regime, *strictyaml.File, error) {
	r := &Regime{}
	at, err := strictyaml.Decode(file, text, r)
	if err != nil {
		return nil, nil, err
	}
	if err := r.check(at, calendars); err != nil {
		return nil, nil, err
	}
	hash := sha256.Sum256(text)
	r.Hash = hex.EncodeToString(hash[:8])
	return r, at, nil
}
