package channel_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
)

const webhookSecret = "whsec_dGVuZGVyIGlzIGdlbnRsZSBhbmQgbW9uZXk="

// pusher returns the webhook to an address, with more settings in pairs.
func pusher(t *testing.T, at string, pairs ...string) channel.Finder {
	t.Helper()
	return adapter(t, contact.Push, environment(append([]string{
		"TENDER_CHANNELS", "push=webhook", "TENDER_WEBHOOK_URL", at, "TENDER_WEBHOOK_TOKEN", "secret",
		"TENDER_WEBHOOK_SECRET", webhookSecret,
	}, pairs...)...)).(channel.Finder)
}

// signed checks what every request to the lender's service carries.
func signed(t *testing.T, r *http.Request, body []byte) {
	verifier, err := standardwebhooks.NewWebhook(webhookSecret)
	require.NoError(t, err)
	require.NoError(t, verifier.Verify(body, r.Header))
	require.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
	require.Equal(t, r.Header.Get("webhook-id"), r.Header.Get("Idempotency-Key"))
}

func TestAMessageIsPostedWithItsKeyAndASignature(t *testing.T) {
	t.Parallel()
	requests, bodies := make(chan *http.Request, 1), make(chan []byte, 1)
	at := provider(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- r
		bodies <- body
		answering(http.StatusAccepted, `{"ref": "push-9"}`)(w, r)
	})

	receipt, err := pusher(t, at+"/messages").Send(t.Context(), letter(contact.Push, "device-77"))

	require.NoError(t, err)
	require.Equal(t, "push-9", receipt.Ref)
	request, body := <-requests, <-bodies
	signed(t, request, body)
	require.Equal(t, "POST /messages", request.Method+" "+request.URL.Path)
	require.Equal(t, "L-1001.7", request.Header.Get("Idempotency-Key"))
	require.JSONEq(t, `{
		"key": "L-1001.7", "channel": "push", "to": "device-77", "subject": "Your loan with Example Bank",
		"body": "Dear Canary Chen, 12.50 is due.", "loan": "L-1001", "template": "notice-1"
	}`, string(body))
}

func TestAYesCountsEvenWithoutAReference(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "OK", "[]"} {
		receipt, err := pusher(t, provider(t, answering(http.StatusOK, answer))).Send(t.Context(), letter(contact.Push, "device-77"))
		require.NoError(t, err)
		require.Equal(t, channel.Receipt{Detail: answer}, receipt)
	}
}

func TestTheServicesAnswerDecidesWhetherAMessageMayBePostedAgain(t *testing.T) {
	t.Parallel()
	refused := channel.Refused
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		is     channel.Failure
	}{
		{"it cannot read it", answering(400, "device-77?"), channel.Failure{Fate: refused, Code: "webhook_http_400", Permanent: true}},
		{"it does not know us", answering(401, ""), channel.Failure{Fate: refused, Code: "webhook_http_401"}},
		{"it is somewhere else", answering(404, ""), channel.Failure{Fate: refused, Code: "webhook_http_404"}},
		{"it points elsewhere", answering(308, ""), channel.Failure{Fate: refused, Code: "webhook_http_308"}},
		{"it is still at it", answering(409, ""), channel.Failure{Fate: channel.Unknown, Code: "webhook_http_409"}},
		{"the device is gone", answering(410, ""), channel.Failure{Fate: refused, Code: "webhook_http_410", Permanent: true, Unusable: true}},
		{"it makes no sense", answering(422, ""), channel.Failure{Fate: refused, Code: "webhook_http_422", Permanent: true}},
		{"too many at once", answering(429, ""), channel.Failure{Fate: refused, Code: "webhook_http_429"}},
		{"it waited too long for us", answering(408, ""), channel.Failure{Fate: channel.Unknown, Code: "webhook_http_408"}},
		{"it broke down", answering(500, ""), channel.Failure{Fate: channel.Unknown, Code: "webhook_http_500"}},
		{"it hangs up", hangUp, channel.Failure{Fate: channel.Unknown, Code: "webhook_no_answer"}},
		{"its answer is cut off", cutOff("200 OK"), channel.Failure{Fate: channel.Unknown, Code: "webhook_http_200"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{}, 9)
			at := provider(t, func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; c.answer(w, r) })
			_, err := pusher(t, at).Send(t.Context(), letter(contact.Push, "device-77"))
			failed := failure(t, err)
			failed.Detail = ""
			require.Equal(t, c.is, failed)
			require.Len(t, asked, 1, "whatever the answer, one Send posts once")
		})
	}
}

func TestAMessageThatNeverLeftMayBePostedAgain(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{"nobody listens": "http://" + nobody(t), "nobody we trust": untrusted(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pusher(t, at).Send(t.Context(), letter(contact.Push, "device-77"))
			require.Equal(t, channel.Unreached, failure(t, err).Fate)
		})
	}
}

func TestAMessageGivenUpWhileTheServiceThinksHasAnUnknownFate(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	at := provider(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		cancel()
		<-r.Context().Done()
	})
	_, err := pusher(t, at).Send(ctx, letter(contact.Push, "device-77"))
	require.Equal(t, channel.Unknown, failure(t, err).Fate)
}

func TestAMessageIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 3)
	at := provider(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		if r.URL.Path == "/messages/L-1001/7@x" {
			answering(http.StatusOK, `{"ref": "push-9"}`)(w, r)
			return
		}
		http.NotFound(w, r)
	})
	pusher := pusher(t, at+"/messages")

	receipt, found, err := pusher.Find(t.Context(), "L-1001/7@x")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "push-9", receipt.Ref)
	request := <-requests
	signed(t, request, nil)
	require.Equal(t, "GET /messages/L-1001%2F7@x", request.Method+" "+request.URL.EscapedPath())

	_, found, err = pusher.Find(t.Context(), "L-1001.8")
	require.NoError(t, err)
	require.False(t, found)
}

func TestALookupThatFailsSaysNeitherYesNorNo(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{
		"it broke down": provider(t, answering(500, "")), "it does not know us": provider(t, answering(403, "")),
		"it hangs up": provider(t, hangUp), "its answer is cut off": provider(t, cutOff("404 Not Found")),
		"nobody listens": "http://" + nobody(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, found, err := pusher(t, at).Find(t.Context(), "L-1001.7")
			require.False(t, found)
			require.Equal(t, channel.Unknown, failure(t, err).Fate)
		})
	}
}
