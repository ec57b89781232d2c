package demo

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Scenario is what the lending system and the borrowers of a demonstration do, and how each life must end. Days are
// business days, counted from the start, which is day 0.
type Scenario struct {
	// File is where it was read from; messages name it.
	File string `yaml:"-"`
	// Start is the business instant at which the demonstration begins.
	Start Start `yaml:"start"`
	// Days is how many days it lasts.
	Days int `yaml:"days"`
	// Borrowers are given as in the payload of loan.disbursed.
	Borrowers []map[string]any `yaml:"borrowers"`
	Lives     []Life           `yaml:"lives"`
}

// Start is an instant as people write it.
type Start struct {
	Date     string `yaml:"date"`
	Time     string `yaml:"time"`
	TimeZone string `yaml:"time_zone"`

	// At is the instant.
	At time.Time `yaml:"-"`
}

// Life is one loan, what happens to it, and how it must end.
type Life struct {
	Loan     string `yaml:"loan"`
	Title    string `yaml:"title"`
	Borrower string `yaml:"borrower"`
	Terms    Terms  `yaml:"terms"`
	// Happens is in the order in which it happens.
	Happens []Happening `yaml:"happens"`
	Must    Must        `yaml:"must"`

	zone     *time.Location
	schedule []due
	// disbursed is the payload of loan.disbursed, and at when it happens.
	disbursed []byte
	at        time.Time
}

// Terms are the terms of a loan with equal installments.
type Terms struct {
	Currency string `yaml:"currency"`
	// Installments is how many there are; the first is due FirstDue days after the start, the others Every days apart.
	Installments int `yaml:"installments"`
	FirstDue     int `yaml:"first_due"`
	Every        int `yaml:"every"`
	// Principal and Interest are the parts of each installment.
	Principal string `yaml:"principal"`
	Interest  string `yaml:"interest"`
	// Day and At say when the loan is disbursed, in the time zone of its contract.
	Day int    `yaml:"day"`
	At  string `yaml:"at"`
	// TimeZone is that of the contract. Default: the borrower's first.
	TimeZone string `yaml:"time_zone"`
}

// due is one installment.
type due struct {
	date  bizclock.Date
	total decimal.Decimal
}

// Happening is an event that the lending system posts.
type Happening struct {
	// Day and At say when, in the time zone of the contract. Default of At: 10:00.
	Day int    `yaml:"day"`
	At  string `yaml:"at"`
	// After, in place of Day, is a message that the borrower has received, and Hours how many hours later it happens. Of
	// messages about promises and plans it is the first.
	// Default of Hours: 2.
	After string `yaml:"after"`
	Hours int    `yaml:"hours"`
	// Installment is which one, from 1, the message was about, or a payment pays. Default: 1.
	Installment int `yaml:"installment"`
	// Event is the type of event. Data is its payload; what the lending system knows by itself may be left out.
	Event string         `yaml:"event"`
	Data  map[string]any `yaml:"data"`

	kind event.Type
	at   time.Duration // the time of day
}

// defaultHours is how many hours after a message something happens that does not say.
const defaultHours = 2

// Must is how a life must end. What is left out does not matter.
type Must struct {
	// Stage and Reason are where the journey must stand, and why.
	Stage  string `yaml:"stage"`
	Reason string `yaml:"reason"`
	// ClosedBy is the day by which the journey must have closed.
	ClosedBy int `yaml:"closed_by"`
	// Made is how often steps must have been made. Never are steps that must not, with * for anything.
	Made  map[string]int `yaml:"made"`
	Never []string       `yaml:"never"`
	// Contacts bounds how many contacts are made.
	Contacts struct {
		Least int `yaml:"least"`
		Most  int `yaml:"most"`
	} `yaml:"contacts"`
	// SilentAfter is the type of an event after which there must be no contact but the one that confirms a stop. SilentUntil is one that ends the silence.
	SilentAfter string `yaml:"silent_after"`
	SilentUntil string `yaml:"silent_until"`
	// Prevented are rules that must have put something off or forbidden it.
	Prevented []string `yaml:"prevented"`
	// Tasks are steps that a person must have been given; Told is what the lending system must have been told.
	Tasks []string `yaml:"tasks"`
	Told  []string `yaml:"told"`
}

// Parse reads a scenario. Its errors name file, line and column.
func Parse(file string, text []byte) (*Scenario, error) {
	s := &Scenario{File: file}
	at, err := strictyaml.Decode(file, text, s)
	if err != nil {
		return nil, err
	}
	if err := s.read(at); err != nil {
		return nil, err
	}
	return s, nil
}

// maxDays bounds a scenario: who watches has not all day.
const maxDays = 400

func (s *Scenario) read(at *strictyaml.File) error {
	if err := s.readStart(at); err != nil {
		return err
	}
	if s.Days < 1 || s.Days > maxDays {
		return at.Errorf("$.days", "%d must lie between 1 and %d", s.Days, maxDays)
	}
	if len(s.Lives) == 0 {
		return at.Errorf("$.lives", "is empty; write at least one")
	}
	steps, err := knownSteps()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for n := range s.Lives {
		r := reader{s, at, fmt.Sprintf("$.lives[%d]", n), &s.Lives[n], steps}
		if err := r.read(); err != nil {
			return err
		}
		if id := s.Lives[n].Loan; seen[id] {
			return at.Errorf(r.path+".loan", "%s stands twice; each life is a loan of its own", id)
		}
		seen[s.Lives[n].Loan] = true
	}
	return nil
}

func (s *Scenario) readStart(at *strictyaml.File) error {
	zone, err := findZone(s.Start.TimeZone)
	if err != nil {
		return at.Errorf("$.start.time_zone", "%v", err)
	}
	date, err := bizclock.ParseDate(s.Start.Date)
	if err != nil {
		return at.Errorf("$.start.date", "%v", err)
	}
	clock, err := timeOfDay(s.Start.Time)
	if err != nil {
		return at.Errorf("$.start.time", "%v", err)
	}
	s.Start.At = date.At(clock, zone)
	return nil
}

// End is when the demonstration is over: the beginning of the day after the last.
func (s *Scenario) End() time.Time {
	return bizclock.DateOf(s.Start.At).AddDays(s.Days).In(s.Start.At.Location())
}

// Day returns on which day of the demonstration an instant lies.
func (s *Scenario) Day(t time.Time) int {
	return bizclock.DateOf(t.In(s.Start.At.Location())).Sub(bizclock.DateOf(s.Start.At))
}

// later moves everything by whole weeks, so that weekdays stay the same.
func (s *Scenario) later(weeks int) error {
	s.Start.Date = bizclock.DateOf(s.Start.At).AddDays(7 * weeks).String()
	moved := *s
	if err := moved.read(&strictyaml.File{}); err != nil {
		return err
	}
	*s = moved
	return nil
}

// reader reads one life.
type reader struct {
	scenario *Scenario
	file     *strictyaml.File
	path     string
	life     *Life
	steps    []string
}

func (r *reader) errorf(field, format string, args ...any) error {
	return r.file.Errorf(r.path+field, format, args...)
}

func (r *reader) read() error {
	if err := event.CheckID(r.life.Loan); err != nil {
		return r.errorf(".loan", "%q %v", r.life.Loan, err)
	}
	if r.life.Title == "" {
		return r.errorf(".title", "is missing; say in a few words what becomes of the loan")
	}
	if err := r.readTerms(); err != nil {
		return err
	}
	for n := range r.life.Happens {
		if err := r.readHappening(n); err != nil {
			return err
		}
	}
	return r.readMust()
}

func (r *reader) readTerms() error {
	n := slices.IndexFunc(r.scenario.Borrowers, func(b map[string]any) bool { return b["id"] == r.life.Borrower })
	if n < 0 {
		return r.errorf(".borrower", "%q is none of the borrowers above", r.life.Borrower)
	}
	borrower, t := r.scenario.Borrowers[n], &r.life.Terms
	if zones, _ := borrower["time_zones"].([]any); t.TimeZone == "" && len(zones) > 0 {
		t.TimeZone, _ = zones[0].(string)
	}
	var err error
	if r.life.zone, err = findZone(t.TimeZone); err != nil {
		return r.errorf(".terms.time_zone", "%v", err)
	}
	clock, err := timeOfDay(cmp.Or(t.At, "10:00"))
	if err != nil {
		return r.errorf(".terms.at", "%v", err)
	}
	on := r.scenario.date(t.Day)
	r.life.at = on.At(clock, r.life.zone)
	switch {
	case t.Installments < 1 || t.Installments > 100:
		return r.errorf(".terms.installments", "%d must lie between 1 and 100", t.Installments)
	case t.FirstDue <= t.Day:
		return r.errorf(".terms.first_due", "%d must lie after the day of disbursement, %d", t.FirstDue, t.Day)
	case t.Every < 1 && t.Installments > 1:
		return r.errorf(".terms.every", "%d must be at least 1", t.Every)
	case r.life.at.Before(r.scenario.Start.At):
		return r.errorf(".terms", "the loan would be disbursed before the start; give a later day, or time")
	}
	return r.schedule(n, borrower, on)
}

// schedule makes the payload of loan.disbursed, and has it checked as the gateway will.
func (r *reader) schedule(n int, borrower map[string]any, on bizclock.Date) error {
	t := r.life.Terms
	principal, err := decimal.Parse(t.Principal)
	if err != nil {
		return r.errorf(".terms.principal", `%q is no amount; write such as "100.00"`, t.Principal)
	}
	interest, err := decimal.Parse(cmp.Or(t.Interest, "0"))
	if err != nil {
		return r.errorf(".terms.interest", `%q is no amount; write such as "5.00"`, t.Interest)
	}
	total, err := principal.Add(interest)
	if err != nil {
		return r.errorf(".terms.principal", "%v", err)
	}
	sum, err := principal.Mul(decimal.MustNew(int64(t.Installments), 0))
	if err != nil {
		return r.errorf(".terms.principal", "%v", err)
	}
	installments := make([]map[string]any, t.Installments)
	r.life.schedule = make([]due, t.Installments)
	for i := range installments {
		d := r.scenario.date(t.FirstDue + i*t.Every)
		r.life.schedule[i] = due{d, total}
		installments[i] = map[string]any{"due": d.String(), "principal": principal.String()}
		if !interest.IsZero() {
			installments[i]["interest"] = interest.String()
		}
	}
	payload := map[string]any{
		"borrower": borrower, "currency": t.Currency, "principal": sum.String(), "schedule": installments,
		"disbursed_on": on.String(), "time_zone": t.TimeZone,
	}
	r.life.disbursed, err = check(event.LoanDisbursed, payload)
	return r.located(err, map[string]string{
		"data.borrower": fmt.Sprintf("$.borrowers[%d]", n), "data.currency": r.path + ".terms.currency", "": r.path + ".terms",
	})
}

// located gives an error about a payload the place in the file where the field stands; places says where payloads and
// their parts stand, and where anything else does under "".
func (r *reader) located(err error, places map[string]string) error {
	var wrong *event.Error
	if !errors.As(err, &wrong) {
		return err
	}
	for _, prefix := range slices.Backward(slices.Sorted(maps.Keys(places))) {
		if rest, ok := strings.CutPrefix(wrong.Field, prefix); ok && prefix != "" {
			return r.file.Errorf(places[prefix]+rest, "%s", wrong.Reason)
		}
	}
	return r.file.Errorf(places[""], "%s: %s", wrong.Field, wrong.Reason)
}

func (r *reader) readHappening(n int) error {
	h, at := &r.life.Happens[n], fmt.Sprintf(".happens[%d]", n)
	if h.Installment == 0 {
		h.Installment = 1
	}
	var err error
	if h.kind, err = event.ParseType(h.Event); err != nil {
		return r.errorf(at+".event", "%v", err)
	}
	if h.at, err = timeOfDay(cmp.Or(h.At, "10:00")); err != nil {
		return r.errorf(at+".at", "%v", err)
	}
	switch {
	case h.kind == event.LoanDisbursed || h.kind == event.LedgerWatermark || !h.kind.ToldToJourneys():
		return r.errorf(at+".event", "%s does not belong here; the lending system sends it by itself, or never", h.kind)
	case (h.Day == 0) == (h.After == ""):
		return r.errorf(at, "needs either a day, from 1, or after")
	case h.Day < 0 || h.Day >= r.scenario.Days:
		return r.errorf(at+".day", "%d does not lie within the %d days of the demonstration", h.Day, r.scenario.Days)
	case h.After != "" && !slices.Contains(r.steps, h.After):
		return r.errorf(at+".after", "no step is called %q; use one of %s", h.After, closed.Join(r.steps))
	case h.After != "" && h.At != "", h.After == "" && h.Hours != 0:
		return r.errorf(at, "a day goes with at, and after goes with hours")
	case h.Hours < 0:
		return r.errorf(at+".hours", "%d lies before the message", h.Hours)
	case h.Installment < 1 || h.Installment > len(r.life.schedule):
		return r.errorf(at+".installment", "%d is none of the %d installments", h.Installment, len(r.life.schedule))
	}
	if before := r.lastDay(n); h.Day != 0 && h.Day < before {
		return r.errorf(at+".day", "%d lies before what happens above, on day %d", h.Day, before)
	}
	_, err = check(h.kind, r.life.payload(*h, n, r.life.at))
	return r.located(err, map[string]string{"data": r.path + at + ".data", "": r.path + at})
}

// lastDay is the day of the last happening before the nth that has one.
func (r *reader) lastDay(n int) int {
	for _, h := range slices.Backward(r.life.Happens[:n]) {
		if h.Day != 0 {
			return h.Day
		}
	}
	return r.life.Terms.Day
}

func (r *reader) readMust() error {
	m := r.life.Must
	if _, err := closed.Parse("stage", journey.Stages, m.Stage); err != nil {
		return r.errorf(".must.stage", "%v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Made)) {
		if !slices.Contains(r.steps, name) {
			return r.errorf(".must.made."+name, "no step is called so; use one of %s", closed.Join(r.steps))
		}
	}
	for n, pattern := range m.Never {
		fits := func(step string) bool { ok, err := path.Match(pattern, step); return ok && err == nil }
		if !slices.ContainsFunc(r.steps, fits) {
			return r.errorf(fmt.Sprintf(".must.never[%d]", n), "%q fits no step; use one of %s", pattern, closed.Join(r.steps))
		}
	}
	if _, err := event.ParseType(m.SilentAfter); m.SilentAfter != "" && err != nil {
		return r.errorf(".must.silent_after", "%v", err)
	}
	if _, err := event.ParseType(m.SilentUntil); m.SilentUntil != "" && err != nil {
		return r.errorf(".must.silent_until", "%v", err)
	}
	if c := m.Contacts; c.Least < 0 || c.Most != 0 && c.Most < c.Least {
		return r.errorf(".must.contacts", "at least %d and at most %d cannot be", c.Least, c.Most)
	}
	return nil
}

// payload returns the data of a happening, with what the lending system adds to it: n is its place in the life.
func (l *Life) payload(h Happening, n int, at time.Time) map[string]any {
	data := map[string]any{}
	add := func(name string, value any) { data[name] = value }
	today := bizclock.DateOf(at.In(l.zone)).String()
	switch h.kind {
	case event.PaymentPosted, event.PaymentReversed, event.PaymentRefunded, event.FeeCharged, event.FeeWaived, event.RecoveryPosted:
		add("transaction", fmt.Sprintf("%s-T%d", l.Loan, n+1))
		add("amount", l.schedule[h.Installment-1].total.String())
		add("currency", l.Terms.Currency)
		add("value_date", today)
	case event.LoanSettled, event.LoanCancelled, event.LoanWrittenOff:
		add("on", today)
	case event.PromiseMade:
		add("promise", fmt.Sprintf("%s-P%d", l.Loan, n+1))
		add("currency", l.Terms.Currency)
	}
	maps.Copy(data, h.Data)
	return data
}

// check writes a payload as JSON and refuses what the gateway would refuse.
func check(kind event.Type, payload map[string]any) ([]byte, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	_, err = event.Decode(kind, data)
	return data, err
}

// date returns the date of a day of the demonstration.
func (s *Scenario) date(day int) bizclock.Date { return bizclock.DateOf(s.Start.At).AddDays(day) }

func findZone(name string) (*time.Location, error) {
	if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone, nil
	}
	return nil, fmt.Errorf("%q is no IANA time zone such as America/New_York", name)
}

func timeOfDay(text string) (time.Duration, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day such as 09:30", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// namedOtherwise are the treatments whose steps are named after a promise, a plan, a day or a complaint, and not after an installment:
// what happens after one happens after the first of them.
var namedOtherwise = []string{
	"promise-missed", "plan-offer", "plan-confirmed", "plan-missed", "plan-broken", "acknowledge", "answer", complaint.Surveyed,
}

// knownSteps are the treatments of the strategy that loans follow unless they ask for another.
func knownSteps() ([]string, error) {
	all, err := strategy.Load("")
	if err != nil {
		return nil, err
	}
	steps := []string{"welcome", "first-week", "follow-up"}
	for _, s := range all {
		if s.Name != strategy.Default {
			continue
		}
		for _, r := range s.Reminders {
			steps = append(steps, r.Name)
		}
		for _, l := range s.Ladder.Steps {
			steps = append(steps, l.Name)
		}
	}
	return slices.Concat(steps, namedOtherwise, []string{"back-on-track", "stop-confirmed", "late-fee", "thank-you"}), nil
}
