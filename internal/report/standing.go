package report

import (
	"fmt"
	"io"
	"strconv"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// Standing is where a loan stands at the end of a date, as its ledger has it. Amounts are in Currency, written with its
// minor units; dates that there are none of are null.
type Standing struct {
	AsOf     bizclock.Date `json:"as_of"`
	Currency string        `json:"currency"`
	// PastDueSince is the oldest unpaid due date before AsOf, and PastDueDays how many days ago it was.
	PastDueDays  int            `json:"past_due_days"`
	PastDueSince *bizclock.Date `json:"past_due_since"`
	// DelinquentSince is PastDueSince plus the days of grace, and may lie ahead. DelinquentDays are the past-due days
	// without grace and without paused ones.
	DelinquentDays  int            `json:"delinquent_days"`
	DelinquentSince *bizclock.Date `json:"delinquent_since"`
	// DelinquentAmount is all that is past due and not disputed, and Bucket the range that DelinquentDays lies in.
	DelinquentAmount string `json:"delinquent_amount"`
	Bucket           string `json:"bucket"`
	// DueToday is what falls due on AsOf and is unpaid. NextDue is the first date, AsOf or later, on which something unpaid
	// is due; NextAmount is what.
	DueToday   string         `json:"due_today"`
	NextDue    *bizclock.Date `json:"next_due"`
	NextAmount string         `json:"next_amount"`
	// Outstanding is all that is unpaid, due or not, and Disputed the part of it that is disputed. Credit is what was paid
	// beyond all that can be paid, and WrittenOff what the lender lost in its books.
	Outstanding string `json:"outstanding"`
	Disputed    string `json:"disputed"`
	Credit      string `json:"credit"`
	WrittenOff  string `json:"written_off"`
	// Installments are in the order of due dates, with what was charged by itself.
	Installments []StandingInstallment `json:"installments"`
	// Buckets are the times in buckets other than current.
	Buckets []Stay `json:"bucket_history"`

	status loan.Status
}

// StandingInstallment is where one installment stands.
type StandingInstallment struct {
	Due bizclock.Date `json:"due"`
	// Principal, Interest, Fee and Total are what is due in all, later fees included.
	Parts
	Total string `json:"total"`
	// Paid, Waived and Outstanding add up to Total; Unpaid are the parts of Outstanding.
	Paid        string `json:"paid"`
	Waived      string `json:"waived"`
	Unpaid      Parts  `json:"unpaid"`
	Outstanding string `json:"outstanding"`
	// Cleared is the date on which nothing was left of it.
	// Disputed is the part of Outstanding that is disputed.
	Disputed       string         `json:"disputed"`
	Cleared        *bizclock.Date `json:"cleared"`
	PastDueDays    int            `json:"past_due_days"`
	DelinquentDays int            `json:"delinquent_days"`
	Bucket         string         `json:"bucket"`
}

// Parts are the parts of an installment.
type Parts struct {
	Principal string `json:"principal"`
	Interest  string `json:"interest"`
	Fee       string `json:"fee"`
}

// Stay is a time in a bucket: from the first date in it, up to but not including the first date out of it.
type Stay struct {
	Bucket  string         `json:"bucket"`
	Entered bizclock.Date  `json:"entered"`
	Left    *bizclock.Date `json:"left"`
}

// Stand returns where a loan stands at the end of a date.
func Stand(l *loan.Ledger, asOf bizclock.Date) Standing {
	write := func(amount decimal.Decimal) string { return loan.Write(amount, l.Currency) }
	parts := func(i loan.Installment) Parts { return Parts{write(i.Principal), write(i.Interest), write(i.Fee)} }
	s := l.Status(asOf)
	standing := Standing{
		AsOf: asOf, Currency: l.Currency, PastDueDays: s.PastDueDays, PastDueSince: orNull(s.PastDueSince),
		DelinquentDays: s.DelinquentDays, DelinquentSince: orNull(s.DelinquentSince),
		DelinquentAmount: write(s.PastDue), Bucket: s.Bucket,
		DueToday: write(s.DueToday), NextDue: orNull(s.Next), NextAmount: write(s.NextAmount),
		Outstanding: write(s.Outstanding), Disputed: write(s.Disputed), Credit: write(s.Credit), WrittenOff: write(s.WrittenOff),
		Installments: make([]StandingInstallment, len(s.Installments)), Buckets: []Stay{}, status: s,
	}
	for n, i := range s.Installments {
		standing.Installments[n] = StandingInstallment{
			Due: i.Due, Parts: parts(i.Charged), Total: write(i.Charged.Total()), Paid: write(i.Paid), Waived: write(i.Waived),
			Unpaid: parts(i.Unpaid), Outstanding: write(i.Unpaid.Total()), Disputed: write(i.Disputed), Cleared: orNull(i.Cleared),
			PastDueDays: i.PastDueDays, DelinquentDays: i.DelinquentDays, Bucket: i.Bucket,
		}
	}
	for _, stay := range l.BucketHistory(asOf) {
		standing.Buckets = append(standing.Buckets, Stay{stay.Bucket, stay.Entered, orNull(stay.Left)})
	}
	return standing
}

// orNull returns a date that JSON writes as null when there is none.
func orNull(date bizclock.Date) *bizclock.Date {
	if date.IsZero() {
		return nil
	}
	return &date
}

// Write writes where the loan stands as text: what is past due, what comes next, how each installment stands.
func (s Standing) Write(w io.Writer, style Style) error {
	p := page{w: w, style: style}
	p.printf("On %s, %s\n", s.AsOf, style.paint(s.paint(), s.pastDue()))
	switch {
	case s.status.DueToday.IsPos():
		p.printf("%s %s is due on this day.\n", s.DueToday, s.Currency)
	case s.NextDue != nil:
		p.printf("Next, %s %s is due on %s.\n", s.NextAmount, s.Currency, s.NextDue)
	}
	switch {
	case s.status.Outstanding.IsZero():
		p.printf("Nothing is outstanding.\n")
	case s.status.Disputed.IsPos():
		p.printf("In all, %s %s is outstanding, of which %s is disputed.\n", s.Outstanding, s.Currency, s.Disputed)
	default:
		p.printf("In all, %s %s is outstanding.\n", s.Outstanding, s.Currency)
	}
	if s.status.Credit.IsPos() {
		p.printf("%s %s was paid beyond that, and lies with the lender as credit.\n", s.Credit, s.Currency)
	}
	if s.status.WrittenOff.IsPos() {
		p.printf("A write-off of %s %s stands in the lender's books; it forgives nothing.\n", s.WrittenOff, s.Currency)
	}
	p.printf("\n")
	p.standingInstallments(s)
	if len(s.Buckets) > 0 {
		p.printf("\n")
		rows := [][]string{{"BUCKET", "ENTERED", "LEFT"}}
		for _, stay := range s.Buckets {
			rows = append(rows, []string{stay.Bucket, stay.Entered.String(), written(stay.Left)})
		}
		p.table("  ", rows)
	}
	return p.err
}

// written writes a date, or nothing for none.
func written(date *bizclock.Date) string {
	if date == nil {
		return ""
	}
	return date.String()
}

func (s Standing) paint() paint {
	switch {
	case s.DelinquentDays > 0:
		return yellow
	case s.status.Settled():
		return green
	}
	return plain
}

// pastDue says since when how much is past due.
func (s Standing) pastDue() string {
	if s.PastDueSince == nil {
		return "nothing is past due."
	}
	text := fmt.Sprintf("%s %s is past due.\nThe oldest of it was due on %s, %s before",
		s.DelinquentAmount, s.Currency, s.PastDueSince, Count(int64(s.PastDueDays), "day"))
	switch {
	case s.DelinquentDays > 0:
		return text + fmt.Sprintf("; %s of delinquency, bucket %s.", Count(int64(s.DelinquentDays), "day"), s.Bucket)
	case s.AsOf.After(*s.DelinquentSince):
		return text + "; the days beyond grace are paused."
	}
	return text + fmt.Sprintf("; grace ends with %s.", s.DelinquentSince)
}

// standingInstallments writes a table of installments.
func (p *page) standingInstallments(s Standing) {
	var charged, paid, waived decimal.Decimal
	rows := [][]string{{"NO", "DUE", "TOTAL", "PAID", "WAIVED", "UNPAID", "STANDS"}}
	for n, i := range s.Installments {
		rows = append(rows, []string{strconv.Itoa(n + 1), i.Due.String(), i.Total, i.Paid, i.Waived, i.Outstanding, s.stands(n)})
		one := s.status.Installments[n]
		charged, _ = charged.Add(one.Charged.Total()) // amounts of a ledger that was validated do not overflow
		paid, _ = paid.Add(one.Paid)
		waived, _ = waived.Add(one.Waived)
	}
	write := func(amount decimal.Decimal) string { return loan.Write(amount, s.Currency) }
	rows = append(rows, []string{"", "in all", write(charged), write(paid), write(waived), s.Outstanding, ""})
	if waived.IsZero() {
		rows = without(rows, 4)
	}
	p.figures(rows, 1, len(rows[0])-1)
}

// stands says in words how an installment stands, and what of it is disputed.
func (s Standing) stands(n int) string {
	i := s.status.Installments[n]
	text := s.age(i)
	if i.Disputed.IsPos() && text != disputed {
		text += fmt.Sprintf("; %s of it disputed", loan.Write(i.Disputed, s.Currency))
	}
	return text
}

// disputed is how an installment stands of which all that is unpaid is disputed.
const disputed = "disputed"

// age says in words how old an installment is.
func (s Standing) age(i loan.InstallmentStatus) string {
	switch ahead := i.Due.Sub(s.AsOf); {
	case !i.Cleared.IsZero() && i.Waived.IsZero():
		return "paid on " + i.Cleared.String()
	case !i.Cleared.IsZero():
		return "cleared on " + i.Cleared.String()
	case i.DelinquentDays > 0:
		return fmt.Sprintf("%s past due, %d delinquent, bucket %s", Count(int64(i.PastDueDays), "day"), i.DelinquentDays, i.Bucket)
	case i.PastDueDays > 0:
		return Count(int64(i.PastDueDays), "day") + " past due, not delinquent"
	case ahead < 0:
		return disputed
	case ahead == 0:
		return "due on this day"
	default:
		return "due in " + Count(int64(ahead), "day")
	}
}
