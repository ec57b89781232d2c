package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
)

// workAltered starts workers whose Decide differs in everything that is policy: the strategy of the same name, the
// rulebooks, and the arithmetic (each installment is due two days earlier than it says).
func (i *installation) workAltered() {
	i.t.Helper()
	all, err := strategy.Load("")
	require.NoError(i.t, err)
	strategies, rulebooks := i.t.TempDir(), i.t.TempDir()
	text := strings.NewReplacer(`version: "2"`, `version: "3"`, "days_before: 3", "days_before: 5", "day: 1, template: notice-1", "day: 2, template: notice-1").Replace(all[0].Text)
	require.NoError(i.t, os.WriteFile(filepath.Join(strategies, "gentle.yaml"), []byte(text), 0o600))
	law, err := os.ReadFile(filepath.Join("..", "internal", "compliance", "rulebooks", "us-federal.yaml"))
	require.NoError(i.t, err)
	require.NoError(i.t, os.WriteFile(filepath.Join(rulebooks, "us-federal.yaml"), []byte(strings.ReplaceAll(string(law), "08:00", "11:00")), 0o600))
	rules, err := compliance.Load(rulebooks)
	require.NoError(i.t, err)
	own, err := strategy.Load(strategies)
	require.NoError(i.t, err)
	taken, err := worker.Publish(i.t.Context(), i.store, own)
	require.NoError(i.t, err)
	require.Empty(i.t, taken)
	w := sdkworker.New(i.temporal, journey.Queue, sdkworker.Options{StickyScheduleToStartTimeout: time.Second, DeadlockDetectionTimeout: busy})
	worker.RegisterWorkflows(w)
	decider := &activities.Decider{Store: i.store, Rules: rules, Default: strategy.Default, Served: channel.Written}
	w.RegisterActivityWithOptions(func(ctx context.Context, q activities.Question) (journey.Decision, error) {
		q.Journey = q.Journey.Clone()
		for n := range q.Journey.Contract.Schedule {
			q.Journey.Contract.Schedule[n].Due = q.Journey.Contract.Schedule[n].Due.AddDays(-2)
		}
		return decider.Decide(ctx, q)
	}, activity.RegisterOptions{Name: journey.DecideActivity})
	require.NoError(i.t, w.Start())
	i.t.Cleanup(w.Stop)
}

// explained is the explanation of a loan's last decision; empty when there is none yet.
func (i *installation) explained(loan string) (e strategy.Explanation) {
	i.t.Helper()
	row, err := i.store.LastDecision(i.t.Context(), loan)
	if errors.Is(err, pgx.ErrNoRows) {
		return e
	}
	require.NoError(i.t, err)
	require.NoError(i.t, json.Unmarshal(row.Body, &e))
	return e
}

func TestOtherPolicyTakesOverRunningJourneys(t *testing.T) {
	t.Parallel()
	i := install(t, time.Minute) // long enough for a busy machine to stop the first crew before the reminder
	crew := i.work()
	i.disburseOn("L-1", "B-1", bizclock.MustDate("2025-12-31")) // the first follow-up is due at once, the reminder after two days
	i.eventually("the first follow-up is behind it", func() bool { return i.explained("L-1").Step.Key == "reminder-ahead@2026-01-10" })
	crew.Stop()
	before := i.explained("L-1")

	i.workAltered()
	i.disburse("L-2", "B-2")
	i.eventually("the journey goes on", func() bool { return i.explained("L-1").Seq > before.Seq })
	after := i.explained("L-1")
	require.Equal(t, "reminder-ahead@2026-01-08", after.Step.Key, "it is decided by the other arithmetic")
	require.Equal(t, "gentle-installment@2", after.Strategy, "its strategy is pinned")
	require.Equal(t, "gentle-installment@3", i.explained("L-2").Strategy, "a new journey takes the new one")
	home, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	require.GreaterOrEqual(t, after.Step.At.In(home).Hour(), 11, "rulebooks are never pinned")
	types := []enumspb.EventType{}
	for _, e := range history(t, i.temporal, "L-1").Events {
		types = append(types, e.EventType)
	}
	require.False(t, slices.Contains(types, enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED), "its whole history was replayed by other policy")
}
