// Package gateway is Tender over HTTP: events come in, and what Postgres knows of loans goes out. It decides nothing; it
// turns what the door (package intake) says into a status, as RFC 9457 problem details where it says no.
package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tender-engine/tender/internal/complaint"
	"github.com/tender-engine/tender/internal/intake"
	"github.com/tender-engine/tender/internal/store"
)

// Config says what the gateway stands on. Door and Store are required.
type Config struct {
	// Door takes the events.
	Door *intake.Door
	// Store is read for lists, and asked whether Postgres answers.
	Store *store.Store
	// Regimes say what the deadlines of complaints are called. Default: those that come with Tender.
	Regimes *complaint.Library
	// Temporal reports whether Temporal answers. Default: nobody asks.
	Temporal func(context.Context) error
	// APIKey is the bearer token that callers must show. Default: none, and then the gateway serves this machine only.
	APIKey string
	// Twilio says how to know Twilio's reports on SMS. Default: none are taken.
	Twilio Twilio
	// Log is told of what went wrong, without ids of borrowers and without anything they said. Default: nobody is told.
	Log *slog.Logger

	// Listen is host and port to listen on. Default: 127.0.0.1:8080.
	Listen string
	// Listening is told the address once the gateway listens. Default: nobody is told.
	Listening func(net.Addr)
	// Grace is how long requests may take to finish when the gateway is told to stop. Default: 20 s.
	Grace time.Duration
}

// The bounds of a request.
const (
	// maxBody is the largest body, in bytes.
	maxBody = 1 << 20
	// maxBatch is the largest number of events in a batch.
	maxBatch = 500
	// within is how long one request may take, wall time; a batch of 500 takes a few seconds.
	within = 60 * time.Second
)

type gateway struct {
	Config
	key     [sha256.Size]byte
	metrics *metrics
}

// route is one thing that can be asked of the gateway.
type route struct {
	method, path string
	// open is set when no API key is needed: for probes, for the description of the interface, and where another signs.
	open bool
	do   func(http.ResponseWriter, *http.Request) error
}

func (g *gateway) routes() []route {
	return []route{
		{"POST", "/v1/events", false, g.takeEvents},
		{"GET", "/v1/loans", false, g.listLoans},
		{"GET", "/v1/loans/{id}", false, g.showLoan},
		{"GET", "/v1/applications/{id}", false, g.showApplication},
		{"GET", "/v1/complaints", false, g.listComplaints},
		{"GET", "/v1/complaints/{id}", false, g.showComplaint},
		{"POST", "/v1/callbacks/twilio", true, g.twilio}, // Twilio signs instead
		{"GET", "/healthz", true, g.healthy},
		{"GET", "/readyz", true, g.ready},
		{"GET", "/metrics", false, g.metrics.serve},
		{"GET", "/openapi.json", true, describe},
	}
}

// New returns the gateway's handler.
func New(c Config) http.Handler {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Regimes == nil {
		c.Regimes = intake.ShippedRegimes()
	}
	g := &gateway{Config: c, key: sha256.Sum256([]byte(c.APIKey)), metrics: newMetrics(c.Store)}
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range g.routes() {
		mux.Handle(r.method+" "+r.path, g.serve(r))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		mux.Handle(path, g.serve(route{path: path, do: func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			return &problem{Status: http.StatusMethodNotAllowed, Type: "method-not-allowed", Title: "This method is not served here", Detail: "use " + strings.Join(allowed, " or ")}
		}}))
	}
	mux.Handle("/", g.serve(route{path: "other", do: func(http.ResponseWriter, *http.Request) error {
		return &problem{Status: http.StatusNotFound, Type: "not-found", Title: "There is nothing here", Detail: "GET /openapi.json says what is served"}
	}}))
	return mux
}

// serve wraps a route in what all have in common: the key, the bounds, the measurement, the answer to an error.
func (g *gateway) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		began := time.Now()
		answer := &recorder{ResponseWriter: w}
		defer func() {
			if fault := recover(); fault != nil { // its value may quote what came in
				g.Log.ErrorContext(q.Context(), "a request panicked", "route", r.path, "kind", fmt.Sprintf("%T", fault))
				writeProblem(answer, internal())
			}
			g.metrics.request(r.path, q.Method, answer.status, time.Since(began))
		}()
		// What was sent is taken to its end, also when the sender hangs up.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(q.Context()), within)
		defer cancel()
		q = q.WithContext(ctx)
		q.Body = http.MaxBytesReader(answer, q.Body, maxBody)
		err := g.admit(r, q)
		if err == nil {
			err = r.do(answer, q)
		}
		if err == nil {
			return
		}
		p := asProblem(err)
		if p.Status == http.StatusInternalServerError {
			g.Log.ErrorContext(ctx, "a request failed", "route", r.path, "error", harmless(err))
		}
		writeProblem(answer, p)
	})
}

// admit checks the API key. Without one the gateway is for this machine, and for whoever calls it by a name of this
// machine: a page in a browser that had its own name point here would not.
func (g *gateway) admit(r route, q *http.Request) error {
	if r.open {
		return nil
	}
	if g.APIKey == "" {
		if host, _, err := net.SplitHostPort(q.Host); err == nil && isLoopback(host) || isLoopback(q.Host) {
			return nil
		}
		return &problem{Status: http.StatusForbidden, Type: "forbidden", Title: "Only this machine may call", Detail: "call the gateway by its address on this machine, or set an API key"}
	}
	scheme, shown, _ := strings.Cut(q.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(shown)))
	if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(sum[:], g.key[:]) != 1 {
		return &problem{Status: http.StatusUnauthorized, Type: "unauthorized", Title: "The API key is missing or wrong", Detail: "send the header Authorization: Bearer <API key>"}
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// Serve listens, serves and sweeps (see [intake.Door.Sweep]) until the context ends; then it lets requests finish. It
// refuses to listen to other machines without an API key.
func Serve(ctx context.Context, c Config) error {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
	}
	if c.Grace <= 0 {
		c.Grace = 20 * time.Second
	}
	at, err := net.ResolveTCPAddr("tcp", c.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("gateway: %q is no host and port to listen on, such as 127.0.0.1:8080", c.Listen)
	case !at.IP.IsLoopback() && c.APIKey == "":
		return fmt.Errorf("gateway: %s can be reached from other machines, so it needs an API key: set one, or listen on 127.0.0.1:%d", c.Listen, at.Port)
	}
	listener, err := net.ListenTCP("tcp", at)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("gateway: %s is taken by another process; stop that, or listen on another port", c.Listen)
	}
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	server := &http.Server{
		Handler:           New(c),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      within + 30*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it quotes what clients sent
	}
	if c.Listening != nil {
		c.Listening(listener.Addr())
	}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return c.Door.Sweep(running) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("gateway: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-running.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Grace)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			return errors.Join(fmt.Errorf("gateway: requests did not finish within %s", c.Grace), server.Close())
		}
		return nil
	})
	return group.Wait()
}
