package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// recordContact counts a contact that was made elsewhere. A second report of it may say more of what came of it, and of nothing else.
func (k *keeping) recordContact(ctx context.Context, p *event.Contact) error {
	about, err := k.aboutLoans(ctx, p.Loans)
	if err != nil {
		return err
	}
	point := p.Point
	if point != "" {
		// An address that Tender does not know may be any of the borrower's: none counts for every one.
		known, err := k.HasPoint(ctx, sqlc.HasPointParams{BorrowerID: k.borrower, ID: point})
		if err != nil {
			return err
		}
		if !known {
			point = ""
		}
	}
	key := foreignKey(k.source, p.Contact)
	written, err := k.RecordContact(ctx, sqlc.RecordContactParams{
		Key: key, BorrowerID: k.borrower, LoanIds: about, Channel: string(p.Channel), Point: point,
		Direction: string(p.Direction), Purpose: string(p.Purpose), Adapter: "elsewhere", At: k.at,
		Consented: p.Consented, Collector: p.Collector, Recipient: string(p.Recipient),
	})
	if err != nil {
		return err
	}
	if written == 0 {
		there, err := k.ContactOf(ctx, key)
		switch {
		case err != nil:
			return err
		case there.BorrowerID != k.borrower:
			return wrong("data.contact", "%s is a contact with another borrower; give this one an id of its own", p.Contact)
		case there.Channel != string(p.Channel) || there.Direction != string(p.Direction) || !slices.Equal(there.LoanIds, about):
			return wrong("data.contact", "%s is the id of another contact: %s, by %s, about %s; give this one an id of its own",
				p.Contact, there.Direction, there.Channel, strings.Join(there.LoanIds, ", "))
		}
	}
	return k.outcome(ctx, key, p.Disposition, "")
}

// aboutLoans returns the loans that a contact was about, in the order of their ids, and has their open journeys told.
func (k *keeping) aboutLoans(ctx context.Context, named []string) ([]string, error) {
	if len(named) == 0 {
		return k.openOrLast(ctx)
	}
	about, err := k.LoansOf(ctx, sqlc.LoansOfParams{BorrowerID: k.borrower, Ids: named})
	if err != nil {
		return nil, err
	}
	for _, loan := range named {
		if !slices.Contains(about, loan) {
			return nil, &Unknown{What: "loan", ID: loan, Hint: "borrower " + k.borrower + " has none of that id"}
		}
	}
	if k.about == event.LoanSubject && !slices.Contains(about, k.subject) {
		return nil, wrong("data.loans", "leave out loan %s, which the event is about; name it too, or send the event about the borrower", k.subject)
	}
	open, err := k.StillOpen(ctx, about)
	if k.about == event.LoanSubject && !slices.Contains(open, k.subject) {
		open = append(open, k.subject)
	}
	k.loans = open
	return about, err
}

// foreignKey is the key of a contact that another system made.
func foreignKey(source, id string) string {
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	return "ext-" + hex.EncodeToString(sum[:12])
}
