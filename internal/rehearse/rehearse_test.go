package rehearse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/rehearse/rehearsetest"
)

// The same scenario gives the same life, whenever it is lived.
func TestALifeIsLivedTheSameTwice(t *testing.T) {
	t.Parallel()
	with := rehearsetest.Installation(t)
	for seed := range uint64(60) {
		s, text := rehearsetest.Random(t, seed)
		first, err := s.Rehearse(with)
		require.NoError(t, err, text)
		again, err := s.Rehearse(with)
		require.NoError(t, err, text)
		require.Equal(t, first, again, text)
	}
}
