-- +goose Up
-- An application that was pre-approved is accompanied by a journey of its own until something came of its callback. It has the row that
-- a loan has, and is none: what counts or lists loans leaves it out.
alter table loans add column kind text not null default 'loan' check (kind in ('loan', 'application'));

-- +goose Down
alter table loans drop column kind;
