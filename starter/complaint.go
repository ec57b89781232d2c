package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) complaints() *cobra.Command {
	return group("complaint", "Register complaints, work on them, answer them",
		a.complaintRaise(), a.complaintList(), a.complaintShow(), a.complaintAck(), a.complaintAssign(), a.complaintNote(), a.complaintResolve(),
		a.complaintEscalate(), a.complaintExtend(), a.complaintWithdraw(), a.complaintReopen(), a.complaintConfirm(), a.complaintRelease(),
		a.complaintReport(), a.complaintRegime())
}

func (a *app) complaintList() *cobra.Command {
	f := report.ComplaintFilter{}
	c := &cobra.Command{
		Use:   "list",
		Short: "List the complaints that wait for an answer",
		Long: `List the complaints that wait for an answer, the latest first; with --due what is due next comes first, and what is late before it.
What is late is red, and what has used four fifths of its time is yellow. DUE is the last day of the deadline that runs out first where the
complaint is now, with its id. WITH is who has it, or in brackets the role while nobody has taken it up. Reads Postgres alone.`,
		Example: "  tender complaint list --due\n  tender complaint list --level compliance --owner dora\n  tender complaint list --all --borrower B-1001",
		Args:    takes(),
	}
	c.Flags().BoolVar(&f.Due, "due", false, "what is due next first")
	c.Flags().BoolVar(&f.Every, "all", false, "those that were answered or closed, too")
	wordVar(c, &f.Level, "level", "level", complaint.Levels, "only complaints at a level")
	wordVar(c, &f.Kind, "kind", "kind", complaint.Kinds, "only complaints of a kind")
	c.Flags().StringVar(&f.Owner, "owner", "", "only complaints that somebody has")
	c.Flags().StringVar(&f.Loan, "loan", "", "only complaints about a loan")
	c.Flags().StringVar(&f.Borrower, "borrower", "", "only complaints of a borrower")
	c.Flags().IntVar(&f.Most, "limit", 100, "how many to list at most")
	c.RunE = func(c *cobra.Command, args []string) error {
		if f.Most < 1 || f.Most > 10000 {
			return misuse(c, "--limit %d: give a number from 1 to 10000", f.Most)
		}
		return a.does(func(ctx context.Context, _ []string) error {
			return a.complaining(ctx, func(db *store.Store, regimes *complaint.Library) error { return a.listComplaints(ctx, db, regimes, f) })
		})(c, args)
	}
	return c
}

func (a *app) listComplaints(ctx context.Context, db *store.Store, regimes *complaint.Library, f report.ComplaintFilter) error {
	if f.Loan != "" {
		if _, err := report.Find(ctx, db, f.Loan); err != nil {
			return unknownLoan(f.Loan, err)
		}
	}
	if err := knowsBorrower(ctx, db, f.Borrower); err != nil {
		return err
	}
	all, err := report.Complaints(ctx, db, regimes, f)
	if err != nil {
		return err
	}
	some := f.Every || f.Level != "" || f.Kind != "" || f.Owner != "" || f.Loan != "" || f.Borrower != ""
	err = a.print(all, func(w io.Writer, style report.Style) error { return report.WriteComplaints(w, style, all, some) })
	if err == nil && len(all) == f.Most {
		_, err = fmt.Fprintln(a.err, "There may be more; see --limit.")
	}
	return err
}

// knowsBorrower refuses a borrower who is not known; nobody is no borrower to ask about.
func knowsBorrower(ctx context.Context, db *store.Store, borrower string) error {
	if borrower == "" {
		return nil
	}
	there, err := db.HasBorrower(ctx, borrower)
	if err == nil && !there {
		err = store.ErrNotFound
	}
	return unknownBorrower(borrower, err)
}

func (a *app) complaintShow() *cobra.Command {
	var texts bool
	c := &cobra.Command{
		Use:   "show COMPLAINT",
		Short: "Show a complaint: where it stands, its clocks, who had it, and what happened in order",
		Long: `Show a complaint: where it stands, its clocks, who had it, what was answered, what happened in order, and what is next. An id under
which it was raised once more will do. Reads Postgres alone.

What the borrower said, what was noted, answered and sent is personal; it is shown with --texts alone.`,
		Example: "  tender complaint show CP-4\n  tender complaint show CP-4 --texts",
		Args:    takes("COMPLAINT"),
	}
	c.Flags().BoolVar(&texts, "texts", false, "show what was said, noted, answered and sent, word for word; it is personal")
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.complaining(ctx, func(db *store.Store, regimes *complaint.Library) error {
			file, err := report.OpenComplaint(ctx, db, regimes, args[0], texts)
			if err != nil {
				return unknownComplaint(args[0], err)
			}
			return a.print(file, file.Write)
		})
	})
	return c
}

// complaining runs something that reads complaints, which needs Postgres and the regimes.
func (a *app) complaining(ctx context.Context, do func(*store.Store, *complaint.Library) error) error {
	s, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(db, s.Regimes())
}

// unknownComplaint says of a complaint that is not known what to do.
func unknownComplaint(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("complaint %s is not known; tender complaint list --all shows those that are", id)
	}
	return err
}

// findComplaint finds one complaint, by any id under which it was raised.
func (a *app) findComplaint(ctx context.Context, id string) (found report.Complaint, err error) {
	err = a.complaining(ctx, func(db *store.Store, regimes *complaint.Library) error {
		found, err = report.FindComplaint(ctx, db, regimes, id)
		return unknownComplaint(id, err)
	})
	return found, err
}

// became is what became of a complaint by what somebody did with it.
type became struct {
	report.Complaint
	// Result is what the journeys answered that were told.
	Result intake.Result `json:"result"`
}

// complains does something with a complaint, and says what became of it: says gets the complaint as it is afterwards.
func (a *app) complains(ctx context.Context, e cloudevents.Event, id string, says func(report.Complaint) string) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	return a.writing(ctx, func(db *store.Store, door *intake.Door) error {
		taken := door.TakeAll(ctx, []cloudevents.Event{e}, a.actor())[0]
		if taken.Err != nil {
			return flagged(event.Type(e.Type()), about(e, taken.Err))
		}
		found, err := report.FindComplaint(ctx, db, s.Regimes(), id)
		if err != nil {
			return unknownComplaint(id, err)
		}
		return a.print(became{found, taken.Result}, func(w io.Writer, _ report.Style) error {
			_, err := io.WriteString(w, whatBecame(found, taken, says(found)))
			return err
		})
	})
}

// whatBecame says what became of a complaint, and of whom else it was told.
func whatBecame(c report.Complaint, taken intake.Taken, says string) string {
	var text strings.Builder
	if taken.Before {
		says = "this came before, and has its effect once: " + says
	}
	fmt.Fprintf(&text, "complaint %s: %s\n  now %s\n", c.ID, report.Printable(says), c.Stands())
	for _, told := range taken.Result.Loans {
		switch {
		case told.Refused != nil:
			fmt.Fprintf(&text, "  %s refused it: %s\n", event.Named(told.Loan), told.Refused.Error())
		case told.Pending:
			fmt.Fprintf(&text, "  %s was told, and has not decided upon it yet\n", event.Named(told.Loan))
		}
	}
	return text.String()
}

// on makes the event of something that is done with a complaint, and does it.
func (a *app) on(ctx context.Context, complaint string, kind event.Type, id string, data any, says func(report.Complaint) string) error {
	if _, err := a.findComplaint(ctx, complaint); err != nil {
		return err
	}
	e, err := draft(kind, event.ComplaintSubject, complaint, cmp.Or(id, newID()), data)
	if err != nil {
		return err
	}
	return a.complains(ctx, e, complaint, says)
}

// handles checks that who acts may be named in what is known of a complaint, where nothing personal may stand.
func (a *app) handles(c *cobra.Command) error {
	if err := event.CheckID(a.actor()); err != nil {
		return misuse(c, "--as %v", err)
	}
	return nil
}

// aboutFlag adds the flag that names the agents whom a complaint is about.
func aboutFlag(c *cobra.Command, agents *[]string) {
	c.Flags().StringArrayVar(agents, "about", nil, "id of an agent whom it is about, who never gets it; may be given again")
}
