package channel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/event"
)

// letter is the message that the tests send. Nothing of its address and text may ever be shown.
func letter(c contact.Channel, to string) channel.Message {
	return channel.Message{
		Key: "L-1001.7", Channel: c, To: to, Subject: "Your loan with Example Bank",
		Body: "Dear Canary Chen, 12.50 is due.", Loan: "L-1001", Template: "notice-1",
	}
}

// environment returns a lookup in pairs of names and values.
func environment(pairs ...string) func(string) string {
	values := map[string]string{}
	for n := 0; n < len(pairs); n += 2 {
		values[pairs[n]] = pairs[n+1]
	}
	return func(name string) string { return values[name] }
}

// adapter returns the adapter that serves a channel under an environment.
func adapter(t *testing.T, c contact.Channel, env func(string) string) channel.Adapter {
	t.Helper()
	set, err := channel.Configure(env, channel.NewOutbox(nil, nil, env))
	require.NoError(t, err)
	require.Contains(t, set, c)
	return set[c]
}

// failure returns what a failed Send says, after checking that it may travel where no personal data may.
func failure(t *testing.T, err error) channel.Failure {
	t.Helper()
	var failed *channel.Failure
	require.ErrorAs(t, err, &failed)
	require.NoError(t, event.CheckID(failed.Code), "the code %q must be one that may travel anywhere", failed.Code)
	require.Equal(t, failed.Code, err.Error())
	require.Equal(t, failed.Fate, channel.FateOf(err))
	return *failed
}

// nobody returns an address of this machine on which nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

func TestPrintingOrLoggingAMessageShowsNothingPersonal(t *testing.T) {
	t.Parallel()
	m := letter(contact.Email, "canary@example.com")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sending", "message", m)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&log, verb, m)
		fmt.Fprintf(&log, verb, []channel.Message{m})
		fmt.Fprintf(&log, verb, &m)
	}
	require.Contains(t, log.String(), "message L-1001.7 on email about L-1001 (notice-1)")
	require.NotContains(t, log.String(), "anary")
	require.NotContains(t, log.String(), "12.50")
}

func TestAFailureShowsItsCodeAndKeepsTheProvidersWordsToItself(t *testing.T) {
	t.Parallel()
	var err error = &channel.Failure{Fate: channel.Refused, Code: "smtp_550", Detail: "550 no mailbox canary@example.com"}
	err = fmt.Errorf("contact C-7: %w", err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("failed", "error", err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		fmt.Fprintf(&log, verb, errors.Unwrap(err))
	}
	marshalled, wrong := json.Marshal(errors.Unwrap(err))
	require.NoError(t, wrong)
	log.Write(marshalled)
	require.Contains(t, log.String(), "smtp_550")
	require.NotContains(t, log.String(), "canary")
	require.Equal(t, channel.Refused, channel.FateOf(err))
}

func TestAnErrorThatDoesNotSayLeavesTheFateUnknown(t *testing.T) {
	t.Parallel()
	require.Equal(t, channel.Unknown, channel.FateOf(context.DeadlineExceeded))
	require.Empty(t, channel.FateOf(nil))
}
