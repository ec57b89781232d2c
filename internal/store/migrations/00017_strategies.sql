-- +goose Up

-- Each time that a version was published, by a worker that brought it or by a person: the last one of a name is the one with
-- which loans begin.
create table publications (
    pk           bigint      generated always as identity primary key,
    name         text        not null,
    hash         text        not null references strategies,
    published_by text        not null default '',
    published_at timestamptz not null default now()
);
create index on publications (name, pk);
create trigger append_only before update or delete on publications for each row execute function refuse_change();
insert into publications (name, hash, published_at) select name, hash, recorded_at from strategies order by recorded_at;

-- The segment that a loan belongs to, and the strategy that was asked for when its journey began: with challengers it may be
-- accompanied by another.
alter table loans add column segment text not null default '', add column champion text not null default '';

-- +goose Down
alter table loans drop column segment, drop column champion;
drop table publications;
