package report

import (
	"cmp"
	"io"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/compliance"
)

// WriteRuling writes what the rules say of a contact: the verdict, when it may be made next, and what each rule found, those
// that stand in the way first.
func WriteRuling(w io.Writer, style Style, a compliance.CaseAnswer) error {
	p := &page{w: w, style: style}
	switch {
	case a.Verdict == compliance.Allow:
		p.printf("%s: the contact may be made\n", style.paint(green, "allow"))
	case a.Verdict == compliance.Warn:
		p.printf("%s: the contact may be made, though a rule advises against it\n", style.paint(yellow, "warn"))
	case a.Verdict == compliance.NeedsApproval:
		p.printf("%s: the contact may be made only if a person approves of it\n", style.paint(yellow, "needs_approval"))
	case a.NextAllowedAt != nil:
		p.printf("%s: the contact may not be made now\n", style.paint(red, string(a.Verdict)))
	default:
		p.printf("%s: the contact may not be made until something changes\n", style.paint(red, string(a.Verdict)))
	}
	if a.NextAllowedAt != nil && !a.Allowed {
		p.printf("next allowed  %s\n", a.NextAllowedAt.Format(time.RFC3339Nano))
	}
	for _, carry := range []struct {
		what  string
		parts []compliance.Part
	}{{"must carry", a.MustCarry}, {"must not carry", a.MustNotCarry}} {
		if len(carry.parts) > 0 {
			p.printf("%s  %s\n", carry.what, joined(carry.parts))
		}
	}
	p.printf("\n")
	quiet := 0
	for _, r := range a.Rules {
		if r.Verdict == compliance.Allow {
			quiet++
			continue
		}
		p.rule(r)
	}
	if quiet > 0 && quiet < len(a.Rules) {
		p.printf("\n")
	}
	rows := [][]string{}
	for _, r := range a.Rules {
		if r.Verdict == compliance.Allow {
			rows = append(rows, []string{p.style.paint(green, string(r.Verdict)), r.ID, Printable(r.Why)})
		}
	}
	p.table("", rows)
	return p.err
}

// rule writes what a rule that stands in the way found.
func (p *page) rule(r compliance.CaseRule) {
	color := red
	if r.Verdict.Allows() || r.Verdict == compliance.NeedsApproval {
		color = yellow
	}
	p.printf("%s  %s@%s  %s\n", p.style.paint(color, string(r.Verdict)), r.ID, r.Version, Printable(r.Why))
	p.printf("  %s, %s\n", r.Strength, Printable(r.Citation))
	if r.Until != nil {
		p.printf("  until %s\n", r.Until.Format(time.RFC3339Nano))
	}
}

func joined[T ~string](all []T) string {
	words := make([]string, len(all))
	for n, word := range all {
		words[n] = string(word)
	}
	return strings.Join(words, ", ")
}

// Book is a rulebook as it is shown.
type Book struct {
	ID            string     `json:"id"`
	Version       string     `json:"version"`
	Title         string     `json:"title"`
	Jurisdictions []string   `json:"jurisdictions"`
	Sources       []string   `json:"sources,omitempty"`
	Rules         []BookRule `json:"rules"`
}

// BookRule is a rule as it is shown.
type BookRule struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Kind       string                `json:"kind"`
	Says       string                `json:"says"`
	Citation   string                `json:"citation"`
	Confidence compliance.Confidence `json:"confidence"`
	Strength   compliance.Strength   `json:"strength"`
	AppliesTo  []compliance.Party    `json:"applies_to,omitempty"`
	From       string                `json:"from,omitempty"`
	Until      string                `json:"until,omitempty"`
}

// Rulebooks are all of a library, in the order of their names.
func Rulebooks(l *compliance.Library) []Book {
	var all []Book
	for _, b := range l.Rulebooks() {
		all = append(all, Rulebook(b))
	}
	return all
}

// Rulebook is one rulebook as it is shown.
func Rulebook(b *compliance.Rulebook) Book {
	book := Book{ID: b.Name, Version: b.Version.String(), Title: b.Title, Jurisdictions: b.Jurisdictions, Sources: b.Sources, Rules: []BookRule{}}
	for _, r := range b.Rules {
		one := BookRule{
			ID: r.ID, Title: r.Title, Kind: r.Kind(), Says: r.Says(), Citation: r.Citation, Confidence: r.Confidence, Strength: r.Strength,
			AppliesTo: r.AppliesTo,
		}
		if !r.From.IsZero() {
			one.From = r.From.String()
		}
		if !r.Until.IsZero() {
			one.Until = r.Until.String()
		}
		book.Rules = append(book.Rules, one)
	}
	return book
}

// WriteRulebooks writes a list of rulebooks.
func WriteRulebooks(w io.Writer, style Style, books []Book) error {
	p := &page{w: w, style: style}
	rows := [][]string{{"ID", "VERSION", "RULES", "COVERS", "TITLE"}}
	for _, b := range books {
		rows = append(rows, []string{b.ID, b.Version, Count(int64(len(b.Rules)), "rule"), joined(b.Jurisdictions), Printable(b.Title)})
	}
	p.table("", rows)
	return p.err
}

// WriteRulebook writes the rules of a rulebook.
func WriteRulebook(w io.Writer, style Style, b Book) error {
	p := &page{w: w, style: style}
	p.printf("%s@%s  %s\ncovers  %s\n", style.bold(b.ID), b.Version, Printable(b.Title), joined(b.Jurisdictions))
	for _, source := range b.Sources {
		p.printf("read in %s\n", Printable(source))
	}
	for _, r := range b.Rules {
		p.printf("\n%s  %s\n", style.bold(r.ID), Printable(r.Title))
		p.printf("  %s: %s\n", r.Kind, Printable(r.Says))
		p.printf("  %s, %s, %s\n", r.Strength, r.Confidence, Printable(r.Citation))
		binds := "everybody"
		if len(r.AppliesTo) > 0 {
			binds = joined(r.AppliesTo)
		}
		p.printf("  binds %s", binds)
		if r.From != "" || r.Until != "" {
			p.printf(", in force from %s until %s", cmp.Or(r.From, "ever"), cmp.Or(r.Until, "further notice"))
		}
		p.printf("\n")
	}
	return p.err
}
