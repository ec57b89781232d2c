package complaint_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
)

func TestAnIDIsThatOfOneComplaint(t *testing.T) {
	t.Parallel()
	c := raise(regime(t, "gb"), complaint.Technical, complaint.FromReply)
	require.NoError(t, c.Takes(complaint.Raising{ID: "C-1", Loan: "L-1", Kind: complaint.Fraud}))
	for _, loan := range []string{"L-2", ""} {
		require.EqualError(t, c.Takes(complaint.Raising{ID: "C-1", Loan: loan}), "complaint: C-1 is about loan L-1; give this one an id of its own")
	}
	c.Loan = ""
	require.EqualError(t, c.Takes(complaint.Raising{ID: "C-1", Loan: "L-2"}), "complaint: C-1 is about the borrower, and no loan; give this one an id of its own")
}

// What is raised again loosens nothing, and may tighten.
func TestAComplaintThatIsRaisedAgainIsTreatedNoLessCarefully(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, test := range []struct {
		was, comes, kind complaint.Kind
		level            complaint.Level
	}{
		{complaint.Technical, complaint.Fraud, complaint.Fraud, complaint.Compliance},
		{complaint.Technical, complaint.Conduct, complaint.Conduct, complaint.ComplaintsDesk},
		{complaint.Service, complaint.Charges, complaint.Service, complaint.FrontLine},
		{complaint.Service, complaint.Unsorted, complaint.Service, complaint.FrontLine},
		{complaint.Unsorted, complaint.Charges, complaint.Unsorted, complaint.FrontLine},
		{complaint.Unsorted, complaint.Amount, complaint.Amount, complaint.ComplaintsDesk},
		{complaint.Conduct, complaint.Technical, complaint.Conduct, complaint.ComplaintsDesk},
		{complaint.Conduct, complaint.Amount, complaint.Conduct, complaint.ComplaintsDesk},
		{complaint.Conduct, complaint.DataProtection, complaint.DataProtection, complaint.Compliance},
		{complaint.Fraud, complaint.Conduct, complaint.Fraud, complaint.Compliance},
	} {
		for _, heard := range []bool{false, true} {
			c := raise(gb, test.was, complaint.FromReply)
			if heard {
				require.NoError(t, c.Acknowledge(friday, "tender"))
			}
			level := c.Level
			c.Merge(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: test.comes, At: days(1)}, false, gb)
			require.Equal(t, test.kind, c.Kind, "%s, then %s", test.was, test.comes)
			require.Equal(t, test.level, c.Level, "%s, then %s", test.was, test.comes)
			require.Equal(t, heard && level != c.Level, len(c.Steps) > 0, "who was told who has it is told who has it now")
		}
	}
}

func TestAHoldBeginsWhereAComplaintTurnsOutToBeAnotherOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		was, is complaint.Kind
		stops   bool
	}{
		{complaint.Unsorted, complaint.Conduct, true},
		{complaint.Technical, complaint.Conduct, true},
		{complaint.Technical, complaint.Unsorted, true},
		{complaint.Unsorted, complaint.Unsorted, false},
		{complaint.Unsorted, complaint.Technical, false},
		{complaint.Conduct, complaint.Conduct, false},
		{complaint.Conduct, complaint.Fraud, false}, // somebody released it, and knew what it was
	} {
		require.Equal(t, test.stops, test.is.Stops(test.was), "%s, then %s", test.was, test.is)
	}
}

// That it is about a payment may be found out later: then the shorter clocks count, from the beginning.
func TestAComplaintThatTurnsOutToBeAboutAPaymentHasTheShorterClocks(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	payment := complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Loan: "L-1", Kind: complaint.Service, Payment: true, At: friday, Home: time.UTC}, gb)
	for what, finds := range map[string]func(c *complaint.Case, at time.Time) error{
		"merged": func(c *complaint.Case, at time.Time) error {
			c.Merge(complaint.Raising{ID: "C-2", Borrower: "B-1", Loan: "L-1", Kind: complaint.Service, Payment: true, At: at}, false, gb)
			return nil
		},
		"assigned": func(c *complaint.Case, at time.Time) error {
			return c.Assign(at, "anna", complaint.Assigning{Payment: true}, gb)
		},
	} {
		c := raise(gb, complaint.Service, complaint.FromReply)
		require.NoError(t, finds(&c, days(1)), what)
		require.True(t, c.Payment)
		require.Equal(t, dues(payment.Clocks), dues(c.Clocks), what)
		before := written(t, c)
		require.NoError(t, c.Assign(days(2), "anna", complaint.Assigning{Payment: true}, gb))
		require.Equal(t, before, written(t, c), "once is enough")
		c.Merge(complaint.Raising{ID: "C-3", Borrower: "B-1", Loan: "L-1", Kind: complaint.Service, At: days(2)}, false, gb)
		require.Equal(t, dues(payment.Clocks), dues(c.Clocks), "and it loosens nothing that another one does not say so")
		_, err := c.Extend(days(3), "anna", "exceptional", "", gb)
		require.NoError(t, err)

		// Known too late: an answer is late, and still there is a date that the borrower was told.
		c = raise(gb, complaint.DataProtection, complaint.FromReply)
		require.NoError(t, c.Acknowledge(friday, "tender"))
		promised, _ := c.Promised(friday)
		require.NoError(t, finds(&c, days(40)), what)
		require.True(t, c.Late(days(40)))
		now, over := c.Promised(days(40))
		require.Equal(t, promised, now)
		require.False(t, over)
		for _, step := range c.Next(gb, complaint.Situation{Now: days(40)}) {
			require.NotContains(t, step.Key, "overdue@C-1.payment_response", "nobody was told of that date")
		}
	}
	us := regime(t, "us")
	c := raise(us, complaint.Service, complaint.FromReply)
	before := dues(c.Clocks)
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{Payment: true}, us))
	require.Equal(t, before, dues(c.Clocks), "there it makes no difference")

	// A regulator's date, and one that is shorter already, stay.
	c = complaint.Raise(complaint.Raising{ID: "C-1", Borrower: "B-1", Kind: complaint.Service, Origin: complaint.FromRegulator, At: friday, Home: time.UTC}, gb)
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{Payment: true}, gb))
	require.Contains(t, dues(c.Clocks), "referral")
	longer := *gb
	longer.Deadlines = append([]complaint.Clock{}, gb.Deadlines...)
	longer.Deadlines[len(longer.Deadlines)-1].Within = 100
	c = raise(&longer, complaint.Service, complaint.FromReply)
	require.NoError(t, c.Assign(friday, "anna", complaint.Assigning{Payment: true}, &longer))
	require.Equal(t, "2026-10-23", dues(c.Clocks)["final_response"])
}

// A reply names no loan: where there is one alone, it is the complaint about that.
func TestAReplyIsTheComplaintAboutTheOnlyLoan(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	for _, test := range []struct {
		is, comes complaint.Kind
		origin    complaint.Origin
		loans     []string
		same      bool
	}{
		{complaint.Unsorted, complaint.Unsorted, complaint.FromReply, []string{"L-1"}, true},
		{complaint.Conduct, complaint.Unsorted, complaint.FromReply, []string{"L-1"}, true},
		{complaint.Unsorted, complaint.Fraud, complaint.FromReply, []string{"L-1"}, true},
		{complaint.Conduct, complaint.Unsorted, complaint.FromReply, nil, true},
		{complaint.Conduct, complaint.Fraud, complaint.FromReply, []string{"L-1"}, false},
		{complaint.Service, complaint.Unsorted, complaint.FromReply, []string{"L-1"}, false},         // it stops nothing, and the reply does
		{complaint.Unsorted, complaint.Unsorted, complaint.FromReply, []string{"L-1", "L-2"}, false}, // nor does it for the other loan
		{complaint.Unsorted, complaint.Unsorted, complaint.FromReply, []string{"L-2"}, false},
		{complaint.Unsorted, complaint.Unsorted, complaint.FromLender, []string{"L-1"}, false}, // who can name a loan, and does not, means none
	} {
		c := raise(gb, test.is, complaint.FromLender)
		comes := complaint.Raising{ID: "C-2", Borrower: "B-1", Kind: test.comes, Origin: test.origin, Loans: test.loans}
		require.Equal(t, test.same, c.Same(comes), "%+v", test)
		comes.Borrower = "B-2"
		require.False(t, c.Same(comes))
	}
}

// Where no level is above, another person looks at it.
func TestWhoGaveTheAnswerDoesNotJudgeTheObjection(t *testing.T) {
	t.Parallel()
	gb := regime(t, "gb")
	c := raise(gb, complaint.DataProtection, complaint.FromReply)
	require.NoError(t, c.Acknowledge(friday, "tender"))
	require.NoError(t, c.Withdraw(days(1), "dora"))
	require.NoError(t, c.Reopen(days(2), "dora", "another_mind", gb))
	require.NoError(t, c.Resolve(complaint.Answer{At: days(3), By: "dora", Outcome: complaint.Rejected}, gb), "she only wrote down that it was taken back")
	require.NoError(t, c.Reopen(days(4), "anna", "dissatisfied", gb))
	require.Equal(t, complaint.Compliance, c.Level)
	again := complaint.Answer{At: days(5), By: "dora", Outcome: complaint.Rejected}
	refused := "dora answered complaint C-1 on " + days(3).Format(time.RFC3339) + ", and the borrower objected; somebody else of compliance has to look into it"
	require.EqualError(t, c.Resolve(again, gb), "by: "+refused)
	require.EqualError(t, c.Assign(days(5), "emil", complaint.Assigning{To: "dora"}, gb), "to: "+refused)
	again.By = "emil"
	require.NoError(t, c.Resolve(again, gb))
}
