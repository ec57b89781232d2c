package message_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

var update = flag.Bool("update", false, "write the golden files anew")

// reader is whom the tests write to, in each language.
var reader = map[string]message.Fill{
	"en":    {Name: "Grace Okafor", Lender: "Example Bank", Loan: "L-1001", Values: values("USD")},
	"zh-CN": {Name: "陈静", Lender: "示例银行", Loan: "L-1001", Values: values("CNY")},
}

// written are the channels on which messages are written.
var written = []contact.Channel{contact.SMS, contact.Push, contact.Chat, contact.Email, contact.Letter}

func values(currency string) map[string]string {
	return map[string]string{
		"currency": currency, "amount": "1234.50", "due": "2026-03-01", "past_due": "1234.50", "past_due_since": "2026-02-01",
		"outstanding": "14814.00",
	}
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

func late(template string) bool { return strings.HasPrefix(template, "notice-") }

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
			require.Contains(t, strings.ReplaceAll(strings.ToLower(text.Body), "a date that suits you better", "a date"), offer)
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
	each(t, func(t *testing.T, _, language string, channel contact.Channel, text message.Text) {
		if channel != contact.SMS {
			return
		}
		segments, gsm := message.Segments(text.Body)
		require.Equal(t, language == "en", gsm)
		require.LessOrEqual(t, segments, map[string]int{"en": 2, "zh-CN": 3}[language])
	})
}

func TestAmountsAndDatesAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ language, currency, amount, says string }{
		{"en", "USD", "1234567.50", "$1,234,567.50, due on 1 March 2026"},
		{"en", "USD", "999.00", "$999.00"},
		{"en", "KES", "1000.00", "KES 1,000.00"},
		{"en", "JPY", "1000", "JPY 1,000"},
		{"en", "USD", "about a hundred", "is about a hundred, due"},
		{"zh-CN", "CNY", "1000.00", "1,000.00元，还款日为2026年3月1日"},
		{"zh-CN", "KES", "1000.00", "1,000.00 KES"},
	} {
		fill := reader[c.language]
		fill.Values = values(c.currency)
		fill.Values["amount"] = c.amount
		require.Contains(t, render(t, "welcome", c.language, contact.SMS, fill).Body, c.says)
	}
}

func TestWhatIsNotKnownIsNotMentioned(t *testing.T) {
	t.Parallel()
	fill := message.Fill{Lender: "Example Bank", Loan: "L-1001", Values: map[string]string{"amount": "0.00", "currency": "USD"}}
	require.Equal(t, "Example Bank: Hello. Thank you, your payment has arrived and loan L-1001 is up to date again. We are glad.\n"+
		"Reply STOP to stop these messages.", render(t, "back-on-track", "en", contact.SMS, fill).Body)
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
	var missing *message.MissingValueError
	_, err := message.Render("notice-1", "en", contact.SMS, without("past_due"))
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
		"back-on-track", "first-week", "follow-up", "notice-1", "notice-2", "notice-3", "notice-4", "notice-5",
		"reminder-ahead", "reminder-due", "stop-confirmed", "thank-you", "welcome",
	}, message.Templates())
	require.Equal(t, []string{"en", "zh-CN"}, message.Languages())
}
