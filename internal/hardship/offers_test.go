package hardship_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

func TestReAgeSpreads750OverSixAs125Each(t *testing.T) {
	t.Parallel()
	c := hardship.Case{AsOf: day("2024-02-20"), PayFrom: day("2024-03-01"), Ledger: loan.Ledger{Currency: "USD"}}
	for _, due := range []string{"2024-01-16", "2024-01-31", "2024-02-15"} {
		c.Ledger.Installments = append(c.Ledger.Installments, loan.Installment{Due: day(due), Principal: money("250.00")})
	}
	o := offer(t, c, product(t, hardship.ReAge, "{min: 6, max: 6}", "{interest: accrues}"))
	require.Equal(t, []string{
		"2024-03-01 125.00", "2024-04-01 125.00", "2024-05-01 125.00", "2024-06-01 125.00", "2024-07-01 125.00", "2024-08-01 125.00",
	}, payments(o.Schedule))
	require.Equal(t, "750.00", o.Total.String())
	require.Equal(t, "0.00", o.Difference.String())
}

func TestADeferralMovesEveryUnpaidInstallment(t *testing.T) {
	t.Parallel()
	o := offer(t, plain(), product(t, hardship.Deferral, "{min: 1, max: 3}", "{}"))
	require.Equal(t, "2026-06-30 100.00", payments(o.Schedule)[1])
	require.Equal(t, []string{"2026-05-31 100.00", "2026-06-30 100.00"}, payments(o.Schedule)[:2])
	require.Equal(t, bizclock.NewDate(2027, 4, 30), o.Schedule[11].Due)
}
