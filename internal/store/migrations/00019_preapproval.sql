-- +goose Up

-- Applications that were pre-approved: what is offered, and where the call before the disbursement stands. Whoever applied is a
-- borrower like any other; what they asked is in event_particulars.
create table applications (
    id           text        primary key,
    borrower_id  text        not null references borrowers,
    source       text        not null,
    -- The digest of what was said of it: the same said again is a repeat.
    digest       bytea       not null,
    product      text        not null default '',
    currency     text        not null,
    amount       numeric     not null,
    installments int         not null,
    total_cost   numeric     not null,
    first_due    date        not null,
    preapproved_at timestamptz not null,
    until_at     timestamptz not null,
    time_zone    text        not null,
    last_number  bigint      not null default 0,
    -- What it came to, when, and why, by a code; none while it is open. The door and ConcludePreapproval write it, once.
    verdict      text        not null default '',
    verdict_at   timestamptz,
    verdict_reason text      not null default '',
    -- The loan that came of it.
    loan_id      text        not null default '',
    -- When its tasks were withdrawn and its notice was kept.
    concluded_at timestamptz,
    -- The projection that lists and reports read; Decide writes it.
    seq          bigint      not null default 0,
    state        text        not null default 'open',
    attempts     int         not null default 0,
    questions    int         not null default 0,
    next_step    text        not null default '',
    next_at      timestamptz,
    next_reason  text        not null default '',
    next_rule    text        not null default '',
    next_why     text        not null default '',
    decided_at   timestamptz,
    closed_at    timestamptz,
    recorded_at  timestamptz not null default now()
);
create index on applications (borrower_id);
create index on applications (preapproved_at, id);

-- One row for each event that a pre-approval is told of, as deliveries are for journeys.
create table application_deliveries (
    event_pk       bigint not null references events,
    application_id text   not null references applications,
    number         bigint not null,
    state          text   not null default 'received' check (state in ('received', 'accepted', 'refused')),
    answer         jsonb,
    next_try       timestamptz not null,
    tries          int    not null default 0,
    settled_at     timestamptz,
    primary key (event_pk, application_id),
    unique (application_id, number)
);
create index application_deliveries_received on application_deliveries (event_pk, next_try) where state = 'received';

-- Decisions about applications, with the rule that put a call off and why. They are candidates: a history keeps one of each number.
create table application_decisions (
    application_id text        not null references applications,
    seq            bigint      not null,
    number         bigint      not null,
    at             timestamptz not null,
    body           jsonb       not null,
    recorded_at    timestamptz not null default now(),
    primary key (application_id, seq, number, at)
);
create trigger append_only before update or delete on application_decisions for each row execute function refuse_change();

-- A task or a notice is about a loan or about an application: the id of the one is empty, or the other is null. What no loan is
-- named by is still a loan's where one is.
alter table tasks
    drop constraint tasks_loan_id_fkey,
    add column application_id text references applications,
    add column of_loan text generated always as (nullif(loan_id, '')) stored references loans,
    add constraint tasks_about check ((loan_id = '') = (application_id is not null));
create index tasks_of_application on tasks (application_id) where application_id is not null;
alter table notices
    drop constraint notices_loan_id_fkey,
    add column application_id text references applications,
    add column of_loan text generated always as (nullif(loan_id, '')) stored references loans,
    add constraint notices_about check ((loan_id = '') = (application_id is not null));

-- +goose Down
alter table tasks disable trigger user;
delete from tasks where application_id is not null;
alter table tasks enable trigger user;
delete from notices where application_id is not null;
alter table tasks drop constraint tasks_about, drop column of_loan, drop column application_id, add constraint tasks_loan_id_fkey foreign key (loan_id) references loans;
alter table notices drop constraint notices_about, drop column of_loan, drop column application_id, add constraint notices_loan_id_fkey foreign key (loan_id) references loans;
drop table application_decisions, application_deliveries, applications;
