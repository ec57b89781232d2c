package hardship_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
)

func TestNoPlanGoesBeyondTheHardLimitOfARule(t *testing.T) {
	t.Parallel()
	p := product(t, hardship.InstalmentPlan, "{min: 2, max: 60}", "{}")
	long := plain()
	long.Income = dollars("1930.00")
	require.Equal(t, 40, offer(t, long, p).Months, "30.00 a month for 1200.00")
	long.Limits = []hardship.Limit{{Rule: "law/a", Kinds: []hardship.Kind{hardship.InstalmentPlan}, MaxMonths: 12}}
	require.Equal(t, []string{
		"Even over 12 months it would take 100.00 a month, and the borrower has 30.00 left.", "A plan may take at most 12 months. (law/a)",
	}, whyNot(t, long, p))
	long.Limits[0].Kinds = []hardship.Kind{hardship.ReAge}
	require.Equal(t, 40, offer(t, long, p).Months, "it is about other plans")

	long.Limits[0] = hardship.Limit{Rule: "law/a", MaxMonths: 1}
	require.Equal(t, []string{"It takes at least 2 months; a plan may take at most 1. (law/a)"}, whyNot(t, long, p))
}

func TestALimitCountsPlansAgeAndPayments(t *testing.T) {
	t.Parallel()
	p := product(t, hardship.Deferral, "{min: 1, max: 3}", "{}")
	c := plain()
	c.EarlierPlans = []hardship.EarlierPlan{
		{Product: "other", Kind: hardship.ReAge, AcceptedOn: day("2025-02-11"), EndedOn: day("2025-03-01"), Outcome: hardship.Broken},
		{Product: "other", Kind: hardship.Deferral, AcceptedOn: day("2022-01-01"), EndedOn: day("2022-03-01"), Outcome: hardship.Completed},
	}
	for _, one := range []struct {
		limit hardship.Limit
		says  string
	}{
		{hardship.Limit{MaxIn12Months: 1}, "The loan had 1 such plan in the last 12 months; at most 1 may be. (law/a)"},
		{hardship.Limit{MaxIn12Months: 2}, ""},
		{hardship.Limit{MaxIn12Months: 1, Kinds: []hardship.Kind{hardship.Deferral}}, ""},
		{hardship.Limit{MaxIn5Years: 2}, "The loan had 2 such plans in the last 5 years; at most 2 may be. (law/a)"},
		{hardship.Limit{MinAccountAgeMonths: 2}, "The loan is 1 month old; it must be at least 2. (law/a)"},
		{hardship.Limit{MinAccountAgeMonths: 1}, ""},
		{hardship.Limit{MinConsecutivePayments: 1}, "The loan had 0 usual payments in a row; there must be at least 1. (law/a)"},
	} {
		one.limit.Rule = "law/a"
		c.Limits = []hardship.Limit{one.limit}
		if one.says == "" {
			require.Empty(t, offer(t, c, p).Beyond, "%+v", one.limit)
			continue
		}
		require.Equal(t, []string{one.says}, whyNot(t, c, p))
		c.Limits[0].Soft = true
		require.Equal(t, []string{one.says}, offer(t, c, p).Beyond, "a person may decide so")
	}
	c.Limits, c.Loan.DisbursedOn = []hardship.Limit{{Rule: "law/a", MinAccountAgeMonths: 1}}, bizclock.Date{}
	require.Equal(t, []string{"The loan must be at least 1 month old, and nobody said when it began. (law/a)"}, whyNot(t, c, p))
}

func TestALimitThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		limit hardship.Limit
		says  string
	}{
		{hardship.Limit{MaxMonths: 3}, "limits[0].rule: is missing"},
		{hardship.Limit{Rule: "a"}, "limits[0].max_months: a limit bounds something"},
		{hardship.Limit{Rule: "a", MaxIn5Years: -1}, "limits[0].max_in_5_years: -1 must lie between 0 and 1200"},
		{hardship.Limit{Rule: "a", MaxMonths: 3, Kinds: []hardship.Kind{"gift"}}, `limits[0].kinds[0]: unknown kind of plan "gift"`},
	} {
		c := plain()
		c.Limits = []hardship.Limit{one.limit}
		require.ErrorContains(t, c.Validate(), one.says)
	}
}

func TestAPlanIsShortenedToWhatALimitLetsItTake(t *testing.T) {
	t.Parallel()
	p, c := product(t, hardship.Deferral, "{min: 1, max: 3}", "{}"), plain()
	require.Equal(t, day("2026-05-31"), offer(t, c, p).FirstPayment)
	c.Limits = []hardship.Limit{{Rule: "law/a", MaxMonths: 12}, {Rule: "law/b", MaxMonths: 2}}
	require.Equal(t, day("2026-04-30"), offer(t, c, p).FirstPayment)
}
