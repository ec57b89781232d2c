package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) survey() *cobra.Command {
	return group("survey", "See what borrowers answer when they are asked how we are doing", a.surveyReport())
}

func (a *app) surveyReport() *cobra.Command {
	var days int
	c := &cobra.Command{
		Use:   "report",
		Short: "Count the answers to each question, and what was added",
		Long: `Count the answers to each question, as a whole and by the strategy that accompanies the loans, and what the remarks were
understood as. A strategy says when which question is asked; docs/surveys.md says what becomes of an answer. Reads Postgres alone.`,
		Example: "  tender survey report --days 90",
		Args:    takes(),
	}
	c.Flags().IntVar(&days, "days", 365, "of how many days")
	c.RunE = func(c *cobra.Command, args []string) error {
		if days < 1 || days > 36500 {
			return misuse(c, "--days %d: give a number from 1 to 36500", days)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				now, err := db.Now(ctx)
				if err != nil {
					return err
				}
				all, err := report.Surveys(ctx, db, now.Add(-time.Duration(days)*24*time.Hour))
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteSurveys(w, style, all) })
			})
		})(c, args)
	}
	return c
}
