package intake

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// errTaken undoes a transaction that lost the race for an identity: somebody else stores the same event.
var errTaken = errors.New("the identity is taken")

// receive finds the event or stores it, with all that binds at once, and returns the journeys to tell, and whether it was
// there before.
func (d *Door) receive(ctx context.Context, in incoming, actor string) (tellings []*telling, before bool, err error) {
	now, err := d.store.Now(ctx) // before the transaction, which would need a second connection for it
	if err != nil {
		return nil, false, postgres(err, false)
	}
	in.data, now = slices.Clip(in.data), now.Truncate(time.Microsecond)
	d.hear(ctx, &in, now)
	for {
		var all []kept
		err := d.store.InTx(ctx, func(tx store.Tx) (err error) {
			all, before, err = d.keep(ctx, tx, in, now, actor)
			return err
		})
		switch {
		case errors.Is(err, errTaken):
			continue // it is found now
		case err != nil:
			return nil, false, postgres(err, false)
		}
		for _, one := range all {
			for _, loan := range one.loans {
				tellings = append(tellings, &telling{event: one.pk, loan: loan})
			}
		}
		return tellings, before, nil
	}
}

// kept is an event that is kept, with the loans whose journeys are to be told.
type kept struct {
	pk    int64
	loans []string
}

// keep does the work of one transaction: it keeps the event, and what follows from it.
func (d *Door) keep(ctx context.Context, tx store.Tx, in incoming, now time.Time, actor string) (all []kept, before bool, err error) {
	found, err := tx.FindEvent(ctx, sqlc.FindEventParams{Source: in.source, ID: in.id})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return nil, false, err
	case !bytes.Equal(found.Digest, in.digest):
		return nil, false, ErrConflict
	default:
		loans, err := tx.ToldLoans(ctx, found.Pk)
		return []kept{{found.Pk, loans}}, true, err
	}
	if err := checkTime(d.store.Clock(), in.at, now); err != nil {
		return nil, false, err
	}
	if in.at.IsZero() {
		in.at = now
	}
	k := &keeping{Tx: tx, incoming: in, now: now, actor: actor, lease: d.options.Lease, strategies: d.read, regimes: d.options.Regimes}
	if err := k.take(ctx); err != nil {
		return nil, false, err
	}
	all = []kept{{k.pk, k.loans}}
	for waiting := k.follows; len(waiting) > 0; {
		follows := waiting[0]
		next := &keeping{Tx: tx, incoming: follows, now: now, actor: tender, lease: d.options.Lease, strategies: d.read, regimes: d.options.Regimes, derived: true}
		if err := next.take(ctx); err != nil {
			return nil, false, err
		}
		all = append(all, kept{next.pk, next.loans})
		waiting = append(waiting[1:], next.follows...)
	}
	return all, false, nil
}

// take keeps one event, applies what binds at once, and numbers it for the journeys that are told.
func (k *keeping) take(ctx context.Context) error {
	for _, do := range []func(context.Context) error{k.find, k.checkNames, k.understand, k.foresee, k.store, k.bind, k.number} {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keeping is an event on its way into Postgres.
type keeping struct {
	store.Tx
	incoming
	now   time.Time
	actor string
	lease time.Duration
	// strategies are those that were read already.
	strategies *strategies
	// derived is set when it follows from another event, and nobody sent it.
	derived bool

	pk       int64
	borrower string
	// loan is the loan of the subject, if there is one.
	loan sqlc.LoanForRow
	// loans are those whose journeys are told.
	loans []string
	// follows are events that follow from this one, and are kept with it.
	follows []incoming
	// today is the date of a reply where the borrower is, asked the step that asked what it may answer, and said what it answers.
	today bizclock.Date
	asked string
	said  event.Answer
	// answers are the complaints to whose answers a reply may object.
	answers []reply.ToObject
	// answer is the answer to a survey that a reply is, and answered the loan that it is about.
	answer   *event.SurveyAnswer
	answered string
	// task is the task that the event is about, if it is about one.
	task sqlc.TaskOfRow
	// regimes set the clocks of complaints; complaint is the one that the event is about, if it is about one.
	regimes   *complaint.Library
	complaint *complaintState
}

// find looks up whom the event is about, and locks that borrower: from here on nobody else reserves a contact, and no
// other event of the borrower is stored.
func (k *keeping) find(ctx context.Context) error {
	switch p := k.payload.(type) {
	case *event.Disbursement:
		return k.disburse(ctx, p)
	case *event.Application:
		return k.apply(ctx, p)
	}
	switch k.about {
	case event.LoanSubject:
		row, err := k.LoanFor(ctx, k.subject)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && !row.Standing {
			return &Unknown{What: "loan", ID: k.subject, Hint: "send its loan.disbursed first, then this event again"}
		}
		if err != nil {
			return err
		}
		k.loan, k.borrower = row, row.BorrowerID
	case event.BorrowerSubject:
		k.borrower = k.subject
	case event.ApplicationSubject:
		return k.findApplication(ctx)
	case event.ComplaintSubject:
		if err := k.findComplaint(ctx, k.subject); err != nil {
			return err
		}
		k.subject = k.complaint.ID
		k.loans = []string{event.ComplaintLoan(k.subject)}
		return nil
	default: // about nobody alone, so there is nobody to lock
		return nil
	}
	if _, err := k.Lock(ctx, k.borrower); errors.Is(err, store.ErrNotFound) {
		return &Unknown{What: "borrower", ID: k.borrower, Hint: "a borrower becomes known with the loan.disbursed of a first loan; send this event again after it"}
	} else if err != nil {
		return err
	}
	if k.about == event.LoanSubject {
		k.loans = []string{k.subject}
		return nil
	}
	return k.tellOpen(ctx)
}

// tellOpen has every open journey of the borrower told, those of applications too, beside what is told already.
func (k *keeping) tellOpen(ctx context.Context) error {
	open, err := k.OpenLoans(ctx, k.borrower)
	k.tellAlso(open...)
	return err
}

// tellAlso has more journeys told.
func (k *keeping) tellAlso(loans ...string) {
	for _, loan := range loans {
		if !slices.Contains(k.loans, loan) {
			k.loans = append(k.loans, loan)
		}
	}
}

// store writes the event: for ever what is not personal, and beside it what is.
func (k *keeping) store(ctx context.Context) error {
	told := k.payload
	if release, ok := told.(*event.HoldRelease); ok {
		told = release.Told()
	}
	public, err := event.Public(told)
	if err != nil {
		return err
	}
	subject := ""
	if k.about != event.NoSubject {
		subject = string(k.about) + "/" + k.subject
	}
	k.pk, err = k.InsertEvent(ctx, sqlc.InsertEventParams{
		Source: k.source, ID: k.id, Type: string(k.kind), Subject: subject, BorrowerID: optional(k.borrower), At: k.at,
		Digest: k.digest, Data: public, Actor: k.actor,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return errTaken
	}
	if err != nil {
		return err
	}
	return k.InsertParticulars(ctx, sqlc.InsertParticularsParams{EventPk: k.pk, Data: k.data})
}

// number gives the event its number in each journey that is told of it.
func (k *keeping) number(ctx context.Context) error {
	if !k.kind.ToldToJourneys() {
		k.loans = nil
	}
	slices.Sort(k.loans) // rows are locked in one order
	for _, loan := range k.loans {
		err := k.InsertDelivery(ctx, sqlc.InsertDeliveryParams{EventPk: k.pk, LoanID: loan, LeaseSeconds: k.lease.Seconds()})
		if err != nil {
			return err
		}
	}
	return nil
}

// optional returns nil for nothing.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
