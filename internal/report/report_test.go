package report_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

// lives opens a database of the test's own with the four lives.
func lives(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), reporttest.Database(t))
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func ids(loans []report.Loan) []string {
	all := []string{}
	for _, l := range loans {
		all = append(all, l.ID)
	}
	return all
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	s := lives(t)
	for _, test := range []struct {
		name   string
		filter report.Filter
		want   []string
	}{
		{"all", report.Filter{}, []string{"L-1001", "L-1002", "L-1003", "L-1004"}},
		{"stage", report.Filter{Stage: journey.DueSoon}, []string{"L-1002"}},
		{"bucket", report.Filter{Bucket: "1-29"}, []string{"L-1001"}},
		{"nine days past due, as counted today and not at the decision", report.Filter{PastDue: 9}, []string{"L-1001"}},
		{"ten days past due", report.Filter{PastDue: 10}, []string{}},
		{"hold", report.Filter{Hold: contact.BreathingSpace}, []string{"L-1002"}},
		{"a hold that was released binds no more", report.Filter{Hold: contact.DisputeOpen}, []string{}},
		{"a page", report.Filter{After: "L-1001", Most: 2}, []string{"L-1002", "L-1003"}},
		{"together", report.Filter{Stage: journey.DueSoon, Hold: contact.DisputeOpen}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found, err := report.List(t.Context(), s, test.filter)
			require.NoError(t, err)
			require.Equal(t, test.want, ids(found))
		})
	}
}

func TestALoanWhoseDisbursementWasRefusedIsNoLoan(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), reporttest.Database(t)
	s, err := store.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	before, err := s.CountLoans(ctx)
	require.NoError(t, err)
	refuse(t, url)

	all, err := report.List(ctx, s, report.Filter{})
	require.NoError(t, err)
	require.NotContains(t, ids(all), "L-1004")
	after, err := s.CountLoans(ctx)
	require.NoError(t, err)
	require.Equal(t, before.Open-1, after.Open)
	late, err := s.LateJourneys(ctx, sqlc.LateJourneysParams{Wall: time.Now().Add(time.Hour), Most: 10})
	require.NoError(t, err)
	for _, row := range late {
		require.NotEqual(t, "L-1004", row.ID)
	}

	life, err := report.Live(ctx, s, "L-1004", false)
	require.NoError(t, err, "who asks for it by its id learns what became of it")
	var text bytes.Buffer
	require.NoError(t, life.Write(&text, report.Style{}))
	require.Contains(t, text.String(), "Loan L-1004  refused\n")
	require.Contains(t, text.String(), "the disbursement was refused, so there is no loan; send a corrected one")
}

// refuse makes the journey of L-1004 have refused its disbursement.
func refuse(t *testing.T, url string) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	_, err = db.Exec(t.Context(), `update deliveries set state = 'refused' where loan_id = 'L-1004'`)
	require.NoError(t, err)
}

func TestADisbursementIsShownOnItsDate(t *testing.T) {
	t.Parallel()
	found, err := report.Find(t.Context(), lives(t), "L-1002") // told at 10:00 in Shanghai, which is the day before in New York
	require.NoError(t, err)
	require.Equal(t, bizclock.MustDate("2026-01-05"), found.Disbursed)
}

func TestPastDueDaysCountInTheZoneOfTheContract(t *testing.T) {
	t.Parallel()
	url := reporttest.Database(t)
	// 05:30 UTC of the 11th is the 11th in New York, and still the 10th in Chicago, where the contract counts.
	open := func(business time.Time) *store.Store {
		probe, err := store.Open(t.Context(), url)
		require.NoError(t, err)
		defer probe.Close()
		at := probe.Clock().Wall(business)
		s, err := store.Open(t.Context(), url, store.WithNow(func() time.Time { return at }))
		require.NoError(t, err)
		t.Cleanup(s.Close)
		return s
	}

	found, err := report.Find(t.Context(), open(time.Date(2026, 2, 11, 5, 30, 0, 0, time.UTC)), "L-1001")
	require.NoError(t, err)
	require.Equal(t, 9, found.PastDueDays)
	found, err = report.Find(t.Context(), open(time.Date(2026, 2, 11, 6, 30, 0, 0, time.UTC)), "L-1001")
	require.NoError(t, err)
	require.Equal(t, 10, found.PastDueDays)

	list, err := report.List(t.Context(), open(time.Date(2026, 2, 11, 5, 30, 0, 0, time.UTC)), report.Filter{PastDue: 10})
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestInstantsAreInTheBorrowersZoneOrElseTheContracts(t *testing.T) {
	t.Parallel()
	s := lives(t)
	ada, err := report.Find(t.Context(), s, "L-1001")
	require.NoError(t, err)
	require.Equal(t, "America/New_York", ada.TimeZone)
	require.Equal(t, "America/Chicago", ada.Contract().String())
	require.Equal(t, "Wed 2026-02-11 09:20 EST", report.Moment(ada.Next.At))

	chi, err := report.Find(t.Context(), s, "L-1003")
	require.NoError(t, err)
	require.Equal(t, "Asia/Tokyo", chi.TimeZone, "the zone of the borrower is not known")
}

func TestAmountsAreWrittenWithTheMinorUnitsOfTheirCurrency(t *testing.T) {
	t.Parallel()
	found, err := report.List(t.Context(), lives(t), report.Filter{})
	require.NoError(t, err)
	require.Equal(t, "600.00", found[0].Outstanding)
	require.Equal(t, "150.00", found[0].PastDue)
	require.Equal(t, "0", found[2].Outstanding, "the yen has no smaller unit")
}

func TestAnUnknownLoanIsNotFound(t *testing.T) {
	t.Parallel()
	s := lives(t)
	_, err := report.Find(t.Context(), s, "L-9")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = report.Live(t.Context(), s, "L-9", false)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = report.Explain(t.Context(), s, "L-9")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestALifeTellsEverythingOnceAndInOrder(t *testing.T) {
	t.Parallel()
	life, err := report.Live(t.Context(), lives(t), "L-1001", false)
	require.NoError(t, err)
	var told []string
	last := time.Time{}
	for _, e := range life.Entries {
		require.False(t, e.At.Before(last), "%s stands too late", e.What)
		last = e.At
		told = append(told, string(e.Sort)+" "+e.What)
	}
	require.Equal(t, []string{
		"came_in loan.disbursed", "sent welcome@2026-01-02", "held_back follow-up@2026-01-02", "came_in payment.posted",
		"came_in payment.reversed", "came_in payment.posted", "asked notice-1@2026-02-01", "held_back notice-1@2026-02-01", "sent notice-1@2026-02-01",
		"sent notice-1@2026-02-01", "task hardship-job_loss@2026-02-06", "task notice-1@2026-02-01", "told tender.charge_off", "told tender.charge_off",
		"asked notice-2@2026-02-01",
	}, told)
}

func TestALifeHoldsNothingPersonalUnlessMessagesAreAskedFor(t *testing.T) {
	t.Parallel()
	s := lives(t)
	for _, texts := range []bool{false, true} {
		life, err := report.Live(t.Context(), s, "L-1001", texts)
		require.NoError(t, err)
		var text bytes.Buffer
		require.NoError(t, life.Write(&text, report.Style{}))
		encoded, err := json.Marshal(life)
		require.NoError(t, err)
		for _, written := range []string{text.String(), string(encoded)} {
			require.NotContains(t, written, "+12025550142")
			require.NotContains(t, written, "canary.example")
			require.Equal(t, texts, bytes.Contains([]byte(written), []byte("Ada Canary")))
		}
		require.NotContains(t, text.String(), "\x1b", "a message must not steer the terminal")
	}
}

func TestAnExplanationKnowsWhatCameSince(t *testing.T) {
	t.Parallel()
	s := lives(t)
	e, err := report.Explain(t.Context(), s, "L-1001")
	require.NoError(t, err)
	require.False(t, e.Final)
	require.EqualValues(t, 7, e.Decision.Seq)
	require.Zero(t, e.Since, "an event that the journey refused changes nothing")
	require.Equal(t, bizclock.MustDate("2026-02-06"), e.Decision.Watermark)

	fresh, err := report.Explain(t.Context(), s, "L-1004")
	require.NoError(t, err)
	require.Nil(t, fresh.Decision)
}
