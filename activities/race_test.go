package activities_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
)

// Four processes of five goroutines race.
const (
	processes  = 4
	goroutines = 5
)

// limits are rules of the house with what of them is used up before the race, so that one contact is left.
var limits = []struct {
	rule string
	used []time.Time
}{
	{"house/one-message-a-day", nil},
	{"house/three-collection-messages-a-week", []time.Time{noon.AddDate(0, 0, -3), noon.AddDate(0, 0, -1)}},
}

// field is a borrower with three loans, of whom twenty workers want something else each.
type field struct {
	borrower, rule string
	used           int
	orders         []journey.Order
}

// lineUp prepares a race for each round, over the limits in turn.
func (o *office) lineUp(rounds int) (fields []field) {
	for n := range rounds {
		limit := limits[n%len(limits)]
		f := field{borrower: fmt.Sprintf("B-%d", n), rule: limit.rule, used: len(limit.used)}
		loans := []string{fmt.Sprintf("L-%d-a", n), fmt.Sprintf("L-%d-b", n), fmt.Sprintf("L-%d-c", n)}
		o.borrow(f.borrower, loans...)
		for n, at := range limit.used {
			o.happens("contact.recorded", "borrower/"+f.borrower, fmt.Sprintf(`{"contact": "%s-%d", "channel": "sms",
				"direction": "outbound", "purpose": "collection", "disposition": "sent"}`, f.borrower, n), at)
		}
		for n := range processes * goroutines {
			f.orders = append(f.orders, o.order(f.borrower, loans[n%len(loans)], fmt.Sprintf("notice-%d@2026-01-12", n), contact.SMS))
		}
		fields = append(fields, f)
	}
	return fields
}

func TestOfFourProcessesRacingForTheLastPermittedContactOneGetsIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	fields := o.lineUp(12)
	racers := o.startRacers()
	for _, f := range fields {
		results := map[journey.Result]int{}
		for _, outcome := range racers.run(f.orders) {
			results[outcome.Result]++
			if outcome.Result == journey.ResultHeld {
				require.Equal(t, f.rule, outcome.Code)
			}
		}
		require.Equal(t, map[journey.Result]int{journey.ResultSent: 1, journey.ResultHeld: processes*goroutines - 1}, results, f.rule)
		require.Equal(t, f.used+1, o.counted(f.borrower))
		require.Equal(t, 1, o.outbox(f.borrower))
		var held int
		require.NoError(t, o.sql.QueryRow(t.Context(),
			`select count(*) from held_back h join loans l on l.id = h.loan_id where l.borrower_id = $1 and rule = $2`, f.borrower, f.rule).Scan(&held))
		require.Equal(t, processes*goroutines-1, held, "each that was held back is to be explained")
	}
}

// Without its counter-proof the test above might pass because nobody ever really races.
func TestWithoutTheBorrowersLockTheRaceOversells(t *testing.T) {
	t.Parallel()
	o := open(t)
	fields := o.lineUp(6)
	o.breakLock()
	racers := o.startRacers()
	for _, f := range fields {
		racers.run(f.orders)
		if o.counted(f.borrower) > f.used+1 && o.outbox(f.borrower) > 1 {
			return
		}
	}
	t.Fatalf("none of %d rounds oversold: the race is none, or something else than the lock decides it", len(fields))
}

// breakLock leaves every statement as it is, and takes the effect from "for update" on borrowers: what comes out of a
// function cannot be locked.
func (o *office) breakLock() {
	_, err := o.sql.Exec(o.Context(), `
		alter table borrowers rename to people;
		create function everybody() returns setof people language plpgsql as $$ begin return query select * from people; end $$;
		create view borrowers as select * from everybody()`)
	require.NoError(o, err)
}

// Retries, and a worker that was given up while it still works, may meet.
func TestTheSameStepTriedByTwentyAtOnceIsOneMessage(t *testing.T) {
	t.Parallel()
	o := open(t)
	fields := o.lineUp(6)
	racers := o.startRacers()
	for _, f := range fields {
		for n := range f.orders {
			f.orders[n] = f.orders[0]
		}
		for _, outcome := range racers.run(f.orders) {
			require.Equal(t, journey.ResultSent, outcome.Result)
		}
		require.Equal(t, f.used+1, o.counted(f.borrower))
		require.Equal(t, 1, o.outbox(f.borrower))
	}
}

// outbox returns how many messages a borrower was really sent.
func (o *office) outbox(borrower string) (count int) {
	o.Helper()
	require.NoError(o, o.sql.QueryRow(o.Context(),
		`select count(*) from outbox join contacts using (key) where borrower_id = $1`, borrower).Scan(&count))
	return count
}

// racers are processes that wait for what to race for.
type racers struct {
	testing.TB
	in  []io.WriteCloser
	out []*bufio.Scanner
}

// startRacers starts the processes. They end when they are told nothing more, as when this one dies.
func (o *office) startRacers() *racers {
	o.Helper()
	r := &racers{TB: o.TB}
	for range processes {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), role+"=racer", "DATABASE_URL="+o.url)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		require.NoError(o, err)
		out, err := cmd.StdoutPipe()
		require.NoError(o, err)
		require.NoError(o, cmd.Start())
		o.Cleanup(func() {
			_ = in.Close()
			require.NoError(o, cmd.Wait())
		})
		lines := bufio.NewScanner(out)
		require.True(o, lines.Scan(), "a racer did not start")
		r.in, r.out = append(r.in, in), append(r.out, lines)
	}
	return r
}

// run has all of them perform their part of the orders at once, and returns every outcome.
func (r *racers) run(orders []journey.Order) (all []journey.Outcome) {
	r.Helper()
	for n, in := range r.in {
		line, err := json.Marshal(orders[n*goroutines : (n+1)*goroutines])
		require.NoError(r, err)
		_, err = in.Write(append(line, '\n'))
		require.NoError(r, err)
	}
	for _, out := range r.out {
		require.True(r, out.Scan(), "a racer died")
		var outcomes []journey.Outcome
		require.NoError(r, json.Unmarshal(out.Bytes(), &outcomes))
		all = append(all, outcomes...)
	}
	return all
}

// race is what a racer does: for each line of orders, all of them at once.
func race() error {
	db, err := store.Open(context.Background(), os.Getenv("DATABASE_URL")+"&pool_min_conns=5&pool_max_conns=5")
	if err != nil {
		return err
	}
	defer db.Close()
	worker, err := outreach(settings.Environ{}, db)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var orders []journey.Order
		if err := json.Unmarshal(lines.Bytes(), &orders); err != nil {
			return err
		}
		outcomes, errs := make([]journey.Outcome, len(orders)), make([]error, len(orders))
		var all sync.WaitGroup
		for n, order := range orders {
			all.Go(func() { outcomes[n], errs[n] = worker.SendMessage(context.Background(), order) })
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
			return err
		}
	}
	return nil
}
