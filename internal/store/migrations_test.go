package store_test

import (
	"database/sql"
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/devstack/devstacktest"
)

func TestMain(m *testing.M) { devstacktest.Main(m) }

func TestEveryMigrationCanBeUndoneAndDoneAgain(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("pgx", devstacktest.Postgres(t))
	require.NoError(t, err)
	defer db.Close()
	migrations, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	require.NoError(t, err)
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), 0)
	require.NoError(t, err)
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
}

func TestThereIsNoWayBackFromComplaintsOnceThereIsOne(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("pgx", devstacktest.Postgres(t))
	require.NoError(t, err)
	defer db.Close()
	migrations, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	require.NoError(t, err)
	const before, with = 21, 22
	does := func(statement string) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	_, err = migrations.UpTo(t.Context(), with)
	require.NoError(t, err)
	does(`insert into borrowers (id, time_zones) values ('B-1', '{UTC}')`)
	does(`insert into loans (id, borrower_id, currency, time_zone, source, stage, disbursed_at) values ('L-1', 'B-1', 'USD', 'UTC', '/core', 'current', now())`)
	_, err = migrations.DownTo(t.Context(), before)
	require.NoError(t, err, "a loan stands in no way")

	_, err = migrations.UpTo(t.Context(), with)
	require.NoError(t, err)
	does(`insert into loans (id, borrower_id, currency, time_zone, source, stage, kind, disbursed_at) values ('complaint.C-1', 'B-1', 'USD', 'UTC', '/core', 'registered', 'complaint', now())`)
	does(`insert into complaints (id, borrower_id, facts, kind, state, level, regime, raised_at) values ('C-1', 'B-1', '{}', 'service', 'registered', 'front_line', 'us', now())`)
	_, err = migrations.DownTo(t.Context(), before)
	require.ErrorContains(t, err, "there are complaints, and this version of the schema cannot be undone any more: keep a version of Tender that knows them, or restore a backup")
	version, err := migrations.GetDBVersion(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, with, version)
	var kept bool
	require.NoError(t, db.QueryRowContext(t.Context(), `select begins('complaint.C-1', 'complaint.raised') from complaints where id = 'C-1'`).Scan(&kept))
	require.True(t, kept, "nothing of it was undone")
}
