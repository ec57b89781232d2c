package gateway

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tender-engine/tender/internal/classify"
	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/store"
)

// metrics are what the gateway counts. Labels are words from closed sets: no ids.
type metrics struct {
	events   *prometheus.CounterVec
	requests *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(s *store.Store, c *classify.Client) *metrics {
	m := &metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tender_events_total", Help: "Events that came in, by type and by the HTTP status each was answered with.",
		}, []string{"type", "status"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tender_http_request_seconds", Help: "How long requests took, by route, method and status.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"route", "method", "status"}),
	}
	// Series exist before the first event, so that a rate over them misses none.
	for _, kind := range event.Types() {
		m.events.WithLabelValues(string(kind), strconv.Itoa(http.StatusAccepted))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.events, m.requests, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), waiting{s})
	if c != nil {
		registry.MustRegister(asked{c})
	}
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

func (m *metrics) serve(w http.ResponseWriter, q *http.Request) error {
	m.handler.ServeHTTP(w, q)
	return nil
}

// invalid stands for every type that there is not: callers must not be able to make up labels.
const invalid = "invalid"

func (m *metrics) event(kind string, status int) {
	if !slices.Contains(event.Types(), event.Type(kind)) {
		kind = invalid
	}
	m.events.WithLabelValues(kind, strconv.Itoa(status)).Inc()
}

func (m *metrics) request(route, method string, status int, took time.Duration) {
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodHead}, method) {
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// waiting counts, when it is asked, the events that no journey was told of yet. Without Postgres it says nothing.
type waiting struct{ store *store.Store }

var waitingDesc = prometheus.NewDesc("tender_events_waiting", "Events that are stored and were not yet handed to their journeys; more than a few, or for long, means that Temporal or the workers are away.", nil, nil)

// Describe implements [prometheus.Collector].
func (waiting) Describe(to chan<- *prometheus.Desc) { to <- waitingDesc }

// Collect implements [prometheus.Collector].
func (c waiting) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if n, err := c.store.CountUndelivered(ctx); err == nil {
		to <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(n))
	}
}

// asked counts what became of questions to the classifier.
type asked struct{ classifier *classify.Client }

var askedDesc = prometheus.NewDesc("tender_classifier_questions_total", "Replies about which the classifier was to be asked, by what came of it: answered, or why the rules had to understand the reply.", []string{"outcome"}, nil)

// Describe implements [prometheus.Collector].
func (asked) Describe(to chan<- *prometheus.Desc) { to <- askedDesc }

// Collect implements [prometheus.Collector].
func (a asked) Collect(to chan<- prometheus.Metric) {
	for failed, n := range a.classifier.Tally() {
		to <- prometheus.MustNewConstMetric(askedDesc, prometheus.CounterValue, float64(n), cmp.Or(string(failed), "answered"))
	}
}
