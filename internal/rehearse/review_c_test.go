package rehearse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/rehearse"
	"github.com/tender-engine/tender/internal/rehearse/rehearsetest"
)

// Findings of the review of rehearsals: each of these fails.

func TestAMessageThatDidNotArriveCanBeRehearsed(t *testing.T) {
	t.Parallel()
	s, err := rehearse.Parse("try.yaml", []byte(life+"happens: [{at: 2026-01-21 18:30, undelivered: reminder-due@2026-01-20}]\n"))
	require.NoError(t, err)
	_, err = s.Rehearse(rehearsetest.Installation(t))
	require.NoError(t, err)
}

func TestALoanWithTheIDOfAnApplicationIsRefused(t *testing.T) {
	t.Parallel()
	_, err := rehearse.Parse("try.yaml", []byte(replaced(life, "id: L-1", "id: application.L-1")))
	require.ErrorContains(t, err, "loan.id")
}

func TestAnUnknownPartyOrChannelIsRefusedInItsLine(t *testing.T) {
	t.Parallel()
	_, err := rehearse.Parse("try.yaml", []byte(life+"party: bank\n"))
	require.ErrorContains(t, err, "try.yaml:17:8: party")
	_, err = rehearse.Parse("try.yaml", []byte(life+"happens: [{at: 2026-01-06, writes: hi, by: fax}]\n"))
	require.ErrorContains(t, err, "happens[0].by")
}

func replaced(text, from, to string) string {
	for n := 0; n+len(from) <= len(text); n++ {
		if text[n:n+len(from)] == from {
			return text[:n] + to + text[n+len(from):]
		}
	}
	return text
}
