package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/store"
)

// complained are complaints of before this Tuesday in February: CP-1 is late, the last day of CP-2 is today, CP-3 has time, CP-4 has climbed, and
// CP-5 is closed.
const complained = `[
	{"id": "c-01", "type": "complaint.raised", "subject": "loan/L-1001", "time": "2026-02-02T15:00:00Z",
		"data": {"complaint": "CP-1", "kind": "conduct", "origin": "call", "channel": "call", "about": ["bob"], "text": "The last call was rude, says the canary."}},
	{"id": "c-02", "type": "complaint.raised", "subject": "loan/L-1001", "time": "2026-02-03T14:00:00Z",
		"data": {"complaint": "CP-1b", "origin": "reply", "channel": "sms", "text": "canary: he called me names"}},
	{"id": "c-03", "type": "complaint.assigned", "subject": "complaint/CP-1", "time": "2026-02-03T15:30:00Z", "data": {"to": "amy", "cause": "call_script"}},
	{"id": "c-04", "type": "complaint.noted", "subject": "complaint/CP-1", "time": "2026-02-04T16:00:00Z", "data": {"text": "The canary's recording was listened to.", "by": "amy"}},
	{"id": "c-05", "type": "complaint.raised", "subject": "loan/L-1002", "time": "2026-02-07T02:00:00Z", "data": {"complaint": "CP-2", "kind": "charges", "origin": "lender"}},
	{"id": "c-06", "type": "complaint.raised", "subject": "borrower/B-1", "time": "2026-02-09T15:00:00Z", "data": {"complaint": "CP-3", "kind": "service"}},
	{"id": "c-07", "type": "complaint.assigned", "subject": "complaint/CP-3", "time": "2026-02-09T16:00:00Z", "data": {"to": "cem"}},
	{"id": "c-08", "type": "complaint.raised", "subject": "borrower/B-1", "time": "2026-01-12T15:00:00Z",
		"data": {"complaint": "CP-4", "kind": "amount", "origin": "regulator", "due": "2026-02-20", "text": "canary"}},
	{"id": "c-09", "type": "complaint.acknowledged", "subject": "complaint/CP-4", "time": "2026-01-12T16:00:00Z", "data": {"by": "bea"}},
	{"id": "c-10", "type": "complaint.assigned", "subject": "complaint/CP-4", "time": "2026-01-13T15:00:00Z", "data": {"to": "rex", "cause": "late_posting"}},
	{"id": "c-11", "type": "complaint.extended", "subject": "complaint/CP-4", "time": "2026-01-20T15:00:00Z", "data": {"because": "in_progress", "text": "canary: the bank is slow", "by": "rex"}},
	{"id": "c-12", "type": "complaint.resolved", "subject": "complaint/CP-4", "time": "2026-01-22T15:00:00Z", "data": {"outcome": "partly_upheld", "by": "rex",
		"reasons": "Dear canary,\nsome of it was posted late.", "redress": [{"kind": "fee_refund", "amount": "15.00", "currency": "USD"}, {"kind": "apology"}]}},
	{"id": "c-13", "type": "complaint.reopened", "subject": "complaint/CP-4", "time": "2026-02-06T15:00:00Z", "data": {"text": "canary: it has not come"}},
	{"id": "c-14", "type": "complaint.raised", "subject": "borrower/B-3", "time": "2026-01-20T15:00:00Z", "data": {"complaint": "CP-5", "kind": "technical", "channel": "email"}},
	{"id": "c-15", "type": "complaint.resolved", "subject": "complaint/CP-5", "time": "2026-01-21T15:00:00Z", "data": {"outcome": "upheld", "by": "cem", "reasons": "It is mended."}},
	{"id": "c-16", "type": "complaint.closed", "subject": "complaint/CP-5", "time": "2026-01-22T15:00:00Z", "data": {"how": "confirmed"}}
]`

// accompanied is what the workflow of CP-1 has done about it.
const accompanied = `
	update complaints set acknowledged_at = '2026-02-02 15:01Z', facts = facts || '{"acknowledged": "2026-02-02T15:01:00Z", "acknowledged_by": "tender"}'
		where id = 'CP-1';
	update loans set closed_at = '2026-02-05 12:00Z', decided_at = '2026-02-05 12:00Z', next_step = 'close@CP-5', next_reason = 'settled' where id = 'complaint.CP-5';
	update loans set next_step = 'escalate@CP-1.complaints_desk.2026-02-09', next_at = '2026-02-10 05:00Z', next_reason = 'complaint_escalates',
		decided_at = '2026-02-04 16:00Z' where id = 'complaint.CP-1';
	insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at) values
		('cc-1', 'B-1', '{complaint.CP-1,L-1001}', 'acknowledge@CP-1.1', 'sms', 'mobile', 'outbound', 'complaint_reply', 'complaint-acknowledged', 'twilio', '2026-02-02 15:01Z');
	insert into outcomes (contact_key, disposition, at) values ('cc-1', 'delivered', '2026-02-02 15:01Z');
	insert into messages (contact_key, address, subject, body) values ('cc-1', '+12025550142', '', 'Dear Ada Canary, we have your complaint CP-1.');
	insert into notices (key, loan_id, kind, at, told_at, data) values
		('cn-1', 'complaint.CP-1', 'tender.complaint_due', '2026-02-06 04:00Z', '2026-02-06 04:01Z', '{"complaint": "CP-1", "deadline": "complaints_desk", "due": "2026-02-09", "share": "50"}'),
		('cn-2', 'complaint.CP-1', 'tender.complaint_due', '2026-02-08 12:30Z', null, '{"complaint": "CP-1", "deadline": "complaints_desk", "due": "2026-02-09", "share": "80"}')`

// silent stands in for Temporal where several people act at once.
type silent struct{}

// Deliver implements [intake.Courier].
func (silent) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	return journey.Answer{Loan: e.Loan, Stage: "registered", Reason: "complaint_heard"}, nil
}

// atComplaints returns a terminal where there are complaints.
func atComplaints(t *testing.T) *terminal {
	t.Helper()
	url := reporttest.Database(t)
	x := onDatabase(t, url)
	x.world.courier = func(*store.Store) intake.Courier { return silent{} }
	list := strings.ReplaceAll(complained, `{"id"`, `{"specversion": "1.0", "source": "/desk", "id"`)
	got := x.typed(list, "event", "send", "-f", "-", "--as", "desk")
	require.Equal(t, exitDone, got.code, got.err)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), accompanied)
	require.NoError(t, err)
	return x
}

// complaint reads what is known of a complaint.
func (x *terminal) complaint(id string) (f report.ComplaintFile) {
	x.t.Helper()
	got := x.run("complaint show " + id + " -o json")
	require.Equal(x.t, exitDone, got.code, got.err)
	require.NoError(x.t, json.Unmarshal([]byte(got.out), &f))
	return f
}

func TestWhatIsReadOfComplaintsLooksAsExpected(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	for _, test := range []struct{ file, line string }{
		{"complaint-list.txt", "complaint list"},
		{"complaint-list-all.txt", "complaint list --all"},
		{"complaint-list-nothing.txt", "complaint list --level external"},
		{"complaint-show.txt", "complaint show CP-1"},
		{"complaint-show-texts.txt", "complaint show CP-1 --texts"},
		{"complaint-show-climbed.txt", "complaint show CP-4"},
		{"complaint-show-closed.txt", "complaint show CP-5"},
	} {
		got := x.run(test.line)
		require.Equal(t, exitDone, got.code, got.err)
		require.Empty(t, got.err)
		golden(t, test.file, got.out)
		if !strings.Contains(test.line, "--texts") {
			require.NotContains(t, strings.ToLower(got.out), "canary", "what was said is personal")
		}
	}
	require.Equal(t, x.run("complaint show CP-1").out, x.run("complaint show CP-1b").out, "the same complaint under another id")
	plain := x.run("complaint list --due")
	x.world.terminal = true
	coloured := x.run("complaint list --due")
	golden(t, "complaint-list-due.txt", coloured.out)
	require.Equal(t, plain.out, strip(coloured.out), "a coloured table is aligned as a plain one")
	require.Regexp(t, "(?s)\x1b\\[31m2026-02-09 complaints_desk.*\x1b\\[33m2026-02-10 front_line.*\x1b\\[39m2026-02-12 front_line", coloured.out)
}

func TestComplaintsAreFiltered(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	for flags, want := range map[string][]string{
		"":                                      {"CP-3", "CP-2", "CP-1", "CP-4"},
		"--due":                                 {"CP-1", "CP-2", "CP-3", "CP-4"},
		"--due --limit 2":                       {"CP-1", "CP-2"},
		"--all":                                 {"CP-3", "CP-2", "CP-1", "CP-5", "CP-4"},
		"--kind conduct":                        {"CP-1"},
		"--level front_line":                    {"CP-3", "CP-2"},
		"--owner cem":                           {"CP-3"},
		"--owner cem --all":                     {"CP-3", "CP-5"},
		"--loan L-1001":                         {"CP-1"},
		"--borrower B-1":                        {"CP-3", "CP-1", "CP-4"},
		"--borrower B-1 --kind technical":       {},
		"--borrower B-3 --all --level external": {},
	} {
		got := x.run("complaint list -o json " + flags)
		require.Equal(t, exitDone, got.code, got.err)
		var all []report.Complaint
		require.NoError(t, json.Unmarshal([]byte(got.out), &all))
		ids := []string{}
		for _, c := range all {
			ids = append(ids, c.ID)
		}
		require.Equal(t, want, ids, flags)
	}
	require.Equal(t, "There may be more; see --limit.\n", x.run("complaint list --limit 1").err)
}

func TestAComplaintIsRaisedWorkedOnAndAnswered(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	line := []string{"complaint", "raise", "--loan", "L-1001", "--kind", "conduct", "--words", "canary: too many calls", "--channel", "call", "--about", "bob", "--id", "CP-7"}
	got := x.typed("", line...)
	require.Equal(t, exitDone, got.code, got.err)
	require.Equal(t, "complaint CP-7: is registered: conduct, how the borrower was treated, harassment included\n"+
		"  now registered; with nobody of complaints_desk yet; due 2026-02-17 (complaints_desk), 7 days left; the answer by 2026-02-25 (response); collection of loan L-1001 rests\n", got.out)
	again := x.typed("", line...)
	require.Equal(t, exitDone, again.code, again.err)
	require.Contains(t, again.out, "complaint CP-7: this came before, and has its effect once: is registered")
	merged := x.run("complaint raise --loan L-1001 --kind unsorted --id CP-8")
	require.Equal(t, exitDone, merged.code, merged.err)
	require.Regexp(t, `^complaint CP-7: is open since Tue 2026-02-10 12:\d\d UTC already; CP-8 was merged into it\n`, merged.out)
	e, _ := last[event.Complaint](t, x)
	require.NotContains(t, string(e.Data), "canary")

	for _, step := range []struct{ line, says string }{
		{"ack CP-7 --by amy", "the borrower knows of its receipt, by amy\n  now acknowledged;"},
		{"assign CP-8 --to bea --cause call_script --about ben", "given to bea; caused by call_script; about bob, ben\n  now triaged; with bea (complaints_desk);"},
		{"assign CP-7 --payment", "about a payment service\n  now triaged; with bea (complaints_desk);"},
		{"note CP-7 --words listened --as bea", "noted\n  now investigating;"},
		{"note CP-7 --words receipt --new-facts", "noted; regime us lets the clocks run on\n"},
		{"extend CP-7 --because in_progress", "response has until 2026-04-11, because in_progress\n"},
		{"escalate CP-7 --why borrower_asked", "moved up to independent_reviewer, because borrower_asked\n  now escalated; with nobody of independent_reviewer yet;"},
		{"assign CP-7 --to rex", "given to rex\n"},
		{"resolve CP-7 --outcome upheld --reasons canary --redress apology --redress fee_refund=15.00usd --keep-hold --as rex", "answered by rex: upheld\n  now answered; collection of loan L-1001 rests\n"},
		{"release CP-7 --as dora", "stops collection of loan L-1001 no longer; other holds stay\n  now answered; collection does not rest\n"},
		{"reopen CP-7 --words canary", "is open again, at the level compliance\n  now escalated; with nobody of compliance yet; due 2026-02-25 (response), 15 days left; collection of loan L-1001 rests\n"},
		{"resolve CP-7 --outcome rejected --reasons canary --release --as dora", "answered by dora: rejected; collection may go on from now on\n  now answered; collection does not rest\n"},
		{"confirm CP-7", "closed: the borrower says that it is settled\n  now closed; collection does not rest\n"},
		{"reopen CP-7 --why no_refund", "is open again, at the level compliance\n"},
		{"withdraw CP-7", "the borrower takes it back\n  now closed; collection does not rest\n"},
	} {
		got := x.run("complaint " + step.line)
		require.Equal(t, exitDone, got.code, "%s: %s", step.line, got.err)
		require.Contains(t, got.out, "complaint CP-7: "+step.says, step.line)
	}
	f := x.complaint("CP-7")
	require.True(t, f.Payment)
	require.Equal(t, []string{"CP-8"}, f.Merged)
	require.Equal(t, []string{"bob", "ben"}, f.About)
	require.Equal(t, complaint.TakenBack, f.How)
	require.Equal(t, complaint.FromCommand, f.Origin)
	require.Equal(t, contact.Call, contact.Channel(regexp.MustCompile(`"channel": ?"(\w+)"`).FindStringSubmatch(string(f.Entries[0].Data))[1]))
	require.Len(t, f.Earlier, 2)
	require.Equal(t, "15", f.Earlier[0].Redress[1].Amount.Trim(0).String())
	require.Equal(t, "dora", f.Earlier[1].By)

	var whole struct {
		ID, State string
		Deadlines []json.RawMessage
		Result    struct{ Type string }
	}
	got = x.run("complaint reopen CP-7 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &whole))
	require.Equal(t, []any{"CP-7", "escalated", "complaint.reopened", 4}, []any{whole.ID, whole.State, whole.Result.Type, len(whole.Deadlines)})
}

func TestARegulatorsComplaintHasItsDate(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("complaint raise --borrower B-2 --kind service --origin regulator --due 2026-02-13 --id CP-7")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "complaint CP-7: is registered: service, waiting, answers, opening hours\n")
	require.Contains(t, got.out, "now registered; with nobody of independent_reviewer yet; due 2026-02-13 (referral), 3 days left; collection does not rest\n")
	require.Regexp(t, `\n  kind +service: waiting, answers, opening hours\n`, x.run("complaint show CP-7").out)
}

func TestOfTwoWhoAnswerAtOnceOneIsToldWhoWasFaster(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	var group sync.WaitGroup
	people := []string{"amy", "bea", "cem", "dora"}
	got := make([]result, len(people))
	for n, who := range people {
		group.Go(func() {
			got[n] = x.run("complaint resolve CP-3 --outcome upheld --reasons so-it-is --as " + who)
		})
	}
	group.Wait()
	won := x.complaint("CP-3").Answer.By
	for n, who := range people {
		if who == won {
			require.Equal(t, exitDone, got[n].code, got[n].err)
			require.Contains(t, got[n].out, "answered by "+won+": upheld")
			continue
		}
		require.Equal(t, exitRefused, got[n].code, got[n].out)
		require.Regexp(t, `data\.complaint: CP-3 was answered by `+won+` on 2026-02-10T12:\d\d:\d\dZ: upheld; reopen it`, got[n].err)
	}
}

func TestWhoAnswersSaysWhatBecomesOfCollection(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	line := "complaint resolve CP-1 --outcome upheld --reasons sorry --as amy --id a-1"
	got := x.run(line)
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "complaint CP-1 stops collection of loan L-1001, and what becomes of that is a decision with your name on it: say --release if collection may go on from now on, or --keep-hold")
	require.Nil(t, x.complaint("CP-1").Answer)
	got = x.run(line + " --release")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "answered by amy: upheld; collection may go on from now on\n")
	require.Contains(t, x.run(line+" --release").out, "this came before")
	got = x.run("complaint resolve CP-1 --outcome upheld --reasons sorry --as bea")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "CP-1 was answered by amy on", "that comes first")
	got = x.run("complaint release CP-1")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "complaint CP-1 does not stop collection of loan L-1001, so there is nothing to release")
}

func TestReasonsMayStandInAFile(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	file := filepath.Join(t.TempDir(), "answer.txt")
	require.NoError(t, os.WriteFile(file, []byte("Dear canary,\nyou are right.\n"), 0o600))
	got := x.run("complaint resolve CP-2 --outcome upheld -f " + file)
	require.Equal(t, exitDone, got.code, got.err)
	require.NotContains(t, x.run("complaint show CP-2").out, "canary")
	require.Contains(t, x.run("complaint show CP-2 --texts").out, "| Dear canary,\n")
	require.Contains(t, x.run("complaint show CP-2 --texts").out, "| you are right.\n")
	got = x.typed("It is mended.", "complaint", "resolve", "CP-3", "--outcome", "rejected", "-f", "-")
	require.Equal(t, exitDone, got.code, got.err)
}

func TestWhatIsWrongWithACommandAboutAComplaintIsSaid(t *testing.T) {
	t.Parallel()
	x := atComplaints(t)
	answers := "complaint resolve CP-2 --outcome upheld --reasons r "
	for line, c := range map[string]struct {
		code int
		says string
	}{
		"complaint raise": {exitUsage, "nobody is named; say --loan, or --borrower if it is about no loan"},
		"complaint raise --loan L-1001 --borrower B-1":                    {exitUsage, "--loan and --borrower exclude each other"},
		"complaint raise --loan L-9":                                      {exitNotFound, "loan L-9 is not known; tender loan list shows those that are"},
		"complaint raise --borrower B-9":                                  {exitNotFound, "borrower B-9 is not known"},
		"complaint raise --loan L-1001 --kind weather":                    {exitUsage, `unknown kind "weather"; use one of unsorted, conduct,`},
		"complaint raise --loan L-1001 --due 2026-03-01":                  {exitUsage, "--due goes with --origin regulator"},
		"complaint raise --loan L-1001 --origin regulator --due soon":     {exitUsage, `"soon" is no date`},
		"complaint raise --loan L-1001 --origin reply":                    {exitUsage, `unknown origin "reply"; use one of command, call, lender, regulator`},
		"complaint raise --loan L-1001 --channel pigeon":                  {exitUsage, `unknown channel "pigeon"`},
		"complaint raise --loan L-1001 --id 555-0100-2222":                {exitRefused, "looks like a phone number"},
		"complaint raise --loan L-1001 --about +12025550142":              {exitRefused, "tender: --about is no id"},
		"complaint raise --borrower B-2 --id CP-1":                        {exitRefused, "tender: --id CP-1 is a complaint of another borrower"},
		"complaint raise --borrower B-3 --id CP-5":                        {exitRefused, "tender: --id CP-5 was answered already; use tender complaint reopen"},
		"complaint raise --loan complaint.CP-1":                           {exitRefused, "begins with complaint."},
		"complaint list --limit 0":                                        {exitUsage, "--limit 0: give a number from 1 to 10000"},
		"complaint list --kind weather":                                   {exitUsage, `unknown kind "weather"`},
		"complaint list --level top":                                      {exitUsage, `unknown level "top"; use one of front_line, complaints_desk`},
		"complaint list --loan L-9":                                       {exitNotFound, "loan L-9 is not known"},
		"complaint list --borrower B-9":                                   {exitNotFound, "borrower B-9 is not known"},
		"complaint show":                                                  {exitUsage, "COMPLAINT is missing"},
		"complaint show CP-9":                                             {exitNotFound, "complaint CP-9 is not known; tender complaint list --all shows those that are"},
		"loan show complaint.CP-1":                                        {exitNotFound, "complaint.CP-1 is no loan; tender complaint show CP-1 shows the complaint"},
		"complaint ack CP-9":                                              {exitNotFound, "complaint CP-9 is not known"},
		"complaint ack CP-1":                                              {exitRefused, "tender: complaint CP-1 was acknowledged by tender on 2026-02-02T15:01:00Z already"},
		"complaint ack CP-2 --by +12025550142":                            {exitRefused, "tender: --by is no id"},
		"complaint ack CP-2 --as +12025550142":                            {exitUsage, "--as is no id"},
		"complaint assign CP-1":                                           {exitUsage, "--to is missing"},
		"complaint assign CP-1 --to bob":                                  {exitRefused, "tender: --to bob is whom complaint CP-1 is about"},
		"complaint assign CP-9 --to amy":                                  {exitNotFound, "complaint CP-9 is not known"},
		"complaint assign CP-4 --to rex":                                  {exitRefused, "tender: --to rex had complaint CP-4 as independent_reviewer"},
		"complaint note CP-1":                                             {exitUsage, "--words are missing"},
		"complaint note CP-5 --words x":                                   {exitRefused, "tender: complaint CP-5 was closed on 2026-01-22T15:00:00Z (confirmed); reopen it before it is added to"},
		"complaint resolve CP-2":                                          {exitUsage, "--outcome is missing; say what was found: upheld, partly_upheld, rejected"},
		"complaint resolve CP-2 --outcome withdrawn --reasons r":          {exitUsage, `unknown outcome "withdrawn"; use one of upheld, partly_upheld, rejected`},
		"complaint resolve CP-2 --outcome upheld":                         {exitUsage, "--reasons are missing; a borrower is not answered without reasons"},
		"complaint resolve CP-2 --outcome upheld --reasons r -f x":        {exitUsage, "--reasons and --file exclude each other"},
		"complaint resolve CP-2 --outcome upheld -f no/such/file":         {exitNotFound, "there is no file no/such/file"},
		"complaint resolve CP-9 --outcome upheld --reasons r":             {exitNotFound, "complaint CP-9 is not known"},
		answers + "--release --keep-hold":                                 {exitUsage, "--release and --keep-hold exclude each other"},
		answers + "--redress flowers":                                     {exitUsage, `--redress unknown kind of redress "flowers"; use one of apology, fee_refund`},
		answers + "--redress fee_refund":                                  {exitUsage, `--redress "fee_refund" is no amount with its currency; write such as fee_refund=15.00USD`},
		answers + "--redress fee_refund=15.00":                            {exitUsage, `--redress "fee_refund=15.00" is no amount with its currency`},
		answers + "--redress fee_refund=0USD":                             {exitUsage, `--redress "fee_refund=0USD": AMOUNT "0" must be positive`},
		answers + "--redress goodwill=1.5.0USD":                           {exitUsage, `AMOUNT "1.5.0" is no amount in plain digits`},
		answers + "--redress goodwill=1.005USD":                           {exitUsage, "amount: has more than the 2 decimal places of USD"},
		answers + "--redress goodwill=1XYZ":                               {exitUsage, "currency: is not an ISO 4217 currency such as USD"},
		answers + "--redress apology=5USD":                                {exitUsage, `--redress "apology=5USD": nothing goes with apology`},
		answers + "--redress channel_change":                              {exitUsage, `--redress "channel_change" names no channel: unknown channel ""; use one of`},
		answers + "--redress goodwill=1USD --redress fee_refund=1EUR":     {exitRefused, "tender: --redress is EUR, and another amount is in USD"},
		"complaint escalate CP-2":                                         {exitRefused, "tender: complaint CP-2 was not acknowledged yet; acknowledge it first"},
		"complaint escalate CP-1 --to front_line":                         {exitUsage, `unknown level "front_line"; use one of complaints_desk`},
		"complaint escalate CP-1 --to complaints_desk":                    {exitRefused, "tender: --to complaints_desk is not above complaints_desk"},
		"complaint escalate CP-4":                                         {exitRefused, "tender: --to is missing; complaint CP-4 is at the lender's last level"},
		"complaint extend CP-1":                                           {exitUsage, "--because is missing"},
		"complaint extend CP-1 --because tired":                           {exitRefused, `tender: --because "tired" gives no more time under regime us; use one of in_progress`},
		"complaint extend CP-2 --because special":                         {exitRefused, "tender: --approved-by is missing; special of regime cn needs the approval of compliance"},
		"complaint extend CP-2 --because special --approved-by kim":       {exitRefused, "tender: --approved-by is kim, who asks for it"},
		"complaint withdraw CP-1 --as bob":                                {exitRefused, "tender: --as bob is whom complaint CP-1 is about"},
		"complaint release CP-1 --as bob":                                 {exitRefused, "tender: --as bob is whom complaint CP-1 is about"},
		"complaint withdraw CP-5":                                         {exitRefused, "tender: complaint CP-5 was closed on"},
		"complaint reopen CP-1":                                           {exitRefused, "tender: complaint CP-1 is open; nobody has answered it yet"},
		"complaint confirm CP-1":                                          {exitRefused, "tender: complaint CP-1 was not answered yet; nothing closes it before"},
		"complaint release CP-2":                                          {exitRefused, "complaint CP-2 does not stop collection of loan L-1002, so there is nothing to release"},
		"complaint release CP-9":                                          {exitNotFound, "complaint CP-9 is not known"},
		"task complete t-2 --disposition right_party --complaint weather": {exitUsage, `unknown kind "weather"; use one of unsorted, conduct`},
	} {
		got := x.run(line)
		require.Equal(t, c.code, got.code, "%s: %s", line, got.err+got.out)
		require.Contains(t, got.err, c.says, line)
		require.Empty(t, got.out, line)
	}
}

func TestTheManualOfComplaintsShowsWhatCommandsPrint(t *testing.T) {
	t.Parallel()
	atComplaints(t).shows("../docs/complaints.md")
}

func TestEveryCommandIsNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range (&app{}).root().Commands() {
		require.False(t, seen[c.Name()], c.Name())
		seen[c.Name()] = true
	}
	for _, name := range []string{"complaint", "loan", "task"} {
		require.True(t, seen[name], name)
	}
}
