package loan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/loan"
)

func TestAmountsHaveTheMinorUnitsOfTheirCurrency(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency    string
		units       int
		fine, finer string
		written     string
	}{
		{"JPY", 0, "1000", "1000.5", "1000"},
		{"KRW", 0, "1000", "0.1", "1000"},
		{"USD", 2, "1000.05", "0.005", "1000.05"},
		{"CNY", 2, "1000.5", "1000.501", "1000.50"},
		{"IDR", 2, "1000.5", "1000.501", "1000.50"}, // CLDR, which lists what shops use, says 0
		{"PKR", 2, "1000", "1000.001", "1000.00"},   // here too
		{"KWD", 3, "1000.005", "0.0005", "1000.005"},
		{"CLF", 4, "1.0001", "1.00001", "1.0001"},
		{"UYW", 4, "1.0001", "1.00001", "1.0001"},
		{"VES", 2, "1.5", "1.501", "1.50"},
		{"MRU", 2, "1.5", "1.501", "1.50"},
	} {
		units, err := loan.MinorUnits(c.currency)
		require.NoError(t, err)
		require.Equal(t, c.units, units, c.currency)
		require.NoError(t, loan.CheckAmount(money(c.fine), c.currency))
		require.ErrorContains(t, loan.CheckAmount(money(c.finer), c.currency), "decimal places of "+c.currency)
		require.Equal(t, c.written, loan.Write(money(c.fine), c.currency))
	}
	for _, code := range []string{"", "US", "USDX", "usd", "Usd", "XXX", "XTS", "ABC", "EURO", "DEM", "ZWL", "HRK", "XAU", "XDR"} {
		_, err := loan.MinorUnits(code)
		require.ErrorContains(t, err, "is not an ISO 4217 currency in force, such as USD", code)
		require.Error(t, loan.CheckAmount(money("1"), code), code)
		require.Equal(t, "1.50", loan.Write(money("1.50"), code), "what has no currency is written as it is")
	}
	for amount, says := range map[string]string{
		"0": "0 is not a positive amount", "-1": "-1 is not a positive amount", "1000000000000.01": "the largest amount that Tender takes",
	} {
		require.ErrorContains(t, loan.CheckAmount(money(amount), "USD"), says)
	}
	require.NoError(t, loan.CheckAmount(money("1000000000000"), "USD"))
}

func TestAmountsOfTwoCurrenciesHaveNoSum(t *testing.T) {
	t.Parallel()
	dollars, yen := loan.Money{Amount: money("10.5"), Currency: "USD"}, loan.Money{Amount: money("10"), Currency: "JPY"}
	total, err := dollars.Add(loan.Money{Amount: money("0.25"), Currency: "USD"})
	require.NoError(t, err)
	require.Equal(t, "10.75 USD", total.String())
	_, err = dollars.Add(yen)
	require.EqualError(t, err, "10 JPY cannot be added to 10.50 USD: they are two currencies")
	_, err = yen.Sub(dollars)
	require.EqualError(t, err, "10.50 USD cannot be taken from 10 JPY: they are two currencies")
	text, err := json.Marshal([]loan.Money{dollars, yen, {Amount: money("1"), Currency: "KWD"}})
	require.NoError(t, err)
	require.JSONEq(t, `[{"amount": "10.50", "currency": "USD"}, {"amount": "10", "currency": "JPY"}, {"amount": "1.000", "currency": "KWD"}]`, string(text))
	_, err = json.Marshal(loan.Money{Amount: money("1.005"), Currency: "USD"})
	require.ErrorContains(t, err, "amount: 1.005 has more than the 2 decimal places of USD", "nothing is rounded in silence")
	_, err = json.Marshal(loan.Money{Amount: money("1"), Currency: "usd"})
	require.ErrorContains(t, err, "currency: ")
	require.NoError(t, dollars.Validate())
	require.ErrorContains(t, loan.Money{Amount: money("-1"), Currency: "USD"}.Validate(), "amount: -1 is not a positive amount")
	require.ErrorContains(t, loan.Money{Amount: money("1"), Currency: "usd"}.Validate(), "currency: ")
}
