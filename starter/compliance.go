package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/compliance/calendar"
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
	return group("rulebook", "See what the rulebooks say", shelf[report.Book]{
		word: "rulebook", says: "the rules of a rulebook", path: "tender rulebook", known: "us-federal", file: "rules/lender.yaml",
		all: func(dir string) ([]report.Book, error) {
			library, err := compliance.Load(dir)
			if err != nil {
				return nil, err
			}
			return report.Rulebooks(library), nil
		},
		one: func(file string, text []byte, calendars *calendar.Calendars) (report.Book, error) {
			book, err := compliance.Parse(file, text, calendars)
			if err != nil {
				return report.Book{}, err
			}
			return report.Rulebook(book), nil
		},
		about: func(b report.Book) (name, version, has string) {
			return b.ID, b.Version, report.Count(int64(len(b.Rules)), "rule")
		},
		list: report.WriteRulebooks, show: report.WriteRulebook,
	}.commands(a)...)
}

// library reads the rulebooks: those of a folder, or else of the installation's, beside those that come with Tender.
func (a *app) library(dir string) (*compliance.Library, error) {
	library, err := compliance.Load(a.ownRules(dir))
	if err != nil {
		return nil, &problem{exitRefused, err.Error()}
	}
	return library, nil
}
