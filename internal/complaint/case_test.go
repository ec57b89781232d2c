package complaint_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/message"
)

// friday is when complaints of these tests are raised: the evening of 28 August 2026, before a bank holiday in England.
var friday = time.Date(2026, 8, 28, 17, 30, 0, 0, time.UTC)

func raise(regime *complaint.Regime, kind complaint.Kind, origin complaint.Origin) complaint.Case {
	return complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: kind, Origin: origin, At: friday, Home: time.UTC, About: []string{"carl"}}, regime)
}

func written(t require.TestingT, c complaint.Case) string {
	text, err := json.Marshal(c)
	require.NoError(t, err)
	return string(text)
}

// people are those who may do something in random lives; carl is complained about.
var people = []string{"anna", "bea", "carl", "dora", "emil", "tender"}

// TestNoComplaintGoesDownOrUnheardOrIsNobodys does things with complaints in random order, under every regime.
func TestNoComplaintGoesDownOrUnheardOrIsNobodys(t *testing.T) {
	t.Parallel()
	for _, regime := range shipped(t).All() {
		t.Run(regime.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				c := raise(regime, rapid.SampledFrom(complaint.Kinds).Draw(t, "kind"), rapid.SampledFrom(complaint.Origins).Draw(t, "origin"))
				at := friday
				check(t, c, c, regime)
				for n := range rapid.IntRange(1, 25).Draw(t, "actions") {
					at = at.Add(time.Duration(rapid.IntRange(1, 15*24).Draw(t, "hours")) * time.Hour)
					before, text := c, written(t, c)
					what, err := act(t, &c, at, regime)
					if err != nil {
						require.Equal(t, text, written(t, c), "%d: a refusal (%s: %v) changes nothing", n, what, err)
						var refused *complaint.Error
						require.ErrorAs(t, err, &refused)
						require.NotEmpty(t, refused.Field)
						continue
					}
					if what == "escalate" {
						require.False(t, before.Acknowledged.IsZero(), "nobody climbs before the borrower has heard")
						require.True(t, c.Level.Above(before.Level), "up is up")
						require.True(t, before.State().Open())
					}
					check(t, before, c, regime)
				}
			})
		})
	}
}

// act does something at random.
func act(t *rapid.T, c *complaint.Case, at time.Time, regime *complaint.Regime) (what string, err error) {
	who := func(label string) string { return rapid.SampledFrom(people).Draw(t, label) }
	by := who("by")
	what = rapid.SampledFrom([]string{"acknowledge", "assign", "note", "resolve", "escalate", "extend", "withdraw", "close", "reopen", "merge"}).Draw(t, "what")
	switch what {
	case "acknowledge":
		err = c.Acknowledge(at, by)
	case "assign":
		a := complaint.Assigning{To: rapid.SampledFrom(append([]string{""}, people...)).Draw(t, "to")}
		if rapid.Bool().Draw(t, "sorted") {
			a.Kind = rapid.SampledFrom(complaint.Kinds).Draw(t, "kind")
		}
		a.Payment = rapid.IntRange(0, 5).Draw(t, "payment") == 0
		if rapid.IntRange(0, 5).Draw(t, "blamed") == 0 {
			a.About = []string{who("about")}
		}
		err = c.Assign(at, by, a, regime)
	case "note":
		_, err = c.Note(at, rapid.Bool().Draw(t, "facts"), regime)
	case "resolve":
		err = c.Resolve(complaint.Answer{At: at, By: by, Outcome: rapid.SampledFrom(complaint.Outcomes).Draw(t, "outcome")}, regime)
	case "escalate":
		to := rapid.SampledFrom(append([]complaint.Level{""}, complaint.Levels...)).Draw(t, "to")
		err = c.Escalate(at, by, to, "drawn", rapid.SampledFrom(append([]string{""}, people...)).Draw(t, "agent"), regime)
	case "extend":
		_, err = c.Extend(at, by, rapid.SampledFrom([]string{"complex", "special", "in_progress", "exceptional"}).Draw(t, "because"), rapid.SampledFrom(append([]string{""}, people...)).Draw(t, "approved"), regime)
	case "withdraw":
		err = c.Withdraw(at, by)
	case "close":
		err = c.Close(at, by, rapid.SampledFrom([]complaint.Closing{complaint.Confirmed, complaint.Unopposed, complaint.Elsewhere}).Draw(t, "how"), complaint.Upheld)
	case "reopen":
		err = c.Reopen(at, by, "drawn", regime)
	case "merge":
		if !c.State().Open() { // the door merges into what is open alone
			return what, &complaint.Error{Field: "complaint", Reason: "is answered"}
		}
		c.Merge(complaint.Raising{Kind: rapid.SampledFrom(complaint.Kinds).Draw(t, "kind"), Origin: rapid.SampledFrom(complaint.Origins).Draw(t, "origin"), At: at, About: []string{who("about")}}, rapid.Bool().Draw(t, "facts"), regime)
	}
	return what, err
}

// check holds what must always hold of a complaint, and of each change of one.
func check(t *rapid.T, before, c complaint.Case, regime *complaint.Regime) {
	require.False(t, before.Level.Above(c.Level), "it went down from %s to %s", before.Level, c.Level)
	require.Contains(t, complaint.Levels, c.Role(), "somebody always has it")
	require.NotEqual(t, complaint.External, c.Role(), "and that is somebody of the lender's")
	if c.Owner != "" && c.State().Open() {
		require.NotContains(t, c.About, c.Owner, "whom it is about never has it")
		for _, h := range c.Handlers {
			if c.Level == complaint.IndependentReviewer || regime.Independent && c.Level.Above(complaint.FrontLine) {
				require.False(t, h.Who == c.Owner && c.Role().Above(h.Level.Role()), "%s had it on %s", h.Who, h.Level)
			}
		}
	}
	for _, s := range c.Steps {
		require.True(t, s.To.Above(s.From))
		require.False(t, c.Acknowledged.IsZero(), "a step up before the borrower has heard")
		require.False(t, s.At.Before(c.Acknowledged), "a step up before the borrower has heard")
		require.NotEmpty(t, s.Why)
		require.NotEmpty(t, s.By)
	}
	require.Equal(t, c.State() == complaint.Closed, !c.Closed.IsZero())
	if c.State() == complaint.Closed {
		require.NotNil(t, c.Answer, "nothing is closed without a word")
		require.NotEmpty(t, c.How)
	}
	situation := complaint.Situation{Now: c.Received}
	steps := c.Next(regime, situation)
	keys := []string{}
	for _, s := range steps {
		require.NotEmpty(t, s.Key)
		require.NotContains(t, keys, s.Key, "each step has a key of its own")
		keys = append(keys, s.Key)
	}
	if !c.State().Open() {
		require.Empty(t, c.Deadlines(), "who was answered waits for nothing")
		return
	}
	require.NotEmpty(t, c.Deadlines(), "as long as nobody has answered, a clock runs")
	for _, d := range c.Deadlines() {
		require.True(t, slices.ContainsFunc(steps, func(s complaint.Step) bool {
			return s.At.Equal(d.At) && (s.Do == complaint.MoveUp || s.Do == complaint.Warn)
		}), "something happens when %s runs out", d.ID)
		for _, percent := range []int{50, 80} {
			require.True(t, slices.ContainsFunc(steps, func(s complaint.Step) bool { return s.Do == complaint.Warn && s.At.Equal(d.Share(percent)) }), "a warning at %d %%", percent)
		}
	}
}

func TestWhoMayNotDecide(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	require.EqualError(t, c.Assign(friday, "anna", complaint.Assigning{To: "carl"}, cn), "to: carl is whom complaint C-1 is about; somebody else has to look into it")
	require.EqualError(t, c.Escalate(friday, "anna", "", "", "", cn), "complaint: C-1 was not acknowledged yet; acknowledge it first")
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{To: "bea"}, cn))
	require.NoError(t, c.Escalate(friday, "bea", "", "borrower_asked", "", cn))
	require.Equal(t, complaint.IndependentReviewer, c.Level)
	require.Equal(t, complaint.Escalated, c.State(), "nobody there has it in hand")
	require.ErrorContains(t, c.Assign(friday, "anna", complaint.Assigning{To: "bea"}, cn), "to: bea had complaint C-1 as complaints_desk on ")
	require.ErrorContains(t, c.Resolve(complaint.Answer{At: friday, By: "bea", Outcome: complaint.Upheld}, cn), "by: bea had complaint C-1")
	require.EqualError(t, c.Escalate(friday, "anna", complaint.FrontLine, "", "", cn), "to: front_line is not above independent_reviewer, where complaint C-1 is; a complaint never goes down")
	_, err := c.Extend(friday, "dora", "special", "", cn)
	require.EqualError(t, err, "approved_by: is missing; special of regime cn needs the approval of compliance")
	_, err = c.Extend(friday, "dora", "special", "dora", cn)
	require.EqualError(t, err, "approved_by: is dora, who asks for it; somebody else of compliance has to approve")
	given, err := c.Extend(friday, "dora", "special", "emil", cn)
	require.NoError(t, err)
	require.Equal(t, "2026-10-28", given.Due.String(), "in China it is Saturday already")
	for _, d := range c.Deadlines() {
		require.False(t, d.Due.Before(bizclock.DateOf(friday.AddDate(0, 0, 50))), "nor do the ladder's own clocks, such as %s, run out before", d.ID)
	}
}

func TestNewFactsRestartTheClockWhereTheRegimeSaysSo(t *testing.T) {
	t.Parallel()
	later := friday.AddDate(0, 0, 10)
	for name, restarts := range map[string]bool{"cn": true, "gb": false} {
		regime := regime(t, name)
		c := raise(regime, complaint.Service, complaint.FromReply)
		before, _ := c.Promised(friday)
		restarted, err := c.Note(later, true, regime)
		require.NoError(t, err)
		require.Equal(t, restarts, restarted, name)
		after, _ := c.Promised(later)
		require.Equal(t, restarts, after.Due.After(before.Due), name)
		require.Equal(t, friday, c.Raised, "it was raised when it was")
	}
}

func TestAnExtensionMovesNothingThatTheLawSetOrThatHasPassed(t *testing.T) {
	t.Parallel()
	gb, cn := regime(t, "gb"), regime(t, "cn")
	c := complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Kind: complaint.Service, Payment: true, At: friday, Home: time.UTC}, gb)
	due := func(c complaint.Case, id string) string {
		return c.Clocks[slices.IndexFunc(c.Clocks, func(d complaint.Deadline) bool { return d.ID == id })].Due.String()
	}
	_, err := c.Extend(friday, "dora", "exceptional", "", gb)
	require.NoError(t, err)
	require.Equal(t, "2026-10-19", due(c, "payment_response"))
	require.Equal(t, "2026-09-03", due(c, "summary_resolution"), "that is the law's")
	c = raise(cn, complaint.Service, complaint.FromReply)
	front := due(c, "front_line")
	_, err = c.Extend(friday.AddDate(0, 0, 6), "dora", "complex", "", cn)
	require.NoError(t, err)
	require.Equal(t, front, due(c, "front_line"), "that has passed")
	require.Equal(t, "2026-09-20", due(c, "complaints_desk"))
}

func TestNobodyObjectsToWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c := raise(gb, complaint.Service, complaint.FromReply)
	require.NoError(t, c.Resolve(complaint.Answer{At: friday, By: "anna", Outcome: complaint.Rejected, Redress: []complaint.Redress{{Kind: complaint.Apology}}}, gb))
	require.True(t, c.Acknowledged.IsZero(), "an answer that did not leave was not heard")
	later := friday.AddDate(0, 2, 0)
	ends := func(c complaint.Case, s complaint.Situation) (at time.Time) {
		for _, step := range c.Next(gb, s) {
			if step.Do == complaint.End {
				at = step.At
			}
		}
		return at
	}
	require.Zero(t, ends(c, complaint.Situation{Now: later}))
	require.Equal(t, later.AddDate(0, 0, gb.ConfirmWithin+1).Truncate(24*time.Hour), ends(c, complaint.Situation{Now: later, Answered: later}).UTC().Truncate(24*time.Hour))
	require.NoError(t, c.Reopen(later, "anna", "dissatisfied", gb))
	require.Empty(t, c.Steps, "nobody was told who had it")
	require.Equal(t, complaint.ComplaintsDesk, c.Level)
	require.True(t, slices.ContainsFunc(c.Next(gb, complaint.Situation{Now: later}), func(s complaint.Step) bool { return s.Do == complaint.Refund }), "what was granted is done")
}

func TestWhoHasAComplaintForTheLenderHasItBeforeAnExternalBodyToo(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	c := raise(cn, complaint.Fraud, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{To: "dora"}, cn))
	require.NoError(t, c.Escalate(friday, "dora", complaint.External, "borrower_went", "dora", cn))
	require.Equal(t, complaint.Compliance, c.Role())
	promised, over := c.Promised(friday)
	require.False(t, over)
	require.NotEqual(t, "", promised.ID)
}

// wanted are the messages to the borrower that are due at an instant, by key; what a message says is worded as an SMS on the way.
func wanted(t require.TestingT, c complaint.Case, regime *complaint.Regime, s complaint.Situation) map[string]complaint.Step {
	all := map[string]complaint.Step{}
	for _, step := range c.Next(regime, s) {
		if step.Do != complaint.Write || step.At.After(s.Now) || !step.Lapses.IsZero() && !s.Now.Before(step.Lapses) {
			continue
		}
		values := map[string]string{"currency": "GBP"}
		for name, value := range step.Fill {
			values[name] = value
		}
		_, err := message.Render(step.Template, "en", contact.SMS, message.Fill{Name: "Ada", Lender: "Example Lender", Values: values})
		require.NoError(t, err, step.Key)
		all[step.Key] = step
	}
	return all
}

// keys are the keys of messages, in order.
func keys(all map[string]complaint.Step) []string { return slices.Sorted(maps.Keys(all)) }

// TestNoMessagePromisesADateThatHasPassed looks, in random lives and at random instants, at what the borrower would be told.
func TestNoMessagePromisesADateThatHasPassed(t *testing.T) {
	t.Parallel()
	for _, regime := range shipped(t).All() {
		t.Run(regime.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				c := raise(regime, rapid.SampledFrom(complaint.Kinds).Draw(t, "kind"), rapid.SampledFrom(complaint.Origins).Draw(t, "origin"))
				at := friday
				hours := func(label string, most int) time.Duration {
					return time.Duration(rapid.IntRange(0, most).Draw(t, label)) * time.Hour
				}
				for range rapid.IntRange(0, 12).Draw(t, "actions") {
					at = at.Add(hours("hours", 15*24))
					_, _ = act(t, &c, at, regime)
				}
				now := at.Add(hours("later", 120*24)) // nothing ran, or no channel was permitted
				s := complaint.Situation{Now: now, Told: at}
				for key, step := range wanted(t, c, regime, s) {
					if promised := step.Fill["complaint_due"]; promised != "" {
						today := bizclock.DateOf(now.In(regime.Zone(time.UTC)))
						require.False(t, bizclock.MustDate(promised).Before(today), "%s promises %s on %s", key, promised, today)
					}
				}
			})
		})
	}
}

func TestAnExtensionIsToldOfWhileItsDateIsStillToCome(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c := complaint.Raise(complaint.Raising{
		ID: "C-1", Borrower: "B-1", Kind: complaint.Service, Payment: true, Origin: complaint.FromRegulator, At: friday, Due: bizclock.MustDate("2026-12-31"), Home: time.UTC,
	}, gb)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	_, err := c.Extend(friday, "dora", "exceptional", "", gb)
	require.NoError(t, err)
	over := bizclock.MustDate("2026-10-20").In(gb.Zone(time.UTC))
	const key = "extended@C-1.1.1"
	require.Equal(t, "2026-10-19", wanted(t, c, gb, complaint.Situation{Now: over.Add(-time.Second), Told: over})[key].Fill["complaint_due"])
	require.Empty(t, wanted(t, c, gb, complaint.Situation{Now: over, Told: over}), "the regulator's date is still to come")
}

func TestWhatTheSameComplaintBringsWhenItIsRaisedAgain(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	later := friday.AddDate(0, 0, 2)
	conduct := complaint.Raising{Kind: complaint.Conduct, Origin: complaint.FromCall, At: later}
	referral := complaint.Raising{Kind: complaint.Unsorted, Origin: complaint.FromRegulator, At: later, Due: bizclock.MustDate("2026-09-10")}
	both := referral
	both.Kind = complaint.Fraud
	for _, c := range []struct {
		name   string
		again  complaint.Raising
		heard  bool
		level  complaint.Level
		due    string
		steps  []string
		notice string
	}{
		{"a better kind before", conduct, false, complaint.ComplaintsDesk, "2026-10-23", nil, "acknowledge@C-1.1"},
		{"a better kind after", conduct, true, complaint.ComplaintsDesk, "2026-10-23", []string{"kind"}, "step-up@C-1.1"},
		{"a referral before", referral, false, complaint.IndependentReviewer, "2026-09-10", nil, "acknowledge@C-1.1"},
		{"a referral after", referral, true, complaint.IndependentReviewer, "2026-09-10", []string{"referral"}, "step-up@C-1.1"},
		{"both before", both, false, complaint.Compliance, "2026-09-10", nil, "acknowledge@C-1.1"},
		{"both after", both, true, complaint.Compliance, "2026-09-10", []string{"kind"}, "step-up@C-1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			one := raise(gb, complaint.Unsorted, complaint.FromReply)
			if c.heard {
				require.NoError(t, one.Acknowledge(friday, "tender"))
				require.NoError(t, one.Assign(friday, "anna", complaint.Assigning{To: "bea"}, gb))
			}
			require.False(t, one.Merge(c.again, false, gb))
			require.Equal(t, c.level, one.Level)
			require.Empty(t, one.Owner, "nobody there has it in hand")
			var why []string
			for _, step := range one.Steps {
				why = append(why, step.Why)
			}
			require.Equal(t, c.steps, why)
			told := wanted(t, one, gb, complaint.Situation{Now: later})
			require.Equal(t, []string{c.notice}, keys(told))
			require.Equal(t, string(c.level), told[c.notice].Fill["complaint_level"], "the borrower hears who has it now")
			require.Equal(t, c.due, told[c.notice].Fill["complaint_due"], "and by when")
			if c.again.Origin == complaint.FromRegulator {
				before := written(t, one)
				one.Again--
				one.Merge(complaint.Raising{Kind: complaint.Unsorted, Origin: complaint.FromRegulator, At: later.AddDate(0, 0, 1)}, false, gb)
				require.Equal(t, before, written(t, one), "whoever passes it on once more without a date changes none")
			}
		})
	}
}

func TestProgressIsToldOfAfterAPersonAcknowledgedToo(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, who := range []string{"tender", "anna"} {
		c := raise(gb, complaint.Service, complaint.FromReply)
		heard := friday.AddDate(0, 0, 1)
		require.NoError(t, c.Acknowledge(heard, who))
		first := heard.AddDate(0, 0, gb.ProgressEvery)
		require.Empty(t, wanted(t, c, gb, complaint.Situation{Now: first.Add(-time.Second)}))
		require.Equal(t, []string{"progress@C-1.2026-09-26"}, keys(wanted(t, c, gb, complaint.Situation{Now: first})), who)
		require.Empty(t, wanted(t, c, gb, complaint.Situation{Now: first, Told: first}))
		require.Empty(t, wanted(t, c, gb, complaint.Situation{Now: first.AddDate(0, 0, 5), Told: first.AddDate(0, 0, 2)}), "whoever heard meanwhile hears later")
	}
	house := regime(t, "house")
	c := raise(house, complaint.Service, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "anna"))
	require.Equal(t, []string{"progress@C-1.2026-10-09"}, keys(wanted(t, c, house, complaint.Situation{Now: friday.AddDate(0, 0, 3*house.ProgressEvery+1)})), "what could not be sent is told once")
	china := regime(t, "cn")
	c = raise(china, complaint.Service, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "anna"))
	_, err := c.Extend(friday, "dora", "complex", "", china)
	require.NoError(t, err)
	first := friday.AddDate(0, 0, china.ProgressEvery)
	require.Equal(t, []string{"progress@C-1.2026-09-12"}, keys(wanted(t, c, china, complaint.Situation{Now: first})))
	require.Equal(t, []string{"progress@C-1.2026-09-26"}, keys(wanted(t, c, china, complaint.Situation{Now: first.AddDate(0, 0, china.ProgressEvery), Told: first})))
}

func TestAReopeningIsToldOf(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	day := func(n int) time.Time { return friday.AddDate(0, 0, n) }
	for name, c := range map[string]struct {
		do   func(t *testing.T, c *complaint.Case)
		told []string
	}{
		"withdrawn before": {func(t *testing.T, c *complaint.Case) {
			require.NoError(t, c.Withdraw(day(1), "anna"))
			require.NoError(t, c.Reopen(day(3), "anna", "", cn))
		}, []string{"reopened@C-1.2"}},
		"at compliance already": {func(t *testing.T, c *complaint.Case) {
			require.NoError(t, c.Escalate(day(1), "anna", complaint.Compliance, "asked", "", cn))
			require.NoError(t, c.Resolve(complaint.Answer{At: day(2), By: "dora", Outcome: complaint.Rejected}, cn))
			require.NoError(t, c.Reopen(day(3), "anna", "", cn))
		}, []string{"reopened@C-1.2"}},
		"one level up": {func(t *testing.T, c *complaint.Case) {
			require.NoError(t, c.Resolve(complaint.Answer{At: day(2), By: "dora", Outcome: complaint.Rejected}, cn))
			require.NoError(t, c.Reopen(day(3), "anna", "", cn))
		}, []string{"step-up@C-1.1"}},
		"after new facts in a round before": {func(t *testing.T, c *complaint.Case) {
			_, err := c.Note(day(1), true, cn)
			require.NoError(t, err)
			require.NoError(t, c.Withdraw(day(2), "anna"))
			require.NoError(t, c.Reopen(day(3), "anna", "", cn))
		}, []string{"reopened@C-1.3"}},
		"with new facts since": {func(t *testing.T, c *complaint.Case) {
			require.NoError(t, c.Withdraw(day(1), "anna"))
			require.NoError(t, c.Reopen(day(2), "anna", "", cn))
			_, err := c.Note(day(3), true, cn)
			require.NoError(t, err)
		}, []string{"restarted@C-1.1"}},
		"never reopened": {func(t *testing.T, c *complaint.Case) {
			_, err := c.Note(day(3), true, cn)
			require.NoError(t, err)
		}, []string{"restarted@C-1.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := raise(cn, complaint.Service, complaint.FromReply)
			require.NoError(t, one.Acknowledge(friday, "tender"))
			c.do(t, &one)
			told := wanted(t, one, cn, complaint.Situation{Now: day(3)})
			require.Equal(t, c.told, keys(told))
			require.Equal(t, "2026-09-16", told[c.told[0]].Fill["complaint_due"], "with the date of the clocks that began anew")
		})
	}
}

// TestWhatIsToldOfLateMovesNothingBack has people tell of what happened long before.
func TestWhatIsToldOfLateMovesNothingBack(t *testing.T) {
	t.Parallel()
	for _, regime := range shipped(t).All() {
		t.Run(regime.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				c := raise(regime, complaint.Service, complaint.FromReply)
				require.NoError(t, c.Acknowledge(friday, "tender"))
				require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{To: "bea"}, regime))
				now := friday
				for range rapid.IntRange(1, 10).Draw(t, "actions") {
					now = now.Add(time.Duration(rapid.IntRange(1, 5*24).Draw(t, "hours")) * time.Hour)
					at := now.Add(-time.Duration(rapid.IntRange(0, 40*24).Draw(t, "before")) * time.Hour)
					before := c
					switch what := rapid.SampledFrom([]string{"note", "merge", "escalate", "reopen"}).Draw(t, "what"); what {
					case "note":
						_, err := c.Note(at, rapid.Bool().Draw(t, "facts"), regime)
						require.NoError(t, err)
						require.False(t, c.Noted.Before(before.Noted), "the note of before counts still")
					case "merge":
						c.Merge(complaint.Raising{Kind: complaint.Service, Origin: rapid.SampledFrom(complaint.Origins).Draw(t, "origin"), At: at}, rapid.Bool().Draw(t, "facts"), regime)
					case "escalate":
						_ = c.Escalate(at, "anna", "", "asked", "", regime)
					case "reopen":
						require.NoError(t, c.Close(now, "desk", complaint.Elsewhere, ""))
						if c.Reopen(at, "anna", "", regime) != nil { // nobody objects before there is an answer
							c = before
							continue
						}
						require.False(t, c.Received.Before(now))
					}
					require.False(t, c.Received.Before(before.Received))
					for _, step := range c.Steps {
						require.False(t, step.At.Before(c.Acknowledged), "a step up before the borrower has heard")
					}
					for _, d := range before.Clocks {
						n := slices.IndexFunc(c.Clocks, func(other complaint.Deadline) bool { return other.ID == d.ID })
						if n >= 0 && d.ID != complaint.ReferralDeadline {
							require.False(t, c.Clocks[n].At.Before(d.At), "%s moved back from %s to %s", d.ID, d.Due, c.Clocks[n].Due)
						}
					}
				}
			})
		})
	}
}

func TestARegulatorsDateOutlivesAReopeningUntilItHasPassed(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	of := func(c complaint.Case) (due string) {
		for _, d := range c.Clocks {
			if d.ID == complaint.ReferralDeadline {
				require.Empty(t, due, "there is one")
				due = d.Due.String()
			}
		}
		return due
	}
	raised := complaint.Raising{ID: "C-1", Borrower: "B-1", Kind: complaint.Service, Origin: complaint.FromRegulator, At: friday, Due: bizclock.MustDate("2026-09-20"), Home: time.UTC}
	for reopened, due := range map[string]string{"2026-09-05": "2026-09-20", "2026-09-20": "2026-09-20", "2026-09-21": ""} {
		c := complaint.Raise(raised, gb)
		require.NoError(t, c.Acknowledge(friday, "tender"))
		require.NoError(t, c.Resolve(complaint.Answer{At: friday, By: "rex", Outcome: complaint.Rejected}, gb))
		at := bizclock.MustDate(reopened).In(gb.Zone(time.UTC))
		require.NoError(t, c.Reopen(at, "anna", "", gb))
		require.Equal(t, due, of(c), reopened)
		promised, over := c.Promised(at)
		require.False(t, over)
		require.Equal(t, due != "", promised.ID == complaint.ReferralDeadline, "it is the first to run out")
		if due == "" {
			c.Merge(complaint.Raising{Kind: complaint.Service, Origin: complaint.FromRegulator, At: at}, false, gb)
			require.Equal(t, "2026-10-05", of(c), "passed on again, it has a date again")
		}
	}
}

func TestWhoseComplaintIsClosedElsewhereHearsIt(t *testing.T) {
	t.Parallel()
	gb, house := regime(t, "gb"), regime(t, "house")
	closes := func(regime *complaint.Regime, outcome complaint.Outcome, before ...func(*complaint.Case)) complaint.Case {
		c := raise(regime, complaint.Service, complaint.FromReply)
		for _, do := range before {
			do(&c)
		}
		require.NoError(t, c.Close(friday, "desk", complaint.Elsewhere, outcome))
		return c
	}
	acknowledged := func(c *complaint.Case) { require.NoError(t, c.Acknowledge(friday, "tender")) }
	answered := func(c *complaint.Case) {
		require.NoError(t, c.Resolve(complaint.Answer{At: friday, By: "anna", Outcome: complaint.Upheld, Redress: []complaint.Redress{{Kind: complaint.Apology}}}, gb))
	}
	now := complaint.Situation{Now: friday, Language: "en"}
	for name, c := range map[string]complaint.Case{"registered": closes(gb, complaint.Upheld), "acknowledged": closes(gb, complaint.Upheld, acknowledged)} {
		told := wanted(t, c, gb, now)
		require.Equal(t, []string{"closed@C-1.1"}, keys(told), name)
		step := told["closed@C-1.1"]
		require.True(t, step.Must, "a person brings it where no channel may")
		require.Equal(t, "complaint-closed", step.Template)
		require.Equal(t, "upheld", step.Fill["complaint_outcome"])
		require.Equal(t, "Financial Ombudsman Service", step.Fill["complaint_body"])
		require.NotContains(t, step.Fill, "complaint_body_by", "from which answer that counts is not known")
		require.Empty(t, wanted(t, c, gb, complaint.Situation{Now: friday.AddDate(0, 0, 15)}), "what was closed long ago is no news")
	}
	c := closes(house, "")
	told := wanted(t, c, house, now)["closed@C-1.1"]
	require.NotContains(t, told.Fill, "complaint_outcome", "what nobody says is not said")
	require.NotContains(t, told.Fill, "complaint_body")
	require.NoError(t, c.Reopen(friday.AddDate(0, 0, 1), "anna", "", house))
	require.Equal(t, complaint.ComplaintsDesk, c.Level, "as the message said")

	c = closes(gb, complaint.Upheld, acknowledged, answered)
	require.Equal(t, []string{"answer@C-1.1"}, keys(wanted(t, c, gb, now)), "an answer of our own goes out all the same")
	require.True(t, slices.ContainsFunc(c.Next(gb, now), func(s complaint.Step) bool { return s.Do == complaint.Refund }), "and what it promises is done")
	require.False(t, slices.ContainsFunc(c.Next(gb, complaint.Situation{Now: friday, Answered: friday}), func(s complaint.Step) bool { return s.Do == complaint.End }), "it is closed already")
}
