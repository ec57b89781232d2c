-- name: ApplicationFor :one
select * from applications where id = $1;

-- name: LockApplication :one
-- An application, locked until the end of the transaction. The borrower's lock comes first.
select * from applications where id = $1 for update;

-- name: InsertApplication :execrows
-- No row is written when the application is there already.
insert into applications (id, borrower_id, source, digest, product, currency, amount, installments, total_cost, first_due, preapproved_at, until_at, time_zone)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.arg(source), sqlc.arg(digest), sqlc.arg(product), sqlc.arg(currency), sqlc.arg(amount),
        sqlc.arg(installments), sqlc.arg(total_cost), sqlc.arg(first_due), sqlc.arg(preapproved_at), sqlc.arg(until_at), sqlc.arg(time_zone))
on conflict do nothing;

-- name: OpenApplications :many
-- The applications of a borrower whose pre-approval can still be told of something.
select id from applications where borrower_id = $1 and closed_at is null order by id;

-- name: ConcludeApplication :execrows
-- What an application came to, unless it came to something before.
update applications set verdict = sqlc.arg(verdict), verdict_at = sqlc.arg(at), verdict_reason = sqlc.arg(reason)
where id = sqlc.arg(id) and verdict = '';

-- name: DisburseApplication :exec
update applications set loan_id = sqlc.arg(loan_id) where id = sqlc.arg(id) and loan_id = '';

-- name: InsertApplicationDelivery :exec
-- Gives the event the next number of the application. The sweeper leaves it alone for a while: who stored it hands it over.
with counted as (update applications set last_number = last_number + 1 where id = sqlc.arg(application_id) returning last_number)
insert into application_deliveries (event_pk, application_id, number, next_try)
select sqlc.arg(event_pk), sqlc.arg(application_id), last_number, now() + make_interval(secs => sqlc.arg(lease_seconds)::float8) from counted;

-- name: ToldApplications :many
-- The applications whose pre-approvals are told of an event.
select application_id from application_deliveries where event_pk = $1 order by application_id;

-- name: ApplicationDelivery :one
-- One delivery, with all that handing it over takes. before is the event that begins the pre-approval, if it was not told of that yet.
select d.application_id, d.number, d.state, d.answer, e.source, e.id, e.type, e.at, e.data, a.closed_at, a.verdict, a.state as stands,
       coalesce((select b.event_pk from application_deliveries b join events be on be.pk = b.event_pk
                 where b.application_id = d.application_id and b.number < d.number and b.state = 'received' and be.type = 'application.preapproved'
                 order by b.number limit 1), 0)::bigint as before,
       exists (select from application_deliveries b join events be on be.pk = b.event_pk
               where b.application_id = d.application_id and b.state = 'refused' and be.type = 'application.preapproved') as refused
from application_deliveries d join events e on e.pk = d.event_pk join applications a on a.id = d.application_id
where d.event_pk = sqlc.arg(event_pk) and d.application_id = sqlc.arg(application_id);

-- name: ClaimApplicationDeliveries :many
-- Takes deliveries that nobody is at, oldest first, for a while. Several sweepers never take the same.
with due as (
    select event_pk, application_id from application_deliveries where state = 'received' and next_try <= now()
    order by event_pk limit sqlc.arg(most) for update skip locked
)
update application_deliveries d set next_try = now() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
from due where d.event_pk = due.event_pk and d.application_id = due.application_id
returning d.event_pk, d.application_id, d.number, d.tries;

-- name: PostponeApplicationDelivery :exec
-- Leaves a delivery that could not be handed over to the sweeper; tried is 1 when it was tried, 0 when it was not its turn.
update application_deliveries set next_try = now() + make_interval(secs => sqlc.arg(seconds)::float8), tries = tries + sqlc.arg(tried)::int
where event_pk = sqlc.arg(event_pk) and application_id = sqlc.arg(application_id) and state = 'received';

-- name: SettleApplicationDelivery :exec
update application_deliveries set state = sqlc.arg(state), answer = sqlc.arg(answer), settled_at = now()
where event_pk = sqlc.arg(event_pk) and application_id = sqlc.arg(application_id) and state = 'received';

-- name: KnownOfApplication :one
-- What a decision about an application needs besides the case, and an assignment too: read there under the borrower's lock.
-- superseded is set while an event came that the decision does not know.
select a.verdict, a.concluded_at, b.jurisdiction,
       standing(b.id, sqlc.arg(since)::timestamptz)::jsonb as standing,
       halts_in(b.jurisdiction)::jsonb as halts,
       coalesce((select p.hash from publications p where p.name = sqlc.arg(strategy_name) order by p.pk desc limit 1), '')::text as strategy,
       coalesce((select array_agg(d.number order by d.number) from application_deliveries d
                 where d.application_id = a.id and d.state = 'refused' and d.number > sqlc.arg(number)), '{}')::bigint[] as refused,
       exists (select from application_deliveries d
               where d.application_id = a.id and d.number > sqlc.arg(number) and d.state <> 'refused'
                 and not d.number = any (coalesce(sqlc.narg(ahead)::bigint[], '{}'))) as superseded
from applications a join borrowers b on b.id = a.borrower_id
where a.id = sqlc.arg(application_id);

-- name: RecordApplicationDecision :exec
-- Stores a candidate and the projection: all or nothing.
with candidate as (
    insert into application_decisions (application_id, seq, number, at, body)
    values (sqlc.arg(application_id), sqlc.arg(seq), sqlc.arg(number), sqlc.arg(at), sqlc.arg(body))
    on conflict do nothing
)
update applications set
    seq = sqlc.arg(seq), state = sqlc.arg(state), attempts = sqlc.arg(attempts), questions = sqlc.arg(questions), next_step = sqlc.arg(next_step),
    next_at = sqlc.narg(next_at), next_reason = sqlc.arg(next_reason), next_rule = sqlc.arg(next_rule), next_why = sqlc.arg(next_why), decided_at = sqlc.arg(at),
    closed_at = case when sqlc.arg(closed)::boolean then sqlc.arg(at)::timestamptz end
where id = sqlc.arg(application_id) and seq <= sqlc.arg(seq);

-- name: LastApplicationTask :one
-- The last task of an application.
select * from tasks where application_id = sqlc.arg(application_id)::text order by attempt desc, recorded_at desc limit 1;

-- name: InsertApplicationTask :exec
insert into tasks (key, loan_id, application_id, borrower_id, step_key, reason, at, attempt, seq, purpose, calls, priority, until_at, most_tries, not_before)
values (sqlc.arg(key), '', sqlc.arg(application_id)::text, sqlc.arg(borrower_id), sqlc.arg(step_key), sqlc.arg(reason), sqlc.arg(at), sqlc.arg(attempt),
        sqlc.arg(seq), sqlc.arg(purpose), true, sqlc.arg(priority), sqlc.arg(until_at), sqlc.arg(most_tries), sqlc.narg(not_before))
on conflict do nothing;

-- name: WithdrawApplicationTasks :execrows
-- Ends the tasks of an application that nobody has done.
update tasks set done_at = sqlc.arg(at), disposition = sqlc.arg(disposition), leased_until = null, dialled_at = null
where application_id = sqlc.arg(application_id)::text and done_at is null;

-- name: SetConcluded :exec
update applications set concluded_at = sqlc.arg(at) where id = sqlc.arg(id) and concluded_at is null;

-- name: KeepApplicationNotice :one
-- The key decides: a second notice under it changes nothing, and the first is returned. Nobody else tries to tell it
-- for as long as its lease lasts.
insert into notices (key, loan_id, application_id, kind, at, data, next_try)
values (sqlc.arg(key), '', sqlc.arg(application_id)::text, sqlc.arg(kind), sqlc.arg(at), sqlc.arg(data), now() + make_interval(secs => sqlc.arg(lease_seconds)::float8))
on conflict (key) do update set next_try = excluded.next_try returning *;

-- name: ListApplications :many
-- Applications, the latest first.
select * from applications
where (sqlc.arg(state)::text = '' or state = sqlc.arg(state)) and (sqlc.arg(verdict)::text = '' or verdict = sqlc.arg(verdict))
  and (sqlc.arg(borrower_id)::text = '' or borrower_id = sqlc.arg(borrower_id))
order by preapproved_at desc, id limit sqlc.arg(most);

-- name: ApplicationEvents :many
-- What a pre-approval was told of, in its order; questions are what the applicant asked, which is personal.
select e.source, e.id, e.type, e.at, e.actor, e.data, d.number, d.state, (coalesce(p.data->'questions', '[]'))::jsonb as questions
from application_deliveries d join events e on e.pk = d.event_pk left join event_particulars p on p.event_pk = e.pk
where d.application_id = $1 order by d.number;

-- name: ApplicationTasks :many
select key, at, until_at, done_at, disposition, done_by, tries from tasks where application_id = sqlc.arg(application_id)::text order by at, key;

-- name: ApplicationNotices :many
select key, kind, at, told_at from notices where application_id = sqlc.arg(application_id)::text order by at;

-- name: ApplicationOfLoan :one
-- The application that a loan came of, as the disbursement named it.
select coalesce(e.data->>'application', '')::text as application
from deliveries d join events e on e.pk = d.event_pk
where d.loan_id = $1 and e.type = 'loan.disbursed' and d.state <> 'refused' order by d.number limit 1;
