package compliance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each case is what differs from one in which a third party collects debt A in New York at noon, by Regulation F.
func TestCasesThatWereOnceAnsweredOtherwise(t *testing.T) {
	t.Parallel()
	l, err := Shipped()
	require.NoError(t, err)
	const talked = `{"at":"2026-04-03T15:00:00Z","channel":"call","direction":"outbound","disposition":"right_party"`
	inbound := func(at, channel string) string {
		return fmt.Sprintf(`{"at":%q,"channel":%q,"direction":"inbound"}`, at, channel)
	}
	calls := func(n int, more string) string {
		var all []string
		for day := range n {
			all = append(all, fmt.Sprintf(`{"at":"2026-04-%02dT15:00:00Z","channel":"call","direction":"outbound","disposition":"no_answer"%s}`, day+1, more))
		}
		return strings.Join(all, ",")
	}
	held := func(kind string) string {
		return fmt.Sprintf(`"holds":[{"kind":%q,"scope":"debt:A","from":"2026-04-01T00:00:00Z"}]`, kind)
	}
	consent := func(to string) string {
		return fmt.Sprintf(`"borrower":{"time_zones":["America/New_York"],"consents":[{"channel":"sms","given_at":"2026-01-01T00:00:00Z","given_to":%q,"written":true}]}`, to)
	}
	for name, c := range map[string]struct {
		book, parts, propose string
		want                 Verdict
		rule                 string
	}{
		"a reply to nothing, under a hold": {"us-federal", held("attorney_represented"), `"channel":"email","purpose":"reply"`, Deny, "tender/hold"},
		"the reply to a contact, under a hold": {
			"us-federal", held("attorney_represented") + `,"history":[` + inbound("2026-04-06T15:00:00Z", "email") + `]`, `"channel":"email","purpose":"reply"`, Allow, "",
		},
		"a second reply, under a hold": {
			"us-federal", held("attorney_represented") + `,"history":[` + inbound("2026-04-06T15:00:00Z", "email") + `,{"at":"2026-04-06T15:30:00Z","channel":"email","direction":"outbound"}]`,
			`"channel":"email","purpose":"reply"`, Deny, "tender/hold",
		},
		"a reply to nothing, that a counter exempts":     {"conservative", `"history":[` + calls(6, "") + `]`, `"channel":"sms","purpose":"reply"`, Defer, "conservative/three-attempts-a-week"},
		"a reply at night to a message of the day":       {"us-federal", `"history":[` + inbound("2026-04-05T18:00:00Z", "sms") + `]`, `"at":"2026-04-07T03:05:00Z","channel":"sms","purpose":"reply"`, Defer, "us-federal/hours"},
		"a reply at night to a message of that night":    {"us-federal", `"history":[` + inbound("2026-04-07T03:00:00Z", "sms") + `]`, `"at":"2026-04-07T03:05:00Z","channel":"sms","purpose":"reply"`, Allow, ""},
		"a reply at night to a message of another night": {"us-federal", `"history":[` + inbound("2026-04-06T03:00:00Z", "sms") + `]`, `"at":"2026-04-07T03:05:00Z","channel":"sms","purpose":"reply"`, Defer, "us-federal/hours"},
		"two messages at night, the second reply": {
			"us-federal", `"history":[` + inbound("2026-04-07T03:00:00Z", "sms") + "," + inbound("2026-04-07T03:01:00Z", "sms") + `,{"at":"2026-04-07T03:03:00Z","channel":"sms","direction":"outbound","purpose":"reply"}]`,
			`"at":"2026-04-07T03:05:00Z","channel":"sms","purpose":"reply"`, Allow, "",
		},
		"somebody else wrote at night": {
			"us-federal", `"history":[{"at":"2026-04-07T03:00:00Z","channel":"sms","direction":"inbound","recipient":"third_party"}]`,
			`"at":"2026-04-07T03:05:00Z","channel":"sms","purpose":"reply"`, Defer, "us-federal/hours",
		},
		"the attorney, after a talk with the borrower":  {"us-federal", `"history":[` + talked + `}]`, `"channel":"call","recipient":"attorney"`, Allow, ""},
		"the borrower, after a talk with the attorney":  {"us-federal", `"history":[` + talked + `,"recipient":"attorney"}]`, `"channel":"call"`, Allow, ""},
		"a co-debtor, after seven calls to another":     {"us-federal", `"history":[` + calls(7, "") + `]`, `"at":"2026-04-07T16:00:00Z","channel":"call","recipient":"co_debtor"`, Allow, ""},
		"a co-debtor, after two calls in Massachusetts": {"us-ma", `"history":[` + calls(3, `,"recipient":"co_debtor"`) + `]`, `"at":"2026-04-04T16:00:00Z","channel":"call","recipient":"co_debtor"`, Defer, "us-ma/two-a-month-elsewhere"},
		"a consent that somebody else was given":        {"us-ny-nyc", consent("creditor"), `"at":"2026-10-06T16:00:00Z","channel":"sms"`, Deny, "us-ny-nyc/electronic-consent"},
		"a consent of one's own":                        {"us-ny-nyc", consent("collector"), `"at":"2026-10-06T16:00:00Z","channel":"sms"`, Allow, ""},
		"an adviser in breathing space":                 {"gb", held("breathing_space"), `"channel":"call","recipient":"adviser"`, Allow, ""},
		"no opt-out line to the spouse":                 {"us-federal", "", `"channel":"email","recipient":"spouse","discloses":"debt","carries":[]`, Deny, "us-federal/opt-out-line"},
		"a visit told of over a holiday": {
			"ie", "", `"at":"2026-12-29T12:00:00Z","channel":"visit","visit":{"people":1,"noticed_at":"2026-12-22T12:00:00Z"}`, Defer, "ie/visits",
		},
		"a point that nobody named, where one is forbidden": {
			"us-federal", `"borrower":{"time_zones":["America/New_York"],"wishes":[{"channel":"sms","contact_point":"mobile","never":true}]}`, `"channel":"sms"`, Deny, "tender/opt-out",
		},
		"a point that nobody named, where another channel's is forbidden": {
			"us-federal", `"borrower":{"time_zones":["America/New_York"],"wishes":[{"channel":"sms","contact_point":"mobile","never":true}]}`, `"channel":"email"`, Allow, "",
		},
		"a third party who refused when calling in": {
			"cn-mainland", `"history":[` + calls(3, "") + `,{"at":"2026-04-04T15:00:00Z","channel":"call","direction":"inbound","disposition":"refused","recipient":"third_party"}]`,
			`"channel":"call","recipient":"third_party","purpose":"location_enquiry"`, Deny, "cn-mainland/third-party",
		},
		"a third party after the borrower called in": {
			"cn-mainland", `"history":[` + calls(3, "") + `,` + inbound("2026-04-04T15:00:00Z", "call") + `]`,
			`"channel":"call","recipient":"third_party","purpose":"location_enquiry"`, Deny, "cn-mainland/third-party",
		},
		"a third party after messages that arrived": {
			"cn-mainland", `"history":[` + strings.ReplaceAll(strings.ReplaceAll(calls(3, ""), `"call"`, `"sms"`), "no_answer", "delivered") + `]`,
			`"channel":"call","recipient":"third_party","purpose":"location_enquiry"`, Deny, "cn-mainland/third-party",
		},
	} {
		text := `{"rulebooks":["` + c.book + `"],"party":"third_party","now":"2026-04-06T16:00:00Z","debts":["A"]`
		if !strings.Contains(c.parts, `"borrower"`) {
			text += `,"borrower":{"time_zones":["America/New_York"]}`
		}
		if c.parts != "" {
			text += "," + c.parts
		}
		asked, err := DecodeCase([]byte(text + `,"propose":{` + c.propose + `}}`))
		require.NoError(t, err, name)
		answer, err := l.Check(asked)
		require.NoError(t, err, name)
		require.Equal(t, c.want, answer.Verdict, "%s: %+v", name, answer.Rules[0])
		if c.rule != "" {
			require.Equal(t, c.rule, answer.Rules[0].ID, name)
		}
	}
}
