package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/examples"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) reply() *cobra.Command {
	return group("reply", "See how Tender understands what borrowers write", a.replyUnderstand(), a.replyMeasure())
}

func (a *app) replyUnderstand() *cobra.Command {
	var on bizclock.Date
	var service string
	c := &cobra.Command{
		Use: "understand TEXT", Short: "Say what a reply means", Args: takes("TEXT"),
		Long: `Say what a reply means: its intents, and the amounts, dates, hours and causes that it names. What no rule understands is
unclear, and a person reads it. Nothing is stored, and no server is needed.

--classifier URL asks a service in place of the rules, as TENDER_CLASSIFIER_URL has the installation do; docs/replies.md has the contract.`,
		Example: "  tender reply understand \"I lost my job, can I pay half on Friday?\"\n  tender reply understand 下周五还500 --on 2026-06-10",
	}
	c.Flags().Var(day{&on}, "on", "date on which it was written (default: today)")
	c.Flags().StringVar(&service, "classifier", "", "web address of a service to try, in place of the rules; TENDER_CLASSIFIER_TOKEN is sent along")
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		if on.IsZero() {
			on = bizclock.DateOf(time.Now())
		}
		m := reply.Understand(args[0], on)
		if service != "" {
			asked, err := classify.New(classify.Options{URL: service, Token: a.env.Get("TENDER_CLASSIFIER_TOKEN"), Timeout: classify.MostTimeout})
			if err != nil {
				return &problem{exitRefused, "--classifier: " + err.Error()}
			}
			theirs, err := asked.Understand(ctx, classify.Question{Text: reply.Said(args[0]), On: on, Channel: contact.SMS, Languages: reply.Languages})
			if err != nil {
				return &problem{exitRefused, err.Error() + "; in an installation the rules would decide"}
			}
			m = classify.Joined(theirs, m)
		}
		return a.print(m, func(w io.Writer, style report.Style) error { return report.WriteMeaning(w, style, m) })
	})
	return c
}

func (a *app) replyMeasure() *cobra.Command {
	var misread bool
	c := &cobra.Command{
		Use: "measure [FILE...]", Short: "Say how well labelled replies are understood: precision and recall of each intent", Args: cobra.ArbitraryArgs,
		Long: `Say how well labelled replies are understood: precision and recall of each intent and particular. Without a file it measures
the sets that come with Tender: in each language one on which the rules were made, and one, full of traps, by somebody who had not seen them.
docs/replies.md says what the labels mean. No server is needed.`,
		Example: "  tender reply measure\n  tender reply measure --misread mine.yaml",
	}
	c.Flags().BoolVar(&misread, "misread", false, "show the replies that were understood otherwise")
	c.RunE = a.does(func(_ context.Context, args []string) error {
		var all []report.Measured
		add := func(file string, text []byte) error {
			l, err := reply.ReadLabelled(file, text)
			if err != nil {
				return &problem{exitRefused, err.Error()}
			}
			all = append(all, report.Measured{File: file, Measurement: reply.Measure(l, reply.Understand)})
			return nil
		}
		for _, name := range args {
			text, err := a.readFile(name)
			if err != nil {
				return err
			}
			if err := add(name, text); err != nil {
				return err
			}
		}
		if len(args) == 0 {
			for _, name := range examples.Replies {
				file, text, err := examples.Labelled(name)
				if err != nil {
					return err
				}
				if err := add(file, text); err != nil {
					return err
				}
			}
		}
		return a.print(all, func(w io.Writer, style report.Style) error { return report.WriteMeasured(w, style, all, misread) })
	})
	return c
}
