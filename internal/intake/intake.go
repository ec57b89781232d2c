// Package intake is the one door for events: for the gateway, the command line, provider callbacks and the worklist
// alike (design §8).
//
// One transaction finds the event by its identity or stores it, splits off what is personal, gives it its number, and
// applies at once what must not wait: consents, opt-outs, holds. Only then is the event handed to the journeys that it
// concerns. So a STOP binds although Temporal may be down, and an event that comes twice has one effect and one answer.
package intake

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance/calendar"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/reply"
	"github.com/tender-engine/tender/internal/store"
)

// Courier hands events to journeys; package courier implements it over the Temporal client.
type Courier interface {
	// Deliver hands an event to the journey of e.Loan and waits for its answer. resume is the stored journey of a closed
	// loan, from which the journey starts again; nil when the loan is open. An event of type loan.disbursed starts the
	// journey. The same event (by loan and number) may be delivered again at any time and must have one effect; its
	// answer may then be a newer one.
	//
	// A [*Refusal] is final. [ErrEnded] says that no workflow of the loan runs any more. Every other error, first of
	// all [ErrUnavailable] and the end of ctx, means: try again later.
	Deliver(ctx context.Context, e event.Event, resume *journey.Journey) (journey.Answer, error)
}

// Classifier says what a reply means; package classify asks a service. Its errors are of type [*classify.Failure].
type Classifier interface {
	Understand(ctx context.Context, q classify.Question) (reply.Meaning, error)
}

// Options changes how a door works. The zero value of each field is its default.
type Options struct {
	// Patience is how long the door waits for a journey's answer, wall time. Default: 10 s.
	Patience time.Duration
	// Lease is how long the sweeper leaves an event to the process that took it; longer than Patience. Default: 30 s.
	Lease time.Duration
	// Classifier understands replies in place of the rules, which decide when it fails. Default: the rules do.
	Classifier Classifier
	// Regimes set the clocks of complaints. Default: those that come with Tender.
	Regimes *complaint.Library
	// Log is told what could not be handed over. Default: nobody is told.
	Log *slog.Logger
}

// Door is the one way in. It is safe for concurrent use, by any number of processes on one Postgres.
type Door struct {
	store   *store.Store
	courier Courier
	options Options
	read    *strategies
}

// New returns a door.
func New(store *store.Store, courier Courier, options Options) *Door {
	if options.Patience <= 0 {
		options.Patience = 10 * time.Second
	}
	if options.Lease <= 0 {
		options.Lease = max(30*time.Second, 2*options.Patience)
	}
	if options.Regimes == nil {
		options.Regimes = ShippedRegimes()
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Door{store, courier, options, &strategies{}}
}

// ShippedRegimes are those that come with Tender, read once.
var ShippedRegimes = sync.OnceValue(func() *complaint.Library {
	regimes, err := loadRegimes("")
	if err != nil {
		panic(err) // they come with the program, and its tests read them
	}
	return regimes
})

// Regimes returns the regimes of complaints that come with Tender, together with those beneath a folder of rulebooks, if one is named.
func Regimes(rulebooks string) (*complaint.Library, error) {
	if rulebooks == "" {
		return ShippedRegimes(), nil
	}
	return loadRegimes(rulebooks)
}

func loadRegimes(rulebooks string) (*complaint.Library, error) {
	calendars, err := calendar.Load(rulebooks)
	if err != nil {
		return nil, err
	}
	return complaint.Load(rulebooks, func(code string) (complaint.Calendar, bool) { return calendars.For(code) })
}

// Result is what the sender of an accepted event is told. A repeat gets the same one.
type Result struct {
	Source string     `json:"source"`
	ID     string     `json:"id"`
	Type   event.Type `json:"type"`
	// Loans holds the answer of each journey that was told, in the order of the loans' ids; none for events that stay in
	// Postgres.
	Loans []Told `json:"loans"`
}

// Told is the answer of one journey.
type Told struct {
	journey.Answer
	// Refused is set when this journey refused an event that others accepted.
	Refused *Refusal `json:"refused,omitempty"`
}

// Take takes one event. actor is who sends it, as the audit trail shall name them.
//
// When Take returns nil, the event is stored, what it forbids binds, and every journey concerned has recorded it. Its
// errors are [*event.Error], [*Refusal], [*Unknown], [ErrConflict], [ErrLoanExists], [*Unavailable], [*Gone] and [*Fault];
// none of them repeats what is personal.
func (d *Door) Take(ctx context.Context, e cloudevents.Event, actor string) (Result, error) {
	taken := d.TakeAll(ctx, []cloudevents.Event{e}, actor)
	return taken[0].Result, taken[0].Err
}

// Taken is what became of one event of several. Err is as [Door.Take] returns it.
type Taken struct {
	Result Result
	Err    error
	// Before is set when the very same event was stored before: then Result is mostly the answer of that time.
	Before bool
}

// TakeAll takes events in the order in which they stand. One that is refused does not stop those after it. They are
// stored one after the other; then journeys are told, several at a time, but each of its events in order.
func (d *Door) TakeAll(ctx context.Context, events []cloudevents.Event, actor string) []Taken {
	taken := make([]Taken, len(events))
	told := make([][]*telling, len(events))
	loans := map[string][]*telling{}
	for n, e := range events {
		in, err := read(e)
		if err == nil {
			taken[n].Result = Result{Source: in.source, ID: in.id, Type: in.kind, Loans: []Told{}}
			told[n], taken[n].Before, err = d.receive(ctx, in, actor)
		}
		taken[n].Err = err
		for _, t := range told[n] {
			loans[t.loan] = append(loans[t.loan], t)
		}
	}
	d.tellAll(ctx, loans)
	for n := range taken {
		if taken[n].Err == nil {
			taken[n].Result.Loans, taken[n].Err = answers(told[n])
		}
	}
	return taken
}

// telling is one event on its way to one journey, and what came of it.
type telling struct {
	event int64
	loan  string
	// tries is how often the sweeper tried.
	tries int32
	told  Told
	err   error
}

// workers is how many journeys are told at a time.
const workers = 8

// tellAll tells each journey of its events, in order. When nobody answers at all it stops asking: what is left stays for
// the sweeper. It reports how many tellings failed.
func (d *Door) tellAll(ctx context.Context, loans map[string][]*telling) (failed int) {
	health := &health{}
	var group errgroup.Group
	group.SetLimit(workers)
	for _, tellings := range loans {
		group.Go(func() error {
			for n, t := range tellings {
				if ctx.Err() != nil || health.away() {
					t.err = &Unavailable{Who: "Temporal", Kept: true, cause: ctx.Err()}
					d.postpone(ctx, t, 0)
					continue
				}
				t.told, t.err = d.tell(ctx, t)
				health.note(t.err)
				if t.err != nil { // what follows must not overtake it
					for _, later := range tellings[n+1:] {
						later.err = t.err
						d.postpone(ctx, later, 0)
					}
					break
				}
			}
			return nil
		})
	}
	_ = group.Wait()
	return health.failures()
}

// answers gathers what the journeys said about one event and what followed from it: each journey's last word. That a journey
// refuses what followed does not make the event refused.
func answers(tellings []*telling) ([]Told, error) {
	told := make([]Told, 0, len(tellings))
	refused := 0
	for _, t := range tellings {
		if t.err != nil {
			return told, t.err
		}
		if n := slices.IndexFunc(told, func(before Told) bool { return before.Loan == t.loan }); n >= 0 {
			if t.told.Refused == nil {
				told[n] = t.told
			}
			continue
		}
		if t.told.Refused != nil {
			refused++
		}
		told = append(told, t.told)
	}
	if refused > 0 && refused == len(told) {
		return told, told[0].Refused
	}
	return told, nil
}
