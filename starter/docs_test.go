package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/journey"
)

func TestEveryQueryForTheWebUIIsOneThatTheServerUnderstands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/web-ui-queries.md")
	require.NoError(t, err)
	stack := devstacktest.Temporal(t, journey.SearchAttributes)
	temporal, err := client.DialContext(t.Context(), client.Options{HostPort: stack.TemporalAddress, Namespace: devstack.Namespace})
	require.NoError(t, err)
	defer temporal.Close()
	queries := regexp.MustCompile("(?s)```sql\n(.*?)\n```").FindAllStringSubmatch(string(text), -1)
	require.Greater(t, len(queries), 10)
	for _, found := range queries {
		query := found[1]
		_, err = temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		require.NoError(t, err, query)
	}
	for name := range journey.SearchAttributes {
		require.Contains(t, string(text), "`"+name+"`", "a search attribute that is not documented")
	}
}
