-- +goose Up

-- The installation's clock: one row (design §6). Real installations run at rate 1.
create table installation (
    sole         boolean     primary key default true check (sole),
    clock_start  timestamptz not null,
    clock_origin timestamptz not null,
    clock_rate   bigint      not null check (clock_rate >= 1)
);

-- All personal data hangs on the borrower: here, in contact_points, event_particulars, messages and outbox, and in what a
-- hold says of its owner and evidence.
create table borrowers (
    id           text        primary key,
    name         text        not null default '',
    language     text        not null default 'en',
    time_zones   text[]      not null default '{}',
    jurisdiction text        not null default '',
    preferred    text        not null default '',
    recorded_at  timestamptz not null default now()
);

create table contact_points (
    borrower_id text not null references borrowers,
    id          text not null,
    channel     text not null,
    address     text not null,
    rank        int  not null default 0,
    failed_at   timestamptz,
    primary key (borrower_id, id)
);

-- What borrowers allowed or forbade; the latest that fits decides.
create table wishes (
    pk          bigint      generated always as identity primary key,
    borrower_id text        not null references borrowers,
    allowed     boolean     not null,
    channel     text,
    point       text,
    at          timestamptz not null,
    recorded_at timestamptz not null default now()
);
create index on wishes (borrower_id);

create table holds (
    borrower_id text        not null references borrowers,
    id          text        not null,
    loan_id     text,
    point       text,
    kind        text        not null,
    from_at     timestamptz not null,
    until_at    timestamptz,
    owner       text        not null default '',
    note        text        not null default '',
    placed_by   text        not null default '',
    released_at timestamptz,
    recorded_at timestamptz not null default now(),
    primary key (borrower_id, id)
);

-- Loans, with the projection that lists and reports read. Decide writes the projection; intake counts the events.
create table loans (
    id             text        primary key,
    borrower_id    text        not null references borrowers,
    currency       text        not null,
    disbursed_at   timestamptz not null,
    source         text        not null,
    time_zone      text        not null default 'UTC',
    last_number    bigint      not null default 0,
    seq            bigint      not null default 0,
    strategy       text        not null default '',
    stage          text        not null default '',
    bucket         text        not null default '',
    past_due_since date,
    past_due       numeric     not null default 0,
    outstanding    numeric     not null default 0,
    last_step      text        not null default '',
    next_step      text        not null default '',
    next_at        timestamptz,
    next_reason    text        not null default '',
    next_rule      text        not null default '',
    decided_at     timestamptz,
    closed_at      timestamptz,
    -- The journey at its close: a later event restarts it from here.
    journey        jsonb,
    recorded_at    timestamptz not null default now()
);
create index on loans (borrower_id);
create index on loans (stage, past_due_since);

-- Every event that ever came, for ever: identity, digest of the content, and what is not personal of it.
create table events (
    pk          bigint      generated always as identity primary key,
    source      text        not null,
    id          text        not null,
    type        text        not null,
    subject     text        not null,
    borrower_id text,
    at          timestamptz not null,
    digest      bytea       not null,
    data        jsonb       not null,
    actor       text        not null,
    recorded_at timestamptz not null default now(),
    unique (source, id)
);

-- The event as it came, personal fields included; erased with the borrower.
create table event_particulars (
    event_pk bigint primary key references events,
    data     jsonb  not null
);

-- One row for each journey that is told of an event. number is the event's place among those of its loan.
create table deliveries (
    event_pk   bigint not null references events,
    loan_id    text   not null references loans,
    number     bigint not null,
    state      text   not null default 'received' check (state in ('received', 'accepted', 'refused')),
    answer     jsonb,
    -- Until then somebody is at it, or it waits after a failure; a sweeper leaves it alone. Wall time.
    next_try   timestamptz not null,
    tries      int    not null default 0,
    settled_at timestamptz,
    primary key (event_pk, loan_id),
    unique (loan_id, number)
);
create index deliveries_received on deliveries (event_pk, next_try) where state = 'received';
create index deliveries_refused on deliveries (loan_id, number) where state = 'refused';

-- Decisions with their explanation: candidates until the next activity presents the hash that history recorded.
create table decisions (
    loan_id     text        not null references loans,
    seq         bigint      not null,
    hash        text        not null,
    at          timestamptz not null,
    body        jsonb       not null,
    final       boolean     not null default false,
    recorded_at timestamptz not null default now(),
    primary key (loan_id, seq, hash)
);

-- What rules, holds and wishes prevented or put off: one row for each step and rule.
create table held_back (
    loan_id     text        not null references loans,
    step_key    text        not null,
    rule        text        not null,
    verdict     text        not null,
    why         text        not null,
    at          timestamptz not null,
    until       timestamptz,
    recorded_at timestamptz not null default now(),
    primary key (loan_id, step_key, rule)
);

-- The ledger of contacts: one row for each attempt, reserved before it is made.
create table contacts (
    key         text        primary key,
    borrower_id text        not null references borrowers,
    loan_ids    text[]      not null,
    step_key    text        not null default '',
    channel     text        not null,
    point       text        not null default '',
    direction   text        not null,
    purpose     text        not null,
    template    text        not null default '',
    adapter     text        not null default '',
    at          timestamptz not null,
    -- What it attempts: the same for every attempt at one step through one contact point.
    intent      text        not null default '',
    attempt     int         not null default 1,
    recorded_at timestamptz not null default now()
);
create index on contacts (borrower_id, at);
create unique index on contacts (intent, attempt) where intent <> '';
create index on contacts using gin (loan_ids);

-- What came of contacts; outcome_of says which row speaks. No disposition, but a code: it is known never to have left.
create table outcomes (
    pk          bigint      generated always as identity primary key,
    contact_key text        not null references contacts,
    disposition text        not null,
    at          timestamptz not null,
    ref         text        not null default '',
    code        text        not null default '',
    recorded_at timestamptz not null default now()
);
create index on outcomes (contact_key);

-- The text of a contact, where it went, and what the provider said of it in its own words.
create table messages (
    contact_key text primary key references contacts,
    address     text not null,
    subject     text not null,
    body        text not null,
    detail      text not null default ''
);

-- What the outbox adapter "sent": the default channel of an installation without providers.
create table outbox (
    key         text        primary key,
    channel     text        not null,
    address     text        not null,
    subject     text        not null,
    body        text        not null,
    recorded_at timestamptz not null default now()
);

-- What a person has to do because no machine may.
create table tasks (
    key         text        primary key,
    loan_id     text        not null references loans,
    borrower_id text        not null references borrowers,
    step_key    text        not null,
    reason      text        not null,
    at          timestamptz not null,
    done_at     timestamptz,
    disposition text        not null default '',
    recorded_at timestamptz not null default now()
);
create index on tasks (borrower_id) where done_at is null;

-- What the lending system was told.
create table notices (
    key         text        primary key,
    loan_id     text        not null references loans,
    kind        text        not null,
    at          timestamptz not null,
    told_at     timestamptz,
    recorded_at timestamptz not null default now()
);

-- How far the postings of a lending system are known to be complete.
create table watermarks (
    source      text        primary key,
    through     date        not null,
    recorded_at timestamptz not null default now()
);

-- Strategies, immutable, by the hash of their content.
create table strategies (
    hash        text        primary key,
    name        text        not null,
    version     text        not null,
    yaml        text        not null,
    recorded_at timestamptz not null default now()
);

-- What came of a contact: the latest word of whoever knows how it ended, whenever that was recorded; until then, what the
-- sending itself said.
-- +goose StatementBegin
create function outcome_of(key text) returns table (disposition text, code text) language sql stable as $$
    select o.disposition, o.code from outcomes o where o.contact_key = key
    order by o.disposition in ('', 'sent', 'uncertain'), o.pk desc limit 1
$$;
-- +goose StatementEnd

-- All that rulebooks and strategy may know about reaching a borrower, as the JSON of contact.Standing: every wish, every
-- hold that is not released, and the contacts made at or after an instant.
-- +goose StatementBegin
create function standing(borrower text, since timestamptz) returns jsonb language sql stable as $$
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

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
create trigger append_only before update or delete on contacts for each row execute function refuse_change();
create trigger append_only before update or delete on outcomes for each row execute function refuse_change();
create trigger append_only before update or delete on wishes for each row execute function refuse_change();
create trigger append_only before update on strategies for each row execute function refuse_change();

-- +goose Down
drop table strategies, watermarks, notices, tasks, outbox, messages, outcomes, contacts, held_back, decisions,
    deliveries, event_particulars, events, loans, holds, wishes, contact_points, borrowers, installation;
drop function refuse_change;
drop function standing;
drop function outcome_of;
