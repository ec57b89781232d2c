package intake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store"
)

// lives gives a borrower's jurisdiction.
func (h *house) lives(borrower, jurisdiction string) {
	h.t.Helper()
	h.must(happened("moved-"+borrower+jurisdiction, "borrower.updated", "borrower/"+borrower, fmt.Sprintf(`{"jurisdiction": %q}`, jurisdiction)))
}

// held returns the kinds of hold that bind a borrower now.
func (h *house) held(borrower string) (kinds []contact.HoldKind) {
	h.t.Helper()
	standing, err := h.store.Standing(context.Background(), borrower, time.Now())
	require.NoError(h.t, err)
	for _, hold := range standing.Holds {
		if hold.Covers(hold.Loan, hold.Point, time.Now()) {
			kinds = append(kinds, hold.Kind)
		}
	}
	return kinds
}

func TestAHoldOnARegionBindsWhoeverLivesInIt(t *testing.T) {
	h := newHouse(t)
	for borrower, place := range map[string]string{"B-1": "us-tx", "B-2": "US-TX-harris", "B-3": "us-txx", "B-4": "us", "B-5": "us-ny"} {
		h.must(disbursed("L-"+borrower, borrower))
		h.lives(borrower, place)
	}
	told := len(h.journeys.calls)

	result := h.must(happened("flood", "hold.placed", "region/US-TX",
		`{"hold": "flood-1", "kind": "disaster_or_bereavement", "owner": "Eve", "note": "the river"}`))

	assert.Empty(t, result.Loans, "journeys are swept, and not told one by one")
	assert.Len(t, h.journeys.calls, told)
	flood := []contact.HoldKind{contact.DisasterOrBereavement}
	assert.Equal(t, flood, h.held("B-1"))
	assert.Equal(t, flood, h.held("B-2"))
	for _, borrower := range []string{"B-3", "B-4", "B-5"} {
		assert.Empty(t, h.held(borrower), borrower)
	}
	assert.Equal(t, []string{"us-tx Eve the river tester"}, h.query(`select concat_ws(' ', region, owner, note, placed_by) from region_holds`))
	assert.Equal(t, []string{"tester region/us-tx"}, h.query(`select actor || ' ' || subject from events where id = 'flood'`))
	assert.Equal(t, []string{"us-tx"}, h.query(`select jurisdiction from sweeps`))

	h.lives("B-5", "us-tx")
	assert.Equal(t, flood, h.held("B-5"), "who moves there is covered")
	h.lives("B-1", "us-ny")
	assert.Empty(t, h.held("B-1"), "who moves away is not")

	h.must(happened("dry", "hold.released", "region/us-tx", `{"hold": "flood-1"}`))
	assert.Empty(t, h.held("B-2"))
	assert.Len(t, h.query(`select job from sweeps`), 2)
	h.must(happened("dry-again", "hold.released", "region/us-tx", `{"hold": "flood-1"}`))
	assert.Len(t, h.query(`select job from sweeps`), 2, "what was released before asks for no sweep")
}

func TestHoldsStackAndReleasingOneLeavesTheRest(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(happened("h-1", "hold.placed", "region/us", `{"hold": "H", "kind": "disaster_or_bereavement"}`))
	h.must(happened("h-2", "hold.placed", "borrower/B-1", `{"hold": "H", "kind": "vulnerable_pause"}`))
	h.must(happened("h-3", "hold.placed", "loan/L-1", `{"hold": "D", "kind": "complaint_open"}`))
	require.ElementsMatch(t, []contact.HoldKind{contact.DisasterOrBereavement, contact.VulnerablePause, contact.ComplaintOpen}, h.held("B-1"))

	h.must(happened("r-1", "hold.released", "borrower/B-1", `{"hold": "H"}`))
	require.ElementsMatch(t, []contact.HoldKind{contact.DisasterOrBereavement, contact.ComplaintOpen}, h.held("B-1"), "the region's hold of the same id stays")
	h.must(happened("r-2", "hold.released", "region/us", `{"hold": "H"}`))
	require.Equal(t, []contact.HoldKind{contact.ComplaintOpen}, h.held("B-1"))
}

func TestAHoldOnARegionThatCannotBeMeantIsRefused(t *testing.T) {
	h := newHouse(t)
	_, err := h.take(happened("h-0", "hold.placed", "region/us", `{"hold": "R", "kind": "disaster_or_bereavement"}`))
	require.EqualError(t, err, "unknown region us: the jurisdiction of no borrower is known; send it with borrower.updated first")
	h.must(disbursed("L-1", "B-1"))
	h.lives("B-1", "us-tx")
	h.must(happened("h-1", "hold.placed", "region/us-tx", `{"hold": "R", "kind": "disaster_or_bereavement"}`))
	before := h.everything()
	for name, c := range map[string]struct{ text, says string }{
		"nobody lives there": {happened("h-2", "hold.placed", "region/us-txx", `{"hold": "R-2", "kind": "disaster_or_bereavement"}`), "unknown region us-txx: no borrower lives there; borrowers live in us-tx"},
		"a part of a word":   {happened("h-3", "hold.placed", "region/us-t", `{"hold": "R-2", "kind": "disaster_or_bereavement"}`), "unknown region us-t"},
		"other kind":         {happened("h-4", "hold.placed", "region/us-tx", `{"hold": "R", "kind": "complaint_open"}`), "data.kind: complaint_open is about one borrower and not about a region"},
		"other region":       {happened("h-5", "hold.placed", "region/us", `{"hold": "R", "kind": "disaster_or_bereavement"}`), "data.hold: R is the id of another hold"},
		"a contact point":    {happened("h-6", "hold.placed", "region/us-tx", `{"hold": "R-2", "kind": "paid", "point": "mobile"}`), "data.point: cannot be named for a region"},
		"it has passed":      {happened("h-7", "hold.placed", "region/us-tx", `{"hold": "R-2", "kind": "disaster_or_bereavement", "until": "2020-01-01T00:00:00Z"}`), "data.until: 2020-01-01T00:00:00Z does not lie after"},
		"no such hold":       {happened("r-1", "hold.released", "region/us-tx", `{"hold": "R-9"}`), "unknown hold R-9: region us-tx has none of that id"},
		"a hold elsewhere":   {happened("r-2", "hold.released", "region/us", `{"hold": "R"}`), "unknown hold R: region us has none of that id"},
		"another event":      {happened("h-1", "hold.placed", "region/us-tx", `{"hold": "R", "kind": "complaint_open"}`), intake.ErrConflict.Error()},
	} {
		_, err := h.take(c.text)
		require.ErrorContains(t, err, c.says, name)
	}
	require.Equal(t, before, h.everything())
	h.must(happened("h-8", "hold.placed", "region/us-tx", `{"hold": "R", "kind": "disaster_or_bereavement", "until": "2999-01-01T00:00:00Z"}`))
	require.Equal(t, []string{"2999"}, h.query(`select extract(year from until_at)::text from region_holds`), "its dates may change")
}

func TestContactsAreHaltedAndResumedOnce(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	halted := happened("halt-1", "contacts.halted", "", `{"halt": "H-1", "channel": "sms", "jurisdiction": "US", "except_notices": true, "reason": "a drill"}`)
	h.must(halted)
	h.must(halted)
	assert.Equal(t, []string{"H-1 sms us  t a drill tester"}, h.query(`select concat_ws(' ', id, channel, jurisdiction, template, except_notices, reason, placed_by) from halts`))
	for name, c := range map[string]struct{ text, says string }{
		"an id twice":        {happened("halt-2", "contacts.halted", "", `{"halt": "H-1", "reason": "x"}`), "data.halt: H-1 is the id of another halt"},
		"no reason":          {happened("halt-3", "contacts.halted", "", `{"halt": "H-2"}`), "data.reason: is missing"},
		"nobody lives there": {happened("halt-4", "contacts.halted", "", `{"halt": "H-2", "jurisdiction": "uk", "reason": "x"}`), "unknown region uk"},
		"no template":        {happened("halt-5", "contacts.halted", "", `{"halt": "H-2", "template": "threat", "reason": "x"}`), "data.template: threat is no template; there are "},
		"it has passed":      {happened("halt-6", "contacts.halted", "", `{"halt": "H-2", "until": "2020-01-01T00:00:00Z", "reason": "x"}`), "data.until"},
		"a subject":          {happened("halt-7", "contacts.halted", "loan/L-1", `{"halt": "H-2", "reason": "x"}`), "subject: must be left out"},
		"no such halt":       {happened("lift-2", "contacts.resumed", "", `{"halt": "H-9"}`), "unknown halt H-9"},
	} {
		_, err := h.take(c.text)
		require.ErrorContains(t, err, c.says, name)
	}
	h.must(happened("lift-1", "contacts.resumed", "", `{"halt": "H-1"}`))
	h.must(happened("lift-3", "contacts.resumed", "", `{"halt": "H-1"}`))
	assert.Equal(t, []string{"tester"}, h.query(`select lifted_by from halts where lifted_at is not null`))
	assert.Equal(t, []string{"us", "us"}, h.query(`select jurisdiction from sweeps`), "one for the halt, one for its end")
}

// A reservation that is under way when a region is held has seen no hold. Whoever holds the region waits for it, and is done
// only when none can follow that has not seen the hold.
func TestWhoHoldsARegionWaitsForTheReservationsThatAreUnderWay(t *testing.T) {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	inside, leave, placed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	reserved := make(chan error, 1)
	go func() {
		reserved <- h.store.InTx(context.Background(), func(tx store.Tx) error {
			_, err := tx.LockForContact(context.Background(), "B-1")
			close(inside)
			<-leave
			return err
		})
	}()
	<-inside
	go func() {
		_, err := h.take(happened("h-1", "hold.placed", "region/us", `{"hold": "R", "kind": "disaster_or_bereavement"}`))
		placed <- err
	}()
	require.Eventually(t, func() bool {
		return len(h.query(`select pid::text from pg_locks where locktype = 'advisory' and not granted`)) > 0
	}, time.Minute, time.Millisecond, "it waits at the gate")
	require.Empty(t, h.query(`select id from region_holds`))
	close(leave)
	require.NoError(t, <-reserved)
	require.NoError(t, <-placed)
	require.Equal(t, []contact.HoldKind{contact.DisasterOrBereavement}, h.held("B-1"))
}
