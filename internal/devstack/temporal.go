package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// startTemporal starts the Temporal dev server of the stack.
func (s *Stack) startTemporal(ctx context.Context) error {
	cli, err := FindTemporal(ctx, s.options.Log)
	if err != nil {
		return err
	}
	t := &temporal{stack: s, cli: cli, port: s.options.TemporalPort, uiPort: s.options.UIPort}
	for _, port := range []int{t.port, t.uiPort} {
		if port == 0 {
			continue
		}
		if err := CheckPort(port); err != nil {
			return fmt.Errorf("cannot start Temporal: %w", err)
		}
	}
	process, err := t.startFirst(ctx)
	if err != nil {
		return err
	}
	s.Temporal = &Server{start: t.start, process: process}
	s.TemporalAddress = loopback(t.port)
	s.UIURL = "http://" + loopback(t.uiPort)
	return nil
}

// temporal is the Temporal dev server of one stack.
type temporal struct {
	stack        *Stack
	cli          string
	port, uiPort int
}

// startFirst chooses the ports that were not asked for.
func (t *temporal) startFirst(ctx context.Context) (*Process, error) {
	start := t.start
	if t.uiPort == 0 {
		start = func(ctx context.Context) (*Process, error) { return onFreePort(ctx, &t.uiPort, t.start) }
	}
	if t.port == 0 {
		return onFreePort(ctx, &t.port, start)
	}
	return start(ctx)
}

func (t *temporal) start(ctx context.Context) (*Process, error) {
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1",
		"--port", fmt.Sprint(t.port), "--ui-port", fmt.Sprint(t.uiPort),
		"--db-filename", filepath.Join(t.stack.Dir, "temporal.db"),
		// Measured: without these two each write waits for the disk, and everything takes ten times as long.
		"--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal",
		"--dynamic-config-value", "frontend.enableServerVersionCheck=false",
		"--log-level", "warn",
	}
	if t.stack.options.Fast {
		// Else a timer under a second fires after a second.
		args = append(args, "--dynamic-config-value", `history.timerProcessorMaxTimeShift="10ms"`)
	}
	for _, value := range t.stack.options.Dynamic {
		args = append(args, "--dynamic-config-value", value)
	}
	attributes := t.stack.options.SearchAttributes
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		args = append(args, "--search-attribute", name+"="+attributes[name])
	}
	file, err := t.stack.logFile("temporal")
	if err != nil {
		return nil, err
	}
	p, err := t.stack.start(ctx, Spec{
		Name: "Temporal", Path: t.cli, Args: args, Env: temporalEnv(), Log: file,
		Ready: t.ready, StopSignal: syscall.SIGINT, Grace: stopGrace,
	})
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	go func() { <-p.Done(); _ = file.Close() }()
	return p, nil
}

// ready tells whether the namespace, its search attributes, the history service and the Web UI all answer.
func (t *temporal) ready(ctx context.Context) error {
	c, err := client.DialContext(ctx, client.Options{HostPort: loopback(t.port), Namespace: Namespace, Logger: quiet{}})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := registerSearchAttributes(ctx, c, t.stack.options.SearchAttributes); err != nil {
		return err
	}
	_, err = c.DescribeWorkflowExecution(ctx, "no-such-workflow", "")
	if notFound := (*serviceerror.NotFound)(nil); !errors.As(err, &notFound) {
		return fmt.Errorf("history service: %w", err)
	}
	ui, err := (&net.Dialer{}).DialContext(ctx, "tcp", loopback(t.uiPort))
	if err != nil {
		return err
	}
	return ui.Close()
}

// registerSearchAttributes adds those that are missing: the server's own option does so only when it makes the
// namespace, and not when a later version of Tender meets an older database.
func registerSearchAttributes(ctx context.Context, c client.Client, wanted map[string]string) error {
	if len(wanted) == 0 {
		_, err := c.WorkflowService().DescribeNamespace(ctx,
			&workflowservice.DescribeNamespaceRequest{Namespace: Namespace})
		return err
	}
	have, err := c.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: Namespace})
	if err != nil {
		return err
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range wanted {
		value, err := enumspb.IndexedValueTypeFromString(kind)
		if err != nil {
			return fmt.Errorf("search attribute %s: no type is called %q", name, kind)
		}
		switch got, ok := have.CustomAttributes[name]; {
		case !ok:
			missing[name] = value
		case got != value:
			return fmt.Errorf("search attribute %s is of type %s in this stack, not %s; start afresh", name, got, value)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: Namespace, SearchAttributes: missing})
	return err
}

// temporalEnv is this process' environment without settings meant for Temporal's clients, and with the server's
// question to its maker's site whether it is up to date turned off.
func temporalEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, "TEMPORAL_") })
	return append(env, "TEMPORAL_VERSION_CHECK_DISABLED=1")
}

// onFreePort starts something on a port that is free, and again on another if someone was quicker.
func onFreePort(ctx context.Context, port *int, start func(context.Context) (*Process, error)) (*Process, error) {
	for try := 1; ; try++ {
		free, err := FreePort()
		if err != nil {
			return nil, err
		}
		*port = free
		p, err := start(ctx)
		if err == nil || try == 3 || !portConflict.MatchString(err.Error()) {
			return p, err
		}
	}
}

// portConflict finds in what Postgres or Temporal printed that a port was taken.
var portConflict = regexp.MustCompile(`(?i)address already in use|can't set \w+ port|can't use \w+`)

// TemporalVersion is the oldest Temporal CLI that is good enough, and the one that is built; temporalServerVersion is
// the server in it.
const (
	TemporalVersion       = "1.5.1"
	temporalServerVersion = "1.29.1"
)

// MissingTemporal is the error for a machine without a Temporal CLI that is good enough.
type MissingTemporal struct {
	TooOld string // a CLI that was found and is older than TemporalVersion; empty if there is none
	Root   string // the source tree in which it can be built; empty outside of one
}

func (e *MissingTemporal) Error() string {
	found := ""
	if e.TooOld != "" {
		found = fmt.Sprintf(" (%s is older)", e.TooOld)
	}
	how := "install it (brew install temporal, or see docs.temporal.io/cli), or set TEMPORAL_CLI_PATH"
	if e.Root != "" {
		how = "build it with make setup, once"
	}
	return fmt.Sprintf("the Temporal CLI %s or newer is needed%s; %s", TemporalVersion, found, how)
}

// LookTemporal returns the path of the Temporal CLI that a stack would use: TEMPORAL_CLI_PATH as it is, else a
// `temporal` on PATH that is at least TemporalVersion, else the one in .dev/bin of the source tree around the working
// directory. The error is *MissingTemporal, or says that TEMPORAL_CLI_PATH is wrong.
func LookTemporal() (string, error) {
	if path := os.Getenv("TEMPORAL_CLI_PATH"); path != "" {
		if _, err := exec.LookPath(path); err != nil {
			return "", fmt.Errorf("TEMPORAL_CLI_PATH names no program: %w", err)
		}
		return path, nil
	}
	missing := &MissingTemporal{}
	if path, err := exec.LookPath("temporal"); err == nil {
		if goodTemporal(path) {
			return path, nil
		}
		missing.TooOld = path
	}
	if missing.Root = sourceRoot(); missing.Root != "" {
		if path := builtTemporal(missing.Root); goodTemporal(path) {
			return path, nil
		}
	}
	return "", missing
}

// FindTemporal is LookTemporal, but in the source tree it builds the CLI if there is none. That takes minutes, and log
// is told so while it lasts.
func FindTemporal(ctx context.Context, log io.Writer) (string, error) {
	path, err := LookTemporal()
	if missing := (*MissingTemporal)(nil); errors.As(err, &missing) && missing.Root != "" {
		return buildTemporal(ctx, missing.Root, log)
	}
	return path, err
}

func builtTemporal(root string) string { return filepath.Join(root, ".dev", "bin", "temporal") }

// buildTemporal builds the CLI from the nested module, once: whoever comes second waits for the first.
func buildTemporal(ctx context.Context, root string, log io.Writer) (string, error) {
	if log == nil {
		log = io.Discard
	}
	path := builtTemporal(root)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(root, ".dev", "temporal.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	stop := progress(log, "waiting for another process that builds the Temporal CLI")
	err = flock(ctx, lock)
	stop()
	if err != nil {
		return "", err
	}
	if goodTemporal(path) {
		return path, nil
	}
	fmt.Fprintf(log, "Building the Temporal CLI %s. This happens once, and takes about 2.5 minutes on two cores.\n",
		TemporalVersion)
	fresh := path + ".new"
	build := exec.CommandContext(ctx, "go", "build", "-trimpath",
		"-ldflags=-s -w -X github.com/temporalio/cli/temporalcli.Version="+TemporalVersion,
		"-o", fresh, "github.com/temporalio/cli/cmd/temporal")
	build.Dir = filepath.Join(root, "tools", "temporal")
	build.Env = append(os.Environ(), "PWD="+build.Dir, "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	last := &tail{}
	build.Stdout, build.Stderr = last, last
	stop = progress(log, "still building the Temporal CLI")
	err = build.Run()
	stop()
	if err != nil {
		return "", fmt.Errorf("cannot build the Temporal CLI in %s: %w%s", build.Dir, err, last)
	}
	return path, os.Rename(fresh, path)
}

// progress says every 20 seconds that something is still going on, until it is stopped.
func progress(log io.Writer, what string) (stop func()) {
	begun, tick, done, ended := time.Now(), time.NewTicker(20*time.Second), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(log, "... %s (%s)\n", what, time.Since(begun).Round(time.Second))
			case <-done:
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		close(done)
		<-ended
	}
}

// goodTemporal tells whether a program is a Temporal CLI that is new enough. One that was built without a version says
// 0.0.0, and is judged by its server.
func goodTemporal(path string) bool {
	if !exists(path) {
		return false
	}
	out, err := output(path, "--version")
	if err != nil {
		return false
	}
	m := regexp.MustCompile(`^temporal version (\d+\.\d+\.\d+)\S* \(Server (\d+\.\d+\.\d+)`).FindStringSubmatch(out)
	return m != nil && (atLeast(m[1], TemporalVersion) || m[1] == "0.0.0" && atLeast(m[2], temporalServerVersion))
}

// atLeast compares two versions of three numbers.
func atLeast(version, wanted string) bool {
	numbers := func(s string) (n [3]int) {
		_, _ = fmt.Sscanf(s, "%d.%d.%d", &n[0], &n[1], &n[2])
		return n
	}
	v, w := numbers(version), numbers(wanted)
	return slices.Compare(v[:], w[:]) >= 0
}

// sourceRoot is the root of Tender's source tree that the working directory is in; empty outside of it.
func sourceRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module github.com/tender-engine/tender\n") {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// quiet is a logger for clients that only ask whether a server is there: most of their errors are part of the waiting.
type quiet struct{}

var _ log.Logger = quiet{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
