package journey_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
)

// offered is a journey to whose borrower plans were offered, each until a date; a plan is called by its place, from A on.
func offered(expires ...string) journey.Journey {
	j := after()
	for n, until := range expires {
		j.Plans = append(j.Plans, journey.Plan{
			ID: string(rune('A' + n)), Offered: monday, Offer: hardship.Offer{Expires: day(until), Reinstatement: hardship.Once},
		})
	}
	return j
}

// at is an event that happened on a day in January 2026, at noon.
func at(number int64, on int, kind event.Type, data string) event.Event {
	e := happened(number, kind, data)
	e.At = time.Date(2026, 1, on, 12, 0, 0, 0, time.UTC)
	return e
}

func TestAYesAcceptsTheOneOfferThatIsOpen(t *testing.T) {
	t.Parallel()
	const yes, no = `{"channel":"sms","answer":"yes"}`, `{"channel":"sms","answer":"no"}`
	for name, c := range map[string]struct {
		expires            []string
		said               string
		accepted, declined string
	}{
		"yes":                                {[]string{"2026-01-20"}, yes, "A", ""},
		"no":                                 {[]string{"2026-01-20"}, no, "", "A"},
		"neither":                            {[]string{"2026-01-20"}, `{"channel":"sms","intent":"unclear"}`, "", ""},
		"to one that expired":                {[]string{"2026-01-10"}, yes, "", ""},
		"to the one that did not expire":     {[]string{"2026-01-10", "2026-01-20"}, yes, "B", ""},
		"to two, of which nobody can tell":   {[]string{"2026-01-19", "2026-01-20"}, yes, "", ""},
		"to nothing, as in another question": {nil, yes, "", ""},
	} {
		j := offered(c.expires...)
		j.Apply(at(2, 15, event.BorrowerReplied, c.said))
		accepted, declined := "", ""
		for _, p := range j.Plans {
			if !p.Accepted.IsZero() {
				accepted += p.ID
				require.Equal(t, hardship.ByReply, p.By, name)
			}
			if !p.Declined.IsZero() {
				declined += p.ID
			}
		}
		require.Equal(t, []string{c.accepted, c.declined}, []string{accepted, declined}, name)
	}
}

func TestAnAnswerToAPlanThatCannotBeAnsweredIsRefused(t *testing.T) {
	t.Parallel()
	accept, decline := `{"plan":"A","by":"agent"}`, `{"plan":"A"}`
	j := offered()
	require.ErrorContains(t, j.Accepts(at(2, 15, event.PlanAccepted, accept)), "no plan was offered; offer one first")
	j = offered("2026-01-20")
	require.NoError(t, j.Accepts(at(2, 15, event.PlanAccepted, accept)))
	require.ErrorContains(t, j.Accepts(at(2, 22, event.PlanAccepted, accept)), "expired on 2026-01-20; make a new one")
	require.ErrorContains(t, j.Accepts(at(2, 15, event.PlanAccepted, `{"plan":"B"}`)), "no plan B was offered; offered were A")

	j.Apply(at(2, 15, event.PlanAccepted, accept))
	require.ErrorContains(t, j.Accepts(at(3, 16, event.PlanDeclined, decline)), "was accepted; it ends when it is completed or broken")
	require.NoError(t, j.Accepts(at(3, 16, event.PlanAccepted, accept)), "a broken one may be taken up again, once")
	j.Apply(at(3, 16, event.PlanAccepted, accept))
	require.ErrorContains(t, j.Accepts(at(4, 17, event.PlanAccepted, accept)), "was accepted already")
	require.False(t, j.Plans[0].Again.IsZero())

	j = offered("2026-01-20")
	j.Apply(at(2, 15, event.PlanDeclined, decline))
	require.ErrorContains(t, j.Accepts(at(3, 16, event.PlanAccepted, accept)), "was declined; make a new offer")
}
