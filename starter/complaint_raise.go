package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

// origins are those that a person can name: what comes of a reply or a survey Tender registers itself.
var origins = []complaint.Origin{complaint.FromCommand, complaint.FromCall, complaint.FromLender, complaint.FromRegulator}

// raising is a complaint that somebody wants to register.
type raising struct {
	event.Complaint
	loan, borrower string
}

func (a *app) complaintRaise() *cobra.Command {
	r := raising{Complaint: event.Complaint{Origin: complaint.FromCommand}}
	c := &cobra.Command{
		Use:   "raise (--loan LOAN | --borrower BORROWER)",
		Short: "Register a complaint",
		Long: `Register a complaint: in a call, a letter or a visit somebody complained, or a regulator passed a complaint on. The borrower is told at once
that it was received, who has it, and by when they will hear. Kinds that stop collection stop it at this moment, and one that nobody has
sorted does too. The same complaint raised once more while it waits for an answer is merged into the one that is open. That loosens nothing: a kind
that stops collection, a higher level, and that it is about a payment are kept. An id belongs to one loan.`,
		Example: `  tender complaint raise --loan L-1001 --kind conduct --about bob --words "the last call was rude" --channel call
  tender complaint raise --borrower B-1001 --kind service
  tender complaint raise --loan L-1001 --origin regulator --due 2026-03-02 --id CP-4`,
		Args: takes(),
	}
	c.Flags().StringVar(&r.loan, "loan", "", "the loan that it is about")
	c.Flags().StringVar(&r.borrower, "borrower", "", "who complains, if it is about no loan")
	wordVar(c, &r.Kind, "kind", "kind", complaint.Kinds, "what it is about (default: unsorted)")
	c.Flags().StringVar(&r.Complaint.Complaint, "id", "", "id of the complaint, and of its event; the same command line with the same id has one effect (default: a new one)")
	c.Flags().StringVar(&r.Text, "words", "", "what the borrower says; kept in Postgres alone")
	wordVar(c, &r.Channel, "channel", "channel", contact.Channels, "how it came")
	wordVar(c, &r.Origin, "origin", "origin", origins, "where it came from")
	c.Flags().Var(day{&r.Due}, "due", "date by which a regulator or an ombudsman asks for the answer; with --origin regulator (default: the regime's)")
	aboutFlag(c, &r.About)
	c.Flags().BoolVar(&r.Payment, "payment", false, "it is about a payment service, for which some regimes have clocks of their own")
	c.Flags().BoolVar(&r.NewFacts, "new-facts", false, "if it is open already: facts come with it that were not known; in some regimes the clocks begin anew")
	c.Flags().StringVar(&r.Template, "template", "", "the message that it is about (default: the last one of the two weeks before)")
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case r.loan == "" && r.borrower == "":
			return misuse(c, "nobody is named; say --loan, or --borrower if it is about no loan, for example:\n%s", c.Example)
		case r.loan != "" && r.borrower != "":
			return misuse(c, "--loan and --borrower exclude each other; a loan has its borrower")
		case !r.Due.IsZero() && r.Origin != complaint.FromRegulator:
			return misuse(c, "--due goes with --origin regulator; the other dates follow from the regime")
		}
		return a.does(func(ctx context.Context, _ []string) error { return a.raise(ctx, r) })(c, args)
	}
	return c
}

// raise registers a complaint.
func (a *app) raise(ctx context.Context, r raising) error {
	about, subject := event.LoanSubject, r.loan
	err := a.reading(ctx, func(db *store.Store) error {
		if r.loan == "" {
			about, subject = event.BorrowerSubject, r.borrower
			return knowsBorrower(ctx, db, r.borrower)
		}
		_, err := report.Find(ctx, db, r.loan)
		return unknownLoan(r.loan, err)
	})
	if err != nil {
		return err
	}
	id := cmp.Or(r.Complaint.Complaint, newID())
	r.Complaint.Complaint = id
	e, err := draft(event.ComplaintRaised, about, subject, id, r.Complaint)
	if err != nil {
		return err
	}
	return a.complains(ctx, e, id, func(c report.Complaint) string {
		if c.ID != id {
			return fmt.Sprintf("is open since %s already; %s was merged into it", report.Moment(c.Raised.UTC()), id)
		}
		return "is registered: " + string(c.Kind) + ", " + c.Kind.Title()
	})
}

func (a *app) complaintAck() *cobra.Command {
	var p event.Acknowledgement
	var id string
	c := &cobra.Command{
		Use:   "ack COMPLAINT",
		Short: "Record that a person told the borrower of the receipt",
		Long: `Record that a person told the borrower that the complaint was received, for example in the call in which they complained. Tender's own
message is recorded without it, and is not sent once somebody has told them.`,
		Example: "  tender complaint ack CP-4 --by amy",
		Args:    takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.By, "by", "", "id of whoever told the borrower (default: who acts)")
	idFlag(c, &id)
	c.RunE = a.handled(func(ctx context.Context, args []string) error {
		return a.on(ctx, args[0], event.ComplaintAcknowledged, id, p, func(c report.Complaint) string {
			return "the borrower knows of its receipt, by " + c.AcknowledgedBy
		})
	})
	return c
}

// handled makes what a command runs that writes down who acts.
func (a *app) handled(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := a.handles(c); err != nil {
			return err
		}
		return a.does(do)(c, args)
	}
}

func (a *app) complaintAssign() *cobra.Command {
	var p event.ComplaintAssignment
	var id string
	c := &cobra.Command{
		Use:   "assign COMPLAINT --to PERSON",
		Short: "Take a complaint up, or give it to somebody, and sort it",
		Long: `Take a complaint up, or give it to somebody; and say what it is about, what led to it, and whom it is about. A kind that belongs on a higher
level moves it there. A kind that stops no collection releases the hold of the complaint; one that does places it, unless somebody released
it of another known kind that does. Nobody gets a complaint who it is about, nor at a level where somebody independent has to look, who had it on a lower one.`,
		Example: "  tender complaint assign CP-4 --to amy\n  tender complaint assign CP-4 --to dora --kind charges --cause late_posting",
		Args:    takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.To, "to", "", "id of whoever has it from now on")
	wordVar(c, &p.Kind, "kind", "kind", complaint.Kinds, "what it is about, once somebody has read it")
	c.Flags().StringVar(&p.Cause, "cause", "", "what led to it, as a code of your own, such as late_posting")
	c.Flags().BoolVar(&p.Payment, "payment", false, "it turns out to be about a payment service, for which some regimes have shorter clocks: they count from its receipt")
	aboutFlag(c, &p.About)
	idFlag(c, &id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if p.To == "" && p.Kind == "" && p.Cause == "" && len(p.About) == 0 && !p.Payment {
			return misuse(c, "--to is missing; say who has it, or with --kind, --cause, --about or --payment what it is about, for example:\n%s", c.Example)
		}
		return a.handled(func(ctx context.Context, args []string) error {
			return a.on(ctx, args[0], event.ComplaintAssigned, id, p, assigned(p))
		})(c, args)
	}
	return c
}

// assigned says how a complaint was sorted, and who has it.
func assigned(p event.ComplaintAssignment) func(report.Complaint) string {
	return func(c report.Complaint) string {
		var parts []string
		if p.To != "" {
			parts = append(parts, "given to "+p.To)
		}
		if p.Kind != "" {
			parts = append(parts, "sorted as "+string(p.Kind)+", "+p.Kind.Title())
		}
		if p.Cause != "" {
			parts = append(parts, "caused by "+p.Cause)
		}
		if len(p.About) > 0 {
			parts = append(parts, "about "+strings.Join(c.About, ", "))
		}
		if p.Payment {
			parts = append(parts, "about a payment service")
		}
		return strings.Join(parts, "; ")
	}
}

func (a *app) complaintNote() *cobra.Command {
	var p event.ComplaintNote
	var id string
	c := &cobra.Command{
		Use:   "note COMPLAINT --words TEXT",
		Short: "Write down what was found, said or done",
		Long: `Write down what was found, said or done; it is kept in Postgres alone. Facts that the borrower told of and that were not known have the clocks
begin anew where the regime says so; the borrower is told.`,
		Example: `  tender complaint note CP-4 --words "the recording of the call was listened to"
  tender complaint note CP-4 --words "they sent the receipt of the payment" --new-facts`,
		Args: takes("COMPLAINT"),
	}
	c.Flags().StringVar(&p.Text, "words", "", "what was found, said or done; kept in Postgres alone")
	c.Flags().BoolVar(&p.NewFacts, "new-facts", false, "the borrower told of facts that were not known")
	idFlag(c, &id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if strings.TrimSpace(p.Text) == "" {
			return misuse(c, "--words are missing; for example:\n%s", c.Example)
		}
		return a.handled(func(ctx context.Context, args []string) error {
			before, err := a.findComplaint(ctx, args[0])
			if err != nil {
				return err
			}
			return a.on(ctx, args[0], event.ComplaintNoted, id, p, func(c report.Complaint) string {
				switch {
				case !p.NewFacts:
					return "noted"
				case c.Round > before.Round:
					return "noted; the clocks begin anew"
				}
				return "noted; regime " + c.Regime + " lets the clocks run on"
			})
		})(c, args)
	}
	return c
}
