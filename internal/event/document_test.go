package event_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
)

var update = flag.Bool("update", false, "write docs/events.md anew")

func TestDocumentIsUpToDate(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "events.md")
	text := document(t)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	there, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, text, string(there), "run: go test ./internal/event -update")
}

// document writes what a lending system must know of events.
func document(t testing.TB) string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("\n## The types\n\n| type | subject | what happened |\n|---|---|---|\n")
	for _, kind := range event.Types() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | %s |\n", kind, strings.NewReplacer(".", "", "_", "_").Replace(string(kind)), subjects(kind), kind.Summary())
	}
	for _, kind := range event.Types() {
		fmt.Fprintf(&b, "\n## %s\n\n%s Subject: %s. ", kind, kind.Summary(), subjects(kind))
		if kind.ToldToJourneys() {
			b.WriteString("Journeys are told of it.\n")
		} else {
			b.WriteString("It stays in Postgres.\n")
		}
		fmt.Fprintf(&b, "[Example](../examples/events/%s.json).\n\n| field | form | | meaning |\n|---|---|---|---|\n", kind)
		rows(&b, "", kind.Fields())
		example(t, kind) // the link leads somewhere
	}
	return b.String()
}

func subjects(kind event.Type) string {
	var all []string
	for _, s := range kind.Subjects() {
		if s == event.NoSubject {
			return "none"
		}
		all = append(all, "`"+string(s)+"/<id>`")
	}
	return strings.Join(all, " or ")
}

func rows(b *strings.Builder, prefix string, fields []event.Field) {
	for _, f := range fields {
		var marks []string
		if f.Required {
			marks = append(marks, "required")
		}
		if f.Personal {
			marks = append(marks, "**personal**")
		}
		form, inner := string(f.Form), f.Fields
		if f.Form == event.List {
			form, inner = "list", f.Fields[0].Fields
			if len(inner) == 0 {
				form = "list of " + string(f.Fields[0].Form)
			}
		}
		doc := f.Doc
		if f.Form == event.Word {
			doc += ": `" + strings.Join(f.Words, "`, `") + "`"
		}
		name := prefix + f.Name
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, form, strings.Join(marks, ", "), strings.ReplaceAll(doc, "|", `\|`))
		if f.Form == event.List {
			name += "[]"
		}
		rows(b, name+".", inner)
	}
}

const preface = `<!-- Written by go test ./internal/event -update from internal/event. Change it there. -->
# Events

Tender learns what happens by events, and by nothing else. Each is a [CloudEvent 1.0](https://cloudevents.io) in JSON,
sent to ` + "`POST /v1/events`" + ` as ` + "`application/cloudevents+json`" + `, or up to 500 of them, in the order in which they happened, as a list in
` + "`application/cloudevents-batch+json`" + `:

    curl -i http://127.0.0.1:8080/v1/events -H 'Content-Type: application/cloudevents+json' -d @examples/events/loan.disbursed.json

An API key, if one is set, goes along as ` + "`Authorization: Bearer <key>`" + `. ` + "`Tender-Actor`" + ` may name on whose behalf an event is sent;
where it is about a complaint and names nobody itself, that must be an id, for it stands in what is known of the complaint.
` + "`tender event send -f FILE`" + ` does the same without HTTP.

## The envelope

| attribute | |
|---|---|
| ` + "`source`, `id`" + ` | the event's identity. ` + "`source`" + ` names the sending system, such as ` + "`/lending/core`" + `; the watermarks of a source vouch for the loans that it disbursed. ` + "`id`" + ` is unique for the source, for ever |
| ` + "`type`" + ` | one of those below |
| ` + "`subject`" + ` | whom it is about: ` + "`loan/<id>`, `borrower/<id>`, `application/<id>` or `complaint/<id>`" + `, as the type says |
| ` + "`time`" + ` | when it happened, in business time; when it was received if left out. Not in the future |
| ` + "`data`" + ` | what the type asks for. Unknown fields are refused |

Ids are 1 to 64 letters, digits, dots, dashes and underscores, with at least one letter or digit. They travel where nothing personal may, so one that looks like a
phone number is refused. Those that begin with reply-, call- or survey- and a number are given by Tender, to holds, disputes, promises and complaints
that follow from one. Amounts are strings such as ` + "`\"125.00\"`" + `, with at most the minor units of their currency. Dates are
` + "`2026-01-31`" + `; times are RFC 3339.

## What becomes of an event

- It is stored, and what it forbids binds at once: an opt-out, a hold, a dispute, a death.
- Then every journey that it concerns is told: that of the loan, or those of all open loans of the borrower. The answer has the
  stage, the next step, its time and its reason for each of them. ` + "`pending`" + ` means: recorded, but not yet decided upon.
- The same event sent again (same source, id and content) has no second effect and gets the same answer, for ever. So
  send again whatever was not answered.
- **Personal** fields never leave Postgres: not into Temporal, not into logs, not into answers. Names, addresses and words
  of people belong in those fields and in no others.

| status | problem | what to do |
|---|---|---|
| 202 | | done |
| 207 | | a batch: look at the status of each item |
| 400 | ` + "`invalid-event`, `refused`" + ` | ` + "`field`" + ` says what is wrong. ` + "`invalid-event`" + `: nothing was kept; correct it. ` + "`refused`" + `: the journey's no is kept; send the corrected event under a new id |
| 404 | ` + "`unknown-loan`, `unknown-borrower`, …" + ` | nothing was kept; send it again once the loan is disbursed, the hold placed, … |
| 409 | ` + "`identity-conflict`" + ` | the id was used for something else; give the event an id of its own |
| 409 | ` + "`loan-exists`" + ` | another event disbursed this loan |
| 413, 415 | ` + "`too-large`, `unsupported-media-type`" + ` | at most 1 MiB and 500 events, as CloudEvents |
| 503 | ` + "`unavailable`" + ` | send it again after ` + "`Retry-After`" + ` seconds; what it forbids may bind already |
| 503 | ` + "`journey-gone`" + ` | somebody terminated or deleted the loan's workflow. The event is kept and binds; tell the operator, who finds what to do in [operating.md](operating.md#a-journey-that-is-gone) |

## Where the providers of channels come in

Receipts and replies come through the same door. Twilio's receipts need no glue: set ` + "`TENDER_TWILIO_CALLBACK_URL`" + ` to where Twilio
reaches ` + "`/v1/callbacks/twilio`" + `; what Twilio did not sign is refused. A provider, or the small piece of glue that translates for it, sends
` + "`message.delivered` or `message.failed`" + ` with the key under which Tender sent the message (SMTP: the Message-ID; webhook: the
Idempotency-Key), and ` + "`borrower.replied`" + ` with what the borrower wrote.

**What borrowers write back has to be forwarded to Tender.** Tender sends messages; it does not receive them. Whoever answers
STOP to an SMS, or writes to the address from which the mail came, is heard only if you have the provider hand inbound SMS and
mail to you and send each as ` + "`borrower.replied`" + `, the whole text in ` + "`data.text`" + `. **Without that nobody can opt out by
answering, and Tender goes on writing to people who asked it to stop.** Do so before the first message leaves.

A reply that says stop, in the words of ` + "`internal/reply/stop.yaml`" + ` or in ordinary ones (*please stop texting me*,
请不要再联系我), stops every channel at once, for all loans of the borrower, and is confirmed once: on the channel on which it came, within a day, by a
message that says nothing else. Where it is doubtful, Tender rather stops. Any
other reply becomes a task for a person, with the reason ` + "`reply`" + `.

## What the lending system is told

Tender posts events of its own to ` + "`TENDER_LENDER_URL`" + `, as ` + "`application/cloudevents+json`" + `: what its books, or its decisions, must
follow. Tender itself charges nothing off and changes no books: it waits for the events with which they answer.

| type | when | ` + "`data`" + ` |
|---|---|---|
| ` + "`tender.charge_off`" + ` | a loan has reached the day on which its strategy has the lender charge it off; a duty by date. Tender waits for ` + "`loan.written_off`" + ` | ` + "`past_due`" + `, what was overdue then; ` + "`currency`" + `; ` + "`past_due_since`" + `, due date of the oldest installment that is not paid in full |
| ` + "`tender.preapproval`" + ` | something came of the callback to an application; its subject is ` + "`application/…`" + `. A suspected fraud is told whenever it is found, also after another outcome | ` + "`application`" + `; ` + "`outcome`" + `, as [preapproval.md](preapproval.md) lists them; ` + "`calls`" + ` and ` + "`questions`" + `, their numbers, written as text; ` + "`loan`" + `, where one was disbursed |
| ` + "`tender.late_fee`" + ` | the terms of ` + "`loan.disbursed`" + ` have Tender work out late fees, and one was charged; or a posting with an older value date changed it | ` + "`installment`" + `, its due date; ` + "`amount`" + `, what its late fee is now, ` + "`0.00`" + ` when it is none any more; ` + "`currency`" + `; ` + "`charged_on`" + `. Answer with no ` + "`fee.charged`" + `: Tender counts it already |
| ` + "`tender.plan_accepted`" + ` | a borrower accepted a plan in hardship, or took a broken one up again | ` + "`plan`" + `: the whole plan, with its ` + "`schedule`" + `, what is ` + "`waived`" + `, and when it ` + "`breaks`" + `, as [hardship.md](hardship.md) describes an offer. Books that follow it may send ` + "`loan.rescheduled`" + ` with the plan's schedule: the plan goes on, with its rest. Another schedule takes the plan's place |
| ` + "`tender.plan_completed`" + ` | the last of a plan was paid | ` + "`plan`" + `, its id; ` + "`product`" + `; ` + "`currency`" + `; ` + "`paid`" + `; ` + "`completed_on`" + ` |
| ` + "`tender.plan_broken`" + ` | a plan was broken | ` + "`plan`" + `; ` + "`product`" + `; ` + "`currency`" + `; ` + "`paid`" + `; ` + "`broken_on`" + `; and what of the waived is owed again: ` + "`restored_principal`" + `, ` + "`restored_interest`" + `, ` + "`restored_fee`" + ` |
| ` + "`tender.survey_incentive`" + ` | a borrower answered a survey that had said that answering brings something; once for each survey. Credit it | ` + "`incentive`" + `, as the survey said it, such as ` + "`wallet_points`" + `; ` + "`question`" + `; ` + "`answered_at`" + ` |
| ` + "`" + `tender.complaint_due` + "`" + ` | the time for a complaint runs out, or has: at 50, 80 and, at the last level, 100 % of each deadline; its subject is ` + "`" + `complaint/…` + "`" + ` | ` + "`" + `complaint` + "`" + `, ` + "`" + `deadline` + "`" + `, ` + "`" + `due` + "`" + `, ` + "`" + `share` + "`" + ` in percent, ` + "`" + `level` + "`" + `, ` + "`" + `role` + "`" + `, ` + "`" + `state` + "`" + ` |
| ` + "`" + `tender.redress` + "`" + ` | a complaint was answered, and something is to be put right; once for each part. Pay back what is money, and do what else there is to do | ` + "`" + `complaint` + "`" + `, ` + "`" + `loan` + "`" + `, ` + "`" + `redress` + "`" + `, ` + "`" + `outcome` + "`" + `, ` + "`" + `amount` + "`" + ` and ` + "`" + `currency` + "`" + `, or ` + "`" + `channel` + "`" + ` |

` + "```" + `json
{
  "specversion": "1.0",
  "id": "n0123456789abcdef0123",
  "source": "tender",
  "type": "tender.charge_off",
  "subject": "loan/L-1001",
  "time": "2026-05-02T05:00:00Z",
  "datacontenttype": "application/json",
  "data": {"past_due": "450.00", "currency": "USD", "past_due_since": "2026-02-01"}
}
` + "```" + `

The ` + "`id`" + ` is the same whenever a notice is repeated, and so is all the rest: take a repeat as taken. ` + "`time`" + ` is when it was first to be
told, in business time. All amounts and dates are text.

Any answer below 300 means: taken. Whatever else is answered, Tender repeats the notice until it is taken. Without an address
it is kept, to be told later or fetched: [operating.md](operating.md#what-the-lending-system-is-told).
`
