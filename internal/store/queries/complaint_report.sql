-- name: ComplaintsRaised :many
-- The complaints that were raised in a span, each with who may be meant if it names nobody: the agent who called the borrower last in the
-- days before, about the same loan if it is about one. The call in which it was taken down is not that call, nor is one that answers a
-- complaint.
select c.facts, c.channel, c.template, c.strategy, coalesce(called.agent, '')::text as called_by
from complaints c
left join lateral (
    select case when e.source = 'tender' and e.id ~ '^call:[0-9]{1,18}:' then split_part(e.id, ':', 2)::bigint else e.pk end as pk
    from deliveries d join events e on e.pk = d.event_pk where d.loan_id = 'complaint.' || c.id order by d.number limit 1) raised on true
left join lateral (
    select e.data ->> 'agent' as agent
    from loans l join deliveries d on d.loan_id = l.id join events e on e.pk = d.event_pk
    where l.borrower_id = c.borrower_id and l.kind <> 'complaint' and not starts_with(e.subject, 'complaint/') and (c.loan_id is null or l.id = c.loan_id) and e.type = 'call.completed' and d.state <> 'refused'
      and e.data ->> 'agent' <> '' and e.data ->> 'disposition' <> ''
      and e.at <= c.raised_at and e.at >= c.raised_at - make_interval(days => sqlc.arg(days)::int) and (raised.pk is null or e.pk < raised.pk)
    order by e.at desc, e.pk desc limit 1) called on true
where c.raised_at >= sqlc.arg(since)::timestamptz and c.raised_at < sqlc.arg(until)::timestamptz
order by c.raised_at, c.id;

-- name: ContactsMade :many
-- The contacts that we made in a span, by channel, template and the strategy that accompanied the loan then. What never left is none, nor
-- is what answers a complaint or asks how we did: whoever answers more would seem to be complained of less. A
-- loan that was given another strategy is looked up among its decisions; all others have had one.
with moved as materialized (
    select distinct d.loan_id from events e join deliveries d on d.event_pk = e.pk where e.type = 'strategy.assigned'
)
select c.channel, c.template,
       coalesce(case when m.loan_id is not null then
           (select x.body ->> 'strategy' from decisions x where x.loan_id = l.id and x.at <= c.at order by x.seq desc, x.recorded_at desc limit 1) end,
           l.strategy, '')::text as strategy,
       count(*)::bigint as contacts
from contacts c
left join loans l on l.id = c.loan_ids[1] and l.kind = 'loan'
left join moved m on m.loan_id = l.id
left join lateral outcome_of(c.key) o on true
where c.direction = 'outbound' and c.purpose not in ('complaint_reply', 'survey') and c.at >= sqlc.arg(since)::timestamptz and c.at < sqlc.arg(until)::timestamptz
  and not coalesce(o.disposition = '' and o.code <> '', false)
group by 1, 2, 3 order by 1, 2, 3;

-- name: CallsMade :many
-- How often each agent called somebody in a span, and not to answer a complaint.
select (e.data ->> 'agent')::text as agent, count(*)::bigint as calls from events e
where e.type = 'call.completed' and e.at >= sqlc.arg(since)::timestamptz and e.at < sqlc.arg(until)::timestamptz
  and e.data ->> 'agent' <> '' and e.data ->> 'disposition' <> '' and not starts_with(e.subject, 'complaint/')
  and not exists (select from deliveries d where d.event_pk = e.pk and d.state = 'refused')
group by 1 order by 1;

-- name: AccountsOpen :one
-- How many loans were open at any time in a span.
select count(*)::bigint as accounts from loans l
where l.kind = 'loan' and not refused(l) and l.disbursed_at < sqlc.arg(until)::timestamptz and (l.closed_at is null or l.closed_at >= sqlc.arg(since)::timestamptz);

-- name: AccountsUnder :many
-- How many of those each strategy accompanied at any time.
with opened as (
    select l.id, l.strategy from loans l
    where l.kind = 'loan' and not refused(l) and l.disbursed_at < sqlc.arg(until)::timestamptz and (l.closed_at is null or l.closed_at >= sqlc.arg(since)::timestamptz)
), under as (
    select o.id, o.strategy from opened o
    union
    select d.loan_id, x.body ->> 'strategy' from events e join deliveries d on d.event_pk = e.pk join opened o on o.id = d.loan_id
    join decisions x on x.loan_id = d.loan_id and x.final where e.type = 'strategy.assigned' and x.body ->> 'strategy' <> ''
)
select strategy::text as strategy, count(*)::bigint as accounts from under where strategy <> '' group by 1 order by 1;

-- name: LateComplaints :many
-- Complaints that nobody has answered and of which a deadline has passed, the oldest first, with how many there are: those that are late
-- for good, and those that should have moved up a level.
select c.id, c.kind, c.level, c.owner, c.due_at::timestamptz as due_at,
       exists (select from jsonb_array_elements(c.facts -> 'deadlines') d where (d ->> 'final')::boolean and (d ->> 'at')::timestamptz <= sqlc.arg(now)::timestamptz)::boolean as late,
       count(*) over ()::bigint as there
from complaints c where c.due_at <= sqlc.arg(now)::timestamptz and c.answered_at is null and c.closed_at is null
order by c.due_at, c.id limit sqlc.arg(most);

-- name: CountComplaints :one
-- How many complaints nobody has answered, and how many of those were never acknowledged.
select count(*)::bigint as open, count(*) filter (where acknowledged_at is null)::bigint as unheard
from complaints where answered_at is null and closed_at is null;
