package strategy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
)

// writes plans what a borrower writes by SMS, and that it counts as a contact that they began.
func (l *life) writes(when, data string) {
	l.at(when, func() {
		l.person.Attempts = append(l.person.Attempts[:len(l.person.Attempts):len(l.person.Attempts)], contact.Attempt{
			Key: "in-" + when, At: l.now.UTC(), Channel: contact.SMS, Direction: contact.Inbound, Purpose: contact.Reply, Disposition: contact.Delivered, Loans: []string{"L-1"},
		})
		l.happens(event.BorrowerReplied, data)
	})
}

func TestWhoTellsOfALostJobInAFollowUpIsOfferedAPlanBeforeAnyPaymentIsMissed(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.at("2026-01-11 09:00", func() { l.facts.Products = products() })
	l.writes("2026-01-11 10:00", `{"channel":"sms","intent":"unclear","means":["hardship"],"cause":"job_loss"}`)
	l.inHardship("2026-01-11 10:00") // which follows from it
	l.until("2026-01-19")
	offers := l.lines("plan-offer")
	require.Len(t, offers, 1)
	require.Equal(t, "2026-01-11", offers[0][:10])
	require.Empty(t, l.lines("notice-"), "nothing is due yet")
}

func TestAPromiseThatABorrowerWroteIsNotedAndThenKept(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-01-20", "2026-06-01"}})
	l.writes("2026-01-22 12:00", `{"channel":"sms","intent":"unclear","means":["will_pay"],"amount":"100","by":"2026-01-30"}`)
	l.says("2026-01-22 12:00", event.PromiseMade, `{"promise":"reply-7","amount":"100.00","currency":"USD","by":"2026-01-30"}`)
	l.says("2026-01-22 12:05", event.PromiseMade, `{"promise":"P-1","amount":"1.00","currency":"USD","by":"2026-01-23"}`)
	l.pays("2026-01-29")
	l.until("2026-02-10")
	require.Equal(t, []string{"2026-01-22 12:00 promise-noted@reply-7 by sms"}, l.lines("promise-noted"), "of a promise that somebody else sent nobody needs to be told")
	require.Len(t, l.lines("notice-"), 1, "and the ladder rests")
}

func TestAQuestionIsAnsweredAndTheSameAgainByAPerson(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.writes("2026-01-11 22:30", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"interest"}`) // at night, and answered at night
	l.writes("2026-01-12 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"fees"}`)
	l.writes("2026-01-14 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"interest"}`)
	l.writes("2026-02-22 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"other"}`)
	l.pays("2026-01-20", "2026-02-04")
	l.until("2026-02-18")
	require.Equal(t, []string{
		"2026-01-11 22:30 answer-interest@2026-01-12T03:30:00Z by sms", "2026-01-12 10:00 answer-fees@2026-01-12T15:00:00Z by sms",
		"2026-01-14 10:00 task answer-interest@2026-01-14T15:00:00Z: the borrower asked the same again; a person answers",
	}, l.lines("answer-"))
}

func TestAnAnswerGoesOutWhereItCanOrAPersonGivesIt(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.at("2026-01-11 09:00", func() { l.person.Points = []contact.Point{{ID: "mail", Channel: contact.Email}} })
	l.writes("2026-01-11 10:00", `{"channel":"sms","intent":"unclear","means":["question"],"topic":"balance"}`)
	l.until("2026-01-13")
	require.Equal(t, []string{"2026-01-11 10:00 answer-balance@2026-01-11T15:00:00Z by email"}, l.lines("answer-"))
}

func TestWhoWritesIsHeardOf(t *testing.T) {
	t.Parallel()
	s := with(t, "{name: notice-2, day: 5, template: notice-2}", "{name: notice-2, day: 5, template: notice-2, quiet_days: 10}")
	l := born(t, terms{dues: []string{"2026-01-20", "2026-06-01"}, strategy: s})
	l.writes("2026-01-22 10:00", `{"channel":"sms","intent":"unclear","means":["thanks"]}`)
	l.until("2026-02-03")
	require.Equal(t, []string{"01-21", "02-01"}, datesOf(l.lines("notice-")))
}

// answered has a borrower ask about something, and returns what the answer is filled in with.
func (l *life) answered(when, about string) map[string]string {
	var fill map[string]string
	l.provider = func(s journey.Step) (journey.Result, string) {
		if s.Template == "answer-"+about {
			fill = s.Fill
		}
		return journey.ResultSent, ""
	}
	l.writes(when, `{"channel":"sms","intent":"unclear","means":["question"],"topic":"`+about+`"}`)
	l.until(day(when[:len(time.DateOnly)]).AddDays(1).String())
	require.NotNil(l.t, fill, "it was not answered")
	return fill
}

// bearing gives the usual loan interest, and a fee for its first installment.
func (l *life) bearing() {
	l.says("2026-01-05 12:00", event.LoanRescheduled, `{"schedule":[{"due":"2026-01-20","principal":"94.00","interest":"4.00","fee":"2.00"},
		{"due":"2026-02-04","principal":"97.00","interest":"3.00"},{"due":"2026-02-19","principal":"109.00","interest":"1.50"}]}`)
}

func TestAnswersNameInterestAndFees(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.bearing()
	l.pays("2026-01-12")
	l.posts("2026-01-13 12:00", event.FeeCharged, "15.00")
	l.posts("2026-01-13 13:00", event.FeeWaived, "5.00")
	fill := l.answered("2026-01-14 12:00", "interest")
	require.Equal(t, "8.50", fill["interest"])
	require.Equal(t, "4.50", fill["interest_left"], "that of the first installment is paid")
	require.NotContains(t, fill, "fees")
	fill = l.answered("2026-01-16 12:00", "fees")
	require.Equal(t, "17.00", fill["fees"], "that of the schedule, and what was charged since")
	require.Equal(t, "10.00", fill["fees_left"], "paid in part, and waived in part")
	require.Equal(t, "220.50", fill["outstanding"])
	require.NotContains(t, l.answered("2026-01-18 12:00", "balance"), "fees")
}

func TestAnAnswerUnderAPlanNamesOnlyWhatIsUnpaid(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.bearing()
	l.inHardship("2026-01-22 12:00")
	l.says("2026-01-24 12:00", event.BorrowerReplied, `{"channel":"sms","intent":"unclear","answer":"yes"}`)
	fill := l.answered("2026-01-27 12:00", "interest")
	require.NotContains(t, fill, "interest", "the plan holds what had been paid before as one sum")
	require.Equal(t, "8.50", fill["interest_left"])
	fill = l.answered("2026-01-29 12:00", "fees")
	require.NotContains(t, fill, "fees")
	require.Equal(t, "2.00", fill["fees_left"])
}
