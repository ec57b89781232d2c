package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	messages "github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) survey() *cobra.Command {
	return group("survey", "See what borrowers answer when they are asked how we are doing", a.surveyReport(), a.surveyRemarks())
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

func (a *app) surveyRemarks() *cobra.Command {
	var since, question string
	var most int
	bank := messages.Words("question")
	c := &cobra.Command{
		Use:   "remarks",
		Short: "List what borrowers added to their answers, in their own words",
		Long: `List what borrowers added to their answers, in their own words, with the score and with what was understood when it came; the latest
first. Times are in UTC. The texts are personal: they are kept in Postgres alone, which is all that this reads.`,
		Example: "  tender survey remarks --since 2026-01-01 --question satisfied -o json",
		Args:    takes(),
	}
	c.Flags().StringVar(&since, "since", "", "from this date or instant on, such as 2026-01-31 (default: a year ago)")
	c.Flags().StringVar(&question, "question", "", "only what was added to this question: "+strings.Join(bank, ", "))
	complete(c, "question", bank...)
	c.Flags().IntVar(&most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		from, err := instantOf(since)
		switch {
		case since != "" && err != nil:
			return misuse(c, "--since %q is no date and no instant; write such as 2026-01-31 or 2026-01-31T15:04:05Z", since)
		case question != "" && !slices.Contains(bank, question):
			return misuse(c, "--question %q is none of the bank; use one of %s", question, strings.Join(bank, ", "))
		case most < 1 || most > 10000:
			return misuse(c, "--limit %d: give a number from 1 to 10000", most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error { return a.remarks(ctx, db, from, question, most) })
		})(c, args)
	}
	return c
}

// remarks prints what was added since an instant; in the last year when there is none.
func (a *app) remarks(ctx context.Context, db *store.Store, since time.Time, question string, most int) error {
	if since.IsZero() {
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		since = now.AddDate(-1, 0, 0)
	}
	all, err := report.Remarks(ctx, db, since, question, most)
	if err != nil {
		return err
	}
	return a.print(all, func(w io.Writer, style report.Style) error {
		if err := report.WriteRemarks(w, style, all); err != nil || len(all) < most {
			return err
		}
		_, err := fmt.Fprintf(w, "\nThere may be more; see --limit.\n")
		return err
	})
}
