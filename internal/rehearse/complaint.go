package rehearse

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
)

// A complaint does here what it does at the door: it is registered, merged where it is open already, and stops collection where its kind
// does. Its own workflow is not lived, so nobody answers it; what is closed is closed elsewhere.

// complaint finds a complaint by its id, or by another one under which it was raised; nil when there is none.
func (l *ledger) complaint(id string) *complaint.Case { return l.complaints[cmp.Or(l.merged[id], id)] }

// open finds the complaint that something that is raised is, if it is open already.
func (l *ledger) open(raised complaint.Raising) *complaint.Case {
	var same []*complaint.Case
	for _, c := range l.complaints {
		if c.Same(raised) {
			same = append(same, c)
		}
	}
	if len(same) == 0 {
		return nil
	}
	return slices.MinFunc(same, func(a, b *complaint.Case) int { return cmp.Or(a.Raised.Compare(b.Raised), cmp.Compare(a.ID, b.ID)) })
}

// complained registers a complaint, or merges it into the one that it is. Collection rests where its kind asks for it.
func (l *life) complained(p *event.Complaint, t *taking) error {
	raised := complaint.Raising{
		ID: p.Complaint, Borrower: l.borrower, Loan: loanOf(t), Kind: cmp.Or(p.Kind, complaint.Unsorted), Payment: p.Payment,
		Origin: cmp.Or(p.Origin, complaint.FromLender), At: l.now.UTC(), About: p.About, Due: p.Due, Home: l.home(),
		Loans: []string{l.loan},
	}
	c := l.complaint(p.Complaint)
	switch {
	case !p.Due.IsZero() && p.Due.Before(bizclock.DateOf(l.now.In(raised.Home))):
		return fmt.Errorf("data.due: %s has passed by then", p.Due)
	case c == nil:
		c = l.open(raised)
	case !c.State().Open():
		return fmt.Errorf("data.complaint: %s is closed by then; give a new complaint an id of its own", p.Complaint)
	default:
		if err := c.Takes(raised); err != nil {
			return event.Because("data", err)
		}
	}
	stops := false // the same complaint stops, or does not, what it stopped before, unless it turns out to be another one
	if c == nil {
		begun := complaint.Raise(raised, l.with.Regimes.For(l.jurisdiction))
		c = &begun
		l.complaints[c.ID] = c
		stops = c.Kind.Holds()
	} else {
		if c.ID != p.Complaint {
			l.merged[p.Complaint] = c.ID
		}
		before := c.Kind
		c.Merge(raised, p.NewFacts, l.with.Regimes.Of(*c, l.jurisdiction))
		stops = c.Kind.Stops(before)
	}
	if !stops {
		return nil
	}
	return l.place(contact.Hold{ID: event.ComplaintHold(c.ID), Kind: contact.ComplaintOpen, Loan: c.Loan, From: l.now}, false)
}

// closedComplaint closes the complaint, if it is one that is accompanied: a lender may have others.
func (l *life) closedComplaint(p *event.ComplaintClosing, t *taking) error {
	p.Asks = false
	if p.Complaint == "" {
		return fmt.Errorf("data.complaint: is missing; say which one was closed")
	}
	c := l.complaint(p.Complaint)
	if c == nil {
		return nil
	}
	how := cmp.Or(p.How, complaint.Elsewhere)
	if err := c.Close(l.now.UTC(), t.source, how, ""); err != nil {
		return event.Because("data", err)
	}
	p.Asks = l.with.Regimes.Of(*c, l.jurisdiction).SurveyAfter > 0
	if how == complaint.Elsewhere {
		l.collects(c, t)
	}
	return nil
}

// collects has collection go on where a complaint stops it.
func (l *life) collects(c *complaint.Case, t *taking) {
	id := event.ComplaintHold(c.ID)
	if !slices.ContainsFunc(l.holds, func(h hold) bool { return h.ID == id && h.released.IsZero() }) {
		return
	}
	about, subject := event.BorrowerSubject, c.Borrower
	if c.Loan != "" {
		about, subject = event.LoanSubject, c.Loan
	}
	t.follows = append(t.follows, reply.Following{Type: event.HoldReleased, About: about, Subject: subject, Payload: &event.HoldRelease{Hold: id}})
}
