-- name: BorrowerHome :one
-- Where a borrower may be, which language they read, and, where they have one open loan and no more, its currency.
select b.time_zones, b.language,
       coalesce((select max(l.currency) from loans l where l.borrower_id = b.id and l.kind = 'loan' and l.closed_at is null having count(distinct l.currency) = 1), '')::text as currency
from borrowers b where b.id = $1;

-- name: OwedOn :one
-- What was overdue on a loan, and owed in all, when it was last decided upon.
select currency, past_due, outstanding from loans where id = $1;

-- name: OpenSurvey :one
-- The last survey that a borrower was asked and has not answered, and the loan that it is about.
select c.key, c.step_key, c.loan_ids[1]::text as loan_id from contacts c
where c.borrower_id = sqlc.arg(borrower_id) and c.purpose = 'survey' and c.direction = 'outbound' and c.at >= sqlc.arg(since)::timestamptz
  and not exists (select from events e where e.borrower_id = c.borrower_id and e.type = 'survey.answered' and e.data ->> 'contact' = c.key)
order by c.at desc limit 1;

-- name: WasAsked :one
-- The step by which a borrower was last asked something that yes or no answers: the offer of a plan, or what was understood as a
-- promise; nothing when there was none.
select coalesce((select c.step_key from contacts c
                 where c.borrower_id = sqlc.arg(borrower_id) and (c.step_key like 'plan-offer@%' or c.step_key like 'promise-noted@%')
                   and c.direction = 'outbound' and c.at >= sqlc.arg(since)::timestamptz
                 order by c.at desc, c.key limit 1), '')::text;

-- name: PointsOn :many
-- The contact points of a borrower on a channel.
select id from contact_points where borrower_id = sqlc.arg(borrower_id) and channel = sqlc.arg(channel) order by rank, id;

-- name: SurveyScores :many
-- How often each score was given to each question, by the strategy of the loan; none where it was asked about a complaint.
select (e.data ->> 'question')::text as question, coalesce(l.strategy, '')::text as strategy, (e.data ->> 'score')::int as score, count(*)::bigint as answers
from events e left join loans l on e.subject = 'loan/' || l.id
where e.type = 'survey.answered' and e.at >= sqlc.arg(since)::timestamptz
group by 1, 2, 3 order by 1, 2, 3;

-- name: SurveyRemarks :many
-- What remarks were understood as.
select (e.data ->> 'question')::text as question, m.intent::text as intent, count(*)::bigint as remarks
from events e cross join lateral jsonb_array_elements_text(e.data -> 'means') as m(intent)
where e.type = 'survey.answered' and e.at >= sqlc.arg(since)::timestamptz
group by 1, 2 order by 1, 3 desc, 2;

-- name: RemarksAdded :many
-- What borrowers added to the numbers that they gave, in their own words, the latest first. What is about no loan is named as a subject.
select e.at, (case when starts_with(e.subject, 'loan/') then substr(e.subject, 6) else e.subject end)::text as loan_id, (e.data ->> 'question')::text as question, (e.data ->> 'score')::int as score,
       array(select jsonb_array_elements_text(e.data -> 'means'))::text[] as means, (p.data ->> 'remark')::text as remark
from events e join event_particulars p on p.event_pk = e.pk
where e.type = 'survey.answered' and e.at >= sqlc.arg(since)::timestamptz and coalesce(p.data ->> 'remark', '') <> ''
  and (sqlc.arg(question)::text = '' or e.data ->> 'question' = sqlc.arg(question)::text)
order by e.at desc, e.pk desc limit sqlc.arg(most);

-- name: SurveysAsked :many
-- How often each question was asked.
select split_part(substr(c.step_key, 8), '@', 1)::text as question, count(*)::bigint as asked from contacts c
where c.purpose = 'survey' and c.direction = 'outbound' and c.at >= sqlc.arg(since)::timestamptz
group by 1 order by 1;
