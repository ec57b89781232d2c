package message_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reader is whom the tests write to, in each language.
var reader = map[string]message.Fill{
	"en": message.Example("en"), "zh-CN": message.Example("zh-CN"),
}

// written are the channels on which messages are written.
var written = []contact.Channel{contact.SMS, contact.Push, contact.Chat, contact.Email, contact.Letter}

func values(currency string) map[string]string {
	all := message.Example("en").Values
	all["currency"] = currency
	return all
}

func render(t *testing.T, template, language string, channel contact.Channel, fill message.Fill) message.Text {
	t.Helper()
	text, err := message.Render(template, language, channel, fill)
	require.NoError(t, err)
	return text
}

// each renders every template, in every language, on every channel.
func each(t *testing.T, check func(t *testing.T, template, language string, channel contact.Channel, text message.Text)) {
	for language, fill := range reader {
		for _, template := range message.Templates() {
			for _, channel := range written {
				t.Run(fmt.Sprintf("%s in %s by %s", template, language, channel), func(t *testing.T) {
					t.Parallel()
					check(t, template, language, channel, render(t, template, language, channel, fill))
				})
			}
		}
	}
}

func late(template string) bool {
	return strings.HasPrefix(template, "notice-") || slices.Contains([]string{"plan-missed", "plan-broken", "promise-missed"}, template)
}

// kinds are the kinds of plan.
var kinds = []string{
	"deferral", "reduced_payments", "term_extension", "rate_reduction", "fee_waiver", "re_age", "settlement", "instalment_plan",
}

func TestMessagesReadAsTheirGoldenFiles(t *testing.T) {
	t.Parallel()
	for language, fill := range reader {
		var page strings.Builder
		fmt.Fprintf(&page, "# Every message in %s, as SMS and as email\n", language)
		for _, template := range message.Templates() {
			sms := render(t, template, language, contact.SMS, fill).Body
			email := render(t, template, language, contact.Email, fill)
			segments, _ := message.Segments(sms)
			fmt.Fprintf(&page, "\n## %s\n\nSMS, segments: %d\n\n%s\n\nEmail: %s\n\n%s\n", template, segments, quoted(sms), email.Subject, quoted(email.Body))
		}
		golden := filepath.Join("testdata", language+".md")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(golden, []byte(page.String()), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), page.String(), "if the new words are right: go test ./internal/message -update")
	}
}

func quoted(text string) string {
	return strings.ReplaceAll("> "+strings.ReplaceAll(text, "\n", "\n> "), "> \n", ">\n")
}

func TestEveryMessageSaysWhoWrites(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, language string, _ contact.Channel, text message.Text) {
		require.Contains(t, text.Body, reader[language].Lender)
		require.Contains(t, text.Body, reader[language].Name)
	})
}

func TestEveryElectronicMessageSaysHowToMakeItStop(t *testing.T) {
	t.Parallel()
	says := map[string]map[contact.Channel]string{
		"en": {
			contact.SMS: "\nReply STOP to stop these messages.", contact.Chat: "\nReply STOP to stop these messages.",
			contact.Push: "\nYou can turn these messages off in the app.", contact.Email: "unsubscribe",
		},
		"zh-CN": {contact.SMS: "请回复“STOP”", contact.Chat: "请回复“STOP”", contact.Push: "可在应用中关闭", contact.Email: "退订"},
	}
	each(t, func(t *testing.T, template, language string, channel contact.Channel, text message.Text) {
		switch sentence := says[language][channel]; {
		case channel == contact.Letter:
			require.NotContains(t, text.Body, "STOP")
		case template == "stop-confirmed":
			require.NotContains(t, text.Body, sentence, "the confirmation of a stop says nothing else (12 CFR 1006.14(h)(2)(i))")
		default:
			require.Contains(t, text.Body, sentence)
		}
	})
}

func TestEveryMessageAboutALatePaymentOffersASmallerStep(t *testing.T) {
	t.Parallel()
	offers := map[string][]string{
		"en":    {"pay part", "choose a date", "plan", "talk to someone", "reply to this message"},
		"zh-CN": {"先还一部分", "日期", "方案", "找人聊聊", "直接回复本消息"},
	}
	each(t, func(t *testing.T, template, language string, _ contact.Channel, text message.Text) {
		if !late(template) {
			return
		}
		for _, offer := range offers[language] {
			require.Contains(t, strings.ReplaceAll(strings.ToLower(asReply.Replace(text.Body)), "a date that suits you better", "a date"), offer)
		}
	})
}

func TestOnlyMailAndLettersHaveASubjectAndItIsOneLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, _ string, channel contact.Channel, text message.Text) {
		require.Equal(t, channel == contact.Email || channel == contact.Letter, text.Subject != "")
		require.NotContains(t, text.Subject, "\n")
	})
}

func TestAnSMSIsShortAndNoSignMakesItLongerThanItIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template, language string, channel contact.Channel, text message.Text) {
		if channel != contact.SMS {
			return
		}
		segments, gsm := message.Segments(text.Body)
		require.Equal(t, language == "en", gsm)
		longest := map[string]int{"en": 2, "zh-CN": 3}[language]
		if slices.Contains([]string{"welcome", "plan-offer", "plan-confirmed", "complaint-acknowledged", "complaint-answered"}, template) {
			longest = 3 // what is agreed on is told whole
		}
		require.LessOrEqual(t, segments, longest)
	})
}

func TestAmountsAndDatesAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, currency, amount, says string }{
		{"en", "USD", "1234567.50", "$1,234,567.50 first, due on 1 March 2026"},
		{"en", "USD", "999.00", "$999.00"},
		{"en", "KES", "1000.00", "KES 1,000.00"},
		{"en", "JPY", "1000", "JPY 1,000"},
		{"en", "USD", "about a hundred", ": about a hundred first, due"},
		{"zh-CN", "CNY", "1000.00", "1,000.00元，还款日为2026年3月1日"},
		{"zh-CN", "KES", "1000.00", "1,000.00 KES"},
	} {
		fill := reader[c.language]
		fill.Values = values(c.currency)
		fill.Values["amount"] = c.amount
		require.Contains(t, render(t, "welcome", c.language, contact.SMS, fill).Body, c.says)
	}
}

func TestEveryKindOfPlanHasWordsThatAnSMSHoldsToo(t *testing.T) {
	t.Parallel()
	for language, currency := range map[string]string{"en": "USD", "zh-CN": "CNY"} {
		said := map[string]bool{}
		for _, kind := range kinds {
			fill := reader[language]
			fill.Values = values(currency)
			fill.Values["plan"] = kind
			for _, template := range []string{"plan-offer", "plan-confirmed"} {
				sms := render(t, template, language, contact.SMS, fill).Body
				require.NotContains(t, sms, kind)
				segments, gsm := message.Segments(sms)
				require.LessOrEqual(t, segments, 3, sms)
				require.Equal(t, language == "en", gsm, sms)
				said[sms] = true
			}
		}
		require.Len(t, said, 2*len(kinds))
	}
}

// asReply writes how a channel is answered as it is written where a message can be replied to.
var asReply = strings.NewReplacer("write to us in the app", "reply to this message", "reply to this letter", "reply to this message",
	"answer in the app with", "reply", "在应用里联系我们", "直接回复本消息", "，回信即可", "，直接回复本消息即可", "在应用里回复", "回复")

func TestAnOfferSaysWhatItCostsHowToAcceptItAndThatNobodyNeedTo(t *testing.T) {
	t.Parallel()
	says := map[string][]string{
		"en":    {"$1,234.50 a month", "12 months", "1 March 2026", "$14,814.00", "$14,914.00", "reply YES by 24 February 2026", "nothing changes", "reply to this message"},
		"zh-CN": {"1,234.50元", "12个月", "2026年3月1日", "14,814.00元", "14,914.00元", "请在2026年2月24日或之前回复“同意”", "一切照旧", "直接回复本消息"},
	}
	each(t, func(t *testing.T, template, language string, _ contact.Channel, text message.Text) {
		if template != "plan-offer" {
			return
		}
		for _, part := range says[language] {
			require.Contains(t, asReply.Replace(text.Body), part)
		}
	})
}

func TestACountIsWrittenAsTheLanguageWritesIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, months, says string }{
		{"en", "1", "over 1 month,"}, {"en", "11", "over 11 months,"}, {"zh-CN", "1", "共1个月，"},
	} {
		fill := reader[c.language]
		fill.Values = values("USD")
		fill.Values["plan_months"] = c.months
		require.Contains(t, render(t, "plan-offer", c.language, contact.SMS, fill).Body, c.says)
	}
}

func TestAnAmountThatCanBeMissingIsMissingWhenItIsZero(t *testing.T) {
	t.Parallel()
	fill := reader["en"]
	fill.Values = values("USD")
	for _, name := range []string{"plan_waived", "plan_restorable", "received"} {
		fill.Values[name] = "0.00"
	}
	delete(fill.Values, "plan_missed")
	offer := render(t, "plan-offer", "en", contact.Email, fill).Body
	require.Contains(t, offer, "The plan would end early if a payment were more than 30 days late. If a payment ever")
	require.NotContains(t, offer, "give up")
	require.NotContains(t, render(t, "plan-confirmed", "en", contact.SMS, fill).Body, "owed again")
	require.Contains(t, render(t, "promise-missed", "en", contact.SMS, fill).Body, "by 1 February 2026. It has not reached us yet. Did something come up?")
}

func TestWhatIsNotKnownIsNotMentioned(t *testing.T) {
	t.Parallel()
	fill := message.Fill{Lender: "Example Bank", Loan: "L-1001", Values: map[string]string{"amount": "0.00", "currency": "USD"}}
	require.Equal(t, "Example Bank: Hello. Thank you, your payment has arrived and loan L-1001 is up to date again. We are glad.\n"+
		"Reply STOP to stop these messages.", render(t, "back-on-track", "en", contact.SMS, fill).Body)
}

func TestAnAnswerAboutInterestOrFeesSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, about, whole, left, says string }{
		{"en", "interest", "714.00", "60.50", "On loan L-1001 it is $714.00 in all, and $60.50 of it is still to be paid. In all, $14,814.00 is left to pay."},
		{"en", "interest", "714.00", "0.00", "On loan L-1001 it is $714.00 in all, and none is still to be paid."},
		{"en", "interest", "", "60.50", "On loan L-1001 $60.50 of it is still to be paid."},
		{"en", "interest", "0.00", "0.00", "On loan L-1001 none is still to be paid."},
		{"en", "fees", "15.00", "5.00", "On loan L-1001 they come to $15.00 so far, and $5.00 of them is still to be paid."},
		{"en", "fees", "", "0.00", "On loan L-1001 none is still to be paid."},
		{"zh-CN", "interest", "714.00", "60.50", "整笔贷款的利息共714.00元。贷款L-1001还有60.50元利息未还，总共还剩14,814.00元未还。"},
		{"zh-CN", "interest", "", "0.00", "您问到了利息。贷款L-1001没有未还的利息，"},
		{"zh-CN", "fees", "15.00", "5.00", "到目前为止费用共15.00元。贷款L-1001还有5.00元费用未还，"},
		{"zh-CN", "fees", "", "", "您问到了费用。贷款L-1001没有未还的费用，"},
	} {
		fill := message.Example(c.language)
		fill.Values[c.about], fill.Values[c.about+"_left"] = c.whole, c.left
		require.Contains(t, render(t, "answer-"+c.about, c.language, contact.SMS, fill).Body, c.says)
		require.NotContains(t, render(t, "answer-"+c.about, c.language, contact.Email, fill).Body, "  ")
	}
}

func TestTheLendersWayToHelpTakesThePlaceOfTheUsualOne(t *testing.T) {
	t.Parallel()
	fill := reader["en"]
	fill.Values = values("USD")
	fill.Values["help"] = "call us on +1 555 010 0199, 9 to 5."
	require.Contains(t, render(t, "notice-1", "en", contact.SMS, fill).Body, "To begin, call us on +1 555 010 0199, 9 to 5.\n")
	require.Contains(t, render(t, "follow-up", "en", contact.Email, fill).Body, "If you would like to talk to someone, call us on +1 555 010 0199, 9 to 5.\n")
}

func TestAValueCannotAddLinesOrWorkAsATemplate(t *testing.T) {
	t.Parallel()
	fill := reader["en"]
	fill.Name = "Grace\r\nBcc: eve@example.net\x00\u2028{{.lender}}"
	fill.Lender = "Example\nBank"
	text := render(t, "notice-1", "en", contact.Email, fill)
	require.Equal(t, "A short note from Example Bank", text.Subject)
	require.Equal(t, "Hello Grace Bcc: eve@example.net {{.lender}},", strings.Split(text.Body, "\n")[0])
}

func TestAReaderWithoutACatalogueGetsTheNearestLanguageThatTheyRead(t *testing.T) {
	t.Parallel()
	for tag, chinese := range map[string]bool{
		"en": false, "en-GB": false, "zh-CN": true, "zh": true, "zh-Hans": true, "zh-SG": true, "zh_CN": true,
		"zh-TW": false, "zh-Hant": false, "de": false, "": false, "tlhingan Hol": false,
	} {
		require.Equal(t, chinese, strings.Contains(render(t, "thank-you", tag, contact.SMS, reader["en"]).Body, "恭喜您"), tag)
	}
}

func TestWhatCannotBeRenderedIsRefusedWithoutRepeatingAValue(t *testing.T) {
	t.Parallel()
	without := func(name string) message.Fill {
		fill := reader["en"]
		fill.Values = values("USD")
		delete(fill.Values, name)
		return fill
	}
	with := func(name, value string) message.Fill {
		fill := without(name)
		fill.Values[name] = value
		return fill
	}
	nobody, nothing := without(""), without("")
	nobody.Lender, nothing.Loan = " \n", ""
	for _, c := range []struct {
		template string
		channel  contact.Channel
		fill     message.Fill
		says     string
	}{
		{"notice-1", contact.SMS, without("past_due"), "template notice-1 needs the value past_due; give it in the fill"},
		{"notice-1", contact.Email, without("past_due_since"), "template notice-1 needs the value past_due_since; give it in the fill"},
		{"notice-1", contact.SMS, without("currency"), "template notice-1 needs the value currency; give it in the fill"},
		{"plan-offer", contact.SMS, without("plan"), "template plan-offer needs the value plan; give it in the fill"},
		{"plan-offer", contact.SMS, with("plan", "Grace's plan"), "template plan-offer cannot use the value of plan; give one of deferral, fee_waiver, instalment_plan, rate_reduction, re_age, reduced_payments, settlement, term_extension"},
		{"plan-offer", contact.SMS, with("plan_months", "12.34"), "template plan-offer cannot use the value of plan_months; give a whole number"},
		{"plan-confirmed", contact.Email, with("plan_missed", "-1234"), "template plan-confirmed cannot use the value of plan_missed; give a whole number"},
		{"thank-you", contact.SMS, nobody, "template thank-you needs the value lender; give it in the fill"},
		{"thank-you", contact.SMS, nothing, "template thank-you needs the value loan; give it in the fill"},
		{"thank-you", contact.Call, reader["en"], "no message is written on this channel: call"},
		{"kind-words", contact.SMS, reader["en"], `unknown template "kind-words"; use one of ` + strings.Join(message.Templates(), ", ")},
	} {
		t.Run(c.says, func(t *testing.T) {
			t.Parallel()
			_, err := message.Render(c.template, "en", c.channel, c.fill)
			require.EqualError(t, err, c.says)
			require.NotContains(t, err.Error(), "1234")
			require.NotContains(t, err.Error(), "Grace")
		})
	}
	var refused *message.WrongValueError
	_, err := message.Render("plan-offer", "en", contact.SMS, with("plan", "loan"))
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "plan", refused.Name)
	var missing *message.MissingValueError
	_, err = message.Render("notice-1", "en", contact.SMS, without("past_due"))
	require.ErrorAs(t, err, &missing)
	require.Equal(t, "past_due", missing.Name)
	_, err = message.Render("kind-words", "en", contact.SMS, reader["en"])
	require.ErrorIs(t, err, message.ErrUnknownTemplate)
	_, err = message.Render("thank-you", "en", contact.Visit, reader["en"])
	require.ErrorIs(t, err, message.ErrUnwritten)
}

func TestTheTemplatesThatStrategiesNameAreThere(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"answer-balance", "answer-fees", "answer-how-to-pay", "answer-interest", "answer-terms", "answer-what-next",
		"back-on-track", "complaint-acknowledged", "complaint-answered", "complaint-closed", "complaint-escalated", "complaint-extended",
		"complaint-external", "complaint-overdue", "complaint-progress", "complaint-restarted", "complaint-withdrawn", "first-week", "follow-up", "notice-1", "notice-2", "notice-3", "notice-4", "notice-5",
		"plan-broken", "plan-confirmed", "plan-missed", "plan-offer", "promise-missed", "promise-noted", "reminder-ahead", "reminder-due", "stop-confirmed", "survey", "thank-you", "welcome",
	}, message.Templates())
	require.Equal(t, []string{"en", "zh-CN"}, message.Languages())
}

func TestWhatRulesAskForIsAddedAndNamed(t *testing.T) {
	t.Parallel()
	fill := message.Fill{Lender: "Harbor", Loan: "L-1", Values: map[string]string{"currency": "USD", "past_due": "50.00", "past_due_since": "2026-02-01"}}
	for language, sentence := range map[string]string{"en": "This is an attempt to collect a debt.", "zh-CN": "本消息旨在催收债务"} {
		text, err := message.Render("notice-1", language, contact.SMS, fill, compliance.MiniMiranda, compliance.AmountBreakdown)
		require.NoError(t, err)
		require.Contains(t, text.Body, sentence)
		require.ElementsMatch(t, []compliance.Part{
			compliance.Identity, compliance.CreditorName, compliance.HelpChannel, compliance.ContactDetails, compliance.HardshipHelp,
			compliance.MiniMiranda, compliance.OptOutLine, compliance.BorrowersLanguage,
		}, text.Carries, "a part that has no sentence is not carried")
	}
	text, err := message.Render("notice-1", "fi", contact.Letter, fill)
	require.NoError(t, err)
	require.NotContains(t, text.Carries, compliance.BorrowersLanguage, "Finnish is not written")
	require.NotContains(t, text.Carries, compliance.OptOutLine, "a letter has none")
	text, err = message.Render("stop-confirmed", "en", contact.SMS, fill, compliance.MiniMiranda)
	require.NoError(t, err)
	require.Equal(t, []compliance.Part{compliance.Identity, compliance.CreditorName, compliance.BorrowersLanguage}, text.Carries, "it says one thing only")
}
