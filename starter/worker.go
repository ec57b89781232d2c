package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/worker"
)

func (a *app) worker() *cobra.Command {
	return &cobra.Command{
		Use:   "worker",
		Short: "Run a worker: journeys, decisions, messages",
		Long: `Run a worker until it is told to stop; then it finishes what it has begun. Run as many as you need, on as many
machines: they share the work through Temporal's task queues.`,
		Example: "  tender worker",
		Args:    takes(),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			s, err := a.settings()
			if err != nil {
				return err
			}
			return worker.Run(ctx, s, a.out, func() { _, _ = fmt.Fprintln(a.err, "The worker is ready.") })
		}),
	}
}
