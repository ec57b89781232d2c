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

// Review findings: what these replies mean, and what they must not be taken for. 10 June 2026 is a Wednesday.
var reviewed = bizclock.NewDate(2026, time.June, 10)

func TestReviewWhoWillNotOrCannotPayPromisesNothing(t *testing.T) {
	for _, text := range []string{
		"下周五还不了500", "周五之前还不上", "周五我不还", "我没说明天还500", "我不会还的", "15号前还不了", "下周五还500吗",
		"I will pay, but not this Friday",
	} {
		m := reply.Understand(text, reviewed)
		require.True(t, !m.Has(reply.WillPay) || m.By.IsZero(), "%s: %+v", text, m)
	}
}

func TestReviewNoDateIsReadIntoOtherWords(t *testing.T) {
	for _, text := range []string{"Tom will pay 40", "The sun is shining, I'll pay 40", "I sat down with my wife, we will pay 40", "I'll pay 200 two weeks from now"} {
		m := reply.Understand(text, reviewed)
		require.True(t, m.By.IsZero() || m.By == reviewed.AddDays(14), "%s: by %s", text, m.By)
	}
}

func TestReviewAnAccountNumberIsNoAmount(t *testing.T) {
	for _, text := range []string{"I'll pay on Friday from account 12345678", "卡号6222021234567890，明天扣款还你"} {
		require.True(t, reply.Understand(text, reviewed).Amount.IsZero(), text)
	}
}

func TestReviewAnAmountThatIsNotUnderstoodIsNotTheWholeOverdue(t *testing.T) {
	for _, text := range []string{"I'll pay half on Friday", "I'll pay 50 or 60 on Friday", "I'll pay two hundred on Friday", "I'll pay 2 x 100 on Friday", "I'll pay 1.200,50 tomorrow"} {
		m, p := reply.Understand(text, reviewed), &event.Reply{Channel: contact.SMS, Text: text}
		m.Tell(p)
		follows, person := reply.Follow(p, reply.Concerns{
			Number: 1, About: event.BorrowerSubject, Subject: "B-1", Borrower: "B-1", Loans: []string{"L-1"}, Currency: "USD", PastDue: reply.Understand("I'll pay 106.25 on Friday", reviewed).Amount,
		})
		for _, f := range follows {
			require.NotEqual(t, event.PromiseMade, f.Type, "%s: %+v", text, f.Payload)
		}
		require.True(t, person, text)
	}
}

func TestReviewTheChannelThatIsNotWantedIsNotPreferred(t *testing.T) {
	for text, not := range map[string]contact.Channel{
		"No calls please, email is fine": contact.Call, "Please use email instead of calls": contact.Call, "I prefer email over sms": contact.SMS,
		"Do not call me, text me instead": contact.Call, "别打电话，发短信": contact.Call, "I'd rather you text than call": contact.Call,
	} {
		require.NotEqual(t, not, reply.Understand(text, reviewed).Channel, text)
	}
}

func TestReviewATelephoneNumberIsNoHours(t *testing.T) {
	m := reply.Understand("My new number is 555-0100, use that one", reviewed)
	require.Nil(t, m.From, "%v to %v", m.From, m.To)
}

func TestReviewNoStopIsHeardWhereNobodySaidIt(t *testing.T) {
	for _, text := range []string{
		"Please take this late fee off", "I'm not interested in a pause, I would rather pay less each month", "Your agent did not call me back as promised",
		"You never call me back when I ask", "please stop the payment", "Can you stop the late fees?", "Why did you not text me the link?",
	} {
		require.False(t, reply.Understand(text, reviewed).Has(reply.Stop), text)
	}
}

func TestReviewIdentityTheftAndQuestionsAreNoHardship(t *testing.T) {
	m := reply.Understand("My identity was stolen", reviewed)
	require.True(t, m.Has(reply.Fraud), "%+v", m)
	m = reply.Understand("What happens if I miss a payment?", reviewed)
	require.False(t, m.Has(reply.Plan), "%+v", m)
}

func TestReviewARemarkIsNoScore(t *testing.T) {
	for _, text := range []string{"2 weeks ago I lost my job and I cannot pay", "1 more thing: please call me", "2 weeks from now I'll pay 200"} {
		score, _ := reply.Rating(text)
		require.Zero(t, score, text)
	}
}

func TestReviewAWrongPersonIsToldNothingOfTheLoan(t *testing.T) {
	text := "Wrong number, this is not her phone. How much does she owe?"
	m, p := reply.Understand(text, reviewed), &event.Reply{Channel: contact.SMS, Text: text}
	m.Tell(p)
	require.True(t, p.Has(reply.WrongPerson))
	require.False(t, p.Has(reply.Question), "the journey answers it, with the balance")
}

func TestReviewWhatAClassifierUnderstoodOfARemarkStays(t *testing.T) {
	text := "4 they let me go at the plant"
	p := &event.Reply{Channel: contact.SMS, Text: text}
	reply.Meaning{Intents: []reply.Intent{reply.Hardship}}.Tell(p) // what the classifier said
	score, remark := reply.Rating(text)
	require.Equal(t, 4, score)
	reply.Rated(p, score, remark, reply.Understand(remark, reviewed), "survey-satisfied@2026-06-01", "c-1")
	require.True(t, p.Has(reply.Hardship), "%v", p.Means)
}
