package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	messages "github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) halt() *cobra.Command {
	var h event.Halt
	var until moment
	var id string
	var how sweeping
	c := &cobra.Command{
		Use:   "halt --reason TEXT",
		Short: "Stop contacts, from the next one on: all, or those that every filter fits",
		Long: `Stop contacts, whoever they are with, from the next reservation on: all of them, or those that every given filter fits.
Messages that are queued are not sent, and nobody is given a task to call while calls are halted. Steps wait with the
reason halted; where another channel is allowed and not halted, they take that one. Statutory notices are halted, too,
unless --except-notices. Then every journey concerned plans anew, some a second; nothing depends on when that ends.

tender resume ends it. A date begins where it begins last on earth.`,
		Example: `  tender halt --channel sms --reason "the provider sends twice"
  tender halt --jurisdiction us-tx --template notice-1 --until 2026-03-01 --reason "wording under review"
  tender halt list`,
		Args: noCommand,
	}
	wordVar(c, &h.Channel, "channel", "channel", contact.Channels, "only contacts on a channel")
	c.Flags().StringVar(&h.Jurisdiction, "jurisdiction", "", "only contacts with borrowers in a jurisdiction, with all that lies in it")
	c.Flags().StringVar(&h.Template, "template", "", "only messages with a template")
	complete(c, "template", messages.Templates()...)
	c.Flags().BoolVar(&h.ExceptNotices, "except-notices", false, "let statutory notices through")
	c.Flags().Var(&until, "until", "when it ends by itself (default: until resumed)")
	c.Flags().StringVar(&h.Reason, "reason", "", "why; kept in Postgres alone")
	c.Flags().StringVar(&id, "id", "", "id of the halt, and of its event; the same command line with the same id has one effect (default: a new one)")
	how.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if strings.TrimSpace(h.Reason) == "" {
			return misuse(c, "--reason is missing; for example:\n%s", c.Example)
		}
		if err := how.check(c); err != nil {
			return err
		}
		return a.does(func(ctx context.Context, _ []string) error {
			h.Halt, h.Until, h.Jurisdiction = cmp.Or(id, newID()), until.in(lastZone), region(h.Jurisdiction)
			return a.stop(ctx, h, how)
		})(c, args)
	}
	c.AddCommand(a.haltList())
	return c
}

// stop halts contacts.
func (a *app) stop(ctx context.Context, h event.Halt, how sweeping) error {
	e, err := draft(event.ContactsHalted, event.NoSubject, "", h.Halt, h)
	if err != nil {
		return err
	}
	done, err := a.sweep(ctx, e, how, h.Jurisdiction)
	stopped := report.PlacedHalt{Halt: contact.Halt{Channel: h.Channel, Jurisdiction: h.Jurisdiction, Template: h.Template, ExceptNotices: h.ExceptNotices}}
	return a.printSwept(done, err, "halt "+h.Halt+": "+stopped.Stopped()+" are halted from now on; tender resume "+h.Halt+" ends it")
}

func (a *app) haltList() *cobra.Command {
	var every bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the halts that are in force",
		Long:    "List the halts that are in force; times are in UTC. Reads Postgres alone.",
		Example: "  tender halt list --all",
		Args:    takes(),
	}
	c.Flags().BoolVar(&every, "all", false, "those that are over, too")
	c.RunE = a.does(func(ctx context.Context, _ []string) error {
		return a.reading(ctx, func(db *store.Store) error {
			halts, err := report.PlacedHalts(ctx, db, every)
			if err != nil {
				return err
			}
			return a.print(halts, func(w io.Writer, style report.Style) error { return report.WriteHalts(w, style, halts) })
		})
	})
	return c
}

func (a *app) resume() *cobra.Command {
	var all bool
	var id string
	var how sweeping
	c := &cobra.Command{
		Use:     "resume (HALT | --all)",
		Short:   "End a halt, or all of them",
		Long:    "End a halt, or all of them. Then every journey concerned plans anew, some a second: what waited goes out as the rules and the rate allow.",
		Example: "  tender resume cli-5q3nydvk7mzr2hpx\n  tender resume --all",
		Args:    takesFirst(0, "HALT"),
	}
	c.Flags().BoolVar(&all, "all", false, "end all that are in force")
	idFlag(c, &id)
	how.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && !all:
			return misuse(c, "HALT is missing; name one as tender halt list shows it, or say --all")
		case len(args) > 0 && all:
			return misuse(c, "HALT and --all exclude each other")
		case all && id != "":
			return misuse(c, "--id names one event, and --all may send several")
		}
		if err := how.check(c); err != nil {
			return err
		}
		return a.does(func(ctx context.Context, args []string) error {
			if all {
				return a.goOnAll(ctx, how)
			}
			return a.goOn(ctx, args[0], cmp.Or(id, newID()), how)
		})(c, args)
	}
	return c
}

// goOn lifts one halt.
func (a *app) goOn(ctx context.Context, halt, id string, how sweeping) error {
	done, err := a.lift(ctx, halt, id, how)
	effect := "halt " + halt + " is lifted"
	if done.Sweep == nil {
		effect = "halt " + halt + " was lifted before"
	}
	return a.printSwept(done, err, effect)
}

func (a *app) lift(ctx context.Context, halt, id string, how sweeping) (swept, error) {
	e, err := draft(event.ContactsResumed, event.NoSubject, "", id, event.Resumption{Halt: halt})
	if err != nil {
		return swept{}, err
	}
	return a.sweep(ctx, e, how, "")
}

// goOnAll lifts all halts that are in force: first each of them, and then journeys are seen to.
func (a *app) goOnAll(ctx context.Context, how sweeping) error {
	var halts []report.PlacedHalt
	err := a.reading(ctx, func(db *store.Store) (err error) {
		halts, err = report.PlacedHalts(ctx, db, false)
		return err
	})
	if err != nil {
		return err
	}
	all, later := make([]swept, 0, len(halts)), how
	for n, h := range halts {
		later.noWait = how.noWait || n < len(halts)-1
		done, err := a.lift(ctx, h.ID, newID(), later)
		var silent errSilent
		if err != nil && !errors.As(err, &silent) {
			return err
		}
		all = append(all, done)
	}
	return a.print(all, func(w io.Writer, _ report.Style) error {
		if len(all) == 0 {
			_, err := fmt.Fprintln(w, "No contacts are halted.")
			return err
		}
		for n, done := range all {
			if err := done.write(w, "halt "+halts[n].ID+" is lifted"); err != nil {
				return err
			}
		}
		return nil
	})
}
