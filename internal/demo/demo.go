// Package demo runs `tender demo`: seventeen lives of loans, ninety days in a few minutes, on a stack that starts empty and
// is thrown away. Everything in it is real, Temporal, Postgres, the worker and the gateway as processes of their own,
// but the lending system, which is faked over HTTP, and the speed of business time.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
)

// Options say how a demonstration runs.
type Options struct {
	Scenario *Scenario
	// Day is how long a business day takes on the wall. Default: as this machine can, two to four seconds.
	Day time.Duration
	// Start starts a worker and a gateway as processes of the stack, and returns the gateway's address once both serve.
	// What the lending system must know they tell it at its own address.
	Start func(ctx context.Context, stack *devstack.Stack, lender string) (gateway string, err error)
	// Out is where the demonstration is watched.
	Out io.Writer
	// Size returns width and height of the terminal that Out is. Default: Out is no terminal, and gets plain lines.
	Size func() (width, height int)
	// Began is when the command was given, wall time.
	Began time.Time
	// Show is given the summary while the stack still runs. With Stay the stack then runs on until the context ends.
	Show func(Summary) error
	Stay bool
}

// Fastest is the shortest business day. Timers are late by some tenth of a second, and that is hours of a day.
const Fastest = time.Second

// pace is how long a business day takes on a machine that took so long to start the servers. A reminder on a due date has half
// a day until it comes too late: where a day takes two seconds, a machine that is slow or busy misses it now and then.
func pace(took time.Duration) time.Duration {
	return min(max(2*time.Second, (took/2).Truncate(time.Second)), 4*time.Second)
}

// Run runs a demonstration and returns what it came to. However it ends, nothing of it is left behind.
func Run(ctx context.Context, o Options) (sum Summary, err error) {
	_, _ = fmt.Fprintln(o.Out, "Starting Temporal and Postgres in an empty folder.")
	stack, err := devstack.Start(ctx, devstack.Options{
		Ephemeral: true, Fast: true, SearchAttributes: journey.SearchAttributes, Log: o.Out,
	})
	if err != nil {
		return sum, err
	}
	if o.Day == 0 {
		o.Day = pace(time.Since(o.Began))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r := &run{Options: o, stack: stack, cancel: cancel}
	defer func() {
		cancel(nil)
		r.background.Wait()
		for _, closed := range r.closers {
			closed()
		}
		err = errors.Join(err, stack.Close())
	}()
	r.inBackground(func() error {
		select {
		case <-ctx.Done():
			return nil
		case err := <-stack.Failed():
			return err
		}
	})
	if err := r.prepare(ctx); err != nil {
		return sum, cause(ctx, err)
	}
	sum, err = r.live(ctx)
	return sum, cause(ctx, err)
}

// cause prefers why a context ended to the error of whoever noticed.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// run is one demonstration.
type run struct {
	Options
	stack  *devstack.Stack
	cancel context.CancelCauseFunc
	// background is what runs beside the watching, and closers what is closed when that has ended.
	background sync.WaitGroup
	closers    []func()

	db     *store.Store
	clock  bizclock.Clock
	lender *lender

	mu    sync.Mutex
	feed  []posted
	first time.Duration // from the command to the first journey
}

// inBackground runs something beside the watching; its error ends the demonstration.
func (r *run) inBackground(do func() error) {
	r.background.Go(func() {
		if err := do(); err != nil {
			r.cancel(err)
		}
	})
}

// leastLead is the least time, on the wall, between the making of the clock and the business time at which all begins.
const leastLead = 3 * time.Second

// prepare makes the clock, and starts everything that runs by it.
func (r *run) prepare(ctx context.Context) error {
	// The clock runs from the moment it is made, and at its pace the start of a process takes a day. So it is set back, by
	// as long as the servers took: the processes take less.
	lead := max(leastLead, time.Since(r.Began))
	var err error
	if r.clock, err = bizclock.Day(r.Scenario.Start.At, time.Now().Add(lead).Truncate(time.Microsecond), r.Day); err != nil {
		return err
	}
	if err := store.Migrate(ctx, r.stack.DatabaseURL, r.clock); err != nil {
		return err
	}
	if r.db, err = store.Open(ctx, r.stack.DatabaseURL); err != nil {
		return err
	}
	r.closers = append(r.closers, r.db.Close)
	r.lender = newLender(r.Scenario, r.clock)
	r.lender.received, r.lender.complaint, r.lender.say = r.received, r.complaint, r.note
	address, stop, err := r.lender.listen(ctx)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, stop)
	if r.lender.gateway, err = r.Start(ctx, r.stack, address); err != nil {
		return err
	}
	return r.catchUp()
}

// catchUp moves the scenario to a later Monday if the start took longer than was thought: a slow machine shall see the
// same weeks as a fast one.
func (r *run) catchUp() error {
	const week = 7 * 24 * time.Hour
	if late := r.lender.now().Sub(r.Scenario.Start.At); late > 0 {
		if err := r.Scenario.later(int(late/week) + 1); err != nil {
			return err
		}
		for _, life := range r.Scenario.Lives {
			r.lender.plan(life.Loan, life.at)
		}
	}
	return nil
}

// received finds when a borrower got the message of a step, or the first one of a treatment when it ends in @. The borrowers of a demonstration read the outbox.
func (r *run) received(ctx context.Context, loan, step string) (time.Time, error) {
	rows, err := r.db.LoanContacts(ctx, loan)
	for _, row := range rows {
		about := row.StepKey == step || strings.HasSuffix(step, "@") && strings.HasPrefix(row.StepKey, step)
		if about && contact.Disposition(row.Disposition).Made() {
			return row.At, err
		}
	}
	return time.Time{}, err
}

// complaint finds the id of the complaint about a loan, if there is one.
func (r *run) complaint(ctx context.Context, loan string) (string, error) {
	found, err := complaintsAbout(ctx, r.db, loan)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}

// note keeps what the lending system did, for who watches.
func (r *run) note(p posted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == 0 {
		r.first = time.Since(r.Began)
	}
	r.feed = append(r.feed, p)
}

// live lives through the scenario, tells what it came to, and stays if that is wanted.
func (r *run) live(ctx context.Context) (sum Summary, err error) {
	r.inBackground(func() error {
		if err := r.lender.run(ctx); ctx.Err() == nil {
			return err
		}
		return nil
	})
	if err := r.watch(ctx); err != nil {
		return sum, err
	}
	if sum, err = r.Scenario.summarise(ctx, r.db); err != nil {
		return sum, err
	}
	r.mu.Lock()
	sum.DaySeconds, sum.FirstJourneySeconds = r.Day.Seconds(), r.first.Round(10*time.Millisecond).Seconds()
	r.mu.Unlock()
	sum.WebUI, sum.Dir = r.stack.UIURL, r.stack.Dir
	if err := r.Show(sum); err != nil || !r.Stay {
		return sum, err
	}
	<-ctx.Done()
	if failed := context.Cause(ctx); !errors.Is(failed, context.Canceled) {
		return sum, failed
	}
	return sum, nil
}
