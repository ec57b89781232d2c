package channel_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
)

// texter returns the adapter for Twilio at an address, with more settings in pairs.
func texter(t *testing.T, at string, pairs ...string) channel.Adapter {
	t.Helper()
	return adapter(t, contact.SMS, environment(append([]string{
		"TENDER_CHANNELS", "sms=twilio", "TENDER_TWILIO_BASE_URL", at, "TENDER_TWILIO_ACCOUNT", "AC0123456789",
		"TENDER_TWILIO_TOKEN", "secret", "TENDER_TWILIO_FROM", "+15551230000",
	}, pairs...)...))
}

// refusal is an error in Twilio's JSON. Like the real ones it repeats the number.
func refusal(status, code int) http.HandlerFunc {
	return answering(status, fmt.Sprintf(`{"code": %d, "message": "no message to +15559870000", "more_info": "https://www.twilio.com/docs/errors/%[1]d", "status": %d}`, code, status))
}

func TestAnSMSIsHandedToTwilio(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		settings []string
		form     map[string][]string
	}{
		{"from a number", nil, map[string][]string{
			"To": {"+15559870000"}, "From": {"+15551230000"}, "Body": {"Dear Canary Chen, 12.50 is due."},
		}},
		{"from a messaging service, with reports", []string{
			"TENDER_TWILIO_FROM", "MG42", "TENDER_TWILIO_CALLBACK_URL", "https://tender.example.com/callbacks/twilio?v=1",
		}, map[string][]string{
			"To": {"+15559870000"}, "MessagingServiceSid": {"MG42"}, "Body": {"Dear Canary Chen, 12.50 is due."},
			"StatusCallback": {"https://tender.example.com/callbacks/twilio?contact=L-1001.7&v=1"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requests := make(chan *http.Request, 2)
			at := provider(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				requests <- r
				answering(http.StatusCreated, `{"sid": "SM77", "status": "queued"}`)(w, r)
			})

			receipt, err := texter(t, at+"/twilio/", c.settings...).Send(t.Context(), letter(contact.SMS, "+15559870000"))

			require.NoError(t, err)
			require.Equal(t, channel.Receipt{Ref: "SM77", Detail: "queued"}, receipt)
			require.Len(t, requests, 1)
			request := <-requests
			require.Equal(t, http.MethodPost, request.Method)
			require.Equal(t, "/twilio/2010-04-01/Accounts/AC0123456789/Messages.json", request.URL.Path)
			user, password, _ := request.BasicAuth()
			require.Equal(t, []string{"AC0123456789", "secret"}, []string{user, password})
			require.Equal(t, c.form, map[string][]string(request.PostForm))
		})
	}
}

func TestTwiliosAnswerDecidesWhetherAnSMSMayBeSentAgain(t *testing.T) {
	t.Parallel()
	refused := channel.Refused
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		is     channel.Failure
	}{
		{"the number is invalid", refusal(400, 21211), channel.Failure{Fate: refused, Code: "twilio_21211", Permanent: true, Unusable: true}},
		{"the owner said STOP", refusal(400, 21610), channel.Failure{Fate: refused, Code: "twilio_21610", Permanent: true, Unusable: true}},
		{"it is no mobile number", refusal(400, 21614), channel.Failure{Fate: refused, Code: "twilio_21614", Permanent: true, Unusable: true}},
		{"the text is too long", refusal(400, 21617), channel.Failure{Fate: refused, Code: "twilio_21617", Permanent: true}},
		{"too many at once", refusal(429, 20429), channel.Failure{Fate: refused, Code: "twilio_20429"}},
		{"our login is wrong", refusal(401, 20003), channel.Failure{Fate: refused, Code: "twilio_20003"}},
		{"it points elsewhere", answering(307, `{}`), channel.Failure{Fate: refused, Code: "twilio_http_307"}},
		{"it broke down", refusal(500, 20500), channel.Failure{Fate: channel.Unknown, Code: "twilio_20500"}},
		{"it is overloaded", answering(503, "<html>busy</html>"), channel.Failure{Fate: channel.Unknown, Code: "twilio_http_503"}},
		{"the way back broke down", answering(502, "bad gateway"), channel.Failure{Fate: channel.Unknown, Code: "twilio_http_502"}},
		{"someone else answers", answering(200, "<html>please log in to the network</html>"), channel.Failure{Fate: channel.Unknown, Code: "twilio_http_200"}},
		{"it says nothing useful", answering(201, "{}"), channel.Failure{Fate: channel.Unknown, Code: "twilio_http_201"}},
		{"it hangs up", hangUp, channel.Failure{Fate: channel.Unknown, Code: "twilio_no_answer"}},
		{"its answer is cut off", cutOff("201 Created"), channel.Failure{Fate: channel.Unknown, Code: "twilio_http_201"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 9)
			at := provider(t, func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; c.answer(w, r) })
			_, err := texter(t, at).Send(t.Context(), letter(contact.SMS, "+15559870000"))
			failed := failure(t, err)
			failed.Detail = ""
			require.Equal(t, c.is, failed)
			require.Len(t, asked, 1, "whatever the answer, a message is posted once")
		})
	}
}

func TestAnSMSThatNeverLeftMayBeSentAgain(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{"nobody listens": "http://" + nobody(t), "nobody we trust": untrusted(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := texter(t, at).Send(t.Context(), letter(contact.SMS, "+15559870000"))
			failed := failure(t, err)
			require.Equal(t, channel.Unreached, failed.Fate)
			require.Equal(t, "twilio_unreached", failed.Code)
		})
	}
}

func TestAnSMSGivenUpWhileTwilioThinksHasAnUnknownFate(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	at := provider(t, func(_ http.ResponseWriter, r *http.Request) { _ = r.ParseForm(); cancel(); <-r.Context().Done() })
	_, err := texter(t, at).Send(ctx, letter(contact.SMS, "+15559870000"))
	require.Equal(t, channel.Unknown, failure(t, err).Fate)
}
