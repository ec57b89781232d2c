package strategy

import (
	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/score"
)

// Risk is how likely a loan is to go wrong, and who says so.
type Risk struct {
	Band   score.Band `json:"band"`
	Points int        `json:"points,omitempty"`
	// Own is set when it is the lender's own word; Card is the scorecard's name and version otherwise.
	Own  bool   `json:"own,omitempty"`
	Card string `json:"card,omitempty"`
	// Reasons are sentences: what is furthest from its best first, three at most.
	Reasons []string `json:"reasons,omitempty"`
}

// assess finds the risk: the lender's own word, or else that of the strategy's scorecard.
func (t *thoughts) assess() Risk {
	if own := t.Journey.Risk; own.Band != "" {
		return Risk{Band: own.Band, Points: own.Points, Own: true}
	}
	card := t.Strategy.card
	if card == nil || !t.begun {
		return Risk{}
	}
	result := card.Score(t.past().facts)
	r := Risk{Band: result.Band, Points: result.Points, Card: card.Name + "@" + card.Version}
	for _, reason := range result.Reasons {
		if reason.Value != nil && reason.Short > 0 && len(r.Reasons) < 3 {
			r.Reasons = append(r.Reasons, reason.Sentence)
		}
	}
	return r
}

// past is how the last six months went.
type past struct {
	facts score.Facts
	// late are installments that were paid late or are missing, kept are promises.
	late, kept int
}

// past reads from the journey what a scorecard may ask, as [score.Known] says it.
func (t *thoughts) past() past {
	if t.pastSix != nil {
		return *t.pastSix
	}
	on := t.assessedOn()
	since := on.AddMonths(-6)
	p := past{}
	t.paidPast(&p, since, on)
	t.repliesPast(&p, since)
	t.pastSix = &p
	return p
}

// paidPast is how the installments were paid that fell due in a time.
func (t *thoughts) paidPast(p *past, since, on bizclock.Date) {
	due, lastDue, lastLate := 0, bizclock.Date{}, bizclock.Date{}
	worst := map[bool]int{} // whether in the last three months
	halves := map[bool]bool{}
	paid, charged := decimal.Decimal{}, decimal.Decimal{}
	for _, i := range t.status.Installments {
		if !i.Due.After(since) || !i.Due.Before(on) || i.Charged.Total().IsZero() {
			continue
		}
		due++
		paid, charged = sumOf(paid, i.Paid), sumOf(charged, i.Charged.Total())
		lastDue = latest(lastDue, i.Due)
		end := i.Cleared
		if end.IsZero() || end.After(on) {
			end = on
		}
		recent := i.Due.After(on.AddMonths(-3))
		halves[recent] = true
		if months := monthsLate(i.Due, end); months > 0 {
			p.late++
			lastLate = latest(lastLate, i.Due)
			worst[recent] = max(worst[recent], months)
		}
	}
	now := 0
	if oldest := t.status.PastDueSince; !oldest.IsZero() {
		now = monthsLate(oldest, latest(on, oldest))
	}
	p.facts.MonthsLateNow = &now
	if principal := t.Journey.Contract.Principal; principal.IsPos() {
		p.facts.OutstandingShare = share(t.status.Outstanding, principal, 1000)
	}
	if due == 0 {
		return
	}
	most := max(worst[true], worst[false])
	lateShare, ago := p.late*100/due, 6
	if !lastLate.IsZero() {
		for ago = 0; ago < 6 && !lastLate.AddMonths(ago+1).After(lastDue); ago++ {
		}
	}
	p.facts.LateShare, p.facts.WorstMonthsLate, p.facts.MonthsSinceLate = &lateShare, &most, &ago
	p.facts.PaidShare = share(paid, charged, 100)
	if halves[true] && halves[false] {
		trend := worst[true] - worst[false]
		p.facts.LateTrend = &trend
	}
}

// monthsLate is by how many months a date lies after a due date; a month that has begun counts whole.
func monthsLate(due, end bizclock.Date) (months int) {
	for months < 600 && due.AddMonths(months).Before(end) {
		months++
	}
	return months
}

// share returns how many percent a part is of a whole, rounded down, from 0 to most; nil when the whole is nothing.
func share(part, whole decimal.Decimal, most int) *int {
	if !whole.IsPos() {
		return nil
	}
	hundred, err := part.Mul(decimal.Hundred)
	if err != nil {
		return &most
	}
	percent, _, err := hundred.QuoRem(whole)
	if err != nil {
		return &most
	}
	units, _, ok := percent.Int64(0)
	n := int(max(0, min(units, int64(most))))
	if !ok {
		n = most
	}
	return &n
}

// repliesPast is what came back since a date, and who was reached.
func (t *thoughts) repliesPast(p *past, since bizclock.Date) {
	told := 0
	heard := t.heardOn()
	for _, h := range t.Journey.Hardships {
		if t.on(h.At).After(since) {
			told++
		}
	}
	p.facts.HardshipsTold = &told
	made, broken := 0, 0
	for _, s := range t.promises {
		if !s.Promise.Made.After(since) {
			continue
		}
		made++
		switch s.State {
		case loan.PromiseKept:
			p.kept++
		case loan.PromiseBroken, loan.PromisePartlyKept:
			broken++
		}
	}
	if made > 0 {
		p.facts.PromisesBroken = &broken
	}
	tried, failed, unanswered := 0, 0, 0
	for _, d := range t.Journey.Done {
		on := t.on(d.At)
		if d.Channel == "" || !on.After(since) {
			continue
		}
		switch d.Result {
		case journey.ResultSent, journey.ResultUncertain:
			tried++
			if on.After(heard) {
				unanswered++
			}
		case journey.ResultBounced, journey.ResultUnreachable:
			tried, failed = tried+d.Times, failed+d.Times
		}
	}
	if tried > 0 {
		percent := failed * 100 / tried
		p.facts.FailedContactShare, p.facts.UnansweredContacts = &percent, &unanswered
	}
}
