package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// complained opens a database of the test's own with the portfolio about which people complain.
func complained(t *testing.T) (*store.Store, string) {
	t.Helper()
	url := reporttest.DatabaseOfComplaints(t)
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s, url
}

var since, until = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)

// by are the rows of a dimension, by name.
func by(t *testing.T, s *store.Store, d report.Dimension) map[string]report.Complained {
	t.Helper()
	found, err := report.ComplaintsRaised(t.Context(), s, since, until, d)
	require.NoError(t, err)
	require.Len(t, found.By, 1)
	rows, complaints := map[string]report.Complained{}, int64(0)
	for _, row := range found.By[0].Rows {
		rows[row.Name] = row
		complaints += row.Complaints
	}
	require.EqualValues(t, 13, found.All.Complaints)
	require.GreaterOrEqual(t, complaints, found.All.Complaints, "each is counted, by whatever it is")
	return rows
}

func TestComplaintsAreReportedOn(t *testing.T) {
	t.Parallel()
	s, _ := complained(t)
	t.Run("by contacts and accounts", func(t *testing.T) { countsContacts(t, s) })
	t.Run("by the agents who are meant, or who called before", func(t *testing.T) { findsAgents(t, s) })
	t.Run("in exports, with their words", func(t *testing.T) { exports(t, s) })
	t.Run("as no loans", func(t *testing.T) { isNoLoan(t, s) })
}

func countsContacts(t *testing.T, s *store.Store) {
	t.Helper()
	templates := by(t, s, report.ByTemplate)
	require.EqualValues(t, 100, templates["notice-2"].Contacts, "those of last year are not counted")
	require.EqualValues(t, 400, templates["reminder"].Contacts)
	require.NotContains(t, templates, "never", "what never left draws no complaints")
	strategies := by(t, s, report.ByStrategy)
	require.EqualValues(t, 140, strategies["firm@1"].Contacts, "with those of a loan after it was moved")
	require.EqualValues(t, 512, strategies["gentle-installment@1"].Contacts, "and without those before")
	require.EqualValues(t, 3, strategies["firm@1"].Accounts)
	require.EqualValues(t, 4, strategies["gentle-installment@1"].Accounts, "the loan that was moved was under both")
	require.EqualValues(t, 6, templates["notice-2"].Accounts, "a complaint is no account")
}

// What is said about a complaint is an answer to it: it neither dilutes what draws complaints, nor is it anything that a strategy did.
func TestMessagesAboutAComplaintCountForNothingThatDrawsOne(t *testing.T) {
	t.Parallel()
	s, url := complained(t)
	all, err := report.ComplaintsRaised(t.Context(), s, since, until, report.ByStrategy)
	require.NoError(t, err)
	fares, err := report.Fares(t.Context(), s)
	require.NoError(t, err)

	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	say := func(key, purpose, template, loans string) {
		_, err := db.Exec(t.Context(), `insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at)
			values ($1, 'B-1', $4::text[], $1, 'sms', 'mobile', 'outbound', $2, $3, 'outbox', '2026-01-21 15:00Z')`, key, purpose, template, loans)
		require.NoError(t, err)
	}
	say("acknowledge@C-100", "complaint_reply", "complaint-acknowledged", "{complaint.C-100,L-2001}")
	say("acknowledge@C-205", "complaint_reply", "complaint-acknowledged", "{complaint.C-205}")
	again, err := report.ComplaintsRaised(t.Context(), s, since, until, report.ByStrategy)
	require.NoError(t, err)
	again.Now = all.Now
	require.Equal(t, all, again)
	found, err := report.Fares(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, fares, found)

	say("survey.complaint@C-203", "survey", "survey-complaint", "{complaint.C-203,L-1001}")
	require.EqualValues(t, 140, by(t, s, report.ByStrategy)["firm@1"].Contacts, "the complaint has a row with a strategy, which accompanies no loan")
}

func findsAgents(t *testing.T, s *store.Store) {
	t.Helper()
	agents := by(t, s, report.ByAgent)
	require.EqualValues(t, 120, agents["ann"].Contacts)
	require.EqualValues(t, 3, agents["ann"].Complaints)
	require.EqualValues(t, 2, agents["ann"].Meant, "the third was taken down by bob, and is about the call before")
	require.EqualValues(t, 6, agents["bob"].Complaints)
	require.NotContains(t, agents, "cleo", "who called before bob did")
	require.EqualValues(t, 4, agents[""].Complaints, "of other loans nobody was called")
}

func TestAnAnswerIsLateWheneverItWas(t *testing.T) {
	t.Parallel()
	s, url := complained(t)
	kinds := by(t, s, report.ByKind)
	require.Equal(t, report.Share{Count: 2, Of: 2}, kinds["charges"].Late, "one came late, and one has not come")
	require.Equal(t, report.Share{}, kinds["technical"].Late, "it was taken back")
	require.Equal(t, report.Share{Count: 1, Of: 1}, kinds["amount"].Reopened)
	require.Equal(t, report.Took{Of: 1, Median: 2 * 86400, Ninety: 2 * 86400}, kinds["amount"].Answered, "by the first answer")
	require.Equal(t, report.Share{Count: 1, Of: 1}, kinds["amount"].Upheld, "by the last")
	require.EqualValues(t, 2, kinds["amount"].Merged)

	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	_, err = db.Exec(t.Context(), `update complaints set facts = jsonb_set(facts, '{answer,late}', 'false') where id = 'C-201'`)
	require.NoError(t, err)
	require.Equal(t, report.Share{Count: 2, Of: 2}, by(t, s, report.ByKind)["charges"].Late, "whoever answered outside of Tender did not say so")

	// A deadline that had passed when the clocks began anew was missed; and nothing took less than no time, whatever was once recorded.
	require.Equal(t, report.Share{Of: 1}, kinds["amount"].Late)
	_, err = db.Exec(t.Context(), `update complaints set facts = facts || '{"missed": [{"deadline": "old_answer", "due": "2026-01-23", "round": 1}]}' where id = 'C-203'`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `update complaints set facts = jsonb_set(facts || '{"acknowledged": "2025-01-01T00:00:00Z"}', '{earlier,0,at}', '"2025-01-02T00:00:00Z"') where id = 'C-203'`)
	require.NoError(t, err)
	amount := by(t, s, report.ByKind)["amount"]
	require.Equal(t, report.Share{Count: 1, Of: 1}, amount.Late)
	require.Equal(t, []report.Took{{Of: 1}, {Of: 1}}, []report.Took{amount.Acknowledged, amount.Answered})
	file, err := report.OpenComplaint(t.Context(), s, intake.ShippedRegimes(), "C-203", false)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, file.Write(&text, report.Style{}))
	require.Contains(t, text.String(), "Passed unanswered\n  old_answer  2026-01-23  round 1\n")
	require.Contains(t, text.String(), "amount: the amount, or the debt itself, is disputed")
}

func TestAComplaintOfACallIsToldOfOnceAndIsNoDuty(t *testing.T) {
	t.Parallel()
	s, url := complained(t)
	life, err := report.Live(t.Context(), s, "L-2001", false)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, life.Write(&text, report.Style{}))
	require.Equal(t, 1, bytes.Count(text.Bytes(), []byte("C-204")), "as the event of its own that it is")
	require.Contains(t, text.String(), "complaint.raised: C-204, unsorted")

	library, err := compliance.Load("")
	require.NoError(t, err)
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	_, err = db.Exec(t.Context(), `update borrowers set jurisdiction = 'gb'`)
	require.NoError(t, err)
	duties, err := report.Duties(t.Context(), s, library, "L-2001")
	require.NoError(t, err)
	require.Empty(t, duties, "by when it is answered is its regime's to say")
}

func exports(t *testing.T, s *store.Store) {
	t.Helper()
	file, err := report.Everything(t.Context(), s, "B-1")
	require.NoError(t, err)
	require.True(t, file.Audit.Whole, file.Audit.Breaks)
	var data struct {
		Loans      []struct{ ID string }
		Complaints []struct {
			ID     string
			Merged []string
			Facts  struct{ Reopened int }
			Events []struct {
				Type     string
				Personal struct{ Text string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(file.Data, &data))
	for _, l := range data.Loans {
		require.NotContains(t, l.ID, "complaint.")
	}
	require.Len(t, data.Complaints, 13)
	for _, c := range data.Complaints {
		require.Equal(t, "complaint.raised", c.Events[0].Type)
		require.Equal(t, "the words of "+c.ID, c.Events[0].Personal.Text)
		if c.ID == "C-203" {
			require.Equal(t, []string{"C-203-again-1", "C-203-again-2"}, c.Merged)
			require.Equal(t, 1, c.Facts.Reopened)
		}
	}
	var page bytes.Buffer
	require.NoError(t, file.WriteHTML(&page))
	for _, words := range []string{"the words of C-203", "C-203-again-1, C-203-again-2", "final_answer: 2026-02-06", "partly_upheld", "from complaints desk to independent reviewer"} {
		require.True(t, strings.Contains(page.String(), words), words)
	}
	require.False(t, strings.Contains(page.String(), "no value"))
}

func isNoLoan(t *testing.T, s *store.Store) {
	t.Helper()
	all, err := report.List(t.Context(), s, report.Filter{})
	require.NoError(t, err)
	require.Equal(t, []string{"L-1001", "L-1002", "L-1003", "L-1004", "L-2001", "L-2002", "L-2003"}, ids(all))
	counts, err := s.CountLoans(t.Context())
	require.NoError(t, err)
	require.Equal(t, sqlc.CountLoansRow{Open: 6, Closed: 1, Journeys: 5 + 14}, counts)
	ledgers, err := s.Ledgers(t.Context())
	require.NoError(t, err)
	for _, row := range ledgers {
		require.Equal(t, "/lending/core", row.Source, "nobody waits for the postings of who sends complaints")
	}
	fares, err := report.Fares(t.Context(), s)
	require.NoError(t, err)
	for _, f := range fares {
		require.LessOrEqual(t, f.Loans, int64(4), f.Strategy)
	}
	life, err := report.Live(t.Context(), s, "complaint.C-203", false)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, life.Write(&text, report.Style{}))
	require.Contains(t, text.String(), "Complaint C-203  registered\n")
	require.NotContains(t, text.String(), "disbursed")
}

func TestASurveyAboutAComplaintIsCounted(t *testing.T) {
	t.Parallel()
	s, url := complained(t)
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(t.Context())
	_, err = db.Exec(t.Context(), `
		insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values
			('/survey', 's-1', 'survey.answered', 'complaint/C-203', 'B-1', '2026-02-08 10:00Z', '', '{"question": "complaint", "score": 2}', 'key'),
			('/survey', 's-2', 'survey.answered', 'loan/L-1001', 'B-1', '2026-02-08 10:00Z', '', '{"question": "helped", "score": 5}', 'key');
		insert into event_particulars (event_pk, data) select pk, '{"remark": "still wrong"}' from events where id = 's-1'`)
	require.NoError(t, err)
	all, err := report.Surveys(t.Context(), s, since)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, "complaint", all[0].Question)
	require.EqualValues(t, 1, all[0].Answers, "once, though no strategy accompanies it")
	remarks, err := report.Remarks(t.Context(), s, since, "", 10)
	require.NoError(t, err)
	require.Equal(t, "complaint/C-203", remarks[0].Loan)
}
