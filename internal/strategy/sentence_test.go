package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/strategy"
)

func TestATaskToReadAReplyIsSaidInWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a person reads what the borrower wrote", strategy.Sentence("reply"))
}
