package channel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/twilio/twilio-go/client"
	twilio "github.com/twilio/twilio-go/rest/api/v2010"
)

// The variables that configure Twilio.
const (
	EnvTwilioAccount = "TENDER_TWILIO_ACCOUNT"
	EnvTwilioToken   = "TENDER_TWILIO_TOKEN"
	// EnvTwilioFrom is the sender: a number in E.164 form, a sender's name, or the SID (MG...) of a messaging service.
	EnvTwilioFrom = "TENDER_TWILIO_FROM"
	// EnvTwilioBaseURL is where the API is, when it is not at Twilio's own address.
	EnvTwilioBaseURL = "TENDER_TWILIO_BASE_URL"
	// EnvTwilioCallback is the public address at which Twilio reports what became of a message. The contact's key is
	// added as the parameter contact. None: Twilio reports nothing.
	EnvTwilioCallback = "TENDER_TWILIO_CALLBACK_URL"
)

// Twilio sends SMS through Twilio's REST API. The API knows no idempotency key and cannot look a message up by ours, so
// a message whose fate is unknown stays so, until a status callback settles it.
type Twilio struct {
	account, token, from string
	base, callback       *url.URL
	edge, region         string
}

var twilioWord = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// newTwilio returns the adapter that the environment describes.
func newTwilio(env func(string) string) (Adapter, error) {
	t := &Twilio{
		account: env(EnvTwilioAccount), token: env(EnvTwilioToken), from: env(EnvTwilioFrom),
		edge: env("TWILIO_EDGE"), region: env("TWILIO_REGION"),
	}
	switch {
	case !twilioWord.MatchString(t.account):
		return nil, fmt.Errorf("%s: is missing or no SID of letters and digits; copy the account SID (AC...) from Twilio's console", EnvTwilioAccount)
	case !twilioWord.MatchString(t.token):
		return nil, fmt.Errorf("%s: is missing or no token of letters and digits; copy the auth token from Twilio's console", EnvTwilioToken)
	case t.from == "":
		return nil, fmt.Errorf("%s: is missing; set it to a number such as +15551230000, or to the SID (MG...) of a messaging service", EnvTwilioFrom)
	}
	var err error
	if t.base, err = address(env, EnvTwilioBaseURL); err != nil {
		return nil, err
	}
	t.callback, err = address(env, EnvTwilioCallback)
	return t, err
}

// Name implements [Adapter].
func (t *Twilio) Name() string { return "twilio" }

// Send implements [Adapter].
func (t *Twilio) Send(ctx context.Context, m Message) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	attempt := &attempt{ctx: ctx, base: t.base}
	taken, err := t.api(attempt).CreateMessage(t.params(m))
	switch {
	case err != nil:
		return Receipt{}, twilioFailure(attempt, err)
	case attempt.status >= http.StatusMultipleChoices, taken.Sid == nil:
		return Receipt{}, &Failure{Fate: attempt.fate(), Code: attempt.code("twilio")}
	}
	receipt := Receipt{Ref: *taken.Sid}
	if taken.Status != nil {
		receipt.Detail = detail(*taken.Status)
	}
	return receipt, nil
}

// api returns Twilio's client for one attempt. The client takes no context; the attempt brings it along.
func (t *Twilio) api(attempt *attempt) *twilio.ApiService {
	base := &client.Client{Credentials: client.NewCredentials(t.account, t.token), HTTPClient: attempt.client()}
	base.SetAccountSid(t.account)
	return twilio.NewApiService(&client.RequestHandler{Client: base, Edge: t.edge, Region: t.region})
}

func (t *Twilio) params(m Message) *twilio.CreateMessageParams {
	params := (&twilio.CreateMessageParams{}).SetTo(m.To).SetBody(m.Body)
	if strings.HasPrefix(t.from, "MG") {
		params.SetMessagingServiceSid(t.from)
	} else {
		params.SetFrom(t.from)
	}
	if t.callback != nil {
		callback := *t.callback
		query := callback.Query()
		query.Set("contact", m.Key)
		callback.RawQuery = query.Encode()
		params.SetStatusCallback(callback.String())
	}
	return params
}

// twilioFinal are the errors that no repeat mends, with whether the number itself is at fault or its owner has said
// STOP. Every other error of the 4xx kind may be repeated: 429 was never processed and is always safe to retry, in
// Twilio's words, and the rest is for the operator to mend (login, balance, permissions).
var twilioFinal = map[int]bool{
	21211: true,  // the number is invalid
	21214: true,  // the number cannot be reached
	21217: true,  // the number is invalid
	21602: false, // the body is missing
	21610: true,  // the owner replied STOP
	21612: true,  // no route from our number to this one
	21614: true,  // the number is no mobile number
	21617: false, // the body is too long
}

// twilioFailure classifies what Twilio, or the way to it, said. A 5xx may come before or after the message was queued,
// and Twilio does not promise which, so its fate is unknown.
func twilioFailure(a *attempt, err error) *Failure {
	failure := &Failure{Fate: a.fate(), Code: a.code("twilio"), Detail: detail(err.Error())}
	var answer *client.TwilioRestError
	if errors.As(err, &answer) && answer.Code != 0 {
		failure.Code = fmt.Sprintf("twilio_%d", answer.Code)
		if failure.Fate == Refused {
			failure.Unusable, failure.Permanent = twilioFinal[answer.Code]
		}
	}
	return failure
}
