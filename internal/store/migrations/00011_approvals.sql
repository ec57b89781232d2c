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

-- A consent may be for one purpose, or for a while: so is the wish that ends an opt-out.
alter table wishes add column purpose text, add column until_at timestamptz;

-- The rule that forbids a call, on a task about which a person might else have called.
alter table tasks add column rule text not null default '';

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
            select jsonb_agg(jsonb_build_object('allowed', w.allowed, 'channel', w.channel, 'point', w.point, 'purpose', w.purpose, 'at', w.at, 'until', w.until_at) order by w.pk)
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
drop function standing;
alter function standing_of_people (text, timestamptz) rename to standing;
drop index events_marks;
alter table tasks drop column rule;
alter table wishes drop column purpose, drop column until_at;
drop table approvals;
