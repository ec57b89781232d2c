package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// AgedOut stands in the place of a disposition on a task that nobody did in time, SeenTo on one that was done without a call.
const (
	AgedOut = "aged_out"
	SeenTo  = "seen_to"
)

// foresee works out, before an event is stored, what its sender cannot know and journeys must be told: what becomes of a task.
func (k *keeping) foresee(ctx context.Context) error {
	switch p := k.payload.(type) {
	case *event.Call:
		if err := k.findTask(ctx, p.Task); err != nil {
			return err
		}
		if err := k.checkAgent(p); err != nil {
			return err
		}
		if err := k.checkAbout(ctx, p); err != nil {
			return err
		}
		if err := k.checkPoint(ctx, p.Point); err != nil {
			return err
		}
		if err := k.calledBack(ctx, p); err != nil {
			return err
		}
		var err error
		p.Then, err = k.then(ctx, p)
		return err
	case *event.Expiry:
		return k.findTask(ctx, p.Task)
	}
	if err := k.handles(); err != nil {
		return err
	}
	return k.foreseeComplaint(ctx)
}

// findTask finds the task of an event, and locks it behind its borrower.
func (k *keeping) findTask(ctx context.Context, key string) (err error) {
	k.task, err = k.TaskOf(ctx, key)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return &Unknown{What: "task", ID: key, Hint: "send the id of a task as the worklist shows it"}
	case err != nil:
		return err
	case k.task.Task.BorrowerID != k.borrower,
		k.about == event.LoanSubject && k.task.Task.LoanID != k.subject,
		k.about == event.ApplicationSubject && k.task.Task.LoanID != event.ApplicationLoan(k.subject),
		k.about == event.ComplaintSubject && k.task.Task.LoanID != event.ComplaintLoan(k.subject):
		return wrong("data.task", "%s is a task about something else than %s %s; send the event about that", key, k.about, k.subject)
	}
	return nil
}

// checkAgent refuses what an agent reports of a task that is somebody else's by now. What they said to the borrower must not get
// lost, so they are told where else it is taken.
func (k *keeping) checkAgent(p *event.Call) error {
	t := k.task.Task
	const instead = "; what the borrower said is recorded by its own event, such as promise.made, and a call that Tender does not know of by contact.recorded"
	switch {
	case p.Agent == "" || p.Agent == t.Agent && t.DoneAt == nil || p.Agent == t.DoneBy && t.DoneAt != nil:
		return nil
	case t.DoneAt != nil && t.Disposition == AgedOut:
		return wrong("data.agent", "task %s aged out on %s and is no longer %s's%s", t.Key, t.DoneAt.UTC().Format(time.RFC3339), p.Agent, instead)
	case t.DoneAt != nil && t.DoneBy != "":
		return wrong("data.agent", "task %s was done by %s on %s%s", t.Key, t.DoneBy, t.DoneAt.UTC().Format(time.RFC3339), instead)
	case t.DoneAt == nil && k.task.Leased:
		return wrong("data.agent", "task %s is with %s now, until %s%s", t.Key, t.Agent, t.LeasedUntil.UTC().Format(time.RFC3339), instead)
	case t.DoneAt == nil:
		return wrong("data.agent", "task %s is not %s's: it is on the list; take it up first, with tender task next%s", t.Key, p.Agent, instead)
	}
	return nil // it ended without anybody doing it
}

// then is what becomes of the task.
func (k *keeping) then(ctx context.Context, p *event.Call) (event.Then, error) {
	t, d := k.task.Task, p.Disposition
	task := strategy.Worked{Done: t.DoneAt != nil, Tries: int(t.Tries), Most: int(t.MostTries), Concluded: p.Application != nil && p.Application.Outcome != ""}
	switch {
	case d == "" && t.Calls && t.Rule == "" && !task.Done:
		return "", wrong("data.disposition", "is missing; say what came of the call")
	case d == contact.Callback && task.Done:
		return "", wrong("data.disposition", "task %s ended on %s, and nobody is called back about it; a call that Tender does not know of is recorded by contact.recorded", t.Key, t.DoneAt.UTC().Format(time.RFC3339))
	case d == contact.Callback && p.CallbackAt.After(k.known().Add(strategy.CalledBackAhead)):
		return "", wrong("data.callback_at", "%s lies more than %d days ahead; send an earlier time, or leave it out and note what the borrower said", p.CallbackAt.Format(time.RFC3339), strategy.CalledBackAhead/(24*time.Hour))
	case d == contact.Callback && !p.CallbackAt.IsZero() && !p.CallbackAt.After(k.known()):
		return "", wrong("data.callback_at", "%s has passed already; send the time that the borrower named, or leave it out", p.CallbackAt.Format(time.RFC3339))
	case d == contact.WrongNumber, d == contact.NotInService:
		left, err := k.OtherTelephones(ctx, sqlc.OtherTelephonesParams{BorrowerID: k.borrower, Point: k.called(p)})
		if err != nil {
			return "", err
		}
		task.Again = left
	}
	return task.Then(d), nil
}

// called is the contact point that was called; none when Tender does not know it.
func (k *keeping) called(p *event.Call) string { return cmp.Or(p.Point, k.task.Task.Point) }

// completeCall takes what a person did with a task: the call counts as a contact, also when it was not reserved as one, the task
// ends or goes back on the list, and what the borrower said binds at once.
func (k *keeping) completeCall(ctx context.Context, p *event.Call) error {
	t := k.task.Task
	k.loans = []string{t.LoanID}
	if _, is := event.ComplaintOf(t.LoanID); is && (p.Promise != nil || p.Hardship != nil || p.Dispute != nil || p.Complaint != nil || p.Fraud) {
		about, err := k.calledAbout(ctx) // what was said of the loan its own journey hears, if it is open
		if err != nil {
			return err
		}
		open, err := k.StillOpen(ctx, about[1:])
		if err != nil {
			return err
		}
		k.tellAlso(open...)
	}
	key := t.ContactKey
	if p.Disposition != "" {
		var err error
		if key, err = k.countCall(ctx, p); err != nil {
			return err
		}
	}
	var err error
	switch p.Then {
	case event.TaskDone, event.TaskUnreachable:
		err = k.FinishTask(ctx, sqlc.FinishTaskParams{
			Key: t.Key, At: &k.at, Disposition: cmp.Or(string(p.Disposition), SeenTo), DoneBy: cmp.Or(p.Agent, t.DoneBy, k.actor), ContactKey: key,
		})
	case event.TaskAgain:
		err = k.retry(ctx, p, key)
	}
	if err != nil {
		return err
	}
	if err := k.told(ctx, p); err != nil {
		return err
	}
	return k.bindSaid(ctx, p)
}

// countCall counts a call as a contact, with what came of it. One that was dialled was reserved before it was made. Of others, the
// one that ends the task has the task's own key, so that a correction speaks of the same call, and the rest have keys that no
// task has: a step's next task is called by a number, too.
func (k *keeping) countCall(ctx context.Context, p *event.Call) (key string, err error) {
	t := k.task.Task
	switch {
	case t.DialledAt != nil, t.DoneAt != nil && p.Then != event.TaskNoted && t.ContactKey != "":
		key = t.ContactKey
	case p.Then == event.TaskAgain, p.Then == event.TaskNoted:
		key = fmt.Sprintf("%s.event-%d", t.Key, k.pk)
	default:
		key = t.Key
	}
	if key != t.ContactKey {
		about, err := k.calledAbout(ctx)
		if err != nil {
			return "", err
		}
		_, err = k.RecordContact(ctx, sqlc.RecordContactParams{
			Key: key, BorrowerID: k.borrower, LoanIds: about, StepKey: t.StepKey, Channel: string(contact.Call), Point: k.called(p),
			Direction: string(contact.Outbound), Purpose: cmp.Or(t.Purpose, string(contact.Collection)), Adapter: "worklist", At: k.at,
		})
		if err != nil {
			return "", err
		}
	}
	if err := k.outcome(ctx, key, p.Disposition, ""); err != nil {
		return "", err
	}
	if p.Disposition == contact.NotInService {
		return key, k.failPoint(ctx, key)
	}
	return key, nil
}

// retry puts a task back on the list: for the time that the borrower named, or for later.
func (k *keeping) retry(ctx context.Context, p *event.Call, key string) error {
	t := k.task.Task
	back := sqlc.RetryTaskParams{Key: t.Key, Tries: t.Tries, ContactKey: key}
	if p.Disposition == contact.Callback {
		from := p.CallbackAt
		if from.IsZero() {
			from = k.known().Add(strategy.AfterCall(p.Disposition))
		}
		until, expires := from.Add(strategy.CallableFor), from.Add(strategy.CalledBackWithin)
		if t.Reason == strategy.ReasonPreapproval {
			ends, err := k.approvalEnds(ctx)
			if err != nil {
				return err
			}
			if ends.Before(until) {
				until = ends
			}
		}
		back.NotBefore, back.UntilAt = &from, &until
		point := k.called(p)
		if point != "" {
			known, err := k.HasPoint(ctx, sqlc.HasPointParams{BorrowerID: k.borrower, ID: point})
			if err != nil {
				return err
			}
			if !known {
				point = ""
			}
		}
		err := k.InsertConsent(ctx, sqlc.InsertConsentParams{
			BorrowerID: k.borrower, Channel: optional(string(contact.Call)), Point: optional(point), Purpose: optional(t.Purpose), GivenAt: k.known(),
			GivenTo: string(contact.ToCollector), ExpiresAt: &expires, Source: k.source,
		})
		if err != nil {
			return err
		}
		return k.RetryTask(ctx, back)
	}
	from := k.known().Add(strategy.AfterCall(p.Disposition))
	back.NotBefore = &from
	if p.Disposition != contact.WrongNumber && p.Disposition != contact.NotInService {
		back.Tries++ // another telephone begins with no fewer tries
	}
	return k.RetryTask(ctx, back)
}

// bindSaid applies what the borrower said, each part as the event does whose payload it is.
func (k *keeping) bindSaid(ctx context.Context, p *event.Call) error {
	called, err := k.calledAbout(ctx)
	if err != nil {
		return err
	}
	about := called[len(called)-1] // the loan, also of a task about a complaint of it
	if _, none := event.ComplaintOf(about); none && (p.Promise != nil || p.Hardship != nil || p.Dispute != nil || p.Fraud) {
		return wrong("data", "no promise, hardship, dispute or fraud goes with a task about a complaint that is about no loan; send an event of its own about the loan that was meant")
	}
	if k.loan.ID == "" && (p.Promise != nil || p.Hardship != nil) {
		row, err := k.LoanFor(ctx, about)
		if err != nil {
			return err
		}
		k.loan = row // in whose currency amounts are named
	}
	if p.Promise != nil {
		if err := k.checkCurrency(p.Promise.Currency); err != nil {
			return inside(err, "promise")
		}
		// A day is allowed for: zones differ.
		if by := p.Promise.Promised()[0].By; by.Before(bizclock.DateOf(k.at.UTC()).AddDays(-1)) {
			return wrong("data.promise.by", "%s had passed already when it was promised; send the date by which the borrower will pay", by)
		}
	}
	if p.Hardship != nil {
		if err := k.checkMeans(p.Hardship); err != nil {
			return inside(err, "hardship")
		}
	}
	if p.Dispute != nil {
		if err := k.dispute(ctx, about, p.Dispute); err != nil {
			return err
		}
	}
	if p.Complaint != nil {
		raised := *p.Complaint
		raised.Origin, raised.Channel, raised.Due = complaint.FromCall, contact.Call, bizclock.Date{} // no external body sets a date in a call
		if err := k.complainedOf(ctx, about, &raised); err != nil {
			return err
		}
	}
	if p.Fraud {
		if err := k.claimed(ctx, about); err != nil {
			return err
		}
	}
	if p.Refusal == event.RefusesCalls {
		return k.wish(ctx, contact.Wish{Channel: contact.Call})
	}
	return nil
}

// calledAbout is what a call of the task is about: of a complaint's, the loan that is complained about, too.
func (k *keeping) calledAbout(ctx context.Context) ([]string, error) {
	about := []string{k.task.Task.LoanID}
	id, is := event.ComplaintOf(about[0])
	if !is {
		return about, nil
	}
	if k.complaint == nil {
		if err := k.findComplaint(ctx, id); err != nil {
			return nil, err
		}
	}
	if k.complaint.Loan != "" {
		about = append(about, k.complaint.Loan)
	}
	return about, nil
}

// expire closes a task whose time is over.
func (k *keeping) expire(ctx context.Context, p *event.Expiry) error {
	t := k.task.Task
	switch {
	case t.DoneAt != nil:
		return wrong("data.task", "%s has ended already", p.Task)
	case t.UntilAt == nil:
		return wrong("data.task", "%s never ages out", p.Task)
	case t.UntilAt.After(k.now):
		return wrong("data.task", "%s can be done until %s", p.Task, t.UntilAt.UTC().Format(time.RFC3339))
	case k.task.Leased:
		return wrong("data.task", "%s is with %s until %s", p.Task, t.Agent, t.LeasedUntil.UTC().Format(time.RFC3339))
	}
	k.loans = []string{t.LoanID}
	if given(t) {
		var err error
		if k.loans, err = k.StillOpen(ctx, k.loans); err != nil {
			return err
		}
		if err := k.giveAgain(ctx, t); err != nil {
			return err
		}
	}
	open := "" // the last call was told of, and what is told later is of another
	if t.DialledAt != nil {
		open = t.ContactKey
	}
	return k.FinishTask(ctx, sqlc.FinishTaskParams{Key: t.Key, At: &k.now, Disposition: AgedOut, ContactKey: open})
}

// inside says of an error about a field of the data that it stands in one of its objects.
func inside(err error, object string) error {
	var wrongly *event.Error
	if errors.As(err, &wrongly) {
		return &event.Error{Field: strings.Replace(wrongly.Field, "data.", "data."+object+".", 1), Reason: wrongly.Reason}
	}
	return err
}
