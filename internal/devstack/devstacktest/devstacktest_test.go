package devstacktest_test

import (
	"context"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/tender-engine/tender/internal/devstack/devstacktest"
)

// unmanaged makes this program a package that lacks the hook.
const unmanaged = "DEVSTACKTEST_UNMANAGED"

func TestMain(m *testing.M) {
	if os.Getenv(unmanaged) != "" {
		os.Exit(m.Run())
	}
	devstacktest.Main(m)
}

var prepared atomic.Int64

func prepare(url string) error {
	prepared.Add(1)
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), "CREATE TABLE loan (id text)")
	return err
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, devstacktest.PostgresFrom(t, prepare))
			_, err := conn.Exec(t.Context(), "INSERT INTO loan VALUES ($1)", name)
			require.NoError(t, err)
			var got string
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT string_agg(id, ' ') FROM loan").Scan(&got))
			assert.Equal(t, name, got)
			assert.EqualValues(t, 1, prepared.Load())
		})
	}
}

func TestADatabaseIsGoneAfterItsTest(t *testing.T) {
	var url string
	t.Run("inner", func(t *testing.T) {
		url = devstacktest.Postgres(t)
		connect(t, url) // and leaves the connection to the end of the test
	})
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

func TestTemporal(t *testing.T) {
	stack := devstacktest.Temporal(t, map[string]string{"Stage": "Keyword"})
	assert.Same(t, stack, devstacktest.Temporal(t, map[string]string{"Stage": "Keyword"}))
	c, err := client.Dial(client.Options{HostPort: stack.TemporalAddress})
	require.NoError(t, err)
	defer c.Close()
	_, err = c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: t.Name(), TaskQueue: "nobody", TypedSearchAttributes: inStage("current"),
	}, "NoSuchWorkflow")
	require.NoError(t, err)
}

func TestNothingSurvivesTheTests(t *testing.T) {
	dir, err := os.MkdirTemp("", "devstacktest-")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NoError(t, os.Chmod(dir, 0o711))

	out, err := again("^(TestTemporal|TestADatabaseIsGoneAfterItsTest)$", "TMPDIR="+dir)
	require.NoError(t, err, out)

	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestAPackageWithoutTheHookIsToldSo(t *testing.T) {
	out, err := again("^TestTemporal$", unmanaged+"=1")
	require.Error(t, err)
	assert.Contains(t, out, "this package needs: func TestMain(m *testing.M) { devstacktest.Main(m) }")
}

// again runs some of these tests in a process of its own.
func again(tests string, env ...string) (string, error) {
	cmd := exec.Command(os.Args[0], "-test.run", tests)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func inStage(stage string) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("Stage").ValueSet(stage))
}
