package worklist_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/worklist"
)

// Review finding: whoever waits for the borrower's lock longer than their lease is handed a task that somebody else has by then.
func TestReviewWhoseLeaseEndsWhileTheyWaitForTheBorrowerIsNotHandedTheTaskOfAnother(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	free, locked := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- o.store.InTx(t.Context(), func(tx store.Tx) error {
			if _, err := tx.LockForContact(t.Context(), "B-1"); err != nil {
				return err
			}
			close(locked)
			<-free
			return nil
		})
	}()
	<-locked
	var mu sync.Mutex
	var got []string
	var group sync.WaitGroup
	for n, agent := range []string{"amy", "bob"} {
		group.Go(func() {
			handed, err := o.desk.Next(t.Context(), agent, []time.Duration{time.Second, worklist.Lease}[n])
			if err == nil && handed.Task != nil {
				mu.Lock()
				got = append(got, fmt.Sprintf("%s got %s, which is with %s", agent, handed.Task.ID, handed.Task.Agent))
				mu.Unlock()
			}
		})
		time.Sleep(1500 * time.Millisecond)
	}
	close(free)
	require.NoError(t, <-done)
	group.Wait()
	require.Len(t, got, 1, "one task, %s: %v", id, got)
}

// Review finding: whoever asks from two places at once gets two tasks.
func TestReviewWhoAsksTwiceAtOnceGetsOneTask(t *testing.T) {
	t.Parallel()
	o := open(t)
	for n := range 8 {
		o.toCall(fmt.Sprint(n))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { _, _ = o.desk.Next(t.Context(), "amy", worklist.Lease) })
	}
	group.Wait()
	all, err := o.desk.List(t.Context(), worklist.Filter{Agent: "amy", Most: 100})
	require.NoError(t, err)
	require.Len(t, all, 1)
}
