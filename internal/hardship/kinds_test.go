package hardship_test

import (
	"fmt"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// rated is the plain loan at 12 % a year: 12 installments of 100.00 with the interest of an annuity, none of them paid late.
func rated(t *testing.T) hardship.Case {
	t.Helper()
	c := plain()
	c.AsOf = day("2026-04-10")
	c.Loan.Rate, c.Loan.DayCount = money("0.12"), loan.Thirty360
	computed, err := loan.Terms{
		Currency: "USD", Principal: money("1200.00"), Rate: money("0.12"), Periods: 12, Start: day("2025-12-31"),
	}.Schedule()
	require.NoError(t, err)
	c.Ledger.Installments = computed.Installments
	for n := range 3 {
		i := computed.Installments[n]
		c.Ledger.Transactions = append(c.Ledger.Transactions, loan.Transaction{ID: fmt.Sprintf("T-%d", n), Kind: loan.Payment, ValueDate: i.Due, Amount: i.Total()})
	}
	return c
}

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

func TestMultiplesRoundDownAndTheLastPaymentTakesTheRest(t *testing.T) {
	t.Parallel()
	c := hardship.Case{AsOf: day("2024-03-10"), Ledger: loan.Ledger{Currency: "USD"}, Income: dollars("900.00"), EssentialCosts: dollars("100.00")}
	for _, due := range []string{"2024-03-01", "2024-04-01", "2024-05-01"} {
		c.Ledger.Installments = append(c.Ledger.Installments, loan.Installment{Due: day(due), Principal: money("125.00")})
	}
	for multiple, want := range map[string][]string{
		"1": {"187.00", "188.00"}, "0.01": {"187.50", "187.50"}, "50": {"150.00", "225.00"}, "0.001": {"187.50", "187.50"},
		"150":  {"150.00", "225.00"},
		"180":  {"180.00", "195.00"},
		"1000": {"187.50", "187.50"}, // too coarse to be kept
	} {
		o := offer(t, c, product(t, hardship.InstalmentPlan, "{min: 2, max: 2}", `{multiple: "`+multiple+`"}`))
		require.Equal(t, want, totals(o.Schedule), multiple)
	}
	c.Ledger.Installments[0].Principal = money("700.00")
	o := offer(t, c, product(t, hardship.InstalmentPlan, "{min: 6, max: 6}", `{multiple: "100"}`))
	require.Equal(t, []string{"158.33", "158.33", "158.33", "158.33", "158.33", "158.35"}, totals(o.Schedule), "a last payment of 450.00 would be none the borrower could plan with")
}

func TestADeferralMovesEveryUnpaidInstallment(t *testing.T) {
	t.Parallel()
	c := plain() // the one of 31 January was missed; three months of trouble
	o := offer(t, c, product(t, hardship.Deferral, "{min: 1, max: 3}", "{}"))
	require.Equal(t, day("2026-05-31"), o.FirstPayment, "nothing is due on the last days of February, March and April")
	require.Equal(t, []string{"2026-05-31 100.00", "2026-06-30 100.00", "2026-07-31 100.00"}, payments(o.Schedule)[:3])
	require.Len(t, o.Schedule, 12)
	require.Equal(t, day("2027-04-30"), o.Schedule[11].Due)

	r := rated(t)
	waived := offer(t, r, product(t, hardship.Deferral, "{min: 1, max: 3}", "{interest: waived}"))
	accrues := offer(t, r, product(t, hardship.Deferral, "{min: 1, max: 3}", "{interest: accrues}"))
	halved := offer(t, r, product(t, hardship.Deferral, "{min: 1, max: 3}", "{interest: reduced, rate_bps: 600}"))
	principal := decimal.Zero
	for _, i := range r.Ledger.Installments[3:] {
		principal = plus(t, principal, i.Principal)
	}
	require.Equal(t, "913.50", principal.String())
	require.Equal(t, "0.00", waived.Difference.String())
	require.Equal(t, "27.40", waived.Waived.Interest.String(), "three months at 1 %")
	require.Equal(t, "27.40", accrues.Difference.String())
	require.Equal(t, "13.70", halved.Difference.String())
	require.Equal(t, "13.70", halved.Waived.Interest.String())
}

func TestReducedPaymentsAreMadeGoodForAfterwards(t *testing.T) {
	t.Parallel()
	c := rated(t)
	c.EssentialCosts = dollars("1960.00") // 40.00 are left
	o := offer(t, c, product(t, hardship.ReducedPayments, "{min: 2, max: 6}", "{pay_percent: {min: 25, max: 75}, extend_months: 6}"))
	require.Equal(t, []string{"2026-04-30 40.00", "2026-05-31 40.00", "2026-06-30 40.00"}, payments(o.Schedule)[:3])
	for _, i := range o.Schedule[3:] {
		require.LessOrEqual(t, i.Total().Cmp(money("106.62")), 0, "no payment rises above the usual one")
	}
	require.Equal(t, day("2027-03-31"), o.Schedule[len(o.Schedule)-1].Due, "three months more than the contract")
	require.True(t, *o.Affordable)

	c.EssentialCosts = dollars("1999.00")
	o = offer(t, c, product(t, hardship.ReducedPayments, "{min: 2, max: 6}", "{pay_percent: {min: 25, max: 75}, extend_months: 6}"))
	require.Equal(t, "26.66", o.Schedule[0].Total().String(), "a quarter of 106.64, rounded down, is the least")
	require.False(t, *o.Affordable)

	c.AsOf = day("2026-12-20")
	require.Equal(t, []string{"The loan ends before the reduced months do, so nothing is left to make good for them."},
		whyNot(t, c, product(t, hardship.ReducedPayments, "{min: 2, max: 6}", "{pay_percent: {min: 25, max: 75}}")))
	c.AsOf = day("2027-01-20")
	require.Equal(t, []string{"No installment lies ahead that could be reduced."},
		whyNot(t, c, product(t, hardship.ReducedPayments, "{min: 2, max: 6}", "{pay_percent: {min: 25, max: 75}}")))
}

func TestATermExtensionIsNoLongerThanItMustBe(t *testing.T) {
	t.Parallel()
	c := rated(t)
	c.ExpectedMonths = 0
	for costs, want := range map[string]int{"1930.00": 6, "1900.00": 1, "1965.00": 22, "1999.00": 24} {
		c.EssentialCosts = dollars(costs)
		o := offer(t, c, product(t, hardship.TermExtension, "{min: 1, max: 24}", "{}"))
		require.Len(t, o.Schedule, 9+want, costs)
		require.Equal(t, costs != "1999.00", *o.Affordable)
		require.True(t, o.Difference.IsPos(), "time costs interest")
	}
}

func TestALowerRateIsTakenForItsMonthsAndNoLonger(t *testing.T) {
	t.Parallel()
	c := rated(t)
	none := offer(t, c, product(t, hardship.RateReduction, "{min: 3, max: 3}", "{interest: waived}"))
	for n, i := range none.Schedule {
		require.Equal(t, n < 3, i.Interest.IsZero(), "%v", i)
	}
	half := offer(t, c, product(t, hardship.RateReduction, "{min: 12, max: 12}", "{interest: reduced, rate_bps: 600}"))
	require.Equal(t, "4.57", half.Schedule[0].Interest.String())
	require.Equal(t, "9.14", rated(t).Ledger.Installments[3].Interest.String())
	require.True(t, half.Difference.IsNeg())
	require.Equal(t, []string{"The loan's interest is as low already."},
		whyNot(t, c, product(t, hardship.RateReduction, "{min: 3, max: 3}", "{interest: reduced, rate_bps: 1200}")))
	flat := rated(t)
	flat.Loan.Method = loan.FlatInterest
	require.Equal(t, []string{"The loan has no known rate that could be lowered."},
		whyNot(t, flat, product(t, hardship.RateReduction, "{min: 3, max: 3}", "{interest: reduced, rate_bps: 600}")))
	o := offer(t, flat, product(t, hardship.RateReduction, "{min: 3, max: 3}", "{interest: waived}"))
	require.Equal(t, "24.48", o.Waived.Interest.String(), "of a fixed price, what the schedule has of it in three months")
}

func TestFeesAreWaivedForWhomIsCatchingUp(t *testing.T) {
	t.Parallel()
	c := plain()
	c.Ledger.Transactions = []loan.Transaction{{ID: "F", Kind: loan.Fee, ValueDate: day("2026-02-05"), Amount: money("15.00")}}
	c.EssentialCosts, c.ExpectedMonths = dollars("1850.00"), 0
	o := offer(t, c, product(t, hardship.FeeWaiver, "{min: 1, max: 3}", "{fees: waived}"))
	require.Equal(t, []string{"2026-02-28 150.00", "2026-03-31 150.00", "2026-04-30 100.00"}, payments(o.Schedule)[:3])
	require.Equal(t, hardship.Relief{Interest: money("0.00"), Fee: money("15.00"), Principal: money("0.00")}, o.Waived)
	require.Equal(t, "-15.00", o.Difference.String())
	require.Equal(t, "35.00", o.MonthlyMore.String(), "it says that it costs more a month than the installments, of which one bears the fee")
}

func TestASettlementTakesPrincipalFirstAndNoInterestThatIsNotYetEarned(t *testing.T) {
	t.Parallel()
	c := rated(t)
	c.AsOf = day("2026-04-15") // half a month after the last due date: 913.50 of principal and 4.57 of interest
	o := offer(t, c, product(t, hardship.Settlement, "{min: 1, max: 3}", "{settle_percent: 70}"))
	require.Equal(t, "642.65", o.Total.String(), "70 % of 918.07, rounded up")
	require.Equal(t, hardship.Relief{Interest: money("4.57"), Fee: money("0.00"), Principal: money("270.85")}, o.Waived)
	require.Equal(t, "-41.73", o.InterestAdded.String(), "the contract's interest to come, less the half month's")
}

func TestAPersonalPlanTakesTheFewestMonthsThatTheBorrowerCanPay(t *testing.T) {
	t.Parallel()
	c := plain() // 1200.00 are owed, and 100.00 a month are left
	c.ExpectedMonths = 0
	o := offer(t, c, product(t, hardship.InstalmentPlan, "{min: 3, max: 60}", "{}"))
	require.Len(t, o.Schedule, 12)
	require.Equal(t, "100.00", o.Monthly.String())
	c.EssentialCosts = dollars("1979.99")
	require.Len(t, offer(t, c, product(t, hardship.InstalmentPlan, "{min: 3, max: 60}", "{}")).Schedule, 60)
	c.EssentialCosts = dollars("1980.01")
	require.Equal(t, []string{"Even over 60 months it would take 20.00 a month, and the borrower has 19.99 left."},
		whyNot(t, c, product(t, hardship.InstalmentPlan, "{min: 3, max: 60}", "{}")))
	c.Income, c.EssentialCosts = nil, nil
	require.Equal(t, []string{"It follows from what the borrower can pay; income and essential costs are needed."},
		whyNot(t, c, product(t, hardship.InstalmentPlan, "{min: 3, max: 60}", "{}")))
}

func TestAPlanInTheLoansOwnRhythmIsPaidNoOftenerThanWeekly(t *testing.T) {
	t.Parallel()
	c := plain()
	c.ExpectedMonths = 0
	for every, want := range map[string][]string{
		"2w": {"2026-02-28", "2026-03-14", "2026-03-28"}, "1d": {"2026-02-28", "2026-03-07", "2026-03-14"}, "10d": {"2026-02-28", "2026-03-10", "2026-03-20"},
	} {
		var err error
		c.Loan.Every, err = loan.ParseEvery(every)
		require.NoError(t, err)
		o := offer(t, c, product(t, hardship.InstalmentPlan, "{min: 3, max: 60}", "{}"))
		var dates []string
		for _, i := range o.Schedule[:3] {
			dates = append(dates, i.Due.String())
		}
		require.Equal(t, want, dates)
		require.True(t, *o.Affordable, "%s: also in a month with one payment more", every)
	}
}

func TestADisputedOrActiveOrSettledLoanGetsNoPlan(t *testing.T) {
	t.Parallel()
	p := product(t, hardship.Deferral, "{min: 1, max: 3}", "{}")
	disputed := plain()
	disputed.Ledger.Disputes = []loan.Dispute{{ID: "D-1", From: day("2026-02-01"), Amount: money("10.00")}}
	require.Equal(t, []string{"A part of the debt is disputed; a plan can be made once that is resolved."}, whyNot(t, disputed, p))
	active := plain()
	active.EarlierPlans = []hardship.EarlierPlan{{Product: "other", Kind: hardship.ReAge, AcceptedOn: day("2026-02-01"), Outcome: hardship.Active}}
	require.Equal(t, []string{"Another plan of the loan is active."}, whyNot(t, active, p))
	settled := plain()
	settled.Ledger.Transactions = []loan.Transaction{paid("T", "2026-02-01", "1200.00")}
	require.Equal(t, []string{"Nothing is owed."}, whyNot(t, settled, p))
}

// A level plan over a whole new loan is what the loan's own terms compute: two ways to one schedule.
func TestALevelPlanIsTheAnnuityThatTermsCompute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		begun := bizclock.NewDate(2024, 1, rapid.IntRange(1, 31).Draw(t, "day"))
		periods := rapid.IntRange(2, 60).Draw(t, "periods")
		terms := loan.Terms{
			Currency: "USD", Principal: decimal.MustNew(rapid.Int64Range(100_000, 10_000_000).Draw(t, "principal"), 2),
			Rate:     decimal.MustNew(rapid.Int64Range(1, 5_000).Draw(t, "rate"), 4),
			DayCount: rapid.SampledFrom(loan.DayCounts).Draw(t, "day count"), Periods: periods, Start: begun, FirstDue: begun.AddDays(31),
		}
		computed, err := terms.Schedule()
		require.NoError(t, err)
		c := hardship.Case{
			AsOf: begun, PayFrom: terms.FirstDue, Ledger: loan.Ledger{Currency: "USD", Installments: computed.Installments},
			Loan:   hardship.Loan{DisbursedOn: begun, Rate: terms.Rate, DayCount: terms.DayCount},
			Income: &loan.Money{Amount: money("1000000.00"), Currency: "USD"}, EssentialCosts: &loan.Money{Currency: "USD"},
		}
		o := offer(t, c, product(t, hardship.InstalmentPlan, fmt.Sprintf("{min: %d, max: %d}", periods, periods), "{}"))
		require.Equal(t, payments(computed.Installments), payments(o.Schedule))
		require.Equal(t, "0.00", o.Difference.String())
	})
}

func TestTheGreatestAndLongestLoanIsWorkedOutToo(t *testing.T) {
	t.Parallel()
	for currency, principal := range map[string]string{"USD": "999999999999.00", "KWD": "999999999999.000", "CLF": "99999999999.0000", "JPY": "999999999999"} {
		c := hardship.Case{
			AsOf: day("2026-02-10"), Loan: hardship.Loan{Rate: money("10"), DisbursedOn: day("2026-01-01")},
			Ledger: loan.Ledger{Currency: currency, Installments: []loan.Installment{{Due: day("2026-02-01"), Interest: money("1")}, {Due: day("2125-12-31"), Principal: money(principal)}}},
			Income: &loan.Money{Amount: money("1000000000000"), Currency: currency}, EssentialCosts: &loan.Money{Currency: currency},
		}
		a, err := hardship.Offers(c, products(t))
		require.NoError(t, err)
		require.Greater(t, len(a.Offers), 10)
		for _, o := range a.Offers {
			all := decimal.Zero
			for _, i := range o.Schedule {
				require.False(t, i.Principal.IsNeg() || i.Interest.IsNeg(), o.Product)
				all = plus(t, all, i.Total())
			}
			require.Zero(t, all.Cmp(o.Total), o.Product)
			require.True(t, o.Total.IsPos(), "%s %s", o.Product, o.Total)
		}
	}
}
