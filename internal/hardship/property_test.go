package hardship_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// anyCase draws a loan with some history, a borrower with some means, and some trouble.
func anyCase(t *rapid.T) hardship.Case {
	currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD", "CNY"}).Draw(t, "currency")
	units, err := loan.MinorUnits(currency)
	require.NoError(t, err)
	amount := func(from, to int64, name string) decimal.Decimal {
		return decimal.MustNew(rapid.Int64Range(from, to).Draw(t, name), units)
	}
	begun := bizclock.NewDate(2024, 1, rapid.IntRange(1, 31).Draw(t, "day"))
	every := rapid.SampledFrom([]string{"1mo", "1mo", "1mo", "2w", "10d", "3mo", "1d"}).Draw(t, "every")
	c := hardship.Case{Loan: hardship.Loan{DisbursedOn: begun}, Ledger: loan.Ledger{Currency: currency}}
	c.Loan.Every, err = loan.ParseEvery(every)
	require.NoError(t, err)
	for n := range rapid.IntRange(1, 36).Draw(t, "installments") {
		i := loan.Installment{
			Due: c.Loan.Every.After(begun, n+1), Principal: amount(0, 50_000, "principal"), Interest: amount(0, 9_000, "interest"), Fee: amount(0, 900, "fee"),
		}
		if i.Total().IsPos() {
			c.Ledger.Installments = append(c.Ledger.Installments, i)
		}
	}
	if len(c.Ledger.Installments) == 0 {
		c.Ledger.Installments = []loan.Installment{{Due: begun.AddDays(30), Principal: decimal.MustNew(100_00, units)}}
	}
	c.AsOf = begun.AddDays(rapid.IntRange(0, 900).Draw(t, "as of"))
	c.Ledger.Transactions = anyTransactions(t, units, begun, c.AsOf.Sub(begun))
	if rapid.Bool().Draw(t, "rate known") {
		c.Loan.Rate = decimal.MustNew(rapid.Int64Range(0, 30_000).Draw(t, "rate"), 4)
		c.Loan.DayCount = rapid.SampledFrom(loan.DayCounts).Draw(t, "day count")
		c.Loan.Method = rapid.SampledFrom(loan.Methods).Draw(t, "method")
	}
	if rapid.Bool().Draw(t, "means known") {
		c.Income = &loan.Money{Amount: amount(0, 500_000, "income"), Currency: currency}
		c.EssentialCosts = &loan.Money{Amount: amount(0, 300_000, "costs"), Currency: currency}
	}
	c.Cause = rapid.SampledFrom(append([]hardship.Cause{""}, hardship.Causes...)).Draw(t, "cause")
	c.ExpectedMonths = rapid.IntRange(0, 40).Draw(t, "expected")
	if rapid.Bool().Draw(t, "pays from") {
		c.PayFrom = c.AsOf.AddDays(rapid.IntRange(1, 100).Draw(t, "from"))
	}
	return c
}

// anyTransactions draws what was posted within some days.
func anyTransactions(t *rapid.T, units int, from bizclock.Date, days int) (all []loan.Transaction) {
	var payments []loan.Transaction
	for n := range rapid.IntRange(0, 12).Draw(t, "transactions") {
		x := loan.Transaction{
			ID: fmt.Sprintf("T%d", n), Kind: rapid.SampledFrom([]loan.Kind{loan.Payment, loan.Payment, loan.Payment, loan.Fee, loan.Waiver, loan.Refund, loan.Reversal}).Draw(t, "kind"),
			ValueDate: from.AddDays(rapid.IntRange(0, days).Draw(t, "value date")),
			Amount:    decimal.MustNew(rapid.Int64Range(1, 60_000).Draw(t, "amount"), units),
		}
		if x.Kind == loan.Reversal {
			if len(payments) == 0 {
				continue
			}
			of := rapid.SampledFrom(payments).Draw(t, "reverses")
			x.Reverses, x.Amount = of.ID, x.Amount.Min(of.Amount)
		}
		if x.Kind == loan.Payment {
			payments = append(payments, x)
		}
		all = append(all, x)
	}
	return all
}

// products are the shipped ones, and those of the test, for everybody, in every kind, with every treatment.
func products(t require.TestingT) []*hardship.Product {
	all, err := hardship.Load("")
	require.NoError(t, err)
	n := 0
	add := func(kind hardship.Kind, months, terms string) {
		p := product(t, kind, months, terms, "restores: true", "reinstate: once")
		n++
		p.Name = fmt.Sprintf("test-%d", n)
		all = append(all, p)
	}
	for _, interest := range []string{"interest: accrues", "interest: waived", "interest: reduced, rate_bps: 300"} {
		for _, fees := range []string{"kept", "waived"} {
			rest := "{" + interest + ", fees: " + fees
			add(hardship.Deferral, "{min: 1, max: 6}", rest+"}")
			add(hardship.ReducedPayments, "{min: 1, max: 6}", rest+", pay_percent: {min: 10, max: 90}, extend_months: 12}")
			add(hardship.TermExtension, "{min: 1, max: 24}", rest+`, multiple: "10"}`)
			add(hardship.ReAge, "{min: 1, max: 12}", rest+"}")
			add(hardship.InstalmentPlan, "{min: 1, max: 60}", rest+`, multiple: "50"}`)
			if interest != "interest: accrues" {
				add(hardship.RateReduction, "{min: 3, max: 24}", rest+", extend_months: 6}")
			}
		}
	}
	add(hardship.FeeWaiver, "{min: 1, max: 3}", "{fees: waived}")
	add(hardship.Settlement, "{min: 1, max: 3}", "{settle_percent: 60}")
	return all
}

// some draws two of the products: over all cases each is drawn often enough, and two can be compared.
func some(t *rapid.T, all []*hardship.Product) []*hardship.Product {
	return rapid.Permutation(all).Draw(t, "products")[:2]
}

func TestAScheduleSumsToWhatItPromises(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		all := some(t, all)
		a, err := hardship.Offers(c, all)
		require.NoError(t, err)
		require.Len(t, all, len(a.Offers)+len(a.NotOffered))
		status := c.Ledger.Status(c.AsOf)
		require.Zero(t, a.CarryingOn.Total.Cmp(status.Outstanding))
		for _, o := range a.Offers {
			require.NoError(t, hardship.Plan{ID: "P", Offer: o}.Validate(), o.Product)
			principal, fee, all, month, most := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
			for n, i := range o.Schedule {
				require.True(t, i.Due.After(c.AsOf), "%s: nothing is due at once", o.Product)
				require.Positive(t, i.Total().Sign())
				require.False(t, i.Principal.IsNeg() || i.Interest.IsNeg() || i.Fee.IsNeg(), "%s: %v", o.Product, i)
				principal, fee, all = plus(t, principal, i.Principal), plus(t, fee, i.Fee), plus(t, all, i.Total())
				if n == 0 || i.Due.String()[:7] != o.Schedule[n-1].Due.String()[:7] {
					month = decimal.Zero
				}
				month = plus(t, month, i.Total())
				most = most.Max(month)
			}
			require.Zero(t, o.Total.Cmp(all), o.Product)
			require.Zero(t, o.Monthly.Cmp(most), o.Product)
			require.Zero(t, plus(t, principal, o.Waived.Principal).Cmp(status.OutstandingPrincipal), "%s: principal is paid or waived", o.Product)
			require.Zero(t, plus(t, o.Total, o.Waived.Total()).Cmp(plus(t, o.CarryingOn, o.InterestAdded)), o.Product)
			require.Zero(t, plus(t, o.CarryingOn, o.Difference).Cmp(o.Total), o.Product)
			require.False(t, o.Waived.Interest.IsNeg() || o.Waived.Fee.IsNeg() || o.Waived.Principal.IsNeg(), o.Product)
			require.True(t, o.MonthlyMore.Sign() >= 0 && plus(t, a.CarryingOn.Monthly, o.MonthlyMore).Cmp(o.Monthly) >= 0, "%s: says when it costs more a month", o.Product)
			require.Equal(t, a.Disposable != nil, o.Affordable != nil)
			if o.Affordable != nil {
				require.True(t, *o.Affordable || o.Monthly.Cmp(*a.Disposable) > 0, o.Product)
				over := c.AsOf.AddMonths(c.ExpectedMonths)
				for _, i := range o.Schedule {
					if *o.Affordable && (c.ExpectedMonths == 0 || i.Due.Before(over)) {
						require.LessOrEqual(t, i.Total().Cmp(*a.Disposable), 0, o.Product)
					}
				}
			}
			require.False(t, o.Expires.Before(o.AsOf) || o.Expires.After(c.AsOf.AddDays(90)))
			require.LessOrEqual(t, o.Months, len(o.Schedule))
		}
	})
}

func TestTheBestForTheBorrowerComesFirst(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		a, err := hardship.Offers(anyCase(t), some(t, all))
		require.NoError(t, err)
		for n := 1; n < len(a.Offers); n++ {
			better, worse := a.Offers[n-1], a.Offers[n]
			affords := func(o hardship.Offer) bool { return o.Affordable != nil && *o.Affordable }
			if affords(better) != affords(worse) {
				require.True(t, affords(better))
				continue
			}
			if c := better.Total.Cmp(worse.Total); c != 0 {
				require.Negative(t, c)
				continue
			}
			require.LessOrEqual(t, better.Monthly.Cmp(worse.Monthly), 0)
		}
	})
}

// anyPlan draws a plan that was accepted, and the transactions of its loan until the offer.
func anyPlan(t *rapid.T, all []*hardship.Product) (hardship.Plan, []loan.Transaction) {
	c := anyCase(t)
	a, err := hardship.Offers(c, some(t, all))
	require.NoError(t, err)
	if len(a.Offers) == 0 {
		t.SkipNow()
	}
	o := rapid.SampledFrom(a.Offers).Draw(t, "offer")
	p, err := hardship.Plan{ID: "P-1", Offer: o}.Accept(o.AsOf, hardship.ByReply)
	require.NoError(t, err)
	return p, c.Ledger.Transactions
}

func TestPayingAsTheScheduleSaysEndsCompleted(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		p, posted := anyPlan(t, all)
		for n, i := range p.Schedule {
			g := hardship.Track(p, posted, i.Due)
			require.Equal(t, hardship.Active, g.State)
			require.Zero(t, g.Missed)
			require.Equal(t, i.Due, g.NextDue)
			require.Zero(t, g.NextAmount.Cmp(i.Total()))
			late := rapid.IntRange(0, p.Breaks.GraceDays).Draw(t, "late")
			if n+1 < len(p.Schedule) {
				late = min(late, p.Schedule[n+1].Due.Sub(i.Due)-1)
			}
			posted = append(posted, loan.Transaction{ID: fmt.Sprintf("K%d", n), Kind: loan.Payment, ValueDate: i.Due.AddDays(late), Amount: i.Total()})
		}
		last := posted[len(posted)-1].ValueDate
		for _, on := range []bizclock.Date{last, last.AddDays(5000)} {
			g := hardship.Track(p, posted, on)
			require.Equal(t, hardship.Completed, g.State)
			require.Equal(t, last, g.CompletedOn)
			require.Zero(t, g.Paid.Cmp(p.Total))
			require.True(t, g.Left.IsZero() && g.Behind.IsZero() && g.NextDue.IsZero())
		}
	})
}

func TestNeverPayingEndsBroken(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		p, posted := anyPlan(t, all)
		first := p.Schedule[0].Due
		for on := first.AddDays(-1); !on.After(first.AddDays(p.Breaks.GraceDays)); on = on.AddDays(1) {
			require.Equal(t, hardship.Active, hardship.Track(p, posted, on).State)
		}
		latest := first.AddDays(p.Breaks.DaysLate + 1)
		g := hardship.Track(p, posted, latest)
		require.Equal(t, hardship.Broken, g.State)
		require.False(t, g.BrokenOn.After(latest))
		require.True(t, g.Behind.IsPos())
		require.Equal(t, g.BrokenOn, hardship.Track(p, posted, latest.AddDays(1000)).BrokenOn, "the day of the break stays")
		require.Equal(t, hardship.Active, hardship.Track(p, posted, g.BrokenOn.AddDays(-1)).State)
		if !g.MayReinstate {
			require.Equal(t, hardship.Never, p.Reinstatement)
			return
		}
		again, err := p.Reinstate(posted, latest)
		require.NoError(t, err)
		require.NoError(t, again.Validate())
		require.Equal(t, hardship.Active, hardship.Track(again, posted, latest).State)
		require.Zero(t, hardship.Track(again, posted, latest).Missed)
		g = hardship.Track(again, posted, again.Schedule[0].Due.AddDays(p.Breaks.DaysLate+1))
		require.Equal(t, hardship.Broken, g.State)
		require.False(t, g.MayReinstate, "once is once")
	})
}

func TestAnyOrderOfArrivalGivesTheSameProgress(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		p, posted := anyPlan(t, all)
		for _, x := range anyTransactions(t, p.Total.Scale(), p.AsOf.AddDays(-20), 200) {
			if x.ID, x.Reverses = "N"+x.ID, "N"+x.Reverses; x.Kind != loan.Reversal {
				x.Reverses = ""
			}
			posted = append(posted, x)
		}
		on := p.AsOf.AddDays(rapid.IntRange(0, 400).Draw(t, "days"))
		want := hardship.Track(p, posted, on)
		shuffled := rapid.Permutation(posted).Draw(t, "order")
		require.Equal(t, want, hardship.Track(p, shuffled, on))
		require.Equal(t, want, hardship.Track(p, slices.Concat(shuffled, posted[:min(1, len(posted))]), on), "sent twice, it counts once")
		later := slices.DeleteFunc(slices.Clone(posted), func(x loan.Transaction) bool { return x.ValueDate.After(on) })
		require.Equal(t, want, hardship.Track(p, later, on), "what lies ahead has no part in it")
	})
}

// ledger is the loan's ledger under a plan.
func ledger(p hardship.Plan, posted []loan.Transaction, g hardship.Progress) loan.Ledger {
	l := loan.Ledger{Currency: p.Currency, Installments: p.Obligations(g)}
	for _, x := range posted {
		if x.Kind != loan.Fee && x.Kind != loan.Waiver {
			l.Transactions = append(l.Transactions, x)
		}
	}
	return l
}

func TestTheObligationsUnderAPlanAreJudgedAsThePlanIs(t *testing.T) {
	t.Parallel()
	all := products(t)
	rapid.Check(t, func(t *rapid.T) {
		p, posted := anyPlan(t, all)
		posted = slices.DeleteFunc(posted, func(x loan.Transaction) bool { return x.Kind == loan.Refund })
		if p.Before.IsNeg() {
			t.SkipNow()
		}
		for n := range rapid.IntRange(0, 6).Draw(t, "payments") {
			posted = append(posted, loan.Transaction{
				ID: fmt.Sprintf("K%d", n), Kind: loan.Payment, ValueDate: p.AsOf.AddDays(rapid.IntRange(1, 300).Draw(t, "on")),
				Amount: decimal.MustNew(rapid.Int64Range(1, 60_000).Draw(t, "amount"), p.Total.Scale()),
			})
		}
		on := p.AsOf.AddDays(rapid.IntRange(1, 400).Draw(t, "days"))
		g := hardship.Track(p, posted, on)
		if g.State == hardship.Broken || g.Paid.IsNeg() {
			return
		}
		l := ledger(p, posted, g)
		require.NoError(t, l.Validate())
		s := l.Status(on)
		require.Equal(t, g.PastDueSince, s.PastDueSince)
		require.Equal(t, g.NextDue, s.Next)
	})
}
