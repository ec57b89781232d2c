package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) holds() *cobra.Command {
	return group("hold", "Place, list and release holds: on a loan, a borrower, a contact point or a whole region", a.holdPlace(), a.holdList(), a.holdRelease())
}

// scope is whom a hold covers.
type scope struct{ region, borrower, loan, point string }

func (s *scope) flags(c *cobra.Command, verb string) {
	c.Flags().StringVar(&s.region, "region", "", verb+" a region: a jurisdiction's code, which covers what lies in it: us-tx covers us-tx-harris")
	c.Flags().StringVar(&s.borrower, "borrower", "", verb+" a borrower, with all their loans")
	c.Flags().StringVar(&s.loan, "loan", "", verb+" a loan")
}

// named returns how many scopes are named.
func (s *scope) named() (count int) {
	for _, name := range []string{s.region, s.borrower, s.loan} {
		if name != "" {
			count++
		}
	}
	return count
}

// placing is a hold that somebody wants to place.
type placing struct {
	scope
	kind            contact.HoldKind
	from, until     moment
	note, owner, id string
	sweeping
}

func (a *app) holdPlace() *cobra.Command {
	var p placing
	c := &cobra.Command{
		Use:   "place (--region CODE | --borrower BORROWER | --loan LOAN) --kind KIND",
		Short: "Place a hold: a dated, reasoned stop",
		Long: `Place a hold on a loan, on a borrower, on one of a borrower's contact points, or on everybody in a region. It binds at
once, also messages that are queued already, and even while Temporal is away. docs/holds.md says which contacts each
kind leaves allowed.

A hold on a region is followed by a sweep: Temporal has every journey there plan anew, some a second. Nothing depends
on when it ends. It goes on when this command is interrupted; the same command line with the same --id follows it again.

A date begins in the time zone of the loan's contract, or of the borrower; for a region where it begins first on earth
(--from) or last (--until).`,
		Example: `  tender hold place --region us-tx --kind disaster_or_bereavement --until 2026-04-01 --owner "crisis desk" --note "flood of 9 March"
  tender hold place --borrower B-1 --kind vulnerable_pause --from 2026-02-01
  tender hold place --borrower B-1 --point mobile --kind third_party_refused`,
		Args: takes(),
	}
	p.scope.flags(c, "hold")
	c.Flags().StringVar(&p.point, "point", "", "hold one contact point of the borrower alone")
	wordVar(c, &p.kind, "kind", "hold", contact.HoldKinds, "why")
	c.Flags().Var(&p.from, "from", "when it begins, may lie in the past (default: now)")
	c.Flags().Var(&p.until, "until", "when it ends by itself: the first day or moment on which it no longer binds (default: until released)")
	c.Flags().StringVar(&p.owner, "owner", "", "who answers for it (default: who acts)")
	c.Flags().StringVar(&p.note, "note", "", "evidence and remarks; kept in Postgres alone")
	c.Flags().StringVar(&p.id, "id", "", "id of the hold, and of its event, which Temporal shows: let it say nothing of the reason; the same command line with the same id has one effect (default: a new one)")
	p.sweeping.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case p.named() == 0:
			return misuse(c, "nobody is named; say --region, --borrower or --loan, for example:\n%s", c.Example)
		case p.named() > 1:
			return misuse(c, "--region, --borrower and --loan exclude each other; give each a hold of its own")
		case p.kind == "":
			return misuse(c, "--kind is missing; for example:\n%s", c.Example)
		case p.point != "" && p.region != "":
			return misuse(c, "--point cannot be named for a region")
		}
		if err := p.check(c); err != nil {
			return err
		}
		return a.does(func(ctx context.Context, _ []string) error { return a.place(ctx, p) })(c, args)
	}
	return c
}

// place places a hold.
func (a *app) place(ctx context.Context, p placing) error {
	about, subject, begins, ends := event.RegionSubject, region(p.region), firstZone, lastZone
	if p.region == "" {
		err := a.reading(ctx, func(db *store.Store) (err error) {
			about, subject, begins, ends, err = whom(ctx, db, p.scope)
			return err
		})
		if err != nil {
			return err
		}
	}
	id := cmp.Or(p.id, newID())
	e, err := draft(event.HoldPlaced, about, subject, id, event.HoldPlacement{
		Hold: id, Kind: p.kind, From: p.from.in(begins), Until: p.until.in(ends), Point: p.point, Note: p.note, Owner: cmp.Or(p.owner, a.actor()),
	})
	if err != nil {
		return err
	}
	if p.region == "" {
		return a.take(ctx, e)
	}
	done, err := a.sweep(ctx, e, p.sweeping, subject)
	return a.printSwept(done, err, "hold "+id+" binds from now on"+map[bool]string{true: ", as of " + p.from.String()}[p.from.String() != ""]+": "+p.kind.Leaves())
}

// whom finds whom a hold on a loan or a borrower is about, and where its dates begin.
func whom(ctx context.Context, db *store.Store, s scope) (about event.Subject, subject string, begins, ends *time.Location, err error) {
	if s.loan != "" {
		found, err := report.Find(ctx, db, s.loan)
		if err != nil {
			return "", "", nil, nil, unknownLoan(s.loan, err)
		}
		return event.LoanSubject, s.loan, found.Contract(), found.Contract(), nil
	}
	standing, err := db.Standing(ctx, s.borrower, time.Now())
	if err != nil {
		return "", "", nil, nil, unknownBorrower(s.borrower, err)
	}
	begins, ends = firstZone, lastZone
	if len(standing.Zones) == 1 {
		if zone, err := time.LoadLocation(standing.Zones[0]); err == nil {
			begins, ends = zone, zone
		}
	}
	return event.BorrowerSubject, s.borrower, begins, ends, nil
}

func (a *app) holdList() *cobra.Command {
	var s scope
	var every bool
	var most int
	c := &cobra.Command{
		Use:   "list",
		Short: "List holds, with whom they cover",
		Long: `List the holds that are in force or will be, in the order in which they begin; times are in UTC. Asked about a borrower or
a loan, it lists those of the region that cover them, too. Reads Postgres alone.`,
		Example: "  tender hold list --region us-tx\n  tender hold list --loan L-1001 --all",
		Args:    takes(),
	}
	s.flags(c, "only holds that cover")
	c.Flags().BoolVar(&every, "all", false, "those that are over, too")
	c.Flags().IntVar(&most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case s.named() > 1:
			return misuse(c, "--region, --borrower and --loan exclude each other")
		case most < 1 || most > 10000:
			return misuse(c, "--limit %d: give a number from 1 to 10000", most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				f, err := filter(ctx, db, s)
				if err != nil {
					return err
				}
				f.Every, f.Most = every, most
				holds, err := report.PlacedHolds(ctx, db, f)
				if err != nil {
					return err
				}
				return a.print(holds, func(w io.Writer, style report.Style) error { return report.WriteHolds(w, style, holds) })
			})
		})(c, args)
	}
	return c
}

// filter completes what holds are asked for: those of a loan are those of its borrower, too.
func filter(ctx context.Context, db *store.Store, s scope) (report.HoldFilter, error) {
	f := report.HoldFilter{Region: s.region, Borrower: s.borrower, Loan: s.loan}
	if s.loan != "" {
		found, err := report.Find(ctx, db, s.loan)
		if err != nil {
			return f, unknownLoan(s.loan, err)
		}
		f.Borrower = found.Borrower
	}
	return f, knowsBorrower(ctx, db, s.borrower)
}

func (a *app) holdRelease() *cobra.Command {
	var s scope
	var id string
	var how sweeping
	c := &cobra.Command{
		Use:   "release HOLD",
		Short: "Release a hold",
		Long: `Release a hold; others that cover the same people stay. Ids are unique for a borrower, and among regions: where several
have a hold of this id, say whose is meant. A hold on a region is followed by a sweep, as when it is placed.`,
		Example: "  tender hold release flood-2026-03 --region us-tx",
		Args:    takes("HOLD"),
	}
	s.flags(c, "the hold of")
	how.flags(c)
	idFlag(c, &id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if s.named() > 1 {
			return misuse(c, "--region, --borrower and --loan exclude each other")
		}
		if err := how.check(c); err != nil {
			return err
		}
		return a.does(func(ctx context.Context, args []string) error {
			return a.releaseHold(ctx, args[0], s, how, cmp.Or(id, newID()))
		})(c, args)
	}
	return c
}

func (a *app) releaseHold(ctx context.Context, hold string, s scope, how sweeping, id string) error {
	var h report.PlacedHold
	err := a.reading(ctx, func(db *store.Store) (err error) {
		h, err = a.findHold(ctx, db, hold, s)
		return err
	})
	if err != nil {
		return err
	}
	about, subject := event.BorrowerSubject, h.Borrower
	switch {
	case h.Region != "":
		about, subject = event.RegionSubject, h.Region
	case h.Loan != "":
		about, subject = event.LoanSubject, h.Loan
	}
	e, err := draft(event.HoldReleased, about, subject, id, event.HoldRelease{Hold: hold})
	if err != nil {
		return err
	}
	if h.Region == "" {
		if !h.Released.IsZero() {
			_, _ = fmt.Fprintf(a.err, "hold %s was released on %s already\n", hold, report.Moment(h.Released))
		}
		return a.take(ctx, e)
	}
	done, err := a.sweep(ctx, e, how, subject)
	effect := "hold " + hold + " binds no longer; others stay"
	if !h.Released.IsZero() {
		effect = "hold " + hold + " was released on " + report.Moment(h.Released)
	}
	return a.printSwept(done, err, effect)
}

// findHold finds the hold of an id: the one in force, or, where there is none, the one that was released last.
func (a *app) findHold(ctx context.Context, db *store.Store, id string, s scope) (report.PlacedHold, error) {
	f, err := filter(ctx, db, s)
	if err != nil {
		return report.PlacedHold{}, err
	}
	f.ID, f.Every = id, true
	found, err := report.PlacedHolds(ctx, db, f)
	if err != nil {
		return report.PlacedHold{}, err
	}
	binding := slices.DeleteFunc(slices.Clone(found), func(h report.PlacedHold) bool { return !h.Released.IsZero() })
	switch {
	case len(found) == 0:
		return report.PlacedHold{}, notFound("there is no hold %s; tender hold list shows those that there are", id)
	case len(binding) == 0:
		slices.SortFunc(found, func(x, y report.PlacedHold) int { return y.Released.Compare(x.Released) })
		return found[0], nil
	case len(binding) > 1:
		whose := make([]string, len(binding))
		for n, h := range binding {
			whose[n] = h.Covers()
		}
		return report.PlacedHold{}, &problem{exitRefused, fmt.Sprintf("several have a hold %s: %s; say --region, --borrower or --loan", id, strings.Join(whose, ", "))}
	}
	return binding[0], nil
}

// unknownBorrower says of a borrower that is not known what to do.
func unknownBorrower(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("borrower %s is not known; tender loan show names the borrower of a loan", id)
	}
	return err
}
