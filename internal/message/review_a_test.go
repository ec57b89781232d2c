package message_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// With what rules ask for, and with other loans of the borrower, a message still fits into three SMS.
func TestReviewAnSMSFitsWithAllThatIsAddedToIt(t *testing.T) {
	for _, lang := range message.Languages() {
		for _, template := range message.Catalogue() {
			for _, with := range []string{"nothing", "disclosures", "others", "both"} {
				fill := message.Example(lang)
				var must []compliance.Part
				if with == "disclosures" || with == "both" {
					must = []compliance.Part{compliance.MiniMiranda}
				}
				if with == "others" || with == "both" {
					if !template.Arrears {
						continue
					}
					for _, id := range []string{"L-1002", "L-1003", "L-1004"} {
						fill.Also = append(fill.Also, message.Also{Loan: id, Currency: "USD", PastDue: "1234.50", Since: "2026-02-01"})
					}
				}
				text, err := message.Render(template.Name, lang, contact.SMS, fill, must...)
				if !assert.NoError(t, err) {
					continue
				}
				if n, _ := message.Segments(text.Body); n > 3 {
					t.Errorf("%s %s with %s: %d SMS", lang, template.Name, with, n)
				}
			}
		}
	}
}

// A message that is said to carry how to reach the lender says it.
func TestReviewWhatAMessageIsSaidToCarryStandsInIt(t *testing.T) {
	const phone = "call 1-800-555-0199"
	for _, template := range message.Catalogue() {
		fill := message.Example("en")
		fill.Values = maps.Clone(fill.Values)
		fill.Values["help"] = phone
		text, err := message.Render(template.Name, "en", contact.SMS, fill)
		if !assert.NoError(t, err) {
			continue
		}
		for _, part := range text.Carries {
			if part == compliance.ContactDetails && !strings.Contains(text.Body, phone) {
				t.Errorf("%s is said to carry contact_details: %s", template.Name, text.Body)
			}
		}
	}
}

// Nothing unkind gets into a message by way of a part of the catalogue that is not looked at.
func TestReviewTheLexiconLooksAtAllThatBorrowersRead(t *testing.T) {
	texts, _ := message.Files()
	for _, change := range [][2]string{
		{"from_collector: This message is from a debt collector.", "from_collector: This message is from a debt collector. Pay now or the police will come."},
		{`other: "{n} months"`, `other: "{n} months until your arrest"`},
		{`other: "{currency} {amount}"`, `other: "{currency} {amount} (pay now)"`},
	} {
		bad := strings.Replace(string(texts["en.yaml"]), change[0], change[1], 1)
		assert.NotEqual(t, string(texts["en.yaml"]), bad)
		_, err := message.Lint("en.yaml", []byte(bad))
		assert.Error(t, err, change[1])
	}
}

// A single payment is not called the first one, and has no last one besides.
func TestReviewTheWelcomeOfALoanThatIsPaidBackAtOnce(t *testing.T) {
	fill := message.Example("en")
	fill.Values = maps.Clone(fill.Values)
	fill.Values["installments"], fill.Values["last_due"], fill.Values["due"] = "1", "2026-03-01", "2026-03-01"
	text, err := message.Render("welcome", "en", contact.Email, fill)
	assert.NoError(t, err)
	assert.NotContains(t, text.Body, "the last one is due")
	t.Log(text.Body)
}

// The welcome says in every form what was borrowed and what it costs.
func TestReviewTheWelcomeSaysWhatItCosts(t *testing.T) {
	for _, channel := range []contact.Channel{contact.SMS, contact.Push, contact.Chat, contact.Email} {
		text, err := message.Render("welcome", "en", channel, message.Example("en"))
		assert.NoError(t, err)
		assert.Contains(t, text.Body, "$814.00", channel)
		assert.Contains(t, text.Body, "$14,000.00", channel)
	}
}
