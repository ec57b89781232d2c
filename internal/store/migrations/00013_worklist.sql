-- +goose Up

-- The worklist: how a task waits for a person, who has it, and how far they are. It holds nothing personal: what an agent writes is in
-- event_particulars, and what is said is worked out when it is read.
alter table tasks
    -- The how-many-th task it is for its step, and the decision that asked for it.
    add column attempt      int         not null default 1,
    add column seq          bigint      not null default 0,
    -- The purpose that a call about it has; calls is set where the task is to call, so that it is handed out only when that is allowed.
    add column purpose      text        not null default '',
    add column calls        boolean     not null default false,
    add column priority     int         not null default 20,
    -- Until when it can be done, and from when: business time. None: it never ages out, and can be done at once.
    add column until_at     timestamptz,
    add column not_before   timestamptz,
    add column tries        int         not null default 0,
    add column most_tries   int         not null default 3,
    -- Who has it, or had it last, and until when: wall time.
    add column agent        text        not null default '',
    add column leased_until timestamptz,
    -- The contact point to be called; the contact that was reserved last, when, if nobody has said yet what came of it, and how many were.
    add column point        text        not null default '',
    add column contact_key  text        not null default '',
    add column dialled_at   timestamptz,
    add column dials        int         not null default 0,
    -- What the last decision says: nothing asks for it any more, or not until then (business time).
    add column needless     boolean     not null default false,
    add column rests_until  timestamptz,
    -- Until when the rules were last seen to forbid a call: who looks for a task looks at others first. Business time.
    add column held_until   timestamptz,
    add column done_by      text        not null default '';

-- What waits already was assigned by what its reason says, and does not age out.
update tasks set purpose = 'collection', calls = true where reason in ('no_channel', 'given_up');
update tasks set purpose = 'informational', priority = 40 where reason = 'hardship';
update tasks set purpose = 'location_enquiry', priority = 35 where reason = 'estate';
update tasks set purpose = 'reply', priority = 30 where reason = 'reply';
update tasks set priority = 10 where reason = 'given_up';

create index tasks_waiting on tasks (priority desc, at, key) where done_at is null;
create index tasks_ageing on tasks (until_at) where done_at is null;
create unique index tasks_of_step on tasks (loan_id, step_key, attempt) where seq > 0;

-- A task is entered into its chain again when what it is about or what came of it changes, and not whenever somebody takes it up.
drop trigger zz_chain on tasks;
create constraint trigger zz_chain after insert on tasks deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on tasks deferrable initially deferred for each row
    when ((old.loan_id, old.borrower_id, old.step_key, old.reason, old.rule, old.at, old.done_at, old.disposition)
          is distinct from (new.loan_id, new.borrower_id, new.step_key, new.reason, new.rule, new.at, new.done_at, new.disposition))
    execute function chain_row();

-- What a borrower says in a call marks as much as what they write: complaints and disputes, after which some rules ask for rest.
create index events_call_marks on events (borrower_id) where type = 'call.completed' and (data ? 'complaint' or data ? 'dispute');
create index events_call_hardship on events (borrower_id, at) where type = 'call.completed' and data ? 'hardship';
alter function standing (text, timestamptz) rename to standing_without_calls;
-- +goose StatementBegin
create or replace function standing(borrower text, since timestamptz) returns jsonb language plpgsql stable as $$
declare
    known jsonb := standing_without_calls(borrower, since);
    said jsonb := (
        select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', s.kind, 'loan', case when e.subject like 'loan/%' then substr(e.subject, 6) end, 'at', e.at)) order by e.pk, s.kind)
        from events e cross join (values ('complaint'), ('dispute')) s (kind)
        where e.borrower_id = borrower and e.type = 'call.completed' and (e.data ? 'complaint' or e.data ? 'dispute') and e.data ? s.kind and e.at >= since);
begin
    if said is null or known is null then
        return known;
    end if;
    return jsonb_set(known, '{marks}', coalesce(known->'marks', '[]') || said);
end $$;
-- +goose StatementEnd

-- +goose Down
drop function standing;
alter function standing_without_calls (text, timestamptz) rename to standing;
drop index events_call_marks, events_call_hardship;
drop trigger zz_chain_change on tasks;
drop trigger zz_chain on tasks;
create constraint trigger zz_chain after insert or update on tasks deferrable initially deferred for each row execute function chain_row();
drop index tasks_of_step, tasks_ageing, tasks_waiting;
alter table tasks drop column attempt, drop column seq, drop column purpose, drop column calls, drop column priority, drop column until_at,
    drop column not_before, drop column tries, drop column most_tries, drop column agent, drop column leased_until, drop column point,
    drop column contact_key, drop column dialled_at, drop column dials, drop column needless, drop column rests_until, drop column held_until,
    drop column done_by;
