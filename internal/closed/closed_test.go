package closed_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/closed"
)

type colour string

var colours = []colour{"red", "green", "blue"}

func TestAWordOfTheSetIsTaken(t *testing.T) {
	t.Parallel()
	for _, want := range colours {
		got, err := closed.Parse("colour", colours, string(want))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestAnyOtherWordIsRefusedWithThoseThatWouldBeRight(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Red", " red", "purple", "red, green"} {
		got, err := closed.Parse("colour", colours, text)
		require.Empty(t, got)
		require.ErrorContains(t, err, "unknown colour")
		require.ErrorContains(t, err, "use one of red, green, blue")
	}
}
