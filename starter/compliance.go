package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) compliance() *cobra.Command {
	return group("compliance", "Ask the rules about a contact", a.complianceCheck())
}

func (a *app) complianceCheck() *cobra.Command {
	var file, dir string
	c := &cobra.Command{
		Use:   "check -f FILE",
		Short: "Say whether a contact may be made, which rules say so, and when it may be made next",
		Long: `Say whether a contact may be made, by the rulebooks that a case names, and when it may be made next. For each rule
that was consulted it says what it found.

A case is a JSON file with all that is known, described in docs/compliance.md. No server is needed.`,
		Example: "  tender compliance check -f examples/compliance/eighth-call.json",
		Args:    takes(),
	}
	fileFlag(c, &file)
	rulebooksFlag(c, &dir)
	c.RunE = a.withFile(&file, func(_ context.Context, text []byte) error {
		library, err := a.library(dir)
		if err != nil {
			return err
		}
		asked, err := compliance.DecodeCase(text)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		answer, err := library.Check(asked)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		return a.print(answer, func(w io.Writer, style report.Style) error { return report.WriteRuling(w, style, answer) })
	})
	return c
}

func (a *app) rulebook() *cobra.Command {
	return group("rulebook", "See what the rulebooks say", a.rulebookList(), a.rulebookShow(), a.rulebookLint())
}

func (a *app) rulebookList() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "list", Short: "List the rulebooks, with the places that they cover", Args: takes(),
		Example: "  tender rulebook list\n  tender rulebook list --rulebooks rules",
	}
	rulebooksFlag(c, &dir)
	c.RunE = a.does(func(context.Context, []string) error {
		library, err := a.library(dir)
		if err != nil {
			return err
		}
		books := report.Rulebooks(library)
		return a.print(books, func(w io.Writer, style report.Style) error { return report.WriteRulebooks(w, style, books) })
	})
	return c
}

func (a *app) rulebookShow() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "show ID", Short: "Show the rules of a rulebook, each with its citation", Args: takes("ID"),
		Example: "  tender rulebook show us-federal",
	}
	rulebooksFlag(c, &dir)
	c.RunE = a.does(func(_ context.Context, args []string) error {
		library, err := a.library(dir)
		if err != nil {
			return err
		}
		var names []string
		for _, book := range report.Rulebooks(library) {
			if book.ID == args[0] {
				return a.print(book, func(w io.Writer, style report.Style) error { return report.WriteRulebook(w, style, book) })
			}
			names = append(names, book.ID)
		}
		return notFound("rulebook %s is not known; there are %s", args[0], strings.Join(names, ", "))
	})
	return c
}

func (a *app) rulebookLint() *cobra.Command {
	c := &cobra.Command{
		Use: "lint FILE", Short: "Check a rulebook, and say all that is wrong with it, with line and column", Args: takes("FILE"),
		Example: "  tender rulebook lint rules/lender.yaml",
	}
	c.RunE = a.does(func(_ context.Context, args []string) error {
		text, err := a.readFile(args[0])
		if err != nil {
			return err
		}
		book, err := compliance.Parse(args[0], text)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		found := report.Rulebook(book)
		return a.print(found, func(w io.Writer, _ report.Style) error {
			_, err := fmt.Fprintf(w, "%s: rulebook %s@%s is in order, with %s\n", args[0], found.ID, found.Version, report.Count(int64(len(found.Rules)), "rule"))
			return err
		})
	})
	return c
}

// rulebooksFlag is the folder of rulebooks of one's own.
func rulebooksFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "rulebooks", "", "folder with rulebooks of your own; one takes the place of a shipped one by bearing its name (TENDER_RULEBOOKS)")
	_ = c.MarkFlagDirname("rulebooks")
}

// library reads the rulebooks: those of a folder, or else of the installation's, beside those that come with Tender.
func (a *app) library(dir string) (*compliance.Library, error) {
	library, err := compliance.Load(cmp.Or(dir, a.env.Get("TENDER_RULEBOOKS")))
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return library, nil
}
