package classify_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/reply"
)

var question = classify.Question{Text: "I'll pay 40 on Friday", On: bizclock.MustDate("2026-01-21"), Currency: "USD", Channel: contact.SMS, Languages: []string{"en"}}

// service answers with a status and a text, and counts how often it was asked.
type service struct {
	*httptest.Server
	asked atomic.Int64
}

func serve(t *testing.T, answer http.HandlerFunc) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func says(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func TestAServiceIsToldTheTextAndNothingOfWhoWroteIt(t *testing.T) {
	t.Parallel()
	var got map[string]any
	var token string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("Authorization")
		text, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(text, &got) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		says(http.StatusOK, `{"intents": ["will_pay", "question"], "topic": "fees", "amount": "40", "by": "2026-01-23"}`)(w, r)
	})
	c, err := classify.New(classify.Options{URL: s.URL, Token: "secret"})
	require.NoError(t, err)
	m, err := c.Understand(t.Context(), question)
	require.NoError(t, err)
	require.Equal(t, []reply.Intent{reply.WillPay, reply.Question}, m.Intents)
	require.Equal(t, "40", m.Amount.String())
	require.Equal(t, "2026-01-23", m.By.String())
	require.Equal(t, reply.Fees, m.Topic)
	require.Equal(t, "Bearer secret", token)
	for _, field := range []string{"text", "on", "currency", "channel", "languages", "intents", "causes", "topics"} {
		require.Contains(t, got, field)
		delete(got, field)
	}
	require.Empty(t, got)
}

func TestAnAnswerThatCannotBeMeantIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want string }{
		"no JSON":              {`sure`, "no JSON object"},
		"a list":               {`[]`, "no JSON object of the documented form"},
		"two values":           {`{"intents": ["thanks"]} {}`, "no JSON object of the documented form"},
		"an unknown field":     {`{"intents": ["thanks"], "mood": "good"}`, "unknown field"},
		"a field twice":        {`{"intents": ["stop"], "intents": ["thanks"]}`, "intents: is not of the documented form, or stands twice"},
		"another spelling":     {`{"Intents": ["thanks"]}`, "unknown field"},
		"more than there is":   {`{"intents": ["will_pay"], "amount": "9999999999999999999"}`, "amount: "},
		"no intent":            {`{}`, "intents: is missing"},
		"an unknown intent":    {`{"intents": ["joy"]}`, "intents[0]: is none; use one of stop"},
		"an intent twice":      {`{"intents": ["thanks", "thanks"]}`, "intents[1]: thanks stands twice"},
		"too many":             {`{"intents": ["thanks", "paid", "dispute", "question", "call", "plan"]}`, "intents: has 6"},
		"unclear and more":     {`{"intents": ["unclear", "thanks"]}`, "unclear stands alone"},
		"an unknown answer":    {`{"intents": ["thanks"], "answer": "maybe"}`, "answer: must be yes or no"},
		"a cause alone":        {`{"intents": ["thanks"], "cause": "illness"}`, "cause: belongs to the intent hardship"},
		"an unknown cause":     {`{"intents": ["hardship"], "cause": "boredom"}`, "cause: is not one of the known words"},
		"a topic alone":        {`{"intents": ["thanks"], "topic": "fees"}`, "topic: belongs to the intent question"},
		"a channel alone":      {`{"intents": ["thanks"], "channel": "sms"}`, "channel: belongs to the intent preference"},
		"an amount alone":      {`{"intents": ["thanks"], "amount": "5"}`, "amount: and by belong to the intent will_pay"},
		"an amount as number":  {`{"intents": ["will_pay"], "amount": 5}`, "amount: is not of the documented form"},
		"an amount in words":   {`{"intents": ["will_pay"], "amount": "five"}`, "amount: must be a decimal number"},
		"a negative amount":    {`{"intents": ["will_pay"], "amount": "-5"}`, "amount: must be positive"},
		"nothing":              {`{"intents": ["will_pay"], "amount": "0"}`, "amount: must be positive"},
		"too many places":      {`{"intents": ["will_pay"], "amount": "5.005"}`, "amount: has more than the 2 decimal places of USD"},
		"a date that has been": {`{"intents": ["will_pay"], "by": "2026-01-20"}`, "by: lies before the date of the reply"},
		"a date in years":      {`{"intents": ["will_pay"], "by": "2028-01-20"}`, "by: lies more than a year ahead"},
		"half of the hours":    {`{"intents": ["preference"], "from": "18:00"}`, "from: belongs together with to"},
		"hours alone":          {`{"intents": ["thanks"], "from": "18:00", "to": "20:00"}`, "from: and to belong to the intent preference"},
		"no hour":              {`{"intents": ["preference"], "from": "six", "to": "20:00"}`, "from: must be a time of day"},
		"no hours at all":      {`{"intents": ["preference"], "from": "20:00", "to": "20:00"}`, "from: is the same as to"},
		"too long":             {`{"intents": ["thanks"], "cause": "` + strings.Repeat("x", 70_000) + `"}`, "more than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, says(http.StatusOK, test.answer))
			c, err := classify.New(classify.Options{URL: s.URL})
			require.NoError(t, err)
			m, err := c.Understand(t.Context(), question)
			var failure *classify.Failure
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "answer", failure.Code)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, m)
			require.EqualValues(t, 1, s.asked.Load(), "what is answered wrongly is not asked again")
		})
	}
}

func TestAServiceThatFailsIsAskedOnceMoreAndThenLeftAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 21, 12, 0, 0, 0, time.UTC)
	s := serve(t, says(http.StatusServiceUnavailable, "busy"))
	c, err := classify.New(classify.Options{URL: s.URL, Now: func() time.Time { return now }})
	require.NoError(t, err)
	code := func() string {
		_, err := c.Understand(t.Context(), question)
		var failure *classify.Failure
		require.ErrorAs(t, err, &failure)
		return failure.Code
	}
	for range 5 {
		require.Equal(t, "status_503", code())
	}
	require.EqualValues(t, 10, s.asked.Load())
	require.Equal(t, "resting", code())
	now = now.Add(59 * time.Second)
	require.Equal(t, "resting", code())
	require.EqualValues(t, 10, s.asked.Load())
	now = now.Add(time.Second)
	require.Equal(t, "status_503", code())
	require.EqualValues(t, 12, s.asked.Load())
}

func TestFailuresAreToldApart(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, says(http.StatusOK, `{"intents": ["thanks"]}`))
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		code   string
		asked  int64
	}{
		"no access": {says(http.StatusUnauthorized, ""), "status_401", 1},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, "unreachable", 2},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}, "unreachable", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			c, err := classify.New(classify.Options{URL: s.URL})
			require.NoError(t, err)
			_, err = c.Understand(t.Context(), question)
			var failure *classify.Failure
			require.ErrorAs(t, err, &failure)
			require.Equal(t, test.code, failure.Code)
			require.Equal(t, test.asked, s.asked.Load())
			require.NotContains(t, err.Error(), "Friday")
		})
	}
	require.Zero(t, elsewhere.asked.Load(), "what a borrower wrote goes nowhere else")
}

func TestAServiceThatDoesNotAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-done:
		}
	})
	t.Cleanup(func() { close(done) })
	c, err := classify.New(classify.Options{URL: s.URL, Timeout: 50 * time.Millisecond})
	require.NoError(t, err)
	_, err = c.Understand(context.Background(), question)
	var failure *classify.Failure
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "timeout", failure.Code)
}

func TestOptionsThatAreWrongAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		options classify.Options
		want    string
	}{
		{classify.Options{}, "is no web address"},
		{classify.Options{URL: "nlp.example.com"}, "is no web address"},
		{classify.Options{URL: "http://nlp.example.com"}, "must begin with https"},
		{classify.Options{URL: "https://me:secret@nlp.example.com"}, "holds a name or a password"},
		{classify.Options{URL: "https://nlp.example.com", Timeout: time.Minute}, "a time-out of 1m0s"},
	} {
		_, err := classify.New(test.options)
		require.ErrorContains(t, err, test.want)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err := classify.New(classify.Options{URL: "http://127.0.0.1:9"})
	require.NoError(t, err, "on this machine nobody listens")
}

// No classifier may overlook a stop, a complaint, a fraud or a wrong person that the rules hear.
func TestWhatRulesHearIsHeard(t *testing.T) {
	t.Parallel()
	for _, intent := range classify.Heard {
		joined := classify.Joined(reply.Meaning{Intents: []reply.Intent{reply.Unclear}}, reply.Meaning{Intents: []reply.Intent{intent, reply.Paid}})
		require.Equal(t, []reply.Intent{intent}, joined.Intents)
	}
	joined := classify.Joined(reply.Meaning{Intents: []reply.Intent{reply.Thanks}, Answer: "yes"}, reply.Meaning{Intents: []reply.Intent{reply.Stop}})
	require.Equal(t, []reply.Intent{reply.Stop, reply.Thanks}, joined.Intents)
	require.Empty(t, joined.Answer)
	require.Equal(t, []reply.Intent{reply.Unclear}, classify.Joined(reply.Meaning{}, reply.Meaning{Intents: []reply.Intent{reply.Unclear}}).Intents)
}
