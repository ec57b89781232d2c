package worklist_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/worklist"
)

func TestATaskComesBackWhenItsLeaseEnds(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	handed, err := o.desk.Next(t.Context(), "amy", 200*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, id, handed.Task.ID)
	require.Eventually(t, func() bool {
		task := o.next("bob").Task
		return task != nil && task.ID == id
	}, 30*time.Second, 20*time.Millisecond)
	_, err = o.desk.Dial(t.Context(), id, "amy")
	var taken *worklist.Taken
	require.ErrorAs(t, err, &taken)
	require.Equal(t, "bob", taken.By, "who lost it is told who has it now")
	require.ErrorContains(t, o.take("call.completed", "loan/L-1", fmt.Sprintf(`{"task": %q, "agent": "amy", "disposition": "right_party"}`, id)), "is with bob now, until ")
}

func TestALeaseThatEndedIsStillGoodWhileNobodyElseHasTheTask(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	o.gets("amy")
	o.exec(`update tasks set leased_until = now() - interval '1 second'`)
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	require.Nil(t, o.next("bob").Task, "it is theirs again")
}

func TestACallOfWhichNobodySaidAnythingCountsAndTheNextOneIsAnother(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	o.gets("amy")
	first, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	o.exec(`update tasks set leased_until = now() - interval '1 second'`) // amy's telephone fell into the sea
	// Nobody knows whether amy's call was a conversation, so the rules take it for one.
	handed := o.next("bob")
	require.Nil(t, handed.Task)
	require.Equal(t, "us-federal/call-after-conversation", handed.Skipped[0].Rule)
	o.later(7 * 24 * time.Hour)
	require.Equal(t, id, o.gets("bob").ID)
	require.NoError(t, o.desk.Release(t.Context(), id, "bob"), "bob has not dialled")
	task := o.gets("bob")
	second, err := o.desk.Dial(t.Context(), id, "bob")
	require.NoError(t, err)
	require.NotEqual(t, first.Contact, second.Contact)
	o.completes(task, "bob", `"disposition": "right_party"`)
	attempts := o.attempts("B-1")
	require.Len(t, attempts, 2)
	require.Empty(t, attempts[0].Disposition)
	require.Equal(t, contact.RightParty, attempts[1].Disposition)
}

// child is this program as an agent's process; it returns what the process said.
func child(t *testing.T, o *office, as string) (says string, kill func()) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	process := exec.Command(self)
	process.Env = append(os.Environ(), role+"="+as, "DATABASE_URL="+o.url)
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	kill = func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	}
	t.Cleanup(kill)
	says, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return says[:len(says)-1], kill
}

// takes is an agent who takes a task, for a moment, and then does nothing.
func takes() error {
	ctx := context.Background()
	s, err := store.Open(ctx, os.Getenv("DATABASE_URL"), store.WithNow(func() time.Time { return origin }))
	if err != nil {
		return err
	}
	rules, err := compliance.Shipped()
	if err != nil {
		return err
	}
	handed, err := (&worklist.Desk{Store: s, Rules: rules, Lender: "Example Lender"}).Next(ctx, "amy", 15*time.Second)
	switch {
	case err != nil:
		return err
	case handed.Task == nil:
		return errors.New("there was no task")
	}
	fmt.Println(handed.Task.ID)
	select {}
}

// holds is an agent in the middle of taking a task: the statement has run, and nothing is committed.
func holds() error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	now := noon
	task, err := sqlc.New(tx).ClaimTask(ctx, sqlc.ClaimTaskParams{Agent: "amy", LeaseSeconds: 3600, Now: &now, Skipped: []string{}})
	if err != nil {
		return err
	}
	fmt.Println(task.Key)
	select {}
}

func TestATaskOfAProcessThatWasKilledComesBack(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	had, kill := child(t, o, "takes")
	require.Equal(t, id, had)
	require.Nil(t, o.next("bob").Task, "it is the other's while the lease lasts")
	kill()
	require.Eventually(t, func() bool {
		task := o.next("bob").Task
		return task != nil && task.ID == id
	}, time.Minute, 20*time.Millisecond)
}

func TestATaskOfAProcessThatWasKilledWhileItTookItWasNeverTaken(t *testing.T) {
	t.Parallel()
	o := open(t)
	first, second := o.toCall("1"), o.toCall("2")
	had, kill := child(t, o, "holds")
	require.Equal(t, first, had)
	require.Equal(t, second, o.gets("bob").ID, "nobody waits for it")
	require.Nil(t, o.next("cat").Task)
	kill()
	require.Eventually(t, func() bool {
		task := o.next("cat").Task
		return task != nil && task.ID == first
	}, time.Minute, 20*time.Millisecond, "though its lease would have lasted for an hour")
}

func TestATaskWhoseLeaseEndsWhileItsBorrowerIsLockedGoesToOneAgent(t *testing.T) {
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
	handed := make(chan worklist.Handed, 2)
	go asks(t, o, "amy", 300*time.Millisecond, handed)
	has := func(agent string) func() bool {
		return func() bool { return o.one(`select agent from tasks`) == agent }
	}
	require.Eventually(t, has("amy"), 30*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		return o.one(`select (leased_until < clock_timestamp())::text from tasks`) == "true"
	}, 30*time.Second, 10*time.Millisecond)
	go asks(t, o, "bob", worklist.Lease, handed)
	require.Eventually(t, has("bob"), 30*time.Second, 10*time.Millisecond)
	close(free)
	require.NoError(t, <-done)
	var got []string
	for range 2 {
		if one := <-handed; one.Task != nil {
			got = append(got, one.Task.ID+" of "+one.Task.Agent)
		}
	}
	require.Equal(t, []string{id + " of bob"}, got)
}

// asks has an agent ask for a task, and says what they were handed.
func asks(t *testing.T, o *office, agent string, lease time.Duration, handed chan<- worklist.Handed) {
	got, err := o.desk.Next(t.Context(), agent, lease)
	if err != nil {
		t.Error(err)
	}
	handed <- got
}

func TestWhoAsksFromManyPlacesAtOnceHasOneTask(t *testing.T) {
	t.Parallel()
	o := open(t)
	const places = 8
	for n := range places {
		o.toCall(fmt.Sprint(n))
	}
	handed := make(chan worklist.Handed, places)
	for range places {
		go asks(t, o, "amy", worklist.Lease, handed)
	}
	for range places {
		<-handed
	}
	all, err := o.desk.List(t.Context(), worklist.Filter{Agent: "amy", Most: 100})
	require.NoError(t, err)
	require.Len(t, all, 1)
}
