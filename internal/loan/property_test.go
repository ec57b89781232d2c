package loan_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

var january = day("2026-01-01")

// drawLedger draws a ledger that Validate takes: any schedule, any postings, any allocation.
func drawLedger(t *rapid.T) loan.Ledger {
	cents := func(name string, most int64) decimal.Decimal {
		return decimal.MustNew(rapid.Int64Range(0, most).Draw(t, name), 2)
	}
	l := loan.Ledger{Currency: "USD", GraceDays: rapid.IntRange(0, 5).Draw(t, "grace")}
	due, dues := january, []bizclock.Date(nil)
	for range rapid.IntRange(1, 8).Draw(t, "installments") {
		due = due.AddDays(rapid.IntRange(0, 31).Draw(t, "period"))
		dues = append(dues, due)
		l.Installments = append(l.Installments, loan.Installment{
			Due: due, Principal: decimal.MustNew(rapid.Int64Range(1, 200_00).Draw(t, "principal"), 2), Interest: cents("interest", 20_00), Fee: cents("fee", 5_00),
		})
	}
	l.Transactions = drawTransactions(t, dues)
	if rapid.Bool().Draw(t, "by component") {
		l.Allocation.Way = loan.ByComponent
	}
	l.Allocation.Components = rapid.Permutation(loan.Components).Draw(t, "components")
	l.Allocation.Ahead = rapid.SampledFrom([]loan.Ahead{loan.NextFirst, loan.LastFirst}).Draw(t, "ahead")
	if rapid.Bool().Draw(t, "another order later") {
		l.Allocation.Later = []loan.LaterOrder{{FromDays: rapid.IntRange(1, 60).Draw(t, "from"), Order: loan.Order{
			Way: loan.ByComponent, Components: []loan.Component{loan.OfPrincipal, loan.OfInterest, loan.OfFee},
		}}}
	}
	if rapid.Bool().Draw(t, "late fees") {
		l.LateFee = loan.LateFee{Rate: decimal.MustParse("0.05"), AfterDays: rapid.IntRange(1, 20).Draw(t, "after"), CapInAll: money("9.99")}
	}
	if rapid.Bool().Draw(t, "buckets") {
		l.Buckets = loan.Buckets{rapid.IntRange(1, 9).Draw(t, "first bucket"), 10, 11, 45}
	}
	start := january
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		start = start.AddDays(rapid.IntRange(0, 40).Draw(t, "until the pause"))
		end := start.AddDays(rapid.IntRange(0, 40).Draw(t, "pause"))
		l.Pauses, start = append(l.Pauses, loan.Pause{Start: start, End: end}), end
	}
	if rapid.Bool().Draw(t, "dispute") {
		from := january.AddDays(rapid.IntRange(0, 100).Draw(t, "disputed from"))
		l.Disputes = []loan.Dispute{{
			ID: "D-1", From: from, Until: from.AddDays(rapid.IntRange(0, 60).Draw(t, "disputed for")),
			Amount: cents("disputed", 150_00), Component: rapid.SampledFrom([]loan.Component{"", loan.OfFee, loan.OfPrincipal}).Draw(t, "disputed component"),
		}}
	}
	if err := l.Validate(); err != nil {
		t.Fatal(err)
	}
	return l
}

func drawTransactions(t *rapid.T, dues []bizclock.Date) (all []loan.Transaction) {
	kinds := []loan.Kind{loan.Payment, loan.Payment, loan.Payment, loan.Reversal, loan.Refund, loan.Fee, loan.Waiver, loan.Recovery, loan.WriteOff}
	var payments []loan.Transaction
	for n := range rapid.IntRange(0, 14).Draw(t, "transactions") {
		tx := loan.Transaction{
			ID: fmt.Sprintf("T-%d", n), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Amount:    decimal.MustNew(rapid.Int64Range(1, 300_00).Draw(t, "cents"), 2),
			ValueDate: january.AddDays(rapid.IntRange(0, 150).Draw(t, "day")),
		}
		switch tx.Kind {
		case loan.Payment, loan.Recovery:
			if rapid.Bool().Draw(t, "directed") {
				tx.Pays.Component = rapid.SampledFrom([]loan.Component{"", loan.OfFee, loan.OfPrincipal}).Draw(t, "to")
				tx.Pays.Installment = rapid.SampledFrom(append([]bizclock.Date{{}}, dues...)).Draw(t, "to the installment of")
			}
			payments = append(payments, tx)
		case loan.Waiver:
			tx.Of = rapid.SampledFrom([]loan.Component{"", loan.OfFee}).Draw(t, "of")
		case loan.Reversal:
			if len(payments) == 0 {
				continue
			}
			of := rapid.SampledFrom(payments).Draw(t, "reverses")
			tx.Reverses, tx.Amount = of.ID, tx.Amount.Min(of.Amount)
		}
		all = append(all, tx)
	}
	return all
}

func drawDate(t *rapid.T) bizclock.Date {
	return january.AddDays(rapid.IntRange(0, 250).Draw(t, "as of"))
}

// writeStatus writes all of a status, so that two can be compared.
func writeStatus(t require.TestingT, s loan.Status) string {
	text, err := json.MarshalIndent(s, "", " ")
	require.NoError(t, err)
	return string(text)
}

func TestTheOrderInWhichPostingsArriveDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, date := drawLedger(t), drawDate(t)
		want := writeStatus(t, l.Status(date))
		l.Transactions = rapid.Permutation(l.Transactions).Draw(t, "order")
		require.Equal(t, want, writeStatus(t, l.Status(date)))
		l.Transactions = append(l.Transactions, l.Transactions...)
		require.Equal(t, want, writeStatus(t, l.Status(date)), "what arrives twice counts once")
	})
}

func TestAllocatedPartsAddUpToThePayments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, date := drawLedger(t), drawDate(t)
		s := l.Status(date)
		money, undone, back := decimal.Zero, map[string]decimal.Decimal{}, decimal.Zero
		for _, tx := range l.Transactions {
			if tx.Kind == loan.Reversal && !tx.ValueDate.After(date) {
				undone[tx.Reverses] = add(t, undone[tx.Reverses], tx.Amount)
			}
		}
		for _, tx := range l.Transactions {
			switch {
			case tx.ValueDate.After(date):
			case tx.Kind == loan.Payment || tx.Kind == loan.Recovery:
				money = add(t, money, add(t, tx.Amount, undone[tx.ID].Min(tx.Amount).Neg()))
			case tx.Kind == loan.Refund:
				back = add(t, back, tx.Amount)
			}
		}
		allocated, scheduled, charged, outstanding := s.Credit, decimal.Zero, decimal.Zero, decimal.Zero
		for _, i := range s.Installments {
			unpaid := i.Unpaid.Total()
			require.False(t, i.Unpaid.Principal.IsNeg() || i.Unpaid.Interest.IsNeg() || i.Unpaid.Fee.IsNeg(), "less than nothing is owed")
			require.Zero(t, i.Charged.Total().Cmp(add(t, add(t, unpaid, i.Paid), i.Waived)), "each installment is unpaid, paid or waived")
			require.Equal(t, unpaid.IsZero(), !i.Cleared.IsZero())
			allocated, charged, outstanding = add(t, allocated, i.Paid), add(t, charged, i.Charged.Principal), add(t, outstanding, unpaid)
		}
		for _, i := range l.Installments {
			scheduled = add(t, scheduled, i.Principal)
		}
		beyond := add(t, charged, scheduled.Neg()) // what was refunded without having been paid
		require.Zero(t, allocated.Cmp(add(t, money, add(t, back, beyond.Neg()).Neg())), "allocated %s of %s, %s went back", allocated, money, back)
		require.Zero(t, outstanding.Cmp(s.Outstanding))
		require.False(t, s.PastDue.Cmp(s.Outstanding) > 0)
		require.Equal(t, s.PastDueSince.IsZero(), s.PastDue.IsZero())
		require.Equal(t, s.PastDueSince.IsZero(), s.PastDueDays == 0)
		require.False(t, !s.Next.IsZero() && s.Next.Before(date))
	})
}

func TestPayingWhatIsPastDueEndsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, date := drawLedger(t), drawDate(t)
		s := l.Status(date)
		if s.PastDue.IsZero() {
			return
		}
		l.Transactions = append(l.Transactions, loan.Transaction{ID: "paid", Kind: loan.Payment, Amount: s.PastDue, ValueDate: date})
		paid := l.Status(date)
		require.Zero(t, paid.PastDueDays, "%s was past due since %s", s.PastDue, s.PastDueSince)
		require.Zero(t, paid.DelinquentDays)
		require.True(t, paid.PastDue.IsZero())
	})
}

func TestAReversedPaymentLeavesTheStateBeforeIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, date := drawLedger(t), drawDate(t)
		before := writeStatus(t, l.Status(date))
		paid := loan.Transaction{ID: "paid", Kind: loan.Payment, Amount: decimal.MustNew(rapid.Int64Range(1, 900_00).Draw(t, "cents"), 2), ValueDate: january.AddDays(rapid.IntRange(0, 250).Draw(t, "paid on"))}
		back := loan.Transaction{ID: "back", Kind: loan.Reversal, Reverses: "paid", Amount: paid.Amount, ValueDate: paid.ValueDate.AddDays(rapid.IntRange(0, 30).Draw(t, "days"))}
		l.Transactions = append(l.Transactions, paid, back)
		if back.ValueDate.After(date) {
			return
		}
		require.Equal(t, before, writeStatus(t, l.Status(date)))
	})
}

func TestTheBucketHistoryIsWhatWasSeenDayByDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, date := drawLedger(t), drawDate(t)
		var seen []loan.Stay
		before := "current"
		for on := january; !on.After(date); on = on.AddDays(1) {
			now := l.Status(on).Bucket
			if now == before {
				continue
			}
			if before != "current" {
				seen[len(seen)-1].Left = on
			}
			if before = now; now != "current" {
				seen = append(seen, loan.Stay{Bucket: now, Entered: on})
			}
		}
		require.Equal(t, seen, l.BucketHistory(date))
	})
}
