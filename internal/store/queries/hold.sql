-- name: LockToContact :one
-- What every reservation takes first: the gate, which stands open while no region is being held and nothing halted, and
-- then the borrower's lock. Who shuts the gate waits for the reservations that are under way, so that none that is made
-- later has not seen what was shut. What a reservation asks looks rows up by their keys: planning that anew each time takes as long as
-- doing it, so that until the end of the transaction the plans are kept.
with gate as materialized (select pg_advisory_xact_lock_shared(sqlc.arg(gate)::bigint), set_config('plan_cache_mode', 'force_generic_plan', true))
select b.id, clock_timestamp()::timestamptz as now from gate, borrowers b where b.id = sqlc.arg(id) for update of b;

-- name: ShutGate :exec
-- Shuts the gate until the end of the transaction.
select pg_advisory_xact_lock(sqlc.arg(gate)::bigint);

-- name: RegionHoldFor :one
select * from region_holds where id = $1;

-- name: PlaceRegionHold :exec
insert into region_holds (id, region, kind, from_at, until_at, owner, note, placed_by)
values (sqlc.arg(id), sqlc.arg(region), sqlc.arg(kind), sqlc.arg(from_at), sqlc.narg(until_at), sqlc.arg(owner), sqlc.arg(note), sqlc.arg(placed_by))
on conflict (id) do update set from_at = excluded.from_at, until_at = excluded.until_at,
    owner = excluded.owner, note = excluded.note, placed_by = excluded.placed_by, released_at = null;

-- name: ReleaseRegionHold :execrows
update region_holds set released_at = sqlc.arg(at) where id = sqlc.arg(id) and released_at is null;

-- name: BorrowersIn :one
-- How many borrowers live in a region; how many are only known to live in something that it lies in; and where borrowers
-- live at all.
select count(*) filter (where lies_in(b.jurisdiction, sqlc.arg(region)::text)) as inside,
       count(*) filter (where b.jurisdiction <> '' and lies_in(sqlc.arg(region)::text, lower(b.jurisdiction)) and lower(b.jurisdiction) <> sqlc.arg(region)) as around,
       coalesce(string_agg(distinct lower(b.jurisdiction), ', ' order by lower(b.jurisdiction)) filter (where b.jurisdiction <> ''), '')::text as jurisdictions
from borrowers b;

-- name: ListHolds :many
-- Holds of borrowers, loans and regions, those that were released too if all is set. One of a region stands there once, or,
-- when a borrower is asked about, if it covers that borrower.
select h.id, h.borrower_id, coalesce(h.loan_id, '')::text as loan_id, coalesce(h.point, '')::text as point, coalesce(h.region, '')::text as region,
       h.kind, h.from_at, h.until_at, h.owner, h.note, h.placed_by, h.released_at, h.recorded_at
from placed_holds h
where (sqlc.arg(every)::boolean or h.released_at is null and (h.until_at is null or h.until_at > sqlc.arg(now)))
  and (sqlc.arg(hold)::text = '' or h.id = sqlc.arg(hold))
  and (sqlc.arg(region)::text = '' or h.region is not null and (lies_in(h.region, sqlc.arg(region)) or lies_in(sqlc.arg(region), h.region)))
  and (sqlc.arg(borrower_id)::text = '' or h.borrower_id = sqlc.arg(borrower_id)
       or h.region is not null and lies_in((select p.jurisdiction from borrowers p where p.id = sqlc.arg(borrower_id)), h.region))
  and (sqlc.arg(loan_id)::text = '' or h.loan_id is null or h.loan_id = sqlc.arg(loan_id))
order by h.from_at, h.id, h.borrower_id limit sqlc.arg(most);

-- name: HasBorrower :one
select exists (select from borrowers where id = $1);

-- name: HaltFor :one
select * from halts where id = $1;

-- name: PlaceHalt :exec
insert into halts (id, channel, jurisdiction, template, except_notices, reason, from_at, until_at, placed_by)
values (sqlc.arg(id), sqlc.arg(channel), sqlc.arg(jurisdiction), sqlc.arg(template), sqlc.arg(except_notices), sqlc.arg(reason),
        sqlc.arg(from_at), sqlc.narg(until_at), sqlc.arg(placed_by));

-- name: LiftHalt :execrows
update halts set lifted_at = sqlc.arg(at), lifted_by = sqlc.arg(actor) where id = sqlc.arg(id) and lifted_at is null;

-- name: ListHalts :many
-- Halts, those that are over too if every is set.
select * from halts
where sqlc.arg(every)::boolean or lifted_at is null and (until_at is null or until_at > sqlc.arg(now))
order by from_at, id;

-- name: InsertSweep :exec
insert into sweeps (event_pk, job, jurisdiction, next_try)
values (sqlc.arg(event_pk), sqlc.arg(job), sqlc.arg(jurisdiction), now() + make_interval(secs => sqlc.arg(lease_seconds)::float8));

-- name: SweepOf :one
-- The sweep of an event; no row for one that asks for none.
select s.* from sweeps s join events e on e.pk = s.event_pk where e.source = $1 and e.id = $2;

-- name: PaceSweep :exec
-- Sets the rate of a sweep that has not begun.
update sweeps set rate = sqlc.arg(rate) where event_pk = sqlc.arg(event_pk) and started_at is null;

-- name: ClaimSweep :one
-- Takes the oldest sweep that nobody is at, for a while.
update sweeps s set next_try = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
where s.event_pk = (select o.event_pk from sweeps o where o.finished_at is null and o.next_try <= now()
                    order by o.event_pk limit 1 for update skip locked)
returning s.*;

-- name: NoteSweep :exec
-- How far a sweep has come. One that is finished stays as it is.
update sweeps set started_at = coalesce(started_at, now()), total = sqlc.arg(total), done = sqlc.arg(done), failed = sqlc.arg(failed),
    finished_at = case when sqlc.arg(finished)::boolean then now() end,
    next_try = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
where event_pk = sqlc.arg(event_pk) and finished_at is null;

-- name: OpenSweeps :many
select * from sweeps where finished_at is null order by event_pk;
