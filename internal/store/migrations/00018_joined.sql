-- +goose Up

-- The steps of a borrower's other loans that a contact made with its own: one person, one message. Each of their journeys finds
-- the contact under its own intent when its turn comes.
create table joined_steps (
    intent      text        not null,
    contact_key text        not null references contacts,
    loan_id     text        not null references loans,
    step_key    text        not null,
    recorded_at timestamptz not null default now(),
    primary key (intent, contact_key)
);
create trigger append_only before update or delete on joined_steps for each row execute function refuse_change();

-- +goose Down
drop table joined_steps;
