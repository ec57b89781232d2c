// Package devstack runs what Tender needs on one machine: the Temporal dev server with its Web UI, a private Postgres,
// and beside them whatever processes the caller adds, such as the worker and the gateway. `tender dev`, `tender demo`
// and the tests stand on it.
//
// Everything listens on loopback only, is a child of the calling process, and ends with it, however that ends. It
// needs no container engine and nothing from the network, but for the one build of the Temporal CLI from tools/temporal.
package devstack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Namespace is the Temporal namespace of every stack.
const Namespace = "default"

// PrivateDatabase is the DatabaseURL that asks for a private Postgres, whatever the environment says.
const PrivateDatabase = "private"

// Options says which stack to start. The zero value of each field is its default.
type Options struct {
	// Dir keeps the databases and logs of the stack. A later stack on the same directory finds all journeys intact.
	// It is created if need be, and is for this stack alone. Default: none; required unless Ephemeral.
	Dir string

	// Ephemeral makes a stack that starts empty and is thrown away: Close deletes the directory, and so does a
	// watchdog if this process is killed. Postgres does not wait for the disk. A Dir that holds anything but the
	// remains of a stack is refused. Default: false.
	Ephemeral bool

	// Fast makes Temporal's timers precise to some 20 ms in place of about a second, for stacks on which a day takes
	// seconds. Default: false.
	Fast bool

	// TemporalPort and UIPort are the ports of Temporal's frontend and of its Web UI, PostgresPort that of Postgres.
	// A port asked for that is taken is refused with *PortTaken. Default: a free one.
	TemporalPort, UIPort, PostgresPort int

	// DatabaseURL is a Postgres server to use in place of a private one. A stack that is Ephemeral makes a database
	// of its own there and drops it at the end; any other uses the database as it is. Default: DATABASE_URL of the
	// environment; if that is empty too, or this is PrivateDatabase, a private Postgres.
	DatabaseURL string

	// SearchAttributes are registered in Temporal: name to type, where a type is one of Text, Keyword, Int, Double,
	// Bool, Datetime and KeywordList. Default: none.
	SearchAttributes map[string]string

	// Dynamic are values of Temporal's dynamic configuration, such as limit.historyCount.suggestContinueAsNew=1000, for
	// tests of what its limits lead to. Default: none.
	Dynamic []string

	// WithoutPostgres and WithoutTemporal leave one of the two out. Default: false.
	WithoutPostgres, WithoutTemporal bool

	// Log is told in single lines what takes long and what went wrong. What the servers themselves have to say goes
	// to files in the directory's folder logs. Default: nobody is told.
	Log io.Writer
}

// Stack is a running stack. It must be closed.
type Stack struct {
	// Dir is the directory of the stack.
	Dir string
	// DatabaseURL is the URL of a database that is the stack's alone; empty without Postgres. It carries a password.
	DatabaseURL string
	// TemporalAddress is host and port of Temporal's frontend, UIURL the address of its Web UI; empty without Temporal.
	TemporalAddress, UIURL string

	// Postgres and Temporal are the two servers, for who wants to stop and start them. Postgres is nil when the
	// server is not ours.
	Postgres, Temporal *Server

	options Options
	lock    *lock
	scratch *watchdog
	dropped func() error // drops the database that was made on a server that is not ours

	announced []string

	mu        sync.Mutex
	processes []*Process
	failed    chan error
	closed    bool
}

// Start starts a stack and returns when both servers serve. The context limits the start only; a stack that runs ends
// with Close, or with this process. On an error nothing is left running, and nothing of an ephemeral stack is left.
func Start(ctx context.Context, o Options) (stack *Stack, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	switch o.DatabaseURL {
	case "":
		o.DatabaseURL = os.Getenv("DATABASE_URL")
	case PrivateDatabase:
		o.DatabaseURL = ""
	}
	s := &Stack{options: o, failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.prepareDir(); err != nil {
		return nil, err
	}
	starts, ctx := errgroup.WithContext(ctx)
	if !o.WithoutPostgres {
		starts.Go(func() error { return s.startPostgres(ctx) })
	}
	if !o.WithoutTemporal {
		starts.Go(func() error { return s.startTemporal(ctx) })
	}
	if err := starts.Wait(); err != nil {
		return nil, err
	}
	if err := s.writeEnv(); err != nil {
		return nil, err
	}
	return s, nil
}

// Process starts a process that belongs to the stack: Close stops it before the servers, the last one first, and its
// unexpected end is told by Failed. Its environment, unless the spec has one, is that of this process and Env.
func (s *Stack) Process(ctx context.Context, spec Spec) (*Process, error) {
	if spec.Env == nil {
		spec.Env = append(os.Environ(), s.Env()...)
	}
	return s.start(ctx, spec)
}

// Announce adds a variable to the stack's Env, such as where a gateway of its own listens.
func (s *Stack) Announce(name, value string) error {
	s.announced = append(s.announced, name+"="+value)
	return s.writeEnv()
}

// Env tells a process where the stack is: DATABASE_URL, TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, each as NAME=value,
// and what was announced.
func (s *Stack) Env() []string {
	var env []string
	if s.DatabaseURL != "" {
		env = append(env, "DATABASE_URL="+s.DatabaseURL)
	}
	if s.TemporalAddress != "" {
		env = append(env, "TEMPORAL_ADDRESS="+s.TemporalAddress, "TEMPORAL_NAMESPACE="+Namespace)
	}
	return append(env, s.announced...)
}

// envFile is where a running stack tells other processes where it is.
const envFile = "env"

func (s *Stack) writeEnv() error {
	text := strings.Join(s.Env(), "\n") + "\n"
	return os.WriteFile(filepath.Join(s.Dir, envFile), []byte(text), 0o600)
}

// ReadEnv returns the Env of the stack that runs in a directory, so that a command in another terminal finds it. The
// error is os.ErrNotExist if none runs there.
func ReadEnv(dir string) (map[string]string, error) {
	// A stack that runs has the directory locked; one that was killed may have left its file.
	if !locked(dir) {
		return nil, fmt.Errorf("no stack runs in %s: %w", dir, os.ErrNotExist)
	}
	text, err := os.ReadFile(filepath.Join(dir, envFile))
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	return env, nil
}

// Failed receives an error when a server or a process of the stack ends without having been told to. Only the first
// is kept; the stack should then be closed.
func (s *Stack) Failed() <-chan error { return s.failed }

// Close stops the processes, the last one first, then both servers, and removes the directory if the stack is
// ephemeral. It may be called more than once.
func (s *Stack) Close() error {
	s.mu.Lock()
	s.closed = true
	processes := s.processes
	s.processes = nil
	s.mu.Unlock()

	var errs []error
	servers := map[*Process]bool{}
	for _, server := range []*Server{s.Postgres, s.Temporal} {
		if server != nil {
			servers[server.current()] = true
		}
	}
	for _, p := range slices.Backward(processes) {
		if !servers[p] {
			errs = append(errs, p.Stop())
		}
	}
	if s.dropped != nil {
		errs = append(errs, s.dropped())
		s.dropped = nil
	}
	var stops errgroup.Group
	for _, server := range []*Server{s.Postgres, s.Temporal} {
		if server != nil {
			stops.Go(server.Stop)
		}
	}
	errs = append(errs, stops.Wait(), s.releaseDir())
	return errors.Join(errs...)
}

// Reset deletes the directory of a stack with all its journeys. A directory that is in use, or that holds anything but
// a stack, is refused; one that does not exist is fine.
func Reset(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.release()
	return removeDir(dir)
}

// start starts a process of the stack and watches it.
func (s *Stack) start(ctx context.Context, spec Spec) (*Process, error) {
	spec.watchdog = s.scratch
	p, err := StartProcess(ctx, spec)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.processes = append(slices.DeleteFunc(s.processes, (*Process).ended), p)
	}
	s.mu.Unlock()
	if closed {
		return nil, errors.Join(fmt.Errorf("%s: the stack has been closed", spec.Name), p.Stop())
	}
	go func() {
		<-p.Done()
		if err := p.Err(); err != nil {
			select {
			case s.failed <- err:
			default:
			}
		}
	}()
	return p, nil
}

// logFile opens the file in which a process of the stack keeps what it has to say.
func (s *Stack) logFile(name string) (*os.File, error) {
	dir := filepath.Join(s.Dir, "logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+".log")
	if info, err := os.Stat(path); err == nil && info.Size() > 10<<20 {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

// secret returns 32 hexadecimal digits that nobody can guess.
func secret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails: it aborts the program
	return hex.EncodeToString(b)
}

// stopGrace is how long a server may take to stop: about a second as a rule, and much longer on a machine that is busy
// with other things.
const stopGrace = time.Minute

// Server is one of the two servers of a stack. Its port and its data stay the same when it is stopped and started.
type Server struct {
	start func(context.Context) (*Process, error)

	mu      sync.Mutex
	process *Process
}

func (s *Server) current() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process
}

// Pid is the process id of the server, or of its last run if it is stopped.
func (s *Server) Pid() int { return s.current().Pid() }

// Stop stops the server in an orderly way. It is no failure of the stack, and may be repeated.
func (s *Server) Stop() error { return s.current().Stop() }

// Kill ends the server at once with SIGKILL, as a crash would. It is no failure of the stack.
func (s *Server) Kill() error { return s.current().Kill() }

// Start starts the server again after Stop or Kill, and returns when it serves. One that runs is left alone.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.process.ended() {
		return nil
	}
	p, err := s.start(ctx)
	if err != nil {
		return err
	}
	s.process = p
	return nil
}
