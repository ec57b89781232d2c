package devstack

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program writes a shell script.
func program(t *testing.T, path, script string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// fakePostgres makes a directory look like that of one version of Postgres.
func fakePostgres(t *testing.T, dir, version string) {
	t.Helper()
	program(t, filepath.Join(dir, "initdb"), "")
	program(t, filepath.Join(dir, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
}

func TestFindPostgres(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	in := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	fakePostgres(t, in("lib", "9", "bin"), "9.6.24")
	fakePostgres(t, in("lib", "15", "bin"), "15.18 (Debian 15.18-0+deb12u1)")
	fakePostgres(t, in("lib", "18", "bin"), "18beta1")
	program(t, in("half", "initdb"), "")
	fakePostgres(t, in("path", "16"), "16.3")
	require.NoError(t, os.MkdirAll(in("links"), 0o755))
	require.NoError(t, os.Symlink(in("path", "16", "initdb"), in("links", "initdb")))
	places := []string{in("lib", "*", "bin")}

	for name, c := range map[string]struct {
		version int
		path    string
		places  []string
		want    string
	}{
		"the first on PATH":                {0, in("nothing") + ":" + in("path", "16"), places, in("path", "16")},
		"a link on PATH":                   {0, in("links"), places, in("path", "16")},
		"the newest elsewhere":             {0, "", places, in("lib", "18", "bin")},
		"half an installation will not do": {0, in("half"), places, in("lib", "18", "bin")},
		"nor one that is too old":          {0, in("lib", "9", "bin"), places, in("lib", "18", "bin")},
		"the version that made the data":   {15, in("path", "16"), places, in("lib", "15", "bin")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := findPostgres(c.version, c.path, c.places)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}

	_, err = findPostgres(0, in("nothing"), nil)
	require.ErrorContains(t, err, "Postgres 14 or newer is needed and is not installed")
	require.ErrorContains(t, err, "or set DATABASE_URL")
	_, err = findPostgres(17, in("path", "16"), places)
	require.ErrorContains(t, err, "Postgres 17 is needed")
	require.ErrorContains(t, err, "start afresh")
}

func TestMissingPostgresSaysWhatToInstall(t *testing.T) {
	err := &MissingPostgres{}
	if _, lookErr := exec.LookPath("uname"); lookErr != nil {
		t.Skip("no uname")
	}
	switch out, _ := output("uname", "-s"); out {
	case "Linux":
		assert.ErrorContains(t, err, "apt install postgresql")
		assert.ErrorContains(t, err, "dnf install postgresql-server")
	case "Darwin":
		assert.ErrorContains(t, err, "brew install postgresql")
	}
}

// Not parallel: it changes the environment and the working directory.
func TestFindTemporal(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	cli := func(name, version string) string {
		path := filepath.Join(root, name, "temporal")
		program(t, path, "echo 'temporal version "+version+"'")
		return path
	}
	good := cli("good", "1.6.0 (Server 1.30.0, UI 2.50.0)")
	old := cli("old", "1.3.0 (Server 1.27.1, UI 2.36.0)")
	tree := filepath.Join(root, "tree")
	require.NoError(t, os.MkdirAll(tree, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(tree, "go.mod"),
		[]byte("module github.com/tender-engine/tender\n\ngo 1.26\n"), 0o600))
	path := os.Getenv("PATH")
	t.Setenv("TEMPORAL_CLI_PATH", "")
	t.Chdir(root)

	t.Setenv("PATH", filepath.Dir(good))
	got, err := LookTemporal()
	require.NoError(t, err)
	assert.Equal(t, good, got)

	t.Setenv("PATH", filepath.Dir(old))
	_, err = FindTemporal(t.Context(), nil)
	require.EqualError(t, err, "the Temporal CLI 1.5.1 or newer is needed ("+old+" is older); "+
		"install it (brew install temporal, or see docs.temporal.io/cli), or set TEMPORAL_CLI_PATH")

	t.Chdir(tree)
	_, err = LookTemporal()
	require.ErrorContains(t, err, "make setup")
	built := cli("tree/.dev/bin", "0.0.0-DEV (Server 1.29.1, UI 2.42.1)")
	got, err = LookTemporal()
	require.NoError(t, err)
	assert.Equal(t, built, got)

	t.Setenv("TEMPORAL_CLI_PATH", old)
	got, err = LookTemporal()
	require.NoError(t, err)
	assert.Equal(t, old, got, "who names one is believed")
	t.Setenv("TEMPORAL_CLI_PATH", filepath.Join(root, "nothing"))
	_, err = LookTemporal()
	require.ErrorContains(t, err, "TEMPORAL_CLI_PATH names no program")

	t.Setenv("TEMPORAL_CLI_PATH", "")
	t.Setenv("PATH", path)
	if _, err := exec.LookPath("temporal"); err == nil {
		t.Skip("a temporal on PATH saves the build")
	}
	require.NoError(t, os.Remove(built))
	require.NoError(t, os.MkdirAll(filepath.Join(tree, "tools", "temporal"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(tree, "tools", "temporal", "go.mod"), []byte("not a go.mod\n"), 0o600))
	var said bytes.Buffer
	_, err = FindTemporal(t.Context(), &said)
	require.ErrorContains(t, err, "cannot build the Temporal CLI in "+filepath.Join(tree, "tools", "temporal"))
	require.ErrorContains(t, err, "errors parsing go.mod", "what go said is in the error")
	assert.Contains(t, said.String(), "about 2.5 minutes")
}

func TestAtLeast(t *testing.T) {
	for _, good := range []string{"1.5.1", "1.5.2", "1.10.0", "2.0.0"} {
		assert.True(t, atLeast(good, "1.5.1"), good)
	}
	for _, bad := range []string{"1.5.0", "1.4.9", "0.9.9", "", "x"} {
		assert.False(t, atLeast(bad, "1.5.1"), bad)
	}
}

func TestAWatchdogRemovesAndEndsOnlyWhatIsLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a directory with spaces")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	start := func() *exec.Cmd {
		cmd := exec.Command("sleep", "1000")
		require.NoError(t, cmd.Start())
		return cmd
	}
	left, forgotten := start(), start()
	defer func() { _ = forgotten.Process.Kill(); _ = forgotten.Wait() }()
	w, err := startWatchdog()
	require.NoError(t, err)
	w.remove(dir)
	w.watch(left.Process.Pid)
	w.watch(forgotten.Process.Pid)
	w.forget(forgotten.Process.Pid)
	waited := make(chan error, 1)
	go func() { waited <- left.Wait() }()

	require.NoError(t, w.input.Close()) // as when this process dies

	require.NoError(t, w.cmd.Wait())
	require.EqualError(t, <-waited, "signal: interrupt")
	assert.NoDirExists(t, dir)
	assert.NoError(t, syscall.Kill(forgotten.Process.Pid, 0))
}

func TestWaitingForAFileEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := os.Create(path)
	require.NoError(t, err)
	defer held.Close()
	require.NoError(t, flock(t.Context(), held))
	other, err := os.Open(path)
	require.NoError(t, err)
	defer other.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, flock(ctx, other), context.DeadlineExceeded)
}

func TestWithDatabase(t *testing.T) {
	for server, want := range map[string]string{
		"postgres://u:p%40ss@h:5/a?sslmode=disable": "postgres://u:p%40ss@h:5/b?sslmode=disable",
		"postgresql://h":      "postgresql://h/b",
		"host=h dbname=a":     "host=h dbname=a dbname=b",
		"host=h user=someone": "host=h user=someone dbname=b",
	} {
		got, err := WithDatabase(server, "b")
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	_, err := WithDatabase("postgres://u:secret@h:port%/", "b")
	require.Error(t, err)
	assert.False(t, strings.Contains(err.Error(), "secret"))
}

func TestCanEnter(t *testing.T) {
	base := t.TempDir()
	require.NoError(t, os.Chmod(base, 0o711))
	closed := filepath.Join(base, "closed")
	require.NoError(t, os.Mkdir(closed, 0o700))
	inside := filepath.Join(closed, "inside")
	require.NoError(t, os.Mkdir(inside, 0o755))
	stranger := &syscall.Credential{Uid: 54321, Gid: 54321}

	assert.True(t, canEnter("/", stranger))
	assert.False(t, canEnter(inside, stranger))
	assert.True(t, canEnter(inside, nil))
	assert.False(t, canEnter(filepath.Join(base, "missing"), stranger))
}
