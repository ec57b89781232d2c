package intake

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// askWithin bounds how long all the replies that come together wait for the classifier, wall time; the rules read those that are left.
const askWithin = 15 * time.Second

// classified is what the classifier made of a reply: what it means, or why the rules have to say so.
type classified struct {
	means  reply.Meaning
	failed event.ClassifierFailure
}

// classify asks the classifier what a reply means, before a transaction begins: nothing is locked meanwhile. Nobody is asked about an
// event that was kept before, which stays what it was understood as, nor about one that will be refused.
func (d *Door) classify(ctx, asking context.Context, in incoming, now time.Time) (*classified, error) {
	p, ok := in.payload.(*event.Reply)
	if !ok || d.options.Classifier == nil || len(p.Means) > 0 || p.Intent == event.IntentStop || !reply.Readable(p.Text) {
		return nil, nil
	}
	if in.at.IsZero() {
		in.at = now
	}
	if checkTime(d.store.Clock(), in.at, now) != nil {
		return nil, nil
	}
	switch _, err := d.store.FindEvent(ctx, sqlc.FindEventParams{Source: in.source, ID: in.id}); {
	case err == nil:
		return nil, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, err
	}
	who := sqlc.ReplyFromParams{Borrower: in.subject}
	if in.about == event.LoanSubject {
		who = sqlc.ReplyFromParams{Loan: in.subject}
	}
	from, err := d.store.ReplyFrom(ctx, who)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // it will be refused
	}
	if err != nil {
		return nil, err
	}
	q := classify.Question{
		Text: reply.Said(p.Text), Languages: []string{from.Language}, On: bizclock.DateOf(in.at.In(homeOf(from.TimeZones))), Channel: p.Channel,
	}
	if len(from.Currencies) == 1 {
		q.Currency = from.Currencies[0]
	}
	m, err := d.options.Classifier.Ask(asking, q)
	if err == nil {
		return &classified{means: m}, nil
	}
	var failed *classify.Failure
	if !errors.As(err, &failed) {
		return nil, err
	}
	if failed.Code != event.ClassifierRested { // which was said when it began to fail
		d.options.Log.WarnContext(ctx, "the classifier was of no use; the rules understood a reply", "code", string(failed.Code), "error", failed.Error())
	}
	return &classified{failed: failed.Code}, nil
}

// homeOf is the first of some time zones that is one; UTC when none is.
func homeOf(zones []string) *time.Location {
	for _, name := range zones {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}
