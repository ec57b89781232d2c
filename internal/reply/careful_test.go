package reply_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/reply"
)

// written is the date of these replies, a Wednesday.
var written = bizclock.NewDate(2026, time.June, 10)

func TestWhoWillNotOrCannotPayPromisesNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"下周五还不了500", "周五之前还不上", "周五我不还", "我没说明天还500", "我不会还的", "15号前还不了", "下周五还500吗",
	} {
		m := reply.Understand(text, written)
		require.True(t, !m.Has(reply.WillPay) || m.By.IsZero(), "%s: %+v", text, m)
	}
}

func TestNoDateIsReadIntoOtherWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Tom will pay 40", "The sun is shining, I'll pay 40", "I sat down with my wife, we will pay 40", "I'll pay 200 two weeks from now"} {
		m := reply.Understand(text, written)
		require.True(t, m.By.IsZero() || m.By == written.AddDays(14), "%s: by %s", text, m.By)
	}
}

func TestAnAccountNumberIsNoAmount(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"I'll pay on Friday from account 12345678", "卡号6222021234567890，明天扣款还你"} {
		require.True(t, reply.Understand(text, written).Amount.IsZero(), text)
	}
}

func TestAnAmountThatIsNotUnderstoodIsNotTheWholeOverdue(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"I'll pay half on Friday", "I'll pay 50 or 60 on Friday", "I'll pay two hundred on Friday", "I'll pay 2 x 100 on Friday", "I'll pay 1.200,50 tomorrow"} {
		m, p := reply.Understand(text, written), &event.Reply{Channel: contact.SMS, Text: text}
		m.Tell(p)
		follows, person := reply.Follow(p, reply.Concerns{
			Number: 1, About: event.BorrowerSubject, Subject: "B-1", Borrower: "B-1", Loans: []string{"L-1"}, Currency: "USD", PastDue: reply.Understand("I'll pay 106.25 on Friday", written).Amount,
		})
		for _, f := range follows {
			require.NotEqual(t, event.PromiseMade, f.Type, "%s: %+v", text, f.Payload)
		}
		require.True(t, person, text)
	}
}

func TestTheChannelThatIsNotWantedIsNotPreferred(t *testing.T) {
	t.Parallel()
	for text, not := range map[string]contact.Channel{
		"No calls please, email is fine": contact.Call, "Please use email instead of calls": contact.Call, "I prefer email over sms": contact.SMS,
		"Do not call me, text me instead": contact.Call, "别打电话，发短信": contact.Call, "I'd rather you text than call": contact.Call,
	} {
		require.NotEqual(t, not, reply.Understand(text, written).Channel, text)
	}
}

func TestATelephoneNumberIsNoHours(t *testing.T) {
	t.Parallel()
	m := reply.Understand("My new number is 555-0100, use that one", written)
	require.Nil(t, m.From, "%v to %v", m.From, m.To)
}

func TestNoStopIsHeardWhereNobodySaidIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Please take this late fee off", "I'm not interested in a pause, I would rather pay less each month", "Your agent did not call me back as promised",
		"You never call me back when I ask", "please stop the payment", "Can you stop the late fees?", "Why did you not text me the link?",
	} {
		require.False(t, reply.Understand(text, written).Has(reply.Stop), text)
	}
}

func TestIdentityTheftAndQuestionsAreNoHardship(t *testing.T) {
	t.Parallel()
	m := reply.Understand("My identity was stolen", written)
	require.True(t, m.Has(reply.Fraud), "%+v", m)
	m = reply.Understand("What happens if I miss a payment?", written)
	require.False(t, m.Has(reply.Plan), "%+v", m)
}

func TestARemarkIsNoScore(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2 weeks ago I lost my job and I cannot pay", "1 more thing: please call me", "2 weeks from now I'll pay 200"} {
		score, _ := reply.Rating(text)
		require.Zero(t, score, text)
	}
}

func TestAWrongPersonIsToldNothingOfTheLoan(t *testing.T) {
	t.Parallel()
	text := "Wrong number, this is not her phone. How much does she owe?"
	m, p := reply.Understand(text, written), &event.Reply{Channel: contact.SMS, Text: text}
	m.Tell(p)
	require.True(t, p.Has(reply.WrongPerson))
	require.False(t, p.Has(reply.Question), "the journey answers it, with the balance")
}

func TestHoursThatHaveOneEndEndAtMidnight(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"Please text me after 6pm": "18:00 00:00", "dont text me after 9pm": "00:00 21:00"} {
		p := &event.Reply{Channel: contact.SMS, Text: text}
		reply.Understand(text, written).Tell(p)
		require.Equal(t, want, p.From.String()+" "+p.To.String(), text)
	}
}

func TestWhatBelongsToTheNewestQuestionAnswersNoOther(t *testing.T) {
	t.Parallel()
	p := &event.Reply{Channel: contact.SMS, Text: "No", Means: []reply.Intent{reply.Unclear}, Answer: event.No}
	said := reply.Answered(p, "promise-noted@reply-7")
	require.Empty(t, p.Answer, "the plan that was offered before is not declined")
	follows, person := reply.Follow(p, reply.Concerns{Number: 9, Loans: []string{"L-1"}, Asked: "promise-noted@reply-7", Said: said})
	require.Equal(t, []reply.Following{{Type: event.PromiseWithdrawn, About: event.LoanSubject, Subject: "L-1", Payload: &event.PromiseWithdrawal{Promise: "reply-7"}}}, follows)
	require.True(t, person, "what they meant is not known")

	p = &event.Reply{Channel: contact.SMS, Text: "Yes", Means: []reply.Intent{reply.Unclear}, Answer: event.Yes}
	follows, person = reply.Follow(p, reply.Concerns{Number: 9, Loans: []string{"L-1"}, Asked: "promise-noted@reply-7", Said: reply.Answered(p, "promise-noted@reply-7")})
	require.Empty(t, follows)
	require.False(t, person)
}

func TestAStrangerBindsTheirOwnTelephoneAndNothingElse(t *testing.T) {
	t.Parallel()
	text := "Wrong number, I am the wife. She lost her job. I'll pay 50 tomorrow. Use email. How much does she owe?"
	p := &event.Reply{Channel: contact.SMS, Text: text}
	reply.Understand(text, written).Tell(p)
	require.Equal(t, []reply.Intent{reply.WrongPerson}, p.Means)
	follows, person := reply.Follow(p, reply.Concerns{Number: 3, About: event.LoanSubject, Subject: "L-1", Borrower: "B-1", Loans: []string{"L-1"}, Points: []string{"mobile", "work"}})
	require.True(t, person)
	require.Len(t, follows, 2)
	for n, point := range []string{"mobile", "work"} {
		require.Equal(t, point, follows[n].Payload.(*event.HoldPlacement).Point)
	}
	require.NotEqual(t, follows[0].Payload.(*event.HoldPlacement).Hold, follows[1].Payload.(*event.HoldPlacement).Hold)
}

func TestNobodyPromisesMoreThanIsOwedNorForThePast(t *testing.T) {
	t.Parallel()
	owed := func() reply.Concerns {
		m := reply.Understand("I'll pay 612.50 on Friday", written)
		return reply.Concerns{Number: 1, Loans: []string{"L-1"}, Currency: "USD", Today: written, PastDue: m.Amount, Outstanding: m.Amount}
	}
	for text, promises := range map[string]bool{
		"I'll pay 612.50 on Friday": true, "I'll pay 613 on Friday": false, "I'll pay on Friday": true, "I'll pay 40 in 999 days": false,
	} {
		p := &event.Reply{Channel: contact.SMS, Text: text}
		reply.Understand(text, written).Tell(p)
		follows, person := reply.Follow(p, owed())
		require.Equal(t, promises, len(follows) == 1, text)
		require.Equal(t, !promises, person, text)
	}
	past := &event.Reply{Channel: contact.SMS, Means: []reply.Intent{reply.WillPay}, By: written.AddDays(-1)}
	follows, person := reply.Follow(past, owed())
	require.Empty(t, follows)
	require.True(t, person)
}

func TestAChannelWithoutAnAddressIsForAPerson(t *testing.T) {
	t.Parallel()
	p := &event.Reply{Channel: contact.SMS, Means: []reply.Intent{reply.Preference}, Wants: contact.Chat}
	follows, person := reply.Follow(p, reply.Concerns{Borrower: "B-1", Unreachable: true})
	require.Len(t, follows, 1)
	require.True(t, person)
}

func TestWhatElseIsAskedAPersonAnswers(t *testing.T) {
	t.Parallel()
	text := "What is the interest rate? How do I pay?"
	p := &event.Reply{Channel: contact.SMS, Text: text}
	reply.Understand(text, written).Tell(p)
	require.Equal(t, reply.Interest, p.Topic)
	_, person := reply.Follow(p, reply.Concerns{})
	require.True(t, person)
}
