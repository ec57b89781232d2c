package devstack_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"

	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/settings"
)

// compose loads docker-compose.yml as `docker compose` would.
func compose(t *testing.T, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../../docker-compose.yml"}, cli.WithEnv(env))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

func loadedCompose(t *testing.T) *types.Project {
	t.Helper()
	project, err := compose(t, "TENDER_API_KEY=k")
	require.NoError(t, err)
	return project
}

func TestComposeNeedsAnAPIKey(t *testing.T) {
	_, err := compose(t)
	require.ErrorContains(t, err, "choose the key that callers of the gateway must send")
}

func TestComposeHasEveryPart(t *testing.T) {
	project := loadedCompose(t)
	assert.Equal(t, []string{
		"gateway", "migrate", "postgres", "temporal", "temporal-namespace", "temporal-schema", "temporal-ui", "worker",
	}, slices.Sorted(maps.Keys(project.Services)))
	for name, want := range map[string]types.ShellCommand{
		"migrate": {"migrate"}, "worker": {"worker"}, "gateway": {"serve", "--listen", "0.0.0.0:8080"},
	} {
		service := project.Services[name]
		assert.Equal(t, want, service.Command, name)
		require.NotNil(t, service.Build, name)
		assert.FileExists(t, filepath.Join(service.Build.Context, service.Build.Dockerfile), name)
	}
	assert.Equal(t, "k", *project.Services["gateway"].Environment["TENDER_API_KEY"])
	assert.Equal(t, types.HealthCheckTest{"CMD", "tender", "doctor", "--only", "postgres,temporal,workers"}, project.Services["worker"].HealthCheck.Test)
}

// What runs on is healthy before what needs it starts, and what runs once has succeeded.
func TestComposeStartsInOrder(t *testing.T) {
	project := loadedCompose(t)
	jobs := []string{"migrate", "temporal-namespace", "temporal-schema"}
	want := map[string][]string{
		"temporal-schema":    {"postgres"},
		"temporal":           {"temporal-schema"},
		"temporal-namespace": {"temporal"},
		"temporal-ui":        {"temporal"},
		"migrate":            {"postgres"},
		"worker":             {"migrate", "temporal-namespace"},
		"gateway":            {"migrate", "temporal-namespace"},
	}
	for name, service := range project.Services {
		assert.Equal(t, want[name], slices.Sorted(maps.Keys(service.DependsOn)), name)
		for on, dependency := range service.DependsOn {
			condition := types.ServiceConditionHealthy
			if slices.Contains(jobs, on) {
				condition = types.ServiceConditionCompletedSuccessfully
			}
			assert.Equal(t, condition, dependency.Condition, "%s on %s", name, on)
		}
		if slices.Contains(jobs, name) {
			assert.Nil(t, service.HealthCheck, name)
			assert.Equal(t, types.RestartPolicyOnFailure, service.Restart, name)
		} else {
			require.NotNil(t, service.HealthCheck, name)
			assert.Equal(t, "CMD", service.HealthCheck.Test[0], name)
			assert.Equal(t, types.RestartPolicyUnlessStopped, service.Restart, name)
		}
	}
}

func TestComposePinsItsImagesAndKeepsItsPortsAtHome(t *testing.T) {
	pinned := regexp.MustCompile(`:\d+\.\d+`)
	for name, service := range loadedCompose(t).Services {
		if service.Build == nil {
			assert.Regexp(t, pinned, service.Image, name)
		}
		for _, port := range service.Ports {
			assert.Equal(t, "127.0.0.1", port.HostIP, name)
		}
	}
	dockerfile, err := os.ReadFile("../../Dockerfile")
	require.NoError(t, err)
	stages := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(dockerfile), -1)
	require.Len(t, stages, 2)
	for _, stage := range stages {
		assert.Regexp(t, pinned, stage[1])
	}
	gomod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(gomod)[1]
	assert.Contains(t, stages[0][1], "golang:"+string(version), "the compiler that go.mod asks for")
	assert.Regexp(t, `(?m)^USER \d+$`, string(dockerfile))
}

func TestComposeKeepsWhatMustBeKept(t *testing.T) {
	project := loadedCompose(t)
	volumes := project.Services["postgres"].Volumes
	require.Len(t, volumes, 1)
	assert.Equal(t, types.VolumeTypeVolume, volumes[0].Type)
	assert.Equal(t, "/var/lib/postgresql/data", volumes[0].Target)
	assert.Contains(t, project.Volumes, volumes[0].Source, "a named volume")
	config := project.Services["temporal"].Configs[0]
	assert.Equal(t, config.Target, *project.Services["temporal"].Environment["DYNAMIC_CONFIG_FILE_PATH"])
}

// A misspelt variable is silently ignored by whom it is for.
func TestComposeSetsOnlyVariablesThatAreKnown(t *testing.T) {
	var tender []string
	for _, v := range settings.Variables {
		tender = append(tender, v.Name)
	}
	known := map[string][]string{
		"tender":        tender,
		"postgres":      {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"},
		"temporalio/ui": {"TEMPORAL_ADDRESS", "TEMPORAL_CSRF_COOKIE_INSECURE", "TEMPORAL_NOTIFY_ON_NEW_VERSION"},
		"temporalio/server": {
			"DB", "DB_PORT", "POSTGRES_SEEDS", "POSTGRES_USER", "POSTGRES_PWD", "BIND_ON_IP", "NUM_HISTORY_SHARDS",
			"DYNAMIC_CONFIG_FILE_PATH",
		},
		"temporalio/admin-tools": {
			"SQL_PLUGIN", "SQL_HOST", "SQL_PORT", "SQL_USER", "SQL_PASSWORD", // temporal-sql-tool
			"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", // temporal
		},
	}
	for name, service := range loadedCompose(t).Services {
		image, _, _ := strings.Cut(service.Image, ":")
		for variable := range service.Environment {
			assert.Contains(t, known[image], variable, name)
		}
	}
}

// The job is a script for the Temporal CLI, so it can be run against a server without any container.
func TestComposeMakesTheNamespaceOfAJourney(t *testing.T) {
	t.Parallel()
	stack := start(t, devstack.Options{Ephemeral: true, WithoutPostgres: true})
	cli, err := devstack.LookTemporal()
	require.NoError(t, err)
	job := loadedCompose(t).Services["temporal-namespace"]
	for range 2 { // it may be repeated
		cmd := exec.Command(job.Entrypoint[0], append(job.Entrypoint[1:], job.Command...)...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(cli)+":"+os.Getenv("PATH"),
			"TEMPORAL_ADDRESS="+stack.TemporalAddress, "TEMPORAL_NAMESPACE="+*job.Environment["TEMPORAL_NAMESPACE"])
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}

	have, err := temporalClient(t, stack).OperatorService().ListSearchAttributes(context.Background(),
		&operatorservice.ListSearchAttributesRequest{Namespace: devstack.Namespace})
	require.NoError(t, err)
	want := map[string]enumspb.IndexedValueType{}
	for name, kind := range journey.SearchAttributes {
		want[name], err = enumspb.IndexedValueTypeFromString(kind)
		require.NoError(t, err)
	}
	for name, kind := range want {
		assert.Equal(t, kind, have.CustomAttributes[name], name)
	}
	script := strings.Join(job.Command, " ")
	assert.Equal(t, len(want), strings.Count(script, "--name "), "and no other")
}

// A folder that the builder does not get is missing only when somebody builds the image.
func TestTheImageIsBuiltFromEveryRoom(t *testing.T) {
	ignore, err := os.ReadFile("../../.dockerignore")
	require.NoError(t, err)
	entries, err := os.ReadDir("../..")
	require.NoError(t, err)
	for _, entry := range entries {
		if source, _ := filepath.Glob(filepath.Join("../..", entry.Name(), "*.go")); len(source) > 0 {
			assert.Contains(t, strings.Split(string(ignore), "\n"), "!"+entry.Name())
		}
	}
}
