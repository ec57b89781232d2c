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

// TellLender keeps a notice and delivers it. The notice's key is the event's id, so that the lending system can tell a
// repeat; it is repeated until it was taken.
func (l *Lending) TellLender(ctx context.Context, order journey.Order) (journey.Outcome, error) {
	now, err := l.Store.Now(ctx)
	if err != nil {
		return journey.Outcome{}, fault(err)
	}
	key, kind := "n"+intent(order)[1:], "tender."+order.Step.Reason
	if err := l.Store.InsertNotice(ctx, sqlc.InsertNoticeParams{Key: key, LoanID: order.Loan, Kind: kind, At: now}); err != nil {
		return journey.Outcome{}, fault(err)
	}
	if l.URL != "" {
		if err := l.post(ctx, order, key, kind, now); err != nil {
			return journey.Outcome{}, err
		}
		if err := l.Store.NoticeTold(ctx, sqlc.NoticeToldParams{Key: key, ToldAt: &now}); err != nil {
			return journey.Outcome{}, fault(err)
		}
	}
	return outcome(order, now, journey.ResultTold, "", key), nil
}

// notice is what the lending system is told: amounts and dates, and a plan whole, so that it can be applied to its books.
func notice(step journey.Step) map[string]any {
	data := map[string]any{}
	for name, value := range step.Fill {
		data[name] = value
	}
	if step.Plan != nil {
		data["plan"] = step.Plan
	}
	return data
}

func (l *Lending) post(ctx context.Context, order journey.Order, key, kind string, now time.Time) error {
	e := cloudevents.New()
	e.SetID(key)
	e.SetSource("tender")
	e.SetType(kind)
	e.SetSubject("loan/" + order.Loan)
	e.SetTime(now)
	if err := e.SetData("application/json", notice(order.Step)); err != nil {
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
