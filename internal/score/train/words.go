package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tender-engine/tender/internal/score"
)

// measurable is a fact that the accounts tell of.
type measurable struct {
	score.Fact
	// rises tells whether more of it is more risk.
	rises bool
	// sentence says what was found when the fact lies in a span, and unknown what when it is not known.
	sentence func(span) string
	unknown  string
}

const noneDue = "No payment fell due in the last six months."

// measurables are the facts that the accounts tell of. Of replies and reach no data set does.
var measurables = []measurable{
	{known("late_share"), true, lateShare, noneDue},
	{known("worst_months_late"), true, worstMonthsLate, noneDue},
	{known("months_late_now"), true, monthsLateNow, "It is not known whether a payment is missing."},
	{known("months_since_late"), false, monthsSinceLate, noneDue},
	{known("late_trend"), true, lateTrend, noneDue},
	{known("paid_share"), false, paidShare, "Nothing was billed in the last six months."},
	{known("outstanding_share"), true, outstandingShare, "It is not known how much of what was lent is still owed."},
}

func known(name string) score.Fact {
	return score.Known[slices.IndexFunc(score.Known, func(f score.Fact) bool { return f.Name == name })]
}

// span is a range of whole numbers, both ends included; nil is no end.
type span struct{ from, to *int }

// endsAt tells whether the span ends at a number.
func (s span) endsAt(n int) bool { return s.to != nil && *s.to == n }

// amount writes a span of something, such as "20 to 49 %".
func (s span) amount(unit string) string {
	switch {
	case s.from == nil:
		return "less than " + counted(*s.to+1, unit)
	case s.to == nil:
		return counted(*s.from, unit) + " or more"
	case *s.from == *s.to:
		return counted(*s.from, unit)
	}
	return strconv.Itoa(*s.from) + " to " + counted(*s.to, unit)
}

func counted(n int, unit string) string {
	if unit == "month" && n != 1 {
		unit = "months"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

func sentence(format, amount string) string {
	text := fmt.Sprintf(format, amount)
	return strings.ToUpper(text[:1]) + text[1:]
}

func lateShare(s span) string {
	if s.endsAt(0) {
		return "None of the payments of the last six months was late or is missing."
	}
	return sentence("%s of the payments of the last six months were late or are missing.", s.amount("%"))
}

func worstMonthsLate(s span) string {
	if s.endsAt(0) {
		return "No payment of the last six months was late."
	}
	return sentence("At worst a payment of the last six months was, or is, %s late.", s.amount("month"))
}

func monthsLateNow(s span) string {
	if s.endsAt(0) {
		return "No payment is missing now."
	}
	return sentence("A payment is %s late now.", s.amount("month"))
}

func monthsSinceLate(s span) string {
	switch {
	case s.to == nil, s.endsAt(months):
		return fmt.Sprintf("No payment was late in the last %s.", counted(*s.from, "month"))
	case s.endsAt(0):
		return "The last payment was late, or is missing."
	}
	return sentence("A payment was last late %s ago.", s.amount("month"))
}

func lateTrend(s span) string {
	switch {
	case s.from == nil && s.endsAt(0):
		return "Payments came no later in the last three months than in the three before."
	case s.from == nil:
		return "Payments came less late in the last three months than in the three before."
	case *s.from == 0 && s.endsAt(0):
		return "Payments came as late in the last three months as in the three before."
	}
	return sentence("Payments came %s later in the last three months than in the three before.", s.amount("month"))
}

func paidShare(s span) string {
	return sentence("%s of what was billed in the last six months was paid.", s.amount("%"))
}

func outstandingShare(s span) string {
	return sentence("%s of what was lent is still owed.", s.amount("%"))
}
