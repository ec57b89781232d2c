package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/condition"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
)

// Version is a version of a strategy that was published.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	// Latest is set for the one with which loans begin.
	Latest      bool      `json:"latest"`
	PublishedAt time.Time `json:"published_at"`
	// PublishedBy is empty for what a worker brought.
	PublishedBy string `json:"published_by,omitempty"`
	OpenLoans   int64  `json:"open_loans"`
}

// Versions returns every version of a strategy that was ever published, the latest of each name first.
func Versions(ctx context.Context, db *store.Store) ([]Version, error) {
	rows, err := db.Strategies(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Version, 0, len(rows))
	for n, r := range rows {
		all = append(all, Version{
			Name: r.Name, Version: r.Version, Hash: r.Hash, Latest: n == 0 || rows[n-1].Name != r.Name,
			PublishedAt: r.PublishedAt.UTC(), PublishedBy: r.PublishedBy, OpenLoans: r.OpenLoans,
		})
	}
	return all, nil
}

// WriteVersions writes versions for people.
func WriteVersions(w io.Writer, style Style, all []Version) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("No strategy is published yet; a worker publishes those that come with Tender when it starts.\n")
		return p.err
	}
	rows := [][]string{{"STRATEGY", "VERSION", "HASH", "LOANS BEGIN WITH IT", "PUBLISHED", "BY", "OPEN LOANS"}}
	for _, v := range all {
		rows = append(rows, []string{
			v.Name, v.Version, v.Hash, map[bool]string{true: "yes"}[v.Latest], Moment(v.PublishedAt), orElse(Printable(v.PublishedBy), "a worker"), strconv.FormatInt(v.OpenLoans, 10),
		})
	}
	p.table("", rows)
	return p.err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Drawn is a strategy as it is drawn.
type Drawn struct {
	Name        string                `json:"name"`
	Version     string                `json:"version"`
	Hash        string                `json:"hash"`
	Title       string                `json:"title"`
	Challengers []strategy.Challenger `json:"challengers,omitempty"`
	Segments    []DrawnSegment        `json:"segments"`
}

// DrawnSegment is what a strategy plans for the loans of a segment.
type DrawnSegment struct {
	Name     string             `json:"name"`
	About    string             `json:"about,omitempty"`
	When     string             `json:"when,omitempty"`
	Timeline []strategy.Moment  `json:"timeline"`
	Settings []strategy.Setting `json:"settings"`
}

// Draw draws a strategy: all of its segments, or the one that is named.
func Draw(s *strategy.Strategy, segment string) Drawn {
	d := Drawn{Name: s.Name, Version: s.Version, Hash: s.Hash, Title: s.Title, Challengers: s.Challengers}
	about := map[string]strategy.Segment{}
	for _, g := range s.Segments {
		about[g.Name] = g
	}
	for _, name := range s.Names() {
		if segment != "" && segment != name {
			continue
		}
		tier, _ := s.Tier(name)
		d.Segments = append(d.Segments, DrawnSegment{
			Name: name, About: about[name].About, When: strings.Join(strings.Fields(about[name].When), " "),
			Timeline: tier.Timeline(), Settings: tier.Settings(),
		})
	}
	return d
}

var phases = map[strategy.Phase]string{
	strategy.AfterDisbursement: "After disbursement", strategy.BeforeDue: "Before each due date",
	strategy.AfterMissed: "After a payment was missed", strategy.AtTheEnd: "When it is over",
}

// WriteDrawn writes a strategy as a timeline. Of each segment but the last, only what differs from the last is written, unless
// it is the only one.
func WriteDrawn(w io.Writer, style Style, d Drawn) error {
	p := page{w: w, style: style}
	p.printf("%s@%s  %s\n%s\n", d.Name, d.Version, d.Hash, d.Title)
	if len(d.Segments) > 1 {
		p.printf("\nSegments: the first that fits is the loan's\n")
		rows := [][]string{}
		for _, s := range d.Segments {
			rows = append(rows, []string{s.Name, orElse(s.About, "Every other loan.")}, []string{"", orElse(s.When, "otherwise")})
		}
		p.table("  ", rows)
	}
	rest := d.Segments[len(d.Segments)-1]
	p.timeline(rest, nil)
	for _, s := range d.Segments[:len(d.Segments)-1] {
		p.timeline(s, rest.Timeline)
		if rows := settings(s.Settings, rest.Settings); len(rows) > 0 {
			p.printf("  Besides\n")
			p.table("    ", rows)
		}
	}
	p.printf("\nBesides\n")
	p.table("  ", settings(rest.Settings, nil))
	return p.err
}

// settings are the rows of settings that are not among others.
func settings(all, others []strategy.Setting) (rows [][]string) {
	for _, s := range all {
		if !slices.Contains(others, s) {
			rows = append(rows, []string{s.Name, s.Value})
		}
	}
	return rows
}

// timeline writes the timeline of a segment; phases that are as in another timeline are left out.
func (p *page) timeline(s DrawnSegment, other []strategy.Moment) {
	of := func(all []strategy.Moment, phase strategy.Phase) (rows [][]string) {
		for _, m := range all {
			if m.Phase != phase {
				continue
			}
			what := m.Do
			if m.Template != "" {
				what += " " + m.Template
			}
			row := []string{m.When, m.Name, what, string(m.Tone), strings.Join(m.Notes, "; ")}
			if m.Name == string(strategyStage(m.Name)) {
				row[1] = ""
			}
			rows = append(rows, row)
		}
		return rows
	}
	p.printf("\nSegment %s\n", s.Name)
	same := []string{}
	for _, phase := range strategy.Phases {
		rows := of(s.Timeline, phase)
		if other != nil && fmt.Sprint(rows) == fmt.Sprint(of(other, phase)) {
			same = append(same, strings.ToLower(phases[phase]))
			continue
		}
		p.printf("  %s\n", phases[phase])
		p.table("    ", rows)
	}
	if len(same) > 0 {
		p.printf("  As every other loan: %s\n", strings.Join(same, ", "))
	}
}

// strategyStage returns the name if it is that of a stage, which is no step.
func strategyStage(name string) string {
	if name == "late_arrears" || name == "pre_charge_off" {
		return name
	}
	return ""
}

// WriteChanges writes what differs between two strategies.
func WriteChanges(w io.Writer, style Style, all []strategy.Change) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nothing changes for anybody.\n")
		return p.err
	}
	last := ""
	for _, c := range all {
		if c.Segment != last {
			p.printf("For %s\n", map[bool]string{true: "every loan", false: "the segment " + c.Segment}[c.Segment == "every"])
			last = c.Segment
		}
		for _, line := range ChangeLines(c) {
			p.printf("  %s\n", line)
		}
	}
	return p.err
}

// ChangeLines writes a change: what was, and what is.
func ChangeLines(c strategy.Change) (lines []string) {
	if c.Was != "" {
		lines = append(lines, "- "+c.What+": "+c.Was)
	}
	if c.Is != "" {
		lines = append(lines, "+ "+c.What+": "+c.Is)
	}
	return lines
}

// Fare is how the loans fare that a strategy accompanies.
type Fare struct {
	// Champion is the strategy that was asked for, Strategy the one with its version that accompanies them.
	Champion string `json:"champion"`
	Strategy string `json:"strategy"`
	Segment  string `json:"segment,omitempty"`
	Loans    int64  `json:"loans"`
	Open     int64  `json:"open"`
	// PastDue and OnPlan are of those that are open.
	PastDue    int64 `json:"past_due"`
	OnPlan     int64 `json:"on_plan"`
	Settled    int64 `json:"settled"`
	ChargedOff int64 `json:"charged_off"`
	// Contacts are those that we made.
	Contacts int64 `json:"contacts"`
}

// Fares returns how the loans of each strategy fare.
func Fares(ctx context.Context, db *store.Store) ([]Fare, error) {
	rows, err := db.StrategyReport(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Fare, 0, len(rows))
	for _, r := range rows {
		all = append(all, Fare{r.Champion, r.Strategy, r.Segment, r.Loans, r.Open, r.PastDue, r.OnPlan, r.Settled, r.ChargedOff, r.Contacts})
	}
	return all, nil
}

// WriteFares writes how loans fare, for people.
func WriteFares(w io.Writer, style Style, all []Fare) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("No strategy accompanies a loan yet.\n")
		return p.err
	}
	rows := [][]string{{"ASKED FOR", "ACCOMPANIED BY", "SEGMENT", "LOANS", "OPEN", "PAST DUE", "ON A PLAN", "SETTLED", "CHARGED OFF", "CONTACTS A LOAN"}}
	for _, f := range all {
		n := func(count int64) string { return strconv.FormatInt(count, 10) }
		tenths := (f.Contacts*10 + f.Loans/2) / f.Loans
		rows = append(rows, []string{
			f.Champion, f.Strategy, orElse(f.Segment, "-"), n(f.Loans), n(f.Open), n(f.PastDue), n(f.OnPlan), n(f.Settled), n(f.ChargedOff),
			fmt.Sprintf("%d.%d", tenths/10, tenths%10),
		})
	}
	p.table("", rows)
	return p.err
}

// WriteFacts writes what conditions can ask about.
func WriteFacts(w io.Writer, style Style, all []condition.Fact) error {
	p := page{w: w, style: style}
	rows := [][]string{{"FACT", "TYPE", "MEANING"}}
	for _, f := range all {
		meaning := f.Meaning
		if f.Words != nil {
			meaning += ": one of " + strings.Join(f.Words, ", ")
		}
		rows = append(rows, []string{f.Name, f.Type, meaning})
	}
	p.table("", rows)
	return p.err
}
