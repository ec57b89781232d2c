package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/tender-engine/tender/internal/contact"
)

// The variables that configure the webhook.
const (
	// EnvWebhookURL is where messages are posted to.
	EnvWebhookURL = "TENDER_WEBHOOK_URL"
	// EnvWebhookToken is sent as a bearer token.
	EnvWebhookToken = "TENDER_WEBHOOK_TOKEN"
	// EnvWebhookSecret signs each request as Standard Webhooks says (https://www.standardwebhooks.com): whsec_ and a key
	// in base64.
	EnvWebhookSecret = "TENDER_WEBHOOK_SECRET"
)

// Webhook hands messages to a service of the lender's own: in-app push, chat, a print house. The contract:
//
//	POST URL          Idempotency-Key: the contact's key
//	                  {"key", "channel", "to", "subject", "body", "loan", "template"}
//	GET  URL/{key}    asks whether a message was taken
//
// POST is answered with 2xx once the message is taken, and {"ref": "..."} when the service has an id for it. A key that
// was taken before is answered in the same way, and not delivered again. 400, 413 and 422 say that this message will
// never be taken, 410 that the address is no longer in use; any other 3xx or 4xx that it was not taken this time. After
// 408, 409, 5xx or no answer the message is asked for, and posted again only when it was not found. GET is answered with
// 200 and {"ref": "..."}, or with 404. With a token each request carries it as a bearer, with a secret the headers
// webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks; a GET is signed over an empty body.
type Webhook struct {
	url    *url.URL
	token  string
	signer *standardwebhooks.Webhook
}

var _ Finder = (*Webhook)(nil)

// newWebhook returns the adapter that the environment describes.
func newWebhook(env func(string) string) (Adapter, error) {
	to, err := address(env, EnvWebhookURL)
	switch {
	case err != nil:
		return nil, err
	case to == nil:
		return nil, fmt.Errorf("%s: is missing; set it to where messages are posted to, such as https://push.example.com/v1/messages", EnvWebhookURL)
	}
	w := &Webhook{url: to, token: env(EnvWebhookToken)}
	secret := env(EnvWebhookSecret)
	if secret == "" && w.token == "" {
		return nil, fmt.Errorf("%s and %s: neither is set, so that anyone could post messages there; set at least one", EnvWebhookToken, EnvWebhookSecret)
	}
	if secret != "" {
		if w.signer, err = standardwebhooks.NewWebhook(secret); err != nil {
			return nil, fmt.Errorf("%s: is no base64; make one with: echo whsec_$(openssl rand -base64 32)", EnvWebhookSecret)
		}
	}
	return w, nil
}

// Name implements [Adapter].
func (w *Webhook) Name() string { return "webhook" }

// posted is the body of a POST.
type posted struct {
	Key      string          `json:"key"`
	Channel  contact.Channel `json:"channel"`
	To       string          `json:"to"`
	Subject  string          `json:"subject,omitempty"`
	Body     string          `json:"body"`
	Loan     string          `json:"loan"`
	Template string          `json:"template,omitempty"`
}

// Send implements [Adapter].
func (w *Webhook) Send(ctx context.Context, m Message) (Receipt, error) {
	body, err := json.Marshal(posted(m))
	if err != nil {
		return Receipt{}, &Failure{Fate: Unreached, Code: "webhook_json", Detail: detail(err.Error())}
	}
	attempt, answer, err := w.do(ctx, http.MethodPost, w.url, m.Key, body)
	if err == nil && attempt.status/100 == 2 {
		return receipt(answer), nil
	}
	failure := &Failure{Fate: attempt.fate(), Code: attempt.code("webhook"), Detail: answerDetail(answer, err)}
	switch attempt.status {
	case http.StatusConflict:
		failure.Fate = Unknown
	case http.StatusGone:
		failure.Permanent, failure.Unusable = true, true
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		failure.Permanent = true
	}
	return Receipt{}, failure
}

// Find implements [Finder].
func (w *Webhook) Find(ctx context.Context, key string) (Receipt, bool, error) {
	attempt, answer, err := w.do(ctx, http.MethodGet, w.url.JoinPath(url.PathEscape(key)), key, nil)
	switch {
	case err == nil && attempt.status == http.StatusOK:
		return receipt(answer), true, nil
	case err == nil && attempt.status == http.StatusNotFound:
		return Receipt{}, false, nil
	}
	return Receipt{}, false, &Failure{Fate: Unknown, Code: attempt.code("webhook"), Detail: answerDetail(answer, err)}
}

// do makes one request and returns the answer's body. The status is the attempt's.
func (w *Webhook) do(ctx context.Context, method string, to *url.URL, key string, body []byte) (*attempt, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	attempt := &attempt{ctx: ctx}
	request, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return attempt, nil, err
	}
	request.Header.Set("Idempotency-Key", key)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if err := w.authorize(request.Header, key, body); err != nil {
		return attempt, nil, err
	}
	response, err := attempt.client().Do(request)
	if err != nil {
		return attempt, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return attempt, answer, err
}

func (w *Webhook) authorize(header http.Header, key string, body []byte) error {
	if w.token != "" {
		header.Set("Authorization", "Bearer "+w.token)
	}
	if w.signer == nil {
		return nil
	}
	now := time.Now()
	signature, err := w.signer.Sign(key, now, body)
	header.Set(standardwebhooks.HeaderWebhookID, key)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return err
}

// receipt reads the reference from an answer. An answer without one, or with none that can be read, is a yes all the
// same: the status said so.
func receipt(answer []byte) Receipt {
	var taken struct {
		Ref string `json:"ref"`
	}
	_ = json.Unmarshal(answer, &taken)
	return Receipt{Ref: taken.Ref, Detail: detail(string(answer))}
}

func answerDetail(answer []byte, err error) string {
	if err != nil {
		return detail(err.Error())
	}
	return detail(string(answer))
}
