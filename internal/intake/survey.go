package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

const (
	// surveyOpen is for how long a number that a borrower writes is the answer to a survey.
	surveyOpen = 14 * 24 * time.Hour
	// lowScore is the highest score after which a person asks what went wrong.
	lowScore = 2
	// surveyReason is the reason of that task.
	surveyReason = "survey"
)

// rating finds a number from 1 to 5 with which a text begins, and what is added to it: a word of its own, and no other number.
var rating = regexp.MustCompile(`^\s*([1-5])(?:\s*/\s*5)?(?:\s*[.,;:!?)，。；：！？、-]+\s*|\s+|$)([^\d\s][\s\S]*)?$`)

// surveyed takes a reply that begins with a number as the answer to the survey that is open, if one is. What the borrower added is
// understood like any reply.
func (k *keeping) surveyed(ctx context.Context, p *event.Reply, on bizclock.Date) error {
	found := rating.FindStringSubmatch(reply.Said(p.Text))
	if found == nil || p.Intent == event.IntentStop {
		return nil
	}
	open, err := k.OpenSurvey(ctx, sqlc.OpenSurveyParams{BorrowerID: k.borrower, Since: k.known().Add(-surveyOpen)})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	score, err := strconv.Atoi(found[1])
	if err != nil {
		return err
	}
	question, _, _ := strings.Cut(strings.TrimPrefix(open.StepKey, "survey-"), "@")
	remark := strings.TrimSpace(found[2])
	k.answer = &event.SurveyAnswer{Question: question, Score: score, Contact: open.Key, Remark: remark}
	k.answered = open.LoanID
	if remark == "" {
		p.Means = []event.Intent{}
		return nil
	}
	means := reply.Understand(remark, on).Intents
	if p.UnderstoodBy == event.ByClassifier {
		means = p.Means // the number before it means nothing by itself
	}
	k.answer.Means, p.Means = means, without(means, event.Unclear)
	return nil
}

// survey has a person ask what went wrong when a score is low.
func (k *keeping) survey(ctx context.Context, p *event.SurveyAnswer) error {
	if p.Score > lowScore {
		return nil
	}
	return k.InsertTask(ctx, sqlc.InsertTaskParams{
		Key: fmt.Sprintf("%s-%d", surveyReason, k.pk), LoanID: k.subject, BorrowerID: k.borrower,
		StepKey: surveyReason + "@" + k.known().Format(time.DateOnly), Reason: surveyReason, At: k.known(),
	})
}
