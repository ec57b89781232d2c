package report

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store"
)

// Reach is how a borrower may be reached, without any address: what they asked for and allowed, and what the rules say of each
// of their contact points at an instant.
type Reach struct {
	Borrower     string          `json:"borrower"`
	Jurisdiction string          `json:"jurisdiction"`
	Language     string          `json:"language"`
	Zones        []string        `json:"time_zones"`
	Preferred    contact.Channel `json:"preferred,omitempty"`
	// Loans are those that are open; Purpose is what the contact points were asked about, at At.
	Loans   []string        `json:"loans"`
	Purpose contact.Purpose `json:"purpose"`
	At      time.Time       `json:"at"`
	// Points are the contact points; a person's call to whichever telephone is one of them.
	Points []ReachPoint       `json:"points"`
	Wishes []contact.Wish     `json:"wishes"`
	Not    []contact.Blackout `json:"not"`
	// Consents are all that were ever given.
	Consents []contact.Consent `json:"consents"`
	Holds    []contact.Hold    `json:"holds"`
	// Rulebooks are those that were asked.
	Rulebooks []string `json:"rulebooks"`
}

// ReachPoint is a contact point with what the rules say of it.
type ReachPoint struct {
	contact.Point
	Verdict compliance.Verdict `json:"verdict"`
	// NextAllowed is the first instant at which it may be used; zero when no day brings one by itself.
	NextAllowed time.Time `json:"next_allowed,omitzero"`
	// Rule decides, and says Why.
	Rule string `json:"rule,omitempty"`
	Why  string `json:"why,omitempty"`
}

// Reaching returns how a borrower may be reached for a purpose now. The error is [store.ErrNotFound] when the borrower is not known.
func Reaching(ctx context.Context, s *store.Store, library *compliance.Library, borrower string, purpose contact.Purpose) (Reach, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return Reach{}, err
	}
	row, err := s.BorrowerFor(ctx, borrower)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return Reach{}, err
	}
	standing, err := s.Standing(ctx, borrower, now.Add(-library.Horizon()))
	if err != nil {
		return Reach{}, err
	}
	rules := library.For(row.Jurisdiction)
	r := Reach{
		Borrower: borrower, Jurisdiction: row.Jurisdiction, Language: standing.Language, Zones: standing.Zones, Preferred: standing.Preferred,
		Loans: row.Loans, Purpose: purpose, At: now.UTC(), Points: []ReachPoint{}, Wishes: some(standing.Wishes), Not: some(standing.Blackouts),
		Consents: some(standing.Consents), Holds: some(standing.Holds), Rulebooks: rules.Names(),
	}
	person := standing.ByPerson() // who may know a telephone that Tender does not
	for _, p := range person.Points {
		ruling := rules.Evaluate(person, compliance.Proposal{At: now, Channel: p.Channel, Point: p.ID, Purpose: purpose, Loans: row.Loans})
		one := ReachPoint{Point: p, Verdict: ruling.Verdict, NextAllowed: ruling.NextAllowed}
		if f := ruling.Deciding(); f != nil && f.Verdict != compliance.Allow {
			one.Rule, one.Why = f.Rule, f.Why
		}
		r.Points = append(r.Points, one)
	}
	return r, nil
}

// some returns a list that is never nil, so that JSON has one.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Write writes how a borrower may be reached as text.
func (r Reach) Write(w io.Writer, style Style) error {
	p := &page{w: w, style: style}
	home := time.UTC
	if len(r.Zones) > 0 {
		if zone, err := time.LoadLocation(r.Zones[0]); err == nil {
			home = zone
		}
	}
	p.printf("%s\n", style.bold("Borrower "+r.Borrower))
	p.table("  ", [][]string{
		{"lives in", cmp.Or(r.Jurisdiction, "no known place"), cmp.Or(strings.Join(r.Zones, ", "), "no known time zone: no contact is allowed")},
		{"speaks", cmp.Or(r.Language, "-"), ""},
		{"prefers", cmp.Or(string(r.Preferred), "no channel"), ""},
		{"owes on", cmp.Or(strings.Join(r.Loans, ", "), "no open loan"), ""},
	})
	p.printf("\n%s\n", style.bold("For the purpose "+string(r.Purpose)+", on "+Moment(r.At.In(home))))
	if len(r.Points) == 0 {
		p.printf("  no contact point is known\n")
	}
	rows := [][]string{}
	for _, point := range r.Points {
		says := string(point.Verdict)
		switch {
		case point.Verdict.Allows():
		case point.NextAllowed.IsZero():
			says += ", and no day changes that by itself"
		default:
			says += " until " + Moment(point.NextAllowed.In(home))
		}
		rows = append(rows, []string{string(point.Channel), point.ID, says, Printable(words(point.Rule, point.Why))})
	}
	p.table("  ", rows)
	p.list("What the borrower asked for", r.asked(home))
	p.list("What the borrower consented to", r.consented(home))
	p.list("Holds", r.held(home))
	p.printf("\nrulebooks  %s\n", strings.Join(r.Rulebooks, ", "))
	return p.err
}

// list writes lines under a head; nothing when there are none.
func (p *page) list(head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.printf("\n%s\n", p.style.bold(head))
	for _, line := range lines {
		p.printf("  %s\n", line)
	}
}

// about says what a wish or consent speaks of.
func about(channel contact.Channel, point string) string {
	return cmp.Or(words(string(channel), point), "every channel")
}

func (r Reach) asked(home *time.Location) (lines []string) {
	for _, wish := range r.Wishes {
		what := "no contact by "
		if wish.Allowed {
			what = "contact by "
		}
		line := what + about(wish.Channel, wish.Point) + prefixed(" for ", string(wish.Purpose)) + ", since " + Moment(wish.At.In(home))
		if !wish.Until.IsZero() {
			line += " until " + Moment(wish.Until.In(home))
		}
		lines = append(lines, line)
	}
	for _, t := range r.Not {
		days := make([]string, len(t.Days))
		for n, day := range t.Days {
			days[n] = string(day)
		}
		lines = append(lines, "never "+cmp.Or(strings.Join(days, ", "), "on any day")+" from "+t.From.String()+" to "+t.To.String()+", by "+about(t.Channel, t.Point))
	}
	return lines
}

func (r Reach) consented(home *time.Location) (lines []string) {
	for _, c := range r.Consents {
		line := about(c.Channel, c.Point) + " for " + cmp.Or(string(c.Purpose), "every purpose") + ", given on " + Moment(c.GivenAt.In(home))
		for _, more := range []struct {
			said bool
			text string
		}{
			{c.GivenTo != "", " to the " + string(c.GivenTo)},
			{c.Written, " in writing"},
			{!c.ExpiresAt.IsZero(), ", until " + Moment(c.ExpiresAt.In(home))},
			{!c.RevokedAt.IsZero(), ", revoked on " + Moment(c.RevokedAt.In(home))},
		} {
			if more.said {
				line += more.text
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (r Reach) held(home *time.Location) (lines []string) {
	for _, h := range r.Holds {
		if !h.Until.IsZero() && !h.Until.After(r.At) {
			continue
		}
		line := string(h.Kind) + " " + h.ID + " from " + Moment(h.From.In(home))
		if !h.Until.IsZero() {
			line += " until " + Moment(h.Until.In(home))
		}
		scope := slices.DeleteFunc([]string{prefixed("loan ", h.Loan), prefixed("contact point ", h.Point)}, func(s string) bool { return s == "" })
		lines = append(lines, line+prefixed(", on ", strings.Join(scope, ", "))+": "+h.Kind.Leaves())
	}
	return lines
}
