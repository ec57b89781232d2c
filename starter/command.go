package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tender-engine/tender/internal/bizclock"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/courier"
	"github.com/tender-engine/tender/internal/devstack"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/settings"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// world is all that a command touches besides the servers, so that tests run commands in process.
type world struct {
	in       io.Reader
	out, err io.Writer
	env      settings.Environ
	// user is the user of the operating system.
	user string
	// terminal is set when out is one.
	terminal bool
	// courier makes what hands events to journeys, if not Temporal.
	courier func(*store.Store) intake.Courier
	// sweep is what sweeps journeys, if not Temporal.
	sweep func(sqlc.Sweep) courier.Sweep
}

// app is one call of the command.
type app struct {
	world
	output format
	as     string
	// ran is set once a command was found and its flags and arguments were right.
	ran bool
}

// run runs a command line and returns its exit code.
func run(ctx context.Context, w world, args []string) int {
	a := &app{world: w, output: textFormat}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	command, err := root.ExecuteContextC(ctx)
	return a.finish(command, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "tender",
		Short: "Collect loans gently, with one durable journey per loan",
		Long: `Tender accompanies each loan from the day it is disbursed to the day it is settled.

Commands that read (loan list, loan show, loan explain) need Postgres alone. Commands that change something
go through the same door as the gateway, so they need Postgres and Temporal. See docs/settings.md for where
Tender looks for both; while tender dev runs, it looks there. Commands that compute (loan schedule, loan status,
hardship offers -f, score, compliance check) need neither. What can be offered to a loan is asked of its journey, which needs a worker too.

Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused.`,
		Example:       "  tender dev",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.VarP(&a.output, "output", "o", "how results are written: text or json")
	flags.StringVar(&a.as, "as", a.user, "who acts, for the record")
	for _, v := range settings.Variables {
		if v.Flag != "" && v.Name != listenVariable {
			a.variableFlag(flags, v)
		}
	}
	complete(root, "output", textFormat, jsonFormat)
	root.AddCommand(a.dev(), a.demo(), a.serve(), a.worker(), a.migrate(), a.doctor(), a.loan(), a.borrower(), a.applications(), a.tasks(),
		a.complaints(), a.hardship(), a.strategies(), a.rehearse(), a.score(), a.holds(), a.approvals(), a.halt(), a.resume(),
		a.message(), a.reply(), a.survey(), a.compliance(), a.rulebook(), a.audit(), a.event(), a.version())
	root.InitDefaultCompletionCmd()
	return root
}

// format is how results are written.
type format string

const (
	textFormat format = "text"
	jsonFormat format = "json"
)

// String, Set and Type implement [pflag.Value].
func (f *format) String() string { return string(*f) }

// Set refuses what is no format.
func (f *format) Set(text string) error {
	if format(text) != textFormat && format(text) != jsonFormat {
		return fmt.Errorf("must be text or json")
	}
	*f = format(text)
	return nil
}

// Type names the value in help texts.
func (f *format) Type() string { return "format" }

const listenVariable = "TENDER_LISTEN"

// variable is a flag that sets a variable of the environment.
type variable struct {
	app  *app
	name string
}

var _ pflag.Value = (*variable)(nil)

// String returns what the environment says; help texts show it as the default.
func (v *variable) String() string {
	if v.app == nil {
		return "" // pflag asks the zero value
	}
	return v.app.env.Get(v.name)
}

// Set lays a value over the environment.
func (v *variable) Set(value string) error {
	v.app.env = v.app.env.With(v.name, value)
	return nil
}

// Type names the value in help texts.
func (v *variable) Type() string { return "string" }

// variableFlag adds the flag of a variable.
func (a *app) variableFlag(flags *pflag.FlagSet, v settings.Variable) {
	// pflag takes what stands between backquotes for the name of the value.
	flags.Var(&variable{a, v.Name}, v.Flag, strings.ReplaceAll(v.Doc, "`", "")+" ("+v.Name+")")
}

// group is a noun: a command that has only commands below it.
func group(name, short string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Args: noCommand,
		Example: below[0].Example,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(below...)
	return c
}

// noCommand refuses a word where a command should stand, and says which one may have been meant.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	c.SuggestionsMinimumDistance = 2
	if close := c.SuggestionsFor(args[0]); len(close) > 0 {
		return misuse(c, "there is no command %q; did you mean %s?", args[0], strings.Join(close, " or "))
	}
	names := []string{}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			names = append(names, below.Name())
		}
	}
	return misuse(c, "there is no command %q; use one of %s", args[0], strings.Join(names, ", "))
}

// flagError says what is wrong with a flag: of those that the standard library reads, without its words for its own ends.
func flagError(c *cobra.Command, err error) error {
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		must := map[string]string{"int": "a whole number", "duration": "a duration, such as 2s or 4s", "bool": "true or false"}
		if what, plain := must[wrong.GetFlag().Value.Type()]; plain {
			return misuse(c, "--%s %q: must be %s", wrong.GetFlag().Name, wrong.GetValue(), what)
		}
	}
	return misuse(c, "%v", err)
}

// takes makes the check that a command is given just these arguments.
func takes(names ...string) cobra.PositionalArgs { return takesFirst(len(names), names...) }

// takesFirst makes the check that a command is given at least the first few of these arguments.
func takesFirst(least int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return misuse(c, "%s is missing; for example:\n%s", names[len(args)], c.Example)
		case len(args) > len(names):
			return misuse(c, "%q is one argument too many", args[len(names)])
		}
		return nil
	}
}

// does makes what a command runs. What fails before is a matter of usage.
func (a *app) does(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.ran = true
		return do(c.Context(), args)
	}
}

// complete tells shells the words that a flag may have.
func complete[T ~string](c *cobra.Command, flag string, words ...T) {
	_ = c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		all := make([]cobra.Completion, len(words))
		for n, word := range words {
			all[n] = cobra.Completion(word)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	})
}

// settings reads the settings. When nothing says where the servers are, and a stack of `tender dev` runs, they are there.
func (a *app) settings() (settings.Settings, error) {
	s, err := settings.Load(a.env)
	if err != nil {
		return s, err
	}
	if a.env.Set("DATABASE_URL", "PGHOST", "PGSERVICE", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE") {
		return s, nil
	}
	stack, err := devstack.ReadEnv(s.Dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return s, nil
	case err != nil:
		return s, fmt.Errorf("the stack in %s: %w", s.Dir, err)
	}
	env := onStack(a.env)
	for name, value := range stack {
		if a.env.Get(name) == "" {
			env = env.With(name, value)
		}
	}
	return settings.Load(env)
}

// onStack returns an environment without what is meant for another Temporal, a key or a certificate for example, in
// which no configuration file of the user is read.
func onStack(env settings.Environ) settings.Environ {
	return env.Without("TEMPORAL_").With("TEMPORAL_CONFIG_FILE", os.DevNull)
}

// open reads the settings and opens Postgres.
func (a *app) open(ctx context.Context) (settings.Settings, *store.Store, error) {
	s, err := a.settings()
	if err != nil {
		return s, nil, err
	}
	db, err := s.OpenStore(ctx)
	return s, db, err
}

// reading runs something that needs Postgres alone.
func (a *app) reading(ctx context.Context, do func(*store.Store) error) error {
	_, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(db)
}

// writing runs something that goes through the door. Temporal may be away: what an event forbids binds all the same.
func (a *app) writing(ctx context.Context, do func(*store.Store, *intake.Door) error) error {
	s, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if a.courier != nil {
		return do(db, intake.New(db, a.courier(db), quiet(s.Door())))
	}
	temporal, err := s.LazyTemporal()
	if err != nil {
		return err
	}
	defer temporal.Close()
	return do(db, intake.New(db, &courier.Courier{Temporal: temporal, Clock: db.Clock()}, quiet(s.Door())))
}

// quiet keeps a command's door from logging what the command itself says.
func quiet(o intake.Options) intake.Options {
	o.Log = nil
	return o
}

// style is how text is written to this terminal.
func (a *app) style() report.Style {
	return report.Style{Color: a.terminal && a.env.Get("NO_COLOR") == "" && a.env.Get("TERM") != "dumb"}
}

// print writes a result: as JSON, or as write does it in text.
func (a *app) print(result any, write func(io.Writer, report.Style) error) error {
	if a.output == jsonFormat {
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(result)
	}
	return write(a.out, a.style())
}

// actor is who acts.
func (a *app) actor() string { return cmp.Or(a.as, a.user) }

// word is a flag that takes a member of a closed set.
type word[T ~string] struct {
	to  *T
	set string
	all []T
}

// words adds a flag that takes a member of a closed set, and tells shells which there are.
func wordVar[T ~string](c *cobra.Command, to *T, flag, set string, all []T, usage string) {
	c.Flags().Var(&word[T]{to, set, all}, flag, usage+": "+closed.Join(all))
	complete(c, flag, all...)
}

// String, Set and Type implement [pflag.Value].
func (w *word[T]) String() string {
	if w.to == nil {
		return "" // pflag asks the zero value
	}
	return string(*w.to)
}

// Set refuses what is not in the set.
func (w *word[T]) Set(text string) (err error) {
	*w.to, err = closed.Parse(w.set, w.all, text)
	return err
}

// Type names the value in help texts.
func (w *word[T]) Type() string { return w.set }

// day is a flag that takes a date.
type day struct{ to *bizclock.Date }

// String, Set and Type implement [pflag.Value].
func (d day) String() string {
	if d.to == nil {
		return ""
	}
	return d.to.String()
}

// Set refuses what is no date.
func (d day) Set(text string) (err error) {
	*d.to, err = bizclock.ParseDate(text)
	return err
}

// Type names the value in help texts.
func (d day) Type() string { return "date" }
