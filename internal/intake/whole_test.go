package intake_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

// TestTakeNeverHalfStores sends random events while Postgres refuses random writes and journeys fail at random. After
// each: either nothing was kept, or all of it; the numbers of each loan have no gaps; and what was answered, is true.
func TestTakeNeverHalfStores(t *testing.T) {
	h := newHouse(t)
	h.exec(`create table fault (name text); create function fail_on_demand() returns trigger language plpgsql as $$
		begin
			if exists (select from fault where name = tg_table_name) then raise exception 'canary' using errcode = '53100'; end if;
			return new;
		end $$`)
	tables := []string{
		"events", "event_particulars", "borrowers", "contact_points", "wishes", "borrower_holds", "region_holds", "halts", "sweeps", "loans", "deliveries", "contacts",
		"outcomes", "watermarks",
	}
	for _, table := range tables {
		h.exec(fmt.Sprintf(`create trigger fault before insert or update on %s for each row execute function fail_on_demand()`, table))
	}
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		s := &sender{run: run, sent: map[string]string{}}
		for range rapid.IntRange(1, 12).Draw(rt, "events") {
			text := s.draw(rt)
			fault := rapid.SampledFrom(append([]string{"", "", "", ""}, tables...)).Draw(rt, "fault")
			away := rapid.IntRange(0, 3).Draw(rt, "journeys") == 0
			h.journeys.set(func(j *journeys) { j.away = away })
			if fault != "" {
				h.exec(`insert into fault values ($1)`, fault)
			}
			before := h.kept()
			_, err := h.take(text)
			h.exec(`delete from fault`)
			h.check(rt, err, before)
		}
		// In the end everything can be handed over, in the order of its numbers.
		h.journeys.set(func(j *journeys) { j.away = false })
		h.exec(`update deliveries set next_try = now() where state = 'received'`)
		for {
			found, failed, err := h.door.SweepOnce(rt.Context())
			require.NoError(rt, err)
			require.Zero(rt, failed)
			if found == 0 {
				break
			}
		}
		for loan, told := range h.journeys.all {
			require.Equal(rt, h.query(`select last_number::text from loans where id = $1`, loan), []string{fmt.Sprint(told.Through)}, loan)
			require.Empty(rt, told.Ahead, loan)
		}
	})
}

// kept counts what an event may leave behind.
func (h *house) kept() string {
	return h.query(`select concat_ws(' ', (select count(*) from events), (select count(*) from event_particulars), (select count(*) from deliveries),
		(select coalesce(sum(last_number), 0) from loans), (select count(*) from wishes), (select count(*) from placed_holds), (select count(*) from contacts),
		(select count(*) from halts), (select count(*) from sweeps),
		(select count(*) from outcomes), (select count(*) from loans), (select count(*) from borrowers))`)[0]
}

// check looks for halves.
func (h *house) check(t require.TestingT, err error, before string) {
	var (
		wrong *event.Error
		away  *intake.Unavailable
	)
	switch {
	case err == nil, errors.As(err, &away) && away.Kept:
	case errors.As(err, &wrong), errors.Is(err, intake.ErrUnknownLoan), errors.Is(err, intake.ErrConflict), errors.Is(err, intake.ErrLoanExists), away != nil:
		require.Equal(t, before, h.kept(), "kept, though it said: %v", err)
	default:
		require.NoError(t, err)
	}
	for name, query := range map[string]string{
		"an event without its particulars": `select e.id from events e left join event_particulars p on p.event_pk = e.pk where p.event_pk is null`,
		"a loan whose numbers have gaps": `select l.id from loans l left join deliveries d on d.loan_id = l.id group by l.id
			having count(d.number) <> l.last_number or coalesce(max(d.number), 0) <> l.last_number`,
		"a loan without its disbursement": `select l.id from loans l where not exists (select from deliveries d join events e on e.pk = d.event_pk
			where d.loan_id = l.id and e.type = 'loan.disbursed')`,
		"a stop that does not bind": `select e.id from events e where e.data->>'intent' = 'stop' and not exists (select from wishes w
			where w.borrower_id = e.borrower_id and not w.allowed)`,
		"a stop that answers": `select e.id from events e where e.data->>'intent' = 'stop' and e.data ? 'answer'`,
		"a dispute without its hold": `select e.id from events e where e.type = 'dispute.raised' and not exists (select from holds h
			where h.borrower_id = e.borrower_id and h.id = 'dispute/' || substr(e.subject, 6) || '/' || (e.data->>'dispute'))`,
		"a contact without an outcome": `select c.key from contacts c where not exists (select from outcomes o where o.contact_key = c.key)`,
		"an answer that is missing":    `select loan_id from deliveries where (state = 'received') <> (answer is null)`,
	} {
		require.Empty(t, h.query(query), name)
	}
}

// sender draws events about a few loans and borrowers, repeats and conflicts among them.
type sender struct {
	run  int
	sent map[string]string
	n    int
}

func (s *sender) draw(t *rapid.T) string {
	loan := fmt.Sprintf("L-%d-%d", s.run, rapid.IntRange(1, 3).Draw(t, "loan"))
	borrower := fmt.Sprintf("B-%d-%d", s.run, rapid.IntRange(1, 2).Draw(t, "borrower"))
	s.n++
	id := fmt.Sprintf("E-%d-%d", s.run, s.n)
	text := rapid.SampledFrom([]string{
		disbursed(loan, borrower), disbursed(loan, borrower), paid(loan, id),
		happened(id, "payment.posted", "loan/"+loan, `{"transaction": "x", "amount": "1", "currency": "EUR", "value_date": "2026-02-10"}`),
		happened(id, "payment.posted", "loan/"+loan, `{"transaction": "x"}`),
		replied(borrower, id, "STOP"), replied(borrower, id, "hello"), replied(borrower, id, "yes please"),
		happened(id, "dispute.raised", "loan/"+loan, `{"dispute": "D-`+loan+`"}`),
		happened(id, "hold.placed", "borrower/"+borrower, `{"hold": "H-1", "kind": "vulnerable_pause"}`),
		happened(id, "hold.released", "borrower/"+borrower, `{"hold": "H-1"}`),
		happened(id, "hold.placed", "region/us", `{"hold": "R-1", "kind": "disaster_or_bereavement"}`),
		happened(id, "hold.released", "region/us", `{"hold": "R-1"}`),
		happened(id, "contacts.halted", "", `{"halt": "`+id+`", "channel": "sms", "reason": "a drill"}`),
		happened(id, "contacts.resumed", "", `{"halt": "`+fmt.Sprintf("E-%d-%d", s.run, s.n-1)+`"}`),
		happened(id, "borrower.updated", "borrower/"+borrower, `{"points": [{"id": "p", "channel": "sms", "address": "+15550100"}]}`),
		happened(id, "contact.recorded", "borrower/"+borrower, `{"contact": "C-`+loan+`", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "deceased"}`),
		happened(id, "ledger.watermark", "", `{"through": "2026-02-01"}`),
		s.sent["last"], // a repeat, or the first time after a failure
	}).Draw(t, "event")
	if text == "" {
		text = paid(loan, id)
	}
	s.sent["last"] = text
	return text
}
