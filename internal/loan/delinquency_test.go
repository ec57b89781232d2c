package loan_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// The vectors are facts from the public end-to-end scenarios of Apache Fineract (Apache-2.0).
func TestTheDelinquencyVectorsHold(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/delinquency_vectors.json")
	require.NoError(t, err)
	type dated struct {
		on     bizclock.Date
		amount decimal.Decimal
	}
	read := func(pair [2]json.RawMessage) (d dated) {
		require.NoError(t, json.Unmarshal(pair[0], &d.on))
		require.NoError(t, json.Unmarshal(pair[1], &d.amount))
		return d
	}
	var file struct {
		Vectors []struct {
			AsOf         bizclock.Date        `json:"as_of"`
			GraceDays    int                  `json:"grace_days"`
			Installments [][2]json.RawMessage `json:"installments"`
			Payments     [][2]json.RawMessage `json:"payments"`
			Pauses       [][2]bizclock.Date   `json:"pauses"`
			Expect       struct {
				Amount         decimal.Decimal `json:"delinquent_amount"`
				Since          bizclock.Date   `json:"delinquent_since"`
				DelinquentDays int             `json:"delinquent_days"`
				PastDueDays    int             `json:"past_due_days"`
			} `json:"expect"`
		} `json:"vectors"`
	}
	require.NoError(t, json.Unmarshal(text, &file))
	require.NotEmpty(t, file.Vectors)
	for n, v := range file.Vectors {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			l := loan.Ledger{Currency: "EUR", GraceDays: v.GraceDays}
			for _, pair := range v.Installments {
				l.Installments = append(l.Installments, loan.Installment{Due: read(pair).on, Principal: read(pair).amount})
			}
			for n, pair := range v.Payments {
				l.Transactions = append(l.Transactions, loan.Transaction{ID: fmt.Sprint(n), Kind: loan.Payment, ValueDate: read(pair).on, Amount: read(pair).amount})
			}
			for _, pair := range v.Pauses {
				l.Pauses = append(l.Pauses, loan.Pause{Start: pair[0], End: pair[1]})
			}
			require.NoError(t, l.Validate())
			s := l.Status(v.AsOf)
			require.Equal(t, v.Expect.PastDueDays, s.PastDueDays)
			require.Equal(t, v.Expect.DelinquentDays, s.DelinquentDays)
			require.Equal(t, v.Expect.Since, s.DelinquentSince)
			require.Zero(t, v.Expect.Amount.Cmp(s.PastDue), "%s", s.PastDue)
		})
	}
}

// four installments of 250, due from 1 October on, with three days of grace.
func four(t *testing.T, posted ...string) loan.Ledger {
	l := loan.Ledger{Currency: "EUR", GraceDays: 3, Transactions: posts(t, posted...)}
	for _, due := range []string{"2023-10-01", "2023-10-16", "2023-10-31", "2023-11-15"} {
		l.Installments = append(l.Installments, loan.Installment{Due: day(due), Principal: money("250.00")})
	}
	return l
}

func TestDelinquentDays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pauses              []loan.Pause
		on                  string
		pastDue, delinquent int
	}{
		"on the due date":      {on: "2023-10-01"},
		"in the days of grace": {on: "2023-10-04", pastDue: 3},
		"after them":           {on: "2023-10-05", pastDue: 4, delinquent: 1},
		"a pause before the due date counts nothing":   {[]loan.Pause{{day("2023-09-01"), day("2023-10-01")}}, "2023-10-05", 4, 1},
		"one over the due date only from then on":      {[]loan.Pause{{day("2023-09-01"), day("2023-10-02")}}, "2023-10-05", 4, 0},
		"one that lies ahead nothing yet":              {[]loan.Pause{{day("2023-10-05"), day("2023-10-30")}}, "2023-10-05", 4, 1},
		"an empty one nothing":                         {[]loan.Pause{{day("2023-10-04"), day("2023-10-04")}}, "2023-10-15", 14, 11},
		"one without an end goes on":                   {[]loan.Pause{{Start: day("2023-10-06")}}, "2023-11-15", 45, 2},
		"two count both":                               {[]loan.Pause{{day("2023-10-06"), day("2023-10-08")}, {day("2023-10-10"), day("2023-10-11")}}, "2023-10-15", 14, 8},
		"two that stack count their days once":         {[]loan.Pause{{day("2023-10-06"), day("2023-10-10")}, {day("2023-10-08"), day("2023-10-11")}}, "2023-10-15", 14, 6},
		"whatever the order in which they are listed":  {[]loan.Pause{{day("2023-10-08"), day("2023-10-11")}, {day("2023-10-06"), day("2023-10-10")}}, "2023-10-15", 14, 6},
		"stacked on one without an end, nothing moves": {[]loan.Pause{{day("2023-10-08"), day("2023-10-11")}, {Start: day("2023-10-06")}}, "2023-10-15", 14, 2},
	} {
		l := four(t)
		l.Pauses = c.pauses
		s := l.Status(day(c.on))
		require.Equal(t, []int{c.pastDue, c.delinquent}, []int{s.PastDueDays, s.DelinquentDays}, name)
	}
}

func TestEachInstallmentHasItsOwnAge(t *testing.T) {
	t.Parallel()
	l := four(t, "payment 100.00 on 2023-10-20")
	l.Buckets = loan.Buckets{1, 8, 16}
	l.Pauses = []loan.Pause{{day("2023-10-10"), day("2023-10-18")}}
	s := l.Status(day("2023-11-01"))
	var ages []string
	for _, i := range s.Installments {
		ages = append(ages, fmt.Sprintf("%s: %s unpaid, %d days, %d delinquent, %s", i.Due, i.Unpaid.Total(), i.PastDueDays, i.DelinquentDays, i.Bucket))
	}
	require.Equal(t, []string{
		"2023-10-01: 150.00 unpaid, 31 days, 20 delinquent, 16+",
		"2023-10-16: 250.00 unpaid, 16 days, 11 delinquent, 8-15",
		"2023-10-31: 250.00 unpaid, 1 days, 0 delinquent, current",
		"2023-11-15: 250.00 unpaid, 0 days, 0 delinquent, current",
	}, ages)
	require.Equal(t, "16+", s.Bucket)
}

func TestTheHistoryOfBuckets(t *testing.T) {
	t.Parallel()
	history := func(l loan.Ledger, on string) (all []string) {
		for _, stay := range l.BucketHistory(day(on)) {
			all = append(all, fmt.Sprintf("%s from %s to %s", stay.Bucket, stay.Entered, stay.Left))
		}
		return all
	}
	l := four(t, "payment 250.00 on 2023-10-10", "payment 250.00 on 2023-10-16", "payment 250.00 on 2023-12-05")
	l.Buckets = loan.Buckets{1, 30}
	require.Equal(t, []string{
		"1-29 from 2023-10-05 to 2023-10-10", "1-29 from 2023-11-04 to 2023-12-03", "30+ from 2023-12-03 to ",
	}, history(l, "2023-12-04"))
	require.Equal(t, []string{
		"1-29 from 2023-10-05 to 2023-10-10", "1-29 from 2023-11-04 to 2023-12-03", "30+ from 2023-12-03 to 2023-12-05", "1-29 from 2023-12-05 to ",
	}, history(l, "2023-12-10"), "the next oldest is younger")
	l.Pauses = []loan.Pause{{day("2023-10-04"), day("2023-10-08")}}
	require.Equal(t, "1-29 from 2023-10-09 to 2023-10-10", history(l, "2023-10-12")[0], "paused days are lived in the bucket before")

	// A chargeback brings arrears back with their whole age; until then the loan was current, and stays so in its history.
	l = four(t, "payment 250.00 on 2023-10-01", "reversal 250.00 on 2023-11-10 of payment 250.00 on 2023-10-01", "payment 500.00 on 2023-10-16")
	l.Buckets = loan.Buckets{1, 30}
	require.Equal(t, []string{"1-29 from 2023-11-10 to "}, history(l, "2023-11-14"), "what was paid ahead pays the older one now")
	require.Empty(t, history(l, "2023-11-03"))
}

// The date is found by arithmetic, and held against the status of each date.
func TestTheDateOnWhichDaysAreDelinquentIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		due := day("2026-01-31")
		l := loan.Ledger{Currency: "USD", GraceDays: rapid.IntRange(0, 5).Draw(t, "grace"), Installments: []loan.Installment{{Due: due, Principal: money("1")}}}
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			p := loan.Pause{Start: due.AddDays(rapid.IntRange(-20, 60).Draw(t, "from"))}
			if rapid.IntRange(0, 4).Draw(t, "ends") > 0 {
				p.End = p.Start.AddDays(rapid.IntRange(0, 40).Draw(t, "days"))
			}
			l.Pauses = append(l.Pauses, p)
		}
		days := rapid.IntRange(1, 40).Draw(t, "delinquent")
		on, ok := l.DelinquentFrom(due, days)
		for n := range 300 {
			date := due.AddDays(n + 1)
			reached := l.Status(date).DelinquentDays >= days
			if want := ok && !date.Before(on); reached != want {
				t.Fatalf("%s: %t, but %t (%s)", date, reached, want, on)
			}
		}
	})
}

func TestWhatAComponentComesToHoldsWhatWasChargedSinceAndWhatIsUnpaidNeitherPaidNorWaived(t *testing.T) {
	t.Parallel()
	l := loan.Ledger{Currency: "EUR", Installments: []loan.Installment{
		{Due: day("2023-10-01"), Principal: money("90.00"), Interest: money("8.00"), Fee: money("2.00")},
		{Due: day("2023-11-01"), Principal: money("95.00"), Interest: money("5.00")},
	}}
	for n, one := range []loan.Transaction{
		{Kind: loan.Payment, ValueDate: day("2023-09-30"), Amount: money("100.00")},
		{Kind: loan.Fee, ValueDate: day("2023-10-10"), Amount: money("15.00")},
		{Kind: loan.Waiver, ValueDate: day("2023-10-11"), Amount: money("5.00"), Of: loan.OfFee},
		{Kind: loan.Fee, ValueDate: day("2023-12-01"), Amount: money("1.00")},
	} {
		one.ID = fmt.Sprint(n)
		l.Transactions = append(l.Transactions, one)
	}
	for _, c := range []struct {
		on              string
		of              loan.Component
		charged, unpaid string
	}{
		{"2023-09-01", loan.OfInterest, "13.00", "13.00"},
		{"2023-10-11", loan.OfInterest, "13.00", "5.00"},
		{"2023-10-11", loan.OfFee, "17.00", "10.00"},
		{"2023-12-01", loan.OfFee, "18.00", "11.00"},
		{"2023-12-01", loan.OfPrincipal, "185.00", "95.00"},
	} {
		charged, unpaid := l.Status(day(c.on)).Of(c.of)
		require.Equal(t, c.charged, charged.String(), "%s on %s", c.of, c.on)
		require.Equal(t, c.unpaid, unpaid.String(), "%s on %s", c.of, c.on)
	}
}
