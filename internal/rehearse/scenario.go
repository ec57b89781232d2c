// Package rehearse lives through the life of a loan on paper: the same Decide as a journey's, over simulated time, with a borrower
// and a ledger of contacts in memory. It asks no server and no clock, and the same scenario gives the same life.
package rehearse

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/strictyaml"
)

// Scenario is one life: what is lent to whom, and what happens.
type Scenario struct {
	// Name is a word without blanks, Title says in a line what the life is about.
	Name  string `yaml:"scenario"`
	Title string `yaml:"title"`
	// Days is how long the life is watched, from the disbursement. Default: until it ends, or 120.
	Days int `yaml:"days"`
	// Party is whose loan is collected; rules that do not bind it are left out. None: every rule applies.
	Party compliance.Party `yaml:"party"`
	// EarlierLoans were disbursed to the borrower before this one, and SettledLoans of them are paid.
	EarlierLoans int `yaml:"earlier_loans"`
	SettledLoans int `yaml:"settled_loans"`
	// Loan is its id, the time of day of its disbursement (default 10:00), and the payload of loan.disbursed.
	Loan map[string]any `yaml:"loan"`
	// Happens is what happens, in any order.
	Happens []Happening `yaml:"happens"`
	// Messages are those of which something else becomes than that they leave.
	Messages []Fate `yaml:"messages"`
	// Away is when nothing runs: what is told meanwhile is kept, and heard at its end.
	Away []Away `yaml:"away"`

	file     *strictyaml.File
	loan     string
	zone     *time.Location
	begins   time.Time
	disburse *event.Disbursement
	events   []happening
	away     [][2]time.Time
}

// Happening is one thing that happens. It is an event as in docs/events.md, or one of the short forms.
type Happening struct {
	// At is a date and a time of day, such as 2026-01-22 12:30, in the loan's time zone; 12:00 when only a date is given.
	At string `yaml:"at"`
	// Event is its type, About whom it is about (loan or borrower) where that is not clear, Data its payload.
	Event string         `yaml:"event"`
	About event.Subject  `yaml:"about"`
	Data  map[string]any `yaml:"data"`
	// Pays is an amount that the borrower pays.
	Pays string `yaml:"pays"`
	// Writes is what the borrower writes, By the channel; the preferred one by default.
	Writes string          `yaml:"writes"`
	By     contact.Channel `yaml:"by"`
	// Called, Approved and Refused are a step: of a task that a person did, with the rest of call.completed in data, or of a request
	// for approval. Undelivered is a step whose message did not arrive after all.
	Called      string `yaml:"called"`
	Approved    string `yaml:"approved"`
	Refused     string `yaml:"refused"`
	Undelivered string `yaml:"undelivered"`
}

// Fate is what becomes of the message of a step.
type Fate struct {
	Step string `yaml:"step"`
	// Result is bounced, uncertain or failed. What failed is tried again; a bounced message is never sent to that contact point again.
	Result Result `yaml:"result"`
	// Times is how often it happens. Default: once.
	Times int `yaml:"times"`
}

// Result is what becomes of a message that does not simply leave.
type Result string

// The results.
const (
	Bounced   Result = "bounced"
	Uncertain Result = "uncertain"
	Failed    Result = "failed"
)

var results = []Result{Bounced, Uncertain, Failed}

// Away is a time in which nothing runs, from one date and time to another.
type Away struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// happening is a [Happening] whose kind is known.
type happening struct {
	at   time.Time
	path string // where it stands in the file
	kind event.Type
	data json.RawMessage
	Happening
}

// anyDays is how long a life is watched that says nothing else, mostDays how long at most.
const (
	anyDays  = 120
	mostDays = 3660
)

// Parse reads a scenario. An error names file, line and column.
func Parse(name string, text []byte) (*Scenario, error) {
	s := &Scenario{}
	file, err := strictyaml.Decode(name, text, s)
	if err != nil {
		return nil, err
	}
	if err := file.Whole(); err != nil {
		return nil, err
	}
	s.file = file
	for _, check := range []func() error{s.checkHead, s.readLoan, s.readHappenings, s.checkMessages, s.readAway} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Scenario) checkHead() error {
	switch {
	case s.Name == "":
		return s.file.Errorf("$.scenario", "is missing; give the life a name, such as work-lost")
	case event.CheckID(s.Name) != nil:
		return s.file.Errorf("$.scenario", "must be 1 to 64 letters, digits, dots, dashes or underscores")
	case s.Title == "":
		return s.file.Errorf("$.title", "is missing; say in a line what the life is about")
	case s.Party != "" && !slices.Contains(compliance.Parties, s.Party):
		return s.file.Errorf("$.party", "must be one of %s; leave it out to have every rule apply", closed.Join(compliance.Parties))
	case s.Days < 0 || s.Days > mostDays || s.Days == 0 && s.file.Has("$.days"):
		return s.file.Errorf("$.days", "must lie between 1 and %d; leave it out for %d", mostDays, anyDays)
	case s.SettledLoans < 0 || s.EarlierLoans < s.SettledLoans:
		return s.file.Errorf("$.settled_loans", "must lie between 0 and earlier_loans")
	}
	if s.Days == 0 {
		s.Days = anyDays
	}
	return nil
}

// readLoan reads the disbursement.
func (s *Scenario) readLoan() error {
	if len(s.Loan) == 0 {
		return s.file.Errorf("$.loan", "is missing; it is the payload of loan.disbursed, with the loan's id")
	}
	payload := map[string]any{}
	at := "10:00"
	for name, value := range s.Loan {
		text, isText := value.(string)
		switch name {
		case "id":
			if s.loan = text; !isText || event.CheckID(text) != nil {
				return s.file.Errorf("$.loan.id", "must be 1 to 64 letters, digits, dots, dashes or underscores, and no phone number")
			}
			if err := event.CheckLoanID(text); err != nil {
				return s.file.Errorf("$.loan.id", "%v", err)
			}
		case "lent":
			return s.file.Errorf("$.loan.lent", "is worked out by Tender; leave it out")
		case "at":
			if _, err := time.Parse("15:04", text); !isText || err != nil {
				return s.file.Errorf("$.loan.at", "must be a time of day such as 10:00")
			}
			at = text
		default:
			payload[name] = value
		}
	}
	if s.loan == "" {
		return s.file.Errorf("$.loan", "id is missing; name the loan, such as L-1001")
	}
	read, _, err := s.read(event.LoanDisbursed, payload, "$.loan")
	if err != nil {
		return err
	}
	s.disburse = read.(*event.Disbursement)
	if s.zone, err = time.LoadLocation(s.disburse.TimeZone); err != nil {
		return s.file.Errorf("$.loan.time_zone", "is no time zone of this machine's")
	}
	s.begins, err = s.moment(s.disburse.DisbursedOn.String() + " " + at)
	return err
}

// read checks the payload of an event, and says where in the file its fault stands.
func (s *Scenario) read(kind event.Type, payload any, path string) (event.Payload, json.RawMessage, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, nil, s.file.Errorf(path, "cannot be written as JSON; use text, whole numbers, true, false, lists and fields alone")
	}
	read, err := event.Decode(kind, text)
	var wrong *event.Error
	switch {
	case errors.As(err, &wrong):
		return nil, nil, s.file.Errorf(path+strings.TrimPrefix(wrong.Field, "data"), "%s", wrong.Reason)
	case err != nil:
		return nil, nil, s.file.Errorf(path, "%v", err)
	}
	return read, text, nil
}

// moment reads a date with a time of day.
func (s *Scenario) moment(text string) (time.Time, error) {
	if len(text) == len(time.DateOnly) {
		text += " 12:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, s.zone)
	if err != nil {
		return at, fmt.Errorf("%q must be a date with a time of day, such as 2026-01-22 12:30, or a date alone for noon", text)
	}
	return at, nil
}

// aside are events that are not about one life.
var aside = map[event.Type]string{
	event.LoanDisbursed: "is the life itself; say what is lent in loan",
	event.TaskExpired:   "follows by itself when nobody does a task",
	// An installation knows what a strategy was, by its hash; a life has the one that it is lived with.
	event.StrategyAssigned: "changes the strategy, and a life is lived with one; rehearse it twice, with --strategy",
}

// readHappenings reads what happens, in the order of time.
func (s *Scenario) readHappenings() error {
	for n, h := range s.Happens {
		path := fmt.Sprintf("$.happens[%d]", n)
		at, err := s.moment(h.At)
		switch {
		case err != nil:
			return s.file.Errorf(path+".at", "%v", err)
		case at.Before(s.begins):
			return s.file.Errorf(path+".at", "lies before the disbursement")
		case !at.Before(s.Ends()):
			return s.file.Errorf(path+".at", "lies after the %d days that are watched; watch more days, or leave it out", s.Days)
		}
		one := happening{at: at, path: path, Happening: h}
		if err := s.readHappening(&one); err != nil {
			return err
		}
		s.events = append(s.events, one)
	}
	slices.SortStableFunc(s.events, func(a, b happening) int { return a.at.Compare(b.at) })
	return nil
}

func (s *Scenario) readHappening(h *happening) (err error) {
	var said []string
	for _, form := range []struct{ name, value string }{
		{"event", h.Event},
		{"pays", h.Pays},
		{"writes", h.Writes},
		{"called", h.Called},
		{"approved", h.Approved},
		{"refused", h.Refused},
		{"undelivered", h.Undelivered},
	} {
		if form.value != "" {
			said = append(said, form.name)
		}
	}
	if len(said) != 1 {
		return s.file.Errorf(h.path, "says %d things; say one of event, pays, writes, called, approved, refused and undelivered", len(said))
	}
	switch {
	case h.Data != nil && h.Event == "" && h.Called == "":
		return s.file.Errorf(h.path+".data", "goes with event and called alone")
	case h.About != "" && h.Event == "":
		return s.file.Errorf(h.path+".about", "goes with event alone")
	case h.By != "" && h.Writes == "":
		return s.file.Errorf(h.path+".by", "goes with writes alone")
	}
	switch {
	case h.Pays != "":
		h.kind = event.PaymentPosted
		_, h.data, err = s.read(h.kind, map[string]any{
			"transaction": h.id(), "amount": h.Pays, "currency": s.disburse.Currency, "value_date": bizclock.DateOf(h.at),
		}, h.path)
	case h.Writes != "":
		h.kind, h.About = event.BorrowerReplied, event.BorrowerSubject
		if h.By == "" {
			h.By = s.writesBy()
		}
		_, h.data, err = s.read(h.kind, map[string]any{"channel": h.By, "point": s.pointOf(h.By), "text": h.Writes}, h.path)
	case h.Called != "":
		h.kind = event.CallCompleted
		if _, there := h.Data["task"]; there {
			return s.file.Errorf(h.path+".data.task", "is found by the step; leave it out")
		}
		_, _, err = s.read(h.kind, h.with("task", "t-1"), h.path+".data")
	case h.Approved != "":
		h.kind = event.ApprovalGranted
	case h.Refused != "":
		h.kind = event.ApprovalRefused
	case h.Undelivered != "":
		h.kind = event.MessageFailed
	default:
		return s.readEvent(h)
	}
	return err
}

// id is an id that no other happening has.
func (h *happening) id() string {
	return "h" + strings.Trim(strings.TrimPrefix(h.path, "$.happens"), "[]")
}

// with returns the data with one field more.
func (h *happening) with(name string, value any) map[string]any {
	data := map[string]any{name: value}
	for field, value := range h.Data {
		data[field] = value
	}
	return data
}

// writesBy is the channel by which the borrower writes: the preferred one, or that of the first contact point.
func (s *Scenario) writesBy() contact.Channel {
	if s.disburse.Borrower.Preferred != "" {
		return s.disburse.Borrower.Preferred
	}
	if points := s.disburse.Borrower.Points; len(points) > 0 {
		return points[0].Channel
	}
	return contact.SMS
}

// pointOf is the contact point from which the borrower writes by a channel.
func (s *Scenario) pointOf(by contact.Channel) string {
	for _, p := range s.disburse.Borrower.Points {
		if p.Channel == by {
			return p.ID
		}
	}
	return ""
}

func (s *Scenario) readEvent(h *happening) (err error) {
	if h.kind, err = event.ParseType(h.Event); err != nil {
		return s.file.Errorf(h.path+".event", "%v", err)
	}
	if why, aside := aside[h.kind]; aside {
		return s.file.Errorf(h.path+".event", "%s %s", h.kind, why)
	}
	subjects := h.kind.Subjects()
	one := func(about event.Subject) bool { return slices.Contains(subjects, about) }
	switch {
	case h.kind == event.LedgerWatermark: // about its whole source
	case !one(event.LoanSubject) && !one(event.BorrowerSubject):
		return s.file.Errorf(h.path+".event", "%s is not about one loan or one borrower", h.kind)
	case h.About != "" && (h.About != event.LoanSubject && h.About != event.BorrowerSubject || !one(h.About)):
		return s.file.Errorf(h.path+".about", "must be %s for %s", closed.Join(slices.DeleteFunc(slices.Clone(subjects), func(a event.Subject) bool { return a != event.LoanSubject && a != event.BorrowerSubject })), h.kind)
	case h.About == "" && (!one(event.LoanSubject) || one(event.BorrowerSubject) && ofBorrower(h.kind)):
		h.About = event.BorrowerSubject
	case h.About == "":
		h.About = event.LoanSubject
	}
	if h.Data == nil {
		h.Data = map[string]any{}
	}
	_, h.data, err = s.read(h.kind, h.Data, h.path+".data")
	return err
}

// ofBorrower reports whether an event is told of the borrower unless the loan is named.
func ofBorrower(kind event.Type) bool {
	return strings.HasPrefix(string(kind), "borrower.") || strings.HasPrefix(string(kind), "consent.")
}

func (s *Scenario) checkMessages() error {
	for n, f := range s.Messages {
		path := fmt.Sprintf("$.messages[%d]", n)
		switch {
		case f.Step == "":
			return s.file.Errorf(path+".step", "is missing; name the step of the message, such as notice-1@2026-01-20, or notice-1 for each of that treatment")
		case !slices.Contains(results, f.Result):
			return s.file.Errorf(path+".result", "must be one of %s", closed.Join(results))
		case f.Times < 0:
			return s.file.Errorf(path+".times", "must be at least 1; leave it out for once")
		}
	}
	return nil
}

func (s *Scenario) readAway() error {
	end := s.begins
	for n, a := range s.Away {
		path := fmt.Sprintf("$.away[%d]", n)
		from, err := s.moment(a.From)
		if err != nil {
			return s.file.Errorf(path+".from", "%v", err)
		}
		to, err := s.moment(a.To)
		switch {
		case err != nil:
			return s.file.Errorf(path+".to", "%v", err)
		case !from.After(end):
			return s.file.Errorf(path+".from", "must lie after the disbursement, and after the end of what stands before it")
		case !to.After(from):
			return s.file.Errorf(path+".to", "must lie after from")
		}
		s.away, end = append(s.away, [2]time.Time{from, to}), to
	}
	return nil
}

// Occurrence is one thing that happens, as an installation is sent it.
type Occurrence struct {
	At      time.Time
	Type    event.Type
	Subject string
	Data    json.RawMessage
	// Field is the one that the data lack: the id of the task, the request for approval or the contact that Step led to.
	Field, Step string
}

// Occurrences are the disbursement and all that happens, in the order of time.
func (s *Scenario) Occurrences() ([]Occurrence, error) {
	given := map[string]any{}
	for name, value := range s.Loan {
		if name != "id" && name != "at" {
			given[name] = value
		}
	}
	data, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	all := []Occurrence{{At: s.begins, Type: event.LoanDisbursed, Subject: string(event.LoanSubject) + "/" + s.loan, Data: data}}
	for _, h := range s.events {
		o := Occurrence{At: h.at, Type: h.kind, Subject: string(event.LoanSubject) + "/" + s.loan, Data: h.data}
		switch {
		case h.kind == event.LedgerWatermark:
			o.Subject = ""
		case h.About == event.BorrowerSubject:
			o.Subject = string(event.BorrowerSubject) + "/" + s.disburse.Borrower.ID
		}
		for _, form := range []struct{ field, step string }{{"task", h.Called}, {"approval", h.Approved}, {"approval", h.Refused}, {"contact", h.Undelivered}} {
			if form.step != "" {
				o.Field, o.Step = form.field, form.step
				given := h.Data
				if given == nil {
					given = map[string]any{}
				}
				if o.Data, err = json.Marshal(given); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, o)
	}
	return all, nil
}

// LoanID is the loan's id.
func (s *Scenario) LoanID() string { return s.loan }

// Spans are the times in which nothing runs.
func (s *Scenario) Spans() [][2]time.Time { return slices.Clone(s.away) }

// Borrower is the borrower's id.
func (s *Scenario) Borrower() string { return s.disburse.Borrower.ID }

// Begins is when the loan is disbursed, and Ends the last moment that is watched.
func (s *Scenario) Begins() time.Time { return s.begins }

// Ends is the first moment that is not watched any more.
func (s *Scenario) Ends() time.Time {
	return bizclock.DateOf(s.begins).AddDays(s.Days).In(s.zone)
}
