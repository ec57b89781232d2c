package main

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/report"
)

func (a *app) hardship() *cobra.Command {
	return group("hardship", "See what can be offered to a borrower who cannot pay as agreed", a.hardshipOffers())
}

func (a *app) hardshipOffers() *cobra.Command {
	var file, dir, product string
	c := &cobra.Command{
		Use:   "offers -f FILE",
		Short: "Work out which plans a borrower can have, the best for the borrower first, and why not the others",
		Long: `Work out which plans a borrower can have, with the schedule, the cost and the monthly payment of each, the best for
the borrower first: what the borrower can afford before what not, then what costs least in all, then what costs least a
month, then what takes fewest months. For the others it says why not.

The case is a JSON file, described in docs/hardship.md. No server is needed.`,
		Example: "  tender hardship offers -f examples/hardship/job-loss.json\n  tender hardship offers -f examples/hardship/job-loss.json --product payment-pause",
		Args:    takes(),
	}
	fileFlag(c, &file)
	c.Flags().StringVar(&dir, "products", "", "folder with plan products of your own; one takes the place of a shipped one by bearing its name")
	_ = c.MarkFlagDirname("products")
	c.Flags().StringVar(&product, "product", "", "only this product, with its whole schedule")
	c.RunE = a.withFile(&file, func(_ context.Context, text []byte) error {
		products, err := hardship.Load(dir)
		if err != nil {
			return err
		}
		if product != "" {
			if products, err = only(products, product); err != nil {
				return err
			}
		}
		offers, err := offersFor(text, products)
		if err != nil {
			return err
		}
		return a.print(offers, func(w io.Writer, style report.Style) error {
			return report.WriteOffers(w, style, offers, product != "")
		})
	})
	return c
}

// only returns the product of a name.
func only(products []*hardship.Product, name string) ([]*hardship.Product, error) {
	var names []string
	for _, p := range products {
		names = append(names, p.Name)
	}
	n := slices.Index(names, name)
	if n < 0 {
		return nil, notFound("product %s is not known; there are %s", name, strings.Join(names, ", "))
	}
	return products[n : n+1], nil
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
