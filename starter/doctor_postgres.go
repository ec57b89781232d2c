package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	messages "github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
)

// How long something may take before the doctor speaks of it, wall time, and how many cases it names.
const (
	patience  = 2 * time.Minute
	mostCases = 10
)

// postgres looks at the server, the schema and both clocks.
func (d *doctor) postgres(ctx context.Context) {
	there, wanted, err := store.Schema(ctx, d.settings.DatabaseURL)
	if err != nil {
		d.dbErr = d.settings.PostgresAway(err)
		d.say("Postgres", failed, "", "%v", d.dbErr)
		return
	}
	d.say("Postgres", well, "", "answers at %s", d.settings.DatabaseAddress())
	switch {
	case there < wanted:
		d.say("schema", failed, "run tender migrate", "is at version %d, and this program needs %d", there, wanted)
	case there > wanted:
		d.say("schema", failed, "use the program that wrote it, or a newer one", "is at version %d, and this program knows %d", there, wanted)
	default:
		d.say("schema", well, "", "is at version %d", there)
	}
	db, ok := d.open(ctx, "")
	if !ok {
		d.say("clock", failed, "", "%v", d.dbErr)
		return
	}
	d.clock(ctx, db)
}

// skew is how far the clock of this machine may be from that of Postgres.
const skew = 5 * time.Second

func (d *doctor) clock(ctx context.Context, db *store.Store) {
	wall, err := db.Queries.Now(ctx)
	if err != nil {
		d.fault("clock", err)
		return
	}
	apart := time.Since(wall).Abs().Round(time.Second)
	switch clock := db.Clock(); {
	case apart > skew:
		d.say("clock", warning, "let both machines keep time with NTP", "this machine and Postgres differ by %s; Postgres' time counts", apart)
	case !clock.IsReal():
		d.say("clock", warning, "let no real loan in: this is a stack to throw away", "business time runs %d times as fast as the wall's: it is %s",
			clock.Rate, clock.Business(wall).Format(time.RFC3339))
	default:
		d.say("clock", well, "", "business time is the time on the wall")
	}
}

// policy reads rulebooks and strategies as a worker would.
func (d *doctor) policy(context.Context) {
	if _, err := compliance.Load(d.settings.Rulebooks); err != nil {
		d.say("rulebooks", failed, "correct the file, or TENDER_RULEBOOKS", "%v", err)
	} else {
		d.say("rulebooks", well, "", "can be read")
	}
	if words, err := messages.Load(d.settings.Messages); err != nil {
		d.say("messages", failed, "correct the file, or TENDER_MESSAGES; `tender message lint` checks it", "%v", err)
	} else {
		d.say("messages", well, "", "can be read, in %s", strings.Join(words.Languages(), ", "))
	}
	all, err := strategy.Load(d.settings.Strategies)
	if err != nil {
		d.say("strategies", failed, "correct the file, or TENDER_STRATEGIES", "%v", err)
		return
	}
	names, standard := make([]string, len(all)), false
	for n, s := range all {
		names[n] = s.Name + "@" + s.Version
		standard = standard || s.Name == d.settings.Strategy
	}
	if !standard {
		d.say("strategies", failed, "set TENDER_STRATEGY to one of them", "the default %s is not among %s", d.settings.Strategy, strings.Join(names, ", "))
		return
	}
	d.say("strategies", well, "", "%s; the default is %s", strings.Join(names, ", "), d.settings.Strategy)
}

// channels reads the channels as a worker would. It sends nothing.
func (d *doctor) channels(context.Context) {
	set, err := d.configured()
	if err != nil {
		d.say("channels", failed, "correct the variable; docs/settings.md lists them", "%v", err)
		return
	}
	served, real := []string{}, false
	for _, c := range contact.Channels {
		if adapter, ok := set[c]; ok {
			served = append(served, string(c)+"="+adapter.Name())
			real = real || adapter.Name() != "outbox"
		}
	}
	if !real {
		d.say("channels", warning, "name real adapters in TENDER_CHANNELS before borrowers are to hear from you", "every message stays in the outbox: nobody receives one")
		return
	}
	d.say("channels", well, "", "%s; other channels are not served", strings.Join(served, ", "))
}

func (d *doctor) configured() (channel.Set, error) { return configured(d.settings) }

// configured are the channels that settings name; nothing can be sent by them.
func configured(s settings.Settings) (channel.Set, error) {
	return channel.Configure(s.Getenv, channel.NewOutbox(nil, nil, s.Getenv))
}

// ledgers looks for lending systems whose postings are not known to be complete: nobody is dunned until they are.
func (d *doctor) ledgers(ctx context.Context) {
	db, ok := d.open(ctx, "ledgers")
	if !ok {
		return
	}
	now, err := db.Now(ctx)
	if err != nil {
		d.fault("ledgers", err)
		return
	}
	rows, err := db.Ledgers(ctx)
	if err != nil {
		d.fault("ledgers", err)
		return
	}
	const do = "let the lending system send ledger.watermark each day after its postings, or say \"watermarks\": false at disbursement"
	stale, waiting := []string{}, int64(0)
	for _, row := range rows {
		through, behind := bizclock.DateOf(row.Through), "never sent a watermark"
		if through.After(bizclock.MustDate("0001-01-01")) {
			behind = "is complete through " + through.String()
		}
		// Yesterday's postings are all in by some time today; the day before yesterday's should be.
		if days := bizclock.DateOf(now).Sub(through); days > 2 || row.Waiting > 0 {
			stale = append(stale, fmt.Sprintf("%s %s; %s, %d waiting for it", row.Source, behind, report.Count(row.Loans, "open loan"), row.Waiting))
		}
		waiting += row.Waiting
	}
	switch {
	case waiting > 0:
		d.say("ledgers", failed, do, "steps of %s wait for postings that may be missing", report.Count(waiting, "loan")).Cases = stale
	case len(stale) > 0:
		d.say("ledgers", warning, do, "%s behind, though no step waits yet", report.Count(int64(len(stale)), "lending system")).Cases = stale
	default:
		d.say("ledgers", well, "", "%s up to date", report.Count(int64(len(rows)), "lending system"))
	}
}

// events looks for events that no journey was told of yet.
func (d *doctor) events(ctx context.Context) {
	db, ok := d.open(ctx, "events")
	if !ok {
		return
	}
	rows, err := db.Undelivered(ctx, sqlc.UndeliveredParams{Wall: time.Now().Add(-patience), Most: mostCases})
	if err != nil {
		d.fault("events", err)
		return
	}
	if len(rows) == 0 {
		d.say("events", well, "", "none waits to be handed to its journey")
		return
	}
	count, err := db.CountUndelivered(ctx)
	if err != nil {
		d.fault("events", err)
		return
	}
	f := d.say("events", failed, "a worker hands them over as soon as it and Temporal run; if both do, see journeys below, and the worker's log",
		"%s not handed to the journey yet, the oldest came on %s", report.Count(count, "event"), rows[0].RecordedAt.UTC().Format(time.RFC3339))
	for _, row := range rows {
		f.Cases = append(f.Cases, fmt.Sprintf("%s %s of %s for %s, %s", row.Type, row.ID, row.Source, strings.Replace(event.SubjectOf(row.LoanID), "/", " ", 1), report.Count(int64(row.Tries), "attempt")))
	}
}

// contacts looks for messages of which nobody knows whether they left. They are never sent again.
func (d *doctor) contacts(ctx context.Context) {
	db, ok := d.open(ctx, "contacts")
	if !ok {
		return
	}
	now := time.Now()
	rows, err := db.UncertainContacts(ctx, sqlc.UncertainContactsParams{Since: now.AddDate(0, 0, -30), Wall: now.Add(-patience), Most: mostCases})
	if err != nil {
		d.fault("contacts", err)
		return
	}
	if len(rows) == 0 {
		d.say("contacts", well, "", "none of the last 30 days is uncertain")
		return
	}
	f := d.say("contacts", warning, "look in the provider's own log, and send message.delivered or message.failed with the contact's key; until then each counts as made",
		"some of the last 30 days are uncertain: they may have left, and are not sent again")
	for _, row := range rows {
		f.Cases = append(f.Cases, strings.TrimSpace(fmt.Sprintf("%s about %s by %s (%s) on %s %s", row.Key, event.Names(row.LoanIds), row.Channel, row.Adapter,
			report.Moment(row.At.UTC()), row.Code)))
	}
}

// tasks says what waits for a person.
func (d *doctor) tasks(ctx context.Context) {
	db, ok := d.open(ctx, "tasks")
	if !ok {
		return
	}
	open, err := db.OpenTasks(ctx)
	if err != nil {
		d.fault("tasks", err)
		return
	}
	now, err := db.Now(ctx)
	if err != nil {
		d.fault("tasks", err)
		return
	}
	asked, err := db.OpenApprovals(ctx, now)
	if err != nil {
		d.fault("tasks", err)
		return
	}
	says := "none waits for a person"
	if open.Tasks > 0 {
		says = report.Count(open.Tasks, "task") + " for a person, the oldest since " + report.Moment(open.Since.UTC())
	}
	if asked.Requests > 0 {
		says += "; " + report.Count(asked.Requests, "request") + " for approval, the first until " + report.Moment(asked.Until.UTC()) + ": see tender approval list"
	}
	d.say("tasks", well, "", "%s", says)
}

// complaints looks for complaints of which a deadline has passed: an answer that is late, or one that nobody has moved up.
func (d *doctor) complaints(ctx context.Context) {
	db, ok := d.open(ctx, "complaints")
	if !ok {
		return
	}
	open, err := db.CountComplaints(ctx)
	if err != nil {
		d.fault("complaints", err)
		return
	}
	passed, err := db.LateComplaints(ctx, sqlc.LateComplaintsParams{Now: db.Clock().Business(time.Now().Add(-patience)), Most: mostCases})
	if err != nil {
		d.fault("complaints", err)
		return
	}
	says := "nobody waits for an answer to one"
	if open.Open > 0 {
		says = report.Count(open.Open, "complaint") + " to be answered"
	}
	if open.Unheard > 0 {
		says += fmt.Sprintf(", of which %d not acknowledged yet", open.Unheard)
	}
	if len(passed) == 0 {
		d.say("complaints", well, "", "%s; no deadline has passed", says)
		return
	}
	f := d.say("complaints", warning, "answer those that are late: nothing happens to them by itself any more, and a regulator counts the days. One that should have moved up is held up by its journey; see journeys below",
		"%s; a deadline of %d has passed", says, passed[0].There)
	for _, row := range passed {
		what := "should have moved up from " + row.Level
		if row.Late {
			what = "is late, with " + row.Level
		}
		if row.Owner != "" {
			what += " (" + row.Owner + ")"
		}
		f.Cases = append(f.Cases, fmt.Sprintf("%s, %s, %s: the deadline passed on %s", row.ID, strings.ReplaceAll(row.Kind, "_", " "), strings.ReplaceAll(what, "_", " "), report.Moment(row.DueAt.UTC())))
	}
}

// notices looks for what the lending system must know and was not told.
func (d *doctor) notices(ctx context.Context) {
	db, ok := d.open(ctx, "notices")
	if !ok {
		return
	}
	wall := time.Now()
	if d.settings.LenderURL != "" {
		wall = wall.Add(-patience) // a worker tells them
	}
	rows, err := db.UntoldNotices(ctx, sqlc.UntoldNoticesParams{Wall: wall, Most: mostCases})
	if err != nil {
		d.fault("notices", err)
		return
	}
	if len(rows) == 0 {
		d.say("notices", well, "", "none waits for the lending system")
		return
	}
	health, do := warning, "set TENDER_LENDER_URL for the workers, which then tell them; or fetch them: see \"What the lending system is told\" in docs/operating.md"
	if d.settings.LenderURL != "" {
		health, do = failed, "see in the workers' logs why TENDER_LENDER_URL does not take them; it is tried again by itself"
	}
	f := d.say("notices", health, do, "the lending system was not told of %s, the oldest of %s", report.Count(rows[0].Untold, "notice"), report.Moment(rows[0].At.UTC()))
	for _, row := range rows {
		f.Cases = append(f.Cases, fmt.Sprintf("%s about %s, of %s, id %s", row.Kind, strings.Replace(event.SubjectOf(row.LoanID), "/", " ", 1), report.Moment(row.At.UTC()), row.Key))
	}
}

// halts says what an operator has halted, lest it is forgotten, and whether journeys still wait to plan anew.
func (d *doctor) halts(ctx context.Context) {
	db, ok := d.open(ctx, "halts")
	if !ok {
		return
	}
	halts, err := report.PlacedHalts(ctx, db, false)
	if err != nil {
		d.fault("halts", err)
		return
	}
	if len(halts) == 0 {
		d.say("halts", well, "", "no contacts are halted")
	} else {
		f := d.say("halts", warning, "tender resume ends a halt; tender halt list says who placed it and why", "contacts are halted by tender/halt: steps wait for it")
		for _, h := range halts {
			f.Cases = append(f.Cases, fmt.Sprintf("%s: %s, since %s", h.ID, h.Stopped(), report.Moment(h.From)))
		}
	}
	sweeps, err := db.OpenSweeps(ctx)
	if err != nil {
		d.fault("sweeps", err)
		return
	}
	for _, s := range sweeps {
		if time.Since(s.RecordedAt) < patience {
			continue
		}
		where := "everywhere"
		if s.Jurisdiction != "" {
			where = "in " + s.Jurisdiction
		}
		d.say("sweeps", warning, "a worker sees to it while Temporal answers; with many journeys it takes its time. What was stopped is stopped all the same",
			"journeys %s plan anew since %s: %d of %d have", where, report.Moment(s.RecordedAt.UTC()), s.Done, s.Total)
	}
}
