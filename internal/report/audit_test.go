package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/report"
	"github.com/tender-engine/tender/internal/report/reporttest"
	"github.com/tender-engine/tender/internal/store"
	"github.com/tender-engine/tender/internal/store/sqlc"
)

// records are the lives of reporttest, in a database of their own that a test may spoil.
type records struct {
	*testing.T
	store *store.Store
	sql   *pgx.Conn
}

func kept(t *testing.T) *records {
	t.Helper()
	url := reporttest.Database(t)
	s, err := store.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	sql, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = sql.Close(context.Background()) })
	return &records{t, s, sql}
}

func (r *records) does(statements ...string) {
	r.Helper()
	for _, statement := range statements {
		_, err := r.sql.Exec(r.Context(), statement)
		require.NoError(r, err, statement)
	}
}

func (r *records) verify(heads ...report.Head) report.Audit {
	r.Helper()
	found, err := report.Verify(r.Context(), r.store, "", heads, nil)
	require.NoError(r, err)
	return found
}

// behind does something to a table that its triggers would see or forbid.
func behind(table, statement string) []string {
	return []string{"alter table " + table + " disable trigger user", statement, "alter table " + table + " enable trigger user"}
}

func TestChainsAreWholeUntilSomebodyChangesThem(t *testing.T) {
	t.Parallel()
	whole := kept(t).verify()
	require.True(t, whole.Whole, whole.Breaks)
	require.Greater(t, whole.Entries, int64(20))
	require.Len(t, whole.Heads, int(whole.Chains))
	const oldest = `(select key from contacts where borrower_id = 'B-1' order by at limit 1)`
	for name, c := range map[string]struct {
		spoil []string
		says  string
	}{
		"a contact is dated back":         {behind("contacts", `update contacts set at = at - interval '1 day' where key = `+oldest), "was changed after it was entered"},
		"an outcome is improved":          {behind("outcomes", `update outcomes set disposition = 'delivered' where pk = (select min(pk) from outcomes)`), "was changed after it was entered"},
		"an outcome is removed":           {behind("outcomes", `delete from outcomes where pk = (select max(pk) from outcomes)`), "the row of this entry is gone"},
		"a contact is put in":             {behind("contacts", `insert into contacts (key, borrower_id, loan_ids, channel, direction, purpose, at) values ('c-late', 'B-1', '{L-1001}', 'call', 'outbound', 'collection', now())`), "has no entry in the chain"},
		"a refusal becomes a permission":  {behind("approvals", `update approvals set answer = 'granted', holds_until = until_at where answer = ''`), "was changed after it was entered"},
		"an approval is widened":          {behind("approvals", `update approvals set rules = rules || '{us-federal/hours}'`), "was changed after it was entered"},
		"what was held back is hidden":    {behind("held_back", `delete from held_back where rule = 'tender/opt-out'`), "the row of this entry is gone"},
		"why it was held back is changed": {behind("held_back", `update held_back set why = 'nothing'`), "was changed after it was entered"},
		"an explanation is rewritten":     {behind("decisions", `update decisions set body = '{}' where final`), "was changed after it was entered"},
		"a hold is given another end":     {behind("borrower_holds", `update borrower_holds set from_at = from_at - interval '9 days'`), "was changed after it was entered"},
		"an entry is removed":             {behind("chain", `delete from chain where borrower_id = 'B-1' and seq = 3`), "entries are missing: after 2 comes 4"},
		"an entry's digest is rewritten":  {behind("chain", `update chain set digest = sha256('x') where borrower_id = 'B-1' and seq = 3`), "does not follow from the one before it"},
		"an entry's kind is rewritten":    {behind("chain", `update chain set kind = 'gift' where borrower_id = 'B-1' and seq = 3`), "does not follow from the one before it"},
		"an entry's row is rewritten":     {behind("chain", `update chain set ref = 'x' where borrower_id = 'B-1' and seq = 3`), "does not follow from the one before it"},
		"two entries change their places": {behind("chain", `update chain set seq = 5 - seq + 1000 where borrower_id = 'B-1' and seq in (2, 3)`), "entries are missing"},
		"the end is cut":                  {behind("chain", `delete from chain where borrower_id = 'B-1' and seq = (select max(seq) from chain where borrower_id = 'B-1')`), ""},
		"an opt-out is forgotten":         {behind("events", `update events set type = 'borrower.updated' where pk = (select max(pk) from events where borrower_id = 'B-1')`), "was changed after it was entered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := kept(t)
			require.True(t, r.verify().Whole)
			r.does(c.spoil...)
			found := r.verify()
			require.False(t, found.Whole)
			require.Contains(t, found.Breaks[0].What, c.says)
			var b bytes.Buffer
			require.NoError(t, report.WriteAudit(&b, report.Style{}, found))
			require.Contains(t, b.String(), "broken: ")
		})
	}
}

func TestAChainThatIsWrittenAnewIsSeenByItsHeadOfBefore(t *testing.T) {
	t.Parallel()
	r := kept(t)
	before := r.verify()
	require.True(t, r.verify(before.Heads...).Whole)
	r.does(behind("contacts", `update contacts set at = at - interval '1 day' where borrower_id = 'B-1'`)...)
	r.does(`alter table chain disable trigger user`, `delete from chain where borrower_id = 'B-1'`, `delete from chain_heads where borrower_id = 'B-1'`,
		`do $$ declare one record; begin for one in select * from chainable() where borrower_id = 'B-1' order by recorded_at, kind, ref loop
			perform chain_append(one.borrower_id, one.kind, one.ref); end loop; end $$`)
	require.True(t, r.verify().Whole, "it is whole in itself")
	found := r.verify(before.Heads...)
	require.False(t, found.Whole)
	require.Contains(t, found.Breaks[0].What, "the chain was written anew")

	r.does(`delete from chain where borrower_id = 'B-1'`, `delete from chain_heads where borrower_id = 'B-1'`)
	found = r.verify(before.Heads...)
	what := fmt.Sprint(found.Breaks)
	require.Contains(t, what, "the chain was cut")
	require.Contains(t, what, "has no entry in the chain")
}

func TestErasingWhatIsPersonalLeavesTheChainWhole(t *testing.T) {
	t.Parallel()
	r := kept(t)
	r.does(`update messages set address = '', subject = '', body = '', detail = ''`, `update borrowers set name = ''`,
		`update contact_points set address = ''`, `update borrower_holds set note = '', owner = ''`, `delete from event_particulars`)
	require.True(t, r.verify().Whole)
}

func TestManyWriteToOneChainAtOnce(t *testing.T) {
	t.Parallel()
	r := kept(t)
	var all sync.WaitGroup
	errs := make(chan error, 64)
	for n := range 8 {
		all.Go(func() {
			for m := range 20 {
				err := r.store.InTx(r.Context(), func(tx store.Tx) error {
					if m%2 == 0 { // some hold the borrower's lock, as a reservation does, and others do not, as a receipt
						if _, err := tx.Lock(r.Context(), "B-1"); err != nil {
							return err
						}
					}
					return tx.InsertTask(r.Context(), taskOf(fmt.Sprintf("t-%d-%d", n, m)))
				})
				if err != nil {
					errs <- err
				}
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	found := r.verify()
	require.True(t, found.Whole, found.Breaks)
}

func TestEverythingThatIsKnownOfABorrowerIsWritten(t *testing.T) {
	t.Parallel()
	r := kept(t)
	file, err := report.Everything(t.Context(), r.store, "B-1")
	require.NoError(t, err)
	var data map[string][]json.RawMessage
	for _, part := range []string{"contacts", "decisions", "events", "held_back", "approvals", "loans", "chain", "contact_points"} {
		var all map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(file.Data, &all))
		require.NoError(t, json.Unmarshal([]byte(`{"x":`+string(all[part])+`}`), &data))
		require.NotEmpty(t, data["x"], part)
	}
	var page bytes.Buffer
	require.NoError(t, file.WriteHTML(&page))
	for _, word := range []string{"The chain of hashes is whole", "L-1001", "us-federal/hours", "Held back", "may notice-2@2026-02-01 be done? not answered", "consented", "times of the week"} {
		require.Contains(t, page.String(), word)
	}
	if at := strings.Index(page.String(), "no value"); at >= 0 {
		require.Fail(t, "a field that is not there", page.String()[max(0, at-400):at+50])
	}
	require.NotContains(t, strings.ToLower(page.String()), "<script")
	_, err = report.Everything(t.Context(), r.store, "B-404")
	require.ErrorIs(t, err, report.ErrNoBorrower)
}

func taskOf(key string) sqlc.InsertTaskParams {
	return sqlc.InsertTaskParams{Key: key, LoanID: "L-1001", BorrowerID: "B-1", StepKey: "notice-9@2026-02-01", Reason: "no_channel", At: time.Now()}
}
