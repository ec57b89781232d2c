package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) complaintRegime() *cobra.Command {
	return group("regime", "See by when complaints are answered where, and who can have more time",
		a.complaintRegimeList(), a.complaintRegimeShow(), a.complaintRegimeLint())
}

func (a *app) complaintRegimeList() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "list", Short: "List the regimes, with the places that they cover", Args: takes(),
		Example: "  tender complaint regime list\n  tender complaint regime list --rulebooks rules",
	}
	regimesFlag(c, &dir)
	c.RunE = a.does(func(context.Context, []string) error {
		library, err := a.regimes(dir)
		if err != nil {
			return err
		}
		regimes := report.Regimes(library)
		return a.print(regimes, func(w io.Writer, style report.Style) error { return report.WriteRegimes(w, style, regimes) })
	})
	return c
}

func (a *app) complaintRegimeShow() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "show NAME", Short: "Show the deadlines of a regime, each with its citation", Args: takes("NAME"),
		Example: "  tender complaint regime show gb",
	}
	regimesFlag(c, &dir)
	c.RunE = a.does(func(_ context.Context, args []string) error {
		library, err := a.regimes(dir)
		if err != nil {
			return err
		}
		found, ok := library.Regime(args[0])
		if !ok {
			var names []string
			for _, r := range library.All() {
				names = append(names, r.Name)
			}
			return notFound("regime %s is not known; there are %s", args[0], strings.Join(names, ", "))
		}
		shown := report.RegimeOf(found)
		return a.print(shown, func(w io.Writer, style report.Style) error { return report.WriteRegime(w, style, shown) })
	})
	return c
}

func (a *app) complaintRegimeLint() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "lint FILE", Short: "Check a regime, and say all that is wrong with it, with line and column", Args: takes("FILE"),
		Example: "  tender complaint regime lint rules/complaints/lender.yaml",
	}
	regimesFlag(c, &dir)
	c.RunE = a.does(func(_ context.Context, args []string) error {
		text, err := a.readFile(args[0])
		if err != nil {
			return err
		}
		calendars, err := a.calendars(dir)
		if err != nil {
			return err
		}
		regime, err := complaint.Parse(args[0], text, calendars)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		found := report.RegimeOf(regime)
		return a.print(found, func(w io.Writer, _ report.Style) error {
			_, err := fmt.Fprintf(w, "%s: regime %s@%s is in order, with %s\n", args[0], found.ID, found.Version,
				report.Count(int64(len(found.Deadlines)), "deadline"))
			return err
		})
	})
	return c
}

// regimesFlag is the folder of rulebooks of one's own, beneath which regimes and calendars lie.
func regimesFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "rulebooks", "", "folder with rulebooks of your own, in which complaints has regimes and calendars has calendars (TENDER_RULEBOOKS)")
	_ = c.MarkFlagDirname("rulebooks")
}

// regimes reads the regimes of complaints: those beneath a folder, or else the installation's, beside those that come with Tender.
func (a *app) regimes(dir string) (*complaint.Library, error) {
	calendars, err := a.calendars(dir)
	if err != nil {
		return nil, err
	}
	library, err := complaint.Load(cmp.Or(dir, a.env.Get("TENDER_RULEBOOKS")), calendars)
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return library, nil
}

// calendars finds calendars by their codes: those beneath a folder, or else the installation's, beside those that come with Tender.
func (a *app) calendars(dir string) (func(code string) (complaint.Calendar, bool), error) {
	all, err := calendar.Load(cmp.Or(dir, a.env.Get("TENDER_RULEBOOKS")))
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return func(code string) (complaint.Calendar, bool) {
		found, ok := all.For(code)
		return found, ok
	}, nil
}
