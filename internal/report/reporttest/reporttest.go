// Package reporttest gives tests a database with four lives in it, in which it is noon of 10 February 2026 in UTC: a loan in
// arrears, one under a hold, one that is closed, and one about which nothing is decided yet.
package reporttest

import (
	"context"
	_ "embed"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/store"
)

//go:embed lives.sql
var lives string

// Now is the business time when a test begins.
var Now = time.Date(2026, 2, 10, 12, 0, 0, 0, time.UTC)

// Database returns the URL of a database with those lives in it, in which it is [Now] at this moment, and everything was
// recorded just now: what Postgres says of what waits, and for how long, is about the test, whenever the first one began.
func Database(t testing.TB) string {
	t.Helper()
	url := devstacktest.PostgresFrom(t, migrated)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err = conn.Exec(t.Context(), "update installation set clock_origin = clock_timestamp();\n"+lives); err != nil {
		t.Fatal(err)
	}
	return url
}

func migrated(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return store.Migrate(ctx, url, bizclock.Clock{Start: Now, Origin: time.Now().UTC().Truncate(time.Microsecond), Rate: 1})
}
