-- +goose Up

-- Questions to a person: whether a step may be done although soft rules advise against it. The last one about a step counts.
create table approvals (
    id          text        primary key,
    borrower_id text        not null references borrowers,
    loan_id     text        not null references loans,
    step_key    text        not null,
    rules       text[]      not null,
    channel     text        not null,
    at          timestamptz not null,
    asked_by    text        not null,
    -- until_at is when it can no longer be answered, holds_until when what was granted no longer holds.
    until_at    timestamptz not null,
    answer      text        not null default '' check (answer in ('', 'granted', 'refused')),
    answered_at timestamptz,
    answered_by text        not null default '',
    holds_until timestamptz,
    recorded_at timestamptz not null default now()
);
create index on approvals (borrower_id);
create index on approvals (loan_id);
create index on approvals (until_at) where answer = '';

-- What happened after which some rules ask for rest.
create index events_marks on events (borrower_id) where type in ('complaint.raised', 'dispute.raised', 'hardship.refused');

-- A borrower's standing as it was, with what people approved of and what rules ask for rest after.
alter function standing (text, timestamptz) rename to standing_of_people;
-- +goose StatementBegin
create or replace function standing(borrower text, since timestamptz) returns jsonb language sql stable as $$
    select standing_of_people(borrower, since) || jsonb_strip_nulls(jsonb_build_object(
    'approvals', (
        select jsonb_agg(jsonb_build_object('loan', a.loan_id, 'step', a.step_key, 'rule', r.rule, 'until', a.holds_until) order by a.recorded_at, a.id, r.rule)
        from approvals a, unnest(a.rules) as r (rule) where a.borrower_id = borrower and a.answer = 'granted' and a.holds_until >= since),
    'marks', (
        select jsonb_agg(jsonb_build_object('kind', case e.type when 'complaint.raised' then 'complaint' when 'dispute.raised' then 'dispute' else 'hardship_refused' end,
                                            'loan', case when e.subject like 'loan/%' then substr(e.subject, 6) end, 'at', e.at) order by e.pk)
        from events e where e.borrower_id = borrower and e.type in ('complaint.raised', 'dispute.raised', 'hardship.refused') and e.at >= since)))
$$;
-- +goose StatementEnd

-- Requests and their answers are entries of the borrower's chain.
alter function chained (text, text) rename to chained_otherwise;
-- +goose StatementBegin
create or replace function chained(entry_kind text, entry_ref text) returns bytea language sql stable as $$
    select case when entry_kind in ('approval', 'approval_answer') then (
        select sha256(convert_to(case entry_kind
            when 'approval' then jsonb_build_array(a.id, a.borrower_id, a.loan_id, a.step_key, a.rules, a.channel, extract(epoch from a.at), a.asked_by, extract(epoch from a.until_at))
            else jsonb_build_array(a.id, a.answer, extract(epoch from a.answered_at), a.answered_by, extract(epoch from a.holds_until)) end::text, 'UTF8'))
        from approvals a where a.id = entry_ref and (entry_kind = 'approval' or a.answer <> ''))
    else chained_otherwise(entry_kind, entry_ref) end
$$;
-- +goose StatementEnd
alter function chainable () rename to chainable_otherwise;
-- +goose StatementBegin
create or replace function chainable() returns table (borrower_id text, kind text, ref text, recorded_at timestamptz) language sql stable as $$
    select * from chainable_otherwise()
    union all select a.borrower_id, 'approval', a.id, a.recorded_at from approvals a
    union all select a.borrower_id, 'approval_answer', a.id, a.answered_at from approvals a where a.answer <> ''
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function chain_approval() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform chain_append(new.borrower_id, 'approval', new.id);
    end if;
    if new.answer <> '' and (tg_op = 'INSERT' or old.answer = '') then
        perform chain_append(new.borrower_id, 'approval_answer', new.id);
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger zz_chain after insert or update of answer on approvals for each row execute function chain_approval();

-- +goose Down
drop trigger zz_chain on approvals;
drop function chain_approval;
drop function chainable;
alter function chainable_otherwise () rename to chainable;
drop function chained;
alter function chained_otherwise (text, text) rename to chained;
drop function standing;
alter function standing_of_people (text, timestamptz) rename to standing;
drop index events_marks;
drop table approvals;
