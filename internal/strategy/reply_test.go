package strategy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
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
