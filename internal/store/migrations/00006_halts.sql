-- +goose Up

-- Stops of contacts by an operator: of all, or of those that every filter fits.
create table halts (
    id             text        primary key,
    channel        text        not null default '',
    jurisdiction   text        not null default '' check (jurisdiction = lower(jurisdiction)),
    template       text        not null default '',
    except_notices boolean     not null default false,
    reason         text        not null,
    from_at        timestamptz not null,
    until_at       timestamptz,
    placed_by      text        not null,
    lifted_at      timestamptz,
    lifted_by      text        not null default '',
    recorded_at    timestamptz not null default now()
);
create index halts_open on halts (from_at) where lifted_at is null;

-- The halts that concern whoever lives in a place, as the JSON of a list of contact.Halt. Those that are lifted stop nothing;
-- when the others do, and what, the reader looks at.
create function halts_in(place text) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'id', h.id, 'channel', nullif(h.channel, ''), 'template', nullif(h.template, ''), 'jurisdiction', nullif(h.jurisdiction, ''),
        'except_notices', h.except_notices, 'from', h.from_at, 'until', h.until_at)) order by h.from_at, h.id), '[]')
    from halts h where h.lifted_at is null and (h.jurisdiction = '' or lies_in(place, h.jurisdiction))
$$;

-- +goose Down
drop function halts_in;
drop table halts;
