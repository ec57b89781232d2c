// Package worker runs the worker process: the journeys and every activity, each channel on a task queue of its own.
package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/workflows"
)

// Run works until ctx ends, and then finishes what it has begun. Messages of the outbox are noted on console, one line
// each. ready, if not nil, is called once everything polls.
func Run(ctx context.Context, s settings.Settings, console io.Writer, ready func()) error {
	temporal, err := s.DialTemporal(ctx)
	if err != nil {
		return err
	}
	defer temporal.Close()
	store, err := s.OpenStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	var denied *serviceerror.PermissionDenied
	var absent *serviceerror.Unimplemented
	switch err := RegisterSearchAttributes(ctx, temporal, s.Temporal.Namespace); {
	case errors.As(err, &denied), errors.As(err, &absent):
		// Where the namespace is somebody else's to manage, as in Temporal Cloud, it has to be prepared there.
		s.Log.Warn("the namespace's search attributes cannot be looked at; see to it that they are there", "attributes", journey.SearchAttributes)
	case err != nil:
		return err
	}
	crew, err := New(ctx, Config{Settings: s, Temporal: temporal, Store: store, Console: console})
	if err != nil {
		return err
	}
	if err := crew.Start(); err != nil {
		return err
	}
	defer crew.Stop()
	if ready != nil {
		ready()
	}
	door := intake.New(store, &courier.Courier{Temporal: temporal, Clock: store.Clock()}, s.Door())
	lending := &activities.Lending{Store: store, URL: s.LenderURL, Log: s.Log}
	sweepers, running := errgroup.WithContext(ctx)
	sweepers.Go(func() error { return door.Sweep(running) })
	sweepers.Go(func() error { return door.Age(running) })
	sweepers.Go(func() error { lending.Sweep(running); return nil })
	rounds := &courier.Sweeper{Temporal: temporal, Namespace: s.Temporal.Namespace, Store: store, Log: s.Log}
	sweepers.Go(func() error { rounds.Run(running); return nil })
	if err := sweepers.Wait(); err != nil && ctx.Err() == nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// Config is what a crew needs.
type Config struct {
	Settings settings.Settings
	Temporal client.Client
	Store    *store.Store
	// Console is told of each message that the outbox keeps; nil: nobody is.
	Console io.Writer
}

// Crew are the workers of one process.
type Crew struct{ workers []worker.Worker }

// warnOfLength warns of messages that are too long as an SMS with the lender's name and its way to help. They go out all the same:
// what a catalogue may not say is refused, what these make of it costs more.
func warnOfLength(s settings.Settings, words *message.Library) {
	var long []string
	for _, one := range words.TooLong(message.Sender{Lender: s.LenderName, Help: s.Help, Own: s.Party == compliance.FirstParty}) {
		long = append(long, fmt.Sprintf("%s in %s: %d", one.Template, one.Language, one.Segments))
	}
	if len(long) > 0 {
		s.Log.Warn("messages take more than three SMS with TENDER_LENDER_NAME and TENDER_HELP; shorten these, or their words", "messages", long)
	}
}

// New publishes the strategies and makes the workers, without starting them.
func New(ctx context.Context, c Config) (*Crew, error) {
	s := c.Settings
	rules, err := compliance.Load(s.Rulebooks)
	if err != nil {
		return nil, err
	}
	rules.Party = s.Party
	outbox := channel.NewOutbox(activities.OutboxRows{Store: c.Store}, c.Console, s.Getenv)
	channels, err := channel.Configure(s.Getenv, outbox)
	if err != nil {
		return nil, err
	}
	messages, err := message.Load(s.Messages)
	if err != nil {
		return nil, err
	}
	warnOfLength(s, messages)
	products, err := hardship.Load(s.Products)
	if err != nil {
		return nil, err
	}
	strategies, err := strategy.Load(s.Strategies)
	if err != nil {
		return nil, err
	}
	for _, one := range strategies {
		if err := one.CheckProducts(products); err != nil {
			return nil, err
		}
	}
	if err := checkChallengers(ctx, c.Store, strategies); err != nil {
		return nil, err
	}
	taken, err := Publish(ctx, c.Store, strategies)
	if err != nil {
		return nil, err
	}
	for _, t := range taken {
		s.Log.Warn("a strategy was published before with other content, which stays; give the file another version",
			"strategy", t.Strategy.Name+"@"+t.Strategy.Version, "file", t.Strategy.Hash, "published", t.Hash)
	}
	fast := !c.Store.Clock().IsReal()
	journeys := worker.New(c.Temporal, journey.Queue, options(fast, 0))
	RegisterWorkflows(journeys)
	decider := &activities.Decider{Store: c.Store, Rules: rules, Regimes: s.Regimes(), Products: products, Default: s.Strategy, Served: channels.Channels(), Log: s.Log}
	register(journeys, journey.DecideActivity, decider.Decide)
	register(journeys, journey.AssignTask, (&activities.Calls{Store: c.Store, Rules: rules}).AssignTask)
	register(journeys, journey.TellLender, (&activities.Lending{Store: c.Store, URL: s.LenderURL}).TellLender)
	door := intake.New(c.Store, &courier.Courier{Temporal: c.Temporal, Clock: c.Store.Clock()}, s.Door())
	register(journeys, journey.RecordEvent, (&activities.Recorder{Store: c.Store, Door: door}).RecordEvent)
	crew := &Crew{workers: []worker.Worker{journeys}}
	outreach := &activities.Outreach{Store: c.Store, Rules: rules, Channels: channels, Lender: s.LenderName, Help: s.Help, Messages: messages}
	for _, served := range channels.Channels() {
		o := options(fast, s.Rates[served])
		o.DisableWorkflowWorker = true
		w := worker.New(c.Temporal, journey.OutreachQueue(served), o)
		register(w, journey.SendMessage, outreach.SendMessage)
		crew.workers = append(crew.workers, w)
	}
	return crew, nil
}

// RegisterWorkflows registers every workflow under the name that histories hold.
func RegisterWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.Loan, workflow.RegisterOptions{Name: workflows.LoanWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Preapproval, workflow.RegisterOptions{Name: workflows.PreapprovalWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Complaint, workflow.RegisterOptions{Name: workflows.ComplaintWorkflow})
}

func register(r worker.ActivityRegistry, name string, do any) {
	r.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: name})
}

// options are those of one worker. rate is how many activities a second its queue hands out over all workers; 0: no
// limit. A sticky time-out of a minute keeps a herd of loans from falling out of the cache; where business time runs
// fast, a minute is for ever. A workflow that has not yielded for a second, as long as the SDK waits, did not get the
// processor on a busy machine: workflows here compute nothing, and a true deadlock is found a little later.
func options(fast bool, rate float64) worker.Options {
	o := worker.Options{
		DisableRegistrationAliasing:  true,
		StickyScheduleToStartTimeout: time.Minute,
		WorkerStopTimeout:            30 * time.Second,
		DeadlockDetectionTimeout:     5 * time.Second,
		TaskQueueActivitiesPerSecond: rate,
	}
	if fast {
		o.StickyScheduleToStartTimeout, o.WorkerStopTimeout = time.Second, 3*time.Second
	}
	return o
}

// Start begins to poll.
func (c *Crew) Start() error {
	for n, w := range c.workers {
		if err := w.Start(); err != nil {
			for _, started := range c.workers[:n] {
				started.Stop()
			}
			return err
		}
	}
	return nil
}

// Stop finishes what was begun.
func (c *Crew) Stop() {
	for _, w := range c.workers {
		w.Stop()
	}
}

// Taken is a strategy whose name and version are those of one that was published with other content, which has the hash Hash.
type Taken struct {
	Strategy *strategy.Strategy
	Hash     string
}

// Publish stores strategies by the hash of their content, so that journeys outlive the program that began them. A journey
// that is pinned to an older version stays with it. A strategy whose name and version are taken by other content is not stored, and
// is among those that are returned.
func Publish(ctx context.Context, store *store.Store, strategies []*strategy.Strategy) (taken []Taken, err error) {
	for _, s := range strategies {
		hash, err := store.KeepStrategy(ctx, sqlc.KeepStrategyParams{Hash: s.Hash, Name: s.Name, Version: s.Version, Yaml: s.Text})
		if err != nil {
			return nil, fmt.Errorf("strategy %s: %w", s.Name, err)
		}
		if hash != s.Hash {
			taken = append(taken, Taken{s, hash})
		}
	}
	return taken, nil
}

// checkChallengers refuses strategies with a challenger that is neither among them nor published, or has challengers of its own.
func checkChallengers(ctx context.Context, store *store.Store, strategies []*strategy.Strategy) error {
	all := slices.Clone(strategies)
	for _, s := range strategies {
		for _, c := range s.Challengers {
			row, err := store.LatestStrategy(ctx, c.Strategy)
			if errors.Is(err, pgx.ErrNoRows) || slices.ContainsFunc(all, func(other *strategy.Strategy) bool { return other.Name == c.Strategy }) {
				continue
			}
			if err != nil {
				return err
			}
			stored, err := strategy.Stored(row.Name, []byte(row.Yaml))
			if err != nil {
				return err
			}
			all = append(all, stored)
		}
	}
	return strategy.CheckChallengers(all)
}

// RegisterSearchAttributes makes sure that the namespace has the search attributes of journeys.
func RegisterSearchAttributes(ctx context.Context, temporal client.Client, namespace string) error {
	there, err := temporal.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("temporal: list search attributes of namespace %s: %w", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range journey.SearchAttributes {
		if _, ok := there.CustomAttributes[name]; !ok {
			value, err := enumspb.IndexedValueTypeFromString(kind)
			if err != nil {
				return err
			}
			missing[name] = value
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = temporal.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err != nil && !strings.Contains(err.Error(), "already") {
		return errors.Join(fmt.Errorf("temporal: the search attributes %v are missing and cannot be added; add them by hand", journey.SearchAttributes), err)
	}
	return nil
}
