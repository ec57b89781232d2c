package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/strictjson"
)

func (a *app) loanStatus() *cobra.Command {
	var file string
	var asOf bizclock.Date
	c := &cobra.Command{
		Use:   "status",
		Short: "Compute from a ledger where a loan stands: what is past due, since when, what comes next",
		Long: `Compute from a ledger where a loan stands at the end of a date: what is past due, since when, what comes
next, how each installment stands. It needs no server, and looks at no journey: tender loan show does.

A ledger is a JSON file of installments, transactions and pauses. docs/money.md describes all its fields.`,
		Example: `  tender loan status -f examples/ledger.json --as-of 2023-11-15
  tender loan status -f - -o json < examples/ledger.json`,
		Args: takes(),
	}
	fileFlag(c, &file)
	c.Flags().Var(day{&asOf}, "as-of", "the date at whose end the loan is looked at (default: today in UTC)")
	c.RunE = a.withFile(&file, func(_ context.Context, text []byte) error {
		ledger, err := readLedger(text)
		if err != nil {
			return wrongFile(file, err)
		}
		if asOf.IsZero() {
			asOf = bizclock.DateOf(time.Now().UTC())
		}
		standing := report.Stand(ledger, asOf)
		return a.print(standing, standing.Write)
	})
	return c
}

// readLedger reads a ledger, and refuses what no ledger can hold.
func readLedger(text []byte) (*loan.Ledger, error) {
	ledger := &loan.Ledger{}
	if err := strictjson.Decode(text, ledger); err != nil {
		return nil, err
	}
	return ledger, ledger.CheckWhole()
}
