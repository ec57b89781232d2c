package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sort"
	"strings"
	"syscall"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/workflows"
)

// cluster looks at Temporal, the namespace and its search attributes.
func (d *doctor) cluster(ctx context.Context) {
	temporal, ok := d.dial(ctx, "")
	if !ok {
		d.say("Temporal", failed, "", "%v", d.dialErr)
		return
	}
	d.say("Temporal", well, "", "answers at %s", d.settings.Temporal.HostPort)
	namespace := d.settings.Temporal.Namespace
	there, err := temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	var missing *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &missing):
		d.say("namespace", failed, "create it (temporal operator namespace create --namespace "+namespace+" --retention 168h), or set TEMPORAL_NAMESPACE", "%s does not exist", namespace)
		return
	case err != nil:
		d.fault("namespace", err)
		return
	}
	d.say("namespace", well, "", "%s keeps finished workflows for %s", namespace, there.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration())
	d.attributes(ctx, temporal, namespace)
}

// attributes compares the search attributes of the namespace with those that journeys set.
func (d *doctor) attributes(ctx context.Context, temporal client.Client, namespace string) {
	const name = "search attributes"
	have, err := temporal.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		// Temporal Cloud does not let everyone ask.
		d.say(name, warning, "see in the Web UI that "+wantedAttributes()+" are there", "cannot be listed: %v", err)
		return
	}
	var lacking, other []string
	for name, kind := range journey.SearchAttributes {
		wanted, err := enumspb.IndexedValueTypeFromString(kind)
		switch got, there := have.CustomAttributes[name]; {
		case err != nil:
			other = append(other, err.Error())
		case !there:
			lacking = append(lacking, name)
		case got != wanted:
			other = append(other, fmt.Sprintf("%s is a %s, and should be a %s", name, got, wanted))
		}
	}
	sort.Strings(lacking)
	sort.Strings(other)
	switch {
	case len(other) > 0:
		d.say(name, failed, "use a namespace of Tender's own", "some are of another type").Cases = other
	case len(lacking) > 0:
		d.say(name, failed, "start a worker, which adds them, or add them by hand: "+wantedAttributes(), "%s are missing", strings.Join(lacking, ", "))
	default:
		d.say(name, well, "", "all %d are there", len(journey.SearchAttributes))
	}
}

func wantedAttributes() string {
	all := []string{}
	for name, kind := range journey.SearchAttributes {
		all = append(all, name+" ("+kind+")")
	}
	sort.Strings(all)
	return strings.Join(all, ", ")
}

// workers looks whether somebody polls the queue of the journeys, and that of every channel that is served.
func (d *doctor) workers(ctx context.Context) {
	const do = "start one: tender worker"
	temporal, ok := d.dial(ctx, "workers")
	if !ok {
		return
	}
	pollers, err := polling(ctx, temporal, journey.Queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	switch {
	case err != nil:
		d.fault("workers", err)
		return
	case pollers == 0:
		d.say("workers", failed, do, "none runs: nobody asks the queue %s for work, so every journey stands still", journey.Queue)
		return
	}
	queues, idle := []string{journey.Queue}, []string{}
	if set, err := d.configured(); err == nil {
		for c := range set {
			queues = append(queues, journey.OutreachQueue(c))
		}
	}
	sort.Strings(queues)
	for _, queue := range queues {
		n, err := polling(ctx, temporal, queue, enumspb.TASK_QUEUE_TYPE_ACTIVITY)
		if err != nil {
			d.fault("workers", err)
			return
		}
		if n == 0 {
			idle = append(idle, queue)
		}
	}
	if len(idle) > 0 {
		d.say("workers", failed, "let workers have the same TENDER_CHANNELS as this command", "nobody asks the queues %s for work", strings.Join(idle, ", "))
		return
	}
	d.say("workers", well, "", "%s running", report.Count(int64(pollers), "worker"))
}

// polling counts who asked a queue for work in the last minutes.
func polling(ctx context.Context, temporal client.Client, queue string, kind enumspb.TaskQueueType) (n int, err error) {
	there, err := temporal.DescribeTaskQueue(ctx, queue, kind)
	identities := map[string]bool{}
	for _, p := range there.GetPollers() {
		// Temporal remembers pollers for five minutes; each asks again within one.
		if p.GetLastAccessTime() == nil || time.Since(p.GetLastAccessTime().AsTime()) < 90*time.Second {
			identities[p.GetIdentity()] = true
		}
	}
	return len(identities), err
}

// gateway looks whether one answers where this command is told that it listens.
func (d *doctor) gateway(ctx context.Context) {
	err := serving(ctx, d.settings.Listen, "/readyz")
	var op *net.OpError
	switch {
	case err == nil:
		d.say("gateway", well, "", "answers at %s", gatewayURL(d.settings.Listen))
	case errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &op) && op.Op == "dial":
		d.say("gateway", warning, "start it (tender serve), or say with TENDER_LISTEN where it is, if this machine is to have one", "none answers at %s", gatewayURL(d.settings.Listen))
	default:
		d.say("gateway", failed, "look at Postgres and Temporal above, and at the gateway's log", "is not ready at %s: %v", gatewayURL(d.settings.Listen), err)
	}
}

// journeys looks for open loans whose step is overdue, and for workflows that cannot go on.
func (d *doctor) journeys(ctx context.Context) {
	db, ok := d.open(ctx, "journeys")
	if !ok {
		return
	}
	counts, err := db.CountLoans(ctx)
	if err != nil {
		d.fault("journeys", err)
		return
	}
	wall := time.Now().Add(-patience)
	business := db.Clock().Business(wall)
	late, err := db.LateJourneys(ctx, sqlc.LateJourneysParams{Business: &business, Wall: wall, Most: 10 * mostCases})
	if err != nil {
		d.fault("journeys", err)
		return
	}
	if len(late) == 0 {
		d.say("journeys", well, "", "%s open, %d closed; no step is overdue", report.Count(counts.Open, "loan"), counts.Closed)
	} else {
		f := d.say("journeys", warning, "see workers above; steps also wait behind TENDER_RATES, and for nothing else",
			"%s open, %d closed; steps overdue: %s", report.Count(counts.Open, "loan"), counts.Closed, atLeast(len(late), 10*mostCases))
		for _, row := range late[:min(len(late), mostCases)] {
			f.Cases = append(f.Cases, lateness(row))
		}
	}
	temporal, ok := d.dial(ctx, "stuck journeys")
	if !ok {
		return
	}
	open, compared, err := d.unseen(ctx, temporal, db)
	if err != nil {
		d.fault("stuck journeys", err)
		return
	}
	for _, row := range late {
		if row.Seq > 0 { // others wait to be told of their disbursement; see events
			open = append(open, row.ID)
		}
	}
	d.stuck(ctx, temporal, db, open)
	if compared >= mostCompared && compared < counts.Journeys {
		d.say("stuck journeys", skipped, "", "only the first %d of %s were compared with the workflows that run", compared, report.Count(counts.Journeys, "open journey"))
	}
}

// How many open loans are compared with the workflows that run, at most and at a time: one list of Temporal for each
// page.
const (
	mostCompared = 5000
	comparePage  = 250
)

// unseen returns the open loans of which Temporal lists no workflow that runs, and how many were compared. To count is
// not enough: a workflow that is one too many would hide one that is gone.
func (d *doctor) unseen(ctx context.Context, temporal client.Client, db *store.Store) (loans []string, compared int64, err error) {
	after := ""
	for compared < mostCompared {
		open, err := db.OpenLoanIDs(ctx, sqlc.OpenLoanIDsParams{After: after, Most: comparePage})
		if err != nil || len(open) == 0 {
			return loans, compared, err
		}
		running, err := running(ctx, temporal, open)
		if err != nil {
			return loans, compared, err
		}
		for _, id := range open {
			if !running[journey.WorkflowID(id)] {
				loans = append(loans, id)
			}
		}
		compared += int64(len(open))
		after = open[len(open)-1]
	}
	return loans, compared, nil
}

// running lists the workflows of some loans that run. The ids of loans hold nothing that would have to be escaped.
func running(ctx context.Context, temporal client.Client, loans []string) (map[string]bool, error) {
	ids := make([]string, len(loans))
	for n, id := range loans {
		ids[n] = "'" + journey.WorkflowID(id) + "'"
	}
	there := map[string]bool{}
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: workflows.Running + " AND WorkflowId IN (" + strings.Join(ids, ", ") + ")", PageSize: int32(len(loans)),
	}
	for {
		page, err := temporal.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, e := range page.GetExecutions() {
			there[e.GetExecution().GetWorkflowId()] = true
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return there, nil
		}
	}
}

// some returns the first cases, and how many there are besides.
func some(cases []string) []string {
	if len(cases) <= mostCases {
		return cases
	}
	return append(cases[:mostCases:mostCases], fmt.Sprintf("and %d more", len(cases)-mostCases))
}

func atLeast(n, most int) string {
	if n == most {
		return fmt.Sprintf("at least %d", n)
	}
	return fmt.Sprint(n)
}

func lateness(row sqlc.LateJourneysRow) string {
	if row.NextAt == nil {
		return fmt.Sprintf("%s was received on %s and nothing is decided yet", event.Named(row.ID), row.RecordedAt.UTC().Format(time.RFC3339))
	}
	step := row.NextStep
	if step == "" {
		step = "the next look"
	}
	return fmt.Sprintf("%s: %s was due on %s", event.Named(row.ID), step, row.NextAt.UTC().Format(time.RFC3339))
}

// mostDescribed is how many workflows are asked one by one, where the server cannot say itself which have problems.
const mostDescribed = 200

// stuck looks for workflows whose code fails, and for activities that fail again and again.
func (d *doctor) stuck(ctx context.Context, temporal client.Client, db *store.Store, open []string) {
	const name = "stuck journeys"
	ids, all, err := suspects(ctx, temporal, open)
	if err != nil {
		d.fault(name, err)
		return
	}
	needed := map[string]string{} // the loan of a workflow
	for _, loan := range open {
		needed[journey.WorkflowID(loan)] = loan
	}
	var broken, failing, gone []string
	for _, id := range ids {
		ill, err := d.describe(ctx, temporal, id)
		switch {
		case err != nil:
			d.fault(name, err)
			return
		case ill.gone && needed[id] != "": // another may just have ended
			gone = append(gone, needed[id])
		case ill.broken != "":
			broken = append(broken, id+": "+ill.broken)
		case ill.failing != "":
			failing = append(failing, id+": "+ill.failing)
		}
	}
	if gone, err = db.StillOpen(ctx, gone); err != nil { // a loan may have been closed since it was listed
		d.fault(name, err)
		return
	}
	if len(broken) > 0 {
		d.say(name, failed, "roll back to the worker version that ran before, or deploy one that is corrected: the journeys then go on by themselves where they stopped",
			"%s standing still: the code fails", report.Count(int64(len(broken)), "workflow")).Cases = some(broken)
	}
	if len(failing) > 0 {
		d.say(name, warning, "look at what the code names; it is tried again and again until it succeeds or its time is up", "activities of %s fail", report.Count(int64(len(failing)), "workflow")).Cases = some(failing)
	}
	if len(gone) > 0 {
		for n, loan := range gone {
			about, _, _ := strings.Cut(event.SubjectOf(loan), "/")
			gone[n] = journey.WorkflowID(loan) + " does not run although its " + about + " is open"
		}
		more := ""
		if len(open) > len(ids) {
			more = fmt.Sprintf(" among the %d that were asked; Temporal does not list more", len(ids))
		}
		d.say(name, failed, "see \"A journey that is gone\" in docs/operating.md", "%s gone%s", report.Count(int64(len(gone)), "workflow"), more).Cases = some(gone)
	}
	if len(broken)+len(failing)+len(gone) > 0 {
		return
	}
	if all {
		d.say(name, well, "", "none")
		return
	}
	d.say(name, well, "", "none among the %d that were looked at", len(ids))
}

// suspects returns the workflows that may be stuck, and whether these are all. A server since 1.30 knows itself which
// have problems; before, those of the loans given are asked, and as many others as can be.
func suspects(ctx context.Context, temporal client.Client, open []string) (ids []string, all bool, err error) {
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] && len(ids) < mostDescribed {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, loan := range open {
		add(journey.WorkflowID(loan))
	}
	list := func(query string) (more bool, err error) {
		page, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: mostDescribed})
		for _, e := range page.GetExecutions() {
			add(e.GetExecution().GetWorkflowId())
		}
		return len(page.GetNextPageToken()) > 0, err
	}
	more, err := list(workflows.Running + ` AND TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")`)
	var unknown *serviceerror.InvalidArgument
	if errors.As(err, &unknown) {
		more, err = list(workflows.Running)
	}
	return ids, !more && len(ids) < mostDescribed, err
}

// illness is what is wrong with a workflow; nothing when it is well.
type illness struct {
	gone            bool
	broken, failing string
}

// failures is how many attempts of an activity may fail before the doctor speaks of it.
const failures = 5

func (d *doctor) describe(ctx context.Context, temporal client.Client, id string) (illness, error) {
	there, err := temporal.DescribeWorkflowExecution(ctx, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return illness{gone: true}, nil
	}
	if err != nil {
		return illness{}, err
	}
	if status := there.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return illness{gone: true}, nil
	}
	if task := there.GetPendingWorkflowTask(); task.GetAttempt() > 1 {
		return illness{broken: fmt.Sprintf("attempt %d%s", task.GetAttempt(), cause(ctx, temporal, d.settings.Temporal.Namespace, id))}, nil
	}
	for _, a := range there.GetPendingActivities() {
		if a.GetAttempt() >= failures && a.GetLastFailure() != nil {
			return illness{failing: fmt.Sprintf("%s, attempt %d: %s", a.GetActivityType().GetName(), a.GetAttempt(), a.GetLastFailure().GetMessage())}, nil
		}
	}
	return illness{}, nil
}

// cause finds in the history why the last workflow task failed.
func cause(ctx context.Context, temporal client.Client, namespace, id string) string {
	page, err := temporal.WorkflowService().GetWorkflowExecutionHistoryReverse(ctx, &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
		Namespace: namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: id}, MaximumPageSize: 20,
	})
	if err != nil {
		return ""
	}
	for _, e := range page.GetHistory().GetEvents() {
		if failed := e.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			line, _, _ := strings.Cut(failed.GetFailure().GetMessage(), "\n")
			return ": " + line
		}
		if e.GetWorkflowTaskTimedOutEventAttributes() != nil {
			return ": no worker answered in time"
		}
	}
	return ""
}
