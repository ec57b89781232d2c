package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/strategy"
)

// Moment writes an instant in its own time zone, such as Thu 2026-01-29 09:12 EST.
func Moment(t time.Time) string { return t.Format("Mon 2006-01-02 15:04 MST") }

// moment is [Moment], or nothing for no instant.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return Moment(t)
}

// Style is how text is written.
type Style struct {
	// Color is set for a terminal that shows colours.
	Color bool
}

// paint is a colour of ECMA-48. All have two digits, so that a column in which each cell is painted stays aligned:
// tabwriter counts the bytes that colour a cell too.
type paint string

const (
	plain  paint = "39"
	red    paint = "31"
	green  paint = "32"
	yellow paint = "33"
	blue   paint = "34"
)

func (s Style) paint(p paint, text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + string(p) + "m" + text + "\x1b[39m"
}

func (s Style) bold(text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[1m" + text + "\x1b[22m"
}

// page gathers text and remembers the first error of writing it.
type page struct {
	w     io.Writer
	style Style
	err   error
}

func (p *page) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// table writes rows of cells in columns as wide as they need, each line indented.
func (p *page) table(indent string, rows [][]string) {
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		// An empty cell at the end of a line would leave blanks behind.
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		if p.err == nil {
			_, p.err = fmt.Fprintln(t, indent+strings.Join(row, "\t"))
		}
	}
	if p.err == nil {
		p.err = t.Flush()
	}
}

// Printable drops control characters, which could steer the terminal that a text is shown on.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// WriteLoans writes a table of loans.
func WriteLoans(w io.Writer, style Style, loans []Loan) error {
	p := page{w: w, style: style}
	if len(loans) == 0 {
		p.printf("No loan fits.\n")
		return p.err
	}
	rows := [][]string{{"LOAN", style.paint(plain, "STAGE"), "BUCKET", "DAYS", "PAST DUE", "HOLDS", "LAST STEP", "NEXT STEP", "WHEN", "WHY"}}
	for _, l := range loans {
		rows = append(rows, []string{
			l.ID, style.paint(stagePaint(l), string(l.Stage)), cmp.Or(l.Bucket, "-"), fmt.Sprint(l.PastDueDays), l.pastDue(), cmp.Or(l.holds(), "-"),
			cmp.Or(l.LastStep, "-"), l.nextStep(), cmp.Or(moment(l.Next.At), "-"), l.Next.why(),
		})
	}
	p.table("", rows)
	return p.err
}

func stagePaint(l Loan) paint {
	switch l.Stage {
	case "early_arrears":
		return yellow
	case "late_arrears", "pre_charge_off", "charged_off":
		return red
	case "closed":
		return green
	}
	return plain
}

func (l Loan) pastDue() string {
	if l.PastDueSince.IsZero() {
		return "-"
	}
	return l.PastDue + " " + l.Currency
}

func (l Loan) holds() string {
	kinds := make([]string, len(l.Holds))
	for n, kind := range l.Holds {
		kinds[n] = string(kind)
	}
	return strings.Join(kinds, ",")
}

// nextStep names the next step, or says that there is nothing to do but to wait.
func (l Loan) nextStep() string {
	if !l.Closed.IsZero() || l.Decided.IsZero() {
		return "-"
	}
	return cmp.Or(l.Next.Step, "wait")
}

// why says why a step is next, and which rule moved it.
func (n Next) why() string {
	if n.Reason == "" {
		return ""
	}
	if n.Rule == "" {
		return strategy.Sentence(n.Reason)
	}
	return strategy.Sentence(n.Reason) + " (" + n.Rule + ")"
}

// head writes where a loan stands.
func (p *page) head(l Loan) {
	kind, id, _ := strings.Cut(event.SubjectOf(l.ID), "/")
	p.printf("%s  %s", p.style.bold(strings.ToUpper(kind[:1])+kind[1:]+" "+id), p.style.paint(stagePaint(l), cmp.Or(string(l.Stage), "refused")))
	if l.PastDueDays > 0 {
		p.printf(", %s past due since %s", Count(int64(l.PastDueDays), "day"), l.PastDueSince)
	}
	p.printf("\n")
	rows := [][]string{{"borrower", l.Borrower}}
	if l.Decisions > 0 && event.Lent(l.ID) {
		owed := l.Outstanding + " " + l.Currency + " outstanding"
		if !l.PastDueSince.IsZero() {
			owed += ", " + l.PastDue + " " + l.Currency + " past due, bucket " + l.Bucket
		}
		rows = append(rows, []string{"money", owed})
	}
	if event.Lent(l.ID) {
		rows = append(rows, []string{"disbursed", strings.TrimSpace(l.Disbursed.String() + " by " + l.Source)})
	}
	switch {
	case l.Verified != "":
		rows = append(rows, []string{"application", l.Application + ": " + strategy.Sentence(string(l.Verified))})
	case l.Application != "":
		rows = append(rows, []string{"application", l.Application + ", of which Tender did not know"})
	}
	switch {
	case l.Refused:
		rows = append(rows, []string{"next", "nothing: the disbursement was refused, so there is no loan; send a corrected one under a new event id"})
	case !l.Closed.IsZero():
		rows = append(rows, []string{"closed", Moment(l.Closed)})
	case l.Decisions == 0:
		rows = append(rows, []string{"next", "nothing is decided yet; if that lasts, see tender doctor"})
	default:
		rows = append(rows, []string{"next", l.Next.sentence()})
	}
	p.table("  ", rows)
}

// sentence says what is next, when and why.
func (n Next) sentence() string {
	text := cmp.Or(n.Step, "wait")
	if !n.At.IsZero() {
		text += " on " + Moment(n.At)
	}
	if why := n.why(); why != "" {
		text += ": " + why
	}
	return text
}

// Write writes a life as text.
func (l Life) Write(w io.Writer, style Style) error {
	p := page{w: w, style: style}
	p.head(l.Loan)
	if len(l.Holds) > 0 {
		p.printf("\n%s\n", style.bold("Holds"))
		rows := [][]string{}
		for _, h := range l.Holds {
			rows = append(rows, h.row())
		}
		p.table("  ", rows)
	}
	p.agreements(l.Promises, l.Plans, l.Loan.Currency)
	p.printf("\n%s  times are in %s\n", style.bold("What happened"), l.Loan.TimeZone)
	for _, e := range l.Entries {
		p.entry(e)
	}
	return p.err
}

func (h Hold) row() []string {
	scope, until := "the loan", "until released"
	if h.Loan == "" {
		scope = "all loans of the borrower"
	}
	if h.Region != "" {
		scope = "everybody in " + h.Region
	}
	if h.Point != "" {
		scope = "contact point " + h.Point
	}
	if !h.Until.IsZero() {
		until = "until " + Moment(h.Until)
	}
	row := []string{h.ID, string(h.Kind), scope, "from " + Moment(h.From), until}
	return append(row, Printable(words(prefixed("owner ", h.Owner), prefixed("placed by ", h.PlacedBy), h.Note)))
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// entry writes an entry on a line, and its reason on a second.
func (p *page) entry(e Entry) {
	sort, color, text, why := e.lines()
	p.printf("  %-24s  %s  %s\n", Moment(e.At), p.style.paint(color, fmt.Sprintf("%-9s", sort)), text)
	margin := strings.Repeat(" ", 2+24+2+9+2)
	if why != "" {
		p.printf("%s%s\n", margin, why)
	}
	for line := range strings.Lines(strings.TrimSpace(e.Subject + "\n" + e.Body)) {
		p.printf("%s| %s\n", margin, Printable(line))
	}
}

// lines says what an entry is, in which colour, and why it came about.
func (e Entry) lines() (sort string, color paint, text, why string) {
	switch e.Sort {
	case CameIn:
		text, why = e.What, e.Why
		if e.Text != "" {
			text += ": " + e.Text
		}
		why = words(fmt.Sprintf("event %s of %s, sent by %s", e.ID, e.Source, Printable(e.Actor)), why)
		if e.State == "refused" {
			return "came in", red, text, why
		}
		return "came in", blue, text, why
	case Sent:
		color = green
		result := e.Result
		switch {
		case e.Result == "" && e.Code != "":
			result, color = "never left ("+e.Code+")", red
		case e.Result == "":
			result, color = "reserved; nothing is known of it yet", yellow
		case e.Result == string(contact.Uncertain):
			result, color = "uncertain: it may have left, and is not sent again", yellow
		case e.Result != string(contact.Sent) && e.Result != string(contact.Delivered):
			color = red
		}
		if e.Result != "" && e.Code != "" {
			result += " (" + e.Code + ")"
		}
		return "message", color, fmt.Sprintf("%s by %s, %s", e.What, e.Channel, result), words(prefixed("because: ", e.Why), e.Text)
	case HeldBack:
		text = e.What + " " + held(compliance.Verdict(e.Verdict))
		if !e.Until.IsZero() {
			text += " until " + Moment(e.Until)
		}
		return "held back", yellow, text, e.Rule + ": " + e.Why
	case Asked:
		text = "may " + e.What + " go out by " + string(e.Channel) + "? " + e.ID
		switch e.Result {
		case "":
			return "asked", yellow, text + ", open until " + Moment(e.Until), "advised against by: " + e.Rule
		case "unanswered":
			return "asked", yellow, text + ", nobody answered", "advised against by: " + e.Rule
		}
		return "asked", green, text + ", " + e.Result + " by " + Printable(e.Actor) + " on " + Moment(e.Done), "advised against by: " + e.Rule
	case Task:
		text = e.What + " given to a person as task " + e.ID
		if e.Rule != "" {
			text += ", who may not call: " + e.Rule
		}
		if e.Done.IsZero() {
			return "task", yellow, text + ", open", prefixed("because: ", e.Why)
		}
		return "task", green, text + ", done " + Moment(e.Done) + prefixed(": ", e.Result), prefixed("because: ", e.Why)
	}
	if e.Done.IsZero() {
		return "to tell", yellow, "the lending system: " + e.What + ", not told yet", "kept until the lending system is told, or fetches it"
	}
	return "told", green, "the lending system: " + e.What + ", on " + Moment(e.Done), ""
}

// held says what a verdict did to a step.
func held(v compliance.Verdict) string {
	switch v {
	case compliance.Defer:
		return "put off"
	case compliance.NeedsApproval:
		return "needs a person's approval"
	case compliance.Warn:
		return "advised against"
	}
	return "not allowed"
}

// Write writes an explanation as text.
func (e Explanation) Write(w io.Writer, style Style) error {
	p := page{w: w, style: style}
	p.head(e.Loan)
	d := e.Decision
	if d == nil {
		return p.err
	}
	home := e.Loan.Zone()
	chosen, others := split(d.Considered)

	p.printf("\n%s\n", style.bold("Why this"))
	p.printf("  %s\n", strategy.Sentence(d.Step.Reason))
	if d.Step.Channel != "" {
		p.printf("  %s\n", words("by "+string(d.Step.Channel), prefixed("template ", d.Step.Template), prefixed("purpose ", string(d.Step.Purpose))))
	}

	p.printf("\n%s\n", style.bold("Why then"))
	if e.Loan.Closed.IsZero() {
		for _, line := range then(d, chosen, home) {
			p.printf("  %s\n", line)
		}
	} else {
		p.printf("  the journey ended with it on %s; nothing follows\n", Moment(e.Loan.Closed))
	}

	p.agreements(d.Promises, d.Plans, d.Currency)
	if len(others) > 0 {
		p.printf("\n%s\n", style.bold("What else was considered"))
		for _, c := range others {
			p.considered(c, home)
		}
	}
	p.printf("\n%s\n", style.bold("On what it rests"))
	p.table("  ", e.basis(home))
	return p.err
}

// split separates the step that was chosen from the others, of which the dropped ones come last.
func split(all []strategy.Considered) (chosen *strategy.Considered, others []strategy.Considered) {
	for n, c := range all {
		if c.Outcome == strategy.Chosen {
			chosen = &all[n]
			continue
		}
		others = append(others, c)
	}
	slices.SortStableFunc(others, func(a, b strategy.Considered) int {
		if byEnd := cmp.Compare(end(a), end(b)); byEnd != 0 {
			return byEnd
		}
		return a.At.Compare(b.At)
	})
	return chosen, others
}

func end(c strategy.Considered) int {
	if c.Outcome == strategy.Dropped {
		return 1
	}
	return 0
}

// then says why the step is due when it is.
func then(d *strategy.Explanation, chosen *strategy.Considered, home *time.Location) []string {
	if d.Step.At.IsZero() {
		return []string{"it waits for the next event"}
	}
	at := Moment(d.Step.At.In(home))
	if chosen == nil || chosen.Planned.IsZero() || !d.Step.At.After(chosen.Planned) {
		return []string{"it is due on " + at}
	}
	lines := []string{"it was planned for " + Moment(chosen.Planned.In(home)) + ", and moved to " + at}
	var free time.Time
	for _, f := range chosen.Findings {
		lines = append(lines, finding(f, home))
		if f.Until.After(free) {
			free = f.Until
		}
	}
	if !free.IsZero() && d.Step.At.After(free) {
		lines = append(lines, "from then on it is spread over the hours that are allowed, so that not all messages leave at once")
	}
	if len(chosen.Findings) == 0 && chosen.Planned.Before(d.At) {
		lines = append(lines, "its time had come before this decision was made on "+Moment(d.At.In(home)))
	}
	return lines
}

// finding says what a rule found.
func finding(f compliance.Finding, home *time.Location) string {
	text := f.Rule + ": " + f.Why
	if !f.Until.IsZero() {
		text += ", until " + Moment(f.Until.In(home))
	}
	if f.Citation != "" {
		text += " [" + f.Citation + "]"
	}
	return text
}

// considered writes a step that was weighed and not chosen.
// risk says how likely a loan is to go wrong, who says so, and why.
func risk(r *strategy.Risk) string {
	switch {
	case r == nil:
		return ""
	case r.Own:
		return string(r.Band) + ", by the lender's own word"
	}
	return fmt.Sprintf("%s, %d points by %s. %s", r.Band, r.Points, r.Card, strings.Join(r.Reasons, " "))
}

func (p *page) considered(c strategy.Considered, home *time.Location) {
	color, when := plain, ""
	switch {
	case c.Outcome == strategy.Dropped:
		color, when = yellow, "dropped"
	case !c.At.IsZero():
		when = "later, on " + Moment(c.At.In(home))
	}
	p.printf("  %s  %s: %s\n", c.Key, p.style.paint(color, when), strategy.Sentence(c.Reason))
	if len(c.Findings) == 0 && c.Rule != "" {
		p.printf("    %s\n", c.Rule)
	}
	for _, f := range c.Findings {
		p.printf("    %s\n", finding(f, home))
	}
}

// noDate is how Postgres is asked to write a date that there is none of.
var noDate = bizclock.NewDate(1, time.January, 1)

// basis lists what a decision was made on.
func (e Explanation) basis(home *time.Location) [][]string {
	d := e.Decision
	postings := "no watermark yet"
	if d.Watermark.After(noDate) {
		postings = "complete through " + d.Watermark.String()
	}
	state := "acted upon"
	switch {
	case !e.Loan.Closed.IsZero():
		state = "with which the journey ended"
	case !e.Final:
		state = "not acted upon yet"
	}
	rows := [][]string{
		{"decision", fmt.Sprintf("%d, made on %s on event %d, %s", d.Seq, Moment(d.At.In(home)), d.Number, state)},
		{"strategy", d.Strategy},
		{"segment", d.Segment},
		{"risk", risk(d.Risk)},
		{"rulebooks", strings.Join(d.Rulebooks, ", ")},
		{"money", fmt.Sprintf("as of %s; the lending system's postings: %s", d.AsOf, postings)},
	}
	rows = slices.DeleteFunc(rows, func(row []string) bool { return row[1] == "" })
	if e.Since > 0 {
		rows = append(rows, []string{"since then", "came " + Count(e.Since, "event") + ", not decided upon yet"})
	}
	return rows
}

// Count writes a number of things, such as 1 loan or 2 loans.
func Count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Health colours the word for how a part is: ok, warning, failed or another.
func (s Style) Health(word, text string) string {
	switch word {
	case "ok":
		return s.paint(green, text)
	case "warning":
		return s.paint(yellow, text)
	case "failed":
		return s.paint(red, text)
	}
	return text
}
