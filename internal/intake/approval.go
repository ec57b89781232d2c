package intake

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// mostApprovedFor is how long who approves may say at most that it holds.
const mostApprovedFor = 31 * 24 * time.Hour

func (k *keeping) approve(ctx context.Context, p *event.Approval) error {
	until := p.Until
	switch {
	case until.IsZero():
		until = k.now.Add(contact.ApprovedFor)
	case !until.After(k.now):
		return wrong("data.until", "%s has passed already, so nothing would be approved of; send a later one, or leave it out", until.Format(time.RFC3339))
	case until.After(k.now.Add(mostApprovedFor)):
		return wrong("data.until", "lies more than 31 days ahead; an approval is for one step, send an earlier one or leave it out")
	}
	return k.answerRequest(ctx, p.Approval, contact.Granted, until)
}

// answerRequest notes a person's answer to a request for approval: the first one counts, and nobody answers themselves.
func (k *keeping) answerRequest(ctx context.Context, id string, answer contact.ApprovalAnswer, until time.Time) error {
	there, err := k.ApprovalFor(ctx, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows), err == nil && there.LoanID != k.subject:
		return &Unknown{What: "approval", ID: id, Hint: "loan " + k.subject + " has no request of that id; tender approval list shows those that wait"}
	case err != nil:
		return err
	case there.Answer != "":
		return wrong("data.approval", "%s was %s by %s on %s already", id, there.Answer, there.AnsweredBy, there.AnsweredAt.UTC().Format(time.RFC3339))
	case there.AskedBy == k.actor:
		return wrong("data.approval", "%s was asked for by %s; somebody else must answer", id, there.AskedBy)
	case !k.now.Before(there.UntilAt):
		return wrong("data.approval", "%s could be answered until %s; the step waits for when it is allowed without an approval", id, there.UntilAt.UTC().Format(time.RFC3339))
	}
	_, err = k.AnswerApproval(ctx, sqlc.AnswerApprovalParams{ID: id, Answer: string(answer), At: &k.now, Actor: k.actor, HoldsUntil: optional(until)})
	return err
}
