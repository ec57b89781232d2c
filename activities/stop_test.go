package activities_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// Between the decision and the reservation a hold is placed: the order is on all events that the journey knew.
func TestAHoldWinsOverAMessageThatWasOrderedBefore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ subject, data string }{
		"on the region":            {"region/us", `{"hold": "H", "kind": "disaster_or_bereavement"}`},
		"on the region, backdated": {"region/us", `{"hold": "H", "kind": "disaster_or_bereavement", "from": "2026-01-01T00:00:00Z"}`},
		"on the borrower":          {"borrower/B-1", `{"hold": "H", "kind": "vulnerable_pause"}`},
		"on the loan":              {"loan/L-1", `{"hold": "H", "kind": "complaint_open"}`},
		"on the contact point":     {"borrower/B-1", `{"hold": "H", "kind": "wrong_number", "point": "mobile"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
			o.happens("hold.placed", c.subject, c.data)
			order.Number += 9 // as if the journey knew of it: the hold itself must be found
			outcome := o.do(o.worker(), order)
			require.Equal(t, journey.ResultHeld, outcome.Result)
			require.Equal(t, "tender/hold", outcome.Code)
			require.Empty(t, o.ledger("L-1"), "nothing was reserved")
		})
	}
}

func TestAHoldOnOneContactPointLeavesTheOthers(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("hold.placed", "borrower/B-1", `{"hold": "H", "kind": "third_party_refused", "point": "mobile"}`)
	require.Equal(t, journey.ResultHeld, o.do(o.worker(), o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)).Result)
	require.Equal(t, journey.ResultSent, o.do(o.worker(), o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)).Result)
}

func TestAHoldOnARegionEndsByItselfOrWhenItIsReleased(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	send := func(key string) journey.Result {
		return o.do(o.worker(), o.order("B-1", "L-1", key, contact.Email)).Result
	}
	o.happens("hold.placed", "region/us", fmt.Sprintf(`{"hold": "past", "kind": "disaster_or_bereavement", "from": "2025-12-20T00:00:00Z", "until": %q}`, noon.Add(time.Hour).Format(time.RFC3339)))
	require.Equal(t, journey.ResultHeld, send("notice-1@2026-01-12"))
	_, err := o.sql.Exec(t.Context(), `update region_holds set until_at = $1`, noon.Add(-time.Hour))
	require.NoError(t, err)
	o.happens("hold.placed", "region/us", `{"hold": "ahead", "kind": "disaster_or_bereavement", "from": "2026-02-01T00:00:00Z"}`)
	require.Equal(t, journey.ResultSent, send("notice-1@2026-01-12"), "one is over, the other has not begun")
}

func TestAHaltStopsWhatFitsItsFiltersFromTheNextReservationOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		halt  string
		stops bool
	}{
		"everything":                      {`{}`, true},
		"the channel":                     {`{"channel": "sms"}`, true},
		"another channel":                 {`{"channel": "email"}`, false},
		"the jurisdiction":                {`{"jurisdiction": "US"}`, true},
		"the template":                    {`{"template": "notice-1"}`, true},
		"another template":                {`{"template": "notice-2"}`, false},
		"the channel with another letter": {`{"channel": "sms", "template": "notice-2"}`, false},
		"all but notices":                 {`{"except_notices": true}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
			o.happens("contacts.halted", "", `{"halt": "HALT-1", "reason": "a drill"`+map[bool]string{true: ", "}[len(c.halt) > 2]+c.halt[1:])
			outcome := o.do(o.worker(), order)
			if !c.stops {
				require.Equal(t, journey.ResultSent, outcome.Result)
				return
			}
			require.Equal(t, journey.ResultHeld, outcome.Result)
			require.Equal(t, "tender/halt", outcome.Code)
			require.Empty(t, o.ledger("L-1"))
			var why string
			require.NoError(t, o.sql.QueryRow(t.Context(), `select why from held_back where rule = 'tender/halt'`).Scan(&why))
			require.Contains(t, why, "HALT-1")
			o.happens("contacts.resumed", "", `{"halt": "HALT-1"}`)
			require.Equal(t, journey.ResultSent, o.do(o.worker(), decidedAgain(order)).Result)
		})
	}
}

func TestAStatutoryNoticePassesOnlyAHaltThatExceptsIt(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("contacts.halted", "", `{"halt": "HALT-1", "reason": "a drill", "except_notices": true}`)
	order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)
	order.Step.Purpose = contact.StatutoryNotice
	require.Equal(t, journey.ResultSent, o.do(o.worker(), order).Result)
	o.happens("contacts.halted", "", `{"halt": "HALT-2", "reason": "a drill"}`)
	order.Step.Key = "notice-2@2026-01-12"
	require.Equal(t, "tender/halt", o.do(o.worker(), order).Code)
}

func TestATaskToCallIsGivenToNobodyWhileCallsAreHaltedOrAHoldStopsThem(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	calls := o.calls()
	assign := func(purpose contact.Purpose) journey.Outcome {
		order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
		order.Step.Kind, order.Step.Purpose, order.Step.Channel, order.Step.Template = journey.Task, purpose, "", ""
		outcome, err := calls.AssignTask(t.Context(), order)
		require.NoError(t, err)
		return outcome
	}
	o.happens("contacts.halted", "", `{"halt": "HALT-1", "channel": "call", "reason": "a drill"}`)
	require.Equal(t, "tender/halt", assign(contact.Collection).Code)
	o.happens("contacts.resumed", "", `{"halt": "HALT-1"}`)
	o.happens("hold.placed", "region/us", `{"hold": "H", "kind": "disaster_or_bereavement"}`)
	held := assign(contact.Collection)
	require.Equal(t, journey.ResultHeld, held.Result)
	require.Equal(t, "tender/hold", held.Code)
	var tasks int
	require.NoError(t, o.sql.QueryRow(t.Context(), `select count(*) from tasks`).Scan(&tasks))
	require.Zero(t, tasks)
	o.happens("hold.released", "region/us", `{"hold": "H"}`)
	require.Equal(t, journey.ResultAssigned, assign(contact.Collection).Result)
	o.happens("contacts.halted", "", `{"halt": "HALT-2", "reason": "a drill"}`)
	require.Equal(t, journey.ResultAssigned, assign(contact.Collection).Result, "what was given stays given, as when the answer was lost")
}

func TestATaskThatIsNoContactIsGivenAllTheSame(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("contacts.halted", "", `{"halt": "HALT-1", "reason": "a drill"}`)
	order := o.order("B-1", "L-1", "estate@2026-01-12", contact.SMS)
	order.Step.Kind, order.Step.Purpose = journey.Task, ""
	outcome, err := o.calls().AssignTask(t.Context(), order)
	require.NoError(t, err)
	require.Equal(t, journey.ResultAssigned, outcome.Result)
}

// Many workers reserve while a region is held. What was reserved was so before the hold was committed, by Postgres' clock.
func TestNoReservationIsMadeInARegionOnceItIsHeld(t *testing.T) {
	t.Parallel()
	o := open(t)
	const borrowers, workers = 40, 8
	var orders []journey.Order
	for n := range borrowers {
		o.borrow(fmt.Sprintf("B-%d", n), fmt.Sprintf("L-%d", n))
		orders = append(orders, o.order(fmt.Sprintf("B-%d", n), fmt.Sprintf("L-%d", n), "notice-1@2026-01-12", contact.Email))
	}
	worker, next := o.worker(), make(chan journey.Order)
	var group sync.WaitGroup
	var mu sync.Mutex
	var late []string
	held := false
	for range workers {
		group.Go(func() {
			for order := range next {
				mu.Lock()
				after := held // it is asked for after the command returned
				mu.Unlock()
				outcome, err := worker.SendMessage(context.Background(), order)
				if err != nil || after && outcome.Result != journey.ResultHeld {
					mu.Lock()
					late = append(late, fmt.Sprint(order.Loan, outcome, err))
					mu.Unlock()
				}
			}
		})
	}
	for n, order := range orders {
		if n == borrowers/2 {
			o.happens("hold.placed", "region/us", `{"hold": "flood", "kind": "disaster_or_bereavement"}`)
			mu.Lock()
			held = true
			mu.Unlock()
		}
		next <- order
	}
	close(next)
	group.Wait()
	require.Empty(t, late)
	var sent int
	require.NoError(t, o.sql.QueryRow(t.Context(), `select count(*) from contacts`).Scan(&sent))
	require.Positive(t, sent)
	require.LessOrEqual(t, sent, borrowers/2)
}

// Holds with dates change how delinquent days count, from their own beginning; what was said before stays said.
func TestABackdatedHoldPausesDelinquencyAndLeavesPastContactsAlone(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	require.Equal(t, journey.ResultSent, o.do(o.worker(), o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)).Result)
	before := o.ledger("L-1")
	o.happens("hold.placed", "region/us", `{"hold": "flood", "kind": "disaster_or_bereavement", "from": "2026-01-12T15:00:00Z"}`)
	o.happens("hold.placed", "borrower/B-1", `{"hold": "ill", "kind": "vulnerable_pause", "from": "2026-01-13T15:00:00Z"}`)
	o.happens("hold.released", "region/us", `{"hold": "flood"}`)
	require.Equal(t, before, o.ledger("L-1"))
	facts := o.facts("L-1")
	require.Len(t, facts.Pauses, 2, "the released one counts for as long as it was")
	require.Equal(t, contact.DisasterOrBereavement, facts.Pauses[0].Kind)
	require.Equal(t, time.Date(2026, 1, 12, 15, 0, 0, 0, time.UTC), facts.Pauses[0].From.UTC())
	require.False(t, facts.Pauses[0].Until.IsZero())
	require.True(t, facts.Pauses[1].Until.IsZero())
	require.Len(t, facts.Standing.Holds, 1, "only the other one binds")
	require.Len(t, facts.Standing.Attempts, 1)
}

// BenchmarkReservation measures what looking whether a contact may be made costs, with halts in force elsewhere and holds on
// other regions, as many as an installation may have.
func BenchmarkReservation(b *testing.B) {
	for _, stops := range []int{0, 20} {
		b.Run(fmt.Sprintf("%d stops", stops), func(b *testing.B) {
			o := open(b)
			o.borrow("B-1", "L-1")
			for n := range stops {
				execute(o, fmt.Sprintf(`insert into halts (id, jurisdiction, reason, from_at, placed_by) values ('%d', 'nowhere-%d', '', now(), '')`, n, n))
				execute(o, fmt.Sprintf(`insert into region_holds (id, region, kind, from_at) values ('%d', 'nowhere-%d', 'disaster_or_bereavement', now())`, n, n))
			}
			order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email)
			order.Step.Before = noon.Add(-time.Hour) // held when all was read, and nothing written
			worker := o.worker()
			b.ResetTimer()
			for b.Loop() {
				if outcome, err := worker.SendMessage(b.Context(), order); err != nil || outcome.Code != "lapsed" {
					b.Fatal(outcome, err)
				}
			}
		})
	}
}

// execute changes the database behind the door's back.
func execute(o *office, sql string) {
	o.Helper()
	_, err := o.sql.Exec(o.Context(), sql)
	require.NoError(o, err)
}

// A complaint about how somebody was treated stops what is queued already; one about the app stops nothing.
func TestAComplaintStopsAMessageThatWasOrderedBefore(t *testing.T) {
	t.Parallel()
	for kind, stops := range map[string]bool{
		"conduct": true, "wrong_person": true, "amount": true, "hardship_ignored": true, "third_party": true, "data_protection": true, "unsorted": true,
		"technical": false, "service": false, "product_terms": false, "charges": false,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			order := o.order("B-1", "L-1", "notice-1@2026-01-12", contact.SMS)
			o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "`+kind+`"}`)
			require.Equal(t, journey.ResultSuperseded, o.do(o.worker(), order).Result, "the journey hears of it first")
			order = o.order("B-1", "L-1", order.Step.Key, contact.SMS) // as it would be ordered again
			outcome := o.do(o.worker(), order)
			if !stops {
				require.Equal(t, journey.ResultSent, outcome.Result)
				return
			}
			require.Equal(t, journey.ResultHeld, outcome.Result)
			require.Equal(t, "tender/hold", outcome.Code)
			require.Empty(t, o.ledger("L-1"), "nothing was reserved")
			order.Step.Purpose, order.Step.Key = contact.ComplaintReply, "acknowledge@C-1.1"
			require.Equal(t, journey.ResultSent, o.do(o.worker(), order).Result, "an answer about the complaint is allowed")
		})
	}
}
