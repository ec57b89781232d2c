package activities_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/failpoint/failpointtest"
	"github.com/tender-engine/tender/internal/journey"
)

// complained is an office with complaint C-1 about L-1.
func complained(t *testing.T) *office {
	t.Helper()
	o := openWithLoan(t)
	o.happens("complaint.raised", "loan/L-1", `{"complaint": "C-1", "kind": "service"}`)
	return o
}

// complaint reads what is known of C-1.
func (o *office) complaint() (c complaint.Case) {
	o.Helper()
	row, err := o.store.ComplaintFor(o.Context(), "C-1")
	require.NoError(o, err)
	require.NoError(o, json.Unmarshal(row.Facts, &c))
	return c
}

// acknowledgement orders the message that acknowledges C-1.
func (o *office) acknowledgement(on contact.Channel) journey.Order {
	o.Helper()
	order := o.order("B-1", event.ComplaintLoan("C-1"), "acknowledge@C-1.1", on)
	order.Step.Purpose, order.Step.Template, order.Step.About = contact.ComplaintReply, "complaint-acknowledged", "L-1"
	order.Step.Fill = map[string]string{"complaint": "C-1", "complaint_level": "front_line"}
	return order
}

// receipt is what a provider says of the last message.
func (o *office) receipt(kind string) {
	o.Helper()
	var key string
	require.NoError(o, o.sql.QueryRow(o.Context(), `select key from contacts order by recorded_at desc limit 1`).Scan(&key))
	o.happens(kind, "borrower/B-1", fmt.Sprintf(`{"contact": %q}`, key))
}

func TestAfterACrashAReceiptSaysWhetherAComplaintWasAcknowledged(t *testing.T) {
	t.Parallel()
	program := failpointtest.Tests(t)
	for name, open := range map[string]func(*office) *provider{"webhook": webhook, "twilio": twilio} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := complained(t)
			p := open(o)
			order := o.acknowledgement(p.channel)
			o.crash(program, "sent", order, p)
			require.True(t, o.complaint().Acknowledged.IsZero())
			o.receipt("message.delivered")
			heard := o.complaint().Acknowledged
			require.False(t, heard.IsZero(), "whoever sent it need not come back")
			require.Equal(t, journey.ResultSent, o.do(o.worker(p.env...), order).Result)
			require.True(t, heard.Equal(o.complaint().Acknowledged))
			require.Equal(t, 1, p.taken())

			o = complained(t)
			p = open(o)
			order = o.acknowledgement(p.channel)
			o.crash(program, "sent", order, p)
			o.receipt("message.failed")
			require.True(t, o.complaint().Acknowledged.IsZero())
			order = decidedAgain(o.acknowledgement(p.channel)) // of which its journey was told
			require.Equal(t, journey.ResultSent, o.do(o.worker(p.env...), order).Result)
			require.False(t, o.complaint().Acknowledged.IsZero())
			require.Equal(t, 2, p.taken(), "the first one did not arrive")
		})
	}
}

func TestAnAcknowledgementThatFailedBeforeItWasKeptIsNone(t *testing.T) {
	t.Parallel()
	o := complained(t)
	p, provider := webhookWith(o)
	provider.answers = append(provider.answers, func(w http.ResponseWriter) {
		o.receipt("message.failed") // while the worker waits to hear that it was taken
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"ref": "m-1"}`)
	})
	order, worker := o.acknowledgement(p.channel), o.worker(p.env...)
	require.Equal(t, journey.ResultBounced, o.do(worker, order).Result, "the journey knows that it has to be sent again")
	require.True(t, o.complaint().Acknowledged.IsZero())
	require.Equal(t, journey.ResultSent, o.do(worker, decidedAgain(o.acknowledgement(p.channel))).Result)
	require.Equal(t, complaint.Acknowledged, o.complaint().State())
}

func TestWhatTheDoorRefusesIsNeitherRecordedNorLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before  [][2]string
		loan    string
		record  event.Type
		fill    map[string]string
		result  journey.Result
		code    string
		counted int
	}{
		"moves up": {
			[][2]string{{"complaint.acknowledged", `{}`}},
			"complaint.C-1", event.ComplaintEscalated,
			map[string]string{"to": "complaints_desk", "why": "front_line"},
			journey.ResultRecorded, "", 1,
		},
		"moves up, and is not acknowledged": {
			nil, "complaint.C-1", event.ComplaintEscalated, map[string]string{"to": "complaints_desk", "why": "front_line"}, journey.ResultHeld, "overtaken", 0,
		},
		"moves up, and was answered meanwhile": {
			[][2]string{{"complaint.resolved", `{"outcome": "upheld", "reasons": "so it is", "by": "anna"}`}},
			"complaint.C-1", event.ComplaintEscalated,
			map[string]string{"to": "complaints_desk", "why": "front_line"},
			journey.ResultHeld, "overtaken", 0,
		},
		"is closed, and was opened again meanwhile": {
			[][2]string{{"complaint.withdrawn", `{}`}, {"complaint.reopened", `{}`}}, "complaint.C-1", event.ComplaintClosed, map[string]string{"how": "unopposed"}, journey.ResultHeld, "overtaken", 0,
		},
		"is raised": {
			nil, "L-1", event.ComplaintRaised, map[string]string{"complaint": "unheard-1", "kind": "hardship_ignored", "origin": "journey"}, journey.ResultRecorded, "", 2,
		},
		"is raised, and was answered before": {
			[][2]string{{"complaint.resolved", `{"outcome": "upheld", "reasons": "so it is", "by": "anna"}`}},
			"L-1", event.ComplaintRaised,
			map[string]string{"complaint": "C-1", "kind": "hardship_ignored", "origin": "journey"},
			journey.ResultRecorded, "overtaken", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := complained(t)
			for _, e := range c.before {
				o.happens(e[0], "complaint/C-1", e[1])
			}
			recorder := &activities.Recorder{Store: o.store, Door: o.door}
			order := journey.Order{Loan: c.loan, Borrower: "B-1", Seq: 7, Hash: "0123456789abcdef", Step: journey.Step{
				Kind: journey.Record, Key: "record@C-1", At: noon, Event: c.record, Fill: c.fill, Activity: journey.RecordEvent, Queue: journey.Queue,
			}}
			for range 3 { // an answer is lost, and the step is decided anew
				outcome, err := recorder.RecordEvent(t.Context(), order)
				require.NoError(t, err, "what the door refuses it refuses again: it is not tried as if a server were away")
				require.Equal(t, c.result, outcome.Result)
				require.Equal(t, c.code, outcome.Code)
				order = decidedAgain(order)
			}
			var counted int
			require.NoError(t, o.sql.QueryRow(t.Context(), `select count(*) from events where type = $1`, string(c.record)).Scan(&counted))
			require.Equal(t, c.counted, counted)
		})
	}
}
