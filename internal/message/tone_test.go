package message_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/message"
)

func TestTheShippedCataloguesPass(t *testing.T) {
	t.Parallel()
	for _, language := range message.Languages() {
		name := language + ".yaml"
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, message.Lint(name, data))
	}
}

func TestUnkindSentencesAreRefused(t *testing.T) {
	t.Parallel()
	for language, sentences := range map[string]map[string]string{
		"en": {
			"We will take legal action against you.":                       "threat",
			"Pay, or else.":                                                "threat",
			"The police may come to your home.":                            "threat",
			"This will damage your good credit.":                           "threat",
			"You could be ARRESTED for this.":                              "threat",
			"We will tell your employer about this debt.":                  "threat",
			"If you do not pay we will be\nforced to act.":                 "threat",
			"You have failed to pay.":                                      "shame",
			"You should be ashamed of yourself.":                           "shame",
			"Only irresponsible people pay late.":                          "shame",
			"You are a defaulter.":                                         "shame",
			"You have been ignoring our letters; we don’t accept excuses.": "shame",
			"FINAL NOTICE":                                                 "urgency",
			"Pay now!":                                                     "urgency",
			"You must act immediately.":                                    "urgency",
			"Don’t delay: this is urgent.":                                 "urgency",
			"We must hear from you within the next 24 hours.":              "urgency",
			"This is your last chance before it is too late.":              "urgency",
			"We demand payment.":                                           "urgency",
			"Our lawyers are ready, and seizure of your car is near, or the court decides.": "threat",
		},
		"zh-CN": {
			"我们将向法院起诉您。": "threat", "如不还款，后果自负。": "threat", "我们会派人上门。": "threat", "这会影响您的个人征信。": "threat",
			"我们将通知您的家人和单位。": "threat", "您将被列入失信名单。": "threat", "我们会报警处理。": "threat",
			"欠债还钱，天经地义。": "shame", "您这是恶意拖欠。": "shame", "不要做老赖。": "shame", "您太让我们失望了。": "shame", "请不要再找借口。": "shame",
			"请立即还款。": "urgency", "这是最后通知。": "urgency", "请务必今日内还清。": "urgency", "限您24小时内处理。": "urgency", "马上还款！": "urgency",
		},
	} {
		for sentence, kind := range sentences {
			found, err := message.Tone(language, sentence)
			require.NoError(t, err)
			kinds := make([]string, len(found))
			for n, f := range found {
				kinds[n] = f.Kind
			}
			require.Contains(t, kinds, kind, sentence)
		}
	}
}

func TestKindSentencesAreNotRefused(t *testing.T) {
	t.Parallel()
	for language, sentences := range map[string][]string{
		"en": {
			"We would like to help with this issue.", "Thank you for your courtesy.", "Please tell us what suits you.",
			"If you have paid already, please think no more of it.", "You can pay part now and the rest later.",
			"Take all the time that you need.", "Someone will call you back on Friday if you like.", "Our office is open within an easy walk.",
			"Nothing is agreed until you say yes.", "We are here to listen.", "You may leave this plan whenever you want.",
			"We have sent you a copy of your contract.",
		},
		"zh-CN": {
			"如果有难处，请告诉我们。", "您可以先还一部分。", "我们愿意一起想办法。", "谢谢您的信任。", "请不要一个人扛着。", "您可以换个日期。",
			"如果已经还款，请忽略本消息。", "祝您一切顺利！", "有问题随时问我们。", "您说了算，不用着急。", "款项已经收到，谢谢您。", "我们可以商量一个还款方案。",
		},
	} {
		for _, sentence := range sentences {
			found, err := message.Tone(language, sentence)
			require.NoError(t, err)
			require.Empty(t, found, sentence)
		}
	}
}

func TestAFindingNamesTheWords(t *testing.T) {
	t.Parallel()
	found, err := message.Tone("en", "Pay now, or we take Legal\n Action.")
	require.NoError(t, err)
	require.Equal(t, []message.Finding{{Kind: "threat", Words: "legal\n action"}, {Kind: "urgency", Words: "pay now"}}, found)
	_, err = message.Tone("fr", "Bonjour")
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
		{"a variable that is not declared", "subject: Can we help?", "subject: \"{{.salary}}\"", "notice-2.subject: {{.salary}} is not declared for this text; use lender, help, loan, past_due, past_due_since"},
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
		{"a threat in a word", "settlement: a part of what is owed", "settlement: before we take legal action, a part", `words.plan.settlement: "legal action" is a threat; say it kindly`},
		{"no help", "help: reply to this message", `help: ""`, "help: is missing; say how to reach a person where the lender has not said"},
		{"a language that is none", "language: en", "language: english tongue", `language: "english tongue" is no language; write a BCP 47 tag such as en or zh-CN`},
		{"a language without a lexicon", "language: en", "language: fr", `language: no lexicon for language "fr"; use one of en, zh-CN`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(shipped), c.replace)
			err := message.Lint("mine.yaml", []byte(strings.Replace(string(shipped), c.replace, c.by, 1)))
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
	err = message.Lint("mine.yaml", []byte(strings.Replace(string(shipped), "Can we help?", "You failed to pay", 1)))
	require.ErrorContains(t, err, "mine.yaml:"+strconv.Itoa(line)+":14: templates.notice-2.subject: ")
}
