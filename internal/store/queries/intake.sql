-- name: FindEvent :one
select pk, type, subject, digest from events where source = $1 and id = $2;

-- name: InsertEvent :one
-- No row comes back when the identity is taken.
insert into events (source, id, type, subject, borrower_id, at, digest, data, actor)
values (sqlc.arg(source), sqlc.arg(id), sqlc.arg(type), sqlc.arg(subject), sqlc.narg(borrower_id), sqlc.arg(at),
        sqlc.arg(digest), sqlc.arg(data), sqlc.arg(actor))
on conflict (source, id) do nothing returning pk;

-- name: InsertParticulars :exec
insert into event_particulars (event_pk, data) values ($1, $2);

-- name: Deliveries :many
select d.loan_id, d.number, d.state, d.answer, e.source, e.id, e.type, e.at, e.data, l.journey
from deliveries d join events e on e.pk = d.event_pk join loans l on l.id = d.loan_id
where d.event_pk = $1 order by d.loan_id;

-- name: Undelivered :many
-- Events that were received and not yet handed over, oldest first.
select distinct event_pk from deliveries where state = 'received' order by event_pk limit $1;

-- name: CountUndelivered :one
select count(*) from deliveries where state = 'received';

-- name: InsertDelivery :exec
-- Gives the event the next number of the loan.
with counted as (update loans set last_number = last_number + 1 where id = sqlc.arg(loan_id) returning last_number)
insert into deliveries (event_pk, loan_id, number) select sqlc.arg(event_pk), sqlc.arg(loan_id), last_number from counted;

-- name: SettleDelivery :exec
update deliveries set state = sqlc.arg(state), answer = sqlc.arg(answer), settled_at = now()
where event_pk = sqlc.arg(event_pk) and loan_id = sqlc.arg(loan_id)
  and (state = 'received' or (state = 'accepted' and sqlc.arg(state) = 'accepted'));

-- name: LoanFor :one
select * from loans where id = $1;

-- name: OpenLoans :many
-- The loans of a borrower that have a journey to tell: all that are not closed.
select id from loans where borrower_id = $1 and closed_at is null order by id;

-- name: InsertLoan :exec
insert into loans (id, borrower_id, currency, disbursed_at, source, stage) values ($1, $2, $3, $4, $5, 'welcome');

-- name: UpsertBorrower :exec
-- What is given replaces; what is left out stays.
insert into borrowers (id, name, language, time_zones, jurisdiction, preferred)
values (sqlc.arg(id), coalesce(sqlc.narg(name), ''), coalesce(sqlc.narg(language), 'en'), coalesce(sqlc.narg(time_zones)::text[], '{}'),
        coalesce(sqlc.narg(jurisdiction), ''), coalesce(sqlc.narg(preferred), ''))
on conflict (id) do update set
    name = coalesce(sqlc.narg(name), borrowers.name),
    language = coalesce(sqlc.narg(language), borrowers.language),
    time_zones = coalesce(sqlc.narg(time_zones)::text[], borrowers.time_zones),
    jurisdiction = coalesce(sqlc.narg(jurisdiction), borrowers.jurisdiction),
    preferred = coalesce(sqlc.narg(preferred), borrowers.preferred);

-- name: UpsertPoint :exec
insert into contact_points (borrower_id, id, channel, address, rank) values ($1, $2, $3, $4, $5)
on conflict (borrower_id, id) do update set
    channel = excluded.channel, rank = excluded.rank,
    failed_at = case when contact_points.address = excluded.address then contact_points.failed_at end,
    address = excluded.address;

-- name: InsertWish :exec
insert into wishes (borrower_id, allowed, channel, point, at)
values (sqlc.arg(borrower_id), sqlc.arg(allowed), sqlc.narg(channel), sqlc.narg(point), sqlc.arg(at));

-- name: PlaceHold :exec
insert into holds (borrower_id, id, loan_id, point, kind, from_at, until_at, owner, note, placed_by)
values (sqlc.arg(borrower_id), sqlc.arg(id), sqlc.narg(loan_id), sqlc.narg(point), sqlc.arg(kind), sqlc.arg(from_at),
        sqlc.narg(until_at), sqlc.arg(owner), sqlc.arg(note), sqlc.arg(placed_by))
on conflict (borrower_id, id) do update set kind = excluded.kind, from_at = excluded.from_at, until_at = excluded.until_at,
    owner = excluded.owner, note = excluded.note, released_at = null;

-- name: ReleaseHold :execrows
update holds set released_at = sqlc.arg(at) where borrower_id = sqlc.arg(borrower_id) and id = sqlc.arg(id) and released_at is null;

-- name: SetWatermark :exec
insert into watermarks (source, through) values ($1, $2)
on conflict (source) do update set through = greatest(watermarks.through, excluded.through), recorded_at = now();
