package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

// reportedDays is how many days a report covers that is asked for without a beginning.
const reportedDays = 90

func (a *app) complaintReport() *cobra.Command {
	var since, until string
	var by report.Dimension
	c := &cobra.Command{
		Use:   "report",
		Short: "Count what was complained of, what became of it, and what draws more complaints than the rest",
		Long: fmt.Sprintf(`Count the complaints that were raised in a span: per thousand contacts and per thousand accounts, how long it took until the borrower
was told of the receipt and answered, and what was found and done. Each message, strategy and agent with %d contacts or more is compared
with the rest of its kind, and named where it draws more complaints than chance explains. docs/complaints.md says how that is worked out,
and what each column counts. Reads Postgres alone.`, report.LeastContacts),
		Example: "  tender complaint report --since 2026-01-01 --until 2026-04-01\n  tender complaint report --by template -o json",
		Args:    takes(),
	}
	flags := c.Flags()
	flags.StringVar(&since, "since", "", fmt.Sprintf("from this date or instant on, such as 2026-01-31 (default: %d days before the end)", reportedDays))
	flags.StringVar(&until, "until", "", "up to but not including this date or instant (default: now)")
	wordVar(c, &by, "by", "dimension", report.Dimensions, "count by this alone; by regime and by level only so")
	c.RunE = func(c *cobra.Command, args []string) error {
		span := raisedIn{said: [2]string{since, until}}
		for n, one := range []struct{ flag, text string }{{"since", since}, {"until", until}} {
			at, err := instantOf(one.text)
			if one.text != "" && err != nil {
				return misuse(c, "--%s %q is no date and no instant; write such as 2026-01-31 or 2026-01-31T15:04:05Z", one.flag, one.text)
			}
			span.at[n] = at
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error { return a.reportComplaints(ctx, db, span, by) })
		})(c, args)
	}
	return c
}

// raisedIn is the span of a report, as instants and as it was written; zero and empty where it was left out.
type raisedIn struct {
	at   [2]time.Time
	said [2]string
}

func (a *app) reportComplaints(ctx context.Context, db *store.Store, span raisedIn, by report.Dimension) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	since, until := span.at[0], span.at[1]
	if until.IsZero() {
		until = now.Add(time.Second) // what was raised just now is part of it
	}
	if since.IsZero() {
		since = until.AddDate(0, 0, -reportedDays)
	}
	switch {
	case since.Before(until):
	case span.said[1] == "":
		return &problem{exitUsage, fmt.Sprintf("--since %s lies ahead of now, %s; give an earlier date", span.said[0], now.UTC().Format(time.RFC3339))}
	default:
		return &problem{exitUsage, fmt.Sprintf("--since %s does not lie before --until %s; give an earlier date, or a later end", span.said[0], span.said[1])}
	}
	found, err := report.ComplaintsRaised(ctx, db, since, until, by)
	if err != nil {
		return err
	}
	return a.print(found, func(w io.Writer, style report.Style) error { return report.WriteComplaintReport(w, style, found) })
}
