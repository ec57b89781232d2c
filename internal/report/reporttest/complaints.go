package reporttest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/event"
)

//go:embed complaints.sql
var portfolio string

// regime is one by which the complaints here are answered: the front line has three days, and the lender ten.
var regime = &complaint.Regime{
	Name: "test", Version: bizclock.MustDate("2026-01-01"), ConfirmWithin: 14, SurveyAfter: 7, NewFacts: "restart",
	Deadlines: []complaint.Clock{
		{ID: "front_line", Level: complaint.FrontLine, Within: 3, Days: bizclock.CalendarDays},
		{ID: "final_answer", Level: complaint.Compliance, Within: 10, Days: bizclock.CalendarDays, Final: true},
	},
}

// complaining is a complaint of the portfolio, and what became of it.
type complaining struct {
	complaint.Raising
	// after is the template that it came after, under the strategy; by the call that it was raised in, if it was.
	after, strategy, channel string
	call                     int64
	lives                    func(*complaint.Case) error
}

// DatabaseOfComplaints returns the URL of a database as [Database] does, with a portfolio about which people complain: three messages,
// of which notice-2 draws most complaints, two strategies, one loan that was moved from the one to the other, and three agents.
func DatabaseOfComplaints(t testing.TB) string {
	t.Helper()
	url := Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err = conn.Exec(t.Context(), portfolio); err != nil {
		t.Fatal(err)
	}
	for n, one := range complaints() {
		if err := keep(t.Context(), conn, n, one); err != nil {
			t.Fatal(one.ID, err)
		}
	}
	return url
}

// At is a minute of a day and an hour of January 2026, in UTC; later days are those of February.
func at(day, hour int) time.Time { return time.Date(2026, 1, day, hour, 0, 0, 0, time.UTC) }

func complaints() (all []complaining) {
	add := func(id, loan string, kind complaint.Kind, when time.Time, after, strategy string, lives func(*complaint.Case) error) *complaining {
		all = append(all, complaining{
			Raising: complaint.Raising{ID: id, Borrower: "B-1", Loan: loan, Kind: kind, Origin: complaint.FromReply, At: when, Home: time.UTC},
			after:   after, strategy: strategy, channel: "sms", lives: lives,
		})
		return &all[len(all)-1]
	}
	heard := func(c *complaint.Case, after time.Duration) error {
		return c.Acknowledge(c.Raised.Add(after), "tender")
	}
	answered := func(c *complaint.Case, after time.Duration, outcome complaint.Outcome, redress ...complaint.Redress) error {
		return c.Resolve(complaint.Answer{At: c.Raised.Add(after), By: "dora", Outcome: outcome, Redress: redress}, regime)
	}
	refund := func(amount, currency string) complaint.Redress {
		return complaint.Redress{Kind: complaint.FeeRefund, Amount: decimal.MustParse(amount), Currency: currency}
	}
	const hour, day = time.Hour, 24 * time.Hour

	// Eight after notice-2: acknowledged after one hour to eight, answered after one day to eight, every other one upheld.
	for n := range 8 {
		add(fmt.Sprintf("C-1%02d", n), "L-2001", complaint.Conduct, at(10+n, 9), "notice-2", "firm@1", func(c *complaint.Case) error {
			if err := heard(c, time.Duration(n+1)*hour); err != nil {
				return err
			}
			if err := c.Assign(c.Raised.Add(10*hour), "dora", complaint.Assigning{To: "dora", Cause: "tone", About: map[bool][]string{true: {"ann"}}[n < 2]}, regime); err != nil {
				return err
			}
			if n%2 > 0 {
				return answered(c, time.Duration(n+1)*day, complaint.Rejected)
			}
			return answered(c, time.Duration(n+1)*day, complaint.Upheld, refund("7.50", "USD"), complaint.Redress{Kind: complaint.Apology})
		})
	}
	// The second letter again, about charges: one was upheld in part and paid in yen, one was late, and one is.
	add("C-201", "L-2002", complaint.Charges, at(20, 9), "notice-2", "firm@1", func(c *complaint.Case) error {
		if err := heard(c, 20*time.Minute); err != nil {
			return err
		}
		return answered(c, 12*day, complaint.PartlyUpheld, refund("1200", "JPY"), refund("0.25", "USD"))
	})
	add("C-202", "L-2002", complaint.Charges, at(21, 9), "notice-2", "firm@1", func(c *complaint.Case) error { return heard(c, 30*time.Minute) })
	// One was answered, closed, opened again because that was not good enough, and answered once more.
	add("C-203", "L-1001", complaint.Amount, at(22, 9), "notice-1", "gentle-installment@1", func(c *complaint.Case) error {
		if err := heard(c, 2*hour); err != nil {
			return err
		}
		if err := answered(c, 2*day, complaint.Rejected); err != nil {
			return err
		}
		if err := c.Close(c.Raised.Add(3*day), "B-1", complaint.Confirmed, ""); err != nil {
			return err
		}
		if err := c.Reopen(c.Raised.Add(5*day), "B-1", "dissatisfied", regime); err != nil {
			return err
		}
		c.Again = 2
		return c.Resolve(complaint.Answer{At: c.Raised.Add(9 * day), By: "edda", Outcome: complaint.PartlyUpheld}, regime)
	})
	// One was raised in a call of bob's: it is about the call before, which was ann's.
	add("C-204", "L-2001", complaint.Unsorted, at(30, 14), "reminder", "gentle-installment@1", func(c *complaint.Case) error { return heard(c, 3*hour) }).call = 1
	// One about the app came by itself, and was taken back.
	one := add("C-205", "", complaint.Technical, at(36, 9), "", "", func(c *complaint.Case) error {
		if err := heard(c, hour); err != nil {
			return err
		}
		return c.Withdraw(c.Raised.Add(hour+time.Minute), "B-1")
	})
	one.Borrower, one.channel = "B-2", "app"
	// Long ago, and no part of a report of this year.
	add("C-001", "L-1001", complaint.Service, time.Date(2025, 11, 1, 9, 0, 0, 0, time.UTC), "welcome", "gentle-installment@1", func(*complaint.Case) error { return nil })
	return all
}

// keep writes a complaint as the door does.
func keep(ctx context.Context, conn *pgx.Conn, n int, one complaining) error {
	c := complaint.Raise(one.Raising, regime)
	if err := one.lives(&c); err != nil {
		return err
	}
	facts, err := json.Marshal(c)
	if err != nil {
		return err
	}
	raised, err := json.Marshal(event.Complaint{Complaint: c.ID, Kind: one.Kind, Origin: one.Origin, Borrower: c.Borrower})
	if err != nil {
		return err
	}
	instant := func(at time.Time) *time.Time {
		if at.IsZero() {
			return nil
		}
		return &at
	}
	var due, answered *time.Time
	if d, is := c.Due(); is {
		due = &d.At
	}
	if c.Answer != nil {
		answered = &c.Answer.At
	}
	subject, source, id := "borrower/"+c.Borrower, "/lending/core", "raised-"+c.ID
	if c.Loan != "" {
		subject = "loan/" + c.Loan
	}
	if one.call > 0 {
		source = "tender"
		if err := conn.QueryRow(ctx, `select 'call:' || pk || ':1' from events where id = 'last-call'`).Scan(&id); err != nil {
			return err
		}
	}
	journey, merged := event.ComplaintLoan(c.ID), []string{}
	for again := range c.Again {
		merged = append(merged, fmt.Sprintf("%s-again-%d", c.ID, again+1))
	}
	for _, q := range []struct {
		sql  string
		args []any
	}{
		{`insert into loans (id, borrower_id, currency, disbursed_at, source, stage, kind, seq, strategy) values ($1, $2, '', $3, '/crm', 'registered', 'complaint', 1, 'firm@1')`, []any{journey, c.Borrower, c.Raised}},
		{
			`insert into complaints (id, borrower_id, loan_id, facts, kind, state, level, owner, regime, origin, channel, template, strategy, raised_at, due_at, acknowledged_at, answered_at, closed_at)
			 values ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
			[]any{
				c.ID, c.Borrower, c.Loan, facts, string(c.Kind), string(c.State()), string(c.Level), c.Owner, c.Regime, string(c.Origin), one.channel, one.after, one.strategy, c.Raised,
				due, instant(c.Acknowledged), answered, instant(c.Closed),
			},
		},
		{`insert into merged_complaints (id, complaint_id) select unnest($2::text[]), $1`, []any{c.ID, merged}},
		{
			`insert into events (source, id, type, subject, borrower_id, at, digest, data, actor) values ($1, $2, 'complaint.raised', $3, $4, $5, '', $6, 'crm-key')`,
			[]any{source, id, subject, c.Borrower, c.Raised, raised},
		},
		{`insert into event_particulars (event_pk, data) select pk, jsonb_build_object('text', 'the words of ' || $1::text) from events where source = $2 and id = $3`, []any{c.ID, source, id}},
		{
			`insert into deliveries (event_pk, loan_id, number, state, next_try)
			 select e.pk, l.id, case l.kind when 'complaint' then 1 else 1000 + $4::int end, 'accepted', now()
			 from events e, loans l where e.source = $1 and e.id = $2 and l.id in ($3, nullif($5, ''))`,
			[]any{source, id, journey, n, c.Loan},
		},
	} {
		if _, err := conn.Exec(ctx, q.sql, q.args...); err != nil {
			return fmt.Errorf("%s: %w", q.sql, err)
		}
	}
	return nil
}
