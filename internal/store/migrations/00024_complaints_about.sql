-- +goose Up
-- Whom complaints are about: who asks for a task gets none of a borrower whose complaint about them is open.
create index complaints_about on complaints using gin ((facts -> 'about'));

-- +goose Down
drop index complaints_about;
