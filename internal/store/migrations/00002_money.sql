-- +goose Up

-- What a borrower told of trouble with paying is read with every decision.
create index events_hardship on events (borrower_id, at) where type = 'hardship.reported';

-- +goose Down
drop index events_hardship;
