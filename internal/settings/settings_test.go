package settings_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/settings"
)

var update = flag.Bool("update", false, "write docs/settings.md")

// alone is an environment in which no configuration file of this machine is read.
func alone(entries ...string) settings.Environ {
	return append(settings.Environ{"TEMPORAL_CONFIG_FILE=" + os.DevNull}, entries...)
}

func TestAnEmptyEnvironmentHasTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	s, err := settings.Load(alone())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7233", s.Temporal.HostPort)
	require.Equal(t, "default", s.Temporal.Namespace)
	require.Equal(t, "127.0.0.1:8080", s.Listen)
	require.Equal(t, "gentle-installment", s.Strategy)
	require.Empty(t, s.DatabaseURL)
	require.Empty(t, s.APIKey)
	require.Empty(t, s.Rates)
	require.Empty(t, s.Party)
}

func TestSettingsAreRead(t *testing.T) {
	t.Parallel()
	s, err := settings.Load(alone("TEMPORAL_ADDRESS=temporal.example.com:7233", "TEMPORAL_NAMESPACE=lending", "TENDER_LISTEN=0.0.0.0:80",
		"TENDER_RATES=sms=5, email=0.5", "TENDER_PARTY=debt_buyer", "TENDER_HELP=call us", "TENDER_SMTP_ADDRESS=mail:25"))
	require.NoError(t, err)
	require.Equal(t, "temporal.example.com:7233", s.Temporal.HostPort)
	require.Equal(t, "lending", s.Temporal.Namespace)
	require.Equal(t, "0.0.0.0:80", s.Listen)
	require.Equal(t, map[contact.Channel]float64{contact.SMS: 5, contact.Email: 0.5}, s.Rates)
	require.Equal(t, compliance.DebtBuyer, s.Party)
	require.Equal(t, "call us", s.Help)
	require.Equal(t, "mail:25", s.Getenv("TENDER_SMTP_ADDRESS"))
	require.Equal(t, "mandatory", s.Getenv("TENDER_SMTP_TLS"), "a default is the documented one for every reader")
}

func TestTheLaterOfTwoValuesCountsAndAnEmptyOneIsNone(t *testing.T) {
	t.Parallel()
	env := alone("TEMPORAL_ADDRESS=a:1", "TENDER_LISTEN=").With("TEMPORAL_ADDRESS", "b:2")
	s, err := settings.Load(env)
	require.NoError(t, err)
	require.Equal(t, "b:2", s.Temporal.HostPort)
	require.Equal(t, "127.0.0.1:8080", s.Listen)
	require.True(t, env.Set("NOTHING", "TEMPORAL_ADDRESS"))
	require.False(t, env.Without("TEMPORAL_").Set("TEMPORAL_ADDRESS"))
}

func TestAProfileIsReadAndTheVariablesOverrideIt(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(file, []byte(`
[profile.production]
address = "loans.tmprl.cloud:7233"
namespace = "loans"
api_key = "not shown"
`), 0o600))
	s, err := settings.Load(settings.Environ{"TEMPORAL_CONFIG_FILE=" + file, "TEMPORAL_PROFILE=production", "TEMPORAL_NAMESPACE=other"})
	require.NoError(t, err)
	require.Equal(t, "loans.tmprl.cloud:7233", s.Temporal.HostPort)
	require.Equal(t, "other", s.Temporal.Namespace)
	require.NotNil(t, s.Temporal.ConnectionOptions.TLS, "an API key turns TLS on")
	require.NotNil(t, s.Temporal.Credentials)
}

func TestAWrongSettingIsRefusedByNameWithARemedy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, entry, says string }{
		{"listen", "TENDER_LISTEN=8080", "TENDER_LISTEN: \"8080\" is no host and port; write such as 127.0.0.1:8080"},
		{"lender", "TENDER_LENDER_URL=lending.example.com", "TENDER_LENDER_URL: is no web address"},
		{"rate", "TENDER_RATES=sms=fast", "TENDER_RATES: \"fast\" is no number of messages a second for sms; write such as sms=5"},
		{"channel", "TENDER_RATES=fax=1", "unknown channel \"fax\"; use one of call, sms"},
		{"classifier", "TENDER_CLASSIFIER_URL=nlp.example.com", "TENDER_CLASSIFIER_URL: is no web address"},
		{"classifier in the open", "TENDER_CLASSIFIER_URL=http://nlp.example.com", "TENDER_CLASSIFIER_URL: must begin with https"},
		{"party", "TENDER_PARTY=bank", "TENDER_PARTY: unknown party \"bank\"; use one of first_party"},
		{"log", "TENDER_LOG=loud", "TENDER_LOG: \"loud\" is no level; use debug"},
		{"folder", "TENDER_RULEBOOKS=/no/such/folder", "TENDER_RULEBOOKS: /no/such/folder is no folder"},
		{"messages", "TENDER_MESSAGES=/no/such/folder", "TENDER_MESSAGES: /no/such/folder is no folder"},
		{"profile", "TEMPORAL_PROFILE=nowhere", "check the TEMPORAL_* variables and the profile"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := settings.Load(alone(test.entry))
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestAServerThatDoesNotAnswerIsNamedWithARemedy(t *testing.T) {
	t.Parallel()
	port, err := devstack.FreePort()
	require.NoError(t, err)
	address := "127.0.0.1:" + strconv.Itoa(port)
	s, err := settings.Load(alone("TEMPORAL_ADDRESS="+address, "DATABASE_URL=postgres://someone:hunter2@"+address+"/loans?sslmode=disable"))
	require.NoError(t, err)

	_, err = s.OpenStore(t.Context())
	require.EqualError(t, err, "Postgres cannot be reached at "+address+"/loans (connect: connection refused); "+
		"start it (`tender dev` does), or say where it is with DATABASE_URL or PGHOST")

	_, err = s.DialTemporal(t.Context())
	require.ErrorContains(t, err, "Temporal cannot be reached at "+address)
	require.ErrorContains(t, err, "say where it is with TEMPORAL_ADDRESS or a profile")
}

func TestAnUnreadableDatabaseURLDoesNotShowItsPassword(t *testing.T) {
	t.Parallel()
	s, err := settings.Load(alone("DATABASE_URL=postgres://someone:hunter2@host:notaport/loans"))
	require.NoError(t, err)
	_, err = s.OpenStore(t.Context())
	require.ErrorContains(t, err, "check DATABASE_URL")
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, s.DatabaseAddress(), "hunter2")
}

func TestTheDocumentationIsUpToDate(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "docs", "settings.md")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(settings.Document()), 0o644))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(text), settings.Document(), "run go test ./internal/settings -update")
}

// A variable that some part reads and that is not in the table would be known to nobody.
func TestEveryVariableThatTheCodeNamesIsDocumented(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile(`"(TENDER_[A-Z_]+)"`)
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "devstacktest") || strings.Contains(path, "failpoint") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil // a file that went away meanwhile names nothing
		}
		for _, found := range literal.FindAllStringSubmatch(string(text), -1) {
			_, known := settings.Find(found[1])
			require.True(t, known, "%s reads %s, which internal/settings/variables.go does not document", path, found[1])
		}
		return nil
	})
	require.NoError(t, err)
}
