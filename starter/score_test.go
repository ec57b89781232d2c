package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/score/train"
)

func TestScoreManualShowsWhatCommandsPrint(t *testing.T) {
	t.Parallel()
	serverless(t).shows("../docs/score.md")
}

func TestScoreManualTellsOfEveryFieldOfTheAnswers(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/score.md")
	require.NoError(t, err)
	for _, answer := range []any{
		score.Result{},
		score.Reason{},
		score.Scale{},
		score.Thresholds{},
		train.Measurement{},
		train.Model{},
		train.Attribute{},
		train.Bin{},
		train.Discrimination{},
		train.Decile{},
		train.BandCount{},
	} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(answer)) {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				require.Regexp(t, "[`{ ]"+name+"[`:]", string(manual), "%T", answer)
			}
		}
	}
}

func TestScoreShowWritesTheCardAsATable(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	got := x.run("score show")
	require.Equal(t, exitDone, got.code, got.err)
	golden(t, "score-show.txt", got.out)
	got = x.run("score show -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var card score.Card
	require.NoError(t, json.Unmarshal([]byte(got.out), &card))
	shipped, err := score.Shipped()
	require.NoError(t, err)
	require.Equal(t, *shipped, card)
}

func TestScoreOfGivesPointsBandAndReasons(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	got := x.run("score of -f ../examples/score/late-twice.json -o json")
	require.Equal(t, exitDone, got.code, got.err)
	golden(t, "score-of.json", got.out)
	got = x.typed("{}", "score", "of", "-f", "-")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "524 points, medium risk  by early-warning 1", "nothing is known")
}

func TestScoreTakesACardOfOnesOwn(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	manual, err := os.ReadFile("../docs/score.md")
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(manual), "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	own := filepath.Join(t.TempDir(), "own.yaml")
	require.NoError(t, os.WriteFile(own, []byte(text), 0o600))
	got := x.run("score show --card " + own)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "Our own  own 1")
	got = x.run("score of -f ../examples/score/late-twice.json --card " + own)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "500 points, medium risk  by own 1")
	got = x.run("score measure -f ../examples/data/uci_credit_card.csv.gz --card " + own)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "own 1, on the second half")

	require.NoError(t, os.WriteFile(own, []byte(strings.Replace(text, "late_share", "age", 1)), 0o600))
	got = x.run("score show --card " + own)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, `own.yaml:8:11: attributes[0].fact: unknown fact "age"; use one of late_share`)
	got = x.run("score show --card " + own + ".none")
	require.Equal(t, exitNotFound, got.code)
}

func TestScoreMeasureWritesTheMeasuredPartOfTheShippedCard(t *testing.T) {
	t.Parallel()
	got := serverless(t).run("score measure -f ../examples/data/uci_credit_card.csv.gz --yaml")
	require.Equal(t, exitDone, got.code, got.err)
	shipped, err := os.ReadFile("../internal/score/cards/early-warning.yaml")
	require.NoError(t, err)
	require.Contains(t, string(shipped), "\n"+got.out+"\n")
}

func TestScoreMeasureInJSONHasTheFiguresOfTheText(t *testing.T) {
	t.Parallel()
	got := serverless(t).run("score measure -f ../examples/data/uci_credit_card.csv.gz -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var m train.Measurement
	require.NoError(t, json.Unmarshal([]byte(got.out), &m))
	require.Equal(t, 30_000, m.First.All()+m.Second.All())
	require.InDelta(t, 2*m.CardSecond.AUC-1, m.CardSecond.Gini, 1e-12)
	require.NotContains(t, got.out, "Meaning")
}

func TestScoreRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	x := serverless(t)
	for line, says := range map[string]string{
		"score of":        "--file is missing; name a file, or - for standard input",
		"score measure":   "--file is missing; name a file, or - for standard input",
		"score show this": `"this" is one argument too many`,
		"score measure -f ../examples/data/uci_credit_card.csv.gz --yaml -o json": "--yaml and -o json exclude each other; choose one",
	} {
		got := x.run(line)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.err, says)
	}
	got := x.typed(`{"age": 30}`, "score", "of", "-f", "-")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "tender: age: is an unknown field; known are late_share")
	got = x.run("score measure -f ../examples/score/late-twice.json")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "tender: ../examples/score/late-twice.json: the file is not packed with gzip; pack it: gzip FILE.csv")
	got = x.run("score measure -f none.csv.gz")
	require.Equal(t, exitNotFound, got.code)
	got = x.typed(packed(t, "ID,LIMIT_BAL\n1,2\n"), "score", "measure", "-f", "-")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "line 1: there is no column PAY_0; docs/score.md says which are needed")
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var into bytes.Buffer
	w := gzip.NewWriter(&into)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return into.String()
}
