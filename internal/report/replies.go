package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/reply"
)

// WriteMeaning writes what a reply was understood as.
func WriteMeaning(w io.Writer, style Style, m reply.Meaning) error {
	p := page{w: w, style: style}
	intents := make([]string, len(m.Intents))
	for n, i := range m.Intents {
		intents[n] = strings.ReplaceAll(string(i), "_", " ")
	}
	p.printf("%s\n", style.bold(strings.Join(intents, ", ")))
	rows := [][]string{}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{"  " + name, strings.ReplaceAll(value, "_", " ")})
		}
	}
	add("answer", string(m.Answer))
	add("cause", string(m.Cause))
	add("topic", string(m.Topic))
	if !m.Amount.IsZero() {
		add("amount", m.Amount.String())
	}
	if !m.By.IsZero() {
		add("by", m.By.String())
	}
	add("channel", string(m.Channel))
	if m.From != nil {
		add("from", m.From.String())
	}
	if m.To != nil {
		add("to", m.To.String())
	}
	p.table("", rows)
	return p.err
}

// Measured is how well one set of labelled replies was understood.
type Measured struct {
	File string `json:"file"`
	reply.Measurement
}

// WriteMeasured writes how well labelled replies were understood; with misread, each sentence that was understood otherwise too.
func WriteMeasured(w io.Writer, style Style, all []Measured, misread bool) error {
	p := page{w: w, style: style}
	for n, m := range all {
		if n > 0 {
			p.printf("\n")
		}
		p.printf("%s: %d replies, %d with exactly the intents of their labels (%s)\n\n", style.bold(m.File), m.Sentences, m.Exact, permille(m.Exact*1000/max(m.Sentences, 1)))
		rows := [][]string{{"INTENT", "REPLIES", "FOUND", "RIGHTLY", "PRECISION", "RECALL"}}
		for _, s := range append(m.Intents, m.Particulars...) {
			rows = append(rows, []string{
				strings.ReplaceAll(s.Of, "_", " "), fmt.Sprint(s.Labelled), fmt.Sprint(s.Found), fmt.Sprint(s.Right), permille(s.Precision()), permille(s.Recall()),
			})
		}
		p.table("", rows)
		if !misread {
			continue
		}
		p.printf("\n")
		for _, x := range m.Misread {
			p.printf("  %s\n    labelled %s, understood %s\n", Printable(x.Text), labels(x.Labels), labels(x.Meaning))
		}
	}
	return p.err
}

// labels are intents and particulars in words.
func labels(m reply.Meaning) string {
	text := list(m.Intents)
	named := m.Named()
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if named[name] != "" {
			text += fmt.Sprintf(", %s %s", name, named[name])
		}
	}
	return text
}

func list(intents []reply.Intent) string {
	words := make([]string, len(intents))
	for n, i := range intents {
		words[n] = strings.ReplaceAll(string(i), "_", " ")
	}
	return strings.Join(words, ", ")
}

// permille writes thousandths as a percentage.
func permille(thousandths int) string {
	return fmt.Sprintf("%d.%d %%", thousandths/10, thousandths%10)
}
