-- name: ComplaintFor :one
-- A complaint by its id, or by another id under which it was raised.
select c.id, c.borrower_id, c.facts from complaints c
where c.id = coalesce((select m.complaint_id from merged_complaints m where m.id = sqlc.arg(id)::text), sqlc.arg(id)::text);

-- name: ComplaintsOf :many
-- The complaints of a borrower that nobody has answered yet.
select facts from complaints where borrower_id = $1 and answered_at is null and closed_at is null order by raised_at, id;

-- name: ComplaintsAnswered :many
-- The complaints of a borrower of which they were told the answer, and that are not closed: they can still object. The one that was answered
-- last comes first; others are the other ids under which each was raised. By a call they were told when its task was done.
select c.id, c.kind, coalesce(c.loan_id, '')::text as loan_id,
       array(select m.id from merged_complaints m where m.complaint_id = c.id order by m.id)::text[] as others
from complaints c
where c.borrower_id = $1 and c.answered_at is not null and c.closed_at is null
  and (exists (select from contacts k left join lateral outcome_of(k.key) o on true
               where k.borrower_id = c.borrower_id and k.step_key = 'answer@' || c.id || '.' || (c.facts ->> 'round') and k.channel <> 'call'
                 and k.direction = 'outbound' and o.disposition in ('sent', 'delivered', 'uncertain'))
    or exists (select from tasks t
               where t.borrower_id = c.borrower_id and t.step_key = 'answer@' || c.id || '.' || (c.facts ->> 'round')
                 and t.done_at is not null and t.disposition <> 'aged_out'))
order by c.answered_at desc, c.id desc;

-- name: InsertComplaint :exec
insert into complaints (id, borrower_id, loan_id, facts, kind, state, level, owner, regime, origin, channel, template, strategy, raised_at, due_at,
    acknowledged_at, answered_at, closed_at)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.narg(loan_id), sqlc.arg(facts), sqlc.arg(kind), sqlc.arg(state), sqlc.arg(level), sqlc.arg(owner),
    sqlc.arg(regime), sqlc.arg(origin), sqlc.arg(channel), sqlc.arg(template), sqlc.arg(strategy), sqlc.arg(raised_at), sqlc.narg(due_at),
    sqlc.narg(acknowledged_at), sqlc.narg(answered_at), sqlc.narg(closed_at));

-- name: SaveComplaint :exec
update complaints set facts = sqlc.arg(facts), kind = sqlc.arg(kind), state = sqlc.arg(state), level = sqlc.arg(level), owner = sqlc.arg(owner),
    due_at = sqlc.narg(due_at), acknowledged_at = sqlc.narg(acknowledged_at), answered_at = sqlc.narg(answered_at), closed_at = sqlc.narg(closed_at)
where id = sqlc.arg(id);

-- name: MergeComplaint :exec
insert into merged_complaints (id, complaint_id) values ($1, $2) on conflict do nothing;

-- name: InsertComplaintRow :exec
-- The row by which a complaint is accompanied.
insert into loans (id, borrower_id, currency, time_zone, disbursed_at, source, stage, kind)
values (sqlc.arg(id), sqlc.arg(borrower_id), sqlc.arg(currency), sqlc.arg(time_zone), sqlc.arg(at), sqlc.arg(source), 'registered', 'complaint');

-- name: ComplainedAfter :one
-- The message that was sent to a borrower last, between two instants, about a loan or any, with the strategy of its loan. What answers a
-- complaint, or asks how we did, is what nobody complains of.
select c.template, coalesce(l.strategy, '')::text as strategy from contacts c
left join loans l on l.id = coalesce(nullif(sqlc.arg(loan_id)::text, ''), c.loan_ids[1]) and l.kind = 'loan'
where c.borrower_id = sqlc.arg(borrower_id) and c.direction = 'outbound' and c.template <> '' and c.purpose not in ('complaint_reply', 'survey')
  and c.at between sqlc.arg(since)::timestamptz and sqlc.arg(until)::timestamptz
  and (sqlc.arg(loan_id)::text = '' or c.loan_ids @> array[sqlc.arg(loan_id)::text])
order by c.at desc, c.key limit 1;

-- name: HomeOf :one
-- Where a borrower lives.
select jurisdiction, time_zones from borrowers where id = $1;

-- name: AnswerText :one
-- The reasons of the answer to a complaint.
select coalesce(p.data->>'reasons', '')::text as reasons from event_particulars p where p.event_pk = $1;

-- name: AcknowledgeComplaint :exec
-- Notes that Tender's own message told the borrower that a complaint was received; what was noted before stays.
update complaints set acknowledged_at = sqlc.arg(at)::timestamptz,
    facts = facts || jsonb_build_object('acknowledged', sqlc.arg(at)::timestamptz, 'acknowledged_by', sqlc.arg(by)::text),
    state = case when state <> 'registered' then state when facts ? 'noted' then 'investigating' when facts ? 'sorted' then 'triaged'
                 when facts ? 'steps' then 'escalated' else 'acknowledged' end
where id = sqlc.arg(id) and acknowledged_at is null;

-- name: ListComplaints :many
-- Complaints with the row by which they are accompanied, and whether their hold is in force: those that nobody has answered yet, or all if
-- every is set; what is due next first if due is set, else the latest first. One alone is found by another id under which it was raised, too.
select c.facts, b.jurisdiction, l.next_step, l.next_at, l.next_reason, l.next_rule, l.decided_at, l.closed_at,
       exists (select from holds h where h.borrower_id = c.borrower_id and h.id = 'complaint/' || c.id and h.released_at is null
               and h.from_at <= sqlc.arg(now) and (h.until_at is null or h.until_at > sqlc.arg(now)))::boolean as held
from complaints c join loans l on l.id = 'complaint.' || c.id join borrowers b on b.id = c.borrower_id
where (sqlc.arg(id)::text = '' or c.id = coalesce((select m.complaint_id from merged_complaints m where m.id = sqlc.arg(id)), sqlc.arg(id)))
  and (sqlc.arg(every)::boolean or c.answered_at is null and c.closed_at is null)
  and (sqlc.arg(level)::text = '' or c.level = sqlc.arg(level))
  and (sqlc.arg(kind)::text = '' or c.kind = sqlc.arg(kind))
  and (sqlc.arg(owner)::text = '' or c.owner = sqlc.arg(owner))
  and (sqlc.arg(loan_id)::text = '' or c.loan_id = sqlc.arg(loan_id))
  and (sqlc.arg(borrower_id)::text = '' or c.borrower_id = sqlc.arg(borrower_id))
order by case when sqlc.arg(due)::boolean then c.due_at end nulls last, c.raised_at desc, c.id limit sqlc.arg(most);

-- name: MergedInto :many
-- The other ids under which a complaint was raised.
select id from merged_complaints where complaint_id = $1 order by id;

-- name: ComplaintNotices :many
-- What the lending system was told about a complaint, with what it says.
select key, kind, at, told_at, data from notices where loan_id = $1 order by at, key;

-- name: ComplaintWords :many
-- What was said and written in the events that a complaint's workflow was told of.
select d.number, coalesce(p.data->>'text', p.data->>'reasons', p.data->>'remark', p.data->>'note', '')::text as words
from deliveries d join event_particulars p on p.event_pk = d.event_pk where d.loan_id = $1 order by d.number;
