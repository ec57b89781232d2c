package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/rehearse/rehearsetest"
	"github.com/tender-engine/tender/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// uncoloured takes the colours out of a text.
func uncoloured(text string) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")
}

// Each life of the examples is lived as it is written beside it.
func TestTheExamplesAreLivedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	with := rehearsetest.Installation(t)
	files, err := filepath.Glob("../../examples/scenarios/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 15)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := rehearse.Parse(file, text)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSuffix(filepath.Base(file), ".yaml"), s.Name)
		life, err := s.Rehearse(with)
		require.NoError(t, err)
		var got bytes.Buffer
		require.NoError(t, report.WriteRehearsal(&got, report.Style{}, life))
		golden := strings.TrimSuffix(file, ".yaml") + ".txt"
		if *update {
			require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), "run go test ./internal/report -update and look at what changed")
	}
}

// A cell in colour is as wide as one without.
func TestColoursMoveNoColumn(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/scenarios/stop.yaml")
	require.NoError(t, err)
	s, err := rehearse.Parse("stop.yaml", text)
	require.NoError(t, err)
	life, err := s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
	var plain, painted bytes.Buffer
	require.NoError(t, report.WriteRehearsal(&plain, report.Style{}, life))
	require.NoError(t, report.WriteRehearsal(&painted, report.Style{Color: true}, life))
	require.Contains(t, painted.String(), "\x1b[")
	require.Equal(t, plain.String(), uncoloured(painted.String()))
}
