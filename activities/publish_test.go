package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
)

// Other content under a name and version that are known is not published, and what a person published stays the one with which loans
// begin, whatever a worker brings.
func TestWhatAWorkerBringsOverridesNothingThatWasPublished(t *testing.T) {
	t.Parallel()
	o := open(t)
	all, err := strategy.Load("")
	require.NoError(t, err)
	version := func(version, more string) *strategy.Strategy {
		text := strings.NewReplacer("name: gentle-installment", "name: ours", `version: "2"`, `version: "`+version+`"`).Replace(all[0].Text) + more
		s, err := strategy.Parse("ours.yaml", []byte(text))
		require.NoError(t, err)
		return s
	}
	publish := func(s *strategy.Strategy) []worker.Taken {
		taken, err := worker.Publish(t.Context(), o.store, []*strategy.Strategy{s})
		require.NoError(t, err)
		return taken
	}
	begins := func() string {
		row, err := o.store.LatestStrategy(t.Context(), "ours")
		require.NoError(t, err)
		return row.Hash
	}
	one, other, two, nine, three := version("1", ""), version("1", "# other\n"), version("2", ""), version("9", ""), version("3", "")
	require.Empty(t, publish(one))
	require.Equal(t, []worker.Taken{{Strategy: other, Hash: one.Hash}}, publish(other))
	_, err = o.store.Strategy(t.Context(), other.Hash)
	require.Error(t, err, "it is not kept")
	require.Empty(t, publish(two))
	require.Equal(t, two.Hash, begins(), "a worker's newer version follows a worker's older one")
	require.NoError(t, o.store.PublishStrategy(t.Context(), sqlc.PublishStrategyParams{Hash: nine.Hash, Name: "ours", Version: "9", Yaml: nine.Text, PublishedBy: "kim"}))
	require.Empty(t, publish(three))
	require.Equal(t, nine.Hash, begins())
	rows, err := o.store.Strategies(t.Context())
	require.NoError(t, err)
	var versions []string
	for _, r := range rows {
		if r.Name == "ours" {
			versions = append(versions, r.Version)
		}
	}
	require.Equal(t, []string{"9", "3", "2", "1"}, versions)
}
