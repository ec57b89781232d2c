// Package settings is how an installation is told where its parts are: Temporal by Temporal's own variables and
// profiles, Postgres by Postgres', and the rest by TENDER_*. Every variable stands once, in [Variables]; from there come
// the defaults, the command line flags and docs/settings.md.
package settings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/closed"
	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/compliance"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store"
)

// Settings are the settings of one process.
type Settings struct {
	// Temporal says where Temporal is and how to speak to it. Callers add a logger, or use [Settings.DialTemporal].
	Temporal client.Options
	// DatabaseURL names the database; empty means the PG* variables of this process.
	DatabaseURL string

	// Listen is the address on which the gateway listens: host and port.
	Listen string
	// APIKey is the bearer key of the gateway; empty means none, which is refused on anything but loopback.
	APIKey string
	// LenderURL is where the lending system takes what it is told, by POST; empty means that notices are kept in Postgres.
	LenderURL string
	// LenderName is the name by which borrowers know the lender.
	LenderName string
	// Help says to a borrower how to reach a person; it completes "If you need help, ...". Empty means what the catalogue of
	// messages says, by channel and language.
	Help string

	// Rulebooks, Strategies, Products (plans in hardship) and Messages are folders of YAML beside what comes with Tender; empty
	// means none.
	Rulebooks, Strategies, Products, Messages string
	// Strategy is the name of the strategy of loans whose disbursement names none.
	Strategy string
	// Party is whose loans are collected; empty means that rules for every party bind.
	Party compliance.Party

	// Classifier understands replies in place of the rules; nil when none is set.
	Classifier *classify.Classifier

	// Rates are how many messages all workers together may send in a second; a channel that is not named has no limit.
	Rates map[contact.Channel]float64

	// Dir is where `tender dev` keeps its data.
	Dir string

	// Log is where a process logs. Connections made by this package log warnings there, and nothing below.
	Log *slog.Logger

	// regimes are those beneath Rulebooks with those that come with Tender; nil where no folder is named.
	regimes *complaint.Library
	env     Environ
}

// Load reads the settings from an environment. Its errors name the variable and say what to do; they repeat no secret.
func Load(env Environ) (Settings, error) {
	s := Settings{
		DatabaseURL: env.Get("DATABASE_URL"),
		Listen:      env.get("TENDER_LISTEN"),
		APIKey:      env.get("TENDER_API_KEY"),
		LenderURL:   env.get("TENDER_LENDER_URL"),
		LenderName:  env.get("TENDER_LENDER_NAME"),
		Help:        env.get("TENDER_HELP"),
		Rulebooks:   env.get("TENDER_RULEBOOKS"),
		Strategies:  env.get("TENDER_STRATEGIES"),
		Products:    env.get("TENDER_PRODUCTS"),
		Messages:    env.get("TENDER_MESSAGES"),
		Strategy:    env.get("TENDER_STRATEGY"),
		Dir:         env.get("TENDER_DIR"),
		env:         env,
	}
	return s, errors.Join(s.readTemporal(), s.readLog(), s.readParty(), s.readRates(), s.checkListen(), s.checkLender(), s.checkDirs(), s.readRegimes(), s.readClassifier())
}

// Getenv returns the value of a variable, for parts that read settings of their own, such as channel.Configure.
func (s Settings) Getenv(name string) string { return s.env.get(name) }

func (s *Settings) readTemporal() (err error) {
	s.Temporal, err = envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: s.env})
	if err != nil {
		return fmt.Errorf("temporal: %w; check the TEMPORAL_* variables and the profile in TEMPORAL_CONFIG_FILE", err)
	}
	if s.Temporal.HostPort == "" {
		s.Temporal.HostPort = fallback("TEMPORAL_ADDRESS")
	}
	if s.Temporal.Namespace == "" {
		s.Temporal.Namespace = fallback("TEMPORAL_NAMESPACE")
	}
	return nil
}

func (s *Settings) readLog() error {
	var level slog.Level
	s.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := level.UnmarshalText([]byte(s.env.get("TENDER_LOG"))); err != nil {
		return fmt.Errorf("TENDER_LOG: %q is no level; use debug, info, warn or error", s.env.get("TENDER_LOG"))
	}
	s.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return nil
}

func (s *Settings) readParty() error {
	text := s.env.get("TENDER_PARTY")
	if text == "" {
		return nil
	}
	if err := s.Party.UnmarshalText([]byte(text)); err != nil {
		return fmt.Errorf("TENDER_PARTY: %w", err)
	}
	return nil
}

func (s *Settings) readRates() error {
	s.Rates = map[contact.Channel]float64{}
	text := s.env.get("TENDER_RATES")
	if text == "" {
		return nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		word, number, _ := strings.Cut(strings.TrimSpace(pair), "=")
		c, err := closed.Parse("channel", contact.Channels, word)
		if err != nil {
			return fmt.Errorf("TENDER_RATES: %w", err)
		}
		rate, err := strconv.ParseFloat(number, 64)
		if err != nil || !(rate > 0 && rate <= 1e6) {
			return fmt.Errorf("TENDER_RATES: %q is no number of messages a second for %s; write such as %s=5", number, c, c)
		}
		s.Rates[c] = rate
	}
	return nil
}

// Regimes set the clocks of complaints: those that come with Tender, which are read when they are first asked for, and those beneath
// Rulebooks.
func (s Settings) Regimes() *complaint.Library {
	if s.regimes == nil {
		return intake.ShippedRegimes()
	}
	return s.regimes
}

func (s *Settings) readRegimes() (err error) {
	if s.Rulebooks == "" {
		return nil // most commands need none
	}
	if s.regimes, err = intake.Regimes(s.Rulebooks); err != nil {
		return fmt.Errorf("TENDER_RULEBOOKS: %w", err)
	}
	return nil
}

func (s *Settings) readClassifier() (err error) {
	address := s.env.get("TENDER_CLASSIFIER_URL")
	if address == "" {
		return nil
	}
	timeout, err := time.ParseDuration(s.env.get("TENDER_CLASSIFIER_TIMEOUT"))
	if err != nil || timeout <= 0 || timeout > classify.MostTimeout {
		return fmt.Errorf("TENDER_CLASSIFIER_TIMEOUT: %q is no time up to %s; write such as 2s", s.env.get("TENDER_CLASSIFIER_TIMEOUT"), classify.MostTimeout)
	}
	s.Classifier, err = classify.New(classify.Options{URL: address, Token: s.env.get("TENDER_CLASSIFIER_TOKEN"), Timeout: timeout})
	if err != nil {
		return fmt.Errorf("TENDER_CLASSIFIER_URL: %w", err)
	}
	return nil
}

// Door is how this installation's door works.
func (s Settings) Door() intake.Options {
	options := intake.Options{Log: s.Log, Regimes: s.regimes}
	if s.Classifier != nil {
		options.Classifier = s.Classifier
	}
	return options
}

func (s *Settings) checkListen() error {
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("TENDER_LISTEN: %q is no host and port; write such as 127.0.0.1:8080", s.Listen)
	}
	return nil
}

func (s *Settings) checkLender() error {
	if s.LenderURL == "" {
		return nil
	}
	if u, err := url.Parse(s.LenderURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("TENDER_LENDER_URL: is no web address; write such as https://lending.example.com/notices")
	}
	return nil
}

func (s *Settings) checkDirs() error {
	for name, dir := range map[string]string{
		"TENDER_RULEBOOKS": s.Rulebooks, "TENDER_STRATEGIES": s.Strategies, "TENDER_PRODUCTS": s.Products, "TENDER_MESSAGES": s.Messages,
	} {
		if dir == "" {
			continue
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: %s is no folder; name one that holds *.yaml, or leave it empty", name, dir)
		}
	}
	return nil
}

// dialWithin bounds the first connection to a server: a person is waiting.
const dialWithin = 10 * time.Second

// DialTemporal connects to Temporal. The error says which address did not answer, and what to do.
func (s Settings) DialTemporal(ctx context.Context) (client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	c, err := client.DialContext(ctx, s.temporal())
	if err != nil {
		return nil, s.temporalAway(err)
	}
	return c, nil
}

// LazyTemporal returns a client that connects when it is first used: for those who have something to do, such as to
// keep an event, although Temporal may be away.
func (s Settings) LazyTemporal() (client.Client, error) {
	c, err := client.NewLazyClient(s.temporal())
	if err != nil {
		return nil, s.temporalAway(err)
	}
	return c, nil
}

func (s Settings) temporal() client.Options {
	options := s.Temporal
	if options.Logger == nil {
		options.Logger = log.NewStructuredLogger(slog.New(warnings{s.Log.Handler()}))
	}
	return options
}

func (s Settings) temporalAway(err error) error {
	return &Unreachable{
		What: "Temporal", Address: s.Temporal.HostPort, Cause: err,
		Remedy: "start it (`tender dev` does), or say where it is with TEMPORAL_ADDRESS or a profile",
	}
}

// OpenStore connects to Postgres. The error says which address did not answer, and what to do.
func (s Settings) OpenStore(ctx context.Context, options ...store.Option) (*store.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	opened, err := store.Open(ctx, s.DatabaseURL, options...)
	return opened, s.PostgresAway(err)
}

// PostgresAway returns an error of the store as it is, or, if it says that Postgres does not answer, as one that says at
// which address, and what to do.
func (s Settings) PostgresAway(err error) error {
	if err == nil || !store.Unavailable(err) {
		return err
	}
	return &Unreachable{
		What: "Postgres", Address: s.DatabaseAddress(), Cause: err,
		Remedy: "start it (`tender dev` does), or say where it is with DATABASE_URL or PGHOST",
	}
}

// DatabaseAddress names the database for a person: host, port and database, without user and password.
func (s Settings) DatabaseAddress() string {
	config, err := pgxpool.ParseConfig(s.DatabaseURL)
	if err != nil {
		return "an address that cannot be read"
	}
	host := config.ConnConfig.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(config.ConnConfig.Port)))
	}
	return host + "/" + config.ConnConfig.Database
}

// Unreachable is the error for a server that does not answer.
type Unreachable struct {
	// What is the server, Address where it was looked for, Remedy what a person can do.
	What, Address, Remedy string
	Cause                 error
}

// Error says all of it in one line.
func (e *Unreachable) Error() string {
	return fmt.Sprintf("%s cannot be reached at %s (%s); %s", e.What, e.Address, reason(e.Cause), e.Remedy)
}

// Unwrap returns the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }

// reason shortens what drivers say to what a person needs: their own wording repeats the address, once per attempt.
func reason(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return "no such host"
	case errors.As(err, &op):
		return op.Err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	text := err.Error()
	if n := strings.LastIndex(text, ": "); n >= 0 {
		text = text[n+2:]
	}
	return strings.Trim(text, `"`)
}

// warnings lets only warnings and errors through.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// Environ is an environment as [os.Environ] returns it: NAME=value each. Where a name stands twice, the last counts, so
// that flags and a running stack can be laid over the environment of the process.
type Environ []string

var _ envconfig.EnvLookup = Environ(nil)

// Environ implements [envconfig.EnvLookup].
func (e Environ) Environ() []string { return e }

// LookupEnv implements [envconfig.EnvLookup]. A variable that is set to nothing is as if it were not set.
func (e Environ) LookupEnv(name string) (string, bool) {
	value := e.Get(name)
	return value, value != ""
}

// Get returns the value of a variable, or nothing.
func (e Environ) Get(name string) string {
	for _, entry := range slices.Backward(e) {
		if there, value, _ := strings.Cut(entry, "="); there == name {
			return value
		}
	}
	return ""
}

// get returns the value of a variable, or its default.
func (e Environ) get(name string) string {
	if value := e.Get(name); value != "" {
		return value
	}
	return fallback(name)
}

// With returns the environment with a variable set.
func (e Environ) With(name, value string) Environ {
	return append(slices.Clip(e), name+"="+value)
}

// Without returns the environment without the variables whose names begin with a prefix.
func (e Environ) Without(prefix string) Environ {
	return slices.DeleteFunc(slices.Clone(e), func(entry string) bool { return strings.HasPrefix(entry, prefix) })
}

// Set reports whether any of some variables has a value.
func (e Environ) Set(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return e.Get(name) != "" })
}
