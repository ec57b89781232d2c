package report

import (
	"fmt"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/strategy"
)

// agreements writes what became of promises and plans, as the last decision found it.
func (p *page) agreements(promises []strategy.PromiseFound, plans []strategy.PlanFound, currency string) {
	if len(promises) > 0 {
		p.printf("\n%s\n", p.style.bold("Promises"))
		rows := [][]string{}
		for _, promise := range promises {
			rows = append(rows, []string{promise.ID, string(promise.State), promiseSentence(promise, currency)})
		}
		p.table("  ", rows)
	}
	if len(plans) > 0 {
		p.printf("\n%s\n", p.style.bold("Plans"))
		rows := [][]string{}
		for _, plan := range plans {
			rows = append(rows, []string{plan.ID, string(plan.State), planSentence(plan, currency)})
		}
		p.table("  ", rows)
	}
}

// promiseSentence says what came of what was promised, and what is to come next.
func promiseSentence(p strategy.PromiseFound, currency string) string {
	text := fmt.Sprintf("%s of %s %s came in time", p.Received, p.Promised, currency)
	if p.State == loan.PromiseOpen {
		text += fmt.Sprintf("; next %s %s by %s", p.NextAmount, currency, p.NextBy)
	}
	return text
}

// planSentence says what a plan waits for.
func planSentence(p strategy.PlanFound, currency string) string {
	text := Printable(p.Title)
	switch {
	case p.State == hardship.Offered:
		return text + "; it can be accepted until " + p.Expires.String()
	case p.State != hardship.Active:
		return text
	}
	if !p.NextDue.IsZero() {
		text += fmt.Sprintf("; next %s %s on %s", p.NextAmount, currency, p.NextDue)
	}
	if p.Behind != "" {
		text += fmt.Sprintf("; %s %s should have come by now", p.Behind, currency)
	}
	return text
}
