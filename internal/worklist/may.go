package worklist

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// May says whether a borrower may be called about a task, and when.
type May struct {
	Allowed bool `json:"allowed"`
	// Point is the contact point to be called; none where the borrower has no telephone that Tender knows.
	Point string `json:"point,omitempty"`
	// Until is when the hours end in which it may be called now.
	Until time.Time `json:"until,omitzero"`
	// Rule forbids it, and says Why; From is the first instant at which it may be called.
	Rule string    `json:"rule,omitempty"`
	Why  string    `json:"why,omitempty"`
	From time.Time `json:"from,omitzero"`
	// Never is set when a rule forbids it, and no day changes that by itself: the borrower is to be reached in another way.
	Never bool `json:"never,omitempty"`

	finding *compliance.Finding
	home    *time.Location
	debt    string // the loan that the call is about
}

// Why a task may not be called although no rule forbids it.
const (
	whyNeedless  = "nothing asks for it any more, as things stand"
	whyRests     = "it rests, as for a promise that is open"
	whyClosed    = "the loan is closed"
	whyUndecided = "something has just happened to the loan, and is not decided upon yet"
	whyAged      = "its time is over"
	whyNotYet    = "it is to be tried again later"
)

// Says says why not, and from when on.
func (m May) Says() string {
	text := m.Why
	if m.Rule != "" {
		text = m.Rule + ": " + text
	}
	switch {
	case m.Never:
		text += "; no day changes that by itself, so reach the borrower in another way"
	case !m.From.IsZero():
		text += "; allowed from " + m.Clock(m.From)
	}
	return text
}

// Clock writes an instant by the clock on the borrower's wall.
func (m May) Clock(at time.Time) string {
	home := m.home
	if home == nil {
		home = time.UTC
	}
	return at.In(home).Format("Mon 2006-01-02 15:04 MST")
}

// until is From as Postgres takes it.
func (m May) until() *time.Time {
	if m.From.IsZero() {
		return nil
	}
	return &m.From
}

// look says whether a borrower may be called about a task at an instant. Under the borrower's lock nothing that it finds can change.
func (d *Desk) look(ctx context.Context, q *sqlc.Queries, t sqlc.Task, now time.Time) (May, error) {
	row, err := q.CallStanding(ctx, sqlc.CallStandingParams{LoanID: t.LoanID, BorrowerID: t.BorrowerID, Since: now.Add(-d.Rules.Horizon())})
	if err != nil {
		return May{}, err
	}
	return d.judge(row, t, now)
}

// judge is [Desk.look] with what was read.
func (d *Desk) judge(row sqlc.CallStandingRow, t sqlc.Task, now time.Time) (May, error) {
	may := May{home: home(row.TimeZones), debt: row.Debt}
	var standing contact.Standing
	var halts []contact.Halt
	if err := json.Unmarshal(row.Standing, &standing); err != nil {
		return may, err
	}
	if err := json.Unmarshal(row.Halts, &halts); err != nil {
		return may, err
	}
	after := func(at *time.Time) bool { return at != nil && at.After(now) }
	switch {
	case t.UntilAt != nil && !t.UntilAt.After(now):
		may.Why = whyAged
	case t.Needless:
		may.Why = whyNeedless
	case t.Calls && row.ClosedAt != nil:
		may.Why = whyClosed
	case row.Undecided:
		may.Why = whyUndecided
	case after(t.RestsUntil):
		may.Why, may.From = whyRests, t.RestsUntil.UTC()
	case after(t.NotBefore):
		may.Why, may.From = whyNotYet, t.NotBefore.UTC()
	default:
		if t.DialledAt != nil {
			standing.Attempts = slices.DeleteFunc(standing.Attempts, func(a contact.Attempt) bool { return a.Key == t.ContactKey })
		}
		d.ask(&may, d.Rules.For(row.Jurisdiction), standing, halts, t, now)
	}
	return may, nil
}

// ask asks halts and rules, about each telephone of the borrower in their order.
func (d *Desk) ask(may *May, rules compliance.Rules, standing contact.Standing, halts []contact.Halt, t sqlc.Task, now time.Time) {
	purpose := contact.Purpose(t.Purpose)
	if halt, halted := strategy.HaltOf(halts, contact.Call, "", purpose, now); halted {
		finding := strategy.Halted(halt)
		may.finding, may.Rule, may.Why, may.From = &finding, finding.Rule, finding.Why, finding.Until
		return
	}
	_, known := standing.Usable(contact.Call)
	person := standing.ByPerson()
	telephones := slices.DeleteFunc(slices.Clone(person.Points), func(p contact.Point) bool { return p.Channel != contact.Call || p.Failed })
	slices.SortStableFunc(telephones, func(a, b contact.Point) int { return cmp.Compare(a.Rank, b.Rank) })
	for n, p := range telephones {
		proposal := compliance.Proposal{
			At: now, Channel: contact.Call, Point: p.ID, Purpose: purpose, Loans: []string{may.debt}, Step: t.StepKey,
		}
		ruling := rules.Evaluate(person, proposal)
		if ruling.Allowed() {
			*may = May{Allowed: true, home: may.home, debt: may.debt}
			if known {
				may.Point = p.ID
			}
			if _, closes, open := rules.Window(person, proposal); open && closes.After(now) {
				may.Until = closes.UTC()
			}
			return
		}
		if next := ruling.NextAllowed; n == 0 || !next.IsZero() && (may.From.IsZero() || next.Before(may.From)) {
			deciding := *ruling.Deciding()
			may.finding, may.Rule, may.Why, may.From = &deciding, deciding.Rule, deciding.Why, next.UTC()
			if next.IsZero() {
				may.From = time.Time{}
			}
			held := slices.ContainsFunc(ruling.Findings, func(f compliance.Finding) bool { return f.Rule == strategy.HoldRule && !f.Verdict.Allows() })
			may.Never = next.IsZero() && !held // a hold can be released
		}
	}
}

// home is where the borrower lives, as far as that is known.
func home(zones []string) *time.Location {
	for _, name := range zones {
		if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
			return zone
		}
	}
	return time.UTC
}
