package strategy

import (
	"fmt"
	"strings"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
)

// lateFee is the treatment that tells the lending system of a late fee. The anchor of its step is the due date of the
// installment and the amount, such as late-fee@2026-02-01/15.00.
const lateFee = "late-fee"

// lateFees tells the lending system of each late fee that its terms have Tender work out, so that its books and the
// borrower's messages name the same amount; and anew when a posting with an older value date changes one, or undoes it.
// Where a plan governs, fees rest and the plan has told of what was charged before; and what happened longer than a year ago
// was told.
func (t *thoughts) lateFees() (all []want) {
	j := t.Journey
	if !t.chargesLateFees() || !j.Settled.IsZero() {
		return nil
	}
	for n, i := range j.Contract.Schedule {
		if i.Due.After(t.today) || t.today.Sub(i.Due) > 365 || n > 0 && j.Contract.Schedule[n-1].Due == i.Due {
			continue // of installments with one due date the first speaks for all
		}
		now, on := decimal.Zero, t.today
		for _, c := range t.charged {
			if c.Installment == i.Due {
				now, on = sumOf(now, c.Amount), c.On.AddDays(1) // the whole day may still bring a payment
			}
		}
		told, times := t.toldLateFee(i.Due)
		if now.Cmp(told) == 0 {
			continue
		}
		amount := loan.Write(now, j.Contract.Currency)
		w := want{
			key: fmt.Sprintf("%s@%s/%s", lateFee, i.Due, amount), kind: journey.Tell, date: on, reason: "late_fee",
			stale: now.IsPos() && !j.NoWatermarks && t.Watermark.Before(on.AddDays(-1)),
			fill:  map[string]string{"installment": i.Due.String(), "amount": amount, "currency": j.Contract.Currency},
		}
		if times > 0 {
			w.key += fmt.Sprintf("/%d", times+1)
		}
		if now.IsPos() {
			w.fill["charged_on"] = on.AddDays(-1).String()
		}
		all = append(all, w)
	}
	return all
}

// chargesLateFees reports whether late fees are worked out now.
func (t *thoughts) chargesLateFees() bool {
	j := t.Journey
	return t.begun && t.plan == nil && !j.Contract.LateFee.IsZero() && j.Cancelled.IsZero()
}

// toldLateFee returns what the lending system was told last of an installment's late fee, and how often it was told of it.
func (t *thoughts) toldLateFee(due bizclock.Date) (told decimal.Decimal, times int) {
	for _, d := range t.Journey.Done {
		anchor, ok := strings.CutPrefix(d.Key, key(lateFee, due)+"/")
		if !ok || !d.Result.Final() {
			continue
		}
		anchor, _, _ = strings.Cut(anchor, "/")
		if amount, err := decimal.Parse(anchor); err == nil {
			told, times = amount, times+1
		}
	}
	return told, times
}

// lateFeeDates are dates ahead on which a late fee will have been charged if nothing is paid.
func (t *thoughts) lateFeeDates() (dates []bizclock.Date) {
	if !t.chargesLateFees() {
		return nil
	}
	for _, i := range t.status.Installments {
		if i.Cleared.IsZero() {
			on := t.ledger.LateFeeOn(i.Due)
			dates = append(dates, on, on.AddDays(1))
		}
	}
	return dates
}

// sumOf adds two late fees, which are parts of a loan and far from any limit.
func sumOf(a, b decimal.Decimal) decimal.Decimal {
	total, err := a.Add(b)
	if err != nil {
		return a
	}
	return total
}
