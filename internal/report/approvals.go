package report

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Approval is a request to approve of a step that rules advise against, with what became of it.
type Approval struct {
	ID       string `json:"id"`
	Loan     string `json:"loan"`
	Borrower string `json:"borrower"`
	Step     string `json:"step"`
	// Rules are those that advise against it, Channel is where it would go out.
	Rules   []string        `json:"rules"`
	Channel contact.Channel `json:"channel"`
	At      time.Time       `json:"at"`
	AskedBy string          `json:"asked_by"`
	// Until is the first instant at which it can no longer be answered; silence is no.
	Until time.Time `json:"until"`
	// Answer is empty while nobody answered; HoldsUntil is the first instant at which what was granted no longer holds.
	Answer     contact.ApprovalAnswer `json:"answer,omitempty"`
	Answered   time.Time              `json:"answered,omitzero"`
	AnsweredBy string                 `json:"answered_by,omitempty"`
	HoldsUntil time.Time              `json:"holds_until,omitzero"`

	now time.Time
}

// ApprovalFilter says which requests are meant: those that can still be answered, or with Every all.
type ApprovalFilter struct {
	Loan  string
	Every bool
	Most  int
}

// Approvals lists requests for approval, the oldest first.
func Approvals(ctx context.Context, s *store.Store, f ApprovalFilter) ([]Approval, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.ListApprovals(ctx, sqlc.ListApprovalsParams{Every: f.Every, Now: now, LoanID: f.Loan, Most: int32(f.Most)})
	all := make([]Approval, len(rows))
	for n, row := range rows {
		all[n] = Approval{
			ID: row.ID, Loan: row.LoanID, Borrower: row.BorrowerID, Step: row.StepKey, Rules: row.Rules, Channel: contact.Channel(row.Channel),
			At: row.At.UTC(), AskedBy: row.AskedBy, Until: row.UntilAt.UTC(), Answer: contact.ApprovalAnswer(row.Answer),
			Answered: in(row.AnsweredAt, time.UTC), AnsweredBy: row.AnsweredBy, HoldsUntil: in(row.HoldsUntil, time.UTC), now: now,
		}
	}
	return all, err
}

// stands says in words what became of a request.
func (a Approval) stands() string {
	switch {
	case a.Answer == contact.Granted:
		return "granted by " + Printable(a.AnsweredBy) + ", holds until " + Moment(a.HoldsUntil)
	case a.Answer != "":
		return string(a.Answer) + " by " + Printable(a.AnsweredBy)
	case !a.now.Before(a.Until):
		return "nobody answered"
	}
	return "open until " + Moment(a.Until)
}

// WriteApprovals writes a list of requests as text.
func WriteApprovals(w io.Writer, style Style, all []Approval) error {
	p := page{w: w, style: style}
	if len(all) == 0 {
		p.printf("Nothing waits for approval.\n")
		return p.err
	}
	rows := [][]string{{"APPROVAL", "LOAN", "STEP", "BY", "ADVISED AGAINST BY", "ASKED", "ASKED BY", "STANDS"}}
	for _, a := range all {
		rows = append(rows, []string{a.ID, a.Loan, a.Step, string(a.Channel), strings.Join(a.Rules, ", "), Moment(a.At), Printable(a.AskedBy), a.stands()})
	}
	p.table("", rows)
	return p.err
}
