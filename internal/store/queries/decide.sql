-- name: Standing :one
-- All that rulebooks and strategy may know about reaching a borrower, as the JSON of contact.Standing.
select standing(b.id, sqlc.arg(since)::timestamptz)::jsonb as standing
from borrowers b where b.id = sqlc.arg(borrower_id);

-- name: Known :one
-- What a decision needs besides the journey and the borrower's standing.
select b.jurisdiction,
       standing(b.id, sqlc.arg(since)::timestamptz)::jsonb as standing,
       w.through as watermark,
       coalesce((select array_agg(d.number order by d.number) from deliveries d
                 where d.loan_id = l.id and d.state = 'refused' and d.number > sqlc.arg(through)), '{}')::bigint[] as refused,
       coalesce((select pub.hash from publications pub where pub.name = sqlc.arg(strategy_name) order by (pub.published_by <> '') desc, pub.pk desc limit 1), '')::text as latest_strategy,
       (select count(*) from loans o where o.borrower_id = b.id and o.id <> l.id and o.kind = 'loan' and o.disbursed_at < l.disbursed_at)::int as earlier_loans,
       (select count(*) from loans o where o.borrower_id = b.id and o.id <> l.id and o.kind = 'loan' and o.closed_at is not null and o.next_reason = 'settled')::int as settled_loans,
       coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                     'id', h.id, 'kind', h.kind, 'from', h.from_at, 'until', least(h.until_at, h.released_at))) order by h.from_at, h.id)
                 from holds h where h.borrower_id = b.id and coalesce(h.loan_id, l.id) = l.id and h.point is null), '[]')::jsonb as pauses,
       coalesce((select case e.type when 'call.completed' then p.data->'hardship' else p.data end from events e join event_particulars p on p.event_pk = e.pk
                 where (e.type = 'hardship.reported' or e.type = 'call.completed' and e.data ? 'hardship')
                   and e.borrower_id = b.id and (e.subject in ('loan/' || l.id, 'borrower/' || b.id)
                        or exists (select from complaints c where e.subject = 'complaint/' || c.id and c.loan_id = l.id)) -- in a call about a complaint of it
                 order by e.at desc, e.pk desc limit 1), '{}')::jsonb as hardship,
       halts_in(b.jurisdiction)::jsonb as halts,
       coalesce(case when l.kind = 'complaint' then (select c.facts from complaints c where c.id = substr(l.id, length('complaint.') + 1)) end, 'null')::jsonb as complaint,
       (l.kind = 'complaint' and exists (select from loans o where o.borrower_id = b.id and o.kind = 'loan' and o.closed_at is null and o.past_due > 0))::boolean as in_arrears,
       coalesce((select jsonb_agg(jsonb_build_object('step', a.step_key, 'answer', a.answer, 'until', a.until_at) order by a.recorded_at, a.id)
                 from approvals a where a.loan_id = l.id), '[]')::jsonb as requests
from loans l
join borrowers b on b.id = l.borrower_id
left join watermarks w on w.source = l.source
where l.id = sqlc.arg(loan_id);

-- name: RecordDecision :exec
-- Makes the previous decision final, stores the new candidate, what it held back, and the projection: all or nothing.
with previous as (
    update decisions set final = true
    where decisions.loan_id = sqlc.arg(loan_id) and decisions.seq = sqlc.arg(previous_seq) and decisions.hash = sqlc.arg(previous_hash) and not final
), candidate as (
    insert into decisions (loan_id, seq, hash, at, body)
    values (sqlc.arg(loan_id), sqlc.arg(seq), sqlc.arg(hash), sqlc.arg(at), sqlc.arg(body))
    on conflict do nothing
), prevented as (
    insert into held_back (loan_id, step_key, rule, version, verdict, why, used, most, at, until)
    select sqlc.arg(loan_id), p.step_key, p.rule, p.version, p.verdict, p.why, p.used, p.most, sqlc.arg(at), p.until
    from jsonb_to_recordset(sqlc.arg(held_back)::jsonb)
        as p(step_key text, rule text, version text, verdict text, why text, used int, most int, until timestamptz)
    on conflict do nothing
)
update loans set
    seq = sqlc.arg(seq), time_zone = sqlc.arg(time_zone), strategy = sqlc.arg(strategy), strategy_hash = sqlc.arg(strategy_hash), stage = sqlc.arg(stage), bucket = sqlc.arg(bucket),
    past_due_since = sqlc.narg(past_due_since),
    past_due = sqlc.arg(past_due), outstanding = sqlc.arg(outstanding), last_step = sqlc.arg(last_step),
    next_step = sqlc.arg(next_step), next_at = sqlc.narg(next_at), next_reason = sqlc.arg(next_reason),
    next_rule = sqlc.arg(next_rule), segment = sqlc.arg(segment), champion = case when champion = '' then sqlc.arg(champion) else champion end, decided_at = sqlc.arg(at),
    closed_at = case when sqlc.narg(journey)::jsonb is null then null else sqlc.arg(at) end,
    journey = sqlc.narg(journey)::jsonb
where loans.id = sqlc.arg(loan_id) and loans.seq <= sqlc.arg(seq);

