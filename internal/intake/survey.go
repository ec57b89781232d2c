package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// surveyReason is the reason of a task to ask what went wrong.
const surveyReason = "survey"

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
	return nil
}

// survey has a person ask what went wrong when a score is low.
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
	if p.Score > reply.LowScore && !stop && !slices.Contains(p.Means, event.Complains) {
		return nil
	}
	return k.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: fmt.Sprintf("%s-%d", surveyReason, k.pk), LoanID: k.subject, BorrowerID: k.borrower,
		StepKey: surveyReason + "@" + k.known().Format(time.DateOnly), Reason: surveyReason, At: k.known(),
	})
}
