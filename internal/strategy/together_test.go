package strategy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Two loans of one borrower whose installments fall due on the same days: each due date is reminded of.
func TestADueDateOfTheSecondLoanIsRemindedOf(t *testing.T) {
	l := born(t)
	l.at("2026-01-05 12:00", func() { l.loan("L-2", terms{}) })
	l.until("2026-01-22")
	story := strings.Join(l.story, "\n")
	t.Log("\n" + story)
	for _, loan := range []string{"L-1", "L-2"} {
		for _, reminder := range []string{"reminder-ahead", "reminder-due"} {
			found := false
			for _, line := range l.story {
				found = found || strings.Contains(line, loan) && strings.Contains(line, reminder)
			}
			assert.Truef(t, found, "%s: no %s", loan, reminder)
		}
	}
}
