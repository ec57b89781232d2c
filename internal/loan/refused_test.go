package loan_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

func TestLedgersThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	paid := "payment 100.00 on 2026-01-31"
	for name, c := range map[string]struct {
		change func(*loan.Ledger)
		says   string
	}{
		"a currency that is none": {func(l *loan.Ledger) { l.Currency = "DOLLAR" }, `currency: "DOLLAR" is not an ISO 4217 currency`},
		"less than no grace":      {func(l *loan.Ledger) { l.GraceDays = -1 }, "grace_days: -1 must lie between 0 and 366"},
		"buckets that fall":       {func(l *loan.Ledger) { l.Buckets = loan.Buckets{30, 10} }, "buckets[1]: 10 must be positive and greater than the one before"},
		"no schedule":             {func(l *loan.Ledger) { l.Installments = nil }, "installments: has no installment; send at least one"},
		"a negative installment":  {func(l *loan.Ledger) { l.Installments[1].Principal = money("-1") }, "installments[1].principal: -1 is not a positive amount"},
		"a negative payment":      {func(l *loan.Ledger) { l.Transactions[0].Amount = money("-5") }, "transactions[0].amount: -5 is not a positive amount"},
		"too fine a payment":      {func(l *loan.Ledger) { l.Transactions[0].Amount = money("5.001") }, "transactions[0].amount: 5.001 has more than the 2 decimal places of USD"},
		"a payment without an id": {func(l *loan.Ledger) { l.Transactions[0].ID = "" }, "transactions[0].id: is missing"},
		"without a type":          {func(l *loan.Ledger) { l.Transactions[0].Kind = "" }, "transactions[0].type: is missing"},
		"without a date":          {func(l *loan.Ledger) { l.Transactions[0].ValueDate = bizclock.Date{} }, "transactions[0].value_date: is missing"},
		"two with one id": {func(l *loan.Ledger) {
			l.Transactions = append(l.Transactions, l.Transactions[0])
			l.Transactions[1].Amount = money("1")
		}, "transactions[1].id: payment 100.00 on 2026-01-31 stands at transactions[0] too, with other content"},
		"a reversal of nothing": {func(l *loan.Ledger) { l.Transactions = posts(t, "reversal 5.00 on 2026-02-01") }, "transactions[0].reverses: is missing; name the payment"},
		"of what is not there":  {func(l *loan.Ledger) { l.Transactions = posts(t, "reversal 5.00 on 2026-02-01 of X") }, "transactions[0].reverses: there is no transaction X"},
		"of what is no payment": {func(l *loan.Ledger) {
			l.Transactions = posts(t, "fee 5.00 on 2026-02-01", "reversal 5.00 on 2026-02-01 of fee 5.00 on 2026-02-01")
		}, "is a fee; only a payment or a recovery can be undone"},
		"of more than was paid":    {func(l *loan.Ledger) { l.Transactions = posts(t, paid, "reversal 100.01 on 2026-02-01 of "+paid) }, "transactions[1].amount: 100.01 is more than payment 100.00 on 2026-01-31, which was 100.00"},
		"a payment that reverses":  {func(l *loan.Ledger) { l.Transactions[0].Reverses = "X" }, "transactions[0].reverses: only a reversal"},
		"a payment of a component": {func(l *loan.Ledger) { l.Transactions[0].Of = loan.OfFee }, "transactions[0].of: only a waiver"},
		"a fee with a direction":   {func(l *loan.Ledger) { l.Transactions[0].Kind, l.Transactions[0].Pays.Component = loan.Fee, loan.OfFee }, "transactions[0].pays: only a payment"},
		"a pause that ends early":  {func(l *loan.Ledger) { l.Pauses = []loan.Pause{{day("2026-02-02"), day("2026-02-01")}} }, "pauses[0].end: 2026-02-01 lies before the start, 2026-02-02"},
		"a pause without a start":  {func(l *loan.Ledger) { l.Pauses = []loan.Pause{{End: day("2026-02-01")}} }, "pauses[0].start: is missing"},
		"pauses that overlap": {func(l *loan.Ledger) {
			l.Pauses = []loan.Pause{{day("2026-02-02"), day("2026-02-09")}, {day("2026-02-08"), day("2026-02-10")}}
		}, "pauses[1]: overlaps pauses[0], which runs from 2026-02-02 to 2026-02-09"},
		"one around another": {func(l *loan.Ledger) {
			l.Pauses = []loan.Pause{{day("2026-02-05"), day("2026-02-06")}, {day("2026-02-01"), day("2026-02-10")}}
		}, "pauses[1]: overlaps pauses[0]"},
		"one within the open": {func(l *loan.Ledger) {
			l.Pauses = []loan.Pause{{Start: day("2026-02-05")}, {day("2026-03-01"), day("2026-03-10")}}
		}, "pauses[1]: overlaps pauses[0], which runs from 2026-02-05 to further notice"},
		"half an order": {func(l *loan.Ledger) { l.Allocation.Components = []loan.Component{loan.OfFee, loan.OfPrincipal} }, "allocation.components: must name fee, interest and principal, each once"},
		"a component twice": {func(l *loan.Ledger) {
			l.Allocation.Components = []loan.Component{loan.OfFee, loan.OfFee, loan.OfPrincipal}
		}, "allocation.components: must name"},
		"ages that do not rise":     {func(l *loan.Ledger) { l.Allocation.Later = []loan.LaterOrder{{FromDays: 30}, {FromDays: 30}} }, "allocation.later[1].from_past_due_days: 30 must be at least 1 and greater"},
		"two kinds of late fee":     {func(l *loan.Ledger) { l.LateFee = loan.LateFee{Amount: money("1"), Rate: money("0.1"), AfterDays: 1} }, "late_fee: must have either an amount or a rate"},
		"a late fee at once":        {func(l *loan.Ledger) { l.LateFee = loan.LateFee{Amount: money("1")} }, "late_fee.after_days: 0 must lie between 1 and 366"},
		"a late fee of 500 percent": {func(l *loan.Ledger) { l.LateFee = loan.LateFee{Rate: money("5"), AfterDays: 1} }, "late_fee.rate: 5 is no share; 5 % is 0.05"},
		"a fee on fees":             {func(l *loan.Ledger) { l.LateFee = loan.LateFee{Rate: money("0.1"), Of: loan.OfFee, AfterDays: 1} }, "late_fee.of: a rate may be of principal"},
		"a cap of half a cent":      {func(l *loan.Ledger) { l.LateFee = loan.LateFee{Rate: money("0.1"), Cap: money("0.005"), AfterDays: 1} }, "late_fee.cap: 0.005 has more than"},
		"a dispute without an id":   {func(l *loan.Ledger) { l.Disputes = []loan.Dispute{{From: day("2026-02-01")}} }, "disputes[0].id: is missing"},
		"a dispute without a date":  {func(l *loan.Ledger) { l.Disputes = []loan.Dispute{{ID: "D"}} }, "disputes[0].from: is missing"},
		"a dispute that ends early": {func(l *loan.Ledger) {
			l.Disputes = []loan.Dispute{{ID: "D", From: day("2026-02-02"), Until: day("2026-02-01")}}
		}, "disputes[0].until: 2026-02-01 lies before from"},
		"a dispute of minus ten": {func(l *loan.Ledger) {
			l.Disputes = []loan.Dispute{{ID: "D", From: day("2026-02-02"), Amount: money("-10")}}
		}, "disputes[0].amount: -10 is not a positive amount"},
	} {
		l := ledgerOf(t, paid)
		require.NoError(t, l.Validate())
		c.change(&l)
		require.ErrorContains(t, l.Validate(), c.says, name)
	}
	l := ledgerOf(t, paid, paid)
	l.Pauses = []loan.Pause{{day("2026-02-01"), day("2026-02-05")}, {day("2026-02-05"), day("2026-02-05")}, {day("2026-02-05"), day("2026-02-08")}}
	require.NoError(t, l.Validate(), "the same posting twice, pauses that touch, and an empty one are legal")
}

func TestABookInOneFileSaysNothingThatPartsOfItContradict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		posted []string
		change func(*loan.Ledger)
		says   string
	}{
		"a payment to an installment that is not there": {[]string{"payment 10.00 on 2026-01-31"}, func(l *loan.Ledger) {
			l.Transactions[0].Pays.Installment = day("2026-01-30")
		}, "transactions[0].pays.installment: no installment is due on 2026-01-30; name the due date of one, or leave it out"},
		"a dispute of an installment that is not there": {nil, func(l *loan.Ledger) {
			l.Disputes = []loan.Dispute{{ID: "D-1", From: day("2026-02-01"), Installment: day("2026-01-30")}}
		}, "disputes[0].installment: no installment is due on 2026-01-30"},
		"two disputes with one id": {nil, func(l *loan.Ledger) {
			l.Disputes = []loan.Dispute{{ID: "D-1", From: day("2026-02-01")}, {ID: "D-1", From: day("2026-02-02")}}
		}, "disputes[1].id: D-1 stands at disputes[0] too; give each dispute an id of its own"},
		"a reversal before its payment": {[]string{"payment 10.00 on 2026-01-31", "reversal 10.00 on 2026-01-30"}, func(l *loan.Ledger) {
			l.Transactions[1].Reverses = l.Transactions[0].ID
		}, "transactions[1].value_date: 2026-01-30 lies before that of"},
		"more is undone than was paid": {[]string{"payment 10.00 on 2026-01-31", "reversal 10.00 on 2026-02-01", "reversal 1.00 on 2026-02-02"}, func(l *loan.Ledger) {
			l.Transactions[1].Reverses, l.Transactions[2].Reverses = l.Transactions[0].ID, l.Transactions[0].ID
		}, "transactions[2].amount: with it, 11.00 of"},
		"too much together": {nil, func(l *loan.Ledger) {
			for n := range 1001 {
				l.Transactions = append(l.Transactions, loan.Transaction{ID: fmt.Sprint(n), Kind: loan.Fee, ValueDate: day("2026-02-01"), Amount: money("999999999999.00")})
			}
		}, "together they may be 1000000000000000 at most"},
	} {
		l := ledgerOf(t, c.posted...)
		c.change(&l)
		require.ErrorContains(t, l.CheckWhole(), c.says, name)
	}
}
