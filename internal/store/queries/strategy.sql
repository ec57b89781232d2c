-- name: Strategy :one
select * from strategies where hash = $1;

-- name: StrategyOf :one
-- The version of a strategy that accompanies a loan, and its segment; none before the first decision.
select s.hash, s.name, s.yaml, l.segment from loans l join strategies s on l.strategy = s.name || '@' || s.version
where l.id = sqlc.arg(loan_id) order by s.recorded_at desc limit 1;

-- name: LatestStrategy :one
-- The version with which loans begin that ask for a strategy by name: what a person published goes before what a worker brings.
select s.* from publications p join strategies s on s.hash = p.hash where p.name = $1 order by (p.published_by <> '') desc, p.pk desc limit 1;

-- name: Strategies :many
-- Every version that was ever published, with how many open loans it accompanies; the one of a name with which loans begin first.
select s.hash, s.name, s.version, p.published_at, p.published_by,
       (select count(*) from loans l where l.kind = 'loan' and l.closed_at is null and l.strategy = s.name || '@' || s.version and l.strategy_hash in ('', s.hash))::bigint as open_loans
from strategies s
join lateral (select * from publications p where p.hash = s.hash order by p.pk desc limit 1) p on true
order by s.name, (p.published_by <> '') desc, p.pk desc;

-- name: KeepStrategy :one
-- What a worker brings: a version that is known already stays where it is in the order. Other content under a name and version that
-- are known is not kept; the answer is the hash of what is known.
with taken as (
    select s.hash from strategies s where s.name = sqlc.arg(name) and s.version = sqlc.arg(version) order by (s.hash = sqlc.arg(hash)) desc, s.recorded_at limit 1
), kept as (
    insert into strategies (hash, name, version, yaml) select sqlc.arg(hash), sqlc.arg(name), sqlc.arg(version), sqlc.arg(yaml) where not exists (select from taken)
    on conflict do nothing returning hash, name
), told as (
    insert into publications (name, hash) select name, hash from kept
)
select coalesce((select hash from taken), sqlc.arg(hash))::text as hash;

-- name: PublishStrategy :exec
-- What a person publishes becomes the version with which loans begin, also when it was published before.
with kept as (
    insert into strategies (hash, name, version, yaml) values (sqlc.arg(hash), sqlc.arg(name), sqlc.arg(version), sqlc.arg(yaml)) on conflict do nothing
)
insert into publications (name, hash, published_by) values (sqlc.arg(name), sqlc.arg(hash), sqlc.arg(published_by));

-- name: MovableLoans :many
-- The open loans on which something was decided, with what tells which of them to move to another strategy.
select l.id, l.stage, l.bucket, l.strategy, l.strategy_hash, l.segment, l.champion, b.jurisdiction, l.past_due_since, l.time_zone, l.disbursed_at
from loans l join borrowers b on b.id = l.borrower_id
where l.closed_at is null and l.kind = 'loan' and l.strategy <> '' order by l.id;

-- name: StrategyReport :many
-- How the loans fare that each strategy accompanies, by what was asked for, version and segment. What was said about a complaint is no
-- strategy's doing.
select l.champion, l.strategy, l.segment, count(*)::bigint as loans,
       count(*) filter (where l.closed_at is null)::bigint as open,
       count(*) filter (where l.closed_at is null and l.past_due_since is not null)::bigint as past_due,
       count(*) filter (where l.closed_at is not null and l.next_reason = 'settled')::bigint as settled,
       count(*) filter (where l.stage = 'charged_off')::bigint as charged_off,
       count(*) filter (where l.stage = 'plan')::bigint as on_plan,
       coalesce(sum((select count(*) from contacts c where c.loan_ids @> array[l.id] and c.direction = 'outbound' and c.purpose <> 'complaint_reply')), 0)::bigint as contacts
from loans l where l.strategy <> '' and l.kind = 'loan'
group by 1, 2, 3 order by 1, 2, 3;
