-- name: InsertTask :exec
insert into tasks (key, loan_id, borrower_id, step_key, reason, at, rule, attempt, seq, purpose, calls, priority, until_at, most_tries)
values (sqlc.arg(key), sqlc.arg(loan_id), sqlc.arg(borrower_id), sqlc.arg(step_key), sqlc.arg(reason), sqlc.arg(at), sqlc.arg(rule), sqlc.arg(attempt),
        sqlc.arg(seq), sqlc.arg(purpose), sqlc.arg(calls), sqlc.arg(priority), sqlc.narg(until_at), sqlc.arg(most_tries))
on conflict do nothing;

-- name: HasTask :one
-- Whether a borrower has, or had, a task of a reason and a step.
select exists (select from tasks where borrower_id = sqlc.arg(borrower_id) and reason = sqlc.arg(reason) and step_key = sqlc.arg(step_key))::boolean as there;

-- name: EndTasks :exec
-- Ends the tasks of a borrower, of a reason and a step, that wait and of which no call is under way: what is told later is of another.
update tasks set done_at = sqlc.arg(at), disposition = sqlc.arg(disposition), done_by = sqlc.arg(done_by), contact_key = '', leased_until = null
where borrower_id = sqlc.arg(borrower_id) and reason = sqlc.arg(reason) and step_key = sqlc.arg(step_key) and done_at is null and dialled_at is null;

-- name: LastTask :one
-- The last task that a step became.
select * from tasks where loan_id = sqlc.arg(loan_id) and step_key = sqlc.arg(step_key) order by attempt desc, recorded_at desc limit 1;

-- name: TaskFor :one
-- A task. leased is set while somebody has it: until then it is nobody else's.
select sqlc.embed(t), coalesce(t.done_at is null and t.leased_until > clock_timestamp(), false)::boolean as leased
from tasks t where t.key = $1;

-- name: TaskOf :one
-- A task, locked until the end of the transaction. The borrower's lock comes first.
select sqlc.embed(t), coalesce(t.done_at is null and t.leased_until > clock_timestamp(), false)::boolean as leased
from tasks t where t.key = $1 for update;

-- name: ClaimTask :one
-- Takes the first task of the worklist that nobody has and that could be done now: nobody else takes the same, and nobody waits for
-- who takes another. Those that rules were seen to forbid for now come last, for that may have changed. Of a call that somebody else
-- had dialled, and said nothing of, nothing more will be said: it counts, and the next one is another. Nobody gets what is about a
-- complaint about them, nor anything of its borrower while it is open.
update tasks set agent = sqlc.arg(agent), dialled_at = null, leased_until = clock_timestamp() + make_interval(secs => sqlc.arg(lease_seconds)::float8)
where key = (
    select t.key from tasks t
    where t.done_at is null and not t.needless and (t.leased_until is null or t.leased_until <= clock_timestamp())
      and (t.until_at is null or t.until_at > sqlc.arg(now)) and (t.not_before is null or t.not_before <= sqlc.arg(now))
      and (t.rests_until is null or t.rests_until <= sqlc.arg(now)) and not t.key = any (sqlc.arg(skipped)::text[])
      and not exists (
          select from complaints c
          where c.facts -> 'about' ? sqlc.arg(agent)::text and c.borrower_id = t.borrower_id and (c.closed_at is null or t.loan_id = 'complaint.' || c.id))
    order by coalesce(t.held_until > sqlc.arg(now), false), t.priority desc, t.at, t.key
    limit 1 for update skip locked)
returning *;

-- name: KeptFrom :one
-- The complaint that keeps an agent from a task about something of a borrower, for it is about them; nothing when none does.
select coalesce((
    select c.id from complaints c
    where c.borrower_id = sqlc.arg(borrower_id) and c.facts -> 'about' ? sqlc.arg(agent)::text and (c.closed_at is null or sqlc.arg(loan_id)::text = 'complaint.' || c.id)
    order by (sqlc.arg(loan_id)::text = 'complaint.' || c.id) desc, c.raised_at, c.id limit 1), '')::text as complaint;

-- name: LockAgent :exec
-- Has an agent ask for one task at a time, until the end of the transaction.
select pg_advisory_xact_lock(hashtextextended('agent ' || sqlc.arg(agent)::text, 0));

-- name: HandOutTask :execrows
-- Hands a task that an agent has claimed out to them; not when their lease has ended meanwhile, for it may be somebody else's.
update tasks set point = sqlc.arg(point), held_until = null
where key = sqlc.arg(key) and agent = sqlc.arg(agent) and leased_until > clock_timestamp() and done_at is null;

-- name: PutTaskBack :execrows
-- Puts a task that an agent has back on the list.
update tasks set leased_until = null, held_until = coalesce(sqlc.narg(held_until)::timestamptz, held_until)
where key = sqlc.arg(key) and agent = sqlc.arg(agent) and leased_until is not null and done_at is null;

-- name: DialTask :exec
-- Notes that a contact is reserved for a task. Who calls keeps it for a while longer.
update tasks set contact_key = sqlc.arg(contact_key), point = sqlc.arg(point), dialled_at = sqlc.arg(at), dials = sqlc.arg(dials), agent = sqlc.arg(agent),
    leased_until = greatest(leased_until, clock_timestamp() + make_interval(secs => sqlc.arg(lease_seconds)::float8))
where key = sqlc.arg(key);

-- name: FinishTask :exec
-- Ends a task; one that was ended before keeps when.
update tasks set done_at = coalesce(done_at, sqlc.arg(at)), disposition = sqlc.arg(disposition), done_by = sqlc.arg(done_by), contact_key = sqlc.arg(contact_key),
    leased_until = null, dialled_at = null
where key = sqlc.arg(key);

-- name: RetryTask :exec
-- Puts a task back on the list after a call that did not end it.
update tasks set tries = sqlc.arg(tries), not_before = sqlc.arg(not_before), until_at = case when until_at is not null then greatest(until_at, sqlc.narg(until_at)) end, contact_key = sqlc.arg(contact_key),
    leased_until = null, dialled_at = null, held_until = null
where key = sqlc.arg(key);

-- name: NoteTasks :exec
-- What a decision says of the tasks that wait.
update tasks t set needless = coalesce(f.needless, false), rests_until = f.rests_until, held_until = null
from jsonb_to_recordset(sqlc.arg(found)::jsonb) as f (task text, needless boolean, rests_until timestamptz)
where t.key = f.task and t.loan_id = sqlc.arg(loan_id) and t.done_at is null
  and (t.needless, t.rests_until, t.held_until) is distinct from (coalesce(f.needless, false), f.rests_until, null);

-- name: AgedTasks :many
-- Tasks whose time is over, and that nobody has. A loan that has closed is not woken for one; what no step of its journey asked for
-- goes to somebody else.
select key, loan_id from tasks
where (starts_with(key, reason || '-') or exists (select from loans l where l.id = tasks.loan_id and l.closed_at is null)) and done_at is null and until_at <= sqlc.arg(now) and (leased_until is null or leased_until <= clock_timestamp())
order by until_at, key limit sqlc.arg(most);

-- name: CallStanding :one
-- What must be known before a person calls, read under the borrower's lock. undecided is set while an event came that no decision knows.
-- debt is the loan that the call is about: of a complaint the one that is complained about.
select coalesce(q.loan_id, l.id)::text as debt, b.name, b.language, b.jurisdiction, b.time_zones, l.currency, l.past_due, l.past_due_since, l.outstanding, l.closed_at,
       (l.closed_at is null and exists (
            select from deliveries d where d.loan_id = l.id and d.state <> 'refused'
              and d.number > coalesce((select max((c.body->>'number')::bigint) from decisions c where c.loan_id = l.id and c.seq = l.seq), 0)))::boolean as undecided,
       standing(b.id, sqlc.arg(since)::timestamptz)::jsonb as standing,
       halts_in(b.jurisdiction)::jsonb as halts
from borrowers b join loans l on l.id = sqlc.arg(loan_id)
left join complaints q on l.kind = 'complaint' and q.id = substr(l.id, length('complaint.') + 1)
where b.id = sqlc.arg(borrower_id);

-- name: PointAddress :one
select address from contact_points where borrower_id = $1 and id = $2 and failed_at is null;

-- name: OtherTelephones :one
-- Whether a borrower has a telephone beside one of them that can be called.
select exists (select from contact_points where borrower_id = sqlc.arg(borrower_id) and channel = 'call' and id <> sqlc.arg(point) and failed_at is null);

-- name: ApplicationTerms :one
-- What an application is about, as it was told first: nothing of it is personal.
select e.data from events e where e.type = 'application.preapproved' and e.subject = 'application/' || sqlc.arg(application)::text order by e.pk limit 1;

-- name: WroteText :one
-- What the borrower wrote that a task is about, added to the answer to a survey, or complained of.
select coalesce(p.data->>'text', p.data->>'remark', p.data->'complaint'->>'text', p.data->>'note', '')::text as text
from events e join event_particulars p on p.event_pk = e.pk
where e.pk = sqlc.arg(event_pk) and e.borrower_id = sqlc.arg(borrower_id)
  and e.type in ('borrower.replied', 'survey.answered', 'complaint.raised', 'call.completed');

-- name: AskedText :one
-- What a borrower wrote at an instant.
select coalesce(p.data->>'text', '')::text as text from events e join event_particulars p on p.event_pk = e.pk
where e.borrower_id = sqlc.arg(borrower_id) and e.type = 'borrower.replied' and e.at = sqlc.arg(at)::timestamptz
order by e.pk desc limit 1;

-- name: ListTasks :many
-- Tasks in the order of the worklist: those that somebody may do, or has; if every is set those that nothing asks for any more, and
-- those that have ended too, after all others.
select sqlc.embed(t), coalesce(t.done_at is null and t.leased_until > clock_timestamp(), false)::boolean as leased
from tasks t
where (sqlc.arg(every)::boolean or t.done_at is null and (not t.needless or t.leased_until > clock_timestamp()))
  and (sqlc.arg(loan_id)::text = '' or t.loan_id = sqlc.arg(loan_id))
  and (sqlc.arg(agent)::text = '' or t.agent = sqlc.arg(agent) and t.done_at is null and t.leased_until > clock_timestamp())
  and (sqlc.arg(reason)::text = '' or t.reason = sqlc.arg(reason))
order by t.done_at nulls first, t.needless, t.priority desc, t.at, t.key limit sqlc.arg(most);
