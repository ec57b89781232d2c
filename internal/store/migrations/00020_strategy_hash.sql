-- +goose Up

-- The content hash of the strategy that accompanies a loan: two files can call themselves by the same name and version. It is empty
-- until the next decision for loans that were decided before.
alter table loans add column strategy_hash text not null default '';

-- +goose Down
alter table loans drop column strategy_hash;
