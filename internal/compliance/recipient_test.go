package compliance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/hardship"
)

var noon = time.Date(2026, 7, 10, 12, 0, 0, 0, time.UTC)

// reading returns the rules of one rulebook, written whole from its jurisdictions on.
func reading(t *testing.T, text string) Rules {
	t.Helper()
	one, err := Parse("one.yaml", []byte("rulebook: one\nversion: 2026-01-01\ntitle: One\njurisdictions: [everywhere]\n"+text), calendars(t))
	require.NoError(t, err)
	return layer("", one)
}

const head = "  - {id: rule, title: Rule, citation: a test, confidence: own, strength: hard, "

// finding returns what the one rule of a rulebook says.
func finding(t *testing.T, r Ruling) Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Rule == "one/rule" {
			return f
		}
	}
	require.Fail(t, "the rule was not consulted")
	return Finding{}
}

func TestNobodyButTheBorrowerIsContactedUnlessEveryRulebookSaysSo(t *testing.T) {
	t.Parallel()
	p := propose(noon, contact.Call)
	p.Recipient = contact.Attorney
	rule := "rules:\n" + head + "opt_out: {}}\n"

	ruling := reading(t, rule).Evaluate(standing("UTC"), p)
	require.Equal(t, Deny, ruling.Verdict)
	require.Equal(t, "tender/recipient", ruling.Deciding().Rule)
	require.Equal(t, "the rulebooks do not let an attorney be contacted", ruling.Deciding().Why)
	require.True(t, reading(t, "may_contact: [attorney]\n"+rule).Evaluate(standing("UTC"), p).Allowed())

	lets, err := Parse("a.yaml", []byte("rulebook: a\nversion: 2026-01-01\ntitle: A\njurisdictions: [everywhere]\nmay_contact: [attorney]\n"+rule), calendars(t))
	require.NoError(t, err)
	silent, err := Parse("b.yaml", []byte("rulebook: b\nversion: 2026-01-01\ntitle: B\njurisdictions: [everywhere]\n"+rule), calendars(t))
	require.NoError(t, err)
	require.False(t, layer("", lets, silent).Evaluate(standing("UTC"), p).Allowed(), "one that is silent does not let")
}

func TestARuleSaysWhatMayBeDisclosedToWhom(t *testing.T) {
	t.Parallel()
	rules := reading(t, "may_contact: [attorney, spouse, third_party]\nrules:\n"+head+
		"recipient: {allow: [borrower, attorney, third_party], disclose: {attorney: debt, third_party: identity}}}\n")
	for _, c := range []struct {
		to        contact.Recipient
		discloses Disclosure
		why       string
	}{
		{"", "", "this recipient may be contacted"},
		{contact.ToBorrower, DiscloseDebt, "this recipient may be contacted"},
		{contact.Attorney, DiscloseDebt, "this recipient may be contacted"},
		{contact.ToThirdParty, DiscloseIdentity, "this recipient may be contacted"},
		{contact.ToThirdParty, DiscloseDebt, "to a third party, debt must not be disclosed"},
		{contact.Spouse, DiscloseNothing, "a spouse must not be contacted"},
	} {
		p := propose(noon, contact.Call)
		p.Recipient, p.Discloses = c.to, c.discloses
		require.Equal(t, c.why, finding(t, rules.Evaluate(standing("UTC"), p)).Why, "%s %s", c.to, c.discloses)
	}
}

func TestTheGateToThirdPartiesOpensAfterFailuresOnceAndNeverAfterARefusal(t *testing.T) {
	t.Parallel()
	rules := reading(t, "may_contact: [third_party]\nrules:\n"+head+
		"third_party: {after: {failures: 3, within_days: 30, channels: [call]}, max: 1, purposes: [location_enquiry], refusal_ends: true}}\n")
	p := propose(noon, contact.Call)
	p.Recipient, p.Purpose = contact.ToThirdParty, contact.LocationEnquiry
	call := func(daysAgo int, came contact.Disposition, to contact.Recipient) contact.Attempt {
		return contact.Attempt{At: noon.AddDate(0, 0, -daysAgo), Channel: contact.Call, Direction: contact.Outbound, Disposition: came, Recipient: to}
	}
	failed := []contact.Attempt{call(9, contact.NoAnswer, ""), call(8, contact.Busy, ""), call(7, contact.Voicemail, "")}
	for name, c := range map[string]struct {
		history []contact.Attempt
		why     string
	}{
		"nothing was tried":           {nil, "0 of 3 failed contacts with the borrower in a row; before, nobody else may be contacted"},
		"two failed":                  {failed[:2], "2 of 3 failed contacts with the borrower in a row; before, nobody else may be contacted"},
		"three failed":                {failed, "the gate to third parties is open"},
		"three failed, too long ago":  {[]contact.Attempt{call(33, contact.NoAnswer, ""), call(32, contact.NoAnswer, ""), call(31, contact.NoAnswer, "")}, "0 of 3 failed contacts with the borrower in a row; before, nobody else may be contacted"},
		"then the borrower was there": {append(append([]contact.Attempt{}, failed...), call(1, contact.RightParty, "")), "0 of 3 failed contacts with the borrower in a row; before, nobody else may be contacted"},
		"then may have been":          {append(append([]contact.Attempt{}, failed...), call(1, "", "")), "0 of 3 failed contacts with the borrower in a row; before, nobody else may be contacted"},
		"one was asked already":       {append(append([]contact.Attempt{}, failed...), call(200, contact.ThirdParty, contact.ToThirdParty)), "1 of 1 contacts with this third party used"},
		"one did not answer":          {append(append([]contact.Attempt{}, failed...), call(2, contact.NoAnswer, contact.ToThirdParty)), "the gate to third parties is open"},
		"one refused":                 {append(append([]contact.Attempt{}, failed...), call(300, contact.Refused, contact.ToThirdParty)), "this third party refused; it is never contacted again"},
	} {
		s := standing("UTC")
		s.Attempts = c.history
		require.Equal(t, c.why, finding(t, rules.Evaluate(s, p)).Why, name)
	}
	p.Purpose = contact.Collection
	require.Equal(t, "nobody but the borrower may be contacted for this purpose", finding(t, rules.Evaluate(standing("UTC"), p)).Why)
}

func TestAVisitIsMadeAsTheRuleSays(t *testing.T) {
	t.Parallel()
	rules := reading(t, "rules:\n"+head+"channels: [visit], visit: {notice_days: 7, people_min: 2, people_max: 3, identification: true}}\n")
	good := VisitPlan{People: 2, NoticedAt: noon.AddDate(0, 0, -7), Identified: true}
	for name, c := range map[string]struct {
		plan *VisitPlan
		why  string
		next time.Time
	}{
		"as it should be":          {&good, "a visit may be made so", noon},
		"nothing is known":         {nil, "nothing is known of how the visit would be made", time.Time{}},
		"alone":                    {&VisitPlan{People: 1, NoticedAt: good.NoticedAt, Identified: true}, "1 would come; allowed are 2 to 3 people", time.Time{}},
		"with a crowd":             {&VisitPlan{People: 4, NoticedAt: good.NoticedAt, Identified: true}, "4 would come; allowed are 2 to 3 people", time.Time{}},
		"without identification":   {&VisitPlan{People: 2, NoticedAt: good.NoticedAt}, "whoever comes must show who they are", time.Time{}},
		"without notice":           {&VisitPlan{People: 2, Identified: true}, "the borrower must have been told 7 days before", time.Time{}},
		"announced only yesterday": {&VisitPlan{People: 2, NoticedAt: noon.AddDate(0, 0, -1), Identified: true}, "the borrower must have been told 7 days before", noon.AddDate(0, 0, 6)},
	} {
		p := propose(noon, contact.Visit)
		p.Visit = c.plan
		ruling := rules.Evaluate(standing("UTC"), p)
		require.Equal(t, c.why, finding(t, ruling).Why, name)
		require.True(t, c.next.Equal(ruling.NextAllowed), "%s: %s", name, ruling.NextAllowed)
	}
	require.True(t, reading(t, "rules:\n"+head+"visit: {forbidden: true}}\n").Evaluate(standing("UTC"), propose(noon, contact.Call)).Allowed(), "a call is no visit")
	require.False(t, reading(t, "rules:\n"+head+"visit: {forbidden: true}}\n").Evaluate(standing("UTC"), propose(noon, contact.Visit)).Allowed())
}

func TestAMessageMustCarryWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	rules := reading(t, "rules:\n"+head+"content: {must: [opt_out, identity], must_not: [debt_on_envelope]}}\n")
	p := propose(noon, contact.Email)
	ruling := rules.Evaluate(standing("UTC"), p)
	require.True(t, ruling.Allowed(), "it is not written yet")
	require.Equal(t, []Part{OptOutLine, Identity}, ruling.MustCarry)
	require.Equal(t, []Part{DebtOnEnvelope}, ruling.MustNotCarry)
	for _, c := range []struct {
		carries []Part
		why     string
	}{
		{[]Part{Identity, OptOutLine, HelpChannel}, "must carry opt_out, identity; must not carry debt_on_envelope"},
		{[]Part{}, "the message does not carry opt_out"},
		{[]Part{OptOutLine}, "the message does not carry identity"},
		{[]Part{OptOutLine, Identity, DebtOnEnvelope}, "the message carries debt_on_envelope"},
	} {
		p.Carries = c.carries
		require.Equal(t, c.why, finding(t, rules.Evaluate(standing("UTC"), p)).Why)
	}
}

func TestADutyHasItsDeadline(t *testing.T) {
	t.Parallel()
	rules := reading(t, `rules:
  - {id: a, title: A, citation: a test, confidence: own, strength: hard, duty: {what: validation_notice, after: first_contact, within: 5, days: calendar}}
  - {id: b, title: B, citation: a test, confidence: own, strength: hard, in_force: {from: 2026-06-01}, duty: {what: answer, after: dispute, within: 5, days: business, calendar: us}}
`)
	on := func(text string) bizclock.Date { return bizclock.MustDate(text) }
	require.Equal(t, []Deadline{{
		Rule: "one/a", Title: "A", Version: "2026-01-01", Citation: "a test", What: "validation_notice", Due: on("2026-07-06"),
	}}, rules.Duties(FirstContact, on("2026-07-01")))
	require.Empty(t, rules.Duties(DisputeRaised, on("2026-05-31")), "it is not in force yet")
	due := rules.Duties(DisputeRaised, on("2026-07-01"))
	require.Equal(t, on("2026-07-09"), due[0].Due, "3 July is kept for the fourth, a Saturday; and the weekend is none")
	require.False(t, due[0].Uncovered)
	due = rules.Duties(DisputeRaised, on("2060-07-01"))
	require.True(t, due[0].Uncovered, "nobody knows the holidays of then")
	require.Empty(t, rules.Evaluate(standing("UTC"), propose(noon, contact.Call)).Findings[len(own):], "it stands in no contact's way")
}

func TestRecordsPlansAndChargesHaveLimits(t *testing.T) {
	t.Parallel()
	rules := reading(t, `rules:
  - {id: a, title: A, citation: a test, confidence: own, strength: hard, retention: {years: 3, after: last_activity, records: [contacts, recordings]}}
  - {id: b, title: B, citation: a test, confidence: own, strength: hard, retention: {years: 5, after: complaint, records: [complaints, contacts]}}
  - {id: c, title: C, citation: a test, confidence: own, strength: hard, plan: {kinds: [re_age], max_months: 60, max_in_12_months: 1}}
  - {id: d, title: D, citation: a test, confidence: own, strength: hard, charge: {apr_max: "0.24"}}
`)
	today := bizclock.MustDate("2026-07-01")
	limits := rules.Limits(today)
	require.Len(t, limits, 4)
	require.Equal(t, 5, limits[1].Retention.Years)
	require.Equal(t, []hardship.Limit{{Rule: "one/c", Kinds: []hardship.Kind{hardship.ReAge}, MaxMonths: 60, MaxIn12Months: 1}}, rules.PlanLimits(today))
	require.Equal(t, "0.24", limits[3].Charge.APRMax.String())
}

func TestTheBorrowersOwnTimesAreKept(t *testing.T) {
	t.Parallel()
	s := standing("America/New_York")
	s.Blackouts = []contact.Blackout{{Days: []contact.Weekday{"fri"}, From: 15 * 3600, To: 17 * 3600, At: noon.AddDate(-1, 0, 0)}}
	friday := local(t, "America/New_York", "2026-07-10 15:30:00")
	ruling := Rules{}.Evaluate(s, propose(friday, contact.SMS))
	require.Equal(t, Defer, ruling.Verdict)
	require.Equal(t, "tender/borrower-times", ruling.Deciding().Rule)
	require.Equal(t, local(t, "America/New_York", "2026-07-10 17:00:00").UTC(), ruling.NextAllowed)
	require.True(t, Rules{}.Evaluate(s, propose(friday.AddDate(0, 0, 1), contact.SMS)).Allowed())
}

func TestOneReplyIsLetThroughToWhatTheBorrowerBegan(t *testing.T) {
	t.Parallel()
	rules := reading(t, "rules:\n"+head+"reply_once: true, window: {open: [{from: \"08:00\", until: \"21:00\"}]}}\n")
	night := local(t, "UTC", "2026-07-10 23:00:00")
	wrote := contact.Attempt{At: night.Add(-time.Minute), Channel: contact.SMS, Direction: contact.Inbound}
	s := standing("UTC")
	p := propose(night, contact.SMS)
	p.Purpose = contact.Reply
	require.False(t, rules.Evaluate(s, p).Allowed(), "nobody wrote")
	s.Attempts = []contact.Attempt{wrote}
	require.True(t, rules.Evaluate(s, p).Allowed())
	other := p
	other.Channel = contact.Email
	require.False(t, rules.Evaluate(s, other).Allowed(), "on another channel")
	other = p
	other.Purpose = contact.Collection
	require.False(t, rules.Evaluate(s, other).Allowed(), "that is no reply")
	s.Attempts = append(s.Attempts, contact.Attempt{At: night.Add(-30 * time.Second), Channel: contact.SMS, Direction: contact.Outbound, Purpose: contact.Reply})
	require.False(t, rules.Evaluate(s, p).Allowed(), "it was replied to")
	s.Attempts = append(s.Attempts, contact.Attempt{At: night.Add(-10 * time.Second), Channel: contact.SMS, Direction: contact.Inbound})
	require.True(t, rules.Evaluate(s, p).Allowed(), "to a further message there is a further reply")
	s.Wishes = []contact.Wish{{At: night.Add(-10 * time.Second)}}
	require.False(t, rules.Evaluate(s, p).Allowed(), "the further message said stop")
}

func TestAnApprovalLiftsASoftRuleForOneStepWhileItHolds(t *testing.T) {
	t.Parallel()
	rules := book(t, `window: {open: [{from: "08:00", until: "09:00"}]}`, "strength: soft", "breach: needs_approval")
	s := standing("UTC")
	p := propose(noon, contact.SMS)
	p.Loans, p.Step = []string{"A"}, "notice-1"
	require.Equal(t, NeedsApproval, rules.Evaluate(s, p).Verdict)
	s.Approvals = []contact.Approval{{Loan: "A", Step: "notice-1", Rule: "one/rule", Until: noon.Add(time.Hour)}}
	ruling := rules.Evaluate(s, p)
	require.Equal(t, Warn, ruling.Verdict)
	require.Contains(t, ruling.Deciding().Why, "; a person approved of it")
	p.Step = "notice-2"
	require.Equal(t, NeedsApproval, rules.Evaluate(s, p).Verdict, "another step")
	p.Step, p.At = "notice-1", noon.Add(time.Hour)
	require.Equal(t, NeedsApproval, rules.Evaluate(s, p).Verdict, "it has expired")
}
