package devstack

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The database and its owner in a private Postgres.
const (
	databaseName = "tender"
	databaseUser = "tender"
)

// postgresElsewhere is the file that names the directory of Postgres when it is not in that of the stack.
const postgresElsewhere = "postgres-is-in"

// startPostgres gives the stack its database.
func (s *Stack) startPostgres(ctx context.Context) (err error) {
	if s.options.DatabaseURL != "" {
		return s.usePostgres(ctx, s.options.DatabaseURL)
	}
	home, err := s.postgresDir()
	if err != nil {
		return err
	}
	bin, err := FindPostgres(dataVersion(home))
	if err != nil {
		return err
	}
	pg := &postgres{stack: s, bin: bin, home: home, data: filepath.Join(home, "data")}
	if err := pg.init(ctx); err != nil {
		return err
	}
	process, err := pg.startFirst(ctx)
	if err != nil {
		return err
	}
	s.Postgres = &Server{start: pg.start, process: process}
	s.DatabaseURL = pg.url(databaseName)
	return nil
}

// usePostgres takes a server that is not ours.
func (s *Stack) usePostgres(ctx context.Context, server string) error {
	if !s.options.Ephemeral {
		s.DatabaseURL = server
		return ping(ctx, server)
	}
	name := "tender_" + secret()[:12]
	if err := exec1(ctx, server, "CREATE DATABASE "+name); err != nil {
		return fmt.Errorf("DATABASE_URL: a database to throw away: %w", err)
	}
	s.dropped = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return exec1(ctx, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	}
	var err error
	s.DatabaseURL, err = WithDatabase(server, name)
	return err
}

// WithDatabase returns the URL of another database on the same server. It takes both forms that libpq knows, the URL
// and the list of key=value.
func WithDatabase(server, database string) (string, error) {
	if !strings.HasPrefix(server, "postgres://") && !strings.HasPrefix(server, "postgresql://") {
		return server + " dbname=" + database, nil
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", errors.New("the URL of the database cannot be read") // the parser's own error shows the password
	}
	u.Path = "/" + database
	return u.String(), nil
}

// postgresDir is where Postgres keeps its things: in the directory of the stack, unless it has to run as a user who
// cannot get there; then among the data of the machine's services.
func (s *Stack) postgresDir() (string, error) {
	home := filepath.Join(s.Dir, "postgres")
	as := postgresUser()
	if !canEnter(s.Dir, as) {
		digest := sha256.Sum256([]byte(s.Dir))
		home = fmt.Sprintf("/var/lib/tender-stack-%x", digest[:6])
		if s.scratch != nil {
			s.scratch.remove(home)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, postgresElsewhere), []byte(home), 0o600); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", err
	}
	if as != nil {
		return home, os.Chown(home, int(as.Uid), int(as.Gid))
	}
	return home, nil
}

// postgresUser is whom Postgres runs as: it refuses root. It is nil if that is the user of this process, or if root has
// no user postgres to run it as, which init reports.
func postgresUser() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "_postgres"} {
		if u, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

// postgres is the private Postgres of one stack.
type postgres struct {
	stack      *Stack
	bin        string // the directory of its programs
	home, data string
	password   string
	port       int
}

// init makes the cluster, once for a directory.
func (pg *postgres) init(ctx context.Context) error {
	if os.Getuid() == 0 && postgresUser() == nil {
		return errors.New("as root Postgres refuses to run, and there is no user postgres to run it as; " +
			"go on as an ordinary user, or make one (useradd --system postgres)")
	}
	passwordFile := filepath.Join(pg.home, "password")
	if password, err := os.ReadFile(passwordFile); err == nil && exists(pg.data) {
		pg.password = string(password)
		return nil
	}
	pg.password = secret()
	if err := os.WriteFile(passwordFile, []byte(pg.password), 0o600); err != nil {
		return err
	}
	if as := postgresUser(); as != nil {
		if err := os.Chown(passwordFile, int(as.Uid), int(as.Gid)); err != nil {
			return err
		}
	}
	fresh := pg.data + ".new" // renamed when complete, so that half a cluster is never taken for one
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + fresh, "--username=" + databaseUser, "--pwfile=" + passwordFile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync",
	}
	if err := pg.run(ctx, "initdb", args...); err != nil {
		return err
	}
	return os.Rename(fresh, pg.data)
}

// run runs one of Postgres' programs to its end.
func (pg *postgres) run(ctx context.Context, program string, args ...string) error {
	p, err := StartProcess(ctx, Spec{
		Name: program, Path: filepath.Join(pg.bin, program), Args: args, Env: postgresEnv(), Dir: "/",
		credential: postgresUser(), watchdog: pg.stack.scratch,
	})
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		_ = p.Kill()
		return fmt.Errorf("%s: %w", program, context.Cause(ctx))
	}
	if err := p.exit(); err != nil {
		return fmt.Errorf("%s failed: %w%s", program, err, p.tail)
	}
	return nil
}

// startFirst starts the server on the port that was asked for, on the last one, or on a free one.
func (pg *postgres) startFirst(ctx context.Context) (p *Process, err error) {
	portFile := filepath.Join(pg.home, "port")
	if asked := pg.stack.options.PostgresPort; asked != 0 {
		pg.port = asked
		if err := CheckPort(asked); err != nil {
			return nil, fmt.Errorf("cannot start Postgres: %w", err)
		}
		p, err = pg.start(ctx)
	} else {
		last, _ := os.ReadFile(portFile)
		pg.port, _ = strconv.Atoi(string(last)) // so that an address stays good across restarts
		if pg.port == 0 || CheckPort(pg.port) != nil {
			p, err = onFreePort(ctx, &pg.port, pg.start)
		} else {
			p, err = pg.start(ctx)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := pg.createDatabase(ctx); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, os.WriteFile(portFile, []byte(strconv.Itoa(pg.port)), 0o600)
}

func (pg *postgres) start(ctx context.Context) (*Process, error) {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(pg.port),
		"unix_socket_directories": "", // their paths have a length limit, and nobody needs them
		"max_connections":         "200",
		"timezone":                "UTC", "log_timezone": "UTC",
		// A detail ("Key (phone)=(...) already exists") or a statement may hold personal data, which no log may.
		"log_error_verbosity": "terse", "log_min_error_statement": "panic",
	}
	if pg.stack.options.Ephemeral {
		for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			settings[setting] = "off"
		}
		settings["max_wal_size"] = "256MB" // it may lie in memory
	}
	args := []string{"-D", pg.data}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	log, err := pg.stack.logFile("postgres")
	if err != nil {
		return nil, err
	}
	p, err := pg.stack.start(ctx, Spec{
		Name: "Postgres", Path: filepath.Join(pg.bin, "postgres"), Args: args, Env: postgresEnv(), Dir: "/", Log: log,
		Ready:       func(ctx context.Context) error { return ping(ctx, pg.url("postgres")) },
		Grace:       stopGrace,
		StopSignal:  syscall.SIGINT, // "fast": it sends its clients away and leaves a clean cluster
		deathSignal: syscall.SIGINT,
		credential:  postgresUser(),
	})
	if err != nil {
		_ = log.Close()
		return nil, err
	}
	go func() { <-p.Done(); _ = log.Close() }()
	return p, nil
}

func (pg *postgres) createDatabase(ctx context.Context) error {
	err := exec1(ctx, pg.url("postgres"), "CREATE DATABASE "+databaseName)
	const duplicateDatabase = "42P04"
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == duplicateDatabase {
		return nil
	}
	return err
}

func (pg *postgres) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(databaseUser, pg.password), Host: loopback(pg.port),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// postgresEnv is this process' environment without what would lead Postgres' programs to another server, and with
// messages in English.
func postgresEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG")
	})
	return append(env, "LC_ALL=C")
}

func ping(ctx context.Context, database string) error { return exec1(ctx, database, "SELECT 1") }

// exec1 runs one statement on a connection of its own.
func exec1(ctx context.Context, database, statement string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// postgresPlaces are where systems put the programs of Postgres that they keep off PATH.
var postgresPlaces = []string{
	"/usr/lib/postgresql/*/bin",                               // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                        // the Postgres project's packages for Fedora and its kin
	"/usr/libexec/postgresql*",                                // Alpine
	"/opt/homebrew/opt/postgresql*/bin",                       // Homebrew
	"/usr/local/opt/postgresql*/bin",                          // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",          // Homebrew on Linux
	"/Applications/Postgres.app/Contents/Versions/[0-9]*/bin", // Postgres.app
}

// MissingPostgres is the error for a machine without the programs of Postgres.
type MissingPostgres struct {
	Version int // the major version that is needed; 0 if any will do
}

func (e *MissingPostgres) Error() string {
	what := fmt.Sprintf("Postgres %d or newer", oldestPostgres)
	why := "Its programs initdb and postgres were found neither on PATH nor in the usual places."
	if e.Version != 0 {
		what = fmt.Sprintf("Postgres %d", e.Version)
		why = "The data of this stack were made by that version; or start afresh, without them."
	}
	var how string
	switch runtime.GOOS {
	case "darwin":
		how = "brew install postgresql@17"
	case "linux":
		how = "make setup (as root, on Debian and Ubuntu); apt install postgresql (Debian, Ubuntu); " +
			"dnf install postgresql-server (Fedora)"
	}
	return fmt.Sprintf("%s is needed and is not installed. %s Install it: %s; or set DATABASE_URL to a server that runs.",
		what, why, how)
}

// oldestPostgres is the oldest major version that a stack runs on.
const oldestPostgres = 14

// FindPostgres returns the directory that holds Postgres' programs: the first found on PATH, else the newest in the
// places where systems put them. A major version other than 0 is the only one that will do. The error is
// *MissingPostgres.
func FindPostgres(version int) (string, error) {
	return findPostgres(version, os.Getenv("PATH"), postgresPlaces)
}

func findPostgres(version int, path string, places []string) (string, error) {
	dirs := filepath.SplitList(path)
	var elsewhere []string
	for _, place := range places {
		found, _ := filepath.Glob(place)
		elsewhere = append(elsewhere, found...)
	}
	slices.SortStableFunc(elsewhere, func(a, b string) int { return lastNumber(b) - lastNumber(a) })
	for _, dir := range append(dirs, elsewhere...) {
		program, err := exec.LookPath(filepath.Join(dir, "initdb"))
		if err != nil {
			continue
		}
		// A link on PATH leads to where the rest of Postgres is.
		if program, err = filepath.EvalSymlinks(program); err != nil {
			continue
		}
		dir = filepath.Dir(program)
		server, err := exec.LookPath(filepath.Join(dir, "postgres"))
		if err != nil {
			continue
		}
		if found := majorVersion(server); found >= oldestPostgres && (version == 0 || found == version) {
			return dir, nil
		}
	}
	return "", &MissingPostgres{Version: version}
}

// lastNumber is the version in a path such as /usr/lib/postgresql/17/bin; 0 if there is none.
func lastNumber(path string) int {
	m := regexp.MustCompile(`(\d+)\D*$`).FindStringSubmatch(path)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// firstNumber is the major version in a version; 0 if there is none.
func firstNumber(text string) int {
	n, _ := strconv.Atoi(regexp.MustCompile(`\d+`).FindString(text))
	return n
}

// majorVersion asks a server program for its version: "postgres (PostgreSQL) 15.18 (Debian ...)".
func majorVersion(server string) int {
	out, _ := output(server, "--version")
	return firstNumber(out)
}

// dataVersion is the major version that made the data in the directory of a private Postgres; 0 if there are none.
func dataVersion(home string) int {
	text, _ := os.ReadFile(filepath.Join(home, "data", "PG_VERSION"))
	return firstNumber(string(text))
}
