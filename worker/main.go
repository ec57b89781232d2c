// Command worker runs a worker: journeys, decisions, messages. `tender worker` is the same.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // contact windows must not depend on what the machine has installed

	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/worker"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s, err := settings.Load(settings.Environ(os.Environ()))
	if err != nil {
		return err
	}
	return worker.Run(ctx, s, os.Stdout, nil)
}
