package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	messages "github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/report"
)

func TestEveryTemplateCanBePreviewedInEveryLanguage(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for _, template := range messages.Templates() {
		for _, language := range messages.Languages() {
			got := x.run("message preview " + template + " --lang " + language + " -o json")
			require.Equal(t, exitDone, got.code, got.err)
			var shown report.Preview
			require.NoError(t, json.Unmarshal([]byte(got.out), &shown))
			require.NotEmpty(t, shown.Body)
			require.Equal(t, map[string]string{"en": "GSM", "zh-CN": "UCS-2"}[language], shown.Alphabet)
		}
	}
	got := x.run("message list")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, len(messages.Templates())+1, strings.Count(got.out, "\n"))
}

func TestAPreviewThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for line, says := range map[string]string{
		"message preview":                        "TEMPLATE is missing",
		"message preview nothing":                `unknown template "nothing"; use one of answer-balance`,
		"message preview welcome --lang fr":      `no catalogue has the language "fr"; use one of en, zh-CN`,
		"message preview welcome --channel call": `unknown channel "call"`,
	} {
		got := x.run(line)
		require.NotEqual(t, exitDone, got.code, line)
		require.Contains(t, got.err, says)
	}
}

func TestACatalogueIsLinted(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	got := x.run("message lint")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "zh-CN.yaml: the catalogue in zh-CN is in order")
	texts, _ := messages.Files()
	file := filepath.Join(t.TempDir(), "en.yaml")
	mine := strings.Replace(string(texts["en.yaml"]), "subject: Can we help?", "subject: We will sue you", 1)
	mine = strings.Replace(mine, "How are the first days with", strings.Repeat("How are the first days of yours going with all that is new and with ", 6), 1)
	require.NoError(t, os.WriteFile(file, []byte(mine), 0o600))
	got = x.run("message lint " + file)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, `templates.notice-2.subject: "sue" is legal menace; say it kindly`)
	require.Contains(t, got.err, `templates.first-week.short: takes 5 SMS (the GSM alphabet, with 160 signs in one and 153 in each of several); 3 at most, so shorten it`)
}
