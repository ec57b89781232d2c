// Package worklist hands tasks out to people: one task to one agent, for a while, and back on the list when that is over. Whether
// the borrower may be called is asked when a task is handed out, and again when its agent dials; then the call is reserved as a
// contact, before it is made. What came of it is an event, and takes the way of every event.
package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Desk is where agents get their tasks. It is safe for concurrent use, by any number of processes on one Postgres.
type Desk struct {
	Store *store.Store
	Rules *compliance.Library
	// Lender is the name that borrowers know the lender by; Help is how they reach a person.
	Lender, Help string
}

const (
	// Lease is for how long an agent has a task, unless they say otherwise; wall time.
	Lease = 15 * time.Minute
	// dialLease is for how long at least who has dialled has it: a call takes its time.
	dialLease = time.Hour
)

// mostLooked bounds how many tasks that may not be called now are looked at for one that may.
const mostLooked = 200

// Taken says that a task is not the agent's: somebody else's, or nobody's.
type Taken struct {
	Task string
	// By has it until Until, on the wall; empty when it is back on the list.
	By    string
	Until time.Time
}

// Error says who has the task.
func (t *Taken) Error() string {
	if t.By == "" {
		return fmt.Sprintf("task %s is not yours: it is on the list; take it up with tender task next", t.Task)
	}
	return fmt.Sprintf("task %s is with %s until %s", t.Task, t.By, t.Until.UTC().Format(time.RFC3339))
}

// Ended says that a task has been done, or has aged out.
type Ended struct {
	Task, Disposition, By string
	At                    time.Time
}

// Error says what became of the task.
func (e *Ended) Error() string {
	by := ""
	if e.By != "" {
		by = " by " + e.By
	}
	return fmt.Sprintf("task %s has ended on %s%s: %s", e.Task, e.At.UTC().Format(time.RFC3339), by, e.Disposition)
}

// Refused says that a borrower may not be called about a task now.
type Refused struct {
	Task string
	May
	// Back is set when the task went back on the list.
	Back bool
}

// Error says why not, and when.
func (r *Refused) Error() string {
	text := fmt.Sprintf("task %s may not be called now: %s", r.Task, r.Says())
	if r.Back {
		text += "; it is back on the list"
	}
	return text
}

// Unsaid says that a task was dialled, and what came of the call is not told yet.
type Unsaid struct{ Task string }

// Error says what to do.
func (u *Unsaid) Error() string {
	return fmt.Sprintf("task %[1]s was dialled; say what came of the call first: tender task complete %[1]s --disposition ...", u.Task)
}

// Kept says that a task is not for an agent: a complaint of its borrower is about them.
type Kept struct{ Task, Agent, Complaint string }

// Error says what to do.
func (k *Kept) Error() string {
	return fmt.Sprintf("task %s is not for %s: complaint %s of its borrower is about them; have somebody else take it up", k.Task, k.Agent, k.Complaint)
}

// Skip is a task that was looked at and not handed out.
type Skip struct {
	Task string `json:"task"`
	Loan string `json:"loan"`
	May
}

// Handed is what an agent is given: a task with all that they need, and those that came before it and may not be called now.
type Handed struct {
	// Task is nil when there is none.
	Task *Task `json:"task"`
	// Again is set when the agent had it already.
	Again   bool   `json:"again,omitempty"`
	Skipped []Skip `json:"skipped"`
	// More is set when there may be others that nobody looked at.
	More bool `json:"more,omitempty"`
}

// Next hands the first task of the worklist that may be done now to an agent, for a while. Whoever has one gets that one again.
func (d *Desk) Next(ctx context.Context, agent string, lease time.Duration) (Handed, error) {
	handed := Handed{Skipped: []Skip{}}
	skipped := []string{}
	for range mostLooked {
		t, again, err := d.claim(ctx, agent, lease, skipped)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return handed, nil
		case err != nil:
			return handed, err
		}
		var skip *Skip
		if !again {
			if skip, err = d.handOut(ctx, t, agent); errors.Is(err, errLeaseEnded) {
				continue
			}
			if err != nil {
				return handed, err
			}
		}
		if skip == nil {
			shown, err := d.Show(ctx, t.Key)
			handed.Task, handed.Again = &shown, again
			return handed, err
		}
		handed.Skipped = append(handed.Skipped, *skip)
		skipped = append(skipped, t.Key)
	}
	handed.More = true
	return handed, nil
}

// claim takes the first task of the worklist for an agent, or the one that they have already; then again is set. Who asks from many
// places at once is served in turn, so that they have one task. Should the process die, the lease ends. The error is
// [pgx.ErrNoRows] when there is none.
func (d *Desk) claim(ctx context.Context, agent string, lease time.Duration, not []string) (t sqlc.Task, again bool, err error) {
	now, err := d.Store.Now(ctx)
	if err != nil {
		return t, false, err
	}
	none := false
	err = d.Store.InTx(ctx, func(tx store.Tx) error {
		none = false
		if err := tx.LockAgent(ctx, agent); err != nil {
			return err
		}
		own, err := tx.ListTasks(ctx, sqlc.ListTasksParams{Agent: agent, Most: 1})
		if err != nil {
			return err
		}
		if again = len(own) > 0; again {
			t = own[0].Task
			if again, err = d.keeps(ctx, tx, t, agent); err != nil || again {
				return err
			}
		}
		t, err = tx.ClaimTask(ctx, sqlc.ClaimTaskParams{Agent: agent, LeaseSeconds: lease.Seconds(), Now: &now, Skipped: not})
		if none = errors.Is(err, pgx.ErrNoRows); none {
			return nil // what went back on the list stays there
		}
		return err
	})
	if err == nil && none {
		err = pgx.ErrNoRows
	}
	return t, again, err
}

// keeps reports whether an agent keeps a task that they have. It goes back on the list once a complaint of its borrower turns out to be
// about them; a call about something else that they have dialled they still report.
func (d *Desk) keeps(ctx context.Context, tx store.Tx, t sqlc.Task, agent string) (bool, error) {
	from, err := tx.KeptFrom(ctx, sqlc.KeptFromParams{Agent: agent, BorrowerID: t.BorrowerID, LoanID: t.LoanID})
	if err != nil || from == "" || t.DialledAt != nil && t.LoanID != event.ComplaintLoan(from) {
		return err == nil, err
	}
	_, err = tx.PutTaskBack(ctx, sqlc.PutTaskBackParams{Key: t.Key, Agent: agent})
	return false, err
}

// errLeaseEnded says that an agent lost a task while they waited for a borrower whom somebody else had locked.
var errLeaseEnded = errors.New("worklist: the lease ended before the task was handed out")

// handOut hands a task out that an agent has claimed, or puts it back when its borrower may not be called now. The error is
// [errLeaseEnded] when it may be somebody else's by then.
func (d *Desk) handOut(ctx context.Context, t sqlc.Task, agent string) (skip *Skip, err error) {
	lost := false
	err = d.Store.InTx(ctx, func(tx store.Tx) error {
		skip, lost = nil, false
		now, err := tx.LockForContact(ctx, t.BorrowerID)
		if err != nil {
			return err
		}
		if keeps, err := d.keeps(ctx, tx, t, agent); err != nil {
			return err
		} else if !keeps {
			lost = true // a complaint about them came first
			return nil
		}
		may, err := d.look(ctx, tx.Queries, t, now)
		switch {
		case err != nil:
			return err
		case may.Allowed, !t.Calls, may.Never:
			handed, err := tx.HandOutTask(ctx, sqlc.HandOutTaskParams{Key: t.Key, Agent: agent, Point: may.Point})
			if err == nil && handed == 0 {
				err = errLeaseEnded
			}
			return err
		}
		skip = &Skip{t.Key, t.LoanID, may}
		_, err = tx.PutTaskBack(ctx, sqlc.PutTaskBackParams{Key: t.Key, Agent: agent, HeldUntil: may.until()})
		return err
	})
	if err == nil && lost {
		return nil, errLeaseEnded
	}
	if err != nil && !errors.Is(err, errLeaseEnded) { // nobody should have to wait for the end of the lease
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_, _ = d.Store.PutTaskBack(ctx, sqlc.PutTaskBackParams{Key: t.Key, Agent: agent})
	}
	return skip, err
}

// Dialled is a call that may be made now, and is counted already.
type Dialled struct {
	// Contact is its key among the contacts.
	Contact string `json:"contact"`
	Task    Task   `json:"task"`
}

// Dial asks once more whether the borrower may be called, and reserves the call as a contact. Its errors are [*Taken], [*Ended],
// [*Kept] and [*Refused]; then nothing is reserved. A call that is reserved and of which nobody has said what came of it is not reserved twice.
func (d *Desk) Dial(ctx context.Context, key, agent string) (Dialled, error) {
	var contactKey string
	var refused error
	err := d.Store.InTx(ctx, func(tx store.Tx) error {
		refused = nil
		t, now, err := d.own(ctx, tx, key, agent)
		if err != nil {
			return err
		}
		from, err := tx.KeptFrom(ctx, sqlc.KeptFromParams{Agent: agent, BorrowerID: t.BorrowerID, LoanID: t.LoanID})
		if err != nil {
			return err
		}
		if from != "" {
			refused = &Kept{key, agent, from}
			_, err = d.keeps(ctx, tx, t, agent)
			return err
		}
		may, err := d.look(ctx, tx.Queries, t, now)
		switch {
		case err != nil:
			return err
		case !may.Allowed:
			refused = &Refused{Task: key, May: may, Back: t.Calls && !may.Never && t.DialledAt == nil}
			return d.refuse(ctx, tx, t, agent, may, now)
		case t.DialledAt != nil && may.Point == t.Point:
			contactKey = t.ContactKey
			return nil
		case t.DialledAt != nil:
			return &Unsaid{key}
		}
		contactKey, err = d.reserve(ctx, tx, t, agent, may, now)
		return err
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return Dialled{}, err
	}
	task, err := d.Show(ctx, key)
	return Dialled{contactKey, task}, err
}

// own locks a task that an agent has, behind its borrower, and returns it with the business time. It stays theirs after the end of
// its lease until somebody else takes it.
func (d *Desk) own(ctx context.Context, tx store.Tx, key, agent string) (sqlc.Task, time.Time, error) {
	found, err := tx.TaskFor(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return sqlc.Task{}, time.Time{}, err
	}
	now, err := tx.LockForContact(ctx, found.Task.BorrowerID)
	if err != nil {
		return sqlc.Task{}, now, err
	}
	row, err := tx.TaskOf(ctx, key)
	if err != nil {
		return row.Task, now, err
	}
	return row.Task, now, belongs(row.Task, row.Leased, agent)
}

// belongs refuses a task that is not an agent's.
func belongs(t sqlc.Task, leased bool, agent string) error {
	switch {
	case t.DoneAt != nil:
		return &Ended{t.Key, t.Disposition, t.DoneBy, *t.DoneAt}
	case leased && t.Agent != agent:
		return &Taken{t.Key, t.Agent, *t.LeasedUntil}
	case t.Agent != agent || t.LeasedUntil == nil:
		return &Taken{Task: t.Key}
	}
	return nil
}

// refuse notes that a call was held back, and puts its task back on the list where it is to call and may be called another time.
func (d *Desk) refuse(ctx context.Context, tx store.Tx, t sqlc.Task, agent string, may May, now time.Time) error {
	if may.finding != nil {
		held := sqlc.InsertHeldBackParams{
			LoanID: t.LoanID, StepKey: t.StepKey, Rule: may.finding.Rule, Version: may.finding.Version, Verdict: string(may.finding.Verdict),
			Why: may.finding.Why, Used: int32(may.finding.Count), Most: int32(may.finding.Max), At: now, Until: may.until(),
		}
		if err := tx.InsertHeldBack(ctx, held); err != nil {
			return err
		}
	}
	if !t.Calls || may.Never || t.DialledAt != nil {
		return nil
	}
	_, err := tx.PutTaskBack(ctx, sqlc.PutTaskBackParams{Key: t.Key, Agent: agent, HeldUntil: may.until()})
	return err
}

// reserve makes the call a contact, so that whatever counts contacts counts it from now on.
func (d *Desk) reserve(ctx context.Context, tx store.Tx, t sqlc.Task, agent string, may May, now time.Time) (string, error) {
	dials := t.Dials + 1
	key := fmt.Sprintf("%s.%d", t.Key, dials)
	about := []string{t.LoanID}
	if may.debt != t.LoanID {
		about = append(about, may.debt)
	}
	err := tx.InsertContact(ctx, sqlc.InsertContactParams{
		Key: key, BorrowerID: t.BorrowerID, LoanIds: about, StepKey: t.StepKey, Channel: string(contact.Call), Point: may.Point,
		Direction: string(contact.Outbound), Purpose: t.Purpose, Adapter: "worklist", At: now, Intent: "task " + t.Key, Attempt: dials,
	})
	if err != nil {
		return "", err
	}
	return key, tx.DialTask(ctx, sqlc.DialTaskParams{
		Key: t.Key, ContactKey: key, Point: may.Point, At: &now, Dials: dials, Agent: agent, LeaseSeconds: dialLease.Seconds(),
	})
}

// Release puts a task that an agent has back on the list.
func (d *Desk) Release(ctx context.Context, key, agent string) error {
	return d.Store.InTx(ctx, func(tx store.Tx) error {
		t, _, err := d.own(ctx, tx, key, agent)
		switch {
		case err != nil:
			return err
		case t.DialledAt != nil:
			return &Unsaid{key}
		}
		_, err = tx.PutTaskBack(ctx, sqlc.PutTaskBackParams{Key: key, Agent: agent})
		return err
	})
}
