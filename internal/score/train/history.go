package train

import (
	"slices"

	"github.com/tender-engine/tender/internal/score"
)

// months is how many months of an account are looked at.
const months = 6

// noBill is the status of a month in which the card was not used. -1 is paid in full, 0 paid in part and on time, and above
// 0 it is how many months late a payment is.
const noBill = -2

// history is what a line says of an account's months, the latest first.
type history struct {
	limit                int
	status, billed, paid [months]int
}

// due tells whether something fell due in a month.
func (h history) due(month int) bool { return h.status[month] != noBill || h.billed[month] > 0 }

// facts derives from the months what Tender knows of a loan.
func (h history) facts() score.Facts {
	var f score.Facts
	outstanding := percent(max(h.billed[0], 0), h.limit, 1000)
	f.OutstandingShare = &outstanding
	now := h.worst(0, 1)
	f.MonthsLateNow = &now
	due, late, since := 0, 0, months
	for month := range months {
		if h.due(month) {
			due++
		}
		if h.status[month] > 0 {
			late, since = late+1, min(since, month)
		}
	}
	if due > 0 {
		share, latest, before := percent(late, due, 100), h.worst(0, 3), h.worst(3, months)
		worst, trend := max(latest, before), latest-before
		f.LateShare, f.WorstMonthsLate, f.MonthsSinceLate, f.LateTrend = &share, &worst, &since, &trend
	}
	// What is paid in a month pays the bill of the month before, so the latest bill and the earliest payment have no partner.
	billed, paid := 0, 0
	for month := range months - 1 {
		billed, paid = billed+max(h.billed[month+1], 0), paid+h.paid[month]
	}
	if billed > 0 {
		share := percent(paid, billed, 100)
		f.PaidShare = &share
	}
	return f
}

// worst is the most months that a payment was late in some of the months.
func (h history) worst(from, to int) int { return max(slices.Max(h.status[from:to]), 0) }

func percent(part, whole, most int) int { return min(part*100/whole, most) }
