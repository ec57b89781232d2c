package workflows_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/govalues/decimal"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/loan"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/workflows"
)

var record = flag.String("record", "", "record histories from a real run into testdata/replay/NAME")

// TestRecordHistories lives six lives at once on real servers and keeps their histories. It does nothing without the
// flag -record: recorded histories are those of a release, and are never made anew.
func TestRecordHistories(t *testing.T) {
	if *record == "" {
		return
	}
	i := install(t, 2*time.Second)
	i.work()
	loans := []string{"pays", "late", "stop", "dispute", "settled", "silent"}
	for _, l := range loans {
		i.disburse(l, "B-"+l)
	}
	paid := 0
	pay := func(loan, amount string) {
		now, err := i.store.Now(t.Context())
		require.NoError(t, err)
		paid++
		i.happens("payment.posted", "loan/"+loan, fmt.Sprintf(`{"transaction": "T-%d", "amount": %q, "currency": "USD", "value_date": %q}`,
			paid, amount, now.Format(time.DateOnly)))
	}
	day := func(n int) {
		t.Helper()
		i.eventually(fmt.Sprintf("day %d", n), func() bool {
			now, err := i.store.Now(context.Background())
			return err == nil && now.After(monday.AddDate(0, 0, n))
		})
	}
	day(6)
	i.happens("borrower.replied", "borrower/B-stop", `{"channel": "sms", "text": "STOP"}`)
	day(9)
	pay("pays", "100.00")
	day(14)
	pay("late", "100.00")
	i.happens("dispute.raised", "loan/dispute", `{"dispute": "D-1", "text": "CANARY"}`)
	day(18)
	i.happens("loan.settled", "loan/settled", `{"on": "2026-01-23"}`)
	day(24)
	pay("pays", "100.00")
	i.happens("dispute.resolved", "loan/dispute", `{"dispute": "D-1", "outcome": "rejected"}`)
	day(32)
	pay("late", "100.00")
	day(39)
	pay("pays", "100.00")
	day(50)
	pay("late", "100.00")
	day(75)
	for _, l := range loans {
		keep(t, i, l)
	}
}

func keep(t *testing.T, i *installation, loan string) {
	dir := filepath.Join("testdata", "replay", *record)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	text, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history(t, i.temporal, loan))
	require.NoError(t, err)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err = z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, loan+".json.gz"), packed.Bytes(), 0o644))
}

// history reads the history of a loan's current run.
func history(t *testing.T, c client.Client, loan string) *historypb.History {
	t.Helper()
	events := c.GetWorkflowHistory(t.Context(), journey.WorkflowID(loan), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	h := &historypb.History{}
	for events.HasNext() {
		e, err := events.Next()
		require.NoError(t, err)
		h.Events = append(h.Events, e)
	}
	return h
}

// recorded are the histories of every release, by path.
func recorded(t *testing.T) map[string]*historypb.History {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "replay", "*", "*.json.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]*historypb.History{}
	for _, file := range files {
		packed, err := os.Open(file)
		require.NoError(t, err)
		z, err := gzip.NewReader(packed)
		require.NoError(t, err)
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		require.NoError(t, packed.Close())
		h := &historypb.History{}
		require.NoError(t, temporalproto.CustomJSONUnmarshalOptions{}.Unmarshal(text, h))
		all[strings.TrimSuffix(file, ".json.gz")] = h
	}
	return all
}

// replay replays a history and returns what the loop asked Decide. meddle, if given, is called with every question,
// within the workflow.
func replay(t *testing.T, h *historypb.History, meddle ...func(workflow.Context, activities.Question)) (*watcher, error) {
	t.Helper()
	w := &watcher{}
	if len(meddle) > 0 {
		w.meddle = meddle[0]
	}
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: []interceptor.WorkerInterceptor{w}})
	require.NoError(t, err)
	r.RegisterWorkflowWithOptions(workflows.Loan, workflow.RegisterOptions{Name: workflows.LoanWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Preapproval, workflow.RegisterOptions{Name: workflows.PreapprovalWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Complaint, workflow.RegisterOptions{Name: workflows.ComplaintWorkflow})
	return w, r.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), h)
}

// prefixes are the histories that a worker could be handed: each ends where a workflow task starts.
func prefixes(h *historypb.History) (all []*historypb.History) {
	for n, e := range h.Events {
		if e.EventType == enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED {
			all = append(all, &historypb.History{Events: h.Events[:n+1]})
		}
	}
	return all
}

func TestRecordedHistoriesReplayToTheSameJourney(t *testing.T) {
	t.Parallel()
	for path, h := range recorded(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			w, err := replay(t, h)
			require.NoError(t, err)
			got, err := json.MarshalIndent(w.last(), "", "\t")
			require.NoError(t, err)
			// A replayer does not notice a changed value: the journey at the last decision, and a digest of the journeys at
			// all decisions, are compared with those of the release.
			digest := sha256.New()
			for _, q := range w.asked() {
				require.NoError(t, json.NewEncoder(digest).Encode(q))
			}
			got = fmt.Appendf(got, "\n%d decisions, %x\n", len(w.asked()), digest.Sum(nil))
			golden := path + ".journey.txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, got, 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
		})
	}
}

func TestEveryPrefixOfARecordedHistoryReplays(t *testing.T) {
	t.Parallel()
	for path, h := range recorded(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			whole, err := replay(t, h)
			require.NoError(t, err)
			asked := 0
			for _, prefix := range prefixes(h) {
				w, err := replay(t, prefix)
				require.NoError(t, err, "up to event %d", len(prefix.Events))
				require.GreaterOrEqual(t, len(w.asked()), asked, "a longer history asks no less")
				asked = len(w.asked())
				for n, q := range w.asked() {
					if n < len(whole.asked())-1 {
						require.Equal(t, whole.asked()[n].Journey, q.Journey, "up to event %d, decision %d", len(prefix.Events), n)
					}
				}
			}
		})
	}
}

// A loop that is broken on purpose: it issues a command because of what it computes itself, and not because a decision
// says so: by its own arithmetic something will be overdue in three days.
func TestALoopThatActsOnItsOwnArithmeticDoesNotReplay(t *testing.T) {
	t.Parallel()
	for path, h := range recorded(t) {
		if h.Events[0].GetWorkflowExecutionStartedEventAttributes().WorkflowType.Name != workflows.LoanWorkflow {
			continue // nothing is owed yet, so nothing will be overdue
		}
		_, err := replay(t, h, func(ctx workflow.Context, q activities.Question) {
			j, today := q.Journey, bizclock.DateOf(q.Journey.Clock.Business(q.Now))
			ledger := loan.Ledger{Currency: j.Contract.Currency, Installments: j.Contract.Schedule, Transactions: j.Transactions}
			if ledger.Status(today.AddDays(3)).PastDueDays > 0 && j.Last.Arrears.IsZero() {
				_ = workflow.UpsertTypedSearchAttributes(ctx, temporal.NewSearchAttributeKeyKeyword("Bucket").ValueSet("soon"))
			}
		})
		require.ErrorContains(t, err, "TMPRL1100", filepath.Base(path))
	}
}

// alterations are changes of business logic and data: each decides differently when asked anew, and none matters to a
// history.
func alterations(t *testing.T, like *strategy.Strategy) map[string]func(*strategy.Facts) {
	t.Helper()
	text := strings.NewReplacer("day: 5, template: first-week", "day: 2, template: first-week", "day: 4, template: first-week", "day: 2, template: first-week", "day: 1, template: notice-1", "day: 3, template: notice-1",
		"days_before: 3", "days_before: 5").Replace(like.Text)
	altered, err := strategy.Parse("altered.yaml", []byte(text))
	require.NoError(t, err)
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	return map[string]func(*strategy.Facts){
		"another strategy": func(f *strategy.Facts) { f.Strategy = altered },
		"another rulebook": func(f *strategy.Facts) { f.Rules = rules.For("elsewhere") }, // the conservative one
		"another arithmetic": func(f *strategy.Facts) {
			// every payment counts for a tenth
			f.Journey = f.Journey.Clone()
			for n := range f.Journey.Transactions {
				tenth, err := f.Journey.Transactions[n].Amount.Mul(decimal.MustParse("0.1"))
				require.NoError(t, err)
				f.Journey.Transactions[n].Amount = tenth
			}
		},
	}
}

func TestHistoriesReplayUnderAlteredLogicThatDecidesDifferently(t *testing.T) {
	t.Parallel()
	rules, err := compliance.Shipped()
	require.NoError(t, err)
	all, err := strategy.Load("")
	require.NoError(t, err)
	for name, alter := range alterations(t, all[0]) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			different := 0
			for path, h := range recorded(t) {
				before, err := replay(t, h)
				require.NoError(t, err)
				// The altered logic is asked at every point at which the loop asks, about the very journey that it asks about, once
				// the replay is over: a workflow has a second to answer, and a busy machine needs more.
				var questions []activities.Question
				after, err := replay(t, h, func(_ workflow.Context, q activities.Question) {
					q.Journey = q.Journey.Clone()
					questions = append(questions, q)
				})
				for _, q := range questions {
					facts := strategy.Facts{
						Journey: q.Journey, Strategy: all[0], Rules: rules.For("us"), Served: contact.Channels, Jurisdiction: "us",
						Now: q.Journey.Clock.Business(q.Now),
						Standing: contact.Standing{
							Borrower: "B-1", Zones: []string{"America/New_York"}, Points: []contact.Point{{ID: "mobile", Channel: contact.SMS}},
						},
					}
					as, _ := strategy.Decide(facts)
					alter(&facts)
					altered, _ := strategy.Decide(facts)
					if as.Step.Key != altered.Step.Key || !as.Step.At.Equal(altered.Step.At) || as.Stage != altered.Stage {
						different++
					}
				}
				require.NoError(t, err, path)
				require.Equal(t, before.asked(), after.asked(), path)
			}
			require.Positive(t, different, "the alteration changes no decision, so it proves nothing")
		})
	}
}
