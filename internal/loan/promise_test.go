package loan_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
)

// promise is a promise of amounts, each followed by its date.
func promise(id, made string, parts ...string) loan.Promise {
	p := loan.Promise{ID: id, Made: day(made)}
	for n := 0; n < len(parts); n += 2 {
		p.Parts = append(p.Parts, loan.PromisedPart{Amount: money(parts[n]), By: day(parts[n+1])})
	}
	return p
}

// sayPromises writes what became of promises, in their order.
func sayPromises(all []loan.PromiseStanding) (said []string) {
	for _, s := range all {
		text := fmt.Sprintf("%s %s, %s received", s.Promise.ID, s.State, s.Received)
		if !s.Next.By.IsZero() {
			text += fmt.Sprintf(", %s by %s", s.Next.Amount, s.Next.By)
		}
		if !s.Ended.IsZero() {
			text += ", ended " + s.Ended.String()
		}
		said = append(said, text)
	}
	return said
}

func TestWhatBecomesOfPromises(t *testing.T) {
	t.Parallel()
	one, two := promise("one", "2026-02-01", "100.00", "2026-02-10"), promise("two", "2026-02-05", "50.00", "2026-02-20")
	parts := promise("parts", "2026-02-01", "40.00", "2026-02-10", "60.00", "2026-02-24")
	for name, c := range map[string]struct {
		promises []loan.Promise
		posted   []string
		on       string
		become   []string
	}{
		"open while there is time": {
			[]loan.Promise{one}, nil, "2026-02-10", []string{"one open, 0 received, 100.00 by 2026-02-10"},
		},
		"and in the days of grace": {
			[]loan.Promise{one}, nil, "2026-02-12", []string{"one open, 0 received, 100.00 by 2026-02-10"},
		},
		"then broken": {
			[]loan.Promise{one}, nil, "2026-02-13", []string{"one broken, 0 received, ended 2026-02-13"},
		},
		"kept by a payment": {
			[]loan.Promise{one}, []string{"payment 100.00 on 2026-02-10"}, "2026-02-10", []string{"one kept, 100.00 received, ended 2026-02-10"},
		},
		"by a payment on the last day of grace": {
			[]loan.Promise{one}, []string{"payment 100.00 on 2026-02-12"}, "2026-02-20", []string{"one kept, 100.00 received, ended 2026-02-12"},
		},
		"not by one a day later": {
			[]loan.Promise{one}, []string{"payment 100.00 on 2026-02-13"}, "2026-02-20", []string{"one broken, 0 received, ended 2026-02-13"},
		},
		"nor by one before it": {
			[]loan.Promise{one}, []string{"payment 100.00 on 2026-01-31"}, "2026-02-01", []string{"one open, 0 received, 100.00 by 2026-02-10"},
		},
		"in parts": {
			[]loan.Promise{one}, []string{"payment 60.00 on 2026-02-05", "payment 40.00 on 2026-02-09"}, "2026-02-09", []string{"one kept, 100.00 received, ended 2026-02-09"},
		},
		"partly": {
			[]loan.Promise{one}, []string{"payment 60.00 on 2026-02-05"}, "2026-02-13", []string{"one partly_kept, 60.00 received, ended 2026-02-13"},
		},
		"what came back did not come": {
			[]loan.Promise{one},
			[]string{"payment 100.00 on 2026-02-05", "reversal 100.00 on 2026-02-08 of payment 100.00 on 2026-02-05"},
			"2026-02-09",
			[]string{"one open, 0 received, 100.00 by 2026-02-10"},
		},
		"a payment goes to the oldest that is open": {
			[]loan.Promise{two, one},
			[]string{"payment 70.00 on 2026-02-09"},
			"2026-02-09",
			[]string{"one open, 70.00 received, 30.00 by 2026-02-10", "two open, 0 received, 50.00 by 2026-02-20"},
		},
		"the rest to the next": {
			[]loan.Promise{two, one},
			[]string{"payment 120.00 on 2026-02-09"},
			"2026-02-09",
			[]string{"one kept, 100.00 received, ended 2026-02-09", "two open, 20.00 received, 30.00 by 2026-02-20"},
		},
		"and past one that is broken": {
			[]loan.Promise{two, one},
			[]string{"payment 50.00 on 2026-02-15"},
			"2026-02-15",
			[]string{"one broken, 0 received, ended 2026-02-13", "two kept, 50.00 received, ended 2026-02-15"},
		},
		"of several amounts the first is next": {
			[]loan.Promise{parts}, nil, "2026-02-05", []string{"parts open, 0 received, 40.00 by 2026-02-10"},
		},
		"then the second": {
			[]loan.Promise{parts}, []string{"payment 45.00 on 2026-02-08"}, "2026-02-15", []string{"parts open, 45.00 received, 55.00 by 2026-02-24"},
		},
		"one that is missed ends the promise": {
			[]loan.Promise{parts}, []string{"payment 30.00 on 2026-02-08", "payment 70.00 on 2026-02-14"}, "2026-02-15", []string{"parts partly_kept, 30.00 received, ended 2026-02-13"},
		},
	} {
		require.Equal(t, c.become, sayPromises(loan.Promises(c.promises, posts(t, c.posted...), 2, day(c.on))), name)
	}
}

func TestWhatWasPaidOnTheDayBeforeAPromiseWasGivenDoesNotKeepIt(t *testing.T) {
	t.Parallel()
	p := promise("one", "2026-02-01", "100.00", "2026-02-10")
	p.Before = []string{"payment 100.00 on 2026-02-01"}
	all := loan.Promises([]loan.Promise{p}, posts(t, "payment 100.00 on 2026-02-01"), 2, day("2026-02-03"))
	require.Equal(t, []string{"one open, 0 received, 100.00 by 2026-02-10"}, sayPromises(all))
}

func TestWhatBecomesOfPromisesDoesNotDependOnTheOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var promises []loan.Promise
		for n := range rapid.IntRange(0, 4).Draw(t, "promises") {
			made := january.AddDays(rapid.IntRange(0, 100).Draw(t, "made"))
			p := loan.Promise{ID: fmt.Sprint(n), Made: made}
			for range rapid.IntRange(1, 3).Draw(t, "parts") {
				made = made.AddDays(rapid.IntRange(0, 30).Draw(t, "days"))
				p.Parts = append(p.Parts, loan.PromisedPart{Amount: money(fmt.Sprintf("%d.00", rapid.IntRange(1, 300).Draw(t, "amount"))), By: made})
			}
			promises = append(promises, p)
		}
		transactions, date := drawTransactions(t, []bizclock.Date{january}), drawDate(t)
		want := sayPromises(loan.Promises(promises, transactions, 2, date))
		require.Equal(t, want, sayPromises(loan.Promises(
			rapid.Permutation(promises).Draw(t, "order of promises"), rapid.Permutation(transactions).Draw(t, "order of transactions"), 2, date)))
		for _, s := range loan.Promises(promises, transactions, 2, date) {
			require.False(t, s.Received.Cmp(s.Promise.Total()) > 0)
			require.Equal(t, s.State == loan.PromiseKept, s.Received.Cmp(s.Promise.Total()) == 0)
			require.Equal(t, s.State == loan.PromiseOpen, !s.Next.By.IsZero())
			require.Equal(t, s.State == loan.PromiseOpen, s.Ended.IsZero())
		}
	})
}
