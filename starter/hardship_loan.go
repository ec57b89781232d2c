package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/workflows"
)

func (a *app) hardshipReport() *cobra.Command {
	var cause hardship.Cause
	var months int
	var income, costs, text, id string
	c := &cobra.Command{
		Use:   "report LOAN --cause CAUSE",
		Short: "Report that a borrower has trouble with paying",
		Long: `Report that a borrower has trouble with paying, and why. Where a plan can be had that the borrower can afford, Tender
offers it at once, in writing; else a person is given it to see to. What is told stays in Postgres.`,
		Example: "  tender hardship report L-1001 --cause job_loss --months 3 --income 1200 --essential-costs 1050",
		Args:    takes("LOAN"),
	}
	wordVar(c, &cause, "cause", "cause", hardship.Causes, "why")
	c.Flags().IntVar(&months, "months", 0, "for how many months it is expected to last (default: nobody knows)")
	c.Flags().StringVar(&income, "income", "", "income of a month, in the loan's currency")
	c.Flags().StringVar(&costs, "essential-costs", "", "what a month's living costs at least")
	c.Flags().StringVar(&text, "text", "", "what the borrower says; kept in Postgres alone")
	idFlag(c, &id)
	c.MarkFlagsRequiredTogether("income", "essential-costs")
	c.RunE = func(c *cobra.Command, args []string) error {
		if cause == "" {
			return misuse(c, "--cause is missing; for example:\n%s", c.Example)
		}
		amounts := map[string]*decimal.Decimal{}
		for _, flag := range []string{"income", "essential-costs"} {
			value := map[string]string{"income": income, "essential-costs": costs}[flag]
			if value == "" {
				continue
			}
			amount, err := decimal.Parse(value)
			if err != nil || amount.IsNeg() || !plainNumber.MatchString(value) {
				return misuse(c, "--%s %q is no amount in plain digits; write such as 1200.00", flag, value)
			}
			amounts[flag] = &amount
		}
		return a.does(func(ctx context.Context, args []string) error {
			currency, err := a.currencyOf(ctx, args[0])
			if err != nil {
				return err
			}
			h := event.Hardship{Cause: cause, Months: months, Text: text}
			for flag, to := range map[string]**loan.Money{"income": &h.Income, "essential-costs": &h.EssentialCosts} {
				if amounts[flag] == nil {
					continue
				}
				*to = &loan.Money{Amount: *amounts[flag], Currency: currency}
				if err := (*to).Validate(); err != nil { // written as JSON it would be rounded
					return &problem{exitRefused, "--" + flag + ": " + err.Error()}
				}
			}
			return a.sends(ctx, event.HardshipReported, args[0], id, h)
		})(c, args)
	}
	return c
}

func (a *app) hardshipOffer() *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "offer LOAN PRODUCT",
		Short: "Offer a plan to a borrower, in writing",
		Long: `Offer a plan to a borrower. Tender works out its terms and sends them in the borrower's hours; the borrower accepts by
reply, or through tender hardship accept. What cannot be offered now is refused, with the reasons.`,
		Example: "  tender hardship offer L-1001 payment-pause",
		Args:    takes("LOAN", "PRODUCT"),
	}
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		var before event.PlanOffer
		if err := a.sentBefore(ctx, id, &before); err != nil {
			return err
		}
		if before.Product != "" { // a repeat has the one effect that it had, whatever can be offered since
			return a.sends(ctx, event.PlanOffered, args[0], id, event.PlanOffer{Product: args[1]})
		}
		err := a.withCase(ctx, args[0], "", func(_ journey.Journey, c hardship.Case, products []*hardship.Product) error {
			one, err := productOf(products, args[1])
			if err != nil {
				return err
			}
			answer, err := hardship.Offers(c, []*hardship.Product{one})
			if err == nil && len(answer.Offers) == 0 {
				err = &problem{exitRefused, fmt.Sprintf("%s cannot be offered to loan %s now: %s", args[1], args[0], strings.Join(answer.NotOffered[0].Why, " "))}
			}
			return err
		})
		if err != nil {
			return err
		}
		return a.sends(ctx, event.PlanOffered, args[0], id, event.PlanOffer{Product: args[1]})
	})
	return c
}

func (a *app) hardshipAccept() *cobra.Command {
	return a.planAnswer("accept", event.PlanAccepted, "Record that a borrower accepted a plan, or takes a broken one up again")
}

func (a *app) hardshipDecline() *cobra.Command {
	return a.planAnswer("decline", event.PlanDeclined, "Record that a borrower declined a plan")
}

// planAnswer is a command that records what a borrower said to a plan.
func (a *app) planAnswer(name string, kind event.Type, short string) *cobra.Command {
	var by hardship.Way
	var id string
	c := &cobra.Command{
		Use:     name + " LOAN [PLAN]",
		Short:   short,
		Long:    short + ". The plan may be left out when one offer is open; tender loan show lists them.",
		Example: "  tender hardship " + name + " L-1001 payment-pause.2026-03-17",
		Args:    takesFirst(1, "LOAN", "PLAN"),
	}
	wordVar(c, &by, "by", "way", hardship.Ways, "how the borrower answered (default: agent)")
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		if len(args) == 2 {
			return a.sends(ctx, kind, args[0], id, event.PlanAnswer{Plan: args[1], By: by})
		}
		var before event.PlanAnswer
		if err := a.sentBefore(ctx, id, &before); err != nil {
			return err
		}
		if before.Plan == "" {
			var err error
			if before.Plan, err = a.openOffer(ctx, args[0]); err != nil {
				return err
			}
		}
		return a.sends(ctx, kind, args[0], id, event.PlanAnswer{Plan: before.Plan, By: by})
	})
	return c
}

// openOffer returns the one plan of a loan that waits for an answer.
func (a *app) openOffer(ctx context.Context, id string) (plan string, err error) {
	err = a.withJourney(ctx, id, func(_ settings.Settings, db *store.Store, j journey.Journey) error {
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		found, err := report.Find(ctx, db, id)
		if err != nil {
			return err
		}
		today := bizclock.DateOf(now.In(found.Contract()))
		var open []string
		for _, p := range j.Plans {
			if p.Accepted.IsZero() && p.Declined.IsZero() && !today.After(p.Offer.Expires) {
				open = append(open, p.ID)
			}
		}
		switch len(open) {
		case 1:
			plan = open[0]
			return nil
		case 0:
			return notFound("loan %s has no offer that waits for an answer; make one with tender hardship offer", id)
		}
		return &problem{exitUsage, fmt.Sprintf("loan %s has several offers that wait for an answer; name one of %s", id, strings.Join(open, ", "))}
	})
	return plan, err
}

// withCase reads a loan as a case of hardship, with the products that may be offered: those of a folder, or else those of
// the installation.
func (a *app) withCase(ctx context.Context, id, dir string, do func(journey.Journey, hardship.Case, []*hardship.Product) error) error {
	return a.withJourney(ctx, id, func(s settings.Settings, db *store.Store, j journey.Journey) error {
		switch {
		case !j.Cancelled.IsZero():
			return &problem{exitRefused, fmt.Sprintf("loan %s was cancelled on %s: nothing is owed on it", id, j.Cancelled)}
		case !j.Settled.IsZero():
			return &problem{exitRefused, fmt.Sprintf("loan %s was settled on %s: nothing is owed on it", id, j.Settled)}
		}
		rules, err := compliance.Load(s.Rulebooks)
		if err != nil {
			return err
		}
		products, err := hardship.Load(cmp.Or(dir, s.Products))
		if err != nil {
			return err
		}
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		facts, err := (&activities.Decider{Store: db, Rules: rules, Products: products, Default: s.Strategy}).Facts(ctx, j, now)
		if err != nil {
			return err
		}
		return do(j, strategy.Case(facts), products)
	})
}

// patienceWithJourneys is how long a journey may take to answer.
const patienceWithJourneys = 10 * time.Second

// withJourney asks the journey of a loan for its facts. One that has ended is as Postgres kept it.
func (a *app) withJourney(ctx context.Context, id string, do func(settings.Settings, *store.Store, journey.Journey) error) error {
	s, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if !event.Lent(id) {
		return unknownLoan(id, store.ErrNotFound)
	}
	if _, err := report.Find(ctx, db, id); err != nil {
		return unknownLoan(id, err)
	}
	kept, err := db.KeptJourney(ctx, id)
	var j journey.Journey
	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return err
	case err == nil && len(kept) > 0:
		if err := json.Unmarshal(kept, &j); err != nil {
			return fmt.Errorf("loan %s: its stored journey cannot be read", id)
		}
		return do(s, db, j)
	}
	temporal, err := s.DialTemporal(ctx)
	if err != nil {
		return err
	}
	defer temporal.Close()
	if j, err = askJourney(ctx, temporal, id); err != nil {
		return err
	}
	return do(s, db, j)
}

// askJourney asks a journey that runs for its facts.
func askJourney(ctx context.Context, temporal client.Client, id string) (j journey.Journey, err error) {
	asking, cancel := context.WithTimeout(ctx, patienceWithJourneys)
	defer cancel()
	answer, err := temporal.QueryWorkflow(asking, journey.WorkflowID(id), "", workflows.JourneyQuery)
	var gone *serviceerror.NotFound
	switch {
	case errors.As(err, &gone):
		return j, notFound("loan %s has no journey in Temporal; see tender doctor", id)
	case err != nil:
		return j, &problem{exitFailed, fmt.Sprintf("the journey of loan %s does not answer: no worker runs, or Temporal is away; see tender doctor", id)}
	}
	return j, answer.Get(&j)
}
