-- name: BorrowerZones :one
select time_zones from borrowers where id = $1;

-- name: ReplyFrom :one
-- Who wrote a reply, by a loan or by the borrower's id: the language that they are written to in, where they may be, and the currencies
-- of the loans that it may be about.
select b.language, b.time_zones, array(
    select distinct l.currency from loans l
    where l.borrower_id = b.id and case when sqlc.arg(loan)::text = '' then l.closed_at is null else l.id = sqlc.arg(loan)::text end
    order by 1)::text[] as currencies
from borrowers b
where b.id = case when sqlc.arg(loan)::text = '' then sqlc.arg(borrower)::text else (select l.borrower_id from loans l where l.id = sqlc.arg(loan)::text) end;

-- name: RepliesUnderstood :many
-- How many replies came to be understood how since an instant, where a classifier is set.
select coalesce(e.data ->> 'understood_by', '')::text as understood_by, coalesce(e.data ->> 'classifier_failed', '')::text as failed, count(*)::bigint as replies
from events e where e.type = 'borrower.replied' and e.at >= sqlc.arg(since)::timestamptz and e.data ? 'understood_by'
group by 1, 2 order by 3 desc, 2;

-- name: OwedOn :one
-- What was overdue on a loan when it was last decided upon.
select currency, past_due from loans where id = $1;

-- name: OpenSurvey :one
-- The last survey that a borrower was asked and has not answered, and the loan that it is about.
select c.key, c.step_key, c.loan_ids[1]::text as loan_id from contacts c
where c.borrower_id = sqlc.arg(borrower_id) and c.purpose = 'survey' and c.direction = 'outbound' and c.at >= sqlc.arg(since)::timestamptz
  and not exists (select from events e where e.borrower_id = c.borrower_id and e.type = 'survey.answered' and e.data ->> 'contact' = c.key)
order by c.at desc limit 1;

-- name: SurveyScores :many
-- How often each score was given to each question, by strategy.
select (e.data ->> 'question')::text as question, l.strategy, (e.data ->> 'score')::int as score, count(*)::bigint as answers
from events e join loans l on e.subject = 'loan/' || l.id
where e.type = 'survey.answered' and e.at >= sqlc.arg(since)::timestamptz
group by 1, 2, 3 order by 1, 2, 3;

-- name: SurveyRemarks :many
-- What remarks were understood as.
select (e.data ->> 'question')::text as question, m.intent::text as intent, count(*)::bigint as remarks
from events e cross join lateral jsonb_array_elements_text(e.data -> 'means') as m(intent)
where e.type = 'survey.answered' and e.at >= sqlc.arg(since)::timestamptz
group by 1, 2 order by 1, 3 desc, 2;

-- name: SurveysAsked :many
-- How often each question was asked.
select split_part(substr(c.step_key, 8), '@', 1)::text as question, count(*)::bigint as asked from contacts c
where c.purpose = 'survey' and c.direction = 'outbound' and c.at >= sqlc.arg(since)::timestamptz
group by 1 order by 1;
