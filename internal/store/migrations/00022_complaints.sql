-- +goose Up
-- A complaint is accompanied by a workflow of its own. It has the row that a loan has, and is none: what counts or lists loans leaves it out.
alter table loans drop constraint loans_kind_check;
alter table loans add constraint loans_kind_check check (kind in ('loan', 'application', 'complaint'));

-- What is known of each complaint. facts is all of it but texts, which are in event_particulars; the rest is taken out of it for lists
-- and reports. Only the door writes here, under the borrower's lock.
create table complaints (
    id              text        primary key,
    borrower_id     text        not null references borrowers,
    loan_id         text        references loans,
    facts           jsonb       not null,
    kind            text        not null,
    state           text        not null,
    level           text        not null,
    owner           text        not null default '',
    regime          text        not null,
    -- What it came by and after: for the report.
    origin          text        not null default '',
    channel         text        not null default '',
    template        text        not null default '',
    strategy        text        not null default '',
    raised_at       timestamptz not null,
    -- The deadline that runs out first, while nobody has answered.
    due_at          timestamptz,
    acknowledged_at timestamptz,
    answered_at     timestamptz,
    closed_at       timestamptz,
    recorded_at     timestamptz not null default now()
);
create index on complaints (borrower_id);
create index complaints_due on complaints (due_at) where due_at is not null;

-- Other ids under which the same complaint was raised.
create table merged_complaints (
    id           text primary key,
    complaint_id text not null references complaints
);

-- Whether a journey begins with an event of a type.
create function begins(loan text, type text) returns boolean language sql immutable as $$
    select case when starts_with(loan, 'application.') then type = 'application.preapproved'
                when starts_with(loan, 'complaint.') then type = 'complaint.raised'
                else type = 'loan.disbursed' end
$$;

-- +goose Down
-- What is proof is not deleted, and without their table complaints would be loans: there is no way back once there is one.
-- +goose StatementBegin
do $$
begin
    if exists (select from loans where kind = 'complaint') then
        raise exception 'there are complaints, and this version of the schema cannot be undone any more: keep a version of Tender that knows them, or restore a backup from before it was migrated';
    end if;
end $$;
-- +goose StatementEnd
drop function begins;
drop table merged_complaints, complaints;
alter table loans drop constraint loans_kind_check;
alter table loans add constraint loans_kind_check check (kind in ('loan', 'application'));
