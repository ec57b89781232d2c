package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/govalues/decimal"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// Decider makes decisions.
type Decider struct {
	Store *store.Store
	Rules *compliance.Library
	// Default is the name of the strategy for loans that ask for none.
	Default string
	// Log is told when a step waits for postings that the lending system owes. Default: nobody is told.
	Log *slog.Logger
	// Products are the plans in hardship that may be offered.
	Products []*hardship.Product
	// Regimes set the clocks of complaints.
	Regimes *complaint.Library
	// Served are the channels that have an adapter.
	Served []contact.Channel

	parsed sync.Map // strategies by hash: immutable once published
}

// Question is what Decide is asked.
type Question struct {
	Journey journey.Journey `json:"journey"`
	// Now is the workflow's time on the wall.
	Now time.Time `json:"now"`
}

// Decide asks the strategy for the next step, and records the answer with its explanation as a candidate. It is final
// when the next activity presents its hash: the loop may ask twice and keep one answer.
func (d *Decider) Decide(ctx context.Context, q Question) (journey.Decision, error) {
	j := q.Journey.Clone()
	if !j.Clock.Equal(d.Store.Clock()) {
		return journey.Decision{}, temporal.NewApplicationError("clock_mismatch", "clock_mismatch")
	}
	now := j.Clock.Business(q.Now)
	facts, err := d.Facts(ctx, j, now)
	if err != nil {
		return journey.Decision{}, fault(err)
	}
	decision, explanation := strategy.Decide(facts)
	if decision.Step.Reason == strategy.ReasonStaleLedger && d.Log != nil {
		// A payment feed that is dead keeps borrowers from being dunned, and an operator from knowing it.
		d.Log.Warn("the lending system's postings are late", "loan", j.Loan, "step", decision.Step.Key,
			"past_due_since", explanation.PastDueSince.String(), "complete_through", facts.Watermark.String())
	}
	return decision, fault(d.record(ctx, j, decision, explanation))
}

// Facts gathers from Postgres all that a decision about a journey is made on at a business instant.
func (d *Decider) Facts(ctx context.Context, j journey.Journey, now time.Time) (strategy.Facts, error) {
	name := j.StrategyName
	if name == "" {
		name = d.Default
	}
	known, err := d.Store.Known(ctx, sqlc.KnownParams{
		LoanID: j.Loan, Through: j.Through, StrategyName: name, Since: now.Add(-d.Rules.Horizon()),
	})
	if err != nil {
		return strategy.Facts{}, err
	}
	var standing contact.Standing
	if err := json.Unmarshal(known.Standing, &standing); err != nil {
		return strategy.Facts{}, err
	}
	hash := j.Strategy
	if hash == "" {
		hash = known.LatestStrategy
	}
	var pauses []contact.Hold
	if err := json.Unmarshal(known.Pauses, &pauses); err != nil {
		return strategy.Facts{}, err
	}
	var told event.Hardship
	if err := json.Unmarshal(known.Hardship, &told); err != nil {
		return strategy.Facts{}, err
	}
	var halts []contact.Halt
	if err := json.Unmarshal(known.Halts, &halts); err != nil {
		return strategy.Facts{}, err
	}
	var requests []contact.ApprovalRequest
	if err := json.Unmarshal(known.Requests, &requests); err != nil {
		return strategy.Facts{}, err
	}
	var complained *complaint.Case
	if err := json.Unmarshal(known.Complaint, &complained); err != nil {
		return strategy.Facts{}, err
	}
	var regime *complaint.Regime
	if complained != nil {
		regime = d.Regimes.Of(*complained, known.Jurisdiction)
	}
	s, err := d.strategy(ctx, hash)
	if err == nil && j.Strategy == "" {
		s, err = d.arm(ctx, s, j.Loan)
	}
	return strategy.Facts{
		Journey: j, Standing: standing, Rules: d.Rules.For(known.Jurisdiction), Strategy: s, Jurisdiction: known.Jurisdiction,
		Served: d.Served, Now: now, Watermark: through(known.Watermark), Refused: known.Refused,
		Complaint: complained, Regime: regime, InArrears: known.InArrears,
		Pauses: pauses, Halts: halts, Requests: requests, Products: d.Products,
		EarlierLoans: int(known.EarlierLoans), SettledLoans: int(known.SettledLoans),
		Hardship: strategy.Hardship{Cause: told.Cause, Months: told.Months, Income: told.Income, EssentialCosts: told.EssentialCosts},
	}, err
}

func through(watermark *time.Time) bizclock.Date {
	if watermark == nil {
		return bizclock.Date{}
	}
	return bizclock.DateOf(*watermark)
}

// arm returns the strategy with which a loan begins: that which was asked for, or a challenger of it.
func (d *Decider) arm(ctx context.Context, champion *strategy.Strategy, loan string) (*strategy.Strategy, error) {
	name := champion.Arm(loan)
	if name == champion.Name {
		return champion, nil
	}
	row, err := d.Store.LatestStrategy(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return champion, nil // nobody published it yet
	}
	if err != nil {
		return nil, err
	}
	return d.strategy(ctx, row.Hash)
}

// strategy returns the strategy with a hash. Postgres keeps every version that was ever published, so that journeys
// outlive the program that began them.
func (d *Decider) strategy(ctx context.Context, hash string) (*strategy.Strategy, error) {
	if s, ok := d.parsed.Load(hash); ok {
		return s.(*strategy.Strategy), nil
	}
	row, err := d.Store.Strategy(ctx, hash)
	if err != nil {
		return nil, err
	}
	s, err := strategy.Stored(row.Name, []byte(row.Yaml))
	if d.Log != nil && err != nil {
		// What a workflow hears of an error has no text, and without one an operator could not know why nothing is decided.
		d.Log.Error("a strategy cannot be read, and its loans are not decided upon", "strategy", row.Name+"@"+row.Version, "hash", hash, "error", err)
	}
	if err != nil {
		return nil, err
	}
	if missing := s.Missing(); d.Log != nil && len(missing) > 0 {
		d.Log.Warn("a strategy names what there is none of any more", "strategy", row.Name+"@"+row.Version, "hash", hash, "missing", missing)
	}
	d.parsed.Store(hash, s)
	return s, nil
}

func (d *Decider) record(ctx context.Context, j journey.Journey, decision journey.Decision, e strategy.Explanation) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	held, err := json.Marshal(e.HeldBack())
	if err != nil {
		return err
	}
	row := sqlc.RecordDecisionParams{
		LoanID: j.Loan, PreviousSeq: j.Last.Seq, PreviousHash: j.Last.Hash, Seq: decision.Seq, Hash: decision.Hash,
		Body: body, HeldBack: held, At: &decision.At, TimeZone: j.TimeZone,
		Strategy: e.Strategy, StrategyHash: decision.Strategy, Stage: string(decision.Stage), Bucket: decision.Bucket,
		Segment: e.Segment, Champion: cmp.Or(j.StrategyName, d.Default),
		NextStep: decision.Step.Key, NextReason: decision.Step.Reason, NextRule: decision.Step.Rule,
	}
	if row.PastDue, err = decimal.Parse(e.PastDue); err != nil {
		return err
	}
	if row.Outstanding, err = decimal.Parse(e.Outstanding); err != nil {
		return err
	}
	if !e.PastDueSince.IsZero() {
		since := e.PastDueSince.In(time.UTC)
		row.PastDueSince = &since
	}
	if !decision.Step.At.IsZero() {
		row.NextAt = &decision.Step.At
	}
	if n := len(j.Done); n > 0 {
		row.LastStep = j.Done[n-1].Key + " " + string(j.Done[n-1].Result)
	}
	if decision.Close {
		// The journey is kept as it will be when this decision is recorded, so that a later event can take it up again.
		j.Decide(decision)
		if row.Journey, err = json.Marshal(j); err != nil {
			return err
		}
	}
	if err := d.Store.RecordDecision(ctx, row); err != nil || len(e.Tasks) == 0 {
		return err
	}
	found, err := json.Marshal(e.Tasks)
	if err != nil {
		return err
	}
	// In a statement of its own: what a person reports locks a task before its loan.
	return d.Store.NoteTasks(ctx, sqlc.NoteTasksParams{LoanID: j.Loan, Found: found})
}
