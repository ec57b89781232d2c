-- +goose Up

-- What a notice says, so that it can be told later just as it was meant, and when it is the sweeper's turn to try.
alter table notices
    add column data     jsonb       not null default '{}',
    add column next_try timestamptz not null default now();
create index on notices (next_try) where told_at is null;

-- +goose Down
alter table notices drop column data, drop column next_try;
