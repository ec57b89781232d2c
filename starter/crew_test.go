package main

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAPartThatDoesNotStayUpIsGivenUp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &crew{console: &console{w: &out}}
	falls := 0
	m := &member{name: "worker", revive: func(context.Context) (bool, error) { falls++; return true, nil }}
	for range mostFalls {
		require.NoError(t, c.keepUpOne(t.Context(), m))
	}
	require.Contains(t, out.String(), "tender  | worker runs again\n")
	require.ErrorContains(t, c.keepUpOne(t.Context(), m), "it ended 6 times in ")

	m.began = time.Now().Add(-forgetAfter - time.Second)
	require.NoError(t, c.keepUpOne(t.Context(), m), "long ago is forgotten")
	m.revive = func(context.Context) (bool, error) { return false, nil }
	require.NoError(t, c.keepUpOne(t.Context(), m), "one that runs is left alone")
}

func TestAPartThatDoesNotStartIsTriedAgain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &crew{console: &console{w: &out}}
	tries := 0
	m := &member{name: "Postgres", revive: func(context.Context) (bool, error) {
		if tries++; tries == 1 {
			return true, errors.New("Postgres did not start: exit status 1; it printed last:\n  LOG: this and that")
		}
		return true, nil
	}}
	require.NoError(t, c.keepUpOne(t.Context(), m))
	require.Equal(t, "tender  | Postgres did not start: exit status 1; it is tried again\ntender  | Postgres runs again\n", out.String())
}
