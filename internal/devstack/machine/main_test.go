package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/devstack"
)

func TestDebianMakesNoClusterUnlessSomebodyChoseOtherwise(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "postgresql-common")
	file := filepath.Join(dir, "createcluster.conf")
	require.NoError(t, keepDebianFromMakingACluster(dir))
	assert.Contains(t, read(t, file), "create_main_cluster = false\n")

	require.NoError(t, os.WriteFile(file, []byte("create_main_cluster = true\n"), 0o600))
	require.NoError(t, keepDebianFromMakingACluster(dir))
	assert.Equal(t, "create_main_cluster = true\n", read(t, file))
}

func TestInstallGetsNewListsWhenItMust(t *testing.T) {
	dir := t.TempDir()
	calls := filepath.Join(dir, "calls")
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("CALLS", calls)
	fake := "#!/bin/sh\necho \"$*\" >>\"$CALLS\"\n"
	aptGet := func(script string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "apt-get"), []byte(fake+script), 0o755))
	}

	aptGet(`case $(wc -l <"$CALLS") in 1) exit 100 ;; esac`)
	var said bytes.Buffer
	require.NoError(t, install(t.Context(), &said, "postgresql"))
	assert.Equal(t, "Installing postgresql. This happens once.\n", said.String())
	assert.Equal(t, "-qq install --yes --no-install-recommends postgresql\n-qq update\n"+
		"-qq install --yes --no-install-recommends postgresql\n", read(t, calls))

	aptGet("echo 'E: no such package'; exit 100\n")
	require.ErrorContains(t, install(t.Context(), &said, "postgresql"), "E: no such package")
}

func TestCleanRemovesStacksWhereverTheyLie(t *testing.T) {
	dev := filepath.Join(t.TempDir(), ".dev") // below a directory that user postgres cannot enter, if this is root
	require.NoError(t, os.MkdirAll(filepath.Join(dev, "bin"), 0o755))
	stack, err := devstack.Start(t.Context(), devstack.Options{
		Dir: filepath.Join(dev, "stack"), DatabaseURL: devstack.PrivateDatabase, WithoutTemporal: true,
	})
	require.NoError(t, err)
	require.ErrorContains(t, clean(dev), "already running")
	require.NoError(t, stack.Close())
	elsewhere, _ := os.ReadFile(filepath.Join(dev, "stack", "postgres-is-in"))

	require.NoError(t, clean(dev))

	assert.NoDirExists(t, dev)
	if os.Getuid() == 0 {
		require.NotEmpty(t, string(elsewhere))
		assert.NoDirExists(t, string(elsewhere))
	}
	require.NoError(t, clean(dev), "a second time")
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
