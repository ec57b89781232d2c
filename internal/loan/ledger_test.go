package loan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// post reads a posting such as "payment 100.00 on 2026-01-31", whose id it is, or "reversal 100.00 on 2026-02-09 of X".
func post(t require.TestingT, text string) loan.Transaction {
	var kind, amount, date string
	said, of, _ := strings.Cut(text, " of ")
	_, err := fmt.Sscanf(said, "%s %s on %s", &kind, &amount, &date)
	require.NoError(t, err, text)
	return loan.Transaction{ID: text, Kind: loan.Kind(kind), Amount: money(amount), ValueDate: day(date), Reverses: of}
}

func posts(t require.TestingT, texts ...string) (all []loan.Transaction) {
	for _, text := range texts {
		all = append(all, post(t, text))
	}
	return all
}

// asOf is the status of a loan with a number of days of grace.
func asOf(contract loan.Contract, transactions []loan.Transaction, grace int, date bizclock.Date) loan.Status {
	l := loan.Ledger{Currency: contract.Currency, GraceDays: grace, Installments: contract.Schedule, Transactions: transactions}
	return l.Status(date)
}

// say writes a status as prose.
func say(s loan.Status) string {
	var parts []string
	if !s.PastDueSince.IsZero() {
		parts = append(parts, fmt.Sprintf("%s past due since %s, %d days (%d delinquent)", s.PastDue, s.PastDueSince, s.PastDueDays, s.DelinquentDays))
	}
	if !s.DueToday.IsZero() {
		parts = append(parts, s.DueToday.String()+" due today")
	}
	if !s.Next.IsZero() {
		parts = append(parts, fmt.Sprintf("next %s on %s", s.NextAmount, s.Next))
	}
	if s.Settled() {
		return strings.Join(append(parts, "settled"), "; ")
	}
	return strings.Join(append(parts, "outstanding "+s.Outstanding.String()), "; ")
}

func TestWhereALoanStands(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		on     string
		posted []string
		stands string
	}{
		"before anything is due": {
			on: "2026-01-10", stands: "next 100.00 on 2026-01-31; outstanding 300.00",
		},
		"a due date is not past due yet": {
			on: "2026-01-31", stands: "100.00 due today; next 100.00 on 2026-01-31; outstanding 300.00",
		},
		"the day after it is": {
			on: "2026-02-01", stands: "100.00 past due since 2026-01-31, 1 days (0 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"the oldest counts the days, and all add up": {
			on: "2026-03-05", stands: "200.00 past due since 2026-01-31, 33 days (30 delinquent); next 100.00 on 2026-03-31; outstanding 300.00",
		},
		"after the last due date nothing is next": {
			on: "2026-04-01", stands: "300.00 past due since 2026-01-31, 60 days (57 delinquent); outstanding 300.00",
		},
		"paid early": {
			on: "2026-01-31", posted: []string{"payment 100.00 on 2026-01-15"}, stands: "next 100.00 on 2026-02-28; outstanding 200.00",
		},
		"a payment counts from its value date": {
			on: "2026-02-01", posted: []string{"payment 100.00 on 2026-02-02"},
			stands: "100.00 past due since 2026-01-31, 1 days (0 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"and on it": {
			on: "2026-02-02", posted: []string{"payment 100.00 on 2026-02-02"}, stands: "next 100.00 on 2026-02-28; outstanding 200.00",
		},
		"a part leaves the rest past due, since the same date": {
			on: "2026-02-10", posted: []string{"payment 40.00 on 2026-01-31", "payment 59.99 on 2026-02-09"},
			stands: "0.01 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 200.01",
		},
		"the oldest is paid first, and the next is past due then": {
			on: "2026-03-05", posted: []string{"payment 130.00 on 2026-03-01"},
			stands: "70.00 past due since 2026-02-28, 5 days (2 delinquent); next 100.00 on 2026-03-31; outstanding 170.00",
		},
		"more than is due pays what is ahead": {
			on: "2026-01-31", posted: []string{"payment 250.00 on 2026-01-31"}, stands: "next 50.00 on 2026-03-31; outstanding 50.00",
		},
		"all at once": {
			on: "2026-01-31", posted: []string{"payment 300.00 on 2026-01-31"}, stands: "settled",
		},
		"too much is settled all the same": {
			on: "2026-01-31", posted: []string{"payment 310.00 on 2026-01-31"}, stands: "settled",
		},
		"and what was too much can be given back": {
			on: "2026-02-10", posted: []string{"payment 310.00 on 2026-01-31", "refund 10.00 on 2026-02-05"}, stands: "settled",
		},
		"a refund of more opens it again": {
			on: "2026-02-10", posted: []string{"payment 310.00 on 2026-01-31", "refund 60.00 on 2026-02-05"},
			stands: "next 50.00 on 2026-03-31; outstanding 50.00",
		},
		"a reversal leaves it as if never paid": {
			on: "2026-02-10", posted: []string{"payment 100.00 on 2026-01-31", "reversal 100.00 on 2026-02-09 of payment 100.00 on 2026-01-31"},
			stands: "100.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"a reversal that overtakes its payment takes nothing": {
			on: "2026-02-10", posted: []string{"reversal 100.00 on 2026-02-09 of payment 100.00 on 2026-01-31"},
			stands: "100.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"a fee falls due with the next installment": {
			on: "2026-02-10", posted: []string{"fee 15.00 on 2026-02-05"},
			stands: "100.00 past due since 2026-01-31, 10 days (7 delinquent); next 115.00 on 2026-02-28; outstanding 315.00",
		},
		"on a due date, with that one": {
			on: "2026-02-28", posted: []string{"payment 100.00 on 2026-01-31", "fee 15.00 on 2026-02-28"},
			stands: "115.00 due today; next 115.00 on 2026-02-28; outstanding 215.00",
		},
		"after the last one it is due by itself": {
			on: "2026-05-02", posted: []string{"payment 300.00 on 2026-05-01", "fee 15.00 on 2026-05-01", "fee 5.00 on 2026-05-01"},
			stands: "20.00 past due since 2026-05-01, 1 days (0 delinquent); outstanding 20.00",
		},
		"two of them stay two": {
			on: "2026-05-04", posted: []string{"payment 300.00 on 2026-05-01", "fee 15.00 on 2026-05-04", "fee 5.00 on 2026-05-01"},
			stands: "5.00 past due since 2026-05-01, 3 days (0 delinquent); 15.00 due today; next 15.00 on 2026-05-04; outstanding 20.00",
		},
		"a waiver lowers the oldest": {
			on: "2026-02-10", posted: []string{"waiver 2.00 on 2026-02-05"},
			stands: "98.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 298.00",
		},
		"a refund takes back what was paid last": {
			on: "2026-03-05", posted: []string{"payment 100.00 on 2026-01-31", "payment 100.00 on 2026-02-28", "refund 30.00 on 2026-03-02"},
			stands: "30.00 past due since 2026-02-28, 5 days (2 delinquent); next 100.00 on 2026-03-31; outstanding 130.00",
		},
		"what was refunded without having been paid is owed from then on": {
			on: "2026-02-10", posted: []string{"payment 100.00 on 2026-01-31", "refund 130.00 on 2026-02-05"},
			stands: "130.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 330.00",
		},
		"a write-off forgives nothing": {
			on: "2026-02-10", posted: []string{"write_off 300.00 on 2026-02-05"},
			stands: "100.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"a waiver of more than is owed is no money": {
			on: "2026-02-10", posted: []string{"waiver 400.00 on 2026-02-05", "fee 5.00 on 2026-02-06"}, stands: "next 5.00 on 2026-02-28; outstanding 5.00",
		},
		"what is recovered pays like any payment": {
			on: "2026-04-10", posted: []string{"recovery 300.00 on 2026-04-09"}, stands: "settled",
		},
		"what has not happened yet does not count": {
			on: "2026-01-15", posted: []string{"fee 15.00 on 2026-01-16", "refund 5.00 on 2026-01-16", "waiver 5.00 on 2026-01-16"},
			stands: "next 100.00 on 2026-01-31; outstanding 300.00",
		},
	} {
		require.Equal(t, c.stands, say(asOf(three(), posts(t, c.posted...), 3, day(c.on))), name)
	}
}

func TestAReversalUndoesThePaymentThatItNames(t *testing.T) {
	t.Parallel()
	reversal := func(id, of, amount, date string) loan.Transaction {
		return loan.Transaction{ID: id, Kind: loan.Reversal, Reverses: of, Amount: money(amount), ValueDate: day(date)}
	}
	payment := func(id, amount, date string) loan.Transaction {
		return loan.Transaction{ID: id, Kind: loan.Payment, Amount: money(amount), ValueDate: day(date)}
	}
	for name, c := range map[string]struct {
		posted      []loan.Transaction
		outstanding string
	}{
		"whole":                      {[]loan.Transaction{payment("T-1", "100.00", "2026-01-31"), reversal("R-1", "T-1", "100.00", "2026-02-03")}, "300.00"},
		"in part":                    {[]loan.Transaction{payment("T-1", "100.00", "2026-01-31"), reversal("R-1", "T-1", "30.00", "2026-02-03")}, "230.00"},
		"not before its day":         {[]loan.Transaction{payment("T-1", "100.00", "2026-01-31"), reversal("R-1", "T-1", "100.00", "2026-02-11")}, "200.00"},
		"never more than was paid":   {[]loan.Transaction{payment("T-1", "100.00", "2026-01-31"), payment("T-2", "50.00", "2026-02-01"), reversal("R-1", "T-1", "120.00", "2026-02-03")}, "250.00"},
		"though it is told twice":    {[]loan.Transaction{payment("T-1", "100.00", "2026-01-31"), payment("T-2", "50.00", "2026-02-01"), reversal("R-1", "T-1", "100.00", "2026-02-03"), reversal("R-2", "T-1", "100.00", "2026-02-04")}, "250.00"},
		"nothing, until it has come": {[]loan.Transaction{payment("T-2", "50.00", "2026-02-01"), reversal("R-1", "T-1", "100.00", "2026-02-03")}, "250.00"},
		"before the payment counts":  {[]loan.Transaction{payment("T-1", "100.00", "2026-02-20"), payment("T-2", "50.00", "2026-02-01"), reversal("R-1", "T-1", "100.00", "2026-02-03")}, "250.00"},
		"no waiver of the same name": {[]loan.Transaction{{ID: "T-1", Kind: loan.Waiver, Amount: money("5.00"), ValueDate: day("2026-02-01")}, reversal("R-1", "T-1", "5.00", "2026-02-03")}, "295.00"},
	} {
		require.Equal(t, c.outstanding, asOf(three(), c.posted, 0, day("2026-02-10")).Outstanding.String(), name)
	}
}

func TestAPostingThatIsKnownBeforeTheScheduleDoesNoHarm(t *testing.T) {
	t.Parallel()
	s := asOf(loan.Contract{}, posts(t, "fee 15.00 on 2026-02-05", "payment 20.00 on 2026-02-05"), 0, day("2026-02-10"))
	require.True(t, s.Settled())
	s = asOf(loan.Contract{}, posts(t, "fee 15.00 on 2026-02-05"), 0, day("2026-02-10"))
	require.Equal(t, "15.00", s.Outstanding.String())
}

func TestPastDueDaysAreDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	terms := loan.Contract{Currency: "USD", Principal: money("1"), Schedule: []loan.Installment{{Due: day("2028-02-28"), Principal: money("1")}}}
	for on, days := range map[string]int{"2028-02-28": 0, "2028-02-29": 1, "2028-03-01": 2, "2028-03-31": 32, "2029-02-28": 366} {
		require.Equal(t, days, asOf(terms, nil, 0, day(on)).PastDueDays, on)
	}
}

func add(t require.TestingT, a, b decimal.Decimal) decimal.Decimal {
	sum, err := a.Add(b)
	require.NoError(t, err)
	return sum
}
