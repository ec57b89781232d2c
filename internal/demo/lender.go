package demo

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/event"
)

// lender is a fake lending system. It disburses the loans of a scenario, posts what happens to them over HTTP as a real
// one would, and takes what Tender has to tell it.
type lender struct {
	scenario *Scenario
	clock    bizclock.Clock
	// gateway is where events are posted.
	gateway string
	// received finds when a borrower got the message of a step, such as notice-1@2026-01-18; the zero time: not yet.
	received func(ctx context.Context, loan, step string) (time.Time, error)
	// complaint finds the id of the complaint about a loan; none: nobody has complained yet.
	complaint func(ctx context.Context, loan string) (string, error)
	// say is told of everything that was posted and taken.
	say func(posted)

	client http.Client
	mu     sync.Mutex
	// next is, by loan, the business time before which everything has been posted; no entry: nothing is left to post.
	next map[string]time.Time
	// through is, by the time zone of the books, the last date that they were closed through.
	through map[string]bizclock.Date
	// told are the ids of the notices that were taken, by loan, or subject.
	told map[string][]string
}

// posted is something that the lending system did.
type posted struct {
	// At is when the gateway answered, or when Tender spoke, in business time.
	At   time.Time
	Loan string
	// Text is what, without anything personal.
	Text string
	// Refused is why the gateway would not have it, if so.
	Refused string
}

// line says what the lending system did, for who does not know that it was the lending system.
func (p posted) line() string { return strings.TrimSpace(p.Loan + " lending system: " + p.what()) }

// what says what was done, and whether it was refused.
func (p posted) what() string {
	if p.Refused != "" {
		return p.Text + ": REFUSED, " + p.Refused
	}
	return p.Text
}

// How often the lending system looks for what it waits for, and how soon it posts again what could not be taken; wall
// time.
const (
	lookEvery   = 50 * time.Millisecond
	retryEvery  = 250 * time.Millisecond
	longestWait = 2 * time.Second
)

// closeBooksAt is how long after midnight the day's books are closed, business time.
const closeBooksAt = 10 * time.Minute

func newLender(s *Scenario, clock bizclock.Clock) *lender {
	l := &lender{scenario: s, clock: clock, next: map[string]time.Time{}, through: map[string]bizclock.Date{}, told: map[string][]string{}}
	for _, life := range s.Lives {
		l.next[life.Loan] = life.at
	}
	return l
}

// run lives through the scenario. It returns when ctx ends: there are books to close every day.
func (l *lender) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	zones := map[string]bool{}
	for n := range l.scenario.Lives {
		life := &l.scenario.Lives[n]
		group.Go(func() error { return l.live(ctx, life) })
		if zone := life.zone.String(); !zones[zone] {
			zones[zone] = true
			group.Go(func() error { return l.closeBooks(ctx, life.zone) })
		}
	}
	return group.Wait()
}

// live posts what happens to one loan, one event after the other.
func (l *lender) live(ctx context.Context, life *Life) error {
	defer l.plan(life.Loan, time.Time{})
	if err := l.until(ctx, life.at); err != nil {
		return err
	}
	if err := l.post(ctx, life, l.event(life, "disbursed", event.LoanDisbursed, life.at, life.disbursed)); err != nil {
		return err
	}
	for n, h := range life.Happens {
		at, err := l.when(ctx, life, h)
		if err != nil {
			return err
		}
		data, err := check(h.kind, life.payload(h, n, at))
		if err != nil {
			return fmt.Errorf("%s: loan %s: %w", l.scenario.File, life.Loan, err)
		}
		e := l.event(life, fmt.Sprintf("%d-%s", n+1, h.kind), h.kind, at, data)
		if slices.Contains(h.kind.Subjects(), event.ComplaintSubject) {
			if err := l.aboutComplaint(ctx, life, &e); err != nil {
				return err
			}
		}
		if err := l.post(ctx, life, e); err != nil {
			return err
		}
	}
	return nil
}

// aboutComplaint makes an event one about the complaint about a loan, as the people of the complaints desk send it. It is no posting, so no
// books wait for it.
func (l *lender) aboutComplaint(ctx context.Context, life *Life, e *cloudevents.Event) error {
	l.plan(life.Loan, time.Time{})
	return l.poll(ctx, func() (bool, error) {
		id, err := l.complaint(ctx, life.Loan)
		e.SetSubject(string(event.ComplaintSubject) + "/" + id)
		return id != "", err
	})
}

// when waits until something happens, and returns when it did.
func (l *lender) when(ctx context.Context, life *Life, h Happening) (time.Time, error) {
	if h.Day != 0 {
		at := l.scenario.date(h.Day).At(h.at, life.zone)
		l.plan(life.Loan, at)
		return at, l.until(ctx, at)
	}
	l.plan(life.Loan, time.Time{})
	step := h.After + "@"
	if !slices.Contains(namedOtherwise, h.After) {
		step += life.schedule[h.Installment-1].date.String()
	}
	at := time.Time{}
	err := l.poll(ctx, func() (bool, error) {
		got, err := l.received(ctx, life.Loan, step)
		at = got.Add(time.Duration(cmp.Or(h.Hours, defaultHours)) * time.Hour)
		return !got.IsZero(), err
	})
	if err != nil {
		return at, err
	}
	if at, err = l.reopen(life, at); err != nil {
		return at, err
	}
	return at, l.until(ctx, at)
}

// reopen plans something that nobody could foresee: not on a day whose books are closed, for what they were said to hold
// is final.
func (l *lender) reopen(life *Life, at time.Time) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if closed := l.through[life.zone.String()]; !bizclock.DateOf(at.In(life.zone)).After(closed) {
		at = l.now()
	}
	l.next[life.Loan] = at
	return at, nil
}

// plan notes when a loan's next event will be posted; the zero time: nobody knows, or never.
func (l *lender) plan(loan string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.IsZero() {
		delete(l.next, loan)
	} else {
		l.next[loan] = at
	}
}

// closeBooks says shortly after each midnight that all postings of the day before have been sent, once they have.
func (l *lender) closeBooks(ctx context.Context, zone *time.Location) error {
	source := source(zone)
	for day := bizclock.DateOf(l.scenario.Start.At.In(zone)); ; day = day.AddDays(1) {
		midnight := day.AddDays(1).In(zone)
		if err := l.until(ctx, midnight.Add(closeBooksAt)); err != nil {
			return err
		}
		if err := l.poll(ctx, func() (bool, error) { return l.close(zone, day, midnight), nil }); err != nil {
			return err
		}
		e := cloudevents.New()
		e.SetSource(source)
		e.SetID("books-" + day.String())
		e.SetType(string(event.LedgerWatermark))
		if err := e.SetData("application/json", event.Watermark{Through: day}); err != nil {
			return err
		}
		if err := l.post(ctx, nil, e); err != nil {
			return err
		}
	}
}

// close closes the books of a day, unless a posting of it is still on its way.
func (l *lender) close(zone *time.Location, day bizclock.Date, midnight time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, life := range l.scenario.Lives {
		if at, open := l.next[life.Loan]; open && life.zone.String() == zone.String() && at.Before(midnight) {
			return false
		}
	}
	l.through[zone.String()] = day
	return true
}

// source names the books of a time zone: each has its own midnight.
func source(zone *time.Location) string { return "/lending-system/" + zone.String() }

func (l *lender) event(life *Life, id string, kind event.Type, at time.Time, data []byte) cloudevents.Event {
	e := cloudevents.New()
	e.SetSource(source(life.zone))
	e.SetID(life.Loan + "-" + id)
	e.SetType(string(kind))
	e.SetTime(at.UTC())
	e.SetSubject("loan/" + life.Loan)
	if !slices.Contains(kind.Subjects(), event.LoanSubject) {
		e.SetSubject("borrower/" + life.Borrower)
	}
	e.DataEncoded = data
	e.SetDataContentType("application/json")
	return e
}

// post posts an event until it was taken, always under the same id. What the gateway refuses for good is said.
func (l *lender) post(ctx context.Context, life *Life, e cloudevents.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	for {
		wait, refused, err := l.try(ctx, body)
		if err != nil {
			return err
		}
		if wait == 0 {
			if life != nil {
				l.say(posted{At: l.now(), Loan: life.Loan, Text: summary(e), Refused: refused})
			} else if refused != "" {
				l.say(posted{At: l.now(), Text: summary(e), Refused: refused})
			}
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// try posts once. It returns how long to wait before the next time; none when the answer is final.
func (l *lender) try(ctx context.Context, body []byte) (wait time.Duration, refused string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.gateway+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", cloudevents.ApplicationCloudEventsJSON)
	response, err := l.client.Do(request)
	if err != nil {
		return retryEvery, "", ctx.Err()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	switch code := response.StatusCode; {
	case code < 300:
		return 0, "", nil
	case code == http.StatusNotFound, code == http.StatusTooManyRequests, code >= 500:
		wait = retryEvery
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil {
			wait = min(max(wait, time.Duration(seconds)*time.Second), longestWait)
		}
		return wait, "", nil
	}
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if json.Unmarshal(text, &problem) != nil || problem.Title == "" && problem.Detail == "" {
		problem.Title = response.Status
	}
	return 0, strings.TrimPrefix(problem.Title+": "+problem.Detail, ": "), nil
}

// summary says in a few words what an event brings.
func summary(e cloudevents.Event) string {
	var data struct {
		Amount    string `json:"amount"`
		Principal string `json:"principal"`
		Currency  string `json:"currency"`
		Text      string `json:"text"`
		Through   string `json:"through"`
		Kind      string `json:"kind"`
		Outcome   string `json:"outcome"`
	}
	_ = json.Unmarshal(e.Data(), &data) // what is not there is left out
	text := e.Type()
	if amount := cmp.Or(data.Amount, data.Principal); amount != "" {
		text += " " + amount + " " + data.Currency
	}
	for _, more := range []string{data.Through, data.Kind, data.Outcome} {
		if more != "" {
			text += " " + more
		}
	}
	if data.Text != "" && event.Type(e.Type()) == event.BorrowerReplied {
		text += fmt.Sprintf(" %q", data.Text)
	}
	return text
}

// listen takes what Tender tells the lending system, on a free port of this machine, and returns the address for it.
func (l *lender) listen(ctx context.Context) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("the fake lending system: %w", err)
	}
	server := &http.Server{Handler: l.handler(ctx), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with Close
	return "http://" + listener.Addr().String() + "/notices", func() { _ = server.Close() }, nil
}

// handler takes notices: when a charge-off is due, the loan is written off some hours later.
func (l *lender) handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /notices", func(w http.ResponseWriter, r *http.Request) {
		var notice cloudevents.Event
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&notice); err != nil {
			http.Error(w, "no CloudEvent", http.StatusBadRequest)
			return
		}
		if about, id, _ := strings.Cut(notice.Subject(), "/"); event.Subject(about) == event.ComplaintSubject {
			w.WriteHeader(http.StatusNoContent)
			if l.take(notice.Subject(), notice.ID()) {
				l.say(posted{At: l.now(), Text: "was told " + notice.Type() + " of complaint " + id})
			}
			return
		}
		id, _ := strings.CutPrefix(notice.Subject(), "loan/")
		n := slices.IndexFunc(l.scenario.Lives, func(life Life) bool { return life.Loan == id })
		if n < 0 {
			http.Error(w, "no such loan", http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
		if l.take(id, notice.ID()) {
			l.say(posted{At: l.now(), Loan: id, Text: "was told " + notice.Type()})
			if notice.Type() == chargeOffDue {
				go l.writeOff(ctx, &l.scenario.Lives[n])
			}
		}
	})
	return mux
}

// chargeOffDue is the type of the notice that a loan is due to be charged off.
const chargeOffDue = "tender.charge_off"

// writeOffAfter is how long the lending system takes to charge a loan off, business time.
const writeOffAfter = 6 * time.Hour

// take notes a notice, and reports whether it is new: Tender repeats one whose answer it did not get.
func (l *lender) take(loan, id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.told[loan], id) {
		return false
	}
	l.told[loan] = append(l.told[loan], id)
	return true
}

func (l *lender) writeOff(ctx context.Context, life *Life) {
	at := l.now().Add(writeOffAfter)
	if l.until(ctx, at) != nil {
		return
	}
	data, err := check(event.LoanWrittenOff, map[string]any{"on": bizclock.DateOf(at.In(life.zone)).String()})
	if err == nil {
		err = l.post(ctx, life, l.event(life, "written-off", event.LoanWrittenOff, at, data))
	}
	if err != nil && ctx.Err() == nil {
		l.say(posted{At: at, Loan: life.Loan, Text: string(event.LoanWrittenOff), Refused: err.Error()})
	}
}

// now is the business time by the clock of this machine, on which Postgres runs too.
func (l *lender) now() time.Time { return l.clock.Business(time.Now()) }

// until waits for a business instant.
func (l *lender) until(ctx context.Context, at time.Time) error {
	return sleep(ctx, time.Until(l.clock.Wall(at)))
}

// poll waits until something is so.
func (l *lender) poll(ctx context.Context, so func() (bool, error)) error {
	for {
		if yes, err := so(); yes || err != nil {
			return err
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// sleep waits on the wall, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
