package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Spec says which process to start and how to know that it is ready.
type Spec struct {
	// Name is what messages call the process. Default: none; required.
	Name string
	// Path is the program and Args are its arguments, without the program. A name without a slash is looked up on PATH.
	Path string
	Args []string
	// Env is the whole environment, each entry NAME=value. Default: that of this process.
	Env []string
	// Dir is the working directory. Default: that of this process.
	Dir string
	// Log gets everything the process prints, standard output and standard error alike. Default: it is dropped.
	Log io.Writer
	// Ready is asked again and again until it returns nil; each time it is given two seconds. Default: ready once
	// started.
	Ready func(context.Context) error
	// StopSignal asks the process to end in an orderly way. Default: SIGTERM.
	StopSignal syscall.Signal
	// Grace is how long the process may take to end before it is killed. Default: 10 seconds.
	Grace time.Duration

	deathSignal syscall.Signal      // sent when this process dies; default SIGKILL
	credential  *syscall.Credential // whom to run as; default: this process' user
	watchdog    *watchdog           // learns the process id; default: none
}

// How often a process that starts is asked whether it is ready, and how long it may take to answer.
const (
	readyEvery = 20 * time.Millisecond
	readyWait  = 2 * time.Second
)

// Process is a child process that runs in a process group of its own, so that a Ctrl-C in the terminal reaches only
// its parent, which then stops it in order. It does not outlive its parent: see dieWithParent.
type Process struct {
	spec Spec
	cmd  *exec.Cmd
	tail *tail
	done chan struct{}
	own  *watchdog // where the kernel cannot end the process with its parent

	mu      sync.Mutex
	stopped bool // somebody asked for the end
	result  error
}

// StartProcess starts a process and returns when it is ready. The context limits the start only. A process that ends
// before it is ready, or is not ready in time, is an error that carries the last lines it printed.
func StartProcess(ctx context.Context, spec Spec) (*Process, error) {
	if spec.StopSignal == 0 {
		spec.StopSignal = syscall.SIGTERM
	}
	if spec.Grace == 0 {
		spec.Grace = 10 * time.Second
	}
	if spec.deathSignal == 0 {
		spec.deathSignal = syscall.SIGKILL
	}
	if spec.Log == nil {
		spec.Log = io.Discard
	}
	p := &Process{spec: spec, tail: &tail{}, done: make(chan struct{})}
	p.cmd = exec.Command(spec.Path, spec.Args...)
	p.cmd.Env, p.cmd.Dir = spec.Env, spec.Dir
	output := io.MultiWriter(p.tail, spec.Log)
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.WaitDelay = time.Second // a grandchild that keeps the pipe open must not keep us waiting
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: spec.credential}
	dieWithParent(p.cmd.SysProcAttr, spec.deathSignal)

	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s: cannot start %s: %w", spec.Name, spec.Path, err)
	}
	if err := p.guard(); err != nil {
		return nil, errors.Join(err, p.Kill())
	}
	if err := p.ready(ctx); err != nil {
		_ = p.Stop()
		return nil, err
	}
	return p, nil
}

// run starts the process and waits for its end, on one thread: the kernel takes the death of the thread that started a
// process for the death of its parent.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	err = p.cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.result = fmt.Errorf("%s ended unexpectedly: %s%s", p.spec.Name, status(err), p.tail)
	}
}

func status(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// guard sees to it that the process ends with this one where the kernel does not.
func (p *Process) guard() (err error) {
	if w := p.spec.watchdog; w != nil {
		w.watch(p.Pid())
		go func() { <-p.done; w.forget(p.Pid()) }()
	} else if !kernelKillsOrphans {
		if p.own, err = startWatchdog(); err != nil {
			return err
		}
		p.own.watch(p.Pid())
		go func() { <-p.done; p.own.dismiss() }()
	}
	return nil
}

func (p *Process) ready(ctx context.Context) error {
	if p.spec.Ready == nil {
		return nil
	}
	again := time.NewTicker(readyEvery)
	defer again.Stop()
	for {
		attempt, cancel := context.WithTimeout(ctx, readyWait)
		err := p.spec.Ready(attempt)
		cancel()
		if err == nil && !p.ended() {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s did not start: %s%s", p.spec.Name, status(p.exit()), p.tail)
		case <-ctx.Done():
			return fmt.Errorf("%s did not become ready: %w: %w%s", p.spec.Name, context.Cause(ctx), err, p.tail)
		case <-again.C:
		}
	}
}

// exit is how the process ended; only after done.
func (p *Process) exit() error {
	if p.cmd.ProcessState.Success() {
		return nil
	}
	return errors.New(p.cmd.ProcessState.String())
}

// Pid is the process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is nil while the process runs and after Stop or Kill. If it ended by itself, whatever its exit status, it says
// how, with the last lines it printed.
func (p *Process) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.result
}

// Stop asks the process to end, kills it and its group if it does not within the grace, and returns when it has ended.
// A process that had to be killed is an error. Stop may be repeated, and is nothing to a process that has ended.
func (p *Process) Stop() error {
	if !p.signal(p.cmd.Process.Pid, p.spec.StopSignal) {
		return nil
	}
	grace := time.NewTimer(p.spec.Grace)
	defer grace.Stop()
	select {
	case <-p.done:
		return nil
	case <-grace.C:
		_ = p.Kill()
		return fmt.Errorf("%s did not end within %s and was killed", p.spec.Name, p.spec.Grace)
	}
}

// Kill ends the process and its group at once with SIGKILL, as a crash would, and returns when it has ended.
func (p *Process) Kill() error {
	p.signal(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	return nil
}

// signal tells whether the process was there to be signalled. A group is signalled by its negative id, which is not
// given to anyone else while a member of the group is left.
func (p *Process) signal(pid int, s syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended() {
		return false
	}
	p.stopped = true
	if pid < 0 {
		_ = syscall.Kill(pid, s)
	} else {
		_ = p.cmd.Process.Signal(s) // knows whether the id is still that of our process
	}
	return true
}

func (p *Process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// tail keeps the last lines that a process printed.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// How much of what a process printed an error shows.
const (
	tailLines = 15
	tailBytes = 8 << 10
)

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailBytes; extra > 0 {
		t.text = append([]byte(nil), t.text[extra:]...)
	}
	return len(b), nil
}

// String is empty, or the lines, each on one of its own and indented.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := strings.TrimSpace(string(bytes.ToValidUTF8(t.text, nil)))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	return "; it printed last:\n  " + strings.Join(lines, "\n  ")
}
