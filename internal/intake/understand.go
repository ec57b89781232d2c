package intake

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// understand says what a reply means, on the date on which the borrower wrote it. Text that says stop means stop, whatever the
// sender read into it. What it was understood as is kept with the event; rules that change later change nothing.
func (k *keeping) understand(ctx context.Context) error {
	p, ok := k.payload.(*event.Reply)
	if !ok {
		return nil
	}
	home, err := k.home(ctx)
	if err != nil {
		return err
	}
	today := bizclock.DateOf(k.at.In(home))
	reply.Understand(p.Text, today).Tell(p)
	if p.Intent == event.IntentStop {
		return nil
	}
	return k.surveyed(ctx, p, today)
}

// home is the first time zone in which the borrower may be; UTC when none is known.
func (k *keeping) home(ctx context.Context) (*time.Location, error) {
	zones, err := k.BorrowerZones(ctx, k.borrower)
	if err != nil {
		return nil, err
	}
	for _, name := range zones {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return time.UTC, nil
}

// follow notes the events that follow from a reply, each as if it had been sent, and reports whether a person has to read it. What
// stops contacts binds in the same transaction.
func (k *keeping) follow(ctx context.Context, p *event.Reply) (person bool, err error) {
	if k.answer != nil {
		k.also(event.SurveyAnswered, event.LoanSubject, k.answered, k.answer)
	}
	about := reply.Concerns{Number: k.pk, About: k.about, Subject: k.subject, Borrower: k.borrower, Loans: k.loans, At: k.known()}
	if p.Has(event.WillPay) && len(k.loans) == 1 {
		owed, err := k.OwedOn(ctx, k.loans[0])
		if err != nil {
			return false, err
		}
		about.PastDue, about.Currency = owed.PastDue, owed.Currency
	}
	if p.Answer != "" {
		if about.Asked, err = k.WasAsked(ctx, sqlc.WasAskedParams{BorrowerID: k.borrower, Since: k.known().Add(-reply.AskedFor)}); err != nil {
			return false, err
		}
	}
	follows, person := reply.Follow(p, about)
	for _, f := range follows {
		k.also(f.Type, f.About, f.Subject, f.Payload)
	}
	return person, nil
}

// also notes an event that follows from this one. No sender can take its id.
func (k *keeping) also(kind event.Type, about event.Subject, subject string, payload event.Payload) {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // every payload has a form in JSON
	}
	id := fmt.Sprintf("reply:%d:%d", k.pk, len(k.follows)+1)
	sum := sha256.Sum256(append([]byte(id), data...))
	k.follows = append(k.follows, incoming{
		source: tender, id: id, kind: kind, about: about, subject: subject, at: k.at, data: data, payload: payload, digest: sum[:],
	})
}
