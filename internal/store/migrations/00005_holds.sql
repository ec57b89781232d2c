-- +goose Up

-- Holds on whole regions, and on borrowers and their loans: whoever reads holds reads both, by the borrower.
alter table holds rename to borrower_holds;

create table region_holds (
    id          text        primary key,
    -- A jurisdiction's code in small letters. It covers what lies in it: us-tx covers us-tx and us-tx-harris.
    region      text        not null check (region = lower(region) and region <> ''),
    kind        text        not null,
    from_at     timestamptz not null,
    until_at    timestamptz,
    owner       text        not null default '',
    note        text        not null default '',
    placed_by   text        not null default '',
    released_at timestamptz,
    recorded_at timestamptz not null default now()
);

create function lies_in(place text, region text) returns boolean language sql immutable as
    'select lower(place) = region or starts_with(lower(place), region || ''-'')';

-- Every hold of every borrower, those of the borrower's region among them. It is called as the table was, so that nobody
-- reads holds and overlooks a region's.
create view holds as
select borrower_id, id, loan_id, point, null::text as region, kind, from_at, until_at, owner, note, placed_by, released_at, recorded_at
from borrower_holds
union all
select b.id, r.id, null, null, r.region, r.kind, r.from_at, r.until_at, r.owner, r.note, r.placed_by, r.released_at, r.recorded_at
from borrowers b join region_holds r on lies_in(b.jurisdiction, r.region);

-- Every hold once, whomever it covers.
create view placed_holds as
select borrower_id, id, loan_id, point, null::text as region, kind, from_at, until_at, owner, note, placed_by, released_at, recorded_at
from borrower_holds
union all
select '', id, null, null, region, kind, from_at, until_at, owner, note, placed_by, released_at, recorded_at
from region_holds;

-- Journeys that must plan anew because of an event that concerns more of them than can be told one by one: all in a
-- jurisdiction, or all. The job is the id of Temporal's batch operation, the same however often it is tried.
create table sweeps (
    event_pk     bigint      primary key references events,
    job          text        not null unique,
    jurisdiction text        not null default '',
    -- How many journeys a second are to look again.
    rate         int         not null default 50 check (rate > 0),
    -- Until then somebody is at it, or it waits for its turn. Wall time.
    next_try     timestamptz not null default now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    -- How many journeys there were, how many looked again, and how many had ended meanwhile or could not be reached.
    total        bigint      not null default 0,
    done         bigint      not null default 0,
    failed       bigint      not null default 0,
    recorded_at  timestamptz not null default now()
);
create index sweeps_open on sweeps (event_pk) where finished_at is null;

-- +goose Down
drop table sweeps;
drop view placed_holds, holds;
drop function lies_in;
drop table region_holds;
alter table borrower_holds rename to holds;
