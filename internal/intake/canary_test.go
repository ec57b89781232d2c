package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
)

// canary stands in every personal field of these tests.
const canary = "canary"

// TestNothingPersonalGetsBeyondPostgres sends an event of every type, with a canary in each personal field, through a
// door that succeeds and one that fails, and looks for canaries everywhere but where they belong.
func TestNothingPersonalGetsBeyondPostgres(t *testing.T) {
	var log bytes.Buffer
	h := newHouse(t, intake.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	h.must(disbursed("L-1", "B-1"))
	h.must(disbursed("L-2", "B-1"))
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, agent) values ('task-1', 'L-1', 'B-1', 's', 'r', now(), 'amy')`)
	h.exec(`insert into tasks (key, loan_id, borrower_id, step_key, reason, at, until_at) values ('task-2', 'L-1', 'B-1', 's', 'r', now(), '2026-01-01')`)
	for _, id := range []string{"a-1", "a-2"} {
		h.exec(`insert into approvals (id, borrower_id, loan_id, step_key, rules, channel, at, asked_by, until_at) values ('` + id + `', 'B-1', 'L-1', 's', '{r}', 'sms', now(), 'tender', '2999-01-01')`)
	}
	h.exec(`insert into strategies (hash, name, version, yaml) values ('0123456789abcdef', 'calm', '1', '')`)
	h.sent("msg-1", "mobile", "+15550100")
	h.must(happened("setup-1", "hold.placed", "loan/L-1", `{"hold": "H-1", "kind": "paid", "point": "mobile"}`))
	h.must(happened("setup-3", "application.preapproved", "application/A-1", `{"borrower": {"id": "B-1"}}`))
	h.must(happened("setup-2", "dispute.raised", "loan/L-1", `{"dispute": "D-1"}`))

	answers := &strings.Builder{}
	for round, behave := range []func(*journeys){
		func(*journeys) {},
		func(j *journeys) { j.away = true },
		func(j *journeys) {
			j.away, j.refuse = false, func(event.Event) *intake.Refusal { return &intake.Refusal{Reason: "no"} }
		},
	} {
		h.journeys.set(behave)
		for _, kind := range event.Types() {
			text := filled(kind, fmt.Sprintf("all-%d-%s", round, kind))
			require.True(t, !hasPersonal(kind.Fields()) || strings.Contains(text, canary), kind)
			result, err := h.take(text)
			unasked := kind == event.PlanAccepted || kind == event.PlanDeclined // no plan is offered here
			require.True(t, round > 0 || unasked || err == nil, "%s: %v", kind, err)
			fmt.Fprintln(answers, result, err)
			// the same, spoilt: a value of another form in every field
			_, err = h.take(strings.ReplaceAll(text, `"`+canary, `15550100, "colour": "`+canary))
			fmt.Fprintln(answers, err)
			_, err = h.take(strings.Replace(text, `"data":{`, `"data":{"Ada Canary":"canary",`, 1))
			fmt.Fprintln(answers, err)
		}
	}
	calls, err := json.Marshal(h.journeys.calls)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"events":     strings.Join(h.query(`select events::text from events`), "\n"),
		"deliveries": strings.Join(h.query(`select deliveries::text from deliveries`), "\n"),
		"outcomes":   strings.Join(h.query(`select outcomes::text from outcomes`), "\n"),
		"contacts":   strings.Join(h.query(`select contacts::text from contacts`), "\n"),
		"journeys":   string(calls),
		"answers":    answers.String(),
		"complaints": strings.Join(h.query(`select complaints::text from complaints`), "\n"),
		"log":        log.String(),
	} {
		assert.NotEmpty(t, text, name)
		assert.NotContains(t, strings.ToLower(text), canary, name)
		assert.NotContains(t, text, "15550100", name)
	}
	assert.Contains(t, strings.Join(h.query(`select data::text from event_particulars`), "\n"), canary, "that is where they belong")
}

// filled is an event of a type with a plausible value in each field and a canary in each personal one.
func filled(kind event.Type, id string) string {
	subject := map[event.Subject]string{
		event.LoanSubject: "loan/L-1", event.BorrowerSubject: "borrower/B-1", event.ApplicationSubject: "application/A-1", event.ComplaintSubject: "complaint/x",
	}[kind.Subjects()[0]]
	switch kind {
	case event.LoanDisbursed:
		subject = "loan/new-" + id
	case event.ApplicationPreapproved:
		subject = "application/new-" + id
	}
	text, err := json.Marshal(fill(event.Field{Form: event.Object, Fields: kind.Fields()}))
	if err != nil {
		panic(err)
	}
	posted := strings.TrimSuffix(id, string(kind)) + string(event.PaymentPosted)
	switch kind {
	case event.StrategyAssigned:
		text = []byte(strings.ReplaceAll(string(text), `"strategy":""`, `"strategy":"calm"`))
	case event.ApprovalGranted: // which holds for a month at most
		text = []byte(strings.ReplaceAll(string(text), "2999-01-01T00:00:00Z", time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339)))
	case event.CallCompleted:
		text = []byte(saidInACall())
	case event.ComplaintRaised: // a date that an external body sets is to come
		text = []byte(strings.ReplaceAll(string(text), `"due":"2026-02-01"`, `"due":"2999-01-01"`))
	case event.ComplaintAssigned:
		text = []byte(strings.ReplaceAll(string(text), `"to":"17:00"`, `"to":"amy"`))
	case event.ComplaintExtended:
		text = []byte(strings.ReplaceAll(string(text), `"because":"x"`, `"because":"in_progress"`))
	case event.ComplaintEscalated:
		text = []byte(strings.ReplaceAll(string(text), `"to":"front_line"`, `"to":"compliance"`))
	case event.ComplaintClosed:
		text = []byte(strings.ReplaceAll(string(text), `"how":"confirmed"`, `"how":"elsewhere"`))
	case event.TaskExpired:
		text = []byte(`{"task":"task-2"}`)
	case event.ApprovalRefused:
		text = []byte(strings.ReplaceAll(string(text), `"a-1"`, `"a-2"`))
	}
	own := strings.NewReplacer(`"transaction":"x"`, `"transaction":"`+id+`"`, `"reverses":"x"`, `"reverses":"`+posted+`"`)
	return happened(id, string(kind), subject, own.Replace(string(text)))
}

// saidInACall is all that a borrower can say in one call, with canaries; what goes with other dispositions is left out.
func saidInACall() string {
	said := map[string]any{"task": "task-1", "disposition": "right_party", "agent": "amy", "refusal": "calls", "note": canary}
	for _, part := range []struct {
		name string
		of   event.Type
	}{{"promise", event.PromiseMade}, {"hardship", event.HardshipReported}, {"complaint", event.ComplaintRaised}} {
		said[part.name] = fill(event.Field{Form: event.Object, Fields: part.of.Fields()})
	}
	text, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func fill(f event.Field) any {
	known := map[string]any{
		"hold": "H-1", "dispute": "D-1", "task": "task-1", "contact": "msg-1", "currency": "USD", "time_zone": "UTC", "time_zones": []string{"UTC"},
		"outcome": "upheld", "intent": "stop", "language": "en", "strategy": "", "id": "B-1", "channel": "sms", "kind": "paid", "point": "mobile",
		"until": "2999-01-01T00:00:00Z", "jurisdiction": "us", "disbursed_on": "2026-01-01",
		"approval": "a-1", "halt": "HALT-1", "loans": []string{"L-1"}, "template": "welcome", "to": "17:00", "expires_at": "2999-01-01T00:00:00Z",
		"origin": "regulator", "question": "satisfied", "hash": "0123456789abcdef", "means": []string{"hardship", "question", "will_pay", "preference"},
		"terms": map[string]any{"rate": "0.07", "every": "1mo"},
	}
	if v, ok := known[f.Name]; ok && (f.Form != event.Word || slices.Contains(f.Words, fmt.Sprint(v))) {
		return v
	}
	switch f.Form {
	case event.Object:
		all := map[string]any{}
		for _, part := range f.Fields {
			if !slices.Contains([]string{"allocation", "late_fee", "parts", "redress", "about"}, part.Name) { // each has rules of its own
				all[part.Name] = fill(part)
			}
		}
		return all
	case event.List:
		return []any{fill(f.Fields[0])}
	case event.Amount:
		return "1.00"
	case event.Date:
		if f.Name == "by" { // what is promised is to come
			return "2999-01-01"
		}
		return "2026-02-01"
	case event.Instant:
		return "2026-02-01T00:00:00Z"
	case event.Word:
		return f.Words[0]
	case event.Number:
		return 1
	case event.YesNo:
		return true
	}
	if f.Personal {
		return canary + "-" + f.Name
	}
	if f.Name == "from" { // a time of day
		return "15:00"
	}
	return "x"
}

func hasPersonal(fields []event.Field) bool {
	for _, f := range fields {
		if f.Personal || hasPersonal(f.Fields) {
			return true
		}
	}
	return false
}
