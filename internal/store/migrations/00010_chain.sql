-- +goose Up
-- The chain of a borrower: one entry for each thing that matters as proof, each hashed over the one before it. It runs over
-- ids, codes, dates and digests alone, so that erasing what is personal leaves it whole. Neither table has a foreign key: an
-- entry takes no lock but its chain's own, after those of the row that it is about.
create table chain (
    borrower_id text        not null,
    seq         bigint      not null,
    kind        text        not null,
    ref         text        not null,
    digest      bytea       not null,
    hash        bytea       not null,
    recorded_at timestamptz not null default now(),
    primary key (borrower_id, seq)
);
create index on chain (kind, ref);
create trigger append_only before update or delete on chain for each row execute function refuse_change();

-- Where each chain ends; an entry is appended under its lock.
create table chain_heads (
    borrower_id text   primary key,
    seq         bigint not null,
    hash        bytea  not null
);

-- The digest of what a row of a kind says now; none when there is no such row. Instants are written in one way, and jsonb has one
-- text for one content.
-- +goose StatementBegin
create function chained(entry_kind text, entry_ref text) returns bytea language sql stable as $$
    select sha256(convert_to(content::text, 'UTF8')) from (
        select jsonb_build_array(c.key, c.borrower_id, c.loan_ids, c.step_key, c.channel, c.point, c.direction, c.purpose, c.template,
                                 c.adapter, extract(epoch from c.at), c.intent, c.attempt, c.consented, c.collector, c.recipient) as content
        from contacts c where entry_kind = 'contact' and c.key = entry_ref
        union all
        select jsonb_build_array(o.contact_key, o.disposition, extract(epoch from o.at), o.ref, o.code)
        from outcomes o where entry_kind = 'outcome' and o.pk::text = entry_ref
        union all
        select jsonb_build_array(w.borrower_id, w.allowed, w.channel, w.point, extract(epoch from w.at))
        from wishes w where entry_kind = 'wish' and w.pk::text = entry_ref
        union all
        select jsonb_build_array(c.borrower_id, c.channel, c.point, c.purpose, extract(epoch from c.given_at), c.given_to, c.written,
                                 extract(epoch from c.expires_at), c.source)
        from consents c where entry_kind = 'consent' and c.pk::text = entry_ref
        union all
        select jsonb_build_array(h.borrower_id, h.id, h.loan_id, h.point, h.kind, extract(epoch from h.from_at), extract(epoch from h.until_at))
        from borrower_holds h where entry_kind = 'hold' and h.borrower_id = split_part(entry_ref, '/', 1) and h.id = substr(entry_ref, length(split_part(entry_ref, '/', 1)) + 2)
        union all
        select jsonb_build_array(h.borrower_id, h.id, extract(epoch from h.released_at))
        from borrower_holds h where entry_kind = 'release' and h.borrower_id = split_part(entry_ref, '/', 1) and h.id = substr(entry_ref, length(split_part(entry_ref, '/', 1)) + 2)
          and h.released_at is not null
        union all
        select jsonb_build_array(d.loan_id, d.seq, d.hash, extract(epoch from d.at), encode(sha256(convert_to(d.body::text, 'UTF8')), 'hex'))
        from decisions d where entry_kind = 'decision' and d.final and d.loan_id = split_part(entry_ref, '/', 1)
          and d.seq = split_part(entry_ref, '/', 2)::bigint and d.hash = split_part(entry_ref, '/', 3)
        union all
        select jsonb_build_array(t.key, t.loan_id, t.borrower_id, t.step_key, t.reason, extract(epoch from t.at))
        from tasks t where entry_kind = 'task' and t.key = entry_ref
        union all
        select jsonb_build_array(t.key, extract(epoch from t.done_at), t.disposition)
        from tasks t where entry_kind = 'task_done' and t.key = entry_ref and t.done_at is not null
        union all
        select jsonb_build_array(e.source, e.id, e.type, e.subject, e.borrower_id, extract(epoch from e.at), encode(e.digest, 'hex'), e.actor)
        from events e where entry_kind = 'event' and e.pk::text = entry_ref
    ) one
$$;
-- +goose StatementEnd

-- What every entry is hashed from: the hash before it, then lines of text.
-- +goose StatementBegin
create function chain_hash(before bytea, borrower text, seq bigint, kind text, ref text, digest bytea) returns bytea language sql immutable as $$
    select sha256(before || convert_to(borrower || E'\n' || seq || E'\n' || kind || E'\n' || ref || E'\n' || encode(digest, 'hex'), 'UTF8'))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function chain_append(borrower text, entry_kind text, entry_ref text) returns void language plpgsql as $$
declare
    head chain_heads;
    content bytea := chained(entry_kind, entry_ref);
begin
    insert into chain_heads values (borrower, 0, '') on conflict do nothing;
    select * into head from chain_heads where borrower_id = borrower for update;
    head.seq := head.seq + 1;
    head.hash := chain_hash(head.hash, borrower, head.seq, entry_kind, entry_ref, content);
    insert into chain (borrower_id, seq, kind, ref, digest, hash) values (borrower, head.seq, entry_kind, entry_ref, content, head.hash);
    update chain_heads set seq = head.seq, hash = head.hash where borrower_id = borrower;
end $$;
-- +goose StatementEnd

-- The triggers' names come last in their order, so that a row's own locks are taken before its chain's.
-- +goose StatementBegin
create function chain_row() returns trigger language plpgsql as $$
begin
    case tg_table_name
    when 'contacts' then perform chain_append(new.borrower_id, 'contact', new.key);
    when 'outcomes' then
        perform chain_append((select c.borrower_id from contacts c where c.key = new.contact_key), 'outcome', new.pk::text);
    when 'consents' then perform chain_append(new.borrower_id, 'consent', new.pk::text);
    when 'wishes' then perform chain_append(new.borrower_id, 'wish', new.pk::text);
    when 'borrower_holds' then
        if tg_op = 'INSERT' then
            perform chain_append(new.borrower_id, 'hold', new.borrower_id || '/' || new.id);
        end if;
        if new.released_at is not null and (tg_op = 'INSERT' or old.released_at is null) then
            perform chain_append(new.borrower_id, 'release', new.borrower_id || '/' || new.id);
        end if;
    when 'decisions' then
        if new.final and (tg_op = 'INSERT' or not old.final) then
            perform chain_append((select l.borrower_id from loans l where l.id = new.loan_id), 'decision', new.loan_id || '/' || new.seq || '/' || new.hash);
        end if;
    when 'tasks' then
        if tg_op = 'INSERT' then
            perform chain_append(new.borrower_id, 'task', new.key);
        end if;
        if new.done_at is not null and (tg_op = 'INSERT' or old.done_at is null) then
            perform chain_append(new.borrower_id, 'task_done', new.key);
        end if;
    when 'events' then
        -- What concerns nobody by name, such as a hold on a region, is in a chain of its own, without a borrower.
        perform chain_append(coalesce(new.borrower_id, ''), 'event', new.pk::text);
    end case;
    return null;
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

-- Every row that a chain must have an entry for.
-- +goose StatementBegin
create function chainable() returns table (borrower_id text, kind text, ref text, recorded_at timestamptz) language sql stable as $$
    select coalesce(e.borrower_id, ''), 'event', e.pk::text, e.recorded_at from events e
    union all select c.borrower_id, 'consent', c.pk::text, c.recorded_at from consents c
    union all select w.borrower_id, 'wish', w.pk::text, w.recorded_at from wishes w
    union all select h.borrower_id, 'hold', h.borrower_id || '/' || h.id, h.recorded_at from borrower_holds h
    union all select h.borrower_id, 'release', h.borrower_id || '/' || h.id, h.released_at from borrower_holds h where h.released_at is not null
    union all select c.borrower_id, 'contact', c.key, c.recorded_at from contacts c
    union all select c.borrower_id, 'outcome', o.pk::text, o.recorded_at from outcomes o join contacts c on c.key = o.contact_key
    union all select l.borrower_id, 'decision', d.loan_id || '/' || d.seq || '/' || d.hash, d.recorded_at
              from decisions d join loans l on l.id = d.loan_id where d.final
    union all select t.borrower_id, 'task', t.key, t.recorded_at from tasks t
    union all select t.borrower_id, 'task_done', t.key, t.done_at from tasks t where t.done_at is not null
$$;
-- +goose StatementEnd

-- What was there before there were chains.
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

-- What held a step back says which version of the rule it was, and how much of a limit was used.
alter table held_back add column version text not null default '', add column used int not null default 0, add column most int not null default 0;
create index on held_back (rule, at);
create index on held_back (at);

-- +goose Down
alter table held_back drop column version, drop column used, drop column most;
drop trigger zz_chain on contacts;
drop trigger zz_chain on outcomes;
drop trigger zz_chain on consents;
drop trigger zz_chain on wishes;
drop trigger zz_chain on borrower_holds;
drop trigger zz_chain on decisions;
drop trigger zz_chain on tasks;
drop trigger zz_chain on events;
drop function chain_row;
drop function chain_append;
drop function chain_hash;
drop function chainable;
drop function chained;
drop table chain, chain_heads;
