package house_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/house"
)

func TestTheHouseIsInOrder(t *testing.T) {
	wrong, err := house.Check(os.DirFS("../.."))
	require.NoError(t, err)
	assert.Empty(t, strings.Join(wrong, "\n"))
}

var column = regexp.MustCompile(`(\.go:\d+):\d+: `)

// Each line of the planted tree that must be found ends in a comment "want: " with what is to be said about it.
func TestWhatIsOutOfOrderIsFound(t *testing.T) {
	tree := os.DirFS("testdata/bad")
	wrong, err := house.Check(tree)
	require.NoError(t, err)
	for i, w := range wrong {
		wrong[i] = column.ReplaceAllString(w, "$1: ")
	}
	assert.ElementsMatch(t, wanted(t, "testdata/bad"), wrong)
}

// wanted reads the comments, in the order in which Check walks.
func wanted(t *testing.T, root string) (want []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		line := 0
		for code := range strings.Lines(string(text)) {
			line++
			if _, what, ok := strings.Cut(strings.TrimSpace(code), "// want: "); ok {
				want = append(want, fmt.Sprintf("%s:%d: %s", name, line, what))
			}
		}
		return err
	})
	require.NoError(t, err)
	return want
}
