package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

func (a *app) score() *cobra.Command {
	return group("score", "Say early which loans may go wrong, and why", a.scoreShow(), a.scoreOf(), a.scoreMeasure())
}

// cardFlag adds the flag that names a card of one's own.
func cardFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "card", "", "file with a scorecard of your own, instead of the shipped one")
	_ = c.MarkFlagFilename("card", "yaml", "yml")
}

// card reads a scorecard: the shipped one when no file is named.
func (a *app) card(file string) (*score.Card, error) {
	if file == "" {
		return score.Shipped()
	}
	text, err := a.readFile(file)
	if err != nil {
		return nil, err
	}
	return score.Parse(file, text)
}

func (a *app) scoreShow() *cobra.Command {
	var own string
	c := &cobra.Command{
		Use:     "show",
		Short:   "Show a scorecard: which facts give which points, and for what reason",
		Long:    "Show a scorecard: which facts give which points, and for what reason. docs/score.md says how it was made, and what a card\nof one's own looks like.",
		Example: "  tender score show",
		Args:    takes(),
		RunE: a.does(func(context.Context, []string) error {
			card, err := a.card(own)
			if err != nil {
				return err
			}
			return a.print(card, func(w io.Writer, style report.Style) error { return report.WriteCard(w, style, card) })
		}),
	}
	cardFlag(c, &own)
	return c
}

func (a *app) scoreOf() *cobra.Command {
	var file, own string
	c := &cobra.Command{
		Use:   "of -f FILE",
		Short: "Score a loan from facts, and say what speaks against it and for it",
		Long: `Score a loan from facts, and say what speaks against it and for it: the points and the sentence of each attribute, those
that are furthest from the best first. No server is needed.

The facts are a JSON file, described in docs/score.md. What is left out is not known.`,
		Example: "  tender score of -f examples/score/late-twice.json",
		Args:    takes(),
	}
	fileFlag(c, &file)
	cardFlag(c, &own)
	c.RunE = a.withFile(&file, func(_ context.Context, text []byte) error {
		card, err := a.card(own)
		if err != nil {
			return err
		}
		facts, err := score.DecodeFacts(text)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		result := card.Score(facts)
		return a.print(result, func(w io.Writer, style report.Style) error { return report.WriteScore(w, style, result) })
	})
	return c
}

func (a *app) scoreMeasure() *cobra.Command {
	var file, own string
	var yaml bool
	c := &cobra.Command{
		Use:   "measure -f FILE",
		Short: "Train on one half of accounts whose end is known, and measure on the other",
		Long: `Train a scorecard on one half of accounts whose end is known, and measure it, and the shipped card or your own, on the other:
how well each tells who defaults, and what was predicted and what came. No server is needed.

The accounts are a gzipped CSV file, described in docs/score.md. With --yaml what was learned is written as the measured part
of a scorecard.`,
		Example: "  tender score measure -f examples/data/uci_credit_card.csv.gz\n  tender score measure -f examples/data/uci_credit_card.csv.gz --yaml",
		Args:    takes(),
	}
	c.Flags().StringVarP(&file, "file", "f", "", "gzipped CSV file to read, or - for standard input")
	_ = c.MarkFlagFilename("file", "gz")
	c.Flags().BoolVar(&yaml, "yaml", false, "write what was learned as the measured part of a scorecard, and nothing else")
	cardFlag(c, &own)
	measure := a.withFile(&file, func(_ context.Context, packed []byte) error {
		card, err := a.card(own)
		if err != nil {
			return err
		}
		m, err := measured(file, packed, card)
		switch {
		case err != nil:
			return err
		case yaml:
			_, err := io.WriteString(a.out, m.Model.YAML())
			return err
		}
		return a.print(m, func(w io.Writer, style report.Style) error { return report.WriteMeasurement(w, style, card, m) })
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if yaml && a.output == jsonFormat {
			return misuse(c, "--yaml and -o json exclude each other; choose one")
		}
		return measure(c, args)
	}
	return c
}

// measured measures a card on a file. A file that cannot be used is refused.
func measured(file string, packed []byte, card *score.Card) (train.Measurement, error) {
	accounts, err := train.Read(bytes.NewReader(packed))
	if err != nil {
		return train.Measurement{}, &problem{exitRefused, fmt.Sprintf("%s: %v", file, err)}
	}
	m, err := train.Measure(accounts, card)
	if err != nil {
		return m, &problem{exitRefused, fmt.Sprintf("%s: %v", file, err)}
	}
	return m, nil
}
