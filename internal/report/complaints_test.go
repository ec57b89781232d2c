package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/store"
)

// deaf stands in for Temporal.
type deaf struct{}

// Deliver implements [intake.Courier].
func (deaf) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	return journey.Answer{Loan: e.Loan, Stage: "registered", Reason: "complaint_heard"}, nil
}

// happens puts an event of a complaint through the door.
func happens(t *testing.T, s *store.Store, id, kind, subject, at, actor, data string) {
	t.Helper()
	e := cloudevents.New()
	e.SetSource("/desk")
	e.SetID(id)
	e.SetType(kind)
	e.SetSubject(subject)
	when, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	e.SetTime(when)
	require.NoError(t, e.SetData("application/json", json.RawMessage(data)))
	_, err = intake.New(s, deaf{}, intake.Options{}).Take(t.Context(), e, actor)
	require.NoError(t, err)
}

// openAt opens a database where it is an instant.
func openAt(t *testing.T, url string, business time.Time) *store.Store {
	t.Helper()
	probe, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	defer probe.Close()
	wall := probe.Clock().Wall(business)
	s, err := store.Open(t.Context(), url, store.WithNow(func() time.Time { return wall }))
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestADeadlineIsSoonAtFourFifthsAndLateWhenItsLastDayIsOver(t *testing.T) {
	t.Parallel()
	url := reporttest.Database(t)
	s := openAt(t, url, reporttest.Now)
	// In China three days after 2 February are over at midnight of the 5th in Shanghai; raised at midnight, four days in all.
	happens(t, s, "e-1", "complaint.raised", "loan/L-1002", "2026-02-01T16:00:00Z", "desk", `{"complaint": "CP-1", "kind": "charges"}`)
	over := time.Date(2026, 2, 5, 16, 0, 0, 0, time.UTC)
	soon := over.Add(-96 * time.Hour / 5)
	regimes := intake.ShippedRegimes()
	for _, test := range []struct {
		at         time.Time
		left       int
		soon, late bool
		text       string
	}{
		{over.Add(-24*time.Hour - time.Second), 1, false, false, "\x1b[39m1 day left\x1b[39m"},
		{over.Add(-24 * time.Hour), 0, false, false, "\x1b[39mtoday\x1b[39m"},
		{soon.Add(-time.Second), 0, false, false, "\x1b[39mtoday\x1b[39m"},
		{soon, 0, true, false, "\x1b[33mtoday\x1b[39m"},
		{over.Add(-time.Second), 0, true, false, "\x1b[33mtoday\x1b[39m"},
		{over, -1, false, true, "\x1b[31m1 day late\x1b[39m"},
		{over.Add(24 * time.Hour), -2, false, true, "\x1b[31m2 days late\x1b[39m"},
	} {
		c, err := report.FindComplaint(t.Context(), openAt(t, url, test.at), regimes, "CP-1")
		require.NoError(t, err)
		require.Equal(t, []any{"front_line", "2026-02-05", test.left, test.soon, test.late}, []any{c.Due.ID, c.Due.Date.String(), c.Due.Left, c.Due.Soon, c.Due.Late}, test.at)
		require.Equal(t, "decision", c.Promised.ID)
		var text bytes.Buffer
		require.NoError(t, report.WriteComplaints(&text, report.Style{Color: true}, []report.Complaint{c}, false))
		require.Contains(t, text.String(), test.text, test.at)
	}
}

func TestAComplaintThatNobodyKnowsIsNotFound(t *testing.T) {
	t.Parallel()
	s := lives(t)
	for _, id := range []string{"CP-9", ""} {
		_, err := report.FindComplaint(t.Context(), s, intake.ShippedRegimes(), id)
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = report.OpenComplaint(t.Context(), s, intake.ShippedRegimes(), id, true)
		require.ErrorIs(t, err, store.ErrNotFound)
	}
	var text bytes.Buffer
	require.NoError(t, report.WriteComplaints(&text, report.Style{}, nil, false))
	require.Equal(t, "No complaint waits for an answer.\n", text.String())
}

func TestWhatIsSaidOfAComplaintIsPersonalAndSteersNoTerminal(t *testing.T) {
	t.Parallel()
	s := openAt(t, reporttest.Database(t), reporttest.Now)
	happens(t, s, "e-1", "complaint.raised", "loan/L-1001", "2026-02-09T15:00:00Z", "desk", `{"complaint": "CP-1", "kind": "fraud", "text": "canary \u001b[2J"}`)
	happens(t, s, "e-2", "complaint.acknowledged", "complaint/CP-1", "2026-02-09T16:00:00Z", "kim\x1b[31m", `{"by": "kim"}`)
	happens(t, s, "e-3", "complaint.noted", "complaint/CP-1", "2026-02-09T17:00:00Z", "desk", `{"text": "canary was called"}`)
	happens(t, s, "e-4", "complaint.resolved", "complaint/CP-1", "2026-02-09T18:00:00Z", "desk", `{"outcome": "rejected", "reasons": "Dear canary, we looked.", "releases": true, "by": "dora"}`)
	for _, texts := range []bool{false, true} {
		f, err := report.OpenComplaint(t.Context(), s, intake.ShippedRegimes(), "CP-1", texts)
		require.NoError(t, err)
		require.Equal(t, complaint.Answered, f.State)
		require.Nil(t, f.Due)
		require.False(t, f.Rests)
		require.False(t, f.Hold.Released.IsZero())
		var text bytes.Buffer
		require.NoError(t, f.Write(&text, report.Style{}))
		encoded, err := json.Marshal(f)
		require.NoError(t, err)
		for _, written := range []string{text.String(), string(encoded)} {
			require.Equal(t, texts, bytes.Contains([]byte(written), []byte("canary")))
			require.NotContains(t, written, "\x1b")
		}
		if texts {
			require.Contains(t, text.String(), "| canary was called\n")
			require.Contains(t, text.String(), "| Dear canary, we looked.\n")
		}
	}
}
