package script

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
)

var update = flag.Bool("update", false, "write the golden files")

var fill = Fill{
	Name: "Grace Okafor", Lender: "Example Bank", Help: "call 555-0100.", Loan: "L-1001", PastDue: "1234.50", Outstanding: "14814.00",
	Currency: "USD", PastDueSince: bizclock.MustDate("2026-02-01"),
	Application: "A-77", Product: "installment 12", Amount: "1000.00", Total: "1090.00", Cost: "90.00", Installments: "12", FirstDue: bizclock.MustDate("2026-04-01"),
}

func TestEveryScriptReadsAsExpected(t *testing.T) {
	t.Parallel()
	for _, language := range worded {
		var b strings.Builder
		for _, about := range []About{
			{Step: "notice-1@2026-02-01", Reason: "no_channel", Purpose: contact.Collection},
			{Step: "plan-offer@x", Reason: "no_channel", Purpose: contact.Informational},
			{Reason: "complaint"},
			{Reason: "reply"},
			{Reason: "preapproval"},
			{Reason: "estate"},
			{Reason: "fraud"},
			{Reason: "no_channel", Purpose: contact.Informational},
		} {
			text, err := For(about, language, fill)
			require.NoError(t, err)
			require.Equal(t, language, text.Language)
			fmt.Fprintf(&b, "# %s\n\n%s\n\n%s\n\n", text.Script, strings.Join(text.Identity, "\n"), strings.Join(text.Say, "\n"))
			for _, offer := range text.Offers {
				fmt.Fprintf(&b, "- %s: %s\n", offer.Offer, offer.Say)
			}
			fmt.Fprintf(&b, "\n%s\n\nA machine: %s\nAnybody else: %s\n\n", text.Closing, text.Voicemail, text.ThirdParty)
		}
		path := filepath.Join("testdata", language+".md")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "run go test ./internal/script -update")
		require.Equal(t, string(want), b.String())
	}
}

// What has to be said of a complaint, and no channel may carry, is said as whoever answers complaints speaks.
func TestWhatAPersonBringsAboutAComplaintHasItsScript(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"acknowledge@C-1.1", "step-up@C-1.1", "answer@C-1.1", "overdue@C-1.response.2026-03-26", "withdrawn@C-1.1"} {
		text, err := For(About{Step: step, Reason: "no_channel", Purpose: contact.ComplaintReply}, "en", fill)
		require.NoError(t, err)
		require.Equal(t, "complaint", text.Script, step)
		require.NotContains(t, strings.Join(text.Say, " "), fill.PastDue, "nobody is asked for money there")
	}
}

func TestNothingIsSaidOfTheLoanBeforeItIsCertainWhoAnswers(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "zh-CN", "en-GB", "zh", "fr", ""} {
		for _, purpose := range contact.Purposes {
			text, err := For(About{Purpose: purpose}, language, fill)
			require.NoError(t, err)
			for _, said := range append(text.Identity, text.Voicemail, text.ThirdParty) {
				for _, secret := range []string{"Example Bank", "L-1001", "1,234.50", "14,814.00", "2026"} {
					require.NotContains(t, said, secret)
				}
				require.Empty(t, shipped().wordings[text.Language].tells(said), said)
			}
			require.NotEmpty(t, text.Offers, "every call ends with a smaller next step")
		}
	}
}

func TestAScriptDoesWithoutWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for _, language := range worded {
		text, err := For(About{Purpose: contact.Collection}, language, Fill{Lender: "Example Bank"})
		require.NoError(t, err)
		require.NotContains(t, strings.Join(append(text.Say, text.Identity...), " "), "  ")
		require.NotContains(t, fmt.Sprint(text), "no value")
	}
}

func TestAWordingThatIsWrongIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, from, to, says string }{
		{"en.yaml", "There is no hurry.", "It is about your loan.", `en.yaml:`},
		{"en.yaml", "There is no hurry.", "It is about your loan.", `"loan" tells of a debt to whoever answers`},
		{"en.yaml", "I will call again.", "Ask them to pay.", `"pay" tells of a debt`},
		{"zh-CN.yaml", "现在方便说几分钟话吗？", "关于您的贷款，现在方便吗？", `"贷款" tells of a debt`},
		{"en.yaml", "{{.help}}. Thank you.", "{{.lender}}. Thank you.", "it may name name, help"},
		{"en.yaml", "How are things going?", "Pay now or we will sue you.", "say it kindly"},
		{"en.yaml", "  follow-up:", "  follow-down:", "is missing; scripts.yaml has a script of that name"},
		{"en.yaml", "language: en", "language: fr", "must be en"},
		{"en.yaml", "    voicemail: 'Hello, this is a message for whoever", "    # voicemail: 'Hello, this is a message for whoever", "has no identity, voicemail and third_party for estate"},
		{"en.yaml", "  estate:\n    identity:", "  state:\n    identity:", "instead.state: is no script"},
		{"en.yaml", "Is this a good moment? I can", "It is about a debt. I can", `"debt" tells of a debt`},
		{"zh-CN.yaml", "现在方便说话吗？也可以", "关于逾期的贷款，也可以", `tells of a debt`},
		{"en.yaml", "\nclosing:", "\ngoodbye:", `unknown field "goodbye"`},
		{"scripts.yaml", "offers: [plan, callback]", "offers: []", "every call ends with a smaller next step"},
		{"scripts.yaml", "offers: [plan, callback]", "offers: [prison]", `"prison" is no offer`},
		{"scripts.yaml", "[informational, survey]", "[informational]", "no script is for the purpose survey"},
		{"scripts.yaml", "plan-missed, plan-broken", "plan-missed, plan-missed", "is a step of hardship too"},
		{"scripts.yaml", "reasons: [complaint]", "reasons: [hardship]", "is a reason of complaint too"},
	} {
		_, err := load(func(name string) ([]byte, error) {
			text, err := files.ReadFile(name)
			if name == c.file {
				require.Contains(t, string(text), c.from)
				text = []byte(strings.Replace(string(text), c.from, c.to, 1))
			}
			return text, err
		})
		require.Error(t, err, c.to)
		require.Contains(t, err.Error(), c.says, c.to)
	}
}
