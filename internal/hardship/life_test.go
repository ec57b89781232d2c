package hardship_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/loan"
)

// four is a plan of four payments of 125.00 from 1 March on, accepted on 10 February; 100.00 had been paid before.
func four(t *testing.T, more ...string) hardship.Plan {
	t.Helper()
	c := hardship.Case{AsOf: day("2026-02-10"), PayFrom: day("2026-03-01"), Ledger: loan.Ledger{Currency: "USD"}}
	c.Ledger.Installments = []loan.Installment{{Due: day("2026-01-01"), Principal: money("600.00")}}
	c.Ledger.Transactions = []loan.Transaction{before()}
	o := offer(t, c, product(t, hardship.ReAge, "{min: 4, max: 4}", "{}", more...))
	require.Equal(t, []string{"2026-03-01 125.00", "2026-04-01 125.00", "2026-05-01 125.00", "2026-06-01 125.00"}, payments(o.Schedule))
	require.Equal(t, "100.00", o.Before.String())
	p, err := hardship.Plan{ID: "P-1", Offer: o}.Accept(day("2026-02-10"), hardship.ThroughAgent)
	require.NoError(t, err)
	return p
}

func before() loan.Transaction { return paid("T-1", "2026-01-15", "100.00") }

func TestAPlanIsTrackedPaymentByPayment(t *testing.T) {
	t.Parallel()
	first := paid("T-2", "2026-03-01", "125.00")
	for name, c := range map[string]struct {
		on     string
		posted []loan.Transaction
		want   hardship.Progress
	}{
		"before anything is due": {
			"2026-02-28", nil,
			hardship.Progress{State: hardship.Active, Paid: money("0.00"), Due: money("0.00"), Left: money("500.00"), Behind: money("0.00"), NextDue: day("2026-03-01"), NextAmount: money("125.00")},
		},
		"due today is not missed": {
			"2026-03-01", nil,
			hardship.Progress{State: hardship.Active, Paid: money("0.00"), Due: money("125.00"), Left: money("500.00"), Behind: money("125.00"), NextDue: day("2026-03-01"), NextAmount: money("125.00")},
		},
		"in its days of grace it is late, and not missed": {
			"2026-03-06", nil,
			hardship.Progress{State: hardship.Active, Paid: money("0.00"), Due: money("125.00"), Left: money("500.00"), Behind: money("125.00"), PastDueSince: day("2026-03-01"), NextDue: day("2026-04-01"), NextAmount: money("125.00")},
		},
		"after them it is missed, and the plan goes on": {
			"2026-03-07", nil,
			hardship.Progress{State: hardship.Active, Paid: money("0.00"), Due: money("125.00"), Left: money("500.00"), Behind: money("125.00"), PastDueSince: day("2026-03-01"), Missed: 1, NextDue: day("2026-04-01"), NextAmount: money("125.00")},
		},
		"more than a month late, it is broken": {
			"2026-04-10", nil,
			hardship.Progress{State: hardship.Broken, Paid: money("0.00"), Due: money("250.00"), Left: money("500.00"), Behind: money("250.00"), PastDueSince: day("2026-03-01"), Missed: 2, NextDue: day("2026-05-01"), NextAmount: money("125.00"), BrokenOn: day("2026-04-01"), MayReinstate: true},
		},
		"what comes after the break does not mend it": {
			"2026-04-10",
			[]loan.Transaction{paid("T-2", "2026-04-09", "500.00")},
			hardship.Progress{State: hardship.Broken, Paid: money("500.00"), Due: money("250.00"), Left: money("0.00"), Behind: money("0.00"), NextAmount: money("0.00"), BrokenOn: day("2026-04-01"), MayReinstate: true},
		},
		"a payment that arrived late and counts from before does": {
			"2026-04-10",
			[]loan.Transaction{paid("T-2", "2026-03-30", "130.00")},
			hardship.Progress{State: hardship.Active, Paid: money("130.00"), Due: money("250.00"), Left: money("370.00"), Behind: money("120.00"), PastDueSince: day("2026-04-01"), Missed: 1, NextDue: day("2026-05-01"), NextAmount: money("125.00")},
		},
		"a part of the next payment is paid": {
			"2026-03-10",
			[]loan.Transaction{paid("T-2", "2026-03-01", "150.00")},
			hardship.Progress{State: hardship.Active, Paid: money("150.00"), Due: money("125.00"), Left: money("350.00"), Behind: money("0.00"), NextDue: day("2026-04-01"), NextAmount: money("100.00")},
		},
		"a payment from before the offer, told of after it, pays the plan": {
			"2026-03-10",
			[]loan.Transaction{paid("T-0", "2026-01-20", "125.00")},
			hardship.Progress{State: hardship.Active, Paid: money("125.00"), Due: money("125.00"), Left: money("375.00"), Behind: money("0.00"), NextDue: day("2026-04-01"), NextAmount: money("125.00")},
		},
		"what was paid before the offer and is undone is behind": {
			"2026-03-10",
			[]loan.Transaction{first, reversed("T-3", "2026-03-08", "100.00", "T-1")},
			hardship.Progress{State: hardship.Active, Paid: money("25.00"), Due: money("125.00"), Left: money("475.00"), Behind: money("100.00"), PastDueSince: day("2026-03-01"), Missed: 1, NextDue: day("2026-04-01"), NextAmount: money("125.00")},
		},
		"paid at once, it is completed": {
			"2026-03-10",
			[]loan.Transaction{paid("T-2", "2026-03-02", "500.00")},
			hardship.Progress{State: hardship.Completed, Paid: money("500.00"), Due: money("125.00"), Left: money("0.00"), Behind: money("0.00"), NextAmount: money("0.00"), CompletedOn: day("2026-03-02")},
		},
		"and not when that is undone": {
			"2026-03-10",
			[]loan.Transaction{paid("T-2", "2026-03-02", "500.00"), reversed("T-3", "2026-03-09", "400.00", "T-2")},
			hardship.Progress{State: hardship.Active, Paid: money("100.00"), Due: money("125.00"), Left: money("400.00"), Behind: money("25.00"), PastDueSince: day("2026-03-01"), Missed: 1, NextDue: day("2026-04-01"), NextAmount: money("125.00")},
		},
		"fees and waivers are no payments": {
			"2026-02-28",
			[]loan.Transaction{{ID: "T-2", Kind: loan.Waiver, ValueDate: day("2026-02-20"), Amount: money("50.00")}, {ID: "T-3", Kind: loan.Fee, ValueDate: day("2026-02-20"), Amount: money("50.00")}},
			hardship.Progress{State: hardship.Active, Paid: money("0.00"), Due: money("0.00"), Left: money("500.00"), Behind: money("0.00"), NextDue: day("2026-03-01"), NextAmount: money("125.00")},
		},
	} {
		c.want.AsOf = day(c.on)
		require.Equal(t, c.want, hardship.Track(four(t, "reinstate: once"), append(c.posted, before()), day(c.on)), name)
	}
}

func TestAnOfferIsAnsweredOnceAndInTime(t *testing.T) {
	t.Parallel()
	offered := hardship.Plan{ID: "P-1", Offer: four(t).Offer}
	state := func(p hardship.Plan, on string) hardship.State { return hardship.Track(p, nil, day(on)).State }
	require.Equal(t, hardship.Offered, state(offered, "2026-02-24"))
	require.Equal(t, hardship.Expired, state(offered, "2026-02-25"))
	_, err := offered.Accept(day("2026-02-25"), hardship.ByReply)
	require.EqualError(t, err, "plan P-1: the offer expired on 2026-02-24; make a new one")
	_, err = offered.Accept(day("2026-02-09"), hardship.ByReply)
	require.ErrorContains(t, err, "is offered from 2026-02-10 on")

	declined, err := offered.Decline(day("2026-02-20"))
	require.NoError(t, err)
	require.Equal(t, hardship.Offered, state(declined, "2026-02-19"), "history stays what it was")
	require.Equal(t, hardship.Declined, state(declined, "2026-02-20"))
	_, err = declined.Accept(day("2026-02-21"), hardship.ByReply)
	require.ErrorContains(t, err, "was declined on 2026-02-20; make a new offer")

	_, err = offered.Accept(day("2026-02-24"), "telepathy")
	require.EqualError(t, err, `plan P-1: unknown way of accepting "telepathy"; use one of agent, reply`)
	accepted, err := offered.Accept(day("2026-02-24"), hardship.ByReply)
	require.NoError(t, err)
	require.Equal(t, hardship.Active, state(accepted, "2026-02-24"))
	_, err = accepted.Decline(day("2026-02-24"))
	require.EqualError(t, err, "plan P-1: was accepted on 2026-02-24")

	cancelled, err := accepted.Cancel(nil, day("2026-03-05"))
	require.NoError(t, err)
	require.Equal(t, hardship.Active, state(cancelled, "2026-03-04"))
	require.Equal(t, hardship.Cancelled, state(cancelled, "2026-12-31"), "what was given up is not broken later")
	_, err = cancelled.Cancel(nil, day("2026-03-06"))
	require.EqualError(t, err, "plan P-1: is cancelled, and cannot be cancelled")
	withdrawn, err := offered.Cancel(nil, day("2026-02-12"))
	require.NoError(t, err)
	_, err = withdrawn.Accept(day("2026-02-13"), hardship.ByReply)
	require.ErrorContains(t, err, "was cancelled on 2026-02-12")
}

func TestABrokenPlanIsTakenUpAgainOnceAndNoDearer(t *testing.T) {
	t.Parallel()
	p := four(t, "reinstate: once")
	posted := []loan.Transaction{before(), paid("T-2", "2026-03-01", "125.00")}
	_, err := p.Reinstate(posted, day("2026-04-20"))
	require.ErrorContains(t, err, "only a broken plan can be taken up again", "it is late, and not broken")
	again, err := p.Reinstate(posted, day("2026-05-20"))
	require.NoError(t, err)
	require.Equal(t, []string{"2026-03-01 125.00", "2026-06-01 125.00", "2026-07-01 125.00", "2026-08-01 125.00"}, payments(again.Schedule))
	require.Equal(t, hardship.Active, hardship.Track(again, posted, day("2026-06-01")).State)
	require.Equal(t, hardship.Broken, hardship.Track(again, posted, day("2026-07-20")).State)
	_, err = again.Reinstate(posted, day("2026-07-20"))
	require.ErrorContains(t, err, "only once")
	_, err = four(t).Reinstate(posted, day("2026-05-20"))
	require.ErrorContains(t, err, "only once where its terms say so")
}

func TestWhatWasWaivedComesBackOnlyIfTheTermsSaySo(t *testing.T) {
	t.Parallel()
	make := func(restores string) hardship.Plan {
		c := hardship.Case{AsOf: day("2026-02-10"), PayFrom: day("2026-03-01"), Ledger: loan.Ledger{Currency: "USD"}, ExpectedMonths: 2}
		c.Ledger.Installments = []loan.Installment{{Due: day("2026-01-01"), Principal: money("500.00"), Interest: money("60.00"), Fee: money("40.00")}}
		o := offer(t, c, product(t, hardship.Settlement, "{min: 2, max: 2}", "{settle_percent: 70}", restores))
		require.Equal(t, []string{"2026-03-01 210.00", "2026-04-01 210.00"}, payments(o.Schedule))
		require.Equal(t, hardship.Relief{Interest: money("60.00"), Fee: money("40.00"), Principal: money("80.00")}, o.Waived)
		p, err := hardship.Plan{ID: "P-1", Offer: o}.Accept(o.AsOf, hardship.ByReply)
		require.NoError(t, err)
		return p
	}
	kept := make("restores: false")
	g := hardship.Track(kept, nil, day("2026-04-30"))
	require.Equal(t, hardship.Broken, g.State)
	require.True(t, g.Restored.IsZero())
	require.Equal(t, []string{"2026-03-01 210.00", "2026-04-01 210.00"}, payments(kept.Obligations(g)))

	back := make("restores: true")
	g = hardship.Track(back, nil, day("2026-04-30"))
	require.Equal(t, day("2026-04-01"), g.BrokenOn)
	require.Equal(t, hardship.Relief{Interest: money("60.00"), Fee: money("40.00"), Principal: money("80.00")}, g.Restored)
	require.Equal(t, []string{"2026-03-01 210.00", "2026-04-01 390.00"}, payments(back.Obligations(g)))
	require.True(t, hardship.Track(back, nil, day("2026-03-31")).Restored.IsZero())
}

func TestAPlanReturnsFromJSONAsItWas(t *testing.T) {
	t.Parallel()
	p := four(t, "reinstate: once")
	require.NoError(t, p.Validate())
	var read hardship.Plan
	readJSON(t, asJSON(t, p), &read)
	require.Equal(t, p, read)
	require.Equal(t, hardship.Track(p, nil, day("2026-05-05")), hardship.Track(read, nil, day("2026-05-05")))
}

func TestPlansThatNoOfferMadeAreRefused(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*hardship.Plan){
		"id: is missing":                       func(p *hardship.Plan) { p.ID = "" },
		`kind: unknown kind of plan ""`:        func(p *hardship.Plan) { p.Kind = "" },
		`reinstate: unknown reinstatement`:     func(p *hardship.Plan) { p.Reinstatement = "twice" },
		"currency: \"\" is not":                func(p *hardship.Plan) { p.Currency = "" },
		"as_of: is missing":                    func(p *hardship.Plan) { p.AsOf = bizclock.Date{} },
		"expires: 2026-02-09 lies before":      func(p *hardship.Plan) { p.Expires = day("2026-02-09") },
		"total_to_pay: 500 must have the 2":    func(p *hardship.Plan) { p.Total = money("500") },
		"schedule: adds up to 500.00, and":     func(p *hardship.Plan) { p.Total = money("500.01") },
		"schedule: has no installment":         func(p *hardship.Plan) { p.Schedule = nil },
		"breaks: says not when":                func(p *hardship.Plan) { p.Breaks = hardship.Breaks{} },
		"schedule[0].principal: -1.00 is not ": func(p *hardship.Plan) { p.Schedule[0].Principal = money("-1.00") },
	} {
		p := four(t)
		change(&p)
		require.ErrorContains(t, p.Validate(), says)
	}
}
