package intake_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/intake"
)

// classifier is a service that says what replies mean, and remembers what it was asked.
type classifier struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	log   bytes.Buffer
}

// classified is a house that asks a classifier, which answers so.
func classified(t *testing.T, status int, answer string, during ...func(*house)) (*house, *classifier) {
	t.Helper()
	var h *house
	c := &classifier{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		text, _ := io.ReadAll(q.Body)
		c.mu.Lock()
		c.asked = append(c.asked, string(text))
		c.mu.Unlock()
		for _, do := range during {
			do(h)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(c.Close)
	client, err := classify.New(classify.Config{URL: c.URL, Timeout: 5 * time.Second}, time.Now)
	require.NoError(t, err)
	h = newHouse(t, intake.Options{Classifier: client, Log: slog.New(slog.NewTextHandler(&c.log, nil))})
	h.must(disbursed("L-1", "B-1"))
	return h, c
}

// understood is what a reply was understood as, by whom, and why not by the classifier.
func (h *house) understood(id string) string {
	h.t.Helper()
	found := h.query(`select concat_ws(' ', data ->> 'means', data ->> 'cause', data ->> 'understood_by', data ->> 'classifier_failed') from events where id = $1`, id)
	require.Len(h.t, found, 1)
	return found[0]
}

func TestAClassifierUnderstandsRepliesInPlaceOfTheRules(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["hardship", "will_pay"], "cause": "illness", "amounts": [{"amount": "40.00", "currency": "USD"}], "dates": ["2026-02-28"]}`)
	reply := happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "chat", "point": "mobile", "text": "the moon is a balloon"}`, "time", "2026-02-20T04:30:00Z")
	h.must(reply)
	require.Equal(t, `["hardship", "will_pay"] illness classifier`, h.understood("R-1"))
	require.Equal(t, []string{
		`hardship.reported {"cause": "illness"}`,
		`promise.made {"by": "2026-02-28", "amount": "40.00", "currency": "USD"}`,
	}, h.query(`select type || ' ' || (data - 'promise')::text from events where source = 'tender' order by pk`))
	require.Len(t, c.asked, 1)
	require.JSONEq(t, `{"text": "the moon is a balloon", "languages": ["en"], "on": "2026-02-19", "currency": "USD", "channel": "chat"}`, c.asked[0],
		"it is told the date on the borrower's wall, and nothing of who wrote")

	before := h.everything()
	h.must(reply)
	require.Equal(t, before, h.everything())
	require.Len(t, c.asked, 1, "a repeat asks nobody")
	require.Empty(t, c.log.String())
}

func TestTheClassifierIsAskedWhileNothingIsLocked(t *testing.T) {
	t.Parallel()
	var (
		locked error
		open   int
	)
	h, _ := classified(t, http.StatusOK, `{"intents": ["thanks"]}`, func(h *house) {
		_, locked = h.pool.Exec(t.Context(), `select from borrowers for update nowait; select from loans for update nowait`)
		if locked == nil {
			locked = h.pool.QueryRow(t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`).Scan(&open)
		}
	})
	h.must(replied("B-1", "R-1", "the moon is a balloon"))
	require.NoError(t, locked)
	require.Zero(t, open, "no transaction waits for it")
	require.Equal(t, `["thanks"] classifier`, h.understood("R-1"))
}

func TestARepliesTimeAndSenderAreCheckedBeforeAnybodyIsAsked(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["thanks"]}`)
	for _, text := range []string{
		replied("B-9", "R-1", "who am I"),
		happened("R-2", "borrower.replied", "loan/L-9", `{"channel": "sms", "text": "who am I"}`),
		happened("R-3", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "who am I"}`, "time", "2999-01-01T00:00:00Z"),
		happened("R-4", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "who am I", "understood_by": "classifier"}`),
		happened("R-4", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "who am I", "classifier_failed": "status"}`),
	} {
		_, err := h.take(text)
		require.Error(t, err)
	}
	require.Empty(t, c.asked)
}

func TestWhenTheClassifierFailsTheRulesUnderstandAndWhyIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		answer string
		code   string
	}{
		{"a status", http.StatusForbidden, "", "status"},
		{"nonsense", http.StatusOK, "canary", "answer_refused"},
		{"another currency", http.StatusOK, `{"intents": ["will_pay"], "amounts": [{"amount": "5.00", "currency": "EUR"}]}`, "answer_refused"},
		{"a date gone by", http.StatusOK, `{"intents": ["will_pay"], "dates": ["2020-01-01"]}`, "answer_refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, asked := classified(t, c.status, c.answer)
			h.must(replied("B-1", "R-1", "I lost my job, says canary"))
			require.Equal(t, `["hardship"] job_loss rules `+c.code, h.understood("R-1"))
			require.Equal(t, []string{"hardship.reported"}, h.query(`select type from events where source = 'tender'`))
			require.Contains(t, asked.log.String(), "code="+c.code)
			require.NotContains(t, asked.log.String(), "canary")
			require.NotContains(t, strings.Join(h.query(`select data::text from events`), ""), "canary")
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		t.Parallel()
		h, c := classified(t, http.StatusOK, "")
		c.Close()
		for n := range 6 {
			h.must(replied("B-1", "R-"+string(rune('1'+n)), "I lost my job"))
		}
		require.Equal(t, `["hardship"] job_loss rules unreached`, h.understood("R-5"))
		require.Equal(t, `["hardship"] job_loss rules rested`, h.understood("R-6"))
		require.Equal(t, 5, strings.Count(c.log.String(), "code=unreached"))
	})
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		over := make(chan struct{})
		slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
		t.Cleanup(slow.Close)
		defer close(over)
		client, err := classify.New(classify.Config{URL: slow.URL, Timeout: 50 * time.Millisecond}, time.Now)
		require.NoError(t, err)
		h := newHouse(t, intake.Options{Classifier: client})
		h.must(disbursed("L-1", "B-1"))
		h.must(replied("B-1", "R-1", "I lost my job"))
		require.Equal(t, `["hardship"] job_loss rules timed_out`, h.understood("R-1"))
	})
}

func TestWhatMustNotBeLostIsHeardWhateverTheClassifierSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, answer, means string }{
		{"a death", "Ada passed away last month", `["call"]`, `["hardship", "call"] bereavement`},
		{"a stop", "please do not text me again", `["thanks"]`, `["stop", "thanks"]`},
		{"a stop that is nothing else", "please do not text me again", `["unclear"]`, `["stop"]`},
		{"a complaint", "I want to make a complaint about your agent", `["call"]`, `["complaint", "call"]`},
		{"another person", "You have the wrong number, I am not Ada", `["unclear"]`, `["wrong_person"]`},
		{"what the rules read otherwise is the classifier's", "I already paid this yesterday", `["thanks"]`, `["thanks"]`},
		{"a stop that only the classifier finds", "the moon is a balloon", `["stop"]`, `["stop"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, _ := classified(t, http.StatusOK, `{"intents": `+c.answer+`}`)
			h.must(replied("B-1", "R-1", c.text))
			require.Equal(t, c.means+" classifier", h.understood("R-1"))
			stops := map[bool]int{true: 1}[strings.Contains(c.means, "stop")]
			require.Len(t, h.query(`select borrower_id from wishes`), stops)
		})
	}
}

func TestWhatNeedsNoReadingIsNotSentAnywhere(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["thanks"]}`)
	for id, data := range map[string]string{
		"word":    `{"channel": "sms", "text": "STOP"}`,
		"mail":    `{"channel": "email", "text": "unsubscribe!\n\nOn 2026-02-01 the lender wrote:\n> Dear Ada"}`,
		"chinese": `{"channel": "sms", "text": "退订"}`,
		"digits":  `{"channel": "sms", "text": "500 :-("}`,
		"long":    `{"channel": "email", "text": "` + strings.Repeat("word ", 1000) + `"}`,
		"quote":   `{"channel": "email", "text": "> Dear Ada"}`,
		"sender":  `{"channel": "chat", "text": "hm", "means": ["thanks"]}`,
		"intent":  `{"channel": "chat", "text": "hm", "intent": "stop"}`,
		"answer":  `{"channel": "chat", "answer": "yes"}`,
	} {
		h.must(happened(id, "borrower.replied", "loan/L-1", data))
	}
	require.Empty(t, c.asked)
	require.Empty(t, h.query(`select id from events where data ? 'understood_by'`))
	require.Len(t, h.query(`select id from events where data ->> 'intent' = 'stop'`), 4)
}

func TestAMailIsSentWithoutWhatItQuotesOfOurs(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["question"], "topic": "fees"}`)
	h.must(happened("R-1", "borrower.replied", "borrower/B-1", `{"channel": "email", "text": "what fee?\n\nOn 2026-02-01 the lender wrote:\n> Dear Ada Canary"}`))
	require.Len(t, c.asked, 1)
	var asked classify.Question
	require.NoError(t, json.Unmarshal([]byte(c.asked[0]), &asked))
	require.Equal(t, "what fee?", asked.Text)
	require.Equal(t, "USD", asked.Currency, "the loans of the borrower have one currency")
	require.NotContains(t, strings.ToLower(c.asked[0]), "canary")
}

func TestAReplyAboutLoansInSeveralCurrenciesCanNameNoAmount(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["will_pay"], "dates": ["2999-01-01"]}`)
	h.must(disbursed("L-2", "B-1"))
	h.exec(`update loans set currency = 'EUR' where id = 'L-2'`)
	h.must(replied("B-1", "R-1", "the moon is a balloon"))
	require.Len(t, c.asked, 1)
	require.NotContains(t, c.asked[0], "currency")
	require.Equal(t, `["unclear"] rules answer_refused`, h.understood("R-1"))
}

func TestAYesOfTheClassifierStandsUnlessTheTextSaysNo(t *testing.T) {
	t.Parallel()
	h, _ := classified(t, http.StatusOK, `{"intents": ["unclear"], "answer": "yes"}`)
	for id, text := range map[string]string{"R-1": "that would suit me very well", "R-2": "no", "R-3": "yes"} {
		h.must(replied("B-1", id, text))
	}
	require.Equal(t, []string{"R-1 yes", "R-2 ", "R-3 yes"}, h.query(`select id || ' ' || coalesce(data ->> 'answer', '') from events where type = 'borrower.replied' order by id`))
}

func TestTheRemarkBesideARatingIsWhatTheClassifierSays(t *testing.T) {
	t.Parallel()
	h, _ := classified(t, http.StatusOK, `{"intents": ["call"]}`)
	h.exec(`insert into contacts (key, borrower_id, loan_ids, step_key, channel, direction, purpose, template, at) values
		('ask-1', 'B-1', '{L-1}', 'survey-satisfied@2026-02-01', 'sms', 'outbound', 'survey', 'survey', now())`)
	h.must(replied("B-1", "R-1", "4, I lost my job"))
	require.Equal(t, `["call"] classifier`, h.understood("R-1"))
	require.Equal(t, []string{`["call"]`}, h.query(`select data ->> 'means' from events where type = 'survey.answered'`))
}

func TestRepliesThatComeTogetherAreEachUnderstood(t *testing.T) {
	t.Parallel()
	h, c := classified(t, http.StatusOK, `{"intents": ["thanks"]}`)
	var events []cloudevent
	for _, id := range []string{"R-1", "R-2", "R-1"} {
		e, err := intake.Parse([]byte(replied("B-1", id, "the moon is a balloon")))
		require.NoError(t, err)
		events = append(events, e)
	}
	taken := h.door.TakeAll(t.Context(), events, "tester")
	for _, one := range taken {
		require.NoError(t, one.Err)
	}
	require.True(t, taken[2].Before)
	require.Len(t, c.asked, 2)
}
