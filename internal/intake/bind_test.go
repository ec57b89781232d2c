package intake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
)

// family is a borrower with two open loans and a closed one.
func family(t testing.TB) *house {
	h := newHouse(t)
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	h.must(disbursed("L-3", "B-1"))
	h.exec(`update loans set closed_at = now(), journey = '{"loan": "L-3"}', stage = 'closed' where id = 'L-3'`)
	return h
}

// loans returns the loans whose journeys answered.
func loans(r intake.Result) []string {
	ids := []string{}
	for _, told := range r.Loans {
		ids = append(ids, told.Loan)
	}
	return ids
}

func (h *house) standing() contact.Standing {
	h.t.Helper()
	s, err := h.store.Standing(h.t.Context(), "B-1", time.Time{})
	require.NoError(h.t, err)
	return s
}

func TestAStopOnOneLoanIsToldToAll(t *testing.T) {
	h := family(t)
	r := h.must(happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": " Stop! "}`))
	assert.Equal(t, []string{"L-1", "L-2"}, loans(r))
	assert.Equal(t, []string{"{\"means\": [\"stop\"], \"intent\": \"stop\", \"channel\": \"sms\"}"}, h.query(`select data::text from events where id = 'R-1'`))
	_, out := h.standing().OptedOut(contact.Email, "home", contact.Collection, time.Now())
	assert.True(t, out)
}

func TestAnUnclearReplyBindsNothing(t *testing.T) {
	h := family(t)
	r := h.must(happened("R-1", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "please stop by on Monday"}`))
	assert.Equal(t, []string{"L-1"}, loans(r))
	assert.Empty(t, h.standing().Wishes)
	assert.Equal(t, []string{"unclear"}, h.query(`select data->>'intent' from events where id = 'R-1'`))
}

func TestAnUnclearReplyIsATaskForAPerson(t *testing.T) {
	h := family(t)
	tasks := func() []string {
		return h.query(`select concat_ws(' ', loan_id, reason, done_at is not null) from tasks order by recorded_at`)
	}
	for range 2 {
		h.must(happened("R-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "canary: who is this?"}`))
	}
	h.must(happened("R-2", "borrower.replied", "loan/L-2", `{"channel": "email", "text": "canary: can I pay on Friday?"}`))
	h.must(happened("R-3", "borrower.replied", "loan/L-2", `{"channel": "sms", "text": "stop please"}`))
	require.Equal(t, []string{"L-1 reply f", "L-2 reply f"}, tasks())
	id := h.query(`select key from tasks where loan_id = 'L-2'`)[0]
	h.must(happened("t-1", "call.completed", "loan/L-2", `{"task": "`+id+`", "disposition": "right_party"}`))
	require.Equal(t, []string{"L-1 reply f", "L-2 reply t"}, tasks())
}

func TestAnAnswerReachesTheJourneyAndAPersonReadsItAllTheSame(t *testing.T) {
	h := family(t)
	for id, data := range map[string]string{
		"R-1": `{"channel": "sms", "text": "Yes please!"}`,
		"R-2": `{"channel": "sms", "text": "canary: let us try it", "answer": "yes"}`,
		"R-3": `{"channel": "sms", "answer": "no"}`,
		"R-4": `{"channel": "sms", "text": "No. Stop.", "answer": "no"}`,
		"R-5": `{"channel": "sms", "text": "yes but not now"}`,
	} {
		h.must(happened(id, "borrower.replied", "loan/L-1", data))
	}
	told := h.query(`select concat_ws(' ', id, data->>'intent', data->>'answer') from events where id like 'R-%' order by id`)
	require.Equal(t, []string{"R-1 unclear yes", "R-2 unclear yes", "R-3 unclear no", "R-4 stop", "R-5 unclear"}, told)
	require.Equal(t, []string{"4"}, h.query(`select count(*)::text from tasks where reason = 'reply'`))
	_, err := h.take(happened("R-6", "borrower.replied", "loan/L-1", `{"channel": "sms", "text": "yes", "answer": "maybe"}`))
	require.EqualError(t, err, "data.answer: must be one of yes, no")
}

func TestAStopFromAClockThatRunsAheadBindsNow(t *testing.T) {
	h := family(t)
	h.must(happened("R-1", "borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "STOP"}`, "time", time.Now().Add(4*time.Minute).UTC().Format(time.RFC3339)))
	_, out := h.standing().OptedOut(contact.SMS, "mobile", contact.Collection, time.Now())
	assert.True(t, out)
}

func TestConsentsAreNarrowAndTheLatestDecides(t *testing.T) {
	h := family(t)
	h.must(happened("c-1", "consent.revoked", "borrower/B-1", `{"channel": "sms"}`, "time", "2026-01-16T09:00:00Z"))
	h.must(happened("c-2", "consent.revoked", "borrower/B-1", `{"channel": "email", "point": "home"}`, "time", "2026-01-16T09:00:00Z"))
	h.must(happened("c-3", "consent.granted", "borrower/B-1", `{"channel": "sms", "point": "mobile"}`, "time", "2026-01-17T09:00:00Z"))
	s := h.standing()
	for _, c := range []struct {
		channel contact.Channel
		point   string
		out     bool
	}{{contact.SMS, "mobile", false}, {contact.SMS, "other", true}, {contact.Email, "home", true}, {contact.Call, "mobile", false}} {
		_, out := s.OptedOut(c.channel, c.point, contact.Collection, time.Now())
		assert.Equal(t, c.out, out, "%s %s", c.channel, c.point)
	}
}

func TestHoldsBindAtOnceAndInTheirScope(t *testing.T) {
	h := family(t)
	assert.Equal(t, []string{"L-1"}, loans(h.must(happened("h-1", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "bankruptcy_stay", "owner": "Eve Canary", "note": "canary note"}`))))
	assert.Equal(t, []string{"L-1", "L-2"}, loans(h.must(happened("h-2", "hold.placed", "borrower/B-1", `{"hold": "H-2", "kind": "vulnerable_pause", "until": "2999-01-01T00:00:00Z"}`))))
	covers := func(loan string) (kinds []contact.HoldKind) {
		for _, hold := range h.standing().Holds {
			if hold.Covers(loan, "", time.Now()) {
				kinds = append(kinds, hold.Kind)
			}
		}
		return kinds
	}
	assert.Equal(t, []contact.HoldKind{contact.BankruptcyStay, contact.VulnerablePause}, covers("L-1"))
	assert.Equal(t, []contact.HoldKind{contact.VulnerablePause}, covers("L-2"))
	assert.Equal(t, []string{"tester"}, h.query(`select distinct placed_by from holds`))

	_, err := h.take(happened("r-0", "hold.released", "loan/L-2", `{"hold": "H-1"}`))
	require.ErrorIs(t, err, intake.ErrUnknownLoan, "it is another loan's")
	assert.Equal(t, []string{"L-1", "L-2"}, loans(h.must(happened("r-1", "hold.released", "loan/L-1", `{"hold": "H-2"}`))), "by way of any of the borrower's loans, told to all")
	assert.Equal(t, []string{"L-1"}, loans(h.must(happened("r-2", "hold.released", "borrower/B-1", `{"hold": "H-1"}`))))
	assert.Empty(t, h.standing().Holds)
	h.must(happened("r-3", "hold.released", "borrower/B-1", `{"hold": "H-1"}`))
}

func TestAHoldNeverTurnsIntoAnother(t *testing.T) {
	h := family(t)
	h.must(happened("h-1", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "bankruptcy_stay"}`))
	for name, text := range map[string]string{
		"other kind":  happened("h-2", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "paid"}`),
		"other loan":  happened("h-3", "hold.placed", "loan/L-2", `{"hold": "H-1", "kind": "bankruptcy_stay"}`),
		"other scope": happened("h-4", "hold.placed", "borrower/B-1", `{"hold": "H-1", "kind": "bankruptcy_stay"}`),
		"a point":     happened("h-5", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "bankruptcy_stay", "point": "mobile"}`),
		"Tender's":    happened("h-6", "hold.placed", "loan/L-1", `{"hold": "death/B-1", "kind": "paid"}`),
	} {
		_, err := h.take(text)
		assert.Equal(t, "data.hold", asField(t, err).Field, name)
	}
	h.must(happened("h-7", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "bankruptcy_stay", "until": "2999-01-01T00:00:00Z"}`))
	assert.Equal(t, []string{"2999"}, h.query(`select extract(year from until_at)::text from holds`))
}

func TestWhatRulesAskAboutComesInByEvents(t *testing.T) {
	h := family(t)
	h.must(happened("u-1", "borrower.updated", "borrower/B-1", `{"points": [{"id": "desk", "channel": "email", "address": "canary@work.example", "place": "work"}],
		"not": [{"days": ["fri", "sat"], "from": "15:00", "to": "17:00"}, {"channel": "call", "point": "mobile", "from": "22:00", "to": "07:00"}]}`))
	h.must(happened("c-1", "consent.granted", "borrower/B-1", `{"channel": "sms", "point": "mobile", "purpose": "collection", "given_to": "collector",
		"written": true, "expires_at": "2999-01-01T00:00:00Z", "grantor": "canary"}`, "time", "2026-01-16T09:00:00Z"))
	h.must(happened("k-1", "contact.recorded", "loan/L-1", `{"contact": "k-1", "channel": "call", "direction": "outbound", "purpose": "collection",
		"disposition": "no_answer", "consented": true, "collector": "agency-1", "recipient": "spouse"}`, "time", "2026-01-10T09:00:00Z"))

	s := h.standing()
	at := s.Blackouts[0].At
	require.Equal(t, []contact.Blackout{
		{Days: []contact.Weekday{"fri", "sat"}, From: 15 * 3600, To: 17 * 3600, At: at},
		{Channel: contact.Call, Point: "mobile", Days: []contact.Weekday{}, From: 22 * 3600, To: 7 * 3600, At: at},
	}, s.Blackouts)
	require.Len(t, s.Consents, 1)
	given := s.Consents[0]
	require.True(t, given.Written)
	require.Equal(t, contact.ToCollector, given.GivenTo)
	require.True(t, given.Holds(contact.SMS, "mobile", contact.Collection, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)))
	require.Len(t, s.Attempts, 1)
	require.Equal(t, contact.Spouse, s.Attempts[0].Recipient)
	require.Equal(t, "agency-1", s.Attempts[0].Collector)
	require.True(t, s.Attempts[0].Consented)
	for _, p := range s.Points {
		if p.ID == "desk" {
			require.Equal(t, contact.AtWork, p.Place)
		}
	}

	h.must(happened("c-2", "consent.revoked", "borrower/B-1", `{"channel": "sms"}`, "time", "2026-01-18T09:00:00Z"))
	revoked := h.standing().Consents[0]
	require.Equal(t, "2026-01-18T09:00:00Z", revoked.RevokedAt.UTC().Format(time.RFC3339), "the revocation ends the consents that it fits")
	h.must(happened("u-2", "borrower.updated", "borrower/B-1", `{"language": "en"}`))
	require.Len(t, h.standing().Blackouts, 2, "what is not given is not replaced")
	h.must(happened("u-3", "borrower.updated", "borrower/B-1", `{"not": []}`))
	require.Empty(t, h.standing().Blackouts)

	for data, field := range map[string]string{
		`{"not": [{"from": "15:00", "to": "15:00"}]}`:                     "data.not[0].to",
		`{"not": [{"from": "15:00", "to": "17:00", "point": "nowhere"}]}`: "data.not[0].point",
	} {
		_, err := h.take(happened("x-"+strings.NewReplacer("[", "-", "]", "").Replace(field), "borrower.updated", "borrower/B-1", data))
		require.Equal(t, field, asField(t, err).Field)
	}
	_, err := h.take(happened("x-c", "consent.granted", "borrower/B-1", `{"expires_at": "2020-01-01T00:00:00Z"}`))
	require.Equal(t, "data.expires_at", asField(t, err).Field)
}

func TestADisputeHoldsUntilItIsResolved(t *testing.T) {
	h := family(t)
	h.must(happened("d-1", "dispute.raised", "loan/L-1", `{"dispute": "D-1", "text": "canary: I never got it"}`))
	require.Len(t, h.standing().Holds, 1)
	assert.Equal(t, contact.DisputeOpen, h.standing().Holds[0].Kind)
	assert.Equal(t, "L-1", h.standing().Holds[0].Loan)
	h.must(happened("d-2", "dispute.resolved", "loan/L-1", `{"dispute": "D-1", "outcome": "rejected"}`))
	assert.Empty(t, h.standing().Holds)
}

func TestADisputeIsHeldWhateverIdsAreTaken(t *testing.T) {
	h := family(t)
	h.must(happened("h-1", "hold.placed", "loan/L-1", `{"hold": "D-1", "kind": "bankruptcy_stay"}`))
	h.must(happened("d-1", "dispute.raised", "loan/L-1", `{"dispute": "D-1"}`))
	h.must(happened("d-2", "dispute.raised", "loan/L-2", `{"dispute": "D-1"}`))
	inForce := func() []string {
		return h.query(`select id || ' ' || loan_id from holds where released_at is null order by 1`)
	}
	require.Equal(t, []string{"D-1 L-1", "dispute/L-1/D-1 L-1", "dispute/L-2/D-1 L-2"}, inForce())

	_, err := h.take(happened("r-0", "hold.released", "loan/L-1", `{"hold": "dispute/L-2/D-1"}`))
	require.ErrorIs(t, err, intake.ErrUnknownLoan, "it is another loan's")
	h.must(happened("d-3", "dispute.resolved", "loan/L-1", `{"dispute": "D-1", "outcome": "rejected"}`))
	require.Equal(t, []string{"D-1 L-1", "dispute/L-2/D-1 L-2"}, inForce())
	assert.Equal(t, []string{"L-2"}, loans(h.must(happened("r-1", "hold.released", "borrower/B-1", `{"hold": "dispute/L-2/D-1"}`))))
	require.Equal(t, []string{"D-1 L-1"}, inForce())
	assert.Empty(t, h.journeys.all["L-2"].Holds, "the journey knows it by the dispute's own id")
	h.must(happened("d-4", "dispute.raised", "loan/L-2", `{"dispute": "D-1"}`))
	h.must(happened("r-2", "hold.released", "loan/L-2", `{"hold": "D-1"}`))
	require.Equal(t, []string{"D-1 L-1"}, inForce(), "by the id of the dispute, where the loan is known")
	_, err = h.take(happened("r-3", "dispute.resolved", "loan/L-2", `{"dispute": "H-9", "outcome": "upheld"}`))
	require.ErrorIs(t, err, intake.ErrUnknownLoan)
}

func TestADeathBindsWhateverIdsAreTaken(t *testing.T) {
	for name, text := range map[string]string{
		"borrower.died": happened("x-1", "borrower.died", "borrower/B-1", ""),
		"told by phone": happened("x-1", "contact.recorded", "loan/L-2", `{"contact": "C-1", "channel": "call", "direction": "inbound", "purpose": "reply", "disposition": "deceased"}`),
	} {
		t.Run(name, func(t *testing.T) {
			h := family(t)
			h.must(happened("h-1", "hold.placed", "loan/L-1", `{"hold": "deceased", "kind": "deceased"}`))
			h.must(happened("h-2", "hold.placed", "loan/L-1", `{"hold": "death", "kind": "paid"}`))
			h.must(text)
			everybody := func(hold contact.Hold) bool { return hold.Kind == contact.DeceasedHold && hold.Loan == "" }
			require.True(t, slices.ContainsFunc(h.standing().Holds, everybody))
			h.must(happened("r-1", "hold.released", "loan/L-2", `{"hold": "death/B-1"}`))
			require.False(t, slices.ContainsFunc(h.standing().Holds, everybody))
		})
	}
}

func TestADeathStopsEverything(t *testing.T) {
	for name, text := range map[string]string{
		"borrower.died": happened("x-1", "borrower.died", "borrower/B-1", ""),
		"told by phone": happened("x-1", "contact.recorded", "loan/L-1", `{"contact": "C-1", "channel": "call", "direction": "inbound", "purpose": "reply", "disposition": "deceased"}`),
	} {
		t.Run(name, func(t *testing.T) {
			h := family(t)
			assert.Equal(t, []string{"L-1", "L-2"}, loans(h.must(text)))
			require.Len(t, h.standing().Holds, 1)
			assert.Equal(t, contact.DeceasedHold, h.standing().Holds[0].Kind)
			assert.Empty(t, h.standing().Holds[0].Loan)
		})
	}
}

func TestContactsMadeElsewhereCount(t *testing.T) {
	h := family(t)
	call := func(id, subject, disposition string) string {
		return happened(id, "contact.recorded", subject, `{"contact": "C-1", "channel": "call", "direction": "outbound", "purpose": "collection", "point": "mobile", "note": "canary note", "disposition": "`+disposition+`"}`, "time", "2026-01-20T15:00:00Z")
	}
	h.must(call("c-1", "loan/L-1", "no_answer"))
	require.Len(t, h.standing().Attempts, 1)
	attempt := h.standing().Attempts[0]
	assert.Equal(t, []string{"L-1"}, attempt.Loans)
	assert.Equal(t, contact.NoAnswer, attempt.Disposition)
	assert.Equal(t, "2026-01-20T15:00:00Z", attempt.At.UTC().Format(time.RFC3339))

	h.must(call("c-2", "loan/L-1", "wrong_number"))
	require.Len(t, h.standing().Attempts, 1, "the same contact, heard of twice")
	assert.Equal(t, contact.WrongNumber, h.standing().Attempts[0].Disposition)
	_, usable := h.standing().Usable(contact.SMS)
	assert.False(t, usable, "nobody is sent to a wrong number again")

	e, err := intake.Parse([]byte(call("c-1", "borrower/B-1", "busy")))
	require.NoError(t, err)
	e.SetSource("/agency")
	_, err = h.door.Take(t.Context(), e, "agency")
	require.NoError(t, err)
	require.Len(t, h.standing().Attempts, 2, "another source's contact of the same name is another one")
	assert.ElementsMatch(t, []string{"{L-1}", "{L-1,L-2}"}, h.query(`select loan_ids::text from contacts`))
}

// sent puts a contact into the ledger, as the sending activity does.
func (h *house) sent(key, point, address string) {
	h.exec(`insert into contacts (key, borrower_id, loan_ids, channel, point, direction, purpose, at) values ($1, 'B-1', '{L-1,L-2,L-3}', 'sms', $2, 'outbound', 'collection', now())`, key, point)
	h.exec(`insert into messages (contact_key, address, subject, body) values ($1, $2, '', 'canary body')`, key, address)
}

func TestReceiptsAreOutcomes(t *testing.T) {
	h := family(t)
	h.sent("msg-1", "mobile", "+15550100")
	before := len(h.journeys.calls)
	assert.Empty(t, h.must(happened("m-1", "message.delivered", "loan/L-1", `{"contact": "msg-1", "code": "delivered"}`)).Loans)
	assert.Len(t, h.journeys.calls, before, "a journey need not hear that all is well")
	assert.Equal(t, contact.Delivered, h.standing().Attempts[0].Disposition)

	r := h.must(happened("m-2", "message.failed", "loan/L-1", `{"contact": "msg-1", "code": "30003", "detail": "canary: phone off"}`))
	assert.Equal(t, []string{"L-1", "L-2"}, loans(r), "each open loan that the message named")
	assert.Equal(t, contact.Bounced, h.standing().Attempts[0].Disposition)
	_, usable := h.standing().Usable(contact.SMS)
	assert.True(t, usable, "a passing failure")

	h.must(happened("m-3", "message.failed", "borrower/B-1", `{"contact": "msg-1", "code": "30005", "permanent": true}`))
	_, usable = h.standing().Usable(contact.SMS)
	assert.False(t, usable)
}

func TestALateFailureDoesNotSpoilANewAddress(t *testing.T) {
	h := family(t)
	h.sent("msg-1", "mobile", "+15550100")
	h.must(happened("u-1", "borrower.updated", "borrower/B-1", `{"points": [{"id": "mobile", "channel": "sms", "address": "+15550199"}]}`))
	h.must(happened("m-1", "message.failed", "borrower/B-1", `{"contact": "msg-1", "permanent": true}`))
	_, usable := h.standing().Usable(contact.SMS)
	assert.True(t, usable)
}

func TestParticularsAreReplacedWhereGiven(t *testing.T) {
	h := family(t)
	h.must(happened("u-1", "borrower.updated", "borrower/B-1", `{"preferred": "email", "time_zones": ["Europe/Paris"], "points": [{"id": "work", "channel": "email", "address": "w@canary.example", "rank": 2}]}`))
	assert.Equal(t, []string{"Ada Canary en Europe/Paris us email"},
		h.query(`select concat_ws(' ', name, language, array_to_string(time_zones, ','), jurisdiction, preferred) from borrowers`))
	assert.Equal(t, []string{"home", "mobile", "work"}, h.query(`select id from contact_points order by id`))
}

func TestACompletedCallFinishesItsTaskAndCounts(t *testing.T) {
	h := family(t)
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at) values ('task-1', 'L-1', 'B-1', 'call@2026-02-01', 'r', now())`)
	r := h.must(happened("t-1", "call.completed", "borrower/B-1", `{"task": "task-1", "disposition": "right_party", "note": "canary"}`))
	assert.Equal(t, []string{"L-1"}, loans(r))
	assert.Equal(t, []string{"right_party"}, h.query(`select disposition from tasks where done_at is not null`))
	require.Len(t, h.standing().Attempts, 1)
	assert.Equal(t, contact.RightParty, h.standing().Attempts[0].Disposition)

	h.must(happened("t-2", "call.completed", "loan/L-1", `{"task": "task-1", "disposition": "refused"}`))
	assert.Len(t, h.standing().Attempts, 1)
	assert.Equal(t, contact.Refused, h.standing().Attempts[0].Disposition, "a correction")
}

func TestWatermarksOnlyRise(t *testing.T) {
	h := family(t)
	for n, through := range []string{"2026-02-01", "2026-03-01", "2026-02-15"} {
		assert.Empty(t, h.must(happened("w-"+string(rune('a'+n)), "ledger.watermark", "", `{"through": "`+through+`"}`)).Loans)
	}
	assert.Equal(t, []string{"/core 2026-03-01"}, h.query(`select source || ' ' || through from watermarks`))
}

func TestAnApplicationMakesTheBorrowerKnown(t *testing.T) {
	h := newHouse(t)
	assert.Empty(t, h.must(happened("a-1", "application.preapproved", "application/A-1", `{"borrower": {"id": "B-9", "name": "Ada Canary"}, "product": "installment",
		"currency": "USD", "amount": "600.00", "offer": {"installments": 12, "total_cost": "37.50", "first_due": "2026-03-10"}, "until": "2999-01-01T00:00:00Z", "time_zone": "America/New_York"}`)).Loans)
	assert.Equal(t, []string{"B-9 Ada Canary"}, h.query(`select id || ' ' || name from borrowers`))
}
