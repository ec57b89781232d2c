-- name: Clock :one
select clock_start, clock_origin, clock_rate from installation;

-- name: SetClock :execrows
insert into installation (clock_start, clock_origin, clock_rate) values ($1, $2, $3) on conflict do nothing;

-- name: Now :one
select clock_timestamp()::timestamptz;

-- name: ListLoans :many
-- Loans by id, with the holds that bind now. past_due_by is a date that the oldest unpaid due date must not lie behind;
-- days past due go on counting after a decision, so the caller counts them. A loan whose disbursement its journey refused
-- is no loan: it comes only when it is asked for by its id.
select l.id, l.borrower_id, l.currency, l.source, l.last_number, l.seq, l.strategy, l.stage,
       l.bucket, l.past_due_since, l.past_due, l.outstanding, l.last_step, l.next_step, l.next_at, l.next_reason, l.next_rule,
       l.decided_at, l.closed_at,
       coalesce((select e.data->>'disbursed_on' from deliveries d join events e on e.pk = d.event_pk
        where d.loan_id = l.id and e.type = 'loan.disbursed' order by d.state = 'refused', d.number limit 1), '')::text as disbursed_on,
       coalesce((select jsonb_build_array(e.data->>'application', coalesce(e.data->>'verified', '')) from deliveries d join events e on e.pk = d.event_pk
        where d.loan_id = l.id and l.kind = 'loan' and e.type = 'loan.disbursed' and d.state <> 'refused' and e.data ? 'application'
        order by d.number limit 1), '[]')::jsonb as came_of,
       refused(l) as refused,
       l.time_zone as contract_zone, -- in which days past due count
       coalesce(b.time_zones[1], '')::text as home_zone,
       coalesce((select array_agg(distinct h.kind order by h.kind) from holds h
        where h.borrower_id = l.borrower_id and h.released_at is null and (h.loan_id is null or h.loan_id = l.id)
          and h.from_at <= sqlc.arg(now) and (h.until_at is null or h.until_at > sqlc.arg(now))), '{}')::text[] as holds
from loans l
join borrowers b on b.id = l.borrower_id
where (sqlc.arg(stage)::text = '' or l.stage = sqlc.arg(stage))
  and (sqlc.arg(bucket)::text = '' or l.bucket = sqlc.arg(bucket))
  and (sqlc.narg(past_due_by)::date is null or l.past_due_since <= sqlc.narg(past_due_by)::date)
  and (sqlc.arg(hold)::text = '' or exists (
        select from holds h where h.borrower_id = l.borrower_id and h.released_at is null
          and (h.loan_id is null or h.loan_id = l.id) and h.kind = sqlc.arg(hold)
          and h.from_at <= sqlc.arg(now) and (h.until_at is null or h.until_at > sqlc.arg(now))))
  and (l.id = sqlc.arg(loan_id)::text or sqlc.arg(loan_id) = '' and l.kind = 'loan' and not refused(l))
  and l.id > sqlc.arg(after)
order by l.id limit sqlc.arg(most);

-- name: LoanEvents :many
select e.source, e.id, e.type, e.at, e.actor, e.data, d.number, d.state, d.answer
from deliveries d join events e on e.pk = d.event_pk where d.loan_id = $1 order by d.number;

-- name: LoanContacts :many
select c.key, c.at, c.channel, c.point, c.direction, c.purpose, c.template, c.step_key, c.loan_ids,
       coalesce(o.disposition, '')::text as disposition, coalesce(o.code, '')::text as code
from contacts c
left join lateral outcome_of(c.key) o on true
where c.loan_ids @> array[sqlc.arg(loan_id)::text] order by c.at, c.key;

-- name: LoanHeldBack :many
select step_key, rule, verdict, why, at, until from held_back where loan_id = $1 order by at, step_key, rule;

-- name: LoanTasks :many
select key, step_key, reason, rule, at, done_at, disposition from tasks where loan_id = $1 order by at;

-- name: LoanNotices :many
select key, kind, at, told_at from notices where loan_id = $1 order by at;

-- name: LoanHolds :many
select h.* from holds h join loans l on l.borrower_id = h.borrower_id
where l.id = $1 and (h.loan_id is null or h.loan_id = l.id) order by h.from_at, h.id;

-- name: LoanReasons :many
-- Why each step was decided upon, by the last decision that said so.
select distinct on (body->'step'->>'key')
       (body->'step'->>'key')::text as step_key, (body->'step'->>'reason')::text as reason
from decisions where loan_id = $1 and body->'step'->>'key' <> '' order by body->'step'->>'key', seq desc;

-- name: LoanMessages :many
-- What the messages about a loan said; where they went is left out.
select m.contact_key, m.subject, m.body from contacts c join messages m on m.contact_key = c.key
where c.loan_ids @> array[sqlc.arg(loan_id)::text];

-- name: LastDecision :one
select seq, hash, at, body, final from decisions where loan_id = $1 order by seq desc, recorded_at desc limit 1;

-- name: CountSince :one
-- Events of a loan that came after a number, without those that its journey refused.
select count(*) from deliveries where loan_id = $1 and number > $2 and state <> 'refused';

-- name: LoanDecisions :many
select seq, hash, at, body, final from decisions where loan_id = $1 and final order by seq;

-- name: EventBy :one
-- An event by its identity, without what is personal.
select type, subject, at, data, recorded_at from events where source = $1 and id = $2;

-- name: Prevented :many
-- What the rules prevented or put off, counted by rule.
select h.rule, h.verdict, count(*) as times, count(distinct h.loan_id) filter (where l.kind = 'loan') as loans
from held_back h join loans l on l.id = h.loan_id group by h.rule, h.verdict order by times desc, h.rule;

-- name: ContactsPerLoan :many
select l.id as loan_id, count(c.key) as contacts
from loans l left join contacts c on c.loan_ids @> array[l.id] and c.direction = 'outbound'
where l.kind = 'loan' and not refused(l)
group by l.id order by l.id;

-- name: CountLoans :one
-- How many loans there are, and how many journeys: those of applications and complaints too.
select count(*) filter (where kind = 'loan' and closed_at is null) as open, count(*) filter (where kind = 'loan' and closed_at is not null) as closed,
       count(*) filter (where kind = 'loan' and closed_at is null and next_reason = 'stale_ledger') as waiting_for_ledger,
       count(*) filter (where closed_at is null and seq > 0) as journeys
from loans l where not refused(l);

-- name: Buckets :many
-- The delinquency buckets that occur.
select distinct bucket from loans where bucket <> '' and kind = 'loan' order by bucket;

-- name: OpenLoanIDs :many
-- Open loans that have a journey, for something was decided about them, by id, a page behind another; with applications and complaints.
select id from loans where closed_at is null and seq > 0 and id > sqlc.arg(after) order by id limit sqlc.arg(most);

-- name: LateJourneys :many
-- Open loans, applications and complaints whose next step should have been taken before a business instant, or that were received before a wall
-- instant and never decided upon: their worker is away, or their journey is stuck.
select id, seq, next_step, next_at, recorded_at from loans
where closed_at is null
  and (next_at < sqlc.arg(business) or seq = 0 and recorded_at < sqlc.arg(wall) and not refused(loans))
order by next_at nulls first, id limit sqlc.arg(most);

-- name: Ledgers :many
-- How far the postings of each lending system are complete, for those whose open loans wait for them.
select l.source, count(*) as loans, coalesce(w.through, '0001-01-01')::date as through,
       count(*) filter (where l.next_reason = 'stale_ledger') as waiting
from loans l
left join watermarks w on w.source = l.source
where l.kind = 'loan' and l.closed_at is null and not refused(l) and not exists (
    select from deliveries d join events e on e.pk = d.event_pk
    where d.loan_id = l.id and e.type = 'loan.disbursed' and d.state <> 'refused' and e.data->>'watermarks' = 'false')
group by l.source, w.through order by l.source;

-- name: Undelivered :many
-- Events that were received and not yet handed to their journeys, oldest first: those that came before a wall
-- instant, and those that could not be handed over when it was tried.
select d.loan_id, d.number, d.tries, e.source, e.id, e.type, e.recorded_at
from deliveries d join events e on e.pk = d.event_pk
where d.state = 'received' and (e.recorded_at < sqlc.arg(wall) or d.tries > 0) order by d.event_pk, d.loan_id limit sqlc.arg(most);

-- name: UntoldNotices :many
-- What the lending system was not told before a wall instant, oldest first, each with how many there are in all.
select key, loan_id, kind, at, count(*) over () as untold
from notices where told_at is null and recorded_at < sqlc.arg(wall) order by at, key limit sqlc.arg(most);

-- name: UncertainContacts :many
-- Messages that may or may not have left: their provider could not tell, or nothing was heard since their reservation. What came
-- of a call its agent knows.
select c.key, c.loan_ids, c.channel, c.adapter, c.at, coalesce(o.code, '')::text as code
from contacts c
left join lateral outcome_of(c.key) o on true
where c.direction = 'outbound' and c.recorded_at > sqlc.arg(since) and c.recorded_at < sqlc.arg(wall)
  and (o.disposition is null and c.channel <> 'call' or o.disposition = 'uncertain')
order by c.at desc limit sqlc.arg(most);

-- name: OpenTasks :one
-- How many things wait for a person, and since when.
select count(*) as tasks, coalesce(min(at), '0001-01-01')::timestamptz as since from tasks where done_at is null;

-- name: Applications :many
-- Applications, the latest first; those of which something came too if every is set.
select l.id, l.borrower_id, l.disbursed_at as at, l.closed_at, l.stage, l.next_step, l.next_at, l.next_reason,
       coalesce(nullif(l.journey #>> '{application,outcome}', ''), case when l.closed_at is not null then l.next_reason end,
                (select n.data->>'outcome' from notices n where n.loan_id = l.id and n.kind = 'tender.preapproval' order by n.at desc limit 1), '')::text as outcome,
       coalesce(nullif(l.journey #>> '{application,closed}', '')::timestamptz, l.closed_at,
                (select n.at from notices n where n.loan_id = l.id and n.kind = 'tender.preapproval' order by n.at desc limit 1)) as came_at
from loans l
where l.kind = 'application' and (sqlc.arg(every)::boolean or l.closed_at is null) and (sqlc.arg(id)::text = '' or l.id = sqlc.arg(id))
order by l.disbursed_at desc, l.id limit sqlc.arg(most);

-- name: ApplicationCalls :one
-- How many calls about an application came to something, or to nothing, and how many questions were asked in them.
select (select count(*) from contacts c where c.loan_ids = array[sqlc.arg(loan_id)::text] and c.channel = 'call' and c.direction = 'outbound'
          and exists (select from outcomes o where o.contact_key = c.key))::int as calls,
       (select coalesce(sum((e.data #>> '{application,asked}')::int), 0) from events e join tasks t on t.key = e.data ->> 'task'
        where e.type = 'call.completed' and t.loan_id = sqlc.arg(loan_id))::int as asked;

-- name: KeptJourney :one
-- The journey of a loan as it was when it ended; none while it goes on.
select journey from loans where id = $1;

-- name: BorrowerFor :one
-- What is known of a borrower beside how they may be reached, with the loans that are open.
select b.jurisdiction, coalesce((select array_agg(l.id order by l.id) from loans l where l.borrower_id = b.id and l.kind = 'loan' and l.closed_at is null and not refused(l)), '{}')::text[] as loans
from borrowers b where b.id = $1;
