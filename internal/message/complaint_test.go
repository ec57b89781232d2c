package message_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// complaints are the templates of answers to complaints.
func complaints() (names []string) {
	for _, name := range message.Templates() {
		if strings.HasPrefix(name, "complaint-") {
			names = append(names, name)
		}
	}
	return names
}

// filled is an invented reader with other values; those that are empty are left out.
func filled(language string, values ...string) message.Fill {
	fill := message.Example(language)
	for n := 0; n < len(values); n += 2 {
		if fill.Values[values[n]] = values[n+1]; values[n+1] == "" {
			delete(fill.Values, values[n])
		}
	}
	return fill
}

func named[W ~string](words []W) (names []string) {
	for _, w := range words {
		names = append(names, string(w))
	}
	return names
}

func TestEveryWordOfComplaintsHasAWording(t *testing.T) {
	t.Parallel()
	require.Equal(t, named(complaint.Levels), message.Words("complaint_level"))
	require.Equal(t, named(complaint.Outcomes), message.Words("complaint_outcome"))
	require.Equal(t, named(complaint.RedressKinds), message.Words("complaint_redress"))
	require.Equal(t, complaint.Becauses, message.Words("complaint_because"))
}

// More time may be needed, and facts may come, before the borrower was told of any date: no word is broken that was not given.
func TestWhatIsSaidOfATimeIsTrueAlsoWhenNoneWasSaidBefore(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"complaint-extended", "complaint-restarted"} {
		for language := range reader {
			for _, channel := range written {
				text := render(t, template, language, channel, filled(language))
				for _, claim := range []string{"we said", "anew", "now hear", "我们说的", "重新"} {
					require.NotContains(t, text.Subject+text.Body, claim, template)
				}
			}
		}
	}
}

// Whatever has to be said, an SMS holds it, also with a long way to help and a long id.
func TestAnSMSHoldsEveryWordOfComplaints(t *testing.T) {
	t.Parallel()
	help := map[string]string{"en": "call us on +1 555 010 0199, Monday to Friday from 9 to 5", "zh-CN": "拨打400-555-0199（周一至周五）"}
	for language := range reader {
		for _, variable := range []string{"complaint_level", "complaint_rests", "complaint_review", "complaint_because", "complaint_outcome", "complaint_redress"} {
			said := map[string]bool{}
			for _, word := range message.Words(variable) {
				for _, template := range complaints() {
					sms := render(t, template, language, contact.SMS, filled(language, variable, word, "help", help[language], "complaint", "survey-1000017")).Body
					segments, gsm := message.Segments(sms)
					require.LessOrEqual(t, segments, 3, sms)
					require.Equal(t, language == "en", gsm, sms)
					require.NotContains(t, sms, "_", "a code is no word")
					said[sms] = true
				}
			}
			require.GreaterOrEqual(t, len(said), len(message.Words(variable)), "each word has a wording of its own")
		}
	}
}

// Somebody else may read it: a complaint is named by its id, and neither the loan nor anything that is owed.
func TestAMessageAboutAComplaintSpeaksOfNoLoan(t *testing.T) {
	t.Parallel()
	for language := range reader {
		for _, template := range complaints() {
			for _, channel := range written {
				fill := filled(language, "complaint_rests", "", "complaint_redress", "", "complaint_refund", "", "complaint_reasons", "")
				with := render(t, template, language, channel, fill)
				fill.Loan = ""
				require.Equal(t, with, render(t, template, language, channel, fill))
				require.Contains(t, with.Body, "C-1001")
				for _, word := range []string{"loan", "debt", "owe", "payment", "L-1001", "贷", "欠", "还款", "催", "逾期"} {
					require.NotContains(t, strings.ToLower(with.Subject+with.Body), strings.ToLower(word), template)
				}
			}
		}
	}
}

func TestWhatAnswersToComplaintsNeedIsNotLeftOut(t *testing.T) {
	t.Parallel()
	for _, template := range message.Catalogue() {
		if !strings.HasPrefix(template.Name, "complaint-") {
			continue
		}
		require.True(t, template.Loanless)
		require.Contains(t, template.Needs, "complaint")
		require.Contains(t, []message.Tone{message.Warm, message.Neutral}, message.ToneOf(template.Name))
		for _, name := range template.Needs {
			for _, nothing := range []string{"", " \n\x00"} {
				_, err := message.Render(template.Name, "zh", contact.SMS, filled("zh", name, nothing))
				require.EqualError(t, err, fmt.Sprintf("template %s needs the value %s; give it in the fill", template.Name, name))
			}
		}
	}
}

func TestAnAnswerSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	only := func(language string, values ...string) message.Fill {
		fill := message.Fill{Lender: "Harbor", Values: map[string]string{"complaint": "7", "complaint_outcome": "rejected", "currency": "USD"}}
		for n := 0; n < len(values); n += 2 {
			fill.Values[values[n]] = values[n+1]
		}
		return fill
	}
	for _, c := range []struct {
		language string
		channel  contact.Channel
		fill     message.Fill
		says     string
	}{
		{"en", contact.SMS, only("en"), "Harbor: Hello. Your complaint 7: we see it differently, and are sorry to disappoint you. " +
			"For the whole answer with reasons, reply to this message.\nReply STOP"},
		{"en", contact.SMS, only("en", "complaint_body", "the Ombudsman", "complaint_refund", "0.00"), "reply to this message. You can also go to the Ombudsman.\n"},
		{
			"en", contact.SMS, only("en", "complaint_object_by", "2026-04-15", "complaint_review", "higher", "complaint_body", "the Ombudsman"),
			"Not settled? Tell us by 15 April 2026, and a higher level looks. Or go to the Ombudsman.\n",
		},
		// Where there is no higher level, none is promised.
		{
			"en", contact.SMS, only("en", "complaint_object_by", "2026-04-15", "complaint_review", "again", "complaint_body", "the Ombudsman"),
			"Not settled? Tell us by 15 April 2026, and we look again. Or go to the Ombudsman.\n",
		},
		{"en", contact.Letter, only("en", "complaint_object_by", "2026-04-15", "complaint_review", "again"), "tell us by 15 April 2026, and we look again. You need not tell it again.\n"},
		{"zh", contact.SMS, only("zh", "complaint_object_by", "2026-04-15", "complaint_review", "again"), "请在2026年4月15日或之前告诉我们，我们会再看一遍。\n"},
		{"zh", contact.Push, only("zh", "complaint_object_by", "2026-04-15", "complaint_review", "higher"), "请在2026年4月15日或之前告诉我们，由上一级再看。\n"},
		{"zh", contact.Email, only("zh", "complaint_object_by", "2026-04-15", "complaint_review", "again"), "告诉我们，我们会再看一遍。您不必再说一遍。\n"},
		{"en", contact.Letter, only("en", "complaint_refund", "20.00"), "sorry to disappoint you.\n\nYou get $20.00, paid out or credited to you.\n\nIf you would"},
		{"en", contact.Letter, only("en", "complaint_redress", "goodwill", "complaint_refund", "20.00"), "a gesture of goodwill. You get $20.00, paid"},
		{"en", contact.Letter, only("en"), "Our answer: we see it differently, and are sorry to disappoint you.\n\nIf you would like to talk to someone"},
		{"zh", contact.SMS, only("zh"), "很抱歉不如您所愿。想看完整答复和理由，直接回复本消息即可。\n"},
		{"zh", contact.Letter, only("zh", "complaint_refund", "20.00"), "不如您所愿。\n\n您将得到20.00美元，"},
		{"zh", contact.Letter, only("zh", "complaint_redress", "apology", "complaint_refund", "20.00"), "我们会这样做：向您致歉。您将得到20.00美元，"},
		{"zh", contact.Letter, only("zh", "complaint_body", "12378"), "您也可以去找12378，他们不属于我们。"},
	} {
		require.Contains(t, render(t, "complaint-answered", c.language, c.channel, c.fill).Body, c.says)
	}
}

func TestTheReasonsStandInTheLongFormOnly(t *testing.T) {
	t.Parallel()
	reasons := "\r\n We looked\tinto it.\r\n\r\nYou wrote {{.lender}} twice.\x00\x1b[31m\u2028The end. \n"
	for language := range reader {
		for _, channel := range written {
			text := render(t, "complaint-answered", language, channel, filled(language, "complaint_reasons", reasons))
			long := channel == contact.Email || channel == contact.Letter
			require.Equal(t, long, strings.Contains(text.Body, "\n\nWe looked into it.\n\nYou wrote {{.lender}} twice.[31m\nThe end.\n\n"), text.Body)
			require.Equal(t, long, strings.Contains(text.Body, "The end."))
			require.NotContains(t, text.Subject, "The end.")
		}
	}
}

// A text is written as it is: a number is no amount, a zero is not nothing, and lines stay lines where there is room for them.
func TestATextIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, short, long string }{
		{"C-1001", "C-1001", "C-1001"},
		{"1000.00", "1000.00", "1000.00"},
		{"0", "0", "0"},
		{"2026-01-31", "2026-01-31", "2026-01-31"},
		{"  the Ombudsman,\nBox 7\n", "the Ombudsman, Box 7", "the Ombudsman,\nBox 7"},
		{"one\r\ntwo\rthree\u0085four\u2028five", "one two three four five", "one\ntwo\nthree\nfour\nfive"},
		{"a\x00b\x1bc\x7fd\u009be", "abcde", "abcde"},
		{"two  spaces", "two spaces", "two  spaces"},
	} {
		fill := filled("en", "complaint_body", c.text)
		require.Contains(t, render(t, "complaint-overdue", "en", contact.SMS, fill).Body, "You can take it to "+c.short+" now.\nReply")
		require.Contains(t, render(t, "complaint-overdue", "en", contact.Letter, fill).Body, "you can take it to "+c.long+" now.")
	}
	text := render(t, "complaint-overdue", "en", contact.SMS, filled("en", "complaint_body", " \n\x00"))
	require.NotContains(t, text.Body, "take it", "nothing is nothing")
}

// A text with lines cannot add a header to a mail, whatever a lender's own catalogue puts into a subject.
func TestATextIsOneLineInASubject(t *testing.T) {
	t.Parallel()
	texts, _ := message.Files()
	words, err := message.Read("en.yaml", []byte(strings.Replace(string(texts["en.yaml"]), "subject: We have your complaint\n", "subject: We have {{.complaint}}\n", 1)))
	require.NoError(t, err)
	text, err := words.Render("complaint-acknowledged", "en", contact.Email, filled("en", "complaint", "7\r\nBcc: eve@example.net"))
	require.NoError(t, err)
	require.Equal(t, "We have 7 Bcc: eve@example.net", text.Subject)
}

func TestSeveralWordsAreListedAsTheLanguageListsThings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, redress, says string }{
		{"en", "apology", ": our apology."},
		{"en", "apology, fee_refund", ": our apology and a refund of fees."},
		{"en", " apology,plan ,\ngoodwill", ": our apology, a plan that fits you and money as a gesture of goodwill."},
		{"en", "plan,plan,apology,plan", ": a plan that fits you and our apology."},
		{"zh-CN", "apology", "：向您致歉。"},
		{"zh-CN", "apology,fee_refund", "：向您致歉、退还费用。"},
		{"zh-CN", "apology,plan,fee_refund", "：向您致歉、适合您的方案、退还费用。"},
	} {
		for _, channel := range written {
			require.Contains(t, render(t, "complaint-answered", c.language, channel, filled(c.language, "complaint_redress", c.redress)).Body, c.says)
		}
	}
	require.NotContains(t, render(t, "complaint-answered", "en", contact.SMS, filled("en", "complaint_redress", " ")).Body, "What we do")
	for _, wrong := range []string{"revenge", "apology,revenge", "apology,", ",", "apology fee_refund", "apology、plan", "Apology"} {
		_, err := message.Render("complaint-answered", "en", contact.SMS, filled("en", "complaint_redress", wrong))
		require.EqualError(t, err, "template complaint-answered cannot use the value of complaint_redress; give one or more of agent_change, "+
			"apology, channel_change, data_correction, fee_refund, goodwill, interest_refund, plan, with commas between them", wrong)
	}
}

func TestTheQuestionBankAsksAboutComplaints(t *testing.T) {
	t.Parallel()
	require.True(t, slices.Contains(message.Words("question"), "complaint"))
	for language, says := range map[string]string{"en": "are you satisfied with how we handled your complaint?", "zh-CN": "您对我们处理您投诉的方式满意吗？"} {
		for _, channel := range written {
			require.Contains(t, render(t, "survey", language, channel, filled(language, "question", "complaint")).Body, says)
		}
	}
}

// An SMS that is too long with what it may have to say is refused when the catalogue is read.
func TestAnAnswerToAComplaintThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	texts, _ := message.Files()
	for _, name := range []string{"en.yaml", "zh-CN.yaml"} {
		text := string(texts[name])
		from := strings.Index(text, "\n  complaint-answered:")
		at := from + strings.Index(text[from:], "{{.complaint_outcome}}")
		_, err := message.Lint(name, []byte(text[:at]+strings.Repeat("{{.complaint_outcome}} ", 20)+text[at:]))
		require.ErrorContains(t, err, "templates.complaint-answered.short: takes ")
		require.ErrorContains(t, err, "3 at most, so shorten it")
	}
}

// Where there is no date left to promise, the acknowledgement says that we are late.
func TestAnAcknowledgementWithoutADateSaysThatItIsLate(t *testing.T) {
	t.Parallel()
	for language, says := range map[string][2]string{"en": {"You hear from us by", "Our answer is late, and we are"}, "zh-CN": {"或之前给您回音", "我们的答复晚了，很抱歉"}} {
		for _, channel := range written {
			on := render(t, "complaint-acknowledged", language, channel, filled(language)).Body
			late := render(t, "complaint-acknowledged", language, channel, filled(language, "complaint_due", "")).Body
			require.Contains(t, on, says[0])
			require.NotContains(t, on, says[1])
			require.Contains(t, late, says[1])
			require.NotContains(t, late, says[0])
		}
	}
}
