package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/devstack/devstacktest"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/journey"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

var update = flag.Bool("update", false, "write the golden files")

// asTender makes the test program behave as tender itself, so that tests can start it as a process of its own, and
// `tender dev` its children.
const asTender = "TENDER_TEST_AS_TENDER"

func TestMain(m *testing.M) {
	if os.Getenv(asTender) != "" {
		main()
		return
	}
	devstacktest.Main(m)
}

// teller stands in for Temporal: it remembers what it was asked to deliver, and answers what it is told to.
type teller struct {
	told []event.Event
	err  error
}

// Deliver implements [intake.Courier].
func (t *teller) Deliver(_ context.Context, e event.Event, _ *journey.Journey) (journey.Answer, error) {
	t.told = append(t.told, e)
	return journey.Answer{Loan: e.Loan, Stage: journey.Current, Next: "reminder-3d@2026-03-01", At: reporttest.Now.AddDate(0, 0, 16), Reason: "reminder"}, t.err
}

// terminal is where a test types commands.
type terminal struct {
	t      *testing.T
	world  world
	teller *teller
}

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// newTerminal returns a terminal on a database with the four lives of reporttest.
func newTerminal(t *testing.T) *terminal {
	t.Helper()
	return onDatabase(t, reporttest.Database(t))
}

func onDatabase(t *testing.T, url string) *terminal {
	t.Helper()
	told := &teller{}
	return &terminal{t: t, teller: told, world: world{
		env:  settings.Environ{"DATABASE_URL=" + url, "TEMPORAL_CONFIG_FILE=" + os.DevNull, "TENDER_DIR=" + t.TempDir()},
		user: "kim", courier: func(*store.Store) intake.Courier { return told },
		sweep: func(row sqlc.Sweep) courier.Sweep {
			return courier.Sweep{Job: row.Job, Jurisdiction: row.Jurisdiction, Rate: row.Rate, State: courier.SweepDone, Total: 3, Done: 3}
		},
	}}
}

// run runs a command line, words separated by blanks.
func (x *terminal) run(line string) result { return x.typed("", strings.Fields(line)...) }

// typed runs a command with something on standard input.
func (x *terminal) typed(in string, args ...string) result {
	x.t.Helper()
	var out, err bytes.Buffer
	w := x.world
	w.in, w.out, w.err = strings.NewReader(in), &out, &err
	code := run(x.t.Context(), w, args)
	return result{code, out.String(), err.String()}
}

// golden compares text with a file, or writes it.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test ./starter -update")
	require.Equal(t, string(want), text)
}

func TestWhatIsReadLooksAsExpected(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for _, test := range []struct{ file, line string }{
		{"list.txt", "loan list"},
		{"list-nothing.txt", "loan list --stage late_arrears"},
		{"show-arrears.txt", "loan show L-1001"},
		{"show-messages.txt", "loan show L-1001 --messages"},
		{"show-hold.txt", "loan show L-1002"},
		{"show-closed.txt", "loan show L-1003"},
		{"show-fresh.txt", "loan show L-1004"},
		{"explain.txt", "loan explain L-1001"},
		{"explain-fresh.txt", "loan explain L-1004"},
		{"explain-closed.txt", "loan explain L-1003"},
	} {
		t.Run(test.file, func(t *testing.T) {
			got := x.run(test.line)
			require.Equal(t, exitDone, got.code, got.err)
			require.Empty(t, got.err)
			golden(t, test.file, got.out)
		})
	}
}

func TestReadingNeedsNeitherTemporalNorAWorker(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	x.world.courier = nil
	x.world.env = x.world.env.With("TEMPORAL_ADDRESS", "127.0.0.1:1")
	for _, line := range []string{"loan list", "loan show L-1001", "loan explain L-1001"} {
		require.Equal(t, exitDone, x.run(line).code, line)
	}
}

func TestEveryReadingCommandWritesJSON(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, into := range map[string]any{
		"loan list": &[]struct {
			ID      string `json:"id"`
			PastDue string `json:"past_due"`
		}{},
		"loan show L-1001":    &struct{ Entries []map[string]any }{},
		"loan explain L-1001": &struct{ Decision map[string]any }{},
		"version":             &build{},
	} {
		got := x.run(line + " -o json")
		require.Equal(t, exitDone, got.code, got.err)
		decoder := json.NewDecoder(strings.NewReader(got.out))
		require.NoError(t, decoder.Decode(into), line)
		require.False(t, decoder.More(), "%s wrote more than one value", line)
	}
}

func TestColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.NotContains(t, x.run("loan show L-1001").out, "\x1b[")
	x.world.terminal = true
	coloured := x.run("loan list").out
	require.Contains(t, coloured, "\x1b[33mearly_arrears\x1b[39m")
	x.world.env = x.world.env.With("NO_COLOR", "1")
	plain := x.run("loan list").out
	require.NotContains(t, plain, "\x1b[")
	require.Equal(t, plain, strip(coloured), "a coloured table is aligned as a plain one")
}

// strip takes the colours out of a text.
func strip(text string) string {
	for {
		from := strings.Index(text, "\x1b[")
		if from < 0 {
			return text
		}
		text = text[:from] + text[from+strings.IndexByte(text[from:], 'm')+1:]
	}
}

func TestALongListSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	first := x.run("loan list --limit 2")
	require.Equal(t, "There may be more: --after L-1002\n", first.err)
	require.Contains(t, x.run("loan list --limit 2 --after L-1002").out, "L-1003")
}

func TestAWrongCommandLineSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, says := range map[string]string{
		"loan lost":                               `there is no command "lost"; did you mean list?`,
		"frobnicate":                              `there is no command "frobnicate"; use one of`,
		"loan show":                               "LOAN is missing; for example:\n  tender loan show L-1001\nSee tender loan show --help.",
		"loan show L-1 L-2":                       `"L-2" is one argument too many`,
		"loan list --stage lost":                  `invalid argument "lost" for "--stage" flag: unknown stage "lost"; use one of welcome`,
		"loan list --past-due x":                  `--past-due "x": must be a whole number`,
		"demo --day foo":                          `--day "foo": must be a duration, such as 2s or 4s`,
		"loan list --past-due -1":                 "--past-due -1: give a number of days, 0 or more",
		"loan list --limit 0":                     "--limit 0: give a number from 1 to 10000",
		"loan list --colour":                      "unknown flag: --colour\nSee tender loan list --help.",
		"loan list -o yaml":                       `invalid argument "yaml" for "-o, --output" flag: must be text or json`,
		"loan pay L-1001":                         "AMOUNT is missing",
		"loan pay L-1001 much":                    `AMOUNT "much" is no amount in plain digits; write such as 125.00`,
		"loan pay L-1001 1e3":                     `AMOUNT "1e3" is no amount in plain digits`,
		"loan pay L-1001 +5":                      `AMOUNT "+5" is no amount in plain digits`,
		"loan pay L-1001 .5":                      `AMOUNT ".5" is no amount in plain digits`,
		"loan pay L-1001 0.00":                    `AMOUNT "0.00" must be positive`,
		"loan pay L-1001 -5":                      `AMOUNT "-5" must be positive`,
		"loan pay L-1001 -0.50":                   `AMOUNT "-0.50" must be positive`,
		"loan pay L-1001 -- -5":                   `AMOUNT "-5" must be positive`,
		"loan pay L-1001 -x":                      "unknown shorthand flag: 'x' in -x",
		"loan list --bucket bogus":                `--bucket: unknown bucket "bogus"; use one of current, 1-29, 30-59, 60-89, 90-119, 120-149, 150-179, 180+`,
		"loan pay L-1001 5 --value-date tomorrow": `"tomorrow" is no date; write it as 2026-01-31`,
		"loan hold L-1001":                        "--reason is missing; for example:\n  tender loan hold",
		"loan hold L-1001 --reason tired":         `unknown hold "tired"; use one of bankruptcy_stay`,
		"loan release L-1001":                     "HOLD is missing",
		"hold place --kind recall":                "nobody is named; say --region, --borrower or --loan",
		"hold place --loan L-1001":                "--kind is missing",
		"hold place --loan L-1001 --borrower B-1 --kind paid": "exclude each other",
		"hold place --region us --point mobile --kind paid":   "--point cannot be named for a region",
		"hold place --region us --kind paid --rate 0":         "--rate 0: give a number from 1 to 1000",
		"hold place --loan L-1001 --kind paid --from noon":    `"noon" is neither a date such as 2026-01-31 nor a time`,
		"hold release":                     "HOLD is missing",
		"hold list --loan L-1 --region us": "exclude each other",
		"halt":                             "--reason is missing",
		"halt lisst":                       `there is no command "lisst"; did you mean list?`,
		"halt --reason x --channel pigeon": `unknown channel "pigeon"; use one of call`,
		"resume":                           "HALT is missing; name one as tender halt list shows it, or say --all",
		"resume H-1 --all":                 "HALT and --all exclude each other",
		"event send":                       "--file is missing; name a file, or - for standard input",
		"loan disburse":                    "--file is missing",
		"doctor --only teeth":              `unknown part "teeth"; use one of postgres`,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := x.run(line)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Contains(t, got.err, says)
			require.Contains(t, got.err, "--help.")
			require.Empty(t, got.out)
		})
	}
}

func TestEachCommandIsThereOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range (&app{}).root().Commands() {
		require.False(t, seen[c.Name()], c.Name())
		seen[c.Name()] = true
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	for line, says := range map[string]string{
		"loan show L-9":                                         "loan L-9 is not known; tender loan list shows those that are",
		"loan explain L-9":                                      "loan L-9 is not known",
		"loan pay L-9 5":                                        "loan L-9 is not known",
		"loan hold L-9 --reason recall":                         "loan L-9 is not known",
		"loan release L-1002 H-7":                               "loan L-1002 has no hold H-7; it has H-1 (breathing_space)",
		"loan release L-1001 H-7":                               "it has none",
		"event send -f no/such/file.json":                       "there is no file no/such/file.json",
		"loan disburse -f no/such/file.json":                    "there is no file no/such/file.json",
		"hold place --loan L-9 --kind paid":                     "loan L-9 is not known",
		"hold place --borrower B-9 --kind paid":                 "borrower B-9 is not known",
		"hold place --region uk --kind disaster_or_bereavement": "unknown region uk: no borrower lives there; borrowers live in cn, us",
		"hold list --borrower B-9":                              "borrower B-9 is not known",
		"hold release H-9":                                      "there is no hold H-9; tender hold list shows those that there are",
		"halt --jurisdiction uk --reason x":                     "unknown region uk",
		"resume H-9":                                            "unknown halt H-9",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := x.run(line)
			require.Equal(t, exitNotFound, got.code, got.err)
			require.Contains(t, got.err, says)
			require.Empty(t, got.out)
		})
	}
}

func TestAServerThatIsAwayIsAFailureWithAnAddressAndARemedy(t *testing.T) {
	t.Parallel()
	port, err := devstack.FreePort()
	require.NoError(t, err)
	x := onDatabase(t, "postgres://kim:secret@127.0.0.1:"+itoa(port)+"/loans")
	got := x.run("loan list")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "tender: Postgres cannot be reached at 127.0.0.1:"+itoa(port)+"/loans")
	require.Contains(t, got.err, "DATABASE_URL")
	require.NotContains(t, got.err, "secret")
}

func TestAnEmptyDatabaseIsToBeMigrated(t *testing.T) {
	t.Parallel()
	x := onDatabase(t, devstacktest.Postgres(t))
	got := x.run("loan list")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "run `tender migrate` first")

	first := x.run("migrate")
	require.Equal(t, exitDone, first.code, first.err)
	require.Contains(t, first.out, "it was empty")
	again := x.run("migrate")
	require.Equal(t, exitDone, again.code, again.err)
	require.Contains(t, again.out, "as before")
	require.Equal(t, "No loan fits.\n", x.run("loan list").out)
}

func TestADatabaseOnAnotherClockIsMigratedAndKeepsIt(t *testing.T) {
	t.Parallel()
	x := newTerminal(t)
	require.Equal(t, exitDone, x.run("migrate").code)
	require.Contains(t, x.run("loan list --past-due 9").out, "L-1001", "it still is February 2026")
}
