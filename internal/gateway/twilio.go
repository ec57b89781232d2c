package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/twilio/twilio-go/client"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

// Twilio says how Twilio's reports on messages are known to be Twilio's. The zero value takes none.
type Twilio struct {
	// Token is the account's auth token, with which Twilio signs.
	Token string
	// Callback is the address at which Twilio reaches this gateway's /v1/callbacks/twilio, as the channel's adapter gives
	// it to Twilio: it is part of what is signed.
	Callback string
}

// unreachable are the codes with which Twilio says that a number will not be reached tomorrow either.
var unreachable = []string{"21211", "21214", "21217", "21610", "21612", "21614", "30005", "30006"}

// twilio takes Twilio's report of what became of a message: the same event as any other provider's, in Twilio's words.
func (g *gateway) twilio(w http.ResponseWriter, q *http.Request) error {
	if err := q.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
		return &event.Error{Field: "body", Reason: "is no form"}
	}
	if !g.signed(q) {
		return &problem{Status: http.StatusForbidden, Type: "forbidden", Title: "The signature is missing or wrong", Detail: "Tender needs Twilio's auth token and the address that Twilio calls, exactly as Twilio has it"}
	}
	kind, done := map[string]event.Type{
		"delivered": event.MessageDelivered, "read": event.MessageDelivered,
		"undelivered": event.MessageFailed, "failed": event.MessageFailed,
	}[q.PostForm.Get("MessageStatus")]
	if !done { // it is still on its way
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	e, err := g.receipt(q, kind)
	if err == nil {
		_, err = g.Door.Take(q.Context(), e, "twilio")
	}
	if g.counted(string(kind), err) != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signed reports whether Twilio signed the request.
func (g *gateway) signed(q *http.Request) bool {
	to, err := url.Parse(g.Twilio.Callback)
	if err != nil || g.Twilio.Token == "" || g.Twilio.Callback == "" {
		return false
	}
	to.RawQuery = q.URL.RawQuery
	params := map[string]string{}
	for name, values := range q.PostForm {
		params[name] = values[0]
	}
	validator := client.NewRequestValidator(g.Twilio.Token)
	return validator.Validate(to.String(), params, q.Header.Get("X-Twilio-Signature"))
}

// receipt makes an event of what Twilio says. Its id is the message's with the status, so that a report sent twice is one.
func (g *gateway) receipt(q *http.Request, kind event.Type) (e cloudevents.Event, err error) {
	if q.PostForm.Get("MessageSid") == "" {
		return e, &event.Error{Field: "MessageSid", Reason: "is missing"}
	}
	key := q.URL.Query().Get("contact")
	there, err := g.Store.ContactOf(q.Context(), key)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, &intake.Unknown{What: "contact", ID: "of this report", Hint: "the address that Twilio calls must carry the contact as Tender wrote it"}
	}
	if err != nil {
		return e, err
	}
	receipt := event.Receipt{Contact: key}
	if code := q.PostForm.Get("ErrorCode"); code != "" && strings.Trim(code, "0123456789") == "" {
		receipt.Code = "twilio_" + code
		receipt.Permanent = kind == event.MessageFailed && slices.Contains(unreachable, code)
	}
	data, err := json.Marshal(receipt)
	if err != nil {
		return e, err
	}
	e = cloudevents.New()
	e.SetSource("/twilio")
	e.SetID(q.PostForm.Get("MessageSid") + "." + q.PostForm.Get("MessageStatus"))
	e.SetType(string(kind))
	e.SetSubject("borrower/" + there.BorrowerID)
	return e, e.SetData(cloudevents.ApplicationJSON, json.RawMessage(data))
}
