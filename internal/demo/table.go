package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/strategy"
)

// glance is what one look at the running demonstration shows.
type glance struct {
	Now time.Time
	// Day is today, Days how many there are.
	Day, Days int
	Loans     []report.Loan
	// Messages is how many messages were sent so far, HeldBack how often rules put a step off or forbade it.
	Messages, HeldBack int64
	// Web is the address of the Web UI.
	Web string
	// Feed is what the lending system did, the newest last.
	Feed []posted
}

// column is one column of the live table.
type column struct {
	title string
	cell  func(report.Loan) string
	// brief says the same in fewer characters; nil: it cannot be said in fewer.
	brief func(report.Loan) string
	// usual is how wide the column is while there is room, so that it does not jump about; least is how far it may shrink.
	usual, least int
}

// columns returns the columns; titles gives the title of a loan's life.
func columns(titles map[string]string) []column {
	return []column{
		{title: "LOAN", cell: func(l report.Loan) string { return l.ID }, usual: 6, least: 6},
		{title: "BORROWER", cell: func(l report.Loan) string { return l.Borrower }, usual: 8, least: 8},
		{title: "LIFE", cell: func(l report.Loan) string { return titles[l.ID] }, usual: 20, least: 12},
		{title: "STAGE", cell: stage, brief: stageOnly, usual: 14, least: 10},
		{title: "LATE", cell: late, usual: 4, least: 4},
		{title: "LAST STEP", cell: shortLastStep, usual: 17, least: 14},
		{title: "NEXT STEP", cell: nextStep, usual: 14, least: 10},
		{title: "WHEN", cell: when, brief: shortWhen, usual: 20, least: 12},
		{title: "WHY", cell: why, brief: code, usual: 27, least: 10},
	}
}

// squeeze is something that makes a table narrower.
type squeeze func(t *sheet, n int)

func toUsual(t *sheet, n int) { t.shrink(n, t.columns[n].usual) }
func toLeast(t *sheet, n int) { t.shrink(n, t.columns[n].least) }
func gone(t *sheet, n int)    { t.widths[n] = 0 }
func brief(t *sheet, n int)   { t.fill(n, t.columns[n].brief, 0) }

// squeezes are what is done to the columns of a table that is too wide, one after the other, until it fits.
var squeezes = []struct {
	title string
	do    squeeze
}{
	{"WHY", toUsual},
	{"BORROWER", gone},
	{"WHY", brief},
	{"LIFE", toUsual},
	{"STAGE", brief},
	{"WHY", toLeast},
	{"LIFE", toLeast},
	{"LAST STEP", toLeast},
	{"WHEN", brief},
	{"LIFE", gone},
	{"STAGE", toLeast},
	{"NEXT STEP", toLeast},
	{"WHY", gone},
	{"LAST STEP", gone},
	{"WHEN", gone},
}

// feedLines is how many of the latest doings of the lending system stand below the table.
const feedLines = 6

// lines draws the glance for a terminal of a width and height in characters; 0: it may be as large as it likes.
func (g glance) lines(titles map[string]string, width, height int) []string {
	head := fmt.Sprintf("%s   day %d of %d   %s sent, %d held back   %s", report.Moment(g.Now), g.Day, g.Days,
		plural(int(g.Messages), "message", "messages"), g.HeldBack, g.Web)
	all := append([]string{head, ""}, table(g.Loans, columns(titles), width)...)
	// The table matters most; what the lending system does comes where there is room.
	if room := height - len(all) - 3; height <= 0 || room > 0 {
		all = append(all, "", "What the lending system did last:")
		latest := g.Feed[max(0, len(g.Feed)-feedLines):]
		if height > 0 {
			latest = latest[max(0, len(latest)-room):]
		}
		for _, f := range latest {
			all = append(all, f.At.In(g.Now.Location()).Format("Mon 2 Jan 15:04")+"  "+f.Loan+"  "+f.what())
		}
	}
	if height > 0 && len(all) > height {
		all = append(all[:max(height-1, 0)], "… the rest needs a taller window")
	}
	for n, line := range all {
		all[n] = cut(line, width)
	}
	return all
}

// sheet is a table on its way to a width.
type sheet struct {
	columns []column
	loans   []report.Loan
	cells   [][]string // of each column
	widths  []int      // of each column; 0: it is gone
	excess  func() int // how much wider than it may be the sheet is
}

// table draws loans in columns that fit a width; 0: any.
func table(loans []report.Loan, all []column, width int) []string {
	t := &sheet{columns: all, loans: loans, cells: make([][]string, len(all)), widths: make([]int, len(all))}
	for n, c := range all {
		t.fill(n, c.cell, c.usual)
	}
	t.excess = func() int {
		sum := -2
		for _, w := range t.widths {
			if w > 0 {
				sum += w + 2
			}
		}
		return sum - width
	}
	for _, s := range squeezes {
		if width > 0 && t.excess() > 0 {
			s.do(t, slices.IndexFunc(all, func(c column) bool { return c.title == s.title }))
		}
	}
	return t.lines()
}

// fill writes a column, as wide as it needs, and no narrower than usual.
func (t *sheet) fill(n int, cell func(report.Loan) string, usual int) {
	t.cells[n] = []string{t.columns[n].title}
	t.widths[n] = max(usual, utf8.RuneCountInString(t.columns[n].title))
	for _, l := range t.loans {
		text := cell(l)
		t.cells[n] = append(t.cells[n], text)
		t.widths[n] = max(t.widths[n], utf8.RuneCountInString(text))
	}
}

// shrink makes a column narrower by as much as is too much, and no narrower than least.
func (t *sheet) shrink(n, least int) {
	t.widths[n] = max(t.widths[n]-t.excess(), min(t.widths[n], least))
}

func (t *sheet) lines() []string {
	lines := make([]string, len(t.loans)+1)
	for row := range lines {
		for n, width := range t.widths {
			if width > 0 {
				lines[row] += fmt.Sprintf("%-*s  ", width, cut(t.cells[n][row], width))
			}
		}
		lines[row] = strings.TrimRight(lines[row], " ")
	}
	return lines
}

// cut shortens text to a width; 0: it stays.
func cut(text string, width int) string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

func stageOnly(l report.Loan) string {
	return cmp.Or(strings.ReplaceAll(string(l.Stage), "_", " "), "-")
}

// stage is the stage, and whether a hold binds.
func stage(l report.Loan) string {
	if len(l.Holds) > 0 && l.Closed.IsZero() {
		return stageOnly(l) + " (hold)"
	}
	return stageOnly(l)
}

func late(l report.Loan) string {
	if l.PastDueDays == 0 {
		return "-"
	}
	return fmt.Sprintf("%dd", l.PastDueDays)
}

// lastStep is a step with what came of it, without the date that it was anchored to.
func lastStep(l report.Loan) string {
	key, result, _ := strings.Cut(l.LastStep, " ")
	step, _, _ := strings.Cut(key, "@")
	if step == "" {
		return "-"
	}
	return step + " " + result
}

// shortLastStep says nothing of what came of a step when all went well.
func shortLastStep(l report.Loan) string {
	text := lastStep(l)
	for _, result := range []journey.Result{journey.ResultSent, journey.ResultTold} {
		text = strings.TrimSuffix(text, " "+string(result))
	}
	return text
}

func nextStep(l report.Loan) string {
	step, _, _ := strings.Cut(l.Next.Step, "@")
	switch {
	case l.Decisions == 0, !l.Closed.IsZero():
		return "-"
	case step == "":
		return "wait"
	}
	return step
}

func when(l report.Loan) string {
	if l.Next.At.IsZero() || !l.Closed.IsZero() {
		return "-"
	}
	return l.Next.At.Format("Mon 2 Jan 15:04 MST")
}

// shortWhen leaves out what can be guessed.
func shortWhen(l report.Loan) string {
	if when(l) == "-" {
		return "-"
	}
	return l.Next.At.Format("2 Jan 15:04")
}

func why(l report.Loan) string {
	if l.Next.Reason == "" {
		return "-"
	}
	text := strategy.Sentence(l.Next.Reason)
	if l.Next.Rule != "" {
		text += " (" + l.Next.Rule + ")"
	}
	return text
}

// code is why in few characters: the rule that moves the step if one does, else the reason's code.
func code(l report.Loan) string {
	return cmp.Or(l.Next.Rule, strings.ReplaceAll(l.Next.Reason, "_", " "), "-")
}

// line is what a pipe is told of a loan whose standing changed.
func line(l report.Loan, title string) string {
	text := fmt.Sprintf("%s %s: %s", l.ID, title, stage(l))
	if !l.Closed.IsZero() {
		return text + "; last " + lastStep(l)
	}
	if l.PastDueDays > 0 {
		text += fmt.Sprintf(", %s past due", plural(l.PastDueDays, "day", "days"))
	}
	if last := lastStep(l); last != "-" {
		text += "; last " + last
	}
	if next := nextStep(l); next != "-" {
		text += "; next " + next
		if at := when(l); at != "-" {
			text += " " + at
		}
	}
	return text + ": " + why(l)
}

// standing is what of a loan a pipe is told when it changes: not the exact time of the next step, which may move often.
func standing(l report.Loan) string {
	return strings.Join([]string{string(l.Stage), l.LastStep, l.Next.Step, l.Next.Reason, l.Next.Rule, fmt.Sprint(len(l.Holds))}, "|")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
