package intake_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/intake"
)

// classified is a house whose replies a service understands, which answers as answer says and counts how often it was asked.
func classified(t *testing.T, status int, answer string) (*house, *atomic.Int64) {
	t.Helper()
	asked := &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	c, err := classify.New(classify.Options{URL: s.URL})
	require.NoError(t, err)
	return newHouse(t, intake.Options{Classifier: c}), asked
}

// understood is what is kept of the replies: what they mean, and who said so.
func (h *house) understood() []string {
	h.t.Helper()
	return h.query(`select concat_ws(' ', data ->> 'means', data ->> 'understood', data ->> 'unheard') from events where type = 'borrower.replied' order by pk`)
}

func TestAClassifierUnderstandsInPlaceOfTheRules(t *testing.T) {
	t.Parallel()
	h, asked := classified(t, http.StatusOK, `{"intents": ["hardship"], "cause": "illness"}`)
	h.must(disbursed("L-1", "B-1"))
	text := replied("B-1", "R-1", "the moon is a balloon")
	h.must(text)
	require.Equal(t, []string{`["hardship"] classifier`}, h.understood())
	require.Equal(t, []string{`hardship.reported borrower/B-1 {"cause": "illness"}`}, h.happenings())
	h.must(text)
	require.EqualValues(t, 1, asked.Load(), "a repeat asks nobody")
}

func TestWhereAClassifierFailsTheRulesDecide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status       int
		answer, code string
	}{
		"away":  {http.StatusBadGateway, "", "status_502"},
		"wrong": {http.StatusOK, `{"intents": ["joy"]}`, "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := classified(t, test.status, test.answer)
			h.must(disbursed("L-1", "B-1"))
			h.must(replied("B-1", "R-1", "I lost my job"))
			require.Equal(t, []string{`["hardship"] rules ` + test.code}, h.understood())
			require.Equal(t, []string{`hardship.reported borrower/B-1 {"cause": "job_loss"}`}, h.happenings())
		})
	}
}

func TestAClassifierOverlooksNoComplaintAndIsNotAskedAboutAStop(t *testing.T) {
	t.Parallel()
	h, asked := classified(t, http.StatusOK, `{"intents": ["thanks"]}`)
	h.must(disbursed("L-1", "B-1"))
	h.must(replied("B-1", "R-1", "I want to make a complaint about your agent"))
	require.Equal(t, []string{`["complaint", "thanks"] classifier`}, h.understood())
	require.EqualValues(t, 1, asked.Load())
	h.must(replied("B-1", "R-2", "STOP"))
	require.EqualValues(t, 1, asked.Load())
	require.Equal(t, `["stop"]`, h.understood()[1])
	h.must(happened("R-3", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "whatever", "means": ["paid"], "understood": "me", "unheard": "nobody"}`))
	require.EqualValues(t, 1, asked.Load(), "its sender has understood it")
	require.Equal(t, `["paid"]`, h.understood()[2])
}
