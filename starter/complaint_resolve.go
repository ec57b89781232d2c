package main

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
)

// resolving is an answer that somebody wants to give.
type resolving struct {
	event.Resolution
	keep bool
	file string
	id   string
	// redress is what is done to put it right, as it was written.
	redress []string
}

func (a *app) complaintResolve() *cobra.Command {
	var r resolving
	c := &cobra.Command{
		Use:   "resolve COMPLAINT --outcome OUTCOME (--reasons TEXT | -f FILE)",
		Short: "Answer a complaint",
		Long: `Answer a complaint: what was found, why, and what is done to put it right. The reasons go out to the borrower as they stand, with how to take the
complaint further. The first answer counts: of two people who answer at once one is told who was faster.

While the complaint stops collection, say what becomes of that: --release, and collection may go on from now on; or --keep-hold, and it rests until
somebody releases it (tender complaint release). Who says so is on record.`,
		Example: `  tender complaint resolve CP-4 --outcome upheld --reasons "You are right: we called too often. We are sorry." --redress apology --keep-hold
  tender complaint resolve CP-4 --outcome partly_upheld -f answer.txt --redress fee_refund=15.00USD --redress channel_change=email --release`,
		Args: takes("COMPLAINT"),
	}
	wordVar(c, &r.Outcome, "outcome", "outcome", complaint.Outcomes, "what was found")
	c.Flags().StringVar(&r.Reasons, "reasons", "", "the answer to the borrower, in their language, with its reasons; kept in Postgres alone until it goes out")
	c.Flags().StringVarP(&r.file, "file", "f", "", "file with the reasons, or - for standard input")
	_ = c.MarkFlagFilename("file", "txt")
	c.Flags().StringArrayVar(&r.redress, "redress", nil, "what is done to put it right: "+closed.Join(complaint.RedressKinds)+"; money with its amount, such as fee_refund=15.00USD, and channel_change=email; may be given again")
	completeRedress(c)
	c.Flags().BoolVar(&r.Releases, "release", false, "collection may go on from now on")
	c.Flags().BoolVar(&r.keep, "keep-hold", false, "collection rests until somebody releases it")
	idFlag(c, &r.id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if problem := r.lacks(); problem != "" {
			return misuse(c, "%s", problem)
		}
		r.Redress = nil
		for _, text := range r.redress {
			one, err := redressOf(text)
			if err != nil {
				return misuse(c, "--redress %v", err)
			}
			r.Redress = append(r.Redress, one)
		}
		return a.handled(func(ctx context.Context, args []string) error { return a.resolve(ctx, args[0], r) })(c, args)
	}
	return c
}

// lacks says which flag is missing, or stands in the wrong company.
func (r resolving) lacks() string {
	switch {
	case r.Outcome == "":
		return "--outcome is missing; say what was found: " + closed.Join(complaint.Outcomes)
	case r.Reasons == "" && r.file == "":
		return "--reasons are missing; a borrower is not answered without reasons: write them, or name a file with -f"
	case r.Reasons != "" && r.file != "":
		return "--reasons and --file exclude each other"
	case r.Releases && r.keep:
		return "--release and --keep-hold exclude each other"
	}
	return ""
}

// completeRedress tells shells which kinds of redress there are.
func completeRedress(c *cobra.Command) {
	var all []string
	for _, kind := range complaint.RedressKinds {
		word := string(kind)
		if kind.Money() || kind == complaint.ChannelChanged {
			word += "="
		}
		all = append(all, word)
	}
	complete(c, "redress", all...)
}

// priced is an amount with its currency behind it.
var priced = regexp.MustCompile(`^([0-9.]+) *([A-Za-z]{3})$`)

// redressOf reads redress as a person writes it.
func redressOf(text string) (one complaint.Redress, err error) {
	word, value, valued := strings.Cut(text, "=")
	kind, err := closed.Parse("kind of redress", complaint.RedressKinds, word)
	if err != nil {
		return one, err
	}
	one.Kind = kind
	switch {
	case kind.Money():
		parts := priced.FindStringSubmatch(value)
		if parts == nil {
			return one, fmt.Errorf("%q is no amount with its currency; write such as %s=15.00USD", text, kind)
		}
		amount, err := amountOf(parts[1])
		if err != nil {
			return one, fmt.Errorf("%q: %w", text, err)
		}
		one.Amount, one.Currency = amount, strings.ToUpper(parts[2])
	case kind == complaint.ChannelChanged:
		if one.Channel, err = closed.Parse("channel", contact.Channels, value); err != nil {
			return one, fmt.Errorf("%q names no channel: %w", text, err)
		}
	case valued:
		return one, fmt.Errorf("%q: nothing goes with %s; an amount goes with fee_refund, interest_refund and goodwill, a channel with channel_change", text, kind)
	}
	if err := one.Validate(); err != nil {
		return one, fmt.Errorf("%q: %w", text, err)
	}
	return one, nil
}

// resolve answers a complaint.
func (a *app) resolve(ctx context.Context, id string, r resolving) error {
	if r.file != "" {
		text, err := a.readFile(r.file)
		if err != nil {
			return err
		}
		r.Reasons = strings.TrimSpace(string(text))
	}
	found, err := a.findComplaint(ctx, id)
	if err != nil {
		return err
	}
	if found.Rests && found.State.Open() && !r.Releases && !r.keep {
		return &problem{exitRefused, fmt.Sprintf("complaint %s stops collection of %s, and what becomes of that is a decision with your name on it: say --release if collection may go on from now on, or --keep-hold if it rests until somebody releases it", found.ID, found.Debt())}
	}
	return a.on(ctx, id, event.ComplaintResolved, r.id, r.Resolution, func(c report.Complaint) string {
		if c.Answer == nil {
			return "was answered, and opened again since"
		}
		text := fmt.Sprintf("answered by %s: %s", c.Answer.By, c.Answer.Outcome)
		if c.Answer.Late {
			text += ", late"
		}
		switch {
		case found.Rests && r.Releases:
			text += "; collection may go on from now on"
		case r.Releases:
			text += "; collection did not rest"
		}
		return text
	})
}

func (a *app) complaintEscalate() *cobra.Command {
	var p event.Escalation
	var id string
	c := &cobra.Command{
		Use:   "escalate COMPLAINT",
		Short: "Move a complaint up",
		Long: `Move a complaint up, to the next level or to the one that is named; nobody has to tell anything again, for all that was written goes with it. A
complaint never goes down. It must be acknowledged first. external: the borrower took it to an ombudsman, a regulator or a court.`,
		Example: "  tender complaint escalate CP-4 --why borrower_asked\n  tender complaint escalate CP-4 --to compliance --agent dora",
		Args:    takes("COMPLAINT"),
	}
	wordVar(c, &p.To, "to", "level", complaint.Levels[1:], "the level that has it from now on (default: the next one)")
	c.Flags().StringVar(&p.Why, "why", "", "why, as a code, such as borrower_asked")
	c.Flags().StringVar(&p.Agent, "agent", "", "id of whoever has it there (default: nobody yet but the role)")
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error {
		return a.on(ctx, args[0], event.ComplaintEscalated, id, p, func(c report.Complaint) string {
			return "moved up to " + string(c.Level) + ", because " + cmp.Or(p.Why, "decided")
		})
	})
	return c
}

func (a *app) complaintExtend() *cobra.Command {
	var p event.ComplaintExtension
	var id string
	c := &cobra.Command{
		Use:   "extend COMPLAINT --because CODE",
		Short: "Give a complaint more time, as its regime allows",
		Long: `Give a complaint more time, for a reason that its regime knows. Where the regime asks for it, somebody else has to approve, and the borrower is
told why it takes longer, and until when.`,
		Example: `  tender complaint extend CP-4 --because complex --words "the bank has not answered yet"
  tender complaint extend CP-4 --because special --approved-by dora`,
		Args: takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.Because, "because", "", "why, as the regime calls it, such as complex")
	c.Flags().StringVar(&p.ApprovedBy, "approved-by", "", "id of whoever approves of it, where the regime asks for that: neither who asks for it, nor who has the complaint or had it on a lower level")
	c.Flags().StringVar(&p.Text, "words", "", "remarks; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if p.Because == "" {
			return misuse(c, "--because is missing; for example:\n%s", c.Example)
		}
		return a.handled(func(ctx context.Context, args []string) error {
			return a.on(ctx, args[0], event.ComplaintExtended, id, p, func(c report.Complaint) string {
				if len(c.Extensions) == 0 {
					return "was given more time, and its clocks began anew since"
				}
				given := c.Extensions[len(c.Extensions)-1]
				return fmt.Sprintf("%s has until %s, because %s", given.Deadline, given.Due, given.Because)
			})
		})(c, args)
	}
	return c
}

func (a *app) complaintWithdraw() *cobra.Command {
	var p event.ComplaintWithdrawal
	var id string
	c := &cobra.Command{
		Use:   "withdraw COMPLAINT",
		Short: "Record that the borrower takes a complaint back",
		Long: `Record that the borrower takes a complaint back: it is closed, collection that it stopped may go on, and the borrower gets a message that says so. It can be
opened again.`,
		Example: `  tender complaint withdraw CP-4 --words "it has settled itself"`,
		Args:    takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.Text, "words", "", "what the borrower said; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error {
		return a.on(ctx, args[0], event.ComplaintWithdrawn, id, p, func(report.Complaint) string { return "the borrower takes it back" })
	})
	return c
}

func (a *app) complaintReopen() *cobra.Command {
	var p event.Reopening
	var id string
	c := &cobra.Command{
		Use:   "reopen COMPLAINT",
		Short: "Open a complaint again that the answer did not settle",
		Long: `Open a complaint again that the answer did not settle: one level up, with clocks that begin anew. Collection rests again if complaints of its kind
stop it. One that the borrower took back goes on where it was.`,
		Example: `  tender complaint reopen CP-4 --words "the refund has not come"`,
		Args:    takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.Why, "why", "", "why, as a code (default: dissatisfied)")
	c.Flags().StringVar(&p.Text, "words", "", "what the borrower said; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error {
		return a.on(ctx, args[0], event.ComplaintReopened, id, p, func(c report.Complaint) string {
			return "is open again, at the level " + string(c.Level)
		})
	})
	return c
}

func (a *app) complaintConfirm() *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:     "confirm COMPLAINT",
		Short:   "Record that the borrower says that the complaint is settled",
		Long:    "Record that the borrower says that the answer settles the complaint: it is closed. Without a word of theirs it is closed when the time to object is over.",
		Example: "  tender complaint confirm CP-4",
		Args:    takes("COMPLAINT"),
	}
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error {
		return a.on(ctx, args[0], event.ComplaintClosed, id, event.ComplaintClosing{How: complaint.Confirmed}, func(report.Complaint) string {
			return "closed: the borrower says that it is settled"
		})
	})
	return c
}

func (a *app) complaintRelease() *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "release COMPLAINT",
		Short: "Have collection go on that the complaint stops",
		Long: `Have collection go on that the complaint stops: its hold is released, and who acts is on record. Other holds stay. The complaint goes on as it is, answered or
not.`,
		Example: "  tender complaint release CP-4 --as dora",
		Args:    takes("COMPLAINT"),
	}
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error { return a.releaseComplaint(ctx, args[0], id) })
	return c
}

// releaseComplaint releases the hold of a complaint.
func (a *app) releaseComplaint(ctx context.Context, complaint, id string) error {
	found, err := a.findComplaint(ctx, complaint)
	if err != nil {
		return err
	}
	if !found.Rests && id == "" { // who gives an id may repeat what was done
		return &problem{exitRefused, fmt.Sprintf("complaint %s does not stop collection of %s, so there is nothing to release; tender hold list shows what else does", found.ID, found.Debt())}
	}
	about, subject := event.BorrowerSubject, found.Borrower
	if found.Loan != "" {
		about, subject = event.LoanSubject, found.Loan
	}
	e, err := draft(event.HoldReleased, about, subject, cmp.Or(id, newID()), event.HoldRelease{Hold: event.ComplaintHold(found.ID)})
	if err != nil {
		return err
	}
	return a.complains(ctx, e, found.ID, func(report.Complaint) string {
		return "stops collection of " + found.Debt() + " no longer; other holds stay"
	})
}
