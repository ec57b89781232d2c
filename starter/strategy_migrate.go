package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/condition"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/strategy"
)

// movableFacts are what --where can ask about.
var movableFacts = []condition.Fact{
	{Name: "stage", Type: "string", Meaning: "where the journey stands", Words: texts(journey.Stages)},
	{Name: "bucket", Type: "string", Meaning: "the bucket of delinquent days"},
	{Name: "strategy", Type: "string", Meaning: "the strategy with its version, such as gentle-installment@1"},
	{Name: "segment", Type: "string", Meaning: "the segment of the strategy"},
	{Name: "champion", Type: "string", Meaning: "the strategy that was asked for"},
	{Name: "jurisdiction", Type: "string", Meaning: "where the borrower lives"},
	{Name: "past_due_days", Type: "int", Meaning: "days since the oldest unpaid due date"},
	{Name: "age_days", Type: "int", Meaning: "days since disbursement"},
}

func texts[T ~string](all []T) (words []string) {
	for _, word := range all {
		words = append(words, string(word))
	}
	return words
}

// moving is what tender strategy migrate is asked.
type moving struct {
	where, to, id string
	dryRun        bool
	rate, most    int
}

// moved is what became of moving loans to another strategy, or what would.
type moved struct {
	To   string `json:"to"`
	Hash string `json:"hash"`
	// Batch is the id under which the same command line goes on where it stopped.
	Batch  string `json:"batch,omitempty"`
	DryRun bool   `json:"dry_run"`
	// Loans are those that are open and fit; AlreadyThere of them have that strategy.
	Loans        int `json:"loans"`
	AlreadyThere int `json:"already_there"`
	// Asked are those of which it was worked out what changes, Changes what is done next, Differences what else.
	Asked       int          `json:"asked,omitempty"`
	Changes     []effect     `json:"changes,omitempty"`
	Differences []difference `json:"differences,omitempty"`
	Moved       int          `json:"moved"`
	Refused     int          `json:"refused"`
}

// difference is what changes for loans that come from one strategy, and from one of its segments to one of the other's.
type difference struct {
	From    string `json:"from"`
	Hash    string `json:"hash"`
	Segment string `json:"segment"`
	// To is their segment then.
	To      string            `json:"to"`
	Loans   int               `json:"loans"`
	Changes []strategy.Change `json:"changes"`
}

// effect is a change that moving has for some loans.
type effect struct {
	What  string   `json:"what"`
	Loans int      `json:"loans"`
	Some  []string `json:"some"`
}

func (a *app) strategyMigrate() *cobra.Command {
	m := moving{}
	c := &cobra.Command{
		Use:   "migrate --to STRATEGY",
		Short: "Move journeys that run to another strategy, or to another version of their own",
		Long: `Move journeys that run to another strategy, or to another version of their own, which must be published. --where chooses them
by a condition such as 'stage == "early_arrears"' (a single = means the same); it can ask about ` + factNames(movableFacts) + `.

With --dry-run nothing is moved: it says what would be done next for how many loans, and what is done next as it is; and all that
changes for them later, as tender strategy diff says it, by the strategy and the segment that they have. That is asked of the
journeys, of --most of them at most. Without it the loans are moved, --rate a second; the same command line with
the same --id goes on where it stopped. Loans that are refused are named with the reason, and the exit code is 4.`,
		Example: `  tender strategy migrate --to gentle-installment@2 --where 'stage == "early_arrears"' --dry-run`,
		Args:    takes(),
	}
	c.Flags().StringVar(&m.to, "to", "", "the strategy: a name, name@version, or the hash of a version (required)")
	c.Flags().StringVar(&m.where, "where", "true", "which open loans, as a CEL expression")
	c.Flags().BoolVar(&m.dryRun, "dry-run", false, "say what would change, and for how many")
	c.Flags().IntVar(&m.rate, "rate", 50, "how many loans a second are moved, at most")
	c.Flags().IntVar(&m.most, "most", 500, "with --dry-run, of how many loans it is worked out what changes, at most")
	idFlag(c, &m.id)
	_ = c.MarkFlagRequired("to")
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case m.rate < 1 || m.rate > mostRate:
			return misuse(c, "--rate %d: give a number from 1 to %d", m.rate, mostRate)
		case m.most < 1:
			return misuse(c, "--most %d: give a number of at least 1", m.most)
		}
		where, err := condition.NewLanguage(movableFacts).Compile(equals(m.where))
		if err != nil {
			return misuse(c, "--where: %v", err)
		}
		return a.does(func(ctx context.Context, _ []string) error { return a.move(ctx, m, where) })(c, args)
	}
	return c
}

func factNames(facts []condition.Fact) string {
	names := []string{}
	for _, f := range facts {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// equals writes a single = outside of quotes as ==, which is what CEL calls it.
func equals(where string) string {
	var out strings.Builder
	quote := rune(0)
	for n, r := range where {
		out.WriteRune(r)
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '=' && !strings.ContainsAny(where[max(n-1, 0):n], "=!<>") && !strings.HasPrefix(where[n+1:], "="):
			out.WriteRune('=')
		}
	}
	return out.String()
}

func (a *app) move(ctx context.Context, m moving, where *condition.Condition) error {
	return a.writing(ctx, func(db *store.Store, door *intake.Door) error {
		row, err := published(ctx, db, m.to)
		if errors.Is(err, pgx.ErrNoRows) {
			return notFound("strategy %s is not published; tender strategy list shows those that are, tender strategy publish publishes one", m.to)
		}
		if err != nil {
			return err
		}
		target, err := strategy.Stored(row.Name, []byte(row.Yaml))
		if err != nil {
			return err
		}
		loans, there, err := a.movable(ctx, db, where, target)
		if err != nil {
			return err
		}
		done := moved{To: target.Name + "@" + target.Version, Hash: target.Hash, DryRun: m.dryRun, Loans: len(loans) + there, AlreadyThere: there}
		if m.dryRun {
			err = a.rehearseMove(ctx, db, m, target, loans, &done)
		} else {
			done.Batch = cmp.Or(m.id, newID())
			err = a.moveAll(ctx, door, m, target, loans, &done)
		}
		if err != nil {
			return err
		}
		err = a.print(done, func(w io.Writer, _ report.Style) error { return done.write(w) })
		if err == nil && done.Refused > 0 {
			return &problem{exitRefused, fmt.Sprintf("%d of %d loans were refused", done.Refused, len(loans))}
		}
		return err
	})
}

// movable returns the ids of the open loans that fit and have another strategy, and how many have it already.
func (a *app) movable(ctx context.Context, db *store.Store, where *condition.Condition, target *strategy.Strategy) (ids []string, there int, err error) {
	now, err := db.Now(ctx)
	if err != nil {
		return nil, 0, err
	}
	rows, err := db.MovableLoans(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range rows {
		zone := home(l.TimeZone)
		today, late := bizclock.DateOf(now.In(zone)), 0
		if l.PastDueSince != nil {
			late = max(0, today.Sub(bizclock.DateOf(*l.PastDueSince)))
		}
		fits, err := where.Holds(map[string]any{
			"stage": l.Stage, "bucket": l.Bucket, "strategy": l.Strategy, "segment": l.Segment, "champion": l.Champion, "jurisdiction": l.Jurisdiction,
			"past_due_days": int64(late), "age_days": int64(today.Sub(bizclock.DateOf(l.DisbursedAt.In(zone)))),
		})
		switch {
		case err != nil:
			return nil, 0, &problem{exitUsage, fmt.Sprintf("--where has no answer for loan %s: %v", l.ID, err)}
		case fits && l.Strategy == target.Name+"@"+target.Version && (l.StrategyHash == "" || l.StrategyHash == target.Hash):
			there++
		case fits:
			ids = append(ids, l.ID)
		}
	}
	return ids, there, nil
}

// home is a loan's time zone; UTC when there is none of that name.
func home(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

// atOnce is how many journeys are asked at the same time.
const atOnce = 8

// rehearseMove works out what moving changes, loan by loan: what is done next as it is, and what would be.
func (a *app) rehearseMove(ctx context.Context, db *store.Store, m moving, target *strategy.Strategy, loans []string, done *moved) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	decider, temporal, err := a.decider(ctx, s, db)
	if err != nil {
		return err
	}
	defer temporal.Close()
	some := spread(loans, m.most)
	changes := make([]change, len(some))
	errs := make([]error, len(some))
	var crowd sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for n, id := range some {
		crowd.Add(1)
		places <- struct{}{}
		go func() {
			defer func() { <-places; crowd.Done() }()
			changes[n], errs[n] = moves(ctx, decider, temporal, db, id, target)
		}()
		if n > 0 && n%100 == 0 {
			_, _ = fmt.Fprintf(a.err, "asked %d of %d journeys\n", n, len(some))
		}
	}
	crowd.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	done.Asked = len(some)
	found := map[string]*effect{}
	for n, loan := range changes {
		what := loan.next
		done.count(loan, target)
		if found[what] == nil {
			found[what] = &effect{What: what}
		}
		if e := found[what]; true {
			if e.Loans++; len(e.Some) < 3 {
				e.Some = append(e.Some, some[n])
			}
		}
	}
	for _, e := range found {
		done.Changes = append(done.Changes, *e)
	}
	slices.SortStableFunc(done.Differences, func(a, b difference) int { return b.Loans - a.Loans })
	slices.SortFunc(done.Changes, func(a, b effect) int { return cmp.Or(b.Loans-a.Loans, strings.Compare(a.What, b.What)) })
	return nil
}

// spread returns so many of a list at most, spread evenly over it.
func spread(all []string, most int) []string {
	if len(all) <= most {
		return all
	}
	some := make([]string, most)
	for n := range some {
		some[n] = all[n*len(all)/most]
	}
	return some
}

// decider decides as a worker of this installation would.
func (a *app) decider(ctx context.Context, s settings.Settings, db *store.Store) (*activities.Decider, client.Client, error) {
	rules, err := compliance.Load(s.Rulebooks)
	if err != nil {
		return nil, nil, err
	}
	rules.Party = s.Party
	products, err := hardship.Load(s.Products)
	if err != nil {
		return nil, nil, err
	}
	channels, err := configured(s)
	if err != nil {
		return nil, nil, err
	}
	temporal, err := s.DialTemporal(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &activities.Decider{Store: db, Rules: rules, Products: products, Default: s.Strategy, Served: channels.Channels()}, temporal, nil
}

// change is what moving a loan changes: what is done next, and from which strategy and segment to which segment it comes.
type change struct {
	next          string
	was           *strategy.Strategy
	segment, then string
}

// count adds a loan to those that come from where it does.
func (m *moved) count(c change, target *strategy.Strategy) {
	for n := range m.Differences {
		if d := &m.Differences[n]; d.Hash == c.was.Hash && d.Segment == c.segment && d.To == c.then {
			d.Loans++
			return
		}
	}
	m.Differences = append(m.Differences, difference{
		From: c.was.Name + "@" + c.was.Version, Hash: c.was.Hash, Segment: c.segment, To: c.then, Loans: 1,
		Changes: strategy.Between(c.was, c.segment, target, c.then),
	})
}

// moves says what moving a loan changes.
func moves(ctx context.Context, decider *activities.Decider, temporal client.Client, db *store.Store, id string, target *strategy.Strategy) (change, error) {
	j, err := askJourney(ctx, temporal, id)
	if err != nil {
		return change{}, err
	}
	now, err := db.Now(ctx)
	if err != nil {
		return change{}, err
	}
	facts, err := decider.Facts(ctx, j, now)
	if err != nil {
		return change{}, err
	}
	found := change{was: facts.Strategy}
	was, why := strategy.Decide(facts)
	facts.Strategy = target
	is, whyThen := strategy.Decide(facts)
	found.segment, found.then = cmp.Or(why.Segment, strategy.Standard), cmp.Or(whyThen.Segment, strategy.Standard)
	before, after := next(was, now, home(j.TimeZone)), next(is, now, home(j.TimeZone))
	if found.next = before + " -> " + after; before == after {
		found.next = "next as it is: " + before
	}
	return found, nil
}

// next says what a decision does next, without what is different for each loan.
func next(d journey.Decision, now time.Time, zone *time.Location) string {
	what := d.Step.Treatment()
	if what == "" {
		what = strategy.Sentence(d.Step.Reason)
	}
	if d.Step.Channel != "" {
		what += " by " + string(d.Step.Channel)
	}
	if d.Step.At.IsZero() {
		return what
	}
	switch days := bizclock.DateOf(d.Step.At.In(zone)).Sub(bizclock.DateOf(now.In(zone))); {
	case days <= 0:
		return what + " today"
	case days == 1:
		return what + " in a day"
	default:
		return fmt.Sprintf("%s in %d days", what, days)
	}
}

// moveAll moves loans, so many a second.
func (a *app) moveAll(ctx context.Context, door *intake.Door, m moving, target *strategy.Strategy, loans []string, done *moved) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for from := 0; from < len(loans); from += m.rate {
		if from > 0 {
			_, _ = fmt.Fprintf(a.err, "moved %d of %d loans\n", done.Moved, len(loans))
			select {
			case <-ctx.Done():
				return fmt.Errorf("stopped after %d of %d loans; the same command line with --id %s goes on", done.Moved, len(loans), done.Batch)
			case <-second.C:
			}
		}
		var events []cloudevents.Event
		for _, id := range loans[from:min(from+m.rate, len(loans))] {
			e, err := draft(event.StrategyAssigned, event.LoanSubject, id, moveID(done.Batch, id), event.Assignment{Strategy: target.Name, Hash: target.Hash, Batch: done.Batch})
			if err != nil {
				return err
			}
			events = append(events, e)
		}
		for n, taken := range door.TakeAll(ctx, events, a.actor()) {
			if taken.Err != nil {
				done.Refused++
				_, _ = fmt.Fprintf(a.err, "tender: %s: %v\n", events[n].Subject(), taken.Err)
				continue
			}
			done.Moved++
		}
	}
	return nil
}

// moveID is the id of the event that moves a loan in a batch, the same however often it is asked.
func moveID(batch, loan string) string {
	sum := sha256.Sum256([]byte(batch + "/" + loan))
	return "move-" + hex.EncodeToString(sum[:10])
}

func (m moved) write(w io.Writer) error {
	lines := []string{fmt.Sprintf("%s fit; %d of them are accompanied by %s already", report.Count(int64(m.Loans), "open loan"), m.AlreadyThere, m.To)}
	if m.DryRun {
		if m.Asked < m.Loans-m.AlreadyThere {
			lines = append(lines, fmt.Sprintf("of %d of the others, spread evenly, it was worked out what changes", m.Asked))
		}
		for _, e := range m.Changes {
			lines = append(lines, fmt.Sprintf("%6d  %s  (%s%s)", e.Loans, e.What, strings.Join(e.Some, ", "), map[bool]string{true: ", ..."}[e.Loans > len(e.Some)]))
		}
		for _, d := range m.Differences {
			lines = append(lines, fmt.Sprintf("for %s of %s (%s), segment %s:", report.Count(int64(d.Loans), "loan"), d.From, d.Hash, d.Segment))
			for _, c := range d.Changes {
				for _, line := range report.ChangeLines(c) {
					lines = append(lines, "  "+line)
				}
			}
		}
		lines = append(lines, "nothing was moved: this was a dry run")
	} else {
		lines = append(lines, fmt.Sprintf("%s moved, %d refused; batch %s", report.Count(int64(m.Moved), "loan"), m.Refused, m.Batch))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}
