-- name: ChainEntries :many
-- The entries of the chains after a place, in their order, each with the digest of what its row says now (nothing: there is none),
-- and whether the row was entered again later.
select c.borrower_id, c.seq, c.kind, c.ref, c.digest, c.hash, c.recorded_at,
       coalesce(n.digest, '')::bytea as now_digest,
       (n.digest is distinct from c.digest
        and exists (select from chain l where l.kind = c.kind and l.ref = c.ref and l.borrower_id = c.borrower_id and l.seq > c.seq))::boolean as entered_again
from chain c
cross join lateral (select chained(c.kind, c.ref) as digest) n
where (c.borrower_id, c.seq) > (sqlc.arg(after_borrower)::text, sqlc.arg(after_seq)::bigint)
  and c.borrower_id = coalesce(sqlc.narg(borrower)::text, c.borrower_id)
order by c.borrower_id, c.seq limit sqlc.arg(most);

-- name: ChainHeads :many
select borrower_id, seq, hash from chain_heads
where (sqlc.narg(after)::text is null or borrower_id > sqlc.narg(after)::text) and borrower_id = coalesce(sqlc.narg(borrower)::text, borrower_id)
order by borrower_id limit sqlc.arg(most);

-- name: Unchained :many
-- Rows that have no entry in any chain.
select r.borrower_id::text as borrower_id, r.kind::text as kind, r.ref::text as ref from chainable() r
where not exists (select from chain c where c.kind = r.kind and c.ref = r.ref and c.borrower_id = r.borrower_id)
  and r.borrower_id = coalesce(sqlc.narg(borrower)::text, r.borrower_id)
limit sqlc.arg(most);

-- name: CountChain :one
select count(*) as entries, count(distinct borrower_id) as borrowers from chain where borrower_id = coalesce(sqlc.narg(borrower)::text, borrower_id);

-- name: HeldBackBy :many
-- What rules prevented or put off, the latest first.
select h.loan_id, l.borrower_id, h.step_key, h.rule, h.version, h.verdict, h.why, h.used, h.most, h.at, h.until
from held_back h join loans l on l.id = h.loan_id
where h.at >= sqlc.arg(since) and h.at < sqlc.arg(until_at)
  and (sqlc.arg(rule)::text = '' or h.rule = sqlc.arg(rule) or sqlc.arg(rule) = split_part(h.rule, '/', 1))
  and (sqlc.arg(verdict)::text = '' or h.verdict = sqlc.arg(verdict))
  and (sqlc.arg(loan)::text = '' or h.loan_id = sqlc.arg(loan))
  and (sqlc.arg(borrower)::text = '' or l.borrower_id = sqlc.arg(borrower))
order by h.at desc, h.loan_id, h.step_key, h.rule limit sqlc.arg(most);

-- name: HeldBackEver :one
-- Whether a rule, or one of a rulebook, ever held anything back.
select exists (select from held_back where rule = sqlc.arg(rule)::text or split_part(rule, '/', 1) = sqlc.arg(rule)::text);

-- name: HeldBackByRule :many
-- How often each rule prevented or put off a step, and of how many loans: a step of an application or a complaint is of none.
select h.rule, h.verdict, count(*) as times, count(distinct h.loan_id) filter (where l.kind = 'loan') as loans, min(h.at)::timestamptz as first, max(h.at)::timestamptz as last
from held_back h join loans l on l.id = h.loan_id
where h.at >= sqlc.arg(since) and h.at < sqlc.arg(until_at)
  and (sqlc.arg(rule)::text = '' or h.rule = sqlc.arg(rule) or sqlc.arg(rule) = split_part(h.rule, '/', 1))
  and (sqlc.arg(verdict)::text = '' or h.verdict = sqlc.arg(verdict))
  and (sqlc.arg(loan)::text = '' or h.loan_id = sqlc.arg(loan))
  and (sqlc.arg(borrower)::text = '' or l.borrower_id = sqlc.arg(borrower))
group by h.rule, h.verdict order by times desc, h.rule, h.verdict;

-- name: Everything :one
-- All that is known of a borrower, personal data included.
select jsonb_build_object(
    'borrower', to_jsonb(b) - 'recorded_at',
    'contact_points', coalesce((select jsonb_agg(to_jsonb(p) - 'borrower_id' order by p.channel, p.rank, p.id) from contact_points p where p.borrower_id = b.id), '[]'),
    'wishes', coalesce((select jsonb_agg(to_jsonb(w) - 'borrower_id' - 'pk' order by w.pk) from wishes w where w.borrower_id = b.id), '[]'),
    'consents', coalesce((select jsonb_agg((to_jsonb(c) - 'borrower_id' - 'pk') || jsonb_build_object('revoked_at', revoked_at(c)) order by c.pk) from consents c where c.borrower_id = b.id), '[]'),
    'blackouts', coalesce((select jsonb_agg(to_jsonb(t) - 'borrower_id' - 'pk' order by t.pk) from blackouts t where t.borrower_id = b.id), '[]'),
    'holds', coalesce((select jsonb_agg(to_jsonb(h) - 'borrower_id' order by h.from_at, h.id) from holds h where h.borrower_id = b.id), '[]'),
    'loans', coalesce((select jsonb_agg(to_jsonb(l) - 'journey' order by l.disbursed_at, l.id) from loans l where l.borrower_id = b.id and l.kind <> 'complaint'), '[]'),
    'complaints', coalesce((select jsonb_agg((to_jsonb(c) - 'borrower_id') || jsonb_build_object(
                                'merged', coalesce((select jsonb_agg(m.id order by m.id) from merged_complaints m where m.complaint_id = c.id), '[]'),
                                'journey', (select to_jsonb(l) - 'journey' - 'borrower_id' from loans l where l.id = 'complaint.' || c.id),
                                'events', coalesce((select jsonb_agg(jsonb_build_object('source', e.source, 'id', e.id, 'type', e.type, 'at', e.at, 'actor', e.actor, 'data', e.data,
                                                                     'personal', (select p.data from event_particulars p where p.event_pk = e.pk)) order by d.number)
                                                    from deliveries d join events e on e.pk = d.event_pk where d.loan_id = 'complaint.' || c.id), '[]')) order by c.raised_at, c.id)
                            from complaints c where c.borrower_id = b.id), '[]'),
    'events', coalesce((select jsonb_agg((to_jsonb(e) - 'pk' - 'digest' - 'borrower_id') || jsonb_build_object('digest', encode(e.digest, 'hex'),
                                         'personal', (select p.data from event_particulars p where p.event_pk = e.pk)) order by e.pk)
                        from events e where e.borrower_id = b.id), '[]'),
    'contacts', coalesce((select jsonb_agg((to_jsonb(c) - 'borrower_id' - 'intent') || jsonb_build_object(
                              'outcomes', coalesce((select jsonb_agg(to_jsonb(o) - 'contact_key' - 'pk' order by o.pk) from outcomes o where o.contact_key = c.key), '[]'),
                              'message', (select to_jsonb(m) - 'contact_key' from messages m where m.contact_key = c.key)) order by c.at, c.key)
                          from contacts c where c.borrower_id = b.id), '[]'),
    'held_back', coalesce((select jsonb_agg(to_jsonb(h) order by h.at, h.loan_id, h.step_key, h.rule)
                           from held_back h join loans l on l.id = h.loan_id where l.borrower_id = b.id), '[]'),
    'approvals', coalesce((select jsonb_agg(to_jsonb(a) - 'borrower_id' order by a.at, a.id) from approvals a where a.borrower_id = b.id), '[]'),
    'tasks', coalesce((select jsonb_agg(to_jsonb(t) - 'borrower_id' order by t.at, t.key) from tasks t where t.borrower_id = b.id), '[]'),
    'notices', coalesce((select jsonb_agg(to_jsonb(n) - 'next_try' order by n.at, n.key) from notices n join loans l on l.id = n.loan_id where l.borrower_id = b.id), '[]'),
    'decisions', coalesce((select jsonb_agg(jsonb_build_object('loan', d.loan_id, 'seq', d.seq, 'hash', d.hash, 'at', d.at, 'explanation', d.body) order by d.at, d.loan_id, d.seq)
                           from decisions d join loans l on l.id = d.loan_id where l.borrower_id = b.id and d.final), '[]'),
    'chain', coalesce((select jsonb_agg(jsonb_build_object('seq', c.seq, 'kind', c.kind, 'ref', c.ref, 'digest', encode(c.digest, 'hex'), 'hash', encode(c.hash, 'hex')) order by c.seq)
                       from chain c where c.borrower_id = b.id), '[]')
)::jsonb as everything
from borrowers b where b.id = $1;
