package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/settings"
)

// crew is a stack with a worker and a gateway as processes of their own, of which none stays down.
type crew struct {
	stack    *devstack.Stack
	temporal client.Client
	console  *console
	parts    []*member
}

// member is a part of a crew.
type member struct {
	name string
	// revive starts the part if it has ended, and says whether it had.
	revive func(context.Context) (bool, error)
	// began is when the first of its last falls was, and falls is how many there were since.
	began time.Time
	falls int
}

// How often a part is started again that does not stay up, how long that is waited with, times the number of its falls,
// and after which time a fall is forgotten.
const (
	mostFalls   = 5
	pause       = time.Second
	reviveTime  = time.Minute
	forgetAfter = 10 * time.Minute
)

// newCrew prepares a worker and a gateway on a stack.
func (a *app) newCrew(ctx context.Context, stack *devstack.Stack, listen string) (*crew, error) {
	if err := stack.Announce(listenVariable, listen); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// Nothing that is meant for another Postgres or Temporal may reach them.
	env := append(onStack(a.env.Without("PG")), stack.Env()...)
	there, err := settings.Load(env)
	if err != nil {
		return nil, err
	}
	temporal, err := there.DialTemporal(ctx)
	if err != nil {
		return nil, err
	}
	c := &crew{stack: stack, temporal: temporal, console: &console{w: a.err}}
	server := func(name string, s *devstack.Server) {
		if s == nil { // it is not ours
			return
		}
		pid := s.Pid()
		c.parts = append(c.parts, &member{name: name, revive: func(ctx context.Context) (bool, error) {
			err := s.Start(ctx) // leaves one alone that runs
			fallen := err != nil || s.Pid() != pid
			pid = s.Pid()
			return fallen, err
		}})
	}
	process := func(name, command string, ready func(context.Context, time.Time) error) {
		var running *devstack.Process
		c.parts = append(c.parts, &member{name: name, revive: func(ctx context.Context) (bool, error) {
			if running != nil {
				select {
				case <-running.Done():
				default:
					return false, nil
				}
			}
			since := time.Now()
			p, err := stack.Process(ctx, devstack.Spec{
				Name: name, Path: program, Args: []string{command}, Env: env, Log: c.console.named(name),
				Ready: func(ctx context.Context) error { return ready(ctx, since) },
			})
			if err == nil {
				running = p
			}
			return true, err
		}})
	}
	// The servers come first: the others need them.
	server("Postgres", stack.Postgres)
	server("Temporal", stack.Temporal)
	process("worker", "worker", func(ctx context.Context, since time.Time) error { return polled(ctx, temporal, since) })
	process("gateway", "serve", func(ctx context.Context, _ time.Time) error { return serving(ctx, listen, "/readyz") })
	return c, nil
}

// start returns when all parts are ready.
func (c *crew) start(ctx context.Context) error {
	var all errgroup.Group
	for _, m := range c.parts {
		all.Go(func() error {
			_, err := m.revive(ctx)
			return err
		})
	}
	return all.Wait()
}

// keepUp starts again what ends by itself, until the context ends or a part does not stay up.
func (c *crew) keepUp(ctx context.Context) error {
	for {
		if !c.awaitFall(ctx) {
			return nil
		}
		// Of several that fell at once only one may have been told of, so all are looked at.
		for _, m := range c.parts {
			if err := c.keepUpOne(ctx, m); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("%s does not stay up: %s\nRun `tender dev` again; your journeys are safe in %s, logs of Postgres and Temporal in %s",
					m.name, headline(err), c.stack.Dir, filepath.Join(c.stack.Dir, "logs"))
			}
		}
	}
}

// awaitFall waits until something ends, and a moment longer for what ends with it. It returns false when the context ends.
func (c *crew) awaitFall(ctx context.Context) bool {
	var soon <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case fell := <-c.stack.Failed():
			c.console.say("%s; it is started again", headline(fell))
			if soon == nil {
				soon = time.After(pause)
			}
		case <-soon:
			return true
		}
	}
}

// keepUpOne looks at one part, and starts it again if it has ended.
func (c *crew) keepUpOne(ctx context.Context, m *member) error {
	if time.Since(m.began) > forgetAfter {
		m.began, m.falls = time.Now(), 0
	}
	for {
		attempt, cancel := context.WithTimeout(ctx, reviveTime)
		fallen, err := m.revive(attempt)
		cancel()
		if !fallen {
			return nil
		}
		m.falls++
		if err == nil && m.falls <= mostFalls {
			c.console.say("%s runs again", m.name)
			return nil
		}
		if m.falls >= mostFalls {
			return cmp.Or(err, fmt.Errorf("it ended %d times in %s", m.falls, time.Since(m.began).Round(time.Second)))
		}
		c.console.say("%s; it is tried again", headline(err))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(m.falls) * pause):
		}
	}
}

// headline is the first line of an error, without what a process printed last.
func headline(err error) string {
	line, _, _ := strings.Cut(err.Error(), "; it printed last:")
	line, _, _ = strings.Cut(line, "\n")
	return line
}

// console lets several processes write to one terminal, line by line.
type console struct {
	mu sync.Mutex
	w  io.Writer
}

// named returns a writer that puts a name before every line.
func (c *console) named(name string) io.Writer { return &lines{console: c, name: name} }

type lines struct {
	console *console
	name    string
	rest    []byte
}

// Write writes the lines that are whole, and keeps the rest.
func (l *lines) Write(p []byte) (int, error) {
	l.console.mu.Lock()
	defer l.console.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		n := bytes.IndexByte(l.rest, '\n')
		if n < 0 {
			return len(p), nil
		}
		if _, err := fmt.Fprintf(l.console.w, "%-7s | %s\n", l.name, l.rest[:n]); err != nil {
			return 0, err
		}
		l.rest = l.rest[n+1:]
	}
}

// say writes a line of the crew's own.
func (c *console) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.named("tender"), format+"\n", args...)
}
