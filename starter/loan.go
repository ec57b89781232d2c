package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) loan() *cobra.Command {
	return group("loan", "Look at loans, and change their course",
		a.loanList(), a.loanShow(), a.loanExplain(), a.loanDisburse(), a.loanPay(), a.loanPromise(), a.loanContact(), a.loanHold(), a.loanRelease(), a.loanDuties(),
		a.loanSchedule(), a.loanStatus())
}

func (a *app) loanList() *cobra.Command {
	var f report.Filter
	c := &cobra.Command{
		Use:   "list",
		Short: "List loans: where each stands, and what is next, when and why",
		Long: `List loans in the order of their ids, as their last decision found them. Reads Postgres alone.

The same lists in Temporal's Web UI: docs/web-ui-queries.md.`,
		Example: "  tender loan list --stage early_arrears --past-due 10",
		Args:    takes(),
	}
	wordVar(c, &f.Stage, "stage", "stage", journey.Stages, "only loans in a stage")
	wordVar(c, &f.Hold, "hold", "hold", contact.HoldKinds, "only loans under a hold of a kind")
	c.Flags().StringVar(&f.Bucket, "bucket", "", "only loans in a bucket, such as 1-29")
	complete(c, "bucket", loan.DefaultBuckets.Names()...)
	c.Flags().IntVar(&f.PastDue, "past-due", 0, "only loans at least so many days past due")
	c.Flags().IntVar(&f.Most, "limit", 100, "how many loans to list at most")
	c.Flags().StringVar(&f.After, "after", "", "begin behind this loan, for the next page")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.PastDue < 0 {
			return misuse(c, "--past-due %d: give a number of days, 0 or more", f.PastDue)
		}
		if f.Most < 1 || f.Most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", f.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			if err := a.checkBucket(ctx, c, f.Bucket); err != nil {
				return err
			}
			return a.listLoans(ctx, f)
		})(c, args)
	}
	return c
}

// checkBucket refuses a bucket that is neither a usual one nor that of any loan: strategies may have buckets of their own.
func (a *app) checkBucket(ctx context.Context, c *cobra.Command, bucket string) error {
	known := loan.DefaultBuckets.Names()
	if bucket == "" || slices.Contains(known, bucket) {
		return nil
	}
	return a.reading(ctx, func(db *store.Store) error {
		there, err := db.Buckets(ctx)
		if err != nil {
			return err
		}
		for _, name := range there {
			if !slices.Contains(known, name) {
				known = append(known, name)
			}
		}
		if _, err := closed.Parse("bucket", known, bucket); err != nil {
			return misuse(c, "--bucket: %v", err)
		}
		return nil
	})
}

func (a *app) listLoans(ctx context.Context, f report.Filter) error {
	return a.reading(ctx, func(db *store.Store) error {
		loans, err := report.List(ctx, db, f)
		if err != nil {
			return err
		}
		err = a.print(loans, func(w io.Writer, style report.Style) error { return report.WriteLoans(w, style, loans) })
		if err == nil && len(loans) == f.Most {
			_, err = fmt.Fprintf(a.err, "There may be more: --after %s\n", loans[f.Most-1].ID)
		}
		return err
	})
}

func (a *app) loanShow() *cobra.Command {
	var texts bool
	c := &cobra.Command{
		Use:     "show LOAN",
		Short:   "Show what happened to a loan: what came in, what was done, what was held back, and why",
		Long:    "Show the life of a loan in the order of its time, in the borrower's time zone. Reads Postgres alone.",
		Example: "  tender loan show L-1001",
		Args:    takes("LOAN"),
	}
	c.Flags().BoolVar(&texts, "messages", false, "show what the messages said; it is personal")
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.reading(ctx, func(db *store.Store) error {
			if !event.Lent(args[0]) {
				return unknownLoan(args[0], store.ErrNotFound)
			}
			life, err := report.Live(ctx, db, args[0], texts)
			if err != nil {
				return unknownLoan(args[0], err)
			}
			return a.print(life, life.Write)
		})
	})
	return c
}

func (a *app) loanExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain LOAN",
		Short: "Explain the next step: why this, why then, what else was considered",
		Long: `Explain the next step of a loan from the record of its last decision: why this step, why then, and which
rule refused or put off what else was considered. Reads Postgres alone.`,
		Example: "  tender loan explain L-1001",
		Args:    takes("LOAN"),
		RunE: a.does(func(ctx context.Context, args []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				e, err := report.Explain(ctx, db, args[0])
				if err != nil {
					return unknownLoan(args[0], err)
				}
				return a.print(e, e.Write)
			})
		}),
	}
}

func unknownLoan(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		if application, is := event.ApplicationOf(id); is {
			return notFound("%s is no loan; tender application show %s shows the application", id, application)
		}
		if complaint, is := event.ComplaintOf(id); is {
			return notFound("%s is no loan; tender complaint show %s shows the complaint", id, complaint)
		}
		return notFound("loan %s is not known; tender loan list shows those that are", id)
	}
	return err
}
