package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/worker"
)

func TestAPromiseIsSentInTheLoansCurrency(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("loan promise L-1001 60 --by 2026-02-20 --id pr-1")
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "L-1001: promise.made pr-1 accepted\n  now current; next: reminder-3d@2026-03-01 on ")
	e, p := last[event.Promise](t, x)
	require.Equal(t, event.PromiseMade, e.Type)
	require.Equal(t, "pr-1", p.Promise)
	require.Equal(t, "USD", p.Currency)
	require.Equal(t, "60", p.Amount.String())
	require.Equal(t, "2026-02-20", p.By.String())
	require.Empty(t, p.Parts)

	require.Contains(t, x.run("loan promise L-1001 60 --by 2026-02-20 --id pr-1").out, "L-1001: promise.made pr-1 came before")
	require.Len(t, x.teller.told, 1, "a repeat has no effect")
	require.Contains(t, x.run("loan show L-1001").out, "promise.made: 60.00 USD by 2026-02-20\n")
}

func TestAPromiseMayHaveSeveralParts(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("loan promise L-1001 60.00 --by 2026-02-20 --then 40.50@2026-03-06 --then 49.50@2026-03-20 -o json")
	require.Equal(t, exitDone, got.code, got.err)
	var result intake.Result
	require.NoError(t, json.Unmarshal([]byte(got.out), &result))
	_, p := last[event.Promise](t, x)
	require.Equal(t, result.ID, p.Promise)
	require.True(t, p.Amount.IsZero())
	require.Len(t, p.Parts, 3)
	require.Equal(t, "40.50", p.Parts[1].Amount.String())
	require.Equal(t, "2026-03-20", p.Parts[2].By.String())
}

func TestHardshipIsReportedWithItsMeans(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	got := x.run("hardship report L-1001 --cause job_loss --months 3 --income 1200 --essential-costs 0 --id hs-1")
	require.Equal(t, exitDone, got.code, got.err)
	e, h := last[event.Hardship](t, x)
	require.Equal(t, "hs-1", e.ID)
	require.Equal(t, event.Hardship{}, h, "a journey is told that there is hardship, and Postgres keeps what it is")
	require.Contains(t, x.run("loan show L-1001").out, "hardship.reported: job_loss\n")
	require.Contains(t, got.out, "L-1001: hardship.reported hs-1 accepted")

	got = x.run("hardship report L-1001 --cause job_loss --income 1200.005 --essential-costs 1000")
	require.Equal(t, exitRefused, got.code)
	require.Contains(t, got.err, "--income: amount: 1200.005 has more than the 2 decimal places of USD")
	require.Len(t, x.teller.told, 1)
}

func TestAnAnswerNamesItsPlan(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, kind := range map[string]event.Type{
		"hardship accept L-1001 payment-pause.2026-02-10 --by reply": event.PlanAccepted,
		"hardship decline L-1001 payment-pause.2026-02-10":           event.PlanDeclined,
	} {
		got := x.run(line)
		require.Equal(t, exitDone, got.code, got.err)
		e, p := last[event.PlanAnswer](t, x)
		require.Equal(t, kind, e.Type)
		require.Equal(t, "payment-pause.2026-02-10", p.Plan)
	}
}

func TestWrongLinesAboutPromisesAndHardshipSayWhatToDo(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, says := range map[string]string{
		"loan promise L-1001":                                                     "AMOUNT is missing; for example:\n  tender loan promise",
		"loan promise L-1001 60":                                                  "--by is missing; for example:\n  tender loan promise",
		"loan promise L-1001 -60 --by 2026-02-20":                                 `AMOUNT "-60" must be positive`,
		"loan promise L-1001 1e3 --by 2026-02-20":                                 `AMOUNT "1e3" is no amount in plain digits`,
		"loan promise L-1001 60 --by soon":                                        `"soon" is no date; write it as 2026-01-31`,
		"loan promise L-1001 60 --by 2026-02-20 --then 5":                         `--then "5" is no amount with a date; write such as 65.00@2026-04-03`,
		"loan promise L-1001 60 --by 2026-02-20 --then 0@2026-03-01":              `--then AMOUNT "0" must be positive`,
		"loan promise L-1001 60 --by 2026-02-20 --then 5@soon":                    `"soon" is no date`,
		"hardship report L-1001":                                                  "--cause is missing; for example:\n  tender hardship report",
		"hardship report L-1001 --cause tired":                                    `unknown cause "tired"; use one of`,
		"hardship report L-1001 --cause job_loss --income 5":                      "[income essential-costs]",
		"hardship report L-1001 --cause job_loss --income x --essential-costs 5":  `--income "x" is no amount in plain digits; write such as 1200.00`,
		"hardship report L-1001 --cause job_loss --income 5 --essential-costs -5": `--essential-costs "-5" is no amount in plain digits`,
		"hardship report --cause job_loss":                                        "LOAN is missing",
		"hardship offer L-1001":                                                   "PRODUCT is missing; for example:\n  tender hardship offer",
		"hardship accept":                                                         "LOAN is missing; for example:\n  tender hardship accept",
		"hardship accept L-1001 a b":                                              `"b" is one argument too many`,
		"hardship accept L-1001 a --by owl":                                       `unknown way "owl"; use one of`,
		"hardship offers L-1001 L-1002":                                           `"L-1002" is one argument too many`,
		"hardship offers L-1001 -f case.json":                                     "name either a loan or a file",
		"hardship offers":                                                         "name a loan, or a file with --file",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := x.run(line)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Contains(t, got.err, says)
			require.Contains(t, got.err, "--help.")
			require.Empty(t, got.out)
		})
	}
	for line, says := range map[string]string{
		"loan promise L-1001 60.005 --by 2026-02-20":                 "data.amount: 60.005 has more than the 2 decimal places of USD",
		"loan promise L-1001 60 --by 2026-02-20 --currency eur":      "data.currency: is EUR, but loan L-1001 is in USD",
		"loan promise L-1001 60 --by 2026-02-20 --then 5@2026-02-20": "data.parts[1].by: 2026-02-20 does not lie after the part before it",
		"hardship report L-1001 --cause job_loss --months 601":       "data.expected_months: must lie between 0 and 600",
		"hardship accept L-1001 555-0100-2222":                       "data.plan: looks like a phone number",
	} {
		got := x.run(line)
		require.Equal(t, exitRefused, got.code, "%s: %s", line, got.err)
		require.Contains(t, got.err, says)
	}
	for _, line := range []string{
		"loan promise L-9 60 --by 2026-02-20", "hardship report L-9 --cause job_loss", "hardship offers L-9",
		"hardship offer L-9 payment-pause", "hardship accept L-9", "hardship decline L-9",
	} {
		got := x.run(line)
		require.Equal(t, exitNotFound, got.code, "%s: %s", line, got.err)
		require.Contains(t, got.err, "loan L-9 is not known")
	}
}

func TestWithoutTemporalAJourneyThatRunsCannotBeAskedWhatItCanOffer(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", "127.0.0.1:1")
	for _, line := range []string{"hardship offers L-1001", "hardship offer L-1001 payment-pause", "hardship accept L-1001"} {
		got := x.run(line)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.err, "127.0.0.1:1", "%s", line)
		require.Empty(t, got.out)
	}
	require.Empty(t, x.teller.told)
}

// onServers returns a terminal on real servers with a namespace and a database of its own, and what starts a worker there.
func onServers(t *testing.T) (x *terminal, work func()) {
	t.Helper()
	ctx := t.Context()
	stack := devstacktest.Temporal(t, journey.SearchAttributes)
	namespace := fmt.Sprintf("hardship-%d", time.Now().UnixNano())
	quiet := slog.New(slog.DiscardHandler)
	namespaces, err := client.NewNamespaceClient(client.Options{HostPort: stack.TemporalAddress, Logger: log.NewStructuredLogger(quiet)})
	require.NoError(t, err)
	defer namespaces.Close()
	require.NoError(t, namespaces.Register(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	url := devstacktest.Postgres(t)
	begun := time.Date(2026, 2, 10, 15, 0, 0, 0, time.UTC)
	require.NoError(t, store.Migrate(ctx, url, bizclock.Clock{Start: begun, Origin: time.Now().UTC().Truncate(time.Microsecond), Rate: 1}))
	x = onDatabase(t, url)
	x.world.courier = nil
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", stack.TemporalAddress).With("TEMPORAL_NAMESPACE", namespace)
	s, err := settings.Load(x.world.env)
	require.NoError(t, err)
	s.Log, s.Temporal.Logger = quiet, log.NewStructuredLogger(quiet)
	temporal, err := s.DialTemporal(ctx)
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	db, err := s.OpenStore(ctx)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.Eventually(t, func() bool { return worker.RegisterSearchAttributes(ctx, temporal, namespace) == nil }, time.Minute, 100*time.Millisecond)
	return x, func() {
		crew, err := worker.New(ctx, worker.Config{Settings: s, Temporal: temporal, Store: db})
		require.NoError(t, err)
		require.NoError(t, crew.Start())
		t.Cleanup(crew.Stop)
	}
}

const borrowed = `{"borrower": {"id": "B-1", "name": "Ada", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
	"points": [{"id": "mobile", "channel": "sms", "address": "+12125550142"}, {"id": "mail", "channel": "email", "address": "ada@example.com"}]},
	"currency": "USD", "principal": "600.00", "disbursed_on": "2025-06-01", "time_zone": "America/New_York", "watermarks": false,
	"schedule": [{"due": "2026-02-01", "principal": "150.00"}, {"due": "2026-03-01", "principal": "150.00"},
		{"due": "2026-04-01", "principal": "150.00"}, {"due": "2026-05-01", "principal": "150.00"}]}`

func TestHardshipIsReportedOfferedAcceptedAndShownOnARunningJourney(t *testing.T) {
	t.Parallel()
	x, work := onServers(t)
	work()
	does := func(line string) string {
		t.Helper()
		got := x.run(line)
		require.Equal(t, exitDone, got.code, "%s: %s", line, got.err)
		return got.out
	}
	// The worker that has just begun may take its time to answer the first.
	require.Eventually(t, func() bool {
		return x.typed(borrowed, "loan", "disburse", "-f", "-", "--loan", "L-1", "--id", "d-1").code == exitDone
	}, time.Minute, 200*time.Millisecond)
	require.Contains(t, does("loan promise L-1 60 --by 2026-02-20 --then 90@2026-03-06 --id pr-1"), "L-1: promise.made pr-1 accepted")
	shown := does("loan show L-1")
	require.Regexp(t, `(?m)^Promises\n  pr-1  open  0\.00 of 150\.00 USD came in time; next 60\.00 USD by 2026-02-20\n`, shown)

	var answer hardship.Answer
	require.NoError(t, json.Unmarshal([]byte(does("hardship offers L-1 -o json")), &answer))
	require.NotEmpty(t, answer.Offers)
	require.NotEmpty(t, answer.NotOffered)
	require.Nil(t, answer.Disposable)
	none := x.run("hardship accept L-1")
	require.Equal(t, exitNotFound, none.code)
	require.Contains(t, none.err, "loan L-1 has no offer that waits for an answer")

	refused := x.run("hardship offer L-1 " + answer.NotOffered[0].Product)
	require.Equal(t, exitRefused, refused.code)
	require.Contains(t, refused.err, answer.NotOffered[0].Product+" cannot be offered to loan L-1 now: "+answer.NotOffered[0].Why[0])
	unknown := x.run("hardship offer L-1 gift")
	require.Equal(t, exitNotFound, unknown.code)
	require.Contains(t, unknown.err, "product gift is not known")

	product := answer.Offers[0].Product
	require.Contains(t, does("hardship offer L-1 "+product+" --id o-1"), "L-1: plan.offered o-1 accepted\n  now early_arrears; next: plan-offer@"+product)
	require.Eventually(t, func() bool { return strings.Contains(does("loan show L-1"), "  offered  ") }, time.Minute, 200*time.Millisecond)
	shown = does("loan show L-1")
	plan := regexp.MustCompile(`(?m)^  (\S+)  offered  .*; it can be accepted until 2026-`).FindStringSubmatch(shown)
	require.NotNil(t, plan, shown)

	require.Contains(t, does("hardship accept L-1 --id a-1"), "L-1: plan.accepted a-1 accepted\n  now plan")
	require.Contains(t, does("hardship accept L-1 --id a-1"), "L-1: plan.accepted a-1 came before", "a repeat has one effect, although no offer is open")
	require.Contains(t, does("hardship offer L-1 "+product+" --id o-1"), "L-1: plan.offered o-1 came before")
	require.Regexp(t, `(?m)^  `+regexp.QuoteMeta(plan[1])+`  active  .*; next \d+\.\d\d USD on 2026-`, does("loan show L-1"))
	require.Contains(t, does("loan explain L-1"), plan[1]+"  active")
	var life report.Life
	require.NoError(t, json.Unmarshal([]byte(does("loan show L-1 -o json")), &life))
	require.Equal(t, hardship.Active, life.Plans[0].State)
	require.Equal(t, "150.00", life.Promises[0].Promised)

	does("hardship report L-1 --cause job_loss --months 3 --income 1200 --essential-costs 1050 --id h-1")
	text := does("hardship offers L-1 --product " + product)
	require.Contains(t, text, "After essential costs 150.00 USD a month are left.")
	declined := x.run("hardship decline L-1 " + plan[1])
	require.Equal(t, exitRefused, declined.code)
	require.Contains(t, declined.err, "was accepted")

	// A journey that has ended is as Postgres kept it.
	cancelled := x.typed(`{"specversion": "1.0", "source": "lending", "id": "c-1", "type": "loan.cancelled", "subject": "loan/L-1",
		"time": "2026-02-10T15:00:00Z", "datacontenttype": "application/json", "data": {"on": "2026-02-10"}}`, "event", "send", "-f", "-")
	require.Equal(t, exitDone, cancelled.code, cancelled.err)
	require.Eventually(t, func() bool { return strings.Contains(does("loan list --stage closed"), "L-1") }, time.Minute, 200*time.Millisecond)
	over := x.run("hardship offers L-1")
	require.Equal(t, exitRefused, over.code)
	require.Contains(t, over.err, "loan L-1 was cancelled on 2026-02-10: nothing is owed on it")
	gone := x.run("hardship accept L-1")
	require.Equal(t, exitNotFound, gone.code)
	require.Contains(t, gone.err, "loan L-1 has no offer that waits for an answer")
}

func TestWhatTheManualShowsOfHardshipIsWhatARunningJourneyAnswers(t *testing.T) {
	t.Parallel()
	x, work := onServers(t)
	work()
	require.Eventually(t, func() bool {
		return x.typed(borrowed, "loan", "disburse", "-f", "-", "--loan", "L-1001", "--id", "d-1").code == exitDone
	}, time.Minute, 200*time.Millisecond)
	const manual = "../docs/operating.md"
	text, err := os.ReadFile(manual)
	require.NoError(t, err)
	shown := regexp.MustCompile("(?s)```console\n\\$ tender ([^\n]*)\n(.*?)```\n")
	require.Len(t, shown.FindAll(text, -1), 4)
	now := shown.ReplaceAllFunc(text, func(block []byte) []byte {
		line := string(shown.FindSubmatch(block)[1])
		if strings.HasPrefix(line, "hardship accept") {
			require.Eventually(t, func() bool { return strings.Contains(x.run("loan show L-1001").out, "  offered  ") }, time.Minute, 200*time.Millisecond)
		}
		got := x.run(line)
		require.Equal(t, exitDone, got.code, "%s: %s", line, got.err)
		return []byte("```console\n$ tender " + line + "\n" + got.out + "```\n")
	})
	if *update {
		require.NoError(t, os.WriteFile(manual, now, 0o644))
		return
	}
	// Business time runs while the servers work: which minute it is has no part in it.
	minutes := regexp.MustCompile(`\d\d:\d\d E[SD]T`)
	untimed := func(text []byte) string { return minutes.ReplaceAllString(string(text), "") }
	require.Equal(t, untimed(text), untimed(now), "run go test ./starter -update")
}

func TestWithoutAWorkerAJourneyIsNotAskedForever(t *testing.T) {
	t.Parallel()
	x, _ := onServers(t)
	got := x.typed(borrowed, "loan", "disburse", "-f", "-", "--loan", "L-1")
	require.NotEqual(t, exitUsage, got.code)
	got = x.run("hardship offers L-1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "the journey of loan L-1 does not answer: no worker runs, or Temporal is away; see tender doctor")
}
