package demo

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

var titles = map[string]string{
	"L-1": "pays early", "L-2": "disputes, is held, is released", "L-3": "never answers", "L-4": "second loan of L-1's borrower",
}

// seen is a look at loans in every sort of standing.
func seen(t *testing.T) glance {
	t.Helper()
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 1, 5+day, hour, minute, 0, 0, newYork) }
	return glance{
		Now: at(21, 8, 51), Day: 21, Days: 90, Messages: 65, HeldBack: 13, Web: "http://127.0.0.1:8233",
		Feed: []posted{
			{At: at(8, 10, 0), Loan: "L-1", Text: "payment.posted 102.50 USD"},
			{At: at(20, 13, 0), Loan: "L-2", Text: "hold.placed disaster_or_bereavement"},
			{At: at(21, 8, 0), Loan: "L-4", Text: "payment.posted 1.00 EUR", Refused: "the loan is in USD"},
		},
		Loans: []report.Loan{
			{
				ID: "L-1", Borrower: "B-1", Stage: "closed", Closed: at(20, 9, 0), Decisions: 12, LastStep: "thank-you@2026-01-25 sent",
			},
			{
				ID: "L-2", Borrower: "B-2", Stage: "early_arrears", PastDueDays: 10, Holds: []contact.HoldKind{contact.DisputeOpen},
				Decisions: 9, LastStep: "notice-1@2026-01-16 sent", Next: report.Next{Reason: "hold", Rule: "tender/hold"},
			},
			{
				ID: "L-3", Borrower: "B-3", Stage: "pre_charge_off", PastDueDays: 46, Decisions: 30, LastStep: "notice-5@2026-01-15 sent",
				Next: report.Next{Step: "charge-off@2026-01-15", At: at(60, 0, 0), Reason: "charge_off"},
			},
			{ID: "L-4", Borrower: "B-1"},
		},
	}
}

func TestTheTableFitsTheTerminal(t *testing.T) {
	var all strings.Builder
	for _, size := range []struct{ width, height int }{{0, 0}, {180, 40}, {140, 40}, {120, 30}, {100, 30}, {80, 24}, {80, 9}, {50, 12}, {40, 5}} {
		lines := seen(t).lines(titles, size.width, size.height)
		fmt.Fprintf(&all, "--- %d columns, %d lines\n%s\n", size.width, size.height, strings.Join(lines, "\n"))
		if size.height > 0 {
			require.LessOrEqual(t, len(lines), size.height)
		}
		for _, line := range lines {
			if size.width > 0 {
				require.LessOrEqual(t, utf8.RuneCountInString(line), size.width, line)
			}
		}
	}
	golden(t, "table.txt", all.String())
}

func TestAPipeIsToldOnlyWhatChanged(t *testing.T) {
	var out bytes.Buffer
	g := seen(t)
	p := &pipe{w: &out, titles: titles, told: map[string]string{}, zone: g.Now.Location()}
	p.show(g)
	out.WriteString("--- nothing new\n")
	p.show(g)
	out.WriteString("--- a step was done; the next one moved\n")
	g.Loans[1].LastStep, g.Loans[2].Next.At = "notice-2@2026-01-16 sent", g.Now
	p.show(g)
	out.WriteString("--- something of a minute ago is known only now\n")
	g.Feed = append(g.Feed, posted{At: g.Now.Add(-time.Minute), Loan: "L-1", Text: "payment.posted 1.00 USD"})
	p.show(g)
	golden(t, "pipe.txt", out.String())
}

func TestAScreenIsDrawnInPlaceAndGivenBack(t *testing.T) {
	var out bytes.Buffer
	width := 100
	s := &screen{w: &out, size: func() (int, int) { return width, 30 }, titles: titles}
	s.show(seen(t))
	require.True(t, strings.HasPrefix(out.String(), hideCursor+"Mon 2026-01-26"))
	drawn := strings.Count(out.String(), "\n")

	out.Reset()
	s.show(seen(t))
	require.True(t, strings.HasPrefix(out.String(), fmt.Sprintf("\x1b[%dA\r", drawn)), "it goes up as far as it came down")

	out.Reset()
	width = 60
	s.show(seen(t))
	require.True(t, strings.HasPrefix(out.String(), clearAll), "a window of another width has broken the lines")

	out.Reset()
	s.leave()
	require.Equal(t, showCursor, out.String())
}

func TestTheSummarySaysWhatWasDoneAndWhatWasPrevented(t *testing.T) {
	s := Summary{
		Days: 90, File: "lives.yaml", WebUI: "http://127.0.0.1:8233", Dir: "/tmp/tender-1",
		Loans: []Ended{
			{Loan: "L-1", Title: "pays early", Stage: "closed", ClosedOn: 62, Contacts: map[contact.Channel]int{"sms": 4, "email": 1}},
			{Loan: "L-3", Title: "never answers", Stage: "charged_off", Contacts: map[contact.Channel]int{"sms": 9}, HeldBack: 3, Differs: []string{"notice-5 was made twice and not once", "tender/hold prevented nothing"}},
			{Loan: "L-4", Title: "has died", Stage: "closed", ClosedOn: 20, Contacts: map[contact.Channel]int{}, HeldBack: 1},
		},
		Complaints: []Complaint{
			{ID: "reply-7", Loan: "L-1", Kind: "service", Raised: 12, Heard: 12, Answered: 14, Outcome: "partly_upheld", Asked: 36},
			{ID: "reply-9", Loan: "L-3", Kind: "wrong_person", Raised: 88},
		},
		Prevented: []Prevented{
			{Rule: "house/one-message-a-day", Verdict: "defer", Times: 3, Loans: []string{"L-3"}, Why: "At most one message a day to a borrower, across loans and channels"},
			{Rule: "tender/hold", Verdict: "deny", Times: 1, Loans: []string{"L-4"}, Why: "A hold stops contacts"},
		},
	}
	var out bytes.Buffer
	require.NoError(t, s.Write(&out, ""))
	require.EqualError(t, s.Failure(), "L-3 (never answers) did not end as lives.yaml says: notice-5 was made twice and not once; tender/hold prevented nothing")

	s.Loans[1].Differs, s.Prevented, s.Complaints = nil, nil, s.Complaints[:1]
	require.NoError(t, s.Failure())
	out.WriteString("--- all as it must, nothing prevented, and staying\n")
	require.NoError(t, s.Write(&out, "tender"))
	golden(t, "summary.txt", out.String())
}
