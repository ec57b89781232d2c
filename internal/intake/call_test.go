package intake_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// called is a family with a telephone and a second one, and a task to call about L-1, of which the journey knows.
func called(t *testing.T) *house {
	t.Helper()
	h := family(t)
	h.must(happened("phones", "borrower.updated", "borrower/B-1",
		`{"points": [{"id": "phone", "channel": "call", "address": "+15550101"}, {"id": "office", "channel": "call", "address": "+15550102", "rank": 1}]}`))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls, point, until_at)
		values ('task-1', 'L-1', 'B-1', 'notice-1@2026-02-15', 'no_channel', now(), 'collection', true, 'phone', now() + interval '14 days')`)
	h.journeys.set(func(j *journeys) {
		j.all["L-1"].Done = append(j.all["L-1"].Done, journey.Done{Key: "notice-1@2026-02-15", Result: journey.ResultAssigned, Contact: "task-1", Times: 1})
	})
	return h
}

// call reports of a call about task-1.
func (h *house) call(id, rest string) error {
	_, err := h.take(happened(id, "call.completed", "loan/L-1", `{"task": "task-1", `+rest+`}`))
	return err
}

// knows returns what the journey of L-1 knows.
func (h *house) knows() journey.Journey {
	var known journey.Journey
	h.journeys.set(func(j *journeys) { known = j.all["L-1"].Clone() })
	return known
}

func (h *house) result() journey.Result {
	done := h.knows().Done
	return done[len(done)-1].Result
}

func TestWhatComesOfACall(t *testing.T) {
	t.Parallel()
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	for name, c := range map[string]struct {
		rest   string
		then   event.Then
		result journey.Result
		open   bool
		after  func(*testing.T, *house)
	}{
		"the borrower was spoken to": {`"disposition": "right_party"`, event.TaskDone, journey.ResultReached, false, nil},
		"a promise": {
			`"disposition": "promise", "promise": {"promise": "P-1", "currency": "USD", "parts": [{"amount": "60.00", "by": "2099-02-20"}, {"amount": "45.00", "by": "2099-03-01"}]}`,
			event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
				require.Len(t, h.knows().Promises, 1)
				require.Len(t, h.knows().Promises[0].Parts, 2)
			},
		},
		"a refusal": {`"disposition": "refused", "refusal": "to_pay"`, event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
			assert.Equal(t, contact.Refused, h.standing().Attempts[0].Disposition)
			assert.Empty(t, h.standing().Wishes)
		}},
		"no calls any more": {`"disposition": "refused", "refusal": "calls"`, event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
			_, out := h.standing().OptedOut(contact.Call, "office", contact.Collection, time.Now().Add(time.Hour))
			assert.True(t, out)
			_, out = h.standing().OptedOut(contact.SMS, "mobile", contact.Collection, time.Now().Add(time.Hour))
			assert.False(t, out)
		}},
		"hardship": {`"disposition": "hardship", "hardship": {"cause": "illness", "text": "canary"}`, event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
			require.Len(t, h.knows().Hardships, 1)
			assert.Empty(t, h.knows().Hardships[0].Code, "why is nobody's business there")
			assert.Equal(t, []string{"illness"}, h.query(`select data->'hardship'->>'cause' from events where type = 'call.completed'`))
		}},
		"a complaint": {`"disposition": "right_party", "complaint": {"complaint": "C-1", "kind": "conduct", "text": "canary"}`, event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
			require.NotEmpty(t, h.standing().Marks)
			for _, m := range h.standing().Marks { // the call, and the complaint that was raised in it
				assert.Equal(t, contact.ComplaintMark, m.Kind)
				assert.Equal(t, "L-1", m.Loan)
			}
			assert.Equal(t, complaint.ComplaintsDesk, h.complaint("C-1").Level)
			assert.Equal(t, []string{"1 complaint.raised"}, h.journeys.told("complaint.C-1"))
			assert.Equal(t, []string{"complaint_open L-1"}, h.holds())
		}},
		"a dispute": {`"disposition": "dispute", "dispute": {"dispute": "D-9"}`, event.TaskDone, journey.ResultReached, false, func(t *testing.T, h *house) {
			assert.Len(t, h.standing().Holds, 1)
			assert.Equal(t, contact.DisputeMark, h.standing().Marks[0].Kind)
			assert.Len(t, h.knows().Holds, 1)
			assert.Len(t, h.knows().Disputes, 1)
		}},
		"a call back": {
			`"disposition": "callback", "callback_at": "` + tomorrow.Format(time.RFC3339) + `"`, event.TaskAgain, journey.ResultAssigned, true,
			func(t *testing.T, h *house) {
				assert.Equal(t, []string{tomorrow.Format("2006-01-02 15:04:05")}, h.query(`select to_char(not_before at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') from tasks`))
				require.Len(t, h.standing().Consents, 1, "it is leave for that call")
				assert.Equal(t, contact.Call, h.standing().Consents[0].Channel)
				assert.Equal(t, contact.ToCollector, h.standing().Consents[0].GivenTo)
			},
		},
		"nobody answers": {`"disposition": "no_answer"`, event.TaskAgain, journey.ResultAssigned, true, func(t *testing.T, h *house) {
			assert.Equal(t, []string{"1 t"}, h.query(`select tries || ' ' || (not_before > now() + interval '23 hours')::char from tasks`))
		}},
		"a machine":     {`"disposition": "voicemail"`, event.TaskAgain, journey.ResultAssigned, true, nil},
		"somebody else": {`"disposition": "third_party"`, event.TaskAgain, journey.ResultAssigned, true, nil},
		"a wrong number, and there is another": {`"disposition": "wrong_number"`, event.TaskAgain, journey.ResultAssigned, true, func(t *testing.T, h *house) {
			point, usable := h.standing().Usable(contact.Call)
			assert.True(t, usable)
			assert.Equal(t, "office", point.ID)
		}},
		"a number that is not in service, and there is another": {`"disposition": "not_in_service", "point": "office"`, event.TaskAgain, journey.ResultAssigned, true, func(t *testing.T, h *house) {
			assert.Equal(t, []string{"office"}, h.query(`select id from contact_points where failed_at is not null`))
		}},
		"death": {`"disposition": "deceased"`, event.TaskUnreachable, journey.ResultUnreachable, false, func(t *testing.T, h *house) {
			assert.False(t, h.knows().Died.IsZero())
			assert.Equal(t, contact.DeceasedHold, h.standing().Holds[0].Kind)
			h.journeys.set(func(j *journeys) { assert.False(t, j.all["L-2"].Died.IsZero(), "it concerns every loan") })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := called(t)
			for range 2 {
				require.NoError(t, h.call("t-1", c.rest), "a repeat has one effect")
			}
			assert.Equal(t, []string{string(c.then)}, h.query(`select data->>'then' from events where id = 't-1'`))
			assert.Equal(t, []string{fmt.Sprint(c.open)}, h.query(`select (done_at is null)::text from tasks where key = 'task-1'`))
			assert.Equal(t, c.result, h.result())
			require.Len(t, h.standing().Attempts, 1)
			assert.Equal(t, []string{"phone"}, h.query(`select case when point = 'office' then 'phone' else point end from contacts where channel = 'call'`))
			if c.after != nil {
				c.after(t, h)
			}
		})
	}
}

func TestABorrowerWhomNoCallReachesIsUnreachable(t *testing.T) {
	t.Parallel()
	h := called(t)
	for n := range 3 {
		require.Equal(t, journey.ResultAssigned, h.result())
		require.NoError(t, h.call(fmt.Sprintf("t-%d", n), `"disposition": "no_answer"`))
	}
	require.Equal(t, journey.ResultUnreachable, h.result())
	require.Equal(t, []string{"no_answer"}, h.query(`select disposition from tasks where done_at is not null`))
	require.Len(t, h.standing().Attempts, 3, "each counts")
}

// A conversation counts from its own day, also where the number of an earlier call is that of a step's next task.
func TestACallIsNoOtherThanTheOneOfAnEarlierTask(t *testing.T) {
	t.Parallel()
	h := called(t)
	require.NoError(t, h.call("t-1", `"disposition": "no_answer"`))
	h.exec(`update tasks set done_at = now(), disposition = 'aged_out'`)
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls, point, attempt)
		select t.key || '-' || e.pk, t.loan_id, t.borrower_id, t.step_key, t.reason, t.at, t.purpose, t.calls, t.point, e.pk
		from tasks t, events e where e.type = 'call.completed'`)
	next := h.query(`select key from tasks where attempt > 1`)[0]
	_, err := h.take(happened("t-2", "call.completed", "loan/L-1", `{"task": "`+next+`", "disposition": "right_party"}`))
	require.NoError(t, err)
	require.Equal(t, []string{"no_answer", "right_party"}, h.query(`select disposition from outcomes order by pk`))
	require.Len(t, h.standing().Attempts, 2)
}

func TestWhenNoTelephoneIsLeftTheTaskEnds(t *testing.T) {
	t.Parallel()
	h := called(t)
	require.NoError(t, h.call("t-1", `"disposition": "wrong_number"`))
	require.NoError(t, h.call("t-2", `"disposition": "wrong_number", "point": "office"`))
	require.Equal(t, journey.ResultUnreachable, h.result())
	_, usable := h.standing().Usable(contact.Call)
	require.False(t, usable)
}

func TestWhatIsSaidOfACallIsChecked(t *testing.T) {
	t.Parallel()
	h := called(t)
	for _, c := range []struct{ rest, says string }{
		{`"note": "x"`, "data.disposition: is missing; say what came of the call"},
		{`"disposition": "sent"`, "data.disposition: sent does not come of a call; use one of busy"},
		{`"disposition": "promise", "promise": {"promise": "P", "currency": "USD", "amount": "1.00", "by": "2026-02-20"}`, "data.promise.by: 2026-02-20 had passed already"},
		{`"disposition": "no_answer", "promise": {"promise": "P", "currency": "USD", "amount": "1.00", "by": "2026-02-20"}`, "data.promise: does not go with the disposition no_answer; send it with right_party or promise"},
		{`"promise": {"promise": "P", "currency": "USD", "amount": "1.00", "by": "2026-02-20"}`, "data.promise: is said by nobody"},
		{`"disposition": "promise", "promise": {"promise": "P", "currency": "EUR", "amount": "1.00", "by": "2026-02-20"}`, "data.promise.currency: is EUR, but loan L-1 is in USD"},
		{`"disposition": "promise", "promise": {"promise": "P", "currency": "USD", "amount": "1.001", "by": "2026-02-20"}`, "data.promise.amount: "},
		{`"disposition": "voicemail", "hardship": {"cause": "illness"}`, "data.hardship: does not go with the disposition voicemail"},
		{`"disposition": "hardship", "hardship": {"cause": "weather"}`, "data.hardship.cause: must be one of"},
		{`"disposition": "no_answer", "complaint": {"complaint": "C", "kind": "conduct"}`, "data.complaint: does not go with the disposition no_answer"},
		{`"disposition": "right_party", "callback_at": "2999-01-01T00:00:00Z"`, "data.callback_at: does not go with the disposition right_party; send it with callback"},
		{`"disposition": "callback", "callback_at": "2026-01-01T00:00:00Z"`, "data.callback_at: 2026-01-01T00:00:00Z has passed already"},
		{`"disposition": "right_party", "refusal": "to_pay"`, "data.refusal: does not go with the disposition right_party; send it with refused"},
		{`"disposition": "busy", "refusal": "calls"`, "data.refusal: does not go with the disposition busy"},
		{`"disposition": "refused", "refusal": "everything"`, "data.refusal: must be one of to_pay, to_talk, calls"},
		{`"disposition": "right_party", "point": "attic"`, "data.point: attic is no contact point of borrower B-1"},
	} {
		require.ErrorContains(t, h.call("bad", c.rest), c.says, c.rest)
	}
	require.Empty(t, h.standing().Attempts)
	require.Equal(t, []string{"0"}, h.query(`select count(*)::text from events where type = 'call.completed'`))
}

func TestAnAgentWhoLostTheTaskIsToldWhoHasIt(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.exec(`update tasks set agent = 'amy', leased_until = now() - interval '1 second'`)
	h.exec(`update tasks set agent = 'bob', leased_until = now() + interval '10 minutes'`)
	err := h.call("t-1", `"disposition": "right_party", "agent": "amy"`)
	require.Equal(t, "data.agent", asField(t, err).Field)
	require.ErrorContains(t, err, "task task-1 is with bob now, until ")
	require.NoError(t, h.call("t-2", `"disposition": "right_party", "agent": "bob"`))
	require.ErrorContains(t, h.call("t-3", `"disposition": "right_party", "agent": "amy"`), "task task-1 was done by bob on ")
	require.Len(t, h.standing().Attempts, 1)
	require.NoError(t, h.call("t-4", `"disposition": "refused", "agent": "bob"`), "a correction")
	require.Equal(t, contact.Refused, h.standing().Attempts[0].Disposition)
}

func TestATaskThatNobodyTookSinceIsStillItsAgents(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.exec(`update tasks set agent = 'amy', leased_until = now() - interval '1 hour'`)
	require.NoError(t, h.call("t-1", `"disposition": "right_party", "agent": "amy"`))
}

func TestATaskThatAsksForNoCallIsDoneWithoutOne(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.exec(`update tasks set calls = false, agent = 'amy', leased_until = now() + interval '1 hour'`)
	require.NoError(t, h.call("t-1", `"agent": "amy"`))
	require.Empty(t, h.standing().Attempts)
	require.Equal(t, []string{"seen_to amy"}, h.query(`select disposition || ' ' || done_by from tasks`))
	require.Equal(t, journey.ResultSeenTo, h.result())
}

func TestATaskThatAgesOutIsToldToItsJourneyOnce(t *testing.T) {
	t.Parallel()
	h := called(t)
	age := func() int {
		t.Helper()
		aged, err := h.door.AgeOnce(t.Context())
		require.NoError(t, err)
		return aged
	}
	require.Zero(t, age(), "it can still be done")
	h.exec(`update tasks set until_at = now() - interval '1 second', agent = 'amy', leased_until = now() + interval '1 minute'`)
	require.Zero(t, age(), "somebody is at it")
	h.exec(`update tasks set leased_until = now() - interval '1 second'`)
	require.Equal(t, 1, age())
	require.Zero(t, age())
	require.Equal(t, []string{"aged_out"}, h.query(`select disposition from tasks where done_at is not null`))
	require.Equal(t, journey.ResultExpired, h.result())
	require.ErrorContains(t, h.call("t-1", `"disposition": "right_party", "agent": "amy"`), "aged out on")
	_, err := h.take(happened("x", "task.expired", "loan/L-1", `{"task": "task-1"}`))
	require.ErrorContains(t, err, "data.task: task-1 has ended already")
}

func TestATaskAgesOutOnceTheJourneyCanBeToldAgain(t *testing.T) {
	t.Parallel()
	h := called(t)
	h.exec(`update tasks set until_at = now() - interval '1 second'`)
	h.journeys.set(func(j *journeys) { j.away = true })
	aged, err := h.door.AgeOnce(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, aged)
	require.Equal(t, journey.ResultAssigned, h.result())
	h.journeys.set(func(j *journeys) { j.away = false })
	h.exec(`update deliveries set next_try = now()`)
	_, failed, err := h.door.SweepOnce(t.Context())
	require.NoError(t, err)
	require.Zero(t, failed)
	require.Equal(t, journey.ResultExpired, h.result())
}

// A dialer may say late what came of a call: of its own, and not of the last one before the task ended without any.
func TestWhatIsSaidOnceATaskHasEndedIsOfACallOfItsOwn(t *testing.T) {
	t.Parallel()
	ages := func(h *house) {
		h.exec(`update tasks set until_at = now() - interval '1 second'`)
		aged, err := h.door.AgeOnce(h.t.Context())
		require.NoError(h.t, err)
		require.Equal(h.t, 1, aged)
	}
	for name, c := range map[string]struct {
		ends  func(*house)
		calls int
	}{
		"it aged out": {ages, 2},
		"it aged out after the call was dialled": {func(h *house) {
			h.exec(`update tasks set dialled_at = now()`)
			ages(h)
		}, 1},
		"its complaint was closed": {func(h *house) {
			h.exec(`update tasks set reason = 'complaint', step_key = 'complaint@C-1'`)
			h.must(happened("closed", "complaint.closed", "loan/L-1", `{"complaint": "C-1"}`))
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := called(t)
			require.NoError(t, h.call("t-1", `"disposition": "no_answer"`))
			c.ends(h)
			require.NoError(t, h.call("t-2", `"disposition": "right_party"`))
			require.Len(t, h.standing().Attempts, c.calls)
			require.NoError(t, h.call("t-3", `"disposition": "refused"`), "a correction")
			require.Len(t, h.standing().Attempts, c.calls)
			require.Equal(t, contact.Refused, h.standing().Attempts[c.calls-1].Disposition)
		})
	}
}

func TestNobodyIsCalledBackAboutATaskThatHasEndedNorInTheDistantFuture(t *testing.T) {
	t.Parallel()
	h := called(t)
	at := func(in time.Duration) string {
		return `"disposition": "callback", "callback_at": "` + time.Now().Add(in).UTC().Format(time.RFC3339) + `"`
	}
	require.ErrorContains(t, h.call("t-1", at(31*24*time.Hour)), "lies more than 30 days ahead")
	require.ErrorContains(t, h.call("t-2", at(-time.Hour)), "has passed already")
	require.NoError(t, h.call("t-3", at(29*24*time.Hour)))
	require.NoError(t, h.call("t-4", `"disposition": "right_party"`))
	require.ErrorContains(t, h.call("t-5", at(time.Hour)), "nobody is called back about it")
	require.ErrorContains(t, h.call("t-6", `"disposition": "callback"`), "nobody is called back about it")
}

func TestWhoNeverHadATaskDoesNotCompleteIt(t *testing.T) {
	t.Parallel()
	h := called(t)
	require.ErrorContains(t, h.call("t-1", `"disposition": "right_party", "agent": "amy"`), "data.agent: task task-1 is not amy's: it is on the list")
	h.exec(`update tasks set agent = 'bob', leased_until = now() - interval '1 hour'`)
	require.ErrorContains(t, h.call("t-2", `"disposition": "right_party", "agent": "amy"`), "is not amy's")
	require.NoError(t, h.call("t-3", `"disposition": "right_party"`), "a dialer is asked for no lease")
}
