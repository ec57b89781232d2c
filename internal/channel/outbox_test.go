package channel_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
)

// shelf is an outbox store in memory.
type shelf struct {
	kept   map[string]channel.Message
	broken error
}

func (s *shelf) Put(_ context.Context, m channel.Message) (string, error) {
	if s.broken != nil {
		return "", s.broken
	}
	if s.kept == nil {
		s.kept = map[string]channel.Message{}
	}
	s.kept[m.Key] = m
	return "kept-" + m.Key, nil
}

func (s *shelf) Lookup(_ context.Context, key string) (string, bool, error) {
	_, found := s.kept[key]
	return "kept-" + key, found, s.broken
}

func TestTheOutboxKeepsAMessageAndFindsItAgain(t *testing.T) {
	t.Parallel()
	store := &shelf{}
	outbox := channel.NewOutbox(store, nil, environment())

	_, found, err := outbox.Find(t.Context(), "L-1001.7")
	require.NoError(t, err)
	require.False(t, found)

	sent, err := outbox.Send(t.Context(), letter(contact.SMS, "+15551230000"))
	require.NoError(t, err)
	require.Equal(t, "+15551230000", store.kept["L-1001.7"].To)

	again, found, err := outbox.Find(t.Context(), "L-1001.7")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, sent, again)
}

func TestTheConsoleShowsWhatWasSentButNotToWhomOrInWhichWords(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	_, err := channel.NewOutbox(&shelf{}, &console, environment()).Send(t.Context(), letter(contact.SMS, "+15551230000"))
	require.NoError(t, err)
	require.Equal(t, "→ sms L-1001 notice-1\n", console.String())
}

func TestTheConsoleShowsWholeMessagesOnlyWhenAskedTo(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	m := letter(contact.Email, "chen@example.com")
	m.Body = "Dear \x1b[31mChen,\n\nsee you."
	_, err := channel.NewOutbox(&shelf{}, &console, environment("TENDER_OUTBOX_SHOW", "1")).Send(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "→ email L-1001 notice-1\n  to chen@example.com\n  Your loan with Example Bank\n  Dear [31mChen,\n  \n  see you.\n", console.String())
}

func TestAStoreThatFailsLeavesTheFateUnknown(t *testing.T) {
	t.Parallel()
	outbox := channel.NewOutbox(&shelf{broken: errors.New("conn closed while inserting canary")}, nil, environment())

	_, err := outbox.Send(t.Context(), letter(contact.SMS, "+15551230000"))
	require.Equal(t, channel.Unknown, failure(t, err).Fate)

	_, _, err = outbox.Find(t.Context(), "L-1001.7")
	require.Equal(t, channel.Unknown, failure(t, err).Fate)
}

func TestACancelledSendingNeverReachesTheOutbox(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := channel.NewOutbox(&shelf{}, nil, environment()).Send(ctx, letter(contact.SMS, "+15551230000"))
	require.Equal(t, channel.Unreached, failure(t, err).Fate)
}
