package complaint_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

// says are the templates of what the borrower is told, and may be told already.
func says(c complaint.Case, regime *complaint.Regime, s complaint.Situation) (all []string) {
	for _, step := range c.Next(regime, s) {
		if step.Do == complaint.Write && !step.At.After(s.Now) {
			all = append(all, step.Template)
		}
	}
	slices.Sort(all)
	return all
}

func TestTheBorrowerHearsWhoHasItAlsoWhenNewFactsComeWithTheStep(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	both := []string{"complaint-escalated", "complaint-restarted"}
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	c.Merge(complaint.Raising{ID: "C-2", Loan: "L-1", Kind: complaint.Conduct, Origin: complaint.FromRegulator, At: days(2)}, true, cn)
	require.Equal(t, both, says(c, cn, complaint.Situation{Now: days(2), Told: friday}), "a referral with facts")
	for _, step := range c.Next(cn, complaint.Situation{Now: days(2)}) {
		if step.Template == "complaint-escalated" {
			require.Equal(t, "independent_reviewer", step.Fill["complaint_level"])
		}
	}

	c = raise(cn, complaint.Conduct, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.NoError(t, c.Escalate(days(2), "anna", "", "asked", "", cn))
	_, err := c.Note(days(3), true, cn)
	require.NoError(t, err)
	require.Equal(t, both, says(c, cn, complaint.Situation{Now: days(3), Told: friday}), "facts before the message of the step left")

	// A step of before the answer is over: who has it now, the message of the reopening says.
	require.NoError(t, c.Escalate(days(3), "anna", complaint.Compliance, "asked", "", cn))
	require.NoError(t, c.Resolve(complaint.Answer{At: days(4), By: "dora", Outcome: complaint.Rejected}, cn))
	require.NoError(t, c.Reopen(days(5), "anna", "dissatisfied", cn))
	require.NotContains(t, says(c, cn, complaint.Situation{Now: days(5), Told: days(4)}), "complaint-escalated")
}

func TestNothingBeginsAnewForWhoWasToldOfNoTime(t *testing.T) {
	t.Parallel()
	cn := regime(t, "cn")
	c := raise(cn, complaint.Conduct, complaint.FromReply)
	_, err := c.Note(days(1), true, cn)
	require.NoError(t, err)
	require.NoError(t, c.Acknowledge(days(2), "tender"))
	require.Empty(t, says(c, cn, complaint.Situation{Now: days(2), Told: days(2)}), "the acknowledgement says all that there is to say")
	_, err = c.Note(days(3), true, cn)
	require.NoError(t, err)
	require.Equal(t, []string{"complaint-restarted"}, says(c, cn, complaint.Situation{Now: days(3), Told: days(2)}))

	// A message was on its way already when they came.
	c = raise(cn, complaint.Conduct, complaint.FromReply)
	_, err = c.Note(days(1), true, cn)
	require.NoError(t, err)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.Equal(t, []string{"complaint-restarted"}, says(c, cn, complaint.Situation{Now: days(1), Told: friday}))
}

func TestWhereTheyAreAlreadyNobodyIsSent(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, level := range []complaint.Level{complaint.Compliance, complaint.External} {
		c := raise(gb, complaint.DataProtection, complaint.FromReply)
		require.NoError(t, c.Acknowledge(friday, "tender"))
		if level == complaint.External {
			require.NoError(t, c.Escalate(days(1), "anna", level, "ombudsman", "", gb))
		}
		late := 0
		for _, step := range c.Next(gb, complaint.Situation{Now: days(60), Told: friday, Language: "en"}) {
			if step.Template == "complaint-overdue" {
				require.Equal(t, level == complaint.Compliance, step.Fill["complaint_body"] != "", level)
				late++
			}
		}
		require.Positive(t, late)
	}
}

func TestAHigherLevelIsPromisedWhereThereIsOne(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for level, review := range map[complaint.Level]string{
		complaint.FrontLine: "higher", complaint.ComplaintsDesk: "higher", complaint.IndependentReviewer: "higher", complaint.Compliance: "again", complaint.External: "again",
	} {
		c := raise(gb, complaint.Service, complaint.FromReply)
		require.NoError(t, c.Acknowledge(friday, "tender"))
		if level != complaint.FrontLine {
			require.NoError(t, c.Escalate(friday, "anna", level, "asked", "", gb))
		}
		require.NoError(t, c.Resolve(complaint.Answer{At: days(1), By: "dora", Outcome: complaint.Rejected}, gb))
		for _, step := range c.Next(gb, complaint.Situation{Now: days(1), Answered: days(1), Language: "en"}) {
			if step.Template == "complaint-answered" {
				require.Equal(t, review, step.Fill["complaint_review"], level)
				require.Equal(t, "Financial Ombudsman Service", step.Fill["complaint_body"], "and how to take it further")
			}
		}
		require.NoError(t, c.Reopen(days(2), "anna", "dissatisfied", gb))
		require.Equal(t, review == "higher", c.Level.Above(level), "which is what happens")
	}
}
