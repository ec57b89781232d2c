package complaint_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

// Whoever was taken for the borrower, or told in their stead, learns from no message that there is a loan.
func TestWhoMayBeSomebodyElseIsToldOfNoLoan(t *testing.T) {
	t.Parallel()
	regime := shipped(t).For("us")
	at := time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC)
	discreet := []complaint.Kind{complaint.Unsorted, complaint.WrongPerson, complaint.ThirdParty, complaint.DataProtection, complaint.Fraud}
	for _, kind := range complaint.Kinds {
		c := complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: kind, At: at, Home: time.UTC}, regime)
		told := 0
		for _, step := range c.Next(regime, complaint.Situation{Now: at, Held: true}) {
			if step.Do != complaint.Write {
				continue
			}
			told++
			require.Equal(t, slices.Contains(discreet, kind), step.Fill["complaint_rests"] == "", kind)
			for _, value := range step.Fill {
				require.NotEqual(t, "L-1", value)
			}
		}
		require.Equal(t, 1, told, kind)
	}
}
