package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
)

func TestWhatBorrowersAddedIsListed(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, "Nobody added anything.\n", x.run("survey remarks").out)
	require.JSONEq(t, "[]", x.run("survey remarks -o json").out)
	for n, answer := range []struct{ loan, at, data string }{
		{"L-1001", "2025-01-05T10:00:00Z", `"question": "helped", "score": 4, "remark": "long ago"`},
		{"L-1002", "2026-02-01T10:00:00Z", `"question": "helped", "score": 2, "remark": "I lost my job"`},
		{"L-1004", "2026-02-02T11:30:00Z", `"question": "satisfied", "score": 5, "remark": "very kind,\n\u001b[31mthank you", "means": ["thanks", "will_pay"]`},
		{"L-1004", "2026-02-03T10:00:00Z", `"question": "satisfied", "score": 5`},
	} {
		sent := x.typed(fmt.Sprintf(`{"specversion": "1.0", "source": "/survey", "id": "s-%d", "time": %q, "type": "survey.answered", "subject": "loan/%s",
			"data": {%s}}`, n, answer.at, answer.loan, answer.data), "event", "send", "-f", "-")
		require.Equal(t, exitDone, sent.code, sent.err)
	}
	listed := func(line string) (all []report.Added) {
		got := x.run("survey remarks -o json " + line)
		require.Equal(t, exitDone, got.code, got.err)
		require.NoError(t, json.Unmarshal([]byte(got.out), &all))
		return all
	}
	all := listed("")
	require.Equal(t, []report.Added{
		{
			At: time.Date(2026, 2, 2, 11, 30, 0, 0, time.UTC), Loan: "L-1004", Question: "satisfied", Score: 5, Means: []event.Intent{event.Thanks, event.WillPay},
			Text: "very kind,\n\x1b[31mthank you",
		},
		{At: time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC), Loan: "L-1002", Question: "helped", Score: 2, Means: []event.Intent{event.InTrouble}, Text: "I lost my job"},
	}, all, "the latest first; a number alone is no remark, and the one of before last year is not asked for")
	require.Len(t, listed("--since 2025-01-01"), 3)
	require.Equal(t, all[1:], listed("--question helped"))
	require.Equal(t, all[:1], listed("--since 2026-02-01T10:00:01Z"))

	require.Equal(t, "WHEN              LOAN    QUESTION   SCORE  UNDERSTOOD AS     TEXT\n"+
		"2026-02-02 11:30  L-1004  satisfied  5      thanks, will pay  very kind, [31mthank you\n"+
		"\nThere may be more; see --limit.\n", x.run("survey remarks --limit 1").out, "one line each, and nothing that steers a terminal")

	for line, says := range map[string]string{
		"--since soon":     `--since "soon" is no date and no instant; write such as 2026-01-31`,
		"--question liked": `--question "liked" is none of the bank; use one of understood, helped, satisfied, complaint`,
		"--limit 0":        "--limit 0: give a number from 1 to 10000",
		"x":                "one argument too many",
	} {
		got := x.run("survey remarks " + line)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.err, says)
	}
	require.NotContains(t, x.run("survey report").out, "lost my job")
}
