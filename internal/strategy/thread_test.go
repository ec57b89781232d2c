package strategy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// with returns the shipped strategy with some words of its file replaced.
func with(t *testing.T, pairs ...string) *strategy.Strategy {
	t.Helper()
	text := plain().Text
	for n := 0; n < len(pairs); n += 2 {
		require.Contains(t, text, pairs[n])
		text = strings.Replace(text, pairs[n], pairs[n+1], 1)
	}
	s, err := strategy.Parse("altered.yaml", []byte(text))
	require.NoError(t, err)
	return s
}

func TestAStageBeginsOnItsDay(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-01-20", "2026-06-19"}, strategy: with(t, "grace_days: 0", "grace_days: 2")})
	for _, c := range []struct {
		until  string
		stage  journey.Stage
		bucket string
	}{
		{"2026-01-06", journey.Welcome, "current"},
		{"2026-01-11", journey.Welcome, "current"},
		{"2026-01-13", journey.Current, "current"}, // the seventh day is over
		{"2026-01-17", journey.Current, "current"},
		{"2026-01-18", journey.DueSoon, "current"},      // three days before
		{"2026-01-21", journey.DueSoon, "current"},      // on the day
		{"2026-01-23", journey.Current, "current"},      // past due, but within the days of grace
		{"2026-01-24", journey.EarlyArrears, "1-29"},    // the first delinquent day
		{"2026-02-20", journey.EarlyArrears, "1-29"},    // the 29th
		{"2026-02-21", journey.EarlyArrears, "1-29"},    // still
		{"2026-02-22", journey.LateArrears, "30-59"},    // the 30th
		{"2026-03-09", journey.LateArrears, "30-59"},    // the 45th
		{"2026-03-10", journey.PreChargeOff, "30-59"},   // the 46th
		{"2026-03-24", journey.PreChargeOff, "60-89"},   // the 60th
		{"2026-07-30", journey.PreChargeOff, "180+"},    // with another one past due, the oldest counts
		{"2027-07-30", journey.PreChargeOff, "180+"},    // for ever
		{"2027-08-01", journey.ChargedOff, "180+"},      // until the lending system says so
		{"2027-08-03", journey.PreChargeOff, "unknown"}, // the end of the table
	} {
		if c.bucket == "unknown" {
			break
		}
		if c.stage == journey.ChargedOff {
			l.says("2027-07-30 12:00", event.LoanWrittenOff, `{"on":"2027-07-30"}`)
		}
		l.until(c.until) // so that the day before it has been lived
		require.Equal(t, c.stage, l.last.Stage, "on the day before %s", c.until)
		require.Equal(t, c.bucket, l.last.Bucket, "on the day before %s", c.until)
	}
}

func TestTheLadderBeginsAnewWhenTheOldestInstallmentIsPaid(t *testing.T) {
	t.Parallel()
	// The case in which Kill Bill (issue 2297) sends nothing on 06-07, the second notice on 06-10, and the first one never.
	thresholds := with(t, "min_gap_days: 3", "min_gap_days: 1", "day: 1, template: notice-1", "day: 5, template: notice-1",
		"day: 5, template: notice-2", "day: 7, template: notice-2", "day: 12, template: notice-3", "day: 11, template: notice-3")
	dues := []string{"2026-05-31", "2026-06-02", "2026-06-03"}
	l := born(t, terms{dues: dues, strategy: thresholds, at: "2026-05-20 10:00"})
	l.pays("2026-06-02")
	l.until("2026-06-15")
	require.Equal(t, []string{
		"2026-06-07 09:46 notice-1@2026-06-02 by sms", "2026-06-09 08:01 notice-2@2026-06-02 by sms", "2026-06-13 10:05 notice-3@2026-06-02 by sms",
	}, l.lines("notice-"))

	l = born(t, terms{dues: dues, strategy: thresholds, at: "2026-05-20 10:00"})
	l.until("2026-06-12")
	require.Equal(t, []string{
		"2026-06-05 08:52 notice-1@2026-05-31 by sms", "2026-06-07 08:48 notice-2@2026-05-31 by sms", "2026-06-11 09:52 notice-3@2026-05-31 by sms",
	}, l.lines("notice-"), "with nothing paid")
}

func TestAPaymentThatComesBackLaterBeginsTheLadderAnew(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.pays("2026-02-02") // after the third notice
	l.posts("2026-02-28 12:00", event.PaymentReversed, "100.00", "2026-02-02")
	l.pays("2026-02-04", "2026-02-19")
	l.until("2026-04-10")
	require.Equal(t, []string{
		"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-25 10:52 notice-2@2026-01-20 by sms", "2026-02-01 11:35 notice-3@2026-01-20 by sms",
		"2026-02-28 12:00 ← payment.reversed",
		"2026-03-01 09:11 notice-1@2026-02-19 by sms", "2026-03-05 12:02 notice-2@2026-02-19 by sms", "2026-03-12 11:59 notice-3@2026-02-19 by sms",
		"2026-03-25 09:57 notice-4@2026-02-19 by sms",
	}, l.lines("notice-", "reversed", "tell"))
}

func TestAReversalThatIsCorrectedOnTheSameDayIsNotWrittenAbout(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-01-20", "2026-06-20"}})
	l.pays("2026-01-25")
	l.posts("2026-03-25 12:00", event.PaymentReversed, "100.00")
	l.posts("2026-03-25 12:01", event.PaymentPosted, "100.00")
	l.until("2026-03-26")
	require.Equal(t, []string{
		"2026-03-25 12:00 ← payment.reversed", "2026-03-25 12:00   (pre charge off, 60-89)",
		"2026-03-25 12:01 ← payment.posted", "2026-03-25 12:01   (current, current)",
	}, l.lines("2026-03-25"))
}

func TestWhoHasMoneyOnItsWayIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.posts("2026-01-20 15:00", event.PaymentPosted, "100.00", "2026-01-23")
	l.until("2026-01-31")
	require.Equal(t, []string{
		"2026-01-20 15:00 ← payment.posted",
		"2026-01-21 00:00   (early arrears, 1-29)",
		"2026-01-23 00:00   (current, current)", // its value date comes without any event
	}, l.lines("← payment", "notice", "(early", "(current, current)", "back-on-track")[1:])
}

func TestWhoPaysAPartIsNotWrittenToAtOnce(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.paysPart("2026-01-24 09:00", "60.00")
	l.until("2026-02-01")
	require.Equal(t, []string{"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-27 10:52 notice-2@2026-01-20 by sms"}, l.lines("notice-"))
}

func TestAPromiseRestsTheLadder(t *testing.T) {
	t.Parallel()
	promise := func(l *life, when, by string) {
		l.says(when, event.PromiseMade, fmt.Sprintf(`{"promise":"P-%s","amount":"100.00","currency":"USD","by":%q}`, by, by))
	}
	for name, c := range map[string]struct {
		plan    func(*life)
		notices []string
	}{
		"made in arrears": {
			func(l *life) { promise(l, "2026-01-22 12:00", "2026-01-28") },
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-31 10:40 promise-missed@P-2026-01-28 by sms"},
		},
		"made before the due date, for after it": {
			func(l *life) { promise(l, "2026-01-18 12:00", "2026-01-28") },
			[]string{"2026-01-31 10:40 promise-missed@P-2026-01-28 by sms"},
		},
		"about an installment before": {
			func(l *life) { promise(l, "2026-01-12 12:00", "2026-01-19") },
			[]string{
				"2026-01-22 09:07 promise-missed@P-2026-01-19 by sms", "2026-01-25 09:33 notice-1@2026-01-20 by sms",
				"2026-01-29 10:52 notice-2@2026-01-20 by sms",
			},
		},
		"made anew, for earlier": {
			func(l *life) {
				l.says("2026-01-22 12:00", event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-20"}`)
				l.says("2026-01-23 12:00", event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-01-28"}`)
			},
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-31 09:12 promise-missed@P-1 by sms"},
		},
		"kept": {
			func(l *life) { promise(l, "2026-01-22 12:00", "2026-01-28"); l.pays("2026-01-28") },
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by sms"},
		},
		"for never": {
			func(l *life) { promise(l, "2026-01-22 12:00", "9999-12-31") },
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by sms"},
		},
	} {
		l := born(t)
		c.plan(l)
		l.until("2026-02-01")
		require.Equal(t, c.notices, l.lines("notice-", "promise-missed"), name)
	}
}

func TestALoanIsThankedOnce(t *testing.T) {
	t.Parallel()
	thanks := func(l *life) []string { return l.lines("thank-you", "close:") }
	t.Run("though the lending system says so too", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.pays("2026-01-15")
		l.posts("2026-01-30 22:00", event.PaymentPosted, "200.00") // too late for today
		l.says("2026-01-31 07:00", event.LoanSettled, `{"on":"2026-01-31"}`)
		l.posts("2026-01-31 07:30", event.PaymentPosted, "5.00")
		l.posts("2026-01-31 07:40", event.PaymentRefunded, "5.00")
		l.until("2026-03-01")
		require.Equal(t, []string{"2026-01-31 08:17 thank-you@2026-01-30 by sms", "2026-01-31 08:17 close: settled"}, thanks(l))
	})
	t.Run("though postings follow that begin its journey again", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.paysPart("2026-01-30", "300.00")
		for _, when := range []string{"2026-02-02 12:00", "2026-02-09 12:00"} {
			l.posts(when, event.PaymentPosted, "5.00")
		}
		l.until("2026-03-01")
		require.Equal(t, []string{
			"2026-01-30 12:00 thank-you@2026-01-30 by sms", "2026-01-30 12:00 close: settled", "2026-02-02 12:00 close: settled", "2026-02-09 12:00 close: settled",
		}, thanks(l))
	})
	t.Run("and again when it was opened again and is paid again", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.paysPart("2026-01-30", "300.00")
		l.posts("2026-03-02 12:00", event.PaymentReversed, "300.00")
		l.paysPart("2026-03-09", "300.00")
		l.until("2026-04-01")
		require.Equal(t, []string{
			"2026-01-30 12:00 thank-you@2026-01-30 by sms", "2026-01-30 12:00 close: settled",
			"2026-03-09 12:00 thank-you@2026-03-09 by sms", "2026-03-09 12:00 close: settled",
		}, thanks(l))
		notices := l.lines("notice-")
		require.Contains(t, notices[len(notices)-2], "2026-03-03", "a night is slept on it")
		require.Contains(t, notices[len(notices)-2], "notice-1@2026-01-30", "the ladder begins with the first notice")
	})
	t.Run("though the last payment was booked late", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.posts("2026-02-18 12:00", event.PaymentPosted, "300.00", "2026-01-20")
		l.until("2026-04-01")
		require.Equal(t, []string{"2026-02-18 12:00 thank-you@2026-02-18 by sms", "2026-02-18 12:00 close: settled"}, thanks(l))
	})
	t.Run("unless nothing may be said for a week", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.wishes("2026-01-06 12:00", event.BorrowerReplied, contact.Wish{})
		l.paysPart("2026-01-30", "300.00")
		l.until("2026-04-01")
		require.Equal(t, []string{"2026-01-30 12:00 close: settled"}, thanks(l))
	})
	t.Run("unless no provider takes it", func(t *testing.T) {
		t.Parallel()
		l := born(t)
		l.paysPart("2026-01-30", "300.00")
		l.provider = func(journey.Step) (journey.Result, string) { return journey.ResultFailed, "provider_503" }
		l.until("2026-04-01")
		require.Equal(t, []string{
			"2026-01-30 12:00 thank-you@2026-01-30 by sms failed", "2026-01-30 13:00 thank-you@2026-01-30 by sms failed",
			"2026-01-30 15:00 thank-you@2026-01-30 by sms failed", "2026-01-30 19:00 thank-you@2026-01-30 by sms failed",
			"2026-01-30 19:00 close: settled",
		}, thanks(l))
	})
}

func TestASettledLoanOwesNothing(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.says("2026-02-27 20:30", event.LoanSettled, `{"on":"2026-02-27"}`)
	l.wishes("2026-02-27 20:30", event.BorrowerReplied, contact.Wish{})
	l.until("2026-03-01")
	require.True(t, l.over)
	require.Equal(t, journey.Closed, l.last.Stage)
	require.Equal(t, "current", l.last.Bucket)
	require.True(t, l.last.Arrears.IsZero())
	require.Equal(t, "0.00", l.why.Outstanding)
	require.Equal(t, "", l.facts.Journey.Last.Attributes["PastDueSince"])
	require.Equal(t, "", l.facts.Journey.Last.Attributes["NextStepAt"])
}

func TestNobodyIsThankedForAPaymentThatWasNotMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan   func(*life)
		thanks bool
	}{
		"a payment":       {func(l *life) { l.pays("2026-01-23") }, true},
		"a payment, late": {func(l *life) { l.posts("2026-01-23 12:00", event.PaymentPosted, "100.00", "2026-01-19") }, true},
		"a waiver":        {func(l *life) { l.posts("2026-01-23 12:00", event.FeeWaived, "100.00") }, false},
		"a part, a waiver": {func(l *life) {
			l.paysPart("2026-01-22", "90.00")
			l.posts("2026-01-23 12:00", event.FeeWaived, "10.00")
		}, true},
		"a new schedule": {
			func(l *life) {
				l.says("2026-01-23 12:00", event.LoanRescheduled, `{"schedule":[{"due":"2026-03-20","principal":"300.00"}]}`)
			}, false,
		},
	} {
		l := born(t)
		c.plan(l)
		l.until("2026-01-31")
		require.Equal(t, c.thanks, len(l.lines("back-on-track")) == 1, name)
		require.Len(t, l.lines("notice-"), 1, name)
	}
}

func TestWhoWasNotWrittenToIsNotThanked(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.paysPart("2026-01-21 07:00", "100.00") // past due since midnight, and nobody said so
	l.until("2026-01-31")
	require.Empty(t, l.lines("back-on-track", "notice-"))
}

func TestAFailingProviderIsTriedAgainAndThenAPersonSeesToIt(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.provider = func(s journey.Step) (journey.Result, string) {
		if s.Purpose == contact.Collection {
			return journey.ResultFailed, "provider_503"
		}
		return journey.ResultSent, ""
	}
	l.until("2026-01-31")
	require.Equal(t, []string{
		"2026-01-21 09:33 notice-1@2026-01-20 by sms failed",
		"2026-01-21 10:33 notice-1@2026-01-20 by sms failed",
		"2026-01-21 12:33 notice-1@2026-01-20 by sms failed",
		"2026-01-21 16:33 notice-1@2026-01-20 by sms failed",
		"2026-01-21 16:33 task notice-1@2026-01-20: it failed too often",
	}, l.lines("notice-"), "and nothing more until the person has done it")
}

func TestAFollowUpThatIsGivenUpIsNotTheLastOne(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-12-20"}})
	l.provider = func(journey.Step) (journey.Result, string) {
		if l.now.Before(l.clock("2026-02-01")) {
			return journey.ResultFailed, "provider_503"
		}
		return journey.ResultSent, ""
	}
	l.until("2026-04-01")
	require.Equal(t, []string{"2026-02-07 08:09 follow-up@2026-02-07 by sms", "2026-02-28 10:52 follow-up@2026-02-28 by sms"}, l.lines("by sms")[len(l.lines("by sms"))-2:])
	require.Len(t, l.lines("failed"), 12, "welcome, first week and one follow-up, four times each")
}

func TestWhatBouncesGoesOutOnTheNextChannel(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.provider = func(s journey.Step) (journey.Result, string) {
		if s.Key == "notice-1@2026-01-20" && s.Channel == contact.SMS || s.Key == "notice-2@2026-01-20" {
			return journey.ResultBounced, "hard"
		}
		return journey.ResultSent, ""
	}
	l.until("2026-02-10")
	require.Equal(t, []string{
		"2026-01-21 09:33 notice-1@2026-01-20 by sms bounced", "2026-01-21 10:33 notice-1@2026-01-20 by email",
		"2026-01-25 10:52 notice-2@2026-01-20 by email bounced", "2026-01-25 11:52 task notice-2@2026-01-20: no channel is permitted",
	}, l.lines("notice-"))
}

func TestANoticeThatTurnsOutToHaveFailedWasNotMade(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.fails("2026-01-22 15:00", "notice-1@2026-01-20")
	l.until("2026-02-01")
	require.Equal(t, []string{
		"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-22 16:00 notice-1@2026-01-20 by sms", "2026-01-26 10:52 notice-2@2026-01-20 by sms",
	}, l.lines("notice-"))

	l = born(t)
	l.fails("2026-01-26 15:00", "notice-1@2026-01-20") // when the second one has been read already
	l.until("2026-02-02")
	require.Equal(t, []string{
		"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-25 10:52 notice-2@2026-01-20 by sms", "2026-02-01 11:35 notice-3@2026-01-20 by sms",
	}, l.lines("notice-"))
}

func TestTheNextContactPointOfAChannelIsTriedBeforeTheNextChannel(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.person.Points = append(l.person.Points, contact.Point{ID: "private", Channel: contact.SMS, Rank: 1})
	l.wishes("2026-01-06 12:00", event.ConsentRevoked, contact.Wish{Point: "mobile"})
	l.until("2026-01-12")
	require.Equal(t, "private", l.person.Attempts[1].Point)
	require.Equal(t, contact.SMS, l.person.Attempts[1].Channel)
}

func TestASupersededStepWaitsForItsEvent(t *testing.T) {
	t.Parallel()
	superseded := func(l *life) {
		l.provider = func(s journey.Step) (journey.Result, string) {
			if s.Key == "notice-1@2026-01-20" && l.number == 1 {
				return journey.ResultSuperseded, fmt.Sprint(l.number)
			}
			return journey.ResultSent, ""
		}
	}
	l := born(t)
	superseded(l)
	l.at("2026-01-21 09:34", func() { l.happens(event.ContactRecorded, `{}`) })
	l.until("2026-01-22")
	require.Equal(t, []string{
		"09:33:49  notice-1@2026-01-20 by sms superseded",
		"09:33:51  notice-1@2026-01-20 by sms superseded", // two seconds later, then four
		"09:33:55  notice-1@2026-01-20 by sms superseded",
		"09:34:00  ← contact.recorded",
		"09:34:00  notice-1@2026-01-20 by sms",
	}, tails(l, "notice-", "contact.recorded"), "it goes on as soon as the event has come")

	l = born(t)
	superseded(l)
	l.pays("2026-01-21 09:34")
	l.until("2026-01-22")
	require.Empty(t, l.made["notice-1@2026-01-20"], "and does not, when that was the payment")

	l = born(t)
	superseded(l)
	l.until("2026-01-23")
	require.Less(t, len(l.lines("superseded")), 170, "an event that stays away does not make a day of it")
	require.Greater(t, len(l.lines("superseded")), 20)
}

// tails are the lines of a story that hold one of some words, without their dates.
func tails(l *life, parts ...string) (found []string) {
	for _, line := range l.story {
		for _, part := range parts {
			if strings.Contains(line, part) {
				found = append(found, line[15:])
			}
		}
	}
	return found
}

func TestWhatAReservationHeldBackDoesNotComeBackAtOnce(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.provider = func(s journey.Step) (journey.Result, string) {
		if s.Purpose == contact.Collection {
			return journey.ResultHeld, "tender/contact-point" // which the decision cannot see
		}
		return journey.ResultSent, ""
	}
	l.until("2026-01-22")
	held := tails(l, "held")
	require.Equal(t, []string{"09:33:49", "09:34:49", "09:36:49", "09:40:49", "09:48:49", "10:04:49", "10:36:49", "11:36:49"}, clocks(held[:8]))
	require.Len(t, held, 17, "once an hour, until the evening")
}

func clocks(lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, line[:8])
	}
	return all
}

func TestFollowUpsGrowRarerWhileAllIsWell(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2027-12-20"}})
	l.until("2027-01-01")
	require.Equal(t, []string{
		"2026-01-10 10:34 first-week@2026-01-05 by sms", "2026-01-24 09:31 follow-up@2026-01-24 by sms", "2026-02-14 12:08 follow-up@2026-02-14 by sms",
		"2026-03-21 10:04 follow-up@2026-03-21 by sms", "2026-05-20 09:01 follow-up@2026-05-20 by sms", "2026-07-19 10:56 follow-up@2026-07-19 by sms",
		"2026-09-17 08:41 follow-up@2026-09-17 by sms", "2026-11-16 10:01 follow-up@2026-11-16 by sms",
	}, l.lines("first-week", "follow-up"))
}

func TestAfterArrearsFollowUpsComeOftenerAgain(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-04-10", "2026-12-20"}})
	l.pays("2026-04-14")
	l.until("2026-06-15")
	require.Equal(t, []string{"01-10", "01-24", "02-14", "03-21", "04-28", "05-19"}, dates(l.lines("first-week", "follow-up")),
		"14 days after all was well again, and then 21")
}

func TestFollowUpsStayAwayFromDueDates(t *testing.T) {
	t.Parallel()
	for due, sent := range map[string]string{
		"2026-01-22": "2026-01-24", "2026-01-23": "2026-01-25", "2026-01-24": "2026-01-26", "2026-01-28": "2026-01-30", "2026-01-29": "2026-01-24",
	} {
		l := born(t, terms{dues: []string{due, "2026-12-01"}})
		l.pays("2026-01-21 10:00")
		l.until("2026-02-05")
		require.Contains(t, l.lines("follow-up")[0], sent, "due on %s", due)
	}
	l := born(t, terms{dues: []string{"2026-02-28", "2026-12-01"}})
	l.holds("2026-01-20 10:00", "H-1", contact.DisputeOpen)
	l.releases("2026-02-25 10:00", "H-1")
	l.pays("2026-02-25 09:00")
	l.until("2026-03-05")
	require.Contains(t, l.lines("follow-up")[0], "2026-03-02", "one that was held back does not land on a due date either")
}

func TestTheFirstFollowUpGivesWayToAReminder(t *testing.T) {
	t.Parallel()
	for due, want := range map[string][]string{
		"2026-01-10": {"2026-01-07 08:51 reminder-ahead@2026-01-10 by sms", "2026-01-10 09:07 reminder-due@2026-01-10 by sms", "2026-01-11 10:34 first-week@2026-01-05 by sms"},
		"2026-01-13": {"2026-01-10 09:51 reminder-ahead@2026-01-13 by sms", "2026-01-11 10:34 first-week@2026-01-05 by sms", "2026-01-13 08:43 reminder-due@2026-01-13 by sms"},
	} {
		l := born(t, terms{dues: []string{due, "2026-12-01"}})
		l.paysPart(due+" 20:00", "100.00")
		l.until("2026-01-15")
		got := l.lines("reminder", "first-week")
		require.Len(t, got, len(want))
		for n := range want {
			require.Equal(t, want[n][:10]+want[n][16:], got[n][:10]+got[n][16:])
		}
	}
}

func TestRemindersComeBeforeEachDueDateUnlessItIsPaid(t *testing.T) {
	t.Parallel()
	// Ends of months: three days before 1 March is 26 February.
	l := born(t, terms{dues: []string{"2026-01-31", "2026-03-01", "2026-03-31"}})
	l.pays("2026-01-29", "2026-03-01 15:00", "2026-03-31 20:00")
	l.until("2026-04-02")
	require.Equal(t, []string{"01-28", "02-26", "03-01", "03-28", "03-31"}, dates(l.lines("reminder")))
	for n, key := range []string{
		"reminder-ahead@2026-01-31", "reminder-ahead@2026-03-01", "reminder-due@2026-03-01", "reminder-ahead@2026-03-31", "reminder-due@2026-03-31",
	} {
		require.Contains(t, l.lines("reminder")[n], key)
	}
}

func dates(lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, line[5:10])
	}
	return all
}

func TestAReminderWhoseTimeHasPassedIsNotMadeUpFor(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.down[0], l.down[1] = l.clock("2026-01-16 12:00"), l.clock("2026-01-20 07:00")
	l.until("2026-01-21")
	require.Equal(t, []string{"2026-01-20 08:36 reminder-due@2026-01-20 by sms"}, l.lines("reminder"))
}

func TestTwoLoansOfOneBorrowerShareTheDay(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-01-20"}})
	l.at("2026-01-06 10:00", func() { l.loan("L-2", terms{dues: []string{"2026-01-20"}}) })
	l.until("2026-02-20")
	perDay, week := map[string]int{}, []time.Time{}
	for _, a := range l.person.Attempts {
		perDay[a.At.In(l.zone).Format(time.DateOnly)]++
		if a.Purpose == contact.Collection {
			week = append(week, a.At)
		}
	}
	for date, count := range perDay {
		require.Equal(t, 1, count, date)
	}
	for n := range week[3:] {
		require.GreaterOrEqual(t, week[n+3].Sub(week[n]), 6*24*time.Hour, "at most three in seven days")
	}
	for _, life := range l.lives {
		for _, level := range []string{"notice-1", "notice-2", "notice-3"} {
			require.NotEmpty(t, life.made[level+"@2026-01-20"], "%s of %s", level, life.facts.Journey.Loan)
		}
	}
}

func TestNothingIsSaidUntilTheEndOfAHold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan func(*life)
		want []string
	}{
		"one that ends by itself, as it may for many loans at once": {
			func(l *life) { l.holds("2026-01-20 18:00", "H-1", contact.BreathingSpace, "2026-02-10 15:00") },
			[]string{"2026-02-10 16:53 notice-1@2026-01-20 by sms"},
		},
		"one that a person ends": {
			func(l *life) {
				l.holds("2026-01-20 18:00", "H-1", contact.BreathingSpace)
				l.releases("2026-02-10 15:00", "H-1")
			},
			[]string{"2026-02-10 15:00 notice-1@2026-01-20 by sms"},
		},
		"one that ends at night": {
			func(l *life) { l.holds("2026-01-20 18:00", "H-1", contact.BreathingSpace, "2026-02-10 03:00") },
			[]string{"2026-02-10 09:33 notice-1@2026-01-20 by sms"},
		},
		"two, one after the other": {
			func(l *life) {
				l.holds("2026-01-20 18:00", "H-1", contact.BreathingSpace, "2026-01-30 15:00")
				l.holds("2026-01-22 18:00", "H-2", contact.MHCrisis, "2026-02-10 15:00")
			},
			[]string{"2026-02-10 16:53 notice-1@2026-01-20 by sms"},
		},
		"not even by a person, though a wish leaves no channel": {
			func(l *life) {
				l.wishes("2026-01-20 12:00", event.BorrowerReplied, contact.Wish{})
				l.holds("2026-01-20 18:00", "H-1", contact.BreathingSpace, "2026-02-10 15:00")
			},
			[]string{"2026-02-10 15:00 task notice-1@2026-01-20: no channel is permitted"},
		},
		"not even when there is nothing to reach the borrower at": {
			func(l *life) {
				l.holds("2026-01-20 18:00", "H-1", contact.DeceasedHold)
				l.at("2026-01-20 18:00", func() { l.person.Points = nil; l.happens(event.BorrowerUpdated, `{}`) })
			},
			[]string{},
		},
		"a hold on one number leaves the others": {
			func(l *life) {
				l.at("2026-01-20 18:00", func() {
					l.person.Holds = []contact.Hold{{ID: "H-1", Kind: contact.WrongNumberHold, Point: "mobile", From: l.now}}
					l.happens(event.HoldPlaced, `{"hold":"H-1","kind":"wrong_number","point":"mobile"}`)
				})
			},
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by email", "2026-01-25 10:52 notice-2@2026-01-20 by email", "2026-02-01 11:35 notice-3@2026-01-20 by email"},
		},
		"a hold on the only number leaves a person": {
			func(l *life) {
				l.at("2026-01-20 18:00", func() {
					l.person.Points = l.person.Points[:1]
					l.person.Holds = []contact.Hold{{ID: "H-1", Kind: contact.ThirdPartyRefused, Point: "mobile", From: l.now}}
					l.happens(event.HoldPlaced, `{"hold":"H-1","kind":"third_party_refused","point":"mobile"}`)
				})
			},
			[]string{"2026-01-21 09:33 task notice-1@2026-01-20: no channel is permitted"},
		},
		"a hold on another loan does not matter": {
			func(l *life) {
				l.at("2026-01-20 18:00", func() {
					l.person.Holds = []contact.Hold{{ID: "H-1", Kind: contact.DisputeOpen, Loan: "L-2", From: l.now}}
				})
			},
			[]string{"2026-01-21 09:33 notice-1@2026-01-20 by sms", "2026-01-25 10:52 notice-2@2026-01-20 by sms", "2026-02-01 11:35 notice-3@2026-01-20 by sms"},
		},
	} {
		l := born(t)
		c.plan(l)
		l.until("2026-02-12")
		require.ElementsMatch(t, c.want, l.lines("notice-"), name)
	}
}

func TestTheEndOfAVeryLongHoldIsNotSleptThrough(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.holds("2026-01-20 18:00", "H-1", contact.VulnerablePause, "2028-01-10 15:00")
	l.until("2028-01-12")
	require.Equal(t, []string{"2028-01-10 16:53 notice-1@2026-01-20 by sms"}, l.lines("notice-"))
	require.Len(t, l.lines("tell the lending system"), 1, "and the duty was done in the meantime")
}

func TestADebtFeedThatDiedIsNotBelieved(t *testing.T) {
	t.Parallel()
	l := born(t, terms{watermarks: true})
	l.closesBooks("2026-01-21 01:00", "2026-01-20")
	l.until("2026-04-10")
	require.Equal(t, []string{"2026-01-21 09:33 notice-1@2026-01-20 by sms"}, l.lines("notice-"), "what came since then is not known")
	require.Empty(t, l.lines("tell the lending system"))
	require.Equal(t, strategy.ReasonStaleLedger, l.last.Step.Reason)
	held := l.why.HeldBack()
	require.Equal(t, "tender/stale-ledger", held[len(held)-1].Rule)
	l.closesBooks("2026-04-10 09:00", "2026-04-09")
	l.until("2026-04-11")
	require.Equal(t, []string{"2026-04-10 11:52 notice-2@2026-01-20 by sms"}, l.lines("notice-")[1:], "and then it goes on where it was")
	require.Len(t, l.lines("tell the lending system"), 1)
}

func TestWhatIsWrittenOffIsNotReportedAsDue(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.says("2026-02-20 12:00", event.LoanWrittenOff, `{"on":"2026-02-20"}`)
	l.until("2026-06-01")
	require.Empty(t, l.lines("tell the lending system", "notice-5"), "and the borrower is left in peace")
	require.Equal(t, journey.ChargedOff, l.last.Stage)
}

func TestAHardshipOfLongAgoIsNotTakenUpAgainWhenItIsForgotten(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2028-01-20"}})
	l.says("2026-01-12 12:00", event.HardshipReported, `{"cause":"illness"}`)
	l.until("2026-02-01")
	require.Len(t, l.lines("task"), 1)
	l.at("2027-06-01 12:00", func() {
		l.facts.Journey.Done = slices.DeleteFunc(l.facts.Journey.Done, func(d journey.Done) bool { return d.At.Before(l.clock("2026-03-01")) })
		l.happens(event.ContactRecorded, `{}`)
	})
	l.until("2027-07-01")
	require.Len(t, l.lines("task"), 1)
}

func TestEventsThatWereOvertakenAndRefusedAreCounted(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.hears(3, event.ContactRecorded, `{}`)
	l.hears(5, event.ContactRecorded, `{}`)
	l.decide()
	require.EqualValues(t, 1, l.last.Number)
	require.Equal(t, []int64{3, 5}, l.last.Ahead)
	l.facts.Refused = []int64{2}
	l.decide()
	require.EqualValues(t, 3, l.last.Number)
	require.Equal(t, []int64{5}, l.last.Ahead)
}

func TestBeforeItsLoanIsKnownAJourneyWaits(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]event.Event{
		"nothing came":                 nil,
		"a payment came first":         {{Type: event.PaymentPosted, Number: 2, Data: []byte(`{"transaction":"T","amount":"1","currency":"USD","value_date":"2026-01-05"}`)}},
		"a fee came first":             {{Type: event.FeeCharged, Number: 2, Data: []byte(`{"transaction":"T","amount":"1","currency":"USD","value_date":"2026-01-05"}`)}},
		"a settlement came first":      {{Type: event.LoanSettled, Number: 2, Data: []byte(`{"on":"2026-01-05"}`)}},
		"a disbursement says nothing":  {{Type: event.LoanDisbursed, Number: 1, Data: []byte(`{}`)}},
		"a disbursement has no dates":  {{Type: event.LoanDisbursed, Number: 1, Data: []byte(`{"currency":"USD","schedule":[{"due":"2026-02-01","principal":"1"}]}`)}},
		"a disbursement no repayments": {{Type: event.LoanDisbursed, Number: 1, Data: []byte(`{"currency":"USD","disbursed_on":"2026-01-05"}`)}},
	} {
		w := &world{t: t, zone: newYork, now: time.Date(2026, 3, 5, 10, 0, 0, 0, newYork)}
		l := &life{world: w, made: map[string]time.Time{}, facts: strategy.Facts{
			Strategy: plain(), Rules: library().For("us"), Served: contact.Channels, Journey: journey.Journey{Loan: "L-1", Clock: bizclock.Real},
		}}
		for n := range events {
			events[n].At = w.now
		}
		l.facts.Journey.Apply(events...)
		l.decide()
		require.Equal(t, journey.Wait, l.last.Step.Kind, name)
		require.Equal(t, "not_disbursed", l.last.Step.Reason, name)
		require.True(t, l.last.Wake.IsZero(), name)
	}
}

var newYork = place("America/New_York")

func TestNoLateFeeIsChargedUnderAnyHold(t *testing.T) {
	t.Parallel()
	for _, kind := range contact.HoldKinds {
		l := born(t, terms{lateFee: `{"amount":"5.00","after_days":5}`})
		l.holds("2026-01-10 12:00", "H-1", kind, "2026-04-01")
		l.until("2026-03-25")
		require.Empty(t, l.lines("late-fee@"), kind)
	}
	l := born(t, terms{lateFee: `{"amount":"5.00","after_days":5}`})
	l.until("2026-03-25")
	require.Len(t, l.lines("late-fee@"), 3)
}

func TestAQuestionThatWaitsForTheBooksIsLookedAtWhenItsTimeHasPassed(t *testing.T) {
	t.Parallel()
	l := born(t, terms{watermarks: true, dues: []string{"2026-01-20"}})
	l.probe = func(_, until time.Time) time.Time { return until.Add(-time.Second) }
	l.says("2026-01-21 12:00", event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-01-24"}`)
	l.until("2026-02-20")
	require.NotContains(t, l.made, "promise-missed@P-1")
	n := slices.IndexFunc(l.why.Considered, func(c strategy.Considered) bool { return c.Key == "promise-missed@P-1" })
	require.Less(t, n, 0, "it is asked no more")
}

func TestAFollowUpOnTheFirstClearDayKeepsItsMomentFarFromTheContract(t *testing.T) {
	t.Parallel()
	l := born(t, terms{zone: "Pacific/Kiritimati", zones: []string{"UTC"}, dues: []string{"2026-02-04", "2026-03-06"}, where: "de"})
	l.probe = func(from, until time.Time) time.Time { return from.Add(until.Sub(from) / 2) }
	l.pays("2026-01-12")
	l.holds("2026-01-14 23:00", "H-1", contact.BreathingSpace, "2026-02-01")
	l.wishes("2026-02-06 00:30", event.BorrowerReplied, contact.Wish{Allowed: true, Channel: contact.SMS})
	l.until("2026-02-20")
	require.Equal(t, []string{"2026-02-07 01:31 follow-up@2026-01-24 by sms"}, l.lines("follow-up@"))
}

func TestARefundThatCountsFromADateToComeIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := born(t, terms{dues: []string{"2026-01-20"}})
	l.pays("2026-01-12")
	l.posts("2026-01-13 12:00", event.PaymentRefunded, "40.00", "2026-01-28")
	l.until("2026-01-31")
	require.False(t, l.over)
	require.Equal(t, []string{"2026-01-29 09:33 notice-1@2026-01-20 by sms"}, l.lines("notice-"), "%v", l.story)
	l.says("2026-02-01 12:00", event.LoanSettled, `{"on":"2026-02-01"}`)
	l.until("2026-03-01")
	require.True(t, l.over)
}

func TestAStopAtNightIsConfirmedAtNight(t *testing.T) {
	t.Parallel()
	l := born(t)
	l.wishes("2026-01-12 23:30", event.BorrowerReplied, contact.Wish{})
	l.until("2026-01-14")
	require.Equal(t, []string{"2026-01-12 23:30 stop-confirmed@2026-01-13T04:30:00Z by sms"}, l.lines("stop-confirmed"))
}
