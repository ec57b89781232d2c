package devstack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/devstack"
)

// patience is how long a test waits for what must happen. Nothing is measured with it.
const patience = time.Minute

var attributes = map[string]string{"Stage": "Keyword", "Holds": "KeywordList", "NextStepAt": "Datetime"}

// TestMain is also the program that holds a stack until it is killed.
func TestMain(m *testing.M) {
	if os.Getenv("DEVSTACK_TEST_HOLD") == "" {
		os.Exit(m.Run())
	}
	stack, err := devstack.Start(context.Background(), devstack.Options{
		Ephemeral: true, DatabaseURL: devstack.PrivateDatabase, SearchAttributes: attributes,
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	child, err := stack.Process(context.Background(), devstack.Spec{Name: "child", Path: "sleep", Args: []string{"1000"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(held{
		Dir: stack.Dir, Pids: []int{stack.Postgres.Pid(), stack.Temporal.Pid(), child.Pid()},
	})
	select {}
}

type held struct {
	Dir  string
	Pids []int
}

func TestStackStartsAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Ephemeral: true, Fast: true, SearchAttributes: attributes})

	require.Equal(t, "tender", currentDatabase(t, stack.DatabaseURL))
	startWorkflow(t, stack, "w-1")
	ui, err := http.Get(stack.UIURL)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, ui.StatusCode)
	_ = ui.Body.Close()
	child, err := stack.Process(t.Context(), devstack.Spec{Name: "child", Path: "sleep", Args: []string{"1000"}})
	require.NoError(t, err)

	pids := []int{stack.Postgres.Pid(), stack.Temporal.Pid(), child.Pid()}
	dir := stack.Dir
	require.NoError(t, stack.Close())
	require.NoError(t, stack.Close(), "a second time")
	for _, pid := range pids {
		assert.False(t, alive(pid), "process %d", pid)
	}
	assert.NoDirExists(t, dir)
	assert.NoError(t, devstack.CheckPort(portOf(t, stack.TemporalAddress)))
	assert.Empty(t, stack.Failed(), "an end that was asked for is no failure")
}

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	t.Cleanup(func() { assert.NoError(t, devstack.Reset(dir)) })

	stack := start(t, devstack.Options{Dir: dir})
	query(t, stack.DatabaseURL, "CREATE TABLE kept AS SELECT 'a row' AS what")
	startWorkflow(t, stack, "w-1")
	database := stack.DatabaseURL
	require.NoError(t, stack.Close())

	stack = start(t, devstack.Options{Dir: dir, SearchAttributes: attributes})
	assert.Equal(t, "a row", query(t, stack.DatabaseURL, "SELECT what FROM kept"))
	assert.Equal(t, database, stack.DatabaseURL, "its address stays good for who has noted it")
	c := temporalClient(t, stack)
	found, err := c.DescribeWorkflowExecution(t.Context(), "w-1", "")
	require.NoError(t, err)
	assert.Equal(t, "Running", found.GetWorkflowExecutionInfo().GetStatus().String())
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "w-2", TaskQueue: "nobody", TypedSearchAttributes: inStage("current"),
	}, "NoSuchWorkflow")
	require.NoError(t, err, "search attributes that came later are registered")
	require.NoError(t, stack.Close())
}

func TestServersCanGoAwayAndComeBack(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Ephemeral: true})
	query(t, stack.DatabaseURL, "CREATE TABLE kept AS SELECT 'a row' AS what")
	startWorkflow(t, stack, "w-1")

	require.NoError(t, stack.Postgres.Stop())
	_, err := pgx.Connect(t.Context(), stack.DatabaseURL)
	require.Error(t, err)
	require.NoError(t, stack.Postgres.Start(t.Context()))
	require.NoError(t, stack.Postgres.Kill())
	require.NoError(t, stack.Postgres.Start(t.Context()))
	assert.Equal(t, "a row", query(t, stack.DatabaseURL, "SELECT what FROM kept"))

	require.NoError(t, stack.Temporal.Kill())
	require.Error(t, devstackDial(stack))
	require.NoError(t, stack.Temporal.Start(t.Context()))
	_, err = temporalClient(t, stack).DescribeWorkflowExecution(t.Context(), "w-1", "")
	require.NoError(t, err)

	require.NoError(t, stack.Close())
	assert.Empty(t, stack.Failed(), "whoever stopped a server knows that it is stopped")
}

func TestAServerThatDiesIsReported(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Ephemeral: true, WithoutPostgres: true})

	require.NoError(t, syscall.Kill(stack.Temporal.Pid(), syscall.SIGKILL))

	select {
	case err := <-stack.Failed():
		assert.ErrorContains(t, err, "Temporal ended unexpectedly: signal: killed")
	case <-time.After(patience):
		t.Fatal("nobody noticed")
	}
}

func TestAKilledParentLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "DEVSTACK_TEST_HOLD=1")
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	var h held
	require.NoError(t, json.Unmarshal([]byte(line), &h), line)
	for _, pid := range h.Pids {
		require.True(t, alive(pid))
	}
	require.DirExists(t, h.Dir)

	require.NoError(t, parent.Process.Kill())
	_, _ = io.Copy(io.Discard, out)
	_ = parent.Wait()

	for _, pid := range h.Pids {
		require.Eventually(t, func() bool { return !alive(pid) }, patience, 10*time.Millisecond)
	}
	require.Eventually(t, func() bool { _, err := os.Stat(h.Dir); return os.IsNotExist(err) }, patience, 10*time.Millisecond)
}

func TestAPortThatDoesNotExistIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, port := range []int{-1, 65536, 99999} {
		require.EqualError(t, devstack.CheckPort(port), fmt.Sprintf("port %d does not exist; choose one from 1024 to 65535", port))
	}
}

func TestATakenPortNamesItsHolder(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	port := taken.Addr().(*net.TCPAddr).Port
	for name, options := range map[string]devstack.Options{
		"Postgres": {PostgresPort: port, WithoutTemporal: true},
		"Temporal": {TemporalPort: port, WithoutPostgres: true},
		"Web UI":   {UIPort: port, WithoutPostgres: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options.Ephemeral, options.DatabaseURL = true, devstack.PrivateDatabase
			_, err := devstack.Start(t.Context(), options)
			var e *devstack.PortTaken
			require.ErrorAs(t, err, &e)
			assert.Equal(t, port, e.Port)
			assert.Equal(t, os.Getpid(), e.PID)
			assert.Contains(t, e.Command, "devstack.test")
			assert.ErrorContains(t, err, fmt.Sprintf("port %d is taken by process %d (", port, os.Getpid()))
		})
	}
}

func TestOneStackToADirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	_, err := devstack.ReadEnv(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	stack := start(t, devstack.Options{Dir: dir, WithoutTemporal: true})

	env, err := devstack.ReadEnv(dir)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"DATABASE_URL": stack.DatabaseURL}, env)
	require.NoError(t, stack.Announce("TENDER_LISTEN", "127.0.0.1:8080"))
	assert.Contains(t, stack.Env(), "TENDER_LISTEN=127.0.0.1:8080")
	env, err = devstack.ReadEnv(dir)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:8080", env["TENDER_LISTEN"])
	_, err = devstack.Start(t.Context(), devstack.Options{Dir: dir})
	require.ErrorContains(t, err, fmt.Sprintf("already running in %s (process %d)", dir, os.Getpid()))
	require.ErrorContains(t, devstack.Reset(dir), "already running")
	assert.Equal(t, "tender", currentDatabase(t, stack.DatabaseURL), "the first is unharmed")

	require.NoError(t, stack.Close())
	_, err = devstack.ReadEnv(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, devstack.Reset(dir))
	assert.NoDirExists(t, dir)
}

func TestNothingButAStackIsDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	precious := filepath.Join(dir, "thesis.tex")
	require.NoError(t, os.WriteFile(precious, nil, 0o600))

	for _, options := range []devstack.Options{{Dir: dir}, {Dir: dir, Ephemeral: true}} {
		_, err := devstack.Start(t.Context(), options)
		require.ErrorContains(t, err, "holds something that is not a stack of Tender (thesis.tex)")
	}
	require.ErrorContains(t, devstack.Reset(dir), "thesis.tex")
	assert.FileExists(t, precious)
}

func TestAnEphemeralStackKeepsToItsOwnDatabaseOnAnotherServer(t *testing.T) {
	t.Parallel()
	server := start(t, devstack.Options{Ephemeral: true, WithoutTemporal: true})

	stack, err := devstack.Start(t.Context(), devstack.Options{
		Ephemeral: true, WithoutTemporal: true, DatabaseURL: server.DatabaseURL,
	})
	require.NoError(t, err)
	name := currentDatabase(t, stack.DatabaseURL)
	assert.NotEqual(t, "tender", name)
	assert.Nil(t, stack.Postgres)
	require.NoError(t, stack.Close())
	count := fmt.Sprintf("SELECT count(*)::text FROM pg_database WHERE datname = '%s'", name)
	assert.Equal(t, "0", query(t, server.DatabaseURL, count))

	stack, err = devstack.Start(t.Context(), devstack.Options{
		Dir: filepath.Join(t.TempDir(), "kept"), WithoutTemporal: true, DatabaseURL: server.DatabaseURL,
	})
	require.NoError(t, err)
	assert.Equal(t, server.DatabaseURL, stack.DatabaseURL)
	require.NoError(t, stack.Close())
}

func TestPostgresLogsNoData(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Ephemeral: true, WithoutTemporal: true})
	conn, err := pgx.Connect(t.Context(), stack.DatabaseURL)
	require.NoError(t, err)
	defer conn.Close(context.Background())

	_, err = conn.Exec(t.Context(), "CREATE TABLE borrower (phone text UNIQUE)")
	require.NoError(t, err)
	for range 2 {
		_, err = conn.Exec(t.Context(), "INSERT INTO borrower VALUES ('+15550100')")
	}
	require.ErrorContains(t, err, "duplicate key")

	log := filepath.Join(stack.Dir, "logs", "postgres.log")
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(log)
		assert.NotContains(t, string(text), "5550100")
		return strings.Contains(string(text), "duplicate key")
	}, patience, 10*time.Millisecond)
}

func TestAStackToKeepNeedsADirectory(t *testing.T) {
	_, err := devstack.Start(t.Context(), devstack.Options{})
	require.ErrorContains(t, err, "needs a directory")
}

func TestAnEndedContextStartsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := devstack.Start(ctx, devstack.Options{Ephemeral: true, DatabaseURL: devstack.PrivateDatabase})
	require.ErrorIs(t, err, context.Canceled)
}

// start starts a stack with a private Postgres and closes it with the test.
func start(t *testing.T, options devstack.Options) *devstack.Stack {
	t.Helper()
	options.DatabaseURL = devstack.PrivateDatabase
	stack, err := devstack.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, stack.Close()) })
	return stack
}

func query(t *testing.T, database, statement string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	if !strings.HasPrefix(statement, "SELECT") {
		_, err = conn.Exec(t.Context(), statement)
	} else {
		err = conn.QueryRow(t.Context(), statement).Scan(&answer)
	}
	require.NoError(t, err)
	return answer
}

func currentDatabase(t *testing.T, database string) string {
	t.Helper()
	return query(t, database, "SELECT current_database()::text")
}

func temporalClient(t *testing.T, stack *devstack.Stack) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: stack.TemporalAddress})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func devstackDial(stack *devstack.Stack) error {
	conn, err := net.Dial("tcp", stack.TemporalAddress)
	if err == nil {
		_ = conn.Close()
	}
	return err
}

func startWorkflow(t *testing.T, stack *devstack.Stack, id string) {
	t.Helper()
	_, err := temporalClient(t, stack).ExecuteWorkflow(t.Context(),
		client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}, "NoSuchWorkflow")
	require.NoError(t, err)
}

func portOf(t *testing.T, address string) (port int) {
	t.Helper()
	_, err := fmt.Sscanf(address, "127.0.0.1:%d", &port)
	require.NoError(t, err)
	return port
}

// alive tells whether a process is there. One that ended and was not waited for by whoever inherited it, is not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	state, _ := exec.Command("ps", "-o", "stat=", "-p", fmt.Sprint(pid)).Output()
	return len(state) > 0 && !strings.HasPrefix(string(state), "Z")
}

func inStage(stage string) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("Stage").ValueSet(stage))
}
