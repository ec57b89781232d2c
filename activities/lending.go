package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Lending tells the lending system what it must know.
type Lending struct {
	Store *store.Store
	// URL takes CloudEvents by POST. Without one, notices are kept in Postgres for the lending system to fetch.
	URL string
}

// Kept is the code of a notice that waits in Postgres because nobody said where the lending system takes notices.
const Kept = "kept"

// TellLender keeps a notice and delivers it. The notice's key is the event's id, so that the lending system can tell a
// repeat; it is repeated until it was taken. Without an address it waits, and is delivered once there is one.
func (l *Lending) TellLender(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	now, err := l.Store.Now(ctx)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	key, kind := "n"+intent(order)[1:], "tender."+order.Step.Reason
	body, err := envelope(order, key, kind, now)
	if err != nil {
		return journey.Outcome{}, temporal.NewApplicationError("lender_encode", "lender_encode")
	}
	if err := l.Store.InsertNotice(ctx, sqlc.InsertNoticeParams{Key: key, LoanID: order.Loan, Kind: kind, At: now, Body: body}); err != nil {
		return journey.Outcome{}, fault(err)
	}
	if l.URL == "" {
		return outcome(order, now, journey.ResultTold, Kept, key), nil
	}
	if err := l.deliver(ctx, key, body, now); err != nil {
		return journey.Outcome{}, err
	}
	return outcome(order, now, journey.ResultTold, "", key), nil
}

// atOnce is how many kept notices are delivered in one go.
const atOnce = 100

// DeliverKept delivers the notices that were kept while there was no address, oldest first, until one is not taken. It
// returns how many were.
func (l *Lending) DeliverKept(ctx context.Context) (delivered int, err error) {
	if l.URL == "" {
		return 0, nil
	}
	kept, err := l.Store.KeptNotices(ctx, atOnce)
	if err != nil {
		return 0, err
	}
	now, err := l.Store.Now(ctx)
	if err != nil {
		return 0, err
	}
	for _, n := range kept {
		if len(n.Body) == 0 {
			continue // from before notices were kept whole
		}
		if err := l.deliver(ctx, n.Key, n.Body, now); err != nil {
			return delivered, err
		}
		delivered++
	}
	return delivered, nil
}

func (l *Lending) deliver(ctx context.Context, key string, body []byte, now time.Time) error {
	if err := l.post(ctx, body); err != nil {
		return err
	}
	return fault(l.Store.NoticeTold(ctx, sqlc.NoticeToldParams{Key: key, ToldAt: &now}))
}

// envelope is the whole event that the lending system is told: amounts and dates, and a plan whole, so that it can be
// applied to its books.
func envelope(order journey.Order, key, kind string, now time.Time) ([]byte, error) {
	data := map[string]any{}
	for name, value := range order.Step.Fill {
		data[name] = value
	}
	if order.Step.Plan != nil {
		data["plan"] = order.Step.Plan
	}
	e := cloudevents.New()
	e.SetID(key)
	e.SetSource("tender")
	e.SetType(kind)
	e.SetSubject("loan/" + order.Loan)
	e.SetTime(now)
	if err := e.SetData("application/json", data); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

func (l *Lending) post(ctx context.Context, body []byte) error {
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
