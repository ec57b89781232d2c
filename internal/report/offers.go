package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// WriteOffers writes what can be offered in a case of hardship, and what not and why. With whole, each schedule is written
// payment by payment; without, equal payments that follow on one another are one line.
func WriteOffers(w io.Writer, style Style, a hardship.Answer, whole bool) error {
	p := &page{w: w, style: style}
	p.carryingOn(a)
	if len(a.Offers) == 0 {
		p.printf("\nNothing can be offered.\n")
	}
	for n, o := range a.Offers {
		p.printf("\n%d. %s  %s, %s\n", n+1, style.bold(Printable(o.Title)), o.Product, o.Kind)
		for _, sentence := range offerSentences(o, a.Disposable) {
			p.printf("   %s\n", sentence)
		}
		p.printf("\n")
		if whole {
			p.schedule(o.Schedule)
		} else {
			p.runs(o.Schedule)
		}
	}
	if len(a.NotOffered) > 0 {
		p.printf("\n%s\n", style.bold("Not offered"))
	}
	for _, not := range a.NotOffered {
		p.printf("  %s  %s, %s\n", Printable(not.Title), not.Product, not.Kind)
		for _, why := range not.Why {
			p.printf("    %s\n", Printable(why))
		}
	}
	return p.err
}

func (p *page) carryingOn(a hardship.Answer) {
	on := a.CarryingOn
	p.printf("On %s %s %s are owed", a.AsOf, on.Total, a.Currency)
	if on.PastDue.IsPos() {
		p.printf(", %s of it past due", on.PastDue)
	}
	if on.Monthly.IsPos() {
		p.printf("; carrying on takes up to %s a month until %s", on.Monthly, on.LastDue)
	}
	p.printf(".\n")
	switch {
	case a.Disposable == nil:
		p.printf("Income and essential costs are not known, so nobody can say what is affordable.\n")
	case a.Disposable.IsNeg():
		p.printf("Essential costs are %s %s a month more than the income.\n", a.Disposable.Neg(), a.Currency)
	default:
		p.printf("After essential costs %s %s a month are left.\n", a.Disposable, a.Currency)
	}
}

// offerSentences say what an offer means for the borrower, who has so much left in a month, if that is known.
func offerSentences(o hardship.Offer, left *decimal.Decimal) []string {
	money := func(d decimal.Decimal) string { return d.String() + " " + o.Currency }
	takes := "Up to " + money(o.Monthly) + " a month"
	if o.Months == 1 {
		takes = money(o.Monthly)
	}
	takes += fmt.Sprintf(", %s from %s on, %s in all", Count(int64(len(o.Schedule)), "payment"), o.FirstPayment, money(o.Total))
	switch o.Difference.Sign() {
	case 1:
		takes += ": " + money(o.Difference) + " more than carrying on."
	case -1:
		takes += ": " + money(o.Difference.Neg()) + " less than carrying on."
	default:
		takes += ": as much as carrying on."
	}
	all := []string{takes}
	if o.MonthlyMore.IsPos() {
		all = append(all, "In its dearest month it takes "+money(o.MonthlyMore)+" more than the installments alone, without what is past due.")
	}
	switch {
	case o.Affordable == nil:
	case !*o.Affordable:
		all = append(all, "It is more than the borrower has left.")
	case left != nil && o.Monthly.Cmp(*left) > 0:
		all = append(all, "The borrower can afford it: it asks for more than is left now only once the trouble is expected to be over.")
	default:
		all = append(all, "The borrower can afford it.")
	}
	if waived := waivedParts(o.Waived); waived != "" {
		all = append(all, "Waived: "+waived+".")
	}
	for _, beyond := range o.Beyond {
		all = append(all, "Only when a person decides so: "+Printable(beyond))
	}
	return append(all, breakSentence(o), "It can be accepted until "+o.Expires.String()+".")
}

func waivedParts(r hardship.Relief) (text string) {
	for _, part := range []struct {
		name   string
		amount decimal.Decimal
	}{{"interest", r.Interest}, {"fees", r.Fee}, {"principal", r.Principal}} {
		if !part.amount.IsPos() {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += part.amount.String() + " of " + part.name
	}
	return text
}

func breakSentence(o hardship.Offer) string {
	text := fmt.Sprintf("It breaks when %s missed, or one is more than %s late", countMissed(o.Breaks.Missed), Count(int64(o.Breaks.DaysLate), "day"))
	if !o.Waived.IsZero() {
		after := "stays waived"
		if o.Restores {
			after = "is then owed again"
		}
		text += "; what was waived " + after
	}
	if o.Reinstatement == hardship.Once {
		return text + ". It can be taken up again once."
	}
	return text + "."
}

func countMissed(n int) string {
	if n == 1 {
		return "a payment is"
	}
	return strconv.Itoa(n) + " payments are"
}

// schedule writes each payment.
func (p *page) schedule(schedule []loan.Installment) {
	scale := schedule[0].Principal.Scale()
	rows := [][]string{{"DUE", "PRINCIPAL", "INTEREST", "FEE", "TOTAL"}}
	for _, i := range schedule {
		rows = append(rows, []string{
			i.Due.String(), i.Principal.String(), i.Interest.Rescale(scale).String(), i.Fee.Rescale(scale).String(), i.Total().Rescale(scale).String(),
		})
	}
	p.table("   ", rows)
}

// runs writes equal payments that follow on one another as one line.
func (p *page) runs(schedule []loan.Installment) {
	rows := [][]string{{"PAYMENTS", "EACH", "FROM", "TO"}}
	for n := 0; n < len(schedule); {
		each, last := schedule[n].Total(), n
		for last+1 < len(schedule) && schedule[last+1].Total().Cmp(each) == 0 {
			last++
		}
		rows = append(rows, []string{strconv.Itoa(last - n + 1), each.String(), schedule[n].Due.String(), schedule[last].Due.String()})
		n = last + 1
	}
	p.table("   ", rows)
}
