package activities_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/tender-engine/tender/internal/channel"
	"github.com/tender-engine/tender/internal/contact"
	"github.com/tender-engine/tender/internal/journey"
)

// BenchmarkReservations makes contacts with many borrowers at once: each is reserved under its borrower's lock with all rules
// asked, its message is rendered and kept, its chain goes on, and what came of it is recorded. The floor is a transaction that
// takes a borrower's lock and writes one row, by as many hands in the same run.
func BenchmarkReservations(b *testing.B) {
	const borrowers = 2000
	o := open(b)
	o.borrow("B-0", "L-0")
	execute(o, fmt.Sprintf(`insert into borrowers (id, name, language, time_zones, jurisdiction) select 'B-' || n, 'Ada', 'en', '{America/New_York}', 'us' from generate_series(1, %d) n`, borrowers))
	execute(o, `insert into contact_points (borrower_id, id, channel, address) select id, 'mail', 'email', 'ada@example.org' from borrowers where id <> 'B-0'`)
	execute(o, `insert into loans (id, borrower_id, currency, disbursed_at, source) select 'L-' || substr(id, 3), id, 'USD', '2025-12-12', 'lender' from borrowers where id <> 'B-0'`)
	// A history for the rules to count, with what came of it: a table that is analysed while it is empty is read from end to end
	// by the plans that are kept, however much it grows until it is analysed again.
	execute(o, `insert into contacts (key, borrower_id, loan_ids, step_key, channel, direction, purpose, at)
		select 'old-' || b.id || '-' || n, b.id, array['L-' || substr(b.id, 3)], 's', 'call', 'outbound', 'collection', '2025-12-20'::timestamptz + n * interval '1 day'
		from borrowers b, generate_series(1, 10) n where b.id <> 'B-0'`)
	execute(o, `insert into outcomes (contact_key, disposition, at) select key, 'no_answer', at from contacts where key like 'old-%'`)
	execute(o, `insert into messages (contact_key, address, subject, body) select key, '+12125550142', '', 'Hello' from contacts where key like 'old-%'`)
	execute(o, `analyze`)
	order := o.order("B-0", "L-0", "", contact.Email)
	worker := o.worker()
	worker.Channels[contact.Email] = adapter{send: func(context.Context, channel.Message) (channel.Receipt, error) { return channel.Receipt{}, nil }}
	var next atomic.Int64
	parallel := func(b *testing.B, do func(n int64) error) {
		began := time.Now()
		b.SetParallelism(4)
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if err := do(next.Add(1)); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "a_second")
	}
	b.Run("contacts", func(b *testing.B) {
		parallel(b, func(n int64) error {
			one := order
			one.Borrower, one.Loan, one.Number = fmt.Sprintf("B-%d", n%borrowers+1), fmt.Sprintf("L-%d", n%borrowers+1), 0
			one.Step.Key, one.Step.Purpose = fmt.Sprintf("s-%d@2026-01-12", n), contact.StatutoryNotice
			outcome, err := worker.SendMessage(context.Background(), one)
			if err == nil && outcome.Result != journey.ResultSent {
				err = fmt.Errorf("%+v", outcome)
			}
			return err
		})
	})
	execute(o, `create table floor (borrower_id text references borrowers, n bigint primary key)`)
	b.Run("floor", func(b *testing.B) {
		pool, err := pgxpool.New(context.Background(), o.url)
		require.NoError(b, err)
		defer pool.Close()
		parallel(b, func(n int64) error {
			tx, err := pool.Begin(context.Background())
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback(context.Background()) }()
			borrower := fmt.Sprintf("B-%d", n%borrowers+1)
			if _, err := tx.Exec(context.Background(), `select id from borrowers where id = $1 for update`, borrower); err != nil {
				return err
			}
			if _, err := tx.Exec(context.Background(), `insert into floor values ($1, $2)`, borrower, n); err != nil {
				return err
			}
			return tx.Commit(context.Background())
		})
	})
	require.NotZero(b, next.Load())
}
