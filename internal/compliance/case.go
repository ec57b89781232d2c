package compliance

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/strictjson"
)

// Case is a contact that somebody asks about, with all that is known: what `tender compliance check` reads. It needs no server.
type Case struct {
	// Rulebooks are the names of those that are to bind, and no others; Tender's own rules bind always.
	Rulebooks []string `json:"rulebooks"`
	// Party is whose loans are collected; without one the rules for all parties bind.
	Party Party `json:"party,omitempty"`
	// Now is the instant of the case.
	Now      time.Time `json:"now"`
	Borrower CaseOf    `json:"borrower"`
	// Debts are the ids of the borrower's debts, for a proposal that names none.
	Debts   []string      `json:"debts,omitempty"`
	Holds   []CaseHold    `json:"holds,omitempty"`
	History []CaseContact `json:"history,omitempty"`
	// Events are things that happened and are no contacts: complaints, disputes, refusals of help in hardship.
	Events  []CaseEvent `json:"events,omitempty"`
	Propose CaseWish    `json:"propose"`
}

// CaseOf is what is known of the borrower.
type CaseOf struct {
	// TimeZones are the IANA zones in which the borrower may be.
	TimeZones []string `json:"time_zones"`
	// Points are the contact points. Without any there is one on each channel, and one that the proposal names. A proposal that names
	// none on a channel without points may use any: wishes, holds and contacts of whichever point bind it, and no consent to a single one.
	Points   []CasePoint   `json:"points,omitempty"`
	Wishes   []CaseAsk     `json:"wishes,omitempty"`
	Consents []CaseConsent `json:"consents,omitempty"`
}

// CasePoint is a contact point.
type CasePoint struct {
	ID      string          `json:"id"`
	Channel contact.Channel `json:"channel"`
	Place   contact.Place   `json:"place,omitempty"`
}

// CaseAsk is what the borrower asked for: never to be contacted, or not at some times of the week. Without channel and contact
// point it is about all.
type CaseAsk struct {
	Channel      contact.Channel `json:"channel,omitempty"`
	ContactPoint string          `json:"contact_point,omitempty"`
	Never        bool            `json:"never,omitempty"`
	Not          []CaseTime      `json:"not,omitempty"`
	// At is when it was received. Default: before everything else.
	At time.Time `json:"at,omitzero"`
}

// CaseTime is a time of the week, from ≤ time < to. Without days it is every day's.
type CaseTime struct {
	Days []contact.Weekday  `json:"days,omitempty"`
	From *contact.TimeOfDay `json:"from"`
	To   *contact.TimeOfDay `json:"to"`
}

// CaseConsent is a consent of the borrower.
type CaseConsent struct {
	Channel      contact.Channel `json:"channel,omitempty"`
	ContactPoint string          `json:"contact_point,omitempty"`
	Purpose      contact.Purpose `json:"purpose,omitempty"`
	GivenAt      time.Time       `json:"given_at"`
	// GivenTo is collector, or the case's own party: whoever asks; or whoever else had it: creditor, prior_collector, …
	GivenTo   string    `json:"given_to,omitempty"`
	Written   bool      `json:"written,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// CaseHold is a hold.
type CaseHold struct {
	Kind contact.HoldKind `json:"kind"`
	// Scope is borrower (the default), debt:ID, contact_point:ID, or region:CODE, which covers the borrower.
	Scope string    `json:"scope,omitempty"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero"`
}

// CaseContact is a contact that was made, by whomever.
type CaseContact struct {
	At          time.Time           `json:"at"`
	Channel     contact.Channel     `json:"channel"`
	Direction   contact.Direction   `json:"direction"`
	Disposition contact.Disposition `json:"disposition,omitempty"`
	// Debts are those that it was about; none means all.
	Debts        []string `json:"debts,omitempty"`
	ContactPoint string   `json:"contact_point,omitempty"`
	Consented    bool     `json:"consented,omitempty"`
	// Purpose is not known when left out: such a contact counts for every rule. Recipient is the borrower by default, Collector
	// whoever asks.
	Purpose   contact.Purpose   `json:"purpose,omitempty"`
	Recipient contact.Recipient `json:"recipient,omitempty"`
	Collector string            `json:"collector,omitempty"`
}

// CaseEvent is something that happened.
type CaseEvent struct {
	Kind contact.MarkKind `json:"kind"`
	Debt string           `json:"debt,omitempty"`
	At   time.Time        `json:"at"`
}

// CaseWish is the contact that is proposed.
type CaseWish struct {
	// At is when; the case's now when left out.
	At      time.Time       `json:"at,omitzero"`
	Channel contact.Channel `json:"channel"`
	// Debt is the debt that it is about, Debts are several; none means all.
	Debt  string   `json:"debt,omitempty"`
	Debts []string `json:"debts,omitempty"`
	// Purpose is collection by default.
	Purpose      contact.Purpose   `json:"purpose,omitempty"`
	ContactPoint string            `json:"contact_point,omitempty"`
	Recipient    contact.Recipient `json:"recipient,omitempty"`
	Discloses    Disclosure        `json:"discloses,omitempty"`
	Collector    string            `json:"collector,omitempty"`
	Carries      []Part            `json:"carries,omitempty"`
	Visit        *VisitPlan        `json:"visit,omitempty"`
	// Confirmation is set for a reply that confirms an opt-out, and says nothing else.
	Confirmation bool `json:"confirmation,omitempty"`
}

// CaseAnswer is what the rules say of a case.
type CaseAnswer struct {
	Verdict Verdict `json:"verdict"`
	Allowed bool    `json:"allowed"`
	// NextAllowedAt is the first instant, at or after the proposal's own and in UTC, at which it is allowed; null when there is
	// none.
	NextAllowedAt *time.Time `json:"next_allowed_at"`
	// Rules are those consulted, the deciding one first.
	Rules []CaseRule `json:"rules"`
	// MustCarry and MustNotCarry are what the message must and must not carry.
	MustCarry    []Part `json:"must_carry,omitempty"`
	MustNotCarry []Part `json:"must_not_carry,omitempty"`
}

// CaseRule is what one rule says.
type CaseRule struct {
	ID       string   `json:"id"`
	Version  string   `json:"version"`
	Strength Strength `json:"strength"`
	Citation string   `json:"citation"`
	Verdict  Verdict  `json:"verdict"`
	Why      string   `json:"why"`
	// Until is the first instant at which this rule would allow it; left out when it does, or never would by itself.
	Until *time.Time `json:"until,omitempty"`
	// Count of Max contacts are used up, for rules that count.
	Count int `json:"count,omitempty"`
	Max   int `json:"max,omitempty"`
}

// DecodeCase reads a case from JSON. What it does not know it refuses; errors start with the field.
func DecodeCase(text []byte) (c Case, err error) {
	if err := strictjson.Decode(text, &c); err != nil {
		return c, err
	}
	return c, c.Validate()
}

var caseID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// Validate refuses what cannot be. Errors start with the field.
func (c *Case) Validate() error {
	ids := func(field string, all ...string) error {
		for _, id := range all {
			if !caseID.MatchString(id) {
				return fmt.Errorf("%s: %q is no id; write up to 64 letters, digits, dots, hyphens and underlines", field, id)
			}
		}
		return nil
	}
	switch {
	case len(c.Rulebooks) == 0:
		return errors.New(`rulebooks: is missing; name those that bind, such as ["us-federal"]; tender rulebook list says which there are`)
	case c.Now.IsZero():
		return errors.New("now: is missing; write an instant such as 2026-01-31T15:04:05Z")
	}
	for field, all := range map[string][]string{"rulebooks": c.Rulebooks, "debts": c.Debts, "propose.debts": c.Propose.Debts} {
		if twice := repeated(all); twice != "" {
			return fmt.Errorf("%s: %q stands twice; name it once", field, twice)
		}
	}
	if err := ids("debts", c.Debts...); err != nil {
		return err
	}
	for n, w := range c.Borrower.Wishes {
		field := fmt.Sprintf("borrower.wishes[%d]", n)
		if w.Never == (len(w.Not) > 0) {
			return fmt.Errorf("%s: write either never: true, or not: with times of the week", field)
		}
		for m, t := range w.Not {
			switch field := fmt.Sprintf("%s.not[%d]", field, m); {
			case t.From == nil:
				return fmt.Errorf("%s.from: is missing; write a time such as 15:00", field)
			case t.To == nil:
				return fmt.Errorf("%s.to: is missing; write a time such as 17:00, or 24:00 for the end of the day", field)
			case *t.From == *t.To || *t.From == wholeDay:
				return fmt.Errorf("%s: from %s to %s is no time; write 00:00 to 24:00 for a whole day", field, t.From, t.To)
			case t.Days != nil && len(t.Days) == 0:
				return fmt.Errorf("%s.days: is empty; leave it out for every day", field)
			}
		}
	}
	for n, p := range c.Borrower.Points {
		field := fmt.Sprintf("borrower.points[%d]", n)
		if err := ids(field+".id", p.ID); err != nil {
			return err
		}
		if p.Channel == "" {
			return fmt.Errorf("%s.channel: is missing; write one of %s", field, closed.Join(contact.Channels))
		}
		if slices.ContainsFunc(c.Borrower.Points[:n], func(other CasePoint) bool { return other.ID == p.ID }) {
			return fmt.Errorf("%s.id: %q stands twice; give each contact point an id of its own", field, p.ID)
		}
	}
	for n, consent := range c.Borrower.Consents {
		field := fmt.Sprintf("borrower.consents[%d]", n)
		switch {
		case consent.GivenAt.IsZero():
			return fmt.Errorf("%s.given_at: is missing; write the instant at which it was given", field)
		case consent.GivenTo != "" && !slices.Contains(grantees, consent.GivenTo):
			return fmt.Errorf("%s.given_to: unknown %q; write one of %s, or leave it out where it is not known", field, consent.GivenTo, strings.Join(grantees, ", "))
		case !consent.ExpiresAt.IsZero() && consent.ExpiresAt.Before(consent.GivenAt):
			return fmt.Errorf("%s.expires_at: lies before given_at", field)
		case !consent.RevokedAt.IsZero() && consent.RevokedAt.Before(consent.GivenAt):
			return fmt.Errorf("%s.revoked_at: lies before given_at", field)
		}
	}
	for n, h := range c.Holds {
		field := fmt.Sprintf("holds[%d]", n)
		switch {
		case h.Kind == "":
			return fmt.Errorf("%s.kind: is missing; write the kind of hold, such as dispute_open", field)
		case h.From.IsZero():
			return fmt.Errorf("%s.from: is missing; write the instant from which it binds", field)
		case !h.To.IsZero() && !h.From.Before(h.To):
			return fmt.Errorf("%s.to: does not lie after from", field)
		}
		hold, err := h.hold()
		if err != nil {
			return fmt.Errorf("%s.scope: %w", field, err)
		}
		if hold.Loan != "" && len(c.Debts) > 0 && !slices.Contains(c.Debts, hold.Loan) {
			return fmt.Errorf("%s.scope: there is no debt %q among debts, %s", field, hold.Loan, strings.Join(c.Debts, ", "))
		}
	}
	for n, a := range c.History {
		field := fmt.Sprintf("history[%d]", n)
		switch {
		case a.At.IsZero():
			return fmt.Errorf("%s.at: is missing; write the instant at which it was made", field)
		case a.Channel == "":
			return fmt.Errorf("%s.channel: is missing; write one of %s", field, closed.Join(contact.Channels))
		case a.Direction == "":
			return fmt.Errorf("%s.direction: is missing; write outbound or inbound", field)
		}
	}
	for n, e := range c.Events {
		if e.Kind == "" || e.At.IsZero() {
			return fmt.Errorf("events[%d]: kind or at is missing; write what happened, and when", n)
		}
	}
	switch {
	case c.Propose.Channel == "":
		return fmt.Errorf("propose.channel: is missing; write one of %s", closed.Join(contact.Channels))
	case c.Propose.Visit != nil && c.Propose.Visit.People < 0:
		return fmt.Errorf("propose.visit.people: %d cannot be; write how many would come", c.Propose.Visit.People)
	case c.Propose.Debt != "" && len(c.Propose.Debts) > 0:
		return errors.New("propose: write either debt or debts")
	}
	about := slices.Clone(c.Propose.Debts)
	if c.Propose.Debt != "" {
		about = append(about, c.Propose.Debt)
	}
	for _, debt := range about {
		if err := ids("propose.debt", debt); err != nil {
			return err
		}
		if len(c.Debts) > 0 && !slices.Contains(c.Debts, debt) {
			return fmt.Errorf("propose.debt: there is no debt %q among debts, %s", debt, strings.Join(c.Debts, ", "))
		}
	}
	return nil
}

// wholeDay is the end of a day on the clock.
const wholeDay = contact.TimeOfDay(24 * 3600)

// grantees are to whom a consent can have been given: whoever asks, by name or as the case's party, or somebody before.
var grantees = []string{"collector", "creditor", "prior_collector", "first_party", "third_party", "debt_buyer"}

// repeated returns what stands twice among some words; nothing when all differ.
func repeated(words []string) string {
	for n, word := range words {
		if slices.Contains(words[:n], word) {
			return word
		}
	}
	return ""
}

// hold reads the scope of a hold.
func (h CaseHold) hold() (contact.Hold, error) {
	hold := contact.Hold{Kind: h.Kind, From: h.From, Until: h.To}
	scope, id, named := strings.Cut(h.Scope, ":")
	switch {
	case h.Scope == "" || h.Scope == "borrower":
	case named && id != "" && (scope == "debt" || scope == "loan"):
		hold.Loan = id
	case named && id != "" && scope == "contact_point":
		hold.Point = id
	case named && id != "" && scope == "region":
	default:
		return hold, fmt.Errorf("%q is none; write borrower, debt:ID, contact_point:ID or region:CODE", h.Scope)
	}
	return hold, nil
}

// Check evaluates a case. A rulebook that is not there is an error that names those that are.
func (l *Library) Check(c Case) (CaseAnswer, error) {
	var books []*Rulebook
	for n, name := range c.Rulebooks {
		at := slices.IndexFunc(l.books, func(b *Rulebook) bool { return b.Name == name })
		if at < 0 {
			var known []string
			for _, b := range l.books {
				known = append(known, b.Name)
			}
			return CaseAnswer{}, fmt.Errorf("rulebooks[%d]: there is no rulebook %q; known are %s", n, name, strings.Join(known, ", "))
		}
		books = append(books, l.books[at])
	}
	standing, proposal := c.standing(), c.proposal()
	ruling := layer(c.Party, books...).Evaluate(standing, proposal)
	answer := CaseAnswer{
		Verdict: ruling.Verdict, Allowed: ruling.Allowed(), Rules: []CaseRule{}, MustCarry: ruling.MustCarry, MustNotCarry: ruling.MustNotCarry,
	}
	if !ruling.NextAllowed.IsZero() {
		answer.NextAllowedAt = &ruling.NextAllowed
	}
	for _, f := range ruling.Findings {
		rule := CaseRule{
			ID: f.Rule, Version: f.Version, Strength: f.Strength, Citation: f.Citation, Verdict: f.Verdict, Why: f.Why, Count: f.Count, Max: f.Max,
		}
		if !f.Until.IsZero() {
			rule.Until = &f.Until
		}
		answer.Rules = append(answer.Rules, rule)
	}
	return answer, nil
}

// proposal is the contact that is proposed.
func (c *Case) proposal() Proposal {
	w := c.Propose
	p := Proposal{
		At: w.At, Channel: w.Channel, Point: w.ContactPoint, Purpose: w.Purpose, Loans: w.Debts, Recipient: w.Recipient,
		Discloses: w.Discloses, Collector: w.Collector, Carries: w.Carries, Visit: w.Visit, Confirmation: w.Confirmation,
	}
	if p.At.IsZero() {
		p.At = c.Now
	}
	if p.Purpose == "" {
		p.Purpose = contact.Collection
	}
	if w.Debt != "" {
		p.Loans = []string{w.Debt}
	} else if len(p.Loans) == 0 {
		p.Loans = c.Debts
	}
	return p
}

// standing is what the case knows of reaching the borrower.
func (c *Case) standing() contact.Standing {
	s := contact.Standing{Zones: c.Borrower.TimeZones}
	point := func(id string, channel contact.Channel, place contact.Place) {
		if id != "" && !slices.ContainsFunc(s.Points, func(p contact.Point) bool { return p.ID == id && p.Channel == channel }) {
			s.Points = append(s.Points, contact.Point{ID: id, Channel: channel, Place: place, Rank: len(s.Points)})
		}
	}
	for _, p := range c.Borrower.Points {
		point(p.ID, p.Channel, p.Place)
	}
	point(c.Propose.ContactPoint, c.Propose.Channel, "")
	if len(c.Borrower.Points) == 0 && c.Propose.ContactPoint == "" {
		for _, channel := range contact.Channels {
			point(string(channel), channel, "")
		}
	}
	where := c.anyPoint()
	for _, w := range c.Borrower.Wishes {
		if w.Never {
			s.Wishes = append(s.Wishes, contact.Wish{Channel: w.Channel, Point: where(w.ContactPoint), At: w.At})
		}
		for _, not := range w.Not {
			s.Blackouts = append(s.Blackouts, contact.Blackout{
				Channel: w.Channel, Point: where(w.ContactPoint), Days: not.Days, From: *not.From, To: *not.To, At: w.At,
			})
		}
	}
	for _, g := range c.Borrower.Consents {
		s.Consents = append(s.Consents, contact.Consent{
			Channel: g.Channel, Point: g.ContactPoint, Purpose: g.Purpose, GivenAt: g.GivenAt, GivenTo: c.grantee(g.GivenTo), Written: g.Written,
			ExpiresAt: g.ExpiresAt, RevokedAt: g.RevokedAt,
		})
	}
	for _, h := range c.Holds {
		if hold, err := h.hold(); err == nil {
			hold.Point = where(hold.Point)
			s.Holds = append(s.Holds, hold)
		}
	}
	for _, a := range c.History {
		attempt := contact.Attempt{
			At: a.At, Channel: a.Channel, Point: where(a.ContactPoint), Direction: a.Direction, Purpose: a.Purpose, Disposition: a.Disposition,
			Loans: a.Debts, Recipient: a.Recipient, Consented: a.Consented, Collector: a.Collector,
		}
		s.Attempts = append(s.Attempts, attempt)
	}
	slices.SortStableFunc(s.Attempts, func(a, b contact.Attempt) int { return a.At.Compare(b.At) })
	for _, e := range c.Events {
		s.Marks = append(s.Marks, contact.Mark{Kind: e.Kind, Loan: e.Debt, At: e.At})
	}
	return s
}

// anyPoint returns what to make of a contact point that the case names: itself, or, where the proposal may use any of its channel,
// none, which stands for all of them. A point that is known to be on another channel alone stays itself.
func (c *Case) anyPoint() func(id string) string {
	w := c.Propose
	if w.ContactPoint != "" || slices.ContainsFunc(c.Borrower.Points, func(p CasePoint) bool { return p.Channel == w.Channel }) {
		return func(id string) string { return id }
	}
	on := map[string][]contact.Channel{}
	note := func(id string, channel contact.Channel) {
		if channel != "" {
			on[id] = append(on[id], channel)
		}
	}
	for _, p := range c.Borrower.Points {
		note(p.ID, p.Channel)
	}
	for _, ask := range c.Borrower.Wishes {
		note(ask.ContactPoint, ask.Channel)
	}
	for _, a := range c.History {
		note(a.ContactPoint, a.Channel)
	}
	return func(id string) string {
		if len(on[id]) > 0 && !slices.Contains(on[id], w.Channel) {
			return id
		}
		return ""
	}
}

// grantee reads to whom a consent was given: whoever asks, or somebody before.
func (c *Case) grantee(to string) contact.Grantee {
	switch {
	case to == "":
		return ""
	case to == string(contact.ToCollector), to == string(c.Party), c.Party == FirstParty && to == string(contact.ToCreditor):
		return contact.ToCollector
	}
	return contact.ToCreditor
}
