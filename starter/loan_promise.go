package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
)

func (a *app) loanPromise() *cobra.Command {
	var p promising
	c := &cobra.Command{
		Use:   "promise LOAN AMOUNT --by DATE",
		Short: "Record a borrower's promise to pay",
		Long: `Record a borrower's promise to pay an amount by a date, or several amounts with --then. While it is open, and young
enough, nobody writes about what is overdue; one that is not kept is followed by a kind question.`,
		Example: "  tender loan promise L-1001 60.00 --by 2026-03-20 --then 65.00@2026-04-03",
		Args:    takes("LOAN", "AMOUNT"),
	}
	c.Flags().Var(day{&p.by}, "by", "last date on which it is paid in time, in the contract's time zone")
	c.Flags().StringArrayVar(&p.then, "then", nil, "another amount with its date, AMOUNT@DATE; may be given again")
	c.Flags().StringVar(&p.currency, "currency", "", "ISO 4217 code (default: the loan's)")
	idFlag(c, &p.id)
	positive(c, "")
	c.RunE = func(c *cobra.Command, args []string) error {
		amount, err := amountOf(args[1])
		if err != nil {
			return misuse(c, "%v", err)
		}
		if p.by.IsZero() {
			return misuse(c, "--by is missing; for example:\n%s", c.Example)
		}
		parts := []loan.PromisedPart{{Amount: amount, By: p.by}}
		for _, then := range p.then {
			part, err := partOf(then)
			if err != nil {
				return misuse(c, "--then %v", err)
			}
			parts = append(parts, part)
		}
		return a.does(func(ctx context.Context, args []string) error { return a.promise(ctx, args[0], parts, p) })(c, args)
	}
	return c
}

// promising is how a promise is recorded.
type promising struct {
	by           bizclock.Date
	then         []string
	currency, id string
}

// partOf reads an amount with its date, such as 65.00@2026-04-03.
func partOf(text string) (loan.PromisedPart, error) {
	amount, date, ok := strings.Cut(text, "@")
	if !ok {
		return loan.PromisedPart{}, fmt.Errorf("%q is no amount with a date; write such as 65.00@2026-04-03", text)
	}
	of, err := amountOf(amount)
	if err != nil {
		return loan.PromisedPart{}, err
	}
	by, err := bizclock.ParseDate(date)
	return loan.PromisedPart{Amount: of, By: by}, err
}

func (a *app) promise(ctx context.Context, about string, parts []loan.PromisedPart, p promising) error {
	currency, err := a.currencyOf(ctx, about)
	if err != nil {
		return err
	}
	id := cmp.Or(p.id, newID())
	data := event.Promise{Promise: id, Currency: cmp.Or(strings.ToUpper(p.currency), currency)}
	if len(parts) == 1 {
		data.Amount, data.By = parts[0].Amount, parts[0].By
	} else {
		data.Parts = parts
	}
	return a.sends(ctx, event.PromiseMade, about, id, data)
}
