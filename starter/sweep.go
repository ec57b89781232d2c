package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// sweeping is how journeys are swept after something stopped, or may go on, for many borrowers at once.
type sweeping struct {
	rate   int
	noWait bool
}

// mostRate is how many journeys a second may be asked for.
const mostRate = 1000

func (s *sweeping) flags(c *cobra.Command) {
	c.Flags().IntVar(&s.rate, "rate", 50, "how many journeys a second plan anew, at most; servers up to 1.29 take their own limit, 50 unless worker.batcherRPS says otherwise")
	c.Flags().BoolVar(&s.noWait, "no-wait", false, "do not wait until all journeys have been told to plan anew")
}

func (s *sweeping) check(c *cobra.Command) error {
	if s.rate < 1 || s.rate > mostRate {
		return misuse(c, "--rate %d: give a number from 1 to %d", s.rate, mostRate)
	}
	return nil
}

// swept is what became of an event that concerns many borrowers, and of the sweep that it asked for.
type swept struct {
	Event intake.Result `json:"event"`
	// Region is where, Borrowers how many live there, and Around how many live in something that the region is a part of, and
	// may or may not be covered.
	Region    string `json:"region,omitempty"`
	Borrowers int64  `json:"borrowers,omitempty"`
	Around    int64  `json:"around,omitempty"`
	// Sweep is how far the journeys have been told to plan anew; none when there was nothing to plan anew for.
	Sweep *courier.Sweep `json:"sweep"`

	before bool
}

// write says in words what binds now. effect completes "from now on".
func (s swept) write(w io.Writer, effect string) error {
	lines := []string{fmt.Sprintf("%s %s is kept%s", s.Event.Type, s.Event.ID, map[bool]string{true: "; it came before"}[s.before]), effect}
	if s.Region != "" {
		lines = append(lines, report.Count(s.Borrowers, "borrower")+" in "+s.Region)
	}
	if s.Around > 0 {
		lines = append(lines, fmt.Sprintf("%s in a wider region, of whom nobody knows whether they live in %s: they are not among those; borrower.updated says where they live",
			report.Count(s.Around, "borrower"), s.Region))
	}
	if s.Sweep != nil {
		lines = append(lines, "journeys: "+progress(*s.Sweep))
	}
	for _, line := range lines {
		if line == "" {
			continue
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// progress says in words how far a sweep is.
func progress(s courier.Sweep) string {
	text := fmt.Sprintf("%d of %d plan anew", s.Done, s.Total)
	if s.Failed > 0 {
		text += fmt.Sprintf(", %d could not be told and find out by themselves", s.Failed)
	}
	switch s.State {
	case courier.SweepWaiting:
		text = "another batch operation of Temporal's runs; they plan anew after it"
	case courier.SweepRunning:
		if s.Total == 0 {
			return "they are being counted"
		}
		text += fmt.Sprintf(", up to %d a second", s.Rate)
	case courier.SweepFailed:
		text += "; the batch operation was ended before its time, and those left find out by themselves"
	}
	return text
}

// sweep sends an event that concerns many borrowers, and sees to their journeys. What the event stops is stopped when it is
// stored: if Temporal is away, only that journeys plan anew has to wait.
func (a *app) sweep(ctx context.Context, e cloudevents.Event, how sweeping, region string) (swept, error) {
	var done swept
	err := a.writing(ctx, func(db *store.Store, door *intake.Door) error {
		taken := door.TakeAll(ctx, []cloudevents.Event{e}, a.actor())[0]
		if taken.Err != nil {
			return about(e, taken.Err)
		}
		done = swept{Event: taken.Result, Region: region, before: taken.Before}
		if region != "" {
			count, err := db.BorrowersIn(ctx, region)
			if err != nil {
				return err
			}
			done.Borrowers, done.Around = count.Inside, count.Around
		}
		row, err := db.SweepOf(ctx, sqlc.SweepOfParams{Source: e.Source(), ID: e.ID()})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // nothing changed, so nobody has to look again
		}
		if err != nil {
			return err
		}
		if err := db.PaceSweep(ctx, sqlc.PaceSweepParams{EventPk: row.EventPk, Rate: int32(how.rate)}); err != nil {
			return err
		}
		row.Rate = int32(how.rate)
		found, err := a.follow(ctx, db, row, how.noWait)
		done.Sweep = &found
		var silent errSilent
		if err != nil && !errors.As(err, &silent) {
			return fmt.Errorf("what was asked for binds, but not all journeys have been told to plan anew; a worker sees to it: %w", err)
		}
		return err
	})
	return done, err
}

// follow has journeys look again, and says on standard error how far they are. When Temporal cannot be reached a worker sees
// to it later.
func (a *app) follow(ctx context.Context, db *store.Store, row sqlc.Sweep, noWait bool) (courier.Sweep, error) {
	waiting := courier.Sweep{Job: row.Job, Jurisdiction: row.Jurisdiction, Rate: row.Rate, State: courier.SweepWaiting}
	if a.world.sweep != nil {
		return a.world.sweep(row), nil
	}
	s, err := a.settings()
	if err != nil {
		return waiting, err
	}
	temporal, err := s.DialTemporal(ctx)
	var away *settings.Unreachable
	if errors.As(err, &away) {
		_, _ = fmt.Fprintf(a.err, "tender: %v\ntender: what was asked for binds all the same; a worker has the journeys plan anew as soon as Temporal answers\n", err)
		return waiting, errSilent(exitFailed)
	}
	if err != nil {
		return waiting, err
	}
	defer temporal.Close()
	sweeper := &courier.Sweeper{Temporal: temporal, Namespace: s.Temporal.Namespace, Store: db}
	if noWait {
		return sweeper.Start(ctx, row)
	}
	return sweeper.Follow(ctx, row, func(now courier.Sweep) {
		if now.State == courier.SweepRunning || now.State == courier.SweepWaiting {
			_, _ = fmt.Fprintln(a.err, "journeys: "+progress(now))
		}
	})
}

// printSwept prints what became of an event for many, also when its sweep could not begin.
func (a *app) printSwept(done swept, err error, effect string) error {
	var silent errSilent
	if err != nil && !errors.As(err, &silent) {
		return err
	}
	if printed := a.print(done, func(w io.Writer, _ report.Style) error { return done.write(w, effect) }); printed != nil {
		return printed
	}
	return err
}

// region reads a jurisdiction's code.
func region(text string) string { return strings.ToLower(text) }
