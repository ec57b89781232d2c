package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/tender-engine/tender/examples"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/demo"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
)

func (a *app) demo() *cobra.Command {
	day, file, began := time.Duration(0), "", time.Now()
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run seventeen loans through ninety days while you watch",
		Long: `Run seventeen loans with different lives through ninety days, on a stack of its own that starts empty and is thrown away:
Temporal with its Web UI, Postgres, a worker, the gateway, each a process of its own, and a small fake lending system.

On a terminal it then stays up until Ctrl-C, so that you can look around. In a pipe, with -o json, or with CI set it stops
everything; the exit code is 0 only if each life ended as ` + examples.DemoFile + ` says it must.`,
		Example: "  tender demo --day 4s",
		Args:    takes(),
	}
	c.Flags().DurationVar(&day, "day", day, "how long a business day takes, such as 2s or 4s; it must divide 24h evenly (default 2s, and up to 4s where the servers started slowly)")
	c.Flags().StringVarP(&file, "file", "f", "", "other lives than those of "+examples.DemoFile+"; - reads standard input")
	c.RunE = func(c *cobra.Command, args []string) error {
		if _, err := bizclock.Day(began, began, day); c.Flags().Changed("day") && (err != nil || day < demo.Fastest) {
			return misuse(c, "--day %s: use at least %s, and what divides 24h evenly, such as 2s or 4s", day, demo.Fastest)
		}
		return a.does(func(ctx context.Context, _ []string) error { return a.runDemo(ctx, file, day, began) })(c, args)
	}
	return c
}

func (a *app) runDemo(ctx context.Context, file string, day time.Duration, began time.Time) error {
	name, text := examples.DemoFile, examples.Demo
	if file != "" {
		var err error
		if name = file; file == "-" {
			name = "standard input"
			text, err = io.ReadAll(a.in)
		} else {
			text, err = os.ReadFile(file)
		}
		if err != nil {
			return err
		}
	}
	scenario, err := demo.Parse(name, text)
	if err != nil {
		return err
	}
	watched := a.terminal && a.output == textFormat
	o := demo.Options{
		Scenario: scenario, Day: day, Start: a.startDemo, Out: a.out, Began: began,
		Stay: watched && a.env.Get("CI") == "",
	}
	program := ""
	if o.Stay {
		program = os.Args[0]
	}
	if a.output == jsonFormat {
		o.Out = a.err
	}
	if watched && a.env.Get("TERM") != "dumb" {
		o.Size = terminalSize
	}
	o.Show = func(sum demo.Summary) error {
		return a.print(sum, func(w io.Writer, _ report.Style) error { return sum.Write(w, program) })
	}
	sum, err := demo.Run(ctx, o)
	if err != nil {
		return err
	}
	return sum.Failure()
}

// terminalSize is the size of the terminal that standard output is.
func terminalSize() (width, height int) {
	width, height, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// startDemo starts worker and gateway of a demonstration. Of the caller's settings only those of the machine reach them:
// another lender's rulebooks or channels would make other lives.
func (a *app) startDemo(ctx context.Context, stack *devstack.Stack, lender string) (gateway string, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	port, err := devstack.FreePort()
	if err != nil {
		return "", err
	}
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := stack.Announce(listenVariable, listen); err != nil {
		return "", err
	}
	env := append(onStack(a.env.Without("PG").Without("TENDER_")), stack.Env()...).
		With("TENDER_LENDER_URL", lender).With("TENDER_LENDER_NAME", "Example Lending").With("TENDER_LOG", "warn").
		With("TENDER_PARTY", string(compliance.FirstParty)) // a lender that collects its own loans in its own name
	there, err := settings.Load(env)
	if err != nil {
		return "", err
	}
	temporal, err := there.DialTemporal(ctx)
	if err != nil {
		return "", err
	}
	defer temporal.Close()
	start := func(command string, ready func(context.Context) error) error {
		log, err := os.Create(filepath.Join(stack.Dir, "logs", command+".log"))
		if err != nil {
			return err
		}
		p, err := stack.Process(ctx, devstack.Spec{
			Name: "tender " + command, Path: program, Args: []string{command}, Env: env, Log: log, Ready: ready,
		})
		if err != nil {
			return errors.Join(err, log.Close())
		}
		go func() { <-p.Done(); _ = log.Close() }()
		return nil
	}
	var both errgroup.Group
	both.Go(func() error {
		return start("worker", func(ctx context.Context) error { return polled(ctx, temporal, time.Time{}) })
	})
	both.Go(func() error {
		return start("serve", func(ctx context.Context) error { return serving(ctx, listen, "/readyz") })
	})
	return strings.TrimSuffix(gatewayURL(listen), "/"), both.Wait()
}
