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
