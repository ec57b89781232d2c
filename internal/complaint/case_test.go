package complaint_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
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
