package hardship_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

func day(text string) bizclock.Date { return bizclock.MustDate(text) }

func money(text string) decimal.Decimal { return decimal.MustParse(text) }

func dollars(text string) *loan.Money { return &loan.Money{Amount: money(text), Currency: "USD"} }

// plain is a loan of 12 months of 100.00 and nothing else, on the last days of 2026, of which the first was missed.
func plain() hardship.Case {
	c := hardship.Case{
		AsOf:   day("2026-02-10"),
		Loan:   hardship.Loan{DisbursedOn: day("2025-12-31"), Principal: money("1200.00")},
		Ledger: loan.Ledger{Currency: "USD"},
		Income: dollars("2000.00"), EssentialCosts: dollars("1900.00"),
		Cause: hardship.JobLoss, ExpectedMonths: 3,
	}
	for month := 1; month <= 12; month++ {
		c.Ledger.Installments = append(c.Ledger.Installments, loan.Installment{
			Due: bizclock.NewDate(2026, 1, 31).AddMonths(month - 1), Principal: money("100.00"),
		})
	}
	return c
}

// product makes a product of a kind with terms, in YAML, that everybody is eligible for.
func product(t require.TestingT, kind hardship.Kind, months, terms string, more ...string) *hardship.Product {
	text := fmt.Sprintf(`name: test
version: "1"
kind: %s
title: A test
limits:
  months: %s
terms: %s
breaks: {missed: 2, days_late: 30, grace_days: 5}
answer_within_days: 14
%s
`, kind, months, terms, strings.Join(more, "\n"))
	p, err := hardship.Parse("test.yaml", []byte(text))
	require.NoError(t, err, text)
	return p
}

// offer returns the offer of one product in a case.
func offer(t require.TestingT, c hardship.Case, p *hardship.Product) hardship.Offer {
	a, err := hardship.Offers(c, []*hardship.Product{p})
	require.NoError(t, err)
	require.Len(t, a.Offers, 1, "%v", a.NotOffered)
	return a.Offers[0]
}

// whyNot returns why a product is not offered in a case.
func whyNot(t require.TestingT, c hardship.Case, p *hardship.Product) []string {
	a, err := hardship.Offers(c, []*hardship.Product{p})
	require.NoError(t, err)
	require.Empty(t, a.Offers)
	return a.NotOffered[0].Why
}

// payments writes a schedule as "2026-03-01 125.00" for each.
func payments(schedule []loan.Installment) (all []string) {
	for _, i := range schedule {
		all = append(all, i.Due.String()+" "+i.Total().String())
	}
	return all
}

func totals(schedule []loan.Installment) (all []string) {
	for _, i := range schedule {
		all = append(all, i.Total().String())
	}
	return all
}

func plus(t require.TestingT, a, b decimal.Decimal) decimal.Decimal {
	total, err := a.Add(b)
	require.NoError(t, err)
	return total
}

// paid is a payment on a date.
func paid(id, on, amount string) loan.Transaction {
	return loan.Transaction{ID: id, Kind: loan.Payment, ValueDate: day(on), Amount: money(amount)}
}

func reversed(id, on, amount, reverses string) loan.Transaction {
	return loan.Transaction{ID: id, Kind: loan.Reversal, ValueDate: day(on), Amount: money(amount), Reverses: reverses}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(text) + "\n"
}

func readJSON(t *testing.T, text string, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), into))
}
