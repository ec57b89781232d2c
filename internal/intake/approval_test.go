package intake_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
)

// asked puts a request for approval on the list.
func (h *house) asked(id, loan, by string, until time.Time) {
	h.t.Helper()
	h.exec(`insert into approvals (id, borrower_id, loan_id, step_key, rules, channel, at, asked_by, until_at)
		select $1, borrower_id, id, 'notice-2@2026-02-15', '{au/three-a-week,lender/seldom}', 'sms', now(), $3, $4 from loans where id = $2`, id, loan, by, until)
}

// approvals are those that a borrower's standing has.
func (h *house) approvals(borrower string) []contact.Approval {
	h.t.Helper()
	standing, err := h.store.Standing(context.Background(), borrower, time.Now())
	require.NoError(h.t, err)
	for n := range standing.Approvals {
		standing.Approvals[n].Until = standing.Approvals[n].Until.UTC()
	}
	return standing.Approvals
}

func TestWhatIsGrantedHoldsForTheStepAndTheRulesThatWereAskedAbout(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	h.asked("a-1", "L-1", "tender", tomorrow)
	h.asked("a-2", "L-2", "tender", tomorrow)

	result := h.must(happened("e-1", "approval.granted", "loan/L-1", fmt.Sprintf(`{"approval": "a-1", "until": %q, "note": "she asked"}`, tomorrow.Format(time.RFC3339))))
	h.must(happened("e-2", "approval.refused", "loan/L-2", `{"approval": "a-2"}`))

	require.Len(t, result.Loans, 1, "its journey decides anew")
	require.Equal(t, []contact.Approval{
		{Loan: "L-1", Step: "notice-2@2026-02-15", Rule: "au/three-a-week", Until: tomorrow},
		{Loan: "L-1", Step: "notice-2@2026-02-15", Rule: "lender/seldom", Until: tomorrow},
	}, h.approvals("B-1"))
	assert.Equal(t, []string{"a-1 granted tester", "a-2 refused tester"}, h.query(`select concat_ws(' ', id, answer, answered_by) from approvals order by id`))
	assert.Empty(t, h.query(`select data->>'note' from events where data ? 'note'`))
}

func TestAnAnswerThatCountsForNothingIsRefused(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-2"))
	later, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	h.asked("open", "L-1", "tender", later)
	h.asked("mine", "L-1", "tester", later)
	h.asked("late", "L-1", "tender", past)
	h.asked("done", "L-1", "tender", later)
	h.must(happened("done-1", "approval.refused", "loan/L-1", `{"approval": "done"}`))
	for name, c := range map[string]struct{ subject, data, says string }{
		"none of that id":        {"loan/L-1", `{"approval": "a-9"}`, "unknown approval a-9"},
		"of another loan":        {"loan/L-2", `{"approval": "open"}`, "loan L-2 has no request of that id"},
		"one's own":              {"loan/L-1", `{"approval": "mine"}`, "mine was asked for by tester; somebody else must answer"},
		"too late":               {"loan/L-1", `{"approval": "late"}`, "late could be answered until "},
		"answered":               {"loan/L-1", `{"approval": "done"}`, "done was refused by tester on "},
		"over before it begins":  {"loan/L-1", `{"approval": "open", "until": "2020-01-01T00:00:00Z"}`, "data.until: 2020-01-01T00:00:00Z has passed already"},
		"for longer than a step": {"loan/L-1", `{"approval": "open", "until": "2999-01-01T00:00:00Z"}`, "data.until: lies more than 31 days ahead"},
		"which":                  {"loan/L-1", `{}`, "data.approval: is missing"},
	} {
		_, err := h.take(happened(strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "'", ""), "approval.granted", c.subject, c.data))
		require.ErrorContains(t, err, c.says, name)
	}
	require.Empty(t, h.approvals("B-1"))
	require.Empty(t, h.query(`select id from events where type = 'approval.granted'`), "nothing was kept")
}

func TestOfTwoAnswersAtOnceOneCounts(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.asked("a-1", "L-1", "tender", time.Now().Add(time.Hour))
	var all sync.WaitGroup
	var taken atomic.Int32
	for n := range 8 {
		all.Go(func() {
			kind := []string{"approval.granted", "approval.refused"}[n%2]
			e, err := intake.Parse([]byte(happened(fmt.Sprintf("e-%d", n), kind, "loan/L-1", `{"approval": "a-1"}`)))
			if err == nil {
				_, err = h.door.Take(context.Background(), e, fmt.Sprintf("person-%d", n))
			}
			if err == nil {
				taken.Add(1)
				return
			}
			assert.ErrorContains(t, err, " by person-")
		})
	}
	all.Wait()
	require.Equal(t, int32(1), taken.Load())
}

func TestWhatRulesAskForRestAfterIsKnown(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("d", "dispute.raised", "loan/L-1", `{"dispute": "D-1"}`))
	h.must(happened("c", "complaint.raised", "borrower/B-1", `{"complaint": "C-1", "kind": "conduct"}`))
	h.must(happened("r", "hardship.refused", "loan/L-1", `{"text": "no"}`))
	standing, err := h.store.Standing(t.Context(), "B-1", time.Now().AddDate(0, -1, 0))
	require.NoError(t, err)
	var marks []string
	for _, m := range standing.Marks {
		marks = append(marks, string(m.Kind)+" "+m.Loan)
	}
	require.Equal(t, []string{"dispute L-1", "complaint ", "hardship_refused L-1"}, marks)
}
