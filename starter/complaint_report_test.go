package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint/rates"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
)

// now is when a report was made, which no golden file can know.
var now = regexp.MustCompile(`"now": "[^"]*"`)

func TestWhatIsComplainedOfIsReported(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, reporttest.DatabaseOfComplaints(t))
	for name, line := range map[string]string{
		"complaint-report.txt":          "complaint report --since 2026-01-01 --until 2026-02-10",
		"complaint-report-agent.json":   "complaint report --since 2026-01-01 --until 2026-02-10 --by agent -o json",
		"complaint-report-level.txt":    "complaint report --since 2026-01-01 --until 2026-02-10T12:00:00Z --by level",
		"complaint-report-nothing.txt":  "complaint report --since 2025-01-01 --until 2025-02-01",
		"complaint-report-nothing.json": "complaint report --since 2025-01-01 --until 2025-02-01 --by regime -o json",
	} {
		got := x.run(line)
		require.Equal(t, exitDone, got.code, got.err)
		golden(t, name, now.ReplaceAllString(got.out, `"now": "-"`))
	}
}

func TestAReportThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, says := range map[string]string{
		"--since spring":                        `--since "spring" is no date and no instant; write such as 2026-01-31`,
		"--until 2026-13-01":                    `--until "2026-13-01" is no date and no instant; write such as 2026-01-31`,
		"--since 2026-02-01 --until 2026-02-01": "--since 2026-02-01 does not lie before --until 2026-02-01",
		"--since 2027-02-01":                    "--since 2027-02-01 lies ahead of now, 2026-02-10T",
		"--by mood":                             "kind, cause, channel, strategy, template, agent, regime, level",
		"C-1":                                   `"C-1" is one argument too many`,
	} {
		got := x.run("complaint report " + line)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.err, says, line)
	}
	require.Contains(t, x.run("complaint report").out, "Complaints raised from Wed 2025-11-12 12:00 UTC until Tue 2026-02-10 12:00 UTC")
}

func TestAComplaintIsTakenForNoLoan(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, reporttest.DatabaseOfComplaints(t))
	for _, line := range []string{"loan show complaint.C-203", "loan duties complaint.C-203", "loan pay complaint.C-203 10", "hold place --loan complaint.C-203 --kind dispute_open", "hardship offers complaint.C-203"} {
		got := x.run(line)
		require.NotEqual(t, exitDone, got.code, line)
		require.Contains(t, got.err, "complaint", line)
	}
	require.Contains(t, x.run("loan show complaint.C-203").err, "complaint.C-203 is no loan; tender complaint show C-203 shows the complaint")
	require.NotContains(t, x.run("loan list").out, "C-203")
	require.NotContains(t, x.run("strategy report").out, "14")
	require.Equal(t, exitDone, x.run("audit verify").code)
}

func TestTheDoctorNamesComplaintsThatAreLate(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, reporttest.DatabaseOfComplaints(t))
	d, code := examine(t, x, "--only", "complaints")
	require.Equal(t, exitDone, code, "a warning is no failure")
	found := d.about(t, "complaints")
	require.Equal(t, warning, found.Health)
	require.Equal(t, "3 complaints to be answered, of which 1 not acknowledged yet; a deadline of 3 has passed", found.Says)
	require.Equal(t, []string{
		"C-001, service, is late, with front line: the deadline passed on Wed 2025-11-05 00:00 UTC",
		"C-202, charges, is late, with front line: the deadline passed on Sun 2026-01-25 00:00 UTC",
		"C-204, unsorted, is late, with front line: the deadline passed on Tue 2026-02-03 00:00 UTC",
	}, found.Cases)

	x.change(`update complaints set facts = jsonb_set(facts, '{deadlines,1,at}', '"2026-03-01T00:00:00Z"'), owner = 'dora' where id = 'C-204';
		update complaints set due_at = null, answered_at = now() where id in ('C-001', 'C-202')`)
	d, _ = examine(t, x, "--only", "complaints")
	require.Equal(t, []string{"C-204, unsorted, should have moved up from front line (dora): the deadline passed on Tue 2026-02-03 00:00 UTC"}, d.about(t, "complaints").Cases)
	x.change(`update complaints set due_at = '2026-03-01Z' where id = 'C-204'`)
	d, _ = examine(t, x, "--only", "complaints")
	require.Equal(t, "1 complaint to be answered; no deadline has passed", d.about(t, "complaints").Says)
	x.change(`update complaints set due_at = null, answered_at = now()`)
	d, _ = examine(t, x, "--only", "complaints")
	require.Equal(t, well, d.about(t, "complaints").Health)

	x.change(`update loans set next_at = '2026-02-01 11:00Z', next_step = 'close@C-203.2' where id = 'complaint.C-203'`)
	d, _ = examine(t, x, "--only", "ledgers,journeys")
	require.Equal(t, []string{"complaint/C-203: close@C-203.2 was due on 2026-02-01T11:00:00Z"}, d.about(t, "journeys").Cases)
	for _, line := range d.about(t, "ledgers").Cases {
		require.NotContains(t, line, "/crm", "a sender of complaints has no postings")
	}
}

func TestTheManualOfTheReportShowsWhatItPrints(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/complaints.md")
	require.NoError(t, err)
	printed, err := os.ReadFile("testdata/complaint-report.txt")
	require.NoError(t, err)
	_, standsOut, there := strings.Cut(string(printed), "More complaints than chance explains\n")
	require.True(t, there)
	require.Contains(t, string(manual), standsOut)
	for _, figure := range []string{fmt.Sprint(report.LeastContacts, " contacts"), fmt.Sprint(rates.Level, " %"), fmt.Sprint("last ", reportedDays, " days")} {
		require.Contains(t, string(manual), figure)
	}
}
