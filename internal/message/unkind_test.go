package message_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/message"
)

func TestTheShippedCataloguesPass(t *testing.T) {
	t.Parallel()
	for _, language := range message.Languages() {
		name := language + ".yaml"
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		in, err := message.Lint(name, data)
		require.NoError(t, err)
		require.Equal(t, language, in)
	}
}

// sentences reads the lines of a file of testdata, without its comments.
func sentences(t *testing.T, file string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	require.GreaterOrEqual(t, len(all), 50)
	return all
}

func TestUnkindSentencesAreRefused(t *testing.T) {
	t.Parallel()
	for _, language := range message.Languages() {
		for _, line := range sentences(t, "unkind."+language+".txt") {
			kind, sentence, _ := strings.Cut(line, ": ")
			found, err := message.Unkind(language, sentence)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(found, func(f message.Finding) bool { return f.Kind == kind }), "%s: %v", line, found)
		}
	}
}

func TestKindSentencesAreNotRefused(t *testing.T) {
	t.Parallel()
	for _, language := range message.Languages() {
		for _, sentence := range sentences(t, "kind."+language+".txt") {
			found, err := message.Unkind(language, sentence)
			require.NoError(t, err)
			assert.Empty(t, found, sentence)
		}
	}
}

func TestASentenceThatRunsOverLinesIsFound(t *testing.T) {
	t.Parallel()
	for sentence, kind := range map[string]string{
		"If you do not pay we will be\nforced to act.": "threat", "You could be ARRESTED for this.": "legal", "We don’t accept excuses.": "shame",
	} {
		found, err := message.Unkind("en", sentence)
		require.NoError(t, err)
		require.NotEmpty(t, found, sentence)
		require.Equal(t, kind, found[0].Kind)
	}
}

// A kind phrase is none when it is made a condition of.
func TestWhatIsKindOnlyUnderAConditionIsNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, kind, unkind string }{
		{"en", "We will never tell your employer.", "We will never tell your employer if you pay."},
		{"en", "If you pay, thank you. We will not tell your employer.", "We will not tell your employer, or we would have to."},
		{"zh-CN", "我们不会联系您的单位。", "只要您还款，我们不会联系您的单位。"},
	} {
		found, err := message.Unkind(c.language, c.kind)
		require.NoError(t, err)
		require.Empty(t, found, c.kind)
		found, err = message.Unkind(c.language, c.unkind)
		require.NoError(t, err)
		require.NotEmpty(t, found, c.unkind)
	}
}

func TestTraditionalSignsAreReadAsSimplifiedOnesAndShownAsTheyStand(t *testing.T) {
	t.Parallel()
	found, err := message.Unkind("zh-CN", "您將被起訴。")
	require.NoError(t, err)
	require.Equal(t, []message.Finding{{Kind: "legal", Words: "起訴"}}, found)
}

func TestAFindingNamesTheWords(t *testing.T) {
	t.Parallel()
	found, err := message.Unkind("en", "Pay now, or we take Legal\n Action.")
	require.NoError(t, err)
	require.Equal(t, []message.Finding{{Kind: "legal", Words: "legal\n action"}, {Kind: "urgency", Words: "pay now"}}, found)
	_, err = message.Unkind("fr", "Bonjour")
	require.EqualError(t, err, `no lexicon for language "fr"; use one of en, zh-CN`)
}

// A mistake in a catalogue is shown where it stands: the mistakes here are made in the English one.
func TestAMistakeInACatalogueIsShownWhereItStands(t *testing.T) {
	t.Parallel()
	shipped, err := os.ReadFile("en.yaml")
	require.NoError(t, err)
	for _, c := range []struct{ name, replace, by, says string }{
		{"a threat", "If something has come up, we\n      would like to help.", "Pay, or else.", `notice-2.short: "or else" is a threat; say it kindly`},
		{"shame", "subject: Can we help?", "subject: You failed to pay", `notice-2.subject: "failed to" is shaming; say it kindly`},
		{"false urgency", "sms: Reply STOP", "sms: Act now! Reply STOP", `opt_out.sms: "act now" is false urgency; say it kindly`},
		{"an unknown field", "    subject: Can we help?", "    title: Can we help?", `unknown field "title"`},
		{"a missing text", "    subject: Can we help?\n", "", "notice-2.subject: is missing"},
		{"a missing template", "  thank-you:\n", "  thanks:\n", "templates: thank-you is missing"},
		{"an unknown template", "  thank-you:\n", "  thanks:\n", "templates.thanks: there is no such template; use the names in templates.yaml"},
		{"a missing smaller step", "      short: \"Pay part, choose a date", "      # short: \"Pay part, choose a date", "notice-5.smaller_step.short: is missing"},
		{"a smaller step that leads nowhere", "get a plan or talk to someone: {{.help}}.\"", "get a plan or talk to someone.\"", "notice-5.smaller_step.short: must name {{.help}}, which says how to take the step"},
		{"a smaller step where nothing is late", "    subject: Welcome to", "    smaller_step: {short: \"{{.help}}\"}\n    subject: Welcome to", "welcome.smaller_step: is only for messages about a payment that is late; leave it out"},
		{"a variable that is not declared", "subject: Can we help?", "subject: \"{{.salary}}\"", "notice-2.subject: {{.salary}} is not declared for this text; use lender, help, reply, loan, past_due, past_due_since"},
		{"a variable that can be missing", "subject: How are the first days going?", "subject: \"{{.due}}\"", "first-week.subject: {{.due}} can be missing; put it between {{if .due}} and {{end}}"},
		{"a variable in the wrong branch", "subject: How are the first days going?", "subject: \"{{if .due}}Hello{{else}}{{.due}}{{end}}\"", "first-week.subject: {{.due}} can be missing; put it between {{if .due}} and {{end}}"},
		{"a program", "subject: Can we help?", "subject: \"{{range .lender}}a{{end}}\"", "notice-2.subject: {{range .lender}}a{{end}} cannot stand here; use {{.name}}, {{if .name}} and {{with .name}} only"},
		{"a function", "subject: Can we help?", "subject: \"{{printf .lender}}\"", "notice-2.subject: {{printf .lender}} is no variable; write such as {{.amount}}"},
		{"an odd condition", "subject: Can we help?", "subject: \"{{if eq .loan .lender}}a{{end}}\"", "notice-2.subject: {{eq .loan .lender}} asks for no variable; write such as {{if .due}}"},
		{"a mark that is not closed", "subject: Can we help?", "subject: \"{{.lender\"", "notice-2.subject: 1: unclosed action"},
		{"a frame that forgets the lender", "    {{.lender}}: Hello", "    Hello", "frame.short: must name {{.lender}}"},
		{"a frame that forgets the step", "{{with .step}} {{.}}{{end}}\n", "\n", "frame.short: must name {{.step}}"},
		{"a channel without a way out", "  push: You can", "  # push: You can", "opt_out: push is missing; say how messages on it are stopped"},
		{"a way out of a letter", "opt_out:\n", "opt_out:\n  letter: Return to sender.\n", "opt_out.letter: no message is sent electronically on this channel; leave it out"},
		{"a channel that is none", "opt_out:\n", "opt_out:\n  fax: Stop.\n", "opt_out.fax: is no channel"},
		{"a date without a year", "date: 2 January 2006", "date: 2 January", "date: \"2 January\" does not name day, month and year; write the second of January 2006 as this language does"},
		{"an amount that is lost", `EUR: "€{amount}"`, `EUR: "€"`, "money.EUR: does not name {amount}"},
		{"no way to write other currencies", `, other: "{currency} {amount}"`, "", "money: other is missing or does not name {currency}; write such as {currency} {amount}"},
		{"a count without a number", `other: "{n} days"`, `other: "days"`, "counts.days: other is missing or does not name {n}; write such as {n} days"},
		{"a count of something else", "  days: {one:", "  weeks: {other: \"{n} weeks\"}\n  days: {one:", "counts.weeks: is nothing that is counted; use one of months, days, payments"},
		{"a word that is missing", "    settlement: a part", "    # settlement: a part", "words.plan: settlement is missing"},
		{"a word that is none", "    settlement: a part", "    gift: all\n    settlement: a part", "words.plan.gift: there is no such word; use those in templates.yaml"},
		{"a threat in a word", "settlement: a part of what is owed", "settlement: before we take legal action, a part", `words.plan.settlement: "legal action" is legal menace; say it kindly`},
		{"one of several words that is missing", "    goodwill: money", "    # goodwill: money", "words.complaint_redress: goodwill is missing"},
		{"one of several words that is none", "    goodwill: money", "    lottery: a ticket\n    goodwill: money", "words.complaint_redress.lottery: there is no such word; use those in templates.yaml"},
		{"a threat in one of several words", "goodwill: money", "goodwill: before we take legal action, money", `words.complaint_redress.goodwill: "legal action" is legal menace; say it kindly`},
		{"a list without an end", `, last: " and "}`, "}", `list: last is missing; write what stands between the things of a list, such as ", "`},
		{"a threat in a list", `last: " and "`, `last: " or else "`, `list.last: "or else" is a threat; say it kindly`},
		{"an example of what is no text", "currency: USD}", "currency: USD, texts: {amount: much}}", "example.texts.amount: is no variable of the kind text; leave it out"},
		{"an example that says nothing", "currency: USD}", `currency: USD, texts: {complaint: " "}}`, "example.texts.complaint: is missing; leave it out for the one in templates.yaml"},
		{"a text that is not declared", "subject: We have your complaint", `subject: "{{.complaint_reasons}}"`, "complaint-acknowledged.subject: {{.complaint_reasons}} is not declared for this text; use lender, help, reply, complaint,"},
		{"a text that can be missing", "{{with .complaint_body}} You can take it to {{.}} now.{{end}}", " {{.complaint_body}}", "complaint-overdue.short: {{.complaint_body}} can be missing; put it between {{if .complaint_body}} and {{end}}"},
		{"a long text in a short form", "Your complaint {{.complaint}}: {{.complaint_outcome}}.", "{{with .complaint_reasons}}{{.}}{{end}}", "complaint-answered.short: {{.complaint_reasons}} is not declared for this text"},
		{"a long text in a subject", "subject: Our answer to your complaint", `subject: "{{with .complaint_reasons}}{{.}}{{end}}"`, "complaint-answered.subject: {{.complaint_reasons}} is not declared for this text"},
		{"a loan where there is none", "subject: You took your complaint back", `subject: "{{.loan}}"`, "complaint-withdrawn.subject: {{.loan}} is not declared for this text; use lender, help, reply, complaint"},
		{"a frame that always names a loan", "{{with .loan}}\n\n    Your loan: {{.}}", "{{if not .loan}}\n\n    Your loan: {{.loan}}", "frame.long: {{.loan}} can be missing; put it between {{if .loan}} and {{end}}"},
		{"no help", ", other: reply to this message}", "}", "help: other is missing; say how to reach a person where the lender has not said"},
		{"help on a channel that is none", "help: {push:", "help: {fax: write by fax, push:", "help.fax: is no channel; use one of"},
		{"an answer that is not given", ", other: reply}", "}", "reply: other is missing; say how an answer such as YES is given, such as reply"},
		{"no way to talk", `talk: "To talk to someone, {{.help}}."`, `talk: To talk to someone.`, "talk: must name {{.help}}; write the sentence that says how to reach a person"},
		{"a language that is none", "language: en", "language: english tongue", `language: "english tongue" is no language; write a BCP 47 tag such as en or zh-CN`},
		{"a language without a lexicon", "language: en", "language: fr", `language: no lexicon for language "fr"; use one of en, zh-CN`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(shipped), c.replace)
			_, err := message.Lint("mine.yaml", []byte(strings.Replace(string(shipped), c.replace, c.by, 1)))
			require.Error(t, err)
			require.Contains(t, err.Error(), c.says)
			for line := range strings.Lines(err.Error()) {
				require.Regexp(t, `^mine\.yaml:[0-9]+:[0-9]+: `, line)
			}
		})
	}
}

func TestAMistakesPlaceIsItsLineAndColumn(t *testing.T) {
	t.Parallel()
	shipped, err := os.ReadFile("en.yaml")
	require.NoError(t, err)
	before, _, _ := strings.Cut(string(shipped), "Can we help?")
	line := strings.Count(before, "\n") + 1
	_, err = message.Lint("mine.yaml", []byte(strings.Replace(string(shipped), "Can we help?", "You failed to pay", 1)))
	require.ErrorContains(t, err, "mine.yaml:"+strconv.Itoa(line)+":14: templates.notice-2.subject: ")
}
