package devstack_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/devstack"
)

// shell is a process that runs a script, and tells through a file that it has come to `touch "$READY"`.
func shell(t *testing.T, script string) devstack.Spec {
	ready := filepath.Join(t.TempDir(), "ready")
	return devstack.Spec{
		Name: "the script", Path: "/bin/sh", Args: []string{"-c", script},
		Env:   append(os.Environ(), "READY="+ready),
		Ready: func(context.Context) error { _, err := os.Stat(ready); return err },
	}
}

func TestAProcessIsReadyWhenItSaysSo(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	spec := shell(t, `echo hello; touch "$READY"; exec sleep 1000`)
	spec.Log = &log

	p, err := devstack.StartProcess(t.Context(), spec)
	require.NoError(t, err)
	require.True(t, alive(p.Pid()))
	require.NoError(t, p.Stop())

	<-p.Done()
	assert.False(t, alive(p.Pid()))
	assert.NoError(t, p.Err())
	assert.Equal(t, "hello\n", log.String())
	require.NoError(t, p.Stop(), "a second time")
	require.NoError(t, p.Kill(), "and a third")
}

func TestAProcessThatEndsBeforeItIsReady(t *testing.T) {
	t.Parallel()
	_, err := devstack.StartProcess(t.Context(), shell(t, `for i in $(seq 100); do echo line $i; done; exit 3`))
	require.EqualError(t, err, `the script did not start: exit status 3; it printed last:
  line 86
  line 87
  line 88
  line 89
  line 90
  line 91
  line 92
  line 93
  line 94
  line 95
  line 96
  line 97
  line 98
  line 99
  line 100`)
}

func TestAProcessThatIsNotReadyInTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	spec := shell(t, `echo thinking; exec sleep 1000`)
	asked := 0
	spec.Ready = func(context.Context) error {
		if asked++; asked == 2 {
			cancel(errors.New("enough"))
		}
		return errors.New("not yet")
	}
	_, err := devstack.StartProcess(ctx, spec)
	require.ErrorContains(t, err, "the script did not become ready: enough: not yet")
}

func TestAProgramThatIsNotThere(t *testing.T) {
	t.Parallel()
	_, err := devstack.StartProcess(t.Context(), devstack.Spec{Name: "worker", Path: "/no/such/program"})
	require.ErrorContains(t, err, "worker: cannot start /no/such/program")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAProcessThatEndsByItself(t *testing.T) {
	t.Parallel()
	p, err := devstack.StartProcess(t.Context(), shell(t, `touch "$READY"; read -r line; echo oops; exit 0`))
	if err == nil { // it has no input, so it may end before we have looked
		<-p.Done()
		err = p.Err()
	}
	require.ErrorContains(t, err, "exit status 0; it printed last:\n  oops")
}

func TestAProcessThatDoesNotListenIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	child := filepath.Join(t.TempDir(), "child")
	spec := shell(t, `trap "" TERM; sleep 1000 & echo $! >"$CHILD"; touch "$READY"; while :; do wait; done`)
	spec.Env = append(spec.Env, "CHILD="+child)
	spec.Grace = 50 * time.Millisecond
	p, err := devstack.StartProcess(t.Context(), spec)
	require.NoError(t, err)

	require.EqualError(t, p.Stop(), "the script did not end within 50ms and was killed")

	assert.False(t, alive(p.Pid()))
	pid := readPid(t, child)
	require.Eventually(t, func() bool { return !alive(pid) }, patience, 10*time.Millisecond)
}

func TestAProcessCanBeKilledAsByACrash(t *testing.T) {
	t.Parallel()
	p, err := devstack.StartProcess(t.Context(), shell(t, `trap "" TERM; touch "$READY"; while :; do sleep 1; done`))
	require.NoError(t, err)
	require.NoError(t, p.Kill())
	assert.False(t, alive(p.Pid()))
	assert.NoError(t, p.Err(), "we asked for it")
}

func TestAProcessIsOutOfReachOfTheTerminal(t *testing.T) {
	t.Parallel()
	p, err := devstack.StartProcess(t.Context(), devstack.Spec{Name: "sleep", Path: "sleep", Args: []string{"1000"}})
	require.NoError(t, err)
	defer func() { _ = p.Kill() }()
	group, err := syscall.Getpgid(p.Pid())
	require.NoError(t, err)
	assert.Equal(t, p.Pid(), group)
}

func readPid(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	pid := 0
	for _, c := range bytes.TrimSpace(text) {
		pid = 10*pid + int(c-'0')
	}
	return pid
}
