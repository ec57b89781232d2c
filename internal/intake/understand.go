package intake

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// hear asks the classifier what a reply means, before anything is locked. It is not asked about what its sender has understood, what
// the rules find to be a stop, nor about a repeat: what was understood once stays.
func (d *Door) hear(ctx context.Context, in *incoming, now time.Time) {
	p, is := in.payload.(*event.Reply)
	if !is || d.options.Classifier == nil || p.Text == "" || len(p.Means) > 0 {
		return
	}
	if _, err := d.store.FindEvent(ctx, sqlc.FindEventParams{Source: in.source, ID: in.id}); !errors.Is(err, pgx.ErrNoRows) {
		return
	}
	borrower := in.subject
	if in.about == event.LoanSubject {
		row, err := d.store.LoanFor(ctx, in.subject)
		if err != nil {
			return // the transaction says what is wrong
		}
		borrower = row.BorrowerID
	}
	home, err := d.store.BorrowerHome(ctx, borrower)
	if err != nil {
		return
	}
	at := in.at
	if at.IsZero() {
		at = now
	}
	today := bizclock.DateOf(at.In(zoneOf(home.TimeZones)))
	if reply.Understand(p.Text, today).Has(reply.Stop) {
		return
	}
	m, err := d.options.Classifier.Understand(ctx, classify.Question{
		Text: reply.Said(p.Text), On: today, Currency: home.Currency, Channel: p.Channel, Languages: languages(home.Language),
	})
	if err == nil {
		in.heard = &m
		return
	}
	in.unheard = "failed"
	var failure *classify.Failure
	if errors.As(err, &failure) {
		in.unheard = failure.Code
	}
	d.options.Log.WarnContext(ctx, "the classifier was not heard; the rules say what a reply means", "event", in.id, "code", in.unheard, "why", err.Error())
}

// languages are the borrower's own and those that have rules.
func languages(own string) []string {
	all := []string{own}
	for _, other := range reply.Languages {
		if other != own {
			all = append(all, other)
		}
	}
	return all
}

// understand says what a reply means, on the date on which the borrower wrote it. Text that says stop means stop, whatever the
// sender read into it. What it was understood as is kept with the event; rules that change later change nothing.
func (k *keeping) understand(ctx context.Context) error {
	if p, ok := k.payload.(*event.SurveyAnswer); ok && p.Remark != "" && len(p.Means) == 0 {
		p.Means = reply.Understand(p.Remark, bizclock.DateOf(k.at.UTC())).Intents
	}
	p, ok := k.payload.(*event.Reply)
	if !ok {
		return nil
	}
	home, err := k.BorrowerHome(ctx, k.borrower)
	if err != nil {
		return err
	}
	today := bizclock.DateOf(k.at.In(zoneOf(home.TimeZones)))
	m := reply.Understand(p.Text, today)
	p.Understood, p.Unheard = "", k.unheard
	switch {
	case k.heard != nil:
		m, p.Understood = classify.Joined(*k.heard, m), "classifier"
	case k.unheard != "":
		p.Understood = "rules"
	}
	m.Tell(p)
	k.today = today
	if p.Intent == event.IntentStop {
		return nil
	}
	if p.Answer != "" {
		if k.asked, err = k.WasAsked(ctx, sqlc.WasAskedParams{BorrowerID: k.borrower, Since: k.known().Add(-reply.AskedFor)}); err != nil {
			return err
		}
		k.said = reply.Answered(p, k.asked)
	}
	return k.surveyed(ctx, p, today)
}

// zoneOf is the first time zone in which the borrower may be; UTC when none is known.
func zoneOf(zones []string) *time.Location {
	for _, name := range zones {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

// follow notes the events that follow from a reply, each as if it had been sent, and reports whether a person has to read it. What
// stops contacts binds in the same transaction.
func (k *keeping) follow(ctx context.Context, p *event.Reply) (person bool, err error) {
	if k.answer != nil {
		about, subject, _ := strings.Cut(event.SubjectOf(k.answered), "/")
		k.also(event.SurveyAnswered, event.Subject(about), subject, k.answer)
	}
	loans := loansAmong(k.loans)
	about := reply.Concerns{
		Number: k.pk, About: k.about, Subject: k.subject, Borrower: k.borrower, Loans: loans, At: k.known(), Today: k.today, Asked: k.asked, Said: k.said,
	}
	if p.Has(event.WrongPerson) && p.Point == "" {
		if about.Points, err = k.PointsOn(ctx, sqlc.PointsOnParams{BorrowerID: k.borrower, Channel: string(p.Channel)}); err != nil {
			return false, err
		}
	}
	if p.Has(event.Prefers) && p.Wants != "" {
		there, err := k.PointsOn(ctx, sqlc.PointsOnParams{BorrowerID: k.borrower, Channel: string(p.Wants)})
		if err != nil {
			return false, err
		}
		about.Unreachable = len(there) == 0
	}
	if p.Has(event.WillPay) && len(loans) == 1 {
		owed, err := k.OwedOn(ctx, loans[0])
		if err != nil {
			return false, err
		}
		about.PastDue, about.Outstanding, about.Currency = owed.PastDue, owed.Outstanding, owed.Currency
	}
	if k.answers, err = k.objectable(ctx); err != nil {
		return false, err
	}
	about.Answers = k.answers
	follows, person := reply.Follow(p, about)
	for _, f := range follows {
		k.also(f.Type, f.About, f.Subject, f.Payload)
	}
	return person, nil
}

// also notes an event that follows from this one, such as a reply, a call or the answer to a survey. No sender can take its id.
func (k *keeping) also(kind event.Type, about event.Subject, subject string, payload event.Payload) {
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err) // every payload has a form in JSON
	}
	from := "reply"
	switch k.kind {
	case event.CallCompleted:
		from = "call"
	case event.SurveyAnswered:
		from = "survey"
	case event.BorrowerReplied:
	default:
		from = "event"
	}
	id := fmt.Sprintf("%s:%d:%d", from, k.pk, len(k.follows)+1)
	sum := sha256.Sum256(append([]byte(id), data...))
	k.follows = append(k.follows, incoming{
		source: tender, id: id, kind: kind, about: about, subject: subject, at: k.at, data: data, payload: payload, digest: sum[:],
	})
}
