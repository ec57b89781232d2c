package main

import (
	"context"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) approvals() *cobra.Command {
	return group("approval", "List, grant and refuse requests to approve of what a soft rule advises against", a.approvalList(), a.approvalGrant(), a.approvalRefuse())
}

func (a *app) approvalList() *cobra.Command {
	f := report.ApprovalFilter{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the requests that can still be answered",
		Long: `List the requests that can still be answered, the oldest first; times are in UTC. A step that soft rules advise against
and that would otherwise wait for more than a day, or for ever, is put to a person. Until somebody answers, the step waits;
silence is no. tender loan explain says what each rule found. Reads Postgres alone.`,
		Example: "  tender approval list\n  tender approval list --loan L-1001 --all",
		Args:    takes(),
	}
	c.Flags().StringVar(&f.Loan, "loan", "", "only requests about a loan")
	c.Flags().BoolVar(&f.Every, "all", false, "those that were answered or came to nothing, too")
	c.Flags().IntVar(&f.Most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Most < 1 || f.Most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", f.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.reading(ctx, func(db *store.Store) error {
				if f.Loan != "" {
					if _, err := report.Find(ctx, db, f.Loan); err != nil {
						return unknownLoan(f.Loan, err)
					}
				}
				all, err := report.Approvals(ctx, db, f)
				if err != nil {
					return err
				}
				return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteApprovals(w, style, all) })
			})
		})(c, args)
	}
	return c
}

func (a *app) approvalGrant() *cobra.Command {
	var until moment
	var note, id string
	c := &cobra.Command{
		Use:   "grant APPROVAL",
		Short: "Approve of a step that soft rules advise against",
		Long: `Approve of a step that soft rules advise against: it is done as soon as everything else allows it. The approval is for this
step and these rules alone, and holds for three days unless --until says otherwise. Whoever asked for the step cannot grant it.
A date begins where it begins last on earth.`,
		Example: `  tender approval grant a5b1c0de42f09d77e1a3 --note "she asked for a call this week" --as grace`,
		Args:    takes("APPROVAL"),
	}
	c.Flags().Var(&until, "until", "when the approval ends (default: after three days)")
	c.Flags().StringVar(&note, "note", "", "why; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.answers(ctx, args[0], event.ApprovalGranted, id, event.Approval{Approval: args[0], Until: until.in(lastZone), Note: note})
	})
	return c
}

func (a *app) approvalRefuse() *cobra.Command {
	var note, id string
	c := &cobra.Command{
		Use:   "refuse APPROVAL",
		Short: "Do not approve of a step that soft rules advise against",
		Long: `Do not approve of a step that soft rules advise against: it waits for when it is allowed anyway; what must be done and will
never be allowed is given to a person. Whoever asked for the step cannot answer.`,
		Example: `  tender approval refuse a5b1c0de42f09d77e1a3 --note "three this week are enough" --as grace`,
		Args:    takes("APPROVAL"),
	}
	c.Flags().StringVar(&note, "note", "", "why not; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.answers(ctx, args[0], event.ApprovalRefused, id, event.ApprovalRefusal{Approval: args[0], Note: note})
	})
	return c
}

// answers sends the answer to a request, which is an event of the loan that it is about.
func (a *app) answers(ctx context.Context, approval string, kind event.Type, id string, data any) error {
	loan := ""
	err := a.reading(ctx, func(db *store.Store) error {
		there, err := db.ApprovalFor(ctx, approval)
		if errors.Is(err, pgx.ErrNoRows) {
			return notFound("approval %s is not known; tender approval list shows those that wait", approval)
		}
		loan = there.LoanID
		return err
	})
	if err != nil {
		return err
	}
	return a.sends(ctx, kind, loan, id, data)
}
