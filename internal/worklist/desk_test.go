package worklist_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worklist"
)

// Eight agents, each with connections of their own, and fifty tasks, of which some are about one borrower.
func TestNoTwoAgentsEverGetTheSameTask(t *testing.T) {
	t.Parallel()
	o := open(t)
	const agents, tasks = 8, 50
	for n := range tasks / 2 {
		borrower := fmt.Sprintf("B-%d", n)
		for _, loan := range []string{fmt.Sprintf("L-%d-a", n), fmt.Sprintf("L-%d-b", n)} {
			o.borrow(borrower, loan)
			o.assign(borrower, loan, "no_channel", contact.Collection)
		}
	}
	var mu sync.Mutex
	got := map[string][]string{}
	begin := make(chan struct{})
	var group errgroup.Group
	for n := range agents {
		agent := fmt.Sprintf("agent-%d", n)
		s, err := store.Open(t.Context(), o.url, store.WithNow(func() time.Time { return origin }))
		require.NoError(t, err)
		defer s.Close()
		d := desk(t, s)
		group.Go(func() error {
			<-begin
			for {
				handed, err := d.Next(t.Context(), agent, worklist.Lease)
				switch {
				case err != nil:
					return err
				case handed.Task == nil && len(handed.Skipped) > 0:
					return fmt.Errorf("%s may not call: %+v", agent, handed.Skipped)
				case handed.Task == nil:
					return nil
				case handed.Again:
					return fmt.Errorf("%s has %s twice", agent, handed.Task.ID)
				}
				mu.Lock()
				got[handed.Task.ID] = append(got[handed.Task.ID], agent)
				mu.Unlock()
				// It is theirs for good: as if the lease had no end, and they wanted more.
				if _, err := o.sql.Exec(t.Context(), `update tasks set agent = agent || '-kept', leased_until = 'infinity' where key = $1 and agent = $2`, handed.Task.ID, agent); err != nil {
					return err
				}
			}
		})
	}
	close(begin)
	require.NoError(t, group.Wait())
	require.Len(t, got, tasks, "each was handed out")
	busy := map[string]bool{}
	for task, by := range got {
		require.Len(t, by, 1, "%s was handed out to %v", task, by)
		busy[by[0]] = true
	}
	require.Greater(t, len(busy), 1, "one agent alone proves nothing")
}

func TestTheMostUrgentTaskComesFirstAndThenTheOldest(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1")
	var want []string
	for _, reason := range []string{"given_up", "no_channel", "hardship", "no_channel", "reply"} {
		o.later(time.Minute)
		want = append(want, o.assign("B-1", "L-1", reason, ""))
	}
	want = []string{want[2], want[4], want[1], want[3], want[0]}
	listed, err := o.desk.List(t.Context(), worklist.Filter{Most: 10})
	require.NoError(t, err)
	for n, id := range want {
		require.Equal(t, id, listed[n].ID)
		require.Equal(t, id, o.gets(fmt.Sprintf("agent-%d", n)).ID)
	}
	require.Nil(t, o.next("late").Task)
}

func TestATaskSaysAllThatItsAgentNeeds(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	task := o.gets("amy")
	require.Equal(t, id, task.ID)
	require.Equal(t, "amy", task.Agent)
	require.Equal(t, "+12125550143", task.Telephone)
	require.True(t, task.May.Allowed)
	require.Equal(t, "2026-01-15T02:00:00Z", task.May.Until.Format(time.RFC3339), "nine in the evening")
	require.Equal(t, "overdue", task.Script.Script)
	require.Contains(t, task.Script.Identity[0], "Could I speak to Ada Lovelace")
	require.Contains(t, task.Script.Say[1], "$100.00 that fell due on 12 January 2026")
	require.Equal(t, noon.Add(time.Second).AddDate(0, 0, 14), task.Until)
	require.Equal(t, contact.Collection, task.Purpose)
	require.Empty(t, o.attempts("B-1"), "nothing is reserved yet")
	listed, err := o.desk.List(t.Context(), worklist.Filter{Agent: "amy", Most: 10})
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Nil(t, listed[0].Details, "a list has nothing personal")
}

func TestWhoHasATaskGetsItAgain(t *testing.T) {
	t.Parallel()
	o := open(t)
	first, _ := o.toCall("1"), o.toCall("2")
	require.Equal(t, first, o.gets("amy").ID)
	again := o.next("amy")
	require.True(t, again.Again)
	require.Equal(t, first, again.Task.ID)
	require.NoError(t, o.desk.Release(t.Context(), first, "amy"))
	require.Equal(t, first, o.gets("bob").ID, "it is back on the list")
	var taken *worklist.Taken
	require.ErrorAs(t, o.desk.Release(t.Context(), first, "amy"), &taken)
	require.Equal(t, "bob", taken.By)
}

func TestWhatMayNotBeCalledNowIsSkippedAndItIsSaidUntilWhen(t *testing.T) {
	t.Parallel()
	o := open(t)
	held, free := o.toCall("1"), o.toCall("2")
	o.happens("hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "dispute_open", "until": "2026-01-20T17:00:00Z"}`)
	handed := o.next("amy")
	require.Equal(t, free, handed.Task.ID)
	require.Len(t, handed.Skipped, 1)
	require.Equal(t, held, handed.Skipped[0].Task)
	require.Equal(t, "tender/hold", handed.Skipped[0].Rule)
	require.Equal(t, time.Date(2026, 1, 20, 17, 0, 0, 0, time.UTC), handed.Skipped[0].From)
	require.Equal(t, "0", o.one(`select count(*)::text from tasks where key = $1 and leased_until is not null`, held), "it is not taken")

	o.happens("hold.released", "loan/L-1", `{"hold": "H-1"}`)
	require.Equal(t, held, o.gets("bob").ID, "what was seen before does not bind")
}

func TestNobodyIsCalledAtNightButWhatNeedsNoCallIsDone(t *testing.T) {
	t.Parallel()
	o := open(t)
	call := o.toCall("1")
	read := o.assign("B-1", "L-1", "reply", "")
	o.later(11 * time.Hour)
	require.Equal(t, read, o.gets("amy").ID)
	handed := o.next("bob")
	require.Nil(t, handed.Task)
	require.Equal(t, call, handed.Skipped[0].Task)
	require.Equal(t, "2026-01-15T13:00:00Z", handed.Skipped[0].From.Format(time.RFC3339))
	_, err := o.desk.Dial(t.Context(), read, "amy")
	var refused *worklist.Refused
	require.ErrorAs(t, err, &refused)
	require.False(t, refused.Back, "there is more to do about it than to call")
	require.Equal(t, "amy", o.gets("amy").Agent)
	o.later(9 * time.Hour)
	require.Equal(t, call, o.gets("bob").ID)
}

func TestAHaltOfCallsKeepsTasksOnTheList(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.toCall("1")
	o.happens("contacts.halted", "", `{"halt": "HALT-1", "channel": "call", "reason": "test"}`)
	handed := o.next("amy")
	require.Nil(t, handed.Task)
	require.Equal(t, "tender/halt", handed.Skipped[0].Rule)
	o.happens("contacts.resumed", "", `{"halt": "HALT-1"}`)
	o.gets("amy")
}

func TestWhenARuleForbidsCallsForGoodTheTaskSaysSo(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	o.happens("consent.revoked", "borrower/B-1", `{"channel": "call"}`)
	task := o.gets("amy")
	require.Equal(t, id, task.ID)
	require.True(t, task.May.Never)
	require.Equal(t, "tender/opt-out", task.May.Rule)
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.ErrorContains(t, err, "tender/opt-out")
	require.ErrorContains(t, err, "reach the borrower in another way")
	require.Equal(t, "tender/opt-out", o.one(`select rule from held_back where rule = 'tender/opt-out'`))
}

func TestATaskThatNothingAsksForAnyMoreIsNotHandedOut(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	note := func(found string) {
		o.exec(`update tasks set needless = false, rests_until = null`)
		o.exec(`update tasks set needless = coalesce(f.needless, false), rests_until = f.rests_until
			from jsonb_to_record($1::jsonb) as f (needless boolean, rests_until timestamptz)`, found)
	}
	listed := func(every bool) int {
		all, err := o.desk.List(t.Context(), worklist.Filter{Every: every, Most: 10})
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 1, listed(false))
	note(`{"needless": true}`)
	require.Nil(t, o.next("amy").Task)
	require.Zero(t, listed(false), "it is no open work")
	require.Equal(t, 1, listed(true))
	note(`{"rests_until": "2026-01-16T17:00:00Z"}`)
	require.Nil(t, o.next("amy").Task)
	o.later(48 * time.Hour)
	require.Equal(t, id, o.gets("amy").ID)
	note(`{"needless": true}`)
	require.Equal(t, 1, listed(false), "somebody has it, and may be on the telephone")
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.ErrorContains(t, err, "nothing asks for it any more")
	require.Empty(t, o.attempts("B-1"))
}

func TestACallIsRefusedThatAnEventMayHaveMadeNeedless(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	o.gets("amy")
	require.NoError(t, o.take("payment.posted", "loan/L-1", `{"transaction": "T-1", "amount": "100.00", "currency": "USD", "value_date": "2026-01-14"}`))
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.ErrorContains(t, err, "is not decided upon yet; it is back on the list")
	require.Nil(t, o.next("amy").Task)
	o.decide()
	o.gets("amy")
}

func TestAHoldThatCameBetweenHandOutAndDialStopsTheCall(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	require.True(t, o.gets("amy").May.Allowed)
	o.happens("hold.placed", "borrower/B-1", `{"hold": "H-1", "kind": "breathing_space"}`)
	_, err := o.desk.Dial(t.Context(), id, "amy")
	var refused *worklist.Refused
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "tender/hold", refused.Rule)
	require.True(t, refused.Back)
	require.Empty(t, o.attempts("B-1"), "nothing is reserved")
	require.Equal(t, "tender/hold", o.one(`select rule from held_back`), "it is to be explained")
	require.Nil(t, o.next("bob").Task, "the list knows as well")
}

func TestADialledCallCountsBeforeAnybodyKnowsWhatComesOfIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	task := o.gets("amy")
	dialled, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	again, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	require.Equal(t, dialled.Contact, again.Contact, "one call")
	require.Len(t, o.attempts("B-1"), 1)
	require.Empty(t, o.attempts("B-1")[0].Disposition)
	require.Equal(t, "phone", o.attempts("B-1")[0].Point)
	var unsaid *worklist.Unsaid
	require.ErrorAs(t, o.desk.Release(t.Context(), id, "amy"), &unsaid)
	_, err = o.desk.Dial(t.Context(), id, "bob")
	var taken *worklist.Taken
	require.ErrorAs(t, err, &taken)
	require.Greater(t, time.Until(taken.Until), 50*time.Minute, "who calls has time to talk")

	o.completes(task, "amy", `"disposition": "right_party"`)
	require.Len(t, o.attempts("B-1"), 1, "what came of it is said of the call that was reserved")
	require.Equal(t, contact.RightParty, o.attempts("B-1")[0].Disposition)
	_, err = o.desk.Dial(t.Context(), id, "amy")
	var ended *worklist.Ended
	require.ErrorAs(t, err, &ended)
	require.ErrorContains(t, err, "by amy: right_party")
}

// Regulation F presumes harassment from the eighth call in seven days on; seven tasks about one debt use them up.
func TestCallsByPeopleUseUpTheLimitOfCalls(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1")
	for range 8 {
		o.later(time.Second)
		o.assign("B-1", "L-1", "no_channel", contact.Collection)
	}
	for n := range 7 {
		task := o.gets("amy")
		_, err := o.desk.Dial(t.Context(), task.ID, "amy")
		require.NoError(t, err, "call %d", n+1)
		o.completes(task, "amy", `"disposition": "no_answer"`)
	}
	handed := o.next("amy")
	require.Nil(t, handed.Task)
	require.Equal(t, "us-federal/call-frequency", handed.Skipped[0].Rule)
	require.Equal(t, "2026-01-21", handed.Skipped[0].From.Format(time.DateOnly))
}

func TestABorrowerIsCalledBackWhenTheyAskedToBe(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	task := o.gets("amy")
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	o.completes(task, "amy", `"disposition": "callback", "callback_at": "2026-01-16T15:00:00Z"`)
	o.later(24 * time.Hour)
	require.Nil(t, o.next("amy").Task, "not before the time that was named")
	o.later(22*time.Hour + time.Minute)
	require.Equal(t, id, o.gets("bob").ID, "although there was a conversation two days ago")
	_, err = o.desk.Dial(t.Context(), id, "bob")
	require.NoError(t, err)
}

func TestWithoutLeaveNobodyIsCalledWithinAWeekOfAConversation(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	task := o.gets("amy")
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	o.completes(task, "amy", `"disposition": "refused", "refusal": "to_pay"`)
	o.later(24 * time.Hour)
	o.borrow("B-1", "L-2")
	o.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, purpose, calls) values ('again', 'L-1', 'B-1', 's', 'no_channel', now(), 'collection', true)`)
	handed := o.next("amy")
	require.Nil(t, handed.Task)
	require.Equal(t, "us-federal/call-after-conversation", handed.Skipped[0].Rule)
}

func TestAnotherTelephoneIsCalledWhenOneIsWrong(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.toCall("1")
	o.happens("borrower.updated", "borrower/B-1", `{"points": [{"id": "office", "channel": "call", "address": "+12125550144", "rank": 1}]}`)
	task := o.gets("amy")
	_, err := o.desk.Dial(t.Context(), id, "amy")
	require.NoError(t, err)
	o.completes(task, "amy", `"disposition": "wrong_number"`)
	task = o.gets("bob")
	require.Equal(t, id, task.ID)
	require.Equal(t, "+12125550144", task.Telephone)
	_, err = o.desk.Dial(t.Context(), id, "bob")
	require.NoError(t, err)
	o.completes(task, "bob", `"disposition": "wrong_number"`)
	require.Equal(t, "wrong_number", o.one(`select disposition from tasks where done_at is not null`))
}

func TestATaskToReadWhatWasWrittenShowsIt(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1")
	o.happens("borrower.replied", "borrower/B-1", `{"channel": "sms", "text": "who is this?"}`)
	task := o.gets("amy")
	require.Equal(t, "who is this?", task.Wrote)
	require.Equal(t, contact.Reply, task.Purpose)
	require.False(t, task.Calls)
}

func TestATaskThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, err := o.desk.Show(t.Context(), "t-9")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = o.desk.Dial(t.Context(), "t-9", "amy")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.True(t, errors.Is(o.desk.Release(t.Context(), "t-9", "amy"), store.ErrNotFound))
}

// Such tasks versions of Tender gave that accompanied no complaints.
func TestWhoAnswersAComplaintOfBeforeSeesWhatWasComplainedOf(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1")
	o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "conduct", "text": "the last call was rude"}`)
	require.Nil(t, o.next("amy").Task, "what is raised now is nobody's task")
	o.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, purpose, priority, attempt, at, until_at)
		select 'complaint-' || pk, 'L-1', 'B-1', 'complaint@C-1', 'complaint', 'complaint_reply', 40, 1, now(), now() + interval '14 days'
		from events where type = 'complaint.raised'`)
	task, err := o.desk.Show(t.Context(), o.gets("amy").ID)
	require.NoError(t, err)
	require.Equal(t, "the last call was rude", task.Wrote)
	require.Equal(t, "complaint", task.Script.Script)
	require.Equal(t, 40, task.Priority)
	require.False(t, task.Calls)

	o.exec(`update tasks set until_at = now() - interval '100 years', leased_until = null`)
	_, err = o.door.AgeOnce(t.Context())
	require.NoError(t, err)
	again := o.gets("bob")
	require.NotEqual(t, task.ID, again.ID)
	require.Equal(t, "the last call was rude", again.Wrote, "whoever has it next, too")
}

// What the borrower has to hear about a complaint, and no channel may carry, a person brings: as whoever speaks of complaints.
func TestWhoBringsTheAnswerToAComplaintHasItsScript(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.borrow("B-1", "L-1")
	o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "conduct"}`)
	o.assign("B-1", event.ComplaintLoan("C-1"), strategy.ReasonNoChannel, contact.ComplaintReply)
	task, err := o.desk.Show(t.Context(), o.gets("amy").ID)
	require.NoError(t, err)
	require.Equal(t, "complaint", task.Script.Script)
	require.True(t, task.Calls)
	require.NotContains(t, strings.Join(task.Script.Say, " "), "complaint.C-1", "no borrower knows that id")

	o.happens("hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "attorney_represented"}`)
	_, err = o.desk.Dial(t.Context(), task.ID, "amy")
	var refused *worklist.Refused
	require.ErrorAs(t, err, &refused, "the call is about that loan")
	require.Equal(t, strategy.HoldRule, refused.Rule)
	o.happens("hold.released", "loan/L-1", `{"hold": "H-1"}`)
	_, err = o.desk.Dial(t.Context(), o.gets("amy").ID, "amy")
	require.NoError(t, err)
	require.Equal(t, "{complaint.C-1,L-1}", o.one(`select loan_ids::text from contacts where adapter = 'worklist'`), "and counts for it")
	require.NoError(t, o.take("call.completed", "complaint/C-1", fmt.Sprintf(`{"task": %q, "agent": "amy", "disposition": "right_party"}`, task.ID)))
}
