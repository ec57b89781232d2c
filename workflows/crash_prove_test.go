//go:build prove

package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Eight loans live sixty days, and their workers die some eighty times, at random moments and at random fail points. A
// reminder may then come too late to be worth sending; but nothing goes out twice, outside of the rules or out of order.
func TestDozensOfKillsNeitherRepeatNorSkipAnything(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	program := workerProgram(t)
	i := install(t, 4*time.Second)
	worker := i.start(program)
	i.begin()
	var loans []string
	for n := range 8 {
		loan := fmt.Sprintf("L-%d", n)
		loans = append(loans, loan)
		i.disburseOn(loan, "B-1", i.date(0))
	}
	kills, paid := 0, 0
	for i.now().Before(monday.AddDate(0, 0, i.first+60)) {
		lives := i.now().Add(time.Duration(6+dice.IntN(30)) * time.Hour)
		i.eventually("the worker has lived", func() bool {
			select {
			case <-worker.Done():
				return true // it came to its fail point
			default:
				return i.now().After(lives)
			}
		})
		require.NoError(t, worker.Kill())
		kills++
		worker = i.start(program, "TENDER_FAILPOINT="+[]string{"", "reserved", "sent"}[dice.IntN(3)])
		if due := i.first + 18 + 5*paid; paid < len(loans)/2 && i.now().After(monday.AddDate(0, 0, due)) {
			i.pays(loans[paid], "100.00")
			paid++
		}
	}
	require.NoError(t, worker.Kill())
	i.start(program) // one that lives, so that what is in doubt is settled
	for _, loan := range loans {
		i.parked(loan)
	}

	t.Logf("%d kills", kills)
	require.Greater(t, kills, 40)
	sent := 0
	for _, loan := range loans {
		i.keptToTheRules(loan)
		i.neverStuck(loan)
		story := made(i.rows(loan))
		sent += len(story)
		seen := map[string]bool{}
		for _, line := range story {
			step, _, _ := strings.Cut(line, ":")
			require.False(t, seen[step], "%s of %s was made twice", step, loan)
			seen[step] = true
			treatment, anchor, _ := strings.Cut(step, "@")
			if level, ok := strings.CutPrefix(treatment, "notice-"); ok && level != "1" {
				require.True(t, seen[fmt.Sprintf("notice-%c@%s", level[0]-1, anchor)], "%s of %s came without the notice before it", step, loan)
			}
		}
	}
	require.Equal(t, sent, i.count(`select count(*) from outbox`), "each message that left is in the ledger, once")
	days := map[string]bool{}
	for _, loan := range loans {
		for _, c := range i.rows(loan) {
			if at, ok := i.left(c.Key); ok {
				days[at.In(newYork).Format(time.DateOnly)] = true
			}
		}
	}
	require.Len(t, days, sent, "all loans are one borrower's, who gets one message a day")
}

// left returns when a message really left, in business time.
func (i *installation) left(key string) (at time.Time, ok bool) {
	i.t.Helper()
	conn, err := pgx.Connect(i.t.Context(), i.settings.DatabaseURL)
	require.NoError(i.t, err)
	defer conn.Close(i.t.Context())
	err = conn.QueryRow(i.t.Context(), `select recorded_at from outbox where key = $1`, key).Scan(&at)
	return i.store.Clock().Business(at), err == nil
}
