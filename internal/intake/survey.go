package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// surveyed takes a reply that begins with a number as the answer to the survey that is open, if one is. What the borrower added is
// understood like any reply.
func (k *keeping) surveyed(ctx context.Context, p *event.Reply, on bizclock.Date) error {
	score, remark := reply.Rating(p.Text)
	if score == 0 {
		return nil
	}
	open, err := k.OpenSurvey(ctx, sqlc.OpenSurveyParams{BorrowerID: k.borrower, Since: k.known().Add(-reply.SurveyOpen)})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	m := reply.Understand(remark, on)
	if k.heard != nil && remark != "" {
		m = classify.Joined(*k.heard, m)
	}
	k.answer, k.answered = reply.Rated(p, score, remark, m, open.StepKey, open.Key), open.LoanID
	if _, is := event.ComplaintOf(open.LoanID); is { // what they complain of is that complaint, and no new one
		p.Means = slices.DeleteFunc(slices.Clone(p.Means), func(i event.Intent) bool { return i == event.Complains })
	}
	return nil
}

// survey has a person ask what went wrong when a score is low; a remark that complains is a complaint.
func (k *keeping) survey(ctx context.Context, p *event.SurveyAnswer) error {
	if bank := message.Words("question"); !slices.Contains(bank, p.Question) {
		return wrong("data.question", "%s is no question of the bank; use one of %s", p.Question, strings.Join(bank, ", "))
	}
	stop := slices.Contains(p.Means, event.Stop)
	if stop { // a remark binds like any other word of the borrower's
		if err := k.InsertWish(ctx, sqlc.InsertWishParams{BorrowerID: k.borrower, At: k.known()}); err != nil {
			return err
		}
		if err := k.tellOpen(ctx); err != nil {
			return err
		}
	}
	if k.complaint != nil {
		return k.dissatisfied(ctx, p)
	}
	switch {
	case slices.Contains(p.Means, event.Complains):
		if k.source != tender { // of a number that was written the reply's own complaint is raised
			id := fmt.Sprintf("survey-%d", k.pk)
			return k.complainedOf(ctx, k.subject, &event.Complaint{Complaint: id, Kind: complaint.Unsorted, Origin: complaint.FromSurvey, Text: p.Remark})
		}
		return nil
	case p.Score > reply.LowScore && !stop:
		return nil
	}
	return k.give(ctx, k.subject, strategy.ReasonSurvey, "")
}
