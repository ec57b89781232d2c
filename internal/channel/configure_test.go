package channel_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
)

func TestWithoutAChoiceTheOutboxServesEveryWrittenChannel(t *testing.T) {
	t.Parallel()
	set, err := channel.Configure(environment(), channel.NewOutbox(nil, nil, environment()))
	require.NoError(t, err)
	require.Len(t, set, 5)
	for _, c := range []contact.Channel{contact.SMS, contact.Email, contact.Push, contact.Chat, contact.Letter} {
		require.Equal(t, "outbox", set[c].Name())
	}
}

func TestAChoiceServesTheChannelsItNamesAndNoOther(t *testing.T) {
	t.Parallel()
	set, err := channel.Configure(environment(
		"TENDER_CHANNELS", "email=smtp, sms=twilio,push=webhook,chat=webhook",
		"TENDER_SMTP_ADDRESS", "mail.example.com:587", "TENDER_SMTP_FROM", "Example Bank <care@example.com>",
		"TENDER_TWILIO_ACCOUNT", "AC1", "TENDER_TWILIO_TOKEN", "secret", "TENDER_TWILIO_FROM", "+15551230000",
		"TENDER_WEBHOOK_URL", "https://push.example.com", "TENDER_WEBHOOK_TOKEN", "secret",
	), channel.NewOutbox(nil, nil, environment()))
	require.NoError(t, err)
	require.Len(t, set, 4)
	require.Equal(t, "smtp", set[contact.Email].Name())
	require.Equal(t, "twilio", set[contact.SMS].Name())
	require.Same(t, set[contact.Push], set[contact.Chat])
}

func TestAMistakeInTheSettingsNamesTheVariableAndTheRemedyAndNoSecret(t *testing.T) {
	t.Parallel()
	smtp := []string{"TENDER_CHANNELS", "email=smtp", "TENDER_SMTP_ADDRESS", "mail.example.com:587", "TENDER_SMTP_FROM", "care@example.com"}
	twilio := []string{"TENDER_CHANNELS", "sms=twilio", "TENDER_TWILIO_ACCOUNT", "AC1", "TENDER_TWILIO_TOKEN", "hunter2", "TENDER_TWILIO_FROM", "+15551230000"}
	webhook := []string{"TENDER_CHANNELS", "push=webhook", "TENDER_WEBHOOK_URL", "https://push.example.com", "TENDER_WEBHOOK_TOKEN", "hunter2"}
	for _, wrong := range []struct {
		base     []string
		variable string
		value    string
		says     string
	}{
		{nil, "TENDER_CHANNELS", "email", `TENDER_CHANNELS: "email" is no pair; write channel=adapter, such as email=smtp`},
		{nil, "TENDER_CHANNELS", "call=twilio", `TENDER_CHANNELS: unknown channel "call"; use one of sms, email, push, chat, letter`},
		{nil, "TENDER_CHANNELS", "sms=smtp", "TENDER_CHANNELS: smtp cannot serve sms; use one of outbox, twilio, webhook"},
		{nil, "TENDER_CHANNELS", "sms=pigeon", `TENDER_CHANNELS: unknown adapter "pigeon" for sms; use one of outbox, twilio, webhook`},
		{nil, "TENDER_CHANNELS", "sms=outbox,sms=outbox", "TENDER_CHANNELS: sms is named twice; name it once"},
		{smtp, "TENDER_SMTP_ADDRESS", "", "TENDER_SMTP_ADDRESS: is missing or no host and port; set it to such as mail.example.com:587"},
		{smtp, "TENDER_SMTP_ADDRESS", "mail:70000", `TENDER_SMTP_ADDRESS: port "70000" is no number from 1 to 65535; set it to such as mail.example.com:587`},
		{smtp, "TENDER_SMTP_FROM", "care", "TENDER_SMTP_FROM: is missing or no mail address; set it to such as Example Bank <care@example.com>"},
		{smtp, "TENDER_SMTP_PASSWORD", "hunter2", "TENDER_SMTP_USER and TENDER_SMTP_PASSWORD: one is set without the other; set both or neither"},
		{smtp, "TENDER_SMTP_TLS", "yes", `TENDER_SMTP_TLS: unknown policy "yes"; use one of mandatory, opportunistic, implicit, none`},
		{append(smtp, "TENDER_SMTP_USER", "tender", "TENDER_SMTP_PASSWORD", "hunter2"), "TENDER_SMTP_TLS", "none", "TENDER_SMTP_TLS: none would send the password for all to read; use mandatory or implicit"},
		{twilio, "TENDER_TWILIO_ACCOUNT", "", "TENDER_TWILIO_ACCOUNT: is missing or no SID of letters and digits; copy the account SID (AC...) from Twilio's console"},
		{twilio, "TENDER_TWILIO_TOKEN", "hunter2!", "TENDER_TWILIO_TOKEN: is missing or no token of letters and digits; copy the auth token from Twilio's console"},
		{twilio, "TENDER_TWILIO_FROM", "", "TENDER_TWILIO_FROM: is missing; set it to a number such as +15551230000, or to the SID (MG...) of a messaging service"},
		{twilio, "TENDER_TWILIO_BASE_URL", "http://twilio.example.com", "TENDER_TWILIO_BASE_URL: http is not encrypted; use https, or http on this machine only"},
		{webhook, "TENDER_WEBHOOK_URL", "", "TENDER_WEBHOOK_URL: is missing; set it to where messages are posted to, such as https://push.example.com/v1/messages"},
		{webhook, "TENDER_WEBHOOK_URL", "https://hunter2@push.example.com", "TENDER_WEBHOOK_URL: is no address of a server; set it to such as https://messages.example.com/v1"},
		{webhook, "TENDER_WEBHOOK_TOKEN", "", "TENDER_WEBHOOK_TOKEN and TENDER_WEBHOOK_SECRET: neither is set, so that anyone could post messages there; set at least one"},
		{webhook, "TENDER_WEBHOOK_SECRET", "hunter2!", "TENDER_WEBHOOK_SECRET: is no base64; make one with: echo whsec_$(openssl rand -base64 32)"},
	} {
		t.Run(wrong.says, func(t *testing.T) {
			t.Parallel()
			env := environment(append(append([]string{}, wrong.base...), wrong.variable, wrong.value)...)
			_, err := channel.Configure(env, channel.NewOutbox(nil, nil, env))
			require.EqualError(t, err, wrong.says)
		})
	}
}
