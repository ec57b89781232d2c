-- name: Clock :one
select clock_start, clock_origin, clock_rate from installation;

-- name: SetClock :execrows
insert into installation (clock_start, clock_origin, clock_rate) values ($1, $2, $3) on conflict do nothing;

-- name: Now :one
select clock_timestamp()::timestamptz;

-- name: ListLoans :many
select l.*, coalesce((select array_agg(distinct h.kind order by h.kind) from holds h
        where h.borrower_id = l.borrower_id and h.released_at is null and (h.loan_id is null or h.loan_id = l.id)
          and h.from_at <= sqlc.arg(now) and (h.until_at is null or h.until_at > sqlc.arg(now))), '{}')::text[] as holds
from loans l
where (sqlc.arg(stage)::text = '' or l.stage = sqlc.arg(stage))
  and (sqlc.arg(bucket)::text = '' or l.bucket = sqlc.arg(bucket))
  and (sqlc.arg(past_due)::int = 0 or l.past_due_days >= sqlc.arg(past_due))
  and (sqlc.arg(hold)::text = '' or exists (
        select from holds h where h.borrower_id = l.borrower_id and h.released_at is null
          and (h.loan_id is null or h.loan_id = l.id) and h.kind = sqlc.arg(hold)
          and h.from_at <= sqlc.arg(now) and (h.until_at is null or h.until_at > sqlc.arg(now))))
  and (sqlc.arg(loan_id)::text = '' or l.id = sqlc.arg(loan_id))
  and l.id > sqlc.arg(after)
order by l.id limit sqlc.arg(most);

-- name: LoanEvents :many
select e.source, e.id, e.type, e.at, e.actor, e.data, d.number, d.state
from deliveries d join events e on e.pk = d.event_pk where d.loan_id = $1 order by d.number;

-- name: LoanContacts :many
select c.key, c.at, c.channel, c.point, c.direction, c.purpose, c.template, c.step_key, c.loan_ids,
       coalesce(o.disposition, '')::text as disposition, coalesce(o.code, '')::text as code
from contacts c
left join lateral (select disposition, code from outcomes where contact_key = c.key order by pk desc limit 1) o on true
where c.loan_ids @> array[sqlc.arg(loan_id)::text] order by c.at, c.key;

-- name: LoanHeldBack :many
select step_key, rule, verdict, why, at, until from held_back where loan_id = $1 order by at, step_key, rule;

-- name: LoanTasks :many
select key, step_key, reason, at, done_at, disposition from tasks where loan_id = $1 order by at;

-- name: LoanNotices :many
select key, kind, at, told_at from notices where loan_id = $1 order by at;

-- name: LoanHolds :many
select h.* from holds h join loans l on l.borrower_id = h.borrower_id
where l.id = $1 and (h.loan_id is null or h.loan_id = l.id) order by h.from_at, h.id;

-- name: LastDecision :one
select seq, hash, at, body, final from decisions where loan_id = $1 order by seq desc, recorded_at desc limit 1;

-- name: LoanDecisions :many
select seq, hash, at, body, final from decisions where loan_id = $1 and final order by seq;

-- name: Prevented :many
-- What the rules prevented or put off, counted by rule.
select rule, verdict, count(*) as times, count(distinct loan_id) as loans from held_back group by rule, verdict order by times desc, rule;

-- name: ContactsPerLoan :many
select l.id as loan_id, count(c.key) as contacts
from loans l left join contacts c on c.loan_ids @> array[l.id] and c.direction = 'outbound'
group by l.id order by l.id;
