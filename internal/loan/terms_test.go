package loan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

func TestTermsThatNoLoanCanHaveAreRefused(t *testing.T) {
	t.Parallel()
	const good = `"principal": "1000", "periods": 3`
	require.NoError(t, terms(t, good).Validate())
	for text, says := range map[string]string{
		`"currency": "USX"`:                      `currency: "USX" is not an ISO 4217 currency in force, such as USD`,
		`"principal": "0"`:                       "principal: is missing; give the amount that is lent, such as 1000.00",
		`"principal": "-5"`:                      "principal: -5 is not a positive amount; send one above zero",
		`"principal": "1.005"`:                   "principal: 1.005 has more than the 2 decimal places of USD; round it before",
		`"principal": "1e13"`:                    "principal: 10000000000000 is beyond 1000000000000, the largest amount that Tender takes",
		`"rate": "-0.01"`:                        "rate: -0.01 is below zero; give 0 or more",
		`"rate": "700"`:                          "rate: 700 is beyond 100, which is 10,000 %; write 7 % as 0.07",
		`"periods": 0`:                           "periods: is 0; give how many installments there are, from 1 to 11000",
		`"periods": 11001`:                       "periods: is 11001; give how many installments there are, from 1 to 11000",
		`"start": ""`:                            "start: is missing; give the date of disbursement, such as 2026-01-31",
		`"first_due": "2024-01-01"`:              "first_due: 2024-01-01 does not lie after the start, 2024-01-01; give a later date",
		`"every": "9999mo", "periods": 10000`:    "periods: 10000 of 9999mo each end after the year 9989; give fewer or shorter ones",
		`"grace_principal": 3`:                   "grace_principal: is 3; of 3 periods it may be 0 to 2",
		`"grace_interest": -1`:                   "grace_interest: is -1; of 3 periods it may be 0 to 2",
		`"interest_free": 4`:                     "interest_free: is 4; of 3 periods it may be 0 to 3",
		`"down_payment": "1000"`:                 "down_payment: 1000 leaves nothing of the principal, 1000, to be repaid later; give less",
		`"down_payment": "-1"`:                   "down_payment: -1 is not a positive amount; send one above zero",
		`"fee": "-1"`:                            "fee: -1 is not a positive amount; send one above zero",
		`"fee": "1", "fee_rate": "0.1"`:          "fee_rate: there is a fee as well; give one of the two",
		`"fee_rate": "101"`:                      "fee_rate: 101 is beyond 100, which is 10,000 %; write 7 % as 0.07",
		`"fee_rate": "1", "fee_due": "withheld"`: "fee_due: withheld leaves nothing of the principal to be paid out; give a smaller fee, or have it due first",
		`"multiple": "0.001"`:                    "multiple: 0.001 has more than the 2 decimal places of USD; round it before",
	} {
		made := terms(t, good)
		require.NoError(t, json.Unmarshal([]byte("{"+text+"}"), &made), text)
		require.EqualError(t, made.Validate(), says, text)
		_, err := made.Schedule()
		require.EqualError(t, err, says)
		_, err = made.ExactInterest()
		require.EqualError(t, err, says)
	}
}

func TestWordsThatAreNoneAreRefusedWhereverTheyComeFrom(t *testing.T) {
	t.Parallel()
	for says, spoil := range map[string]func(*loan.Terms){
		`method: unknown method "balloon"; use one of annuity, equal_principal, flat, bullet`:            func(t *loan.Terms) { t.Method = "balloon" },
		`day_count: unknown day count "act/365"; use one of 30/360, 30E/360, act/365F, act/360, act/act`: func(t *loan.Terms) { t.DayCount = "act/365" },
		`accrual: unknown accrual "daily"; use one of per_day, per_period`:                               func(t *loan.Terms) { t.Accrual = "daily" },
		`fee_due: unknown time for a fee "later"; use one of first, spread, withheld`:                    func(t *loan.Terms) { t.FeeDue = "later" },
		`rounding: unknown rounding "up"; use one of half_even, down`:                                    func(t *loan.Terms) { t.Rounding = "up" },
		`every: "1y" is no length of a period; write months as 1mo, weeks as 2w, days as 30d`:            func(t *loan.Terms) { t.Every = loan.Every{Count: 1, Unit: "y"} },
	} {
		made := terms(t, `"principal": "1000", "periods": 3`)
		spoil(&made)
		require.EqualError(t, made.Validate(), says)
	}
}

func TestTermsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"principle": "1"}`:      "principle: is an unknown field; known are currency, principal, rate, ",
		`{"principal": "a lot"}`:  `principal: "a lot" must be a number such as "1000.00"`,
		`{"rate": true}`:          `rate: true must be a number such as "1000.00"`,
		`{"periods": "3"}`:        `periods: "3" must be a whole number`,
		`{"periods": 1.5}`:        `periods: 1.5 must be a whole number`,
		`{"method": 3}`:           `method: 3 must be text in quotes`,
		`{"method": "balloon"}`:   `method: unknown method "balloon"; use one of annuity`,
		`{"day_count": "30/365"}`: `day_count: unknown day count "30/365"; use one of 30/360`,
		`{"every": "monthly"}`:    `every: "monthly" is no length of a period; write months as 1mo`,
		`{"start": "31.1.2024"}`:  `start: "31.1.2024" is no date; write it as 2026-01-31`,
		`{"start": {"a": "long thing that nobody wants to read whole"}}`: `start: {"a": "long thing that nobody wants to r… must be text in quotes`,
		`["principal"]`:                    `["principal"] must be an object, in { and }`,
		`{"periods": 3, "periods": 4}`:     "periods: stands there twice; give it once",
		`{"rate": 0.12345678901234567891}`: "rate: 0.12345678901234567891 has more digits than the 19 that are counted",
	} {
		var made loan.Terms
		require.ErrorContains(t, json.Unmarshal([]byte(text), &made), says, text)
	}
}

func TestTermsReturnFromJSONAsTheyWere(t *testing.T) {
	t.Parallel()
	const text = `{"currency":"USD","principal":"1000.00","rate":"0.07","day_count":"act/365F","periods":3,"every":"2w","start":"2024-01-31","first_due":"2024-02-20","fee":"5.00","fee_due":"spread"}`
	var made loan.Terms
	require.NoError(t, json.Unmarshal([]byte(text), &made))
	written, err := json.Marshal(made)
	require.NoError(t, err)
	require.Equal(t, text, string(written))

	var other loan.Terms
	require.NoError(t, json.Unmarshal([]byte(`{"day_count":"act/365","rate":0.07}`), &other))
	require.Equal(t, loan.Act365F, other.DayCount)
	require.Equal(t, "0.07", other.Rate.String(), "a number is read digit by digit")
}
