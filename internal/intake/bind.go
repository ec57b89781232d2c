package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// bind applies at once what Postgres owns: particulars, wishes, holds, contacts and what came of them, watermarks. It
// refuses what Postgres can tell to be wrong.
func (k *keeping) bind(ctx context.Context) error {
	switch p := k.payload.(type) {
	case *event.Disbursement, *event.Application:
		return nil // bound when they were looked up, for they make the borrower known
	case *event.Borrower:
		return k.upsertBorrower(ctx, k.borrower, p)
	case *event.Posting:
		return k.checkCurrency(p.Currency)
	case *event.Payment:
		return k.checkCurrency(p.Currency)
	case *event.Reversal:
		if err := k.checkCurrency(p.Currency); err != nil {
			return err
		}
		return k.checkReversed(ctx, p.Reverses)
	case *event.Waiver:
		return k.checkCurrency(p.Currency)
	case *event.Promise:
		return k.checkCurrency(p.Currency)
	case *event.Rescheduling:
		return k.checkSchedule(p)
	case *event.Watermark:
		return k.watermark(ctx, p)
	case *event.Reply:
		return k.reply(ctx, p)
	case *event.Consent:
		return k.consent(ctx, p)
	case *event.Revocation:
		return k.wish(ctx, contact.Wish{Channel: p.Channel, Point: p.Point})
	case *event.Death:
		if p.On.After(bizclock.DateOf(k.now.In(lastZone))) {
			return wrong("data.on", "%s has not come yet", p.On)
		}
		return k.died(ctx)
	case *event.HoldPlacement:
		if k.about == event.RegionSubject {
			return k.holdRegion(ctx, p)
		}
		return k.placeHold(ctx, p)
	case *event.HoldRelease:
		if k.about == event.RegionSubject {
			return k.releaseRegion(ctx, p.Hold)
		}
		if err := k.lifts(ctx, p.Hold); err != nil {
			return err
		}
		return k.releaseHold(ctx, "hold", p.Hold)
	case *event.Halt:
		return k.halt(ctx, p)
	case *event.Resumption:
		return k.resume(ctx, p)
	case *event.Approval:
		return k.approve(ctx, p)
	case *event.ApprovalRefusal:
		return k.answerRequest(ctx, p.Approval, contact.ApprovalRefused, time.Time{})
	case *event.Dispute:
		return k.dispute(ctx, k.loan.ID, p)
	case *event.DisputeResolution:
		return k.releaseHold(ctx, "dispute", p.Dispute)
	case *event.Contact:
		return k.recordContact(ctx, p)
	case *event.Call:
		return k.completeCall(ctx, p)
	case *event.Expiry:
		return k.expire(ctx, p)
	case *event.Receipt:
		return k.receipt(ctx, p)
	case *event.Hardship:
		return k.checkMeans(p)
	case *event.SurveyAnswer:
		return k.survey(ctx, p)
	case *event.Assignment:
		return k.checkVersion(ctx, p)
	case *event.ComplaintClosing:
		if err := k.heeded(ctx, p); err != nil {
			return err
		}
		return k.closedComplaint(ctx)
	case *event.Complaint, *event.Acknowledgement, *event.ComplaintAssignment, *event.ComplaintNote, *event.Resolution, *event.Escalation,
		*event.ComplaintExtension, *event.ComplaintWithdrawal, *event.Reopening:
		return k.bindComplaint(ctx)
	case *event.PromiseWithdrawal, *event.Withdrawal, *event.Score, *event.Ending, *event.PlanOffer, *event.PlanAnswer, *event.HardshipRefusal:
		return nil // facts for the journey alone, or marks that are read from the events themselves
	}
	return fmt.Errorf("the door does not know what binds with %s", k.kind)
}

// checkNames refuses a new hold, dispute, promise or complaint of a sender's under an id that Tender may give itself to what follows
// from a reply, a call or a survey: it would be taken for that, or stand in its way. A hold that Tender placed can be changed.
func (k *keeping) checkNames(ctx context.Context) error {
	if k.derived {
		return nil
	}
	for _, named := range named(k.payload) {
		if !event.Derived(named.id) {
			continue
		}
		if named.hold {
			_, err := k.HoldFor(ctx, sqlc.HoldForParams{BorrowerID: k.borrower, ID: named.id})
			if err == nil {
				continue
			}
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		return wrong(named.field, "%s is an id as Tender gives it to what follows from a reply, a call or a survey; give this one an id of its own that begins otherwise", named.id)
	}
	return nil
}

// name is an id that an event gives to what it places, and the field that gives it.
type name struct {
	field, id string
	hold      bool
}

// named returns the ids that an event gives.
func named(payload event.Payload) (all []name) {
	switch p := payload.(type) {
	case *event.HoldPlacement:
		return []name{{"data.hold", p.Hold, true}}
	case *event.Dispute:
		return []name{{"data.dispute", p.Dispute, false}}
	case *event.Promise:
		return []name{{"data.promise", p.Promise, false}}
	case *event.Complaint:
		return []name{{"data.complaint", p.Complaint, false}}
	case *event.Call:
		if p.Dispute != nil {
			all = append(all, name{"data.dispute.dispute", p.Dispute.Dispute, false})
		}
		if p.Promise != nil {
			all = append(all, name{"data.promise.promise", p.Promise.Promise, false})
		}
		if p.Complaint != nil {
			all = append(all, name{"data.complaint.complaint", p.Complaint.Complaint, false})
		}
	}
	return all
}

// disburse makes loan and borrower known.
func (k *keeping) disburse(ctx context.Context, p *event.Disbursement) error {
	if err := k.checkStrategy(ctx, p.Strategy); err != nil {
		return err
	}
	if err := k.upsertBorrower(ctx, p.Borrower.ID, &p.Borrower); err != nil {
		return err
	}
	k.loans = []string{k.subject}
	if err := k.cameOf(ctx, p); err != nil {
		return err
	}
	written, err := k.InsertLoan(ctx, sqlc.InsertLoanParams{
		ID: k.subject, BorrowerID: k.borrower, Currency: p.Currency, TimeZone: p.TimeZone, DisbursedAt: k.at, Source: k.source,
	})
	if err != nil || written > 0 {
		return err
	}
	if err := k.LockLoan(ctx, k.subject); err != nil {
		return err
	}
	written, err = k.ReplaceLoan(ctx, sqlc.ReplaceLoanParams{
		ID: k.subject, BorrowerID: k.borrower, Currency: p.Currency, TimeZone: p.TimeZone, DisbursedAt: k.at, Source: k.source,
	})
	if err == nil && written == 0 {
		err = ErrLoanExists
	}
	return err
}

// checkVersion refuses a version of a strategy that nobody published: a journey would wait for it for ever.
func (k *keeping) checkVersion(ctx context.Context, p *event.Assignment) error {
	switch version, err := k.Strategy(ctx, p.Hash); {
	case errors.Is(err, pgx.ErrNoRows):
		return &Unknown{What: "version", ID: p.Hash, Hint: "no such version of a strategy was published; tender strategy list shows them"}
	case err != nil:
		return err
	case version.Name != p.Strategy:
		return wrong("data.strategy", "version %s is one of %s", p.Hash, version.Name)
	}
	return nil
}

// checkStrategy refuses a disbursement that asks for a strategy nobody published; one may yet be.
func (k *keeping) checkStrategy(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	there, err := k.KnowsStrategy(ctx, name)
	switch {
	case err != nil:
		return err
	case !there.Known && there.Names == "":
		return &Unknown{What: "strategy", ID: name, Hint: "none is published yet; start a worker, then send the event again"}
	case !there.Known:
		return &Unknown{What: "strategy", ID: name, Hint: "published are " + there.Names + "; publish it and send the event again, or leave data.strategy out"}
	}
	return nil
}

// upsertBorrower replaces the particulars that are given. Writing the row also locks it.
func (k *keeping) upsertBorrower(ctx context.Context, id string, p *event.Borrower) error {
	k.borrower = id
	err := k.UpsertBorrower(ctx, sqlc.UpsertBorrowerParams{
		ID: id, Name: optional(p.Name), Language: optional(p.Language), TimeZones: p.TimeZones,
		Jurisdiction: optional(p.Jurisdiction), Preferred: optional(string(p.Preferred)),
	})
	if err != nil {
		return err
	}
	if _, err := k.Lock(ctx, id); err != nil {
		return err
	}
	for _, point := range p.Points {
		err := k.UpsertPoint(ctx, sqlc.UpsertPointParams{
			BorrowerID: id, ID: point.ID, Channel: string(point.Channel), Address: point.Address, Rank: int32(point.Rank),
			Place: string(point.Place),
		})
		if err != nil {
			return err
		}
	}
	return k.blackouts(ctx, p.Not)
}

// blackouts replaces the times of the week at which the borrower does not want to be contacted.
func (k *keeping) blackouts(ctx context.Context, times *[]event.NotThen) error {
	if times == nil {
		return nil
	}
	now := k.known()
	if err := k.ReplaceBlackouts(ctx, sqlc.ReplaceBlackoutsParams{BorrowerID: k.borrower, At: &now}); err != nil {
		return err
	}
	for n, t := range *times {
		if t.Point != "" {
			there, err := k.HasPoint(ctx, sqlc.HasPointParams{BorrowerID: k.borrower, ID: t.Point})
			if err == nil && !there {
				err = wrong(fmt.Sprintf("data.not[%d].point", n), "%s is no contact point of borrower %s; leave it out to mean all", t.Point, k.borrower)
			}
			if err != nil {
				return err
			}
		}
		days := make([]string, len(t.Days))
		for m, d := range t.Days {
			days[m] = string(d)
		}
		if err := k.InsertBlackout(ctx, sqlc.InsertBlackoutParams{
			BorrowerID: k.borrower, Channel: optional(string(t.Channel)), Point: optional(t.Point), Days: days,
			FromTime: t.From.String(), ToTime: t.To.String(), At: now,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (k *keeping) checkCurrency(code string) error {
	if code != k.loan.Currency {
		return wrong("data.currency", "is %s, but loan %s is in %s; name the amount in that, or send the event to the right loan", code, k.loan.ID, k.loan.Currency)
	}
	return nil
}

// checkMeans refuses means in another currency than the loan's: nobody could say what the borrower can afford.
func (k *keeping) checkMeans(p *event.Hardship) error {
	for _, means := range p.Means() {
		if means.Money != nil && k.loan.ID != "" && means.Currency != k.loan.Currency {
			return wrong("data."+means.Field+".currency", "is not %s, the currency of loan %s; convert the amount before", k.loan.Currency, k.loan.ID)
		}
	}
	return nil
}

// checkReversed refuses to take back a posting that the loan does not have. The journey cannot always tell: there the
// payment may still be on its way.
func (k *keeping) checkReversed(ctx context.Context, transaction string) error {
	if k.kind != event.PaymentReversed || transaction == "" {
		return nil
	}
	there, err := k.HasPosting(ctx, sqlc.HasPostingParams{LoanID: k.loan.ID, Transaction: transaction})
	if err == nil && !there {
		err = &Unknown{What: "payment", ID: transaction, Hint: "loan " + k.loan.ID + " has no posting of that id; send the payment first, then this event again"}
	}
	return err
}

func (k *keeping) checkSchedule(p *event.Rescheduling) error {
	units, err := loan.MinorUnits(k.loan.Currency)
	if err != nil {
		return err
	}
	for n, i := range p.Schedule {
		if max(i.Principal.MinScale(), i.Interest.MinScale(), i.Fee.MinScale()) > units {
			return wrong(fmt.Sprintf("data.schedule[%d]", n), "has more than the %d decimal places of %s, the loan's currency", units, k.loan.Currency)
		}
	}
	return nil
}

// lastZone is where a date begins first.
var lastZone = time.FixedZone("UTC+14", 14*60*60)

// watermark refuses dates that have not come: a slip would otherwise vouch for postings that nobody sent.
func (k *keeping) watermark(ctx context.Context, p *event.Watermark) error {
	if p.Through.After(bizclock.DateOf(k.now.In(lastZone))) {
		return wrong("data.through", "%s has not come yet", p.Through)
	}
	return k.SetWatermark(ctx, sqlc.SetWatermarkParams{Source: k.source, Through: p.Through.In(time.UTC)})
}

// known is when what the event says binds from: when it happened, but not later than now, for a sender's clock may run ahead.
func (k *keeping) known() time.Time {
	if k.at.After(k.now) {
		return k.now
	}
	return k.at
}

// wish notes what the borrower allows or forbids from now on.
func (k *keeping) wish(ctx context.Context, w contact.Wish) error {
	if err := k.checkPoint(ctx, w.Point); err != nil {
		return err
	}
	return k.InsertWish(ctx, sqlc.InsertWishParams{
		BorrowerID: k.borrower, Allowed: w.Allowed, Channel: optional(string(w.Channel)), Point: optional(w.Point), Purpose: optional(string(w.Purpose)),
		At: k.known(), UntilAt: optional(w.Until),
	})
}

func (k *keeping) consent(ctx context.Context, p *event.Consent) error {
	if !p.ExpiresAt.IsZero() && !p.ExpiresAt.After(k.known()) {
		return wrong("data.expires_at", "%s does not lie after the consent was given; send a later one, or leave it out", p.ExpiresAt.Format(time.RFC3339))
	}
	// It ends an opt-out for what it speaks of, and for as long as it holds.
	if err := k.wish(ctx, contact.Wish{Allowed: true, Channel: p.Channel, Point: p.Point, Purpose: p.Purpose, Until: p.ExpiresAt}); err != nil {
		return err
	}
	return k.InsertConsent(ctx, sqlc.InsertConsentParams{
		BorrowerID: k.borrower, Channel: optional(string(p.Channel)), Point: optional(p.Point), Purpose: optional(string(p.Purpose)),
		GivenAt: k.known(), GivenTo: string(p.GivenTo), Written: p.Written, ExpiresAt: optional(p.ExpiresAt), Grantor: p.Grantor, Source: k.source,
	})
}

// checkPoint refuses a contact point that the borrower does not have: what speaks of it would silently bind nothing.
func (k *keeping) checkPoint(ctx context.Context, point string) error {
	if point == "" {
		return nil
	}
	there, err := k.HasPoint(ctx, sqlc.HasPointParams{BorrowerID: k.borrower, ID: point})
	if err == nil && !there {
		err = wrong("data.point", "%s is no contact point of borrower %s; leave it out to mean all", point, k.borrower)
	}
	return err
}

// died stops every contact. It concerns all the borrower's loans, whoever told of it.
func (k *keeping) died(ctx context.Context) error {
	if err := k.tellOpen(ctx); err != nil {
		return err
	}
	return k.hold(ctx, hold{id: event.DeathHold(k.borrower), kind: contact.DeceasedHold, from: k.known()})
}

// toldBefore is for how long an application can be told of as a fraud after something else came of it.
const toldBefore = 90 * 24 * time.Hour

// hold is a hold to be placed.
type hold struct {
	id          string
	kind        contact.HoldKind
	loan, point string
	from, until time.Time
	owner, note string
}

func (k *keeping) placeHold(ctx context.Context, p *event.HoldPlacement) error {
	if err := k.checkPoint(ctx, p.Point); err != nil {
		return err
	}
	from, err := k.spans(p)
	if err != nil {
		return err
	}
	if p.Kind == contact.IDTheftFraud && k.loan.ID == "" {
		// Whoever says that they never applied may say it when the lending system was told that all is right, and before it pays out.
		told, err := k.ToldApplications(ctx, sqlc.ToldApplicationsParams{BorrowerID: k.borrower, Since: optional(k.now.Add(-toldBefore))})
		if err != nil {
			return err
		}
		k.tellAlso(told...)
	}
	return k.hold(ctx, hold{p.Hold, p.Kind, k.loan.ID, p.Point, from, p.Until, p.Owner, p.Note})
}

// spans returns when a hold begins, and refuses one that would never bind.
func (k *keeping) spans(p *event.HoldPlacement) (from time.Time, err error) {
	if from = p.From; from.IsZero() {
		from = k.known()
	}
	// One that is over already did bind, and days past due may pause for it.
	if !p.Until.IsZero() && !p.Until.After(from) {
		return from, wrong("data.until", "%s does not lie after %s, when the hold begins, so it would bind nothing; send a later one, leave it out, or say from when it was", p.Until.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	if p.Kind == contact.WrongNumberHold && p.Point == "" {
		return from, wrong("data.point", "is missing; a hold wrong_number is about one contact point")
	}
	return from, nil
}

func (k *keeping) dispute(ctx context.Context, loan string, p *event.Dispute) error {
	return k.hold(ctx, hold{id: event.DisputeHold(loan, p.Dispute), kind: contact.DisputeOpen, loan: loan, from: k.known()})
}

// hold places a hold, or changes one that is the same but for its dates and remarks. It never turns one hold into
// another: what that one protected would lie bare. Holds that Tender places itself have ids that no sender can take, so
// that a death or a dispute is never refused.
func (k *keeping) hold(ctx context.Context, h hold) error {
	there, err := k.HoldFor(ctx, sqlc.HoldForParams{BorrowerID: k.borrower, ID: h.id})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return err
	case there.Kind != string(h.kind) || value(there.LoanID) != h.loan || value(there.Point) != h.point:
		return wrong("data.hold", "%s is the id of another hold of this borrower; give the new one an id of its own", h.id)
	case k.kind != event.HoldPlaced && there.ReleasedAt == nil:
		return nil // a death or a dispute that is told of again binds since it was first told of
	}
	return k.PlaceHold(ctx, sqlc.PlaceHoldParams{
		BorrowerID: k.borrower, ID: h.id, LoanID: optional(h.loan), Point: optional(h.point), Kind: string(h.kind),
		FromAt: h.from.Truncate(time.Microsecond), UntilAt: optional(h.until), Owner: h.owner, Note: h.note, PlacedBy: k.actor,
	})
}

// releaseHold ends a hold for whomever it binds: a hold on the borrower may be released by way of any of their loans,
// and all their journeys are told.
func (k *keeping) releaseHold(ctx context.Context, what, id string) error {
	there, err := k.findHold(ctx, what, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return &Unknown{What: what, ID: id, Hint: "there is none of that id here; if it is still to come, send this event again after it"}
	case err != nil:
		return err
	case there.loan == "":
		if err := k.tellOpen(ctx); err != nil {
			return err
		}
	default:
		open, err := k.OpenLoans(ctx, k.borrower) // a complaint about the loan may wait for it too
		if err != nil {
			return err
		}
		k.loans = []string{there.loan}
		for _, id := range open {
			if _, is := event.ComplaintOf(id); is {
				k.tellAlso(id)
			}
		}
	}
	_, err = k.ReleaseHold(ctx, sqlc.ReleaseHoldParams{BorrowerID: k.borrower, ID: there.id, At: &k.now})
	return err
}

// findHold finds the hold to release: for a dispute the one that it placed. That one may be named by the dispute's id
// alone where the loan is known; a hold that a sender gave this very id comes before it when a hold is to be released.
func (k *keeping) findHold(ctx context.Context, what, id string) (hold, error) {
	ids := []string{id}
	if k.about == event.LoanSubject {
		ids = append(ids, event.DisputeHold(k.subject, id))
	}
	if what == "dispute" {
		slices.Reverse(ids)
	}
	for _, id := range ids {
		row, err := k.HoldFor(ctx, sqlc.HoldForParams{BorrowerID: k.borrower, ID: id})
		there := hold{id: id, kind: contact.HoldKind(row.Kind), loan: value(row.LoanID)}
		switch {
		case errors.Is(err, pgx.ErrNoRows),
			err == nil && k.about == event.LoanSubject && there.loan != "" && there.loan != k.subject,
			err == nil && what == "dispute" && there.kind != contact.DisputeOpen:
			continue
		}
		return there, err
	}
	return hold{}, pgx.ErrNoRows
}

// receipt notes what a provider says became of a message. A failure is told to every open journey that the message was
// about.
func (k *keeping) receipt(ctx context.Context, p *event.Receipt) error {
	there, err := k.ContactOf(ctx, p.Contact)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return &Unknown{What: "contact", ID: p.Contact, Hint: "send the key that Tender gave to the provider"}
	case err != nil:
		return err
	case there.BorrowerID != k.borrower:
		return wrong("data.contact", "%s is a contact with another borrower", p.Contact)
	}
	if k.kind == event.MessageDelivered {
		if err := k.outcome(ctx, p.Contact, contact.Delivered, p.Code); err != nil {
			return err
		}
		return k.arrived(ctx, there)
	}
	if k.loans, err = k.StillOpen(ctx, there.LoanIds); err != nil {
		return err
	}
	if p.Permanent {
		if err := k.failPoint(ctx, p.Contact); err != nil {
			return err
		}
	}
	if err := k.notArrived(ctx, there); err != nil {
		return err
	}
	return k.outcome(ctx, p.Contact, contact.Bounced, p.Code)
}

// outcome notes what came of a contact, with what follows from it at once: nobody calls a wrong number again, or one who
// has died.
func (k *keeping) outcome(ctx context.Context, key string, d contact.Disposition, code string) error {
	if err := k.InsertOutcome(ctx, sqlc.InsertOutcomeParams{ContactKey: key, Disposition: string(d), At: k.at, Code: code}); err != nil {
		return err
	}
	switch d {
	case contact.WrongNumber:
		return k.failPoint(ctx, key)
	case contact.Deceased:
		return k.died(ctx)
	}
	return nil
}

func (k *keeping) failPoint(ctx context.Context, key string) error {
	return k.FailPointOf(ctx, sqlc.FailPointOfParams{Key: key, At: &k.at})
}

// value returns what a pointer points to; nothing for none.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
