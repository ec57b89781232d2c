package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/preapproval"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) applications() *cobra.Command {
	return group("application", "Look at applications that were pre-approved, and at the call before the disbursement", a.applicationList(), a.applicationShow())
}

func (a *app) applicationList() *cobra.Command {
	var f report.ApplicationFilter
	c := &cobra.Command{
		Use:   "list",
		Short: "List applications: where the call stands, and what it came to",
		Long: `List the applications that were pre-approved, the latest first: where the call before the disbursement stands, and what it came
to. Times are in UTC. Reads Postgres alone.`,
		Example: "  tender application list --state assigned\n  tender application list --verdict suspected_fraud",
		Args:    takes(),
	}
	wordVar(c, &f.State, "state", "state", preapproval.States, "only applications in a state")
	wordVar(c, &f.Verdict, "verdict", "verdict", event.Verdicts, "only applications that came to this")
	c.Flags().StringVar(&f.Borrower, "borrower", "", "only applications of a borrower")
	c.Flags().IntVar(&f.Most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Most < 1 || f.Most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", f.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				all, err := report.Applications(ctx, db, f)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteApplications(w, style, all) })
			})
		})(c, args)
	}
	return c
}

func (a *app) applicationShow() *cobra.Command {
	questions := false
	c := &cobra.Command{
		Use:   "show APPLICATION",
		Short: "Show what happened about an application: what came in, who was to call, and what the lending system was told",
		Long: `Show what happened about an application: what came in, what a person was given, what came of it, and what the lending system was
told. Times are in UTC. Reads Postgres alone.`,
		Example: "  tender application show A-2001\n  tender application show A-2001 --questions",
		Args:    takes("APPLICATION"),
	}
	c.Flags().BoolVar(&questions, "questions", false, "show what the applicant asked; it is personal")
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.reading(ctx, func(db *store.Store) error {
			life, err := report.LiveApplication(ctx, db, args[0], questions)
			if errors.Is(err, store.ErrNotFound) {
				return notFound("application %s is not known; tender application list shows those that are", args[0])
			}
			if err != nil {
				return err
			}
			return a.print(life, life.Write)
		})
	})
	return c
}
