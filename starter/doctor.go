package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
)

// health is how a part is.
type health string

// The healths, from the best to the worst.
const (
	well    health = "ok"
	skipped health = "skipped"
	warning health = "warning"
	failed  health = "failed"
)

// finding is what the doctor found about one part.
type finding struct {
	Part   string `json:"part"`
	Health health `json:"health"`
	// Says is what was found, Do what to do about it.
	Says string `json:"says"`
	Do   string `json:"do,omitempty"`
	// Cases are single loans, events or contacts, each with what is wrong with it.
	Cases []string `json:"cases,omitempty"`
}

// diagnosis is what the doctor found.
type diagnosis struct {
	// Healthy is set when nothing failed; warnings do not count.
	Healthy  bool      `json:"healthy"`
	Findings []finding `json:"findings"`
}

// part is something that the doctor looks at.
type part string

// The parts, in the order in which they are looked at: what comes later needs what stands before.
const (
	postgresPart   part = "postgres"
	policyPart     part = "policy"
	channelsPart   part = "channels"
	ledgersPart    part = "ledgers"
	eventsPart     part = "events"
	contactsPart   part = "contacts"
	tasksPart      part = "tasks"
	complaintsPart part = "complaints"
	noticesPart    part = "notices"
	haltsPart      part = "halts"
	temporalPart   part = "temporal"
	workersPart    part = "workers"
	gatewayPart    part = "gateway"
	journeysPart   part = "journeys"
)

var parts = []part{
	postgresPart, policyPart, channelsPart, ledgersPart, eventsPart, contactsPart, tasksPart, complaintsPart, noticesPart, haltsPart,
	temporalPart, workersPart, gatewayPart, journeysPart,
}

func (a *app) doctor() *cobra.Command {
	var only []string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check each part, and say what to do about what is wrong",
		Long: `Check each part and say what to do about what is wrong: Postgres, its schema and its clock; Temporal, its namespace
and its search attributes; workers and the gateway; rulebooks, strategies and channels; ledgers that fell silent; events,
contacts and journeys that are stuck; complaints that are late; what the lending system was not told; what an operator has halted.
Changes nothing. The exit code is 1 when something failed; warnings do not count.`,
		Example: "  tender doctor --only postgres,temporal,workers",
		Args:    takes(),
	}
	c.Flags().StringSliceVar(&only, "only", nil, "look at these parts alone: "+closed.Join(parts))
	complete(c, "only", parts...)
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, name := range only {
			if _, err := closed.Parse("part", parts, name); err != nil {
				return misuse(c, "--only: %v", err)
			}
		}
		return a.does(func(ctx context.Context, _ []string) error { return a.examine(ctx, only) })(c, args)
	}
	return c
}

// examine looks at parts, all when none is named, and prints what it found.
func (a *app) examine(ctx context.Context, only []string) error {
	s, err := a.settings()
	if err != nil {
		return err
	}
	d := &doctor{settings: s, findings: []finding{}}
	defer d.leave()
	for _, p := range parts {
		if len(only) == 0 || slices.Contains(only, string(p)) {
			d.look(ctx, p)
		}
	}
	result := diagnosis{Findings: d.findings, Healthy: !slices.ContainsFunc(d.findings, func(f finding) bool { return f.Health == failed })}
	if err := a.print(result, result.write); err != nil {
		return err
	}
	if !result.Healthy {
		return errSilent(exitFailed)
	}
	return nil
}

// doctor looks at one part after the other. It opens what a part needs when it is first needed.
type doctor struct {
	settings settings.Settings
	findings []finding
	db       *store.Store
	dbErr    error
	temporal client.Client
	dialErr  error
}

// lookWithin is how long looking at one part may take.
const lookWithin = 20 * time.Second

func (d *doctor) look(ctx context.Context, p part) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	map[part]func(context.Context){
		postgresPart: d.postgres, policyPart: d.policy, channelsPart: d.channels, ledgersPart: d.ledgers, eventsPart: d.events,
		contactsPart: d.contacts, tasksPart: d.tasks, complaintsPart: d.complaints, noticesPart: d.notices, haltsPart: d.halts, temporalPart: d.cluster, workersPart: d.workers,
		gatewayPart: d.gateway, journeysPart: d.journeys,
	}[p](ctx)
}

func (d *doctor) leave() {
	if d.db != nil {
		d.db.Close()
	}
	if d.temporal != nil {
		d.temporal.Close()
	}
}

func (d *doctor) say(name string, h health, do, format string, args ...any) *finding {
	d.findings = append(d.findings, finding{Part: name, Health: h, Do: do, Says: fmt.Sprintf(format, args...)})
	return &d.findings[len(d.findings)-1]
}

// open returns Postgres, or says that a part was not looked at without it.
func (d *doctor) open(ctx context.Context, name string) (*store.Store, bool) {
	if d.db == nil && d.dbErr == nil {
		d.db, d.dbErr = d.settings.OpenStore(ctx)
	}
	if d.dbErr != nil && name != "" {
		d.say(name, skipped, "", "needs Postgres")
	}
	return d.db, d.dbErr == nil
}

// dial returns Temporal, or says that a part was not looked at without it.
func (d *doctor) dial(ctx context.Context, name string) (client.Client, bool) {
	if d.temporal == nil && d.dialErr == nil {
		d.temporal, d.dialErr = d.settings.DialTemporal(ctx)
	}
	if d.dialErr != nil && name != "" {
		d.say(name, skipped, "", "needs Temporal")
	}
	return d.temporal, d.dialErr == nil
}

// fault says that a part could not be looked at.
func (d *doctor) fault(name string, err error) {
	d.say(name, failed, "", "cannot be looked at: %v", err)
}

func (r diagnosis) write(w io.Writer, style report.Style) error {
	for _, f := range r.Findings {
		if _, err := fmt.Fprintf(w, "%s  %-17s  %s\n", style.Health(string(f.Health), fmt.Sprintf("%-7s", f.Health)), f.Part, f.Says); err != nil {
			return err
		}
		const margin = "                            "
		for _, c := range f.Cases {
			if _, err := fmt.Fprintf(w, "%s- %s\n", margin, report.Printable(c)); err != nil {
				return err
			}
		}
		if f.Do != "" {
			if _, err := fmt.Fprintf(w, "%s→ %s\n", margin, strings.ReplaceAll(f.Do, "\n", "\n"+margin+"  ")); err != nil {
				return err
			}
		}
	}
	return nil
}
