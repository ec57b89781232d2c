package event_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
)

// example returns the data of the example of a type.
func example(t testing.TB, kind event.Type) json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "events", string(kind)+".json"))
	require.NoError(t, err)
	var envelope struct {
		Type event.Type      `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	require.NoError(t, json.Unmarshal(text, &envelope))
	require.Equal(t, kind, envelope.Type)
	return envelope.Data
}

func TestExampleOfEveryTypeIsValid(t *testing.T) {
	for _, kind := range event.Types() {
		_, err := event.Decode(kind, example(t, kind))
		assert.NoError(t, err, kind)
	}
}

func TestPublicHoldsNothingPersonal(t *testing.T) {
	for _, kind := range event.Types() {
		payload, err := event.Decode(kind, example(t, kind))
		require.NoError(t, err)
		public, err := event.Public(payload)
		require.NoError(t, err)
		var original, kept any
		require.NoError(t, json.Unmarshal(example(t, kind), &original))
		require.NoError(t, json.Unmarshal(public, &kept))
		fields := event.Field{Form: event.Object, Fields: kind.Fields()}
		for _, secret := range personal(fields, original) {
			assert.NotContains(t, string(public), secret, kind)
		}
		// What is left is still a payload that a journey can read.
		again, err := event.Decode(kind, public)
		var wrong *event.Error
		if err != nil {
			require.ErrorAs(t, err, &wrong)
			assert.Contains(t, []string{"data.borrower.points[0].address", "data.points[0].address", "data.text", "data.reason", "data.reasons"}, wrong.Field, "only what was taken is missing")
			continue
		}
		twice, err := event.Public(again)
		require.NoError(t, err)
		assert.JSONEq(t, string(public), string(twice))
	}
}

// personal gathers the values of personal fields.
func personal(f event.Field, value any) (secrets []string) {
	switch v := value.(type) {
	case map[string]any:
		for _, part := range f.Fields {
			if text, ok := v[part.Name].(string); ok && part.Personal {
				secrets = append(secrets, text)
			} else if !part.Personal {
				secrets = append(secrets, personal(part, v[part.Name])...)
			}
		}
	case []any:
		for _, element := range v {
			secrets = append(secrets, personal(f.Fields[0], element)...)
		}
	}
	return secrets
}

func TestCanonicalDataIsAlikeWhereItsMeaningIs(t *testing.T) {
	for _, c := range []struct{ data, canonical string }{
		{`{"value_date": "2026-02-10", "amount": 10.0}`, `{"amount":"10","value_date":"2026-02-10"}`},
		{`{"amount": "10.00", "value_date": "2026-02-10", "reverses": null}`, `{"amount":"10","value_date":"2026-02-10"}`},
		{`{"amount": "10.50"}`, `{"amount":"10.5"}`},
		{`{"amount": "100"}`, `{"amount":"100"}`},
		{`{"amount": "10.01"}`, `{"amount":"10.01"}`},
	} {
		text, err := event.Canonical(event.PaymentPosted, json.RawMessage(c.data))
		require.NoError(t, err)
		assert.Equal(t, c.canonical, string(text))
	}
	text, err := event.Canonical(event.LoanDisbursed, json.RawMessage(`{"schedule": [{"due": "2026-02-15", "principal": "100.00"}], "watermarks": false}`))
	require.NoError(t, err)
	assert.Equal(t, `{"schedule":[{"due":"2026-02-15","principal":"100"}],"watermarks":false}`, string(text))
	for _, kind := range event.Types() { // nothing but writing is lost
		text, err := event.Canonical(kind, example(t, kind))
		require.NoError(t, err)
		before, err := event.Decode(kind, example(t, kind))
		require.NoError(t, err)
		after, err := event.Decode(kind, text)
		require.NoError(t, err)
		again, err := json.Marshal(after)
		require.NoError(t, err)
		text, err = json.Marshal(before)
		require.NoError(t, err)
		text, err = event.Canonical(kind, text)
		require.NoError(t, err)
		again, err = event.Canonical(kind, again)
		require.NoError(t, err)
		assert.JSONEq(t, string(text), string(again), kind)
	}
}

func TestEveryFieldIsDocumented(t *testing.T) {
	var check func(path string, fields []event.Field)
	check = func(path string, fields []event.Field) {
		for _, f := range fields {
			if f.Name != "" {
				assert.NotEmpty(t, f.Doc, "%s.%s", path, f.Name)
			}
			check(path+"."+f.Name, f.Fields)
		}
	}
	for _, kind := range event.Types() {
		assert.NotEmpty(t, kind.Summary(), kind)
		assert.NotEmpty(t, kind.Subjects(), kind)
		check(string(kind), kind.Fields())
	}
}

// What a person says or is called by must be marked, whoever adds a field.
func TestWhatReadsLikeWordsOfAPersonIsPersonal(t *testing.T) {
	var check func(path string, fields []event.Field)
	check = func(path string, fields []event.Field) {
		for _, f := range fields {
			switch f.Name {
			case "name", "address", "text", "note", "owner", "detail", "email", "phone":
				assert.True(t, f.Personal, "%s.%s", path, f.Name)
			}
			check(path+"."+f.Name, f.Fields)
		}
	}
	for _, kind := range event.Types() {
		check(string(kind), kind.Fields())
	}
}

func TestIDsSayNothingAboutThePerson(t *testing.T) {
	for _, id := range []string{
		"L-1001", "B.1", "a", "_a", "..1", "2026-01-01-batch-7", strings.Repeat("x", 64), "0191d2a4-7c1e-7b3a-9f00-1234567890ab", "123456", "1234567890123456",
		"L13125550142", "L-13125550142", "loan.1_312_555_0142", "tel", "tel-7", "sms-1234567", "mobile", "mobile-2", "phone1", "hotel-3125550142", "tel-3125550142-b", "2026_01_07", "sms-1234567890123456",
	} {
		assert.NoError(t, event.CheckID(id), id)
	}
	for _, id := range []string{
		"", strings.Repeat("x", 65), "a b", "ada@example.com", "a/b", "+15550100200", "13800138000", "555-010-0200", "1.555.010.0200", "ü",
		"tel.13125550142", "tel13125550142", "TEL-1-312-555-0142", "1_312_555_0142", "_13125550142", "phone_8613800138000", "Mobile.13800138000",
		".", "..", "-", "_", "--", "._-", "sms-13125550142", "whatsapp.447700900123", "tel.3125550142", "cell-312.555.0142", "13125550142-", "1__312--555..0142",
	} {
		assert.Error(t, event.CheckID(id), id)
	}
}

func TestIdsThatTenderGivesAreKnown(t *testing.T) {
	for id, want := range map[string]bool{
		"reply-7": true, "reply-7-paid": true, "reply-12-number-2": true, "call-7": true, "survey-7": true,
		"reply": false, "reply-x": false, "reply-7a": false, "my-reply-7": false, "P-1": false, "0191d2a4-7c1e": false,
	} {
		require.Equal(t, want, event.Derived(id), id)
	}
}

func TestErrorsNameTheFieldAndNotTheValue(t *testing.T) {
	for _, c := range []struct {
		kind       event.Type
		data, says string
	}{
		{event.PaymentPosted, `{}`, "data.transaction: is missing; send the lending system's id of the posting"},
		{event.PaymentPosted, `[]`, "data: must be an object"},
		{event.PaymentPosted, `{"transaction": "T"`, "data: is not JSON"},
		{event.BorrowerUpdated, `{"name": 15550100}`, "data.name: must be text in quotes"},
		{event.BorrowerUpdated, `{"points": {"address": "x"}}`, "data.points: must be a list"},
		{event.BorrowerUpdated, `{"points": [{"id": "m", "channel": "sms", "address": "x", "rank": "Ada"}]}`, "data.points[0].rank: must be a whole number"},
		{event.BorrowerUpdated, `{"points": [{"id": "m", "channel": "sms", "address": "x", "rank": 7000}]}`, "data.points[0].rank: must lie between 0 and 1000"},
		{event.BorrowerUpdated, `{"Name": "Ada"}`, "data: holds an unknown field; known are id, name, language, time_zones, jurisdiction, preferred, points"},
		{event.LoanDisbursed, `{"watermarks": "no"}`, "data.watermarks: must be true or false"},
		{event.BorrowerReplied, `{"channel": "sms", "answer": "Ada says yes"}`, "data.answer: must be one of yes, no"},
		{event.BorrowerReplied, `{"channel": "sms"}`, "data.text: is missing; send what the borrower wrote"},
		{event.HoldPlaced, `{"hold": "h", "kind": "ada"}`, "data.kind: must be one of bankruptcy_stay, "},
		{event.HoldPlaced, `{"hold": "h", "kind": "paid", "from": "Ada"}`, "data.from: must be an RFC 3339 time"},
		{"loan.lost", `{}`, `type: unknown event type "loan.lost"; use one of loan.disbursed, `},
	} {
		_, err := event.Decode(c.kind, []byte(c.data))
		require.Error(t, err, c.data)
		assert.IsType(t, &event.Error{}, err)
		assert.Contains(t, err.Error(), c.says)
		assert.NotContains(t, err.Error(), "Ada")
		assert.NotContains(t, err.Error(), "15550100")
	}
}
