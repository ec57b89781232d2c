-- name: LockBorrower :one
-- Every reservation and every event of a borrower takes this lock first, so that they have an order.
select id, clock_timestamp()::timestamptz as now from borrowers where id = $1 for update;

-- name: Reservation :one
-- What a reservation must know, read under the borrower's lock: the borrower's standing, where the message goes, the last attempt
-- at this very step, on whichever channel, and whether an event came that the decision does not know. The decision becomes final.
with acted_upon as (
    update decisions set final = true
    where decisions.loan_id = sqlc.arg(loan_id) and decisions.seq = sqlc.arg(seq) and decisions.hash = sqlc.arg(hash) and not final
)
select b.name, b.language, b.jurisdiction, b.time_zones,
       coalesce(p.address, '')::text as address,
       coalesce(c.key, '')::text as last_key,
       coalesce(c.attempt, 0)::int as last_attempt,
       coalesce(c.adapter, '')::text as last_adapter,
       coalesce(c.channel, '')::text as last_channel,
       coalesce(c.point, '')::text as last_point,
       coalesce(c.at, '0001-01-01')::timestamptz as last_at,
       coalesce(c.joined, false)::boolean as last_joined,
       coalesce(o.disposition, '')::text as last_disposition,
       coalesce(o.code, '')::text as last_code,
       exists (select from deliveries d
               where d.loan_id = l.id and d.number > sqlc.arg(number) and d.state <> 'refused'
                 -- known beyond a gap; no list at all is an empty one, or nothing would ever be superseded
                 and not d.number = any (coalesce(sqlc.narg(ahead)::bigint[], '{}'))) as superseded,
       standing(b.id, sqlc.arg(since)::timestamptz)::jsonb as standing,
       halts_in(b.jurisdiction)::jsonb as halts
from borrowers b
join loans l on l.id = sqlc.arg(loan_id)
left join contact_points p on p.borrower_id = b.id and p.id = sqlc.arg(point) and p.failed_at is null
left join lateral (
    select own.key, own.attempt, own.adapter, own.channel, own.point, own.at, own.recorded_at, false as joined from contacts own
    where own.borrower_id = b.id and own.intent = sqlc.arg(intent)
    union all
    select other.key, (select coalesce(max(mine.attempt), 0) from contacts mine where mine.borrower_id = b.id and mine.intent = sqlc.arg(intent)),
           other.adapter, other.channel, other.point, other.at, other.recorded_at, true
    from joined_steps j join contacts other on other.key = j.contact_key
    where j.intent = sqlc.arg(intent)
    order by recorded_at desc, attempt desc limit 1) c on true
left join lateral outcome_of(c.key) o on true
where b.id = sqlc.arg(borrower_id);

-- name: Joinable :many
-- The messages of a template that are the next steps of a borrower's other open loans until an instant, as they were decided
-- last, unless something happened since.
select l.id as loan_id, (d.body -> 'step')::jsonb as step
from loans l
cross join lateral (select body from decisions where loan_id = l.id and seq = l.seq order by recorded_at desc limit 1) d
where l.borrower_id = sqlc.arg(borrower_id) and l.id <> sqlc.arg(loan_id) and l.closed_at is null
  and l.next_at <= sqlc.arg(until)::timestamptz
  and d.body -> 'step' ->> 'kind' = 'send' and d.body -> 'step' ->> 'purpose' = sqlc.arg(purpose)::text
  and d.body -> 'step' ->> 'template' = sqlc.arg(template)::text
  and not exists (select from deliveries x where x.loan_id = l.id and x.number > (d.body ->> 'number')::bigint and x.state <> 'refused')
order by l.next_at, l.id;

-- name: JoinStep :exec
insert into joined_steps (intent, contact_key, loan_id, step_key) values ($1, $2, $3, $4);

-- name: InsertContact :exec
insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, template, adapter, at, intent, attempt)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: InsertMessage :exec
insert into messages (contact_key, address, subject, body) values ($1, $2, $3, $4);

-- name: InsertOutcome :exec
-- The provider's own words go to the message, where they are erased with it.
with words as (
    update messages set detail = sqlc.arg(detail) where messages.contact_key = sqlc.arg(contact_key) and sqlc.arg(detail) <> ''
)
insert into outcomes (contact_key, disposition, at, ref, code)
values (sqlc.arg(contact_key), sqlc.arg(disposition), sqlc.arg(at), sqlc.arg(ref), sqlc.arg(code));

-- name: InsertHeldBack :exec
insert into held_back (loan_id, step_key, rule, version, verdict, why, used, most, at, until)
values (sqlc.arg(loan_id), sqlc.arg(step_key), sqlc.arg(rule), sqlc.arg(version), sqlc.arg(verdict), sqlc.arg(why), sqlc.arg(used), sqlc.arg(most), sqlc.arg(at), sqlc.narg(until))
on conflict do nothing;

-- name: MessageOf :one
select address, subject, body from messages where contact_key = $1;

-- name: PutOutbox :one
-- The key decides: a second message under it changes nothing.
insert into outbox (key, channel, address, subject, body) values ($1, $2, $3, $4, $5)
on conflict (key) do update set key = excluded.key returning key;

-- name: LookupOutbox :one
select key from outbox where key = $1;

-- name: KeepNotice :one
-- The key decides: a second notice under it changes nothing, and the first is returned. Nobody else tries to tell it
-- for as long as its lease lasts.
insert into notices (key, loan_id, kind, at, data, next_try)
values (sqlc.arg(key), sqlc.arg(loan_id), sqlc.arg(kind), sqlc.arg(at), sqlc.arg(data), now() + make_interval(secs => sqlc.arg(lease_seconds)::float8))
on conflict (key) do update set next_try = excluded.next_try returning *;

-- name: ClaimNotices :many
-- Notices that nobody was told of and nobody is trying to tell, oldest first.
update notices set next_try = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
where key in (
    select key from notices where told_at is null and next_try <= now() order by next_try, at limit sqlc.arg(most) for update skip locked
) returning *;

-- name: NoticeTold :exec
update notices set told_at = $2 where key = $1 and told_at is null;

-- name: ContactOf :one
-- A contact, with what came of it so far.
select c.borrower_id, c.loan_ids, c.channel, c.direction, c.point, c.step_key, c.at, coalesce(o.disposition, '')::text as disposition
from contacts c left join lateral outcome_of(c.key) o on true where c.key = sqlc.arg(key);
