package complaint_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
)

// lives does at an instant all that is to be done about a complaint, the first of what is due first, and returns what the borrower was told.
func lives(t *testing.T, c *complaint.Case, regime *complaint.Regime, now time.Time, done map[string]bool, told *time.Time) (said []complaint.Step) {
	t.Helper()
	for range 50 {
		var next *complaint.Step
		for _, step := range c.Next(regime, complaint.Situation{Now: now, Told: *told, Language: "en"}) {
			if lapsed := !step.Lapses.IsZero() && !now.Before(step.Lapses); step.At.After(now) || lapsed || done[step.Key] || next != nil {
				continue
			}
			next = &step
		}
		if next == nil {
			return said
		}
		now = now.Add(time.Second)
		done[next.Key] = true
		switch next.Do {
		case complaint.Write:
			said, *told = append(said, *next), now
			if complaint.Acknowledges(next.Key) && c.Acknowledged.IsZero() {
				require.NoError(t, c.Acknowledge(now, "tender"))
			}
		case complaint.MoveUp:
			require.NoError(t, c.Escalate(now, "tender", complaint.Level(next.Fill["to"]), next.Fill["why"], "", regime))
		}
	}
	require.Fail(t, "it never comes to rest")
	return said
}

func templates(said []complaint.Step) (all []string) {
	for _, step := range said {
		all = append(all, step.Template)
	}
	return all
}

// Whoever complained long ago, and is heard now, gets one message: that it is late, who has it, and where they can go.
func TestAComplaintThatIsToldOfLateIsToldOfOnce(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, late := range []struct {
		days  int
		level complaint.Level
	}{{0, complaint.FrontLine}, {7, complaint.ComplaintsDesk}, {20, complaint.IndependentReviewer}, {40, complaint.Compliance}, {180, complaint.Compliance}} {
		c, told := raise(gb, complaint.Service, complaint.FromReply), time.Time{}
		said := lives(t, &c, gb, days(late.days), map[string]bool{}, &told)
		require.Equal(t, []string{"complaint-acknowledged"}, templates(said), late.days)
		require.Equal(t, late.level, c.Level, "it is where it would be by then")
		fill := said[0].Fill
		require.Equal(t, string(late.level), fill["complaint_level"], "which is what they heard")
		over := late.days > 56
		require.Equal(t, over, fill["complaint_due"] == "")
		require.Equal(t, over, fill["complaint_body"] != "", "nobody waits for us who need not")
	}
}

// By whom a person was told that it was received, and what they said, is theirs: where it is now is told by Tender.
func TestWhoWasToldByAPersonHearsWhereItIsNow(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c, told := raise(gb, complaint.Service, complaint.FromReply), time.Time{}
	require.NoError(t, c.Acknowledge(days(7), "amy"))
	require.Equal(t, []string{"complaint-escalated"}, templates(lives(t, &c, gb, days(7), map[string]bool{}, &told)))
}

// After an outage the complaint is where it would be, and the borrower hears that, and not of what it passed on the way.
func TestAnOutageLeadsToOneMessage(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, away := range []struct {
		days  int
		level complaint.Level
		says  string
	}{{7, complaint.ComplaintsDesk, "complaint-escalated"}, {40, complaint.Compliance, "complaint-escalated"}, {70, complaint.Compliance, "complaint-overdue"}} {
		c, told, done := raise(gb, complaint.Service, complaint.FromReply), time.Time{}, map[string]bool{}
		require.Equal(t, []string{"complaint-acknowledged"}, templates(lives(t, &c, gb, friday, done, &told)))
		said := lives(t, &c, gb, days(away.days), done, &told)
		require.Equal(t, []string{away.says}, templates(said), away.days)
		require.Equal(t, string(away.level), said[0].Fill["complaint_level"])
		require.Equal(t, away.level, c.Level)
	}

	// Of two final dates that passed meanwhile they hear of the last one; of each, where they pass one by one.
	for _, outage := range []bool{true, false} {
		c := complaint.Raise(complaint.Raising{
			ID: "C-1", Borrower: "B-1", Kind: complaint.DataProtection, Origin: complaint.FromRegulator, Due: bizclock.DateOf(days(10)), At: friday, Home: time.UTC,
		}, gb)
		told, done := time.Time{}, map[string]bool{}
		lives(t, &c, gb, friday, done, &told)
		var said []string
		if !outage {
			said = templates(lives(t, &c, gb, days(12), done, &told))
		}
		said = slices.DeleteFunc(append(said, templates(lives(t, &c, gb, days(70), done, &told))...), func(s string) bool { return s == "complaint-progress" })
		late := []string{"complaint-overdue"}
		if !outage {
			late = append(late, "complaint-overdue")
		}
		require.Equal(t, late, said)
	}
}

// Who took it to an external body is not told that we passed it on.
func TestWhoTookItToAnExternalBodyHearsWhoHasIt(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c, told, done := raise(gb, complaint.Service, complaint.FromReply), time.Time{}, map[string]bool{}
	lives(t, &c, gb, friday, done, &told)
	require.NoError(t, c.Escalate(days(1), "anna", complaint.External, "ombudsman", "", gb))
	said := lives(t, &c, gb, days(1), done, &told)
	require.Equal(t, []string{"complaint-external"}, templates(said))
	require.Equal(t, "Financial Ombudsman Service", said[0].Fill["complaint_body"])
	require.NotEmpty(t, said[0].Fill["complaint_due"])
}

// Who takes it back hears that it was, however late that is told.
func TestThatItWasTakenBackIsSaidHoweverLateItIsTold(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c, told, done := raise(gb, complaint.Service, complaint.FromReply), time.Time{}, map[string]bool{}
	lives(t, &c, gb, friday, done, &told)
	require.NoError(t, c.Withdraw(days(2), "anna"))
	require.Equal(t, []string{"complaint-withdrawn"}, templates(lives(t, &c, gb, days(60), done, &told)))
}
