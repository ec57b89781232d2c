package workflows_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/store/sqlc"
	"github.com/tender-engine/tender/internal/strategy"
	"github.com/tender-engine/tender/internal/worker"
	"github.com/tender-engine/tender/workflows"
)

// canary stands in every personal field of the lives below. It has no business anywhere but in Postgres and at the
// provider.
const canary = "Zanzibar"

// leaks are the places in a message, whatever its type, where one of some words sits: every string and every byte field is
// looked at, so payloads, headers, memos, summaries, details, failures and search attributes are.
func leaks(m proto.Message, words ...string) (found []string) {
	var look func(path string, m protoreflect.Message)
	look = func(path string, m protoreflect.Message) {
		m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			at := path + "." + string(f.Name())
			value := func(at string, v protoreflect.Value, kind protoreflect.Kind) {
				text := ""
				switch kind {
				case protoreflect.MessageKind, protoreflect.GroupKind:
					look(at, v.Message())
				case protoreflect.StringKind:
					text = v.String()
				case protoreflect.BytesKind:
					text = string(v.Bytes())
				}
				for _, word := range words {
					if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
						found = append(found, at+": "+text)
					}
				}
			}
			switch {
			case f.IsMap():
				v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
					value(at+"["+k.String()+"] (key)", k.Value(), f.MapKey().Kind())
					value(at+"["+k.String()+"]", v, f.MapValue().Kind())
					return true
				})
			case f.IsList():
				for n := range v.List().Len() {
					value(fmt.Sprintf("%s[%d]", at, n), v.List().Get(n), f.Kind())
				}
			default:
				value(at, v, f.Kind())
			}
			return true
		})
	}
	look(string(m.ProtoReflect().Descriptor().Name()), m.ProtoReflect())
	return found
}

// exposed is all that Temporal knows of a loan.
func (i *installation) exposed(loan string) (all []proto.Message) {
	i.t.Helper()
	all = append(all, history(i.t, i.temporal, loan))
	described, err := i.temporal.DescribeWorkflowExecution(i.t.Context(), journey.WorkflowID(loan), "")
	require.NoError(i.t, err)
	all = append(all, described)
	if described.WorkflowExecutionInfo.CloseTime == nil {
		answer, err := i.temporal.QueryWorkflow(i.t.Context(), journey.WorkflowID(loan), "", "__temporal_workflow_metadata")
		require.NoError(i.t, err)
		metadata := &sdkpb.WorkflowMetadata{}
		require.NoError(i.t, answer.Get(metadata))
		require.Contains(i.t, metadata.CurrentDetails, "**Next:**")
		all = append(all, metadata)
	}
	listed, err := i.temporal.ListWorkflow(i.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = %q", journey.WorkflowID(loan)),
	})
	require.NoError(i.t, err)
	return append(all, listed)
}

// provider takes messages as it likes: by push it refuses for good, by chat it fails without an answer that helps. Both
// repeat what they were sent.
func provider(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodGet:
			http.Error(w, canary, http.StatusNotFound)
		case strings.Contains(string(text), `"push"`):
			http.Error(w, "no such device: "+string(text)+canary, http.StatusUnprocessableEntity)
		default:
			http.Error(w, "out of order: "+string(text)+canary, http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// faulty publishes a strategy whose welcome names what nothing fills in, as one can be that was checked by an older Tender.
func (i *installation) faulty() {
	i.t.Helper()
	all, err := strategy.Load("")
	require.NoError(i.t, err)
	text := strings.Replace(all[0].Text, "welcome: {template: welcome}", "welcome: {template: notice-1}", 1)
	stored, err := strategy.Stored("faulty", []byte(strings.Replace(text, "name: gentle-installment", "name: faulty", 1)))
	require.NoError(i.t, err)
	_, err = worker.Publish(i.t.Context(), i.store, []*strategy.Strategy{stored})
	require.NoError(i.t, err)
}

func TestNothingPersonalLeavesPostgres(t *testing.T) {
	t.Parallel()
	i := install(t, time.Minute, // all welcomes are due between the end of the holds and the third day
		"TENDER_CHANNELS=sms=outbox,email=smtp,push=webhook,chat=webhook",
		"TENDER_SMTP_ADDRESS="+nobody(t), "TENDER_SMTP_FROM=care@example.com",
		"TENDER_WEBHOOK_URL="+provider(t), "TENDER_WEBHOOK_TOKEN=secret")
	i.faulty()
	i.work()
	lives := map[string]string{ // borrower's preferred channel, by loan
		"plain": "sms", "bounces": "push", "fails": "chat", "clashes": "email", "faulty": "sms", "unreached": "email",
	}
	i.clash()
	i.happens("application.preapproved", "application/A-1", fmt.Sprintf(`{"borrower": {"id": "B-new", "name": %[1]q, "language": "en",
		"time_zones": ["America/New_York"], "jurisdiction": "us", "points": [{"id": "mobile", "channel": "call", "address": %[1]q}]}}`, canary))
	for loan, preferred := range lives {
		i.disburseTo(loan, preferred)
	}
	i.happens("consent.granted", "borrower/B-plain", fmt.Sprintf(`{"channel": "sms", "given_to": "collector", "grantor": "%s"}`, canary))
	for loan := range lives {
		i.happens("borrower.updated", "borrower/B-"+loan, fmt.Sprintf(`{"name": "%s Again"}`, canary))
		i.happens("borrower.replied", "borrower/B-"+loan, fmt.Sprintf(`{"channel": "sms", "text": "my neighbour is %s"}`, canary))
		i.happens("hold.placed", "loan/"+loan, fmt.Sprintf(`{"hold": "H-1", "kind": "vulnerable_pause", "note": "%[1]s is ill", "owner": "%[1]s", "until": %[2]q}`, canary, i.now().Add(6*time.Hour).UTC().Format(time.RFC3339)))
		i.happens("dispute.raised", "loan/"+loan, fmt.Sprintf(`{"dispute": "D-1", "text": "I am %s"}`, canary))
		i.happens("dispute.resolved", "loan/"+loan, `{"dispute": "D-1", "outcome": "rejected"}`)
		i.happens("hardship.reported", "loan/"+loan, fmt.Sprintf(`{"cause": "illness", "text": "%s",
			"income": {"amount": "4242.17", "currency": "USD"}, "essential_costs": {"amount": "4100.03", "currency": "USD"}}`, canary))
		i.happens("hardship.refused", "loan/"+loan, fmt.Sprintf(`{"text": "%s earns enough"}`, canary))
		i.happens("survey.answered", "loan/"+loan, fmt.Sprintf(`{"question": "satisfied", "score": 4, "remark": "%s is content"}`, canary))
		i.happens("complaint.raised", "loan/"+loan, fmt.Sprintf(`{"complaint": "C-%s", "kind": "service", "text": "%s"}`, loan, canary))
		i.happens("contact.recorded", "loan/"+loan, fmt.Sprintf(`{"contact": "X-%s", "channel": "call", "direction": "inbound", "purpose": "reply", "disposition": "right_party", "note": "%s"}`, loan, canary))
		_, err := i.door.Take(t.Context(), i.cloudEvent("payment.posted", "loan/"+loan, `{"transaction": "T-`+canary+`", "amount": "1.00", "currency": "EUR", "value_date": "2026-01-06"}`), canary)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "T-"+canary)
	}
	// It goes wrong in every way that was planned.
	i.eventually("a message bounces", func() bool { return i.had("bounces", "bounced") })
	i.eventually("a template fails", func() bool { return i.inHistory("faulty", `"code":"template"`) })
	i.eventually("a provider fails", func() bool { return i.attempted("fails") })
	i.eventually("a row clashes", func() bool { return i.inHistory("clashes", "postgres_23505") })
	i.eventually("a mail server is away", func() bool { return i.inHistory("unreached", `"code":"smtp_connect"`) })
	i.eventually("a message is sent", func() bool { return i.had("plain", "sent") })
	i.happens("call.completed", "application/A-1", fmt.Sprintf(`{"task": %q, "disposition": "right_party", "application": {"outcome": "verified", "questions": ["is %s there?"]}}`,
		i.toCall("A-1"), canary))
	i.later("plain")
	i.complained("C-plain")
	lives[event.ComplaintLoan("C-plain")] = "sms"
	i.coversEveryPersonalField()
	lives[event.ApplicationLoan("A-1")] = "call"
	for loan := range lives {
		for _, m := range i.exposed(loan) {
			require.Empty(t, leaks(m, canary, "vulnerable_pause", "disaster_or_bereavement", "illness", "4242.17", "4100.03"), loan)
		}
	}
	require.NotContains(t, strings.ToLower(i.logs.String()), strings.ToLower(canary))

	// The search finds a leak that is planted: as an event past the door.
	require.NoError(t, i.temporal.SignalWorkflow(t.Context(), journey.WorkflowID("plain"), "", workflows.EventSignal, event.Event{
		Source: "test", ID: "leak", Type: event.HardshipReported, Loan: "plain", Number: 1_000_000, Data: json.RawMessage(`{"cause": "` + canary + `"}`),
	}))
	i.eventually("the leak is found", func() bool { return len(leaks(history(t, i.temporal, "plain"), canary)) > 0 })
}

// complained has everything said of a complaint that can be, with its answer last.
func (i *installation) complained(id string) {
	i.t.Helper()
	for _, said := range []struct{ kind, data string }{
		{"assigned", `{"to": "bea", "by": "anna"}`},
		{"noted", `{"text": "%s called", "by": "bea"}`},
		{"extended", `{"because": "in_progress", "text": "%s asked for it", "by": "bea"}`},
		{"withdrawn", `{"text": "%s takes it back", "by": "anna"}`},
		{"reopened", `{"text": "%s thought better of it", "by": "anna"}`},
		{"resolved", `{"outcome": "upheld", "reasons": "%s is right", "by": "dora"}`},
	} {
		data := said.data
		if strings.Contains(data, "%s") {
			data = fmt.Sprintf(data, canary)
		}
		i.happens("complaint."+said.kind, "complaint/"+id, data)
	}
}

// later sends what can be said of a loan only when its first message was sent and its borrower replied.
func (i *installation) later(loan string) {
	i.t.Helper()
	contacts, err := i.store.LoanContacts(i.t.Context(), loan)
	require.NoError(i.t, err)
	sent := contacts[slices.IndexFunc(contacts, func(c sqlc.LoanContactsRow) bool { return c.Disposition == "sent" })].Key
	tasks, err := i.store.LoanTasks(i.t.Context(), loan)
	require.NoError(i.t, err)
	reply := tasks[slices.IndexFunc(tasks, func(t sqlc.LoanTasksRow) bool { return t.Reason == "reply" })].Key
	for _, answer := range []string{"granted", "refused"} {
		require.NoError(i.t, i.store.AskApproval(i.t.Context(), sqlc.AskApprovalParams{
			ID: "a-" + answer, BorrowerID: "B-" + loan, LoanID: loan, StepKey: "s-" + answer, Rules: []string{"r"}, Channel: "sms", At: i.now(), UntilAt: i.now().AddDate(1, 0, 0),
		}))
		i.happens("approval."+answer, "loan/"+loan, fmt.Sprintf(`{"approval": "a-%s", "note": "%s asked"}`, answer, canary))
	}
	i.happens("borrower.updated", "borrower/B-"+loan, fmt.Sprintf(`{"points": [{"id": "home", "channel": "letter", "address": "%s Street 1"}]}`, canary))
	i.happens("call.completed", "loan/"+loan, fmt.Sprintf(`{"task": %[1]q, "disposition": "right_party", "note": "%[2]s will pay",
		"hardship": {"cause": "illness", "text": "%[2]s", "income": {"amount": "4242.17", "currency": "USD"}, "essential_costs": {"amount": "4100.03", "currency": "USD"}},
		"complaint": {"complaint": "C-2", "kind": "conduct", "text": "%[2]s"}}`, reply, canary))
	i.happens("call.completed", "loan/"+loan, fmt.Sprintf(`{"task": %q, "disposition": "dispute", "dispute": {"dispute": "D-2", "text": "%s"}}`, reply, canary))
	i.happens("message.delivered", "loan/"+loan, fmt.Sprintf(`{"contact": %q, "detail": "read by %s"}`, sent, canary))
	i.happens("message.failed", "loan/"+loan, fmt.Sprintf(`{"contact": %q, "code": "30005", "detail": "%s is unknown here"}`, sent, canary))
	for _, id := range []string{
		i.stops("hold.placed", "region/us", fmt.Sprintf(`{"hold": "R-1", "kind": "disaster_or_bereavement", "note": "%[1]s", "owner": "%[1]s"}`, canary)),
		i.stops("contacts.halted", "", fmt.Sprintf(`{"halt": "HALT-1", "channel": "visit", "reason": "%s complained"}`, canary)),
	} {
		_, err := i.sweeper().Follow(i.t.Context(), i.sweepOf(id), func(courier.Sweep) {})
		require.NoError(i.t, err)
	}
}

// coversEveryPersonalField fails when a field that is personal held no canary in any event that was sent.
func (i *installation) coversEveryPersonalField() {
	i.t.Helper()
	conn, err := pgx.Connect(i.t.Context(), i.settings.DatabaseURL)
	require.NoError(i.t, err)
	defer conn.Close(i.t.Context())
	rows, err := conn.Query(i.t.Context(), `select e.type, p.data from events e join event_particulars p on p.event_pk = e.pk`)
	require.NoError(i.t, err)
	held := map[string]bool{}
	for rows.Next() {
		var kind string
		var data map[string]any
		require.NoError(i.t, rows.Scan(&kind, &data))
		for _, path := range marked("", data) {
			held[kind+": "+path] = true
		}
	}
	require.NoError(i.t, rows.Err())
	for _, kind := range event.Types() {
		for _, path := range personal("", kind.Fields()) {
			require.True(i.t, held[string(kind)+": "+path], "no life has a canary in %s of %s", path, kind)
		}
	}
}

// means are what a month brings and takes: amounts that stand for canaries, for an amount can hold no word.
var means = []string{"4242.17", "4100.03"}

// marked returns the paths of the fields that hold a canary, as personal writes them.
func marked(path string, value any) (paths []string) {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, canary) {
			return []string{path}
		}
		if slices.Contains(means, v) {
			return []string{strings.TrimSuffix(path, ".amount")}
		}
	case []any:
		for _, inner := range v {
			paths = append(paths, marked(path, inner)...)
		}
	case map[string]any:
		for name, inner := range v {
			paths = append(paths, marked(path+"."+name, inner)...)
		}
	}
	return paths
}

// personal returns the paths of the fields that are personal.
func personal(path string, fields []event.Field) (paths []string) {
	for _, f := range fields {
		at := path
		if f.Name != "" {
			at += "." + f.Name
		}
		if f.Personal {
			paths = append(paths, at)
		}
		paths = append(paths, personal(at, f.Fields)...)
	}
	return paths
}

// nobody returns an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	port, err := devstack.FreePort()
	require.NoError(t, err)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// disburseTo is disburse with the canary in every personal field, to a borrower who prefers a channel and has no other.
func (i *installation) disburseTo(loan, preferred string) {
	i.t.Helper()
	strategyName := strategy.Default
	if loan == "faulty" {
		strategyName = "faulty"
	}
	i.happens("loan.disbursed", "loan/"+loan, fmt.Sprintf(`{
		"borrower": {"id": "B-%[1]s", "name": "%[2]s", "language": "en", "time_zones": ["America/New_York"], "jurisdiction": "us",
			"preferred": %[3]q, "points": [{"id": "only", "channel": %[3]q, "address": "%[1]s.%[2]s@example.com"}]},
		"currency": "USD", "principal": "100.00", "disbursed_on": "2026-01-05", "time_zone": "America/New_York", "watermarks": false,
		"strategy": %[4]q, "schedule": [{"due": "2026-01-12", "principal": "100.00"}]}`, loan, canary, preferred, strategyName))
}

// clash makes Postgres complain with the values of a row as soon as a message is reserved by email.
func (i *installation) clash() {
	i.t.Helper()
	conn, err := pgx.Connect(i.t.Context(), i.settings.DatabaseURL)
	require.NoError(i.t, err)
	defer conn.Close(i.t.Context())
	_, err = conn.Exec(i.t.Context(), `
		create unique index clash on messages (left(address, 8)) where address like 'clashes.%';
		insert into borrowers (id) values ('B-0');
		insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, at) values ('c0', 'B-0', '{}', 'email', 'outbound', 'reply', now());
		insert into messages (contact_key, address, subject, body) values ('c0', $1, 'taken', '')`, pgx.QueryExecModeSimpleProtocol, "clashes."+canary+"@example.com")
	require.NoError(i.t, err)
}

// had reports whether a contact of a loan had a disposition.
func (i *installation) had(loan, disposition string) bool {
	for _, c := range i.contacts(loan) {
		if strings.HasSuffix(c, ": "+disposition) {
			return true
		}
	}
	return false
}

// inHistory reports whether a text stands in a loan's history.
func (i *installation) inHistory(loan, text string) bool {
	return strings.Contains(fmt.Sprint(history(i.t, i.temporal, loan)), text) ||
		strings.Contains(fmt.Sprint(history(i.t, i.temporal, loan)), strings.ReplaceAll(text, `"`, `\"`))
}

// attempted reports whether a reservation was made for a loan.
func (i *installation) attempted(loan string) bool { return len(i.contacts(loan)) > 1 }
