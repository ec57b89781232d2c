-- +goose Up

-- What was held back: a row for each occasion, told apart by until when, or, where that is not known, by why.
alter table held_back drop constraint held_back_pkey;
alter table held_back add column pk bigint generated always as identity primary key;
create unique index held_back_until on held_back (loan_id, step_key, rule, until) where until is not null;
create unique index held_back_why on held_back (loan_id, step_key, rule, md5(why)) where until is null;

-- The chains begin anew. They run over everything that makes a contact lawful or proves it, each row is entered again when it
-- changes, and the entries of a transaction are made at its end: whoever is in a chain holds no lock that somebody in another
-- transaction waits for before theirs.
drop trigger zz_chain on contacts;
drop trigger zz_chain on outcomes;
drop trigger zz_chain on consents;
drop trigger zz_chain on wishes;
drop trigger zz_chain on borrower_holds;
drop trigger zz_chain on decisions;
drop trigger zz_chain on tasks;
drop trigger zz_chain on events;
alter function chain_row () rename to chain_row_of_ten;
alter function chained (text, text) rename to chained_of_ten;
alter function chainable () rename to chainable_of_ten;

-- The digest of what a row of a kind says now; none when there is no such row, or it was erased. Instants are written in one
-- way, and jsonb has one text for one content. Whoever spoils an entry may write what they like into it.
-- +goose StatementBegin
create or replace function chained(entry_kind text, entry_ref text) returns bytea language plpgsql stable as $$
declare
    whose text := split_part(entry_ref, '/', 1);
    which text := substr(entry_ref, length(split_part(entry_ref, '/', 1)) + 2);
    number bigint := substring(split_part(entry_ref, '/', 2) from '^[0-9]{1,18}$')::bigint;
    row_pk bigint := substring(entry_ref from '^[0-9]{1,18}$')::bigint;
    content jsonb;
begin
    case entry_kind
    when 'event' then
        select jsonb_build_array(e.source, e.id, e.type, e.subject, e.borrower_id, extract(epoch from e.at), encode(e.digest, 'hex'), e.actor,
                                 encode(sha256(convert_to(e.data::text, 'UTF8')), 'hex'))
        into content from events e where e.pk = row_pk;
    when 'particulars' then
        select jsonb_build_array(p.event_pk, encode(sha256(convert_to(p.data::text, 'UTF8')), 'hex'))
        into content from event_particulars p where p.event_pk = row_pk;
    when 'borrower' then
        select jsonb_build_array(b.id, b.language, b.time_zones, b.jurisdiction, b.preferred)
        into content from borrowers b where b.id = entry_ref;
    when 'point' then
        select jsonb_build_array(p.borrower_id, p.id, p.channel, p.rank, p.place, extract(epoch from p.failed_at))
        into content from contact_points p where p.borrower_id = whose and p.id = which;
    when 'loan' then
        select jsonb_build_array(l.id, l.borrower_id, l.currency, l.time_zone, l.source, extract(epoch from l.disbursed_at))
        into content from loans l where l.id = entry_ref;
    when 'consent' then
        select jsonb_build_array(c.borrower_id, c.channel, c.point, c.purpose, extract(epoch from c.given_at), c.given_to, c.written,
                                 extract(epoch from c.expires_at), c.source)
        into content from consents c where c.pk = row_pk;
    when 'wish' then
        select jsonb_build_array(w.borrower_id, w.allowed, w.channel, w.point, w.purpose, extract(epoch from w.at), extract(epoch from w.until_at))
        into content from wishes w where w.pk = row_pk;
    when 'blackout' then
        select jsonb_build_array(t.borrower_id, t.channel, t.point, t.days, t.from_time, t.to_time, extract(epoch from t.at), extract(epoch from t.replaced_at))
        into content from blackouts t where t.pk = row_pk;
    when 'hold' then
        select jsonb_build_array(h.borrower_id, h.id, h.loan_id, h.point, h.kind, extract(epoch from h.from_at), extract(epoch from h.until_at),
                                 extract(epoch from h.released_at))
        into content from borrower_holds h where h.borrower_id = whose and h.id = which;
    when 'region_hold' then
        select jsonb_build_array(h.id, h.region, h.kind, extract(epoch from h.from_at), extract(epoch from h.until_at), extract(epoch from h.released_at))
        into content from region_holds h where h.id = entry_ref;
    when 'halt' then
        select jsonb_build_array(h.id, h.channel, h.jurisdiction, h.template, h.except_notices, extract(epoch from h.from_at), extract(epoch from h.until_at),
                                 extract(epoch from h.lifted_at), h.lifted_by)
        into content from halts h where h.id = entry_ref;
    when 'contact' then
        select jsonb_build_array(c.key, c.borrower_id, c.loan_ids, c.step_key, c.channel, c.point, c.direction, c.purpose, c.template,
                                 c.adapter, extract(epoch from c.at), c.intent, c.attempt, c.consented, c.collector, c.recipient)
        into content from contacts c where c.key = entry_ref;
    when 'message' then
        select jsonb_build_array(m.contact_key, encode(sha256(convert_to(jsonb_build_array(m.address, m.subject, m.body)::text, 'UTF8')), 'hex'))
        into content from messages m where m.contact_key = entry_ref and m.body <> '';
    when 'outcome' then
        select jsonb_build_array(o.contact_key, o.disposition, extract(epoch from o.at), o.ref, o.code)
        into content from outcomes o where o.pk = row_pk;
    when 'decision' then
        select jsonb_build_array(d.loan_id, d.seq, d.hash, extract(epoch from d.at), encode(sha256(convert_to(d.body::text, 'UTF8')), 'hex'))
        into content from decisions d where d.final and d.loan_id = whose and d.seq = number and d.hash = split_part(entry_ref, '/', 3);
    when 'held_back' then
        select jsonb_build_array(h.loan_id, h.step_key, h.rule, h.version, h.verdict, h.why, h.used, h.most, extract(epoch from h.at), extract(epoch from h.until))
        into content from held_back h where h.pk = row_pk;
    when 'task' then
        select jsonb_build_array(t.key, t.loan_id, t.borrower_id, t.step_key, t.reason, t.rule, extract(epoch from t.at), extract(epoch from t.done_at), t.disposition)
        into content from tasks t where t.key = entry_ref;
    when 'approval' then
        select jsonb_build_array(a.id, a.borrower_id, a.loan_id, a.step_key, a.rules, a.channel, extract(epoch from a.at), a.asked_by, extract(epoch from a.until_at),
                                 a.answer, extract(epoch from a.answered_at), a.answered_by, extract(epoch from a.holds_until))
        into content from approvals a where a.id = entry_ref;
    else
        return null;
    end case;
    return sha256(convert_to(content::text, 'UTF8'));
end $$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function chain_row() returns trigger language plpgsql as $$
begin
    case tg_table_name
    -- What concerns nobody by name, such as a hold on a region, is in a chain of its own, without a borrower.
    when 'events' then perform chain_append(coalesce(new.borrower_id, ''), 'event', new.pk::text);
    when 'event_particulars' then
        perform chain_append(coalesce((select e.borrower_id from events e where e.pk = new.event_pk), ''), 'particulars', new.event_pk::text);
    when 'borrowers' then perform chain_append(new.id, 'borrower', new.id);
    when 'contact_points' then perform chain_append(new.borrower_id, 'point', new.borrower_id || '/' || new.id);
    when 'loans' then perform chain_append(new.borrower_id, 'loan', new.id);
    when 'consents' then perform chain_append(new.borrower_id, 'consent', new.pk::text);
    when 'wishes' then perform chain_append(new.borrower_id, 'wish', new.pk::text);
    when 'blackouts' then perform chain_append(new.borrower_id, 'blackout', new.pk::text);
    when 'borrower_holds' then perform chain_append(new.borrower_id, 'hold', new.borrower_id || '/' || new.id);
    when 'region_holds' then perform chain_append('', 'region_hold', new.id);
    when 'halts' then perform chain_append('', 'halt', new.id);
    when 'contacts' then perform chain_append(new.borrower_id, 'contact', new.key);
    when 'messages' then
        perform chain_append((select c.borrower_id from contacts c where c.key = new.contact_key), 'message', new.contact_key);
    when 'outcomes' then
        perform chain_append((select c.borrower_id from contacts c where c.key = new.contact_key), 'outcome', new.pk::text);
    when 'decisions' then
        perform chain_append((select l.borrower_id from loans l where l.id = new.loan_id), 'decision', new.loan_id || '/' || new.seq || '/' || new.hash);
    when 'held_back' then
        perform chain_append((select l.borrower_id from loans l where l.id = new.loan_id), 'held_back', new.pk::text);
    when 'tasks' then perform chain_append(new.borrower_id, 'task', new.key);
    when 'approvals' then perform chain_append(new.borrower_id, 'approval', new.id);
    end case;
    return null;
end $$;
-- +goose StatementEnd

create constraint trigger zz_chain after insert on events deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on event_particulars deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on borrowers deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on borrowers deferrable initially deferred for each row
    when ((old.language, old.time_zones, old.jurisdiction, old.preferred) is distinct from (new.language, new.time_zones, new.jurisdiction, new.preferred))
    execute function chain_row();
create constraint trigger zz_chain after insert on contact_points deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on contact_points deferrable initially deferred for each row
    when ((old.channel, old.rank, old.place, old.failed_at) is distinct from (new.channel, new.rank, new.place, new.failed_at))
    execute function chain_row();
create constraint trigger zz_chain after insert on loans deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on loans deferrable initially deferred for each row
    when ((old.borrower_id, old.currency, old.time_zone, old.source, old.disbursed_at) is distinct from (new.borrower_id, new.currency, new.time_zone, new.source, new.disbursed_at))
    execute function chain_row();
create constraint trigger zz_chain after insert on consents deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on wishes deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert or update on blackouts deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on borrower_holds deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on borrower_holds deferrable initially deferred for each row
    when ((old.kind, old.loan_id, old.point, old.from_at, old.until_at, old.released_at) is distinct from (new.kind, new.loan_id, new.point, new.from_at, new.until_at, new.released_at))
    execute function chain_row();
create constraint trigger zz_chain after insert on region_holds deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain_change after update on region_holds deferrable initially deferred for each row
    when ((old.region, old.kind, old.from_at, old.until_at, old.released_at) is distinct from (new.region, new.kind, new.from_at, new.until_at, new.released_at))
    execute function chain_row();
create constraint trigger zz_chain after insert or update on halts deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on contacts deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on messages deferrable initially deferred for each row when (new.body <> '') execute function chain_row();
create constraint trigger zz_chain after insert on outcomes deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert on decisions deferrable initially deferred for each row when (new.final) execute function chain_row();
create constraint trigger zz_chain_change after update on decisions deferrable initially deferred for each row when (new.final and not old.final) execute function chain_row();
create constraint trigger zz_chain after insert on held_back deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert or update on tasks deferrable initially deferred for each row execute function chain_row();
create constraint trigger zz_chain after insert or update on approvals deferrable initially deferred for each row execute function chain_row();

-- Every row that a chain must have an entry for. What was erased needs none.
-- +goose StatementBegin
create or replace function chainable() returns table (borrower_id text, kind text, ref text, recorded_at timestamptz) language sql stable as $$
    select coalesce(e.borrower_id, ''), 'event', e.pk::text, e.recorded_at from events e
    union all select coalesce(e.borrower_id, ''), 'particulars', e.pk::text, e.recorded_at from event_particulars p join events e on e.pk = p.event_pk
    union all select b.id, 'borrower', b.id, b.recorded_at from borrowers b
    union all select p.borrower_id, 'point', p.borrower_id || '/' || p.id, b.recorded_at from contact_points p join borrowers b on b.id = p.borrower_id
    union all select l.borrower_id, 'loan', l.id, l.recorded_at from loans l
    union all select c.borrower_id, 'consent', c.pk::text, c.recorded_at from consents c
    union all select w.borrower_id, 'wish', w.pk::text, w.recorded_at from wishes w
    union all select t.borrower_id, 'blackout', t.pk::text, t.recorded_at from blackouts t
    union all select h.borrower_id, 'hold', h.borrower_id || '/' || h.id, h.recorded_at from borrower_holds h
    union all select '', 'region_hold', h.id, h.recorded_at from region_holds h
    union all select '', 'halt', h.id, h.recorded_at from halts h
    union all select c.borrower_id, 'contact', c.key, c.recorded_at from contacts c
    union all select c.borrower_id, 'message', c.key, c.recorded_at from messages m join contacts c on c.key = m.contact_key where m.body <> ''
    union all select c.borrower_id, 'outcome', o.pk::text, o.recorded_at from outcomes o join contacts c on c.key = o.contact_key
    union all select l.borrower_id, 'decision', d.loan_id || '/' || d.seq || '/' || d.hash, d.recorded_at
              from decisions d join loans l on l.id = d.loan_id where d.final
    union all select l.borrower_id, 'held_back', h.pk::text, h.recorded_at from held_back h join loans l on l.id = h.loan_id
    union all select t.borrower_id, 'task', t.key, t.recorded_at from tasks t
    union all select a.borrower_id, 'approval', a.id, a.recorded_at from approvals a
$$;
-- +goose StatementEnd

truncate chain, chain_heads;
-- +goose StatementBegin
do $$
declare
    one record;
begin
    for one in select * from chainable() order by recorded_at, kind, ref loop
        perform chain_append(one.borrower_id, one.kind, one.ref);
    end loop;
end $$;
-- +goose StatementEnd

-- What is proof is not changed, not removed, and not emptied.
-- +goose StatementBegin
create function refuse_revision() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.final and not new.final or (old.loan_id, old.seq, old.hash, old.at, old.body) is distinct from (new.loan_id, new.seq, new.hash, new.at, new.body) then
        raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
-- +goose StatementEnd
create trigger append_only before update or delete on decisions for each row execute function refuse_revision();
create trigger append_only before update or delete on events for each row execute function refuse_change();
create trigger append_only before update on event_particulars for each row execute function refuse_change();
create trigger append_only before update or delete on held_back for each row execute function refuse_change();
create trigger append_only before delete on borrower_holds for each row execute function refuse_change();
create trigger append_only before delete on region_holds for each row execute function refuse_change();
create trigger append_only before delete on halts for each row execute function refuse_change();
create trigger append_only before delete on blackouts for each row execute function refuse_change();
create trigger append_only before delete on tasks for each row execute function refuse_change();
create trigger append_only before delete on approvals for each row execute function refuse_change();
create trigger not_emptied before truncate on contacts for each statement execute function refuse_change();
create trigger not_emptied before truncate on outcomes for each statement execute function refuse_change();
create trigger not_emptied before truncate on messages for each statement execute function refuse_change();
create trigger not_emptied before truncate on wishes for each statement execute function refuse_change();
create trigger not_emptied before truncate on consents for each statement execute function refuse_change();
create trigger not_emptied before truncate on decisions for each statement execute function refuse_change();
create trigger not_emptied before truncate on held_back for each statement execute function refuse_change();
create trigger not_emptied before truncate on events for each statement execute function refuse_change();
create trigger not_emptied before truncate on chain for each statement execute function refuse_change();
create trigger not_emptied before truncate on chain_heads for each statement execute function refuse_change();

-- +goose Down
drop trigger not_emptied on contacts;
drop trigger not_emptied on outcomes;
drop trigger not_emptied on messages;
drop trigger not_emptied on wishes;
drop trigger not_emptied on consents;
drop trigger not_emptied on decisions;
drop trigger not_emptied on held_back;
drop trigger not_emptied on events;
drop trigger not_emptied on chain;
drop trigger not_emptied on chain_heads;
drop trigger append_only on decisions;
drop trigger append_only on events;
drop trigger append_only on event_particulars;
drop trigger append_only on held_back;
drop trigger append_only on borrower_holds;
drop trigger append_only on region_holds;
drop trigger append_only on halts;
drop trigger append_only on blackouts;
drop trigger append_only on tasks;
drop trigger append_only on approvals;
drop function refuse_revision;
drop trigger zz_chain on events;
drop trigger zz_chain on event_particulars;
drop trigger zz_chain on borrowers;
drop trigger zz_chain_change on borrowers;
drop trigger zz_chain on contact_points;
drop trigger zz_chain_change on contact_points;
drop trigger zz_chain on loans;
drop trigger zz_chain_change on loans;
drop trigger zz_chain on consents;
drop trigger zz_chain on wishes;
drop trigger zz_chain on blackouts;
drop trigger zz_chain on borrower_holds;
drop trigger zz_chain_change on borrower_holds;
drop trigger zz_chain on region_holds;
drop trigger zz_chain_change on region_holds;
drop trigger zz_chain on halts;
drop trigger zz_chain on contacts;
drop trigger zz_chain on messages;
drop trigger zz_chain on outcomes;
drop trigger zz_chain on decisions;
drop trigger zz_chain_change on decisions;
drop trigger zz_chain on held_back;
drop trigger zz_chain on tasks;
drop trigger zz_chain on approvals;
drop function chain_row;
drop function chained;
drop function chainable;
alter function chain_row_of_ten () rename to chain_row;
alter function chained_of_ten (text, text) rename to chained;
alter function chainable_of_ten () rename to chainable;
truncate chain, chain_heads;
-- +goose StatementBegin
do $$
declare
    one record;
begin
    for one in select * from chainable() order by recorded_at, kind, ref loop
        perform chain_append(one.borrower_id, one.kind, one.ref);
    end loop;
end $$;
-- +goose StatementEnd
create trigger zz_chain after insert on contacts for each row execute function chain_row();
create trigger zz_chain after insert on outcomes for each row execute function chain_row();
create trigger zz_chain after insert on consents for each row execute function chain_row();
create trigger zz_chain after insert on wishes for each row execute function chain_row();
create trigger zz_chain after insert or update of released_at on borrower_holds for each row execute function chain_row();
create trigger zz_chain after insert or update of final on decisions for each row execute function chain_row();
create trigger zz_chain after insert or update of done_at on tasks for each row execute function chain_row();
create trigger zz_chain after insert on events for each row execute function chain_row();
drop index held_back_why;
drop index held_back_until;
delete from held_back h where exists (select from held_back o where (o.loan_id, o.step_key, o.rule) = (h.loan_id, h.step_key, h.rule) and o.pk < h.pk);
alter table held_back drop column pk;
alter table held_back add primary key (loan_id, step_key, rule);
