package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
)

// migrated is what `tender migrate` did.
type migrated struct {
	Database string `json:"database"`
	// Schema is the version of the schema, which was From before.
	Schema int64 `json:"schema"`
	From   int64 `json:"from"`
}

func (a *app) migrate() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema in Postgres up to date",
		Long: `Bring the schema in Postgres up to date, and in an empty database set the installation's clock to real time. It may be
repeated, and several may do so at once. Workers add the search attributes of journeys to Temporal by themselves.`,
		Example: "  DATABASE_URL=postgres://tender@db.example.com/tender tender migrate",
		Args:    takes(),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			s, err := a.settings()
			if err != nil {
				return err
			}
			done, err := migrate(ctx, s)
			if err != nil {
				return err
			}
			return a.print(done, func(w io.Writer, _ report.Style) error {
				_, err := fmt.Fprintf(w, "%s is at schema version %d%s.\n", done.Database, done.Schema, before(done))
				return err
			})
		}),
	}
}

func migrate(ctx context.Context, s settings.Settings) (done migrated, err error) {
	done.Database = s.DatabaseAddress()
	if done.From, _, err = store.Schema(ctx, s.DatabaseURL); err != nil {
		return done, s.PostgresAway(err)
	}
	// The clock of a database that has one stays: a stack to throw away may run on another.
	clock := bizclock.Real
	if db, err := s.OpenStore(ctx); err == nil {
		clock = db.Clock()
		db.Close()
	}
	if err := store.Migrate(ctx, s.DatabaseURL, clock); err != nil {
		return done, s.PostgresAway(err)
	}
	done.Schema, _, err = store.Schema(ctx, s.DatabaseURL)
	return done, err
}

func before(m migrated) string {
	switch m.From {
	case m.Schema:
		return ", as before"
	case 0:
		return "; it was empty"
	}
	return fmt.Sprintf("; it was at %d", m.From)
}
