package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
)

// verified looks at all chains.
func (o *office) verified() report.Audit {
	o.Helper()
	found, err := report.Verify(o.Context(), o.store, "", nil, nil)
	require.NoError(o, err)
	return found
}

// Whoever sends events, decides and sends messages about one borrower takes their locks in one order, chains included. Nobody
// waits for longer than for each other's work, and whoever looks at the chains meanwhile finds them whole.
func TestOneHotBorrowerIsServedWithoutDeadlocks(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1", "L-2")
	facts := o.facts("L-1") // publishes the strategies
	decider := &activities.Decider{Store: o.store, Rules: o.worker().Rules, Default: facts.Strategy.Name, Served: []contact.Channel{contact.SMS}}
	worker := o.worker()
	var all sync.WaitGroup
	for hand := range 4 {
		loan := fmt.Sprintf("L-%d", hand%2+1)
		all.Go(func() {
			for n := range 25 {
				e := cloudevents.New()
				e.SetID(fmt.Sprintf("c-%d-%d", hand, n))
				e.SetSource("dialer")
				e.SetType(string(event.ContactRecorded))
				e.SetSubject("loan/" + loan)
				assert.NoError(t, e.SetData("application/json", json.RawMessage(fmt.Sprintf(
					`{"contact": "%s", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "busy"}`, e.ID()))))
				_, err := o.door.Take(context.Background(), e, "dialer")
				assert.NoError(t, err)
			}
		})
		all.Go(func() {
			j := journey.Journey{Loan: loan, Borrower: "B-1", Clock: o.store.Clock(), TimeZone: "America/New_York"}
			for range 25 {
				d, err := decider.Decide(context.Background(), activities.Question{Journey: j, Now: time.Now()})
				assert.NoError(t, err)
				j.Decide(d)
			}
		})
		var orders []journey.Order
		for n := range 10 {
			orders = append(orders, o.order("B-1", loan, fmt.Sprintf("notice-%d-%d@2026-01-12", hand, n), contact.SMS))
		}
		all.Go(func() {
			for _, order := range orders {
				_, err := worker.SendMessage(context.Background(), order)
				assert.NoError(t, err)
			}
		})
	}
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		for range 5 {
			found, err := report.Verify(context.Background(), o.store, "B-1", nil, nil)
			assert.NoError(t, err)
			assert.True(t, found.Whole, "%v", found.Breaks)
		}
	}()
	all.Wait()
	<-looked
	var deadlocks int
	require.NoError(t, o.sql.QueryRow(t.Context(), `select deadlocks from pg_stat_database where datname = current_database()`).Scan(&deadlocks))
	require.Zero(t, deadlocks)
	require.True(t, o.verified().Whole, o.verified().Breaks)
}

func TestWhatChangesAsItShouldLeavesTheChainWhole(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	for _, e := range []struct{ kind, subject, data string }{
		{"hold.placed", "borrower/B-1", `{"hold": "H", "kind": "vulnerable_pause", "until": "2026-03-01T00:00:00Z"}`},
		{"hold.placed", "borrower/B-1", `{"hold": "H", "kind": "vulnerable_pause", "until": "2026-04-01T00:00:00Z"}`},
		{"hold.released", "borrower/B-1", `{"hold": "H"}`},
		{"hold.placed", "borrower/B-1", `{"hold": "H", "kind": "vulnerable_pause"}`},
		{"dispute.raised", "loan/L-1", `{"dispute": "D"}`},
		{"dispute.raised", "loan/L-1", `{"dispute": "D"}`},
		{"contact.recorded", "loan/L-1", `{"contact": "K", "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": "deceased"}`},
		{"borrower.died", "borrower/B-1", `{"on": "2026-01-10"}`},
		{"hold.placed", "region/us", `{"hold": "R", "kind": "disaster_or_bereavement"}`},
		{"hold.released", "region/us", `{"hold": "R"}`},
		{"contacts.halted", "", `{"halt": "X", "reason": "r"}`},
		{"contacts.resumed", "", `{"halt": "X"}`},
		{"borrower.updated", "borrower/B-1", `{"time_zones": ["America/Chicago"], "not": [{"from": "15:00", "to": "17:00"}],
			"points": [{"id": "mobile", "channel": "sms", "address": "+12125550143"}]}`},
		{"borrower.updated", "borrower/B-1", `{"not": []}`},
		{"borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`},
	} {
		o.happens(e.kind, e.subject, e.data)
	}
	found := o.verified()
	require.True(t, found.Whole, found.Breaks)
	for _, table := range []string{"contacts", "decisions", "events", "chain"} {
		_, err := o.sql.Exec(t.Context(), `truncate `+table+` cascade`)
		require.ErrorContains(t, err, "is append-only", table)
	}
	for _, statement := range []string{
		`update events set data = '{}'`, `update event_particulars set data = '{}'`, `delete from borrower_holds`, `delete from region_holds`,
		`delete from halts`, `delete from blackouts`,
	} {
		_, err := o.sql.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "is append-only", statement)
	}
}

func TestADeathOrADisputeThatIsToldAgainKeepsItsBeginning(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	o.happens("dispute.raised", "loan/L-1", `{"dispute": "D"}`, noon.Add(-48*time.Hour))
	o.happens("dispute.raised", "loan/L-1", `{"dispute": "D"}`)
	var from time.Time
	require.NoError(t, o.sql.QueryRow(t.Context(), `select from_at from borrower_holds`).Scan(&from))
	require.Equal(t, noon.Add(-48*time.Hour), from.UTC())
	o.happens("dispute.resolved", "loan/L-1", `{"dispute": "D", "outcome": "rejected"}`)
	o.happens("dispute.raised", "loan/L-1", `{"dispute": "D"}`)
	var open int
	require.NoError(t, o.sql.QueryRow(t.Context(), `select count(*) from borrower_holds where released_at is null`).Scan(&open))
	require.Equal(t, 1, open, "one that is raised again after it was resolved holds again")
}
