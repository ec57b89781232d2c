package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
)

// ports are those of a stack. They are fixed, so that bookmarks and other terminals find it again.
type ports struct{ temporal, ui, postgres int }

var defaultPorts = ports{temporal: 7233, ui: 8233, postgres: 54320}

func (a *app) dev() *cobra.Command {
	var reset bool
	var p ports
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run everything on this machine until Ctrl-C",
		Long: `Run Temporal with its Web UI, Postgres, a worker and the gateway on this machine, in real time, until Ctrl-C. All
journeys stay in the data folder and go on when it is started again. Nothing listens on anything but loopback.

With DATABASE_URL set, that database is used in place of a Postgres of its own.`,
		Example: "  tender dev --listen 127.0.0.1:9080",
		Args:    takes(),
	}
	a.listenFlag(c.Flags())
	c.Flags().BoolVar(&reset, "reset", false, "delete the data folder with all journeys first")
	c.Flags().IntVar(&p.temporal, "temporal-port", defaultPorts.temporal, "port of Temporal")
	c.Flags().IntVar(&p.ui, "ui-port", defaultPorts.ui, "port of Temporal's Web UI")
	c.Flags().IntVar(&p.postgres, "postgres-port", defaultPorts.postgres, "port of Postgres")
	c.RunE = a.does(func(ctx context.Context, _ []string) error { return a.runDev(ctx, p, reset) })
	return c
}

func (a *app) listenFlag(flags *pflag.FlagSet) {
	v, _ := settings.Find(listenVariable)
	a.variableFlag(flags, v)
}

func (a *app) runDev(ctx context.Context, p ports, reset bool) (err error) {
	s, err := settings.Load(a.env)
	if err != nil {
		return err
	}
	if _, err := devstack.ReadEnv(s.Dir); err == nil {
		return &problem{exitRefused, "a stack runs in " + s.Dir + " already; stop it, or choose another folder with --dir, and other ports"}
	}
	if reset {
		if s.DatabaseURL != "" {
			return &problem{exitRefused, "--reset deletes a Postgres of its own, but DATABASE_URL names another; empty that one by hand, or unset DATABASE_URL"}
		}
		if err := devstack.Reset(s.Dir); err != nil {
			return err
		}
	}
	if err := p.check(s); err != nil {
		return err
	}
	stack, err := devstack.Start(ctx, devstack.Options{
		Dir: s.Dir, TemporalPort: p.temporal, UIPort: p.ui, PostgresPort: p.postgres, DatabaseURL: s.DatabaseURL,
		SearchAttributes: journey.SearchAttributes, Log: a.err,
	})
	if err != nil {
		return err
	}
	defer func() {
		if ctx.Err() != nil {
			_, _ = fmt.Fprintf(a.err, "\nStopping. The journeys stay in %s.\n", s.Dir)
		}
		err = errors.Join(err, stack.Close())
	}()
	if err := store.Migrate(ctx, stack.DatabaseURL, bizclock.Real); err != nil {
		return err
	}
	crew, err := a.newCrew(ctx, stack, s.Listen)
	if err != nil {
		return err
	}
	defer crew.temporal.Close()
	if err := crew.start(ctx); err != nil {
		return err
	}
	if err := a.printAddresses(stack, s); err != nil {
		return err
	}
	return crew.keepUp(ctx)
}

// check says of every port that is taken by what, before anything is started.
func (p ports) check(s settings.Settings) error {
	_, text, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return err
	}
	gateway, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("TENDER_LISTEN: %q is no port", text)
	}
	var errs []error
	for _, part := range []struct {
		name, flag string
		port       int
		skip       bool
	}{
		{"gateway", "--listen", gateway, false},
		{"Temporal", "--temporal-port", p.temporal, false},
		{"Web UI", "--ui-port", p.ui, false},
		{"Postgres", "--postgres-port", p.postgres, s.DatabaseURL != ""},
	} {
		if part.skip || part.port == 0 {
			continue
		}
		if err := devstack.CheckPort(part.port); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w (%s)", part.name, err, part.flag))
		}
	}
	return errors.Join(errs...)
}

// polled reports whether a worker has asked for journeys since an instant: Temporal remembers those that ended.
func polled(ctx context.Context, temporal client.Client, since time.Time) error {
	queue, err := temporal.DescribeTaskQueue(ctx, journey.Queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return err
	}
	for _, p := range queue.GetPollers() {
		if at := p.GetLastAccessTime(); at == nil || !at.AsTime().Before(since) {
			return nil
		}
	}
	return errors.New("it does not poll yet")
}

// serving reports whether a gateway answers well.
func serving(ctx context.Context, listen, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gatewayURL(listen)+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, response.Status)
	}
	return nil
}

// gatewayURL is where a gateway that listens on an address is found from this machine.
func gatewayURL(listen string) string {
	host, port, _ := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// addresses are where the parts of a stack are.
type addresses struct {
	UI       string `json:"ui"`
	Gateway  string `json:"gateway"`
	Temporal string `json:"temporal"`
	Postgres string `json:"postgres"`
	Data     string `json:"data"`
}

func (a *app) printAddresses(stack *devstack.Stack, s settings.Settings) error {
	on := addresses{
		UI: stack.UIURL, Gateway: gatewayURL(s.Listen), Temporal: stack.TemporalAddress,
		Postgres: settings.Settings{DatabaseURL: stack.DatabaseURL}.DatabaseAddress(), Data: s.Dir,
	}
	return a.print(on, func(w io.Writer, _ report.Style) error {
		_, err := fmt.Fprintf(w, `Tender is up. Ctrl-C stops it.

  Web UI    %s
  gateway   %s/v1/events
  Temporal  %s
  Postgres  %s
  data      %s

In another terminal, from this folder:

  %[6]s event example loan.disbursed | %[6]s event send -f -
  %[6]s loan list
  %[6]s doctor

`, on.UI, on.Gateway, on.Temporal, on.Postgres, on.Data, called())
		return err
	})
}

// called is how this program is called from the folder in which it runs: by its name if a shell finds it so, else by its path.
func called() string {
	program, err := os.Executable()
	if err != nil {
		return "tender"
	}
	if found, err := exec.LookPath("tender"); err == nil && samePlace(found, program) {
		return "tender"
	}
	here, err := os.Getwd()
	if err != nil {
		return program
	}
	if below, err := filepath.Rel(here, program); err == nil && filepath.IsLocal(below) {
		return "." + string(filepath.Separator) + below
	}
	return program
}

// samePlace reports whether two paths name one file.
func samePlace(one, other string) bool {
	a, wrong := os.Stat(one)
	b, err := os.Stat(other)
	return wrong == nil && err == nil && os.SameFile(a, b)
}
