package reply_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
)

func TestWhoIsNotContentWithAnAnswerComplains(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"not settled", "It is not settled.", "this is still not settled", "I object", "I object to your answer", "not satisfied with your answer",
		"I disagree with the outcome", "I do not accept your decision", "your answer does not settle it", "it hasn't been solved", "please reopen it",
		"I want a higher level to look at it", "your decision is wrong",
		"不满意", "没有解决", "没解决", "问题没有得到解决", "不同意你们的答复", "你们的答复我不同意", "我不接受你们的处理结果", "我有异议", "我反对", "请重新处理", "要求上级再看",
	} {
		m := reply.Understand(text, wednesday)
		assert.True(t, m.Has(reply.Complaint), "%s: %v", text, m.Intents)
		assert.False(t, m.Has(reply.Dispute), "it is the answer that is wrong: %s", text)
	}
	for _, text := range []string{"settled", "it is settled, thanks", "resolved, thank you", "I have not settled my account yet", "I haven't sorted my bank out", "no objection", "已经解决了", "没有异议"} {
		m := reply.Understand(text, wednesday)
		assert.False(t, m.Has(reply.Complaint), "%s: %v", text, m.Intents)
	}
}

// toObject are the answers to which the borrower can object, the last one first.
var toObject = []reply.ToObject{
	{ID: "R-2", Kind: complaint.Charges, Loan: "L-1"}, {ID: "R-1", Others: []string{"letter-9"}, Kind: complaint.Conduct}, {ID: "7", Kind: complaint.Service},
}

func TestAComplaintThatIsNamedIsTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"not settled": "R-2", "my complaint R-1 is not settled": "R-1", "r-1: no": "R-1", "投诉R-1没有解决": "R-1", "(R-1)": "R-1", "R-1.": "R-1",
		"see LETTER-9": "R-1", "R-10 is not settled": "R-2", "BR-1": "R-2", "R-1-2": "R-2", "the last 7 days": "R-2", "R-10, no, R-1": "R-1",
		"> R-1": "R-2",
	} {
		require.Equal(t, want, reply.ObjectedTo(toObject, text, complaint.Unsorted, ""), text)
	}
	require.Equal(t, "R-1", reply.ObjectedTo(toObject, "no", complaint.Unsorted, "L-2"), "the other one is about another loan")
	require.Equal(t, "R-1", reply.ObjectedTo(toObject, "no", complaint.Conduct, "L-1"), "it is of that kind")
	require.Empty(t, reply.ObjectedTo(toObject, "no", complaint.DataProtection, ""), "that is another one")
	require.Empty(t, reply.ObjectedTo(nil, "R-1", complaint.Unsorted, ""))
}

// follows is what follows from a text that a borrower wrote, and of which complaint a task speaks.
func follows(text string, to []reply.ToObject) (types []event.Type, subject, regards string) {
	p := &event.Reply{Channel: contact.SMS, Text: text}
	reply.Understand(text, wednesday).Tell(p)
	all, person := reply.Follow(p, reply.Concerns{Number: 42, About: event.BorrowerSubject, Subject: "B-1", Borrower: "B-1", Today: wednesday, Answers: to})
	for _, f := range all {
		types, subject = append(types, f.Type), f.Subject
	}
	return types, subject, reply.Regards(p, reply.TaskReason(p, person), to)
}

func TestAnObjectionOpensWhatWasAnsweredAgain(t *testing.T) {
	t.Parallel()
	types, subject, _ := follows("I am not satisfied with your answer, it is not settled", toObject)
	require.Equal(t, []event.Type{event.ComplaintReopened}, types)
	require.Equal(t, "R-2", subject)
	types, _, _ = follows("I am not satisfied with your answer, it is not settled", nil)
	require.Equal(t, []event.Type{event.ComplaintRaised}, types, "nothing waits")
	types, _, _ = follows("I complain. I never took out this loan, it is fraud", toObject)
	require.Contains(t, types, event.ComplaintRaised, "that is another matter")
	types, subject, _ = follows("I complain: the amount in your answer is wrong", toObject)
	require.Equal(t, []event.Type{event.ComplaintReopened}, types)
	require.Equal(t, "R-2", subject)

	for text, want := range map[string]string{
		"hm": "R-2", "what are the reasons?": "R-2", "理由是什么": "R-2", "please send me the whole answer": "R-2", "why did you reject it?": "R-2", "hm, R-1": "R-1",
		"please call me": "", "please call me about R-1": "R-1", "thanks": "", "how much do I owe?": "",
	} {
		_, _, regards := follows(text, toObject)
		require.Equal(t, want, regards, text)
	}
}
