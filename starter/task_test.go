package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/worklist"
)

// onThursday returns a terminal where it is Thursday, 11 in New York: task t-2, to call borrower B-1, can be done.
func onThursday(t *testing.T) *terminal {
	t.Helper()
	url := reporttest.Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	for _, sql := range []string{
		`update installation set clock_start = clock_start + interval '52 hours'`,
		`insert into contact_points (borrower_id, id, channel, address) values ('B-1', 'phone', 'call', '+12025550143')`,
	} {
		_, err = conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	return onDatabase(t, url)
}

func TestAnAgentTakesATaskCallsAndSaysWhatCameOfIt(t *testing.T) {
	t.Parallel()
	x := onThursday(t)
	got := x.run("task next --agent amy")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "Task t-2: notice-1@2026-02-01\n")
	require.Contains(t, got.out, "with amy, until ")
	require.Contains(t, got.out, "allowed, +12025550143, until Thu 2026-02-12 21:00 EST\n")
	require.Contains(t, got.out, "Could I speak to Ada Canary")
	require.Less(t, strings.Index(got.out, "Could I speak to"), strings.Index(got.out, "about your loan L-1001"))
	require.Contains(t, x.run("task next --agent amy").out, "You have this one already.")
	require.Equal(t, "There is no task that can be done now.\n", x.run("task next --agent bob").out)
	require.Contains(t, x.run("task list --agent amy").out, "with amy\n")

	got = x.run("task dial t-2 --agent bob")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "task t-2 is with amy until ")
	got = x.run("task dial t-2 --agent amy")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "t-2: call +12025550143 now; it counts as contact t-2.1\n")
	got = x.run("task release t-2 --agent amy")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "say what came of the call first")

	line := "task complete t-2 --agent amy --disposition promise --promise 60.00@2026-02-20 --promise 45.5@2026-03-01 --id done-1"
	first := x.run(line)
	require.Equal(t, exitDone, first.code, first.err)
	require.Contains(t, first.out, "L-1001: call.completed done-1 accepted\n")
	e, call := last[event.Call](t, x)
	require.Equal(t, event.CallCompleted, e.Type)
	require.Equal(t, event.TaskDone, call.Then)
	require.Empty(t, call.Agent, "who called is nobody's business there")
	require.Equal(t, "done-1", call.Promise.Promise)
	require.Equal(t, "USD", call.Promise.Currency)
	require.Len(t, call.Promise.Parts, 2)
	again := x.run(line)
	require.Equal(t, exitDone, again.code, again.err)
	require.Contains(t, again.out, "came before")
	require.Len(t, x.teller.told, 1)
	require.Contains(t, x.run("loan show L-1001").out, "call.completed: promise, t-2, promised 60.00 USD by 2026-02-20, 45.50 USD by 2026-03-01, by amy\n")
	require.Contains(t, x.run("task list --all").out, "promise on Thu 2026-02-12 16:")
	got = x.run("task dial t-2 --agent amy")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "task t-2 has ended on ")
}

func TestCompletingDialsWhatWasNotDialled(t *testing.T) {
	t.Parallel()
	x := onThursday(t)
	got := x.run("task complete t-2 --agent amy --disposition voicemail")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "task t-2 is not yours: it is on the list; take it up with tender task next")
	require.Contains(t, got.err, "tender loan contact L-1001 --channel call --disposition voicemail")
	require.Equal(t, exitDone, x.run("task next --agent amy").code)
	require.Equal(t, exitDone, x.run("loan hold L-1001 --reason dispute_open").code)
	got = x.run("task complete t-2 --agent amy --disposition voicemail")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "is not decided upon yet; it is back on the list")
}

func TestACallThatReachedNobodyPutsTheTaskBack(t *testing.T) {
	t.Parallel()
	x := onThursday(t)
	require.Equal(t, exitDone, x.run("task next --agent amy").code)
	got := x.run("task complete t-2 --agent amy --disposition no_answer")
	require.Equal(t, exitDone, got.code, got.err)
	_, call := last[event.Call](t, x)
	require.Equal(t, event.TaskAgain, call.Then)
	require.Contains(t, x.run("task list").out, "not before Fri 2026-02-13 16:00 UTC, 1 of 3 calls in vain\n")
}

func TestEveryThingThatABorrowerSaysIsOneEvent(t *testing.T) {
	t.Parallel()
	x := onThursday(t)
	require.Equal(t, exitDone, x.run("task next --agent amy").code)
	got := x.typed("", "task", "complete", "t-2", "--agent", "amy", "--disposition", "right_party", "--hardship", "job_loss", "--months", "3",
		"--complaint", "conduct", "--words", "canary said it", "--refuses", "calls", "--note", "canary again")
	require.Equal(t, exitDone, got.code, got.err)
	var told []string
	var call event.Call
	for _, e := range x.teller.told {
		told = append(told, e.Loan+" "+string(e.Type))
		require.NotContains(t, string(e.Data), "canary")
		require.NotContains(t, string(e.Data), "job_loss", "why is nobody's business there")
		if e.Type == event.CallCompleted {
			require.NoError(t, json.Unmarshal(e.Data, &call))
		}
	}
	require.Len(t, told, 3)
	require.Contains(t, told, "L-1001 call.completed")
	require.Contains(t, told, "L-1001 complaint.raised", "the complaint follows from it")
	require.Regexp(t, `complaint\.[^ ]+ complaint\.raised`, strings.Join(told, "\n"), "and has a workflow of its own")
	require.NotNil(t, call.Hardship)
	require.Equal(t, event.Complaint{Complaint: call.Complaint.Complaint}, *call.Complaint, "of what it is about journeys hear nothing")
	require.Equal(t, event.RefusesCalls, call.Refusal)
	require.Contains(t, x.run("borrower show B-1").out, "no contact by call, since ")
}

func TestATaskIsShownBeforeAnybodyTakesIt(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("task show t-2")
	require.Equal(t, exitDone, got.code, got.err)
	golden(t, "task-show.txt", got.out)
	got = x.run("task next --agent amy")
	require.Equal(t, exitDone, got.code, got.err)
	golden(t, "task-none.txt", got.out)
	var handed worklist.Handed
	require.NoError(t, json.Unmarshal([]byte(x.run("task next --agent amy -o json").out), &handed))
	require.Nil(t, handed.Task)
	require.Equal(t, "us-federal/call-after-conversation", handed.Skipped[0].Rule)
}

func TestACompletionThatSaysTooLittleOrTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for flags, says := range map[string]string{
		"--disposition sent":                                        `unknown disposition "sent"; use one of busy`,
		"--disposition promise":                                     "--promise is missing",
		"--disposition hardship":                                    "--hardship is missing",
		"--disposition callback":                                    "--callback is missing, or a date",
		"--disposition callback --callback 2026-02-12":              "--callback is missing, or a date",
		"--disposition no_answer --promise 5@2026-02-20":            "--promise goes with --disposition promise or right_party",
		"--promise 5@2026-02-20":                                    "--promise goes with --disposition promise or right_party",
		"--disposition promise --promise 5":                         `--promise "5" is no amount with a date`,
		"--disposition busy --hardship illness":                     "--hardship goes with a disposition",
		"--disposition busy --fraud":                                "--fraud goes with a disposition",
		"--disposition busy --complaint conduct":                    "--complaint goes with a disposition",
		"--disposition right_party --months 3":                      "--months goes with --hardship",
		"--disposition right_party --words x":                       "--words are those of a hardship",
		"--disposition right_party --callback 2026-02-12T15:00:00Z": "--callback goes with --disposition callback",
		"--disposition right_party --refuses to_pay":                "--refuses to_pay goes with --disposition refused",
		"--disposition busy --refuses calls":                        "--refuses calls goes with a disposition",
		"--disposition refused --refuses everything":                `unknown refusal "everything"; use one of to_pay`,
		"--disposition right_party --agent +12025550143":            "--agent is no id",
		"--disposition right_party --agent 555-0100-2222":           "--agent looks like a phone number",
		"--disposition hardship --hardship weather":                 `unknown cause "weather"`,
	} {
		got := x.run("task complete t-2 " + flags)
		require.Equal(t, exitUsage, got.code, "%s: %s", flags, got.err)
		require.Contains(t, got.err, says, flags)
	}
	require.Equal(t, exitUsage, x.run("task next --lease 1ms").code)
	for _, line := range []string{"show t-9", "dial t-9", "release t-9", "complete t-9"} {
		got := x.run("task " + line)
		require.Equal(t, exitNotFound, got.code, line)
		require.Contains(t, got.err, "task t-9 is not known; tender task list shows those that wait")
	}
	got := x.run("task complete t-2 --agent nobody-s")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "data.agent: task t-2 is not nobody-s's: it is on the list")
	require.Equal(t, exitUsage, x.run("task list --reason nonsense").code)
	require.Contains(t, x.run("task list --reason nonsense").err, `unknown reason "nonsense"; use one of answer_in_writing, arrears_call, complaint, `)
	require.Len(t, contact.CallDispositions, 15)
}
