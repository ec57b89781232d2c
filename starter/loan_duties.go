package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) loanDuties() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "duties LOAN",
		Short: "List what rules ask to be done for a loan, and by when",
		Long: `List what rules ask to be done for a loan because of what happened to it, and by when, the first deadline first. Whether it was
done Tender does not know. Where a calendar does not cover all days on the way, that is said: holidays may move the date. Reads Postgres and the rulebooks.`,
		Example: "  tender loan duties L-1001",
		Args:    takes("LOAN"),
	}
	rulebooksFlag(c, &dir)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.judging(ctx, dir, func(db *store.Store, library *compliance.Library) error {
			if !event.Lent(args[0]) {
				return unknownLoan(args[0], store.ErrNotFound)
			}
			duties, err := report.Duties(ctx, db, library, args[0])
			if err != nil {
				return unknownLoan(args[0], err)
			}
			return a.print(duties, func(w io.Writer, style report.Style) error { return report.WriteDuties(w, style, duties) })
		})
	})
	return c
}
