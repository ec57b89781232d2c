package classify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/reply"
)

// canary stands in every text, and in every answer that is refused; no error may repeat it.
const canary = "canary"

func question() classify.Question {
	return classify.Question{Text: canary + " lost his job", Languages: []string{"en"}, On: bizclock.MustDate("2026-06-10"), Currency: "USD", Channel: contact.SMS}
}

// service is a classifier that counts how often it is asked.
type service struct {
	*httptest.Server
	asked atomic.Int64
}

func serve(t *testing.T, answer func(nth int64, w http.ResponseWriter, q *http.Request)) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { answer(s.asked.Add(1), w, q) }))
	t.Cleanup(s.Close)
	return s
}

// says is a classifier that always gives the same answer.
func says(t *testing.T, status int, text string) *service {
	t.Helper()
	return serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	})
}

func client(t *testing.T, c classify.Config) *classify.Client {
	t.Helper()
	asks, err := classify.New(c, time.Now)
	require.NoError(t, err)
	return asks
}

// fails asks, and returns the failure.
func fails(t *testing.T, c *classify.Client) *classify.Failure {
	t.Helper()
	_, err := c.Ask(t.Context(), question())
	var failed *classify.Failure
	require.ErrorAs(t, err, &failed)
	require.NotContains(t, err.Error(), canary)
	return failed
}

func TestTheExampleIsTheContract(t *testing.T) {
	t.Parallel()
	file := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "replies", name))
		require.NoError(t, err)
		return text
	}
	var posted []byte
	s := serve(t, func(_ int64, w http.ResponseWriter, q *http.Request) {
		posted, _ = io.ReadAll(q.Body)
		if q.Method != http.MethodPost || q.Header.Get("Authorization") != "Bearer hunter2" || q.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = w.Write(file("classifier.answer.json"))
	})
	var q classify.Question
	require.NoError(t, json.Unmarshal(file("classifier.request.json"), &q))
	m, err := client(t, classify.Config{URL: s.URL, Token: "hunter2"}).Ask(t.Context(), q)
	require.NoError(t, err)
	require.JSONEq(t, string(file("classifier.request.json")), string(posted), "nothing more is told than the example tells")
	from, to := contact.TimeOfDay(9*3600), contact.TimeOfDay(17*3600)
	require.Equal(t, []reply.Intent{reply.Hardship, reply.WillPay, reply.Preference}, m.Intents)
	require.Equal(t, "200.00", m.Amount.String())
	m.Amount = reply.Meaning{}.Amount
	require.Equal(t, reply.Meaning{
		Intents: m.Intents, Cause: hardship.JobLoss, By: bizclock.MustDate("2026-06-12"), Channel: contact.Email, From: &from, To: &to,
	}, m)
}

func TestTheManualShowsTheExamplesAndEveryFieldAndCode(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "replies.md"))
	require.NoError(t, err)
	manual := string(text)
	for _, name := range []string{"classifier.request.json", "classifier.answer.json"} {
		example, err := os.ReadFile(filepath.Join("..", "..", "examples", "replies", name))
		require.NoError(t, err)
		require.Contains(t, manual, "```json\n"+string(example)+"```\n")
	}
	for _, field := range []string{
		"text", "languages", "on", "currency", "channel",
		"intents", "answer", "cause", "topic", "amounts", "amounts[].amount", "amounts[].currency", "dates", "wants", "from", "to",
	} {
		require.Regexp(t, "(?m)^\\|[^|]*`"+regexp.QuoteMeta(field)+"`", manual, field)
	}
	for _, code := range event.ClassifierFailures {
		require.Contains(t, manual, "| `"+string(code)+"` |")
	}
}

func TestAnAnswerIsTaken(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"intents": ["unclear"]}`:                                                                                       `{"intents": ["unclear"]}`,
		`{"intents": ["thanks", "stop"]}`:                                                                                `{"intents": ["stop", "thanks"]}`,
		`{"intents": ["thanks"], "answer": "yes"}`:                                                                       `{"intents": ["thanks"], "answer": "yes"}`,
		`{"intents": ["question"], "topic": "fees", "cause": null}`:                                                      `{"intents": ["question"], "topic": "fees"}`,
		`{"intents": ["will_pay"], "amounts": [], "dates": ["2026-06-10"]}`:                                              `{"intents": ["will_pay"], "by": "2026-06-10"}`,
		`{"intents": ["will_pay"], "dates": ["2027-06-10"]}`:                                                             `{"intents": ["will_pay"], "by": "2027-06-10"}`,
		`{"intents": ["will_pay"], "dates": ["2026-06-10", "2026-06-17"]}`:                                               `{"intents": ["will_pay"]}`,
		`{"intents": ["will_pay"], "amounts": [{"amount": "5", "currency": "USD"}]}`:                                     `{"intents": ["will_pay"], "amount": "5"}`,
		`{"intents": ["preference"], "wants": "chat"}`:                                                                   `{"intents": ["preference"], "channel": "chat"}`,
		`{"intents": ["will_pay"], "amounts": [{"amount": "5", "currency": "USD"}, {"amount": "6", "currency": "USD"}]}`: `{"intents": ["will_pay"]}`,
	} {
		m, err := client(t, classify.Config{URL: says(t, http.StatusOK, answer).URL}).Ask(t.Context(), question())
		require.NoError(t, err, answer)
		got, err := json.Marshal(m)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), answer)
	}
}

func TestAnAnswerThatMakesNoSenseIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	pays := func(amount, currency string) string {
		return `{"intents": ["will_pay"], "amounts": [{"amount": ` + amount + `, "currency": "` + currency + `"}]}`
	}
	for answer, want := range map[string]string{
		``:                    "answer: is no JSON object",
		`canary`:              "answer: is no JSON object",
		`["canary"]`:          "answer: is no JSON object",
		`{} "canary"`:         "answer: is no JSON object",
		`{"canary": true}`:    "answer: is no JSON object with the fields",
		`{"intents": "stop"}`: "intents: has another form",
		`{"intents": [1]}`:    "intents[0]: has another form",
		`{"intents": ["thanks"], "intents": ["stop"]}`: "intents: has another form than docs/replies.md says, or stands there twice",
		`{"amounts": [{"canary": 1}]}`:                 "answer: is no JSON object with the fields",
		`{}`:                                           "intents: must list at least one",
		`{"intents": []}`:                              "intents: must list at least one",
		`{"intents": ["canary"]}`:                      "intents[0]: is no intent; use stop, complaint",
		`{"intents": ["thanks", "thanks"]}`:            "intents[1]: stands there twice",
		`{"intents": ["unclear", "thanks"]}`:           "intents: unclear stands alone",
		`{"intents": ["complaint", "fraud", "wrong_person", "dispute", "hardship", "plan", "paid"]}`: "intents: must list 6 at most",
		`{"intents": ["hardship"], "cause": "canary"}`:                                               "cause: must be one of job_loss",
		`{"intents": ["plan"], "cause": "job_loss"}`:                                                 "cause: belongs to the intent hardship",
		`{"intents": ["question"], "topic": "canary"}`:                                               "topic: must be one of interest",
		`{"intents": ["thanks"], "topic": "fees"}`:                                                   "topic: belongs to the intent question",
		`{"intents": ["thanks"], "answer": "canary"}`:                                                "answer: must be one of yes, no",
		`{"intents": ["stop"], "answer": "yes"}`:                                                     "answer: does not go with the intent stop",
		pays(`"canary"`, "USD"):                                                                      `amounts[0].amount: must be a positive amount in quotes`,
		pays(`"-5.00"`, "USD"):                                                                       `amounts[0].amount: must be a positive amount in quotes`,
		pays(`"0.00"`, "USD"):                                                                        `amounts[0].amount: must be a positive amount in quotes`,
		pays(`"1e3"`, "USD"):                                                                         `amounts[0].amount: must be a positive amount in quotes`,
		pays(`5`, "USD"):                                                                             `amounts[0].amount: has another form`,
		pays(`"5.001"`, "USD"):                                                                       `amounts[0].amount: has more than the 2 decimal places`,
		pays(`"9999999999999"`, "USD"):                                                               `amounts[0].amount: is beyond any loan`,
		pays(`"5.00"`, "EUR"):                                                                        `amounts[0].currency: must be the currency that was asked about`,
		pays(`"5.00"`, ""):                                                                           `amounts[0].currency: must be the currency that was asked about`,
		pays(`"5.00", "of": "canary"`, "USD"):                                                        `answer: is no JSON object with the fields`,
		strings.Replace(pays(`"5.00"`, "USD"), "will_pay", "paid", 1):                                "amounts: belong to the intent will_pay",
		`{"intents": ["paid"], "dates": ["2026-06-12"]}`:                                             "dates: belong to the intent will_pay",
		`{"intents": ["will_pay"], "dates": ["canary"]}`:                                             "dates[0]: is no date",
		`{"intents": ["will_pay"], "dates": ["2026-06-09"]}`:                                         "dates[0]: lies before the date on which the borrower wrote",
		`{"intents": ["will_pay"], "dates": ["2026-06-12", "2027-06-12"]}`:                           "dates[1]: lies more than a year after",
		`{"intents": ["will_pay"], "dates": [` + strings.Repeat(`"2026-06-12",`, 5) + `""]}`:         "dates: must list 5 at most",
		`{"intents": ["will_pay"], "amounts": [` + strings.Repeat(`{},`, 5) + `{}]}`:                 "amounts: must list 5 at most",
		`{"intents": ["preference"], "wants": "canary"}`:                                             "wants: must be one of call, sms",
		`{"intents": ["thanks"], "wants": "sms"}`:                                                    "wants: belongs to the intent preference",
		`{"intents": ["thanks"], "from": "09:00", "to": "10:00"}`:                                    "from: and to belong to the intent preference",
		`{"intents": ["preference"], "from": "09:00"}`:                                               "from: belongs together with to",
		`{"intents": ["preference"], "from": "canary", "to": "10:00"}`:                               "from: is no time of day",
		`{"intents": ["preference"], "from": "09:00", "to": "canary"}`:                               "to: is no time of day",
		`{"intents": ["preference"], "from": "09:00", "to": "09:00"}`:                                "to: is the same as from",
		`{"intents": ["thanks"], "answer": "` + strings.Repeat("canary", 4000) + `"}`:                "is longer than 16384 bytes",
	} {
		s := says(t, http.StatusOK, answer)
		failed := fails(t, client(t, classify.Config{URL: s.URL}))
		require.True(t, strings.HasPrefix(failed.Error(), want), "%s: %v", answer, failed)
		require.Equal(t, event.ClassifierRefused, failed.Code, answer)
		require.EqualValues(t, 1, s.asked.Load(), "who answers nonsense would do so again")
	}
}

func TestAmountsHaveTheDigitsOfTheLoansCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency, amount string
		taken            bool
	}{
		{"JPY", "500", true}, {"JPY", "500.0", false}, {"KWD", "1.125", true}, {"", "5", false}, {"DOGE", "5", false},
	} {
		q := question()
		q.Currency = c.currency
		s := says(t, http.StatusOK, `{"intents": ["will_pay"], "amounts": [{"amount": "`+c.amount+`", "currency": "`+c.currency+`"}]}`)
		_, err := client(t, classify.Config{URL: s.URL}).Ask(t.Context(), q)
		require.Equal(t, c.taken, err == nil, "%v: %v", c, err)
	}
}

func TestAStatusIsAFailureAndOnlyAFaultOfTheServiceIsAskedAgain(t *testing.T) {
	t.Parallel()
	for status, asked := range map[int]int64{500: 2, 503: 2, 400: 1, 401: 1, 404: 1, 429: 1, 204: 1, 201: 1} {
		s := says(t, status, map[bool]string{true: `{"error": "canary"}`}[status >= 400])
		failed := fails(t, client(t, classify.Config{URL: s.URL}))
		require.Equal(t, event.ClassifierStatus, failed.Code)
		require.Contains(t, failed.Error(), fmt.Sprint(status))
		require.Equal(t, asked, s.asked.Load(), status)
	}
}

func TestASecondTryThatSucceedsCounts(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(http.ResponseWriter){
		"status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
		"connection": func(w http.ResponseWriter) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = connection.Close()
			}
		},
		"half an answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"intents"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(nth int64, w http.ResponseWriter, _ *http.Request) {
				if nth == 1 {
					first(w)
					return
				}
				_, _ = io.WriteString(w, `{"intents": ["thanks"]}`)
			})
			c := client(t, classify.Config{URL: s.URL})
			m, err := c.Ask(t.Context(), question())
			require.NoError(t, err)
			require.True(t, m.Has(reply.Thanks))
			require.EqualValues(t, 2, s.asked.Load())
			require.EqualValues(t, 1, c.Tally()[""])
		})
	}
}

func TestNobodyFollowsARedirect(t *testing.T) {
	t.Parallel()
	elsewhere := says(t, http.StatusOK, `{"intents": ["thanks"]}`)
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(_ int64, w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, elsewhere.URL, status) })
		failed := fails(t, client(t, classify.Config{URL: s.URL, Token: "hunter2"}))
		require.Equal(t, event.ClassifierStatus, failed.Code)
	}
	require.Zero(t, elsewhere.asked.Load())
}

func TestAnAnswerThatDoesNotComeInTimeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{"no answer": "", "half an answer": `{"intents"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over := make(chan struct{})
			s := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) {
				if begin != "" {
					_, _ = io.WriteString(w, begin)
					_ = http.NewResponseController(w).Flush()
				}
				<-over
			})
			defer close(over)
			failed := fails(t, client(t, classify.Config{URL: s.URL, Timeout: 50 * time.Millisecond}))
			require.Equal(t, event.ClassifierTimedOut, failed.Code)
			require.Equal(t, "did not answer within 50ms", failed.Error())
			require.EqualValues(t, 1, s.asked.Load())
		})
	}
}

func TestWhoIsNotThereIsUnreached(t *testing.T) {
	t.Parallel()
	s := says(t, http.StatusOK, "")
	s.Close()
	failed := fails(t, client(t, classify.Config{URL: s.URL + "/canary"}))
	require.Equal(t, event.ClassifierUnreached, failed.Code)
	require.Equal(t, "cannot be reached: connect: connection refused", failed.Error())
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	failed = fails(t, client(t, classify.Config{URL: secure.URL}))
	require.Equal(t, "cannot be reached: its certificate is not trusted", failed.Error())
}

func TestAfterFiveFailuresInARowItIsLeftAloneForAMinute(t *testing.T) {
	t.Parallel()
	well := atomic.Bool{}
	s := serve(t, func(_ int64, w http.ResponseWriter, _ *http.Request) {
		if !well.Load() {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"intents": ["thanks"]}`)
	})
	now := time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)
	c, err := classify.New(classify.Config{URL: s.URL}, func() time.Time { return now })
	require.NoError(t, err)
	for range 4 {
		fails(t, c)
	}
	well.Store(true)
	_, err = c.Ask(t.Context(), question())
	require.NoError(t, err, "four are not five")
	well.Store(false)
	for range 5 {
		require.Equal(t, event.ClassifierStatus, fails(t, c).Code)
	}
	require.EqualValues(t, 10, s.asked.Load())
	now = now.Add(time.Minute - time.Nanosecond)
	require.Equal(t, event.ClassifierRested, fails(t, c).Code)
	require.EqualValues(t, 10, s.asked.Load(), "nobody asks")
	now = now.Add(time.Nanosecond)
	require.Equal(t, event.ClassifierStatus, fails(t, c).Code, "one asks again")
	require.Equal(t, event.ClassifierRested, fails(t, c).Code, "and it rests again")
	now = now.Add(time.Minute)
	well.Store(true)
	for range 2 {
		_, err = c.Ask(t.Context(), question())
		require.NoError(t, err)
	}
	require.Equal(t, map[event.ClassifierFailure]uint64{
		"": 3, event.ClassifierStatus: 10, event.ClassifierRested: 2, event.ClassifierTimedOut: 0, event.ClassifierUnreached: 0, event.ClassifierRefused: 0,
	}, c.Tally())
}

func TestWhoCannotWaitDoesNotBlameTheClassifier(t *testing.T) {
	t.Parallel()
	s := says(t, http.StatusOK, `{"intents": ["thanks"]}`)
	c := client(t, classify.Config{URL: s.URL})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 6 {
		_, err := c.Ask(gone, question())
		var failed *classify.Failure
		require.ErrorAs(t, err, &failed)
		require.Equal(t, event.ClassifierTimedOut, failed.Code)
	}
	_, err := c.Ask(t.Context(), question())
	require.NoError(t, err)
}

func TestATextGoesOnlyWhereItMay(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"https://classifier.example.com/v1":        "",
		"http://127.0.0.1:9000/v1":                 "",
		"http://[::1]:9000":                        "",
		"http://localhost:9000":                    "",
		"http://classifier.example.com":            "TENDER_CLASSIFIER_URL: must begin with https://",
		"http://localhost.example.com":             "TENDER_CLASSIFIER_URL: must begin with https://",
		"http://10.0.0.1":                          "TENDER_CLASSIFIER_URL: must begin with https://",
		"ftp://classifier.example.com":             "TENDER_CLASSIFIER_URL: is no web address",
		"classifier.example.com":                   "TENDER_CLASSIFIER_URL: is no web address",
		"https://:443/canary":                      "TENDER_CLASSIFIER_URL: is no web address",
		"https://canary:canary@example.com":        "TENDER_CLASSIFIER_URL: must hold no user and password; set TENDER_CLASSIFIER_TOKEN",
		"https://example.com/%zz?secret=" + canary: "TENDER_CLASSIFIER_URL: is no web address",
	} {
		c, err := classify.New(classify.Config{URL: url}, time.Now)
		if says == "" {
			require.NoError(t, err)
			require.NotEmpty(t, c.Host())
			continue
		}
		require.ErrorContains(t, err, says, url)
		require.NotContains(t, err.Error(), canary)
	}
	_, err := classify.New(classify.Config{URL: "https://example.com", Token: canary + "\nX: y"}, time.Now)
	require.ErrorContains(t, err, "TENDER_CLASSIFIER_TOKEN: must be plain characters")
	require.NotContains(t, err.Error(), canary)
	_, err = classify.New(classify.Config{URL: "https://example.com", Timeout: 11 * time.Second}, time.Now)
	require.ErrorContains(t, err, "TENDER_CLASSIFIER_TIMEOUT: must lie above 0 and be at most 10s")
	c, err := classify.New(classify.Config{}, time.Now)
	require.NoError(t, err)
	require.Nil(t, c, "nobody is asked where nobody is named")
}
