package strategy_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/score"
	"github.com/tender-engine/tender/internal/strategy"
)

// zones are those of contracts and borrowers: far apart, and with nights that are shorter, longer or begin late.
var zones = []string{
	"America/New_York", "America/Los_Angeles", "Pacific/Honolulu", "Asia/Shanghai", "Europe/Berlin", "Pacific/Kiritimati",
	"America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "UTC",
}

// What holds of every life is asked where it is lived: in support_test.go. Here lives are drawn in which anything can happen.
// Decide never writes into its arguments and always says the same; its decision is small; what it asks for is allowed at that
// moment, and was never done before; no level of the ladder is reached without the one before it; nothing changes before it
// wants to be asked again, and until then it always names the same moment; and it comes to rest.
func TestWhateverHappensEveryStepIsRight(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for range livesACheck {
			liveAnyLife(t)
		}
	})
}

func liveAnyLife(t *rapid.T) {
	l := drawLife(t)
	for range rapid.IntRange(0, 25).Draw(t, "events") {
		drawEvent(t, l)
	}
	l.until(day("2026-01-05").AddDays(rapid.IntRange(30, 250).Draw(t, "days")).String())
	for _, l := range l.lives {
		l.told(t)
	}
	l.plans = nil
	l.at(bizclock.DateOf(l.now.In(l.zone)).AddDays(1).String(), func() { l.happens(event.LoanSettled, `{"on":"2026-12-01"}`) })
	l.until(bizclock.DateOf(l.now.In(l.zone)).AddDays(30).String())
	require.True(t, l.over, "it is settled, and goes on: %s", text(t, l.last))
}

// told asks that the lending system was told of a charge-off when it had to be.
func (l *life) told(t *rapid.T) {
	days := l.facts.Strategy.ChargeOff.Day
	if l.over || l.last.Stage == journey.ChargedOff || l.why.PastDueDays < days+2 || l.now.Sub(l.last.Late) < 48*time.Hour || !l.facts.Journey.NoWatermarks {
		return
	}
	require.True(t, slices.ContainsFunc(l.facts.Journey.Done, func(d journey.Done) bool {
		return strings.HasPrefix(d.Key, "charge-off@") && d.Result == journey.ResultTold
	}), "past due for %d days: %s", l.why.PastDueDays, text(t, l.last))
}

// Whoever never pays, whatever keeps the messages from leaving for a while, is written to at every step in the end, and
// the lending system is told on its day.
func TestNothingThatEndsKeepsTheLadderFromGoingOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := born(t, terms{dues: []string{"2026-01-20"}})
		begins := day("2026-01-05").AddDays(rapid.IntRange(0, 60).Draw(t, "begins"))
		ends := begins.AddDays(rapid.IntRange(1, 30).Draw(t, "days"))
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 5:
			l.halts(begins.String(), contact.Halt{ID: "HALT"}, ends.String())
		case 6:
			l.halts(begins.String(), contact.Halt{ID: "HALT", Channel: rapid.SampledFrom([]contact.Channel{"", contact.SMS, contact.Email, contact.Call}).Draw(t, "channel")})
			l.resumes(ends.String(), "HALT")
		case 0:
			l.holds(begins.String(), "H-1", rapid.SampledFrom(contact.HoldKinds).Draw(t, "kind"), ends.String())
		case 1:
			l.holds(begins.String(), "H-1", rapid.SampledFrom(contact.HoldKinds).Draw(t, "kind"))
			l.releases(ends.String(), "H-1")
		case 2:
			l.down[0], l.down[1] = begins.In(l.zone), ends.In(l.zone)
		case 3:
			l.provider = func(journey.Step) (journey.Result, string) {
				if l.now.After(begins.In(l.zone)) && l.now.Before(begins.AddDays(1).In(l.zone)) {
					return journey.ResultFailed, "provider_503"
				}
				return journey.ResultSent, ""
			}
		case 4:
			l.says(begins.String(), event.PromiseMade, fmt.Sprintf(`{"promise":"P-1","amount":"10","currency":"USD","by":%q}`, ends))
		}
		l.until("2026-06-20")
		for _, level := range l.facts.Strategy.Ladder.Steps {
			key := level.Name + "@2026-01-20"
			_, assigned := l.facts.Journey.LastDone(key, func(r journey.Result) bool { return r == journey.ResultAssigned })
			require.True(t, assigned || !l.made[key].IsZero(), "%s is missing:\n%s", key, strings.Join(l.story, "\n"))
			if assigned { // and waits for a person
				break
			}
		}
		told := "2026-03-21 00:00:00  tell the lending system: charge-off@2026-01-20"
		if l.down[0].Before(l.clock("2026-03-21")) && l.down[1].After(l.clock("2026-03-21")) { // an outage delays even a duty
			told = l.down[1].In(l.zone).Format(time.DateOnly) + told[10:]
		}
		require.NotEmpty(t, l.lines(told), "%s:\n%s", told, strings.Join(l.story, "\n"))
	})
}

func drawLife(t *rapid.T) *life {
	c := terms{
		zone:       rapid.SampledFrom(zones).Draw(t, "zone"),
		zones:      rapid.SliceOfNDistinct(rapid.SampledFrom(zones), 0, 2, rapid.ID).Draw(t, "zones"),
		at:         fmt.Sprintf("2026-01-05 %02d:30", rapid.IntRange(0, 23).Draw(t, "hour")),
		watermarks: rapid.IntRange(0, 3).Draw(t, "watermarks") == 0,
		where: rapid.SampledFrom([]string{
			"us", "us", "us-ma", "us-ny-nyc", "us-dc", "us-wa", "us-wv", "cn", "gb", "in", "id", "ph", "vn", "th", "kr", "au", "ie", "de", "elsewhere",
		}).Draw(t, "where"),
	}
	c.strategy = rapid.SampledFrom(slices.Concat(shipped(), []*strategy.Strategy{plain()})).Draw(t, "strategy")
	if len(c.zones) == 0 && rapid.IntRange(0, 9).Draw(t, "somewhere") > 0 {
		c.zones = []string{c.zone}
	}
	due := day("2026-01-05")
	every := rapid.SampledFrom([]int{1, 5, 7, 14, 30, 31}).Draw(t, "every")
	for range rapid.IntRange(1, 8).Draw(t, "installments") {
		due = due.AddDays(every)
		c.dues = append(c.dues, due.String())
	}
	l := born(t, c)
	l.facts.EarlierLoans = rapid.IntRange(0, 4).Draw(t, "earlier loans")
	l.facts.SettledLoans = rapid.IntRange(0, l.facts.EarlierLoans).Draw(t, "settled loans")
	if rapid.Bool().Draw(t, "second loan") {
		second := c
		l.at("2026-01-20 09:00", func() {
			second.dues = []string{"2026-02-01", "2026-03-01"}
			l.loan("L-2", second)
		})
	}
	if rapid.Bool().Draw(t, "more points") {
		l.person.Points = append(l.person.Points, contact.Point{ID: "second", Channel: contact.SMS, Rank: 1}, contact.Point{ID: "app", Channel: contact.Push})
	}
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	l.probe = func(from, until time.Time) time.Time {
		return from.Add(time.Duration(random.Int64N(int64(until.Sub(from)-1)) + 1))
	}
	trouble := rapid.IntRange(0, 3).Draw(t, "trouble")
	l.provider = func(s journey.Step) (journey.Result, string) {
		if random.IntN(4) >= trouble {
			return journey.ResultSent, ""
		}
		switch random.IntN(5) {
		case 0:
			return journey.ResultBounced, "hard"
		case 1:
			return journey.ResultUncertain, ""
		case 2:
			return journey.ResultHeld, "a/rule"
		case 3:
			return journey.ResultSuperseded, fmt.Sprint(l.number)
		}
		return journey.ResultFailed, "provider_503"
	}
	l.boss = func(journey.Approval) (contact.ApprovalAnswer, time.Duration) {
		answers := []contact.ApprovalAnswer{"", contact.Granted, contact.Granted, contact.ApprovalRefused}
		return answers[random.IntN(len(answers))], time.Duration(random.IntN(60)) * time.Hour
	}
	if rapid.IntRange(0, 3).Draw(t, "outage") == 0 {
		begins := rapid.IntRange(1, 100).Draw(t, "begins")
		l.down[0] = l.clock(day("2026-01-05").AddDays(begins).String())
		l.down[1] = l.down[0].Add(time.Duration(rapid.IntRange(1, 20*24).Draw(t, "hours")) * time.Hour)
	}
	if c.watermarks {
		for n := range 40 {
			through := day("2026-01-04").AddDays(n * rapid.IntRange(1, 5).Draw(t, "books"))
			l.at(through.AddDays(1).String()+" 02:00", func() { l.facts.Watermark = through })
		}
	}
	return l
}

// drawEvent plans something, at any time, to the first loan or its borrower.
func drawEvent(t *rapid.T, l *life) {
	at := day("2026-01-05").AddDays(rapid.IntRange(1, 150).Draw(t, "day"))
	when := fmt.Sprintf("%s %02d:%02d", at, rapid.IntRange(0, 23).Draw(t, "hour"), rapid.SampledFrom([]int{0, 30}).Draw(t, "minute"))
	id := fmt.Sprint(rapid.IntRange(1, 4).Draw(t, "id"))
	date := func(label string) string { return at.AddDays(rapid.IntRange(-10, 20).Draw(t, label)).String() }
	switch rapid.IntRange(0, 24).Draw(t, "what") {
	default:
		amount := fmt.Sprintf("%d.00", rapid.IntRange(1, 40).Draw(t, "amount")*10)
		kind := rapid.SampledFrom([]event.Type{
			event.PaymentPosted, event.PaymentPosted, event.PaymentPosted, event.PaymentReversed, event.PaymentRefunded,
			event.FeeCharged, event.FeeWaived, event.RecoveryPosted,
		}).Draw(t, "posting")
		l.posts(when, kind, amount, date("valued"))
	case 0, 1:
		kind := rapid.SampledFrom(contact.HoldKinds).Draw(t, "hold")
		if rapid.Bool().Draw(t, "ends") {
			l.holds(when, "H-"+id, kind, at.AddDays(rapid.IntRange(1, 40).Draw(t, "until")).String())
		} else {
			l.holds(when, "H-"+id, kind)
		}
	case 2, 3:
		l.releases(when, "H-"+id)
	case 4:
		wish := contact.Wish{Allowed: rapid.Bool().Draw(t, "allowed"), Channel: rapid.SampledFrom([]contact.Channel{"", contact.SMS, contact.Email}).Draw(t, "channel")}
		l.wishes(when, event.BorrowerReplied, wish)
	case 5:
		l.says(when, event.PromiseMade, fmt.Sprintf(`{"promise":"P-%s","amount":"10","currency":"USD","by":%q}`, id, rapid.SampledFrom([]string{date("by"), "9999-12-31"}).Draw(t, "by")))
	case 6:
		l.says(when, event.HardshipReported, `{"cause":"cause-`+id+`"}`)
	case 7:
		l.says(when, event.LoanRescheduled, fmt.Sprintf(`{"schedule":[{"due":%q,"principal":"150"},{"due":"2026-08-01","principal":"150"}]}`, date("due")))
	case 8:
		l.says(when, rapid.SampledFrom([]event.Type{event.LoanSettled, event.LoanWrittenOff, event.LoanCancelled}).Draw(t, "ending"), fmt.Sprintf(`{"on":%q}`, date("on")))
	case 9:
		l.says(when, event.BorrowerDied, `{}`)
	case 10:
		l.at(when, func() {
			l.person.Points = slices.Clone(l.person.Points)
			for n := range l.person.Points {
				l.person.Points[n].Failed = fmt.Sprint(n+1) == id
			}
			l.happens(event.BorrowerUpdated, `{}`)
		})
	case 11:
		l.at(when, func() {
			for _, d := range l.facts.Journey.Done {
				if d.Result == journey.ResultAssigned {
					switch rapid.IntRange(0, 2).Draw(t, "what of a task") {
					case 0: // as events of before told of it
						disposition := []contact.Disposition{contact.RightParty, contact.NoAnswer, contact.NotInService, contact.ThirdParty}[len(id)%4]
						l.happens(event.CallCompleted, fmt.Sprintf(`{"task":%q,"disposition":%q}`, d.Contact, disposition))
					case 1:
						then := rapid.SampledFrom(event.Thens).Draw(t, "then")
						said := rapid.SampledFrom([]string{
							`"disposition":"right_party"`, `"disposition":"voicemail"`, `"disposition":"deceased"`, `"disposition":"hardship","hardship":{}`,
							`"disposition":"promise","promise":{"promise":"P-9","amount":"10","currency":"USD","by":"2026-03-01"}`, `"disposition":"dispute","dispute":{"dispute":"D-9"}`,
						}).Draw(t, "said")
						l.happens(event.CallCompleted, fmt.Sprintf(`{"task":%q,"then":%q,%s}`, d.Contact, then, said))
					default:
						l.happens(event.TaskExpired, fmt.Sprintf(`{"task":%q}`, d.Contact))
					}
					return
				}
			}
		})
	case 12:
		l.at(when, func() {
			if d := l.facts.Journey.Done; len(d) > 0 {
				l.fails(when, d[len(d)-1].Key)
			}
		})
	case 14:
		h := contact.Halt{
			ID: "HALT-" + id, Channel: rapid.SampledFrom([]contact.Channel{"", contact.SMS, contact.Email, contact.Call}).Draw(t, "halted channel"),
			Template: rapid.SampledFrom([]string{"", "notice-1", "reminder"}).Draw(t, "halted template"), ExceptNotices: rapid.Bool().Draw(t, "except notices"),
		}
		if rapid.Bool().Draw(t, "halt ends") {
			l.halts(when, h, at.AddDays(rapid.IntRange(1, 40).Draw(t, "halted until")).String())
		} else {
			l.halts(when, h)
		}
	case 16:
		l.says(when, event.LoanScored, fmt.Sprintf(`{"band":%q}`, rapid.SampledFrom(score.Bands).Draw(t, "band")))
	case 17:
		other := rapid.SampledFrom(slices.Concat(shipped(), []*strategy.Strategy{plain()})).Draw(t, "other strategy")
		l.at(when, func() {
			l.facts.Strategy = other
			l.happens(event.StrategyAssigned, fmt.Sprintf(`{"strategy":%q,"hash":%q}`, other.Name, other.Hash))
		})
	case 15:
		l.resumes(when, "HALT-"+id)
	case 13: // an event that leaves a gap, and one that closes it
		l.at(when, func() {
			l.number += 2
			l.hears(l.number, event.ContactRecorded, `{}`)
			late := l.number - 1
			l.at(at.AddDays(1).String(), func() { l.hears(late, event.ContactRecorded, `{}`) })
		})
	}
}

// A journey can hold what no door would let in: signals are not asked. Whatever it is, there is an answer that can be written
// down, and a journey that can be decided upon again.
func TestWhateverAJourneyHoldsThereIsAnAnswer(t *testing.T) {
	t.Parallel()
	odd := []string{
		`{}`, `{"on":"2026-02-01"}`, `{"on":"9999-12-31"}`, `{"schedule":[{},{"due":"9999-12-31","principal":"-5"}]}`,
		`{"schedule":[{"due":"2026-03-01","principal":"5"},{"due":"2026-02-01","principal":"9999999999999999999"},{"due":"2026-02-01","interest":"1e18"}]}`,
		`{"borrower":{"id":"B-1"},"currency":"???","principal":"0","disbursed_on":"0001-01-01","time_zone":"Nowhere/Land","schedule":[{"due":"0001-01-02","principal":"1"}]}`,
		`{"borrower":{"id":"B-1"},"currency":"JPY","principal":"100","disbursed_on":"2026-01-05","time_zone":"Asia/Tokyo","schedule":[{"due":"2026-01-20","principal":"100"}]}`,
		`{"borrower":{"id":"B-1"},"currency":"USD","principal":"100","disbursed_on":"9999-12-30","time_zone":"Local","schedule":[{"due":"9999-12-31","principal":"100"}]}`,
		`{"transaction":"T","amount":"-7","value_date":"2026-01-21"}`, `{"transaction":"T","amount":"9999999999999999999","value_date":"0000-01-01"}`,
		`{"transaction":"T","amount":"1","value_date":"9999-12-31"}`, `{"promise":"P","by":"9999-12-31"}`, `{"promise":"P","by":"0000-01-01"}`, `{"cause":"x"}`,
		`{"key":"notice-1@2026-01-20","result":"sent","at":"2026-01-21T00:00:00Z"}`, `{"key":"notice-1@nonsense","result":"sent","at":"2026-01-21T00:00:00Z"}`,
		`{"key":"@","result":"failed"}`, `{"key":"notice-2@2026-01-20","result":"assigned","at":"9999-12-31T00:00:00Z","contact":"t"}`,
	}
	kinds := append(event.Types(), event.StepPerformed, event.StepFailed, event.LoanDisbursed, event.LoanDisbursed, event.LoanDisbursed)
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SampledFrom([]time.Time{{}, time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(9990, 1, 1, 0, 0, 0, 0, time.UTC)})
		f := strategy.Facts{
			Journey: journey.Journey{Loan: "L-1"}, Strategy: rapid.SampledFrom(slices.Concat(shipped(), []*strategy.Strategy{plain()})).Draw(t, "strategy"), Rules: library().For(rapid.SampledFrom([]string{"us", "cn", ""}).Draw(t, "where")),
			Served: contact.Channels, Now: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC),
			Standing: contact.Standing{
				Zones:  rapid.SampledFrom([][]string{nil, {"UTC"}, {"Nowhere/Land"}, {"Local"}, {"", "UTC"}, {"Asia/Tokyo", "America/New_York"}}).Draw(t, "zones"),
				Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}}, Preferred: contact.Visit,
			},
		}
		for range rapid.IntRange(0, 12).Draw(t, "events") {
			f.Journey.Apply(event.Event{
				Type: rapid.SampledFrom(kinds).Draw(t, "type"), Number: rapid.Int64Range(0, 9).Draw(t, "number"), At: at.Draw(t, "at"),
				Data: []byte(rapid.SampledFrom(odd).Draw(t, "data")),
			})
			f.Now = f.Now.Add(time.Duration(rapid.IntRange(0, 100*24).Draw(t, "hours")) * time.Hour)
			d, why := strategy.Decide(f)
			text(t, d)
			text(t, why.HeldBack())
			require.Len(t, d.Hash, 16, "the explanation cannot be written: %+v", why)
			require.Contains(t, journey.Stages, d.Stage)
			f.Journey.Decide(d)
			text(t, f.Journey)
		}
	})
}
