package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) applications() *cobra.Command {
	return group("application", "Look at applications that were pre-approved, and what came of their callback", a.applicationList(), a.applicationShow())
}

func (a *app) applicationList() *cobra.Command {
	var every bool
	var most int
	c := &cobra.Command{
		Use: "list", Short: "List the applications that wait for their callback", Args: takes(),
		Long: `List the applications that wait for their callback, the latest first. The calls themselves are on the worklist: tender task list
--reason preapproval. Times are in UTC. Reads Postgres alone.`,
		Example: "  tender application list\n  tender application list --all -o json",
	}
	c.Flags().BoolVar(&every, "all", false, "those of which something came, too")
	c.Flags().IntVar(&most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		if most < 1 || most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				all, err := report.Applications(ctx, db, every, most)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteApplications(w, style, all, every) })
			})
		})(c, args)
	}
	return c
}

func (a *app) applicationShow() *cobra.Command {
	c := &cobra.Command{
		Use: "show APPLICATION", Short: "Show what an application is about, and what came of its callback", Args: takes("APPLICATION"),
		Long:    "Show what an application is about, and what came of its callback. Times are in UTC. Reads Postgres alone.",
		Example: "  tender application show A-77",
	}
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.reading(ctx, func(db *store.Store) error {
			found, err := report.FindApplication(ctx, db, args[0])
			if errors.Is(err, store.ErrNotFound) {
				return notFound("application %s is not known; tender application list --all shows those that are", args[0])
			}
			if err != nil {
				return err
			}
			return a.print(found, func(w io.Writer, style report.Style) error { return report.WriteApplication(w, style, found) })
		})
	})
	return c
}
