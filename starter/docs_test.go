package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/report"
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

func TestWhatTheManualsShowIsWhatCommandsPrint(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, manual := range []string{"../docs/operating.md", "../docs/money.md", "../docs/compliance.md", "../docs/holds.md", "../docs/audit.md", "../docs/replies.md", "../docs/strategies.md", "../docs/surveys.md", "../docs/rehearse.md"} {
		x.shows(manual)
	}
	newTerminal(t).shows("../docs/worklist.md") // where nothing has come in that is not decided upon
}

// shows checks that what a manual shows is what commands print.
func (x *terminal) shows(manual string) {
	x.t.Helper()
	shown := regexp.MustCompile("(?s)```text\n\\$ tender ([^\n]*)\n(.*?)```\n")
	seconds := regexp.MustCompile(`(\d\d:\d\d):\d\d in `) // on the clock, which goes on meanwhile
	text, err := os.ReadFile(manual)
	require.NoError(x.t, err)
	require.NotEmpty(x.t, shown.FindAll(text, -1))
	now := shown.ReplaceAllFunc(text, func(block []byte) []byte {
		line := string(shown.FindSubmatch(block)[1])
		// Who reads stands in the root of the repository, and this test does not.
		got := x.typed("", asShell(strings.ReplaceAll(line, " examples/", " ../examples/"))...)
		require.Equal(x.t, exitDone, got.code, got.err)
		out := seconds.ReplaceAllString(got.out, "$1:00 in ")
		return []byte("```text\n$ tender " + line + "\n" + out + "```\n")
	})
	if *update {
		require.NoError(x.t, os.WriteFile(manual, now, 0o644))
		return
	}
	require.Equal(x.t, string(text), string(now), "run go test ./starter -update")
}

// asShell separates the words of a command line: at blanks that do not stand in quotation marks.
func asShell(line string) []string {
	words := regexp.MustCompile(`"[^"]*"|[^ ]+`).FindAllString(line, -1)
	for n, word := range words {
		words[n] = strings.Trim(word, `"`)
	}
	return words
}

func TestWhatTheManualSaysOfLedgersIsTaken(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/money.md")
	require.NoError(t, err)
	example, err := os.ReadFile("../examples/ledger.json")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```\n").FindAllSubmatch(manual, -1)
	require.Len(t, blocks, 4)
	x := &terminal{t: t}
	for _, block := range blocks {
		var ledger map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(example, &ledger))
		require.NoError(t, json.Unmarshal(block[1], &ledger), "%s", block[1])
		text, err := json.Marshal(ledger)
		require.NoError(t, err)
		got := x.typed(string(text), "loan", "status", "-f", "-", "--as-of", "2023-11-15")
		require.Equal(t, exitDone, got.code, got.err)
	}
	for _, list := range []any{loan.Ledger{}, loan.Installment{}, loan.Transaction{}, loan.LateFee{}, loan.Dispute{}, loan.Allocation{}, report.Standing{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(list)) {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				require.Regexp(t, "[`\"]"+name+"[`\"]", string(manual), "%T", list)
			}
		}
	}
	for _, kind := range loan.Kinds {
		require.Contains(t, string(manual), "**"+string(kind)+"**")
	}
}
