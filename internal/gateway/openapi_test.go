package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/event"
	"github.com/tender-engine/tender/internal/gateway"
)

func description(t testing.TB, s *site) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.get("/openapi.json").body))
	require.NoError(t, err)
	return doc
}

func TestDescriptionIsValidAndComplete(t *testing.T) {
	s := newSite(t)
	doc := description(t, s)
	require.NoError(t, doc.Validate(t.Context()))
	routes := []string{}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			routes = append(routes, method+" "+path)
		}
	}
	assert.ElementsMatch(t, gateway.Routes(), routes)
	mapping := doc.Components.Schemas["Event"].Value.Discriminator.Mapping
	assert.Len(t, mapping, len(event.Types()))
	for _, kind := range event.Types() {
		assert.Contains(t, mapping, string(kind))
	}
	assert.Contains(t, s.get("/openapi.json").body, `"x-personal":true`)
}

// TestDescriptionSaysWhatIsServed holds requests and answers of every kind against the description.
func TestDescriptionSaysWhatIsServed(t *testing.T) {
	s := newSite(t)
	doc := description(t, s)
	doc.Servers = openapi3.Servers{{URL: s.server.URL}}
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	openapi3filter.RegisterBodyDecoder("application/cloudevents-batch+json", openapi3filter.JSONBodyDecoder)
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}

	check := func(method, path, media, body string, status int, valid bool) {
		t.Helper()
		q := httptest.NewRequest(method, s.server.URL+path, strings.NewReader(body))
		q.Header.Set("Content-Type", media)
		route, params, err := router.FindRoute(q)
		require.NoError(t, err)
		input := &openapi3filter.RequestValidationInput{Request: q, PathParams: params, Route: route, Options: options}
		err = openapi3filter.ValidateRequest(t.Context(), input)
		assert.Equal(t, valid, err == nil, "%s %s: %v", method, path, err)
		a := s.do(method, path, media, body)
		require.Equal(t, status, a.status, a.body)
		assert.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: a.status, Header: http.Header(a.header), Body: io.NopCloser(strings.NewReader(a.body)), Options: options,
		}), "%s %s", method, path)
	}
	one, many := "application/cloudevents+json", "application/cloudevents-batch+json"
	check("POST", "/v1/events", one, example(t, event.LoanDisbursed), 202, true)
	for _, kind := range event.Types() {
		switch kind {
		case event.ApprovalGranted, event.ApprovalRefused, event.CallCompleted, event.TaskExpired, event.MessageDelivered, event.MessageFailed:
			check("POST", "/v1/events", one, example(t, kind), 404, true)
		default:
			check("POST", "/v1/events", one, example(t, kind), 202, true)
		}
	}
	check("POST", "/v1/events", one, example(t, event.LoanSettled, `"on"`, `"canary"`), 400, false)
	check("POST", "/v1/events", one, example(t, event.LoanSettled, "loan/L-1001", "borrower/B-1001"), 400, false)
	check("POST", "/v1/events", one, example(t, event.PaymentPosted, "106.25", "1.00"), 409, true)
	check("POST", "/v1/events", many, "["+example(t, event.PaymentPosted)+","+example(t, event.PaymentPosted, "106.25", "1.00")+"]", 207, true)
	check("GET", "/v1/loans?stage=welcome&limit=5", "", "", 200, true)
	check("GET", "/v1/loans?limit=0", "", "", 400, false)
	check("GET", "/v1/loans/L-1001", "", "", 200, true)
	check("GET", "/v1/loans/L-9", "", "", 404, true)
	check("GET", "/v1/applications/A-2001", "", "", 200, true)
	check("GET", "/v1/applications/A-9", "", "", 404, true)
	check("GET", "/v1/complaints?due=true&all=true&limit=5", "", "", 200, true)
	check("GET", "/v1/complaints?kind=weather", "", "", 400, false)
	check("GET", "/v1/complaints/CP-4", "", "", 200, true)
	check("GET", "/v1/complaints/CP-9", "", "", 404, true)
	check("GET", "/readyz", "", "", 200, true)
	s.courier.set(func(c *courier) { c.away = true })
	check("POST", "/v1/events", one, example(t, event.PaymentPosted, "payment-posted-1", "x"), 503, true)
}
