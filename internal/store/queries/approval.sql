-- name: AskApproval :exec
-- The key decides: a second request under it changes nothing. Who offered a plan has asked for it to be put to the borrower.
insert into approvals (id, borrower_id, loan_id, step_key, rules, channel, at, asked_by, until_at)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.arg(loan_id), sqlc.arg(step_key), sqlc.arg(rules), sqlc.arg(channel), sqlc.arg(at),
        coalesce((select e.actor from events e join deliveries d on d.event_pk = e.pk
                  where d.loan_id = sqlc.arg(loan_id) and e.type = 'plan.offered' and sqlc.arg(step_key) like 'plan-offer@%'
                  order by d.number desc limit 1), 'tender'), sqlc.arg(until_at))
on conflict do nothing;

-- name: ApprovalFor :one
select * from approvals where id = $1;

-- name: AnswerApproval :execrows
update approvals set answer = sqlc.arg(answer), answered_at = sqlc.arg(at), answered_by = sqlc.arg(actor), holds_until = sqlc.narg(holds_until)
where id = sqlc.arg(id) and answer = '';

-- name: ListApprovals :many
-- Requests that can still be answered, or all if every is set, the oldest first.
select * from approvals
where (sqlc.arg(every)::boolean or answer = '' and until_at > sqlc.arg(now))
  and (sqlc.arg(loan_id)::text = '' or loan_id = sqlc.arg(loan_id))
order by at, id limit sqlc.arg(most);

-- name: OpenApprovals :one
-- How many requests wait for an answer, and until when the first of them can be given.
select count(*) as requests, coalesce(min(until_at), '0001-01-01')::timestamptz as until from approvals where answer = '' and until_at > sqlc.arg(now);
