package activities

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/failpoint"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Lending tells the lending system what it must know.
type Lending struct {
	Store *store.Store
	// URL takes CloudEvents by POST. Without one, notices are kept in Postgres for the lending system to fetch.
	URL string
	// Log hears of what cannot be told. Default: nobody is told.
	Log *slog.Logger
}

// noticeLease is how long one who tries to tell a notice keeps others from it: longer than an attempt may take.
const noticeLease = time.Minute

// TellLender keeps a notice and delivers it. The notice's key is the event's id, so that the lending system can tell a
// repeat; it is repeated, word for word, until it was taken. The result is told when the lending system took it, and
// kept when nothing says where it takes notices.
func (l *Lending) TellLender(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	now, err := l.Store.Now(ctx)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	data, err := json.Marshal(said(order.Step))
	if err != nil {
		return journey.Outcome{}, temporal.NewApplicationError("lender_encode", "lender_encode")
	}
	notice, err := l.Store.KeepNotice(ctx, sqlc.KeepNoticeParams{
		Key: "n" + intent(order)[1:], LoanID: order.Loan, Kind: "tender." + order.Step.Reason, At: now, Data: data, LeaseSeconds: noticeLease.Seconds(),
	})
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	failpoint.Hit("kept")
	result := journey.ResultTold
	switch {
	case notice.ToldAt != nil: // and the answer was lost
	case l.URL == "":
		result = journey.ResultKept
	default:
		if err := l.tell(ctx, notice); err != nil {
			return journey.Outcome{}, err
		}
	}
	return outcome(order, now, result, "", notice.Key), nil
}

// said is what a notice says: amounts and dates, and a plan whole, so that it can be applied to other books.
func said(step journey.Step) map[string]any {
	data := map[string]any{}
	for name, value := range step.Fill {
		data[name] = value
	}
	if step.Plan != nil {
		data["plan"] = step.Plan
	}
	return data
}

// How often kept notices are looked for, wall time, and how many are told in one round.
const (
	keptEvery  = 10 * time.Second
	keptAtOnce = 16
)

// Sweep tells what was kept while nothing said where the lending system takes notices, or while it was away for longer
// than a step is tried, until the context ends. Any number of processes may sweep one Postgres.
func (l *Lending) Sweep(ctx context.Context) {
	for ctx.Err() == nil {
		if _, failed, err := l.SweepOnce(ctx); (err != nil || failed > 0) && ctx.Err() == nil && l.Log != nil {
			l.Log.WarnContext(ctx, "the lending system cannot be told what it must know", "notices", failed, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(keptEvery):
		}
	}
}

// SweepOnce does one round of Sweep. It returns how many notices it told, how many it could not, and why the first of
// these could not be told. It does nothing without a URL.
func (l *Lending) SweepOnce(ctx context.Context) (told, failed int, err error) {
	if l.URL == "" {
		return 0, 0, nil
	}
	// A round ends before its leases do, whatever the lending system does.
	ctx, cancel := context.WithTimeout(ctx, noticeLease/2)
	defer cancel()
	notices, err := l.Store.ClaimNotices(ctx, sqlc.ClaimNoticesParams{Most: keptAtOnce, LeaseSeconds: noticeLease.Seconds()})
	for _, notice := range notices {
		if cause := l.tell(ctx, notice); cause != nil {
			failed, err = failed+1, cmp.Or(err, cause)
			continue
		}
		told++
	}
	return told, failed, err
}

// tell delivers a notice and notes that it was taken.
func (l *Lending) tell(ctx context.Context, notice sqlc.Notice) error {
	if err := l.post(ctx, notice); err != nil {
		return err
	}
	failpoint.Hit("told")
	now, err := l.Store.Now(ctx)
	if err != nil {
		return fault(err)
	}
	return fault(l.Store.NoticeTold(ctx, sqlc.NoticeToldParams{Key: notice.Key, ToldAt: &now}))
}

func (l *Lending) post(ctx context.Context, notice sqlc.Notice) error {
	e := cloudevents.New()
	e.SetID(notice.Key)
	e.SetSource("tender")
	e.SetType(notice.Kind)
	e.SetSubject(event.SubjectOf(notice.LoanID))
	e.SetTime(notice.At)
	if err := e.SetData("application/json", json.RawMessage(notice.Data)); err != nil {
		return temporal.NewApplicationError("lender_encode", "lender_encode")
	}
	body, err := json.Marshal(e)
	if err != nil {
		return temporal.NewApplicationError("lender_encode", "lender_encode")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL, bytes.NewReader(body))
	if err != nil {
		return temporal.NewApplicationError("lender_url", "lender_url")
	}
	request.Header.Set("Content-Type", "application/cloudevents+json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return temporal.NewApplicationError("lender_away", "lender_away")
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if response.StatusCode >= 300 {
		code := fmt.Sprintf("lender_%d", response.StatusCode)
		return temporal.NewApplicationError(code, code)
	}
	return nil
}
