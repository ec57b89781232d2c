package loan_test

import (
	"fmt"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

// unpaid writes what is unpaid of each installment: fee, interest, principal.
func unpaid(s loan.Status) (all []string) {
	for _, i := range s.Installments {
		all = append(all, fmt.Sprintf("%s %s %s", i.Unpaid.Fee, i.Unpaid.Interest, i.Unpaid.Principal))
	}
	return all
}

// ledgerOf is the ledger of three installments of 90 of principal, 8 of interest and 2 of fees.
func ledgerOf(t *testing.T, posted ...string) loan.Ledger {
	return loan.Ledger{Currency: "USD", Installments: three().Schedule, Transactions: posts(t, posted...)}
}

func TestPaymentsGoWhereTheAllocationSays(t *testing.T) {
	t.Parallel()
	principalFirst := loan.Order{Way: loan.ByComponent, Components: []loan.Component{loan.OfPrincipal, loan.OfInterest, loan.OfFee}}
	for name, c := range map[string]struct {
		allocation loan.Allocation
		posted     []string
		unpaid     []string
	}{
		"by installment, oldest first: fee, interest, principal": {
			posted: []string{"payment 104.00 on 2026-03-01"}, unpaid: []string{"0.00 0.00 0.00", "0.00 6.00 90.00", "2.00 8.00 90.00"},
		},
		"in another order within each": {
			allocation: loan.Allocation{Order: loan.Order{Components: []loan.Component{loan.OfPrincipal, loan.OfInterest, loan.OfFee}}},
			posted:     []string{"payment 95.00 on 2026-03-01"}, unpaid: []string{"2.00 3.00 0.00", "2.00 8.00 90.00", "2.00 8.00 90.00"},
		},
		"by component over all that is overdue": {
			allocation: loan.Allocation{Order: loan.Order{Way: loan.ByComponent}},
			posted:     []string{"payment 18.00 on 2026-03-01"}, unpaid: []string{"0.00 0.00 90.00", "0.00 2.00 90.00", "2.00 8.00 90.00"},
		},
		"what lies ahead comes after all that is overdue": {
			allocation: loan.Allocation{Order: loan.Order{Way: loan.ByComponent}},
			posted:     []string{"payment 205.00 on 2026-03-01"}, unpaid: []string{"0.00 0.00 0.00", "0.00 0.00 0.00", "0.00 5.00 90.00"},
		},
		"the last installment first, where the contract shortens": {
			allocation: loan.Allocation{Ahead: loan.LastFirst},
			posted:     []string{"payment 120.00 on 2026-01-31"}, unpaid: []string{"0.00 0.00 0.00", "2.00 8.00 90.00", "0.00 0.00 80.00"},
		},
		"in another order once the loan is old": {
			allocation: loan.Allocation{Later: []loan.LaterOrder{{FromDays: 30, Order: principalFirst}}},
			posted:     []string{"payment 2.00 on 2026-02-15", "payment 95.00 on 2026-03-05"},
			unpaid:     []string{"0.00 8.00 0.00", "2.00 8.00 85.00", "2.00 8.00 90.00"},
		},
	} {
		l := ledgerOf(t, c.posted...)
		l.Allocation = c.allocation
		require.NoError(t, l.Validate(), name)
		require.Equal(t, c.unpaid, unpaid(l.Status(day("2026-03-10"))), name)
	}
}

func TestTheBorrowersWordOnAPaymentGoesFirst(t *testing.T) {
	t.Parallel()
	l := ledgerOf(t, "payment 95.00 on 2026-03-05", "payment 10.00 on 2026-03-06")
	l.Transactions[0].Pays = loan.Direction{Installment: day("2026-02-28"), Component: loan.OfPrincipal}
	l.Transactions[1].Pays = loan.Direction{Installment: day("2026-03-31")}
	require.NoError(t, l.Validate())
	require.Equal(t, []string{"0.00 5.00 90.00", "2.00 8.00 0.00", "0.00 0.00 90.00"}, unpaid(l.Status(day("2026-03-10"))))
}

func TestNoPaymentGoesToADisputedPart(t *testing.T) {
	t.Parallel()
	l := ledgerOf(t, "payment 150.00 on 2026-03-05", "payment 150.00 on 2026-03-20")
	l.Disputes = []loan.Dispute{{ID: "D-1", From: day("2026-02-01"), Until: day("2026-04-10"), Installment: day("2026-01-31")}}
	require.NoError(t, l.Validate())

	s := l.Status(day("2026-03-10"))
	require.Equal(t, []string{"2.00 8.00 90.00", "0.00 0.00 0.00", "0.00 0.00 50.00"}, unpaid(s))
	require.Equal(t, "100.00", s.Disputed.String())
	require.Zero(t, s.PastDueDays, "what is disputed is not asked for")
	s = l.Status(day("2026-04-09"))
	require.Equal(t, "100.00", s.Credit.String(), "what has nowhere to go waits")
	require.True(t, s.Settled(), "all that is owed lies with the lender")
	s = l.Status(day("2026-04-10"))
	require.True(t, s.Outstanding.IsZero() && s.Credit.IsZero(), "when the dispute is resolved it finds its place")

	l.Disputes[0] = loan.Dispute{ID: "D-1", From: day("2026-02-01"), Component: loan.OfFee}
	require.Equal(t, []string{"2.00 0.00 0.00", "2.00 0.00 46.00", "2.00 8.00 90.00"}, unpaid(l.Status(day("2026-03-10"))), "a component of all")
	l.Disputes[0] = loan.Dispute{ID: "D-1", From: day("2026-02-01"), Amount: money("60.00")}
	s = l.Status(day("2026-03-01"))
	require.Equal(t, "140.00", s.PastDue.String(), "an amount of the oldest")
	require.Equal(t, day("2026-01-31"), s.PastDueSince)
	l.Disputes[0] = loan.Dispute{ID: "D-1", From: day("2026-02-01"), Until: day("2026-02-01"), Component: loan.OfFee}
	require.Equal(t, []string{"0.00 0.00 0.00", "0.00 0.00 50.00", "2.00 8.00 90.00"}, unpaid(l.Status(day("2026-03-10"))), "one that ends when it begins is empty")
	l.Disputes[0] = loan.Dispute{ID: "D-1", From: day("2026-02-01")}
	require.Equal(t, []string{"0.00 0.00 0.00", "0.00 0.00 50.00", "2.00 8.00 90.00"}, unpaid(l.Status(day("2026-03-10"))), "the whole loan: there is nowhere else")

	l.Disputes[0] = loan.Dispute{ID: "D-1", From: day("2026-02-01"), Component: loan.OfPrincipal}
	l.Transactions[0].Pays = loan.Direction{Component: loan.OfPrincipal}
	require.Equal(t, []string{"0.00 0.00 90.00", "0.00 0.00 90.00", "0.00 0.00 90.00"}, unpaid(l.Status(day("2026-03-10"))), "not even on the borrower's word")
}

func TestALateFeeIsChargedOnceForAnInstallment(t *testing.T) {
	t.Parallel()
	fees := func(l loan.Ledger, on string) (all []string) {
		for _, i := range l.Status(day(on)).Installments {
			if i.Charged.Principal.IsZero() {
				all = append(all, fmt.Sprintf("%s on %s", i.Charged.Fee, i.Due))
			}
		}
		return all
	}
	flat := loan.LateFee{Amount: money("15.00"), AfterDays: 10}
	share := loan.LateFee{Rate: money("0.05"), AfterDays: 10}
	for name, c := range map[string]struct {
		fee    loan.LateFee
		change func(*loan.Ledger)
		posted []string
		fees   []string
	}{
		"flat":                                  {fee: flat, fees: []string{"15.00 on 2026-02-10", "15.00 on 2026-03-10", "15.00 on 2026-04-10"}},
		"a share of principal and interest":     {fee: share, fees: []string{"4.90 on 2026-02-10", "4.90 on 2026-03-10", "4.90 on 2026-04-10"}},
		"of principal":                          {fee: loan.LateFee{Rate: money("0.05"), Of: loan.OfPrincipal, AfterDays: 10}, fees: []string{"4.50 on 2026-02-10", "4.50 on 2026-03-10", "4.50 on 2026-04-10"}},
		"of what is overdue, rounded half-even": {fee: share, posted: []string{"payment 99.50 on 2026-01-31", "payment 200.52 on 2026-02-20"}, fees: []string{"0.02 on 2026-02-10"}},
		"with a cap for each":                   {fee: loan.LateFee{Rate: money("0.05"), AfterDays: 10, Cap: money("3.00")}, fees: []string{"3.00 on 2026-02-10", "3.00 on 2026-03-10", "3.00 on 2026-04-10"}},
		"with a cap for the loan":               {fee: loan.LateFee{Amount: money("15.00"), AfterDays: 10, CapInAll: money("20.00")}, fees: []string{"15.00 on 2026-02-10", "5.00 on 2026-03-10"}},
		"none for who pays on the last day":     {fee: flat, posted: []string{"payment 100.00 on 2026-02-10", "payment 200.00 on 2026-02-28"}},
		"none in a pause": {
			fee: flat, fees: []string{"15.00 on 2026-03-10", "15.00 on 2026-04-10"},
			change: func(l *loan.Ledger) { l.Pauses = []loan.Pause{{day("2026-02-08"), day("2026-02-11")}} },
		},
		"none under a hold, though it counts as delinquent": {
			fee: flat, fees: []string{"15.00 on 2026-03-10", "15.00 on 2026-04-10"},
			change: func(l *loan.Ledger) {
				l.Holds = []loan.Pause{{day("2026-02-08"), day("2026-02-11")}, {day("2026-02-09"), day("2026-02-20")}}
			},
		},
		"none in a dispute, of whatever part": {
			fee: flat, fees: []string{"15.00 on 2026-03-10", "15.00 on 2026-04-10"},
			change: func(l *loan.Ledger) {
				l.Disputes = []loan.Dispute{{ID: "D-1", From: day("2026-02-08"), Until: day("2026-02-11")}}
			},
		},
		"none after a write-off":                      {fee: flat, posted: []string{"write_off 300.00 on 2026-03-01"}, fees: []string{"15.00 on 2026-02-10"}},
		"none for who is late by late fees alone":     {fee: flat, posted: []string{"payment 100.00 on 2026-02-12", "payment 100.00 on 2026-02-28", "payment 100.00 on 2026-03-31"}, fees: []string{"15.00 on 2026-02-10"}},
		"none once an earlier payment comes to light": {fee: flat, posted: []string{"payment 300.00 on 2026-01-15"}},
	} {
		l := ledgerOf(t, c.posted...)
		l.LateFee = c.fee
		if c.change != nil {
			c.change(&l)
		}
		require.NoError(t, l.Validate(), name)
		require.Equal(t, c.fees, fees(l, "2026-06-01"), name)
	}
}

func TestAWaiverGivesUpWhatItNamesFirst(t *testing.T) {
	t.Parallel()
	l := ledgerOf(t, "waiver 50.00 on 2026-01-10")
	l.Transactions[0].Of = loan.OfPrincipal
	plain := ledgerOf(t, "waiver 50.00 on 2026-01-10")
	before := ledgerOf(t)
	on := day("2026-01-10")
	require.Equal(t, "50.00", minus(t, before.Status(on).OutstandingPrincipal, l.Status(on).OutstandingPrincipal), "all of it is principal")
	require.NotEqual(t, "50.00", minus(t, before.Status(on).OutstandingPrincipal, plain.Status(on).OutstandingPrincipal), "fees and interest go first unless it says so")
}

func minus(t *testing.T, a, b decimal.Decimal) string {
	t.Helper()
	left, err := a.Sub(b)
	require.NoError(t, err)
	return left.String()
}
