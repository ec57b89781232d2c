package demo_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stage is where one `tender demo` runs: everything that it starts or makes has the folder in its name.
type stage struct {
	dir, program string
	cmd          *exec.Cmd
	lines        *bufio.Scanner
	errors       bytes.Buffer
}

// setup builds the command and makes a folder, for stacks too, that must be empty again at the end of the test.
func setup(t *testing.T) *stage {
	t.Helper()
	s := &stage{dir: t.TempDir()}
	s.program = filepath.Join(s.dir, "bin", "tender")
	build := exec.Command("go", "build", "-o", s.program, "../../starter")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "tmp"), 0o755))
	t.Cleanup(func() {
		left, err := os.ReadDir(filepath.Join(s.dir, "tmp"))
		require.NoError(t, err)
		require.Empty(t, left, "folders")
		require.Empty(t, s.processes(t), "processes")
	})
	return s
}

// start starts the demo in a pipe.
func (s *stage) start(t *testing.T, env []string, args ...string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	s.cmd = exec.Command(s.program, append([]string{"demo"}, args...)...)
	s.cmd.Dir = root // where the Temporal CLI is found, or built
	s.cmd.Env = append(append(os.Environ(), "TMPDIR="+filepath.Join(s.dir, "tmp")), env...)
	s.cmd.Stderr = &s.errors
	stdout, err := s.cmd.StdoutPipe()
	require.NoError(t, err)
	s.lines = bufio.NewScanner(stdout)
	s.lines.Buffer(nil, 1<<20)
	require.NoError(t, s.cmd.Start())
}

// until reads what the demo prints until a line holds a text.
func (s *stage) until(t *testing.T, text string) string {
	t.Helper()
	for s.lines.Scan() {
		if strings.Contains(s.lines.Text(), text) {
			return s.lines.Text()
		}
	}
	t.Fatalf("no line holds %q; standard error: %s", text, s.errors.String())
	return ""
}

// rest reads on to the end, and returns what was read and the exit code.
func (s *stage) rest(t *testing.T) (out string, code int) {
	t.Helper()
	var all strings.Builder
	for s.lines.Scan() {
		all.WriteString(s.lines.Text() + "\n")
	}
	require.NoError(t, s.lines.Err())
	_ = s.cmd.Wait()
	return all.String(), s.cmd.ProcessState.ExitCode()
}

// processes are the ids and commands of all that the demo started.
func (s *stage) processes(t *testing.T) (all []string) {
	t.Helper()
	out, err := exec.Command("ps", "-axo", "pid=,command=").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, s.dir) {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

func TestACtrlCInTheMiddleLeavesNothing(t *testing.T) {
	s := setup(t)
	s.start(t, nil)
	s.until(t, "L-1001 lending system: loan.disbursed")
	require.NotEmpty(t, s.processes(t))
	require.NoError(t, s.cmd.Process.Signal(os.Interrupt))
	_, code := s.rest(t)
	require.Equal(t, 1, code)
	require.Equal(t, "tender: interrupted\n", s.errors.String())
}

func TestACtrlCWhileItStartsLeavesNothing(t *testing.T) {
	s := setup(t)
	s.start(t, nil)
	s.until(t, "Starting")
	require.NoError(t, s.cmd.Process.Signal(os.Interrupt))
	_, code := s.rest(t)
	require.Equal(t, 1, code)
}

func TestAStartThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	s := setup(t)
	s.start(t, []string{"TEMPORAL_CLI_PATH=/bin/false"})
	_, code := s.rest(t)
	require.Equal(t, 1, code)
	require.Contains(t, s.errors.String(), "Temporal did not start")
}

// brief is a demo of three days that does not end as it must.
const brief = `start: {date: 2026-01-05, time: "08:00", time_zone: America/New_York}
days: 3
borrowers:
  - {id: B-1, name: Ada, time_zones: [America/New_York], jurisdiction: us, points: [{id: mobile, channel: sms, address: "+1-555-0101"}]}
lives:
  - loan: L-1
    title: goes on
    borrower: B-1
    terms: {currency: USD, installments: 1, first_due: 30, principal: "100.00", at: "09:30"}
    must: {stage: welcome, made: {welcome: 1}}
  - loan: L-2
    title: does not close
    borrower: B-1
    terms: {currency: USD, installments: 1, first_due: 30, principal: "100.00", at: "12:00"}
    must: {stage: closed}
`

func TestALifeThatEndsInAnotherWayIsNamed(t *testing.T) {
	s := setup(t)
	file := filepath.Join(s.dir, "brief.yaml")
	require.NoError(t, os.WriteFile(file, []byte(brief), 0o600))
	s.start(t, nil, "-f", file, "--day", "4s")
	out, code := s.rest(t)
	require.Equal(t, 1, code, out)
	require.Equal(t, "tender: L-2 (does not close) did not end as "+file+" says: it is welcome and not closed\n", s.errors.String())
	require.Contains(t, out, "house/one-message-a-day: put off")
}
