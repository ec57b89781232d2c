package score_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score"
)

func TestTheManualTellsOfEveryFact(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "score.md"))
	require.NoError(t, err)
	for _, f := range score.Known {
		require.Contains(t, string(text), "| `"+f.Name+"` | "+f.Unit+" | "+f.Meaning+" |")
	}
	for _, b := range score.Bands {
		require.Contains(t, string(text), "`"+string(b)+"`")
	}
	for _, s := range score.Sources {
		require.Contains(t, string(text), "`"+string(s)+"`")
	}
}
