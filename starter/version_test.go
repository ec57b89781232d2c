package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheVersionIsOneLineWithoutGaps(t *testing.T) {
	t.Parallel()
	require.Regexp(t, `^tender \S+( \S+)? \(go\S+, \S+\)\n$`, newTerminal(t).run("version").out)
}
