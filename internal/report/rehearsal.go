package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/strategy"
)

// WriteRehearsal writes a life that was rehearsed for people, in the loan's own time zone.
func WriteRehearsal(w io.Writer, style Style, life *rehearse.Life) error {
	p := page{w: w, style: style}
	home, err := time.LoadLocation(life.TimeZone)
	if err != nil {
		return err
	}
	p.printf("%s: %s\n", style.bold(life.Scenario), Printable(life.Title))
	p.printf("Loan %s with %s, under %s; times are those of %s.\n\n", life.Loan, life.Strategy, strings.Join(life.Rulebooks, ", "), life.TimeZone)
	rows := [][]string{{"WHEN", style.paint(plain, "WHAT"), "BY", "TEMPLATE", "WHY"}}
	before := ""
	for _, line := range life.Lines {
		when := line.At.In(home).Format("Mon 2006-01-02 15:04")
		row := rehearsed(style, line, life.Currency, home)
		if when == before {
			row[0] = ""
		} else {
			row[0], before = when, when
		}
		rows = append(rows, row)
	}
	p.columns(rows)
	p.printf("\nAt last: %s, %s %s owed", strings.ReplaceAll(string(life.Stage), "_", " "), life.Outstanding, life.Currency)
	if !life.NextAt.IsZero() {
		p.printf("; next %s on %s", life.Next, life.NextAt.In(home).Format("Mon 2006-01-02 15:04"))
	} else if life.Stage != journey.Closed {
		p.printf("; %s", strategy.Sentence(life.NextReason))
	}
	p.printf(". %s left, %s to people, %s held back.\n", Count(int64(life.Messages), "message"), Count(int64(life.Tasks), "task"), Count(int64(life.HeldBack), "step"))
	return p.err
}

// columns writes rows of which all cells but the last are as wide as the widest of their column, also where a row has empty ones.
func (p *page) columns(rows [][]string) {
	wide := make([]int, len(rows[0]))
	bare := func(cell string) int { return utf8.RuneCountInString(colours.ReplaceAllString(cell, "")) }
	for _, row := range rows {
		for n, cell := range row {
			wide[n] = max(wide[n], bare(cell))
		}
	}
	for _, row := range rows {
		line := ""
		for n, cell := range row {
			line += cell
			if n < len(row)-1 {
				line += strings.Repeat(" ", wide[n]-bare(cell)+2)
			}
		}
		p.printf("%s\n", strings.TrimRight(line, " "))
	}
}

// colours are the sequences that paint a cell.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// rehearsed is a line of a life in columns, the first of which is left free.
func rehearsed(style Style, line rehearse.Line, currency string, home *time.Location) []string {
	what, by, template, why := "", "", "", line.Note
	mark := plain
	switch line.Kind {
	case rehearse.Happened, rehearse.Followed:
		what, mark = "<- "+string(line.Event), blue
		if line.Kind == rehearse.Followed {
			what = "   " + what
		}
		if line.Step != "" {
			why = line.Step
		}
	case rehearse.Stepped:
		what, by, template, why, mark = line.Step, string(line.Channel), line.Template, strategy.Sentence(line.Reason), green
		if line.By != journey.Send {
			by = map[journey.Kind]string{journey.Task: "a person", journey.Tell: "lender", journey.Record: "Tender"}[line.By]
		}
		switch line.Result {
		case journey.ResultSent, journey.ResultAssigned, journey.ResultTold:
		default:
			result := string(line.Result)
			if line.Code != "" && line.Code != result {
				result += " (" + line.Code + ")"
			}
			mark, why = yellow, result+": "+why
		}
	case rehearse.Held:
		what, why, mark = "held back: "+line.Step, line.Rule+": "+line.Why, yellow
		if !line.Until.IsZero() {
			why += "; until " + line.Until.In(home).Format("Mon 2006-01-02 15:04")
		}
	case rehearse.Lapsed:
		what, mark = "lapsed: "+line.Step, plain
	case rehearse.Never:
		what, mark = "never sent: "+line.Step, yellow
	case rehearse.Stood:
		what, mark = "= "+strings.ReplaceAll(string(line.Stage), "_", " "), plain
		if amount, err := decimal.Parse(line.PastDue); err == nil && amount.IsPos() {
			why = fmt.Sprintf("%s %s past due, bucket %s", line.PastDue, currency, line.Bucket)
		}
		if line.Segment != "" && line.Segment != strategy.Standard {
			why = words(why, "segment "+strings.ReplaceAll(line.Segment, "_", " "))
		}
	case rehearse.Waits:
		what, why = "waits", strategy.Sentence(line.Reason)
	case rehearse.Person:
		what = "a person"
	case rehearse.Ended:
		what, why = "the journey ends", strategy.Sentence(line.Reason)
	}
	return []string{"", style.paint(mark, what), by, template, Printable(why)}
}
