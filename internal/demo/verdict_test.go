package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
)

// lived is the life of L-1 in the small scenario as it must be lived; change makes it another.
func lived(change func(*report.Life)) report.Life {
	at := func(day, hour int) time.Time { return time.Date(2026, 1, 5+day, hour, 0, 0, 0, time.UTC) }
	l := report.Life{
		Loan: report.Loan{ID: "L-1", Stage: "closed", Closed: at(21, 12)},
		Entries: []report.Entry{
			{At: at(0, 17), Sort: report.CameIn, What: "loan.disbursed", State: "accepted"},
			{At: at(0, 18), Sort: report.Sent, What: "welcome@2026-01-05", Channel: "sms", Result: "sent"},
			{At: at(6, 18), Sort: report.Sent, What: "notice-1@2026-01-10", Channel: "sms", Result: "delivered"},
			{At: at(6, 20), Sort: report.CameIn, What: "borrower.replied", State: "accepted"},
			{At: at(10, 18), Sort: report.HeldBack, What: "notice-2@2026-01-10", Rule: "tender/opt-out", Verdict: "deny", Why: "opted out"},
			{At: at(10, 18), Sort: report.Task, What: "notice-2@2026-01-10"},
			{At: at(12, 18), Sort: report.Sent, What: "notice-2@2026-01-10", Channel: "sms", Code: "no_adapter"}, // never left
			{At: at(15, 18), Sort: report.Told, What: "tender.charge_off", Done: at(15, 19)},
		},
	}
	if change != nil {
		change(&l)
	}
	return l
}

func TestALifeIsComparedWithWhatItMustBe(t *testing.T) {
	sent := func(step string, day int) func(*report.Life) {
		return func(l *report.Life) {
			l.Entries = append(l.Entries, report.Entry{
				At: time.Date(2026, 1, 5+day, 18, 0, 0, 0, time.UTC), Sort: report.Sent, What: step, Channel: "sms", Result: "sent",
			})
		}
	}
	must := Must{
		Stage: "closed", Reason: "settled", ClosedBy: 21, Made: map[string]int{"welcome": 1, "notice-1": 1, "thank-you": 0},
		Never: []string{"notice-[2-5]"}, SilentAfter: "borrower.replied", Prevented: []string{"tender/opt-out"},
		Tasks: []string{"notice-2"}, Told: []string{"tender.charge_off"},
	}
	must.Contacts.Least, must.Contacts.Most = 2, 3
	for _, test := range []struct {
		name   string
		lived  report.Life
		reason string
		want   []string
	}{
		{"as it must", lived(nil), "settled", nil},
		{"another end", lived(func(l *report.Life) { l.Loan.Stage, l.Loan.Closed = "late_arrears", time.Time{} }), "arrears", []string{
			"it is late_arrears and not closed", `the reason is "arrears" and not "settled"`, "it has not closed by day 21",
		}},
		{"never begun", report.Life{}, "", []string{
			"it is nothing and not closed", `the reason is "" and not "settled"`, "it has not closed by day 21",
			"notice-1 was made never and not once", "welcome was made never and not once",
			"only 0 contacts were made, and not at least 2", "nobody was given notice-2 to do",
			"the lending system was not told tender.charge_off", "borrower.replied never came", "tender/opt-out prevented nothing",
		}},
		{"too late", lived(func(l *report.Life) { l.Loan.Closed = l.Loan.Closed.AddDate(0, 0, 1) }), "settled", []string{
			"it closed on day 22 and not by day 21",
		}},
		{"once too often", lived(sent("notice-1@2026-01-20", 6)), "settled", []string{"notice-1 was made twice and not once"}},
		{"a step that must not be", lived(sent("notice-3@2026-01-10", 5)), "settled", []string{"notice-3 was made, and must not have been"}},
		{"a word after STOP", lived(sent("follow-up@2026-01-24", 19)), "settled", []string{
			"follow-up@2026-01-24 was made on Sat 2026-01-24 18:00 UTC, after borrower.replied",
		}},
		{"too many", lived(func(l *report.Life) { sent("follow-up@2026-01-06", 1)(l); sent("follow-up@2026-01-07", 2)(l) }), "settled", []string{
			"4 contacts were made, and not at most 3",
		}},
		{"an event that was refused", lived(func(l *report.Life) {
			l.Entries[0].State, l.Entries[0].Why = "refused", "refused by the journey: in EUR"
		}), "settled", []string{"loan.disbursed was refused by the journey: in EUR"}},
		{"a message that may have left", lived(func(l *report.Life) {
			l.Entries[1].Result, l.Entries[1].Code = "uncertain", "timeout"
		}), "settled", []string{"nobody can tell whether welcome@2026-01-05 left (timeout)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse("lives.yaml", []byte(small))
			require.NoError(t, err)
			require.Equal(t, test.want, s.differs(Life{Must: must}, test.lived, test.reason))
		})
	}
}

func TestSilenceEndsWithTheEventThatEndsIt(t *testing.T) {
	s, err := Parse("lives.yaml", []byte(small))
	require.NoError(t, err)
	life := lived(func(l *report.Life) {
		day := func(n int) time.Time { return time.Date(2026, 1, 5+n, 18, 0, 0, 0, time.UTC) }
		l.Entries = append(
			l.Entries,
			report.Entry{At: day(20), Sort: report.CameIn, What: "hold.released", State: "accepted"},
			report.Entry{At: day(21), Sort: report.Sent, What: "notice-2@2026-01-10", Channel: "sms", Result: "sent"},
		)
	})
	must := Must{Stage: "closed", SilentAfter: "borrower.replied", SilentUntil: "hold.released"}
	require.Empty(t, s.differs(Life{Must: must}, life, "settled"))

	must.SilentUntil = "dispute.resolved"
	require.Equal(t, []string{
		"dispute.resolved never came", "notice-2@2026-01-10 was made on Mon 2026-01-26 18:00 UTC, after borrower.replied",
	}, s.differs(Life{Must: must}, life, "settled"))
}
