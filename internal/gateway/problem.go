package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store"
)

// problem is an RFC 9457 problem, and an error.
type problem struct {
	// Type is a URN whose last part names the problem, such as urn:tender:problem:unknown-loan. Written without the rest here.
	Type string
	// Title is the same for every problem of a type; Detail is what to do about this one.
	Title, Detail string
	Status        int
	// Field is the path of the field that is wrong, such as data.currency.
	Field string
	// RetryAfter is when to try again, in seconds; 0: do not just try again.
	RetryAfter int
}

// problemPrefix makes a URI of the name of a problem.
const problemPrefix = "urn:tender:problem:"

// Error returns title and detail.
func (p *problem) Error() string { return p.Title + ": " + p.Detail }

// MarshalJSON writes the problem as RFC 9457 has it.
func (p *problem) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Field  string `json:"field,omitempty"`
	}{problemPrefix + p.Type, p.Title, p.Status, p.Detail, p.Field})
}

// retryAfter is when to send an event again that could not be taken, in seconds.
const retryAfter = 5

// retryAfterGone is that of an event whose journey a person has to take up again.
const retryAfterGone = 60

// asProblem says what an error means to a caller.
func asProblem(err error) *problem {
	var (
		p       *problem
		wrong   *event.Error
		refusal *intake.Refusal
		unknown *intake.Unknown
		away    *intake.Unavailable
		gone    *intake.Gone
		large   *http.MaxBytesError
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &wrong):
		return &problem{Status: http.StatusBadRequest, Type: "invalid-event", Title: "The event is not valid", Detail: wrong.Error(), Field: wrong.Field}
	case errors.As(err, &refusal):
		return &problem{Status: http.StatusBadRequest, Type: "refused", Title: "The loan's journey refused the event", Detail: refusal.Error(), Field: refusal.Field}
	case errors.As(err, &unknown):
		return &problem{Status: http.StatusNotFound, Type: "unknown-" + unknown.What, Title: "Something that the event speaks of is not known; nothing was kept", Detail: unknown.Error()}
	case errors.Is(err, intake.ErrConflict):
		return &problem{Status: http.StatusConflict, Type: "identity-conflict", Title: "The identity was used for another event", Detail: intake.ErrConflict.Error(), Field: "id"}
	case errors.Is(err, intake.ErrApplicationExists):
		return &problem{Status: http.StatusConflict, Type: "application-exists", Title: "The application was pre-approved before", Detail: intake.ErrApplicationExists.Error(), Field: "subject"}
	case errors.Is(err, intake.ErrLoanExists):
		return &problem{Status: http.StatusConflict, Type: "loan-exists", Title: "The loan was disbursed already", Detail: intake.ErrLoanExists.Error(), Field: "subject"}
	case errors.Is(err, store.ErrNotFound):
		return &problem{Status: http.StatusNotFound, Type: "unknown-loan", Title: "The loan is not known", Detail: "GET /v1/loans lists those that are"}
	case errors.As(err, &gone):
		return &problem{Status: http.StatusServiceUnavailable, Type: "journey-gone", Title: "The loan's journey is gone", Detail: gone.Error(), RetryAfter: retryAfterGone}
	case errors.As(err, &away):
		return unavailable(away.Error())
	case store.Unavailable(err):
		return unavailable("Postgres cannot be reached")
	case errors.As(err, &large):
		return &problem{Status: http.StatusRequestEntityTooLarge, Type: "too-large", Title: "The body is too large", Detail: fmt.Sprintf("send at most %d bytes; split a batch", maxBody)}
	}
	return internal()
}

func unavailable(detail string) *problem {
	return &problem{Status: http.StatusServiceUnavailable, Type: "unavailable", Title: "Tender cannot answer right now", Detail: detail, RetryAfter: retryAfter}
}

func internal() *problem {
	return &problem{Status: http.StatusInternalServerError, Type: "internal", Title: "Something is wrong inside Tender", Detail: "try again later, and tell the operator; the log says more"}
}

// harmless returns what of an error may stand in a log: those of statements may quote.
func harmless(err error) string {
	var fault *intake.Fault
	if errors.As(err, &fault) {
		return fault.Code
	}
	if code := store.Code(err); code != "internal" {
		return code
	}
	return fmt.Sprintf("%T", err)
}

func writeProblem(w *recorder, p *problem) {
	if w.status != 0 {
		return // an answer has begun
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	_ = write(w, p.Status, "application/problem+json", p)
}

// write writes a value as JSON.
func write(w http.ResponseWriter, status int, media string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a caller that has gone reads no answer
	return nil
}

// recorder remembers the status that was written.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] and [http.MaxBytesReader] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
