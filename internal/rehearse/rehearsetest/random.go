// Package rehearsetest makes lives for tests.
package rehearsetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/strategy"
)

// shipped is read once: it is never written to.
var shipped = sync.OnceValues(func() (in rehearse.Installation, err error) {
	if in.Rules, err = compliance.Shipped(); err != nil {
		return in, err
	}
	calendars, err := calendar.Load("")
	if err != nil {
		return in, err
	}
	if in.Regimes, err = complaint.Load("", func(code string) (complaint.Calendar, bool) { return calendars.For(code) }); err != nil {
		return in, err
	}
	if in.Strategies, err = strategy.Load(""); err != nil {
		return in, err
	}
	in.Products, err = hardship.Load("")
	return in, err
})

// Installation is what comes with Tender.
func Installation(t testing.TB) rehearse.Installation {
	t.Helper()
	in, err := shipped()
	require.NoError(t, err)
	return in
}

// place is where a borrower of a random life lives.
type place struct {
	jurisdiction, zone, currency, language string
}

var places = []place{
	{"us", "America/New_York", "USD", "en"},
	{"us", "America/Los_Angeles", "USD", "en"},
	{"us-ma", "America/New_York", "USD", "en"},
	{"us-wa", "America/Los_Angeles", "USD", "en"},
	{"gb", "Europe/London", "GBP", "en"},
	{"cn", "Asia/Shanghai", "CNY", "zh-CN"},
	{"in", "Asia/Kolkata", "INR", "en"},
	{"ph", "Asia/Manila", "PHP", "en"},
	{"au", "Australia/Sydney", "AUD", "en"},
	{"ie", "Europe/Dublin", "EUR", "en"},
	{"je", "Europe/London", "GBP", "en"},
	{"th", "Asia/Bangkok", "THB", "en"},
}

// texts are what borrowers of random lives write.
var texts = []string{
	"STOP", "Yes please", "No thanks", "I lost my job last week and cannot pay", "I will pay 40 on Friday", "I already paid this yesterday",
	"What is the interest on this?", "How can I pay?", "This is the wrong number, I do not know her", "I never took this loan", "I want to complain about your messages",
	"please call me", "please email me instead", "Thank you!", "hmm", "4", "1 nobody answers", "this amount is wrong, I dispute it", "can I pay in smaller amounts?",
	"我失业了,还不起", "下周五还50", "退订", "谢谢",
}

// random draws a life.
type random struct {
	*rand.Rand
	days int
	file map[string]any
	// holds are those that were placed, with their dates, and disputed when the loan was disputed.
	holds    map[string]bizclock.Date
	disputed bizclock.Date
	// complained is the complaint that was raised last and is not closed yet, and since when.
	complained string
	since      bizclock.Date
}

// Random draws a life, and returns it with its text. The same seed gives the same life. What is drawn is in order: only what reacts to
// the life can come too late, where an earlier reaction changed it.
func Random(t testing.TB, seed uint64) (*rehearse.Scenario, string) {
	t.Helper()
	with := Installation(t)
	dice := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		r := &random{Rand: dice, holds: map[string]bizclock.Date{}}
		r.draw()
		s, text, err := r.parse()
		require.NoError(t, err, text)
		life, err := s.Rehearse(with)
		if late(err) {
			continue
		}
		require.NoError(t, err, text)
		r.react(life)
		s, text, err = r.parse()
		require.NoError(t, err, text)
		if _, err = s.Rehearse(with); err == nil {
			return s, text
		}
		require.True(t, late(err), "%v\n%s", err, text)
	}
	require.FailNow(t, "no life that can be")
	return nil, ""
}

// tooLate is what may be said against a reaction to a life that another reaction changed.
var tooLate = []string{
	"called: nobody was given a task of the step", "called: the task of the step", "nobody was asked to approve of the step", "undelivered: no message of the step",
	"data.disposition: the task has ended by then", "data.callback_at: has passed by then", "data.callback_at: lies more than", "data.approval: it can be answered no more",
	"is closed by then; give a new complaint an id of its own", "was closed on", // one complaint under two ids
}

func late(err error) bool {
	return err != nil && slices.ContainsFunc(tooLate, func(why string) bool { return strings.Contains(err.Error(), why) })
}

func (r *random) parse() (*rehearse.Scenario, string, error) {
	text, err := json.MarshalIndent(r.file, "", "  ")
	if err != nil {
		return nil, "", err
	}
	s, err := rehearse.Parse("random.yaml", text)
	return s, string(text), err
}

func one[T any](r *random, of ...T) T { return of[r.IntN(len(of))] }

// begins is the first day on which a random life can begin.
var begins = bizclock.MustDate("2026-01-05")

func (r *random) draw() {
	where := places[r.IntN(len(places))]
	first := begins.AddDays(r.IntN(200))
	points := []any{map[string]any{"id": "mobile", "channel": "sms", "address": "+1-555-0101"}}
	for _, p := range []map[string]any{
		{"id": "mail", "channel": "email", "address": "ada@example.com"},
		{"id": "app", "channel": "push", "address": "device-1"},
		{"id": "home", "channel": "call", "address": "+1-555-0102"},
	} {
		if r.IntN(2) == 0 {
			points = append(points, p)
		}
	}
	zones := []string{where.zone}
	if r.IntN(8) == 0 {
		zones = append(zones, places[r.IntN(len(places))].zone)
	}
	installments, every := 1+r.IntN(5), 7+r.IntN(24)
	var schedule []any
	due := first
	for range installments {
		due = due.AddDays(every)
		schedule = append(schedule, map[string]any{"due": due.String(), "principal": "100.00", "interest": one(r, "0.00", "4.50")})
	}
	r.days = first.AddDays(0).Sub(first) + due.Sub(first) + 20 + r.IntN(80)
	loan := map[string]any{
		"id": fmt.Sprintf("L-%d", r.IntN(1000)), "at": fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)),
		"borrower": map[string]any{
			"id": "B-1", "name": "Ada Finch", "language": where.language, "jurisdiction": where.jurisdiction, "time_zones": zones, "points": points,
			"preferred": one(r, "sms", "sms", "email", "push"),
		},
		"currency": where.currency, "principal": fmt.Sprintf("%d.00", 100*installments), "schedule": schedule,
		"disbursed_on": first.String(), "time_zone": where.zone, "watermarks": false,
		"strategy": one(r, "gentle-installment", "gentle-installment", "wallet-microloan", "revolving-card"),
	}
	r.file = map[string]any{"scenario": "random", "title": "A life that was drawn", "days": r.days, "loan": loan}
	if r.IntN(3) > 0 {
		r.file["party"] = one(r, "first_party", "third_party", "debt_buyer")
	}
	if r.IntN(2) == 0 {
		earlier := 1 + r.IntN(5)
		r.file["earlier_loans"], r.file["settled_loans"] = earlier, r.IntN(earlier+1)
	}
	var happens []any
	for n := range r.IntN(12) {
		happens = append(happens, r.happening(n, first, where))
	}
	r.file["happens"] = watched(happens, first.AddDays(r.days))
	var fates []any
	for range r.IntN(3) {
		fates = append(fates, map[string]any{
			"step":   one(r, "welcome", "notice-1", "notice-2", "reminder-ahead", "reminder-due", "first-week", "follow-up"),
			"result": one(r, "bounced", "uncertain", "failed"), "times": 1 + r.IntN(2),
		})
	}
	r.file["messages"] = fates
	if r.IntN(5) == 0 {
		from := first.AddDays(2 + r.IntN(r.days-2))
		r.file["away"] = []any{map[string]any{"from": from.String() + " 03:17", "to": from.AddDays(1+r.IntN(9)).String() + " 10:43"}}
	}
}

// watched are those of some happenings that happen before a date.
func watched(happens []any, end bizclock.Date) []any {
	return slices.DeleteFunc(happens, func(h any) bool {
		at, _ := h.(map[string]any)["at"].(string)
		return at >= end.String()
	})
}

func (r *random) day(first bizclock.Date) bizclock.Date { return first.AddDays(1 + r.IntN(r.days)) }

// time is a date and a time of day at which no step is planned.
func (r *random) time(on bizclock.Date) string {
	return fmt.Sprintf("%s %02d:%02d", on, r.IntN(24), 1+r.IntN(59))
}

func (r *random) happening(n int, first bizclock.Date, where place) map[string]any {
	on := r.day(first)
	h := map[string]any{"at": r.time(on)}
	money := func(amount string) map[string]any {
		return map[string]any{"amount": amount, "currency": where.currency}
	}
	tell := func(event string, data map[string]any) map[string]any {
		h["event"], h["data"] = event, data
		return h
	}
	switch r.IntN(24) {
	case 0, 1, 2, 3, 4:
		h["pays"] = one(r, "100.00", "100.00", "104.50", "50.00", "20.00", "300.00")
	case 5, 6, 7:
		h["writes"] = texts[r.IntN(len(texts))]
	case 8, 9:
		if r.disputed.IsZero() {
			r.disputed = on
			return tell("dispute.raised", map[string]any{"dispute": "D-1"})
		}
		h["at"] = r.time(r.disputed.AddDays(1 + r.IntN(30)))
		return tell("dispute.resolved", map[string]any{"dispute": "D-1", "outcome": one(r, "rejected", "upheld")})
	case 10, 11:
		for id, placed := range r.holds { // there is one at most
			delete(r.holds, id)
			h["at"] = r.time(placed.AddDays(1 + r.IntN(30)))
			return tell("hold.released", map[string]any{"hold": id})
		}
		id := fmt.Sprintf("H-%d", n)
		r.holds[id] = on
		return tell("hold.placed", map[string]any{"hold": id, "kind": one(r, contact.HoldKinds[:17]...)})
	case 12:
		return tell("promise.made", map[string]any{"promise": fmt.Sprintf("P-%d", n), "amount": "60.00", "currency": where.currency, "by": on.AddDays(1 + r.IntN(14)).String()})
	case 13:
		data := map[string]any{"cause": one(r, "job_loss", "illness", "separation")}
		if r.IntN(2) == 0 {
			data["expected_months"], data["income"], data["essential_costs"] = 3, money("900.00"), money("820.00")
		}
		return tell("hardship.reported", data)
	case 14:
		return tell("consent.revoked", map[string]any{"channel": one(r, "sms", "email", "call")})
	case 15:
		return tell("consent.granted", map[string]any{"channel": one(r, "sms", "email", "call"), "given_to": "creditor"})
	case 16:
		return tell("contact.recorded", map[string]any{
			"contact": fmt.Sprintf("X-%d", n), "channel": "call", "direction": "outbound", "purpose": "collection", "disposition": one(r, "right_party", "no_answer", "voicemail"),
		})
	case 17, 22, 23:
		if r.IntN(2) == 0 {
			h["about"] = "borrower"
		}
		if id := r.complained; id != "" && r.IntN(2) == 0 {
			r.complained = ""
			h["at"] = r.time(r.since.AddDays(1 + r.IntN(30)))
			return tell("complaint.closed", map[string]any{"complaint": one(r, id, id, "ELSEWHERE"), "outcome": one(r, "upheld", "rejected")})
		}
		r.complained, r.since = fmt.Sprintf("C-%d", n), on
		return tell("complaint.raised", map[string]any{"complaint": r.complained, "kind": one(r, "conduct", "service", "charges", "unsorted", "fraud")})
	case 18:
		return tell("loan.scored", map[string]any{"band": one(r, "low", "medium", "high"), "model": "m-1", "points": 1 + r.IntN(900)})
	case 19:
		return tell("borrower.updated", map[string]any{"preferred": one(r, "email", "push", "sms")})
	case 20:
		if r.IntN(3) > 0 {
			return tell("fee.charged", map[string]any{"transaction": fmt.Sprintf("F-%d", n), "amount": "5.00", "currency": where.currency, "value_date": on.String()})
		}
		return tell("borrower.died", map[string]any{"on": on.AddDays(-1).String()})
	default:
		if r.IntN(2) == 0 {
			return tell("loan.written_off", map[string]any{"on": on.String()})
		}
		return tell("loan.settled", map[string]any{"on": on.String(), "reason": "early_settlement"})
	}
	return h
}

// react adds what can only happen once it is known what was done: calls about tasks, answers to requests, messages that did not
// arrive after all.
func (r *random) react(life *rehearse.Life) {
	happens, _ := r.file["happens"].([]any)
	zone, err := time.LoadLocation(life.TimeZone)
	if err != nil {
		panic(err)
	}
	for _, line := range life.Lines {
		if line.Kind != rehearse.Stepped || r.IntN(2) == 0 {
			continue
		}
		soon := r.soon(line.At.In(zone))
		at := soon.Format("2006-01-02 15:04")
		switch {
		case line.Result == journey.ResultAssigned && strings.HasPrefix(line.Step, "approve-"):
			happens = append(happens, map[string]any{"at": at, one(r, "approved", "refused"): strings.TrimPrefix(line.Step, "approve-")})
		case line.Result == journey.ResultAssigned:
			happens = append(happens, r.call(soon, line.Step))
			for r.IntN(3) == 0 { // somebody calls once more, or corrects what came of it
				soon = r.soon(soon)
				happens = append(happens, r.call(soon, line.Step))
			}
		case line.Result == journey.ResultSent && r.IntN(4) == 0:
			happens = append(happens, map[string]any{"at": at, "undelivered": line.Step})
		}
	}
	r.file["happens"] = watched(happens, bizclock.DateOf(life.Lines[0].At.In(zone)).AddDays(r.days))
}

// soon is a time within days of another, and not at a full hour, when a step may be planned.
func (r *random) soon(after time.Time) time.Time {
	at := after.Add(time.Duration(1+r.IntN(60*24*5)) * time.Minute)
	if at.Minute() == 0 {
		return at.Add(time.Minute)
	}
	return at
}

func (r *random) call(at time.Time, step string) map[string]any {
	data := map[string]any{
		"disposition": one(r, "right_party", "no_answer", "voicemail", "refused", "wrong_number", "busy", "callback"),
	}
	if data["disposition"] == "right_party" && r.IntN(3) == 0 {
		data["complaint"] = map[string]any{"complaint": fmt.Sprintf("K-%d", r.IntN(1000)), "kind": one(r, "conduct", "service")}
	}
	return map[string]any{"at": at.Format("2006-01-02 15:04"), "called": step, "data": data}
}
