package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
)

func (a *app) loanContact() *cobra.Command {
	made := event.Contact{Direction: contact.Outbound, Purpose: contact.Collection}
	var at moment
	c := &cobra.Command{
		Use:   "contact LOAN --channel CHANNEL --disposition WHAT-CAME-OF-IT",
		Short: "Record a contact that was made elsewhere: by a branch, a dialer, an agency",
		Long: `Record a contact that was made elsewhere. It counts in every rule, as if Tender had made it. What the borrower said that
follows from it (a promise, hardship, a complaint, an opt-out) is recorded by its own command.`,
		Example: "  tender loan contact L-1001 --channel call --disposition no_answer --point mobile\n  tender loan contact L-1001 --channel visit --disposition right_party --collector agency-7 --at 2026-02-09T15:20:00Z",
		Args:    takes("LOAN"),
	}
	wordVar(c, &made.Channel, "channel", "channel", contact.Channels, "channel of the contact")
	wordVar(c, &made.Disposition, "disposition", "disposition", contact.Dispositions, "what came of it")
	wordVar(c, &made.Direction, "direction", "direction", contact.Directions, "who began it")
	wordVar(c, &made.Purpose, "purpose", "purpose", contact.Purposes, "why it was made")
	wordVar(c, &made.Recipient, "recipient", "recipient", contact.Recipients, "who was contacted (default: the borrower)")
	c.Flags().StringVar(&made.Point, "point", "", "contact point that was used")
	c.Flags().BoolVar(&made.Consented, "consented", false, "the borrower had asked for this very contact, or allowed it")
	c.Flags().StringVar(&made.Collector, "collector", "", "id of the agency or branch that made it (default: the lender)")
	c.Flags().StringVar(&made.Note, "note", "", "remarks; kept in Postgres alone")
	c.Flags().Var(&at, "at", "when it was made (default: now)")
	idFlag(c, &made.Contact)
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case made.Channel == "":
			return misuse(c, "--channel is missing; for example:\n%s", c.Example)
		case made.Disposition == "":
			return misuse(c, "--disposition is missing; for example:\n%s", c.Example)
		case !at.on.IsZero():
			return misuse(c, "--at %s is a date; rules count by the hour too, so give a time such as %sT15:20:00Z", at.on, at.on)
		}
		return a.does(func(ctx context.Context, args []string) error {
			made.Contact = cmp.Or(made.Contact, newID())
			e, err := draft(event.ContactRecorded, event.LoanSubject, args[0], made.Contact, made)
			if err != nil {
				return err
			}
			if !at.at.IsZero() {
				e.SetTime(at.at)
			}
			return a.take(ctx, e)
		})(c, args)
	}
	return c
}
