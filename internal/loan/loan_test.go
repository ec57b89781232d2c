package loan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

func money(text string) decimal.Decimal { return decimal.MustParse(text) }

// three installments of 100 each: 90 of principal, 8 of interest, 2 of fees.
func three() loan.Contract {
	terms := loan.Contract{Currency: "USD", Principal: money("270.00")}
	for _, due := range []string{"2026-01-31", "2026-02-28", "2026-03-31"} {
		terms.Schedule = append(terms.Schedule, loan.Installment{
			Due: day(due), Principal: money("90.00"), Interest: money("8.00"), Fee: money("2.00"),
		})
	}
	return terms
}

// post reads a posting such as "payment 100.00 on 2026-01-31".
func post(t require.TestingT, text string) loan.Transaction {
	var kind, amount, date string
	_, err := fmt.Sscanf(text, "%s %s on %s", &kind, &amount, &date)
	require.NoError(t, err, text)
	return loan.Transaction{ID: text, Kind: loan.Kind(kind), Amount: money(amount), ValueDate: day(date)}
}

func posts(t require.TestingT, texts ...string) (all []loan.Transaction) {
	for _, text := range texts {
		all = append(all, post(t, text))
	}
	return all
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
			on: "2026-02-10", posted: []string{"payment 100.00 on 2026-01-31", "reversal 100.00 on 2026-02-09"},
			stands: "100.00 past due since 2026-01-31, 10 days (7 delinquent); next 100.00 on 2026-02-28; outstanding 300.00",
		},
		"a reversal that overtakes its payment takes nothing": {
			on: "2026-02-10", posted: []string{"reversal 100.00 on 2026-02-09"},
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
		"what is recovered pays like any payment": {
			on: "2026-04-10", posted: []string{"recovery 300.00 on 2026-04-09"}, stands: "settled",
		},
		"what has not happened yet does not count": {
			on: "2026-01-15", posted: []string{"fee 15.00 on 2026-01-16", "refund 5.00 on 2026-01-16", "waiver 5.00 on 2026-01-16"},
			stands: "next 100.00 on 2026-01-31; outstanding 300.00",
		},
	} {
		require.Equal(t, c.stands, say(loan.AsOf(three(), posts(t, c.posted...), 3, day(c.on))), name)
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
		require.Equal(t, c.outstanding, loan.AsOf(three(), c.posted, 0, day("2026-02-10")).Outstanding.String(), name)
	}
}

func TestAPostingThatIsKnownBeforeTheScheduleDoesNoHarm(t *testing.T) {
	t.Parallel()
	s := loan.AsOf(loan.Contract{}, posts(t, "fee 15.00 on 2026-02-05", "payment 20.00 on 2026-02-05"), 0, day("2026-02-10"))
	require.True(t, s.Settled())
	s = loan.AsOf(loan.Contract{}, posts(t, "fee 15.00 on 2026-02-05"), 0, day("2026-02-10"))
	require.Equal(t, "15.00", s.Outstanding.String())
}

func TestPastDueDaysAreDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	terms := loan.Contract{Currency: "USD", Principal: money("1"), Schedule: []loan.Installment{{Due: day("2028-02-28"), Principal: money("1")}}}
	for on, days := range map[string]int{"2028-02-28": 0, "2028-02-29": 1, "2028-03-01": 2, "2028-03-31": 32, "2029-02-28": 366} {
		require.Equal(t, days, loan.AsOf(terms, nil, 0, day(on)).PastDueDays, on)
	}
}

var kinds = []loan.Kind{loan.Payment, loan.Payment, loan.Payment, loan.Reversal, loan.Refund, loan.Fee, loan.Waiver, loan.Recovery}

func drawTransactions(t *rapid.T) []loan.Transaction {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) loan.Transaction {
		cents := rapid.Int64Range(1, 400_00).Draw(t, "cents")
		return loan.Transaction{
			ID: "T", Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Amount: decimal.MustNew(cents, 2),
			ValueDate: day("2026-01-01").AddDays(rapid.IntRange(0, 150).Draw(t, "day")),
		}
	}), 0, 12).Draw(t, "transactions")
}

func TestTheOrderInWhichPostingsArriveDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		transactions := drawTransactions(t)
		date := day("2026-01-01").AddDays(rapid.IntRange(0, 200).Draw(t, "on"))
		other := rapid.Permutation(transactions).Draw(t, "order")
		require.Equal(t, say(loan.AsOf(three(), transactions, 3, date)), say(loan.AsOf(three(), other, 3, date)))
	})
}

func TestWhatIsOwedAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		transactions := drawTransactions(t)
		date := day("2026-01-01").AddDays(rapid.IntRange(0, 200).Draw(t, "on"))
		s := loan.AsOf(three(), transactions, 0, date)
		owed, credit, left := money("300.00"), decimal.Zero, decimal.Zero
		for _, tx := range transactions {
			switch {
			case tx.ValueDate.After(date):
			case tx.Kind == loan.Fee:
				owed = add(t, owed, tx.Amount)
			case tx.Kind == loan.Reversal || tx.Kind == loan.Refund:
				credit = add(t, credit, tx.Amount.Neg())
			default:
				credit = add(t, credit, tx.Amount)
			}
		}
		for _, part := range s.Unpaid {
			require.False(t, part.IsNeg(), "less than nothing is owed")
			left = add(t, left, part)
		}
		want := add(t, owed, credit.Max(decimal.Zero).Neg()).Max(decimal.Zero)
		require.Zero(t, want.Cmp(s.Outstanding), "owed %s, not %s", want, s.Outstanding)
		require.Zero(t, left.Cmp(s.Outstanding))
		require.False(t, s.PastDue.Cmp(s.Outstanding) > 0)
		require.Equal(t, s.PastDueSince.IsZero(), s.PastDue.IsZero())
		require.Equal(t, s.PastDueSince.IsZero(), s.PastDueDays == 0)
		require.False(t, !s.Next.IsZero() && s.Next.Before(date))
	})
}

func add(t require.TestingT, a, b decimal.Decimal) decimal.Decimal {
	sum, err := a.Add(b)
	require.NoError(t, err)
	return sum
}

func TestContractsThatNoLoanCanHaveAreRefused(t *testing.T) {
	t.Parallel()
	require.NoError(t, three().Validate())
	for name, c := range map[string]struct {
		change func(*loan.Contract)
		says   string
	}{
		"no currency":          {func(l *loan.Contract) { l.Currency = "" }, `currency: "" is not an ISO 4217 currency`},
		"small letters":        {func(l *loan.Contract) { l.Currency = "usd" }, `currency: "usd" is not an ISO 4217 currency`},
		"no principal":         {func(l *loan.Contract) { l.Principal = decimal.Zero }, "principal: 0 is not a positive amount"},
		"a negative principal": {func(l *loan.Contract) { l.Principal = money("-270") }, "principal: -270 is not a positive amount"},
		"too fine a principal": {func(l *loan.Contract) { l.Principal = money("270.001") }, "principal: 270.001 has more than the 2 decimal places of USD"},
		"more than any loan":   {func(l *loan.Contract) { l.Principal = money("1000000000001") }, "beyond 1000000000000, the largest amount"},
		"an endless schedule": {
			func(l *loan.Contract) { l.Schedule = make([]loan.Installment, 11_001) }, "schedule: has 11001 installments; Tender takes at most 11000",
		},
		"no schedule":                  {func(l *loan.Contract) { l.Schedule = nil }, "schedule: has no installment; send at least one"},
		"no due date":                  {func(l *loan.Contract) { l.Schedule[1].Due = bizclock.Date{} }, "schedule[1].due: is missing"},
		"no first due date":            {func(l *loan.Contract) { l.Schedule[0].Due = bizclock.Date{} }, "schedule[0].due: is missing"},
		"due dates out of order":       {func(l *loan.Contract) { l.Schedule[2].Due = day("2026-02-27") }, "schedule[2].due: 2026-02-27 does not lie after the installment before it, 2026-02-28"},
		"a due date twice":             {func(l *loan.Contract) { l.Schedule[2].Due = day("2026-02-28") }, "schedule[2].due: 2026-02-28 does not lie after"},
		"nothing due":                  {func(l *loan.Contract) { l.Schedule[1] = loan.Installment{Due: day("2026-02-28")} }, "schedule[1]: nothing is due on 2026-02-28"},
		"negative interest":            {func(l *loan.Contract) { l.Schedule[0].Interest = money("-8.00") }, "schedule[0].interest: -8.00 is not a positive amount"},
		"a negative part of principal": {func(l *loan.Contract) { l.Schedule[0].Principal = money("-90.00") }, "schedule[0].principal: -90.00 is not a positive amount"},
		"too fine a fee":               {func(l *loan.Contract) { l.Schedule[0].Fee = money("2.005") }, "schedule[0].fee: 2.005 has more than the 2 decimal places"},
		"yen with hundredths":          {func(l *loan.Contract) { l.Currency = "JPY"; l.Schedule[0].Fee = money("2.50") }, "schedule[0].fee: 2.50 has more than the 0 decimal places of JPY"},
		"a principal it does not repay": {
			func(l *loan.Contract) { l.Schedule[2].Principal = money("89.99") }, "schedule: its principal adds up to 269.99, but 270.00 was disbursed",
		},
	} {
		terms := three()
		c.change(&terms)
		require.ErrorContains(t, terms.Validate(), c.says, name)
	}
	interestOnly := three()
	interestOnly.Schedule[0].Principal, interestOnly.Schedule[1].Principal, interestOnly.Schedule[2].Principal = decimal.Zero, decimal.Zero, money("270")
	require.NoError(t, interestOnly.Validate(), "a balloon is a schedule too")
	one := loan.Contract{Currency: "JPY", Principal: money("30000.00"), Schedule: []loan.Installment{{Due: day("2026-01-31"), Principal: money("30000.00")}}}
	require.NoError(t, one.Validate(), "zeros after the point are not finer than the currency")
}

func TestAmountsHaveTheMinorUnitsOfTheirCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency    string
		units       int
		fine, finer string
		written     string
	}{
		{"JPY", 0, "1000", "1000.5", "1000"},
		{"KRW", 0, "1000", "0.1", "1000"},
		{"USD", 2, "1000.05", "0.005", "1000.05"},
		{"CNY", 2, "1000.5", "1000.501", "1000.50"},
		{"IDR", 2, "1000.5", "1000.501", "1000.50"}, // CLDR, which lists what shops use, says 0
		{"PKR", 2, "1000", "1000.001", "1000.00"},   // here too
		{"KWD", 3, "1000.005", "0.0005", "1000.005"},
		{"CLF", 4, "1.0001", "1.00001", "1.0001"},
	} {
		units, err := loan.MinorUnits(c.currency)
		require.NoError(t, err)
		require.Equal(t, c.units, units, c.currency)
		require.NoError(t, loan.CheckAmount(money(c.fine), c.currency))
		require.ErrorContains(t, loan.CheckAmount(money(c.finer), c.currency), "decimal places of "+c.currency)
		require.Equal(t, c.written, loan.Write(money(c.fine), c.currency))
	}
	for _, code := range []string{"", "US", "USDX", "usd", "Usd", "XXX", "XTS", "ABC", "EURO"} {
		_, err := loan.MinorUnits(code)
		require.ErrorContains(t, err, "is not an ISO 4217 currency such as USD", code)
		require.Error(t, loan.CheckAmount(money("1"), code), code)
		require.Equal(t, "1.50", loan.Write(money("1.50"), code), "what has no currency is written as it is")
	}
	for amount, says := range map[string]string{
		"0": "0 is not a positive amount", "-1": "-1 is not a positive amount", "1000000000000.01": "the largest amount that Tender takes",
	} {
		require.ErrorContains(t, loan.CheckAmount(money(amount), "USD"), says)
	}
	require.NoError(t, loan.CheckAmount(money("1000000000000"), "USD"))
}

func TestBucketsBeginOnTheirFirstDay(t *testing.T) {
	t.Parallel()
	for days, name := range map[int]string{
		-5: "current", 0: "current", 1: "1-29", 29: "1-29", 30: "30-59", 59: "30-59", 60: "60-89", 89: "60-89", 90: "90-119",
		119: "90-119", 120: "120-149", 149: "120-149", 150: "150-179", 179: "150-179", 180: "180+", 5000: "180+",
	} {
		require.Equal(t, name, loan.DefaultBuckets.Name(days), days)
	}
	require.Equal(t, "current", loan.Buckets{5}.Name(4))
	require.Equal(t, "5+", loan.Buckets{5}.Name(5))
	require.Equal(t, "current", loan.Buckets{}.Name(99))
	require.Equal(t, []string{"current", "1-29", "30-59", "60-89", "90-119", "120-149", "150-179", "180+"}, loan.DefaultBuckets.Names())
}

func TestContractsReturnFromJSONAsTheyWere(t *testing.T) {
	t.Parallel()
	terms := three()
	terms.Schedule[0].Fee = decimal.Zero
	written, err := json.Marshal(terms)
	require.NoError(t, err)
	require.Contains(t, string(written), `{"due":"2026-01-31","principal":"90.00","interest":"8.00"}`)
	var read loan.Contract
	require.NoError(t, json.Unmarshal(written, &read))
	require.Equal(t, terms, read)
}
