package complaint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
)

// days is an instant so many days after friday.
func days(n int) time.Time { return friday.AddDate(0, 0, n) }

// answer is what anna finds at an instant.
func answer(at time.Time) complaint.Answer {
	return complaint.Answer{At: at, By: "anna", Outcome: complaint.Rejected}
}

// Whatever is told of late has its own time. What it refers to had happened by then.
func TestNothingIsDoneAboutAComplaintBeforeWhatItRefersTo(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	type change func(c *complaint.Case, at time.Time) error
	acknowledge := func(c *complaint.Case, at time.Time) error { return c.Acknowledge(at, "anna") }
	assign := func(c *complaint.Case, at time.Time) error {
		return c.Assign(at, "anna", complaint.Assigning{To: "bea"}, cn)
	}
	escalate := func(c *complaint.Case, at time.Time) error { return c.Escalate(at, "anna", "", "asked", "", cn) }
	extend := func(c *complaint.Case, at time.Time) error {
		_, err := c.Extend(at, "anna", "complex", "", cn)
		return err
	}
	resolve := func(c *complaint.Case, at time.Time) error { return c.Resolve(answer(at), cn) }
	review := func(c *complaint.Case, at time.Time) error {
		return c.Resolve(complaint.Answer{At: at, By: "dora", Outcome: complaint.Upheld}, cn)
	}
	withdraw := func(c *complaint.Case, at time.Time) error { return c.Withdraw(at, "anna") }
	closes := func(how complaint.Closing) change {
		return func(c *complaint.Case, at time.Time) error { return c.Close(at, "anna", how, complaint.Upheld) }
	}
	reopen := func(c *complaint.Case, at time.Time) error { return c.Reopen(at, "anna", "asked", cn) }
	facts := func(c *complaint.Case, at time.Time) error {
		_, err := c.Note(at, true, cn)
		return err
	}
	type done struct {
		do change
		on int
	}
	for name, test := range map[string]struct {
		before []done
		do     change
		// from is the first day on which it can be done, and refers what it refers to.
		from   int
		refers string
	}{
		"acknowledged":                         {nil, acknowledge, 0, "received"},
		"assigned":                             {nil, assign, 0, "received"},
		"given more time":                      {nil, extend, 0, "received, or begun anew"},
		"answered":                             {nil, resolve, 0, "received"},
		"taken back":                           {nil, withdraw, 0, "received"},
		"closed elsewhere":                     {nil, closes(complaint.Elsewhere), 0, "received"},
		"moved up":                             {[]done{{acknowledge, 1}}, escalate, 1, "acknowledged"},
		"moved up again":                       {[]done{{acknowledge, 1}, {escalate, 3}}, escalate, 3, "at the level independent_reviewer"},
		"given more time after new facts":      {[]done{{facts, 2}}, extend, 2, "received, or begun anew"},
		"answered before new facts":            {[]done{{facts, 4}}, resolve, 0, "received"},
		"confirmed":                            {[]done{{resolve, 2}}, closes(complaint.Confirmed), 2, "answered"},
		"answered, and closed elsewhere":       {[]done{{resolve, 2}}, closes(complaint.Elsewhere), 0, "received"},
		"objected to":                          {[]done{{resolve, 2}}, reopen, 2, "answered"},
		"objected to in time, and told late":   {[]done{{resolve, 2}, {closes(complaint.Unopposed), 5}}, reopen, 2, "answered"},
		"opened again after it was confirmed":  {[]done{{resolve, 2}, {closes(complaint.Confirmed), 5}}, reopen, 5, "closed"},
		"opened again after it was taken back": {[]done{{withdraw, 5}}, reopen, 5, "closed"},
		"answered anew":                        {[]done{{resolve, 2}, {reopen, 4}}, review, 4, "opened again"},
		"assigned anew":                        {[]done{{resolve, 2}, {reopen, 4}}, assign, 4, "opened again"},
		"answered anew, before new facts":      {[]done{{resolve, 2}, {reopen, 4}, {facts, 6}}, review, 2, "answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared := func() complaint.Case {
				c := raise(cn, complaint.Conduct, complaint.FromReply)
				for _, d := range test.before {
					require.NoError(t, d.do(&c, days(d.on)))
				}
				return c
			}
			for _, early := range []time.Time{days(-400), days(test.from).Add(-time.Hour)} {
				c := prepared()
				text := written(t, c)
				err := test.do(&c, early)
				require.EqualError(t, err, "time: "+early.Format(time.RFC3339)+" lies before complaint C-1 was "+test.refers+", on "+
					days(test.from).Format(time.RFC3339)+"; say when it happened, or leave it out if that is now")
				require.Equal(t, text, written(t, c), "a refusal changes nothing")
			}
			for _, slow := range []time.Time{days(test.from), days(test.from).Add(-time.Minute)} { // clocks of senders differ a little
				c := prepared()
				require.NoError(t, test.do(&c, slow))
				for _, at := range []time.Time{c.Acknowledged, c.Closed, c.Received} {
					require.False(t, !at.IsZero() && at.Before(c.Raised))
				}
				require.False(t, c.Answer != nil && c.Answer.At.Before(c.Raised))
			}
		})
	}
}

// A regulator's referral can be older than that the borrower has heard; the step that it asks for is not.
func TestAStepUpThatIsAskedForByWhatIsOlderComesAfterTheAcknowledgement(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Acknowledge(days(2), "tender"))
	c.Merge(complaint.Raising{ID: "C-2", Loan: "L-1", Kind: complaint.Conduct, Origin: complaint.FromRegulator, At: days(1)}, false, cn)
	require.Len(t, c.Steps, 1)
	require.Equal(t, days(2), c.Steps[0].At)
}

func TestADeadlineThatPassedUnansweredStaysKnown(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	due := func(c complaint.Case, id string) bizclock.Date {
		for _, d := range c.Clocks {
			if d.ID == id {
				return d.Due
			}
		}
		return bizclock.Date{}
	}
	restarted := func(c *complaint.Case, at time.Time) {
		again, err := c.Note(at, true, cn)
		require.NoError(t, err)
		require.True(t, again)
	}
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	was := due(c, "decision")
	restarted(&c, days(17))
	require.Equal(t, []complaint.Missed{{Deadline: "decision", Due: was, Round: 1}}, c.Missed)
	require.NoError(t, c.Resolve(answer(days(18)), cn))
	require.True(t, c.Answer.Late, "the borrower had been told that it is late")
	require.NoError(t, c.Reopen(days(19), "anna", "dissatisfied", cn))
	require.Len(t, c.Missed, 1)
	require.NoError(t, c.Resolve(complaint.Answer{At: days(20), By: "dora", Outcome: complaint.Upheld}, cn))
	require.False(t, c.Answer.Late, "what is asked anew is answered in time")
	require.True(t, c.Earlier[0].Late)

	c = complaint.Raise(complaint.Raising{
		ID: "C-1", Borrower: "B-1", Kind: complaint.Conduct, Origin: complaint.FromRegulator, Due: bizclock.DateOf(days(5)), At: friday, Home: time.UTC,
	}, cn)
	restarted(&c, days(7))
	require.Equal(t, "referral", c.Missed[0].Deadline)
	require.True(t, c.Late(days(7)))

	c = raise(cn, complaint.Conduct, complaint.FromReply)
	restarted(&c, days(3))
	require.Empty(t, c.Missed)
	require.NoError(t, c.Resolve(answer(days(4)), cn))
	require.NoError(t, c.Reopen(days(40), "anna", "dissatisfied", cn))
	require.Empty(t, c.Missed, "it was answered when the deadline passed")

	c = raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Withdraw(days(20), "anna"))
	require.NoError(t, c.Reopen(days(21), "anna", "another_mind", cn))
	require.Len(t, c.Missed, 1, "nobody had answered when it was taken back")
}

func TestClocksThatBeginAnewAreThoseOfThePresentRegime(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	next := *cn
	next.Name, next.Version = "cn-next", bizclock.MustDate("2099-01-01")
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	_, err := c.Note(days(1), true, &next)
	require.NoError(t, err)
	require.Equal(t, "cn-next@2099-01-01", c.Regime+"@"+c.RegimeVersion.String())
	_, err = c.Note(days(2), false, cn)
	require.NoError(t, err)
	require.Equal(t, "cn-next", c.Regime, "no clock begins anew")
	require.NoError(t, c.Resolve(answer(days(3)), cn))
	require.NoError(t, c.Reopen(days(4), "anna", "dissatisfied", cn))
	require.Equal(t, cn.Name+"@"+cn.Version.String(), c.Regime+"@"+c.RegimeVersion.String())
}

func TestADeadlineThatARegimeNoLongerHasIsCalledByItsID(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	require.Equal(t, "old_desk", gb.TitleOf("old_desk"))
	require.Equal(t, "the date that the external body set", gb.TitleOf(complaint.ReferralDeadline))
}

// Nobody approves of their own delay.
func TestWhoHandledAComplaintDoesNotApproveOfMoreTimeForIt(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	extend := func(c complaint.Case, approvedBy string) error {
		_, err := c.Extend(days(3), "clerk", "special", approvedBy, cn)
		return err
	}
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{To: "anna"}, cn))
	require.EqualError(t, extend(c, "anna"), "approved_by: anna has complaint C-1; somebody else of compliance has to approve")
	require.EqualError(t, extend(c, "carl"), "approved_by: carl is whom complaint C-1 is about; somebody else of compliance has to approve")
	require.NoError(t, c.Assign(days(1), "bea", complaint.Assigning{To: "bea"}, cn))
	require.EqualError(t, extend(c, "anna"), "approved_by: anna had complaint C-1 as complaints_desk on "+friday.Format(time.RFC3339)+"; somebody of compliance who did not has to approve")
	require.NoError(t, c.Escalate(days(2), "bea", complaint.Compliance, "asked", "dora", cn))
	require.ErrorContains(t, extend(c, "dora"), "approved_by: dora has complaint C-1")
	require.NoError(t, c.Assign(days(2), "dora", complaint.Assigning{To: "emil"}, cn))
	require.NoError(t, extend(c, "dora"), "she had it in the role that approves")
}

// TestWhatIsToldOfLateLeavesNoTimeThatCannotBe does things with complaints in random order, of which many are told of late.
func TestWhatIsToldOfLateLeavesNoTimeThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, regime := range shipped(t).All() {
		t.Run(regime.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				c := raise(regime, rapid.SampledFrom(complaint.Kinds).Draw(t, "kind"), rapid.SampledFrom(complaint.Origins).Draw(t, "origin"))
				now := friday
				for range rapid.IntRange(1, 25).Draw(t, "actions") {
					now = now.Add(time.Duration(rapid.IntRange(0, 10*24).Draw(t, "hours")) * time.Hour)
					before, missed := c, len(c.Missed)
					ago := time.Duration(rapid.IntRange(-20, 40*24).Draw(t, "ago")) * time.Hour
					if _, err := act(t, &c, now.Add(-max(0, ago)), regime); err != nil {
						continue
					}
					check(t, before, c, regime)
					require.GreaterOrEqual(t, len(c.Missed), missed, "what was missed stays so")
					last := c.Raised
					for _, s := range c.Steps {
						require.False(t, s.At.Before(last), "steps are in order")
						last = s.At
					}
					times := []time.Time{c.Received}
					for _, a := range c.Earlier {
						times = append(times, a.At)
					}
					for _, h := range c.Handlers {
						times = append(times, h.At)
					}
					if c.Answer != nil {
						times = append(times, c.Answer.At)
					}
					for _, at := range append(times, c.Acknowledged, c.Closed, c.Sorted) {
						require.False(t, !at.IsZero() && at.Before(c.Raised), "nothing lies before it was received")
					}
				}
			})
		})
	}
}
