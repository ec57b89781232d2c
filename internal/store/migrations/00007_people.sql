-- +goose Up

-- What kind of place, or thing, a contact point is bound to: home, personal, work, other; empty when that is not known.
alter table contact_points add column place text not null default '';

-- Who was contacted, by whom, and whether the borrower had asked for it: what rules distinguish.
alter table contacts add column consented boolean not null default false, add column collector text not null default '',
    add column recipient text not null default '';

-- Consents that laws ask for, each with whom it was given to and how. A wish that forbids later revokes those that it fits.
create table consents (
    pk          bigint      generated always as identity primary key,
    borrower_id text        not null references borrowers,
    channel     text,
    point       text,
    purpose     text,
    given_at    timestamptz not null,
    given_to    text        not null default '',
    written     boolean     not null default false,
    expires_at  timestamptz,
    grantor     text        not null default '',
    source      text        not null,
    recorded_at timestamptz not null default now()
);
create index on consents (borrower_id);
create trigger append_only before update or delete on consents for each row execute function refuse_change();

-- +goose StatementBegin
create function revoked_at(c consents) returns timestamptz language sql stable as $$
    select min(w.at) from wishes w
    where w.borrower_id = c.borrower_id and not w.allowed and w.at >= c.given_at
      and (w.channel is null or c.channel is null or w.channel = c.channel) and (w.point is null or c.point is null or w.point = c.point)
$$;
-- +goose StatementEnd

-- Times of the week at which a borrower does not want to be contacted. Those that are given replace those of before.
create table blackouts (
    pk          bigint      generated always as identity primary key,
    borrower_id text        not null references borrowers,
    channel     text,
    point       text,
    days        text[]      not null default '{}',
    from_time   text        not null,
    to_time     text        not null,
    at          timestamptz not null,
    replaced_at timestamptz,
    recorded_at timestamptz not null default now()
);
create index on blackouts (borrower_id) where replaced_at is null;

-- +goose StatementBegin
create or replace function standing(borrower text, since timestamptz) returns jsonb language sql stable as $$
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
          and not coalesce(o.disposition = '' and o.code <> '', false)) -- never left: counts for nothing
))
    from borrowers b where b.id = borrower
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function standing(borrower text, since timestamptz) returns jsonb language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object(
    'borrower', b.id,
    'language', b.language,
    'zones', b.time_zones,
    'preferred', nullif(b.preferred, ''),
    'points', coalesce((
        select jsonb_agg(jsonb_build_object('id', p.id, 'channel', p.channel, 'rank', p.rank, 'failed', p.failed_at is not null)
                         order by p.channel, p.rank, p.id)
        from contact_points p where p.borrower_id = b.id), '[]'),
    'wishes', (
        select jsonb_agg(jsonb_build_object('allowed', w.allowed, 'channel', w.channel, 'point', w.point, 'at', w.at) order by w.pk)
        from wishes w where w.borrower_id = b.id),
    'holds', (
        select jsonb_agg(jsonb_build_object('id', h.id, 'kind', h.kind, 'loan', h.loan_id, 'point', h.point,
                                            'from', h.from_at, 'until', h.until_at) order by h.from_at, h.id)
        from holds h where h.borrower_id = b.id and h.released_at is null),
    'attempts', (
        select jsonb_agg(jsonb_build_object('key', c.key, 'at', c.at, 'channel', c.channel, 'point', nullif(c.point, ''),
                                            'direction', c.direction, 'purpose', c.purpose, 'loans', c.loan_ids,
                                            'disposition', nullif(o.disposition, '')) order by c.at, c.key)
        from contacts c
        left join lateral outcome_of(c.key) o on true
        where c.borrower_id = b.id and c.at >= since
          and not coalesce(o.disposition = '' and o.code <> '', false)) -- never left: counts for nothing
))
    from borrowers b where b.id = borrower
$$;
-- +goose StatementEnd
drop function revoked_at;
drop table blackouts, consents;
alter table contacts drop column consented, drop column collector, drop column recipient;
alter table contact_points drop column place;
