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
	"github.com/tender-engine/tender/internal/settings"
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

func TestAPreviewTakesTheLanguagesThatMessagesTake(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	for language, says := range map[string]string{"en-GB": "Hello Grace", "zh": "您好", "zh-SG": "您好"} {
		got := x.run("message preview thank-you --lang " + language)
		require.Equal(t, exitDone, got.code, got.err)
		require.Contains(t, got.out, says)
	}
}

// A lender's own catalogue takes the place of the one in its language, and of no other.
func TestACatalogueOfOnesOwnTakesThePlaceOfTheOneInItsLanguage(t *testing.T) {
	t.Parallel()
	texts, _ := messages.Files()
	dir := t.TempDir()
	file := filepath.Join(dir, "ours.yaml")
	mine := strings.ReplaceAll(string(texts["en.yaml"]), "Well done, and thank you", "Splendid, and thank you")
	require.NoError(t, os.WriteFile(file, []byte("\ufeff"+mine), 0o600))
	x := &terminal{t: t, world: world{env: settings.Environ{"TENDER_MESSAGES=" + dir}}}
	got := x.run("message preview thank-you")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "Splendid, and thank you")
	require.Contains(t, x.run("message preview thank-you --lang zh-CN").out, "恭喜您")
	require.Contains(t, (&terminal{t: t}).run("message preview thank-you").out, "Well done")

	second := filepath.Join(dir, "theirs.yaml")
	require.NoError(t, os.WriteFile(second, []byte(mine), 0o600))
	got = x.run("message preview thank-you")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, file+" has the messages in en as well; leave one of the two out")
	require.NoError(t, os.Remove(second))

	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(mine, "Splendid", "Pay now", 1)), 0o600))
	got = x.run("message preview thank-you")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "ours.yaml:")
	require.Contains(t, got.err, `"pay now" is false urgency`)
}

// A name or a way to help that makes an SMS too long is seen before anything is sent.
func TestLintMeasuresMessagesWithTheNameAndTheHelpOfTheInstallation(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t, world: world{env: settings.Environ{"TENDER_LENDER_NAME=Example Lender", "TENDER_HELP=call 555-0100"}}}
	require.NotContains(t, x.run("message lint").out, "warning")
	x.world.env = x.world.env.With("TENDER_LENDER_NAME", "The First Cooperative Credit Union of Example").With("TENDER_HELP", "call us on +1 555 010 0199, Monday to Friday from 9 to 5")
	got := x.run("message lint")
	require.Equal(t, exitDone, got.code, got.err)
	const fits = " (the GSM alphabet, with 160 signs in one and 153 in each of several); 3 at most: shorten TENDER_LENDER_NAME or TENDER_HELP, or its words\n"
	require.Contains(t, got.out, "en.yaml: warning: notice-5 in en takes 4 SMS with what rules may add"+fits)
	require.Contains(t, got.out, "zh-CN.yaml: warning: notice-5 in zh-CN takes ")
	require.Contains(t, got.out, "en.yaml: the catalogue in en is in order")
	x.world.env = x.world.env.With("TENDER_PARTY", "first_party")
	require.NotContains(t, x.run("message lint").out, "notice-5 in en", "who collects its own loans discloses nothing")

	var all []linted
	x.world.env = x.world.env.With("TENDER_HELP", strings.Repeat("call us, ", 40))
	require.NoError(t, json.Unmarshal([]byte(x.run("message lint ../internal/message/en.yaml -o json").out), &all))
	require.Len(t, all, 1)
	require.Contains(t, strings.Join(all[0].Warnings, "\n"), "notice-1 in en takes ")
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
	require.Contains(t, got.err, `templates.first-week.short: takes 6 SMS with what rules may add (the GSM alphabet, with 160 signs in one and 153 in each of several); 3 at most, so shorten it`)
}
