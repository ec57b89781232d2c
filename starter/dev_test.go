package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
)

// development is a `tender dev` that runs as a process of its own.
type development struct {
	t   *testing.T
	cmd *exec.Cmd
	err *printed
	addresses
}

// printed is what a process prints, for who reads while it runs.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// startDev starts `tender dev -o json` and waits until it is up.
func startDev(t *testing.T, args ...string) *development {
	t.Helper()
	d := &development{t: t, err: &printed{}}
	program, err := os.Executable()
	require.NoError(t, err)
	d.cmd = exec.Command(program, append([]string{"dev", "-o", "json"}, args...)...)
	d.cmd.Env = append(settings.Environ(os.Environ()).Without("DATABASE_URL"), asTender+"=1", "TENDER_OUTBOX_SHOW=")
	d.cmd.Stderr = d.err
	out, err := d.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, d.cmd.Start())
	t.Cleanup(func() { _ = d.cmd.Process.Kill() })
	up := make(chan error, 1)
	go func() { up <- json.NewDecoder(out).Decode(&d.addresses) }()
	select {
	case err := <-up:
		require.NoError(t, err, d.err)
	case <-time.After(8 * time.Minute): // it may have to build the Temporal CLI
		t.Fatalf("it did not come up: %s", d.err)
	}
	return d
}

// cameIn lists the events of a loan as `loan show` tells them.
func (x *terminal) cameIn(loan string) (events []report.Entry) {
	x.t.Helper()
	var life report.Life
	require.NoError(x.t, json.Unmarshal([]byte(x.run("loan show "+loan+" -o json").out), &life))
	for _, e := range life.Entries {
		if e.Sort == report.CameIn {
			events = append(events, e)
		}
	}
	return events
}

// kill kills the child whose command line, with a blank at its end, holds a text.
func (d *development) kill(holds string) {
	d.t.Helper()
	all, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,args=").Output()
	require.NoError(d.t, err)
	for line := range strings.Lines(string(all)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[1] == itoa(d.cmd.Process.Pid) && strings.Contains(strings.Join(f[2:], " ")+" ", holds) {
			pid, err := strconv.Atoi(f[0])
			require.NoError(d.t, err)
			require.NoError(d.t, syscall.Kill(pid, syscall.SIGKILL))
			return
		}
	}
	d.t.Fatalf("no child whose command holds %q in\n%s", holds, all)
}

// stop presses Ctrl-C and waits for the end.
func (d *development) stop() {
	d.t.Helper()
	require.NoError(d.t, d.cmd.Process.Signal(syscall.SIGINT))
	require.NoError(d.t, d.cmd.Wait(), d.err)
}

func TestDevKeepsItsJourneysAndFreesItsPorts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	var at []string
	for _, flag := range []string{"--temporal-port", "--ui-port", "--postgres-port", "--listen"} {
		port, err := devstack.FreePort()
		require.NoError(t, err)
		value := itoa(port)
		if flag == "--listen" {
			value = "127.0.0.1:" + value
		}
		at = append(at, flag, value)
	}
	args := append([]string{"--dir", dir}, at...)
	x := &terminal{t: t, world: world{env: settings.Environ{"TENDER_DIR=" + dir}, user: "kim"}}

	d := startDev(t, args...)
	response, err := http.Get(d.Gateway + "/readyz")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	// Another terminal finds the stack by its folder.
	disbursed := x.typed(strings.Replace(disbursementData, `"schedule"`, `"watermarks": false, "schedule"`, 1), "loan", "disburse", "-f", "-", "--loan", "L-1", "--id", "d-1")
	require.Equal(t, exitDone, disbursed.code, disbursed.err)
	paid := x.run("loan pay L-1 40 --id p-1")
	require.Equal(t, exitDone, paid.code, paid.err)
	found, code := examine(t, x)
	require.Equal(t, exitDone, code, "%v", found.Findings)
	require.Contains(t, x.run("loan list").out, "L-1 ")
	before := x.cameIn("L-1")
	require.Len(t, before, 2)

	taken := x.typed("", append([]string{"dev", "--dir", dir + "-other"}, at...)...)
	require.Equal(t, exitFailed, taken.code)
	for n, part := range []string{"Temporal", "Web UI", "Postgres", "gateway"} {
		require.Contains(t, taken.err, part+": port "+at[2*n+1][strings.LastIndex(at[2*n+1], ":")+1:]+" is taken by process ")
		require.Contains(t, taken.err, "choose another port ("+at[2*n]+")")
	}
	running := x.run("dev --dir " + dir)
	require.Equal(t, exitRefused, running.code)
	require.Contains(t, running.err, "a stack runs in "+dir+" already")

	for _, part := range []string{"worker", "Postgres"} {
		d.kill(map[string]string{"worker": " worker", "Postgres": "/postgres "}[part])
		require.Eventually(t, func() bool { return strings.Contains(d.err.String(), part+" runs again\n") }, 2*time.Minute, 50*time.Millisecond, d.err)
		require.Contains(t, d.err.String(), part+" ended unexpectedly: signal: killed; it is started again\n")
	}
	require.Equal(t, before, x.cameIn("L-1"))
	found, code = examine(t, x, "--only", "postgres,temporal,workers,gateway")
	require.Equal(t, exitDone, code, "%v", found.Findings)

	d.stop()
	require.Contains(t, d.err.String(), "Stopping. The journeys stay in "+dir)
	for n := range 4 {
		_, port, ok := strings.Cut(at[2*n+1], ":")
		if !ok {
			port = at[2*n+1]
		}
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		require.NoError(t, err, "%s is still taken", at[2*n])
		require.NoError(t, listener.Close())
	}
	require.Equal(t, exitFailed, x.run("loan list").code, "nothing answers any more")

	again := startDev(t, args...)
	require.Equal(t, before, x.cameIn("L-1"))
	paid = x.run("loan pay L-1 60 --id p-2")
	require.Equal(t, exitDone, paid.code, paid.err)
	require.NotContains(t, paid.out, "not yet decided", "the journey goes on, with what it knew")
	require.Contains(t, paid.out, "everything is paid")
	again.stop()

	fresh := startDev(t, append(args, "--reset")...)
	require.Equal(t, "No loan fits.\n", x.run("loan list").out)
	fresh.stop()
}

func TestDevDoesNotResetWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, "postgres://kim@127.0.0.1:1/loans")
	got := x.run("dev --reset")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "empty that one by hand")
}
