package strategy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// CapRule stands for the strategy's own cap on messages in a month.
const CapRule = "strategy/monthly-cap"

// capped returns what is to be said of a message that would be one more than the strategy's cap allows by a channel in the
// calendar month of an instant, and the beginning of the next month; the zero time when it is none.
func (t *thoughts) capped(w want, channel contact.Channel, at time.Time) (compliance.Finding, time.Time) {
	most := t.Strategy.Caps[channel]
	if most == 0 || !slices.Contains([]contact.Purpose{contact.Collection, contact.Informational, contact.Survey}, w.purpose) {
		return compliance.Finding{}, time.Time{}
	}
	year, month, _ := bizclock.DateOf(at.In(t.zone)).Civil()
	begins := bizclock.NewDate(year, month, 1)
	used := 0
	for _, d := range t.Journey.Done {
		if on := t.on(d.At); d.Channel == channel && d.Result.Made() && !answered(d) && !on.Before(begins) && on.Before(begins.AddMonths(1)) {
			used += d.Times
		}
	}
	if used < most {
		return compliance.Finding{}, time.Time{}
	}
	next := begins.AddMonths(1).In(t.zone)
	return compliance.Finding{
		Rule: CapRule, Title: "The strategy's cap on messages in a month", Version: t.Strategy.Version, Citation: "The lender's own strategy",
		Strength: compliance.Hard, Verdict: compliance.Defer, Count: used, Max: most, Until: next.UTC(),
		Why: fmt.Sprintf("%d of %d messages of this loan by %s in the month were used", used, most, channel),
	}, next
}

// answered reports whether an entry of what was done answers what the borrower wrote: that is not counted.
func answered(d journey.Done) bool {
	treatment, _, _ := strings.Cut(d.Key, "@")
	if treatment == stopConfirmed || treatment == event.PromiseNoted {
		return true
	}
	for _, answer := range answers {
		if treatment == answer {
			return true
		}
	}
	return false
}
