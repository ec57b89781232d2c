-- +goose Up
-- What the lending system was told of an application is what a loan that comes of it knows.
create index notices_of_applications on notices (loan_id) where kind = 'tender.preapproval';

-- +goose Down
drop index notices_of_applications;
