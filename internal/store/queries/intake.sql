-- name: FindEvent :one
select pk, digest from events where source = $1 and id = $2;

-- name: InsertEvent :one
-- No row comes back when the identity is taken.
insert into events (source, id, type, subject, borrower_id, at, digest, data, actor)
values (sqlc.arg(source), sqlc.arg(id), sqlc.arg(type), sqlc.arg(subject), sqlc.narg(borrower_id), sqlc.arg(at),
        sqlc.arg(digest), sqlc.arg(data), sqlc.arg(actor))
on conflict (source, id) do nothing returning pk;

-- name: InsertParticulars :exec
insert into event_particulars (event_pk, data) values ($1, $2);

-- name: InsertDelivery :exec
-- Gives the event the next number of the loan. The sweeper leaves it alone for a while: who stored it hands it over.
with counted as (update loans set last_number = last_number + 1 where id = sqlc.arg(loan_id) returning last_number)
insert into deliveries (event_pk, loan_id, number, next_try)
select sqlc.arg(event_pk), sqlc.arg(loan_id), last_number, now() + make_interval(secs => sqlc.arg(lease_seconds)::float8) from counted;

-- name: ToldLoans :many
-- The loans whose journeys are told of an event.
select loan_id from deliveries where event_pk = $1 order by loan_id;

-- name: Delivery :one
-- One delivery, with all that handing it over takes. before is a disbursement that the journey must be told of first;
-- begun says whether one was accepted, decided whether the last decision covers the event.
select d.loan_id, d.number, d.state, d.answer, e.source, e.id, e.type, e.at, e.data,
       l.journey, l.stage, l.next_step, l.next_at, l.next_reason,
       coalesce((select b.event_pk from deliveries b join events be on be.pk = b.event_pk
                 where b.loan_id = d.loan_id and b.number < d.number and b.state = 'received' and begins(b.loan_id, be.type)
                 order by b.number limit 1), 0)::bigint as before,
       exists (select from deliveries b join events be on be.pk = b.event_pk
               where b.loan_id = d.loan_id and b.state = 'accepted' and begins(b.loan_id, be.type)) as begun,
       (l.closed_at is not null or exists (select from decisions c where c.loan_id = l.id and c.seq = l.seq
               and (c.body->>'number')::bigint >= d.number))::boolean as decided
from deliveries d join events e on e.pk = d.event_pk join loans l on l.id = d.loan_id
where d.event_pk = sqlc.arg(event_pk) and d.loan_id = sqlc.arg(loan_id);

-- name: ClaimDeliveries :many
-- Takes deliveries that nobody is at, oldest first, for a while. Several sweepers never take the same.
with due as (
    select event_pk, loan_id from deliveries where state = 'received' and next_try <= now()
    order by event_pk limit sqlc.arg(most) for update skip locked
)
update deliveries d set next_try = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
from due where d.event_pk = due.event_pk and d.loan_id = due.loan_id
returning d.event_pk, d.loan_id, d.number, d.tries;

-- name: PostponeDelivery :exec
-- Leaves a delivery that could not be handed over to the sweeper; tried is 1 when it was tried, 0 when it was not its turn.
update deliveries set next_try = now() + make_interval(secs => sqlc.arg(seconds)::float8), tries = tries + sqlc.arg(tried)::int
where event_pk = sqlc.arg(event_pk) and loan_id = sqlc.arg(loan_id) and state = 'received';

-- name: CountUndelivered :one
select count(*) from deliveries where state = 'received';

-- name: SettleDelivery :exec
-- A refusal is final, and so is an acceptance, though its answer may still come.
update deliveries set state = sqlc.arg(state), answer = sqlc.arg(answer), settled_at = now()
where event_pk = sqlc.arg(event_pk) and loan_id = sqlc.arg(loan_id)
  and (state = 'received' or (state = 'accepted' and sqlc.arg(state) = 'accepted'));

-- name: LoanFor :one
-- A loan, and whether its disbursement still stands: one that its journey refused leaves no loan behind.
select l.id, l.borrower_id, l.currency, l.source, l.closed_at,
       exists (select from deliveries d join events e on e.pk = d.event_pk
               where d.loan_id = l.id and begins(l.id, e.type) and d.state <> 'refused') as standing
from loans l where l.id = $1;

-- name: HasPosting :one
-- Whether a loan was told of a posting, and its journey did not refuse it.
select exists (select from deliveries d join events e on e.pk = d.event_pk
               where d.loan_id = sqlc.arg(loan_id) and d.state <> 'refused' and e.data->>'transaction' = sqlc.arg(transaction)::text)::boolean as there;

-- name: OpenLoans :many
-- The loans and applications of a borrower that have a journey to tell: all that are not closed.
select id from loans where borrower_id = $1 and closed_at is null order by id;

-- name: ToldApplications :many
-- The applications of a borrower of which the lending system was told since an instant that they are no fraud, and of which no loan came.
select l.id from loans l
where l.borrower_id = sqlc.arg(borrower_id) and l.kind = 'application' and l.closed_at >= sqlc.arg(since)
  and not exists (select from notices n where n.loan_id = l.id and n.kind = 'tender.preapproval' and n.data->>'outcome' in ('suspected_fraud', 'withdrawn', 'open'))
  and not exists (select from loans o join deliveries d on d.loan_id = o.id join events e on e.pk = d.event_pk
                  where o.borrower_id = l.borrower_id and e.type = 'loan.disbursed' and d.state <> 'refused' and 'application.' || (e.data->>'application') = l.id)
order by l.id;

-- name: LentOn :one
-- The loan that came of an application of a borrower; no row while there is none.
select l.id from loans l join deliveries d on d.loan_id = l.id join events e on e.pk = d.event_pk
where l.borrower_id = sqlc.arg(borrower_id) and l.kind = 'loan' and e.type = 'loan.disbursed' and d.state <> 'refused' and e.data->>'application' = sqlc.arg(application)::text
order by e.pk limit 1;

-- name: LastLoan :one
-- The loan of a borrower that closed last.
select id from loans where borrower_id = $1 and kind = 'loan' and closed_at is not null and journey is not null order by closed_at desc, id limit 1;

-- name: LoansOf :many
-- Those of some loans that are a borrower's.
select id from loans where borrower_id = sqlc.arg(borrower_id) and kind = 'loan' and id = any (sqlc.arg(ids)::text[]) order by id;

-- name: StillOpen :many
select id from loans where id = any (sqlc.arg(ids)::text[]) and closed_at is null order by id;

-- name: InsertLoan :execrows
-- No row is written when the loan is there already.
insert into loans (id, borrower_id, currency, time_zone, disbursed_at, source, stage)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.arg(currency), sqlc.arg(time_zone), sqlc.arg(disbursed_at), sqlc.arg(source), 'welcome')
on conflict do nothing;

-- name: InsertApplication :execrows
-- No row is written when the application is there already.
insert into loans (id, borrower_id, currency, time_zone, disbursed_at, source, stage, kind)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.arg(currency), sqlc.arg(time_zone), sqlc.arg(at), sqlc.arg(source), 'preapproved', 'application')
on conflict do nothing;

-- name: ApplicationFor :one
-- An application, and what came of its callback: a suspected fraud whenever that was said, else what its journey closed with, what
-- the lending system was told, or what was said and not decided upon yet. outcome is empty while it is open.
select l.id, l.borrower_id, l.closed_at, l.disbursed_at as at, l.next_reason,
       coalesce(
           (select 'suspected_fraud' from deliveries d join events e on e.pk = d.event_pk
            where d.loan_id = l.id and d.state <> 'refused' and e.type = 'call.completed' and e.data #>> '{application,outcome}' = 'suspected_fraud' limit 1),
           nullif(l.journey #>> '{application,outcome}', ''),
           (select n.data->>'outcome' from notices n where n.loan_id = l.id and n.kind = 'tender.preapproval' order by n.at desc limit 1),
           (select coalesce(e.data #>> '{application,outcome}', 'withdrawn') from deliveries d join events e on e.pk = d.event_pk
            where d.loan_id = l.id and d.state <> 'refused' and (e.type = 'application.withdrawn' or e.type = 'call.completed' and e.data #>> '{application,outcome}' is not null)
            order by d.number limit 1), '')::text as outcome
from loans l where l.id = $1 and l.kind = 'application';

-- name: LockLoan :exec
select id from loans where id = $1 for update;

-- name: ReplaceLoan :execrows
-- Lets a second disbursement take the place of one that the journey refused. The loan must be locked by a statement
-- before this one, so that this one sees what others stored meanwhile.
update loans set borrower_id = sqlc.arg(borrower_id), currency = sqlc.arg(currency), time_zone = sqlc.arg(time_zone),
    disbursed_at = sqlc.arg(disbursed_at), source = sqlc.arg(source)
where loans.id = sqlc.arg(id)
  and not exists (select from deliveries d join events e on e.pk = d.event_pk
                  where d.loan_id = sqlc.arg(id) and e.type = 'loan.disbursed' and d.state <> 'refused');

-- name: KnowsStrategy :one
-- Whether a strategy of that name was published, with the names of all that were.
select coalesce(bool_or(name = sqlc.arg(name)), false)::boolean as known,
       coalesce(string_agg(distinct name, ', ' order by name), '')::text as names
from strategies;

-- name: UpsertBorrower :exec
-- What is given replaces; what is left out stays.
insert into borrowers (id, name, language, time_zones, jurisdiction, preferred)
values (sqlc.arg(id), coalesce(sqlc.narg(name)::text, ''), coalesce(sqlc.narg(language)::text, 'en'), coalesce(sqlc.narg(time_zones)::text[], '{}'),
        coalesce(sqlc.narg(jurisdiction)::text, ''), coalesce(sqlc.narg(preferred)::text, ''))
on conflict (id) do update set
    name = coalesce(sqlc.narg(name)::text, borrowers.name),
    language = coalesce(sqlc.narg(language)::text, borrowers.language),
    time_zones = coalesce(sqlc.narg(time_zones)::text[], borrowers.time_zones),
    jurisdiction = coalesce(sqlc.narg(jurisdiction)::text, borrowers.jurisdiction),
    preferred = coalesce(sqlc.narg(preferred)::text, borrowers.preferred);

-- name: UpsertPoint :exec
insert into contact_points (borrower_id, id, channel, address, rank, place)
values (sqlc.arg(borrower_id), sqlc.arg(id), sqlc.arg(channel), sqlc.arg(address), sqlc.arg(rank), sqlc.arg(place))
on conflict (borrower_id, id) do update set
    channel = excluded.channel, rank = excluded.rank, place = excluded.place,
    failed_at = case when contact_points.address = excluded.address then contact_points.failed_at end,
    address = excluded.address;

-- name: InsertConsent :exec
insert into consents (borrower_id, channel, point, purpose, given_at, given_to, written, expires_at, grantor, source)
values (sqlc.arg(borrower_id), sqlc.narg(channel), sqlc.narg(point), sqlc.narg(purpose), sqlc.arg(given_at), sqlc.arg(given_to), sqlc.arg(written),
        sqlc.narg(expires_at), sqlc.arg(grantor), sqlc.arg(source));

-- name: ReplaceBlackouts :exec
update blackouts set replaced_at = sqlc.arg(at) where borrower_id = sqlc.arg(borrower_id) and replaced_at is null;

-- name: InsertBlackout :exec
insert into blackouts (borrower_id, channel, point, days, from_time, to_time, at)
values (sqlc.arg(borrower_id), sqlc.narg(channel), sqlc.narg(point), sqlc.arg(days), sqlc.arg(from_time), sqlc.arg(to_time), sqlc.arg(at));

-- name: InsertWish :exec
insert into wishes (borrower_id, allowed, channel, point, purpose, at, until_at)
values (sqlc.arg(borrower_id), sqlc.arg(allowed), sqlc.narg(channel), sqlc.narg(point), sqlc.narg(purpose), sqlc.arg(at), sqlc.narg(until_at));

-- name: HoldFor :one
select kind, loan_id, point, released_at from borrower_holds where borrower_id = $1 and id = $2;

-- name: PlaceHold :exec
insert into borrower_holds (borrower_id, id, loan_id, point, kind, from_at, until_at, owner, note, placed_by)
values (sqlc.arg(borrower_id), sqlc.arg(id), sqlc.narg(loan_id), sqlc.narg(point), sqlc.arg(kind), sqlc.arg(from_at),
        sqlc.narg(until_at), sqlc.arg(owner), sqlc.arg(note), sqlc.arg(placed_by))
on conflict (borrower_id, id) do update set kind = excluded.kind, from_at = excluded.from_at, until_at = excluded.until_at,
    owner = excluded.owner, note = excluded.note, placed_by = excluded.placed_by, released_at = null;

-- name: ReleaseHold :execrows
update borrower_holds set released_at = sqlc.arg(at) where borrower_id = sqlc.arg(borrower_id) and id = sqlc.arg(id) and released_at is null;

-- name: RecordContact :execrows
-- A contact that was made elsewhere. A second report of it changes nothing here; what came of it is an outcome.
insert into contacts (key, borrower_id, loan_ids, step_key, channel, point, direction, purpose, adapter, at, consented, collector, recipient)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing;

-- name: FailPointOf :exec
-- Marks the contact point that a contact used as failed, unless its address was replaced since.
update contact_points p set failed_at = sqlc.arg(at)
from contacts c left join messages m on m.contact_key = c.key
where c.key = sqlc.arg(key) and p.borrower_id = c.borrower_id and p.id = c.point and p.failed_at is null
  and (m.address is null or m.address = p.address);

-- name: HasPoint :one
select exists (select from contact_points where borrower_id = $1 and id = $2);

-- name: SetWatermark :exec
insert into watermarks (source, through) values ($1, $2)
on conflict (source) do update set through = greatest(watermarks.through, excluded.through), recorded_at = now();
