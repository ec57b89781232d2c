package strategy_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/hardship"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/strategy"
)

// ofALender are rulebooks of a lender. In xa a second message about arrears within thirty days is advised against; in xb any is
// without a consent in writing, for which no day comes by itself. In xc and xe loans get plans only after a year, by a hard rule and by a soft one.
var ofALender = map[string]string{
	"seldom": `rulebook: seldom
version: 2026-01-01
title: Seldom
jurisdictions: [xa]
rules:
  - id: one-a-month
    title: One message about arrears in thirty days
    citation: the lender's policy
    confidence: C1
    strength: soft
    purposes: [collection]
    counter: {max: 1, of: message, rolling_days: 30, key: borrower, counts: {purposes: [collection]}}
`,
	"in-writing": `rulebook: in-writing
version: 2026-01-01
title: In writing
jurisdictions: [xb]
rules:
  - id: consent
    title: Only with a consent in writing
    citation: the lender's policy
    confidence: C1
    strength: soft
    purposes: [collection]
    consent: {written: true}
`,
	"old-accounts": `rulebook: old-accounts
version: 2026-01-01
title: Old accounts
jurisdictions: [xc]
rules:
  - {id: a-year, title: Plans after a year, citation: the lender's policy, confidence: C1, strength: hard, plan: {min_account_age_months: 12}}
`,
	"one-plan": `rulebook: one-plan
version: 2026-01-01
title: One plan
jurisdictions: [xe]
rules:
  - {id: a-year, title: Plans after a year, citation: the lender's policy, confidence: C1, strength: soft, plan: {min_account_age_months: 12}}
`,
}

// bornUnder begins the life of a loan that is not paid, where a lender's soft rules apply and a boss answers.
func bornUnder(t *testing.T, where string, boss func(journey.Approval) (contact.ApprovalAnswer, time.Duration)) *life {
	t.Helper()
	dir := t.TempDir()
	for name, book := range ofALender {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(book), 0o600))
	}
	library, err := compliance.Load(dir)
	require.NoError(t, err)
	l := born(t, terms{where: where, dues: []string{"2026-01-20"}})
	l.facts.Rules, l.boss = library.For(where), boss
	return l
}

// always answers every request in the same way.
func always(answer contact.ApprovalAnswer, after time.Duration) func(journey.Approval) (contact.ApprovalAnswer, time.Duration) {
	return func(journey.Approval) (contact.ApprovalAnswer, time.Duration) { return answer, after }
}

func TestWhatASoftRuleAdvisesAgainstIsDoneOnItsDayWhenAPersonApproves(t *testing.T) {
	t.Parallel()
	l := bornUnder(t, "xa", always(contact.Granted, time.Hour))
	l.until("2026-02-20")
	require.Len(t, l.lines("task approve-notice-2@2026-01-20"), 1)
	require.Len(t, l.lines("notice-2@2026-01-20 by sms"), 1)
	l.golden(t, "is approved of")
}

func TestWhatIsNotApprovedOfWaitsForTheDayOnWhichItIsAllowedAnyway(t *testing.T) {
	t.Parallel()
	for name, boss := range map[string]func(journey.Approval) (contact.ApprovalAnswer, time.Duration){
		"refused": always(contact.ApprovalRefused, time.Hour), "silence is no": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := bornUnder(t, "xa", boss)
			l.until("2026-03-01")
			first, second := l.made["notice-1@2026-01-20"], l.made["notice-2@2026-01-20"]
			require.False(t, first.IsZero() || second.IsZero())
			days := second.In(l.zone).YearDay() - first.In(l.zone).YearDay()
			require.Equal(t, 30, days)
		})
	}
}

func TestWhatIsNotApprovedOfAndNeverAllowedIsGivenToAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		boss func(journey.Approval) (contact.ApprovalAnswer, time.Duration)
		on   string
	}{
		"refused":       {always(contact.ApprovalRefused, time.Hour), "2026-01-21"},
		"silence is no": {nil, "2026-01-24"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := bornUnder(t, "xb", c.boss)
			l.until("2026-02-20")
			require.NotContains(t, l.made, "notice-1@2026-01-20")
			given := l.lines("task notice-1@2026-01-20: no channel is permitted")
			require.Len(t, given, 1)
			require.Equal(t, c.on, given[0][:10], "%v", l.story)
		})
	}
}

func TestWhileNobodyAnsweredTheExplanationSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	l := bornUnder(t, "xb", nil)
	l.until("2026-01-22")
	n := slices.IndexFunc(l.why.Considered, func(c strategy.Considered) bool { return c.Key == "notice-1@2026-01-20" })
	require.GreaterOrEqual(t, n, 0)
	waits := l.why.Considered[n]
	require.Equal(t, strategy.Dropped, waits.Outcome)
	require.Equal(t, "needs_approval", waits.Reason)
	require.Equal(t, "in-writing/consent", waits.Rule)
	require.Equal(t, compliance.NeedsApproval, waits.Findings[0].Verdict)
	require.Equal(t, l.clock("2026-01-24 09:33").Add(49*time.Second).UTC(), l.wake().UTC(), "when silence becomes a no")
}

func TestAPlanBeyondARuleIsNotOfferedAndBeyondASoftOneOnlyByAPerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		where           string
		byTender, asked bool
	}{{"xa", true, true}, {"xc", false, false}, {"xe", false, true}} {
		offered := func(ask func(*life)) bool {
			l := bornUnder(t, c.where, nil)
			l.facts.Products = products()
			ask(l)
			l.until("2026-01-27")
			return len(l.facts.Journey.Plans) > 0
		}
		require.Equal(t, c.byTender, offered(func(l *life) { l.inHardship("2026-01-22 12:00") }), c.where)
		require.Equal(t, c.asked, offered(func(l *life) {
			l.facts.Hardship = strategy.Hardship{Cause: hardship.Illness, Months: 2}
			l.says("2026-01-24 12:00", event.PlanOffered, `{"product":"payment-pause"}`)
		}), c.where)
	}
}
