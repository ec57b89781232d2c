package compliance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/contact"
)

const aCase = `{"rulebooks": ["us-federal"], "party": "third_party", "now": "2026-07-10T18:00:00Z",
	"borrower": {"time_zones": ["America/New_York"], "points": [{"id": "mobile", "channel": "call", "place": "personal"}],
		"wishes": [{"channel": "sms", "never": true}, {"not": [{"days": ["fri"], "from": "15:00", "to": "17:00"}]}],
		"consents": [{"channel": "call", "given_at": "2026-07-01T00:00:00Z", "given_to": "collector"}]},
	"debts": ["A", "B"], "holds": [{"kind": "dispute_open", "scope": "debt:B", "from": "2026-07-01T00:00:00Z"}],
	"history": [{"at": "2026-07-09T15:00:00Z", "channel": "call", "direction": "outbound", "disposition": "no_answer", "debts": ["A"]}],
	"events": [{"kind": "complaint", "debt": "B", "at": "2026-07-01T00:00:00Z"}],
	"propose": {"channel": "call", "debt": "A"}}`

func TestACaseIsAnswered(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	check := func(replace ...string) CaseAnswer {
		text := strings.NewReplacer(replace...).Replace(aCase)
		c, err := DecodeCase([]byte(text))
		require.NoError(t, err, text)
		answer, err := l.Check(c)
		require.NoError(t, err)
		return answer
	}
	require.Equal(t, Allow, check().Verdict)
	require.Equal(t, "2026-07-10T18:00:00Z", check().NextAllowedAt.Format("2006-01-02T15:04:05Z"))
	for name, c := range map[string]struct {
		replace []string
		verdict Verdict
		rule    string
		next    string
	}{
		"the disputed debt":         {[]string{`"debt": "A"`, `"debt": "B"`}, Deny, "tender/hold", ""},
		"all debts":                 {[]string{`, "debt": "A"`, ""}, Deny, "tender/hold", ""},
		"at night":                  {[]string{`"now": "2026-07-10T18`, `"now": "2026-07-11T02`}, Defer, "us-federal/hours", "2026-07-11T12:00:00Z"},
		"at a time that was named":  {[]string{`"now": "2026-07-10T18`, `"now": "2026-07-10T20`}, Defer, "tender/borrower-times", "2026-07-10T21:00:00Z"},
		"at an instant of its own":  {[]string{`"propose": {`, `"propose": {"at": "2026-07-10T20:30:00Z", `}, Defer, "tender/borrower-times", "2026-07-10T21:00:00Z"},
		"on a channel never to use": {[]string{`"propose": {"channel": "call"`, `"propose": {"contact_point": "x", "channel": "sms"`}, Deny, "tender/opt-out", ""},
		"nowhere":                   {[]string{`["America/New_York"]`, "[]"}, Deny, "tender/time-zone", ""},
		"to somebody else":          {[]string{`"propose": {`, `"propose": {"recipient": "employer", `}, Deny, "us-federal/location-information", ""},
	} {
		answer := check(c.replace...)
		require.Equal(t, c.verdict, answer.Verdict, name)
		require.Equal(t, c.rule, answer.Rules[0].ID, name)
		if c.next == "" {
			require.Nil(t, answer.NextAllowedAt, name)
			continue
		}
		require.Equal(t, c.next, answer.NextAllowedAt.Format("2006-01-02T15:04:05Z"), name)
	}
}

// The examples are those of the official commentary on Regulation F, and some of other places; what must come out of them was
// worked out by hand.
func TestTheExampleCasesAreAnsweredAsTheRulesHaveIt(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	dir := filepath.Join("..", "..", "examples", "compliance")
	known := map[string]string{
		"eighth-call":                  "defer 2020-04-08T12:00:00Z us-federal/call-frequency",
		"eighth-call-a-day-later":      "allow",
		"after-the-consumer-called":    "defer 2020-08-20T12:00:00Z us-federal/call-after-conversation",
		"about-another-debt":           "allow",
		"call-back-on-monday":          "allow",
		"after-the-call-back":          "defer 2020-04-13T12:00:00Z us-federal/call-after-conversation",
		"busy-does-not-count":          "allow",
		"before-the-cease-letter-came": "allow",
		"after-the-cease-letter-came":  "deny tender/hold",
		"two-places":                   "defer 2020-04-07T15:00:00Z us-federal/hours",
		"reply-at-night":               "allow",
		"asked-not-to-be-texted":       "deny tender/opt-out",
		"friday-afternoon":             "defer 2020-04-10T21:00:00Z tender/borrower-times",
		"new-york-city-fourth-contact": "defer 2026-09-05T12:00:00Z us-ny-nyc/three-a-week",
		"china-fourth-connected-call":  "defer 2026-05-08T00:00:00Z cn-mainland/connected-calls",
		"thailand-on-a-holiday":        "defer 2026-04-14T01:00:00Z th/hours",
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 2*len(known), "each has its answer beside it")
	for name, want := range known {
		text, err := os.ReadFile(filepath.Join(dir, name+".json"))
		require.NoError(t, err)
		asked, err := DecodeCase(text)
		require.NoError(t, err, name)
		answer, err := l.Check(asked)
		require.NoError(t, err, name)
		got := string(answer.Verdict)
		if !answer.Allowed {
			if answer.NextAllowedAt != nil {
				got += " " + answer.NextAllowedAt.Format(time.RFC3339)
			}
			got += " " + answer.Rules[0].ID
		}
		require.Equal(t, want, got, name)
		whole, err := json.MarshalIndent(answer, "", "  ")
		require.NoError(t, err)
		file := filepath.Join(dir, name+".answer.json")
		if *update {
			require.NoError(t, os.WriteFile(file, append(whole, '\n'), 0o644))
			continue
		}
		shown, err := os.ReadFile(file)
		require.NoError(t, err)
		require.JSONEq(t, string(shown), string(whole), "%s: run go test ./internal/compliance -run Example -update", name)
	}
}

func TestACaseThatCannotBeIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ old, new, says string }{
		{`"rulebooks": ["us-federal"]`, `"rulebooks": []`, `rulebooks: is missing; name those that bind`},
		{`"party": "third_party"`, `"party": "bank"`, `party: unknown party "bank"; use one of first_party`},
		{`"now": "2026-07-10T18:00:00Z",`, ``, `now: is missing; write an instant`},
		{`"now": "2026-07-10T18:00:00Z"`, `"now": "today"`, `now: `},
		{`"debts": ["A", "B"]`, `"debts": ["+1 555 0100"]`, `debts: "+1 555 0100" is no id`},
		{`"never": true`, `"never": false`, `borrower.wishes[0]: write either never: true, or not`},
		{`"days": ["fri"]`, `"days": ["friday"]`, `borrower.wishes[1].not[0].days[0]: unknown day "friday"`},
		{`"to": "17:00"`, `"to": "15:00"`, `borrower.wishes[1].not[0]: from 15:00 to 15:00 is no time`},
		{`"to": "17:00"`, `"to": "5 pm"`, `borrower.wishes[1].not[0].to: no time of day: 5 pm`},
		{`"given_at": "2026-07-01T00:00:00Z", `, ``, `borrower.consents[0].given_at: is missing`},
		{`"given_to": "collector"`, `"expires_at": "2026-06-01T00:00:00Z"`, `borrower.consents[0].expires_at: lies before given_at`},
		{`"scope": "debt:B"`, `"scope": "debt"`, `holds[0].scope: "debt" is none; write borrower, debt:ID`},
		{`"kind": "dispute_open"`, `"kind": "because"`, `holds[0].kind: unknown hold "because"`},
		{`"kind": "complaint"`, `"kind": "rain"`, `events[0].kind: unknown mark "rain"`},
		{`"direction": "outbound"`, `"direction": "up"`, `history[0].direction: unknown direction "up"`},
		{`"direction": "outbound", `, ``, `history[0].direction: is missing; write outbound or inbound`},
		{`"disposition": "no_answer"`, `"disposition": "lost"`, `history[0].disposition: unknown disposition "lost"`},
		{`"propose": {"channel": "call"`, `"propose": {"channel": "fax"`, `propose.channel: unknown channel "fax"`},
		{`"debt": "A"}}`, `"debt": "A", "debts": ["B"]}}`, `propose: write either debt or debts`},
		{`"debt": "A"}}`, `"loan": "A"}}`, `propose.loan: is an unknown field; known are at, channel`},
	} {
		text := strings.Replace(aCase, test.old, test.new, 1)
		require.NotEqual(t, aCase, text, test.old)
		_, err := DecodeCase([]byte(text))
		require.ErrorContains(t, err, test.says)
	}
	l, err := Shipped()
	require.NoError(t, err)
	asked, err := DecodeCase([]byte(strings.Replace(aCase, `["us-federal"]`, `["us-federal", "atlantis"]`, 1)))
	require.NoError(t, err)
	_, err = l.Check(asked)
	require.ErrorContains(t, err, `rulebooks[1]: there is no rulebook "atlantis"; known are au, cn`)
}

func TestTheManualTellsOfEveryFieldAndWord(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "compliance.md"))
	require.NoError(t, err)
	manual := string(text)
	for _, of := range []any{
		Case{},
		CaseOf{},
		CasePoint{},
		CaseAsk{},
		CaseTime{},
		CaseConsent{},
		CaseHold{},
		CaseContact{},
		CaseEvent{},
		CaseWish{},
		CaseAnswer{},
		CaseRule{},
		VisitPlan{},
	} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			require.Regexp(t, "`(borrower\\.)?"+name+"`", manual, "%T", of)
		}
	}
	for _, of := range []any{
		bookFile{},
		ruleFile{},
		windowFile{},
		holidaysFile{},
		spanFile{},
		counterFile{},
		coolOffFile{},
		minGapFile{},
		countsFile{},
		consentFile{},
		recipientFile{},
		thirdPartyFile{},
		contentFile{},
		visitFile{},
		dutyFile{},
		retentionFile{},
		planFile{},
		chargeFile{},
		consentLiftFile{},
	} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
			require.Regexp(t, "`"+field.Tag.Get("yaml")+"[`:]", manual, "%T", of)
		}
	}
	words := func(all ...string) {
		for _, word := range all {
			require.Regexp(t, "[`\\s]"+word+"`", manual)
		}
	}
	words(strings.Split(wordsOf(contact.Dispositions), ", ")...)
	words(strings.Split(wordsOf(contact.Recipients), ", ")...)
	words(strings.Split(wordsOf(contact.Places), ", ")...)
	words(strings.Split(wordsOf(contact.Purposes), ", ")...)
	words(strings.Split(wordsOf(contact.MarkKinds), ", ")...)
	words(strings.Split(wordsOf(Parts), ", ")...)
	words(strings.Split(wordsOf(Triggers), ", ")...)
	words(strings.Split(wordsOf(Units), ", ")...)
	words(strings.Split(wordsOf(Keys), ", ")...)
	words(strings.Split(wordsOf(Verdicts), ", ")...)
	words(strings.Split(wordsOf(RecordKinds), ", ")...)
	words(strings.Split(wordsOf(RetainedAfters), ", ")...)
	words(strings.Split(wordsOf(Disclosures), ", ")...)
}
