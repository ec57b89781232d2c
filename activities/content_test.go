package activities_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// asking returns the activities as a lender has them whose own rule asks for the content of messages.
func (o *office) asking(content string) *message {
	o.Helper()
	dir := o.TempDir()
	text := "rulebook: lender\nversion: 2026-01-01\ntitle: The lender's own\njurisdictions: [everywhere]\nrules:\n" +
		"  - {id: content, title: What messages carry, citation: The lender's own, confidence: own, strength: hard, content: " + content + "}\n"
	require.NoError(o, os.WriteFile(filepath.Join(dir, "lender.yaml"), []byte(text), 0o600))
	rules, err := compliance.Load(dir)
	require.NoError(o, err)
	worker := o.worker()
	worker.Rules = rules
	done := o.do(worker, o.order("B-1", "L-1", "notice-1@2026-01-12", contact.Email))
	m := &message{outcome: done}
	if done.Result == journey.ResultSent {
		require.NoError(o, o.sql.QueryRow(o.Context(), `select body from messages where contact_key = $1`, done.Contact).Scan(&m.body))
	}
	return m
}

type message struct {
	outcome journey.Outcome
	body    string
}

func TestAMessageCarriesWhatTheRulesAskForOrIsNotSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, says, held string }{
		"what every message has":              {"{must: [opt_out, identity, help_channel]}", "STOP", ""},
		"a sentence that Tender has":          {"{must: [mini_miranda]}", "This is an attempt to collect a debt.", ""},
		"a part that Tender has no words for": {"{must: [amount_breakdown]}", "", "lender/content"},
		"a part that must not be there":       {"{must_not: [opt_out]}", "", "lender/content"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openWithLoan(t)
			got := o.asking(c.content)
			if c.held != "" {
				require.Equal(t, journey.ResultHeld, got.outcome.Result)
				require.Equal(t, c.held, got.outcome.Code)
				require.Zero(t, o.counted("B-1"))
				return
			}
			require.Equal(t, journey.ResultSent, got.outcome.Result)
			require.Contains(t, got.body, c.says)
		})
	}
}
