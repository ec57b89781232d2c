package activities

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// A collection message is to a person. What is due on a borrower's other loans within a day joins it: the message names each
// loan, and counts for each. Each of their journeys finds that its step was made when its own turn comes.

const (
	// joinedWithin is how much later the step of another loan may be due.
	joinedWithin = 24 * time.Hour
	// mostJoined is of how many other loans a message speaks at most, so that it stays short.
	mostJoined = 3
)

// joined is the step of another loan that a message makes as well.
type joined struct {
	loan, intent string
	step         journey.Step
}

// also is what the message says of the other loan.
func (j joined) also() message.Also {
	return message.Also{Loan: j.loan, Currency: j.step.Fill["currency"], PastDue: j.step.Fill["past_due"], Since: j.step.Fill["past_due_since"]}
}

// join finds the steps of the borrower's other loans that the message can make as well: those that no halt stops, and with which
// the rules still allow it. An SMS is joined by as many as it has room for.
func (o *Outreach) join(ctx context.Context, tx store.Tx, order journey.Order, row sqlc.ReservationRow, ask *asked) (others []joined, err error) {
	if order.Step.Purpose != contact.Collection || order.Step.Confirmation {
		return nil, nil
	}
	now, fill := ask.proposal.At, o.fill(order, row.Name)
	rows, err := tx.Joinable(ctx, sqlc.JoinableParams{BorrowerID: order.Borrower, LoanID: order.Loan, Until: now.Add(joinedWithin)})
	if err != nil {
		return nil, err
	}
	for _, found := range rows {
		other := joined{loan: found.LoanID}
		if err := json.Unmarshal(found.Step, &other.step); err != nil {
			return nil, err
		}
		other.intent = intent(journey.Order{Loan: other.loan, Borrower: order.Borrower, Step: other.step})
		halt, err := halted(row.Halts, other.step, order.Step.Channel, now)
		if err != nil {
			return nil, err
		}
		lapsed := !other.step.Before.IsZero() && !now.Before(other.step.Before)
		said := other.also()
		if halt != nil || lapsed || len(others) == mostJoined || said.PastDue == "" || said.Since == "" {
			continue
		}
		proposal := ask.proposal
		proposal.Loans = append(slices.Clone(proposal.Loans), other.loan)
		longer := fill
		longer.Also = append(slices.Clone(fill.Also), said)
		ruling := ask.rules.Evaluate(ask.standing, proposal)
		if ruling.Allowed() && o.Messages.Fits(order.Step.Template, row.Language, order.Step.Channel, longer, ruling.MustCarry...) {
			fill = longer
			ask.proposal, ask.must, ask.mustNot = proposal, ruling.MustCarry, ruling.MustNotCarry
			others = append(others, other)
		}
	}
	return others, nil
}
