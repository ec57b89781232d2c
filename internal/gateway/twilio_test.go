package gateway_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/gateway"
)

const callback = "https://tender.example.com/v1/callbacks/twilio"

// report sends what Twilio sends when a message has got somewhere.
func (s *site) report(token, contact string, form url.Values) answer {
	s.t.Helper()
	query := "?contact=" + url.QueryEscape(contact)
	text := callback + query
	names := []string{}
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text += name + form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	s.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return s.do("POST", "/v1/callbacks/twilio"+query, "application/x-www-form-urlencoded", form.Encode())
}

func TestTwiliosReportsComeThroughTheDoor(t *testing.T) {
	s := newSite(t, func(c *gateway.Config) {
		c.APIKey, c.Twilio = "k", gateway.Twilio{Token: "secret", Callback: callback + "?v=1"}
	})
	s.header.Set("Authorization", "Bearer k")
	require.Equal(t, 202, s.post(example(t, event.LoanDisbursed)).status)
	s.header.Del("Authorization")
	s.exec(`insert into contacts (key, borrower_id, loan_ids, channel, point, direction, purpose, at) values ('c-1', 'B-1001', '{L-1001}', 'sms', 'mobile', 'outbound', 'collection', now())`)
	form := func(pairs ...string) url.Values {
		f := url.Values{"MessageSid": {"SM00000000000000000000000000000001"}, "To": {"+13125550142"}}
		for n := 0; n < len(pairs); n += 2 {
			f.Set(pairs[n], pairs[n+1])
		}
		return f
	}
	assert.Equal(t, 204, s.report("secret", "c-1", form("MessageStatus", "sent")).status)
	assert.Equal(t, "0", s.query(`select count(*)::text from outcomes`))
	assert.Equal(t, 204, s.report("secret", "c-1", form("MessageStatus", "delivered")).status)
	assert.Equal(t, 204, s.report("secret", "c-1", form("MessageStatus", "delivered")).status)
	assert.Equal(t, "delivered", s.query(`select string_agg(disposition, ' ') from outcomes`))
	assert.Equal(t, 204, s.report("secret", "c-1", form("MessageStatus", "undelivered", "ErrorCode", "30005")).status)
	assert.Equal(t, "bounced twilio_30005", s.query(`select disposition || ' ' || code from outcomes order by pk desc limit 1`))
	assert.Equal(t, "mobile", s.query(`select id from contact_points where failed_at is not null`))
	assert.Len(t, s.courier.delivered, 2, "the disbursement, and the failure")

	s.refused(s.report("guess", "c-1", form("MessageStatus", "delivered")), 403, "forbidden", "")
	s.refused(s.report("secret", "c-2", form("MessageStatus", "delivered")), 404, "unknown-contact", "")
	s.refused(s.report("secret", "c-1", url.Values{"MessageStatus": {"delivered"}}), 400, "invalid-event", "MessageSid")
	assert.NotContains(t, s.query(`select string_agg(events::text, ' ') from events`), "3125550142")
}

func TestWithoutATokenTwilioIsNotListenedTo(t *testing.T) {
	s := newSite(t)
	s.refused(s.report("", "c-1", url.Values{"MessageStatus": {"delivered"}}), 403, "forbidden", "")
}
