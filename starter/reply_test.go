package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/report"
)

func TestAReplyIsUnderstood(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	got := x.run("reply understand 下周五还500 --on 2026-06-10 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var m reply.Meaning
	require.NoError(t, json.Unmarshal([]byte(got.out), &m))
	require.Equal(t, []reply.Intent{reply.WillPay}, m.Intents)
	require.Equal(t, "500", m.Amount.String())
	require.Equal(t, "2026-06-19", m.By.String())
	got = x.run("reply understand")
	require.NotEqual(t, exitDone, got.code)
	require.Contains(t, got.err, "TEXT is missing")
}

// classifier is a service that gives one answer, or no good one when it is empty.
func classifier(t *testing.T, answer string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answer == "" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAClassifierIsTried(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	understand := func(text, to string, more ...string) result {
		return x.typed("", append([]string{"reply", "understand", text, "--on", "2026-06-10", "--classifier", to}, more...)...)
	}
	pays := classifier(t, `{"intents": ["will_pay"], "amounts": [{"amount": "200.00", "currency": "USD"}], "dates": ["2026-06-12"]}`)
	got := understand("no more calls, but I'll send 200 on friday", pays, "--currency", "USD")
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "stop, will pay\n  amount         200.00\n  by             2026-06-12\n  understood by  classifier\n", got.out, "stop is heard")

	got = understand("will send 200 on friday", pays)
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "will pay\n  amount         200\n  by             2026-06-12\n  understood by  rules\n\n"+
		"The classifier was of no use (answer refused; amounts[0].currency: must be the currency that was asked about; where none was, leave amounts out).\n", got.out)

	got = understand("I lost my job", classifier(t, ""), "-o", "json")
	require.Equal(t, exitDone, got.code, got.err)
	require.JSONEq(t, `{"intents": ["hardship"], "cause": "job_loss", "understood_by": "rules", "classifier_failed": "status", "why": "answered with status 403, and not with 200"}`, got.out)

	got = understand("STOP", "http://127.0.0.1:1")
	require.Equal(t, "stop\n  understood by  rules\n", got.out, "it is sent nowhere")

	got = understand("I lost my job", "http://classifier.example.com")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "--classifier: must begin with https://")
}

func TestWhoUnderstoodAReplyIsShown(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	reply := func(id string) {
		t.Helper()
		got := x.typed(`{"specversion": "1.0", "source": "/core", "id": "`+id+`", "type": "borrower.replied", "subject": "loan/L-1001", "data": {"channel": "sms", "text": "I lost my job"}}`,
			"event", "send", "-f", "-")
		require.Equal(t, exitDone, got.code, got.err)
	}
	d, _ := examine(t, x, "--only", "replies")
	require.Equal(t, "are understood by the rules alone", d.about(t, "replies").Says)

	x.world.env = x.world.env.With("TENDER_CLASSIFIER_URL", classifier(t, `{"intents": ["hardship"], "cause": "illness"}`)).With("TENDER_CLASSIFIER_TOKEN", "hunter2")
	reply("R-1")
	require.Contains(t, x.run("loan show L-1001").out, "hardship, understood by the classifier")
	d, code := examine(t, x, "--only", "replies")
	require.Equal(t, exitDone, code)
	require.Equal(t, well, d.about(t, "replies").Health)
	require.Regexp(t, `^are understood by the classifier at 127\.0\.0\.1:\d+: 1 in the last day$`, d.about(t, "replies").Says)

	x.world.env = x.world.env.With("TENDER_CLASSIFIER_URL", classifier(t, ""))
	reply("R-2")
	require.Contains(t, x.run("loan show L-1001").out, "hardship, understood by the rules, classifier failed: status")
	got := x.run("doctor --only replies")
	require.Equal(t, exitDone, got.code, "borrowers are understood all the same")
	require.Contains(t, got.out, "1 of the 2 replies of the last day")
	require.Contains(t, got.out, "- status: 1\n")
	require.NotContains(t, got.out, "hunter2")

	x.world.env = x.world.env.With("TENDER_CLASSIFIER_TIMEOUT", "1h")
	require.Contains(t, x.run("doctor --only replies").err, "TENDER_CLASSIFIER_TIMEOUT: must lie above 0 and be at most 10s")
}

func TestRepliesAreMeasured(t *testing.T) {
	t.Parallel()
	x := &terminal{t: t}
	got := x.run("reply measure -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var all []report.Measured
	require.NoError(t, json.Unmarshal([]byte(got.out), &all))
	require.Len(t, all, 4)
	for _, m := range all {
		require.Len(t, m.Intents, len(reply.Intents))
	}
	file := filepath.Join(t.TempDir(), "mine.yaml")
	require.NoError(t, os.WriteFile(file, []byte("language: en\ntoday: 2026-06-10\nsentences:\n  - {text: STOP, intents: [thanks]}\n"), 0o600))
	got = x.run("reply measure --misread " + file)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "labelled thanks, understood stop")
	got = x.run("reply measure /nowhere.yaml")
	require.NotEqual(t, exitDone, got.code)
}
