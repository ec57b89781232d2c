package message_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// also are other loans of an invented reader.
func also(ids ...string) (all []message.Also) {
	for _, id := range ids {
		all = append(all, message.Also{Loan: id, Currency: "USD", PastDue: "1234.50", Since: "2026-02-01"})
	}
	return all
}

// With what rules ask for, and with as many other loans of the borrower as fit, a message stays within three SMS.
func TestAnSMSFitsWithAllThatIsAddedToIt(t *testing.T) {
	t.Parallel()
	library, err := message.Load("")
	require.NoError(t, err)
	for language, reader := range reader {
		for _, template := range message.Catalogue() {
			for _, must := range [][]compliance.Part{nil, {compliance.MiniMiranda}, {compliance.MiniMiranda, compliance.HelpChannel, compliance.ContactDetails}} {
				fill := reader
				joined := 0
				for _, other := range also("L-1002", "L-1003", "L-1004") {
					longer := fill
					longer.Also = append(slices.Clone(fill.Also), other)
					if template.Arrears && library.Fits(template.Name, language, contact.SMS, longer, must...) {
						fill, joined = longer, joined+1
					}
				}
				text, err := library.Render(template.Name, language, contact.SMS, fill, must...)
				require.NoError(t, err)
				segments, _ := message.Segments(text.Body)
				assert.LessOrEqual(t, segments, 3, "%s %s with %v and %d loans: %s", language, template.Name, must, joined, text.Body)
				require.True(t, len(must) > 0 || !template.Arrears || joined > 0, "%s %s has no room for another loan", language, template.Name)
			}
		}
	}
}

func TestWhatIsLongerThanThreeSMSFitsElsewhere(t *testing.T) {
	t.Parallel()
	library, err := message.Load("")
	require.NoError(t, err)
	fill := reader["en"]
	fill.Also = also("L-1002", "L-1003", "L-1004", "L-1005")
	require.False(t, library.Fits("notice-1", "en", contact.SMS, fill))
	require.True(t, library.Fits("notice-1", "en", contact.Push, fill))
	require.True(t, library.Fits("notice-1", "en", contact.Email, fill))
}

// A message that is said to carry how to reach the lender says it, and says it where a rule asks.
func TestWhatAMessageIsSaidToCarryStandsInIt(t *testing.T) {
	t.Parallel()
	const phone = "call 1-800-555-0199"
	for _, template := range message.Catalogue() {
		for _, channel := range written {
			fill := message.Example("en")
			fill.Values["help"] = phone
			for _, must := range [][]compliance.Part{nil, {compliance.ContactDetails}, {compliance.HelpChannel}} {
				text, err := message.Render(template.Name, "en", channel, fill, must...)
				require.NoError(t, err)
				for _, part := range []compliance.Part{compliance.ContactDetails, compliance.HelpChannel} {
					require.Equal(t, strings.Contains(text.Body, phone), slices.Contains(text.Carries, part), "%s: %s", template.Name, text.Body)
				}
				require.True(t, len(must) == 0 || template.Bare || strings.Contains(text.Body, phone), template.Name)
				require.LessOrEqual(t, strings.Count(text.Body, phone), 1, text.Body)
			}
		}
	}
}

// Who gets a push message cannot reply to it.
func TestAPushMessageAsksForNoReply(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _, _ string, channel contact.Channel, text message.Text) {
		if channel != contact.Push {
			return
		}
		body := strings.ToLower(text.Body)
		for _, words := range []string{"reply", "直接回复", "请回复", "再回复"} {
			require.NotContains(t, body, words)
		}
	})
	require.Contains(t, render(t, "plan-offer", "en", contact.Push, reader["en"]).Body, "To accept, answer in the app with YES by 24 February 2026")
	require.Contains(t, render(t, "notice-1", "zh-CN", contact.Push, reader["zh-CN"]).Body, "在应用里联系我们即可")
	require.Contains(t, render(t, "follow-up", "en", contact.Letter, reader["en"]).Body, "talk to someone, reply to this letter.")
}

// Nothing unkind gets into a message by way of a part of the catalogue that is not looked at.
func TestTheLexiconLooksAtAllThatBorrowersRead(t *testing.T) {
	t.Parallel()
	texts, _ := message.Files()
	for _, change := range [][2]string{
		{"from_collector: This message is from a debt collector.", "from_collector: This message is from a debt collector. Pay now or the police will come."},
		{`other: "{n} months"`, `other: "{n} months until your arrest"`},
		{`push: write to us in the app`, `push: write to us in the app right now or we sue`},
		{`date: 2 January 2006`, `date: 2 January 2006, last chance`},
		{`help}}."` + "\n\n# What stands around", `help}}, or else."` + "\n\n# What stands around"},
		{`other: "{currency} {amount}"`, `other: "{currency} {amount} (pay now)"`},
	} {
		bad := strings.Replace(string(texts["en.yaml"]), change[0], change[1], 1)
		assert.NotEqual(t, string(texts["en.yaml"]), bad)
		_, err := message.Lint("en.yaml", []byte(bad))
		assert.Error(t, err, change[1])
	}
}

// A single payment is not called the first one, and has no last one besides.
func TestTheWelcomeOfALoanThatIsPaidBackAtOnce(t *testing.T) {
	t.Parallel()
	for language, says := range map[string][]string{"en": {"first payment", "first,", "the last"}, "zh-CN": {"首期", "末期", "最后一期"}} {
		fill := message.Example(language)
		fill.Values["installments"], fill.Values["last_due"], fill.Values["due"] = "1", "2026-03-01", "2026-03-01"
		for _, channel := range written {
			text := render(t, "welcome", language, channel, fill)
			for _, words := range says {
				require.NotContains(t, text.Body, words)
			}
			require.Equal(t, 1, strings.Count(text.Body, map[string]string{"en": "1 March 2026", "zh-CN": "2026年3月1日"}[language]), text.Body)
		}
	}
}

// The welcome says in every form what was borrowed, what it costs, what is due when, what comes when a payment is late, how to
// reach the lender and how to know a fraudster.
func TestTheWelcomeSaysWhatTheLoanCostsAndHowToGetHelp(t *testing.T) {
	t.Parallel()
	for language, says := range map[string][]string{
		"en":    {"borrowed $14,000.00", "$14,814.00", "$814.00", "12 payments", "$1,234.50", "1 March 2026", "1 February 2027", "late", "help", "password"},
		"zh-CN": {"14,000.00元", "14,814.00元", "814.00元", "12期", "1,234.50元", "2026年3月1日", "2027年2月1日", "晚了", "帮", "验证码"},
	} {
		for _, channel := range written {
			fill := message.Example(language)
			fill.Values["help"] = map[string]string{"en": "call us on +1 555 010 0199, 9 to 5", "zh-CN": "拨打400-555-0199"}[language]
			text := render(t, "welcome", language, channel, fill)
			for _, words := range append(says, fill.Values["help"]) {
				require.Contains(t, text.Body, words, channel)
			}
			segments, _ := message.Segments(text.Body)
			require.True(t, channel != contact.SMS || segments <= 3, text.Body)
		}
	}
}

func TestAMessageIsMeasuredWithTheNameOfItsSender(t *testing.T) {
	t.Parallel()
	texts, _ := message.Files()
	words, err := message.Read("en.yaml", texts["en.yaml"])
	require.NoError(t, err)
	require.Equal(t, []string{"en"}, words.Languages())
	require.Empty(t, words.TooLong(message.Sender{}), "an invented one")
	require.Empty(t, words.TooLong(message.Sender{Lender: "Example Lender", Help: "call 555-0100"}))
	bank := "Bank “Example”" // whose quotes the GSM alphabet lacks
	long := words.TooLong(message.Sender{Lender: bank, Own: true})
	require.Contains(t, long, message.Long{Template: "notice-1", Language: "en", Segments: 5})
	require.Equal(t, "takes 5 SMS with what rules may add (UCS-2, with 70 signs in one and 67 in each of several, because of a sign that the GSM alphabet lacks); 3 at most",
		message.Long{Segments: 5}.String())
	text, err := words.Render("notice-1", "en", contact.SMS, message.Fill{Name: "Grace Okafor", Lender: bank, Loan: "L-1001", Values: words.Example("en").Values})
	require.NoError(t, err)
	segments, gsm := message.Segments(text.Body)
	require.Equal(t, 5, segments, "what is measured is what is sent")
	require.False(t, gsm)
	_, err = message.Read("en.yaml", []byte("language: en\n"))
	require.Error(t, err)
}
