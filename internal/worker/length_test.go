package worker_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/message"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/worker"
)

func TestAWorkerWarnsOfMessagesThatTheLendersNameMakesTooLong(t *testing.T) {
	t.Parallel()
	words, err := message.Load("")
	require.NoError(t, err)
	var log bytes.Buffer
	s := settings.Settings{LenderName: "Example Lender", Help: "call 555-0100", Log: slog.New(slog.NewTextHandler(&log, nil))}
	worker.WarnOfLength(s, words)
	require.Empty(t, log.String())
	s.LenderName, s.Help = "The First Cooperative Credit Union of Example", "call us on +1 555 010 0199, Monday to Friday from 9 to 5"
	worker.WarnOfLength(s, words)
	require.Contains(t, log.String(), "messages take more than three SMS with TENDER_LENDER_NAME and TENDER_HELP; shorten these, or their words")
	require.Contains(t, log.String(), "notice-5 in en: 4")
	log.Reset()
	s.Party = compliance.FirstParty
	worker.WarnOfLength(s, words)
	require.NotContains(t, log.String(), "notice-5 in en", "who collects its own loans discloses nothing")
}
