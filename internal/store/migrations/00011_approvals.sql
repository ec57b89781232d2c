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

-- A borrower's standing, with what people approved of and what rules ask for rest after. The functions of a reservation are in
-- PL/pgSQL, which keeps their plans: in SQL, making them took longer than what they do.
alter function standing (text, timestamptz) rename to standing_of_people;
-- +goose StatementBegin
create or replace function standing(borrower text, since timestamptz) returns jsonb language plpgsql stable as $$
begin
    return (
        select jsonb_strip_nulls(jsonb_build_object(
        'borrower', b.id,
        'language', b.language,
        'zones', b.time_zones,
        'preferred', nullif(b.preferred, ''),
        'points', coalesce((
            select jsonb_agg(jsonb_build_object('id', p.id, 'channel', p.channel, 'rank', p.rank, 'failed', p.failed_at is not null, 'place', nullif(p.place, ''))
                             order by p.channel, p.rank, p.id)
            from contact_points p where p.borrower_id = b.id), '[]'),
        'wishes', (
            select jsonb_agg(jsonb_build_object('allowed', w.allowed, 'channel', w.channel, 'point', w.point, 'at', w.at) order by w.pk)
            from wishes w where w.borrower_id = b.id),
        'blackouts', (
            select jsonb_agg(jsonb_build_object('channel', t.channel, 'point', t.point, 'days', t.days, 'from', t.from_time, 'to', t.to_time, 'at', t.at)
                             order by t.pk)
            from blackouts t where t.borrower_id = b.id and t.replaced_at is null),
        'consents', (
            select jsonb_agg(jsonb_build_object('channel', c.channel, 'contact_point', c.point, 'purpose', c.purpose, 'given_at', c.given_at,
                                                'given_to', nullif(c.given_to, ''), 'written', c.written, 'expires_at', c.expires_at,
                                                'revoked_at', revoked_at(c)) order by c.pk)
            from consents c where c.borrower_id = b.id),
        'holds', (
            select jsonb_agg(jsonb_build_object('id', h.id, 'kind', h.kind, 'loan', h.loan_id, 'point', h.point,
                                                'from', h.from_at, 'until', h.until_at) order by h.from_at, h.id)
            from holds h where h.borrower_id = b.id and h.released_at is null),
        'attempts', (
            select jsonb_agg(jsonb_build_object('key', c.key, 'at', c.at, 'channel', c.channel, 'point', nullif(c.point, ''),
                                                'direction', c.direction, 'purpose', c.purpose, 'loans', c.loan_ids,
                                                'consented', case when c.consented then true end, 'collector', nullif(c.collector, ''),
                                                'recipient', nullif(c.recipient, ''),
                                                'disposition', nullif(o.disposition, '')) order by c.at, c.key)
            from contacts c
            left join lateral outcome_of(c.key) o on true
            where c.borrower_id = b.id and (c.at >= since or c.recipient not in ('', 'borrower')) -- with others, for ever
              and not coalesce(o.disposition = '' and o.code <> '', false)), -- never left: counts for nothing
        'approvals', (
            select jsonb_agg(jsonb_build_object('loan', a.loan_id, 'step', a.step_key, 'rule', r.rule, 'until', a.holds_until) order by a.recorded_at, a.id, r.rule)
            from approvals a, unnest(a.rules) as r (rule) where a.borrower_id = b.id and a.answer = 'granted' and a.holds_until >= since),
        'marks', (
            select jsonb_agg(jsonb_build_object('kind', case e.type when 'complaint.raised' then 'complaint' when 'dispute.raised' then 'dispute' else 'hardship_refused' end,
                                                'loan', case when e.subject like 'loan/%' then substr(e.subject, 6) end, 'at', e.at) order by e.pk)
            from events e where e.borrower_id = b.id and e.type in ('complaint.raised', 'dispute.raised', 'hardship.refused') and e.at >= since)
        ))
        from borrowers b where b.id = borrower
    );
end $$;
-- +goose StatementEnd

-- Requests and their answers, and what was held back, are entries of the borrower's chain too.
alter function chained (text, text) rename to chained_otherwise;
-- +goose StatementBegin
create or replace function chained(entry_kind text, entry_ref text) returns bytea language plpgsql stable as $$
declare
    -- Whoever spoils an entry may write what they like into it.
    whose text := split_part(entry_ref, '/', 1);
    number bigint := substring(split_part(entry_ref, '/', 2) from '^[0-9]{1,18}$')::bigint;
    row_pk bigint := substring(entry_ref from '^[0-9]{1,18}$')::bigint;
    content jsonb;
begin
    case entry_kind
    when 'contact' then
        select jsonb_build_array(c.key, c.borrower_id, c.loan_ids, c.step_key, c.channel, c.point, c.direction, c.purpose, c.template,
                                 c.adapter, extract(epoch from c.at), c.intent, c.attempt, c.consented, c.collector, c.recipient)
        into content from contacts c where c.key = entry_ref;
    when 'outcome' then
        select jsonb_build_array(o.contact_key, o.disposition, extract(epoch from o.at), o.ref, o.code)
        into content from outcomes o where o.pk = row_pk;
    when 'wish' then
        select jsonb_build_array(w.borrower_id, w.allowed, w.channel, w.point, extract(epoch from w.at))
        into content from wishes w where w.pk = row_pk;
    when 'consent' then
        select jsonb_build_array(c.borrower_id, c.channel, c.point, c.purpose, extract(epoch from c.given_at), c.given_to, c.written,
                                 extract(epoch from c.expires_at), c.source)
        into content from consents c where c.pk = row_pk;
    when 'hold' then
        select jsonb_build_array(h.borrower_id, h.id, h.loan_id, h.point, h.kind, extract(epoch from h.from_at), extract(epoch from h.until_at))
        into content from borrower_holds h where h.borrower_id = whose and h.id = substr(entry_ref, length(whose) + 2);
    when 'release' then
        select jsonb_build_array(h.borrower_id, h.id, extract(epoch from h.released_at))
        into content from borrower_holds h where h.borrower_id = whose and h.id = substr(entry_ref, length(whose) + 2) and h.released_at is not null;
    when 'decision' then
        select jsonb_build_array(d.loan_id, d.seq, d.hash, extract(epoch from d.at), encode(sha256(convert_to(d.body::text, 'UTF8')), 'hex'))
        into content from decisions d where d.final and d.loan_id = whose and d.seq = number and d.hash = split_part(entry_ref, '/', 3);
    when 'held_back' then
        select jsonb_build_array(h.loan_id, h.step_key, h.rule, h.version, h.verdict, h.why, h.used, h.most, extract(epoch from h.at), extract(epoch from h.until))
        into content from held_back h where h.loan_id = whose and h.loan_id || '/' || h.step_key || '/' || h.rule = entry_ref;
    when 'task' then
        select jsonb_build_array(t.key, t.loan_id, t.borrower_id, t.step_key, t.reason, extract(epoch from t.at))
        into content from tasks t where t.key = entry_ref;
    when 'task_done' then
        select jsonb_build_array(t.key, extract(epoch from t.done_at), t.disposition)
        into content from tasks t where t.key = entry_ref and t.done_at is not null;
    when 'approval' then
        select jsonb_build_array(a.id, a.borrower_id, a.loan_id, a.step_key, a.rules, a.channel, extract(epoch from a.at), a.asked_by, extract(epoch from a.until_at))
        into content from approvals a where a.id = entry_ref;
    when 'approval_answer' then
        select jsonb_build_array(a.id, a.answer, extract(epoch from a.answered_at), a.answered_by, extract(epoch from a.holds_until))
        into content from approvals a where a.id = entry_ref and a.answer <> '';
    when 'event' then
        select jsonb_build_array(e.source, e.id, e.type, e.subject, e.borrower_id, extract(epoch from e.at), encode(e.digest, 'hex'), e.actor)
        into content from events e where e.pk = row_pk;
    else
        return null;
    end case;
    return sha256(convert_to(content::text, 'UTF8'));
end $$;
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

alter function halts_in (text) rename to halts_in_sql;
-- +goose StatementBegin
create or replace function halts_in(place text) returns jsonb language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'id', h.id, 'channel', nullif(h.channel, ''), 'template', nullif(h.template, ''), 'jurisdiction', nullif(h.jurisdiction, ''),
            'except_notices', h.except_notices, 'from', h.from_at, 'until', h.until_at)) order by h.from_at, h.id), '[]')
        from halts h where h.lifted_at is null and (h.jurisdiction = '' or lies_in(place, h.jurisdiction))
    );
end $$;
-- +goose StatementEnd

-- +goose Down
drop function halts_in;
alter function halts_in_sql (text) rename to halts_in;
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
