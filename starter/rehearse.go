package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/strategy"
)

func (a *app) rehearse() *cobra.Command {
	var file, rulebooks, with string
	c := &cobra.Command{
		Use:   "rehearse -f FILE",
		Short: "Live through the life of a loan on paper: what would be sent when, and what would be held back",
		Long: `Live through the life of a loan on paper, over simulated time, with the same decisions as a journey's. Each step is shown with its
time, channel, template and reason, and so is what a rule held back.

A scenario is a YAML file, described in docs/rehearse.md. No server is needed, and the same scenario gives the same life.

` + "--strategy STRATEGY tries one. " + strategyNames,
		Example: `  tender rehearse -f examples/scenarios/work-lost.yaml
  tender rehearse -f life.yaml --strategy my-strategy.yaml -o json`,
		Args: takes(),
	}
	fileFlag(c, &file)
	rulebooksFlag(c, &rulebooks)
	c.Flags().StringVar(&with, "strategy", "", "strategy to live with, in place of the one that the scenario names")
	c.RunE = a.withFile(&file, func(ctx context.Context, text []byte) error {
		scenario, err := rehearse.Parse(file, text)
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		installation, err := a.installation(rulebooks)
		if err != nil {
			return err
		}
		if with != "" {
			one, err := a.strategyOf(ctx, with)
			if err != nil {
				return err
			}
			installation.With = one
		}
		life, err := scenario.Rehearse(installation)
		if errors.Is(err, rehearse.ErrCircles) {
			return err
		}
		if err != nil {
			return &problem{exitRefused, err.Error()}
		}
		return a.print(life, func(w io.Writer, style report.Style) error { return report.WriteRehearsal(w, style, life) })
	})
	return c
}

// installation is what this installation would live a life with; no server is asked.
func (a *app) installation(rulebooks string) (in rehearse.Installation, err error) {
	if in.Rules, err = a.library(rulebooks); err != nil {
		return in, err
	}
	if in.Regimes, err = intake.Regimes(a.ownRules(rulebooks)); err != nil {
		return in, &problem{exitRefused, err.Error()}
	}
	if in.Strategies, err = strategy.Load(a.env.Get("TENDER_STRATEGIES")); err != nil {
		return in, &problem{exitRefused, err.Error()}
	}
	if in.Products, err = hardship.Load(a.env.Get("TENDER_PRODUCTS")); err != nil {
		return in, &problem{exitRefused, err.Error()}
	}
	in.Messages, err = a.messages()
	return in, err
}
