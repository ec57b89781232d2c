package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
)

// Regime is a regime of complaints as it is shown.
type Regime struct {
	ID            string   `json:"id"`
	Version       string   `json:"version"`
	Hash          string   `json:"hash"`
	Title         string   `json:"title"`
	Jurisdictions []string `json:"jurisdictions"`
	// TimeZone is left out where days are the borrower's.
	TimeZone      string             `json:"time_zone,omitempty"`
	Calendar      string             `json:"calendar,omitempty"`
	Deadlines     []RegimeClock      `json:"deadlines"`
	Extensions    []RegimeExtension  `json:"extensions,omitempty"`
	NewFacts      complaint.NewFacts `json:"new_facts"`
	Independent   bool               `json:"independent"`
	ProgressEvery int                `json:"progress_every,omitempty"`
	ConfirmWithin int                `json:"confirm_within"`
	SurveyAfter   int                `json:"survey_after,omitempty"`
	Referral      RegimeReferral     `json:"referral"`
	External      *RegimeBody        `json:"external,omitempty"`
}

// RegimeClock is a deadline of a regime as it is shown.
type RegimeClock struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Level      complaint.Level  `json:"level"`
	Within     int              `json:"within"`
	Days       bizclock.DayKind `json:"days"`
	Final      bool             `json:"final,omitempty"`
	Only       complaint.Only   `json:"only,omitempty"`
	Citation   string           `json:"citation"`
	Confidence string           `json:"confidence"`
}

// RegimeExtension is more time for a deadline as it is shown.
type RegimeExtension struct {
	Deadline   string           `json:"deadline"`
	To         int              `json:"to"`
	Days       bizclock.DayKind `json:"days"`
	Because    string           `json:"because"`
	Title      string           `json:"title"`
	Approval   complaint.Level  `json:"approval,omitempty"`
	Notice     bool             `json:"notice,omitempty"`
	Citation   string           `json:"citation"`
	Confidence string           `json:"confidence"`
}

// RegimeReferral is how a complaint is treated that an external body passed on, as it is shown.
type RegimeReferral struct {
	Level  complaint.Level  `json:"level"`
	Within int              `json:"within"`
	Days   bizclock.DayKind `json:"days"`
}

// RegimeBody is an external body that hears complaints, as it is shown.
type RegimeBody struct {
	Name         map[string]string `json:"name"`
	WithinMonths int               `json:"within_months,omitempty"`
	WithinDays   int               `json:"within_days,omitempty"`
}

// Regimes are all of a library, in the order of their names.
func Regimes(l *complaint.Library) []Regime {
	all := []Regime{}
	for _, r := range l.All() {
		all = append(all, RegimeOf(r))
	}
	return all
}

// RegimeOf is one regime as it is shown.
func RegimeOf(r *complaint.Regime) Regime {
	shown := Regime{
		ID: r.Name, Version: r.Version.String(), Hash: r.Hash, Title: r.Title, Jurisdictions: r.Jurisdictions, TimeZone: r.TimeZone, Calendar: r.Calendar,
		NewFacts: r.NewFacts, Independent: r.Independent, ProgressEvery: r.ProgressEvery, ConfirmWithin: r.ConfirmWithin,
		SurveyAfter: r.SurveyAfter, Referral: RegimeReferral(r.Referral), External: (*RegimeBody)(r.External),
	}
	days := map[string]bizclock.DayKind{}
	for _, d := range r.Deadlines {
		shown.Deadlines = append(shown.Deadlines, RegimeClock(d))
		days[d.ID] = d.Days
	}
	for _, e := range r.Extensions {
		shown.Extensions = append(shown.Extensions, RegimeExtension{
			Deadline: e.Deadline, To: e.To, Days: days[e.Deadline], Because: e.Because, Title: e.Title, Approval: e.Approval, Notice: e.Notice,
			Citation: e.Citation, Confidence: e.Confidence,
		})
	}
	return shown
}

// WriteRegimes writes a list of regimes.
func WriteRegimes(w io.Writer, style Style, regimes []Regime) error {
	p := &page{w: w, style: style}
	rows := [][]string{{"ID", "VERSION", "DEADLINES", "FINAL WITHIN", "COVERS", "TITLE"}}
	for _, r := range regimes {
		var final []string
		for _, d := range r.Deadlines {
			if d.Final {
				final = append(final, map[complaint.Only]string{complaint.OnlyPayment: "payments "}[d.Only]+spell(d.Within, d.Days))
			}
		}
		rows = append(rows, []string{r.ID, r.Version, Count(int64(len(r.Deadlines)), "deadline"), joined(final), joined(r.Jurisdictions), Printable(r.Title)})
	}
	p.table("", rows)
	return p.err
}

// WriteRegime writes what a regime says.
func WriteRegime(w io.Writer, style Style, r Regime) error {
	p := &page{w: w, style: style}
	p.printf("%s@%s  %s\ncovers  %s\n", style.bold(r.ID), r.Version, Printable(r.Title), joined(r.Jurisdictions))
	p.printf("days    of %s", cmp.Or(r.TimeZone, "the borrower's time zone"))
	if r.Calendar != "" {
		p.printf(", business days of the calendar %s", r.Calendar)
	}
	p.printf("\n")
	for _, d := range r.Deadlines {
		p.printf("\n%s  %s\n  within %s at %s", style.bold(d.ID), Printable(d.Title), spell(d.Within, d.Days), d.Level)
		if d.Final {
			p.printf(", final")
		}
		p.printf("%s\n  %s, %s\n", map[complaint.Only]string{
			complaint.OnlyPayment: ", only about payments", complaint.OnlyNotPayment: ", not about payments",
		}[d.Only], d.Confidence, Printable(d.Citation))
		for _, e := range r.Extensions {
			if e.Deadline == d.ID {
				p.extension(e)
			}
		}
	}
	facts := map[complaint.NewFacts]string{complaint.FactsRestart: "the day on which they came is day 0", complaint.FactsNothing: "the deadlines stay"}
	p.printf("\nnew facts    %s\n", facts[r.NewFacts])
	if r.Independent {
		p.printf("independent  above the front line nobody decides who had the complaint before, or whom it is about\n")
	}
	if r.ProgressEvery > 0 {
		p.printf("progress     told every %s\n", Count(int64(r.ProgressEvery), "day"))
	}
	p.printf("confirm      for %s after the answer\n", Count(int64(r.ConfirmWithin), "day"))
	if r.SurveyAfter > 0 {
		p.printf("survey       %s after closing\n", Count(int64(r.SurveyAfter), "day"))
	}
	p.printf("referral     enters at %s, answered within %s\n", r.Referral.Level, spell(r.Referral.Within, r.Referral.Days))
	p.external(r.External)
	return p.err
}

func (p *page) extension(e RegimeExtension) {
	p.printf("  %s: to %s; %s", p.style.bold(e.Because), spell(e.To, e.Days), Printable(e.Title))
	if e.Approval != "" {
		p.printf("; %s approves", e.Approval)
	}
	if e.Notice {
		p.printf("; the borrower is told")
	}
	p.printf("\n    %s, %s\n", e.Confidence, Printable(e.Citation))
}

func (p *page) external(b *RegimeBody) {
	if b == nil {
		p.printf("external     nobody is named\n")
		return
	}
	within := ""
	switch {
	case b.WithinMonths > 0:
		within = fmt.Sprintf(", within %s of the answer", Count(int64(b.WithinMonths), "month"))
	case b.WithinDays > 0:
		within = fmt.Sprintf(", within %s of the answer", Count(int64(b.WithinDays), "day"))
	}
	p.printf("external     %s%s\n", Printable(b.Name["en"]), within)
	for _, language := range slices.Sorted(maps.Keys(b.Name)) {
		if language != "en" {
			p.printf("             %s: %s\n", language, Printable(b.Name[language]))
		}
	}
}

// spell says a number of days with their kind, such as 3 business days.
func spell(n int, days bizclock.DayKind) string { return Count(int64(n), string(days)+" day") }
