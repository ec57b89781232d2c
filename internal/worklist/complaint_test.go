package worklist_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worklist"
)

// Whom a borrower complained of gets nothing that is about them while that is open, and of the complaint itself nothing ever.
func TestNobodyGetsATaskOfABorrowerWhoComplainedOfThem(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.toCall("1")
	o.happens("complaint.raised", "borrower/B-1", `{"complaint": "C-1", "kind": "service", "about": ["bob"]}`)
	told := o.assign("B-1", event.ComplaintLoan("C-1"), strategy.ReasonNoChannel, contact.ComplaintReply)
	other := o.toCall("2")
	require.Equal(t, other, o.gets("bob").ID, "those of others they do get")
	var kept *worklist.Kept
	o.exec(`update tasks set agent = 'bob', leased_until = now() + interval '1 hour' where key = $1`, told)
	_, err := o.desk.Dial(t.Context(), told, "bob")
	require.ErrorAs(t, err, &kept)
	require.EqualError(t, err, "task "+told+" is not for bob: complaint C-1 of its borrower is about them; have somebody else take it up")
}

// A complaint that is taken down while somebody has the task takes it from them.
func TestATaskIsTakenFromWhomAComplaintIsAboutNow(t *testing.T) {
	t.Parallel()
	o := open(t)
	loan := o.toCall("1")
	require.Equal(t, loan, o.gets("bob").ID)
	o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service", "about": ["bob"]}`)
	require.Nil(t, o.next("bob").Task)
	require.Equal(t, loan, o.gets("amy").ID)
	o.happens("complaint.withdrawn", "complaint/C-1", `{}`)
	require.NoError(t, o.desk.Release(t.Context(), loan, "amy"))
	require.Equal(t, loan, o.gets("bob").ID, "it is closed")
}

// A call that they had dialled before anybody complained they still report: what was said is not lost. Of the complaint's own tasks they
// complete none.
func TestWhomAComplaintIsAboutReportsOnlyWhatTheyHadDialled(t *testing.T) {
	t.Parallel()
	o := open(t)
	loan := o.toCall("1")
	o.gets("bob")
	_, err := o.desk.Dial(t.Context(), loan, "bob")
	require.NoError(t, err)
	o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`)
	told := o.assign("B-1", event.ComplaintLoan("C-1"), strategy.ReasonNoChannel, contact.ComplaintReply)
	o.happens("complaint.assigned", "complaint/C-1", `{"about": ["bob"]}`)
	require.True(t, o.next("bob").Again)
	require.NoError(t, o.take("call.completed", "loan/L-1", fmt.Sprintf(`{"task": %q, "agent": "bob", "disposition": "no_answer"}`, loan)))
	o.exec(`update tasks set agent = 'bob', leased_until = now() + interval '1 hour' where key = $1`, told)
	err = o.take("call.completed", "complaint/C-1", fmt.Sprintf(`{"task": %q, "agent": "bob", "disposition": "right_party"}`, told))
	require.ErrorContains(t, err, "data.agent: bob is whom complaint C-1 is about; have somebody else take task "+told+" up, with tender task next")
	require.Nil(t, o.next("bob").Task)
	require.Equal(t, "t", o.one(`select case when acknowledged_at is null then 't' end from complaints`))
}
