package intake

import (
	"cmp"
	"context"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
)

// Who complains while they can still object to the answer to a complaint objects to it, in whatever way they say so.

// objectable are the complaints of the borrower to whose answers they can object.
func (k *keeping) objectable(ctx context.Context) ([]reply.ToObject, error) {
	rows, err := k.ComplaintsAnswered(ctx, k.borrower)
	all := make([]reply.ToObject, len(rows))
	for n, row := range rows {
		all[n] = reply.ToObject{ID: row.ID, Others: row.Others, Kind: complaint.Kind(row.Kind), Loan: row.LoanID}
	}
	return all, err
}

// complainedOf raises what somebody complained of in a call or a survey, as if it had been sent; or opens the complaint again to whose
// answer they object. Whom a complaint names is a matter of its own.
func (k *keeping) complainedOf(ctx context.Context, loan string, p *event.Complaint) error {
	about, subject := event.BorrowerSubject, k.borrower
	if event.Lent(loan) {
		about, subject = event.LoanSubject, loan
	}
	all, err := k.objectable(ctx)
	if err != nil {
		return err
	}
	on := ""
	if about == event.LoanSubject {
		on = loan
	}
	if id := reply.ObjectedTo(all, p.Text, cmp.Or(p.Kind, complaint.Unsorted), on); id != "" && len(p.About) == 0 {
		k.also(event.ComplaintReopened, event.ComplaintSubject, id, reply.Objection(p.Text))
		return nil
	}
	k.also(event.ComplaintRaised, about, subject, p)
	return nil
}
