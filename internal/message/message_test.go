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

func TestMessagesReadAsTheirGoldenFiles(t *testing.T) {
	t.Parallel()
	for language, fill := range reader {
		var page strings.Builder
		fmt.Fprintf(&page, "# Every message in %s, as SMS and as email\n", language)
		for _, template := range message.Templates() {
			sms := render(t, template, language, contact.SMS, fill).Body
			email := render(t, template, language, contact.Email, fill)
			segments, _ := message.Segments(sms)
			fmt.Fprintf(&page, "\n## %s\n\nSMS, %d segments:\n\n%s\n\nEmail: %s\n\n%s\n", template, segments, quoted(sms), email.Subject, quoted(email.Body))
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
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}
