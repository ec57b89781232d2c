package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/govalues/decimal"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/strictjson"
)

func (a *app) loanSchedule() *cobra.Command {
	terms, file := loan.Terms{Currency: "USD"}, ""
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Compute a schedule from terms: what is due when",
		Long: `Compute from the terms of a loan what is due when, and what it comes to. It needs no server.

Terms are given by flags, by a JSON file with the same names (first_due for --first-due), or by both: then flags
change what the file says. docs/money.md describes them all.`,
		Example: `  tender loan schedule --principal 1000 --rate 0.07 --periods 3 --start 2024-01-01
  tender loan schedule -f examples/terms.json --rate 0.05 -o json`,
		Args: takes(),
	}
	fileFlag(c, &file)
	termsFlags(c, &terms)
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.does(func(context.Context, []string) error {
			if err := a.readTerms(c, &terms, file); err != nil {
				return err
			}
			schedule, err := terms.Schedule()
			if err != nil {
				return wrongTerms(c, file, err)
			}
			if terms.Rate.Cmp(decimal.One) >= 0 {
				// Whoever means 7 % and writes 7 shall see it before the borrower does.
				_, _ = fmt.Fprintf(a.err, "note: a rate of %s is %s %% a year; 7 %% is 0.07\n", terms.Rate, percent(terms.Rate))
			}
			return a.print(schedule, func(w io.Writer, style report.Style) error { return report.WriteSchedule(w, style, schedule) })
		})(c, args)
	}
	return c
}

// percent writes a fraction in hundredths.
func percent(rate decimal.Decimal) decimal.Decimal {
	hundredths, err := rate.Mul(decimal.Hundred)
	if err != nil {
		return rate
	}
	return hundredths.Trim(0)
}

// termsFlags adds a flag for each field of terms, of its name.
func termsFlags(c *cobra.Command, t *loan.Terms) {
	flags := c.Flags()
	flags.StringVar(&t.Currency, "currency", t.Currency, "ISO 4217 code")
	numberVar(c, &t.Principal, "principal", "amount that is lent")
	numberVar(c, &t.Rate, "rate", "interest of a year as a fraction: 0.07 is 7 % (default: none)")
	wordVar(c, &t.Method, "method", "method", loan.Methods, "how principal and interest are laid out (default annuity)")
	parsedVar(c, &t.DayCount, "day-count", "day-count", readDayCount,
		"which part of a year a period is (default 30/360): "+closed.Join(loan.DayCounts))
	complete(c, "day-count", loan.DayCounts...)
	wordVar(c, &t.Accrual, "accrual", "accrual", loan.Accruals, "whether interest accrues by the day or by the period (default per_day)")
	flags.IntVar(&t.Periods, "periods", t.Periods, "how many there are, each with an installment at its end")
	parsedVar(c, &t.Every, "every", "length", loan.ParseEvery, "length of a period, such as 1mo, 2w or 30d (default 1mo)")
	flags.Var(day{&t.Start}, "start", "date of disbursement")
	flags.Var(day{&t.FirstDue}, "first-due", "first due date (default: one period after the start)")
	flags.IntVar(&t.GracePrincipal, "grace-principal", 0, "in how many periods at first interest alone is due")
	flags.IntVar(&t.GraceInterest, "grace-interest", 0, "for how many periods at first interest is due only after them")
	flags.IntVar(&t.InterestFree, "interest-free", 0, "in how many periods at first no interest accrues")
	numberVar(c, &t.DownPayment, "down-payment", "part of the principal that is due at the start")
	numberVar(c, &t.Fee, "fee", "one fee for the whole loan")
	numberVar(c, &t.FeeRate, "fee-rate", "the same as a fraction of the principal")
	wordVar(c, &t.FeeDue, "fee-due", "time", loan.FeeDues, "when the fee is due (default first)")
	numberVar(c, &t.Multiple, "multiple", "make installments multiples of it, such as 1 or 0.05 (default: a minor unit)")
	wordVar(c, &t.Rounding, "rounding", "rounding", loan.Roundings, "to which multiple (default half_even)")
}

// readTerms reads terms from a file, if one is named, and lays the flags that were given over them.
func (a *app) readTerms(c *cobra.Command, t *loan.Terms, file string) error {
	if file == "" {
		return nil
	}
	text, err := a.readFile(file)
	if err != nil {
		return err
	}
	given := map[string]string{}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Name != "file" {
			given[f.Name] = f.Value.String()
		}
	})
	*t = loan.Terms{}
	if err := strictjson.Decode(text, t); err != nil {
		return wrongFile(file, err)
	}
	for name, value := range given {
		if err := c.Flags().Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// wrongTerms says which flag is wrong, or which field of the file.
func wrongTerms(c *cobra.Command, file string, err error) error {
	field, reason, _ := strings.Cut(err.Error(), ": ")
	name := strings.ReplaceAll(field, "_", "-")
	if flag := c.Flags().Lookup(name); flag != nil && (file == "" || flag.Changed) {
		return misuse(c, "--%s: %s", name, reason)
	}
	return wrongFile(file, err)
}

// wrongFile says in which file something is wrong: trying again does not help.
func wrongFile(name string, err error) error {
	if name == "-" {
		name = "standard input"
	}
	return &problem{exitRefused, name + ": " + err.Error()}
}

// parsed is a flag whose value is read by a function.
type parsed[T any] struct {
	to   *T
	kind string
	read func(string) (T, error)
}

func parsedVar[T any](c *cobra.Command, to *T, flag, kind string, read func(string) (T, error), usage string) {
	c.Flags().Var(&parsed[T]{to, kind, read}, flag, usage)
}

// numberVar adds a flag that takes an amount or a rate.
func numberVar(c *cobra.Command, to *decimal.Decimal, flag, usage string) {
	parsedVar(c, to, flag, "number", readNumber, usage)
}

// String, Set and Type implement [pflag.Value].
func (p *parsed[T]) String() string {
	if p.to == nil {
		return "" // pflag asks the zero value
	}
	return fmt.Sprint(*p.to)
}

// Set refuses what the function cannot read.
func (p *parsed[T]) Set(text string) (err error) {
	*p.to, err = p.read(text)
	return err
}

// Type names the value in help texts.
func (p *parsed[T]) Type() string { return p.kind }

func readDayCount(text string) (count loan.DayCount, err error) {
	return count, count.UnmarshalText([]byte(text))
}

// readNumber reads a number in plain digits; whether it may be negative is for others to say.
func readNumber(text string) (decimal.Decimal, error) {
	number, err := decimal.Parse(text)
	if err != nil || !plainNumber.MatchString(strings.TrimPrefix(text, "-")) {
		return decimal.Decimal{}, errors.New("write plain digits: an amount as 1000.00, a rate of 7 % as 0.07")
	}
	if !strictjson.Exact(number, text) {
		return decimal.Decimal{}, fmt.Errorf("has more digits than the %d that are counted; round it before", decimal.MaxPrec)
	}
	return number, nil
}
