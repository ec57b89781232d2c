-- +goose Up
-- Whether a loan's journey refused its disbursement, so that there is no loan. Another disbursement may yet take its place.
-- +goose StatementBegin
create function refused(loan loans) returns boolean language sql stable as $$
    select loan.seq = 0 and coalesce((select bool_and(d.state = 'refused') from deliveries d join events e on e.pk = d.event_pk
                                      where d.loan_id = loan.id and e.type = 'loan.disbursed'), false)
$$;
-- +goose StatementEnd

-- +goose Down
drop function refused;
