package activities_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/contact"
)

// A lending system that cannot be told yet is told later, once, under the same key.
func TestANoticeThatWasKeptIsDeliveredOnceThereIsAnAddress(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	order := o.order("B-1", "L-1", "charge-off@2026-01-12", contact.SMS)
	order.Step.Reason, order.Step.Fill = "charge_off", map[string]string{"past_due": "100.00", "currency": "USD"}
	kept, err := (&activities.Lending{Store: o.store}).TellLender(t.Context(), order)
	require.NoError(t, err)
	require.Equal(t, []string{"told", activities.Kept}, []string{string(kept.Result), kept.Code}, "nobody is said to know what nobody was told")
	var heard []cloudevents.Event
	status := http.StatusServiceUnavailable
	lender := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := cloudevents.New()
		if json.NewDecoder(r.Body).Decode(&e) == nil && status < 300 {
			heard = append(heard, e)
		}
		w.WriteHeader(status)
	}))
	defer lender.Close()
	lending := &activities.Lending{Store: o.store, URL: lender.URL}

	_, err = lending.DeliverKept(t.Context())
	require.ErrorContains(t, err, "lender_503")
	status = http.StatusNoContent
	delivered, err := lending.DeliverKept(t.Context())

	require.NoError(t, err)
	require.Equal(t, 1, delivered)
	require.Equal(t, []string{kept.Contact, "tender.charge_off", "loan/L-1"}, []string{heard[0].ID(), heard[0].Type(), heard[0].Subject()})
	require.JSONEq(t, `{"past_due": "100.00", "currency": "USD"}`, string(heard[0].Data()))
	delivered, err = lending.DeliverKept(t.Context())
	require.NoError(t, err)
	require.Zero(t, delivered)
}
