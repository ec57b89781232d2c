package loan_test

import (
	"fmt"
	"testing"

	"github.com/govalues/decimal"

	"github.com/tender-engine/tender/internal/loan"
)

// busy is a loan of 60 installments with 200 transactions: it is paid in parts, a part of that is taken back, and fees are
// charged and waived.
func busy() (l loan.Ledger) {
	l.Currency, l.GraceDays = "USD", 3
	for n := range 60 {
		l.Installments = append(l.Installments, loan.Installment{Due: january.AddDays(30 * n), Principal: money("100.00"), Interest: money("9.50"), Fee: money("1.00")})
	}
	for n := range 200 {
		tx := loan.Transaction{ID: fmt.Sprintf("T-%d", n), Kind: loan.Payment, ValueDate: january.AddDays(9 * n), Amount: decimal.MustNew(33_00, 2)}
		switch n % 10 {
		case 3:
			tx.Kind, tx.Amount = loan.Fee, money("2.00")
		case 5:
			tx.Kind, tx.Amount = loan.Waiver, money("2.00")
		case 7:
			tx.Kind, tx.Reverses = loan.Reversal, fmt.Sprintf("T-%d", n-1)
		case 9:
			tx.Kind, tx.Amount = loan.Refund, money("1.00")
		}
		l.Transactions = append(l.Transactions, tx)
	}
	return l
}

// BenchmarkStatus must stay under 50 µs where nothing else runs. Where something does, compare it with BenchmarkAdditions: it
// takes less than half of that, and the less favourable ledgers no more than all of it.
func BenchmarkStatus(b *testing.B) {
	for _, one := range []struct {
		name   string
		change func(*loan.Ledger)
	}{
		{"in order", func(*loan.Ledger) {}},
		{"shuffled", func(l *loan.Ledger) {
			for n := range l.Transactions {
				m := n * 7919 % len(l.Transactions)
				l.Transactions[n], l.Transactions[m] = l.Transactions[m], l.Transactions[n]
			}
		}},
		{"by component, last first", func(l *loan.Ledger) {
			l.Allocation = loan.Allocation{Order: loan.Order{Way: loan.ByComponent}, Ahead: loan.LastFirst}
		}},
		{"with late fees", func(l *loan.Ledger) { l.LateFee = loan.LateFee{Amount: money("5.00"), AfterDays: 10} }},
	} {
		b.Run(one.name, func(b *testing.B) {
			l := busy()
			if one.change(&l); l.Validate() != nil {
				b.Fatal(l.Validate())
			}
			end := january.AddDays(60 * 30)
			b.ReportAllocs()
			for b.Loop() {
				l.Status(end)
			}
		})
	}
}

func BenchmarkBucketHistory(b *testing.B) {
	l := busy()
	end := january.AddDays(60 * 30)
	b.ReportAllocs()
	for b.Loop() {
		l.BucketHistory(end)
	}
}

// BenchmarkAdditions is the yardstick: the amounts of the transactions added up once for each installment, 12,000 additions.
func BenchmarkAdditions(b *testing.B) {
	l := busy()
	for b.Loop() {
		for range l.Installments {
			total := decimal.Zero
			for _, t := range l.Transactions {
				total, _ = total.Add(t.Amount)
			}
		}
	}
}
