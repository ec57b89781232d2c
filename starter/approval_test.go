package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report"
)

func TestARequestForApprovalIsListedAndAnsweredOnce(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	list := func(flags string) (all []report.Approval) {
		got := x.run("approval list -o json " + flags)
		require.Equal(t, exitDone, got.code, got.err)
		require.NoError(t, json.Unmarshal([]byte(got.out), &all))
		return all
	}
	open := list("")
	require.Len(t, open, 1)
	id := open[0].ID
	require.Equal(t, []string{"lender/three-a-month"}, open[0].Rules)

	got := x.run("approval grant " + id + " --note she-asked --as grace --id yes")
	require.Equal(t, exitDone, got.code, got.err)
	again := x.run("approval grant " + id + " --note she-asked --as grace --id yes")
	require.Equal(t, exitDone, again.code, "the same command line has one effect: %s", again.err)
	require.Contains(t, again.out, "came before")
	require.Equal(t, event.ApprovalGranted, x.teller.told[0].Type)
	require.NotContains(t, string(x.teller.told[0].Data), "asked")

	late := x.run("approval refuse " + id + " --as eve")
	require.Equal(t, exitRefused, late.code)
	require.Contains(t, late.err, "was granted by grace on 2026-02-10T12:00:")
	require.Empty(t, list(""))
	all := list("--all --loan L-1001")
	require.Len(t, all, 2)
	require.Equal(t, "grace", all[1].AnsweredBy)
	require.Equal(t, all[1].Answered.AddDate(0, 0, 3), all[1].HoldsUntil)
}

func TestWhatIsWrongWithAnAnswerIsSaid(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, c := range map[string]struct {
		code int
		says string
	}{
		"approval grant":                                         {exitUsage, "APPROVAL is missing"},
		"approval grant a-9":                                     {exitNotFound, "approval a-9 is not known; tender approval list shows those that wait"},
		"approval refuse a-9":                                    {exitNotFound, "approval a-9 is not known"},
		"approval list --limit 0":                                {exitUsage, "--limit 0: give a number from 1 to 10000"},
		"approval list --loan L-9":                               {exitNotFound, "loan L-9 is not known"},
		"approval grant a5b1c0de42f09d77e1a3 --as tender":        {exitRefused, "was asked for by tender; somebody else must answer"},
		"approval grant a5b1c0de42f09d77e1a3 --until 2026-01-01": {exitRefused, "has passed already, so nothing would be approved of"},
	} {
		got := x.run(line)
		require.Equal(t, c.code, got.code, "%s: %s", line, got.err)
		require.Contains(t, got.err, c.says, line)
	}
}
