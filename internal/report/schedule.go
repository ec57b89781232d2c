package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/loan"
)

// WriteSchedule writes a schedule that was computed from terms: what it comes to, then what is due when.
func WriteSchedule(w io.Writer, style Style, c loan.Computed) error {
	p := page{w: w, style: style}
	write := func(amount decimal.Decimal) string { return loan.Write(amount, c.Currency) }
	p.printf("%s, %s %s in all: %s of principal, %s of interest", Count(int64(len(c.Installments)), "installment"),
		write(c.Total), c.Currency, write(c.Principal), write(c.Interest))
	if c.Fee.IsPos() {
		p.printf(", a fee of %s", write(c.Fee))
	}
	p.printf("\n")
	if c.Withheld.IsPos() {
		p.printf("A fee of %s %s is withheld, so %s %s is paid out.\n", write(c.Withheld), c.Currency, write(c.PaidOut), c.Currency)
	}
	p.printf("\n")

	rows := [][]string{{"NO", "DUE", "PRINCIPAL", "INTEREST", "FEE", "TOTAL", "PRINCIPAL LEFT"}}
	left := c.Principal
	for n, i := range c.Installments {
		left, _ = left.Sub(i.Principal) // parts of a sum that is no overflow
		rows = append(rows, []string{
			strconv.Itoa(n + 1), i.Due.String(), write(i.Principal), write(i.Interest), write(i.Fee), write(i.Total()), write(left),
		})
	}
	rows = append(rows, []string{"", "in all", write(c.Principal), write(c.Interest), write(c.Fee), write(c.Total), ""})
	if !c.Fee.IsPos() {
		rows = without(rows, 4)
	}
	p.figures(rows, 1)
	return p.err
}

// without leaves a column out of a table.
func without(rows [][]string, column int) [][]string {
	for n, row := range rows {
		rows[n] = slices.Delete(row, column, column+1)
	}
	return rows
}

// figures writes a table of amounts, which stand below each other by their last digit, with its last row in bold. In columns
// of words and dates, these begin below each other.
func (p *page) figures(rows [][]string, words ...int) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for n, cell := range row {
			widths[n] = max(widths[n], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		cells := make([]string, len(row))
		for k, cell := range row {
			width := widths[k]
			if slices.Contains(words, k) {
				width = -width
			}
			cells[k] = fmt.Sprintf("%*s", width, cell)
		}
		line := strings.TrimRight("  "+strings.Join(cells, "  "), " ")
		if n == len(rows)-1 {
			line = p.style.bold(line)
		}
		p.printf("%s\n", line)
	}
}
