package activities_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/activities"
	"github.com/tender-engine/tender/internal/journey"
)

// lendingSystem takes notices, unless it is down.
type lendingSystem struct {
	*httptest.Server
	mu    sync.Mutex
	down  bool
	heard []cloudevents.Event
}

func newLendingSystem(t *testing.T) *lendingSystem {
	l := &lendingSystem{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		var e cloudevents.Event
		if err := json.NewDecoder(r.Body).Decode(&e); err != nil || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if l.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		l.heard = append(l.heard, e)
	}))
	t.Cleanup(l.Close)
	return l
}

// chargeOff asks that the lending system be told that a loan is due to be charged off.
func chargeOff(pastDue string) journey.Order {
	return journey.Order{Loan: "L-1", Borrower: "B-1", Seq: 9, Hash: "0123456789abcdef", Step: journey.Step{
		Kind: journey.Tell, Key: "charge-off@2026-01-12", Reason: "charge_off", Activity: journey.TellLender, Queue: journey.Queue,
		Fill: map[string]string{"past_due": pastDue, "currency": "USD", "past_due_since": "2026-01-12"},
	}}
}

// notices returns the ids of the notices that were told, or not told.
func (o *office) notices(condition string) (keys []string) {
	o.Helper()
	rows, err := o.sql.Query(o.Context(), `select key from notices where `+condition)
	require.NoError(o, err)
	for rows.Next() {
		var key string
		require.NoError(o, rows.Scan(&key))
		keys = append(keys, key)
	}
	require.NoError(o, rows.Err())
	return keys
}

func TestANoticeThatNobodyTakesIsKeptAndToldOnceThereIsAnAddress(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	nowhere := &activities.Lending{Store: o.store}
	kept, err := nowhere.TellLender(o.Context(), chargeOff("100.00"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultKept, kept.Result, "nobody was told")
	require.True(t, kept.Result.Final(), "but the step is done")
	require.Equal(t, []string{kept.Contact}, o.notices("told_at is null"))
	told, failed, err := nowhere.SweepOnce(o.Context())
	require.NoError(t, err)
	require.Zero(t, told+failed)

	l := newLendingSystem(t)
	somewhere := &activities.Lending{Store: o.store, URL: l.URL}
	told, _, err = somewhere.SweepOnce(o.Context())
	require.NoError(t, err)
	require.Zero(t, told, "who kept it may still be at it")
	_, err = o.sql.Exec(o.Context(), `update notices set next_try = now()`)
	require.NoError(t, err)
	l.down = true
	_, failed, err = somewhere.SweepOnce(o.Context())
	require.ErrorContains(t, err, "lender_503")
	require.Equal(t, 1, failed)
	require.Len(t, o.notices("told_at is null"), 1)

	l.down = false
	_, err = o.sql.Exec(o.Context(), `update notices set next_try = now()`)
	require.NoError(t, err)
	told, failed, err = somewhere.SweepOnce(o.Context())
	require.NoError(t, err)
	require.Equal(t, [2]int{1, 0}, [2]int{told, failed})
	require.Empty(t, o.notices("told_at is null"))
	require.Len(t, l.heard, 1)
	require.Equal(t, kept.Contact, l.heard[0].ID(), "under the key that the journey recorded")
	require.Equal(t, "tender.charge_off", l.heard[0].Type())
	require.Equal(t, "loan/L-1", l.heard[0].Subject())
	require.JSONEq(t, `{"past_due": "100.00", "currency": "USD", "past_due_since": "2026-01-12"}`, string(l.heard[0].Data()))
	told, _, err = somewhere.SweepOnce(o.Context())
	require.NoError(t, err)
	require.Zero(t, told, "once")
}

func TestANoticeIsRepeatedWordForWordUntilItWasTaken(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	l := newLendingSystem(t)
	lending := &activities.Lending{Store: o.store, URL: l.URL}
	l.down = true
	_, err := lending.TellLender(o.Context(), chargeOff("100.00"))
	require.ErrorContains(t, err, "lender_503")
	l.down = false

	outcome, err := lending.TellLender(o.Context(), chargeOff("60.00"))

	require.NoError(t, err)
	require.Equal(t, journey.ResultTold, outcome.Result)
	require.Len(t, l.heard, 1)
	require.Contains(t, string(l.heard[0].Data()), "100.00", "what the key stands for does not change")
	again, err := lending.TellLender(o.Context(), chargeOff("60.00"))
	require.NoError(t, err)
	require.Equal(t, journey.ResultTold, again.Result)
	require.Len(t, l.heard, 1, "it was taken, so it is not told again")
}

func TestTheLendingSystemIsToldInTheFormThatIsDocumented(t *testing.T) {
	t.Parallel()
	o := openWithLoan(t)
	l := newLendingSystem(t)
	_, err := (&activities.Lending{Store: o.store, URL: l.URL}).TellLender(o.Context(), chargeOff("450.00"))
	require.NoError(t, err)
	text, err := os.ReadFile("../docs/events.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "## What the lending system is told")
	_, section, _ = strings.Cut(section, "```json\n")
	shown, _, found := strings.Cut(section, "```")
	require.True(t, found)

	told, err := json.Marshal(l.heard[0])
	require.NoError(t, err)

	require.ElementsMatch(t, names(t, shown, "data"), names(t, string(told), "data"))
	require.Contains(t, shown, `"type": "`+l.heard[0].Type()+`"`)
	require.Contains(t, shown, `"source": "`+l.heard[0].Source()+`"`)
}

// names returns the names of all fields of an object and of one object in it.
func names(t *testing.T, text, inner string) (all []string) {
	t.Helper()
	var outer, within map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &outer))
	require.NoError(t, json.Unmarshal(outer[inner], &within))
	for name := range outer {
		all = append(all, name)
	}
	for name := range within {
		all = append(all, inner+"."+name)
	}
	return all
}
