package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

const reported = `{"cause": "job_loss"}`

func TestMalformedEventsAreRefusedByField(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	before := h.everything()
	with := func(attributes ...string) string {
		return happened("x", "hardship.reported", "loan/L-1", reported, attributes...)
	}
	posting := func(amount string) string {
		return `{"transaction": "x", "amount": ` + amount + `, "currency": "USD", "value_date": "2026-02-01"}`
	}
	data := func(text string) string { return happened("x", "hardship.reported", "loan/L-1", text) }
	for _, c := range []struct{ name, text, says string }{
		{"nothing", ``, "event: is missing"},
		{"no JSON", `{"specversion": `, "event: is not JSON at byte"},
		{"no object", `"hello"`, "event: must be a JSON object"},
		{"a list", `[]`, "event: must be a JSON object"},
		{"no id", strings.Replace(with(), `"id":"x",`, ``, 1), "id: is missing"},
		{"id no string", strings.Replace(with(), `"id":"x"`, `"id":7`, 1), "id: must be a string"},
		{"phone number as id", with("id", "+15550100"), "id: is no id"},
		{"phone number as id, plain", with("id", "13800138000"), "id: looks like a phone number"},
		{"address as id", with("id", "ada@canary.example"), "id: is no id"},
		{"no source", with("source", ""), "source: is missing"},
		{"address as source", with("source", "mailto:ada@canary.example"), "source: must name a system"},
		{"phone number as source", with("source", "sms:+15550100"), "source: looks like a phone number"},
		{"words as source", with("source", "Ada Canary"), "source: must name a system"},
		{"other version", with("specversion", "0.3"), "specversion: must be 1.0"},
		{"unknown type", with("type", "loan.forgotten"), `type: unknown event type "loan.forgotten"; use one of loan.disbursed`},
		{"a journey's own type", with("type", "step.performed"), `type: unknown event type`},
		{"no subject", happened("x", "hardship.reported", "", reported), "subject: must be loan/<id> or borrower/<id> for hardship.reported"},
		{"wrong subject", with("subject", "application/A-1"), "subject: must be loan/<id> or borrower/<id>"},
		{"subject without id", with("subject", "loan/"), "subject: must be loan/<id>"},
		{"nothing as subject", with("subject", "loan/.."), "subject: holds no letter and no digit: use an id that has one, such as B-1001"},
		{"nothing as an application", happened("x", "application.withdrawn", "application/-", `{}`), "subject: holds no letter and no digit"},
		{"nothing as a borrower", happened("x", "application.preapproved", "application/A-1", `{"borrower": {"id": "_"}}`), "data.borrower.id: holds no letter and no digit"},
		{"phone number as subject", with("subject", "borrower/15550100"), "subject: looks like a phone number"},
		{"subject of a watermark", happened("x", "ledger.watermark", "loan/L-1", `{"through": "2026-02-01"}`), "subject: must be left out"},
		{"time", with("time", "yesterday"), "time: must be an RFC 3339 time"},
		{"XML", with("datacontenttype", "application/xml"), "datacontenttype: must be application/json"},
		{"data in base64", strings.Replace(with(), `"data":`+`{"cause":"job_loss"}`, `"data_base64":"e30="`, 1), "data_base64: is not taken"},
		{"extension with a dash", with("no-good", "x"), "event: is no CloudEvent 1.0"},
		{"data no object", data(`"ada@canary.example"`), "data: must be a JSON object"},
		{"no data", happened("x", "hardship.reported", "loan/L-1", ""), "data.cause: is missing"},
		{"unknown field", data(`{"cause": "illness", "colour": "x"}`), "data.colour: is an unknown field; known are cause, expected_months, income"},
		{"a name as field", data(`{"cause": "illness", "Ada Canary": "x"}`), "data: holds an unknown field; known are cause, expected_months, income"},
		{"a number as text", data(`{"cause": "illness", "text": 15550100}`), "data.text: must be text in quotes"},
		{"NUL", data(`{"cause": "illness", "text": "a\u0000b"}`), "data: holds the character U+0000"},
		{"nested", happened("x", "borrower.updated", "borrower/B-1", `{"points": [{"id": "m", "channel": "pigeon", "address": "ada@canary.example"}]}`), "data.points[0].channel: must be one of call, sms"},
		{"amount", happened("x", "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "a lot", "currency": "USD", "value_date": "2026-02-01"}`), `data.amount: must be an amount, such as "125.00"`},
		{"negative amount", happened("x", "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "-1", "currency": "USD", "value_date": "2026-02-01"}`), `data.amount: -1 is not a positive amount`},
		{"date", happened("x", "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "1", "currency": "USD", "value_date": "1.2.2026"}`), `data.value_date: must be a date from 1970 on, such as 2026-01-31`},
		{"before anything", with("time", "0000-01-01T00:00:00Z"), "time: lies before 1970"},
		{"a date before anything", happened("x", "payment.posted", "loan/L-1", `{"transaction": "x", "amount": "1", "currency": "USD", "value_date": "0001-01-01"}`), "data.value_date: must be a date from 1970 on"},
		{"an instant before anything", happened("x", "hold.placed", "loan/L-1", `{"hold": "H", "kind": "paid", "from": "1969-12-31T00:00:00Z"}`), "data.from: must be an RFC 3339 time from 1970 on"},
		{"an instant after everything", happened("x", "hold.placed", "loan/L-1", `{"hold": "H", "kind": "paid", "until": "9999-12-31T23:59:59Z"}`), "data.until: lies after 9999-12-30; leave it out to mean for ever"},
		{"an amount in powers", happened("x", "payment.posted", "loan/L-1", posting(`"1e3"`)), `data.amount: must be an amount, such as "125.00"`},
		{"an amount with a plus", happened("x", "payment.posted", "loan/L-1", posting(`"+5"`)), `data.amount: must be an amount`},
		{"an amount without digits before the point", happened("x", "payment.posted", "loan/L-1", posting(`".5"`)), `data.amount: must be an amount`},
		{"an amount without digits after the point", happened("x", "payment.posted", "loan/L-1", posting(`"5."`)), `data.amount: must be an amount`},
		{"a number in powers", happened("x", "payment.posted", "loan/L-1", posting(`1e1`)), "data.amount: must be a number of at most 40 digits, written without an exponent"},
		{"a number beyond all bounds", happened("x", "payment.posted", "loan/L-1", posting(`1e9999999`)), "data.amount: must be a number of at most 40 digits"},
		{"a long number", happened("x", "payment.posted", "loan/L-1", posting(strings.Repeat("1", 400))), "data.amount: must be a number of at most 40 digits"},
		{"an amount twice", happened("x", "payment.posted", "loan/L-1", posting(`"1", "amount": "2"`)), "data.amount: stands twice; send it once"},
		{"an amount twice, once in disguise", happened("x", "payment.posted", "loan/L-1", posting(`"1", "amo\u0075nt": "2"`)), "data.amount: stands twice"},
		{"a due date twice", happened("x", "loan.rescheduled", "loan/L-1", `{"schedule": [{"due": "2026-05-01", "principal": "1"}, {"due": "2026-05-01", "due": "2026-06-01", "principal": "1"}]}`), "data.schedule[1].due: stands twice"},
		{"a name twice", data(`{"cause": "illness", "Ada Canary": "x", "Ada Canary": "y"}`), "data: holds a field twice; send each once"},
		{"an id twice", strings.Replace(with(), `"id":"x"`, `"id":"x","id":"y"`, 1), "id: stands twice"},
		{"intent", happened("x", "borrower.replied", "loan/L-1", `{"channel": "sms", "intent": "halt"}`), "data.intent: must be stop or unclear"},
		{"no words", happened("x", "borrower.replied", "loan/L-1", `{"channel": "sms"}`), "data.text: is missing"},
	} {
		_, err := h.take(c.text)
		require.Error(t, err, c.name)
		assert.Contains(t, err.Error(), c.says, c.name)
		assert.IsType(t, &event.Error{}, err, c.name)
		assert.NotContains(t, strings.ToLower(err.Error()), "canary", c.name)
		assert.NotContains(t, err.Error(), "15550100", c.name)
	}
	assert.Equal(t, before, h.everything())
}

func TestBatchMustBeAList(t *testing.T) {
	batch, err := intake.ParseBatch([]byte(`[{"a": 1}, 7]`))
	require.NoError(t, err)
	assert.Len(t, batch, 2)
	for _, text := range []string{`{}`, `[1,`, ``} {
		_, err := intake.ParseBatch([]byte(text))
		asField(t, err)
	}
}

func FuzzParseNeverPanicsOrRepeats(f *testing.F) {
	f.Add(`{"specversion":"1.0","source":"/core","id":"x","type":"loan.settled","subject":"loan/L-1","data":{"on":"2026-01-01"}}`)
	f.Add(`{"specversion":"1.0","id":"canary`)
	f.Add(`{"specversion":"1.0","source":"%zz","id":"canary","type":"canary","extension":{"canary":1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := intake.Parse([]byte(text))
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("the error repeats what it refuses: %v", err)
		}
	})
}
