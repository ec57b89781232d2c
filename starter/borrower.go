package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

func (a *app) borrower() *cobra.Command {
	return group("borrower", "See how a borrower may be reached; record consents, opt-outs and preferences",
		a.borrowerShow(), a.borrowerConsent(), a.borrowerRevoke(), a.borrowerPrefer())
}

func (a *app) borrowerShow() *cobra.Command {
	purpose, dir := contact.Collection, ""
	c := &cobra.Command{
		Use:   "show BORROWER",
		Short: "Show how a borrower may be reached now, and what they asked for",
		Long: `Show how a borrower may be reached now by each contact point, which rule says so, and when it may be used next; and
what the borrower asked for, allowed and forbade. It shows no address. Whoever wants to call by hand asks here first, and
records the call with tender loan contact. Reads Postgres and the rulebooks.`,
		Example: "  tender borrower show B-1\n  tender borrower show B-1 --purpose informational",
		Args:    takes("BORROWER"),
	}
	wordVar(c, &purpose, "purpose", "purpose", contact.Purposes, "what the borrower would be contacted for")
	rulebooksFlag(c, &dir)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.judging(ctx, dir, func(db *store.Store, library *compliance.Library) error {
			reach, err := report.Reaching(ctx, db, library, args[0], purpose)
			if err != nil {
				return unknownBorrower(args[0], err)
			}
			return a.print(reach, reach.Write)
		})
	})
	return c
}

func (a *app) borrowerConsent() *cobra.Command {
	var given event.Consent
	var until moment
	var id string
	c := &cobra.Command{
		Use:   "consent BORROWER",
		Short: "Record that a borrower allows contact",
		Long: `Record that a borrower allows contact, on every channel or on those that flags name. It ends earlier opt-outs of what it speaks
of, and is the consent that some laws ask for. A date begins where it begins first on earth.`,
		Example: "  tender borrower consent B-1 --channel email --point home --purpose collection --to collector --written",
		Args:    takes("BORROWER"),
	}
	wishFlags(c, &given.Channel, &given.Point)
	wordVar(c, &given.Purpose, "purpose", "purpose", contact.Purposes, "the only purpose that it is for (default: all)")
	wordVar(c, &given.GivenTo, "to", "grantee", contact.Grantees, "to whom it was given: whoever collects with this installation, or the creditor before (default: not known)")
	c.Flags().BoolVar(&given.Written, "written", false, "it was given in writing")
	c.Flags().Var(&until, "until", "first day or moment on which it no longer holds (default: until revoked)")
	c.Flags().StringVar(&given.Grantor, "grantor", "", "who gave it, if not the borrower; kept in Postgres alone")
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		given.ExpiresAt = until.in(firstZone)
		return a.sendsOf(ctx, event.ConsentGranted, args[0], id, given)
	})
	return c
}

func (a *app) borrowerRevoke() *cobra.Command {
	var given event.Revocation
	var id string
	c := &cobra.Command{
		Use:   "revoke BORROWER",
		Short: "Record that a borrower forbids contact: an opt-out",
		Long: `Record that a borrower forbids contact, on every channel or on those that flags name. It binds at once, even while Temporal is
away, also for messages that are queued already, and ends the consents that it speaks of.`,
		Example: "  tender borrower revoke B-1\n  tender borrower revoke B-1 --channel sms --point mobile",
		Args:    takes("BORROWER"),
	}
	wishFlags(c, &given.Channel, &given.Point)
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.sendsOf(ctx, event.ConsentRevoked, args[0], id, given)
	})
	return c
}

func (a *app) borrowerPrefer() *cobra.Command {
	var channel contact.Channel
	var not []string
	var whenever bool
	var id string
	c := &cobra.Command{
		Use:   "prefer BORROWER",
		Short: "Record the channel that a borrower prefers, and times at which they do not want to be contacted",
		Long: `Record the channel that a borrower prefers, and times of the week, by the clock on the borrower's wall, at which they do not
want to be contacted. Times replace those that were recorded before; --whenever ends them. A time is written [CHANNEL:][DAYS ]FROM-TO;
one that ends no later than it begins lasts into the next day.`,
		Example: `  tender borrower prefer B-1 --channel email
  tender borrower prefer B-1 --not "fri 15:00-17:00" --not "call:mon,tue,wed 22:00-10:00"
  tender borrower prefer B-1 --whenever`,
		Args: takes("BORROWER"),
	}
	wordVar(c, &channel, "channel", "channel", contact.Channels, "channel that the borrower prefers")
	c.Flags().StringArrayVar(&not, "not", nil, "a time of the week, such as \"fri 15:00-17:00\"; may be given again")
	c.Flags().BoolVar(&whenever, "whenever", false, "there is no such time any more")
	idFlag(c, &id)
	c.RunE = func(c *cobra.Command, args []string) error {
		times := make([]event.NotThen, len(not))
		for n, text := range not {
			var err error
			if times[n], err = notThen(text); err != nil {
				return misuse(c, "--not %v", err)
			}
		}
		switch {
		case whenever && len(not) > 0:
			return misuse(c, "--not and --whenever exclude each other")
		case channel == "" && len(not) == 0 && !whenever:
			return misuse(c, "nothing is said; use --channel, --not or --whenever, for example:\n%s", c.Example)
		}
		told := event.Borrower{Preferred: channel}
		if whenever || len(not) > 0 {
			told.Not = &times
		}
		return a.does(func(ctx context.Context, args []string) error {
			return a.sendsOf(ctx, event.BorrowerUpdated, args[0], id, told)
		})(c, args)
	}
	return c
}

// wishFlags are what a consent or an opt-out speaks of.
func wishFlags(c *cobra.Command, channel *contact.Channel, point *string) {
	wordVar(c, channel, "channel", "channel", contact.Channels, "the channel that it is about (default: all)")
	c.Flags().StringVar(point, "point", "", "the contact point that it is about (default: all)")
}

// notThen reads a time of the week, such as "call:mon,tue 22:00-10:00".
func notThen(text string) (t event.NotThen, err error) {
	wrong := func() (event.NotThen, error) {
		return t, fmt.Errorf("%q is no time of the week; write such as \"fri 15:00-17:00\", \"18:00-20:00\" or \"call:mon,tue 22:00-10:00\"", text)
	}
	when := strings.TrimSpace(text)
	if channel, rest, named := strings.Cut(when, ":"); named && slices.Contains(contact.Channels, contact.Channel(channel)) {
		t.Channel, when = contact.Channel(channel), strings.TrimSpace(rest)
	}
	hours := when
	if days, rest, named := strings.Cut(when, " "); named {
		for _, day := range strings.Split(days, ",") {
			var of contact.Weekday
			if err := of.UnmarshalText([]byte(day)); err != nil {
				return t, err
			}
			t.Days = append(t.Days, of)
		}
		hours = rest
	}
	from, to, ok := strings.Cut(strings.TrimSpace(hours), "-")
	if !ok || t.From.UnmarshalText([]byte(from)) != nil || t.To.UnmarshalText([]byte(to)) != nil {
		return wrong()
	}
	return t, nil
}

// sendsOf sends an event about a borrower.
func (a *app) sendsOf(ctx context.Context, kind event.Type, borrower, id string, data any) error {
	e, err := draft(kind, event.BorrowerSubject, borrower, cmp.Or(id, newID()), data)
	if err != nil {
		return err
	}
	return a.take(ctx, e)
}

// judging runs something with Postgres and the rulebooks that bind in this installation, with those of a folder.
func (a *app) judging(ctx context.Context, dir string, do func(*store.Store, *compliance.Library) error) error {
	s, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	library, err := a.library(cmp.Or(dir, s.Rulebooks))
	if err != nil {
		return err
	}
	library.Party = s.Party
	return do(db, library)
}
