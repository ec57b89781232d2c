// Package store is Tender's Postgres: borrowers and everything personal, events and their numbers, the ledger of
// contacts, decisions with their explanation, and the projection for lists and reports.
//
// The statements are in queries/, compiled by sqlc; this package adds connections, transactions, the clock, and the
// few things that take more than one statement.
package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// Store is an open Postgres. It is safe for concurrent use.
type Store struct {
	*sqlc.Queries
	pool  *pgxpool.Pool
	clock bizclock.Clock
	now   func() time.Time
}

// Option changes how a store is opened.
type Option func(*Store)

// WithNow replaces Postgres' clock by a function that returns wall time, for tests in which time is skipped.
func WithNow(now func() time.Time) Option { return func(s *Store) { s.now = now } }

// ErrNotFound is returned where a loan, borrower or event is not known.
var ErrNotFound = errors.New("not found")

// Open connects to Postgres and reads the installation's clock. An empty url means the PG* variables. The schema must
// be there: see [Migrate].
func Open(ctx context.Context, url string, options ...Option) (*Store, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w; check DATABASE_URL", hideSecret(err))
	}
	s := &Store{Queries: sqlc.New(pool), pool: pool}
	for _, option := range options {
		option(s)
	}
	clock, err := s.Queries.Clock(ctx)
	if err != nil {
		pool.Close()
		if errors.Is(err, pgx.ErrNoRows) || code(err) == "42P01" {
			return nil, errors.New("postgres: there is no Tender in this database; run `tender migrate` first")
		}
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s.clock = bizclock.Clock{Start: clock.ClockStart.UTC(), Origin: clock.ClockOrigin.UTC(), Rate: clock.ClockRate}
	return s, nil
}

// Close closes all connections.
func (s *Store) Close() { s.pool.Close() }

// Ping reports whether Postgres answers.
func (s *Store) Ping(ctx context.Context) error { return s.pool.Ping(ctx) }

// Clock returns the installation's business clock.
func (s *Store) Clock() bizclock.Clock { return s.clock }

// Now returns the business time by Postgres' own clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if s.now != nil {
		return s.clock.Business(s.now()), nil
	}
	wall, err := s.Queries.Now(ctx)
	return s.clock.Business(wall), err
}

// Tx is a transaction. Its statements see what was committed before each of them began.
type Tx struct {
	*sqlc.Queries
	store *Store
}

// InTx runs do in a transaction, which is committed when do returns nil, and undone otherwise. When Postgres undoes it for the
// sake of another one, as in a deadlock, do runs again.
func (s *Store) InTx(ctx context.Context, do func(Tx) error) (err error) {
	for range mostRuns {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return do(Tx{s.Queries.WithTx(tx), s}) })
		if state := code(err); len(state) < 2 || state[:2] != "40" {
			return err
		}
	}
	return err
}

// mostRuns is how often a transaction is tried that Postgres undoes for the sake of others.
const mostRuns = 4

// Snapshot reads in a transaction that sees what was committed before it began, and nothing that came later.
func (s *Store) Snapshot(ctx context.Context, read func(*sqlc.Queries) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return read(s.Queries.WithTx(tx))
	})
}

// Lock takes a borrower's lock until the end of the transaction and returns the business time at which it was had.
func (t Tx) Lock(ctx context.Context, borrower string) (time.Time, error) {
	row, err := t.LockBorrower(ctx, borrower)
	return t.lockedAt(row.Now, err)
}

// lockedAt is the business time at which a lock was had.
func (t Tx) lockedAt(wall time.Time, err error) (time.Time, error) {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return time.Time{}, ErrNotFound
	case err != nil:
		return time.Time{}, err
	case t.store.now != nil:
		return t.store.clock.Business(t.store.now()), nil
	}
	return t.store.clock.Business(wall), nil
}

// gate is the key of the advisory lock that every reservation shares, and that who holds a region or halts contacts has alone.
const gate = 0x74656e646572 // "tender"

// LockForContact is [Tx.Lock] for who reserves a contact: holds on regions and halts, which lock no borrower, have an order
// with it too. What is read afterwards is all that is committed.
func (t Tx) LockForContact(ctx context.Context, borrower string) (time.Time, error) {
	row, err := t.LockToContact(ctx, sqlc.LockToContactParams{ID: borrower, Gate: gate})
	return t.lockedAt(row.Now, err)
}

// Shut keeps reservations from being made until the end of the transaction, and waits for those that are under way. It must
// come before any borrower's lock.
func (t Tx) Shut(ctx context.Context) error { return t.ShutGate(ctx, gate) }

// Standing implements compliance.Ledger.
func (s *Store) Standing(ctx context.Context, borrower string, since time.Time) (standing contact.Standing, err error) {
	text, err := s.Queries.Standing(ctx, sqlc.StandingParams{BorrowerID: borrower, Since: since})
	if errors.Is(err, pgx.ErrNoRows) {
		return standing, ErrNotFound
	}
	if err != nil {
		return standing, err
	}
	return standing, json.Unmarshal(text, &standing)
}

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to date and sets the installation's clock if there is none yet. Several processes may
// do so at once. A database that runs on another clock is refused.
func Migrate(ctx context.Context, url string, clock bizclock.Clock) error {
	if err := clock.Validate(); err != nil {
		return err
	}
	provider, err := schema(url)
	if err != nil {
		return err
	}
	defer provider.Close()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("postgres: migrate: %w", hideSecret(err))
	}
	return setClock(ctx, url, clock)
}

// Schema returns the version of the schema in Postgres, and the one that this program was written for.
func Schema(ctx context.Context, url string) (there, wanted int64, err error) {
	provider, err := schema(url)
	if err != nil {
		return 0, 0, err
	}
	defer provider.Close()
	if there, wanted, err = provider.GetVersions(ctx); err != nil {
		return 0, 0, fmt.Errorf("postgres: %w", hideSecret(err))
	}
	return there, wanted, nil
}

// schema returns what knows the migrations and the database; closing it closes its connections.
func schema(url string) (*goose.Provider, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w; check DATABASE_URL", hideSecret(err))
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker), goose.WithSlog(slog.New(slog.DiscardHandler)))
}

func setClock(ctx context.Context, url string, clock bizclock.Clock) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("postgres: %w", hideSecret(err))
	}
	defer conn.Close(ctx)
	if clock.Start.IsZero() {
		epoch := time.Unix(0, 0).UTC()
		clock = bizclock.Clock{Start: epoch, Origin: epoch, Rate: 1}
	}
	// Postgres keeps microseconds.
	clock.Start, clock.Origin = clock.Start.Truncate(time.Microsecond), clock.Origin.Truncate(time.Microsecond)
	q := sqlc.New(conn)
	if _, err := q.SetClock(ctx, sqlc.SetClockParams{ClockStart: clock.Start, ClockOrigin: clock.Origin, ClockRate: clock.Rate}); err != nil {
		return err
	}
	there, err := q.Clock(ctx)
	if err != nil {
		return err
	}
	if found := (bizclock.Clock{Start: there.ClockStart, Origin: there.ClockOrigin, Rate: there.ClockRate}); !found.Equal(clock) {
		return fmt.Errorf("this database runs on another clock (rate %d); business time can't be changed once there are loans, use an empty database", found.Rate)
	}
	return nil
}
