// Package devstacktest gives tests a real Postgres and a real Temporal: one server of each kind for a test process,
// started when the first test asks for it and gone when the process ends.
//
// A package that uses it needs
//
//	func TestMain(m *testing.M) { devstacktest.Main(m) }
package devstacktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tender-engine/tender/internal/devstack"
)

// ServerURL names a Postgres server to use in place of a private one, in the environment; its user must be allowed to
// create databases.
const ServerURL = "TENDER_TEST_DATABASE_URL"

// startWithin is how long a server may take to start: it may have to be built.
const startWithin = 8 * time.Minute

// Main runs the tests of a package, stops the servers they used, and exits.
func Main(m *testing.M) {
	managed.Store(true)
	code := m.Run()
	if err := closeAll(); err != nil {
		fmt.Fprintln(os.Stderr, "devstacktest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

var managed atomic.Bool

// need fails a test whose package would leave its servers behind.
func need(t testing.TB) {
	t.Helper()
	if !managed.Load() {
		t.Fatal("this package needs: func TestMain(m *testing.M) { devstacktest.Main(m) }")
	}
}

// once starts one kind of server for the process.
type once struct {
	mu    sync.Mutex
	stack *devstack.Stack
	err   error
}

var postgres, temporal once

func (o *once) get(t testing.TB, options devstack.Options) *devstack.Stack {
	t.Helper()
	need(t)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stack == nil && o.err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), startWithin)
		defer cancel()
		o.stack, o.err = devstack.Start(ctx, options)
	}
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.stack
}

func closeAll() error {
	var errs []error
	templates.Range(func(_, tpl any) bool {
		if name := tpl.(*template).name; name != "" && os.Getenv(ServerURL) != "" {
			errs = append(errs, execute(os.Getenv(ServerURL), drop(name)))
		}
		return true
	})
	for _, o := range []*once{&postgres, &temporal} {
		o.mu.Lock()
		if o.stack != nil {
			errs = append(errs, o.stack.Close())
		}
		o.stack, o.err = nil, errors.New("the tests of this package are over")
		o.mu.Unlock()
	}
	return errors.Join(errs...)
}

// server is the URL of the Postgres server of this process.
func server(t testing.TB) string {
	t.Helper()
	need(t)
	if url := os.Getenv(ServerURL); url != "" {
		return url
	}
	// DATABASE_URL is where somebody's loans are: tests keep away from it.
	options := devstack.Options{Ephemeral: true, WithoutTemporal: true, DatabaseURL: devstack.PrivateDatabase, Log: os.Stderr}
	return postgres.get(t, options).DatabaseURL
}

// Postgres returns the URL of an empty database that is this test's alone. It is dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, server(t), "")
}

// PostgresFrom returns the URL of a database like that which prepare makes of an empty one. Prepare runs once for a
// test process, and each test gets a copy of its own, which takes a fraction of the time; it must leave no connection
// open. Two calls share a copy if they pass the same function, so a closure must not depend on what it captures.
func PostgresFrom(t testing.TB, prepare func(url string) error) string {
	t.Helper()
	at := server(t)
	made, _ := templates.LoadOrStore(reflect.ValueOf(prepare).Pointer(), &template{})
	tpl := made.(*template)
	tpl.once.Do(func() {
		tpl.name = freshName()
		if tpl.err = execute(at, "CREATE DATABASE "+tpl.name); tpl.err != nil {
			return
		}
		var url string
		if url, tpl.err = devstack.WithDatabase(at, tpl.name); tpl.err == nil {
			tpl.err = prepare(url)
		}
	})
	if tpl.err != nil {
		t.Fatalf("preparing a database: %v", tpl.err)
	}
	return database(t, at, tpl.name)
}

type template struct {
	once sync.Once
	name string
	err  error
}

var templates sync.Map // of *template, by the address of the code that prepares it

// Temporal returns a stack with a Temporal dev server and nothing else, started with fast timers, and the search
// attributes and dynamic configuration of the first call; later calls must ask for the same. All tests of a process share its namespace, so they
// must not share workflow ids or task queues. A test that stops or kills the server needs a devstack of its own.
func Temporal(t testing.TB, searchAttributes map[string]string, dynamic ...string) *devstack.Stack {
	t.Helper()
	return temporal.get(t, devstack.Options{
		Ephemeral: true, WithoutPostgres: true, Fast: true, SearchAttributes: searchAttributes, Dynamic: dynamic, Log: os.Stderr,
	})
}

// freshName is random, for the server may be shared with other test processes.
func freshName() string { return "test_" + strings.ToLower(rand.Text()[:12]) }

func database(t testing.TB, at, template string) string {
	t.Helper()
	name := freshName()
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + template
	}
	if err := execute(at, statement); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(at, drop(name)); err != nil {
			t.Error(err)
		}
	})
	url, err := devstack.WithDatabase(at, name)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func drop(name string) string { return "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)" }

func execute(at, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		verb, _, _ := strings.Cut(statement, " ")
		return fmt.Errorf("%s: %w", strings.ToLower(verb), err)
	}
	return nil
}
