package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) hardship() *cobra.Command {
	return group("hardship", "Help a borrower who cannot pay as agreed",
		a.hardshipReport(), a.hardshipOffers(), a.hardshipOffer(), a.hardshipAccept(), a.hardshipDecline())
}

func (a *app) hardshipOffers() *cobra.Command {
	var file, dir, product string
	c := &cobra.Command{
		Use:   "offers {LOAN | -f FILE}",
		Short: "Work out which plans a borrower can have, the best for the borrower first, and why not the others",
		Long: `Work out which plans a borrower can have, with the schedule, the cost and the monthly payment of each, the best for
the borrower first: what the borrower can afford before what not, then what costs least in all, then what costs least a
month, then what takes fewest months. For the others it says why not.

The case is that of a loan, as its journey and Postgres have it, or a JSON file, described in docs/hardship.md: for that no
server is needed.`,
		Example: "  tender hardship offers L-1001\n  tender hardship offers -f examples/hardship/job-loss.json --product payment-pause",
		Args:    takesFirst(0, "LOAN"),
	}
	fileFlag(c, &file)
	c.Flags().StringVar(&dir, "products", "", "folder with plan products of your own; one takes the place of a shipped one by bearing its name")
	_ = c.MarkFlagDirname("products")
	c.Flags().StringVar(&product, "product", "", "only this product, with its whole schedule")
	show := func(products []*hardship.Product, offers func([]*hardship.Product) (hardship.Answer, error)) error {
		if product != "" {
			one, err := productOf(products, product)
			if err != nil {
				return err
			}
			products = []*hardship.Product{one}
		}
		answer, err := offers(products)
		if err != nil {
			return err
		}
		return a.print(answer, func(w io.Writer, style report.Style) error {
			return report.WriteOffers(w, style, answer, product != "")
		})
	}
	fromFile := a.withFile(&file, func(_ context.Context, text []byte) error {
		products, err := hardship.Load(dir)
		if err != nil {
			return err
		}
		return show(products, func(products []*hardship.Product) (hardship.Answer, error) { return offersFor(text, products) })
	})
	fromLoan := a.does(func(ctx context.Context, args []string) error {
		return a.withCase(ctx, args[0], dir, func(_ journey.Journey, c hardship.Case, products []*hardship.Product) error {
			return show(products, func(products []*hardship.Product) (hardship.Answer, error) { return hardship.Offers(c, products) })
		})
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && file != "":
			return misuse(c, "name either a loan or a file")
		case len(args) == 1:
			return fromLoan(c, args)
		case file == "":
			return misuse(c, "name a loan, or a file with --file; - is standard input")
		}
		return fromFile(c, args)
	}
	return c
}

func productOf(products []*hardship.Product, name string) (*hardship.Product, error) {
	return named("product", name, products, func(p *hardship.Product) string { return p.Name })
}

// offersFor reads a case and works its offers out. A case that cannot be is refused.
func offersFor(text []byte, products []*hardship.Product) (hardship.Answer, error) {
	c, err := hardship.DecodeCase(text)
	if err != nil {
		return hardship.Answer{}, &problem{exitRefused, err.Error()}
	}
	offers, err := hardship.Offers(c, products)
	if err != nil {
		return offers, &problem{exitRefused, err.Error()}
	}
	return offers, nil
}
