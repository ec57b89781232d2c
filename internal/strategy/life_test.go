package strategy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/strategy"
)

// lives are told as stories, each in a file of testdata/lives.
var lives = map[string]func(*testing.T) *life{
	"never pays": func(t *testing.T) *life {
		l := born(t)
		l.says("2026-03-23 10:00", event.LoanWrittenOff, `{"on":"2026-03-23"}`)
		l.until("2026-12-01")
		return l
	},
	"pays early": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-15", "2026-01-30", "2026-02-14")
		l.until("2026-06-01")
		return l
	},
	"pays on the day": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-20", "2026-02-04", "2026-02-19")
		l.until("2026-06-01")
		return l
	},
	"forgets once": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-22", "2026-02-03", "2026-02-18")
		l.until("2026-06-01")
		return l
	},
	"pays after the second notice": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-27", "2026-02-03", "2026-02-18")
		l.until("2026-06-01")
		return l
	},
	"is charged late fees, and one is undone": func(t *testing.T) *life {
		l := born(t, terms{lateFee: `{"rate":"0.05","after_days":5,"cap_in_all":"7.00"}`, watermarks: true})
		l.closesBooks("2026-01-21 06:00", "2026-01-20")
		l.closesBooks("2026-01-29 06:00", "2026-01-28") // the books of the day on which it was charged are closed late
		l.posts("2026-02-02 12:00", event.PaymentPosted, "60.00", "2026-01-24")
		l.posts("2026-02-05 12:00", event.PaymentPosted, "40.00", "2026-01-25")
		l.closesBooks("2026-02-28 06:00", "2026-02-27")
		l.pays("2026-03-02", "2026-03-03")
		l.paysPart("2026-03-04", "7.00")
		l.until("2026-06-01")
		return l
	},
	"pays in parts": func(t *testing.T) *life {
		l := born(t)
		l.paysPart("2026-01-19", "60.00")
		l.paysPart("2026-01-22", "40.00")
		l.paysPart("2026-02-06", "50.00")
		l.paysPart("2026-02-23", "100.00")
		l.paysPart("2026-03-02", "50.00")
		l.until("2026-06-01")
		return l
	},
	"is late every month": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-23", "2026-02-12", "2026-03-05")
		l.until("2026-06-01")
		return l
	},
	"settles early": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-20")
		l.says("2026-01-28 11:00", event.LoanSettled, `{"on":"2026-01-28","reason":"early_settlement"}`)
		l.until("2026-06-01")
		return l
	},
	"answers stop": func(t *testing.T) *life {
		l := born(t)
		l.wishes("2026-01-10 18:00", event.BorrowerReplied, contact.Wish{})
		l.says("2026-02-02 16:00", event.CallCompleted, `{"task":"t-notice-1@2026-01-20","disposition":"right_party"}`)
		l.until("2026-06-01")
		return l
	},
	"disputes, is held and is released": func(t *testing.T) *life {
		l := born(t)
		l.holds("2026-01-22 15:00", "D-1", contact.DisputeOpen)
		l.releases("2026-02-10 15:00", "D-1")
		l.paysPart("2026-02-20", "300.00")
		l.until("2026-06-01")
		return l
	},
	"is not written to while contacts are halted": func(t *testing.T) *life {
		l := born(t)
		l.halts("2026-01-16 08:00", contact.Halt{ID: "HALT-1", Channel: contact.SMS})
		l.halts("2026-01-20 12:00", contact.Halt{ID: "HALT-2"})
		l.resumes("2026-01-24 12:00", "HALT-2")
		l.halts("2026-01-26 08:00", contact.Halt{ID: "HALT-3", Template: "notice-2"}, "2026-01-31")
		l.resumes("2026-02-01 09:00", "HALT-1")
		l.pays("2026-02-08")
		l.until("2026-02-20")
		return l
	},
	"has died": func(t *testing.T) *life {
		l := born(t)
		l.at("2026-01-21 14:00", func() {
			l.person.Holds = []contact.Hold{{ID: "deceased", Kind: contact.DeceasedHold, From: l.now}}
			l.happens(event.BorrowerDied, `{"on":"2026-01-19"}`)
		})
		l.until("2026-06-01")
		return l
	},
	"is reached elsewhere when a number is wrong": func(t *testing.T) *life {
		l := born(t)
		l.at("2026-01-12 12:00", func() {
			l.person.Points[0].Failed = true
			l.happens(event.ContactRecorded, `{"contact":"x","disposition":"wrong_number"}`)
		})
		l.pays("2026-01-23")
		l.until("2026-02-01")
		return l
	},
	"is cancelled": func(t *testing.T) *life {
		l := born(t)
		l.says("2026-01-22 11:00", event.LoanCancelled, `{"on":"2026-01-22"}`)
		l.until("2026-06-01")
		return l
	},
	"pays, and the payment is taken back": func(t *testing.T) *life {
		l := born(t)
		l.pays("2026-01-27")
		l.posts("2026-01-30 12:00", event.PaymentReversed, "100.00")
		l.paysPart("2026-02-20", "300.00")
		l.until("2026-06-01")
		return l
	},
	"tells of hardship, and pays by a plan to its end": func(t *testing.T) *life {
		l := born(t)
		l.inHardship("2026-01-22 12:00")
		l.says("2026-01-24 12:00", event.BorrowerReplied, `{"channel":"sms","intent":"unclear","answer":"yes"}`)
		l.followsThePlan()
		l.until("2026-12-01")
		return l
	},
	"accepts a plan, and breaks it": func(t *testing.T) *life {
		l := born(t)
		l.inHardship("2026-01-22 12:00")
		l.says("2026-01-24 12:00", event.BorrowerReplied, `{"channel":"sms","intent":"unclear","answer":"yes"}`)
		l.until("2026-12-01")
		return l
	},
	"accepts a plan, and the lending system's books follow it": func(t *testing.T) *life {
		l := born(t, terms{lateFee: `{"amount":"5.00","after_days":5}`})
		l.inHardship("2026-01-22 12:00")
		l.says("2026-01-24 12:00", event.BorrowerReplied, `{"channel":"sms","intent":"unclear","answer":"yes"}`)
		l.at("2026-01-27 09:00", func() {
			var schedule []string
			for _, i := range l.facts.Journey.Plans[0].Offer.Schedule {
				schedule = append(schedule, fmt.Sprintf(`{"due":%q,"principal":%q}`, i.Due, i.Total()))
			}
			l.happens(event.LoanRescheduled, fmt.Sprintf(`{"schedule":[%s]}`, strings.Join(schedule, ",")))
		})
		l.until("2026-06-01")
		return l
	},
	"accepts a plan, and the lending system makes a schedule of its own": func(t *testing.T) *life {
		l := born(t)
		l.inHardship("2026-01-22 12:00")
		l.says("2026-01-24 12:00", event.BorrowerReplied, `{"channel":"sms","intent":"unclear","answer":"yes"}`)
		l.says("2026-01-27 09:00", event.LoanRescheduled, `{"schedule":[{"due":"2026-04-01","principal":"300.00"}]}`)
		l.paysPart("2026-04-01", "300.00")
		l.until("2026-06-01")
		return l
	},
	"declines a plan": func(t *testing.T) *life {
		l := born(t)
		l.inHardship("2026-01-22 12:00")
		l.at("2026-01-24 12:00", func() { l.happens(event.PlanDeclined, fmt.Sprintf(`{"plan":%q}`, l.facts.Journey.Plans[0].ID)) })
		l.until("2026-06-01")
		return l
	},
	"does not answer an offer": func(t *testing.T) *life {
		l := born(t)
		l.inHardship("2026-01-22 12:00")
		l.until("2026-06-01")
		return l
	},
	"is offered a plan on the phone": func(t *testing.T) *life {
		l := born(t)
		l.facts.Products, l.facts.Hardship = products(), strategy.Hardship{Cause: hardship.Illness, Months: 2}
		l.says("2026-01-23 12:00", event.PlanOffered, `{"product":"longer-term"}`) // for which the loan is too young
		l.says("2026-01-24 12:00", event.PlanOffered, `{"product":"payment-pause"}`)
		l.at("2026-01-24 12:05", func() {
			l.happens(event.PlanAccepted, fmt.Sprintf(`{"plan":%q,"by":"agent"}`, l.facts.Journey.Plans[0].ID))
		})
		l.until("2026-02-15")
		return l
	},
	"promises, and does not keep it": func(t *testing.T) *life {
		l := born(t)
		l.says("2026-01-23 12:00", event.PromiseMade, `{"promise":"P-1","amount":"100.00","currency":"USD","by":"2026-02-02"}`)
		l.paysPart("2026-02-12", "300.00")
		l.until("2026-06-01")
		return l
	},
	"tells of hardship": func(t *testing.T) *life {
		l := born(t)
		l.says("2026-01-23 12:00", event.HardshipReported, `{"cause":"illness"}`)
		l.paysPart("2026-02-12", "300.00")
		l.until("2026-06-01")
		return l
	},
	"borrows in a longer loan, and all is well": func(t *testing.T) *life {
		dues := []string{}
		for month := range 12 {
			dues = append(dues, day("2026-02-15").AddDays(month*61/2).String())
		}
		l := born(t, terms{dues: dues})
		for _, due := range dues {
			l.pays(day(due).AddDays(-1).String())
		}
		l.until("2027-06-01")
		return l
	},
	"comes back after an outage of eight days": func(t *testing.T) *life {
		l := born(t)
		l.down[0], l.down[1] = l.clock("2026-01-20 12:00"), l.clock("2026-01-28 23:00")
		l.paysPart("2026-02-20", "300.00")
		l.until("2026-06-01")
		return l
	},
	"has a lending system whose books stay behind": func(t *testing.T) *life {
		l := born(t, terms{watermarks: true})
		l.closesBooks("2026-01-20 01:00", "2026-01-19")
		l.closesBooks("2026-01-23 01:00", "2026-01-22") // and then the feed dies
		l.closesBooks("2026-02-20 09:00", "2026-02-19")
		l.paysPart("2026-02-25", "300.00")
		l.until("2026-06-01")
		return l
	},
	"lives elsewhere than the contract": func(t *testing.T) *life {
		l := born(t, terms{zone: "Asia/Shanghai", zones: []string{"Pacific/Honolulu"}})
		l.pays("2026-01-27")
		l.until("2026-02-08")
		return l
	},
	"may live in one of two zones": func(t *testing.T) *life {
		l := born(t, terms{zones: []string{"America/New_York", "America/Los_Angeles"}})
		l.pays("2026-01-23")
		l.until("2026-02-08")
		return l
	},
	"lives nobody knows where": func(t *testing.T) *life {
		l := born(t, terms{zones: []string{}})
		l.until("2026-04-01")
		return l
	},
}

func TestLives(t *testing.T) {
	t.Parallel()
	for name, tell := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell(t).golden(t, name)
		})
	}
	require.NotEmpty(t, lives)
}
