package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/examples"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
)

func (a *app) reply() *cobra.Command {
	return group("reply", "See how Tender understands what borrowers write", a.replyUnderstand(), a.replyMeasure())
}

func (a *app) replyUnderstand() *cobra.Command {
	var (
		on            bizclock.Date
		to, currency  string
		understanding report.Understood
	)
	c := &cobra.Command{
		Use: "understand TEXT", Short: "Say what a reply means", Args: takes("TEXT"),
		Long: `Say what a reply means: its intents, and the amounts, dates, hours and causes that it names. What no rule understands is
unclear, and a person reads it. Nothing is stored, and no server is needed. With --classifier that service is asked, as the gateway
would ask it, with TENDER_CLASSIFIER_TOKEN and TENDER_CLASSIFIER_TIMEOUT; when it fails, the rules say what the reply means, and why is told.`,
		Example: "  tender reply understand \"I lost my job, can I pay half on Friday?\"\n  tender reply understand 下周五还500 --on 2026-06-10\n" +
			"  tender reply understand \"will send 200 on friday\" --classifier http://localhost:9000/v1/replies --currency USD",
	}
	c.Flags().Var(day{&on}, "on", "date on which it was written (default: today)")
	c.Flags().StringVar(&to, "classifier", "", "web address of a classifier to try")
	c.Flags().StringVar(&currency, "currency", "", "currency of the loan, which a classifier is told; without one it can name no amount")
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		if on.IsZero() {
			on = bizclock.DateOf(time.Now())
		}
		understanding.Meaning = reply.Understand(args[0], on)
		if to != "" {
			var err error
			if understanding, err = a.classified(ctx, to, classify.Question{Text: reply.Said(args[0]), On: on, Currency: currency, Channel: contact.SMS}, understanding.Meaning); err != nil {
				return err
			}
		}
		return a.print(understanding, func(w io.Writer, style report.Style) error { return report.WriteMeaning(w, style, understanding) })
	})
	return c
}

// classified asks a classifier as the door would.
func (a *app) classified(ctx context.Context, to string, q classify.Question, rules reply.Meaning) (report.Understood, error) {
	u := report.Understood{Meaning: rules, Reader: event.ByRules}
	s, err := settings.Load(a.env.With(classify.EnvURL, to))
	if err != nil {
		return u, &problem{exitRefused, strings.ReplaceAll(err.Error(), classify.EnvURL, "--classifier")}
	}
	client, err := s.NewClassifier()
	if err != nil || !reply.Readable(q.Text) {
		return u, err
	}
	m, err := client.Ask(ctx, q)
	var failed *classify.Failure
	switch {
	case errors.As(err, &failed):
		u.Failed, u.Why = failed.Code, failed.Error()
	case err != nil:
		return u, err
	default:
		u.Meaning, u.Reader = m.Heard(rules), event.ByClassifier
	}
	return u, nil
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
