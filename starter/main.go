// Command tender starts, feeds and inspects the journeys of loans.
package main

import (
	"context"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	_ "time/tzdata" // contact windows must not depend on what the machine has installed

	"golang.org/x/term"

	"github.com/tender-engine/tender/internal/settings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, world{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: settings.Environ(os.Environ()), user: osUser(),
		terminal: term.IsTerminal(int(os.Stdout.Fd())),
	}, os.Args[1:])
	stop()
	os.Exit(code)
}

// osUser is who acts when --as does not say.
func osUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}
