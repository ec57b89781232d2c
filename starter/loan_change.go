package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// idFlag adds the flag that makes a command line repeatable.
func idFlag(c *cobra.Command, id *string) {
	c.Flags().StringVar(id, "id", "", "id of the event; the same command line with the same id has one effect (default: a new one)")
}

func (a *app) loanDisburse() *cobra.Command {
	var file, loan, from, id string
	c := &cobra.Command{
		Use:   "disburse -f FILE",
		Short: "Begin the journey of a loan",
		Long: `Begin the journey of a loan with its loan.disbursed event. The file holds the whole event, or only its data;
then --loan names the loan.

Unless the data say "watermarks": false, the journey writes about an unpaid due date only after the same source
has sent a ledger.watermark for that date.`,
		Example: "  tender loan disburse -f examples/events/loan.disbursed.json",
		Args:    takes(),
	}
	fileFlag(c, &file)
	c.Flags().StringVar(&loan, "loan", "", "id of the loan, if the file holds only the data")
	c.Flags().StringVar(&from, "source", source, "lending system that the loan comes from, if the file holds only the data")
	idFlag(c, &id)
	c.RunE = a.withFile(&file, func(ctx context.Context, text []byte) error {
		e, err := disbursement(text, loan, from, cmp.Or(id, newID()))
		if err != nil {
			return err
		}
		return a.take(ctx, e)
	})
	return c
}

// disbursement reads a whole event, or makes one of its data.
func disbursement(text []byte, loan, from, id string) (cloudevents.Event, error) {
	var some map[string]json.RawMessage
	if json.Unmarshal(text, &some) == nil && some != nil && some["specversion"] == nil {
		if loan == "" {
			return cloudevents.Event{}, &problem{exitUsage, "the file holds no event but only data; name the loan with --loan, or send a whole event"}
		}
		e, err := draft(event.LoanDisbursed, event.LoanSubject, loan, id, json.RawMessage(text))
		e.SetSource(from)
		return e, err
	}
	e, err := intake.Parse(text)
	switch {
	case err != nil:
		return e, err
	case e.Type() != string(event.LoanDisbursed):
		return e, &problem{exitUsage, "the file holds no loan.disbursed; send other events with tender event send"}
	case loan != "" && e.Subject() != string(event.LoanSubject)+"/"+loan:
		return e, &problem{exitUsage, "the file's event is about another loan than --loan " + loan}
	}
	return e, nil
}

func (a *app) loanPay() *cobra.Command {
	var currency, id string
	var on bizclock.Date
	c := &cobra.Command{
		Use:   "pay LOAN AMOUNT",
		Short: "Post a payment",
		Long: `Post a payment, as the lending system would. Its currency is the loan's and its value date is today, in the
contract's time zone, unless flags say otherwise.`,
		Example: "  tender loan pay L-1001 125.00 --value-date 2026-02-01",
		Args:    takes("LOAN", "AMOUNT"),
	}
	c.Flags().StringVar(&currency, "currency", "", "ISO 4217 code (default: the loan's)")
	c.Flags().Var(day{&on}, "value-date", "date from which it counts (default: today)")
	idFlag(c, &id)
	positive(c, "; what takes a payment back is an event payment.reversed")
	c.RunE = func(c *cobra.Command, args []string) error {
		amount, err := amountOf(args[1])
		if err != nil {
			return misuse(c, "%v", err)
		}
		return a.does(func(ctx context.Context, args []string) error {
			return a.pay(ctx, args[0], event.Payment{Posting: event.Posting{Amount: amount, Currency: strings.ToUpper(currency), ValueDate: on}}, id)
		})(c, args)
	}
	return c
}

// positive makes a command say of a negative amount, which looks like a flag, what is wrong with it, and what to do.
func positive(c *cobra.Command, instead string) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if found := negativeNumber.FindStringSubmatch(err.Error()); found != nil {
			return misuse(c, "AMOUNT %q must be positive%s", found[1], instead)
		}
		return c.Parent().FlagErrorFunc()(c, err)
	})
}

// negativeNumber finds in pflag's error the argument that it took for flags; plainNumber is how an amount is written.
var (
	negativeNumber = regexp.MustCompile(`^unknown shorthand flag: .* in (-[0-9.]+)$`)
	plainNumber    = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
)

// amountOf reads a positive amount in plain digits: 1e3 is a thousand, and more likely a slip than meant.
func amountOf(text string) (decimal.Decimal, error) {
	amount, err := decimal.Parse(text)
	switch plain := plainNumber.MatchString(strings.TrimPrefix(text, "-")); {
	case plain && err == nil && !amount.IsPos():
		return decimal.Decimal{}, fmt.Errorf("AMOUNT %q must be positive", text)
	case !plain || err != nil:
		return decimal.Decimal{}, fmt.Errorf("AMOUNT %q is no amount in plain digits; write such as 125.00", text)
	}
	return amount, nil
}

// pay completes a payment and takes it.
func (a *app) pay(ctx context.Context, loan string, p event.Payment, id string) error {
	err := a.reading(ctx, func(db *store.Store) error {
		found, err := report.Find(ctx, db, loan)
		if err != nil {
			return unknownLoan(loan, err)
		}
		now, err := db.Now(ctx)
		if err != nil {
			return err
		}
		// A repeat on another day is the same payment, with the value date that it had.
		var before event.Posting
		if err := earlier(ctx, db, id, &before); err != nil {
			return err
		}
		p.Currency = cmp.Or(p.Currency, found.Currency)
		if p.ValueDate.IsZero() {
			p.ValueDate = before.ValueDate
		}
		if p.ValueDate.IsZero() {
			p.ValueDate = bizclock.DateOf(now.In(found.Contract()))
		}
		return nil
	})
	if err != nil {
		return err
	}
	id = cmp.Or(id, newID())
	p.Transaction = id
	e, err := draft(event.PaymentPosted, event.LoanSubject, loan, id, p)
	if err != nil {
		return err
	}
	return a.take(ctx, e)
}

// sends makes an event about a loan, or what else is accompanied, and takes it.
func (a *app) sends(ctx context.Context, kind event.Type, about, id string, data any) error {
	subject, about, _ := strings.Cut(event.SubjectOf(about), "/")
	e, err := draft(kind, event.Subject(subject), about, cmp.Or(id, newID()), data)
	if err != nil {
		return err
	}
	return a.take(ctx, e)
}

// sentBefore reads the data of an event that this command sent before under an id; nothing when it sent none.
func (a *app) sentBefore(ctx context.Context, id string, data any) error {
	if id == "" {
		return nil
	}
	return a.reading(ctx, func(db *store.Store) error { return earlier(ctx, db, id, data) })
}

// currencyOf returns a loan's currency.
func (a *app) currencyOf(ctx context.Context, id string) (currency string, err error) {
	err = a.reading(ctx, func(db *store.Store) error {
		found, err := report.Find(ctx, db, id)
		currency = found.Currency
		if err != nil {
			return unknownLoan(id, err)
		}
		return nil
	})
	return currency, err
}

// earlier reads the data of an event that this command sent before under an id; nothing when it sent none.
func earlier(ctx context.Context, db *store.Store, id string, data any) error {
	if id == "" {
		return nil
	}
	row, err := db.EventBy(ctx, sqlc.EventByParams{Source: source, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_ = json.Unmarshal(row.Data, data) // an event of another type has nothing to offer, and the door refuses the repeat
	return nil
}

func (a *app) loanHold() *cobra.Command {
	var h holding
	c := &cobra.Command{
		Use:   "hold LOAN --reason KIND",
		Short: "Place a hold: a dated, reasoned stop",
		Long: `Place a hold on a loan, or with --borrower on its borrower and so on all their loans. It binds at once, even
while Temporal is away. Which contacts it leaves allowed follows from its kind.`,
		Example: `  tender loan hold L-1001 --reason breathing_space --until 2026-04-01 --note "adviser letter of 30 January"`,
		Args:    takes("LOAN"),
	}
	wordVar(c, &h.kind, "reason", "hold", contact.HoldKinds, "why")
	c.Flags().Var(day{&h.until}, "until", "first day, in the contract's time zone, on which it no longer binds (default: until released)")
	c.Flags().StringVar(&h.note, "note", "", "evidence and remarks; kept in Postgres alone")
	c.Flags().StringVar(&h.owner, "owner", "", "who answers for it (default: who acts)")
	c.Flags().BoolVar(&h.borrower, "borrower", false, "hold all loans of the borrower")
	idFlag(c, &h.id)
	c.RunE = func(c *cobra.Command, args []string) error {
		if h.kind == "" {
			return misuse(c, "--reason is missing; for example:\n%s", c.Example)
		}
		return a.does(func(ctx context.Context, args []string) error { return a.hold(ctx, args[0], h) })(c, args)
	}
	return c
}

// holding is a hold that somebody wants to place.
type holding struct {
	kind            contact.HoldKind
	until           bizclock.Date
	note, owner, id string
	borrower        bool
}

func (a *app) hold(ctx context.Context, loan string, h holding) error {
	var kind event.Subject
	var subject string
	id := cmp.Or(h.id, newID())
	p := event.HoldPlacement{Hold: id, Kind: h.kind, Note: h.note, Owner: cmp.Or(h.owner, a.actor())}
	err := a.reading(ctx, func(db *store.Store) error {
		found, err := report.Find(ctx, db, loan)
		if err != nil {
			return unknownLoan(loan, err)
		}
		if !h.until.IsZero() {
			p.Until = h.until.In(found.Contract())
		}
		kind, subject = event.LoanSubject, loan
		if h.borrower {
			kind, subject = event.BorrowerSubject, found.Borrower
		}
		now, err := db.Now(ctx)
		if err == nil && !p.Until.IsZero() && !p.Until.After(now) && h.id == "" {
			return &problem{exitRefused, "--until " + h.until.String() + " has come already: the hold would never bind; give a later day"}
		}
		return err
	})
	if err != nil {
		return err
	}
	e, err := draft(event.HoldPlaced, kind, subject, id, p)
	if err != nil {
		return err
	}
	return a.take(ctx, e)
}

func (a *app) loanRelease() *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:     "release LOAN HOLD",
		Short:   "Release a hold",
		Long:    "Release a hold of a loan or of its borrower. tender loan show lists the holds with their ids.",
		Example: "  tender loan release L-1001 cli-5q3nydvk7mzr2hpx",
		Args:    takes("LOAN", "HOLD"),
	}
	idFlag(c, &id)
	c.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.release(ctx, args[0], args[1], cmp.Or(id, newID()))
	})
	return c
}

func (a *app) release(ctx context.Context, loan, hold, id string) error {
	var kind event.Subject
	var subject string
	err := a.reading(ctx, func(db *store.Store) error {
		found, err := report.Find(ctx, db, loan)
		if err != nil {
			return unknownLoan(loan, err)
		}
		holds, err := db.LoanHolds(ctx, loan)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(holds, func(h sqlc.Hold) bool { return h.ID == hold })
		if n < 0 {
			return notFound("loan %s has no hold %s; %s", loan, hold, holdsInForce(holds))
		}
		if region := holds[n].Region; region != nil {
			return &problem{exitRefused, fmt.Sprintf("hold %s covers everybody in %s; release it for all of them with tender hold release %s --region %s", hold, *region, hold, *region)}
		}
		kind, subject = event.LoanSubject, loan
		if holds[n].LoanID == nil {
			kind, subject = event.BorrowerSubject, found.Borrower
		}
		return nil
	})
	if err != nil {
		return err
	}
	e, err := draft(event.HoldReleased, kind, subject, id, event.HoldRelease{Hold: hold})
	if err != nil {
		return err
	}
	return a.take(ctx, e)
}

// holdsInForce lists the holds that were not released.
func holdsInForce(holds []sqlc.Hold) string {
	var ids []string
	for _, h := range holds {
		if h.ReleasedAt == nil {
			ids = append(ids, h.ID+" ("+h.Kind+")")
		}
	}
	if len(ids) == 0 {
		return "it has none"
	}
	return "it has " + strings.Join(ids, ", ")
}
