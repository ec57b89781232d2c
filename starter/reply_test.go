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
	for text, says := range map[string]string{
		"language: fr\ntoday: 2026-06-10\nsentences:\n  - {text: STOP, intents: [stop]}\n":            `:1:11: language: "fr" has no rules; use one of en, zh-CN`,
		"language: en\ntoday: 2026-06-10\nsentences:\n  - {text: hm, intents: [paid], topic: fees}\n": ":4:40: sentences[0].topic: belongs to the intent question; write that in intents as well",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		got = x.run("reply measure " + file)
		require.Equal(t, exitRefused, got.code)
		require.Contains(t, got.err, file+says)
	}
	got = x.run("reply measure /nowhere.yaml")
	require.NotEqual(t, exitDone, got.code)
}

func TestAClassifierOfOnesOwnIsTried(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"intents": ["thanks"]}`)
	}))
	t.Cleanup(service.Close)
	x := &terminal{t: t}
	got := x.run("reply understand balloon --classifier " + service.URL)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "the classifier answered with status 401; in an installation the rules would decide")
	x.world.env = x.world.env.With("TENDER_CLASSIFIER_TOKEN", "s3cret")
	got = x.run("reply understand balloon --classifier " + service.URL)
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "thanks\n", got.out)
	got = x.run("reply understand hello --classifier http://nlp.example.com")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "--classifier: must begin with https")
}
