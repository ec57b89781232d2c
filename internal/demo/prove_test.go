//go:build prove

package demo_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/demo"
	"github.com/tender-engine/tender/internal/devstack"
)

func TestEachLifeEndsAsItIsWrittenDown(t *testing.T) {
	s := setup(t)
	s.start(t, nil, "-o", "json")
	out, code := s.rest(t)
	require.Equal(t, 0, code, s.errors.String())
	var sum demo.Summary
	require.NoError(t, json.Unmarshal([]byte(out), &sum))
	require.True(t, sum.OK)
	require.Len(t, sum.Loans, 17)
	require.Len(t, sum.Complaints, 1)
	require.NotEmpty(t, sum.Prevented)
	require.Less(t, sum.FirstJourneySeconds, 20.0)
	t.Logf("the first journey began after %.1f s", sum.FirstJourneySeconds)

	at, err := url.Parse(sum.WebUI)
	require.NoError(t, err)
	port, err := strconv.Atoi(at.Port())
	require.NoError(t, err)
	require.NoError(t, devstack.CheckPort(port), "nobody listens any more")
}

func TestAWorkerThatDiesEndsTheDemo(t *testing.T) {
	s := setup(t)
	s.start(t, nil)
	s.until(t, "L-1001 lending system: loan.disbursed")
	for _, process := range s.processes(t) {
		if id, command, _ := strings.Cut(process, " "); strings.HasSuffix(command, "tender worker") {
			pid, err := strconv.Atoi(id)
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	}
	_, code := s.rest(t)
	require.Equal(t, 1, code)
	require.Contains(t, s.errors.String(), "tender worker ended unexpectedly: signal: killed")
}

func TestADemoOnATerminalStaysUntilCtrlC(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil {
		t.Skip("no script(1) to play the terminal")
	}
	s := setup(t)
	file := filepath.Join(s.dir, "brief.yaml")
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(brief, "stage: closed", "stage: welcome", 1)), 0o600))
	t.Setenv("CI", "")
	s.cmd = exec.Command(script, "-qec", s.program+" demo -f "+file, "/dev/null")
	s.cmd.Dir, err = filepath.Abs("../..")
	require.NoError(t, err)
	s.cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(s.dir, "tmp"), "TERM=xterm")
	input, err := s.cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	s.lines = bufio.NewScanner(stdout)
	require.NoError(t, s.cmd.Start())

	s.until(t, "\x1b[?25l")
	s.until(t, "Everything still runs, until Ctrl-C.")
	list := strings.Fields(s.until(t, "loan list --dir"))
	looked, err := exec.Command(list[0], list[1:]...).CombinedOutput()
	require.NoError(t, err, string(looked))
	require.Contains(t, string(looked), "L-2")
	_, err = io.WriteString(input, "\x03")
	require.NoError(t, err)
	_, code := s.rest(t)
	require.Equal(t, 0, code)
}
