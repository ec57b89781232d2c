package gateway

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

// The media types in which events come.
const (
	oneEvent    = "application/cloudevents+json"
	manyEvents  = "application/cloudevents-batch+json"
	binaryEvent = "application/json" // with the attributes in headers
)

// takeEvents takes one event, or a batch, whose items are answered each with a status of its own.
func (g *gateway) takeEvents(w http.ResponseWriter, q *http.Request) error {
	actor, err := g.actor(q)
	if err != nil {
		return err
	}
	media, _, _ := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if coding := q.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		media = ""
	}
	switch {
	case media == manyEvents:
		return g.takeBatch(w, q, actor)
	case media == oneEvent, media == binaryEvent && q.Header.Get("Ce-Specversion") != "":
		return g.takeOne(w, q, media, actor)
	}
	w.Header().Set("Accept", oneEvent+", "+manyEvents)
	return &problem{
		Status: http.StatusUnsupportedMediaType, Type: "unsupported-media-type", Title: "Events come as CloudEvents",
		Detail: "send Content-Type: " + oneEvent + ", or " + manyEvents + " for a batch, uncompressed",
	}
}

// Actor is the header in which a caller says on whose behalf it sends an event.
const Actor = "Tender-Actor"

// actor is who the audit trail says sent an event.
func (g *gateway) actor(q *http.Request) (string, error) {
	name := q.Header.Get(Actor)
	if len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", &problem{Status: http.StatusBadRequest, Type: "invalid-header", Title: "A header is not valid", Detail: Actor + " must be a name of at most 64 bytes", Field: Actor}
	}
	if name == "" {
		name = "gateway"
	}
	return name, nil
}

func (g *gateway) takeOne(w http.ResponseWriter, q *http.Request, media, actor string) error {
	e, err := readOne(q, media)
	if err != nil {
		return g.counted("", err)
	}
	result, err := g.Door.Take(q.Context(), e, actor)
	if err != nil {
		return g.counted(e.Type(), err)
	}
	_ = g.counted(e.Type(), nil)
	return write(w, http.StatusAccepted, "application/json", result)
}

func readOne(q *http.Request, media string) (cloudevents.Event, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return cloudevents.Event{}, err
	}
	if media == oneEvent {
		return intake.Parse(body)
	}
	q.Body = io.NopCloser(strings.NewReader(string(body)))
	e, err := cehttp.NewEventFromHTTPRequest(q)
	if err != nil {
		return cloudevents.Event{}, &event.Error{Field: "event", Reason: "its headers are not those of a CloudEvent 1.0 in binary mode"}
	}
	return *e, nil
}

// item is the answer to one event of a batch.
type item struct {
	Status  int            `json:"status"`
	Result  *intake.Result `json:"result,omitempty"`
	Problem *problem       `json:"problem,omitempty"`
}

func (g *gateway) takeBatch(w http.ResponseWriter, q *http.Request, actor string) error {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return g.counted("", err)
	}
	batch, err := intake.ParseBatch(body)
	if err != nil {
		return g.counted("", err)
	}
	if len(batch) > maxBatch {
		return g.counted("", &problem{Status: http.StatusRequestEntityTooLarge, Type: "too-large", Title: "The batch is too large", Detail: "send at most 500 events at a time"})
	}
	items := make([]item, len(batch))
	events, places := make([]cloudevents.Event, 0, len(batch)), make([]int, 0, len(batch))
	for n, text := range batch {
		e, err := intake.Parse(text)
		if err != nil {
			items[n] = g.answer("", intake.Taken{Err: err})
			continue
		}
		events, places = append(events, e), append(places, n)
	}
	for n, taken := range g.takeAll(q.Context(), events, actor) {
		items[places[n]] = g.answer(events[n].Type(), taken)
	}
	return write(w, http.StatusMultiStatus, "application/json", items)
}

func (g *gateway) takeAll(ctx context.Context, events []cloudevents.Event, actor string) []intake.Taken {
	if len(events) == 0 {
		return nil
	}
	return g.Door.TakeAll(ctx, events, actor)
}

func (g *gateway) answer(kind string, taken intake.Taken) item {
	if err := g.counted(kind, taken.Err); err != nil {
		p := asProblem(err)
		return item{Status: p.Status, Problem: p}
	}
	return item{Status: http.StatusAccepted, Result: &taken.Result}
}

// counted counts an event by its type and status, and returns the error.
func (g *gateway) counted(kind string, err error) error {
	status := http.StatusAccepted
	if err != nil {
		status = asProblem(err).Status
	}
	g.metrics.event(kind, status)
	return err
}
