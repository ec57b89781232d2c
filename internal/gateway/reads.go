package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
)

// maxList is the largest number of loans in one answer.
const maxList = 1000

// listLoans lists loans, as the last decisions found them.
func (g *gateway) listLoans(w http.ResponseWriter, q *http.Request) error {
	filter, err := readFilter(q)
	if err != nil {
		return err
	}
	loans, err := report.List(q.Context(), g.Store, filter)
	if err != nil {
		return err
	}
	page := struct {
		Loans []report.Loan `json:"loans"`
		// Next is the value of after for the next page; none on the last.
		Next string `json:"next,omitempty"`
	}{Loans: loans}
	if len(loans) == filter.Most {
		page.Next = loans[len(loans)-1].ID
	}
	return write(w, http.StatusOK, "application/json", page)
}

// readFilter reads which loans are asked for, and how many at most.
func readFilter(q *http.Request) (f report.Filter, err error) {
	f.Most = 100
	for name, values := range q.URL.Query() {
		text, wrong := values[0], error(nil)
		switch name {
		case "stage":
			f.Stage, wrong = closed.Parse("stage", journey.Stages, text)
		case "bucket":
			f.Bucket = text
		case "hold":
			f.Hold, wrong = closed.Parse("hold", contact.HoldKinds, text)
		case "past_due":
			f.PastDue, wrong = number(text, 100_000)
		case "after":
			f.After = text
		case "limit":
			f.Most, wrong = number(text, maxList)
		default:
			wrong = errors.New("is not known; use stage, bucket, hold, past_due, after or limit")
		}
		if wrong != nil {
			return f, &problem{Status: http.StatusBadRequest, Type: "invalid-query", Title: "The query is not valid", Detail: name + ": " + wrong.Error(), Field: name}
		}
	}
	return f, nil
}

func number(text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("must be a whole number from 1 to %d", most)
	}
	return n, nil
}

// showLoan shows one loan with its timeline. Names, addresses, texts and remarks stay in Postgres.
func (g *gateway) showLoan(w http.ResponseWriter, q *http.Request) error {
	id := q.PathValue("id")
	if event.CheckLoanID(id) != nil {
		return store.ErrNotFound
	}
	life, err := report.Live(q.Context(), g.Store, id, false)
	if err != nil {
		return err
	}
	for n := range life.Holds {
		life.Holds[n].Owner, life.Holds[n].Note = "", ""
	}
	return write(w, http.StatusOK, "application/json", life)
}

// showApplication shows one application: what it is about, what came of its callback or what is next. Names, addresses and questions
// stay in Postgres.
func (g *gateway) showApplication(w http.ResponseWriter, q *http.Request) error {
	unknown := &problem{
		Status: http.StatusNotFound, Type: "unknown-application", Title: "The application is not known",
		Detail: "tender application list --all lists those that are; an application becomes known with its application.preapproved",
	}
	id := q.PathValue("id")
	if err := event.CheckID(id); err != nil {
		unknown.Detail = "the id in the path " + err.Error()
		return unknown
	}
	found, err := report.FindApplication(q.Context(), g.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return unknown
	}
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, "application/json", found)
}

// listComplaints lists complaints: those that wait for an answer, or all.
func (g *gateway) listComplaints(w http.ResponseWriter, q *http.Request) error {
	filter, err := readComplaintFilter(q)
	if err != nil {
		return err
	}
	all, err := report.Complaints(q.Context(), g.Store, g.Regimes, filter)
	if err != nil {
		return err
	}
	return write(w, http.StatusOK, "application/json", map[string][]report.Complaint{"complaints": all})
}

// readComplaintFilter reads which complaints are asked for, and how many at most.
func readComplaintFilter(q *http.Request) (f report.ComplaintFilter, err error) {
	f.Most = 100
	for name, values := range q.URL.Query() {
		text, wrong := values[0], error(nil)
		switch name {
		case "due":
			f.Due, wrong = yes(text)
		case "all":
			f.Every, wrong = yes(text)
		case "level":
			f.Level, wrong = closed.Parse("level", complaint.Levels, text)
		case "kind":
			f.Kind, wrong = closed.Parse("kind", complaint.Kinds, text)
		case "owner":
			f.Owner = text
		case "loan":
			f.Loan = text
		case "borrower":
			f.Borrower = text
		case "limit":
			f.Most, wrong = number(text, maxList)
		default:
			wrong = errors.New("is not known; use due, all, level, kind, owner, loan, borrower or limit")
		}
		if wrong == nil && (name == "owner" || name == "loan" || name == "borrower") {
			wrong = event.CheckID(text)
		}
		if wrong != nil {
			return f, &problem{Status: http.StatusBadRequest, Type: "invalid-query", Title: "The query is not valid", Detail: name + ": " + wrong.Error(), Field: name}
		}
	}
	return f, nil
}

func yes(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, errors.New("must be true or false")
	}
	return text == "true", nil
}

// showComplaint shows one complaint: where it stands, its clocks, and its timeline. What was said, noted, answered and sent stays in Postgres.
func (g *gateway) showComplaint(w http.ResponseWriter, q *http.Request) error {
	unknown := &problem{
		Status: http.StatusNotFound, Type: "unknown-complaint", Title: "The complaint is not known",
		Detail: "GET /v1/complaints?all=true lists those that are; a complaint becomes known with its complaint.raised",
	}
	id := q.PathValue("id")
	if err := event.CheckID(id); err != nil {
		unknown.Detail = "the id in the path " + err.Error()
		return unknown
	}
	found, err := report.OpenComplaint(q.Context(), g.Store, g.Regimes, id, false)
	if errors.Is(err, store.ErrNotFound) {
		return unknown
	}
	if err != nil {
		return err
	}
	if found.Hold != nil {
		found.Hold.Owner, found.Hold.Note = "", ""
	}
	return write(w, http.StatusOK, "application/json", found)
}

// healthy says that the process runs.
func (g *gateway) healthy(w http.ResponseWriter, _ *http.Request) error {
	return write(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
}

// ready says whether events can be taken: Postgres and Temporal answer.
func (g *gateway) ready(w http.ResponseWriter, q *http.Request) error {
	ctx, cancel := context.WithTimeout(q.Context(), 2*time.Second)
	defer cancel()
	parts := map[string]string{"postgres": "ok", "temporal": "ok"}
	status := http.StatusOK
	ask := func(name string, does func(context.Context) error) {
		if does == nil {
			delete(parts, name)
		} else if does(ctx) != nil {
			parts[name], status = "away", http.StatusServiceUnavailable
		}
	}
	ask("postgres", g.Store.Ping)
	ask("temporal", g.Temporal)
	return write(w, status, "application/json", parts)
}
