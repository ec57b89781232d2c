-- +goose Up

-- What a borrower told of trouble with paying is read with every decision.
create index events_hardship on events (borrower_id, at) where type = 'hardship.reported';

-- The whole event that the lending system is told: where it cannot be reached yet, it is kept to be delivered.
alter table notices add column body jsonb;
create index notices_kept on notices (at) where told_at is null;

-- +goose Down
drop index notices_kept;
alter table notices drop column body;
drop index events_hardship;
