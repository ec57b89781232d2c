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

-- Requests and their answers, and what was held back, are entries of the borrower's chain too.
alter function chained (text, text) rename to chained_otherwise;
-- +goose StatementBegin
create or replace function chained(entry_kind text, entry_ref text) returns bytea language sql stable as $$
    select case when entry_kind in ('approval', 'approval_answer', 'held_back') then (
        select sha256(convert_to(content::text, 'UTF8')) from (
            select jsonb_build_array(a.id, a.borrower_id, a.loan_id, a.step_key, a.rules, a.channel, extract(epoch from a.at), a.asked_by, extract(epoch from a.until_at)) as content
            from approvals a where entry_kind = 'approval' and a.id = entry_ref
            union all
            select jsonb_build_array(a.id, a.answer, extract(epoch from a.answered_at), a.answered_by, extract(epoch from a.holds_until))
            from approvals a where entry_kind = 'approval_answer' and a.id = entry_ref and a.answer <> ''
            union all
            select jsonb_build_array(h.loan_id, h.step_key, h.rule, h.version, h.verdict, h.why, h.used, h.most, extract(epoch from h.at), extract(epoch from h.until))
            from held_back h where entry_kind = 'held_back' and h.loan_id = split_part(entry_ref, '/', 1)
              and h.loan_id || '/' || h.step_key || '/' || h.rule = entry_ref
        ) one)
    else chained_otherwise(entry_kind, entry_ref) end
$$;
-- +goose StatementEnd
alter function chainable () rename to chainable_otherwise;
-- +goose StatementBegin
create or replace function chainable() returns table (borrower_id text, kind text, ref text, recorded_at timestamptz) language sql stable as $$
    select * from chainable_otherwise()
    union all select a.borrower_id, 'approval', a.id, a.recorded_at from approvals a
    union all select a.borrower_id, 'approval_answer', a.id, a.answered_at from approvals a where a.answer <> ''
    union all select l.borrower_id, 'held_back', h.loan_id || '/' || h.step_key || '/' || h.rule, h.recorded_at from held_back h join loans l on l.id = h.loan_id
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function chain_more() returns trigger language plpgsql as $$
begin
    case tg_table_name
    when 'approvals' then
        if tg_op = 'INSERT' then
            perform chain_append(new.borrower_id, 'approval', new.id);
        end if;
        if new.answer <> '' and (tg_op = 'INSERT' or old.answer = '') then
            perform chain_append(new.borrower_id, 'approval_answer', new.id);
        end if;
    when 'held_back' then
        perform chain_append((select l.borrower_id from loans l where l.id = new.loan_id), 'held_back', new.loan_id || '/' || new.step_key || '/' || new.rule);
    end case;
    return null;
end $$;
-- +goose StatementEnd
create trigger zz_chain after insert or update of answer on approvals for each row execute function chain_more();
create trigger zz_chain after insert on held_back for each row execute function chain_more();
create trigger append_only before update or delete on held_back for each row execute function refuse_change();

-- What was held back before it was an entry.
-- +goose StatementBegin
do $$
declare
    one record;
begin
    for one in select * from chainable() where kind = 'held_back' order by recorded_at, ref loop
        perform chain_append(one.borrower_id, one.kind, one.ref);
    end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop trigger append_only on held_back;
drop trigger zz_chain on held_back;
drop trigger zz_chain on approvals;
drop function chain_more;
drop function chainable;
alter function chainable_otherwise () rename to chainable;
drop function chained;
alter function chained_otherwise (text, text) rename to chained;
drop function standing;
alter function standing_of_people (text, timestamptz) rename to standing;
drop index events_marks;
drop table approvals;
